"""One edit by several techniques side by side, each with the map of what it changed: a page, a sheet and the pictures."""

from __future__ import annotations

import html
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studio.bench.tour import STYLE
from studio.core.clip import Clip
from studio.core.compare import Wish, changed, requests
from studio.core.job import TECHNIQUES, Event, Failed, JobSpec, Result
from studio.core.paths import model_folders
from studio.media import files
from studio.media.clips import read_source
from studio.media.image import save_picture

VISIBLE = 16
"""Levels of 255 from which on a pixel counts as changed."""
CELL = 256
"""Width of a picture on the sheet, in pixels."""


@dataclass(frozen=True)
class Answer:
    """What one technique made of the wish; paths are relative to the page, empty where it failed."""

    spec: JobSpec
    picture: str = ""
    map: str = ""
    share: float = 0.0
    """Of the pixels that visibly changed."""
    seconds: float = 0.0
    message: str = ""


def run(
    wish: Wish,
    out: Path,
    names: Sequence[str] = (),
    *,
    folders: Sequence[Path] | None = None,
    model: str = "",
    seed: int = 0,
    device: str | None = None,
    show: Callable[[Event], object] = lambda event: None,
) -> list[Answer]:
    """Runs the wish through the techniques, one after the other, and writes index.html, sheet.png and the pictures into `out`.

    Args:
        names: of techniques; none = all that can. show: called with every event.

    Raises:
        BadRequest: no technique can do it, or an input cannot be read.
    """
    from studio.engine.engine import Engine  # loads torch

    out = out.resolve()
    engine = Engine(list(folders or model_folders()), device=device, read=read_source)
    source = read_source(wish.image)
    todo = requests(wish, engine.cards, names, model, seed)
    out.mkdir(parents=True, exist_ok=True)
    save_picture(source, out / "source.png")
    answers: list[Answer] = []
    for spec in todo:
        answers.append(_answer(engine, spec, source, out, show))
        _write(out, wish, answers)
    return answers


def _answer(engine: Any, spec: JobSpec, source: Clip, out: Path, show: Callable[[Event], object]) -> Answer:
    name, begun = spec.technique.name, time.perf_counter()
    events = engine.run(spec)
    message = "It ended without a picture."
    try:
        for event in events:
            show(event)
            if isinstance(event, Failed):
                message = event.message
            elif isinstance(event, Result):
                picture, map_ = f"{name}.png", f"{name}_changed.png"
                save_picture(event.clip, out / picture, event.spec)
                now = event.clip.array
                if now.shape[:2] != source.array.shape[:2]:
                    now = _sized(now, source.width, source.height)
                seen = changed(source.array, now)
                save_picture(Clip.mask(seen), out / map_)
                share, seconds = float((seen >= VISIBLE).mean()), time.perf_counter() - begun
                return Answer(event.spec, picture, map_, share, seconds)
    finally:
        events.close()
    return Answer(spec, seconds=time.perf_counter() - begun, message=message)


def _sized(pixels: NDArray[np.uint8], width: int, height: int) -> NDArray[np.uint8]:
    from PIL import Image

    image = Image.fromarray(np.ascontiguousarray(pixels))
    return np.asarray(image.resize((width, height), Image.Resampling.LANCZOS))


# --- the page -------------------------------------------------------------------------------------------------------


def _write(out: Path, wish: Wish, answers: Sequence[Answer]) -> None:
    page = _page(wish, answers)
    files.write_whole(out / "index.html", lambda file: file.write(page.encode()))
    save_picture(sheet(out, answers), out / "sheet.png")


def sheet(out: Path, answers: Sequence[Answer]) -> Clip:
    """Above the source and the results, below the maps of what changed, all of one size."""
    from PIL import Image

    columns = [("source.png", ""), *((a.picture, a.map) for a in answers if a.picture)]
    tops: list[NDArray[np.uint8]] = []
    bottoms: list[NDArray[np.uint8]] = []
    height = CELL
    for picture, map_ in columns:
        with Image.open(out / picture) as image:
            if picture == "source.png":
                height = max(1, round(CELL * image.height / image.width))
            how = Image.Resampling.NEAREST if image.width < CELL // 2 else Image.Resampling.LANCZOS
            tops.append(np.asarray(image.convert("RGB").resize((CELL, height), how)))
        bottom = np.full((height, CELL, 3), 255, np.uint8)
        if map_:
            with Image.open(out / map_) as image:
                bottom = np.asarray(image.convert("RGB").resize((CELL, height), how))
        bottoms.append(bottom)
    return Clip.picture(np.concatenate([np.concatenate(tops, 1), np.concatenate(bottoms, 1)]))


def _page(wish: Wish, answers: Sequence[Answer]) -> str:
    said = [("it shows", wish.source), ("wanted", wish.target), ("to do", wish.instruction)]
    words = "; ".join(f"{label}: “{text}”" for label, text in said if text)
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>Compared: {html.escape(wish.target or wish.instruction)}</title><style>{STYLE}</style></head><body>\n"
        f"<header><h1>One edit, {len(answers)} techniques</h1><p>{html.escape(words)}</p></header>\n"
        + "\n".join(_section(answer) for answer in answers)
        + "\n<footer>The grey pictures show how much each pixel changed. Every picture holds its whole request:"
        " <code>studio settings FILE</code> prints it.</footer>\n</body></html>\n"
    )


def _section(answer: Answer) -> str:
    cls = TECHNIQUES[answer.spec.technique.name]
    mark = (
        '<span class="mark ok">✓ done</span>' if answer.picture else '<span class="mark bad">✗ failed</span>'
    )
    meta = f"{html.escape(answer.spec.model)} · {answer.seconds:.1f} s"
    head = (
        f'<section><div class="head"><h2>{html.escape(cls.title)}</h2>{mark}<p class="meta">{meta}</p></div>'
    )
    if not answer.picture:
        return f'{head}<p class="message">{html.escape(answer.message)}</p></section>'
    figures = [
        ("source.png", "before"),
        (answer.picture, "after"),
        (answer.map, f"changed: {answer.share:.0%} of the pixels"),
    ]
    strip = "".join(
        f'<figure><a href="{path}"><img src="{path}" alt="{html.escape(label)}"></a>'
        f"<figcaption>{html.escape(label)}</figcaption></figure>"
        for path, label in figures
    )
    return f'{head}<div class="strip">{strip}</div></section>'
