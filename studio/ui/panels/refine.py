"""The bar over the canvas that grows, shrinks, feathers or smooths the mask or selection, shown while the value is chosen.

The mask is worked on beside the window; a value that is overtaken by the next is dropped. Nothing is changed before Apply.
"""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from studio import layering
from studio.core import select
from studio.core.layer import Pixels
from studio.session import Session
from studio.ui.canvas import Canvas
from studio.ui.widgets.basic import Choice, floating, icon_button, label, text_button
from studio.ui.widgets.images import Background
from studio.ui.widgets.value import ShortValue

RADIUS = 4
"""Pixels at first."""


class RefineBar(QWidget):
    """What to do, by how many pixels, Apply."""

    def __init__(self, session: Session, canvas: Canvas, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session, self.canvas = session, canvas
        floating(self)
        self.setAccessibleName(self.tr("Change the mask"))
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 6, 8, 6)
        row.setSpacing(8)
        self.what = label("", "title")
        row.addWidget(self.what)
        self.change = Choice(self.tr("What to do"), plain=True)
        titles = {
            "grow": self.tr("Grow"), "shrink": self.tr("Shrink"), "feather": self.tr("Feather"),
            "smooth": self.tr("Smooth"), "border": self.tr("Border"),
        }  # fmt: skip
        for name in select.CHANGES:
            self.change.addItem(titles[name], name)
        self.change.currentIndexChanged.connect(lambda _: self._update())
        row.addWidget(self.change)
        self.radius = ShortValue(
            self.tr("by"), 1, 200, RADIUS, "px", curve=2, tip=self.tr("Pixels of the picture")
        )
        self.radius.changed.connect(lambda _: self._update())
        row.addWidget(self.radius)
        self.cancel = icon_button(
            "x", self.tr("Leave the mask as it is"), self.shut, tip=self.tr("Cancel  Esc"), side=16
        )
        row.addWidget(self.cancel)
        self.apply = text_button(self.tr("Apply"), self.finish, kind="primary", icon="check")
        row.addWidget(self.apply)
        self._background = Background(self)
        self._target = ""
        self._before: Pixels | None = None
        self._made: tuple[str, int, Pixels] | None = None
        self._working = False
        self._finishing = False
        self._ours = False
        session.changed.connect(self._changed)
        self.hide()

    # --- opening and closing -----------------------------------------------------------------------------------

    def open(self, change: str) -> None:
        """Begins with one of `select.CHANGES`. Says why when there is nothing to change."""
        target = layering.target(self.session)
        if target is None:
            self.session.say(
                self.tr("There is no mask or selection yet; paint or select something first."), "warn"
            )
            return
        pixels = layering.mask_pixels(self.session, target)
        if not pixels.any():
            self.session.say(self.tr("The mask is empty; paint something first."), "warn")
            return
        self._target, self._before, self._made = target, pixels, None
        self.what.setText(self.session.document.layer(target).name if target else self.tr("Selection"))
        self.change.blockSignals(True)
        self.change.setCurrentIndex(self.change.findData(change))
        self.change.blockSignals(False)
        self.adjustSize()
        self.show()
        self.raise_()
        self.radius.number.setFocus(Qt.FocusReason.PopupFocusReason)
        self._update()

    def shut(self) -> None:
        """Without changing anything."""
        if self._before is not None:
            self._before = self._made = None
            self._finishing = False
            self.canvas.set_mask_draft("", None)
        self.hide()
        self.canvas.setFocus()

    def finish(self) -> None:
        """Applies what is chosen, as soon as it is computed."""
        if self._before is None:
            return
        change, radius = self._wanted()
        if self._made is None or self._made[:2] != (change, radius):
            self._finishing = True
            self._update()
            return
        pixels, target = self._made[2], self._target
        name = f"{self.change.currentText()} {self.what.text()} by {radius} px"
        self._ours = True
        self.shut()
        layering.put_mask(self.session, target, pixels, name)
        self._ours = False

    def _changed(self, what: str) -> None:
        if what in ("history", "document") and self._before is not None and not self._ours:
            self.shut()  # what it began with is no longer there

    # --- computing beside the window -----------------------------------------------------------------------------

    def _wanted(self) -> tuple[str, int]:
        return str(self.change.currentData()), round(self.radius.value())

    def _update(self) -> None:
        if self._before is None or self._working:
            return
        mask, (change, radius) = self._before, self._wanted()
        self._working = True
        self._background.run(
            lambda: select.refined(mask, change, radius), lambda done: self._done(mask, change, radius, done)
        )

    def _done(self, mask: Pixels, change: str, radius: int, made: Pixels) -> None:
        self._working = False
        if self._before is None:
            return
        if mask is not self._before:
            self._update()
            return
        self._made = (change, radius, made)
        self.canvas.set_mask_draft(self._target, made)
        if (change, radius) != self._wanted():
            self._update()
        elif self._finishing:
            self.finish()

    def wait(self) -> None:
        """Until the newest value is shown: for tests."""
        while self._working:
            self._background.wait()

    def stop(self) -> None:
        self._background.stop()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.shut()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.finish()
        else:
            super().keyPressEvent(event)
