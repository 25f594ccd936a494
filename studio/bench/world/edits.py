"""Instructions with a true answer: a scene before, a scene after, and the words that lead from one to the other.

Everything the instruction does not speak of is the same in both scenes, down to the small variations of place, size and
background, so outside `changed` the two pictures are equal bit for bit.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from studio.bench.world import draw
from studio.bench.world.facts import backgrounds_for, backgrounds_for_all, colours_of
from studio.bench.world.scene import Scene, Thing, is_held_out, with_caption
from studio.bench.world.sprites import Sprites
from studio.bench.world.words import (
    AT_PLACE,
    BACKGROUNDS,
    CENTRE_OF,
    PLACES,
    PLURAL,
    TO_PLACE,
    with_article,
)

if TYPE_CHECKING:
    from studio.bench.world.world import Split, World

KINDS = ("colour", "object", "place", "background", "style", "remove", "add", "effect")

# {it}: the thing, by name or as "it"; {the}: always by name; {new}: what it becomes
PHRASES = {
    "colour": (
        "make {it} {new}",
        "paint {it} {new}",
        "turn {it} {new}",
        "change the colour of {the} to {new}",
        "{the} should be {new}",
    ),
    "object": (
        "turn {the} into {new}",
        "replace {the} with {new}",
        "change {the} to {new}",
        "make {it} {new}",
        "swap {the} for {new}",
    ),
    "place": ("move {it} {new}", "put {it} {new_at}", "shift {it} {new}", "{the} should be {new_at}"),
    "swap": ("swap {a} and {b}", "let {a} and {b} change places", "exchange {a} and {b}"),
    "turn": ("put {a} {relation} {b}", "move {a} {relation} {b}", "{a} should be {relation} {b}"),
    "background": (
        "put {it} on {a_new} background",
        "change the background to {new}",
        "make the background {new}",
        "use {a_new} background",
    ),
    "style": (
        "draw {it} in {new} style",
        "make it {new} style",
        "redraw it in {new} style",
        "use the {new} style",
    ),
    "remove": ("remove {the}", "erase {the}", "take away {the}", "delete {the}"),
    "add": ("add {new} {at}", "put {new} {at}", "draw {new} {at}", "insert {new} {at}"),
    "effect": (
        "make it a pencil sketch",
        "turn it into a pencil drawing",
        "draw it in pencil",
        "make the picture a pencil sketch",
    ),
}


@dataclass(frozen=True)
class EditPair:
    """kind is one of KINDS; both scenes have captions that say the same things."""

    kind: str
    instruction: str
    before: Scene
    after: Scene


def edit_pair(world: "World", seed: int, kind: str | None = None, split: "Split" = "train") -> EditPair:
    """The edit of a seed. Split "train": neither scene is held out; "held_out": at least one is."""
    if kind is not None and kind not in KINDS:
        raise ValueError(f"no such edit: {kind}")
    if split not in ("train", "held_out", "any"):
        raise ValueError(f"no such split: {split}")
    dice = random.Random(f"edit {kind} {seed}")
    wanted = kind or dice.choice(KINDS)  # before the loop, or kinds that are often held out would become rare
    for attempt in range(10_000):
        if kind is None and attempt % 500 == 499:  # a world of one style has no edit of style
            wanted = dice.choice(KINDS)
        made = _MAKERS[wanted](world, dice, seed)
        if made is None:
            continue
        out = is_held_out(made.before) or is_held_out(made.after)
        if split == "any" or out == (split == "held_out"):
            says = (dice.random() < 0.8, dice.random() < 0.6)
            return replace(
                made, before=with_caption(made.before, *says), after=with_caption(made.after, *says)
            )
    raise ValueError("this world has no such edit; give it more nouns or styles")


def changed(sprites: Sprites, pair: EditPair, size: draw.Size = 64) -> np.ndarray:
    """What the edit touches, bool [H, W]: outside of it the two pictures are the same."""
    before, after = pair.before, pair.after
    out = np.zeros(draw.hw(size), bool)
    if before.effect != after.effect:
        return ~out
    restyled = before.style != after.style
    reground = (before.rgb, before.shade) != (after.rgb, after.shade)
    for one, other in ((before, after), (after, before)):
        *things, ground = draw.footprints(sprites, one, size)
        for thing, footprint in zip(one.things, things, strict=True):
            if restyled or thing not in other.things:
                out |= footprint
        if reground:
            out |= ground
    return out


# One maker per kind: a pair, or None when this throw of the dice does not allow the edit.


def _colour(world: "World", dice: random.Random, seed: int) -> EditPair | None:
    before = _start(world, dice, seed)
    i = dice.randrange(len(before.things))
    thing = before.things[i]
    possible = [
        c
        for c in colours_of(thing.noun, before.style)
        if c != thing.colour and before.background in backgrounds_for(thing.noun, before.style, c)
    ]
    if not possible:
        return None
    new = dice.choice(possible)
    words = {"it": _it(dice, before, thing), "the": _the(thing), "new": new}
    return EditPair(
        "colour", _say(dice, "colour", **words), before, _with(before, i, replace(thing, colour=new))
    )


def _object(world: "World", dice: random.Random, seed: int) -> EditPair | None:
    before = _start(world, dice, seed)
    i = dice.randrange(len(before.things))
    thing = before.things[i]
    look = _new_look(world, dice, before)
    if look is None:
        return None
    noun, colour = look
    new = with_article(f"{colour} {noun}" if colour else noun)
    words = {"it": _it(dice, before, thing), "the": _the(thing), "new": new}
    after = _with(before, i, replace(thing, noun=noun, colour=colour))
    return EditPair("object", _say(dice, "object", **words), before, after)


def _place(world: "World", dice: random.Random, seed: int) -> EditPair | None:
    before = _start(world, dice, seed, 1 if dice.random() < 0.6 else 2)
    if len(before.things) == 2:
        return _rearranged(dice, before)
    thing = before.things[0]
    if thing.size == "large":  # would not fit at a side
        place = dice.choice(PLACES)
        cx, cy = (c + dice.uniform(-0.02, 0.02) for c in CENTRE_OF[place])
        thing = replace(thing, place=place, cx=round(cx, 4), cy=round(cy, 4))
    # a size that is called small in the middle and half at a side, so that moving changes nothing else
    extent = round(dice.uniform(0.46, 0.5), 4)
    thing = replace(thing, extent=extent, size="small" if thing.place == "centre" else "half")
    before = replace(before, things=(thing,))
    place = dice.choice([p for p in PLACES if p != thing.place])
    words = {
        "it": _it(dice, before, thing),
        "the": _the(thing),
        "new": TO_PLACE[place],
        "new_at": AT_PLACE[place],
    }
    return EditPair("place", _say(dice, "place", **words), before, _with(before, 0, _moved(thing, place)))


def _rearranged(dice: random.Random, before: Scene) -> EditPair:
    """Two things change places, or stand above one another instead of side by side and the other way round."""
    a, b = before.things
    if dice.random() < 0.5:
        # b then a, as the words read the places from left to right and from top to bottom
        things = (_moved(b, a.place), _moved(a, b.place))
        text = _say(dice, "swap", a=_the(a), b=_the(b))
    else:
        first, second = dice.choice(((a, b), (b, a)))
        across = a.place == "left"
        places = ("top", "bottom") if across else ("left", "right")
        things = (_moved(first, places[0]), _moved(second, places[1]))
        if dice.random() < 0.5:
            text = _say(
                dice, "turn", a=_the(first), b=_the(second), relation="above" if across else "to the left of"
            )
        else:
            text = _say(
                dice, "turn", a=_the(second), b=_the(first), relation="below" if across else "to the right of"
            )
    return EditPair("place", text, before, replace(before, things=things))


def _background(world: "World", dice: random.Random, seed: int) -> EditPair | None:
    before = _start(world, dice, seed)
    fitting = backgrounds_for_all([(t.noun, t.colour) for t in before.things], before.style)
    possible = [b for b in fitting if b != before.background]
    if not possible:
        return None
    new = dice.choice(possible)
    text = _say(dice, "background", it=_all_of_it(dice, before), new=new, a_new=with_article(new))
    after = replace(before, background=new, rgb=_same_shift(before, new))
    return EditPair("background", text, before, after)


def _style(world: "World", dice: random.Random, seed: int) -> EditPair | None:
    before = _start(world, dice, seed)
    possible = [
        s
        for s in world.styles
        if s != before.style and all(_drawn(world, t, s, before) for t in before.things)
    ]
    if not possible:
        return None
    new = dice.choice(possible)
    text = _say(dice, "style", it=_all_of_it(dice, before), new=new)
    return EditPair("style", text, before, replace(before, style=new))


def _remove(world: "World", dice: random.Random, seed: int) -> EditPair | None:
    before = _start(world, dice, seed, 2 if dice.random() < 0.8 else 1)
    i = dice.randrange(len(before.things))
    things = before.things[:i] + before.things[i + 1 :]
    text = _say(dice, "remove", the=_the(before.things[i]))
    return EditPair("remove", text, before, replace(before, things=things))


def _add(world: "World", dice: random.Random, seed: int) -> EditPair | None:
    after = _start(world, dice, seed, 2)
    i = dice.randrange(2)
    new, other = after.things[i], after.things[1 - i]
    at = [AT_PLACE[new.place]]
    if new.place in ("top", "bottom"):
        at.append(("above " if new.place == "top" else "below ") + _the(other))
    else:
        at.append(f"to the {new.place} of {_the(other)}")
    name = with_article(f"{new.colour} {new.noun}" if new.colour else new.noun)
    return EditPair(
        "add", _say(dice, "add", new=name, at=dice.choice(at)), replace(after, things=(other,)), after
    )


def _effect(world: "World", dice: random.Random, seed: int) -> EditPair | None:
    before = _start(world, dice, seed)
    return EditPair("effect", _say(dice, "effect"), before, replace(before, effect="sketch"))


_MAKERS: dict[str, Callable[["World", random.Random, int], EditPair | None]] = {
    "colour": _colour,
    "object": _object,
    "place": _place,
    "background": _background,
    "style": _style,
    "remove": _remove,
    "add": _add,
    "effect": _effect,
}


# words


def _say(dice: random.Random, kind: str, **words: str) -> str:
    return dice.choice(PHRASES[kind]).format(**words)


def _the(thing: Thing) -> str:
    return f"the {thing.colour} {thing.noun}" if thing.colour else f"the {thing.noun}"


def _it(dice: random.Random, scene: Scene, thing: Thing) -> str:
    """ "it" is only clear when there is one thing."""
    if len(scene.things) == 1 and dice.random() < 0.4:
        return "them" if thing.noun in PLURAL else "it"
    return _the(thing)


def _all_of_it(dice: random.Random, scene: Scene) -> str:
    """All things: "it", "the cat", "them"."""
    return _it(dice, scene, scene.things[0]) if len(scene.things) == 1 else "them"


# scenes


def _start(world: "World", dice: random.Random, seed: int, things: int | None = None) -> Scene:
    return world.throw(dice, "any", things or (1 if dice.random() < 0.6 else 2), seed)


def _with(scene: Scene, i: int, thing: Thing) -> Scene:
    return replace(scene, things=scene.things[:i] + (thing,) + scene.things[i + 1 :])


def _moved(thing: Thing, place: str) -> Thing:
    """At another place, with the same small deviation from its middle."""
    (x0, y0), (x1, y1) = CENTRE_OF[thing.place], CENTRE_OF[place]
    size = thing.size if thing.size == "large" else "small" if place == "centre" else "half"
    return replace(
        thing, place=place, size=size, cx=round(thing.cx + x1 - x0, 4), cy=round(thing.cy + y1 - y0, 4)
    )


def _same_shift(scene: Scene, background: str) -> tuple[int, int, int]:
    """The new background's colour, as much lighter or darker than its name says as the old one was."""
    shift = max((c - b for c, b in zip(scene.rgb, BACKGROUNDS[scene.background], strict=True)), key=abs)
    r, g, b = (min(255, max(0, c + shift)) for c in BACKGROUNDS[background])
    return r, g, b


def _new_look(world: "World", dice: random.Random, scene: Scene) -> tuple[str, str | None] | None:
    """(noun, colour) of something that is not in the scene and stands out from its background."""
    present = {t.noun for t in scene.things}
    noun = dice.choice(world.nouns)
    colours = colours_of(noun, scene.style)
    colour = dice.choice(colours) if colours and dice.random() < 0.3 else None
    fits = noun not in present and scene.background in backgrounds_for(noun, scene.style, colour)
    return (noun, colour) if fits else None


def _drawn(world: "World", thing: Thing, style: str, scene: Scene) -> bool:
    """Whether the thing exists in the style, in its colour, and stands out there."""
    return (
        (thing.noun, style) in world.sprites.names
        and (thing.colour is None or thing.colour in colours_of(thing.noun, style))
        and scene.background in backgrounds_for(thing.noun, style, thing.colour)
    )
