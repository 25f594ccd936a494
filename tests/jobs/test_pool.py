"""A window's whole path: queue, worker's thread, engine process, files, signals."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest
from fake_engine import picture, save_raw, spec

from studio.core.job import Cancelled, Done, Failed, Preview, Progress, Result
from studio.jobs.desk import Desk
from studio.jobs.mailbox import Mailbox
from studio.jobs.queue import Queue

posix = pytest.mark.skipif(sys.platform == "win32", reason="signals")


def ends(log: Any, job: str) -> Callable[[], bool]:
    return lambda: bool(log.of(job, (Done, Failed, Cancelled)))


def no_zombies() -> bool:
    return not [child for child in psutil.Process().children() if child.status() == psutil.STATUS_ZOMBIE]


def test_a_spec_becomes_a_file_a_row_and_events(start: Any, queue: Queue, qtbot: Any, tmp_path: Path) -> None:
    pool, log = start()
    job = pool.submit(spec("a fox size=300", 7, count=2))
    qtbot.waitUntil(ends(log, job), timeout=30_000)
    assert isinstance(log.of(job)[-1], Done)
    assert [event.spec.seed for event in log.of(job, Result)] == [7, 8]
    assert log.of(job, Progress)
    assert {entry.path.name for entry in queue.results("fox")} == {"7.raw", "8.raw"}
    assert (tmp_path / "out" / "7.raw").read_bytes() == picture(300, 7).array.tobytes()
    row = queue.job(job)
    assert row is not None
    assert row.state == "done"
    assert row.seconds > 0
    assert not list(pool.desk.checkpoints.glob("*"))
    qtbot.waitUntil(lambda: log.states[-1] == "ready")
    assert log.states == ["starting", "ready", "busy", "ready"]
    assert pool.workers[0].about["device"] == "fake"
    assert log.notices == []


def test_the_window_never_waits_for_the_engine(start: Any, qtbot: Any) -> None:
    began = time.perf_counter()
    pool, log = start()
    job = pool.submit(spec())
    assert time.perf_counter() - began < 0.1
    qtbot.waitUntil(ends(log, job), timeout=30_000)


def test_cancel_pause_and_resume(start: Any, queue: Queue, qtbot: Any) -> None:
    pool, log = start()
    job = pool.submit(spec("steps=200 wait=0.02"))
    other = pool.submit(spec())
    qtbot.waitUntil(lambda: len(log.of(job, Progress)) > 2, timeout=30_000)
    pool.pause(job)
    qtbot.waitUntil(lambda: queue.job(job).state == "paused", timeout=10_000)
    qtbot.waitUntil(ends(log, other), timeout=15_000)
    pool.resume(job)
    before = len(log.of(job))
    qtbot.waitUntil(lambda: any(isinstance(e, Preview) for e in log.of(job)[before:]), timeout=10_000)
    resumed = next(event for event in log.of(job)[before:] if isinstance(event, Preview))
    assert resumed.step >= 2  # from its checkpoint
    pool.cancel(job)
    qtbot.waitUntil(lambda: isinstance(log.of(job)[-1], Cancelled), timeout=10_000)
    assert queue.job(job).state == "cancelled"
    assert not list(pool.desk.checkpoints.glob("*"))


def test_a_wish_from_another_window_is_heard(start: Any, queue: Queue, qtbot: Any) -> None:
    pool, log = start()
    job = pool.submit(spec("steps=1000 wait=0.02"))
    qtbot.waitUntil(lambda: bool(log.of(job)), timeout=30_000)
    there = Queue(queue.path)
    there.cancel(job)
    with qtbot.waitSignal(pool.changed, timeout=10_000):
        pass
    qtbot.waitUntil(ends(log, job), timeout=10_000)
    assert isinstance(log.of(job)[-1], Cancelled)
    with qtbot.waitSignal(pool.changed, timeout=10_000):
        there.add(spec(), home="0/0/nobody")
    there.close()


@posix
@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("kill", "most likely because memory ran out"),
        ("segfault", "crashed inside a library"),
        ("exit", "driver lost"),
    ],
)
def test_an_engine_that_dies_fails_its_job_and_the_next_is_served(
    start: Any, queue: Queue, qtbot: Any, words: str, sentence: str
) -> None:
    pool, log = start()
    bad, good = pool.submit(spec(words)), pool.submit(spec())
    qtbot.waitUntil(ends(log, bad), timeout=30_000)
    failed = log.of(bad)[-1]
    assert isinstance(failed, Failed)
    assert failed.kind == "engine"
    assert sentence in failed.message
    assert "\n" not in failed.message
    assert failed.message.endswith("press Retry.")
    died = time.monotonic()
    qtbot.waitUntil(ends(log, good), timeout=30_000)
    assert time.monotonic() - died < 10
    assert isinstance(log.of(good)[-1], Done)
    row = queue.job(bad)
    assert row is not None
    assert (row.state, row.kind, row.error) == ("failed", "engine", failed.message)
    assert no_zombies()


@posix
def test_kill_nine_from_outside_and_retry_goes_on(start: Any, queue: Queue, qtbot: Any) -> None:
    pool, log = start()
    job = pool.submit(spec("steps=40 wait=0.02"))
    qtbot.waitUntil(lambda: len(log.of(job, Progress)) > 8, timeout=30_000)
    os.kill(pool.workers[0].pid, signal.SIGKILL)
    qtbot.waitUntil(ends(log, job), timeout=15_000)
    assert isinstance(log.of(job)[-1], Failed)
    before = len(log.of(job))
    pool.retry(job)
    qtbot.waitUntil(lambda: isinstance(log.of(job)[-1], Done), timeout=30_000)
    steps = [event.step for event in log.of(job)[before:] if isinstance(event, Preview)]
    assert steps[0] >= 5
    assert len(queue.results(job=job)) == 1
    assert no_zombies()


@posix
def test_a_hung_engine_is_noticed_and_ended(start: Any, queue: Queue, qtbot: Any) -> None:
    pool, log = start(_tick=0.1, _patience=(30, 30))
    job = pool.submit(spec("hang"))
    qtbot.waitUntil(ends(log, job), timeout=30_000)
    failed = log.of(job)[-1]
    assert isinstance(failed, Failed)
    assert "did not answer" in failed.message
    assert "wait" not in queue.job(job).state
    next_one = pool.submit(spec())
    qtbot.waitUntil(ends(log, next_one), timeout=30_000)


@posix
def test_a_stopped_idle_engine_is_replaced(start: Any, qtbot: Any) -> None:
    pool, log = start(_tick=0.1, _patience=(20, 100))
    qtbot.waitUntil(lambda: "ready" in log.states, timeout=30_000)
    first = pool.workers[0].pid
    os.kill(first, signal.SIGSTOP)
    qtbot.waitUntil(lambda: log.states[-1] == "ready" and pool.workers[0].pid != first, timeout=30_000)
    qtbot.waitUntil(lambda: not psutil.pid_exists(first), timeout=15_000)


def test_a_cancelled_job_that_does_not_stop_is_ended(start: Any, qtbot: Any) -> None:
    pool, log = start(_tick=0.1, _grace=0.3)
    job = pool.submit(spec("wait=60"))
    qtbot.waitUntil(lambda: bool(log.of(job)), timeout=30_000)
    pool.cancel(job)
    qtbot.waitUntil(ends(log, job), timeout=15_000)
    assert isinstance(log.of(job)[-1], Cancelled)


def test_an_engine_that_cannot_start_is_tried_again(
    start: Any, queue: Queue, qtbot: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "broken"
    broken.write_text("")
    monkeypatch.setenv("FAKE_BROKEN", str(broken))
    pool, log = start()
    job = pool.submit(spec())
    qtbot.waitUntil(lambda: log.states.count("dead") >= 2, timeout=30_000)
    assert any("no driver was found" in notice for notice in log.notices)
    assert queue.job(job).state == "waiting"
    broken.unlink()
    qtbot.waitUntil(ends(log, job), timeout=30_000)
    assert isinstance(log.of(job)[-1], Done)


def test_no_room_for_results_fails_the_job_and_retry_makes_it(start: Any, queue: Queue, qtbot: Any) -> None:
    full = True

    def save(result: Result, folder: Path) -> Path:
        if full:
            raise OSError(28, "No space left on device")
        return save_raw(result, folder)

    pool, log = start(save)
    job = pool.submit(spec(count=3))
    qtbot.waitUntil(ends(log, job), timeout=30_000)
    failed = log.of(job)[-1]
    assert isinstance(failed, Failed)
    assert failed.message == "The result cannot be saved: the disk is full; free some space and press Retry."
    assert log.of(job, Result) == []
    full = False
    pool.retry(job)
    qtbot.waitUntil(lambda: isinstance(log.of(job)[-1], Done), timeout=30_000)
    assert len(queue.results(job=job)) == 3


def test_a_mistake_of_ours_fails_one_job(
    start: Any, queue: Queue, qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool, log = start()
    keep = Desk.keep

    def wrong(self: Desk, job: Any, result: Result) -> None:
        if result.spec.seed == 5:
            raise ZeroDivisionError
        keep(self, job, result)

    monkeypatch.setattr(Desk, "keep", wrong)
    bad, good = pool.submit(spec(seed=5)), pool.submit(spec(seed=6))
    qtbot.waitUntil(ends(log, good), timeout=30_000)
    assert "ZeroDivisionError" in log.of(bad)[-1].details
    assert isinstance(log.of(good)[-1], Done)
    assert queue.job(bad).state == "failed"


def test_closing_the_window_gives_the_job_back(start: Any, queue: Queue, qtbot: Any) -> None:
    pool, log = start()
    job = pool.submit(spec("steps=100 wait=0.05"))
    later = pool.submit(spec())
    qtbot.waitUntil(lambda: len(log.of(job, Progress)) > 3, timeout=30_000)
    pid = pool.workers[0].pid
    began = time.monotonic()
    pool.close()
    assert time.monotonic() - began < 5
    assert not psutil.pid_exists(pid)
    assert [(row.id, row.state, row.home, row.attempts) for row in queue.jobs()] == [
        (job, "waiting", "", 0),
        (later, "waiting", "", 0),
    ]


def test_hold(start: Any, queue: Queue, qtbot: Any) -> None:
    pool, log = start()
    pool.hold(True)
    job = pool.submit(spec())
    qtbot.wait(600)
    assert queue.job(job).state == "waiting"
    pool.hold(False)
    qtbot.waitUntil(ends(log, job), timeout=30_000)


def test_a_busy_window_sees_the_newest_preview(start: Any, qtbot: Any) -> None:
    pool, log = start()
    qtbot.waitUntil(lambda: "ready" in log.states, timeout=30_000)
    job = pool.submit(spec("steps=50 wait=0.002 size=400"))
    end = time.monotonic() + 10
    while pool.queue.job(job).state != "done" and time.monotonic() < end:
        time.sleep(0.02)  # the window is busy: no signal is delivered
    qtbot.waitUntil(ends(log, job), timeout=10_000)
    assert [event.step for event in log.of(job, Preview)] == [49]
    assert [type(event) for event in log.of(job)] == [Progress, Preview, Result, Done]


def test_mailbox() -> None:
    box = Mailbox()
    assert box.put("a")
    assert not box.put("p1", "p")
    box.put("b")
    box.put("p2", "p")
    assert [box.get() for _ in range(4)] == ["a", "b", "p2", None]
    threading.Timer(0.05, box.put, ("late",)).start()
    assert box.get(5) == "late"
    assert len(box) == 0
