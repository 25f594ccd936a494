"""Everything that was ever made here: a strip that scrolls, a search box, and what can be done with a result.

Rows come from the queue's database in pages and thumbnails from their files, both on other threads; the view asks only
for what it shows, so a hundred thousand entries cost what a screenful costs.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

from PySide6.QtCore import (
    QAbstractListModel,
    QMimeData,
    QModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
    QTimer,
    QUrl,
    Signal,
)
from PySide6.QtGui import QDesktopServices, QImage, QImageReader, QKeyEvent, QPainter, QPixmap, QWheelEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QLineEdit,
    QListView,
    QMenu,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from studio.core.job import TECHNIQUES, BadRequest, JobSpec, read_spec
from studio.jobs.queue import Queue
from studio.session import Session
from studio.ui.language import spoken
from studio.ui.theme import pixmap, themes
from studio.ui.widgets.basic import Choice, chip, icon_button, label, wrapped
from studio.ui.widgets.images import Background, array_image, rounded

PAGE = 120
SIDE, GAP = 84, 8
KEPT = 600
"""Thumbnails in memory: 600 of 84 px at twice the density take 68 MB at most, a screenful is thirty."""
ENTRY = Qt.ItemDataRole.UserRole
DAY = 86400


class Library(Protocol):
    """What the gallery asks of `studio.jobs.queue.Queue`."""

    def results(self, search: str = "", **wanted: Any) -> list[Any]: ...
    def rate(self, entry: int, stars: int) -> object: ...
    def trash(self, entry: int) -> object: ...
    def restore(self, entry: int) -> object: ...


def spec_of(entry: Any) -> JobSpec | None:
    """The request of a gallery entry, None where it is from a studio that this one does not understand."""
    try:
        return read_spec(entry.spec)
    except BadRequest:
        return None


class GalleryModel(QAbstractListModel):
    """Entries, newest first, fetched page by page."""

    counted = Signal(int, bool)
    """How many are loaded, and whether those are all."""
    failed = Signal(str)

    def __init__(self, library: Library | None) -> None:
        super().__init__()
        self.library = library
        self.wanted: dict[str, Any] = {}
        self.entries: list[Any] = []
        self._rest = library is not None
        self._loading = False
        self._round = 0
        self._rows = Background(self)
        self._pictures = Background(self, threads=2)
        self._thumbs: OrderedDict[int, QPixmap] = OrderedDict()
        self._asked: dict[int, int] = {}
        self._clock = 0
        self.ratio = 1.0

    # --- rows ---------------------------------------------------------------------------------------

    def rowCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self.entries)

    def canFetchMore(self, parent: QModelIndex) -> bool:
        return self._rest and not self._loading and not parent.isValid()

    def fetchMore(self, parent: QModelIndex) -> None:
        if not self.canFetchMore(parent) or self.library is None:
            return
        self._loading = True
        turn, library, wanted, offset = self._round, self.library, dict(self.wanted), len(self.entries)
        self._rows.run(
            lambda: library.results(**wanted, limit=PAGE, offset=offset),
            lambda rows: self._page(turn, rows),
            self._broken,
        )

    def _page(self, turn: int, rows: list[Any]) -> None:
        if turn != self._round:
            return
        self._loading = False
        self._rest = len(rows) == PAGE
        known = {entry.id for entry in self.entries[-PAGE * 2 :]}
        rows = [row for row in rows if row.id not in known]  # a new result shifts the pages by one
        if rows:
            at = len(self.entries)
            self.beginInsertRows(QModelIndex(), at, at + len(rows) - 1)
            self.entries.extend(rows)
            self.endInsertRows()
        self.counted.emit(len(self.entries), not self._rest)

    def _broken(self, error: Exception) -> None:
        self._loading = self._rest = False
        self.failed.emit(str(error))

    def search(self, **wanted: Any) -> None:
        """Start again with other filters."""
        self.wanted = {key: value for key, value in wanted.items() if value}
        self.reload()

    def reload(self) -> None:
        self.beginResetModel()
        self.entries = []
        self._round += 1
        self._rest, self._loading = self.library is not None, False
        self._asked.clear()
        self.endResetModel()
        self.fetchMore(QModelIndex())

    def refresh(self) -> None:
        """New results come in front; nothing that is in view moves away."""
        if self.library is None:
            return
        turn, library, wanted = self._round, self.library, dict(self.wanted)
        self._rows.run(
            lambda: library.results(**wanted, limit=30), lambda rows: self._front(turn, rows), self._broken
        )

    def _front(self, turn: int, rows: list[Any]) -> None:
        if turn != self._round:
            return
        known = {entry.id for entry in self.entries[: 30 + len(rows)]}
        new = [row for row in rows if row.id not in known]
        if new:
            self.beginInsertRows(QModelIndex(), 0, len(new) - 1)
            self.entries[:0] = new
            self.endInsertRows()
            self.counted.emit(len(self.entries), not self._rest)

    def drop(self, row: int) -> None:
        self.beginRemoveRows(QModelIndex(), row, row)
        del self.entries[row]
        self.endRemoveRows()
        self.counted.emit(len(self.entries), not self._rest)

    def replace(self, row: int, entry: Any) -> None:
        self.entries[row] = entry
        self.dataChanged.emit(self.index(row), self.index(row))

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or index.row() >= len(self.entries):
            return None
        entry = self.entries[index.row()]
        if role == ENTRY:
            return entry
        if role in (Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole):
            technique = TECHNIQUES.get(entry.technique)
            day = time.strftime("%Y-%m-%d %H:%M", time.localtime(entry.created))
            lines = [
                entry.prompt,
                f"{spoken(technique.title) if technique else entry.technique} · {entry.model} · {self.tr('seed {0}').format(entry.seed)}",
                f"{entry.length:.1f} s · {day}"
                if entry.kind == "sound"
                else f"{entry.width} × {entry.height} px · {day}",
            ]
            if entry.rating:
                lines.append("★" * entry.rating)
            if entry.state != "ok":
                lines.append(
                    self.tr("the file is missing")
                    if entry.state == "missing"
                    else self.tr("the file was changed")
                )
            return "\n".join(line for line in lines if line)
        return None

    def flags(self, index: QModelIndex) -> Qt.ItemFlag:
        return Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsDragEnabled

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        data = QMimeData()
        paths = [self.entries[index.row()].path for index in indexes]
        data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths if Path(path).exists()])
        return data

    def supportedDragActions(self) -> Qt.DropAction:
        return Qt.DropAction.CopyAction

    # --- thumbnails ------------------------------------------------------------------------------------

    def thumb(self, row: int) -> QPixmap | None:
        """The thumbnail of a row, None while it is being read."""
        entry = self.entries[row]
        kept = self._thumbs.get(entry.id)
        if kept is not None:
            self._thumbs.move_to_end(entry.id)
            return kept
        if entry.id not in self._asked and entry.state != "missing":
            self._clock += 1  # the last one asked for is read first: it is what the eye is on
            self._asked[entry.id] = self._clock
            key, path, side = entry.id, str(entry.path), round(SIDE * self.ratio)
            self._pictures.run(
                lambda: read_thumb(path, side), lambda image: self._picture(key, image), priority=self._clock
            )
        return None

    def _picture(self, key: int, image: QImage) -> None:
        self._asked.pop(key, None)
        self._thumbs[key] = rounded(image, SIDE, self.ratio, 7)
        if len(self._thumbs) > KEPT:
            self._thumbs.popitem(last=False)
        for row, entry in enumerate(self.entries):
            if entry.id == key:
                self.dataChanged.emit(self.index(row), self.index(row))
                return

    def stop(self) -> None:
        self._rows.stop()
        self._pictures.stop()

    def wait(self) -> None:
        self._rows.wait()
        self._pictures.wait()


def read_thumb(path: str, side: int) -> QImage:
    """A picture file, decoded no larger than needed; of a film the first frame, of a sound its wave."""
    from studio.media.clips import kind_of

    kind = kind_of(path)
    if kind in ("video", "sound"):
        return _film_thumb(path) if kind == "video" else _sound_thumb(path, side)
    reader = QImageReader(path)
    reader.setAutoTransform(True)
    size = reader.size()
    if size.isValid() and min(size.width(), size.height()) > side:
        reader.setScaledSize(size.scaled(side, side, Qt.AspectRatioMode.KeepAspectRatioByExpanding))
    return reader.read()


def _film_thumb(path: str) -> QImage:
    from studio.core.job import BadRequest
    from studio.media.video import frames

    try:
        _, _, pixels = next(frames(path))
    except (BadRequest, StopIteration):
        return QImage()
    return array_image(pixels)


def _sound_thumb(path: str, side: int) -> QImage:
    """The loudest sample of each column, mirrored, on the panels' colour."""
    from studio.core.job import BadRequest
    from studio.media.sound import read_sound

    try:
        samples = read_sound(path, seconds=120).array
    except BadRequest:
        return QImage()
    loud = abs(samples).max(1)
    image = QImage(side, side, QImage.Format.Format_RGB32)
    image.fill(themes.now.colour("raised"))
    painter = QPainter(image)
    painter.setPen(themes.now.colour("accent"))
    for x in range(side):
        part = loud[len(loud) * x // side : max(len(loud) * (x + 1) // side, len(loud) * x // side + 1)]
        high = round(float(part.max()) * side * 0.42) if len(part) else 0
        painter.drawLine(x, side // 2 - high, x, side // 2 + high)
    painter.end()
    return image


class Tile(QStyledItemDelegate):
    """A picture with round corners; below, stars where it was rated and the length of what plays."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex) -> QSize:
        return QSize(SIDE + GAP, SIDE + GAP)

    def _badge(self, painter: QPainter, area: QRect, text: str, right: bool) -> None:
        font = painter.font()
        font.setPixelSize(10)
        painter.setFont(font)
        wide = painter.fontMetrics().horizontalAdvance(text) + 8
        badge = QRect(area.right() - 3 - wide if right else area.x() + 4, area.bottom() - 18, wide, 14)
        painter.setPen(Qt.PenStyle.NoPen)
        colour = themes.now.colour("bg")
        colour.setAlpha(210)
        painter.setBrush(colour)
        painter.drawRoundedRect(badge, 4, 4)
        painter.setPen(themes.now.colour("text"))
        painter.drawText(badge, Qt.AlignmentFlag.AlignCenter, text)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        model = index.model()
        assert isinstance(model, GalleryModel)
        entry = model.entries[index.row()]
        theme = themes.now
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRect(option.rect.x() + GAP // 2, option.rect.y() + GAP // 2, SIDE, SIDE)
        thumb = model.thumb(index.row())
        if thumb is not None:
            painter.drawPixmap(area.topLeft(), thumb)
        else:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("raised"))
            painter.drawRoundedRect(area, 7, 7)
            if entry.state == "missing":
                mark = pixmap("triangle-alert", "warn", 18)
                painter.drawPixmap(area.center() - QPoint(9, 9), mark)
        if entry.rating:
            self._badge(painter, area, "★" * entry.rating, right=False)
        if entry.length:
            self._badge(painter, area, f"{entry.length:.1f} s", right=True)
        if option.state & (QStyle.StateFlag.State_Selected | QStyle.StateFlag.State_MouseOver):
            chosen = bool(option.state & QStyle.StateFlag.State_Selected)
            pen = painter.pen()
            pen.setColor(theme.colour("accent" if chosen else "muted"))
            pen.setWidth(2 if chosen else 1)
            painter.setPen(pen)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(area, 7, 7)
        painter.restore()


class Strip(QListView):
    """One line of pictures, or a grid where there is room for more."""

    chosen = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(self.tr("Gallery"))
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setMovement(QListView.Movement.Static)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setUniformItemSizes(True)
        self.setLayoutMode(QListView.LayoutMode.SinglePass)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setDragEnabled(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.setMouseTracking(True)
        self.setMinimumHeight(SIDE + GAP + 12)
        self.activated.connect(lambda index: self.chosen.emit(index.row()))
        self._fit()

    def sizeHint(self) -> QSize:
        return QSize(400, SIDE + GAP + 12)

    def _fit(self) -> None:
        grid = self.height() >= 2 * (SIDE + GAP)
        self.setWrapping(grid)
        off, need = Qt.ScrollBarPolicy.ScrollBarAlwaysOff, Qt.ScrollBarPolicy.ScrollBarAsNeeded
        self.setHorizontalScrollBarPolicy(off if grid else need)
        self.setVerticalScrollBarPolicy(need if grid else off)

    def resizeEvent(self, event: Any) -> None:
        self._fit()
        super().resizeEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.isWrapping():
            super().wheelEvent(event)
            return
        bar = self.horizontalScrollBar()
        delta = event.angleDelta()
        bar.setValue(bar.value() - (delta.y() or delta.x()))
        event.accept()

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        super().scrollContentsBy(dx, dy)
        self._more()

    def _more(self) -> None:
        """QListView asks for more only when it scrolls down; the strip scrolls sideways."""
        bar = self.verticalScrollBar() if self.isWrapping() else self.horizontalScrollBar()
        if bar.value() > bar.maximum() - 600 and self.model() is not None:
            model = self.model()
            if model.canFetchMore(QModelIndex()):
                model.fetchMore(QModelIndex())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self.chosen.emit(self.currentIndex().row())
            return
        super().keyPressEvent(event)


class GalleryPanel(QWidget):
    """Head with search and filters, strip below."""

    def __init__(self, session: Session, library: Library | None) -> None:
        super().__init__()
        self.setObjectName("panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.session, self.library = session, library
        self._background = Background(self)
        self.lineage: Any = None
        """The dialog that shows where a picture came from, the last one that was opened."""
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 7, 12, 6)
        column.setSpacing(4)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(label(self.tr("Gallery"), "title"))
        self.today = chip(self.tr("today"), run=self._filter)
        self.best = chip(self.tr("4 ★ and up"), run=self._filter)
        self.bin = chip(self.tr("in the trash"), run=self._filter)
        for made in (self.today, self.best, self.bin):
            head.addWidget(made)
        self.technique = Choice(self.tr("Technique"), plain=True)
        self.technique.setSizeAdjustPolicy(Choice.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.technique.setMinimumContentsLength(12)
        self.technique.addItem(self.tr("any technique"), "")
        for name, technique in TECHNIQUES.items():
            self.technique.addItem(spoken(technique.title), name)
        self.technique.activated.connect(self._filter)
        head.addWidget(self.technique)
        self.count = label("", "small")
        head.addWidget(self.count)
        head.addStretch(1)
        self.words = QLineEdit()
        self.words.setPlaceholderText(self.tr("Search the words"))
        self.words.setAccessibleName(self.tr("Search the gallery"))
        self.words.setClearButtonEnabled(True)
        self.words.setMinimumWidth(90)  # on narrow screens
        self.words.setMaximumWidth(200)
        head.addWidget(self.words, 4)
        self.grid = icon_button("layout-grid", self.tr("Show more rows"), self._grow, side=16)
        head.addWidget(self.grid)
        column.addLayout(head)
        self.strip = Strip()
        self.model = GalleryModel(library)
        self.model.ratio = self.devicePixelRatioF()
        self.strip.setModel(self.model)
        self.strip.setItemDelegate(Tile(self.strip))
        self.strip.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.strip.customContextMenuRequested.connect(self._menu)
        self.strip.chosen.connect(self.add_as_layer)
        column.addWidget(self.strip, 1)
        self.empty = wrapped("", "small")
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column.addWidget(self.empty, 1)
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(200)
        self._later.timeout.connect(self._filter)
        self.words.textChanged.connect(lambda _: self._later.start())
        self.model.counted.connect(self._counted)
        self.model.failed.connect(lambda text: session.say(text, "warn"))
        self._fresh = QTimer(self)
        self._fresh.setSingleShot(True)
        self._fresh.setInterval(250)  # the file is written after the event: give it a moment, and again
        self._fresh.timeout.connect(self.model.refresh)
        session.result_saved.connect(lambda _: self._fresh.start())
        themes.changed.connect(self.strip.viewport().update)
        self._counted(0, False)
        self.grow: Callable[[], object] | None = None

    def start(self) -> None:
        """Load the first page; called when the window is on the screen."""
        self.model.reload()

    def stop(self) -> None:
        self.model.stop()
        self._background.stop()

    def _grow(self) -> None:
        if self.grow is not None:
            self.grow()

    def _filter(self) -> None:
        midnight = time.mktime((*time.localtime()[:3], 0, 0, 0, 0, 0, -1))
        self.model.search(
            search=self.words.text().strip(),
            since=midnight if self.today.isChecked() else None,
            rating=4 if self.best.isChecked() else 0,
            technique=self.technique.currentData(),
            trashed=self.bin.isChecked(),
        )

    def _counted(self, count: int, all_there: bool) -> None:
        self.strip.setVisible(count > 0)
        self.empty.setVisible(count == 0)
        filtered = bool(self.model.wanted)
        if not all_there and not count:
            self.empty.setText("")
        elif filtered:
            self.empty.setText(self.tr("Nothing here fits. Take a filter away or search for other words."))
        else:
            self.empty.setText(
                self.tr("Everything you make is kept here. Draw something, or drop a picture on the canvas.")
            )
        self.count.setText("" if not count else f"{count}" if all_there else f"{count}+")
        self.count.setAccessibleName(
            self.tr("1 result") if count == 1 else self.tr("{0} results").format(self.count.text() or 0)
        )

    # --- what can be done with a result ------------------------------------------------------------------------

    def _entry(self, row: int) -> Any:
        return self.model.entries[row] if 0 <= row < len(self.model.entries) else None

    def add_as_layer(self, row: int) -> None:
        entry = self._entry(row)
        if entry is not None:
            self.add_entry(entry)

    def add_entry(self, entry: Any) -> None:
        if entry.kind in ("sound", "video"):
            self.session.view.add_to("music" if entry.kind == "sound" else "film", [Path(entry.path)])
            return
        from studio.media.image import read_mask, read_picture

        read = read_mask if entry.kind == "mask" else read_picture
        spec = spec_of(entry)
        name = " ".join(entry.prompt.split())[:40] or Path(entry.path).stem
        self._background.run(
            lambda: read(entry.path),
            lambda clip: self.session.add_clip(clip, name, spec),
            lambda error: self.session.say(str(error), "warn"),
        )

    @property
    def _related(self) -> bool:
        return isinstance(self.library, Queue)

    def show_lineage(self, row: int = -1) -> None:
        """Of a row; without one of what is selected here, else of the layer that is worked on."""
        entry = self._entry(row if row >= 0 else self.strip.currentIndex().row())
        if entry is not None:
            self._show_lineage(entry)
            return
        layer, queue = self.session.layer, self.library
        if layer is None or layer.spec is None or not isinstance(queue, Queue):
            self.session.say(self.tr("Choose a picture in the gallery first."))
            return
        from studio.jobs.lineage import find

        spec = layer.spec
        self._background.run(
            lambda: find(queue, spec), self._show_lineage, lambda error: self.session.say(str(error), "warn")
        )

    def _show_lineage(self, entry: Any) -> None:
        from studio.ui.panels.lineage import LineageDialog

        if entry is None:
            self.session.say(self.tr("The picture of this layer is in the gallery no more."), "warn")
        elif isinstance(self.library, Queue):
            self.lineage = LineageDialog(self.session, self.library, self.add_entry, self.window())
            self.lineage.open_at(entry)

    def use_settings(self, row: int) -> None:
        entry = self._entry(row)
        spec = spec_of(entry) if entry else None
        if spec is None:
            self.session.say(self.tr("The settings of this result cannot be read by this version."), "warn")
        else:
            self.session.use_spec(spec)

    def make_again(self, row: int) -> None:
        entry = self._entry(row)
        spec = spec_of(entry) if entry else None
        if spec is not None:
            self.session.send(spec)

    def show_in_folder(self, row: int) -> None:
        entry = self._entry(row)
        if entry is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(Path(entry.path).parent)))

    def rate(self, row: int, stars: int) -> None:
        import dataclasses

        entry = self._entry(row)
        if entry is not None and self.library is not None:
            self.library.rate(entry.id, stars)
            if dataclasses.is_dataclass(entry):
                entry = dataclasses.replace(entry, rating=stars)  # type: ignore[type-var]
            self.model.replace(row, entry)

    def to_trash(self, rows: list[int]) -> None:
        """Out of the gallery; the notice offers to bring it back."""
        if self.library is None:
            return
        library, back = self.library, self.bin.isChecked()
        ids = [self.model.entries[row].id for row in rows]
        for row in sorted(rows, reverse=True):
            (library.restore if back else library.trash)(self.model.entries[row].id)
            self.model.drop(row)
        if not back:
            one = (
                self.tr("The picture is in the trash.")
                if len(ids) == 1
                else self.tr("{0} pictures are in the trash.").format(len(ids))
            )
            self.session.say(one, do=lambda: self._restore(ids), do_title=self.tr("Bring back"))

    def _restore(self, ids: list[int]) -> None:
        assert self.library is not None
        for entry in ids:
            self.library.restore(entry)
        self.model.reload()

    def _menu(self, at: QPoint) -> None:
        index = self.strip.indexAt(at)
        if not index.isValid():
            return
        row = index.row()
        menu = QMenu(self)
        menu.setAccessibleName(self.tr("Result"))
        entry = self._entry(row)
        there = entry.state != "missing"
        title = {"sound": self.tr("Add to the takes"), "video": self.tr("Add to the film")}
        menu.addAction(
            title.get(entry.kind, self.tr("Add as a layer")), lambda: self.add_as_layer(row)
        ).setEnabled(there)
        menu.addAction(self.tr("Use its settings"), lambda: self.use_settings(row))
        menu.addAction(self.tr("Make it again"), lambda: self.make_again(row))
        menu.addAction(self.tr("Show where it came from"), lambda: self.show_lineage(row)).setEnabled(
            self._related
        )
        menu.addSeparator()
        stars = menu.addMenu(self.tr("Rate"))
        for number in range(6):
            title = "★" * number if number else self.tr("no stars")
            stars.addAction(title, lambda number=number: self.rate(row, number))
        menu.addAction(self.tr("Show in its folder"), lambda: self.show_in_folder(row)).setEnabled(there)
        menu.addSeparator()
        rows = sorted({i.row() for i in self.strip.selectedIndexes()} | {row})
        menu.addAction(
            self.tr("Bring back") if self.bin.isChecked() else self.tr("Move to the trash"),
            lambda: self.to_trash(rows),
        )
        menu.popup(self.strip.viewport().mapToGlobal(at))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        rows = sorted({index.row() for index in self.strip.selectedIndexes()})
        if event.key() == Qt.Key.Key_Delete and rows and self.strip.hasFocus():
            self.to_trash(rows)
        elif Qt.Key.Key_0 <= event.key() <= Qt.Key.Key_5 and rows and self.strip.hasFocus():
            for row in rows:
                self.rate(row, event.key() - Qt.Key.Key_0)
        else:
            super().keyPressEvent(event)
