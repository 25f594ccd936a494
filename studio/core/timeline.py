"""The timeline: clips, pictures and sounds in tracks, one after and over the other. Plain data that nobody changes.

    timeline
      track "Film"      item item      item        pictures that fill the frame
      track "Overlay"        item                  pictures over it, with their transparency
      track "Sound"     item                       what is only heard
      markers, words and strength along the time, a range that is looped

Where something lies on the timeline is counted in frames of its rate, so that cuts are exact and nothing drifts; where something
lies in its file is counted in seconds, because each file has a rate of its own. Frame f of an item shows what its file has at

    begin + (f - start + 1/2) / rate * speed        seconds,

the middle of the time that the frame is seen: the frame of the file that is on the screen then, however its times were rounded.

A timeline names files and holds no pixels. What makes another timeline of one is in `studio.core.cutting`, what it looks and sounds like
in `studio.core.montage`.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Literal, cast, get_args

from studio.core.job import BadRequest, JobSpec, read_spec
from studio.core.layer import new_id

MediaKind = Literal["video", "picture", "sound"]
TrackKind = Literal["video", "overlay", "sound"]
Lane = Literal["prompts", "strengths"]
LANES: tuple[Lane, ...] = get_args(Lane)
STILL = 3.0
"""Seconds for which a picture is shown at first."""
SLOWEST, FASTEST = 0.1, 10.0
NEVER = 1 << 40
"""Frames: the length of what has no end."""


@dataclass(frozen=True)
class Media:
    """A file.

    Args:
        seconds: how long it plays; 0 for a picture.
        rate: frames per second of a film, else 0.
        width, height: as it is to be shown, in pixels; 0 for a sound.
        heard: whether it has sound.
        bytes, sha256: size of the file and digest of what is in it, to know it again when it was moved.
        spec: the request that made it.
    """

    path: str
    kind: MediaKind
    seconds: float = 0.0
    rate: float = 0.0
    width: int = 0
    height: int = 0
    heard: bool = False
    bytes: int = 0
    sha256: str = ""
    spec: JobSpec | None = None


@dataclass(frozen=True)
class MaskKey:
    """What may change of a clip at a time of its file, as a picture of the file's size; see `Item.masks`."""

    seconds: float
    path: str
    sha256: str = ""


@dataclass(frozen=True)
class Item:
    """A part of a file on a track.

    Args:
        start, length: frames of the timeline.
        begin: seconds in the file at which it begins.
        speed: 2 = twice as fast; sound keeps its pitch.
        fade: frames at its beginning in which it is blended with what the item before it would go on with, or comes out of nothing.
        opacity, volume: 0 .. 1 and 0 .. 2.
        masks: painted on frames of the file, in their order; what an edit of the clip may change.
    """

    media: Media
    start: int
    length: int
    name: str = ""
    begin: float = 0.0
    speed: float = 1.0
    fade: int = 0
    opacity: float = 1.0
    volume: float = 1.0
    masks: tuple[MaskKey, ...] = ()
    id: str = field(default_factory=new_id)

    @property
    def end(self) -> int:
        """The frame after its last."""
        return self.start + self.length

    def seconds_at(self, frame: float, rate: float) -> float:
        """The time in the file at which a frame of the timeline begins."""
        return self.begin + (frame - self.start) / rate * self.speed

    def room(self, rate: float) -> tuple[int, int]:
        """Frames of the file that are left before the item's first and after its last."""
        if self.media.kind == "picture":
            return NEVER, NEVER
        before = math.floor(self.begin / self.speed * rate + 1e-6)
        whole = math.floor((self.media.seconds - self.begin) / self.speed * rate + 1e-6)
        return before, max(whole - self.length, 0)


@dataclass(frozen=True)
class Track:
    """Items that do not overlap, in their order. `on`: seen, heard."""

    kind: TrackKind
    name: str
    items: tuple[Item, ...] = ()
    on: bool = True
    id: str = field(default_factory=new_id)

    def at(self, frame: int) -> Item | None:
        return next((item for item in self.items if item.start <= frame < item.end), None)

    def before(self, item: Item) -> Item | None:
        """The item that ends where this one starts."""
        return next((other for other in self.items if other.end == item.start), None)

    def takes(self, media: Media) -> bool:
        """Whether such a file may lie here."""
        return media.heard if self.kind == "sound" else media.kind != "sound"

    @property
    def end(self) -> int:
        return self.items[-1].end if self.items else 0


@dataclass(frozen=True)
class Marker:
    frame: int
    name: str = ""


@dataclass(frozen=True)
class Key:
    """A value at a frame: words, or a strength of 0 .. 1."""

    frame: int
    value: str | float


