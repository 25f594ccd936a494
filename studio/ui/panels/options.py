"""The line over the canvas: what can be set for the tool in hand.

Each kind of tool has one page, made when it is first needed. Pages write to the canvas at once and follow it, so that keys,
a drag with Alt and this line always say the same.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QToolButton, QWidget

from studio import actions, layering
from studio.core import select, stack
from studio.core.brush import MAX_SIZE
from studio.core.history import SetBox
from studio.core.layer import map_rect, placed
from studio.core.region import Rect
from studio.session import Session
from studio.ui.canvas import Canvas
from studio.ui.canvas.handles import snapped_size
from studio.ui.theme import tint
from studio.ui.widgets.basic import Choice, chip, icon_button, label, text_button
from studio.ui.widgets.value import Number, ShortValue

HEIGHT = 36
ROOMY, NARROW = 800, 560
"""Widths of the line from which it has sliders, and everything."""
ASPECTS: tuple[tuple[int, int], ...] = ((1, 1), (4, 3), (3, 2), (16, 9), (3, 4), (2, 3), (9, 16))
CONTEXT = 0.5
"""Of the mask's longer side, left around it when the box is put there."""


class Page(QWidget):
    """A row of controls for one kind of tool."""

    def __init__(self, session: Session, canvas: Canvas) -> None:
        super().__init__()
        self.session, self.canvas = session, canvas
        self.optional: list[QWidget] = []
        """Parts that go where there is little room."""
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(0, 0, 0, 0)
        self.row.setSpacing(14)
        self.build()
        self.row.addStretch(1)
        self.follow()

    def build(self) -> None: ...

    def follow(self) -> None:
        """Shows what is set now."""

    def command(self, name: str, icon: str) -> QToolButton:
        """A button for a command of the table."""
        command = actions.BY_ID[name]
        from studio.ui.widgets.basic import command_title

        made = icon_button(icon, command_title(command), lambda: actions.perform(name, self.session), side=16)
        made.setFixedSize(26, 26)
        self.row.addWidget(made)
        return made


class BrushPage(Page):
    def build(self) -> None:
        canvas = self.canvas
        self.diameter = ShortValue(
            self.tr("Size"),
            1,
            MAX_SIZE,
            64,
            "px",
            curve=3,
            tip=self.tr("Diameter in pixels of the picture  [ ]  Alt-drag"),
        )
        self.diameter.changed.connect(lambda value: self._brush(size=value))
        self.hardness = ShortValue(
            self.tr("Hardness"),
            0,
            100,
            70,
            "%",
            tip=self.tr("How much of the radius is fully covered  Shift+[ ]"),
        )
        self.hardness.changed.connect(lambda value: self._brush(hardness=value / 100))
        self.opacity = ShortValue(self.tr("Opacity"), 0, 100, 100, "%", tip=self.tr("Of the whole stroke"))
        self.opacity.changed.connect(lambda value: self._brush(opacity=value / 100))
        for made in (self.diameter, self.hardness, self.opacity):
            self.row.addWidget(made)
        pen = label(self.tr("Pen pressure"), "small")
        self.row.addWidget(pen)
        self.optional = [pen]
        self.pressed_size = chip(
            self.tr("size"), run=lambda: self._brush(pressure_size=self.pressed_size.isChecked())
        )
        self.pressed_opacity = chip(
            self.tr("opacity"), run=lambda: self._brush(pressure_opacity=self.pressed_opacity.isChecked())
        )
        for made, what in ((self.pressed_size, self.tr("size")), (self.pressed_opacity, self.tr("opacity"))):
            made.setAccessibleName(self.tr("Pen pressure changes the {0}").format(what))
            made.setToolTip(made.accessibleName())
            self.row.addWidget(made)
            self.optional.append(made)
        self.row.setSpacing(10)
        canvas.brush_changed.connect(lambda _: self.follow())

    def _brush(self, **changes: object) -> None:
        self.canvas.brush = self.canvas.brush.with_(**changes)

    def follow(self) -> None:
        brush = self.canvas.brush
        self.diameter.set_value(brush.size)
        self.hardness.set_value(brush.hardness * 100)
        self.opacity.set_value(brush.opacity * 100)
        self.pressed_size.setChecked(brush.pressure_size)
        self.pressed_opacity.setChecked(brush.pressure_opacity)


