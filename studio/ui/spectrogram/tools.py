"""What the hand does on a spectrogram: marking, choosing a stretch of time, mending a tune.

A tool gets `press`, `move`, `release` with the pointer in pixels of the screen and forgets everything in `cancel`. What it marks lies on the
plane of `studio.core.marks`, so it stays where it is in time and pitch when the view changes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPolygonF

from studio.core import marks as plane
from studio.core import select
from studio.core.history import paint
from studio.core.layer import Pixels
from studio.core.region import NOWHERE, Rect
from studio.core.spectrogram import hz_of_note, note_of_hz
from studio.core.take import Note
from studio.ui.theme import themes

if TYPE_CHECKING:
    from studio.ui.spectrogram.view import SpectrogramView

Mods = Qt.KeyboardModifier
STILL = 4
"""Pixels up to which a drag is a click."""


@dataclass(frozen=True)
class Pointer:
    """Where the hand is on the screen, and the modifier keys."""

    x: float
    y: float
    mods: Mods = Mods.NoModifier

    @property
    def point(self) -> QPointF:
        return QPointF(self.x, self.y)

    def far(self, other: Pointer) -> bool:
        return math.hypot(self.x - other.x, self.y - other.y) >= STILL


class Tool:
    """Does nothing. `id` is what `SpectrogramView.set_tool` takes, `title` what people read, `icon` a Lucide name."""

    id: ClassVar[str] = ""
    title: ClassVar[str] = ""
    tip: ClassVar[str] = ""
    icon: ClassVar[str] = ""
    key: ClassVar[str] = ""
    cursor: ClassVar[Qt.CursorShape] = Qt.CursorShape.CrossCursor
    ring: ClassVar[bool] = False

    def __init__(self, view: SpectrogramView) -> None:
        self.view = view

    def press(self, at: Pointer) -> None: ...
    def move(self, at: Pointer) -> None: ...
    def release(self, at: Pointer) -> None: ...
    def hover(self, at: Pointer) -> None: ...
    def double(self, at: Pointer) -> bool:
        """Whether it meant something; otherwise it is a press."""
        return False

    def delete(self) -> bool:
        """The Delete key. Whether there was anything."""
        return False

    def arrow(self, key: int) -> bool:
        """An arrow key. Whether it meant something."""
        return False

    def cancel(self) -> bool:
        """Escape, or another tool was chosen. Whether there was anything to cancel."""
        return False

    def paint(self, painter: QPainter) -> None: ...

    # --- for those that mark --------------------------------------------------------------------------------------

    def place(self, x: float, y: float) -> tuple[float, float]:
        """Screen -> (column, row) of the plane."""
        sight = self.view.sight
        return sight.t(x) * plane.RATE, plane.row_of_hz(sight.hz(y))

    def put(self, rect: Rect, shape: Pixels, erase: bool, name: str) -> None:
        """A shape joins what is marked, or is taken from it: one edit."""
        marks = self.view.marks
        if marks is None or rect.empty:
            return
        layer = plane.layer(marks)
        now = np.array(layer.render(rect))
        new = np.minimum(now, 255 - shape) if erase else np.maximum(now, shape)
        edit = paint(marks, layer, rect, new, name)
        if edit is not None:
            self.view.edited.emit(edit)

    def wipe(self) -> None:
        """Nothing is marked any more."""
        marks = self.view.marks
        around = plane.bounds(marks) if marks is not None else NOWHERE
        self.put(around, np.full((max(around.h, 0), max(around.w, 0)), 255, np.uint8), True, "Mark nothing")


class Hand(Tool):
    """A click puts the playhead, a drag moves the picture."""

    id, title, icon, key = "hand", "Move the sound, put the playhead", "hand", "H"
    tip = "Click to put the playhead, drag to move the picture"
    cursor = Qt.CursorShape.ArrowCursor

    def __init__(self, view: SpectrogramView) -> None:
        super().__init__(view)
        self._from: Pointer | None = None
        self._last: Pointer | None = None

    def press(self, at: Pointer) -> None:
        self._from, self._last = at, None

    def move(self, at: Pointer) -> None:
        if self._from is None or (self._last is None and not at.far(self._from)):
            return
        last = self._last or self._from
        self._last = at
        self.view.pan(at.x - last.x, at.y - last.y)

    def release(self, at: Pointer) -> None:
        if self._from is not None and self._last is None:
            t = self.view.sight.t(at.x)
            self.view.sought.emit(min(max(t, 0.0), self.view.sight.seconds))
        self._from = self._last = None

    def cancel(self) -> bool:
        had, self._from = self._from is not None, None
        return had


class Brush(Tool):
    """Marks what it touches."""

    id, title, icon, key, ring = "brush", "Mark with a brush", "brush", "B", True
    tip = "Paint over what should change; [ and ] change the size"
    erase: ClassVar[bool] = False

    def __init__(self, view: SpectrogramView) -> None:
        super().__init__(view)
        self._path: list[QPointF] = []
        self._dabs: list[tuple[Rect, Pixels]] = []
        self._near: QPointF | None = None

    def press(self, at: Pointer) -> None:
        self._path, self._dabs = [at.point], []
        self._dab(at.point)
        self.view.update()

    def hover(self, at: Pointer) -> None:
        self._near = at.point

    def move(self, at: Pointer) -> None:
        self._near = at.point
        if self._path:
            self._go(at.point)
            self.view.update()

    def release(self, at: Pointer) -> None:
        if not self._path:
            return
        self._go(at.point)
        self._path = []
        erase = self.erase != bool(at.mods & Mods.ControlModifier)
        self.put(*self._joined(), erase, "Unmark with a brush" if erase else "Mark with a brush")
        self.view.update()

    def _go(self, to: QPointF) -> None:
        """Dabs on the way from where the brush was: made as it moves, so that its release is quick."""
        start = self._path[-1]
        step = max(self.view.brush / 6, 1.0)
        many = math.ceil(math.hypot(to.x() - start.x(), to.y() - start.y()) / step)
        for i in range(1, many + 1):
            self._dab(start + (to - start) * (i / many))
        self._path.append(to)

    def _dab(self, at: QPointF) -> None:
        """The plane's pixels under a round brush. (A disc on the screen is no disc there.)"""
        radius = self.view.brush / 2
        x0, y0 = self.place(at.x() - radius, at.y() - radius)
        x1, y1 = self.place(at.x() + radius, at.y() + radius)
        if x1 - x0 < 1:
            x0, x1 = (x0 + x1) / 2 - 0.5, (x0 + x1) / 2 + 0.5
        if y1 - y0 < 1:
            y0, y1 = (y0 + y1) / 2 - 0.5, (y0 + y1) / 2 + 0.5
        within = self.view.marks.rect if self.view.marks is not None else NOWHERE
        rect, shape = select.ellipse(x0, y0, x1, y1, within)
        if not rect.empty:
            self._dabs.append((rect, shape))

    def _joined(self) -> tuple[Rect, Pixels]:
        """All dabs of the stroke as one shape."""
        dabs, self._dabs = self._dabs, []
        whole = NOWHERE
        for rect, _ in dabs:
            whole = whole.united(rect)
        out = np.zeros((max(whole.h, 0), max(whole.w, 0)), np.uint8)
        for rect, shape in dabs:
            at = rect.moved(-whole.x, -whole.y).slices()
            out[at] = np.maximum(out[at], shape)
        return whole, out

    def cancel(self) -> bool:
        had, self._path = bool(self._path), []
        self.view.update()
        return had

    def paint(self, painter: QPainter) -> None:
        radius = self.view.brush / 2
        if self._path:
            colour = QColor(themes.now.colour("mask" if not self.erase else "text"))
            colour.setAlphaF(0.35)
            pen = QPen(
                colour,
                self.view.brush,
                Qt.PenStyle.SolidLine,
                Qt.PenCapStyle.RoundCap,
                Qt.PenJoinStyle.RoundJoin,
            )
            painter.setPen(pen)
            path = QPainterPath(self._path[0])
            path.lineTo(self._path[0] + QPointF(0.1, 0))
            for point in self._path[1:]:
                path.lineTo(point)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawPath(path)
        if self._near is not None and self.view.underMouse():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(0, 0, 0, 160), 2.4))
            painter.drawEllipse(self._near, radius, radius)
            painter.setPen(QPen(QColor(255, 255, 255, 220), 1.1))
            painter.drawEllipse(self._near, radius, radius)


