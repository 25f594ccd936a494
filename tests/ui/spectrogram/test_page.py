"""The Music workspace in the window: it opens, a sound that is dropped is seen, plays, is marked, compared and left again."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QAccessible, QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLineEdit, QWidget

from studio.core import marks
from studio.core.card import Defaults, ModelCard, Sizes
from studio.core.clip import Clip
from studio.core.job import Preview, Progress, Result
from studio.core.take import changed
from studio.ui.theme import themes
from studio.ui.window import Window

from .conftest import RATE, tone

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


def music_card():
    return ModelCard(
        id="band",
        title="band",
        abilities=("text2music", "melody2music", "vocode"),
        sizes=Sizes(native=(64, 64), min=16, max=256, multiple=16),
        defaults=Defaults(steps=4, guidance=4),
        memory_mb=100,
    )


@pytest.fixture
def window(session, qtbot, tmp_path):
    from studio.app import make_application

    make_application([])
    themes.use("dark")
    session.set_cards({**session.cards, "band": music_card()})
    made = Window(session, None, tmp_path / "window.ini")
    qtbot.addWidget(made)
    made.resize(1400, 900)
    with qtbot.waitSignal(made.ready):
        made.show()
    session.set_workspace("music")
    qtbot.wait(30)
    yield made
    made.close_now()


@pytest.fixture
def page(window, session):
    return session.takes.page


def settled(page, qtbot, count=1):
    """Until so many takes are there, and all that was asked for about them."""
    qtbot.waitUntil(lambda: len(page.session.takes.all) == count, timeout=10_000)
    qtbot.waitUntil(lambda: page.view.tape is not None, timeout=10_000)
    assert page.shelf.wait()
    page.view.wait()
    qtbot.wait(30)  # commands learn a moment later what can be done


def drop(widget, path):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    at = QPoint(widget.width() // 2, widget.height() // 2)
    enter = QDragEnterEvent(at, Qt.DropAction.CopyAction, data, LEFT, NONE)
    QApplication.sendEvent(widget, enter)
    assert enter.isAccepted()
    QApplication.sendEvent(widget, QDropEvent(QPointF(at), Qt.DropAction.CopyAction, data, LEFT, NONE))


def test_the_workspace_opens_with_its_own_panels(window, session, page):
    assert window.pages.currentWidget() is page and page.start.isVisible()
    shown = {name for name, panel in window.panels.items() if panel.isVisible()}
    assert shown == {"technique", "region", "takes"}
    session.set_workspace("paint")
    assert window.pages.currentWidget() is window.stage
    shown = {name for name, panel in window.panels.items() if panel.isVisible()}
    assert shown == {"technique", "layers", "queue", "gallery"} and window.tools.isVisible()
    session.set_workspace("music")
    assert window.panels["takes"].isVisible() and not window.panels["layers"].isVisible()


def test_a_dropped_sound_is_a_take_that_is_seen_and_told_of(window, session, page, sound, qtbot):
    drop(page, sound())
    settled(page, qtbot)
    take = session.takes.shown
    assert (take.name, take.seconds, take.rate, take.channels, take.origin) == (
        "two.wav",
        2.0,
        RATE,
        1,
        "dropped",
    )
    assert not page.start.isVisible() and session.unsaved
    x = [round(page.view.sight.x(t)) for t in (0.5, 1.5)]
    levels = [[page.view.level_at(t, page.view.sight.y(hz)) for hz in (440, 880)] for t in (0.5, 1.5)]
    assert levels[0][0] > -10 > -60 > levels[0][1] and levels[1][1] > -10 > -60 > levels[1][0]
    image = page.view.grab().toImage()
    bright = image.pixelColor(x[0], round(page.view.sight.y(440))).lightness()
    assert bright > 3 * max(image.pixelColor(x[0], round(page.view.sight.y(880))).lightness(), 1)
    assert page.transport.lufs.isVisible() and "LUFS" in page.transport.lufs.text()
    assert page.wave._peaks.max() == pytest.approx(0.5, abs=0.01)
    assert session.takes.shown.source.sha256, "a request can name it by what is in it"


def test_what_cannot_be_read_is_one_sentence(window, session, page, qtbot, tmp_path):
    broken = tmp_path / "broken.wav"
    broken.write_bytes(b"RIFF....nothing")
    drop(page, broken)
    qtbot.waitUntil(page.notice.isVisible)
    assert "broken.wav" in page.notice.text.text() and not session.takes.all
    other = tmp_path / "text.txt"
    other.write_text("x")
    drop(page, other)
    assert "text.txt" in page.notice.text.text()


def test_it_plays_without_a_device_and_says_so(window, session, page, sound, qtbot, monkeypatch):
    monkeypatch.setattr("studio.media.device.outputs", lambda: [])
    page.add_files([sound()])
    settled(page, qtbot)
    page.view.setFocus()
    QTest.keyClick(page.view, Qt.Key.Key_Space)
    assert page.deck.playing and page.transport.play.accessibleName() == "Pause"
    qtbot.waitUntil(lambda: page.view.playhead > 0.2)
    assert "device" in page.notice.text.text() or "PortAudio" in page.notice.text.text()
    QTest.keyClick(page.view, Qt.Key.Key_Space)
    assert not page.deck.playing
    at = page.view.playhead
    time.sleep(0.1)
    QApplication.processEvents()
    assert page.view.playhead == at
    page.deck.seek(1.9)
    page.deck.toggle()
    qtbot.waitUntil(lambda: not page.deck.playing, timeout=3000)
    assert page.deck.position == pytest.approx(2.0, abs=0.01)
    qtbot.waitUntil(lambda: page.transport.play.accessibleName() == "Play")


def test_marks_are_steps_of_the_history(window, session, page, sound, qtbot):
    page.add_files([sound()])
    settled(page, qtbot)
    take, view = session.takes.shown, page.view
    page.view.setFocus()
    QTest.keyClick(view, Qt.Key.Key_M)
    assert view.tool == "rectangle" and page.tools["rectangle"].isChecked()
    a, b = (
        QPoint(round(view.sight.x(0.5)), round(view.sight.y(500))),
        QPoint(round(view.sight.x(1.0)), round(view.sight.y(400))),
    )
    QTest.mousePress(view, LEFT, NONE, a)
    QTest.mouseMove(view, b)
    QTest.mouseRelease(view, LEFT, NONE, b)
    start, end, low, high = marks.region(take.marks)
    assert start == pytest.approx(0.5, abs=0.03) and end == pytest.approx(1.0, abs=0.03)
    assert low == pytest.approx(400, rel=0.04) and high == pytest.approx(500, rel=0.04)
    assert session.history.undo_name == "Mark a rectangle"
    region = window.panels["region"].body
    qtbot.waitUntil(region.remove.isEnabled)
    session.undo()
    assert marks.region(take.marks) is None
    qtbot.waitUntil(lambda: not region.remove.isEnabled())
    session.undo()
    assert not session.takes.all and page.start.isVisible()
    session.redo()
    session.redo()
    assert marks.region(session.takes.shown.marks) is not None


def test_remove_silences_what_is_marked_and_nothing_else(window, session, page, sound, qtbot):
    both = tone(440, 2.0) + tone(1760, 2.0, amplitude=0.25)
    page.add_files([sound(samples=both)])
    settled(page, qtbot)
    first = session.takes.shown
    view = page.view
    tool = view._tools["rectangle"]
    (x0, y0), (x1, y1) = (marks.RATE * 0.5, marks.row_of_hz(2000)), (marks.RATE * 1.5, marks.row_of_hz(1500))
    from studio.core import select

    tool.put(*select.rectangle(x0, y0, x1, y1, first.marks.rect), False, "Mark")
    page.silence_marks()
    settled(page, qtbot, count=2)
    made = session.takes.shown
    assert made is not first and session.takes.is_new(made) and session.takes.other_id == first.id
    tape = page.shelf.tape(made)
    whole = tape.mono(0, tape.samples)
    original = page.shelf.tape(first).mono(0, tape.samples)
    quarter = RATE // 4
    assert np.array_equal(whole[:quarter], original[:quarter]) and np.array_equal(
        whole[-quarter:], original[-quarter:]
    )

    def level(samples, hz):
        piece = samples[round(0.8 * RATE) : round(1.2 * RATE)]
        return abs(np.exp(-2j * np.pi * hz * np.arange(len(piece)) / RATE) @ piece) * 2 / len(piece)

    assert level(whole, 1760) < 0.003 < 0.2 < level(original, 1760)
    assert level(whole, 440) == pytest.approx(level(original, 440), rel=0.01)


def test_results_are_new_takes_that_can_be_kept_discarded_and_compared(window, session, page, sound, qtbot):
    page.add_files([sound()])
    settled(page, qtbot)
    first = session.takes.shown
    session.set_technique("text2music")
    session.set_prompt("piano")
    session.settings.count = 2
    job = session.draw()
    pool = session.pool
    pool.happened.emit(job, Progress("drawing", 1, 4, 3.0))
    pool.happened.emit(job, Preview(Clip.picture(np.zeros((92, 40, 3), np.uint8)), 1))
    takes_panel = window.panels["takes"].body
    assert takes_panel.making.isVisible() and takes_panel.making.bar.value() == 1
    for index in range(2):
        clip = Clip.sound(tone(300 + 200 * index, 2.0)[:, None], RATE)
        pool.happened.emit(
            job, Result(clip, session.jobs[job].spec.model_copy(update={"seed": 5 + index}), index)
        )
    settled(page, qtbot, count=3)
    assert [take.name for take in session.takes.all] == ["two.wav", "piano", "piano"]
    made = session.takes.shown
    assert made.spec.seed == 5 and session.takes.is_new(made)
    assert len(session.document.takes) == 1, "beside the work until they are kept"
    page.compare.click()
    assert session.takes.other_id and page.view.before is not None
    qtbot.waitUntil(window.commands["sound.swap"].isEnabled)
    page.view.setFocus()
    before = session.takes.shown_id, session.takes.other_id
    QTest.keyClick(page.view, Qt.Key.Key_Backslash)
    assert (session.takes.other_id, session.takes.shown_id) == before
    QTest.keyClick(page.view, Qt.Key.Key_Backslash)
    qtbot.waitUntil(window.commands["sound.keep"].isEnabled)
    QTest.keyClick(page.view, Qt.Key.Key_Return)
    assert made.id in [take.id for take in session.document.takes]
    session.takes.discard(first.id)
    assert first.id not in [take.id for take in session.takes.all]
    session.undo()
    session.undo()
    assert [take.id for take in session.document.takes] == [first.id]
    assert session.takes.is_new(made)


def test_a_hummed_tune_is_found_shown_and_given_to_the_model(window, session, page, sound, qtbot):
    tune = np.concatenate([tone(hz, 0.4) for hz in (261.6, 329.6, 392.0)])
    page.shelf.add_file(sound("hum.wav", samples=tune), "recorded", tune=True)
    settled(page, qtbot)
    qtbot.waitUntil(lambda: session.takes.shown.melody is not None)
    assert [note.pitch for note in session.takes.shown.melody] == [60, 64, 67]
    assert len(page.view.melody) == 3
    assert page.notice.next.isVisible()
    page.notice.next.click()
    assert session.technique == "melody2music"
    session.set_prompt("organ")
    spec = session.spec()
    assert [round(pitch) for _, _, pitch in spec.technique.notes] == [60, 64, 67]
    assert spec.technique.sound.path == session.takes.shown.source.path
    page.melody.click()
    assert not page.view.melody


def test_without_a_microphone_humming_is_one_sentence(window, session, page, monkeypatch, qtbot):
    monkeypatch.setattr("studio.media.device.inputs", lambda: [])
    page.transport.hum.click()
    qtbot.waitUntil(page.notice.isVisible)
    assert "microphone" in page.notice.text.text() or "PortAudio" in page.notice.text.text()
    assert not page.deck.recording


def test_what_is_in_view_is_marked_by_key(window, session, page, sound, qtbot):
    page.add_files([sound()])
    settled(page, qtbot)
    page.view.setFocus()
    page.view.show_range(0.5, 1.0)
    page.view.stretch(2, page.view.height() / 2)
    qtbot.waitUntil(window.commands["sound.mark"].isEnabled)
    QTest.keyClick(
        page.view, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    )
    start, end, low, high = marks.region(session.takes.shown.marks)
    sight = page.view.sight
    assert (start, end) == (pytest.approx(0.5, abs=0.03), pytest.approx(1.0, abs=0.03))
    assert low == pytest.approx(sight.hz(sight.height), rel=0.05) and high == pytest.approx(
        sight.hz(0), rel=0.05
    )
    session.undo()
    page.deck.seek(0.25)
    QTest.keyClick(page.view, Qt.Key.Key_I)
    assert page.view.loop == (pytest.approx(0.25, abs=0.001), 2.0)
    page.mark_range()
    start, end, low, high = marks.region(session.takes.shown.marks)
    assert start == pytest.approx(0.25, abs=0.03) and low < 25 and high > 20000


def test_a_take_goes_out_as_a_file_with_its_name(window, session, page, sound, qtbot):
    from studio.ui.spectrogram.rows import dragged

    page.add_files([sound()])
    settled(page, qtbot)
    assert dragged(session.takes.shown).urls()[0].toLocalFile() == session.takes.shown.source.path
    rows = window.panels["takes"].body.rows
    menu = window.panels["takes"].body.menu(rows[0].take)
    assert [action.text() for action in menu.actions() if action.text()][-1] == "Discard"
    session.takes.offer(changed(session.takes.shown, id="x", name="ein Lied: 2/3", origin="made"))
    path = Path(dragged(session.takes.get("x")).urls()[0].toLocalFile())
    assert (
        path.name == "ein Lied_ 2_3.wav"
        and path.read_bytes() == Path(session.takes.shown.source.path).read_bytes()
    )


def test_a_take_can_go_on_the_films_timeline(window, session, page, sound, qtbot):
    page.add_files([sound()])
    settled(page, qtbot)
    menu = window.panels["takes"].body.menu(session.takes.shown)
    next(action for action in menu.actions() if "timeline" in action.text()).trigger()
    qtbot.waitUntil(lambda: not session.document.timeline.empty, timeout=10_000)
    assert session.workspace == "film"


def test_looks_are_remembered(window, session, page):
    page.axis.setCurrentIndex(page.axis.findData("mel"))
    page.axis.activated.emit(page.axis.currentIndex())
    page.colours.setCurrentIndex(page.colours.findData("grey"))
    page.colours.activated.emit(page.colours.currentIndex())
    assert page.view.colouring[0] == "grey" and page.view.look.axis.scale == "mel"
    assert session.settings.sound["axis"] == "mel" and session.settings.sound["colours"] == "grey"


def test_fields_take_what_is_in_view(window, session, page, sound, qtbot):
    page.add_files([sound()])
    settled(page, qtbot)
    region = window.panels["region"].body
    assert not region.again.isEnabled() and region.instrument.isEnabled()
    region.instrument.click()
    qtbot.wait(20)
    assert session.technique == "edit-sound" and session.value("method") == "inversion"
    session.set_prompt("organ")
    assert session.spec().technique.mask is None, "nothing is marked: all of it"
    tool = page.view._tools["rectangle"]
    from studio.core import select

    tool.put(*select.rectangle(10, 40, 60, 90, session.takes.shown.marks.rect), False, "Mark")
    qtbot.waitUntil(region.again.isEnabled)
    region.again.click()
    spec = session.spec()
    assert spec.technique.mask is not None and spec.technique.strength == 1.0
    assert spec.technique.sound.sha256 == session.takes.shown.source.sha256
    session.set_technique("blend-sound")
    assert "second take" in session.why_not()


def busy(page, window, session, sound, qtbot):
    page.add_files([sound("a long name of a sound that somebody recorded in a large hall.wav"), sound()])
    settled(page, qtbot, count=2)
    session.set_technique("edit-sound")
    session.set_prompt("piano")
    job = session.draw()
    session.pool.happened.emit(job, Progress("drawing", 1, 4, 3.0))
    qtbot.wait(30)
    session.settings.advanced = True
    window.technique._show_advanced()
    session.say("Something happened.", "warn", do=lambda: None, do_title="Do something")
    qtbot.wait(80)


def test_everything_has_a_name_and_can_be_reached(window, session, page, sound, qtbot):
    busy(page, window, session, sound, qtbot)
    roles = QAccessible.Role
    speak = {
        roles.PushButton, roles.CheckBox, roles.ButtonMenu, roles.ButtonDropDown, roles.ComboBox, roles.EditableText, roles.Slider,
        roles.SpinBox, roles.List, roles.ProgressBar,
    }  # fmt: skip
    unnamed, unreachable = [], []
    for widget in [*window.findChildren(QWidget)]:
        if not widget.isVisible() or widget.objectName().startswith("qt_"):
            continue
        seen = QAccessible.queryAccessibleInterface(widget)
        if seen is not None and seen.role() in speak and not seen.text(QAccessible.Text.Name).strip():
            unnamed.append(f"{type(widget).__name__} in {type(widget.parentWidget()).__name__}")
        if (
            isinstance(widget, QAbstractButton)
            and widget.isEnabled()
            and not isinstance(widget.parentWidget(), QLineEdit)
        ):
            if not widget.focusPolicy() & Qt.FocusPolicy.TabFocus:
                unreachable.append(widget.accessibleName())
    assert not unnamed, "\n".join(unnamed)
    assert not unreachable
    for row in window.panels["takes"].body.rows:
        assert row.title.text() and row.about.text()


def test_f6_lands_on_the_spectrogram(window, session, page):
    window.technique.prompt.edit.setFocus()
    for _ in range(8):
        window.focus_next_part(1)
        if QApplication.focusWidget() is page.view:
            return
    raise AssertionError("never there")


def test_every_command_runs_in_music_too(window, session, page, sound, qtbot, monkeypatch):
    from PySide6.QtWidgets import QFileDialog

    from studio import actions

    page.add_files([sound()])
    settled(page, qtbot)
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *a, **k: ([], ""))
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *a, **k: ("", ""))
    for command in actions.COMMANDS:
        if command.group == "Sound" or command.id.startswith("view."):
            session.set_workspace("music")
            window.commands[command.id].trigger()
            QApplication.processEvents()
    page.deck.stop()
    assert page.shelf.wait()
