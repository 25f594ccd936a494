"""Networks of every kind behind one interface: (x, level, condition) -> x0.

Symbols as in `schedule`: x = alpha x0 + sigma eps. What a network may have been trained to return:

    epsilon        eps, the noise (Ho et al. 2020, eq. 14)
    v_prediction   alpha eps - sigma x0 (Salimans & Ho 2022, section 4)
    sample         x0 itself
    flow           eps - x0, the velocity of a straight path (Lipman et al. 2022; Liu et al. 2022)

The conversions hold for any alpha and sigma, not only for the schedule each was invented on: for v and flow
they divide by alpha^2 + sigma^2 and alpha + sigma, which are 1 on their own schedules.

Decision: the interface returns x0 and not eps. x0 is finite at every level that a network is asked about, also
at pure noise (zero terminal SNR), it is what previews show and what masks and guidance correct; eps is only a
division away.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from studio.engine.condition import Condition
from studio.engine.schedule import EDM, Level, Prediction, Schedule

Network = Callable[[Tensor, Tensor, Condition], Tensor]
"""(x [B, C, H, W], t [B], condition) -> the network's prediction [B, C, H, W]."""


class Denoiser(Protocol):
    """(x [B, C, H, W], level, condition) -> the expected clean signal x0 [B, C, H, W]."""

    def __call__(self, x: Tensor, level: Level, condition: Condition, /) -> Tensor: ...


# --- conversions ------------------------------------------------------------------------------------------------


def x0_from_eps(eps: Tensor, x: Tensor, level: Level) -> Tensor:
    """x0 = (x - sigma eps) / alpha; ValueError at pure noise, where eps says nothing about x0."""
    if level.alpha == 0:
        raise ValueError(
            "A model that predicts noise cannot start from zero signal; it needs a schedule without zero "
            "terminal SNR, or v-prediction."
        )
    return (x - level.sigma * eps) / level.alpha


def eps_from_x0(x0: Tensor, x: Tensor, level: Level) -> Tensor:
    """eps = (x - alpha x0) / sigma; ValueError at the clean level, where there is no noise to speak of."""
    if level.sigma == 0:
        raise ValueError("There is no noise to be found at the clean level.")
    return (x - level.alpha * x0) / level.sigma


def x0_from_v(v: Tensor, x: Tensor, level: Level) -> Tensor:
    """x0 = (alpha x - sigma v) / (alpha^2 + sigma^2) (Salimans & Ho 2022, appendix D)."""
    return (level.alpha * x - level.sigma * v) / (level.alpha**2 + level.sigma**2)


def v_from_x0(x0: Tensor, x: Tensor, level: Level) -> Tensor:
    """v = alpha eps - sigma x0; ValueError at the clean level."""
    return level.alpha * eps_from_x0(x0, x, level) - level.sigma * x0


def x0_from_flow(velocity: Tensor, x: Tensor, level: Level) -> Tensor:
    """x0 = (x - sigma (eps - x0)) / (alpha + sigma)."""
    return (x - level.sigma * velocity) / (level.alpha + level.sigma)


def flow_from_x0(x0: Tensor, x: Tensor, level: Level) -> Tensor:
    """velocity = eps - x0; ValueError at the clean level."""
    return eps_from_x0(x0, x, level) - x0


def to_x0(prediction: Prediction, output: Tensor, x: Tensor, level: Level) -> Tensor:
    """A network's output of any kind as x0."""
    if prediction == "epsilon":
        return x0_from_eps(output, x, level)
    if prediction == "v_prediction":
        return x0_from_v(output, x, level)
    if prediction == "flow":
        return x0_from_flow(output, x, level)
    return output


def from_x0(prediction: Prediction, x0: Tensor, x: Tensor, level: Level) -> Tensor:
    """What a network of that kind would have returned for this x0; the inverse of `to_x0`."""
    if prediction == "epsilon":
        return eps_from_x0(x0, x, level)
    if prediction == "v_prediction":
        return v_from_x0(x0, x, level)
    if prediction == "flow":
        return flow_from_x0(x0, x, level)
    return x0


# --- denoisers --------------------------------------------------------------------------------------------------


class NetworkDenoiser:
    """A network of any prediction type as a denoiser."""

    def __init__(self, network: Network, prediction: Prediction) -> None:
        self.network = network
        self.prediction: Prediction = prediction

    def __call__(self, x: Tensor, level: Level, condition: Condition, /) -> Tensor:
        """x [B, C, H, W] -> x0 [B, C, H, W]."""
        return to_x0(self.prediction, self.network(x, _times(level.t, x), condition), x, level)


class EDMDenoiser:
    """A network with Karras preconditioning (Karras et al. 2022, table 1 and eq. 7).

        D(y, sigma) = c_skip y + c_out F(c_in y, c_noise)

    sigma is the level's ratio and y = x / alpha, so that levels of any schedule may be used.
    prediction: "epsilon" for the paper's sign of c_out, "v_prediction" for the opposite one.
    """

    def __init__(self, network: Network, sigma_data: float = 0.5, prediction: Prediction = "epsilon") -> None:
        if prediction not in ("epsilon", "v_prediction"):
            raise ValueError(f"Karras preconditioning is not defined for the prediction type {prediction!r}.")
        self.network = network
        self.sigma_data = sigma_data
        self.sign = 1.0 if prediction == "epsilon" else -1.0

    def __call__(self, x: Tensor, level: Level, condition: Condition, /) -> Tensor:
        """x [B, C, H, W] -> x0 [B, C, H, W]; ValueError at infinite noise, which the network has never seen."""
        sigma, data = level.ratio, self.sigma_data
        if sigma == 0:
            return x
        if sigma == math.inf:
            raise ValueError("A model with Karras preconditioning cannot start from zero signal.")
        total = sigma**2 + data**2
        c_skip, c_out = data**2 / total, self.sign * sigma * data / math.sqrt(total)
        c_in, c_noise = 1 / math.sqrt(total), math.log(sigma) / 4
        y = x / level.alpha
        return c_skip * y + c_out * self.network(c_in * y, _times(c_noise, x), condition)


