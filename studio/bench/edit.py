"""Edits whose truth is known: does the change happen, and does everything else stay?

Edits of the pocket world in PIE-Bench's manner (Ju et al. 2023): colour, object, background, style, place, add, remove, in turn, all
from combinations that training never showed, all at the model's own guidance scale. Two numbers per picture:

    success    the judge, a network trained apart, sees in the picture what the true answer shows where it differs from the source: the
               thing in its colour at its place, or nothing there; the background; the style
    outside    PSNR in dB against the source over the pixels that the true answer leaves as they are, at most 60 (what is the same
               bit for bit)

    moved       how far the picture went from the source through the autoencoder where the true answer changes something: root mean
               square in levels of 255. A technique that patches nothing moves nothing, whatever else it scores

Each row is one line in `ROWS`: ours run through the studio's own engine, peers are another library's pipelines on the same weights.
Floor: the source as it is. Ceilings: the true answer, and the true answer through the autoencoder. Confidence intervals are
bootstrapped over edits, for differences over pairs of the same edit (95 %).

500 edits by all rows take hours. With `--out FOLDER` every answer is kept there (`edits.jsonl`), `--minutes` ends a slice, and the
next call goes on; what depends on settings or weights that have changed since is measured anew. Edits are taken in groups of one
of each kind, all rows for a group before the next, so that rows have the same edits behind them whenever it stops.
"""

from __future__ import annotations

import argparse
import json
import math
import re
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from studio.bench.ledger import Ledger, mark_of
from studio.bench.world import EditPair, World, caption_of
from studio.core import paths
from studio.core.job import TECHNIQUES, BadRequest, Failed, Result, read_spec
from studio.media.image import save_picture

if TYPE_CHECKING:
    from studio.engine.engine import Engine
    from studio.engine.nets.judge import Verdict

KINDS = ("colour", "object", "background", "style", "place", "add", "remove")
FIRST_SEED = 9_800_000
TUNING_SEED = 9_700_000
"""First seed of the edits on which settings are chosen; never those that are reported."""
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


def kind_of(number: int) -> str:
    """Kinds take turns."""
    return KINDS[number % len(KINDS)]


def case_of(number: int, folder: Path, world: World, first: int = FIRST_SEED) -> Case:
    """Held-out edit `number`; its files are written into `folder`."""
    from studio.core.clip import Clip

    pair = world.edit(first + number, kind_of(number), "held_out")
    before, after = world.render(pair.before, SIDE), world.render(pair.after, SIDE)
    changed = world.changed(pair, SIDE)
    file, mask = folder / f"{number}.png", folder / f"{number}_mask.png"
    save_picture(Clip.picture(before), file)
    save_picture(Clip.mask(np.where(changed, np.uint8(255), np.uint8(0))), mask)
    return Case(pair, before, after, changed, str(file), str(mask), number)


def cases(count: int, folder: Path, world: World | None = None) -> list[Case]:
    """The first `count` held-out edits."""
    world = world or World(36)
    return [case_of(i, folder, world) for i in range(count)]


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


def moved(case: Case, picture: Picture, start: Picture) -> float:
    """Root mean square difference to `start`, in levels, where the true answer changes something."""
    difference = (picture.astype(np.float64) - start)[case.changed]
    return float(np.sqrt((difference**2).mean())) if difference.size else math.nan


@dataclass
class Score:
    """A row's result; entries that a row cannot do, or has not done yet, are nan. seconds: median of an edit."""

    success: NDArray[np.float64]
    outside: NDArray[np.float64]
    seconds: float
    why_not: str = ""
    moved: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    calls: float = math.nan
    """Of the network, median of an edit."""


# --- rows -----------------------------------------------------------------------------------------------------------


@dataclass
class Bench:
    """What rows share."""

    engine: Engine
    model: str
    instruct_model: str
    peers: dict[str, Any] = field(default_factory=dict[str, Any])
    starts: dict[int, Picture] = field(default_factory=dict[int, Picture])

    def start(self, case: Case) -> Picture:
        """The source through the autoencoder."""
        if case.seed not in self.starts:
            self.starts = {**dict(list(self.starts.items())[-20:]), case.seed: _coded(case.before, self)}
        return self.starts[case.seed]

    def ours(self, technique: dict[str, Any], case: Case, model: str | None = None) -> Picture:
        """A job through the studio's engine.

        Raises:
            BadRequest: it failed.
        """
        spec = read_spec(
            {
                "technique": technique,
                "model": self.model if model is None else model,
                "second": "",  # the judge looks at what the model itself draws
                "seed": case.seed,
            }
        )
        for event in self.engine.run(spec):
            if isinstance(event, Failed):
                raise BadRequest(event.message)
            if isinstance(event, Result):
                pixels = event.clip.array
                return np.ascontiguousarray(pixels if event.clip.kind == "mask" else pixels[..., :3])
        raise BadRequest(f"{technique['name']} ended without a picture.")


