"""Extending a picture: sizes, what is kept bit for bit, sentences."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from studio.core.card import Sizes
from studio.core.job import BadRequest, Failed, JobSpec, Outpaint, Source
from studio.engine.engine import Engine
from studio.engine.masks import drawing_size

from .conftest import one


def spec(folder: Path, mode: str = "RGB", **values: Any) -> JobSpec:
    y, x = np.mgrid[0:48, 0:64]
    waves = np.stack([127 + 120 * np.sin(x / 9 + c + y / 7) for c in range(len(mode))], -1)
    path = folder / f"{mode}.png"
    Image.fromarray(waves.astype(np.uint8), mode).save(path)
    technique = Outpaint(image=Source(path=str(path)), prompt="the hill", steps=2, **values)
    return JobSpec(technique=technique, model="tiny-sd", seed=3)


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_the_picture_is_kept_and_goes_on(shared_engine: Engine, tmp_path: Path, mode: str) -> None:
    result = one(shared_engine, spec(tmp_path, mode, left=16, bottom=10)).clip.array
    source = np.array(Image.open(tmp_path / f"{mode}.png"))
    assert result.shape == (58, 80, len(mode))
    assert (result[:48, 16:] == source).all()
    assert result[:, :12].std() > 0 and (result[:48, 0] != source[:, 0]).any()


def test_sides_and_final_sizes() -> None:
    def of(**values: Any) -> tuple[int, int, int, int]:
        return Outpaint(image=Source(path="x"), **values).sides(64, 48)

    assert of(left=3, bottom=4) == (3, 0, 0, 4)
    assert of(to_width=75) == (5, 0, 6, 0)
    assert of(left=10, to_width=80, to_height=50) == (13, 1, 3, 1)
    for values, word in (
        ({}, "at least one side"),
        ({"to_width": 63}, "raise it"),
        ({"top": 16384}, "add less"),
    ):
        with pytest.raises(BadRequest, match=word):
            of(**values)


def test_the_drawn_part_keeps_its_proportions_where_sizes_are_few() -> None:
    pocket = Sizes(native=(64, 64), min=64, max=256, multiple=32)
    assert [drawing_size(pocket, *s) for s in ((64, 64), (50, 49), (128, 64), (64, 192))] == [
        (64, 64), (64, 64), (96, 64), (64, 128)
    ]  # fmt: skip
    assert drawing_size(Sizes(native=(512, 512), min=64, max=2048, multiple=8), 1600, 900) == (680, 384)


def test_nothing_to_add_is_said_in_a_sentence(shared_engine: Engine, tmp_path: Path) -> None:
    last = list(shared_engine.run(spec(tmp_path)))[-1]
    assert isinstance(last, Failed) and last.message.startswith("left: nothing is to be added")
