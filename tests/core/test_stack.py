"""Groups, merging, moving and copying of layers: the picture stays what it was, and undo brings every bit back."""

from __future__ import annotations

import numpy as np
import pytest

from studio.core import stack
from studio.core.document import Document
from studio.core.history import AddLayer, History, MoveLayer, SetProperty, SetSelection
from studio.core.layer import Layer, placed


def noise(seed, h=24, w=32, alpha=None):
    pixels = np.random.default_rng(seed).integers(0, 256, (h, w, 4), np.uint8)
    if alpha is not None:
        pixels[..., 3] = alpha
    return pixels


def make(*layers, w=64, h=48):
    document = Document(w, h)
    document.set_layers(list(layers))
    document.activate(layers[-1].id)
    return document, History(document)


def state(document):
    return [
        (layer.id, layer.group, layer.x, layer.y, layer.matrix, layer.opacity, layer.pixels.tobytes())
        for layer in document.layers
    ]


def do(document, history, edit):
    """Pushes an edit, and shows first that undoing and redoing it is exact."""
    before = state(document)
    history.push(edit)
    after = state(document)
    history.undo()
    assert state(document) == before
    history.redo()
    assert state(document) == after


def names(document, group=""):
    return [layer.name for layer in document.members(group)]


def close(a, b):
    """The same picture: what is invisible may have any colour, and rounding twice may differ by one or two levels."""
    a, b = a.astype(int), b.astype(int)
    assert np.abs(a[..., 3] - b[..., 3]).max() <= 2
    solid = np.minimum(a[..., 3], b[..., 3]) > 127
    assert np.abs(a - b)[solid].max() <= 4


@pytest.mark.parametrize("mode", ["normal", "multiply", "difference"])
def test_merging_down_looks_the_same(mode):
    base = Layer("base", "picture", noise(1, 48, 64, 255))
    one = Layer("one", "picture", noise(2, alpha=255), 5, 3, opacity=0.5)
    two = Layer("two", "picture", noise(3, alpha=200), 20, 10, opacity=0.7, blend=mode)
    document, history = make(base, one, two)
    # where the upper layer has nothing of the lower one below it, its mode can only show on the lowest of all
    two.x, two.y, two.pixels = 8, 5, two.pixels[:16, :20].copy()
    before = document.compose()
    do(document, history, stack.merge_down(document, two))
    assert names(document) == ["base", "one"]
    assert document.active.name == "one"
    if mode == "normal":
        close(document.compose(), before)
    do(document, history, stack.merge_down(document, document.layers[-1]))
    assert names(document) == ["base"]
    assert document.layers[0].opacity == 1


def test_merging_onto_an_opaque_layer_keeps_every_mode_exact():
    base = Layer("base", "picture", noise(1, 48, 64, 255))
    top = Layer("top", "picture", noise(2, alpha=180), 4, 4, opacity=0.6, blend="overlay")
    document, history = make(base, top)
    before = document.compose()
    do(document, history, stack.merge_down(document, top))
    assert np.array_equal(document.compose(), before)


def test_a_turned_layer_is_merged_as_it_is_seen():
    base = Layer("base", "picture", noise(1, 48, 64, 255))
    top = Layer("top", "picture", noise(2, alpha=255), matrix=placed((20, 5), (0.8, 0.8), 30))
    document, history = make(base, top)
    before = document.compose()
    do(document, history, stack.merge_down(document, top))
    assert np.array_equal(document.compose(), before)


def test_masks_are_merged_with_their_softness():
    square = np.full((10, 10), 255, np.uint8)
    one = Layer("one", "mask", square, 5, 5)
    two = Layer("two", "mask", square, 30, 20, feather=2)
    document, history = make(one, two)
    before = document.mask()
    do(document, history, stack.merge_down(document, two))
    assert np.array_equal(document.mask(), before)
    assert document.layers[0].feather == 0


