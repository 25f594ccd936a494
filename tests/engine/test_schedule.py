"""Schedules against closed forms and against the library's schedulers of the same name."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
import torch
from diffusers import (
    DDIMScheduler,
    DPMSolverMultistepScheduler,
    EDMEulerScheduler,
    EulerDiscreteScheduler,
    FlowMatchEulerDiscreteScheduler,
    LCMScheduler,
)

from studio.engine.schedule import (
    EDM,
    FlowMatching,
    Level,
    Schedule,
    VariancePreserving,
    betas,
    variance_preserving,
)

SD = {
    "beta_schedule": "scaled_linear",
    "beta_start": 0.00085,
    "beta_end": 0.012,
    "num_train_timesteps": 1000,
    "steps_offset": 1,
}
EVERY = [
    variance_preserving(),
    variance_preserving("linear", 0.0001, 0.02),
    variance_preserving("squaredcos_cap_v2"),
    variance_preserving(zero_terminal_snr=True),
    FlowMatching(shift=3.0),
    EDM(),
]


def ratios(levels: list[Level]) -> torch.Tensor:
    return torch.tensor([lv.ratio for lv in levels], dtype=torch.float64)


def test_level_properties() -> None:
    level = Level(t=1.0, alpha=0.8, sigma=0.6)
    assert level.ratio == pytest.approx(0.75)
    assert level.snr == pytest.approx((0.8 / 0.6) ** 2)
    assert level.log_snr == pytest.approx(math.log(level.snr))
    noise, clean = Level(0, 0.0, 1.0), Level(0, 1.0, 0.0)
    assert (noise.ratio, noise.snr, noise.log_snr) == (math.inf, 0, -math.inf)
    assert (clean.ratio, clean.snr, clean.log_snr) == (0, math.inf, math.inf)


@pytest.mark.parametrize("name", ["linear", "scaled_linear", "squaredcos_cap_v2"])
@pytest.mark.parametrize("zero", [False, True])
def test_tables_match_library(name: str, zero: bool) -> None:
    config = {**SD, "beta_schedule": name, "rescale_betas_zero_snr": zero}
    ours = Schedule.from_config(config)
    assert isinstance(ours, VariancePreserving)
    theirs = DDIMScheduler.from_config(config).alphas_cumprod.double()
    torch.testing.assert_close(
        torch.tensor(ours.alpha_bars, dtype=torch.float64), theirs, rtol=2e-3 if zero else 1e-4, atol=2e-7
    )
    if zero:
        assert ours.noisiest == Level(999.0, 0.0, 1.0)


@pytest.mark.parametrize("steps", [1, 4, 10, 20, 50, 7])
@pytest.mark.parametrize("spacing", ["trailing", "leading", "linspace"])
def test_timesteps_match_ddim(spacing: str, steps: int) -> None:
    if spacing == "linspace" and steps == 1:
        pytest.skip("the library's single linspace step is at t = 0; ours is at the noisy end")
    theirs = DDIMScheduler.from_config({**SD, "timestep_spacing": spacing})
    theirs.set_timesteps(steps)
    ours = Schedule.from_config({**SD, "timestep_spacing": spacing}).levels(steps)
    assert [lv.t for lv in ours[:-1]] == theirs.timesteps.tolist()
    bars = theirs.alphas_cumprod[theirs.timesteps].double()
    torch.testing.assert_close(
        torch.tensor([lv.alpha**2 for lv in ours[:-1]], dtype=torch.float64), bars, rtol=1e-4, atol=0
    )


def test_one_linspace_step_starts_from_noise() -> None:
    assert variance_preserving().levels(1, "linspace")[0].t == 999


@pytest.mark.parametrize("steps", [5, 20, 33])
@pytest.mark.parametrize("spacing", ["trailing", "leading", "linspace"])
def test_timesteps_match_euler_and_dpm(spacing: str, steps: int) -> None:
    config = {**SD, "timestep_spacing": spacing}
    schedule = Schedule.from_config(config)
    euler = EulerDiscreteScheduler.from_config(config)
    euler.set_timesteps(steps)
    ours = schedule.levels(steps, family="euler")
    torch.testing.assert_close(
        torch.tensor([lv.t for lv in ours[:-1]]), euler.timesteps.float(), rtol=0, atol=1e-3
    )
    # Between timesteps the library interpolates sigma itself and we its logarithm: 2e-4 at most on this table,
    # except next to t = 0, where sigma bends most.
    inner = slice(0, -2) if spacing == "linspace" else slice(0, -1)
    torch.testing.assert_close(ratios(ours[inner]), euler.sigmas[inner].double(), rtol=2e-4, atol=0)
    dpm = DPMSolverMultistepScheduler.from_config(config)
    dpm.set_timesteps(steps)
    ours = schedule.levels(steps, family="dpm++")
    assert [lv.t for lv in ours[:-1]] == dpm.timesteps.tolist()
    torch.testing.assert_close(ratios(ours), dpm.sigmas.double(), rtol=1e-4, atol=0)


@pytest.mark.parametrize("kind", ["karras", "exponential"])
def test_ramps_match_library(kind: str) -> None:
    config = {**SD, f"use_{kind}_sigmas": True}
    ours = Schedule.from_config(config).levels(12)
    euler = EulerDiscreteScheduler.from_config({**config, "timestep_spacing": "linspace"})
    dpm = DPMSolverMultistepScheduler.from_config(config)
    euler.set_timesteps(12)
    dpm.set_timesteps(12)
    torch.testing.assert_close(ratios(ours), euler.sigmas.double(), rtol=1e-4, atol=0)
    torch.testing.assert_close(ratios(ours), dpm.sigmas.double(), rtol=1e-4, atol=0)
    # DPM-Solver rounds the network's time to whole timesteps; Euler and we do not.
    torch.testing.assert_close(
        torch.tensor([lv.t for lv in ours[:-1]]), euler.timesteps.float(), rtol=0, atol=0.05
    )
    assert all(abs(lv.t - t) <= 1 for lv, t in zip(ours, dpm.timesteps.tolist()))


def test_lcm_spacing_matches_library() -> None:
    for steps in (1, 2, 4, 8, 50):
        theirs = LCMScheduler.from_config(SD)
        theirs.set_timesteps(steps)
        ours = variance_preserving().levels(steps, "lcm")
        assert [lv.t for lv in ours[:-1]] == theirs.timesteps.tolist()


@pytest.mark.parametrize("config", [{"shift": 1.0}, {"shift": 3.0}, {"shift": 2.0, "shift_terminal": 0.1}])
def test_flow_matches_library(config: dict[str, float]) -> None:
    theirs = FlowMatchEulerDiscreteScheduler.from_config(config)
    schedule = Schedule.from_config({"_class_name": "FlowMatchEulerDiscreteScheduler", **config})
    assert schedule.prediction == "flow"
    theirs.set_timesteps(9)
    ours = schedule.levels(9, "linspace")
    sigmas = torch.tensor([lv.sigma for lv in ours])
    torch.testing.assert_close(sigmas, theirs.sigmas, rtol=1e-5, atol=1e-6)
    torch.testing.assert_close(
        torch.tensor([lv.t for lv in ours[:-1]]), theirs.timesteps, rtol=1e-5, atol=1e-3
    )
    theirs.set_timesteps(sigmas=[1 - i / 9 for i in range(9)])  # what the pipelines of large models pass
    sigmas = torch.tensor([lv.sigma for lv in schedule.levels(9, "trailing")])
    torch.testing.assert_close(sigmas, theirs.sigmas, rtol=1e-5, atol=1e-6)


def test_flow_shift_by_size_matches_library() -> None:
    config = {"_class_name": "FlowMatchEulerDiscreteScheduler", "use_dynamic_shifting": True, "shift": 3.0}
    schedule = Schedule.from_config(config)
    assert isinstance(schedule, FlowMatching)
    theirs = FlowMatchEulerDiscreteScheduler.from_config(config)
    tokens = 1024
    mu = 0.5 + (tokens - 256) * (1.15 - 0.5) / (4096 - 256)
    theirs.set_timesteps(sigmas=[1 - i / 6 for i in range(6)], mu=mu)
    sigmas = torch.tensor([lv.sigma for lv in schedule.for_tokens(tokens).levels(6, "trailing")])
    torch.testing.assert_close(sigmas, theirs.sigmas, rtol=1e-5, atol=1e-6)


def test_edm_matches_library() -> None:
    theirs = EDMEulerScheduler()
    theirs.set_timesteps(18)
    schedule = Schedule.from_config({"_class_name": "EDMEulerScheduler"})
    ours = schedule.levels(18)
    torch.testing.assert_close(ratios(ours), theirs.sigmas.double(), rtol=1e-5, atol=1e-7)
    torch.testing.assert_close(
        torch.tensor([lv.t for lv in ours[:-1]]), theirs.timesteps, rtol=1e-4, atol=1e-4
    )


@pytest.mark.parametrize("schedule", EVERY)
def test_level_at_is_inverted_by_ratio(schedule: Schedule) -> None:
    high = schedule.noisiest.t
    low = schedule.level_at_ratio(0.05).t
    for i in range(60):
        level = schedule.level_at(min(low + (high - low) * i / 59, high))
        back = schedule.level_at_ratio(level.ratio)
        assert back.t == pytest.approx(level.t, rel=1e-6, abs=1e-6)
        assert (back.alpha, back.sigma) == pytest.approx((level.alpha, level.sigma), rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("schedule", EVERY)
@pytest.mark.parametrize("spacing", ["trailing", "leading", "linspace", "karras", "exponential", "lcm"])
@pytest.mark.parametrize("steps", [1, 2, 17, 50])
def test_levels_fall_to_exactly_clean(schedule: Schedule, spacing: str, steps: int) -> None:
    unknown = {FlowMatching: ("leading", "lcm"), EDM: ("trailing", "leading", "linspace", "lcm")}
    if spacing in unknown.get(type(schedule), ()):
        with pytest.raises(ValueError, match=r"choose '\w+'\.$"):
            schedule.levels(steps, spacing)  # type: ignore[arg-type]
        return
    levels = schedule.levels(steps, spacing)  # type: ignore[arg-type]
    assert len(levels) == steps + 1
    assert all(t.ratio > s.ratio for t, s in pairwise(levels))
    assert (levels[-1].alpha, levels[-1].sigma) == (1.0, 0.0)
    assert all(math.isfinite(v) for lv in levels for v in (lv.t, lv.alpha, lv.sigma))


@pytest.mark.parametrize(
    ("steps", "strength", "kept"), [(20, 1.0, 20), (20, 0.5, 10), (10, 0.75, 8), (4, 0.01, 1), (1, 0.3, 1)]
)
def test_strength_keeps_the_last_steps(steps: int, strength: float, kept: int) -> None:
    schedule = variance_preserving()
    assert schedule.levels(steps, strength=strength) == schedule.levels(steps)[-kept - 1 :]


@pytest.mark.parametrize(
    ("steps", "strength"), [(0, 1.0), (-3, 1.0), (5, 0.0), (5, 1.1), (5, math.nan), (1001, 1.0)]
)
def test_bad_requests_are_one_sentence(steps: int, strength: float) -> None:
    with pytest.raises(ValueError) as error:
        variance_preserving().levels(steps, strength=strength)
    assert str(error.value).count(". ") == 0
    assert str(error.value).endswith(".")


@pytest.mark.parametrize(
    "config",
    [
        {"beta_schedule": "unheard_of"},
        {"beta_schedule": "linear", "prediction_type": "unheard_of"},
        {"beta_schedule": "linear", "timestep_spacing": "unheard_of"},
        {"beta_schedule": "linear", "timestep_type": "continuous"},
    ],
)
def test_bad_configs_are_one_sentence(config: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"\.$"):
        Schedule.from_config(config)


def test_unknown_keys_and_trained_betas() -> None:
    table = list(betas("linear", 0.001, 0.02, 100))
    schedule = Schedule.from_config(
        {"trained_betas": table, "thresholding": True, "prediction_type": "v_prediction"}
    )
    assert schedule.train_steps == 100
    assert schedule.prediction == "v_prediction"
    assert schedule.level_at(0).alpha == pytest.approx(math.sqrt(0.999))


def test_levels_outside_the_trained_range() -> None:
    for schedule, t in [
        (variance_preserving(), 999.5),
        (variance_preserving(), -1.0),
        (FlowMatching(), 1001),
        (EDM(), 9),
    ]:
        with pytest.raises(ValueError):
            schedule.level_at(t)
    with pytest.raises(ValueError):
        EDM().level_at_ratio(math.nan)
