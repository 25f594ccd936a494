"""How well a model makes clips of what is said: direction by tracking, things by the judge, smoothness beside motion; clips between two
pictures, more frames and larger frames against what costs nothing.

Captions are of motions that training never showed. Each number stands beside its floor (the same clips against captions dealt to
them at random) and its ceiling (true clips of the captions).

    direction    `tracks.verb_of` names the caption's motion
    object       the thing that the judge is surest of, over all frames in which it is well visible, is the caption's
    both         direction and object
    identity     the judge names that thing in all such frames but one in eight
    motion, roughness   mean first and second difference along time, in levels of 255

The judge was made for things that stand upright in the middle: it is shown every frame with the thing moved to the middle, turned
back by what it has turned since the first frame, and in four sizes, as the track says where it is.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from studio.bench import tracks
from studio.bench.world import World
from studio.bench.world.motion import VERBS, Motion
from studio.core import paths
from studio.core.clip import Clip
from studio.core.job import (
    BadRequest,
    Failed,
    Image2Video,
    Interpolate,
    JobSpec,
    Preview,
    Result,
    Source,
    Text2Video,
    UpscaleVideo,
)
from studio.media.clips import read_source, save_clip

if TYPE_CHECKING:
    from studio.engine.engine import Engine
    from studio.engine.nets.judge import Judge

FIRST_SEED = 9_000_000
VISIBLE = 0.6
"""Of the clip's largest contrast: below, a frame is too faint to be judged."""
SIDES = (0.46, 0.52, 0.6, 0.78)
"""Of the thing on the pictures that the judge is shown, as shares of theirs: it was made for several, and is surer of all together."""
JUDGED = 64
"""Side in pixels of the pictures that the judge has learnt; a larger clip is made smaller once the thing was cut out of it."""
Frames = NDArray[np.uint8]


@dataclass(frozen=True)
class Seen:
    """What is in one clip."""

    verb: str
    noun: str
    kept: bool
    motion: float
    roughness: float


@dataclass(frozen=True)
class Scores:
    """Shares in [0, 1], and mean changes in levels of 255."""

    direction: float
    object: float
    both: float
    identity: float
    motion: float
    roughness: float


def upright(frames: Frames, found: tracks.Track, side: float) -> Frames:
    """Frames with the thing in the middle, so large that its longer side takes `side` of the picture's, and turned back."""
    import scipy.ndimage as ndimage  # pyright: ignore[reportMissingTypeStubs]

    H, W = frames.shape[1:3]
    made = np.empty_like(frames)
    for i, frame in enumerate(frames):
        away = tracks.difference(frame)
        scale = max(float(found.extent[i]) * found.side, 0.15) / side
        angle = np.deg2rad(found.turns[:i].sum())
        c, s = np.cos(angle) * scale, np.sin(angle) * scale
        matrix = np.array(
            [[c, -s], [s, c]]
        )  # (y, x) of the result around its middle -> of the frame around the thing's
        middle = np.array([found.y[i] * H, found.x[i] * W]) - 0.5
        offset: Any = middle - matrix @ np.array([H / 2 - 0.5, W / 2 - 0.5])
        moved = [ndimage.affine_transform(away[..., k], matrix, offset, order=1) for k in range(3)]
        made[i] = np.clip(np.rint(frame - away + np.stack(moved, -1)), 0, 255).astype(np.uint8)
    return made


