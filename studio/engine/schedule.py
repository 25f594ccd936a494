"""Noise levels: how much signal and how much noise a picture holds on its way from noise to clean.

Symbols used by the whole engine:

    x0      the clean signal
    eps     standard normal noise, the shape of x0
    x       alpha * x0 + sigma * eps, what the loop carries; never rescaled between steps
    alpha   signal scale, in [0, 1]
    sigma   noise scale, >= 0
    t       what the network is told about the level (a timestep index, 1000 sigma, log(sigma) / 4)
    ratio   sigma / alpha, the "sigma" of Karras et al. 2022 and of k-diffusion; in [0, inf]
    snr     (alpha / sigma) ** 2, the signal-to-noise ratio

Three families give alpha and sigma as a function of t:

    variance preserving   alpha^2 + sigma^2 = 1, from a table of betas (Ho et al. 2020)
    flow matching         alpha = 1 - sigma, t = 1000 sigma (Lipman et al. 2022, Liu et al. 2022)
    EDM                   alpha = 1, t = log(sigma) / 4 (Karras et al. 2022)

Decisions. (1) A level is three plain floats in double precision, so that no solver needs a table, a device or
a timestep lookup; the price is one tiny tensor per network call. (2) Between two entries of a table log(ratio)
is interpolated, the inverse of how a Karras sigma is turned into t; one library interpolates the ratio itself
for fractional timesteps. (3) With zero terminal SNR the first level is exactly alpha = 0 rather than 2^-12, and
every solver copes with ratio = inf. (4) The last level is always exactly clean.
"""

from __future__ import annotations

import json
import math
from abc import ABC, abstractmethod
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import pairwise
from typing import Any, Literal, cast, get_args

import torch

Prediction = Literal["epsilon", "v_prediction", "sample", "flow"]
Spacing = Literal["trailing", "leading", "linspace", "karras", "exponential", "lcm"]
Family = Literal["ddim", "euler", "dpm++"]
BetaSchedule = Literal["linear", "scaled_linear", "squaredcos_cap_v2"]

RHO = 7.0
"""Exponent of the Karras spacing (Karras et al. 2022, eq. 5 and table 1)."""

MAX_FINITE_RATIO = 2.0**12
"""Where the Karras and exponential ramps begin when the true ratio is infinite."""

LCM_TRAINING_STEPS = 50
"""Latent consistency models were distilled on every 20th of 1000 timesteps (Luo et al. 2023)."""


@dataclass(frozen=True)
class Level:
    """One noise level: the network's time input t, the signal scale alpha and the noise scale sigma."""

    t: float
    alpha: float
    sigma: float

    @property
    def ratio(self) -> float:
        """sigma / alpha in [0, inf]; the noise level of k-diffusion and EDM."""
        return math.inf if self.alpha == 0 else self.sigma / self.alpha

    @property
    def snr(self) -> float:
        """(alpha / sigma)^2 in [0, inf]."""
        return math.inf if self.sigma == 0 else (self.alpha / self.sigma) ** 2

    @property
    def log_snr(self) -> float:
        """log(snr), twice the lambda of Lu et al. 2022; -inf for pure noise, inf for a clean picture."""
        if self.sigma == 0:
            return math.inf
        return -math.inf if self.alpha == 0 else 2 * (math.log(self.alpha) - math.log(self.sigma))


