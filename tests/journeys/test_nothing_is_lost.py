"""Save, open, kill, recover, export: through the real window, with real files."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QMessageBox, QPushButton

from studio.core.clip import Clip
from studio.core.document import Document
from studio.core.history import AddLayer, SetProperty, SetSelection
from studio.core.job import JobSpec, Text2Image
from studio.core.layer import Layer, placed
from studio.core.paths import home
from studio.media.image import save_picture
from studio.media.metadata import read_settings
from studio.media.ora import read_ora
from studio.media.psd import read_psd

Ctrl, Shift = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
ROOT = Path(__file__).resolve().parents[2]
SPEC = JobSpec(technique=Text2Image(prompt="a fox", steps=4), model="tiny", seed=7)
FIELDS = [name for name in Layer.__dataclass_fields__ if name not in ("pixels", "version")]


def noise(high, wide, seed, channels=4):
    return np.random.default_rng(seed).integers(0, 256, (high, wide, channels), np.uint8)


def paint(session) -> None:
    """Something of everything."""
    session.add_clip(Clip.picture(noise(60, 80, 1, 3)), "fox", SPEC)
    session.edit(
        AddLayer(Layer("tilted", "picture", noise(20, 30, 2), 5, 6, matrix=placed(degrees=20), opacity=0.5))
    )
    session.edit(AddLayer(Layer("mask", "mask", noise(40, 50, 3)[..., 0], 3, 4, feather=2.0)))
    chosen = np.zeros((60, 80), np.uint8)
    chosen[10:30, 20:60] = 255
    session.edit(SetSelection(chosen))


def frozen(document: Document):
    return [
        ({name: getattr(layer, name) for name in FIELDS}, layer.pixels.copy()) for layer in document.layers
    ]


def same(now: Document, before) -> None:
    assert len(now.layers) == len(before)
    for layer, (fields, pixels) in zip(now.layers, before):
        assert {name: getattr(layer, name) for name in FIELDS} == fields
        assert np.array_equal(layer.pixels, pixels), layer.name


@pytest.fixture
def start(qtbot, monkeypatch, tmp_path):
    """Starts the studio, as often as wanted, on one folder."""
    monkeypatch.setenv("STUDIO_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("STUDIO_MODELS", str(tmp_path / "models"))
    from studio.app import App, make_application

    make_application([])
    apps = []

    def go() -> App:
        app = App(home(), start_engine=False)
        apps.append(app)
        with qtbot.waitSignal(app.window.ready, timeout=10_000):
            app.window.show()
        return app

    yield go
    for app in apps:
        app.window.close_now()
        app.close()
        app.window.deleteLater()


def say_where(monkeypatch, path: Path) -> None:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *a, **k: (str(path), ""))
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *a, **k: (str(path), ""))


def press(window, key, modifiers=Ctrl) -> None:
    window.activateWindow()
    window.canvas.setFocus()
    QTest.qWait(30)  # commands are enabled a moment after the change that allows them
    QTest.keyClick(window.canvas, key, modifiers)


def question(window) -> QMessageBox:
    return window.findChild(QMessageBox, "question")


def test_save_close_open_and_find_the_same_layers(start, qtbot, monkeypatch, tmp_path):
    app = start()
    session, window = app.session, app.window
    assert window.top.saved.text() == "· empty"
    paint(session)
    before = frozen(session.document)
    qtbot.waitUntil(window.commands["file.save"].isEnabled)
    assert window.top.saved.text() == "· not saved" and window.isWindowModified()
    say_where(monkeypatch, tmp_path / "den")
    press(window, Qt.Key.Key_S)
    qtbot.waitUntil(lambda: not session.unsaved, timeout=10_000)
    assert (tmp_path / "den.ora").exists()
    assert window.top.title.text() == "den.ora" and window.top.saved.text() == "· saved"
    assert "den.ora" in window.stage.notice.text.text() and not window.isWindowModified()
    same(read_ora(tmp_path / "den.ora").document, before)

    window.close()
    assert not window.isVisible(), "nothing to ask"
    app.close()
    app = start()
    session, window = app.session, app.window
    assert session.settings.recent == [str(tmp_path / "den.ora")]
    assert window.stage.lost.isHidden() and window.stage.start.isVisible()
    [line] = window.projects.recent_menu().actions()
    line.trigger()
    qtbot.waitUntil(lambda: len(session.document.layers) == 3, timeout=10_000)
    same(session.document, before)
    assert session.document.selection is not None and session.document.selection.sum() == 255 * 20 * 40
    assert session.title == "den.ora" and not session.unsaved

    session.edit(SetProperty(session.document.layers[0].id, "opacity", 0.25))
    assert session.unsaved
    press(window, Qt.Key.Key_S)
    qtbot.waitUntil(lambda: not session.unsaved, timeout=10_000)
    assert read_ora(tmp_path / "den.ora").document.layers[0].opacity == 0.25


def test_opening_is_undone_with_the_file_it_belonged_to(start, qtbot, monkeypatch, tmp_path):
    app = start()
    session, window = app.session, app.window
    paint(session)
    before = frozen(session.document)
    window.projects.save_to(tmp_path / "one.ora")
    qtbot.waitUntil(lambda: not session.unsaved, timeout=10_000)
    save_picture(Clip.picture(noise(30, 40, 9, 3)), tmp_path / "two.png", SPEC)
    say_where(monkeypatch, tmp_path / "two.png")
    press(window, Qt.Key.Key_O)
    qtbot.waitUntil(lambda: session.title == "two.png", timeout=10_000)
    [layer] = session.document.layers
    assert (layer.name, session.document.width, session.document.height) == ("two", 40, 30)
    assert layer.spec == SPEC, "a picture of the studio brings its request along"
    assert not session.unsaved and session.project.path is None
    session.undo()
    same(session.document, before)
    assert session.title == "one.ora" and not session.unsaved
    session.undo()
    assert session.unsaved
    session.redo()
    session.redo()
    assert session.title == "two.png" and not session.unsaved and len(session.document.layers) == 1
    session.undo()
    press(window, Qt.Key.Key_N)
    assert not session.document.layers and session.title == ""
    assert window.top.saved.text() == "· empty"
    session.undo()
    same(session.document, before)


def test_closing_unsaved_work_asks(start, qtbot, monkeypatch, tmp_path):
    app = start()
    session, window = app.session, app.window
    paint(session)
    window.close()
    assert window.isVisible()
    question(window).button(QMessageBox.StandardButton.Cancel).click()
    assert window.isVisible() and session.unsaved and len(session.document.layers) == 3

    say_where(monkeypatch, tmp_path / "kept.ora")
    window.close()
    QTest.qWait(10)
    question(window).button(QMessageBox.StandardButton.Save).click()
    qtbot.waitUntil(lambda: not window.isVisible(), timeout=10_000)
    assert len(read_ora(tmp_path / "kept.ora").document.layers) == 3

    app.close()
    app = start()
    paint(app.session)
    app.window.projects.autosave.now()
    app.window.close()
    question(app.window).button(QMessageBox.StandardButton.Discard).click()
    assert not app.window.isVisible()
    assert not list((tmp_path / "home" / "recovery").iterdir()), "what was thrown away is not offered again"


def test_what_cannot_be_saved_is_kept_and_said(start, qtbot, monkeypatch, tmp_path):
    app = start()
    session, window = app.session, app.window
    paint(session)
    before = frozen(session.document)
    window.projects.save_to(tmp_path / "good.ora")
    qtbot.waitUntil(lambda: not session.unsaved, timeout=10_000)
    good = (tmp_path / "good.ora").read_bytes()
    session.edit(SetProperty(session.document.layers[0].id, "name", "later"))

    class Full:
        def write(self, data):
            raise OSError(28, "No space left on device")

    import studio.ui.projects as projects
    from studio.media.files import write_whole

    monkeypatch.setattr(
        projects, "write_whole", lambda path, write: write_whole(path, lambda file: write(Full()))
    )
    press(window, Qt.Key.Key_S)
    qtbot.waitUntil(lambda: "disk is full" in window.stage.notice.text.text(), timeout=10_000)
    assert "your work is still here" in window.stage.notice.text.text()
    assert session.unsaved and (tmp_path / "good.ora").read_bytes() == good
    monkeypatch.undo()

    window.projects.save_to(tmp_path / "no" / "such" / "folder.ora")
    qtbot.waitUntil(lambda: "does not exist" in window.stage.notice.text.text(), timeout=10_000)
    assert window.stage.notice.next.text() == "Save elsewhere"
    say_where(monkeypatch, tmp_path / "elsewhere.ora")
    window.stage.notice.next.click()
    qtbot.waitUntil(lambda: not session.unsaved, timeout=10_000)
    before[0][0]["name"] = "later"
    same(read_ora(tmp_path / "elsewhere.ora").document, before)


def test_a_file_that_somebody_else_changed_is_not_replaced_unasked(start, qtbot, tmp_path):
    app = start()
    session, window = app.session, app.window
    paint(session)
    path = tmp_path / "shared.ora"
    window.projects.save_to(path)
    qtbot.waitUntil(lambda: not session.unsaved, timeout=10_000)
    path.write_bytes(b"theirs")
    session.edit(SetProperty(session.document.layers[0].id, "opacity", 0.5))
    press(window, Qt.Key.Key_S)
    assert "changed by another program" in question(window).text()
    question(window).button(QMessageBox.StandardButton.Cancel).click()
    assert path.read_bytes() == b"theirs"
    QTest.qWait(10)
    press(window, Qt.Key.Key_S)
    question(window).button(QMessageBox.StandardButton.Save).click()
    qtbot.waitUntil(lambda: not session.unsaved, timeout=10_000)
    assert len(read_ora(path).document.layers) == 3


def test_a_damaged_project_opens_as_far_as_it_can(start, qtbot, tmp_path):
    app = start()
    session, window = app.session, app.window
    paint(session)
    path = tmp_path / "cut.ora"
    window.projects.save_to(path)
    qtbot.waitUntil(lambda: not session.unsaved, timeout=10_000)
    path.write_bytes(path.read_bytes()[:-2000])
    session.new_document()
    window.projects.open(path)
    qtbot.waitUntil(lambda: "damaged" in window.stage.notice.text.text(), timeout=10_000)
    assert not session.document.layers
    window.stage.notice.next.click()
    assert session.document.layers and session.unsaved and session.project.path is None


CHILD = """
import sys
sys.path.insert(0, {tests!r})
from PySide6.QtCore import QTimer
from studio.app import App, make_application
from studio.core.paths import home
import test_nothing_is_lost as here
qt = make_application([])
app = App(home(), start_engine=False)
app.window.show()
here.paint(app.session)
app.session.set_prompt("words that were typed")
saver = app.window.projects.autosave
saver.saver.every = 0.1
saver._timer.setInterval(20)
def look():
    if saver.count:
        print("kept", flush=True)
