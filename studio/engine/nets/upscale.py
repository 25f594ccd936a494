"""pocket-upscale: a diffusion model of what a bicubic enlargement lacks (second stage of a cascade).

    picture = enlarged + x0 / gain

The network sees the noisy x and the enlarged picture side by side, both folded by 4 (16 neighbouring pixels become
channels), so that every convolution runs at a quarter of the resolution; predicts x0; and is told the noise level t and how
much noise had been laid over the small picture before it was enlarged (conditioning augmentation, Ho et al. 2022, CDM,
section 4.2; additive here, in units of a picture in [-1, 1]).

Decisions.
(1) SR3 (Saharia et al. 2021) diffuses the picture itself; diffusing the difference to the enlargement (Li et al. 2022,
SRDiff) gives a network that has learnt little yet the enlargement instead of noise.
(2) Channels are normalised per pixel, not per group over the whole picture as in the usual UNets: what a pixel becomes
depends on a bounded neighbourhood, so a picture drawn in overlapping tiles is the picture drawn whole.
(3) No attention, for the same reason.
(4) x0 and not v (Salimans & Ho 2022), which was tried first: the difference is exactly nothing wherever the picture is flat.
A network that predicts x0 says so with zeros, one that predicts v must copy the noise there to the last bit; after 11,000
samples of a small one, eight steps left noise 4 dB below the plain enlargement. So that the strength of x is not lost in
the norms where it does matter, at edges and little noise, x reaches the output directly, as much of it as the network wants:
x0 = F + G x.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from studio.engine.nets.waves import waves

FOLD = 4
"""Pixels along a side that become channels."""
MARGIN = 4
"""Small pixels around a part that its bicubic enlargement looks at, with room to spare."""
AUGMENT_SCALE = 1000.0
"""The sinusoidal embedding is made for times from 0 to 1000."""


@dataclass(frozen=True)
class UpscaleConfig:
    """widths: channels at 1/4, 1/8, ... of the resolution; blocks: residual blocks per resolution on the way down (one
    more on the way up); gain: brings the difference to about unit variance; augment: the most noise that training laid over the
    small pictures; given: pictures that are seen beside the noise (two for what lies between two frames, see `between`)."""

    widths: tuple[int, ...] = (96, 128, 192)
    blocks: int = 2
    gain: float = 12.0
    augment: float = 0.3
    given: int = 1


class PixelNorm(nn.Module):
    """Layer normalisation of each pixel's channels (Ba et al. 2016). The root mean square alone would do, but has no fused kernel on a
    CPU: a training step took 1.4 times as long."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))

    def forward(self, x: Tensor) -> Tensor:
        """[B, C, H, W] -> the same shape"""
        rows = x.permute(0, 2, 3, 1)
        return F.layer_norm(rows, rows.shape[-1:], self.weight.to(x.dtype)).permute(0, 3, 1, 2)


class _Block(nn.Module):
    """Two convolutions; the second starts at zero, and the time scales and shifts what lies between them."""

    def __init__(self, before: int, width: int, time: int) -> None:
        super().__init__()
        self.skip = nn.Conv2d(before, width, 1) if before != width else nn.Identity()
        self.norm1, self.norm2 = PixelNorm(before), PixelNorm(width)
        self.first = nn.Conv2d(before, width, 3, padding=1)
        self.second = nn.Conv2d(width, width, 3, padding=1)
        self.time = nn.Linear(time, 2 * width)
        nn.init.zeros_(self.second.weight)
        nn.init.zeros_(self.time.weight)
        nn.init.zeros_(self.time.bias)

    def forward(self, x: Tensor, time: Tensor) -> Tensor:
        h = self.first(F.silu(self.norm1(x)))
        scale, shift = self.time(time)[:, :, None, None].chunk(2, dim=1)  # [B, width, 1, 1] each
        return self.skip(x) + self.second(F.silu(self.norm2(h) * (1 + scale) + shift))


