"""Things drawn from the world once, by several processes, and kept on disk: what recipes train on besides captioned scenes.

    rows = collect(folder, "pairs-64", make, nouns="36", first=0, count=20_000)

`make(world, seed)` is a function of a module (it travels to other processes) that returns a tuple; rows come back column by
column: arrays of one shape stacked, everything else as a list.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

CHUNK = 250
_WORLDS: dict[str, Any] = {}


def world_of(nouns: str) -> Any:
    """The world with the first N nouns, or "all"; one per process."""
    from studio.bench.world import World

    if nouns not in _WORLDS:
        _WORLDS[nouns] = World(int(nouns) if nouns.isdigit() else nouns)
    return _WORLDS[nouns]


def _one_thread() -> None:
    """One process per core draws: more threads in each would only wait for each other."""
    import torch

    torch.set_num_threads(1)


def _make(job: tuple[Callable[..., Any], str, range]) -> list[Any]:
    make, nouns, seeds = job
    return [make(world_of(nouns), seed) for seed in seeds]


def columns(rows: list[tuple[Any, ...]]) -> tuple[Any, ...]:
    """Rows -> columns."""
    made = zip(*rows, strict=True)
    return tuple(np.stack(c) if isinstance(c[0], np.ndarray) else list(c) for c in made)


def collect(
    folder: Path,
    name: str,
    make: Callable[[Any, int], tuple[Any, ...]],
    nouns: str,
    first: int,
    count: int,
    workers: int | None = None,
) -> tuple[Any, ...]:
    """make(world, seed) for `count` seeds from `first`, in columns; read from `folder` where that was done before.

    workers: processes; None = one per core. A few hundred are made here and now: a process takes longer to start.
    """
    path = folder / f"{name}-{nouns}-{first}-{count}.pickle"
    if path.exists():
        return pickle.loads(path.read_bytes())
    workers = workers or os.cpu_count() or 1
    jobs = [
        (make, nouns, range(i, min(i + CHUNK, first + count))) for i in range(first, first + count, CHUNK)
    ]
    rows: list[tuple[Any, ...]] = []
    started = said = time.monotonic()

    def take(made: list[Any]) -> None:
        nonlocal said
        rows.extend(made)
        if time.monotonic() - said > 10:
            said = time.monotonic()
            print(f"{name}: {len(rows)} of {count}, {len(rows) / (said - started):.0f}/s", flush=True)

    if workers == 1 or count <= 500:
        for job in jobs:
            take(_make(job))
    else:
        with multiprocessing.get_context("spawn").Pool(min(workers, len(jobs)), _one_thread) as pool:
            for made in pool.imap(_make, jobs):
                take(made)
    result = columns(rows)
    folder.mkdir(parents=True, exist_ok=True)
    new = path.with_suffix(f".{os.getpid()}.new")
    new.write_bytes(pickle.dumps(result, protocol=5))
    os.replace(new, path)
    return result