def test_what_cannot_be_merged_says_why():
    base, mask = Layer("base", "picture", noise(1)), Layer("mask", "mask")
    document, _ = make(base, mask)
    with pytest.raises(ValueError, match="no layer below “base”"):
        stack.merge_down(document, base)
    with pytest.raises(ValueError, match="only layers of one kind"):
        stack.merge_down(document, mask)
    document, _ = make(base, Layer("top", "picture", noise(2), locked=True))
    with pytest.raises(ValueError, match="locked"):
        stack.merge_down(document, document.layers[1])
    base.visible = False
    document.layers[1].locked = False
    with pytest.raises(ValueError, match="“base” is hidden"):
        stack.merge_down(document, document.layers[1])
    with pytest.raises(ValueError, match="nothing to merge"):
        stack.flatten(document)


def test_grouping_and_ungrouping_keep_the_order():
    layers = [Layer(name, "picture", noise(i, alpha=255), 3 * i, 2 * i) for i, name in enumerate("abcd")]
    document, history = make(*layers)
    do(document, history, stack.group(document, [layers[2], layers[1]]))
    assert names(document) == ["a", "Group", "d"]
    made = document.active
    assert names(document, made.id) == ["b", "c"]
    assert [(layer.name, depth) for layer, depth in stack.tree(document)] == [
        ("d", 0), ("Group", 0), ("c", 1), ("b", 1), ("a", 0)]  # fmt: skip
    assert [layer.name for layer, _ in stack.tree(document, closed=[made.id])] == ["d", "Group", "a"]
    do(document, history, stack.ungroup(document, made))
    assert names(document) == ["a", "b", "c", "d"]
    history.jump(0)
    assert names(document) == ["a", "b", "c", "d"]


def test_grouping_layers_that_are_apart_puts_them_together_and_undo_apart_again():
    layers = [Layer(name, "picture", noise(i)) for i, name in enumerate("abcd")]
    document, history = make(*layers)
    do(document, history, stack.group(document, [layers[0], layers[2]]))
    assert names(document) == ["b", "Group", "d"]
    inner = document.active
    do(document, history, stack.group(document, [inner, layers[0], layers[3]], "Outer"))
    outer = document.active
    assert names(document) == ["b", "Outer"] and names(document, outer.id) == ["Group", "d"]
    assert names(document, inner.id) == ["a", "c"], "a member of a picked group stays in it"
    do(document, history, stack.ungroup(document, inner))
    assert names(document, outer.id) == ["a", "c", "d"]


def test_a_group_is_copied_with_everything_in_it():
    a, b = Layer("a", "picture", noise(1)), Layer("b", "picture", noise(2))
    document, history = make(a, b)
    history.push(stack.group(document, [b]))
    inner = document.active
    history.push(stack.group(document, [a, inner], "Outer"))
    outer = document.active
    do(document, history, stack.duplicate(document, outer))
    copy = document.active
    assert names(document) == ["Outer", "Outer copy"] and copy.name == "Outer copy"
    assert [(layer.name, depth) for layer, depth in stack.tree(document, copy.id)] == [
        ("Group", 0), ("b", 1), ("a", 0)]  # fmt: skip
    ids = [layer.id for layer in document.layers]
    assert len(set(ids)) == len(ids) == 8


def test_merging_a_group_and_everything():
    base = Layer("base", "picture", noise(1, 48, 64, 255))
    a = Layer("a", "picture", noise(2, alpha=255), 4, 4, blend="screen")
    b = Layer("b", "picture", noise(3, alpha=255), 10, 9, blend="multiply")
    mask = Layer("mask", "mask", np.full((5, 5), 255, np.uint8))
    hidden = Layer("hidden", "picture", noise(4), visible=False)
    document, history = make(base, a, b, mask, hidden)
    history.push(stack.group(document, [a, b, mask, hidden]))
    group = document.active
    history.push(SetProperty(group.id, "opacity", 0.5))
    before = document.compose()
    do(document, history, stack.merge_group(document, group))
    assert np.array_equal(document.compose(), before)
    assert names(document) == ["base", "Group", "mask"]
    history.undo()
    do(document, history, stack.flatten(document))
    assert np.array_equal(document.compose(), before)
    assert sorted(names(document)) == ["Merged", "hidden", "mask"], "what is hidden is kept"
    history.jump(0)
    assert names(document) == ["base", "a", "b", "mask", "hidden"]


