"""A tune that was hummed, whistled or played -> notes: when, how long, which pitch.

    notes = notes_of(sound, rate)          [Tone(start, end, pitch), ...]
    melody = tuned(notes)                  to whole semitones, whatever the singer's pitch was

Pitch by frame is YIN's (de Cheveigné & Kawahara 2002): the first lag at which the cumulative mean normalised difference (eq. 8) dips
below a threshold, refined by a parabola. Frames become notes where the pitch stays within a semitone; a note ends where the voice
does, where the pitch leaves it, or where it is struck again.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from studio.core.sound import resampled
from studio.core.spectrogram import fft

Floats = NDArray[np.float32]

_np: Any = np  # long chains of its functions are beyond its types

RATE = 16000
HOP = 0.01
"""Seconds from frame to frame."""
WINDOW = 0.04
"""Seconds that are compared with themselves, a lag later."""
LOWEST, HIGHEST = 65.0, 3500.0
"""Hz: a low voice, a high whistle."""
DIP = 0.15
"""YIN's threshold; its authors use 0.1 to 0.15."""
UNVOICED = 0.25
"""A frame whose best dip is above this has no pitch."""
QUIET = -40.0
"""dB below the loudest frame that count as silence."""
SHORTEST = 0.07
"""Seconds: what is shorter is a glide between notes."""
APART = 0.7
"""Semitones from a note's pitch that leave it."""
BELOW = 19.0
"""Semitones below the middle of the tune that are not its own."""
EARLIER, LATER = 12, 4
"""Frames around a note's first one where it may have begun."""
STRUCK = 4.0
"""dB that a note grows by when it is struck again."""


class Tone(NamedTuple):
    """start, end: seconds; pitch: MIDI number, with a fraction where it is out of tune."""

    start: float
    end: float
    pitch: float


class Track(NamedTuple):
    """By frame, HOP seconds apart: pitch [T] as MIDI numbers, NaN where there is none; loudness [T] in dB."""

    pitch: NDArray[np.float64]
    level: NDArray[np.float64]


def track(sound: Floats, rate: float) -> Track:
    """Mono [n] -> the pitch of its frames; frame i is centred on i HOP."""
    return _track(_heard(sound, rate))


def _heard(sound: Floats, rate: float) -> Floats:
    return np.asarray(resampled(np.asarray(sound, np.float32), rate, RATE), np.float32)