class Eraser(Brush):
    """Takes marks away."""

    id, title, icon, key = "eraser", "Unmark with a brush", "eraser", "E"
    tip = "Take marks away"
    erase = True


class Rectangle(Tool):
    """Marks a stretch of time between two pitches; Ctrl takes it away, a click marks nothing."""

    id, title, icon, key = "rectangle", "Mark a rectangle", "square-dashed", "M"
    tip = "Drag over a stretch of time and pitch; Ctrl takes it away, a click marks nothing"

    def __init__(self, view: SpectrogramView) -> None:
        super().__init__(view)
        self._drag: tuple[Pointer, Pointer] | None = None

    def press(self, at: Pointer) -> None:
        self._drag = (at, at)

    def move(self, at: Pointer) -> None:
        if self._drag:
            self._drag = (self._drag[0], at)
            self.view.update()

    def release(self, at: Pointer) -> None:
        if not self._drag:
            return
        start, self._drag = self._drag[0], None
        self.view.update()
        if not at.far(start):
            self.wipe()
            return
        erase = bool(at.mods & Mods.ControlModifier)
        marks = self.view.marks
        (x0, y0), (x1, y1) = self.place(start.x, start.y), self.place(at.x, at.y)
        if marks is not None:
            if round(x0) == round(x1):
                x1 = x0 + 1
            if round(y0) == round(y1):
                y1 = y0 + 1
            rect, shape = select.rectangle(x0, y0, x1, y1, marks.rect)
            self.put(rect, shape, erase, "Unmark a rectangle" if erase else self.title)

    def cancel(self) -> bool:
        had, self._drag = self._drag is not None, None
        self.view.update()
        return had

    def paint(self, painter: QPainter) -> None:
        if self._drag:
            area = QRectF(self._drag[0].point, self._drag[1].point).normalized()
            colour = themes.now.colour("mask")
            painter.setPen(QPen(colour, 1, Qt.PenStyle.DashLine))
            colour.setAlphaF(0.25)
            painter.setBrush(colour)
            painter.drawRect(area)


