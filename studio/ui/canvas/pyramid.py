"""The document as the screen wants it: premultiplied BGRA, masks tinted, at 1, 1/2, 1/4, ... of its size.

Each level is one array (memory pages that nobody has drawn do not exist), wrapped by one QImage, so that drawing is a single
call without seams at any zoom and angle. Tiles of 256 px exist only as notes on what is out of date: a change marks its
rectangle on every level, and `prepare` brings up to date what is about to be seen, for as long as it may take.

Tried: a dictionary of tile images (seams when scaled smoothly; a call per tile) and tinting masks as a second picture
while painting (twice the pixels per frame).
"""

from __future__ import annotations

import time
from functools import lru_cache

import numpy as np
from PySide6.QtGui import QColor, QImage, QPainter

from studio.core.blend import alpha4, div255
from studio.core.document import TILE, Document
from studio.core.layer import Layer, Pixels, read
from studio.core.region import NOWHERE, Rect

Key = tuple[int, int]


class Pyramid:
    """Args: mask_color: the theme's mask token."""

    def __init__(self, document: Document, mask_color: QColor | None = None) -> None:
        self.document = document
        self.mask_color = mask_color or QColor("#ff5c7a")
        self.show_masks = True
        self.alone = False
        """Masks in white on black instead of the picture."""
        self.draft: tuple[str, Pixels] | None = None
        """(id of a mask layer or "" for the selection, [h, w]): what it would be, shown instead of what it is."""
        w, h = document.width, document.height
        self.sizes = [(w, h)]
        while max(w, h) > TILE:
            w, h = (w + 1) // 2, (h + 1) // 2
            self.sizes.append((w, h))
        self.arrays: list[Pixels] = [np.zeros((h, w, 4), np.uint8) for w, h in self.sizes]
        self.images = [
            QImage(a.data, w, h, w * 4, QImage.Format.Format_ARGB32_Premultiplied)
            for a, (w, h) in zip(self.arrays, self.sizes)
        ]
        self._stale: list[dict[Key, Rect]] = [{} for _ in self.sizes]
        self._later: dict[Key, Rect] = {}
        """What the levels above 0 have not been told yet, by tile of level 0."""
        self._clear: set[Key] = set()
        """Tiles of level 0 that are not opaque everywhere: the checkerboard shows there."""
        self._masked: set[Key] = set()
        self.mark(document.rect)

    def level_for(self, zoom: float) -> int:
        """The smallest level that is not stretched: its pixels are 0.5 .. 1 of the screen's, or level 0."""
        level = 0
        while zoom <= 0.5 and level < len(self.sizes) - 1:
            zoom, level = zoom * 2, level + 1
        return level

    def level_rect(self, rect: Rect, level: int) -> Rect:
        """Document rectangle -> the rectangle of whole pixels around it on a level."""
        s = 1 << level
        w, h = self.sizes[level]
        return Rect(
            rect.x // s, rect.y // s, -(-rect.right // s) - rect.x // s, -(-rect.bottom // s) - rect.y // s
        ).clipped(Rect(0, 0, w, h))

    def mark(self, rect: Rect) -> None:
        """A rectangle of the document is out of date."""
        rect = rect.clipped(self.document.rect)
        self._note(self._stale[0], rect)
        if len(self.sizes) > 1:
            self._note(self._later, rect)

    @staticmethod
    def _note(stale: dict[Key, Rect], rect: Rect) -> None:
        for key in rect.tiles(TILE):
            part = rect.clipped(Rect(key[0] * TILE, key[1] * TILE, TILE, TILE))
            old = stale.get(key)
            stale[key] = part if old is None else old.united(part)

    def prepare(self, level: int, rect: Rect, until: float = float("inf")) -> bool:
        """Brings a rectangle (in document pixels) of a level up to date.

        Args:
            until: `time.perf_counter()` after which no new tile is begun (at least one always is).
        Returns:
            whether all of it is done.
        """
        rect = rect.clipped(self.document.rect)
        part = self.level_rect(rect, level) if level else rect
        if level and self._later:
            later, self._later = self._later, {}
            for marked in later.values():
                for above in range(1, len(self.sizes)):
                    self._note(self._stale[above], self.level_rect(marked, above))
        stale = self._stale[level]
        if not stale:
            return True
        for key in part.tiles(TILE):
            if key in stale:
                self._build(level, key, until)
                if time.perf_counter() > until:
                    return not any(other in stale for other in part.tiles(TILE))
        return True

    def opaque(self, rect: Rect) -> bool:
        """Whether no checkerboard can show within a prepared document rectangle."""
        return not self._clear or not any(
            key in self._clear for key in rect.clipped(self.document.rect).tiles(TILE)
        )

    def masked(self, rect: Rect) -> Rect:
        """The tiles of a prepared document rectangle in which some mask is painted, as one rectangle."""
        out = NOWHERE
        if self._masked:
            rect = rect.clipped(self.document.rect)
            for column, row in rect.tiles(TILE):
                if (column, row) in self._masked:
                    out = out.united(Rect(column * TILE, row * TILE, TILE, TILE).clipped(rect))
        return out

    def overlays(self) -> list[tuple[Layer, QColor]]:
        """Masks and regions that are to be seen, with their colours."""
        if not self.show_masks:
            return []
        return [
            (layer, QColor(*layer.region.color) if layer.region else self.mask_color)
            for layer in self.document.layers
            if layer.paints_mask and self.document.shown(layer)
        ]

    def cover(self, layer: Layer, rect: Rect) -> Pixels:
        """[h, w] what a mask shows in a rectangle: feathered as it will be used, or the draft of it. Do not write."""
        if self.draft is not None and self.draft[0] == layer.id:
            return read(self.draft[1], rect)
        return self.document.mask(rect, [layer]) if layer.feather or layer.opacity < 1 else layer.render(rect)

    def _build(self, level: int, key: Key, until: float) -> bool:
        """False if time ran out first; at least one tile of level 0 was made then."""
        rect = self._stale[level][key]
        if level == 0:
            del self._stale[0][key]
            self.arrays[0][rect.slices()] = self._bake(rect, key)
            return True
        w, h = self.sizes[level - 1]
        source = Rect(rect.x * 2, rect.y * 2, rect.w * 2, rect.h * 2).clipped(Rect(0, 0, w, h))
        below = self._stale[level - 1]
        for child in source.tiles(TILE):
            if child in below:
                if not self._build(level - 1, child, until) or time.perf_counter() > until:
                    return False
        del self._stale[level][key]
        self.arrays[level][rect.slices()] = halved(self.arrays[level - 1][source.slices()])
        return True

    def _bake(self, rect: Rect, key: Key) -> Pixels:
        """[h, w, 4] premultiplied BGRA of a part of one tile of level 0."""
        if self.alone:
            out, opaque = self._masks_alone(rect), True
        else:
            out, opaque = to_screen(self.document.compose(rect))
        whole = rect.w >= TILE and rect.h >= TILE
        if not opaque:
            self._clear.add(key)
        elif whole:
            self._clear.discard(key)
        masked = False
        for layer, color in self.overlays():
            mask = self.cover(layer, rect)
            if mask.any():
                if not self.alone:
                    tint(out, mask, color)
                masked = True
        if self.draft is not None and not self.draft[0]:
            tint(out, read(self.draft[1], rect), self.mask_color)
        if masked:
            self._masked.add(key)
        elif whole:
            self._masked.discard(key)
        return out

    def _masks_alone(self, rect: Rect) -> Pixels:
        """[h, w, 4] opaque BGRA: masks in white, regions in their own colour, on black."""
        out = np.zeros((rect.h, rect.w, 4), np.uint8)
        for layer, color in self.overlays():
            cover = self.cover(layer, rect)[..., None]
            if layer.kind == "region":
                tone = np.array([color.blue(), color.green(), color.red(), 255], np.uint16)
                cover = div255(cover * tone)
            np.maximum(out, cover, out=out, casting="unsafe")
        out[..., 3] = 255
        return out


