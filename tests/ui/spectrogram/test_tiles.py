"""Tiles: a tone lies in its row and at its level on every axis, close and far; what is out of sight is not computed."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from studio.core.clip import Clip
from studio.media.tape import Tape
from studio.ui.spectrogram import colours, tiles
from studio.ui.spectrogram.sight import Axis, Sight
from studio.ui.spectrogram.tiles import COLUMNS, ROWS, Look, Tiles, columns, pooled

from .conftest import tone

RATE = 22050


def decibels(tile):
    return colours.QUIETEST + colours.STEP * tile.astype(float)


@pytest.mark.parametrize("scale", ["note", "mel", "linear"])
@pytest.mark.parametrize("ms", [23.0, 93.0, 372.0])
@pytest.mark.parametrize("rows", [512, 1024])
def test_a_tone_is_in_its_row_at_its_level(scale, ms, rows):
    axis = Axis(scale, 0.0 if scale == "linear" else 27.5, 11025.0)
    tape = Tape("x", Clip.sound(tone(2000, 3.0)[:, None], RATE))
    look = Look(axis, ms)
    tile = columns(tape, look, 4, 8, look.window(RATE) / 2, rows)
    assert tile.shape == (rows, 8) and tile.dtype == np.uint8
    loudest = decibels(tile[:, 3]).argmax()
    share = 1 - (loudest + 0.5) / rows
    width = max(1 / rows, axis.share(2000 + 1000 / ms) - axis.share(2000))
    assert abs(share - axis.share(2000)) <= 1.5 * width
    assert decibels(tile[:, 3]).max() == pytest.approx(20 * np.log10(0.5), abs=2.6), (
        "a Hann window loses at most 1.4 dB"
    )


def test_silence_is_the_first_level():
    tape = Tape("x", Clip.sound(np.zeros((RATE, 1), np.float32), RATE))
    assert not columns(tape, Look(), 0, 4, 2000, 512).any()


def test_pooling_keeps_what_is_short():
    tile = np.zeros((4, 8), np.uint8)
    tile[1, 3] = 200
    half = pooled(tile)
    assert half.shape == (4, 4) and half[1, 1] == 150 and half.sum() == 150
    assert pooled(np.full((4, 7), 9, np.uint8)).shape == (4, 4)


@pytest.fixture
def long(qapp):
    """Two minutes whose pitch rises by an octave a half minute."""
    t = np.arange(120 * RATE) / RATE
    phase = 2 * np.pi * np.cumsum(220 * 2 ** (t / 30)) / RATE
    made = Tiles(
        Tape("x", Clip.sound((0.5 * np.sin(phase)).astype(np.float32)[:, None], RATE)),
        Look(Axis("note", 27.5, 11025.0)),
    )
    assert made.wait()
    yield made
    made.stop()


def sight(seconds, start, end, **more):
    return Sight(start, (end - start) / 1000, 0, 1, 1000, 500, seconds, Axis("note", 27.5, 11025.0), **more)


@pytest.mark.parametrize("around", [120.0, 30.0, 1.0, 0.1])
def test_every_closeness_shows_the_same_sound(long, around):
    t = 60.0
    start = min(max(t - around / 2, 0), 120 - around)
    seen = sight(120.0, start, start + around)
    list(long.drawings(seen))
    assert long.wait()
    level = long.at(seen, t)
    share = 1 - (level.argmax() + 0.5) / len(level)
    assert seen.axis.hz(share) == pytest.approx(880, rel=0.03)
    assert level.max() == pytest.approx(-6, abs=3.0)
    places = [place for place, _, _ in long.drawings(seen)]
    assert min(place.left() for place in places) <= 0.5 and max(place.right() for place in places) >= 999.5


def test_the_coarse_is_there_until_the_fine_is(long):
    seen = sight(120.0, 60.0, 60.5)
    first = list(long.drawings(seen))
    assert first, "something is drawn at once"
    wide = max(part.width() for _, _, part in first)
    assert wide < COLUMNS / 2, "a part of a coarser tile"
    assert long.wait()
    assert max(part.width() for _, _, part in long.drawings(seen)) > wide


def test_what_the_eye_has_left_is_not_computed(long, monkeypatch):
    gate, computed, real = threading.Event(), [], tiles.columns

    def slow(tape, look, first, count, hop, rows):
        gate.wait(10)
        computed.append(first * hop / tape.rate)
        return real(tape, look, first, count, hop, rows)

    monkeypatch.setattr(tiles, "columns", slow)
    for start in (10.0, 11.0, 12.0, 13.0):
        list(long.drawings(sight(120.0, start, start + 1.0)))
    list(long.drawings(sight(120.0, 90.0, 90.3)))
    gate.set()
    assert long.wait()
    left = [t for t in computed if t < 80]
    assert len(left) <= 2, "only what two threads had begun already"
    assert [t for t in computed if t > 80]


def test_memory_is_bounded(long, monkeypatch):
    monkeypatch.setattr(tiles, "BUDGET", 6 * ROWS * COLUMNS)
    for start in range(0, 100, 5):
        list(long.drawings(sight(120.0, start, start + 0.4)))
        assert long.wait()
    assert sum(tile.nbytes for tile in long._fine.values()) <= 6 * ROWS * COLUMNS
    assert len(long._pictures) <= tiles.PICTURES


def test_other_colours_need_no_other_tiles(long):
    kept = dict(long._kept)
    long.colour(colours.table("grey", -80, 0))
    list(long.drawings(sight(120.0, 0, 120)))
    assert all(long._kept[key] is tile for key, tile in kept.items())
