"""A diffusion vocoder: note spectrograms -> sound, by DiffWave on folded, whitened sound.

DiffWave (Kong et al. 2021) takes noise off the samples themselves by non-causal dilated convolutions that are told the noise level and
the spectrogram. At 22,050 places a second that is out of reach of a processor, so what is noisy here are the same samples, turned:

(1) By the MDCT (Princen, Johnson & Bradley 1987), whose hop is the spectrogram's: an orthogonal transform, so white noise stays white
and nothing is lost, and 441 coefficients stand where 441 samples stood.
(2) By signs. A steady tone's coefficients turn by pi (k + 1/2) from frame to frame; with the signs of `_turned` two neighbouring frames
hold its cosine and its sine, and turn only by the tone's distance from the middle of its bin. So a tone looks the same in every bin, and
convolutions over time and pitch fit. Two frames and seven bins make a place: 25 x 63 a second.
(3) By how loud each coefficient must be expected (PriorGrad, Lee et al. 2022; SpecGrad, Koizumi et al. 2022), so that a quiet overtone
counts as much as a loud bass.

What must be expected is learnt too. Bands say what a semitone holds together; in the treble that is thirty bins of which one or two hold a tone. A
small network, the sharpener, reads the overtones of the low notes off the whole spectrum and says how loud every bin is. Phases cost Griffin-Lim
one decibel of log-spectral distance, this five: it is most of what a vocoder can win.

DiffWave's gate is left out: tanh, sigmoid and their halves of the channels took longer than the convolutions, ReLU trains 2.5 times as fast.
In whitened coefficients the loop (`engine.sample`) walks from noise to sound in a few steps; `engine.vocoder` has the rest.
"""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from studio.core.spectrogram import FLOOR, Spectrogram, hz_of_note
from studio.engine.nets.waves import waves

BINS = 7
"""Coefficients that make a place together, 441 = 63 x 7."""
PAIR = 2
"""Frames that make a place together."""
PERIOD = 4
"""Frames after which the signs repeat; pieces of a sound begin at multiples."""
QUIETEST = -76.0
"""Decibels: the envelope is not lower, so that silence is not blown up."""


# --- sound as coefficients ---------------------------------------------------------------------------------------------


def mdct(sound: Tensor, hop: int) -> Tensor:
    """[B, n] -> [B, T, hop], T = 1 + n / hop: frame j is centred on sample j hop; before and after there is silence."""
    frames = 1 + sound.shape[1] // hop
    padded = F.pad(sound[:, : (frames - 1) * hop], (hop, hop))
    return padded.unfold(1, 2 * hop, hop) @ _basis(hop).to(sound)


def imdct(coefficients: Tensor, hop: int, ring: bool = False) -> Tensor:
    """[B, T, hop] -> [B, (T - 1) hop], or [B, T hop] where the end leads back to the beginning; inverse of `mdct`."""
    pieces = coefficients @ _basis(hop).T.to(coefficients)  # [B, T, 2 hop]
    first, second = pieces[..., :hop], pieces[..., hop:]
    following = first.roll(-1, 1) if ring else first[:, 1:]
    return (following + (second if ring else second[:, :-1])).flatten(1)


def _basis(hop: int) -> Tensor:
    """[2 hop, hop]: sine window times cosines, columns of length 1."""
    n = torch.arange(2 * hop, dtype=torch.float64)[:, None]
    k = torch.arange(hop, dtype=torch.float64)[None]
    window = torch.sin(math.pi * (n + 0.5) / (2 * hop))
    return (window * math.sqrt(2 / hop) * torch.cos(math.pi / hop * (n + 0.5 + hop / 2) * (k + 0.5))).float()


def _turned(frames: int, bins: int) -> Tensor:
    """[frames, bins] of 1 and -1, see (2) above."""
    t = torch.arange(frames)[:, None] % PERIOD
    odd = 1 - 2 * (torch.arange(bins)[None] % 2)
    signs = torch.stack([odd.abs()[0], -odd[0], -odd.abs()[0], odd[0]])
    return signs[t[:, 0]].float()


