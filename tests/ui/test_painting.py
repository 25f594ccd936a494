"""Masks changed while they are seen, handles that follow a turned layer, the line of tool settings, regions, the tree of layers."""

from __future__ import annotations

import math

import numpy as np
import pytest
from PySide6.QtCore import QModelIndex, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from studio import layering
from studio.core import select
from studio.core.clip import Clip
from studio.core.document import Document
from studio.core.history import AddLayer, History, SetProperty, SetSelection
from studio.core.layer import Layer, placed
from studio.core.region import Rect
from studio.ui.canvas import TOOLS, Canvas
from studio.ui.panels.layers import LayersPanel
from studio.ui.panels.options import PAGES
from studio.ui.panels.stage import Stage

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
SHIFT, CTRL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier


def picture(wide=400, high=300):
    y, x = np.mgrid[:high, :wide]
    return np.stack([x * 255 // wide, y * 255 // high, (x + y) % 256, np.full_like(x, 255)], -1).astype(
        np.uint8
    )


@pytest.fixture
def stage(session, qtbot):
    session.add_clip(Clip.picture(picture()), "photo")
    made = Stage(session)
    qtbot.addWidget(made)
    made.resize(900, 700)
    with qtbot.waitExposed(made):
        made.show()
    made.canvas.actual_size()
    made.canvas.view = type(made.canvas.view)(1.0, 0.0, 100, 80)
    yield made
    made.stop()


def screen(canvas, x, y):
    return QPoint(*(round(v) for v in canvas.view.to_screen(x, y)))


def drag(canvas, points, mods=NONE):
    first, *rest = [screen(canvas, *point) for point in points]
    QTest.mousePress(canvas, LEFT, mods, first)
    for point in rest:
        QApplication.sendEvent(canvas, QMouseEvent(
            QMouseEvent.Type.MouseMove, QPointF(point), QPointF(canvas.mapToGlobal(point)), Qt.MouseButton.NoButton, LEFT, mods
        ))  # fmt: skip
    QTest.mouseRelease(canvas, LEFT, mods, rest[-1])


def look(canvas, x, y):
    return canvas.grab_settled().toImage().pixelColor(screen(canvas, x, y))


# --- changing a mask while it is seen -------------------------------------------------------------------------------


def test_a_mask_grows_before_the_eyes_and_only_on_apply(stage, session):
    square = np.full((40, 40), 255, np.uint8)
    session.edit(AddLayer(Layer("Mask", "mask", square, 100, 100)))
    outside = look(stage.canvas, 90, 120)
    stage.refine("grow")
    bar = stage.refiner
    bar.radius._typed(15)
    bar.radius.set_value(15)
    bar._update()
    bar.wait()
    assert look(stage.canvas, 90, 120) != outside, "it is seen"
    assert session.layer.pixels.shape == (40, 40), "and not done"
    QTest.keyClick(bar.radius.number, Qt.Key.Key_Escape)
    assert bar.isHidden() and look(stage.canvas, 90, 120) == outside
    stage.refine("shrink")
    bar.radius.set_value(5)
    QTest.keyClick(bar.radius.number, Qt.Key.Key_Return)
    bar.wait()
    assert bar.isHidden()
    assert session.layer.rect == Rect(105, 105, 30, 30)
    assert session.history.names[-1] == "Shrink Mask by 5 px"
    session.undo()
    assert np.array_equal(session.layer.pixels, square) and session.layer.rect == Rect(100, 100, 40, 40)


def test_a_selection_is_changed_where_no_mask_is_chosen(stage, session):
    chosen = np.zeros((300, 400), np.uint8)
    chosen[50:100, 60:160] = 255
    session.edit(SetSelection(chosen))
    stage.refine("border")
    stage.refiner.radius.set_value(3)
    stage.refiner.finish()
    stage.refiner.wait()
    assert np.array_equal(session.document.selection, select.border(chosen, 3))
    stage.refine("smooth")
    assert stage.refiner.isVisible()
    session.edit(SetSelection(None))
    assert stage.refiner.isHidden(), "what it began with is gone"
    stage.refine("grow")
    assert stage.refiner.isHidden() and "no mask or selection" in stage.notice.text.text()


def test_the_feather_is_seen_where_it_will_act(stage, session):
    session.edit(AddLayer(Layer("Mask", "mask", np.full((60, 60), 255, np.uint8), 100, 100)))
    before = look(stage.canvas, 97, 130)
    session.edit(SetProperty(session.layer.id, "feather", 6.0))
    assert look(stage.canvas, 97, 130) != before
    session.undo()
    assert look(stage.canvas, 97, 130) == before


def test_quick_mask_begins_with_the_selection(stage, session):
    canvas = stage.canvas
    photo = session.layer
    chosen = np.zeros((300, 400), np.uint8)
    chosen[50:100, 60:160] = 255
    session.edit(SetSelection(chosen))
    QTest.keyClick(canvas, Qt.Key.Key_Q)
    assert canvas.quick_mask and session.layer.paints_mask and session.document.selection is None
    assert np.array_equal(session.document.mask(), chosen)
    assert stage.options.quick.isChecked()
    QTest.keyClick(canvas, Qt.Key.Key_Q)
    assert session.layer is photo
    canvas.set_masks_alone(True)
    assert look(canvas, 110, 75).name() == "#ffffff" and look(canvas, 20, 20).name() == "#000000"
    assert stage.options.alone.isChecked()
    canvas.set_masks_alone(False)
    assert look(canvas, 20, 20).name() != "#000000"


# --- handles ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def moving(qtbot):
    document = Document(400, 300)
    history = History(document)
    history.push(AddLayer(Layer("a", "picture", picture(100, 60), 50, 50)))
    canvas = Canvas(document, history)
    qtbot.addWidget(canvas)
    canvas.resize(800, 600)
    with qtbot.waitExposed(canvas):
        canvas.show()
    canvas.view = type(canvas.view)(1.0, 0.0, 100, 80)
    canvas.set_tool("move")
    yield canvas
    history.close()


def test_a_turned_layer_is_scaled_along_its_own_sides(moving):
    document = moving.document
    layer = document.layers[0]
    turned = placed(degrees=30, about=(100, 80))
    moving.history.push(SetProperty(layer.id, "matrix", turned))
    # the middle of its right edge, pulled outwards by 20 along its own x
    cos, sin = math.cos(math.radians(30)), math.sin(math.radians(30))
    edge = (100 + 50 * cos, 80 + 50 * sin)
    drag(moving, [edge, (edge[0] + 10 * cos, edge[1] + 10 * sin), (edge[0] + 20 * cos, edge[1] + 20 * sin)])
    a, b, _, d, e, _ = layer.matrix
    assert math.hypot(a, d) == pytest.approx(1.2, abs=0.02), "longer"
    assert math.hypot(b, e) == pytest.approx(1.0, abs=0.001), "and as high as before"
    assert a * b + d * e == pytest.approx(0, abs=1e-6), "without shearing"
    moving.history.undo()
    assert layer.matrix == turned


def test_the_knob_turns_and_shift_by_fifteen_degrees(moving):
    layer = moving.document.layers[0]
    drag(moving, [(100, 50 - 22), (120, 30), (172, 79)], SHIFT)
    a, _, _, d, _, _ = layer.matrix
    assert math.degrees(math.atan2(d, a)) == pytest.approx(90)


def test_a_group_is_moved_as_one(moving):
    document, history = moving.document, moving.history
    history.push(AddLayer(Layer("b", "picture", picture(30, 30), 200, 100)))
    from studio.core import stack

    history.push(stack.group(document, document.layers))
    before = history.position
    drag(moving, [(120, 90), (130, 100), (147, 101)], CTRL)
    assert [(layer.x, layer.y) for layer in document.layers[:2]] == [(77, 61), (227, 111)]
    assert history.position == before + 1 and history.names[-1] == "Move Group"
    history.undo()
    assert document.layers[0].x == 50


def test_what_is_moved_snaps_to_the_picture_unless_ctrl_is_held(moving):
    layer = moving.document.layers[0]
    drag(moving, [(100, 80), (60, 60), (54, 70)])
    assert (layer.x, layer.y) == (0, 40)
    drag(moving, [(50, 70), (54, 74), (54, 74)], CTRL)
    assert (layer.x, layer.y) == (4, 44)


def test_the_generation_box_snaps_too(stage, session):
    canvas = stage.canvas
    canvas.set_tool("box")
    page = stage.options.page
    page.sides[0].setValue(128)
    page.sides[1].setValue(96)
    assert session.document.box == Rect(0, 0, 128, 96)
    drag(canvas, [(50, 50), (150, 100), (189, 157)])
    assert session.document.box == Rect(136, 102, 128, 96), "its middle to the picture's, in x and y"
    at = page.aspect.findText("1 : 1")
    page.aspect.setCurrentIndex(at)
    page.aspect.activated.emit(at)
    box = session.document.box
    assert box.w == box.h == 112 and canvas.box_aspect == 1
    session.edit(AddLayer(Layer("Mask", "mask", np.full((30, 20), 255, np.uint8), 300, 200)))
    page.around.click()
    box = session.document.box
    assert box.encloses(Rect(300, 200, 20, 30)) and box.w == box.h and session.document.rect.encloses(box)
    for _ in range(6):
        session.undo()
    assert session.document.box == Rect(0, 0, 400, 300)


# --- the line of settings ------------------------------------------------------------------------------------------------


def test_every_tool_has_a_page_that_follows_it(stage, session, qtbot):
    assert set(PAGES) == {tool.id for tool in TOOLS}
    for tool in TOOLS:
        stage.canvas.set_tool(tool.id)
        assert type(stage.options.page) is PAGES[tool.id]
        session.changed.emit("history")


def test_brush_settings_go_both_ways(stage):
    canvas, page = stage.canvas, stage.options.page
    page.diameter.number.setValue(40)
    page.hardness.slider.setValue(500)
    assert canvas.brush.size == 40 and canvas.brush.hardness == 0.5
    QTest.keyClick(canvas, Qt.Key.Key_BracketRight)
    assert page.diameter.value() == canvas.brush.size == 45
    page.pressed_opacity.click()
    assert canvas.brush.pressure_opacity


def test_a_fresh_brush_suits_the_picture_and_a_chosen_one_stays(qtbot):
    canvas = Canvas(Document(64, 64))
    qtbot.addWidget(canvas)
    assert canvas.brush.size == 8
    canvas.set_document(Document(4096, 2048))
    assert canvas.brush.size == 64
    canvas.brush = canvas.brush.with_(size=10)
    canvas.set_document(Document(640, 640))
    assert canvas.brush.size == 10


def test_a_layer_is_placed_by_numbers(stage, session):
    session.edit(AddLayer(Layer("b", "picture", picture(40, 20), 10, 10)))
    stage.canvas.set_tool("move")
    page = stage.options.page
    assert (page.numbers["x"].value(), page.numbers["y"].value()) == (10, 10)
    page.numbers["x"].setValue(33)
    assert session.layer.x == 33 and session.layer.matrix == (1, 0, 0, 0, 1, 0)
    page.numbers["angle"].setValue(90)
    assert session.layer.rect == Rect(43, 0, 20, 40)
    session.undo()
    assert page.numbers["angle"].value() == 0


# --- layers ---------------------------------------------------------------------------------------------------------------


@pytest.fixture
def layers(session, qtbot):
    for name in "abc":
        session.add_clip(Clip.picture(picture(40, 30)), name)
    panel = LayersPanel(session)
    qtbot.addWidget(panel)
    panel.resize(330, 420)
    with qtbot.waitExposed(panel):
        panel.show()
    yield panel
    panel.stop()


def rows(panel):
    model = panel.model
    return [("  " * model.depth(model.layer(i))) + model.layer(i).name for i in range(model.rowCount())]


def test_the_tree_is_grouped_folded_and_dragged(layers, session):
    a, b, c = session.document.layers
    model = layers.model
    view = layers.list
    view.setCurrentIndex(model.index(1))
    QTest.mouseClick(view.viewport(), LEFT, SHIFT, view.visualRect(model.index(0)).center())
    assert set(session.picked) == {b.id, c.id}
    layering.group(session)
    assert rows(layers) == ["Group", "  c", "  b", "a"]
    group = session.layer
    chevron = view.visualRect(model.index(0)).topLeft() + QPoint(36, 22)
    QTest.mouseClick(view.viewport(), LEFT, NONE, chevron)
    assert rows(layers) == ["Group", "a"]
    QTest.mouseClick(view.viewport(), LEFT, NONE, chevron)
    data = model.mimeData([model.index(3)])
    model.dropMimeData(data, Qt.DropAction.MoveAction, -1, -1, model.index(0))
    assert rows(layers) == ["Group", "  a", "  c", "  b"], "on a group: to its top"
    model.dropMimeData(model.mimeData([model.index(3)]), Qt.DropAction.MoveAction, 0, 0, QModelIndex())
    assert rows(layers) == ["b", "Group", "  a", "  c"]
    model.dropMimeData(model.mimeData([model.index(2)]), Qt.DropAction.MoveAction, 4, 0, QModelIndex())
    assert rows(layers) == ["b", "Group", "  c", "a"], "below everything"
    model.dropMimeData(model.mimeData([model.index(1)]), Qt.DropAction.MoveAction, -1, -1, model.index(1))
    assert rows(layers) == ["b", "Group", "  c", "a"], "not into itself"
    session.history.jump(3)
    assert rows(layers) == ["c", "b", "a"]
    assert group not in session.document.layers


def test_locks_are_seen_and_undone_by_a_click(layers, session):
    layering.lock(session)
    assert session.layer.locked
    rect = layers.list.visualRect(layers.model.index(0))
    QTest.mouseClick(layers.list.viewport(), LEFT, NONE, QPoint(rect.right() - 12, rect.center().y()))
    assert not session.layer.locked


def test_a_region_has_words_strength_and_a_colour(layers, session):
    assert layers.region.isHidden()
    layering.new_region(session)
    editor = layers.region
    assert editor.isVisible() and layers.feather.isVisible()
    first = session.layer.region.color
    before = session.history.position
    QTest.keyClicks(editor.words, "a red ball")
    editor.strength._set(1.5)
    assert (session.layer.region.words, session.layer.region.strength) == ("a red ball", 1.5)
    assert session.history.position == before + 1, "typing is one step"
    editor.colour.click()
    assert session.layer.region.color != first
    layers.feather._set(7)
    assert session.layer.feather == 7
    session.history.jump(before)
    assert editor.words.text() == "" and session.layer.region.strength == 1


def test_the_picture_of_a_mask_shows_where_it_is(layers, session):
    session.edit(AddLayer(Layer("Mask", "mask", np.full((30, 20), 255, np.uint8), 0, 0)))
    image = layers.model.thumb(session.layer, 1).toImage()
    assert image.pixelColor(4, 17) != image.pixelColor(30, 17)
