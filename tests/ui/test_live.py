"""What live preview asks for, and when: a session without an engine, with a hand-turned event loop."""

from __future__ import annotations

import numpy as np
import pytest

from studio.core.clip import Clip
from studio.core.history import SetPixels
from studio.core.job import Failed, Preview, Result
from studio.core.layer import Layer
from studio.live import Live


class Desk:
    """Takes sketches, and the calls that are to come after the event."""

    def __init__(self):
        self.sent, self.planned = [], []

    def send(self, sketch):
        self.sent.append(sketch)
        return len(self.sent)

    def turn(self):
        planned, self.planned = self.planned, []
        for call in planned:
            call()
        return len(planned)

    @property
    def asked(self):
        return [sketch for sketch in self.sent if sketch is not None]


@pytest.fixture
def desk():
    return Desk()


@pytest.fixture
def live(session, desk):
    made = Live(session, desk.send, lambda call: desk.planned.append(call))
    session.set_prompt("a fox")
    return made


def picture(value=9):
    return Clip.picture(np.full((8, 8, 3), value, np.uint8))


def answer(live, desk, value=9):
    number = len(desk.sent)
    live.on_event(number, Result(picture(value), desk.sent[-1].spec))
    return live.session.live_picture


def test_off_asks_for_nothing(live, desk, session):
    session.set_prompt("a cat")
    session.throw_seed()
    assert desk.turn() == 0 and not desk.sent


def test_many_changes_in_one_event_are_one_sketch(live, desk, session):
    session.set_live(True)
    for words in ("a", "a c", "a cat"):
        session.set_prompt(words)
    session.set_value("guidance", 6.0)
    assert desk.turn() == 1
    (sketch,) = desk.asked
    assert sketch.spec.technique.prompt == "a cat" and sketch.spec.seed == session.seed


def test_unchanged_inputs_cost_nothing(live, desk, session):
    session.set_live(True)
    desk.turn()
    session.set_count(4)  # is no part of a sketch
    session.set_tool("brush")
    session.changed.emit("history")
    desk.turn()
    session.set_prompt("a dog")
    session.set_prompt("a fox")
    desk.turn()
    assert len(desk.asked) == 1
    assert desk.turn() == 0, "nothing is planned, no clock ticks"


def test_the_overlay_is_outside_undo_gallery_and_queue(live, desk, session, fake_pool):
    session.set_live(True)
    desk.turn()
    position = session.history.position
    clip, rect = answer(live, desk)
    assert clip.array[0, 0, 0] == 9 and rect == session.document.rect
    assert not session.jobs and not session.candidates and not fake_pool.asked
    assert session.history.position == position and not session.document.layers
    session.set_live(False)
    assert session.live_picture is None and desk.sent[-1] is None


def test_what_comes_of_an_older_one_is_not_shown(live, desk, session):
    session.set_live(True)
    desk.turn()
    session.set_prompt("a dog")
    desk.turn()
    live.on_event(1, Preview(picture(1), 1))
    assert session.live_picture is None
    live.on_event(2, Preview(picture(2), 1))
    assert session.live_picture[0].array[0, 0, 0] == 2


@pytest.fixture
def filling(live, desk, session):
    """A picture with a mask on it, to be filled."""
    session.add_clip(Clip.picture(np.full((64, 64, 3), 100, np.uint8)), "Picture")
    session.new_mask()
    mask = session.layer
    mask.pixels = np.zeros((64, 64), np.uint8)
    session.set_technique("inpaint")
    session.set_prompt("a fox")
    session.edit(SetPixels(mask.id, np.full((20, 20), 255, np.uint8), 10, 10))
    session.set_live(True)
    desk.turn()
    assert len(desk.asked) == 1
    return mask


def stroke(session, mask, value=255, end=30):
    mask.pixels = np.full((end, 20), value, np.uint8)
    session.document.touch(mask, mask.rect)


def test_pictures_travel_with_the_sketch_and_no_file_is_written(filling, desk, session):
    sketch = desk.asked[-1]
    t = sketch.spec.technique
    assert set(sketch.inputs) == {t.image.sha256, t.mask.sha256}
    assert sketch.inputs[t.mask.sha256].kind == "mask"
    assert not (session.home / "inputs").exists()


