"""What an edit leaves alone."""

from __future__ import annotations

import numpy as np

from studio.core.clip import Clip
from studio.engine.keep import finished, kept, scaled


def test_what_looks_the_same_is_the_sources_own_pixel() -> None:
    source = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    before = np.full_like(source, 100)
    edited = before.copy()
    edited[20:40, 20:40] = 200
    made = kept(source, before, edited)
    assert np.array_equal(made[:10], source[:10])
    assert np.array_equal(made[28:32, 28:32], edited[28:32, 28:32])
    whole = finished(Clip.picture(source), Clip.picture(before), Clip.picture(edited), paste=False)
    assert np.array_equal(whole.array, edited)


def test_scaled_shows_the_whole_picture() -> None:
    halves = np.zeros((20, 40, 3), np.uint8)
    halves[:, 20:] = 200
    small = scaled(Clip.picture(halves), 20, 10).array
    assert small.shape == (10, 20, 3)
    assert small[:, :8].max() <= 5 and small[:, 12:].min() >= 195
