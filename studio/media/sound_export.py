"""A take as a sound file for other programs: a stretch of it, at another rate, as loud as is wanted, never too loud.

The order is that of mastering: resampling first, since it moves peaks; then loudness; then the limiter. Each is done piece by piece and the
sound is gone through once for each, so that an hour takes no more memory than a minute.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studio.core.job import BadRequest, JobSpec
from studio.core.loudness import Measuring, limiting
from studio.media.sound import PIECE, write_pieces
from studio.media.tape import Stopped, Tape, Told

Floats = NDArray[np.float32]

RATES = (48000, 44100, 32000, 22050, 16000)
"""Samples a second that are offered beside the sound's own."""
OPUS = (48000, 24000, 16000, 12000, 8000)
"""Those that Opus knows."""


@dataclass(frozen=True)
class SoundExport:
    """What to write.

    Args:
        path: its ending says the format.
        start, end: seconds; None = to the end.
        rate: samples a second; None = the sound's own.
        loudness: LUFS to bring it to; None = as it is.
        ceiling: dBTP that no peak may pass; None = as it is.
        quality: 1-100 of ogg, opus and mp3.
        spec: the request to write into the file, None = nothing about how it was made.
    """

    path: Path
    start: float = 0.0
    end: float | None = None
    rate: float | None = None
    loudness: float | None = None
    ceiling: float | None = None
    quality: int = 92
    tags: Mapping[str, str] = field(default_factory=dict[str, str])
    spec: JobSpec | None = None


@dataclass(frozen=True)
class Facts:
    """Of the sound that was written, before a lossy format's own changes: loudness in LUFS and true peak in dBTP; None = it is silent."""

    lufs: float | None = None
    peak: float | None = None


def export_sound(tape: Tape, wanted: SoundExport, told: Told = lambda share: True) -> Facts:
    """Writes the file in one step.

    Args:
        told: how much is done, 0 .. 1 -> whether to go on.

    Raises:
        BadRequest: an empty stretch, a rate that the format does not know, full disk and the like.
        Stopped: `told` said so; nothing was written.
    """
    first = round(max(wanted.start, 0.0) * tape.rate)
    last = tape.samples if wanted.end is None else min(round(wanted.end * tape.rate), tape.samples)
    if last <= first:
        raise BadRequest("There is nothing in the stretch that is to be exported; choose a longer one.")
    rate = wanted.rate or tape.rate
    if wanted.path.suffix.lower() == ".opus" and rate not in OPUS:
        rate = 48000.0
    shapes = (wanted.loudness is not None) + 2 * (wanted.ceiling is not None)
    passes = _Passes(told, 1 + shapes)

    def plain() -> Iterator[Floats]:
        return passes.counted(_streamed(tape, first, last, rate), (last - first) * rate / tape.rate)

    gain = np.float32(1)
    if wanted.loudness is not None:
        now = _measured(plain(), rate, tape.channels).lufs
        gain = np.float32(10 ** ((wanted.loudness - now) / 20)) if math.isfinite(now) else gain

    def shaped(scale: np.float32 = np.float32(1)) -> Iterator[Floats]:  # noqa: B008 - a number
        louder = (piece * gain for piece in plain()) if gain != 1 else plain()
        kept = louder if wanted.ceiling is None else limiting(louder, rate, wanted.ceiling)
        return (piece * scale for piece in kept) if scale != 1 else kept

    scale = np.float32(1)
    if wanted.ceiling is not None:
        excess = _measured(shaped(), rate, tape.channels).peak - wanted.ceiling
        if excess > 0:  # what the resampling filter's ringing left
            scale = np.float32(10 ** (-(excess + 0.01) / 20))
    facts = Measuring(rate, tape.channels)

    def heard() -> Iterator[Floats]:
        for piece in shaped(scale):
            facts.add(piece)
            yield piece

    write_pieces(
        heard(), rate, tape.channels, wanted.path, wanted.spec, quality=wanted.quality, tags=wanted.tags
    )
    lufs, peak = facts.lufs, facts.peak
    return Facts(lufs if math.isfinite(lufs) else None, peak if math.isfinite(peak) else None)


def _measured(pieces: Iterator[Floats], rate: float, channels: int) -> Measuring:
    made = Measuring(rate, channels)
    for piece in pieces:
        made.add(piece)
    return made


@dataclass
class _Passes:
    """How far it is: the sound is gone through several times."""

    told: Told
    many: int
    done: int = 0

    def counted(self, pieces: Iterator[Floats], samples: float) -> Iterator[Floats]:
        """The same pieces; told after each. Raises Stopped."""
        turn, seen = self.done, 0
        self.done += 1
        for piece in pieces:
            yield piece
            seen += len(piece)
            if not self.told(min((turn + seen / samples) / self.many, 1.0)):
                raise Stopped


def _streamed(tape: Tape, first: int, last: int, rate: float) -> Iterator[Floats]:
    import soxr  # pyright: ignore[reportMissingTypeStubs]

    stream: Any = (
        None if rate == tape.rate else soxr.ResampleStream(tape.rate, rate, tape.channels, dtype="float32")
    )
    for at in range(first, last, PIECE):
        piece = tape.read(at, min(PIECE, last - at))
        yield (
            piece
            if stream is None
            else stream.resample_chunk(np.ascontiguousarray(piece), last=at + PIECE >= last)
        )
