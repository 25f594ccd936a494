"""The library's pipelines call back after every step; here they run in a thread, and the steps become events."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from typing import Any

from torch import Tensor

from studio.core.clip import Clip
from studio.core.job import Preview, Progress
from studio.engine.job import Job, Steps

After = Callable[[int, Tensor | None], None]
"""To be called after every step: its number from 1 on, and what is known of the latents."""


class Stopped(Exception):
    """Nobody is listening any more."""


def in_thread(
    job: Job, play: Callable[[After], Any], total: int, shown: Callable[[Tensor], Clip] | None
) -> Steps[Any]:
    """What `play` returns. Closing the events ends it with its next step.

    Args:
        total: steps.
        shown: latents as a preview; None = there is none.
    """
    said: queue.Queue[tuple[str, Any]] = queue.Queue()
    stop = threading.Event()

    def after(step: int, latents: Tensor | None) -> None:
        if stop.is_set():
            raise Stopped
        said.put(("step", (step, None if latents is None else latents.detach().float().cpu())))

    def work() -> None:
        try:
            said.put(("done", play(after)))
        except Exception as error:
            said.put(("failed", error))

    yield Progress("encoding", memory=job.peak())
    begun = time.perf_counter()
    thread = threading.Thread(target=work, name="pipeline", daemon=True)
    thread.start()
    try:
        while True:
            kind, what = said.get()
            now = time.perf_counter()
            if kind == "done":
                job.seconds["decoding"] = job.seconds.get("decoding", 0) + now - begun
                return what
            if kind == "failed":
                raise what
            step, latents = what
            job.seconds["drawing"] = job.seconds.get("drawing", 0) + now - begun
            begun = now
            yield Progress("drawing", step, total, job.seconds["drawing"] / step * (total - step), job.peak())
            if step < total and shown and latents is not None and job.pace.ready():
                yield Preview(shown(latents), step, job.index)
            if step == total:
                yield Progress("decoding", memory=job.peak())
    finally:
        stop.set()
        thread.join()
