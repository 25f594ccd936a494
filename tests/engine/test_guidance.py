"""Guidance against separate calls, its interval, its rescaling, and the three-way form for edited pictures."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from diffusers.pipelines.stable_diffusion.pipeline_stable_diffusion import rescale_noise_cfg
from torch import Tensor

from studio.engine.condition import Condition
from studio.engine.controls.guidance import Guidance, ImageGuidance
from studio.engine.denoiser import Denoiser, NetworkDenoiser, to_x0
from studio.engine.sample import sample
from studio.engine.schedule import Level, Prediction, variance_preserving
from studio.engine.steps import draw, generators, make_step

SCHEDULE = variance_preserving()
LEVEL = SCHEDULE.level_at(500)
X = draw(generators([1, 2]), (3, 4, 4)).double()
POSITIVE = Condition(torch.full((2, 2, 4), 0.5, dtype=torch.float64))
NEGATIVE = Condition(torch.full((1, 2, 4), -0.2, dtype=torch.float64))


class Counting:
    """A network whose output depends on x and on every part of the condition; it counts pictures and calls."""

    def __init__(self) -> None:
        self.batches: list[int] = []

    def __call__(self, x: Tensor, t: Tensor, condition: Condition) -> Tensor:
        self.batches.append(x.shape[0])
        push = condition.hidden.mean(dim=(1, 2))[:, None, None, None]
        if condition.channels is not None:
            push = push + condition.channels.mean(dim=1, keepdim=True)
        return torch.tanh(x * (1 + push)) + push


def plain(prediction: Prediction = "epsilon") -> tuple[Denoiser, Counting]:
    network = Counting()
    return NetworkDenoiser(network, prediction), network


def test_one_call_equals_two() -> None:
    denoiser, network = plain()
    guided = Guidance(7.5, NEGATIVE).wrap(denoiser)(X, LEVEL, POSITIVE)
    assert network.batches == [4]
    negative = denoiser(X, LEVEL, NEGATIVE.expand(2))
    positive = denoiser(X, LEVEL, POSITIVE)
    torch.testing.assert_close(guided, negative + 7.5 * (positive - negative))


@pytest.mark.parametrize("prediction", ["epsilon", "v_prediction", "flow"])
def test_guiding_x0_is_guiding_the_output(prediction: Prediction) -> None:
    denoiser, network = plain(prediction)
    guided = Guidance(3.0, NEGATIVE).wrap(denoiser)(X, LEVEL, POSITIVE)
    t = torch.full((2,), LEVEL.t)
    a, b = network(X, t, NEGATIVE.expand(2)), network(X, t, POSITIVE)
    torch.testing.assert_close(guided, to_x0(prediction, a + 3.0 * (b - a), X, LEVEL))


def test_scale_one_costs_half() -> None:
    denoiser, network = plain()
    guided = Guidance(1.0, NEGATIVE).wrap(denoiser)(X, LEVEL, POSITIVE)
    assert network.batches == [2]
    assert torch.equal(guided, denoiser(X, LEVEL, POSITIVE))


def test_scale_zero_is_the_negative_alone() -> None:
    denoiser, _ = plain()
    guided = Guidance(0.0, NEGATIVE).wrap(denoiser)(X, LEVEL, POSITIVE)
    torch.testing.assert_close(guided, denoiser(X, LEVEL, NEGATIVE.expand(2)))


def test_interval_in_the_loop() -> None:
    denoiser, network = plain()
    levels = SCHEDULE.levels(10)
    interval = (0.5, 5.0)
    list(
        sample(denoiser, X, levels, make_step("ddim"), POSITIVE, [Guidance(4.0, NEGATIVE, interval=interval)])
    )
    inside = [0.5 <= lv.ratio <= 5.0 for lv in levels[:-1]]
    assert 0 < sum(inside) < 10
    assert network.batches == [4 if i else 2 for i in inside]


@pytest.mark.parametrize("prediction", ["epsilon", "v_prediction"])
@pytest.mark.parametrize("phi", [0.0, 0.3, 1.0])
def test_rescale_matches_library(prediction: Prediction, phi: float) -> None:
    denoiser, network = plain(prediction)
    control = Guidance(7.5, NEGATIVE, rescale=phi, rescale_in=prediction)
    guided = control.wrap(denoiser)(X, LEVEL, POSITIVE)
    t = torch.full((2,), LEVEL.t)
    a, b = network(X, t, NEGATIVE.expand(2)), network(X, t, POSITIVE)
    theirs = rescale_noise_cfg(a + 7.5 * (b - a), b, guidance_rescale=phi)
    torch.testing.assert_close(guided, to_x0(prediction, theirs, X, LEVEL))


def test_rescale_restores_the_deviation_at_pure_noise() -> None:
    denoiser, network = plain("v_prediction")
    level = Level(999, 0.0, 1.0)
    guided = Guidance(7.5, NEGATIVE, rescale=1.0).wrap(denoiser)(X, level, POSITIVE)
    output = network(X, torch.full((2,), 999.0), POSITIVE)
    torch.testing.assert_close(guided.std(dim=(1, 2, 3)), output.std(dim=(1, 2, 3)))


def test_guidance_does_not_mix_pictures() -> None:
    denoiser, _ = plain()
    guided = Guidance(7.5, NEGATIVE, rescale=0.7).wrap(denoiser)
    alone = guided(X[1:], LEVEL, Condition(POSITIVE.hidden[1:]))
    torch.testing.assert_close(guided(X, LEVEL, POSITIVE)[1:], alone)


def test_guidance_nests() -> None:
    denoiser, network = plain()
    twice = Guidance(2.0, NEGATIVE).wrap(Guidance(1.0, NEGATIVE).wrap(denoiser))
    torch.testing.assert_close(
        twice(X, LEVEL, POSITIVE), Guidance(2.0, NEGATIVE).wrap(denoiser)(X, LEVEL, POSITIVE)
    )
    assert network.batches == [4, 4]


PICTURE = draw(generators([5, 6]), (1, 4, 4)).double()
EDIT = Condition(POSITIVE.hidden, channels=PICTURE)


def test_image_guidance_equals_three_calls() -> None:
    denoiser, network = plain()
    guided = ImageGuidance(7.5, 1.5, NEGATIVE).wrap(denoiser)(X, LEVEL, EDIT)
    assert network.batches == [6]
    silent = NEGATIVE.expand(2)
    zeros = torch.zeros_like(PICTURE)
    nothing = denoiser(X, LEVEL, Condition(silent.hidden, channels=zeros))
    image = denoiser(X, LEVEL, Condition(silent.hidden, channels=PICTURE))
    full = denoiser(X, LEVEL, EDIT)
    torch.testing.assert_close(guided, nothing + 1.5 * (image - nothing) + 7.5 * (full - image))


def test_image_guidance_costs_nothing_when_it_does_nothing() -> None:
    denoiser, network = plain()
    ImageGuidance(1.0, 1.0, NEGATIVE).wrap(denoiser)(X, LEVEL, EDIT)
    ImageGuidance(7.5, 1.5, NEGATIVE, interval=(100.0, math.inf)).wrap(denoiser)(X, LEVEL, EDIT)
    assert network.batches == [2, 2]
    with pytest.raises(ValueError, match="channels"):
        ImageGuidance(7.5, 1.5, NEGATIVE).wrap(denoiser)(X, LEVEL, POSITIVE)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Guidance(2.0, NEGATIVE, rescale=1.2),
        lambda: Guidance(2.0, NEGATIVE, interval=(5.0, 1.0)),
        lambda: ImageGuidance(2.0, 1.0, NEGATIVE, interval=(-1.0, 1.0)),
    ],
)
def test_bad_options(make: Callable[[], Any]) -> None:
    with pytest.raises(ValueError, match=r"\.$"):
        make()