@dataclass(frozen=True, kw_only=True)
class Schedule(ABC):
    """The noise levels that a network was trained on, and the ways to walk down them.

    prediction: what the network returns.
    spacing: the spacing that `levels` uses when it is not told otherwise.
    train_steps: the number of training timesteps N.
    """

    prediction: Prediction = "epsilon"
    spacing: Spacing = "trailing"
    train_steps: int = 1000

    @staticmethod
    def from_config(config: Mapping[str, Any]) -> Schedule:
        """A schedule from the dictionary in a scheduler_config.json; unknown keys are ignored.

        Raises ValueError in one sentence when a value is one that we cannot honour.
        """
        return _remembered(json.dumps(dict(config), default=repr))

    @abstractmethod
    def level_at(self, t: float) -> Level:
        """The level at network time t; ValueError outside the range the network was trained on."""

    @abstractmethod
    def level_at_ratio(self, ratio: float) -> Level:
        """The level with sigma / alpha = ratio in [0, inf]; t is held at the ends of the trained range."""

    @abstractmethod
    def _noisy_levels(self, steps: int, spacing: Spacing, family: Family) -> list[Level]:
        """`steps` levels from noisiest to least noisy, the clean one not included."""

    @property
    def clean(self) -> Level:
        """The level without noise: alpha 1, sigma 0."""
        return self.level_at_ratio(0.0)

    @property
    @abstractmethod
    def noisiest(self) -> Level:
        """The noisiest level that the network was trained on."""

    def levels(
        self,
        steps: int,
        spacing: Spacing | None = None,
        strength: float = 1.0,
        family: Family = "ddim",
    ) -> list[Level]:
        """Levels from noisy to clean for a run of `steps` steps.

        spacing: None means the schedule's own. "trailing", "leading" and "linspace" are those of Lin et al.
            2023, table 2; "karras" is Karras et al. 2022, eq. 5; "exponential" is uniform in log(ratio); "lcm"
            walks the grid that latent consistency models were distilled on.
        strength: in (0, 1]; below 1 only the last round(strength * steps) steps are kept, and at least one, as
            for a picture that is changed rather than made.
        family: published samplers disagree on what "leading" and "linspace" mean; this chooses whose timesteps to use.
            "ddim" rounds linspace, "euler" does not, "dpm++" divides into steps + 1 and leaves out the last.

        Returns a list of at most steps + 1 levels; the last is exactly clean.
        Raises ValueError for steps < 1, strength outside (0, 1] or an unknown spacing.
        """
        if steps < 1:
            raise ValueError(f"The number of steps must be at least 1, not {steps}.")
        if not 0 < strength <= 1:
            raise ValueError(f"The denoising strength must be above 0 and at most 1, not {strength}.")
        chosen = self.spacing if spacing is None else spacing
        if chosen not in get_args(Spacing):
            raise ValueError(f"Unknown spacing {chosen!r}; choose one of {', '.join(get_args(Spacing))}.")
        keep = max(1, round(strength * steps))
        return [*self._noisy_levels(steps, chosen, family)[-keep:], self.clean]


