"""What a model of music learns a genre from: a folder of sound files, cut where they are silent, brought to one loudness and coded.

    parts = yield from gathered(job)         every stretch that is heard, with what is known of it
    train, held = divided(parts)             whole pieces are held out, where there are enough of them
    batch = windows(parts, net, ...)         windows at places by chance

A stretch that is heard is as long as nothing in it is silent for longer than a breath (`core.sound.heard_parts`); its loudness is set so that it
is as loud as the music that models were trained on, and its beat is heard, so that the network is told where in the bar a window lies.
Words come from a text file beside the sound, else they are the request's.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from studio.core.beat import beat_of
from studio.core.job import BadRequest, Progress, Source
from studio.core.sound import FILES, at_rate, heard_parts, mono
from studio.core.spectrogram import picture_of
from studio.engine.codecs.sound import SoundCodec
from studio.engine.job import Job, Steps
from studio.engine.music import Score, codec_of, understood
from studio.engine.nets.music import MusicNet
from studio.engine.nets.music_words import Told, read_words
from studio.engine.recordings import USUAL, gained

SHORTEST = 1.0
"""Seconds that a stretch must be heard for."""
MOST_FILES = 5000
MOST_SECONDS = 4 * 3600
"""That are listened to: four hours of coded sound take 40 MB."""
EVERY = 5
"""Every so many-th piece is held out."""


@dataclass(frozen=True)
class Part:
    """A stretch that is heard. file: it comes from. latent: [C, N] tokens. told: its words. bpm: 0 = not heard;
    first: seconds from its beginning to a beat."""

    file: Path
    latent: Tensor
    told: Told
    bpm: float
    first: float

    @property
    def tokens(self) -> int:
        return self.latent.shape[1]


def files_of(folder: Path) -> list[Path]:
    """The sound files in a folder and below, in order.

    Raises:
        BadRequest: there are none, or far too many.
    """
    if not folder.is_dir():
        raise BadRequest(f"folder: {folder} is not a folder; choose one with sound files in it.")
    found = sorted(path for path in folder.rglob("*") if path.suffix.lower() in FILES and path.is_file())
    if not found:
        raise BadRequest(
            f"folder: {folder} holds no sound files ({', '.join(FILES[:4])} ...); choose another."
        )
    if len(found) > MOST_FILES:
        raise BadRequest(
            f"folder: {folder} holds {len(found)} sound files, more than {MOST_FILES}; choose a part of them."
        )
    return found


def gathered(job: Job) -> Steps[list[Part]]:
    """Everything that can be heard in the request's folder.

    Raises:
        BadRequest: nothing can.
    """
    codec = codec_of(job)
    files = files_of(Path(job.technique.folder))
    said = understood(job, job.technique.prompt)
    parts: list[Part] = []
    unread: list[str] = []
    seconds = 0.0
    for i, path in enumerate(files):
        with job.stage("reading"):
            try:
                parts += parts_of(job, path, codec, said)
            except BadRequest:
                unread.append(path.name)
        seconds = sum(part.tokens for part in parts) * codec.token_seconds
        yield Progress("reading", i + 1, len(files), memory=job.peak())
        if seconds > MOST_SECONDS:
            job.notes.append(f"Four hours were listened to: the first {i + 1} of {len(files)} files.")
            break
    if unread:
        names = ", ".join(unread[:3]) + (" ..." if len(unread) > 3 else "")
        job.notes.append(f"{len(unread)} of {len(files)} files could not be read: {names}")
    if seconds < 4 * SHORTEST:
        raise BadRequest(
            f"folder: in {len(files)} files {seconds:.0f} s can be heard; choose a folder with more sound, a minute at least."
        )
    job.notes.append(f"{_duration(seconds)} of sound from {len({part.file for part in parts})} files.")
    return parts


def parts_of(job: Job, path: Path, codec: SoundCodec, said: Told) -> list[Part]:
    """The stretches of one file.

    Raises:
        BadRequest: it cannot be read.
    """
    told = _told(path) or said
    rate = codec.how.rate
    sound = mono(at_rate(job.read(Source(path=str(path))), rate))
    parts: list[Part] = []
    for start, end in heard_parts(sound, rate, shortest=SHORTEST):
        own = sound[start:end]
        gain = 20 * float(np.log10(USUAL / np.sqrt(np.mean(np.square(own)))))
        levels = torch.from_numpy(gained(picture_of(own, codec.how), gain))[None]
        beat = beat_of(own, rate)
        latent = codec.encode(levels.to(job.model.device))[0, :, 0].cpu()
        bpm = told.bpm or (beat.bpm if beat.sure else 0.0)
        parts.append(Part(path, latent, told, bpm, beat.first))
    return parts


def _told(path: Path) -> Told | None:
    """The words in the text file of the same name, where there is one."""
    beside = path.with_suffix(".txt")
    try:
        return read_words(beside.read_text("utf-8")) if beside.is_file() else None
    except (OSError, UnicodeDecodeError, ValueError) as error:
        raise BadRequest(f"{beside.name}: {error}") from None


def _duration(seconds: float) -> str:
    return f"{seconds / 60:.1f} minutes" if seconds >= 90 else f"{seconds:.0f} seconds"


def divided(parts: Sequence[Part]) -> tuple[list[Part], list[Part]]:
    """(what is learnt, what is held out): every fifth piece, or the last fifth of every stretch where there are too few."""
    files = sorted({part.file for part in parts})
    if len(files) >= EVERY:
        apart = set(files[EVERY // 2 :: EVERY])
        return [p for p in parts if p.file not in apart], [p for p in parts if p.file in apart]
    train: list[Part] = []
    held: list[Part] = []
    for part in parts:
        cut = max(1, part.tokens - part.tokens // EVERY)
        train.append(Part(part.file, part.latent[:, :cut], part.told, part.bpm, part.first))
        if cut < part.tokens:
            # The beat goes on through the cut.
            held.append(Part(part.file, part.latent[:, cut:], part.told, part.bpm, part.first))
    return train, held


@dataclass(frozen=True)
class Windows:
    """x0 [B, C, 1, T]; hidden [B, W, width] of the words; grid [B, T, GRID]."""

    x0: Tensor
    ids: Tensor
    bpm: Tensor
    grid: Tensor


def windows(
    parts: Sequence[Part],
    net: MusicNet,
    codec: SoundCodec,
    count: int,
    rng: random.Random,
    left_out: float = 0.1,
) -> Windows:
    """Windows of the network's length, longer stretches more often.

    Args:
        left_out: share of them that is told no words, and share that is told no beat.
    """
    T = net.config.tokens
    chosen = rng.choices(parts, weights=[part.tokens for part in parts], k=count)
    silent = codec.encode(torch.full((1, codec.how.rows, codec.frames), -80.0, device=codec.mean.device))[
        0, :, 0
    ].cpu()
    rows: list[Tensor] = []
    ids: list[list[int]] = []
    bpm: list[float] = []
    grids: list[Tensor] = []
    for part in chosen:
        first = rng.randrange(max(1, part.tokens - T + 1))
        row = part.latent[:, first : first + T]
        rows.append(torch.cat([row, silent.expand(-1, T - row.shape[1])], 1))
        told = part.told if rng.random() >= left_out else read_words("")
        ids.append(told.ids)
        bpm.append(told.bpm)
        known = part.bpm if rng.random() >= left_out else 0.0
        score = Score(net, codec.token_seconds, T, told, known, first * codec.token_seconds - part.first)
        grids.append(score.grid()[0])
    device = net.device
    x0 = torch.stack(rows)[:, :, None]
    return Windows(
        x0.to(device),
        torch.tensor(ids, device=device),
        torch.tensor(bpm, device=device),
        torch.stack(grids).to(device),
    )
