"""What is done with a timeline: functions that make another one of it, and the Edit that puts it into the document.

    history.push(SetTimeline(split(document.timeline, item.id, 48), "Split"))

No function loses anything silently: where a clip is put onto others, those make room to the right; where something is impossible, a
ValueError says in one sentence why.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Literal

from studio.core.document import Document
from studio.core.layer import new_id
from studio.core.timeline import (
    FASTEST,
    SLOWEST,
    Item,
    Key,
    Lane,
    Marker,
    Media,
    Timeline,
    Track,
    TrackKind,
    whole,
)

Edge = Literal["start", "end"]
NAMES: dict[TrackKind, str] = {"video": "Film", "overlay": "Overlay", "sound": "Sound"}


class SetTimeline:
    """The timeline becomes another one. Timelines share what they have in common, so remembering one costs little."""

    def __init__(self, timeline: Timeline, name: str) -> None:
        self.name, self._other = name, timeline

    @property
    def nbytes(self) -> int:
        return 400 + 120 * sum(len(track.items) for track in self._other.tracks)

    def apply(self, document: Document) -> None:
        before = document.timeline
        document.set_timeline(self._other)
        self._other = before

    revert = apply  # swapping is its own inverse


# --- tracks ---------------------------------------------------------------------------------------------------------


def add_track(timeline: Timeline, kind: TrackKind, name: str = "") -> Timeline:
    """One more: pictures over those that are there, sounds below."""
    same = sum(track.kind == kind for track in timeline.tracks)
    track = Track(kind, name or f"{NAMES[kind]} {same + 1}" if same else name or NAMES[kind])
    tracks = list(timeline.tracks)
    seen = [i for i, other in enumerate(tracks) if other.kind != "sound"]
    tracks.insert(len(tracks) if kind == "sound" else (seen[-1] + 1 if seen else 0), track)
    return replace(timeline, tracks=tuple(tracks))


def remove_track(timeline: Timeline, id: str) -> Timeline:
    """With everything on it."""
    timeline.track(id)
    return replace(timeline, tracks=tuple(track for track in timeline.tracks if track.id != id))


def change_track(timeline: Timeline, id: str, **values: object) -> Timeline:
    """Another `name`, or `on`."""
    track = replace(timeline.track(id), **values)  # pyright: ignore[reportArgumentType]
    return _with(timeline, track)


def _with(timeline: Timeline, *tracks: Track) -> Timeline:
    new = {track.id: track for track in tracks}
    return replace(timeline, tracks=tuple(new.get(track.id, track) for track in timeline.tracks))


# --- clips ------------------------------------------------------------------------------------------------------------


def put(timeline: Timeline, track_id: str, item: Item, frame: int | None = None) -> Timeline:
    """A new item, at a frame or where it says.

    Raises:
        ValueError: such a file cannot lie on the track.
    """
    track = timeline.track(track_id)
    if not track.takes(item.media):
        what = "has no sound" if track.kind == "sound" else "is only heard"
        raise ValueError(f"“{item.name}” {what}; put it on another track.")
    start = max(0, item.start if frame is None else frame)
    return _with(timeline, replace(track, items=_settled(track.items, replace(item, start=start))))


def _settled(items: Iterable[Item], moved: Item) -> tuple[Item, ...]:
    """The items with one more. It stays where it is, unless it would begin within another: then it comes before or after that one,
    whichever is nearer; what it lies on is pushed to the right."""
    rest = sorted((item for item in items if item.id != moved.id), key=lambda item: item.start)
    below = next((item for item in rest if item.start < moved.start < item.end), None)
    if below is not None:
        nearer_end = moved.start - below.start >= below.length / 2
        moved = replace(moved, start=below.end if nearer_end else below.start)
    row = sorted([*rest, moved], key=lambda item: (item.start, item.id != moved.id))
    out: list[Item] = []
    for item in row:
        least = out[-1].end if out else 0
        out.append(item if item.start >= least else replace(item, start=least))
    return _faded(out)


def _faded(items: Iterable[Item]) -> tuple[Item, ...]:
    """Crossfades no longer than the clip."""
    return tuple(item if item.fade <= item.length else replace(item, fade=item.length) for item in items)


def move(timeline: Timeline, id: str, frame: int, track_id: str = "") -> Timeline:
    """An item to another frame, and to another track if asked.

    Raises:
        ValueError: as `put`.
    """
    track, item = timeline.item(id)
    if track_id in ("", track.id):
        return put(timeline, track.id, item, frame)
    without = _with(timeline, replace(track, items=tuple(other for other in track.items if other.id != id)))
    return put(without, track_id, item, frame)


def trim(timeline: Timeline, id: str, edge: Edge, frame: int, ripple: bool = False) -> Timeline:
    """An edge of an item goes to a frame, as far as the file reaches and, without `ripple`, to the neighbour.

    Args:
        ripple: what comes later follows; a clip trimmed at its start stays where it is.
    """
    track, item = timeline.item(id)
    before, after = item.room(timeline.rate)
    place = track.items.index(item)
    if edge == "start":
        least = item.start - before
        if not ripple:
            least = max(least, track.items[place - 1].end if place else 0)
        frame = min(max(frame, least), item.end - 1)
        begin = max(0.0, item.seconds_at(frame, timeline.rate)) if item.media.kind != "picture" else 0.0
        made = replace(item, start=item.start if ripple else frame, length=item.end - frame, begin=begin)
    else:
        most = item.end + after
        if not ripple and place + 1 < len(track.items):
            most = min(most, track.items[place + 1].start)
        made = replace(item, length=min(max(frame, item.start + 1), most) - item.start)
    shift = made.end - item.end if ripple else 0
    later = [replace(other, start=other.start + shift) for other in track.items[place + 1 :]]
    return _with(timeline, replace(track, items=_faded([*track.items[:place], made, *later])))


def split(timeline: Timeline, id: str, frame: int) -> Timeline:
    """An item becomes two that show together what it showed.

    Raises:
        ValueError: the frame is not inside it.
    """
    track, item = timeline.item(id)
    if not item.start < frame < item.end:
        raise ValueError("Put the playhead inside the clip to split it there.")
    first = replace(item, length=frame - item.start, fade=min(item.fade, frame - item.start))
    begin = item.seconds_at(frame, timeline.rate) if item.media.kind != "picture" else 0.0
    second = replace(item, start=frame, length=item.end - frame, begin=begin, fade=0, id=new_id())
    place = track.items.index(item)
    return _with(
        timeline, replace(track, items=(*track.items[:place], first, second, *track.items[place + 1 :]))
    )


def delete(timeline: Timeline, id: str, ripple: bool = False) -> Timeline:
    """An item goes; with `ripple`, what comes later on its track moves up to fill the gap."""
    track, item = timeline.item(id)
    place = track.items.index(item)
    later = track.items[place + 1 :]
    if ripple:
        later = tuple(replace(other, start=other.start - item.length) for other in later)
    return _with(timeline, replace(track, items=_faded([*track.items[:place], *later])))


def slip(timeline: Timeline, id: str, frames: int) -> Timeline:
    """What an item shows moves by so many frames within its file; where it lies stays. Positive = later parts of the file."""
    track, item = timeline.item(id)
    before, after = item.room(timeline.rate)
    if item.media.kind == "picture":
        return timeline
    frames = min(max(frames, -before), after)
    begin = max(0.0, item.begin + frames / timeline.rate * item.speed)
    return _change(timeline, track, replace(item, begin=begin))


def crossfade(timeline: Timeline, id: str, frames: int) -> Timeline:
    """The item is blended with the one before it, or comes out of nothing, for so many frames; 0 = a hard cut."""
    track, item = timeline.item(id)
    return _change(timeline, track, replace(item, fade=min(max(frames, 0), item.length)))


def change_speed(timeline: Timeline, id: str, speed: float) -> Timeline:
    """The same part of the file faster or slower: the item becomes shorter or longer, what comes later makes room.

    Raises:
        ValueError: a picture has no speed, or the speed is out of range.
    """
    track, item = timeline.item(id)
    if item.media.kind == "picture":
        raise ValueError("A picture has no speed; drag its edge to show it longer.")
    if not (math.isfinite(speed) and SLOWEST <= speed <= FASTEST):
        raise ValueError(f"The speed must be between {SLOWEST:.0%} and {FASTEST:.0%}.")
    length = max(1, round(item.length * item.speed / speed))
    made = replace(item, speed=speed, length=length)
    _, after = replace(made, length=1).room(timeline.rate)
    made = replace(made, length=min(length, after + 1))
    return _with(timeline, replace(track, items=_resized(track, item, made)))


def exchange(timeline: Timeline, id: str, media: Media, name: str = "") -> Timeline:
    """An item shows another file, all of it, from where it begins; what touches its end stays beside it.

    Raises:
        ValueError: such a file cannot lie there.
    """
    track, item = timeline.item(id)
    made = whole(media, timeline.rate, item.start, name or item.name)
    made = replace(made, fade=item.fade, opacity=item.opacity, volume=item.volume, id=item.id)
    if not track.takes(media):
        raise ValueError(f"“{made.name}” cannot lie on the track of the clip it was made from.")
    return _with(timeline, replace(track, items=_resized(track, item, made)))


def _resized(track: Track, item: Item, made: Item) -> tuple[Item, ...]:
    """The items with one that has another length: a cut at its end stays a cut, else what it would lie on makes room."""
    place = track.items.index(item)
    rest = list(track.items)
    if place + 1 < len(rest) and item.end == rest[place + 1].start:
        shift = made.end - item.end
        rest[place + 1 :] = [replace(other, start=other.start + shift) for other in rest[place + 1 :]]
    return _settled(rest, made)


def change(timeline: Timeline, id: str, **values: object) -> Timeline:
    """Another `name`, `opacity` or `volume`."""
    track, item = timeline.item(id)
    return _change(timeline, track, replace(item, **values))  # pyright: ignore[reportArgumentType]


def _change(timeline: Timeline, track: Track, item: Item) -> Timeline:
    return _with(
        timeline,
        replace(track, items=tuple(item if other.id == item.id else other for other in track.items)),
    )


# --- markers, keyframes, range ------------------------------------------------------------------------------------------


def mark(timeline: Timeline, frames: Iterable[int], name: str = "") -> Timeline:
    """Markers at frames where there are none yet."""
    there = {marker.frame for marker in timeline.markers}
    new = [Marker(frame, name) for frame in sorted({max(0, f) for f in frames} - there)]
    return replace(timeline, markers=tuple(sorted([*timeline.markers, *new], key=lambda one: one.frame)))


def unmark(timeline: Timeline, frames: Iterable[int]) -> Timeline:
    gone = set(frames)
    return replace(timeline, markers=tuple(one for one in timeline.markers if one.frame not in gone))


def move_marker(timeline: Timeline, frame: int, to: int) -> Timeline:
    marker = next(one for one in timeline.markers if one.frame == frame)
    return mark(unmark(timeline, [frame, to]), [to], marker.name)


def set_key(timeline: Timeline, lane: Lane, frame: int, value: str | float) -> Timeline:
    """Words or a strength at a frame, in place of what was there.

    Raises:
        ValueError: no words, or a strength outside 0 .. 1.
    """
    if lane == "prompts" and not str(value).strip():
        raise ValueError("Write what should be seen from here on.")
    if lane == "strengths" and not 0 <= float(value) <= 1:
        raise ValueError("A strength lies between 0 and 1.")
    keys = [key for key in getattr(timeline, lane) if key.frame != frame]
    keys.append(Key(max(0, frame), str(value).strip() if lane == "prompts" else float(value)))
    return replace(timeline, **{lane: tuple(sorted(keys, key=lambda key: key.frame))})


def remove_key(timeline: Timeline, lane: Lane, frame: int) -> Timeline:
    return replace(timeline, **{lane: tuple(key for key in getattr(timeline, lane) if key.frame != frame)})


def move_key(
    timeline: Timeline, lane: Lane, frame: int, to: int, value: str | float | None = None
) -> Timeline:
    """A keyframe to another frame, with another value if asked."""
    key: Key = next(key for key in getattr(timeline, lane) if key.frame == frame)
    return set_key(remove_key(timeline, lane, frame), lane, to, key.value if value is None else value)


def set_span(timeline: Timeline, start: int | None, end: int | None) -> Timeline:
    """The range that is looped and exported; None = from the beginning, to the end, and both None = everything."""
    if start is None and end is None:
        return replace(timeline, span=None)
    first, last = max(0, start or 0), timeline.length if end is None else end
    if last <= first:
        raise ValueError("The range must end after it begins.")
    return replace(timeline, span=(first, last))


def change_rate(timeline: Timeline, rate: float) -> Timeline:
    """Another number of frames a second: everything stays at its time, on the nearest frame of the new rate."""
    if not 1 <= rate <= 240:
        raise ValueError("A film has between 1 and 240 frames a second.")

    def at(frame: int) -> int:
        return round(frame / timeline.rate * rate)

    tracks: list[Track] = []
    for track in timeline.tracks:
        items: list[Item] = []
        for item in track.items:
            start = max(at(item.start), items[-1].end if items else 0)
            made = replace(item, start=start, length=max(1, at(item.end) - start), fade=at(item.fade))
            left = made.room(rate)[1]
            if not left and item.media.kind != "picture":  # the file may end within the last frame now
                most = math.floor((item.media.seconds - item.begin) / item.speed * rate + 1e-6)
                made = replace(made, length=max(1, min(made.length, most)))
            items.append(made)
        tracks.append(replace(track, items=_faded(items)))
    keys: Callable[[tuple[Key, ...]], tuple[Key, ...]] = lambda row: tuple(  # noqa: E731
        {at(key.frame): replace(key, frame=at(key.frame)) for key in row}.values()
    )
    return replace(
        timeline,
        rate=rate,
        tracks=tuple(tracks),
        markers=tuple(
            {at(one.frame): replace(one, frame=at(one.frame)) for one in timeline.markers}.values()
        ),
        prompts=keys(timeline.prompts),
        strengths=keys(timeline.strengths),
        span=(at(timeline.span[0]), max(at(timeline.span[1]), at(timeline.span[0]) + 1))
        if timeline.span
        else None,
    )


# --- snapping -------------------------------------------------------------------------------------------------------------


def edges(timeline: Timeline, without: str = "") -> list[int]:
    """Frames at which something begins or ends, and markers: what a dragged edge is drawn to."""
    found = {0, *(marker.frame for marker in timeline.markers)}
    for _, item in timeline.items():
        if item.id != without:
            found |= {item.start, item.end}
    return sorted(found)


def snapped(frames: Iterable[int], targets: Iterable[int], reach: int) -> int:
    """How far to shift so that the nearest of `frames` comes to lie on a target at most `reach` frames away; 0 where none is.

    >>> snapped([10, 20], [22, 3], 4)
    2
    """
    aims = list(targets)
    shifts = [aim - frame for frame in frames for aim in aims if abs(aim - frame) <= reach]
    return min(shifts, key=abs, default=0)
