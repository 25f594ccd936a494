"""The layers as a tree, top one first: show, lock, name, choose, group, put elsewhere by drag; below it what can be set for the
chosen one. A row can be dragged out as a picture file, and picture files can be dropped between rows."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from PySide6.QtCore import (
    QAbstractListModel,
    QItemSelectionModel,
    QMimeData,
    QModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QColor, QIcon, QKeyEvent, QMouseEvent, QPainter, QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QLineEdit,
    QListView,
    QMenu,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from studio import actions, layering
from studio.core import stack
from studio.core.history import SetProperty
from studio.core.job import TECHNIQUES
from studio.core.layer import BLEND_MODES, Layer
from studio.session import Session
from studio.ui.exchange import LAYER, add_file, dragged, files_in, kind_of, refuse
from studio.ui.language import spoken
from studio.ui.theme import pixmap, themes
from studio.ui.widgets.basic import Choice, command_title, icon_button, label
from studio.ui.widgets.images import Background, array_image, blank, rounded
from studio.ui.widgets.value import ValueRow

ROW, THUMB, EYE = 44, 34, 30
INDENT = 14
FOLD = 18
"""Width of a group's chevron, and of the lock on the right."""


class LayerModel(QAbstractListModel):
    """The document's layers from top to bottom."""

    dropped = Signal(list)
    """Paths of files that were dropped between the rows."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self._ids: list[str] = []
        self._depths: dict[str, int] = {}
        self.closed: set[str] = set()
        """Ids of groups whose members are not listed."""
        self._thumbs: dict[str, tuple[Layer, int, QPixmap]] = {}
        self.reload()

    def reload(self) -> None:
        rows = stack.tree(self.session.document, closed=self.closed)
        self._depths = {layer.id: depth for layer, depth in rows}
        ids = [layer.id for layer, _ in rows]
        if ids != self._ids:
            self.beginResetModel()
            self._ids = ids
            self._thumbs = {key: value for key, value in self._thumbs.items() if key in ids}
            self.endResetModel()
        elif ids:
            self.dataChanged.emit(self.index(0), self.index(len(ids) - 1))

    def layer(self, row: int) -> Layer | None:
        try:
            return self.session.document.layer(self._ids[row]) if 0 <= row < len(self._ids) else None
        except KeyError:
            return None

    def depth(self, layer: Layer) -> int:
        """How many groups are around it."""
        return self._depths.get(layer.id, 0)

    def fold(self, layer_id: str) -> None:
        """Lists the members of a group, or stops listing them."""
        self.closed ^= {layer_id}
        self.reload()

    def row_of(self, layer_id: str) -> int:
        return self._ids.index(layer_id) if layer_id in self._ids else -1

    def rowCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        return 0 if parent.isValid() else len(self._ids)

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        layer = self.layer(index.row())
        if layer is None:
            return None
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return layer.name
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{layer.name}, {self.about(layer)}, " + (
                self.tr("shown") if layer.visible else self.tr("hidden")
            )
        if role == Qt.ItemDataRole.ToolTipRole:
            prompt = str(getattr(layer.spec.technique, "prompt", "")) if layer.spec else ""
            return "\n".join(
                part
                for part in (layer.name, prompt if prompt != layer.name else "", self.about(layer))
                if part
            )
        return None

    def about(self, layer: Layer) -> str:
        """The second line of a row."""
        parts: list[str] = []
        if layer.kind in ("mask", "region"):
            if layer.kind == "region":
                words = layer.region.words.strip() if layer.region else ""
                parts.append(words or self.tr("no words yet"))
            if not layer.pixels.size:
                parts.append(self.tr("nothing painted yet"))
            elif layer.feather:
                parts.append(self.tr("feather {0:g} px").format(layer.feather))
            elif layer.kind == "mask":
                parts.append(self.tr("no feather"))
        elif layer.kind == "group":
            count = len(self.session.document.members(layer.id))
            parts.append(self.tr("1 layer") if count == 1 else self.tr("{0} layers").format(count))
        elif layer.spec is not None:
            parts.append(spoken(TECHNIQUES[layer.spec.technique.name].title))
            parts.append(self.tr("seed {0}").format(layer.spec.seed))
        else:
            parts.append(
                f"{layer.pixels.shape[1]} × {layer.pixels.shape[0]} px"
                if layer.pixels.size
                else self.tr("empty")
            )
        if layer.opacity < 1:
            parts.append(f"{layer.opacity * 100:.0f} %")
        if layer.blend != "normal":
            parts.append(layer.blend)
        if layer.locked:
            parts.append(self.tr("locked"))
        return " · ".join(parts)

    def setData(self, index: QModelIndex, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        layer = self.layer(index.row())
        name = str(value).strip()
        if layer is None or role != Qt.ItemDataRole.EditRole or not name or name == layer.name:
            return False
        self.session.edit(SetProperty(layer.id, "name", name, self.tr("Rename")))
        return True

    def flags(self, index: QModelIndex) -> Qt.ItemFlag:
        drop = Qt.ItemFlag.ItemIsDropEnabled
        if not index.isValid():
            return drop
        return (
            Qt.ItemFlag.ItemIsSelectable
            | Qt.ItemFlag.ItemIsEnabled
            | Qt.ItemFlag.ItemIsEditable
            | Qt.ItemFlag.ItemIsDragEnabled
        )

    def supportedDropActions(self) -> Qt.DropAction:
        return Qt.DropAction.MoveAction | Qt.DropAction.CopyAction

    def supportedDragActions(self) -> Qt.DropAction:
        return Qt.DropAction.MoveAction | Qt.DropAction.CopyAction

    def mimeTypes(self) -> list[str]:
        return [LAYER, "text/uri-list"]

    def mimeData(self, indexes: object) -> QMimeData:
        rows = [index.row() for index in indexes]  # type: ignore[attr-defined]
        layer = self.layer(rows[0])
        return dragged(layer) if layer is not None else QMimeData()

    def canDropMimeData(
        self, data: QMimeData, action: Qt.DropAction, row: int, column: int, parent: QModelIndex
    ) -> bool:
        return data.hasFormat(LAYER) or bool(files_in(data))

    def place_of(self, row: int, parent: QModelIndex) -> tuple[str, Layer | None, bool]:
        """Where a drop goes: (group, the layer beside it, above it). On a group's row: to the top of the group; on another row:
        above it; between rows: above the lower one; below all: to the bottom."""
        if row < 0 and parent.isValid():
            row = parent.row()
            over = self.layer(row)
            if over is not None and over.kind == "group":
                return over.id, None, True
        beside = self.layer(row)
        if beside is not None:
            return beside.group, beside, True
        members = self.session.document.members()
        return "", members[0] if members else None, False

    def dropMimeData(
        self, data: QMimeData, action: Qt.DropAction, row: int, column: int, parent: QModelIndex
    ) -> bool:
        document = self.session.document
        moved = bytes(data.data(LAYER).data()).decode()
        group, beside, above = self.place_of(row, parent)
        if not any(layer.id == moved for layer in document.layers):
            if beside is not None:
                document.activate(beside.id)  # what arrives goes above the chosen layer
            self.dropped.emit(files_in(data))
            return False
        try:
            edit = stack.place(document, document.layer(moved), group, beside, above)
        except ValueError as error:
            self.session.say(str(error), "warn")
            return False
        if edit is not None:
            self.session.edit(edit)
        return False  # the move is done; the view must not remove a row by itself

    def thumb(self, layer: Layer, ratio: float) -> QPixmap:
        kept = self._thumbs.get(layer.id)
        if kept is None or kept[0] is not layer or kept[1] != layer.version:
            kept = (layer, layer.version, self._make_thumb(layer, ratio))
            self._thumbs[layer.id] = kept
        return kept[2]

    def _make_thumb(self, layer: Layer, ratio: float) -> QPixmap:
        theme = themes.now
        if layer.kind == "group":
            made = blank(THUMB, theme.colour("raised"), ratio)
            with QPainter(made) as painter:
                painter.drawPixmap(9, 9, pixmap("folder", "muted", 16))
            return made
        if layer.kind != "picture" or not layer.pixels.size:
            token = "mask" if layer.paints_mask else "raised"
            colour = theme.colour(token)
            if layer.kind == "region" and layer.region:
                colour = QColor(*layer.region.color)
            colour.setAlpha(255)
            rect = self.session.document.rect
            if not layer.pixels.size or rect.empty:
                return blank(THUMB, theme.colour("canvas"), ratio)
            # the whole document, small, so that one sees where the mask is
            step = max(1, min(rect.w, rect.h) // 128)
            cover = layer.render(rect)[::step, ::step].astype(np.uint16)[..., None]
            ground, tone = (
                np.array((c.red(), c.green(), c.blue()), np.uint16) for c in (theme.colour("canvas"), colour)
            )
            return rounded(
                array_image(((ground * (255 - cover) + tone * cover) // 255).astype(np.uint8)), THUMB, ratio
            )
        step = max(
            1, min(layer.pixels.shape[:2]) // 128
        )  # a small copy: thumbnails of huge layers stay cheap
        return rounded(array_image(layer.pixels[::step, ::step]), THUMB, ratio)

    def forget_thumbs(self) -> None:
        """Their ground is the theme's."""
        self._thumbs.clear()

    def forget_thumb(self, layer_id: str) -> None:
        row = self.row_of(layer_id)
        if row >= 0:
            self.dataChanged.emit(self.index(row), self.index(row))


