"""Spectrograms <-> tokens, by a linear code.

A token is `frames` frames of a spectrogram's levels, centred and projected on its first principal components: closed-form, exact
to invert up to what the components leave out, the same at every place. So a mask in time and pitch can be laid over decoded
levels, and what is blended there can be coded again. Components are scaled by the fourth root of their variance: full whitening
would make noise as important as notes, none would let the loudness drown everything else.

A latent is [1, C, 1, N], N tokens; levels are [1, B, N frames] in dB.
"""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from studio.core.spectrogram import FLOOR, Spectrogram, hz_of_note

LOWEST_NOTE, BANDS = 31, 92
NOTES = Spectrogram(
    rate=22050,
    window_ms=120,
    hop_ms=20,
    scale="note",
    bands=BANDS,
    low=hz_of_note(LOWEST_NOTE),
    high=hz_of_note(LOWEST_NOTE + BANDS - 1),
)
"""How pocket-music hears: semitones from G1 to D9, 50 frames a second."""
WEIGHTS, ABOUT = "codec.safetensors", "spectrogram.json"


class SoundCodec:
    """mean [F B], basis [C, F B] orthonormal rows, scale [C]; a row of F B numbers is F frames of B levels."""

    factor = 1

    def __init__(self, how: Spectrogram, mean: Tensor, basis: Tensor, scale: Tensor) -> None:
        self.vae = nn.Identity()  # nothing that could be moved to another device
        self.how, self.mean, self.basis, self.scale = how, mean, basis, scale
        self.channels = basis.shape[0]
        self.frames = basis.shape[1] // how.rows
        if basis.shape[1] != self.frames * how.rows or len(scale) != self.channels:
            raise ValueError("the code does not fit the spectrogram")

    @property
    def token_seconds(self) -> float:
        """Seconds."""
        return self.frames / self.how.frame_rate

    def tokens(self, seconds: float) -> int:
        """The fewest tokens that last so long."""
        return max(1, math.ceil(seconds / self.token_seconds - 1e-6))

    def encode(self, levels: Tensor) -> Tensor:
        """[B, bands, T] dB -> [B, C, 1, N]; what is missing to whole tokens is silent."""
        B, bands, T = levels.shape
        missing = -T % self.frames
        levels = torch.nn.functional.pad(levels.float(), (0, missing), value=FLOOR)
        rows = levels.view(B, bands, -1, self.frames).permute(0, 2, 3, 1).flatten(2)  # [B, N, F bands]
        coded = (rows - self.mean) @ self.basis.T / self.scale  # [B, N, C]
        return coded.transpose(1, 2)[:, :, None]

    def decode(self, latent: Tensor) -> Tensor:
        """[B, C, 1, N] -> [B, bands, N frames] dB"""
        rows = (latent[:, :, 0].transpose(1, 2).float() * self.scale) @ self.basis + self.mean
        levels = rows.unflatten(2, (self.frames, self.how.rows)).flatten(1, 2).transpose(1, 2)
        return levels.clamp(FLOOR, 10.0)

    def to(self, device: torch.device | str) -> SoundCodec:
        """On another device."""
        self.mean, self.basis, self.scale = (v.to(device) for v in (self.mean, self.basis, self.scale))
        return self

    @classmethod
    def fit(cls, how: Spectrogram, levels: Tensor, frames: int, channels: int) -> SoundCodec:
        """The code of some spectrograms [N, bands, T] in dB."""
        N, bands, T = levels.shape
        rows = levels[:, :, : T // frames * frames].double().view(N, bands, -1, frames).permute(0, 2, 3, 1)
        rows = rows.reshape(-1, frames * bands)
        mean = rows.mean(0)
        variance, vectors = torch.linalg.eigh(torch.cov((rows - mean).T))
        variance, vectors = variance.flip(0)[:channels], vectors.flip(1)[:, :channels]
        scale = variance.clamp(min=1e-6) ** 0.25
        coded = (rows - mean) @ vectors / scale
        return cls(how, mean.float(), vectors.T.float().contiguous(), (scale * coded.std()).float())

    def save(self, folder: Path) -> None:
        """Two files in the folder."""
        from safetensors.torch import save_file

        folder.mkdir(parents=True, exist_ok=True)
        save_file({"mean": self.mean, "basis": self.basis, "scale": self.scale}, folder / WEIGHTS)
        (folder / ABOUT).write_text(json.dumps(asdict(self.how), indent=1), "utf-8")

    @classmethod
    def read(cls, folder: Path) -> SoundCodec:
        """Raises OSError, ValueError, TypeError or KeyError when the folder does not hold one."""
        from safetensors.torch import load_file

        about: dict[str, Any] = json.loads((folder / ABOUT).read_text("utf-8"))
        weights = load_file(folder / WEIGHTS)
        return cls(Spectrogram(**about), weights["mean"], weights["basis"], weights["scale"])
