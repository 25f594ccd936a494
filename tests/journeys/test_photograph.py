"""A real photograph, of something that no built-in model was taught, through every technique that works on pictures."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from studio.core.history import SetProperty, SetSelection
from studio.core.job import TECHNIQUES
from studio.core.paths import home
from studio.core.region import Region
from studio.session import workspace_of

PHOTOGRAPH = Path(__file__).parent.parent / "data" / "chelsea.jpg"
"""Stefan van der Walt's cat, CC0, as scikit-image ships it."""
QUICK = {"steps": 2, "tuning": 2, "wording": 2, "inner": 1, "draws": 1}
"""What keeps a journey short; quality is measured elsewhere."""
WORDS = {"instruct": "turn it into an owl", "textmask": "the thing in the middle"}


@pytest.fixture
def app(qtbot, monkeypatch, tmp_path):
    if importlib.util.find_spec("diffusers") is None:
        pytest.skip("the engine's libraries are not here")
    monkeypatch.setenv("STUDIO_HOME", str(tmp_path / "home"))
    from studio.app import App, make_application

    make_application([])
    app = App(home(), options=("--device", "cpu"))
    app.window.show()
    qtbot.addWidget(app.window)
    yield app
    app.session.history.mark_clean()
    app.window.close()
    app.close()


@pytest.mark.timeout(300)
def test_every_technique_edits_it_without_failing(app, qtbot):
    session, window = app.session, app.window
    window.stage.add_files([PHOTOGRAPH])
    qtbot.waitUntil(lambda: bool(session.document.layers), timeout=20_000)
    photograph = session.document.layers[0].pixels[..., :3].copy()
    high, wide = photograph.shape[:2]
    chosen = np.zeros((high, wide), np.uint8)
    chosen[90:210, 160:290] = 255
    session.edit(SetSelection(chosen))
    said: list[str] = []
    session.said.connect(lambda notice: said.append(notice.text))
    names = [
        name
        for name, cls in TECHNIQUES.items()
        if workspace_of(name) == "paint" and "image" in cls.model_fields and session.offered(name)
    ]
    assert len(names) >= 12, "the built-in models are not here"
    for name in names:
        session.set_technique(name)
        fields = session.technique_class.model_fields
        for key, value in {**QUICK, "right": 64, "word": "cat", "image": "canvas:"}.items():
            if key in fields:
                session.set_value(key, value)
        session.set_prompt(WORDS.get(name, "a photograph of a cat that looks sideways"))
        if "source_prompt" in fields:
            session.set_value("source_prompt", "a photograph of a dog that looks sideways")
        said.clear()
        job = session.draw()
        assert job, f"{name}: {said}"
        qtbot.waitUntil(lambda job=job: session.jobs[job].over, timeout=120_000)
        assert session.jobs[job].state == "done", f"{name}: {session.jobs[job].message}"
        result = session.candidate.result
        made = result.clip.array
        if "prompt" in fields and session.card.knows and name != "instruct":
            assert any("was not taught “photograph”" in text for text in said), name
        at = session.place_of(session.candidate)
        assert (at.w, at.h) == (wide + 64 if name == "outpaint" else wide, high), name
        if name in ("inpaint", "smartbrush", "diffedit"):
            kept = chosen == 0
            assert np.array_equal(made[kept][:, :3], photograph[kept]), name
        if made.ndim == 3:
            assert made.std() > 5, f"{name} is empty"
        session.discard_all()
    assert len(session.document.layers) == 1
    assert np.array_equal(session.document.layers[0].pixels[..., :3], photograph)


@pytest.mark.timeout(120)
def test_words_painted_over_it(app, qtbot):
    from studio import layering
    from studio.core.history import SetPixels

    session = app.session
    app.window.stage.add_files([PHOTOGRAPH])
    qtbot.waitUntil(lambda: bool(session.document.layers), timeout=20_000)
    layering.new_region(session)
    layer = session.layer
    session.edit(SetPixels(layer.id, np.full((120, 160), 255, np.uint8), 40, 60))
    session.edit(SetProperty(layer.id, "region", Region("a red fox", 1.0, layer.region.color)))
    session.set_technique("paint-with-words")
    session.set_value("steps", 2)
    session.set_prompt("a red fox on a blue background")
    job = session.draw()
    qtbot.waitUntil(lambda: session.jobs[job].over, timeout=90_000)
    assert session.jobs[job].state == "done", session.jobs[job].message