class LayerRow(QStyledItemDelegate):
    """Eye, thumbnail, name and a line about it."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex) -> QSize:
        return QSize(100, ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        model = index.model()
        assert isinstance(model, LayerModel)
        layer = model.layer(index.row())
        if layer is None:
            return
        theme = themes.now
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = option.rect.adjusted(0, 1, 0, -1)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        if chosen or option.state & QStyle.StateFlag.State_MouseOver:
            colour = theme.colour("raised")
            if not chosen:
                colour.setAlpha(120)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour)
            painter.drawRoundedRect(area, 7, 7)
        if chosen and option.state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(theme.colour("accent"))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(area.adjusted(0, 0, -1, -1), 7, 7)
        shown = model.session.document.shown(layer)
        mark = pixmap("eye" if layer.visible else "eye-off", "muted", 16)
        painter.drawPixmap(area.x() + 6, area.center().y() - 7, mark)
        painter.setOpacity(1.0 if shown else 0.45)
        left = area.x() + EYE + INDENT * model.depth(layer)
        if layer.kind == "group":
            fold = "chevron-right" if layer.id in model.closed else "chevron-down"
            painter.drawPixmap(left - 2, area.center().y() - 6, pixmap(fold, "muted", 14))
            left += FOLD - 2
        right = area.right() - 6
        if layer.locked:
            painter.drawPixmap(right - 14, area.center().y() - 6, pixmap("lock", "muted", 14))
            right -= FOLD
        painter.drawPixmap(
            left, area.center().y() - THUMB // 2 + 1, model.thumb(layer, painter.device().devicePixelRatio())
        )
        painter.setOpacity(1.0)
        text = QRect(left + THUMB + 8, area.y() + 4, right - left - THUMB - 8, 18)
        font = painter.font()
        font.setPixelSize(13)
        painter.setFont(font)
        painter.setPen(theme.colour("text" if shown else "muted"))
        name = painter.fontMetrics().elidedText(layer.name, Qt.TextElideMode.ElideRight, text.width())
        painter.drawText(text, Qt.AlignmentFlag.AlignVCenter, name)
        font.setPixelSize(12)
        painter.setFont(font)
        painter.setPen(theme.colour("muted"))
        about = painter.fontMetrics().elidedText(
            model.about(layer), Qt.TextElideMode.ElideRight, text.width()
        )
        painter.drawText(text.translated(0, 17), Qt.AlignmentFlag.AlignVCenter, about)
        painter.restore()

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        editor.setGeometry(option.rect.adjusted(EYE + THUMB + 4, 6, -4, -8))


class LayerList(QListView):
    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.setAccessibleName(self.tr("Layers"))
        self.setMouseTracking(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragDrop)
        self.setDefaultDropAction(Qt.DropAction.MoveAction)
        self.setDropIndicatorShown(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(
            QAbstractItemView.EditTrigger.DoubleClicked | QAbstractItemView.EditTrigger.EditKeyPressed
        )
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._menu)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        model = self.model()
        assert isinstance(model, LayerModel)
        layer = model.layer(index.row()) if index.isValid() else None
        if layer is not None and event.position().x() < EYE and event.button() == Qt.MouseButton.LeftButton:
            self.session.toggle_layer(layer.id)
            return
        if layer is not None and event.button() == Qt.MouseButton.LeftButton:
            rect, x = self.visualRect(index), event.position().x()
            fold = rect.x() + EYE + INDENT * model.depth(layer)
            if layer.kind == "group" and fold - 2 <= x < fold + FOLD - 4:
                model.fold(layer.id)
                return
            if layer.locked and x > rect.right() - 6 - FOLD:
                layering.lock(self.session, layer)
                return
        super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space:
            self.session.toggle_layer()
        elif event.key() == Qt.Key.Key_Delete:
            layering.delete(self.session)
        elif event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right) and (layer := self.session.layer) is not None:
            model = self.model()
            assert isinstance(model, LayerModel)
            if layer.kind == "group" and (layer.id in model.closed) == (event.key() == Qt.Key.Key_Right):
                model.fold(layer.id)
        else:
            super().keyPressEvent(event)

    def _menu(self, at: QPoint) -> None:
        menu = QMenu(self)
        menu.setAccessibleName(self.tr("Layer"))
        for command in actions.COMMANDS:
            if command.group == "Layer" and not command.id.startswith("layer.new"):
                entry = menu.addAction(command_title(command))
                entry.setEnabled(command.enabled(self.session))
                entry.triggered.connect(lambda _=False, command=command: command.run(self.session))
        rename = menu.addAction(self.tr("Rename"))
        rename.triggered.connect(lambda: self.edit(self.currentIndex()))
        menu.popup(self.viewport().mapToGlobal(at))


class RegionEditor(QWidget):
    """Words, strength and colour of the chosen region."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self._id = ""
        column = QVBoxLayout(self)
        column.setContentsMargins(4, 2, 4, 0)
        column.setSpacing(6)
        row = QHBoxLayout()
        row.setSpacing(6)
        self.colour = QToolButton()
        self.colour.setAccessibleName(self.tr("Colour of the region"))
        self.colour.setToolTip(self.tr("The colour that this region is shown in"))
        self.colour.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.colour.setFixedSize(28, 28)
        self.colour.clicked.connect(self._next_colour)
        row.addWidget(self.colour)
        self.words = QLineEdit()
        self.words.setAccessibleName(self.tr("Words of the region"))
        self.words.setPlaceholderText(self.tr("What should be here"))
        self.words.setToolTip(
            self.tr("Words for what is painted in this colour; use words that are in the prompt too")
        )
        self.words.setMaxLength(1000)
        self.words.textEdited.connect(lambda text: self._set(words=text))
        row.addWidget(self.words, 1)
        column.addLayout(row)
        self.strength = ValueRow(
            self.tr("Strength"), 0, 2, 0.05, 1.0,
            tip=self.tr("How strongly the words are drawn to this place: 0 = not at all, 1 = usual, 2 = twice that."),
        )  # fmt: skip
        self.strength.changed.connect(lambda value: self._set(strength=float(value)))
        column.addWidget(self.strength)
        self.hide()

    def show_layer(self, layer: Layer | None) -> None:
        self.setVisible(layer is not None)
        self._id = layer.id if layer else ""
        if layer is not None and layer.region is not None:
            if self.words.text() != layer.region.words:
                self.words.setText(layer.region.words)
            self.strength.set_value(layer.region.strength)
            ratio = self.devicePixelRatioF()
            self.colour.setIcon(QIcon(blank(16, QColor(*layer.region.color), ratio)))

    def _set(self, **changes: object) -> None:
        layer = self.session.document.layer(self._id)
        assert layer.region is not None
        region = replace(layer.region, **changes)  # pyright: ignore[reportArgumentType]
        if region != layer.region:
            self.session.edit(SetProperty(layer.id, "region", region, self.tr("Change the region")))

    def _next_colour(self) -> None:
        layer = self.session.document.layer(self._id)
        assert layer.region is not None
        at = stack.COLORS.index(layer.region.color) if layer.region.color in stack.COLORS else -1
        self._set(color=stack.COLORS[(at + 1) % len(stack.COLORS)])


