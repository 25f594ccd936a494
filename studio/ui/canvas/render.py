"""Draws the scene (picture, masks, candidates) behind a small interface.

The software renderer keeps what the widget shows in a buffer of its own. Panning shifts the buffer and draws only the strips
that came into sight; a stroke draws only its rectangle; while the zoom changes everything is drawn with the nearest pixel,
and smoothly again, in bands that leave time for input, once the hand rests.

A renderer for a GPU has the same four methods; see `Renderer`.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

import numpy as np
from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QImage, QPainter, QPen, QPixmap, QRegion, QTransform

from studio.core.document import softness
from studio.core.layer import Pixels
from studio.core.region import NOWHERE, Rect
from studio.ui.canvas.pyramid import Pyramid
from studio.ui.canvas.view import View

GRID_FROM = 16.0
"""Zoom from which the pixel grid shows."""
SMOOTH_BELOW = 2.0
DASH = 4
"""Screen pixels of a dash and of a gap."""


@dataclass
class Picture:
    """Something shown over the document in place, outside undo: a candidate or a preview."""

    image: QImage
    rect: Rect
    smooth: bool = True
    hides: bool = False
    """Whether it stands for all that is below, so that nothing shines through where it is clear."""


@dataclass
class Scene:
    """What is to be drawn besides the document."""

    canvas: QColor = field(default_factory=lambda: QColor("#0e1013"))
    line: QColor = field(default_factory=lambda: QColor("#2f3540"))
    check: tuple[QColor, QColor] = field(default_factory=lambda: (QColor("#3a3f49"), QColor("#2c313a")))
    overlay: Picture | None = None
    preview: Picture | None = None
    before: Picture | None = None
    split: float | None = None
    """Screen x of the divider: `overlay` right of it, the document (or `before`) left of it."""


class Renderer(Protocol):
    """Draws the scene into the widget. Rectangles are in screen pixels unless they say document."""

    pending: bool
    """Whether there is more to draw when there is time."""

    def resize(self, width: int, height: int, ratio: float) -> None: ...
    def changed(self, rect: Rect) -> None:
        """A rectangle of the document is out of date."""

    def redraw(self) -> None:
        """Everything on the screen is out of date (theme, overlay, split)."""

    def paint(self, painter: QPainter, view: View, exposed: QRect, budget: float | None) -> None:
        """Puts the scene on the widget within `exposed`. budget: seconds, None = finish."""


class SoftwareRenderer:
    """See the module. Keeps a QPixmap of the widget's size in device pixels."""

    def __init__(self, pyramid: Pyramid, scene: Scene) -> None:
        self.pyramid, self.scene = pyramid, scene
        self._buffer = QPixmap()
        self._ratio = 1.0
        self._view: View | None = None
        self._todo: list[QRect] = []
        """Device rectangles that must be drawn, at once."""
        self._rough: list[QRect] = []
        """Device rectangles that were drawn in a hurry."""
        self._check: QBrush | None = None
        self._changed: list[Rect] = []
        self.frames: list[float] = []

    # --- Renderer -----------------------------------------------------------------------------------------

    @property
    def pending(self) -> bool:
        return bool(self._todo or self._rough)

    def resize(self, width: int, height: int, ratio: float) -> None:
        self._ratio = ratio
        self._buffer = QPixmap(max(1, round(width * ratio)), max(1, round(height * ratio)))
        self._view = None

    def changed(self, rect: Rect) -> None:
        self._changed.append(rect)

    def redraw(self) -> None:
        self._view = None
        self._check = None

    def paint(self, painter: QPainter, view: View, exposed: QRect, budget: float | None) -> None:
        begin = time.perf_counter()
        until = float("inf") if budget is None else begin + budget
        device = self._device(view)
        self._follow(device)
        self._view = device
        hurry = budget is not None
        todo, self._todo = self._todo, []
        for rect in todo:
            if not self._draw(rect, device, rough=hurry and self._costly(rect, device), until=until):
                self._todo.append(rect)
        while self._rough and not todo:
            if time.perf_counter() > until:
                break
            self._draw(self._rough.pop(), device, rough=False, until=until)
        if budget is None:
            while self._rough:
                self._draw(self._rough.pop(), device, rough=False, until=until)
        ratio = self._ratio
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Source)
        if ratio == 1.0:
            painter.drawPixmap(exposed, self._buffer, exposed)
        else:
            source = QRectF(
                exposed.x() * ratio, exposed.y() * ratio, exposed.width() * ratio, exposed.height() * ratio
            )
            painter.drawPixmap(QRectF(exposed), self._buffer, source)
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceOver)

    # --- what must be drawn -----------------------------------------------------------------------------------

    def _device(self, view: View) -> View:
        r = self._ratio
        return view if r == 1.0 else View(view.zoom * r, view.angle, view.x * r, view.y * r)

    def _follow(self, view: View) -> None:
        """Turns the difference to the last view into rectangles to draw."""
        whole = self._buffer.rect()
        old = self._view
        if old is None or (old.zoom, old.angle) != (view.zoom, view.angle):
            self._todo, self._rough, self._changed = [whole], [], []
            return
        dx, dy = view.x - old.x, view.y - old.y
        if dx or dy:
            ix, iy = round(dx), round(dy)
            if (
                abs(dx - ix) > 1e-3
                or abs(dy - iy) > 1e-3
                or abs(ix) >= whole.width()
                or abs(iy) >= whole.height()
            ):
                self._todo, self._rough, self._changed = [whole], [], []
                return
            self._buffer.scroll(ix, iy, whole)
            self._todo = [rect.translated(ix, iy) & whole for rect in self._todo]
            self._rough = [rect.translated(ix, iy) & whole for rect in self._rough]
            if ix:
                self._todo.append(QRect(0 if ix > 0 else whole.width() + ix, 0, abs(ix), whole.height()))
            if iy:
                self._todo.append(QRect(0, 0 if iy > 0 else whole.height() + iy, whole.width(), abs(iy)))
        margin = 2 + (1 << self.pyramid.level_for(view.zoom))
        for rect in self._changed:
            grown = view.rect_to_screen(rect.grown(margin if view.zoom < SMOOTH_BELOW else 1)).grown(1)
            self._todo.append(QRect(*grown) & whole)
        self._changed = []
        if len(self._todo) > 8:
            first = self._todo[0]
            for rect in self._todo:
                first = first.united(rect)
            self._todo = [first]
        self._todo = [rect for rect in self._todo if not rect.isEmpty()]
        self._rough = [rect for rect in self._rough if not rect.isEmpty()]

    def _costly(self, rect: QRect, view: View) -> bool:
        return rect.width() * rect.height() > 300_000 and (
            view.zoom < SMOOTH_BELOW or bool(self.pyramid.overlays())
        )

    # --- drawing ---------------------------------------------------------------------------------------------

    def _draw(self, rect: QRect, view: View, rough: bool, until: float) -> bool:
        """Draws one device rectangle into the buffer; False if the tiles were not all ready in time."""
        document = self.pyramid.document
        seen = (
            view.rect_to_document(Rect(rect.x(), rect.y(), rect.width(), rect.height()))
            .grown(2)
            .clipped(document.rect)
        )
        level = self.pyramid.level_for(view.zoom)
        ready = self.pyramid.prepare(level, seen, until)
        painter = QPainter(self._buffer)
        painter.setClipRect(rect)
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Source)
        corner = view.rect_to_screen(document.rect)
        covered = view.angle == 0 and QRect(*corner).contains(rect) and self.pyramid.opaque(seen) and ready
        if not covered:
            self._draw_around(painter, rect, view, corner, ready and self.pyramid.opaque(seen))
        transform = QTransform(*columns(view))
        smooth = not rough and view.zoom < SMOOTH_BELOW and not (view.zoom == 1.0 and view.angle == 0)
        if not seen.empty:
            self._draw_document(painter, rect, view, transform, seen, level, covered, smooth)
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceOver)
        for picture, side in self._pictures():
            self._draw_picture(painter, picture, transform, rect, side, smooth)
        if not rough:
            self._draw_edges(painter, rect, view, seen)
        if view.zoom >= GRID_FROM and not seen.empty:
            self._draw_grid(painter, view, transform, seen)
        painter.end()
        if rough:
            bands = max(1, rect.width() * rect.height() // 200_000)
            height = -(-rect.height() // bands)
            self._rough += [
                QRect(rect.x(), y, rect.width(), min(height, rect.bottom() + 1 - y))
                for y in range(rect.y(), rect.bottom() + 1, height)
            ]
        return ready

    def _draw_around(self, painter: QPainter, rect: QRect, view: View, corner: Rect, opaque: bool) -> None:
        """The ground: where the document will hide it, it is left out."""
        inside = QRect(*corner.grown(-1)) if view.angle == 0 and opaque else QRect()
        for part in QRegion(rect).subtracted(QRegion(inside)):  # pyright: ignore[reportGeneralTypeIssues]
            painter.fillRect(part, self.scene.canvas)

    def _draw_document(self, painter: QPainter, rect: QRect, view: View, transform: QTransform, seen: Rect, level: int,
                       covered: bool, smooth: bool) -> None:  # fmt: skip
        opaque = self.pyramid.opaque(seen)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
        if not covered:
            if not opaque:
                painter.save()
                painter.setTransform(transform)
                painter.setClipRect(QRectF(*self.pyramid.document.rect), Qt.ClipOperation.IntersectClip)
                painter.resetTransform()
                painter.setBrushOrigin(round(view.x), round(view.y))
                painter.fillRect(rect, self._checkerboard())
                painter.restore()
            painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceOver)
        if view.angle == 0 and view.zoom >= SMOOTH_BELOW:
            self._draw_magnified(painter, rect, view)
            return
        if view.angle == 0 and view.zoom == 1.0 and level == 0:
            # whole pixels on whole pixels, a copy: Qt would sample if it were told a fraction of a pixel
            x, y = math.ceil(view.x - 0.5), math.ceil(view.y - 0.5)
            painter.drawImage(rect.topLeft(), self.pyramid.images[0], rect.translated(-x, -y))
            return
        scale = 1 << level
        painter.setTransform(QTransform.fromScale(scale, scale) * transform)
        if self.pyramid.document.width % scale or self.pyramid.document.height % scale:
            # the last column of a level stands for less than a whole pixel: cut what would stick out
            painter.setClipRect(
                QRectF(0, 0, self.pyramid.document.width / scale, self.pyramid.document.height / scale),
                Qt.ClipOperation.IntersectClip,
            )
        painter.drawImage(QPointF(0, 0), self.pyramid.images[level])
        painter.resetTransform()
        painter.setClipRect(rect)

    def _draw_magnified(self, painter: QPainter, rect: QRect, view: View) -> None:
        """Squares of whole pixels. Qt rounds them differently for every rectangle that it is asked for; a stroke would leave
        seams. So the pixel under the middle of each screen pixel is looked up here."""
        limit = self.pyramid.document.rect
        columns, x = positions(rect.x(), rect.width(), view.x, view.zoom, limit.right)
        rows, y = positions(rect.y(), rect.height(), view.y, view.zoom, limit.bottom)
        if not x.size or not y.size:
            return
        source = self.pyramid.arrays[0].view(np.uint32)[y[0] : y[-1] + 1, x[0] : x[-1] + 1, 0]
        out = np.take(np.take(source, x - x[0], axis=1), y - y[0], axis=0)
        image = QImage(out.data, x.size, y.size, x.size * 4, QImage.Format.Format_ARGB32_Premultiplied)
        painter.drawImage(rect.x() + columns.start, rect.y() + rows.start, image)

    def _pictures(self) -> list[tuple[Picture, int]]:
        """What lies over the document, with the side of the divider it is on (-1 left, 1 right, 0 both)."""
        scene, out = self.scene, list[tuple[Picture, int]]()
        split = scene.split is not None
        if scene.before is not None and split:
            out.append((scene.before, -1))
        if scene.overlay is not None:
            out.append((scene.overlay, 1 if split else 0))
        if scene.preview is not None:
            out.append((scene.preview, 1 if split else 0))
        return out

    def _draw_picture(self, painter: QPainter, picture: Picture, transform: QTransform, rect: QRect, side: int,
                      smooth: bool) -> None:  # fmt: skip
        painter.save()
        if side and self.scene.split is not None:
            x = round(self.scene.split * self._ratio)
            left, right = (rect.left(), x) if side < 0 else (x, rect.right() + 1)
            painter.setClipRect(
                QRect(left, rect.top(), right - left, rect.height()), Qt.ClipOperation.IntersectClip
            )
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth and picture.smooth)
        painter.setTransform(transform)
        if picture.hides:
            painter.save()
            painter.setClipRect(QRectF(*picture.rect), Qt.ClipOperation.IntersectClip)
            painter.resetTransform()
            painter.fillRect(rect, self._checkerboard())
            painter.restore()
        painter.drawImage(QRectF(*picture.rect), picture.image)
        painter.restore()

    def _draw_edges(self, painter: QPainter, rect: QRect, view: View, seen: Rect) -> None:
        """Dashed edges of masks and of the selection, one screen pixel wide at any zoom and angle."""
        document = self.pyramid.document
        where, draft = self.pyramid.masked(seen), self.pyramid.draft
        for layer, color in self.pyramid.overlays():
            area = where.clipped(layer.rect.grown(softness(layer)))
            if draft is not None and draft[0] == layer.id:
                area = where
            if not area.empty:
                render = partial(self.pyramid.cover, layer)
                self._draw_edge(painter, rect, view, render, area, color, None)
        chosen = draft[1] if draft is not None and not draft[0] else document.selection
        if chosen is not None and not seen.empty:
            self._draw_edge(
                painter, rect, view, lambda r: chosen[r.slices()], seen, QColor("#ffffff"), QColor("#000000")
            )

    def _draw_edge(self, painter: QPainter, rect: QRect, view: View, render, area: Rect, color: QColor,
                   other: QColor | None) -> None:  # fmt: skip
        screen = QRect(*view.rect_to_screen(area).grown(2)) & rect
        if screen.isEmpty():
            return
        # one pixel more on each side, so that neighbouring rectangles agree on the edge between them
        inside = sample(render, view, Rect(screen.x() - 1, screen.y() - 1, screen.width() + 1, screen.height() + 1),
                        self.pyramid.document.rect)  # fmt: skip
        flat, steep = inside[1:, 1:] != inside[:-1, 1:], inside[1:, 1:] != inside[1:, :-1]
        edge = flat | steep
        if not edge.any():
            return
        # Dashes run along x where the edge is flat and along y where it is steep, so no direction is all dash or all gap.
        rows, columns = np.nonzero(edge)  # few among many
        x, y = columns + (screen.x() - round(view.x)), rows + (screen.y() - round(view.y))
        dash = np.where(flat[rows, columns], x, y) // DASH & 1
        out = np.zeros(edge.shape, np.uint32)
        out[rows, columns] = np.array([color.rgba(), other.rgba() if other is not None else 0], np.uint32)[
            dash
        ]
        w, h = screen.width(), screen.height()
        image = QImage(out.data, w, h, w * 4, QImage.Format.Format_ARGB32_Premultiplied)
        painter.drawImage(screen.topLeft(), image)

    def _draw_grid(self, painter: QPainter, view: View, transform: QTransform, seen: Rect) -> None:
        color = QColor(128, 128, 128, 90 if view.zoom >= 16 else 55)
        pen = QPen(color, 0)
        painter.setPen(pen)
        painter.setTransform(transform)
        for x in range(seen.x, seen.right + 1):
            painter.drawLine(QPointF(x, seen.y), QPointF(x, seen.bottom))
        for y in range(seen.y, seen.bottom + 1):
            painter.drawLine(QPointF(seen.x, y), QPointF(seen.right, y))
        painter.resetTransform()

    def _checkerboard(self) -> QBrush:
        if self._check is None:
            side = max(4, round(8 * self._ratio))
            tile = QPixmap(side * 2, side * 2)
            light, dark = self.scene.check
            tile.fill(light)
            with QPainter(tile) as painter:
                painter.fillRect(0, 0, side, side, dark)
                painter.fillRect(side, side, side, side, dark)
            self._check = QBrush(tile)
        return self._check


