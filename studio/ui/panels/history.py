"""Everything that was done to the document, newest last; choosing a line goes back or forth to it."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, Qt, QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QAbstractItemView, QListView, QVBoxLayout, QWidget

from studio.session import Session
from studio.ui.language import spoken
from studio.ui.theme import icon, themes
from studio.ui.widgets.basic import label


class HistoryModel(QAbstractListModel):
    """Row 0 is the state before the first step that is remembered, row i the state after step i."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self._names: list[str] = []
        self._marks: tuple[int, int | None] = (0, None)

    def rowCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self._names)

    def refresh(self) -> None:
        """Takes over what changed; rows that stayed keep their place on the screen."""
        history = self.session.history
        first = (
            self.tr("Before the steps that are still known") if history.forgotten else self.tr("Beginning")
        )
        names = [first, *history.names]
        same = next(
            (i for i, (a, b) in enumerate(zip(self._names, names)) if a != b),
            min(len(self._names), len(names)),
        )
        if same < len(self._names):
            self.beginRemoveRows(QModelIndex(), same, len(self._names) - 1)
            del self._names[same:]
            self.endRemoveRows()
        if same < len(names):
            self.beginInsertRows(QModelIndex(), same, len(names) - 1)
            self._names += names[same:]
            self.endInsertRows()
        saved = None if history.clean is None else history.clean - history.forgotten
        if self._marks != (history.done, saved):
            self._marks = (history.done, saved)
            self.dataChanged.emit(self.index(0), self.index(len(names) - 1))

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row = index.row()
        if not index.isValid() or row >= len(self._names):
            return None
        done, saved = self._marks
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return spoken(self._names[row])
            case Qt.ItemDataRole.ForegroundRole:
                return themes.now.colour("text" if row <= done else "muted")
            case Qt.ItemDataRole.FontRole if row > done:
                from PySide6.QtWidgets import QApplication

                font = QApplication.font()
                font.setItalic(True)  # colour is never the only sign
                return font
            case Qt.ItemDataRole.DecorationRole if row == saved and self.session.project.path is not None:
                return icon("save", "muted", 14)
            case Qt.ItemDataRole.ToolTipRole | Qt.ItemDataRole.AccessibleTextRole:
                state = self.tr("undone") if row > done else self.tr("now") if row == done else ""
                kept = self.tr("saved") if row == saved and self.session.project.path is not None else ""
                return ", ".join(part for part in (spoken(self._names[row]), state, kept) if part)
        return None


class HistoryPanel(QWidget):
    """The list, and below it how much memory the steps take."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.setObjectName("panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.session = session
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 0, 10, 8)
        self.model = HistoryModel(session)
        self.list = QListView()
        self.list.setObjectName("steps")
        self.list.setModel(self.model)
        self.list.setAccessibleName(self.tr("History"))
        self.list.setUniformItemSizes(True)
        self.list.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.list.clicked.connect(lambda index: self.go(index.row()))
        self.list.activated.connect(lambda index: self.go(index.row()))
        column.addWidget(self.list)
        self.count = label("", "small")
        column.addWidget(self.count)
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(0)  # a step tells of itself several times
        self._later.timeout.connect(self.refresh)
        session.changed.connect(self._changed)

    def showEvent(self, event: QShowEvent) -> None:
        self.refresh()

    def _changed(self, what: str) -> None:
        if what in ("history", "saved", "document") and self.isVisible():
            self._later.start()

    def refresh(self) -> None:
        history = self.session.history
        self.model.refresh()
        now = self.model.index(history.done)
        self.list.setCurrentIndex(now)
        self.list.scrollTo(now)
        steps = len(history.names)
        self.count.setText(
            (
                self.tr("1 step, {1:.1f} of {2} MB")
                if steps == 1
                else self.tr("{0} steps, {1:.1f} of {2} MB")
            ).format(steps, history.nbytes / 2**20, history.budget >> 20)
        )

    def go(self, row: int) -> None:
        if row != self.session.history.done:
            self.session.history.jump(row)
