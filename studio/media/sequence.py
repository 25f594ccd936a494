"""Pictures with numbers in their names, as one film: shot_0001.png, shot_0002.png, ...

They are written into one lossless file (FFV1), because a timeline names files, and a thousand of them would be opened one by one at every
look. Numbers may have gaps; the picture before a gap is not repeated.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from studio.core.job import BadRequest
from studio.media.clips import SOUNDS, VIDEOS
from studio.media.files import ready_folder
from studio.media.image import read_picture

RATE = 24.0
"""Frames per second of what has no rate of its own; the clip's speed changes it."""
LEAST = 3
"""Pictures that make a film; fewer are pictures."""
_NUMBER = re.compile(r"^(.*?)(\d+)$")


def grouped(paths: Sequence[Path]) -> list[list[Path]]:
    """Files as they were given, a folder as the numbered pictures in it; at least `LEAST` pictures of one name with different numbers
    come together, in the order of their numbers."""
    files = list(_files(paths))
    rows: dict[tuple[Path, str, str], list[tuple[int, Path]]] = {}
    for path in files:
        found = _numbered(path)
        if found is not None:
            rows.setdefault(found[0], []).append((found[1], path))
    out: list[list[Path]] = []
    for path in files:
        found = _numbered(path)
        row = rows[found[0]] if found is not None else []
        if len(row) < LEAST:
            out.append([path])
        elif path == row[0][1]:  # the others come with it
            out.append([one for _, one in sorted(row)])
    return out


def _numbered(path: Path) -> tuple[tuple[Path, str, str], int] | None:
    """What pictures of one film have in common, and this one's number."""
    found = _NUMBER.match(path.stem)
    suffix = path.suffix.lower()
    if found is None or suffix in (*VIDEOS, *SOUNDS, ".gif"):
        return None
    return (path.parent, found[1], suffix), int(found[2])


def _files(paths: Sequence[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(one for one in path.iterdir() if one.is_file() and _NUMBER.match(one.stem))
        else:
            yield path


def gathered(
    paths: Sequence[Path],
    folder: Path,
    rate: float = RATE,
    told: Callable[[float], object] = lambda share: None,
) -> Path:
    """Writes the pictures as one film -> its path in `folder`. What was written before is not written again.

    Raises:
        BadRequest: a picture cannot be read, they differ in size, the disk is full and the like.
    """
    first = read_picture(paths[0])
    state = [(str(path), path.stat().st_mtime_ns, path.stat().st_size) for path in paths]
    name = hashlib.sha256(repr((state, rate)).encode()).hexdigest()[:20]
    found = _numbered(paths[0])
    stem = (found[0][1].rstrip(" _-.") if found else "") or "frames"
    out = folder / f"{stem[:40]}-{name}.mkv"
    if out.exists():
        return out
    ready_folder(folder, first.array.nbytes * len(paths) + (1 << 20), "clip")
    from studio.media.video import write_frames

    write_frames(_read(paths, first.array.shape, told), out, rate)
    return out


def _read(
    paths: Sequence[Path], shape: tuple[int, ...], told: Callable[[float], object]
) -> Iterator[np.ndarray[Any, Any]]:
    for number, path in enumerate(paths):
        pixels = read_picture(path).array
        if pixels.shape[:2] != shape[:2]:
            raise BadRequest(
                f"{path.name} is {pixels.shape[1]} x {pixels.shape[0]} and the first picture {shape[1]} x {shape[0]}; pictures of one film"
                " have one size."
            )
        if pixels.shape[2] != shape[2]:
            alpha = np.full((*shape[:2], 1), 255, np.uint8)
            pixels = pixels[..., :3] if shape[2] == 3 else np.concatenate([pixels[..., :3], alpha], -1)
        told(number / len(paths))
        yield pixels
