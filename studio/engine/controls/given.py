"""Hands on the frames of a clip: frames that are given, and a clip whose end leads back to its beginning."""

from __future__ import annotations

import torch
from torch import Tensor

from studio.engine.condition import Condition
from studio.engine.controls.base import Control
from studio.engine.denoiser import Denoiser
from studio.engine.schedule import Level


class Given(Control):
    """The network sees given frames without noise; for networks that were taught so.

    Args:
        latents: [F, C, h, w], what is given; anything where nothing is.
        held: [F, 1, 1, 1], 1 where a frame is given, else 0.
    """

    def __init__(self, latents: Tensor, held: Tensor) -> None:
        self.latents, self.held = latents, held

    def wrap(self, denoiser: Denoiser) -> Denoiser:
        def shown(x: Tensor, level: Level, condition: Condition, /) -> Tensor:
            clips = x.unflatten(0, (-1, len(self.held)))  # [B, F, C, h, w]
            seen = clips + self.held * (self.latents - clips)
            return denoiser(seen.flatten(0, 1), level, condition)

        return shown


class Ring(Control):
    """The frames lie on a ring: at every call the network begins with another frame, so that no two neighbours are always apart
    (latent shift, Bi et al. 2025, Mobius).

    Args:
        frames: F.
    """

    STEP = 3
    """Frames that the beginning moves on from call to call; two neighbours are then seldom the ends twice in a row."""

    def __init__(self, frames: int) -> None:
        self.frames = frames
        self.calls = 0

    def wrap(self, denoiser: Denoiser) -> Denoiser:
        def turned(x: Tensor, level: Level, condition: Condition, /) -> Tensor:
            by = self.calls * self.STEP % self.frames
            self.calls += 1
            clips = x.unflatten(0, (-1, self.frames))  # [B, F, C, h, w]
            made = denoiser(torch.roll(clips, -by, 1).flatten(0, 1), level, condition)
            return torch.roll(made.unflatten(0, (-1, self.frames)), by, 1).flatten(0, 1)

        return turned
