"""How loud a sound is to the ear and how high it peaks between its samples, and setting both.

Loudness is LUFS as of ITU-R BS.1770-4 (by pyloudnorm); the true peak is measured at four times the rate, as its annex 2 asks. The
limiter looks ahead: its gain falls before a peak and rises after it along a smooth curve, so that nothing is cut.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studio.core.sound import resampled

Floats = NDArray[np.float32]

STREAMING = -14.0
"""LUFS that the large streaming services play at."""
CEILING = -1.0
"""dBTP, as EBU R 128 asks."""
OVERSAMPLING = 4
LOOK_AHEAD = 0.005
"""Seconds."""
BLOCK = 0.4
"""Seconds of BS.1770's gating blocks: nothing shorter has a loudness of its own."""


def loudness(sound: Floats, rate: float) -> float:
    """Integrated loudness of [T] or [T, C] in LUFS; -inf for silence. What is shorter than 0.4 s is measured with silence after it."""
    import pyloudnorm  # pyright: ignore[reportMissingTypeStubs]

    shortest = math.ceil(BLOCK * rate) + 1
    if len(sound) < shortest:
        sound = np.pad(sound, [(0, shortest - len(sound)), *[(0, 0)] * (sound.ndim - 1)])
    meter: Any = pyloudnorm.Meter(rate)
    measured = meter.integrated_loudness(sound[:, :5] if sound.ndim > 1 else sound)
    return float(measured)


def true_peak(sound: Floats, rate: float) -> float:
    """dBTP of [T] or [T, C]; -inf for silence."""
    peak = float(np.abs(_oversampled(sound, rate)).max(initial=0.0))
    peak = max(peak, float(np.abs(sound).max(initial=0.0)))
    return 20 * math.log10(peak) if peak > 0 else -math.inf


def _oversampled(sound: Floats, rate: float) -> Floats:
    return resampled(sound, rate, OVERSAMPLING * rate)


def limited(sound: Floats, rate: float, ceiling: float = CEILING) -> Floats:
    """The sound with its true peak at most `ceiling` dBTP; bit for bit the same where it never came near."""
    most = 10 ** (ceiling / 20)
    if true_peak(sound, rate) <= ceiling:
        return sound
    import scipy.ndimage  # pyright: ignore[reportMissingTypeStubs]

    filters: Any = scipy.ndimage

    flat = sound[:, None] if sound.ndim == 1 else sound
    large = np.abs(_oversampled(flat, rate)).max(1)
    large = np.pad(large, (0, max(0, OVERSAMPLING * len(flat) - len(large))))[: OVERSAMPLING * len(flat)]
    peaks = np.maximum(large.reshape(len(flat), OVERSAMPLING).max(1), np.abs(flat).max(1))
    peaks = np.maximum(peaks, np.r_[peaks[1:], 0])  # a peak between two samples belongs to both
    needed = np.minimum(1, 0.995 * most / np.maximum(peaks, 1e-9))
    half = max(1, round(LOOK_AHEAD * rate))
    window = np.hanning(2 * half + 3)[1:-1]
    # The smallest gain within reach, then a mean no wider than that reach: never above what any peak needs.
    gain: Floats = filters.convolve1d(
        filters.minimum_filter1d(needed, 2 * half + 1), window / window.sum(), mode="nearest"
    )
    out = (flat * gain[:, None]).astype(np.float32)
    excess = true_peak(out, rate) - ceiling
    if excess > 0:  # what the resampling filter's ringing left
        out *= np.float32(10 ** (-(excess + 0.01) / 20))
    return out[:, 0] if sound.ndim == 1 else out


def normalised(sound: Floats, rate: float, target: float = STREAMING, ceiling: float = CEILING) -> Floats:
    """At `target` LUFS with a true peak of at most `ceiling` dBTP; silence stays silence."""
    now = loudness(sound, rate)
    if not math.isfinite(now):
        return sound
    louder = (sound * np.float32(10 ** ((target - now) / 20))).astype(np.float32)
    return limited(louder, rate, ceiling)
