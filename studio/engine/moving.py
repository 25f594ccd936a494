"""A thing is cut out of a picture and moved: frames from ways (`nets.ways`), over what lies behind it, which is the rest of the picture
spread into the hole (push-pull, Gortler et al. 1996).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from studio.engine.nets.ways import FRAMES, GRID, SIDE, Ways

FINER = 2
"""Frames are put together so many times larger, or a thing that shrinks would lose its thin lines."""
NEAR = 6
"""Pixels of the small picture around each that tell where the thing's rim is."""
REACHES = 3
"""Times NEAR, up to where what a network missed of a thing is found."""
SMOOTH = 512
"""Side in pixels of the picture in which that is looked for, at most."""
FLAT = 1e-3
"""Variance of colours in [-1, 1] that is taken for none."""
RIM = 2
"""Pixels of the small picture around a thing that are not quite free of it."""
UNSURE = 0.2
"""Shares of the thing below this are none, those as near to one are one."""
STANDS_OUT = 0.08
"""Of colours in [-1, 1]: half of what is never taken for the thing because it differs."""


@dataclass(frozen=True, eq=False)
class Cut:
    """A picture in two, FINER times as large: thing [1, 4, h, w], its colours times its matte, and the matte; behind [1, 3, h, w]."""

    thing: Tensor
    behind: Tensor

    @staticmethod
    def of(picture: Tensor, matte: Tensor) -> Cut:
        """picture [1, 3, H, W] in [-1, 1]; matte [1, 1, SIDE, SIDE], as a network says it."""
        H, W = picture.shape[-2:]
        whole = F.interpolate(picture, (FINER * H, FINER * W), mode="bicubic").clamp(-1, 1)
        matte = along_edges(matte, whole)
        matte = (matte + missed(matte, whole)).clamp(max=1)
        behind = filled(whole, matte)
        return Cut(torch.cat([whole - (1 - matte) * behind, matte], 1), behind)


def moved(thing: Tensor, flow: Tensor) -> Tensor:
    """A thing [1, C, h, w] where flow [2, GRID, GRID] leads it."""
    h, w = thing.shape[-2:]
    return F.grid_sample(thing, _grid(flow, (h, w)), align_corners=False)


def carried(picture: Tensor, ways: Ways, times: Iterable[float]) -> Iterator[Tensor]:
    """The picture [1, 3, H, W] in [-1, 1] as its thing is on its way at each time in [0, 1]."""
    cut = Cut.of(picture, ways.matte)
    for time in times:
        at = time * (FRAMES - 1)
        seen = between(ways.seen[0], at).clamp(0, 1)
        yield put_together(moved(cut.thing, between(ways.flow[0], at)) * seen, cut.behind)


def put_together(thing: Tensor, behind: Tensor) -> Tensor:
    """A frame [1, 3, H, W] of what is FINER times as large."""
    return F.avg_pool2d(thing[:, :3] + (1 - thing[:, 3:]) * behind, FINER).clamp(-1, 1)


def along_edges(matte: Tensor, picture: Tensor) -> Tensor:
    """The matte [1, 1, SIDE, SIDE] at the size of the picture [1, 3, H, W], its rim where the picture's edges are (guided filter, He et al.
    2010; its maps found small and made larger, He & Sun 2015), and what is nearly all or nothing made so."""
    small = F.interpolate(picture, matte.shape[-2:], mode="bilinear", antialias=True)
    middle, share = _around(small), _around(matte)
    pairs = _around((small[:, :, None] * small[:, None]).flatten(1, 2)).unflatten(1, (3, 3))
    spread = (pairs - middle[:, :, None] * middle[:, None]).permute(0, 3, 4, 1, 2)  # [1, SIDE, SIDE, 3, 3]
    common = (_around(small * matte) - middle * share).permute(0, 2, 3, 1)[..., None]
    slope = torch.linalg.solve(spread + FLAT * torch.eye(3, device=picture.device), common)[..., 0].permute(
        0, 3, 1, 2
    )
    offset = share - (slope * middle).sum(1, keepdim=True)
    maps = F.interpolate(_around(torch.cat([slope, offset], 1)), picture.shape[-2:], mode="bilinear")
    found = (maps[:, :3] * picture).sum(1, keepdim=True) + maps[:, 3:]
    return ((found - UNSURE) / (1 - 2 * UNSURE)).clamp(0, 1)


def missed(matte: Tensor, picture: Tensor) -> Tensor:
    """What `completed` adds to a matte [1, 1, H, W], one reach after the other; in large pictures without details."""
    size = picture.shape[-2:]
    times = max(max(size) / SMOOTH, 1)
    less = [max(1, round(side / times)) for side in size]
    picture, matte = (F.interpolate(one, less, mode="area") for one in (picture, matte))
    known = matte
    for _ in range(REACHES):
        matte = completed(matte, picture)
    return F.interpolate(matte - known, size, mode="bilinear")