Make = Callable[[Bench, Case], Picture]


@dataclass(frozen=True)
class Row:
    """kind: "floor", "ceiling", "ours" or "peer". kinds: of edits that it can be asked for. most: edits at most, for what takes
    minutes each. against: the row of ours that a peer is compared with. settings: what its answers depend on besides the weights.
    instructs: whether those are the instruction model's."""

    name: str
    kind: str
    make: Make
    kinds: Sequence[str] = KINDS
    most: int = 10**9
    against: str = ""
    settings: str = ""
    instructs: bool = False


def _ours(
    row: str,
    technique: str,
    kinds: Sequence[str] = KINDS,
    most: int = 10**9,
    **values: Callable[[Case], Any] | Any,
) -> Row:
    """A technique of ours on the case's picture; callables are asked for the case's own value."""
    instructs = technique == "instruct"

    def make(bench: Bench, case: Case) -> Picture:
        own = {key: value(case) if callable(value) else value for key, value in values.items()}
        return bench.ours({"name": technique, **own}, case, bench.instruct_model if instructs else None)

    fixed = {key: value for key, value in values.items() if not callable(value)}
    fields = TECHNIQUES[technique].model_fields
    defaults = {key: str(info.default) for key, info in fields.items() if not info.is_required()}
    settings = json.dumps({**defaults, **fixed})
    return Row(row, "ours", make, kinds, most, settings=settings, instructs=instructs)


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
    _ours("SDEdit 0.6", "image2image", image=_file, prompt=_target, strength=0.6),
    _ours("SDEdit 0.8", "image2image", image=_file, prompt=_target, strength=0.8),
    _ours("prompt2prompt", "prompt2prompt", image=_file, source_prompt=_source, prompt=_target),
    _ours(
        "prompt2prompt exact",
        "prompt2prompt",
        image=_file,
        source_prompt=_source,
        prompt=_target,
        method="exact",
    ),
    _ours(
        "prompt2prompt faithful",
        "prompt2prompt",
        most=28,
        image=_file,
        source_prompt=_source,
        prompt=_target,
        method="faithful",
    ),
    _ours("instruct", "instruct", image=_file, prompt=lambda case: case.pair.instruction),
    _ours("inpaint (true mask)", "inpaint", image=_file, mask=_mask, prompt=_target),
    _ours("diffedit", "diffedit", image=_file, source_prompt=_source, prompt=_target),
    _ours("magicmix", "magicmix", kinds=("object",), image=_file, prompt=_target),
    *(
        _ours(
            f"imagic at {eta}",
            "imagic",
            most=28,
            image=_file,
            prompt=_target,
            interpolation=eta,
        )
        for eta in (0.7, 0.9, 1.1)
    ),
    _ours("unitune", "unitune", most=21, image=_file, prompt=_target),
]
"""A new technique is one line here."""


