"""The widget on which the film is cut.

Drag a clip to move it, an edge to trim it (with Ctrl, what is later follows), the handle at its upper corner for a crossfade; with Alt
what it shows is slipped. The ruler takes the playhead along; with Shift it marks a range. A double click on a lane sets a keyframe.
The wheel pans, with Ctrl it zooms about the pointer. Every key is a command of the table (group Film), so that nothing needs a mouse.
"""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, Qt, QTimer, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleEvent,
    QContextMenuEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QLineEdit, QMenu, QWidget

from studio import actions
from studio.core import cutting
from studio.core.cutting import SetTimeline
from studio.core.timeline import Item, Lane, Timeline, Track, timecode
from studio.session import Session
from studio.ui import exchange
from studio.ui.theme import mix, themes
from studio.ui.timeline import gestures, paint
from studio.ui.timeline.shelf import FilmShelf
from studio.ui.timeline.sight import RULER, Row, Sight, part_at, rows, track_name
from studio.ui.widgets.basic import command_title

WHEEL = 1.2
"""Zoom of one notch."""
MENU = (
    "film.split", "film.trim-start", "film.trim-end", "film.crossfade", "film.speed", "film.beats", "-",
    "film.continue", "film.edit", "film.close-loop", "film.smooth", "film.enlarge", "-", "film.delete", "film.lift",
)  # fmt: skip
"""Commands of a clip's context menu."""


