"""Solvers against an exactly solvable case and against the library's schedulers of the same name.

The exact case: every value of the data is N(MEAN, SPREAD^2) on its own. Then with v(t) = alpha^2 SPREAD^2 + sigma^2

    x0 = MEAN + SPREAD^2 alpha (x - alpha MEAN) / v(t)         the perfect denoiser
    x(s) = alpha_s MEAN + sqrt(v(s) / v(t)) (x(t) - alpha_t MEAN)  the probability-flow ODE's solution
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import pytest
import torch
from diffusers import (
    DDIMScheduler,
    DPMSolverMultistepScheduler,
    EulerAncestralDiscreteScheduler,
    EulerDiscreteScheduler,
    FlowMatchEulerDiscreteScheduler,
    HeunDiscreteScheduler,
    LCMScheduler,
)
from torch import Tensor

from studio.engine.denoiser import to_x0
from studio.engine.schedule import EDM, FlowMatching, Level, Prediction, Schedule, variance_preserving
from studio.engine.steps import DPM2M, Denoise, Heun, Noise, Step, draw, generators, make_step

MEAN, SPREAD = 0.7, 0.4
VP = variance_preserving()
ZERO = variance_preserving(zero_terminal_snr=True, prediction="v_prediction")
SCHEDULES = {"vp": VP, "flow": FlowMatching(), "edm": EDM()}
ALL = ["ddim", "euler", "euler_ancestral", "heun", "dpm++2m", "dpm++2m_sde", "lcm"]


def variance(level: Level) -> float:
    return level.alpha**2 * SPREAD**2 + level.sigma**2


def perfect(x: Tensor, level: Level) -> Tensor:
    return MEAN + SPREAD**2 * level.alpha * (x - level.alpha * MEAN) / variance(level)


def exact(x: Tensor, t: Level, s: Level) -> Tensor:
    return s.alpha * MEAN + math.sqrt(variance(s) / variance(t)) * (x - t.alpha * MEAN)


def run(step: Step, levels: Sequence[Level], x: Tensor, denoise: Denoise = perfect) -> Tensor:
    for t, s in pairwise(levels):
        x, _ = step(denoise, x, t, s)
    return x


def randn(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


# --- the exact case -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("family", list(SCHEDULES))
@pytest.mark.parametrize(("name", "order"), [("ddim", 1), ("euler", 1), ("heun", 2), ("dpm++2m", 2)])
@pytest.mark.parametrize("upwards", [False, True])
def test_order_of_convergence(family: str, name: str, order: int, upwards: bool) -> None:
    """Halving the step divides the error by 2^order, towards noise as well as away from it."""
    schedule = SCHEDULES[family]
    errors: list[float] = []
    for n in (40, 80, 160):
        levels = [schedule.level_at_ratio(8 * (0.05 / 8) ** (i / n)) for i in range(n + 1)]
        levels = levels[::-1] if upwards else levels
        x = randn(2, 1, 4, 4)
        truth = exact(x, levels[0], levels[-1])
        errors.append(float((run(make_step(name), levels, x) - truth).abs().max() / truth.abs().max()))
    for coarse, fine in pairwise(errors):
        assert math.log2(coarse / fine) == pytest.approx(order, abs=0.1)
    assert errors[-1] < (0.05 if order == 1 else 1e-3)


@pytest.mark.parametrize("name", ["ddim", "heun", "dpm++2m"])
@pytest.mark.parametrize(
    "schedule", [VP, ZERO, FlowMatching(shift=3.0), EDM()], ids=["vp", "zero", "flow", "edm"]
)
def test_deterministic_solvers_reach_the_data(name: str, schedule: Schedule) -> None:
    """A whole run, from the schedule's own noise to exactly clean."""
    levels = schedule.levels(200, "karras")
    x = randn(1, 1, 8, 8) * levels[0].sigma + levels[0].alpha * MEAN
    out = run(make_step(name), levels, x)
    tolerance = {"ddim": 0.05, "heun": 0.005, "dpm++2m": 0.005}[name]
    torch.testing.assert_close(out, exact(x, levels[0], levels[-1]), rtol=0, atol=tolerance)


NOISY = ["euler_ancestral", "dpm++2m_sde", "ddim", "churn"]


