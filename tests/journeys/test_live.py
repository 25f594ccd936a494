"""A picture that follows the hand, through the real window, pool, worker and an engine process that only pretends to draw."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from PySide6.QtCore import QAbstractEventDispatcher, QPoint, Qt, QTimer
from PySide6.QtTest import QTest

from studio.core.clip import Clip
from studio.core.job import Result
from studio.core.paths import home

HERE = Path(__file__).parents[1] / "jobs"
CARD = """\
id = "tiny"
title = "Tiny"
abilities = ["text2image"]
sizes = { native = [64, 64], min = 16, max = 256, multiple = 16 }
defaults = { steps = 6 }
"""


@pytest.fixture
def app(qtbot, monkeypatch, tmp_path):
    (tmp_path / "models" / "tiny").mkdir(parents=True)
    (tmp_path / "models" / "tiny" / "card.toml").write_text(CARD)
    monkeypatch.setenv("STUDIO_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("STUDIO_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join((str(HERE), str(HERE.parents[1]))))
    from studio.app import App, make_application

    make_application([])
    app = App(home(), options=("--engine", "fake_engine:FakeEngine"))
    app.session.set_model("tiny")
    app.window.show()
    qtbot.addWidget(app.window)
    qtbot.waitUntil(lambda: app.session.engine_state == "ready", timeout=20_000)
    yield app
    app.window.close()
    app.close()


def done(app) -> set[int]:
    """Numbers of the sketches that came to their end, from here on."""
    found: set[int] = set()
    app.pool.sketched.connect(lambda number, event: found.add(number) if isinstance(event, Result) else None)
    return found


def test_type_and_the_picture_follows(app, qtbot):
    session, window = app.session, app.window
    finished = done(app)
    window.focus_words()
    edit = window.technique.prompt.edit
    QTest.keyClicks(edit, "a fox")
    qtbot.wait(50)
    assert app.live.sent == 0, "it is off"
    window.technique.live.click()
    assert session.settings.live
    qtbot.waitUntil(window.commands["picture.live"].isChecked)
    assert window.technique.draw.text() == "Finish"
    qtbot.waitUntil(lambda: session.live_picture is not None, timeout=10_000)
    assert window.canvas.scene.preview is not None
    assert not window.stage.start.isVisible()
    qtbot.waitUntil(lambda: app.live.number in finished, timeout=10_000)

    # a key in the middle of a long run: it stops within a step, and of two keys in a row the newest wins
    session.set_prompt("steps=600 wait=0.03")
    qtbot.wait(150)
    slow = app.live.number
    begin = time.monotonic()
    QTest.keyClicks(edit, "x")
    session.set_prompt("steps=1")
    qtbot.waitUntil(lambda: app.live.number in finished, timeout=5_000)
    assert time.monotonic() - begin < 2, "eighteen seconds were in its way"
    assert slow not in finished
    assert not session.jobs and not app.queue.jobs("waiting", "running", "done")
    assert not app.queue.results() and not session.history.position

    window.technique.live.click()
    assert session.live_picture is None and window.canvas.scene.preview is None
    count = app.live.sent
    QTest.keyClicks(edit, " y")
    qtbot.wait(100)
    assert app.live.sent == count
    assert window.technique.draw.text() == "Draw"


def test_the_hand_on_the_canvas(app, qtbot):
    session, window, canvas = app.session, app.window, app.window.canvas
    finished = done(app)
    import numpy as np

    session.add_clip(Clip.picture(np.full((64, 64, 3), 120, np.uint8)), "Picture")
    session.new_mask()
    session.set_technique("inpaint")
    session.set_prompt("steps=2")
    session.set_live(True)
    session.set_tool("brush")
    canvas.brush = canvas.brush.with_(size=16)
    qtbot.wait(100)
    assert app.live.sent == 0 and "Paint over" in session.live_note
    rect = canvas.view.rect_to_screen(session.document.rect)

    def at(x: float, y: float) -> QPoint:
        return QPoint(int(rect.x + rect.w * x), int(rect.y + rect.h * y))

    def stroke(y: float) -> None:
        QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=at(0.3, y))
        for part in range(6):
            QTest.mouseMove(canvas, at(0.3 + 0.05 * part, y))
            qtbot.wait(10)

    stroke(0.4)
    qtbot.wait(100)
    assert app.live.sent == 0, "nothing runs in the middle of a stroke"
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=at(0.6, 0.4))
    qtbot.waitUntil(lambda: app.live.number in finished, timeout=10_000)
    assert session.live_picture is not None and not (home() / "inputs").exists()

    count = app.live.sent
    stroke(0.7)
    assert session.live_picture is None, "what is painted is seen"
    assert app.live.sent == count
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=at(0.6, 0.7))
    qtbot.waitUntil(lambda: app.live.sent == count + 1 and app.live.number in finished, timeout=10_000)
    session.undo()
    qtbot.waitUntil(lambda: app.live.sent == count + 2, timeout=10_000)

    window.commands["picture.live-strokes"].trigger()
    qtbot.waitUntil(lambda: app.live.number in finished, timeout=10_000)
    count = app.live.sent
    stroke(0.7)
    qtbot.waitUntil(lambda: app.live.sent > count, timeout=5_000)
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=at(0.6, 0.7))


def test_an_idle_studio_has_no_clock_for_it(app, qtbot):
    session = app.session
    finished = done(app)
    dispatcher = QAbstractEventDispatcher.instance()

    def clocks() -> int:
        return sum(
            len(dispatcher.registeredTimers(timer)) for timer in app.window.findChildren(QTimer)
        ) + sum(len(dispatcher.registeredTimers(one)) for one in (app.window, app.pool, app.window.canvas))

    qtbot.wait(600)  # what the start needed is over
    before = clocks()
    session.set_prompt("steps=1")
    session.set_live(True)
    qtbot.waitUntil(lambda: app.live.number in finished, timeout=10_000)
    qtbot.wait(600)
    looks = 0
    look = app.live.look

    def counted() -> None:
        nonlocal looks
        looks += 1
        look()

    app.live.look = counted
    sent = app.live.sent
    qtbot.wait(1200)
    assert (looks, app.live.sent) == (0, sent)
    assert clocks() <= before


def test_finish_draws_what_was_seen(app, qtbot):
    session = app.session
    finished = done(app)
    session.set_prompt("steps=1")
    session.set_live(True)
    qtbot.waitUntil(lambda: app.live.number in finished, timeout=10_000)
    seen = session.live_picture[0]
    app.window.technique.draw.click()
    qtbot.waitUntil(lambda: bool(session.candidates), timeout=10_000)
    assert (session.candidate.result.clip.array == seen.array).all(), "the same seed"
    assert session.live_picture is None and app.window.canvas.scene.overlay is not None
    session.set_prompt("steps=1 b")
    qtbot.waitUntil(lambda: session.live_picture is not None, timeout=10_000)
    assert app.window.canvas.scene.overlay is None, (
        "what moves is what is seen; the candidate waits in its strip"
    )
    assert session.candidates
