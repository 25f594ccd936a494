"""A tune is found in a sound as it was sung: notes, times, octaves, silence; and what a listener taps along with."""

from __future__ import annotations

import numpy as np
import pytest

from studio.core.beat import beat_of, beat_of_notes, key_of, key_of_notes
from studio.core.melody import Tone, notes_of, track, tuned, within

RATE = 22050
TUNE = [Tone(0.2, 0.6, 60), Tone(0.65, 1.0, 64), Tone(1.0, 1.5, 67), Tone(1.6, 1.9, 67), Tone(1.9, 2.4, 72)]


def sung(notes: list[Tone], rate: int = RATE, vibrato: float = 0.0, off: float = 0.0) -> np.ndarray:
    """A voice of five harmonics, [n]."""
    out = np.zeros(round((max(n.end for n in notes) + 0.3) * rate), np.float32)
    for note in notes:
        t = np.arange(round((note.end - note.start) * rate)) / rate
        midi = note.pitch + off + vibrato * np.sin(2 * np.pi * 5.5 * t)
        phase = 2 * np.pi * np.cumsum(440 * 2 ** ((midi - 69) / 12)) / rate
        voice = sum(np.sin(k * phase) / k for k in range(1, 6))
        envelope = np.minimum(1, np.minimum(t / 0.02, (t[-1] - t) / 0.03)).clip(0)
        first = round(note.start * rate)
        out[first : first + len(t)] += (0.2 * envelope * voice).astype(np.float32)
    return out


@pytest.mark.parametrize("octave", [-12, 0, 24])
@pytest.mark.parametrize("rate", [22050, 44100])
def test_notes_come_back(octave: int, rate: int) -> None:
    wanted = [note._replace(pitch=note.pitch + octave) for note in TUNE]
    found = tuned(notes_of(sung(wanted, rate), rate))
    assert [note.pitch for note in found] == [note.pitch for note in wanted]
    for one, other in zip(found, wanted, strict=True):
        assert one.start == pytest.approx(other.start, abs=0.05)
        assert one.end == pytest.approx(other.end, abs=0.08)


def test_a_voice_that_trembles_and_is_flat_is_understood() -> None:
    found = notes_of(sung(TUNE, vibrato=0.25, off=-0.35), RATE)
    assert np.mean([note.pitch % 1 for note in found]) == pytest.approx(0.65, abs=0.1)
    assert [note.pitch for note in tuned(found)] == [note.pitch for note in TUNE]


def test_silence_and_noise_hold_no_tune() -> None:
    assert notes_of(np.zeros(RATE, np.float32), RATE) == []
    assert notes_of(np.zeros(0, np.float32), RATE) == []
    noise = 0.1 * np.random.default_rng(0).standard_normal(RATE).astype(np.float32)
    assert notes_of(noise, RATE) == [] and tuned([]) == []
    assert np.isnan(track(noise, RATE).pitch).mean() > 0.8


def test_a_tune_is_moved_by_octaves_only_where_it_must() -> None:
    assert within(TUNE, 60, 72) == (TUNE, 0)
    moved, octaves = within(TUNE, 72, 91)
    assert octaves == 1 and [note.pitch for note in moved] == [72, 76, 79, 79, 84]
    assert within([], 60, 72) == ([], 0)


def clicks(bpm: float, seconds: float = 10.0, first: float = 0.3) -> np.ndarray:
    out = np.zeros(round(seconds * RATE), np.float32)
    burst = np.random.default_rng(0).standard_normal(600).astype(np.float32) * np.exp(-np.arange(600) / 120)
    for at in np.arange(first, seconds - 0.1, 60 / bpm):
        out[round(at * RATE) :][:600] += 0.3 * burst
    return out


@pytest.mark.parametrize("bpm", [72, 97, 128])
def test_the_beat_is_tapped(bpm: float) -> None:
    beat = beat_of(clicks(bpm), RATE)
    assert beat.sure and beat.bpm == pytest.approx(bpm, rel=0.01)
    away = (beat.first - 0.3) * bpm / 60
    assert abs(away - round(away)) < 0.1
    assert not beat_of(np.zeros(RATE, np.float32), RATE).sure


def test_a_tunes_own_beat_and_key() -> None:
    scale = [69, 71, 72, 74, 76, 77, 76, 74, 72, 71, 69, 69, 76, 72, 69, 69]
    notes = [Tone(0.5 * i, 0.5 * i + 0.45, pitch) for i, pitch in enumerate(scale)]
    assert beat_of_notes(notes).bpm == pytest.approx(120, rel=0.02)
    assert key_of_notes(notes) == "A minor" and key_of_notes([]) == ""
    assert key_of(sung(notes), RATE) == "A minor" and key_of(np.zeros(RATE, np.float32), RATE) == ""
    assert not beat_of_notes(notes[:2]).sure
