"""pocket-ear: hears tempo, key, instrument, band, genre and mood in a note spectrogram. For scoring only, trained apart.

Decisions.
(1) Keys are heard by what is the same in all of them: convolutions run along semitones, octaves are folded, and one set of weights
scores every tonic from its own place. A key that training never had is heard as well as the others.
(2) Tempo is measured, not classified: each candidate is scored by how alike the onsets are a quarter, a half, one, ... eight of
its beats apart (autocorrelation), and only the weights of these are learnt. So it is as exact as its grid of candidates, half a per cent.
(3) Features for a distance between sets of music (after Fréchet audio distance, Kilgour et al. 2019) are what the instrument, genre
and mood are read from.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from studio.engine.codecs.sound import BANDS, LOWEST_NOTE, NOTES
from studio.engine.nets.music_words import GENRES, LEADS, MODES, MOODS, TONICS

HEARD = (*LEADS, "drums")
"""What may lead a piece."""
FRAMES = 480
"""Length that it was trained on: 9.6 s; longer is fine."""
SLOWEST, FASTEST, STEP = 54.0, 176.0, 1.005
BEATS = (0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 4.0, 8.0)
GROUPS = 4
"""Of bands, low to high, whose onsets are looked at apart."""
FEATURES = 64


def candidates() -> Tensor:
    """Tempos in bpm, half a per cent apart."""
    count = 1 + math.ceil(math.log(FASTEST / SLOWEST) / math.log(STEP))
    return SLOWEST * STEP ** torch.arange(count)


@dataclass(frozen=True)
class Heard:
    """One piece. features: FEATURES numbers for distances between sets."""

    bpm: float
    key: str
    lead: str
    bass: bool
    drums: bool
    genre: str
    mood: str
    features: Tensor


class Ear(nn.Module):
    """See the module."""

    def __init__(self) -> None:
        super().__init__()
        self.look = nn.Sequential(
            nn.Conv2d(1, 16, (3, 5), stride=(1, 2), padding=(1, 2)),
            nn.BatchNorm2d(16),
            nn.ReLU(),
            nn.Conv2d(16, 32, (3, 5), stride=(1, 4), padding=(1, 2)),
            nn.BatchNorm2d(32),
            nn.ReLU(),
            nn.Conv2d(32, 32, (13, 1), padding=(6, 0)),
            nn.BatchNorm2d(32),
            nn.ReLU(),
            nn.Conv2d(32, 48, (3, 3), stride=(1, 2), padding=(1, 1)),
            nn.BatchNorm2d(48),
            nn.ReLU(),
        )
        self.key = nn.Linear(3 * 48 * 12, len(MODES))
        self.feature = nn.Sequential(nn.Linear(4 * 48, 128), nn.ReLU(), nn.Linear(128, FEATURES))
        self.lead = nn.Linear(FEATURES, len(HEARD))
        self.band = nn.Linear(FEATURES, 2)
        self.genre = nn.Linear(FEATURES, len(GENRES))
        self.mood = nn.Linear(FEATURES, len(MOODS))
        self.tempo = nn.Sequential(nn.Linear(GROUPS * len(BEATS), 32), nn.ReLU(), nn.Linear(32, 1))
        self.register_buffer("bpm", candidates())
        self.likely = nn.Parameter(torch.zeros(len(candidates())))

    def forward(self, levels: Tensor) -> dict[str, Tensor]:
        """Levels [B, BANDS, T] in dB -> logits: lead, key [B, 24] (C major, C minor, C♯ major, ...), band [B, 2] (bass, drums), genre,
        mood, tempo [B, candidates], and features [B, FEATURES]."""
        levels = levels - levels.amax((1, 2), keepdim=True)  # how loud it is does not matter
        h = self.look(((levels + 50) / 20)[:, None])  # [B, 48, BANDS, T']
        over_time = torch.cat([h.mean(3), h.amax(3)], 1)  # [B, 96, BANDS]
        features = self.feature(F.relu(torch.cat([over_time.mean(2), over_time.amax(2)], 1)))
        said = F.relu(features)
        return {
            "lead": self.lead(said),
            "key": self._keys(h),
            "band": self.band(said),
            "genre": self.genre(said),
            "mood": self.mood(said),
            "tempo": self._tempi(levels),
            "features": features,
        }

    def _keys(self, h: Tensor) -> Tensor:
        """[B, 48, BANDS, T'] -> [B, 24]"""
        rows = h.mean(3)
        folded = [_fold(rows[:, :, low:high], low) for low, high in ((0, 24), (24, 48), (48, BANDS))]
        chroma = torch.cat(folded, 1)  # [B, 144, 12]
        turned = torch.stack(
            [chroma.roll(-tonic, 2).flatten(1) for tonic in range(12)], 1
        )  # [B, 12, 144 * 12]
        return self.key(turned).flatten(1)

    def _tempi(self, levels: Tensor) -> Tensor:
        """[B, BANDS, T] -> [B, candidates]"""
        alike = _autocorrelation(onsets(levels))  # [B, GROUPS, T]
        rate = NOTES.frame_rate
        bpm: Any = self.bpm
        lags = torch.tensor(BEATS, device=bpm.device)[None] * 60 / bpm[:, None] * rate  # [candidates, BEATS]
        lags = lags.clamp(max=alike.shape[2] - 2)
        low = lags.floor().long()
        share = lags - low
        near = alike[:, :, low] * (1 - share) + alike[:, :, low + 1] * share  # [B, GROUPS, candidates, BEATS]
        return self.tempo(near.permute(0, 2, 1, 3).flatten(2))[..., 0] + self.likely

    @torch.no_grad()
    def listen(self, levels: Tensor) -> list[Heard]:
        """Levels [B, BANDS, T] in dB -> what is heard in each."""
        out = self(levels)
        best = {name: value.argmax(1).tolist() for name, value in out.items()}
        bpm: Any = self.bpm
        return [
            Heard(
                bpm=float(bpm[best["tempo"][i]]),
                key=f"{TONICS[best['key'][i] // 2]} {MODES[best['key'][i] % 2]}",
                lead=HEARD[best["lead"][i]],
                bass=bool(out["band"][i, 0] > 0),
                drums=bool(out["band"][i, 1] > 0),
                genre=GENRES[best["genre"][i]],
                mood=MOODS[best["mood"][i]],
                features=out["features"][i],
            )
            for i in range(len(levels))
        ]

    def save(self, folder: Path) -> None:
        """config.json and model.safetensors in half precision."""
        from safetensors.torch import save_file

        folder.mkdir(parents=True, exist_ok=True)
        (folder / "config.json").write_text(json.dumps({"_class_name": "Ear"}, indent=1), "utf-8")
        weights = {name: _halved(value) for name, value in self.state_dict().items()}
        save_file(weights, folder / "model.safetensors")

    @classmethod
    def read(cls, folder: Path) -> Ear:
        """Raises OSError, ValueError, KeyError or RuntimeError when the folder does not hold one."""
        from safetensors.torch import load_file

        about: dict[str, Any] = json.loads((folder / "config.json").read_text("utf-8"))
        if about.get("_class_name") != "Ear":
            raise ValueError("its config.json describes another kind of network")
        ear = cls()
        weights = load_file(folder / "model.safetensors")
        ear.load_state_dict({name: w.float() if w.is_floating_point() else w for name, w in weights.items()})
        return ear.eval().requires_grad_(False)


def _halved(value: Tensor) -> Tensor:
    return (value.half() if value.is_floating_point() else value).contiguous()


def _fold(rows: Tensor, first: int) -> Tensor:
    """[B, C, n] rows from band `first` on -> [B, C, 12], octaves laid over each other, C first."""
    start = (LOWEST_NOTE + first) % 12
    padded = F.pad(rows, (start, (-rows.shape[2] - start) % 12))
    octaves = padded.shape[2] // 12
    return padded.unflatten(2, (octaves, 12)).sum(2) * (12 / rows.shape[2])


def onsets(levels: Tensor) -> Tensor:
    """Levels [B, BANDS, T] in dB -> [B, GROUPS, T]: how much each group of bands grows from frame to frame, without its mean."""
    growth = F.relu(levels.clamp(min=-60).diff(dim=2, prepend=levels[:, :, :1]))
    grouped = torch.stack([part.mean(1) for part in growth.tensor_split(GROUPS, dim=1)], 1)
    return grouped - grouped.mean(2, keepdim=True)


def _autocorrelation(x: Tensor) -> Tensor:
    """[B, G, T] -> [B, G, T], 1 at lag 0; each lag is divided by how much of the sound it could see."""
    T = x.shape[2]
    power = torch.fft.rfft(x, 2 * T).abs().square()
    out = torch.fft.irfft(power, 2 * T)[..., :T]
    seen = (T - torch.arange(T, device=x.device)).clamp(min=T // 8) / T
    return out / (out[..., :1] * seen + 1e-6)
