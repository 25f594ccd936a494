"""One edit by several techniques: what is wanted, said once, becomes one request per technique that can do it.

Which techniques those are follows from their fields: a technique that has a `picture` and `words`, and nothing else that must be given
but what the wish holds. A new technique is compared without a line here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studio.core.card import ModelCard
from studio.core.job import TECHNIQUES, BadRequest, JobSpec, Source, read_spec

NO_EDITS = ("invert", "outpaint", "upscale", "textmask", "wordmap")
"""Techniques on a picture that don't change what it shows."""


@dataclass(frozen=True)
class Wish:
    """An edit, said in every way that some technique asks for; what is empty leaves out the techniques that need it.

    source: what the picture shows. target: what the result shows. instruction: what to do. mask: where.
    """

    image: Source
    source: str = ""
    target: str = ""
    instruction: str = ""
    mask: Source | None = None


def requests(
    wish: Wish, cards: Mapping[str, ModelCard], names: Sequence[str] = (), model: str = "", seed: int = 0
) -> list[JobSpec]:
    """One request per technique that can do it with these models.

    Args:
        names: only these techniques. model: only this one.

    Raises:
        BadRequest: a name is none of an editing technique, or nothing is left.
    """
    able = editing()
    if unknown := [name for name in names if name not in able]:
        raise BadRequest(f"with: {unknown[0]} is not an editing technique; choose from {', '.join(able)}.")
    made: list[JobSpec] = []
    for name in names or able:
        fields = _fields(name, wish)
        card = _card(name, cards, model)
        if fields is not None and card is not None:
            made.append(read_spec({"technique": {"name": name, **fields}, "model": card.id, "seed": seed}))
    if not made:
        raise BadRequest(
            "prompt: no technique here can do this edit; say what the picture shows and what you want, give an instruction or a"
            " mask, or install a model."
        )
    return made


def editing() -> list[str]:
    """Names of the techniques that change a picture by words."""
    return [
        name
        for name, cls in TECHNIQUES.items()
        if cls.makes == "picture" and {"image", "prompt"} <= cls.model_fields.keys() and name not in NO_EDITS
    ]


def _fields(name: str, wish: Wish) -> dict[str, Any] | None:
    """What the technique is told; None where it needs something that the wish does not say."""
    fields = TECHNIQUES[name].model_fields
    instructed = TECHNIQUES[name].ability == "instruct"
    said: dict[str, Any] = {
        "image": wish.image.model_dump(),
        "prompt": wish.instruction if instructed else wish.target,
        "source_prompt": wish.source,
        "mask": wish.mask.model_dump() if wish.mask else None,
    }
    if not said["prompt"] or ("source_prompt" in fields and not wish.source):
        return None
    given = {key: value for key, value in said.items() if key in fields and value}
    missing = [key for key, info in fields.items() if info.is_required() and key not in given]
    return None if missing else given


def _card(name: str, cards: Mapping[str, ModelCard], model: str) -> ModelCard | None:
    ability = TECHNIQUES[name].ability
    return next((c for c in cards.values() if ability in c.abilities and model in ("", c.id)), None)


def changed(before: NDArray[np.uint8], after: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Two pictures [H, W, 3 or 4] -> how much each pixel changed [H, W], 0 = not at all, 255 = black to white."""
    difference = np.abs(before[..., :3].astype(np.int16) - after[..., :3].astype(np.int16))
    return difference.max(-1).astype(np.uint8)
