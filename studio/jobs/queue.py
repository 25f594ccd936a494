"""Jobs and their results in one SQLite file that survives a kill of everything at any moment.

| state     | means                                                                                                |
|-----------|------------------------------------------------------------------------------------------------------|
| waiting   | will be claimed: highest priority first, then by position                                             |
| running   | claimed by `owner`, a process; when that process is dead the job is offered again (`recover`)          |
| paused    | stays until `resume`; its checkpoint stays too                                                         |
| done      | every result is a file and a row                                                                       |
| failed    | `error` says why in one sentence; `retry` continues from the checkpoint where there is one             |
| cancelled | by the user; what was finished stays                                                                   |

Two windows may use one queue. Claiming is one atomic UPDATE; whatever is written about a running job names the claim's
owner and is ignored when the job is no longer theirs, so a window that was taken for dead cannot end a job twice. A job
that was added with a `home` is left to that window while it lives: the window that shows the previews runs the job. A
wish (cancel, pause) for a job that runs in the other window is written into its row; its owner reads it there.

A result is a file before it is a visible row: `announce` writes where the file is going to be, the file is moved there,
`confirm` makes the row visible. After a kill in between, `recover` looks at the disk and either confirms or forgets.

Errors are `QueueError`s with one sentence. A damaged database is set aside and yesterday's copy takes its place
(`notice` says so); the result files are never touched. Chosen over a folder of JSON files (no atomic claim, no search)
and over a server process (one more thing to die). WAL with synchronous=NORMAL cannot be damaged by a power cut and may
lose its last transactions; what must not be lost, results and endings, is written with synchronous=FULL.
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
import sqlite3
import sys
import threading
import time
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal

from studio.core.job import JobSpec, Result, read_spec
from studio.jobs import files

State = Literal["waiting", "running", "paused", "done", "failed", "cancelled"]
Wish = Literal["", "cancel", "pause"]
ENDED = ("done", "failed", "cancelled")

TOO_OFTEN = 5
"""A job whose program died this often while it ran is paused, lest it take the program down again and again."""
CHECK_BELOW = 64 * 2**20
"""Databases up to this many bytes are checked whole when opened."""
DAY = 86400.0

_MIGRATIONS = [
    """
    CREATE TABLE jobs (
        id TEXT PRIMARY KEY, spec TEXT NOT NULL, technique TEXT NOT NULL, model TEXT NOT NULL, prompt TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('waiting', 'running', 'paused', 'done', 'failed', 'cancelled')),
        priority INTEGER NOT NULL, position REAL NOT NULL,
        created REAL NOT NULL, started REAL, ended REAL, seconds REAL NOT NULL DEFAULT 0,
        owner TEXT NOT NULL DEFAULT '', home TEXT NOT NULL DEFAULT '', wish TEXT NOT NULL DEFAULT '',
        attempts INTEGER NOT NULL DEFAULT 0, checkpoint TEXT NOT NULL DEFAULT '',
        error TEXT NOT NULL DEFAULT '', details TEXT NOT NULL DEFAULT '', kind TEXT NOT NULL DEFAULT ''
    );
    CREATE INDEX jobs_in_order ON jobs (state, priority DESC, position);
    CREATE TABLE results (
        id INTEGER PRIMARY KEY, job TEXT NOT NULL, "index" INTEGER NOT NULL, path TEXT NOT NULL, sha256 TEXT NOT NULL,
        size INTEGER NOT NULL, kind TEXT NOT NULL, width INTEGER NOT NULL, height INTEGER NOT NULL,
        length REAL NOT NULL, created REAL NOT NULL, spec TEXT NOT NULL, technique TEXT NOT NULL,
        model TEXT NOT NULL, prompt TEXT NOT NULL, seed INTEGER NOT NULL, seconds TEXT NOT NULL,
        rating INTEGER NOT NULL DEFAULT 0, trashed REAL,
        state TEXT NOT NULL CHECK (state IN ('pending', 'ok', 'damaged')), UNIQUE (job, "index")
    );
    CREATE INDEX results_by_date ON results (created DESC);
    CREATE VIRTUAL TABLE words USING fts5 (prompt, content='results', content_rowid='id');
    CREATE TRIGGER words_in AFTER INSERT ON results BEGIN
        INSERT INTO words (rowid, prompt) VALUES (new.id, new.prompt);
    END;
    CREATE TRIGGER words_out AFTER DELETE ON results BEGIN
        INSERT INTO words (words, rowid, prompt) VALUES ('delete', old.id, old.prompt);
    END;
    """,
    """
    CREATE TABLE origins (input TEXT NOT NULL, seed INTEGER NOT NULL, spec TEXT NOT NULL, PRIMARY KEY (input, spec));
    CREATE INDEX origins_by_seed ON origins (seed);
    CREATE INDEX results_by_seed ON results (seed);
    """,
]
"""Script i brings a database of version i to version i + 1 (`PRAGMA user_version`)."""


class QueueError(Exception):
    """The queue cannot do it: one sentence that says why and what helps."""


@dataclass(frozen=True)
class Job:
    """A row of the queue. `spec` is JSON as it was stored, perhaps by an older studio: `Queue.spec_of` reads it."""

    id: str
    spec: str
    technique: str
    model: str
    prompt: str
    state: State
    priority: int
    position: float
    created: float
    started: float | None
    ended: float | None
    seconds: float
    """Time spent on it, over all attempts that ended."""
    owner: str
    home: str
    wish: Wish
    attempts: int
    checkpoint: str
    error: str
    details: str
    kind: str

    def request(self) -> dict[str, Any]:
        """The spec as plain data. Raises ValueError when the row was damaged."""
        return json.loads(self.spec)


@dataclass(frozen=True)
class Entry:
    """A result in the gallery. `state`: "ok", "missing" (no file there) or "damaged" (not the file that was saved)."""

    id: int
    job: str
    index: int
    path: Path
    sha256: str
    size: int
    kind: str
    width: int
    height: int
    length: float
    created: float
    spec: str
    technique: str
    model: str
    prompt: str
    seed: int
    seconds: dict[str, float]
    rating: int
    trashed: float | None
    state: Literal["ok", "missing", "damaged"]


class Queue:
    """The queue in the file `path`. May be used from every thread; each has its own connection.

    Raises:
        QueueError: the file cannot be opened, or comes from a newer studio.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.notice = ""
        """One sentence for the user when the file was damaged, else empty."""
        self._local = threading.local()
        self._all: list[sqlite3.Connection] = []
        self._writes = 0
        self._seen: tuple[int, int] | None = None
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with files.locked(path.with_name(path.name + ".lock")):
                self._open()
        except (OSError, sqlite3.Error) as error:
            self.close()
            raise QueueError(files.sentence(error, f"The list of jobs {path} cannot be opened")) from error

    def close(self) -> None:
        """Closes the connections of all threads."""
        while self._all:
            self._all.pop().close()
        self._local = threading.local()

    # --- jobs ---------------------------------------------------------------------------------------------------------

    def add(self, spec: JobSpec, priority: int = 0, home: str = "", paused: bool = False) -> str:
        """Puts a request at the end of its priority -> the job's id. `home`: the owner that runs it while it lives."""
        job = uuid.uuid4().hex
        row = (
            job,
            spec.to_json(),
            spec.technique.name,
            spec.model,
            _prompt(spec),
            "paused" if paused else "waiting",
        )
        with self._write("The job cannot be stored") as db:
            db.execute(
                "INSERT INTO jobs (id, spec, technique, model, prompt, state, priority, position, created, home)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, (SELECT coalesce(max(position), 0) + 1 FROM jobs), ?, ?)",
                (*row, priority, time.time(), home),
            )
        return job

    def claim(self, owner: str, checkpoints: Path | None = None) -> Job | None:
        """The next job, now running under `owner` (see `new_owner`); None when nothing waits for this owner."""
        mine = "state = 'waiting' AND home IN ('', ?)"
        if not self._rows(f"SELECT 1 FROM jobs WHERE {mine} LIMIT 1", owner):
            return None
        with self._write("The next job cannot be taken") as db:
            found = db.execute(
                "UPDATE jobs SET state = 'running', owner = ?, started = ?, ended = NULL, wish = '',"
                " attempts = attempts + 1, error = '', details = '', kind = '',"
                " checkpoint = CASE WHEN ? = '' THEN checkpoint ELSE ? || id END"
                f" WHERE id = (SELECT id FROM jobs WHERE {mine} ORDER BY priority DESC, position LIMIT 1) RETURNING *",
                (owner, time.time(), *[str(checkpoints) + os.sep if checkpoints else ""] * 2, owner),
            ).fetchall()
        return Job(**found[0]) if found else None

    def finish(self, job: str, owner: str) -> bool:
        """running -> done. False when the job is not this owner's (any more)."""
        return self._end(job, owner, "done")

    def fail(self, job: str, owner: str, error: str, details: str = "", kind: str = "error") -> bool:
        """running -> failed, with one sentence for the user."""
        return self._end(job, owner, "failed", error, details, kind)

    def stop(self, job: str, owner: str, state: Literal["cancelled", "paused", "waiting"]) -> bool:
        """running -> cancelled or paused as was wished, or waiting again because its window closes."""
        return self._end(job, owner, state)

    def _end(
        self, job: str, owner: str, state: State, error: str = "", details: str = "", kind: str = ""
    ) -> bool:
        with self._write("The end of the job cannot be stored", durable=True) as db:
            now = time.time()
            return bool(
                db.execute(
                    "UPDATE jobs SET state = ?, error = ?, details = ?, kind = ?, ended = ?,"
                    " seconds = seconds + ? - started, owner = '', wish = '', attempts = attempts - ?"
                    " WHERE id = ? AND owner = ? AND state = 'running'",
                    (state, error, details, kind, now, now, state in ("waiting", "paused"), job, owner),
                ).rowcount
            )

    def cancel(self, job: str) -> None:
        """A waiting or paused job is cancelled; for a running one it is a wish that its owner fulfils."""
        self._wish(job, "cancel", "cancelled")

    def pause(self, job: str) -> None:
        """A waiting job is paused; a running one stops within a step and keeps its checkpoint."""
        self._wish(job, "pause", "paused")

    def _wish(self, job: str, wish: Wish, state: State) -> None:
        with self._write(f"The job cannot be {state}") as db:
            db.execute("UPDATE jobs SET wish = ? WHERE id = ? AND state = 'running'", (wish, job))
            db.execute(
                "UPDATE jobs SET state = ?, ended = ? WHERE id = ? AND state IN ('waiting', 'paused')",
                (state, time.time() if state == "cancelled" else None, job),
            )

    def wish(self, job: str) -> Wish:
        """What the user wants of a running job: "", "cancel" or "pause"."""
        rows = self._rows("SELECT wish FROM jobs WHERE id = ?", job)
        return rows[0]["wish"] if rows else "cancel"

    def resume(self, job: str) -> None:
        """paused -> waiting."""
        with self._write("The job cannot be resumed") as db:
            db.execute(
                "UPDATE jobs SET state = 'waiting', attempts = 0, error = '' WHERE id = ? AND state = 'paused'",
                (job,),
            )
            db.execute(
                "UPDATE jobs SET wish = '' WHERE id = ? AND state = 'running' AND wish = 'pause'", (job,)
            )

    def retry(self, job: str, home: str = "") -> None:
        """failed or cancelled -> waiting; results that it already has are kept and not made again."""
        with self._write("The job cannot be tried again") as db:
            db.execute(
                "UPDATE jobs SET state = 'waiting', attempts = 0, ended = NULL, home = ?"
                " WHERE id = ? AND state IN ('failed', 'cancelled')",
                (home, job),
            )

    def move(self, job: str, before: str | None = None, after: str | None = None) -> None:
        """Puts a job directly before or after another one, with that one's priority; with neither, in front of all."""
        with self._write("The job cannot be moved") as db:
            order = db.execute(
                "SELECT id, priority, position FROM jobs WHERE state IN ('waiting', 'paused', 'running') AND id != ?"
                " ORDER BY priority DESC, position",
                (job,),
            ).fetchall()
            ids = [row["id"] for row in order]
            other = before or after
            if other is not None and other not in ids:
                return
            at = 0 if other is None else ids.index(other) + (before is None)
            priority = (
                order[ids.index(other)]["priority"] if other else (order[0]["priority"] if order else 0)
            )
            peers = [(i, row["position"]) for i, row in enumerate(order) if row["priority"] == priority]
            low = max((position for i, position in peers if i < at), default=None)
            high = min((position for i, position in peers if i >= at), default=None)
            if low is None and high is None:
                position = 0.0
            elif low is None or high is None:
                position = high - 1 if low is None else low + 1  # pyright: ignore[reportOptionalOperand]
            else:
                position = (low + high) / 2
                if not low < position < high:  # no number is left between them: number the whole list anew
                    ids.insert(at, job)
                    db.executemany(
                        "UPDATE jobs SET position = ? WHERE id = ?",
                        [(float(i), id) for i, id in enumerate(ids)],
                    )
                    position = float(at)
            db.execute("UPDATE jobs SET position = ?, priority = ? WHERE id = ?", (position, priority, job))

    def remove(self, job: str) -> None:
        """Takes an ended job off the list; its results stay."""
        with self._write("The job cannot be removed") as db:
            db.execute(f"DELETE FROM jobs WHERE id = ? AND state IN {ENDED}", (job,))

    def recover(self) -> int:
        """Offers jobs again whose owner is dead, and settles half-saved results -> how many jobs."""
        rows = self._rows(
            "SELECT owner AS who FROM jobs WHERE state = 'running'"
            " UNION SELECT home FROM jobs WHERE home != '' AND state IN ('waiting', 'paused')"
        )
        dead = [row["who"] for row in rows if not alive(row["who"])]
        self._settle(dead)
        return sum(self._take_back(owner) for owner in dead)

    def _settle(self, dead: Sequence[str]) -> None:
        """Announced results that nobody is going to confirm: those whose file is there and whole become visible."""
        marks = ", ".join("?" * len(dead))
        pending = self._rows(
            "SELECT r.id, r.path, r.sha256 FROM results r LEFT JOIN jobs j ON j.id = r.job WHERE r.state = 'pending'"
            f" AND (j.id IS NULL OR j.state != 'running' OR j.owner IN ({marks}))",
            *dead,
        )
        if not pending:
            return
        whole = [(row["id"],) for row in pending if _is(Path(row["path"]), row["sha256"])]
        lost = [(row["id"],) for row in pending if (row["id"],) not in whole]
        with self._write("Interrupted results cannot be taken back") as db:
            db.executemany("UPDATE results SET state = 'ok' WHERE id = ? AND state = 'pending'", whole)
            db.executemany("DELETE FROM results WHERE id = ? AND state = 'pending'", lost)

    def _take_back(self, owner: str) -> int:
        sentence = (
            f"The studio was ended {TOO_OFTEN} times while this job ran; press Resume to try it once more."
        )
        with self._write("Interrupted jobs cannot be taken back") as db:
            db.execute("UPDATE jobs SET home = '' WHERE home = ?", (owner,))
            return db.execute(
                "UPDATE jobs SET owner = '', wish = '', ended = CASE WHEN wish = 'cancel' THEN ? END,"
                " state = CASE WHEN wish = 'cancel' THEN 'cancelled' WHEN wish = 'pause' OR attempts >= ? THEN 'paused'"
                " ELSE 'waiting' END, error = CASE WHEN wish = '' AND attempts >= ? THEN ? ELSE '' END"
                " WHERE owner = ? AND state = 'running'",
                (time.time(), TOO_OFTEN, TOO_OFTEN, sentence, owner),
            ).rowcount

    def leave(self, owner: str) -> None:
        """The owner closes: jobs that were meant for it may be run by anyone."""
        with self._write("Waiting jobs cannot be handed over") as db:
            db.execute("UPDATE jobs SET home = '' WHERE home = ?", (owner,))

    def job(self, job: str) -> Job | None:
        rows = self._rows("SELECT * FROM jobs WHERE id = ?", job)
        return Job(**rows[0]) if rows else None

    def spec_of(self, job: str) -> JobSpec:
        """The job's request, brought to this version.

        Raises:
            QueueError: there is no such job.
            BadRequest: the request cannot be read by this studio.
        """
        row = self.job(job)
        if row is None:
            raise QueueError(f"There is no job {job}; it may have been removed in another window.")
        return read_spec(row.spec)

    def jobs(self, *states: State, limit: int = 100, offset: int = 0) -> list[Job]:
        """Jobs in these states (none: all): running, then waiting and paused in their order, then ended, newest first."""
        marks = f"WHERE state IN ({', '.join('?' * len(states))})" if states else ""
        rows = self._rows(
            f"SELECT * FROM jobs {marks} ORDER BY CASE state WHEN 'running' THEN 0 WHEN 'waiting' THEN 1 WHEN"
            " 'paused' THEN 1 ELSE 2 END, CASE WHEN ended IS NULL OR state = 'paused' THEN 0 ELSE -ended END,"
            " priority DESC, position LIMIT ? OFFSET ?",
            *states,
            limit,
            offset,
        )
        return [Job(**row) for row in rows]

    def counts(self) -> dict[State, int]:
        """How many jobs are in each state."""
        found = {
            row["state"]: row["n"]
            for row in self._rows("SELECT state, count(*) AS n FROM jobs GROUP BY state")
        }
        return {
            state: found.get(state, 0)
            for state in ("waiting", "running", "paused", "done", "failed", "cancelled")
        }

    # --- results ------------------------------------------------------------------------------------------------------

    def announce(self, job: str, owner: str, result: Result, path: Path, sha256: str, size: int) -> bool:
        """Writes where the file of a result is going to be. False when the job is not this owner's (any more)."""
        clip, spec = result.clip, result.spec
        sides = (clip.width, clip.height) if "x" in clip.axes else (0, 0)
        row = (
            job,
            result.index,
            str(path),
            sha256,
            size,
            clip.kind,
            *sides,
            clip.seconds,
            time.time(),
            spec.to_json(),
        )
        more = (spec.technique.name, spec.model, _prompt(spec), spec.seed, json.dumps(result.seconds))
        with self._write("The result cannot be stored") as db:
            mine = db.execute(
                "SELECT 1 FROM jobs WHERE id = ? AND owner = ? AND state = 'running'", (job, owner)
            )
            if not mine.fetchall():
                return False
            db.execute('DELETE FROM results WHERE job = ? AND "index" = ?', (job, result.index))
            db.execute(
                'INSERT INTO results (job, "index", path, sha256, size, kind, width, height, length, created, spec,'
                " technique, model, prompt, seed, seconds, state)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'pending')",
                row + more,
            )
        return True

    def confirm(self, job: str, index: int) -> None:
        """The announced file is there: the result is visible from now on."""
        with self._write("The result cannot be stored", durable=True) as db:
            db.execute(
                """UPDATE results SET state = 'ok' WHERE job = ? AND "index" = ? AND state = 'pending'""",
                (job, index),
            )

    def result(self, job: str, index: int) -> Entry | None:
        rows = self._rows(
            """SELECT * FROM results WHERE job = ? AND "index" = ? AND state != 'pending'""", job, index
        )
        return _entry(rows[0]) if rows else None

    def results(
        self,
        search: str = "",
        *,
        job: str = "",
        model: str = "",
        technique: str = "",
        kind: str = "",
        since: float | None = None,
        until: float | None = None,
        rating: int = 0,
        trashed: bool = False,
        limit: int = 100,
        offset: int = 0,
    ) -> list[Entry]:
        """Results, newest first.

        Args:
            search: words of the prompt, in any order; the beginning of a word is enough.
            since, until: seconds since 1970.
            rating: at least so many stars.
            trashed: those in the trash instead of those outside.
        """
        wanted: list[tuple[str, Any]] = [("trashed IS NOT NULL" if trashed else "trashed IS NULL", ())]
        if match := " ".join('"' + word.replace('"', '""') + '"*' for word in search.split()):
            wanted.append(("id IN (SELECT rowid FROM words WHERE words MATCH ?)", (match,)))
        for column, value in (("job", job), ("model", model), ("technique", technique), ("kind", kind)):
            if value:
                wanted.append((f"{column} = ?", (value,)))
        for test, number in (
            ("created >= ?", since),
            ("created < ?", until),
            ("rating >= ?", rating or None),
        ):
            if number is not None:
                wanted.append((test, (number,)))
        rows = self._rows(
            f"SELECT * FROM results WHERE state != 'pending' AND {' AND '.join(test for test, _ in wanted)}"
            " ORDER BY created DESC, id DESC LIMIT ? OFFSET ?",
            *(value for _, values in wanted for value in values),
            limit,
            offset,
        )
        return [_entry(row) for row in rows]

    def entries(self, test: str, *values: Any, limit: int = 100) -> list[Entry]:
        """Results for which an SQL expression holds, newest first, those in the trash included (for `lineage`)."""
        rows = self._rows(
            f"SELECT * FROM results WHERE state != 'pending' AND ({test}) ORDER BY created DESC, id DESC LIMIT ?",
            *values,
            limit,
        )
        return [_entry(row) for row in rows]

    def rate(self, entry: int, stars: int) -> None:
        """0 (not rated) to 5."""
        self._mark(entry, "rating", min(max(stars, 0), 5))

    def trash(self, entry: int) -> None:
        """Out of sight; the file stays until `purge`."""
        self._mark(entry, "trashed", time.time())

    def restore(self, entry: int) -> None:
        self._mark(entry, "trashed", None)

    def check(self, entry: int) -> bool:
        """Reads the whole file: whether it is still what was saved. A file that is not is marked damaged."""
        rows = self._rows("SELECT path, sha256 FROM results WHERE id = ?", entry)
        same = bool(rows) and _is(Path(rows[0]["path"]), rows[0]["sha256"])
        if rows and Path(rows[0]["path"]).exists():
            self._mark(entry, "state", "ok" if same else "damaged")
        return same

    def purge(self, before: float) -> int:
        """Deletes for ever what was trashed before that time, files first -> how many."""
        rows = self._rows("SELECT id, path FROM results WHERE trashed < ?", before)
        for row in rows:
            with contextlib.suppress(OSError):
                Path(row["path"]).unlink(missing_ok=True)
        with self._write("The trash cannot be emptied") as db:
            db.executemany("DELETE FROM results WHERE id = ?", [(row["id"],) for row in rows])
        return len(rows)

    def _mark(self, entry: int, column: str, value: Any) -> None:
        with self._write("The change cannot be stored") as db:
            db.execute(f"UPDATE results SET {column} = ? WHERE id = ?", (value, entry))

    # --- the file -----------------------------------------------------------------------------------------------------

    def changed(self) -> bool:
        """Whether anything was written, here or in another window, since the last call. Cheap: ask twice a second."""
        with self._guard("The list of jobs cannot be read"):
            now = (self._db().execute("PRAGMA data_version").fetchone()[0], self._writes)
        before, self._seen = self._seen, now
        return before != now

    def backup(self, every: float = DAY) -> bool:
        """Copies the database beside itself unless a copy younger than `every` seconds is there -> whether it did."""
        target = _copy_of(self.path)
        with self._guard("The list of jobs cannot be copied"):
            if target.exists() and time.time() - target.stat().st_mtime < every:
                return False
            beside = target.with_suffix(f".{os.getpid()}.tmp")
            with contextlib.closing(sqlite3.connect(beside)) as copy:
                self._db().backup(copy)
            os.replace(beside, target)
            return True

    def _open(self) -> None:
        try:
            self._prepare()
        except sqlite3.OperationalError:
            raise  # locked, full, read-only: the file itself is all right
        except sqlite3.DatabaseError:
            self.close()
            aside, restored = _set_aside(self.path)
            try:
                self._prepare()
            except sqlite3.DatabaseError:  # the copy is damaged too
                self.close()
                _set_aside(self.path, restore=False)
                restored = False
                self._prepare()
            after = "an earlier copy took its place" if restored else "a new one was begun"
            self.notice = (
                f"The list of jobs was damaged: it was put aside as {aside.name} and {after};"
                " your result files are untouched."
            )

    def _prepare(self) -> None:
        """Checks the file and brings it to this version."""
        if self.path.exists() and self.path.stat().st_size == 0 and _copy_of(self.path).exists():
            raise sqlite3.DatabaseError("the file is empty")
        db = self._db()
        db.execute("PRAGMA journal_mode = WAL")
        version = db.execute("PRAGMA user_version").fetchone()[0]
        if version > len(_MIGRATIONS):
            raise QueueError(
                f"The list of jobs {self.path} was written by a newer studio; update this one or choose another folder."
            )
        small = self.path.stat().st_size <= CHECK_BELOW
        if small and [row[0] for row in db.execute("PRAGMA quick_check(1)")] != ["ok"]:
            raise sqlite3.DatabaseError("the check failed")
        for number, script in enumerate(_MIGRATIONS[version:], version + 1):
            db.executescript(f"BEGIN IMMEDIATE; {script}; PRAGMA user_version = {number}; COMMIT;")
        db.execute("SELECT count(*) FROM jobs").fetchone()

    def _db(self) -> sqlite3.Connection:
        db: sqlite3.Connection | None = getattr(self._local, "db", None)
        if db is None:
            db = sqlite3.connect(self.path, timeout=5, isolation_level=None, check_same_thread=False)
            db.row_factory = sqlite3.Row
            db.execute("PRAGMA synchronous = NORMAL")
            self._local.db = db
            self._all.append(db)
        return db

    @contextlib.contextmanager
    def _guard(self, what: str) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise QueueError(files.sentence(error, what)) from error

    @contextlib.contextmanager
    def _write(self, what: str, durable: bool = False) -> Iterator[sqlite3.Connection]:
        """One transaction, all or nothing; `durable`: survives a power cut as soon as it is over."""
        with self._guard(what):
            db = self._db()
            if durable:
                db.execute("PRAGMA synchronous = FULL")
            try:
                db.execute("BEGIN IMMEDIATE")
                yield db
                db.execute("COMMIT")
                self._writes += 1
            finally:
                if db.in_transaction:
                    db.execute("ROLLBACK")
                if durable:
                    db.execute("PRAGMA synchronous = NORMAL")

    def writing(self, what: str) -> contextlib.AbstractContextManager[sqlite3.Connection]:
        """One transaction for another module of this package; `what` failed, if it fails."""
        return self._write(what)

    def rows(self, sql: str, *values: Any) -> list[sqlite3.Row]:
        """A question of another module of this package. Raises QueueError."""
        return self._rows(sql, *values)

    def _rows(self, sql: str, *values: Any) -> list[sqlite3.Row]:
        with self._guard("The list of jobs cannot be read"):
            return self._db().execute(sql, values).fetchall()


