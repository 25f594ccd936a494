"""The visible list of what was done: walking it, what is marked, what was forgotten."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from studio.core.clip import Clip
from studio.core.history import AddLayer, SetProperty
from studio.core.layer import Layer
from studio.session import Project
from studio.ui.panels.history import HistoryPanel


@pytest.fixture
def panel(session, qtbot):
    made = HistoryPanel(session)
    qtbot.addWidget(made)
    made.resize(260, 300)
    made.show()
    return made


def rows(panel):
    panel.refresh()
    return [panel.model.data(panel.model.index(row)) for row in range(panel.model.rowCount())]


def told(panel, row):
    return panel.model.data(panel.model.index(row), Qt.ItemDataRole.AccessibleTextRole)


def test_a_click_goes_there_and_tells_once(panel, session, qtbot):
    for number in range(5):
        session.edit(AddLayer(Layer(f"layer {number}")))
    assert rows(panel) == ["Beginning", *(f"Add layer {n}" for n in range(5))]
    heard = []
    session.history.changed.connect(lambda: heard.append(1))
    at = panel.list.visualRect(panel.model.index(2)).center()
    QTest.mouseClick(panel.list.viewport(), Qt.MouseButton.LeftButton, pos=at + QPoint(0, 0))
    assert len(session.document.layers) == 2 and len(heard) == 1
    panel.refresh()
    assert told(panel, 2) == "Add layer 1, now" and told(panel, 3) == "Add layer 2, undone"
    panel.list.setFocus()
    panel.list.setCurrentIndex(panel.model.index(5))
    QTest.keyClick(panel.list, Qt.Key.Key_Return)
    assert len(session.document.layers) == 5
    session.history.jump(1)
    session.edit(AddLayer(Layer("other")))
    assert rows(panel) == ["Beginning", "Add layer 0", "Add other"], "what was undone is gone then"


def test_the_saved_state_is_marked_and_forgetting_is_said(panel, session):
    session.edit(AddLayer(Layer("one")))
    session.project = Project(Path("/x/one.ora"), "one.ora")
    session.history.mark_clean()
    session.edit(SetProperty(session.layer.id, "opacity", 0.5))
    rows(panel)
    assert told(panel, 1) == "Add one, saved"
    session.history.budget = 1 << 20
    for number in range(4):
        session.add_clip(
            Clip.picture(np.random.default_rng(number).integers(0, 256, (300, 300, 3), np.uint8)), "x"
        )
        session.edit(session_delete(session))
    assert session.history.forgotten > 0
    assert rows(panel)[0] == "Before the steps that are still known"
    assert "of 1 MB" in panel.count.text()
    assert all("saved" not in told(panel, row) for row in range(1, panel.model.rowCount()))


def session_delete(session):
    from studio.core.history import RemoveLayer

    return RemoveLayer(session.layer.id)
