"""Where things are: integer rectangles, and the words that belong to a painted region.

`Rect` is half-open: it holds the pixels x .. x+w-1, y .. y+h-1. An empty rectangle has w <= 0 or h <= 0; all empty
rectangles behave alike and contain nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple


class Rect(NamedTuple):
    """Integer rectangle in pixels."""

    x: int
    y: int
    w: int
    h: int

    @classmethod
    def corners(cls, x0: float, y0: float, x1: float, y1: float) -> Rect:
        """The smallest rectangle of whole pixels around two opposite corners, in any order."""
        left, right = sorted((x0, x1))
        top, bottom = sorted((y0, y1))
        x, y = math.floor(left), math.floor(top)
        return cls(x, y, math.ceil(right) - x, math.ceil(bottom) - y)

    @property
    def right(self) -> int:
        return self.x + self.w

    @property
    def bottom(self) -> int:
        return self.y + self.h

    @property
    def empty(self) -> bool:
        return self.w <= 0 or self.h <= 0

    @property
    def area(self) -> int:
        return 0 if self.empty else self.w * self.h

    def united(self, other: Rect) -> Rect:
        """The smallest rectangle around both; an empty one adds nothing."""
        if self.empty or other.empty:
            return other if self.empty else self
        x, y = min(self.x, other.x), min(self.y, other.y)
        return Rect(x, y, max(self.right, other.right) - x, max(self.bottom, other.bottom) - y)

    def clipped(self, other: Rect) -> Rect:
        """What both have in common; `Rect(0, 0, 0, 0)` if nothing."""
        x0, y0, w0, h0 = self
        x1, y1, w1, h1 = other
        x, y = x0 if x0 > x1 else x1, y0 if y0 > y1 else y1  # this is asked a hundred times per dab
        w = (x0 + w0 if x0 + w0 < x1 + w1 else x1 + w1) - x
        h = (y0 + h0 if y0 + h0 < y1 + h1 else y1 + h1) - y
        if w <= 0 or h <= 0:
            return NOWHERE
        return self if w == w0 and h == h0 else Rect(x, y, w, h)

    def moved(self, dx: int, dy: int) -> Rect:
        return Rect(self.x + dx, self.y + dy, self.w, self.h)

    def grown(self, by: int) -> Rect:
        return Rect(self.x - by, self.y - by, self.w + 2 * by, self.h + 2 * by)

    def contains(self, x: float, y: float) -> bool:
        return self.x <= x < self.right and self.y <= y < self.bottom

    def encloses(self, other: Rect) -> bool:
        return other.empty or other.clipped(self) == other

    def slices(self) -> tuple[slice, slice]:
        """Index of this rectangle in an array [y, x, ...] whose pixel (0, 0) is at (0, 0)."""
        return slice(self.y, self.bottom), slice(self.x, self.right)

    def tiles(self, side: int) -> Iterator[tuple[int, int]]:
        """(column, row) of every tile of `side` pixels that this rectangle touches."""
        if not self.empty:
            for row in range(self.y // side, (self.bottom - 1) // side + 1):
                for column in range(self.x // side, (self.right - 1) // side + 1):
                    yield column, row


NOWHERE = Rect(0, 0, 0, 0)


@dataclass(frozen=True)
class Region:
    """What a region layer asks for where it is painted (paint-with-words).

    Args:
        words: what should appear there.
        strength: weight of the painting against the whole prompt; 1 = usual, 0 = off.
        color: RGB the region is shown in.
    """

    words: str = ""
    strength: float = 1.0
    color: tuple[int, int, int] = (255, 176, 92)
