"""How long a request takes to its first event, an array across the border, and a fresh engine after a kill.

    studio bench path [--repeats 50] [--real] [--json FILE]

The whole path of a window is measured: row in the queue, worker's thread, engine process, signal in the window's thread.
Without --real the engine is the random generator of `studio bench kills`, so that what is left is the path itself; with it,
the real engine runs a small model with random weights.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import psutil
from PySide6.QtCore import QCoreApplication

from studio.bench.kills import ENGINE
from studio.core.clip import Clip
from studio.core.job import LAST, JobSpec, Preview, Result, Text2Image
from studio.core.wire import Arena, Link
from studio.jobs.pool import Pool
from studio.jobs.queue import Queue

GOAL_MS = 20.0


def main(argv: list[str] | None = None) -> int:
    """Prints the table."""
    parser = argparse.ArgumentParser("studio bench path", description=__doc__)
    parser.add_argument("--repeats", type=int, default=50)
    parser.add_argument("--real", action="store_true")
    parser.add_argument("--json", type=Path)
    args = parser.parse_args(argv)
    app = QCoreApplication.instance() or QCoreApplication([])
    with tempfile.TemporaryDirectory(prefix="studio-path-") as name:
        folder = Path(name)
        options: tuple[str, ...] = ("--engine", ENGINE)
        if args.real:
            from studio.bench.tiny import make_tiny_sd

            make_tiny_sd(folder / "models" / "tiny")
            options = ("--models", str(folder / "models"))
        numbers = measure(app, folder, options, args.repeats)
    numbers |= arrays()
    for key, value in numbers.items():
        print(f"{key:<52}{value:>10.2f}")
    print(f"goal: request to first event <= {GOAL_MS:.0f} ms")
    if args.json:
        args.json.write_text(json.dumps(numbers, indent=2), "utf-8")
    return 0


def measure(app: QCoreApplication, folder: Path, options: tuple[str, ...], repeats: int) -> dict[str, float]:
    """Milliseconds by name."""
    queue = Queue(folder / "queue.sqlite")
    pool = Pool(queue, folder / "out", _save, options=options)
    first: dict[str, float] = {}
    last: dict[str, float] = {}
    states: list[str] = []

    def hear(job: str, event: object) -> None:
        first.setdefault(job, time.perf_counter())
        if isinstance(event, LAST):
            last[job] = time.perf_counter()

    def until(test: Callable[[], bool], seconds: float = 120) -> None:
        end = time.perf_counter() + seconds
        while not test():
            if time.perf_counter() > end:
                raise TimeoutError("the engine does not answer")
            app.processEvents()
            time.sleep(0.0002)

    pool.happened.connect(hear)
    pool.state.connect(lambda device, state: states.append(state))
    began = time.perf_counter()
    pool.start()
    asked = time.perf_counter() - began
    until(lambda: "ready" in states)
    numbers = {"window waits for the start of the engine, ms": asked * 1e3}
    numbers["engine start to ready, ms"] = (time.perf_counter() - began) * 1e3
    waits: list[float] = []
    for seed in range(repeats):
        began = time.perf_counter()
        job = pool.submit(JobSpec(technique=Text2Image(prompt="a fox", steps=2), seed=seed))
        until(lambda job=job: job in last)
        waits.append((first[job] - began) * 1e3)
    warm = waits[1:]  # the first one loads the model
    numbers["request to first event, median ms"] = statistics.median(warm)
    numbers["request to first event, 95 % ms"] = sorted(warm)[int(len(warm) * 0.95)]
    worker = pool.workers[0]
    after: list[float] = []
    for _ in range(3):
        states.clear()
        began = time.perf_counter()
        assert worker.pid
        psutil.Process(worker.pid).kill()
        until(lambda: "ready" in states)
        after.append((time.perf_counter() - began) * 1e3)
    numbers["kill of the engine to a ready one, median ms"] = statistics.median(after)
    pool.close()
    queue.close()
    return numbers


def arrays() -> dict[str, float]:
    """Milliseconds for a picture to cross the border, by its side."""
    (r1, w1), (r2, w2) = os.pipe(), os.pipe()
    arena = Arena.create()
    ends = [(r1, w2), (r2, w1)]
    window, engine = (Link(os.fdopen(r, "rb", 0), os.fdopen(w, "wb", 0), arena) for r, w in ends)
    threading.Thread(
        target=lambda: list(iter(engine.receive, None)), daemon=True
    ).start()  # takes the places back
    numbers: dict[str, float] = {}
    for side in (64, 512, 1024, 4096):
        clip = Clip.picture(np.random.default_rng(0).integers(0, 256, (side, side, 3), np.uint8))
        times: list[float] = []
        for step in range(7):
            began = time.perf_counter()
            sender = threading.Thread(target=engine.send, args=("event", Preview(clip, step)))
            sender.start()
            window.receive()
            times.append((time.perf_counter() - began) * 1e3)
            sender.join()
        numbers[f"picture of {side} x {side} crosses, median ms"] = statistics.median(times)
    return numbers


def _save(result: Result, folder: Path) -> Path:
    from studio.media.results import save_result

    return save_result(result, folder)