def _track(sound: Floats) -> Track:
    window, hop = round(WINDOW * RATE), round(HOP * RATE)
    longest = math.ceil(RATE / LOWEST) + 2
    reach = window + longest
    frames = 1 + len(sound) // hop
    padded = np.pad(sound, (reach // 2, reach))
    pitch, level = np.full(frames, np.nan), np.full(frames, -np.inf)
    views = np.lib.stride_tricks.sliding_window_view(padded, reach)
    for first in range(0, frames, 2048):  # an hour of sound in pieces
        some = np.arange(first, min(first + 2048, frames))
        pieces = np.asarray(views[some * hop], np.float64)
        pitch[some] = _pitches(pieces, window)
        power = np.square(pieces[:, longest // 2 : longest // 2 + window]).mean(1)
        level[some] = 10 * np.log10(power + 1e-12)
    pitch[level < level.max(initial=-np.inf) + QUIET] = np.nan
    return Track(_smoothed(pitch), level)


def _pitches(pieces: NDArray[np.float64], window: int) -> NDArray[np.float64]:
    """Frames [T, window + lags] -> MIDI numbers [T], NaN where nothing repeats."""
    reach = pieces.shape[1]
    lags = reach - window + 1
    size = 1 << (reach + window - 1).bit_length()
    spectrum: NDArray[np.complex128] = fft.rfft(pieces, size, axis=1)
    head: NDArray[np.complex128] = fft.rfft(pieces[:, :window], size, axis=1)
    products: NDArray[np.float64] = fft.irfft(spectrum * np.conj(head), size, axis=1)[:, :lags]
    sums: NDArray[np.float64] = _np.cumsum(_np.pad(_np.square(pieces), ((0, 0), (1, 0))), axis=1)
    power = sums[:, window : window + lags] - sums[:, :lags]  # of the window at each lag
    difference: NDArray[np.float64] = _np.maximum(power[:, :1] + power - 2 * products, 0)
    running: NDArray[np.float64] = _np.cumsum(difference[:, 1:], axis=1) / _np.arange(1, lags)
    normed: NDArray[np.float64] = _np.ones_like(difference)
    normed[:, 1:] = difference[:, 1:] / _np.maximum(running, 1e-12)
    first, last = max(2, int(RATE / HIGHEST)), lags - 1
    inner = normed[:, first:last]
    valley = (inner <= normed[:, first - 1 : last - 1]) & (inner < normed[:, first + 1 : last + 1])
    deep = valley & (inner < DIP)
    best: NDArray[np.intp] = (
        _np.where(deep.any(1), deep.argmax(1), _np.where(valley, inner, 9.0).argmin(1)) + first
    )
    row = _np.arange(len(pieces))
    a, b, c = normed[row, best - 1], normed[row, best], normed[row, best + 1]
    curve = a - 2 * b + c
    lag: NDArray[np.float64] = best + _np.where(curve > 1e-12, 0.5 * (a - c) / _np.maximum(curve, 1e-12), 0.0)
    midi = 69 + 12 * _np.log2(RATE / lag / 440)
    return _np.where((b < UNVOICED) & (power[:, 0] > 1e-9), midi, _np.nan)


def _smoothed(pitch: NDArray[np.float64]) -> NDArray[np.float64]:
    """Frames that jump and come back, such as an octave for a moment, follow their neighbours (median of five)."""
    around = np.lib.stride_tricks.sliding_window_view(np.pad(pitch, 2, constant_values=np.nan), 5)
    known = (~np.isnan(around)).sum(1)
    filled = np.where(np.isnan(around), np.inf, around)
    middle = np.sort(filled, axis=1)[np.arange(len(pitch)), np.maximum(known - 1, 0) // 2]
    return np.where(np.isnan(pitch) | (known < 3), np.nan, middle)


def notes_of(sound: Floats, rate: float) -> list[Tone]:
    """Mono [n] -> the notes of its tune, in time; [] where there is none."""
    sound = _heard(sound, rate)
    pitch, level = _track(sound)
    # Where two notes sound at once, what repeats is their common period, far below both.
    pitch[pitch < np.nanmedian(pitch) - BELOW if (~np.isnan(pitch)).any() else np.zeros(len(pitch), bool)] = (
        np.nan
    )
    struck = _struck(level)
    notes: list[Tone] = []
    begin, held = -1, [0.0][:0]

    def close(end: int) -> None:
        nonlocal begin
        if begin >= 0 and (end - begin) * HOP >= SHORTEST:
            notes.append(Tone(begin * HOP, end * HOP, float(np.median(held))))
        begin = -1
        held.clear()

    away = 0
    for frame, midi in enumerate(pitch):
        if np.isnan(midi):
            close(frame)
            away = 0
            continue
        if begin >= 0 and struck[frame] and (frame - begin) * HOP >= SHORTEST:
            close(frame)
        if begin >= 0 and abs(midi - np.median(held[-25:])) > APART:
            away += 1
            if away < 3:
                continue
            close(frame - 2)
            begin, away = frame - 2, 0
            held[:] = [float(p) for p in pitch[frame - 2 : frame + 1]]
            continue
        away = 0
        begin = frame if begin < 0 else begin
        held.append(float(midi))
    close(len(pitch))
    return _begun(notes, sound)


def _begun(notes: list[Tone], sound: Floats) -> list[Tone]:
    """The notes from where their own harmonics rise: while the one before rings on, its pitch is heard for longer than it is played."""
    window, hop = round(0.046 * RATE), round(HOP * RATE)
    padded = np.pad(sound, (window // 2, window))
    views = np.lib.stride_tricks.sliding_window_view(padded, window)[::hop]
    shape = np.hanning(window)
    moved: list[Tone] = []
    for note in notes:
        at = round(note.start / HOP)
        some = np.arange(max(0, at - EARLIER), min(at + LATER, len(views) - 1))
        if len(some) < 5:
            moved.append(note)
            continue
        hertz = 440 * 2 ** ((note.pitch - 69) / 12)
        turns = 2j * np.pi * hertz / RATE * np.arange(window)
        power = sum(
            np.abs((views[some] * shape) @ np.exp(-turns * k)) ** 2 for k in (1, 2, 3) if k * hertz < RATE / 2
        )
        level = 10 * np.log10(power + 1e-6)
        rise = level[3:] - level[:-3]
        start = float(some[int(rise.argmax())] + 1) * HOP if rise.max() > STRUCK else note.start
        if moved and start - moved[-1].start < SHORTEST:
            start = note.start
        if moved and moved[-1].end > start:
            moved[-1] = moved[-1]._replace(end=start)
        moved.append(note._replace(start=start))
    return moved


def _struck(level: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Where the sound grows at once after it had fallen: [T], true at the frame where it begins to."""
    rise = np.zeros(len(level))
    if len(level) > 3:
        rise[:-3] = level[3:] - level[:-3]
    top = np.lib.stride_tricks.sliding_window_view(np.pad(rise, 5), 11).max(1)
    return (rise >= STRUCK) & (rise == top)


def tuned(notes: Sequence[Tone]) -> list[Tone]:
    """The same at whole semitones: first all are moved by what they have in common, as nobody hums at 440 Hz."""
    if not notes:
        return []
    turns = np.array([note.pitch for note in notes]) % 1.0 * 2 * np.pi
    lengths = np.array([note.end - note.start for note in notes])
    off = float(np.angle((lengths * np.exp(1j * turns)).sum()) / (2 * np.pi))
    return [Tone(note.start, note.end, float(round(note.pitch - off))) for note in notes]


def within(notes: Sequence[Tone], lowest: int, highest: int) -> tuple[list[Tone], int]:
    """The tune moved by octaves so that as much of it as possible lies between two MIDI numbers, and by how many octaves."""
    if not notes:
        return [], 0
    pitches = np.array([note.pitch for note in notes])
    middle = (lowest + highest) / 2

    def cost(octaves: int) -> tuple[int, float]:
        moved = pitches + 12 * octaves
        return int(((moved < lowest) | (moved > highest)).sum()), abs(float(np.median(moved)) - middle)

    best = min(range(-6, 7), key=cost)
    if cost(0)[0] == 0:
        best = 0  # a tune that fits stays where it is
    return [Tone(note.start, note.end, note.pitch + 12 * best) for note in notes], best
