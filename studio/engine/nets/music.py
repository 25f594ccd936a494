"""pocket-music's network: a transformer over time that takes noise off a coded spectrogram, told words, beats and a melody.

Sound is a spectrogram of notes (92 semitone bands, 50 frames a second); a linear code makes a token of every six frames
(`codecs.sound`), so 48 tokens are 5.8 seconds. Tokens attend to each other; the noise level and the words together scale and
shift every layer (adaptive norm, Peebles & Xie 2023).

Decisions.
(1) Tempo is not left to the words: every token is told where it lies within the beat and within the phrase of four chords (its
"beat grid"), computed from the tempo. So the tempo is exact at any length, windows that are drawn apart agree on the bar,
and a loop can end where its first beat begins. In training the grid is left out one time in ten, for sound whose beat is unknown.
(2) A melody is a roll of 48 semitones by frames, with its onsets, given to the tokens it lies in. It is left out half of the time,
so the same network plays with and without one.
(3) Positions are relative, a bias per head and distance (Shaw et al. 2018; Raffel et al. 2020): a window may lie anywhere.
(4) Words are a bag, summed: captions of the world name facts that hold for the whole piece, and their order says nothing. So they need no
attention of their own, which would have cost a fifth of the time.
"""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from studio.engine.nets.music_words import MOST_WORDS, VOCABULARY
from studio.engine.nets.waves import waves

LOWEST_PITCH, PITCHES = 48, 48
"""MIDI numbers of a melody's roll."""
PHRASE_WAVES = (1.0, 2.0, 4.0)
BEAT_WAVES = (0.25, 0.5, 1.0, 2.0, 4.0)
GRID = 4 * (len(PHRASE_WAVES) + len(BEAT_WAVES))
"""Numbers of a token's place in beat and phrase: sine and cosine, at its start and middle."""
BPM_WAVES = 16


@dataclass(frozen=True)
class MusicConfig:
    """channels: of a token; frames: of the spectrogram in a token; tokens: of a training window."""

    channels: int = 96
    frames: int = 6
    tokens: int = 48
    width: int = 256
    depth: int = 6
    heads: int = 8
    words: int = len(VOCABULARY)

    @property
    def roll(self) -> int:
        """Numbers of a token's melody: held and begun, by frame and pitch."""
        return 2 * self.frames * PITCHES


def beat_grid(starts: Tensor, length: float, bpm: float | Tensor, beats_a_phrase: float | Tensor) -> Tensor:
    """Where tokens lie -> [..., T, GRID].

    Args:
        starts: [..., T] seconds from the first beat of a phrase.
        length: of a token, in seconds.
        bpm, beats_a_phrase: a number, or [..., 1].
    """
    out: list[Tensor] = []
    for time in (starts, starts + length / 2):
        beats = time * bpm / 60
        for wave in PHRASE_WAVES:
            out += _circle(beats / beats_a_phrase * wave)
        for wave in BEAT_WAVES:
            out += _circle(beats * wave)
    return torch.stack(out, dim=-1)


def _circle(turns: Tensor) -> list[Tensor]:
    angle = 2 * math.pi * turns
    return [angle.sin(), angle.cos()]


class _Layer(nn.Module):
    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)
        self.mlp1 = nn.Linear(width, 4 * width)
        self.mlp2 = nn.Linear(4 * width, width)
        self.told = nn.Linear(width, 6 * width)
        nn.init.zeros_(self.told.weight)
        nn.init.zeros_(self.told.bias)

    def forward(self, h: Tensor, told: Tensor, bias: Tensor) -> Tensor:
        """h [B, N, width], told [B, width], bias [heads, N, N] added to the scores."""
        B, N, width = h.shape
        s1, c1, g1, s2, c2, g2 = self.told(told)[:, None].chunk(6, dim=-1)  # [B, 1, width] each
        a = F.layer_norm(h, (width,)) * (1 + c1) + s1
        q, k, v = self.qkv(a).view(B, N, 3, self.heads, -1).permute(2, 0, 3, 1, 4)  # [B, heads, N, head]
        # Plain products: for sequences this short the fused kernel's backward is several times slower on a CPU.
        scores = torch.matmul(q * q.shape[-1] ** -0.5, k.transpose(-1, -2)) + bias
        a = torch.matmul(scores.softmax(-1), v)
        h = h + g1 * self.out(a.transpose(1, 2).reshape(B, N, width))
        m = F.layer_norm(h, (width,)) * (1 + c2) + s2
        return h + g2 * self.mlp2(F.relu(self.mlp1(m)).square())


