"""The tools with handles: the generation box, the crop, and the layer that is moved, scaled and turned.

What is moved snaps to the edges and the middle of the picture when it comes near; Ctrl lets go of that.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from studio.core import stack
from studio.core.document import Document
from studio.core.history import Edit, Resize, SetBox, SetProperty, Together
from studio.core.layer import IDENTITY, Layer, Matrix, invert, map_point, map_rect, multiply, placed
from studio.core.region import Rect
from studio.ui.canvas.tools import Pointer, Tool
from studio.ui.canvas.view import View

if TYPE_CHECKING:
    from studio.ui.canvas.canvas import Canvas

HANDLE = 8
"""Side of a drag handle in screen pixels."""
PULL = 6
"""Screen pixels from which an edge snaps."""
KNOB = 22
"""Screen pixels between the middle of the upper edge and the knob that turns."""
CORNERS = ((0, 0), (0.5, 0), (1, 0), (1, 0.5), (1, 1), (0.5, 1), (0, 1), (0, 0.5))
Grip = tuple[float, float] | str | None
"""(u, v) = the handle at that share of width and height; "move", "turn"; None = none."""


class BoxTool(Tool):
    """Moves and sizes the generation box: inside moves, handles size, elsewhere draws a new one. Sides snap to the model's
    multiple; Shift keeps the sides' relation, as does the aspect lock."""

    id, title, icon, key = "box", "Generation box", "crop", "C"

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas)
        self.drag: tuple[Pointer, Rect, Grip] | None = None

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

    def grip(self, at: Pointer) -> Grip:
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
            goes = box.moved(round(dx), round(dy))
            return goes if at.ctrl else pulled(goes, self.canvas.document, self.canvas.view)
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
        view, box = self.canvas.view, self.rect()
        self.canvas.setCursor(cursor_of(grip, view, box, IDENTITY) or self.cursor)

    def paint(self, painter: QPainter) -> None:
        draw_handles(painter, self.canvas.view, self.canvas.color("accent"), self.rect())


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
        outer = self.canvas.to_screen_polygon(polygon_of(self.canvas.document.rect))
        inner = self.canvas.to_screen_polygon(polygon_of(rect))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(0, 0, 0, 110))
        painter.drawPolygon(outer.subtracted(inner), Qt.FillRule.OddEvenFill)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        draw_handles(painter, self.canvas.view, self.canvas.color("accent"), rect)


@dataclass(frozen=True)
class _Drag:
    """start: where the hand took hold; parts: (layer, x, y, matrix) as they were; rect, matrix: the frame then."""

    start: Pointer
    layer: Layer
    parts: tuple[tuple[Layer, int, int, Matrix], ...]
    rect: Rect
    matrix: Matrix
    grip: Grip


