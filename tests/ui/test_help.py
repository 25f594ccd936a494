"""Help for techniques, and models that are dropped on the window."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PySide6.QtWidgets import QLabel, QMessageBox

from studio.core import examples
from studio.core.clip import Clip
from studio.core.job import TECHNIQUES
from studio.core.region import Rect
from studio.media.image import save_picture
from studio.session import CANVAS
from studio.ui.installing import Installer
from studio.ui.panels.help import TechniqueHelp


@pytest.fixture
def example(tmp_path, monkeypatch):
    """Of filling a mask, and of painted regions."""
    monkeypatch.setattr(examples, "folder", lambda: tmp_path)
    for name in ("picture.png", "result.png"):
        save_picture(Clip.picture(np.full((64, 64, 3), 90, np.uint8)), tmp_path / name)
    mask = np.zeros((64, 64), np.uint8)
    mask[20:40, 20:40] = 255
    save_picture(Clip.mask(mask), tmp_path / "mask.png")
    inpaint = {
        "words": "a red fox", "values": {"prompt": "a red fox"}, "seed": 5,
        "inputs": {"image": "picture.png", "mask": "mask.png"}, "results": ["result.png"],
    }  # fmt: skip
    (tmp_path / "inpaint.json").write_text(json.dumps(inpaint))
    painted = {
        "words": "a sun", "values": {"prompt": "a sun", "regions": [{"words": "a sun", "strength": 2.0}]}, "seed": 6,
        "inputs": {"regions.0": "mask.png"}, "results": ["result.png"],
    }  # fmt: skip
    (tmp_path / "paint-with-words.json").write_text(json.dumps(painted))
    return examples.example_of("inpaint")


def test_help_shows_the_example_and_every_setting(session, qtbot, example):
    help = TechniqueHelp(session, "inpaint")
    qtbot.addWidget(help)
    texts = " ".join(found.text() for found in help.findChildren(QLabel))
    assert TECHNIQUES["inpaint"].title in texts and "a red fox" in texts
    for name, info in TECHNIQUES["inpaint"].model_fields.items():
        if info.description and name != "name":
            assert info.title in texts
    assert sum(not found.pixmap().isNull() for found in help.findChildren(QLabel)) == 3
    help.go.click()
    assert session.technique == "inpaint" and session.prompt == "a red fox" and session.seed == 5


def test_an_example_comes_onto_an_empty_canvas_as_one_step(session, example):
    session.use_example(example)
    kinds = [layer.kind for layer in session.document.layers]
    assert kinds == ["picture", "mask"] and session.document.rect == Rect(0, 0, 64, 64)
    assert session.value("image") == CANVAS and session.value("mask") == CANVAS and not session.why_not()
    session.undo()
    assert not session.document.layers


def test_an_example_leaves_the_work_alone(session, example):
    session.add_clip(Clip.picture(np.zeros((32, 32, 3), np.uint8)), "mine")
    session.use_example(example)
    assert [layer.name for layer in session.document.layers] == ["mine"]
    assert session.value("image")["path"].endswith("picture.png")


def test_an_example_of_regions_paints_them(session, example):
    session.use_example(examples.example_of("paint-with-words"))
    layer = session.document.layers[0]
    assert layer.kind == "region" and layer.region.words == "a sun" and layer.region.strength == 2
    assert session.regions() and session.value("regions") == CANVAS


def test_a_technique_without_an_example_has_help_too(session, qtbot, monkeypatch, tmp_path):
    monkeypatch.setattr(examples, "folder", lambda: tmp_path)
    help = TechniqueHelp(session, "text2image")
    qtbot.addWidget(help)
    assert help.go.isHidden()


def test_a_model_is_asked_about_and_installed(session, qtbot, tmp_path, monkeypatch):
    from tests.media.test_install import checkpoint

    monkeypatch.setenv("STUDIO_HOME", str(tmp_path / "home"))
    installer = Installer(session, None)
    installer.offer(checkpoint(tmp_path / "dream.safetensors"))
    qtbot.waitUntil(lambda: installer._box is not None)
    assert "Stable Diffusion 1" in installer._box.informativeText()
    next(b for b in installer._box.buttons() if "where it is" in b.text()).click()
    qtbot.waitUntil(lambda: ("look_for_models",) in session.pool.asked)
    assert (tmp_path / "home" / "models" / "dream" / "dream.safetensors").exists()
    said = []
    session.said.connect(lambda notice: said.append(notice.text))
    (tmp_path / "x.ckpt").write_bytes(b"x")
    installer.offer(tmp_path / "x.ckpt")
    qtbot.waitUntil(lambda: bool(said))
    assert "may hold code" in said[0]
    assert isinstance(installer._box, QMessageBox | None)
    installer.stop()
