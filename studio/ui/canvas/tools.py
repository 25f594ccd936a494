"""The tools: small state machines between the hand and the document.

A tool gets `press`, `move`, `release` with a `Pointer` in document coordinates, draws its own outline in `paint`, and forgets
everything in `cancel`. What it did is one Edit in the history. What belongs to a gesture is one value (`self.drag`,
`self.stroke`, ...) that is None between gestures.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from studio.core import select
from studio.core.brush import Stroke, lay_color
from studio.core.history import Edit, Together, paint
from studio.core.layer import Layer, Pixels
from studio.core.region import Rect

if TYPE_CHECKING:
    from studio.ui.canvas.canvas import Canvas

Mods = Qt.KeyboardModifier


@dataclass(frozen=True)
class Pointer:
    """Where the hand is: document and screen position, pressure 0 .. 1, tilt in degrees, modifier keys."""

    x: float
    y: float
    sx: float = 0.0
    sy: float = 0.0
    pressure: float = 1.0
    tilt: tuple[float, float] = (0.0, 0.0)
    mods: Mods = Mods.NoModifier

    @property
    def shift(self) -> bool:
        return bool(self.mods & Mods.ShiftModifier)

    @property
    def ctrl(self) -> bool:
        return bool(self.mods & Mods.ControlModifier)

    @property
    def alt(self) -> bool:
        return bool(self.mods & Mods.AltModifier)


class Tool:
    """Does nothing. `id` is what `Canvas.set_tool` takes, `title` what people read, `icon` a Lucide name."""

    id: ClassVar[str] = ""
    title: ClassVar[str] = ""
    icon: ClassVar[str] = ""
    key: ClassVar[str] = ""
    cursor: ClassVar[Qt.CursorShape] = Qt.CursorShape.CrossCursor
    ring: ClassVar[bool] = False
    """Whether the brush's size is shown as a ring around the pointer."""

    def __init__(self, canvas: Canvas) -> None:
        self.canvas = canvas

    def press(self, at: Pointer) -> None: ...
    def move(self, at: Pointer) -> None: ...
    def release(self, at: Pointer) -> None: ...
    def hover(self, at: Pointer) -> None: ...
    def double(self, at: Pointer) -> None: ...
    def accept(self) -> bool:
        """Enter: finish what is open. Whether there was anything."""
        return False

    def cancel(self) -> bool:
        """Escape, or another tool was chosen. Whether there was anything to cancel."""
        return False

    def paint(self, painter: QPainter) -> None:
        """Draws over everything, in screen pixels."""

    @property
    def busy(self) -> bool:
        return False


class BrushTool(Tool):
    """Paints the mask, or colour on a picture. Shift: a straight line from the last stroke's end."""

    id, title, icon, key, ring = "brush", "Brush", "brush", "B", True
    erase: ClassVar[bool] = False

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas)
        self.stroke: Stroke | None = None
        self._before: Edit | None = None
        self._end: tuple[str, float, float] | None = None

    @property
    def busy(self) -> bool:
        return self.stroke is not None

    def press(self, at: Pointer) -> None:
        canvas = self.canvas
        layer, made = canvas.target_layer()
        brush = replace(canvas.brush, erase=self.erase != canvas.brush.erase)
        try:
            self.stroke = Stroke(canvas.document, layer, brush, canvas.document.selection)
        except ValueError as error:
            if made is not None:
                made.revert(canvas.document)
            canvas.message.emit(str(error))
            return
        self._before = made
        if at.shift and self._end is not None and self._end[0] == layer.id:
            self.stroke.move_to(self._end[1], self._end[2], at.pressure, at.tilt)
            self.stroke.line_to(at.x, at.y, at.pressure)
        else:
            self.stroke.move_to(at.x, at.y, at.pressure, at.tilt)

    def move(self, at: Pointer) -> None:
        if self.stroke is not None:
            self.stroke.move_to(at.x, at.y, at.pressure, at.tilt)

    def release(self, at: Pointer) -> None:
        if self.stroke is None:
            return
        stroke, self.stroke = self.stroke, None
        stroke.move_to(at.x, at.y, max(at.pressure, 0.0) if at.pressure < 1 else 1.0, at.tilt)
        edit = stroke.finish()
        self._end = (stroke.layer.id, at.x, at.y)
        if self._before is not None:
            edit = Together(edit.name, [self._before, edit]) if edit else self._before
        self.canvas.record(edit)

    def cancel(self) -> bool:
        if self.stroke is None:
            return False
        stroke, self.stroke = self.stroke, None
        stroke.cancel()
        if self._before is not None:
            self._before.revert(self.canvas.document)
        return True