# --- the network ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class DiffWaveConfig:
    """rate, hop: of the sound and its spectrogram. bands: of the spectrogram, from note `lowest` on. channels, layers: of the
    network; cycle: after so many layers the dilation in time begins again at 1. sharp: width of the sharpener."""

    rate: int = 22050
    hop: int = 441
    window: int = 2646
    bands: int = 92
    lowest: int = 31
    channels: int = 96
    layers: int = 8
    cycle: int = 3
    sharp: int = 384

    @property
    def how(self) -> Spectrogram:
        """The spectrogram that it sounds."""
        low, high = hz_of_note(self.lowest), hz_of_note(self.lowest + self.bands - 1)
        window, hop = 1000 * self.window / self.rate, 1000 * self.hop / self.rate
        return Spectrogram(self.rate, window, hop, "note", self.bands, low, high)


class Sharpener(nn.Module):
    """Bands [B, bands, T] -> bins [B, F, T], both in dB: what lies between the bands, corrected by three layers over time."""

    def __init__(self, how: Spectrogram, width: int) -> None:
        super().__init__()
        hertz = np.arange(how.bins) * how.rate / how.window
        at = np.array([how.row_of(max(f, 1.0)) for f in hertz])
        low = np.minimum(at.astype(int), how.bands - 2)
        self.register_buffer("low", torch.from_numpy(low), persistent=False)
        self.register_buffer("share", torch.from_numpy(at - low).float()[:, None], persistent=False)
        self.enter = nn.Conv1d(how.bands, width, 5, padding=2)
        self.layers = nn.ModuleList(nn.Conv1d(width, width, 3, padding=1) for _ in range(2))
        self.leave = nn.Conv1d(width, how.bins, 1)
        nn.init.zeros_(self.leave.weight)
        nn.init.zeros_(self.leave.bias)  # pyright: ignore[reportArgumentType]

    low: Tensor
    share: Tensor

    def forward(self, levels: Tensor) -> Tensor:
        dtype = self.leave.weight.dtype
        h = F.relu(self.enter((levels / 20 + 2).to(dtype)))
        for layer in self.layers:
            h = h + F.relu(layer(h))
        between = levels[:, self.low] * (1 - self.share) + levels[:, self.low + 1] * self.share
        return between + 20 * self.leave(h).to(levels.dtype)


class _Layer(nn.Module):
    """A residual layer: a convolution dilated in time, told the level."""

    def __init__(self, channels: int, told: int, dilation: int) -> None:
        super().__init__()
        self.level = nn.Linear(told, channels)
        self.conv = nn.Conv2d(channels, channels, 3, padding=(dilation, 1), dilation=(dilation, 1))
        self.out = nn.Conv2d(channels, channels, 1)
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias)  # pyright: ignore[reportArgumentType]

    def forward(self, h: Tensor, level: Tensor) -> Tensor:
        """h [B, C, T / 2, places], level [B, told]"""
        return h + self.out(F.relu(self.conv(h) + self.level(level)[:, :, None, None]))


