"""A take as a sound file for other programs: a stretch of it, at another rate, as loud as is wanted, never too loud.

The order is that of mastering: resampling first, since it moves peaks; then loudness; then the limiter.
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
from studio.core.loudness import limited, loudness, normalised, true_peak
from studio.core.sound import resampled
from studio.media.sound import PIECE, write_pieces
from studio.media.tape import Tape, Told

Floats = NDArray[np.float32]

RATES = (48000, 44100, 32000, 22050, 16000)
"""Samples a second that are offered beside the sound's own."""
OPUS = (48000, 24000, 16000, 12000, 8000)
"""Those that Opus knows."""
SHAPED = 1200.0
"""Seconds of a sound whose loudness can be set: all of its samples are needed at once, four times over for its true peak."""


class Stopped(Exception):
    """The person changed their mind."""


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
    """Of the sound that was written: loudness in LUFS and true peak in dBTP; None = it is silent, or too long to be measured."""

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
    shapes = wanted.loudness is not None or wanted.ceiling is not None
    if (last - first) / tape.rate > SHAPED:
        if shapes:
            raise BadRequest(
                f"The loudness of more than {SHAPED / 60:.0f} minutes cannot be set at once; export a shorter stretch, or as loud as it is."
            )
        _write(_streamed(tape, first, last, rate, told), rate, tape.channels, wanted)
        return Facts()
    sound = np.array(tape.read(first, last - first))
    _go_on(told, 0.1)
    sound = resampled(sound, tape.rate, rate)
    _go_on(told, 0.3)
    if wanted.loudness is not None:
        sound = normalised(
            sound, rate, wanted.loudness, wanted.ceiling if wanted.ceiling is not None else 0.0
        )
    elif wanted.ceiling is not None:
        sound = limited(sound, rate, wanted.ceiling)
    _go_on(told, 0.7)
    lufs, peak = loudness(sound, rate), true_peak(sound, rate)
    pieces = (sound[at : at + PIECE] for at in range(0, len(sound), PIECE))
    _write(pieces, rate, tape.channels, wanted)
    told(1.0)
    return Facts(lufs if math.isfinite(lufs) else None, peak if math.isfinite(peak) else None)


def _write(pieces: Iterator[Floats], rate: float, channels: int, wanted: SoundExport) -> None:
    write_pieces(pieces, rate, channels, wanted.path, wanted.spec, quality=wanted.quality, tags=wanted.tags)


def _streamed(tape: Tape, first: int, last: int, rate: float, told: Told) -> Iterator[Floats]:
    import soxr  # pyright: ignore[reportMissingTypeStubs]

    stream: Any = (
        None if rate == tape.rate else soxr.ResampleStream(tape.rate, rate, tape.channels, dtype="float32")
    )
    for at in range(first, last, PIECE):
        piece = tape.read(at, min(PIECE, last - at))
        ends = at + PIECE >= last
        yield piece if stream is None else stream.resample_chunk(np.ascontiguousarray(piece), last=ends)
        _go_on(told, (at - first + len(piece)) / (last - first))


def _go_on(told: Told, share: float) -> None:
    if not told(share):
        raise Stopped
