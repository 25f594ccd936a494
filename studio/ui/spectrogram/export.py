"""Export a sound: which part, which format and rate, how loud, its tags, and whether the file tells how it was made."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from studio.core.loudness import CEILING, STREAMING
from studio.core.take import Take
from studio.media.sound import WRITERS
from studio.media.sound_export import OPUS, RATES, SoundExport
from studio.session import Session
from studio.ui.spectrogram.deck import Range
from studio.ui.spectrogram.sight import clock
from studio.ui.widgets.basic import Choice, label, text_button, wrapped
from studio.ui.widgets.value import Number

LOSSY = (".ogg", ".opus", ".mp3")
LOUDNESSES = (STREAMING, -16.0, -23.0)
"""LUFS: music services, podcasts, broadcasting (EBU R 128)."""


class SoundExportDialog(QDialog):
    """Args: chosen: the stretch of time that is chosen; tags: of the take's file; send: gets the `SoundExport`."""

    def __init__(
        self,
        session: Session,
        take: Take,
        chosen: Range | None,
        tags: dict[str, str],
        send: Callable[[SoundExport], object],
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.session, self.take, self._chosen, self._send = session, take, chosen, send
        self.setWindowTitle(self.tr("Export the sound"))
        self.setMinimumWidth(440)
        kept = session.settings.sound
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 16)
        column.setSpacing(14)
        self._form = QFormLayout()
        self._form.setSpacing(12)
        self.part = Choice(self.tr("What"))
        self.part.addItem(self.tr("All of it, {0}").format(clock(take.seconds)), "all")
        if chosen is not None:
            self.part.addItem(self.tr("The chosen stretch, {0} to {1}").format(*map(clock, chosen)), "range")
            self.part.setCurrentIndex(1)
        self._form.addRow(self.tr("What"), self.part)
        self.format = Choice(self.tr("Format"))
        for ending, title in (
            (".flac", self.tr("FLAC, nothing is lost")),
            (".wav", self.tr("WAV, for every program")),
            (".mp3", self.tr("MP3, small, for every player")),
            (".ogg", self.tr("Ogg Vorbis, small")),
            (".opus", self.tr("Opus, smallest")),
        ):
            self.format.addItem(title, ending)
        self.format.setCurrentIndex(max(self.format.findData(kept.get("format", ".flac")), 0))
        self._form.addRow(self.tr("Format"), self.format)
        self.rate = Choice(self.tr("Sample rate"))
        self._form.addRow(self.tr("Sample rate"), self.rate)
        self._quality()
        self._loudness(kept)
        self.title, self.artist = QLineEdit(), QLineEdit()
        for made, name, text, default in (
            (self.title, self.tr("Title"), "title", Path(take.name).stem),
            (self.artist, self.tr("Artist"), "artist", kept.get("artist", "")),
        ):
            made.setText(tags.get(text, default))
            made.setAccessibleName(name)
            made.setMaxLength(200)
            self._form.addRow(name, made)
        self._tags = tags
        self.tell = QCheckBox(self.tr("Say inside the file how it was made"))
        self.tell.setChecked(take.spec is not None and kept.get("tell", "yes") == "yes")
        self.tell.setEnabled(take.spec is not None)
        self._form.addRow("", self.tell)
        column.addLayout(self._form)
        self.about = wrapped("", "small")
        column.addWidget(self.about)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(text_button(self.tr("Cancel"), self.reject))
        self.go = text_button(self.tr("Export"), self._choose, kind="primary", icon="file-down")
        buttons.addWidget(self.go)
        column.addLayout(buttons)
        for box in (self.format, self.part):
            box.currentIndexChanged.connect(self._fit)
        for box in (self.normalise, self.limit):
            box.toggled.connect(self._fit)
        self._fit()

    def _quality(self) -> None:
        self.quality = QSlider(Qt.Orientation.Horizontal)
        self.quality.setRange(1, 100)
        self.quality.setValue(92)
        self.quality.setAccessibleName(self.tr("Quality"))
        number = label("92", "value")
        number.setFixedWidth(28)
        self.quality.valueChanged.connect(lambda value: number.setText(str(value)))
        self._quality_row = QHBoxLayout()
        self._quality_row.addWidget(self.quality, 1)
        self._quality_row.addWidget(number)
        self._form.addRow(self.tr("Quality"), self._quality_row)

    def _loudness(self, kept: dict[str, str]) -> None:
        self.normalise = QCheckBox(self.tr("Bring to"))
        self.normalise.setAccessibleName(self.tr("Set the loudness"))
        self.normalise.setChecked(kept.get("normalise") == "yes")
        self.lufs = Number()
        self.lufs.setDecimals(1)
        self.lufs.setRange(-40, -5)
        self.lufs.setValue(STREAMING)
        self.lufs.setSuffix(" LUFS")
        self.lufs.setAccessibleName(self.tr("Loudness"))
        self.lufs.setToolTip(self.tr("Music services play at −14, podcasts are at −16, broadcasting at −23"))
        self.limit = QCheckBox(self.tr("True peak at most"))
        self.limit.setAccessibleName(self.tr("Limit the true peak"))
        self.limit.setChecked(kept.get("limit", "yes") == "yes")
        self.ceiling = Number()
        self.ceiling.setDecimals(1)
        self.ceiling.setRange(-20, 0)
        self.ceiling.setValue(CEILING)
        self.ceiling.setSuffix(" dBTP")
        self.ceiling.setAccessibleName(self.tr("True peak"))
        self.ceiling.setToolTip(
            self.tr("Peaks between samples count too; what would pass it is made softer for a moment")
        )
        for title, box, number in (
            (self.tr("Loudness"), self.normalise, self.lufs),
            (self.tr("Peaks"), self.limit, self.ceiling),
        ):
            number.setFixedWidth(96)
            row = QHBoxLayout()
            row.addWidget(box)
            row.addWidget(number)
            row.addStretch(1)
            self._form.addRow(title, row)

    @property
    def stretch(self) -> tuple[float, float]:
        whole = self.part.currentData() == "all" or self._chosen is None
        return (0.0, self.take.seconds) if whole else self._chosen  # pyright: ignore[reportReturnType]

    def _fit(self) -> None:
        """Only what the format knows can be set."""
        ending = str(self.format.currentData())
        self._form.setRowVisible(self._quality_row, ending in LOSSY)
        now = self.rate.currentData()
        own = round(self.take.rate)
        self.rate.blockSignals(True)
        self.rate.clear()
        for rate in dict.fromkeys((own, *RATES)):
            if ending != ".opus" or rate in OPUS:
                self.rate.addItem(
                    self.tr("{0} Hz, its own").format(rate) if rate == own else f"{rate} Hz", rate
                )
        self.rate.setCurrentIndex(max(self.rate.findData(now), 0))
        self.rate.blockSignals(False)
        for box, number in ((self.normalise, self.lufs), (self.limit, self.ceiling)):
            number.setEnabled(box.isChecked())
        self.about.setText(
            self.tr("The words and settings are written beside the tags, to be read by this studio.")
            if self.take.spec is not None
            else ""
        )
        self.about.setVisible(bool(self.about.text()))

    def _choose(self) -> None:
        ending = str(self.format.currentData())
        stem = (
            "".join(ch for ch in Path(self.take.name).stem if ch.isalnum() or ch in " -_").strip()[:60]
            or "sound"
        )
        path, _ = QFileDialog.getSaveFileName(
            self,
            self.tr("Export the sound"),
            str(Path(self.session.settings.sound.get("folder", "")) / f"{stem}{ending}"),
            f"{self.format.currentText().split(',')[0]} (*{ending})",
        )
        if path:
            self.send(Path(path))

    def send(self, path: Path) -> None:
        """The ending that was typed wins, where it is one that can be written."""
        ending = str(self.format.currentData())
        if path.suffix.lower() not in WRITERS:
            path = Path(f"{path}{ending}")
        yes = {True: "yes", False: "no"}
        self.session.settings.sound = {
            **self.session.settings.sound,
            "format": ending,
            "artist": self.artist.text().strip(),
            "normalise": yes[self.normalise.isChecked()],
            "limit": yes[self.limit.isChecked()],
            **({"tell": yes[self.tell.isChecked()]} if self.take.spec is not None else {}),
            "folder": str(path.parent),
        }
        start, end = self.stretch
        rate = self.rate.currentData()
        self._send(
            SoundExport(
                path,
                start,
                end,
                float(rate) if rate != round(self.take.rate) else None,
                self.lufs.value() if self.lufs.isEnabled() else None,
                self.ceiling.value() if self.ceiling.isEnabled() else None,
                self.quality.value(),
                {**self._tags, "title": self.title.text().strip(), "artist": self.artist.text().strip()},
                self.take.spec if self.tell.isChecked() else None,
            )
        )
        self.accept()
