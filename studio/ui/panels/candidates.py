"""The bar that floats over the canvas while there are results to choose from."""

from __future__ import annotations

from PySide6.QtCore import QMimeData, QPoint, Qt
from PySide6.QtGui import QDrag, QMouseEvent, QPixmap
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLabel, QWidget

from studio import actions
from studio.session import Session, layer_name
from studio.ui.exchange import DraggedPicture
from studio.ui.theme import tint
from studio.ui.widgets.basic import floating, icon_button, label, text_button


class Grip(QLabel):
    """Where the candidate in view is taken hold of, to be dragged to a folder, another program, or a field."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        tint(self, "grip-vertical", "muted", 16)
        self.setAccessibleName(self.tr("Drag the candidate out"))
        self.setToolTip(self.tr("Drag the picture to a folder or another program"))
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        self._from: QPoint | None = None

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._from = event.position().toPoint()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._from is None or (
            (event.position().toPoint() - self._from).manhattanLength() < QApplication.startDragDistance()
        ):
            return
        self._from = None
        data = self.data()
        if data is not None:
            drag = QDrag(self)
            drag.setMimeData(data)
            image = data.imageData()
            drag.setPixmap(QPixmap.fromImage(image.scaled(96, 96, Qt.AspectRatioMode.KeepAspectRatio)))
            drag.exec(Qt.DropAction.CopyAction)

    def data(self) -> QMimeData | None:
        """What is dragged: the picture, as a file too, with its place."""
        candidate = self.session.candidate
        if candidate is None or candidate.result.clip.kind not in ("picture", "mask"):
            return None
        at = self.session.place_of(candidate)
        return DraggedPicture(candidate.result.clip.array, at.x, at.y, layer_name(candidate.result.spec))


class CandidateBar(QWidget):
    """Previous, which one, next, compare, discard, accept."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        floating(self)
        self.setAccessibleName(self.tr("Candidates"))
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 6, 8, 6)
        row.setSpacing(6)
        perform = lambda name: lambda: actions.perform(name, session)  # noqa: E731
        self.back = icon_button(
            "chevron-left",
            self.tr("Previous candidate"),
            perform("picture.previous"),
            tip=self.tr("Previous candidate  ,"),
        )
        row.addWidget(self.back)
        self.which = label("", "title")
        self.which.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.which.setMinimumWidth(
            self.which.fontMetrics().horizontalAdvance(self.tr("Candidate {0} of {1}").format(88, 88)) + 12
        )
        row.addWidget(self.which)
        self.forth = icon_button(
            "chevron-right",
            self.tr("Next candidate"),
            perform("picture.next"),
            tip=self.tr("Next candidate  ."),
        )
        row.addWidget(self.forth)
        self.compare = text_button(self.tr("Compare"), kind="link", icon="columns-2")
        self.compare.setCheckable(True)
        self.compare.setToolTip(self.tr("Show what is below beside it  \\"))
        self.compare.clicked.connect(lambda on: session.compare(on))
        row.addSpacing(6)
        self.grip = Grip(session)
        row.addWidget(self.grip)
        row.addWidget(self.compare)
        self.bin = icon_button(
            "trash-2",
            self.tr("Discard the candidate"),
            perform("picture.discard"),
            tip=self.tr("Discard; it stays in the gallery  Backspace"),
            side=16,
        )
        row.addWidget(self.bin)
        self.accept = text_button(self.tr("Accept"), perform("picture.accept"), kind="primary", icon="check")
        self.accept.setToolTip(self.tr("Make it a layer  Enter"))
        row.addWidget(self.accept)
        session.changed.connect(self._changed)
        self._changed("candidates")

    def _changed(self, what: str) -> None:
        if what != "candidates":
            return
        session = self.session
        count = len(session.candidates)
        self.setVisible(count > 0)
        self.which.setText(self.tr("Candidate {0} of {1}").format(session.shown_candidate + 1, count))
        self.which.setAccessibleName(self.which.text())
        for button in (self.back, self.forth):
            button.setEnabled(count > 1)
        self.compare.setEnabled(bool(session.document.layers))
        self.compare.setChecked(session.comparing)
        tint(self.compare, "columns-2", "accent_text" if session.comparing else "muted", 16, gap=4)
        self.adjustSize()
