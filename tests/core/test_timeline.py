"""Timelines as data: where things are, what keyframes say, and JSON there and back."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.core.job import JobSpec, Text2Video
from studio.core.timeline import (
    NEVER,
    Item,
    Key,
    Marker,
    MaskKey,
    Media,
    Timeline,
    Track,
    alone,
    begun_with,
    from_data,
    rate_for,
    timecode,
    to_data,
    whole,
)

FILM = Media("a.mp4", "video", 10.0, 25.0, 640, 360, True, 5, "ab")
SOUND = Media("b.wav", "sound", 4.0, heard=True)
STILL = Media("c.png", "picture", width=100, height=50)


def timeline(**more):
    tracks = (
        Track("video", "Film", (Item(FILM, 0, 50, "one"), Item(STILL, 60, 30, "two", fade=4, opacity=0.5))),
        Track("sound", "Sound", (Item(SOUND, 10, 40, "three", begin=1.5, speed=2.0, volume=0.3),), on=False),
    )
    return Timeline(25.0, 640, 360, tracks, **more)


def test_frames_and_seconds_of_an_item():
    item = Item(FILM, 100, 50, begin=2.0, speed=2.0)
    assert item.end == 150
    assert item.seconds_at(100, 25) == 2.0 and item.seconds_at(125, 25) == 4.0
    before, after = item.room(25)
    assert (before, after) == (25, 50), "2 s before at double speed, 8 - 4 s after"
    assert Item(STILL, 0, 10).room(25) == (NEVER, NEVER)


@given(
    st.floats(0, 8), st.integers(1, 400), st.sampled_from([0.1, 0.5, 1.0, 2.0, 3.0]), st.sampled_from([8.0, 23.976, 25.0, 60.0])
)  # fmt: skip
def test_room_never_leaves_the_file(begin, length, speed, rate):
    item = Item(FILM, 1000, length, begin=begin, speed=speed)
    before, after = item.room(rate)
    assert before >= 0 and after >= 0
    assert item.seconds_at(1000 - before, rate) >= -1e-6
    if after:
        assert item.seconds_at(item.end + after, rate) <= FILM.seconds + 1e-5


def test_what_lies_where():
    made = timeline()
    film, sound = made.tracks
    assert film.at(0) is film.items[0] and film.at(49) is film.items[0] and film.at(50) is None
    assert film.before(film.items[1]) is None, "there is a gap between them"
    assert (made.length, made.seconds) == (90, 3.6)
    assert [item.name for _, item in made.items()] == ["one", "two", "three"]
    assert made.item(film.items[1].id)[1].name == "two"
    assert made.find("nothing") is None
    with pytest.raises(KeyError, match="no clip"):
        made.item("nothing")
    with pytest.raises(KeyError, match="no track"):
        made.track("nothing")
    assert set(made.medias()) == {"a.mp4", "b.wav", "c.png"}
    assert sound.takes(FILM) and sound.takes(SOUND) and not sound.takes(STILL)
    assert film.takes(STILL) and not film.takes(SOUND)


def test_the_range_that_is_played():
    assert timeline().range == (0, 90)
    assert timeline(span=(10, 20)).range == (10, 20)
    assert timeline(span=(10, 900)).range == (10, 90), "not beyond the end"
    assert timeline(span=(95, 99)).range == (0, 90), "a range behind the film is none"


def test_strength_goes_along_lines_and_is_level_outside():
    made = timeline(strengths=(Key(10, 0.2), Key(20, 0.8), Key(40, 0.4)))
    assert [made.strength(f) for f in (0, 10, 15, 20, 30, 99)] == pytest.approx(
        [0.2, 0.2, 0.5, 0.8, 0.6, 0.4]
    )
    assert timeline().strength(5) is None


def test_words_in_force():
    made = timeline(prompts=(Key(0, "a car"), Key(20, "a boat"), Key(40, "a plane")))
    assert made.words(0, 50) == ["a car", "a boat", "a plane"]
    assert made.words(25, 40) == ["a boat"], "what begins at the end is not in it"
    assert made.words(20, 41) == ["a boat", "a plane"]
    assert timeline(prompts=(Key(20, "later"),)).words(0, 10) == []


def test_time_codes():
    assert timecode(0, 25) == "00:00:00" and timecode(59, 24) == "00:02:11"
    assert timecode(90_000, 25) == "1:00:00:00" and timecode(30, 29.97) == "00:01:00"
    assert timecode(-3, 25) == "00:00:00"


def test_a_film_decides_rate_and_size_of_a_new_timeline():
    made = begun_with(FILM)
    assert (made.rate, made.width, made.height) == (25.0, 640, 360)
    assert [track.kind for track in made.tracks] == ["video", "sound"]
    assert rate_for(replace(FILM, rate=8.0)) == 24.0, "cuts need finer frames than a slow clip has"
    assert rate_for(replace(FILM, rate=29.97)) == 29.97
    kept = begun_with(STILL, made)
    assert kept.rate == 25.0 and kept.width == 100 and kept.tracks is made.tracks


def test_whole_files():
    assert whole(FILM, 25).length == 250 and whole(STILL, 24).length == 72
    assert whole(replace(FILM, seconds=0.001), 25).length == 1
    only = alone(SOUND)
    assert [track.kind for track in only.tracks] == ["sound"] and only.length == 96
    assert alone(FILM).rate == 25.0 and alone(FILM).length == 250


def test_json_there_and_back():
    spec = JobSpec(technique=Text2Video(prompt="a car"), model="tiny", seed=3)
    made = timeline(
        markers=(Marker(5, "here"),), prompts=(Key(0, "a"),), strengths=(Key(3, 0.5),), span=(2, 80)
    )
    masks = (MaskKey(0.4, "m.png", "0" * 64),)
    item = replace(made.tracks[0].items[0], media=replace(FILM, spec=spec), masks=masks)
    made = replace(
        made, tracks=(replace(made.tracks[0], items=(item, *made.tracks[0].items[1:])), made.tracks[1])
    )
    text = json.dumps(to_data(made))
    assert from_data(json.loads(text)) == made
    assert text.count('"a.mp4"') == 1, "a file is named once"


@pytest.mark.parametrize(
    "wrong",
    [
        {"rate": 0}, {"rate": "x"}, {"size": [0, 10]}, {"size": [10]}, {"tracks": 5}, {"span": ["a", 3]}, {"strengths": [{"frame": 0, "value": 2}]},
    ],
)  # fmt: skip
def test_json_that_makes_no_sense_is_refused(wrong):
    with pytest.raises(ValueError):
        from_data(to_data(timeline()) | wrong)


def test_json_with_clips_over_each_other_is_refused():
    data = to_data(timeline())
    data["tracks"][0]["items"][1]["start"] = 40
    with pytest.raises(ValueError, match="same place"):
        from_data(data)
    data = to_data(timeline())
    data["tracks"][0]["items"][1]["id"] = data["tracks"][0]["items"][0]["id"]
    with pytest.raises(ValueError):
        from_data(data)
    for bad in (None, [], {}, "text"):
        with pytest.raises(ValueError):
            from_data(bad)


def test_a_request_of_a_newer_studio_does_not_cost_the_clip():
    data = to_data(timeline())
    data["files"][0]["spec"] = {"technique": {"name": "from-the-future"}}
    assert from_data(data).length == 90
