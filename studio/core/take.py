"""Takes: the sounds that a person works on, and the edits that change their list.

A take names a file and never holds samples: an hour of sound is read piece by piece (`studio.media.tape`). What is marked on it lies on
a plane of its own (`studio.core.marks`); strokes there are edits of the document's one history by way of `OnMarks`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Literal, NamedTuple

from studio.core import marks
from studio.core.document import Document
from studio.core.history import Edit
from studio.core.job import JobSpec, Source
from studio.core.layer import new_id

Origin = Literal["made", "dropped", "recorded"]


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
