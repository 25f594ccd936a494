"""Where frames and tracks are on the screen: pure functions of what is in view."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from studio.core.cutting import NAMES
from studio.core.timeline import LANES, Lane, Timeline, TrackKind, timecode
from studio.ui.language import spoken

RULER = 26
"""Height of the line with the times."""
CLOSEST = 48.0
"""Pixels a frame is wide at most."""
LABEL = 84
"""Pixels from one time to the next on the ruler, at least."""
EDGE = 24
"""Pixels left free around what is fitted."""
HEIGHTS: dict[str, int] = {"video": 58, "overlay": 58, "sound": 54, "prompts": 30, "strengths": 38}
SECONDS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1200, 3600)


@dataclass(frozen=True)
class Sight:
    """What is in view along the time.

    Args:
        left: frame at the left edge; may lie between two.
        scale: pixels per frame.
        width: of the view in pixels.
        length: frames that can be reached; what lies beyond is only seen.
        rate: frames per second.
    """

    left: float = 0.0
    scale: float = 4.0
    width: int = 100
    length: int = 0
    rate: float = 24.0

    def x(self, frame: float) -> float:
        return (frame - self.left) * self.scale

    def frame(self, x: float) -> float:
        return self.left + x / self.scale

    def nearest(self, x: float) -> int:
        """The frame boundary next to a place."""
        return max(0, round(self.frame(x)))

    @property
    def room(self) -> float:
        """Frames that fit into the view."""
        return self.width / self.scale

    @property
    def widest(self) -> float:
        """The smallest useful scale: everything and half as much again."""
        return max(self.width, 1) / max(1.5 * self.length, 10 * self.rate)

    def kept(self) -> Sight:
        """Within what makes sense: not before the first frame, not far beyond the last."""
        scale = min(max(self.scale, self.widest), CLOSEST)
        room = self.width / scale
        most = max(0.0, self.length - 0.25 * room)
        return replace(self, scale=scale, left=min(max(self.left, -EDGE / scale), most))

    def zoomed(self, times: float, x: float) -> Sight:
        """Nearer by a factor; what is at `x` stays there."""
        at = self.frame(x)
        scale = min(max(self.scale * times, self.widest), CLOSEST)
        return replace(self, scale=scale, left=at - x / scale).kept()

    def panned(self, dx: float) -> Sight:
        return replace(self, left=self.left + dx / self.scale).kept()

    def fitted(self) -> Sight:
        """All of the film."""
        length = self.length or round(8 * self.rate)
        scale = min((self.width - 2 * EDGE) / max(length, 1), CLOSEST)
        return replace(self, scale=max(scale, 1e-6), left=-EDGE / max(scale, 1e-6)).kept()

    def following(self, frame: float) -> Sight:
        """A page further where a frame has left the view."""
        if self.left <= frame < self.left + self.room:
            return self
        return replace(self, left=frame - 0.1 * self.room).kept()

    def ticks(self) -> Iterator[tuple[int, str]]:
        """(frame, text) of the ruler's times in view; an empty text is a small line."""
        step, small = self._steps()
        first = max(0, math.floor(self.left / small) * small)
        number = round(first / small)
        per = max(1, round(step / small))
        while number * small <= self.left + self.room:
            frame = round(number * small)
            yield frame, self._label(frame, step) if number % per == 0 else ""
            number += 1

    def _steps(self) -> tuple[float, float]:
        """Frames from label to label, and from line to line."""
        whole = max(1, round(self.rate))
        for frames in [n for n in (1, 2, 5, 10) if n < whole]:
            if frames * self.scale >= LABEL:
                return frames, frames if frames * self.scale < 4 * LABEL else 1
        for seconds in SECONDS:
            if seconds * self.rate * self.scale >= LABEL:
                return seconds * self.rate, seconds * self.rate / (5 if seconds != 2 else 4)
        return 3600 * self.rate, 1200 * self.rate

    def _label(self, frame: int, step: float) -> str:
        if step < self.rate - 0.5:
            return timecode(frame, self.rate)
        seconds = round(frame / self.rate)
        if seconds < 60 and self.length < 90 * self.rate:
            return f"{seconds} s"
        hours, rest = divmod(seconds, 3600)
        return f"{hours}:{rest // 60:02d}:{rest % 60:02d}" if hours else f"{rest // 60}:{rest % 60:02d}"


@dataclass(frozen=True)
class Row:
    """A track or a lane. `id`: the track's, or the lane's name; `y` is counted from the first row."""

    kind: TrackKind | Lane
    id: str
    name: str
    y: int
    height: int
    on: bool = True

    @property
    def lane(self) -> Lane | None:
        return next((lane for lane in LANES if lane == self.id), None)

    @property
    def bottom(self) -> int:
        return self.y + self.height


def track_name(name: str) -> str:
    """“Sound 2” in the window's language; a name that somebody gave stays."""
    word, _, number = name.partition(" ")
    if word not in NAMES.values() or (number and not number.isdigit()):
        return name
    return f"{spoken(word)} {number}".rstrip()


def rows(timeline: Timeline, names: dict[Lane, str]) -> list[Row]:
    """Pictures, then what keyframes say, then sounds."""
    seen = [track for track in timeline.tracks if track.kind != "sound"]
    heard = [track for track in timeline.tracks if track.kind == "sound"]
    parts: list[tuple[TrackKind | Lane, str, str, bool]] = []
    for track in seen:
        parts.append((track.kind, track.id, track_name(track.name), track.on))
    for lane in LANES if timeline.tracks else ():
        parts.append((lane, lane, names[lane], True))
    for track in heard:
        parts.append((track.kind, track.id, track_name(track.name), track.on))
    out: list[Row] = []
    y = 0
    for kind, id, name, on in parts:
        out.append(Row(kind, id, name, y, HEIGHTS[kind], on))
        y += HEIGHTS[kind]
    return out


GRIP = 7
"""Pixels beside an edge that take hold of it."""
HANDLE = 9
"""Pixels from a clip's upper edge to the middle of the handle of its crossfade."""


def handle_x(left: float, fade: float) -> float:
    """Where the handle is of a crossfade that is so many pixels long."""
    return left + max(fade, 2 * GRIP)


Part = Literal["body", "start", "end", "fade"]


def part_at(x: float, left: float, right: float, y: float, top: float, fade: float) -> Part:
    """Which part of a clip that lies from `left` to `right` is at (x, y); `fade`: pixels of its crossfade."""
    grip = min(GRIP, (right - left) / 4)
    if y - top < HANDLE + 4 and right - left > 4 * GRIP and abs(x - handle_x(left, fade)) <= GRIP:
        return "fade"
    if x < left + grip:
        return "start"
    return "end" if x > right - grip else "body"
