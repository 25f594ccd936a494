"""Every panel as it should look, in the dark and the light theme, against pictures in `reference/`.

A panel is drawn off screen at a fixed size with the bundled font. Small differences are allowed, because fonts are smoothed a
little differently from machine to machine: on average `MEAN` of 255, and more than `CLEAR` in at most `SHARE` of the
pixels. What fails is written beside the test's temporary files, so that it can be looked at.

After a change that is meant, make the pictures anew, look at each, and commit them:

    STUDIO_REFERENCES=new python -m pytest tests/ui/test_reference.py
"""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtGui import QCursor, QImage
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from studio import layering
from studio.core.clip import Clip
from studio.core.history import AddLayer, SetBox, SetProperty, SetSelection
from studio.core.job import Failed, JobSpec, Preview, Progress, Result, Text2Image
from studio.core.layer import Layer, placed
from studio.core.region import Rect, Region
from studio.media.image import save_picture
from studio.ui.panels.candidates import CandidateBar
from studio.ui.panels.gallery import GalleryPanel
from studio.ui.panels.help import TechniqueHelp
from studio.ui.panels.history import HistoryPanel
from studio.ui.panels.layers import LayersPanel
from studio.ui.panels.queue import QueuePanel
from studio.ui.panels.refine import RefineBar
from studio.ui.panels.settings import SettingsDialog
from studio.ui.panels.stage import Stage
from studio.ui.panels.technique import TechniquePanel
from studio.ui.theme import themes
from studio.ui.widgets.notice import NoticeBar

FOLDER = Path(__file__).parent / "reference"
MEAN, CLEAR, SHARE = 2.0, 32, 0.015
ALL_BYTES = 1 << 20