class MusicNet(nn.Module):
    """See the module."""

    def __init__(self, config: MusicConfig) -> None:
        super().__init__()
        self.config = c = config
        self.enter = nn.Linear(c.channels, c.width)
        self.grid = nn.Linear(GRID, c.width)
        self.roll = nn.Linear(c.roll, c.width)
        self.has_roll = nn.Parameter(torch.zeros(c.width))
        self.word = nn.Embedding(c.words, c.width)
        self.bpm = nn.Linear(BPM_WAVES, c.width)
        self.time = nn.Sequential(nn.Linear(c.width, c.width), nn.SiLU(), nn.Linear(c.width, c.width))
        self.said = nn.Sequential(nn.Linear(c.width, c.width), nn.SiLU(), nn.Linear(c.width, c.width))
        self.layers = nn.ModuleList(_Layer(c.width, c.heads) for _ in range(c.depth))
        self.last = nn.Linear(c.width, 2 * c.width)
        self.leave = nn.Linear(c.width, c.channels)
        self.near = nn.Parameter(torch.zeros(c.heads, 2 * c.tokens - 1))
        nn.init.normal_(self.word.weight, std=0.5)
        for linear in (self.leave, self.last):
            nn.init.zeros_(linear.weight)
            nn.init.zeros_(linear.bias)

    @property
    def device(self) -> torch.device:
        return self.leave.weight.device

    @property
    def dtype(self) -> torch.dtype:
        return self.leave.weight.dtype

    def tell(self, ids: Tensor, bpm: Tensor) -> Tensor:
        """Words [B, MOST_WORDS] long and tempo [B] (0 = not said) -> their states [B, MOST_WORDS + 1, width], zero where
        nothing is said."""
        words = self.word(ids) * (ids > 0)[..., None]
        octave = torch.log2(bpm.clamp(min=1) / 100)
        turns = waves(octave * 100, BPM_WAVES, 100.0).to(self.dtype)
        tempo = self.bpm(turns) * (bpm > 0)[:, None]
        return torch.cat([words, tempo[:, None]], dim=1)

    def forward(
        self,
        x: Tensor,
        t: Tensor,
        told: Tensor,
        grid: Tensor,
        roll: Tensor | None = None,
    ) -> Tensor:
        """The prediction (v) for a noisy coded spectrogram.

        Args:
            x: [B, channels, 1, T].
            t: [B], time in [0, 1000).
            told: [B, W, width] of `tell`; zeros = no words.
            grid: [B, T, GRID] of `beat_grid`; zeros = not known.
            roll: [B, T, config.roll], the melody, with a last number more: 1 = there is one. None = no melody.

        Returns:
            [B, channels, 1, T]
        """
        dtype = self.dtype
        T = x.shape[-1]
        tokens = self.enter(x[:, :, 0].transpose(1, 2).to(dtype)) + self.grid(grid.to(dtype))  # [B, T, width]
        if roll is not None:
            given = roll[..., -1:].to(dtype)
            tokens = tokens + given * (self.roll(roll[..., :-1].to(dtype)) + self.has_roll)
        time = self.time(waves(t, self.config.width).to(dtype)) + self.said(told.to(dtype).sum(1))
        time = F.silu(time)
        bias = self._bias(T).to(tokens.dtype)
        h = tokens
        for layer in self.layers:
            h = layer(h, time, bias)
        shift, scale = self.last(time)[:, None].chunk(2, dim=-1)
        h = F.layer_norm(h, (self.config.width,)) * (1 + scale) + shift
        return self.leave(h).transpose(1, 2)[:, :, None].to(x.dtype)

    def _bias(self, tokens: int) -> Tensor:
        """[heads, T, T]: how far two tokens are apart."""
        reach = self.config.tokens - 1
        at = torch.arange(tokens, device=self.device)
        return self.near[:, (at[None] - at[:, None]).clamp(-reach, reach) + reach]

    def save(self, folder: Path) -> None:
        """config.json and model.safetensors in half precision."""
        from safetensors.torch import save_file

        folder.mkdir(parents=True, exist_ok=True)
        about = {"_class_name": "MusicNet", **asdict(self.config)}
        (folder / "config.json").write_text(json.dumps(about, indent=1), "utf-8")
        weights = {name: value.half().contiguous() for name, value in self.state_dict().items()}
        save_file(weights, folder / "model.safetensors")

    @classmethod
    def read(cls, folder: Path) -> MusicNet:
        """Raises OSError, ValueError, TypeError, KeyError or RuntimeError when the folder does not hold one."""
        from safetensors.torch import load_file

        about: dict[str, Any] = json.loads((folder / "config.json").read_text("utf-8"))
        if about.pop("_class_name", None) != "MusicNet":
            raise ValueError("its config.json describes another kind of network")
        net = cls(MusicConfig(**about))
        net.load_state_dict({name: w.float() for name, w in load_file(folder / "model.safetensors").items()})
        return net.eval().requires_grad_(False)


EMPTY_WORDS = [0] * MOST_WORDS