timer = QTimer(interval=20)
timer.timeout.connect(look)
timer.start()
qt.exec()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no kill -9 there")
def test_kill_it_and_take_the_work_back(start, qtbot, tmp_path):
    environment = {
        **os.environ,
        "QT_QPA_PLATFORM": "offscreen",
        "PYTHONPATH": str(ROOT),
        "STUDIO_HOME": str(tmp_path / "home"),
    }
    children = [
        subprocess.Popen(
            [sys.executable, "-c", CHILD.format(tests=str(Path(__file__).parent))],
            stdout=subprocess.PIPE,
            cwd=ROOT,
            env=environment,
        )
        for _ in range(2)
    ]
    try:
        for child in children:
            assert child.stdout.readline() == b"kept\n"
        dead, alive = children
        dead.send_signal(signal.SIGKILL)
        dead.wait()
        app = start()
        session, window = app.session, app.window
        qtbot.waitUntil(window.stage.lost.isVisible, timeout=10_000)
        assert len(window.stage.lost.offers) == 1, "the living window's work is not offered"
        assert not window.stage.start.isVisible()
        other = start()  # a second window does not offer what the first one does
        other.window.stage.lost._background.wait()
        assert other.window.stage.lost.isHidden()
        click(window.stage.lost, "Restore")
        qtbot.waitUntil(lambda: len(session.document.layers) == 3, timeout=10_000)
        names = [layer.name for layer in session.document.layers]
        assert names == ["fox", "tilted", "mask"]
        assert np.array_equal(session.document.layers[0].pixels[..., :3], noise(60, 80, 1, 3))
        assert np.array_equal(session.document.layers[1].pixels, noise(20, 30, 2))
        assert np.array_equal(session.document.layers[2].pixels, noise(40, 50, 3)[..., 0])
        assert session.document.layers[0].spec == SPEC and session.document.selection is not None
        assert session.prompt == "words that were typed"
        assert session.unsaved, "it is on no disk that the user chose"
        # what was offered is deleted only when this window keeps it itself
        qtbot.waitUntil(window.stage.lost.isHidden, timeout=10_000)
        recovery = tmp_path / "home" / "recovery"
        kept = [folder for folder in recovery.iterdir() if (folder / "document.ora").exists()]
        assert window.projects.autosave.saver.folder in kept and len(kept) == 2
    finally:
        for child in children:
            child.kill()
            child.wait()
            child.stdout.close()


