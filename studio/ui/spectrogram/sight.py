"""What part of a sound is on the screen, and where a moment and a frequency are. Plain numbers, no Qt.

Heights are shares of the axis: 0 = its lowest frequency, 1 = its highest.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Literal

import numpy as np

from studio.core.spectrogram import hz_of_mel, hz_of_note, mel_of_hz, note_name, note_of_hz

Scale = Literal["note", "mel", "linear"]
CLOSEST = 1 / 48000
"""Seconds a pixel."""
NARROWEST = 0.02
"""The least share of the axis that fills the height."""
SECONDS = (
    0.001,
    0.002,
    0.005,
    0.01,
    0.02,
    0.05,
    0.1,
    0.2,
    0.5,
    1,
    2,
    5,
    10,
    15,
    30,
    60,
    120,
    300,
    600,
    900,
    1800,
    3600,
)
HERTZ = (50, 100, 200, 500, 1000, 2000, 3000, 4000, 5000, 6000, 8000, 10000, 12000, 15000, 20000)


@dataclass(frozen=True)
class Axis:
    """Frequencies from `low` to `high` Hz, spaced evenly in notes, mels or Hz."""

    scale: Scale = "note"
    low: float = 27.5
    high: float = 20000.0

    def _there(self, hz: Any) -> Any:
        hz = np.maximum(hz, 1e-3)
        return (
            np.log2(hz)
            if self.scale == "note"
            else mel_of_hz(hz)
            if self.scale == "mel"
            else np.asarray(hz, float)
        )

    def share(self, hz: Any) -> Any:
        """Hz -> height, a number or an array; below 0 and above 1 for what is not on the axis."""
        low, high = self._there(self.low), self._there(self.high)
        found = (self._there(hz) - low) / (high - low)
        return float(found) if np.ndim(found) == 0 else found

    def hz(self, share: Any) -> Any:
        """The inverse."""
        low, high = self._there(self.low), self._there(self.high)
        at = low + np.asarray(share, float) * (high - low)
        found = 2**at if self.scale == "note" else hz_of_mel(at) if self.scale == "mel" else at
        return float(found) if np.ndim(found) == 0 else found


NOTES = Axis()


@dataclass(frozen=True)
class Sight:
    """The part that is seen.

    Args:
        start: the moment at the left edge, in seconds.
        per: seconds a pixel.
        bottom, top: heights at the lower and upper edge.
        width, height: of the screen, in pixels.
        seconds: length of the sound.
    """

    start: float = 0.0
    per: float = 0.01
    bottom: float = 0.0
    top: float = 1.0
    width: int = 100
    height: int = 100
    seconds: float = 1.0
    axis: Axis = NOTES

    @property
    def end(self) -> float:
        return self.start + self.per * self.width

    def x(self, t: float) -> float:
        return (t - self.start) / self.per

    def t(self, x: float) -> float:
        return self.start + x * self.per

    def y_of_share(self, share: float) -> float:
        return (self.top - share) / (self.top - self.bottom) * self.height

    def share_of_y(self, y: float) -> float:
        return self.top - y / max(self.height, 1) * (self.top - self.bottom)

    def y(self, hz: float) -> float:
        return self.y_of_share(self.axis.share(hz))

    def hz(self, y: float) -> float:
        return self.axis.hz(self.share_of_y(y))

    # --- moving -------------------------------------------------------------------------------------------------

    def kept(self) -> Sight:
        """Within the sound and the axis."""
        per = min(max(self.per, CLOSEST), self.widest)
        room = min(max(self.top - self.bottom, NARROWEST), 1.0)
        bottom = min(max(self.bottom, 0.0), 1.0 - room)
        start = min(max(self.start, 0.0), max(self.seconds - per * self.width, 0.0))
        return replace(self, per=per, start=start, bottom=bottom, top=bottom + room)

    @property
    def widest(self) -> float:
        """Seconds a pixel at which all of the sound is seen."""
        return max(self.seconds / max(self.width, 1), CLOSEST)

    def fitted(self) -> Sight:
        """All of it."""
        return replace(self, start=0.0, per=self.widest, bottom=0.0, top=1.0)

    def sized(self, width: int, height: int) -> Sight:
        """On another screen: the same seconds a pixel, but all of it stays all of it."""
        whole = self.per >= self.widest * 0.999
        made = replace(self, width=max(width, 1), height=max(height, 1))
        return (replace(made, per=made.widest) if whole else made).kept()

    def zoomed(self, times: float, x: float) -> Sight:
        """Closer in time by a factor; the moment at `x` stays there."""
        per = min(max(self.per / times, CLOSEST), self.widest)
        return replace(self, per=per, start=self.t(x) - x * per).kept()

    def stretched(self, times: float, y: float) -> Sight:
        """Closer in pitch by a factor; the frequency at `y` stays there."""
        room = min(max((self.top - self.bottom) / times, NARROWEST), 1.0)
        at = self.share_of_y(y)
        top = at + y / max(self.height, 1) * room
        return replace(self, top=top, bottom=top - room).kept()

    def panned(self, dx: float, dy: float) -> Sight:
        """The picture moves by pixels."""
        rise = dy / max(self.height, 1) * (self.top - self.bottom)
        return replace(
            self, start=self.start - dx * self.per, bottom=self.bottom + rise, top=self.top + rise
        ).kept()

    def shown(self, begin: float, end: float) -> Sight:
        """A stretch of time fills the width."""
        return replace(self, start=begin, per=max((end - begin) / max(self.width, 1), CLOSEST)).kept()

    # --- marks on the axes --------------------------------------------------------------------------------------

    def note_lines(self, room: int = 15) -> list[tuple[float, str]]:
        """(y, name) of the notes that have room: the Cs, then every note of the major scale, then all."""
        return _note_lines(self.axis, self.bottom, self.top, self.height, room)

    def hertz_lines(self, room: int = 24) -> list[tuple[float, str]]:
        """(y, text) of round frequencies, from below, at least `room` pixels apart."""
        out: list[tuple[float, str]] = []
        for hz in HERTZ:
            y = self.y(hz)
            if (
                8 <= y <= self.height - 8
                and self.axis.low <= hz <= self.axis.high
                and (not out or out[-1][0] - y >= room)
            ):
                out.append((y, f"{hz // 1000} kHz" if hz >= 1000 else f"{hz} Hz"))
        return out

    def time_lines(self, room: int = 80) -> list[tuple[float, str]]:
        """(x, text) of round moments."""
        step = next((s for s in SECONDS if s / self.per >= room), SECONDS[-1])
        first = math.ceil(self.start / step - 1e-9)
        last = math.floor(min(self.end, self.seconds) / step + 1e-9)
        digits = 0 if step >= 1 else 1 if step >= 0.1 else 2 if step >= 0.01 else 3
        return [(self.x(i * step), clock(i * step, digits)) for i in range(first, last + 1)]


@lru_cache(maxsize=64)
def _note_lines(axis: Axis, bottom: float, top: float, height: int, room: int) -> list[tuple[float, str]]:
    low, high = axis.hz(bottom), axis.hz(top)
    first, last = math.ceil(note_of_hz(max(low, 8.2))), math.floor(note_of_hz(high))
    for steps in (tuple(range(12)), (0, 2, 4, 5, 7, 9, 11), (0, 7), (0,)):
        out: list[tuple[float, str]] = []
        for note in range(first, last + 1):
            if note % 12 in steps:
                hz = hz_of_note(note)
                y = (top - axis.share(hz)) / (top - bottom) * height
                if not out or out[-1][0] - y >= room:
                    out.append((y, note_name(hz)))
                elif steps != (0,) and y > room:
                    break  # too close: fewer notes
        else:
            return out
    return out


def clock(seconds: float, digits: int = 2) -> str:
    """00:03.41; with hours where there are some."""
    whole = round(max(seconds, 0.0), digits)
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(int(minutes), 60)
    text = f"{minutes:02d}:{rest:0{3 + digits if digits else 2}.{digits}f}"
    return f"{hours}:{text}" if hours else text
