"""The widget on which a document is seen and painted.

    canvas = Canvas(document, history)
    canvas.set_tool("brush")
    canvas.brush = canvas.brush.with_(size=80, hardness=0.5)
    canvas.set_theme({"canvas": "#0e1013", "accent": "#6ea8fe", "mask": "#ff5c7a", ...})
    canvas.set_overlay(candidate, document.box)   # in place, not part of the document
    canvas.set_overlay(None)

Painting draws rectangles, never the whole widget: a stroke repaints what it touched, the ring repaints its own place, panning
shifts what is there (`studio.ui.canvas.render`).

Keys: Space or the middle button pans, Shift+Space or R turns, the wheel zooms (Shift: sideways), [ ] size, Shift+[ ]
hardness, Alt-drag both, X swaps paint and erase, Q quick mask, Enter finishes, Escape gives up, 0-9 are left to the window.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetrics,
    QGuiApplication,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
    QRegion,
    QResizeEvent,
    QTabletEvent,
    QWheelEvent,
)  # fmt: skip
from PySide6.QtWidgets import QWidget

from studio.core.brush import Brush, check_paintable
from studio.core.clip import Clip
from studio.core.document import Document
from studio.core.history import AddLayer, Edit, History, SetPixels, SetProperty, SetSelection, Together
from studio.core.layer import IDENTITY, Layer, Pixels
from studio.core.region import NOWHERE, Rect
from studio.core.stack import mask_from_selection
from studio.ui.canvas.pyramid import Pyramid
from studio.ui.canvas.render import Picture, Scene, SoftwareRenderer, to_image
from studio.ui.canvas.toolbox import TOOLS
from studio.ui.canvas.tools import Pointer, Tool, paint_shape
from studio.ui.canvas.view import View
from studio.ui.language import spoken

if TYPE_CHECKING:
    from studio.ui.canvas.gpu import GpuView

BUDGET = 0.006
"""Seconds that one frame may spend on drawing what can wait."""
DIVIDER = 6
"""Screen pixels from which the divider of the comparison can be grabbed."""
LOOKING = ("hand", "pick")
"""Tools that change nothing."""
DARK: dict[str, str] = {
    "canvas": "#0e1013", "line": "#2f3540", "text": "#e7eaf0", "accent": "#6ea8fe", "mask": "#ff5c7a", "panel": "#1b1e24",
}  # fmt: skip


@dataclass(frozen=True)
class _Pan:
    sx: float
    sy: float


@dataclass(frozen=True)
class _Turn:
    view: View
    angle: float


@dataclass(frozen=True)
class _BrushDrag:
    sx: float
    sy: float
    brush: Brush


class Canvas(QWidget):
    """See the module. `view`, `brush`, `tolerance`, `contiguous`, `box_multiple` and `box_aspect` may be read and set."""

    cursor_moved = Signal(float, float)
    """Document position of the pointer."""
    cursor_left = Signal()
    hand = Signal(bool)
    """Down on the canvas with a tool that changes something, or up again (after the change was recorded)."""
    zoom_changed = Signal(float)
    """1 = 100 %."""
    angle_changed = Signal(float)
    stroke_finished = Signal(object)
    """The Edit that a tool left in the history."""
    color_picked = Signal(int, int, int)
    brush_changed = Signal(object)
    tool_changed = Signal(str)
    quick_mask_changed = Signal(bool)
    masks_alone_changed = Signal(bool)
    split_changed = Signal(bool)
    message = Signal(str)
    """One sentence for the user: why a tool did nothing."""

    def __init__(
        self, document: Document | None = None, history: History | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("canvas")
        self.setAccessibleName("Canvas")
        self.setAccessibleDescription(
            "The picture. Paint with the pointer; arrow keys pan, plus and minus zoom."
        )
        self.setMouseTracking(True)
        self.setTabletTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAttribute(Qt.WidgetAttribute.WA_AcceptTouchEvents)
        self._gpu: GpuView | None = None
        self._colors = {name: QColor(value) for name, value in DARK.items()}
        self.scene = Scene()
        self.tolerance = 32
        """Of the magic wand and fill, 0 .. 255."""
        self.contiguous = True
        self.box_multiple = 8
        """Sides of the generation box are multiples of this (the model card's `sizes.multiple`)."""
        self.box_aspect = 0.0
        """Width / height that the generation box keeps; 0 = free."""
        self.show_box = True
        self.sides = (self.tr("Before"), self.tr("After"))
        """What is written left and right of the divider."""
        self._brush = Brush()
        self._brush_chosen = False
        self._quick: str | None = None
        self._gesture: _Pan | _Turn | _BrushDrag | str | None = None
        self._space = False
        self._turn_key = False
        self._pointer: Pointer | None = None
        self._pressed = False
        self._tablet = False
        self._fit_on_show = True
        self._split = 0.5
        self._small: tuple[str, QFont] | None = None
        self._view = View()
        self._tools: dict[str, Tool] = {}
        self._tool: Tool = Tool(self)
        self._idle = QTimer(self, singleShot=True, interval=0)
        self._idle.timeout.connect(self._continue)
        self._rest = QTimer(self, singleShot=True, interval=80)
        self._rest.timeout.connect(self._continue)
        self.document: Document
        self.history: History
        self._connected: list = []
        self.set_document(document or Document(512, 512), history)
        self._tools = {kind.id: kind(self) for kind in TOOLS}
        self.set_tool("brush")

    # --- what is shown ------------------------------------------------------------------------------------

    def set_document(self, document: Document, history: History | None = None) -> None:
        """Shows another document (fitted into the view)."""
        self._tool.cancel()
        for signal, slot in self._connected:
            signal.disconnect(slot)
        self.document = document
        self.history = history or History(document)
        self.scene.overlay = self.scene.preview = self.scene.before = None
        self.scene.split = None
        self._quick = None
        self._connected = [
            (document.changed, self._on_changed),
            (document.resized, self._on_resized),
            (document.selection_changed, self._on_selection),
            (document.box_changed, self._on_box),
            (document.active_changed, self._on_active),
            (document.layers_changed, self._on_layers),
        ]
        for signal, slot in self._connected:
            signal.connect(slot)
        self._rebuild()
        self._fit_brush()
        self._fit_on_show = True
        self.fit()

    def set_theme(self, colors: Mapping[str, str | QColor]) -> None:
        """Token -> colour; tokens that are missing keep what they had. A dark canvas gets a dark checkerboard."""
        self._colors |= {name: QColor(value) for name, value in dict(colors).items()}
        dark = self._colors["canvas"].lightness() < 128
        self.scene.canvas, self.scene.line = self._colors["canvas"], self._colors["line"]
        self.scene.check = (
            (QColor("#3a3f49"), QColor("#2c313a")) if dark else (QColor("#ffffff"), QColor("#d9dce2"))
        )
        self.pyramid.mask_color = self._colors["mask"]
        self.pyramid.mark(self.document.rect)
        self._redraw()

    def color(self, token: str) -> QColor:
        known = self._colors.get(token)
        return QColor(known) if known is not None else QColor("#808080")

    def set_overlay(self, clip: Clip | None, rect: Rect | None = None) -> None:
        """A candidate over the document at `rect` (None = the generation box); None takes it away."""
        self.scene.overlay = self._picture(clip, rect)
        self._redraw()

    def set_preview(self, clip: Clip | None, rect: Rect | None = None) -> None:
        """What a running job has so far, over everything, outside undo; None takes it away."""
        self.scene.preview = self._picture(clip, rect)
        self._redraw()

    def set_before(self, clip: Clip | None, rect: Rect | None = None) -> None:
        """What the left side of the comparison shows instead of the document; None = the document."""
        self.scene.before = self._picture(clip, rect)
        if self.scene.before is not None:
            self.scene.before.hides = True
        self._redraw()

    def set_split(self, on: bool, at: float | None = None) -> None:
        """Before | after with a divider that can be dragged. at: part of the widget's width, 0 .. 1."""
        if at is not None:
            self._split = min(max(at, 0.0), 1.0)
        changed = on != (self.scene.split is not None)
        self.scene.split = self._split * self.width() if on else None
        self._redraw()
        if changed:
            self.split_changed.emit(on)

    def _picture(self, clip: Clip | None, rect: Rect | None) -> Picture | None:
        if clip is None:
            return None
        if clip.kind not in ("picture", "mask"):
            raise ValueError(f"a {clip.kind} cannot be shown on the canvas")
        return Picture(to_image(clip.array), rect or self.document.box)

    # --- view -----------------------------------------------------------------------------------------------

    @property
    def view(self) -> View:
        return self._view

    @view.setter
    def view(self, view: View) -> None:
        old, self._view = self._view, view
        if view == old:
            return
        self.update()
        if view.zoom != old.zoom or view.angle != old.angle:
            self._rest.start()
        if view.zoom != old.zoom:
            self.zoom_changed.emit(view.zoom)
        if view.angle != old.angle:
            self.angle_changed.emit(view.angle)

    @property
    def zoom(self) -> float:
        return self._view.zoom

    def set_zoom(self, zoom: float, sx: float | None = None, sy: float | None = None) -> None:
        """Zooms about a screen point (None = the middle)."""
        sx, sy = self.width() / 2 if sx is None else sx, self.height() / 2 if sy is None else sy
        self._fit_on_show = False
        self.view = self._view.zoomed(zoom, sx, sy)

    def zoom_in(self) -> None:
        self.set_zoom(self._view.stepped(1))

    def zoom_out(self) -> None:
        self.set_zoom(self._view.stepped(-1))

    def fit(self, rect: Rect | None = None) -> None:
        """Shows all of the document, or a rectangle of it, at most at 800 %."""
        self.view = View.fitted(
            rect or self.document.rect, max(self.width(), 64), max(self.height(), 64), 40, 8.0
        )

    def actual_size(self) -> None:
        self.set_zoom(1.0)
        self.view = replace(self._view, x=round(self._view.x), y=round(self._view.y))

    def set_angle(self, degrees: float) -> None:
        self.view = self._view.turned(degrees, self.width() / 2, self.height() / 2)

    def reset_rotation(self) -> None:
        self.set_angle(0.0)
        self.view = replace(self._view, x=round(self._view.x), y=round(self._view.y))

    def pan(self, dx: float, dy: float) -> None:
        """Moves the picture on the screen; whole pixels, so that what is there can be shifted."""
        self._fit_on_show = False
        self.view = self._view.panned(round(dx), round(dy))

    def begin_pan(self, sx: float, sy: float) -> None:
        self._gesture = _Pan(sx, sy)
        self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def to_screen_polygon(self, polygon: QPolygonF) -> QPolygonF:
        return QPolygonF([QPointF(*self._view.to_screen(p.x(), p.y())) for p in polygon.toList()])

    # --- brush and tool ---------------------------------------------------------------------------------------

    @property
    def brush(self) -> Brush:
        return self._brush

    @brush.setter
    def brush(self, brush: Brush) -> None:
        self._brush_chosen = True
        self._hold(brush)

    def _hold(self, brush: Brush) -> None:
        if brush != self._brush:
            ring = self._ring()
            self._brush = brush
            self.update(ring.united(self._ring()))
            self.brush_changed.emit(brush)

    @property
    def tool(self) -> str:
        """Id of the tool in hand."""
        return self._tool.id

    def set_tool(self, id: str) -> None:
        """Raises KeyError for an unknown id; `TOOLS` lists them."""
        tool = self._tools[id]
        if tool is not self._tool:
            self._tool.cancel()
            self._tool = tool
            self._show_cursor()
            self.update()
            self.tool_changed.emit(id)

    def swap_erase(self) -> None:
        """X: paint <-> erase."""
        self.set_tool("brush" if self.tool == "eraser" else "eraser")

    def pick(self, x: float, y: float) -> None:
        """Takes the colour of the document at a point."""
        rect = Rect(math.floor(x), math.floor(y), 1, 1)
        if self.document.rect.encloses(rect):
            r, g, b, a = (int(v) for v in self.document.compose(rect)[0, 0])
            if a:
                self.brush = self.brush.with_(color=(r, g, b))
                self.color_picked.emit(r, g, b)

    # --- masks ----------------------------------------------------------------------------------------------

    @property
    def quick_mask(self) -> bool:
        """Whether tools work on the mask although another layer was chosen."""
        return self._quick is not None

    @property
    def show_masks(self) -> bool:
        return self.pyramid.show_masks

    def set_show_masks(self, on: bool) -> None:
        if on != self.pyramid.show_masks:
            self.pyramid.show_masks = on
            self.pyramid.mark(self.document.rect)
            self._redraw()

    @property
    def masks_alone(self) -> bool:
        """Whether masks are seen in white on black instead of the picture."""
        return self.pyramid.alone

    def set_masks_alone(self, on: bool) -> None:
        if on != self.pyramid.alone:
            self.pyramid.alone = on
            self.set_show_masks(True)
            self.pyramid.mark(self.document.rect)
            self._redraw()
            self.masks_alone_changed.emit(on)

    def set_mask_draft(self, target: str, pixels: Pixels | None) -> None:
        """What a mask layer (its id) or the selection ("") would become, shown instead of it; None shows what it is."""
        self.pyramid.draft = None if pixels is None else (target, pixels)
        self.pyramid.mark(self.document.rect)
        self._redraw()

    def toggle_quick_mask(self) -> None:
        """Q: work on the mask (made if there is none, of the selection where there is one) and back again. On a mask layer:
        show or hide the tint."""
        active = self.document.active
        if self._quick is not None:
            back, self._quick = self._quick, None
            if back and any(layer.id == back for layer in self.document.layers):
                self.document.activate(back)
            self.quick_mask_changed.emit(False)
        elif active is not None and active.paints_mask:
            self.set_show_masks(not self.show_masks)
        else:
            self.set_show_masks(True)
            back = active.id if active else ""
            mask = self.document.find("mask")
            if self.document.selection is not None:
                self.push(mask_from_selection(self.document, spoken("Mask")))
            elif mask is None:
                self.push(AddLayer(Layer(spoken("Mask"), "mask")))
            else:
                self.document.activate(mask.id)
            self._quick = back
            self.quick_mask_changed.emit(True)

    def target_layer(self) -> tuple[Layer, Edit | None]:
        """The layer that paint goes to, and the edit that made it (already applied, not yet recorded) where there was none."""
        layer = self.document.active
        if layer is not None and layer.kind != "group":
            return layer, None
        if layer is not None:
            return layer, None
        made = AddLayer(Layer(spoken("Mask"), "mask"))
        made.apply(self.document)
        return made.layer, made

    def may_paint(self, layer: Layer) -> bool:
        try:
            check_paintable(self.document, layer)
        except ValueError as error:
            self.message.emit(str(error))
            return False
        return True

    def put_shape(self, rect: Rect, shape: Pixels, at: Pointer, name: str) -> None:
        """What a shape tool drew: into the mask if one is active (Ctrl subtracts), else the selection (Shift adds)."""
        if rect.empty:
            return
        layer, made = self.target_layer()
        if layer.paints_mask:
            if made is not None or self.may_paint(layer):
                self.paint_shape(layer, rect, shape, at.ctrl, name, made)
            return
        document = self.document
        old = document.selection
        new = np.zeros((document.height, document.width), np.uint8)
        if old is not None and (at.shift or at.ctrl):
            new[...] = old
        part = new[rect.slices()]
        part[...] = np.minimum(part, 255 - shape) if at.ctrl else np.maximum(part, shape)
        self.push(SetSelection(new if new.any() else None, name))

    def paint_shape(
        self, layer: Layer, rect: Rect, shape: Pixels, erase: bool, name: str, made: Edit | None
    ) -> None:
        """Puts a shape on a layer as one edit; `made` is what `target_layer` returned."""
        edits: list[Edit] = [made] if made is not None else []
        if layer.matrix != IDENTITY:
            edits.append(bake(self.document, layer))
        edit = paint_shape(self, layer, rect, shape, erase, name)
        if edit is not None:
            edits.append(edit)
        if edits:
            self.record(edits[0] if len(edits) == 1 else Together(name, edits))

    def clear_selected(self) -> bool:
        """Clears what is selected of the active layer. Whether anything was."""
        document, layer = self.document, self.document.active
        if layer is None or document.selection is None or not self.may_paint(layer):
            return False
        rect = document.selection_bounds()
        before = self.history.position
        self.paint_shape(layer, rect, document.selection[rect.slices()], True, "Clear", None)
        return self.history.position != before

    def deselect(self) -> None:
        if self.document.selection is not None:
            self.push(SetSelection(None, "Deselect"))

    def push(self, edit: Edit) -> None:
        self.history.push(edit)
        self.stroke_finished.emit(edit)

    def record(self, edit: Edit | None) -> None:
        if edit is not None:
            self.history.record(edit)
            self.stroke_finished.emit(edit)

    # --- notices from the document ------------------------------------------------------------------------------

    def _rebuild(self) -> None:
        shown, alone = (
            (self.pyramid.show_masks, self.pyramid.alone) if hasattr(self, "pyramid") else (True, False)
        )
        self.pyramid = Pyramid(self.document, self._colors["mask"])
        self.pyramid.show_masks, self.pyramid.alone = shown, alone
        self.renderer = self._new_renderer()
        self.renderer.resize(self.width(), self.height(), self.devicePixelRatioF())
        self.update()

    def _redraw(self) -> None:
        self.renderer.redraw()
        self.update()

    def _on_changed(self, rect: Rect) -> None:
        self.pyramid.mark(rect)
        self.renderer.changed(rect)
        grown = rect.grown(2 + (1 << self.pyramid.level_for(self._view.zoom)))
        self.update(QRect(*self._view.rect_to_screen(grown).grown(2)))

    def _on_resized(self, width: int, height: int) -> None:
        self._rebuild()
        self._fit_brush()

    def _fit_brush(self) -> None:
        """Until somebody chooses a size, a brush that suits the picture: an eighth of its shorter side, 64 px at most."""
        if not self._brush_chosen:
            side = min(self.document.width, self.document.height)
            self._hold(self._brush.with_(size=min(max(side // 8, 4), 64)))

    def _on_selection(self, rect: Rect) -> None:
        self.renderer.changed(rect.grown(1))
        self.update()

    def _on_box(self, rect: Rect) -> None:
        self.update()

    def _on_active(self, id: str) -> None:
        if self._quick is not None and id and not self.document.layer(id).paints_mask:
            self._quick = None
            self.quick_mask_changed.emit(False)
        self.update()

    def _on_layers(self) -> None:
        if self._tool.id == "move":
            self.update()

    # --- painting -----------------------------------------------------------------------------------------------

    def settle(self) -> None:
        """Draws everything that waits for time (before a screenshot)."""
        self._finish = True
        self.repaint()

    def grab_settled(self):
        """A finished picture of the widget."""
        self._finish = True
        return self.grab()

    _finish = False

    def set_gpu(self, on: bool) -> bool:
        """Lets the graphics card draw (`studio.ui.canvas.gpu`), or the processor -> whether it is as wished."""
        if on == self.gpu:
            return True
        if on:
            from studio.ui.canvas.gpu import GpuView  # OpenGL is only loaded where it is wanted

            if QGuiApplication.platformName() in ("offscreen", "minimal"):
                return False
            self._gpu = GpuView(self)
            self._gpu.setGeometry(self.rect())
            self._gpu.show()
        elif self._gpu is not None:
            self._gpu.deleteLater()
            self._gpu = None
        self._rebuild()
        return True

    @property
    def gpu(self) -> bool:
        """Whether the graphics card draws."""
        return self._gpu is not None

    def _new_renderer(self) -> SoftwareRenderer:
        if self._gpu is None:
            return SoftwareRenderer(self.pyramid, self.scene)
        from studio.ui.canvas.gpu import GpuRenderer

        return GpuRenderer(self.pyramid, self.scene)

    def update(self, *where: Any) -> None:
        """As a widget's. The graphics card draws everything anew."""
        if self._gpu is not None:
            self._gpu.update()
        else:
            super().update(*where)

    def repaint(self, *where: Any) -> None:
        if self._gpu is not None:
            self._gpu.repaint()
        else:
            super().repaint(*where)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._gpu is None:
            with QPainter(self) as painter:
                self.paint_all(painter, event.rect(), event.region())

    def paint_all(self, painter: QPainter, exposed: QRect, region: QRegion | None = None) -> None:
        """The scene, and what lies over it. region: of `exposed`, to which the latter keeps."""
        finish, self._finish = self._finish, False
        if self.scene.split is not None:
            self.scene.split = self._split * self.width()
        self.renderer.paint(painter, self._view, exposed, None if finish else BUDGET)
        if region is not None:
            painter.setClipRegion(region)
        self._paint_box(painter, exposed)
        self._paint_divider(painter)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        self._tool.paint(painter)
        self._paint_ring(painter)
        if self.renderer.pending and not self._rest.isActive():
            self._idle.start()

    def _continue(self) -> None:
        if self.renderer.pending:
            self.update()

    def _paint_box(self, painter: QPainter, exposed: QRect) -> None:
        if not self.show_box:
            return
        box, accent = self.document.box, self.color("accent")
        at = self._label_at()
        label = QRect(round(at.x()) - 6, round(at.y()) - 15, 220, 22)
        line = self.to_screen_polygon(QPolygonF(QRectF(*box)))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, self._view.angle != 0)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(accent, 1))
        if self._view.angle == 0:
            screen = self._view.rect_to_screen(box)
            painter.drawRect(screen.x, screen.y, screen.w - 1, screen.h - 1)
        else:
            painter.drawPolygon(line)
        if not label.intersects(exposed):  # a dab must not cost the drawing of text
            return
        font = self._small_font(painter)
        text = self.box_label()
        if self.document.rect.contains(
            *self._view.to_document(at.x() + 4, at.y() - 4)
        ):  # on the picture: a ground of its own
            ground = self.color("canvas")
            ground.setAlpha(200)
            width = QFontMetrics(font).horizontalAdvance(text)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(ground)
            painter.drawRoundedRect(QRectF(at.x() - 5, at.y() - 14, width + 10, 20), 5, 5)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(accent)
        painter.drawText(at, text)

    def _small_font(self, painter: QPainter) -> QFont:
        """Made once: looking for a font takes as long as drawing a strip of the picture."""
        if self._small is None or self._small[0] != self.font().key():
            font = QFont(self.font())
            font.setPixelSize(12)
            self._small = (self.font().key(), font)
        painter.setFont(self._small[1])
        return self._small[1]

    def box_label(self) -> str:
        return self.tr("Generation box {0} × {1}").format(self.document.box.w, self.document.box.h)

    def _label_at(self) -> QPointF:
        box = self.document.box
        corners = [self._view.to_screen(x, y) for x in (box.x, box.right) for y in (box.y, box.bottom)]
        sx, sy = min(corners, key=lambda p: p[1]) if self._view.angle else corners[0]
        return QPointF(max(round(sx), 4) + 1, max(round(sy) - 7, 14))

    def _paint_divider(self, painter: QPainter) -> None:
        if self.scene.split is None:
            return
        x, middle = round(self.scene.split), self.height() // 2
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setPen(QPen(QColor(0, 0, 0, 130), 3))
        painter.drawLine(x, 0, x, self.height())
        painter.setPen(QPen(QColor("#ffffff"), 1))
        painter.drawLine(x, 0, x, self.height())
        painter.setPen(QPen(QColor(0, 0, 0, 130), 1))
        painter.setBrush(QColor("#ffffff"))
        painter.drawEllipse(QPoint(x, middle), 12, 12)
        painter.setPen(QPen(QColor("#1b1f27"), 1.75))
        for side in (-1, 1):
            near, far = x + 3 * side, x + 7 * side
            painter.drawPolyline([QPoint(near, middle - 4), QPoint(far, middle), QPoint(near, middle + 4)])
        metrics = QFontMetrics(self._small_font(painter))
        for text, side in zip(self.sides, (-1, 1), strict=True):
            w = metrics.horizontalAdvance(text) + 16
            at = QRect(x - 10 - w if side < 0 else x + 10, 10, w, 22)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(0, 0, 0, 150))
            painter.drawRoundedRect(at, 7, 7)
            painter.setPen(QColor("#ffffff"))
            painter.drawText(at, Qt.AlignmentFlag.AlignCenter, text)
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def _ring(self) -> QRect:
        """Where the brush's ring is drawn."""
        at = self._pointer
        if (
            at is None
            or not self._tool.ring
            or (self._gesture is not None and not isinstance(self._gesture, _BrushDrag))
        ):
            return QRect()
        radius = self._brush.size * self._view.zoom / 2
        return QRectF(at.sx - radius - 3, at.sy - radius - 3, 2 * radius + 6, 2 * radius + 6).toAlignedRect()

    def _paint_ring(self, painter: QPainter) -> None:
        at = self._pointer
        if at is None or self._ring().isEmpty():
            return
        radius = self._brush.size * self._view.zoom / 2
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        middle = QPointF(at.sx, at.sy)
        if radius < 2:
            painter.setPen(QPen(QColor("#ffffff"), 1))
            painter.drawLine(middle - QPointF(4, 0), middle + QPointF(4, 0))
            painter.drawLine(middle - QPointF(0, 4), middle + QPointF(0, 4))
            return
        painter.setPen(QPen(QColor(0, 0, 0, 170), 1))
        painter.drawEllipse(middle, radius + 0.5, radius + 0.5)
        painter.setPen(QPen(QColor(255, 255, 255, 230), 1))
        painter.drawEllipse(middle, max(radius - 0.5, 0.5), max(radius - 0.5, 0.5))
        if isinstance(self._gesture, _BrushDrag) and self._brush.hardness < 1:
            painter.setPen(QPen(QColor(255, 255, 255, 150), 1, Qt.PenStyle.DotLine))
            painter.drawEllipse(middle, radius * self._brush.hardness, radius * self._brush.hardness)

    # --- the hand ---------------------------------------------------------------------------------------------

    def _at(self, position: QPointF, mods: Qt.KeyboardModifier, pressure: float = 1.0,
            tilt: tuple[float, float] = (0.0, 0.0)) -> Pointer:  # fmt: skip
        x, y = self._view.to_document(position.x(), position.y())
        return Pointer(x, y, position.x(), position.y(), pressure, tilt, mods)

    def _press(self, at: Pointer, button: Qt.MouseButton) -> None:
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        self._pointer = at
        if self._gesture is not None or self._pressed:
            return
        if self.scene.split is not None and abs(at.sx - self.scene.split) <= DIVIDER:
            self._gesture = "split"
        elif button == Qt.MouseButton.MiddleButton or (self._space and not at.shift):
            self.begin_pan(at.sx, at.sy)
        elif self._turn_key or (self._space and at.shift):
            self._gesture = _Turn(self._view, self._direction(at))
        elif button != Qt.MouseButton.LeftButton:
            return
        elif at.alt and self._tool.ring:
            self._gesture = _BrushDrag(at.sx, at.sy, self._brush)
        else:
            self._pressed = True
            if self.tool not in LOOKING:
                self.hand.emit(True)
            self._tool.press(at)

    def _move(self, at: Pointer) -> None:
        gesture = self._gesture
        if isinstance(gesture, _Pan):
            self.pan(at.sx - gesture.sx, at.sy - gesture.sy)
            self._gesture = _Pan(at.sx, at.sy)
        elif isinstance(gesture, _Turn):
            turn = self._direction(at) - gesture.angle
            angle = gesture.view.angle + turn
            if at.ctrl or abs((angle + 45) % 90 - 45) < 2:
                angle = round(angle / 15) * 15
            self.view = gesture.view.turned(angle, self.width() / 2, self.height() / 2)
        elif isinstance(gesture, _BrushDrag):
            size = gesture.brush.size + 2 * (at.sx - gesture.sx) / self._view.zoom
            self.brush = gesture.brush.with_(
                size=size, hardness=gesture.brush.hardness - (at.sy - gesture.sy) / 200
            )
            return
        elif gesture == "split":
            self.set_split(True, at.sx / max(self.width(), 1))
        old = self._ring()
        self._pointer = at
        if self._tool.ring:
            self.update(old)
            self.update(self._ring())
        if gesture is None:
            if self._pressed:
                self._tool.move(at)
            else:
                self._tool.hover(at)
        self.cursor_moved.emit(at.x, at.y)

    def _release(self, at: Pointer) -> None:
        self.update(self._ring())
        self._pointer = at
        if self._gesture is not None:
            self._gesture = None
            self._show_cursor()
            self.update(self._ring())
        elif self._pressed:
            self._pressed = False
            self._tool.release(at)
            if self.tool not in LOOKING:
                self.hand.emit(False)

    def _direction(self, at: Pointer) -> float:
        return math.degrees(math.atan2(at.sy - self.height() / 2, at.sx - self.width() / 2))

    def _show_cursor(self) -> None:
        shape = self._tool.cursor
        if self._space:
            shape = Qt.CursorShape.OpenHandCursor
        elif self._tool.ring:
            shape = (
                Qt.CursorShape.BlankCursor
                if self._brush.size * self._view.zoom >= 8
                else Qt.CursorShape.CrossCursor
            )
        self.setCursor(shape)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if not self._tablet:
            self._press(self._at(event.position(), event.modifiers()), event.button())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if not self._tablet:
            self._move(self._at(event.position(), event.modifiers()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if not self._tablet:
            self._release(self._at(event.position(), event.modifiers()))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        at = self._at(event.position(), event.modifiers())
        if self._tool.busy and not self._pressed:
            self._tool.double(at)
        else:
            self._press(at, event.button())

    def tabletEvent(self, event: QTabletEvent) -> None:
        """A pen: pressure and tilt. Qt would send the same as a mouse event if it were not accepted."""
        at = self._at(event.position(), event.modifiers(), event.pressure(), (event.xTilt(), event.yTilt()))
        kind = event.type()
        if kind == QEvent.Type.TabletPress:
            self._tablet = True
            if event.pointerType() == event.pointingDevice().PointerType.Eraser and self.tool == "brush":
                self.set_tool("eraser")
            self._press(at, event.button())
        elif kind == QEvent.Type.TabletMove:
            self._move(at)
        elif kind == QEvent.Type.TabletRelease:
            self._release(at)
            self._tablet = False
        event.accept()

    def wheelEvent(self, event: QWheelEvent) -> None:
        pixels, angle = event.pixelDelta(), event.angleDelta()
        mods = event.modifiers()
        if mods & Mods.ShiftModifier or (not pixels.isNull() and not mods & Mods.ControlModifier):
            step = pixels if not pixels.isNull() else QPoint(angle.x(), angle.y())
            if mods & Mods.ShiftModifier and step.x() == 0:
                step = QPoint(step.y(), 0)
            self.pan(step.x(), step.y())
        elif angle.y():
            at = event.position()
            self.set_zoom(self._view.zoom * 2 ** (angle.y() / 360), at.x(), at.y())
        event.accept()

    def event(self, event: QEvent) -> bool:
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and self._takes(event)
        ):
            event.accept()  # else a window's shortcut would steal Space, Escape, brackets
            return True
        if event.type() == QEvent.Type.NativeGesture:
            gesture = event
            if gesture.gestureType() == Qt.NativeGestureType.ZoomNativeGesture:  # pyright: ignore[reportAttributeAccessIssue]
                at = gesture.position()  # pyright: ignore[reportAttributeAccessIssue]
                self.set_zoom(self._view.zoom * (1 + gesture.value()), at.x(), at.y())  # pyright: ignore[reportAttributeAccessIssue]
                return True
        return super().event(event)

    _KEYS = frozenset({
        Qt.Key.Key_Space, Qt.Key.Key_BracketLeft, Qt.Key.Key_BracketRight, Qt.Key.Key_BraceLeft, Qt.Key.Key_BraceRight,
        Qt.Key.Key_X, Qt.Key.Key_Q, Qt.Key.Key_R, Qt.Key.Key_Plus, Qt.Key.Key_Minus, Qt.Key.Key_Equal, Qt.Key.Key_Left,
        Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down,
    })  # fmt: skip

    def _takes(self, event: QKeyEvent) -> bool:
        if event.key() in (Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            return not event.modifiers() and (
                self._tool.busy or getattr(self._tool, "crop", None) is not None
            )
        plain = not event.modifiers() & (Mods.ControlModifier | Mods.AltModifier | Mods.MetaModifier)
        return plain and event.key() in self._KEYS

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, shift = event.key(), bool(event.modifiers() & Mods.ShiftModifier)
        if not self._takes(event):
            super().keyPressEvent(event)
            return
        if key == Qt.Key.Key_Space:
            if not event.isAutoRepeat():
                self._space = True
                self._show_cursor()
        elif key == Qt.Key.Key_R:
            if not event.isAutoRepeat():
                self._turn_key = True
                if shift:
                    self.reset_rotation()
        elif key in (Qt.Key.Key_BraceLeft, Qt.Key.Key_BraceRight) or (shift and key in _BRACKETS):
            by = 0.1 if key in (Qt.Key.Key_BraceRight, Qt.Key.Key_BracketRight) else -0.1
            self.brush = self.brush.with_(hardness=round(self.brush.hardness + by, 2))
        elif key in _BRACKETS:
            self.brush = self.brush.resized(1 if key == Qt.Key.Key_BracketRight else -1)
            self._show_cursor()
        elif key == Qt.Key.Key_X:
            self.swap_erase()
        elif key == Qt.Key.Key_Q:
            self.toggle_quick_mask()
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom_in()
        elif key == Qt.Key.Key_Minus:
            self.zoom_out()
        elif key == Qt.Key.Key_Escape:
            self._pressed = False
            self._tool.cancel()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._tool.accept()
        else:
            dx = (key == Qt.Key.Key_Left) - (key == Qt.Key.Key_Right)
            dy = (key == Qt.Key.Key_Up) - (key == Qt.Key.Key_Down)
            self.pan(dx * 64, dy * 64)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.isAutoRepeat():
            return
        if event.key() == Qt.Key.Key_Space:
            self._space = False
            if self._gesture is None:
                self._show_cursor()
        elif event.key() == Qt.Key.Key_R:
            self._turn_key = False
        else:
            super().keyReleaseEvent(event)

    def focusOutEvent(self, event) -> None:
        self._space = self._turn_key = False
        super().focusOutEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self.update(self._ring())
        self._pointer = None
        self.cursor_left.emit()
        super().leaveEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        if self._gpu is not None:
            self._gpu.setGeometry(self.rect())
        self.renderer.resize(self.width(), self.height(), self.devicePixelRatioF())
        if self._fit_on_show:
            self.fit()
        else:  # what is in the middle stays there
            old = event.oldSize()
            if old.isValid():
                dx, dy = (self.width() - old.width()) // 2, (self.height() - old.height()) // 2
                self.view = self._view.panned(dx, dy)
        super().resizeEvent(event)

    def sizeHint(self) -> QSize:
        return QSize(800, 600)

    def minimumSizeHint(self) -> QSize:
        return QSize(160, 120)


Mods = Qt.KeyboardModifier
_BRACKETS = (Qt.Key.Key_BracketLeft, Qt.Key.Key_BracketRight)


def bake(document: Document, layer: Layer) -> Edit:
    """Writes a layer's transform into its pixels; applied, to be recorded."""
    rect = layer.rect
    pixels = np.array(layer.render(rect))
    edit = Together(
        "Apply transform",
        [SetPixels(layer.id, pixels, rect.x, rect.y), SetProperty(layer.id, "matrix", IDENTITY)],
    )
    edit.apply(document)
    return edit


__all__ = ["NOWHERE", "Canvas", "bake"]