class TimelineView(QWidget):
    """See the module."""

    sight_changed = Signal()
    """Another stretch of time, or another height of what there is."""

    def __init__(self, session: Session, shelf: FilmShelf) -> None:
        super().__init__()
        self.session, self.film, self.shelf = session, session.film, shelf
        self.setObjectName("timeline")
        self.setAccessibleName(self.tr("Timeline"))
        self.setMouseTracking(True)
        self.setAcceptDrops(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMinimumSize(200, RULER + 60)
        self.names: dict[Lane, str] = {"prompts": self.tr("Words"), "strengths": self.tr("Strength")}
        self.sight = Sight()
        self.top = 0
        """Pixels by which the rows are scrolled up."""
        self.gesture: gestures.Gesture | None = None
        self._pan: QPoint | None = None
        self._fits = True
        """Whether all of the film is kept in view: until somebody zooms."""
        self._drop: int | None = None
        self._editor: QLineEdit | None = None
        self._last: tuple[QPointF, Qt.KeyboardModifier] | None = None
        self._drawn = 0
        """The frame at which the playhead was painted last."""
        self._edge = QTimer(self, interval=40)
        self._edge.timeout.connect(self._pan_at_edge)
        self.film.changed.connect(self._changed)
        shelf.arrived.connect(self.update)
        themes.changed.connect(self.update)
        self._follow()

    # --- what is shown ----------------------------------------------------------------------------------------------

    @property
    def timeline(self) -> Timeline:
        return self.gesture.draft if self.gesture is not None else self.film.timeline

    @property
    def rows(self) -> list[Row]:
        return rows(self.timeline, self.names)

    @property
    def height_of_rows(self) -> int:
        found = self.rows
        return found[-1].bottom if found else 0

    def _changed(self, what: str) -> None:
        if what in ("timeline", "takes"):
            self._follow()
        elif what == "playhead":
            self._playhead_moved()
        elif what in ("chosen", "options"):
            self.update()
        if what in ("chosen", "timeline"):
            self._describe()

    def _follow(self) -> None:
        """The film may be of another length or rate."""
        timeline, before = self.film.timeline, self.sight
        self.sight = replace(before, length=timeline.length, rate=timeline.rate)
        if self._fits and (
            not before.length or before.x(timeline.length) > self.width() or before.rate != timeline.rate
        ):
            self.sight = self.sight.fitted()  # else it stays still under the hand
        self.set_top(self.top)
        self._drawn = self.film.playhead
        self.update()
        self.sight_changed.emit()

    def _describe(self) -> None:
        """What a screen reader says of the timeline."""
        timeline = self.film.timeline
        found = self.film.chosen
        if found is not None:
            track, one = found
            text = self.tr("Chosen: {0} on {1}, from {2} to {3}.").format(
                one.name,
                track_name(track.name),
                timecode(one.start, timeline.rate),
                timecode(one.end, timeline.rate),
            )
        else:
            count = sum(1 for _ in timeline.items())
            text = self.tr("{0} clips, {1} long. Page Down chooses the next one.").format(
                count, timecode(timeline.length, timeline.rate)
            )
        if text != self.accessibleDescription():
            self.setAccessibleDescription(text)
            QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.DescriptionChanged))

    def _playhead_moved(self) -> None:
        old, new = self._drawn, self.film.playhead
        sight = self.sight.following(new)
        if sight != self.sight and self._pan is None and self.gesture is None:
            self._see(sight)
        for frame in (old, new):
            self.update(QRect(round(self.sight.x(frame)) - 7, 0, 14, self.height()))
        self._drawn = new

    # --- the view ---------------------------------------------------------------------------------------------------

    def _see(self, sight: Sight) -> None:
        if sight != self.sight:
            self.sight = sight
            self.update()
            self.sight_changed.emit()

    def zoom(self, times: float, x: float | None = None) -> None:
        """About the playhead where it is in view, else about the middle."""
        self._fits = False
        if x is None:
            at = self.sight.x(self.film.playhead)
            x = at if 0 <= at <= self.width() else self.width() / 2
        self._see(self.sight.zoomed(times, x))

    def fit(self) -> None:
        self._fits = True
        self._see(self.sight.fitted())

    def pan(self, dx: float) -> None:
        self._fits = False
        self._see(self.sight.panned(dx))

    def set_left(self, frame: float) -> None:
        self.pan((frame - self.sight.left) * self.sight.scale)

    def set_top(self, top: int) -> None:
        top = min(max(top, 0), max(0, self.height_of_rows - (self.height() - RULER)))
        if top != self.top:
            self.top = top
            self.update()
            self.sight_changed.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.sight = replace(self.sight, width=max(self.width(), 1))
        self.sight = self.sight.fitted() if self._fits else self.sight.kept()
        self.set_top(self.top)
        self.sight_changed.emit()

    # --- painting ---------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, timeline, sight = themes.now, self.timeline, self.sight
        area = event.rect()
        if area.width() > self.width() // 2:
            self.shelf.begin()
        painter = QPainter(self)
        painter.fillRect(area, theme.colour("bg"))
        below = QRect(area.left(), RULER, area.width(), self.height() - RULER).intersected(area)
        painter.save()
        painter.setClipRect(below)
        painter.translate(0, RULER - self.top)
        inner = below.translated(0, self.top - RULER)
        for row in self.rows:
            if row.y <= inner.bottom() and row.bottom >= inner.top():
                self._row(painter, timeline, row, inner)
        painter.restore()
        paint.ruler(painter, theme, sight, timeline, area, self.font())
        painter.setPen(theme.colour("line"))
        painter.drawLine(area.left(), RULER, area.right(), RULER)
        self._range(painter, timeline, below)
        self._lines(painter)
        if self.hasFocus():
            painter.setPen(QPen(theme.colour("accent"), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()

    def _row(self, painter: QPainter, timeline: Timeline, row: Row, area: QRect) -> None:
        theme, sight = themes.now, self.sight
        chosen_row = row.id == self.film.track_id
        painter.fillRect(
            QRect(area.left(), row.y, area.width(), row.height),
            mix(theme, "text", "panel", 0.03) if chosen_row else theme.colour("panel"),
        )
        if row.lane == "strengths":
            paint.strengths(painter, theme, sight, row, timeline.strengths, self.film.playhead)
        elif row.lane == "prompts":
            paint.prompts(painter, theme, sight, row, timeline.prompts, self.film.playhead, self.font())
        else:
            for one in timeline.track(row.id).items:
                paint.item(
                    painter, theme, sight, row, one, one.id == self.film.chosen_id, area, self.font(),
                    self.shelf.thumb, self.shelf.wave, one.media.path in self.shelf.broken,
                )  # fmt: skip
        painter.setPen(theme.colour("line"))
        painter.drawLine(area.left(), row.bottom - 1, area.right(), row.bottom - 1)

    def _range(self, painter: QPainter, timeline: Timeline, area: QRect) -> None:
        if timeline.span is None:
            return
        first, last = (round(self.sight.x(frame)) for frame in timeline.span)
        shade = themes.now.colour("bg")
        shade.setAlpha(140)
        bottom = area.bottom() + 1
        painter.fillRect(
            QRect(QPoint(area.left(), RULER), QPoint(first - 1, bottom)).intersected(area), shade
        )
        painter.fillRect(QRect(QPoint(last, RULER), QPoint(area.right(), bottom)).intersected(area), shade)

    def _lines(self, painter: QPainter) -> None:
        theme = themes.now
        for frame in (self._drop, self.gesture.snap if self.gesture is not None else None):
            if frame is not None:
                x = round(self.sight.x(frame))
                painter.setPen(QPen(theme.colour("warn"), 1, Qt.PenStyle.DashLine))
                painter.drawLine(x, RULER, x, self.height())
        x = round(self.sight.x(self.film.playhead))
        accent = theme.colour("accent")
        painter.fillRect(QRect(x - 1, RULER - 8, 2, self.height()), accent)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(accent)
        painter.drawPolygon([QPointF(x - 6, RULER - 14), QPointF(x + 6, RULER - 14), QPointF(x, RULER - 5)])
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    # --- what is where ------------------------------------------------------------------------------------------------

    def _inner(self, at: QPointF) -> QPointF:
        """y counted from the first row."""
        return QPointF(at.x(), at.y() - RULER + self.top)

    def row_at(self, at: QPointF) -> Row | None:
        y = self._inner(at).y()
        return next((row for row in self.rows if row.y <= y < row.bottom), None) if at.y() >= RULER else None

    def item_at(self, at: QPointF) -> tuple[Track, Item, Row] | None:
        row = self.row_at(at)
        if row is None or row.lane is not None:
            return None
        track = self.timeline.track(row.id)
        x = at.x()
        near = [one for one in track.items if self.sight.x(one.start) <= x < self.sight.x(one.end)]
        return (track, near[0], row) if near else None

    def _key_at(self, row: Row, at: QPointF) -> int | None:
        assert row.lane is not None
        keys = getattr(self.timeline, row.lane)
        near = [(abs(self.sight.x(key.frame) - at.x()), key.frame) for key in keys]
        return min(near)[1] if near and min(near)[0] <= paint.DIAMOND + 2 else None

    def _marker_at(self, at: QPointF) -> int | None:
        near = [(abs(self.sight.x(one.frame) + 3 - at.x()), one.frame) for one in self.timeline.markers]
        return min(near)[1] if near and min(near)[0] <= 7 and at.y() < 12 else None

    def rect_of(self, item_id: str) -> QRect:
        """Where a clip is in the widget."""
        track, one = self.timeline.item(item_id)
        row = next(row for row in self.rows if row.id == track.id)
        x0, x1 = round(self.sight.x(one.start)), round(self.sight.x(one.end))
        return QRect(x0, row.y + RULER - self.top, x1 - x0, row.height)

    # --- the hand -----------------------------------------------------------------------------------------------------

    def _snap(self, without: str = "", playhead: bool = True) -> gestures.Snap:
        targets = cutting.edges(self.film.timeline, without)
        return gestures.Snap(self.film.snapping, [*targets, *([self.film.playhead] if playhead else [])])

    def _begun(self, at: QPointF, mods: Qt.KeyboardModifier) -> gestures.Gesture | None:
        """The gesture that a press at a place begins."""
        timeline, inner = self.film.timeline, self._inner(at)
        if at.y() < RULER:
            return self._begun_on_ruler(at, mods)
        row = self.row_at(at)
        if row is not None and row.lane is not None:
            frame = self._key_at(row, at)
            if frame is not None:
                value = (lambda y: paint.level_at(row, y)) if row.lane == "strengths" else None
                return gestures.MoveKey(timeline, inner, row.lane, frame, self._snap(), value)
            return None
        found = self.item_at(at)
        if found is None:
            return None
        track, one, row = found
        if mods & Qt.KeyboardModifier.AltModifier:
            return gestures.SlipItem(timeline, inner, one)
        part = part_at(
            at.x(),
            self.sight.x(one.start),
            self.sight.x(one.end),
            inner.y(),
            row.y,
            one.fade * self.sight.scale,
        )
        snap = self._snap(one.id)
        if part == "fade":
            return gestures.FadeItem(timeline, inner, one)
        if part in ("start", "end"):
            return gestures.TrimItem(timeline, inner, one, part, snap)
        return gestures.MoveItem(timeline, inner, track, one, snap)

    def _begun_on_ruler(self, at: QPointF, mods: Qt.KeyboardModifier) -> gestures.Gesture:
        timeline = self.film.timeline
        marker = self._marker_at(at)
        if marker is not None:
            return gestures.MoveMarker(timeline, at, marker, self._snap())
        if timeline.span is not None and at.y() > RULER - 12:
            for near, far in (timeline.span, timeline.span[::-1]):
                if abs(self.sight.x(near) - at.x()) <= 6:
                    return gestures.SetRange(timeline, at, far, self._snap())
        if mods & Qt.KeyboardModifier.ShiftModifier:
            return gestures.SetRange(timeline, at, self.sight.nearest(at.x()), self._snap())
        return gestures.Scrub(timeline, at, self._seek, self._snap(playhead=False))

    def _seek(self, frame: int) -> None:
        if self.film.shown_take:
            self.film.show_take("")  # whoever touches the film wants to see it
        self.film.seek(min(frame, self.film.timeline.length))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._finish_editor()
        at = event.position()
        if event.button() == Qt.MouseButton.MiddleButton:
            self._pan = at.toPoint()
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
            return
        if event.button() != Qt.MouseButton.LeftButton:
            return
        found = self.item_at(at)
        row = self.row_at(at)
        if found is not None:
            self.film.choose(found[1].id)
        elif row is not None:
            if row.lane is None:
                self.film.choose("")
                self.film.track_id = row.id
                self.update()
            if row.lane is None or self._key_at(row, at) is None:
                self._seek(self.sight.nearest(at.x()))
        self.gesture = self._begun(at, event.modifiers())
        if isinstance(self.gesture, gestures.Scrub):
            self.gesture.move(self._inner(at), self.sight, self.rows, event.modifiers())
        if self.gesture is not None:
            self.setCursor(self.gesture.cursor)
            self._edge.start()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        at = event.position()
        if self._pan is not None:
            self.pan(self._pan.x() - at.x())
            self._pan = at.toPoint()
            return
        if self.gesture is not None:
            self._last = (at, event.modifiers())
            moved = (self._inner(at) - self.gesture.at).manhattanLength() >= 3
            if (
                moved
                or self.gesture.draft is not self.gesture.before
                or isinstance(self.gesture, gestures.Scrub)
            ):
                self.gesture.move(self._inner(at), self.sight, self.rows, event.modifiers())
                self.update()
            return
        self._hover(at, event.modifiers())

    def _pan_at_edge(self) -> None:
        """A gesture that leaves the view takes it along."""
        if self.gesture is None or self._last is None:
            return
        at, mods = self._last
        dx = min(at.x(), 0) + max(at.x() - self.width(), 0)
        if dx:
            self.pan(max(-60.0, min(60.0, dx / 2)))
            self.gesture.move(self._inner(at), self.sight, self.rows, mods)
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._pan is not None:
            self._pan = None
            self._hover(event.position(), event.modifiers())
            return
        self._finish()
        self._hover(event.position(), event.modifiers())

    def _finish(self, keep: bool = True) -> None:
        """Ends the gesture; its draft becomes one Edit."""
        gesture, self.gesture = self.gesture, None
        self._edge.stop()
        self._last = None
        if gesture is not None:
            self.unsetCursor()
            if keep and gesture.draft != gesture.before:
                self.session.edit(SetTimeline(gesture.draft, gesture.name))
            self.update()

    def _hover(self, at: QPointF, mods: Qt.KeyboardModifier) -> None:
        begun = self._begun(at, mods)
        if begun is None or isinstance(begun, gestures.MoveItem | gestures.Scrub):
            self.unsetCursor()
        elif isinstance(begun, gestures.MoveKey | gestures.MoveMarker):
            self.setCursor(Qt.CursorShape.PointingHandCursor)
        else:
            self.setCursor(begun.cursor)
        found = self.item_at(at)
        row = self.row_at(at)
        tip = ""
        if found is not None:
            tip = found[1].name
        elif row is not None and row.lane is not None:
            key = self._key_at(row, at)
            value = next((k.value for k in getattr(self.timeline, row.lane) if k.frame == key), None)
            tip = (
                f"{value:.0%}" if isinstance(value, float) else value
                if value is not None else self.tr("Double-click sets a keyframe here")
            )  # fmt: skip
        if tip != self.toolTip():
            self.setToolTip(tip)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        at = event.position()
        row = self.row_at(at)
        if row is None or row.lane is None:
            return
        self._finish(keep=False)
        frame = self._key_at(row, at)
        if row.lane == "prompts":
            self.edit_words(self.sight.nearest(at.x()) if frame is None else frame)
        elif frame is None:
            value = paint.level_at(row, self._inner(at).y())
            self.film.do(
                "Strength from here", cutting.set_key, "strengths", self.sight.nearest(at.x()), value
            )

    def edit_words(self, frame: int) -> None:
        """A line over the lane in which the words from a frame on are written."""
        self._finish_editor()
        row = next((row for row in self.rows if row.lane == "prompts"), None)
        if row is None:
            return
        there = next((str(key.value) for key in self.timeline.prompts if key.frame == frame), "")
        editor = self._editor = QLineEdit(there or self.session.prompt, self)
        editor.setAccessibleName(self.tr("Words from here"))
        x = min(max(round(self.sight.x(frame)), 0), max(self.width() - 240, 0))
        editor.setGeometry(x, row.y + RULER - self.top, 240, row.height)
        editor.selectAll()

        def done() -> None:
            text = editor.text()
            if self._editor is editor:
                self._editor = None
                editor.hide()
                editor.deleteLater()
                if text.strip():
                    self.film.do("Words from here", cutting.set_key, "prompts", frame, text)

        editor.editingFinished.connect(done)
        editor.show()
        editor.setFocus()

    def _finish_editor(self) -> None:
        if self._editor is not None:
            self._editor.editingFinished.emit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        delta = event.angleDelta()
        notches = (delta.y() or delta.x()) / 120
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.zoom(WHEEL**notches, event.position().x())
        elif event.modifiers() & Qt.KeyboardModifier.AltModifier or (
            delta.y() and self.height_of_rows > self.height() - RULER and event.position().x() < 0
        ):
            self.set_top(self.top - round(notches * 40))
        else:
            self.pan(-notches * 80)
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and (self.gesture is not None or self._editor is not None):
            if self._editor is not None:
                editor, self._editor = self._editor, None
                editor.deleteLater()
                self.setFocus()
            self._finish(keep=False)
            return
        super().keyPressEvent(event)

    def focusInEvent(self, event: QEvent) -> None:  # type: ignore[override]
        self.update()

    def focusOutEvent(self, event: QEvent) -> None:  # type: ignore[override]
        self.update()

    # --- menus and drops ------------------------------------------------------------------------------------------------

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        at = QPointF(event.pos())
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            found = self.film.chosen
            at = QPointF(self.rect_of(found[1].id).center()) if found is not None else at
        self._finish(keep=False)
        menu = self.menu_at(at)
        if not menu.isEmpty():
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.popup(self.mapToGlobal(at.toPoint()))

    def menu_at(self, at: QPointF) -> QMenu:
        """What can be done with what is at a place."""
        menu = QMenu(self)
        menu.setAccessibleName(self.tr("Timeline"))
        row = self.row_at(at)
        found = self.item_at(at)
        if found is not None:
            self.film.choose(found[1].id)
            for name in MENU:
                if name == "-":
                    menu.addSeparator()
                else:
                    self._offer(menu, name)
        elif row is not None and row.lane is not None:
            lane, frame = row.lane, self._key_at(row, at)
            if frame is not None:
                if lane == "prompts":
                    menu.addAction(self.tr("Write the words…"), lambda: self.edit_words(frame))
                menu.addAction(
                    self.tr("Remove the keyframe"),
                    lambda: self.film.do("Remove keyframe", cutting.remove_key, lane, frame),
                )
        elif row is not None:
            self._offer(menu, "film.add-overlay")
            self._offer(menu, "film.add-sound")
            menu.addAction(
                self.tr("Remove the track “{0}”").format(row.name),
                lambda: self.film.do(f"Remove {row.name}", cutting.remove_track, row.id),
            )
        elif at.y() < RULER:
            marker = self._marker_at(at)
            if marker is not None:
                menu.addAction(
                    self.tr("Remove the marker"),
                    lambda: self.film.do("Remove marker", cutting.unmark, [marker]),
                )
            for name in ("film.marker", "film.range-start", "film.range-end", "film.no-range"):
                self._offer(menu, name)
        return menu

    def _offer(self, menu: QMenu, name: str) -> None:
        command = actions.BY_ID.get(name)
        if command is None:
            return
        action = menu.addAction(command_title(command), lambda: actions.perform(name, self.session))
        action.setEnabled(command.enabled(self.session))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if exchange.files_in(event.mimeData()):
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        frame = self.sight.nearest(event.position().x())
        by, _ = self._snap().shift([frame], self.sight)
        self._drop = max(0, frame + by)
        self.update()
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._drop = None
        self.update()

    def dropEvent(self, event: QDropEvent) -> None:
        frame = self._drop if self._drop is not None else self.sight.nearest(event.position().x())
        self._drop = None
        self.update()
        row = self.row_at(event.position())
        track = row.id if row is not None and row.lane is None else ""
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        paths = exchange.playable(self.session, exchange.files_in(event.mimeData()))
        self.shelf.add_files(paths, frame if self.film.timeline.length else None, track)