def noisy_step(name: str, schedule: Schedule, source: list[torch.Generator] | None = None) -> Step:
    if name == "churn":
        return Heun(source, churn=0.2, schedule=schedule, churn_range=(0.0, 50.0))
    return make_step(name, source, eta=0.6 if name == "ddim" else None)


def moments(step: Step, levels: Sequence[Level]) -> tuple[float, float]:
    """The exact mean and variance that a solver gives on this data, without drawing a number.

    Solver and perfect denoiser are linear in x and in every draw: out = a x + sum_k b_k noise_k + c. Item 0 of a
    batch measures c (no x, no noise), item 1 a, and item 2 + k b_k, through a noise source of zeros and a one.
    """
    draws = len(levels)

    class Probe(Noise):
        count = 0

        def like(self, x: Tensor) -> Tensor:
            noise = torch.zeros_like(x)
            noise[2 + self.count] = 1
            self.count += 1
            return noise

    step.noise = Probe()
    x = torch.zeros(2 + draws, 1, dtype=torch.float64)
    x[1] = 1
    out = run(step, levels, x)[:, 0]
    c, gains = out[0], out[1:] - out[0]
    start = levels[0]
    spread = torch.ones(1 + draws, dtype=torch.float64)
    spread[0] = variance(start)
    return float(c + gains[0] * start.alpha * MEAN), float((gains**2 * spread).sum())


@pytest.mark.parametrize("schedule", [VP, ZERO, FlowMatching(), EDM()], ids=["vp", "zero", "flow", "edm"])
@pytest.mark.parametrize("name", NOISY)
def test_stochastic_solvers_converge_to_the_data(name: str, schedule: Schedule) -> None:
    """The exact mean and variance of the result approach the data's, at first order or better."""
    biases: list[float] = []
    for n in (100, 200, 400):
        levels = [lv for lv in schedule.levels(n, "karras")]
        mean, var = moments(noisy_step(name, schedule), levels)
        assert mean == pytest.approx(MEAN, abs=0.01)
        biases.append(abs(var / SPREAD**2 - 1))
    assert biases[-1] < 0.08
    assert all(fine < 0.62 * coarse or fine < 0.01 for coarse, fine in pairwise(biases))


@pytest.mark.parametrize("schedule", [VP, ZERO, FlowMatching(), EDM()], ids=["vp", "zero", "flow", "edm"])
@pytest.mark.parametrize("name", NOISY)
def test_stochastic_solvers_match_mean_and_variance(name: str, schedule: Schedule) -> None:
    """Drawn numbers have the moments just computed: within 4 standard errors of 6400 values."""
    levels = schedule.levels(40, "karras")
    source = generators([1, 2, 3, 4])
    x = levels[0].alpha * MEAN + math.sqrt(variance(levels[0])) * draw(source, (1, 40, 40)).double()
    out = run(noisy_step(name, schedule, source), levels, x)
    mean, var = moments(noisy_step(name, schedule), levels)
    assert float(out.mean()) == pytest.approx(mean, abs=4 * math.sqrt(var / 6400))
    assert float(out.var()) == pytest.approx(var, rel=4 * math.sqrt(2 / 6400))


def test_lcm_is_exact_for_a_perfect_consistency_function() -> None:
    """With f(x, t) the end of the ODE from x (not the mean of x0), every step has the right marginal."""

    def consistent(x: Tensor, level: Level) -> Tensor:
        return exact(x, level, VP.clean)

    source = generators([1, 2, 3, 4])
    levels = VP.levels(4, "lcm")
    x = levels[0].alpha * MEAN + math.sqrt(variance(levels[0])) * draw(source, (1, 40, 40)).double()
    out = run(make_step("lcm", source), levels, x, consistent)
    assert float(out.mean()) == pytest.approx(MEAN, abs=4 * 0.005)
    assert float(out.var()) == pytest.approx(SPREAD**2, rel=4 * 0.018)


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("prediction", ["v_prediction", "sample"])
def test_pure_noise_and_few_steps_are_finite(name: str, prediction: Prediction) -> None:
    def denoise(x: Tensor, level: Level) -> Tensor:
        return to_x0(prediction, 0.3 * x.tanh(), x, level)

    for schedule in (ZERO, FlowMatching()):
        for steps in (1, 2, 5):
            levels = schedule.levels(steps)
            assert levels[0].alpha == 0
            out = run(make_step(name, generators([0])), levels, randn(1, 1, 4, 4), denoise)
            assert bool(out.isfinite().all())


