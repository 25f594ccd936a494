"""The form for the technique in use, made from its schema, and the button that sends it.

A field's `widget` chooses its control; a field that says nothing gets one by its type. What is `advanced` is folded away.
A new technique needs no line here.
"""

from __future__ import annotations

import types
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin

import annotated_types
from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QCheckBox,
    QFileDialog,
    QHBoxLayout,
    QInputDialog,
    QLayout,
    QLineEdit,
    QMenu,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from studio import actions
from studio.core.job import TECHNIQUES
from studio.core.sketch import follows
from studio.session import CANVAS, Session, workspace_of
from studio.ui.exchange import CLIPS
from studio.ui.language import spoken
from studio.ui.theme import tint
from studio.ui.widgets.basic import (
    Choice,
    chip,
    icon_button,
    label,
    set_kind,
    text_button,
    wrapped,
)
from studio.ui.widgets.images import Background
from studio.ui.widgets.prompt import PromptBox
from studio.ui.widgets.value import Number, SeedRow, ValueRow


class TechniquePanel(QWidget):
    """Follows the session's technique; every change goes straight into it. A picture dropped here gives its settings."""

    short = Signal(int)
    """Pixels of a new form that find no room."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.setObjectName("panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.session = session
        self._fields: dict[str, Field] = {}
        self._tokens = _Tokens(self)
        self._tokens.ready.connect(self._recount)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setAccessibleName(self.tr("Settings of the technique"))
        self._scroll.verticalScrollBar().rangeChanged.connect(self._check_room)
        self._new = QTimer(self, singleShot=True, interval=400)
        """Runs while a new form finds its size; afterwards the panel is as high as the user wants."""
        outer.addWidget(self._scroll, 1000)
        foot = QVBoxLayout()
        foot.setContentsMargins(14, 6, 14, 12)
        foot.setSpacing(6)
        self.draw = text_button(self.tr("Draw"), self.session.draw, kind="primary", icon="play")
        self.draw.setMinimumHeight(36)
        self.live = icon_button(
            "activity", self.tr("Live preview"), lambda: session.set_live(not session.settings.live), side=18
        )
        self.live.setCheckable(True)
        self._live: bool | None = None
        self.live.setFixedSize(36, 36)
        line = QHBoxLayout()
        line.setSpacing(6)
        line.addWidget(self.draw, 1)
        line.addWidget(self.live)
        foot.addLayout(line)
        self.cost = wrapped("", "small")
        self.cost.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        foot.addWidget(self.cost)
        outer.addLayout(foot)
        self._foot = foot
        outer.addStretch(1)  # the button follows the form; what room is left is below
        self.chooser = Choice(self.tr("Technique"))
        self.chooser.setProperty("kind", "title")
        self.chooser.activated.connect(lambda at: session.set_technique(self.chooser.itemData(at)))
        self.setAcceptDrops(True)
        self._background = Background(self)
        self._build()
        session.changed.connect(self._changed)

    # --- making the form --------------------------------------------------------------------------------

    def _build(self) -> None:
        session = self.session
        technique = TECHNIQUES[session.technique]
        self._shows = session.technique
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(14, 2, 14, 6)
        column.setSpacing(8)
        self._fields = {}
        self.prompt: PromptBox | None = None
        advanced: list[str] = []
        self._fill_chooser()
        if session.technique != "text2image":
            column.addWidget(wrapped(spoken(technique.blurb)))
        for name, info in technique.model_fields.items():
            if name == "name":
                continue
            extra = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
            if name == "prompt":
                # its first sentence says what to type, whatever the technique
                tip = spoken(info.description or "")
                self.prompt = PromptBox(spoken(info.title or name), tip.split(". ")[0].rstrip("."))
                self.prompt.setToolTip(tip)
                self.prompt.edit.set_text(session.prompt)
                self.prompt.edit.past = list(session.settings.past)
                self.prompt.count = self._tokens.count  # pyright: ignore[reportAttributeAccessIssue]
                self.prompt.recount()
                self.prompt.typed.connect(session.set_prompt)
                self.prompt.description = lambda: session.description
                self.prompt.word_asked.connect(session.find_word)
                self.prompt.offer_words(self._has_words_to_find())
                column.addWidget(self.prompt)
            elif extra.get("advanced"):
                advanced.append(name)
            elif extra.get("widget") != "size":
                self._add(name, column)
        if "image_guidance" in technique.model_fields and session.workspace == "paint":
            scales = text_button(
                self.tr("Choose the scales by eye…"),
                lambda: session.view.show_side_by_side(scales=True),
                kind="link",
            )
            scales.setToolTip(self.tr("Draws a small grid of both scales, with the same seed"))
            column.addWidget(scales)
        self._size_row(column, technique)
        self._model_row(column)
        self.seed = SeedRow(
            self.tr("Seed"),
            self.tr(
                "The same seed with the same settings makes the same picture. Unlocked, every Draw uses a new one."
            ),
        )
        self.seed.set_value(session.seed)
        self.seed.changed.connect(session.set_seed)
        self._keep = icon_button("lock-open", self.tr("Keep the seed"), self._toggle_keep, side=16)
        self._keep.setCheckable(True)
        self.seed.layout().addWidget(self._keep)  # pyright: ignore[reportOptionalMemberAccess]
        column.addWidget(self.seed)
        self._show_keep()
        self.count = ValueRow(
            self.tr("Candidates"), 1, 16, 1, 1, whole=True, slider=False,
            tip=self.tr("How many pictures to draw, each with the next seed. Default 1; try 4 to choose from."),
        )  # fmt: skip
        self.count.set_value(session.settings.count)
        self.count.changed.connect(lambda value: session.set_count(int(value or 1)))
        column.addWidget(self.count)
        # not before: without a parent it would be a window of its own
        self.count.setVisible(not technique.teaches)
        self._advanced_part(column, advanced)
        column.addStretch(1)
        self._new.start()
        body.installEventFilter(self)
        self._scroll.setWidget(body)
        self._fit()
        self._tokens.use(session.card.folder if session.card else None)
        self._refresh()

    def _has_words_to_find(self) -> bool:
        session = self.session
        return (
            session.workspace == "paint"
            and session.technique_class.ability != "instruct"
            and bool(session.document.layers)
            and bool(session.offered("wordmap"))
        )

    def _fill_chooser(self) -> None:
        """The techniques of this workspace that some model here can do."""
        here = self.session.workspace
        names = [name for name in TECHNIQUES if workspace_of(name) == here and self.session.offered(name)]
        if self.session.technique not in names:
            names.insert(0, self.session.technique)
        box = self.chooser
        box.blockSignals(True)
        box.clear()
        for at, name in enumerate(names):
            box.addItem(spoken(TECHNIQUES[name].title), name)
            box.setItemData(at, spoken(TECHNIQUES[name].blurb), Qt.ItemDataRole.ToolTipRole)
        box.setCurrentIndex(names.index(self.session.technique))
        box.setEnabled(len(names) > 1)
        box.setToolTip(spoken(TECHNIQUES[self.session.technique].blurb))
        box.blockSignals(False)

    def _add(self, name: str, column: QVBoxLayout) -> None:
        field = make_field(self.session, name)
        self._fields[name] = field
        column.addWidget(field)

    def _size_row(self, column: QVBoxLayout, technique: type[Any]) -> None:
        """Width and height share a line; empty, the generation box or the model decides."""
        if "width" not in technique.model_fields:
            return
        self._size = SizeRow(self.session)
        self._fields["width"] = self._size
        column.addWidget(self._size)

    def _model_row(self, column: QVBoxLayout) -> None:
        row = QHBoxLayout()
        name = label(self.tr("Model"), "small")
        row.addWidget(name)
        row.addStretch(1)
        self.model = Choice(self.tr("Model"), plain=True)
        self.model.setMaximumWidth(220)
        name.setBuddy(self.model)
        for card in self.session.offered():
            self.model.addItem(spoken(card.title), card.id)
            at = self.model.count() - 1
            size = self.tr("{0} x {1} px").format(*card.sizes.native)
            parts = [
                spoken(card.summary),
                size,
                f"{card.parameters / 1e6:.0f} M" if card.parameters else "",
                card.licence,
            ]
            self.model.setItemData(at, " · ".join(p for p in parts if p), Qt.ItemDataRole.ToolTipRole)
        if self.session.card is not None:
            self.model.setCurrentIndex(self.model.findData(self.session.card.id))
        else:
            self.model.addItem(self.tr("none here"), "")
            self.model.setEnabled(False)
        self.model.currentIndexChanged.connect(lambda at: self.session.set_model(self.model.itemData(at)))
        row.addWidget(self.model)
        column.addLayout(row)

    def _advanced_part(self, column: QVBoxLayout, names: list[str]) -> None:
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        self._more = text_button(self.tr("Advanced"), self._toggle_advanced, kind="link")
        row.addWidget(self._more)
        row.addStretch(1)
        presets = text_button(self.tr("Presets"), kind="link", icon="bookmark")
        presets.clicked.connect(lambda: self._presets(presets))
        row.addWidget(presets)
        column.addLayout(row)
        self._advanced = QWidget()
        inner = QVBoxLayout(self._advanced)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(8)
        self._unbuilt = (names, inner)  # made when they are first looked at: most never are
        column.addWidget(self._advanced)
        self._more.setVisible(bool(names))
        self._show_advanced()

    def _toggle_advanced(self) -> None:
        self.session.settings.advanced = not self.session.settings.advanced
        self._show_advanced()

    def _show_advanced(self) -> None:
        shown = self.session.settings.advanced
        if shown and self._unbuilt[0]:
            names, inner = self._unbuilt
            self._unbuilt = ([], inner)
            for name in names:
                self._add(name, inner)
            self._show_own()
        self._advanced.setVisible(shown)
        tint(self._more, "chevron-down" if shown else "chevron-right", side=14, gap=4)

    def _toggle_keep(self) -> None:
        self.session.set_keep_seed(self._keep.isChecked())

    def _show_keep(self) -> None:
        keep = self.session.settings.keep_seed
        self._keep.setChecked(keep)
        tint(self._keep, "lock" if keep else "lock-open", side=16)
        self._keep.setToolTip(
            self.tr("The seed is kept")
            if keep
            else self.tr("Every Draw throws a new seed; press to keep this one")
        )

    def _presets(self, button: QWidget) -> None:
        menu = QMenu(self)
        menu.setAccessibleName(self.tr("Presets"))
        names = self.session.presets()
        for name in names:
            menu.addAction(name, lambda name=name: self.session.use_preset(name))
        if names:
            menu.addSeparator()
        menu.addAction(self.tr("Save these settings as a preset…"), self._save_preset)
        if names:
            removal = menu.addMenu(self.tr("Remove a preset"))
            for name in names:
                removal.addAction(name, lambda name=name: self.session.remove_preset(name))
        menu.popup(button.mapToGlobal(button.rect().bottomLeft()))

    def _save_preset(self) -> None:
        name, good = QInputDialog.getText(self, self.tr("Save a preset"), self.tr("Name of the preset"))
        if good and name.strip():
            self.session.save_preset(name)

    # --- following the session ------------------------------------------------------------------------------

    def _changed(self, what: str) -> None:
        if what in ("technique", "model"):
            # Not at once: the signal may come from a widget that rebuilding would delete under its own hands.
            QTimer.singleShot(0, self, self._rebuild)
            return
        if self._shows != self.session.technique:
            return  # the form is about to be made anew
        if what == "prompt" and self.prompt is not None:
            self.prompt.edit.set_text(self.session.prompt)
        if what == "values":
            for field in self._fields.values():
                field.show_value()
            self.count.set_value(self.session.settings.count)
        if what == "seed":
            self.seed.set_value(self.session.seed)
            self._show_keep()
        if what == "settings" and self.prompt is not None:
            self.prompt.edit.past = list(self.session.settings.past)
        if what in ("prompt", "values", "history", "forecast", "seed", "document", "live"):
            self._refresh()

    def _rebuild(self) -> None:
        had_focus = self.prompt is not None and self.prompt.edit.hasFocus()
        self._build()
        if had_focus and self.prompt is not None:
            self.prompt.edit.setFocus()

    def _recount(self) -> None:
        if self.prompt is not None:
            self.prompt.recount()

    def _refresh(self) -> None:
        """The button and the line below it."""
        if self.prompt is not None:
            self.prompt.offer_words(self._has_words_to_find())
            card = self.session.card
            if card is not None:
                self.prompt.show_unknown(card.unknown(self.session.prompt), card.knows)
        why = spoken(self.session.why_not())
        self.draw.setEnabled(not why)
        self.live.setVisible(self.session.workspace == "paint")
        live = self.session.settings.live
        if live != self._live:
            self._live = live
            self._show_live(live)
        word = (
            self.tr("Finish")
            if live and follows(self.session.technique)
            else self.tr("Draw")
            if TECHNIQUES[self.session.technique].ability == "text2image"
            else self.tr("Make music")
            if self.session.technique in ("text2music", "melody2music")
            else self.tr("Begin")
            if TECHNIQUES[self.session.technique].teaches or self.session.technique == "finetune-music"
            else self.tr("Apply")
        )
        if TECHNIQUES[self.session.technique].ability in ("text2video", "image2video"):
            word = self.tr("Make the clip")
        self.draw.setText(word)
        self.draw.setAccessibleName(word)
        self.draw.setToolTip(why or self.tr("Ctrl+Enter"))
        note = spoken(self.session.live_note) if live else ""
        self.cost.setText(why or "\n".join(filter(None, [self.forecast_line(), note])))
        self._show_own()

    def _show_live(self, live: bool) -> None:
        self.live.setChecked(live)
        tint(self.live, "activity", "accent" if live else "muted", 18)
        self.live.setToolTip(
            self.tr(
                "Live preview is on: a quick picture follows every change; press to turn it off (Ctrl+Shift+L)"
            )
            if live
            else self.tr(
                "Live preview: a quick picture follows words, brush, mask and sliders (Ctrl+Shift+L)"
            )
        )

    def _show_own(self) -> None:
        """What "the model's own" is, in the fields that are left to it."""
        card = self.session.card
        own = card.own(self.session.moves) if card else {}
        if "overlap" in self._fields:  # nothing is drawn that could look back
            self._fields["overlap"].setVisible(not self.session.moves)
        for name, field in self._fields.items():
            if isinstance(field, NumberField) and card is not None:
                field.row.set_own(own.get(name))
            if isinstance(field, ChoiceField) and card is not None:
                field.set_own(own.get(name))
            if isinstance(field, SizeRow | SourceField | RegionsField | MelodyField | KeyMasksField):
                field.show_value()  # what is on the canvas may be another now

    # --- settings out of a picture ----------------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()

    def dropEvent(self, event: QDropEvent) -> None:
        from studio.media.metadata import read_settings, to_spec

        path = next(url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile())
        known = list(self.session.cards)

        def use(found: tuple[Any, list[str]]) -> None:
            self.session.use_spec(found[0])
            self.session.say(
                " ".join(
                    [
                        self.tr("The settings of {0} are in use.").format(Path(path).name),
                        *map(spoken, found[1]),
                    ]
                )
            )

        self._background.run(
            lambda: to_spec(read_settings(path), models=known),
            use,
            lambda error: self.session.say(str(error), "warn"),
        )
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:
            self._fit()
        return False

    def _fit(self) -> None:
        """The form takes no more room than it needs."""
        self._scroll.setMaximumHeight(self._form().height() + 2)

    def _check_room(self, _least: int, hidden: int) -> None:
        if hidden > 0 and self._new.isActive():
            self.short.emit(hidden + 8)

    def _form(self) -> QSize:
        """Room that shows all of the form."""
        layout = self._scroll.widget().layout()  # pyright: ignore[reportOptionalMemberAccess]
        assert layout is not None
        least = layout.minimumSize().width()
        return QSize(least, _height(layout, max(self._scroll.viewport().width(), least)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def sizeHint(self) -> QSize:
        """All of it, so that nothing scrolls where there is room."""
        form = self._form()
        return QSize(max(form.width(), 300), form.height() + _height(self._foot, self.width()) + 2)

    def forecast_line(self) -> str:
        """ "about 2.1 s · 0.4 GB · 4 candidates", as far as it is known."""
        forecast = self.session.forecast()
        parts = []
        if forecast.seconds is None:
            unknown = {
                "paint": self.tr("time unknown until the first picture"),
                "film": self.tr("time unknown until the first clip"),
                "music": self.tr("time unknown until the first sound"),
            }
            parts.append(unknown[self.session.workspace])
        else:
            text = duration(forecast.seconds)
            parts.append(
                self.tr("roughly {0}").format(text) if forecast.rough else self.tr("about {0}").format(text)
            )
        if forecast.memory_mb:
            parts.append(self.tr("{0:.1f} GB").format(forecast.memory_mb / 1024))
        if self.session.technique_class.teaches:
            return " · ".join([*parts, self.tr("one new model")])
        one, many = self.tr("1 candidate"), self.tr("{0} candidates")
        if self.session.workspace != "paint":
            one, many = self.tr("1 take"), self.tr("{0} takes")
        parts.append(one if forecast.count == 1 else many.format(forecast.count))
        return " · ".join(parts)


def duration(seconds: float) -> str:
    """Seconds in the words of a person: 0.4 s, 12 s, 3 min, 2 h."""
    if seconds < 10:
        seconds = max(seconds, 0.1)
        return f"{seconds:.1f} s"
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"


# --- one control per field ------------------------------------------------------------------------------------------


def _height(layout: QLayout, width: int) -> int:
    return layout.totalHeightForWidth(width) if layout.hasHeightForWidth() else layout.sizeHint().height()


class Field(QWidget):
    """A control for one field of the technique."""

    def __init__(self, session: Session, name: str) -> None:
        super().__init__()
        self.session, self.name = session, name
        self.info = session.technique_class.model_fields[name]
        self.extra: dict[str, Any] = (
            self.info.json_schema_extra if isinstance(self.info.json_schema_extra, dict) else {}
        )
        self.title = spoken(self.info.title or name.replace("_", " ").capitalize())
        self.about = spoken(self.info.description or "")

    def tip(self, low: Any = None, high: Any = None) -> str:
        """What it does, its range, its default and the field's own name."""
        parts = [self.about]
        if low is not None and high is not None:
            parts.append(self.tr("Range {0} to {1}.").format(low, high))
        if not self.info.is_required() and self.info.default is not None and self.info.default != "":
            parts.append(self.tr("Default {0}.").format(self.info.default))
        return "\n".join([" ".join(p for p in parts if p), self.name])

    def put(self, value: Any) -> None:
        self.session.set_value(self.name, value)

    def show_value(self) -> None:
        raise NotImplementedError


