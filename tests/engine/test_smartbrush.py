"""A thing in a painted shape: what is kept, precision, attention, and that no hook stays."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from studio.core.job import Failed, Inpaint, JobSpec, SmartBrush, Source
from studio.engine.engine import Engine
from studio.engine.techniques.smartbrush import loosened

from .conftest import one


def disc(radius: float = 12) -> NDArray[np.uint8]:
    y, x = np.mgrid[0:64, 0:64]
    return np.where((x - 32) ** 2 + (y - 32) ** 2 < radius**2, np.uint8(255), np.uint8(0))


def waves() -> NDArray[np.uint8]:
    y, x = np.mgrid[0:64, 0:64]
    return np.stack([127 + 120 * np.sin(x / 9 + c + y / 7) for c in range(3)], -1).astype(np.uint8)


def inputs(folder: Path, mask: NDArray[np.uint8]) -> dict[str, Any]:
    for name, pixels in (("image", waves()), ("mask", mask)):
        Image.fromarray(pixels).save(folder / f"{name}.png")
    files = {name: Source(path=str(folder / f"{name}.png")) for name in ("image", "mask")}
    return {**files, "prompt": "a red fox", "steps": 2}


def made(engine: Engine, technique: Any) -> NDArray[np.uint8]:
    return one(engine, JobSpec(technique=technique, model="tiny-sd", seed=3)).clip.array


def test_outside_the_shape_nothing_changes_unless_it_is_loose(shared_engine: Engine, tmp_path: Path) -> None:
    mask = disc()
    files = inputs(tmp_path, mask)
    tight = made(shared_engine, SmartBrush(**files))
    assert (tight[mask == 0] == waves()[mask == 0]).all() and (tight[mask > 0] != waves()[mask > 0]).any()
    loose = made(shared_engine, SmartBrush(**files, precision=0))
    grown = loosened(mask, 0)
    assert (loose[grown == 0] == waves()[grown == 0]).all()
    assert (loose[mask == 0] != waves()[mask == 0]).any()


def test_a_shape_at_lower_precision_is_larger_and_softer() -> None:
    assert (loosened(disc(), 1) == disc()).all()
    sizes = [float(loosened(disc(), precision).sum()) for precision in (1, 0.7, 0.3, 0)]
    assert sizes == sorted(sizes) and sizes[0] < sizes[-1]
    assert len(np.unique(loosened(disc(), 0))) > 2


def test_attention_is_what_it_adds_to_filling(shared_engine: Engine, tmp_path: Path) -> None:
    files = inputs(tmp_path, disc())
    before = made(shared_engine, Inpaint(**files, context=0.05))
    brushed = made(shared_engine, SmartBrush(**files))
    assert (brushed != before).any()
    assert (made(shared_engine, Inpaint(**files, context=0.05)) == before).all(), "no hook stays"


def test_an_empty_shape_is_said_in_a_sentence(shared_engine: Engine, tmp_path: Path) -> None:
    technique = SmartBrush(**inputs(tmp_path, disc() * 0))
    last = list(shared_engine.run(JobSpec(technique=technique, model="tiny-sd")))[-1]
    assert isinstance(last, Failed) and last.message.startswith("mask: is empty")