def run_slice(
    rows: Sequence[Row],
    bench: Bench,
    edits: int,
    folder: Path,
    judge: Any,
    ledger: Ledger,
    marks: dict[str, str],
    until: float = math.inf,
    first: int = FIRST_SEED,
) -> dict[str, str]:
    """Does what the ledger does not hold yet -> {row: why it does not run}.

    A row that cannot do its first edit is left out of this slice; an edit that fails later counts as not carried out.

    Args:
        until: time.perf_counter() at which it ends, after the edit at hand.
        marks: of every row, for the ledger.
    """
    world, why = World(36), dict[str, str]()
    for begin in range(0, edits, len(KINDS)):
        made: dict[int, Case] = {}
        for row in rows:
            for i in range(begin, min(begin + len(KINDS), edits)):
                mark = marks[row.name]
                full = len(ledger.answers(row.name, mark)) >= row.most
                if row.name in why or full or kind_of(i) not in row.kinds or ledger.has(row.name, mark, i):
                    continue
                if time.perf_counter() > until:
                    return why
                case = made.setdefault(i, case_of(i, folder, world, first))
                begun = time.perf_counter()
                try:
                    with counted() as calls:
                        picture = _at(row.make(bench, case), SIDE)
                except Exception as error:
                    told = str(error).split("\n")[0][:240]
                    told = told if isinstance(error, BadRequest) else f"{type(error).__name__}: {told}"
                    if not ledger.answers(row.name, mark):
                        why[row.name] = told
                        print(f"{row.name}: {told}", flush=True)
                        continue
                    print(f"{row.name}, edit {i}: {told}", flush=True)
                    nan = math.nan
                    ledger.add(row.name, mark, i, success=0.0, outside=nan, seconds=nan, moved=nan, calls=nan)
                    continue
                seconds = time.perf_counter() - begun
                seen = judge(picture[None])[0][0]
                ledger.add(
                    row.name, mark, i,
                    success=float(succeeded(case.pair, seen)),
                    outside=outside(case, picture),
                    seconds=seconds,
                    moved=moved(case, picture, bench.start(case)),
                    calls=calls[0],
                )  # fmt: skip
                if i < SHOWN:
                    _keep_shown(folder, row.name, i, picture)
    return why


def score_of(row: Row, mark: str, ledger: Ledger, edits: int, why_not: str = "") -> Score:
    """What the ledger holds of a row."""
    values = {name: np.full(edits, np.nan) for name in ("success", "outside", "seconds", "moved", "calls")}
    for i, answer in ledger.answers(row.name, mark).items():
        if i < edits:
            for name, column in values.items():
                column[i] = answer[name]
    seconds = values["seconds"]
    middle = float(np.nanmedian(seconds)) if not np.isnan(seconds).all() else math.nan
    asked = values["calls"]
    calls = float(np.nanmedian(asked)) if not np.isnan(asked).all() else math.nan
    return Score(values["success"], values["outside"], middle, why_not, values["moved"], calls)


def _remembered(why: dict[str, str], rows: Sequence[str], folder: Path) -> dict[str, str]:
    """What does not run, also as earlier slices found it."""
    path = folder / "why.json"
    known: dict[str, str] = json.loads(path.read_text("utf-8")) if path.exists() else {}
    why = {row: told for row, told in {**known, **why}.items() if row in rows}
    path.write_text(json.dumps(why, indent=1), "utf-8")
    return why


SHOWN = 14
"""Edits whose results are shown on the sheet."""


def _shown_file(folder: Path, row: str, number: int) -> Path:
    return folder / "shown" / f"{re.sub(r'[^a-zA-Z0-9.]+', '-', row)}_{number}.png"


def _keep_shown(folder: Path, row: str, number: int, picture: Picture) -> None:
    from PIL import Image

    path = _shown_file(folder, row, number)
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(picture).save(path)


def sheet(rows: Sequence[str], folder: Path) -> Picture | None:
    """One line of pictures per row, twice their size."""
    from PIL import Image

    blank, lines = np.full((SIDE, SIDE, 3), 230, np.uint8), list[Picture]()
    for row in rows:
        paths = [_shown_file(folder, row, i) for i in range(SHOWN)]
        if any(path.exists() for path in paths):
            lines.append(
                np.concatenate([np.asarray(Image.open(p)) if p.exists() else blank for p in paths], 1)
            )
    return np.concatenate(lines).repeat(2, 0).repeat(2, 1) if lines else None


def _at(picture: Picture, side: int) -> Picture:
    from PIL import Image

    if picture.shape[:2] == (side, side):
        return picture
    return np.asarray(Image.fromarray(picture).resize((side, side), Image.Resampling.LANCZOS))


# --- inversion ------------------------------------------------------------------------------------------------------


INVERSIONS: list[Row] = [
    Row("autoencoder", "ceiling", lambda bench, case: bench.start(case)),
    _ours("exact", "invert", image=_file, prompt=_source, method="exact"),
    _ours("fast", "invert", image=_file, prompt=_source, method="fast"),
    _ours("faithful (null-text)", "invert", image=_file, prompt=_source, method="faithful"),
    Row("control: library's DDIM, no guidance", "peer", lambda bench, case: _plain(bench, case, 1.0)),
    Row("control: library's DDIM, guided", "peer", lambda bench, case: _plain(bench, case, None)),
]
"""How near each way of inverting comes back."""

