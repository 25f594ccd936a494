"""Pictures <-> latents of the library's autoencoders.

    z = (mean of encoder(2 x - 1) - shift) * scale        x = decoder(z / scale + shift) / 2 + 1/2

The encoder's mean is used, never a sample: the same picture gives the same latent. Rounding to 8 bits is that of the
library's `VaeImageProcessor`, so that pixels agree.

Both ways fall back on tiles where memory is short. Tiles are our own for both kinds of autoencoder (the library's tiling
of AutoencoderTiny writes 4 channels whatever the latent has): overlapping squares, blended with a linear ramp, so no seam is a
step. Statistics of group normalisation differ between tiles, so a tiled picture differs slightly from a whole one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

TILE = 64
"""Side of a tile in latent pixels (512 image pixels at a scale of 8)."""
OVERLAP = 16


class PictureCodec:
    """An AutoencoderKL or AutoencoderTiny.

    Args:
        vae: the network, on its device.
    """

    def __init__(self, vae: Any) -> None:
        self.vae = vae
        config = vae.config
        blocks = config.get("block_out_channels") or config.get("decoder_block_out_channels")
        self.factor: int = 2 ** (len(blocks) - 1)
        """Image pixels per latent pixel, along a side."""
        self.channels: int = config.get("latent_channels", 4)
        self.scale: float = config.get("scaling_factor") or 1.0
        self.shift: float = config.get("shift_factor") or 0.0

    def encode(self, pixels: NDArray[np.uint8], tile: int = 0) -> Tensor:
        """[H, W, 3] uint8, sides multiples of `factor` -> [1, C, H/factor, W/factor] float32 on the network's device.

        Args:
            tile: side of the tiles in latent pixels; 0 = all at once.
        """
        image = torch.from_numpy(np.ascontiguousarray(pixels)).permute(2, 0, 1)[None]
        image = image.to(*self._place()).div_(127.5).sub_(1)
        z = self._tiled(self._mean, image, tile * self.factor, 1 / self.factor) if tile else self._mean(image)
        return (z.float() - self.shift) * self.scale

    def decode(self, latent: Tensor, tile: int = 0) -> NDArray[np.uint8]:
        """[1, C, h, w] -> [h factor, w factor, 3] uint8."""
        z = (latent / self.scale + self.shift if self.shift else latent / self.scale).to(*self._place())
        image = self._tiled(self._image, z, tile, self.factor) if tile else self._image(z)
        return to_bytes(image)[0]

    def _place(self) -> tuple[torch.device, torch.dtype]:
        """Where the network is and what it computes in. The library's own properties look through all of it first."""
        first = next(self.vae.parameters())
        return first.device, first.dtype

    def _mean(self, image: Tensor) -> Tensor:
        out = self.vae.encode(image)
        return out.latents if hasattr(out, "latents") else out.latent_dist.mode()

    def _image(self, z: Tensor) -> Tensor:
        return self.vae.decode(z, return_dict=False)[0]

    def _tiled(self, net: Callable[[Tensor], Tensor], x: Tensor, side: int, scale: float) -> Tensor:
        """net(x) tile by tile; `side` of the tiles in pixels of x, `scale` = sides of the output / of x."""
        overlap = (
            max(side * OVERLAP // TILE, round(1 / scale), 1) if scale < 1 else max(side * OVERLAP // TILE, 1)
        )
        H, W = x.shape[-2:]
        total: Tensor | None = None
        weight = torch.zeros(1, 1, round(H * scale), round(W * scale))
        for top in starts(H, side, overlap):
            for left in starts(W, side, overlap):
                part = net(x[..., top : top + side, left : left + side]).float().cpu()
                h, w = part.shape[-2:]
                if total is None:
                    total = torch.zeros(*part.shape[:2], round(H * scale), round(W * scale))
                ramp = max(round(overlap * scale), 1)
                fade = _ramp(h, ramp)[:, None] * _ramp(w, ramp)[None, :]
                y0, x0 = round(top * scale), round(left * scale)
                total[..., y0 : y0 + h, x0 : x0 + w] += part * fade
                weight[..., y0 : y0 + h, x0 : x0 + w] += fade
        assert total is not None, "a picture has at least one tile"
        return (total / weight).to(x.device)


def to_bytes(image: Tensor) -> NDArray[np.uint8]:
    """[B, 3, H, W] in [-1, 1] -> [B, H, W, 3] uint8, rounded as the library does."""
    # One pass per operation and in place: the decoder's output is ours. Rounded in float32 like the library's numpy.
    image = image.float().mul(0.5).add_(0.5).clamp_(0, 1).mul_(255).round_()
    return image.nan_to_num_().to(torch.uint8).permute(0, 2, 3, 1).cpu().numpy()


def starts(length: int, side: int, overlap: int) -> list[int]:
    """First pixels of the tiles of `side` that cover `length` with at least `overlap` between neighbours.

    >>> starts(100, 64, 16)
    [0, 36]
    """
    if length <= side:
        return [0]
    step = max(side - overlap, 1)
    inner = list(range(0, length - side, step))
    return [*inner, length - side]


def _ramp(length: int, overlap: int) -> Tensor:
    """[length] rising from just above 0 over `overlap` pixels, flat at 1, and falling again."""
    edge = torch.arange(1, length + 1) / (overlap + 1)
    return torch.minimum(edge, edge.flip(0)).clamp(max=1)