class WandPage(Page):
    def build(self) -> None:
        self.tolerance = ShortValue(
            self.tr("Tolerance"),
            0,
            255,
            32,
            tip=self.tr("How much a colour may differ from the one that is clicked"),
        )
        self.tolerance.changed.connect(lambda value: setattr(self.canvas, "tolerance", round(value)))
        self.row.addWidget(self.tolerance)
        self.touching = chip(self.tr("only what touches"), run=self._touching)
        self.touching.setToolTip(self.tr("Off: everywhere in the picture"))
        self.row.addWidget(self.touching)
        self.hint = label("", "small")
        self.row.addWidget(self.hint)

    def _touching(self) -> None:
        self.canvas.contiguous = self.touching.isChecked()

    def follow(self) -> None:
        self.tolerance.set_value(self.canvas.tolerance)
        self.touching.setChecked(self.canvas.contiguous)
        if self.canvas.tool == "fill":
            self.hint.setText(self.tr("Ctrl clears"))
        else:
            self.hint.setText(shape_hint(self, self.session))


class ShapePage(Page):
    """Rectangle, ellipse, lasso, gradient."""

    def build(self) -> None:
        self.hint = label("", "small")
        self.row.addWidget(self.hint)
        self.to_mask = text_button(
            self.tr("Make a mask of it"),
            lambda: layering.mask_from_selection(self.session),
            kind="link",
            icon="circle-dashed",
        )
        self.row.addWidget(self.to_mask)

    def follow(self) -> None:
        if self.canvas.tool == "gradient":
            self.hint.setText(self.tr("Drag from full to nothing. Shift: straight on. Ctrl clears"))
        else:
            self.hint.setText(shape_hint(self, self.session))
        self.to_mask.setVisible(self.session.document.selection is not None)


def shape_hint(widget: QWidget, session: Session) -> str:
    """What the shape tools do, which depends on the chosen layer."""
    layer = session.layer
    if layer is None or layer.paints_mask:
        return QCoreApplication.translate("OptionsBar", "Adds to the mask. Ctrl subtracts")
    return QCoreApplication.translate("OptionsBar", "Selects. Shift adds, Ctrl subtracts")


