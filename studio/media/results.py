"""Finished results -> files that nothing overwrites."""

from __future__ import annotations

import re
from datetime import date
from itertools import chain, count
from pathlib import Path

from studio.core.job import BadRequest, Result
from studio.media.clips import ENDINGS, endings, save_clip
from studio.media.files import sentence


def save_result(
    result: Result, folder: Path, name: str | None = None, *, suffix: str = "", quality: int = 92
) -> Path:
    """Writes a result with its request in the metadata, in one step, under a name that is free.

    Args:
        folder: made when absent.
        name: without ending; a number is added only where it is taken. None = 2026-11-23_text2image_seed1_0001.
        suffix: the file type; "" = the usual one of its kind (".png", ".mp4", ".flac").

    Returns:
        The file's path.

    Raises:
        BadRequest: full disk, read-only folder and the like.
    """
    spec = result.spec
    stem = _safe(name) if name else f"{date.today():%Y-%m-%d}_{spec.technique.name}_seed{spec.seed}"
    kind = result.clip.kind
    suffix = suffix or ENDINGS[kind]
    if suffix.lower() not in endings(kind):
        raise BadRequest(f"{suffix!r} is not a {kind} type; use one of {', '.join(endings(kind))}.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadRequest(sentence(folder, error)) from error
    first = [f"{stem}{suffix}"] if name else []
    candidates = (folder / text for text in chain(first, (f"{stem}_{i:04d}{suffix}" for i in count(1))))
    for path in candidates:
        if path.exists():  # quick way past those that are there; the write below is what counts
            continue
        try:
            save_clip(result.clip, path, spec, quality=quality, replace=False)
        except FileExistsError:
            continue  # another window was faster
        return path
    raise AssertionError("numbers do not end")


def _safe(name: str) -> str:
    """A name that every system accepts."""
    return re.sub(r'[\x00-\x1f<>:"/\\|?*]+', "_", name).strip(". ")[:120] or "result"
