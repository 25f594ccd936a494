"""The takes of a session, without a window: what joins, is kept, compared, discarded, and what requests get of them."""

from __future__ import annotations

import numpy as np
import pytest

from studio.core import marks
from studio.core.clip import Clip
from studio.core.history import paint
from studio.core.job import BadRequest, EditSound, JobSpec, Result, Source, Text2Music
from studio.core.region import Rect
from studio.core.take import Note, Take
from studio.session import CANVAS
from studio.takes import NO_MARK, NO_OTHER, NO_TAKE


def take(name, sha="", **values):
    return Take(name, Source(path=f"/s/{name}.flac", sha256=sha), 2.0, 44100.0, 2, **values)


@pytest.fixture
def takes(session):
    return session.takes


def names(takes):
    return [one.name for one in takes.all]


def test_what_joins_is_shown_and_can_be_undone(session, takes):
    moved = []
    takes.moved.connect(moved.append)
    a, b = take("a"), take("b")
    takes.add(a)
    takes.add(b)
    assert names(takes) == ["a", "b"] and takes.shown is b and session.unsaved and session.has_work
    session.undo()
    assert names(takes) == ["a"] and takes.shown.id == a.id
    session.undo()
    assert takes.shown is None and not session.has_work
    session.redo()
    assert takes.shown.id == a.id and set(moved) == {"list"}


def test_results_wait_beside_the_work(session, takes):
    takes.add(take("a"))
    made = take("made", origin="made")
    takes.offer(made)
    assert takes.is_new(made) and takes.shown is made and session.document.takes[-1].name == "a"
    steps = session.history.position
    takes.keep(made.id)
    assert not takes.is_new(made) and session.history.position == steps + 1
    takes.keep(made.id)
    assert session.history.position == steps + 1, "kept already"
    session.undo()
    assert takes.is_new(takes.get(made.id))
    takes.discard(made.id)
    assert names(takes) == ["a"] and takes.shown.name == "a"
    session.undo()
    assert names(takes) == ["a", "made"] and takes.shown.name == "made"


def test_a_b(takes):
    a, b = take("a"), take("b")
    takes.add(a)
    takes.add(b)
    takes.swap()
    assert takes.shown is b, "there is nothing to swap with yet"
    takes.compare(b.id)
    assert takes.other is None, "not with itself"
    takes.compare(a.id)
    takes.swap()
    assert (takes.shown.id, takes.other.id) == (a.id, b.id)
    takes.show(b.id)
    assert takes.shown.id == b.id and takes.other is None
    takes.compare(a.id)
    takes.discard(a.id)
    assert takes.other is None


def test_which_take_another_was_made_from(takes):
    a = take("a", sha="1" * 64)
    spec = JobSpec(technique=EditSound(prompt="x", sound=Source(path="/elsewhere.flac", sha256="1" * 64)))
    b, c = take("b", spec=spec), take("c", spec=JobSpec(technique=Text2Music(prompt="y")))
    for one in (a, b, c):
        takes.add(one)
    assert takes.made_from(b).id == a.id and takes.made_from(c) is None and takes.made_from(a) is None


def test_what_is_learnt_is_no_step(session, takes):
    a = take("a")
    takes.add(a)
    steps = session.history.position
    takes.learn(a.id, melody=(Note(0, 1, 60.0),))
    assert takes.shown.melody == (Note(0, 1, 60.0),) and session.history.position == steps
    takes.retune(a.id, [Note(0, 1, 62.0)])
    assert session.history.undo_name == "Mend the tune"
    session.undo()
    assert takes.shown.melody == (Note(0, 1, 60.0),)
    takes.rename(a.id, "b")
    assert takes.shown.name == "b" and session.history.undo_name == "Rename a"


def mark(takes):
    plane = takes.shown.marks
    edit = paint(plane, marks.layer(plane), Rect(5, 5, 20, 9), np.full((9, 20), 255, np.uint8), "Mark")
    takes.record(edit)


def test_marks_are_recorded_in_the_one_history(session, takes):
    takes.add(take("a"))
    assert not takes.marked()
    mark(takes)
    assert takes.marked() and session.history.undo_name == "Mark"
    session.undo()
    assert not takes.marked()


def test_what_a_request_gets(session, takes, card):
    session.set_cards({"band": card("band").model_copy(update={"abilities": ("text2music", "melody2music")})})
    session.set_technique("edit-sound")
    session.set_prompt("organ")
    assert session.why_not() == NO_TAKE
    with pytest.raises(BadRequest):
        session.spec()
    takes.add(take("a", sha="2" * 64))
    spec = session.spec()
    assert spec.technique.sound.path == "/s/a.flac" and spec.technique.mask is None
    session.set_value("mask", CANVAS)
    assert session.why_not() == NO_MARK
    mark(takes)
    from studio.media.image import read_mask

    mask = read_mask(session.spec().technique.mask.path).array
    assert mask.shape == (marks.ROWS, 100) and mask[5:14, 5:25].all() and int((mask > 0).sum()) == 180
    session.set_technique("blend-sound")
    session.set_prompt("both")
    assert session.why_not() == NO_OTHER
    takes.add(take("b"))
    takes.compare(takes.all[0].id)
    spec = session.spec()
    assert (spec.technique.sound.path, spec.technique.other.path) == ("/s/b.flac", "/s/a.flac")
    session.set_technique("melody2music")
    session.set_prompt("flute")
    assert session.spec().technique.notes == ()
    takes.learn(takes.shown_id, melody=(Note(0.0, 0.5, 64.0),))
    assert session.spec().technique.notes == ((0.0, 0.5, 64.0),)


def test_a_sound_that_comes_back_waits_for_a_file_and_is_not_shown_on_the_canvas(session, takes, card):
    session.set_cards({"band": card("band").model_copy(update={"abilities": ("text2music",)})})
    session.set_technique("text2music")
    session.set_prompt("piano")
    job = session.draw()
    result = Result(Clip.sound(np.zeros((100, 1), np.float32), 100), session.jobs[job].spec)
    session.pool.happened.emit(job, result)
    assert takes.unplaced == [(job, result)] and not session.candidates and session.preview() is None


def test_settings_of_a_sound_lead_to_its_workspace(session, card):
    session.set_cards(
        {
            "tiny": session.cards["tiny"],
            "band": card("band").model_copy(update={"abilities": ("text2music",)}),
        }
    )
    moves = []
    session.changed.connect(moves.append)
    session.use_spec(JobSpec(technique=Text2Music(prompt="harp"), model="band", seed=5))
    assert session.workspace == "music" and session.prompt == "harp" and "workspace" in moves
