"""An edit from two descriptions: the mask that is found, the mask that is given, what is kept, sentences."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from studio.core.clip import Clip
from studio.core.job import DiffEdit, Failed, JobSpec, Preview, Source
from studio.engine import place
from studio.engine.engine import Engine
from studio.engine.job import Job
from studio.engine.techniques import diffedit

from .conftest import one, results


@pytest.fixture(autouse=True)
def _own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Inversions are kept on disk."""
    monkeypatch.setenv("STUDIO_HOME", str(tmp_path / "home"))


def waves(width: int = 64, height: int = 64) -> NDArray[np.uint8]:
    y, x = np.mgrid[0:height, 0:width]
    return np.stack([127 + 120 * np.sin(x / 9 + c + y / 7) for c in range(3)], -1).astype(np.uint8)


def saved(folder: Path, name: str, pixels: NDArray[np.uint8]) -> Source:
    path = folder / f"{name}.png"
    Image.fromarray(pixels).save(path)
    return Source(path=str(path))


def spec(folder: Path, width: int = 64, height: int = 64, **values: Any) -> JobSpec:
    known = {"source_prompt": "the red fox", "prompt": "a big blue cat", "steps": 3, "draws": 1, **values}
    image = saved(folder, "image", waves(width, height))
    return JobSpec(technique=DiffEdit(image=image, **known), model="tiny-taesd", seed=4)


def test_the_mask_that_is_given_is_used_and_everything_else_is_kept(
    shared_engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*args: Any) -> Any:
        raise AssertionError("nothing is to be looked for")

    monkeypatch.setattr(diffedit, "looked_for", never)
    mask = np.zeros((72, 100), np.uint8)
    mask[20:50, 30:60] = 255
    request = spec(tmp_path, 100, 72, mask=saved(tmp_path, "mask", mask))
    result = one(shared_engine, request).clip.array
    source = waves(100, 72)
    assert result.shape == source.shape
    assert (result[mask == 0] == source[mask == 0]).all()
    assert (result[mask > 0] != source[mask > 0]).any(axis=-1).mean() > 0.9
    again = one(shared_engine, request)
    assert (again.clip.array == result).all(), "also with the inversion out of the cache"


def test_the_mask_that_is_found_is_shown_and_can_be_had_alone(
    shared_engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = np.zeros((64, 64), np.uint8)
    found[:32] = 255
    monkeypatch.setattr(diffedit, "cut", lambda difference, threshold: found)
    events = list(shared_engine.run(spec(tmp_path)))
    (result,) = results(events)
    assert (result.clip.array[32:] == waves()[32:]).all()
    assert any(isinstance(event, Preview) and event.step == 0 for event in events), (
        "the mask over the picture"
    )
    alone = one(shared_engine, spec(tmp_path, only_mask=True)).clip
    assert alone.kind == "mask" and (alone.array == found).all()


def test_looking_compares_what_the_two_descriptions_expect(
    shared_engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[NDArray[np.float32]] = []
    cut = diffedit.cut
    monkeypatch.setattr(
        diffedit, "cut", lambda difference, threshold: seen.append(difference) or cut(difference, threshold)
    )
    calls = 0
    denoiser = Job.denoiser

    def counted(self: Job) -> Any:
        inner = denoiser(self)

        def call(*args: Any) -> Any:
            nonlocal calls
            calls += 1
            return inner(*args)

        return call

    monkeypatch.setattr(Job, "denoiser", counted)
    one(shared_engine, spec(tmp_path, only_mask=True, draws=3))
    assert calls == 6
    same = one(shared_engine, spec(tmp_path, prompt="the red fox"))
    assert seen[0].shape == (64, 64) and seen[0].max() > 0 and seen[1].max() == 0
    assert (same.clip.array == waves()).all() and "say more clearly" in same.notes[0]


def test_a_mask_is_cut_where_the_difference_is_large() -> None:
    difference = np.zeros((64, 64), np.float32)
    difference[16:48, 16:48] = 100
    difference[30:33, 16:48] = 0  # a gap inside
    difference[60, 60] = 30  # a speck
    mask = place.cut(difference, 0.25)
    wanted = np.zeros((64, 64), bool)
    wanted[16:48, 16:48] = True
    assert ((mask > 0) & wanted).sum() / ((mask > 0) | wanted).sum() > 0.85
    assert (mask[28:36, 20:44] == 255).all() and mask[60, 60] == 0
    assert not place.cut(difference / 50, 0.25).any(), "next to no difference is none"


def test_what_is_masked_is_tinted() -> None:
    half = np.zeros((64, 64), np.uint8)
    half[:32] = 255
    tinted = diffedit.marked(waves(), half)
    assert isinstance(tinted, Clip)
    assert (tinted.array[32:] == waves()[32:]).all() and (tinted.array[:32] != waves()[:32]).any()


def test_what_is_missing_is_said_in_a_sentence(shared_engine: Engine, tmp_path: Path) -> None:
    last = list(shared_engine.run(spec(tmp_path, source_prompt=" ")))[-1]
    assert isinstance(last, Failed) and last.message.startswith("source_prompt: is empty; say what")
