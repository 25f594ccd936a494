"""Guidance: push the prediction away from what the network would make without the prompt.

With D(c) the network's x0 for condition c, n the negative condition and w the guidance scale:

    D = D(n) + w (D(c) - D(n))          classifier-free guidance (Ho & Salimans 2022, eq. 6)

At a given x, eps, v and velocity are linear in x0, and the weights sum to one, so guiding x0 is guiding any of
them. Only the rescaling of Lin et al. 2023 depends on which one is meant; see `Guidance.rescale_in`.

Guidance is itself a denoiser around a denoiser, so it nests. Both halves are one batched network call,
negative first; controls that look into the network's attention rely on that order.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from studio.engine.condition import Condition
from studio.engine.controls.base import Control
from studio.engine.denoiser import Denoiser, from_x0, to_x0
from studio.engine.schedule import Level, Prediction

Interval = tuple[float, float]
EVERYWHERE: Interval = (0.0, math.inf)


@dataclass
class Guidance(Control):
    """Classifier-free guidance.

    scale: w; 1 is no guidance (and half the work), 0 is the negative condition alone.
    negative: the condition to move away from, for one picture or for the whole batch.
    rescale: phi in [0, 1], how much of the contrast that guidance adds is taken back (Lin et al. 2023, eq.
        15-16; 0.7 there).
    rescale_in: the quantity whose standard deviation is restored. The paper's is the network's output, on a
        network with v-prediction; give the network's own prediction type to do as common pipelines do.
    interval: the ratios [low, high] between which guidance acts (Kynkaanniemi et al. 2024); outside it only the
        conditional half is evaluated.
    """

    scale: float
    negative: Condition
    rescale: float = 0.0
    rescale_in: Prediction = "v_prediction"
    interval: Interval = EVERYWHERE

    def __post_init__(self) -> None:
        if not 0 <= self.rescale <= 1:
            raise ValueError(f"The guidance rescale must lie between 0 and 1, not {self.rescale}.")
        _check_interval(self.interval)

    def wrap(self, denoiser: Denoiser) -> Denoiser:
        last: Condition | None = None
        both = self.negative

        def guided(x: Tensor, level: Level, condition: Condition, /) -> Tensor:
            if self.scale == 1 or not acts(self.interval, level):
                return denoiser(x, level, condition)
            nonlocal last, both
            if (
                condition is not last
            ):  # once per run: a network may know its text by the identity of the tensor
                n = x.shape[0]
                last, both = condition, Condition.cat([self.negative.expand(n), condition.expand(n)])
            x0_n, x0_c = denoiser(torch.cat([x, x]), level, both).chunk(2)  # each [B, C, H, W]
            x0 = x0_n + self.scale * (x0_c - x0_n)
            return self._rescaled(x0, x0_c, x, level)

        return guided

    def _rescaled(self, x0: Tensor, x0_c: Tensor, x: Tensor, level: Level) -> Tensor:
        if self.rescale == 0:
            return x0
        guided = from_x0(self.rescale_in, x0, x, level)
        plain = from_x0(self.rescale_in, x0_c, x, level)
        return to_x0(self.rescale_in, rescaled(guided, plain, self.rescale), x, level)


@dataclass
class ImageGuidance(Control):
    """Two scales for networks that edit a picture by an instruction (Brooks et al. 2022, eq. 3).

        D = D(0, 0) + w_I (D(I, 0) - D(0, 0)) + w_T (D(I, T) - D(I, 0))

    The picture I is `condition.channels`; without it the channels are zeros. One call with three times the
    batch, in the order (nothing, picture, picture and text).

    scale: w_T, of the instruction. image_scale: w_I, of the picture. negative: the condition for no instruction;
    its channels are not used. interval: as for `Guidance`.
    """

    scale: float
    image_scale: float
    negative: Condition
    interval: Interval = EVERYWHERE

    def __post_init__(self) -> None:
        _check_interval(self.interval)

    def wrap(self, denoiser: Denoiser) -> Denoiser:
        def guided(x: Tensor, level: Level, condition: Condition, /) -> Tensor:
            if (self.scale == 1 and self.image_scale == 1) or not acts(self.interval, level):
                return denoiser(x, level, condition)
            full = condition.expand(x.shape[0])
            if full.channels is None:
                raise ValueError("Image guidance needs a model that takes a picture as extra channels.")
            image = replace(self.negative.expand(x.shape[0]), channels=full.channels)
            nothing = replace(image, channels=torch.zeros_like(full.channels))
            both = Condition.cat([nothing, image, full])
            x0_0, x0_i, x0_t = denoiser(torch.cat([x, x, x]), level, both).chunk(3)  # each [B, C, H, W]
            return x0_0 + self.image_scale * (x0_i - x0_0) + self.scale * (x0_t - x0_i)

        return guided


@dataclass
class GuidanceByLevel(Control):
    """Classifier-free guidance whose negative condition is another one at every level, as null-text inversion finds it.

    negatives: {level that a step begins at: condition}. The halves are two calls, each with its own text.
    """

    scale: float
    negatives: Mapping[Level, Condition]
    interval: Interval = EVERYWHERE

    def wrap(self, denoiser: Denoiser) -> Denoiser:
        def guided(x: Tensor, level: Level, condition: Condition, /) -> Tensor:
            if self.scale == 1 or not acts(self.interval, level):
                return denoiser(x, level, condition)
            empty = denoiser(x, level, self.negatives[level])
            return empty + self.scale * (denoiser(x, level, condition) - empty)

        return guided


def acts(interval: Interval, level: Level) -> bool:
    """Whether a level's ratio lies in the interval."""
    return interval[0] <= level.ratio <= interval[1]


def rescaled(guided: Tensor, plain: Tensor, phi: float) -> Tensor:
    """Guided prediction [B, ...] with the standard deviation of the plain one (Lin et al. 2023, eq. 15-16).

    phi: 0 leaves it as it is, 1 restores the deviation fully. Deviations are per picture, over all other axes.
    """
    axes = list(range(1, guided.ndim))
    factor = plain.std(dim=axes, keepdim=True) / guided.std(dim=axes, keepdim=True).clamp_min(1e-12)
    return guided * (phi * factor + (1 - phi))


def _check_interval(interval: Interval) -> None:
    if not 0 <= interval[0] <= interval[1]:
        raise ValueError(f"The guidance interval {interval} must rise from a number that is not negative.")
