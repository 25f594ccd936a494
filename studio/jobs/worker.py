"""A thread that feeds one engine process: one request out, one stream of events back.

The worker's own thread does everything that may take time: it starts the engine, takes the next job, waits for events,
puts results on disk. What the window gets are Qt signals in the thread that made the worker; a preview that the window
has not looked at yet is replaced by the next one, so a busy window is never behind.

When the engine dies, for whatever reason, the job in it has failed with one plain sentence and a fresh engine is
started at once; an engine that dies again and again without finishing a job is given a growing pause. A dead engine
fails its job instead of running it again by itself: what killed it once may do so again, and nobody may be there to
see it. The checkpoint stays, so Retry goes on where it was.
"""

from __future__ import annotations

import time
import traceback
from collections.abc import Hashable, Sequence
from dataclasses import asdict
from typing import Any, Literal, Protocol

from PySide6.QtCore import QObject, QThread, Signal, Slot

from studio.core.job import LAST, Cancelled, Event, Failed, Preview, Progress, Result
from studio.core.sketch import Sketch
from studio.jobs.latest import Latest
from studio.jobs.mailbox import Mailbox
from studio.jobs.process import COMMAND, EngineProcess
from studio.jobs.queue import Job, QueueError, Wish

State = Literal["starting", "ready", "busy", "dead"]

