"""What a timeline looks and sounds like, with files that are plain colours and tones."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from studio.core import cutting
from studio.core.montage import RATE, fitted, frame_at, mix, sample_at
from studio.core.timeline import Item, Media, Timeline, Track

RED = Media("red", "video", 10.0, 25.0, 64, 48, True)
BLUE = Media("blue", "video", 10.0, 25.0, 64, 48, True)
WIDE = Media("wide", "video", 10.0, 25.0, 64, 16)
GLASS = Media("glass", "picture", width=64, height=48)
GONE = Media("gone", "video", 10.0, 25.0, 64, 48)
COLOURS = {"red": (200, 0, 0), "blue": (0, 0, 200), "wide": (0, 200, 0), "glass": (255, 255, 255, 128)}


class Plain:
    """Each file is one colour; its sound is its own time in seconds on the left, a constant on the right."""

    def __init__(self):
        self.asked = []

    def picture(self, media, seconds, width, height):
        self.asked.append((media.path, round(seconds, 4)))
        if media.path == "gone":
            return None
        pixels = np.empty((height, width, len(COLOURS[media.path])), np.uint8)
        pixels[:] = COLOURS[media.path]
        pixels.flags.writeable = False
        return pixels

    def sound(self, media, first, count, speed=1.0):
        at = (first + np.arange(count)) * speed / RATE
        inside = (at >= 0) & (at < media.seconds)
        return np.stack([at * 0.05 * inside, 0.25 * inside], 1).astype(np.float32)


@pytest.fixture
def files():
    return Plain()


def film(*tracks):
    return Timeline(25.0, 64, 48, tracks)


def seen(timeline, frame, files, size=None):
    return frame_at(timeline, frame, files, size)


def test_the_middle_of_a_frame_s_time_is_asked_for(files):
    timeline = film(Track("video", "", (Item(RED, 10, 50, begin=2.0, speed=2.0),)))
    pixels = seen(timeline, 12, files)
    assert pixels.shape == (48, 64, 3) and tuple(pixels[5, 5]) == (200, 0, 0)
    assert files.asked == [("red", 2.0 + 2.5 / 25 * 2)]


def test_nothing_is_black_and_a_missing_file_too(files):
    timeline = film(Track("video", "", (Item(GONE, 0, 10),)))
    assert not seen(timeline, 5, files).any() and not seen(timeline, 50, files).any()
    assert not seen(film(), 0, files).any()


def test_bars_where_the_shape_differs(files):
    pixels = seen(film(Track("video", "", (Item(WIDE, 0, 10),))), 0, files)
    assert not pixels[:16].any() and not pixels[32:].any() and tuple(pixels[20, 3]) == (0, 200, 0)


def test_a_pixel_of_rounding_leaves_no_bar():
    assert fitted(Media("x", "video", 1, 25, 1280, 720), 1000, 562) == (0, 0, 1000, 562)
    assert fitted(Media("x", "video", 1, 25, 64, 16), 64, 48) == (0, 16, 64, 16)
    assert fitted(Media("x", "video", 1, 25, 100, 200), 64, 48) == (20, 0, 24, 48)


def test_tracks_lie_over_each_other_and_can_be_off(files):
    below, above = Track("video", "", (Item(RED, 0, 10),)), Track("overlay", "", (Item(GLASS, 0, 10),))
    pixels = seen(film(below, above), 0, files)
    assert tuple(pixels[5, 5]) == (228, 128, 128)
    assert tuple(seen(film(below, replace(above, on=False)), 0, files)[5, 5]) == (200, 0, 0)
    faint = replace(above, items=(replace(above.items[0], opacity=0.5),))
    assert seen(film(below, faint), 0, files)[5, 5, 1] == pytest.approx(64, abs=2)
    assert seen(film(above), 0, files)[5, 5, 0] == 128, "over black"


def test_what_was_read_is_never_painted_on(files):
    """A reader keeps its pictures: they are read-only, and an overlay must not end up in them."""
    timeline = film(Track("video", "", (Item(RED, 0, 10),)), Track("overlay", "", (Item(GLASS, 0, 10),)))
    assert (seen(timeline, 0, files) == seen(timeline, 0, files)).all()


def test_a_crossfade_goes_from_what_would_have_come(files):
    first, second = Item(RED, 0, 25, begin=1.0), Item(BLUE, 25, 25, fade=4)
    timeline = film(Track("video", "", (first, second)))
    shares = [seen(timeline, 25 + k, files)[5, 5] for k in range(5)]
    reds, blues = [int(p[0]) for p in shares], [int(p[2]) for p in shares]
    assert reds == pytest.approx([160, 120, 80, 40, 0], abs=1)
    assert blues == pytest.approx([40, 80, 120, 160, 200], abs=1)
    assert ("red", round(1.0 + 25.5 / 25, 4)) in files.asked, "the first clip goes on beyond its end"


def test_without_a_clip_before_it_comes_out_of_black(files):
    timeline = film(Track("video", "", (Item(RED, 0, 25, fade=4),)))
    assert [int(seen(timeline, k, files)[5, 5, 0]) for k in range(5)] == pytest.approx(
        [40, 80, 120, 160, 200], abs=1
    )


def test_another_size(files):
    timeline = film(Track("video", "", (Item(RED, 0, 25),)))
    assert seen(timeline, 0, files, (32, 24)).shape == (24, 32, 3)
    assert seen(timeline, 0, files, (64, 64)).shape == (64, 64, 3)


# --- sound ------------------------------------------------------------------------------------------------------------


def test_samples_come_from_the_right_place(files):
    timeline = film(Track("video", "", (Item(RED, 25, 50, begin=3.0),)))
    heard = mix(timeline, 0, 4 * RATE, files)
    assert not heard[: RATE - 1].any() and not heard[3 * RATE :].any(), "silence around it"
    assert heard[RATE, 0] == pytest.approx(0.15, abs=1e-4) and heard[2 * RATE, 0] == pytest.approx(
        0.2, abs=1e-4
    )


def test_pieces_are_the_whole(files):
    timeline = film(
        Track("video", "", (Item(RED, 0, 30), Item(BLUE, 30, 30, fade=7, speed=1.5))),
        Track("sound", "", (Item(RED, 10, 30, volume=0.5),)),
    )
    whole = mix(timeline, 0, 3 * RATE, files)
    pieces = np.concatenate([mix(timeline, at, 997, files) for at in range(0, 3 * RATE, 997)])[: 3 * RATE]
    assert np.abs(whole - pieces).max() < 1e-5


def test_volume_mute_and_clipping(files):
    loud = Track("sound", "", (Item(RED, 0, 25, volume=2.0),))
    assert mix(film(loud), 100, 1, files)[0, 1] == pytest.approx(0.5)
    assert not mix(film(replace(loud, on=False)), 0, 100, files).any()
    assert mix(film(*[replace(loud, id=str(k)) for k in range(5)]), 100, 1, files)[0, 1] == 1.0


def test_a_crossfade_keeps_the_power(files):
    timeline = film(Track("video", "", (Item(RED, 0, 25), Item(BLUE, 25, 25, fade=10))))
    first, second = sample_at(timeline, 25), sample_at(timeline, 35)
    alone = mix(cutting.crossfade(timeline, timeline.tracks[0].items[1].id, 0), first, second - first, files)
    both = mix(timeline, first, second - first, files)
    middle = len(both) // 2
    assert both[middle, 1] == pytest.approx(2 * np.sqrt(0.5) * 0.25, abs=0.002)
    assert both[-1, 1] == pytest.approx(alone[-1, 1], abs=0.002) and both[0, 1] == pytest.approx(
        0.25, abs=0.01
    )


def test_another_speed_is_asked_of_the_reader(files):
    timeline = film(Track("video", "", (Item(RED, 0, 25, begin=2.0, speed=0.5),)))
    heard = mix(timeline, 0, RATE, files)
    assert heard[RATE // 2, 0] == pytest.approx((2.0 + 0.25) * 0.05, abs=1e-4)
