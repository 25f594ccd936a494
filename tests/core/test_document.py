"""The document: composition against a straightforward reference, tiles, dirty rectangles, masks."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from studio.core.clip import Clip
from studio.core.document import TILE, Document
from studio.core.history import AddLayer, History, SetProperty
from studio.core.layer import BLEND_MODES, IDENTITY, Layer, invert, map_point, multiply, placed
from studio.core.region import NOWHERE, Rect


def noise(h, w, seed=0, channels=4):
    shape = (h, w, channels) if channels else (h, w)
    return np.random.default_rng(seed).integers(0, 256, shape, np.uint8)


def blend_reference(mode, b, s):
    """B(Cb, Cs) of the W3C recommendation on 0 .. 1."""
    with np.errstate(divide="ignore", invalid="ignore"):
        hard = np.where(s <= 0.5, b * 2 * s, b + (2 * s - 1) - b * (2 * s - 1))
        d = np.where(b <= 0.25, ((16 * b - 12) * b + 4) * b, np.sqrt(b))
        return {
            "normal": s,
            "multiply": b * s,
            "screen": b + s - b * s,
            "overlay": np.where(b <= 0.5, s * 2 * b, s + (2 * b - 1) - s * (2 * b - 1)),
            "darken": np.minimum(b, s),
            "lighten": np.maximum(b, s),
            "color-dodge": np.where(b == 0, 0, np.where(s == 1, 1, np.minimum(1, b / (1 - s)))),
            "color-burn": np.where(b == 1, 1, np.where(s == 0, 0, 1 - np.minimum(1, (1 - b) / s))),
            "hard-light": hard,
            "soft-light": np.where(s <= 0.5, b - (1 - 2 * s) * b * (1 - b), b + (2 * s - 1) * (d - b)),
            "difference": abs(b - s),
            "add": np.minimum(1, b + s),
        }[mode]


def put_reference(under, over, opacity, mode):
    """Float straight alpha [h, w, 4] in 0 .. 1."""
    cb, ab, cs, a = under[..., :3], under[..., 3:], over[..., :3], over[..., 3:] * opacity
    mixed = (1 - ab) * cs + ab * blend_reference(mode, cb, cs)
    alpha = a + ab * (1 - a)
    color = np.divide(a * mixed + (1 - a) * ab * cb, alpha, out=np.zeros_like(cb), where=alpha > 0)
    return np.concatenate([color, alpha], -1)


def premultiplied(pixels):
    pixels = pixels.astype(float)
    return np.concatenate([pixels[..., :3] * pixels[..., 3:] / 255, pixels[..., 3:]], -1)


@pytest.mark.parametrize("mode", BLEND_MODES)
@pytest.mark.parametrize("opaque", [True, False])
def test_blend_modes_match_the_recommendation(mode, opaque):
    bottom, top = noise(40, 50, 1), noise(40, 50, 2)
    if opaque:
        bottom[..., 3] = 255
    document = Document(50, 40)
    document.set_layers([Layer("a", "picture", bottom), Layer("b", "picture", top, opacity=0.7, blend=mode)])
    expected = put_reference(bottom / 255, top / 255, 0.7, mode) * 255
    # dodge and burn are steep: one step of 1/255 in a colour is worth several in the result
    tolerance = 3 if mode in ("color-dodge", "color-burn") else 2
    assert np.abs(premultiplied(document.compose()) - premultiplied(expected)).max() <= tolerance


def test_many_layers_with_offsets_match_pillow():
    document = Document(700, 520)
    reference = Image.new("RGBA", (700, 520))
    layers = []
    for i, (x, y, w, h) in enumerate(
        [(0, 0, 700, 520), (-50, 30, 300, 300), (400, 300, 600, 600), (250, 250, 10, 10)]
    ):
        pixels = noise(h, w, i)
        layers.append(Layer(str(i), "picture", pixels, x, y))
        piece = Image.new("RGBA", (700, 520))
        piece.paste(Image.fromarray(pixels), (x, y))
        reference = Image.alpha_composite(reference, piece)
    document.set_layers(layers)
    assert np.abs(premultiplied(document.compose()) - premultiplied(np.asarray(reference))).max() <= 2


@given(st.integers(-20, 320), st.integers(-20, 320), st.integers(1, 300), st.integers(1, 300))
@settings(max_examples=30, deadline=None)
def test_any_rectangle_is_cut_from_the_same_picture(x, y, w, h):
    document = Document(300, 290)
    document.set_layers(
        [Layer("a", "picture", noise(200, 280), 5, 9), Layer("b", "picture", noise(50, 50, 3), 240, 240)]
    )
    whole = np.zeros((1000, 1000, 4), np.uint8)
    whole[100:390, 100:400] = document.compose()
    got = document.compose(Rect(x, y, w, h))
    assert np.array_equal(got, whole[100 + y : 100 + y + h, 100 + x : 100 + x + w])


def test_tiles_that_were_kept_are_those_that_are_blended_anew():
    document = Document(600, 600)
    history = History(document)
    rng = np.random.default_rng(4)
    history.push(AddLayer(Layer("a", "picture", noise(600, 600))))
    for i in range(12):
        layer = Layer(
            str(i), "picture", noise(70, 90, i), int(rng.integers(-40, 560)), int(rng.integers(-40, 560))
        )
        history.push(AddLayer(layer))
        history.push(SetProperty(layer.id, "opacity", float(rng.uniform(0.2, 1))))
        document.compose(Rect(int(rng.integers(0, 500)), int(rng.integers(0, 500)), 90, 90))
    assert np.array_equal(document.compose(), document.blend(document.rect))
    history.jump(5)
    assert np.array_equal(document.compose(), document.blend(document.rect))


def test_changes_are_announced_where_they_are_and_nowhere_else():
    document, seen = Document(600, 600), []
    layer = Layer("a", "picture", noise(50, 40), 100, 120)
    document.set_layers([Layer("bg", "picture", noise(600, 600)), layer])
    document.compose()
    document.changed.connect(seen.append)
    document.set_property(layer, "opacity", 0.5)
    assert seen == [Rect(100, 120, 40, 50)]
    seen.clear()
    document.set_property(layer, "x", 300)
    assert seen == [Rect(100, 120, 240, 50)]
    seen.clear()
    document.set_property(layer, "name", "other")
    assert seen == []
    stale = [key for key, (_, rect) in document._tiles.items() if not rect.empty]
    assert set(stale) == set(Rect(100, 120, 240, 50).tiles(TILE))


def test_groups_blend_apart_and_hide_their_members():
    group = Layer("g", "group", opacity=0.5)
    a, b = noise(40, 40, 1), noise(40, 40, 2)
    document = Document(40, 40)
    low, high = Layer("a", "picture", a, group=group.id), Layer("b", "picture", b, group=group.id)
    document.set_layers([low, group, high])
    inside = put_reference(put_reference(np.zeros((40, 40, 4)), a / 255, 1, "normal"), b / 255, 1, "normal")
    expected = put_reference(np.zeros((40, 40, 4)), inside, 0.5, "normal") * 255
    assert np.abs(premultiplied(document.compose()) - premultiplied(expected)).max() <= 2
    document.set_property(group, "visible", False)
    assert not document.compose().any()
    assert not document.shown(low)
    assert document.descendants(group.id) == [low, high]


def test_masks_are_no_part_of_the_picture():
    document = Document(64, 64)
    document.set_layers(
        [
            Layer("m", "mask", np.full((10, 10), 255, np.uint8), 5, 6),
            Layer("r", "region", np.full((3, 3), 9, np.uint8)),
        ]
    )
    assert not document.compose().any()
    mask = document.mask()
    assert mask[6:16, 5:15].min() == 255
    assert mask.sum() == 100 * 255


def test_feather_softens_the_mask_without_moving_it():
    document = Document(200, 200)
    layer = Layer("m", "mask", np.full((80, 80), 255, np.uint8), 60, 60, feather=6)
    document.set_layers([layer])
    mask = document.mask().astype(int)
    assert mask[100, 100] == 255
    assert mask[0, 0] == 0
    assert 90 < mask[100, 60] < 165, "half at the edge"
    assert abs(mask.sum() / 255 - 6400) < 80
    assert np.array_equal(document.mask(Rect(50, 50, 40, 40)), document.mask()[50:90, 50:90]), (
        "a part is a part of the whole"
    )
    assert np.array_equal(document.mask(feather=False) > 0, np.pad(np.ones((80, 80), bool), 60))


def test_transforms():
    assert np.allclose(multiply(placed(degrees=30), invert(placed(degrees=30))), IDENTITY)
    assert map_point(placed(degrees=90), 1, 0) == pytest.approx((0, 1))
    pixels = noise(40, 60)
    pixels[..., 3] = 255
    layer = Layer("a", "picture", pixels, 3, 4, matrix=(0, -1, 50, 1, 0, 5))  # a quarter turn
    turned = layer.render(layer.rect)
    assert layer.rect == Rect(6, 8, 40, 60)
    assert np.array_equal(turned, np.rot90(pixels, -1))
    doubled = Layer("a", "picture", pixels, matrix=(2, 0, 0, 0, 2, 0))
    assert (
        np.abs(
            doubled.render(Rect(20, 20, 40, 40)).reshape(20, 2, 20, 2, 4).mean((1, 3)) - pixels[10:30, 10:30]
        ).mean()
        < 26
    )
    halved = Layer("a", "picture", np.full((64, 64, 4), 200, np.uint8), matrix=(0.25, 0, 0, 0, 0.25, 0))
    assert halved.rect == Rect(0, 0, 16, 16)
    assert (halved.render(Rect(2, 2, 12, 12)) == 200).all()
    with pytest.raises(ValueError, match="nothing"):
        invert((0, 0, 0, 0, 0, 0))


@given(
    st.integers(-10, 60),
    st.integers(-10, 60),
    st.integers(1, 40),
    st.integers(1, 40),
    st.sampled_from([0.3, 0.5, 1.7]),
)
@settings(max_examples=25, deadline=None)
def test_a_transformed_layer_looks_the_same_in_any_rectangle(x, y, w, h, scale):
    layer = Layer(
        "a", "picture", noise(80, 70), 3, 5, matrix=placed(degrees=20, scale=(scale, scale), about=(30, 30))
    )
    whole = layer.render(Rect(-20, -20, 140, 140))
    part = layer.render(Rect(x, y, w, h))
    expected = whole[y + 20 : y + 20 + h, x + 20 : x + 20 + w]
    assert np.abs(premultiplied(part) - premultiplied(expected)).max() <= 4


def test_a_clip_becomes_a_layer_of_its_own():
    pixels = noise(5, 6, channels=3)
    layer = Layer.from_clip("x", Clip.picture(pixels), 2, 3)
    assert layer.rect == Rect(2, 3, 6, 5)
    assert np.array_equal(layer.pixels[..., :3], pixels)
    assert (layer.pixels[..., 3] == 255).all()
    mask = noise(5, 6, channels=0)
    other = Layer.from_clip("m", Clip.mask(mask))
    other.pixels[0, 0] += 1
    assert other.kind == "mask"
    assert mask[0, 0] != other.pixels[0, 0]
    with pytest.raises(ValueError, match="sound"):
        Layer.from_clip("s", Clip.sound(np.zeros((4, 1), np.float32), 44100))
    with pytest.raises(ValueError, match="cannot hold"):
        Layer("x", "picture", mask)


def test_rectangles():
    a, b = Rect(0, 0, 10, 10), Rect(5, 5, 10, 10)
    assert a.united(b) == Rect(0, 0, 15, 15)
    assert a.clipped(b) == Rect(5, 5, 5, 5)
    assert a.clipped(Rect(20, 20, 1, 1)) == NOWHERE
    assert a.united(NOWHERE) == a == NOWHERE.united(a)
    assert Rect.corners(3.2, 9, 1.5, 2) == Rect(1, 2, 3, 7)
    assert a.encloses(Rect(2, 2, 3, 3))
    assert not a.encloses(b)
    assert list(Rect(-1, 0, 2, 1).tiles(256)) == [(-1, 0), (0, 0)]


def test_questions_without_answers():
    document = Document(10, 10)
    with pytest.raises(KeyError):
        document.layer("x")
    with pytest.raises(KeyError):
        document.activate("x")
    with pytest.raises(ValueError, match="0 x 5"):
        Document(0, 5)
    with pytest.raises(ValueError, match="does not fit"):
        document.set_selection(np.zeros((3, 3), np.uint8))
    assert document.active is None
    assert document.selection_bounds() == NOWHERE
