"""What a person does with the film, without a window: where things land, what is chosen, takes and requests."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from studio.core.clip import Clip
from studio.core.job import Extend, JobSpec, Result, Source, Text2Video
from studio.core.timeline import Media
from studio.session import Job, Session

FILM = Media("a.mp4", "video", 2.0, 25.0, 64, 48, True)
SOUND = Media("b.wav", "sound", 4.0, heard=True)
STILL = Media("c.png", "picture", width=64, height=48)


@pytest.fixture
def session(tmp_path):
    made = Session(tmp_path, SimpleNamespace(), {})
    made.heard = []
    made.said.connect(lambda notice: made.heard.append(notice.text))
    yield made
    made.close()


@pytest.fixture
def film(session):
    return session.film


def names(film):
    return {
        track.name: [(item.name, item.start, item.end) for item in track.items]
        for track in film.timeline.tracks
    }


def test_files_land_on_tracks_that_take_them(film, session):
    assert film.add(FILM) and film.add(SOUND) and film.add(STILL, "title")
    assert names(film) == {"Film": [("a", 0, 50), ("title", 50, 125)], "Sound": [("b", 0, 100)]}
    assert film.chosen[1].name == "title" and session.history.done == 3
    film.choose(film.timeline.tracks[0].items[0].id)
    film.add(FILM, "b")
    assert names(film)["Film"] == [("a", 0, 50), ("b", 50, 100), ("title", 100, 175)], "after the chosen one"
    film.add(FILM, "c", frame=300)
    assert names(film)["Film"][-1] == ("c", 300, 350)


def test_a_track_is_made_where_none_takes_a_file(film):
    film.add(FILM)
    track = film.timeline.tracks[1]
    from studio.core import cutting

    film.do("x", cutting.remove_track, track.id)
    film.add(SOUND)
    assert names(film)["Sound"] == [("b", 0, 100)]


def test_what_is_impossible_is_a_sentence_and_no_step(film, session):
    film.split()
    assert session.heard == ["Put the playhead inside a clip to split it there."]
    film.add(STILL)
    from studio.core import cutting

    assert not film.do("Speed", cutting.change_speed, film.chosen_id, 2.0)
    assert "picture" in session.heard[-1] and session.history.done == 1
    film.delete()
    film.delete()
    film.nudge(5)
    film.slip(5)
    film.crossfade()
    assert session.history.done == 2, "nothing is chosen any more"


def test_the_clip_under_the_playhead(film):
    film.add(FILM)
    film.add(SOUND)
    film.choose("")
    film.go(10)
    assert film.under_playhead()[1].name == "a", "what is seen comes first"
    film.go(80)
    assert film.under_playhead()[1].name == "b"
    film.choose(film.timeline.tracks[1].items[0].id)
    film.go(10)
    assert film.under_playhead()[1].name == "b", "the chosen one comes before"
    film.go(500)
    assert film.under_playhead() is None


def test_choosing_the_next_goes_through_all_tracks(film):
    film.add(FILM)
    film.add(FILM, "z")
    film.add(SOUND)
    film.choose("")
    film.go(0)
    seen = []
    for _ in range(4):
        film.choose_next(1)
        seen.append(film.chosen[1].name)
    assert seen == ["a", "b", "z", "z"] and film.playhead == 50
    film.choose_next(-1)
    assert film.chosen[1].name == "b" and film.playhead == 0


def test_range_marker_and_keys_at_the_playhead(film, session):
    film.add(FILM)
    film.go(10)
    film.set_range(True)
    film.go(30)
    film.set_range(False)
    assert film.timeline.span == (10, 30)
    film.go(40)
    film.set_range(True)
    assert film.timeline.span == (40, 50), "an end before the beginning goes"
    film.no_range()
    film.toggle_marker()
    assert [one.frame for one in film.timeline.markers] == [40]
    film.next_cut(-1)
    assert film.playhead == 0
    film.next_cut(1)
    film.toggle_marker()
    assert not film.timeline.markers and film.playhead == 40
    film.set_key("strengths")
    assert film.timeline.strength(0) == 0.6
    film.set_key("strengths")
    assert film.timeline.strength(0) is None
    session.set_prompt("a car")
    film.set_key("prompts")
    assert film.timeline.words(0, 50) == ["a car"]


def test_a_clip_that_leaves_is_no_longer_chosen(film, session):
    told = []
    film.add(FILM)
    film.changed.connect(told.append)
    session.undo()
    assert film.chosen is None and film.chosen_id == "" and {"chosen", "timeline"} <= set(told)


def result(spec):
    return Result(Clip.video(np.zeros((4, 8, 8, 3), np.uint8), 8.0), spec, 0, {}, "cpu", 0)


def test_takes_come_are_walked_through_used_and_discarded(film, session):
    spec = JobSpec(technique=Text2Video(prompt="a fox"), model="tiny")
    film.arrived("j", result(spec))
    assert film.unplaced[0][0] == "j"
    film.placed("j", FILM, "one")
    film.placed("j", FILM, "two")
    assert film.take.name == "two" and film.screen.length == 50 and film.timeline.empty
    film.step_take(1)
    assert film.take.name == "one"
    assert film.use_take()
    assert names(film)["Film"] == [("one", 0, 50)] and [take.name for take in film.takes] == ["two"]
    assert film.take.name == "two", "the next one is looked at"
    film.step_take(1)
    assert film.take is None and film.screen is film.timeline
    film.show_take(film.takes[0].id)
    film.discard_take()
    assert not film.takes and session.history.done == 2
    session.undo()
    session.undo()
    assert [take.name for take in film.takes] == ["one", "two"] and film.timeline.empty
    session.redo()
    assert [take.name for take in film.takes] == ["two"]


def test_what_was_made_of_a_clip_replaces_it(film, session):
    film.add(FILM, "one")
    film.add(FILM, "two")
    first = film.timeline.tracks[0].items[0]
    film.choose(first.id)
    film.set_clip(Source(path="a.mp4", sha256="0" * 64))
    spec = JobSpec(technique=Extend(video=Source(path="a.mp4", sha256="0" * 64), prompt="on"), model="tiny")
    session.add_job(Job("j7", spec))
    film.choose("")
    longer = Media("d.mkv", "video", 3.0, 25.0, 64, 48, spec=spec)
    film.placed("j7", longer, "longer")
    assert film.replaces(film.take)
    film.use_take()
    assert names(film)["Film"] == [("longer", 0, 75), ("two", 75, 125)]
    assert film.chosen_id == first.id and film.made_by() == spec
    session.undo()
    from studio.core import cutting

    film.do("x", cutting.delete, first.id)
    assert not film.replaces(film.take), "it has gone meanwhile"
    film.use_take()
    assert ("longer", 100, 175) in names(film)["Film"]


def test_keyframes_over_the_chosen_clip_speak_for_the_request(film):
    from studio.core import cutting

    assert film.values() == {}
    film.add(FILM)
    film.add(FILM, "second")
    for frame, words in ((0, "a car"), (60, "a boat")):
        film.do("w", cutting.set_key, "prompts", frame, words)
    film.do("s", cutting.set_key, "strengths", 50, 0.0)
    film.do("s", cutting.set_key, "strengths", 99, 1.0)
    assert film.values()["prompt"] == "a car\na boat"
    assert film.values()["strength"] == pytest.approx(0.5, abs=0.01)
    film.choose(film.timeline.tracks[0].items[0].id)
    assert film.values()["prompt"] == "a car" and film.values()["strength"] == 0.01, "never nothing"
