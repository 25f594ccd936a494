"""Which picture came from which: what a result was made from, what was made from it, and what was asked differently."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from studio.core.difference import Change, differences, sources
from studio.core.job import TECHNIQUES, BadRequest, JobSpec, read_spec
from studio.jobs import lineage
from studio.jobs.queue import Entry, Queue
from studio.session import Session
from studio.ui.language import spoken
from studio.ui.widgets.basic import hairline, icon_button, label, text_button, wrapped
from studio.ui.widgets.images import Background, rounded

SMALL, LARGE = 72, 232
SHOWN = 40
"""Relatives on each side that are shown; who has more is told so."""


@dataclass
class Relative:
    entry: Entry
    spec: JobSpec | None
    picture: QImage


@dataclass
class Family:
    """A picture with its relatives, read on another thread."""

    one: Relative
    before: list[Relative]
    after: list[Relative]
    more: int


def family(queue: Queue, entry: Entry) -> Family:
    """Raises QueueError."""
    from studio.ui.panels.gallery import read_thumb

    def relative(entry: Entry, side: int) -> Relative:
        try:
            spec = read_spec(entry.spec)
        except BadRequest:
            spec = None
        return Relative(
            entry, spec, read_thumb(str(entry.path), side) if Path(entry.path).exists() else QImage()
        )

    before, after = lineage.parents(queue, entry), lineage.children(queue, entry)
    return Family(
        relative(entry, LARGE * 2),
        [relative(one, SMALL * 2) for one in before[:SHOWN]],
        [relative(one, SMALL * 2) for one in after[:SHOWN]],
        max(len(before) - SHOWN, 0) + max(len(after) - SHOWN, 0),
    )


class LineageDialog(QDialog):
    """Parents, the picture, children; a click on a relative puts it into the middle.

    Args:
        add: gets an entry that is to become a layer.
    """

    def __init__(
        self, session: Session, queue: Queue, add: Callable[[Entry], object], parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.session, self.queue, self._add = session, queue, add
        self.setWindowTitle(self.tr("Where the picture came from"))
        self.setModal(False)
        self.resize(940, 520)
        self.family: Family | None = None
        self._path: list[Entry] = []
        self._background = Background(self)
        self.finished.connect(lambda _: self._background.stop())
        outer = QVBoxLayout(self)
        outer.setContentsMargins(16, 12, 16, 14)
        head = QHBoxLayout()
        self.back = icon_button("chevron-left", self.tr("Back to the picture before"), self._back)
        head.addWidget(self.back)
        self.words = label("", "title")
        head.addWidget(self.words, 1)
        outer.addLayout(head)
        outer.addWidget(hairline())
        row = QHBoxLayout()
        row.setSpacing(16)
        self.before, self._before = self._column(self.tr("Made from"))
        self.after, self._after = self._column(self.tr("Became"))
        row.addWidget(self.before, 1)
        row.addWidget(self._middle())
        row.addWidget(self.after, 1)
        outer.addLayout(row, 1)
        self.more = wrapped("", "small")
        outer.addWidget(self.more)

    def _column(self, title: str) -> tuple[QWidget, QVBoxLayout]:
        holder = QWidget()
        outer = QVBoxLayout(holder)
        outer.setContentsMargins(0, 4, 0, 0)
        outer.addWidget(label(title, "muted"))
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setAccessibleName(title)
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, 6, 0)
        column.setSpacing(10)
        scroll.setWidget(inner)
        outer.addWidget(scroll, 1)
        return holder, column

    def _middle(self) -> QWidget:
        holder = QWidget()
        holder.setFixedWidth(LARGE + 8)
        column = QVBoxLayout(holder)
        column.setContentsMargins(4, 28, 4, 0)
        column.setSpacing(8)
        self.picture = label()
        self.picture.setFixedSize(LARGE, LARGE)
        column.addWidget(self.picture)
        self.about = wrapped("", "small")
        column.addWidget(self.about)
        self.use = text_button(self.tr("Add as a layer"), self._as_layer, kind="primary", icon="plus")
        self.again = text_button(self.tr("Use its settings"), self._settings)
        column.addWidget(self.use)
        column.addWidget(self.again)
        column.addStretch(1)
        return holder

    def open_at(self, entry: Entry) -> None:
        """Shows the dialog, or goes on in it, with this picture in the middle."""
        self._path.append(entry)
        self._read(entry)
        self.show()
        self.raise_()

    def _back(self) -> None:
        if len(self._path) > 1:
            self._path.pop()
            self._read(self._path[-1])

    def _read(self, entry: Entry) -> None:
        self._background.run(
            lambda: family(self.queue, entry), self._show, lambda error: self.session.say(str(error), "warn")
        )

    def _show(self, found: Family) -> None:
        self.family = found
        one = found.one
        self.back.setEnabled(len(self._path) > 1)
        self.words.setText(_name(one.entry))
        self.picture.setPixmap(rounded(one.picture, LARGE, self.devicePixelRatioF(), 9))
        self.picture.setAccessibleName(_name(one.entry))
        technique = TECHNIQUES.get(one.entry.technique)
        self.about.setText(
            "\n".join(
                (
                    spoken(technique.title) if technique else one.entry.technique,
                    f"{one.entry.model} · {self.tr('seed {0}').format(one.entry.seed)}",
                    f"{one.entry.width} × {one.entry.height} px",
                )
            )
        )
        self.use.setEnabled(not one.picture.isNull())
        self.again.setEnabled(one.spec is not None)
        given = one.spec is not None and bool(sources(one.spec))
        nothing = (
            self.tr("A picture that was not made here, or is in the gallery no more.")
            if given
            else self.tr("Words alone.")
        )
        self._fill(self._before, found.before, nothing, lambda other: (other.spec, one.spec))
        self._fill(
            self._after,
            found.after,
            self.tr("Nothing yet. Accept it as a layer and draw on."),
            lambda other: (one.spec, other.spec),
        )
        self.more.setText(self.tr("{0} more are not shown.").format(found.more) if found.more else "")
        self.more.setVisible(found.more > 0)

    def _fill(
        self,
        column: QVBoxLayout,
        relatives: list[Relative],
        nothing: str,
        pair: Callable[[Relative], tuple[JobSpec | None, JobSpec | None]],
    ) -> None:
        while column.count():
            item = column.takeAt(0)
            old = item.widget() if item is not None else None
            if old is not None:
                old.hide()
                old.deleteLater()
        for other in relatives:
            column.addWidget(self._card(other, *pair(other)))
        if not relatives:
            column.addWidget(wrapped(nothing, "small"))
        column.addStretch(1)

    def _card(self, other: Relative, before: JobSpec | None, after: JobSpec | None) -> QWidget:
        card = QWidget()
        row = QHBoxLayout(card)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        name = _name(other.entry)
        button = QPushButton()
        button.setFixedSize(SMALL + 8, SMALL + 8)
        button.setIconSize(QSize(SMALL, SMALL))
        button.setIcon(QPixmap(rounded(other.picture, SMALL, self.devicePixelRatioF(), 7)))
        button.setAccessibleName(self.tr("Show {0}").format(name))
        button.setToolTip(name)
        button.setAutoDefault(False)
        button.clicked.connect(lambda: self.open_at(other.entry))
        row.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)
        changes = [_said(change) for change in differences(before, after)] if before and after else []
        text = "\n".join(changes) if changes else self.tr("The same request.") if before and after else name
        row.addWidget(wrapped(text, "small"), 1)
        return card

    def _as_layer(self) -> None:
        if self.family is not None:
            self._add(self.family.one.entry)

    def _settings(self) -> None:
        if self.family is not None and self.family.one.spec is not None:
            self.session.use_spec(self.family.one.spec)


def _said(change: Change) -> str:
    """As `str(change)`, in the window's language."""
    return str(Change(*map(spoken, (change.label, change.before, change.after))))


def _name(entry: Entry) -> str:
    words = " ".join(entry.prompt.split())
    return (words if len(words) <= 70 else f"{words[:69].rstrip()}…") or Path(entry.path).stem
