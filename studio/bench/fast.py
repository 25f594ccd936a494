"""How few network calls a picture needs: the fast model beside its teacher, step by step, and whether it keeps its promise.

A curve over network calls for each way to draw: the fast model, its teacher with DDIM and with DPM++ 2M (a guided step of which is
two calls), and a consistency model where `--lcm` names one. Everybody gets the same held-out captions and the same
noise. Agreement: the share of pictures in which the judge sees the same things, places and colours as in the picture that the
teacher finishes, with its card's own settings, from that noise.

    studio bench fast [--one 100] [--two 50] [--lcm FOLDER] [--out FOLDER]
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from studio.bench.pictures import frechet, held_out, score
from studio.bench.world import NOUNS, World, caption_of
from studio.core import paths
from studio.core.job import BadRequest

if TYPE_CHECKING:
    from studio.bench.world import Scene
    from studio.engine.load import Model
    from studio.engine.nets.judge import Judge, Verdict

BATCH = 25
REFERENCE = 64
"""Guided DDIM steps of the teacher that the fast model is measured against."""


@dataclass(frozen=True)
class Way:
    """One way to draw."""

    name: str
    model: str
    solver: str
    spacing: str
    steps: tuple[int, ...]
    calls: int
    """Network calls of one step."""


@dataclass(frozen=True)
class Point:
    """One way at one number of steps. Shares in [0, 1], see `pictures.Scores`; `right`: everything in its place and colour."""

    way: str
    steps: int
    calls: int
    object: float
    colour: float
    place: float
    two_in_place_and_colour: float
    right: float
    feature_distance: float
    agreement: float


class Course:
    """Captions, noise and judge; the same for everybody."""

    def __init__(self, scenes: Sequence[Scene], world: World, judge: Judge) -> None:
        from studio.engine.nets.judge import SIDE

        self.scenes, self.judge = scenes, judge
        self.captions = [caption_of(scene) for scene in scenes]
        self.true_features = judge(np.stack([world.render(scene, SIDE) for scene in scenes]))[1]
        self.finished: list[Verdict] = []

    def look(self, pictures: NDArray[np.uint8]) -> tuple[list[Verdict], NDArray[np.float32]]:
        return self.judge(pictures)

    def point(self, way: Way, steps: int, pictures: NDArray[np.uint8]) -> Point:
        verdicts, features = self.look(pictures)
        scores = score(self.scenes, verdicts)
        return Point(
            way.name,
            steps,
            steps * way.calls,
            scores.object,
            scores.colour,
            scores.place,
            scores.two_in_place_and_colour,
            right_share(self.scenes, verdicts),
            frechet(features, self.true_features),
            agreement(verdicts, self.finished),
        )


def right_share(scenes: Sequence[Scene], verdicts: Sequence[Verdict]) -> float:
    """Share of pictures in which everything is what and where it should be, in its colour, and nothing else is there."""
    return _share(
        v.things == {t.place: (t.noun, t.colour) for t in s.things}
        for s, v in zip(scenes, verdicts, strict=True)
    )


def agreement(one: Sequence[Verdict], other: Sequence[Verdict]) -> float:
    """Share of pairs in which the judge sees the same things in the same places and colours."""
    return _share(a.things == b.things for a, b in zip(one, other, strict=True))


def _share(values: Iterator[bool]) -> float:
    found = list(values)
    return sum(found) / len(found)


def drawn(
    model: Model, captions: Sequence[str], way: Way, steps: int, guidance: float, half: bool
) -> NDArray[np.uint8]:
    """A picture for each caption, picture i from the noise of seed i, as the engine draws it -> [N, H, W, 3].

    Args:
        half: bfloat16 arithmetic in the network.
    """
    import torch
    from diffusers.models.attention_processor import AttnProcessor

    from studio.engine.condition import Condition
    from studio.engine.controls.base import Control
    from studio.engine.controls.guidance import Guidance
    from studio.engine.controls.told import ToldGuidance, takes_guidance, told
    from studio.engine.denoiser import UNetNetwork, denoiser_for
    from studio.engine.job import FAMILIES
    from studio.engine.prompt import encode
    from studio.engine.sample import sample
    from studio.engine.schedule import Schedule
    from studio.engine.steps import draw, generators, make_step

    schedule = Schedule.from_config(model.noise)
    spacing: Any = way.spacing
    levels = schedule.levels(steps, spacing, 1.0, FAMILIES.get(way.solver, "ddim"))
    denoiser = denoiser_for(schedule, UNetNetwork(model.unet))
    tokenizer, encoder = model.tokenizers[0], model.encoders[0]
    control: Control = Guidance(guidance, encode(tokenizer, encoder, ""))
    if takes_guidance(model.unet):
        taught = model.card.distilled
        denoiser = told(denoiser, steps if taught and taught.told_steps else None)
        control = ToldGuidance(guidance)
    side = model.card.sizes.native[0] // model.codec.factor
    pictures: list[NDArray[np.uint8]] = []
    if half:
        model.unet.set_attn_processor(AttnProcessor())  # in bfloat16 the quicker one on a CPU
    for start in range(0, len(captions), BATCH):
        texts = list(captions[start : start + BATCH])
        sources = generators(range(start, start + len(texts)))
        x = draw(sources, (model.codec.channels, side, side))
        condition = Condition.cat([encode(tokenizer, encoder, text) for text in texts])
        with torch.autocast("cpu", torch.bfloat16) if half else nullcontext():
            for state in sample(denoiser, x, levels, make_step(way.solver, sources), condition, [control]):
                x = state.x.float()
        with torch.no_grad():
            pictures += [model.codec.decode(x[i : i + 1]) for i in range(len(x))]
    return np.stack(pictures)


@contextmanager
def _clock(seconds: dict[str, float], name: str) -> Iterator[None]:
    start = time.perf_counter()
    yield
    seconds[name] = time.perf_counter() - start


def table(points: Sequence[Point], goals: Sequence[str]) -> list[str]:
    names = [
        "way",
        "steps",
        "calls",
        "object",
        "colour",
        "place",
        "two right",
        "all right",
        "distance",
        "agrees",
    ]
    lines = ["| " + " | ".join(names) + " |", "|---" * len(names) + "|"]
    for p in points:
        shares = (p.object, p.colour, p.place, p.two_in_place_and_colour, p.right)
        lines.append(
            f"| {p.way} | {p.steps} | {p.calls} | "
            + " | ".join(f"{100 * value:.1f}" for value in shares)
            + f" | {p.feature_distance:.0f} | {100 * p.agreement:.1f} |"
        )
    return [*lines, "", *goals]


def goals(points: Sequence[Point], fast: str, teacher: str) -> list[str]:
    """What was aimed at, and what came out."""
    by = {(p.way, p.steps): p for p in points}
    best = by[teacher, REFERENCE]
    said: list[str] = []
    for steps, times, lost in ((4, 1.15, 1.0), (2, 1.4, None), (1, 2.0, 5.0)):
        p = by.get((fast, steps))
        if p is None:
            continue
        ratio, behind = p.feature_distance / best.feature_distance, 100 * (best.right - p.right)
        line = f"{steps} steps: {ratio:.2f}x the teacher's distance (goal {times}x)"
        said.append(
            line + f", {behind:.1f} points behind in all right" + (f" (goal {lost:g})." if lost else ".")
        )
    if p := by.get((fast, 4)):
        said.append(f"4 steps agree with the finished picture in {100 * p.agreement:.1f} % (goal 97 %).")
    return said


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="studio bench fast", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--fast", default="pocket-fast")
    parser.add_argument("--teacher", default="pocket-image")
    parser.add_argument(
        "--lcm", type=Path, help="folder of a consistency model distilled from the same teacher"
    )
    parser.add_argument("--models", type=Path, default=paths.models(), help="folder of models")
    parser.add_argument("--judge", type=Path, default=paths.models() / "pocket-judge")
    parser.add_argument("--one", type=int, default=100, help="captions with one thing")
    parser.add_argument("--two", type=int, default=50, help="captions with two things")
    parser.add_argument("--nouns", type=int, default=36)
    parser.add_argument("--guidance", type=float, help="default: the teacher's own")
    parser.add_argument("--most", type=int, default=64, help="network calls up to which the curves go")
    parser.add_argument(
        "--half", action="store_true", help="bfloat16 arithmetic; quicker where the CPU has it"
    )
    parser.add_argument("--out", type=Path, help="writes fast.json and a sheet here")
    args = parser.parse_args(argv)

    import torch

    from studio.engine.load import find_models, load
    from studio.engine.nets.judge import Judge

    cards, _ = find_models(args.models, *([args.lcm] if args.lcm else []))
    if args.lcm:
        cards["lcm"] = find_models(args.lcm)[0].popitem()[1]
    for name in (args.fast, args.teacher):
        if name not in cards:
            raise BadRequest(
                f"There is no model {name} in {args.models}; name another, or make it with models/recipes."
            )
    fast, teacher = cards[args.fast], cards[args.teacher]
    few = fast.distilled.steps if fast.distilled and fast.distilled.steps else (1, 2, 4, 8)
    powers = tuple(2**i for i in range(10) if 2 ** (i + 1) <= args.most)
    own = teacher.defaults
    guidance = args.guidance or own.guidance
    ways = [
        Way(args.fast, args.fast, "ddim", "trailing", few, 1),
        *([Way("LCM", "lcm", "lcm", "trailing", (1, 2, 4, 8), 1)] if args.lcm else []),
        Way(
            f"{args.teacher}, DDIM", args.teacher, "ddim", "trailing", tuple(sorted({*powers, REFERENCE})), 2
        ),
        Way(f"{args.teacher}, DPM++ 2M", args.teacher, "dpm++2m", "trailing", powers, 2),
    ]
    course = Course(
        held_out(World(min(args.nouns, len(NOUNS))), args.one, args.two), World(args.nouns), Judge(args.judge)
    )
    device = torch.device("cpu")
    loaded = {way.model: load(cards[way.model], device) for way in ways}
    finish = Way("finished", args.teacher, own.solver, own.spacing, (own.steps,), 2)
    complete = drawn(loaded[args.teacher], course.captions, finish, own.steps, guidance, args.half)
    course.finished, _ = course.look(complete)
    points = [course.point(finish, own.steps, complete)]
    rows = [complete[:12]]
    seconds: dict[str, float] = {}
    for way in ways:
        for steps in way.steps:
            name = f"{way.name}, {steps}"
            with _clock(seconds, name):
                pictures = drawn(loaded[way.model], course.captions, way, steps, guidance, args.half)
            points.append(course.point(way, steps, pictures))
            print(f"{name} steps: {seconds[name]:.0f} s", flush=True)
            if way.model == args.fast:
                rows.append(pictures[:12])
    said = goals(points, args.fast, f"{args.teacher}, DDIM")
    print(f"\n{args.one} + {args.two} held-out captions, guidance {guidance:g}\n")
    print("\n".join(table(points, said)))
    if args.out:
        from PIL import Image

        args.out.mkdir(parents=True, exist_ok=True)
        found = {
            "captions": [args.one, args.two],
            "guidance": guidance,
            "points": [asdict(p) for p in points],
        }
        (args.out / "fast.json").write_text(json.dumps({**found, "goals": said}, indent=1), "utf-8")
        grid = np.concatenate([np.concatenate(list(row), 1) for row in rows], 0)
        image = Image.fromarray(grid)
        image.resize((image.width * 2, image.height * 2), Image.Resampling.NEAREST).save(
            args.out / "fast.png"
        )
    return 0