MASKS: list[Row] = [
    Row("the whole picture", "floor", lambda bench, case: np.full_like(case.before, 255)),
    _ours("diffedit's mask", "diffedit", image=_file, source_prompt=_source, prompt=_target, only_mask=True),
    Row(
        "peer: DiffEdit's mask",
        "peer",
        lambda bench, case: _peers_mask(bench, case),
        against="diffedit's mask",
    ),
]
"""How well each finds the place of a change, against the world's truth."""
PLACED = ("colour", "object", "background")
"""Kinds of edits with a mask that two descriptions can give (a place, a style or a removed thing are said of everything)."""


def _plain(bench: Bench, case: Case, guidance: float | None) -> Picture:
    from studio.bench.peers import plain_ddim

    return plain_ddim(bench, case, guidance)


def _peers_mask(bench: Bench, case: Case) -> Picture:
    from studio.bench.peers import diffedit_mask

    return diffedit_mask(bench, case)


def measure_others(
    rows: Sequence[Row],
    prefix: str,
    numbers: Sequence[int],
    score: Callable[[Bench, Case, Picture], float],
    bench: Bench,
    folder: Path,
    ledger: Ledger,
    marks: dict[str, str],
    until: float,
    first: int,
) -> None:
    """One number per row and edit into the ledger, under `prefix` and the row's name, as "score"; edits outermost."""
    world = World(36)
    for i in numbers:
        case: Case | None = None
        for row in rows:
            if ledger.has(prefix + row.name, marks[row.name], i):
                continue
            if time.perf_counter() > until:
                return
            case = case or case_of(i, folder, world, first)
            begun = time.perf_counter()
            with counted() as calls:
                picture = row.make(bench, case)
            seconds = time.perf_counter() - begun
            ledger.add(
                prefix + row.name, marks[row.name], i,
                score=score(bench, case, picture), seconds=seconds, calls=calls[0],
            )  # fmt: skip


def _db(bench: Bench, case: Case, picture: Picture) -> float:
    from studio.engine.inversion import psnr

    return psnr(case.before, picture)


def mask_iou(bench: Bench, case: Case, mask: Picture) -> float:
    found = mask.reshape(*mask.shape[:2], -1)[..., 0] > 127
    union = int((found | case.changed).sum())
    return int((found & case.changed).sum()) / union if union else 1.0


def others_table(
    rows: Sequence[Row], prefix: str, ledger: Ledger, marks: dict[str, str], unit: str, minus: str
) -> str:
    """Markdown: the mean of each row, and its difference to the row `minus` over the edits that both have."""
    lines = [f"| row | n | {unit} | minus {minus} (worst) | network calls | s |", "|---|---|---|---|---|---|"]
    base = {i: a["score"] for i, a in ledger.answers(prefix + minus, marks[minus]).items()}
    for row in rows:
        answers = ledger.answers(prefix + row.name, marks[row.name])
        if not answers:
            continue
        own = np.array([a["score"] for a in answers.values()])
        pairs = np.array([a["score"] - base[i] for i, a in answers.items() if i in base])
        low, high = interval(pairs)
        difference = (
            f"{pairs.mean():+.2f} [{low:+.2f}, {high:+.2f}] ({pairs.min():+.2f})" if len(pairs) else ""
        )
        calls, seconds = (np.median([a[key] for a in answers.values()]) for key in ("calls", "seconds"))
        lines.append(
            f"| {row.name} | {len(own)} | {own.mean():.2f} | {difference} | {calls:.0f} | {seconds:.2f} |"
        )
    return "\n".join(lines)


@contextmanager
def counted() -> Iterator[list[int]]:
    """[number of pictures that denoising networks are asked about inside the block], in batches or one by one."""
    from torch.nn.modules.module import register_module_forward_pre_hook

    calls = [0]

    def count(module: Any, args: tuple[Any, ...]) -> None:
        if type(module).__name__.startswith("UNet") and hasattr(module, "conv_in"):
            calls[0] += len(args[0]) if args else 1

    handle = register_module_forward_pre_hook(count)
    try:
        yield calls
    finally:
        handle.remove()


