"""A model that was dropped on the window or chosen in the settings: looked at, asked about, and put where it is found."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QObject
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QMessageBox, QWidget

from studio.core.going import Going, Stopped
from studio.session import Session
from studio.ui.language import spoken
from studio.ui.widgets.images import Background

if TYPE_CHECKING:
    from studio.media.install import Plan


class Installer(QObject):
    """Reading and copying are on another thread; copying shows how far it is at the top and can be stopped there."""

    def __init__(self, session: Session, window: QWidget) -> None:
        super().__init__(window)
        self.session, self.window = session, window
        self._background = Background(self)
        self._going: Going | None = None
        self._box: QMessageBox | None = None

    def offer(self, path: Path) -> None:
        """Looks at a file or folder and asks what to do with it; what cannot be used is told in one sentence."""
        from studio.media.install import plan  # a start needs neither it nor what it imports

        self._background.run(
            lambda: plan(path), self._ask, lambda error: self.session.say(str(error), "warn")
        )

    def _ask(self, wanted: Plan) -> None:
        box = self._box = QMessageBox(self.window)
        box.setObjectName("question")
        size = f"{wanted.bytes / 2**30:.1f} GB" if wanted.bytes >= 2**30 else f"{wanted.bytes / 2**20:.0f} MB"
        question = self.tr("Lay “{0}” over models?") if wanted.adapter else self.tr("Use “{0}” as a model?")
        box.setText(question.format(wanted.name))
        about = ", ".join(part for part in (wanted.about, size) if part)
        box.setInformativeText(
            self.tr(
                "{0}. It can stay where it is, or be copied to your models; a copy stays usable when the original goes."
            ).format(about)
        )
        stay = box.addButton(self.tr("Leave it where it is"), QMessageBox.ButtonRole.AcceptRole)
        copy = box.addButton(self.tr("Copy it"), QMessageBox.ButtonRole.ActionRole)
        box.addButton(QMessageBox.StandardButton.Cancel)
        stay.setProperty("kind", "primary")
        box.setDefaultButton(stay)
        for button in box.buttons():
            button.setIcon(QIcon())

        def answered(_: int) -> None:
            clicked = box.clickedButton()
            self._box = None
            box.deleteLater()
            if clicked is stay:
                self.install(wanted, "link")
            elif clicked is copy:
                self.install(wanted, "copy")

        box.finished.connect(answered)
        box.open()

    def install(self, wanted: Plan, how: Literal["copy", "link"]) -> None:
        from studio.media.install import install

        session, going = self.session, Going()
        self._going = going
        if how == "copy":
            session.set_file_state("copying", going)

        def done(_: Path) -> None:
            if how == "copy":
                session.set_file_state("")
            session.pool.look_for_models()

        def failed(error: Exception) -> None:
            session.set_file_state("")
            if isinstance(error, Stopped):
                session.say(
                    self.tr("Copying {0} was stopped; nothing of it was kept.").format(wanted.name), "warn"
                )
            else:
                session.say(spoken(str(error)), "error")

        self._background.run(lambda: install(wanted, how, going), done, failed)

    def stop(self) -> None:
        """A copy under way is given up; nothing half-made stays."""
        if self._going is not None:
            self._going.stop()
            self._background.wait(2)
        self._background.stop()