def test_nothing_runs_in_the_middle_of_a_stroke(filling, live, desk, session):
    answer(live, desk)
    live.hand(True)
    assert session.live_picture is None, "it would hide what is painted"
    stroke(session, filling)
    session.set_prompt("a dog")
    desk.turn()
    assert len(desk.asked) == 1 and desk.sent[-1] is None, "what ran was stopped"
    live.hand(False)
    desk.turn()
    assert len(desk.asked) == 2
    mask = desk.asked[-1].inputs[desk.asked[-1].spec.technique.mask.sha256]
    assert mask.array.any() and desk.asked[-1].spec.technique.prompt == "a dog"


def test_strokes_are_followed_where_that_is_asked_for(filling, live, desk, session):
    session.set_live(True, strokes=True)
    desk.turn()
    count = len(desk.asked)
    live.hand(True)
    stroke(session, filling)
    desk.turn()
    assert len(desk.asked) == count + 1


def test_a_click_that_changes_nothing_brings_the_picture_back(filling, live, desk, session):
    shown = answer(live, desk)
    live.hand(True)
    live.hand(False)
    desk.turn()
    assert session.live_picture == shown and len(desk.asked) == 1


def test_undo_asks_again(filling, live, desk, session):
    session.edit(SetPixels(filling.id, np.full((40, 40), 255, np.uint8), 0, 0))
    desk.turn()
    session.undo()
    desk.turn()
    assert len(desk.asked) == 3
    session.edit(SetPixels(session.document.layers[0].id, np.zeros((64, 64, 4), np.uint8), 0, 0))
    desk.turn()
    assert len(desk.asked) == 4


def test_other_layers_do_not_matter_to_words_alone(live, desk, session):
    session.set_live(True)
    desk.turn()
    answer(live, desk)
    session.add_clip(Clip.picture(np.zeros((64, 64, 3), np.uint8)), "Picture")
    desk.turn()
    assert len(desk.asked) == 1 and session.live_picture is None, "who works on the picture sees the picture"
    session.set_prompt("a dog")
    desk.turn()
    assert len(desk.asked) == 2


def test_finish_keeps_the_seed_that_was_seen(live, desk, session, fake_pool):
    session.set_live(True)
    desk.turn()
    seen = desk.asked[-1].spec.seed
    session.draw()
    assert fake_pool.asked[-1][1].seed == seen == session.seed
    session.set_live(False)
    session.draw()
    assert session.seed != seen


def test_why_there_is_none_is_said(live, desk, session):
    session.set_live(True)
    session.set_prompt("")
    desk.turn()
    assert "what you want" in session.live_note
    session.set_prompt("a fox")
    desk.turn()
    live.on_event(len(desk.sent), Failed("The model failed while drawing."))
    assert session.live_note == "The model failed while drawing." and session.live_picture is None


def test_engines_that_die_again_switch_it_off(live, desk, session):
    said = []
    session.said.connect(said.append)
    session.set_live(True)
    for words in ("a dog", "a cat"):
        session.set_prompt(words)
        desk.turn()
        live.on_event(len(desk.sent), Failed("The engine crashed.", kind="engine"))
    assert not session.settings.live and "switched off" in said[-1].text


def test_candidates_come_before_the_sketch_and_it_returns_after_them(live, desk, session):
    session.set_live(True)
    desk.turn()
    shown = answer(live, desk)
    job = session.draw()
    session.on_event(job, Result(picture(200), desk.asked[-1].spec))
    assert session.live_picture is None and session.candidate is not None
    desk.turn()
    session.discard_all()
    desk.turn()
    assert session.live_picture == shown and len(desk.asked) == 1


def test_settings_remember_it(live, session):
    session.set_live(True)
    session.save_settings()
    from studio.session import Settings

    assert Settings.read(session.home / "settings.json").live


def test_a_region_layer_is_part_of_the_look(live, desk, session):
    layer = Layer("Mask", "mask", np.zeros((4, 4), np.uint8))
    from studio.live import looks

    before = looks(session.document)
    assert looks(session.document) == before
    session.document.set_layers([layer])
    with_layer = looks(session.document)
    assert with_layer != before
    session.select_all()
    assert looks(session.document) != with_layer
