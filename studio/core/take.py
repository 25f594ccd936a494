"""Takes: the sounds that a person works on, and the edits that change their list.

A take names a file and never holds samples: an hour of sound is read piece by piece (`studio.media.tape`). What is marked on it lies on
a plane of its own (`studio.core.marks`); strokes there are edits of the document's one history by way of `OnMarks`.
"""

from __future__ import annotations

import base64
import math
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any, Literal, NamedTuple, get_args

import numpy as np
from pydantic import ValidationError

from studio.core import marks
from studio.core.document import Document
from studio.core.history import Edit
from studio.core.job import BadRequest, JobSpec, Source, read_spec
from studio.core.layer import new_id

Origin = Literal["made", "dropped", "recorded"]
LONGEST = 7 * 86400.0
"""Seconds: what claims to be longer is no sound of ours."""


class Note(NamedTuple):
    """start, end: seconds; pitch: MIDI number, with a fraction where it is out of tune."""

    start: float
    end: float
    pitch: float


@dataclass(frozen=True, eq=False)
class Take:
    """A sound.

    Args:
        source: its file; `sha256` may be empty while the file has not been read yet.
        seconds, rate, channels: of the file.
        spec: the request that made it.
        melody: its tune as it was found or corrected; None = nobody asked yet.
    """

    name: str
    source: Source
    seconds: float
    rate: float
    channels: int
    origin: Origin = "dropped"
    spec: JobSpec | None = None
    melody: tuple[Note, ...] | None = None
    id: str = field(default_factory=new_id)
    marks: Document = None  # pyright: ignore[reportAssignmentType] - made below

    def __post_init__(self) -> None:
        if self.marks is None:  # pyright: ignore[reportUnnecessaryComparison]
            object.__setattr__(self, "marks", marks.plane(self.seconds))


class SetTakes:
    """The list of takes becomes another one: one joined, left, got another name or another tune."""

    def __init__(self, takes: Iterable[Take], name: str) -> None:
        self.name, self._takes = name, tuple(takes)

    @property
    def nbytes(self) -> int:
        return 300 * len(self._takes)

    def apply(self, document: Document) -> None:
        before = document.takes
        document.set_takes(self._takes)
        self._takes = before

    revert = apply  # swapping is its own inverse


class OnMarks:
    """An edit of a take's marks, as an edit of the document that the take belongs to."""

    def __init__(self, edit: Edit, plane: Document, name: str = "") -> None:
        self.edit, self.plane, self.name = edit, plane, name or edit.name

    @property
    def nbytes(self) -> int:
        return self.edit.nbytes

    def pack(self) -> None:
        getattr(self.edit, "pack", lambda: None)()

    def apply(self, document: Document) -> None:
        self.edit.apply(self.plane)

    def revert(self, document: Document) -> None:
        self.edit.revert(self.plane)


def changed(take: Take, **values: object) -> Take:
    """The same take (and the same marks) with other values."""
    return replace(take, **values)  # pyright: ignore[reportArgumentType]


# --- in a project ----------------------------------------------------------------------------------------------------


def still(take: Take) -> Take:
    """The same take with its marks as they are now, which no stroke changes any more."""
    return replace(take, marks=_plane(take.seconds, marks.layer(take.marks)))


def _plane(seconds: float, old: Any) -> Document:
    plane = marks.plane(seconds)
    layer = marks.layer(plane)
    layer.pixels, layer.x, layer.y = old.pixels.copy(), old.x, old.y
    return plane


def to_data(takes: Iterable[Take]) -> list[dict[str, Any]]:
    """As JSON. Marks are packed: they are mostly empty."""
    return [
        {
            "id": take.id,
            "name": take.name,
            "source": take.source.model_dump(mode="json"),
            "seconds": take.seconds,
            "rate": take.rate,
            "channels": take.channels,
            "origin": take.origin,
            "spec": take.spec.model_dump(mode="json") if take.spec else None,
            "melody": None if take.melody is None else [list(note) for note in take.melody],
            "marks": _packed(take.marks),
        }
        for take in takes
    ]


def from_data(data: Any) -> tuple[Take, ...]:
    """What `to_data` wrote.

    Raises:
        ValueError: it makes no sense.
    """
    try:
        return tuple(_take(row) for row in data)
    except (
        KeyError,
        TypeError,
        AttributeError,
        IndexError,
        OverflowError,
        ValidationError,
        zlib.error,
    ) as error:
        raise ValueError(f"the sounds cannot be read ({type(error).__name__})") from None


def _take(row: dict[str, Any]) -> Take:
    seconds, rate = float(row["seconds"]), float(row["rate"])
    if not (0 < seconds < LONGEST and 0 < rate < 1e7) or row["origin"] not in get_args(Origin):
        raise ValueError("the sounds cannot be read")
    melody = row.get("melody")
    notes = None if melody is None else tuple(Note(*(float(value) for value in note)) for note in melody)
    if any(not math.isfinite(value) for note in notes or () for value in note):
        raise ValueError("a tune cannot be read")
    try:
        spec = read_spec(row["spec"]) if row.get("spec") else None
    except BadRequest:
        spec = None  # of another studio; the sound is still one
    source = Source.model_validate(row["source"])
    take = Take(
        str(row["name"]),
        source,
        seconds,
        rate,
        int(row["channels"]),
        row["origin"],
        spec,
        notes,
        str(row["id"]),
    )
    if row.get("marks"):
        _unpack(take.marks, row["marks"])
    return take


def _packed(plane: Document) -> dict[str, Any] | None:
    around = marks.bounds(plane)
    if around.empty:
        return None
    pixels = np.ascontiguousarray(marks.layer(plane).render(around))
    data = base64.b64encode(zlib.compress(pixels.tobytes(), 1)).decode()
    return {"x": around.x, "y": around.y, "w": around.w, "h": around.h, "data": data}


def _unpack(plane: Document, row: dict[str, Any]) -> None:
    x, y, w, h = (int(row[key]) for key in "xywh")
    if not (x >= 0 and y >= 0 and w > 0 and h > 0 and x + w <= plane.width and y + h <= plane.height):
        raise ValueError("what is marked on a sound cannot be read")
    unpacked = zlib.decompressobj().decompress(base64.b64decode(row["data"]), w * h + 1)
    if len(unpacked) != w * h:
        raise ValueError("what is marked on a sound cannot be read")
    layer = marks.layer(plane)
    layer.pixels, layer.x, layer.y = np.frombuffer(unpacked, np.uint8).reshape(h, w).copy(), x, y
