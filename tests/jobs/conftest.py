from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from studio.core.job import Event, Result
from studio.jobs.pool import Pool
from studio.jobs.queue import Queue

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
from fake_engine import save_raw  # noqa: E402

ENGINE = ("--engine", "fake_engine:FakeEngine")


@pytest.fixture(autouse=True)
def fake_engine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Engines find `fake_engine.py`; and no test here, however wrong, does anything to the folder it was started in."""
    (tmp_path / "cwd").mkdir()
    monkeypatch.chdir(tmp_path / "cwd")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join((str(HERE), str(HERE.parents[1]))))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)


@pytest.fixture
def queue(tmp_path: Path) -> Iterator[Queue]:
    queue = Queue(tmp_path / "queue.sqlite")
    yield queue
    queue.close()


class Log:
    """What a pool said."""

    def __init__(self, pool: Pool) -> None:
        self.events: list[tuple[str, Event]] = []
        self.states: list[str] = []
        self.notices: list[str] = []
        pool.happened.connect(lambda job, event: self.events.append((job, event)))
        pool.state.connect(lambda device, state: self.states.append(state))
        pool.notice.connect(self.notices.append)

    def of(self, job: str, kind: type | tuple[type, ...] = object) -> list[Event]:
        return [event for id, event in self.events if id == job and isinstance(event, kind)]


Start = Callable[..., tuple[Pool, Log]]


@pytest.fixture
def start(queue: Queue, tmp_path: Path, qtbot: object) -> Iterator[Start]:
    """Starts a pool on the fake engine."""
    pools: list[Pool] = []

    def begin(save: Callable[[Result, Path], Path] = save_raw, **more: object) -> tuple[Pool, Log]:
        pool = Pool(queue, tmp_path / "out", save, options=ENGINE)
        for worker in pool.workers:
            for name, value in more.items():
                setattr(worker, name, value)
        pools.append(pool)
        log = Log(pool)
        pool.start()
        return pool, log

    yield begin
    for pool in pools:
        pool.close()
