"""Clips of a model that draws how things move: they are made of the picture's own pixels, in its size."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from studio.bench.tiny import make_tiny_motion, make_tiny_sd
from studio.core.card import Second
from studio.core.clip import Clip
from studio.core.job import (
    EditVideo,
    Extend,
    Image2Video,
    JobSpec,
    Preview,
    Progress,
    Source,
    Text2Image,
    Text2Video,
)
from studio.engine import carrying
from studio.engine.engine import Engine, resolve
from studio.engine.nets.ways import FRAMES, GRID, SIDE, Ways, WaysNet
from studio.media.clips import read_source, save_clip

from .conftest import one, results
from .test_upscale import make_model


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
def test_it_ends_with_the_last_frame_that_is_given(
    engine: Engine, picture: NDArray[np.uint8], tmp_path: Path
) -> None:
    """Of another size too; where there are several lines of words, the last one leads there."""
    ends = np.roll(picture, -8, 1)
    first = saved(Clip.picture(picture), tmp_path / "a.png")
    last = saved(Clip.picture(ends.repeat(2, 0).repeat(2, 1)), tmp_path / "b.png")
    for words in ("a fox", "a fox\na fox"):
        made = one(engine, request(Image2Video(prompt=words, image=first, end=last, frames=8))).clip.array
        assert made.shape == (8, 64, 96, 3)
        assert np.array_equal(made[0], picture)
        assert np.abs(made[-1].astype(int) - ends).mean() < 2  # it was scaled
        way = [middle(frame) - middle(picture) for frame in made]
        assert way[-2] == pytest.approx(-8 if words == "a fox" else -4, abs=5)
    assert not one(engine, request(Image2Video(prompt="a fox", image=first, end=last, frames=2))).notes


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


@pytest.fixture(scope="module")
def cascade(folder: Path) -> Engine:
    """The model may draw 64 x 64 px, and another one enlarges that."""
    make_model(folder / "tiny-upscale")
    made = Engine([folder], device="cpu", read=read_source)
    card = made.cards["tiny-motion"]
    sizes = card.sizes.model_copy(update={"native": (64, 64), "min": 16, "max": 256, "area": 64 * 64})
    changes = {"sizes": sizes, "second": Second(model="tiny-upscale", canvas=(128, 128))}
    made.cards["tiny-motion"] = card.model_copy(update=changes)
    return made


def test_a_clip_is_drawn_small_and_its_picture_enlarged(cascade: Engine) -> None:
    spec = request(Text2Video(prompt="a fox", frames=3))
    events = list(cascade.run(spec))
    (result,) = results(events)
    assert result.clip.array.shape == (3, 128, 128, 3)
    assert (result.spec.second, result.spec.technique.width) == ("tiny-upscale", 128)
    assert result.seconds["enlarging"] > 0
    shown = [e.clip.width for e in events if isinstance(e, Preview)]
    assert (shown[0], shown[-1]) == (64, 128), "both are shown at once"
    assert any(isinstance(e, Progress) and e.stage == "enlarging" and e.step == e.total > 0 for e in events)
    (note,) = result.notes
    assert note.startswith(
        "The picture was drawn at 64 x 64 px, enlarged to 128 x 128 px by its second stage"
    )
    assert np.array_equal(one(cascade, result.spec).clip.array, result.clip.array), "the same bits again"
    wide = one(cascade, request(Text2Video(prompt="a fox", frames=2, width=128, height=64))).clip
    assert wide.array.shape == (2, 64, 128, 3)


def test_without_a_second_stage_it_is_as_large_as_the_model_draws_or_scaled(cascade: Engine) -> None:
    spec = request(Text2Video(prompt="a fox", frames=2)).model_copy(update={"second": ""})
    plain = one(cascade, spec)
    assert plain.clip.array.shape == (2, 64, 64, 3) and not plain.notes
    technique = spec.technique.model_copy(update={"width": 128, "height": 128})
    scaled = one(cascade, spec.model_copy(update={"technique": technique}))
    assert scaled.clip.array.shape == (2, 128, 128, 3) and "enlarging" not in scaled.seconds
    assert "scaled to 128 x 128 px" in scaled.notes[0]


def test_a_picture_to_move_is_not_enlarged(
    cascade: Engine, picture: NDArray[np.uint8], tmp_path: Path
) -> None:
    source = saved(Clip.picture(picture), tmp_path / "a.png")
    made = one(cascade, request(Image2Video(prompt="a fox", image=source, frames=2)))
    assert made.clip.array.shape == (2, 64, 96, 3)
    assert made.spec.second == ""


def test_it_can_be_cancelled_while_it_is_enlarged(cascade: Engine) -> None:
    events = cascade.run(request(Text2Video(prompt="a fox", frames=3)))
    next(e for e in events if isinstance(e, Progress) and e.stage == "enlarging")
    events.close()
    assert one(cascade, request(Text2Video(prompt="a fox", frames=2))).clip.array.shape == (2, 128, 128, 3)


def test_looking_back_is_said_to_have_no_effect(
    engine: Engine, picture: NDArray[np.uint8], tmp_path: Path
) -> None:
    assert not one(engine, request(Text2Video(prompt="a fox", frames=2))).notes
    assert one(engine, request(Text2Video(prompt="a fox", frames=2, overlap=5))).notes == (carrying.IDLE,)
    source = saved(Clip.video(np.stack([picture, picture]), 6), tmp_path / "a.mkv")
    assert (
        carrying.IDLE in one(engine, request(Extend(prompt="a fox", video=source, frames=2, overlap=1))).notes
    )


def test_guidance_is_that_of_what_is_done(engine: Engine, picture: NDArray[np.uint8], tmp_path: Path) -> None:
    card = engine.cards["tiny-motion"]
    assert card.film is not None
    film = card.film.model_copy(update={"guidance": 1.5})
    card = card.model_copy(
        update={"film": film, "defaults": card.defaults.model_copy(update={"guidance": 4.0})}
    )
    source = saved(Clip.picture(picture), tmp_path / "a.png")

    def guidance(technique: object) -> float:
        return resolve(request(technique), card, engine.cards).technique.guidance  # type: ignore[union-attr]

    assert guidance(Text2Video(prompt="a fox")) == 1.5
    assert guidance(Image2Video(prompt="a fox", image=source)) == 1.5
    assert guidance(Image2Video(prompt="a fox", image=source, end=source)) == 1.5
    assert guidance(EditVideo(prompt="a fox", video=source)) == 4.0
    assert guidance(Text2Video(prompt="a fox", guidance=3)) == 3


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
