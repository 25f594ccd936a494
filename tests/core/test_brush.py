"""Dabs are round, strokes are even and leave one edit."""

import numpy as np
import pytest

from studio.core.brush import Brush, Stroke, dab
from studio.core.document import Document
from studio.core.history import AddLayer, History
from studio.core.layer import Layer, placed
from studio.core.region import Rect


def masked(size=200):
    document = Document(size, size)
    history = History(document)
    layer = Layer("m", "mask")
    history.push(AddLayer(layer))
    return document, history, layer


@pytest.mark.parametrize("size", [1, 2, 5.5, 16, 64, 128])
@pytest.mark.parametrize("hardness", [0, 0.4, 1])
def test_a_dab_is_symmetric(size, hardness):
    spot = dab(size, hardness)
    for other in (spot[::-1], spot[:, ::-1], spot.T):
        assert np.array_equal(spot, other)
    middle = spot.shape[0] // 2
    assert spot[middle, middle] >= 200 or size < 3
    assert np.all(np.diff(spot[middle, middle:].astype(int)) <= 0), "never brighter outwards"


@pytest.mark.parametrize("size", [8, 30, 100])
def test_a_hard_dab_covers_the_area_of_its_circle(size):
    assert dab(size, 1.0).sum() / 255 == pytest.approx(np.pi * size**2 / 4, rel=0.02)


def test_softness_is_inside_the_size():
    soft, hard = dab(100, 0.0), dab(100, 1.0)
    assert np.all(soft <= hard)
    assert soft.sum() < hard.sum() * 0.6
    assert dab(100, 0.5)[51, 51] == 255


def test_a_dab_between_pixels_keeps_its_weight_and_moves_its_middle():
    still, moved = dab(9, 0.5).astype(float), dab(9, 0.5, 0.5, 0.25).astype(float)
    assert moved.sum() == pytest.approx(still.sum(), rel=0.02)
    y, x = np.mgrid[: moved.shape[0], : moved.shape[1]]
    centre = (still.shape[0] - 1) / 2
    assert (moved * x).sum() / moved.sum() == pytest.approx(centre + 0.5, abs=0.05)
    assert (moved * y).sum() / moved.sum() == pytest.approx(centre + 0.25, abs=0.05)


def test_tilt_flattens_the_dab():
    flat = dab(60, 0.8, ratio=0.5, angle=0.0) > 127
    assert np.ptp(np.flatnonzero(flat.any(0))) > 1.8 * np.ptp(np.flatnonzero(flat.any(1)))


def test_one_click_is_one_dab_in_its_place():
    document, history, layer = masked()
    stroke = Stroke(document, layer, Brush(size=21, hardness=1))
    rect = stroke.move_to(100.5, 60.5)
    history.record(stroke.finish())
    on = np.argwhere(layer.pixels > 127)
    assert on.mean(0) == pytest.approx((60, 100))
    assert len(on) == pytest.approx(np.pi * 21**2 / 4, rel=0.03)
    assert rect.encloses(Rect(90, 50, 21, 21))
    assert history.names[-1] == "Paint mask"


def test_a_stroke_is_even_and_has_no_gaps():
    document, history, layer = masked(400)
    stroke = Stroke(document, layer, Brush(size=40, hardness=1, spacing=0.1))
    stroke.move_to(50, 200)
    for x in range(60, 360, 37):
        stroke.move_to(x, 200)
    stroke.move_to(350, 200)
    history.record(stroke.finish())
    thickness = (layer.pixels[:, 60:340] > 127).sum(0)
    assert thickness.min() >= 38
    assert thickness.max() <= 41
    columns = np.flatnonzero(layer.pixels.any(0))
    assert columns[0] == pytest.approx(30, abs=2)
    assert columns[-1] == pytest.approx(369, abs=3)


def test_spacing_is_carried_over_from_event_to_event():
    def dabs(step):
        document, _, layer = masked(600)
        stroke = Stroke(document, layer, Brush(size=100, spacing=0.2))
        for x in np.arange(50, 550.1, step):
            stroke.move_to(x, 300)
        stroke.finish()
        return stroke.dabs

    assert {dabs(1), dabs(7), dabs(50), dabs(500)} <= {25, 26}


def test_a_corner_is_rounded_and_does_not_leave_the_path():
    document, _, layer = masked(300)
    stroke = Stroke(document, layer, Brush(size=10, hardness=1))
    for point in [(50, 50), (150, 50), (150, 150)]:
        stroke.move_to(*point)
    stroke.finish()
    on = layer.pixels > 127
    assert on[50, 60]
    assert on[140, 150]
    assert on[52:60, 145:150].any() or on[60:75, 130:150].any()
    assert not on[70:, :100].any()


def test_shift_draws_a_straight_line():
    document, _, layer = masked(300)
    stroke = Stroke(document, layer, Brush(size=8, hardness=1))
    stroke.move_to(20, 20)
    stroke.line_to(220, 120)
    stroke.finish()
    y, x = np.nonzero(layer.pixels > 127)
    distance = np.abs((x - 20) * 100 - (y - 20) * 200) / np.hypot(100, 200)
    assert distance.max() < 5.5
    assert x.max() > 220


