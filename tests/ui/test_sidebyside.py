"""Results side by side: one cell per request, what changed, and what becomes of the chosen one."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt

from studio.core.clip import Clip
from studio.core.job import Failed, Progress, Result
from studio.ui.panels.sidebyside import IMAGE_SCALES, TEXT_SCALES, CompareDialog, open_side_by_side
from studio.ui.window import Window


@pytest.fixture
def window(qtbot, session, card):
    able = ("text2image", "image2image", "instruct", "invert")
    session.cards = {"tiny": card().model_copy(update={"abilities": able})}
    pixels = np.full((64, 64, 3), 200, np.uint8)
    session.add_clip(Clip.picture(pixels), "Picture")
    made = Window(session)
    qtbot.addWidget(made)
    made.show()
    return made


def answer(session, cell, value=90):
    pixels = np.full((64, 64, 3), 200, np.uint8)
    pixels[:32] = value
    session.on_event(cell.job, Result(Clip.picture(pixels), cell.wanted.spec, 0, {"drawing": 1.5}))


def test_every_pair_of_scales_is_one_request(session, window, fake_pool):
    session.set_technique("instruct")
    session.set_prompt("make it blue")
    dialog = open_side_by_side(session, True, window)
    sent = [spec.technique for what, spec in fake_pool.asked if what == "submit"]
    assert {(t.guidance, t.image_guidance) for t in sent} == {
        (a, b) for a in TEXT_SCALES for b in IMAGE_SCALES
    }
    assert {t.prompt for t in sent} == {"make it blue"}
    assert not dialog.accept_button.isEnabled()
    cell = dialog.cells[5]
    session.on_event(cell.job, Progress("drawing", 2, 4))
    assert "drawing 2/4" in cell.accessibleName()
    answer(session, cell)
    assert session.candidates == []  # they belong to the grid
    assert cell.share == pytest.approx(0.5)
    assert "50% changed" in cell.state
    cell.chosen.emit()
    dialog._use()
    t = cell.wanted.spec.technique
    assert (session.value("guidance"), session.value("image_guidance")) == (t.guidance, t.image_guidance)
    stopped = [job for what, job in (one for one in fake_pool.asked if len(one) == 2) if what == "cancel"]
    assert set(stopped) == {
        one.job for one in dialog.cells if one is not cell
    }  # nobody waits for them any more


def test_the_same_edit_by_several_techniques(qtbot, session, window, fake_pool):
    session.set_technique("image2image")
    session.set_prompt("an owl")
    dialog = open_side_by_side(session, False, window)
    assert isinstance(dialog, CompareDialog)
    dialog.instruction.set_text("turn it into an owl")
    qtbot.mouseClick(dialog.go, Qt.MouseButton.LeftButton)
    by_name = {cell.wanted.spec.technique.name: cell for cell in dialog.cells}
    assert by_name["instruct"].wanted.spec.technique.prompt == "turn it into an owl"
    assert by_name["image2image"].wanted.spec.technique.prompt == "an owl"
    assert "prompt2prompt" not in by_name  # nobody said what the picture shows
    assert "Left out" in dialog.note.text()
    session.on_event(by_name["instruct"].job, Failed("It is too dark.", ""))
    assert by_name["instruct"].failed
    answer(session, by_name["image2image"])
    qtbot.mouseClick(by_name["image2image"], Qt.MouseButton.LeftButton)
    before = len(session.document.layers)
    qtbot.mouseClick(dialog.accept_button, Qt.MouseButton.LeftButton)
    assert len(session.document.layers) == before + 1
    assert session.document.layers[-1].spec.technique.name == "image2image"
    session.undo()
    assert len(session.document.layers) == before


def test_nothing_said_is_told_in_a_sentence(session, window):
    session.set_technique("image2image")
    dialog = open_side_by_side(session, False, window)
    dialog._go()
    assert "say what the picture shows" in dialog.note.text()
    assert dialog.cells == []
    for button in dialog.techniques.values():
        button.setChecked(False)
    dialog._go()
    assert dialog.note.text() == "Choose at least one technique."
    dialog.close()


def test_a_click_on_a_word_selects_its_place(qtbot, session, window, fake_pool):
    session.set_technique("text2image")
    session.set_prompt("a red fox on the snow")
    box = window.technique.prompt
    assert not box.look.isHidden()
    qtbot.mouseClick(box.look, Qt.MouseButton.LeftButton)
    chips = {
        box._flow.itemAt(i).widget().text(): box._flow.itemAt(i).widget() for i in range(box._flow.count())
    }
    assert list(chips) == ["red", "fox", "snow"]
    qtbot.mouseClick(chips["fox"], Qt.MouseButton.LeftButton)
    spec = fake_pool.asked[-1][1]
    assert (spec.technique.name, spec.technique.word) == ("wordmap", "fox")
    mask = np.zeros((32, 32), np.uint8)
    mask[8:16, 4:12] = 255
    job = f"job{fake_pool.number}"
    session.on_event(job, Result(Clip.mask(mask), spec, 0))
    chosen = session.document.selection_bounds()
    assert (chosen.x, chosen.y, chosen.w, chosen.h) == (8, 16, 16, 16)
    assert session.candidates == []
    session.undo()
    assert session.document.selection is None


def test_without_a_picture_there_is_nothing_to_look_in(qtbot, session, fake_pool):
    said = []
    session.said.connect(said.append)
    assert session.find_word("fox") == ""
    assert "no picture" in said[-1].text
    assert fake_pool.asked == []
