"""Words to practise on: what a student is asked for while it learns to draw like its teacher.

Those that the user gives, else those that lie beside the model (`captions.txt`, a line each: what it was taught with), else
combinations of everyday things, places and looks.
"""

from __future__ import annotations

import random

from studio.core.card import ModelCard

FILE = "captions.txt"
COUNT = 1000
"""Combinations, where the model brings no words."""

_THINGS = """a cat|a dog|a horse|a bird on a branch|a fox|an old man|a young woman|a child with a balloon|two friends|a dancer|
a red car|a bicycle|a train|a sailing boat|an airplane|a house|a castle|a lighthouse|a bridge|a church|a tower|a robot|a knight|
a bowl of fruit|a cup of coffee|a cake|a vase of flowers|a chair|a guitar|a clock|a book|a lamp|a tree|a mountain|a waterfall|
a dragon|a butterfly|a fish|an owl|a bear|a market stall|a street musician|a fisherman|a portrait of a woman|a portrait of a man"""
_PLACES = """|in a garden|in a forest|on a beach|by a lake|in the snow|in the rain|in a busy street|in a kitchen|in a library|
on a table|on a hill|in the desert|under the stars|at sunset|in the morning mist|in a field of flowers|before a white wall|
in an old town|in the mountains"""
_LOOKS = """|a photograph|a close-up photograph|an oil painting|a watercolour|a pencil drawing|a charcoal sketch|a woodcut|
a comic panel|a children's book illustration|a poster in flat colours|a black and white photograph|a pastel drawing|
in the style of an old master|cinematic light|soft light|bright colours|muted colours"""


def captions(card: ModelCard, given: str = "") -> list[str]:
    """The captions for a model, each once.

    given: the user's own, one a line.
    """
    own = _lines(given)
    if not own and (path := card.folder / FILE).is_file():
        own = _lines(path.read_text("utf-8", errors="replace"))
    return own or combined(COUNT)


def _lines(text: str) -> list[str]:
    return list(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))


def combined(count: int, seed: int = 0) -> list[str]:
    """Combinations, always the same ones."""
    things, places, looks = (
        [part.strip() for part in text.split("|")] for text in (_THINGS, _PLACES, _LOOKS)
    )
    luck = random.Random(seed)
    found: dict[str, None] = {}
    while len(found) < count:
        thing, place, look = luck.choice(things), luck.choice(places), luck.choice(looks)
        found[", ".join(filter(None, [" ".join(filter(None, [thing, place])), look]))] = None
    return list(found)
