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
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF, QTransform

from studio.core import select
from studio.core.brush import Stroke, check_paintable, lay_color
from studio.core.history import AddLayer, Edit, Resize, SetBox, SetProperty, SetSelection, Together, paint
from studio.core.layer import IDENTITY, Layer, Pixels, multiply, placed
from studio.core.region import NOWHERE, Rect

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


HANDLE = 8
"""Side of a drag handle in screen pixels."""
CORNERS = ((0, 0), (0.5, 0), (1, 0), (1, 0.5), (1, 1), (0.5, 1), (0, 1), (0, 0.5))


class BoxTool(Tool):
    """Moves and sizes the generation box: inside moves, handles size, elsewhere draws a new one. Sides snap to the model's
    multiple; Shift keeps the sides' relation, as does the aspect lock."""

    id, title, icon, key = "box", "Generation box", "crop", "C"

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas)
        self.drag: tuple[Pointer, Rect, tuple[float, float] | str | None] | None = None

    # what the crop tool does otherwise
    def rect(self) -> Rect:
        return self.canvas.document.box

    def put(self, rect: Rect) -> None:
        self.canvas.document.set_box(rect)

    def done(self, before: Rect) -> None:
        if self.canvas.document.box != before:
            self.canvas.record(SetBox(self.canvas.document.box, before))

    def multiple(self) -> int:
        return self.canvas.box_multiple

    @property
    def busy(self) -> bool:
        return self.drag is not None

    def grip(self, at: Pointer) -> tuple[float, float] | str | None:
        """Which handle is under the pointer; "move" inside; None outside."""
        box = self.rect()
        for u, v in CORNERS:
            sx, sy = self.canvas.view.to_screen(box.x + u * box.w, box.y + v * box.h)
            if abs(sx - at.sx) <= HANDLE and abs(sy - at.sy) <= HANDLE:
                return u, v
        return "move" if box.contains(at.x, at.y) else None

    def press(self, at: Pointer) -> None:
        self.drag = (at, self.rect(), self.grip(at))

    def move(self, at: Pointer) -> None:
        if self.drag:
            self.put(self.dragged(at))
            self.canvas.update()

    def release(self, at: Pointer) -> None:
        if self.drag:
            self.move(at)
            before, self.drag = self.drag[1], None
            self.done(before)
            self.canvas.update()

    def cancel(self) -> bool:
        if self.drag is None:
            return False
        self.put(self.drag[1])
        self.drag = None
        self.canvas.update()
        return True

    def dragged(self, at: Pointer) -> Rect:
        assert self.drag
        start, box, grip = self.drag
        dx, dy = at.x - start.x, at.y - start.y
        if grip == "move":
            return box.moved(round(dx), round(dy))
        if grip is None:
            u, v = (1.0 if dx >= 0 else 0.0), (1.0 if dy >= 0 else 0.0)
            box = Rect(round(start.x), round(start.y), 0, 0)
        else:
            assert not isinstance(grip, str)
            u, v = grip
        w = box.w + (dx if u == 1 else -dx if u == 0 else 0)
        h = box.h + (dy if v == 1 else -dy if v == 0 else 0)
        ratio = self.canvas.box_aspect or (
            box.w / box.h if at.shift and box.w and box.h else (1.0 if at.shift else 0.0)
        )
        w, h = snapped_size(w, h, self.multiple(), ratio, lead=(u != 0.5, v != 0.5))
        x = box.right - w if u == 0 else box.x if u == 1 else box.x + (box.w - w) // 2
        y = box.bottom - h if v == 0 else box.y if v == 1 else box.y + (box.h - h) // 2
        return Rect(x, y, w, h)

    def hover(self, at: Pointer) -> None:
        grip = self.grip(at)
        shapes = {
            (0, 0): "F",
            (1, 1): "F",
            (1, 0): "B",
            (0, 1): "B",
            (0.5, 0): "V",
            (0.5, 1): "V",
            (0, 0.5): "H",
            (1, 0.5): "H",
        }
        kind = "move" if grip == "move" else shapes.get(grip, "") if isinstance(grip, tuple) else ""  # pyright: ignore[reportArgumentType]
        cursor = {
            "move": Qt.CursorShape.SizeAllCursor, "F": Qt.CursorShape.SizeFDiagCursor, "B": Qt.CursorShape.SizeBDiagCursor,
            "V": Qt.CursorShape.SizeVerCursor, "H": Qt.CursorShape.SizeHorCursor,
        }.get(kind, self.cursor)  # fmt: skip
        self.canvas.setCursor(cursor)

    def paint(self, painter: QPainter) -> None:
        handles(painter, self.canvas, self.rect())


