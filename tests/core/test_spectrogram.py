"""Sound as a picture and back."""

import numpy as np
import pytest

from studio.core.spectrogram import (
    FLOOR,
    Spectrogram,
    banded,
    beginning,
    edited,
    filters,
    griffin_lim,
    hz_of_mel,
    hz_of_note,
    levels,
    log_spectral_distance,
    magnitude,
    magnitudes,
    mel_of_hz,
    nearing,
    note_name,
    note_of_hz,
    picture_of,
    sound_of,
    sound_of_picture,
    spectral_convergence,
    spectrum,
    unbanded,
)

RATE = 16000
LINEAR = Spectrogram(RATE, 64, 16)
MEL = Spectrogram(RATE, 64, 16, "mel", 80, 0, 8000)
NOTES = Spectrogram(RATE, 120, 20, "note", 84, hz_of_note(33), hz_of_note(116))


def tune(seconds: float = 2.0) -> np.ndarray:
    """Plucked notes with harmonics, and a click."""
    t = np.arange(round(seconds * RATE)) / RATE
    sound = np.zeros(len(t))
    for i, note in enumerate((60, 64, 67, 72, 67, 64)):
        start = i * seconds / 6
        on = np.clip(t - start, 0, None)
        for k in (1, 2, 3):
            sound += 0.15 / k * np.sin(2 * np.pi * k * hz_of_note(note) * on) * np.exp(-on * 4) * (t >= start)
    sound[RATE // 2] += 0.5
    return sound.astype(np.float32)


def test_parameters_in_hz_and_ms_become_samples() -> None:
    assert (LINEAR.window, LINEAR.hop, LINEAR.bins, LINEAR.frame_rate) == (1024, 256, 513, 62.5)
    assert LINEAR.frames(RATE) == 63 and LINEAR.rows == 513 and MEL.rows == 80


@pytest.mark.parametrize(
    "bad",
    [
        {"window_ms": 20, "hop_ms": 15},
        {"rate": 0},
        {"scale": "mel", "bands": 1},
        {"scale": "mel", "bands": 80, "high": 9000},
        {"scale": "note", "bands": 80, "low": 0},
        {"window_ms": 0.1, "hop_ms": 0.05},
    ],
)
def test_impossible_parameters_are_refused(bad: dict) -> None:
    with pytest.raises(ValueError, match="Hz"):
        Spectrogram(**{"rate": RATE, **bad})


def test_scales() -> None:
    hz = np.array([0.0, 440, 1000, 4000])
    np.testing.assert_allclose(hz_of_mel(mel_of_hz(hz)), hz, atol=1e-6)
    assert float(mel_of_hz(1000)) == 15 and note_of_hz(440) == 69 and note_name(261.6) == "C4"
    assert hz_of_note(note_of_hz(123.4)) == pytest.approx(123.4)
    assert NOTES.row_of(hz_of_note(69)) == pytest.approx(69 - 33, abs=1e-6)


@pytest.mark.parametrize("how", [LINEAR, NOTES, Spectrogram(RATE, 50, 11)])
def test_there_and_back_is_the_same_sound(how: Spectrogram) -> None:
    sound = tune()
    np.testing.assert_allclose(sound_of(spectrum(sound, how), how, len(sound)), sound, atol=2e-6)


def test_a_sine_of_amplitude_one_peaks_at_0_db() -> None:
    t = np.arange(RATE) / RATE
    picture = picture_of(np.sin(2 * np.pi * 1000 * t).astype(np.float32), LINEAR)
    assert picture[:, 30].max() == pytest.approx(0, abs=0.05)
    assert picture[:, 30].argmax() == 64 and picture.min() >= FLOOR


def test_the_spectrum_is_numpys() -> None:
    sound = tune()
    frame, at = 20, 20 * LINEAR.hop
    piece = sound[at - 512 : at + 512] * np.hanning(1025)[:1024] * 4 / 1024
    np.testing.assert_allclose(spectrum(sound, LINEAR)[:, frame], np.fft.rfft(piece), atol=1e-6)


def test_a_note_lights_up_its_own_row() -> None:
    t = np.arange(RATE) / RATE
    for note in (57, 69, 88):
        picture = picture_of((0.5 * np.sin(2 * np.pi * hz_of_note(note) * t)).astype(np.float32), NOTES)
        assert picture[:, 25].argmax() == note - 33


@pytest.mark.parametrize("how", [MEL, NOTES])
def test_bands(how: Spectrogram) -> None:
    W = filters(how)
    assert W.shape == (how.bands, how.bins) and (W >= 0).all()
    np.testing.assert_allclose(W.sum(1), 1, atol=1e-5)
    bands = banded(magnitude(tune(), how), how)
    back = banded(unbanded(bands, how), how)
    assert np.linalg.norm(back - bands) / np.linalg.norm(bands) < 0.02


def test_levels_and_magnitudes() -> None:
    some = np.array([[0, 1e-9, 1e-3, 1.0]], np.float32)
    np.testing.assert_allclose(levels(some), [[FLOOR, FLOOR, -60, 0]], atol=1e-4)
    np.testing.assert_allclose(magnitudes(levels(some)), [[0, 0, 1e-3, 1]], rtol=1e-4)


def test_griffin_lim_finds_a_phase_and_more_work_finds_a_better_one() -> None:
    wanted = magnitude(tune(), LINEAR)
    found = [spectral_convergence(griffin_lim(wanted, LINEAR, n), wanted, LINEAR) for n in (1, 8, 32)]
    assert found[0] > found[1] > found[2] and found[2] < 0.12


def test_griffin_lim_is_repeatable_and_goes_step_by_step() -> None:
    wanted = magnitude(tune(1.0), LINEAR)
    whole = griffin_lim(wanted, LINEAR, 4, seed=3)
    np.testing.assert_array_equal(whole, griffin_lim(wanted, LINEAR, 4, seed=3))
    steps = list(nearing(wanted, beginning(wanted, 3), LINEAR, 4))
    assert len(steps) == 4 and len(whole) == 62 * 256
    np.testing.assert_array_equal(sound_of(steps[-1], LINEAR), whole)


def test_a_ring_has_no_joint() -> None:
    # a sine with a whole number of periods in the loop
    length = 40 * LINEAR.hop
    t = np.arange(length) / length
    loop = (0.5 * np.sin(2 * np.pi * 90 * t)).astype(np.float32)
    there = spectrum(loop, LINEAR, ring=True)
    assert there.shape == (LINEAR.bins, 40)
    np.testing.assert_allclose(np.abs(there).max(0), np.abs(there).max(), rtol=1e-3)
    np.testing.assert_allclose(sound_of(there, LINEAR, ring=True), loop, atol=2e-6)
    found = griffin_lim(np.abs(there), LINEAR, 32, ring=True)
    twice = np.concatenate([found, found])
    inside = np.abs(np.diff(twice)).max()
    assert abs(found[0] - found[-1]) <= inside
    joint = magnitude(twice, LINEAR)[:, 38:43]
    assert np.abs(joint - np.abs(there)[:, :1]).max() < 0.05


def test_the_right_phase_to_begin_with_is_kept() -> None:
    sound = tune()
    made = griffin_lim(magnitude(sound, LINEAR), LINEAR, 2, start=spectrum(sound, LINEAR), samples=len(sound))
    np.testing.assert_allclose(made, sound, atol=1e-3)


def test_a_picture_becomes_a_sound_with_that_picture() -> None:
    picture = picture_of(tune(), NOTES)
    back = picture_of(sound_of_picture(picture, NOTES), NOTES)
    loud = picture[:, : back.shape[1]] > -50
    assert np.abs(back - picture[:, : back.shape[1]])[loud].mean() < 1.5
    assert log_spectral_distance(tune(), tune(), NOTES) == 0


@pytest.mark.parametrize("how", [LINEAR, NOTES, MEL])
def test_an_edit_leaves_the_rest_of_the_recording_bit_for_bit(how: Spectrogram) -> None:
    sound = tune(3.0)
    before = picture_of(sound, how)
    after = before.copy()
    first, last = round(1.4 * how.frame_rate), round(1.7 * how.frame_rate)
    after[:, first:last] = FLOOR
    made = edited(sound, before, after, how, 16)
    assert len(made) == len(sound)
    away = round(1.4 * RATE) - how.window
    np.testing.assert_array_equal(made[:away], sound[:away])
    np.testing.assert_array_equal(
        made[round(1.7 * RATE) + how.window :], sound[round(1.7 * RATE) + how.window :]
    )
    middle = slice(round(1.5 * RATE), round(1.6 * RATE))
    assert np.abs(made[middle]).max() < 0.1 * np.abs(sound[middle]).max()
    np.testing.assert_array_equal(edited(sound, before, before, how), sound)


def test_an_edit_of_some_pitches_leaves_the_others() -> None:
    t = np.arange(2 * RATE) / RATE
    low, high = hz_of_note(48), hz_of_note(84)
    sound = (0.3 * np.sin(2 * np.pi * low * t) + 0.3 * np.sin(2 * np.pi * high * t)).astype(np.float32)
    before = picture_of(sound, NOTES)
    after = before.copy()
    after[84 - 33 - 6 : 84 - 33 + 7, 30:70] = FLOOR
    made = picture_of(edited(sound, before, after, NOTES), NOTES)
    assert made[84 - 33, 50] < before[84 - 33, 50] - 20
    assert made[48 - 33, 50] == pytest.approx(before[48 - 33, 50], abs=1)
