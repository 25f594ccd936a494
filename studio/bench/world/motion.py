"""Clips whose motion is known: one thing moves, turns, grows or fades in on a still background.

A motion is a function of time t in 0..1; the clip of n frames shows t = 0, 1/(n-1), ..., 1. It is even in speed (a bounce
excepted), so that half of two frames is the frame between them and time can be divided as finely as one likes.
"""

import math
import random
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from studio.bench.world import draw
from studio.bench.world.scene import Scene, Thing, caption_of, held_out, name_of
from studio.bench.world.sprites import Sprites
from studio.bench.world.words import FACES_LEFT, FACES_RIGHT, going, with_article

if TYPE_CHECKING:
    from studio.bench.world.world import Split, World

VERBS = ("right", "left", "rising", "falling", "spinning", "bouncing", "fading in", "growing", "shrinking")


@dataclass(frozen=True)
class Motion:
    """The thing of `scene` does `verb`.

    amount: distance as a fraction of width (right, left) or height (rising, falling, bouncing), degrees anticlockwise
    (spinning), or the ratio of the largest extent to the smallest (growing, shrinking). beats: bounces in the clip.
    """

    scene: Scene
    verb: str
    amount: float
    beats: int
    caption: str


def motion_of(world: "World", seed: int, split: "Split" = "train", verb: str | None = None) -> Motion:
    """The motion of a seed. Held out is what a picture of the thing in the middle would be."""
    if verb is not None and verb not in VERBS:
        raise ValueError(f"no such motion: {verb}")
    if split not in ("train", "held_out", "any"):
        raise ValueError(f"no such split: {split}")
    dice = random.Random(f"motion {verb} {seed}")
    for _ in range(10_000):
        scene = world.throw(dice, "any", 1, seed)
        thing = scene.things[0]
        if split == "any" or held_out(thing.noun, thing.colour, "centre") == (split == "held_out"):
            return _animated(dice, scene, thing, verb or dice.choice(VERBS))
    raise ValueError("this world has no scene of that split; give it more nouns")


def _animated(dice: random.Random, scene: Scene, thing: Thing, verb: str) -> Motion:
    amount, beats = 0.0, 1
    extent = dice.uniform(0.42, 0.54)
    if verb in ("right", "left", "rising", "falling"):
        amount = dice.uniform(0.3, 0.5)
    elif verb == "spinning":
        amount = dice.choice((-1, 1)) * dice.choice((90, 180, 360))
    elif verb == "bouncing":
        amount, beats = dice.uniform(0.25, 0.4), dice.choice((1, 2))
    elif verb in ("growing", "shrinking"):
        amount, extent = dice.uniform(1.6, 2.6), dice.uniform(0.6, 0.85)
    elif dice.random() < 0.5:
        extent = dice.uniform(0.6, 0.85)
    backwards = (thing.noun in FACES_LEFT and verb == "right") or (
        thing.noun in FACES_RIGHT and verb == "left"
    )
    cx, cy = (0.5 + dice.uniform(-0.03, 0.03) for _ in range(2))
    size = "large" if extent > 0.55 else "half"
    thing = replace(
        thing,
        place="centre",
        size=size,
        cx=round(cx, 4),
        cy=round(cy, 4),
        extent=round(extent, 4),
        flip=backwards,
    )
    scene = replace(scene, things=(thing,))
    scene = replace(scene, caption=caption_of(scene))
    caption = f"{name_of(thing)} {doing(thing.noun, verb)}"
    if dice.random() < 0.8:
        caption += f" on {with_article(scene.background)} background"
    if dice.random() < 0.6:
        caption += f", {scene.style} style"
    return Motion(scene, verb, round(amount, 4), beats, caption)


def doing(noun: str, verb: str) -> str:
    """ "driving to the right", "rising"."""
    return f"{going(noun)} to the {verb}" if verb in ("right", "left") else verb


def scene_at(motion: Motion, t: float) -> Scene:
    """The scene at a time in 0..1."""
    thing, amount = motion.scene.things[0], motion.amount
    match motion.verb:
        case "right":
            now = replace(thing, cx=thing.cx + amount * (t - 0.5))
        case "left":
            now = replace(thing, cx=thing.cx - amount * (t - 0.5))
        case "rising":
            now = replace(thing, cy=thing.cy - amount * (t - 0.5))
        case "falling":
            now = replace(thing, cy=thing.cy + amount * (t - 0.5))
        case "spinning":
            now = replace(thing, angle=thing.angle + amount * t)
        case "bouncing":
            phase = (t * motion.beats) % 1
            now = replace(thing, cy=thing.cy + amount * (0.5 - 4 * phase * (1 - phase)))
        case "fading in":
            now = replace(thing, alpha=t)
        case "growing":
            now = replace(thing, extent=thing.extent * (1 + (amount - 1) * t) / amount)
        case "shrinking":
            now = replace(thing, extent=thing.extent * (1 + (amount - 1) * (1 - t)) / amount)
        case _:
            raise ValueError(f"no such motion: {motion.verb}")
    return replace(motion.scene, things=(now, *motion.scene.things[1:]))


def frames(sprites: Sprites, motion: Motion, n: int, size: draw.Size = 64) -> np.ndarray:
    """The clip, uint8 [n, H, W, 3]."""
    return np.stack([draw.render(sprites, scene_at(motion, _time(i, n)), size) for i in range(n)])


def flow(sprites: Sprites, motion: Motion, i: int, n: int, size: draw.Size = 64) -> np.ndarray:
    """Where each pixel of frame i goes in frame i + 1, float32 [H, W, 2] as (right, down) in pixels; 0 off the thing."""
    if not 0 <= i < n - 1:
        raise ValueError(f"no frame follows frame {i} of {n}")
    height, width = draw.hw(size)
    now, then = scene_at(motion, _time(i, n)), scene_at(motion, _time(i + 1, n))
    a, b = now.things[0], then.things[0]
    x, y = np.arange(width) + 0.5, np.arange(height)[:, None] + 0.5
    across, down = x - a.cx * width, y - a.cy * height  # from the thing's middle, [W] and [H, 1]
    turn, grow = math.radians(b.angle - a.angle), b.extent / a.extent
    c, s = math.cos(turn) * grow, math.sin(turn) * grow
    # anticlockwise on the screen, where y points down
    out = np.empty((height, width, 2), np.float32)
    out[..., 0] = b.cx * width + across * c + down * s - x
    out[..., 1] = b.cy * height - across * s + down * c - y
    out[draw.masks(sprites, now, size)[0] == 0] = 0
    return out


def _time(i: int, n: int) -> float:
    return i / (n - 1) if n > 1 else 0.0
