"""Takes: their list as edits, their marks in the one history, and both in a project's data."""

from __future__ import annotations

import json

import numpy as np
import pytest

from studio.core import marks
from studio.core.document import Document
from studio.core.history import History, paint
from studio.core.job import JobSpec, Source, Text2Music
from studio.core.region import Rect
from studio.core.take import Note, OnMarks, SetTakes, Take, changed, from_data, still, to_data


def take(name="a", **values):
    return Take(name, Source(path=f"/sounds/{name}.flac"), 2.0, 44100.0, 2, **values)


def stroke(one, value=255, rect=Rect(10, 20, 30, 5)):  # noqa: B008 - a tuple
    shape = np.full((rect.h, rect.w), value, np.uint8)
    return paint(one.marks, marks.layer(one.marks), rect, shape, "Mark")


def test_the_list_is_an_edit():
    document = Document(8, 8)
    history = History(document)
    a, b = take("a"), take("b")
    history.push(SetTakes([a], "Add a"))
    history.push(SetTakes([a, b], "Add b"))
    assert [one.name for one in document.takes] == ["a", "b"]
    history.undo()
    assert document.takes == (a,)
    history.undo()
    assert document.takes == ()
    history.redo()
    history.redo()
    assert document.takes == (a, b)
    history.close()


def test_strokes_on_a_take_are_undone_with_the_rest():
    history = History(Document(8, 8))
    one = take()
    edit = stroke(one)
    history.record(OnMarks(edit, one.marks))
    assert marks.bounds(one.marks) == Rect(10, 20, 30, 5) and history.undo_name == "Mark"
    history.undo()
    assert marks.bounds(one.marks).empty
    history.redo()
    assert marks.bounds(one.marks) == Rect(10, 20, 30, 5)
    history.close()


def test_a_changed_take_keeps_its_marks():
    one = take()
    stroke(one)
    other = changed(one, name="z")
    assert other.name == "z" and other.id == one.id and other.marks is one.marks


def test_a_still_take_does_not_follow_the_brush():
    one = take()
    stroke(one)
    kept = still(one)
    stroke(one, rect=Rect(60, 20, 5, 5))
    assert marks.bounds(kept.marks) == Rect(10, 20, 30, 5) and kept.id == one.id


def test_there_and_back_through_a_project():
    spec = JobSpec(technique=Text2Music(prompt="piano"), model="m", seed=4)
    one = take("Größe", origin="made", spec=spec, melody=(Note(0.0, 0.5, 60.5), Note(0.5, 1.0, 64.0)))
    stroke(one, value=130)
    two = take("b", melody=())
    back = from_data(json.loads(json.dumps(to_data([one, two]))))
    for before, after in zip((one, two), back):
        assert (after.id, after.name, after.source, after.seconds, after.rate, after.channels, after.origin) == (
            before.id, before.name, before.source, before.seconds, before.rate, before.channels, before.origin
        )  # fmt: skip
        assert after.spec == before.spec and after.melody == before.melody
        assert np.array_equal(
            marks.layer(after.marks).render(after.marks.rect),
            marks.layer(before.marks).render(before.marks.rect),
        )


@pytest.mark.parametrize(
    "break_it",
    [
        lambda row: row.pop("seconds"),
        lambda row: row.update(seconds=-1),
        lambda row: row.update(seconds=1e12),
        lambda row: row.update(origin="stolen"),
        lambda row: row.update(source=3),
        lambda row: row.update(melody=[[0, 1]]),
        lambda row: row.update(melody=[[0, 1, float("nan")]]),
        lambda row: row["marks"].update(w=10_000_000),
        lambda row: row["marks"].update(data="AAAA"),
        lambda row: row["marks"].update(data=7),
    ],
)
def test_nonsense_is_refused(break_it):
    one = take()
    stroke(one)
    (row,) = to_data([one])
    break_it(row)
    with pytest.raises(ValueError):
        from_data([row])


def test_a_request_of_another_studio_costs_only_the_request():
    one = take(spec=JobSpec(technique=Text2Music(prompt="x")))
    (row,) = to_data([one])
    row["spec"]["technique"]["name"] = "dream"
    (back,) = from_data([row])
    assert back.spec is None and back.name == "a"


def test_a_project_keeps_the_sounds(tmp_path):
    from studio.media.ora import read_ora, save_ora

    document = Document(64, 48)
    one = take(melody=(Note(0.0, 1.0, 60.0),))
    stroke(one)
    document.set_takes((one,))
    path = tmp_path / "song.ora"
    save_ora(path, document)
    opened = read_ora(path)
    (back,) = opened.document.takes
    assert back.id == one.id and back.melody == one.melody and marks.bounds(back.marks) == Rect(10, 20, 30, 5)
    assert any("a.flac" in note and "is not where it was" in note for note in opened.notes)
    (tmp_path / "a.flac").write_bytes(b"sound")
    moved = read_ora(path)
    assert moved.document.takes[0].source.path == str(tmp_path / "a.flac") and not moved.notes
