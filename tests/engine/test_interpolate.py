"""More frames and larger frames: what is carried along its motion, what stays bit for bit, sizes, rates, previews, sentences."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from studio.bench.tiny import make_tiny_between
from studio.core.clip import Clip
from studio.core.job import Failed, Interpolate, JobSpec, Preview, Progress, Source, UpscaleVideo
from studio.engine.engine import Engine
from studio.engine.nets.between import carried, motion
from studio.media.clips import read_source, save_clip

from .conftest import one, results
from .test_upscale import CARD, make_model


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    place = tmp_path_factory.mktemp("models")
    make_tiny_between(place / "plain")
    make_tiny_between(place / "random", strength=1.0)
    card = make_model(place / "larger") / "card.toml"
    card.write_text(
        CARD.replace('["upscale"]', '["upscale", "upscale-video"]').replace("tiny-upscale", "larger")
    )
    return Engine([place], device="cpu", read=read_source)


def moving(count: int, way: int, height: int = 64, width: int = 80) -> NDArray[np.uint8]:
    """A chequered square that moves `way` pixels to the right a frame, on grey."""
    made = np.full((count, height, width, 3), 90, np.uint8)
    for i in range(count):
        x = 8 + way * i
        made[i, 20:44, x : x + 24] = (220, 60, 40)
        made[i, 26:38, x + 6 : x + 18] = (20, 200, 240)
    return made


def saved(folder: Path, frames: NDArray[np.uint8], rate: float = 6) -> Source:
    path = folder / f"clip{len(frames)}.mkv"
    save_clip(Clip.video(frames, rate), path)
    return Source(path=str(path))


def tensor(frame: NDArray[np.uint8]) -> torch.Tensor:
    return torch.from_numpy(frame).permute(2, 0, 1)[None].float() / 127.5 - 1


@pytest.mark.parametrize(("scale", "way"), [(1, 4), (4, 4)])
def test_frames_are_carried_along_their_motion(scale: int, way: int) -> None:
    """Also in pictures so large that the motion is further than what is searched in them."""
    a, b, c = (tensor(f.repeat(scale, 0).repeat(scale, 1)) for f in moving(3, way))
    first, second = carried(a, c)
    inside = motion(a, c)[0, :, 30 * scale, 24 * scale]
    assert inside.tolist() == [0, way * scale]
    off = ((first + second) / 2 - b).square().mean()
    assert off < 0.05 * ((a + c) / 2 - b).square().mean()


@pytest.mark.parametrize("factor", [2, 4])
def test_a_clip_gets_more_frames_and_keeps_its_own(
    engine: Engine, tmp_path: Path, factor: Literal[2, 4]
) -> None:
    true = moving(2 * factor + 1, 8 // factor)
    request = JobSpec(
        technique=Interpolate(video=saved(tmp_path, true[::factor]), factor=factor), model="plain"
    )
    events = list(engine.run(request))
    (result,) = results(events)
    made = result.clip
    assert made.array.shape == true.shape
    assert made.rate == 6 * factor
    assert np.array_equal(made.array[::factor], read_source(request.technique.video).array)  # type: ignore[union-attr]
    assert np.abs(made.array.astype(int) - true).mean() < 1.5  # mixing frames as they are: 8 and more
    assert [e.step for e in events if isinstance(e, Progress) and e.stage == "drawing"][-1] == 2
    assert one(engine, result.spec).clip.digest() == made.digest()


def test_the_network_adds_to_what_moves_and_not_to_what_stands(engine: Engine, tmp_path: Path) -> None:
    frames = moving(3, 6)[[0, 0, 2]]
    source = saved(tmp_path, frames)
    plain, drawn = (
        one(engine, JobSpec(technique=Interpolate(video=source), model=model)).clip.array
        for model in ("plain", "random")
    )
    assert np.array_equal(drawn[1], drawn[0])  # between two equal frames there is nothing to draw
    assert np.abs(drawn[3].astype(int) - plain[3]).mean() > 0.5


def test_sides_that_no_network_likes(engine: Engine, tmp_path: Path) -> None:
    source = saved(tmp_path, moving(2, 4)[:, :50, :70])
    made = one(engine, JobSpec(technique=Interpolate(video=source), model="random")).clip
    assert made.array.shape == (3, 50, 70, 3)


def test_one_frame_is_said(engine: Engine, tmp_path: Path) -> None:
    last = list(
        engine.run(JobSpec(technique=Interpolate(video=saved(tmp_path, moving(1, 0))), model="plain"))
    )[-1]
    assert isinstance(last, Failed)
    assert last.message.startswith("video: has one frame")


def test_what_stands_still_stays_still_in_a_larger_clip(engine: Engine, tmp_path: Path) -> None:
    frames = moving(3, 8, 32, 40)
    request = JobSpec(technique=UpscaleVideo(video=saved(tmp_path, frames[[0, 0, 1]]), factor=4))
    events = list(engine.run(request))
    (result,) = results(events)
    made = result.clip.array
    assert made.shape == (3, 128, 160, 3)
    assert result.clip.rate == 6
    assert np.array_equal(made[0], made[1])
    # far from what moved; the file that the clip is read from is off by a level here and there
    assert np.abs(made[2, :, :16].astype(int) - made[0, :, :16]).max() <= 4
    other = one(engine, request.model_copy(update={"seed": 9})).clip.array
    assert np.abs(other[0, :, :16].astype(int) - made[0, :, :16]).max() > 8
    steps = [e.step for e in events if isinstance(e, Progress) and e.stage == "drawing"]
    assert steps == sorted(steps)
    assert any(isinstance(e, Preview) for e in events)
