"""The spectrogram in a window: zoom, tools, loop, comparison, read-out, keys; and what is painted lies where it should."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from studio.core import marks
from studio.core.clip import Clip
from studio.core.take import Note
from studio.media.tape import Tape
from studio.ui.spectrogram.view import SpectrogramView
from studio.ui.theme import themes

from .conftest import tone

RATE = 22050
LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


def tape(*pitches, seconds=2.0):
    return Tape("x", Clip.sound(np.concatenate([tone(hz, seconds) for hz in pitches])[:, None], RATE))


@pytest.fixture
def view(qtbot):
    themes.use("dark")
    made = SpectrogramView()
    qtbot.addWidget(made)
    made.resize(800, 400)
    sound = tape(440, 880)
    made.set_sound(sound, marks.plane(sound.seconds))
    made.show()
    qtbot.waitExposed(made)
    made.wait()
    yield made
    made.stop()


def at(view, t, hz):
    return QPoint(round(view.sight.x(t)), round(view.sight.y(hz)))


def drag(view, *places, mods=NONE):
    QTest.mousePress(view, LEFT, mods, places[0])
    for a, b in pairwise(places):
        for share in (0.5, 1.0):
            point = QPointF(a) + (QPointF(b) - QPointF(a)) * share
            QApplication.sendEvent(view, QMouseEvent(
                QMouseEvent.Type.MouseMove, point, QPointF(view.mapToGlobal(point)), Qt.MouseButton.NoButton, LEFT, mods
            ))  # fmt: skip
    QTest.mouseRelease(view, LEFT, mods, places[-1])


def hover(view, t, hz):
    point = QPointF(view.sight.x(t), view.sight.y(hz))
    QApplication.sendEvent(view, QMouseEvent(
        QMouseEvent.Type.MouseMove, point, QPointF(view.mapToGlobal(point)), Qt.MouseButton.NoButton, Qt.MouseButton.NoButton, NONE
    ))  # fmt: skip


def wheel(view, notches, t, hz, mods=NONE):
    point = QPointF(view.sight.x(t), view.sight.y(hz))
    QApplication.sendEvent(view, QWheelEvent(
        point, QPointF(view.mapToGlobal(point)), QPoint(), QPoint(0, 120 * notches), Qt.MouseButton.NoButton, mods,
        Qt.ScrollPhase.NoScrollPhase, False,
    ))  # fmt: skip


def test_the_readout_says_note_hertz_level_and_time(view):
    told = []
    view.pointed.connect(told.append)
    hover(view, 1.0, 440)
    note, hertz, level, moment = view.readout().split(" · ")
    assert note == "A4" and abs(int(hertz.split()[0]) - 440) < 12 and moment == "1.00 s"
    assert abs(-float(level.strip("−dB ")) - -6) < 2.5
    assert told[-1][0] == pytest.approx(1.0, abs=0.01)
    view.leaveEvent(None)
    assert view.readout() == "" and told[-1] is None


def test_wheel_zooms_about_the_pointer(view):
    per = view.sight.per
    wheel(view, 3, 3.0, 600)
    assert view.sight.per < per and view.sight.t(view.sight.x(3.0)) == pytest.approx(3.0)
    wheel(view, 2, 3.0, 600, CTRL)
    assert view.sight.top - view.sight.bottom < 1
    start = view.sight.start
    wheel(view, -1, 3.0, 600, SHIFT)
    assert view.sight.start > start
    view.fit()
    assert view.sight.start == 0 and view.sight.end == pytest.approx(4.0)


def test_keys(view):
    view.setFocus()
    QTest.keyClick(view, Qt.Key.Key_Plus)
    QTest.keyClick(view, Qt.Key.Key_Plus, CTRL)
    sight = view.sight
    assert sight.per < sight.widest and sight.top - sight.bottom < 1
    QTest.keyClick(view, Qt.Key.Key_Right)
    assert view.sight.start > sight.start
    QTest.keyClick(view, Qt.Key.Key_Up)
    assert view.sight.top > sight.top
    sought = []
    view.sought.connect(sought.append)
    QTest.keyClick(view, Qt.Key.Key_End)
    QTest.keyClick(view, Qt.Key.Key_Home)
    assert sought == [pytest.approx(4.0), 0.0]
    brush = view.brush
    QTest.keyClick(view, Qt.Key.Key_BracketRight)
    assert view.brush > brush


def test_hand_puts_the_playhead_and_moves_the_picture(view):
    sought = []
    view.sought.connect(sought.append)
    QTest.mouseClick(view, LEFT, NONE, at(view, 1.5, 440))
    assert sought == [pytest.approx(1.5, abs=0.01)]
    view.zoom(4)
    start = view.sight.start
    drag(view, QPoint(400, 200), QPoint(300, 200))
    assert view.sight.start == pytest.approx(start + 100 * view.sight.per) and len(sought) == 1


@pytest.mark.parametrize("scale", ["note", "mel", "linear"])
def test_rectangle_marks_the_same_pitches_on_every_axis(view, scale):
    view.set_look(scale)
    edits = []
    view.edited.connect(edits.append)
    view.set_tool("rectangle")
    drag(view, at(view, 0.5, 2000), at(view, 1.5, 1000))
    start, end, low, high = marks.region(view.marks)
    assert (start, end) == (pytest.approx(0.5, abs=0.03), pytest.approx(1.5, abs=0.03))
    assert low == pytest.approx(1000, rel=0.06) and high == pytest.approx(2000, rel=0.06)
    drag(view, at(view, 0.9, 2300), at(view, 1.1, 900), mods=CTRL)
    mask = np.array(marks.layer(view.marks).render(view.marks.rect))
    assert not mask[:, 48:52].any() and mask[:, 30].any(), "Ctrl takes away"
    QTest.mouseClick(view, LEFT, NONE, at(view, 3.5, 100))
    assert marks.region(view.marks) is None and len(edits) == 3
    for edit in reversed(edits):
        edit.revert(view.marks)
    assert not np.array(marks.layer(view.marks).render(view.marks.rect)).any()


def test_brush_eraser_and_lasso(view):
    view.set_tool("brush")
    view.brush = 40
    drag(view, at(view, 1.0, 880), at(view, 2.0, 880))
    start, end, low, high = marks.region(view.marks)
    radius = 20 * view.sight.per
    assert start == pytest.approx(1 - radius, abs=0.05) and end == pytest.approx(2 + radius, abs=0.05)
    assert low < 880 < high
    before = int(np.array(marks.layer(view.marks).render(view.marks.rect)).astype(bool).sum())
    view.set_tool("eraser")
    drag(view, at(view, 1.5, 880), at(view, 1.5, 890))
    assert 0 < int(np.array(marks.layer(view.marks).render(view.marks.rect)).astype(bool).sum()) < before
    view.clear_marks()
    view.set_tool("lasso")
    drag(view, at(view, 2.0, 300), at(view, 3.0, 300), at(view, 3.0, 600), at(view, 2.0, 600))
    start, end, low, high = marks.region(view.marks)
    assert (start, end) == (pytest.approx(2.0, abs=0.04), pytest.approx(3.0, abs=0.04))
    assert low == pytest.approx(300, rel=0.06) and high == pytest.approx(600, rel=0.06)


def test_marks_are_seen_where_they_are(view):
    view.set_tool("rectangle")
    clean = view.grab().toImage()
    drag(view, at(view, 2.5, 400), at(view, 3.5, 200))
    view.leaveEvent(None)
    seen = view.grab().toImage()
    inside, outside = at(view, 3.0, 280), at(view, 1.0, 280)
    assert seen.pixelColor(inside).red() > clean.pixelColor(inside).red() + 40
    assert seen.pixelColor(outside) == clean.pixelColor(outside)


def test_escape_gives_up_a_gesture(view):
    view.set_tool("lasso")
    QTest.mousePress(view, LEFT, NONE, at(view, 1, 500))
    QTest.mouseMove(view, at(view, 2, 900))
    view.setFocus()
    QTest.keyClick(view, Qt.Key.Key_Escape)
    QTest.mouseRelease(view, LEFT, NONE, at(view, 2, 300))
    assert marks.region(view.marks) is None


def test_a_stretch_of_time_is_chosen_and_its_ends_can_be_moved(view):
    loops = []
    view.loop_changed.connect(loops.append)
    view.set_tool("range")
    drag(view, at(view, 1.0, 500), at(view, 2.0, 500))
    assert view.loop == (pytest.approx(1.0, abs=0.01), pytest.approx(2.0, abs=0.01))
    drag(view, at(view, 2.0, 500), at(view, 3.0, 500))
    assert view.loop == (pytest.approx(1.0, abs=0.01), pytest.approx(3.0, abs=0.01))
    QTest.mouseClick(view, LEFT, NONE, at(view, 3.5, 500))
    assert view.loop is None and loops[-1] is None


def test_the_tune_is_mended_by_hand(view):
    tunes = []
    view.retuned.connect(tunes.append)
    view.set_melody([Note(0.5, 1.5, 69.0), Note(2.0, 3.0, 72.0)])
    view.set_tool("tune")
    drag(view, at(view, 1.0, 440), at(view, 1.0, 494))
    assert tunes[-1][0] == Note(0.5, 1.5, 71.0), "to the next whole note"
    drag(view, at(view, 1.5, 494) - QPoint(3, 0), at(view, 1.8, 494))
    assert tunes[-1][0].end == pytest.approx(1.8, abs=0.03) and tunes[-1][0].start == 0.5
    view.setFocus()
    QTest.keyClick(view, Qt.Key.Key_Delete)
    assert len(tunes[-1]) == 1
    QTest.mouseDClick(view, LEFT, NONE, at(view, 3.3, 330))
    assert len(tunes[-1]) == 2 and tunes[-1][1].pitch == 64.0
    image = view.grab().toImage()
    middle = image.pixelColor(at(view, 2.5, 523.25))
    assert middle.green() > 150, "the notes are drawn"


def test_the_tune_is_mended_by_keys(view):
    tunes = []
    view.retuned.connect(tunes.append)
    view.set_melody([Note(0.5, 1.5, 69.3), Note(2.0, 3.0, 72.0)])
    view.set_tool("tune")
    view.setFocus()
    start = view.sight
    QTest.keyClick(view, Qt.Key.Key_Right)
    QTest.keyClick(view, Qt.Key.Key_Up)
    assert tunes[-1][0].pitch == 70.0 and view.sight == start
    QTest.keyClick(view, Qt.Key.Key_Right)
    QTest.keyClick(view, Qt.Key.Key_Down)
    assert tunes[-1][1].pitch == 71.0
    view.zoom(16, 0)
    QTest.keyClick(view, Qt.Key.Key_Right)
    QTest.keyClick(view, Qt.Key.Key_Right)
    assert view.sight.start <= 2.0 < view.sight.end, "the chosen note is brought into view"
    QTest.keyClick(view, Qt.Key.Key_Delete)
    assert len(tunes[-1]) == 1


def test_following_turns_the_page(view):
    view.zoom(8, 0)
    view.set_playhead(3.0)
    assert not view.sight.start <= 3.0 < view.sight.end
    view.set_playhead(3.0, follow=True)
    assert view.sight.start <= 3.0 < view.sight.end


def test_before_and_after_share_the_screen(view):
    other = tape(220, 220)
    view.set_before(other)
    view.wait()
    left, right = view.sight.t(200), view.sight.t(600)
    assert view.level_at(left, view.sight.y(220)) > -12 > view.level_at(right, view.sight.y(220))
    assert view.level_at(right, view.sight.y(880)) > -12
    drag(view, QPoint(400, 100), QPoint(700, 100))
    assert view.divider == pytest.approx(700 / 800, abs=0.01)
    assert view.level_at(right, view.sight.y(220)) > -12
    view.set_before(None)
    assert view.level_at(left, view.sight.y(220)) < -30


def test_another_sound_in_the_same_place(view):
    view.zoom(4, 100)
    seen = view.sight
    other = tape(330, 330)
    view.set_sound(other, marks.plane(4.0), keep=True)
    assert view.sight == seen
    view.set_sound(other, marks.plane(4.0))
    assert view.sight.start == 0 and view.sight.end == pytest.approx(4.0)
    view.set_sound(None)
    assert view.readout() == "" and view.grab().toImage().pixelColor(400, 200) == themes.now.colour("panel")


def test_the_spectrum_under_the_pointer(view):
    view.show_spectrum = True
    hover(view, 1.0, 3000)
    image = view.grab().toImage()
    accent = themes.now.colour("accent")

    def near(colour):
        return all(abs(a - b) < 50 for a, b in zip(colour.getRgb(), accent.getRgb()))

    def reach(hz):
        """How far to the right the curve is drawn near a frequency."""
        row = range(round(view.sight.y(hz)) - 4, round(view.sight.y(hz)) + 5)
        found = [x for x in range(704, 796) for y in row if near(image.pixelColor(x, y))]
        return max(found, default=704)

    assert reach(440) > reach(3000) + 30
