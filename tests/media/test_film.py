"""The reader of films: exactly the frame of a time, forward, backward and anywhere; sound from the right sample on."""

from __future__ import annotations

import itertools
import random
from fractions import Fraction

import av
import numpy as np
import pytest

from studio.core.clip import Clip
from studio.core.job import BadRequest, JobSpec, Text2Video
from studio.core.montage import RATE
from studio.core.timeline import whole
from studio.media.film import Films, about, cut_out
from studio.media.image import save_picture
from studio.media.video import read_video, save_video


@pytest.fixture
def films():
    made = Films()
    yield made
    made.close()


def at(films, media, frame, known, rate=25.0):
    return known.number_of(films.picture(media, (frame + 0.5) / rate, 64, 48))


def test_what_a_file_is(known, tmp_path):
    film = about(known.folder / "film.mp4")
    assert (film.kind, film.rate, film.width, film.height, film.heard) == ("video", 25.0, 64, 48, True)
    assert film.seconds == pytest.approx(2.0) and film.bytes > 0 and len(film.sha256) == 64
    sound = about(known.folder / "beep.wav")
    assert (sound.kind, sound.rate, sound.heard) == ("sound", 0, True) and sound.seconds == pytest.approx(2.0)
    save_picture(Clip.picture(known.picture(3)), tmp_path / "a.png")
    still = about(tmp_path / "a.png")
    assert (still.kind, still.seconds, still.width) == ("picture", 0, 64)


def test_what_made_it_is_found_in_it(known, tmp_path):
    spec = JobSpec(technique=Text2Video(prompt="a fox"), model="tiny", seed=5)
    clip = Clip.video(np.stack([known.picture(n) for n in range(4)]), 8.0)
    save_video(clip, tmp_path / "a.mkv", spec)
    made = about(tmp_path / "a.mkv").spec
    assert made is not None and made.technique.prompt == "a fox" and made.seed == 5


def test_every_frame_forward_and_backward(known, films):
    media = about(known.folder / "film.mp4")
    assert [at(films, media, n, known) for n in range(50)] == list(range(50))
    assert [at(films, media, n, known) for n in reversed(range(50))] == list(reversed(range(50)))


def test_any_frame_in_any_order(known, films):
    media = about(known.folder / "film.mp4")
    order = random.Random(1).choices(range(50), k=60)
    assert [at(films, media, n, known) for n in order] == order


def test_before_the_first_and_after_the_last(known, films):
    media = about(known.folder / "film.mp4")
    assert known.number_of(films.picture(media, -1.0, 64, 48)) == 0
    assert known.number_of(films.picture(media, 99.0, 64, 48)) == 49


@pytest.mark.parametrize(
    ("name", "codec", "rate"),
    [
        ("a.mkv", "libx264", Fraction(30000, 1001)),
        ("a.webm", "libvpx-vp9", Fraction(24)),
        ("a.mov", "libx264", Fraction(10)),
    ],
)
def test_other_containers_and_rates(known, films, tmp_path, name, codec, rate):
    path = known.write_film(tmp_path / name, 24, rate, codec=codec)
    media = about(path)
    assert media.rate == pytest.approx(float(rate), rel=1e-3)
    for n in (0, 7, 23, 12, 11, 1):
        assert at(films, media, n, known, float(rate)) == n


def uneven(count):
    """Times in ms: frames that are seen for 7 ms to half a second."""
    steps = random.Random(4).choices([7, 10, 20, 40, 41, 500], k=count)
    return [sum(steps[:k]) for k in range(count)]


X264 = "bframes=3:b-adapt=0:b-pyramid=normal:keyint=20:min-keyint=20"
OPEN = {"x264-params": f"{X264}:open-gop=1"}
VP9 = {"crf": "20", "b": "0", "cpu-used": "8", "auto-alt-ref": "1", "lag-in-frames": "16", "g": "30"}
STREAMS = {
    "pyramid.mp4": {"options": {"x264-params": X264}},
    "open.mp4": {"options": OPEN},
    "no-index.mpg": {"options": OPEN, "format": "mpegts"},
    "no-index.mkv": {"options": {"x264-params": X264}, "container": {"live": "1"}},
    "fragments.mp4": {"container": {"movflags": "frag_keyframe+empty_moov"}},
    "one-key.mkv": {"gop": 250},
    "refreshed.mkv": {"options": {"x264-params": "intra-refresh=1:keyint=20:bframes=0"}},
    "uneven.mkv": {"options": {"x264-params": X264}, "times": uneven(60)},
    "uneven.mp4": {"options": OPEN, "times": uneven(60)},
    "uneven.webm": {"codec": "libvpx-vp9", "options": VP9, "times": uneven(60)},
    "mpeg4.avi": {"codec": "mpeg4", "options": {"bf": "2", "g": "20", "q": "2"}},
}


