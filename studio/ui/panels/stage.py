"""The middle of the window: the canvas, and what floats over it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from PySide6.QtCore import QEvent, QMimeData, QSize, Qt, QTimer
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent, QResizeEvent
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from studio.core.clip import Clip
from studio.core.document import Document
from studio.core.layer import Layer
from studio.core.shot import Shot
from studio.session import Notice, Session
from studio.ui import exchange
from studio.ui.canvas import Canvas
from studio.ui.panels.candidates import CandidateBar
from studio.ui.panels.options import OptionsBar
from studio.ui.panels.recovery import RecoveryCard
from studio.ui.panels.refine import RefineBar
from studio.ui.panels.start import StartCard
from studio.ui.theme import themes
from studio.ui.widgets.images import Background
from studio.ui.widgets.notice import NoticeBar


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
        column.setSpacing(0)
        self.options = OptionsBar(session, self.canvas, self.refine)
        column.addWidget(self.options)
        column.addWidget(self.canvas, 1)
        self.notice = NoticeBar(self)
        self.start = StartCard(session, self)
        self.start.installEventFilter(self)
        self.lost = RecoveryCard(session, self)
        self.start.waits_for = self.lost
        self.candidates = CandidateBar(session, self)
        self.candidates.installEventFilter(self)
        self.refiner = RefineBar(session, self.canvas, self)
        self.refiner.installEventFilter(self)
        self._background = Background(self)
        session.said.connect(self._said)
        self._compared = ""
        """Id of the layer that the divider shows on one side only."""
        self._again = QTimer(self, singleShot=True, interval=120)
        self._again.timeout.connect(self._compare_again)
        session.aside.runner = self._background.run
        session.changed.connect(self._changed)
        self.canvas.message.connect(lambda text: session.say(text, "warn"))
        self.canvas.tool_changed.connect(session.set_tool)
        session.tool = self.canvas.tool
        themes.changed.connect(self._theme)
        self._theme()
        self._watched = None
        self._changed("document")
        self._changed("model")
        if session.settings.gpu_canvas:
            self._choose_renderer()

    def _said(self, notice: Notice) -> None:
        """Unless another workspace is in the middle of the window: its page says it."""
        parent = self.parentWidget()
        if parent is None or self.isVisibleTo(parent):
            self.notice.show_notice(notice)

    def _resized(self, width: int, height: int) -> None:
        self.canvas.fit()

    def _chosen(self, _: str) -> None:
        if self.session.comparing:
            self._again.start()

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
                    self._watched.active_changed.disconnect(self._chosen)
                self._watched = session.document
                self._watched.resized.connect(self._resized)
                self._watched.active_changed.connect(self._chosen)
        if what == "settings" and canvas.gpu != session.settings.gpu_canvas:
            self._choose_renderer()
        if what == "history" and session.comparing:
            self._again.start()
        if what in ("overlay", "document", "candidates"):
            candidate, live = session.candidate, session.live_picture
            if candidate is not None and live is None:
                canvas.set_overlay(self._visible(candidate.result.clip), session.place_of(candidate))
            else:
                canvas.set_overlay(None)
            preview = session.preview()
            if preview is None and live is not None:
                preview = self._visible(live[0]), live[1]
            canvas.set_preview(*(preview or (None, None)))
            self._compare()
        if what == "tool" and session.tool != canvas.tool:
            canvas.set_tool(session.tool)
        if what == "model" and session.card is not None:
            canvas.box_multiple = session.card.sizes.multiple

    def _choose_renderer(self) -> None:
        """Graphics card or processor, as the settings say; where there is no OpenGL it stays the processor."""
        if not self.canvas.set_gpu(self.session.settings.gpu_canvas):
            self.session.settings.gpu_canvas = False
            self.session.say(
                self.tr("This system gives no way to draw with the graphics card; the processor draws on."),
                "warn",
            )

    def _compare(self) -> None:
        """The divider. Without a candidate the left side is the picture without the chosen layer, blended on another thread."""
        session, canvas = self.session, self.canvas
        layer = session.compared_layer
        if not session.comparing or session.candidates or layer is None:
            self._compared = ""
            canvas.sides = (self.tr("Before"), self.tr("After"))
            canvas.set_before(None)
            canvas.set_split(session.comparing)
            return
        document = session.document
        self._compared = layer.id
        below = without(document, layer)

        def arrived(clip: Clip) -> None:
            if session.comparing and self._compared == layer.id and session.document is document:
                canvas.sides = (self.tr("Without the layer"), self.tr("With the layer"))
                canvas.set_before(clip, document.rect)
                canvas.set_split(True)

        self._background.run(below.clip, arrived)

    def _compare_again(self) -> None:
        """While the divider stands, the layers below may change, or another layer may be chosen."""
        if self.session.comparing and not self.session.candidates:
            if self.session.compared_layer is None:
                self.session.compare(False)
            else:
                self._compare()

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
        if watched is self.start and event.type() == QEvent.Type.Hide and self.isVisible():
            focus = QApplication.focusWidget()
            if focus is None or self.start.isAncestorOf(focus):
                self.canvas.setFocus()  # else Qt gives it to whatever is next
        if event.type() in (QEvent.Type.Show, QEvent.Type.Resize, QEvent.Type.LayoutRequest):
            self.arrange()
        return False

    def arrange(self) -> None:
        if not hasattr(self, "refiner"):
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
        top = self.options.height()
        self.notice.setGeometry((wide - width) // 2, top + 12, width, max(height, 40))
        bar = self.refiner.sizeHint()
        self.refiner.setGeometry((wide - bar.width()) // 2, top + 12, bar.width(), bar.height())
        card = self.start.layout().totalHeightForWidth(self.start.width())  # pyright: ignore[reportOptionalMemberAccess]
        self.start.setGeometry(
            (wide - self.start.width()) // 2, max(top + 8, (high + top - card) // 2), self.start.width(), card
        )
        card = self.lost.layout().totalHeightForWidth(self.lost.width())  # pyright: ignore[reportOptionalMemberAccess]
        self.lost.setGeometry(
            (wide - self.lost.width()) // 2, max(64, (high - card) // 2), self.lost.width(), card
        )

    def refine(self, change: str) -> None:
        """Grow, shrink, ... the mask or selection (`studio.core.select.CHANGES`), seen before it is done."""
        self.notice.hide()
        self.refiner.open(change)

    # --- dropping ------------------------------------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if exchange.takes(event.mimeData()):
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()

    def dropEvent(self, event: QDropEvent) -> None:
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        at = self.canvas.mapFrom(self, event.position().toPoint())
        self._take(event.mimeData(), self.canvas.view.to_document(at.x(), at.y()))

    def _take(self, data: QMimeData, at: tuple[float, float] | None = None) -> None:
        """Files, a picture or words from somewhere else."""
        paths = exchange.files_in(data)
        if paths:
            self.add_files(paths, at)
        elif exchange.add_image(self.session, data, self.tr("Pasted"), at):
            return
        elif data.hasText() and data.text().strip():
            self.session.set_prompt(data.text().strip())
        else:
            self.session.say(self.tr("There is no picture on the clipboard."), "warn")

    def add_files(self, paths: list[Path], at: tuple[float, float] | None = None) -> None:
        """Each picture becomes a layer (about `at`, else in the middle) and brings its request along if the studio made it; a
        project is opened instead, sounds and films go to their workspaces; of anything else it is said what it is."""
        kinds = {path: exchange.kind_of(path) for path in paths}
        sounds = [path for path in paths if kinds[path] == "sound"]
        films = [path for path in paths if kinds[path] == "clip"]
        if sounds:
            self.session.view.add_sounds(sounds)
        if films:
            self.session.view.add_to("film", films)
        for path in exchange.refuse(self.session, [path for path in paths if path not in (*sounds, *films)]):
            if exchange.kind_of(path) == "project":
                self.session.view.open_path(path)
            else:
                exchange.add_file(self.session, self._background, path, at)

    def paste(self) -> None:
        """What is on the clipboard, after a copy that is still under way."""

        def take() -> None:
            data = QApplication.clipboard().mimeData()
            self._take(data if data is not None else QMimeData())

        self.session.aside.after(take)

    def copy(self, all_layers: bool = False, then: Callable[[], object] = lambda: None) -> None:
        """Puts what is selected of the layer, or of everything, on the clipboard; `then` is called if there was anything."""

        def copied(size: tuple[int, int] | None) -> None:
            if size is None:
                self.session.say(
                    self.tr("There is nothing to copy here; choose a layer or select something on it."),
                    "warn",
                )
                return
            self.session.say(self.tr("Copied {0} × {1} pixels.").format(*size))
            then()

        exchange.copy(self.session, all_layers, copied)

    def clear(self, cut: bool = False) -> None:
        """What is selected of the layer goes: away, or to the clipboard."""
        if cut:
            self.copy(then=self.canvas.clear_selected)
        else:
            self.canvas.clear_selected()

    def stop(self) -> None:
        self.session.aside.runner = None
        self._background.stop()
        self.refiner.stop()
        self.lost.stop()


def without(document: Document, layer: Layer) -> Document:
    """The document without one layer, or a group with all that is in it. Its layers share their pixels with the live ones: only to be
    looked at."""
    gone = {layer.id, *(one.id for one in document.descendants(layer.id))}
    shot = Shot(document)
    shot.document.set_layers([one for one in shot.document.layers if one.id not in gone])
    return shot.document
