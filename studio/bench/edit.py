"""Edits whose truth is known: does the change happen, and does everything else stay?

Edits of the pocket world in PIE-Bench's manner (Ju et al. 2023): colour, object, background, style, place, add, remove, in turn, all
from combinations that training never showed, all at the model's own guidance scale. Two numbers per picture:

    success    the judge, a network trained apart, sees in the picture what the true answer shows where it differs from the source: the
               thing in its colour at its place, or nothing there; the background; the style
    outside    PSNR in dB against the source over the pixels that the true answer leaves as they are, at most 60 (what is the same
               bit for bit)

Each row is one line in `ROWS`: ours run through the studio's own engine, peers are another library's pipelines on the same weights.
Floor: the source as it is. Ceilings: the true answer, and the true answer through the autoencoder. Confidence intervals are
bootstrapped over edits, for differences over pairs of the same edit (95 %).
"""

from __future__ import annotations

import argparse
import json
import math
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from studio.bench.world import EditPair, World, caption_of
from studio.core import paths
from studio.core.job import TECHNIQUES, BadRequest, Failed, Result, read_spec
from studio.media.image import save_picture

if TYPE_CHECKING:
    from studio.engine.engine import Engine
    from studio.engine.nets.judge import Verdict

KINDS = ("colour", "object", "background", "style", "place", "add", "remove")
FIRST_SEED = 9_800_000
SIDE = 64
MOST_DB = 60.0
Picture = NDArray[np.uint8]


@dataclass(frozen=True)
class Case:
    """One edit. `file` and `mask_file` hold the source and the true change (white), for techniques that read files."""

    pair: EditPair
    before: Picture
    after: Picture
    changed: NDArray[np.bool_]
    file: str
    mask_file: str
    seed: int

    @property
    def source(self) -> str:
        return caption_of(self.pair.before)

    @property
    def target(self) -> str:
        return caption_of(self.pair.after)


def cases(count: int, folder: Path, world: World | None = None) -> list[Case]:
    """The first `count` held-out edits, kinds in turn; their files are written into `folder`."""
    from studio.core.clip import Clip

    world = world or World(36)
    made: list[Case] = []
    for i in range(count):
        pair = world.edit(FIRST_SEED + i, KINDS[i % len(KINDS)], "held_out")
        before, after = world.render(pair.before, SIDE), world.render(pair.after, SIDE)
        changed = world.changed(pair, SIDE)
        file, mask = folder / f"{i}.png", folder / f"{i}_mask.png"
        save_picture(Clip.picture(before), file)
        save_picture(Clip.mask(np.where(changed, np.uint8(255), np.uint8(0))), mask)
        made.append(Case(pair, before, after, changed, str(file), str(mask), i))
    return made


# --- scores ---------------------------------------------------------------------------------------------------------


def succeeded(pair: EditPair, seen: Verdict) -> bool:
    """Whether the judge sees what the edit asks for, wherever the two scenes differ."""
    before, after = ({t.place: t for t in scene.things} for scene in (pair.before, pair.after))
    for place in before.keys() | after.keys():
        if before.get(place) != after.get(place):
            wanted = after.get(place)
            if seen.things.get(place) != ((wanted.noun, wanted.colour) if wanted else None):
                return False
    grounds = pair.before.background != pair.after.background
    styles = pair.before.style != pair.after.style
    return (not grounds or seen.background == pair.after.background) and (
        not styles or seen.style == pair.after.style
    )


def outside(case: Case, picture: Picture) -> float:
    """PSNR in dB over the pixels that the true answer leaves alone; nan where it leaves none."""
    kept = ~case.changed
    if not kept.any():
        return math.nan
    error = float(((picture.astype(np.float64) - case.before) ** 2)[kept].mean())
    return min(MOST_DB, 10 * math.log10(255**2 / error)) if error else MOST_DB


def interval(values: NDArray[np.float64], times: int = 2000) -> tuple[float, float]:
    """95 % bootstrap interval of the mean; nan values are left out."""
    values = values[~np.isnan(values)]
    if not len(values):
        return math.nan, math.nan
    dice = np.random.default_rng(0)
    means = values[dice.integers(0, len(values), (times, len(values)))].mean(1)
    low, high = np.quantile(means, (0.025, 0.975))
    return float(low), float(high)


@dataclass
class Score:
    """A row's result; entries that a row cannot do are nan."""

    success: NDArray[np.float64]
    outside: NDArray[np.float64]
    seconds: float
    why_not: str = ""


# --- rows -----------------------------------------------------------------------------------------------------------


