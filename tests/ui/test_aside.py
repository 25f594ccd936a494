"""Merging and copying on another thread: what arrives fits what is there, in the order it was asked for."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from studio import layering
from studio.aside import Aside
from studio.core.clip import Clip
from studio.core.history import SetProperty


class Runner:
    """Runs nothing until it is told to; then on a thread of its own."""

    def __init__(self) -> None:
        self.waiting: list = []

    def __call__(self, work, then, failed) -> None:
        self.waiting.append((work, then, failed))

    def go(self) -> None:
        work, then, failed = self.waiting.pop(0)
        came: list = []

        def run() -> None:
            try:
                came.append((then, work()))
            except Exception as error:
                came.append((failed, error))

        thread = threading.Thread(target=run)
        thread.start()
        thread.join()
        call, value = came[0]
        call(value)


@pytest.fixture
def runner(session) -> Runner:
    for value in (10, 100, 200):
        session.add_clip(Clip.picture(np.full((64, 64, 3), value, np.uint8)), f"layer {value}")
    session.aside.runner = Runner()
    return session.aside.runner


def test_a_merge_arrives_later_and_is_one_step(session, runner):
    before = session.document.compose()
    layering.flatten(session)
    assert len(session.document.layers) == 3 and session.aside.busy
    runner.go()
    assert len(session.document.layers) == 1 and not session.aside.busy
    assert (session.document.compose() == before).all()
    session.undo()
    assert len(session.document.layers) == 3


def test_what_changed_meanwhile_is_in_it(session, runner):
    layering.flatten(session)
    session.edit(SetProperty(session.document.layers[-1].id, "opacity", 0.5))
    seen = session.document.compose()
    runner.go()
    assert len(session.document.layers) == 3  # it is worked out again
    runner.go()
    assert len(session.document.layers) == 1 and (session.document.compose() == seen).all()


def test_undo_waits_for_the_merge_before_it(session, runner):
    layering.merge_down(session)
    session.undo()
    layering.merge_down(session)
    assert len(runner.waiting) == 1
    runner.go()  # merged and taken back; then the second begins
    assert len(session.document.layers) == 3 and len(runner.waiting) == 1
    runner.go()
    assert len(session.document.layers) == 2


def test_a_hand_that_never_rests_is_not_waited_for_forever(session, runner):
    layering.flatten(session)
    for opacity in (0.9, 0.8, 0.7):
        session.edit(SetProperty(session.document.layers[-1].id, "opacity", opacity))
        runner.go()
    assert len(session.document.layers) == 1 and not runner.waiting


def test_a_refusal_is_a_sentence(session, runner):
    said = []
    session.said.connect(lambda notice: said.append(notice.text))
    session.document.activate(session.document.layers[0].id)
    layering.merge_down(session)
    runner.go()
    assert "no layer below" in said[0] and not session.aside.busy


def test_without_a_window_it_is_done_at_once(session):
    came = []
    Aside(session).order(lambda document, layer: document.width, came.append)
    assert came == [session.document.width]
