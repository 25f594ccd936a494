"""What a latent will look like, almost for nothing.

    rgb = z M + b

with M [C, 3] and b [3] fitted once per model by ridge regression on the model's own encoder (smooth and blocky coloured pictures,
and their latents). The decoder takes 10 to 100 times as long as this and is never used for previews. A built-in model may
carry the fitted map as `preview.safetensors`; a map fitted on real pictures is a little truer in its colours.
"""

from __future__ import annotations

import copy
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from studio.core.clip import Clip
from studio.engine.codecs.picture import PictureCodec

PER_SECOND = 15
FILE = "preview.safetensors"
SIDE = 64
"""Of the pictures that the map is fitted on."""
WORST = 6.5
"""Mean square error of bytes (40 dB) up to which two decoders look the same."""


class Pace:
    """Lets at most PER_SECOND previews through."""

    def __init__(self) -> None:
        self.last = -1.0

    def ready(self) -> bool:
        now = time.monotonic()
        if now - self.last < 1 / PER_SECOND:
            return False
        self.last = now
        return True


def linear_map(codec: PictureCodec, folder: Path | None = None) -> tuple[Tensor, Tensor]:
    """M [C, 3], b [3] in float32 on the CPU: those in `folder`, else fitted (well under a second)."""
    path = folder / FILE if folder else None
    if path and path.is_file():
        from safetensors.torch import load_file

        try:
            stored = load_file(path)
            if stored["matrix"].shape == (codec.channels, 3) and stored["offset"].shape == (3,):
                return stored["matrix"].float(), stored["offset"].float()
        except Exception:  # a damaged preview is not worth a failed job: fit another
            pass
    return fit(codec, sample_pictures())


def fit(codec: PictureCodec, pictures: list[NDArray[np.uint8]]) -> tuple[Tensor, Tensor]:
    """Ridge regression of the colour under each latent pixel on that pixel's channels."""
    latents: list[Tensor] = []
    colours: list[Tensor] = []
    for picture in pictures:
        z = codec.encode(picture)[0].cpu()
        latents.append(z.flatten(1).T)
        rgb = torch.from_numpy(picture).permute(2, 0, 1).float() / 255
        colours.append(F.avg_pool2d(rgb[None], codec.factor)[0].flatten(1).T)
    Z = torch.cat(latents).double()  # [N, C]
    Y = torch.cat(colours).double()  # [N, 3]
    mean = Z.mean(0)
    A = Z - mean
    ridge = 1e-3 * A.square().sum(0).mean() + 1e-12
    M = torch.linalg.solve(A.T @ A + ridge * torch.eye(len(mean), dtype=Z.dtype), A.T @ (Y - Y.mean(0)))
    return M.float(), (Y.mean(0) - mean @ M).float()


def quick_codec(codec: PictureCodec) -> PictureCodec:
    """The codec, or a copy of it in bfloat16 where that decodes faster here and looks the same; found by trying both (a few
    decodes). For pictures that follow the hand."""
    if codec.vae.device.type != "cpu" or codec.vae.dtype != torch.float32:
        return codec
    half = PictureCodec(copy.deepcopy(codec.vae).bfloat16())
    z = codec.encode(sample_pictures()[0])
    exact, rough = codec.decode(z).astype(np.float32), half.decode(z).astype(np.float32)
    error = float(np.square(exact - rough).mean())
    if error > WORST or _seconds(half, z) > 0.8 * _seconds(codec, z):
        return codec
    return half


def _seconds(codec: PictureCodec, z: Tensor) -> float:
    """The best of three decodes, in this thread's time of the processor: who else is at work just now must not decide for good."""
    times: list[float] = []
    for _ in range(3):
        start = time.thread_time()
        codec.decode(z)
        times.append(time.thread_time() - start)
    return min(times)


def sample_pictures(side: int = SIDE, count: int = 8, seed: int = 0) -> list[NDArray[np.uint8]]:
    """Coloured patches and gradients: [side, side, 3] uint8 each, always the same ones."""
    generator = torch.Generator().manual_seed(seed)
    pictures: list[NDArray[np.uint8]] = []
    for i in range(count):
        grid = torch.rand(1, 3, 4, 4, generator=generator)
        mode = "nearest" if i % 2 else "bicubic"
        image = F.interpolate(grid, (side, side), mode=mode).clamp(0, 1)
        pictures.append((image[0] * 255).round().to(torch.uint8).permute(1, 2, 0).numpy())
    return pictures


def draw(x0: Tensor, linear: tuple[Tensor, Tensor], factor: int, rate: float | None = None) -> Clip:
    """[1, C, h, w] -> a picture of half the result's sides; frames [F, C, h, w] at a rate -> a clip of them."""
    matrix, offset = linear
    z = (x0[:1] if rate is None else x0).to("cpu", torch.float32)
    rgb = torch.einsum("fchw,cr->frhw", z, matrix) + offset[:, None, None]
    if factor > 2:
        rgb = F.interpolate(rgb, scale_factor=factor // 2, mode="bilinear", align_corners=False)
    pixels = rgb.nan_to_num_().clamp_(0, 1).mul_(255).round_().to(torch.uint8)
    frames = pixels.permute(0, 2, 3, 1).contiguous().numpy()
    return Clip.picture(frames[0]) if rate is None else Clip.video(frames, rate)