class NumberField(Field):
    def __init__(self, session: Session, name: str, whole: bool) -> None:
        super().__init__(session, name)
        low, high = limits(self.info, whole)
        step = float(self.extra.get("step") or (1 if whole else 0.05))
        shown_high = (
            min(high, 100.0) if self.extra.get("widget") == "slider" and self.name == "steps" else high
        )
        self.row = ValueRow(
            self.title, low, shown_high, step, None if self.info.is_required() else self.info.default, whole=whole,
            unit=str(self.extra.get("unit", "")), tip=self.tip(f"{low:g}", f"{high:g}"), slider=self.extra.get("widget") == "slider",
        )  # fmt: skip
        self.row.number.setMaximum(high)
        self.row.changed.connect(self.put)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.row)
        self.show_value()

    def show_value(self) -> None:
        self.row.set_value(self.session.value(self.name))


class ChoiceField(Field):
    def __init__(self, session: Session, name: str, choices: tuple[Any, ...], optional: bool) -> None:
        super().__init__(session, name)
        self._choices = choices
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        head = label(self.title, "small")
        row.addWidget(head)
        row.addStretch(1)
        self.box = Choice(self.title, plain=True)
        self.box.setToolTip(self.tip())
        head.setBuddy(self.box)
        if optional:
            self.box.addItem(self.tr("the model's own"), None)
        for choice in choices:
            self.box.addItem(spoken(str(choice)), choice)
        row.addWidget(self.box)
        self.show_value()
        self.box.currentIndexChanged.connect(lambda at: self.put(self.box.itemData(at)))

    def set_own(self, own: Any) -> None:
        if own is not None and self.box.itemData(0) is None:
            self.box.setItemText(0, self.tr("{0} (the model's own)").format(spoken(str(own))))

    def show_value(self) -> None:
        self.box.blockSignals(True)
        self.box.setCurrentIndex(max(0, self.box.findData(self.session.value(self.name))))
        self.box.blockSignals(False)


