"""The engine process: `python -m studio.engine.serve`, started by a `jobs` worker, one per device.

It reads requests from what it was given as standard input and writes events to what it was given as standard output
(see `studio.core.wire`); both are taken from the libraries first, so that a stray `print` cannot break the protocol.

The main thread runs the engine. A second thread reads: it answers pings even in the middle of a step, notes which job
is to be cancelled (the main thread looks between two events and then closes the engine's generator, so a job stops
within one step), and ends the process at once, wherever it is, when the window's process is gone.

Nothing slow is imported before the reader runs: a window that is closed while torch loads leaves nothing behind.
"""

from __future__ import annotations

import argparse
import importlib
import inspect
import os
import queue
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from studio.core.job import LAST, BadRequest, Cancelled, Event, Failed, read_spec
from studio.core.paths import model_folders
from studio.core.sketch import Draft, Sketch
from studio.core.wire import Arena, Gone, Link, WireError

ENGINE = "studio.engine.engine:Engine"

QUIET = {
    # A model that is not here is an error in a sentence, not minutes of retries against the network.
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HF_DATASETS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "DO_NOT_TRACK": "1",
    "TOKENIZERS_PARALLELISM": "false",
}

QUIET_FOR = 0.7
"""Seconds without a request after which the engine may make itself quicker."""


class Server:
    """Runs requests one after the other on an engine, and listens meanwhile."""

    def __init__(self, link: Link, fixed: bool = False) -> None:
        """fixed: only the folders that it was started with are looked into for models."""
        self._link, self._fixed = link, fixed
        self._requests: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
        self._cancelled: set[str] = set()
        self._ending = False

    def listen(self) -> None:
        """Body of the reading thread."""
        try:
            while message := self._link.receive():
                match message["is"]:
                    case "look":
                        self._requests.put(message)
                    case "run" | "sketch":
                        self._cancelled.discard(message["id"])  # it may have come too late for an earlier run
                        self._requests.put(message)
                    case "cancel":
                        self._cancelled.add(message["id"])
                    case "ping":
                        self._link.send("pong", n=message["n"])
                    case "shutdown":
                        self._ending = True
                        self._requests.put(None)
                    case _:
                        pass
        except WireError:
            pass
        # The window's process is gone. Nobody wants the rest of the step, so don't wait for it.
        os._exit(0)

    def serve(self, engine: Any) -> None:
        """Runs requests until a shutdown. What every request needs is imported meanwhile, if the engine has a `warm_up`."""
        warming = threading.Thread(target=getattr(engine, "warm_up", _nothing), name="warm up", daemon=True)
        warming.start()
        while (request := self._next(engine)) is not None:
            warming.join()  # two threads in one import don't get on
            if request["is"] == "look":
                self._look(engine)
            else:
                known = getattr(engine, "cards", None)
                self._run(engine, request)
                if getattr(engine, "cards", None) is not known:  # the request made a model
                    self._link.send("models", **_models(engine))

    def _next(self, engine: Any) -> dict[str, Any] | None:
        """The next request. While there is none the engine may make itself quicker, if it has an `improve` that says whether it did."""
        improve: Callable[[], bool] = getattr(engine, "improve", lambda: False)
        while True:
            try:
                return self._requests.get(timeout=QUIET_FOR)
            except queue.Empty:
                if not improve():
                    return self._requests.get()

    def _look(self, engine: Any) -> None:
        """Models may have come or gone."""
        if not self._fixed:
            engine.folders = model_folders()
        engine.refresh()
        self._link.send("models", **_models(engine))

    def _run(self, engine: Any, request: dict[str, Any]) -> None:
        job: str = request["id"]
        try:
            last = self._relay(job, engine, request)
        except Gone:
            raise
        except BadRequest as error:
            last = Failed(str(error), kind="request")
        except MemoryError:
            last = Failed(
                "The computer's memory ran out; choose a smaller size or count, or close other programs.",
                traceback.format_exc(),
                "memory",
            )
        except Exception as error:
            last = Failed(_sentence(error), traceback.format_exc())
        self._link.send("event", last, id=job)

    def _relay(self, job: str, engine: Any, request: dict[str, Any]) -> Event:
        """Sends every event but the last, which it returns."""
        if request["is"] == "sketch":
            inputs = {clip.digest(): clip for clip in request.get("clips", ())}
            events: Iterator[Event] = engine.sketch(
                Sketch(read_spec(request["spec"]), Draft(**request["draft"]), inputs)
            )
        else:
            path = request.get("checkpoint")
            events = engine.run(read_spec(request["spec"]), Path(path) if path else None)
        try:
            for event in events:
                if isinstance(event, LAST):
                    return event
                self._link.send("event", event, id=job)
                if job in self._cancelled or self._ending:
                    return Cancelled()
            return Failed("The engine stopped without a result; press Retry.", kind="engine")
        finally:
            close: Callable[[], None] = getattr(events, "close", lambda: None)
            close()  # puts everything back that a technique attached to the network


