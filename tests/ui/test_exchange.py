"""Pictures on their way: in from files, the clipboard and other panels, out as files; what cannot be used is said."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QImage
from PySide6.QtWidgets import QApplication

from studio import layering
from studio.core.clip import Clip
from studio.core.history import AddLayer, SetSelection
from studio.core.layer import Layer
from studio.core.region import Rect
from studio.media.image import read_picture, save_picture
from studio.ui import exchange
from studio.ui.panels.candidates import CandidateBar
from studio.ui.panels.layers import LayersPanel
from studio.ui.panels.stage import Stage
from studio.ui.panels.technique import SourceField, TechniquePanel
from studio.ui.widgets.prompt import PromptBox


def noise(wide=64, high=48, seed=0):
    return Clip.picture(np.random.default_rng(seed).integers(0, 256, (high, wide, 3), np.uint8))


@pytest.fixture
def stage(session, qtbot):
    made = Stage(session)
    qtbot.addWidget(made)
    made.resize(600, 500)
    with qtbot.waitExposed(made):
        made.show()
    yield made
    made.stop()


def files(*paths):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return data


def drop(widget, data, at=(50, 50)):
    event = QDropEvent(
        QPointF(*at),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    widget.dropEvent(event)
    assert event.isAccepted()


def test_a_file_comes_to_where_it_is_dropped(stage, session, qtbot, tmp_path):
    session.add_clip(noise(400, 300), "photo")
    save_picture(noise(20, 10), tmp_path / "small.png")
    canvas = stage.canvas
    at = canvas.mapTo(stage, canvas.rect().topLeft())
    sx, sy = canvas.view.to_screen(100, 200)
    drop(stage, files(tmp_path / "small.png"), (at.x() + sx, at.y() + sy))
    qtbot.waitUntil(lambda: len(session.document.layers) == 2)
    rect = session.layer.rect
    assert abs(rect.x + 10 - 100) <= 1 and abs(rect.y + 5 - 200) <= 1 and session.layer.name == "small"


def test_what_cannot_be_used_is_said(stage, session, tmp_path):
    (tmp_path / "d.xyz").write_bytes(b"x")
    drop(stage, files(tmp_path / "d.xyz"))
    assert "nothing that can be opened" in stage.notice.text.text() and not session.document.layers


def test_films_and_sounds_go_to_their_workspaces(stage, session, tmp_path):
    taken = []
    session.view = SimpleNamespace(add_to=lambda _, paths: taken.append(paths), add_sounds=taken.append)
    for name in ("c.mp4", "s.wav"):
        (tmp_path / name).write_bytes(b"x")
    drop(stage, files(tmp_path / "c.mp4", tmp_path / "s.wav"))
    assert taken == [[tmp_path / "s.wav"], [tmp_path / "c.mp4"]] and not session.document.layers


def test_a_model_is_offered(stage, session, tmp_path):
    (tmp_path / "a.safetensors").write_bytes(b"x")
    offered = []
    session.view = SimpleNamespace(install_model=offered.append)
    drop(stage, files(tmp_path / "a.safetensors"))
    assert offered == [tmp_path / "a.safetensors"] and not session.document.layers


def test_words_dropped_on_the_canvas_become_the_prompt(stage, session):
    data = QMimeData()
    data.setText("a fox in the snow ")
    assert exchange.takes(data)
    drop(stage, data)
    assert session.prompt == "a fox in the snow"


def test_a_picture_from_another_program_is_pasted(stage, session):
    image = QImage(30, 20, QImage.Format.Format_RGB32)
    image.fill(0xFF336699)
    QApplication.clipboard().setImage(image)
    stage.paste()
    assert session.document.rect == Rect(0, 0, 30, 20)
    assert session.layer.pixels[5, 5].tolist() == [0x33, 0x66, 0x99, 255]
    QApplication.clipboard().clear()
    stage.paste()
    assert len(session.document.layers) == 1 and "no picture" in stage.notice.text.text()


def test_what_is_copied_is_pasted_where_it_was(stage, session, qtbot):
    clip = noise(100, 80)
    session.add_clip(clip, "photo")
    chosen = np.zeros((80, 100), np.uint8)
    chosen[10:30, 20:60] = 255
    session.edit(SetSelection(chosen))
    stage.copy()
    qtbot.waitUntil(lambda: not session.aside.busy)
    seen = QApplication.clipboard().image()
    assert (seen.width(), seen.height()) == (40, 20), "other programs get the part"
    session.edit(SetSelection(None))
    before = session.document.compose()
    stage.paste()
    assert session.layer.rect == Rect(20, 10, 40, 20) and session.layer.name == "photo"
    assert np.array_equal(session.document.compose(), before)


def test_cut_leaves_a_hole_and_undo_fills_it(stage, session, qtbot):
    session.add_clip(noise(100, 80), "photo")
    before = session.document.compose()
    chosen = np.zeros((80, 100), np.uint8)
    chosen[10:30, 20:60] = 255
    session.edit(SetSelection(chosen))
    stage.clear(cut=True)
    qtbot.waitUntil(lambda: not session.aside.busy)
    assert session.document.compose()[20, 30, 3] == 0 and session.document.compose()[5, 5, 3] == 255
    assert session.history.names[-1] == "Clear"
    session.undo()
    assert np.array_equal(session.document.compose(), before)


def test_a_mask_is_pasted_as_a_mask(stage, session, qtbot):
    session.add_clip(noise(100, 80), "photo")
    soft = np.full((20, 30), 255, np.uint8)
    soft[:, 10:] = 90
    session.edit(AddLayer(Layer("Mask", "mask", soft, 7, 9)))
    stage.copy()
    qtbot.waitUntil(lambda: not session.aside.busy)
    layering.delete(session)
    stage.paste()
    assert session.layer.kind == "mask" and (session.layer.x, session.layer.y) == (7, 9)
    assert np.array_equal(session.layer.pixels, soft)


def test_a_layer_is_dragged_out_as_a_file_that_is_written_when_it_is_asked_for(
    session, qtbot, monkeypatch, tmp_path
):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    clip = noise()
    session.add_clip(clip, "a fox: red/blue")
    panel = LayersPanel(session)
    qtbot.addWidget(panel)
    data = panel.model.mimeData([panel.model.index(0)])
    assert data.hasUrls() and data.hasImage()
    assert not list(tmp_path.rglob("*.png")), "nobody has asked yet"
    [url] = data.urls()
    [path] = tmp_path.rglob("*.png")
    assert url.toLocalFile() == str(path) and path.name == "a fox_ red_blue.png"
    assert np.array_equal(read_picture(path).array[..., :3], clip.array)


def test_a_candidate_is_dragged_out(stage, session, qtbot, tmp_path, monkeypatch):
    from studio.core.job import Result

    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    session.set_prompt("a fox")
    job = session.draw()
    clip = noise(64, 64)
    session.pool.happened.emit(job, Result(clip, session.jobs[job].spec, 0, {}, "cpu", 0))
    bar = stage.findChild(CandidateBar)
    [url] = bar.grip.data().urls()
    assert np.array_equal(read_picture(url.toLocalFile()).array[..., :3], clip.array)
    session.discard_all()
    assert bar.grip.data() is None


def test_a_file_dropped_between_the_layers(session, qtbot, tmp_path):
    for name in ("one", "two"):
        session.add_clip(noise(), name)
    panel = LayersPanel(session)
    qtbot.addWidget(panel)
    save_picture(noise(10, 10), tmp_path / "new.png")
    model = panel.model
    data = files(tmp_path / "new.png")
    assert model.canDropMimeData(data, Qt.DropAction.CopyAction, 1, 0, model.index(-1))
    model.dropMimeData(data, Qt.DropAction.CopyAction, 1, 0, model.index(-1))
    qtbot.waitUntil(lambda: model.rowCount() == 3)
    assert [model.layer(row).name for row in range(3)] == ["two", "new", "one"]
    panel.stop()


def test_files_dropped_on_the_words_mean_their_settings_and_text_stays_text(session, qtbot, tmp_path):
    box = PromptBox("Words", "")
    qtbot.addWidget(box)
    assert not box.edit.canInsertFromMimeData(files(tmp_path / "x.png"))
    data = QMimeData()
    data.setText("a fox")
    assert box.edit.canInsertFromMimeData(data)


def test_a_file_dropped_on_a_picture_field_is_its_picture(session, qtbot, tmp_path):
    session.set_technique("image2image")
    panel = TechniquePanel(session)
    qtbot.addWidget(panel)
    save_picture(noise(), tmp_path / "start.png")
    field = panel._fields["image"]
    assert isinstance(field, SourceField)
    drop(field, files(tmp_path / "start.png"))
    assert session.value("image")["path"].endswith("start.png") and field.file.isChecked()
    assert field.file.text() == "start.png"


@pytest.mark.parametrize(
    ("start", "side", "found"),
    [(2, 64, 0), (-3, 64, 0), (40, 64, 40), (34, 64, 36), (90, 20, 90), (79, 20, 80)],
)
def test_what_is_dropped_near_an_edge_lies_at_it(start, side, found):
    assert exchange.at_edge(start, side, 100) == found
