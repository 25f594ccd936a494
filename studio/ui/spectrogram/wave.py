"""The whole sound as a wave below its spectrogram: where one is, what is in view, what is played round and round."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QWidget

from studio.ui.theme import themes

MARGIN = 6


def outline(peaks: np.ndarray, width: int) -> np.ndarray:
    """[N, 2] lowest and highest -> [width, 2], the same over each pixel."""
    if not len(peaks):
        return np.zeros((width, 2), np.float32)
    starts = np.minimum(np.arange(width) * len(peaks) // max(width, 1), len(peaks) - 1)
    out = np.stack([np.minimum.reduceat(peaks[:, 0], starts), np.maximum.reduceat(peaks[:, 1], starts)], 1)
    return out


def draw_wave(painter: QPainter, area: QRectF, wave: np.ndarray, colour: QColor) -> None:
    """One line for each pixel, the loudest sample at nine tenths of the height."""
    loudest = max(float(np.abs(wave).max()), 1e-3) if wave.size else 1.0
    middle, half = area.center().y(), area.height() * 0.45
    painter.setPen(QPen(colour, 1))
    lines = []
    for x, (low, high) in enumerate(wave):
        top, bottom = middle - high / loudest * half, middle - low / loudest * half
        lines.append(QLineF(area.left() + x + 0.5, top, area.left() + x + 0.5, max(bottom, top + 0.8)))
    painter.drawLines(lines)


class Overview(QWidget):
    """A click or a drag puts the playhead there."""

    sought = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("wave")
        self.setAccessibleName(self.tr("The whole sound"))
        self.setAccessibleDescription(
            self.tr("Click to put the playhead; Left and Right move it by a second.")
        )
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setFixedHeight(72)
        self._peaks = np.zeros((0, 2), np.float32)
        self._kept: tuple[tuple[object, ...], QPixmap] | None = None
        self.seconds = 1.0
        self.view = (0.0, 1.0)
        self.playhead = 0.0
        self.loop: tuple[float, float] | None = None
        themes.changed.connect(self.update)

    def set_peaks(self, peaks: np.ndarray, seconds: float) -> None:
        """[N, 2] of the whole sound; empty while it is not known."""
        if peaks is not self._peaks:
            self._kept = None
        self._peaks, self.seconds = peaks, max(seconds, 1e-6)
        self.update()

    def set_view(self, begin: float, end: float) -> None:
        self.view = (begin, end)
        self.update()

    def set_playhead(self, seconds: float) -> None:
        old, self.playhead = self._x(self.playhead), seconds
        for x in (old, self._x(seconds)):
            self.update(round(x) - 2, 0, 5, self.height())

    def set_loop(self, loop: tuple[float, float] | None) -> None:
        self.loop = loop
        self.update()

    def _x(self, t: float) -> float:
        return MARGIN + t / self.seconds * (self.width() - 2 * MARGIN)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), themes.now
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.colour("accent" if self.hasFocus() else "line"), 1))
        painter.setBrush(theme.colour("panel"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 7, 7)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        inner = QRectF(self.rect()).adjusted(MARGIN, 6, -MARGIN, -6)
        begin, end = (self._x(t) for t in self.view)
        whole = self.view[0] <= 1e-6 and self.view[1] >= self.seconds - 1e-6
        if self.loop is not None:
            soft = theme.colour("accent")
            soft.setAlphaF(0.18)
            x0, x1 = (self._x(t) for t in self.loop)
            painter.fillRect(QRectF(x0, 4, max(x1 - x0, 1), self.height() - 8), soft)
        if len(self._peaks):
            painter.drawPixmap(0, 0, self._drawn(inner))
        if not whole and len(self._peaks):
            shade = theme.colour("panel")
            shade.setAlphaF(0.62)
            painter.fillRect(QRectF(MARGIN, 2, begin - MARGIN, self.height() - 4), shade)
            painter.fillRect(QRectF(end, 2, self.width() - MARGIN - end, self.height() - 4), shade)
            painter.setPen(QPen(theme.colour("muted"), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(QRectF(begin, 2, max(end - begin, 2), self.height() - 5))
        painter.setPen(QPen(theme.colour("text"), 1))
        x = round(self._x(self.playhead))
        painter.drawLine(x, 3, x, self.height() - 4)
        painter.end()

    def _drawn(self, inner: QRectF) -> QPixmap:
        """The wave, drawn once: a playhead that walks over it must cost next to nothing."""
        ratio = self.devicePixelRatioF()
        key = (self.width(), self.height(), ratio, themes.now.name)
        if self._kept is None or self._kept[0] != key:
            made = QPixmap(self.size() * ratio)
            made.setDevicePixelRatio(ratio)
            made.fill(Qt.GlobalColor.transparent)
            painter = QPainter(made)
            lines = outline(self._peaks, max(1, int(inner.width())))
            draw_wave(painter, inner, lines, themes.now.colour("accent"))
            painter.end()
            self._kept = (key, made)
        return self._kept[1]

    def _seek(self, at: QPointF) -> None:
        share = (at.x() - MARGIN) / max(self.width() - 2 * MARGIN, 1)
        self.sought.emit(min(max(share, 0.0), 1.0) * self.seconds)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._seek(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._seek(event.position())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        way = {Qt.Key.Key_Left: -1.0, Qt.Key.Key_Right: 1.0}.get(Qt.Key(event.key()), 0.0)
        if way:
            self.sought.emit(min(max(self.playhead + way, 0.0), self.seconds))
        else:
            super().keyPressEvent(event)


class Thumb(QWidget):
    """A take's wave in its row."""

    def __init__(self, width: int = 90) -> None:
        super().__init__()
        self.setFixedSize(width, 22)
        self._lines = np.zeros((0, 2), np.float32)
        self.setAccessibleName(self.tr("Wave"))
        themes.changed.connect(self.update)

    def set_peaks(self, peaks: np.ndarray) -> None:
        self._lines = outline(peaks, self.width()) if len(peaks) else np.zeros((0, 2), np.float32)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if len(self._lines):
            painter = QPainter(self)
            colour = themes.now.colour("muted")
            draw_wave(painter, QRectF(self.rect()), self._lines, colour)
            painter.end()
