"""Every edit goes back to the bit; the list is bounded by memory and not by count."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.core.brush import Brush, Stroke
from studio.core.document import Document
from studio.core.history import (
    AddLayer,
    History,
    MoveLayer,
    RemoveLayer,
    Resize,
    SetBox,
    SetPixels,
    SetProperty,
    SetSelection,
    Together,
    paint,
)  # fmt: skip
from studio.core.job import JobSpec, Text2Image
from studio.core.layer import IDENTITY, Layer, placed
from studio.core.region import Rect, Region

FIELDS = [f for f in Layer.__dataclass_fields__ if f not in ("pixels", "version")]


def state(document):
    """Everything that an edit can change, to the bit."""
    return (
        (document.width, document.height),
        [
            ([getattr(layer, f) for f in FIELDS], layer.pixels.shape, layer.pixels.tobytes())
            for layer in document.layers
        ],
        None if document.selection is None else document.selection.tobytes(),
        document.box,
    )


def make(rng, document):
    """A random edit that fits the document as it is; None for one that is already done and recorded elsewhere."""
    layers = document.layers
    pick = layers[rng.integers(len(layers))] if layers else None
    paintable = [layer for layer in layers if layer.kind != "group"]
    kind = int(rng.integers(12))
    if not paintable or kind == 0:
        which = ["picture", "mask", "region", "group"][rng.integers(4)] if paintable else "picture"
        h, w = rng.integers(0, 90, 2)
        shape = {"picture": (h, w, 4), "group": (0, 0)}.get(which, (h, w))
        groups = [""] + [layer.id for layer in layers if layer.kind == "group"]
        pixels, (x, y) = rng.integers(0, 256, shape, np.uint8), (int(v) for v in rng.integers(-40, 80, 2))
        layer = Layer(f"L{rng.integers(99)}", which, pixels, x, y, group=groups[rng.integers(len(groups))])
        return AddLayer(layer, None if rng.integers(2) else int(rng.integers(len(layers) + 1)))
    assert pick is not None
    target = paintable[rng.integers(len(paintable))]
    if kind == 1:
        return RemoveLayer(pick.id)
    if kind == 2:
        return MoveLayer(pick.id, int(rng.integers(len(layers))))
    if kind == 3:
        field, value = [
            ("opacity", float(rng.uniform())), ("blend", "screen"), ("visible", bool(rng.integers(2))), ("name", "x"),
            ("x", int(rng.integers(-9, 9))), ("feather", 4.0), ("spec", JobSpec(technique=Text2Image(prompt="fox"))),
            ("region", Region("cat", 0.5)), ("matrix", placed(degrees=float(rng.uniform(0, 90)))), ("locked", False),
        ][rng.integers(10)]  # fmt: skip
        return SetProperty(pick.id, field, value)
    if kind == 4:
        return SetSelection(
            None if rng.integers(2) else rng.integers(0, 256, (document.height, document.width), np.uint8)
        )
    if kind == 5:
        return SetBox(Rect(*(int(v) for v in rng.integers(1, 60, 4))))
    if kind == 6:
        h, w = rng.integers(1, 60, 2)
        pixels = rng.integers(0, 256, (h, w, *target.pixels.shape[2:]), np.uint8)
        return SetPixels(target.id, pixels, *(int(v) for v in rng.integers(-9, 9, 2)))
    if kind == 7:
        return Resize(
            Rect(*(int(v) for v in rng.integers(-20, 20, 2)), *(int(v) for v in rng.integers(30, 150, 2)))
        )
    if kind == 8:
        return Together("both", [SetProperty(pick.id, "name", "y"), SetProperty(pick.id, "opacity", 0.25)])
    return target


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=40, deadline=None)
def test_random_edits_undo_and_redo_to_the_bit(seed):
    rng = np.random.default_rng(seed)
    document = Document(100, 90)
    history = History(document)
    states = [state(document)]
    for _ in range(14):
        edit = make(rng, document)
        if isinstance(edit, Layer):  # paint on it, which records an edit that has already happened
            if not document.shown(edit):
                continue
            if rng.integers(2):
                rect = Rect(
                    *(int(v) for v in rng.integers(-10, 60, 2)), *(int(v) for v in rng.integers(1, 80, 2))
                )
                new = rng.integers(0, 256, (rect.h, rect.w, *edit.pixels.shape[2:]), np.uint8)
                history.record(paint(document, edit, rect, new, "paint"))
            else:
                stroke = Stroke(
                    document,
                    edit,
                    Brush(size=float(rng.uniform(1, 40)), erase=bool(rng.integers(2)), color=(9, 99, 200)),
                )
                for _ in range(4):
                    stroke.move_to(*rng.uniform(-10, 110, 2), pressure=float(rng.uniform(0.1, 1)))
                history.record(stroke.finish())
        else:
            history.push(edit)
        del states[history.done :]
        states += [state(document)] * (history.done + 1 - len(states))
        states[history.done] = state(document)
    for done in rng.permutation(len(history.names) + 1):
        history.jump(int(done))
        assert state(document) == states[done]
        tiles, anew = document.compose().astype(int), document.blend(document.rect).astype(int)
        difference = (
            np.abs(tiles[..., 3] - anew[..., 3]).max(initial=0),
            np.abs((tiles - anew) * tiles[..., 3:] // 255).max(initial=0),
        )
        # a turned layer is resampled per rectangle, and the last bits of its positions differ
        assert max(difference) <= (8 if any(layer.matrix != IDENTITY for layer in document.layers) else 0), (
            "tiles follow"
        )
    history.close()


def test_the_list_has_names_and_forks():
    document = Document(50, 50)
    history = History(document)
    layer = Layer("Fox")
    history.push(AddLayer(layer))
    history.push(SetProperty(layer.id, "opacity", 0.5))
    assert history.names == ["Add Fox", "Opacity"]
    assert (history.undo_name, history.redo_name) == ("Opacity", "")
    assert history.undo()
    assert (history.undo_name, history.redo_name, history.can_redo) == ("Add Fox", "Opacity", True)
    history.push(SetProperty(layer.id, "visible", False))
    assert history.names == ["Add Fox", "Hide"]
    assert not history.redo()
    history.jump(0)
    assert not history.undo()
    assert document.layers == ()


def test_a_dragged_slider_is_one_step():
    document = Document(50, 50)
    history = History(document)
    layer = Layer("a")
    history.push(AddLayer(layer))
    for value in (0.9, 0.5, 0.2):
        history.push(SetProperty(layer.id, "opacity", value))
    assert len(history.names) == 2
    history.undo()
    assert layer.opacity == 1.0
    history.redo()
    assert layer.opacity == 0.2


def test_modified_follows_saving():
    document = Document(50, 50)
    history = History(document)
    assert not history.modified
    layer = Layer("a")
    history.push(AddLayer(layer))
    history.push(SetProperty(layer.id, "opacity", 0.5))
    assert history.modified
    history.mark_clean()
    assert not history.modified
    history.push(SetProperty(layer.id, "opacity", 0.6))
    assert len(history.names) == 3, "a save is a border that edits do not join across"
    history.undo()
    assert not history.modified
    history.undo()
    assert history.modified
    history.push(SetProperty(layer.id, "name", "b"))
    assert history.modified
    history.undo()
    assert history.modified, "the saved state cannot be reached any more"


def test_memory_is_bounded_and_the_newest_edits_stay():
    document = Document(512, 512)
    history = History(document, budget=1 << 20)
    layer = Layer("a", "picture", np.zeros((512, 512, 4), np.uint8))
    history.push(AddLayer(layer))
    rng = np.random.default_rng(0)
    for _ in range(12):  # noise does not pack: a quarter MiB each
        history.record(
            paint(
                document, layer, Rect(0, 0, 256, 256), rng.integers(0, 256, (256, 256, 4), np.uint8), "noise"
            )
        )
    history.wait()
    assert history.nbytes <= 1 << 20
    assert 2 <= len(history.names) <= 5
    assert history.position == 13
    newest = layer.pixels.copy()
    history.jump(0)
    assert not np.array_equal(newest, layer.pixels)
    history.jump(99)
    assert np.array_equal(newest, layer.pixels)


def test_two_hundred_strokes_on_a_large_mask_are_small():
    document = Document(4096, 4096)
    history = History(document)
    mask = Layer("m", "mask")
    history.push(AddLayer(mask))
    rng = np.random.default_rng(1)
    for _ in range(200):
        stroke = Stroke(document, mask, Brush(size=128, hardness=0.5))
        x, y = rng.uniform(0, 4096, 2)
        for _ in range(6):
            x, y = x + rng.normal(0, 150), y + rng.normal(0, 150)
            stroke.move_to(x, y)
        history.record(stroke.finish())
    history.wait()
    assert history.nbytes < 50 << 20
    history.jump(1)
    assert not mask.pixels.any()


def test_an_edit_that_fails_leaves_nothing_behind():
    document = Document(50, 50)
    history = History(document)
    layer = Layer("a")
    history.push(AddLayer(layer))
    before = state(document)
    with pytest.raises(KeyError):
        history.push(
            Together("x", [SetProperty(layer.id, "opacity", 0.1), SetProperty("nobody", "opacity", 0.1)])
        )
    assert state(document) == before
    assert history.names == ["Add a"]
    with pytest.raises(ValueError, match="already"):
        history.push(AddLayer(layer))
    with pytest.raises(ValueError, match="not a property"):
        SetProperty(layer.id, "pixels", 0)
    group = Layer("g", "group")
    history.push(AddLayer(group))
    inner = Layer("h", "group", group=group.id)
    history.push(AddLayer(inner))
    for target in (group.id, inner.id):
        with pytest.raises(ValueError, match="itself"):
            history.push(MoveLayer(group.id, 0, target))


def test_deleting_a_group_takes_its_members_and_brings_them_back():
    document = Document(50, 50)
    history = History(document)
    group = Layer("g", "group")
    members = [Layer(str(i), "picture", np.full((5, 5, 4), 9, np.uint8), group=group.id) for i in range(2)]
    for layer in (Layer("bottom"), group, *members):
        history.push(AddLayer(layer))
    before = state(document)
    history.push(RemoveLayer(group.id))
    assert [layer.name for layer in document.layers] == ["bottom"]
    assert document.active is document.layers[0]
    history.undo()
    assert state(document) == before
    assert document.active is members[-1]
