"""Keeps an autosave of the document: every minute and before every request, where something changed since the last one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from studio.core.project import EVERY, Autosaver
from studio.session import Session
from studio.ui.language import spoken
from studio.ui.scribe import Scribe

if TYPE_CHECKING:
    from studio.media.ora import OraWriter, Prepared

LOOK = 2000
"""Milliseconds between two looks at the clock."""


class Autosave(QObject):
    """Args: folder: of all windows' autosaves; every: seconds between autosaves."""

    def __init__(
        self,
        session: Session,
        scribe: Scribe,
        folder: Path,
        every: float = EVERY,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.session, self._scribe = session, scribe
        self.saver = Autosaver(folder, every)
        self._writer: OraWriter | None = None
        self.count = 0
        """How many were written."""
        self._ordered = False
        self._then: list[tuple[int, Callable[[], object]]] = []
        self._complaint = ""
        self._timer = QTimer(self, interval=LOOK)
        self._timer.timeout.connect(self._look)
        self._timer.start()
        session.sending.connect(self.now)

    def _look(self) -> None:
        if self.saver.due(self.session.history.revision, self.session.unsaved):
            self._order()

    def now(self) -> None:
        """Before something that may take the computer down: at once, if anything changed."""
        if self.saver.pending(self.session.history.revision, self.session.unsaved):
            self._order()

    def secure(self, then: Callable[[], object]) -> None:
        """Writes what is there now, asked for or not; `then` is called when it is on the disk."""
        self._then.append((self.session.history.revision, then))
        self._order()

    def _order(self) -> None:
        if self._ordered:
            return
        from studio.media.files import write_whole
        from studio.media.ora import OraWriter  # a start needs neither it nor what it imports

        self._ordered = True
        writer = self._writer = self._writer or OraWriter()
        session, moment = self.session, [0]

        def prepare() -> Prepared:
            moment[0] = session.history.revision
            return writer.prepare(session.document, memory_of(session), merged=False)

        title, path = session.title, session.project.path
        self._scribe.run(
            prepare,
            lambda taken: self.saver.save(
                moment[0], lambda file: write_whole(file, taken.write), title, path
            ),
            lambda _: self._done(moment[0]),
            self._failed,
        )

    def _done(self, revision: int) -> None:
        self._ordered = False
        self._complaint = ""
        self.count += 1
        ready = [call for wanted, call in self._then if wanted <= revision]
        self._then = [(wanted, call) for wanted, call in self._then if wanted > revision]
        if self._then:
            self._order()
        for call in ready:
            call()

    def _failed(self, error: Exception) -> None:
        self._ordered = False
        sentence = str(error)
        if sentence != self._complaint:  # once, and not every minute
            self._complaint = sentence
            self.session.say(
                self.tr("The autosave could not be written, so save the project yourself: {0}").format(
                    spoken(sentence)
                ),
                "warn",
            )

    def stop(self) -> None:
        """A clean end: nothing to recover."""
        self._timer.stop()
        self.saver.close()


def memory_of(session: Session) -> dict[str, object]:
    """What is kept beside the layers: the words that were typed, so that a crash does not cost them."""
    return {"prompt": session.prompt, "technique": session.technique}
