"""The line below a sound: play, repeat, record, where one is, how loud, and what the sound is like."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QActionGroup, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QToolButton, QWidget, QWidgetAction

from studio.media import device
from studio.ui.spectrogram.deck import Deck
from studio.ui.spectrogram.meter import LevelMeter
from studio.ui.spectrogram.shelf import Measures
from studio.ui.spectrogram.sight import clock
from studio.ui.theme import tint
from studio.ui.widgets.basic import icon_button, label, text_button
from studio.ui.widgets.value import ShortValue

GAP = 8


def signed(value: float) -> str:
    """One digit behind the point, with a minus as long as a plus."""
    return f"{value:.1f}".replace("-", "−")


class Transport(QWidget):
    """See the module."""

    def __init__(self, deck: Deck) -> None:
        super().__init__()
        self.deck = deck
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        self.back = icon_button("skip-back", self.tr("To the beginning"), lambda: deck.seek(0.0))
        self.back.setToolTip(self.tr("To the beginning  Home"))
        self.play = QToolButton()
        self.play.setProperty("kind", "play")
        self.play.setFixedSize(44, 38)
        self.play.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.play.clicked.connect(deck.toggle)
        self.loop = icon_button("repeat", self.tr("Repeat"), lambda: deck.set_repeat(self.loop.isChecked()))
        self.loop.setCheckable(True)
        tint(self.loop, "repeat")
        self.loop.setToolTip(
            self.tr("Play the chosen stretch, else all of it, round and round  Ctrl+Shift+Y")
        )
        self.hum = text_button(self.tr("Hum a tune"), lambda: deck.record(hums=True), kind="link", icon="mic")
        self.record = icon_button("circle-dot", self.tr("Record a sound"), deck.record)
        for made in (self.back, self.play, self.loop):
            row.addWidget(made)
        row.addSpacing(4)
        row.addWidget(self.hum)
        row.addWidget(self.record)
        self.time = label("", "time")
        self.time.setMinimumWidth(self.time.fontMetrics().horizontalAdvance("0:00:00.00 / 0:00:00.00") + 4)
        row.addSpacing(4)
        row.addWidget(self.time)
        row.addStretch(1)
        self.meter = LevelMeter()
        row.addWidget(self.meter)
        self.tempo, self.key, self.lufs = (label("", "chip") for _ in range(3))
        chips = self._chips = QWidget()
        chips.setMinimumWidth(1)  # they give way where there is little room, see resizeEvent
        inner = QHBoxLayout(chips)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(GAP)
        inner.setSizeConstraint(QHBoxLayout.SizeConstraint.SetNoConstraint)
        for made in (self.tempo, self.key, self.lufs):
            made.hide()
            made.setFixedHeight(24)
            inner.addWidget(made)
        row.addWidget(chips)
        self.devices = icon_button("volume-2", self.tr("Volume and sound devices"), self._menu)
        row.addWidget(self.devices)
        deck.changed.connect(self._changed)
        deck.position_changed.connect(self.show_time)
        deck.ticked.connect(self._tick)
        self._changed()
        self.show_time(0.0)

    def sizeHint(self) -> QSize:
        return QSize(600, 40)

    # --- what is shown --------------------------------------------------------------------------------------------

    def _changed(self) -> None:
        deck = self.deck
        here = deck.seconds > 0
        self.play.setEnabled(here and not deck.recording)
        self.back.setEnabled(here)
        self.loop.setChecked(deck.repeat)
        tint(self.play, "pause" if deck.playing else "play", "on_accent", 18)
        word = self.tr("Pause") if deck.playing else self.tr("Play")
        self.play.setAccessibleName(word)
        self.play.setToolTip(word + "  " + self.tr("Space"))
        word = self.tr("Stop recording") if deck.recording else self.tr("Hum a tune")
        self.hum.setText(word)
        self.hum.setAccessibleName(word)
        tint(
            self.hum,
            "circle-stop" if deck.recording else "mic",
            "danger" if deck.recording else "muted",
            16,
            gap=4,
        )
        self.hum.setToolTip(
            self.tr("Records a tune from the microphone and finds its notes; press again to end it")
        )
        self.record.setVisible(not deck.recording)
        self.meter.follow(deck.recorder.meter if deck.recording else deck.player.meter)
        if not deck.recording:
            self.show_time(deck.position)

    def _tick(self) -> None:
        self.meter.look()
        if self.deck.recording:
            self._say_time(f"● {clock(self.deck.recorder.seconds)}")

    def show_time(self, seconds: float) -> None:
        if not self.deck.recording:
            self._say_time(f"{clock(seconds)} / {clock(self.deck.seconds)}" if self.deck.seconds else "")

    def _say_time(self, text: str) -> None:
        self.time.setText(self.tr("Opening the sound device…") if self.deck.opening else text)

    def show_measures(self, measures: Measures | None, waiting: bool = False) -> None:
        """What is known of the sound in view."""
        found = measures or Measures()
        for made, text, tip in (
            (self.tempo, f"{found.tempo:.0f} bpm" if found.tempo else "", self.tr("Tempo")),
            (self.key, found.key, self.tr("Key")),
            (
                self.lufs,
                f"{signed(found.lufs)} LUFS" if found.lufs is not None else "",
                self.tr("Loudness; the true peak is {0} dBTP.").format(signed(found.peak or 0.0)),
            ),
        ):
            made.setText(text)
            made.setToolTip(tip)
            made.setAccessibleDescription(tip)
        if waiting:
            self.lufs.setText(self.tr("listening…"))
        self._fit()

    def _fit(self) -> None:
        """What is known and finds room: loudness first, then the key, then the tempo."""
        row = self.layout()
        assert row is not None
        room = self.width() - (row.sizeHint().width() - self._chips.sizeHint().width())
        for made in (self.lufs, self.key, self.tempo):
            room -= made.sizeHint().width() + GAP
            made.setVisible(bool(made.text()) and room >= 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._fit()

    # --- devices --------------------------------------------------------------------------------------------------

    def menu(self) -> QMenu:
        """Volume, where it is heard, what records; or why there is nothing to choose from."""
        deck, menu = self.deck, QMenu(self)
        menu.setAccessibleName(self.tr("Volume and sound devices"))
        volume = ShortValue(self.tr("Volume"), 0, 100, round(deck.player.volume * 100), "%")
        volume.setContentsMargins(10, 6, 10, 6)
        volume.changed.connect(lambda value: deck.set_volume(value / 100))
        holder = QWidgetAction(menu)
        holder.setDefaultWidget(volume)
        menu.addAction(holder)
        parts = (
            (self.tr("Heard on"), deck.outputs(), deck.player.device, deck.use_output, device.why_silent()),
            (self.tr("Recorded from"), deck.inputs(), deck.recorder.device, deck.use_input,
             device.why_silent(recording=True)),
        )  # fmt: skip
        for title, devices, now, use, why in parts:
            menu.addSeparator()
            menu.addAction(title).setEnabled(False)
            if not devices:
                menu.addAction(why).setEnabled(False)
                continue
            group = QActionGroup(menu)
            for number, name in [(None, ""), *((one.number, one.name) for one in devices)]:
                action = menu.addAction(
                    name or self.tr("As the system"), lambda use=use, name=name: use(name)
                )
                action.setCheckable(True)
                action.setChecked(number == now)
                group.addAction(action)
        menu.addSeparator()
        menu.addAction(self.tr("Look for devices again"), deck.look_again).setEnabled(
            not deck.playing and not deck.recording
        )
        return menu

    def _menu(self) -> None:
        menu = self.menu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self.devices.mapToGlobal(self.devices.rect().topLeft()) - menu.rect().bottomLeft())