class TextField(Field):
    def __init__(self, session: Session, name: str) -> None:
        super().__init__(session, name)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        head = label(self.title, "small")
        column.addWidget(head)
        self.box = PromptBox(self.title, self.about, lines=1)
        self.box.setToolTip(self.tip())
        self.box.hint.hide()
        self.box.tokens.hide()
        head.setBuddy(self.box.edit)
        self.box.typed.connect(self.put)
        column.addWidget(self.box)
        self.show_value()

    def show_value(self) -> None:
        self.box.edit.set_text(str(self.session.value(self.name) or ""))


class LineField(Field):
    """A short text on one line."""

    def __init__(self, session: Session, name: str) -> None:
        super().__init__(session, name)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        head = label(self.title, "small")
        row.addWidget(head, 1)
        self.edit = QLineEdit()
        self.edit.setAccessibleName(self.title)
        self.edit.setToolTip(self.tip())
        self.edit.textEdited.connect(self.put)
        head.setBuddy(self.edit)
        row.addWidget(self.edit, 1)
        self.show_value()

    def show_value(self) -> None:
        self.edit.setText(str(self.session.value(self.name) or ""))


class FolderField(Field):
    """A folder: chosen in the system's dialog, or dropped here."""

    def __init__(self, session: Session, name: str) -> None:
        super().__init__(session, name)
        self.setAcceptDrops(True)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(label(self.title, "small"), 1)
        self.button = text_button("", self._ask)
        self.button.setToolTip(self.tip())
        row.addWidget(self.button)
        self.show_value()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(Path(url.toLocalFile()).is_dir() for url in event.mimeData().urls() if url.isLocalFile()):
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()

    def dropEvent(self, event: QDropEvent) -> None:
        paths = (url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile())
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        self._choose(next(path for path in paths if Path(path).is_dir()))

    def _ask(self) -> None:
        before = str(self.session.value(self.name) or "")
        if path := QFileDialog.getExistingDirectory(self, self.tr("Choose a folder"), before):
            self._choose(path)

    def _choose(self, path: str) -> None:
        self.put(path)
        self.show_value()

    def show_value(self) -> None:
        name = Path(str(self.session.value(self.name) or "")).name
        self.button.setText(name if len(name) <= 24 else name[:23] + "…")
        if not name:
            self.button.setText(self.tr("Choose a folder…"))
        self.button.setAccessibleName(f"{self.title}: {self.button.text()}")


