"""The spectrogram of a sound of any length, in tiles that are computed when somebody looks at them.

A tile is [rows, 256] uint8 levels (`colours.QUIETEST` .. 0 dB), high frequencies on top. Level 0 has one column for every window of the
Fourier transform and is computed once for all of the sound, some 20 MB for an hour; each level above has half the columns of the
one below and is made of it. Levels below 0 have twice the columns each; their tiles are computed for what is on the screen and
forgotten when the budget is spent. More rows are computed where somebody looks closer in pitch.

A bin of the transform that spans several rows is drawn straight between its neighbours; of several bins in a row the loudest is
shown, so that a tone keeps its level on every axis.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from PySide6.QtCore import QObject, QRectF, Signal
from PySide6.QtGui import QImage

from studio.core.spectrogram import fft
from studio.media.tape import Tape
from studio.ui.spectrogram import colours
from studio.ui.spectrogram.sight import NOTES, Axis, Sight
from studio.ui.widgets.images import Background

COLUMNS = 256
ROWS = 512
FINEST = -7
"""Level below which columns would only repeat themselves."""
SHARPEST = 2
"""Times that the rows may double."""
BUDGET = 64 << 20
"""Bytes of tiles below level 0."""
PICTURES = 40
"""Coloured tiles that are kept: 0.5 MB each at 512 rows."""


@dataclass(frozen=True)
class Look:
    """How a sound is looked at: the axis, and the length of the window in ms."""

    axis: Axis = NOTES
    window_ms: float = 93.0

    def window(self, rate: float) -> int:
        """Samples: even, quick for the transform."""
        wanted = max(64, round(self.window_ms * rate / 1000))
        return next(length for length in range(wanted + wanted % 2, 2 * wanted + 2, 2) if _quick(length))


def _quick(length: int) -> bool:
    """Whether the transform of this length is quick: no prime factor above 5."""
    for prime in (2, 3, 5):
        while length % prime == 0:
            length //= prime
    return length == 1


class Key(NamedTuple):
    """level, times the rows double, index of the tile."""

    level: int
    sharp: int
    index: int


@lru_cache(maxsize=16)
def _rows(axis: Axis, rows: int, window: int, rate: float) -> tuple[np.ndarray, ...]:
    """Where the rows, from the top, lie among the bins: (left bin, share of the next one) of narrow rows, first bins of wide ones and
    the bin at which the last one ends."""
    edges = axis.hz(np.linspace(0, 1, rows + 1)) * window / rate
    top = window // 2
    middle = np.clip((edges[:-1] + edges[1:]) / 2, 0, top)
    left = np.minimum(middle.astype(np.intp), top - 1)
    share = (middle - left).astype(np.float32)
    first = np.clip(np.floor(edges).astype(np.intp), 0, top)
    wide = np.diff(first) >= 2
    begin = int(np.argmax(wide)) if wide.any() else rows
    while begin < rows and not wide[begin:].all():  # from there on every row has bins of its own
        begin += 1 + int(np.argmin(wide[begin:]))
    return left[:begin], share[:begin, None], first[begin:]


@lru_cache(maxsize=8)
def _window(length: int) -> np.ndarray:
    """Hann, scaled so that a sine of amplitude 1 has magnitude 1."""
    return ((0.5 - 0.5 * np.cos(2 * np.pi * np.arange(length) / length)) * (4 / length)).astype(np.float32)


def columns(tape: Tape, look: Look, first: int, count: int, hop: float, rows: int) -> np.ndarray:
    """[rows, count] uint8: column i looks at the window around sample (first + i + 1/2) hop."""
    window = look.window(tape.rate)
    middles = np.rint((first + np.arange(count) + 0.5) * hop).astype(np.intp)
    start = int(middles[0]) - window // 2
    sound = tape.mono(start, int(middles[-1]) - int(middles[0]) + window)
    pieces = np.lib.stride_tricks.sliding_window_view(sound, window)[middles - middles[0]]
    size = np.abs(np.asarray(fft.rfft(pieces * _window(window), axis=1))).T  # [bins, count]
    left, share, wide = _rows(look.axis, rows, window, tape.rate)
    out = np.empty((rows, count), np.float32)
    out[: len(left)] = size[left] * (1 - share) + size[left + 1] * share
    if len(wide):
        out[len(left) :] = np.maximum.reduceat(size, wide, axis=0)[:-1]  # the last edge begins no row
    return quantised(out)[::-1]


def quantised(magnitude: np.ndarray) -> np.ndarray:
    """Magnitudes -> levels of a tile."""
    decibels = 20 * np.log10(np.maximum(magnitude, 1e-7))
    return np.clip(np.rint((decibels - colours.QUIETEST) / colours.STEP), 0, 255).astype(np.uint8)


class Tiles(QObject):
    """The tiles of one tape."""

    arrived = Signal()
    """Something can be drawn better now."""

    def __init__(self, tape: Tape, look: Look, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.tape, self.look = tape, look
        self.window = look.window(tape.rate)
        self.count = max(1, math.ceil(tape.samples / self.window))
        """Columns of level 0."""
        self.top = max(0, math.ceil(math.log2(max(self.count / COLUMNS, 1))))
        """The level of which one tile holds all."""
        self._kept: dict[Key, np.ndarray] = {}
        self._fine: OrderedDict[Key, np.ndarray] = OrderedDict()
        self._bytes = 0
        self._pictures: OrderedDict[tuple[Key, int], QImage] = OrderedDict()
        self._versions: dict[Key, int] = {}
        self._wanted: set[Key] = set()
        self._clock = 0
        self._done = 0
        self._table = colours.table("magma", -90.0, -10.0)
        self._background = Background(self, threads=2)
        for index in range(math.ceil(self.count / COLUMNS)):
            self._ask(Key(0, 0, index), priority=0)

    # --- computing ------------------------------------------------------------------------------------------------

    @property
    def progress(self) -> float:
        """How much of level 0 is there, 0 .. 1."""
        return self._done / max(1, math.ceil(self.count / COLUMNS))

    def hop(self, level: int) -> float:
        """Samples from column to column."""
        return self.window * 2.0**level

    def _ask(self, key: Key, priority: int) -> None:
        self._wanted.add(key)
        tape, look, hop = self.tape, self.look, self.hop(key.level)

        def work() -> np.ndarray | None:
            if key not in self._wanted:  # the eye has moved on
                return None
            first, rows = key.index * COLUMNS, ROWS << key.sharp
            if key.level < 0 or key.sharp:
                return columns(tape, look, first, COLUMNS, hop, rows)
            return pooled(columns(tape, look, 2 * first, 2 * COLUMNS, hop / 2, rows))

        self._background.run(
            work, lambda found: self._got(key, found), lambda error: self._failed(key, error), priority
        )

    def _failed(self, key: Key, error: Exception) -> None:
        """Nothing that a file holds can fail here, so this is a mistake of ours and must be seen."""
        self._wanted.discard(key)
        raise error

    def _got(self, key: Key, found: np.ndarray | None) -> None:
        self._wanted.discard(key)
        if found is None:
            return
        if key.level == 0 and key.sharp == 0:
            self._kept[key] = found
            self._versions[key] = 0
            self._done += 1
            self._raise(key.index, found)
        else:
            self._fine[key] = found
            self._bytes += found.nbytes
            while self._bytes > BUDGET:
                old, gone = self._fine.popitem(last=False)
                self._bytes -= gone.nbytes
                self._pictures.pop((old, 0), None)
        self.arrived.emit()

    def _raise(self, index: int, tile: np.ndarray) -> None:
        """Into the levels above, each half as wide."""
        part, first = tile, index * COLUMNS
        for level in range(1, self.top + 1):
            part = pooled(part) if part.shape[1] > 1 else part
            first //= 2
            key = Key(level, 0, first // COLUMNS)
            at = first % COLUMNS
            whole = self._kept.get(key)
            if whole is None:
                whole = self._kept[key] = np.zeros((ROWS, COLUMNS), np.uint8)
            whole[:, at : at + part.shape[1]] = np.maximum(part, whole[:, at : at + part.shape[1]])
            self._versions[key] = self._versions.get(key, 0) + 1

    # --- looking --------------------------------------------------------------------------------------------------

    def level_for(self, sight: Sight) -> tuple[int, int]:
        """(level, sharpness) at which no column and no row is wider than a pixel, as far as there is such a level."""
        level = math.floor(math.log2(max(sight.per * self.tape.rate / self.window, 1e-9)))
        level = min(max(level, FINEST), self.top)
        rows = sight.height / max(sight.top - sight.bottom, 1e-6)
        sharp = min(max(0, round(math.log2(max(rows / ROWS, 1)) - 0.25)), SHARPEST)
        return level, sharp if level <= 0 else 0

    def colour(self, table: np.ndarray) -> None:
        """Other colours; nothing is computed again."""
        if not np.array_equal(table, self._table):
            self._table = table
            self._pictures.clear()

    def drawings(self, sight: Sight) -> Iterator[tuple[QRectF, QImage, QRectF]]:
        """(place on the screen, picture, part of it) of the best that is there; what is missing is asked for."""
        level, sharp = self.level_for(sight)
        span = COLUMNS * self.hop(level) / self.tape.rate  # seconds of a tile
        first = max(0, math.floor(sight.start / span))
        last = math.floor(min(sight.end, self.tape.seconds) / span - 1e-9)
        needed = {Key(level, sharp, index) for index in range(first, last + 1)}
        # Tiles that were asked for and are out of sight are not computed any more.
        self._wanted = {key for key in self._wanted if key in needed or (key.level == 0 and key.sharp == 0)}
        for key in sorted(needed):
            if not self._there(key) and key not in self._wanted and (key.level < 0 or key.sharp):
                self._clock += 1
                self._ask(key, priority=self._clock)
            found = self._best(key)
            if found is None:
                continue
            drawn, x0, x1 = found
            left, right = sight.x(key.index * span), sight.x((key.index + 1) * span)
            top, bottom = sight.y_of_share(1.0), sight.y_of_share(0.0)
            picture = self._picture(drawn)
            yield (
                QRectF(left, top, right - left, bottom - top),
                picture,
                QRectF(x0, 0, x1 - x0, picture.height()),
            )

    def _there(self, key: Key) -> bool:
        return key in self._kept or key in self._fine

    def _best(self, key: Key) -> tuple[Key, float, float] | None:
        """The tile itself, or the part of a coarser one that covers it."""
        share = 1.0
        begin = float(key.index)
        for level in range(key.level, self.top + 1):
            for sharp in range(key.sharp, -1, -1):
                one = Key(level, sharp, int(begin))
                if self._there(one):
                    if one in self._fine:
                        self._fine.move_to_end(one)
                    x0 = (begin - int(begin)) * COLUMNS
                    return one, x0, x0 + share * COLUMNS
            begin, share = begin / 2, share / 2
        return None

    def _picture(self, key: Key) -> QImage:
        """A tile in colours, ready to be scaled."""
        version = self._versions.get(key, 0)
        kept = self._pictures.get((key, version))
        if kept is not None:
            self._pictures.move_to_end((key, version))
            return kept
        tile = self._kept[key] if key in self._kept else self._fine[key]
        pixels = self._table[tile]
        high, wide = tile.shape
        image = QImage(pixels.data, wide, high, wide * 4, QImage.Format.Format_RGB32).copy()
        self._pictures.pop((key, version - 1), None)
        self._pictures[key, version] = image
        while len(self._pictures) > PICTURES:
            self._pictures.popitem(last=False)
        return image

    def at(self, sight: Sight, t: float) -> np.ndarray | None:
        """[rows] decibels at a moment, from the highest frequency down; None where nothing is computed yet."""
        if not 0 <= t < self.tape.seconds:
            return None
        level, sharp = self.level_for(sight)
        column = t * self.tape.rate / self.hop(level)
        found = self._best(Key(level, sharp, int(column // COLUMNS)))
        if found is None:
            return None
        key, x0, x1 = found
        tile = self._kept[key] if key in self._kept else self._fine[key]
        share = column / COLUMNS - column // COLUMNS
        return colours.QUIETEST + colours.STEP * tile[:, min(int(x0 + share * (x1 - x0)), COLUMNS - 1)]

    @property
    def nbytes(self) -> int:
        """Of all that is kept."""
        pictures = sum(picture.sizeInBytes() for picture in self._pictures.values())
        return sum(tile.nbytes for tile in self._kept.values()) + self._bytes + pictures

    def wait(self, seconds: float = 20) -> bool:
        """Until everything that was asked for is there: for tests."""
        return self._background.wait(seconds)

    def stop(self) -> None:
        self._wanted.clear()
        self._background.stop()


def pooled(tile: np.ndarray) -> np.ndarray:
    """[rows, 2 n] -> [rows, n]: half way between the mean and the louder of each pair, so that short sounds do not vanish and
    noise does not become a wall."""
    if tile.shape[1] % 2:
        tile = np.concatenate([tile, tile[:, -1:]], axis=1)
    a, b = tile[:, ::2].astype(np.uint16), tile[:, 1::2].astype(np.uint16)
    return ((a + b + 2 * np.maximum(a, b) + 2) >> 2).astype(np.uint8)
