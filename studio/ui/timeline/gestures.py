"""What the hand does on the timeline, from press to release.

A gesture never changes the film: it holds the timeline it began with and makes a draft of it at every move, which is painted. Releasing
makes the draft one Edit; Escape forgets it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import QPointF, Qt

from studio.core import cutting
from studio.core.cutting import Edge
from studio.core.timeline import Item, Lane, Timeline, Track
from studio.ui.timeline.sight import Row, Sight

REACH = 8
"""Pixels within which an edge is drawn to another."""
Mods = Qt.KeyboardModifier


class Gesture:
    """See the module.

    Args:
        timeline: at the press.
        sight: what was in view then; it may pan meanwhile.
        at: the press, y counted from the first row.
    """

    name = ""
    cursor = Qt.CursorShape.ArrowCursor

    def __init__(self, timeline: Timeline, at: QPointF) -> None:
        self.before = self.draft = timeline
        self.at = at
        self.snap: int | None = None
        """Frame of what it snapped to, to be shown."""

    def move(self, to: QPointF, sight: Sight, rows: list[Row], mods: Mods) -> None:
        """The hand is somewhere else."""
        try:
            self.draft = self.made(to, sight, rows, mods)
        except (ValueError, KeyError):
            self.draft = self.before  # impossible there: nothing happens until the hand goes on

    def made(self, to: QPointF, sight: Sight, rows: list[Row], mods: Mods) -> Timeline:
        raise NotImplementedError

    def frames(self, to: QPointF, sight: Sight) -> int:
        return round((to.x() - self.at.x()) / sight.scale)


class Snap:
    """Draws frames to what is near."""

    def __init__(self, on: bool, targets: Iterable[int]) -> None:
        self._targets = sorted(set(targets)) if on else []

    def shift(self, frames: list[int], sight: Sight) -> tuple[int, int | None]:
        """How far to go on, and the target that is reached then."""
        by = cutting.snapped(frames, self._targets, max(1, round(REACH / sight.scale)))
        hit = next((frame + by for frame in frames if frame + by in self._targets), None)
        return by, hit


class MoveItem(Gesture):
    """A clip to another time, or to another track."""

    cursor = Qt.CursorShape.ClosedHandCursor

    def __init__(self, timeline: Timeline, at: QPointF, track: Track, item: Item, snap: Snap) -> None:
        super().__init__(timeline, at)
        self.name = f"Move {item.name}"
        self._track, self._item, self._snap = track, item, snap

    def made(self, to: QPointF, sight: Sight, rows: list[Row], mods: Mods) -> Timeline:
        item = self._item
        start = item.start + self.frames(to, sight)
        by, self.snap = self._snap.shift([start, start + item.length], sight)
        row = next((row for row in rows if row.y <= to.y() < row.bottom and row.lane is None), None)
        track = self._track
        if row is not None and self.before.track(row.id).takes(item.media):
            track = self.before.track(row.id)
        if track is self._track and start + by == item.start:
            return self.before
        return cutting.move(self.before, item.id, max(0, start + by), track.id)


class TrimItem(Gesture):
    """An edge of a clip; with Ctrl, what comes later follows."""

    cursor = Qt.CursorShape.SizeHorCursor

    def __init__(self, timeline: Timeline, at: QPointF, item: Item, edge: Edge, snap: Snap) -> None:
        super().__init__(timeline, at)
        self.name = f"Trim {item.name}"
        self._item, self._snap = item, snap
        self._edge: Edge = edge

    def made(self, to: QPointF, sight: Sight, rows: list[Row], mods: Mods) -> Timeline:
        edge = self._edge
        frame = (self._item.start if edge == "start" else self._item.end) + self.frames(to, sight)
        by, self.snap = self._snap.shift([frame], sight)
        ripple = bool(mods & Mods.ControlModifier)
        return cutting.trim(self.before, self._item.id, edge, frame + by, ripple)


class SlipItem(Gesture):
    """What a clip shows, within its file: to the left = later."""

    cursor = Qt.CursorShape.SplitHCursor

    def __init__(self, timeline: Timeline, at: QPointF, item: Item) -> None:
        super().__init__(timeline, at)
        self.name = f"Slip {item.name}"
        self._item = item

    def made(self, to: QPointF, sight: Sight, rows: list[Row], mods: Mods) -> Timeline:
        return cutting.slip(self.before, self._item.id, -self.frames(to, sight))


class FadeItem(Gesture):
    """How long a clip is blended with the one before."""

    cursor = Qt.CursorShape.SizeHorCursor
    name = "Crossfade"

    def __init__(self, timeline: Timeline, at: QPointF, item: Item) -> None:
        super().__init__(timeline, at)
        self._item = item

    def made(self, to: QPointF, sight: Sight, rows: list[Row], mods: Mods) -> Timeline:
        return cutting.crossfade(self.before, self._item.id, max(0, self._item.fade + self.frames(to, sight)))


class MoveKey(Gesture):
    """A keyframe to another time; up and down is the strength."""

    name = "Move keyframe"
    cursor = Qt.CursorShape.ClosedHandCursor

    def __init__(
        self,
        timeline: Timeline,
        at: QPointF,
        lane: Lane,
        frame: int,
        snap: Snap,
        value: Callable[[float], float] | None = None,
    ) -> None:
        """value: y -> strength; None = only along the time."""
        super().__init__(timeline, at)
        self._lane: Lane = lane
        self._frame, self._snap, self._value = frame, snap, value

    def made(self, to: QPointF, sight: Sight, rows: list[Row], mods: Mods) -> Timeline:
        frame = self._frame + self.frames(to, sight)
        by, self.snap = self._snap.shift([frame], sight)
        value = self._value(to.y()) if self._value is not None else None
        if abs(to.y() - self.at.y()) < 2:
            value = None
        return cutting.move_key(self.before, self._lane, self._frame, max(0, frame + by), value)


class MoveMarker(Gesture):
    name = "Move marker"
    cursor = Qt.CursorShape.ClosedHandCursor

    def __init__(self, timeline: Timeline, at: QPointF, frame: int, snap: Snap) -> None:
        super().__init__(timeline, at)
        self._frame, self._snap = frame, snap

    def made(self, to: QPointF, sight: Sight, rows: list[Row], mods: Mods) -> Timeline:
        frame = self._frame + self.frames(to, sight)
        by, self.snap = self._snap.shift([frame], sight)
        return cutting.move_marker(self.before, self._frame, max(0, frame + by))


class SetRange(Gesture):
    """The range that is looped: from the press, or from an end that stays, to the hand."""

    name = "Range"
    cursor = Qt.CursorShape.SizeHorCursor

    def __init__(self, timeline: Timeline, at: QPointF, fixed: int, snap: Snap) -> None:
        super().__init__(timeline, at)
        self._fixed, self._snap = fixed, snap

    def made(self, to: QPointF, sight: Sight, rows: list[Row], mods: Mods) -> Timeline:
        frame = sight.nearest(to.x())
        by, self.snap = self._snap.shift([frame], sight)
        first, last = sorted((self._fixed, max(0, frame + by)))
        return cutting.set_span(self.before, first, last)


class Scrub(Gesture):
    """The playhead follows the hand; no Edit."""

    def __init__(self, timeline: Timeline, at: QPointF, seek: Callable[[int], object], snap: Snap) -> None:
        super().__init__(timeline, at)
        self._seek, self._snap = seek, snap

    def made(self, to: QPointF, sight: Sight, rows: list[Row], mods: Mods) -> Timeline:
        frame = sight.nearest(to.x())
        by, self.snap = self._snap.shift([frame], sight) if mods & Mods.ShiftModifier else (0, None)
        self._seek(max(0, frame + by))
        return self.before
