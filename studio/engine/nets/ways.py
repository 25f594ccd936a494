"""How the thing in a picture moves, before any frame is drawn: its ways, as a picture of small grids that a diffusion model draws
(motion fields before frames: Shi et al. 2024, Motion-I2V; latent flow and occlusion maps: Ni et al. 2023, LFDM).

What is drawn, x0 [B, CHANNELS, GRID, GRID], from the picture, the words and which frame of the clip the picture is:

    flow    FRAMES pairs of channels: where in the picture lies what is at this place of the frame, (right, down) from here
    seen    FRAMES channels: how much of the thing is to be seen
    matte   FOLD^2 channels: the thing's share of each pixel of the picture at SIDE x SIDE, folded

A frame is the thing, moved, over what lies behind it, which is the rest of the picture spread into the hole (Gortler et al. 1996,
push-pull). So a thing is in every frame what it is in the picture.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, get_args

import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from studio.engine.condition import Condition
from studio.engine.nets.waves import waves

FRAMES = 8
SIDE = 64
"""Of the picture that the network sees, in pixels."""
GRID = 16
FOLD = SIDE // GRID
CHANNELS = 3 * FRAMES + FOLD**2
GAIN = 2.5
"""Of flow in shares of the picture's sides, for x0 to be about as large as noise."""
FARTHEST = 1.2
"""Of flow, in the same shares: beyond, all is outside of the picture."""
PATCH = 2
TIMES = 128
"""Width of the embedding of times."""
FINER = 2
"""Frames are put together so many times larger, or a thing that shrinks would lose its thin lines."""
NEAR = 6
"""Pixels of the small picture around each that tell where the thing's rim is."""
FLAT = 1e-3
"""Variance of colours in [-1, 1] that is taken for none."""
RIM = 2
"""Pixels of the small picture around a thing that are not quite free of it."""
UNSURE = 0.2
"""Shares of the thing below this are none, those as near to one are one."""
TURNS = math.pi / 4
"""From here on a thing turns and does not grow or shrink besides."""
STANDS_OUT = 0.08
"""Of colours in [-1, 1]: half of what is never taken for the thing because it differs."""
Part = Literal["free", "first", "last"]
PARTS: tuple[Part, ...] = get_args(Part)
"""What the picture is to the clip: shows what moves in it, is its first frame, is its last."""
SHIFT = 4.0
NOISE: dict[str, Any] = {
    "_class_name": "FlowMatchEulerDiscreteScheduler",
    "num_train_timesteps": 1000,
    "shift": SHIFT,
}
"""The schedule: much of it is spent where there is much noise, for it takes that to hide anything so smooth."""


@dataclass(frozen=True, eq=False)
class Ways:
    """flow: [B, FRAMES, 2, GRID, GRID], (right, down) in shares of the sides. seen: [B, FRAMES] in [0, 1]. matte: [B, 1, SIDE, SIDE] in
    [0, 1]."""

    flow: Tensor
    seen: Tensor
    matte: Tensor

    def packed(self) -> Tensor:
        """x0 [B, CHANNELS, GRID, GRID], about as large as noise."""
        flow = self.flow.clamp(-FARTHEST, FARTHEST).flatten(1, 2) * GAIN
        seen = (2 * self.seen - 1)[..., None, None].expand(-1, -1, GRID, GRID)
        return torch.cat([flow, seen, F.pixel_unshuffle(2 * self.matte - 1, FOLD)], 1)


def unpacked(x0: Tensor) -> Ways:
    """The inverse of `Ways.packed`."""
    flow, seen, matte = x0.float().split([2 * FRAMES, FRAMES, FOLD**2], 1)
    return Ways(
        (flow / GAIN).unflatten(1, (FRAMES, 2)),
        ((seen.mean((2, 3)) + 1) / 2).clamp(0, 1),
        ((F.pixel_shuffle(matte, FOLD) + 1) / 2).clamp(0, 1),
    )


def told(hidden: Tensor, channels: Tensor) -> Condition:
    """What the network is told: words [B, tokens, width], and the picture as `channels_of` makes it."""
    return Condition(hidden, channels=channels)


def channels_of(picture: Tensor, *parts: Part) -> Tensor:
    """[B, 3, H, W] in [-1, 1], and what each is to its clip -> [B, 3 FOLD^2 + 3, GRID, GRID]"""
    if picture.shape[-2:] != (SIDE, SIDE):
        picture = F.interpolate(picture, (SIDE, SIDE), mode="bilinear", antialias=True)
    one = F.one_hot(torch.tensor([PARTS.index(part) for part in parts]), len(PARTS)).to(picture)
    return torch.cat([F.pixel_unshuffle(picture, FOLD), one[..., None, None].expand(-1, -1, GRID, GRID)], 1)


