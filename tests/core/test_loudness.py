"""Loudness, true peak, the limiter, sample rates and silence."""

import math

import numpy as np
import pytest

from studio.core.clip import Clip
from studio.core.loudness import Measuring, limited, limiting, loudness, normalised, true_peak
from studio.core.sound import at_rate, heard_parts, mono, resampled

RATE = 44100


def sine(hertz: float, seconds: float = 2.0, size: float = 0.5, rate: float = RATE, phase: float = 0.0):
    t = np.arange(round(seconds * rate)) / rate
    return (size * np.sin(2 * np.pi * hertz * t + phase)).astype(np.float32)


def test_a_full_sine_of_1_khz_has_the_loudness_of_the_standard() -> None:
    # BS.1770: a 0 dB sine at 997 Hz in one channel reads -3.01 LUFS
    assert loudness(sine(997, 5, 1.0, 48000), 48000) == pytest.approx(-3.01, abs=0.1)


def test_silence_and_very_short_sounds() -> None:
    assert loudness(np.zeros(RATE, np.float32), RATE) == -math.inf
    assert math.isfinite(loudness(sine(500, 0.2), RATE))
    silent = np.zeros((RATE, 2), np.float32)
    assert normalised(silent, RATE) is silent


def test_a_peak_between_the_samples_is_found() -> None:
    # at a quarter of the rate and 45 degrees every sample is 0.707 of the peak
    between = sine(RATE / 4, 1, 1.0, phase=math.pi / 4)
    assert float(np.abs(between).max()) == pytest.approx(0.7071, abs=1e-3)
    assert true_peak(between, RATE) == pytest.approx(0.0, abs=0.1)


def test_normalising_reaches_the_target() -> None:
    quiet = np.stack([sine(440, 3, 0.01), sine(660, 3, 0.01)], 1)
    assert loudness(normalised(quiet, RATE, -23), RATE) == pytest.approx(-23, abs=0.1)


@pytest.mark.parametrize("ceiling", [-1.0, -3.0])
def test_the_limiter_holds_its_ceiling_and_spares_the_rest(ceiling: float) -> None:
    sound = sine(300, 2, 0.3)
    sound[40000:40100] *= 6
    held = limited(sound, RATE, ceiling)
    assert true_peak(held, RATE) <= ceiling + 0.02
    np.testing.assert_allclose(held[:30000], sound[:30000], rtol=2e-2)
    # the gain bends, it does not jump
    heard = np.abs(sound) > 0.05
    gain = np.interp(np.arange(len(sound)), np.flatnonzero(heard), (held / np.where(heard, sound, 1))[heard])
    assert gain.min() < 0.8 and np.abs(np.diff(gain)).max() < 0.02


def test_what_is_below_the_ceiling_is_not_touched() -> None:
    sound = sine(300, 1, 0.3)
    assert limited(sound, RATE) is sound


def test_resampling_keeps_the_tone() -> None:
    sound = resampled(sine(1000, 1), RATE, 22050)
    assert abs(len(sound) - 22050) <= 1
    assert int(np.abs(np.fft.rfft(sound[:22050])).argmax()) == pytest.approx(1000, abs=1)
    clip = Clip.sound(np.stack([sine(1000, 0.1)] * 2, 1), RATE)
    assert at_rate(clip, RATE) is clip and at_rate(clip, 22050).rate == 22050
    assert mono(clip).shape == (4410,)


def test_silence_parts_a_recording() -> None:
    quiet = np.zeros(RATE, np.float32)
    sound = np.concatenate(
        [quiet, sine(300, 2), quiet[: RATE // 4], sine(300, 1), quiet, sine(200, 0.3), quiet]
    )
    parts = heard_parts(sound, RATE)
    assert len(parts) == 1  # the short pause does not part, the short tone is left out
    first, end = parts[0]
    assert first / RATE == pytest.approx(1.0, abs=0.06) and end / RATE == pytest.approx(4.25, abs=0.06)
    assert heard_parts(quiet, RATE) == [] and heard_parts(quiet[:10], RATE) == []


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("rate", [22050, 44100, 48000])
@pytest.mark.parametrize("seconds", [0.2, 7.3])
def test_pieces_measure_as_the_whole(rate, channels, seconds):
    rng = np.random.default_rng(2)
    t = np.arange(round(seconds * rate)) / rate
    sound = (0.3 * np.sin(2 * np.pi * 997 * t) * (1 + (t > 3)))[:, None] + rng.normal(
        0, 0.02, (len(t), channels)
    )
    sound = sound.astype(np.float32)
    measuring = Measuring(rate, channels)
    for at in range(0, len(sound), 3001):
        measuring.add(sound[at : at + 3001])
    assert measuring.lufs == pytest.approx(loudness(sound, rate), abs=0.05)
    assert measuring.peak == pytest.approx(true_peak(sound, rate), abs=0.05)


def test_nothing_has_no_loudness_in_pieces_either():
    measuring = Measuring(44100, 2)
    assert measuring.lufs == -math.inf == measuring.peak
    measuring.add(np.zeros((44100, 2), np.float32))
    assert measuring.lufs == -math.inf


def test_limiting_in_pieces_is_limiting():
    rng = np.random.default_rng(4)
    sound = (0.2 * rng.standard_normal((66150, 2))).astype(np.float32)
    sound[::9000] *= 4
    out = np.concatenate(
        list(limiting((sound[at : at + 7000] for at in range(0, len(sound), 7000)), 22050, -6.0))
    )
    assert out.shape == sound.shape and true_peak(out, 22050) <= -5.9 < true_peak(sound, 22050)
    whole = limited(sound, 22050, -6.0)
    assert np.abs(out - whole).max() < 0.01
    quiet = (0.01 * rng.standard_normal((30000, 1))).astype(np.float32)
    assert np.array_equal(np.concatenate(list(limiting([quiet], 22050, -6.0))), quiet)
