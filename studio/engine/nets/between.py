"""The frame halfway between two frames: both are carried there along their motion, and a diffusion model draws what that lacks
(temporal super-resolution, Ho et al. 2022, Imagen Video).

    frame = (carried first + carried second) / 2 + x0 / gain

Motion is found by matching small windows, each frame looked up the same way off, forwards in one and backwards in the other (bilateral
motion estimation, Choi et al. 2000), on small pictures first. It moves pixels whole, so nothing is blurred. The network is that of
`upscale`, with the two carried frames in place of the enlarged picture: what stands still is there already and x0 is nothing; what turned,
grew, faded or came out from behind is left to it.

Mixing the frames where they are (that is, without the motion) was tried first: after 16,000 samples the network was 1 dB below the mix
itself, for it had to find the motion too. Frames at a quarter of the way are the halves of halves.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from studio.engine.condition import Condition
from studio.engine.denoiser import Network
from studio.engine.nets.upscale import FOLD, UpscaleNet

REACH = 5
"""Pixels to either side of the middle that are searched on the smallest pictures: frames may be twice that apart."""
SMALLEST = 64
"""Pixels: pictures are halved for the search as long as their shorter side keeps so many."""
WINDOW = 11
"""Pixels of a side of what is compared."""
FAR = 0.02
"""What each pixel of way costs on the smallest pictures, in units of mean difference of colours in [-1, 1]: of equal matches the nearest
is taken."""
HALFWAY = 0.5
"""The network's third input, see `UpscaleNet.forward`."""


def carried(first: Tensor, second: Tensor) -> tuple[Tensor, Tensor]:
    """Two frames [B, 3, H, W] in [-1, 1] -> both as they are halfway, made of their own pixels."""
    way = motion(first, second)
    return _moved(first, -way), _moved(second, way)


def motion(first: Tensor, second: Tensor) -> Tensor:
    """[B, 3, H, W] twice -> [B, 2, H, W], int64: half the way (down, right) from the first frame to the second of what is at a pixel
    halfway."""
    sizes = [(first, second)]
    while min(sizes[-1][0].shape[-2:]) >= 2 * SMALLEST:
        a, b = sizes[-1]
        sizes.append((F.avg_pool2d(a, 2), F.avg_pool2d(b, 2)))
    way = _nearest(*sizes.pop(), None, REACH, FAR)
    for i, (a, b) in enumerate(reversed(sizes), 1):
        H, W = a.shape[-2:]
        wider = F.interpolate(2.0 * way, size=(H, W), mode="nearest").long()
        way = _nearest(a, b, wider, 1, FAR / 2**i)
    return way


def _nearest(first: Tensor, second: Tensor, way: Tensor | None, reach: int, far: float) -> Tensor:
    """`way` [B, 2, H, W], None = none, at each pixel moved by up to `reach` to where the frames match best; a pixel of that costs `far`."""
    start = 0 if way is None else way
    best, found = None, torch.zeros(0)
    for dy in range(-reach, reach + 1):
        for dx in range(-reach, reach + 1):
            here = start + torch.tensor([dy, dx], device=first.device).view(1, 2, 1, 1)
            if way is None:
                off = _shifted(first, -dy, -dx) - _shifted(second, dy, dx)
            else:
                off = _moved(first, -here) - _moved(second, here)
            cost = _mean_around(off.abs().mean(1, keepdim=True)) + far * math.hypot(dy, dx)
            if best is None:
                best, found = cost, here.expand(len(cost), -1, *cost.shape[2:])
                continue
            better = cost < best
            best, found = torch.where(better, cost, best), torch.where(better, here, found)
    return found


def _shifted(picture: Tensor, down: int, right: int) -> Tensor:
    """What lies that far of each pixel. Beyond the edge, the edge."""
    H, W = picture.shape[-2:]
    far = max(abs(down), abs(right))
    wide = F.pad(picture, (far,) * 4, mode="replicate")
    return wide[..., far + down : far + down + H, far + right : far + right + W]


def _moved(picture: Tensor, way: Tensor) -> Tensor:
    """What lies `way` (down, right) of each pixel; [B, C, H, W], int64 [B, 2, H, W]. Beyond the edge, the edge."""
    B, C, H, W = picture.shape
    rows = (torch.arange(H, device=way.device)[:, None] + way[:, 0]).clamp(0, H - 1)
    columns = (torch.arange(W, device=way.device) + way[:, 1]).clamp(0, W - 1)
    index = (rows * W + columns).view(B, 1, H * W).expand(-1, C, -1)
    return picture.flatten(2).gather(2, index).view(B, C, H, W)


def _mean_around(x: Tensor) -> Tensor:
    """Mean over WINDOW x WINDOW pixels, at the edge of those that there are."""
    pad = WINDOW // 2
    x = F.avg_pool2d(x, (WINDOW, 1), 1, (pad, 0), count_include_pad=False)
    return F.avg_pool2d(x, (1, WINDOW), 1, (0, pad), count_include_pad=False)


def network_of(net: UpscaleNet) -> Network:
    """The network for the loop: x [B, 48, H/4, W/4]; the condition's channels are both carried frames [B, 6, H, W]."""

    def network(x: Tensor, t: Tensor, condition: Condition) -> Tensor:
        assert condition.channels is not None, "the two frames"
        return net(x, t, condition.channels, torch.full((len(x),), HALFWAY, device=x.device)).to(x.dtype)

    return network


def difference(net: UpscaleNet, frame: Tensor, mean: Tensor) -> Tensor:
    """What the network draws: the frame and the mean of both carried ones, [B, 3, H, W] -> [B, 48, H/4, W/4]."""
    return F.pixel_unshuffle((frame - mean) * net.config.gain, FOLD)


def frame_from(net: UpscaleNet, x0: Tensor, mean: Tensor) -> Tensor:
    """The inverse of `difference`, in [-1, 1]."""
    return (mean + F.pixel_shuffle(x0.float(), FOLD) / net.config.gain).clamp(-1, 1)


def told(first: Tensor, second: Tensor) -> Condition:
    """What the network sees: the two carried frames [B, 3, H, W]."""
    return Condition(
        torch.zeros(len(first), 0, 1, device=first.device), channels=torch.cat([first, second], 1)
    )
