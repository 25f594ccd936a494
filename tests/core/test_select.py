"""Shapes, the wand, and what changes a mask, against things counted by hand or by slow loops."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.core import select
from studio.core.region import NOWHERE, Rect

ALL = Rect(0, 0, 200, 200)


def flood_slowly(on, x, y):
    out = np.zeros_like(on)
    stack = [(x, y)]
    while stack:
        x, y = stack.pop()
        if 0 <= x < on.shape[1] and 0 <= y < on.shape[0] and on[y, x] and not out[y, x]:
            out[y, x] = True
            stack += [(x + 1, y), (x - 1, y), (x, y + 1), (x, y - 1)]
    return out


@given(
    st.integers(0, 10_000), st.sampled_from([0.4, 0.55, 0.62, 0.8]), st.integers(1, 40), st.integers(1, 40)
)
@settings(max_examples=60, deadline=None)
def test_flood_finds_what_a_slow_loop_finds(seed, share, h, w):
    rng = np.random.default_rng(seed)
    on = rng.random((h, w)) < share
    x, y = int(rng.integers(w)), int(rng.integers(h))
    got = select.flood(on.astype(np.uint8), x, y)
    assert np.array_equal(got == 255, flood_slowly(on, x, y))


def test_flood_follows_a_spiral():
    on = np.zeros((61, 61), np.uint8)
    x = y = 30
    on[y, x] = 1
    for i in range(1, 29):
        for dx, dy in [(1, 0), (0, 1)] if i % 2 else [(-1, 0), (0, -1)]:
            for _ in range(i * 2 if i < 15 else 0):
                x, y = min(max(x + dx, 0), 60), min(max(y + dy, 0), 60)
                on[y, x] = 1
    assert np.array_equal(select.flood(on, 30, 30) > 0, flood_slowly(on > 0, 30, 30))


def test_the_wand_on_a_known_picture():
    picture = np.zeros((60, 80, 4), np.uint8)
    picture[...] = (200, 50, 50, 255)
    picture[10:20, 10:20] = (50, 50, 200, 255)
    picture[30:40, 50:60] = (50, 50, 190, 255)
    picture[0:5, 70:80] = (9, 9, 9, 0)
    picture[0:5, 60:70] = (99, 0, 0, 0)
    one = select.wand(picture, 12, 12, 20)
    assert select.bounds(one) == Rect(10, 10, 10, 10)
    assert one.sum() == 100 * 255
    both = select.wand(picture, 12, 12, 20, contiguous=False)
    assert both.sum() == 200 * 255
    exact = select.wand(picture, 12, 12, 5, contiguous=False)
    assert exact.sum() == 100 * 255
    clear = select.wand(picture, 75, 2, 10)
    assert select.bounds(clear) == Rect(60, 0, 20, 5), "what is clear is alike whatever its colour"
    rest = select.wand(picture, 0, 59, 0)
    assert (rest > 0).sum() == 60 * 80 - 200 - 100


def test_shapes_have_the_area_they_should():
    rect, shape = select.ellipse(20, 30, 120, 90, ALL)
    assert shape.sum() / 255 == pytest.approx(np.pi * 50 * 30, rel=0.005)
    assert rect == Rect(20, 30, 100, 60)
    assert np.array_equal(shape, shape[::-1, ::-1])
    rect, shape = select.polygon([(10, 10), (110, 10), (10, 60)], ALL)
    assert shape.sum() / 255 == pytest.approx(100 * 50 / 2, rel=0.03)
    rect, shape = select.rectangle(9.6, 80, 5, 250, ALL)
    assert rect == Rect(5, 80, 5, 120)
    assert (shape == 255).all()
    assert select.polygon([(1, 1), (2, 2)], ALL)[0] == NOWHERE
    assert select.ellipse(5, 5, 5, 9, ALL)[0] == NOWHERE
    rect, shape = select.ellipse(150, 150, 260, 260, ALL)
    assert rect == Rect(150, 150, 50, 50), "cut at the border"


def test_a_gradient_runs_straight_from_full_to_nothing():
    field = select.gradient((10, 0), (110, 0), Rect(0, 0, 120, 4))
    assert (field[:, :10] == 255).all()
    assert (field[:, 110:] == 0).all()
    assert field[0, 60] == pytest.approx(127, abs=2)
    assert np.ptp(field, axis=0).max() == 0
    turned = select.gradient((0, 10), (0, 110), Rect(0, 0, 4, 120))
    assert np.array_equal(turned, field.T)
    assert (select.gradient((3, 3), (3, 3), Rect(0, 0, 5, 5)) == 255).all()


@pytest.mark.parametrize("radius", [1, 2, 5, 12])
def test_grow_is_everything_within_a_disc(radius):
    mask = np.zeros((70, 80), np.uint8)
    mask[30:35, 40:50] = 255
    mask[2, 3] = 90
    got = select.grow(mask, radius)
    y, x = np.mgrid[:70, :80]
    expected = np.zeros_like(mask)
    for py, px in np.argwhere(mask):
        near = (y - py) ** 2 + (x - px) ** 2 <= (radius + 0.5) ** 2
        expected[near] = np.maximum(expected[near], mask[py, px])
    assert np.array_equal(got, expected)
    assert np.array_equal(select.shrink(select.invert(mask), radius), select.invert(expected))


def test_shrinking_what_was_grown_gives_a_rectangle_back():
    mask = np.zeros((100, 100), np.uint8)
    mask[30:60, 20:80] = 255
    back = select.shrink(select.grow(mask, 9), 9)
    assert np.array_equal(back, mask)
    assert not select.shrink(mask, 16).any()
    full = np.full((20, 20), 255, np.uint8)
    assert np.array_equal(select.shrink(full, 5), full), "the border of the picture is no outside"


def test_feather_invert_border():
    mask = np.zeros((100, 100), np.uint8)
    mask[:, 50:] = 255
    soft = select.feather(mask, 5).astype(int)
    assert soft[50, 20] == 0
    assert soft[50, 80] == 255
    assert np.all(np.diff(soft[50]) >= 0)
    assert soft[50, 49] + soft[50, 50] == pytest.approx(255, abs=3)
    assert np.array_equal(select.feather(mask, 0), mask)
    assert np.array_equal(select.invert(select.invert(mask)), mask)
    band = select.border(mask, 3)
    assert np.flatnonzero(band[50]).tolist() == list(range(47, 53))
    assert select.bounds(np.zeros((4, 4), np.uint8)) == NOWHERE


@pytest.mark.parametrize("change", sorted(select.CHANGES))
def test_working_on_the_part_that_is_masked_gives_what_the_whole_gives(change):
    mask = np.zeros((90, 120), np.uint8)
    mask[30:60, 40:70] = 255
    mask[45:50, 65:90] = 200
    whole = select.CHANGES[change](mask, 5)
    assert np.abs(select.refined(mask, change, 5).astype(int) - whole).max() <= (
        1 if change == "feather" else 0
    )
    mask[:, :50] = 255  # touching the border
    assert np.abs(select.refined(mask, change, 5).astype(int) - select.CHANGES[change](mask, 5)).max() <= 1
    assert not select.refined(np.zeros_like(mask), change, 5).any()


def test_smoothing_rounds_corners_and_leaves_straight_edges():
    mask = np.zeros((80, 80), np.uint8)
    mask[20:60, 20:60] = 255
    mask[5:7, 5:7] = 255  # a speck
    mask[40, 40] = 0  # a hole
    out = select.smooth(mask, 4)
    assert out[5:7, 5:7].max() == 0 and out[40, 40] == 255
    assert out[20, 20] < 128 and out[24, 24] == 255
    assert (out[40, 20:60] >= 128).all() and (out[40, :20] < 128).all(), "the edge stays where it was"
    soft = (out[40] > 0) & (out[40] < 255)
    assert soft.sum() <= 8
