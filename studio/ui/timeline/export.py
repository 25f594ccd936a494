"""The film as a file: what is asked for, and the bar that tells how far it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from studio.core.job import BadRequest
from studio.core.timeline import Timeline, timecode
from studio.media.render import FORMATS, Render, Stopped, render
from studio.session import Session
from studio.ui.theme import tint
from studio.ui.widgets.basic import Choice, Elided, floating, icon_button, label, text_button, wrapped
from studio.ui.widgets.images import Background
from studio.ui.widgets.value import Number

OTIO = ".otio"


@dataclass
class _Order:
    """Written on the other thread (`share`), and on this one (`stopped`)."""

    path: Path
    share: float = 0.0
    stopped: bool = False

    def told(self, share: float) -> None:
        self.share = share
        if self.stopped:
            raise Stopped


class Renders(QObject):
    """Exports on another thread, one after the other; `changed` tells how far the one under way is."""

    changed = Signal()

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self._orders: list[_Order] = []
        """Under way and waiting, the oldest first."""
        self._background = Background(self)
        self._look = QTimer(self, interval=100)
        self._look.timeout.connect(self.changed)

    @property
    def name(self) -> str:
        """Of the file under way, "" = none."""
        return self._orders[0].path.name if self._orders else ""

    @property
    def share(self) -> float:
        """How much of it is done, 0 .. 1."""
        return self._orders[0].share if self._orders else 0.0

    def run(self, timeline: Timeline, wanted: Render) -> None:
        """Orders a file; a sentence follows when it is there or cannot be."""
        order = _Order(wanted.path)

        def work() -> Path:
            order.told(0.0)  # it may have been stopped while it waited
            if order.path.suffix.lower() == OTIO:
                from studio.media.otio import export

                return export(timeline, order.path, order.told)
            return render(timeline, wanted, order.told)

        self._orders.append(order)
        self.session.set_file_state("exporting")
        self._background.run(work, self._done, lambda error: self._failed(error, order.path))
        self._look.start()
        self.changed.emit()

    def cancel(self) -> None:
        """The one under way."""
        if self._orders:
            self._orders[0].stopped = True

    def _end(self) -> None:
        self._orders.pop(0)
        if not self._orders:
            self._look.stop()
            self.session.set_file_state("")
        self.changed.emit()

    def _done(self, path: Path) -> None:
        self._end()
        self.session.say(self.tr("Exported as {0}.").format(path.name))

    def _failed(self, error: Exception, path: Path) -> None:
        self._end()
        if isinstance(error, Stopped):
            self.session.say(self.tr("The export was stopped; nothing of {0} is left.").format(path.name))
        elif isinstance(error, BadRequest):
            desk = self.session.film.desk
            self.session.say(str(error), "error", do=desk.export_film, do_title=self.tr("Export elsewhere"))
        else:
            self.session.say(
                self.tr("{0} could not be exported ({1}).").format(path.name, error), "error", repr(error)
            )

    def wait(self, seconds: float = 20) -> bool:
        """Until everything that was ordered is there: for tests."""
        return self._background.wait(seconds)

    def stop(self) -> None:
        """Gives up what is under way: the window is being closed."""
        for order in self._orders:
            order.stopped = True
        self._background.wait(5)
        self._background.stop()


class RenderBar(QWidget):
    """Name, share, and a way to stop; shown while something is exported."""

    def __init__(self, renders: Renders, parent: QWidget) -> None:
        super().__init__(parent)
        self.renders = renders
        floating(self)
        self.setAccessibleName(self.tr("Export"))
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 6, 6, 6)
        row.setSpacing(8)
        mark = QLabel()
        tint(mark, "file-down", "accent_text", 16)
        mark.setAccessibleName(self.tr("Export"))
        row.addWidget(mark)
        self.name = Elided("", "small")
        self.name.setFixedWidth(160)
        row.addWidget(self.name)
        self.bar = QProgressBar()
        self.bar.setRange(0, 1000)
        self.bar.setTextVisible(False)
        self.bar.setFixedWidth(180)
        self.bar.setAccessibleName(self.tr("Share that is exported"))
        row.addWidget(self.bar)
        self.share = label("", "value")
        self.share.setFixedWidth(40)
        row.addWidget(self.share)
        self.end = icon_button("x", self.tr("Stop the export"), renders.cancel, side=16)
        row.addWidget(self.end)
        renders.changed.connect(self.follow)
        self.follow()

    def follow(self) -> None:
        renders = self.renders
        self.setVisible(bool(renders.name))
        self.name.say(renders.name)
        self.bar.setValue(round(1000 * renders.share))
        self.share.setText(f"{renders.share:.0%}")
        self.adjustSize()


class FilmExportDialog(QDialog):
    """Args: send: gets the `Render`; name: suggested for the file, without ending; folder: where to begin."""

    def __init__(
        self, session: Session, send: Callable[[Render], object], name: str, folder: str, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.session, self._send, self._name, self._folder = session, send, name, folder
        timeline = self._timeline = session.film.timeline
        self.setWindowTitle(self.tr("Export the film"))
        self.setMinimumWidth(440)
        kept = session.settings.export
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 16)
        column.setSpacing(14)
        form = self._form = QFormLayout()
        form.setSpacing(12)
        self.format = Choice(self.tr("Format"))
        for ending, title in (
            (".mp4", self.tr("MP4, everything plays it")),
            (".webm", self.tr("WebM, for the web")),
            (".mkv", self.tr("MKV, nothing is lost")),
            (".gif", self.tr("GIF, 256 colours, no sound")),
            (".apng", self.tr("APNG, nothing is lost, no sound")),
            (".png", self.tr("PNG frames in a folder")),
            (OTIO, self.tr("OpenTimelineIO, for Kdenlive and other editors")),
        ):
            self.format.addItem(title, ending)
        self.format.setCurrentIndex(max(self.format.findData(kept.get("film-format", ".mp4")), 0))
        form.addRow(self.tr("Format"), self.format)
        self.what = Choice(self.tr("What"))
        whole = timecode(timeline.length, timeline.rate)
        self.what.addItem(self.tr("The whole film, {0}").format(whole), (0, timeline.length))
        if timeline.span is not None:
            first, last = timeline.range
            text = f"{timecode(first, timeline.rate)} – {timecode(last, timeline.rate)}"
            self.what.addItem(self.tr("The range, {0}").format(text), (first, last))
            self.what.setCurrentIndex(1)
        form.addRow(self.tr("What"), self.what)
        self.pixels = Choice(self.tr("Size"))
        for share in (1.0, 2.0, 0.75, 0.5, 0.25):
            wide, high = round(timeline.width * share), round(timeline.height * share)
            if wide >= 2 and high >= 2:
                self.pixels.addItem(f"{wide} × {high}", (wide, high))
        form.addRow(self.tr("Size"), self.pixels)
        self.rate = Number()
        self.rate.setRange(1, 240)
        self.rate.setDecimals(3)
        self.rate.setSuffix(" fps")
        self.rate.setValue(timeline.rate)
        self.rate.setFixedWidth(110)
        self.rate.setAlignment(Qt.AlignmentFlag.AlignLeft)
        self.rate.setAccessibleName(self.tr("Frames per second"))
        form.addRow(self.tr("Frames per second"), self.rate)
        self.quality = QSlider(Qt.Orientation.Horizontal)
        self.quality.setRange(1, 100)
        self.quality.setAccessibleName(self.tr("Quality"))
        quality = kept.get("film-quality", "80")
        self.quality.setValue(int(quality) if quality.isdigit() else 80)
        self.number = label(str(self.quality.value()), "value")
        self.number.setFixedWidth(28)
        self.quality.valueChanged.connect(lambda value: self.number.setText(str(value)))
        self._quality = QHBoxLayout()
        self._quality.addWidget(self.quality, 1)
        self._quality.addWidget(self.number)
        form.addRow(self.tr("Quality"), self._quality)
        self.sound = QCheckBox(self.tr("With sound"))
        self.sound.setChecked(True)
        form.addRow("", self.sound)
        column.addLayout(form)
        self.about = wrapped("", "small")
        column.addWidget(self.about)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(text_button(self.tr("Cancel"), self.reject))
        self.go = text_button(self.tr("Export"), self._choose, kind="primary", icon="file-down")
        buttons.addWidget(self.go)
        column.addLayout(buttons)
        for part in (
            self.format.currentIndexChanged,
            self.what.currentIndexChanged,
            self.pixels.currentIndexChanged,
        ):
            part.connect(self._fit)
        self.quality.valueChanged.connect(self._fit)
        self.rate.valueChanged.connect(self._fit)
        self._fit()

    def _fit(self, _: Any = None) -> None:
        """Only what the format knows can be set."""
        ending = str(self.format.currentData())
        form = FORMATS.get(ending)
        rows = self._form
        rows.setRowVisible(self.what, form is not None)
        rows.setRowVisible(self.pixels, form is not None)
        rows.setRowVisible(self.rate, form is not None)
        rows.setRowVisible(self._quality, form is not None and form.lossy)
        heard = any(item.media.heard for _, item in self._timeline.items())
        rows.setRowVisible(self.sound, form is not None and bool(form.sound) and heard)
        if form is None:
            self.about.setText(
                self.tr(
                    "The cuts as a file, and copies of all clips in a folder beside it. Other editors go on from there."
                )
            )
            return
        wanted = self.wanted(Path(f"film{ending}"))
        frames, most = wanted.frames(self._timeline), wanted.bytes(self._timeline) / 2**20
        wide, high = wanted.size(self._timeline)
        self.about.setText(
            self.tr("{0} frames of {1} × {2} px, at most about {3:.0f} MB.").format(frames, wide, high, most)
        )
        self.adjustSize()

    def wanted(self, path: Path) -> Render:
        """What is set now."""
        wide, high = self.pixels.currentData()
        rate = self.rate.value()
        same = abs(rate - self._timeline.rate) < 0.0006  # it is shown with three decimals
        return Render(
            path, wide, high, 0.0 if same else rate, self.quality.value(), tuple(self.what.currentData()), self.sound.isChecked()
        )  # fmt: skip

    def _choose(self) -> None:
        ending = str(self.format.currentData())
        title = self.format.currentText().split(",")[0]
        path, _ = QFileDialog.getSaveFileName(
            self,
            self.tr("Export the film"),
            str(Path(self._folder) / f"{self._name}{ending}"),
            f"{title} (*{ending})",
        )
        if path:
            self.send(Path(path))

    def send(self, path: Path) -> None:
        """The ending that was typed wins, where it is one that can be written."""
        ending = str(self.format.currentData())
        if path.suffix.lower() not in (*FORMATS, OTIO):
            path = Path(f"{path}{ending}")
        kept = self.session.settings.export
        quality = str(self.quality.value())
        self.session.settings.export = {**kept, "film-format": ending, "film-quality": quality}
        self._send(self.wanted(path))
        self.accept()
