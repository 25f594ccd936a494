"""pocket-music: captions, a beat and perhaps a melody -> the coded spectrogram of music.

Pieces of the rendered-music world are rendered, coded once and kept in chunks of 250; drawing them goes on in a second process while
the network already trains. The code (`codecs.sound`) is fitted to the first 250 pieces.

v-prediction (Salimans and Ho, 2022) on a zero-terminal-SNR schedule (Lin et al., 2023), weighted by min-SNR-5 (Hang et al., 2023). Words are left
out one time in ten, the beat grid one in ten, the melody every other time.

Attention by plain products, no GELU: on a CPU both were slower than all matrix products of a layer together (75 instead of 35
windows a second for the products, 90 with squared ReLU).
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import random
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from common import arguments, autocast, device, train
from torch import Tensor, nn

from studio.bench.music_world import Piece, caption, piece_of, render, soundfont_synth
from studio.core.spectrogram import picture_of
from studio.engine.codecs.sound import NOTES, SoundCodec
from studio.engine.nets.music import LOWEST_PITCH, PITCHES, MusicConfig, MusicNet, beat_grid
from studio.engine.nets.music_words import read_words
from studio.engine.schedule import Schedule

SECONDS = 16.2
CHUNK = 250
SCHEDULER: dict[str, Any] = {
    "beta_schedule": "scaled_linear",
    "beta_start": 0.00085,
    "beta_end": 0.012,
    "num_train_timesteps": 1000,
    "prediction_type": "v_prediction",
    "rescale_betas_zero_snr": True,
    "timestep_spacing": "trailing",
    "clip_sample": False,
    "set_alpha_to_one": True,
    "steps_offset": 1,
}


def lead_in_of(piece: Piece) -> float:
    """Seconds of silence before the first beat, so that beats fall anywhere within a token."""
    return 0.12 * random.Random(f"lead-in {piece.seed}").random()


def levels_of(piece: Piece, seconds: float = SECONDS) -> np.ndarray:
    """[bands, T] dB."""
    return picture_of(render(piece, seconds, soundfont_synth(), lead_in_of(piece)), NOTES)


def roll_of(piece: Piece, tokens: int, frames: int, lead_in: float) -> np.ndarray:
    """The melody as bool [tokens, 2 frames PITCHES]: held, then begun."""
    roll = np.zeros((2, tokens * frames, PITCHES), bool)
    for note in piece.part("melody"):
        pitch = note.pitch - LOWEST_PITCH
        first = round((note.start + lead_in) * NOTES.frame_rate)
        last = max(first + 1, round((note.end + lead_in) * NOTES.frame_rate))
        if 0 <= pitch < PITCHES and first < tokens * frames:
            roll[0, first:last, pitch] = True
            roll[1, first, pitch] = True
    return roll.reshape(2, tokens, frames, PITCHES).transpose(1, 0, 2, 3).reshape(tokens, -1)


def draw_chunk(folder: Path, codec: SoundCodec, first: int, split: str = "train") -> None:
    """Pieces first .. first + CHUNK - 1 -> one file."""
    path = folder / f"{split}-{first:07d}.pickle"
    if path.exists():
        return
    latents, rolls, pieces = [], [], []
    for seed in range(first, first + CHUNK):
        piece = piece_of(seed, split, SECONDS)  # type: ignore[arg-type]
        levels = torch.from_numpy(levels_of(piece))[None]
        levels = levels[:, :, : levels.shape[2] // codec.frames * codec.frames]
        coded = codec.encode(levels)[0, :, 0].T.half()  # [N, C]
        latents.append(coded.numpy())
        rolls.append(np.packbits(roll_of(piece, len(coded), codec.frames, lead_in_of(piece)), axis=-1))
        pieces.append(piece)
    data = {"latents": np.stack(latents), "rolls": np.stack(rolls), "pieces": pieces}
    new = path.with_suffix(".new")
    new.write_bytes(pickle.dumps(data))
    os.replace(new, path)


def draw_many(folder: Path, count: int) -> None:
    """All chunks that are missing, in the background."""
    torch.set_num_threads(1)
    codec = SoundCodec.read(folder)
    for first in range(0, count, CHUNK):
        draw_chunk(folder, codec, first)


def fitted(folder: Path, frames: int, channels: int) -> SoundCodec:
    """The code, fitted to the first pieces once."""
    try:
        return SoundCodec.read(folder)
    except OSError:
        levels = [levels_of(piece_of(seed, "train", 12.0), 12.0)[:, :600] for seed in range(CHUNK)]
        codec = SoundCodec.fit(NOTES, torch.from_numpy(np.stack(levels)), frames, channels)
        codec.save(folder)
        return codec


class Pieces:
    """What has been drawn so far; looks for more now and then."""

    def __init__(self, folder: Path, config: MusicConfig, split: str = "train") -> None:
        self.folder, self.config, self.split = folder, config, split
        self.known: set[Path] = set()
        self.latents = torch.empty(0)
        self.rolls = torch.empty(0, dtype=torch.uint8)
        self.pieces: list[Piece] = []
        self.looked = -1e9

    def look(self) -> None:
        if time.monotonic() - self.looked < 60:
            return
        self.looked = time.monotonic()
        new = [p for p in sorted(self.folder.glob(f"{self.split}-*.pickle")) if p not in self.known]
        for path in new:
            data = pickle.loads(path.read_bytes())
            latents, rolls = torch.from_numpy(data["latents"]), torch.from_numpy(data["rolls"])
            self.latents = torch.cat([self.latents, latents]) if self.known else latents
            self.rolls = torch.cat([self.rolls, rolls]) if self.known else rolls
            self.pieces += data["pieces"]
            self.known.add(path)
        if new:
            print(f"{len(self.pieces)} pieces", flush=True)

    def batch(self, size: int, rng: random.Random) -> dict[str, Tensor]:
        """Windows at random places, each with its caption, its grid and its melody, some of them left out."""
        self.look()
        T, seconds = self.config.tokens, self.config.frames / NOTES.frame_rate
        chosen = [rng.randrange(len(self.pieces)) for _ in range(size)]
        first = [rng.randrange(self.latents.shape[1] - T + 1) for _ in range(size)]
        x0 = torch.stack([self.latents[i, f : f + T] for i, f in zip(chosen, first)]).float()
        packed = torch.stack([self.rolls[i, f : f + T] for i, f in zip(chosen, first)]).numpy()
        roll = torch.from_numpy(np.unpackbits(packed, axis=-1)).float()
        pieces = [self.pieces[i] for i in chosen]
        told = [read_words(caption(p, rng)) if rng.random() > 0.1 else read_words("") for p in pieces]
        lead_in = torch.tensor([lead_in_of(p) for p in pieces])[:, None]
        starts = (torch.tensor(first)[:, None] + torch.arange(T)[None]) * seconds - lead_in
        bpm = torch.tensor([float(p.bpm) for p in pieces])[:, None]
        phrase = torch.tensor([4.0 * p.beats_a_chord for p in pieces])[:, None]
        grid = beat_grid(starts, seconds, bpm, phrase)
        given = torch.tensor([p.lead != "drums" and rng.random() < 0.5 for p in pieces]).float()
        roll = torch.cat([roll, torch.ones(size, T, 1)], -1) * given[:, None, None]
        return {
            "x0": x0.transpose(1, 2)[:, :, None],
            "ids": torch.tensor([one.ids for one in told]),
            "bpm": torch.tensor([one.bpm for one in told]),
            "grid": grid * torch.tensor([rng.random() > 0.1 for _ in pieces]).float()[:, None, None],
            "roll": roll,
        }


class Told(nn.Module):
    """The network from words on, so that one call trains all of it."""

    def __init__(self, net: MusicNet) -> None:
        super().__init__()
        self.net = net

    def forward(self, x: Tensor, t: Tensor, b: dict[str, Tensor]) -> Tensor:
        return self.net(x, t, self.net.tell(b["ids"], b["bpm"]), b["grid"], b["roll"])


def main() -> None:
    args = arguments(
        minutes=90,
        batch=24,
        pieces=2500,
        channels=96,
        frames=6,
        rate=8e-4,
        width=256,
        depth=6,
        total_minutes=None,
    )
    args.data.mkdir(parents=True, exist_ok=True)
    codec = fitted(args.data, args.frames, args.channels)
    draw_chunk(args.data, codec, 0)
    drawing = multiprocessing.get_context("spawn").Process(
        target=draw_many, args=(args.data, args.pieces), daemon=True
    )
    drawing.start()
    config = MusicConfig(channels=args.channels, frames=args.frames, width=args.width, depth=args.depth)
    net = MusicNet(config)
    both = Told(net).to(device())
    print(f"{sum(p.numel() for p in both.parameters()) / 1e6:.1f} M parameters", flush=True)
    schedule = Schedule.from_config(SCHEDULER)
    levels = [schedule.level_at(t) for t in range(1000)]
    alphas = torch.tensor([level.alpha for level in levels], device=device())
    sigmas = torch.tensor([level.sigma for level in levels], device=device())
    pieces, rng = Pieces(args.data, config), random.Random()

    def loss_of(step: int) -> Tensor:
        b = {name: value.to(device()) for name, value in pieces.batch(args.batch, rng).items()}
        x0 = b["x0"]
        t = (torch.arange(len(x0), device=device()) + torch.rand(len(x0), device=device())) * (1000 / len(x0))
        t = t.long().clamp(max=999)
        alpha, sigma = alphas[t].view(-1, 1, 1, 1), sigmas[t].view(-1, 1, 1, 1)
        noise = torch.randn_like(x0)
        with autocast():
            v = both(alpha * x0 + sigma * noise, t, b)
        snr = (alphas[t] / sigmas[t]).square()
        weight = snr.clamp(max=5) / (snr + 1) + 0.05
        return (weight * (v.float() - (alpha * noise - sigma * x0)).square().mean((1, 2, 3))).mean()

    def look(average: Any, samples: int) -> None:
        average.net.save(args.out / "model")
        codec.save(args.out / "model")

    total = float(args.total_minutes) if args.total_minutes else None
    train(
        out=args.out,
        minutes=args.minutes,
        model=both,
        loss_of=loss_of,
        batch=args.batch,
        rate=args.rate,
        warmup=100,
        decay=0.998,
        every=look,
        every_seconds=300,
        total_minutes=total,
    )


if __name__ == "__main__":
    main()