class Lasso(Tool):
    """Marks what it goes around."""

    id, title, icon, key = "lasso", "Mark with a lasso", "lasso", "L"
    tip = "Draw around what should change; Ctrl takes it away, a click marks nothing"

    def __init__(self, view: SpectrogramView) -> None:
        super().__init__(view)
        self._path: list[QPointF] = []

    def press(self, at: Pointer) -> None:
        self._path = [at.point]

    def move(self, at: Pointer) -> None:
        if self._path:
            self._path.append(at.point)
            self.view.update()

    def release(self, at: Pointer) -> None:
        path, self._path = self._path, []
        self.view.update()
        around = QPolygonF(path).boundingRect()
        if not path or max(around.width(), around.height()) < STILL:
            self.wipe()
            return
        erase = bool(at.mods & Mods.ControlModifier)
        marks = self.view.marks
        if marks is not None:
            rect, shape = select.polygon([self.place(p.x(), p.y()) for p in path], marks.rect)
            self.put(rect, np.array(shape), erase, "Unmark with a lasso" if erase else self.title)

    def cancel(self) -> bool:
        had, self._path = bool(self._path), []
        self.view.update()
        return had

    def paint(self, painter: QPainter) -> None:
        if len(self._path) > 1:
            colour = themes.now.colour("mask")
            painter.setPen(QPen(colour, 1.4, Qt.PenStyle.DashLine))
            colour.setAlphaF(0.2)
            painter.setBrush(colour)
            painter.drawPolygon(QPolygonF(self._path))


class Range(Tool):
    """Chooses the stretch of time that is played round and round; a click chooses none."""

    id, title, icon, key = "range", "Choose a stretch of time", "move-horizontal", "R"
    tip = "Drag over the time that is to be played round and round; a click chooses none"
    cursor = Qt.CursorShape.SplitHCursor

    def __init__(self, view: SpectrogramView) -> None:
        super().__init__(view)
        self._from: Pointer | None = None
        self._other = 0.0

    def press(self, at: Pointer) -> None:
        view = self.view
        self._from, self._other = at, view.sight.t(at.x)
        if view.loop is not None:  # an edge that is taken hold of is moved
            near = [abs(view.sight.x(t) - at.x) for t in view.loop]
            if min(near) < 8:
                self._other = view.loop[1 - near.index(min(near))]

    def move(self, at: Pointer) -> None:
        if self._from is not None and at.far(self._from):
            t = min(max(self.view.sight.t(at.x), 0.0), self.view.sight.seconds)
            other = min(max(self._other, 0.0), self.view.sight.seconds)
            if abs(t - other) > 0.01:
                self.view.set_loop((min(t, other), max(t, other)))

    def release(self, at: Pointer) -> None:
        if self._from is not None and not at.far(self._from):
            self.view.set_loop(None)
        self._from = None

    def cancel(self) -> bool:
        had, self._from = self._from is not None, None
        return had