@dataclass(frozen=True)
class Timeline:
    """See the module.

    Args:
        rate: frames per second.
        width, height: of the film in pixels.
        tracks: a picture lies over those of the tracks before.
        prompts, strengths: keyframes, in their order; see `words` and `strength`.
        span: the range from the first frame to the one after the last that is looped and exported; None = everything.
    """

    rate: float = 24.0
    width: int = 512
    height: int = 512
    tracks: tuple[Track, ...] = ()
    markers: tuple[Marker, ...] = ()
    prompts: tuple[Key, ...] = ()
    strengths: tuple[Key, ...] = ()
    span: tuple[int, int] | None = None

    @property
    def empty(self) -> bool:
        """Whether there is nothing on it that would be lost."""
        return not (self.tracks or self.markers or self.prompts or self.strengths)

    @property
    def length(self) -> int:
        """Frames until the end of the last item."""
        return max((track.end for track in self.tracks), default=0)

    @property
    def seconds(self) -> float:
        return self.length / self.rate

    @property
    def range(self) -> tuple[int, int]:
        """The first frame and the one after the last that is played."""
        if self.span is None or self.span[0] >= self.length:
            return 0, self.length
        return self.span[0], min(self.span[1], self.length)

    def items(self) -> Iterator[tuple[Track, Item]]:
        for track in self.tracks:
            for item in track.items:
                yield track, item

    def track(self, id: str) -> Track:
        """Raises KeyError when there is none."""
        for track in self.tracks:
            if track.id == id:
                return track
        raise KeyError(f"the timeline has no track {id!r}")

    def find(self, id: str) -> tuple[Track, Item] | None:
        return next(((track, item) for track, item in self.items() if item.id == id), None)

    def item(self, id: str) -> tuple[Track, Item]:
        """Raises KeyError when there is none."""
        found = self.find(id)
        if found is None:
            raise KeyError(f"the timeline has no clip {id!r}")
        return found

    def medias(self) -> dict[str, Media]:
        """Path -> file, of everything on it."""
        return {item.media.path: item.media for _, item in self.items()}

    def strength(self, frame: float) -> float | None:
        """Along straight lines between the keyframes, level before and after; None without any."""
        keys = self.strengths
        if not keys:
            return None
        if frame <= keys[0].frame:
            return float(keys[0].value)
        for one, other in itertools.pairwise(keys):
            if frame <= other.frame:
                share = (frame - one.frame) / (other.frame - one.frame)
                return float(one.value) + share * (float(other.value) - float(one.value))
        return float(keys[-1].value)

    def words(self, start: int, end: int) -> list[str]:
        """The words in force between two frames, one after the other; empty where no keyframe was set before `end`."""
        inside = [str(key.value) for key in self.prompts if start < key.frame < end]
        first = [str(key.value) for key in self.prompts if key.frame <= start][-1:]
        return first + inside


def timecode(frame: int, rate: float) -> str:
    """Minutes, seconds and frames: 00:02:11.

    >>> timecode(59, 24)
    '00:02:11'
    """
    whole = max(1, round(rate))
    seconds, rest = divmod(max(frame, 0), whole)
    hours, seconds = divmod(seconds, 3600)
    head = f"{hours}:" if hours else ""
    return f"{head}{seconds // 60:02d}:{seconds % 60:02d}:{rest:02d}"


def rate_for(media: Media) -> float:
    """The rate of a timeline that begins with a file: its own, or, where that is low, a multiple on which cuts are fine enough."""
    if not media.rate:
        return 24.0
    return media.rate * max(1, math.ceil(23.9 / media.rate)) if media.rate < 23.9 else media.rate


def begun_with(media: Media, timeline: Timeline | None = None) -> Timeline:
    """A timeline with tracks for pictures and for sound that is as large and quick as a file; what another one has besides is kept."""
    base = timeline or Timeline()
    size = (media.width, media.height) if media.width else (base.width, base.height)
    rate = rate_for(media) if media.kind == "video" else base.rate
    tracks = base.tracks or (Track("video", "Film"), Track("sound", "Sound"))
    return replace(base, rate=rate, width=size[0], height=size[1], tracks=tracks)


def whole(media: Media, rate: float, start: int = 0, name: str = "") -> Item:
    """A file in its full length as an item."""
    seconds = media.seconds if media.kind != "picture" else STILL
    return Item(media, start, max(1, math.floor(seconds * rate + 1e-6)), name)


