"""The line at the top: name and menu, workspaces, document, undo and redo, commands, settings; and the line at the bottom."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QAction, QKeySequence, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QToolButton, QWidget

from studio import actions
from studio.session import Session
from studio.ui.language import spoken
from studio.ui.theme import themes, tint
from studio.ui.widgets.basic import icon_button, label

WORKSPACES = (
    ("paint", "Paint", "brush"),
    ("film", "Film", "clapperboard"),
    ("music", "Music", "audio-lines"),
)
"""Id, title and icon of the workspaces that are built. With one there is nothing to switch and no switch is shown."""


WIDEST = 260
"""Pixels of a project's name; the window must not grow with it."""
NARROW = 1000
"""Width below which words give way to icons."""


class TopBar(QWidget):
    def __init__(self, session: Session, commands: dict[str, QAction]) -> None:
        super().__init__()
        self.session = session
        self.setObjectName("topbar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(44)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 0, 10, 0)
        row.setSpacing(6)
        self.menu = QToolButton()
        self.menu.setText("Diffusion Studio")
        self.menu.setProperty("kind", "name")
        self.menu.setAccessibleName(self.tr("Menu of Diffusion Studio"))
        self.menu.setToolTip(self.tr("All commands"))
        self.menu.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.menu.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.menu.setMenu(self._menu(commands))
        row.addWidget(self.menu)
        self.workspaces: dict[str, QToolButton] = {}
        if len(WORKSPACES) > 1:
            row.addWidget(self._switch())
        row.addSpacing(8)
        self.title = label("", "")
        self.saved = label("", "muted")
        row.addWidget(self.title)
        row.addWidget(self.saved)
        self.halt = icon_button("x", self.tr("Stop this file"), self._halt, side=14)
        self.halt.setFixedSize(22, 22)
        self.halt.hide()
        row.addWidget(self.halt)
        self._look = QTimer(self, interval=150)
        self._look.timeout.connect(self._show_file)
        row.addStretch(1)
        self.open = self._quick(row, commands["file.open"], "folder-open")
        self.save = self._quick(row, commands["file.save"], "save")
        row.addSpacing(6)
        self.undo = self._quick(row, commands["edit.undo"], "undo")
        self.redo = self._quick(row, commands["edit.redo"], "redo")
        row.addSpacing(6)
        self.find = QToolButton()  # pyright: ignore[reportAttributeAccessIssue]
        self.find.setProperty("kind", "text")
        tint(self.find, "search", "muted", 16, gap=6)  # pyright: ignore[reportArgumentType]
        self.find.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        keys = actions.keys_of(actions.BY_ID["edit.commands"], session)
        shown = (
            QKeySequence(keys[0]).toString(QKeySequence.SequenceFormat.NativeText).replace("+", " ")
            if keys
            else ""
        )
        self._find_text = self.tr("Commands") + f"  {shown}"
        self.find.setText(self._find_text)
        self.find.setAccessibleName(self.tr("Commands"))
        self.find.setToolTip(self.tr("Find any command by its name"))
        self.find.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.find.clicked.connect(commands["edit.commands"].trigger)
        row.addWidget(self.find)  # pyright: ignore[reportArgumentType]
        self.settings = self._quick(row, commands["file.settings"], "settings-2")
        session.changed.connect(self._changed)
        self._changed("history")

    def resizeEvent(self, event: QResizeEvent) -> None:
        """On a narrow screen the magnifying glass says enough."""
        super().resizeEvent(event)
        style = Qt.ToolButtonStyle
        wide = event.size().width() >= NARROW
        self.find.setToolButtonStyle(style.ToolButtonTextBesideIcon if wide else style.ToolButtonIconOnly)

    def minimumSizeHint(self) -> QSize:
        """As with the magnifying glass alone, whatever is shown now."""
        hint = super().minimumSizeHint()
        if self.find.toolButtonStyle() == Qt.ToolButtonStyle.ToolButtonTextBesideIcon:
            text = self.find.fontMetrics().horizontalAdvance(self._find_text)
            hint.setWidth(max(hint.width() - text, 0))
        return hint

    def _menu(self, commands: dict[str, QAction]) -> QMenu:
        menu = QMenu(self)
        menu.setAccessibleName(self.tr("All commands"))
        for group in actions.GROUPS:
            part = menu.addMenu(spoken(group))
            for command in actions.COMMANDS:
                if command.group == group and not command.id.startswith("picture.pick-"):
                    part.addAction(commands[command.id])
        menu.addSeparator()
        menu.addAction(commands["file.quit"])
        return menu

    def _quick(self, row: QHBoxLayout, action: QAction, icon: str) -> QToolButton:
        made = icon_button(icon, action.text(), action.trigger)
        made.setEnabled(action.isEnabled())
        action.enabledChanged.connect(made.setEnabled)
        row.addWidget(made)
        return made

    def _switch(self) -> QWidget:
        holder = QWidget()
        holder.setObjectName("workspaces")
        holder.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        row = QHBoxLayout(holder)
        row.setContentsMargins(2, 2, 2, 2)
        row.setSpacing(2)
        for name, title, icon in WORKSPACES:
            made = QToolButton()
            made.setProperty("kind", "workspace")
            made.setText(spoken(title))
            made.setAccessibleName(spoken(title))
            made.setCheckable(True)
            made.setAutoExclusive(True)
            made.setChecked(name == self.session.workspace)
            made.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            tint(made, icon, "muted", 16)
            made.clicked.connect(lambda _=False, name=name: self.session.set_workspace(name))
            row.addWidget(made)
            self.workspaces[name] = made
        return holder

    def _show_file(self) -> None:
        """The file under way and how far it is; asked for again while there is one."""
        session = self.session
        state, going = session.file_state, session.file_going
        if not state:
            self._look.stop()
            self.halt.hide()
            return
        words = {
            "saving": self.tr("saving"),
            "opening": self.tr("opening"),
            "exporting": self.tr("exporting"),
            "copying": self.tr("copying"),
        }
        share = f" {100 * going.share:.0f} %" if going is not None and going.share > 0 else ""
        self.saved.setText(f"· {words[state]}{share}")
        if going is not None:
            self._look.start()
            self.halt.setVisible(going.share > 0 and not going.stopped)

    def _halt(self) -> None:
        if self.session.file_going is not None:
            self.session.file_going.stop()
            self._show_file()

    def _changed(self, what: str) -> None:
        if what == "workspace" and self.session.workspace in self.workspaces:
            self.workspaces[self.session.workspace].setChecked(True)
        if what not in ("history", "document", "saved"):
            return
        session = self.session
        title = session.title or self.tr("Untitled")
        shown = self.title.fontMetrics().elidedText(title, Qt.TextElideMode.ElideMiddle, WIDEST)
        self.title.setText(shown)
        self.title.setToolTip(title if shown != title else "")
        self._show_file()
        if session.file_state:
            state = ""
        elif not session.document.layers and not session.unsaved:
            state = self.tr("empty")
        elif session.unsaved:
            state = self.tr("not saved")
        else:
            state = self.tr("saved")
        if state:
            self.saved.setText(f"· {state}")
        history = session.history
        self.undo.setToolTip(
            self.tr("Undo: {0}").format(spoken(history.undo_name))
            if history.can_undo
            else self.tr("Nothing to undo")
        )
        self.redo.setToolTip(
            self.tr("Redo: {0}").format(spoken(history.redo_name))
            if history.can_redo
            else self.tr("Nothing to redo")
        )


class StatusLine(QWidget):
    """Engine, memory and queue on the left; selection, cursor and zoom on the right."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.setObjectName("statusbar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(28)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 0, 12, 0)
        row.setSpacing(16)
        self.dot = QLabel()
        self.dot.setFixedSize(8, 8)
        self.dot.setAccessibleName(self.tr("State of the engine"))
        engine = QHBoxLayout()
        engine.setSpacing(7)
        engine.addWidget(self.dot)
        self.engine = _Pair(self.tr("Engine"))
        engine.addWidget(self.engine)
        row.addLayout(engine)
        self.memory = _Pair(self.tr("Memory"))
        self.queue = _Pair(self.tr("Queue"))
        row.addWidget(self.memory)
        row.addWidget(self.queue)
        row.addStretch(1)
        self.selection = _Pair(self.tr("Selection"))
        self.cursor_at = _Pair(self.tr("Cursor"))
        self.zoom = _Pair(self.tr("Zoom"))
        for pair in (self.selection, self.cursor_at, self.zoom):
            row.addWidget(pair)
        self.cursor_at.say("")
        self.selection.say("")
        self._document = None
        session.changed.connect(self._changed)
        session.job_changed.connect(lambda _: self._jobs())
        themes.changed.connect(self._engine)
        self._changed("document")
        self._changed("engine")
        self._changed("workspace")
        self._jobs()

    def _changed(self, what: str) -> None:
        if what == "engine":
            self._engine()
        if what == "document":
            self._adopt()
        if what == "workspace":
            self._of_canvas()
        if what == "paused":
            self._jobs()

    def _of_canvas(self) -> None:
        """What is said about the canvas is said where there is one."""
        for pair in (self.selection, self.cursor_at, self.zoom):
            pair.allow(self.session.workspace == "paint")

    def _engine(self) -> None:
        session = self.session
        words = {
            "": (self.tr("Engine not started"), "muted"),
            "starting": (self.tr("Engine starting"), "warn"),
            "ready": (self.tr("Engine ready"), "ok"),
            "busy": (self.tr("Engine drawing"), "ok"),
            "dead": (self.tr("Engine stopped; it starts again by itself"), "danger"),
        }
        text, token = words.get(session.engine_state, words[""])
        self.engine.head.setText(text + (" ·" if session.engine else ""))
        self.engine.say(session.engine, keep=True)
        colour = themes.now[token]
        self.dot.setStyleSheet(f"background: {colour}; border-radius: 4px;")
        self.dot.setAccessibleName(text)
        used, total = session.memory
        if used and total:
            self.memory.say(self.tr("{0:.1f} of {1:.0f} GB").format(used / 2**30, total / 2**30))
        else:
            self.memory.say(self.tr("{0:.1f} GB").format(used / 2**30) if used else "")

    def _adopt(self) -> None:
        """Listen to the document in use."""
        if self.session.document is self._document:
            return
        if self._document is not None:
            self._document.selection_changed.disconnect(self._selected)
        self._document = self.session.document
        self._document.selection_changed.connect(self._selected)
        self._selected()

    def _selected(self, _: object = None) -> None:
        rect = self.session.document.selection_bounds()
        self.selection.say("" if rect.empty else f"{rect.w} × {rect.h}")

    def _jobs(self) -> None:
        running, waiting = len(self.session.running), len(self.session.waiting)
        parts = []
        if running:
            parts.append(self.tr("{0} running").format(running))
        if waiting:
            parts.append(self.tr("{0} waiting").format(waiting))
        if self.session.paused:
            parts.append(self.tr("paused"))
        self.queue.say(", ".join(parts) or self.tr("empty"))

    def show_cursor(self, x: float | None, y: float = 0) -> None:
        self.cursor_at.say("" if x is None else f"{int(x // 1)}, {int(y // 1)}")

    def show_zoom(self, zoom: float) -> None:
        percent = zoom * 100
        self.zoom.say(f"{percent:.0f} %" if percent >= 10 else f"{percent:.1f} %")


class _Pair(QWidget):
    """A quiet name and a value; without a value there is nothing to see."""

    def __init__(self, name: str) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        self.head = label(name, "small")
        self.value = label("", "value")
        row.addWidget(self.head)
        row.addWidget(self.value)
        self._name = name
        self._allowed = True

    def allow(self, allowed: bool) -> None:
        """Whether it may be seen at all."""
        self._allowed = allowed
        self.setVisible(allowed and bool(self.value.text()))

    def say(self, text: str, keep: bool = False) -> None:
        if text != self.value.text():
            self.value.setText(text)
        self.setVisible(self._allowed and (bool(text) or keep))