class DiffWave(nn.Module):
    """See the module. Coefficients are [B, T, hop], levels of the spectrogram [B, bands, T] in dB; T is a multiple of PERIOD."""

    gains: Tensor
    """[hop] dB that the envelope is raised by, so that whitened sound has variance 1 in every bin."""

    def __init__(self, config: DiffWaveConfig) -> None:
        super().__init__()
        self.config = c = config
        self.how = c.how
        if c.hop % BINS or (self.how.bins - 1) % c.hop:
            raise ValueError(f"the hop must be a multiple of {BINS} and divide half the window")
        self.places, self.finer = c.hop // BINS, (self.how.bins - 1) // c.hop
        fold, told, place = BINS * PAIR, 128, 16
        self.sharpen = Sharpener(self.how, c.sharp)
        self.told = nn.Sequential(nn.Linear(told, told), nn.SiLU(), nn.Linear(told, told), nn.SiLU())
        self.place = nn.Parameter(0.1 * torch.randn(place, self.places))
        self.enter = nn.Conv2d(fold * (1 + self.finer) + place, c.channels, 1)
        self.layers = nn.ModuleList(_Layer(c.channels, told, 2 ** (i % c.cycle)) for i in range(c.layers))
        self.last = nn.Conv2d(c.channels, c.channels, 1)
        self.leave = nn.Conv2d(c.channels, fold, 1)
        nn.init.zeros_(self.leave.weight)
        nn.init.zeros_(self.leave.bias)  # pyright: ignore[reportArgumentType]
        self.register_buffer("gains", torch.full((c.hop,), 30.0))

    @property
    def dtype(self) -> torch.dtype:
        return self.leave.weight.dtype

    @property
    def device(self) -> torch.device:
        return self.leave.weight.device

    @property
    def reach(self) -> int:
        """Frames before and after that a frame depends on, rounded up to whole periods."""
        places = sum(2 ** (i % self.config.cycle) for i in range(self.config.layers))
        return -(-(PAIR * places + 4) // PERIOD) * PERIOD

    def envelope(self, bins: Tensor) -> Tensor:
        """Sharpened levels [B, F, T] dB -> [B, T, hop], what coefficients are divided by."""
        power = torch.pow(10.0, self._fine(bins.clamp(min=QUIETEST)) / 10).mean(-1)
        return power.sqrt() * torch.pow(10.0, self.gains / 20)

    def _fine(self, bins: Tensor) -> Tensor:
        """[B, F, T] -> [B, T, hop, finer]: the bins of the spectrum that lie within each coefficient's."""
        return bins[:, :-1].transpose(1, 2).unflatten(2, (-1, self.finer))

    def hints(self, bins: Tensor) -> Tensor:
        """What the sharpened levels [B, F, T] tell every place, [B, H, T / 2, places]; the same at all levels of noise."""
        fine = (self._fine(bins.clamp(min=FLOOR)) / 20 + 2).to(self.dtype)
        near = torch.cat([self._folded(part) for part in fine.unbind(-1)], 1)
        place = self.place[None, :, None].expand(len(bins), -1, near.shape[2], -1).to(self.dtype)
        return torch.cat([near, place], 1)

    def _folded(self, x: Tensor) -> Tensor:
        """[B, T, hop] -> [B, 2 BINS, T / 2, places]"""
        x = x.unflatten(1, (-1, PAIR)).unflatten(3, (self.places, BINS))  # [B, T/2, PAIR, places, BINS]
        return x.permute(0, 2, 4, 1, 3).flatten(1, 2)

    def _unfolded(self, y: Tensor) -> Tensor:
        """The inverse of `_folded`."""
        y = y.unflatten(1, (PAIR, BINS)).permute(0, 3, 1, 4, 2)  # [B, T/2, PAIR, places, BINS]
        return y.flatten(3, 4).flatten(1, 2)

    def forward(self, x: Tensor, t: Tensor, hints: Tensor) -> Tensor:
        """The prediction (v) for noisy whitened coefficients [B, T, hop] at time t [B] in [0, 1000)."""
        signs = _turned(x.shape[1], x.shape[2]).to(x)
        level = self.told(waves(t, 128).to(self.dtype))
        h = torch.cat([self._folded(x * signs).to(hints.dtype), hints], 1)
        h = self.enter(h.contiguous(memory_format=torch.channels_last))
        for layer in self.layers:
            h = layer(h, level)
        out = self.leave(F.relu(self.last(F.relu(h))))
        return self._unfolded(out).to(x.dtype) * signs

    def save(self, folder: Path) -> None:
        """config.json and model.safetensors in half precision."""
        from safetensors.torch import save_file

        folder.mkdir(parents=True, exist_ok=True)
        about = {"_class_name": "DiffWave", **asdict(self.config)}
        (folder / "config.json").write_text(json.dumps(about, indent=1), "utf-8")
        weights = {name: value.half().contiguous() for name, value in self.state_dict().items()}
        save_file(weights, folder / "model.safetensors")

    @classmethod
    def read(cls, folder: Path) -> DiffWave:
        """Raises OSError, ValueError, TypeError, KeyError or RuntimeError when the folder does not hold one."""
        from safetensors.torch import load_file

        about: dict[str, Any] = json.loads((folder / "config.json").read_text("utf-8"))
        if about.pop("_class_name", None) != "DiffWave":
            raise ValueError("its config.json describes another kind of network")
        net = cls(DiffWaveConfig(**about))
        net.load_state_dict({name: w.float() for name, w in load_file(folder / "model.safetensors").items()})
        return net.eval().requires_grad_(False)
