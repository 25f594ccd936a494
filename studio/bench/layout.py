"""Painted regions and shapes: is the right thing where it was painted, and does it fill the painting?

    studio bench layout --out FOLDER [--minutes M] [--tuning]

Scenes of the pocket world that training never showed. `paint-with-words` gets the true masks of both things with their names, and a prompt
that does not say where anything is and names the things in the order of their places in every other scene only (a model that has learnt to
draw what it reads from left to right would need no painting else); `smartbrush` gets the picture without its thing, the thing's true mask and its caption.

    right      the judge sees the painted thing at the place where it was painted (colour: in its colour, too)
    iou        paint-with-words: what stands out from the background against the union of the paintings. smartbrush: what changed
               by more than `CHANGED` levels against the shape
    outside    smartbrush: largest difference outside the mask, in levels; 0 = bit for bit

Floor: the same prompt without regions. Answers are kept and slices go on as in `studio bench edit`.
"""

from __future__ import annotations

import argparse
import math
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studio.bench.edit import Bench, interval, weights_of
from studio.bench.ledger import Ledger, mark_of
from studio.bench.world import World
from studio.bench.world.scene import Scene, Thing, arrangement, name_of
from studio.bench.world.words import with_article
from studio.core import paths
from studio.core.clip import Clip
from studio.core.job import TECHNIQUES, BadRequest
from studio.media.image import save_picture

FIRST_SEED, TUNING_SEED = 9_600_000, 9_500_000
SIDE = 64
STANDS_OUT, CHANGED = 40, 24
"""Levels of 255 in some channel."""
Picture = NDArray[np.uint8]


@dataclass(frozen=True)
class Painting:
    """One case. things: what is painted, with masks [H, W] in {0, 255} and the files that hold them."""

    things: tuple[Thing, ...]
    masks: tuple[NDArray[np.uint8], ...]
    files: tuple[str, ...]
    prompt: str
    before: Picture
    file: str
    seed: int


def painting(number: int, things: int, folder: Path, world: World, first: int) -> Painting:
    """Held-out scene `number` of that many things."""
    scene: Scene = world.scene(first + 100_000 * things + number, "held_out", things=things)
    scene = replace(scene, effect=None)
    masks = tuple(np.asarray(mask, np.uint8) for mask in world.masks(scene, SIDE))
    files: list[str] = []
    for i, mask in enumerate(masks):
        path = folder / f"paint_{things}_{number}_{i}.png"
        save_picture(Clip.mask(mask), path)
        files.append(str(path))
    named = scene.things[::-1] if number % 2 else scene.things
    prompt = arrangement(tuple(replace(t, place="centre") for t in named), say_places=False)
    prompt += f" on {with_article(scene.background)} background"
    empty = world.render(replace(scene, things=()), SIDE)
    source = folder / f"empty_{things}_{number}.png"
    save_picture(Clip.picture(empty), source)
    return Painting(
        scene.things,
        masks,
        tuple(files),
        prompt,
        empty,
        str(source),
        number,
    )


def stands_out(picture: Picture) -> NDArray[np.bool_]:
    """[H, W]: what differs clearly from the background, the median of the picture's rim."""
    rim = np.concatenate([picture[0], picture[-1], picture[:, 0], picture[:, -1]]).astype(np.int16)
    return np.abs(picture.astype(np.int16) - np.median(rim, axis=0)).max(-1) > STANDS_OUT


def iou(one: NDArray[np.bool_], other: NDArray[np.bool_]) -> float:
    union = int((one | other).sum())
    return int((one & other).sum()) / union if union else 1.0


@dataclass(frozen=True)
class Row:
    """things: in a scene. make: draws it. shape: whether it is scored by what changed in the source."""

    name: str
    things: int
    make: Callable[[Bench, Painting], Picture]
    settings: str = ""
    shape: bool = False


def _draw(bench: Bench, technique: dict[str, Any], case: Painting) -> Picture:
    return bench.ours(technique, case, None)  # pyright: ignore[reportArgumentType]


def _painted(strength: float) -> Callable[[Bench, Painting], Picture]:
    def make(bench: Bench, case: Painting) -> Picture:
        regions = [
            {"mask": {"path": file}, "words": name_of(thing, size=False), "strength": strength}
            for thing, file in zip(case.things, case.files, strict=True)
        ]
        return _draw(bench, {"name": "paint-with-words", "prompt": case.prompt, "regions": regions}, case)

    return make


def _brushed(bench: Bench, case: Painting) -> Picture:
    request = {"name": "smartbrush", "prompt": case.prompt, "image": case.file, "mask": case.files[0]}
    return _draw(bench, request, case)


ROWS = [
    Row(
        "no regions", 2, lambda bench, case: _draw(bench, {"name": "text2image", "prompt": case.prompt}, case)
    ),
    *(
        Row(f"paint-with-words, strength {strength:g}", 2, _painted(strength), f"{strength}")
        for strength in (1.0, 2.0, 3.0)
    ),
    Row("smartbrush", 1, _brushed, "", shape=True),
]


