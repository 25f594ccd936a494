"""The renderer for graphics cards draws what the software draws. (It only asks things of a painter; here that of an image.)"""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QRect
from PySide6.QtGui import QImage, QPainter

from studio.core.clip import Clip
from studio.core.document import Document
from studio.core.layer import Layer
from studio.core.region import Rect
from studio.ui.canvas.gpu import GpuRenderer
from studio.ui.canvas.pyramid import Pyramid
from studio.ui.canvas.render import Picture, Scene, SoftwareRenderer, to_image
from studio.ui.canvas.view import View

WIDE, HIGH = 400, 300


@pytest.fixture
def document(qapp):
    rng = np.random.default_rng(3)
    made = Document(700, 520)
    small = rng.integers(0, 256, (65, 88, 4), np.uint8)
    pixels = np.repeat(np.repeat(small, 8, 0), 8, 1)[:520, :700].copy()
    pixels[..., 3] = 255
    pixels[100:200, 300:600, 3] = 0
    mask = np.zeros((120, 160), np.uint8)
    mask[20:100, 20:140] = 255
    made.set_layers([Layer("picture", "picture", pixels), Layer("Mask", "mask", mask, 200, 150)])
    return made


def shown(renderer, view) -> np.ndarray:
    image = QImage(WIDE, HIGH, QImage.Format.Format_RGB32)
    with QPainter(image) as painter:
        renderer.paint(painter, view, QRect(0, 0, WIDE, HIGH), None)
    return np.frombuffer(image.constBits(), np.uint8).reshape(HIGH, WIDE, 4)[..., :3].astype(int)


def pair(document):
    scene = Scene()
    made = [kind(Pyramid(document), scene) for kind in (SoftwareRenderer, GpuRenderer)]
    for renderer in made:
        renderer.resize(WIDE, HIGH, 1.0)
    return *made, scene


@pytest.mark.parametrize(
    "view", [View(1.0, 0, -150, -100), View(0.5, 0, 20, 20), View(0.3, 0, 40, 30), View(4.0, 0, -1300, -700), View(0.8, 30, 150, -60)]
)  # fmt: skip
def test_it_draws_what_the_software_draws(document, view):
    software, gpu, _ = pair(document)
    difference = np.abs(shown(software, view) - shown(gpu, view)).max(-1)
    assert (difference > 24).mean() < 0.01, "here and there a pixel on the edge of the document"


def test_a_stroke_changes_what_is_seen(document):
    software, gpu, _ = pair(document)
    view = View(1.0, 0, -150, -100)
    before = shown(gpu, view)
    shown(software, view)
    layer = document.layers[0]
    rect = Rect(250, 250, 12, 12)  # over the corner of four tiles
    layer.pixels[rect.slices()] = (255, 0, 0, 255)
    document.touch(layer, rect)
    for renderer in (software, gpu):
        renderer.pyramid.mark(rect)
        renderer.changed(rect)
    after = shown(gpu, view)
    changed = np.abs(after - before).max(-1) > 0
    assert changed[152:162, 100:112].all()  # the dashed edge of the mask runs above
    assert (np.abs(after - shown(software, view)) > 24).mean() < 0.01


def test_candidates_and_the_divider_are_drawn(document):
    software, gpu, scene = pair(document)
    scene.overlay = Picture(
        to_image(Clip.picture(np.full((64, 64, 3), 200, np.uint8)).array), Rect(100, 100, 300, 300)
    )
    scene.split = 200.0
    view = View(0.5, 0, 20, 20)
    difference = np.abs(shown(software, view) - shown(gpu, view)).max(-1)
    assert (difference > 24).mean() < 0.01


def test_without_opengl_the_processor_draws_on(qtbot):
    from studio.ui.canvas import Canvas

    canvas = Canvas(Document(64, 64))
    qtbot.addWidget(canvas)
    assert not canvas.set_gpu(True) and not canvas.gpu and type(canvas.renderer) is SoftwareRenderer
