"""Sounds whose truth is known, as files."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile

RATE = 22050


def tone(hz, seconds, rate=RATE, amplitude=0.5):
    """[n] float32: a sine."""
    return (amplitude * np.sin(2 * np.pi * hz * np.arange(round(seconds * rate)) / rate)).astype(np.float32)


@pytest.fixture
def sound(tmp_path):
    """Makes a wav file: of sines by default of 440 Hz for a second and 880 Hz for the next."""

    def make(name="two.wav", samples=None, rate=RATE, subtype="PCM_16"):
        path = tmp_path / name
        if samples is None:
            samples = np.concatenate([tone(440, 1.0), tone(880, 1.0)])
        soundfile.write(str(path), samples, rate, subtype)
        return path

    return make
