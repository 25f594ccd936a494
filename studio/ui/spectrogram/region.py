"""What can be done with the part of a sound that is marked."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from studio.core import marks
from studio.session import CANVAS, Session
from studio.ui.spectrogram.sight import clock
from studio.ui.widgets.basic import Elided, chip


class RegionPanel(QWidget):
    """Chips that set the technique for the marked part, and one that needs no model: remove."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.setObjectName("panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.session = session
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 2, 14, 10)
        column.setSpacing(6)
        self.again = chip(self.tr("regenerate"), run=self._regenerate)
        self.instrument = chip(self.tr("replace the instrument"), run=self._replace)
        self.remove = chip(self.tr("remove"), checkable=False, run=lambda: session.takes.page.silence_marks())
        self.extend = chip(self.tr("extend"), run=self._extend)
        for pair in ((self.again, self.instrument), (self.remove, self.extend)):
            row = QHBoxLayout()
            row.setSpacing(6)
            for made in pair:
                row.addWidget(made)
            row.addStretch(1)
            column.addLayout(row)
        self.about = Elided(kind="small")
        column.addWidget(self.about)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        session.changed.connect(self._changed)
        session.takes.moved.connect(lambda _: self.refresh())
        self.refresh()

    def _changed(self, what: str) -> None:
        if what in ("technique", "values", "model", "forecast", "history", "document"):
            self.refresh()

    def refresh(self) -> None:
        session, takes = self.session, self.session.takes
        take = takes.shown
        region = marks.region(take.marks) if take is not None else None
        nothing = self.tr("Make or drop in a sound first.") if take is None else ""
        for made, technique, needs_mark, tip in (
            (self.again, "edit-sound", True, self.tr("Plays what is marked anew under your words; the rest stays bit for bit")),
            (self.instrument, "edit-sound", False,
             self.tr("Keeps what is played and changes what plays it, where it is marked, else everywhere")),
            (self.remove, "", True, self.tr("Makes what is marked silent; needs no model")),
            (self.extend, "extend-sound", False, self.tr("The sound goes on beyond its end, in its own beat")),
        ):  # fmt: skip
            why = nothing or (
                self.tr("Mark something on the spectrogram first.") if needs_mark and region is None else ""
            )
            if not why and technique and not session.offered(technique):
                why = self.tr("No model here can do this; add one of music in Settings, Models.")
            made.setEnabled(not why)
            made.setToolTip(why or tip)
            made.setAccessibleDescription(why or tip)
        self._check(self.again, "edit-sound", "noise")
        self._check(self.instrument, "edit-sound", "inversion")
        self.extend.setChecked(session.technique == "extend-sound")
        if region is None:
            self.about.say(nothing or self.tr("Nothing is marked: brush, lasso or rectangle on the left."))
        else:
            start, end, low, high = region
            self.about.say(
                self.tr("{0} to {1}, {2:.0f} to {3:.0f} Hz").format(clock(start), clock(end), low, high)
            )

    def _check(self, made: QPushButton, technique: str, method: str) -> None:
        session = self.session
        made.setChecked(session.technique == technique and session.value("method") == method)

    def _regenerate(self) -> None:
        self._use("edit-sound", sound=CANVAS, mask=CANVAS, method="noise", strength=1.0)

    def _replace(self) -> None:
        mask = CANVAS if self.session.takes.marked() else None
        self._use("edit-sound", sound=CANVAS, mask=mask, method="inversion", strength=0.75)

    def _extend(self) -> None:
        self._use("extend-sound", sound=CANVAS)

    def _use(self, technique: str, **values: object) -> None:
        session = self.session
        session.set_technique(technique)
        for name, value in values.items():
            session.set_value(name, value)
        self.refresh()
        session.view.focus_words()
