"""What is done with a timeline: every operation, and what holds whatever is done."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.core import cutting
from studio.core.cutting import SetTimeline
from studio.core.document import Document
from studio.core.history import History
from studio.core.timeline import Item, Key, Media, Timeline, Track

FILM = Media("a.mp4", "video", 10.0, 25.0, 64, 48, True)
OTHER = Media("b.mp4", "video", 4.0, 25.0, 64, 48)
SOUND = Media("c.wav", "sound", 20.0, heard=True)
STILL = Media("d.png", "picture", width=64, height=48)


def line(*items, **more):
    film = Track("video", "Film", tuple(items), id="film")
    return Timeline(25.0, 64, 48, (film, Track("sound", "Sound", id="sound")), **more)


def clip(id, start, length, media=FILM, **more):
    return Item(media, start, length, id, id=id, **more)


def places(timeline, track="film"):
    return [(item.id, item.start, item.end) for item in timeline.track(track).items]


ROW = line(clip("a", 0, 50, begin=1.0), clip("b", 50, 50, begin=2.0), clip("c", 120, 25))


def test_put_makes_room_to_the_right():
    made = cutting.put(ROW, "film", clip("x", 0, 30), 50)
    assert places(made) == [("a", 0, 50), ("x", 50, 80), ("b", 80, 130), ("c", 130, 155)]
    made = cutting.put(ROW, "film", clip("x", 0, 10), 105)
    assert places(made)[2] == ("x", 105, 115) and places(made)[3] == ("c", 120, 145), "a gap takes it"


def test_put_into_a_clip_comes_before_or_after_it():
    assert places(cutting.put(ROW, "film", clip("x", 0, 10), 10))[0] == ("x", 0, 10)
    assert places(cutting.put(ROW, "film", clip("x", 0, 10), 40))[1] == ("x", 50, 60)


def test_put_refuses_what_cannot_lie_there():
    with pytest.raises(ValueError, match="only heard"):
        cutting.put(ROW, "film", clip("x", 0, 10, SOUND))
    with pytest.raises(ValueError, match="no sound"):
        cutting.put(ROW, "sound", clip("x", 0, 10, OTHER))
    assert places(cutting.put(ROW, "sound", clip("x", 0, 10, FILM)), "sound") == [("x", 0, 10)]


def test_move_within_and_between_tracks():
    assert places(cutting.move(ROW, "a", 200)) == [("b", 50, 100), ("c", 120, 145), ("a", 200, 250)]
    made = cutting.move(ROW, "a", 7, "sound")
    assert places(made, "sound") == [("a", 7, 57)] and places(made)[0] == ("b", 50, 100)
    with pytest.raises(KeyError):
        cutting.move(ROW, "nobody", 0)


def test_trim_start_shows_later_and_stays_or_ripples():
    made = cutting.trim(ROW, "b", "start", 60)
    item = made.item("b")[1]
    assert (item.start, item.end, item.begin) == (60, 100, pytest.approx(2.4))
    made = cutting.trim(ROW, "b", "start", 60, ripple=True)
    assert places(made) == [("a", 0, 50), ("b", 50, 90), ("c", 110, 135)]
    assert made.item("b")[1].begin == pytest.approx(2.4)


def test_trim_goes_as_far_as_file_and_neighbour_allow():
    made = cutting.trim(ROW, "b", "start", 0)
    assert made.item("b")[1].start == 50, "the neighbour"
    alone = line(clip("a", 100, 50, begin=1.0))
    item = cutting.trim(alone, "a", "start", 0).item("a")[1]
    assert (item.start, item.begin) == (75, pytest.approx(0.0)), "one second of the file was left"
    item = cutting.trim(alone, "a", "end", 999).item("a")[1]
    assert item.end == 100 + 225, "nine seconds from its begin"
    assert cutting.trim(ROW, "b", "end", 999).item("b")[1].end == 120, "the neighbour"
    assert places(cutting.trim(ROW, "b", "end", 999, ripple=True))[2] == ("c", 120 + 150, 145 + 150)
    assert cutting.trim(ROW, "b", "end", 0).item("b")[1].length == 1, "something stays"


def test_split_shows_together_what_it_showed():
    made = cutting.split(ROW, "b", 70)
    first, second = made.tracks[0].items[1:3]
    assert (first.start, first.end, second.start, second.end) == (50, 70, 70, 100)
    assert second.seconds_at(70, 25) == pytest.approx(first.seconds_at(70, 25)) and second.id != first.id
    for frame in (50, 100, 7):
        with pytest.raises(ValueError, match="playhead"):
            cutting.split(ROW, "b", frame)
    still = line(clip("s", 0, 10, STILL))
    assert cutting.split(still, "s", 4).tracks[0].items[1].begin == 0


def test_delete_leaves_a_gap_or_closes_it():
    assert places(cutting.delete(ROW, "a")) == [("b", 50, 100), ("c", 120, 145)]
    assert places(cutting.delete(ROW, "a", ripple=True)) == [("b", 0, 50), ("c", 70, 95)]


def test_slip_stays_within_the_file():
    assert cutting.slip(ROW, "b", 5).item("b")[1].begin == pytest.approx(2.2)
    assert cutting.slip(ROW, "b", -999).item("b")[1].begin == pytest.approx(0.0)
    assert cutting.slip(ROW, "b", 9999).item("b")[1].begin == pytest.approx(8.0)
    still = line(clip("s", 0, 10, STILL))
    assert cutting.slip(still, "s", 5) is still


def test_crossfade_is_no_longer_than_the_clip():
    assert cutting.crossfade(ROW, "b", 10).item("b")[1].fade == 10
    faded = cutting.crossfade(ROW, "b", 999)
    assert faded.item("b")[1].fade == 50
    assert cutting.trim(faded, "b", "end", 60).item("b")[1].fade == 10, "shorter with it"
    assert cutting.crossfade(faded, "b", -3).item("b")[1].fade == 0


def test_speed_changes_the_length_and_keeps_the_cut():
    made = cutting.change_speed(ROW, "a", 2.0)
    assert places(made) == [("a", 0, 25), ("b", 25, 75), ("c", 95, 120)]
    slow = cutting.change_speed(ROW, "b", 0.5)
    assert places(slow) == [("a", 0, 50), ("b", 50, 150), ("c", 150, 175)], "it makes room where it is needed"
    for wrong in (0, -1, 99, float("nan"), float("inf")):
        with pytest.raises(ValueError, match="speed"):
            cutting.change_speed(ROW, "a", wrong)
    with pytest.raises(ValueError, match="picture"):
        cutting.change_speed(line(clip("s", 0, 10, STILL)), "s", 2)


def test_exchange_puts_another_file_in_its_place():
    made = cutting.exchange(cutting.crossfade(ROW, "a", 3), "a", OTHER, "new")
    item = made.item("a")[1]
    assert (item.media, item.name, item.begin, item.fade) == (OTHER, "new", 0.0, 3)
    assert places(made) == [("a", 0, 100), ("b", 100, 150), ("c", 170, 195)]
    with pytest.raises(ValueError, match="cannot lie"):
        cutting.exchange(ROW, "a", SOUND)


def test_tracks_come_and_go():
    made = cutting.add_track(cutting.add_track(ROW, "overlay"), "sound")
    assert [(track.kind, track.name) for track in made.tracks] == [
        ("video", "Film"), ("overlay", "Overlay"), ("sound", "Sound"), ("sound", "Sound 2"),
    ]  # fmt: skip
    assert not cutting.change_track(made, "film", on=False).track("film").on
    assert [track.id for track in cutting.remove_track(ROW, "film").tracks] == ["sound"]
    assert cutting.change(ROW, "a", name="new", opacity=0.5).item("a")[1].opacity == 0.5


def test_markers():
    made = cutting.mark(ROW, [30, 10, 10], "x")
    assert [(one.frame, one.name) for one in made.markers] == [(10, "x"), (30, "x")]
    assert cutting.mark(made, [10], "y").markers == made.markers, "what is there stays"
    moved = cutting.move_marker(made, 10, 30)
    assert [one.frame for one in moved.markers] == [30]
    assert cutting.unmark(made, [10, 11]).markers == made.markers[1:]


def test_keyframes():
    made = cutting.set_key(cutting.set_key(ROW, "strengths", 20, 0.5), "strengths", 5, 0.1)
    assert made.strengths == (Key(5, 0.1), Key(20, 0.5))
    assert cutting.set_key(made, "strengths", 5, 0.9).strengths[0].value == 0.9
    assert cutting.move_key(made, "strengths", 5, 30, 0.7).strengths == (Key(20, 0.5), Key(30, 0.7))
    assert cutting.remove_key(made, "strengths", 5).strengths == (Key(20, 0.5),)
    assert cutting.set_key(ROW, "prompts", 0, "  a car ").prompts == (Key(0, "a car"),)
    with pytest.raises(ValueError, match="Write"):
        cutting.set_key(ROW, "prompts", 0, "  ")
    with pytest.raises(ValueError, match="between 0 and 1"):
        cutting.set_key(ROW, "strengths", 0, 1.5)


def test_range():
    assert cutting.set_span(ROW, 10, 20).span == (10, 20)
    assert cutting.set_span(ROW, None, 20).span == (0, 20) and cutting.set_span(ROW, 20, None).span == (
        20,
        145,
    )
    assert cutting.set_span(cutting.set_span(ROW, 1, 2), None, None).span is None
    with pytest.raises(ValueError, match="end after"):
        cutting.set_span(ROW, 20, 20)


def test_another_rate_keeps_the_times():
    made = cutting.change_rate(
        replace(ROW, markers=cutting.mark(ROW, [25]).markers, prompts=(Key(50, "a"),), span=(25, 75)), 50
    )
    assert places(made) == [("a", 0, 100), ("b", 100, 200), ("c", 240, 290)]
    assert made.markers[0].frame == 50 and made.prompts[0].frame == 100 and made.span == (50, 150)
    with pytest.raises(ValueError):
        cutting.change_rate(ROW, 0)


def test_snapping():
    assert cutting.edges(replace(ROW, markers=cutting.mark(ROW, [33]).markers), "b") == [0, 33, 50, 120, 145]
    assert cutting.snapped([10, 20], [22, 3], 4) == 2
    assert cutting.snapped([10], [20], 4) == 0
    assert cutting.snapped([10], [12, 9], 4) == -1, "the nearest"


def test_an_edit_is_undone():
    document = Document(64, 64)
    history = History(document)
    history.push(SetTimeline(ROW, "one"))
    history.push(SetTimeline(cutting.delete(ROW, "a"), "two"))
    history.undo()
    assert document.timeline == ROW
    history.undo()
    assert document.timeline.empty
    history.redo()
    assert document.timeline == ROW


# --- whatever is done ---------------------------------------------------------------------------------------------------


def doings():
    frame = st.integers(-20, 300)
    id = st.sampled_from("abcx")
    return st.one_of(
        st.tuples(st.just(cutting.move), id, frame),
        st.tuples(st.just(cutting.trim), id, st.sampled_from(["start", "end"]), frame, st.booleans()),
        st.tuples(st.just(cutting.split), id, frame),
        st.tuples(st.just(cutting.delete), id, st.booleans()),
        st.tuples(st.just(cutting.slip), id, frame),
        st.tuples(st.just(cutting.crossfade), id, frame),
        st.tuples(st.just(cutting.change_speed), id, st.sampled_from([0.25, 0.5, 1.0, 1.7, 4.0])),
        st.tuples(st.just(cutting.change_rate), st.sampled_from([8.0, 24.0, 25.0, 29.97, 60.0])),
    )


@settings(max_examples=150, deadline=None)
@given(st.lists(doings(), max_size=12))
def test_clips_never_overlap_leave_their_file_or_get_lost(steps):
    made = cutting.put(ROW, "film", clip("x", 0, 60, OTHER), 30)
    for change, *args in steps:
        try:
            made = change(made, *args)
        except (ValueError, KeyError):
            continue
        items = made.track("film").items
        assert all(one.end <= other.start for one, other in itertools.pairwise(items))
        for item in items:
            assert item.length >= 1 and item.start >= 0 and 0 <= item.fade <= item.length
            assert item.begin >= 0
            assert (
                item.seconds_at(item.end - 0.5, made.rate)
                <= item.media.seconds + 0.5 / made.rate * item.speed
            )
        assert len({item.id for item in items}) == len(items)
