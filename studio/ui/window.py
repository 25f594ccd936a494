"""The window: where the panels are, and the commands that need one.

Panels are docks, so that each can be moved, floated or closed, and come back where they were. What they show and do is
their own affair; here is only the arrangement.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QByteArray, QEvent, QObject, QSettings, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QCloseEvent, QKeySequence
from PySide6.QtWidgets import (
    QApplication,
    QDockWidget,
    QFileDialog,
    QMainWindow,
    QMessageBox,
    QStackedWidget,
    QStatusBar,
    QToolBar,
    QToolButton,
    QWidget,
)

from studio import actions
from studio.core.project import Recovery
from studio.session import Session
from studio.ui.installing import Installer
from studio.ui.panels.gallery import GalleryPanel, Library
from studio.ui.panels.history import HistoryPanel
from studio.ui.panels.layers import LayersPanel
from studio.ui.panels.queue import QueuePanel
from studio.ui.panels.stage import Stage
from studio.ui.panels.technique import TechniquePanel
from studio.ui.panels.topbar import StatusLine, TopBar
from studio.ui.projects import Projects
from studio.ui.theme import icon, themes, tint
from studio.ui.widgets.basic import SectionHead, command_title, icon_button
from studio.ui.widgets.palette import CommandPalette

PANEL = 336
LOW = 600
"""Height of a window that has no room for the gallery below the work, until somebody opens it."""
TITLE_BAR = 32
"""Pixels that the system's frame takes from the screen's height, about."""
LAYOUT = 2
"""Version of the saved arrangement; one more than before when the panels change."""
PAINTS = ("layers",)
"""Panels that only painting needs, and the tool bar with them."""


def _film(session: Session) -> QWidget:
    from studio.ui.timeline.page import FilmPage  # a start in another workspace needs nothing of it

    return FilmPage(session)


def _music(session: Session) -> QWidget:
    from studio.ui.spectrogram.page import MusicPage

    return MusicPage(session)


PAGES: dict[str, Callable[[Session], QWidget]] = {"film": _film, "music": _music}
"""The middle of the other workspaces, made when first shown. A page may have `panels()`, `focus()`, the window's zoom commands, `add_files`
and `stop`."""
QUIET = {"film": ("gallery",), "music": ("queue", "gallery")}
"""Panels that a workspace shows only when asked."""
TOOL_GAPS = ("pick",)
"""Tools before which the tool bar leaves a little room."""


class Panel(QDockWidget):
    """A dock with the studio's own head: icon, title, small buttons, a chevron that folds it."""

    def __init__(self, name: str, title: str, icon_name: str, body: QWidget, head: bool = True) -> None:
        super().__init__(title)
        self.setObjectName(f"dock-{name}")
        self.setAccessibleName(title)
        self.body = body
        self._unfolded = 200
        self.head: SectionHead | None = None
        features = QDockWidget.DockWidgetFeature
        if head:
            self.head = SectionHead(icon_name, title, body)
            self.head.folded.connect(self._folded)
            self.setTitleBarWidget(self.head)
            self.setFeatures(
                features.DockWidgetMovable | features.DockWidgetFloatable | features.DockWidgetClosable
            )
        else:
            empty = QWidget()
            empty.setFixedHeight(0)
            self.setTitleBarWidget(empty)
            self.setFeatures(features.DockWidgetClosable)
        self.setWidget(body)

    def _folded(self, folded: bool) -> None:
        assert self.head is not None
        if folded:
            self._unfolded = self.height()
            self.setMaximumHeight(self.head.sizeHint().height())
            return
        self.setMaximumHeight(16777215)
        window = self.parentWidget()
        if isinstance(window, QMainWindow) and not self.isFloating():
            # Not before the dock knows its new limit.
            QTimer.singleShot(
                0, self, lambda: window.resizeDocks([self], [self._unfolded], Qt.Orientation.Vertical)
            )

    def natural(self) -> int:
        """Height that shows everything."""
        head = self.head.sizeHint().height() if self.head else 0
        return head + self.body.sizeHint().height()


