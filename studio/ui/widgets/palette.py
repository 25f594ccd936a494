"""Ctrl+K: every command by its name."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRect, QSize, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QPainter
from PySide6.QtWidgets import (
    QFrame,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from studio import actions
from studio.session import Session
from studio.ui.language import spoken
from studio.ui.theme import pixmap, themes
from studio.ui.widgets.basic import command_title, hairline

COMMAND = Qt.ItemDataRole.UserRole


class _Line(QStyledItemDelegate):
    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session

    def sizeHint(self, option: QStyleOptionViewItem, index: object) -> QSize:
        return QSize(100, 34)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: object) -> None:
        command = index.data(COMMAND)  # type: ignore[attr-defined]
        theme = themes.now
        usable = command.enabled(self._session)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = option.rect.adjusted(2, 1, -2, -1)
        if option.state & (QStyle.StateFlag.State_Selected | QStyle.StateFlag.State_MouseOver):
            colour = theme.colour("accent_soft")
            if not option.state & QStyle.StateFlag.State_Selected:
                colour.setAlpha(90)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour)
            painter.drawRoundedRect(area, 6, 6)
        if command.icon:
            painter.drawPixmap(area.x() + 8, area.center().y() - 7, pixmap(command.icon, "muted", 16))
        painter.setPen(theme.colour("text" if usable else "muted"))
        left = QRect(area.x() + 34, area.y(), area.width() - 150, area.height())
        painter.drawText(left, Qt.AlignmentFlag.AlignVCenter, index.data())  # type: ignore[attr-defined]
        painter.setPen(theme.colour("text" if option.state & QStyle.StateFlag.State_Selected else "muted"))
        keys = actions.keys_of(command, self._session)
        right = QKeySequence(keys[0]).toString(QKeySequence.SequenceFormat.NativeText) if keys else ""
        painter.drawText(
            area.adjusted(0, 0, -10, 0), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, right
        )
        painter.restore()


class CommandPalette(QFrame):
    """Opens over the window; typing narrows, Enter does, Escape closes."""

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__(parent)
        self.session = session
        self.setObjectName("palette")
        self.setAccessibleName(self.tr("Commands"))
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 4, 6, 6)
        column.setSpacing(4)
        self.edit = QLineEdit()
        self.edit.setPlaceholderText(self.tr("What do you want to do?"))
        self.edit.setAccessibleName(self.tr("Find a command"))
        self.edit.textChanged.connect(self._search)
        self.edit.installEventFilter(self)
        column.addWidget(self.edit)
        column.addWidget(hairline())
        self.list = QListWidget()
        self.list.setAccessibleName(self.tr("Commands found"))
        self.list.setItemDelegate(_Line(session, self.list))
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setMouseTracking(True)
        self.list.itemClicked.connect(self._run)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        column.addWidget(self.list)
        self._before: QWidget | None = None
        self.hide()

    def open(self) -> None:
        window = self.window()
        self._before = window.focusWidget()
        wide = min(560, window.width() - 40)
        self.setGeometry((window.width() - wide) // 2, 56, wide, min(440, window.height() - 100))
        self.edit.clear()
        self._search("")
        self.show()
        self.raise_()
        self.edit.setFocus(Qt.FocusReason.PopupFocusReason)

    def shut(self) -> None:
        self.hide()
        if self._before is not None:
            self._before.setFocus()
        self._before = None

    def _search(self, text: str) -> None:
        self.list.clear()
        for command in actions.search(text, self.session, spoken):
            if command.id == "edit.commands":
                continue
            item = QListWidgetItem(command_title(command))
            item.setData(COMMAND, command)
            if not command.enabled(self.session):
                item.setToolTip(self.tr("Not possible just now"))
            self.list.addItem(item)
        if not self.list.count():
            item = QListWidgetItem(self.tr("Nothing is called that. Try another word."))
            item.setData(COMMAND, actions.Command("", "", "", lambda s: None, enabled=lambda s: False))
            self.list.addItem(item)
        self.list.setCurrentRow(0)

    def _run(self, item: QListWidgetItem | None) -> None:
        command = item.data(COMMAND) if item is not None else None
        if command is None or not command.enabled(self.session):
            return
        self.shut()
        command.run(self.session)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress:
            assert isinstance(event, QKeyEvent)
            key = event.key()
            if key in (Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_PageDown, Qt.Key.Key_PageUp):
                step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 8, Qt.Key.Key_PageUp: -8}[
                    Qt.Key(key)
                ]
                self.list.setCurrentRow(min(max(self.list.currentRow() + step, 0), self.list.count() - 1))
                return True
            if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._run(self.list.currentItem())
                return True
            if key == Qt.Key.Key_Escape:
                self.shut()
                return True
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()  # while it is open, keys are words
            return True
        if event.type() == QEvent.Type.FocusOut and self.isVisible():
            self.hide()
        return False
