"""pocket-between: two frames of a clip -> the one halfway between them. See `studio/engine/nets/between.py`.

Triples are drawn from the world's motions: two frames a fiftieth to a fifth of the motion apart, and the one in the middle; turned over
and with their colours exchanged at random, so that it learns motion and not emoji.
"""

from __future__ import annotations

import json
import math
import random
from pathlib import Path
from typing import Any

import numpy as np
import torch
from cards import training_of, write_card
from common import arguments, autocast, batches, device, sheet, to_pictures, to_tensor, train
from drawn import collect
from torch import Tensor
from upscale import SCHEDULER

from studio.bench.world.motion import scene_at
from studio.engine.denoiser import denoiser_for
from studio.engine.nets.between import HALFWAY, carried, difference, frame_from, network_of, told
from studio.engine.nets.upscale import FOLD, UpscaleConfig, UpscaleNet
from studio.engine.sample import sample
from studio.engine.schedule import Schedule
from studio.engine.steps import draw, generators, make_step

STEPS = 2
SIDE = 64


def make(world: Any, seed: int, split: str = "train") -> tuple[Any, ...]:
    """(first, second, between) [64, 64, 3]"""
    dice = random.Random(f"between {seed}")
    motion = world.motion(seed, split)
    gap = 1 / 7 if split == "held_out" else dice.uniform(0.02, 0.2)
    start = dice.uniform(0, 1 - gap)
    times = (start, start + gap, start + gap / 2)
    return tuple(world.render(scene_at(motion, time), SIDE) for time in times)


def make_held(world: Any, seed: int) -> tuple[Any, ...]:
    """As they lie in a clip of eight frames."""
    return make(world, seed, "held_out")


def with_carried(columns: tuple[Any, ...]) -> tuple[Any, ...]:
    """(first, second, between) of many -> (carried first, carried second, between, first, second)"""
    parts: list[Any] = []
    for i in range(0, len(columns[0]), 50):
        both = carried(*(to_tensor(column[i : i + 50]) for column in columns[:2]))
        parts.append([to_pictures(frames) for frames in both])
    first, second = (np.concatenate(side) for side in zip(*parts, strict=True))
    return first, second, columns[2], columns[0], columns[1]