@pytest.mark.parametrize("name", ["ddim", "euler", "heun", "dpm++2m"])
def test_inversion_round_trip(name: str) -> None:
    """Up from exactly clean data and down again; the error falls as steps are added."""
    x = MEAN + SPREAD * randn(1, 1, 8, 8)
    errors: list[float] = []
    for n in (50, 200):
        levels = VP.levels(n)
        noise = run(make_step(name), levels[::-1], x)
        assert float(noise.std()) == pytest.approx(1.0, abs=0.25)
        errors.append(float((run(make_step(name), levels, noise) - x).abs().max()))
    assert errors[1] < 0.4 * errors[0]
    assert errors[1] < (0.035 if name in ("ddim", "euler") else 0.003)


def test_ddim_euler_and_2m_agree_where_they_should() -> None:
    levels = VP.levels(2)
    x = randn(1, 1, 4, 4)
    a, b = run(make_step("ddim"), levels[:2], x), run(make_step("dpm++2m"), levels[:2], x)
    torch.testing.assert_close(a, b)  # the first multistep step is of first order
    sde, ode = DPM2M(eta=0.0), make_step("dpm++2m")
    assert torch.equal(run(sde, levels, x), run(ode, levels, x))
    eta_one, ancestral = (
        make_step("ddim", generators([3]), eta=1.0),
        make_step("euler_ancestral", generators([3])),
    )
    assert torch.equal(run(eta_one, levels, x), run(ancestral, levels, x))


# --- parity with the library ------------------------------------------------------------------------------------

SD = {"beta_schedule": "scaled_linear", "beta_start": 0.00085, "beta_end": 0.012, "steps_offset": 1}
WEIGHT = torch.randn(8, 8, generator=torch.Generator().manual_seed(9)) / 8**0.5


def network(x: Tensor, t: Tensor | float) -> Tensor:
    """A fixed, mildly nonlinear network on [B, C, H, 8]; about the size of its input."""
    return 0.7 * x + 0.5 * torch.tanh(x @ WEIGHT.to(x.dtype) + float(t) / 1000)


def ours(
    schedule: Schedule, levels: Sequence[Level], step: Step, x: Tensor, prediction: Prediction | None = None
) -> Tensor:
    kind = prediction or schedule.prediction
    return run(step, levels, x, lambda x, level: to_x0(kind, network(x, level.t), x, level))


def theirs(scheduler: Any, x: Tensor, scaled: bool, **options: Any) -> Tensor:
    """The library's loop. Its Euler family carries x / alpha, so x goes in and comes out divided."""
    if scaled:
        x = x * float((1 + scheduler.sigmas[0] ** 2) ** 0.5)
    for t in scheduler.timesteps:
        y = scheduler.scale_model_input(x, t)
        x = scheduler.step(network(y, t), t, x, **options).prev_sample
    return x


def assert_close(a: Tensor, b: Tensor, tolerance: float = 1e-4) -> None:
    """Relative to the size of the result."""
    assert a.shape == b.shape
    error = float((a - b).abs().max() / b.abs().max())
    assert error <= tolerance, error


Case = tuple[str, type, dict[str, Any], bool]
CASES: list[Case] = [
    ("ddim", DDIMScheduler, {"clip_sample": False}, False),
    ("euler", EulerDiscreteScheduler, {}, True),
    ("heun", HeunDiscreteScheduler, {}, True),
    ("dpm++2m", DPMSolverMultistepScheduler, {}, False),
]


@pytest.mark.parametrize("prediction", ["epsilon", "v_prediction"])
@pytest.mark.parametrize("spacing", ["trailing", "leading"])
@pytest.mark.parametrize("steps", [5, 20])
@pytest.mark.parametrize("case", CASES, ids=[c[0] for c in CASES])
def test_parity_deterministic(case: Case, steps: int, spacing: str, prediction: Prediction) -> None:
    """final_sigmas_type is "zero", the default, and so are our levels; lower_order_final then only concerns the
    last step, which is of first order with us too. set_alpha_to_one (DDIM) is the default, too."""
    name, cls, options, scaled = case
    config = {**SD, **options, "timestep_spacing": spacing, "prediction_type": prediction}
    scheduler = cls.from_config(config)
    scheduler.set_timesteps(steps)
    schedule = Schedule.from_config(config)
    levels = schedule.levels(steps, family="dpm++" if name == "dpm++2m" else "ddim")
    x = randn(2, 1, 3, 8).float()
    assert_close(ours(schedule, levels, make_step(name), x), theirs(scheduler, x, scaled))


