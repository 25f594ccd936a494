"""Real pointer and key events on the widget, and what is on its pixels afterwards."""

import math

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import (
    QAccessible,
    QColor,
    QImage,
    QInputDevice,
    QPointingDevice,
    QTabletEvent,
    QWheelEvent,
)
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from studio.core.clip import Clip
from studio.core.document import Document
from studio.core.history import AddLayer, History, SetProperty
from studio.core.layer import Layer
from studio.core.region import Rect, Region
from studio.ui.canvas import TOOLS, Canvas
from studio.ui.canvas.handles import snapped_size

LEFT, MIDDLE = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton
NONE, SHIFT = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier
CTRL, ALT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier


def picture(w=400, h=300):
    y, x = np.mgrid[:h, :w]
    return np.stack([x * 255 // w, y * 255 // h, (x + y) % 256, np.full_like(x, 255)], -1).astype(np.uint8)


@pytest.fixture
def canvas(qtbot):
    document = Document(400, 300)
    history = History(document)
    history.push(AddLayer(Layer("Fox", "picture", picture())))
    history.push(AddLayer(Layer("Mask", "mask")))
    widget = Canvas(document, history)
    qtbot.addWidget(widget)
    widget.resize(800, 600)
    with qtbot.waitExposed(widget):
        widget.show()
    widget.actual_size()
    widget.view = type(widget.view)(1.0, 0.0, 100, 80)
    QApplication.processEvents()
    yield widget
    history.close()


def screen(canvas, x, y):
    sx, sy = canvas.view.to_screen(x, y)
    return QPoint(round(sx), round(sy))


def drag(canvas, points, mods=NONE, button=LEFT):
    """A drag through document points."""
    first, *rest = [screen(canvas, *p) for p in points]
    QTest.mousePress(canvas, button, mods, first)
    for point in rest:
        move(canvas, point, mods, button)
    QTest.mouseRelease(canvas, button, mods, rest[-1] if rest else first)


def move(canvas, point, mods=NONE, button=LEFT):
    """QTest.mouseMove says nothing about keys and buttons; this does."""
    from PySide6.QtGui import QMouseEvent

    QApplication.sendEvent(canvas, QMouseEvent(
        QEvent.Type.MouseMove, QPointF(point), QPointF(canvas.mapToGlobal(point)), Qt.MouseButton.NoButton, button, mods
    ))  # fmt: skip


def shot(canvas):
    """[h, w, 3] of what the widget shows when it is finished."""
    image = canvas.grab_settled().toImage().convertToFormat(QImage.Format.Format_RGB888)
    flat = np.frombuffer(image.constBits(), np.uint8, image.sizeInBytes()).reshape(
        image.height(), image.bytesPerLine()
    )
    return flat[:, : image.width() * 3].reshape(image.height(), image.width(), 3).copy()


def quiet(canvas):
    """Nothing over the picture."""
    canvas.show_box = False
    canvas.set_tool("hand")


# --- what is seen -----------------------------------------------------------------------------------------


def test_the_picture_is_on_the_screen_to_the_bit(canvas):
    quiet(canvas)
    pixels = shot(canvas)
    assert np.array_equal(pixels[80:380, 100:500], picture()[..., :3])
    assert (pixels[:80] == [0x0E, 0x10, 0x13]).all()
    assert (pixels[380:] == [0x0E, 0x10, 0x13]).all()


def test_magnified_pixels_are_squares(canvas):
    quiet(canvas)
    canvas.view = type(canvas.view)(4.0, 0.0, -200, -100)
    expected = np.kron(picture()[25:175, 50:250, :3], np.ones((4, 4, 1), np.uint8))
    assert np.array_equal(shot(canvas), expected)


def test_reduced_it_is_the_mean(canvas):
    quiet(canvas)
    canvas.view = type(canvas.view)(0.25, 0.0, 0, 0)
    pixels = shot(canvas)[:75, :100].astype(float)
    source = picture()[..., :2]  # the third channel wraps around
    mean = source.reshape(75, 4, 100, 4, 2).mean((1, 3))
    assert np.abs(pixels[..., :2] - mean).max() <= 3


def test_shifting_by_panning_shows_what_drawing_anew_shows(canvas):
    canvas.document.layers[1].pixels = np.zeros((300, 400), np.uint8)
    canvas.set_tool("brush")
    drag(canvas, [(50, 50), (200, 120), (300, 250)])
    for zoom in (1.0, 0.37, 3.0):
        canvas.set_zoom(zoom)
        shot(canvas)
        for dx, dy in [(31, 0), (0, -47), (-80, 13), (5, 5), (300, -200), (-301, 190)]:
            canvas.pan(dx, dy)
            canvas.repaint()
        canvas.cursor_left.emit()
        moved = shot(canvas)
        canvas.renderer.redraw()
        anew = shot(canvas)
        assert np.abs(moved.astype(int) - anew).max() <= 2, zoom


def test_a_stroke_repaints_what_drawing_anew_shows(canvas):
    for zoom, angle in ((1.0, 0), (0.6, 0), (2.5, 0), (1.2, 30)):
        canvas.set_zoom(zoom)
        canvas.set_angle(angle)
        shot(canvas)
        drag(canvas, [(100, 100), (150, 180), (300, 120), (301, 122)])
        partial = shot(canvas)
        canvas.renderer.redraw()
        canvas.pyramid.mark(canvas.document.rect)
        anew = shot(canvas)
        # turned, Qt rounds the place it samples per rectangle: next to nothing, but the picture has hard edges
        assert np.abs(partial.astype(int) - anew).max() <= (40 if angle else 3), (zoom, angle)
        assert np.abs(partial.astype(int) - anew).mean() < 0.05


def test_masks_are_tinted_by_a_third_with_a_dashed_edge(canvas):
    quiet(canvas)
    plain = shot(canvas).astype(int)
    mask = np.zeros((300, 400), np.uint8)
    mask[100:200, 150:250] = 255
    canvas.document.set_pixels(canvas.document.layers[1], mask, 0, 0)
    pixels = shot(canvas).astype(int)
    inside = (slice(185, 275), slice(255, 345))
    expected = plain[inside] + (np.array([255, 0x5C, 0x7A]) - plain[inside]) / 3
    assert np.abs(pixels[inside] - expected).max() <= 2
    edge = pixels[180, 250:350]
    dash = np.abs(edge - [255, 0x5C, 0x7A]).sum(1) < 5
    assert 0.3 < dash.mean() < 0.7
    assert np.array_equal(pixels[:170], plain[:170])
    canvas.set_show_masks(False)
    assert np.array_equal(shot(canvas), plain)
    canvas.set_show_masks(True)
    canvas.history.push(SetProperty(canvas.document.layers[1].id, "visible", False))
    assert np.array_equal(shot(canvas), plain)


def test_regions_have_their_own_colour(canvas):
    quiet(canvas)
    plain = shot(canvas).astype(int)
    region = Layer(
        "r", "region", np.full((80, 80), 255, np.uint8), 50, 50, region=Region("fox", 1, (0, 255, 0))
    )
    canvas.document.set_layers([canvas.document.layers[0], region])
    pixels = shot(canvas).astype(int)[150:190, 170:210]
    expected = plain[150:190, 170:210] + (np.array([0, 255, 0]) - plain[150:190, 170:210]) / 3
    assert np.abs(pixels - expected).max() <= 2


def test_the_checkerboard_shows_where_nothing_is(canvas):
    quiet(canvas)
    canvas.history.push(SetProperty(canvas.document.layers[0].id, "visible", False))
    board = shot(canvas)[80:380, 100:500]
    assert len(np.unique(board.reshape(-1, 3), axis=0)) == 2
    canvas.set_theme({"canvas": "#d5d9e0"})
    light = shot(canvas)
    assert light[80:380, 100:500].mean() > 200
    assert (light[0, 0] == [0xD5, 0xD9, 0xE0]).all()


def test_candidates_previews_and_the_divider(canvas):
    quiet(canvas)
    plain = shot(canvas)
    red = Clip.picture(np.full((50, 50, 3), (255, 0, 0), np.uint8))
    canvas.set_overlay(red, Rect(100, 100, 100, 100))
    shown = shot(canvas)
    assert (shown[180:280, 200:300] == [255, 0, 0]).all()
    assert np.array_equal(shown[:180], plain[:180])
    canvas.set_split(True, at=250 / 800)
    half = shot(canvas)
    assert np.array_equal(half[185:275, 200:235], plain[185:275, 200:235])
    assert (half[185:275, 265:300] == [255, 0, 0]).all()
    QTest.mousePress(canvas, LEFT, NONE, QPoint(250, 500))
    move(canvas, QPoint(280, 500))
    QTest.mouseRelease(canvas, LEFT, NONE, QPoint(280, 500))
    assert canvas.scene.split == pytest.approx(280)
    assert canvas.history.done == 2, "the divider is no edit"
    canvas.set_split(False)
    canvas.set_overlay(None)
    canvas.set_preview(red, Rect(0, 0, 10, 10))
    assert (shot(canvas)[80:90, 100:110] == [255, 0, 0]).all()
    canvas.set_preview(None)
    assert np.array_equal(shot(canvas), plain)
    with pytest.raises(ValueError, match="sound"):
        canvas.set_overlay(Clip.sound(np.zeros((3, 1), np.float32), 8000))


def test_the_generation_box_has_an_outline_and_a_name(canvas):
    canvas.set_tool("hand")
    canvas.document.set_box(Rect(40, 40, 128, 96))
    pixels = shot(canvas)
    accent = [0x6E, 0xA8, 0xFE]
    for y, x in ((120, 200), (215, 200), (170, 140), (170, 267)):
        assert pixels[y, x].tolist() == accent
    assert canvas.box_label() == "Generation box 128 × 96"


def test_rotation_shows_the_right_place(canvas):
    quiet(canvas)
    canvas.set_angle(90)
    pixels = shot(canvas)
    for x, y in ((50, 60), (300, 200), (390, 10)):
        sx, sy = canvas.view.to_screen(x + 0.5, y + 0.5)
        assert np.abs(pixels[int(sy), int(sx)].astype(int) - picture()[y, x, :3]).max() <= 3
    canvas.reset_rotation()
    assert canvas.view.angle == 0


def test_the_pixel_grid_begins_at_1600_percent(canvas):
    quiet(canvas)
    canvas.document.layers[0].pixels[...] = 255
    canvas.document.touch(canvas.document.layers[0], canvas.document.rect)
    for zoom, grid in ((8.0, False), (15.9, False), (16.0, True), (64.0, True)):
        canvas.set_zoom(zoom)
        assert (shot(canvas).min() < 250) == grid


# --- view -------------------------------------------------------------------------------------------------


def wheel(canvas, at, up, mods=NONE):
    QApplication.sendEvent(canvas, QWheelEvent(
        QPointF(at), QPointF(canvas.mapToGlobal(at)), QPoint(), QPoint(0, 120 * up), Qt.MouseButton.NoButton, mods,
        Qt.ScrollPhase.NoScrollPhase, False,
    ))  # fmt: skip


def test_zoom_keeps_the_point_under_the_cursor(canvas):
    at = QPoint(333, 222)
    before = canvas.view.to_document(333, 222)
    seen = []
    canvas.zoom_changed.connect(seen.append)
    for up in (1, 1, 1, -1, 5, 30, 40):
        wheel(canvas, at, up)
        assert canvas.view.to_document(333, 222) == pytest.approx(before, abs=1e-6)
    assert canvas.zoom == 64.0
    assert seen[0] > 1
    canvas.set_zoom(1000)
    assert canvas.zoom == 64.0
    for _ in range(40):
        canvas.zoom_out()
    assert canvas.zoom == 0.01


def test_ways_to_pan(canvas):
    start = canvas.view
    drag(canvas, [(10, 10), (60, 40)], button=MIDDLE)
    assert (canvas.view.x - start.x, canvas.view.y - start.y) == (50, 30)
    QTest.keyPress(canvas, Qt.Key.Key_Space)
    a = QPoint(300, 300)
    QTest.mousePress(canvas, LEFT, NONE, a)
    move(canvas, QPoint(280, 310))
    QTest.mouseRelease(canvas, LEFT, NONE, QPoint(280, 310))
    QTest.keyRelease(canvas, Qt.Key.Key_Space)
    assert (canvas.view.x - start.x, canvas.view.y - start.y) == (30, 40)
    wheel(canvas, a, 1, SHIFT)
    assert canvas.view.x != start.x + 30
    assert canvas.zoom == 1.0
    QTest.keyClick(canvas, Qt.Key.Key_Left)
    assert canvas.history.done == 2, "nothing was painted"


def test_r_and_shift_space_turn_the_view(canvas):
    for key, mods in ((Qt.Key.Key_R, NONE), (Qt.Key.Key_Space, SHIFT)):
        QTest.keyPress(canvas, key, mods)
        QTest.mousePress(canvas, LEFT, mods, QPoint(700, 300))
        move(canvas, QPoint(660, 450), mods)
        QTest.mouseRelease(canvas, LEFT, mods, QPoint(660, 450))
        QTest.keyRelease(canvas, key)
        assert canvas.view.angle == pytest.approx(math.degrees(math.atan2(150, 260)), abs=0.5)
        canvas.reset_rotation()


# --- painting ---------------------------------------------------------------------------------------------


def test_paint_a_mask_and_undo_to_the_beginning(canvas):
    first, mask = shot(canvas), canvas.document.layers[1]
    done = []
    canvas.stroke_finished.connect(done.append)
    for i in range(3):
        drag(canvas, [(60 + 80 * i, 60), (120, 150), (300, 220)])
    assert canvas.history.names[2:] == ["Paint mask"] * 3
    assert len(done) == 3
    assert mask.pixels[60, 60] == 255
    assert mask.pixels[220, 300] == 255
    assert not np.array_equal(shot(canvas), first)
    painted = mask.pixels.copy()
    while canvas.history.done > 2:
        canvas.history.undo()
    QTest.mouseMove(canvas, QPoint(5, 5))
    canvas._pointer = None
    assert np.array_equal(shot(canvas), first)
    canvas.history.jump(5)
    assert np.array_equal(mask.pixels, painted)


def test_no_event_of_a_fast_stroke_is_lost(canvas):
    canvas.brush = canvas.brush.with_(size=9, hardness=1)
    points = [(20 + 360 * i / 499, 150 + 100 * math.sin(i / 9)) for i in range(500)]
    drag(canvas, points)
    mask = canvas.document.layers[1].pixels
    for x, y in points:
        assert mask[round(y) - 1 : round(y) + 2, round(x) - 1 : round(x) + 2].max() == 255
    assert len(canvas.history.names) == 3


def test_colour_on_a_picture_erased_again(canvas):
    layer = canvas.document.layers[0]
    canvas.document.activate(layer.id)
    canvas.brush = canvas.brush.with_(size=40, hardness=1, color=(1, 250, 3))
    drag(canvas, [(100, 100), (200, 100)])
    assert layer.pixels[100, 150].tolist() == [1, 250, 3, 255]
    QTest.keyClick(canvas, Qt.Key.Key_X)
    assert canvas.tool == "eraser"
    drag(canvas, [(150, 50), (150, 150)])
    assert layer.pixels[100, 150, 3] == 0
    QTest.keyClick(canvas, Qt.Key.Key_X)
    assert canvas.tool == "brush"
    canvas.history.jump(2)
    assert np.array_equal(layer.pixels, picture())


def test_without_a_layer_the_brush_makes_a_mask(qtbot):
    canvas = Canvas(Document(100, 100))
    qtbot.addWidget(canvas)
    canvas.resize(300, 300)
    drag(canvas, [(50, 50), (60, 60)])
    assert [layer.kind for layer in canvas.document.layers] == ["mask"]
    assert canvas.history.names == ["Paint mask"]
    canvas.history.undo()
    assert canvas.document.layers == ()


def test_keys_and_alt_drag_change_the_brush(canvas):
    canvas.brush = canvas.brush.with_(size=64, hardness=0.5)
    QTest.keyClick(canvas, Qt.Key.Key_BracketRight)
    assert canvas.brush.size == 72
    QTest.keyClick(canvas, Qt.Key.Key_BracketLeft)
    assert canvas.brush.size == 63
    QTest.keyClick(canvas, Qt.Key.Key_BracketRight, SHIFT)
    assert canvas.brush.hardness == pytest.approx(0.6)
    drag(canvas, [(100, 100), (120, 60)], ALT)
    assert canvas.brush.size == 103
    assert canvas.brush.hardness == pytest.approx(0.8)
    assert canvas.history.done == 2


def test_shift_click_draws_a_line_from_the_last_stroke(canvas):
    canvas.brush = canvas.brush.with_(size=10, hardness=1)
    drag(canvas, [(50, 50)])
    drag(canvas, [(250, 150)], SHIFT)
    mask = canvas.document.layers[1].pixels
    assert mask[100, 150] == 255
    assert mask[75, 100] == 255
    assert len(canvas.history.names) == 4


def test_escape_takes_a_stroke_back(canvas):
    QTest.mousePress(canvas, LEFT, NONE, screen(canvas, 100, 100))
    move(canvas, screen(canvas, 200, 200))
    assert canvas.document.layers[1].pixels.any()
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    QTest.mouseRelease(canvas, LEFT, NONE, screen(canvas, 200, 200))
    assert not canvas.document.layers[1].pixels.any()
    assert canvas.history.done == 2


def test_a_pen_presses(canvas):
    canvas.brush = canvas.brush.with_(size=60, hardness=1)
    device = QPointingDevice(
        "pen", 1, QInputDevice.DeviceType.Stylus, QPointingDevice.PointerType.Pen,
        QInputDevice.Capability.Position | QInputDevice.Capability.Pressure, 1, 2,
    )  # fmt: skip

    def pen(kind, x, y, pressure):
        at = QPointF(screen(canvas, x, y))
        event = QTabletEvent(
            kind, device, at, QPointF(canvas.mapToGlobal(at)), pressure, 0, 0, 0.0, 0.0, 0.0, NONE, LEFT, LEFT
        )
        QApplication.sendEvent(canvas, event)

    pen(QEvent.Type.TabletPress, 60, 150, 0.1)
    for i in range(1, 11):
        pen(QEvent.Type.TabletMove, 60 + 28 * i, 150, 0.1 + 0.09 * i)
    pen(QEvent.Type.TabletRelease, 340, 150, 1.0)
    mask = canvas.document.layers[1].pixels > 127
    assert mask[:, 70].sum() < 20
    assert mask[:, 330].sum() > 50
    assert canvas.history.names[-1] == "Paint mask"


def test_locked_layers_say_why(canvas, qtbot):
    canvas.history.push(SetProperty(canvas.document.layers[1].id, "locked", True))
    with qtbot.waitSignal(canvas.message) as caught:
        drag(canvas, [(50, 50), (90, 90)])
    assert "locked" in caught.args[0]
    assert canvas.history.done == 3


# --- other tools ------------------------------------------------------------------------------------------


def test_shapes_add_to_the_mask_and_ctrl_subtracts(canvas):
    mask = canvas.document.layers[1]
    canvas.set_tool("rectangle")
    drag(canvas, [(50, 60), (80, 90), (150, 160)])
    assert (mask.pixels == 255).sum() == 100 * 100
    drag(canvas, [(100, 60), (110, 80), (150, 160)], CTRL)
    assert (mask.pixels == 255).sum() == 50 * 100
    canvas.set_tool("ellipse")
    drag(canvas, [(200, 100), (220, 130), (300, 200)])
    assert mask.pixels.sum() / 255 == pytest.approx(5000 + math.pi * 2500, rel=0.01)
    canvas.set_tool("lasso")
    drag(canvas, [(10, 200), (60, 200), (60, 250), (10, 250)])
    assert canvas.document.mask()[225, 30] == 255
    assert canvas.history.names[2:] == ["Rectangle", "Rectangle", "Ellipse", "Lasso"]
    canvas.history.jump(2)
    assert not mask.pixels.any()


def test_a_polygon_by_clicks(canvas):
    canvas.set_tool("lasso")
    for point in [(50, 50), (150, 50), (150, 150)]:
        QTest.mouseClick(canvas, LEFT, NONE, screen(canvas, *point))
        QTest.mouseMove(canvas, screen(canvas, 100, 160))
    QTest.keyClick(canvas, Qt.Key.Key_Return)
    mask = canvas.document.layers[1].pixels
    assert mask.sum() / 255 == pytest.approx(5000, rel=0.03)
    QTest.mouseClick(canvas, LEFT, NONE, screen(canvas, 200, 200))
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    assert canvas.history.done == 3


def test_on_a_picture_shapes_select_and_confine_the_brush(canvas):
    document = canvas.document
    document.activate(document.layers[0].id)
    canvas.set_tool("rectangle")
    drag(canvas, [(100, 100), (150, 120), (200, 200)])
    assert document.selection_bounds() == Rect(100, 100, 100, 100)
    drag(canvas, [(250, 100), (260, 120), (300, 200)], SHIFT)
    assert document.selection_bounds() == Rect(100, 100, 200, 100)
    canvas.set_tool("brush")
    canvas.brush = canvas.brush.with_(size=30, hardness=1, color=(0, 0, 0))
    drag(canvas, [(50, 150), (350, 150)])
    black = (document.layers[0].pixels[150, :, :3] == 0).all(-1)
    assert np.flatnonzero(black).tolist() == [*range(100, 200), *range(250, 300)]
    canvas.set_tool("rectangle")
    QTest.mouseClick(canvas, LEFT, NONE, screen(canvas, 20, 20))
    assert document.selection is None


def test_wand_fill_gradient_and_pick(canvas, qtbot):
    document, (fox, mask) = canvas.document, canvas.document.layers
    flat = np.full((300, 400, 4), (20, 40, 60, 255), np.uint8)
    flat[100:200, 100:300] = (200, 180, 160, 255)
    document.set_pixels(fox, flat, 0, 0)
    canvas.set_tool("wand")
    QTest.mouseClick(canvas, LEFT, NONE, screen(canvas, 150, 150))
    assert mask.pixels.sum() == 255 * 100 * 200
    canvas.set_tool("fill")
    QTest.mouseClick(canvas, LEFT, CTRL, screen(canvas, 150, 150))
    assert not mask.pixels.any()
    canvas.set_tool("gradient")
    drag(canvas, [(0, 100), (200, 100), (400, 100)])
    assert mask.pixels[50, 10] > 240
    assert mask.pixels[50, 200] == pytest.approx(127, abs=3)
    canvas.set_tool("pick")
    with qtbot.waitSignal(canvas.color_picked) as caught:
        QTest.mouseClick(canvas, LEFT, NONE, screen(canvas, 150, 150))
    assert caught.args == [200, 180, 160]
    document.activate(fox.id)
    canvas.set_tool("fill")
    QTest.mouseClick(canvas, LEFT, NONE, screen(canvas, 5, 5))
    assert fox.pixels[0, 0].tolist() == [200, 180, 160, 255]
    assert len(np.unique(fox.pixels.reshape(-1, 4), axis=0)) == 1


def test_the_generation_box_snaps_and_keeps_its_sides(canvas):
    document = canvas.document
    document.set_box(Rect(50, 50, 128, 128))
    canvas.set_tool("box")
    drag(canvas, [(178, 178), (190, 180), (231, 203)])
    assert document.box == Rect(50, 50, 184, 152)
    canvas.box_aspect = 2.0
    drag(canvas, [(234, 202), (240, 200), (294, 150)])
    assert (document.box.w, document.box.h) == (240, 120)
    canvas.box_multiple = 64
    canvas.box_aspect = 0.0
    drag(canvas, [(50, 50), (40, 40), (0, 0)])
    assert document.box == Rect(-30, -22, 320, 192)
    canvas.history.undo()
    assert document.box == Rect(50, 50, 240, 120)
    drag(canvas, [(100, 100), (110, 120)])
    assert document.box == Rect(60, 70, 240, 120)
    canvas.history.jump(2)
    assert document.box == Rect(50, 50, 128, 128)
    assert snapped_size(3, 500, 8) == (8, 504) or snapped_size(3, 500, 8) == (8, 496)
    assert snapped_size(100, 10, 64, 1.0) == (128, 128)


def test_crop_and_back(canvas):
    before = canvas.document.compose()
    canvas.set_tool("crop")
    drag(canvas, [(0, 0), (20, 30), (40, 50)])
    QTest.keyClick(canvas, Qt.Key.Key_Return)
    assert (canvas.document.width, canvas.document.height) == (360, 250)
    assert np.array_equal(canvas.document.compose(), before[50:, 40:])
    shot(canvas)
    canvas.history.undo()
    assert np.array_equal(canvas.document.compose(), before)
    quiet(canvas)
    assert np.array_equal(shot(canvas)[80:380, 100:500], picture()[..., :3])


def test_move_scale_and_turn_a_layer(canvas):
    document, (fox, _) = canvas.document, canvas.document.layers
    document.activate(fox.id)
    canvas.set_tool("move")
    drag(canvas, [(200, 150), (210, 160), (230, 140)])
    assert (fox.x, fox.y) == (30, -10)
    canvas.history.undo()
    assert (fox.x, fox.y) == (0, 0)
    drag(canvas, [(400, 300), (300, 220), (200, 150)])
    assert fox.rect == Rect(0, 0, 200, 150)
    assert canvas.history.names[-1] == "Scale Fox"
    canvas.history.undo()
    drag(canvas, [(412, 312), (380, 340), (300, 400)])
    assert canvas.history.names[-1] == "Rotate Fox"
    assert fox.rect.w > 400
    QTest.mousePress(canvas, LEFT, NONE, screen(canvas, 200, 150))
    move(canvas, screen(canvas, 250, 150))
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    QTest.mouseRelease(canvas, LEFT, NONE, screen(canvas, 250, 150))
    canvas.history.jump(2)
    assert fox.matrix == (1, 0, 0, 0, 1, 0)
    assert np.array_equal(document.compose(), picture())


def test_q_goes_to_the_mask_and_back(canvas):
    document = canvas.document
    fox, mask = document.layers
    document.activate(fox.id)
    QTest.keyClick(canvas, Qt.Key.Key_Q)
    assert canvas.quick_mask
    assert document.active is mask
    QTest.keyClick(canvas, Qt.Key.Key_Q)
    assert not canvas.quick_mask
    assert document.active is fox
    document.activate(mask.id)
    QTest.keyClick(canvas, Qt.Key.Key_Q)
    assert not canvas.show_masks


def test_every_tool_can_be_chosen_used_and_cancelled(canvas):
    for kind in TOOLS:
        canvas.set_tool(kind.id)
        drag(canvas, [(100, 100), (130, 140), (180, 150)])
        shot(canvas)
        QTest.mousePress(canvas, LEFT, NONE, screen(canvas, 60, 60))
        move(canvas, screen(canvas, 80, 90))
        canvas.repaint()
        QTest.keyClick(canvas, Qt.Key.Key_Escape)
        QTest.mouseRelease(canvas, LEFT, NONE, screen(canvas, 80, 90))
        assert kind.title
        assert kind.icon
    canvas.history.jump(0)
    assert canvas.document.layers == ()
    assert (canvas.document.width, canvas.document.height) == (400, 300)


def test_it_is_named_for_screen_readers_and_takes_the_keyboard(canvas):
    interface = QAccessible.queryAccessibleInterface(canvas)
    assert interface.text(QAccessible.Text.Name) == "Canvas"
    assert "Paint" in interface.text(QAccessible.Text.Description)
    assert canvas.focusPolicy() == Qt.FocusPolicy.StrongFocus


def test_another_document_takes_over(canvas):
    old = canvas.document
    new = Document(64, 48)
    new.set_layers([Layer("x", "picture", np.full((48, 64, 4), 255, np.uint8))])
    canvas.set_document(new)
    assert canvas.zoom == 8.0
    assert canvas.history.document is new
    shot(canvas)
    old.set_size(10, 10)
    assert canvas.pyramid.document is new
    quiet(canvas)
    canvas.set_zoom(4)
    assert (shot(canvas)[300, 400] == 255).all()


def test_tiles_are_made_in_time_slices(qtbot):
    document = Document(2048, 2048)
    rng = np.random.default_rng(0)
    document.set_layers(
        [Layer(str(i), "picture", rng.integers(0, 256, (2048, 2048, 4), np.uint8)) for i in range(3)]
    )
    canvas = Canvas(document)
    qtbot.addWidget(canvas)
    canvas.resize(700, 700)
    with qtbot.waitExposed(canvas):
        canvas.show()
    document.stale(document.rect)
    canvas.pyramid.mark(document.rect)
    canvas.renderer.redraw()
    canvas.repaint()
    assert canvas.renderer.pending, "not everything at once"
    qtbot.waitUntil(lambda: not canvas.renderer.pending, timeout=20_000)
    quiet(canvas)
    a = shot(canvas)
    canvas.pyramid.mark(document.rect)
    canvas.renderer.redraw()
    assert np.array_equal(a, shot(canvas))


def test_colours_come_from_the_theme(canvas):
    canvas.set_theme({"accent": QColor("#010203"), "mask": "#00ff00", "canvas": "#ffffff"})
    assert canvas.color("accent").name() == "#010203"
    assert canvas.pyramid.mask_color.name() == "#00ff00"
    assert (shot(canvas)[0, 0] == 255).all()
