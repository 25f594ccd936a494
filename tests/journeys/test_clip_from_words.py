"""Words become a clip, the clip comes on the timeline and goes on: through the real window, pool and engine, with a tiny model."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from studio.core.paths import home


@pytest.fixture
def app(qtbot, monkeypatch, tmp_path, model_folder):
    monkeypatch.setenv("STUDIO_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("STUDIO_MODELS", str(model_folder))
    from studio.app import App, make_application

    make_application([])
    app = App(home(), options=("--device", "cpu"))
    app.window.show()
    qtbot.addWidget(app.window)
    yield app
    app.window.close_now()
    app.close()


@pytest.mark.timeout(240)
def test_words_to_clip_to_a_longer_one(app, qtbot):
    session, window = app.session, app.window
    session.set_workspace("film")
    session.set_technique("text2video")
    session.set_model("tiny-motion")
    page = window._page()
    for name, value in (("frames", 4), ("steps", 3)):
        session.set_value(name, value)
    previews = []
    show = page.stage.screen_.show_preview
    page.stage.screen_.show_preview = lambda image: (previews.append(image), show(image))
    window.focus_words()
    QTest.keyClicks(window.technique.prompt.edit, "a fox")
    qtbot.waitUntil(window.commands["picture.draw"].isEnabled)
    assert window.technique.draw.text() == "Make the clip"
    QTest.keyClick(window.technique.prompt.edit, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: bool(session.film.takes), timeout=120_000)
    assert page.stage.takes.isVisible() and not page.stage.empty.isVisible()
    assert page.stage.screen_._preview is None, "the take is in view, not the preview"
    assert any(image is not None for image in previews), "it was seen while it was drawn"

    page.timeline.view.setFocus()
    qtbot.waitUntil(window.commands["film.use-take"].isEnabled)
    QTest.keyClick(page.timeline.view, Qt.Key.Key_Return)
    (item,) = session.document.timeline.tracks[0].items
    assert item.name == "a fox" and item.media.spec.technique.frames == 4
    assert not session.film.takes
    before = item.media.seconds

    page.clip.buttons["film.continue"].click()
    assert session.technique == "extend" and session.prompt == "a fox"
    session.set_value("frames", 2)
    session.set_value("steps", 2)
    qtbot.waitUntil(lambda: not session.why_not(), timeout=20_000)
    session.draw()
    qtbot.waitUntil(lambda: bool(session.film.takes), timeout=120_000)
    qtbot.waitUntil(window.commands["film.use-take"].isEnabled)
    assert session.film.replaces(session.film.take)
    page.timeline.view.setFocus()  # it was in the words
    QTest.keyClick(page.timeline.view, Qt.Key.Key_Return)
    (longer,) = session.document.timeline.tracks[0].items
    assert longer.id == item.id and longer.media.seconds == pytest.approx(before * 6 / 4, rel=0.01)
    session.undo()
    assert session.document.timeline.tracks[0].items == (item,) and len(session.film.takes) == 1
