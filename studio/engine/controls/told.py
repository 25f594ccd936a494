"""Guidance as an input: a guidance-distilled network is told the scale instead of being asked twice (Meng et al. 2022).

What the network was taught to move away from is the empty prompt, so a negative prompt has no effect with it. A network that
was distilled for several numbers of steps is told that number too, see `denoiser.steps_embedding`.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from studio.engine.condition import Condition
from studio.engine.controls.base import Control
from studio.engine.controls.guidance import EVERYWHERE, Interval, acts
from studio.engine.denoiser import Denoiser
from studio.engine.schedule import Level


def takes_guidance(network: nn.Module) -> bool:
    """Whether a network has an input for the guidance scale."""
    return getattr(getattr(network, "config", None), "time_cond_proj_dim", None) is not None


def told(denoiser: Denoiser, steps: int | None = None) -> Denoiser:
    """Around the network itself: it hears of no guidance (scale 1) unless a control says a scale, and of the number of
    steps of the whole run where it has an input for it."""

    def telling(x: Tensor, level: Level, condition: Condition, /) -> Tensor:
        n = x.shape[0]
        more = {} if steps is None else {"steps": torch.full((n,), float(steps), device=x.device)}
        if "guidance" not in condition.extra:
            more["guidance"] = torch.ones(n, device=x.device)
        return denoiser(x, level, condition.expand(n).with_extra(**more))

    return telling


@dataclass
class ToldGuidance(Control):
    """Says the scale w to the network; outside the interval of ratios it says 1, which is no guidance."""

    scale: float
    interval: Interval = EVERYWHERE

    def wrap(self, denoiser: Denoiser) -> Denoiser:
        def guided(x: Tensor, level: Level, condition: Condition, /) -> Tensor:
            scale = self.scale if acts(self.interval, level) else 1.0
            n = x.shape[0]
            scales = torch.full((n,), scale, device=x.device)
            return denoiser(x, level, condition.expand(n).with_extra(guidance=scales))

        return guided
