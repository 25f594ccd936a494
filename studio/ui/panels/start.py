"""What an empty canvas says: one click makes a picture."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from studio import actions
from studio.session import FIRST_WORDS, Session
from studio.ui.widgets.basic import FlowLayout, chip, label, text_button, wrapped

EXAMPLES = (
    "a yellow star on a purple background",
    "a big apple on a white background",
    "a turtle on the left and a cat on the right",
)


class StartCard(QWidget):
    """Shown while there is nothing on the canvas and nothing on its way."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.waits_for: QWidget | None = None
        """Another card that is more urgent."""
        self.setObjectName("card")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(self.tr("Start"))
        self.setFixedWidth(440)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 22, 24, 20)
        column.setSpacing(12)
        self.head = label("", "headline")
        column.addWidget(self.head)
        self.text = wrapped("", "muted")
        column.addWidget(self.text)
        self.go = text_button("", self._go, kind="primary", icon="play")
        self.go.setMinimumHeight(38)
        column.addWidget(self.go)
        self.examples = QWidget()
        flow = FlowLayout(self.examples)
        for words in EXAMPLES:
            made = chip(words, checkable=False)
            made.clicked.connect(lambda _=False, words=words: self._say(words))
            flow.addWidget(made)
        column.addWidget(self.examples)
        row = QHBoxLayout()
        row.addWidget(
            text_button(
                self.tr("Open a project or picture"),
                lambda: actions.perform("file.open", session),
                kind="link",
                icon="folder-open",
            )
        )
        row.addStretch(1)
        row.addWidget(label(self.tr("or drop one here"), "small"))
        column.addLayout(row)
        session.changed.connect(self._changed)
        session.job_changed.connect(lambda _: self.refresh())
        self.refresh()

    def _changed(self, what: str) -> None:
        if what in ("document", "history", "candidates", "overlay", "model", "technique"):
            self.refresh()

    def refresh(self) -> None:
        session = self.session
        busy = bool(session.document.layers or session.candidates or session.running or session.waiting)
        busy = busy or session.live_picture is not None
        busy = busy or (self.waits_for is not None and not self.waits_for.isHidden())
        self.setVisible(not busy)
        usable = bool(session.offered("text2image"))
        if usable:
            self.head.setText(self.tr("Make your first picture"))
            self.text.setText(
                self.tr(
                    "One click draws it here, on this computer. Then change the words on the right and press Ctrl+Enter."
                )
            )
            self.go.setText(self.tr("Draw “{0}”").format(FIRST_WORDS))
        else:
            self.head.setText(self.tr("No model is here yet"))
            self.text.setText(
                self.tr(
                    "Put the folder of a Stable Diffusion model into the studio's models folder; it is found at the next start."
                )
            )
            self.go.setText(self.tr("Open the models folder"))
        self.go.setAccessibleName(self.go.text())
        self.examples.setVisible(usable)
        parent = self.parentWidget()
        if parent is not None and hasattr(parent, "arrange"):
            parent.arrange()  # pyright: ignore[reportAttributeAccessIssue]

    def _go(self) -> None:
        if self.session.offered("text2image"):
            self.session.first_picture()
            return
        folder: Path = self.session.home / "models"
        folder.mkdir(parents=True, exist_ok=True)
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))

    def _say(self, words: str) -> None:
        self.session.set_technique("text2image")
        self.session.set_prompt(words)
        self.session.draw()