def best_of(scores: Sequence[Score]) -> Score:
    """Per edit the row that succeeds, and of those the one that keeps most: what a person would pick from a strip of them."""
    success, kept = (np.stack([getattr(score, name) for score in scores]) for name in ("success", "outside"))
    order = np.nan_to_num(success, nan=-1) * 1000 + np.nan_to_num(kept, nan=-1)
    pick = order.argmax(0)[None]
    best, most = (np.take_along_axis(values, pick, 0)[0] for values in (success, kept))
    return Score(best, most, sum(score.seconds for score in scores))


# --- the report -----------------------------------------------------------------------------------------------------


def _mean(values: NDArray[np.float64]) -> float:
    return float(np.nanmean(values)) if values.size and not np.isnan(values).all() else math.nan


def report(scores: dict[str, Score], kinds: Sequence[str], against: str) -> str:
    """Markdown: success by kind and in all, outside, how far it moved, differences to `against`, calls, seconds."""
    names = [kind for kind in KINDS if kind in kinds]
    lines = [
        "| row | edits | "
        + " | ".join(names)
        + f" | success % | outside dB | success minus {against}'s | outside minus {against}'s"
        " | moved | network calls | s an edit |",
        "|---" * (len(names) + 9) + "|",
    ]
    base = scores.get(against)
    for name, score in scores.items():
        done = ~np.isnan(score.success)
        if not done.any():
            lines.append(
                f"| {name} | 0 | {f'does not run: {score.why_not}' if score.why_not else 'not yet'} |"
            )
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
        if base is None or name == against:
            cells += ["", ""]
        else:
            cells += [
                _difference(100 * (score.success - base.success)),
                _difference(score.outside - base.outside),
            ]
        cells += [f"{_mean(score.moved):.0f}", f"{score.calls:.0f}", f"{score.seconds:.2f}"]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _difference(pairs: NDArray[np.float64]) -> str:
    """Mean of paired differences with its interval; empty where there are no pairs."""
    if np.isnan(pairs).all():
        return ""
    low, high = interval(pairs)
    return f"{_mean(pairs):+.1f} [{low:+.1f}, {high:+.1f}]"


def duels(rows: Sequence[Row], scores: dict[str, Score]) -> str:
    """Markdown: each peer against the row of ours that does the same, over the edits that both have."""
    lines = [
        "| ours against peer | edits | success, difference | outside dB, difference | network calls | s an edit |",
        "|---|---|---|---|---|---|",
    ]
    for row in rows:
        ours, peer = scores.get(row.against), scores.get(row.name)
        if ours is None or peer is None:
            continue
        both = int((~np.isnan(ours.success) & ~np.isnan(peer.success)).sum())
        if not both:
            continue
        lines.append(
            f"| {row.against} against {row.name} | {both} | {_difference(100 * (ours.success - peer.success))}"
            f" | {_difference(ours.outside - peer.outside)} | {ours.calls:.0f} against {peer.calls:.0f}"
            f" | {ours.seconds:.2f} against {peer.seconds:.2f} |"
        )
    return "\n".join(lines)


def weights_of(engine: Engine, model: str) -> str:
    """A mark of a model and its weights."""
    folders = [card.folder for card in engine.cards.values() if card.id == model and card.folder is not None]
    return mark_of(model, [file for folder in folders for file in folder.rglob("*.safetensors")])


def marks_of(rows: Sequence[Row], bench: Bench, first: int) -> dict[str, str]:
    """What each row's answers depend on: its settings, the weights of its model, and which edits."""
    weights = [weights_of(bench.engine, model) for model in (bench.model, bench.instruct_model)]
    return {row.name: mark_of([weights[row.instructs], first, row.settings]) for row in rows}


def _called(name: str, word: str) -> bool:
    """ "=imagic" is a whole name, "imagic" a part of one."""
    return name == word[1:] if word.startswith("=") else word in name