# --- network --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class WaysConfig:
    """text: width of the words' states. depth, width, heads: of the transformer."""

    text: int = 192
    depth: int = 6
    width: int = 224
    heads: int = 4


class WaysNet(nn.Module):
    """A diffusion transformer (DiT, Peebles & Xie 2023) on patches of 2 x 2 places, the words' states beside them in one sequence (as in
    Esser et al. 2024), in the loop a `Network` by itself."""

    def __init__(self, config: WaysConfig) -> None:
        super().__init__()
        self.config = config
        width, seen = config.width, CHANNELS + 3 * FOLD**2 + len(PARTS)
        self.patch = nn.Conv2d(seen, width, PATCH, PATCH)
        self.places = nn.Parameter(torch.randn(1, (GRID // PATCH) ** 2, width) * 0.02)
        self.words = nn.Linear(config.text, width)
        self.order = nn.Parameter(torch.randn(1, 77, width) * 0.02)
        self.time = nn.Sequential(nn.Linear(TIMES, width), nn.SiLU(), nn.Linear(width, width))
        self.blocks = nn.ModuleList(Block(width, config.heads) for _ in range(config.depth))
        self.last = nn.Linear(width, 2 * width)
        self.out = nn.Linear(width, CHANNELS * PATCH**2)
        for layer in (self.last, self.out):
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)

    def forward(self, x: Tensor, t: Tensor, channels: Tensor, hidden: Tensor) -> Tensor:
        """x [B, CHANNELS, GRID, GRID], t [B] in [0, 1000], channels of `channels_of`, hidden [B, tokens, text] -> the velocity, as x."""
        time = self.time(waves(t, TIMES).to(x.dtype))[:, None]
        grid = self.patch(torch.cat([x, channels], 1)).flatten(2).transpose(1, 2) + self.places
        tokens = grid.shape[1]
        y = torch.cat([grid, self.words(hidden) + self.order[:, : hidden.shape[1]]], 1)
        for block in self.blocks:
            y = block(y, time)
        shift, scale = self.last(F.silu(time)).chunk(2, -1)
        y = self.out(F.layer_norm(y[:, :tokens], y.shape[-1:]) * (1 + scale) + shift)
        side = GRID // PATCH
        return F.pixel_shuffle(y.transpose(1, 2).unflatten(2, (side, side)), PATCH)

    def __call__(self, *args: Any) -> Tensor:
        """(x, t, condition), as a `Network`; or as `forward`."""
        if len(args) == 3 and isinstance(args[2], Condition):
            x, t, condition = args
            dtype = self.out.weight.dtype
            condition = condition.expand(len(x)).to(device=x.device, dtype=dtype)
            assert condition.channels is not None, "the picture"
            return super().__call__(x.to(dtype), t, condition.channels, condition.hidden).to(x.dtype)
        return super().__call__(*args)

    def save(self, folder: Path) -> None:
        """config.json and model.safetensors, in half precision."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "config.json").write_text(json.dumps(asdict(self.config), indent=1), "utf-8")
        save_file(
            {k: v.half().contiguous() for k, v in self.state_dict().items()}, folder / "model.safetensors"
        )

    @staticmethod
    def read(folder: Path) -> WaysNet:
        """Raises OSError, ValueError, RuntimeError, TypeError: the folder does not hold one."""
        net = WaysNet(WaysConfig(**json.loads((folder / "config.json").read_text("utf-8"))))
        net.load_state_dict(load_file(folder / "model.safetensors"))
        return net


class Block(nn.Module):
    """Attention and a small network, both told the time by shift, scale and gate, which begin at nothing (adaLN-Zero)."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.told = nn.Linear(width, 6 * width)
        self.qkv = nn.Linear(width, 3 * width)
        self.mix = nn.Linear(width, width)
        self.wide = nn.Linear(width, 4 * width)
        self.narrow = nn.Linear(4 * width, width)
        nn.init.zeros_(self.told.weight)
        nn.init.zeros_(self.told.bias)

    def forward(self, y: Tensor, time: Tensor) -> Tensor:
        a, b, gate, c, d, other = self.told(F.silu(time)).chunk(6, -1)
        q, k, v = (
            self.qkv(F.layer_norm(y, y.shape[-1:]) * (1 + b) + a)
            .unflatten(-1, (3, self.heads, -1))
            .permute(2, 0, 3, 1, 4)
        )
        # by plain products: in bfloat16 on a CPU the fused kernel is several times slower
        near = (q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1])).softmax(-1)
        y = y + gate * self.mix((near.to(v) @ v).transpose(1, 2).flatten(2))
        return y + other * self.narrow(
            F.gelu(self.wide(F.layer_norm(y, y.shape[-1:]) * (1 + d) + c), approximate="tanh")
        )


