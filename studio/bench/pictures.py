"""How well a model draws what is said: pictures from held-out captions, read by the judge.

Captions are of combinations that training never showed. Each number stands beside its floor (the same pictures against
captions dealt to them at random) and its ceiling (true renders of the captions). The judge is a network trained apart;
its own errors are what keeps the ceiling below 100 %.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from studio.bench.world import NOUNS, Scene, World, caption_of
from studio.core import paths
from studio.core.job import BadRequest, Failed, JobSpec, Result, Text2Image

if TYPE_CHECKING:
    from studio.engine.engine import Engine
    from studio.engine.nets.judge import Verdict

FIRST_SEED = 9_000_000
"""Scenes of this measurement; the recipes' own held-out sheets use other seeds."""


@dataclass(frozen=True)
class Scores:
    """Shares in [0, 1]. One thing: the noun is seen anywhere, something is seen at the place, what is at the place has
    the colour. Two things: both nouns at their places; both also in their colours."""

    object: float
    colour: float
    place: float
    two_in_place: float
    two_in_place_and_colour: float
    background: float
    style: float


def score(scenes: Sequence[Scene], verdicts: Sequence[Verdict]) -> Scores:
    """Verdict i is about a picture that should show scene i."""
    ones = [(s, v) for s, v in zip(scenes, verdicts, strict=True) if len(s.things) == 1]
    twos = [(s, v) for s, v in zip(scenes, verdicts, strict=True) if len(s.things) == 2]

    def share(values: list[bool]) -> float:
        return sum(values) / len(values) if values else float("nan")

    return Scores(
        object=share([s.things[0].noun in {noun for noun, _ in v.things.values()} for s, v in ones]),
        colour=share(
            [v.things.get(s.things[0].place, ("", "none"))[1] == s.things[0].colour for s, v in ones]
        ),
        place=share([set(v.things) == {s.things[0].place} for s, v in ones]),
        two_in_place=share(
            [all(v.things.get(t.place, ("",))[0] == t.noun for t in s.things) for s, v in twos]
        ),
        two_in_place_and_colour=share(
            [all(v.things.get(t.place) == (t.noun, t.colour) for t in s.things) for s, v in twos]
        ),
        background=share([s.background == v.background for s, v in zip(scenes, verdicts, strict=True)]),
        style=share([s.style == v.style for s, v in zip(scenes, verdicts, strict=True)]),
    )


def frechet(a: NDArray[np.float32], b: NDArray[np.float32], dimensions: int = 64) -> float:
    """Frechet distance between two sets of features (Heusel et al. 2017, eq. 6), on the `dimensions` strongest principal
    axes of the second set, since a covariance of 512 numbers cannot be had from a few hundred pictures."""
    mean = b.mean(0)
    axes = np.linalg.svd(b - mean, full_matrices=False)[2][:dimensions].T
    p, q = (a - mean) @ axes, (b - mean) @ axes
    cp, cq = np.cov(p, rowvar=False), np.cov(q, rowvar=False)
    roots = np.linalg.eigvals(cp @ cq).real.clip(0)
    return float(
        ((p.mean(0) - q.mean(0)) ** 2).sum() + np.trace(cp) + np.trace(cq) - 2 * np.sqrt(roots).sum()
    )


def held_out(world: World, ones: int, twos: int) -> list[Scene]:
    """Held-out scenes with a caption that says everything."""
    scenes = [world.scene(FIRST_SEED + i, "held_out", things=1) for i in range(ones)]
    return scenes + [world.scene(FIRST_SEED + 100_000 + i, "held_out", things=2) for i in range(twos)]


