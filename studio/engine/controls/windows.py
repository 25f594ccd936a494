"""A long piece through a network that knows short ones: overlapping windows, blended in every step (MultiDiffusion, Bar-Tal et al. 2023).

Every window is denoised on its own; where windows overlap, x0 is their mean, weighted by the distance from the window's ends. As the
mean is taken in every step and not once at the end, windows agree on what they share, and there is no seam to hide. What the
network is told of each place (beat grid, melody) is cut along with it.

In a ring, the last window goes on at the beginning, so that the end leads back to it.
"""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor

from studio.engine.condition import Condition
from studio.engine.controls.base import Control
from studio.engine.denoiser import Denoiser
from studio.engine.schedule import Level

AT_ONCE = 32
"""Windows in one call of the network, over all items of a batch; more needs more memory and is hardly faster."""


class Windows(Control):
    """x [B, C, 1, T] in windows of `length`, `stride` apart at most; extras of the condition that are [B, T, ...] are cut too.

    Args:
        length: of a window.
        stride: from one window to the next; None = half a window.
        ring: the end leads back to the beginning.
    """

    def __init__(self, length: int, stride: int | None = None, ring: bool = False) -> None:
        self.length, self.stride, self.ring = length, stride or max(1, length // 2), ring
        if not 0 < self.stride <= self.length:
            raise ValueError(f"Windows of {self.length} every {self.stride} leave gaps.")

    def places(self, total: int) -> list[Tensor]:
        """Which places of `total` each window covers: index tensors of one length."""
        length = min(self.length, total)
        if self.ring:
            count = max(2, -(-total // self.stride))
            firsts = [round(i * total / count) for i in range(count)]
        else:
            count = 1 + -(-(total - length) // self.stride)
            firsts = [round(i * (total - length) / max(count - 1, 1)) for i in range(count)]
        return [(first + torch.arange(length)) % total for first in firsts]

    def wrap(self, denoiser: Denoiser) -> Denoiser:
        def windowed(x: Tensor, level: Level, condition: Condition, /) -> Tensor:
            B, total = x.shape[0], x.shape[-1]
            if total <= self.length and not self.ring:
                return denoiser(x, level, condition)
            places = [place.to(x.device) for place in self.places(total)]
            condition = condition.expand(B)
            weight = _hill(len(places[0])).to(x)
            out, sums = torch.zeros_like(x), torch.zeros(total, device=x.device, dtype=x.dtype)
            at_once = max(1, AT_ONCE // B)
            for i in range(0, len(places), at_once):
                some = places[i : i + at_once]
                parts = torch.cat([x[..., place] for place in some])  # [W B, C, 1, length]
                told = Condition.cat([_cut(condition, place, total) for place in some])
                for place, x0 in zip(some, denoiser(parts, level, told).split(B), strict=True):
                    out[..., place] += weight * x0
                    sums[place] += weight
            return out / sums

        return windowed


def _hill(length: int) -> Tensor:
    """[length], highest in the middle, never zero."""
    at = torch.arange(length) + 0.5
    return torch.minimum(at, length - at) / length


def _cut(condition: Condition, place: Tensor, total: int) -> Condition:
    extra = {
        name: value[:, place] if value.ndim > 1 and value.shape[1] == total else value
        for name, value in condition.extra.items()
    }
    return replace(condition, extra=extra)
