"""How loud it is just now: the peak falls slowly, the mean lies below it, and a lamp stays on after too much."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QLinearGradient, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from studio.media.device import SILENT, Meter
from studio.ui.theme import themes

BOTTOM = -60.0
"""dBFS at the left end."""
WARM, HOT = -12.0, -3.0
"""dBFS from which the bar says take care."""


class LevelMeter(QWidget):
    """Shows a `Meter`; a click puts the lamp out."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("meter")
        self.setFixedSize(104, 22)
        self.setAccessibleName(self.tr("Level"))
        self._meter: Meter | None = None
        self._seen = (SILENT, SILENT, False)
        themes.changed.connect(self.update)
        self.follow(None)

    def follow(self, meter: Meter | None) -> None:
        """Whose level is shown; None = silence."""
        self._meter = meter
        self.look()

    def look(self) -> None:
        """Draws anew where something moved."""
        meter = self._meter
        peak = meter.now() if meter is not None else SILENT
        rms = min(meter.rms, peak) if meter is not None else SILENT
        seen = (round(peak, 1), round(rms, 1), bool(meter is not None and meter.clipped))
        if seen != self._seen:
            self._seen = seen
            self.update()
        text = self.tr("silent") if peak <= BOTTOM else f"−{-peak:.0f} dB"
        if seen[2]:
            text += " · " + self.tr("it was too loud")
        if text != self.accessibleDescription():
            self.setToolTip(self.tr("Level: {0}").format(text))
            self.setAccessibleDescription(text)

    def sizeHint(self) -> QSize:
        return self.size()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self._meter is not None:
            self._meter.clipped = False
            self.look()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), themes.now
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        bar = QRectF(0, 8, self.width() - 12, 6)
        painter.setBrush(theme.colour("line"))
        painter.drawRoundedRect(bar, 3, 3)
        peak, rms, clipped = self._seen
        share = self._share(peak)
        if share > 0:
            ramp = QLinearGradient(bar.topLeft(), bar.topRight())
            ramp.setColorAt(0, theme.colour("ok"))
            ramp.setColorAt(self._share(WARM), theme.colour("ok"))
            ramp.setColorAt(self._share(HOT), theme.colour("warn"))
            ramp.setColorAt(1, theme.colour("danger"))
            painter.setBrush(ramp)
            painter.drawRoundedRect(QRectF(bar.left(), bar.top(), max(bar.width() * share, 3), 6), 3, 3)
            painter.setBrush(QColor(theme.colour("text")))
            painter.drawRect(QRectF(bar.left() + bar.width() * self._share(rms), 6, 1.5, 10))
        painter.setBrush(theme.colour("danger" if clipped else "line"))
        painter.drawEllipse(QPointF(self.width() - 5, 11), 3.5, 3.5)
        painter.end()

    def _share(self, decibels: float) -> float:
        return min(max((decibels - BOTTOM) / -BOTTOM, 0.0), 1.0)
