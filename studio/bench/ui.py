"""`studio bench ui`: how quick the window is. Every number is measured in a fresh process of its own.

| number        | what                                                                                            | at most |
|---------------|-------------------------------------------------------------------------------------------------|---------|
| first paint   | from the start of the process to the end of the first paint of the window                       | 0.6 s   |
| usable        | until the window has handled its first events and answers a key in the words                    | 1.0 s   |
| memory        | resident set of the idle window, five seconds after it is there (without the engine)            | 150 MB  |
| stall p99     | by how much a timer of 4 ms in the window is late while jobs run at full load                   | 16 ms   |
| gallery       | a page of scrolling in a gallery of 100,000 entries, 95th percentile                            | 16 ms   |

The stalls are measured with a stand-in engine that sends previews and results as fast as a pipe takes them, so that the
window is what limits; `--engine` takes the real one with the model that is here.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import sys
import time
from typing import Any

from studio.bench import apart

LIMITS = {"first paint": 0.6, "usable": 1.0, "memory": 150.0, "stall p99": 16.0, "gallery": 16.0}
UNITS = {"first paint": "s", "usable": "s", "memory": "MB", "stall p99": "ms", "stall": "ms", "gallery": "ms"}


def main(argv: list[str] | None = None) -> int:
    """Prints the table; 1 when a limit was missed."""
    parser = argparse.ArgumentParser("studio bench ui", description="How quick the window is.")
    parser.add_argument("--runs", type=int, default=5, help="starts to measure")
    parser.add_argument("--seconds", type=float, default=6.0, help="length of the run with jobs")
    parser.add_argument(
        "--engine", action="store_true", help="jobs in the real engine instead of the stand-in"
    )
    parser.add_argument("--limit", type=float, default=120.0, help="seconds that one measurement may take")
    parser.add_argument("--json", action="store_true", help="machine-readable")
    parser.add_argument("--child", default="", help=argparse.SUPPRESS)
    parser.add_argument("--began", type=float, default=0.0, help=argparse.SUPPRESS)
    options = parser.parse_args(argv)
    if options.child:
        print(json.dumps(CHILDREN[options.child](options)))
        return 0
    measured: dict[str, Any] = {}
    starts = [_child("start", options) for _ in range(options.runs)]
    for name in ("first paint", "usable", "memory"):
        values = sorted(one[name] for one in starts)
        measured[name] = values[len(values) // 2]
        measured[f"{name}, worst"] = values[-1]
    measured |= _child("jobs", options)
    measured |= _child("gallery", options)
    measured["load"] = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    if options.json:
        print(json.dumps(measured, indent=1))
    else:
        for name, value in measured.items():
            limit = LIMITS.get(name)
            unit = UNITS.get(name.split(",")[0], "")
            verdict = (
                "" if limit is None else f"   limit {limit:g} {unit}   {'ok' if value <= limit else 'MISSED'}"
            )
            print(
                f"{name:22} {value:9.3f} {unit:3}{verdict}"
                if isinstance(value, float)
                else f"{name:22} {value:9}"
            )
    return int(any(measured[name] > limit for name, limit in LIMITS.items()))


def _child(what: str, options: argparse.Namespace) -> dict[str, Any]:
    apart.say(f"{what} ...")
    asked = ["--child", what, "--began", repr(time.time()), "--seconds", str(options.seconds)]
    asked += ["--engine"] if options.engine else []
    return apart.measured("studio.bench.ui", asked, options.limit, what)


def _start(options: argparse.Namespace) -> dict[str, float]:
    from PySide6.QtCore import QEventLoop, QTimer

    from studio.app import App, make_application
    from studio.core.paths import home

    gc.disable()  # as studio.app.main does
    qt = make_application(["studio"])
    app = App(home(), start_engine=False)
    times: dict[str, float] = {}
    app.window.painted.connect(lambda: times.setdefault("first paint", time.time() - options.began))
    app.window.show()

    def answer() -> None:
        from PySide6.QtTest import QTest

        app.window.focus_words()
        QTest.keyClicks(app.window.technique.prompt.edit, "a fox")  # pyright: ignore[reportOptionalMemberAccess]
        qt.processEvents()
        times["usable"] = time.time() - options.began
        QTimer.singleShot(5000, finish)

    def finish() -> None:
        times["memory"] = _resident() / 1e6
        loop.quit()

    app.window.ready.connect(lambda: QTimer.singleShot(0, answer))
    loop = QEventLoop(qt)  # Qt's own one does not end while unsaved work makes the window ask
    loop.exec()
    app.window.close_now()
    app.close()
    return times


def _resident() -> int:
    import psutil

    return psutil.Process().memory_info().rss


def _jobs(options: argparse.Namespace) -> dict[str, float]:
    """Lateness of a timer while events pour in: previews of 512 x 512 twenty times a second and a result every second."""
    import numpy as np
    from PySide6.QtCore import QEventLoop, Qt, QTimer

    from studio.app import App, make_application
    from studio.core.clip import Clip
    from studio.core.job import Preview, Progress, Result
    from studio.core.paths import home

    qt = make_application(["studio"])
    app = App(home(), start_engine=options.engine)
    app.window.show()
    session = app.session
    late: list[float] = []
    last = [0.0]
    ticker = QTimer(interval=4)
    ticker.setTimerType(Qt.TimerType.PreciseTimer)

    def tick() -> None:
        now = time.perf_counter()
        if last[0]:
            late.append(max(0.0, (now - last[0]) * 1000 - 4))
        last[0] = now

    ticker.timeout.connect(tick)
    rng = np.random.default_rng(0)
    pictures = [Clip.picture(rng.integers(0, 256, (512, 512, 3), np.uint8)) for _ in range(8)]
    step = [0]

    def pour() -> None:
        """What a quick engine sends, by the way it comes: the pool's signal."""
        job = next(iter(session.jobs))
        step[0] += 1
        spec = session.jobs[job].spec
        app.pool.happened.emit(job, Progress("drawing", step[0] % 20, 20, 1.0))
        app.pool.happened.emit(job, Preview(pictures[step[0] % 8], step[0]))
        if step[0] % 20 == 0:
            app.pool.happened.emit(job, Result(pictures[step[0] % 8], spec, 0, {"drawing": 1.0}, "cpu"))
            if len(session.candidates) > 3:
                session.accept()

    source = QTimer(interval=50)

    def begin() -> None:
        session.set_prompt("a fox on a blue background")
        if session.card is None:
            from studio.core.job import JobSpec, Text2Image

            session.send(JobSpec(technique=Text2Image(prompt="a fox")))
        else:
            for _ in range(6 if options.engine else 1):
                session.draw()
        if not options.engine:
            source.timeout.connect(pour)
            source.start()
        QTimer.singleShot(1500 if not options.engine else 8000, ticker.start)

    app.window.ready.connect(begin)
    loop = QEventLoop(qt)
    QTimer.singleShot(int((options.seconds + (3 if not options.engine else 9)) * 1000), loop.quit)
    loop.exec()
    source.stop()
    ticker.stop()
    app.window.close_now()
    app.close()
    late.sort()
    return {
        "stall p99": late[int(len(late) * 0.99)] if late else 0.0,
        "stall, median": late[len(late) // 2] if late else 0.0,
        "stall, worst": late[-1] if late else 0.0,
    }


def _gallery(options: argparse.Namespace) -> dict[str, float]:
    """Scrolling a page at a time through 100,000 entries; painting included."""
    import sqlite3

    from studio.app import App, make_application
    from studio.core.job import JobSpec, Text2Image
    from studio.core.paths import home

    qt = make_application(["studio"])
    app = App(home(), start_engine=False)
    spec = JobSpec(technique=Text2Image(prompt="a fox on a blue background")).to_json()
    with sqlite3.connect(app.queue.path) as db:
        names = [row[1] for row in db.execute("PRAGMA table_info(results)")]
        fixed = {"path": "/nowhere.png", "sha256": "", "size": 1, "kind": "picture", "width": 64, "height": 64, "length": 0.0, "spec": spec,
                 "technique": "text2image", "model": "tiny", "prompt": "a fox on a blue background", "seed": 1, "seconds": "{}",
                 "rating": 0, "trashed": None, "state": "ok"}  # fmt: skip
        rows = (
            [{**fixed, "id": i, "job": f"j{i}", "index": 0, "created": float(i)}.get(name) for name in names]
            for i in range(1, 100_001)
        )
        marks = ", ".join("?" * len(names))
        db.executemany(f"INSERT INTO results VALUES ({marks})", rows)
    app.window.show()
    strip = app.window.gallery.strip
    end = time.time() + 3
    while time.time() < end:
        qt.processEvents()
    frames: list[float] = []
    bar = strip.horizontalScrollBar()
    for _ in range(200):
        begin = time.perf_counter()
        bar.setValue(bar.value() + 300)
        strip.viewport().repaint()
        frames.append((time.perf_counter() - begin) * 1000)
        pause = time.time() + 0.016
        while time.time() < pause:
            qt.processEvents()
    count = app.window.gallery.model.rowCount()
    app.window.close_now()
    app.close()
    frames.sort()
    return {
        "gallery": frames[int(len(frames) * 0.95)],
        "gallery, median": frames[len(frames) // 2],
        "rows loaded, of 100000": count,
    }


CHILDREN = {"start": _start, "jobs": _jobs, "gallery": _gallery}

if __name__ == "__main__":
    sys.exit(main())
