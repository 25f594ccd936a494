"""New, open, save, save as, recent files, and the question before something would be lost.

Reading and writing are on other threads; what is said about them is one sentence over the canvas. Nothing that fails
costs anything: a file is replaced in one step or not at all, and the document stays as it is.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QFileDialog, QMenu, QMessageBox, QWidget

from studio.core.document import Document
from studio.core.going import Going, Stopped
from studio.core.layer import Layer
from studio.core.project import Recovery
from studio.core.shot import Shot
from studio.media import leftovers
from studio.media.files import write_whole
from studio.session import Project, Session, layer_name
from studio.ui.autosave import Autosave, memory_of
from studio.ui.exchange import PICTURES, PROJECTS, kind_of, read_file
from studio.ui.language import spoken
from studio.ui.scribe import Scribe
from studio.ui.widgets.images import Background

if TYPE_CHECKING:
    from studio.media.export import Export
    from studio.media.ora import Opened, OraWriter, Prepared

PATIENCE = 400
"""Milliseconds after which it is said that a file is still under way."""


@dataclass(frozen=True)
class Found:
    """A file that was read: what becomes of the document."""

    document: Document
    project: Project
    saved: bool
    notes: tuple[str, ...] = ()
    words: str = ""
    """That were typed when it was saved."""


class Projects(QObject):
    """Args: folder: the studio's own; autosaves go below it."""

    def __init__(self, session: Session, folder: Path, window: QWidget) -> None:
        super().__init__(window)
        self.session, self.window = session, window
        self.scribe = Scribe(self)
        self.autosave = Autosave(session, self.scribe, folder / "recovery", parent=self)
        self._writer: OraWriter | None = None
        self._background = Background(self)
        self._box: QMessageBox | None = None
        self._turn = 0

    # --- the question ---------------------------------------------------------------------------------------------

    def guarded(self, act: Callable[[], object]) -> None:
        """Does it if nothing would be lost, else asks: Save first, discard, or don't."""
        if not self.session.unsaved:
            act()
            return
        buttons = QMessageBox.StandardButton
        box = self._ask(
            self.tr("Save the changes to “{0}”?").format(self.session.title or self.tr("Untitled")),
            self.tr("Without saving, what you did since the last time is lost."),
            buttons.Save | buttons.Discard | buttons.Cancel,
        )

        def answered(button: int) -> None:
            if button == buttons.Save:
                self.save(act)
            elif button == buttons.Discard:
                act()

        box.finished.connect(answered)
        box.open()

    def _ask(self, text: str, more: str, buttons: QMessageBox.StandardButton) -> QMessageBox:
        if self._box is not None:
            self._box.close()  # two questions at once would be one too many
        box = self._box = QMessageBox(self.window)
        box.setObjectName("question")
        box.setText(text)
        box.setInformativeText(more)
        box.setStandardButtons(buttons)
        box.setDefaultButton(QMessageBox.StandardButton.Save)
        box.button(QMessageBox.StandardButton.Save).setProperty("kind", "primary")
        for button in box.buttons():
            button.setIcon(QIcon())  # the platform's own would be in another style than everything else
        box.finished.connect(lambda _: self._closed(box))
        return box

    def _closed(self, box: QMessageBox) -> None:
        if self._box is box:
            self._box = None
        box.deleteLater()

    # --- new and open -----------------------------------------------------------------------------------------------

    def new(self) -> None:
        self.guarded(self.session.new_document)

    def choose_and_open(self) -> None:
        """A project, a layered picture, or a plain picture as a document of its own."""
        every = " ".join(f"*{ending}" for ending in sorted(PROJECTS | PICTURES))
        path, _ = QFileDialog.getOpenFileName(
            self.window,
            self.tr("Open"),
            self._folder(),
            self.tr("Projects and pictures ({0})").format(every)
            + ";;"
            + self.tr("Projects ({0})").format("*.ora")
            + ";;"
            + self.tr("All files (*)"),
        )
        if path:
            self.open(Path(path))

    def open(self, path: Path) -> None:
        """Reads it first and asks about unsaved work then: a file that cannot be opened costs no question. A sound or a film joins the document."""
        if kind_of(path) == "sound":
            self.session.view.add_sounds([path])
            return
        if kind_of(path) == "clip":
            self.session.view.add_to("film", [path])
            return
        self._turn += 1
        turn = self._turn
        QTimer.singleShot(
            PATIENCE, self, lambda: turn == self._turn and self.session.set_file_state("opening")
        )

        def arrived(found: Found) -> None:
            if turn == self._turn:  # else another file was asked for meanwhile
                self._turn += 1
                self.session.set_file_state("")
                self.guarded(lambda: self._show(found, path))

        def read() -> Found:
            found = read_document(path)
            leftovers.remember(path, self.session.home / "takes")
            return found

        self._background.run(read, arrived, lambda error: self._unreadable(path, error))

    def _unreadable(self, path: Path, error: Exception) -> None:
        self._turn += 1
        self.session.set_file_state("")
        salvage: Opened | None = getattr(error, "salvage", None)  # of a `DamagedProject`
        if salvage is None:
            if str(path) in self.session.settings.recent and not path.exists():
                self.session.settings.recent = [
                    old for old in self.session.settings.recent if old != str(path)
                ]
            self.session.say(str(error), "error")
            return
        found = Found(salvage.document, Project(None, path.name), False, salvage.notes)
        self.session.say(
            str(error),
            "error",
            do=lambda: self.guarded(lambda: self._show(found, None)),
            do_title=self.tr("Open what is left"),
        )

    def _show(self, found: Found, path: Path | None) -> None:
        session = self.session
        session.become(
            found.document, found.project, self.tr("Open {0}").format(found.project.title), found.saved
        )
        if found.words and not session.prompt:
            session.set_prompt(found.words)
            session.changed.emit("technique")
        if not found.document.layers and found.document.timeline.length:
            session.set_workspace("film")  # there is nothing to be seen elsewhere
        if path is not None:
            session.remember_file(path)
        if found.notes:
            session.say(" ".join(found.notes), "warn")

    def _folder(self) -> str:
        """Where a file dialog begins: beside the project, else beside the last one."""
        path = self.session.project.path
        if path is None and self.session.settings.recent:
            path = Path(self.session.settings.recent[0])
        return str(path.parent) if path is not None and path.parent.is_dir() else ""

    def recent_menu(self) -> QMenu:
        """The projects and pictures that were open before; those that are gone are left out."""
        menu = QMenu(self.window)
        menu.setAccessibleName(self.tr("Recent files"))
        menu.setToolTipsVisible(True)
        for text in self.session.settings.recent:
            path = Path(text)
            if path.exists():
                action = menu.addAction(
                    f"{path.name}   {_short(path.parent)}", lambda path=path: self.open(path)
                )
                action.setToolTip(text)
        if menu.isEmpty():
            menu.addAction(self.tr("Nothing was opened or saved yet")).setEnabled(False)
        return menu

    # --- save ---------------------------------------------------------------------------------------------------------

    def save(self, then: Callable[[], object] | None = None) -> None:
        """To the project's own file; asks for one where there is none. `then` is called when it is on the disk."""
        project = self.session.project
        if project.path is None:
            self.save_as(then)
        elif project.moved:
            buttons = QMessageBox.StandardButton
            box = self._ask(
                self.tr("“{0}” was changed by another program. Replace it?").format(project.title),
                self.tr("No keeps that file and asks for another name."),
                buttons.Save | buttons.No | buttons.Cancel,
            )
            box.button(buttons.Save).setText(self.tr("Replace"))
            path = project.path
            box.finished.connect(
                lambda button: (
                    self.save_to(path, then)
                    if button == buttons.Save
                    else self.save_as(then)
                    if button == buttons.No
                    else None
                )
            )
            box.open()
        else:
            self.save_to(project.path, then)

    def save_as(self, then: Callable[[], object] | None = None) -> None:
        path, _ = QFileDialog.getSaveFileName(
            self.window,
            self.tr("Save the project"),
            str(Path(self._folder()) / f"{self._suggested()}.ora"),
            self.tr("OpenRaster projects ({0})").format("*.ora"),
        )
        if path:
            chosen = Path(path)
            self.save_to(chosen if chosen.suffix.lower() == ".ora" else Path(f"{path}.ora"), then)

    def _suggested(self) -> str:
        """A name for a file: that of what was opened, else the first words that made it."""
        if self.session.title:
            return Path(self.session.title).stem
        spec = self.session.made_by()
        name = layer_name(spec) if spec is not None else self.tr("Untitled")
        return "".join(ch for ch in name if ch.isalnum() or ch in " -_").strip()[:60] or self.tr("Untitled")

    def save_to(self, path: Path, then: Callable[[], object] | None = None) -> None:
        """Orders the file; a sentence follows when it is there or cannot be."""
        from studio.media.ora import OraWriter  # a start needs neither it nor what it imports

        session, moment, going = self.session, {"revision": -1}, Going()
        writer = self._writer = self._writer or OraWriter()
        before = session.project

        def prepare() -> Prepared:
            moment["revision"] = session.history.revision
            return writer.prepare(session.document, memory_of(session))

        def work(taken: Prepared) -> None:
            write_whole(path, lambda file: taken.write(file, going))
            leftovers.remember(path, session.home / "takes")
            self.autosave.saver.saved(moment["revision"])

        def done(_: object) -> None:
            session.set_file_state("")
            session.saved_as(path, before, moment["revision"])
            session.say(self.tr("Saved as {0}.").format(path.name))
            if then is not None:
                then()

        def failed(error: Exception) -> None:
            session.set_file_state("")
            if isinstance(error, Stopped):
                session.say(self.tr("Saving was stopped; {0} is as it was before.").format(path.name), "warn")
                return
            session.say(
                self.tr("The project was not saved, and your work is still here: {0}").format(
                    spoken(str(error))
                ),
                "error",
                do=lambda: self.save_as(then),
                do_title=self.tr("Save elsewhere"),
            )

        session.set_file_state("saving", going)
        self.scribe.run(prepare, work, done, failed)

    # --- export -------------------------------------------------------------------------------------------------------

    def export_dialog(self) -> None:
        from studio.ui.panels.export import ExportDialog  # with Pillow's writers and psd-tools behind it

        ExportDialog(self.session, self.export, self._suggested(), self._folder(), self.window).open()

    def export(self, wanted: Export) -> None:
        """Orders the file; a sentence follows when it is there or cannot be."""
        from studio.media.export import export

        session = self.session

        def done(_: object) -> None:
            session.set_file_state("")
            session.say(self.tr("Exported as {0}.").format(wanted.path.name))

        def failed(error: Exception) -> None:
            session.set_file_state("")
            session.say(str(error), "error", do=self.export_dialog, do_title=self.tr("Export elsewhere"))

        session.set_file_state("exporting")
        self.scribe.run(lambda: Shot(session.document), lambda shot: export(shot, wanted), done, failed)

    # --- after a crash ------------------------------------------------------------------------------------------------

    def restore(self, lost: Recovery, done: Callable[[], object]) -> None:
        """Opens an autosave; `done` is called when the work is safe in this window's own autosave."""

        def arrived(found: Found) -> None:
            title = lost.title if lost.title != "Untitled" else ""
            project = Project(lost.path, lost.path.name if lost.path else title)
            self.guarded(lambda: show(Found(found.document, project, False, found.notes, found.words)))

        def show(found: Found) -> None:
            self._show(found, None)
            self.autosave.secure(done)

        def failed(error: Exception) -> None:
            salvage: Opened | None = getattr(error, "salvage", None)
            if salvage is None:
                self.session.say(str(error), "error")
            else:
                arrived(Found(salvage.document, Project(), False, (str(error), *salvage.notes)))

        self._background.run(lambda: read_document(lost.file), arrived, failed)

    # --- the end ------------------------------------------------------------------------------------------------------

    def stop(self) -> None:
        """Waits for files under way. The autosave goes: what is unsaved now is not wanted."""
        self.scribe.wait()
        self.scribe.stop()
        self._background.stop()
        self.autosave.stop()


def read_document(path: Path) -> Found:
    """Any file that can be a document of its own; on another thread.

    Raises:
        BadRequest: one sentence; `DamagedProject` with what could be salvaged.
    """
    if path.suffix.lower() in PROJECTS:
        from studio.media.ora import read_ora

        opened = read_ora(path)
        words: Any = opened.extra.get("prompt", "")
        return Found(
            opened.document, Project.at(path), True, opened.notes, words if isinstance(words, str) else ""
        )
    if path.suffix.lower() == ".psd":
        from studio.media.psd import read_psd

        read = read_psd(path)
        return Found(read.document, Project(None, path.name), True, read.notes)
    clip, spec = read_file(path)
    layer = Layer.from_clip(path.stem, clip, spec=spec)  # pyright: ignore[reportArgumentType]
    document = Document(layer.pixels.shape[1], layer.pixels.shape[0])
    document.set_layers([layer])
    document.set_box(document.rect)
    document.activate(layer.id)
    return Found(document, Project(None, path.name), True)


def _short(folder: Path) -> str:
    """A folder as people write it."""
    try:
        return f"~{os.sep}{folder.relative_to(Path.home())}"
    except ValueError:
        return str(folder)
