"""The whole window with a pool that runs nothing: keys, palette, docks, names, sizes."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QAccessible, QDropEvent, QFontMetrics, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QLineEdit, QWidget

from studio import actions
from studio.core.clip import Clip
from studio.core.going import Going
from studio.core.job import Failed, Preview, Progress, Result
from studio.media.image import save_picture
from studio.ui.theme import themes
from studio.ui.window import Window

Ctrl, Shift = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


def picture(value=0, wide=64, high=64):
    return Clip.picture(np.full((high, wide, 3), value, np.uint8))


@pytest.fixture
def window(session, qtbot, tmp_path):
    from studio.app import make_application

    make_application([])
    themes.use("dark")
    made = Window(session, None, tmp_path / "window.ini")
    qtbot.addWidget(made)
    made.resize(1400, 900)
    with qtbot.waitSignal(made.ready):
        made.show()
    qtbot.wait(30)
    return made


def candidates(session, count=3):
    session.set_prompt("a fox")
    session.set_count(count)
    job = session.draw()
    spec = session.jobs[job].spec
    for index in range(count):
        session.pool.happened.emit(
            job, Result(picture(40 * index), spec, index, {"drawing": 1.0}, "cpu", 1 << 28)
        )
    return job


def test_ctrl_enter_in_the_words_draws_them(window, session, qtbot):
    window.focus_words()
    box = window.technique.prompt.edit
    QTest.keyClicks(box, "an owl")
    qtbot.waitUntil(window.commands["picture.draw"].isEnabled)
    QTest.keyClick(box, Qt.Key.Key_Return, Ctrl)
    assert [job.spec.technique.prompt for job in session.jobs.values()] == ["an owl"]
    assert box.toPlainText() == "an owl", "no new line"


def test_letters_typed_as_words_choose_no_tool(window, session):
    window.focus_words()
    before = window.canvas.tool
    QTest.keyClicks(window.technique.prompt.edit, "ebvhl 123")
    assert window.technique.prompt.edit.toPlainText() == "ebvhl 123"
    assert window.canvas.tool == before


def test_tool_keys_on_the_canvas(window, session):
    window.canvas.setFocus()
    QTest.keyClick(window.canvas, Qt.Key.Key_E)
    assert window.canvas.tool == session.tool == "eraser"
    assert window.tool_buttons["eraser"].isChecked() and not window.tool_buttons["brush"].isChecked()
    window.tool_buttons["hand"].click()
    assert window.canvas.tool == "hand"


def test_candidates_are_seen_picked_compared_and_accepted(window, session, qtbot):
    session.add_clip(picture(7), "below")
    candidates(session)
    bar = window.stage.candidates
    assert bar.isVisible() and "1" in bar.which.text()
    assert window.canvas.scene.overlay is not None
    window.canvas.setFocus()
    qtbot.waitUntil(window.commands["picture.pick-3"].isEnabled)
    QTest.keyClick(window.canvas, Qt.Key.Key_3)
    assert session.shown_candidate == 2 and bar.which.text() == "Candidate 3 of 3"
    QTest.keyClick(window.canvas, Qt.Key.Key_Backslash)
    assert session.comparing and window.canvas.scene.split is not None
    QTest.keyClick(window.canvas, Qt.Key.Key_Backspace)
    assert len(session.candidates) == 2
    QTest.keyClick(window.canvas, Qt.Key.Key_Return)
    assert len(session.document.layers) == 2 and len(session.candidates) == 1
    window.stage.candidates.accept.click()
    assert len(session.document.layers) == 3
    assert not bar.isVisible() and window.canvas.scene.overlay is None and window.canvas.scene.split is None


def test_a_preview_is_shown_and_goes(window, session):
    session.set_prompt("x")
    job = session.draw()
    session.pool.happened.emit(job, Preview(picture(3), 1))
    assert window.canvas.scene.preview is not None
    session.pool.happened.emit(job, Failed("It broke; try again."))
    assert window.canvas.scene.preview is None
    assert window.stage.notice.isVisible() and window.stage.notice.text.text() == "It broke; try again."


def test_the_start_card_leaves_and_comes_back(window, session, qtbot):
    assert window.stage.start.isVisible()
    window.stage.start.go.click()
    assert len(session.jobs) == 1 and not window.stage.start.isVisible()
    session.cancel_all()
    assert window.stage.start.isVisible()


def test_palette_finds_and_does(window, session, qtbot):
    session.add_clip(picture(), "x")
    QTest.keyClick(window, Qt.Key.Key_K, Ctrl)
    palette = window.palette_box
    assert palette.isVisible() and palette.edit.hasFocus()
    QTest.keyClicks(palette.edit, "undo")
    QTest.keyClick(palette.edit, Qt.Key.Key_Return)
    assert not palette.isVisible() and not session.document.layers
    window.show_palette()
    QTest.keyClicks(palette.edit, "zzzz")
    QTest.keyClick(palette.edit, Qt.Key.Key_Return)
    assert palette.isVisible(), "nothing found: nothing done"
    QTest.keyClick(palette.edit, Qt.Key.Key_Escape)
    assert not palette.isVisible()


def test_every_command_that_can_run_runs(window, session, monkeypatch):
    """None raises; those that open a file dialog are answered with nothing."""
    from PySide6.QtWidgets import QFileDialog

    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *a, **k: ([], ""))
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *a, **k: ("", ""))
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *a, **k: ("", ""))
    for command in actions.COMMANDS:
        if command.id != "file.quit":
            session.set_prompt("a fox")
            window.commands[command.id].trigger()
            QApplication.processEvents()
    window.reset_layout()


def test_tab_hides_the_panels_and_brings_them_back(window):
    window.canvas.setFocus()
    shown = [name for name in window.panels if window.panels[name].isVisible()]
    QTest.keyClick(window.canvas, Qt.Key.Key_Tab)
    assert not any(panel.isVisible() for panel in window.panels.values())
    QTest.keyClick(window.canvas, Qt.Key.Key_Tab)
    assert [name for name in window.panels if window.panels[name].isVisible()] == shown


def test_f6_walks_through_the_parts(window, session):
    session.add_clip(picture(), "x")
    window.canvas.setFocus()
    seen = []
    for _ in range(7):
        QTest.keyClick(QApplication.focusWidget() or window, Qt.Key.Key_F6)
        seen.append(QApplication.focusWidget())
    assert len({id(widget) for widget in seen}) == 7
    assert seen[-1] is window.canvas


def test_rebinding_a_key(window, session, qtbot):
    session.add_clip(picture(), "x")
    session.set_shortcut("edit.undo", ["F9"])
    qtbot.waitUntil(window.commands["edit.undo"].isEnabled)
    assert window.commands["edit.undo"].shortcut() == QKeySequence("F9")
    QTest.keyClick(window, Qt.Key.Key_F9)
    assert not session.document.layers


def test_arrangement_is_kept(window, session, qtbot, tmp_path):
    window.toggle_panel("history")
    window.toggle_panel("gallery")
    window.close()
    again = Window(session, None, tmp_path / "window.ini")
    qtbot.addWidget(again)
    again.show()
    assert again.panel_shown("history") and not again.panel_shown("gallery")
    again.reset_layout()
    assert again.panel_shown("gallery") and not again.panel_shown("history")


def test_folding_a_panel(window, qtbot):
    panel = window.panels["layers"]
    panel.head.toggle()
    qtbot.waitUntil(lambda: panel.height() <= panel.head.sizeHint().height() + 2)
    panel.head.toggle()
    qtbot.waitUntil(lambda: panel.height() > 80)


def test_dropped_pictures_become_layers(window, session, qtbot, tmp_path):
    path = tmp_path / "red.png"
    save_picture(picture(200, 40, 30), path)
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    drop = QDropEvent(
        QPointF(50, 50),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    window.stage.dropEvent(drop)
    qtbot.waitUntil(lambda: len(session.document.layers) == 1)
    assert session.document.layers[0].name == "red" and session.document.rect[2:] == (40, 30)


def test_a_broken_file_is_a_sentence(window, session, qtbot, tmp_path):
    path = tmp_path / "broken.png"
    path.write_bytes(b"not a picture")
    window.stage.add_files([path])
    qtbot.waitUntil(window.stage.notice.isVisible)
    assert "broken.png" in window.stage.notice.text.text()


def test_copy_and_paste(window, session, qtbot):
    session.add_clip(picture(90), "x")
    window.copy_picture()
    window.paste()  # waits for the copy
    qtbot.waitUntil(lambda: len(session.document.layers) == 2)
    assert session.document.layers[1].pixels[0, 0].tolist() == [90, 90, 90, 255]


def busy(window, session, qtbot):
    """A window in which everything has something to show."""
    session.add_clip(picture(9, 100, 100), "a turtle on the left and a cat on the right of a very long name")
    session.new_mask()
    session.settings.advanced = True
    window.technique._show_advanced()
    candidates(session)
    job = session.draw()
    session.pool.happened.emit(job, Progress("drawing", 3, 20, 4.0))
    broken = session.draw()
    session.pool.happened.emit(
        broken, Failed("Memory ran out; try a smaller size.", "Traceback ...", "memory")
    )
    window.toggle_panel("history")
    window.show_settings()
    qtbot.wait(60)


def test_everything_has_a_name(window, session, qtbot):
    busy(window, session, qtbot)
    roles = QAccessible.Role
    speak = {
        roles.PushButton, roles.CheckBox, roles.RadioButton, roles.ButtonMenu, roles.ButtonDropDown, roles.ComboBox, roles.EditableText,
        roles.Slider, roles.SpinBox, roles.List, roles.Table, roles.ProgressBar, roles.PageTabList,
    }  # fmt: skip
    unnamed = []
    for top in (window, window._settings_dialog):
        for widget in [top, *top.findChildren(QWidget)]:
            if not widget.isVisible() or widget.objectName().startswith("qt_"):
                continue
            seen = QAccessible.queryAccessibleInterface(widget)
            if seen is not None and seen.role() in speak and not seen.text(QAccessible.Text.Name).strip():
                unnamed.append(
                    f"{type(widget).__name__} in {type(widget.parentWidget()).__name__}: {widget.objectName()}"
                )
    assert not unnamed, "\n".join(unnamed)


def test_every_button_can_be_reached_by_key(window, session, qtbot):
    busy(window, session, qtbot)
    unreachable = [
        widget.accessibleName()
        for widget in window.findChildren(QAbstractButton)
        if widget.isVisible() and widget.isEnabled() and not widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and not isinstance(widget.parentWidget(), QLineEdit) and widget.accessibleName()
    ]  # fmt: skip
    assert not unreachable


def test_nothing_is_cut(window, session, qtbot):
    busy(window, session, qtbot)
    cut = []
    for widget in window.findChildren(QWidget):
        if (
            not widget.isVisible() or not widget.text().strip()
            if isinstance(widget, QLabel | QAbstractButton)
            else True
        ):
            continue
        text = widget.text()
        metrics = QFontMetrics(widget.font())
        if isinstance(widget, QLabel) and (widget.wordWrap() or type(widget).__name__ == "Elided"):
            continue
        if (
            widget.width() < metrics.horizontalAdvance(text.replace("&", ""))
            or widget.height() < metrics.height()
        ):
            cut.append(f"{type(widget).__name__} {text!r}: {widget.width()} x {widget.height()}")
    assert not cut, "\n".join(cut)


@pytest.mark.parametrize("scale", ["1.5", "2"])
def test_nothing_is_cut_when_scaled(scale):
    """The same in a process of its own, as the scale cannot change in a running one."""
    here = f"{__file__}::test_nothing_is_cut"
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", here],
        env={**os.environ, "QT_SCALE_FACTOR": scale, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True, text=True, timeout=100,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout[-3000:]


@pytest.mark.parametrize("name", ["dark", "light", "contrast"])
def test_themes_reach_the_window(window, session, qtbot, name):
    busy(window, session, qtbot)
    session.set_theme(name)
    qtbot.wait(30)
    image = window.grab().toImage()
    # the empty middle of the top line, and the canvas' ground
    assert image.pixelColor(image.width() // 2, 8).name() == themes.now["panel"]
    corner = window.canvas.mapTo(window, window.canvas.rect().topLeft())
    assert image.pixelColor(corner.x() + 4, corner.y() + 4).name() == themes.now["canvas"]


def test_quiet_kinds_exist(window):
    """Every style kind that a widget asks for is in the stylesheet."""
    from studio.ui.theme import stylesheet

    sheet = stylesheet(themes.now)
    kinds = {widget.property("kind") for widget in window.findChildren(QWidget) if widget.property("kind")}
    assert kinds
    for kind in kinds:
        assert f'[kind="{kind}"]' in sheet, kind


def test_no_torch_here(window):
    code = "import sys, studio.app; print([m for m in ('torch', 'diffusers', 'transformers') if m in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert run.stdout.strip() == "[]", run.stderr


def test_a_layer_is_compared_with_what_is_without_it(window, session, qtbot):
    session.add_clip(picture(7), "below")
    session.add_clip(picture(200), "above")
    canvas = window.canvas
    qtbot.waitUntil(window.layers.compare.isVisible)
    window.layers.compare.click()
    qtbot.waitUntil(lambda: canvas.scene.before is not None)
    assert session.comparing and canvas.scene.split is not None
    shown = canvas.grab_settled().toImage()
    at = canvas.view.to_screen(canvas.document.width / 2, canvas.document.height / 2)
    beside = [shown.pixelColor(round(at[0]) + way * 20, round(at[1])).red() for way in (-1, 1)]
    assert beside[0] < 60 < 150 < beside[1]
    session.document.activate(session.document.layers[0].id)  # the lower one: nothing is below it
    qtbot.waitUntil(lambda: canvas.scene.before.image.pixelColor(0, 0).red() > 150)
    QTest.keyClick(canvas, Qt.Key.Key_Backslash)
    assert not session.comparing and canvas.scene.split is None and canvas.scene.before is None


def test_a_technique_is_chosen_in_the_palette(window, session):
    assert "technique.inpaint" in [c.id for c in actions.search("fill the mask", session)]
    assert actions.perform("technique.inpaint", session) and session.technique == "inpaint"


def test_a_new_window_and_its_frame_fit_on_the_screen(window):
    room = QApplication.primaryScreen().availableGeometry()
    assert window._start_size().height() < room.height() and window._start_size().width() <= room.width()


def test_a_duplicate_made_by_its_keys_is_the_only_layer_chosen(window, session, qtbot):
    """With Ctrl held Qt's lists add to what is chosen; Delete would then take both."""
    session.add_clip(picture(7), "below")
    window.canvas.setFocus()
    qtbot.waitUntil(window.commands["layer.duplicate"].isEnabled)
    QTest.keyClick(window.canvas, Qt.Key.Key_J, Ctrl)
    assert [layer.name for layer in session.document.layers] == ["below", "below copy"]
    assert session.picked == (session.layer.id,)


def test_a_file_under_way_shows_how_far_it_is_and_can_be_stopped(window, session, qtbot):
    going = Going()
    going.at(0.42)
    session.set_file_state("saving", going)
    assert window.top.saved.text() == "· saving 42 %" and not window.top.halt.isHidden()
    going.at(0.9)
    qtbot.waitUntil(lambda: "90 %" in window.top.saved.text())
    window.top.halt.click()
    assert going.stopped
    session.set_file_state("")
    assert "saving" not in window.top.saved.text() and window.top.halt.isHidden()
