"""A stroke -> pixels of a layer.

A stroke is a row of dabs: round spots of uint8, made once per size and hardness. It paints into the layer while the hand
moves, announces each rectangle that it touched, and leaves exactly one Edit:

    stroke = Stroke(document, layer, brush)
    stroke.move_to(120, 80, pressure=0.7)
    stroke.move_to(160, 90)
    history.record(stroke.finish())

Within one stroke paint does not add up where dabs overlap: a mask takes the maximum (numpy uint8, 12 us for 128 px), a
picture keeps the greatest coverage so far and puts the colour once on the pixels from before the stroke. So opacity means
the same at any speed and spacing.

Original pixels are kept in a second array of the layer's size of which only touched memory pages exist.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from studio.core.blend import div255
from studio.core.document import Document
from studio.core.history import CELL, Edit, GrowEdit, PixelEdit, Together, in_document
from studio.core.layer import Layer, Pixels, invert, map_point, map_rect
from studio.core.region import NOWHERE, Rect

MAX_SIZE = 2000


@dataclass(frozen=True)
class Brush:
    """What the hand holds.

    Args:
        size: diameter in pixels of the document.
        hardness: part of the radius that is fully covered, 0 .. 1.
        opacity: 0 .. 1, of the whole stroke.
        spacing: distance of dabs as a part of the size.
        color: RGB for picture layers.
        erase: clears instead of painting.
        pressure_size, pressure_opacity: what a tablet's pressure changes.
    """

    size: float = 64.0
    hardness: float = 0.7
    opacity: float = 1.0
    spacing: float = 0.1
    color: tuple[int, int, int] = (0, 0, 0)
    erase: bool = False
    pressure_size: bool = True
    pressure_opacity: bool = False

    def with_(self, **changes: object) -> Brush:
        """A copy with other values, size and hardness kept in their ranges."""
        out = replace(self, **changes)  # pyright: ignore[reportArgumentType]
        return replace(
            out,
            size=min(max(float(out.size), 1.0), MAX_SIZE),
            hardness=min(max(float(out.hardness), 0.0), 1.0),
            opacity=min(max(float(out.opacity), 0.0), 1.0),
        )

    def resized(self, steps: int) -> Brush:
        """Larger or smaller by keys: 1 px at a time below 10, then about an eighth."""
        size = self.size
        for _ in range(abs(steps)):
            by = max(1.0, round(size / 8))
            size = size + by if steps > 0 else size - by
        return self.with_(size=size)


@lru_cache(maxsize=256)
def dab(
    size: float, hardness: float, fx: float = 0.0, fy: float = 0.0, ratio: float = 1.0, angle: float = 0.0
) -> Pixels:
    """One spot of the brush: [n, n] uint8, 255 = fully covered. Read-only.

    Args:
        size: diameter in pixels.
        hardness: 0 = falls off from the middle, 1 = a disc with a smooth edge of one pixel.
        fx, fy: where the middle lies past the middle of the array, in pixels (0 .. 1).
        ratio, angle: of an ellipse (tilt): short by long side, and the direction of the long side in degrees.
    """
    radius = size / 2
    n = 2 * math.ceil(radius + 0.5) + 1 + (1 if fx or fy else 0)
    middle = math.ceil(radius + 0.5)
    y, x = np.mgrid[:n, :n].astype(np.float32) - np.float32(middle)
    x, y = x - np.float32(fx), y - np.float32(fy)
    if ratio < 1:
        cos, sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))
        x, y = x * cos + y * sin, (y * cos - x * sin) / ratio
    distance = np.hypot(x, y)
    edge = np.clip(radius + 0.5 - distance, 0, 1)  # the smooth edge of a disc
    if size < 2:
        edge *= size * size / 4 + 0 * edge if size < 1 else 1
    inner = radius * hardness
    fall = np.clip((radius - distance) / max(radius - inner, 1e-6), 0, 1)
    fall = fall * fall * (3 - 2 * fall) if radius - inner > 1 else edge
    out = np.rint(np.minimum(fall, edge) * 255).astype(np.uint8)
    out.setflags(write=False)
    return out


class Stroke:
    """One stroke on one layer. Paints at once; `finish` gives the Edit, `cancel` takes everything back.

    Args:
        layer: a picture, mask or region layer that is not locked.
        selection: [document height, width] uint8: paint only there; None = everywhere.

    Raises:
        ValueError: the layer is locked, hidden or a group; one sentence for the user.
    """

    def __init__(
        self, document: Document, layer: Layer, brush: Brush, selection: Pixels | None = None
    ) -> None:
        check_paintable(document, layer)
        self.document, self.layer, self.brush = document, layer, brush
        self.dirty = NOWHERE
        """Everything touched so far, in the document."""
        self.dabs = 0
        self._inverse = invert(layer.matrix)
        m = self._inverse
        self._scale = math.sqrt(abs(m[0] * m[4] - m[1] * m[3]))
        self._grown = GrowEdit(layer.id, layer.own_rect, _room(document, layer))
        self._grown.apply(document)
        self._selection = (
            selection if layer.kind == "picture" and layer.matrix == (1, 0, 0, 0, 1, 0) else None
        )
        self._before = np.empty_like(layer.pixels)
        self._kept: set[tuple[int, int]] = set()
        self._cover = (
            np.zeros(layer.pixels.shape[:2], np.uint8)
            if layer.kind == "picture" or brush.opacity < 1
            else None
        )
        self._last: tuple[float, float, float] | None = None
        self._control: tuple[float, float, float] | None = None
        self._left = 0.0
        self._tilt = (1.0, 0.0)
        self._h, self._w = layer.pixels.shape[:2]

    # --- the hand -----------------------------------------------------------------------------------------

    def move_to(
        self, x: float, y: float, pressure: float = 1.0, tilt: tuple[float, float] = (0.0, 0.0)
    ) -> Rect:
        """The hand is at (x, y) of the document. Returns the rectangle that changed.

        Corners are rounded: the path runs through the middles between points, with the points as controls of a quadratic
        curve; `finish` draws the last half.

        Args:
            pressure: 0 .. 1.
            tilt: degrees from upright in x and y, -60 .. 60.
        """
        lean = math.hypot(*tilt)
        self._tilt = (1.0, 0.0) if lean < 15 else (
            round(max(math.cos(math.radians(lean)), 0.3), 1), round(math.degrees(math.atan2(tilt[1], tilt[0])) / 15) * 15.0
        )  # fmt: skip
        px, py = map_point(self._inverse, x, y)
        here = (px - self.layer.x, py - self.layer.y, min(max(pressure, 0.0), 1.0))
        if self._last is None or self._control is None:
            self._last = self._control = here
            return self._announce(self._dab(*here))
        control = self._control
        if math.hypot(here[0] - control[0], here[1] - control[1]) < 0.01 and abs(here[2] - control[2]) < 0.01:
            return NOWHERE
        middle = tuple((a + b) / 2 for a, b in zip(control, here))
        touched = self._curve(self._last, control, middle)  # pyright: ignore[reportArgumentType]
        self._last, self._control = middle, here  # pyright: ignore[reportAttributeAccessIssue]
        return self._announce(touched)

    def line_to(self, x: float, y: float, pressure: float = 1.0) -> Rect:
        """A straight line from where the stroke is (Shift)."""
        px, py = map_point(self._inverse, x, y)
        here = (px - self.layer.x, py - self.layer.y, pressure)
        if self._control is None or self._last is None:
            return self.move_to(x, y, pressure)
        touched = self._segment(self._last, self._control).united(self._segment(self._control, here))
        self._last = self._control = here
        return self._announce(touched)

    def finish(self) -> Edit | None:
        """Ends the stroke: the Edit to record, or None if no pixel changed."""
        if self._last is not None and self._control is not None and self._last != self._control:
            self._announce(self._segment(self._last, self._control))
        layer, name = self.layer, "Erase" if self.brush.erase else "Paint"
        if layer.paints_mask:
            name = "Erase mask" if self.brush.erase else "Paint mask"
        parts: list[tuple[Rect, Pixels]] = []
        for column, row in sorted(self._kept):
            cell = Rect(column * CELL, row * CELL, CELL, CELL).clipped(Rect(0, 0, self._w, self._h))
            at = cell.slices()
            if not np.array_equal(self._before[at], layer.pixels[at]):
                parts.append((cell.moved(layer.x, layer.y), self._before[at]))
        del self._before
        if not parts:
            self._grown.revert(self.document)
            return None
        edit = PixelEdit(name, layer.id, parts)
        return edit if self._grown.before == self._grown.after else Together(name, [self._grown, edit])

    def cancel(self) -> None:
        """Puts back the pixels from before the stroke."""
        for column, row in self._kept:
            at = Rect(column * CELL, row * CELL, CELL, CELL).clipped(Rect(0, 0, self._w, self._h)).slices()
            self.layer.pixels[at] = self._before[at]
        self._kept.clear()
        self._grown.revert(self.document)
        if not self.dirty.empty:
            self.document.touch(self.layer, self.dirty)

    # --- the path ------------------------------------------------------------------------------------------

    def _curve(self, a: tuple[float, ...], b: tuple[float, ...], c: tuple[float, ...]) -> Rect:
        length = math.hypot(b[0] - a[0], b[1] - a[1]) + math.hypot(c[0] - b[0], c[1] - b[1])
        bend = abs((b[0] - a[0]) * (c[1] - b[1]) - (b[1] - a[1]) * (c[0] - b[0]))
        pieces = 1 if bend < 0.5 else min(max(int(length / 4), 2), 16)
        touched, at = NOWHERE, a
        for i in range(1, pieces + 1):
            t = i / pieces
            u = 1 - t
            to = tuple(u * u * p + 2 * u * t * q + t * t * r for p, q, r in zip(a, b, c))
            touched = touched.united(self._segment(at, to))
            at = to
        return touched

    def _segment(self, a: tuple[float, ...], b: tuple[float, ...]) -> Rect:
        """Dabs along a straight piece; the distance left over is carried to the next piece."""
        dx, dy, dp = b[0] - a[0], b[1] - a[1], b[2] - a[2]
        length = math.hypot(dx, dy)
        touched, at = NOWHERE, self._left
        while at <= length:
            t = at / length if length else 0.0
            pressure = a[2] + t * dp
            touched = touched.united(self._dab(a[0] + t * dx, a[1] + t * dy, pressure))
            at += max(0.5, self._size(pressure) * self.brush.spacing)
        self._left = at - length
        return touched

    def _size(self, pressure: float) -> float:
        size = self.brush.size * self._scale
        return (
            max(1.0, size * (0.1 + 0.9 * pressure))
            if self.brush.pressure_size and pressure < 1
            else max(size, 1.0)
        )

    # --- one dab --------------------------------------------------------------------------------------------

    def _dab(self, x: float, y: float, pressure: float) -> Rect:
        """Paints one spot with its middle at (x, y) of the array (pixel centres are at .5); where it fell."""
        self.dabs += 1
        if self.dabs == 1:
            self._left = max(0.5, self._size(pressure) * self.brush.spacing)
        size = self._size(pressure)
        size = round(size * 4) / 4 if size < 32 else float(round(size))
        x, y = x - 0.5, y - 0.5
        ix, iy, fx, fy = round(x), round(y), 0.0, 0.0
        if size < 48:  # small spots must sit between pixels, or thin lines look like stairs
            ix, iy = math.floor(x), math.floor(y)
            fx, fy = round((x - ix) * 4) / 4, round((y - iy) * 4) / 4
        spot = dab(size, round(self.brush.hardness, 2), fx, fy, *self._tilt)
        n = spot.shape[0]
        middle = math.ceil(size / 2 + 0.5)
        x0, y0 = ix - middle, iy - middle
        left, top, right, bottom = max(x0, 0), max(y0, 0), min(x0 + n, self._w), min(y0 + n, self._h)
        if left >= right or top >= bottom:
            return NOWHERE
        self._keep(left, top, right, bottom)
        spot = spot[top - y0 : bottom - y0, left - x0 : right - x0]
        if self.brush.pressure_opacity and pressure < 1:
            spot = (spot * np.float32(pressure)).astype(np.uint8)
        at = (slice(top, bottom), slice(left, right))
        if self._cover is None:
            target = self.layer.pixels[at]
            if self.brush.erase:
                np.minimum(target, ~spot, out=target)
            else:
                np.maximum(target, spot, out=target)
        else:
            cover = self._cover[at]
            np.maximum(cover, spot, out=cover)
            self._apply(at, cover, left, top)
        return Rect(left, top, right - left, bottom - top)

    def _keep(self, left: int, top: int, right: int, bottom: int) -> None:
        """Remembers the cells that a dab is about to touch."""
        for row in range(top // CELL, (bottom - 1) // CELL + 1):
            for column in range(left // CELL, (right - 1) // CELL + 1):
                if (column, row) not in self._kept:
                    self._kept.add((column, row))
                    at = (slice(row * CELL, (row + 1) * CELL), slice(column * CELL, (column + 1) * CELL))
                    self._before[at] = self.layer.pixels[at]

    def _apply(self, at: tuple[slice, slice], cover: Pixels, left: int, top: int) -> None:
        """Puts the brush's colour, once, on the pixels from before the stroke."""
        cover16 = cover.astype(np.uint16)
        if self._selection is not None:
            x, y = left + self.layer.x, top + self.layer.y
            chosen = np.zeros_like(cover)
            inside = Rect(x, y, cover.shape[1], cover.shape[0]).clipped(self.document.rect)
            chosen[inside.moved(-x, -y).slices()] = self._selection[inside.slices()]
            cover16 = div255(cover16 * chosen)
        if self.brush.opacity < 1:
            cover16 = div255(cover16 * np.uint16(round(self.brush.opacity * 255)))
        before, target = self._before[at], self.layer.pixels[at]
        if self.layer.paints_mask:
            goal = np.minimum(before, 255 - cover16) if self.brush.erase else np.maximum(before, cover16)
            target[...] = goal
        elif self.brush.erase:
            target[..., :3] = before[..., :3]
            target[..., 3] = div255(before[..., 3] * (255 - cover16))
        else:
            lay_color(target, before, self.brush.color, cover16)

    def _announce(self, own: Rect) -> Rect:
        if own.empty:
            return NOWHERE
        rect = in_document(self.layer, own.moved(self.layer.x, self.layer.y))
        self.dirty = self.dirty.united(rect)
        self.document.touch(self.layer, rect)
        return rect


