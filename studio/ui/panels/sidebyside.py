"""Results side by side, to choose from by eye: one edit by several techniques, or one instruction at several scales.

Each cell is a job of its own, with its own progress and its own message where it fails. A click on a picture chooses it; accepting
puts it on the canvas as a layer. "What changed" shows instead of each picture which of its pixels are not the source's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QCoreApplication, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QCheckBox, QDialog, QGridLayout, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from studio.core.compare import Wish, changed, editing, requests
from studio.core.job import TECHNIQUES, BadRequest, JobSpec, Result, Source
from studio.session import Session
from studio.ui.language import spoken
from studio.ui.theme import themes
from studio.ui.widgets.basic import FlowLayout, chip, hairline, label, text_button, wrapped
from studio.ui.widgets.images import array_image
from studio.ui.widgets.prompt import PromptEdit

SIDE = 196
"""Of a cell's picture, in device-independent pixels."""
TEXT_SCALES, IMAGE_SCALES = (1.5, 3.0, 5.0, 7.5), (1.0, 1.5, 2.0)
"""Offered by the grid of scales, around what models of this kind are made for (Brooks et al. 2023, section 3.2.1)."""


@dataclass
class Wanted:
    """A cell to be: its heading and its request."""

    title: str
    spec: JobSpec


class Cell(QWidget):
    """One result: picture, heading, and how far it is."""

    chosen = Signal()

    def __init__(self, wanted: Wanted, session: Session, before: NDArray[np.uint8] | None) -> None:
        super().__init__()
        self.wanted, self.session, self._before = wanted, session, before
        self.job = ""
        self.result: Result | None = None
        self.state = self.tr("waiting")
        self.failed = False
        self.picked = False
        self.share = 0.0
        """Of the pixels that are not the source's."""
        self._picture = QImage()
        self._map = QImage()
        self._shows_map = False
        self.setFixedSize(QSize(SIDE + 12, SIDE + 50))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._name()

    def start(self) -> None:
        self.job = self.session.ask(self.wanted.spec, self._arrived)
        if not self.job:
            self.fail(self.tr("It could not be sent."))

    def _arrived(self, result: Result) -> None:
        self.result = result
        pixels = result.clip.array
        seconds = sum(result.seconds.values())
        self.state = self.tr("{0:.1f} s").format(seconds)
        before = self._before
        if before is not None and result.clip.kind == "picture":
            now = array_image(pixels).scaled(
                before.shape[1], before.shape[0], mode=Qt.TransformationMode.SmoothTransformation
            )
            seen = changed(before, _pixels(now))
            self.share = float((seen >= 8).mean())
            self.state += self.tr(" · {0:.0%} changed").format(self.share)
            self._map = array_image(_heat(before, seen))
        self._picture = array_image(pixels)
        self._name()
        self.update()

    def follow(self) -> None:
        """The job moved."""
        job = self.session.jobs.get(self.job)
        if job is None or self.result is not None:
            return
        if job.state == "failed":
            self.fail(spoken(job.message))
        elif job.state == "cancelled":
            self.fail(self.tr("Stopped."))
        elif job.state == "running":
            self.state = f"{spoken(job.stage)} {job.step}/{job.total}" if job.total else spoken(job.stage)
            if job.preview is not None and job.preview.kind == "picture":
                self._picture = array_image(job.preview.array)
        self._name()
        self.update()

    def fail(self, why: str) -> None:
        self.failed, self.state = True, why
        self._name()
        self.update()

    def show_map(self, on: bool) -> None:
        self._shows_map = on
        self.update()

    def pick(self, on: bool) -> None:
        self.picked = on
        self.update()

    def _name(self) -> None:
        self.setAccessibleName(f"{self.wanted.title}: {self.state}")
        self.setToolTip(f"{self.wanted.title}\n{self.state}")

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.chosen.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.chosen.emit()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = themes.now
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        area = QRectF(6, 6, SIDE, SIDE)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("raised"))
        painter.drawRoundedRect(area, 7, 7)
        image = self._map if self._shows_map and not self._map.isNull() else self._picture
        if not image.isNull():
            scale = min(SIDE / image.width(), SIDE / image.height())
            wide, high = image.width() * scale, image.height() * scale
            painter.drawImage(QRectF(6 + (SIDE - wide) / 2, 6 + (SIDE - high) / 2, wide, high), image)
        elif self.failed:
            painter.setPen(theme.colour("muted"))
            inside = area.adjusted(10, 10, -10, -10)
            painter.drawText(inside, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self.state)
        if self.picked or self.hasFocus():
            pen = QPen(theme.colour("accent" if self.picked else "muted"), 2)
            painter.setPen(pen)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(area, 7, 7)
        metrics = painter.fontMetrics()
        painter.setPen(theme.colour("text"))
        title = metrics.elidedText(self.wanted.title, Qt.TextElideMode.ElideRight, SIDE)
        painter.drawText(QRectF(6, SIDE + 10, SIDE, 18), Qt.AlignmentFlag.AlignLeft, title)
        painter.setPen(theme.colour("muted"))
        state = self.tr("did not work") if self.failed else self.state
        painter.drawText(
            QRectF(6, SIDE + 28, SIDE, 18),
            Qt.AlignmentFlag.AlignLeft,
            metrics.elidedText(state, Qt.TextElideMode.ElideRight, SIDE),
        )
        painter.end()


