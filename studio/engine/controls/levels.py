"""A hand on a coded spectrogram: what is not marked on it stays, in time and in pitch."""

from __future__ import annotations

import torch
from torch import Tensor

from studio.engine.codecs.sound import SoundCodec
from studio.engine.condition import Condition
from studio.engine.controls.base import Control
from studio.engine.denoiser import Denoiser
from studio.engine.schedule import Level


class KeepLevels(Control):
    """Outside the mask the spectrogram is the known one at every step, as in blended latent diffusion (Avrahami et al. 2022).

    A token holds all bands at once, so the mask cannot be laid over tokens: x0 is decoded, blended and coded again. The code is linear
    and costs as little as one layer of the network.

    Args:
        codec: of the model.
        levels: [bands, T] in dB, the known spectrogram.
        weights: [bands, T] in [0, 1], 1 = free.
    """

    outer = True

    def __init__(self, codec: SoundCodec, levels: Tensor, weights: Tensor) -> None:
        self.codec, self.levels, self.weights = codec, levels, weights

    def wrap(self, denoiser: Denoiser) -> Denoiser:
        def kept(x: Tensor, level: Level, condition: Condition, /) -> Tensor:
            x0 = denoiser(x, level, condition)
            made = self.codec.decode(x0)
            blended = torch.lerp(self.levels.expand_as(made), made, self.weights)
            # What the code leaves out of the known part would otherwise be added to the free one.
            return self.codec.encode(blended).to(x0.dtype)

        return kept