def named(frames: Frames, found: tracks.Track, judge: Judge) -> NDArray[np.float64]:
    """[F, nouns]: how sure the judge is of each noun in each frame, its logarithm averaged over SIDES."""
    import torch

    middle = judge.labels.places.index("centre")
    total = np.zeros((len(frames), len(judge.labels.nouns) - 1))
    for side in SIDES:
        x = torch.from_numpy(upright(frames, found, side)).permute(0, 3, 1, 2).float() / 127.5 - 1
        x = torch.nn.functional.avg_pool2d(x, max(1, x.shape[-1] // JUDGED))
        with torch.no_grad():
            logits = judge.net(x)["noun"][:, middle, 1:]  # without "nothing"
        total += logits.log_softmax(-1).numpy() / len(SIDES)
    return total


def seen(frames: Frames, judge: Judge) -> Seen:
    """A clip [F, H, H, 3], H a multiple of JUDGED -> what is in it."""
    found = tracks.track(frames)
    clear = found.contrast >= VISIBLE * found.contrast.max()
    sure = named(frames, found, judge)[clear]
    best = int(sure.mean(0).argmax())
    off = int((sure.argmax(1) != best).sum())
    kept = off <= (max(1, round(len(sure) / 8)) if len(sure) > 2 else 0)
    noun = judge.labels.nouns[1 + best]
    return Seen(tracks.verb_of(found), noun, kept, tracks.motion_amount(frames), tracks.roughness(frames))


def score(motions: Sequence[Motion], clips: Sequence[Seen]) -> Scores:
    """Clip i should show motion i."""
    pairs = list(zip(motions, clips, strict=True))

    def share(values: list[bool]) -> float:
        return sum(values) / len(values)

    direction = [m.verb == c.verb for m, c in pairs]
    right = [m.scene.things[0].noun == c.noun for m, c in pairs]
    return Scores(
        share(direction),
        share(right),
        share([a and b for a, b in zip(direction, right, strict=True)]),
        share([c.kept for c in clips]),
        statistics.mean(c.motion for c in clips),
        statistics.mean(c.roughness for c in clips),
    )


def held_out(world: World, count: int) -> list[Motion]:
    """Held-out motions, the verbs in turn."""
    return [world.motion(FIRST_SEED + i, "held_out", VERBS[i % len(VERBS)]) for i in range(count)]


def made(engine: Engine, spec: JobSpec) -> tuple[Clip, float, float]:
    """A request's clip, the seconds it took and the seconds to its first preview.

    Raises:
        BadRequest: it failed.
    """
    started = time.perf_counter()
    first, clip = float("nan"), None
    for event in engine.run(spec):
        if isinstance(event, Failed):
            raise BadRequest(event.message)
        if isinstance(event, Preview) and first != first:
            first = time.perf_counter() - started
        if isinstance(event, Result):
            clip = event.clip
    assert clip is not None, "a request that did not fail has a result"
    return clip, time.perf_counter() - started, first


def psnr(a: Frames, b: Frames) -> float:
    """Decibels, over all frames together."""
    error = float(np.square(a.astype(np.float64) - b.astype(np.float64)).mean())
    return 10 * float(np.log10(255**2 / max(error, 1e-9)))


def more_frames(
    engine: Engine, world: World, motions: Sequence[Motion], model: str, folder: Path
) -> dict[str, Any]:
    """x2 and x4: true clips of 8 frames with more between them, against blending neighbours; the added frames only."""
    found: dict[str, Any] = {}
    for factor in (2, 4):
        ours, blending = [], []
        for i, motion in enumerate(motions):
            true = world.frames(motion, 7 * factor + 1)
            path = folder / f"slow-{factor}-{i}.mkv"
            save_clip(Clip.video(true[::factor], 8), path)
            spec = JobSpec(technique=Interpolate(video=Source(path=str(path)), factor=factor), model=model)  # type: ignore[arg-type]
            got = made(engine, spec)[0].array
            added = [k for k in range(len(true)) if k % factor]
            blend = np.stack([_blend(true[::factor], k, factor) for k in added])
            ours.append(psnr(got[added], true[added]))
            blending.append(psnr(blend, true[added]))
        found[f"x{factor}"] = {"psnr": _mean(ours), "blending": _mean(blending)}
    return found


def two_pictures(
    engine: Engine, world: World, motions: Sequence[Motion], model: str, folder: Path
) -> dict[str, Any]:
    """Clips of which the first and the last frame are given, against blending these; the frames between."""
    count, side = 8, 128
    rows: dict[str, list[tuple[float, float]]] = {}
    for i, motion in enumerate(motions):
        true = world.frames(motion, count, side)
        ends = [folder / f"end-{i}-{k}.png" for k in (0, count - 1)]
        for path, frame in zip(ends, true[[0, -1]], strict=True):
            save_clip(Clip.picture(frame), path)
        first, last = (Source(path=str(path)) for path in ends)
        asked = Image2Video(prompt=motion.caption, image=first, end=last, frames=count)
        got = made(engine, JobSpec(technique=asked, model=model, seed=i))[0].array
        if got.shape != true.shape:
            raise BadRequest(f"{model} draws another size than that of the given pictures.")
        inside = slice(1, count - 1)
        blend = np.stack([_blend(true[[0, -1]], k, count - 1) for k in range(1, count - 1)])
        rows.setdefault(motion.verb, []).append((psnr(got[inside], true[inside]), psnr(blend, true[inside])))
    by_verb = {verb: [_mean([pair[k] for pair in pairs]) for k in (0, 1)] for verb, pairs in rows.items()}
    every = [pair for pairs in rows.values() for pair in pairs]
    ours, blending = (_mean([pair[k] for pair in every]) for k in (0, 1))
    worst = round(min(pair[0] for pair in every), 2)
    return {"psnr": ours, "blending": blending, "worst": worst, "by_motion": by_verb}


def larger_frames(
    engine: Engine, world: World, motions: Sequence[Motion], model: str, folder: Path
) -> dict[str, Any]:
    """x2 and x4: true clips drawn at 64 px made larger, against bicubic; and how much of the true flicker there is."""
    from PIL import Image

    found: dict[str, Any] = {}
    for factor in (2, 4):
        ours, bicubic = [], []
        flicker: list[float] = []
        for i, motion in enumerate(motions):
            true = world.frames(motion, 4, 64 * factor)
            small = world.frames(motion, 4, 64)
            path = folder / f"small-{factor}-{i}.mkv"
            save_clip(Clip.video(small, 8), path)
            spec = JobSpec(technique=UpscaleVideo(video=Source(path=str(path)), factor=factor), model=model)  # type: ignore[arg-type]
            got = made(engine, spec)[0].array
            side = (64 * factor, 64 * factor)
            plain = np.stack(
                [np.asarray(Image.fromarray(f).resize(side, Image.Resampling.BICUBIC)) for f in small]
            )
            ours.append(psnr(got, true))
            bicubic.append(psnr(plain, true))
            flicker.append(tracks.roughness(got) / max(tracks.roughness(true), 1e-6))
        found[f"x{factor}"] = {
            "psnr": _mean(ours),
            "bicubic": _mean(bicubic),
            "roughness_of_true": _mean(flicker),
        }
    return found


def _blend(frames: Frames, k: int, factor: int) -> Frames:
    share = k % factor / factor
    a, b = frames[k // factor].astype(np.float64), frames[k // factor + 1]
    return np.rint((1 - share) * a + share * b).astype(np.uint8)


def _mean(values: list[float]) -> float:
    return round(statistics.mean(values), 2)


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="studio bench video", description=__doc__)
    parser.add_argument("--model", default="pocket-video")
    parser.add_argument("--between", default="pocket-between", help="model that draws frames between frames")
    parser.add_argument("--upscale", default="pocket-upscale", help="model that makes frames larger")
    parser.add_argument("--judge", type=Path, default=paths.models() / "pocket-judge")
    parser.add_argument("--models", type=Path, default=paths.models(), help="folder of models")
    parser.add_argument("--clips", type=int, default=90)
    parser.add_argument("--pairs", type=int, default=36, help="clips for more and for larger frames")
    parser.add_argument("--nouns", type=int, default=36)
    parser.add_argument(
        "--small",
        action="store_true",
        help="clips without the second stage, in the size that the model draws",
    )
    parser.add_argument("--steps", type=int, default=None)
    parser.add_argument("--guidance", type=float, default=None)
    parser.add_argument("--threads", type=int, default=None, help="processor threads; default: all cores")
    parser.add_argument("--out", type=Path, default=None, help="writes video.json and a sheet here")
    args = parser.parse_args(argv)

    import torch

    from studio.engine.engine import Engine
    from studio.engine.nets.judge import Judge

    if not (args.judge / "model.safetensors").exists():
        raise BadRequest(f"There is no judge in {args.judge}; name its folder with --judge.")
    if args.threads:
        torch.set_num_threads(args.threads)
    world, engine = World(args.nouns), Engine([args.models], read=read_source)
    motions = held_out(world, args.clips)
    few = held_out(world, args.pairs)
    found: dict[str, Any] = {"model": args.model, "clips": args.clips, "threads": torch.get_num_threads()}
    if args.model in engine.cards and args.clips:
        found |= _drawn(engine, Judge(args.judge), world, motions, args)
    with tempfile.TemporaryDirectory() as place:
        if args.model in engine.cards and few:
            found["two_pictures"] = {"8 frames": two_pictures(engine, world, few, args.model, Path(place))}
        if args.between in engine.cards and few:
            found["more_frames"] = more_frames(engine, world, few, args.between, Path(place))
        if args.upscale in engine.cards and few:
            found["larger_frames"] = larger_frames(engine, world, few, args.upscale, Path(place))
    for name in ("two_pictures", "more_frames", "larger_frames"):
        for factor, row in found.get(name, {}).items():
            print(f"{name.replace('_', ' ')} {factor}: " + ", ".join(f"{k} {v}" for k, v in row.items()))
    if args.out:
        args.out.mkdir(parents=True, exist_ok=True)
        (args.out / "video.json").write_text(json.dumps(found, indent=1))
    return 0


def _drawn(engine: Engine, judge: Judge, world: World, motions: list[Motion], args: Any) -> dict[str, Any]:
    """The model's own clips: scores, floor, ceiling, seconds."""
    frames: list[Frames] = []
    seconds: list[float] = []
    firsts: list[float] = []
    for i, motion in enumerate(motions):
        technique = Text2Video(prompt=motion.caption, steps=args.steps, guidance=args.guidance)
        spec = JobSpec(technique=technique, model=args.model, seed=i, second="" if args.small else None)
        clip, took, first = made(engine, spec)
        frames.append(clip.array)
        seconds.append(took)
        firsts.append(first)
        if (i + 1) % 10 == 0:
            print(f"{i + 1} of {len(motions)} clips", flush=True)
    clips = [seen(one, judge) for one in frames]
    truth = [seen(world.frames(m, *frames[0].shape[:2]), judge) for m in motions]
    order = random.Random(0).sample(range(len(motions)), len(motions))
    rows = {
        "drawn": score(motions, clips),
        "floor: shuffled captions": score([motions[i] for i in order], clips),
        "ceiling: true clips": score(motions, truth),
    }
    by_verb = {
        verb: round(
            statistics.mean(c.verb == verb for m, c in zip(motions, clips, strict=True) if m.verb == verb), 3
        )
        for verb in VERBS
        if any(m.verb == verb for m in motions)
    }
    sixteen = Text2Video(prompt=motions[0].caption, frames=16, steps=args.steps, guidance=args.guidance)
    _, took16, first16 = made(engine, JobSpec(technique=sixteen, model=args.model, second=""))
    made(engine, JobSpec(technique=sixteen, model=args.model))  # loads what enlarges
    large, took_large, _ = made(engine, JobSpec(technique=sixteen, model=args.model))
    print(
        f"\n{args.model}, {len(motions)} held-out captions; {len(frames[0])} frames of {frames[0].shape[2]} px in {statistics.median(seconds):.1f} s (median), "
        f"first preview {statistics.median(firsts[1:] or firsts):.2f} s; 16 frames in {took16:.1f} s,"
        f" of {large.width} x {large.height} in {took_large:.1f} s\n"
    )
    names = list(asdict(rows["drawn"]))
    print("| | " + " | ".join(names) + " |")
    print("|---" * (len(names) + 1) + "|")
    for row, values in rows.items():
        shown = [
            f"{100 * v:.1f} %" if k not in ("motion", "roughness") else f"{v:.2f}"
            for k, v in asdict(values).items()
        ]
        print(f"| {row} | " + " | ".join(shown) + " |")
    print(
        "\ndirection by motion: "
        + ", ".join(f"{verb} {100 * share:.0f} %" for verb, share in by_verb.items())
    )
    if args.out:
        _sheet(args.out / "sheet.png", frames[:36])
    return {
        "scores": {row: asdict(values) for row, values in rows.items()},
        "direction_by_verb": by_verb,
        "seconds_median": statistics.median(seconds),
        "first_preview_seconds": statistics.median(firsts[1:] or firsts),
        "seconds_16_frames": took16,
        "seconds_16_frames_enlarged": took_large,
        "first_preview_16_frames": first16,
        "confused": sorted(
            f"{m.verb} -> {c.verb}" for m, c in zip(motions, clips, strict=True) if m.verb != c.verb
        ),
    }


def _sheet(path: Path, clips: Sequence[Frames]) -> None:
    """Two clips a row."""
    from PIL import Image

    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [np.concatenate(list(clip), 1) for clip in clips]
    if len(rows) % 2:
        rows.append(np.zeros_like(rows[0]))
    grid = np.concatenate([np.concatenate(rows[i : i + 2], 1) for i in range(0, len(rows), 2)], 0)
    Image.fromarray(grid).save(path)
