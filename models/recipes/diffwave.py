"""pocket-vocoder: note spectrograms -> sound, by the DiffWave of `nets.diffwave`.

Half of its pieces are the music world's, the others the world's notes on any instrument of the soundfont, out of tune by up to a fifth, so that it
knows more than ten timbres and tempered tuning. A third of what it reads went through pocket-music's code first, as music that was drawn
has. Held-out pieces, and all of the other soundfont, are never heard.

The sharpener learns first and alone (a twelfth of the plan), by the log-spectral distance itself. Then DiffWave learns beside it:
v-prediction (Salimans & Ho 2022), weighted by min-SNR-5 (Hang et al. 2023), on coefficients that are divided by what the sharpener expects.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import time
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from common import arguments, autocast, device, train
from music import SCHEDULER
from torch import Tensor

from studio.bench.music_world import Piece, SoundfontSynth, piece_of, render
from studio.core.spectrogram import FLOOR, filters, griffin_lim, log_spectral_distance, picture_of, unbanded
from studio.core.spectrogram import magnitudes as magnitudes_of
from studio.engine.codecs.sound import SoundCodec
from studio.engine.nets.diffwave import DiffWave, DiffWaveConfig, mdct
from studio.engine.schedule import Schedule

SECONDS, FIRST = 6.4, 5_000_000
CHUNK = 100
FRAMES = 48
"""Of a training window; a multiple of the network's period and of the code's token."""
MARGIN = 4
"""Frames that the window's spectrogram needs before and after it."""


class AnySynth(SoundfontSynth):
    """The world's notes on instruments by chance."""

    def preset(self, piece: Piece, part: str) -> int:
        return random.Random(f"{piece.seed} {part}").randrange(112)  # the rest are noises


@cache
def _synths() -> tuple[SoundfontSynth, SoundfontSynth]:
    return SoundfontSynth(), AnySynth()


def sound_of(seed: int, split: Any = "train") -> np.ndarray:
    """[n] int16"""
    import soxr

    rng = random.Random(f"vocoder {seed}")
    plain, any_synth = _synths()
    if split == "held_out" or rng.random() < 0.5:
        sound = render(piece_of(seed, split, SECONDS), SECONDS, plain, 0.1)
    else:
        speed = 2 ** (rng.uniform(-7, 7) / 12)
        sound = render(piece_of(seed, split, SECONDS * 1.5), SECONDS * 1.5, any_synth, 0.1)
        sound = soxr.resample(sound, 22050 * speed, 22050)[: round(SECONDS * 22050)]
    out = np.zeros(round(SECONDS * 22050), np.int16)
    out[: len(sound)] = np.round(np.clip(sound, -1, 1) * 32767)[: len(out)]
    return out


def draw_chunk(folder: Path, first: int) -> None:
    """Sounds first .. first + CHUNK - 1 -> one file."""
    path = folder / f"sound-{first:07d}.npy"
    if not path.exists():
        new = path.with_suffix(".new")
        with new.open("wb") as file:
            np.save(file, np.stack([sound_of(seed) for seed in range(first, first + CHUNK)]))
        os.replace(new, path)


def draw_many(folder: Path, count: int) -> None:
    """All chunks that are missing, in the background."""
    for first in range(FIRST, FIRST + count, CHUNK):
        draw_chunk(folder, first)


class Sounds:
    """What has been drawn so far; looks for more now and then."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.known: set[Path] = set()
        self.chunks: list[np.ndarray] = []
        self.looked = -1e9

    def look(self) -> None:
        if time.monotonic() - self.looked < 60:
            return
        self.looked = time.monotonic()
        for path in sorted(self.folder.glob("sound-*.npy")):
            if path not in self.known:
                self.chunks.append(np.load(path))
                self.known.add(path)

    def batch(self, size: int, length: int) -> Tensor:
        """[size, length] at random places and loudness, in [-1, 1]."""
        self.look()
        out = np.empty((size, length), np.float32)
        for row in out:
            chunk = random.choice(self.chunks)
            first = random.randrange(chunk.shape[1] - length)
            row[:] = chunk[random.randrange(len(chunk)), first : first + length]
        gain = 10 ** (torch.empty(size, 1).uniform_(-14, 6) / 20)
        return torch.from_numpy(out) / 32767 * gain


def seen(sound: Tensor, net: DiffWave, weights: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Windows [B, (FRAMES + 2 MARGIN) hop] -> (levels of bands [B, bands, FRAMES], of bins [B, F, FRAMES], coefficients
    [B, FRAMES, hop])."""
    how = net.how
    hann = torch.hann_window(how.window, device=sound.device)
    spectrum = torch.stft(sound, how.window, how.hop, window=hann, center=True, return_complex=True)
    size = spectrum.abs()[:, :, MARGIN : MARGIN + FRAMES] * (4 / how.window)
    floor = 10 ** (FLOOR / 20)
    bands, bins = (20 * torch.log10(x.clamp(min=floor)) for x in (weights @ size, size))
    return bands, bins, mdct(sound, how.hop)[:, MARGIN : MARGIN + FRAMES]


