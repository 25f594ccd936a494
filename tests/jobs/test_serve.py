"""The engine process alone, driven by hand."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from fake_engine import picture, spec

from studio.core.job import Cancelled, Done, Failed, Preview, Result
from studio.jobs.process import EngineProcess

OPTIONS = ("--engine", "fake_engine:FakeEngine")


class Driver:
    def __init__(self) -> None:
        self.messages: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
        self.process = EngineProcess(lambda _, message: self.messages.put(message), OPTIONS)

    def next(self) -> dict[str, Any] | None:
        return self.messages.get(timeout=20)

    def start(self, words: str = "", checkpoint: Path | None = None, count: int = 1, **more: Any) -> None:
        request = {**spec(words, count=count).model_dump(mode="json"), **more}
        self.process.send("run", id="job", spec=request, checkpoint=str(checkpoint) if checkpoint else None)

    def events(self, *args: Any, **more: Any) -> list[Any]:
        self.start(*args, **more)
        found: list[Any] = []
        while not found or not isinstance(found[-1], Failed | Cancelled | Done):
            message = self.next()
            assert message is not None, self.process.last_words()
            assert message["id"] == "job"
            found.append(message["event"])
        return found


@pytest.fixture
def driver() -> Iterator[Driver]:
    driver = Driver()
    hello = driver.next()
    assert hello is not None
    assert hello["is"] == "hello"
    yield driver
    driver.process.end()


def until(test: Callable[[], bool], seconds: float = 10) -> bool:
    end = time.monotonic() + seconds
    while not test() and time.monotonic() < end:
        time.sleep(0.01)
    return test()


def test_says_what_it_is() -> None:
    driver = Driver()
    hello = driver.next()
    assert hello is not None
    assert (hello["device"], hello["memory"], hello["pid"]) == ("fake", 123, driver.process.pid)
    assert 0 < hello["seconds"] < 20
    if sys.platform != "win32":
        assert psutil.Process(hello["pid"]).nice() >= 5
    driver.process.end(patience=5)
    assert driver.process.epitaph().startswith("ended by itself with code 0")


def test_a_request_becomes_results(driver: Driver) -> None:
    for size in (32, 512):  # through the pipe, through shared memory
        events = driver.events(f"size={size}", count=2)
        assert isinstance(events[-1], Done)
        results = [event for event in events if isinstance(event, Result)]
        assert [result.spec.seed for result in results] == [1, 2]
        assert [result.clip.digest() for result in results] == [
            picture(size, seed).digest() for seed in (1, 2)
        ]
        assert results[0].notes == ("note",)


@pytest.mark.parametrize(
    ("words", "kind", "sentence"),
    [
        ("raise", "error", "RuntimeError: the network fell over"),
        ("bad", "request", "steps: 3 is not enough; use 4."),
        ("memory", "memory", "memory ran out"),
    ],
)
def test_mishaps_become_sentences(driver: Driver, words: str, kind: str, sentence: str) -> None:
    failed = driver.events(words)[-1]
    assert isinstance(failed, Failed)
    assert failed.kind == kind
    assert sentence in failed.message
    assert "\n" not in failed.message
    assert isinstance(driver.events()[-1], Done)  # and it serves the next


def test_a_bad_request_is_one_sentence(driver: Driver) -> None:
    failed = driver.events(seed=-1)[-1]
    assert isinstance(failed, Failed)
    assert failed.kind == "request"
    assert failed.message.startswith("seed: ")
    failed = driver.events(version=99)[-1]
    assert isinstance(failed, Failed)
    assert "newer studio" in failed.message


def test_prints_don_t_disturb(driver: Driver) -> None:
    assert isinstance(driver.events("print")[-1], Done)


def test_cancel_stops_within_a_step_and_closes_the_generator(driver: Driver, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    driver.start(f"steps=1000 wait=0.05 closes mark={mark}")
    assert driver.next() is not None
    driver.process.send("cancel", id="another")
    driver.process.send("cancel", id="job")
    began = time.monotonic()
    while not isinstance((message := driver.next() or {}).get("event"), Cancelled):
        assert message
    assert time.monotonic() - began < 0.5
    assert mark.read_text() == "closed"
    driver.process.send("cancel", id="job")  # too late, and not for the next run of this job
    assert isinstance(driver.events()[-1], Done)


def test_answers_in_the_middle_of_a_step(driver: Driver) -> None:
    driver.start("wait=1")
    assert driver.next() is not None
    began = time.monotonic()
    driver.process.send("ping", n=5)
    while (message := driver.next()) != {"is": "pong", "n": 5}:
        assert message
    assert time.monotonic() - began < 0.5


def test_goes_on_from_a_checkpoint(driver: Driver, tmp_path: Path) -> None:
    checkpoint = tmp_path / "c"
    checkpoint.write_text("2")
    steps = [event.step for event in driver.events("steps=4", checkpoint) if isinstance(event, Preview)]
    assert steps == [2, 3]


PARENT = """
import sys, time
from studio.jobs.process import EngineProcess
from fake_engine import spec
def show(process, message):
    if message and message["is"] == "hello":
        process.send("run", id="x", spec=spec("steps=9 wait=60 size=900").model_dump(mode="json"), checkpoint=None)
    if message and message["is"] == "event":
        print(process.pid, flush=True)
EngineProcess(show, ("--engine", "fake_engine:FakeEngine"))
time.sleep(60)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="kill -9")
def test_when_the_window_dies_nothing_stays(tmp_path: Path) -> None:
    before = set(os.listdir("/dev/shm")) if os.path.isdir("/dev/shm") else set()
    parent = subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True)
    assert parent.stdout
    pid = int(parent.stdout.readline())
    assert psutil.pid_exists(pid)
    parent.send_signal(signal.SIGKILL)
    parent.communicate()
    # The engine is in the middle of a step of a minute.
    assert until(
        lambda: not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE, 3
    )
    if os.path.isdir("/dev/shm"):
        assert set(os.listdir("/dev/shm")) <= before


def test_an_engine_that_cannot_start_says_why(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("FAKE_BROKEN", str(tmp_path))
    driver = Driver()
    message = driver.next()
    assert message is not None
    assert message["is"] == "broken"
    assert message["message"] == "RuntimeError: no driver was found"
    assert driver.next() is None
    driver.process.end()


def test_an_engine_gets_quicker_while_nobody_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    from studio.engine import serve

    monkeypatch.setattr(serve, "QUIET_FOR", 0.02)
    server = serve.Server(None)  # type: ignore[arg-type]
    done: list[str] = []

    class Better:
        def improve(self) -> bool:
            done.append("improved")
            if len(done) == 3:  # somebody asks meanwhile
                server._requests.put({"is": "look"})
            return len(done) < 3

    server._requests.put({"is": "run"})
    assert server._next(Better()) == {"is": "run"} and not done, "who asks is served first"
    assert server._next(Better()) == {"is": "look"} and len(done) == 3
    server._requests.put(None)
    assert server._next(object()) is None, "an engine need not know how"
