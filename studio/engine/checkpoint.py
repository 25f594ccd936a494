"""A job's state on disk, so that a job that was killed goes on where it was.

One safetensors file: the tensors (latent and solver's memory) and, in its metadata, JSON that says whose they are. It is written
beside its place and renamed, so that there is always a whole file or none. A file that is damaged or belongs to another
request is ignored: at worst the job starts again.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from torch import Tensor

from studio.core.job import JobSpec

EVERY = 2.0
"""Seconds between saves while drawing."""
VERSION = 1


def digest(spec: JobSpec) -> str:
    """Names a resolved request: equal ones have equal digests."""
    return hashlib.sha256(f"{VERSION}{spec.to_json()}".encode()).hexdigest()


@dataclass
class Saved:
    """Where a job was.

    `finished` results are delivered; the next one has taken `step` steps of the recipe's `run`-th walk along the noise levels
    (most have one) and is in `tensors` ({} = not begun).
    """

    finished: int = 0
    step: int = 0
    run: int = 1
    tensors: dict[str, Tensor] = field(default_factory=dict[str, Tensor])
    extra: dict[str, Any] = field(default_factory=dict[str, Any])


class Checkpoint:
    """The file of one job.

    Args:
        path: where; None = nowhere (every method does nothing).
        spec: the resolved request.
    """

    def __init__(self, path: Path | None, spec: JobSpec) -> None:
        self.path = path
        self.digest = digest(spec)
        self.last = time.monotonic()

    @property
    def due(self) -> bool:
        return self.path is not None and time.monotonic() - self.last >= EVERY

    def save(self, saved: Saved) -> None:
        """Writes the state. A full disk or a read-only folder costs the chance to resume, not the job."""
        if self.path is None:
            return
        from safetensors.torch import save

        self.last = time.monotonic()
        about = {
            "digest": self.digest,
            "finished": saved.finished,
            "step": saved.step,
            "run": saved.run,
            "extra": saved.extra,
        }
        tensors = {name: value.detach().cpu().contiguous().clone() for name, value in saved.tensors.items()}
        with contextlib.suppress(OSError):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            beside = self.path.with_name(f"{self.path.name}.{os.getpid()}.tmp")
            try:
                with beside.open("wb") as file:
                    file.write(save(tensors, {"studio": json.dumps(about)}))
                    file.flush()
                    os.fsync(file.fileno())
                os.replace(beside, self.path)
            finally:
                beside.unlink(missing_ok=True)

    def read(self) -> Saved:
        """What was saved for this request; a fresh start where nothing (usable) was."""
        if self.path is None or not self.path.is_file():
            return Saved()
        from safetensors import safe_open

        try:
            with safe_open(self.path, "pt") as file:
                about = json.loads(file.metadata()["studio"])
                if about["digest"] != self.digest:
                    return Saved()
                tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (no mapping)
            return Saved(
                int(about["finished"]), int(about["step"]), int(about["run"]), tensors, dict(about["extra"])
            )
        except Exception:  # damaged in any of a dozen ways: all mean "begin again"
            return Saved()

    def remove(self) -> None:
        """The job has ended well."""
        if self.path is not None:
            with contextlib.suppress(OSError):
                self.path.unlink(missing_ok=True)