class LayersPanel(QWidget):
    """The list, and the chosen layer's opacity and blend mode below it."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.setObjectName("panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.session = session
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 0, 10, 8)
        column.setSpacing(4)
        self.empty = label(self.tr("What you accept, open or paint is stacked here."), "small")
        self.empty.setWordWrap(True)
        self.empty.setContentsMargins(4, 2, 4, 4)
        column.addWidget(self.empty)
        self.list = LayerList(session)
        self.model = LayerModel(session)
        self.list.setModel(self.model)
        self.list.setItemDelegate(LayerRow(self.list))
        self.list.selectionModel().currentChanged.connect(self._chosen)
        column.addWidget(self.list, 1)
        self.list.selectionModel().selectionChanged.connect(lambda *_: self._picked())
        self._background = Background(self)
        self.model.dropped.connect(self._dropped)
        self.region = RegionEditor(session)
        column.addWidget(self.region)
        self.feather = ValueRow(
            self.tr("Feather"), 0, 64, 1, 0, whole=True, unit="px",
            tip=self.tr("Softness of the mask's edge in pixels of the picture; what is painted stays as it is."),
        )  # fmt: skip
        self.feather.changed.connect(self._feather)
        self.feather.layout().setContentsMargins(4, 0, 4, 0)  # pyright: ignore[reportOptionalMemberAccess]
        column.addWidget(self.feather)
        self.properties = QWidget()
        row = QHBoxLayout(self.properties)
        row.setContentsMargins(4, 0, 4, 0)
        row.setSpacing(12)
        self.opacity = ValueRow(
            self.tr("Opacity"),
            0,
            100,
            1,
            100,
            whole=True,
            unit="%",
            tip=self.tr("How much of the layer is seen."),
        )
        self.opacity.changed.connect(self._opacity)
        row.addWidget(self.opacity, 1)
        self.blend = Choice(self.tr("Blend mode"), plain=True)
        self.blend.setToolTip(self.tr("How the layer is mixed with what is below it"))
        for mode in BLEND_MODES:
            self.blend.addItem(spoken(mode), mode)
        self.blend.activated.connect(self._blend)
        row.addWidget(self.blend)
        self.compare = icon_button("columns-2", self.tr("Compare with and without the layer"),
                                   lambda: actions.perform("picture.compare", session), side=16)  # fmt: skip
        self.compare.setCheckable(True)
        row.addWidget(self.compare)
        column.addWidget(self.properties)
        self._stretch = QWidget()
        column.addWidget(self._stretch, 1)
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(120)  # a stroke changes pixels a thousand times; one thumbnail is enough
        self._later.timeout.connect(self._thumbs)
        self._stale: set[str] = set()
        self._document = None
        self._adopt()
        session.changed.connect(self._changed)
        themes.changed.connect(self._theme)

    def head_buttons(self) -> list[QWidget]:
        """For the section's head."""
        perform = lambda name: lambda: actions.perform(name, self.session)  # noqa: E731
        return [
            icon_button("circle-dashed", self.tr("New mask"), perform("layer.new-mask"), side=16),
            icon_button(
                "message-square-text",
                self.tr("New region with words of its own"),
                perform("layer.new-region"),
                side=16,
            ),
            icon_button("folder-plus", self.tr("Group the chosen layers"), perform("layer.group"), side=16),
            icon_button("plus", self.tr("New layer"), perform("layer.new"), side=16),
            icon_button("trash-2", self.tr("Delete the layer"), perform("layer.delete"), side=16),
        ]

    def _adopt(self) -> None:
        """Listen to the document in use."""
        document = self.session.document
        if document is self._document:
            return
        if self._document is not None:
            self._document.layers_changed.disconnect(self._layers)
            self._document.layer_changed.disconnect(self._layer)
            self._document.active_changed.disconnect(self._active)
        self._document = document
        document.layers_changed.connect(self._layers)
        document.layer_changed.connect(self._layer)
        document.active_changed.connect(self._active)
        self._layers()

    def _changed(self, what: str) -> None:
        if what == "document":
            self._adopt()
        if what in ("overlay", "history", "candidates"):
            self._show_compare()

    def _show_compare(self) -> None:
        """While there is a candidate its own bar compares."""
        session = self.session
        self.compare.setVisible(session.compared_layer is not None and not session.candidates)
        self.compare.setChecked(session.comparing)

    def _layers(self) -> None:
        self.model.reload()
        self.empty.setVisible(not self.model.rowCount())
        self.list.setVisible(bool(self.model.rowCount()))
        self._stretch.setVisible(not self.model.rowCount())
        self._active()

    def _layer(self, layer_id: str) -> None:
        self._stale.add(layer_id)
        self._later.start()

    def _thumbs(self) -> None:
        for layer_id in self._stale:
            self.model.forget_thumb(layer_id)
        self._stale.clear()

    def _active(self, _: str = "") -> None:
        layer = self.session.layer
        row = self.model.row_of(layer.id) if layer else -1
        if row >= 0 and self.list.currentIndex().row() != row:
            # Said outright: with Ctrl held, as for Ctrl+J, the list would add the layer to what is chosen, and Delete take both.
            flags = QItemSelectionModel.SelectionFlag
            self.list.selectionModel().setCurrentIndex(
                self.model.index(row), flags.ClearAndSelect | flags.Rows
            )
        self.properties.setVisible(layer is not None)
        self.region.show_layer(layer if layer is not None and layer.kind == "region" else None)
        self.feather.setVisible(layer is not None and layer.paints_mask)
        if layer is not None:
            self.feather.set_value(round(layer.feather))
            self.opacity.set_value(round(layer.opacity * 100))
            self.blend.setCurrentIndex(self.blend.findData(layer.blend))
            self.blend.setVisible(not layer.paints_mask)
        self._show_compare()

    def _chosen(self, index: QModelIndex) -> None:
        layer = self.model.layer(index.row())
        if layer is not None:
            self.session.document.activate(layer.id)
            self._active()

    def _theme(self) -> None:
        self.model.forget_thumbs()
        self.list.viewport().update()

    def _picked(self) -> None:
        chosen = [self.model.layer(index.row()) for index in self.list.selectionModel().selectedRows()]
        self.session.picked = tuple(layer.id for layer in chosen if layer is not None)

    def _dropped(self, paths: list[Path]) -> None:
        for path in refuse(self.session, paths):
            if kind_of(path) == "project":
                self.session.view.open_path(path)
            else:
                rect = self.session.document.rect
                add_file(self.session, self._background, path, (rect.w / 2, rect.h / 2))

    def _feather(self, value: float) -> None:
        layer = self.session.layer
        if layer is not None and layer.paints_mask:
            self.session.edit(SetProperty(layer.id, "feather", float(value)))

    def stop(self) -> None:
        self._background.stop()

    def _opacity(self, value: float) -> None:
        layer = self.session.layer
        if layer is not None:
            self.session.edit(SetProperty(layer.id, "opacity", value / 100))

    def _blend(self) -> None:
        layer = self.session.layer
        if layer is not None and layer.blend != self.blend.currentData():
            self.session.edit(SetProperty(layer.id, "blend", self.blend.currentData()))