def scene(wide=256, high=192, hue=0):
    """A ball on a ground, soft enough to be scaled."""
    y, x = np.mgrid[:high, :wide]
    ball = np.clip(high * 0.3 - np.hypot(x - wide * (0.4 + 0.1 * hue), y - high / 2), 0, 1)[..., None]
    tone = np.roll(np.array([224, 120, 40]), hue)
    ground = np.roll(np.array([60, 90, 150]), hue) + (y * 40 // high)[..., None]
    return Clip.picture(np.rint(ball * tone + (1 - ball) * ground).astype(np.uint8))


def full(session):
    """A document in which every kind of layer is to be seen."""
    session.add_clip(
        scene(), "ball", JobSpec(technique=Text2Image(prompt="a ball on blue"), model="tiny", seed=62)
    )
    session.add_clip(scene(80, 60, 1), "small ball")
    turned = placed((90, 40), degrees=20, about=(40, 30))
    session.edit(SetProperty(session.layer.id, "matrix", turned))
    layering.group(session)
    session.edit(SetProperty(session.layer.id, "opacity", 0.8))
    y, x = np.mgrid[:70, :90]
    blob = np.where(np.hypot((x - 45) / 45, (y - 35) / 35) < 1, 255, 0).astype(np.uint8)
    region = Region("a green tree", 1.25, (94, 194, 143))
    session.edit(AddLayer(Layer("Region 1", "region", blob, 150, 20, region=region)))
    session.edit(AddLayer(Layer("Mask", "mask", blob, 40, 90, feather=3)))
    return session.document


@dataclasses.dataclass(frozen=True)
class Entry:
    id: int
    path: Path
    prompt: str
    rating: int = 0
    spec: str = ""
    technique: str = "text2image"
    model: str = "tiny"
    seed: int = 1
    width: int = 64
    height: int = 64
    kind: str = "picture"
    length: float = 0.0
    created: float = 0.0
    state: str = "ok"
    trashed: float | None = None


class Shelf:
    def __init__(self, folder):
        self.entries = []
        for number in range(4):
            path = folder / f"{number}.png"
            save_picture(scene(64, 64, number), path)
            self.entries.append(Entry(number, path, f"number {number}", rating=number))

    def results(self, search="", *, limit=100, offset=0, **wanted):
        return self.entries[offset : offset + limit]


# --- the panels: each function makes one, ready to be drawn -------------------------------------------------------------


def technique(session, tmp_path):
    session.set_prompt("a (red:1.3) fox on a blue background")
    session.set_seed(1848)
    session.settings.advanced = True
    return TechniquePanel(session), (336, 720)


def technique_with_mask(session, tmp_path):
    card = session.cards["tiny"]
    session.set_cards({"tiny": card.model_copy(update={"abilities": ("text2image", "inpaint")})})
    session.set_technique("inpaint")
    session.add_clip(scene(), "ball")
    session.set_prompt("a green ball")
    session.set_seed(7)
    return TechniquePanel(session), (336, 480)


def layers_mask(session, tmp_path):
    full(session)
    return LayersPanel(session), (336, 380)


def layers_region(session, tmp_path):
    document = full(session)
    document.activate(next(layer.id for layer in document.layers if layer.kind == "region"))
    return LayersPanel(session), (336, 420)


def layers_empty(session, tmp_path):
    return LayersPanel(session), (336, 120)


def queue(session, tmp_path):
    session.set_prompt("a fox")
    jobs = [session.draw() for _ in range(4)]
    session.pool.happened.emit(jobs[0], Progress("drawing", 13, 20, 0.9))
    session.pool.happened.emit(jobs[0], Preview(scene(64, 64), 13))
    session.pool.happened.emit(
        jobs[1], Failed("Memory ran out; try a smaller size.", "Traceback ...", "memory")
    )
    return QueuePanel(session), (336, 320)


def history(session, tmp_path):
    full(session)
    session.history.jump(4)
    return HistoryPanel(session), (336, 240)


def gallery(session, tmp_path):
    panel = GalleryPanel(session, Shelf(tmp_path))
    panel.start()
    return panel, (1000, 150)


def settings(session, tmp_path):
    home = session.home
    session.home = Path("/home/artist/studio")  # it is shown, and must not change from run to run
    dialog = SettingsDialog(session)
    session.home = home
    return dialog, (720, 520)


def start(session, tmp_path):
    return Stage(session), (760, 560)


def painting(session, tmp_path):
    full(session)
    chosen = np.zeros((192, 256), np.uint8)
    chosen[110:170, 150:230] = 255
    session.edit(SetSelection(chosen))
    session.edit(SetBox(Rect(16, 16, 160, 160)))
    return Stage(session), (900, 620)


def moving(session, tmp_path):
    document = full(session)
    document.activate(next(layer.id for layer in document.layers if layer.name == "small ball"))
    stage = Stage(session)
    stage.canvas.set_tool("move")
    return stage, (900, 620)


def boxing(session, tmp_path):
    full(session)
    session.edit(SetBox(Rect(32, 16, 128, 128)))
    stage = Stage(session)
    stage.canvas.set_tool("box")
    return stage, (900, 620)


def masks_alone(session, tmp_path):
    full(session)
    stage = Stage(session)
    stage.canvas.set_tool("ellipse")
    stage.canvas.set_masks_alone(True)
    return stage, (900, 620)


def refining(session, tmp_path):
    full(session)
    stage = Stage(session)
    stage.refine("grow")
    stage.refiner.radius.set_value(12)
    stage.refiner._update()
    stage.refiner.wait()
    return stage, (900, 620)


def comparing(session, tmp_path):
    session.add_clip(scene(), "ball")
    session.set_prompt("a ball")
    job = session.draw()
    session.pool.happened.emit(job, Result(scene(hue=1), session.jobs[job].spec, 0, {}, "cpu", 0))
    session.compare(True)
    return Stage(session), (900, 620)


def candidates(session, tmp_path):
    session.set_prompt("a ball")
    job = session.draw()
    for index in range(3):
        session.pool.happened.emit(
            job, Result(scene(64, 64, index), session.jobs[job].spec, index, {}, "cpu", 0)
        )
    return CandidateBar(session), None


def notice(session, tmp_path):
    from studio.session import Notice

    bar = NoticeBar()
    bar.show_notice(
        Notice("Memory ran out; try a smaller size.", "error", "Traceback ...", lambda: None, "Try 512")
    )
    return bar, (560, 48)


def helping(session, tmp_path):
    return TechniqueHelp(session, "inpaint"), (620, 640)


def sounding(session, folder):
    """Two takes: a melody over a bass that was dropped in, marked and tracked, and one that came back; -> the page."""
    import soundfile

    from studio.core import marks, select
    from studio.core.job import Source, Text2Music
    from studio.core.take import Note, Take
    from studio.ui.spectrogram.page import MusicPage

    rate, beat = 22050, 0.5
    tune = (69, 72, 76, 72, 74, 77, 76, 72)
    t = np.arange(round(beat * rate)) / rate
    swell = np.minimum(t / 0.02, 1) * np.exp(-2 * t)
    notes = [440 * 2 ** ((note - 69) / 12) for note in tune]
    parts = [sum(np.sin(2 * np.pi * hz * k * t) / k**2 for k in (1, 2, 3, 4)) for hz in notes]
    sound = np.concatenate([0.2 * swell * part for part in parts]).astype(np.float32)
    takes = []
    for name, spec in (
        ("hummed.wav", None),
        ("a slow harp", JobSpec(technique=Text2Music(prompt="a slow harp"), seed=77)),
    ):
        path = folder / f"{len(takes)}.wav"
        soundfile.write(str(path), sound if spec is None else sound[::-1], rate)
        melody = (
            tuple(Note(i * beat, (i + 1) * beat, float(note)) for i, note in enumerate(tune))
            if spec is None
            else None
        )
        takes.append(
            Take(name, Source(path=str(path)), 4.0, rate, 1, "made" if spec else "dropped", spec, melody)
        )
    page = MusicPage(session)
    session.takes.add(takes[0])
    session.takes.offer(takes[1], show=False)
    page.shelf.wait()
    plane = session.takes.shown.marks
    where = select.rectangle(
        1.5 * marks.RATE, marks.row_of_hz(2500), 2.5 * marks.RATE, marks.row_of_hz(700), plane.rect
    )
    page.view._tools["rectangle"].put(*where, False, "Mark a rectangle")
    page.set_tool("rectangle")
    page.deck.seek(1.25)
    return page


def music(session, tmp_path):
    return sounding(session, tmp_path), (900, 560)


def music_empty(session, tmp_path):
    from studio.ui.spectrogram.page import MusicPage

    return MusicPage(session), (760, 480)


def takes(session, tmp_path):
    page = sounding(session, tmp_path)
    (_, _, _, region), (_, _, _, rows) = page.panels()
    both = QWidget()
    both.setObjectName("panel")
    column = QVBoxLayout(both)
    for part in (region, rows):
        column.addWidget(part)
    both.page = page
    return both, (336, 260)


def filming(session, folder):
    """Two clips with a crossfade, one over them, a sound with a beat, keyframes, markers and a range; -> the page."""
    import soundfile

    from studio.core import cutting
    from studio.core.job import Text2Video
    from studio.media.video import save_video
    from studio.ui.timeline.page import FilmPage

    session.set_workspace("film")
    page = FilmPage(session)
    rate = 24
    spec = JobSpec(technique=Text2Video(prompt="a ball on blue"), model="tiny", seed=12)
    for name, hue in (("a ball", 0), ("another ball", 1), ("on top", 2)):
        frames = np.stack([scene(160, 96, hue + k / 40).array for k in (0, 12, 24, 36)]).repeat(12, 0)
        save_video(Clip.video(frames, rate), folder / f"{name}.mkv", spec)
    t = np.arange(4 * 8000) / 8000
    beat = (0.6 * np.sin(2 * np.pi * 300 * t) * np.exp(-6 * (t % 0.5))).astype(np.float32)
    soundfile.write(str(folder / "beat.wav"), beat, 8000)
    page.add_files([folder / name for name in ("a ball.mkv", "another ball.mkv", "beat.wav")])
    page.wait()
    film = session.film
    film.do("Add", cutting.add_track, "overlay")
    overlay = next(track for track in film.timeline.tracks if track.kind == "overlay")
    page.shelf.add_files([folder / "on top.mkv"], 60, overlay.id)
    page.wait()
    for frame, value in ((0, 0.3), (30, 0.8), (80, 0.5)):
        film.do("Key", cutting.set_key, "strengths", frame, value)
    film.do("Words", cutting.set_key, "prompts", 0, "a ball on blue")
    film.do("Words", cutting.set_key, "prompts", 50, "another ball, in the evening")
    film.do("Mark", cutting.mark, [12, 36])
    film.do("Range", cutting.set_span, 12, 84)
    second = film.timeline.tracks[0].items[1]
    film.do("Fade", cutting.crossfade, second.id, 12)
    film.choose(second.id)
    film.seek(40)
    return page


def film(session, tmp_path):
    return filming(session, tmp_path), (1000, 700)


def film_empty(session, tmp_path):
    from studio.ui.timeline.page import FilmPage

    session.set_workspace("film")
    return FilmPage(session), (760, 640)


def clip(session, tmp_path):
    page = filming(session, tmp_path)
    page.clip.page = page
    return page.clip, (336, 330)


PANELS = (
    technique, technique_with_mask, layers_mask, layers_region, layers_empty, queue, history, gallery, settings, start, painting,
    moving, boxing, masks_alone, refining, comparing, candidates, notice, helping, music, music_empty, takes,
    film, film_empty, clip,
)  # fmt: skip


def drawn(widget: QWidget) -> np.ndarray:
    """[h, w, 3] of the finished widget."""
    if isinstance(widget, Stage):
        widget.canvas.settle()
    page = getattr(widget, "page", widget)
    if hasattr(page, "shelf"):
        page.shelf.wait()
        page.view.wait() if hasattr(page, "view") else page.wait()
    image = widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8, image.sizeInBytes()).reshape(
        image.height(), image.bytesPerLine()
    )
    return rows[:, : image.width() * 3].reshape(image.height(), image.width(), 3).copy()


