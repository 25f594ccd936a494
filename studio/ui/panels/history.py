"""Everything that was done to the document, newest last; choosing a line goes back or forth to it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from studio.session import Session


class HistoryPanel(QWidget):
    def __init__(self, session: Session) -> None:
        super().__init__()
        self.setObjectName("panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.session = session
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 0, 10, 8)
        self.list = QListWidget()
        self.list.setAccessibleName(self.tr("History"))
        self.list.itemClicked.connect(self._go)
        self.list.itemActivated.connect(self._go)
        column.addWidget(self.list)
        session.changed.connect(self._changed)
        self._changed("history")

    def showEvent(self, event: object) -> None:
        self._changed("history")

    def _changed(self, what: str) -> None:
        if what != "history" or not self.isVisible():
            return
        history = self.session.history
        names = [self.tr("Beginning"), *history.names]
        while self.list.count() > len(names):
            self.list.takeItem(self.list.count() - 1)
        for row, name in enumerate(names):
            if row >= self.list.count():
                self.list.addItem(QListWidgetItem())
            item = self.list.item(row)
            item.setText(name)
            item.setToolTip(name)
            item.setForeground(
                self.palette().text() if row <= history.done else self.palette().placeholderText()
            )
        self.list.setCurrentRow(history.done)
        self.list.scrollToItem(self.list.item(history.done))

    def _go(self, item: QListWidgetItem) -> None:
        self.session.history.jump(self.list.row(item))