@torch.no_grad()
def drawn(net: UpscaleNet, first: Tensor, second: Tensor, steps: int) -> Tensor:
    """The studio's own sampler: carried frames [B, 3, 64, 64] in [-1, 1]."""
    schedule = Schedule.from_config(SCHEDULER)
    x = draw(generators(range(len(first))), (3 * FOLD**2, SIDE // FOLD, SIDE // FOLD)).to(first.device)
    denoiser = denoiser_for(schedule, network_of(net))
    levels = schedule.levels(steps, "trailing")
    for state in sample(denoiser, x, levels, make_step("ddim"), told(first, second)):
        x = state.x
    return frame_from(net, x, (first + second) / 2)


def score(net: UpscaleNet, held: tuple[Any, ...]) -> dict[str, Any]:
    """Decibels on held-out motions; beside them those of the mean of the carried frames, and of the two frames as they are."""
    first, second, between, a, b = (to_tensor(column) for column in held)
    found = {f"psnr_{s}_steps": decibels(drawn(net, first, second, s), between) for s in (1, 2, 4)}
    found["psnr_carried"] = decibels((first + second) / 2, between)
    found["psnr_blending"] = decibels((a + b) / 2, between)
    return found


def decibels(x: Tensor, y: Tensor) -> float:
    """Of all pictures together: the mean of each one's would reward what hardly moves."""
    return round(10 * math.log10(4 / float((x - y).square().mean())), 2)


def write(net: UpscaleNet, folder: Path, report: dict[str, Any], scores: dict[str, Any]) -> None:
    """The model folder: network, noise levels and card."""
    net.save(folder)
    (folder / "scheduler").mkdir(exist_ok=True)
    (folder / "scheduler" / "scheduler_config.json").write_text(json.dumps(SCHEDULER, indent=1))
    write_card(
        folder,
        id="pocket-between",
        title="Pocket between",
        family="between",
        summary="Draws what lies between two frames: twice or four times as many frames a second.",
        abilities=("interpolate",),
        sizes={"native": [SIDE, SIDE], "min": 1, "max": 16384, "multiple": 1},
        defaults={"steps": STEPS},
        parameters=sum(p.numel() for p in net.parameters()),
        training=training_of("between", report),
        scores=scores,
    )


def main() -> None:
    args = arguments(
        minutes=40, batch=32, scenes=8000, held=200, nouns="all", widths="64,96,128", rate=1e-3, total_minutes=None
    )  # fmt: skip
    columns = with_carried(collect(args.data, "middle", make, args.nouns, 40_000_000, args.scenes))
    held = with_carried(collect(args.data, "middle-held", make_held, "36", 6_000_000, args.held))
    net = UpscaleNet(
        UpscaleConfig(tuple(int(w) for w in args.widths.split(",")), gain=12.0, augment=1.0, given=2)
    )
    net = net.to(device(), memory_format=torch.channels_last)
    print(f"{sum(p.numel() for p in net.parameters()) / 1e6:.2f} M parameters", flush=True)
    schedule = Schedule.from_config(SCHEDULER)
    levels = [schedule.level_at(t) for t in range(1000)]
    alphas = torch.tensor([level.alpha for level in levels], device=device())
    sigmas = torch.tensor([level.sigma for level in levels], device=device())
    index_batches = batches(len(columns[0]), args.batch, seed=random.randrange(2**31))
    dice = random.Random(4)

    def loss_of(step: int) -> Tensor:
        index = next(index_batches).numpy()
        first, second, between = (to_tensor(x) for x in turned(columns[:3], index, dice))
        x0 = difference(net, between, (first + second) / 2)
        n = len(x0)
        t = ((torch.arange(n) + torch.rand(n)) * (1000 / n)).long().clamp(max=999).to(x0.device)
        alpha, sigma, eps = alphas[t].view(-1, 1, 1, 1), sigmas[t].view(-1, 1, 1, 1), torch.randn_like(x0)
        with autocast():
            guess = net(alpha * x0 + sigma * eps, t, torch.cat([first, second], 1), torch.full((n,), HALFWAY))
        # min-SNR-5 (Hang et al. 2023); the constant teaches the first step, where the SNR is zero and most is decided
        weight = (alphas[t] / sigmas[t]).square().clamp(max=5) + 1
        return (weight * (guess.float() - x0).square().mean((1, 2, 3))).mean()

    def look(average: Any, samples: int) -> None:
        few = tuple(column[:64] for column in held)
        print(samples, score(average, few), flush=True)
        first, second = (to_tensor(column[:8]) for column in few[:2])
        ours = to_pictures(drawn(average, first, second, STEPS))
        mean = to_pictures((first + second) / 2)
        rows = np.stack([few[3][:8], mean, ours, few[2][:8], few[4][:8]], 1)
        sheet(args.out / "sheet.png", rows.reshape(-1, SIDE, SIDE, 3), columns=10)
        average.save(args.out / "model")

    total = float(args.total_minutes) if args.total_minutes else None
    average, report = train(
        out=args.out, minutes=args.minutes, model=net, loss_of=loss_of, batch=args.batch, rate=args.rate,
        weight_decay=0.0, every=look, every_seconds=300, total_minutes=total,
    )  # fmt: skip
    scores = score(average, held)  # type: ignore[arg-type]
    (args.out / "report.json").write_text(json.dumps({**report, "scores": scores}, indent=1))
    write(average, args.out / "model", report, scores)  # type: ignore[arg-type]
    print(scores)


def turned(columns: tuple[Any, ...], index: Any, dice: random.Random) -> list[Any]:
    """A batch of triples, each turned over and with its colour channels exchanged in the same way."""
    made: list[list[Any]] = []
    for i in index:
        flip, turn, order = dice.random() < 0.5, dice.randrange(4), dice.sample(range(3), 3)
        three = [np.rot90(x[i][..., order], turn) for x in columns]
        made.append([x[:, ::-1] if flip else x for x in three])
    return [np.ascontiguousarray(np.stack(column)) for column in zip(*made, strict=True)]


if __name__ == "__main__":
    main()