class MoveTool(Tool):
    """Moves the active layer or group; a handle scales it along its own sides, the knob or a drag outside a corner turns it.

    Shift: straight on, by 15 degrees, free sides. Alt: about the middle. Ctrl: without snapping.
    """

    id, title, icon, key, cursor = "move", "Move", "mouse-pointer-2", "V", Qt.CursorShape.ArrowCursor

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas)
        self.drag: _Drag | None = None

    @property
    def busy(self) -> bool:
        return self.drag is not None

    def _frame(self) -> tuple[Layer, Rect, Matrix] | None:
        layer = self.canvas.document.active
        if layer is None:
            return None
        rect, matrix = stack.frame(self.canvas.document, layer)
        return None if rect.empty else (layer, rect, matrix)

    def grip(self, at: Pointer, rect: Rect, matrix: Matrix) -> Grip:
        view = self.canvas.view
        if math.dist(knob(view, rect, matrix)[1], (at.sx, at.sy)) <= HANDLE:
            return "turn"
        own = map_point(invert(matrix), at.x, at.y)
        for u, v in CORNERS:
            distance = math.dist(corner(view, rect, matrix, u, v), (at.sx, at.sy))
            if distance <= HANDLE:
                return u, v
            if distance <= 3 * HANDLE and u != 0.5 and v != 0.5 and not rect.contains(*own):
                return "turn"
        return "move"

    def press(self, at: Pointer) -> None:
        found = self._frame()
        if found is None:
            self.canvas.message.emit("There is nothing to move; choose a layer that has something on it.")
            return
        layer, rect, matrix = found
        try:
            parts = stack.movable(self.canvas.document, layer)
        except ValueError as error:
            self.canvas.message.emit(str(error))
            return
        before = tuple((one, one.x, one.y, one.matrix) for one in parts)
        self.drag = _Drag(at, layer, before, rect, matrix, self.grip(at, rect, matrix))

    def hover(self, at: Pointer) -> None:
        found = self._frame()
        if found is not None:
            _, rect, matrix = found
            self.canvas.setCursor(
                cursor_of(self.grip(at, rect, matrix), self.canvas.view, rect, matrix) or self.cursor
            )

    def move(self, at: Pointer) -> None:
        if self.drag:
            by = self.wanted(at)
            for layer, x, y, matrix in self.drag.parts:
                self._set(layer, {"x": x, "y": y, "matrix": matrix} | stack.moved(x, y, matrix, by))

    def _set(self, layer: Layer, values: dict[str, object]) -> None:
        for name, value in values.items():
            if getattr(layer, name) != value:
                self.canvas.document.set_property(layer, name, value)

    def wanted(self, at: Pointer) -> Matrix:
        """The map of the document that the hand asks for."""
        assert self.drag
        start, rect, matrix, grip = self.drag.start, self.drag.rect, self.drag.matrix, self.drag.grip
        dx, dy = at.x - start.x, at.y - start.y
        if grip == "move":
            if at.shift:
                dx, dy = (dx, 0.0) if abs(dx) > abs(dy) else (0.0, dy)
            before = map_rect(matrix, rect)
            goes = before.moved(round(dx), round(dy))
            if not at.ctrl:
                to = pulled(goes, self.canvas.document, self.canvas.view)
                goes = before.moved(to.x - before.x if dx else 0, to.y - before.y if dy else 0)
            return placed((goes.x - before.x, goes.y - before.y))
        middle = map_point(matrix, rect.x + rect.w / 2, rect.y + rect.h / 2)
        if grip == "turn":
            turn = math.degrees(
                math.atan2(at.y - middle[1], at.x - middle[0])
                - math.atan2(start.y - middle[1], start.x - middle[0])
            )
            return placed(degrees=round(turn / 15) * 15 if at.shift else turn, about=middle)
        assert isinstance(grip, tuple)
        # along the layer's own sides: the hand's way, seen in the layer's plane
        back = invert(matrix)
        here, there = map_point(back, start.x, start.y), map_point(back, at.x, at.y)
        u, v = grip
        reach = 2 if at.alt else 1
        fx = _factor(rect.w, u, reach * (there[0] - here[0]))
        fy = _factor(rect.h, v, reach * (there[1] - here[1]))
        if u != 0.5 and v != 0.5 and not at.shift:
            fx = fy = max(fx, fy)  # corners keep the sides' relation; Shift frees them
        about = (rect.x + (0.5 if at.alt else 1 - u) * rect.w, rect.y + (0.5 if at.alt else 1 - v) * rect.h)
        return multiply(multiply(matrix, placed(scale=(fx, fy), about=about)), back)

    def release(self, at: Pointer) -> None:
        if not self.drag:
            return
        by, drag = self.wanted(at), self.drag
        self._back()
        self.drag = None
        edits: list[Edit] = [
            SetProperty(layer.id, name, value)
            for layer, x, y, matrix in drag.parts
            for name, value in stack.moved(x, y, matrix, by).items()
            if getattr(layer, name) != value
        ]
        if edits:
            name = drag.layer.name
            title = {"move": f"Move {name}", "turn": f"Rotate {name}"}.get(str(drag.grip), f"Scale {name}")
            self.canvas.push(Together(title, edits))

    def _back(self) -> None:
        assert self.drag
        for layer, x, y, matrix in self.drag.parts:
            self._set(layer, {"x": x, "y": y, "matrix": matrix})

    def cancel(self) -> bool:
        if self.drag is None:
            return False
        self._back()
        self.drag = None
        return True

    def paint(self, painter: QPainter) -> None:
        found = self._frame()
        if found is not None and self.canvas.document.shown(found[0]):
            draw_handles(
                painter, self.canvas.view, self.canvas.color("accent"), found[1], found[2], turns=True
            )


# --- geometry of handles ------------------------------------------------------------------------------------------


