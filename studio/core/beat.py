"""What a listener taps and sings along with: tempo, where the beats lie, and the key of a sound or of a tune.

Tempo is the period at which onsets repeat: the candidate whose comb of one, two, four and eight beats stands highest in their
autocorrelation, weighted towards 110 bpm as listeners tap (after Ellis 2007, Beat Tracking by Dynamic Programming). Beats lie at the phase
where most onsets fall. The key is the one whose profile (Krumhansl & Kessler 1982) correlates best with how long each pitch class sounds.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from studio.core.melody import Tone
from studio.core.sound import resampled
from studio.core.spectrogram import NAMES, Spectrogram, hz_of_note, magnitudes, picture_of

Floats = NDArray[np.float32]

RATE = 22050.0
LOWEST_NOTE, BANDS = 31, 92
_HOW = Spectrogram(RATE, 120, 20, "note", BANDS, hz_of_note(LOWEST_NOTE), hz_of_note(LOWEST_NOTE + BANDS - 1))
_FINE = Spectrogram(RATE, 46, 10, "mel", 40, 30.0, 10_000.0)
SLOWEST, FASTEST, STEP = 54.0, 180.0, 1.0025
USUAL, SPREAD = 110.0, 0.9
"""Bpm that listeners prefer, and how strongly: the standard deviation in octaves."""
SURE = 0.12
"""Below this strength nothing repeats enough to be called a beat."""
MAJOR = (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88)
MINOR = (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17)


class Beat(NamedTuple):
    """bpm; first: seconds to the first beat; strength: 0 .. 1, how much repeats."""

    bpm: float
    first: float
    strength: float

    @property
    def sure(self) -> bool:
        return self.strength >= SURE


def beat_of(sound: Floats, rate: float) -> Beat:
    """Mono [n] -> its beat; strength 0 where it is too short or still."""
    heard = np.asarray(resampled(np.asarray(sound, np.float32), rate, RATE), np.float32)
    levels = np.maximum(picture_of(heard, _FINE), -60.0)
    onsets = np.maximum(np.diff(levels, axis=1, prepend=levels[:, :1]), 0).mean(0)
    return _beat(onsets, _FINE.frame_rate)


def beat_of_notes(notes: Sequence[Tone]) -> Beat:
    """The beat of a tune alone."""
    if len(notes) < 3:
        return Beat(0.0, notes[0].start if notes else 0.0, 0.0)
    rate = 100.0
    onsets = np.zeros(int(max(note.end for note in notes) * rate) + 100)
    for note in notes:
        onsets[max(0, round(note.start * rate))] += 1
    return _beat(np.convolve(onsets, np.hanning(9)[1:-1], "same"), rate)


def _beat(onsets: NDArray[np.floating], rate: float) -> Beat:
    """Onset strengths [T] -> Beat."""
    x = onsets - onsets.mean()
    if len(x) < 2 * rate or not x.any():
        return Beat(0.0, 0.0, 0.0)
    size = 1 << (2 * len(x) - 1).bit_length()
    alike = np.fft.irfft(np.abs(np.fft.rfft(x, size)) ** 2, size)[: len(x)]
    alike = alike / np.maximum(np.arange(len(x), 0, -1), 0.25 * len(x))
    alike /= max(float(alike[0]), 1e-12)
    bpm = SLOWEST * STEP ** np.arange(int(np.log(FASTEST / SLOWEST) / np.log(STEP)) + 1)
    period = 60 * rate / bpm
    score, used = np.zeros(len(bpm)), np.zeros(len(bpm))
    lags = np.arange(len(alike))
    for beats, weight in ((1, 1.0), (2, 1.0), (4, 1.0), (8, 0.7), (16, 0.5)):
        inside = period * beats < 0.75 * len(x)
        score += np.where(inside, weight * np.interp(period * beats, lags, alike), 0)
        used += np.where(inside, weight, 0)
    score = score / np.maximum(used, 1e-9)
    best = int((score * np.exp(-0.5 * (np.log2(bpm / USUAL) / SPREAD) ** 2)).argmax())
    turns = np.exp(-2j * np.pi * np.arange(len(x)) / period[best])
    phase = float(np.angle(np.conj((np.maximum(x, 0) * turns).sum())) / (2 * np.pi)) % 1.0
    return Beat(float(bpm[best]), phase * 60 / float(bpm[best]), float(np.clip(score[best], 0, 1)))


def key_of(sound: Floats, rate: float) -> str:
    """Mono [n] -> as in A minor; empty for silence."""
    heard = np.asarray(resampled(np.asarray(sound, np.float32), rate, RATE), np.float32)
    power = magnitudes(picture_of(heard, _HOW))
    # Only what stands out among its neighbours is a note.
    around = np.pad(power, ((1, 1), (0, 0)))
    peaks = np.where((power >= around[:-2]) & (power >= around[2:]), power, 0) ** 0.5
    chroma = np.zeros(12)
    np.add.at(chroma, (LOWEST_NOTE + np.arange(BANDS)) % 12, peaks.sum(1))
    return _key(chroma)


def key_of_notes(notes: Sequence[Tone]) -> str:
    """The key of a tune; empty where there is none."""
    chroma = np.zeros(12)
    for note in notes:
        chroma[round(note.pitch) % 12] += note.end - note.start
    return _key(chroma)


def _key(chroma: NDArray[np.float64]) -> str:
    if not chroma.any() or np.ptp(chroma) == 0:
        return ""
    found = [
        (float(np.corrcoef(np.roll(profile, tonic), chroma)[0, 1]), f"{NAMES[tonic]} {mode}")
        for tonic in range(12)
        for profile, mode in ((MAJOR, "major"), (MINOR, "minor"))
    ]
    return max(found)[1]
