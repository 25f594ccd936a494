"""The files that a timeline and the takes name: whether they are still there, and where they are now.

A project names its films and sounds and does not hold them: an hour of film would be written anew at every save. A file that is not
where it was is looked for beside the project and in the folder of its name ("fox media" beside "fox.ora"), where `gather` puts copies.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from studio.core.job import BadRequest
from studio.core.take import Take, changed
from studio.core.timeline import Media, Timeline
from studio.media.files import ready_folder, sentence

CHUNK = 1 << 20


def digest(path: Path) -> str:
    """SHA-256 of a file's bytes.

    Raises:
        OSError: it cannot be read.
    """
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def media_folder(project: Path) -> Path:
    """Where the files of a project are kept when they are gathered."""
    return project.with_name(f"{project.stem} media")


def relinked(timeline: Timeline, project: Path) -> tuple[Timeline, list[str]]:
    """The timeline with the places where its files are now, and a sentence for each that is missing or another one."""
    notes: list[str] = []
    new: dict[str, Media] = {}
    for path, media in timeline.medias().items():
        size = _size(Path(path))
        if size == media.bytes or (size is not None and not media.bytes):
            continue
        name = Path(path).name
        beside = (project.parent / name, media_folder(project) / name)
        found = next((other for other in beside if _same(other, media)), None)
        if found is not None:
            new[path] = replace(media, path=str(found))
        elif size is not None:
            notes.append(f"“{name}” on the timeline has changed since the project was saved.")
        else:
            notes.append(
                f"“{name}” on the timeline is not where it was; put it beside the project and open it again."
            )
    return renamed(timeline, new), notes


def found_takes(takes: tuple[Take, ...], project: Path) -> tuple[tuple[Take, ...], list[str]]:
    """The takes of a project with the places where their files are now, and a sentence for each that is missing."""
    out: list[Take] = []
    notes: list[str] = []
    for take in takes:
        path = Path(take.source.path)
        beside = (path, project.parent / path.name, media_folder(project) / path.name)
        place = next((other for other in beside if _size(other) is not None), None)
        if place is None:
            notes.append(
                f"The sound “{path.name}” is not where it was; put it beside the project and open it again."
            )
        elif place != path:
            take = changed(take, source=take.source.model_copy(update={"path": str(place)}))
        out.append(take)
    return tuple(out), notes


def renamed(timeline: Timeline, new: dict[str, Media]) -> Timeline:
    """The timeline with other files in place of some; path -> file."""
    if not new:
        return timeline
    tracks = [
        replace(track, items=tuple(replace(item, media=new.get(item.media.path, item.media)) for item in track.items))
        for track in timeline.tracks
    ]  # fmt: skip
    return replace(timeline, tracks=tuple(tracks))


def missing(timeline: Timeline) -> list[str]:
    """Paths of files that are not there."""
    return [path for path in timeline.medias() if _size(Path(path)) is None]


def gather(
    timeline: Timeline, folder: Path, told: Callable[[float], object] = lambda share: None
) -> dict[str, Path]:
    """Copies every file of a timeline into a folder -> old path: new one. What is there already is not copied again.

    Args:
        told: gets the share that is done, 0 .. 1; what it raises ends the copying, and leaves no half of a file.

    Raises:
        BadRequest: a file is missing, the disk is full and the like.
    """
    wanted = timeline.medias()
    total = sum(_size(Path(path)) or 0 for path in wanted) or 1
    ready_folder(folder, total + (1 << 20), "file")
    out: dict[str, Path] = {}
    done = 0
    for path, media in wanted.items():
        to = _free(folder, Path(path), media, set(out.values()))
        beside = to.with_name(f".{to.name}.studio-tmp")
        try:
            if not to.exists():
                with open(path, "rb") as old, open(beside, "wb") as new:
                    while block := old.read(CHUNK):
                        new.write(block)
                        done += len(block)
                        told(min(done / total, 1.0))
                shutil.copystat(path, beside)
                beside.replace(to)
        except OSError as error:
            raise BadRequest(sentence(path if error.filename == path else to, error)) from None
        finally:
            beside.unlink(missing_ok=True)
        out[path] = to
    return out


def _free(folder: Path, path: Path, media: Media, taken: set[Path]) -> Path:
    """A name in the folder that is this file's: another file of the same name gets a number."""
    number = 1
    while True:
        to = folder / (path.name if number == 1 else f"{path.stem}-{number}{path.suffix}")
        if to not in taken and (to == path or not to.exists() or _same(to, media)):
            return to
        number += 1


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size if path.is_file() else None
    except OSError:
        return None


def _same(path: Path, media: Media) -> bool:
    if _size(path) is None or (media.bytes and _size(path) != media.bytes):
        return False
    try:
        return not media.sha256 or digest(path) == media.sha256
    except OSError:
        return False