class CropTool(BoxTool):
    """Draws the new edges of the document; Enter crops, Escape gives up."""

    id, title, icon, key = "crop", "Crop document", "scaling", "Shift+C"

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas)
        self.crop: Rect | None = None

    def rect(self) -> Rect:
        return self.crop or self.canvas.document.rect

    def put(self, rect: Rect) -> None:
        self.crop = rect

    def done(self, before: Rect) -> None: ...

    def multiple(self) -> int:
        return 1

    def accept(self) -> bool:
        crop, self.crop = self.crop, None
        if crop is None or crop.empty or crop == self.canvas.document.rect:
            return False
        self.canvas.push(Resize(crop))
        return True

    def cancel(self) -> bool:
        had = self.drag is not None or self.crop is not None
        self.drag = self.crop = None
        self.canvas.update()
        return had

    def paint(self, painter: QPainter) -> None:
        rect = self.rect()
        shade = QColor(0, 0, 0, 110)
        outer = self.canvas.to_screen_polygon(polygon_of(self.canvas.document.rect))
        inner = self.canvas.to_screen_polygon(polygon_of(rect))
        for piece in [outer.subtracted(inner)]:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(shade)
            painter.drawPolygon(piece, Qt.FillRule.OddEvenFill)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        handles(painter, self.canvas, rect)


class MoveTool(Tool):
    """Moves the active layer; a handle scales it, a drag outside its corners turns it (Shift: by 15 degrees, sides kept)."""

    id, title, icon, key, cursor = "move", "Move", "mouse-pointer-2", "V", Qt.CursorShape.ArrowCursor

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas)
        self.drag: tuple[Pointer, Layer, tuple, object] | None = None

    @property
    def busy(self) -> bool:
        return self.drag is not None

    def _layer(self) -> Layer | None:
        layer = self.canvas.document.active
        return layer if layer is not None and layer.kind != "group" and not layer.rect.empty else None

    def grip(self, at: Pointer, layer: Layer) -> object:
        rect = layer.rect
        for u, v in CORNERS:
            sx, sy = self.canvas.view.to_screen(rect.x + u * rect.w, rect.y + v * rect.h)
            distance = math.hypot(sx - at.sx, sy - at.sy)
            if distance <= HANDLE:
                return u, v
            if distance <= 3 * HANDLE and u != 0.5 and v != 0.5 and not rect.contains(at.x, at.y):
                return "turn"
        return "move"

    def press(self, at: Pointer) -> None:
        layer = self._layer()
        if layer is None:
            return
        try:
            check_paintable(self.canvas.document, layer)
        except ValueError as error:
            self.canvas.message.emit(str(error))
            return
        self.drag = (at, layer, (layer.x, layer.y, layer.matrix), self.grip(at, layer))

    def move(self, at: Pointer) -> None:
        if not self.drag:
            return
        _, layer, _, _ = self.drag
        for name, value in self._wanted(at).items():
            if getattr(layer, name) != value:
                self.canvas.document.set_property(layer, name, value)

    def _wanted(self, at: Pointer) -> dict[str, object]:
        assert self.drag
        start, layer, (x, y, matrix), grip = self.drag
        dx, dy = at.x - start.x, at.y - start.y
        if grip == "move":
            if at.shift:
                dx, dy = (dx, 0.0) if abs(dx) > abs(dy) else (0.0, dy)
            if matrix == IDENTITY:
                return {"x": x + round(dx), "y": y + round(dy)}
            return {"matrix": multiply(placed(move=(round(dx), round(dy))), matrix)}
        before = Layer("", layer.kind, layer.pixels, x, y, matrix, region=layer.region).rect
        if grip == "turn":
            cx, cy = before.x + before.w / 2, before.y + before.h / 2
            turn = math.degrees(math.atan2(at.y - cy, at.x - cx) - math.atan2(start.y - cy, start.x - cx))
            turn = round(turn / 15) * 15 if at.shift else turn
            return {"matrix": multiply(placed(degrees=turn, about=(cx, cy)), matrix)}
        u, v = grip  # pyright: ignore[reportGeneralTypeIssues]
        fx = 1.0 if u == 0.5 else max((before.w + (dx if u == 1 else -dx)) / before.w, 1 / before.w)
        fy = 1.0 if v == 0.5 else max((before.h + (dy if v == 1 else -dy)) / before.h, 1 / before.h)
        if u != 0.5 and v != 0.5 and not at.shift:
            fx = fy = max(fx, fy)  # corners keep the sides' relation; Shift frees them
        about = (before.x + (1 - u) * before.w, before.y + (1 - v) * before.h)
        return {"matrix": multiply(placed(scale=(fx, fy), about=about), matrix)}

    def release(self, at: Pointer) -> None:
        if not self.drag:
            return
        wanted = self._wanted(at)
        _, layer, (x, y, matrix), grip = self.drag
        self._back()
        old = {"x": x, "y": y, "matrix": matrix}
        edits = [SetProperty(layer.id, name, value) for name, value in wanted.items() if old[name] != value]
        self.drag = None
        if edits:
            title = {"move": "Move", "turn": "Rotate"}.get(str(grip), "Scale")
            self.canvas.push(Together(f"{title} {layer.name}", edits))

    def _back(self) -> None:
        assert self.drag
        _, layer, (x, y, matrix), _ = self.drag
        for name, value in (("x", x), ("y", y), ("matrix", matrix)):
            if getattr(layer, name) != value:
                self.canvas.document.set_property(layer, name, value)

    def cancel(self) -> bool:
        if self.drag is None:
            return False
        self._back()
        self.drag = None
        return True

    def paint(self, painter: QPainter) -> None:
        layer = self._layer()
        if layer is not None and self.canvas.document.shown(layer):
            handles(painter, self.canvas, layer.rect)