@dataclass(frozen=True, kw_only=True)
class VariancePreserving(Schedule):
    """alpha_t^2 = prod(1 - beta_i), sigma_t^2 = 1 - alpha_t^2 (Ho et al. 2020, eq. 4).

    alpha_bars: alpha^2 per training timestep, falling; the last may be 0 (zero terminal SNR).
    steps_offset: added to every timestep of the "leading" spacing.
    """

    alpha_bars: tuple[float, ...] = field(repr=False)
    steps_offset: int = 0
    _log_ratios: tuple[float, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if len(self.alpha_bars) < 2 or any(b >= a for a, b in pairwise(self.alpha_bars)):
            raise ValueError("The signal must fall from one training timestep to the next.")
        if not (self.alpha_bars[0] < 1 and self.alpha_bars[-1] >= 0):
            raise ValueError("The squared signal scales must lie in [0, 1).")
        object.__setattr__(self, "train_steps", len(self.alpha_bars))
        logs = tuple(math.inf if a == 0 else 0.5 * math.log((1 - a) / a) for a in self.alpha_bars)
        object.__setattr__(self, "_log_ratios", logs)

    def level_at(self, t: float) -> Level:
        last = self.train_steps - 1
        if not 0 <= t <= last:
            raise ValueError(f"Timestep {t} is outside the trained range 0 to {last}.")
        low = min(int(t), last - 1)
        w = t - low
        a, b = self._log_ratios[low], self._log_ratios[low + 1]
        if b == math.inf:  # the last stretch before zero SNR: alpha falls to 0 on a straight line
            alpha = math.sqrt(self.alpha_bars[low]) * (1 - w)
            return Level(float(t), alpha, math.sqrt(1 - alpha**2))
        return _preserving(float(t), math.exp(a + w * (b - a)))

    def level_at_ratio(self, ratio: float) -> Level:
        _check_ratio(ratio)
        if ratio == 0:
            return Level(0.0, 1.0, 0.0)
        return _preserving(self._time_of(ratio), ratio)

    @property
    def noisiest(self) -> Level:
        return self.level_at(self.train_steps - 1)

    def _time_of(self, ratio: float) -> float:
        """The fractional timestep of a ratio in (0, inf]; the inverse of `level_at`."""
        logs, log = self._log_ratios, math.log(ratio) if ratio < math.inf else math.inf
        if log >= logs[-1]:
            return float(self.train_steps - 1)
        low = bisect_right(logs, log) - 1
        if low < 0:
            return 0.0
        if logs[low + 1] == math.inf:
            return low + 1 - _preserving(0.0, ratio).alpha / math.sqrt(self.alpha_bars[low])
        return low + (log - logs[low]) / (logs[low + 1] - logs[low])

    def _noisy_levels(self, steps: int, spacing: Spacing, family: Family) -> list[Level]:
        if spacing in ("karras", "exponential"):
            low = math.exp(self._log_ratios[0])
            high = min(math.exp(min(self._log_ratios[-1], 700)), MAX_FINITE_RATIO)
            ratios = _ramp(high, low, steps, spacing)
            if self.alpha_bars[-1] == 0:
                ratios[0] = math.inf
            return [self.level_at_ratio(r) for r in ratios]
        return [self.level_at(t) for t in self.timesteps(steps, spacing, family)]

    def timesteps(self, steps: int, spacing: Spacing, family: Family = "ddim") -> list[float]:
        """Falling timesteps of the spacings that count timesteps (Lin et al. 2023, table 2).

        Raises ValueError when there are more steps than training timesteps.
        """
        n = self.train_steps
        if steps > n:
            raise ValueError(f"This model knows {n} noise levels, so it cannot take {steps} steps.")
        if spacing == "trailing":
            return [float(round(n - i * (n / steps)) - 1) for i in range(steps)]
        if spacing == "lcm":
            return _lcm_timesteps(steps, n)
        if spacing == "leading":
            whole = steps + 1 if family == "dpm++" else steps
            stride = n // whole
            ts = [i * stride + self.steps_offset for i in range(whole)][::-1][:steps]
            return [float(min(t, n - 1)) for t in ts]
        if spacing != "linspace":
            raise ValueError(f"The spacing {spacing!r} does not count timesteps.")
        whole = steps + 1 if family == "dpm++" else steps
        ts = [(n - 1) * (1 - i / max(whole - 1, 1)) for i in range(steps)]
        return ts if family == "euler" else [float(round(t)) for t in ts]


@dataclass(frozen=True, kw_only=True)
class FlowMatching(Schedule):
    """x = (1 - sigma) x0 + sigma eps, t = N sigma (Lipman et al. 2022; Esser et al. 2024).

    shift: stretches the spacing towards noise for larger pictures, sigma' = s sigma / (1 + (s - 1) sigma)
        (Esser et al. 2024, eq. 23).
    terminal: if given, the spacing is stretched so that its last noisy sigma is this one.
    token_shift: (tokens, log shift) at two sizes, for models whose shift depends on the picture's size;
        `for_tokens` then gives the schedule for one size.
    """

    prediction: Prediction = "flow"
    shift: float = 1.0
    terminal: float | None = None
    token_shift: tuple[tuple[int, float], tuple[int, float]] | None = None

    def for_tokens(self, tokens: int) -> FlowMatching:
        """The schedule for a picture of so many tokens; the same one if the shift is fixed."""
        if self.token_shift is None:
            return self
        (n0, m0), (n1, m1) = self.token_shift
        return replace(self, shift=math.exp(m0 + (tokens - n0) * (m1 - m0) / (n1 - n0)))

    def level_at(self, t: float) -> Level:
        if not 0 <= t <= self.train_steps:
            raise ValueError(f"Time {t} is outside the trained range 0 to {self.train_steps}.")
        sigma = t / self.train_steps
        return Level(float(t), 1 - sigma, sigma)

    def level_at_ratio(self, ratio: float) -> Level:
        _check_ratio(ratio)
        sigma = 1.0 if ratio == math.inf else ratio / (1 + ratio)
        return Level(self.train_steps * sigma, 1 - sigma, sigma)

    @property
    def noisiest(self) -> Level:
        return self.level_at(self.train_steps)

    def _noisy_levels(self, steps: int, spacing: Spacing, family: Family) -> list[Level]:
        smallest = self._shifted(1 / self.train_steps)
        if spacing == "trailing":
            ramp = [1 - i / steps for i in range(steps)]
        elif spacing in ("leading", "lcm"):
            raise ValueError(f"Flow models have no spacing {spacing!r}; choose 'trailing'.")
        else:
            ramp = [1 + (smallest - 1) * (i / max(steps - 1, 1)) for i in range(steps)]
        sigmas = [self._shifted(s) for s in ramp]
        if self.terminal is not None and sigmas[-1] < 1:
            scale = (1 - sigmas[-1]) / (1 - self.terminal)
            sigmas = [1 - (1 - s) / scale for s in sigmas]
        if spacing in ("karras", "exponential"):
            sigmas = _ramp(sigmas[0], sigmas[-1], steps, spacing)
        return [Level(self.train_steps * s, 1 - s, s) for s in sigmas]

    def _shifted(self, sigma: float) -> float:
        return self.shift * sigma / (1 + (self.shift - 1) * sigma)


@dataclass(frozen=True, kw_only=True)
class EDM(Schedule):
    """x = x0 + sigma eps, t = log(sigma) / 4 (Karras et al. 2022, table 1).

    sigma_min, sigma_max: the trained range of sigma; sigma_data: the standard deviation of the data.
    """

    spacing: Spacing = "karras"
    sigma_min: float = 0.002
    sigma_max: float = 80.0
    sigma_data: float = 0.5
    rho: float = RHO

    def level_at(self, t: float) -> Level:
        sigma = math.exp(4 * t)
        if not self.sigma_min * 0.999 <= sigma <= self.sigma_max * 1.001:
            raise ValueError(
                f"Noise {sigma:g} is outside the trained range {self.sigma_min} to {self.sigma_max}."
            )
        return Level(float(t), 1.0, sigma)

    def level_at_ratio(self, ratio: float) -> Level:
        _check_ratio(ratio)
        held = min(max(ratio, self.sigma_min), self.sigma_max)
        return Level(math.log(held) / 4, 1.0, ratio)

    @property
    def noisiest(self) -> Level:
        return self.level_at_ratio(self.sigma_max)

    def _noisy_levels(self, steps: int, spacing: Spacing, family: Family) -> list[Level]:
        if spacing not in ("karras", "exponential"):
            raise ValueError(f"This model has no timesteps for the spacing {spacing!r}; choose 'karras'.")
        ratios = _ramp(self.sigma_max, self.sigma_min, steps, spacing, self.rho)
        return [self.level_at_ratio(r) for r in ratios]


def variance_preserving(
    beta_schedule: BetaSchedule = "scaled_linear",
    beta_start: float = 0.00085,
    beta_end: float = 0.012,
    train_steps: int = 1000,
    *,
    zero_terminal_snr: bool = False,
    prediction: Prediction = "epsilon",
    spacing: Spacing = "trailing",
    steps_offset: int = 0,
) -> VariancePreserving:
    """A variance-preserving schedule; the defaults are those of the first Stable Diffusion models."""
    alpha_bars = _cumulated(betas(beta_schedule, beta_start, beta_end, train_steps))
    if zero_terminal_snr:
        alpha_bars = rescale_zero_terminal_snr(alpha_bars)
    return VariancePreserving(
        alpha_bars=alpha_bars, prediction=prediction, spacing=spacing, steps_offset=steps_offset
    )


def betas(beta_schedule: str, start: float, end: float, steps: int) -> tuple[float, ...]:
    """Noise added per training timestep, in (0, 1).

    "linear": Ho et al. 2020, section 4. "scaled_linear": linear in sqrt(beta) (Rombach et al. 2022).
    "squaredcos_cap_v2": the cosine schedule, Nichol & Dhariwal 2021, eq. 17; start and end are not used.
    """
    if beta_schedule == "linear":
        table = torch.linspace(start, end, steps, dtype=torch.float64)
    elif beta_schedule == "scaled_linear":
        table = torch.linspace(start**0.5, end**0.5, steps, dtype=torch.float64) ** 2
    elif beta_schedule == "squaredcos_cap_v2":
        i = torch.arange(steps + 1, dtype=torch.float64) / steps
        bars = torch.cos((i + 0.008) / 1.008 * math.pi / 2) ** 2
        table = (1 - bars[1:] / bars[:-1]).clamp(max=0.999)
    else:
        known = ", ".join(get_args(BetaSchedule))
        raise ValueError(f"Unknown beta schedule {beta_schedule!r}; known are {known}.")
    return _floats(table)


def rescale_zero_terminal_snr(alpha_bars: Sequence[float]) -> tuple[float, ...]:
    """The same table shifted and scaled so that the last entry is exactly 0 (Lin et al. 2023, algorithm 1)."""
    roots = torch.tensor(alpha_bars, dtype=torch.float64).sqrt()
    scaled = (roots - roots[-1]) * (roots[0] / (roots[0] - roots[-1]))
    return _floats(scaled**2)


def _cumulated(table: Sequence[float]) -> tuple[float, ...]:
    return _floats(torch.cumprod(1 - torch.tensor(table, dtype=torch.float64), dim=0))


def _floats(values: torch.Tensor) -> tuple[float, ...]:
    return tuple(float(v) for v in cast("list[float]", values.tolist()))  # type: ignore[reportUnknownMemberType]


def _preserving(t: float, ratio: float) -> Level:
    """The variance-preserving level of a ratio in [0, inf]."""
    if ratio == math.inf:
        return Level(t, 0.0, 1.0)
    alpha = 1 / math.sqrt(1 + ratio * ratio)
    return Level(t, alpha, ratio * alpha)


def _ramp(high: float, low: float, steps: int, spacing: Spacing, rho: float = RHO) -> list[float]:
    """`steps` falling values from high to low, even in value^(1/rho) (Karras et al. 2022, eq. 5) or in its log."""
    w = [i / max(steps - 1, 1) for i in range(steps)]
    if spacing == "karras":
        a, b = high ** (1 / rho), low ** (1 / rho)
        return [(a + v * (b - a)) ** rho for v in w]
    a, b = math.log(high), math.log(low)
    return [math.exp(a + v * (b - a)) for v in w]


def _lcm_timesteps(steps: int, train_steps: int) -> list[float]:
    """Evenly chosen members of the distillation grid (Luo et al. 2023, section 4.3)."""
    if steps > LCM_TRAINING_STEPS:
        raise ValueError(
            f"The 'lcm' spacing has {LCM_TRAINING_STEPS} levels, so it cannot take {steps} steps."
        )
    stride = train_steps // LCM_TRAINING_STEPS
    grid = [(LCM_TRAINING_STEPS - i) * stride - 1 for i in range(LCM_TRAINING_STEPS)]
    return [float(grid[i * LCM_TRAINING_STEPS // steps]) for i in range(steps)]


def _check_ratio(ratio: float) -> None:
    if not ratio >= 0:
        raise ValueError(f"A noise level cannot be {ratio}.")


# --- scheduler_config.json -----------------------------------------------------------------------------------

_PREDICTIONS: dict[str, Prediction] = {
    "epsilon": "epsilon",
    "v_prediction": "v_prediction",
    "sample": "sample",
    "flow_prediction": "flow",
    "flow": "flow",
}


@lru_cache(maxsize=16)
def _remembered(config: str) -> Schedule:
    """Every job asks for its model's schedule, and a table of a thousand noise levels takes some milliseconds."""
    return _from_config(json.loads(config))


def _from_config(config: Mapping[str, Any]) -> Schedule:
    name = str(config.get("_class_name", ""))
    train_steps = int(config.get("num_train_timesteps", 1000))
    if "FlowMatch" in name or config.get("use_flow_sigmas") or ("shift" in config and not _has_betas(config)):
        return _flow_from_config(config, train_steps)
    if name.startswith("EDM") or ("sigma_data" in config and not _has_betas(config)):
        return EDM(
            prediction=_prediction(config, "epsilon"),
            spacing="exponential" if config.get("sigma_schedule") == "exponential" else "karras",
            train_steps=train_steps,
            sigma_min=float(config.get("sigma_min", 0.002)),
            sigma_max=float(config.get("sigma_max", 80.0)),
            sigma_data=float(config.get("sigma_data", 0.5)),
            rho=float(config.get("rho", RHO)),
        )
    return _preserving_from_config(config, train_steps)


def _preserving_from_config(config: Mapping[str, Any], train_steps: int) -> VariancePreserving:
    if config.get("timestep_type") == "continuous":
        raise ValueError("Continuous timesteps with a table of betas are not supported.")
    trained = config.get("trained_betas")
    table = (
        tuple(float(b) for b in cast("Sequence[float]", trained))
        if trained is not None
        else betas(
            str(config.get("beta_schedule", "linear")),
            float(config.get("beta_start", 0.0001)),
            float(config.get("beta_end", 0.02)),
            train_steps,
        )
    )
    alpha_bars = _cumulated(table)
    if config.get("rescale_betas_zero_snr"):
        alpha_bars = rescale_zero_terminal_snr(alpha_bars)
    return VariancePreserving(
        alpha_bars=alpha_bars,
        prediction=_prediction(config, "epsilon"),
        spacing=_spacing(config),
        steps_offset=int(config.get("steps_offset", 0)),
    )


def _flow_from_config(config: Mapping[str, Any], train_steps: int) -> FlowMatching:
    terminal = config.get("shift_terminal")
    tokens = None
    if config.get("use_dynamic_shifting"):
        small = (int(config.get("base_image_seq_len", 256)), float(config.get("base_shift", 0.5)))
        large = (int(config.get("max_image_seq_len", 4096)), float(config.get("max_shift", 1.15)))
        tokens = (small, large)
        if config.get("time_shift_type") == "linear":
            raise ValueError("A linear time shift that depends on the picture's size is not supported.")
    return FlowMatching(
        prediction=_prediction(config, "flow"),
        spacing=_spacing(config),
        train_steps=train_steps,
        shift=float(config.get("flow_shift", config.get("shift", 1.0))),
        terminal=None if terminal is None else float(terminal),
        token_shift=tokens,
    )


def _has_betas(config: Mapping[str, Any]) -> bool:
    return "beta_schedule" in config or "trained_betas" in config


def _prediction(config: Mapping[str, Any], default: Prediction) -> Prediction:
    name = str(config.get("prediction_type", default))
    if name not in _PREDICTIONS:
        raise ValueError(f"Unknown prediction type {name!r}; known are {', '.join(_PREDICTIONS)}.")
    return _PREDICTIONS[name]


def _spacing(config: Mapping[str, Any]) -> Spacing:
    if config.get("use_karras_sigmas"):
        return "karras"
    if config.get("use_exponential_sigmas"):
        return "exponential"
    name = str(config.get("timestep_spacing", "trailing"))
    if name not in get_args(Spacing):
        raise ValueError(f"Unknown timestep spacing {name!r}; known are {', '.join(get_args(Spacing))}.")
    return cast("Spacing", name)