@pytest.mark.parametrize("case", CASES[1:3], ids=[c[0] for c in CASES[1:3]])
@pytest.mark.parametrize("kind", ["use_karras_sigmas", "use_exponential_sigmas"])
def test_parity_on_ramps(case: Case, kind: str) -> None:
    """Not DPM-Solver++: there the library rounds the network's time on these ramps, and we do not."""
    name, cls, options, scaled = case
    config = {**SD, **options, kind: True, "timestep_spacing": "linspace"}
    scheduler = cls.from_config(config)
    scheduler.set_timesteps(12)
    schedule = Schedule.from_config(config)
    x = randn(2, 1, 3, 8).float()
    assert_close(ours(schedule, schedule.levels(12), make_step(name), x), theirs(scheduler, x, scaled))


def test_parity_dpm_on_karras_levels_with_rounded_times() -> None:
    config = {**SD, "use_karras_sigmas": True}
    scheduler = DPMSolverMultistepScheduler.from_config(config)
    scheduler.set_timesteps(12)
    schedule = Schedule.from_config(config)
    times = scheduler.timesteps.tolist()
    levels = [Level(t, lv.alpha, lv.sigma) for t, lv in zip(times, schedule.levels(12))] + [schedule.clean]
    x = randn(2, 1, 3, 8).float()
    assert_close(ours(schedule, levels, make_step("dpm++2m"), x), theirs(scheduler, x, False))


@pytest.mark.parametrize("eta", [0.3, 1.0])
def test_parity_ddim_with_noise(eta: float) -> None:
    """The same generators give the library's bits of noise: one picture, one generator, in its list form."""
    config = {**SD, "clip_sample": False, "timestep_spacing": "trailing"}
    scheduler = DDIMScheduler.from_config(config)
    scheduler.set_timesteps(10)
    schedule = Schedule.from_config(config)
    x = randn(2, 1, 3, 8).float()
    b = theirs(scheduler, x, False, eta=eta, generator=generators([5, 6]))
    a = ours(schedule, schedule.levels(10), make_step("ddim", generators([5, 6]), eta=eta), x)
    assert_close(a, b, 2e-4)


def test_parity_euler_ancestral() -> None:
    config = {**SD, "timestep_spacing": "trailing"}
    scheduler = EulerAncestralDiscreteScheduler.from_config(config)
    scheduler.set_timesteps(10)
    schedule = Schedule.from_config(config)
    x = randn(2, 1, 3, 8).float()
    b = theirs(scheduler, x, True, generator=generators([5, 6]))
    a = ours(schedule, schedule.levels(10), make_step("euler_ancestral", generators([5, 6])), x)
    assert_close(a, b, 2e-4)


@pytest.mark.parametrize("steps", [5, 20])
def test_parity_dpm_sde(steps: int) -> None:
    config = {**SD, "timestep_spacing": "trailing", "algorithm_type": "sde-dpmsolver++"}
    scheduler = DPMSolverMultistepScheduler.from_config(config)
    scheduler.set_timesteps(steps)
    schedule = Schedule.from_config(config)
    x = randn(2, 1, 3, 8).float()
    b = theirs(scheduler, x, False, generator=generators([5, 6]))
    a = ours(schedule, schedule.levels(steps), make_step("dpm++2m_sde", generators([5, 6])), x)
    assert_close(a, b, 2e-4)


@pytest.mark.parametrize("steps", [1, 4, 8])
def test_parity_lcm(steps: int) -> None:
    """The library also applies the boundary scalings, which on its timesteps are 1 and 0 to 1e-5."""
    scheduler = LCMScheduler.from_config(SD)
    scheduler.set_timesteps(steps)
    x = randn(2, 1, 3, 8).float()
    b = theirs(scheduler, x, False, generator=generators([5, 6]))
    a = ours(VP, VP.levels(steps, "lcm"), make_step("lcm", generators([5, 6])), x)
    assert_close(a, b)


