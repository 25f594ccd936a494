"""Work that is not lost: autosave, and finding it again after a crash.

Every open document has a folder under `home()/recovery` with three files:

    lock             held by the running program; the system lets go of it when the program dies, however it dies
    document.ora     the last autosave
    info.json        title, path of the project, when, which state of the history

A folder whose lock nobody holds belongs to a program that died: `recoverable()` lists it and the next start offers it.
(A process number in a file was the other choice; numbers are used again and cannot be asked across containers.)

How a document becomes a file is the caller's: `Autosaver.save` gets a function that writes a path (`studio.media.ora`).
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

from studio.core.layer import new_id
from studio.core.paths import home

EVERY = 60.0
"""Seconds between autosaves."""


def recovery_folder() -> Path:
    return home() / "recovery"


class Lock:
    """A file that is locked as long as this process lives and holds the object."""

    def __init__(self, path: Path) -> None:
        """Raises BlockingIOError when someone else holds it."""
        self._file: IO[bytes] | None = open(path, "a+b")  # noqa: SIM115 - open for as long as it is locked
        try:
            _lock(self._file)
        except OSError:
            self._file.close()
            self._file = None
            raise BlockingIOError(f"{path} is in use") from None

    def release(self) -> None:
        if self._file is not None:
            self._file.close()  # which unlocks
            self._file = None


def _lock(file: IO[bytes]) -> None:
    """Raises OSError when another handle holds the lock."""
    if os.name == "nt":  # pragma: no cover - the other system
        import msvcrt

        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # pyright: ignore
    else:
        import fcntl

        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)


class Autosaver:
    """Decides when to save, and keeps one document's recovery folder.

    Args:
        folder: None = `recovery_folder()`.
        every: seconds between autosaves.
        clock: seconds; for tests.
    """

    def __init__(
        self, folder: Path | None = None, every: float = EVERY, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.every, self._clock = every, clock
        self.folder = (folder or recovery_folder()) / new_id()
        self._lock: Lock | None = None
        self._saved: int | None = None
        self._since = clock()

    @property
    def file(self) -> Path:
        return self.folder / "document.ora"

    def due(self, position: int, modified: bool = True) -> bool:
        """Whether it is time: `History.revision` moved since the last autosave and `every` seconds have passed."""
        return self.pending(position, modified) and self._clock() - self._since >= self.every

    def pending(self, position: int, modified: bool = True) -> bool:
        """Whether there is anything new to save (ask before each job)."""
        return modified and position != self._saved

    def save(
        self, position: int, write: Callable[[Path], object], title: str = "", path: Path | None = None
    ) -> None:
        """Saves now. `write` must replace the file in one step.

        Raises:
            what `write` raises; the last autosave is still there then, and the next try is `every` seconds away.
        """
        self._since = self._clock()
        self._hold()
        write(self.file)
        info = {"title": title, "path": str(path) if path else "", "time": time.time(), "position": position}
        temporary = self.folder / "info.tmp"
        with open(temporary, "w", encoding="utf-8") as file:
            json.dump(info, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, self.folder / "info.json")
        self._saved = position

    def saved(self, position: int) -> None:
        """The user saved the project: what is here is not needed any more."""
        self._since, self._saved = self._clock(), position
        for name in ("info.json", "document.ora"):
            (self.folder / name).unlink(missing_ok=True)

    def close(self) -> None:
        """A clean end: nothing to recover. (Do not call it when there is unsaved work to keep.)"""
        if self._lock is not None:
            _clear(self.folder, self._lock)
            self._lock = None

    def _hold(self) -> None:
        if self._lock is None:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._lock = Lock(self.folder / "lock")


@dataclass(frozen=True)
class Recovery:
    """Work of a program that died. `file`: the autosave; `path`: the project it belongs to, None if it had none yet;
    `time`: seconds since 1970."""

    file: Path
    title: str
    path: Path | None
    time: float

    def claim(self) -> Lock | None:
        """Takes it for this program as long as the lock is held, so that no other window offers it too; None when
        another one has it already."""
        try:
            return Lock(self.file.parent / "lock") if self.file.is_file() else None
        except OSError:
            return None

    def discard(self, lock: Lock | None = None) -> None:
        """Deletes it: it was opened and saved elsewhere, or is not wanted. `lock`: what `claim` gave."""
        _clear(self.file.parent, lock)


FILES = ("document.ora", "info.json", "info.tmp", "lock")


def _clear(place: Path, lock: Lock | None = None) -> None:
    """Removes a recovery folder: our own files by name and then the folder if it is empty. Never a whole tree: a wrong
    setting of the user's folder must not cost anybody their files."""
    half = [path.name for path in place.glob(".document.ora.*")]  # a kill in the middle of writing
    for name in (*half, *FILES):
        if name == "lock" and lock is not None:
            lock.release()
        try:
            (place / name).unlink(missing_ok=True)
        except OSError:
            pass
    try:
        place.rmdir()
    except OSError:
        pass


def recoverable(folder: Path | None = None) -> list[Recovery]:
    """What can be offered at the start, newest first. Empty remains of dead programs are cleared away."""
    found: list[Recovery] = []
    root = folder or recovery_folder()
    for place in sorted(root.iterdir()) if root.is_dir() else []:
        if not (place / "lock").is_file():
            continue  # not one of ours
        age = time.time() - place.stat().st_mtime
        try:
            lock = Lock(place / "lock")
        except OSError:
            continue  # its owner lives
        lock.release()
        info: dict[str, Any] = {}
        try:
            read = json.loads((place / "info.json").read_text("utf-8"))
            info = cast("dict[str, Any]", read) if isinstance(read, dict) else {}
        except (OSError, ValueError):
            pass  # killed between the two files: the document alone is enough
        file = place / "document.ora"
        if not file.is_file():
            if age > 10:  # not one that is just being made
                _clear(place)
            continue
        path = info.get("path")
        when = info.get("time")
        found.append(
            Recovery(file, str(info.get("title") or "Untitled"), Path(path) if isinstance(path, str) and path else None,
                     float(when) if isinstance(when, int | float) else file.stat().st_mtime)
        )  # fmt: skip
    return sorted(found, key=lambda one: -one.time)