def main() -> None:
    args = arguments(
        minutes=60, batch=8, pieces=1500, rate=1e-3, channels=96, layers=8, first=8.0, total_minutes=None
    )
    args.data.mkdir(parents=True, exist_ok=True)
    draw_chunk(args.data, FIRST)
    drawing = multiprocessing.get_context("spawn").Process(
        target=draw_many, args=(args.data, args.pieces), daemon=True
    )
    drawing.start()
    codec = SoundCodec.read(args.data)
    net = DiffWave(DiffWaveConfig(channels=args.channels, layers=args.layers))
    net = net.to(device(), memory_format=torch.channels_last)
    how, hop = net.how, net.how.hop
    print(f"{sum(p.numel() for p in net.parameters()) / 1e6:.2f} M parameters", flush=True)
    weights = torch.from_numpy(filters(how)).to(device())
    schedule = Schedule.from_config(SCHEDULER)
    levels = [schedule.level_at(t) for t in range(1000)]
    alphas = torch.tensor([level.alpha for level in levels], device=device())
    sigmas = torch.tensor([level.sigma for level in levels], device=device())
    sounds = Sounds(args.data)
    distance, errors = [0.0], [0.0] * 8

    def drawn(size: int) -> tuple[Tensor, Tensor, Tensor]:
        sound = sounds.batch(size, (FRAMES + 2 * MARGIN) * hop).to(device())
        bands, bins, coefficients = seen(sound, net, weights)
        if random.random() < 0.33:
            coded = codec.decode(codec.encode(bands.cpu())).to(device())
            bands = coded[:, :, :FRAMES].clamp(min=FLOOR)
        return bands, bins, coefficients

    def sharpening(bands: Tensor, bins: Tensor) -> tuple[Tensor, Tensor]:
        with autocast():
            sharp = net.sharpen(bands)
        loss = ((sharp - bins).square().mean(1) + 1e-3).sqrt().mean()
        distance[0] += 0.02 * (float(loss.detach()) - distance[0])
        return sharp.detach(), loss

    def first_of(step: int) -> Tensor:
        return sharpening(*drawn(2 * args.batch)[:2])[1]

    def loss_of(step: int) -> Tensor:
        bands, bins, coefficients = drawn(args.batch)
        sharp, loss = sharpening(bands, bins)
        with torch.no_grad():
            # The gains follow slowly what the sharpener leaves.
            power = torch.pow(10.0, net.gains / 10)
            power.lerp_(
                (coefficients / net.envelope(sharp)).square().mean((0, 1)) * power, max(0.005, 1 / (step + 1))
            )
            net.gains.copy_(10 * torch.log10(power.clamp(min=1e-3)))
            x0 = coefficients / net.envelope(sharp)
        B = len(x0)
        t = (torch.arange(B, device=device()) + torch.rand(B, device=device())) * (1000 / B)
        t = t.long().clamp(max=999)
        alpha, sigma = alphas[t].view(-1, 1, 1), sigmas[t].view(-1, 1, 1)
        noise = torch.randn_like(x0)
        with autocast():
            v = net(alpha * x0 + sigma * noise, t, net.hints(sharp))
        error = (v.float() - (alpha * noise - sigma * x0)).square().mean((1, 2))
        for at, value in zip(t.mul(8).div(1000).long().tolist(), error.detach().tolist()):
            errors[at] += 0.03 * (value - errors[at])
        snr = (alphas[t] / sigmas[t]).square()
        weight = snr.clamp(max=5) / (snr + 1) + 0.05
        return (weight * error).mean() + 0.02 * loss

    held = [sound_of(seed, "held_out").astype(np.float32) / 32767 for seed in range(9_000_000, 9_000_006)]
    plain = [griffin_lim(unbanded(magnitudes_of(picture_of(s, how)), how), how) for s in held]
    by_griffin_lim = float(np.mean([log_spectral_distance(a, b, how) for a, b in zip(plain, held)]))

    def look(average: Any, samples: int) -> None:
        from studio.engine.vocoder import vocoded

        average.eval()
        average.save(args.out / "model")
        write_scheduler(args.out / "model")
        made = [vocoded(average, schedule, picture_of(s, how))[: len(s)] for s in held]
        ours = float(np.mean([log_spectral_distance(a, b, how) for a, b in zip(made, held)]))
        scores = {
            "log_spectral_distance": round(ours, 2),
            "griffin_lim": round(by_griffin_lim, 2),
            "sharpener": round(distance[0], 2),
            "v by noise": [round(e, 3) for e in errors],
        }
        print(samples, scores, flush=True)
        (args.out / "scores.json").write_text(json.dumps(scores, indent=1))
        write_sound(args.out / "sample.wav", made[1])

    shared: dict[str, Any] = {"model": net, "decay": 0.995, "warmup": 50, "rate": args.rate}
    first = args.out / "first"
    first.mkdir(exist_ok=True)
    train(
        out=first,
        minutes=max(0.0, args.first - spent(first)),
        loss_of=first_of,
        batch=2 * args.batch,
        **shared,
    )
    total = float(args.total_minutes) if args.total_minutes else None
    train(
        out=args.out,
        minutes=args.minutes,
        loss_of=loss_of,
        batch=args.batch,
        every=look,
        every_seconds=600,
        total_minutes=total,
        **shared,
    )


def spent(folder: Path) -> float:
    """Minutes that were trained there already."""
    path = folder / "checkpoint.pt"
    return torch.load(path, weights_only=True)["spent"] / 60 if path.exists() else 0.0


def write_scheduler(folder: Path) -> None:
    (folder / "scheduler").mkdir(parents=True, exist_ok=True)
    about = {"_class_name": "DDIMScheduler", **SCHEDULER}
    (folder / "scheduler" / "scheduler_config.json").write_text(json.dumps(about, indent=1), "utf-8")


def write_sound(path: Path, sound: np.ndarray) -> None:
    import soundfile

    soundfile.write(path, sound, 22050)


if __name__ == "__main__":
    main()
