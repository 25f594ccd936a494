"""The ways of things in clips: a picture and a caption -> how what it shows moves. See `studio/engine/nets/ways.py`.

Only pictures are drawn: how things move is known, so that every picture serves for any number of motions. Half of them are of things as
pocket-image draws them (anywhere, of any size, facing where they face) and the motion is the world's own, to which they are brought; the
others are the first or the last frame of what they do. The words are read by pocket-video's text encoder, which stays as it is.

    python models/recipes/ways.py --out .train/ways --minutes 60 --threads 1
"""

from __future__ import annotations

import json
import math
import random
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from common import ROOT, arguments, autocast, batches, device, sheet, to_pictures, to_tensor, train
from drawn import collect
from image import token_ids
from torch import Tensor
from transformers import CLIPTextModel, CLIPTokenizer

from studio.bench.world.motion import VERBS, Motion, motion_of, scene_at
from studio.bench.world.scene import Thing
from studio.bench.world.world import Split
from studio.engine.condition import Condition
from studio.engine.controls.guidance import Guidance
from studio.engine.denoiser import denoiser_for
from studio.engine.moving import carried
from studio.engine.nets import ways as net
from studio.engine.nets.ways import FRAMES, GRID, PARTS, SIDE, Ways, WaysConfig, WaysNet
from studio.engine.sample import sample
from studio.engine.schedule import Schedule
from studio.engine.steps import draw, generators, make_step

WORDS = ROOT / "models" / "pocket-video"
BASE = ROOT / "models" / "pocket-image"
OFTEN = 2
"""How many times as often as others things that turn are shown."""
TURN = 180.0
"""Degrees that they turn by, anticlockwise. The world lets them turn either way by a quarter, a half or a whole: after 85,000 pictures of
that the network drew the mean of all six, in which things shrink to nothing."""
Pose = tuple[float, float, float, float, float, bool]
"""cx, cy, extent, angle, alpha, flip"""


def make(world: Any, seed: int, split: Split = "train") -> tuple[Any, ...]:
    """(picture [64, 64, 3], matte [64, 64], pose, place of its part in PARTS, caption, poses of the frames [F, 6])"""
    dice = random.Random(f"way {seed}")
    verb = VERBS[seed % len(VERBS)]
    motion = motion_of(world, seed, split, verb)
    if verb == "spinning":
        motion = replace(motion, amount=TURN)
    part = "free" if split != "train" or dice.random() < 0.6 else dice.choice(("first", "last"))
    shown, poses = posed(world, dice, motion, part)
    picture = world.render(shown, SIDE)
    matte = world.masks(shown, SIDE)[0]
    return (
        picture,
        matte,
        np.array(shown_pose(shown.things[0])),
        PARTS.index(part),
        motion.caption,
        np.array(poses),
    )


def shown_pose(thing: Thing) -> Pose:
    return thing.cx, thing.cy, thing.extent, thing.angle, thing.alpha, thing.flip


def posed(world: Any, dice: random.Random, motion: Motion, part: str) -> tuple[Any, list[Pose]]:
    """The scene that is shown, and the thing's poses in the frames."""
    scenes = [scene_at(motion, i / (FRAMES - 1)) for i in range(FRAMES)]
    thing = motion.scene.things[0]
    if part == "free":  # as pocket-image would draw the same words
        place = dice.random()
        cx, cy = (0.5, 0.5) if place < 0.7 else (dice.uniform(0.27, 0.73), dice.uniform(0.27, 0.73))
        extent = dice.uniform(0.36, 0.92) if place < 0.7 else dice.uniform(0.38, 0.56)
        cx, cy = cx + dice.uniform(-0.03, 0.03), cy + dice.uniform(-0.03, 0.03)
        shown = replace(thing, cx=cx, cy=cy, extent=extent, angle=0.0, alpha=1.0, flip=dice.random() < 0.03)
        return replace(motion.scene, things=(shown,)), [shown_pose(s.things[0]) for s in scenes]
    end = scenes[0 if part == "first" else -1].things[0]
    if end.alpha < 0.5:  # nothing to be seen: what fades in is given at its end
        return posed(world, dice, motion, "free")
    # the picture may show the thing elsewhere than the world would: its motion begins (ends) there
    dx, dy, larger = 0.0, 0.0, 1.0
    if dice.random() < 0.6:
        dx, dy = dice.uniform(-0.2, 0.2), dice.uniform(-0.2, 0.2)
        larger = math.exp(dice.uniform(-0.25, 0.25))
    moved = [
        replace(
            s.things[0], cx=s.things[0].cx + dx, cy=s.things[0].cy + dy, extent=s.things[0].extent * larger
        )
        for s in scenes
    ]
    first = moved[0 if part == "first" else -1]
    if first.angle:  # a picture shows it upright
        moved = [replace(t, angle=t.angle - first.angle) for t in moved]
        first = replace(first, angle=0.0)
    return replace(motion.scene, things=(first,)), [shown_pose(t) for t in moved]


