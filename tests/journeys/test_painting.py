"""Paint a mask and undo to the very beginning; drop a file in and drag one out; through the real window."""

from __future__ import annotations

import hashlib
from itertools import pairwise

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from studio.core.clip import Clip
from studio.core.paths import home
from studio.media.image import read_picture, save_picture

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def app(qtbot, monkeypatch, tmp_path):
    monkeypatch.setenv("STUDIO_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("STUDIO_MODELS", str(tmp_path / "models"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    from studio.app import App, make_application

    make_application([])
    made = App(home(), start_engine=False)
    qtbot.addWidget(made.window)
    with qtbot.waitSignal(made.window.ready):
        made.window.show()
    yield made
    close = getattr(made.window, "close_now", made.window.close)  # without the question about unsaved work
    close()
    made.close()


def photo(wide=320, high=240):
    y, x = np.mgrid[:high, :wide]
    return Clip.picture(np.stack([x * 255 // wide, y * 255 // high, (x + y) % 256], -1).astype(np.uint8))


def drop(widget, data, at):
    """What the system does: asks first, then drops."""
    enter = QDragEnterEvent(at, Qt.DropAction.CopyAction, data, LEFT, NONE)
    QApplication.sendEvent(widget, enter)
    assert enter.isAccepted()
    event = QDropEvent(QPointF(at), Qt.DropAction.CopyAction, data, LEFT, NONE)
    QApplication.sendEvent(widget, event)
    assert event.isAccepted()


def stroke(canvas, *points, mods=NONE):
    """Press, moves, release through document points."""
    places = [QPoint(*(round(v) for v in canvas.view.to_screen(*point))) for point in points]
    QTest.mousePress(canvas, LEFT, mods, places[0])
    for a, b in pairwise(places):
        for share in (0.25, 0.5, 0.75, 1.0):
            at = QPointF(a) + (QPointF(b) - QPointF(a)) * share
            QApplication.sendEvent(canvas, QMouseEvent(
                QMouseEvent.Type.MouseMove, at, QPointF(canvas.mapToGlobal(at)), Qt.MouseButton.NoButton, LEFT, mods
            ))  # fmt: skip
    QTest.mouseRelease(canvas, LEFT, mods, places[-1])


def fingerprint(document):
    """Everything a person sees or can lose: layers with their pixels and properties, selection, box, size."""
    digest = hashlib.sha256()
    for layer in document.layers:
        about = (
            layer.name,
            layer.kind,
            layer.rect,
            layer.matrix,
            layer.opacity,
            layer.visible,
            layer.feather,
            layer.group,
        )
        digest.update(repr(about).encode())
        digest.update(layer.render(document.rect).tobytes())
    selection = document.selection
    digest.update(
        repr((document.rect, document.box)).encode() + (b"" if selection is None else selection.tobytes())
    )
    return digest.hexdigest()


def test_paint_a_mask_and_undo_to_the_very_beginning(app, qtbot, tmp_path):
    session, window = app.session, app.window
    canvas, document = window.canvas, app.session.document
    path = tmp_path / "photo.png"
    save_picture(photo(), path)
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    states = [fingerprint(document)]

    def done(count=1):
        assert session.history.done == len(states) - 1 + count, session.history.names
        states.append(fingerprint(document))
        assert states[-1] != states[-2], session.history.names

    drop(window.stage, data, QPoint(300, 300))
    qtbot.waitUntil(lambda: len(document.layers) == 1)
    done()
    canvas.setFocus()
    QTest.keyClick(canvas, Qt.Key.Key_Q)  # a mask, to be painted
    done()
    assert canvas.quick_mask
    for _ in range(3):
        QTest.keyClick(canvas, Qt.Key.Key_BracketRight)
    stroke(canvas, (60, 60), (160, 120), (220, 80))
    done()
    stroke(canvas, (100, 180), (260, 180))
    done()
    QTest.keyClick(canvas, Qt.Key.Key_E)
    stroke(canvas, (150, 60), (150, 200))
    done()
    QTest.keyClick(canvas, Qt.Key.Key_M)
    stroke(canvas, (20, 20), (60, 200))
    done()
    stroke(canvas, (30, 30), (50, 60), mods=CTRL)
    done()
    qtbot.waitUntil(window.commands["mask.grow"].isEnabled)
    window.commands["mask.grow"].trigger()
    qtbot.waitUntil(window.stage.refiner.radius.number.hasSelectedText)
    QTest.keyClicks(window.stage.refiner.radius.number, "7")
    QTest.keyClick(window.stage.refiner.radius.number, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: session.history.names[-1] == "Grow Mask by 7 px")
    done()
    window.commands["mask.invert"].trigger()
    done()
    window.layers.feather._set(5)
    done()
    QTest.keyClick(canvas, Qt.Key.Key_Q)  # back to the picture
    assert session.layer.name == "photo"
    QTest.keyClick(canvas, Qt.Key.Key_B)
    stroke(canvas, (20, 220), (300, 20))
    done()
    QTest.keyClick(canvas, Qt.Key.Key_V)
    stroke(canvas, (100, 100), (170, 141))
    done()

    end = len(states) - 1
    for step in range(end - 1, -1, -1):
        qtbot.waitUntil(window.commands["edit.undo"].isEnabled)
        QTest.keyClick(canvas, Qt.Key.Key_Z, CTRL)
        assert fingerprint(document) == states[step], f"undo to step {step}"
    assert not document.layers and not session.can_undo
    for step in range(1, end + 1):
        qtbot.waitUntil(window.commands["edit.redo"].isEnabled)
        QTest.keyClick(canvas, Qt.Key.Key_Z, CTRL | SHIFT)
        assert fingerprint(document) == states[step], f"redo to step {step}"


def test_drop_a_file_in_and_drag_one_out(app, qtbot, tmp_path):
    session, window = app.session, app.window
    clip = photo(160, 120)
    save_picture(clip, tmp_path / "in.png")
    incoming = QMimeData()
    incoming.setUrls([QUrl.fromLocalFile(str(tmp_path / "in.png"))])
    drop(window.stage, incoming, QPoint(200, 300))
    qtbot.waitUntil(lambda: len(session.document.layers) == 1)
    assert session.document.rect[2:] == (160, 120)
    window.canvas.setFocus()
    stroke(window.canvas, (20, 20), (140, 100))
    qtbot.waitUntil(lambda: session.history.done == 2)
    model = window.layers.model
    outgoing = model.mimeData([model.index(0)])
    assert "text/uri-list" in outgoing.formats()
    [url] = outgoing.urls()
    found = read_picture(url.toLocalFile())
    assert np.array_equal(found.array[..., :3], session.layer.pixels[..., :3])
    assert not np.array_equal(found.array[..., :3], clip.array), "with what was painted on it"
    # and what was dragged out can be dropped in again
    again = QMimeData()
    again.setUrls([url])
    drop(window.stage, again, QPoint(200, 300))
    qtbot.waitUntil(lambda: len(session.document.layers) == 2)
    assert session.document.layers[1].pixels.shape == (120, 160, 4)
