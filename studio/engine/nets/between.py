"""What lies between two frames: a diffusion model of what blending them lacks (temporal super-resolution, Ho et al. 2022,
Imagen Video).

    frame at tau = (1 - tau) first + tau second + x0 / gain

The network is that of `upscale`, with two given pictures instead of one and with the time tau in (0, 1) between them in place of
the noise over the small picture: x0 is nothing wherever nothing moves, so what stands still stays what it is, bit for bit. It looks
at a bounded neighbourhood, so that large frames may be drawn in tiles.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from studio.engine.condition import Condition
from studio.engine.denoiser import Network
from studio.engine.nets.upscale import FOLD, UpscaleNet


def blended(first: Tensor, second: Tensor, tau: Tensor) -> Tensor:
    """Two frames [B, 3, H, W] mixed at times tau [B]."""
    share = tau.view(-1, 1, 1, 1)
    return (1 - share) * first + share * second


def network_of(net: UpscaleNet, tau: Tensor) -> Network:
    """The network for the loop: x [B, 48, H/4, W/4]; the condition's channels are both frames [B, 6, H, W]."""

    def network(x: Tensor, t: Tensor, condition: Condition) -> Tensor:
        assert condition.channels is not None, "the two frames"
        return net(x, t, condition.channels, tau).to(x.dtype)

    return network


def difference(net: UpscaleNet, frame: Tensor, blend: Tensor) -> Tensor:
    """What the network draws: [B, 3, H, W] twice -> [B, 48, H/4, W/4]."""
    return F.pixel_unshuffle((frame - blend) * net.config.gain, FOLD)


def frame_from(net: UpscaleNet, x0: Tensor, blend: Tensor) -> Tensor:
    """The inverse of `difference`, in [-1, 1]."""
    return (blend + F.pixel_shuffle(x0.float(), FOLD) / net.config.gain).clamp(-1, 1)


def told(first: Tensor, second: Tensor) -> Condition:
    """What the network sees: the two frames [B, 3, H, W]."""
    return Condition(
        torch.zeros(len(first), 0, 1, device=first.device), channels=torch.cat([first, second], 1)
    )