def settled(widget: QWidget, qtbot) -> np.ndarray:
    """What is drawn when it no longer changes: on a busy machine, layouts come late."""
    before = drawn(widget)
    for _ in range(100):
        qtbot.wait(50)
        now = drawn(widget)
        if (now == before).all():
            return now
        before = now
    raise AssertionError("it never comes to rest")


def differences(one: np.ndarray, other: np.ndarray) -> tuple[float, float]:
    """Mean difference 0 .. 255, and the share of pixels that clearly differ in some channel."""
    apart = np.abs(one.astype(np.int16) - other).max(-1)
    return float(apart.mean()), float((apart > CLEAR).mean())


@pytest.mark.parametrize("make", PANELS, ids=lambda make: make.__name__)
def test_it_looks_as_it_should(make, session, qtbot, tmp_path):
    from studio.app import make_application

    make_application([])
    themes.use("dark")
    panel, size = make(session, tmp_path)
    qtbot.addWidget(panel)
    panel.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    if size is None:
        panel.adjustSize()
    else:
        panel.resize(*size)
    QCursor.setPos(0, 0)  # an earlier test may have left it where the panel comes up
    panel.move(100, 100)
    with qtbot.waitExposed(panel):
        panel.show()
    if isinstance(panel, GalleryPanel):
        qtbot.wait(30)
        panel.model.wait()
    assert panel.devicePixelRatioF() == 1.0, "the pictures are for a scale of 100 %"
    try:
        for theme in ("dark", "light"):
            themes.use(theme)
            qtbot.wait(20)
            focus = QApplication.focusWidget()
            if focus is not None:
                focus.clearFocus()  # a blinking cursor is no part of it
            compare(settled(panel, qtbot), FOLDER / f"{make.__name__}-{theme}.png", tmp_path)
    finally:
        for widget in (panel, *panel.findChildren(QWidget)):
            if isinstance(widget, Stage | GalleryPanel | LayersPanel | RefineBar):
                widget.stop()
        page = getattr(panel, "page", panel)
        if hasattr(page, "shelf"):
            page.stop()


