"""What is known and can be changed about the chosen clip."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from studio import actions
from studio.core import cutting
from studio.core.job import JobSpec
from studio.core.timeline import Item, timecode
from studio.session import Session
from studio.ui.widgets.basic import Elided, FlowLayout, chip, command_title, label, wrapped
from studio.ui.widgets.value import ValueRow

CHIPS = ("film.continue", "film.edit", "film.close-loop", "film.smooth", "film.enlarge")


class ClipPanel(QWidget):
    """Name, where it lies, in and out of its file, speed, crossfade, opacity, volume, how it was made, what can be made of it."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session, self.film = session, session.film
        self.setObjectName("panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(self.tr("Clip"))
        outer = QVBoxLayout(self)
        outer.setContentsMargins(14, 2, 14, 10)
        outer.setSpacing(6)
        self.none = wrapped(self.tr("Click a clip on the timeline to see and change what is set for it."))
        outer.addWidget(self.none)
        self.body = QWidget()
        outer.addWidget(self.body)
        outer.addStretch(1)
        column = QVBoxLayout(self.body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        self.name = QLineEdit()
        self.name.setProperty("kind", "plain")
        self.name.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.name.editingFinished.connect(self._renamed)
        self._pair(column, self.tr("Name"), self.name)
        self.place = Elided("", "value")
        self._pair(column, self.tr("On the timeline"), self.place)
        self.inside = Elided("", "value")
        self._pair(column, self.tr("In, out"), self.inside)
        self.speed = self._number(
            column, self.tr("Speed"), 10, 1000, 5, 100, "%", self.tr("Faster makes the clip shorter; its sound keeps its pitch."),
            lambda item, value: self.film.do(f"Speed of {item.name}", cutting.change_speed, item.id, value / 100),
        )  # fmt: skip
        self.fade = self._number(
            column, self.tr("Crossfade"), 0, 9999, 1, 0, self.tr("frames"),
            self.tr("Frames in which it is blended with what the clip before goes on with."),
            lambda item, value: self.film.do("Crossfade" if value else "Hard cut", cutting.crossfade, item.id, round(value)),
        )  # fmt: skip
        self.opacity = self._number(
            column, self.tr("Opacity"), 0, 100, 5, 100, "%", self.tr("0 = nothing of it is seen."),
            lambda item, value: self.film.do(f"Opacity of {item.name}", cutting.change, item.id, opacity=value / 100),
        )  # fmt: skip
        self.volume = self._number(
            column, self.tr("Volume"), 0, 200, 5, 100, "%", self.tr("0 = silent, 100 = as it is in the file."),
            lambda item, value: self.film.do(f"Volume of {item.name}", cutting.change, item.id, volume=value / 100),
        )  # fmt: skip
        self.made = Elided("", "value")
        self._made_row = self._pair(column, self.tr("Made by"), self.made)
        self.chips = QWidget()
        flow = FlowLayout(self.chips)
        flow.setContentsMargins(0, 4, 0, 0)
        self.buttons = {}
        for name in CHIPS:
            command = actions.BY_ID[name]
            short = {
                "film.continue": self.tr("continue"), "film.edit": self.tr("edit by words"), "film.close-loop": self.tr("loop"),
                "film.smooth": self.tr("more frames"), "film.enlarge": self.tr("larger"),
            }[name]  # fmt: skip
            made = chip(short, checkable=False, run=lambda name=name: actions.perform(name, session))
            made.setToolTip(command_title(command))
            flow.addWidget(made)
            self.buttons[name] = made
        column.addWidget(self.chips)
        self.film.changed.connect(self._changed)
        session.changed.connect(lambda what: self.follow() if what in ("model", "document") else None)
        self.follow()

    def _pair(self, column: QVBoxLayout, title: str, value: QWidget) -> QWidget:
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        head = label(title, "small")
        row.addWidget(head)
        if isinstance(value, Elided):
            value.setAlignment(Qt.AlignmentFlag.AlignRight)
            row.setContentsMargins(0, 0, 5, 0)  # as the numbers below have it
        elif isinstance(value, QLineEdit):
            value.setAccessibleName(title)
            head.setBuddy(value)
        row.addWidget(value, 1)
        column.addWidget(holder)
        return holder

    def _number(
        self,
        column: QVBoxLayout,
        title: str,
        low: float,
        high: float,
        step: float,
        default: float,
        unit: str,
        tip: str,
        put: Callable[[Item, float], object],
    ) -> ValueRow:
        made = ValueRow(title, low, high, step, default, whole=True, unit=unit, tip=tip, slider=False)
        made.number.setFixedWidth(84)

        def changed(value: object) -> None:
            found = self.film.chosen
            if found is not None and isinstance(value, int | float):
                put(found[1], float(value))
                self.follow()  # what was refused goes back

        made.changed.connect(changed)
        column.addWidget(made)
        return made

    def _changed(self, what: str) -> None:
        if what in ("chosen", "timeline"):
            self.follow()

    def follow(self) -> None:
        found, rate = self.film.chosen, self.film.timeline.rate
        self.none.setVisible(found is None)
        self.body.setVisible(found is not None)
        if found is None:
            return
        track, item = found
        media = item.media
        if not self.name.hasFocus():
            self.name.setText(item.name)
            self.name.setCursorPosition(0)
        self.name.setToolTip(media.path)
        self.place.say(f"{timecode(item.start, rate)} – {timecode(item.end, rate)}")
        self.inside.say(self._inside(item, rate))
        self.speed.setVisible(media.kind != "picture")
        self.speed.set_value(round(item.speed * 100))
        self.fade.set_value(item.fade)
        self.opacity.setVisible(track.kind != "sound")
        self.opacity.set_value(round(item.opacity * 100))
        self.volume.setVisible(media.heard)
        self.volume.set_value(round(item.volume * 100))
        made = _made_by(media.spec)
        self._made_row.setVisible(bool(made))
        self.made.say(made)
        for name, button in self.buttons.items():
            button.setVisible(media.kind == "video" and track.kind != "sound")
            button.setEnabled(actions.BY_ID[name].enabled(self.session))

    def _inside(self, item: Item, rate: float) -> str:
        if item.media.kind == "picture":
            return self.tr("a picture")
        first = round(item.begin * rate)
        last = round((item.begin + item.length / rate * item.speed) * rate)
        return f"{timecode(first, rate)} – {timecode(last, rate)}"

    def _renamed(self) -> None:
        found, text = self.film.chosen, self.name.text().strip()
        if found is not None and text and text != found[1].name:
            self.film.do(f"Rename {found[1].name}", cutting.change, found[1].id, name=text)

    def focus_speed(self) -> None:
        if self.film.chosen is not None and self.speed.isVisibleTo(self):
            self.speed.number.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def sizeHint(self) -> QSize:
        return QSize(300, super().sizeHint().height())


def _made_by(spec: JobSpec | None) -> str:
    return f"{spec.model} · {spec.technique.name} · {spec.seed}" if spec is not None else ""
