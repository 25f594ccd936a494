"""Painted words: where they are found, where they are heard, what is put back, sentences."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from studio.core.job import Failed, JobSpec, PaintWithWords, Text2Image, inputs_of, read_spec, with_inputs
from studio.engine.controls.paint import PaintWords
from studio.engine.engine import Engine
from studio.engine.techniques.paint_with_words import completed, found

from .conftest import one


def region(folder: Path, name: str, words: str, left: bool = True, strength: float = 1.0) -> dict[str, Any]:
    mask = np.zeros((64, 64), np.uint8)
    mask[:, :32] = 255 if left else 0
    mask[:, 32:] = 0 if left else 255
    if name == "empty":
        mask[:] = 0
    path = folder / f"{name}.png"
    Image.fromarray(mask).save(path)
    return {"mask": str(path), "words": words, "strength": strength}


def spec(*regions: dict[str, Any], model: str = "tiny-sd", prompt: str = "a red fox on the hill") -> JobSpec:
    technique = {"name": "paint-with-words", "prompt": prompt, "regions": regions, "steps": 2, "guidance": 3}
    return read_spec({"technique": technique, "model": model, "seed": 2})


@pytest.mark.parametrize("model", ["tiny-sd", "tiny-xl", "tiny-taesd"])
def test_a_painting_changes_the_picture_and_leaves_no_hook(
    shared_engine: Engine, tmp_path: Path, model: str
) -> None:
    plain = Text2Image(prompt="a red fox on the hill", steps=2, guidance=3)
    before = one(shared_engine, JobSpec(technique=plain, model=model, seed=2)).clip.array
    drawn = one(shared_engine, spec(region(tmp_path, "l", "fox"), model=model))
    mirrored = one(shared_engine, spec(region(tmp_path, "r", "fox", left=False), model=model))
    assert (drawn.clip.array != before).any() and (drawn.clip.array != mirrored.clip.array).any()
    off = one(shared_engine, spec(region(tmp_path, "l", "fox", strength=0), model=model)).clip.array
    assert np.abs(off.astype(int) - before).max() <= 2, "strength 0 is off"
    after = one(shared_engine, JobSpec(technique=plain, model=model, seed=2)).clip.array
    assert (after == before).all()
    (painted,) = inputs_of(drawn.spec.technique).values()
    assert painted[1] == "mask" and len(painted[0].sha256) == 64


def test_words_that_the_prompt_lacks_are_added(shared_engine: Engine, tmp_path: Path) -> None:
    one(shared_engine, spec(region(tmp_path, "l", "fox")))
    tokenizer = shared_engine.warm.fetch("tiny-sd", 0, lambda: pytest.fail("it is warm")).tokenizers[0]
    assert found(tokenizer, "a red fox on the hill", "red fox") == [2, 3]
    assert found(tokenizer, "a (red:1.4) fox on the red hill", "red") == [2, 6]
    assert found(tokenizer, "a red fox", "blue") == []
    assert completed(tokenizer, "a hill", ["hill", "sun (big)"]) == "a hill, sun big"
    assert completed(tokenizer, "", ["fox"]) == "fox"


def test_only_the_places_of_a_region_hear_its_own_words() -> None:
    heard = torch.ones(2, 4, 4)
    heard[1, :, 2:] = 0
    control = PaintWords(torch.nn.Identity(), torch.ones(1, 2, 3), torch.zeros(2, 4, 4), heard)
    like = torch.zeros(1)
    painting, log = control.on_grid(16, like)
    shares = (painting + log).softmax(-1).reshape(4, 4, 2)
    assert torch.allclose(shares[:, :2, 1], torch.tensor(0.5)) and shares[:, 2:, 1].max() < 1e-3
    assert control.on_grid(4, like)[1].shape == (4, 2)
    with pytest.raises(ValueError, match="5 places"):
        control.on_grid(5, like)
    text = torch.cat([torch.zeros(1, 2, 3), torch.ones(1, 2, 3)])
    assert control.rows(text).tolist() == [0, 1]


def test_inputs_inside_regions_are_named_by_their_path(tmp_path: Path) -> None:
    technique = spec(region(tmp_path, "l", "fox"), region(tmp_path, "r", "cat", left=False)).technique
    assert isinstance(technique, PaintWithWords)
    files = {name: source for name, (source, _) in inputs_of(technique).items()}
    assert list(files) == ["regions.0.mask", "regions.1.mask"]
    moved = {name: source.model_copy(update={"path": f"/x/{name}"}) for name, source in files.items()}
    changed = with_inputs(technique, moved)
    assert [one.mask.path for one in changed.regions] == ["/x/regions.0.mask", "/x/regions.1.mask"]
    assert changed.regions[1].words == "cat"


def test_what_cannot_be_done_is_said_in_a_sentence(shared_engine: Engine, tmp_path: Path) -> None:
    last = list(shared_engine.run(spec(region(tmp_path, "empty", "fox"))))[-1]
    assert isinstance(last, Failed) and last.message.startswith("regions.0.mask: is empty; paint where “fox”")
    missing = list(shared_engine.run(spec({"mask": str(tmp_path / "no.png"), "words": "fox"})))[-1]
    assert isinstance(missing, Failed) and "does not exist" in missing.message