def lay_color(target: Pixels, before: Pixels, color: tuple[int, int, int], cover: np.ndarray) -> None:
    """target = `color` with coverage [h, w] uint16 0 .. 255 over `before`; both [h, w, 4], straight alpha."""
    alpha = before[..., 3]
    if alpha.size and alpha.min() == 255:
        keep = 255 - cover
        for channel in range(3):
            target[..., channel] = div255(before[..., channel] * keep + cover * np.uint16(color[channel]))
        target[..., 3] = 255
        return
    a = alpha.astype(np.float32) * (255 - cover) / 255
    total = a + cover
    share = cover / np.maximum(total, 1e-6)
    for channel in range(3):
        old = before[..., channel]
        target[..., channel] = np.where(
            total > 0, np.rint(old + (color[channel] - old.astype(np.float32)) * share), old
        )
    target[..., 3] = np.rint(total)


def check_paintable(document: Document, layer: Layer) -> None:
    """Raises ValueError, one sentence for the user, unless paint can be put on the layer."""
    if layer.kind == "group":
        raise ValueError(f"“{layer.name}” is a group; choose a layer in it to paint on.")
    if layer.locked:
        raise ValueError(f"“{layer.name}” is locked; unlock it to paint on it.")
    if not document.shown(layer):
        raise ValueError(f"“{layer.name}” is hidden; show it to paint on it.")


def _room(document: Document, layer: Layer) -> Rect:
    """What a layer must hold so that paint fits wherever the document is."""
    return layer.own_rect.united(map_rect(invert(layer.matrix), document.rect))
