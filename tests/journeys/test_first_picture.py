"""A person's first minute: words, Ctrl+Enter, a picture, Accept, undo; through the real window, pool and engine."""

from __future__ import annotations

import sys

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
    app.session.set_model("tiny")
    app.window.show()
    qtbot.addWidget(app.window)
    yield app
    app.window.close()
    app.close()


@pytest.mark.timeout(110)
def test_words_to_layer_and_back(app, qtbot):
    before = set(sys.modules)
    session, window = app.session, app.window
    assert window.stage.start.isVisible()
    box = window.technique.prompt.edit
    window.focus_words()
    QTest.keyClicks(box, "a fox")
    assert session.prompt == "a fox"
    qtbot.waitUntil(window.commands["picture.draw"].isEnabled)
    QTest.keyClick(box, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert len(session.jobs) == 1
    assert box.toPlainText() == "a fox"
    qtbot.waitUntil(lambda: bool(session.candidates), timeout=90_000)
    assert window.stage.candidates.isVisible()
    assert not window.stage.start.isVisible()

    window.canvas.setFocus()
    qtbot.waitUntil(window.commands["picture.accept"].isEnabled)
    QTest.keyClick(window.canvas, Qt.Key.Key_Return)
    assert [layer.name for layer in session.document.layers] == ["a fox"]
    made = session.document.layers[0].spec
    assert made is not None and made.technique.prompt == "a fox" and made.technique.steps == 4
    assert not session.candidates and not window.stage.candidates.isVisible()

    qtbot.waitUntil(window.commands["edit.undo"].isEnabled)
    QTest.keyClick(window.canvas, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert not session.document.layers
    assert len(session.candidates) == 1, "undoing Accept brings the candidate back"
    qtbot.waitUntil(window.commands["edit.redo"].isEnabled)
    QTest.keyClick(
        window.canvas, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    )
    assert len(session.document.layers) == 1

    qtbot.waitUntil(lambda: window.gallery.model.rowCount() == 1, timeout=10_000)
    assert session.forecast().seconds is not None
    assert "time unknown" not in window.technique.cost.text()
    for heavy in {
        "torch",
        "diffusers",
        "transformers",
    } - before:  # other tests of this process may have loaded them
        assert heavy not in sys.modules, f"{heavy} was imported by the window's process"