def to_screen(pixels: Pixels) -> tuple[Pixels, bool]:
    """[h, w, 4] RGBA straight -> BGRA premultiplied, and whether it is opaque."""
    packed = np.ascontiguousarray(pixels).view(np.uint32)
    opaque = packed.size > 0 and int(packed.min() >> 24) == 255
    if not opaque:
        alpha = alpha4(pixels)
        colors = div255(pixels * alpha.astype(np.uint16)).astype(np.uint8)
        colors[..., 3] = pixels[..., 3]
        packed = colors.view(np.uint32)
    out = (packed >> np.uint32(16)) & np.uint32(0xFF)
    out |= (packed & np.uint32(0xFF)) << np.uint32(16)
    out |= packed & np.uint32(0xFF00FF00)
    return out.view(np.uint8), opaque


def tint(pixels: Pixels, mask: Pixels, color: QColor, share: float = 1 / 3) -> None:
    """Lays a colour over premultiplied BGRA, in place, where a mask [h, w] is: `share` of it at 255. (Qt's blending is several times
    quicker than the same in NumPy, and exact to one level.)"""
    h, w = mask.shape
    cover = np.take(_tones(color.rgb(), share), mask)
    over = QImage(cover.data, w, h, w * 4, QImage.Format.Format_ARGB32_Premultiplied)
    under = QImage(pixels.data, w, h, pixels.strides[0], QImage.Format.Format_ARGB32_Premultiplied)
    painter = QPainter(under)
    painter.drawImage(0, 0, over)
    painter.end()


@lru_cache(maxsize=32)
def _tones(rgb: int, share: float) -> np.ndarray:
    """[256] packed premultiplied ARGB of a colour at every value of a mask."""
    alpha = np.rint(np.arange(256) * share)
    parts = [
        np.rint(alpha * ((rgb >> shift) & 255) / 255).astype(np.uint32) << np.uint32(shift)
        for shift in (16, 8, 0)
    ]
    return (alpha.astype(np.uint32) << np.uint32(24)) | parts[0] | parts[1] | parts[2]


def halved(pixels: Pixels) -> Pixels:
    """[h, w, 4] -> [ceil(h / 2), ceil(w / 2), 4]: means of 2 x 2, all four bytes of a pixel at once in a 32-bit word.

    (a & b) + ((a ^ b) >> 1) is the mean rounded down, (a | b) - ((a ^ b) >> 1) rounded up; one of each keeps the brightness.
    """
    if pixels.shape[0] % 2 or pixels.shape[1] % 2:
        pixels = np.pad(pixels, ((0, pixels.shape[0] % 2), (0, pixels.shape[1] % 2), (0, 0)), mode="edge")
    half = np.uint32(0x7F7F7F7F)
    packed = np.ascontiguousarray(pixels).view(np.uint32)[..., 0]
    top, bottom = packed[0::2], packed[1::2]
    rows = (top & bottom) + (((top ^ bottom) >> np.uint32(1)) & half)
    left, right = rows[:, 0::2], rows[:, 1::2]
    out = (left | right) - (((left ^ right) >> np.uint32(1)) & half)
    return np.ascontiguousarray(out)[..., None].view(np.uint8)