def sample(render, view: View, screen: Rect, limit: Rect) -> np.ndarray:
    """Whether the mask is >= 128 under the middle of each screen pixel: [h, w] bool.

    Args:
        render: document rectangle -> [h, w] uint8.
        limit: outside of this document rectangle nothing is masked.
    """
    out = np.zeros((screen.h, screen.w), bool)
    if view.angle == 0:
        columns, x = positions(screen.x, screen.w, view.x, view.zoom, limit.right)
        rows, y = positions(screen.y, screen.h, view.y, view.zoom, limit.bottom)
        if x.size and y.size:
            mask: Pixels = render(Rect.corners(int(x[0]), int(y[0]), int(x[-1]) + 1, int(y[-1]) + 1))
            if view.zoom == 1.0:  # a screen pixel is a pixel of the mask
                out[rows, columns] = mask >= 128
                return out
            out[rows, columns] = (mask[y - y[0]] >= 128)[:, x - x[0]]
        return out
    sx, sy = np.arange(screen.x, screen.right) + 0.5, np.arange(screen.y, screen.bottom) + 0.5
    a, b, c, d = view.matrix
    square = view.zoom * view.zoom
    sx, sy = sx - view.x, sy - view.y
    x = np.floor((d * sx[None, :] - b * sy[:, None]) / square).astype(np.intp)
    y = np.floor((a * sy[:, None] - c * sx[None, :]) / square).astype(np.intp)
    ok = (x >= limit.x) & (x < limit.right) & (y >= limit.y) & (y < limit.bottom)
    if ok.any():
        x, y = x[ok], y[ok]
        mask = render(Rect.corners(int(x.min()), int(y.min()), int(x.max()) + 1, int(y.max()) + 1))
        out[ok] = mask[y - y.min(), x - x.min()] >= 128
    return out


