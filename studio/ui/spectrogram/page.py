"""The middle of the Music workspace: the take in view as a spectrogram, its wave, and the line that plays it.

Sounds that are dropped here become takes; each is read on other threads, so that an hour of it opens at once and grows clear.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent, QResizeEvent
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QMenu,
    QToolButton,
    QVBoxLayout,
    QWidget,
    QWidgetAction,
)

from studio.core import marks
from studio.core.take import Take
from studio.media.sound import read_tags
from studio.session import Session
from studio.ui import exchange
from studio.ui.language import spoken
from studio.ui.spectrogram.colours import MAPS, QUIETEST
from studio.ui.spectrogram.deck import Deck
from studio.ui.spectrogram.region import RegionPanel
from studio.ui.spectrogram.rows import TakesPanel
from studio.ui.spectrogram.shelf import Shelf
from studio.ui.spectrogram.start import SoundCard
from studio.ui.spectrogram.tools import TOOLS
from studio.ui.spectrogram.transport import Transport
from studio.ui.spectrogram.view import SpectrogramView
from studio.ui.spectrogram.wave import Overview
from studio.ui.theme import tint
from studio.ui.widgets.basic import Choice, icon_button, label
from studio.ui.widgets.notice import NoticeBar
from studio.ui.widgets.value import ShortValue

WINDOWS = (23.0, 46.0, 93.0, 186.0, 372.0)
"""Lengths in ms of the transform's window that are offered: powers of two at 44.1 kHz."""
ALIKE = 0.5
"""Seconds by which two takes may differ in length and still be looked at in the same place."""


