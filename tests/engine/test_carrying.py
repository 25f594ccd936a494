"""Clips of a model that draws how things move: they are made of the picture's own pixels, in its size."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from studio.bench.tiny import make_tiny_motion, make_tiny_sd
from studio.core.clip import Clip
from studio.core.job import Extend, Image2Video, JobSpec, Progress, Source, Text2Image, Text2Video
from studio.engine.engine import Engine
from studio.engine.nets.ways import FRAMES, GRID, SIDE, Ways, WaysNet
from studio.media.clips import read_source, save_clip

from .conftest import one, results


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("carrying")
    make_tiny_sd(place / "tiny-taesd", tiny_vae=True)
    make_tiny_motion(place / "tiny-motion", place / "tiny-taesd", ways=True)
    return place


@pytest.fixture(scope="module")
def engine(folder: Path) -> Engine:
    return Engine([folder], device="cpu", read=read_source)


@pytest.fixture
def rightwards(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """The network says: the left half of the picture moves a quarter of the width to the right."""
    flow = torch.zeros(1, FRAMES, 2, GRID, GRID)
    flow[0, :, 0] = -torch.linspace(0, 0.25, FRAMES).view(-1, 1, 1)
    matte = torch.zeros(1, 1, SIDE, SIDE)
    matte[..., 16:48, 8:32] = 1
    clean = Ways(flow, torch.ones(1, FRAMES), matte).packed()
    engine.prepare("tiny-motion")

    def velocity(self: WaysNet, x: torch.Tensor, t: torch.Tensor, *_: object) -> torch.Tensor:
        return (x - clean) / (t.view(-1, 1, 1, 1) / 1000)  # x = (1 - s) x0 + s eps

    monkeypatch.setattr(WaysNet, "__call__", velocity)


@pytest.fixture
def picture() -> NDArray[np.uint8]:
    """A square that stands out, 96 x 64."""
    made = np.full((64, 96, 3), (40, 60, 90), np.uint8)
    made[20:44, 28:44] = (220, 60, 40)
    return made


def middle(frame: NDArray[np.uint8]) -> float:
    """Of what is red: the column."""
    red = np.clip(frame[..., 0].astype(float) - 100, 0, None)
    return float((red.sum(0) * np.arange(frame.shape[1])).sum() / red.sum())


def saved(clip: Clip, path: Path) -> Source:
    save_clip(clip, path)
    return Source(path=str(path))


def request(technique: object) -> JobSpec:
    return JobSpec(technique=technique, model="tiny-motion", seed=3)  # type: ignore[arg-type]


@pytest.mark.usefixtures("rightwards")
def test_a_picture_moves_in_its_own_size(engine: Engine, picture: NDArray[np.uint8], tmp_path: Path) -> None:
    source = saved(Clip.picture(picture), tmp_path / "a.png")
    made = one(engine, request(Image2Video(prompt="a fox", image=source, frames=5))).clip
    assert made.array.shape == (5, 64, 96, 3)
    assert np.array_equal(made.array[0], picture)
    way = [middle(frame) - middle(picture) for frame in made.array]
    assert way == pytest.approx([0, 6, 12, 18, 24], abs=1)  # a quarter of the longer side
    assert np.abs(made.array[-1][20:44, 28:44].astype(int) - (40, 60, 90)).mean() < 12  # what it stood before


@pytest.mark.usefixtures("rightwards")
def test_a_loop_goes_there_and_back(engine: Engine, picture: NDArray[np.uint8], tmp_path: Path) -> None:
    source = saved(Clip.picture(picture), tmp_path / "a.png")
    made = one(engine, request(Image2Video(prompt="a fox", image=source, frames=6, loop=True))).clip.array
    way = [middle(frame) - middle(picture) for frame in made]
    assert way == pytest.approx([0, 8, 16, 24, 16, 8], abs=1)


@pytest.mark.usefixtures("rightwards")
def test_each_line_begins_where_the_last_ended(
    engine: Engine, picture: NDArray[np.uint8], tmp_path: Path
) -> None:
    source = saved(Clip.picture(picture), tmp_path / "a.png")
    made = one(engine, request(Image2Video(prompt="a fox\na cat", image=source, frames=6))).clip.array
    changes = np.abs(np.diff(made.astype(int), axis=0)).mean((1, 2, 3))
    assert changes.min() > 0.2, "no frame is there twice"


@pytest.mark.usefixtures("rightwards")
def test_a_clip_goes_on_in_its_own_size(engine: Engine, picture: NDArray[np.uint8], tmp_path: Path) -> None:
    before = np.stack([picture, picture])
    source = saved(Clip.video(before, 6), tmp_path / "a.mkv")
    made = one(engine, request(Extend(prompt="a fox", video=source, frames=3))).clip
    assert made.array.shape == (5, 64, 96, 3)
    assert made.rate == 6
    assert np.abs(made.array[:2].astype(int) - before).max() <= 1
    way = [middle(frame) - middle(picture) for frame in made.array[2:]]
    assert way == pytest.approx([8, 16, 24], abs=1)


@pytest.mark.usefixtures("rightwards")
def test_words_become_a_clip_of_the_bases_picture(engine: Engine) -> None:
    made = one(engine, request(Text2Video(prompt="a fox", frames=4))).clip.array
    still = one(engine, JobSpec(technique=Text2Image(prompt="a fox"), model="tiny-taesd", seed=3)).clip.array
    assert made.shape == (4, 64, 64, 3)
    assert np.abs(made[0].astype(int) - still[..., :3]).mean() < 3  # through two interpolations
    assert np.abs(made[3].astype(int) - made[0]).mean() > 1


def test_it_is_the_same_again_and_another_with_another_seed(engine: Engine) -> None:
    spec = request(Text2Video(prompt="a fox", frames=3))
    first = one(engine, spec).clip.array
    assert np.array_equal(first, one(engine, spec).clip.array)
    assert not np.array_equal(first, one(engine, spec.model_copy(update={"seed": 4})).clip.array)


def test_it_tells_how_far_it_is(engine: Engine) -> None:
    events = list(engine.run(request(Text2Video(prompt="a fox", frames=3))))
    stages = [event.stage for event in events if isinstance(event, Progress)]
    assert stages.count("drawing the ways") == 3
    assert stages.count("moving the picture") == 3
    assert results(events)


def test_a_missing_network_is_a_sentence(folder: Path, tmp_path: Path) -> None:
    import shutil

    from studio.core.job import Failed

    for name in ("tiny-taesd", "tiny-motion"):
        shutil.copytree(folder / name, tmp_path / name)
    (tmp_path / "tiny-motion" / "ways" / "config.json").unlink()
    last = list(Engine([tmp_path], device="cpu", read=read_source).run(request(Text2Video(prompt="a fox"))))[
        -1
    ]
    assert isinstance(last, Failed)
    assert "install the model again" in last.message
