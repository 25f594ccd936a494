"""The world: draws scenes by seed, and answers what is true of them."""

import os
import random
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Literal

import numpy as np

from studio.bench.world import draw, edits, motion
from studio.bench.world.edits import EditPair
from studio.bench.world.facts import backgrounds_for_all, colours_of
from studio.bench.world.motion import Motion
from studio.bench.world.scene import Scene, Thing, held_out, pair_held_out, with_caption
from studio.bench.world.sprites import Sprites
from studio.bench.world.words import BACKGROUNDS, CENTRE_OF, EXTENT_OF, NOUNS, STYLES

Split = Literal["train", "held_out", "any"]


@cache
def shared_sprites(file: str | None) -> Sprites:
    """One set of rasters per process and cache file."""
    return Sprites(file)


class World:
    """Scenes with the first `nouns` of NOUNS, with a list of them, or with "all", in the given drawing styles.

    cache: a file of rasters made by `python -m studio.bench.world --cache FILE`; without it the environment variable
    STUDIO_WORLD_CACHE is asked, and without that the drawings are rasterised with Qt when first needed.
    """

    def __init__(
        self,
        nouns: int | str | Sequence[str] = 36,
        styles: Sequence[str] = STYLES,
        cache: str | Path | None = None,
    ) -> None:
        if isinstance(nouns, int):
            nouns = NOUNS[:nouns]
        self.nouns = NOUNS if nouns == "all" else (nouns,) if isinstance(nouns, str) else tuple(nouns)
        self.styles = tuple(styles)
        unknown = [n for n in self.nouns if n not in NOUNS] + [s for s in self.styles if s not in STYLES]
        if unknown:
            raise ValueError(f"not in the world: {', '.join(unknown)}")
        file = cache or os.environ.get("STUDIO_WORLD_CACHE") or None
        self.sprites = shared_sprites(str(file) if file else None)
        present = set(self.sprites.names)
        self._nouns_of = {s: tuple(n for n in self.nouns if (n, s) in present) for s in self.styles}

    # pictures

    def render(self, scene: Scene, size: draw.Size = 64) -> np.ndarray:
        """The picture, uint8 [H, W, 3]; size is a side or (height, width)."""
        return draw.render(self.sprites, scene, size)

    def masks(self, scene: Scene, size: draw.Size = 64) -> np.ndarray:
        """Visible share of each thing, uint8 [n, H, W], what is behind another thing left out."""
        return draw.masks(self.sprites, scene, size)

    def colours_of(self, noun: str, style: str) -> tuple[str, ...]:
        """The recolourings of a drawing that can be told from its natural colours."""
        return colours_of(noun, style)

    # scenes

    def scene(self, seed: int, split: Split = "train", things: int | None = None) -> Scene:
        """The scene of a seed; always the same. things: how many (None: one in 60 %, two in 40 %).

        split "train" never has a held-out combination, "held_out" always has one.
        """
        dice = random.Random(f"scene {seed}")
        count = things or (1 if dice.random() < 0.6 else 2)
        scene = self.throw(dice, split, count, seed)
        return with_caption(scene, dice.random() < 0.8, dice.random() < 0.6, dice.random() < 0.85)

    # edits

    def edit(self, seed: int, kind: str | None = None, split: Split = "train") -> EditPair:
        """The instruction of a seed with its scenes; kind is one of edits.KINDS."""
        return edits.edit_pair(self, seed, kind, split)

    def changed(self, pair: EditPair, size: draw.Size = 64) -> np.ndarray:
        """What an edit touches, bool [H, W]: outside of it the two pictures are the same."""
        return edits.changed(self.sprites, pair, size)

    # motions

    def motion(self, seed: int, split: Split = "train", verb: str | None = None) -> Motion:
        """The motion of a seed; verb is one of motion.VERBS."""
        return motion.motion_of(self, seed, split, verb)

    def frames(self, clip: Motion, n: int, size: draw.Size = 64) -> np.ndarray:
        """A motion as n pictures, uint8 [n, H, W, 3]."""
        return motion.frames(self.sprites, clip, n, size)

    def flow(self, clip: Motion, i: int, n: int, size: draw.Size = 64) -> np.ndarray:
        """True motion from frame i of n to the next, float32 [H, W, 2]: pixels to the right and down."""
        return motion.flow(self.sprites, clip, i, n, size)

    # words, then numbers

    def throw(self, dice: random.Random, split: Split, count: int, seed: int) -> Scene:
        """A scene without a caption from a random source; edits and motions start here."""
        if split not in ("train", "held_out", "any"):
            raise ValueError(f"no such split: {split}")
        for _ in range(10_000):
            style, background, chosen = self._choose(dice, count)
            out = any(held_out(noun, colour, place) for noun, colour, place, _ in chosen)
            out = out or (count == 2 and pair_held_out(chosen[0][0], chosen[1][0]))
            if split == "any" or out == (split == "held_out"):
                return self._arrange(dice, style, background, chosen, seed)
        raise ValueError("this world has no scene of that split; give it more nouns")

    def _choose(
        self, dice: random.Random, count: int
    ) -> tuple[str, str, list[tuple[str, str | None, str, str]]]:
        """Words only: style, background and (noun, colour, place, size) of each thing."""
        style = dice.choice(self.styles)
        nouns = dice.sample(self._nouns_of[style], count)
        colours = [self._choose_colour(dice, noun, style) for noun in nouns]
        looks = list(zip(nouns, colours, strict=True))
        fitting = backgrounds_for_all(looks, style)
        if not fitting:
            return self._choose(dice, count)
        places = choose_places(dice, count)
        return style, dice.choice(fitting), [(*look, *p) for look, p in zip(looks, places, strict=True)]

    def _choose_colour(self, dice: random.Random, noun: str, style: str) -> str | None:
        possible = self.colours_of(noun, style)
        return dice.choice(possible) if possible and dice.random() < 0.4 else None

    def _arrange(self, dice: random.Random, style: str, background: str, chosen: list, seed: int) -> Scene:
        """Numbers for the words."""
        shift = dice.uniform(-10, 10)
        r, g, b = (min(255, max(0, round(c + shift))) for c in BACKGROUNDS[background])
        things = tuple(place_thing(dice, *words, crowded=len(chosen) > 1) for words in chosen)
        return Scene(things, background, style, (r, g, b), dice.random() < 0.25, None, "", seed)


def choose_places(dice: random.Random, count: int) -> list[tuple[str, str]]:
    """(place, size) of each of one or two things."""
    if count == 2:
        pair = ("left", "right") if dice.random() < 0.7 else ("top", "bottom")
        return [(place, "half") for place in pair]
    luck = dice.random()
    if luck < 0.55:
        return [("centre", "large")]
    if luck < 0.75:
        return [("centre", "small")]
    return [(dice.choice(("left", "right", "top", "bottom")), "half")]


def place_thing(
    dice: random.Random, noun: str, colour: str | None, place: str, size: str, crowded: bool = False
) -> Thing:
    """A thing with its words turned into numbers, varied a little; less so when two share the picture."""
    cx, cy = CENTRE_OF[place]
    wobble = 0.03 if size == "large" else 0.01 if crowded else 0.02
    low, high = EXTENT_OF[size]
    extent = dice.uniform(low, min(high, 0.5) if crowded else high)
    cx, cy = cx + dice.uniform(-wobble, wobble), cy + dice.uniform(-wobble, wobble)
    return Thing(noun, colour, place, size, round(cx, 4), round(cy, 4), round(extent, 4))
