"""What a scene is: plain data from which the picture, the caption and the truth all follow.

Coordinates are fractions: cx of the width, cy of the height, extent of the shorter side; so a scene can be drawn at any size.
"""

import zlib
from dataclasses import dataclass, replace
from typing import Literal

from studio.bench.world.words import AT_PLACE, with_article

Effect = Literal["sketch"]


@dataclass(frozen=True)
class Thing:
    """One drawing in a scene.

    noun, colour (None: its natural colours), place and size are the words; cx, cy its middle, extent the side of its
    drawing box, angle in degrees anticlockwise, alpha its opacity 0..1, flip: mirrored left to right
    (before it is turned; only motions use it, so that a car drives forwards).
    """

    noun: str
    colour: str | None
    place: str
    size: str
    cx: float
    cy: float
    extent: float
    angle: float = 0.0
    alpha: float = 1.0
    flip: bool = False


@dataclass(frozen=True)
class Scene:
    """Things drawn in order (the last is in front), on a background of colour `rgb` (its name's colour, varied a little).

    shade: the background darkens towards the bottom. effect: a filter over the finished picture.
    """

    things: tuple[Thing, ...]
    background: str
    style: str
    rgb: tuple[int, int, int]
    shade: bool
    effect: Effect | None
    caption: str
    seed: int


def held_out(noun: str, colour: str | None, place: str) -> bool:
    """Whether this combination is kept out of training; about one in eight, the same in every process and version."""
    return _one_in_eight(f"{noun}|{colour or 'natural'}|{place}")


def pair_held_out(a: str, b: str) -> bool:
    """Whether scenes with both nouns are kept out of training."""
    return _one_in_eight("+".join(sorted((a, b))))


def _one_in_eight(text: str) -> bool:
    # a checksum's low bits are not mixed enough for short texts; a multiplication spreads them (Knuth, TAOCP 6.4)
    return ((zlib.crc32(text.encode()) * 2654435761) >> 16) % 8 == 0


def is_held_out(scene: Scene) -> bool:
    """Whether the scene has a combination, or a pair of nouns, that training never shows."""
    things = scene.things
    if any(held_out(t.noun, t.colour, t.place) for t in things):
        return True
    return len(things) == 2 and pair_held_out(things[0].noun, things[1].noun)


def name_of(thing: Thing, size: bool = True) -> str:
    """ "a small red car", "grapes"."""
    words = ["small"] if size and thing.size == "small" else []
    words += [thing.colour] if thing.colour else []
    return with_article(" ".join([*words, thing.noun]))


def arrangement(things: tuple[Thing, ...], say_places: bool = True) -> str:
    """One or two things in words: "a cat on the left and an apple on the right"."""
    if len(things) == 1:
        (one,) = things
        return name_of(one) + (f" {AT_PLACE[one.place]}" if one.place != "centre" else "")
    a, b = things
    if not say_places:
        return f"{name_of(a)} and {name_of(b)}"
    if (a.place, b.place) == ("top", "bottom"):
        return f"{name_of(a)} above {name_of(b)}"
    return f"{name_of(a)} {AT_PLACE[a.place]} and {name_of(b)} {AT_PLACE[b.place]}"


def caption_of(
    scene: Scene, say_background: bool = True, say_style: bool = True, say_places: bool = True
) -> str:
    """The scene in words; say_places concerns two things side by side (above one another is always said)."""
    if not scene.things:
        return with_article(f"empty {scene.background} background")
    places = say_places or {t.place for t in scene.things} == {"top", "bottom"}
    text = arrangement(scene.things, places)
    if scene.effect == "sketch":
        text = f"a pencil sketch of {text}"
    if say_background and scene.effect is None:
        text += f" on {with_article(scene.background)} background"
    if say_style:
        text += f", {scene.style} style"
    return text


def with_caption(
    scene: Scene, say_background: bool = True, say_style: bool = True, say_places: bool = True
) -> Scene:
    """The scene with its caption written."""
    return replace(scene, caption=caption_of(scene, say_background, say_style, say_places))