def main(argv: Sequence[str]) -> int:
    from studio.bench.peers import PEERS

    rows = [*ROWS, *PEERS]
    parser = argparse.ArgumentParser(prog="studio bench edit", description=__doc__)
    parser.add_argument("--edits", type=int, default=500)
    parser.add_argument(
        "--rows",
        nargs="*",
        help="measure only rows whose names contain one of these words, or are one after =",
    )
    parser.add_argument("--model", default="pocket-image")
    parser.add_argument("--instruct-model", default="", help="empty = the first that can")
    parser.add_argument("--models", type=Path, default=None, help="folder of models")
    parser.add_argument("--judge", type=Path, default=paths.models() / "pocket-judge")
    parser.add_argument("--against", default="prompt2prompt", help="row that the others are compared with")
    parser.add_argument("--inversions", type=int, default=0, help="also invert so many of the pictures")
    parser.add_argument("--masks", type=int, default=0, help="also find so many masks")
    parser.add_argument(
        "--minutes", type=float, default=math.inf, help="of this slice; the next call goes on"
    )
    parser.add_argument("--tuning", action="store_true", help="other edits, on which settings may be chosen")
    parser.add_argument("--threads", type=int, default=None)
    parser.add_argument(
        "--out", type=Path, default=None, help="keeps answers here, and writes the tables and a sheet"
    )
    args = parser.parse_args(argv)

    import torch

    from studio.engine.engine import Engine
    from studio.engine.nets.judge import Judge

    if args.threads:
        torch.set_num_threads(args.threads)
    if not (args.judge / "model.safetensors").exists():
        raise BadRequest(f"There is no judge in {args.judge}; name its folder with --judge.")
    chosen = [row for row in rows if args.rows is None or any(_called(row.name, word) for word in args.rows)]
    if not chosen and not args.inversions and not args.masks:
        raise BadRequest(f"--rows: no row is called so; there are {', '.join(row.name for row in rows)}.")
    until = time.perf_counter() + 60 * args.minutes
    first = TUNING_SEED if args.tuning else FIRST_SEED
    engine = Engine([args.models] if args.models else paths.model_folders())
    able = [card.id for card in engine.cards.values() if TECHNIQUES["instruct"].ability in card.abilities]
    bench = Bench(engine, args.model, args.instruct_model or next(iter(able), ""))
    marks = marks_of([*rows, *INVERSIONS, *MASKS], bench, first)
    ledger = Ledger(args.out / "edits.jsonl" if args.out else None)
    with tempfile.TemporaryDirectory() as temporary:
        folder = args.out or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        others = (bench, folder, ledger, marks, until, first)
        measure_others(INVERSIONS, "inversion: ", range(args.inversions), _db, *others)
        numbers = [i for i in range(10 * args.masks) if kind_of(i) in PLACED][: args.masks]
        measure_others(MASKS, "mask: ", numbers, mask_iou, *others)
        why = run_slice(chosen, bench, args.edits, folder, Judge(args.judge), ledger, marks, until, first)
        why = _remembered(why, [row.name for row in rows], folder)
        shown = sheet([row.name for row in rows], folder)
    scores = {
        row.name: score_of(row, marks[row.name], ledger, args.edits, why.get(row.name, "")) for row in rows
    }
    if args.rows is not None:  # what was never asked for is no row of this table
        scores = {name: score for name, score in scores.items() if score.why_not or _mean(score.success) >= 0}
    if tried := [score for name, score in scores.items() if name.startswith("imagic at")]:
        scores["imagic, best of these"] = best_of(tried)
    kinds = [kind_of(i) for i in range(args.edits)]
    tables = [report(scores, kinds, args.against), duels(rows, scores)]
    if args.inversions:
        tables.append(others_table(INVERSIONS, "inversion: ", ledger, marks, "dB", "autoencoder"))
    if args.masks:
        tables.append(others_table(MASKS, "mask: ", ledger, marks, "IoU", "diffedit's mask"))
    print(f"\n{args.model}, up to {args.edits} held-out edits\n\n" + "\n\n".join(tables))
    if args.out:
        found = {
            "model": args.model,
            "rows": {
                name: {
                    "edits": int((~np.isnan(score.success)).sum()),
                    "success": _mean(score.success),
                    "success_95": interval(score.success),
                    "outside_db": _mean(score.outside),
                    "outside_95": interval(score.outside),
                    "moved": _mean(score.moved),
                    "calls": score.calls,
                    "seconds": score.seconds,
                    "why_not": score.why_not,
                }
                for name, score in scores.items()
            },
        }
        (args.out / "scores.json").write_text(json.dumps(found, indent=1))
        (args.out / "table.md").write_text("\n\n".join(tables) + "\n")
        if shown is not None:
            from PIL import Image

            Image.fromarray(shown).save(args.out / "sheet.png")
    return 0