class SwitchField(Field):
    def __init__(self, session: Session, name: str) -> None:
        super().__init__(session, name)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        self.box = QCheckBox(self.title)
        self.box.setToolTip(self.tip())
        self.box.setAccessibleName(self.title)
        self.box.toggled.connect(self.put)
        row.addWidget(self.box)
        self.show_value()

    def show_value(self) -> None:
        self.box.blockSignals(True)
        self.box.setChecked(bool(self.session.value(self.name)))
        self.box.blockSignals(False)


class PairField(Field):
    """Two numbers, from and to."""

    def __init__(self, session: Session, name: str) -> None:
        super().__init__(session, name)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        row.addWidget(label(self.title, "small"), 1)
        self.ends: list[Number] = []
        for at, word in enumerate((self.tr("from"), self.tr("to"))):
            number = Number()
            number.setRange(0, 1)
            number.setSingleStep(0.05)
            number.setDecimals(2)
            number.setFixedWidth(52)
            number.setAccessibleName(f"{self.title}, {word}")
            number.setToolTip(self.tip())
            number.valueChanged.connect(lambda value, at=at: self._moved(at, value))
            if at:
                row.addWidget(label("–", "small"))
            row.addWidget(number)
            self.ends.append(number)
        self.show_value()

    def _moved(self, at: int, value: float) -> None:
        low, high = (number.value() for number in self.ends)
        self.put(
            (min(low, value), max(low, value))
            if at == 0 and value > high
            else (min(low, high), max(low, high))
        )
        self.show_value()

    def show_value(self) -> None:
        for number, value in zip(self.ends, self.session.value(self.name)):
            number.blockSignals(True)
            number.setValue(value)
            number.blockSignals(False)


