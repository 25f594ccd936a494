"""The canvas drawn by the graphics card: the whole scene anew in every frame, from tiles that lie in its memory.

A `QOpenGLWidget` over the canvas lets Qt's painter draw with OpenGL; it keeps the textures of images that did not change. So
panning, zooming and turning cost the processor next to nothing, and a stroke uploads the tiles that it touched. Without a card
(OpenGL in software) this is several times slower than `SoftwareRenderer`, which therefore is what is used unless one says otherwise.

Each tile's image is a pixel larger than the tile on all sides, so that smooth scaling finds the neighbour's pixels at its edge and
leaves no seam.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QTransform
from PySide6.QtOpenGLWidgets import QOpenGLWidget

from studio.core.document import TILE
from studio.core.region import Rect
from studio.ui.canvas.pyramid import Key, Pyramid
from studio.ui.canvas.render import GRID_FROM, SMOOTH_BELOW, Scene, SoftwareRenderer, columns
from studio.ui.canvas.view import View

if TYPE_CHECKING:
    from studio.ui.canvas.canvas import Canvas

MOST = 512
"""Tiles that are kept: 128 MB."""
SHARE = 0.004
"""Seconds of a frame that making tiles may take when there is a hurry."""


class GpuRenderer(SoftwareRenderer):
    """See the module. It only asks things of a painter, so it works, slowly, on any device; pictures over the document, the grid and
    the checkerboard are drawn as in software."""

    def __init__(self, pyramid: Pyramid, scene: Scene) -> None:
        super().__init__(pyramid, scene)
        self._size = (1, 1)
        self._density = 1.0
        """Of the screen's pixels; the painter knows it, and everything here is in the widget's own."""
        self._tiles: dict[tuple[int, Key], QImage] = {}
        self._old: set[tuple[int, Key]] = set()
        """Tiles whose pixels have changed since their image was made."""
        self._ready = True
        self._edges: tuple[View, QImage] | None = None
        """The dashed edges as they are at a view; they are worked out once the hand rests."""

    @property
    def pending(self) -> bool:
        return not self._ready or self._edges is None

    def resize(self, width: int, height: int, ratio: float) -> None:
        self._size, self._density = (max(width, 1), max(height, 1)), ratio
        self._edges = None

    def changed(self, rect: Rect) -> None:
        self._edges = None
        rect = rect.grown(2)
        for level in range(len(self.pyramid.sizes)):
            for key in (
                self.pyramid.level_rect(rect.clipped(self.pyramid.document.rect), level).grown(1).tiles(TILE)
            ):
                self._old.add((level, key))

    def redraw(self) -> None:
        self._tiles.clear()
        self._old.clear()
        self._edges = None
        self._check = None

    def paint(self, painter: QPainter, view: View, exposed: QRect, budget: float | None) -> None:
        pyramid, scene = self.pyramid, self.scene
        whole = QRect(0, 0, *self._size)
        seen = view.rect_to_document(Rect(0, 0, *self._size)).grown(2).clipped(pyramid.document.rect)
        level = pyramid.level_for(view.zoom * self._density)
        until = float("inf") if budget is None else time.perf_counter() + min(budget, SHARE)
        self._ready = pyramid.prepare(level, seen, until)
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceOver)
        painter.fillRect(whole, scene.canvas)
        transform = QTransform(*columns(view))
        smooth = view.zoom < SMOOTH_BELOW and not (view.zoom == 1.0 and view.angle == 0)
        if not seen.empty:
            if not pyramid.opaque(seen):
                self._ground(painter, whole, transform, view)
            self._draw_tiles(painter, transform, seen, level, smooth)
        for picture, side in self._pictures():
            self._draw_picture(painter, picture, transform, whole, side, smooth)
        self._draw_kept_edges(painter, view, seen, hurry=budget is not None)
        if view.zoom >= GRID_FROM and not seen.empty:
            self._draw_grid(painter, view, transform, seen)

    def _ground(self, painter: QPainter, whole: QRect, transform: QTransform, view: View) -> None:
        painter.save()
        painter.setTransform(transform, True)
        painter.setClipRect(QRectF(*self.pyramid.document.rect), Qt.ClipOperation.IntersectClip)
        painter.setTransform(transform.inverted()[0], True)
        painter.setBrushOrigin(round(view.x), round(view.y))
        painter.fillRect(whole, self._checkerboard())
        painter.restore()

    def _draw_tiles(
        self, painter: QPainter, transform: QTransform, seen: Rect, level: int, smooth: bool
    ) -> None:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
        painter.setTransform(transform, True)
        painter.scale(1 << level, 1 << level)
        wide, high = self.pyramid.sizes[level]
        document, scale = self.pyramid.document, 1 << level
        # the last column of a level stands for less than a whole pixel
        painter.setClipRect(
            QRectF(0, 0, document.width / scale, document.height / scale), Qt.ClipOperation.IntersectClip
        )
        for column, row in self.pyramid.level_rect(seen, level).tiles(TILE):
            part = Rect(column * TILE, row * TILE, TILE, TILE).clipped(Rect(0, 0, wide, high))
            image = self._tile(level, (column, row), part.grown(1).clipped(Rect(0, 0, wide, high)))
            inner = QRectF(1 if part.x else 0, 1 if part.y else 0, part.w, part.h)
            painter.drawImage(QRectF(*part), image, inner)
        painter.restore()

    def _tile(self, level: int, key: Key, part: Rect) -> QImage:
        """The image of a tile with its border; made again only if something in it changed, so that the card keeps it."""
        at = (level, key)
        image = self._tiles.pop(at, None)
        if image is None or at in self._old:
            pixels = self.pyramid.arrays[level][part.slices()].copy()
            image = QImage(
                pixels.data, part.w, part.h, pixels.strides[0], QImage.Format.Format_ARGB32_Premultiplied
            ).copy()
            if self._ready:
                self._old.discard(at)
        self._tiles[at] = image  # last = most recently used
        if len(self._tiles) > MOST:
            del self._tiles[next(iter(self._tiles))]
        return image

    def _draw_kept_edges(self, painter: QPainter, view: View, seen: Rect, hurry: bool) -> None:
        if self._edges is not None and self._edges[0] != view:
            self._edges = None
            if hurry:
                return  # they come when the hand rests
        if self._edges is None:
            image = QImage(*self._size, QImage.Format.Format_ARGB32_Premultiplied)
            image.fill(Qt.GlobalColor.transparent)
            with QPainter(image) as other:
                self._draw_edges(other, image.rect(), view, seen)
            self._edges = (view, image)
        painter.drawImage(0, 0, self._edges[1])


class GpuView(QOpenGLWidget):
    """Lies over the canvas and draws what it would; the pointer and the keys go through to the canvas."""

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas)
        self.canvas = canvas
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName(canvas.accessibleName())
        self.broken = False

    def initializeGL(self) -> None:
        self.broken = not self.isValid()

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            self.canvas.paint_all(painter, self.rect())
