"""Playing in time: stills, the clock, dropped pictures, sound in step, loops; with sinks that stand in for a device."""

from __future__ import annotations

import itertools
import time

import numpy as np
import pytest

from studio.core.montage import RATE
from studio.core.timeline import alone
from studio.media.device import Quiet
from studio.media.film import about
from studio.media.playback import Playback, Walk


class Ear(Quiet):
    """Takes as long as the sound lasts, and remembers it."""

    def __init__(self):
        super().__init__(RATE)
        self.heard = []

    def write(self, samples):
        self.heard.append(np.array(samples))
        super().write(samples)


@pytest.fixture
def play():
    made = Playback(audible=lambda: True)
    made.ears = []

    def opened(rate, channels, device):
        made.ears.append(Ear())
        return made.ears[-1], ""

    made._open = opened
    yield made
    made.close()


def still(play, seconds=10):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = play.poll()
        if found is not None and found.exact:
            return found
        time.sleep(0.002)
    raise AssertionError("no picture came")


def watched(play, seconds):
    """The frames that were shown until it ended, or for so long."""
    seen, end = [], time.monotonic() + seconds
    while play.playing and time.monotonic() < end:
        found = play.poll()
        if found is not None:
            seen.append((found.frame, found.pixels))
        time.sleep(0.004)
    return seen


def test_which_frame_at_which_tick():
    walk = Walk(5, 1, 0, 10, False)
    assert [walk.frame(k) for k in range(6)] == [5, 6, 7, 8, 9, None]
    assert [Walk(5, 1, 4, 7, True).frame(k) for k in range(5)] == [5, 6, 4, 5, 6]
    assert [Walk(5, -1, 4, 7, True).frame(k) for k in range(4)] == [5, 4, 6, 5]
    assert [Walk(0, 2, 0, 10, False).frame(k) for k in range(6)] == [0, 2, 4, 6, 8, None]


def test_a_still_is_the_frame_that_was_asked_for_last(play, known):
    play.load(alone(about(known.folder / "film.mp4")), (64, 48))
    for frame in (3, 40, 17):
        play.seek(frame)
    found = still(play)
    assert found.frame == 17 and known.number_of(found.pixels) == 17
    assert play.poll() is None and not play.waiting


def test_what_takes_long_is_preceded_by_what_is_near(play, known, tmp_path, monkeypatch):
    from studio.media import playback

    monkeypatch.setattr(playback, "PATIENCE", 0.0)
    slow = {"gop": 250, "options": {"x264-params": "keyint=250:scenecut=0"}}
    play.load(alone(about(known.write_film(tmp_path / "a.mp4", 100, **slow))), (64, 48))
    play.seek(0)
    still(play)
    play.seek(90)
    seen, end = [], time.monotonic() + 10
    while (not seen or not seen[-1].exact) and time.monotonic() < end:
        found = play.poll()
        if found is not None:
            seen.append(found)
    numbers = [known.number_of(found.pixels) for found in seen]
    assert numbers[-1] == 90 and len(numbers) > 1 and numbers == sorted(numbers), numbers
    assert [found.exact for found in seen] == [False] * (len(seen) - 1) + [True]
    assert not play.waiting


def test_a_hand_that_never_rests_sees_something(play, known):
    play.load(alone(about(known.folder / "film.mp4")), (64, 48))
    play.seek(0)
    still(play)
    seen, end = [], time.monotonic() + 1.0
    while time.monotonic() < end:
        play.seek((play._last_still + 17) % 50)
        found = play.poll()
        if found is not None:
            seen.append(found)
        time.sleep(0.001)
    assert len(seen) > 5
    play.seek(33)
    assert known.number_of(still(play).pixels) == 33


def test_where_it_rests_the_frames_beside_it_are_drawn(play, known, monkeypatch):
    from studio.media import playback

    asked, before = [], playback.frame_at
    monkeypatch.setattr(playback, "REST", 0.02)
    monkeypatch.setattr(
        playback,
        "frame_at",
        lambda timeline, frame, *rest: asked.append(frame) or before(timeline, frame, *rest),
    )
    play.load(alone(about(known.folder / "film.mp4")), (64, 48))
    play.seek(20)
    assert known.number_of(still(play).pixels) == 20
    end = time.monotonic() + 5
    while asked[-1] != 21 and time.monotonic() < end:
        time.sleep(0.01)
    assert asked[-4:] == [20, 19, 20, 21] and play.poll() is None, "nothing of it is shown"


