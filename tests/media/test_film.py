"""The reader of films: exactly the frame of a time, forward, backward and anywhere; sound from the right sample on."""

from __future__ import annotations

import random
from fractions import Fraction

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
