"""The Film workspace in a real window: drop, cut, drag, play, keys, takes, names, undo."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QAccessible, QDragEnterEvent, QDropEvent, QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from studio import actions
from studio.core import cutting
from studio.core.clip import Clip
from studio.core.job import Done, Preview, Result
from studio.media.image import save_picture
from studio.media.sound import save_sound
from studio.media.video import save_video
from studio.ui.theme import themes
from studio.ui.window import Window

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
Ctrl, Shift, Alt = (
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.AltModifier,
)
VIDEO = ("text2image", "text2video", "image2video", "extend", "interpolate", "upscale", "edit-video")


def frames(count=48, hue=0, wide=64, high=48):
    """A grey that rises, with a tint."""
    out = np.zeros((count, high, wide, 3), np.uint8)
    out[:] = (np.arange(count) * 4 % 256)[:, None, None, None]
    out[..., hue] = 200
    return out


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("films")
    for name, hue in (("red", 0), ("green", 1)):
        save_video(Clip.video(frames(hue=hue), 24.0), folder / f"{name}.mp4")
    save_picture(Clip.picture(frames(1)[0]), folder / "still.png")
    t = np.arange(48_000 * 2) / 48_000
    clicks = 0.6 * np.sin(2 * np.pi * 900 * t) * (np.mod(t, 0.5) < 0.03)
    save_sound(Clip.sound(np.stack([clicks, clicks], 1).astype(np.float32), 48_000.0), folder / "beat.flac")
    return folder


@pytest.fixture
def window(session, qtbot, tmp_path, card):
    from studio.app import make_application

    make_application([])
    themes.use("dark")
    able = card().model_copy(update={"abilities": VIDEO})
    session.set_cards({"tiny": able})
    made = Window(session, None, tmp_path / "window.ini")
    qtbot.addWidget(made)
    made.resize(1400, 900)
    with qtbot.waitSignal(made.ready):
        made.show()
    session.set_workspace("film")
    qtbot.wait(20)
    yield made
    page = made._page()
    if page is not None:
        page.stop()


@pytest.fixture
def page(window):
    return window._page()


def put(page, qtbot, *paths):
    """Files at the end of the timeline, when they are there."""
    before = page.session.history.done
    page.add_files(list(paths))
    qtbot.waitUntil(lambda: page.session.history.done == before + len(paths), timeout=10_000)


def names(session):
    return {
        track.name: [(item.name, item.start, item.end) for item in track.items]
        for track in session.document.timeline.tracks
    }


def drag(view, *points, mods=NONE):
    """Press, small moves, release."""
    places = [QPointF(*point) for point in points]
    QTest.mousePress(view, LEFT, mods, places[0].toPoint())
    for a, b in zip(places, places[1:]):  # noqa: RUF007
        for share in (0.34, 0.67, 1.0):
            at = a + (b - a) * share
            event = QMouseEvent(
                QMouseEvent.Type.MouseMove, at, QPointF(view.mapToGlobal(at)), Qt.MouseButton.NoButton, LEFT, mods
            )  # fmt: skip
            QApplication.sendEvent(view, event)
    QTest.mouseRelease(view, LEFT, mods, places[-1].toPoint())


def middle(view, item_id):
    return view.rect_of(item_id).center()


def item(session, track=0, place=0):
    return session.document.timeline.tracks[track].items[place]


# --- files ------------------------------------------------------------------------------------------------------------


def test_an_empty_film_says_what_to_do(page, session):
    card = page.stage.empty
    assert card.isVisible() and "drop one here" in card.head.text()
    card.go.click()
    assert session.technique == "text2video"
    session.set_cards({})
    assert "Choose films" in card.go.text(), "without a model there is still something to do"


def test_a_film_dropped_in_is_on_the_timeline_and_seen(page, session, qtbot, files):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(files / "red.mp4"))])
    at = QPoint(200, 200)
    enter = QDragEnterEvent(at, Qt.DropAction.CopyAction, data, LEFT, NONE)
    QApplication.sendEvent(page.stage, enter)
    assert enter.isAccepted()
    QApplication.sendEvent(page.stage, QDropEvent(QPointF(at), Qt.DropAction.CopyAction, data, LEFT, NONE))
    qtbot.waitUntil(lambda: session.document.timeline.length == 48, timeout=10_000)
    assert names(session)["Film"] == [("red", 0, 48)]
    assert (session.document.timeline.rate, session.document.timeline.width) == (24.0, 64)
    assert not page.stage.empty.isVisible()
    shown = lambda: page.stage.screen_.image.pixelColor(30, 20)
    qtbot.waitUntil(lambda: shown().red() > 180 and shown().green() < 30, timeout=10_000)
    session.undo()
    assert session.document.timeline.empty and page.stage.empty.isVisible()


def test_films_follow_each_other_sounds_and_pictures_find_their_tracks(page, session, qtbot, files):
    put(page, qtbot, files / "red.mp4", files / "beat.flac", files / "still.png")
    assert names(session) == {
        "Film": [("red", 0, 48), ("still", 48, 48 + 72)],
        "Sound": [("beat", 0, 48)],
    }


def test_a_drop_on_the_timeline_comes_where_it_was_let_go(page, session, qtbot, files):
    put(page, qtbot, files / "red.mp4")
    view = page.timeline.view
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(files / "green.mp4"))])
    x = view.sight.x(80)
    row = view.rows[0]
    at = QPointF(x, row.y + 40)
    enter = QDragEnterEvent(at.toPoint(), Qt.DropAction.CopyAction, data, LEFT, NONE)
    QApplication.sendEvent(view, enter)
    assert enter.isAccepted()
    QApplication.sendEvent(view, QDropEvent(at, Qt.DropAction.CopyAction, data, LEFT, NONE))
    qtbot.waitUntil(lambda: len(session.document.timeline.tracks[0].items) == 2, timeout=10_000)
    assert item(session, 0, 1).start == 80


def test_a_film_dropped_in_paint_goes_to_the_timeline(window, session, qtbot, files):
    session.set_workspace("paint")
    window.stage.add_files([files / "red.mp4", files / "still.png"])
    assert session.workspace == "film"
    qtbot.waitUntil(lambda: session.document.timeline.length == 48, timeout=10_000)
    qtbot.waitUntil(lambda: len(session.document.layers) == 1, timeout=10_000)


def test_files_are_gathered_beside_the_project(page, session, qtbot, files, tmp_path):
    from studio.session import Project

    put(page, qtbot, files / "red.mp4", files / "green.mp4")
    assert not actions.perform("film.gather", session), "it has no place yet"
    (tmp_path / "fox.ora").write_bytes(b"x")
    session.project = Project.at(tmp_path / "fox.ora")
    actions.perform("film.gather", session)
    folder = tmp_path / "fox media"
    qtbot.waitUntil(
        lambda: (
            set(session.document.timeline.medias()) == {str(folder / "red.mp4"), str(folder / "green.mp4")}
        ),
        timeout=10_000,
    )
    session.undo()
    assert set(session.document.timeline.medias()) == {str(files / "red.mp4"), str(files / "green.mp4")}


def test_what_cannot_be_cut_is_told(page, session, qtbot, tmp_path):
    bad = tmp_path / "notes.txt"
    bad.write_text("words")
    said = []
    session.said.connect(lambda notice: said.append(notice.text))
    page.add_files([bad])
    assert said and "notes.txt" in said[-1]
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"no film" * 50)
    page.add_files([broken])
    qtbot.waitUntil(lambda: len(said) == 2, timeout=5000)
    assert "broken.mp4" in said[-1] and session.document.timeline.empty
    assert page.stage.notice.isVisible()


# --- the hand -----------------------------------------------------------------------------------------------------------


def test_a_clip_is_moved_and_snaps(page, session, qtbot, files):
    put(page, qtbot, files / "red.mp4", files / "green.mp4")
    view = page.timeline.view
    view.zoom(0.3, 0)
    second = item(session, 0, 1)
    at = middle(view, second.id)
    per = view.sight.scale
    before = session.history.done
    drag(view, (at.x(), at.y()), (at.x() + 30 * per, at.y()))
    assert item(session, 0, 1).start == 48 + 30 and session.history.done == before + 1
    drag(view, (at.x() + 30 * per, at.y()), (at.x() + 2 * per, at.y()))
    assert item(session, 0, 1).start == 48, "two frames away is near enough for the cut before"
    session.film.set_snapping(False)
    drag(view, (at.x(), at.y()), (at.x() + 2 * per, at.y()))
    assert item(session, 0, 1).start == 50
    for _ in range(3):
        session.undo()
    assert item(session, 0, 1).start == 48


def test_edges_are_trimmed_and_ripple_takes_the_rest_along(page, session, qtbot, files):
    put(page, qtbot, files / "red.mp4", files / "green.mp4")
    view = page.timeline.view
    first = view.rect_of(item(session).id)
    per = view.sight.scale
    session.film.set_snapping(False)
    drag(view, (first.right() - 2, first.center().y()), (first.right() - 2 - 10 * per, first.center().y()))
    assert names(session)["Film"] == [("red", 0, 38), ("green", 48, 96)]
    session.undo()
    drag(
        view,
        (first.right() - 2, first.center().y()),
        (first.right() - 2 - 10 * per, first.center().y()),
        mods=Ctrl,
    )
    assert names(session)["Film"] == [("red", 0, 38), ("green", 38, 86)]
    session.undo()
    drag(view, (first.left() + 2, first.center().y()), (first.left() + 2 + 6 * per, first.center().y()))
    assert item(session).start == 6 and item(session).begin == pytest.approx(6 / 24)


def test_alt_slips_and_the_corner_fades(page, session, qtbot, files):
    put(page, qtbot, files / "red.mp4", files / "green.mp4")
    session.film.seek(24)
    session.film.split()
    view = page.timeline.view
    part = item(session, 0, 1)
    at, per = middle(view, part.id), view.sight.scale
    drag(view, (at.x(), at.y()), (at.x() + 6 * per, at.y()), mods=Alt)
    slipped = item(session, 0, 1)
    assert (slipped.start, slipped.length) == (24, 24) and slipped.begin == pytest.approx(18 / 24)
    place = view.rect_of(item(session, 0, 2).id)
    drag(view, (place.left() + 14, place.top() + 9), (place.left() + 14 + 8 * per, place.top() + 9))
    assert item(session, 0, 2).fade == 8
    assert session.history.undo_name == "Crossfade"


def test_escape_gives_up(page, session, qtbot, files):
    put(page, qtbot, files / "red.mp4")
    view = page.timeline.view
    at = middle(view, item(session).id)
    before = session.history.done
    QTest.mousePress(view, LEFT, NONE, at)
    QApplication.sendEvent(view, QMouseEvent(
        QMouseEvent.Type.MouseMove, QPointF(at.x() + 90, at.y()), QPointF(view.mapToGlobal(at)), Qt.MouseButton.NoButton, LEFT, NONE
    ))  # fmt: skip
    assert view.timeline != session.document.timeline, "the draft is seen"
    QTest.keyClick(view, Qt.Key.Key_Escape)
    QTest.mouseRelease(view, LEFT, NONE, at)
    assert session.history.done == before and view.timeline == session.document.timeline


def test_a_clip_goes_to_a_track_that_takes_it(page, session, qtbot, files):
    put(page, qtbot, files / "red.mp4", files / "green.mp4")
    actions.perform("film.add-overlay", session)
    view = page.timeline.view
    view.zoom(0.3, 0)
    second = item(session, 0, 1)
    at = middle(view, second.id)
    rows = {row.name: row for row in view.rows}
    drag(view, (at.x(), at.y()), (at.x(), at.y() + rows["Overlay"].y - rows["Film"].y))
    assert names(session)["Overlay"] == [("green", 48, 96)]
    drag(view, (at.x(), at.y() + rows["Overlay"].y), (at.x(), at.y() + rows["Sound"].y))
    assert names(session)["Overlay"] == [("green", 48, 96)], "a silent film is not heard"


def test_the_ruler_scrubs_and_marks_a_range(page, session, qtbot, files):
    put(page, qtbot, files / "red.mp4")
    view, sight = page.timeline.view, page.timeline.view.sight
    before = session.history.done
    drag(view, (sight.x(5), 8), (sight.x(30), 8))
    assert session.film.playhead == 30 and session.history.done == before
    drag(view, (sight.x(10), 8), (sight.x(20), 8), mods=Shift)
    assert session.document.timeline.span == (10, 20)
    drag(view, (sight.x(20), 20), (sight.x(26), 20))
    assert session.document.timeline.span == (10, 26)
    actions.perform("film.no-range", session)
    assert session.document.timeline.span is None


def test_keyframes_by_double_click_drag_and_key(page, session, qtbot, files):
    put(page, qtbot, files / "red.mp4")
    view, sight = page.timeline.view, page.timeline.view.sight
    lanes = {row.id: row for row in view.rows if row.lane}
    row = lanes["strengths"]
    y = row.y + 26 + row.height // 2
    QTest.mouseDClick(view, LEFT, NONE, QPoint(round(sight.x(12)), y))
    keys = session.document.timeline.strengths
    assert [key.frame for key in keys] == [12] and keys[0].value == pytest.approx(0.5, abs=0.06)
    drag(view, (sight.x(12), y), (sight.x(20), y - 60))
    keys = session.document.timeline.strengths
    assert [(key.frame, key.value) for key in keys] == [(20, 1.0)]
    session.film.seek(20)
    actions.perform("film.strength", session)
    assert session.document.timeline.strengths == ()
    QTest.mouseDClick(view, LEFT, NONE, QPoint(round(sight.x(6)), lanes["prompts"].y + 26 + 10))
    editor = view._editor
    assert editor is not None
    editor.setText("a red car")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    assert session.document.timeline.words(6, 7) == ["a red car"]
    session.film.seek(30)
    actions.perform("film.words", session)
    QTest.keyClick(view._editor, Qt.Key.Key_Escape)
    assert len(session.document.timeline.prompts) == 1


def test_wheel_zooms_about_the_pointer_and_pans(page, session, qtbot, files):
    put(page, qtbot, files / "red.mp4")
    view = page.timeline.view
    at = QPointF(500, 60)
    frame = view.sight.frame(500)

    def wheel(mods, notches):
        event = QWheelEvent(at, QPointF(view.mapToGlobal(at)), QPoint(), QPoint(0, 120 * notches), Qt.MouseButton.NoButton, mods,
                            Qt.ScrollPhase.NoScrollPhase, False)  # fmt: skip
        QApplication.sendEvent(view, event)

    scale = view.sight.scale
    wheel(Ctrl, 2)
    assert view.sight.scale > scale and view.sight.frame(500) == pytest.approx(frame, abs=0.5)
    left = view.sight.left
    wheel(NONE, -1)
    assert view.sight.left > left
    actions.perform("view.fit", session)
    assert view.sight.x(0) >= 0 and view.sight.x(48) <= view.width()


# --- keys -----------------------------------------------------------------------------------------------------------------


def test_a_film_is_cut_without_a_mouse(page, window, session, qtbot, files):
    put(page, qtbot, files / "red.mp4", files / "green.mp4")
    view = page.timeline.view
    view.setFocus()
    QTest.keyClick(view, Qt.Key.Key_Home)
    assert session.film.playhead == 0
    qtbot.waitUntil(window.commands["film.on-one"].isEnabled)
    for _ in range(3):
        QTest.keyClick(view, Qt.Key.Key_Right)
    assert session.film.playhead == 3
    QTest.keyClick(view, Qt.Key.Key_Right, Shift)
    assert session.film.playhead == 27
    qtbot.waitUntil(window.commands["film.split"].isEnabled)
    QTest.keyClick(view, Qt.Key.Key_S)
    assert names(session)["Film"] == [("red", 0, 27), ("red", 27, 48), ("green", 48, 96)]
    qtbot.waitUntil(window.commands["film.delete"].isEnabled)
    QTest.keyClick(view, Qt.Key.Key_Delete)
    assert names(session)["Film"] == [("red", 0, 27), ("green", 27, 75)]
    QTest.keyClick(view, Qt.Key.Key_PageDown)
    qtbot.waitUntil(window.commands["film.nudge-on"].isEnabled)
    assert session.film.chosen[1].name == "green" and "green" in view.accessibleDescription()
    QTest.keyClick(view, Qt.Key.Key_Right, Alt)
    assert item(session, 0, 1).start == 28
    QTest.keyClick(view, Qt.Key.Key_X)
    assert item(session, 0, 1).fade == 12
    QTest.keyClick(view, Qt.Key.Key_M)
    assert [marker.frame for marker in session.document.timeline.markers] == [27]
    session.film.seek(40)
    QTest.keyClick(view, Qt.Key.Key_BracketLeft)
    assert item(session, 0, 1).start == 40
    QTest.keyClick(view, Qt.Key.Key_Up)
    assert session.film.playhead == 27
    steps = session.history.done
    for _ in range(steps):
        session.undo()
    assert session.document.timeline.empty


def test_letters_in_the_words_of_a_keyframe_do_nothing_else(page, session, qtbot, files):
    put(page, qtbot, files / "red.mp4")
    before = session.history.done
    session.film.seek(10)
    actions.perform("film.words", session)
    editor = page.timeline.view._editor
    editor.clear()
    QTest.keyClicks(editor, "sxm n")
    assert editor.text() == "sxm n" and session.history.done == before and session.film.snapping


def test_space_plays_and_presses_the_button_that_has_the_focus(page, window, session, qtbot, files):
    put(page, qtbot, files / "red.mp4")
    view = page.timeline.view
    view.setFocus()
    qtbot.waitUntil(window.commands["film.play"].isEnabled)
    QTest.keyClick(view, Qt.Key.Key_Space)
    assert page.player.playing and page.stage.transport.play.accessibleName() == "Pause"
    qtbot.waitUntil(lambda: session.film.playhead > 3, timeout=10_000)
    QTest.keyClick(view, Qt.Key.Key_Space)
    assert not page.player.playing
    button = page.timeline.buttons["film.snap"]
    button.setFocus()
    QTest.keyClick(button, Qt.Key.Key_Space)
    assert not session.film.snapping and not page.player.playing


def test_it_plays_to_the_end_and_counts_what_it_drops(page, session, qtbot, files):
    put(page, qtbot, files / "red.mp4")
    session.film.seek(30)
    page.player.play()
    qtbot.waitUntil(lambda: not page.player.playing, timeout=15_000)
    assert session.film.playhead >= 46
    assert f"{page.player.dropped} dropped" in page.stage.transport.about.text()
    page.player.faster(-1)
    assert page.player.speed == -1
    page.player.faster(-1)
    assert page.player.speed == -2
    page.player.stop()


# --- panels -----------------------------------------------------------------------------------------------------------------


def test_the_clip_panel_shows_and_changes(page, session, qtbot, files):
    put(page, qtbot, files / "red.mp4")
    clip = page.clip
    assert clip.name.text() == "red" and "00:00:00" in clip.place.full()
    clip.name.setText("car")
    clip.name.editingFinished.emit()
    assert item(session).name == "car"
    clip.speed._set(200)
    assert item(session).speed == 2 and item(session).length == 24
    clip.opacity._set(50)
    assert item(session).opacity == 0.5
    session.film.choose("")
    assert clip.none.isVisibleTo(clip) and not clip.body.isVisibleTo(clip)


def test_tracks_are_hidden_and_muted_by_their_heads(page, session, qtbot, files):
    put(page, qtbot, files / "red.mp4")
    head = page.timeline.heads.heads[0]
    head.on.click()
    assert not session.document.timeline.tracks[0].on
    assert session.history.undo_name == "Hide Film"
    session.undo()
    assert session.document.timeline.tracks[0].on


def test_beats_are_marked_and_cuts_snap_to_them(page, session, qtbot, files):
    put(page, qtbot, files / "red.mp4", files / "beat.flac")
    said = []
    session.said.connect(lambda notice: said.append(notice.text))
    actions.perform("film.beats", session)
    qtbot.waitUntil(lambda: bool(said), timeout=20_000)
    marks = [marker.frame for marker in session.document.timeline.markers]
    assert marks and all(min(frame % 12, 12 - frame % 12) <= 1 for frame in marks), (marks, said)


# --- what comes back ------------------------------------------------------------------------------------------------------------


def take(session, qtbot, technique, clip, **values):
    session.set_technique(technique)
    for name, value in values.items():
        session.set_value(name, value)
    qtbot.waitUntil(lambda: not session.why_not(), timeout=10_000)
    job = session.draw()
    assert job
    before = len(session.film.takes)
    session.pool.happened.emit(job, Preview(Clip.video(frames(4, 2), 8.0), 1))
    session.pool.happened.emit(job, Result(clip, session.jobs[job].spec, 0, {}, "cpu", 0))
    session.pool.happened.emit(job, Done())
    qtbot.waitUntil(lambda: len(session.film.takes) == before + 1, timeout=10_000)


def test_a_take_is_seen_put_on_the_timeline_and_taken_back(page, window, session, qtbot):
    take(session, qtbot, "text2video", Clip.video(frames(16, 2), 8.0), prompt="a blue car")
    bar = page.stage.takes
    assert bar.isVisible() and bar.which.text() == "Take 1 of 1" and page.player.length == 48
    assert session.document.timeline.empty, "it is beside the film"
    page.timeline.view.setFocus()
    qtbot.waitUntil(window.commands["film.use-take"].isEnabled)
    QTest.keyClick(page.timeline.view, Qt.Key.Key_Return)
    assert names(session)["Film"] == [("a blue car", 0, 48)] and not bar.isVisible()
    made = item(session).media.spec
    assert made is not None and made.technique.prompt == "a blue car"
    session.undo()
    assert session.document.timeline.empty and len(session.film.takes) == 1
    actions.perform("film.discard-take", session)
    assert not session.film.takes and page.stage.empty.isVisible()


def test_what_is_made_of_a_clip_takes_its_place(page, session, qtbot, files):
    put(page, qtbot, files / "red.mp4", files / "green.mp4")
    session.film.choose(item(session).id)
    page.clip.buttons["film.continue"].click()
    assert session.technique == "extend"
    take(session, qtbot, "extend", Clip.video(frames(72, 0), 24.0), prompt="it goes on")
    job = session.pool.asked[-1][1]
    assert job.technique.video.path == str(files / "red.mp4")
    assert session.film.replaces(session.film.take)
    session.film.use_take()
    assert [(start, end) for _, start, end in names(session)["Film"]] == [(0, 72), (72, 120)]
    session.undo()
    session.film.use_take(beside=True)
    assert [(start, end) for _, start, end in names(session)["Film"]] == [(0, 48), (48, 120), (120, 168)]


def test_words_on_the_lane_drive_the_request(page, session, qtbot, files):
    put(page, qtbot, files / "red.mp4")
    session.film.do("a", cutting.set_key, "prompts", 0, "a car")
    session.film.do("b", cutting.set_key, "prompts", 24, "a boat")
    session.film.do("c", cutting.set_key, "strengths", 0, 0.3)
    session.film.do("d", cutting.set_key, "strengths", 47, 0.5)
    session.set_technique("edit-video")
    qtbot.waitUntil(lambda: session.film.clip is not None, timeout=10_000)
    spec = session.spec()
    assert spec.technique.prompt == "a car\na boat"
    assert spec.technique.strength == pytest.approx(0.4, abs=0.01)


def test_masks_are_painted_on_frames_and_go_with_the_clip(page, session, qtbot, files):
    from studio.media.image import read_mask

    put(page, qtbot, files / "red.mp4")
    session.set_technique("edit-video")
    session.film.seek(10)
    assert actions.perform("film.mask", session)
    screen, masker = page.stage.screen_, page.masker
    assert page.stage.masking.isVisible() and page.timeline.buttons["film.mask"].isChecked()
    frame = screen.frame
    spot = lambda x, y: (frame.x() + frame.width() * x, frame.y() + frame.height() * y)
    before = session.history.done
    drag(screen, spot(0.25, 0.5), spot(0.75, 0.5))
    qtbot.waitUntil(lambda: session.history.done == before + 1, timeout=10_000)
    assert session.history.undo_name == "Paint the mask"
    (key,) = item(session).masks
    assert key.seconds == pytest.approx(10 / 24)
    painted = read_mask(key.path).array
    assert (
        painted.shape == (48, 64) and painted[24, 32] == 255 and painted[4, 32] == 0 and painted[24, 2] == 0
    )

    session.film.seek(30)
    shown, own = masker.shown()
    assert not own and (shown == painted).all(), "a stroke goes on from the mask before"
    masker.set_erase(True)
    drag(screen, spot(0.5, 0.5), spot(0.8, 0.5))
    qtbot.waitUntil(lambda: len(item(session).masks) == 2, timeout=10_000)
    later = read_mask(item(session).masks[1].path).array
    assert later[24, 20] == 255 and later[24, 40] == 0

    session.set_prompt("a boat")
    qtbot.waitUntil(lambda: session.film.clip is not None, timeout=10_000)
    assert [one.frame for one in session.spec().technique.masks] == [10, 30]
    session.film.seek(20)
    session.film.split()
    qtbot.waitUntil(
        lambda: session.film.clip is not None and session.film.clip.path.endswith(".mkv"), timeout=10_000
    )
    assert [one.frame for one in session.spec().technique.masks] == [10], (
        "counted from the later part's first frame"
    )
    session.film.seek(30)
    masker.clear()
    assert [len(one.masks) for one in session.document.timeline.tracks[0].items] == [2, 1]
    page.stage.masking.done.click()
    assert not masker.on and not page.stage.masking.isVisible()


def test_masks_are_painted_by_keys(page, session, qtbot, files):
    from studio.media.image import read_mask

    put(page, qtbot, files / "red.mp4")
    session.film.seek(10)
    assert actions.perform("film.mask", session)
    screen, masker = page.stage.screen_, page.masker
    masker.set_share(0.2)
    press = lambda key, **more: qtbot.keyClick(screen, key, **more)
    assert "50%" in screen.accessibleDescription() and screen.accessibleDescription().startswith("Paints")
    for _ in range(4):
        press(Qt.Key.Key_Left)
    assert session.film.playhead == 10 and not item(session).masks, (
        "an arrow moves the brush and nothing else"
    )
    assert "30% from the left" in screen.accessibleDescription()
    before = session.history.done
    qtbot.keyPress(screen, Qt.Key.Key_Space)
    for _ in range(8):
        press(Qt.Key.Key_Right)
    qtbot.keyRelease(screen, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: session.history.done == before + 1, timeout=10_000)
    painted = read_mask(item(session).masks[0].path).array
    row = np.flatnonzero(painted[24] > 200)
    assert (
        painted[4].max() == 0
        and row.min() == pytest.approx(13, abs=2)
        and row.max() == pytest.approx(51, abs=2)
    )
    press(Qt.Key.Key_X)
    assert masker.brush.erase and screen.accessibleDescription().startswith("Erases")
    press(Qt.Key.Key_Left, modifier=Qt.KeyboardModifier.ShiftModifier)
    press(Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: session.history.done == before + 2, timeout=10_000)
    assert read_mask(item(session).masks[0].path).array[24, 32] == 0, "a dab at one place"
    share = masker.share
    press(Qt.Key.Key_BracketRight)
    assert masker.share > share
    qtbot.keyPress(screen, Qt.Key.Key_Space)
    page.stage.masking.done.setFocus()
    qtbot.waitUntil(lambda: session.history.done == before + 3, timeout=10_000)
    press(Qt.Key.Key_Escape)
    assert not masker.on and screen.accessibleDescription() == ""


def test_animate_the_layer(window, session, qtbot):
    session.set_workspace("paint")
    session.add_clip(Clip.picture(frames(1, 1)[0]), "leaf")
    assert actions.perform("layer.animate", session)
    assert session.workspace == "film" and session.technique == "image2video"
    session.set_prompt("a leaf falls")
    assert session.spec().technique.image.path.endswith(".png")


def test_a_loop_is_closed(page, session, qtbot, files):
    put(page, qtbot, files / "red.mp4")
    page.clip.buttons["film.close-loop"].click()
    qtbot.waitUntil(lambda: session.technique == "image2video", timeout=10_000)
    from studio.media.image import read_picture

    session.set_prompt("back again")
    technique = session.spec().technique
    first, last = (
        int(read_picture(source.path).array[20, 20, 1]) for source in (technique.image, technique.end)
    )
    assert first == pytest.approx(47 * 4, abs=8) and last == pytest.approx(0, abs=8)


# --- the whole ------------------------------------------------------------------------------------------------------------------


def test_everything_has_a_name(page, window, session, qtbot, files):
    put(page, qtbot, files / "red.mp4", files / "beat.flac")
    silent = []
    for widget in page.findChildren(QWidget):
        if widget.focusPolicy() == Qt.FocusPolicy.NoFocus or not widget.isVisible():
            continue
        face = QAccessible.queryAccessibleInterface(widget)
        if face is not None and not face.text(QAccessible.Text.Name):
            silent.append(f"{type(widget).__name__} {widget.objectName()}")
    assert not silent


def test_the_workspace_keeps_its_own_panels(window, session, page):
    assert not window.panels["clip"].isHidden() and window.panels["layers"].isHidden()
    session.set_workspace("paint")
    assert window.panels["clip"].isHidden() and not window.panels["layers"].isHidden()
    assert window.pages.currentWidget() is window.stage
    session.set_workspace("film")
    assert not window.panels["clip"].isHidden() and window.pages.currentWidget() is page


def test_a_new_document_shows_its_own_film(page, session, qtbot, files):
    put(page, qtbot, files / "red.mp4")
    session.new_document()
    assert page.stage.empty.isVisible() and page.timeline.view.timeline.empty
    session.undo()
    assert names(session)["Film"] == [("red", 0, 48)]


def test_export_runs_beside_and_can_be_stopped(page, session, qtbot, files, tmp_path):
    from studio.media.render import Render

    put(page, qtbot, files / "red.mp4")
    said = []
    session.said.connect(lambda notice: said.append(notice.text))
    page.renders.run(session.document.timeline, Render(tmp_path / "out.mp4"))
    assert page.stage.exporting.isVisible() and session.file_state == "exporting"
    qtbot.waitUntil(lambda: bool(said), timeout=20_000)
    assert said == ["Exported as out.mp4."] and (tmp_path / "out.mp4").exists()
    assert not page.stage.exporting.isVisible() and session.file_state == ""
    page.renders.run(session.document.timeline, Render(tmp_path / "no.webm"))
    page.stage.exporting.end.click()
    qtbot.waitUntil(lambda: len(said) == 2, timeout=20_000)
    assert "stopped" in said[1] and [p.name for p in tmp_path.iterdir() if p.suffix == ".webm"] == []


def test_the_export_dialog_says_what_will_come(page, session, qtbot, files):
    from studio.ui.timeline.export import FilmExportDialog

    put(page, qtbot, files / "red.mp4", files / "beat.flac")
    session.film.do("r", cutting.set_span, 12, 36)
    sent = []
    dialog = FilmExportDialog(session, sent.append, "film", "", page)
    qtbot.addWidget(dialog)
    assert "24 frames of 64 × 48" in dialog.about.text(), "the range is chosen where there is one"
    dialog.what.setCurrentIndex(0)
    dialog.pixels.setCurrentIndex(1)
    assert "48 frames of 128 × 96" in dialog.about.text()
    dialog.format.setCurrentIndex(dialog.format.findData(".gif"))
    assert not dialog.sound.isVisibleTo(dialog)
    dialog.send(Path("x"))
    assert sent[0].path == Path("x.gif") and sent[0].span == (0, 48)