class EraserTool(BrushTool):
    """The brush, clearing."""

    id, title, icon, key = "eraser", "Eraser", "eraser", "E"
    erase: ClassVar[bool] = True


class ShapeTool(Tool):
    """Drags a shape. On a mask it adds to it, on a picture it makes the selection; Ctrl subtracts, Shift adds to the
    selection or keeps the sides equal, Alt draws from the middle."""

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas)
        self.drag: tuple[Pointer, Pointer] | None = None

    @property
    def busy(self) -> bool:
        return self.drag is not None

    def press(self, at: Pointer) -> None:
        self.drag = (at, at)

    def move(self, at: Pointer) -> None:
        if self.drag:
            self.drag = (self.drag[0], at)
            self.canvas.update()

    def release(self, at: Pointer) -> None:
        if not self.drag:
            return
        start, self.drag = self.drag[0], None
        self.canvas.update()
        if math.hypot(at.sx - start.sx, at.sy - start.sy) < 3:
            self.canvas.deselect()
            return
        rect, shape = self.shape(*self.corners(start, at))
        self.canvas.put_shape(rect, shape, start, self.title)

    def cancel(self) -> bool:
        had, self.drag = self.drag is not None, None
        self.canvas.update()
        return had

    def corners(self, start: Pointer, at: Pointer) -> tuple[float, float, float, float]:
        dx, dy = at.x - start.x, at.y - start.y
        if at.shift and not start.shift:
            side = max(abs(dx), abs(dy))
            dx, dy = math.copysign(side, dx), math.copysign(side, dy)
        if at.alt:
            return start.x - dx, start.y - dy, start.x + dx, start.y + dy
        return start.x, start.y, start.x + dx, start.y + dy

    def shape(self, x0: float, y0: float, x1: float, y1: float) -> tuple[Rect, Pixels]:
        raise NotImplementedError

    def outline(self, x0: float, y0: float, x1: float, y1: float) -> QPolygonF:
        return QPolygonF(
            [QPointF(x0, y0), QPointF(x1, y0), QPointF(x1, y1), QPointF(x0, y1), QPointF(x0, y0)]
        )

    def paint(self, painter: QPainter) -> None:
        if self.drag:
            dashed(painter, self.canvas.to_screen_polygon(self.outline(*self.corners(*self.drag))))


class RectangleTool(ShapeTool):
    id, title, icon, key = "rectangle", "Rectangle", "square-dashed", "M"

    def shape(self, x0: float, y0: float, x1: float, y1: float) -> tuple[Rect, Pixels]:
        return select.rectangle(x0, y0, x1, y1, self.canvas.document.rect)


class EllipseTool(ShapeTool):
    id, title, icon, key = "ellipse", "Ellipse", "circle-dashed", "Shift+M"

    def shape(self, x0: float, y0: float, x1: float, y1: float) -> tuple[Rect, Pixels]:
        return select.ellipse(x0, y0, x1, y1, self.canvas.document.rect)

    def outline(self, x0: float, y0: float, x1: float, y1: float) -> QPolygonF:
        turns = [math.tau * i / 96 for i in range(97)]
        return QPolygonF([
            QPointF((x0 + x1) / 2 + math.cos(t) * (x1 - x0) / 2, (y0 + y1) / 2 + math.sin(t) * (y1 - y0) / 2) for t in turns
        ])  # fmt: skip


