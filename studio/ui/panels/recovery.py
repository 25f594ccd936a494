"""What the last time left: work of a studio that was killed, to take back or to throw away."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from studio.core.project import Lock, Recovery, recoverable
from studio.session import Session
from studio.ui.widgets.basic import Elided, icon_button, label, text_button, wrapped
from studio.ui.widgets.images import Background, rounded

SIDE = 48


@dataclass
class Lost:
    """Somebody's work, held by this window while it is offered."""

    recovery: Recovery
    lock: Lock
    picture: bytes = b""

    def drop(self) -> None:
        self.recovery.discard(self.lock)


def find_lost(folder: Path) -> list[Lost]:
    """Every autosave that no living window has or offers, newest first; on another thread."""
    found: list[Lost] = []
    for one in recoverable(folder):
        lock = one.claim()
        if lock is not None:
            found.append(Lost(one, lock, _thumbnail(one.file)))
    return found


def _thumbnail(path: Path) -> bytes:
    import zipfile  # only where something was left

    try:
        with zipfile.ZipFile(path) as archive:
            return archive.read("Thumbnails/thumbnail.png")
    except (OSError, KeyError, ValueError, zipfile.BadZipFile, RuntimeError, NotImplementedError):
        return b""  # it can be restored without, perhaps


class RecoveryCard(QWidget):
    """Over the canvas until each offer was answered; closing it keeps the rest for the next start."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.setObjectName("card")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(self.tr("Work that was not saved"))
        self.setFixedWidth(480)
        self._background = Background(self)
        self.offers: list[Lost] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 18)
        column.setSpacing(10)
        head = QHBoxLayout()
        head.addWidget(label(self.tr("Your work is still here"), "headline"))
        head.addStretch(1)
        head.addWidget(icon_button("x", self.tr("Ask again at the next start"), self.later, side=16))
        column.addLayout(head)
        column.addWidget(
            wrapped(self.tr("The studio ended without saving. This is what it had kept until then."), "muted")
        )
        self._rows = QVBoxLayout()
        self._rows.setSpacing(8)
        column.addLayout(self._rows)
        self._lines: list[QWidget] = []
        self.hide()

    def look(self, folder: Path) -> None:
        """Searches on another thread and shows what there is."""
        self._background.run(lambda: find_lost(folder), self.offer)

    def offer(self, found: list[Lost]) -> None:
        self.offers = found
        self._fill()

    def _fill(self) -> None:
        for line in self._lines:
            self._rows.removeWidget(line)
            line.deleteLater()
        self._lines = [self._line(one) for one in self.offers]
        for line in self._lines:
            self._rows.addWidget(line)
        self.setVisible(bool(self.offers))
        if self.offers and self.session.workspace != "paint":  # this card lies over the canvas
            self.session.say(
                "Work from before a crash was found.",
                do=lambda: self.session.set_workspace("paint"),
                do_title=self.tr("Look at it"),
            )
        if self.offers:
            self.raise_()
        self.session.changed.emit("overlay")  # the start card makes room
        parent = self.parentWidget()
        if parent is not None and hasattr(parent, "arrange"):
            parent.arrange()  # pyright: ignore[reportAttributeAccessIssue]

    def _line(self, one: Lost) -> QWidget:
        line = QWidget()
        row = QHBoxLayout(line)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        mark = QLabel()
        mark.setFixedSize(SIDE, SIDE)
        mark.setPixmap(rounded(QImage.fromData(one.picture), SIDE, self.devicePixelRatioF(), 7))
        mark.setAccessibleName(self.tr("Picture of {0}").format(one.recovery.title))
        row.addWidget(mark)
        about = QVBoxLayout()
        about.setSpacing(0)
        about.addWidget(Elided(one.recovery.title, "title"))
        about.addWidget(label(_when(one.recovery.time, self.tr("kept at {0}")), "small"))
        row.addLayout(about, 1)
        row.addWidget(text_button(self.tr("Discard"), lambda: self.discard(one)))
        row.addWidget(text_button(self.tr("Restore"), lambda: self.restore(one), kind="primary"))
        return line

    def restore(self, one: Lost) -> None:
        self.session.view.restore(one.recovery, lambda: self._answered(one))

    def discard(self, one: Lost) -> None:
        self._answered(one)

    def _answered(self, one: Lost) -> None:
        if one in self.offers:
            one.drop()
            self.offers.remove(one)
            self._fill()

    def later(self) -> None:
        """The offers are free again: for the next start, or for another window."""
        for one in self.offers:
            one.lock.release()
        self.offers = []
        self._fill()

    def stop(self) -> None:
        self.later()
        self._background.stop()


def _when(seconds: float, text: str) -> str:
    then, now = time.localtime(seconds), time.localtime()
    day = "%H:%M" if then[:3] == now[:3] else "%Y-%m-%d %H:%M"
    return text.format(time.strftime(day, then))