def click(card, title: str) -> None:
    [button] = [one for one in card.findChildren(QPushButton) if one.text() == title]
    button.click()


def test_autosave_only_where_something_changed(start, qtbot):
    app = start()
    session, saver = app.session, app.window.projects.autosave
    saver.now()
    assert saver.count == 0 and not app.window.projects.scribe.busy, "an empty canvas is not worth a file"
    paint(session)
    session.send(SPEC)  # before every job
    assert app.window.projects.scribe.wait() and saver.count == 1
    session.send(SPEC)
    assert app.window.projects.scribe.wait() and saver.count == 1
    layer = session.document.layers[0].id
    session.edit(SetProperty(layer, "opacity", 0.5))
    saver.now()
    assert app.window.projects.scribe.wait() and saver.count == 2
    session.edit(SetProperty(layer, "opacity", 0.6))  # joins the step before: the position is the same
    saver.now()
    assert app.window.projects.scribe.wait() and saver.count == 3
    assert read_ora(saver.saver.file).document.layers[0].opacity == 0.6


def test_painting_while_it_is_saved_gives_a_whole_file(start, qtbot, tmp_path):
    """The copy of a moment in which somebody painted is thrown away."""
    app = start()
    session, projects = app.session, app.window.projects
    session.add_clip(Clip.picture(np.zeros((1500, 1500, 3), np.uint8)), "big")
    layer = session.document.layers[0]
    projects.save_to(tmp_path / "big.ora")
    end = time.monotonic() + 0.6
    value = 0
    while time.monotonic() < end:
        value = value % 255 + 1
        layer.pixels[..., :3] = value  # as a stroke would, all of it at once
        session.document.touch(layer, layer.rect)
        qtbot.wait(5)
    assert projects.scribe.wait()
    pixels = read_ora(tmp_path / "big.ora").document.layers[0].pixels
    assert len(np.unique(pixels[..., 0])) == 1