@dataclass
class Bench:
    """What rows share."""

    engine: Engine
    model: str
    instruct_model: str
    peers: dict[str, Any] = field(default_factory=dict[str, Any])

    def ours(self, technique: dict[str, Any], case: Case, model: str | None = None) -> Picture:
        """A job through the studio's engine.

        Raises:
            BadRequest: it failed.
        """
        spec = read_spec(
            {
                "technique": technique,
                "model": self.model if model is None else model,
                "seed": case.seed,
            }
        )
        for event in self.engine.run(spec):
            if isinstance(event, Failed):
                raise BadRequest(event.message)
            if isinstance(event, Result):
                return np.ascontiguousarray(event.clip.array[..., :3])
        raise BadRequest(f"{technique['name']} ended without a picture.")


Make = Callable[[Bench, Case], Picture]


@dataclass(frozen=True)
class Row:
    """kind: "floor", "ceiling", "ours" or "peer". kinds: of edits that it can be asked for. most: edits at most, for what takes
    minutes each."""

    name: str
    kind: str
    make: Make
    kinds: Sequence[str] = KINDS
    most: int = 10**9


def _technique(name: str, **values: Callable[[Case], Any] | Any) -> Make:
    """A technique of ours on the case's picture; callables are asked for the case's own value."""

    def make(bench: Bench, case: Case) -> Picture:
        if name not in TECHNIQUES:
            raise BadRequest(f"There is no technique {name} yet.")
        own = {key: value(case) if callable(value) else value for key, value in values.items()}
        return bench.ours({"name": name, **own}, case, None if name != "instruct" else bench.instruct_model)

    return make


def _source(case: Case) -> str:
    return case.source


def _target(case: Case) -> str:
    return case.target


def _file(case: Case) -> str:
    return case.file


def _mask(case: Case) -> str:
    return case.mask_file


def _coded(picture: Picture, bench: Bench) -> Picture:
    """Through the model's autoencoder and back."""
    import torch

    bench.engine.prepare(bench.model)
    codec = bench.engine.warm.fetch(bench.model, 0, _not_warm).codec
    with torch.no_grad():
        return codec.decode(codec.encode(picture))


def _not_warm() -> Any:
    raise RuntimeError("the model was prepared a moment ago")


ROWS: list[Row] = [
    Row("do nothing", "floor", lambda bench, case: case.before),
    Row("do nothing, coded", "floor", lambda bench, case: _coded(case.before, bench)),
    Row("true answer, coded", "ceiling", lambda bench, case: _coded(case.after, bench)),
    Row("true answer", "ceiling", lambda bench, case: case.after),
    Row(
        "draw anew (text2image)",
        "floor",
        lambda bench, case: bench.ours({"name": "text2image", "prompt": case.target}, case),
    ),
    Row("SDEdit 0.6", "ours", _technique("image2image", image=_file, prompt=_target, strength=0.6)),
    Row("SDEdit 0.8", "ours", _technique("image2image", image=_file, prompt=_target, strength=0.8)),
    Row(
        "prompt2prompt",
        "ours",
        _technique("prompt2prompt", image=_file, source_prompt=_source, prompt=_target),
    ),
    Row(
        "prompt2prompt exact",
        "ours",
        _technique("prompt2prompt", image=_file, source_prompt=_source, prompt=_target, method="exact"),
    ),
    Row(
        "prompt2prompt faithful",
        "ours",
        _technique("prompt2prompt", image=_file, source_prompt=_source, prompt=_target, method="faithful"),
        most=28,
    ),
    Row(
        "instruct",
        "ours",
        _technique("instruct", image=_file, prompt=lambda case: case.pair.instruction),
    ),
    Row("inpaint (true mask)", "ours", _technique("inpaint", image=_file, mask=_mask, prompt=_target)),
    Row("diffedit", "ours", _technique("diffedit", image=_file, source_prompt=_source, prompt=_target)),
    Row("magicmix", "ours", _technique("magicmix", image=_file, prompt=_target), kinds=("object",)),
    *(
        Row(
            f"imagic at {eta}",
            "ours",
            _technique("imagic", image=_file, prompt=_target, interpolation=eta),
            most=28,
        )
        for eta in (0.7, 0.9, 1.1)
    ),
    Row("unitune", "ours", _technique("unitune", image=_file, prompt=_target), most=14),
]
"""A new technique is one line here."""