class LassoTool(Tool):
    """Draws round things by hand; a click without dragging begins a polygon, a click on its start (or Enter, or a double
    click) closes it. Ctrl subtracts."""

    id, title, icon, key = "lasso", "Lasso", "lasso", "L"

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas)
        self.points: list[tuple[float, float]] | None = None
        self._start = Pointer(0, 0)
        self._polygon = False
        self._tip: tuple[float, float] | None = None

    @property
    def busy(self) -> bool:
        return self.points is not None

    def press(self, at: Pointer) -> None:
        if self.points is None:
            self.points, self._start, self._polygon = [(at.x, at.y)], at, False
        elif self._near_start(at) and len(self.points) > 2:
            self.accept()
        else:
            self.points = [*self.points, (at.x, at.y)]
        self.canvas.update()

    def move(self, at: Pointer) -> None:
        if self.points is not None:
            if self._polygon:
                self.points[-1] = (at.x, at.y)
            else:
                self.points.append((at.x, at.y))
            self.canvas.update()

    def release(self, at: Pointer) -> None:
        if self.points is None:
            return
        still = len(self.points) < 4 and math.hypot(at.sx - self._start.sx, at.sy - self._start.sy) < 3
        if still and not self._polygon:
            self.points = self.points[:1]
        if not self._polygon and len(self.points) > 2:
            self.accept()
        else:
            self._polygon = True

    def hover(self, at: Pointer) -> None:
        if self.points is not None:
            self._tip = (at.x, at.y)
            self.canvas.update()

    def double(self, at: Pointer) -> None:
        self.accept()

    def _near_start(self, at: Pointer) -> bool:
        return math.hypot(at.sx - self._start.sx, at.sy - self._start.sy) < 8

    def accept(self) -> bool:
        points, self.points, self._tip = self.points, None, None
        self.canvas.update()
        if points is None:
            return False
        rect, shape = select.polygon(points, self.canvas.document.rect)
        self.canvas.put_shape(rect, shape, self._start, self.title)
        return True

    def cancel(self) -> bool:
        had, self.points, self._tip = self.points is not None, None, None
        self.canvas.update()
        return had

    def paint(self, painter: QPainter) -> None:
        if self.points:
            points = [*self.points, self._tip] if self._polygon and self._tip else self.points
            dashed(painter, self.canvas.to_screen_polygon(QPolygonF([QPointF(*p) for p in points])))


class WandTool(Tool):
    """Takes what looks like the place that is clicked: into the mask, or as the selection. Shift adds, Ctrl subtracts."""

    id, title, icon, key = "wand", "Magic wand", "wand-sparkles", "W"

    def press(self, at: Pointer) -> None:
        canvas = self.canvas
        x, y = math.floor(at.x), math.floor(at.y)
        if canvas.document.rect.contains(x, y):
            found = select.wand(canvas.document.compose(), x, y, canvas.tolerance, canvas.contiguous)
            rect = select.bounds(found)
            canvas.put_shape(rect, found[rect.slices()], at, self.title)


class FillTool(Tool):
    """Fills what looks like the place that is clicked: with colour on a picture, fully on a mask (Ctrl clears)."""

    id, title, icon, key = "fill", "Fill", "paint-bucket", "G"

    def press(self, at: Pointer) -> None:
        canvas, document = self.canvas, self.canvas.document
        x, y = math.floor(at.x), math.floor(at.y)
        if not document.rect.contains(x, y):
            return
        layer, made = canvas.target_layer()
        if made is None and not canvas.may_paint(layer):
            return
        if layer.paints_mask:
            field = (layer.render(document.rect) >= 128).astype(np.uint8) * np.uint8(255)
            shape = select.wand(field, x, y, 0, canvas.contiguous)
            rect = select.bounds(shape)
            canvas.paint_shape(layer, rect, shape[rect.slices()], at.ctrl, self.title, made)
            return
        shape = select.wand(layer.render(document.rect), x, y, canvas.tolerance, canvas.contiguous)
        if document.selection is not None:
            shape = np.minimum(shape, document.selection)
        rect = select.bounds(shape)
        canvas.paint_shape(layer, rect, shape[rect.slices()], at.ctrl, self.title, made)