def _nothing() -> None:
    pass


def _sentence(error: Exception) -> str:
    text = " ".join(str(error).split())
    why = f"{type(error).__name__}: {text[:300]}"
    return f"Something went wrong inside the engine ({why}); press Retry or change the settings."


def main(argv: list[str] | None = None) -> int:
    began = time.perf_counter()
    args = _arguments(argv)
    link = _take_pipes(args.arena)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C in a terminal reaches us too; the window decides
    _step_back(args.nice)
    os.environ.update(QUIET)
    if args.threads:
        os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS"), str(args.threads)))
    server = Server(link, fixed=bool(args.models))
    threading.Thread(target=server.listen, name="listen", daemon=True).start()
    try:
        engine = _load(args)
    except Exception as error:
        link.send("broken", message=f"{type(error).__name__}: {error}", details=traceback.format_exc())
        return 1
    took = time.perf_counter() - began
    link.send("hello", pid=os.getpid(), seconds=took, **_facts(engine, args.device), **_models(engine))
    try:
        server.serve(engine)
    except Gone:
        pass
    return 0


def _arguments(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        "studio.engine.serve", description="The engine process; the studio starts it by itself."
    )
    parser.add_argument("--arena", default="", help="handle of the shared memory")
    parser.add_argument("--engine", default=ENGINE, help="module:factory")
    parser.add_argument(
        "--models", action="append", default=[], help="folder with models, may be given again"
    )
    parser.add_argument("--read", default="", help="module:function that reads input files")
    parser.add_argument("--device", default=None)
    parser.add_argument("--memory-budget", type=int, default=None, help="bytes")
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--nice", type=int, default=5)
    return parser.parse_args(argv)


def _take_pipes(arena: str) -> Link:
    """Standard input and output become ours alone; what libraries print goes where errors go."""
    reader = os.fdopen(os.dup(0), "rb", buffering=0)
    writer = os.fdopen(os.dup(1), "wb", buffering=0)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return Link(reader, writer, Arena.open(arena) if arena else None)


def _step_back(nice: int) -> None:
    """A lower priority than the window's, so that it stays smooth while the processor is full."""
    try:
        if sys.platform == "win32":
            import psutil

            psutil.Process().nice(psutil.BELOW_NORMAL_PRIORITY_CLASS)
        else:
            os.nice(nice)
    except OSError:
        pass


def _load(args: argparse.Namespace) -> Any:
    factory = _named(args.engine)
    if args.threads and "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(args.threads)
    wanted = {"device": args.device, "memory_budget": args.memory_budget}
    if args.read:
        wanted["read"] = _named(args.read)
    known = inspect.signature(factory).parameters
    folders = [Path(folder) for folder in args.models] or model_folders()
    return factory(folders, **{name: value for name, value in wanted.items() if name in known})


def _named(text: str) -> Any:
    """What "module:name" means."""
    module, _, name = text.partition(":")
    return getattr(importlib.import_module(module), name)


def _models(engine: Any) -> dict[str, Any]:
    """The cards of the models that it can use, those among them that it made itself, and a sentence for each broken one."""
    cards = getattr(engine, "cards", None)
    if cards is None:
        return {}  # an engine that keeps no cards has nothing to say about them
    return {
        "cards": [card.model_dump(mode="json") for card in cards.values()],
        "broken": list(getattr(engine, "broken", [])),
    }


def _facts(engine: Any, asked: str | None) -> dict[str, Any]:
    """What the engine says about its device, as far as it says something."""
    device = getattr(engine, "device_name", None) or asked or "cpu"
    memory = getattr(engine, "device_memory", 0)
    return {"device": str(device), "memory": memory if isinstance(memory, int) else 0}


if __name__ == "__main__":
    code = main()
    sys.stderr.flush()
    os._exit(code)  # a library's clean-up at exit may hang; everything that matters is on disk
