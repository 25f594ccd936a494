"""One engine process as its parent sees it: start it, talk to it, and say in plain words how it ended. No Qt."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, BinaryIO, cast

from studio.core.wire import Arena, Gone, Link, WireError

COMMAND = (sys.executable, "-m", "studio.engine.serve")
_ROOT = Path(__file__).resolve().parents[2]

_WORDS = {
    "SIGKILL": "was ended by the system, most likely because memory ran out; close other programs or choose a smaller size",
    "SIGSEGV": "crashed inside a library or the graphics driver; if it happens again, update the driver",
    "SIGBUS": "crashed because memory or the disk gave out; close other programs or free some space",
    "SIGABRT": "gave up because of an error inside a library; if it happens again, choose other settings",
    "SIGILL": "uses an instruction that this processor lacks; install the studio anew on this computer",
    "SIGFPE": "crashed on a calculation inside a library; choose other settings",
    "SIGTERM": "was ended from outside",
    "SIGHUP": "was ended because its terminal closed",
}
_WINDOWS = {
    0xC0000005: "SIGSEGV",
    0xC0000017: "SIGKILL",
    0xC000001D: "SIGILL",
    0xC0000409: "SIGABRT",
    1: "SIGTERM",
}


class EngineProcess:
    """Starts at once and returns at once; `deliver(self, message)` is called in a thread of its own for every message, and
    with None at the end.

    Args:
        command: how to start `studio.engine.serve`; options follow.
        options: as `serve` takes them.

    Raises:
        OSError: the process cannot be started.
    """

    def __init__(
        self,
        deliver: Callable[[EngineProcess, dict[str, Any] | None], None],
        options: Sequence[str] = (),
        command: Sequence[str] = COMMAND,
    ) -> None:
        self._deliver = deliver
        self._arena = Arena.create()
        self._errors = _scratch()
        self._said = ""
        self.hung = False
        try:
            self._popen = subprocess.Popen(
                [*command, "--arena", self._arena.handle, *options],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._errors or subprocess.DEVNULL,
                bufsize=0,
                env={
                    **os.environ,
                    "PYTHONPATH": os.pathsep.join(filter(None, (str(_ROOT), os.environ.get("PYTHONPATH")))),
                },
                pass_fds=self._arena.fds,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except BaseException:
            self._arena.close()
            raise
        self._link = Link(cast(BinaryIO, self._popen.stdout), cast(BinaryIO, self._popen.stdin), self._arena)
        self._reader = threading.Thread(target=self._read, name="engine events", daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        return self._popen.pid

    def send(self, kind: str, **fields: Any) -> None:
        """Sends a message; whether somebody is there to read it, `deliver` tells."""
        with contextlib.suppress(Gone):
            self._link.send(kind, **fields)

    def kill(self) -> None:
        self._popen.kill()

    def end(self, patience: float = 0.0) -> None:
        """Ends the process (politely for `patience` seconds), waits for it and gives back all that it held."""
        if patience > 0:
            self.send("shutdown")
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._popen.wait(patience)
        self._popen.kill()
        self._popen.wait()  # no zombie stays
        if threading.current_thread() is not self._reader:
            self._reader.join(5)
        self._link.close()
        self._arena.close()
        if self._errors is not None:
            self._said = _tail(self._errors)
            self._errors.close()
            self._errors = None

    def last_words(self) -> str:
        """The end of what the process wrote to standard error; empty when nothing."""
        return self._said if self._errors is None else _tail(self._errors)

    def epitaph(self) -> str:
        """How it ended and what to do, as the rest of a sentence; call it after `end`."""
        code = self._popen.returncode
        if self.hung:
            return "did not answer any more and was ended; press Retry"
        name = _signal(code)
        if name in _WORDS:
            return f"{_WORDS[name]}, then press Retry"
        if name:
            return f"was ended by the signal {name}; press Retry"
        line = next((line for line in reversed(self.last_words().splitlines()) if line.strip()), "")
        return f"ended by itself with code {code}{f' ({line.strip()[:200]})' if line else ''}; press Retry"

    def _read(self) -> None:
        try:
            while (message := self._link.receive()) is not None:
                self._deliver(self, message)
        except WireError:
            self._popen.kill()  # it talks nonsense
        self._deliver(self, None)


def _signal(code: int | None) -> str:
    if code is None:
        return ""
    if sys.platform == "win32":
        return _WINDOWS.get(code & 0xFFFFFFFF, "")
    if code < 0:
        try:
            return signal.Signals(-code).name
        except ValueError:
            return f"{-code}"
    return ""


def _scratch() -> BinaryIO | None:
    """A file without a name for the engine's standard error; None where there is no room for one."""
    try:
        return cast(BinaryIO, tempfile.TemporaryFile())
    except OSError:
        return None


def _tail(file: BinaryIO, limit: int = 4000) -> str:
    try:
        file.seek(max(file.seek(0, os.SEEK_END) - limit, 0))
        return file.read().decode("utf-8", "replace").strip()
    except OSError:
        return ""