def new_owner() -> str:
    """A name for a claimer of jobs that tells whether its process still lives: pid/start of the process/unique."""
    return f"{os.getpid()}/{_start(os.getpid())}/{uuid.uuid4().hex}"


def alive(owner: str) -> bool:
    """Whether the process that `owner` names runs: the same process, not a later one with its number, and no zombie."""
    pid, _, rest = owner.partition("/")
    return pid.isdigit() and _start(int(pid)) == rest.rpartition("/")[0]


def _start(pid: int) -> str:
    """What distinguishes a process from all others that had or will have its number; empty when it does not run."""
    if sys.platform == "linux":
        # Clock ticks since boot, and which boot: unlike a time of day they don't move when the clock is set.
        try:
            state, *numbers = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return ""
        return "" if state in "ZX" else f"{_boot()}-{numbers[18]}"
    import psutil

    try:
        process = psutil.Process(pid)
        return "" if process.status() == psutil.STATUS_ZOMBIE else f"{process.create_time():.2f}"
    except psutil.Error:
        return ""


@functools.cache
def _boot() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return "boot"


def _prompt(spec: JobSpec) -> str:
    technique = spec.technique
    return next(
        (text for name in ("prompt", "instruction", "text") if (text := getattr(technique, name, ""))), ""
    )