def positions(start: int, count: int, offset: float, zoom: float, limit: int) -> tuple[slice, np.ndarray]:
    """Along one axis: which of `count` screen pixels from `start` on lie on the document (0 .. limit), and on which of
    its pixels each of those lies."""
    at = np.floor((np.arange(start, start + count) + (0.5 - offset)) / zoom).astype(np.intp)
    low, high = np.searchsorted(at, (0, limit))
    return slice(int(low), int(high)), at[low:high]


def columns(view: View) -> tuple[float, float, float, float, float, float]:
    a, b, c, d = view.matrix
    return a, c, b, d, view.x, view.y


def to_image(pixels: Pixels) -> QImage:
    """[h, w, 3 or 4] or [h, w] uint8 -> an image of its own."""
    pixels = np.ascontiguousarray(pixels)
    h, w = pixels.shape[:2]
    formats = {
        2: QImage.Format.Format_Grayscale8,
        3: QImage.Format.Format_RGB888,
        4: QImage.Format.Format_RGBA8888,
    }
    image = QImage(pixels.data, w, h, pixels.strides[0], formats[pixels.shape[2] if pixels.ndim == 3 else 2])
    return image.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied)


__all__ = ["NOWHERE", "Picture", "Renderer", "Scene", "SoftwareRenderer", "to_image"]
