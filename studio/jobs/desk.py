"""What becomes of a job on paper: takes the next one from the queue, puts results on disk, writes the end down. No Qt.

A worker calls these from its own thread, so that encoding a large picture or a slow disk never holds the window up.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from studio.core.job import LAST, Cancelled, Done, Event, Failed, Result
from studio.jobs import files
from studio.jobs.queue import Job, Queue, QueueError, Wish

Save = Callable[[Result, Path], Path]
"""Writes a result into a folder, whole or not at all -> the file. Injected: files are `studio.media`'s business."""

TEND = 2.0
"""Seconds between two looks for jobs whose window has died."""


class Desk:
    """The paperwork of one window.

    Args:
        folder: where results go.
        save: see `Save`; it is called in the worker's thread.
    """

    def __init__(self, queue: Queue, folder: Path, save: Save, owner: str) -> None:
        self.queue = queue
        self.folder = folder
        self.owner = owner
        self._save = save
        self.checkpoints = queue.path.parent / "unfinished"
        self._resumed: set[str] = set()
        self._tend_at = 0.0

    def tend(self) -> None:
        """Housekeeping; call it now and then. Raises QueueError."""
        now = time.monotonic()
        if now < self._tend_at:
            return
        first, self._tend_at = self._tend_at == 0, now + TEND
        if self.queue.recover() or first:
            self.clear()
        if first:
            self.queue.backup()

    def take(self) -> Job | None:
        """The next job, now ours. Raises QueueError."""
        job = self.queue.claim(self.owner, self.checkpoints)
        if job and Path(job.checkpoint).exists():
            self._resumed.add(job.id)
        return job

    def wish(self, job: Job) -> Wish:
        """What the user wants of a running job."""
        return self.queue.wish(job.id)

    def keep(self, job: Job, result: Result) -> None:
        """Puts a result on disk, then in the queue; one that is there already is left alone.

        Raises:
            QueueError: the disk is full, the folder read-only and so on.
        """
        known = self.queue.result(job.id, result.index)
        if known and known.state == "ok":
            return  # made before the program was killed; the same spec gives the same bits
        what = "The result cannot be saved"
        incoming = files.incoming(self.folder, job.id, result.index)
        try:
            files.remove_incoming(self.folder, job.id, result.index)
            incoming.mkdir(parents=True)
            made = self._save(result, incoming)
            sha256, size = files.digest(made), made.stat().st_size
            while True:
                path = files.place(made, self.folder)
                if not self.queue.announce(job.id, self.owner, result, path, sha256, size):
                    break  # another window has the job by now
                try:
                    files.move(made, path)
                except FileExistsError:
                    continue  # another window was quicker with this name
                self.queue.confirm(job.id, result.index)
                break
        except QueueError:
            raise
        except OSError as error:
            raise QueueError(files.sentence(error, what)) from error
        except ValueError as error:  # `save` explains itself in one sentence
            raise QueueError(str(error)) from error
        finally:
            files.remove_incoming(self.folder, job.id, result.index)

    def end(self, job: Job, event: Event) -> None:
        """Writes down how a job ended. Raises QueueError."""
        if not isinstance(event, LAST):
            raise TypeError(f"{event} does not end a job")
        match event:
            case Done() if self._is_incomplete(job):
                files.remove_checkpoint(self.checkpoints, job.id)
                self.queue.stop(job.id, self.owner, "waiting")
            case Done():
                if self.queue.finish(job.id, self.owner):
                    files.remove_checkpoint(self.checkpoints, job.id)
            case Cancelled() if self.queue.wish(job.id) == "pause":
                self.queue.stop(job.id, self.owner, "paused")  # it goes on from its checkpoint one day
            case Cancelled():
                if self.queue.stop(job.id, self.owner, "cancelled"):
                    files.remove_checkpoint(self.checkpoints, job.id)
            case Failed(message, details, kind):
                self.queue.fail(
                    job.id, self.owner, message, details, kind
                )  # Retry goes on from the checkpoint
        self._resumed.discard(job.id)

    def release(self, job: Job) -> None:
        """The window closes: the job waits for the next one, with its checkpoint. Raises QueueError."""
        self.queue.stop(job.id, self.owner, "waiting")

    def clear(self) -> None:
        """Removes what a kill left of half-made files and of checkpoints that nobody needs. Raises QueueError."""
        for path in _inside(self.folder / files.INCOMING):
            if (id := files.job_of(path)) and (index := path.name[33:]).isdigit():
                job = self.queue.job(id)
                if job is None or job.state != "running":
                    files.remove_incoming(self.folder, id, int(index))
        for path in _inside(self.checkpoints):
            if id := files.job_of(path):
                job = self.queue.job(id)
                if job is None or job.state in ("done", "cancelled"):
                    files.remove_checkpoint(self.checkpoints, id)

    def _is_incomplete(self, job: Job) -> bool:
        """Whether an engine that went on from a checkpoint believes in results that never got to the disk.

        It takes a result for made when it has sent it, and a kill of the window may come before the result is saved.
        Then the job is run again from its beginning; what is on the disk stays as it is."""
        if job.id not in self._resumed:
            return False
        have = sum(entry.state == "ok" for entry in self.queue.results(job=job.id, limit=1000))
        return have < self.queue.spec_of(job.id).count


def _inside(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []
