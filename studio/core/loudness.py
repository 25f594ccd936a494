"""How loud a sound is to the ear and how high it peaks between its samples, and setting both.

Loudness is LUFS as of ITU-R BS.1770-4 (by pyloudnorm); the true peak is measured at four times the rate, as its annex 2 asks. The
limiter looks ahead: its gain falls before a peak and rises after it along a smooth curve, so that nothing is cut.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
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
    flat = sound[:, None] if sound.ndim == 1 else sound
    gain = _gain(flat, rate, most)
    out = (flat * gain[:, None]).astype(np.float32)
    excess = true_peak(out, rate) - ceiling
    if excess > 0:  # what the resampling filter's ringing left
        out *= np.float32(10 ** (-(excess + 0.01) / 20))
    return out[:, 0] if sound.ndim == 1 else out


def _gain(flat: Floats, rate: float, most: float) -> Floats:
    """[n, C] -> [n]: what to multiply with so that the true peak is at most `most`."""
    import scipy.ndimage  # pyright: ignore[reportMissingTypeStubs]

    filters: Any = scipy.ndimage
    large = np.abs(_oversampled(flat, rate)).max(1)
    large = np.pad(large, (0, max(0, OVERSAMPLING * len(flat) - len(large))))[: OVERSAMPLING * len(flat)]
    peaks = np.maximum(large.reshape(len(flat), OVERSAMPLING).max(1), np.abs(flat).max(1))
    peaks = np.maximum(peaks, np.r_[peaks[1:], 0])  # a peak between two samples belongs to both
    needed = np.minimum(1, 0.995 * most / np.maximum(peaks, 1e-9))
    if needed.min(initial=1.0) == 1.0:
        return needed.astype(np.float32)  # nothing comes near
    half = max(1, round(LOOK_AHEAD * rate))
    window = np.hanning(2 * half + 3)[1:-1]
    # The smallest gain within reach, then a mean no wider than that reach: never above what any peak needs.
    gain: Floats = filters.convolve1d(
        filters.minimum_filter1d(needed, 2 * half + 1), window / window.sum(), mode="nearest"
    )
    return gain


def normalised(sound: Floats, rate: float, target: float = STREAMING, ceiling: float = CEILING) -> Floats:
    """At `target` LUFS with a true peak of at most `ceiling` dBTP; silence stays silence."""
    now = loudness(sound, rate)
    if not math.isfinite(now):
        return sound
    louder = (sound * np.float32(10 ** ((target - now) / 20))).astype(np.float32)
    return limited(louder, rate, ceiling)


# --- of any length, piece by piece -----------------------------------------------------------------------------------


class Measuring:
    """Loudness and true peak of a sound that comes in pieces [n, C]: the same figures as `loudness` and `true_peak` of all of it.

    measuring = Measuring(rate, channels)
    for piece in pieces: measuring.add(piece)
    measuring.lufs, measuring.peak
    """

    def __init__(self, rate: float, channels: int) -> None:
        import soxr  # pyright: ignore[reportMissingTypeStubs]
        from pyloudnorm.iirfilter import IIRfilter  # pyright: ignore[reportMissingTypeStubs]

        library: Any = soxr
        make: Any = IIRfilter
        self._channels = channels
        # BS.1770's K-weighting as pyloudnorm has it: a shelf for the head, a high pass for low frequencies.
        self._filters: list[Any] = [
            make(4.0, 1 / math.sqrt(2), 1500.0, rate, "high_shelf"),
            make(0.0, 0.5, 38.0, rate, "high_pass"),
        ]
        self._states = [np.zeros((2, min(channels, 5))) for _ in self._filters]
        self._over: Any = library.ResampleStream(rate, OVERSAMPLING * rate, channels, dtype="float32")
        self._quarter = BLOCK / 4 * rate
        self._energies: list[float] = []
        self._sum, self._count, self._samples = 0.0, 0, 0
        self._most = 0.0
        self._rate = rate

    def add(self, piece: Floats) -> None:
        import scipy.signal  # pyright: ignore[reportMissingTypeStubs]

        signal: Any = scipy.signal
        if not len(piece):
            return
        self._most = max(self._most, float(np.abs(piece).max()))
        over: Floats = self._over.resample_chunk(np.ascontiguousarray(piece, np.float32))
        self._most = max(self._most, float(np.abs(over).max(initial=0.0)))
        x: NDArray[np.float64] = np.asarray(piece[:, :5], np.float64)
        for number, one in enumerate(self._filters):
            x, self._states[number] = signal.lfilter(one.b, one.a, x, axis=0, zi=self._states[number])
            x = x * one.passband_gain
        power = np.square(x) @ np.array(WEIGHTS[: x.shape[1]])  # all channels together
        at = 0
        while at < len(power):
            end = round((len(self._energies) + 1) * self._quarter)
            take = min(end - self._samples, len(power) - at)
            self._sum += float(power[at : at + take].sum())
            self._samples += take
            at += take
            if self._samples == end:
                self._energies.append(self._sum)
                self._sum = 0.0

    @property
    def lufs(self) -> float:
        """Integrated, with both gates; -inf for silence."""
        quarters = self._energies
        if len(quarters) < 4:  # shorter than a block: with silence after it
            quarters = [*quarters, self._sum, *[0.0] * 4][:4]
        mean = np.convolve(quarters, np.ones(4), "valid") / (BLOCK * self._rate)
        with np.errstate(divide="ignore"):
            level = -0.691 + 10 * np.log10(mean)
            loud = mean[level >= -70.0]
            if not len(loud):
                return -math.inf
            gate = -0.691 + 10 * math.log10(float(loud.mean())) - 10
            both = mean[(level >= -70.0) & (level > gate)]
        return -0.691 + 10 * math.log10(float(both.mean())) if len(both) else -math.inf

    @property
    def peak(self) -> float:
        """dBTP so far; -inf for silence."""
        return 20 * math.log10(self._most) if self._most > 0 else -math.inf


WEIGHTS = (1.0, 1.0, 1.0, 1.41, 1.41)
"""Of left, right, centre and the two surrounds (BS.1770, table 3)."""
MARGIN = 0.25
"""Seconds on either side of a piece that its gain is found with."""


def limiting(pieces: Iterable[Floats], rate: float, ceiling: float = CEILING) -> Iterator[Floats]:
    """Pieces [n, C] -> pieces whose true peak is at most about `ceiling` dBTP; where nothing came near they are bit for bit the same."""
    most, margin = 10 ** (ceiling / 20), math.ceil(MARGIN * rate)
    before: Floats | None = None
    held: Floats | None = None

    def out(count: int) -> Floats:
        nonlocal before, held
        assert before is not None and held is not None
        gain = _gain(np.concatenate([before, held]), rate, most)[len(before) : len(before) + count]
        done = held[:count]
        made = (done * gain[:, None]).astype(np.float32)
        before = np.concatenate([before, done])[-margin:]
        held = held[count:]
        return made

    for piece in pieces:
        if before is None or held is None:
            before = held = piece[:0]
        held = np.concatenate([held, piece])
        if len(held) > 2 * margin:
            yield out(len(held) - margin)
    if held is not None and len(held):
        yield out(len(held))
