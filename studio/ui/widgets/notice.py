"""What just happened, in one sentence over the canvas. Never a dialog: the work goes on underneath."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLabel, QPlainTextEdit, QVBoxLayout, QWidget

from studio.session import Notice
from studio.ui.language import spoken
from studio.ui.theme import tint
from studio.ui.widgets.basic import icon_button, set_kind, text_button, wrapped

ICON = {
    "info": ("info", "accent_text"),
    "warn": ("triangle-alert", "warn"),
    "error": ("triangle-alert", "danger"),
}


class NoticeBar(QWidget):
    """The newest notice; information leaves by itself, warnings and errors stay until they are closed or replaced."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("notice")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(self.tr("Message"))
        outer = QVBoxLayout(self)
        outer.setContentsMargins(10, 6, 6, 6)
        outer.setSpacing(4)
        row = QHBoxLayout()
        row.setSpacing(8)
        self.mark = QLabel()
        self.text = wrapped("", "")
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.more = text_button(self.tr("Details"), self._toggle, kind="link")
        self.next = text_button("", self._do)
        self.shut = icon_button("x", self.tr("Close the message"), self.hide, side=16)
        row.addWidget(self.mark)
        row.addWidget(self.text, 1)
        row.addWidget(self.more)
        row.addWidget(self.next)
        row.addWidget(self.shut)
        outer.addLayout(row)
        self.details = QPlainTextEdit()
        self.details.setObjectName("details")
        self.details.setReadOnly(True)
        self.details.setAccessibleName(self.tr("Details of the message"))
        self.details.setFixedHeight(140)
        outer.addWidget(self.details)
        self.copy = text_button(
            self.tr("Copy the details"),
            lambda: QApplication.clipboard().setText(self.details.toPlainText()),
            kind="link",
        )
        outer.addWidget(self.copy, 0, Qt.AlignmentFlag.AlignLeft)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.hide)
        self._notice: Notice | None = None
        self.hide()

    def show_notice(self, notice: Notice) -> None:
        self._notice = notice
        text = spoken(notice.text)
        self.text.setText(text)
        self.text.setAccessibleName(text)
        icon, token = ICON[notice.level]
        tint(self.mark, icon, token, 16)
        self.mark.setAccessibleName(
            {"info": self.tr("Information"), "warn": self.tr("Caution"), "error": self.tr("Error")}[
                notice.level
            ]
        )
        set_kind(self, level=notice.level)
        self.details.setPlainText(notice.details)
        self.more.setVisible(bool(notice.details))
        self.details.hide()
        self.copy.hide()
        self.next.setVisible(notice.do is not None)
        self.next.setText(spoken(notice.do_title))
        self.next.setAccessibleName(spoken(notice.do_title))
        self.show()
        self.raise_()
        self._timer.stop()
        if notice.level == "info":
            self._timer.start(6000)
        parent = self.parentWidget()
        if parent is not None and hasattr(parent, "arrange"):
            parent.arrange()  # pyright: ignore[reportAttributeAccessIssue]

    def _toggle(self) -> None:
        shown = not self.details.isVisibleTo(self)
        self.details.setVisible(shown)
        self.copy.setVisible(shown)
        self.more.setText(self.tr("Hide details") if shown else self.tr("Details"))
        parent = self.parentWidget()
        if parent is not None and hasattr(parent, "arrange"):
            parent.arrange()  # pyright: ignore[reportAttributeAccessIssue]

    def _do(self) -> None:
        notice, self._notice = self._notice, None
        self.hide()
        if notice is not None and notice.do is not None:
            notice.do()
