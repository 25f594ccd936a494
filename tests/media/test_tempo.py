"""Sound at another tempo: where it belongs, at its pitch, the same in whatever pieces it is read."""

from __future__ import annotations

import numpy as np
import pytest

from studio.core.montage import RATE
from studio.media.tempo import Stretched

BEEPS = (0.5, 1.7, 3.3, 4.6)
"""Seconds."""


@pytest.fixture(scope="module")
def sound():
    out = np.zeros((6 * RATE, 2), np.float32)
    for start in BEEPS:
        first = round(start * RATE)
        out[first : first + RATE // 50] = (0.8 * np.sin(2 * np.pi * 1000 * np.arange(RATE // 50) / RATE))[
            :, None
        ]
    return out


def reader(sound):
    def read(first, count):
        out = np.zeros((count, 2), np.float32)
        a, b = max(first, 0), min(first + count, len(sound))
        if a < b:
            out[a - first : b - first] = sound[a:b]
        return out

    return read


def onsets(sound, gap):
    """Seconds at which it becomes loud after having been quiet for `gap` seconds."""
    loud = np.flatnonzero(np.abs(sound).max(1) > 0.2)
    return [at / RATE for at, before in zip(loud, [-RATE * 10, *loud]) if at - before > gap * RATE]


@pytest.mark.parametrize("speed", [0.2, 0.5, 0.8, 1.25, 2.0, 5.0])
def test_nothing_is_heard_at_another_place(sound, speed):
    made = Stretched(reader(sound), speed).at(0, round(6 * RATE / speed))
    places = np.array(BEEPS) / speed
    assert onsets(made, 0.1 / speed) == pytest.approx(places, abs=0.03 if speed >= 0.5 else 0.1)


def test_the_pitch_is_kept():
    tone = (
        (0.5 * np.sin(2 * np.pi * 440 * np.arange(4 * RATE) / RATE)).astype(np.float32)[:, None].repeat(2, 1)
    )
    for speed in (0.3, 0.75, 1.5, 3.0):
        made = Stretched(reader(tone), speed).at(round(RATE / speed), RATE)[:, 0]
        tops = np.abs(np.fft.rfft(made * np.hanning(RATE)))
        assert np.argmax(tops) == pytest.approx(440, abs=1)
        assert np.sqrt(np.mean(made**2)) == pytest.approx(0.5 / np.sqrt(2), rel=0.05), "nor is it fainter"


def test_in_pieces_it_is_the_same_and_a_step_back_costs_nothing(sound):
    whole = Stretched(reader(sound), 1.5).at(0, 2 * RATE)
    asked = []
    read = reader(sound)
    made = Stretched(lambda first, count: (asked.append(first), read(first, count))[1], 1.5)
    pieces = [made.at(at, 960) for at in range(0, 2 * RATE, 960)]
    assert np.array_equal(np.concatenate(pieces), whole)
    before = len(asked)
    assert np.array_equal(made.at(RATE, 960), whole[RATE : RATE + 960]) and len(asked) == before
    assert made.near(RATE) and not made.near(20 * RATE)


def test_closing_it_closes_what_it_reads(sound):
    closed = []
    made = Stretched(reader(sound), 2.0, lambda: closed.append(True))
    made.at(0, 100)
    made.close()
    assert closed == [True]