PAUSES = (0.0, 0.0, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
"""Seconds before the next start, by how many engines have died without finishing a job."""


class Desk(Protocol):
    """Where a worker gets its jobs and what it does with results: `studio.jobs.desk`, or a test's own. All methods are
    called in the worker's thread and may raise QueueError."""

    def tend(self) -> None: ...
    def take(self) -> Job | None: ...
    def keep(self, job: Job, result: Result) -> None: ...
    def end(self, job: Job, event: Event) -> None: ...
    def release(self, job: Job) -> None: ...
    def wish(self, job: Job) -> Wish: ...


class Worker(QThread):
    """Feeds one engine process.

    Args:
        options: for the engine, as `studio.engine.serve` takes them.
        command: what starts it.
        tick: seconds between two looks at an idle engine.
        patience: ticks without an answer before an engine counts as hung: idle, and in the middle of a job, where a
            library may hold the interpreter for a while.
        grace: seconds that a cancelled job may take to stop before its engine is ended.
    """

    happened = Signal(str, object)
    """(job's id, Event), in the order of the stream; the last one is one of `core.job.LAST`."""
    state = Signal(str)
    """See `State`."""
    notice = Signal(str)
    """A sentence for the user that is about no single job."""
    models = Signal(list, list)
    """(cards as plain data, sentences about broken ones): what the engine can use, at its start and when it was asked to look."""
    sketched = Signal(int, object)
    """(number that `sketch` gave, Event): Preview and Result as they come, Failed where it went wrong."""
    _arrived = Signal()

    def __init__(
        self,
        desk: Desk,
        options: Sequence[str] = (),
        command: Sequence[str] = COMMAND,
        *,
        tick: float = 2.0,
        patience: tuple[int, int] = (15, 60),
        grace: float = 30.0,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.about: dict[str, Any] = {}
        """What the engine said of itself: pid, device, memory, seconds to start."""
        self.pid: int | None = None
        """Of the engine process, None when there is none."""
        self._desk = desk
        self._options = options
        self._command = command
        self._tick = tick
        self._patience = patience
        self._grace = grace
        self._inbox = Mailbox()
        self._outbox = Mailbox()
        self._arrived.connect(self._hand_over)
        self._stopping = False
        self._held = False
        self._number = 0
        # The rest belongs to the worker's thread alone.
        self._engine: EngineProcess | None = None
        self._state: State | None = None
        self._job: Job | None = None
        self._verdict: Failed | None = None
        self._cancelled_at: float | None = None
        self._unwritten: tuple[Job, Event] | None = None
        self._deaths = 0
        self._start_at = 0.0
        self._pinged_at = 0.0
        self._silent = 0
        self._complaint = ""
        self._look = True
        self._sketches: Latest[Sketch] = Latest()

    # --- for the window -----------------------------------------------------------------------------------------------

    def wake(self) -> None:
        """There may be something new in the queue: a job, a wish. From any thread; returns at once."""
        self._inbox.put("wake", "wake")

    def hold(self, held: bool) -> None:
        """Whether to take no more jobs for now; the one that runs goes on."""
        self._held = held
        self.wake()

    def sketch(self, sketch: Sketch | None) -> int:
        """A picture that follows the hand: begun when the engine has nothing better to do, in place of the one before it, which
        is stopped within a step. None = no more of them. -> its number. Returns at once."""
        self._number += 1
        self._inbox.put(("sketch", (self._number, sketch)), "sketch")
        return self._number

    def look_for_models(self) -> None:
        """Models may have come or gone: the engine looks and tells, see `models`. Returns at once."""
        self._inbox.put(("look", None), "look")

    def stop(self) -> None:
        """Ends the thread and the engine; a running job goes back to the queue. Returns at once, `wait()` waits."""
        self._stopping = True
        self.wake()

    # --- the thread ---------------------------------------------------------------------------------------------------

    def run(self) -> None:
        while not self._stopping:
            try:
                self._turn()
            except (
                Exception
            ):  # a mistake of ours must not end the thread: the job fails, the next one is served
                self._stumble(traceback.format_exc())
        self._close()

    def _turn(self) -> None:
        """Does what is to be done, then waits for the next message or tick."""
        if self._engine is None and time.monotonic() >= self._start_at:
            self._start()
        try:
            self._paperwork()
        except QueueError as error:
            self._complain(str(error))
            time.sleep(0.1)
        wait = self._tick if self._engine else max(min(self._start_at - time.monotonic(), self._tick), 0.01)
        match self._inbox.get(wait):
            case None | "wake":
                self._look = True
            case ("look", None):
                if self._engine and self._state != "starting":
                    self._engine.send("look")
            case ("sketch", (number, sketch)):
                if sketch is None:
                    self._sketches.drop()
                else:
                    self._sketches.ask(number, sketch)
            case (engine, message) if engine is self._engine:
                self._receive(message)
            case _:
                pass  # from an engine that was given up
        if self._engine and time.monotonic() - self._pinged_at >= self._tick:
            self._look = True
            self._ping()

    def _paperwork(self) -> None:
        """Everything between the queue and this worker but results. Raises QueueError."""
        if self._unwritten:
            self._desk.end(*self._unwritten)
            self._unwritten = None
        looked, self._look = self._look, False
        if looked:
            self._desk.tend()
            self._look_for_wish()
        # the many messages of a sketch are no reason to ask the queue each time
        asks = looked or self._sketches.number is None
        if asks and self._state == "ready" and not self._job and not self._held and not self._stopping:
            self._take()
        self._draw_sketch()

    def _start(self) -> None:
        self._set("starting")
        try:
            self._engine = EngineProcess(self._deliver, self._options, self._command)
        except OSError as error:
            self._complain(f"The engine cannot be started ({error}); install the studio anew.")
            self._mourn()
        else:
            self.pid = self._engine.pid
            self._pinged_at, self._silent = time.monotonic(), 0

    def _deliver(self, engine: EngineProcess, message: dict[str, Any] | None) -> None:
        """In the reading thread of an engine."""
        event = (message or {}).get("event")
        # A worker that is busy with a slow disk needs only the newest preview.
        key = (id(engine), "preview", event.index) if isinstance(event, Preview) else None
        self._inbox.put((engine, message), key)

    def _take(self) -> None:
        job = self._desk.take()
        if job and self._engine:
            self._job, self._verdict, self._cancelled_at = job, None, None
            self._set("busy")
            self._engine.send("run", id=job.id, spec=job.request(), checkpoint=job.checkpoint or None)

    def _draw_sketch(self) -> None:
        """The newest sketch where no job is in the way; one that is out of date is stopped."""
        if self._engine is None or self._state in ("starting", "dead"):
            return
        stale = self._sketches.stale(self._job is not None or self._stopping)
        if stale is not None:
            self._engine.send("cancel", id=_sketch_id(stale))
        if self._job is None and (begun := self._sketches.begin()) is not None:
            number, sketch = begun
            self._engine.send(
                "sketch",
                id=_sketch_id(number),
                spec=sketch.spec.model_dump(mode="json"),
                draft=asdict(sketch.draft),
                clips=list(sketch.inputs.values()),
            )

    def _look_for_wish(self) -> None:
        if not self._job or not self._engine:
            return
        if self._cancelled_at is None:
            if self._desk.wish(self._job):
                self._cancelled_at = time.monotonic()
                self._engine.send("cancel", id=self._job.id)
        elif time.monotonic() - self._cancelled_at > self._grace:
            self._engine.kill()  # a step that takes this long is not worth the wait

    def _receive(self, message: dict[str, Any] | None) -> None:
        self._silent = 0
        if message is None:
            self._bury()
            return
        match message["is"]:
            case "hello":
                self.about = message
                self._set("ready")
                self._tell_models(message)
            case "models":
                self._tell_models(message)
            case "broken":
                self._complain(f"The engine cannot start ({message['message']}); set the studio up again.")
            case "event" if self._job and message["id"] == self._job.id:
                self._relay(self._job, message["event"])
            case "event" if (at := self._sketches.number) is not None and message["id"] == _sketch_id(at):
                self._relay_sketch(at, message["event"])
            case _:
                pass

    def _relay(self, job: Job, event: Event) -> None:
        if isinstance(event, LAST):
            self._deaths = 0
            self._settle(job, self._verdict or event)
            self._set("ready")
            return
        if isinstance(event, Result):
            try:
                self._desk.keep(job, event)
            except QueueError as error:
                if self._verdict is None and self._engine:
                    self._engine.send("cancel", id=job.id)
                    self._cancelled_at = time.monotonic()
                    self._verdict = Failed(str(error))
                return
        self._pass_on(job.id, event)

    def _relay_sketch(self, number: int, event: Event) -> None:
        if isinstance(event, LAST):
            self._sketches.over()
        if isinstance(event, Preview | Result | Failed):
            self._post(("sketch", number, event), ("sketch", number))

    def _settle(self, job: Job, event: Event) -> None:
        """The job is over."""
        self._job = None
        try:
            self._desk.end(job, event)
        except QueueError as error:
            self._complain(str(error))
            self._unwritten = job, event  # tried again before the next job is taken
        self._pass_on(job.id, event)

    def _ping(self) -> None:
        assert self._engine
        self._pinged_at = time.monotonic()
        self._silent += 1
        # Ticks are counted, not seconds: a laptop that slept is not an engine that hung.
        if self._silent > self._patience[self._state != "ready" or self._sketches.number is not None]:
            self._engine.hung = True
            self._engine.kill()
        self._engine.send("ping", n=self._silent)

    def _bury(self) -> None:
        """The engine has died."""
        assert self._engine
        engine, self._engine, self.pid = self._engine, None, None
        engine.end()
        if self._job:
            stopped = self._cancelled_at is not None and self._verdict is None
            died = Failed(f"The engine {engine.epitaph()}.", engine.last_words(), "engine")
            self._settle(self._job, Cancelled() if stopped else self._verdict or died)
        elif self._state == "starting":
            self._complain(f"The engine {engine.epitaph()}.")
        if (number := self._sketches.number) is not None:  # not tried again: it may have been what killed it
            self._post(
                ("sketch", number, Failed(f"The engine {engine.epitaph()}.", engine.last_words(), "engine"))
            )
        self._sketches = Latest()
        self._mourn()

    def _mourn(self) -> None:
        self._set("dead")
        self._start_at = time.monotonic() + PAUSES[min(self._deaths, len(PAUSES) - 1)]
        self._deaths += 1

    def _stumble(self, details: str) -> None:
        if not self._job:
            self._complain(
                f"Something went wrong between the queue and the engine; {details.strip().splitlines()[-1]}"
            )
            time.sleep(0.2)
            return
        if self._engine:
            self._engine.send("cancel", id=self._job.id)
            engine, self._engine, self.pid = self._engine, None, None
            engine.end()
            self._sketches = Latest()
        self._settle(self._job, Failed("Something went wrong while the job ran; press Retry.", details))
        self._mourn()

    def _close(self) -> None:
        if self._job:
            try:
                self._desk.release(self._job)
            except QueueError:
                pass  # it is taken back when this process is seen to be gone
        if self._engine:
            self._engine.end(0.5 if self._job else 2.0)
            self.pid = None

    # --- to the window --------------------------------------------------------------------------------------------------

    def _set(self, state: State) -> None:
        if state != self._state:
            self._state = state
            self._post(("state", state))

    def _tell_models(self, message: dict[str, Any]) -> None:
        if "cards" in message:
            self._post(("models", message["cards"], message["broken"]), "models")

    def _complain(self, sentence: str) -> None:
        if sentence != self._complaint:  # once is enough
            self._complaint = sentence
            self._post(("notice", sentence))

    def _pass_on(self, job: str, event: Event) -> None:
        key = None
        if isinstance(event, Preview):
            key = (job, "preview", event.index)
        elif isinstance(event, Progress):
            key = (job, "progress")
        self._post(("event", job, event), key)

    def _post(self, item: tuple[Any, ...], key: Hashable | None = None) -> None:
        if self._outbox.put(item, key):
            self._arrived.emit()

    @Slot()
    def _hand_over(self) -> None:
        """In the window's thread."""
        while (item := self._outbox.get()) is not None:
            match item:
                case ("event", job, event):
                    self.happened.emit(job, event)
                case ("sketch", number, event):
                    self.sketched.emit(number, event)
                case ("state", state):
                    self.state.emit(state)
                case ("models", cards, broken):
                    self.models.emit(cards, broken)
                case (_, sentence):
                    self.notice.emit(sentence)


def _sketch_id(number: int) -> str:
    """How the engine calls it; no job has such an id."""
    return f"sketch-{number}"
