"""Export: which part, which format, how good, and whether the file tells how it was made."""

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
    QSlider,
    QVBoxLayout,
    QWidget,
)

from studio.media.export import ENDINGS, LOSSY, Export
from studio.session import Session
from studio.ui.widgets.basic import Choice, label, text_button, wrapped


class ExportDialog(QDialog):
    """Args: send: gets the `Export`; name: suggested for the file, without ending; folder: where to begin."""

    def __init__(
        self, session: Session, send: Callable[[Export], object], name: str, folder: str, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.session, self._send, self._name, self._folder = session, send, name, folder
        self.setWindowTitle(self.tr("Export the picture"))
        self.setMinimumWidth(420)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 16)
        column.setSpacing(14)
        form = QFormLayout()
        form.setSpacing(12)
        self.area = Choice(self.tr("What"))
        document = session.document
        chosen, box = document.selection_bounds(), document.box
        self.area.addItem(
            self.tr("The whole canvas, {0} × {1}").format(document.width, document.height), "canvas"
        )
        if not chosen.empty:
            self.area.addItem(self.tr("The selection, {0} × {1}").format(chosen.w, chosen.h), "selection")
        if box != document.rect and not box.clipped(document.rect).empty:
            self.area.addItem(self.tr("The generation box, {0} × {1}").format(box.w, box.h), "box")
        form.addRow(self.tr("What"), self.area)
        self.format = Choice(self.tr("Format"))
        for ending, title in (
            (".png", self.tr("PNG, nothing is lost")),
            (".jpg", self.tr("JPEG, small, no transparency")),
            (".webp", self.tr("WebP, small")),
            (".avif", self.tr("AVIF, smallest")),
            (".tiff", self.tr("TIFF, for print")),
            (".psd", self.tr("Photoshop, with layers")),
        ):
            self.format.addItem(title, ending)
        kept = session.settings.export.get("format", ".png")
        self.format.setCurrentIndex(max(self.format.findData(kept), 0))
        form.addRow(self.tr("Format"), self.format)
        self.quality = QSlider(Qt.Orientation.Horizontal)
        self.quality.setRange(1, 100)
        self.quality.setAccessibleName(self.tr("Quality"))
        quality = session.settings.export.get("quality", "92")
        self.quality.setValue(int(quality) if quality.isdigit() else 92)
        self.number = label(str(self.quality.value()), "value")
        self.number.setFixedWidth(28)
        self.quality.valueChanged.connect(lambda value: self.number.setText(str(value)))
        row = QHBoxLayout()
        row.addWidget(self.quality, 1)
        row.addWidget(self.number)
        self._form, self._quality_row = form, row
        form.addRow(self.tr("Quality"), row)
        self.tell = QCheckBox(self.tr("Say inside the file how it was made"))
        self.tell.setChecked(session.settings.export.get("tell", "yes") == "yes")
        form.addRow("", self.tell)
        column.addLayout(form)
        self.about = wrapped("", "small")
        column.addWidget(self.about)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(text_button(self.tr("Cancel"), self.reject))
        self.go = text_button(self.tr("Export"), self._choose, kind="primary", icon="file-down")
        buttons.addWidget(self.go)
        column.addLayout(buttons)
        self.format.currentIndexChanged.connect(self._fit)
        self._fit()

    def _fit(self) -> None:
        """Only what the format knows can be set."""
        ending = self.format.currentData()
        self.quality.setEnabled(ending in LOSSY)
        self._form.setRowVisible(self._quality_row, ending in LOSSY)
        layered, made = ending == ".psd", self.session.made_by() is not None
        self.area.setEnabled(not layered)
        self.tell.setEnabled(made and not layered)
        self.about.setText(
            self.tr("All layers, as they look; masks become hidden layers.")
            if layered
            else self.tr("The words and settings, to be read by this and other studios.")
            if made
            else self.tr("No layer here was made from a request, so there is nothing to tell.")
        )

    def _choose(self) -> None:
        ending = str(self.format.currentData())
        path, _ = QFileDialog.getSaveFileName(
            self,
            self.tr("Export the picture"),
            str(Path(self._folder) / f"{self._name}{ending}"),
            f"{self.format.currentText().split(',')[0]} (*{ending})",
        )
        if path:
            self.send(Path(path))

    def send(self, path: Path) -> None:
        """The ending that was typed wins, where it is one that can be written."""
        ending = str(self.format.currentData())
        known = {*ENDINGS, ".jpeg", ".tif"}
        if path.suffix.lower() not in known:
            path = Path(f"{path}{ending}")
        tell = self.tell.isChecked()
        self.session.settings.export = {
            "format": ending, "quality": str(self.quality.value()), "tell": "yes" if tell else "no",
        }  # fmt: skip
        area = self.area.currentData() if self.area.isEnabled() else "canvas"
        self._send(Export(path, area, self.quality.value(), self.session.made_by() if tell else None))
        self.accept()
