"""Prompt-to-Prompt: alignment of words, what is copied and when, what stays, and a network that is left as it was."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from studio.core.job import Failed, JobSpec, Prompt2Prompt, Source
from studio.engine import inversion, place
from studio.engine.engine import Engine
from studio.engine.prompt import positions, unweighted
from studio.engine.techniques import prompt2prompt
from studio.engine.techniques.prompt2prompt import align

from .conftest import one

END = 9


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inversion, "folder", lambda: tmp_path / "inversions")


def request(model: str = "tiny-taesd", seed: int = 1, **values: Any) -> JobSpec:
    own = {"source_prompt": "a red fox", "prompt": "a blue fox", "steps": 5, "guidance": 4.0, **values}
    return JobSpec(technique=Prompt2Prompt(**own), model=model, seed=seed)


def pixels(engine: Engine, spec: JobSpec) -> np.ndarray:
    return one(engine, spec).clip.array


# --- words ----------------------------------------------------------------------------------------------------------


def test_a_replaced_word_stands_where_the_old_one_stood() -> None:
    words = align([8, 1, 2, 3, END, END], [8, 1, 5, 3, END, END], END, [1.0] * 6)
    assert torch.equal(words.behind, torch.eye(6))
    assert not words.own.any()


def test_new_words_look_for_themselves_and_later_ones_keep_their_source() -> None:
    words = align([8, 1, 3, END, END, END], [8, 1, 5, 6, 3, END], END, [1.0] * 6)
    assert words.own.tolist() == [0, 0, 1, 1, 0, 0]
    assert words.behind[2, 4] == 1 and words.behind[3, 5] == 1
    assert float(words.behind[:, 2:4].sum()) == 0


def test_a_word_of_many_tokens_is_spread_over_one_of_few() -> None:
    words = align([8, 1, 2, 3, 4, END], [8, 5, 6, END, END, END], END, [1.0] * 6)
    assert words.behind[1, 1] == 1 and words.behind[3, 2] == 1
    assert words.behind.sum(0).max() == 1


def test_left_out_words_leave_no_trace() -> None:
    words = align([8, 1, 2, 3, END, END], [8, 1, 3, END, END, END], END, [1.0] * 6)
    assert float(words.behind[2].sum()) == 0
    assert not words.own.any()


@pytest.mark.parametrize(
    ("prompt", "plain"),
    [("a (red:1.5) fox", "a red fox"), ("a \\(red\\) fox", "a \\(red\\) fox"), ("[a] fox :(", "a fox :\\(")],
)
def test_words_without_their_weights_read_the_same(prompt: str, plain: str) -> None:
    assert unweighted(prompt) == plain
    assert unweighted(plain) == plain


def test_positions_have_the_weights_of_their_words(shared_engine: Engine) -> None:
    shared_engine.prepare("tiny-sd")
    tokenizer = shared_engine.warm.fetch("tiny-sd", 0, lambda: pytest.fail("not warm")).tokenizers[0]
    ids, weights = positions(tokenizer, "a (fox:2) on")
    same, _ = positions(tokenizer, "a fox on")
    assert ids == same
    assert weights[:4] == [1.0, 1.0, 2.0, 1.0]
    assert len(ids) == tokenizer.model_max_length


# --- pictures -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", ["tiny-taesd", "tiny-sd", "tiny-xl"])
def test_the_same_words_give_the_source_back(shared_engine: Engine, picture: Source, model: str) -> None:
    same = request(model, image=picture, prompt="a red fox", method="exact", guidance=1.0)
    source = np.asarray(Image.open(picture.path))
    assert np.array_equal(pixels(shared_engine, same), source)


def test_other_words_change_something(shared_engine: Engine, picture: Source) -> None:
    source = np.asarray(Image.open(picture.path))
    assert not np.array_equal(pixels(shared_engine, request(image=picture, paste=False)), source)


def test_attention_is_copied_only_in_its_part_of_the_run(shared_engine: Engine) -> None:
    free = pixels(shared_engine, request(cross=0, own=0, blend=0, paste=False))
    assert not np.array_equal(free, pixels(shared_engine, request(cross=1, own=0, blend=0, paste=False)))
    assert not np.array_equal(free, pixels(shared_engine, request(cross=0, own=1, blend=0, paste=False)))


def test_without_anything_copied_it_is_the_plain_run(shared_engine: Engine) -> None:
    from studio.core.job import Text2Image

    free = request(cross=0, own=0, blend=0, paste=False, source_prompt="a cat")
    plain = Text2Image(prompt="a blue fox", steps=5, guidance=4.0, solver="ddim")
    expected = pixels(shared_engine, JobSpec(technique=plain, model="tiny-taesd", seed=1)).astype(int)
    assert np.abs(pixels(shared_engine, free).astype(int) - expected).max() <= 1


def test_a_weight_turns_a_word_up(shared_engine: Engine) -> None:
    loud = request(prompt="a (red:3) fox", paste=False, blend=0)
    plain = request(prompt="a red fox", paste=False, blend=0)
    assert not np.array_equal(pixels(shared_engine, loud), pixels(shared_engine, plain))


def test_outside_of_the_place_every_pixel_is_the_sources(
    shared_engine: Engine, picture: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = np.zeros((64, 64), np.uint8)
    left[:, :24] = 255
    monkeypatch.setattr(place, "cut", lambda difference, threshold: left)
    source = np.asarray(Image.open(picture.path))
    made = pixels(shared_engine, request(image=picture))
    assert np.array_equal(made[:, 26:], source[:, 26:])
    assert not np.array_equal(made[:, :24], source[:, :24])


def test_empty_words_are_optimised_only_where_everything_may_change(
    shared_engine: Engine, picture: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    everywhere = np.full((64, 64), 255, np.uint8)
    monkeypatch.setattr(place, "cut", lambda difference, threshold: everywhere)

    def told(**values: Any) -> bool:
        notes = one(shared_engine, request(image=picture, method="faithful", inner=2, **values)).notes
        return prompt2prompt.NOT_OPTIMISED in notes

    assert told() and not told(blend=0)


@pytest.mark.parametrize("method", ["fast", "faithful", "exact"])
def test_every_inversion_can_be_edited(shared_engine: Engine, picture: Source, method: str) -> None:
    assert pixels(shared_engine, request(image=picture, method=method, inner=2)).shape == (64, 64, 3)


def test_the_network_is_left_as_it_was_also_when_cancelled(shared_engine: Engine, picture: Source) -> None:
    shared_engine.prepare("tiny-taesd")
    unet = shared_engine.warm.fetch("tiny-taesd", 0, lambda: pytest.fail("not warm")).unet
    before = dict(unet.attn_processors)
    events = shared_engine.run(request(image=picture))
    for event in events:
        if getattr(event, "stage", "") == "drawing":
            break
    events.close()
    assert unet.attn_processors == before
    pixels(shared_engine, request(image=picture))
    assert unet.attn_processors == before


def test_the_result_has_the_sources_size_and_transparency(shared_engine: Engine, tmp_path: Path) -> None:
    rgba = np.random.default_rng(0).integers(0, 256, (48, 80, 4), dtype=np.uint8)
    Image.fromarray(rgba).save(tmp_path / "rgba.png")
    made = pixels(shared_engine, request(image=Source(path=str(tmp_path / "rgba.png"))))
    assert made.shape == (48, 80, 4)
    assert np.array_equal(made[..., 3], rgba[..., 3])


def test_a_picture_without_words_is_told_so(shared_engine: Engine, picture: Source) -> None:
    last = list(shared_engine.run(request(image=picture, source_prompt=" ")))[-1]
    assert isinstance(last, Failed)
    assert last.message == "source_prompt: is empty; say what the picture shows."