def test_places():
    layers = [Layer(name, "picture", noise(i)) for i, name in enumerate("abc")]
    a, b, c = layers
    document, history = make(*layers)
    history.push(stack.group(document, [b]))
    group = document.active
    assert stack.place(document, c, "", group, above=True) is None, "it is there already"
    do(document, history, stack.place(document, c, group.id, b, above=False))
    assert names(document, group.id) == ["c", "b"]
    do(document, history, stack.place(document, a, group.id, None))
    assert names(document, group.id) == ["c", "b", "a"]
    do(document, history, stack.step(document, a, 1))
    assert names(document) == ["Group", "a"], "past the end of a group is out of it"
    do(document, history, stack.step(document, a, -1))
    assert names(document) == ["a", "Group"]
    assert stack.step(document, a, -1) is None
    with pytest.raises(ValueError, match="into itself"):
        stack.place(document, group, group.id, None)
    empty = Layer("empty", "group")
    history.push(AddLayer(empty))
    do(document, history, stack.place(document, b, empty.id, None))
    assert names(document, empty.id) == ["b"]
    assert isinstance(stack.place(document, b, "", empty), MoveLayer)


def test_moving_a_group_moves_what_is_in_it():
    a = Layer("a", "picture", noise(1), 2, 2)
    b = Layer("b", "picture", noise(2), matrix=placed((9, 9), (2, 2)))
    document, history = make(a, b)
    history.push(stack.group(document, [a, b]))
    group = document.active
    rect, _ = stack.frame(document, group)
    assert rect == a.rect.united(b.rect)
    do(document, history, stack.transformed(document, group, placed((5, -1)), "Move"))
    assert (a.x, a.y) == (7, 1) and a.matrix == (1, 0, 0, 0, 1, 0)
    assert b.rect.x == 14
    flip = stack.about_middle(document, group, (-1, 0, 0, 0, 1, 0))
    do(document, history, stack.transformed(document, group, flip, "Flip"))
    assert stack.frame(document, group)[0] == rect.moved(5, -1)
    b.locked = True
    with pytest.raises(ValueError, match="“b” is locked"):
        stack.transformed(document, group, flip, "Flip")


def test_flipping_twice_is_nothing():
    a = Layer("a", "picture", noise(1, alpha=255), 6, 7)
    document, history = make(a)
    before = document.compose()
    for _ in range(2):
        by = stack.about_middle(document, a, (-1, 0, 0, 0, 1, 0))
        do(document, history, stack.transformed(document, a, by, "Flip"))
    assert np.array_equal(document.compose(), before)


def test_mask_and_selection_become_each_other():
    a = Layer("a", "picture", noise(1, alpha=255), 6, 7)
    document, history = make(a)
    chosen = np.zeros((48, 64), np.uint8)
    chosen[10:20, 30:50] = 200
    history.push(SetSelection(chosen))
    do(document, history, stack.mask_from_selection(document))
    assert document.selection is None and np.array_equal(document.mask(), chosen)
    mask = document.active
    do(document, history, stack.selection_from_mask(document, mask))
    assert np.array_equal(document.selection, chosen)
    do(document, history, stack.selection_from_mask(document, a))
    assert document.selection_bounds() == a.rect
    with pytest.raises(ValueError, match="empty"):
        stack.selection_from_mask(document, Layer("x", "mask"))


def test_regions_get_colours_of_their_own():
    document, history = make(Layer("a", "picture", noise(1)))
    for _ in range(len(stack.COLORS)):
        history.push(stack.add_above(document, stack.new_region(document), document.active))
    colors = [layer.region.color for layer in document.layers if layer.region]
    assert len(set(colors)) == len(stack.COLORS)
    assert stack.new_region(document).region.color in stack.COLORS
