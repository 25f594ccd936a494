"""Trajectories that are kept: what they hold, and what a student of them learns."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from studio.engine import trajectories
from studio.engine.condition import Condition
from studio.engine.distill import Levels
from studio.engine.schedule import variance_preserving

LEVELS = Levels(variance_preserving(zero_terminal_snr=True, prediction="v_prediction"))


class Knows(torch.nn.Module):
    """One who sees a picture of its own for each item from everywhere: the item's scale, in every pixel."""

    def __init__(self) -> None:
        super().__init__()
        self.off = torch.nn.Parameter(torch.zeros(1))

    def forward(self, x: Any, t: Any, said: Condition, scale: Any, told: Any = None) -> Any:
        alpha, sigma = LEVELS.at(t)
        return (alpha * x - scale.view(-1, 1, 1, 1)) / sigma.clamp_min(1e-6) + self.off


def known(count: int = 6, steps: int = 8) -> trajectories.Trajectories:
    knows, scale = Knows(), torch.linspace(-1, 1, count)
    teacher: Any = type("Teacher", (), {"v": lambda self, x, t, said, scale: knows(x, t, said, scale)})()
    said = Condition(torch.zeros(count, 1, 1))
    states = trajectories.walk(teacher, LEVELS, steps, torch.randn(count, 1, 2, 2), said, scale)
    return trajectories.Trajectories(states, scale, lambda rows: Condition(torch.zeros(len(rows), 1, 1)))


def test_a_walk_goes_from_its_noise_to_the_picture_that_the_teacher_sees() -> None:
    torch.manual_seed(0)
    walked = known()
    assert walked.states.shape == (6, 9, 1, 2, 2) and walked.steps == 8 and len(walked) == 6
    assert float(walked.states[:, 0].std()) > 0.5
    torch.testing.assert_close(
        walked.states[:, -1], walked.scale.view(-1, 1, 1, 1).expand(6, 1, 2, 2), atol=1e-4, rtol=1e-4
    )


def test_who_knows_the_picture_has_nothing_to_learn_on_the_way_there() -> None:
    knows = Knows()
    following = trajectories.following_loss(knows, LEVELS, known(), {8: 5, 4: 4, 2: 3, 1: 2})
    consistent = trajectories.consistent_loss(knows, LEVELS, known(), 7)
    assert all(float(following(i).detach()) < 1e-5 for i in range(20))
    assert all(float(consistent(i).detach()) < 1e-3 for i in range(3))
    knows.off.data.fill_(0.3)
    assert float(following(20).detach()) > 0.01 and float(consistent(3).detach()) > 0.01


def test_a_student_is_shown_its_own_errors_and_told_the_way_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trajectories, "OWN", 1.0)
    walked = known()
    way = trajectories._Followers(LEVELS, walked, 4, 12)  # pyright: ignore[reportPrivateUsage]
    seen = set[int]()
    for _ in range(9):
        y, goal = way.goals()
        arrived = LEVELS.step(way.x, goal, way.grid[way.index], way.grid[way.index + 1])
        torch.testing.assert_close(arrived, y, atol=1e-3, rtol=1e-3)
        torch.testing.assert_close(y, walked.at(way.rows, (way.index + 1) * 2))
        wrong, index = goal + 0.2, way.index
        own = LEVELS.step(way.x, wrong, way.grid[index], way.grid[index + 1])
        way.went(wrong, y)
        on = way.index == index + 1
        torch.testing.assert_close(way.x[on], own[on])
        torch.testing.assert_close(way.x[~on], walked.at(way.rows[~on], way.index[~on]))
        assert bool((way.index[~on] == 0).all())
        seen |= set(way.index.tolist())
    assert seen == {0, 1, 2, 3}


def test_steps_that_the_teacher_did_not_take_are_refused() -> None:
    with pytest.raises(ValueError, match="do not hold 3"):
        trajectories.following_loss(Knows(), LEVELS, known(), {3: 2})
