"""pocket-ear: note spectrograms -> tempo, key, instrument, band, genre, mood. For scoring only.

Its pieces are its own (seeds from two million on, no combination held out); it is scored on combinations that pocket-music never
hears. Half of what it is shown is disturbed: coded and decoded, noisy, louder, with another balance of high and low.
"""

from __future__ import annotations

import json
import random
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from common import arguments, autocast, device, train
from torch import Tensor

from studio.bench.music import right
from studio.bench.music_world import Piece, piece_of, render, soundfont_synth
from studio.core.spectrogram import picture_of, sound_of_picture
from studio.engine.codecs.sound import NOTES, SoundCodec
from studio.engine.nets.ear import FRAMES, HEARD, Ear
from studio.engine.nets.music_words import GENRES, MOODS

SECONDS, FIRST = 13.0, 2_000_000


def shown(seed: int, split: Any = "any") -> tuple[np.ndarray, Piece]:
    """Levels [bands, T] in half decibels below 0, uint8, and the piece; it begins anywhere in a phrase."""
    piece = piece_of(seed, split, SECONDS + 4)
    skipped = random.Random(seed).random() * 4
    sound = render(piece, SECONDS + 4, soundfont_synth())[round(skipped * 22050) :][: round(SECONDS * 22050)]
    return np.round(-2 * picture_of(sound, NOTES)).clip(0, 160).astype(np.uint8), piece


def labels(pieces: list[Piece], ear: Ear) -> dict[str, Tensor]:
    bpm: Any = ear.bpm
    tempi = torch.tensor([float(p.bpm) for p in pieces])
    apart = (torch.log(bpm.cpu()[None]) - torch.log(tempi[:, None])) / 0.006
    near = torch.exp(-0.5 * apart.square())
    keys = torch.tensor([2 * p.tonic + (p.mode == "minor") for p in pieces])
    silent = torch.tensor([p.lead == "drums" and not p.bass for p in pieces])
    return {
        "lead": torch.tensor([HEARD.index(p.lead) for p in pieces]),
        "key": torch.where(silent, -100, keys),
        "band": torch.tensor([[float(p.bass), float(p.drums)] for p in pieces]),
        "genre": torch.tensor([GENRES.index(p.genre) for p in pieces]),
        "mood": torch.tensor([MOODS.index(p.mood) for p in pieces]),
        "tempo": near / near.sum(1, keepdim=True),
    }


def disturbed(levels: Tensor, codec: SoundCodec, rng: random.Random) -> Tensor:
    """[B, bands, T] dB -> the same, half of them disturbed."""
    levels = levels + torch.empty(len(levels), 1, 1).uniform_(-8, 8)
    if rng.random() < 0.4:
        levels = codec.decode(codec.encode(levels))[:, :, : levels.shape[2]]
    if rng.random() < 0.5:
        levels = levels + rng.random() * 4 * torch.randn_like(levels)
    if rng.random() < 0.4:
        tilt = torch.linspace(-1, 1, levels.shape[1])[None, :, None]
        levels = levels + tilt * torch.empty(len(levels), 1, 1).uniform_(-5, 5)
    return levels.clamp(-80, 0)


def shares(ear: Ear, levels: np.ndarray, pieces: list[Piece]) -> dict[str, float]:
    """Shares that are heard right; tempo within 2 %."""
    found = [
        h for i in range(0, len(levels), 50) for h in ear.listen(torch.from_numpy(levels[i : i + 50]).float())
    ]
    percent = right(found, pieces)
    return {
        "lead" if name == "instrument" else name: round(share / 100, 4) for name, share in percent.items()
    }


def main() -> None:
    args = arguments(minutes=25, batch=24, pieces=2000, rate=2e-3, total_minutes=None)
    kept = args.out / f"shown-{args.pieces}.npz"
    seeds = range(FIRST, FIRST + args.pieces)
    if kept.exists():
        levels = np.load(kept)["levels"]
        pieces = [piece_of(seed, "any", 1) for seed in seeds]
    else:
        drawn = [shown(seed) for seed in seeds]
        levels, pieces = np.stack([one[0] for one in drawn]), [one[1] for one in drawn]
        np.savez(kept, levels=levels)
    print(f"{len(pieces)} pieces", flush=True)
    codec = SoundCodec.read(args.data)
    ear = Ear().to(device())
    all_labels = labels(pieces, ear)
    rng = random.Random(0)

    def loss_of(step: int) -> Tensor:
        index = torch.tensor([rng.randrange(len(pieces)) for _ in range(args.batch)])
        first = rng.randrange(levels.shape[2] - FRAMES + 1)
        x = torch.from_numpy(levels[index.numpy(), :, first : first + FRAMES]).float().mul(-0.5)
        x = disturbed(x, codec, rng).to(device())
        true = {name: value[index].to(device()) for name, value in all_labels.items()}
        with autocast():
            out = {name: value.float() for name, value in ear(x).items()}
        loss = sum(F.cross_entropy(out[name], true[name]) for name in ("lead", "key", "tempo"))
        loss = loss + 0.3 * sum(F.cross_entropy(out[name], true[name]) for name in ("genre", "mood"))
        return loss + F.binary_cross_entropy_with_logits(out["band"], true["band"])

    held = [shown(seed, "held_out") for seed in range(3_000_000, 3_000_200)]
    held_levels, held_pieces = np.stack([one[0] for one in held]) * -0.5, [one[1] for one in held]

    def look(average: Any, samples: int) -> None:
        average.eval()
        scores = shares(average, held_levels[:, :, :FRAMES], held_pieces)
        print(samples, scores, flush=True)
        average.save(args.out / "model")
        (args.out / "scores.json").write_text(json.dumps({"held-out renders": scores}, indent=1))

    total = float(args.total_minutes) if args.total_minutes else None
    average, _ = train(
        out=args.out,
        minutes=args.minutes,
        model=ear,
        loss_of=loss_of,
        batch=args.batch,
        rate=args.rate,
        warmup=50,
        decay=0.995,
        every=look,
        every_seconds=120,
        total_minutes=total,
    )
    average.eval()
    again = [disguised(levels, codec) for levels in held_levels[:100, :, :FRAMES]]
    scores = {
        "held-out renders": shares(average, held_levels[:, :, :FRAMES], held_pieces),  # type: ignore[arg-type]
        "coded, and sounded by Griffin-Lim": shares(average, np.stack(again), held_pieces[:100]),  # type: ignore[arg-type]
    }
    print(scores, flush=True)
    (args.out / "scores.json").write_text(json.dumps(scores, indent=1))


def disguised(levels: np.ndarray, codec: SoundCodec) -> np.ndarray:
    """[bands, T] through the code and Griffin-Lim, as music that was drawn would be."""
    coded = codec.decode(codec.encode(torch.from_numpy(levels)[None].float()))[0].numpy()
    return picture_of(sound_of_picture(coded, NOTES, 32), NOTES)[:, : levels.shape[1]]


if __name__ == "__main__":
    main()
