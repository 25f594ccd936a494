"""Small operations on sounds: channels, sample rate, silence. Sounds are float32 [T, C] or mono [T], in [-1, 1]."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from studio.core.clip import Clip

Floats = NDArray[np.float32]

FILES = (
    ".flac", ".wav", ".ogg", ".opus", ".mp3", ".aiff", ".aif", ".au", ".oga", ".m4a", ".aac", ".wma",
)  # fmt: skip
"""Endings of files that hold sound."""
SILENCE = -50.0
"""Decibels below which a part counts as silent, relative to full scale."""


def mono(clip: Clip) -> Floats:
    """The mean of the channels, [T]."""
    return clip.array.mean(axis=1, dtype=np.float32)


def resampled(sound: Floats, rate: float, target: float) -> Floats:
    """[T] or [T, C] at `rate` -> at `target` samples a second (libsoxr, high quality)."""
    if rate == target or not len(sound):
        return sound
    import soxr  # pyright: ignore[reportMissingTypeStubs]

    library: Any = soxr
    made: NDArray[Any] = library.resample(sound, rate, target)
    return np.ascontiguousarray(made, np.float32)


def at_rate(clip: Clip, target: float) -> Clip:
    """The sound at another sample rate."""
    assert clip.rate is not None, "a sound has a rate"
    return clip if clip.rate == target else Clip.sound(resampled(clip.array, clip.rate, target), target)


def heard_parts(
    sound: Floats, rate: float, *, below: float = SILENCE, gap: float = 0.6, shortest: float = 1.0
) -> list[tuple[int, int]]:
    """Where a mono sound [T] is not silent -> [(first sample, end)].

    Args:
        below: dB of root mean square within 50 ms that count as silence.
        gap: seconds of silence that part two parts; shorter ones belong to the music.
        shortest: seconds; what is heard for less is left out.
    """
    block = max(1, round(rate / 20))
    blocks = len(sound) // block
    if not blocks:
        return []
    power = np.square(sound[: blocks * block].reshape(blocks, block)).mean(1)
    heard = np.flatnonzero(power > 10 ** (below / 10))
    if not len(heard):
        return []
    breaks = np.flatnonzero(np.diff(heard) * block > gap * rate)
    firsts, lasts = heard[np.r_[0, breaks + 1]], heard[np.r_[breaks, len(heard) - 1]]
    parts = [(int(a) * block, (int(b) + 1) * block) for a, b in zip(firsts, lasts)]
    return [(a, b) for a, b in parts if b - a >= shortest * rate]
