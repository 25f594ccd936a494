"""A session without an engine, and a window around it."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QObject, Signal

from studio.core.card import Defaults, ModelCard, Sizes
from studio.session import Session


class FakePool(QObject):
    """The pool's signals and calls; it remembers what it was asked and runs nothing."""

    happened = Signal(str, object)

    def __init__(self):
        super().__init__()
        self.asked = []
        self.number = 0

    def submit(self, spec, priority=0):
        self.number += 1
        self.asked.append(("submit", spec))
        return f"job{self.number}"

    def cancel(self, job):
        self.asked.append(("cancel", job))

    def resume(self, job):
        self.asked.append(("resume", job))

    def retry(self, job):
        self.asked.append(("retry", job))

    def move(self, job, before=None, after=None):
        self.asked.append(("move", job, before, after))

    def hold(self, held):
        self.asked.append(("hold", held))

    def look_for_models(self):
        self.asked.append(("look_for_models",))


def make_card(id="tiny", native=(64, 64), **more):
    sizes = Sizes(native=native, min=16, max=256, multiple=16)
    return ModelCard(
        id=id,
        title=id,
        abilities=("text2image",),
        sizes=sizes,
        defaults=Defaults(steps=4, guidance=4),
        memory_mb=410,
        **more,
    )


@pytest.fixture
def card():
    """Makes model cards."""
    return make_card


@pytest.fixture
def fake_pool():
    return FakePool()


@pytest.fixture
def session(tmp_path, fake_pool, qapp):
    made = Session(tmp_path / "home", fake_pool, {"tiny": make_card()})
    fake_pool.happened.connect(made.on_event)
    yield made
    made.close()
