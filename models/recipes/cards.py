"""card.toml of a trained model: what it is, what it can do, how it was made, how well it does."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from studio.bench.world import World
from studio.core.card import ModelCard
from studio.core.job import words_of
from studio.core.toml import toml

LICENCE = "Apache-2.0 (weights); pictures of the world: see THIRD_PARTY_NOTICES.md"
SOUND_LICENCE = "Apache-2.0 (weights)"
SOURCES = (
    "Drawings: Noto Emoji (Google, Apache-2.0), Fluent Emoji flat (Microsoft, MIT), Twemoji (Twitter and others, CC-BY-4.0)",
    "Scenes, captions, masks and edits: the studio's own pocket world (studio/bench/world)",
)


MUSIC_SOURCES = (
    "Notes, words and truth: the studio's own world of rendered music (studio/bench/music_world)",
    "Sound: rendered with the TimGM6mb soundfont (Tim Brechbill, GPL-2.0; not part of this program)",
)
SIZES = {"native": [64, 64], "min": 64, "max": 384, "area": 9216}
"""Of models that draw at 64 x 64: 96 x 96 they still do well."""
SECOND = {"model": "pocket-upscale", "canvas": [256, 256]}


def write_card(
    folder: Path,
    *,
    id: str,
    title: str,
    family: str,
    summary: str,
    knows: Sequence[str] = (),
    abilities: tuple[str, ...] | list[str],
    sizes: dict[str, Any],
    defaults: dict[str, Any],
    parameters: int,
    memory_mb: int = 0,
    sources: Sequence[str] = SOURCES,
    distilled: dict[str, Any] | None = None,
    second: dict[str, Any] | None = None,
    base: str = "",
    film: dict[str, Any] | None = None,
    training: dict[str, Any],
    scores: dict[str, Any],
) -> ModelCard:
    """Writes folder/card.toml and reads it back.

    Args:
        knows: all the words that it was taught; () = any.
        sizes, defaults: fields of `studio.core.card.Sizes` and `Defaults`; {} = theirs.
        distilled: fields of `studio.core.card.Distilled`; None for an ordinary model.
        second: fields of `studio.core.card.Second`; None where its pictures are as large as they should be.
        base: the model that it is laid over; "" = it is whole.
        film: fields of `studio.core.card.Filming`; None for a model that does not draw clips.
        training: recipe, samples, seconds, device, date.
        scores: measured on held-out cases, each beside its floor and ceiling where there is one.

    Raises:
        BadRequest: the studio could not use such a card.
    """
    card = {
        "id": id,
        "title": title,
        "family": family,
        "base": base or None,
        "summary": summary,
        "knows": list(knows) or None,
        "abilities": list(abilities),
        "parameters": parameters,
        "memory_mb": memory_mb,
        "licence": SOUND_LICENCE if sources == MUSIC_SOURCES else LICENCE,
        "sources": list(sources),
        "sizes": sizes,
        "defaults": defaults,
        "distilled": distilled,
        "second": second,
        "film": film,
        "training": training,
        "scores": scores,
    }
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "card.toml"
    new = path.with_suffix(".new")
    new.write_text(toml(card), "utf-8")
    ModelCard.read(new)  # a card that cannot be used must not replace one that can
    new.replace(path)
    return ModelCard.read(path)


def words_of_world(nouns: int, instructions: bool = False) -> list[str]:
    """All the words of the captions, and of the instructions, of a world of so many nouns."""
    world = World(nouns)
    texts = [world.scene(seed, split="any").caption for seed in range(20_000)]
    texts += [world.edit(seed, split="any").instruction for seed in range(4_000)] if instructions else []
    return sorted({word.lower() for text in texts for word in words_of(text)})


def captions_of(nouns: int, count: int = 3000) -> str:
    """Captions that a model of such a world was taught, a line each, for students of it to practise on."""
    world = World(nouns)
    found: dict[str, None] = {}
    for seed in range(10 * count):
        found[world.scene(seed).caption] = None
        if len(found) == count:
            break
    return "".join(f"{caption}\n" for caption in found)


def words_of_motions(nouns: int) -> list[str]:
    """All the words of the captions of a world's clips."""
    world = World(nouns)
    texts = [world.motion(seed, "any").caption for seed in range(20_000)]
    return sorted({word.lower() for text in texts for word in words_of(text)})


def motions_of(nouns: int) -> dict[str, str]:
    """The words for motions in a world's captions, and whether a still of the thing begins or ends such a motion."""
    from studio.bench.world.motion import VERBS, doing
    from studio.bench.world.words import NOUNS

    said = {doing(noun, verb): verb for noun in NOUNS[:nouns] for verb in VERBS}
    return {words: "last" if verb == "fading in" else "first" for words, verb in sorted(said.items())}


def training_of(recipe: str, report: dict[str, Any], **more: Any) -> dict[str, Any]:
    """The part of a report of `common.train` that belongs in a card."""
    kept = {key: report[key] for key in ("samples", "seconds", "device", "date") if key in report}
    return {"recipe": f"models/recipes/{recipe}.py", **kept, **more}