def measure(row: Row, bench: Bench, todo: Sequence[Case], judge: Any) -> tuple[Score, dict[int, Picture]]:
    """One row over all cases -> its score, and its pictures by case."""
    success, kept = np.full(len(todo), np.nan), np.full(len(todo), np.nan)
    made: dict[int, Picture] = {}
    begun = time.perf_counter()
    why = ""
    for i, case in enumerate(todo):
        if case.pair.kind not in row.kinds or len(made) >= row.most:
            continue
        try:
            made[i] = row.make(bench, case)
        except Exception as error:
            why = str(error).split("\n")[0][:160]
            if not isinstance(error, BadRequest):
                why = f"{type(error).__name__}: {why}"
            break  # what cannot be done once cannot be done 500 times
    seconds = (time.perf_counter() - begun) / max(len(made), 1)
    if made:
        verdicts, _ = judge(np.stack([_at(picture, SIDE) for picture in made.values()]))
        for (i, picture), seen in zip(made.items(), verdicts, strict=True):
            success[i] = succeeded(todo[i].pair, seen)
            kept[i] = outside(todo[i], _at(picture, SIDE))
    return Score(success, kept, seconds, why), made


def _at(picture: Picture, side: int) -> Picture:
    from PIL import Image

    if picture.shape[:2] == (side, side):
        return picture
    return np.asarray(Image.fromarray(picture).resize((side, side), Image.Resampling.LANCZOS))


# --- inversion ------------------------------------------------------------------------------------------------------


def inversions(bench: Bench, todo: Sequence[Case]) -> dict[str, dict[str, float]]:
    """How near each way of inverting comes back: {row: mean dB against the picture, dB lost to the autoencoder, seconds}."""
    from studio.bench.peers import plain_ddim
    from studio.engine.inversion import psnr

    ways: dict[str, Make] = {
        "autoencoder": lambda bench, case: _coded(case.before, bench),
        "exact": _technique("invert", image=_file, prompt=_source, method="exact"),
        "fast": _technique("invert", image=_file, prompt=_source, method="fast"),
        "faithful (null-text)": _technique("invert", image=_file, prompt=_source, method="faithful"),
        "control: library's DDIM, no guidance": lambda bench, case: plain_ddim(bench, case, 1.0),
        "control: library's DDIM, guided": lambda bench, case: plain_ddim(bench, case, None),
    }
    table: dict[str, dict[str, float]] = {}
    limit = [psnr(case.before, _coded(case.before, bench)) for case in todo]
    for name, make in ways.items():
        begun = time.perf_counter()
        found = [psnr(case.before, make(bench, case)) for case in todo]
        lost = np.array(limit) - np.array(found)
        table[name] = {
            "db": float(np.mean(found)),
            "lost_db": float(lost.mean()),
            "worst_lost_db": float(lost.max()),
            "seconds": (time.perf_counter() - begun) / len(todo),
        }
        print(f"{name}: {table[name]}", flush=True)
    return table


def best_of(scores: Sequence[Score]) -> Score:
    """Per edit the row that succeeds, and of those the one that keeps most: what a person would pick from a strip of them."""
    success, kept = (np.stack([getattr(score, name) for score in scores]) for name in ("success", "outside"))
    order = np.nan_to_num(success, nan=-1) * 1000 + np.nan_to_num(kept, nan=-1)
    pick = order.argmax(0)[None]
    best, most = (np.take_along_axis(values, pick, 0)[0] for values in (success, kept))
    return Score(best, most, sum(score.seconds for score in scores))


# --- the report -----------------------------------------------------------------------------------------------------


def _mean(values: NDArray[np.float64]) -> float:
    return float(np.nanmean(values)) if not np.isnan(values).all() else math.nan


def report(scores: dict[str, Score], kinds: Sequence[str], against: str) -> str:
    """Markdown: success by kind and in all, outside, differences to `against`, seconds."""
    names = [kind for kind in KINDS if kind in kinds]
    lines = [
        "| row | edits | "
        + " | ".join(names)
        + f" | success % | outside dB | success minus {against}'s | outside minus {against}'s | s an edit |",
        "|---" * (len(names) + 7) + "|",
    ]
    base = scores.get(against)
    for name, score in scores.items():
        done = ~np.isnan(score.success)
        if not done.any():
            lines.append(f"| {name} | 0 | does not run: {score.why_not} |")
            continue
        by_kind = [
            f"{100 * _mean(np.where([k == kind for k in kinds], score.success, np.nan)):.0f}"
            for kind in names
        ]
        low, high = interval(100 * score.success)
        quiet, loud = interval(score.outside)
        cells = [
            name,
            str(int(done.sum())),
            *by_kind,
            f"{100 * _mean(score.success):.1f} [{low:.1f}, {high:.1f}]",
            f"{_mean(score.outside):.1f} [{quiet:.1f}, {loud:.1f}]",
        ]
        for scale, one, other in (
            (100, score.success, base.success if base else None),
            (1, score.outside, base.outside if base else None),
        ):
            if other is None or name == against:
                cells.append("")
                continue
            difference = scale * (one - other)
            least, most = interval(difference)
            cells.append(f"{_mean(difference):+.1f} [{least:+.1f}, {most:+.1f}]")
        lines.append("| " + " | ".join([*cells, f"{score.seconds:.2f}"]) + " |")
        if score.why_not:
            lines.append(f"| | | stopped: {score.why_not} |")
    return "\n".join(lines)