class MusicPage(QWidget):
    """See the module. It fulfils `studio.takes.Page`."""

    zoom_changed = Signal(float)

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.setObjectName("page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAcceptDrops(True)
        self.shelf = Shelf(session, self)
        self.deck = Deck(session, self.shelf)
        self.view = SpectrogramView()
        self.wave = Overview()
        self.transport = Transport(self.deck)
        self._seen: Take | None = None
        self._others = ""
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self._tools())
        column = QVBoxLayout()
        column.setContentsMargins(14, 8, 14, 10)
        column.setSpacing(10)
        row.addLayout(column, 1)
        column.addLayout(self._head())
        column.addWidget(self.view, 1)
        column.addWidget(self.wave)
        column.addWidget(self.transport)
        self.start = SoundCard(session, self)
        self.notice = NoticeBar(self)
        self.start.installEventFilter(self)
        self._connect()
        session.takes.page = self
        self._restore()
        self._show()

    def _connect(self) -> None:
        session, view, deck = self.session, self.view, self.deck
        session.takes.moved.connect(self._moved)
        session.said.connect(self._said)
        self.shelf.changed.connect(self._known)
        self.shelf.busy.connect(self._busy)
        self.shelf.tuned.connect(self._tuned)
        view.sought.connect(deck.seek)
        view.loop_changed.connect(deck.set_range)
        view.edited.connect(session.takes.record)
        view.retuned.connect(lambda notes: session.takes.retune(session.takes.shown_id, notes))
        view.sight_changed.connect(self._sight)
        view.message.connect(lambda text: session.say(text, "warn"))
        view.tool_changed.connect(lambda _: self._show_tool())
        self.wave.sought.connect(deck.seek)
        deck.position_changed.connect(self._at)
        deck.changed.connect(self._deck_changed)

    # --- parts ----------------------------------------------------------------------------------------------------

    def _tools(self) -> QWidget:
        bar = QWidget()
        bar.setObjectName("panel")
        bar.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        bar.setFixedWidth(48)
        bar.setAccessibleName(self.tr("Tools for sounds"))
        column = QVBoxLayout(bar)
        column.setContentsMargins(7, 8, 7, 8)
        column.setSpacing(4)
        self.tools: dict[str, QToolButton] = {}
        for tool in TOOLS:
            made = icon_button(tool.icon, spoken(tool.title), lambda name=tool.id: self.set_tool(name))
            made.setCheckable(True)
            tint(made, tool.icon)
            made.setFixedSize(34, 34)
            made.setToolTip(f"{spoken(tool.title)}  {tool.key}\n{spoken(tool.tip)}")
            column.addWidget(made)
            self.tools[tool.id] = made
        column.addStretch(1)
        return bar

    def _head(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(label(self.tr("Spectrogram"), "title"))
        self.axis = Choice(self.tr("Axis"), plain=True)
        for name, title in (
            ("note", self.tr("notes (log pitch)")),
            ("mel", self.tr("mel")),
            ("linear", self.tr("linear")),
        ):
            self.axis.addItem(title, name)
        self.axis.setToolTip(
            self.tr("How pitch is spaced: evenly in notes, as the ear hears (mel), or in Hz")
        )
        self.window_ms = Choice(self.tr("Length of the window"), plain=True)
        for ms in WINDOWS:
            self.window_ms.addItem(f"{ms:.0f} ms", ms)
        self.window_ms.setToolTip(self.tr("Short is sharp in time, long is sharp in pitch; 93 ms is usual"))
        self.colours = Choice(self.tr("Colours"), plain=True)
        plain = {"grey": self.tr("grey"), "paper": self.tr("paper")}  # the others are names
        for name in MAPS:
            self.colours.addItem(plain.get(name, name), name)
        self.colours.setToolTip(
            self.tr("All grow lighter (paper: darker) with the level, so they read in grey too")
        )
        for made in (self.axis, self.window_ms, self.colours):
            made.activated.connect(self._look)
            row.addWidget(made)
        self.range = icon_button("contrast", self.tr("Quietest and loudest colour"), self._levels, side=16)
        row.addWidget(self.range)
        self.busy = label("", "small")
        row.addSpacing(6)
        row.addWidget(self.busy)
        self.halt = icon_button("x", self.tr("Stop it"), self.shelf.give_up, side=14)
        row.addWidget(self.halt)
        self.halt.hide()
        row.addStretch(1)
        self.compare = icon_button("columns-2", self.tr("Before and after"), self._compare, side=16)
        self.melody = icon_button("music", self.tr("Show the tune"), self._show_melody, side=16)
        self.spectrum = icon_button(
            "chart-spline", self.tr("Spectrum under the pointer"), self._show_spectrum, side=16
        )
        self.follow = icon_button("locate-fixed", self.tr("Follow the playhead"), side=16)
        for made, icon in (
            (self.compare, "columns-2"),
            (self.melody, "music"),
            (self.spectrum, "chart-spline"),
            (self.follow, "locate-fixed"),
        ):
            made.setCheckable(True)
            tint(made, icon, side=16)
        self.out = icon_button("zoom-out", self.tr("Zoom out"), lambda: self.view.zoom(1 / 1.5), side=16)
        self.closer = icon_button("zoom-in", self.tr("Zoom in"), lambda: self.view.zoom(1.5), side=16)
        self.whole = icon_button("scan", self.tr("See all of the sound"), self.view.fit, side=16)
        self.follow.setChecked(True)
        self.melody.setChecked(True)
        for made in (
            self.compare,
            self.melody,
            self.spectrum,
            self.follow,
            self.out,
            self.closer,
            self.whole,
        ):
            row.addWidget(made)
        return row

    def _restore(self) -> None:
        """As it was looked at the last time."""
        kept = self.session.settings.sound
        for box, key, default in (
            (self.axis, "axis", "note"),
            (self.window_ms, "window", "93"),
            (self.colours, "colours", "magma"),
        ):
            wanted = kept.get(key, default)
            at = next(
                (i for i in range(box.count()) if f"{box.itemData(i)}".removesuffix(".0") == wanted), -1
            )
            box.setCurrentIndex(
                max(at, box.findData(93.0 if box is self.window_ms else default), 0) if at < 0 else at
            )
        self._look()
        self._show_tool()

    # --- what is in view ------------------------------------------------------------------------------------------

    def _moved(self, what: str) -> None:
        if what in ("list", "shown", "compare"):
            self._show()

    def _show(self) -> None:
        """The take in view, as soon as its sound is open."""
        takes = self.session.takes
        take = takes.shown
        before, self._seen = self._seen, take
        keep = (
            take is not None
            and before is not None
            and (before.id == take.id or abs(before.seconds - take.seconds) < ALIKE)
        )
        loaded = self.deck.load(take, keep)
        if take is not None and (before is None or before.id != take.id) and _loops(take):
            self.deck.set_repeat(True)
        tape = self.shelf.tape(take) if take is not None and loaded else None
        if tape is not self.view.tape or (take is not None and tape and self.view.marks is not take.marks):
            self.view.set_sound(tape, take.marks if take and tape else None, keep=keep)
        self.view.set_melody((take.melody if take else None) or () if self.melody.isChecked() else ())
        other = takes.other
        self.view.set_before(self.shelf.tape(other) if other is not None and tape is not None else None)
        self.compare.setEnabled(len(takes.all) > 1)
        self.compare.setChecked(other is not None)
        self.melody.setEnabled(take is not None)
        self.start.refresh()
        self._wave()
        self._deck_changed()

    def _known(self, take_id: str) -> None:
        """More is known of a take."""
        takes = self.session.takes
        if take_id in (takes.shown_id, takes.other_id):
            if self.view.tape is None or (takes.other_id and self.view.before is None):
                self._show()
            else:
                self._wave()

    def _wave(self) -> None:
        take = self.session.takes.shown
        if take is None:
            self.wave.set_peaks(self.shelf.no_peaks, 1.0)
            self.transport.show_measures(None)
            return
        self.wave.set_peaks(self.shelf.peaks(take), take.seconds)
        measures = self.shelf.measures(take)
        self.transport.show_measures(measures, waiting=measures is None)

    def _sight(self) -> None:
        self.wave.set_view(self.view.sight.start, min(self.view.sight.end, self.view.sight.seconds))

    def _at(self, seconds: float) -> None:
        self.view.set_playhead(seconds, follow=self.deck.playing and self.follow.isChecked())
        self.wave.set_playhead(seconds)

    def _deck_changed(self) -> None:
        self.view.set_loop(self.deck.range)
        self.wave.set_loop(self.deck.range if self.deck.repeat else None)

    def _busy(self, text: str) -> None:
        self.busy.setText(text)
        self.halt.setVisible(bool(text))

    def _said(self, notice: Any) -> None:
        if self.isVisible():
            self.notice.show_notice(notice)

    # --- how it is looked at --------------------------------------------------------------------------------------

    def _look(self) -> None:
        self.view.set_look(self.axis.currentData(), self.window_ms.currentData())
        self.view.set_colours(self.colours.currentData())
        self._remember(
            axis=self.axis.currentData(),
            window=f"{self.window_ms.currentData():.0f}",
            colours=self.colours.currentData(),
        )

    def _remember(self, **values: str) -> None:
        self.session.settings.sound = {**self.session.settings.sound, **values}

    def levels_menu(self) -> QMenu:
        """Which levels get the first and the last colour."""
        menu = QMenu(self)
        menu.setAccessibleName(self.tr("Quietest and loudest colour"))
        _, floor, top = self.view.colouring
        quiet = ShortValue(
            self.tr("Quietest"), QUIETEST, -30, floor, "dB", tip=self.tr("Below it is the first colour")
        )
        loud = ShortValue(self.tr("Loudest"), -60, 0, top, "dB", tip=self.tr("Above it is the last colour"))
        quiet.changed.connect(lambda value: self.view.set_colours(floor=value))
        loud.changed.connect(lambda value: self.view.set_colours(top=value))
        for made in (quiet, loud):
            made.setContentsMargins(10, 4, 10, 4)
            holder = QWidgetAction(menu)
            holder.setDefaultWidget(made)
            menu.addAction(holder)
        return menu

    def _levels(self) -> None:
        menu = self.levels_menu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self.range.mapToGlobal(self.range.rect().bottomLeft()))

    def _show_melody(self) -> None:
        """The tune over the picture; one that is not known yet is looked for."""
        take = self.session.takes.shown
        if self.melody.isChecked() and take is not None and take.melody is None:
            self.find_tune()
        self._show()

    def _show_spectrum(self) -> None:
        self.view.show_spectrum = self.spectrum.isChecked()
        self.view.update()

    def _compare(self) -> None:
        """With what the take was made from, else with the one before it in the list."""
        takes = self.session.takes
        take = takes.shown
        if takes.other is not None or take is None:
            takes.compare("")
        else:
            others = [one for one in takes.all if one.id != take.id]
            best = takes.made_from(take) or (others[-1] if others else None)
            takes.compare(best.id if best is not None else "")
        self.compare.setChecked(takes.other is not None)

    def _tuned(self, take_id: str, count: int) -> None:
        take = self.session.takes.get(take_id)
        if take is None:
            return
        if not count:
            self.session.say(
                self.tr("No tune was found in {0}; it takes one voice, note after note.").format(take.name),
                "warn",
            )
            return
        self.melody.setChecked(True)
        self._show()
        text = self.tr("{0} notes were found in {1}; mend them with T.").format(count, take.name)
        if self.session.offered("melody2music"):
            self.session.say(text, do=self._arrange, do_title=self.tr("Arrange the tune"))
        else:
            self.session.say(text)

    def _arrange(self) -> None:
        self.session.set_technique("melody2music")
        self.session.view.focus_words()

    # --- what commands ask for (studio.takes.Page) ----------------------------------------------------------------

    def set_tool(self, name: str) -> None:
        self.view.set_tool(name)
        self._show_tool()

    def tool(self) -> str:
        return self.view.tool

    def _show_tool(self) -> None:
        for name, made in self.tools.items():
            made.setChecked(name == self.view.tool)

    def silence_marks(self) -> None:
        """A new take without what is marked."""
        take = self.session.takes.shown
        if take is not None and not marks.bounds(take.marks).empty:
            self.shelf.silence(take)

    def clear_marks(self) -> None:
        self.view.clear_marks()

    def mark_range(self) -> None:
        """All pitches of the chosen stretch, else of what is in view, are marked."""
        take = self.session.takes.shown
        if take is not None:
            sight = self.view.sight
            begin, end = self.deck.range or (sight.start, min(sight.end, sight.seconds))
            low, high = sight.axis.hz(sight.bottom), sight.axis.hz(sight.top)
            whole = self.deck.range is not None
            top, bottom = (0.0, float(marks.ROWS)) if whole else (marks.row_of_hz(high), marks.row_of_hz(low))
            self.view.mark(begin, end, top, bottom)

    def find_tune(self) -> None:
        take = self.session.takes.shown
        if take is not None:
            self.shelf.find_tune(take)

    def add_sounds(self) -> None:
        every = " ".join(f"*{ending}" for ending in sorted(exchange.SOUNDS))
        paths, _ = QFileDialog.getOpenFileNames(
            self,
            self.tr("Add sounds"),
            "",
            self.tr("Sounds ({0})").format(every) + ";;" + self.tr("All files (*)"),
        )
        self.add_files([Path(path) for path in paths])

    def add_files(self, paths: Sequence[Path]) -> None:
        """Sounds, and films for their sound, become takes; of anything else it is said what it is."""
        for path in paths:
            kind = exchange.kind_of(path)
            if kind in ("sound", "clip"):
                self.shelf.add_file(path)
            elif kind == "project":
                self.session.view.open_path(path)
            else:
                self.session.say(
                    self.tr("“{0}” is no sound; drop wav, flac, ogg, mp3 or a film here.").format(path.name),
                    "warn",
                )

    def export_take(self, take: Take | None = None) -> None:
        """Asks how, and writes the take in view, or another one, as a file."""
        from studio.ui.spectrogram.export import SoundExportDialog

        chosen = take or self.session.takes.shown
        if chosen is not None:
            shown = chosen.id == self.session.takes.shown_id
            tags = read_tags(chosen.source.path)
            SoundExportDialog(
                self.session,
                chosen,
                self.deck.range if shown else None,
                tags,
                lambda wanted: self.shelf.export(chosen, wanted),
                self.window(),
            ).open()

    # --- what the window asks for ---------------------------------------------------------------------------------

    def panels(self) -> tuple[tuple[str, str, str, QWidget], ...]:
        """(name, title, icon, body) of the panels that belong to this workspace alone."""
        return (
            ("region", self.tr("In the marked region"), "square-dashed", RegionPanel(self.session)),
            ("takes", self.tr("Takes"), "list-music", TakesPanel(self.session, self.shelf, self.deck)),
        )

    def focus(self) -> QWidget:
        """Where F6 lands."""
        return self.view

    def zoom_fit(self) -> None:
        self.view.fit()

    def zoom_by(self, factor: float) -> None:
        self.view.zoom(factor)

    def zoom_to(self, scale: float) -> None:
        """One second at a time."""
        self.view.show_range(self.deck.position, self.deck.position + 1.0)

    # --- floating and dropping ------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.arrange()

    def eventFilter(self, watched: object, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Show, QEvent.Type.Resize, QEvent.Type.LayoutRequest):
            self.arrange()
        return False

    def arrange(self) -> None:
        if not hasattr(self, "notice"):
            return
        area = self.view.geometry()
        width = min(620, area.width() - 32)
        layout = self.notice.layout()
        assert layout is not None
        height = (
            layout.totalHeightForWidth(width)
            if layout.hasHeightForWidth()
            else self.notice.sizeHint().height()
        )
        middle = area.center().x()
        self.notice.setGeometry(middle - width // 2, area.top() + 12, width, max(height, 40))
        card = self.start.layout().totalHeightForWidth(self.start.width())  # pyright: ignore[reportOptionalMemberAccess]
        self.start.setGeometry(
            middle - self.start.width() // 2, max(8, area.center().y() - card // 2), self.start.width(), card
        )

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if exchange.files_in(event.mimeData()) or event.mimeData().hasText():
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()

    def dropEvent(self, event: QDropEvent) -> None:
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        data = event.mimeData()
        paths = exchange.files_in(data)
        if paths:
            self.add_files(paths)
        elif data.hasText() and data.text().strip():
            self.session.set_prompt(data.text().strip())

    def stop(self) -> None:
        self.deck.close()
        self.view.stop()
        self.shelf.stop()


def _loops(take: Take) -> bool:
    """Whether it was made to be played round and round."""
    return take.spec is not None and bool(getattr(take.spec.technique, "loop", False))