class HandTool(Tool):
    """Drags the view. (Space or the middle button does it with any tool.)"""

    id, title, icon, key, cursor = "hand", "Hand", "hand", "H", Qt.CursorShape.OpenHandCursor

    def press(self, at: Pointer) -> None:
        self.canvas.begin_pan(at.sx, at.sy)


TOOLS: tuple[type[Tool], ...] = (
    MoveTool, BrushTool, EraserTool, LassoTool, RectangleTool, EllipseTool, WandTool, FillTool, GradientTool, PickTool,
    BoxTool, CropTool, HandTool,
)  # fmt: skip
"""In the order of the toolbar."""


# --- shared by tools -------------------------------------------------------------------------------------


def snapped_size(
    w: float, h: float, multiple: int, ratio: float = 0.0, lead: tuple[bool, bool] = (True, True)
) -> tuple[int, int]:
    """The nearest size whose sides are multiples, at least one each; with `ratio` (w / h), as near to it as they allow.

    Args:
        lead: which sides the hand moves; with both, the one that asks for more leads.
    """

    def snap(side: float) -> int:
        return max(multiple, round(side / multiple) * multiple)

    if ratio > 0:
        if lead[0] and (not lead[1] or w >= h * ratio):
            w = snap(w)
            return int(w), snap(w / ratio)
        h = snap(h)
        return snap(h * ratio), int(h)
    return snap(w), snap(h)


def polygon_of(rect: Rect) -> QPolygonF:
    return QPolygonF([QPointF(rect.x, rect.y), QPointF(rect.right, rect.y), QPointF(rect.right, rect.bottom),
                      QPointF(rect.x, rect.bottom)])  # fmt: skip


def dashed(painter: QPainter, line: QPolygonF) -> None:
    """Black and white dashes, visible on everything."""
    painter.setPen(QPen(QColor(0, 0, 0, 200), 1))
    painter.drawPolyline(line)
    pen = QPen(QColor("#ffffff"), 1)
    pen.setDashPattern([4, 4])
    painter.setPen(pen)
    painter.drawPolyline(line)


def handles(painter: QPainter, canvas: Canvas, rect: Rect) -> None:
    accent = canvas.color("accent")
    painter.setPen(QPen(accent, 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPolygon(canvas.to_screen_polygon(polygon_of(rect)))
    painter.setBrush(QColor("#ffffff"))
    for u, v in CORNERS:
        sx, sy = canvas.view.to_screen(rect.x + u * rect.w, rect.y + v * rect.h)
        painter.drawRect(QRectF(round(sx) - HANDLE / 2, round(sy) - HANDLE / 2, HANDLE, HANDLE))
    painter.setBrush(Qt.BrushStyle.NoBrush)


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


__all__ = [
    "NOWHERE",
    "TOOLS",
    "AddLayer",
    "Pointer",
    "QTransform",
    "SetSelection",
    "Tool",
    "paint_shape",
    "snapped_size",
]