def alone(media: Media) -> Timeline:
    """A timeline that shows one file and nothing else."""
    base = begun_with(media, Timeline(tracks=(Track("sound" if media.kind == "sound" else "video", ""),)))
    return replace(base, tracks=(replace(base.tracks[0], items=(whole(media, base.rate),)),))


# --- to and from JSON ------------------------------------------------------------------------------------------------


def to_data(timeline: Timeline) -> dict[str, Any]:
    """As JSON; each file is named once."""
    medias = list(timeline.medias().values())
    number = {media.path: i for i, media in enumerate(medias)}
    return {
        "rate": timeline.rate,
        "size": [timeline.width, timeline.height],
        "files": [
            {**vars(media), "spec": media.spec.model_dump(mode="json") if media.spec else None}
            for media in medias
        ],
        "tracks": [
            {
                **vars(track),
                "items": [
                    {
                        **vars(item),
                        "media": number[item.media.path],
                        "masks": [vars(key) for key in item.masks],
                    }
                    for item in track.items
                ],
            }
            for track in timeline.tracks
        ],
        "markers": [vars(marker) for marker in timeline.markers],
        "prompts": [vars(key) for key in timeline.prompts],
        "strengths": [vars(key) for key in timeline.strengths],
        "span": list(timeline.span) if timeline.span else None,
    }


def from_data(data: Any) -> Timeline:
    """What `to_data` wrote.

    Raises:
        ValueError: it makes no sense.
    """
    try:
        files = [_media(row) for row in data["files"]]
        tracks = tuple(_track(row, files) for row in data["tracks"])
        width, height = (int(side) for side in data["size"])
        span = data.get("span")
        made = Timeline(
            _number(data["rate"], 0.1, 1000), width, height, tracks,
            tuple(Marker(int(row["frame"]), str(row["name"])) for row in data["markers"]),
            tuple(Key(int(row["frame"]), str(row["value"])) for row in data["prompts"]),
            tuple(Key(int(row["frame"]), _number(row["value"], 0, 1)) for row in data["strengths"]),
            (int(span[0]), int(span[1])) if span else None,
        )  # fmt: skip
    except (KeyError, TypeError, IndexError, AttributeError) as error:
        raise ValueError(f"the timeline cannot be read ({error})") from None
    ids = [item.id for _, item in made.items()] + [track.id for track in tracks]
    if len(set(ids)) != len(ids) or not (0 < width <= 16384 and 0 < height <= 16384):
        raise ValueError("the timeline cannot be read")
    return made


def _media(row: dict[str, Any]) -> Media:
    if row["kind"] not in get_args(MediaKind):
        raise ValueError(f"{row['kind']!r} is no kind of file")
    try:
        spec = read_spec(row["spec"]) if row.get("spec") else None
    except BadRequest:
        spec = None  # of a newer studio: the clip is worth more than how it was made
    return Media(
        str(row["path"]), cast(MediaKind, row["kind"]), _number(row["seconds"], 0, 1e7), _number(row["rate"], 0, 1000),
        int(row["width"]), int(row["height"]), bool(row["heard"]), int(row["bytes"]), str(row["sha256"]), spec,
    )  # fmt: skip


def _track(row: dict[str, Any], files: list[Media]) -> Track:
    if row["kind"] not in get_args(TrackKind):
        raise ValueError(f"{row['kind']!r} is no kind of track")
    items = [
        Item(
            files[int(one["media"])], int(one["start"]), int(one["length"]), str(one["name"]), _number(one["begin"], 0, 1e7),
            _number(one["speed"], SLOWEST, FASTEST), max(0, int(one["fade"])), _number(one["opacity"], 0, 1),
            _number(one["volume"], 0, 2), _masks(one.get("masks", [])), str(one["id"]),
        )
        for one in row["items"]
    ]  # fmt: skip
    items.sort(key=lambda item: item.start)
    if any(item.length < 1 or item.start < 0 for item in items):
        raise ValueError("a clip has no length")
    if any(one.end > other.start for one, other in itertools.pairwise(items)):
        raise ValueError("two clips lie at the same place")
    return Track(
        cast(TrackKind, row["kind"]), str(row["name"]), tuple(items), bool(row["on"]), str(row["id"])
    )


def _masks(rows: list[dict[str, Any]]) -> tuple[MaskKey, ...]:
    keys = [MaskKey(_number(row["seconds"], 0, 1e7), str(row["path"]), str(row["sha256"])) for row in rows]
    return tuple(sorted(keys, key=lambda key: key.seconds))


def _number(value: Any, low: float, high: float) -> float:
    number = float(value)
    if not low <= number <= high:
        raise ValueError(f"{number} is not between {low} and {high}")
    return number