def _factor(side: int, u: float, by: float) -> float:
    """How much a side grows when its end at `u` (0, 1; 0.5 = neither) is dragged by so much; never to nothing."""
    return 1.0 if u == 0.5 else max((side + (by if u == 1 else -by)) / side, 1 / side)


def pulled(rect: Rect, document: Document, view: View) -> Rect:
    """A rectangle that is moved, brought to the picture's edges or middle where it is near them."""
    reach = PULL / view.zoom
    return rect.moved(
        _nearest((rect.x, rect.right, rect.x + rect.w / 2), document.width, reach),
        _nearest((rect.y, rect.bottom, rect.y + rect.h / 2), document.height, reach),
    )


def _nearest(places: tuple[float, float, float], side: int, reach: float) -> int:
    """The smallest step that brings the first or second place to an edge, or the third to the middle; 0 if none is near."""
    steps = [edge - place for place in places[:2] for edge in (0, side)] + [side / 2 - places[2]]
    best = min(steps, key=abs)
    return round(best) if abs(best) <= reach else 0


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


def corner(view: View, rect: Rect, matrix: Matrix, u: float, v: float) -> tuple[float, float]:
    """Screen position of a place on the frame."""
    return view.to_screen(*map_point(matrix, rect.x + u * rect.w, rect.y + v * rect.h))


def knob(view: View, rect: Rect, matrix: Matrix) -> tuple[tuple[float, float], tuple[float, float]]:
    """Screen positions of the middle of the upper edge and of the knob that turns."""
    x, y = corner(view, rect, matrix, 0.5, 0)
    ox, oy = corner(view, rect, matrix, 0.5, 1)
    length = math.hypot(x - ox, y - oy) or 1.0
    return (x, y), (x + (x - ox) / length * KNOB, y + (y - oy) / length * KNOB)


def cursor_of(grip: Grip, view: View, rect: Rect, matrix: Matrix) -> Qt.CursorShape | None:
    """An arrow in the direction in which a handle can be dragged."""
    if grip == "move":
        return Qt.CursorShape.SizeAllCursor
    if grip == "turn":
        return Qt.CursorShape.PointingHandCursor
    if not isinstance(grip, tuple):
        return None
    x, y = corner(view, rect, matrix, *grip)
    cx, cy = corner(view, rect, matrix, 0.5, 0.5)
    eighth = (
        round(math.atan2(y - cy, x - cx) / (math.pi / 4)) % 4 if grip[0] != 0.5 and grip[1] != 0.5 else None
    )
    if eighth in (1, 3):
        return Qt.CursorShape.SizeFDiagCursor if eighth == 1 else Qt.CursorShape.SizeBDiagCursor
    if eighth is not None:  # a long, flat frame: what counts is that it is a corner
        return Qt.CursorShape.SizeFDiagCursor if (x - cx) * (y - cy) > 0 else Qt.CursorShape.SizeBDiagCursor
    return Qt.CursorShape.SizeHorCursor if abs(x - cx) > abs(y - cy) else Qt.CursorShape.SizeVerCursor


def draw_handles(
    painter: QPainter, view: View, accent: QColor, rect: Rect, matrix: Matrix = IDENTITY, turns: bool = False
) -> None:
    """The frame with its eight handles, in screen pixels, and the knob that turns it."""
    level = view.angle == 0 and matrix[1] == 0 and matrix[3] == 0
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, not level)
    painter.setPen(QPen(accent, 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    ends = [QPointF(*corner(view, rect, matrix, u, v)) for u, v in ((0, 0), (1, 0), (1, 1), (0, 1))]
    painter.drawPolygon(QPolygonF(ends))
    if turns:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        foot, head = knob(view, rect, matrix)
        painter.drawLine(QPointF(*foot), QPointF(*head))
        painter.setBrush(QColor("#ffffff"))
        painter.drawEllipse(QPointF(*head), HANDLE / 2 + 0.5, HANDLE / 2 + 0.5)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, not level)
    painter.setBrush(QColor("#ffffff"))
    for u, v in CORNERS:
        sx, sy = corner(view, rect, matrix, u, v)
        painter.drawRect(QRectF(round(sx) - HANDLE / 2, round(sy) - HANDLE / 2, HANDLE, HANDLE))
    painter.setBrush(Qt.BrushStyle.NoBrush)
