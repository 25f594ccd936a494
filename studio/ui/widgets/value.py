"""One number with its name, a slider and a way back to its default.

`value()` is None while the number is the model's own: the slider then shows that number in grey and the request leaves
the field open.
"""

from __future__ import annotations

import math
import random
import re

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QContextMenuEvent, QFocusEvent, QKeyEvent, QWheelEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QSlider, QVBoxLayout, QWidget

from studio.ui.widgets.basic import icon_button, label, set_kind


class _Quiet(QSlider):
    """A slider that only the focused hand turns: scrolling the panel over it must not change a value."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()


class Number(QLineEdit):
    """A number with a unit. Up and Down step it, Enter or leaving the field puts it in, Escape gives up.

    (A QDoubleSpinBox without its arrows was tried: with a stylesheet its text field shrinks to nothing in Fusion.)
    """

    valueChanged = Signal(float)

    def __init__(self) -> None:
        super().__init__()
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.setProperty("kind", "plain")
        self._value, self._low, self._high = 0.0, 0.0, 100.0
        self._step, self._decimals, self._suffix = 1.0, 2, ""
        self.editingFinished.connect(self._typed)

    def value(self) -> float:
        return self._value

    def setValue(self, value: float) -> None:
        value = round(min(max(value, self._low), self._high), self._decimals)
        if value != self._value:
            self._value = value
            self._show()
            self.valueChanged.emit(value)
        elif not self.hasFocus():
            self._show()

    def setRange(self, low: float, high: float) -> None:
        self._low, self._high = low, high
        self.setValue(self._value)

    def setMaximum(self, high: float) -> None:
        self.setRange(self._low, high)

    def setSingleStep(self, step: float) -> None:
        self._step = step

    def setDecimals(self, decimals: int) -> None:
        self._decimals = decimals
        self._show()

    def setSuffix(self, suffix: str) -> None:
        self._suffix = suffix
        self._show()

    def _show(self) -> None:
        self.setText(f"{self._value:.{self._decimals}f}{self._suffix}")

    def _typed(self) -> None:
        found = re.search(r"-?\d+([.,]\d+)?|-?[.,]\d+", self.text())
        before = self._value
        if found:
            self.setValue(float(found[0].replace(",", ".")))
        if self._value == before or not found:
            self._show()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1, Qt.Key.Key_PageUp: 10, Qt.Key.Key_PageDown: -10}
        if event.key() in steps:
            self._typed()
            self.setValue(self._value + steps[Qt.Key(event.key())] * self._step)
        elif event.key() == Qt.Key.Key_Escape and self.isModified():
            self._show()
            self.selectAll()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        QTimer.singleShot(0, self, self.selectAll)


class ValueRow(QWidget):
    """Name on the left, number on the right, slider below; `slider=False` leaves the slider out."""

    changed = Signal(object)
    """The new value, or None for "the model's own"."""

    def __init__(
        self,
        title: str,
        low: float,
        high: float,
        step: float,
        default: float | None,
        *,
        whole: bool = False,
        unit: str = "",
        tip: str = "",
        slider: bool = True,
    ) -> None:
        super().__init__()
        self._default, self._own, self._value = default, low, default
        self._whole, self._step = whole, step or (1 if whole else 0.01)
        self._low, self._high = low, high
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        row = QHBoxLayout()
        row.setSpacing(2)
        self._name = label(title, "small")
        row.addWidget(self._name, 1)
        self._reset = icon_button("rotate-ccw", self.tr("Reset {0}").format(title), self.reset, side=12)
        self._reset.setFixedSize(20, 20)
        keep = self._reset.sizePolicy()
        keep.setRetainSizeWhenHidden(True)
        self._reset.setSizePolicy(keep)
        row.addWidget(self._reset)
        self.number = Number()
        self.number.setDecimals(0 if whole else max(0, min(4, -math.floor(math.log10(self._step) + 1e-9))))
        self.number.setRange(low, high)
        self.number.setSingleStep(self._step)
        if unit:
            self.number.setSuffix(f" {unit}")
        self.number.setAccessibleName(title)
        self.number.setFixedWidth(64)
        self._name.setBuddy(self.number)
        row.addWidget(self.number)
        outer.addLayout(row)
        self.slider: QSlider | None = None
        if slider:
            self.slider = _Quiet(Qt.Orientation.Horizontal)
            self.slider.setRange(0, max(1, round((high - low) / self._step)))
            self.slider.setPageStep(max(1, self.slider.maximum() // 10))
            self.slider.setAccessibleName(title)
            self.slider.valueChanged.connect(self._slid)
            self.slider.installEventFilter(self)
            outer.addWidget(self.slider)
        for widget in (self, self._name, self.number, self.slider):
            if widget is not None and tip:
                widget.setToolTip(tip)
        if tip:
            self.number.setAccessibleDescription(tip)
        self.number.valueChanged.connect(self._typed)
        self._show()

    def value(self) -> float | int | None:
        if self._value is None:
            return None
        return round(self._value) if self._whole else round(self._value, 6)

    def set_value(self, value: float | None) -> None:
        """From outside: no `changed`."""
        self._value = None if value is None else float(value)
        self._show()

    def set_own(self, own: float | None) -> None:
        """What "the model's own" is now."""
        self._own = self._low if own is None else own
        self._show()

    def reset(self) -> None:
        self._set(self._default)

    def _set(self, value: float | None) -> None:
        if value != self._value:
            self._value = value
            self._show()
            self.changed.emit(self.value())

    def _show(self) -> None:
        shown = self._own if self._value is None else self._value
        for widget in (self.number, self.slider):
            if widget is None:
                continue
            widget.blockSignals(True)
            set_kind(widget, own="true" if self._value is None else "false")
        self.number.setValue(shown)
        self.number.blockSignals(False)
        if self.slider is not None:
            self.slider.setValue(round((shown - self._low) / self._step))
            self.slider.blockSignals(False)
        self._reset.setVisible(self._value != self._default)

    def _typed(self, value: float) -> None:
        self._set(value)

    def _slid(self, place: int) -> None:
        self._set(min(self._high, self._low + place * self._step))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.MouseButtonDblClick:  # as in every paint program
            self.reset()
            return True
        return super().eventFilter(watched, event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        event.ignore()


class SeedRow(QWidget):
    """A seed with a die: throw it, or keep the number to get the same picture again."""

    changed = Signal(object)

    def __init__(self, title: str, tip: str = "", high: int = 2**63 - 1, fixed_zero: bool = False) -> None:
        super().__init__()
        self._high = high
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        row.addWidget(label(title, "small"))
        self.edit = QLineEdit("0")
        self.edit.setProperty("kind", "plain")
        self.edit.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.edit.setMaxLength(19)
        self.edit.setAccessibleName(title)
        self.edit.setToolTip(tip)
        self.edit.editingFinished.connect(self._typed)
        row.addWidget(self.edit, 1)
        self.dice = icon_button("dices", self.tr("Throw a new seed"), self.throw, side=16)
        self.dice.setCheckable(False)
        row.addWidget(self.dice)

    def value(self) -> int:
        text = "".join(ch for ch in self.edit.text() if ch.isdigit())
        return min(int(text or 0), self._high)

    def set_value(self, value: int | None) -> None:
        if not self.edit.hasFocus() or self.value() != (value or 0):
            self.edit.setText(str(value or 0))

    def throw(self) -> None:
        self.set_value(random.randrange(1, 2**31))
        self.changed.emit(self.value())

    def _typed(self) -> None:
        value = self.value()
        self.edit.setText(str(value))
        self.changed.emit(value)


class ShortValue(QWidget):
    """Name, short slider and number in one line, for bars. `changed` comes from the hand, never from `set_value`.

    Args:
        curve: of the slider: 1 = straight, 2 = small values have more room (sizes in pixels).
    """

    changed = Signal(float)

    def __init__(
        self,
        title: str,
        low: float,
        high: float,
        value: float,
        unit: str = "",
        curve: float = 1.0,
        tip: str = "",
    ) -> None:
        super().__init__()
        self._low, self._high, self._curve = low, high, curve
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        name = label(title, "small")
        row.addWidget(name)
        self.slider = _Quiet(Qt.Orientation.Horizontal)
        self.slider.setRange(0, 1000)
        self.slider.setPageStep(100)
        self.slider.setMinimumWidth(40)
        self.slider.setMaximumWidth(84)
        self.slider.setAccessibleName(title)
        row.addWidget(self.slider)
        self.number = Number()
        self.number.setDecimals(0)
        self.number.setRange(low, high)
        if unit:
            self.number.setSuffix(f" {unit}")
        self.number.setAccessibleName(title)
        self.number.setFixedWidth(52)
        name.setBuddy(self.number)
        row.addWidget(self.number)
        for widget in (self, name, self.slider, self.number):
            widget.setToolTip(tip)
        self.set_value(value)
        self.slider.valueChanged.connect(self._slid)
        self.number.valueChanged.connect(self._typed)

    def value(self) -> float:
        return self.number.value()

    def set_value(self, value: float) -> None:
        self.number.blockSignals(True)
        self.number.setValue(value)
        self.number.blockSignals(False)
        self._place()

    def _place(self) -> None:
        share = (self.number.value() - self._low) / max(self._high - self._low, 1e-9)
        self.slider.blockSignals(True)
        self.slider.setValue(round(1000 * share ** (1 / self._curve)))
        self.slider.blockSignals(False)

    def _slid(self, place: int) -> None:
        value = self._low + (self._high - self._low) * (place / 1000) ** self._curve
        self.number.blockSignals(True)
        self.number.setValue(value)
        self.number.blockSignals(False)
        self.changed.emit(self.number.value())

    def _typed(self, value: float) -> None:
        self._place()
        self.changed.emit(value)