def draw(
    engine: Engine, model: str, scenes: Sequence[Scene], steps: int | None, guidance: float | None
) -> tuple[NDArray[np.uint8], list[float]]:
    """A picture for each scene's full caption, through the studio's own engine -> [N, H, W, 3] and seconds each."""
    pictures: list[NDArray[np.uint8]] = []
    seconds: list[float] = []
    for i, scene in enumerate(scenes):
        spec = JobSpec(
            technique=Text2Image(prompt=caption_of(scene), steps=steps, guidance=guidance),
            model=model,
            seed=i,
            second="",  # the judge looks at what the model itself draws
        )
        started = time.perf_counter()
        for event in engine.run(spec):
            if isinstance(event, Failed):
                raise BadRequest(event.message)
            if isinstance(event, Result):
                pictures.append(event.clip.array[..., :3])
        seconds.append(time.perf_counter() - started)
        if (i + 1) % 50 == 0:
            print(f"{i + 1} of {len(scenes)} pictures", flush=True)
    return np.stack(pictures), seconds


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="studio bench pictures", description=__doc__)
    parser.add_argument("--model", default="pocket-image")
    parser.add_argument("--judge", type=Path, default=paths.models() / "pocket-judge")
    parser.add_argument("--models", type=Path, default=paths.models(), help="folder of models")
    parser.add_argument("--one", type=int, default=200, help="captions with one thing")
    parser.add_argument("--two", type=int, default=100, help="captions with two things")
    parser.add_argument(
        "--nouns", type=int, default=36, help="how many nouns of the world the model was trained on"
    )
    parser.add_argument("--steps", type=int, default=None)
    parser.add_argument("--guidance", type=float, default=None)
    parser.add_argument("--out", type=Path, default=None, help="writes scores.json and a sheet here")
    args = parser.parse_args(argv)

    from PIL import Image

    from studio.engine.engine import Engine
    from studio.engine.nets.judge import SIDE, Judge

    if not (args.judge / "model.safetensors").exists():
        raise BadRequest(
            f"There is no judge in {args.judge}; train it with models/recipes/judge.py or name its folder with --judge."
        )
    judge = Judge(args.judge)
    world = World(min(args.nouns, len(NOUNS)))
    scenes = held_out(world, args.one, args.two)
    pictures, seconds = draw(Engine([args.models]), args.model, scenes, args.steps, args.guidance)
    small = np.stack(
        [np.asarray(Image.fromarray(p).resize((SIDE, SIDE), Image.Resampling.LANCZOS)) for p in pictures]
    )
    truth = np.stack([world.render(scene, SIDE) for scene in scenes])
    verdicts, features = judge(small)
    true_verdicts, true_features = judge(truth)
    # two things against two things, so that only the words differ and not their number
    order = [
        *random.Random(0).sample(range(args.one), args.one),
        *(args.one + i for i in random.Random(0).sample(range(args.two), args.two)),
    ]
    rows = {
        "drawn": score(scenes, verdicts),
        "floor: shuffled captions": score([scenes[i] for i in order], verdicts),
        "ceiling: true renders": score(scenes, true_verdicts),
    }
    others = np.stack(
        [
            world.render(
                world.scene(FIRST_SEED + 500_000 + i, "held_out", things=1 if i < args.one else 2), SIDE
            )
            for i in range(len(scenes))
        ]
    )
    noise = np.random.default_rng(0).integers(0, 256, truth.shape, dtype=np.uint8)
    distance = {
        "drawn": frechet(features, true_features),
        "floor: pixel noise": frechet(judge(noise)[1], true_features),
        "ceiling: other true renders": frechet(judge(others)[1], true_features),
    }
    names = list(vars(rows["drawn"]))
    print(
        f"\n{args.model}, {args.one} + {args.two} held-out captions, {statistics.median(seconds):.2f} s a picture (median)\n"
    )
    print("| % | " + " | ".join(name.replace("_", " ") for name in names) + " | feature distance |")
    print("|---" * (len(names) + 2) + "|")
    for (row, values), far in zip(rows.items(), distance.values(), strict=True):
        print(
            f"| {row} | "
            + " | ".join(f"{100 * getattr(values, name):.1f}" for name in names)
            + f" | {far:.1f} |"
        )
    if args.out:
        args.out.mkdir(parents=True, exist_ok=True)
        found: dict[str, Any] = {
            "model": args.model,
            "captions": [args.one, args.two],
            "seconds_median": statistics.median(seconds),
            "scores": {row: vars(values) for row, values in rows.items()},
            "feature_distance": distance,
        }
        (args.out / "scores.json").write_text(json.dumps(found, indent=1))
        shown = [*range(min(40, args.one)), *range(args.one, args.one + min(40, args.two))]
        tiles = small[shown[: len(shown) // 10 * 10]]
        grid = np.concatenate(
            [np.concatenate(list(tiles[i : i + 10]), 1) for i in range(0, len(tiles), 10)], 0
        )
        Image.fromarray(grid).resize((grid.shape[1] * 2, grid.shape[0] * 2), Image.Resampling.NEAREST).save(
            args.out / "sheet.png"
        )
    return 0
