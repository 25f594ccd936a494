"""Foreseeing predictions: right where they go on evenly, not done where they do not, and never more than allowed."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from studio.core.job import Image2Image, JobSpec, Source, Text2Image
from studio.engine.condition import Condition
from studio.engine.controls.sparing import LEAST_STEPS, TOLERANCES, Foresight, Tolerance, Trend, tolerance_of
from studio.engine.engine import Engine
from studio.engine.sample import sample
from studio.engine.schedule import Level, variance_preserving
from studio.engine.steps import make_step

from .conftest import one

SCHEDULE = variance_preserving(zero_terminal_snr=True, prediction="v_prediction")
LEVELS = SCHEDULE.levels(20, "trailing")
NONE = Condition(torch.zeros(1, 1, 1))


def drawn(answer: Any, tolerance: Tolerance | None) -> tuple[Tensor, list[Level], int]:
    """A whole run with a network whose x0 is `answer(level)` -> picture, levels it was asked at, calls spared."""
    asked: list[Level] = []

    def network(x: Tensor, level: Level, condition: Condition, /) -> Tensor:
        asked.append(level)
        return answer(level).expand_as(x)

    hands = [Foresight(tolerance, LEVELS[-2])] if tolerance else []
    x = torch.ones(1, 1, 2, 2)
    for state in sample(network, x, LEVELS, make_step("ddim"), NONE, hands):
        x = state.x
    return x, asked, hands[0].spared if hands else 0


def evenly(level: Level) -> Tensor:
    at = math.log(max(level.alpha, 1e-6) / max(level.sigma, 1e-6))
    return torch.tensor(5.0 + 0.3 * at)


def test_what_goes_on_evenly_is_foreseen_and_comes_out_the_same() -> None:
    exact, asked, _ = drawn(evenly, None)
    quick, fewer, spared = drawn(evenly, Tolerance(1e-3, 2))
    torch.testing.assert_close(quick, exact, atol=1e-4, rtol=1e-4)
    assert len(asked) == 20 and len(fewer) == 20 - spared and spared >= 10
    assert fewer[-1] == LEVELS[-2], "the last step is computed"
    gaps = np.diff([LEVELS.index(level) for level in fewer])
    assert gaps.max() == 3, "at most two in a row"


def test_what_jumps_is_computed() -> None:
    def jumping(level: Level) -> Tensor:
        return torch.tensor(1.0 if LEVELS.index(level) % 2 else -1.0)

    exact, _, _ = drawn(jumping, None)
    quick, asked, spared = drawn(jumping, Tolerance(0.5, 3))
    assert spared == 0 and len(asked) == 20 and torch.equal(quick, exact)


def test_nothing_is_foreseen_from_pure_noise_or_one_answer() -> None:
    trend = Trend()
    trend.tell(LEVELS[0], torch.ones(1))
    assert not trend.known and trend.foreseen(LEVELS[1]) is None
    trend.tell(LEVELS[1], torch.ones(1))
    assert trend.foreseen(LEVELS[2]) is None and trend.error == math.inf


def test_only_where_it_is_allowed() -> None:
    assert tolerance_of("exact", "ddim", 20) is None
    assert tolerance_of("near", "euler_ancestral", 20) is None, "fresh noise is nothing to foresee"
    assert tolerance_of("fast", "ddim", LEAST_STEPS - 1) is None
    near, fast = TOLERANCES["near"], TOLERANCES["fast"]
    assert tolerance_of("fast", "dpm++2m", 20) == fast and (near.error, near.row) < (fast.error, fast.row)


def test_a_request_may_allow_it(
    shared_engine: Engine, picture: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    spared: list[Foresight] = []
    made = Foresight.__init__

    def watched(self: Foresight, *given: Any) -> None:
        made(self, *given)
        spared.append(self)

    monkeypatch.setattr(Foresight, "__init__", watched)
    more = {"prompt": "a fox", "steps": 12, "guidance": 3.0}
    exact = one(shared_engine, JobSpec(technique=Text2Image(**more), model="tiny-taesd", seed=2))
    assert not spared
    quick = Text2Image(**more, accuracy="fast")
    result = one(shared_engine, JobSpec(technique=quick, model="tiny-taesd", seed=2))
    (hand,) = spared
    assert hand.spared >= 1
    assert np.abs(exact.clip.array.astype(int) - result.clip.array).mean() < 20
    again = one(shared_engine, result.spec)
    assert again.clip.digest() == result.clip.digest(), "the same request, the same bits"
    one(
        shared_engine,
        JobSpec(
            technique=Image2Image(image=picture, accuracy="near", strength=1.0, **more), model="tiny-taesd"
        ),
    )
    assert len(spared) == 3
