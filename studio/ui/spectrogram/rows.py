"""The list of takes: every sound with its wave; the one in view is lit, new ones wait to be kept."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

from PySide6.QtCore import QMimeData, QPoint, QSize, Qt, QUrl
from PySide6.QtGui import QContextMenuEvent, QDrag, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QInputDialog,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QProgressBar,
    QVBoxLayout,
    QWidget,
)

from studio.core.job import TECHNIQUES
from studio.core.take import Take
from studio.session import Job, Session
from studio.ui.language import spoken
from studio.ui.panels.technique import duration
from studio.ui.spectrogram.deck import Deck
from studio.ui.spectrogram.shelf import Shelf
from studio.ui.spectrogram.sight import clock
from studio.ui.spectrogram.wave import Thumb
from studio.ui.theme import tint
from studio.ui.widgets.basic import Elided, icon_button, set_kind, wrapped
from studio.ui.widgets.images import to_image

ROW = 46


class TakesPanel(QWidget):
    """See the module; what is being made stands above the list."""

    def __init__(self, session: Session, shelf: Shelf, deck: Deck) -> None:
        super().__init__()
        self.setObjectName("panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.session, self.shelf, self.deck = session, shelf, deck
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 0, 8, 8)
        column.setSpacing(4)
        self.making = Making(session, self)
        column.addWidget(self.making)
        self.list = List(self)
        column.addWidget(self.list, 1)
        self.empty = wrapped(
            self.tr(
                "Sounds that you make, record or drop in are listed here; new ones wait beside the work until you keep them."
            )
        )
        self.empty.setContentsMargins(6, 2, 6, 0)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignTop)
        column.addWidget(self.empty)
        column.addStretch(0)
        session.takes.moved.connect(self._moved)
        shelf.changed.connect(self._known)
        deck.changed.connect(self._marks)
        self._rebuild()

    def sizeHint(self) -> QSize:
        return QSize(300, 240)

    @property
    def rows(self) -> list[Row]:
        found = (self.list.itemWidget(self.list.item(at)) for at in range(self.list.count()))
        return [row for row in found if isinstance(row, Row)]

    def _moved(self, what: str) -> None:
        if what == "list":
            self._rebuild()
        else:
            self._marks()

    def _rebuild(self) -> None:
        takes = self.session.takes
        had = self.list.hasFocus()
        self.list.blockSignals(True)
        self.list.clear()
        for take in reversed(takes.all):  # the newest on top, as in the gallery
            item = QListWidgetItem()
            item.setData(Qt.ItemDataRole.UserRole, take.id)
            item.setSizeHint(QSize(100, ROW))
            row = Row(self, take)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, row.description())
            self.list.addItem(item)
            self.list.setItemWidget(item, row)
        self.list.blockSignals(False)
        self.empty.setVisible(not takes.all)
        self.list.setVisible(bool(takes.all))
        self._marks()
        if had:
            self.list.setFocus()

    def _marks(self) -> None:
        takes = self.session.takes
        for at in range(self.list.count()):
            item = self.list.item(at)
            if item.data(Qt.ItemDataRole.UserRole) == takes.shown_id:
                self.list.blockSignals(True)
                self.list.setCurrentItem(item)
                self.list.blockSignals(False)
        for row in self.rows:
            row.refresh()

    def _known(self, take_id: str) -> None:
        for row in self.rows:
            if row.take.id == take_id:
                row.show_wave()

    # --- what can be done with a take -----------------------------------------------------------------------------

    def menu(self, take: Take) -> QMenu:
        session, takes = self.session, self.session.takes
        menu = QMenu(self)
        menu.setAccessibleName(self.tr("Take"))
        if takes.is_new(take):
            menu.addAction(self.tr("Keep"), lambda: takes.keep(take.id))
        menu.addAction(self.tr("Compare with the one in view"), lambda: takes.compare(take.id)).setEnabled(
            take.id != takes.shown_id
        )
        menu.addAction(self.tr("Find the tune in it"), lambda: self.shelf.find_tune(take)).setEnabled(
            self.shelf.tape(take) is not None
        )
        if take.spec is not None:
            spec = take.spec
            menu.addAction(self.tr("Use its settings"), lambda: session.use_spec(spec))
            menu.addAction(self.tr("Make it again"), lambda: session.send(spec))
        menu.addSeparator()
        menu.addAction(self.tr("Export…"), lambda: session.takes.page.export_take(take))
        menu.addAction(self.tr("Rename…"), lambda: self.rename(take))
        menu.addAction(
            self.tr("Put it on the film's timeline"),
            lambda: session.view.add_to("film", [Path(take.source.path)]),
        )
        menu.addSeparator()
        menu.addAction(self.tr("Discard"), lambda: takes.discard(take.id))
        return menu

    def rename(self, take: Take) -> None:
        name, good = QInputDialog.getText(
            self, self.tr("Rename"), self.tr("Name of the take"), text=take.name
        )
        if good and name.strip() and name.strip() != take.name:
            self.session.takes.rename(take.id, name.strip()[:120])


class List(QListWidget):
    """Up and Down show another take, Enter plays it, Delete discards it."""

    def __init__(self, panel: TakesPanel) -> None:
        super().__init__()
        self._panel = panel
        self.setAccessibleName(self.tr("Takes"))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self.setResizeMode(QListWidget.ResizeMode.Adjust)  # rows are as wide as the list
        self.currentItemChanged.connect(
            lambda item, _: panel.session.takes.show(item.data(Qt.ItemDataRole.UserRole)) if item else None
        )

    def minimumSizeHint(self) -> QSize:
        return QSize(120, ROW + 4)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        item = self.currentItem()
        take_id = item.data(Qt.ItemDataRole.UserRole) if item is not None else ""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and take_id:
            self._panel.deck.toggle()
        elif event.key() == Qt.Key.Key_Delete and take_id:
            self._panel.session.takes.discard(take_id)
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        item = self.currentItem()
        if event.reason() == QContextMenuEvent.Reason.Mouse:
            item = self.itemAt(event.pos())
        take = (
            self._panel.session.takes.get(item.data(Qt.ItemDataRole.UserRole)) if item is not None else None
        )
        if take is not None:
            menu = self._panel.menu(take)
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.popup(event.globalPos())


class Row(QWidget):
    """Play, name and what it is, wave; keep and discard while it is new. It can be dragged out as a file."""

    def __init__(self, panel: TakesPanel, take: Take) -> None:
        super().__init__()
        self.panel, self.take = panel, take
        self.setObjectName("row")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._from: QPoint | None = None
        row = QHBoxLayout(self)
        row.setContentsMargins(4, 3, 6, 3)
        row.setSpacing(6)
        self.play = icon_button("play", self.tr("Play {0}").format(take.name), self._play, side=16)
        self.play.setFixedSize(26, 26)
        row.addWidget(self.play)
        words = QVBoxLayout()
        words.setSpacing(0)
        self.title = Elided(take.name)
        self.about = Elided(kind="small")
        words.addStretch(1)
        words.addWidget(self.title)
        words.addWidget(self.about)
        words.addStretch(1)
        row.addLayout(words, 1)
        new = panel.session.takes.is_new(take)
        self.thumb = Thumb(56 if new else 90)
        row.addWidget(self.thumb)
        self.keep = icon_button("check", self.tr("Keep {0}").format(take.name), side=16, token="ok")
        self.keep.setToolTip(self.tr("Keep it in the document"))
        self.keep.clicked.connect(lambda _=False: panel.session.takes.keep(take.id))
        self.bin = icon_button("x", self.tr("Discard {0}").format(take.name), side=16)
        self.bin.setToolTip(self.tr("Discard it; it stays in the gallery"))
        self.bin.clicked.connect(lambda _=False: panel.session.takes.discard(take.id))
        for made in (self.keep, self.bin):
            made.setFixedSize(24, 24)
            row.addWidget(made)
            made.setVisible(new)
        self.setToolTip(self.description())
        self.refresh()
        self.show_wave()

    def description(self) -> str:
        take = self.take
        length = f"{take.seconds:.1f} s" if take.seconds < 60 else clock(take.seconds, 0)
        if take.origin == "made":
            head = (
                self.tr("seed {0}").format(take.spec.seed)
                if take.spec is not None
                else self.tr("edited here")
            )
        else:
            head = self.tr("dropped in") if take.origin == "dropped" else self.tr("recorded")
        return f"{take.name}\n{length} · {head}"

    def refresh(self) -> None:
        takes, deck = self.panel.session.takes, self.panel.deck
        shown = takes.shown_id == self.take.id
        about = self.description().split("\n")[1]
        if takes.is_new(self.take):
            about = self.tr("new") + " · " + about
        if takes.other_id == self.take.id:
            about += " · " + self.tr("before")
        self.about.say(about)
        plays = shown and deck.playing
        tint(self.play, "pause" if plays else "play", "accent_text" if shown else "muted", 16)
        word = self.tr("Pause {0}") if plays else self.tr("Play {0}")
        self.play.setAccessibleName(word.format(self.take.name))
        self.play.setToolTip(word.format(self.take.name))
        set_kind(self, selected="true" if shown else "false")

    def show_wave(self) -> None:
        self.thumb.set_peaks(self.panel.shelf.peaks(self.take))

    def _play(self) -> None:
        takes, deck = self.panel.session.takes, self.panel.deck
        if takes.shown_id != self.take.id:
            deck.stop()
            takes.show(self.take.id)
            deck.seek(0.0)
            deck.play_when_there()
        else:
            deck.toggle()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._from = event.position().toPoint()
        self.panel.session.takes.show(self.take.id)
        self.panel.list.setFocus()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.panel.deck.toggle()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._from is None or (
            (event.position().toPoint() - self._from).manhattanLength() < QApplication.startDragDistance()
        ):
            return
        self._from = None
        drag = QDrag(self)
        drag.setMimeData(dragged(self.take))
        drag.setPixmap(self.thumb.grab())
        drag.exec(Qt.DropAction.CopyAction)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._from = None


def dragged(take: Take) -> QMimeData:
    """A take on its way to a folder, another program or a field: its file, under a name that people know where we gave it another."""
    data = QMimeData()
    path = Path(take.source.path)
    if take.origin == "made" and path.exists():
        safe = re.sub(r"[^\w \-]+", "_", take.name).strip()[:60] or "sound"
        named = Path(tempfile.mkdtemp(prefix="diffusion-studio-")) / f"{safe}{path.suffix}"
        try:
            named.symlink_to(path.resolve())
            path = named
        except OSError:  # no links here: then under its own name
            pass
    data.setUrls([QUrl.fromLocalFile(str(path))])
    return data


class Making(QWidget):
    """The sound that is being made: what it is doing, how far it is, what it looks like so far."""

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__(parent)
        self.session = session
        self.setAccessibleName(self.tr("Being made"))
        row = QHBoxLayout(self)
        row.setContentsMargins(6, 4, 4, 4)
        row.setSpacing(8)
        self.preview = QLabel()
        self.preview.setFixedSize(90, 30)
        self.preview.setScaledContents(True)
        self.preview.setAccessibleName(self.tr("Preview"))
        words = QVBoxLayout()
        words.setSpacing(1)
        self.title = Elided()
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(self.tr("Progress"))
        self.about = Elided(kind="small")
        for made in (self.title, self.about, self.bar):
            words.addWidget(made)
        row.addLayout(words, 1)
        row.addWidget(self.preview)
        self.halt = icon_button("x", self.tr("Stop the job"), self._stop, side=16)
        self.halt.setFixedSize(26, 26)
        row.addWidget(self.halt)
        session.job_changed.connect(lambda _: self.refresh())
        self.refresh()

    @property
    def job(self) -> Job | None:
        """The one that runs, else the next."""
        here = [
            job
            for job in (*self.session.running, *self.session.waiting)
            if job.spec.technique.makes == "sound"
        ]
        return here[0] if here else None

    def _stop(self) -> None:
        if self.job is not None:
            self.session.cancel(self.job.id)

    def refresh(self) -> None:
        job = self.job
        self.setVisible(job is not None)
        if job is None:
            return
        technique = job.spec.technique
        words = " ".join(str(getattr(technique, "prompt", "")).split())
        self.title.say(words or spoken(TECHNIQUES[technique.name].title))
        if job.state == "running":
            text = spoken(job.stage) or self.tr("starting")
            if job.left is not None:
                text += " · " + self.tr("{0} left").format(duration(job.left))
        else:
            text = self.tr("paused") if job.state == "paused" else self.tr("waiting")
        self.about.say(text)
        self.bar.setRange(0, max(job.total, 1))
        self.bar.setValue(job.step)
        shows = job.preview is not None and job.preview.kind == "picture"
        self.preview.setVisible(shows)
        if shows and job.preview is not None:
            from PySide6.QtGui import QPixmap

            self.preview.setPixmap(QPixmap.fromImage(to_image(job.preview)))
