"""An engine without torch that does what the words of the request say: it draws, or misbehaves in one of many ways."""

from __future__ import annotations

import ctypes
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from studio.core.clip import Clip
from studio.core.job import BadRequest, Done, Event, JobSpec, Preview, Progress, Result, read_spec
from studio.core.sketch import Sketch


class FakeEngine:
    device_name = "fake"
    device_memory = 123

    def __init__(self, folders: list[Path], device: str | None = None) -> None:
        print("a library says hello on standard output")
        if Path(os.environ.get("FAKE_BROKEN", "/nonexistent")).exists():
            raise RuntimeError("no driver was found")

    def run(self, spec: JobSpec, checkpoint: Path | None = None) -> Iterator[Event]:
        """Words: steps=N, wait=SECONDS per step, size=PIXELS, and the names of mishaps."""
        words = getattr(spec.technique, "prompt", "").split()
        options: dict[str, Any] = dict(word.split("=") for word in words if "=" in word)
        steps, wait, size = (
            int(options.get("steps", 3)),
            float(options.get("wait", 0)),
            int(options.get("size", 32)),
        )
        done = int(checkpoint.read_text()) if checkpoint and checkpoint.exists() else 0
        try:
            for index in range(spec.count):
                for step in range(done, steps):
                    yield Progress("drawing", step + 1, steps)
                    yield Preview(picture(size, step), step, index)
                    self._mishap(words, step)
                    time.sleep(wait)
                    if checkpoint:
                        checkpoint.parent.mkdir(exist_ok=True)
                        checkpoint.write_text(str(step + 1))
                seed = spec.seed + index
                own = spec.model_copy(update={"seed": seed, "count": 1})
                yield Result(picture(size, seed), own, index, {"drawing": 0.1}, "fake", 5, ("note",))
            yield Done({"total": 0.1})
        finally:
            if "closes" in words:
                Path(options["mark"]).write_text("closed")

    def sketch(self, sketch: Sketch) -> Iterator[Event]:
        yield from self.run(sketch.spec)

    def _mishap(self, words: list[str], step: int) -> None:
        if step < 1:
            return
        if "raise" in words:
            raise RuntimeError("the network\nfell over")
        if "bad" in words:
            raise BadRequest("steps: 3 is not enough; use 4.")
        if "memory" in words:
            raise MemoryError
        if "kill" in words:
            os.kill(os.getpid(), signal.SIGKILL)
        if "segfault" in words:
            signal.raise_signal(signal.SIGSEGV)
        if "exit" in words:
            print("driver lost", flush=True)
            os._exit(7)
        if "print" in words:
            print("noise" * 100_000)
            os.write(1, b"more noise")
        if "hang" in words:
            ctypes.PyDLL(None).sleep(3600)  # holds the interpreter's lock: no thread runs any more


def picture(size: int, seed: int) -> Clip:
    return Clip.picture(np.random.default_rng(seed).integers(0, 256, (size, size, 3), np.uint8))


def spec(prompt: str = "", seed: int = 1, count: int = 1) -> JobSpec:
    return read_spec({"technique": {"name": "text2image", "prompt": prompt}, "seed": seed, "count": count})


def save_raw(result: Result, folder: Path) -> Path:
    path = folder / f"{result.spec.seed}.raw"
    path.write_bytes(result.clip.array.tobytes())
    return path
