"""Pictures as their own latents, folded: for models that work on pixels.

Neighbouring factor x factor pixels become channels, so that what is made for latents (sizes, noise, the linear preview) holds for
pixels too. Nothing is lost.
"""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from studio.engine.codecs.picture import PictureCodec, to_bytes


class PixelCodec(PictureCodec):
    """A codec without a network.

    Args:
        factor: pixels along a side that become one latent pixel of 3 factor^2 channels.
        device: where latents are.
    """

    def __init__(self, factor: int, device: torch.device) -> None:
        self.vae = nn.Identity()
        self.device = device
        self.factor, self.channels = factor, 3 * factor**2
        self.scale, self.shift = 1.0, 0.0

    def encode(self, pixels: NDArray[np.uint8], tile: int = 0) -> Tensor:
        """[H, W, 3] uint8 -> [1, C, H/factor, W/factor] float32 in [-1, 1]"""
        image = torch.from_numpy(np.ascontiguousarray(pixels)).permute(2, 0, 1)[None].to(self.device)
        return F.pixel_unshuffle(image.float().div_(127.5).sub_(1), self.factor)

    def decode(self, latent: Tensor, tile: int = 0) -> NDArray[np.uint8]:
        """[1, C, h, w] -> [h factor, w factor, 3] uint8"""
        return to_bytes(F.pixel_shuffle(latent, self.factor).clone())[0]
