"""Small parts that every panel uses: labels, icon buttons, chips, hairlines, section heads.

Each function takes the text a person reads and sets it as the accessible name too, so that nothing is unnamed.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QGraphicsDropShadowEffect,
    QHBoxLayout,
    QLabel,
    QLayout,
    QLayoutItem,
    QPushButton,
    QSizePolicy,
    QStyledItemDelegate,
    QToolButton,
    QWidget,
)

from studio import actions
from studio.ui.language import spoken
from studio.ui.theme import pixmap, tint


def label(text: str = "", kind: str = "") -> QLabel:
    """`kind`: title, headline, muted, small, value, error; it picks the style."""
    made = QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)  # prompts and file names are never markup
    if kind:
        made.setProperty("kind", kind)
    return made


def wrapped(text: str = "", kind: str = "small") -> QLabel:
    made = label(text, kind)
    made.setWordWrap(True)
    made.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.MinimumExpanding)
    return made


def floating(bar: QWidget) -> None:
    """A bar that lies over the canvas: its style and its shadow."""
    bar.setObjectName("floating")
    bar.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    shadow = QGraphicsDropShadowEffect(bar)
    shadow.setBlurRadius(24)
    shadow.setOffset(0, 4)
    shadow.setColor(QColor(0, 0, 0, 90))
    bar.setGraphicsEffect(shadow)


class Elided(QLabel):
    """One line that ends in an ellipsis where there is no room; the whole text is in the tooltip."""

    def __init__(self, text: str = "", kind: str = "") -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        if kind:
            self.setProperty("kind", kind)
        self._full = ""
        self.say(text)

    def say(self, text: str) -> None:
        if text == self._full:
            return
        self._full = text
        self.setAccessibleName(text)
        self._fit()

    def full(self) -> str:
        return self._full

    def resizeEvent(self, event: object) -> None:
        self._fit()

    def _fit(self) -> None:
        line = " ".join(self._full.split())
        shown = self.fontMetrics().elidedText(line, Qt.TextElideMode.ElideRight, max(self.width(), 8))
        self.setText(shown)
        self.setToolTip(self._full if shown != line else "")

    def sizeHint(self) -> QSize:
        metrics = self.fontMetrics()
        return QSize(metrics.horizontalAdvance(self._full) + 2, metrics.height())

    def minimumSizeHint(self) -> QSize:
        return QSize(24, self.fontMetrics().height())


def icon_button(
    name: str,
    title: str,
    run: Callable[[], object] | None = None,
    *,
    tip: str = "",
    side: int = 18,
    token: str = "muted",
) -> QToolButton:
    """A quiet button with an icon only; `title` is its accessible name and the head of its tooltip."""
    made = QToolButton()
    tint(made, name, token, side)
    made.setAccessibleName(title)
    made.setToolTip(tip or title)
    made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    if run is not None:
        made.clicked.connect(lambda *_: run())
    return made


def text_button(
    title: str, run: Callable[[], object] | None = None, *, kind: str = "", icon: str = ""
) -> QPushButton:
    made = QPushButton(title)
    if kind:
        made.setProperty("kind", kind)
    if icon:
        tint(made, icon, "on_accent" if kind == "primary" else "muted", 16, gap=4)
    made.setAccessibleName(title)
    made.setAutoDefault(False)
    if run is not None:
        made.clicked.connect(lambda *_: run())
    return made


def chip(title: str, *, checkable: bool = True, run: Callable[..., object] | None = None) -> QPushButton:
    """A small round choice."""
    made = QPushButton(title)
    made.setProperty("kind", "chip")
    made.setCheckable(checkable)
    made.setAutoDefault(False)
    made.setAccessibleName(title)
    if run is not None:
        made.clicked.connect(lambda *_: run())
    return made


def hairline() -> QFrame:
    made = QFrame()
    made.setObjectName("hairline")
    made.setFixedHeight(1)
    return made


class SectionHead(QWidget):
    """Icon, title, the section's own small buttons, and a chevron that folds `body` away."""

    folded = Signal(bool)

    def __init__(self, icon: str, title: str, body: QWidget | None = None) -> None:
        super().__init__()
        self.setObjectName("panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(14, 8, 10, 4)
        self._row.setSpacing(2)
        mark = label()
        tint(mark, icon, "text", 16)
        mark.setAccessibleName(title)
        self._row.addWidget(mark)
        self._row.addSpacing(4)
        self.title = label(title, "title")
        self._row.addWidget(self.title)
        self._row.addStretch(1)
        self._body = body
        self.is_folded = False
        self._fold: QToolButton | None = None
        if body is not None:
            self._fold = icon_button("chevron-down", self.tr("Fold {0}").format(title), self.toggle)
            self._fold.setCheckable(False)
            self._row.addWidget(self._fold)

    def add(self, widget: QWidget) -> None:
        """Before the chevron."""
        self._row.insertWidget(self._row.count() - (1 if self._fold else 0), widget)

    def use_as_title(self, widget: QWidget) -> None:
        """A chooser where the title was."""
        self._row.insertWidget(self._row.indexOf(self.title), widget)
        self.title.hide()

    def toggle(self) -> None:
        assert self._body is not None and self._fold is not None
        self.fold(not self.is_folded)

    def fold(self, folded: bool) -> None:
        assert self._body is not None and self._fold is not None
        self.is_folded = folded
        self._body.setVisible(not folded)
        self.folded.emit(folded)
        word = self.tr("Unfold {0}") if folded else self.tr("Fold {0}")
        self._fold.setAccessibleName(word.format(self.title.text()))
        self._fold.setToolTip(word.format(self.title.text()))
        tint(self._fold, "chevron-right" if folded else "chevron-down")


class Choice(QComboBox):
    """A combo box with the studio's own chevron; scrolling past it changes nothing."""

    def __init__(self, title: str, plain: bool = False) -> None:
        super().__init__()
        self.setAccessibleName(title)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.setItemDelegate(QStyledItemDelegate(self))  # the only one that heeds the style sheet
        self.setMaxVisibleItems(24)
        if plain:
            self.setProperty("kind", "plain")

    def showPopup(self) -> None:
        self.view().setMinimumWidth(self.view().sizeHintForColumn(0) + 12)  # long words are shown whole
        super().showPopup()

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        mark = pixmap("chevron-down", "muted" if self.isEnabled() else "line", 14)
        painter.drawPixmap(self.width() - 19, (self.height() - 14) // 2, mark)
        painter.end()


class SpacePresses(QObject):
    """Event filter of buttons on a page where Space alone means something else: one that has the focus is pressed by it, as
    everywhere."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.key() == Qt.Key.Key_Space
            and not event.modifiers()
        ):
            event.accept()
        return False


class FlowLayout(QLayout):
    """Left to right, then the next line: for chips."""

    def __init__(self, parent: QWidget | None = None, gap: int = 6) -> None:
        super().__init__(parent)
        self._items: list[QLayoutItem] = []
        self._gap = gap

    def addItem(self, item: QLayoutItem) -> None:
        self._items.append(item)

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:  # type: ignore[override]
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:  # type: ignore[override]
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._place(QRect(0, 0, width, 0), move=False)

    def setGeometry(self, rect: QRect) -> None:
        super().setGeometry(rect)
        self._place(rect, move=True)

    def sizeHint(self) -> QSize:
        return self.minimumSize()

    def minimumSize(self) -> QSize:
        size = QSize()
        for item in self._items:
            size = size.expandedTo(item.minimumSize())
        return size

    def _place(self, rect: QRect, move: bool) -> int:
        x, y, line = rect.x(), rect.y(), 0
        for item in self._items:
            if (widget := item.widget()) is not None and widget.isHidden():
                continue
            size = item.sizeHint()
            if x > rect.x() and x + size.width() > rect.right() + 1:
                x, y, line = rect.x(), y + line + self._gap, 0
            if move:
                item.setGeometry(QRect(QPoint(x, y), size))
            x += size.width() + self._gap
            line = max(line, size.height())
        return y + line - rect.y()


def set_kind(widget: QWidget, **properties: object) -> None:
    """Set style properties and let the stylesheet see them."""
    changed = False
    for key, value in properties.items():
        if widget.property(key) != value:
            widget.setProperty(key, value)
            changed = True
    if changed:
        widget.style().unpolish(widget)
        widget.style().polish(widget)


def command_title(command: actions.Command) -> str:
    return spoken(command.title)
