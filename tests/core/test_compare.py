"""One wish becomes one request per technique that can do it; and the map of what changed."""

from __future__ import annotations

import numpy as np
import pytest

from studio.core.card import ModelCard
from studio.core.compare import Wish, changed, editing, requests
from studio.core.job import BadRequest, Source

IMAGE, MASK = Source(path="/a.png"), Source(path="/m.png")
DRAWS = ModelCard(id="draws", title="Draws", abilities=("text2image",))
TOLD = ModelCard(id="told", title="Is told", abilities=("instruct",))
CARDS = {"draws": DRAWS, "told": TOLD}


def names(wish: Wish, **values: object) -> list[str]:
    return [spec.technique.name for spec in requests(wish, CARDS, **values)]  # type: ignore[arg-type]


def test_a_wish_in_two_prompts_is_for_the_techniques_that_edit_by_words() -> None:
    found = names(Wish(IMAGE, source="a cat", target="a dog"))
    assert {"prompt2prompt", "image2image", "imagic", "unitune"} <= set(found)
    assert "instruct" not in found and "inpaint" not in found and "invert" not in found


def test_what_is_not_said_leaves_techniques_out() -> None:
    assert "prompt2prompt" not in names(Wish(IMAGE, target="a dog"))
    assert names(Wish(IMAGE, instruction="make it a dog")) == ["instruct"]


def test_every_technique_is_told_in_its_own_words() -> None:
    wish = Wish(IMAGE, source="a cat", target="a dog", instruction="make it a dog")
    told = {spec.technique.name: spec for spec in requests(wish, CARDS, seed=7)}
    assert told["instruct"].technique.prompt == "make it a dog"  # type: ignore[union-attr]
    assert told["image2image"].technique.prompt == "a dog"  # type: ignore[union-attr]
    assert told["prompt2prompt"].technique.source_prompt == "a cat"  # type: ignore[union-attr]
    assert told["instruct"].model == "told" and told["image2image"].model == "draws"
    assert {spec.seed for spec in told.values()} == {7}


def test_a_mask_brings_in_what_needs_one() -> None:
    fills = ModelCard(id="fills", title="Fills", abilities=("inpaint", "text2image"))
    specs = requests(Wish(IMAGE, target="a dog", mask=MASK), {"fills": fills})
    assert any(getattr(spec.technique, "mask", None) == MASK for spec in specs)


def test_only_the_named_ones_and_only_the_named_model() -> None:
    wish = Wish(IMAGE, source="a cat", target="a dog", instruction="make it a dog")
    assert names(wish, names=["imagic", "image2image"]) == ["imagic", "image2image"]
    assert names(wish, model="told") == ["instruct"]


def test_what_cannot_be_done_is_a_sentence() -> None:
    with pytest.raises(BadRequest, match=r"^with: upscale is not an editing technique; choose from"):
        names(Wish(IMAGE, target="a dog"), names=["upscale"])
    with pytest.raises(BadRequest, match=r"^prompt: no technique here can do this edit"):
        names(Wish(IMAGE))


def test_editing_techniques_change_pictures_by_words() -> None:
    assert {"image2image", "instruct", "prompt2prompt", "imagic", "unitune"} <= set(editing())
    assert not {"text2image", "upscale", "textmask", "invert"} & set(editing())


def test_the_map_shows_the_strongest_channel_and_no_transparency() -> None:
    before = np.zeros((2, 2, 4), np.uint8)
    after = before[..., :3].copy()
    after[0, 1] = (10, 200, 3)
    assert changed(before, after).tolist() == [[0, 200], [0, 0]]
