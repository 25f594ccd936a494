"""All workers of one window, and what the window may ask of the queue."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from studio.core.job import JobSpec
from studio.core.sketch import Sketch
from studio.jobs.desk import Desk, Save
from studio.jobs.process import COMMAND
from studio.jobs.queue import Queue, QueueError, new_owner
from studio.jobs.worker import Worker


class Pool(QObject):
    """One worker, and so one engine process, per device.

    Everything here returns at once. What concerns a job is written to the queue first and then told to the workers, so
    it holds even when the program dies in between, and it works for jobs that another window is running.

    Args:
        folder: where result files go.
        save: writes a result into a folder -> the file; called in a worker's thread.
        devices: a name for each engine ("cpu", "cuda:1"); None = the engine chooses the best one.
        options: for the engines, as `studio.engine.serve` takes them ("--models", folder, ...).
        command: what starts an engine.
    """

    happened = Signal(str, object)
    """(job's id, Event) of the jobs that run in this window."""
    changed = Signal()
    """Rows of the queue changed, here or in another window."""
    state = Signal(str, str)
    """(device, "starting" | "ready" | "busy" | "dead")."""
    notice = Signal(str)
    """A sentence for the user that is about no single job."""
    models = Signal(list, list)
    """(cards as plain data, sentences about broken ones) that the engine found."""
    sketched = Signal(int, object)
    """(number, Preview | Result | Failed) of what `sketch` asked for."""

    def __init__(
        self,
        queue: Queue,
        folder: Path,
        save: Save,
        devices: Sequence[str | None] = (None,),
        options: Sequence[str] = (),
        command: Sequence[str] = COMMAND,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.queue = queue
        self.owner = new_owner()
        self.desk = Desk(queue, folder, save, self.owner)
        self.workers: list[Worker] = []
        for device in devices:
            own = ("--device", device) if device else ()
            worker = Worker(self.desk, (*options, *own), command, parent=self)
            worker.happened.connect(self.happened)
            worker.notice.connect(self.notice)
            worker.state.connect(lambda state, device=device or "": self.state.emit(device, state))
            self.workers.append(worker)
        self.workers[0].sketched.connect(self.sketched)
        self.workers[0].models.connect(self.models)
        self._timer = QTimer(self, interval=500)
        self._timer.timeout.connect(self._look)

    def start(self) -> None:
        """Starts the engines in the background."""
        for worker in self.workers:
            worker.start()
        self._timer.start()
        if self.queue.notice:
            self.notice.emit(self.queue.notice)

    def close(self) -> None:
        """Ends the engines and waits for that, a second or two at most; running jobs go back to the queue."""
        self._timer.stop()
        for worker in self.workers:
            worker.stop()
        for worker in self.workers:
            worker.wait()
        try:
            self.queue.leave(self.owner)
        except QueueError:
            pass  # whoever opens the queue next sees that we are gone

    def submit(self, spec: JobSpec, priority: int = 0) -> str:
        """Puts a request into the queue, to be run in this window -> the job's id. Raises QueueError."""
        job = self.queue.add(spec, priority, self.owner)
        self._tell()
        return job

    def sketch(self, sketch: Sketch | None) -> int:
        """The picture that follows the hand, see `Worker.sketch`: past the queue, in the first engine whenever it is free."""
        return self.workers[0].sketch(sketch)

    def look_for_models(self) -> None:
        """The engines look for models again; `models` tells what they found."""
        for worker in self.workers:
            worker.look_for_models()

    def cancel(self, job: str) -> None:
        """Stops it within one step. Raises QueueError, as all of these do."""
        self.queue.cancel(job)
        self._tell()

    def pause(self, job: str) -> None:
        """Stops it within one step and keeps where it was."""
        self.queue.pause(job)
        self._tell()

    def resume(self, job: str) -> None:
        self.queue.resume(job)
        self._tell()

    def retry(self, job: str) -> None:
        self.queue.retry(job, self.owner)
        self._tell()

    def move(self, job: str, before: str | None = None, after: str | None = None) -> None:
        self.queue.move(job, before, after)
        self._tell()

    def hold(self, held: bool) -> None:
        """Whether this window takes no more jobs for now; those that run go on."""
        for worker in self.workers:
            worker.hold(held)

    def _tell(self) -> None:
        for worker in self.workers:
            worker.wake()

    @Slot()
    def _look(self) -> None:
        try:
            changed = self.queue.changed()
        except QueueError as error:
            self.notice.emit(str(error))
            return
        if changed:
            self._tell()
            self.changed.emit()
