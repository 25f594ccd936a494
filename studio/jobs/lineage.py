"""Which picture came from which.

A request names its input by the digest of its pixels, and such an input is what was on the canvas: often several layers,
each made by an earlier request. `remember` writes down which requests an input was composed of; it is asked once per
input, so making a result again, here or from the command line, inherits the answer. (Writing the parents into the
request was the other choice; they do not affect the result, and a request holds nothing else.)

Requests and not files are what is remembered: a request with its seed is one picture, wherever its file went.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from studio.core.difference import sources
from studio.core.job import BadRequest, JobSpec, read_spec
from studio.jobs.queue import Entry, Queue

MANY = 200
"""Relatives of one picture that are looked up at most."""


def remember(queue: Queue, digest: str, made_from: Iterable[JobSpec]) -> None:
    """The input with this digest was composed of what these requests made. Raises QueueError."""
    rows = {(digest, spec.seed, spec.to_json()) for spec in made_from}
    if rows:
        with queue.writing("Where the picture came from cannot be stored") as db:
            db.executemany("INSERT OR IGNORE INTO origins (input, seed, spec) VALUES (?, ?, ?)", sorted(rows))


def parents(queue: Queue, entry: Entry) -> list[Entry]:
    """The pictures that a result was made from, as far as the gallery has them. Raises QueueError."""
    spec = _read(entry.spec)
    found: dict[int, Entry] = {}
    for source in sources(spec) if spec else []:
        for row in queue.rows("SELECT spec FROM origins WHERE input = ? AND input != ''", source.sha256):
            origin = _read(row["spec"])
            one = find(queue, origin) if origin else None
            if one is not None:
                found[one.id] = one
        for one in queue.entries("path = ?", str(Path(source.path)), limit=1):
            found[one.id] = one
    found.pop(entry.id, None)
    return sorted(found.values(), key=lambda one: one.created)


def children(queue: Queue, entry: Entry) -> list[Entry]:
    """The pictures that were made from a result, oldest first. Raises QueueError."""
    spec = _read(entry.spec)
    marks = [json.dumps(str(entry.path), ensure_ascii=False)]
    if spec is not None:
        rows = queue.rows("SELECT input, spec FROM origins WHERE seed = ?", spec.seed)
        marks += [json.dumps(row["input"]) for row in rows if _read(row["spec"]) == spec]
    found: dict[int, Entry] = {}
    for mark in dict.fromkeys(marks):
        for one in queue.entries("instr(spec, ?) > 0", mark, limit=MANY):
            found[one.id] = one
    found.pop(entry.id, None)
    return sorted(found.values(), key=lambda one: one.created)[:MANY]


def find(queue: Queue, spec: JobSpec) -> Entry | None:
    """The newest result of exactly this request. Raises QueueError."""
    for entry in queue.entries("seed = ? AND technique = ?", spec.seed, spec.technique.name, limit=MANY):
        if _read(entry.spec) == spec:
            return entry
    return None


def _read(text: Any) -> JobSpec | None:
    """As this studio understands it, so that requests of an older one still compare equal."""
    try:
        return read_spec(text)
    except BadRequest:
        return None
