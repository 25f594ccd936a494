"""The timeline with its tools, the heads of its tracks and its scroll bars."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QScrollBar, QToolButton, QVBoxLayout, QWidget

from studio import actions
from studio.core import cutting
from studio.session import Session
from studio.ui.theme import themes, tint
from studio.ui.timeline.shelf import FilmShelf
from studio.ui.timeline.sight import RULER, Row
from studio.ui.timeline.view import TimelineView
from studio.ui.widgets.basic import Elided, SpacePresses, chip, command_title, icon_button, label

HEADS = 118
"""Width of the heads."""
ICONS = {
    "video": "film", "overlay": "layers", "sound": "audio-lines", "prompts": "message-square-text", "strengths": "spline",
}  # fmt: skip
TOOLS = (
    "film.split", "film.snap", "film.crossfade", "film.speed", "film.marker", "film.words", "film.strength", "film.mask", "film.loop",
)  # fmt: skip


class Head(QWidget):
    """Icon, name, and whether the track is seen or heard."""

    def __init__(self, panel: TimelinePanel, row: Row) -> None:
        super().__init__()
        self.setAccessibleName(row.name)
        line = QHBoxLayout(self)
        line.setContentsMargins(10, 0, 4, 0)
        line.setSpacing(7)
        mark = QLabel()
        tint(mark, ICONS[row.kind], "muted", 15)
        mark.setAccessibleName(row.name)
        line.addWidget(mark)
        self.name = Elided(row.name, "small")
        line.addWidget(self.name, 1)
        self.on: QToolButton | None = None
        if row.lane is None:
            heard = row.kind == "sound"
            title = panel.tr("Mute or hear {0}") if heard else panel.tr("Hide or show {0}")
            icon = ("volume-2" if row.on else "volume-x") if heard else ("eye" if row.on else "eye-off")
            self.on = icon_button(icon, title.format(row.name), lambda: panel.switch(row.id), side=14)
            self.on.setFixedSize(24, 24)
            self.on.installEventFilter(panel.space)
            line.addWidget(self.on)


class Heads(QWidget):
    """One `Head` per row, scrolled with the rows."""

    def __init__(self, panel: TimelinePanel) -> None:
        super().__init__()
        self._panel = panel
        self.setFixedWidth(HEADS)
        self.setAccessibleName(self.tr("Tracks"))
        self._made: list[Row] = []
        self.heads: list[Head] = []
        themes.changed.connect(self.update)

    def follow(self) -> None:
        """The rows may be others, or scrolled."""
        view = self._panel.view
        found = view.rows
        if found != self._made:
            focus = next((i for i, head in enumerate(self.heads) if head.on and head.on.hasFocus()), None)
            for head in self.heads:
                head.hide()
                head.deleteLater()
            self._made, self.heads = found, [Head(self._panel, row) for row in found]
            for head in self.heads:
                head.setParent(self)
                head.show()
            if focus is not None and focus < len(self.heads):
                on = self.heads[focus].on
                if on is not None:
                    on.setFocus()
        for row, head in zip(self._made, self.heads):
            y = row.y + RULER - view.top
            head.setGeometry(0, y, HEADS - 1, row.height - 1)
            head.setVisible(y >= RULER)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        theme, view = themes.now, self._panel.view
        painter.fillRect(event.rect(), theme.colour("panel"))
        painter.setPen(theme.colour("line"))
        for row in self._made:
            y = row.bottom - 1 + RULER - view.top
            if y > RULER:
                painter.drawLine(0, y, HEADS, y)
        painter.drawLine(0, RULER, HEADS, RULER)
        painter.drawLine(HEADS - 1, 0, HEADS - 1, self.height())
        painter.end()


class TimelinePanel(QWidget):
    """See the module."""

    def __init__(self, session: Session, shelf: FilmShelf) -> None:
        super().__init__()
        self.session, self.film = session, session.film
        self.setObjectName("panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(self.tr("Timeline"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.space = SpacePresses(self)
        self.view = TimelineView(session, shelf)
        column.addWidget(self._tools())
        middle = QHBoxLayout()
        middle.setSpacing(0)
        self.heads = Heads(self)
        middle.addWidget(self.heads)
        middle.addWidget(self.view, 1)
        self.down = QScrollBar(Qt.Orientation.Vertical)
        self.down.setAccessibleName(self.tr("Scroll the tracks"))
        self.down.valueChanged.connect(self.view.set_top)
        middle.addWidget(self.down)
        column.addLayout(middle, 1)
        bottom = QHBoxLayout()
        bottom.setContentsMargins(HEADS, 0, 0, 0)
        self.along = QScrollBar(Qt.Orientation.Horizontal)
        self.along.setAccessibleName(self.tr("Scroll along the time"))
        self.along.valueChanged.connect(self._scrolled)
        bottom.addWidget(self.along)
        column.addLayout(bottom)
        self.view.sight_changed.connect(self._follow)
        self.film.changed.connect(self._changed)
        session.changed.connect(lambda what: self._changed("options") if what == "film" else None)
        shelf.busy.connect(self.busy.setText)
        self._follow()
        self._changed("options")

    def _tools(self) -> QWidget:
        bar = QWidget()
        bar.setObjectName("options")
        bar.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        row = QHBoxLayout(bar)
        row.setContentsMargins(12, 3, 12, 3)
        row.setSpacing(6)
        self.buttons: dict[str, QToolButton] = {}
        for name in TOOLS:
            command = actions.BY_ID[name]
            made = icon_button(
                command.icon, command_title(command), lambda name=name: self._perform(name), side=17
            )
            made.setFixedSize(28, 26)
            keys = actions.keys_of(command, self.session)
            made.setToolTip(f"{command_title(command)}  {keys[0] if keys else ''}".rstrip())
            made.setCheckable(command.checked is not None)
            if command.checked is not None:
                tint(made, command.icon, "muted", 17)
            row.addWidget(made)
            self.buttons[name] = made
        self.busy = label("", "small")
        row.addStretch(1)
        row.addWidget(self.busy)
        self.beats = chip(self.tr("Mark the beats"), checkable=False, run=lambda: self._perform("film.beats"))
        self.beats.setToolTip(self.tr("Markers on the beats of the sound, for cuts that snap to them"))
        row.addWidget(self.beats)
        for name, icon, title, run in (
            ("out", "zoom-out", self.tr("Show more time"), lambda: self.view.zoom(1 / 1.5)),
            ("fit", "move-horizontal", self.tr("Show all of the film"), self.view.fit),
            ("in", "zoom-in", self.tr("Show less time"), lambda: self.view.zoom(1.5)),
        ):
            made = icon_button(icon, title, run, side=16)
            made.setFixedSize(26, 26)
            row.addWidget(made)
            self.buttons[name] = made
        return bar

    def _perform(self, name: str) -> None:
        actions.perform(name, self.session)
        self._changed("options")

    def switch(self, track_id: str) -> None:
        """A track is seen or heard, or not."""
        track = self.film.timeline.track(track_id)
        name = f"Hide {track.name}" if track.on else f"Show {track.name}"
        if track.kind == "sound":
            name = f"Mute {track.name}" if track.on else f"Hear {track.name}"
        self.film.do(name, cutting.change_track, track_id, on=not track.on)

    def _changed(self, what: str) -> None:
        if what in ("timeline", "takes"):
            self.heads.follow()
        if what in ("options", "chosen", "timeline"):
            for name, button in self.buttons.items():
                command = actions.BY_ID.get(name)
                if command is not None:
                    button.setEnabled(command.enabled(self.session))
                    if command.checked is not None:
                        button.setChecked(command.checked(self.session))
            self.beats.setEnabled(actions.BY_ID["film.beats"].enabled(self.session))

    def _follow(self) -> None:
        """Scroll bars and heads as the view has it."""
        view, sight = self.view, self.view.sight
        self.heads.follow()
        unit = max(1, round(sight.room / 20))
        least, most = round(-24 / sight.scale), max(0, round(sight.length - 0.25 * sight.room))
        self.along.blockSignals(True)
        self.along.setRange(least, max(most, least))
        self.along.setPageStep(max(1, round(sight.room)))
        self.along.setSingleStep(unit)
        self.along.setValue(round(sight.left))
        self.along.blockSignals(False)
        hidden = max(0, view.height_of_rows - (view.height() - RULER))
        self.down.blockSignals(True)
        self.down.setRange(0, hidden)
        self.down.setPageStep(max(1, view.height() - RULER))
        self.down.setSingleStep(20)
        self.down.setValue(view.top)
        self.down.blockSignals(False)
        self.down.setVisible(hidden > 0)

    def _scrolled(self, left: int) -> None:
        self.view.set_left(left)

    def row_rect(self, row: Row) -> QRect:
        """Where a row is in the view."""
        return QRect(0, row.y + RULER - self.view.top, self.view.width(), row.height)
