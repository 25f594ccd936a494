"""The widget on which a sound is seen and marked.

    view = SpectrogramView()
    view.set_sound(tape, marks)
    view.set_tool("lasso")
    view.set_playhead(3.41)

The wheel zooms in time about the pointer, with Ctrl in pitch, with Shift it pans; the middle button drags the picture; arrow
keys pan, + and - zoom, Home and End go to the ends; [ and ] make the brush smaller and larger; Escape gives up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QPixmap,
    QPolygonF,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from studio.core import marks as plane
from studio.core import select
from studio.core.document import Document
from studio.core.region import Rect
from studio.core.spectrogram import note_name
from studio.core.take import Note
from studio.media.tape import Tape
from studio.ui.spectrogram import colours
from studio.ui.spectrogram.sight import Axis, Scale, Sight, clock
from studio.ui.spectrogram.tiles import Look, Tiles
from studio.ui.spectrogram.tools import TOOLS, Pointer, Tool
from studio.ui.theme import themes

LOWEST, HIGHEST = 27.5, 20000.0
WHEEL = 1.2
"""Zoom of one notch."""
ROUND = 7
LABELS = 400
"""Names on the axes that are kept as pictures."""
SPECTRUM = 96
"""Width of the spectrum under the pointer."""
SHADE = QColor(8, 9, 12, 190)
LIGHT = QColor(240, 242, 246)


class SpectrogramView(QWidget):
    """See the module."""

    pointed = Signal(object)
    """(t, Hz, dB or None) under the pointer; None when it leaves."""
    sought = Signal(float)
    """The playhead was put somewhere, in seconds."""
    loop_changed = Signal(object)
    """(begin, end) in seconds, or None."""
    sight_changed = Signal()
    edited = Signal(object)
    """An edit of the marks that is already in effect."""
    retuned = Signal(object)
    """The notes of the melody after one was moved."""
    tool_changed = Signal(str)
    message = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("spectrogram")
        self.setAccessibleName(self.tr("Spectrogram"))
        self.setAccessibleDescription(
            self.tr(
                "The sound over time and pitch. Arrow keys pan, plus and minus zoom, Home and End go to the ends."
            )
        )
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMinimumSize(200, 120)
        self.tape: Tape | None = None
        self.before: Tape | None = None
        """What the left of the divider shows in a comparison."""
        self.marks: Document | None = None
        self.sight = Sight()
        self.playhead = 0.0
        self.loop: tuple[float, float] | None = None
        self.melody: Sequence[Note] = ()
        self.show_spectrum = False
        self.brush = 36.0
        """Diameter in pixels of the screen."""
        self.divider = 0.5
        """Share of the width at which the comparison is divided."""
        self._scale: Scale = "note"
        self._window_ms = 93.0
        self._colours = ("magma", -85.0, -12.0)
        self._tiles: Tiles | None = None
        self._tiles_before: Tiles | None = None
        self._pointer: QPointF | None = None
        self._pan: QPointF | None = None
        self._dividing = False
        self._pressed = False
        self._shade: tuple[object, QImage, QPoint] | None = None
        self._labels: dict[tuple[str, bool, float], QPixmap] = {}
        self._marks_version = 0
        self._tools: dict[str, Tool] = {kind.id: kind(self) for kind in TOOLS}
        self._tool = self._tools["hand"]
        self._late = QTimer(self, singleShot=True, interval=15)
        self._late.timeout.connect(self.update)
        themes.changed.connect(self._themed)

    # --- what is shown ----------------------------------------------------------------------------------------------

    def set_sound(self, tape: Tape | None, marks: Document | None = None, keep: bool = False) -> None:
        """Another sound, all of it in view; None = nothing. keep: seen in the same place as the one before (A/B)."""
        self._tool.cancel()
        if self.marks is not None:
            self.marks.changed.disconnect(self._marked)
        self.tape, self.marks = tape, marks
        if marks is not None:
            marks.changed.connect(self._marked)
        self._marks_version += 1
        self._pan = None
        self.melody = ()
        if not keep:
            self.playhead, self.loop = 0.0, None
        self._tiles = self._remade(self._tiles, tape)
        whole = self.sight.per >= self.sight.widest * (1 - 1e-9)
        sight = replace(self.sight, seconds=tape.seconds if tape else 1.0, axis=self._axis())
        sight = sight.sized(self.width(), self.height())
        self._see(sight.kept() if keep and not whole else sight.fitted(), always=True)

    def set_before(self, tape: Tape | None) -> None:
        """The sound that the left side shows for comparison; None = no comparison."""
        self.before = tape
        self._tiles_before = self._remade(self._tiles_before, tape)
        self.update()

    def set_look(self, scale: Scale | None = None, window_ms: float | None = None) -> None:
        """The axis: "note", "mel" or "linear"; and the length of the window: short is sharp in time, long in pitch."""
        middle = self.sight.axis.hz((self.sight.top + self.sight.bottom) / 2)
        room = self.sight.top - self.sight.bottom
        self._scale = scale or self._scale
        self._window_ms = window_ms or self._window_ms
        axis = self._axis()
        centre = min(max(axis.share(middle), room / 2), 1 - room / 2)
        self._tiles = self._remade(self._tiles, self.tape)
        self._tiles_before = self._remade(self._tiles_before, self.before)
        self._see(
            replace(self.sight, axis=axis, bottom=centre - room / 2, top=centre + room / 2).kept(),
            always=True,
        )

    @property
    def look(self) -> Look:
        return Look(self._axis(), self._window_ms)

    def set_colours(
        self, name: str | None = None, floor: float | None = None, top: float | None = None
    ) -> None:
        """A map of `colours.MAPS`; silence and the loudest in dB."""
        old = self._colours
        self._colours = (name or old[0], old[1] if floor is None else floor, old[2] if top is None else top)
        for tiles in (self._tiles, self._tiles_before):
            if tiles is not None:
                tiles.colour(colours.table(*self._colours))
        self.update()

    @property
    def colouring(self) -> tuple[str, float, float]:
        return self._colours

    def _axis(self) -> Axis:
        rate = self.tape.rate if self.tape is not None else 44100.0
        return Axis(self._scale, LOWEST if self._scale != "linear" else 0.0, min(HIGHEST, rate / 2))

    def _remade(self, old: Tiles | None, tape: Tape | None) -> Tiles | None:
        if old is not None:
            if tape is old.tape and old.look == self.look:
                return old
            old.stop()
            old.deleteLater()
        if tape is None:
            return None
        made = Tiles(tape, self.look, self)
        made.colour(colours.table(*self._colours))
        made.arrived.connect(self._more)
        return made

    def _more(self) -> None:
        if not self._late.isActive():
            self._late.start()

    @property
    def tiles(self) -> Tiles | None:
        return self._tiles

    def set_playhead(self, seconds: float, follow: bool = False) -> None:
        """follow: the picture turns its page when the playhead leaves it."""
        old, self.playhead = self.playhead, seconds
        if follow and not self.sight.start <= seconds < self.sight.end and self._pan is None:
            self._see(replace(self.sight, start=seconds).kept())
        for t in (old, seconds):
            self.update(QRect(round(self.sight.x(t)) - 2, 0, 5, self.height()))

    def set_loop(self, loop: tuple[float, float] | None) -> None:
        if loop != self.loop:
            self.loop = loop
            self.update()
            self.loop_changed.emit(loop)

    def set_melody(self, notes: Sequence[Note]) -> None:
        """The tune that is drawn over the picture."""
        self.melody = tuple(notes)
        self.update()

    def set_tool(self, name: str) -> None:
        """Raises KeyError for an unknown one; `studio.ui.spectrogram.tools.TOOLS` lists them."""
        tool = self._tools[name]
        if tool is not self._tool:
            self._tool.cancel()
            self._tool = tool
            self._cursor()
            self.update()
            self.tool_changed.emit(name)

    @property
    def tool(self) -> str:
        return self._tool.id

    def clear_marks(self) -> None:
        """Nothing is marked any more: one edit."""
        if self.marks is not None:
            self._tools["eraser"].wipe()  # pyright: ignore[reportAttributeAccessIssue]

    def mark(self, begin: float, end: float, top: float, bottom: float) -> None:
        """A rectangle is marked: seconds, and rows of the plane from above. One edit."""
        if self.marks is not None:
            across = (begin * plane.RATE, end * plane.RATE)
            rect, shape = select.rectangle(across[0], top, across[1], bottom, self.marks.rect)
            self._tools["rectangle"].put(rect, shape, False, "Mark a rectangle")

    # --- the view ---------------------------------------------------------------------------------------------------

    def _see(self, sight: Sight, always: bool = False) -> None:
        if sight != self.sight or always:
            self.sight = sight
            self.update()
            self.sight_changed.emit()

    def fit(self) -> None:
        """All of the sound."""
        self._see(self.sight.fitted())

    def zoom(self, times: float, x: float | None = None) -> None:
        self._see(self.sight.zoomed(times, self.width() / 2 if x is None else x))

    def stretch(self, times: float, y: float | None = None) -> None:
        """Zoom in pitch."""
        self._see(self.sight.stretched(times, self.height() / 2 if y is None else y))

    def pan(self, dx: float, dy: float = 0.0) -> None:
        self._see(self.sight.panned(dx, dy))

    def show_range(self, begin: float, end: float) -> None:
        self._see(self.sight.shown(begin, end))

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._see(self.sight.sized(self.width(), self.height()), always=True)

    # --- painting ---------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        area = event.rect()
        first = colours.table(*self._colours)[0]
        ground = QColor.fromRgb(int(first)) if self._tiles is not None else themes.now.colour("panel")
        painter.fillRect(area, ground)
        if self._tiles is not None:
            split = round(self.divider * self.width()) if self._tiles_before is not None else 0
            self._draw_tiles(
                painter, self._tiles, area.intersected(QRect(split, 0, self.width(), self.height()))
            )
            if self._tiles_before is not None:
                self._draw_tiles(
                    painter, self._tiles_before, area.intersected(QRect(0, 0, split, self.height()))
                )
            self._draw_end(painter)
            self._draw_marks(painter, area)
            self._draw_lines(painter, area)
            self._draw_loop(painter)
            if self._tiles_before is not None:
                self._draw_divider(painter, split)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._draw_melody(painter)
            self._tool.paint(painter)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            x = round(self.sight.x(self.playhead))
            painter.setPen(QPen(QColor(0, 0, 0, 120), 3))
            painter.drawLine(x, 0, x, self.height())
            painter.setPen(QPen(LIGHT, 1))
            painter.drawLine(x, 0, x, self.height())
            if self.show_spectrum:
                self._draw_spectrum(painter)
            self._draw_readout(painter)
        self._round(painter, area)
        painter.end()

    def _round(self, painter: QPainter, area: QRect) -> None:
        """The corners, as of every panel, in the colour of what is behind."""
        inner = self.rect().adjusted(ROUND, ROUND, -ROUND, -ROUND)
        if area.left() >= inner.left() and area.right() <= inner.right():
            return  # a playhead's stripe touches none
        path = QPainterPath()
        path.addRect(QRectF(self.rect()))
        path.addRoundedRect(QRectF(self.rect()), ROUND, ROUND)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillPath(path, themes.now.colour("bg"))
        painter.setPen(QPen(themes.now.colour("accent" if self.hasFocus() else "line"), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), ROUND, ROUND)

    def _draw_tiles(self, painter: QPainter, tiles: Tiles, area: QRect) -> None:
        if area.isEmpty():
            return
        painter.save()
        painter.setClipRect(area)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        # At the edges of a tile smoothing would mix in the background: neighbours overlap by a hair.
        for place, picture, part in tiles.drawings(self.sight):
            if place.right() >= area.left() and place.left() <= area.right() + 1:
                painter.drawImage(place.adjusted(0, 0, 0.6, 0), picture, part)
        painter.restore()

    def _draw_end(self, painter: QPainter) -> None:
        """Beyond the sound there is nothing."""
        x = round(self.sight.x(self.sight.seconds))
        if x < self.width():
            painter.fillRect(QRect(x, 0, self.width() - x, self.height()), themes.now.colour("canvas"))

    def _draw_lines(self, painter: QPainter, area: QRect) -> None:
        font = QFont(self.font())
        font.setPixelSize(11)
        painter.setFont(font)
        faint = QColor(255, 255, 255, 16)
        notes = self.sight.note_lines()
        if self._scale == "linear":
            notes = [one for one in notes if one[1].startswith("C") and "♯" not in one[1]]
        if area.left() < 60:
            for y, name in notes:
                if 6 <= y <= self.height() - 6:
                    self._label(painter, QPointF(6, y + 4), name)
        hertz = self.sight.hertz_lines()
        right = self.width() - (SPECTRUM if self.show_spectrum else 0)
        if area.right() > right - 60:
            for y, text in hertz:
                wide = painter.fontMetrics().horizontalAdvance(text)
                self._label(painter, QPointF(right - wide - 6, y + 4), text, muted=True)
        for y, name in notes:  # filled, as a see-through line takes Qt a hundred times as long
            if name.startswith("C") and "♯" not in name:
                painter.fillRect(area.left(), round(y), area.width(), 1, faint)
        for x, text in self.sight.time_lines():
            if area.left() - 60 <= x <= area.right() + 60:
                painter.fillRect(round(x), 0, 1, self.height(), faint)
                if x + 50 < right and x > 30:
                    self._label(painter, QPointF(x + 4, self.height() - 6), text, muted=True)

    def _label(self, painter: QPainter, at: QPointF, text: str, muted: bool = False) -> None:
        """Readable on every colour: light on a dark rim. Drawn once, as text is slow."""
        ratio = self.devicePixelRatioF()
        kept = self._labels.get((text, muted, ratio))
        metrics = painter.fontMetrics()
        if kept is None:
            size = QSize(metrics.horizontalAdvance(text) + 4, metrics.height() + 2)
            kept = QPixmap(size * ratio)
            kept.setDevicePixelRatio(ratio)
            kept.fill(Qt.GlobalColor.transparent)
            inner = QPainter(kept)
            inner.setFont(painter.font())
            base = QPointF(2, metrics.ascent() + 1)
            inner.setPen(QColor(0, 0, 0, 150))
            for dx, dy in ((-1, 0), (1, 0), (0, -1), (0, 1)):
                inner.drawText(base + QPointF(dx, dy), text)
            inner.setPen(QColor(206, 210, 220) if muted else LIGHT)
            inner.drawText(base, text)
            inner.end()
            if len(self._labels) > LABELS:
                self._labels.clear()
            self._labels[text, muted, ratio] = kept
        painter.drawPixmap(QPoint(round(at.x()) - 2, round(at.y()) - metrics.ascent() - 1), kept)

    def _draw_loop(self, painter: QPainter) -> None:
        if self.loop is None:
            return
        accent = themes.now.colour("accent")
        x0, x1 = (round(self.sight.x(t)) for t in self.loop)
        shade = QColor(0, 0, 0, 110)
        painter.fillRect(QRect(0, 0, max(x0, 0), self.height()), shade)
        painter.fillRect(QRect(x1, 0, max(self.width() - x1, 0), self.height()), shade)
        painter.setPen(QPen(accent, 1))
        painter.drawLine(x0, 0, x0, self.height())
        painter.drawLine(x1, 0, x1, self.height())
        painter.fillRect(QRect(x0, 0, x1 - x0, 4), accent)

    def _draw_divider(self, painter: QPainter, x: int) -> None:
        painter.setPen(QPen(LIGHT, 1))
        painter.drawLine(x, 0, x, self.height())
        font = QFont(self.font())
        font.setPixelSize(11)
        painter.setFont(font)
        wide = painter.fontMetrics().horizontalAdvance(self.tr("before"))
        self._label(painter, QPointF(x - wide - 8, 16), self.tr("before"))
        self._label(painter, QPointF(x + 8, 16), self.tr("after"))

    def _draw_melody(self, painter: QPainter) -> None:
        if not self.melody:
            return
        tone = themes.now.colour("ok").lighter(130)
        chosen = getattr(self._tool, "chosen", -1)
        previous: QPointF | None = None
        for number, note in enumerate(self.melody):
            x0, x1 = self.sight.x(note.start), self.sight.x(note.end)
            if x1 < -20 or x0 > self.width() + 20:
                previous = None
                continue
            y = self.sight.y(440 * 2 ** ((note.pitch - 69) / 12))
            if previous is not None and x0 - previous.x() < 40:
                painter.setPen(QPen(tone, 1, Qt.PenStyle.DotLine))
                painter.drawLine(previous, QPointF(x0, y))
            for colour, thick in ((QColor(0, 0, 0, 170), 7), (tone, 6 if number == chosen else 4)):
                painter.setPen(QPen(colour, thick, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
                painter.drawLine(QPointF(x0 + 2, y), QPointF(max(x1 - 2, x0 + 2.5), y))
            previous = QPointF(x1, y)

    def _draw_spectrum(self, painter: QPainter) -> None:
        """Levels over the same axis, at the pointer or else the playhead."""
        assert self._tiles is not None
        t = self.sight.t(self._pointer.x()) if self._pointer is not None else self.playhead
        left = self.width() - SPECTRUM
        painter.fillRect(QRect(left, 0, SPECTRUM, self.height()), QColor(8, 9, 12, 215))
        found = self._tiles.at(self.sight, t)
        if found is None:
            return
        share = 1 - (np.arange(len(found)) + 0.5) / len(found)
        y = (self.sight.top - share) / (self.sight.top - self.sight.bottom) * self.height()
        x = left + 6 + np.clip((found - colours.QUIETEST) / -colours.QUIETEST, 0, 1) * (SPECTRUM - 12)
        seen = (y > -20) & (y < self.height() + 20)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(themes.now.colour("accent"), 1.2))
        painter.drawPolyline(QPolygonF([QPointF(a, b) for a, b in zip(x[seen], y[seen])]))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        if self._pointer is not None:
            painter.setPen(QColor(255, 255, 255, 60))
            painter.drawLine(left, round(self._pointer.y()), self.width(), round(self._pointer.y()))

    def readout(self) -> str:
        """ "A4 · 440 Hz · -23 dB · 3.41 s" under the pointer; "" where it is not."""
        if self._pointer is None or self._tiles is None:
            return ""
        t, hz = self.sight.t(self._pointer.x()), self.sight.hz(self._pointer.y())
        if not 0 <= t <= self.sight.seconds:
            return ""
        decibels = self.level_at(t, self._pointer.y())
        parts = [note_name(hz)] if hz >= 16 else []
        parts.append(f"{hz:.0f} Hz" if hz < 10000 else f"{hz / 1000:.2f} kHz")
        if decibels is not None:
            parts.append(f"−{-decibels:.0f} dB" if decibels > colours.QUIETEST else self.tr("silent"))
        parts.append(f"{t:.2f} s" if t < 600 else clock(t))
        return " · ".join(parts)

    def level_at(self, t: float, y: float) -> float | None:
        """Decibels of the row at height `y` of the screen, None where nothing is known yet."""
        split = self._tiles_before is not None and self.sight.x(t) < self.divider * self.width()
        tiles = self._tiles_before if split else self._tiles
        found = tiles.at(self.sight, t) if tiles is not None else None
        if found is None:
            return None
        row = int((1 - self.sight.share_of_y(y)) * len(found))
        return float(found[min(max(row, 0), len(found) - 1)])

    def _readout_area(self, text: str) -> QRectF:
        font = QFont(self.font())
        font.setPixelSize(12)
        wide = QFontMetricsF(font).horizontalAdvance(text) + 20
        right = self.width() - (SPECTRUM if self.show_spectrum else 0) - 10
        return QRectF(right - wide, self.height() - 36, wide, 24)

    def _draw_readout(self, painter: QPainter) -> None:
        text = self.readout()
        if not text:
            return
        font = QFont(self.font())
        font.setPixelSize(12)
        font.setWeight(QFont.Weight.Medium)
        painter.setFont(font)
        area = self._readout_area(text)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(SHADE)
        painter.drawRoundedRect(area, 6, 6)
        painter.setPen(LIGHT)
        painter.drawText(area, Qt.AlignmentFlag.AlignCenter, text)

    # --- marks --------------------------------------------------------------------------------------------------------

    def _marked(self, rect: Rect) -> None:
        self._marks_version += 1
        self.update()

    def _draw_marks(self, painter: QPainter, area: QRect) -> None:
        if self.marks is None:
            return
        key = (id(self.marks), self._marks_version, self.sight, themes.now.name)
        if self._shade is None or self._shade[0] != key:
            image, at = self._tinted()
            self._shade = (key, image, at)
        _, image, at = self._shade
        if not image.isNull():
            painter.drawImage(at, image)

    def _tinted(self) -> tuple[QImage, QPoint]:
        """The marks as they lie on the screen: a third of their colour, with a dashed edge."""
        assert self.marks is not None
        around, sight = plane.bounds(self.marks), self.sight
        nothing = (QImage(), QPoint())
        if around.empty:
            return nothing
        x0, x1 = (round(sight.x(c / plane.RATE)) for c in (around.x, around.right))
        y0, y1 = (round(sight.y(plane.hz_of_row(r))) for r in (around.y, around.bottom))
        x0, x1, y0, y1 = max(x0 - 1, 0), min(x1 + 2, self.width()), max(y0 - 1, 0), min(y1 + 2, self.height())
        if x1 <= x0 or y1 <= y0:
            return nothing
        mask = plane.layer(self.marks)
        columns = (
            np.floor((sight.start + (np.arange(x0, x1) + 0.5) * sight.per) * plane.RATE).astype(np.intp)
            - mask.x
        )
        heights = sight.top - (np.arange(y0, y1) + 0.5) / self.height() * (sight.top - sight.bottom)
        hz = sight.axis.hz(heights)
        rows = np.floor((plane.HIGHEST - (69 + 12 * np.log2(np.maximum(hz, 1e-3) / 440))) * plane.PER_NOTE)
        rows = rows.astype(np.intp) - mask.y
        high, wide = mask.pixels.shape
        inside = ((rows >= 0) & (rows < high))[:, None] & ((columns >= 0) & (columns < wide))
        value = mask.pixels[np.clip(rows, 0, high - 1)][:, np.clip(columns, 0, wide - 1)]
        value = np.where(inside, value, 0).astype(np.uint8)
        on = value > 127
        edge = on.copy()
        edge[1:-1, 1:-1] &= ~(on[:-2, 1:-1] & on[2:, 1:-1] & on[1:-1, :-2] & on[1:-1, 2:])
        edge &= (np.add.outer(np.arange(y0, y1), np.arange(x0, x1)) // 4) % 2 == 0
        level = (value.astype(np.uint16) * 200 // 255).astype(np.uint8)
        level[edge] = 255
        colour = themes.now.colour("mask")
        table = np.zeros(256, np.uint32)
        alpha = np.arange(256) * 0.36 / 200
        alpha[255] = 1.0
        for index, share in enumerate(alpha):
            premultiplied = [round(c * share) for c in (colour.red(), colour.green(), colour.blue())]
            table[index] = (
                round(share * 255) << 24 | premultiplied[0] << 16 | premultiplied[1] << 8 | premultiplied[2]
            )
        pixels = np.ascontiguousarray(table[level])
        image = QImage(
            pixels.data, x1 - x0, y1 - y0, (x1 - x0) * 4, QImage.Format.Format_ARGB32_Premultiplied
        ).copy()
        return image, QPoint(x0, y0)

    # --- the hand -----------------------------------------------------------------------------------------------------

    def _at(self, event: QMouseEvent) -> Pointer:
        at, mods = event.position(), event.modifiers()
        return Pointer(at.x(), at.y(), mods)

    def _cursor(self) -> None:
        if self._pan is not None:
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
        else:
            self.setCursor(self._tool.cursor)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self.tape is None:
            return
        if self._tiles_before is not None and abs(event.position().x() - self.divider * self.width()) < 5:
            self._dividing = True
        elif event.button() == Qt.MouseButton.MiddleButton:
            self._pan = event.position()
            self._cursor()
        elif event.button() == Qt.MouseButton.LeftButton:
            self._pressed = True
            self._tool.press(self._at(event))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        old = self.readout()
        self._pointer = event.position()
        if self._dividing:
            self.divider = min(max(event.position().x() / max(self.width(), 1), 0.0), 1.0)
            self.update()
        elif self._pan is not None:
            moved = event.position() - self._pan
            self._pan = event.position()
            self.pan(moved.x(), moved.y())
        elif self._pressed:
            self._tool.move(self._at(event))
        else:
            self._tool.hover(self._at(event))
        self._tell()
        text = self.readout()
        for one in (old, text):
            if one:
                self.update(self._readout_area(one).toAlignedRect().adjusted(-2, -2, 2, 2))
        if self.show_spectrum:
            self.update(QRect(self.width() - SPECTRUM, 0, SPECTRUM, self.height()))
        if self._tool.ring:
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._dividing = False
        if self._pan is not None:
            self._pan = None
            self._cursor()
        elif self._pressed:
            self._pressed = False
            self._tool.release(self._at(event))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self.tape is not None and not self._tool.double(self._at(event)):
            self.mousePressEvent(event)

    def _tell(self) -> None:
        if self._pointer is None or self._tiles is None:
            self.pointed.emit(None)
            return
        t, y = self.sight.t(self._pointer.x()), self._pointer.y()
        self.pointed.emit((t, self.sight.hz(y), self.level_at(t, y)))

    def leaveEvent(self, event: QEvent) -> None:
        self._pointer = None
        self._tell()
        self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.tape is None:
            return
        notches = event.angleDelta().y() / 120 or event.angleDelta().x() / 120
        mods, at = event.modifiers(), event.position()
        if mods & Qt.KeyboardModifier.ShiftModifier or (
            event.angleDelta().x() and not event.angleDelta().y()
        ):
            self.pan(notches * 80)
        elif mods & Qt.KeyboardModifier.ControlModifier:
            self.stretch(WHEEL**notches, at.y())
        else:
            self.zoom(WHEEL**notches, at.x())
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, ctrl = event.key(), bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        step = 60
        moves = {
            Qt.Key.Key_Left: (step, 0),
            Qt.Key.Key_Right: (-step, 0),
            Qt.Key.Key_Up: (0, step),
            Qt.Key.Key_Down: (0, -step),
        }
        if key in moves and self._tool.arrow(key):
            pass
        elif key in moves:
            self.pan(*moves[Qt.Key(key)])
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.stretch(WHEEL) if ctrl else self.zoom(WHEEL)
        elif key == Qt.Key.Key_Minus:
            self.stretch(1 / WHEEL) if ctrl else self.zoom(1 / WHEEL)
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_End):
            self.sought.emit(0.0 if key == Qt.Key.Key_Home else self.sight.seconds)
        elif key == Qt.Key.Key_BracketLeft:
            self.set_brush(self.brush / 1.15)
        elif key == Qt.Key.Key_BracketRight:
            self.set_brush(self.brush * 1.15)
        elif key == Qt.Key.Key_Escape and (self._tool.cancel() or self.loop is not None):
            self.set_loop(None)
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and self._tool.delete():
            pass
        elif key == Qt.Key.Key_Alt:
            event.ignore()
        else:
            super().keyPressEvent(event)

    def set_brush(self, size: float) -> None:
        self.brush = min(max(size, 4.0), 400.0)
        self.update()

    # --- ends -----------------------------------------------------------------------------------------------------------

    def _themed(self) -> None:
        self._shade = None
        self.update()

    def wait(self, seconds: float = 20) -> None:
        """Until all that is in view is computed: for tests."""
        for _ in range(3):
            self.grab()
            for tiles in (self._tiles, self._tiles_before):
                if tiles is not None:
                    tiles.wait(seconds)

    def stop(self) -> None:
        for tiles in (self._tiles, self._tiles_before):
            if tiles is not None:
                tiles.stop()
