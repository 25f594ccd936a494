"""How the thing in a picture moves, before any frame is drawn: its ways, as a picture of small grids that a diffusion model draws
(motion fields before frames: Shi et al. 2024, Motion-I2V; latent flow and occlusion maps: Ni et al. 2023, LFDM).

What is drawn, x0 [B, CHANNELS, GRID, GRID], from the picture, the words and which frame of the clip the picture is:

    flow    FRAMES pairs of channels: where in the picture lies what is at this place of the frame, (right, down) from here
    seen    FRAMES channels: how much of the thing is to be seen
    matte   FOLD^2 channels: the thing's share of each pixel of the picture at SIDE x SIDE, folded

A frame is the thing, moved, over what lies behind it (`engine.moving`). So a thing is in every frame what it is in the picture.
"""

from __future__ import annotations

import json
import math
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
TURNS = math.pi / 4
"""From here on a thing turns and does not grow or shrink besides."""
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