def test_another_size_shows_the_same_frame_again(play, known):
    timeline = alone(about(known.folder / "film.mp4"))
    play.load(timeline, (64, 48))
    play.seek(9)
    still(play)
    play.load(timeline, (32, 24))
    found = still(play)
    assert found.frame == 9 and found.pixels.shape == (24, 32, 3)


def test_it_plays_to_the_end_in_its_time_with_its_sound(play, known):
    play.load(alone(about(known.folder / "film.mp4")), (64, 48))
    play.play(25)
    began = None
    seen = []
    end = time.monotonic() + 20
    while play.playing and time.monotonic() < end:
        found = play.poll()
        if found is not None:
            began = began or time.monotonic()
            seen.append(found.frame)
            assert known.number_of(found.pixels) == found.frame
        time.sleep(0.004)
    took = time.monotonic() - began
    assert seen == sorted(set(seen)) and 25 <= seen[0] < 28, seen
    assert len(seen) + play.dropped >= 24, "every frame was shown or counted"
    assert 0.85 < took < 1.6, "25 frames at 25 a second"
    sound = np.concatenate(play.ears[-1].heard)
    assert known.onset(sound) == pytest.approx(5 / 25, abs=0.005), (
        "the beep is at frame 30, five after the first"
    )


@pytest.mark.parametrize("speed", [2.0, 4.0])
def test_quicker_it_is_heard_too(play, known, speed):
    play.load(alone(about(known.folder / "film.mp4")), (64, 48))
    play.play(0, speed)
    watched(play, 10)
    assert not play.playing and play.why == ""
    sound = np.concatenate(play.ears[-1].heard)
    assert len(sound) == pytest.approx(2 * RATE / speed, abs=2)
    assert known.onset(sound) == pytest.approx(30 / 25 / speed, abs=1 / 25)


def test_a_loop_goes_round_at_another_speed(play, known):
    from dataclasses import replace

    play.load(replace(alone(about(known.folder / "film.mp4")), span=(25, 35)), (64, 48))
    play.play(25, 2.0, loop=True)
    watched(play, 1.0)
    play.stop()
    play.close()
    loud = np.abs(np.concatenate(play.ears[-1].heard)).max(1) > 0.3
    starts = [at for at in np.flatnonzero(loud) if not loud[max(0, at - RATE // 20) : at].any()]
    assert len(starts) >= 3, "the beep comes again and again"
    assert np.diff(starts) / RATE == pytest.approx(0.2, abs=0.04)


def test_what_is_late_is_dropped_and_counted(play, known, monkeypatch):
    from studio.media import playback

    slow = playback.frame_at

    def late(*args):
        time.sleep(0.13)
        return slow(*args)

    monkeypatch.setattr(playback, "frame_at", late)
    play.load(alone(about(known.folder / "film.mp4")), (64, 48))
    play.play(0)
    seen = watched(play, 1.2)
    frame = play.stop()
    assert play.dropped > 3 and len(seen) < 15
    assert len(seen) + play.dropped == pytest.approx(frame + 1, abs=1)


def test_it_loops_and_stops_where_it_is(play, known):
    from dataclasses import replace

    timeline = replace(alone(about(known.folder / "film.mp4")), span=(10, 16))
    play.load(timeline, (64, 48))
    play.play(0, loop=True)
    seen = [frame for frame, _ in watched(play, 1.0)]
    assert (
        play.playing and set(seen) <= set(range(10, 16)) and any(b < a for a, b in itertools.pairwise(seen))
    )
    assert play.stop() == seen[-1] and not play.playing


def test_a_look_at_a_place_is_heard_for_a_moment(play, known):
    play.load(alone(about(known.folder / "film.mp4")), (64, 48))
    play.seek(30, heard=True)
    still(play)
    end = time.monotonic() + 5
    while not (play.ears and play.ears[0].heard) and time.monotonic() < end:
        time.sleep(0.005)
    piece = np.concatenate(play.ears[0].heard)
    assert len(piece) == round(0.08 * RATE) and np.abs(piece).max() > 0.1
    assert abs(piece[0]).max() < 0.01, "it fades in, so that nothing clicks"


def test_a_device_that_breaks_does_not_stop_the_pictures(play, known):
    class Broken(Ear):
        def write(self, samples):
            raise OSError("unplugged")

    play._open = lambda *_: (Broken(), "")
    play.load(alone(about(known.folder / "film.mp4")), (64, 48))
    play.play(40)
    seen = watched(play, 10)
    assert seen and seen[-1][0] == 49 and "unplugged" in play.why
