"""The middle of the window: the canvas, and what floats over it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PySide6.QtCore import QEvent, QMimeData, QSize, Qt
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent, QImage, QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from studio.core.clip import Clip
from studio.session import Session
from studio.ui.canvas import Canvas
from studio.ui.panels.candidates import CandidateBar
from studio.ui.panels.start import StartCard
from studio.ui.theme import themes
from studio.ui.widgets.images import Background
from studio.ui.widgets.notice import NoticeBar

PICTURES = {
    ".png",
    ".jpg",
    ".jpeg",
    ".webp",
    ".avif",
    ".tif",
    ".tiff",
    ".bmp",
    ".gif",
    ".jp2",
    ".qoi",
    ".tga",
    ".psd",
}


class Stage(QWidget):
    """Canvas, notice, start card and candidates; pictures that are dropped here become layers."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.setObjectName("canvasframe")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAcceptDrops(True)
        self.setMinimumSize(QSize(320, 240))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        self.canvas = Canvas(session.document, session.history)
        self.canvas.setAccessibleName(self.tr("Canvas"))
        column.addWidget(self.canvas)
        self.notice = NoticeBar(self)
        self.start = StartCard(session, self)
        self.candidates = CandidateBar(session, self)
        self.candidates.installEventFilter(self)
        self._background = Background(self)
        session.said.connect(self.notice.show_notice)
        session.changed.connect(self._changed)
        self.canvas.message.connect(lambda text: session.say(text, "warn"))
        self.canvas.tool_changed.connect(session.set_tool)
        session.tool = self.canvas.tool
        themes.changed.connect(self._theme)
        self._theme()
        self._watched = None
        self._changed("document")
        self._changed("model")

    def _resized(self, width: int, height: int) -> None:
        self.canvas.fit()

    def _theme(self) -> None:
        self.canvas.set_theme(
            {token: themes.now[token] for token in ("canvas", "line", "text", "accent", "mask", "panel")}
        )

    def _changed(self, what: str) -> None:
        session, canvas = self.session, self.canvas
        if what == "document" and canvas.document is not session.document:
            canvas.set_document(session.document, session.history)
        if what == "document":
            canvas.fit()
            if self._watched is not session.document:
                if self._watched is not None:
                    self._watched.resized.disconnect(self._resized)
                self._watched = session.document
                self._watched.resized.connect(self._resized)
        if what in ("overlay", "document", "candidates"):
            candidate = session.candidate
            if candidate is not None:
                canvas.set_overlay(self._visible(candidate.result.clip), session.place_of(candidate))
            else:
                canvas.set_overlay(None)
            canvas.set_preview(*(session.preview() or (None, None)))
            canvas.set_split(session.comparing)
        if what == "tool" and session.tool != canvas.tool:
            canvas.set_tool(session.tool)
        if what == "model" and session.card is not None:
            canvas.box_multiple = session.card.sizes.multiple

    def _visible(self, clip: Clip) -> Clip:
        """A mask as the tint it will be."""
        if clip.kind != "mask":
            return clip
        colour = themes.now.colour("mask")
        out = np.empty((*clip.array.shape, 4), np.uint8)
        out[...] = (colour.red(), colour.green(), colour.blue(), 0)
        out[..., 3] = clip.array // 2
        return Clip.picture(out)

    # --- what floats -----------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.arrange()

    def eventFilter(self, watched: object, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Show, QEvent.Type.Resize, QEvent.Type.LayoutRequest):
            self.arrange()
        return False

    def arrange(self) -> None:
        if not hasattr(self, "candidates"):
            return
        wide, high = self.width(), self.height()
        bar = self.candidates.sizeHint()
        self.candidates.setGeometry(
            (wide - bar.width()) // 2, high - bar.height() - 14, bar.width(), bar.height()
        )
        width = min(620, wide - 32)
        layout = self.notice.layout()
        height = (
            layout.totalHeightForWidth(width)  # pyright: ignore[reportOptionalMemberAccess]
            if layout.hasHeightForWidth()  # pyright: ignore[reportOptionalMemberAccess]
            else self.notice.sizeHint().height()
        )
        self.notice.setGeometry((wide - width) // 2, 12, width, max(height, 40))
        card = self.start.layout().totalHeightForWidth(self.start.width())  # pyright: ignore[reportOptionalMemberAccess]
        self.start.setGeometry(
            (wide - self.start.width()) // 2, max(8, (high - card) // 2), self.start.width(), card
        )

    # --- dropping ------------------------------------------------------------------------------------------------

    @staticmethod
    def pictures_in(data: QMimeData) -> list[Path]:
        paths = [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
        return [path for path in paths if path.suffix.lower() in PICTURES]

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if self.pictures_in(event.mimeData()) or event.mimeData().hasImage():
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()

    def dropEvent(self, event: QDropEvent) -> None:
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        paths = self.pictures_in(event.mimeData())
        if paths:
            self.add_files(paths)
        elif event.mimeData().hasImage():
            self.add_image(event.mimeData().imageData())

    def add_files(self, paths: list[Path]) -> None:
        """Each becomes a layer; a picture that the studio made brings its request along."""
        for path in paths:
            self._background.run(
                lambda path=path: read_file(path),
                lambda got, path=path: self.session.add_clip(got[0], path.stem, got[1]),
                lambda error: self.session.say(str(error), "warn"),
            )

    def add_image(self, image: object) -> None:
        """A picture from the clipboard or another program's window."""
        if not isinstance(image, QImage) or image.isNull():
            self.session.say(self.tr("There is no picture on the clipboard."), "warn")
            return
        image = image.convertToFormat(QImage.Format.Format_RGBA8888)
        rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
        array = rows[:, : image.width() * 4].reshape(image.height(), image.width(), 4).copy()
        self.session.add_clip(Clip.picture(array), self.tr("Pasted"))

    def stop(self) -> None:
        self._background.stop()


def read_file(path: Path) -> tuple[object, object]:
    """A picture and, where it holds one, its request."""
    from studio.core.job import BadRequest
    from studio.media.image import read_picture
    from studio.media.metadata import read_settings, to_spec

    clip, spec = read_picture(path), None
    try:
        spec, _ = to_spec(read_settings(path))
    except (BadRequest, ValueError):
        pass  # most pictures were not made here
    return clip, spec
