"""Help for a technique: what it does, an example to look at and to try, and what each setting means."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QKeyEvent, QPixmap
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from studio.core.examples import Example, example_of
from studio.core.job import TECHNIQUES
from studio.session import Session
from studio.ui.language import spoken
from studio.ui.widgets.basic import hairline, label, text_button, wrapped

SIDE = 168
"""Of an example's picture, in device-independent pixels."""


class TechniqueHelp(QDialog):
    """Not modal: it can be read while the form beside it is used."""

    def __init__(self, session: Session, technique: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.session, self.technique = session, technique
        cls = TECHNIQUES[technique]
        self.example = example_of(technique)
        self.setWindowTitle(self.tr("Help: {0}").format(spoken(cls.title)))
        self.setModal(False)
        self.resize(620, 640)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(20, 18, 20, 12)
        column.setSpacing(10)
        column.addWidget(label(spoken(cls.title), "headline"))
        column.addWidget(wrapped(spoken(cls.blurb), "muted"))
        if self.example is not None:
            column.addLayout(self._pictures(self.example))
            if self.example.words:
                column.addWidget(wrapped(f"“{self.example.words}”", ""))
        if note := self._models():
            column.addWidget(wrapped(note, "small"))
        column.addWidget(hairline())
        column.addWidget(label(self.tr("Settings"), "title"))
        fields = [
            (name, info) for name, info in cls.model_fields.items() if name != "name" and info.description
        ]
        for name, info in sorted(fields, key=lambda field: _advanced(field[1])):
            line = wrapped("", "small")
            line.setTextFormat(Qt.TextFormat.RichText)
            line.setText(_setting(name, info))
            column.addWidget(line)
        column.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setAccessibleName(self.windowTitle())
        scroll.setWidget(body)
        outer.addWidget(scroll, 1)
        outer.addWidget(hairline())
        row = QHBoxLayout()
        row.setContentsMargins(20, 10, 20, 12)
        row.setSpacing(10)
        row.addStretch(1)
        row.addWidget(text_button(self.tr("Close"), self.close))
        self.go = text_button(self.tr("Try this example"), self._try, kind="primary", icon="play")
        self.go.setVisible(self.example is not None)
        self.go.setEnabled(bool(session.offered(technique)))
        row.addWidget(self.go)
        outer.addLayout(row)

    def _pictures(self, example: Example) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(10)
        for path in example.inputs.values():
            row.addWidget(_picture(path, self.tr("Before")))
        if example.inputs:
            row.addWidget(label("→", "headline"))
        for path in example.results:
            row.addWidget(_picture(path, self.tr("After")))
        row.addStretch(1)
        return row

    def _models(self) -> str:
        cards = self.session.offered(self.technique)
        if not cards:
            return self.tr("No model here can do this; add one in Settings, Models.")
        return self.tr("Models here that can do it: {0}").format(
            ", ".join(spoken(card.title) for card in cards[:6])
        )

    def _try(self) -> None:
        if self.example is not None:
            self.session.use_example(self.example)
            self.close()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)


def _advanced(info: Any) -> bool:
    extra = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
    return bool(extra.get("advanced"))


def _setting(name: str, info: Any) -> str:
    """One line: its name, what it does, and what it is unless one says otherwise."""
    text = f"<b>{escape(spoken(info.title or name))}</b>&nbsp; {escape(spoken(info.description))}"
    default = info.default
    plain = isinstance(default, (int, float)) and not isinstance(default, bool) and not info.is_required()
    return f"{text} ({default:g})" if plain else text


def _picture(path: Path, name: str) -> QLabel:
    """Small pictures are enlarged with their pixels: blocks are truer than blur."""
    made = QLabel()
    image = QImage(str(path))
    way = (
        Qt.TransformationMode.FastTransformation
        if image.width() <= SIDE
        else Qt.TransformationMode.SmoothTransformation
    )
    made.setPixmap(QPixmap.fromImage(image.scaled(SIDE, SIDE, Qt.AspectRatioMode.KeepAspectRatio, way)))
    made.setAccessibleName(name)
    made.setToolTip(name)
    return made