def _is(path: Path, sha256: str) -> bool:
    try:
        return files.digest(path) == sha256
    except OSError:
        return False


_ENTRY = tuple(field.name for field in fields(Entry))


def _entry(row: sqlite3.Row) -> Entry:
    values = {name: row[name] for name in _ENTRY}
    path = Path(values["path"])
    try:
        if path.stat().st_size != values["size"]:
            values["state"] = "damaged"
    except OSError:
        values["state"] = "missing"
    return Entry(**{**values, "path": path, "seconds": json.loads(values["seconds"])})


def _copy_of(path: Path) -> Path:
    return path.with_name(f"{path.stem}.backup{path.suffix}")


def _set_aside(path: Path, restore: bool = True) -> tuple[Path, bool]:
    """Renames a damaged database and puts the last copy in its place -> (its new path, whether there was a copy)."""
    aside = path.with_name(
        f"{path.stem}.damaged-{time.strftime('%Y%m%d-%H%M%S')}-{uuid.uuid4().hex[:4]}{path.suffix}"
    )
    os.replace(path, aside)
    for end in ("-wal", "-shm"):
        with contextlib.suppress(FileNotFoundError):
            os.replace(f"{path}{end}", f"{aside}{end}")
    copy = _copy_of(path)
    if not restore or not copy.exists():
        return aside, False
    beside = path.with_suffix(f".{os.getpid()}.tmp")
    beside.write_bytes(copy.read_bytes())
    os.replace(beside, path)
    return aside, True