class BoxPage(Page):
    """Aspect, size and place of the generation box."""

    def build(self) -> None:
        self.aspect = Choice(self.tr("Sides of the generation box"), plain=True)
        self.aspect.addItem(self.tr("free sides"), 0.0)
        for wide, high in ASPECTS:
            self.aspect.addItem(f"{wide} : {high}", wide / high)
        self.aspect.setToolTip(self.tr("The relation of its sides that the generation box keeps"))
        self.aspect.activated.connect(lambda at: self._lock(float(self.aspect.itemData(at))))
        self.row.addWidget(self.aspect)
        self.sides: list[Number] = []
        for at, title in enumerate(
            (self.tr("Width of the generation box"), self.tr("Height of the generation box"))
        ):
            number = Number()
            number.setDecimals(0)
            number.setRange(8, 16384)
            number.setFixedWidth(48)
            number.setAccessibleName(title)
            number.setToolTip(title)
            number.valueChanged.connect(lambda _, at=at: self._sized(at))
            if at:
                self.row.addWidget(label("×", "small"))
            self.row.addWidget(number)
            self.sides.append(number)
        self.row.addWidget(label("px", "small"))
        self.row.setSpacing(6)
        self.row.addSpacing(10)
        self.whole = text_button(
            self.tr("Whole picture"),
            lambda: self._put(self.session.document.rect),
            kind="link",
            icon="maximize",
        )
        self.around = text_button(self.tr("Around the mask"), self._around, kind="link", icon="scan")
        for made in (self.whole, self.around):
            self.row.addWidget(made)
        self.session.document.box_changed.connect(self._box_changed)
        self._document = self.session.document

    def _box_changed(self, _: Rect) -> None:
        self.follow()

    def follow(self) -> None:
        if self._document is not self.session.document:
            self._document.box_changed.disconnect(self._box_changed)
            self._document = self.session.document
            self._document.box_changed.connect(self._box_changed)
        box = self.session.document.box
        for number, side in zip(self.sides, (box.w, box.h)):
            number.setSingleStep(self.canvas.box_multiple)
            number.blockSignals(True)
            number.setValue(side)
            number.blockSignals(False)
        self.around.setEnabled(layering.target(self.session) is not None)

    def _put(self, box: Rect) -> None:
        if box != self.session.document.box:
            self.session.edit(SetBox(box))
        self.follow()

    def _lock(self, aspect: float) -> None:
        self.canvas.box_aspect = aspect
        box = self.session.document.box
        if aspect:  # as many pixels as before, about the same middle
            wide = math.sqrt(box.area * aspect)
            self._put(self._about(box, *snapped_size(wide, wide / aspect, self.canvas.box_multiple, aspect)))

    def _sized(self, at: int) -> None:
        box, step = self.session.document.box, self.canvas.box_multiple
        wide, high = (number.value() for number in self.sides)
        w, h = snapped_size(wide, high, step, self.canvas.box_aspect, lead=(at == 0, at == 1))
        self._put(Rect(box.x, box.y, w, h))

    @staticmethod
    def _about(box: Rect, w: int, h: int) -> Rect:
        return Rect(box.x + (box.w - w) // 2, box.y + (box.h - h) // 2, w, h)

    def _around(self) -> None:
        """The mask or selection with some surroundings."""
        which = layering.target(self.session)
        inside = (
            select.bounds(layering.mask_pixels(self.session, which))
            if which is not None
            else Rect(0, 0, 0, 0)
        )
        if inside.empty:
            self.session.say(self.tr("The mask is empty; paint something first."), "warn")
            return
        wide = inside.grown(round(max(inside.w, inside.h) * CONTEXT)).clipped(self.session.document.rect)
        card = self.session.card
        least = card.sizes.min if card else self.canvas.box_multiple
        w, h = snapped_size(
            max(wide.w, least), max(wide.h, least), self.canvas.box_multiple, self.canvas.box_aspect
        )
        box, whole = self._about(wide, w, h), self.session.document.rect
        # inside the picture as far as it fits
        x = min(max(box.x, 0), max(whole.w - w, 0))
        y = min(max(box.y, 0), max(whole.h - h, 0))
        self._put(Rect(x, y, w, h))


class MovePage(Page):
    """Place and angle of the chosen layer in numbers; flips and turns."""

    def build(self) -> None:
        self.row.setSpacing(6)
        self.numbers: dict[str, Number] = {}
        for name, title, unit in (
            ("x", self.tr("Left edge"), "px"), ("y", self.tr("Upper edge"), "px"), ("angle", self.tr("Angle"), "°"),
        ):  # fmt: skip
            number = Number()
            number.setDecimals(0 if name != "angle" else 1)
            number.setRange(-99999, 99999) if name != "angle" else number.setRange(-180, 180)
            number.setFixedWidth(64)
            number.setSuffix(f" {unit}" if unit == "px" else unit)
            number.setAccessibleName(title)
            number.setToolTip(title)
            number.valueChanged.connect(lambda value, name=name: self._typed(name, value))
            self.row.addWidget(label(title, "small"))
            self.row.addWidget(number)
            self.numbers[name] = number
        self.row.addSpacing(8)
        self.buttons = [
            self.command("layer.flip", "flip-horizontal"), self.command("layer.flip-over", "flip-vertical"),
            self.command("layer.turn", "rotate-cw"), self.command("layer.straighten", "rotate-ccw"),
        ]  # fmt: skip

    def _place(self) -> dict[str, float] | None:
        layer = self.session.layer
        if layer is None:
            return None
        rect, matrix = stack.frame(self.session.document, layer)
        if rect.empty:
            return None
        where = map_rect(matrix, rect)
        return {"x": where.x, "y": where.y, "angle": math.degrees(math.atan2(matrix[3], matrix[0]))}

    def follow(self) -> None:
        place = self._place()
        for name, number in self.numbers.items():
            number.setEnabled(place is not None)
            number.blockSignals(True)
            number.setValue(place[name] if place else 0)
            number.blockSignals(False)
        for button, name in zip(self.buttons, ("flip", "flip-over", "turn", "straighten")):
            button.setEnabled(actions.BY_ID[f"layer.{name}"].enabled(self.session))

    def _typed(self, name: str, value: float) -> None:
        place = self._place()
        if place is None:
            return
        if name == "angle":
            by = placed(degrees=value - place["angle"])
            layering.turn(self.session, by, "Rotate {0}")
        else:
            move = (value - place["x"], 0.0) if name == "x" else (0.0, value - place["y"])
            layering.arrange(
                self.session,
                lambda document, layer: stack.transformed(document, layer, placed(move), "Move {0}"),
            )
        self.follow()


class CropPage(Page):
    def build(self) -> None:
        self.row.addWidget(
            label(self.tr("Drag the edges of the picture; Enter crops, Escape gives up"), "small")
        )


class PickPage(Page):
    def build(self) -> None:
        self.row.addWidget(label(self.tr("Click to take the colour under the pointer"), "small"))


class HandPage(Page):
    def build(self) -> None:
        self.row.setSpacing(6)
        for title, run in (
            (self.tr("Fit"), self.canvas.fit),
            (self.tr("100 %"), self.canvas.actual_size),
            (self.tr("Straighten"), self.canvas.reset_rotation),
        ):
            self.row.addWidget(text_button(title, lambda run=run: run(), kind="link"))
        self.row.addWidget(label(self.tr("Space pans, Shift+Space turns, the wheel zooms"), "small"))


PAGES: dict[str, type[Page]] = {
    "brush": BrushPage, "eraser": BrushPage, "wand": WandPage, "fill": WandPage, "rectangle": ShapePage,
    "ellipse": ShapePage, "lasso": ShapePage, "gradient": ShapePage, "box": BoxPage, "crop": CropPage, "move": MovePage,
    "pick": PickPage, "hand": HandPage,
}  # fmt: skip


class OptionsBar(QWidget):
    """The page of the tool in hand; on the right what concerns masks."""

    def __init__(self, session: Session, canvas: Canvas, refine: Callable[[str], object]) -> None:
        super().__init__()
        self.session, self.canvas = session, canvas
        self.setObjectName("options")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(self.tr("Settings of the tool"))
        self.setFixedHeight(HEIGHT)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 0, 8, 0)
        row.setSpacing(4)
        self.stack = QStackedWidget()
        self.stack.setMinimumWidth(40)
        row.addWidget(self.stack, 1)
        self.refine = icon_button(
            "spline", self.tr("Grow, shrink, feather or smooth the mask"), lambda: refine("grow"), side=16
        )
        self.quick = icon_button(
            "circle-dashed",
            self.tr("Paint the mask"),
            canvas.toggle_quick_mask,
            tip=self.tr("Paint the mask, and back  Q"),
            side=16,
        )
        self.quick.setCheckable(True)
        self.alone = icon_button(
            "contrast", self.tr("See the masks alone"), lambda: canvas.set_masks_alone(not canvas.masks_alone),
            tip=self.tr("See the masks alone, white on black  Shift+Q"), side=16,
        )  # fmt: skip
        self.alone.setCheckable(True)
        for button, name in (
            (self.refine, "spline"),
            (self.quick, "circle-dashed"),
            (self.alone, "contrast"),
        ):
            button.setFixedSize(26, 26)
            tint(button, name, "muted", 16)
            row.addWidget(button)
        self._pages: dict[type[Page], Page] = {}
        canvas.tool_changed.connect(lambda _: self._show())
        canvas.quick_mask_changed.connect(self.quick.setChecked)
        canvas.masks_alone_changed.connect(self.alone.setChecked)
        session.changed.connect(self._changed)
        self._show()
        self._changed("history")

    @property
    def page(self) -> Page:
        page = self.stack.currentWidget()
        assert isinstance(page, Page)
        return page

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Where there is little room the sliders go, then what only tablets need; the numbers stay."""
        for value in self.page.findChildren(ShortValue):
            value.slider.setVisible(self.width() >= ROOMY)
        for part in self.page.optional:
            part.setVisible(self.width() >= NARROW)

    def _show(self) -> None:
        kind = PAGES[self.canvas.tool]
        page = self._pages.get(kind)
        if page is None:
            page = self._pages[kind] = kind(self.session, self.canvas)
            self.stack.addWidget(page)
        self.stack.setCurrentWidget(page)
        page.follow()
        self._fit()

    def _changed(self, what: str) -> None:
        if what in ("history", "document", "model"):
            self.page.follow()
            self.refine.setEnabled(layering.target(self.session) is not None)
            self.quick.setChecked(self.canvas.quick_mask)
            self.alone.setChecked(self.canvas.masks_alone)
