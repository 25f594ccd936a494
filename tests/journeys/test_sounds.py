"""A sound is dropped in, marked, undone to the beginning and exported; and words become music that is kept. Through the real window."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from studio.core import marks
from studio.core.loudness import loudness, true_peak
from studio.core.paths import home
from studio.media.metadata import read_settings, to_spec
from studio.media.sound import read_sound, read_tags

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
CTRL = Qt.KeyboardModifier.ControlModifier
RATE = 22050


def make_app(qtbot, monkeypatch, tmp_path, models, **more):
    monkeypatch.setenv("STUDIO_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("STUDIO_MODELS", str(models))
    from studio.app import App, make_application

    make_application([])
    made = App(home(), **more)
    qtbot.addWidget(made.window)
    with qtbot.waitSignal(made.window.ready):
        made.window.show()
    return made


def closed(app):
    app.window.close_now()
    app.close()


@pytest.fixture
def app(qtbot, monkeypatch, tmp_path):
    made = make_app(qtbot, monkeypatch, tmp_path, tmp_path / "models", start_engine=False)
    yield made
    closed(made)


def settled(session, qtbot, count=1):
    page = session.takes.page
    qtbot.waitUntil(lambda: len(session.takes.all) == count and page.view.tape is not None, timeout=30_000)
    assert page.shelf.wait()
    page.view.wait()
    qtbot.wait(30)
    return page


def test_drop_mark_undo_export(app, qtbot, tmp_path):
    session, window = app.session, app.window
    t = np.arange(3 * RATE) / RATE
    path = tmp_path / "song.wav"
    soundfile.write(str(path), (0.1 * np.sin(2 * np.pi * 440 * t)).astype(np.float32), RATE, "PCM_16")
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    at = QPoint(300, 300)
    enter = QDragEnterEvent(at, Qt.DropAction.CopyAction, data, LEFT, NONE)
    QApplication.sendEvent(window.stage, enter)
    assert enter.isAccepted()
    QApplication.sendEvent(window.stage, QDropEvent(QPointF(at), Qt.DropAction.CopyAction, data, LEFT, NONE))
    assert session.workspace == "music", "a sound that lands on the canvas is shown where sounds are"
    page = settled(session, qtbot)
    view = page.view
    view.setFocus()
    QTest.keyClick(view, Qt.Key.Key_M)

    def mark(start, end, low, high):
        a = QPoint(round(view.sight.x(start)), round(view.sight.y(high)))
        b = QPoint(round(view.sight.x(end)), round(view.sight.y(low)))
        QTest.mousePress(view, LEFT, NONE, a)
        QTest.mouseMove(view, b)
        QTest.mouseRelease(view, LEFT, NONE, b)

    mark(0.5, 1.0, 300, 600)
    mark(1.5, 2.0, 800, 1600)
    take = session.takes.shown
    assert marks.region(take.marks)[1] == pytest.approx(2.0, abs=0.03)
    states = []
    while session.can_undo:
        states.append(marks.region(session.takes.shown.marks))
        session.undo()
    assert len(states) == 3 and states[-1] is None and not session.takes.all
    assert page.start.isVisible() and view.tape is None
    while session.can_redo:
        session.redo()
    settled(session, qtbot)
    assert marks.region(session.takes.shown.marks) == states[0]

    window.commands["file.export"].trigger()
    from studio.ui.spectrogram.export import SoundExportDialog

    dialog = next(one for one in window.findChildren(SoundExportDialog) if one.isVisible())
    dialog.format.setCurrentIndex(dialog.format.findData(".ogg"))
    dialog.normalise.setChecked(True)
    dialog.lufs.setValue(-20)
    dialog.title.setText("Ein Lied")
    dialog.rate.setCurrentIndex(dialog.rate.findData(48000))
    dialog.send(tmp_path / "out")
    qtbot.waitUntil(lambda: session.file_state == "" and (tmp_path / "out.ogg").exists(), timeout=30_000)
    back = read_sound(tmp_path / "out.ogg")
    assert back.rate == 48000 and abs(len(back.array) - 3 * 48000) < 10
    assert loudness(back.array, 48000) == pytest.approx(-20, abs=0.3)
    assert true_peak(back.array, 48000) <= -0.9
    assert read_tags(tmp_path / "out.ogg")["title"] == "Ein Lied"
    assert "LUFS" in page.notice.text.text()

    window.projects.save_to(tmp_path / "song.ora")
    qtbot.waitUntil(lambda: not session.unsaved, timeout=30_000)
    session.new_document()
    assert not session.takes.all
    window.open_path(tmp_path / "song.ora")
    settled(session, qtbot)
    assert session.takes.shown.name == "song.wav"
    assert marks.region(session.takes.shown.marks) == states[0]


@pytest.mark.timeout(240)
def test_words_to_music_that_is_kept_and_edited(qtbot, monkeypatch, tmp_path, model_folder):
    app = make_app(qtbot, monkeypatch, tmp_path, model_folder, options=("--device", "cpu"))
    try:
        session, window = app.session, app.window
        session.set_workspace("music")
        session.set_model("tiny-music")
        qtbot.wait(30)
        page = session.takes.page
        assert page.start.isVisible() and session.technique == "text2music"
        box = window.technique.prompt.edit
        window.focus_words()
        QTest.keyClicks(box, "sad piano, 100 bpm")
        session.set_value("seconds", 2.0)
        session.set_value("steps", 2)
        qtbot.waitUntil(window.commands["picture.draw"].isEnabled)
        QTest.keyClick(box, Qt.Key.Key_Return, CTRL)
        assert len(session.jobs) == 1 and not page.start.isVisible()
        qtbot.waitUntil(lambda: bool(session.takes.all), timeout=180_000)
        settled(session, qtbot)
        take = session.takes.shown
        assert take.seconds == 2.0 and take.name == "sad piano, 100 bpm" and session.takes.is_new(take)
        assert to_spec(read_settings(take.source.path))[0] == take.spec
        assert window.panels["takes"].body.rows[0].keep.isVisible()

        page.view.setFocus()
        qtbot.waitUntil(window.commands["sound.keep"].isEnabled)
        QTest.keyClick(page.view, Qt.Key.Key_Return)
        assert [one.id for one in session.document.takes] == [
            take.id
        ] and session.history.undo_name == f"Keep {take.name}"

        from studio.core import select

        region = window.panels["region"].body
        rect, shape = select.rectangle(25, marks.row_of_hz(2000), 75, marks.row_of_hz(300), take.marks.rect)
        page.view._tools["rectangle"].put(rect, shape, False, "Mark a rectangle")
        qtbot.waitUntil(region.again.isEnabled)
        region.again.click()
        session.set_prompt("organ")
        session.set_value("steps", 2)
        assert session.draw()
        qtbot.waitUntil(lambda: len(session.takes.all) == 2, timeout=60_000)
        page = settled(session, qtbot, 2)
        edited = session.takes.shown
        assert session.takes.made_from(edited).id == take.id
        before, after = (read_sound(one.source.path).array for one in (take, edited))
        quiet = round(0.2 * RATE)
        assert len(before) == len(after) and np.array_equal(before[:quiet], after[:quiet]), (
            "outside of the mark bit for bit"
        )
        assert not np.array_equal(before, after)
        page.compare.click()
        assert session.takes.other_id == take.id, "compared with what it was made from"
        qtbot.waitUntil(lambda: window.gallery.model.rowCount() == 2, timeout=30_000)
        window.gallery.add_as_layer(1)
        settled(session, qtbot, 3)
        assert session.takes.shown.spec == take.spec, "from the gallery it comes back with its request"
    finally:
        closed(app)