def test_paint_does_not_add_up_within_a_stroke():
    document = Document(300, 300)
    layer = Layer("p", "picture", np.full((300, 300, 4), 255, np.uint8))
    document.set_layers([layer])
    stroke = Stroke(document, layer, Brush(size=60, hardness=1, opacity=0.5, color=(255, 0, 0)))
    for x in (60, 240, 60, 240):
        stroke.move_to(x, 150)
    stroke.finish()
    assert layer.pixels[150, 150].tolist() == pytest.approx([255, 127, 127, 255], abs=1)
    again = Stroke(document, layer, Brush(size=60, hardness=1, opacity=0.5, color=(255, 0, 0)))
    again.move_to(150, 150)
    again.finish()
    assert layer.pixels[150, 150].tolist() == pytest.approx([255, 64, 64, 255], abs=1)


def test_painting_on_nothing_and_erasing_it():
    document = Document(100, 100)
    history = History(document)
    layer = Layer("p")
    history.push(AddLayer(layer))
    stroke = Stroke(document, layer, Brush(size=40, hardness=0.2, color=(10, 200, 30)))
    stroke.move_to(50, 50)
    history.record(stroke.finish())
    assert layer.pixels[50, 50].tolist() == [10, 200, 30, 255]
    soft = layer.pixels[50, 50 + 17]
    assert 0 < soft[3] < 255
    assert soft[:3].tolist() == [10, 200, 30], "colour at a soft edge is the colour, not a darker one"
    stroke = Stroke(document, layer, Brush(size=80, hardness=1, erase=True))
    stroke.move_to(50, 50)
    history.record(stroke.finish())
    assert not layer.pixels[..., 3].any()
    history.jump(1)
    assert layer.pixels.size == 0


def test_mask_paint_and_erase_are_opposites():
    document, _, layer = masked()
    for erase in (False, True):
        stroke = Stroke(document, layer, Brush(size=50, hardness=1, erase=erase))
        stroke.move_to(100, 100)
        stroke.finish()
    assert layer.pixels[85:115, 85:115].max() == 0
    assert layer.pixels.max() <= 128, "what is left is at most half of the smooth edge"


def test_cancel_puts_everything_back():
    document, history, layer = masked()
    first = Stroke(document, layer, Brush(size=30))
    first.move_to(50, 50)
    history.record(first.finish())
    before = layer.pixels.copy()
    stroke = Stroke(document, layer, Brush(size=60))
    stroke.move_to(60, 60)
    stroke.move_to(150, 150)
    assert not np.array_equal(before, layer.pixels)
    stroke.cancel()
    assert np.array_equal(before, layer.pixels)


def test_a_stroke_outside_changes_nothing():
    document, history, layer = masked()
    stroke = Stroke(document, layer, Brush(size=30))
    stroke.move_to(900, 900)
    assert stroke.finish() is None
    assert layer.pixels.size == 0
    assert history.names == ["Add m"]


def test_pressure_and_selection():
    document, _, layer = masked(300)
    stroke = Stroke(document, layer, Brush(size=60, hardness=1))
    stroke.move_to(50, 150, pressure=0.2)
    stroke.move_to(250, 150, pressure=1.0)
    stroke.finish()
    assert (layer.pixels[:, 60] > 127).sum() < (layer.pixels[:, 240] > 127).sum() / 2
    picture = Layer("p", "picture", np.zeros((300, 300, 4), np.uint8))
    document.set_layers([picture])
    chosen = np.zeros((300, 300), np.uint8)
    chosen[:, :150] = 255
    stroke = Stroke(document, picture, Brush(size=60, hardness=1), chosen)
    stroke.move_to(150, 150)
    stroke.finish()
    assert picture.pixels[150, 140, 3] == 255
    assert not picture.pixels[:, 150:].any()


def test_a_turned_layer_is_painted_where_the_pointer_is():
    document = Document(200, 200)
    layer = Layer(
        "m",
        "mask",
        np.zeros((100, 100), np.uint8),
        40,
        40,
        matrix=placed(degrees=30, scale=(1.5, 1.5), about=(90, 90)),
    )
    document.set_layers([layer])
    stroke = Stroke(document, layer, Brush(size=20, hardness=1))
    stroke.move_to(120, 70)
    stroke.finish()
    on = np.argwhere(document.mask() > 127)
    assert on.mean(0) == pytest.approx((70, 120), abs=1)
    assert len(on) == pytest.approx(np.pi * 100, rel=0.1)


@pytest.mark.parametrize(
    ("changes", "word"),
    [({"locked": True}, "locked"), ({"visible": False}, "hidden"), ({"kind": "group"}, "group")],
)
def test_what_cannot_be_painted_says_so(changes, word):
    document = Document(50, 50)
    layer = Layer("Fox", **({"kind": "mask"} | changes))
    document.set_layers([layer])
    with pytest.raises(ValueError, match=word):
        Stroke(document, layer, Brush())


def test_brush_keys_stay_in_range():
    brush = Brush(size=5)
    for _ in range(300):
        brush = brush.resized(1)
    assert brush.size == 2000
    for _ in range(300):
        brush = brush.resized(-1)
    assert brush.size == 1
    assert brush.with_(hardness=7).hardness == 1