@pytest.mark.parametrize("ending", [".png", ".jpg", ".webp", ".avif", ".tiff"])
def test_export(start, qtbot, tmp_path, ending):
    app = start()
    session, window = app.session, app.window
    smooth = np.tile(np.linspace(0, 255, 80, dtype=np.uint8)[None, :, None], (60, 1, 3))
    session.add_clip(Clip.picture(smooth), "fox", SPEC)
    chosen = np.zeros((60, 80), np.uint8)
    chosen[10:30, 20:60] = 255
    session.edit(SetSelection(chosen))
    qtbot.waitUntil(window.commands["file.export"].isEnabled)
    window.commands["file.export"].trigger()
    [dialog] = [one for one in window.children() if type(one).__name__ == "ExportDialog"]
    dialog.area.setCurrentIndex(dialog.area.findData("selection"))
    dialog.format.setCurrentIndex(dialog.format.findData(ending))
    assert dialog.quality.isEnabled() == (ending in (".jpg", ".webp", ".avif"))
    dialog.send(tmp_path / "part")
    path = tmp_path / f"part{ending}"
    qtbot.waitUntil(path.exists, timeout=10_000)
    with Image.open(path) as image:
        assert image.size == (40, 20)
        assert image.info["icc_profile"]
        error = np.abs(np.asarray(image.convert("RGB")).astype(int) - smooth[10:30, 20:60])
    assert error.max() == 0 if ending in (".png", ".tiff") else error.mean() < 3
    assert read_settings(path).values["technique"]["prompt"] == "a fox"
    assert session.unsaved, "an export is not a saved project"
    qtbot.waitUntil(lambda: "Exported" in window.stage.notice.text.text())