class Tune(Tool):
    """Mends the tune: notes are dragged to another pitch or time, by an end to another length; a double click adds one, Delete
    takes the chosen one away. Left and Right choose a note, Up and Down move it by a semitone."""

    id, title, icon, key = "tune", "Mend the tune", "music", "T"
    tip = "Drag a note to another pitch; its ends to another length; double click for a new one, Delete takes one away; or the arrow keys"

    def __init__(self, view: SpectrogramView) -> None:
        super().__init__(view)
        self.chosen = -1
        self._drag: tuple[Pointer, Note, str] | None = None

    def _found(self, at: Pointer) -> int:
        sight = self.view.sight
        for number, note in enumerate(self.view.melody):
            x0, x1 = sight.x(note.start), sight.x(note.end)
            if x0 - 5 <= at.x <= x1 + 5 and abs(sight.y(hz_of_note(note.pitch)) - at.y) < 9:
                return number
        return -1

    def press(self, at: Pointer) -> None:
        self.chosen = self._found(at)
        if self.chosen >= 0:
            note, sight = self.view.melody[self.chosen], self.view.sight
            wide = sight.x(note.end) - sight.x(note.start)
            end = "begin" if at.x < sight.x(note.start) + 6 else "end" if at.x > sight.x(note.end) - 6 else ""
            self._drag = (at, note, end if wide > 24 else "")
        self.view.update()

    def move(self, at: Pointer) -> None:
        if self._drag is None or not (0 <= self.chosen < len(self.view.melody)):
            return
        start, note, end = self._drag
        sight = self.view.sight
        along = (at.x - start.x) * sight.per if abs(at.x - start.x) >= STILL else 0.0
        if end == "begin":
            moved = note._replace(start=min(max(note.start + along, 0.0), note.end - 0.03))
        elif end == "end":
            moved = note._replace(end=min(max(note.end + along, note.start + 0.03), sight.seconds))
        else:
            rise = note_of_hz(max(sight.hz(at.y), 8)) - note_of_hz(max(sight.hz(start.y), 8))
            pitch = note.pitch + rise
            if abs(at.y - start.y) < STILL:
                pitch = note.pitch
            elif not at.mods & Mods.ControlModifier:
                pitch = float(round(pitch))
            along = min(max(along, -note.start), sight.seconds - note.end)
            moved = Note(note.start + along, note.end + along, pitch)
        notes = list(self.view.melody)
        notes[self.chosen] = moved
        self.view.set_melody(notes)

    def release(self, at: Pointer) -> None:
        if self._drag is not None and 0 <= self.chosen < len(self.view.melody):
            note = self.view.melody[self.chosen]
            if note != self._drag[1]:
                self._done(sorted(self.view.melody), note)
        self._drag = None

    def _done(self, notes: list[Note], chosen: Note | None = None) -> None:
        self.view.set_melody(notes)
        self.chosen = notes.index(chosen) if chosen is not None and chosen in notes else -1
        self.view.retuned.emit(tuple(notes))

    def double(self, at: Pointer) -> bool:
        if self._found(at) >= 0:
            return False
        sight = self.view.sight
        t = min(max(sight.t(at.x), 0.0), max(sight.seconds - 0.25, 0.0))
        note = Note(t, min(t + 0.25, sight.seconds), float(round(note_of_hz(max(sight.hz(at.y), 20)))))
        self._done(sorted([*self.view.melody, note]), note)
        return True

    def arrow(self, key: int) -> bool:
        notes, keys = list(self.view.melody), Qt.Key
        if not notes:
            return False
        if key in (keys.Key_Left, keys.Key_Right):
            self.chosen = (self.chosen + (1 if key == keys.Key_Right else -1)) % len(notes)
            note, sight = notes[self.chosen], self.view.sight
            if not sight.start <= note.start < sight.end:
                self.view.show_range(note.start, note.start + sight.end - sight.start)
            self.view.update()
            return True
        if key in (keys.Key_Up, keys.Key_Down) and 0 <= self.chosen < len(notes):
            note = notes[self.chosen]
            moved = note._replace(pitch=float(round(note.pitch)) + (1 if key == keys.Key_Up else -1))
            notes[self.chosen] = moved
            self._done(notes, moved)
            return True
        return False

    def delete(self) -> bool:
        if not 0 <= self.chosen < len(self.view.melody):
            return False
        notes = list(self.view.melody)
        del notes[self.chosen]
        self._done(notes)
        return True

    def cancel(self) -> bool:
        had = self._drag is not None
        if self._drag is not None and 0 <= self.chosen < len(self.view.melody):
            notes = list(self.view.melody)
            notes[self.chosen] = self._drag[1]
            self.view.set_melody(notes)
        self._drag, self.chosen = None, -1
        return had


TOOLS: tuple[type[Tool], ...] = (Hand, Brush, Eraser, Lasso, Rectangle, Range, Tune)
