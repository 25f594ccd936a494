"""What a technique may do to the sampling loop: wrap the denoiser, attach to the network, correct x. Nothing else."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

from torch import Tensor

from studio.engine.denoiser import Denoiser
from studio.engine.schedule import Level


class Control:
    """A hand on the loop that does nothing; override what is needed. A control is made fresh for each run."""

    outer: bool = False
    """Whether it stands outside of guidance, and so sees one finished prediction instead of its halves."""

    def wrap(self, denoiser: Denoiser) -> Denoiser:
        """A denoiser around the one given; called once before the first step."""
        return denoiser

    def attach(self) -> AbstractContextManager[object]:
        """Hooks on the network for the duration of the run; leaving the context must remove them all."""
        return nullcontext()

    def after(self, x: Tensor, level: Level) -> Tensor:
        """x [B, C, H, W] corrected after a step; `level` is where x is now."""
        return x