def test_export_and_open_with_layers_for_photoshop(start, qtbot, tmp_path):
    app = start()
    session, window = app.session, app.window
    paint(session)
    from studio.media.export import Export

    window.projects.export(Export(tmp_path / "x.psd"))
    qtbot.waitUntil((tmp_path / "x.psd").exists, timeout=10_000)
    layers = read_psd(tmp_path / "x.psd").document.layers
    assert [layer.name for layer in layers] == ["fox", "tilted", "mask"]
    assert np.array_equal(layers[0].pixels, session.document.layers[0].pixels)
    assert not layers[2].visible
    with Image.open(tmp_path / "x.psd") as flat:  # what programs see that read no layers
        whole = session.document.compose()
        assert np.abs(np.asarray(flat.convert("RGB")).astype(int) - whole[..., :3]).max() <= 1
    session.new_document()
    window.projects.open(tmp_path / "x.psd")
    qtbot.waitUntil(lambda: len(session.document.layers) == 3, timeout=10_000)
    assert session.title == "x.psd" and session.project.path is None


def test_where_a_picture_came_from(start, qtbot, tmp_path):
    """Accepted, drawn on, changed: the gallery knows the way back and says what was asked differently."""
    from studio.core.job import Image2Image, Result
    from studio.jobs.queue import new_owner
    from studio.media.results import save_result

    app = start()
    session, window, queue = app.session, app.window, app.queue

    def make(spec, clip):
        """As a worker would, without an engine."""
        owner = new_owner()
        job = queue.add(spec, home=owner)
        queue.claim(owner)
        path = save_result(Result(clip, spec), tmp_path / "results")
        queue.announce(job, owner, Result(clip, spec), path, "", path.stat().st_size)
        queue.confirm(job, 0)
        queue.finish(job, owner)
        return queue.result(job, 0)

    fox = make(SPEC, Clip.picture(noise(60, 80, 1, 3)))
    session.add_clip(Clip.picture(noise(60, 80, 1, 3)), "fox", SPEC)
    session.settings.technique = "image2image"
    source = session._from_canvas("image")
    changed = JobSpec(technique=Image2Image(prompt="a red fox", image=source, steps=4), model="tiny", seed=8)
    red = make(changed, Clip.picture(noise(60, 80, 2, 3)))

    window.commands["view.lineage"].trigger()  # of the layer that is worked on
    qtbot.waitUntil(lambda: window.gallery.lineage is not None and window.gallery.lineage.family is not None)
    dialog = window.gallery.lineage
    assert dialog.family.one.entry.id == fox.id
    assert not dialog.family.before and [one.entry.id for one in dialog.family.after] == [red.id]
    from PySide6.QtWidgets import QLabel

    texts = [one.text() for one in dialog.after.findChildren(QLabel)]
    assert any("Words: “a fox” → “a red fox”" in text and "Seed: 7 → 8" in text for text in texts)
    [card] = dialog.after.findChildren(QPushButton)
    card.click()
    qtbot.waitUntil(lambda: dialog.family.one.entry.id == red.id)
    assert [one.entry.id for one in dialog.family.before] == [fox.id]
    dialog.again.click()
    assert session.prompt == "a red fox" and session.seed == 8
    dialog.use.click()
    qtbot.waitUntil(lambda: len(session.document.layers) == 2)
    assert session.layer.spec == changed
    dialog.close()
