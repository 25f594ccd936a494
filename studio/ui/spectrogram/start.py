"""What the Music page says while there is no sound: words, a file, or the microphone make one."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from studio import actions
from studio.session import Session
from studio.ui.widgets.basic import FlowLayout, chip, label, text_button, wrapped

EXAMPLES = (
    "slow sad piano in A minor, 70 bpm",
    "happy flute and guitar, 120 bpm",
    "fast rock drums with bass",
)


class SoundCard(QWidget):
    """Shown while there is no take and nothing on its way."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.setObjectName("card")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(self.tr("Start"))
        self.setFixedWidth(440)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 22, 24, 20)
        column.setSpacing(12)
        column.addWidget(label(self.tr("Make or bring a sound"), "headline"))
        self.text = wrapped("", "muted")
        column.addWidget(self.text)
        self.go = text_button("", self._go, kind="primary")
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
        self.choose = text_button(
            self.tr("Choose a sound file"),
            lambda: actions.perform("sound.add", session),
            kind="link",
            icon="folder-open",
        )
        row.addWidget(self.choose)
        self.hum = text_button(
            self.tr("Hum a tune"), lambda: actions.perform("sound.hum", session), kind="link", icon="mic"
        )
        row.addWidget(self.hum)
        row.addStretch(1)
        row.addWidget(label(self.tr("or drop one here"), "small"))
        column.addLayout(row)
        session.changed.connect(
            lambda what: self.refresh() if what in ("model", "document", "technique") else None
        )
        session.job_changed.connect(lambda _: self.refresh())
        self.refresh()

    def refresh(self) -> None:
        session = self.session
        coming = any(job.spec.technique.makes == "sound" and not job.over for job in session.jobs.values())
        self.setVisible(not session.takes.all and not coming)
        usable = bool(session.offered("text2music"))
        self.text.setText(
            self.tr(
                "Say on the right what you want to hear, or try one of these. It is made here, on this computer."
            )
            if usable
            else self.tr(
                "Drop a recording in to see, hear and mark it. To make music from words, add a model of music in Settings, Models."
            )
        )
        self.go.setText(self.tr("Say what you want to hear") if usable else self.tr("Choose a sound file"))
        self.go.setAccessibleName(self.go.text())
        self.examples.setVisible(usable)
        self.choose.setVisible(usable)
        parent = self.parentWidget()
        if parent is not None and hasattr(parent, "arrange"):
            parent.arrange()  # pyright: ignore[reportAttributeAccessIssue]

    def _go(self) -> None:
        if self.session.offered("text2music"):
            self.session.set_technique("text2music")
            self.session.view.focus_words()
        else:
            actions.perform("sound.add", self.session)

    def _say(self, words: str) -> None:
        self.session.set_technique("text2music")
        self.session.set_prompt(words)
        self.session.draw()
