"""Solvers: one step from a noise level t to a level s.

Symbols as in `schedule`: x = alpha x0 + sigma eps, ratio r = sigma / alpha; subscripts t and s name the level.
Every solver follows the probability-flow ODE (Song et al. 2021, eq. 13) or an SDE with the same marginals. In
y = x / alpha and r that ODE is dy/dr = eps (Karras et al. 2022, eq. 1; Song et al. 2020, eq. 14), whatever alpha
and sigma are, so one formula serves variance-preserving, EDM and flow levels.

Two facts make this file short:

- A first-order step is x_s = alpha_s x0 + sigma_s eps. DDIM, Euler in y and r, and Euler on a straight flow path
  are the same step.
- With q = r_s / r_t, DDIM's noise is sigma_s sqrt(1 - q^2) for eta = 1, which is Euler's ancestral step.
  So "ddim", "euler" and "euler_ancestral" are one class with different eta.

Everything is written in alpha, sigma and q, never in log(r): pure noise (alpha_t = 0, q = 0) and the clean end
(sigma_s = 0, q = 0) need no special case. Starting *at* the clean level, as inversion does, x0 = x and eps is
undefined there; `_from_clean` asks the network at the level above instead.

Noise is drawn per picture from that picture's own CPU generator, so that a picture depends neither on the
batch it was made in nor on the device. A solver is made fresh for each run and knows its history;
`state_dict` and `load_state_dict` carry it over an interruption, bit for bit.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, cast, get_args

import torch
from torch import Generator, Tensor

from studio.engine.denoiser import eps_from_x0
from studio.engine.schedule import Level, Schedule

Denoise = Callable[[Tensor, Level], Tensor]
"""(x [B, C, H, W], level) -> x0; a denoiser with its condition already in place."""

StepName = Literal["ddim", "euler", "euler_ancestral", "heun", "dpm++2m", "dpm++2m_sde", "lcm"]

MAX_CHURN = math.sqrt(2) - 1
"""The largest gamma of Karras et al. 2022, algorithm 2: never more new noise than there is already."""


# --- noise --------------------------------------------------------------------------------------------------


def generators(seeds: Sequence[int]) -> list[Generator]:
    """One CPU generator per seed."""
    return [Generator().manual_seed(seed) for seed in seeds]


def draw(sources: Sequence[Generator], shape: Sequence[int], like: Tensor | None = None) -> Tensor:
    """Standard normal noise [B, *shape], item b from sources[b]; on the device and in the type of `like`.

    It is drawn in float32 on the CPU, so that a seed means the same picture on every machine.
    """
    noise = torch.stack([torch.randn(tuple(shape), generator=g, dtype=torch.float32) for g in sources])
    return noise if like is None else noise.to(device=like.device, dtype=like.dtype)


class Noise:
    """A stream of noise per picture.

    sources: one CPU generator per picture of the batch, a single one for a batch of one, or None, where each
    picture gets a generator seeded from torch's global one at the first draw.
    """

    def __init__(self, sources: Generator | Sequence[Generator] | None = None) -> None:
        self.sources = [sources] if isinstance(sources, Generator) else list(sources or ())
        if any(g.device.type != "cpu" for g in self.sources):
            raise ValueError("Noise is drawn on the CPU, so its generators must be CPU generators.")

    def like(self, x: Tensor) -> Tensor:
        """Noise of x's shape [B, ...]; ValueError unless there is one generator per picture."""
        if not self.sources:
            seeds = torch.randint(2**62, (x.shape[0],))
            self.sources = generators([int(s) for s in seeds])
        if len(self.sources) != x.shape[0]:
            raise ValueError(
                f"A batch of {x.shape[0]} needs one generator per picture, not {len(self.sources)}."
            )
        return draw(self.sources, x.shape[1:], x)

    def state_dict(self) -> list[Tensor]:
        """The generators' states."""
        return [g.get_state() for g in self.sources]

    def load_state_dict(self, states: Sequence[Tensor]) -> None:
        """Continue the streams where they were."""
        self.sources = generators([0] * len(states))
        for g, state in zip(self.sources, states, strict=True):
            g.set_state(state)


