"""Drop a clip, cut it, undo, put music below, save, open again, export, and read the file back; through the real window."""

from __future__ import annotations

import json
import shutil
import subprocess
from fractions import Fraction

import av
import numpy as np
import pytest
import soundfile
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from studio.core.paths import home
from studio.media.render import Render

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
CTRL = Qt.KeyboardModifier.ControlModifier
RATE = 48_000


@pytest.fixture
def app(qtbot, monkeypatch, tmp_path):
    monkeypatch.setenv("STUDIO_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("STUDIO_MODELS", str(tmp_path / "models"))
    from studio.app import App, make_application

    make_application([])
    made = App(home(), start_engine=False)
    qtbot.addWidget(made.window)
    with qtbot.waitSignal(made.window.ready):
        made.window.show()
    yield made
    made.window.close_now()
    made.close()


def numbered(path, count=60, rate=24):
    """Frames that say their number in eight columns."""
    with av.open(str(path), "w") as film:
        stream = film.add_stream("libx264", rate=Fraction(rate))
        stream.width, stream.height, stream.pix_fmt, stream.options = (
            160,
            96,
            "yuv420p",
            {"g": "20", "crf": "12"},
        )
        for number in range(count):
            out = np.full((96, 160, 3), 20, np.uint8)
            for bit in range(8):
                out[:, bit * 20 : bit * 20 + 20] = 230 if number >> bit & 1 else 20
            film.mux(stream.encode(av.VideoFrame.from_ndarray(out, format="rgb24")))
        film.mux(stream.encode())
    return path


def number_of(pixels):
    grey = pixels[..., :3].astype(float).mean((0, 2))
    return sum(1 << bit for bit in range(8) if grey[(2 * bit + 1) * len(grey) // 16] > 125)


def drop(widget, *paths):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    at = QPoint(widget.width() // 2, 40)
    enter = QDragEnterEvent(at, Qt.DropAction.CopyAction, data, LEFT, NONE)
    QApplication.sendEvent(widget, enter)
    assert enter.isAccepted()
    QApplication.sendEvent(widget, QDropEvent(QPointF(at), Qt.DropAction.CopyAction, data, LEFT, NONE))


@pytest.mark.timeout(120)
def test_a_clip_is_cut_saved_and_exported(app, qtbot, tmp_path):
    session, window = app.session, app.window
    clip = numbered(tmp_path / "clip.mp4")
    sound = np.zeros(3 * RATE, np.float32)
    sound[RATE : RATE + 960] = 0.8 * np.sin(np.arange(960) * 2 * np.pi * 1000 / RATE)  # a beep at one second
    soundfile.write(tmp_path / "beep.wav", sound, RATE)

    window.top.workspaces["film"].click()
    page = window._page()
    assert session.workspace == "film" and page.stage.empty.isVisible()
    drop(page.stage, clip)
    film = lambda: session.document.timeline
    qtbot.waitUntil(lambda: film().length == 60, timeout=15_000)

    view = page.timeline.view
    view.setFocus()
    command = lambda name: window.commands[name]
    for frame in (10, 40):
        session.film.seek(frame)
        qtbot.waitUntil(command("film.split").isEnabled)
        QTest.keyClick(view, Qt.Key.Key_S)
    assert [(item.start, item.end) for item in film().tracks[0].items] == [(0, 10), (10, 40), (40, 60)]
    QTest.keyClick(view, Qt.Key.Key_PageUp)
    QTest.keyClick(view, Qt.Key.Key_PageUp)
    qtbot.waitUntil(command("film.delete").isEnabled)
    QTest.keyClick(view, Qt.Key.Key_Delete)
    assert [(item.start, item.end) for item in film().tracks[0].items] == [(0, 30), (30, 50)]
    QTest.keyClick(view, Qt.Key.Key_Z, CTRL)
    assert film().length == 60
    QTest.keyClick(view, Qt.Key.Key_Y, CTRL)
    assert film().length == 50
    drop(view, tmp_path / "beep.wav")
    qtbot.waitUntil(
        lambda: any(track.kind == "sound" and track.items for track in film().tracks), timeout=15_000
    )
    beep = next(track for track in film().tracks if track.kind == "sound").items[0]
    session.film.choose(beep.id)
    session.film.nudge(-beep.start)
    cut = film()

    # It is part of the project.
    window.projects.save_to(tmp_path / "film.ora")
    qtbot.waitUntil(lambda: session.project.path is not None and not session.unsaved, timeout=15_000)
    session.new_document()
    assert film().empty
    window.open_path(tmp_path / "film.ora")
    qtbot.waitUntil(lambda: film().length == cut.length, timeout=15_000)
    assert film() == cut

    out = tmp_path / "out.mp4"
    said = []
    session.said.connect(lambda notice: said.append(notice.text))
    page.renders.run(film(), Render(out, span=(0, 50)))
    qtbot.waitUntil(lambda: any("out.mp4" in text for text in said), timeout=60_000)
    assert out.exists(), said
    check(out)


def check(path):
    """50 frames at 24 a second, 160 x 96, each the right one; the beep one second after the beginning."""
    with av.open(str(path)) as film:
        stream = film.streams.video[0]
        assert (stream.width, stream.height, stream.average_rate) == (160, 96, 24)
        frames = [frame.to_ndarray(format="rgb24") for frame in film.decode(stream)]
    assert [number_of(frame) for frame in frames] == [*range(10, 40), *range(40, 60)]
    with av.open(str(path)) as film:
        convert = av.AudioResampler(format="flt", layout="mono", rate=RATE)
        first, parts = None, []
        for frame in film.decode(audio=0):
            first = frame.time if first is None else first
            parts += [piece.to_ndarray().reshape(-1) for piece in convert.resample(frame)]
    heard = np.concatenate(parts)
    onset = first + int((np.abs(heard) > 0.3).argmax()) / RATE
    assert onset == pytest.approx(1.0, abs=1 / 24), "at most a frame off"
    if shutil.which("ffprobe"):
        command = ["ffprobe", "-v", "error", "-count_frames", "-show_streams", "-of", "json", str(path)]
        told = json.loads(subprocess.run(command, capture_output=True, check=True, text=True).stdout)[
            "streams"
        ]
        video = next(one for one in told if one["codec_type"] == "video")
        audio = next(one for one in told if one["codec_type"] == "audio")
        assert video["nb_read_frames"] == "50" and video["r_frame_rate"] == "24/1"
        assert abs(float(video["start_time"]) - float(audio["start_time"])) <= 1 / 24
