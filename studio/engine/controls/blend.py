"""Controls that blend a known picture into the one that is being drawn."""

from __future__ import annotations

from torch import Tensor

from studio.engine.condition import Condition
from studio.engine.controls.base import Control
from studio.engine.controls.guidance import Interval, acts
from studio.engine.denoiser import Denoiser
from studio.engine.schedule import Level


class MixIn(Control):
    """A known picture is mixed into x0 at the steps between two noise ratios.

    Args:
        latent: [1, C, h, w], the known picture.
        share: of it, in [0, 1].
        interval: (low, high), both belong to it.
    """

    outer = True

    def __init__(self, latent: Tensor, share: float, interval: Interval) -> None:
        self.latent, self.share, self.interval = latent, share, interval

    def wrap(self, denoiser: Denoiser) -> Denoiser:
        def mixed(x: Tensor, level: Level, condition: Condition, /) -> Tensor:
            x0 = denoiser(x, level, condition)
            return x0 + self.share * (self.latent - x0) if acts(self.interval, level) else x0

        return mixed


class KeepOutside(Control):
    """Blended latent diffusion (Avrahami et al. 2022, algorithm 1): outside the mask the picture is the known one at every step.

    The paper puts the known latent, with fresh noise, into x after each step. Here it is put into x0, before the step is taken:
    for a first-order step with the noise that is in x already, that is the same. Solvers that remember earlier x0 then
    remember the right ones, and the noise outside stays one noise, as the solver would have it.

    Args:
        latent: [1, C, h, w], the known picture.
        mask: [1, 1, h, w] in [0, 1], 1 = free.
    """

    outer = True

    def __init__(self, latent: Tensor, mask: Tensor) -> None:
        self.latent, self.mask = latent, mask

    def wrap(self, denoiser: Denoiser) -> Denoiser:
        def kept(x: Tensor, level: Level, condition: Condition, /) -> Tensor:
            x0 = denoiser(x, level, condition)
            return x0 + (1 - self.mask) * (self.latent - x0)

        return kept
