"""Settings: how it looks, which keys do what, where things are. Beside the work, never in its way."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices, QHideEvent, QKeySequence, QShowEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QKeySequenceEdit,
    QLineEdit,
    QScrollArea,
    QTableWidget,
    QTableWidgetItem,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from studio import actions
from studio.core.card import ModelCard
from studio.core.paths import listed_models
from studio.session import Session
from studio.ui.language import languages, spoken
from studio.ui.theme import find_themes, read_theme
from studio.ui.widgets.basic import Choice, Elided, command_title, icon_button, label, text_button, wrapped


class SettingsDialog(QDialog):
    """Every change is in force at once and saved with the window."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.setWindowTitle(self.tr("Settings"))
        self.setModal(False)
        self.resize(640, 560)
        column = QVBoxLayout(self)
        self.tabs = QTabWidget()
        self.tabs.setAccessibleName(self.tr("Parts of the settings"))
        column.addWidget(self.tabs)
        self.tabs.addTab(self._look(), self.tr("General"))
        self.tabs.addTab(self._models(), self.tr("Models"))
        self.tabs.addTab(self._keys(), self.tr("Shortcuts"))

    def open_page(self, page: str = "") -> None:
        self.tabs.setCurrentIndex({"models": 1, "keys": 2}.get(page, 0))
        self.show()
        self.raise_()
        self.activateWindow()

    def _look(self) -> QWidget:
        page = QWidget()
        form = QFormLayout(page)
        form.setContentsMargins(12, 16, 12, 12)
        form.setSpacing(12)
        self.theme = Choice(self.tr("Theme"))
        self.theme.addItem(self.tr("As the system"), "system")
        for name in find_themes():
            self.theme.addItem(self.tr(read_theme(name).title), name)
        self.theme.setCurrentIndex(max(0, self.theme.findData(self.session.settings.theme)))
        self.theme.activated.connect(lambda _: self.session.set_theme(self.theme.currentData()))
        form.addRow(self.tr("Theme"), self.theme)
        self.language = Choice(self.tr("Language"))
        self.language.addItem(self.tr("As the system"), "system")
        for code, name in {"en": "English", **languages()}.items():
            self.language.addItem(name, code)
        self.language.setCurrentIndex(max(0, self.language.findData(self.session.settings.language)))
        self.language.activated.connect(lambda _: self.session.set_language(self.language.currentData()))
        form.addRow(self.tr("Language"), self.language)
        self.card = QCheckBox(self.tr("Draw the canvas with the graphics card"))
        self.card.setToolTip(
            self.tr(
                "Smoother on large screens with a graphics card; without one it is much slower. Off unless you say so."
            )
        )
        self.card.setChecked(self.session.settings.gpu_canvas)
        self.card.toggled.connect(self.session.set_gpu_canvas)
        form.addRow(self.tr("Canvas"), self.card)
        place = QHBoxLayout()
        path = Elided(str(self.session.home))
        place.addWidget(path, 1)
        place.addWidget(text_button(self.tr("Open the folder"), lambda: self._open(self.session.home)))
        form.addRow(self.tr("What you make is in"), place)
        return page

    def _models(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(12, 16, 12, 12)
        column.setSpacing(8)
        cards = list(self.session.cards.values())
        outer = column
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 8, 0)
        column.setSpacing(8)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setAccessibleName(self.tr("Models"))
        scroll.setWidget(body)
        outer.addWidget(scroll, 1)
        if not cards:
            column.addWidget(wrapped(self.tr("No model is here yet."), "muted"))
        listed = listed_models()
        for card in cards:
            parts = [
                f"{card.parameters / 1e6:.0f} M" if card.parameters else "",
                "" if card.lora else f"{card.sizes.native[0]} × {card.sizes.native[1]} px",
                card.licence,
            ]
            head = QHBoxLayout()
            head.addWidget(label(spoken(card.title), "title"), 1)
            if "distill" in card.abilities:
                fast = text_button(
                    self.tr("Make a fast version…"), lambda card=card: self._make_fast(card), kind="link"
                )
                fast.setAccessibleName(self.tr("Make a fast version of {0}").format(card.title))
                fast.setToolTip(
                    self.tr(
                        "Teaches a second model to draw like this one in one to eight steps, on this machine"
                    )
                )
                head.addWidget(fast)
            if card.folder in listed:
                head.addWidget(
                    icon_button(
                        "x",
                        self.tr("Use {0} no more").format(card.title),
                        lambda card=card: self._forget(card),
                        side=14,
                    )
                )
            column.addLayout(head)
            if card.summary:
                column.addWidget(wrapped(spoken(card.summary)))
            column.addWidget(label(" · ".join(part for part in parts if part), "small"))
        column.addStretch(1)
        outer.addWidget(
            wrapped(
                self.tr(
                    "A model is a folder as the diffusers library writes it, or one .safetensors file of Stable Diffusion 1, 2 or"
                    " XL. Name yours here or drop it on the window. What lies in the models folder is found by itself, also adapters"
                    " (LoRA files).",
                )
            )
        )
        row = QHBoxLayout()
        row.addWidget(
            text_button(self.tr("Add a model's folder…"), self._add_model, kind="primary", icon="plus")
        )
        row.addWidget(text_button(self.tr("Add a file…"), self._add_file, icon="plus"))
        row.addWidget(
            text_button(self.tr("Open the models folder"), lambda: self._open(self.session.home / "models"))
        )
        row.addWidget(text_button(self.tr("Look again"), self.session.pool.look_for_models))
        row.addStretch(1)
        outer.addLayout(row)
        return page

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.session.changed.connect(self._models_changed)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.session.changed.disconnect(self._models_changed, missing_ok=True)

    def _add_model(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, self.tr("Folder of the model"))
        if chosen:
            self.session.view.install_model(Path(chosen))

    def _add_file(self) -> None:
        chosen, _ = QFileDialog.getOpenFileName(
            self,
            self.tr("File of the model"),
            "",
            self.tr("Models in one file ({0})").format("*.safetensors"),
        )
        if chosen:
            self.session.view.install_model(Path(chosen))

    def _make_fast(self, card: ModelCard) -> None:
        self.session.make_fast(card)
        self.close()

    def _forget(self, card: ModelCard) -> None:
        self.session.forget_model(card)
        self.session.say(self.tr("{0} is used no more; its folder stays as it is.").format(card.title))

    def _models_changed(self, what: str) -> None:
        if what != "model":
            return
        at = self.tabs.currentIndex()
        old = self.tabs.widget(1)
        self.tabs.removeTab(1)
        self.tabs.insertTab(1, self._models(), self.tr("Models"))
        self.tabs.setCurrentIndex(at)
        if old is not None:
            old.deleteLater()

    def _open(self, folder: object) -> None:
        Path(str(folder)).mkdir(parents=True, exist_ok=True)
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))

    def _keys(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(12, 12, 12, 12)
        self.find = QLineEdit()  # pyright: ignore[reportAttributeAccessIssue]
        self.find.setPlaceholderText(self.tr("Find a command"))
        self.find.setAccessibleName(self.tr("Find a command"))
        self.find.textChanged.connect(self._narrow)
        column.addWidget(self.find)  # pyright: ignore[reportArgumentType]
        self.table = QTableWidget(len(actions.COMMANDS), 3)
        self.table.setAccessibleName(self.tr("Shortcuts"))
        self.table.setHorizontalHeaderLabels([self.tr("Command"), self.tr("Keys"), ""])
        self.table.verticalHeader().hide()
        self.table.setShowGrid(False)
        self.table.setSelectionMode(QTableWidget.SelectionMode.NoSelection)
        self.table.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.table.setColumnWidth(0, 330)
        self.table.setColumnWidth(1, 190)
        self.table.setColumnWidth(2, 34)
        for row, command in enumerate(actions.COMMANDS):
            title = QTableWidgetItem(command_title(command))
            title.setFlags(Qt.ItemFlag.ItemIsEnabled)
            self.table.setItem(row, 0, title)
            keys = actions.keys_of(command, self.session)
            edit = QKeySequenceEdit(QKeySequence(keys[0]) if keys else QKeySequence())
            edit.setMaximumSequenceLength(1)
            edit.setClearButtonEnabled(True)
            edit.setAccessibleName(command_title(command))
            for inner in edit.findChildren(QLineEdit):
                inner.setAccessibleName(command_title(command))
            edit.editingFinished.connect(lambda row=row: self._typed(row))
            edit.keySequenceChanged.connect(lambda _, row=row: self._typed(row))
            self.table.setCellWidget(row, 1, edit)
            reset = icon_button(
                "rotate-ccw",
                self.tr("Reset the keys of “{0}”").format(command_title(command)),
                lambda row=row: self._reset(row),
                side=14,
            )
            self.table.setCellWidget(row, 2, reset)
            self.table.setRowHeight(row, 34)
        column.addWidget(self.table)
        self.clash = wrapped("", "error")
        column.addWidget(self.clash)
        self._say_clashes()
        return page

    def _narrow(self, text: str) -> None:
        found = {command.id for command in actions.search(text, self.session, spoken)}
        for row, command in enumerate(actions.COMMANDS):
            self.table.setRowHidden(row, command.id not in found)

    def _typed(self, row: int) -> None:
        command = actions.COMMANDS[row]
        edit = self.table.cellWidget(row, 1)
        assert isinstance(edit, QKeySequenceEdit)
        text = edit.keySequence().toString(QKeySequence.SequenceFormat.PortableText)
        shown = actions.keys_of(command, self.session)
        if text == (
            QKeySequence(shown[0]).toString(QKeySequence.SequenceFormat.PortableText) if shown else ""
        ):
            return
        keys = [text] if text else []
        self.session.set_shortcut(command.id, None if tuple(keys) == command.keys else keys)
        self._say_clashes()

    def _reset(self, row: int) -> None:
        command = actions.COMMANDS[row]
        self.session.set_shortcut(command.id, None)
        edit = self.table.cellWidget(row, 1)
        assert isinstance(edit, QKeySequenceEdit)
        edit.setKeySequence(QKeySequence(command.keys[0]) if command.keys else QKeySequence())
        self._say_clashes()

    def _say_clashes(self) -> None:
        lines = []
        for key, ids in actions.clashes(self.session).items():
            titles = [command_title(actions.BY_ID[i]) for i in ids]
            lines.append(
                self.tr("{0} is wanted by {1}; only the first will get it.").format(
                    key.title(), self.tr(" and ").join(titles)
                )
            )
        self.clash.setText(" ".join(lines))
        self.clash.setVisible(bool(lines))