class SourceField(Field):
    """A picture, mask or sound: what is on the canvas or in the take in view, or a file."""

    def __init__(self, session: Session, name: str) -> None:
        super().__init__(session, name)
        self._line = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._line.setContentsMargins(0, 0, 0, 0)
        self._line.setSpacing(4)
        self._head = label(self.title, "small")
        self._line.addWidget(self._head, 1)
        self._chips = QWidget()
        row = QHBoxLayout(self._chips)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        self._line.addWidget(self._chips, 0, Qt.AlignmentFlag.AlignRight)
        self._heard = session.from_take(name)
        self.canvas = chip(self.tr("on the canvas"), run=lambda: self._choose(CANVAS))
        self.file = chip(self.tr("a file"), run=self._ask)
        self.none = chip(
            self.tr("all of it") if self._heard else self.tr("none"), run=lambda: self._choose(None)
        )
        self.none.setHidden(self.info.is_required())
        for made in (self.none, self.canvas, self.file):
            made.setToolTip(self.tip())
            made.setAccessibleName(f"{self.title}: {made.text()}")
            row.addWidget(made)
        self.setAcceptDrops(True)
        self.show_value()

    def minimumSizeHint(self) -> QSize:
        wide = max(self._head.sizeHint().width(), self._chips.sizeHint().width())
        return QSize(wide, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The name stands above its choices where one line is too short for both."""
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        both = self._head.sizeHint().width() + self._line.spacing() + self._chips.sizeHint().width()
        way = QBoxLayout.Direction
        self._line.setDirection(way.LeftToRight if both <= self.width() else way.TopToBottom)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()

    def dropEvent(self, event: QDropEvent) -> None:
        """A picture file is what this field takes, not settings."""
        path = next(url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile())
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        self._choose({"path": path, "sha256": ""})

    def _choose(self, value: Any) -> None:
        self.put(value)
        self.show_value()  # a click on what is chosen already would take the mark away

    def _ask(self) -> None:
        sound = self.extra.get("widget") == "sound"
        path, _ = QFileDialog.getOpenFileName(
            self,
            self.tr("Choose a sound") if sound else self.tr("Choose a picture"),
            "",
            self.tr("Sounds (*.wav *.flac *.ogg *.mp3 *.opus *.m4a *.aiff)")
            if sound
            else self.tr("Pictures (*.png *.jpg *.jpeg *.webp *.avif *.tif *.tiff *.bmp *.gif)"),
        )
        if path:
            self.put({"path": path, "sha256": ""})
        self.show_value()

    def show_value(self) -> None:
        value = self.session.value(self.name)
        without = value is None and not self.info.is_required()
        from_canvas = value == CANVAS or (value is None and not without)
        self.none.setChecked(without)
        self.canvas.setChecked(from_canvas)
        self.file.setChecked(not from_canvas and not without)
        path = value.get("path") if isinstance(value, dict) else getattr(value, "path", "")
        name = Path(str(path)).name if path and not from_canvas else ""
        self.file.setText(
            name if len(name) <= 18 else name[:17] + "…" if name else self.tr("a file")
        ) if name else self.file.setText(self.tr("a file"))
        if self._heard:
            self.canvas.setText(self._take())
        elif self.extra.get("widget") == "mask":
            self.canvas.setText(self._canvas_mask() if from_canvas else self.tr("on the canvas"))
        self._arrange()

    def _take(self) -> str:
        """What would be taken now, of the take in view or of the one it is compared with."""
        takes = self.session.takes
        if self.extra.get("widget") == "mask":
            return self.tr("what is marked") if takes.marked() else self.tr("nothing is marked")
        take = takes.other if self.session.which_take(self.name) else takes.shown
        if take is None:
            return (
                self.tr("no second take yet")
                if self.session.which_take(self.name)
                else self.tr("no take yet")
            )
        return take.name if len(take.name) <= 18 else take.name[:17] + "…"

    def _canvas_mask(self) -> str:
        """What would be taken now."""
        session = self.session
        if not session.has_mask():
            return self.tr("no mask yet")
        masks = any(layer.kind == "mask" and layer.pixels.size for layer in session.document.layers)
        return self.tr("the mask") if masks else self.tr("the selection")


class MelodyField(Field):
    """The notes of the tune: as they were found in the take and mended there, else as they will be found."""

    def __init__(self, session: Session, name: str) -> None:
        super().__init__(session, name)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(label(self.title, "small"))
        row.addStretch(1)
        self.count = label("", "small")
        row.addWidget(self.count)
        self.back = icon_button(
            "rotate-ccw", self.tr("Take the notes of the take in view"), lambda: self.put(()), side=12
        )
        self.back.setFixedSize(20, 20)
        row.addWidget(self.back)
        self.setToolTip(self.tip())
        self.show_value()

    def show_value(self) -> None:
        session, notes = self.session, self.session.value(self.name)
        self.back.setHidden(not notes)
        if notes:
            text = self.tr("{0} from an earlier request").format(len(notes))
        elif session.value("sound") == CANVAS and session.takes.notes():
            text = self.tr("{0} of the take in view").format(len(session.takes.notes()))
        else:
            text = self.tr("found when it is made")
        self.count.setText(text)


class ClipField(SourceField):
    """A clip: the one that is chosen on the timeline, or a file."""

    def _ask(self) -> None:
        endings = " ".join(f"*{ending}" for ending in sorted(CLIPS | {".gif"}))
        path, _ = QFileDialog.getOpenFileName(
            self, self.tr("Choose a clip"), "", self.tr("Clips ({0})").format(endings)
        )
        if path:
            self.put({"path": path, "sha256": ""})
        self.show_value()

    def show_value(self) -> None:
        super().show_value()
        found = self.session.film.chosen
        name = found[1].name if found is not None and found[1].media.kind == "video" else ""
        short = name if len(name) <= 18 else name[:17] + "…"
        self.canvas.setText(short or self.tr("no clip is chosen"))
        self.canvas.setAccessibleName(f"{self.title}: {self.canvas.text()}")
        self._arrange()


class KeyMasksField(Field):
    """The masks that were painted on the chosen clip, and how to paint one."""

    def __init__(self, session: Session, name: str) -> None:
        super().__init__(session, name)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(label(self.title, "small"))
        row.addStretch(1)
        self.count = label("", "small")
        row.addWidget(self.count)
        self.paint = icon_button(
            "circle-dashed",
            self.tr("Paint a mask on the clip"),
            lambda: actions.perform("film.mask", session),
            side=16,
        )
        row.addWidget(self.paint)
        self.setToolTip(self.tip())
        self.show_value()

    def show_value(self) -> None:
        own, painted = self.session.value(self.name), len(self.session.film.masks())
        if painted:
            text = self.tr("{0} on the clip").format(painted)
        elif own:
            text = self.tr("{0} from an earlier request").format(len(own))
        else:
            text = self.tr("all of it")
        self.count.setText(text)


class RegionsField(Field):
    """The regions on the canvas that have words, and how to make one."""

    def __init__(self, session: Session, name: str) -> None:
        super().__init__(session, name)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(label(self.title, "small"))
        row.addStretch(1)
        self.count = label("", "small")
        row.addWidget(self.count)
        self.back = icon_button(
            "rotate-ccw", self.tr("Take the regions on the canvas"), lambda: self.put(CANVAS), side=12
        )
        self.back.setFixedSize(20, 20)
        row.addWidget(self.back)
        self.add = icon_button("plus", self.tr("New region with words of its own"), self._add, side=16)
        row.addWidget(self.add)
        self.setToolTip(self.tip())
        self.show_value()

    def _add(self) -> None:
        self.put(CANVAS)
        actions.perform("layer.new-region", self.session)

    def show_value(self) -> None:
        value = self.session.value(self.name)
        count = len(self.session.regions()) if value == CANVAS else len(value or ())
        self.back.setHidden(value == CANVAS)
        text = self.tr("1 on the canvas") if count == 1 else self.tr("{0} on the canvas").format(count)
        self.count.setText(text if value == CANVAS else self.tr("{0} from an earlier request").format(count))


class AdaptersField(Field):
    """LoRA files that are laid over the model, each with its strength, and which others there are."""

    def __init__(self, session: Session, name: str) -> None:
        super().__init__(session, name)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(2)
        head = QHBoxLayout()
        head.addWidget(label(self.title, "small"))
        head.addStretch(1)
        self.none = label("", "small")
        head.addWidget(self.none)
        self.add = icon_button("plus", self.tr("Lay an adapter over the model"), self._offer, side=16)
        head.addWidget(self.add)
        self._column.addLayout(head)
        self.rows: dict[str, ValueRow] = {}
        self._lines: list[QWidget] = []
        self.setToolTip(self.tip())
        self.show_value()

    def _used(self) -> dict[str, float]:
        """{name: strength} of what is set."""
        value = self.session.value(self.name) or ()
        return {
            (one["name"] if isinstance(one, dict) else one.name): float(
                one.get("strength", 1) if isinstance(one, dict) else one.strength
            )
            for one in value
        }

    def _write(self, used: dict[str, float]) -> None:
        self.put(tuple({"name": name, "strength": strength} for name, strength in used.items()))

    def _offer(self) -> None:
        menu = QMenu(self)
        menu.setAccessibleName(self.title)
        used = self._used()
        for card in self.session.adapters():
            if card.id not in used:
                entry = menu.addAction(
                    spoken(card.title), lambda name=card.id: self._write({**self._used(), name: 1.0})
                )
                entry.setToolTip(spoken(card.summary))
        if menu.isEmpty():
            entry = menu.addAction(self.tr("No other adapter here fits this model"))
            entry.setEnabled(False)
            menu.addAction(self.tr("Where to put them…"), lambda: self.session.view.show_settings("models"))
        menu.popup(self.add.mapToGlobal(self.add.rect().bottomLeft()))

    def show_value(self) -> None:
        used = self._used()
        self.none.setText("" if used else self.tr("none"))
        if list(self.rows) != list(used):
            for line in self._lines:
                self._column.removeWidget(line)
                line.hide()
                line.deleteLater()
            self.rows, self._lines = {}, []
            for name in used:
                self._add_row(name)
        for name, strength in used.items():
            self.rows[name].set_value(strength)

    def _add_row(self, name: str) -> None:
        card = self.session.cards.get(name)
        title = spoken(card.title) if card else name
        line = QWidget()
        row = QHBoxLayout(line)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        tip = self.tr(
            "How strongly {0} changes the model. Range -2 to 2, 1 = as it was made, 0.5 = half of it."
        ).format(title)
        value = ValueRow(title, -2, 2, 0.05, 1.0, tip=tip)
        value.changed.connect(
            lambda strength, name=name: self._write({**self._used(), name: float(strength)})
        )
        row.addWidget(value, 1)
        away = icon_button("x", self.tr("Take {0} off").format(title), lambda: self._take_off(name), side=14)
        row.addWidget(away, 0, Qt.AlignmentFlag.AlignTop)
        self._column.addWidget(line)
        self._lines.append(line)
        self.rows[name] = value

    def _take_off(self, name: str) -> None:
        self._write({other: strength for other, strength in self._used().items() if other != name})
        self.show_value()


class SizeRow(Field):
    """Width x height. Left alone, the generation box decides where the model can draw it, else the model's own size."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, "width")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        row.addWidget(label(self.tr("Size"), "small"), 1)
        self._reset = icon_button("rotate-ccw", self.tr("Size of the generation box"), self._own, side=12)
        self._reset.setFixedSize(20, 20)
        row.addWidget(self._reset)
        self.sides: list[Number] = []
        for at, name in enumerate(("width", "height")):
            number = Number()
            number.setDecimals(0)
            number.setRange(8, 16384)
            number.setFixedWidth(52)
            info = session.technique_class.model_fields[name]
            number.setAccessibleName(spoken(info.title or name))
            number.setToolTip(spoken(info.description or ""))
            number.valueChanged.connect(self._typed)
            if at:
                row.addWidget(label("×", "small"))
            row.addWidget(number)
            self.sides.append(number)
        row.addWidget(label("px", "small"))
        self.show_value()

    def _typed(self) -> None:
        card = self.session.card
        wide, high = (int(number.value()) for number in self.sides)
        if card is not None:
            wide, high = card.sizes.nearest(wide), card.sizes.nearest(high)
        self.session.values["height"] = high
        self.session.values["width"] = (
            None  # so that the next line is a change even where only the height moved
        )
        self.session.set_value("width", wide)

    def _own(self) -> None:
        self.session.values["height"] = None
        self.session.set_value("width", None)

    def show_value(self) -> None:
        session, card = self.session, self.session.card
        own = session.value("width") is None
        wide, high = session.value("width"), session.value("height")
        if card is not None:
            low, top, step = card.sizes.min, card.sizes.max, card.sizes.multiple
            if own:
                wide, high = session.own_size()
        else:
            low, top, step = 8, 16384, 8
        for number, value in zip(self.sides, (wide, high)):
            number.blockSignals(True)
            number.setRange(low, top)
            number.setSingleStep(step)
            number.setValue(value or low)
            set_kind(number, own="true" if own else "false")
            number.blockSignals(False)
        self._reset.setVisible(not own)


def make_field(session: Session, name: str) -> Field:
    """The control that fits the field's widget and type."""
    info = session.technique_class.model_fields[name]
    extra = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
    kinds, optional = _kinds(info.annotation)
    widget = extra.get("widget")
    if widget in ("picture", "mask", "sound"):
        return SourceField(session, name)
    if widget == "melody":
        return MelodyField(session, name)
    if widget == "keymasks":
        return KeyMasksField(session, name)
    if widget == "video":
        return ClipField(session, name)
    if widget == "regions":
        return RegionsField(session, name)
    if widget == "adapters":
        return AdaptersField(session, name)
    literal = next((kind for kind in kinds if get_origin(kind) is Literal), None)
    if literal is not None:
        return ChoiceField(session, name, get_args(literal), optional)
    if widget == "folder":
        return FolderField(session, name)
    if widget == "line":
        return LineField(session, name)
    if widget == "seed":
        return SeedField(session, name)
    if bool in kinds:
        return SwitchField(session, name)
    if any(get_origin(kind) is tuple for kind in kinds):
        return PairField(session, name)
    if float in kinds or int in kinds:
        return NumberField(session, name, whole=float not in kinds)
    return TextField(session, name)


class SeedField(Field):
    def __init__(self, session: Session, name: str) -> None:
        super().__init__(session, name)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        self.row = SeedRow(self.title, self.tip())
        self.row.changed.connect(self.put)
        column.addWidget(self.row)
        self.show_value()

    def show_value(self) -> None:
        self.row.set_value(self.session.value(self.name))


def _kinds(annotation: Any) -> tuple[tuple[Any, ...], bool]:
    """The types in a union, and whether None is one of them."""
    if get_origin(annotation) in (Union, types.UnionType):
        args = get_args(annotation)
        return tuple(arg for arg in args if arg is not type(None)), type(None) in args
    return (annotation,), False


def limits(info: Any, whole: bool) -> tuple[float, float]:
    """The range a field allows; open ends become something a slider can have."""
    low, high = (0.0, 100.0 if whole else 1.0)
    tick = 1.0 if whole else 0.01
    for rule in info.metadata:
        if isinstance(rule, annotated_types.Ge):
            low = float(rule.ge)  # type: ignore[arg-type]
        elif isinstance(rule, annotated_types.Gt):
            low = float(rule.gt) + tick  # type: ignore[arg-type]
        elif isinstance(rule, annotated_types.Le):
            high = float(rule.le)  # type: ignore[arg-type]
        elif isinstance(rule, annotated_types.Lt):
            high = float(rule.lt) - tick  # type: ignore[arg-type]
    return low, max(high, low + tick)


class _Tokens(QObject):
    """Counts with the model's own tokenizer once it has been read on another thread, by words until then."""

    ready = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._background = Background(self)
        self._folder: Path | None = None
        self._tokenizer: Any = None
        self._limit = 0

    def use(self, folder: Path | None) -> None:
        if folder == self._folder:
            return
        self._folder, self._tokenizer, self._limit = folder, None, 0
        if folder is not None and (folder / "tokenizer" / "tokenizer.json").exists():
            # Later: nobody has typed a word in the first second.
            QTimer.singleShot(
                1200,
                self,
                lambda: self._background.run(
                    lambda: read_tokenizer(folder), lambda got: self._got(folder, got)
                ),
            )

    def _got(self, folder: Path, found: tuple[Any, int]) -> None:
        if folder == self._folder:
            self._tokenizer, self._limit = found
            self.ready.emit()

    def count(self, text: str) -> tuple[int, int, bool]:
        import re

        from studio.ui.widgets.prompt import WEIGHED

        plain = WEIGHED.sub(r"\1", text)
        if self._tokenizer is not None:
            return (
                len(self._tokenizer.encode(plain, add_special_tokens=False).ids),
                max(0, self._limit - 2),
                True,
            )
        return len(re.findall(r"\w+|[^\w\s]", plain)), 0, False


def read_tokenizer(folder: Path) -> tuple[Any, int]:
    """A model's tokenizer and how many tokens it reads, 0 = not known. Any error means that words are counted instead:
    a count is a courtesy."""
    import json

    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(folder / "tokenizer" / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    config = json.loads((folder / "tokenizer" / "tokenizer_config.json").read_text("utf-8"))
    limit = int(config.get("model_max_length") or 0)
    return tokenizer, limit if 0 < limit < 100_000 else 0