class SideBySide(QDialog):
    """The grid with what is done with the chosen one.

    Args:
        before: the source [H, W, 3 or 4]; None = there is none.
    """

    def __init__(
        self, session: Session, title: str, before: NDArray[np.uint8] | None, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setModal(False)
        self.setWindowTitle(title)
        self.session, self._before = session, before
        self.cells: list[Cell] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 14, 16, 14)
        column.setSpacing(10)
        self.top = QVBoxLayout()
        self.top.setSpacing(6)
        column.addLayout(self.top)
        self._grid_holder = QWidget()
        self.grid = QGridLayout(self._grid_holder)
        self.grid.setContentsMargins(0, 0, 0, 0)
        self.grid.setSpacing(2)
        self.grid.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        scroll.setAccessibleName(title)
        scroll.setWidget(self._grid_holder)
        column.addWidget(scroll, 1)
        column.addWidget(hairline())
        row = QHBoxLayout()
        self.map = QCheckBox(self.tr("Show what changed"))
        self.map.setEnabled(before is not None)
        self.map.toggled.connect(lambda on: [cell.show_map(on) for cell in self.cells])
        row.addWidget(self.map)
        row.addStretch(1)
        self.stop = text_button(self.tr("Stop"), self._stop)
        self.use = text_button(self.tr("Use these settings"), self._use)
        self.accept_button = text_button(self.tr("Accept"), self._accept, kind="primary", icon="check")
        self.accept_button.setToolTip(self.tr("Make the chosen picture a layer"))
        for button in (self.stop, self.use, self.accept_button):
            row.addWidget(button)
        column.addLayout(row)
        session.job_changed.connect(self._moved)
        self._refresh()

    def run(self, wanted: Sequence[Wanted], columns: int = 4) -> None:
        """Fills the grid and starts; what was there goes."""
        self._stop()
        while (item := self.grid.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.deleteLater()
        self.cells = [Cell(one, self.session, self._before) for one in wanted]
        for i, cell in enumerate(self.cells):
            cell.chosen.connect(lambda cell=cell: self._pick(cell))
            cell.show_map(self.map.isChecked())
            self.grid.addWidget(cell, i // columns, i % columns)
        for cell in self.cells:
            cell.start()
        self._refresh()

    @property
    def chosen(self) -> Cell | None:
        return next((cell for cell in self.cells if cell.picked), None)

    def _pick(self, chosen: Cell) -> None:
        for cell in self.cells:
            cell.pick(cell is chosen)
        self._refresh()

    def _moved(self, job_id: str) -> None:
        for cell in self.cells:
            if cell.job == job_id or not job_id:
                cell.follow()
        self._refresh()

    def _refresh(self) -> None:
        chosen = self.chosen
        self.accept_button.setEnabled(chosen is not None and chosen.result is not None)
        self.use.setEnabled(chosen is not None)
        self.stop.setEnabled(any(cell.job and not cell.failed and cell.result is None for cell in self.cells))

    def _accept(self) -> None:
        chosen = self.chosen
        if chosen is not None and chosen.result is not None:
            self.session.offer(chosen.job, chosen.result)
            self.session.accept()
            self.close()

    def _use(self) -> None:
        chosen = self.chosen
        if chosen is not None:
            self.session.use_spec(chosen.wanted.spec)
            self.close()

    def _stop(self) -> None:
        for cell in self.cells:
            if cell.job and cell.result is None:
                self.session.cancel(cell.job)

    def done(self, result: int) -> None:
        self._stop()
        self.session.job_changed.disconnect(self._moved, missing_ok=True)
        super().done(result)


class CompareDialog(SideBySide):
    """One edit, said in every way that some technique asks for, and then done by each of them."""

    def __init__(
        self, session: Session, image: Source, before: NDArray[np.uint8], mask: Source | None, parent: QWidget
    ) -> None:
        super().__init__(session, "", before, parent)
        self.setWindowTitle(self.tr("Compare techniques"))
        self.resize(4 * (SIDE + 14) + 50, 720)
        self._image, self._mask = image, mask
        words = session.prompt
        instructed = session.technique_class.ability == "instruct"
        self.source = self._line(
            self.tr("The picture shows"),
            self.tr("a cat on a green background"),
            str(session.values.get("source_prompt") or ""),
        )
        self.target = self._line(
            self.tr("It should show"), self.tr("an owl on a green background"), "" if instructed else words
        )
        self.instruction = self._line(
            self.tr("As an instruction"), self.tr("turn the cat into an owl"), words if instructed else ""
        )
        row = QWidget()
        flow = FlowLayout(row)
        self.techniques = {
            name: chip(spoken(TECHNIQUES[name].title)) for name in editing() if session.offered(name)
        }
        for name, button in self.techniques.items():
            button.setChecked(name not in ("unitune", "imagic"))  # these train first, which takes minutes
            button.setToolTip(spoken(TECHNIQUES[name].blurb))
            flow.addWidget(button)
        self.top.addWidget(row)
        self.note = wrapped(
            self.tr("A painted mask or selection is used by the techniques that take one.")
            if mask is None
            else self.tr("The mask is used by the techniques that take one.")
        )
        foot = QHBoxLayout()
        foot.addWidget(self.note, 1)
        self.go = text_button(self.tr("Compare"), self._go, kind="primary", icon="play")
        foot.addWidget(self.go)
        self.top.addLayout(foot)

    def _line(self, title: str, hint: str, text: str) -> PromptEdit:
        self.top.addWidget(label(title, "muted"))
        edit = PromptEdit(title, hint, lines=1)
        edit.set_text(text)
        self.top.addWidget(edit)
        return edit

    def _go(self) -> None:
        names = [name for name, button in self.techniques.items() if button.isChecked()]
        if not names:
            self.note.setText(self.tr("Choose at least one technique."))
            return
        wish = Wish(
            self._image,
            self.source.text().strip(),
            self.target.text().strip(),
            self.instruction.text().strip(),
            self._mask,
        )
        try:
            specs = requests(wish, self.session.cards, names, seed=self.session.seed)
        except BadRequest as error:
            self.note.setText(spoken(str(error)))
            return
        left = [
            spoken(TECHNIQUES[name].title)
            for name in names
            if name not in {spec.technique.name for spec in specs}
        ]
        self.note.setText(
            self.tr("Left out, because something they need was not said: {0}.").format(", ".join(left))
            if left
            else ""
        )
        self.run([Wanted(spoken(TECHNIQUES[spec.technique.name].title), spec) for spec in specs])


def scales(session: Session, spec: JobSpec) -> list[Wanted]:
    """The request at every pair of scales: rows of image scales, columns of text scales."""
    made: list[Wanted] = []
    for image in IMAGE_SCALES:
        for text in TEXT_SCALES:
            technique = spec.technique.model_copy(update={"guidance": text, "image_guidance": image})
            title = _tr("Words {0:g} · picture {1:g}").format(text, image)
            made.append(Wanted(title, spec.model_copy(update={"technique": technique, "count": 1})))
    return made


def open_side_by_side(session: Session, scales_only: bool, parent: QWidget) -> SideBySide | None:
    """The dialog, or None where there was something to say instead."""
    box = session.document.box
    before = np.ascontiguousarray(session.document.compose(box)[..., :3])
    if scales_only:
        try:
            spec = session.spec()
        except BadRequest as error:
            session.say(str(error), "warn")
            return None
        dialog = SideBySide(session, _tr("Which scales?"), before, parent)
        dialog.top.addWidget(
            wrapped(
                _tr(
                    "The same instruction and seed. To the right the words count more, downwards the picture is kept more."
                    " Choose the best and use its settings."
                )
            )
        )
        dialog.resize(len(TEXT_SCALES) * (SIDE + 14) + 50, 3 * (SIDE + 52) + 130)
        dialog.run(scales(session, spec), len(TEXT_SCALES))
    else:
        if not session.document.layers:
            session.say(
                _tr("There is no picture on the canvas yet; draw one from words or drop one in."),
                "warn",
            )
            return None
        mask = session.mask_source() if session.has_mask() and session.canvas_mask(box).any() else None
        dialog = CompareDialog(session, session.picture_source(), before, mask, parent)
    dialog.show()
    return dialog


def _tr(text: str) -> str:
    return QCoreApplication.translate("SideBySide", text)


def _pixels(image: QImage) -> NDArray[np.uint8]:
    """[H, W, 3]"""
    image = image.convertToFormat(QImage.Format.Format_RGB888)
    raw = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return raw[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).copy()


def _heat(before: NDArray[np.uint8], seen: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The source in dim grey, and over it how much each pixel changed, in the mask's colour."""
    colour = themes.now.colour("mask")
    tint = np.array([colour.red(), colour.green(), colour.blue()], np.float32)
    grey = before[..., :3].astype(np.float32).mean(-1, keepdims=True) * 0.45 + 30
    share = np.sqrt(seen.astype(np.float32) / 255)[..., None]
    return np.rint(grey + share * (tint - grey)).astype(np.uint8)