@pytest.mark.parametrize("shift", [1.0, 3.0])
def test_parity_flow_euler(shift: float) -> None:
    scheduler = FlowMatchEulerDiscreteScheduler(shift=shift)
    scheduler.set_timesteps(12)
    schedule = FlowMatching(shift=shift)
    x = y = randn(2, 1, 3, 8).float()
    for t in scheduler.timesteps:
        y = scheduler.step(network(y, t), t, y).prev_sample
    assert_close(ours(schedule, schedule.levels(12, "linspace"), make_step("euler"), x), y)


@pytest.mark.parametrize("name", ["ddim", "dpm++2m"])
def test_parity_sample_prediction(name: str) -> None:
    cls, options = (
        (DDIMScheduler, {"clip_sample": False}) if name == "ddim" else (DPMSolverMultistepScheduler, {})
    )
    config = {**SD, **options, "timestep_spacing": "trailing", "prediction_type": "sample"}
    scheduler = cls.from_config(config)
    scheduler.set_timesteps(10)
    schedule = Schedule.from_config(config)
    x = randn(2, 1, 3, 8).float()
    assert_close(ours(schedule, schedule.levels(10), make_step(name), x), theirs(scheduler, x, False))


def test_parity_zero_terminal_snr() -> None:
    """DDIM's table ends at exactly 0 in the library as well (its Euler and DPM-Solver++ put 2^-24 there)."""
    config = {
        **SD,
        "rescale_betas_zero_snr": True,
        "prediction_type": "v_prediction",
        "timestep_spacing": "trailing",
        "clip_sample": False,
    }
    scheduler = DDIMScheduler.from_config(config)
    scheduler.set_timesteps(10)
    schedule = Schedule.from_config(config)
    x = randn(2, 1, 3, 8).float()
    assert_close(ours(schedule, schedule.levels(10), make_step("ddim"), x), theirs(scheduler, x, False))


# --- noise and options ------------------------------------------------------------------------------------------


def test_noise_is_one_stream_per_picture() -> None:
    x = torch.zeros(3, 1, 4, 4)
    together = Noise(generators([7, 8, 9])).like(x)
    alone = Noise(generators([8])).like(x[:1])
    assert torch.equal(together[1:2], alone)
    assert Noise(generators([7])).like(x[:1].double()).dtype == torch.float64
    with pytest.raises(ValueError, match="one generator per picture"):
        Noise(generators([7])).like(x)


def test_noise_without_generators_follows_the_global_seed() -> None:
    def once() -> Tensor:
        torch.manual_seed(4)
        return Noise().like(torch.zeros(2, 3))

    assert torch.equal(once(), once())


@pytest.mark.parametrize("name", ALL)
def test_state_resumes_with_the_same_bits(name: str) -> None:
    levels = VP.levels(8)
    x = randn(2, 1, 4, 4).float()
    whole = run(make_step(name, generators([1, 2])), levels, x)
    first = make_step(name, generators([1, 2]))
    half = run(first, levels[:5], x)
    second = make_step(name)
    second.load_state_dict(first.state_dict())
    assert torch.equal(run(second, levels[4:], half), whole)


def test_state_survives_a_file(tmp_path: Any) -> None:
    step = make_step("dpm++2m_sde", generators([1]))
    run(step, VP.levels(8)[:4], randn(1, 1, 2, 2))
    torch.save(step.state_dict(), tmp_path / "state.pt")
    make_step("dpm++2m_sde").load_state_dict(torch.load(tmp_path / "state.pt", weights_only=True))


def test_noisy_solvers_refuse_to_invert() -> None:
    levels = VP.levels(4)[::-1]
    for name in ("euler_ancestral", "dpm++2m_sde", "lcm"):
        with pytest.raises(ValueError, match="clean to noisy"):
            run(make_step(name), levels, randn(1, 1, 2, 2))


@pytest.mark.parametrize(
    "make",
    [
        lambda: make_step("unheard_of"),
        lambda: make_step("euler", eta=0.5),
        lambda: make_step("ddim", eta=1.5),
        lambda: make_step("ddim", churn=0.1),
        lambda: make_step("heun", churn=0.1),
        lambda: make_step("heun", churn=0.9, schedule=VP),
    ],
)
def test_bad_options(make: Callable[[], Step]) -> None:
    with pytest.raises(ValueError, match=r"\.$"):
        make()
