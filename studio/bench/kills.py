"""Kills engine, window or both at random moments while a queue of jobs runs, then counts what was lost.

    studio bench kills [--n 1000] [--seed 0] [--json FILE]

The program that is killed is the real one without its widgets: queue, pool, worker's thread, engine process, files. Only
the engine draws with a random generator instead of a network, so that a job takes 20 to 50 ms and a kill may meet it
anywhere. At the end every job must have ended as done exactly once, with all its files, each with the right pixels;
there must be no other file, no zombie, no engine without a window and no shared memory left. Exit code 1 if not.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from studio.core.clip import Clip
from studio.core.job import Done, Event, JobSpec, Preview, Progress, Result, Text2Image
from studio.jobs import files
from studio.jobs.queue import Queue

ROOT = Path(__file__).resolve().parents[2]
ENGINE = "studio.bench.kills:DrillEngine"
AHEAD = 6
"""Jobs that are kept waiting."""


class DrillEngine:
    """Draws pictures from their seeds, step by step, and keeps a checkpoint as the real engine does."""

    def __init__(self, folders: list[Path]) -> None: ...

    def run(self, spec: JobSpec, checkpoint: Path | None = None) -> Iterator[Event]:
        steps = 4
        finished, begun = 0, 0
        with contextlib.suppress(OSError, ValueError, TypeError):
            finished, begun = json.loads(checkpoint.read_text() if checkpoint else "")
        for index in range(finished, spec.count):
            for step in range(begun, steps):
                yield Progress("drawing", step + 1, steps)
                time.sleep(random.uniform(0.002, 0.008))
                yield Preview(drawn(spec.seed + index, 16), step, index)
                _keep(checkpoint, index, step + 1)
            own = spec.model_copy(update={"seed": spec.seed + index, "count": 1})
            yield Result(drawn(own.seed, 160), own, index)
            begun = 0
            _keep(checkpoint, index + 1, 0)
        yield Done()


def drawn(seed: int, side: int) -> Clip:
    """The one right picture for a seed; the larger ones cross in shared memory."""
    return Clip.picture(np.random.default_rng(seed).integers(0, 256, (side, side, 3), np.uint8))


def _keep(checkpoint: Path | None, finished: int, step: int) -> None:
    if checkpoint:
        checkpoint.parent.mkdir(exist_ok=True)
        beside = checkpoint.with_name(f"{checkpoint.name}.{os.getpid()}.tmp")
        beside.write_text(json.dumps([finished, step]))
        os.replace(beside, checkpoint)


def program(folder: Path) -> int:
    """What is killed: runs the jobs of the queue in `folder` until a file named "stop" is there."""
    from PySide6.QtCore import QCoreApplication, QTimer

    from studio.jobs.pool import Pool
    from studio.media.results import save_result

    app = QCoreApplication([])
    pool = Pool(
        Queue(folder / "queue.sqlite"),
        folder / "out",
        save_result,
        options=("--engine", ENGINE),
    )
    pool.notice.connect(lambda sentence: print(sentence, file=sys.stderr, flush=True))
    pool.start()
    timer = QTimer(interval=50)
    timer.timeout.connect(lambda: (folder / "stop").exists() and app.quit())
    timer.start()
    app.exec()
    pool.close()
    return 0


class Drill:
    """One run of the experiment in an empty folder."""

    def __init__(self, folder: Path, seed: int = 0) -> None:
        self.folder = folder
        self.random = random.Random(seed)
        self.queue = Queue(folder / "queue.sqlite")
        _count_ends(folder / "queue.sqlite")
        self.counts: Counter[str] = Counter()
        self.kills = 0
        self.returns: list[float] = []
        """Seconds from a kill to the next change of a job."""
        self.exits: list[float] = []
        """Seconds that an engine outlived its window."""
        self.troubles: list[str] = []
        self._seed = 0
        self._specs: dict[str, JobSpec] = {}
        self._program: subprocess.Popen[bytes] | None = None
        self._shared = _shared_memory()
        self._log = open(folder / "log", "ab")  # noqa: SIM115

    def run(self, kills: int, seconds: float = 1e9, say: Callable[[str], object] = lambda line: None) -> None:
        """So many kills, or as many as fit into the time; then lets all jobs end, and counts."""
        began = time.monotonic()
        try:
            for number in range(kills):
                if time.monotonic() - began > seconds:
                    break
                self._feed()
                program = self._alive()
                self._wait(program)
                self._kill(program)
                if number % 50 == 49:
                    say(f"{number + 1} kills, {len(self._specs)} jobs, {self.counts['done']} done")
            self._drain()
        finally:
            if self._program and self._program.poll() is None:
                self._program.kill()
                self._program.wait()
            self._log.close()
        self._check()
        self.said = (self.folder / "log").read_text("utf-8", "replace")

    def _feed(self) -> None:
        """Keeps jobs waiting; what failed because its engine was killed is tried again, as a user would."""
        counts = self.queue.counts()
        self.counts["done"] = counts["done"]
        for job in self.queue.jobs("failed", "paused", limit=1000):
            if job.state == "failed" and job.kind != "engine":
                self.troubles.append(f"job {job.id} failed: {job.error}")
            self.counts[f"tried again by hand ({job.state})"] += 1
            (self.queue.retry if job.state == "failed" else self.queue.resume)(job.id)
        for _ in range(AHEAD - counts["waiting"]):
            count = self.random.randint(1, 3)
            spec = JobSpec(technique=Text2Image(prompt="a fox"), seed=self._seed, count=count)
            self._seed += count
            self._specs[self.queue.add(spec)] = spec

    def _alive(self) -> subprocess.Popen[bytes]:
        if self._program is None or self._program.poll() is not None:
            self._program = subprocess.Popen(
                [sys.executable, "-m", "studio.bench.kills", "--program", str(self.folder)],
                stderr=self._log,
                env={
                    **os.environ,
                    "PYTHONPATH": os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH")))),
                },
            )
            self.counts["program starts"] += 1
        return self._program

    def _wait(self, program: subprocess.Popen[bytes]) -> None:
        """Until a job has been taken, or done, and a little longer; one time in ten anywhere, the start included."""
        began = time.monotonic()
        wanted = self.random.choices(("taken", "done", ""), (4, 5, 1))[0]
        if wanted:
            before = self._progress(wanted)
            while (
                self._progress(wanted) == before and time.monotonic() - began < 30 and program.poll() is None
            ):
                time.sleep(0.002)
            if wanted == "taken":
                self.returns.append(time.monotonic() - began)
            time.sleep(self.random.uniform(0, 0.15))
        else:
            time.sleep(self.random.uniform(0, 0.5))
        for child in _children(program.pid):
            if _is_zombie(child):
                time.sleep(0.5)
                if _is_zombie(child):
                    self.troubles.append(f"{child.pid} is a zombie")

    def _kill(self, program: subprocess.Popen[bytes]) -> None:
        engines = [child for child in _children(program.pid) if not _is_zombie(child)]
        kind = self.random.choices(("engine", "window", "both"), (5, 3, 2))[0]
        if not engines:
            kind = "window"
        self.counts[f"kills of {kind}"] += 1
        self.kills += 1
        if self._job_runs():
            self.counts["kills in the middle of a job"] += 1
        if kind in ("engine", "both"):
            for engine in engines:
                with contextlib.suppress(psutil.NoSuchProcess):
                    engine.kill()
        if kind in ("window", "both"):
            program.kill()
            program.wait()
            began = time.monotonic()
            while any(engine.is_running() and not _is_zombie(engine) for engine in engines):
                if time.monotonic() - began > 5:
                    self.troubles.append("an engine outlived its window")
                    break
                time.sleep(0.002)
            if kind == "window":
                self.exits.append(time.monotonic() - began)

    def _progress(self, of: str) -> object:
        counts = self.queue.counts()
        return counts["done"] if of == "done" else counts

    def _job_runs(self) -> bool:
        return self.queue.counts()["running"] > 0

    def _drain(self) -> None:
        """No more kills: everything must come to an end by itself."""
        end = time.monotonic() + 60
        jobs = len(self._specs)
        while self.queue.counts()["done"] < jobs and time.monotonic() < end:
            for job in self.queue.jobs("failed", "paused", limit=1000):
                (self.queue.retry if job.state == "failed" else self.queue.resume)(job.id)
            self._alive()
            time.sleep(0.05)
        time.sleep(0.3)
        (self.folder / "stop").write_text("")
        program = self._alive()
        try:
            if program.wait(20):
                self.troubles.append(f"the program ended with code {program.returncode}")
        except subprocess.TimeoutExpired:
            program.kill()
            program.wait()
            self.troubles.append("the program did not end")

    def _check(self) -> None:
        from studio.media.image import read_picture

        lost = self.troubles.append
        self.counts["jobs"] = len(self._specs)
        self.counts["done"] = self.queue.counts()["done"]
        rows: dict[Path, str] = {}
        for id, spec in self._specs.items():
            job = self.queue.job(id)
            if job is None or job.state != "done":
                lost(f"job {id} is {job.state if job else 'gone'}")
            entries = {entry.index: entry for entry in self.queue.results(job=id)}
            if set(entries) != set(range(spec.count)):
                lost(f"job {id} has the results {sorted(entries)} of {spec.count}")
            for index, entry in entries.items():
                if not self.queue.check(entry.id):
                    lost(f"{entry.path} is {entry.state}")
                elif read_picture(entry.path).digest() != drawn(spec.seed + index, 160).digest():
                    lost(f"{entry.path} has the wrong pixels")
                rows[entry.path] = id
        self.counts["results"] = len(rows)
        there = {path for path in (self.folder / "out").rglob("*") if path.is_file()}
        for path in there - rows.keys():
            lost(f"{path} belongs to no row")
        left = [*(self.folder / "out" / files.INCOMING).glob("*"), *(self.folder / "unfinished").glob("*")]
        for path in left:
            lost(f"{path} was left behind")
        for job, ends in _ends(self.folder / "queue.sqlite").items():
            if ends != 1:
                lost(f"job {job} ended {ends} times")
        if extra := _shared_memory() - self._shared:
            lost(f"shared memory was left behind: {extra}")
        self.queue.close()

    def table(self) -> str:
        lines = [f"{name:<42}{number:>8}" for name, number in sorted(self.counts.items())]
        for name, seconds in (
            ("job served again after", self.returns),
            ("engine outlived window by", self.exits),
        ):
            if seconds:
                median, most = statistics.median(seconds), max(seconds)
                lines.append(f"{name + ', median / max ms':<42}{median * 1e3:>8.0f} / {most * 1e3:.0f}")
        lines.append(f"{'rows, files, jobs lost or doubled; zombies':<42}{len(self.troubles):>8}")
        return "\n".join([*lines, *self.troubles[:20]])


def _children(pid: int) -> list[psutil.Process]:
    with contextlib.suppress(psutil.NoSuchProcess):
        return psutil.Process(pid).children()
    return []


def _is_zombie(process: psutil.Process) -> bool:
    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _shared_memory() -> set[str]:
    """Names in shared memory that no living process uses; other programs come and go there while this one measures."""
    try:
        names = set(os.listdir("/dev/shm"))
    except OSError:
        return set()
    for process in psutil.process_iter():
        if not names:
            break
        with contextlib.suppress(OSError):
            maps = Path(f"/proc/{process.pid}/maps").read_text("utf-8", "replace")
            names -= {name for name in names if f"/dev/shm/{name}" in maps}
    return names


def _count_ends(path: Path) -> None:
    """Has the database itself note every time that a job becomes done."""
    import sqlite3

    with contextlib.closing(sqlite3.connect(path)) as db:
        db.executescript(
            "CREATE TABLE ends (job TEXT); CREATE TRIGGER note_end AFTER UPDATE OF state ON jobs"
            " WHEN new.state = 'done' AND old.state != 'done' BEGIN INSERT INTO ends VALUES (new.id); END;"
        )


def _ends(path: Path) -> dict[str, int]:
    import sqlite3

    with contextlib.closing(sqlite3.connect(path)) as db:
        if (said := db.execute("PRAGMA integrity_check").fetchone()[0]) != "ok":
            return {said: 0}
        return dict(db.execute("SELECT job, count(*) FROM ends GROUP BY job"))


def main(argv: list[str] | None = None) -> int:
    """Prints the table; the exit code says whether anything was lost."""
    parser = argparse.ArgumentParser("studio bench kills", description=__doc__)
    parser.add_argument("--n", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=1e9, help="stop killing after so long")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--program", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args(argv)
    if args.program:
        return program(args.program)
    if not hasattr(signal, "SIGKILL"):
        print("This measurement needs a system with kill -9.")
        return 2
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="studio-kills-") as folder:
        drill = Drill(Path(folder), args.seed)
        drill.run(
            args.n, args.seconds, lambda line: print(f"{time.monotonic() - began:6.0f} s  {line}", flush=True)
        )
        print(drill.table())
    if args.json:
        numbers: dict[str, Any] = {
            **drill.counts,
            "troubles": drill.troubles,
            "seconds": time.monotonic() - began,
        }
        args.json.write_text(json.dumps(numbers, indent=2), "utf-8")
    return 1 if drill.troubles else 0


if __name__ == "__main__":
    sys.exit(main())