def stiff(ways: Ways, part: Part = "free", rounds: int = 4) -> Ways:
    """The ways of things that keep their shape: each frame's flow is replaced by the nearest map that moves, turns and scales (least squares,
    Umeyama 1991, in complex numbers), mirrored in all frames or in none, over the places that show the thing, which are those that it leads
    to the thing from. So what little the places disagree in does not make it tremble.

    Where the picture is a frame of the clip, the thing is in that frame where and as it is in the picture, and moves from there as it would
    have from where the network would have put it.
    """
    at = (torch.arange(GRID, device=ways.flow.device) + 0.5) / GRID
    here = torch.complex(*torch.meshgrid(at, at, indexing="xy")).flatten()  # [P]
    flow = ways.flow.flatten(3)
    goal = here + torch.complex(flow[:, :, 0], flow[:, :, 1])  # [B, F, P]
    # seen from far enough that a place beside a thin thing still counts
    matte = F.avg_pool2d(ways.matte, FOLD)
    fit, trust = goal, torch.ones_like(flow[:, :, 0])
    for _ in range(rounds):
        weight = (
            trust * F.grid_sample(matte, 2 * torch.view_as_real(fit) - 1, align_corners=False)[:, 0] + 1e-4
        )
        weight = weight / weight.sum(-1, keepdim=True)
        middle, to = (weight * here).sum(-1, keepdim=True), (weight * goal).sum(-1, keepdim=True)
        out, away = here - middle, weight * (goal - to)
        plain, mirrored = ((away * side).sum(-1, keepdim=True) for side in (out.conj(), out))
        flip = mirrored.abs().sum(1, keepdim=True) > plain.abs().sum(1, keepdim=True)
        turn = torch.where(flip, mirrored, plain) / (weight * out.abs().square()).sum(-1, keepdim=True)
        fit = to + turn * torch.where(flip, out.conj(), out)
        # places that say something else count for little (Geman & McClure 1985)
        off = (goal - fit).abs().square()
        trust = (1 + off / off.median(-1, keepdim=True).values.clamp(min=1e-6)) ** -2
    turn = _of_one_size(turn)
    fit = to + turn * torch.where(flip, out.conj(), out)
    seen = ways.seen
    if part != "free":
        k = 0 if part == "first" else FRAMES - 1
        y, x = torch.meshgrid(*2 * [(torch.arange(SIDE, device=at.device) + 0.5) / SIDE], indexing="ij")
        thing = (ways.matte[:, 0] * torch.complex(x, y)).sum((1, 2)) / ways.matte.sum((1, 2, 3)).clamp(
            min=1e-3
        )
        thing = thing[:, None, None]
        back = (thing - to) / turn
        place = middle + torch.where(flip, back.conj(), back)  # of the thing in each frame
        change = turn / turn[:, k : k + 1]
        change = torch.where(flip, change.conj(), change)
        fit = thing + change * (here - thing - (place - place[:, k : k + 1]))
        seen = (seen / seen[:, k : k + 1].clamp(min=0.3)).clamp(0, 1)
    moved = torch.view_as_real(fit - here).permute(0, 1, 3, 2).unflatten(3, (GRID, GRID))
    return Ways(moved, seen, ways.matte)


def _of_one_size(turn: Tensor) -> Tensor:
    """[B, FRAMES, 1] turns and scales, those of what turns far with one scale: where the network is not sure how far, it says a mean of several
    turns, whose length tells that and no size."""
    far = (turn * turn[:, :1].conj()).angle().abs().amax(1, keepdim=True)
    share = (far / TURNS).clamp(max=1)
    size = turn.abs().clamp(min=1e-6).log()
    size = size + share * (size.mean(1, keepdim=True) - size)
    return torch.polar(size.exp(), turn.angle())


# --- frames ---------------------------------------------------------------------------------------------------------


def carried(picture: Tensor, ways: Ways, times: Iterable[float]) -> Iterator[Tensor]:
    """The picture [1, 3, H, W] in [-1, 1] as its thing is on its way at each time in [0, 1]."""
    H, W = picture.shape[-2:]
    fine = (FINER * H, FINER * W)
    whole = F.interpolate(picture, fine, mode="bicubic").clamp(-1, 1)
    matte = completed(along_edges(ways.matte, whole), whole)
    behind = filled(whole, matte)
    thing = torch.cat([whole - (1 - matte) * behind, matte], 1)  # premultiplied
    for time in times:
        at = time * (FRAMES - 1)
        seen = between(ways.seen[0], at).clamp(0, 1)
        moved = F.grid_sample(thing, _grid(between(ways.flow[0], at), fine), align_corners=False) * seen
        yield F.avg_pool2d(moved[:, :3] + (1 - moved[:, 3:]) * behind, FINER).clamp(-1, 1)


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