def score(row: Row, case: Painting, picture: Picture, seen: Any) -> dict[str, float]:
    """See the module."""
    here = [seen.things.get(thing.place) for thing in case.things]
    nouns = [
        found is not None and found[0] == thing.noun for found, thing in zip(here, case.things, strict=True)
    ]
    both = [found == (thing.noun, thing.colour) for found, thing in zip(here, case.things, strict=True)]
    union = np.any([mask > 127 for mask in case.masks], axis=0)
    scored = {"right": float(np.mean(nouns)), "colour": float(np.mean(both))}
    if not row.shape:
        return {**scored, "iou": iou(stands_out(picture), union), "outside": math.nan}
    apart = np.abs(picture.astype(np.int16) - case.before).max(-1)
    untouched = case.masks[0] == 0
    return {**scored, "iou": iou(apart > CHANGED, union), "outside": float(apart[untouched].max(initial=0))}


def table(rows: Sequence[Row], ledger: Ledger, marks: dict[str, str]) -> str:
    lines = [
        "| row | scenes | right thing in the right region % | in its colour too % | IoU | outside | s |",
        "|---" * 7 + "|",
    ]
    for row in rows:
        answers = list(ledger.answers(row.name, marks[row.name]).values())
        if not answers:
            continue
        cells = [row.name, str(len(answers))]
        for key, scale in (("right", 100), ("colour", 100), ("iou", 1)):
            values = scale * np.array([answer[key] for answer in answers])
            low, high = interval(values)
            digits = 0 if scale == 100 else 2
            cells.append(f"{values.mean():.{digits}f} [{low:.{digits}f}, {high:.{digits}f}]")
        most = max(answer["outside"] for answer in answers)
        cells += [
            "" if math.isnan(most) else f"{most:.0f}",
            f"{np.median([a['seconds'] for a in answers]):.2f}",
        ]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="studio bench layout", description=__doc__)
    parser.add_argument("--scenes", type=int, default=100)
    parser.add_argument("--rows", nargs="*", help="only rows whose names contain one of these words")
    parser.add_argument("--model", default="pocket-image")
    parser.add_argument("--models", type=Path, default=None, help="folder of models")
    parser.add_argument("--judge", type=Path, default=paths.models() / "pocket-judge")
    parser.add_argument(
        "--minutes", type=float, default=math.inf, help="of this slice; the next call goes on"
    )
    parser.add_argument("--tuning", action="store_true", help="other scenes, on which settings may be chosen")
    parser.add_argument("--threads", type=int, default=None)
    parser.add_argument("--out", type=Path, default=None, help="keeps answers here")
    args = parser.parse_args(argv)

    import torch

    from studio.engine.engine import Engine
    from studio.engine.nets.judge import Judge

    if args.threads:
        torch.set_num_threads(args.threads)
    if not (args.judge / "model.safetensors").exists():
        raise BadRequest(f"There is no judge in {args.judge}; name its folder with --judge.")
    chosen = [row for row in ROWS if args.rows is None or any(word in row.name for word in args.rows)]
    if not chosen:
        raise BadRequest(f"--rows: no row is called so; there are {', '.join(row.name for row in ROWS)}.")
    until = time.perf_counter() + 60 * args.minutes
    first = TUNING_SEED if args.tuning else FIRST_SEED
    bench = Bench(Engine([args.models] if args.models else paths.model_folders()), args.model, "")
    defaults = {key: str(info.default) for key, info in TECHNIQUES["paint-with-words"].model_fields.items()}
    weights = weights_of(bench.engine, bench.model)
    marks = {row.name: mark_of([weights, first, row.settings, defaults]) for row in ROWS}
    ledger = Ledger(args.out / "layout.jsonl" if args.out else None)
    judge, world = Judge(args.judge), World(36)
    with tempfile.TemporaryDirectory() as folder:
        for i in range(args.scenes):
            for row in chosen:
                if ledger.has(row.name, marks[row.name], i):
                    continue
                if time.perf_counter() > until:
                    break
                case = painting(i, row.things, Path(folder), world, first)
                begun = time.perf_counter()
                picture = row.make(bench, case)
                seconds = time.perf_counter() - begun
                scores = score(row, case, picture, judge(picture[None])[0][0])
                ledger.add(row.name, marks[row.name], i, **scores, seconds=seconds)
    made = table(ROWS, ledger, marks)
    print(f"{args.model}, {'tuning' if args.tuning else 'held-out'} scenes\n\n{made}")
    if args.out:
        args.out.mkdir(parents=True, exist_ok=True)
        (args.out / ("layout-tuning.md" if args.tuning else "layout.md")).write_text(made + "\n")
    return 0