def flow_of(shown: np.ndarray, poses: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """From the poses of the picture [6] and the frames [F, 6]: (flow [F, 2, GRID, GRID] in shares of the sides, how near each place is to
    the thing in each frame, [F, GRID, GRID] in [0, 1])."""
    at = (np.arange(GRID) + 0.5) / GRID
    x, y = at[None, :], at[:, None]
    flow = np.empty((len(poses), 2, GRID, GRID), np.float32)
    near = np.empty((len(poses), GRID, GRID), np.float32)
    for i, (cx, cy, extent, angle, _, flip) in enumerate(poses):
        turn = math.radians(angle - shown[3])
        # anticlockwise on the screen, where y points down
        u = (x - cx) * math.cos(turn) - (y - cy) * math.sin(turn)
        v = (x - cx) * math.sin(turn) + (y - cy) * math.cos(turn)
        reach = np.maximum(np.abs(u), np.abs(v)) / (0.5 * extent)
        near[i] = np.clip(2.2 - reach, 0, 1)  # as far as 1.2 times the thing's box, then less
        mirrored = -1.0 if bool(flip) != bool(shown[5]) else 1.0
        flow[i, 0] = shown[0] + mirrored * u * shown[2] / extent - x
        flow[i, 1] = shown[1] + v * shown[2] / extent - y
    return flow, near


def ways_of(row: tuple[Any, ...]) -> tuple[Ways, Tensor]:
    """(the truth about one row of `make`, a weight for each channel and place [CHANNELS, GRID, GRID])"""
    _, matte, shown, _, _, poses = row
    flow, near = flow_of(shown, poses)
    ways = Ways(
        torch.from_numpy(flow)[None],
        torch.from_numpy(poses[:, 4].astype(np.float32))[None],
        torch.from_numpy(matte.astype(np.float32) / 255)[None, None],
    )
    weight = torch.ones(net.CHANNELS, GRID, GRID)
    weight[: 2 * FRAMES] = (0.05 + torch.from_numpy(near)).repeat_interleave(2, 0)
    return ways, weight


@torch.no_grad()
def drawn(
    model: WaysNet,
    picture: Tensor,
    hidden: Tensor,
    empty: Tensor,
    parts: list[int],
    steps: int,
    guidance: float,
) -> Tensor:
    """The studio's own sampler -> x0 [B, CHANNELS, GRID, GRID]."""
    schedule = Schedule.from_config(net.NOISE)
    channels = net.channels_of(picture, *(PARTS[i] for i in parts))  # type: ignore[arg-type]
    condition = Condition(hidden, channels=channels)
    controls = [Guidance(guidance, Condition(empty.expand(len(hidden), -1, -1), channels=channels))]
    x = draw(generators(range(len(picture))), (net.CHANNELS, GRID, GRID)).to(picture.device)
    denoiser = denoiser_for(schedule, model)
    for state in sample(
        denoiser,
        x,
        schedule.levels(steps, "trailing"),
        make_step("dpm++2m", schedule=schedule),
        condition,
        controls,
    ):
        x = state.x
    return x


def main() -> None:
    args = arguments(minutes=60, batch=32, scenes=9000, held=90, nouns="36", rate=1e-3, total_minutes=None, steps=12, guidance=2.0)  # fmt: skip
    dev = device()
    rows = list(
        zip(
            *collect(args.data, "ways-turn", make, args.nouns, 50_000_000, args.scenes, args.threads),
            strict=True,
        )
    )
    held = list(
        zip(
            *collect(args.data, "ways-turn-held", make_held, args.nouns, 9_500_000, args.held, 1), strict=True
        )
    )
    tokenizer = CLIPTokenizer.from_pretrained(BASE / "tokenizer")
    text: Any = CLIPTextModel.from_pretrained(WORDS / "text_encoder")
    text.float().to(dev).eval()
    ids = token_ids(tokenizer, [row[4] for row in rows])
    held_ids = token_ids(tokenizer, [row[4] for row in held])
    with torch.no_grad():
        empty = text(token_ids(tokenizer, [""]).to(dev)).last_hidden_state
        held_words = text(held_ids.to(dev)).last_hidden_state
    held_pictures = to_tensor(np.stack([row[0] for row in held]))
    model = WaysNet(WaysConfig(text=text.config.hidden_size)).to(dev)
    print(f"{sum(p.numel() for p in model.parameters()) / 1e6:.1f} M parameters", flush=True)
    dealt = [i for i, row in enumerate(rows) for _ in range(OFTEN if " spinning" in row[4] else 1)]
    index_batches = batches(len(dealt), args.batch, seed=random.randrange(2**31))
    truths = [ways_of(row) for row in held]

    def loss_of(step: int) -> Tensor:
        index = [dealt[i] for i in next(index_batches).tolist()]
        both = [ways_of(rows[i]) for i in index]
        x0 = torch.cat([ways.packed() for ways, _ in both]).to(dev)
        weight = torch.stack([weight for _, weight in both]).to(dev)
        picture = to_tensor(np.stack([rows[i][0] for i in index]))
        with torch.no_grad():
            hidden = text(ids[index].to(dev)).last_hidden_state
        hidden = torch.where(torch.rand(len(index), 1, 1, device=dev) < 0.1, empty, hidden)
        u = (torch.arange(len(index), device=dev) + torch.rand(len(index), device=dev)) / len(index)
        s = net.SHIFT
        sigma = (s * u / (1 + (s - 1) * u)).view(-1, 1, 1, 1)
        noise = torch.randn_like(x0)
        x = (1 - sigma) * x0 + sigma * noise
        channels = net.channels_of(picture, *(PARTS[rows[i][3]] for i in index))
        with autocast():
            velocity = model(x, 1000 * sigma.flatten(), channels, hidden)
        return (weight * (velocity.float() - (noise - x0)).square()).mean() / weight.mean()

    def look(average: Any, samples: int) -> None:
        made = drawn(
            average, held_pictures, held_words, empty, [row[3] for row in held], args.steps, args.guidance
        )
        print(samples, errors(made, truths), flush=True)
        times = [i / (FRAMES - 1) for i in range(FRAMES)]
        rows_: list[np.ndarray] = []
        for i in range(0, min(27, len(held))):
            picture, ours = (
                held_pictures[i : i + 1],
                net.stiff(net.unpacked(made[i : i + 1]), PARTS[held[i][3]]),
            )
            clips = [frame for ways in (ours, truths[i][0]) for frame in carried(picture, ways, times)]
            rows_.append(to_pictures(torch.cat([picture, *clips])))
        sheet(args.out / "sheet.png", np.concatenate(rows_), columns=2 * FRAMES + 1)
        average.save(args.out / "model")

    total = float(args.total_minutes) if args.total_minutes else None
    _, report = train(
        out=args.out, minutes=args.minutes, model=model, loss_of=loss_of, batch=args.batch, rate=args.rate,
        every=look, every_seconds=300, total_minutes=total,
    )  # fmt: skip
    (args.out / "report.json").write_text(json.dumps(report, indent=1))


def make_held(world: Any, seed: int) -> tuple[Any, ...]:
    return make(world, seed, "held_out")


def errors(made: Tensor, truths: list[tuple[Ways, Tensor]]) -> dict[str, float]:
    """Means over held-out cases: of the matte, of opacity, and how far the frames' flow is from a motion without bends (nothing is said of
    which motion it is: that is for `studio bench video` to judge)."""
    ours = net.unpacked(made)
    matte = torch.cat([ways.matte for ways, _ in truths]).to(made.device)
    seen = torch.cat([ways.seen for ways, _ in truths]).to(made.device)
    overlap = torch.minimum(ours.matte, matte).sum() / torch.maximum(ours.matte, matte).sum()
    weight = torch.stack([w for _, w in truths])[:, : 2 * FRAMES : 2].to(made.device)  # [B, F, GRID, GRID]
    at = (torch.arange(GRID, device=made.device) + 0.5) / GRID
    y, x = torch.meshgrid(at, at, indexing="ij")
    basis = torch.stack([torch.ones_like(x), x, y], -1).flatten(0, 1)  # [GRID^2, 3]
    w = (weight > 0.9).flatten(2).float()[..., None]  # [B, F, GRID^2, 1]
    flow = ours.flow.flatten(3).transpose(2, 3)  # [B, F, GRID^2, 2]
    gram = (basis * w).transpose(2, 3) @ basis + 1e-3 * torch.eye(3, device=made.device)
    fit = basis @ torch.linalg.solve(gram, (basis * w).transpose(2, 3) @ flow)
    bend = ((flow - fit).square() * w).sum() / (2 * w.sum())
    return {
        "matte_iou": round(float(overlap), 3),
        "seen": round(float((ours.seen - seen).abs().mean()), 3),
        "bend_px": round(SIDE * math.sqrt(float(bend)), 2),
    }


if __name__ == "__main__":
    main()
