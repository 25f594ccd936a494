"""The timeline for other editors: what OpenTimelineIO's objects say, and the files beside them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote

import pytest

from studio.core import cutting
from studio.core.job import BadRequest
from studio.core.timeline import Timeline, begun_with, whole
from studio.media import otio
from studio.media.film import about


@pytest.fixture
def cut(known):
    film = about(known.folder / "film.mp4")
    timeline = begun_with(film)
    video, sound = timeline.tracks
    first = replace(whole(film, 25, 10, "one"), begin=0.4, length=20)
    second = replace(whole(film, 25, 30, "two"), length=12, speed=2.0, fade=4)
    for item in (first, second):
        timeline = cutting.put(timeline, video.id, item)
    timeline = cutting.put(timeline, sound.id, whole(about(known.folder / "beep.wav"), 25, 0, "beep"))
    timeline = cutting.change_track(timeline, sound.id, on=False)
    return cutting.mark(timeline, [15], "here")


@pytest.fixture
def library():
    return pytest.importorskip("opentimelineio", reason="there is none for this Python yet")


def of(value):
    """RationalTime or TimeRange as plain numbers."""
    if value["OTIO_SCHEMA"] == "RationalTime.1":
        assert value["rate"] == 25.0
        return value["value"]
    return of(value["start_time"]), of(value["duration"])


def test_the_cuts_are_told_and_the_files_lie_beside(cut, tmp_path):
    shares = []
    made = otio.export(cut, tmp_path / "fox.otio", shares.append)
    data = json.loads(made.read_text("utf-8"))
    assert data["OTIO_SCHEMA"] == "Timeline.1" and data["name"] == "fox"
    video, sound = data["tracks"]["children"]
    assert (video["kind"], sound["kind"], sound["enabled"]) == ("Video", "Audio", False)
    kinds = [child["OTIO_SCHEMA"] for child in video["children"]]
    assert kinds == ["Gap.1", "Clip.2", "Transition.1", "Clip.2"]
    gap, one, fade, two = video["children"]
    assert of(gap["source_range"]) == (0, 10) and of(one["source_range"]) == (10, 20)
    assert of(two["source_range"]) == (0, 12) and two["effects"][0]["time_scalar"] == 2.0
    assert (of(fade["in_offset"]), of(fade["out_offset"])) == (0, 4)
    assert of(data["tracks"]["markers"][0]["marked_range"]) == (15, 0)
    url = one["media_references"][one["active_media_reference_key"]]["target_url"]
    assert url == "fox%20media/film.mp4", "a URL: other editors would cut a name off at its # or ?"
    assert (tmp_path / unquote(url)).stat().st_size > 0
    assert of(one["media_references"]["DEFAULT_MEDIA"]["available_range"]) == (0, 50)
    assert shares and max(shares) <= 1


def test_every_object_has_its_schema_and_lengths_add_up(cut, tmp_path):
    data = json.loads(otio.export(cut, tmp_path / "x.otio").read_text("utf-8"))

    def walk(value):
        if isinstance(value, dict):
            if "name" in value or "rate" in value:
                assert value.get("OTIO_SCHEMA"), value
            yield from (deep for one in value.values() for deep in walk(one))
            yield value
        elif isinstance(value, list):
            yield from (deep for one in value for deep in walk(one))

    assert sum(1 for _ in walk(data)) > 20
    for track, ours in zip(data["tracks"]["children"], cut.tracks):
        lengths = [of(c["source_range"])[1] for c in track["children"] if c["OTIO_SCHEMA"] != "Transition.1"]
        assert sum(lengths) == ours.end


def test_nothing_is_written_where_something_is_missing(cut, tmp_path):
    with pytest.raises(BadRequest, match="nothing on the timeline"):
        otio.export(Timeline(), tmp_path / "x.otio")
    item = cut.tracks[0].items[0]
    gone = replace(item, media=replace(item.media, path=str(tmp_path / "gone.mp4")), id="x")
    with pytest.raises(BadRequest, match=r"gone\.mp4"):
        otio.export(cutting.put(cut, cut.tracks[0].id, gone, 500), tmp_path / "x.otio")
    assert not Path(tmp_path / "x.otio").exists()


def test_the_library_reads_it(library, cut, tmp_path):
    made = library.adapters.read_from_file(str(otio.export(cut, tmp_path / "x.otio")))
    assert [clip.name for clip in made.find_clips()] == ["one", "two", "beep"]
    assert made.tracks[0].duration().value == cut.tracks[0].end
    assert made.tracks.markers[0].marked_range.start_time.value == 15


def test_the_library_sees_a_crossfade_where_it_is_here(library, cut):
    """What is blended there, frame by frame, is what `studio.core.montage` blends."""
    names = dict.fromkeys(cut.medias(), "x")
    text = json.dumps(otio.described(cut, "x", names))
    made = library.adapters.read_from_string(text, "otio_json")
    track = library.algorithms.track_with_expanded_transitions(made.tracks[0])
    _, one, (before, _, after), two = track
    one_here, two_here = cut.tracks[0].items
    ranges = [
        (part.source_range.start_time.value, part.source_range.duration.value)
        for part in (one, before, after, two)
    ]
    rate, fade = cut.rate, two_here.fade
    assert ranges == [
        (one_here.begin * rate, one_here.length),
        (one_here.begin * rate + one_here.length, fade),
        (two_here.begin * rate, fade),
        (two_here.begin * rate + fade, two_here.length - fade),
    ]
