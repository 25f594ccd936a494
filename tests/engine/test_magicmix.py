"""Mixing layout and content: what the numbers mean at their ends, sizes, sentences."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from studio.core.job import BadRequest, Image2Image, JobSpec, MagicMix, Source, read_spec
from studio.engine.engine import Engine

from .conftest import one


def picture(folder: Path, width: int = 64, height: int = 64) -> Source:
    y, x = np.mgrid[0:height, 0:width]
    waves = np.stack([127 + 120 * np.sin(x / 9 + c + y / 7) for c in range(3)], -1)
    path = folder / f"{width}x{height}.png"
    Image.fromarray(waves.astype(np.uint8)).save(path)
    return Source(path=str(path))


def made(engine: Engine, image: Source, **values: Any) -> Any:
    known = {"prompt": "the red fox", "steps": 6, "mix_from": 0.5, "mix_to": 0.0, **values}
    spec = JobSpec(technique=MagicMix(image=image, **known), model="tiny-sd", seed=7)
    return one(engine, spec).clip.array.astype(int)


def test_new_content_alone_is_picture_to_picture(shared_engine: Engine, tmp_path: Path) -> None:
    image = picture(tmp_path)
    technique = Image2Image(image=image, prompt="the red fox", steps=6, strength=0.5)
    plain = one(shared_engine, JobSpec(technique=technique, model="tiny-sd", seed=7)).clip.array.astype(int)
    assert (made(shared_engine, image, mix=1) == plain).all()
    assert (made(shared_engine, image, mix=0.5) != plain).any()


def test_more_layout_comes_nearer_to_the_picture(shared_engine: Engine, tmp_path: Path) -> None:
    image = picture(tmp_path)
    layout_alone = made(shared_engine, image, mix=0)
    distances = [np.abs(made(shared_engine, image, mix=mix) - layout_alone).mean() for mix in (0.2, 0.6, 1)]
    assert distances == sorted(distances) and distances[0] > 0
    long, short = (made(shared_engine, image, mix=0.5, mix_to=to) for to in (0.0, 0.4))
    assert np.abs(long - layout_alone).mean() < np.abs(short - layout_alone).mean()


def test_the_result_has_the_pictures_size(shared_engine: Engine, tmp_path: Path) -> None:
    assert made(shared_engine, picture(tmp_path, 90, 70)).shape == (70, 90, 3)


def test_limits_in_the_wrong_order_are_said_in_a_sentence() -> None:
    request = {"technique": {"name": "magicmix", "image": "a.png", "mix_from": 0.3, "mix_to": 0.4}}
    with pytest.raises(BadRequest, match="mix_to must not be above mix_from"):
        read_spec(request)