def compare(seen: np.ndarray, path: Path, failed: Path) -> None:
    """Against the reference at `path`; what does not look like it is written into the folder `failed`."""
    if os.environ.get("STUDIO_REFERENCES") == "new":
        FOLDER.mkdir(exist_ok=True)
        # 128 colours are enough for a panel and make the files small
        Image.fromarray(seen).quantize(128, dither=Image.Dither.NONE).save(path, optimize=True)
    assert path.exists(), f"{path.name} is missing; see the head of this file"
    wanted = np.asarray(Image.open(path).convert("RGB"))
    same = wanted.shape == seen.shape
    mean, share = differences(seen, wanted) if same else (255.0, 1.0)
    if not within((mean, share)):
        Image.fromarray(seen).save(failed / path.name)
    assert within((mean, share)), f"mean {mean:.2f}, {share:.2%} clearly differ: look at {failed / path.name}"


def within(found: tuple[float, float]) -> bool:
    return found[0] <= MEAN and found[1] <= SHARE


def test_a_real_difference_is_found():
    """The tolerance lets through another smoothing, and no missing word or icon."""
    wanted = np.asarray(Image.open(FOLDER / "layers_mask-dark.png").convert("RGB"))
    rng = np.random.default_rng(0)
    noisy = np.clip(wanted + rng.integers(-2, 3, wanted.shape), 0, 255).astype(np.uint8)
    assert within(differences(noisy, wanted))
    moved = np.roll(wanted, 2, axis=0)
    assert not within(differences(moved, wanted))
    gone = wanted.copy()
    gone[: wanted.shape[0] // 6] = wanted[-1, -1]
    assert not within(differences(gone, wanted))


def test_they_are_small_and_none_is_left_over():
    files = sorted(FOLDER.glob("*.png"))
    names = {f"{make.__name__}-{theme}.png" for make in PANELS for theme in ("dark", "light")}
    assert {path.name for path in files} == names
    assert sum(path.stat().st_size for path in files) < ALL_BYTES