@pytest.mark.parametrize("name", STREAMS)
def test_exactly_the_frame_whatever_the_stream(known, films, tmp_path, name):
    """One by one from anywhere, along, back, and by somebody who is in a hurry and asks again until it is there."""
    path = known.write_film(tmp_path / name, 60, **STREAMS[name])
    with av.open(str(path)) as film:
        stream = film.streams.video[0]
        origin, base = stream.start_time or 0, stream.time_base
        decoded = [(f.pts, f.to_ndarray(format="rgb24")) for f in film.decode(stream)]
    truth = [(float((pts - origin) * base), known.number_of(pixels)) for pts, pixels in decoded]
    assert [number for _, number in truth] == list(range(60)), "what is tested against is right"
    ends = [begin for begin, _ in truth[1:]] + [truth[-1][0] + 0.04]
    media, rng = about(path), random.Random(name)
    anywhere = rng.choices(range(60), k=40)
    for alone, steps, order in (
        (True, 99, anywhere),
        (False, 99, anywhere),
        (True, 3, anywhere),
        (False, 4, [*range(0, 60, 7), *range(59, 0, -5)]),
        (True, 99, [30, *range(29, 20, -1), *range(20, 45)]),
    ):
        films.alone = alone
        for number in order:
            (begin, wanted), end = truth[number], ends[number]
            moment = rng.uniform(begin + 0.0005, max(end - 0.0005, begin + 0.0006))
            for _ in range(80):
                asked = itertools.count()
                films.hurry, films.exact = (lambda asked=asked, steps=steps: next(asked) >= steps), True
                found = known.number_of(films.picture(media, moment, 64, 48))
                if films.exact:
                    break
            assert films.exact and found == wanted, (alone, steps, number, found)
    assert not films.broken


def test_what_is_given_in_a_hurry_is_on_the_way(known, films, tmp_path):
    media = about(
        known.write_film(tmp_path / "a.mp4", 60, gop=250, options={"x264-params": "keyint=250:scenecut=0"})
    )
    films.alone, films.hurry = True, lambda: True
    assert at(films, media, 50, known) == 0 and not films.exact, "the key frame, which is there first"
    seen = []
    for _ in range(80):
        asked = itertools.count()
        films.hurry, films.exact = (lambda asked=asked: next(asked) >= 6), True
        seen.append(at(films, media, 50, known))
        if films.exact:
            break
    assert seen[-1] == 50 and seen == sorted(seen) and len(set(seen)) > 3, seen


def test_sound_from_the_right_sample_on(known, films):
    media = about(known.folder / "film.mp4")
    sound = films.sound(media, 0, 2 * RATE)
    assert sound.shape == (2 * RATE, 2)
    assert known.onset(sound) == pytest.approx(30 / 25, abs=0.003)
    later = films.sound(media, RATE, RATE)
    assert np.abs(later - sound[RATE:]).max() < 0.02, "a jump gives the same samples"
    assert not films.sound(media, 5 * RATE, 100).any() and not films.sound(media, -200, 100).any()


@pytest.mark.parametrize("speed", [0.5, 0.8, 2.0])
def test_sound_at_another_speed_is_where_it_belongs(known, films, speed):
    media = about(known.folder / "film.mp4")
    count = round(2 * RATE / speed)
    sound = films.sound(media, 0, count, speed)
    assert sound.shape == (count, 2)
    assert known.onset(sound) == pytest.approx(30 / 25 / speed, abs=1 / 25)
    assert not films.sound(media, count + RATE // 5, 1000, speed).any(), "nothing after its end"
    later = films.sound(media, round(1.0 * RATE / speed), count, speed)
    assert known.onset(later) == pytest.approx(5 / 25 / speed, abs=1 / 25), "nor is it elsewhere after a jump"


def test_two_places_of_one_file_are_heard_at_once(known, films):
    media = about(known.folder / "film.mp4")
    whole = films.sound(media, 0, RATE, 2.0)
    ahead = films.sound(media, 3 * RATE, 480, 2.0)
    apart = [films.sound(media, at, 480, 2.0) for at in range(0, RATE, 480)]
    for at in range(0, RATE, 480):
        films.sound(media, 3 * RATE + at, 480, 2.0)
    assert np.array_equal(np.concatenate(apart), whole) and not ahead.any()
    assert len(films._tempos) == 2


def test_a_broken_file_is_one_sentence(films, tmp_path):
    path = tmp_path / "bad.mp4"
    path.write_bytes(b"nothing of a film" * 100)
    with pytest.raises(BadRequest, match=r"bad\.mp4"):
        about(path)
    from studio.core.timeline import Media

    assert films.picture(Media(str(path), "video", 1, 25, 64, 48), 0, 64, 48) is None
    assert "bad.mp4" in films.broken[str(path)]


def test_the_part_that_an_item_shows_for_a_model(known, tmp_path):
    from dataclasses import replace

    media = about(known.folder / "film.mp4")
    item = replace(whole(media, 25), begin=10 / 25, length=8)
    source = cut_out(item, 25, tmp_path)
    clip = read_video(source.path)
    assert [known.number_of(frame) for frame in clip.array] == list(range(10, 18))
    assert source.sha256 == clip.digest()
    assert cut_out(item, 25, tmp_path) == source, "not cut twice"
    assert cut_out(whole(media, 25), 25, tmp_path).path == media.path, "all of it is the file itself"
