"""What jobs do with files: take a finished one in without overwriting, tell whether it is still whole, lock."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import itertools
import os
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

INCOMING = ".incoming"
"""Folder inside the results' folder in which files are made before they get their own names."""


def sentence(error: BaseException, what: str) -> str:
    """One plain sentence for an error with a file or a database; `what` failed ("The result cannot be saved")."""
    number = getattr(error, "errno", None)
    text = str(error).lower()
    if number in (errno.ENOSPC, getattr(errno, "EDQUOT", -1), errno.EFBIG) or "is full" in text:
        return f"{what}: the disk is full; free some space and press Retry."
    if number in (errno.EROFS, errno.EACCES, errno.EPERM) or "readonly" in text or "unable to open" in text:
        return f"{what}: the folder cannot be written to; choose another folder or change its permissions."
    if "locked" in text:
        return f"{what}: another window is holding the queue; close it and try again."
    return f"{what}: {' '.join(str(error).split()).rstrip('.')}; check the disk and try again."


def digest(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def place(source: Path, folder: Path) -> Path:
    """A path in `folder` for `source`: its own name, or with the next number at its end where that is taken."""
    stem, first = source.stem, 1
    if numbered := re.fullmatch(r"(.*)_(\d{4,})", stem):
        stem, first = numbered[1], int(numbered[2])
    names = itertools.chain(
        [source.name], (f"{stem}_{n:04d}{source.suffix}" for n in itertools.count(first + 1))
    )
    return next(folder / name for name in names if not (folder / name).exists())


def move(source: Path, target: Path) -> None:
    """Gives a finished file its own name, on the same disk, and never replaces another file.

    Raises:
        FileExistsError: the name was taken in the meantime.
        OSError: the disk is full, read-only, and so on.
    """
    if sys.platform == "win32":
        os.rename(source, target)  # refuses by itself to overwrite
        return
    try:
        os.link(source, target)
    except FileExistsError:
        raise
    except OSError:  # no hard links on this disk
        if target.exists():
            raise FileExistsError(target) from None
        os.rename(source, target)
    else:
        source.unlink(missing_ok=True)
    with contextlib.suppress(OSError):
        handle = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(handle)  # the name itself survives a power cut
        finally:
            os.close(handle)


def remove_incoming(folder: Path, job: str, index: int) -> None:
    """Removes the folder in which result `index` of a job was being made. `folder` is the results' folder.

    Raises:
        ValueError: `job` is not the id of a job, so what would be removed is not ours.
    """
    shutil.rmtree(incoming(folder, job, index), ignore_errors=True)


def incoming(folder: Path, job: str, index: int) -> Path:
    """Where result `index` of a job is made."""
    return folder / INCOMING / f"{_checked(job)}-{index:d}"


def remove_checkpoint(folder: Path, job: str) -> None:
    """Removes the checkpoint of a job and what was being written beside it. `folder` holds only checkpoints.

    Raises:
        ValueError: `job` is not the id of a job, so what would be removed is not ours.
    """
    name = _checked(job)
    with contextlib.suppress(OSError):
        for file in folder.iterdir():
            if file.name == name or file.name.startswith(f"{name}."):
                file.unlink(missing_ok=True)


def job_of(path: Path) -> str:
    """The job that a checkpoint or an incoming folder belongs to; empty when its name is none that we give."""
    job = path.name[:32]
    return job if _JOB.fullmatch(job) and path.name[32:33] in ("", ".", "-") else ""


_JOB = re.compile(r"[0-9a-f]{32}")


def _checked(job: str) -> str:
    # Nothing here may ever remove by a pattern or by a path that came from somewhere else: an empty name once stood
    # for the whole working directory.
    if not _JOB.fullmatch(job):
        raise ValueError(f"{job!r} is not the id of a job")
    return job


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Holds an exclusive lock that the system takes back when the process dies, however it dies.

    Raises OSError where the folder cannot be written to.
    """
    with open(path, "a+b") as file:
        if sys.platform == "win32":
            import msvcrt

            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)
            try:
                yield
            finally:
                file.seek(0)
                msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX)
            yield