# --- solvers ------------------------------------------------------------------------------------------------


class Step(ABC):
    """A solver for one run. `step(denoise, x, t, s)` takes x from level t to level s.

    Levels may also rise, for inversion, if the solver draws no noise.
    """

    def __init__(self, generator: Generator | Sequence[Generator] | None = None) -> None:
        self.noise = Noise(generator)

    def __call__(self, denoise: Denoise, x: Tensor, t: Level, s: Level) -> tuple[Tensor, Tensor]:
        """x [B, ...] at level t -> (x at level s, x0 as seen at level t).

        Raises ValueError if levels rise and the solver draws noise.
        """
        if s.ratio > t.ratio and self.stochastic:
            raise ValueError("Only solvers without noise can go from clean to noisy.")
        if t.sigma == 0:
            return _from_clean(denoise, x, t, s)
        return self.solve(denoise, x, t, s)

    @property
    def stochastic(self) -> bool:
        """Whether the solver draws noise."""
        return False

    @abstractmethod
    def solve(self, denoise: Denoise, x: Tensor, t: Level, s: Level) -> tuple[Tensor, Tensor]:
        """The step itself, for sigma_t > 0."""

    def state_dict(self) -> dict[str, Any]:
        """What a later run needs to continue with the same bits: generators and history."""
        return {"noise": self.noise.state_dict(), "history": self.history()}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Continue where `state_dict` was taken."""
        self.noise.load_state_dict(cast("Sequence[Tensor]", state["noise"]))
        self.restore(cast("Mapping[str, Any]", state["history"]))

    def history(self) -> dict[str, Any]:
        """What the solver remembers of earlier steps; most remember nothing."""
        return {}

    def restore(self, history: Mapping[str, Any]) -> None:
        """Set what the solver remembers."""
        if history:
            raise ValueError("This state was saved by another solver.")


class DDIM(Step):
    """Song et al. 2020, eq. 12 and 16. eta 0 is the ODE (also Euler), eta 1 is ancestral sampling."""

    def __init__(self, generator: Generator | Sequence[Generator] | None = None, eta: float = 0.0) -> None:
        super().__init__(generator)
        self.eta = _checked_eta(eta)

    @property
    def stochastic(self) -> bool:
        return self.eta > 0

    def solve(self, denoise: Denoise, x: Tensor, t: Level, s: Level) -> tuple[Tensor, Tensor]:
        x0 = denoise(x, t)
        if s.sigma == 0:
            return s.alpha * x0, x0
        eps = eps_from_x0(x0, x, t)
        if self.eta > 0:
            fresh = self.eta * math.sqrt(1 - _shrink(t, s) ** 2)  # share of the noise that is drawn anew
            eps = math.sqrt(1 - fresh**2) * eps + fresh * self.noise.like(x)
        return s.alpha * x0 + s.sigma * eps, x0


class Heun(Step):
    """Second order with two network calls (Karras et al. 2022, algorithms 1 and 2).

    The trapezoidal rule for dy/dr = eps. On flow levels, and from pure noise where r is infinite, it is taken
    along the straight path instead: z = x / (alpha + sigma), u = sigma / (alpha + sigma), dz/du = eps - x0.

    churn: gamma per step, in [0, sqrt(2) - 1] (the paper's S_churn / N); before the step the noise is raised to
        (1 + gamma) r, for which the network's time is looked up in `schedule`.
    churn_range: the ratios (S_tmin, S_tmax) between which it is.
    churn_noise: S_noise, the standard deviation of the added noise.
    """

    def __init__(
        self,
        generator: Generator | Sequence[Generator] | None = None,
        churn: float = 0.0,
        schedule: Schedule | None = None,
        churn_range: tuple[float, float] = (0.0, math.inf),
        churn_noise: float = 1.0,
    ) -> None:
        super().__init__(generator)
        if not 0 <= churn <= MAX_CHURN:
            raise ValueError(f"Churn must lie between 0 and {MAX_CHURN:.3f}, not {churn}.")
        if churn > 0 and schedule is None:
            raise ValueError("Churn needs the schedule to find the network's time at the raised noise level.")
        self.churn = churn
        self.schedule = schedule
        self.churn_range = churn_range
        self.churn_noise = churn_noise

    @property
    def stochastic(self) -> bool:
        return self.churn > 0

    def solve(self, denoise: Denoise, x: Tensor, t: Level, s: Level) -> tuple[Tensor, Tensor]:
        x, t = self._churned(x, t)
        x0 = denoise(x, t)
        if s.sigma == 0:
            return s.alpha * x0, x0
        eps = eps_from_x0(x0, x, t)
        guess = s.alpha * x0 + s.sigma * eps
        if s.alpha == 0:  # up to pure noise: x0 is not to be asked for there
            return guess, x0
        x0_s = denoise(guess, s)
        eps_s = eps_from_x0(x0_s, guess, s)
        if t.alpha == 0 or _is_straight(t):
            slope = 0.5 * (eps - x0 + eps_s - x0_s)
            scale_t, scale_s = t.alpha + t.sigma, s.alpha + s.sigma
            return (scale_s / scale_t) * x + (s.sigma - t.sigma * scale_s / scale_t) * slope, x0
        slope = 0.5 * (eps + eps_s)
        return (s.alpha / t.alpha) * x + (s.sigma - s.alpha * t.ratio) * slope, x0

    def _churned(self, x: Tensor, t: Level) -> tuple[Tensor, Level]:
        """x raised to noise level (1 + gamma) r."""
        low, high = self.churn_range
        if self.schedule is None or not self.churn or not low <= t.ratio <= high or t.alpha == 0:
            return x, t
        up = self.schedule.level_at_ratio(t.ratio * (1 + self.churn))
        added = math.sqrt(max(up.ratio**2 - t.ratio**2, 0)) * self.churn_noise
        return (up.alpha / t.alpha) * x + up.alpha * added * self.noise.like(x), up


class DPM2M(Step):
    """DPM-Solver++(2M) (Lu et al. 2022b, algorithm 2) and its SDE form (eq. 18 there, midpoint).

    A multistep method: it extrapolates x0 from the last two network calls in lambda = -log r. eta 0 is the ODE,
    eta 1 the SDE; between them the noise is as in k-diffusion. The first step, and one to the clean level, is
    of first order.
    """

    def __init__(self, generator: Generator | Sequence[Generator] | None = None, eta: float = 0.0) -> None:
        super().__init__(generator)
        self.eta = _checked_eta(eta)
        self.last_x0: Tensor | None = None
        self.last_h = math.inf

    @property
    def stochastic(self) -> bool:
        return self.eta > 0

    def solve(self, denoise: Denoise, x: Tensor, t: Level, s: Level) -> tuple[Tensor, Tensor]:
        x0 = denoise(x, t)
        h = _log_step(t, s)
        d = x0
        if self.last_x0 is not None and math.isfinite(h) and math.isfinite(self.last_h):
            d = x0 + (0.5 * h / self.last_h) * (x0 - self.last_x0)
        self.last_x0, self.last_h = x0, h
        if s.sigma == 0:
            return s.alpha * x0, x0
        damp = _shrink(t, s) ** self.eta if self.eta > 0 else 1.0  # exp(-eta h)
        keep = s.sigma / t.sigma * damp
        # alpha_s (1 - q damp), written so that alpha_s = 0 is harmless
        x = keep * x + (s.alpha - keep * t.alpha) * d
        if self.eta > 0:
            x = x + s.sigma * math.sqrt(1 - damp**2) * self.noise.like(x)
        return x, x0

    def history(self) -> dict[str, Any]:
        return {"x0": self.last_x0, "h": self.last_h}

    def restore(self, history: Mapping[str, Any]) -> None:
        self.last_x0, self.last_h = history["x0"], history["h"]


class LCM(Step):
    """Multistep consistency sampling: jump to x0, add fresh noise (Song et al. 2023, algorithm 1; Luo et al. 2023).

    The boundary scalings c_skip and c_out of Luo et al. are left out: at the timesteps that those models were
    distilled on they differ from 0 and 1 by less than 1e-5.
    """

    @property
    def stochastic(self) -> bool:
        return True

    def solve(self, denoise: Denoise, x: Tensor, t: Level, s: Level) -> tuple[Tensor, Tensor]:
        x0 = denoise(x, t)
        if s.sigma == 0:
            return s.alpha * x0, x0
        return s.alpha * x0 + s.sigma * self.noise.like(x), x0


def make_step(
    name: StepName | str,
    generator: Generator | Sequence[Generator] | None = None,
    *,
    eta: float | None = None,
    churn: float = 0.0,
    schedule: Schedule | None = None,
) -> Step:
    """A fresh solver by name.

    generator: see `Noise`. eta: share of fresh noise in [0, 1]; None means the solver's own (0, and 1 for
    "euler_ancestral" and "dpm++2m_sde"). churn and schedule: for "heun".
    Raises ValueError for an unknown name and for options that the solver does not have.
    """
    if churn and name != "heun":
        raise ValueError(f"The solver {name!r} has no churn.")
    if eta is not None and name not in ("ddim", "euler_ancestral", "dpm++2m_sde"):
        raise ValueError(f"The solver {name!r} has no eta.")
    if name in ("ddim", "euler"):
        return DDIM(generator, eta or 0.0)
    if name == "euler_ancestral":
        return DDIM(generator, 1.0 if eta is None else eta)
    if name == "heun":
        return Heun(generator, churn, schedule)
    if name == "dpm++2m":
        return DPM2M(generator)
    if name == "dpm++2m_sde":
        return DPM2M(generator, 1.0 if eta is None else eta)
    if name == "lcm":
        return LCM(generator)
    raise ValueError(f"Unknown solver {name!r}; choose one of {', '.join(get_args(StepName))}.")


# --- helpers ------------------------------------------------------------------------------------------------


def _from_clean(denoise: Denoise, x: Tensor, t: Level, s: Level) -> tuple[Tensor, Tensor]:
    """From the clean level up to s: the noise direction is asked for at s, as in Mokady et al. 2022's inversion."""
    x0 = x / t.alpha
    if s.sigma == 0 or s.alpha == 0:
        return s.alpha * x0, x0
    lifted = s.alpha * x0
    eps = eps_from_x0(denoise(lifted, s), lifted, s)
    return lifted + s.sigma * eps, x0


def _shrink(t: Level, s: Level) -> float:
    """q = r_s / r_t in [0, 1]; 0 from pure noise or to clean."""
    if s.sigma == 0 or t.alpha == 0:
        return 0.0
    return min(s.sigma * t.alpha / (s.alpha * t.sigma), 1.0)


def _log_step(t: Level, s: Level) -> float:
    """h = log(r_t / r_s); infinite from pure noise or to clean."""
    if 0 in (t.alpha, t.sigma, s.alpha, s.sigma):
        return math.inf
    return math.log(t.ratio) - math.log(s.ratio)


def _is_straight(level: Level) -> bool:
    """Whether a noisy level lies on a flow model's straight path."""
    return abs(level.alpha + level.sigma - 1) < 1e-9


def _checked_eta(eta: float) -> float:
    if not 0 <= eta <= 1:
        raise ValueError(f"Eta must lie between 0 and 1, not {eta}.")
    return eta