def denoiser_for(schedule: Schedule, network: Network) -> Denoiser:
    """The denoiser that fits a schedule and its prediction type."""
    if isinstance(schedule, EDM):
        return EDMDenoiser(network, schedule.sigma_data, schedule.prediction)
    return NetworkDenoiser(network, schedule.prediction)


def _times(t: float, x: Tensor) -> Tensor:
    """[B] float32, the time input for every picture of the batch."""
    return torch.full((x.shape[0],), t, dtype=torch.float32, device=x.device)


# --- adaptor for conditional U-Nets -----------------------------------------------------------------------------


class UNetNetwork:
    """A U-Net module with cross-attention, called as the usual libraries define it, as a `Network`.

    The module takes (sample, timestep, encoder_hidden_states, ...) and returns a tuple when return_dict is
    False. From the condition:

        channels              are concatenated to x
        pooled                becomes added_cond_kwargs["text_embeds"]
        extra["guidance"]     [B], the guidance scale w of a guidance-distilled network, is embedded and
                              becomes timestep_cond (Meng et al. 2022, section 3.1; Luo et al. 2023)
        extra["steps"]        [B], how many steps the run has in all, for a network that was distilled for several
                              numbers of them; see `steps_embedding`
        extra["class_labels"] becomes class_labels
        every other extra     goes into added_cond_kwargs by its name, such as "time_ids"

    x and the condition are cast to the module's floating type and the result back to x's.
    """

    def __init__(self, module: Any) -> None:
        self.module = module
        config: Any = getattr(module, "config", None)
        self.guidance_width: int | None = getattr(config, "time_cond_proj_dim", None)

    def __call__(self, x: Tensor, t: Tensor, condition: Condition) -> Tensor:
        """x [B, C, H, W], t [B] -> [B, C', H, W]."""
        dtype = next((p.dtype for p in self.module.parameters()), x.dtype)
        condition = condition.expand(x.shape[0]).to(device=x.device, dtype=dtype)
        sample = x.to(dtype)
        if condition.channels is not None:
            sample = torch.cat([sample, condition.channels], dim=1)  # [B, C + K, H, W]
        output = self.module(sample, t, **self._inputs(condition, dtype), return_dict=False)
        return output[0].to(x.dtype)

    def _inputs(self, condition: Condition, dtype: torch.dtype) -> dict[str, Any]:
        added = {k: v for k, v in condition.extra.items() if k not in _OWN_INPUTS}
        if condition.pooled is not None:
            added["text_embeds"] = condition.pooled
        inputs: dict[str, Any] = {"encoder_hidden_states": condition.hidden}
        if added:
            inputs["added_cond_kwargs"] = added
        if condition.mask is not None:
            inputs["encoder_attention_mask"] = condition.mask
        if "class_labels" in condition.extra:
            inputs["class_labels"] = condition.extra["class_labels"]
        if self.guidance_width is not None:
            if "guidance" not in condition.extra:
                raise ValueError("A guidance-distilled model needs the guidance scale as an input.")
            told = guidance_embedding(condition.extra["guidance"].float(), self.guidance_width)
            if "steps" in condition.extra:
                told = told + steps_embedding(condition.extra["steps"].float(), self.guidance_width)
            inputs["timestep_cond"] = told.to(dtype)
        return inputs


_OWN_INPUTS = ("guidance", "steps", "class_labels")


def guidance_embedding(scale: Tensor, width: int) -> Tensor:
    """Sinusoidal embedding [B, width] of guidance scales [B]; w = scale - 1 as the distilled models were trained.

    Meng et al. 2022, section 3.1, with the frequencies of Kingma et al. 2021's code.
    """
    half = width // 2
    steps = torch.arange(half, dtype=torch.float32, device=scale.device)
    frequencies = torch.exp(steps * (-math.log(10000.0) / (half - 1)))
    angles = (1000.0 * (scale - 1))[:, None] * frequencies[None, :]  # [B, width / 2]
    embedding = torch.cat([angles.sin(), angles.cos()], dim=1)
    return nn.functional.pad(embedding, (0, width % 2))


USUAL_STEPS = 4
"""The number of steps that a network with an input for it draws in when nothing is said."""


def steps_embedding(steps: Tensor, width: int) -> Tensor:
    """Embedding [B, width] of the numbers of steps [B] of a whole run, to be added to that of the guidance scale.

    A progressively distilled network jumps 1/N of the schedule at a time (Salimans & Ho 2022, algorithm 2). To be one
    network for several N it is told N. The embedding is zero at N = 4: a program that knows only the guidance
    scale of such networks, as the common libraries do, draws in four steps and needs no more.
    """
    half = width // 2
    log = torch.log2(steps / USUAL_STEPS)[:, None]  # [B, 1]
    rates = torch.arange(half, dtype=torch.float32, device=steps.device) / max(half - 1, 1)
    angles = log * (math.pi * torch.exp(-math.log(100.0) * rates))[None, :]  # pi down to pi / 100 a doubling
    embedding = torch.cat([angles.sin(), angles.cos() - 1], dim=1)
    return nn.functional.pad(embedding, (0, width % 2))