class GradientTool(ShapeTool):
    """Drag from full to nothing: the mask, or the colour over a picture."""

    id, title, icon, key = "gradient", "Gradient", "blend", "Shift+G"

    def release(self, at: Pointer) -> None:
        if not self.drag:
            return
        start, self.drag = self.drag[0], None
        canvas = self.canvas
        canvas.update()
        end = self._snapped(start, at)
        if math.hypot(at.sx - start.sx, at.sy - start.sy) < 3:
            return
        layer, made = canvas.target_layer()
        if made is None and not canvas.may_paint(layer):
            return
        rect = canvas.document.rect
        shape = select.gradient((start.x, start.y), end, rect)
        if canvas.document.selection is not None:
            shape = np.rint(shape * (canvas.document.selection / 255)).astype(np.uint8)
        canvas.paint_shape(layer, rect, shape, start.ctrl, self.title, made)

    @staticmethod
    def _snapped(start: Pointer, at: Pointer) -> tuple[float, float]:
        if not at.shift:
            return at.x, at.y
        angle = round(math.atan2(at.y - start.y, at.x - start.x) / (math.pi / 4)) * math.pi / 4
        length = math.hypot(at.x - start.x, at.y - start.y)
        return start.x + length * math.cos(angle), start.y + length * math.sin(angle)

    def paint(self, painter: QPainter) -> None:
        if self.drag:
            start, at = self.drag
            line = QPolygonF([QPointF(start.x, start.y), QPointF(*self._snapped(start, at))])
            dashed(painter, self.canvas.to_screen_polygon(line))


class PickTool(Tool):
    """Takes the colour under the pointer."""

    id, title, icon, key = "pick", "Pick colour", "pipette", "I"

    def press(self, at: Pointer) -> None:
        self.canvas.pick(at.x, at.y)

    move = press


class HandTool(Tool):
    """Drags the view. (Space or the middle button does it with any tool.)"""

    id, title, icon, key, cursor = "hand", "Hand", "hand", "H", Qt.CursorShape.OpenHandCursor

    def press(self, at: Pointer) -> None:
        self.canvas.begin_pan(at.sx, at.sy)


# --- shared by tools -------------------------------------------------------------------------------------


def dashed(painter: QPainter, line: QPolygonF) -> None:
    """Black and white dashes, visible on everything."""
    painter.setPen(QPen(QColor(0, 0, 0, 200), 1))
    painter.drawPolyline(line)
    pen = QPen(QColor("#ffffff"), 1)
    pen.setDashPattern([4, 4])
    painter.setPen(pen)
    painter.drawPolyline(line)


def paint_shape(
    canvas: Canvas, layer: Layer, rect: Rect, shape: Pixels, erase: bool, name: str
) -> Edit | None:
    """Puts a shape [h, w] at `rect` of the document on a layer: full on a mask, colour on a picture; `erase` clears."""
    own = rect.moved(0, 0)
    target = layer.render(own)
    if layer.paints_mask:
        new = np.minimum(target, 255 - shape) if erase else np.maximum(target, shape)
    else:
        new = np.array(target)
        cover = np.rint(shape * canvas.brush.opacity).astype(np.uint16)
        if erase:
            new[..., 3] = (target[..., 3] * (255 - cover) + 127) // 255
        else:
            lay_color(new, target, canvas.brush.color, cover)
    return paint(canvas.document, layer, own, new, name)
