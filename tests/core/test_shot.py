"""A document caught at one moment."""

import numpy as np

from studio.core.document import Document
from studio.core.history import AddLayer, History, Replace, SetProperty
from studio.core.layer import Layer
from studio.core.region import Rect
from studio.core.shot import Shot


def make(value, side=8):
    document = Document(side, side)
    document.set_layers([Layer("a", "picture", np.full((side, side, 4), value, np.uint8)), Layer("m", "mask", np.full((4, 4), value, np.uint8))])  # fmt: skip
    document.set_box(Rect(1, 1, 4, 4))
    document.activate(document.layers[1].id)
    return document


def test_it_shows_the_moment_and_knows_when_it_does_not_hold():
    document = make(200)
    document.set_selection(np.full((8, 8), 9, np.uint8))
    shot = Shot(document)
    shot.take()
    assert shot.holds()
    document.set_property(document.layers[0], "opacity", 0.5)
    assert shot.holds() and shot.document.layers[0].opacity == 1, (
        "properties were caught, pixels are what matters"
    )
    document.layers[0].pixels[...] = 7
    document.touch(document.layers[0], document.rect)
    assert not shot.holds()
    assert shot.document.layers[0].pixels.min() == 200 and shot.document.compose().min() == 200
    assert shot.document.box == document.box and shot.document.active.name == "m"
    assert np.array_equal(shot.document.selection, document.selection)
    again = Shot(document)
    document.set_pixels(document.layers[0], np.zeros((8, 8, 4), np.uint8), 0, 0)
    assert not again.holds()


def test_another_document_and_back_to_the_bit():
    document = make(200)
    document.set_selection(np.full((8, 8), 9, np.uint8))
    before = [(layer, layer.pixels.copy()) for layer in document.layers]
    history = History(document)
    seen = []
    document.resized.connect(lambda *size: seen.append(size))
    other = make(50, 6)
    ids = [layer.id for layer in other.layers]
    history.push(Replace(other, "Open"))
    assert (document.width, document.height) == (6, 6) and seen == [(6, 6)]
    assert [layer.id for layer in document.layers] == ids and document.selection is None
    assert document.active.id == ids[1] and document.compose().max() == 50
    history.push(SetProperty(ids[0], "opacity", 0.5))
    history.undo()
    history.undo()
    assert [(a, True) for a, _ in before] == [
        (a, np.array_equal(a.pixels, p)) for a, (_, p) in zip(document.layers, before)
    ]
    assert document.selection is not None and document.compose().min() == 200 and document.active.name == "m"
    history.redo()
    history.redo()
    assert document.layers[0].opacity == 0.5
    history.close()


def test_revisions_see_what_positions_do_not():
    history = History(make(1))
    history.push(AddLayer(Layer("x")))
    one = (history.position, history.revision)
    history.undo()
    history.push(AddLayer(Layer("y")))
    two = (history.position, history.revision)
    assert one[0] == two[0] and one[1] != two[1]
    history.push(SetProperty(history.document.layers[0].id, "opacity", 0.5))
    three = (history.position, history.revision)
    history.push(SetProperty(history.document.layers[0].id, "opacity", 0.6))
    assert three[0] == history.position and three[1] != history.revision
    history.close()