def main(argv: Sequence[str]) -> int:
    from studio.bench.peers import PEERS

    rows = [*ROWS, *PEERS]
    parser = argparse.ArgumentParser(prog="studio bench edit", description=__doc__)
    parser.add_argument("--edits", type=int, default=500)
    parser.add_argument("--rows", nargs="*", help="only rows whose names contain one of these words")
    parser.add_argument("--model", default="pocket-image")
    parser.add_argument("--instruct-model", default="", help="empty = the first that can")
    parser.add_argument("--models", type=Path, default=None, help="folder of models")
    parser.add_argument("--judge", type=Path, default=paths.models() / "pocket-judge")
    parser.add_argument("--against", default="prompt2prompt", help="row that the others are compared with")
    parser.add_argument("--inversions", type=int, default=0, help="also invert so many of the pictures")
    parser.add_argument("--threads", type=int, default=None)
    parser.add_argument("--out", type=Path, default=None, help="writes scores.json and a sheet here")
    args = parser.parse_args(argv)

    import torch

    from studio.engine.engine import Engine
    from studio.engine.nets.judge import Judge

    if args.threads:
        torch.set_num_threads(args.threads)
    if not (args.judge / "model.safetensors").exists():
        raise BadRequest(f"There is no judge in {args.judge}; name its folder with --judge.")
    chosen = [row for row in rows if not args.rows or any(word in row.name for word in args.rows)]
    if not chosen and not args.inversions:
        raise BadRequest(f"--rows: no row is called so; there are {', '.join(row.name for row in rows)}.")
    folders = [args.models] if args.models else paths.model_folders()
    bench = Bench(Engine(folders), args.model, args.instruct_model)
    judge = Judge(args.judge)
    with tempfile.TemporaryDirectory() as folder:
        todo = cases(args.edits, Path(folder))
        scores: dict[str, Score] = {}
        sheet: list[Picture] = []
        shown = range(min(14, len(todo)))
        for row in chosen:
            scores[row.name], made = measure(row, bench, todo, judge)
            blank = np.full((SIDE, SIDE, 3), 230, np.uint8)
            sheet.append(np.concatenate([_at(made.get(i, blank), SIDE) for i in shown], 1))
            print(
                f"{row.name}: {100 * _mean(scores[row.name].success):.1f} %, {_mean(scores[row.name].outside):.1f} dB,"
                f" {scores[row.name].seconds:.2f} s {scores[row.name].why_not}",
                flush=True,
            )
        turned = inversions(bench, todo[: args.inversions]) if args.inversions else {}
    if tried := [score for name, score in scores.items() if name.startswith("imagic at")]:
        scores["imagic, best of these"] = best_of(tried)
    kinds = [case.pair.kind for case in todo]
    table = report(scores, kinds, args.against)
    print(f"\n{args.model}, {len(todo)} held-out edits\n\n{table}")
    if args.out:
        args.out.mkdir(parents=True, exist_ok=True)
        found = {
            "model": args.model,
            "edits": len(todo),
            "rows": {
                name: {
                    "success": _mean(score.success),
                    "success_95": interval(score.success),
                    "outside_db": _mean(score.outside),
                    "outside_95": interval(score.outside),
                    "seconds": score.seconds,
                    "why_not": score.why_not,
                }
                for name, score in scores.items()
            },
            "inversions": turned,
        }
        (args.out / "scores.json").write_text(json.dumps(found, indent=1))
        (args.out / "table.md").write_text(table + "\n")
        if sheet:
            from PIL import Image

            Image.fromarray(np.concatenate(sheet)).resize(
                (len(shown) * SIDE * 2, len(sheet) * SIDE * 2), Image.Resampling.NEAREST
            ).save(args.out / "sheet.png")
    return 0
