"""Sketches through the real pool, worker and engine process; the engine is `fake_engine`."""

from __future__ import annotations

import time

from fake_engine import spec

from studio.core.job import Done, Failed, Result
from studio.core.sketch import Sketch
from studio.jobs.queue import Queue


def heard(pool) -> list[tuple[int, object]]:
    found: list[tuple[int, object]] = []
    pool.sketched.connect(lambda number, event: found.append((number, event)))
    return found


def results(found: list[tuple[int, object]]) -> list[int]:
    return [number for number, event in found if isinstance(event, Result)]


def test_a_sketch_goes_past_queue_and_gallery(start, queue: Queue, qtbot, tmp_path) -> None:
    pool, log = start()
    found = heard(pool)
    number = pool.sketch(Sketch(spec("a fox")))
    qtbot.waitUntil(lambda: number in results(found), timeout=20_000)
    assert not log.events and not queue.jobs("waiting", "running", "done")
    assert not queue.results() and not list((tmp_path / "out").glob("*"))


def test_newest_wins_and_the_old_one_stops_within_a_step(start, qtbot) -> None:
    pool, _ = start()
    found = heard(pool)
    first = pool.sketch(Sketch(spec("steps=400 wait=0.05")))
    qtbot.waitUntil(lambda: any(number == first for number, _ in found), timeout=20_000)
    pool.sketch(Sketch(spec("steps=400 wait=0.05", seed=2)))
    began = time.monotonic()
    last = pool.sketch(Sketch(spec("steps=1", seed=3)))
    qtbot.waitUntil(lambda: last in results(found), timeout=5_000)
    assert time.monotonic() - began < 2, "two runs of twenty seconds were in its way"
    assert {number for number, _ in found} == {first, last}, "the one between was never begun"


def test_a_job_comes_first_and_the_sketch_after_it(start, queue: Queue, qtbot) -> None:
    pool, log = start()
    found = heard(pool)
    slow = pool.sketch(Sketch(spec("steps=40 wait=0.02")))
    qtbot.waitUntil(lambda: bool(found), timeout=20_000)
    job = pool.submit(spec("steps=2"))
    qtbot.waitUntil(lambda: bool(log.of(job, Done)), timeout=10_000)
    assert slow not in results(found), "it made room"
    qtbot.waitUntil(lambda: slow in results(found), timeout=10_000)
    assert [row.id for row in queue.jobs("done")] == [job]


def test_off_means_that_nothing_runs(start, qtbot) -> None:
    pool, _ = start()
    found = heard(pool)
    pool.sketch(Sketch(spec("steps=400 wait=0.02")))
    qtbot.waitUntil(lambda: bool(found), timeout=20_000)
    pool.sketch(None)
    qtbot.wait(200)
    count = len(found)
    qtbot.wait(200)
    assert len(found) == count and not results(found)


def test_an_engine_that_dies_over_a_sketch_is_replaced(start, qtbot) -> None:
    pool, _ = start()
    found = heard(pool)
    bad = pool.sketch(Sketch(spec("kill")))
    qtbot.waitUntil(lambda: any(isinstance(event, Failed) for _, event in found), timeout=20_000)
    failed = next(event for _, event in found if isinstance(event, Failed))
    assert failed.kind == "engine" and bad == found[-1][0]
    good = pool.sketch(Sketch(spec("steps=1")))
    qtbot.waitUntil(lambda: good in results(found), timeout=20_000)
