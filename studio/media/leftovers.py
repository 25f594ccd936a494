"""Sounds in the studio's own folder that nothing needs any more.

What a request makes, what is cut and what another format is copied from are files in `home()/takes`, whether or not they are kept in a
project. Those that no project names go, the longest unused ones first, once there are too many; nothing that was used within a week, and
never a recording, of which there is no other copy.

Where projects lie is not known: they are moved, copied, on a stick. So every project that is saved or opened leaves the names of its
sounds in a list beside them (`remember`), and a name that was once on it stays for ever. Where there is no list yet, projects of an older
studio may name any of the files, so all of them are put on it. What an autosave names stays as long as that does.
"""

from __future__ import annotations

import json
import os
import time
import zipfile
from pathlib import Path

LIST = "in-projects.txt"
KEPT_BYTES = 1 << 30
"""Of sounds that no project names."""
KEPT_SECONDS = 7 * 86400.0
"""Since a sound was used."""
RECORDED = "recording "
"""With this the name of a recording begins."""
DESCRIBED = "studio/document.json"
"""Member of a project that names its files."""


def remember(project: Path, folder: Path) -> None:
    """Puts the sounds of a folder that a project names on the list. What cannot be read or written is left, see `tidy`."""
    try:
        text, known = _text(project), _listed(folder)
        new = [said for name in _sounds(folder) if (said := _said(name)) in text and said not in known]
        if new or not (folder / LIST).exists():
            _put(folder, new)
    except (OSError, KeyError, zipfile.BadZipFile):
        pass


def used(path: Path, folder: Path) -> None:
    """A sound of the folder was opened."""
    if path.parent == folder:
        try:
            os.utime(path)
        except OSError:
            pass


def tidy(
    folder: Path,
    recovery: Path,
    budget: int = KEPT_BYTES,
    age: float = KEPT_SECONDS,
    now: float | None = None,
) -> list[str]:
    """Deletes what nothing needs until the rest of that kind is at most `budget` bytes -> names.

    Args:
        recovery: folder of the autosaves of all windows.
        age: seconds since it was used that anything stays.
    """
    try:
        if not (folder / LIST).exists():
            if folder.is_dir():
                _put(folder, [])
            return []
        named = _listed(folder)
        saved = "".join(_text(path) for path in recovery.glob("*/document.ora"))
        spare = [
            folder / name
            for name in _sounds(folder)
            if (said := _said(name)) not in named and said not in saved
        ]
        files = sorted(((path.stat().st_mtime, path.stat().st_size, path) for path in spare), reverse=True)
    except (OSError, KeyError, zipfile.BadZipFile):
        return []  # what is not known for certain deletes nothing
    gone: list[str] = []
    total = 0
    for when, size, path in files:
        total += size
        if total > budget and (time.time() if now is None else now) - when > age:
            try:
                path.unlink()
            except OSError:  # another program reads it
                continue
            gone.append(path.name)
    return gone


def _sounds(folder: Path) -> list[str]:
    return [
        path.name for path in folder.glob("*.flac") if path.is_file() and not path.name.startswith(RECORDED)
    ]


def _said(name: str) -> str:
    """A name as a project writes it."""
    return json.dumps(name, ensure_ascii=False)[1:-1]


def _listed(folder: Path) -> set[str]:
    try:
        return set((folder / LIST).read_text("utf-8", "surrogateescape").splitlines())
    except FileNotFoundError:
        return set()


def _put(folder: Path, names: list[str]) -> None:
    """Adds to the list; a new list begins with all that is there."""
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / LIST).exists():
        names = [_said(name) for name in _sounds(folder)]
    with open(folder / LIST, "a", encoding="utf-8", errors="surrogateescape") as file:
        file.writelines(f"{name}\n" for name in names)


def _text(project: Path) -> str:
    """What a project says about its files; "" for what is no project of ours."""
    with zipfile.ZipFile(project) as archive:
        return archive.read(DESCRIBED).decode("utf-8", "replace") if DESCRIBED in archive.namelist() else ""
