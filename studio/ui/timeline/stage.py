"""The frame in view, the bar that plays it, and what floats over it: takes, messages, and what an empty film says."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, QRect, QSize, Qt, QTimer
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragMoveEvent,
    QDropEvent,
    QFocusEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from studio import actions
from studio.core.montage import Pixels
from studio.core.timeline import timecode
from studio.session import Notice, Session
from studio.ui import exchange
from studio.ui.theme import themes, tint
from studio.ui.timeline.export import RenderBar, Renders
from studio.ui.timeline.masker import MaskBar, Masker, Veil
from studio.ui.timeline.player import FilmPlayer
from studio.ui.timeline.shelf import FilmShelf
from studio.ui.widgets.basic import chip, floating, icon_button, label, text_button, wrapped
from studio.ui.widgets.images import array_image
from studio.ui.widgets.notice import NoticeBar

MARGIN = 20
EXAMPLES = (
    "a red car driving to the right on a green background",
    "a yellow star spinning on a black background",
)


class Screen(QWidget):
    """Paints one frame, as large as it fits."""

    def __init__(self, player: FilmPlayer, masker: Masker) -> None:
        super().__init__()
        self.player = player
        self.masker, self._veil = masker, Veil(masker)
        masker.changed.connect(self._masked)
        self.setAccessibleName(self.tr("Picture of the film"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMinimumSize(QSize(160, 100))
        self._image: QImage | None = None
        self._preview: QImage | None = None
        player.shown.connect(self.show_pixels)
        themes.changed.connect(self.update)

    def show_pixels(self, pixels: Pixels) -> None:
        first = self._image is None or self._image.size() != QSize(pixels.shape[1], pixels.shape[0])
        self._image = array_image(pixels)
        self.update() if first else self.update(self.frame)

    def show_preview(self, image: QImage | None) -> None:
        """What a running job has so far, in place of the film."""
        self._preview = image
        self.update()

    @property
    def image(self) -> QImage | None:
        return self._preview or self._image

    @property
    def frame(self) -> QRect:
        """Where the film is, in device-independent pixels."""
        timeline = self.player.timeline
        if self._preview is not None:
            wide, high = self._preview.width(), self._preview.height()
        else:
            wide, high = timeline.width, timeline.height
        room = self.rect().adjusted(MARGIN, MARGIN, -MARGIN, -MARGIN)
        size = QSize(wide, high).scaled(room.size(), Qt.AspectRatioMode.KeepAspectRatio)
        out = QRect(0, 0, max(size.width(), 2), max(size.height(), 2))
        out.moveCenter(room.center())
        return out

    def ask(self) -> None:
        """Asks for pictures of the size that is seen, and no more than the film has."""
        timeline, ratio = self.player.timeline, self.devicePixelRatioF()
        wide, high = round(self.frame.width() * ratio), round(self.frame.height() * ratio)
        if wide >= timeline.width:  # enlarging costs less while painting
            wide, high = timeline.width, timeline.height
        self.player.resize(max(wide, 2), max(high, 2))

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.ask()

    def _masked(self) -> None:
        if self.masker.on and not self.hasMouseTracking():
            self.setFocus(Qt.FocusReason.OtherFocusReason)  # so that the keys paint
        self.setMouseTracking(self.masker.on)
        self.setAccessibleDescription(self._brush_said() if self.masker.on else "")
        self.setCursor(Qt.CursorShape.CrossCursor) if self.masker.on else self.unsetCursor()
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._veil.press(event, self.frame) if self.masker.on else event.ignore()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self.masker.on:
            self._veil.move(event, self.frame)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self.masker.on:
            self._veil.release()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._veil.press(event, self.frame) if self.masker.on else event.ignore()

    def wheelEvent(self, event: QWheelEvent) -> None:
        self._veil.wheel(event) if self.masker.on else event.ignore()

    def leaveEvent(self, event: QEvent) -> None:
        if self.masker.on:
            self._veil.leave()

    def _brush_said(self) -> str:
        across, down = self._veil.share(self.frame)
        said = self.tr("Erases") if self.masker.brush.erase else self.tr("Paints")
        where = self.tr("{0} from the left, {1} from the top").format(f"{across:.0%}", f"{down:.0%}")
        return f"{said}: {where}"

    def event(self, event: QEvent) -> bool:
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and self.masker.on
            and self._veil.takes(event)
        ):
            event.accept()  # a key that paints is no command meanwhile
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self.masker.on and self._veil.takes(event):
            self._veil.key_press(event, self.frame)
        else:
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        self._veil.key_release(event)
        super().keyReleaseEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._veil.lift()
        super().focusOutEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(event.rect(), themes.now.colour("canvas"))
        image = self.image
        if image is not None and (self.player.length or self._preview is not None):
            frame = self.frame
            small = image.width() * 3 < frame.width()  # pixels of a tiny clip are seen as they are
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, not small)
            painter.drawImage(frame, image)
            if self.masker.on and self._preview is None:
                painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
                self._veil.paint(painter, frame)
        painter.end()


class Transport(QWidget):
    """To the beginning, play, to the end; where, how long, how quick, and how many frames were dropped."""

    def __init__(self, session: Session, player: FilmPlayer, parent: QWidget) -> None:
        super().__init__(parent)
        self.player = player
        floating(self)
        self.setAccessibleName(self.tr("Playing"))
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 5, 14, 5)
        row.setSpacing(4)
        run = lambda name: lambda: actions.perform(name, session)  # noqa: E731
        self.first = icon_button(
            "skip-back", self.tr("To the beginning"), run("film.start"), tip=self.tr("To the beginning  Home")
        )
        self.back = icon_button(
            "step-back", self.tr("One frame back"), run("film.back-one"), tip=self.tr("One frame back  Left")
        )
        self.play = icon_button("play", self.tr("Play"), run("film.play"), token="text")
        self.forth = icon_button(
            "step-forward", self.tr("One frame on"), run("film.on-one"), tip=self.tr("One frame on  Right")
        )
        self.last = icon_button(
            "skip-forward", self.tr("To the end"), run("film.end"), tip=self.tr("To the end  End")
        )
        for button in (self.first, self.back, self.play, self.forth, self.last):
            button.setFixedSize(30, 28)
            row.addWidget(button)
        row.addSpacing(6)
        self.where = label("", "value")
        self.about = label("", "muted")
        row.addWidget(self.where)
        row.addWidget(self.about)
        player.moved.connect(self.follow)
        player.state_changed.connect(self.follow)
        self._playing: bool | None = None
        self.follow()

    def follow(self) -> None:
        player, timeline = self.player, self.player.timeline
        playing = player.playing
        if playing != self._playing:
            self._playing = playing
            tint(self.play, "pause" if playing else "play", "text")
            word = self.tr("Pause") if playing else self.tr("Play")
            self.play.setAccessibleName(word)
            self.play.setToolTip(f"{word}  {self.tr('Space')}")
        self.where.setText(timecode(player.at, timeline.rate))
        parts = [
            f"/ {timecode(timeline.length, timeline.rate)}",
            self.tr("{0} fps").format(f"{timeline.rate:.2f}".rstrip("0").rstrip(".")),
            self.tr("{0} dropped").format(player.dropped),
        ]
        if player.speed not in (0.0, 1.0):
            parts.append(f"{player.speed:g}×")
        text = " · ".join(parts)
        if text != self.about.text():
            self.about.setText(text)
            self.setAccessibleDescription(f"{self.where.text()} {text}")
            parent = self.parentWidget()
            if isinstance(parent, FilmStage):
                parent.arrange()


class TakeBar(QWidget):
    """Clips that came back: which one is in view, the film itself, discard, put on the timeline."""

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__(parent)
        self.session, self.film = session, session.film
        floating(self)
        self.setAccessibleName(self.tr("Takes"))
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 6, 8, 6)
        row.setSpacing(6)
        run = lambda name: lambda: actions.perform(name, session)  # noqa: E731
        self.back = icon_button(
            "chevron-left",
            self.tr("Previous take"),
            run("film.previous-take"),
            tip=self.tr("Previous take  ,"),
        )
        self.which = label("", "title")
        self.forth = icon_button(
            "chevron-right", self.tr("Next take"), run("film.next-take"), tip=self.tr("Next take  .")
        )
        self.bin = icon_button(
            "trash-2", self.tr("Discard the take"), run("film.discard-take"),
            tip=self.tr("Discard; it stays in the gallery  Backspace"), side=16,
        )  # fmt: skip
        self.use = text_button(
            self.tr("Put on the timeline"), run("film.use-take"), kind="primary", icon="check"
        )
        self.use.setToolTip(self.tr("Put on the timeline  Enter"))
        for part in (self.back, self.which, self.forth, self.bin, self.use):
            row.addWidget(part)
        self.film.changed.connect(lambda what: self.follow() if what in ("takes", "timeline") else None)
        self.follow()

    def follow(self) -> None:
        film = self.film
        take = film.take
        self.setVisible(bool(film.takes))
        ids = [one.id for one in film.takes]
        text = (
            self.tr("Take {0} of {1}").format(ids.index(take.id) + 1, len(ids))
            if take is not None
            else self.tr("The film")
        )
        self.which.setText(text)
        self.which.setAccessibleName(text)
        many = len(ids) + (0 if film.timeline.empty else 1) > 1
        self.back.setEnabled(many)
        self.forth.setEnabled(many)
        self.bin.setEnabled(take is not None)
        self.use.setEnabled(take is not None)
        self.adjustSize()
        parent = self.parentWidget()
        if isinstance(parent, FilmStage):
            parent.arrange()


class EmptyCard(QWidget):
    """What an empty film says."""

    def __init__(self, session: Session, shelf: FilmShelf, parent: QWidget) -> None:
        super().__init__(parent)
        self.session, self.shelf = session, shelf
        self.setObjectName("card")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(self.tr("Start a film"))
        self.setFixedWidth(440)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 22, 24, 20)
        column.setSpacing(12)
        self.head = label(self.tr("Make a clip from words, or drop one here"), "headline")
        self.head.setWordWrap(True)
        column.addWidget(self.head)
        self.text = wrapped("", "muted")
        column.addWidget(self.text)
        self.go = text_button("", self._go, kind="primary", icon="play")
        self.go.setMinimumHeight(38)
        column.addWidget(self.go)
        self.examples = QWidget()
        line = QVBoxLayout(self.examples)
        line.setContentsMargins(0, 0, 0, 0)
        for words in EXAMPLES:
            made = chip(words, checkable=False)
            made.clicked.connect(lambda _=False, words=words: self._say(words))
            line.addWidget(made, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self.examples)
        row = QHBoxLayout()
        self.open = text_button(
            self.tr("Choose films, pictures or sounds"), self.choose, kind="link", icon="folder-open"
        )
        row.addWidget(self.open)
        row.addStretch(1)
        column.addLayout(row)
        session.changed.connect(
            lambda what: self.follow() if what in ("model", "technique", "document") else None
        )
        session.job_changed.connect(lambda _: self.follow())
        session.film.changed.connect(lambda what: self.follow() if what in ("timeline", "takes") else None)
        self.follow()

    def follow(self) -> None:
        session, film = self.session, self.session.film
        here = [job for job in (*session.running, *session.waiting) if job.spec.technique.makes == "video"]
        self.setVisible(not film.timeline.length and not film.takes and not here)
        able = bool(session.offered("text2video"))
        self.text.setText(
            self.tr(
                "Words become a clip on this computer. Films, pictures and sounds are put on the timeline below."
            )
            if able
            else self.tr(
                "No model here makes clips yet; add one in Settings, Models. Films, pictures and sounds can be cut without one."
            )
        )
        self.go.setText(self.tr("Write the words") if able else self.tr("Choose films, pictures or sounds"))
        self.go.setAccessibleName(self.go.text())
        tint(self.go, "play" if able else "folder-open", "on_accent", 16, gap=4)
        self.open.setVisible(able)
        self.examples.setVisible(able)
        parent = self.parentWidget()
        if isinstance(parent, FilmStage):
            parent.arrange()

    def _go(self) -> None:
        if not self.session.offered("text2video"):
            self.choose()
            return
        self.session.set_technique("text2video")
        self.session.view.focus_words()

    def _say(self, words: str) -> None:
        self.session.set_technique("text2video")
        self.session.set_prompt(words)
        self.session.draw()

    def choose(self) -> None:
        endings = " ".join(f"*{one}" for one in sorted(exchange.CLIPS | exchange.PICTURES | exchange.SOUNDS))
        paths, _ = QFileDialog.getOpenFileNames(
            self,
            self.tr("Choose films, pictures or sounds"),
            "",
            self.tr("Films, pictures and sounds ({0})").format(endings),
        )
        self.shelf.add_files(exchange.playable(self.session, [Path(one) for one in paths]))


class FilmStage(QWidget):
    """See the module. Files that are dropped here come to the end of the film."""

    def __init__(
        self, session: Session, player: FilmPlayer, shelf: FilmShelf, renders: Renders, masker: Masker
    ) -> None:
        super().__init__()
        self.session, self.player, self.shelf = session, player, shelf
        self.setObjectName("canvasframe")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAcceptDrops(True)
        self.setMinimumSize(QSize(320, 180))
        self.screen_ = Screen(player, masker)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 46)
        column.addWidget(self.screen_)
        self.notice = NoticeBar(self)
        self.transport = Transport(session, player, self)
        self.takes = TakeBar(session, self)
        self.exporting = RenderBar(renders, self)
        self.masking = MaskBar(masker, self)
        self.empty = EmptyCard(session, shelf, self)
        for part in (self.notice, self.transport, self.takes, self.exporting, self.masking, self.empty):
            part.installEventFilter(self)
        self._preview = QTimer(self, interval=125)
        """Turns the frames of a preview."""
        self._preview.timeout.connect(self._turn)
        self._turns = 0
        session.said.connect(self._said)
        session.changed.connect(self._changed)
        session.film.changed.connect(
            lambda what: self.screen_.ask() if what in ("timeline", "takes") else None
        )
        self.screen_.ask()

    def _said(self, notice: Notice) -> None:
        if self.isVisible():
            self.notice.show_notice(notice)

    # --- what a running job has so far ---------------------------------------------------------------------------------

    def _changed(self, what: str) -> None:
        if what == "overlay":
            clip = self._previewed()
            if clip is None:
                self._preview.stop()
                self.screen_.show_preview(None)
            elif not self._preview.isActive():
                self._turns = 0
                self._turn()
                self._preview.start()

    def _previewed(self) -> Pixels | None:
        job = self.session.previewing
        if job is None or job.over or job.preview is None or job.preview.kind != "video":
            return None
        return job.preview.array

    def _turn(self) -> None:
        frames = self._previewed()
        if frames is None:
            self._preview.stop()
            self.screen_.show_preview(None)
        elif self.isVisible():
            self._turns += 1
            self.screen_.show_preview(array_image(frames[self._turns % len(frames)]))

    # --- what floats -----------------------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.arrange()

    def eventFilter(self, watched: object, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Show, QEvent.Type.LayoutRequest):
            self.arrange()
        return False

    def arrange(self) -> None:
        if not hasattr(self, "empty"):
            return
        wide, high = self.width(), self.height()
        bar = self.transport.sizeHint()
        self.transport.setGeometry(
            (wide - bar.width()) // 2, high - bar.height() - 10, bar.width(), bar.height()
        )
        bar = self.takes.sizeHint()
        self.takes.setGeometry(
            (wide - bar.width()) // 2, self.transport.y() - bar.height() - 10, bar.width(), bar.height()
        )
        width = min(620, wide - 32)
        layout = self.notice.layout()
        assert layout is not None
        height = (
            layout.totalHeightForWidth(width)
            if layout.hasHeightForWidth()
            else self.notice.sizeHint().height()
        )
        self.notice.setGeometry((wide - width) // 2, 12, width, max(height, 40))
        bar = self.masking.sizeHint()
        self.masking.setGeometry((wide - bar.width()) // 2, 12, bar.width(), bar.height())
        bar = self.exporting.sizeHint()
        self.exporting.setGeometry(wide - bar.width() - 14, 12, bar.width(), bar.height())
        card = self.empty.layout().totalHeightForWidth(self.empty.width())  # pyright: ignore[reportOptionalMemberAccess]
        self.empty.setGeometry(
            (wide - self.empty.width()) // 2, max(8, (high - 46 - card) // 2), self.empty.width(), card
        )

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        actions.perform("film.play", self.session)

    # --- dropping ----------------------------------------------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if exchange.files_in(event.mimeData()):
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()

    def dropEvent(self, event: QDropEvent) -> None:
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        self.shelf.add_files(exchange.playable(self.session, exchange.files_in(event.mimeData())))