class UpscaleNet(nn.Module):
    """See the module."""

    def __init__(self, config: UpscaleConfig) -> None:
        super().__init__()
        self.config = config
        widths, folded = config.widths, 3 * FOLD**2
        time = 4 * widths[0]
        self.time = nn.Sequential(nn.Linear(2 * widths[0], time), nn.SiLU(), nn.Linear(time, time), nn.SiLU())
        self.enter = nn.Conv2d((1 + config.given) * folded, widths[0], 3, padding=1)
        self.down, self.up = nn.ModuleList(), nn.ModuleList()
        self.shrink, self.grow = nn.ModuleList(), nn.ModuleList()
        for i, width in enumerate(widths):
            self.down.append(nn.ModuleList(_Block(width, width, time) for _ in range(config.blocks)))
            if i + 1 < len(widths):
                self.shrink.append(nn.Conv2d(width, widths[i + 1], 2, stride=2))
                self.grow.append(nn.Conv2d(widths[i + 1], width, 1))
                first = _Block(2 * width, width, time)
                rest = [_Block(width, width, time) for _ in range(config.blocks - 1)]
                self.up.append(nn.ModuleList([first, *rest]))
        self.norm = PixelNorm(widths[0])
        self.leave = nn.Conv2d(widths[0], 2 * folded, 3, padding=1)
        for parameter in self.leave.parameters():
            nn.init.zeros_(parameter)

    @property
    def multiple(self) -> int:
        """Sides of a picture must be multiples of this."""
        return FOLD * 2 ** (len(self.config.widths) - 1)

    @property
    def device(self) -> torch.device:
        return self.leave.weight.device

    @property
    def dtype(self) -> torch.dtype:
        return self.leave.weight.dtype

    def forward(self, x: Tensor, t: Tensor, enlarged: Tensor, augment: Tensor) -> Tensor:
        """The difference between the true picture and its enlargement, as far as it can be told.

        Args:
            x: [B, 48, H/4, W/4], the noisy difference, folded.
            t: [B], time in [0, 1000).
            enlarged: [B, 3 config.given, H, W] in [-1, 1].
            augment: [B], the noise that lies over the small picture, in [0, config.augment]; for `between`, the time between
                the frames, in (0, 1).

        Returns:
            [B, 48, H/4, W/4], x0.
        """
        width = self.config.widths[0]
        told = torch.cat([waves(t, width), waves(augment * AUGMENT_SCALE, width)], dim=1)  # [B, 2 width]
        time = self.time(told.to(self.dtype))
        h = self.enter(torch.cat([x.to(self.dtype), F.pixel_unshuffle(enlarged.to(self.dtype), FOLD)], dim=1))
        kept: list[Tensor] = []
        for i, blocks in enumerate(self.down):
            for block in blocks:  # type: ignore[reportGeneralTypeIssues]
                h = block(h, time)
            if i < len(self.shrink):
                kept.append(h)
                h = self.shrink[i](h)
        for i in reversed(range(len(self.up))):
            h = F.interpolate(self.grow[i](h), scale_factor=2.0, mode="nearest")
            h = torch.cat([h, kept[i]], dim=1)
            for block in self.up[i]:  # type: ignore[reportGeneralTypeIssues]
                h = block(h, time)
        drawn, share = self.leave(F.silu(self.norm(h))).chunk(2, dim=1)
        return drawn + share * x.to(self.dtype)

    def save(self, folder: Path) -> None:
        """config.json and model.safetensors in half precision."""
        from safetensors.torch import save_file

        folder.mkdir(parents=True, exist_ok=True)
        about = {"_class_name": "UpscaleNet", **asdict(self.config)}
        (folder / "config.json").write_text(json.dumps(about, indent=1), "utf-8")
        weights = {name: value.half().contiguous() for name, value in self.state_dict().items()}
        save_file(weights, folder / "model.safetensors")

    @classmethod
    def read(cls, folder: Path) -> UpscaleNet:
        """Raises OSError, ValueError, TypeError, KeyError or RuntimeError when the folder does not hold one."""
        from safetensors.torch import load_file

        about: dict[str, Any] = json.loads((folder / "config.json").read_text("utf-8"))
        if about.pop("_class_name", None) != "UpscaleNet":
            raise ValueError("its config.json describes another kind of network")
        about["widths"] = tuple(about["widths"])
        net = cls(UpscaleConfig(**about))
        net.load_state_dict({name: w.float() for name, w in load_file(folder / "model.safetensors").items()})
        return net.eval().requires_grad_(False)


def enlarge(small: Tensor, factor: int) -> Tensor:
    """[B, 3, h, w] -> [B, 3, factor h, factor w], bicubic (a = -0.75, as torch does it)."""
    return F.interpolate(small, scale_factor=float(factor), mode="bicubic", align_corners=False)
