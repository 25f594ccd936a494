"""The sinusoidal embedding that networks are told times and other numbers by."""

from __future__ import annotations

import math

import torch
from torch import Tensor


def waves(t: Tensor, width: int, period: float = 10_000.0) -> Tensor:
    """Sinusoidal embedding [B, width] of numbers [B] (Vaswani et al. 2017)."""
    half = width // 2
    rates = torch.exp(torch.arange(half, device=t.device, dtype=torch.float32) * (-math.log(period) / half))
    angles = t.float()[:, None] * rates
    return torch.cat([angles.cos(), angles.sin()], dim=1)
