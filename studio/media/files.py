"""Files that are written whole or not at all, and plain sentences for what goes wrong with them.

A file is written beside its place under a temporary name, brought to the disk and then renamed, so that neither a kill nor a full
disk leaves half of one under its own name.
"""

from __future__ import annotations

import errno
import os
import secrets
import shutil
import stat
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from studio.core.job import BadRequest

TEMPORARY = ".studio-tmp"
"""Ending of temporary files: what a kill left behind is known by it."""

_REMEDIES: dict[int, str] = {
    errno.ENOENT: "does not exist; check the path",
    errno.ENOTDIR: "lies below something that is a file, not a folder; choose another place",
    errno.EACCES: "may not be opened by you; change its permissions or choose another",
    errno.EPERM: "may not be opened by you; change its permissions or choose another",
    errno.EROFS: "is on a read-only disk; choose another folder",
    errno.EISDIR: "is a folder; name a file in it",
    errno.ENAMETOOLONG: "has too long a name; shorten it",
    errno.EFBIG: "would be larger than files may be here; choose another folder or a smaller format",
    errno.ENOSPC: "does not fit, the disk is full; free some space or choose another folder",
    getattr(
        errno, "EDQUOT", -1
    ): "does not fit, your share of the disk is used up; free some space or choose another folder",
    errno.EMFILE: "cannot be opened, too many files are open; close some and try again",
    errno.ELOOP: "is a link that leads to itself; choose another",
    errno.EIO: "cannot be read or written, the disk reports an error; copy it elsewhere and try again",
}


def sentence(path: Path | str, error: OSError) -> str:
    """What went wrong with the file and what to do about it, as one sentence."""
    remedy = _REMEDIES.get(error.errno or 0)
    return (
        f"{path} {remedy}."
        if remedy
        else f"{path} cannot be used ({error.strerror or error}); choose another file or folder."
    )


def check_file(path: Path | str) -> None:
    """Raises BadRequest unless `path` is an ordinary file with something in it: opening a pipe would wait forever."""
    try:
        status = os.stat(path)
    except OSError as error:
        raise BadRequest(sentence(path, error)) from None
    except ValueError:
        raise BadRequest(f"{str(path)!r} cannot be the name of a file; check the path.") from None
    if stat.S_ISDIR(status.st_mode):
        raise BadRequest(f"{path} is a folder; name a file in it.")
    if not stat.S_ISREG(status.st_mode):
        raise BadRequest(f"{path} is not an ordinary file; choose another.")
    if status.st_size == 0:
        raise BadRequest(f"{path} is empty; choose another file or save it again.")


def write_whole(path: Path, write: Callable[[BinaryIO], object], *, replace: bool = True) -> None:
    """Calls `write` with an open file and puts the result at `path` in one step.

    Args:
        replace: whether a file that is already there is replaced.

    Raises:
        FileExistsError: the file is there and `replace` is false.
        BadRequest: the disk is full, the folder read-only and the like; what was at `path` is untouched.
    """
    temporary = path.parent / f".{path.name[:80]}.{secrets.token_hex(6)}{TEMPORARY}"
    try:
        with open(temporary, "xb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        _put(temporary, path, replace)
        _sync_folder(path.parent)
    except FileExistsError:
        raise
    except OSError as error:
        raise BadRequest(sentence(path, error)) from error
    finally:
        _remove(temporary)


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError:
        pass


def _put(temporary: Path, path: Path, replace: bool) -> None:
    if replace:
        os.replace(temporary, path)
        return
    try:
        os.link(temporary, path)  # unlike a rename, it refuses to overwrite
    except FileExistsError:
        raise
    except OSError:  # no hard links here (FAT, some network disks): take the name first, then fill it
        os.close(os.open(path, os.O_CREAT | os.O_EXCL))
        os.replace(temporary, path)


def _sync_folder(folder: Path) -> None:
    """Brings the new name itself to the disk; where folders cannot be opened (Windows) the system does it."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(handle)
    except OSError:
        pass
    finally:
        os.close(handle)


def ready_folder(folder: Path, need: int = 1 << 20, field: str = "out") -> Path:
    """Makes the folder and proves that files can be written there, before any work is done.

    A file is really written: the superuser passes every permission check and still cannot write to a read-only disk.

    Args:
        need: bytes that must be free.
        field: what the caller calls the folder, for the sentence.

    Raises:
        BadRequest: one sentence.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / f".probe.{secrets.token_hex(6)}{TEMPORARY}"
        try:
            probe.write_bytes(bytes(4096))
        finally:
            _remove(probe)
        free = shutil.disk_usage(folder).free
    except FileExistsError:
        raise BadRequest(f"{field}: {folder} is a file; name a folder.") from None
    except ValueError as error:
        raise BadRequest(
            f"{field}: {str(folder)!r} cannot be the name of a folder ({error}); name another."
        ) from None
    except OSError as error:
        if error.errno in (errno.EACCES, errno.EPERM):
            raise BadRequest(
                f"{field}: you may not write to {folder}; change its permissions or choose another folder."
            ) from None
        raise BadRequest(f"{field}: {sentence(folder, error)}") from None
    if free < need:
        raise BadRequest(
            f"{field}: the disk of {folder} has {free / 2**20:.1f} MB left and about {need / 2**20:.1f} MB are needed;"
            " free some space or choose another folder."
        )
    return folder