class Window(QMainWindow):
    """Fulfils `studio.session.View`."""

    painted = Signal()
    """The window is on the screen for the first time."""
    ready = Signal()
    """What could wait until then is there too."""

    def __init__(self, session: Session, library: Library | None = None, state: Path | None = None) -> None:
        super().__init__()
        self.session = session
        self._state = QSettings(str(state), QSettings.Format.IniFormat) if state else None
        session.view = self
        self.setWindowTitle("Diffusion Studio")
        self.setAccessibleName("Diffusion Studio")
        self.setDockOptions(QMainWindow.DockOption.AllowNestedDocks | QMainWindow.DockOption.AllowTabbedDocks)
        self.resize(self._start_size())
        self._first, self._needs_layout = True, False
        self._hidden: list[QWidget] = []
        self._workspace = session.workspace
        self._arrangements: dict[str, QByteArray] = {}
        self._settings_dialog = None
        self.commands: dict[str, QAction] = {}
        self.projects = Projects(session, session.home, self)
        self.installer = Installer(session, self)
        self._may_close = False
        self.stage = Stage(session)
        self.canvas = self.stage.canvas
        self._make_commands()
        self.top = TopBar(session, self.commands)
        self.setMenuWidget(self.top)
        self.pages = QStackedWidget()
        self.pages.addWidget(self.stage)
        self._page_of: dict[str, QWidget] = {"paint": self.stage}
        self._own: dict[str, str] = {}
        """Panel -> the only workspace that shows it."""
        self.setCentralWidget(self.pages)
        self.tools = self._tool_bar()
        self.technique = TechniquePanel(session)
        self.layers = LayersPanel(session)
        self.queue = QueuePanel(session)
        self.history = HistoryPanel(session)
        self.gallery = GalleryPanel(session, library)
        self.panels = self._panels()
        self.status = StatusLine(session)
        bar = QStatusBar()
        bar.setSizeGripEnabled(False)
        bar.setContentsMargins(0, 0, 0, 0)
        bar.addWidget(self.status, 1)
        bar.layout().setContentsMargins(0, 0, 0, 0)  # pyright: ignore[reportOptionalMemberAccess]
        self.setStatusBar(bar)
        self.palette_box = CommandPalette(session, self)
        self._refresh = QTimer(self)
        self._refresh.setSingleShot(True)
        self._refresh.setInterval(0)
        self._refresh.timeout.connect(self._enable)
        session.changed.connect(self._changed)
        session.job_changed.connect(lambda _: self._refresh.start())
        self.canvas.cursor_moved.connect(self.status.show_cursor)
        self.canvas.cursor_left.connect(lambda: self.status.show_cursor(None))
        self.canvas.zoom_changed.connect(self.status.show_zoom)
        self.status.show_zoom(self.canvas.zoom)
        self.gallery.grow = self._grow_gallery
        themes.changed.connect(self._theme)
        self._restore()
        first = self.canvas if self._workspace == "paint" else self._page_of.get(self._workspace, self.stage)
        first.installEventFilter(self)
        self._enable()
        self.canvas.setFocus()

    def _start_size(self) -> QSize:
        screen = QApplication.primaryScreen()
        room = screen.availableGeometry() if screen else None
        if room is None:
            return QSize(1600, 1000)
        return QSize(min(1600, room.width()), min(1000, room.height() - TITLE_BAR))

    # --- commands -----------------------------------------------------------------------------------------------

    def _make_commands(self) -> None:
        """One QAction per row of the table. Keys that mean something in a text field live on the stage."""
        for command in actions.COMMANDS:
            action = QAction(command_title(command), self)
            action.setObjectName(command.id)
            if command.checked is not None:
                action.setCheckable(True)
            action.triggered.connect(lambda _=False, command=command: self._perform(command))
            if command.where == "canvas":
                action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
                self.stage.addAction(action)
            elif command.where != "window":
                action.setShortcutContext(
                    Qt.ShortcutContext.WidgetWithChildrenShortcut
                )  # on its page, see _open_page
            else:
                self.addAction(action)
            self.commands[command.id] = action
        self._set_keys()

    def _perform(self, command: actions.Command) -> None:
        if command.enabled(self.session):
            command.run(self.session)
        self._enable()

    def _set_keys(self) -> None:
        for command in actions.COMMANDS:
            action = self.commands[command.id]
            keys = [QKeySequence(key) for key in actions.keys_of(command, self.session)]
            action.setShortcuts(keys)
            hint = keys[0].toString(QKeySequence.SequenceFormat.NativeText) if keys else ""
            action.setToolTip(f"{action.text()}  {hint}".rstrip())

    def _enable(self) -> None:
        for command in actions.COMMANDS:
            action = self.commands[command.id]
            action.setEnabled(command.enabled(self.session))
            if command.checked is not None:
                action.setChecked(bool(command.checked(self.session)))

    def _changed(self, what: str) -> None:
        if what == "workspace":
            self._show_workspace()
        if what == "settings":
            self._set_keys()
            if themes.choice != self.session.settings.theme:
                themes.use(self.session.settings.theme)
        if what in ("history", "document", "saved"):
            self.setWindowTitle(f"{self.session.title or self.tr('Untitled')}[*] – Diffusion Studio")
            self.setWindowModified(self.session.unsaved)
        self._refresh.start()

    def _theme(self) -> None:
        for command in actions.COMMANDS:
            if command.icon:
                self.commands[command.id].setIcon(icon(command.icon, checkable=command.checked is not None))

    # --- arrangement ----------------------------------------------------------------------------------------------

    def _show_workspace(self) -> None:
        """The page of the workspace in the middle, and the panels as they were when it was left."""
        if self._hidden:
            self.toggle_panels()
        self._arrangements[self._workspace] = self.saveState(LAYOUT)
        self._open_page()
        if not self._arrange():
            self._default_layout()
        self._hide_foreign()
        page = self._page_of.get(self._workspace)
        if page is not None and page is not self.stage and hasattr(page, "focus"):
            page.focus().setFocus()  # pyright: ignore[reportAttributeAccessIssue]
        self._refresh.start()

    def _open_page(self) -> None:
        self._workspace = name = self.session.workspace
        if name not in self._page_of and name in PAGES:
            page = self._page_of[name] = PAGES[name](self.session)
            self.pages.addWidget(page)
            for command in actions.COMMANDS:
                if command.where == name:
                    page.addAction(self.commands[command.id])
            for panel, title, icon_name, body in getattr(page, "panels", tuple)():
                made = self.panels[panel] = Panel(panel, title, icon_name, body)
                made.setMinimumWidth(260)
                self.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, made)
                self._own[panel] = name
        self.pages.setCurrentWidget(self._page_of.get(name, self.stage))

    def _hide_foreign(self) -> None:
        """An arrangement knows nothing of panels that were made after it."""
        for panel, workspace in self._own.items():
            if workspace != self._workspace:
                self.panels[panel].hide()

    def _belongs(self, panel: str) -> bool:
        """Whether the workspace shows it unless asked otherwise."""
        return (
            panel != "history"
            and self._own.get(panel, self._workspace) == self._workspace
            and (self._workspace == "paint" or panel not in PAINTS)
            and panel not in QUIET.get(self._workspace, ())
        )

    def _arrange(self) -> bool:
        """The panels as they were kept for this workspace; False where nothing was kept."""
        kept = self._arrangements.get(self._workspace)
        return kept is not None and self.restoreState(kept, LAYOUT)

    def _tool_bar(self) -> QToolBar:
        bar = QToolBar(self.tr("Tools"))
        bar.setObjectName("toolbar")
        bar.setAccessibleName(self.tr("Tools"))
        bar.setMovable(False)
        bar.setFloatable(False)
        bar.toggleViewAction().setEnabled(False)
        bar.setIconSize(QSize(18, 18))
        self.tool_buttons: dict[str, QToolButton] = {}
        for tool, _, icon_name, _ in actions.TOOLS:
            action = self.commands[f"tool.{tool}"]
            if tool in TOOL_GAPS:
                gap = QWidget()
                gap.setFixedHeight(6)
                bar.addWidget(gap)
            made = icon_button(icon_name, action.text(), action.trigger)
            made.setCheckable(True)
            tint(made, icon_name)
            made.setFixedSize(34, 34)
            made.setToolTip(action.toolTip())
            made.clicked.connect(lambda _=False, tool=tool: self._show_tool())
            bar.addWidget(made)
            self.tool_buttons[tool] = made
        stretch = QWidget()
        stretch.setSizePolicy(stretch.sizePolicy().Policy.Preferred, stretch.sizePolicy().Policy.Expanding)
        bar.addWidget(stretch)
        self.colour = QToolButton()
        self.colour.setFixedSize(34, 34)
        self.colour.setAccessibleName(self.tr("Colour to paint with"))
        self.colour.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.colour.clicked.connect(self._choose_colour)
        bar.addWidget(self.colour)
        self.addToolBar(Qt.ToolBarArea.LeftToolBarArea, bar)
        self.canvas.tool_changed.connect(lambda _: self._show_tool())
        self.canvas.brush_changed.connect(lambda _: self._show_colour())
        self.canvas.quick_mask_changed.connect(lambda _: self._show_colour())
        themes.changed.connect(self._show_colour)
        self.session.changed.connect(
            lambda what: self._show_colour() if what in ("history", "document") else None
        )
        self._show_tool()
        self._show_colour()
        return bar

    def _show_tool(self) -> None:
        for tool, button in self.tool_buttons.items():
            button.setChecked(tool == self.canvas.tool)

    def _show_colour(self) -> None:
        """The mask's colour while a mask is painted, the brush's own on a picture."""
        from PySide6.QtGui import QColor, QIcon, QImage, QPainter, QPixmap

        layer = self.session.layer
        on_mask = layer is None or layer.paints_mask
        colour = QColor(themes.now["mask"]) if on_mask else QColor(*self.canvas.brush.color)
        ratio = self.devicePixelRatioF()
        image = QImage(QSize(22, 22) * ratio, QImage.Format.Format_ARGB32_Premultiplied)
        image.fill(Qt.GlobalColor.transparent)
        painter = QPainter(image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.scale(ratio, ratio)
        painter.setPen(themes.now.colour("muted"))
        painter.setBrush(colour)
        painter.drawEllipse(1, 1, 20, 20)
        painter.end()
        shown = QPixmap.fromImage(image)
        shown.setDevicePixelRatio(ratio)
        self.colour.setIcon(QIcon(shown))
        self.colour.setIconSize(QSize(22, 22))
        self.colour.setToolTip(self.tr("Painting the mask") if on_mask else self.tr("Colour to paint with"))

    def _choose_colour(self) -> None:
        from PySide6.QtGui import QColor
        from PySide6.QtWidgets import QColorDialog

        layer = self.session.layer
        if layer is None or layer.paints_mask:
            self.session.say(
                self.tr("A mask has no colour; choose or add a picture layer to paint in colour.")
            )
            return
        dialog = QColorDialog(QColor(*self.canvas.brush.color), self)
        dialog.setWindowTitle(self.tr("Colour to paint with"))
        dialog.setModal(False)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.currentColorChanged.connect(
            lambda c: setattr(
                self.canvas, "brush", self.canvas.brush.with_(color=(c.red(), c.green(), c.blue()))
            )
        )
        dialog.show()

    def _panels(self) -> dict[str, Panel]:
        made = {
            "technique": Panel("technique", self.tr("Draw"), "wand-sparkles", self.technique),
            "layers": Panel("layers", self.tr("Layers"), "layers", self.layers),
            "queue": Panel("queue", self.tr("Queue"), "list-ordered", self.queue),
            "history": Panel("history", self.tr("History"), "history", self.history),
            "gallery": Panel("gallery", self.tr("Gallery"), "layout-grid", self.gallery, head=False),
        }
        right, bottom = Qt.DockWidgetArea.RightDockWidgetArea, Qt.DockWidgetArea.BottomDockWidgetArea
        self.setCorner(Qt.Corner.BottomRightCorner, right)
        for name in ("technique", "layers", "queue", "history"):
            self.addDockWidget(right, made[name])
            made[name].setMinimumWidth(260)
        self.addDockWidget(bottom, made["gallery"])
        for name, panel in (("layers", self.layers), ("queue", self.queue)):
            for button in panel.head_buttons():
                head = made[name].head
                assert head is not None
                button.setFixedSize(26, 26)
                head.add(button)
        made["history"].hide()
        head = made["technique"].head
        assert head is not None
        head.use_as_title(self.technique.chooser)
        ask = icon_button(
            "circle-question-mark",
            self.tr("Help for the technique, with an example"),
            self.show_help,
            side=16,
        )
        ask.setFixedSize(26, 26)
        head.add(ask)
        self.technique.short.connect(self._room_for_form)
        return made

    def _default_layout(self) -> None:
        for name in sorted(
            self.panels, key=lambda name: name in ("queue", "history")
        ):  # a page's own come before
            panel = self.panels[name]
            panel.setFloating(False)
            if panel.head is not None and panel.head.is_folded:
                panel.head.fold(False)
            area = (
                Qt.DockWidgetArea.BottomDockWidgetArea
                if name == "gallery"
                else Qt.DockWidgetArea.RightDockWidgetArea
            )
            self.addDockWidget(area, panel)
            low = name == "gallery" and self.height() < LOW
            panel.setVisible(self._belongs(name) and not low)
        self.tools.setVisible(self._workspace == "paint")
        shares = {"layers": 0.52, "clip": 0.52, "queue": 0.48, "region": 0.2, "takes": 0.8}
        right = [name for name in ("technique", *shares) if name in self.panels and self._belongs(name)]
        docks = [self.panels[name] for name in right]
        self.resizeDocks(docks, [PANEL] * len(docks), Qt.Orientation.Horizontal)
        rest = self._room() - self._form_height()
        heights = [self._form_height(), *(int(rest * shares[name]) for name in right[1:])]
        self.resizeDocks(docks, heights, Qt.Orientation.Vertical)
        self.resizeDocks([self.panels["gallery"]], [150], Qt.Orientation.Vertical)

    def _room(self) -> int:
        """Height of the panels on the right."""
        return max(400, self.height() - 44 - 28)

    def _form_height(self) -> int:
        return min(self.panels["technique"].natural() + 8, int(self._room() * 0.6))

    def _room_for_form(self, missing: int) -> None:
        """Another technique may have more settings: its panel grows, and never shrinks by itself."""
        panel = self.panels["technique"]
        wanted = min(panel.height() + missing, int(self._room() * 0.7))
        if panel.isVisible() and not panel.isFloating() and panel.height() < wanted:
            below = [
                self.panels[name] for name in ("layers", "queue") if self._stands_below(self.panels[name])
            ]
            rest = sum(one.height() for one in below) - (wanted - panel.height())
            shares = [0.62, 0.38][: len(below)] if len(below) > 1 else [1.0] * len(below)
            # the layers would give all of it, as they are next
            heights = [wanted, *(max(int(rest * share), 60) for share in shares)]
            self.resizeDocks([panel, *below], heights, Qt.Orientation.Vertical)

    @staticmethod
    def _stands_below(panel: Panel) -> bool:
        folded = panel.head is not None and panel.head.is_folded
        return panel.isVisible() and not panel.isFloating() and not folded

    def _restore(self) -> None:
        """The saved arrangement, else the usual one."""
        kept = self._state
        if kept is not None:
            geometry = kept.value("geometry")
            if geometry is not None:
                self.restoreGeometry(geometry)
            found = {name: kept.value(key) for name, key in _state_keys().items()}
            self._arrangements = {
                name: state for name, state in found.items() if isinstance(state, QByteArray)
            }
        self._open_page()
        if self._arrange():
            self._hide_foreign()
            return
        self._default_layout()
        self._needs_layout = True

    def _keep(self) -> None:
        if self._state is not None:
            if self._hidden:
                self.toggle_panels()
            self._state.setValue("geometry", self.saveGeometry())
            self._arrangements[self._workspace] = self.saveState(LAYOUT)
            for name, state in self._arrangements.items():
                self._state.setValue(_state_keys()[name], state)
            self._state.sync()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint and self._first:
            self._first = False
            watched.removeEventFilter(self)
            QTimer.singleShot(0, self, self._shown)  # by then this round of painting is on the screen
        return False

    def _shown(self) -> None:
        self.painted.emit()
        if self._needs_layout:
            self._default_layout()  # docks learn their sizes only on the screen, some only in the second round
            QTimer.singleShot(0, self, self._default_layout)
        self.canvas.fit()
        self.gallery.start()
        self._theme()  # the icons of the menu: nobody has opened it yet
        self.ready.emit()

    def closeEvent(self, event: QCloseEvent) -> None:
        if self.session.unsaved and not self._may_close:
            event.ignore()
            self.projects.guarded(self.close_now)
            return
        self._keep()
        self.hide()  # what is still being written is waited for without a dead window on the screen
        self.projects.stop()
        self.installer.stop()
        self.gallery.stop()
        for page in self._page_of.values():
            if hasattr(page, "stop"):
                page.stop()  # pyright: ignore[reportAttributeAccessIssue]
        self.session.save_settings()
        event.accept()

    def close_now(self) -> None:
        """Closes without another question about unsaved work."""
        self._may_close = True
        self.close()

    def _grow_gallery(self) -> None:
        """One row or three."""
        high = self.gallery.height() > 200
        self.resizeDocks([self.panels["gallery"]], [150 if high else 150 + 2 * 92], Qt.Orientation.Vertical)
        tint(self.gallery.grid, "layout-grid" if high else "minus", "muted", 16)

    # --- what commands ask for (studio.session.View) -----------------------------------------------------------------

    def show_palette(self) -> None:
        self.palette_box.open()

    def show_settings(self, page: str = "") -> None:
        from studio.ui.panels.settings import SettingsDialog

        if self._settings_dialog is not None:
            self._settings_dialog.deleteLater()  # its pages show what was true when it was made
        self._settings_dialog = SettingsDialog(self.session, self)
        self._settings_dialog.open_page(page)

    def show_side_by_side(self, scales: bool = False) -> None:
        from studio.ui.panels.sidebyside import open_side_by_side

        open_side_by_side(self.session, scales, self)

    def show_help(self) -> None:
        from studio.ui.panels.help import TechniqueHelp

        TechniqueHelp(self.session, self.session.technique, self).show()

    def show_about(self) -> None:
        box = QMessageBox(self)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setModal(False)
        box.setWindowTitle(self.tr("About Diffusion Studio"))
        box.setText("Diffusion Studio")
        box.setInformativeText(
            self.tr("Apache-2.0. Icons: Lucide (ISC). Type: Inter (OFL).")
            + "\n\n"
            + self.tr("Pictures, video and music made and changed by diffusion models.")
        )
        box.show()

    def install_model(self, path: Path) -> None:
        self.installer.offer(path)

    def new_picture(self) -> None:
        self.projects.new()
        self.focus_words()

    def open_file(self) -> None:
        self.projects.choose_and_open()

    def open_path(self, path: Path) -> None:
        self.projects.open(path)

    def restore(self, lost: Recovery, done: Callable[[], object]) -> None:
        self.projects.restore(lost, done)

    def save_project(self) -> None:
        self.projects.save()

    def save_project_as(self) -> None:
        self.projects.save_as()

    def show_recent(self) -> None:
        """Below the name of the document."""
        self.projects.recent_menu().popup(self.top.title.mapToGlobal(self.top.title.rect().bottomLeft()))

    def add_pictures(self) -> None:
        paths, _ = QFileDialog.getOpenFileNames(
            self, self.tr("Add pictures as layers"), "",
            self.tr("Pictures (*.png *.jpg *.jpeg *.webp *.avif *.tif *.tiff *.bmp *.gif *.jp2 *.psd)"),
        )  # fmt: skip
        self.stage.add_files([Path(path) for path in paths])

    def export_picture(self) -> None:
        page = self._page()
        if page is not None and hasattr(page, "export_take"):
            page.export_take()
        else:
            self.projects.export_dialog()

    def copy_picture(self, all_layers: bool = False) -> None:
        self.stage.copy(all_layers)

    def paste(self) -> None:
        self.stage.paste()

    def toggle_panels(self) -> None:
        """Everything but the canvas away, and back as it was."""
        if self._hidden:
            for widget in self._hidden:
                widget.show()
            self._hidden = []
        else:
            self._hidden = [
                w
                for w in (*self.panels.values(), self.tools)
                if w.isVisible() and not getattr(w, "isFloating", lambda: False)()
            ]
            for widget in self._hidden:
                widget.hide()
        page = self._page()
        (page.focus() if page is not None else self.canvas).setFocus()

    def toggle_panel(self, name: str) -> None:
        panel = self.panels[name]
        panel.setVisible(panel.isHidden())
        if not panel.isHidden():
            panel.raise_()

    def panel_shown(self, name: str) -> bool:
        return not self.panels[name].isHidden()

    def reset_layout(self) -> None:
        self._hidden = []
        self.tools.show()
        self._default_layout()

    def _page(self) -> Any:
        """What is in the middle, where it is not the stage."""
        page = self.pages.currentWidget()
        return None if page is self.stage else page

    def zoom_fit(self) -> None:
        page = self._page()
        page.zoom_fit() if page is not None else self.canvas.fit()

    def zoom_to(self, scale: float) -> None:
        page = self._page()
        page.zoom_to(scale) if page is not None else self.canvas.set_zoom(scale)

    def zoom_by(self, factor: float) -> None:
        page = self._page()
        if page is not None:
            page.zoom_by(factor)
        else:
            self.canvas.zoom_in() if factor > 1 else self.canvas.zoom_out()

    def add_sounds(self, paths: Sequence[Path]) -> None:
        """Sounds are seen in their own workspace."""
        self.add_to("music", paths)

    def add_to(self, workspace: str, paths: Sequence[Path]) -> None:
        """Sounds and films in the workspace of either."""
        self.session.set_workspace(workspace)
        page = self._page()
        if page is not None:
            page.add_files(list(paths))

    def swap_erase(self) -> None:
        self.canvas.swap_erase()

    def toggle_quick_mask(self) -> None:
        self.canvas.toggle_quick_mask()

    def toggle_mask_alone(self) -> None:
        self.canvas.set_masks_alone(not self.canvas.masks_alone)

    def mask_alone(self) -> bool:
        return self.canvas.masks_alone

    def refine(self, change: str) -> None:
        self.stage.refine(change)

    def clear(self, cut: bool = False) -> None:
        self.stage.clear(cut)

    def turn_view(self, degrees: float) -> None:
        self.canvas.set_angle(self.canvas.view.angle + degrees) if degrees else self.canvas.reset_rotation()

    def focus_words(self) -> None:
        self.panels["technique"].show()
        if self.technique.prompt is not None:
            self.technique.prompt.edit.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def focus_next_part(self, way: int) -> None:
        """Canvas or the workspace's page, words, layers, queue, gallery, tools, top line: F6 walks them in a ring."""
        prompt = self.technique.prompt.edit if self.technique.prompt else self.technique.draw
        page = self._page()
        parts = [
            self.canvas if page is None else page.focus(),
            prompt,
            self.layers.list,
            self.queue.pause,
            self.gallery.words,
            next(iter(self.tool_buttons.values())),
            self.top.menu,
        ]
        usable = [part for part in parts if part.isVisible() and part.isEnabled()]
        owners = [
            self.stage if page is None else page,
            self.technique,
            self.layers,
            self.panels["queue"],
            self.gallery,
            self.tools,
            self.top,
        ]
        focus = QApplication.focusWidget()
        at = next(
            (
                i
                for i, owner in enumerate(owners)
                if focus is not None and (owner is focus or owner.isAncestorOf(focus))
            ),
            0,
        )
        for _ in parts:
            at = (at + way) % len(parts)
            if parts[at] in usable:
                parts[at].setFocus(Qt.FocusReason.ShortcutFocusReason)
                return

    def search_gallery(self) -> None:
        self.panels["gallery"].show()
        self.gallery.words.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def show_lineage(self) -> None:
        self.gallery.show_lineage()


def _state_keys() -> dict[str, str]:
    """Workspace -> where its arrangement is kept."""
    return {"paint": "state", "film": "state-film", "music": "state-music"}