def completed(matte: Tensor, picture: Tensor) -> Tensor:
    """The matte [1, 1, H, W] and what else near it stands out from what lies around, as far as that is plain: a rim, a handle, a hole.

    What stands out is measured against how far what lies around is foreseen elsewhere in the picture, so in a lively one nothing does.
    """
    wide = _spread(matte, NEAR)
    elsewhere = wide.roll((wide.shape[-2] // 2, wide.shape[-1] // 2), (-2, -1))
    known = (elsewhere > 1 - UNSURE) & (wide < UNSURE)
    if known.sum() < known.numel() // 50:
        return matte
    unforeseen = _off(picture, torch.maximum(wide, elsewhere))[known]
    unrest = max(float(unforeseen[:: 1 + unforeseen.numel() // 100_000].quantile(0.95)), STANDS_OUT)
    return torch.maximum(matte, (_off(picture, wide) / unrest - 2).clamp(0, 1) * wide)


def _off(picture: Tensor, matte: Tensor) -> Tensor:
    """[1, 1, H, W]: how far a picture is from what is made from what lies around, in its strongest colour."""
    return (picture - filled(picture, matte)).abs().amax(1, keepdim=True)


def _spread(matte: Tensor, far: int) -> Tensor:
    """The matte [1, 1, H, W], grown by so many pixels of the small picture."""
    small = F.max_pool2d(F.adaptive_max_pool2d(matte, SIDE), 2 * far + 1, 1, far)
    return F.interpolate(small, matte.shape[-2:], mode="bilinear")


def _around(x: Tensor) -> Tensor:
    """Mean over the places within NEAR of each."""
    x = F.avg_pool2d(x, (2 * NEAR + 1, 1), 1, (NEAR, 0), count_include_pad=False)
    return F.avg_pool2d(x, (1, 2 * NEAR + 1), 1, (0, NEAR), count_include_pad=False)


def between(rows: Tensor, at: float) -> Tensor:
    """Row `at` of rows [F, ...], between two of them on a smooth curve through all (Catmull & Rom 1974)."""
    last = len(rows) - 1
    i = min(int(at), last - 1)
    u = at - i
    a, b, c, d = (rows[min(max(k, 0), last)] for k in (i - 1, i, i + 1, i + 2))
    if i == 0:
        a = 2 * b - c
    if i == last - 1:
        d = 2 * c - b
    return b + 0.5 * u * (c - a + u * (2 * a - 5 * b + 4 * c - d + u * (3 * (b - c) + d - a)))


def _grid(flow: Tensor, size: tuple[int, int]) -> Tensor:
    """Flow [2, GRID, GRID] -> where `grid_sample` is to look, [1, H, W, 2]."""
    H, W = size
    wide = _widened(flow[None], size)
    y, x = torch.meshgrid(torch.arange(H) + 0.5, torch.arange(W) + 0.5, indexing="ij")
    here = torch.stack([x / W, y / H], -1).to(flow.device)
    return 2 * (here + wide[0].permute(1, 2, 0))[None] - 1


def _widened(flow: Tensor, size: tuple[int, int]) -> Tensor:
    """Bilinear, and straight on beyond the outermost places, where interpolation alone would stand still."""
    a = torch.cat([2 * flow[..., :1] - flow[..., 1:2], flow, 2 * flow[..., -1:] - flow[..., -2:-1]], -1)
    a = torch.cat([2 * a[..., :1, :] - a[..., 1:2, :], a, 2 * a[..., -1:, :] - a[..., -2:-1, :]], -2)
    H, W = size
    large = F.interpolate(a, ((GRID + 2) * H // GRID, (GRID + 2) * W // GRID), mode="bilinear")
    return large[..., H // GRID : H // GRID + H, W // GRID : W // GRID + W]


def filled(picture: Tensor, matte: Tensor) -> Tensor:
    """[1, 3, H, W] with what the matte [1, 1, H, W] covers made from what lies around: averages of ever larger neighbourhoods, the smallest
    that sees enough."""
    near = torch.maximum(matte, _spread(matte, RIM))
    share = (1 - near).clamp(min=0).square()
    levels: list[tuple[Tensor, Tensor]] = [(picture * share, share)]
    while min(levels[-1][0].shape[-2:]) > 1:
        levels.append(
            (F.avg_pool2d(levels[-1][0], 2, ceil_mode=True), F.avg_pool2d(levels[-1][1], 2, ceil_mode=True))
        )
    sum_, weight = levels[-1]
    below = sum_ / weight.clamp(min=1e-6)
    for total, weight in reversed(levels[:-1]):
        below = F.interpolate(below, total.shape[-2:], mode="bilinear")
        sure = weight.clamp(max=1)
        below = total + (1 - sure) * below
    return below
