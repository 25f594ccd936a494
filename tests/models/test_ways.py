"""What the network of ways is taught: a picture moved by the truth is the world's own clip."""

from __future__ import annotations

import dataclasses
import json
import math
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from .test_recipes import _one_thread, data, recipes  # noqa: F401 (fixtures)


@pytest.fixture
def ways(recipes: Any) -> Any:  # noqa: F811
    return recipes("ways")


def test_a_moment_of_training_leaves_what_the_studio_reads(
    ways: Any,
    tmp_path: Path,
    data: Path,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from studio.engine.nets.ways import WaysNet

    short = [
        "--minutes",
        "0.0005",
        "--threads",
        "1",
        "--batch",
        "2",
        "--scenes",
        "9",
        "--held",
        "2",
        "--steps",
        "2",
    ]
    monkeypatch.setattr(sys, "argv", ["ways", "--out", str(tmp_path), "--data", str(data), *short])
    ways.main()
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["samples"] == 2 * report["steps"] > 0
    assert WaysNet.read(tmp_path / "model").config.text == 192
    assert (tmp_path / "sheet.png").is_file()


def decibels(a: np.ndarray, b: np.ndarray) -> float:
    return 10 * math.log10(255**2 / max(float(np.square(a.astype(float) - b).mean()), 1e-9))


@pytest.mark.parametrize("verb", ["right", "rising", "spinning", "bouncing", "fading in", "shrinking"])
def test_a_picture_moved_by_the_truth_is_the_worlds_clip(ways: Any, verb: str) -> None:
    from studio.bench.world import World
    from studio.bench.world.motion import VERBS
    from studio.engine.moving import carried
    from studio.engine.nets.ways import FRAMES

    world = World(6)
    seed = 9 * 400 + VERBS.index(verb)
    row = ways.make(world, seed)
    motion = ways.motion_of(world, seed, "train", verb)
    if verb == "spinning":
        motion = dataclasses.replace(motion, amount=ways.TURN)
    truth, weight = ways.ways_of(row)
    picture = ways.to_tensor(row[0][None])
    made = np.concatenate(
        [ways.to_pictures(f) for f in carried(picture, truth, [i / (FRAMES - 1) for i in range(FRAMES)])]
    )
    assert motion.caption == row[4]
    assert weight.shape == truth.packed().shape[1:]
    if row[3] == 0:  # the picture only shows the thing: the frames are the world's
        true = world.frames(motion, FRAMES)
        still = np.repeat(row[0][None], FRAMES, 0)
        assert decibels(made, true) > 22
        assert decibels(made, true) > decibels(still, true) + 4
    else:  # it is one of the frames
        place = 0 if row[3] == 1 else -1
        assert decibels(made[place], row[0]) > 27
        assert np.abs(made[-1 - place].astype(int) - row[0]).mean() > 1


def test_a_mirrored_thing_is_mirrored(ways: Any) -> None:
    shown, poses = np.array([0.5, 0.5, 0.5, 0, 1, False]), np.array([[0.5, 0.5, 0.5, 0, 1, True]])
    flow, near = ways.flow_of(shown, poses)
    at = (np.arange(16) + 0.5) / 16
    assert np.allclose(at[None, :] + flow[0, 0], 1 - at[None, :])
    assert np.allclose(flow[0, 1], 0)
    assert near[0, 8, 8] == 1
    assert torch.from_numpy(near).min() >= 0
