"""Masks by words: sizes, thresholds, the library's own processing, sentences."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from studio.bench.tiny import _write_tokenizer
from studio.core.job import Failed, JobSpec, Source, TextMask
from studio.engine.engine import Engine
from studio.engine.techniques import textmask

from .conftest import one

CARD = 'id = "tiny-mask"\ntitle = "Tiny mask"\nfamily = "clipseg"\nabilities = ["textmask"]\n'


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random CLIPSeg as the library saves it."""
    from transformers import CLIPSegConfig, CLIPSegForImageSegmentation

    folder = tmp_path_factory.mktemp("models") / "tiny-mask"
    vocabulary = _write_tokenizer(folder, pad="<|endoftext|>")
    common = {"hidden_size": 32, "intermediate_size": 48, "num_attention_heads": 2, "num_hidden_layers": 3}
    words = {"vocab_size": vocabulary, "bos_token_id": vocabulary - 2, "eos_token_id": vocabulary - 1}
    config = CLIPSegConfig(
        text_config={**common, **words, "max_position_embeddings": 16},
        vision_config={**common, "image_size": 32, "patch_size": 8},
        projection_dim=32,
        extract_layers=[0, 1, 2],
        reduce_dim=16,
        decoder_num_attention_heads=2,
        decoder_intermediate_size=32,
    )
    torch.manual_seed(0)
    net = CLIPSegForImageSegmentation(config)
    net.decoder.transposed_convolution.weight.data.mul_(20)
    net.decoder.film_mul.weight.data.mul_(20)
    net.save_pretrained(folder)
    about = {
        "image_processor_type": "ViTImageProcessor", "size": {"height": 32, "width": 32},
        "image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5],
    }  # fmt: skip
    (folder / "preprocessor_config.json").write_text(json.dumps(about))
    (folder / "card.toml").write_text(CARD)
    return folder


@pytest.fixture(scope="module")
def engine(folder: Path) -> Engine:
    return Engine([folder.parent], device="cpu")


@pytest.fixture
def image(tmp_path: Path) -> Source:
    y, x = np.mgrid[0:50, 0:70]
    waves = np.stack([127 + 120 * np.sin(x / 9 + c + y / 7) for c in range(3)], -1)
    Image.fromarray(waves.astype(np.uint8)).save(tmp_path / "a.png")
    return Source(path=str(tmp_path / "a.png"))


def spec(image: Source, prompt: str = "the red cat", **values: Any) -> JobSpec:
    return JobSpec(technique=TextMask(image=image, prompt=prompt, **values))


def test_the_mask_has_the_picture_s_size_and_depends_on_the_words(engine: Engine, image: Source) -> None:
    result = one(engine, spec(image, softness=1))
    assert result.clip.kind == "mask"
    assert result.clip.array.shape == (50, 70)
    assert result.clip.array.dtype == np.uint8
    assert result.clip.array.std() > 1
    assert not np.array_equal(result.clip.array, one(engine, spec(image, "a house", softness=1)).clip.array)
    assert np.array_equal(result.clip.array, one(engine, spec(image, softness=1)).clip.array)


def test_the_library_s_own_model_and_processor_say_the_same(engine: Engine, folder: Path) -> None:
    from transformers import CLIPSegForImageSegmentation, CLIPTokenizer

    from studio.engine.load import quiet

    pixels = np.random.default_rng(0).integers(0, 256, (32, 32, 3), np.uint8)
    with quiet():
        theirs = CLIPSegForImageSegmentation.from_pretrained(folder).eval()
        words = CLIPTokenizer.from_pretrained(folder)(["the red cat"], return_tensors="pt")
    x = (torch.from_numpy(pixels).permute(2, 0, 1)[None].float() / 255 - 0.5) / 0.5
    with torch.no_grad():
        chance = theirs(**words, pixel_values=x).logits.sigmoid()
    mask = textmask.cut(chance.reshape(32, 32).numpy(), 0.5, 0.5)
    from studio.core.clip import Clip

    engine.read, before = (lambda source: Clip.picture(pixels)), engine.read
    try:
        ours = one(engine, spec(Source(path="x"), softness=0.5)).clip.array
    finally:
        engine.read = before
    assert np.abs(ours.astype(int) - mask).max() <= 1


def test_threshold_and_softness() -> None:
    chance = np.linspace(0, 1, 101, dtype=np.float32)[None]
    hard = textmask.cut(chance, 0.3, 0)
    assert set(np.unique(hard)) == {0, 255}
    assert (hard[0] == 255).argmax() == 30
    soft = textmask.cut(chance, 0.5, 0.4)[0]
    assert soft[29] == 0
    assert soft[50] in (127, 128)
    assert soft[71] == 255
    assert (np.diff(soft.astype(int)) >= 0).all()
    assert (textmask.cut(chance, 0.7, 0.2) <= textmask.cut(chance, 0.3, 0.2)).all()


def test_an_empty_mask_comes_with_a_note(engine: Engine, image: Source) -> None:
    result = one(engine, spec(image, threshold=0.99, softness=0))
    if not result.clip.array.any():
        assert "Nothing was found for “the red cat”" in result.notes[0]
    assert one(engine, spec(image, threshold=0.01)).notes == ()


def test_long_words_are_cut_with_a_note(engine: Engine, image: Source) -> None:
    notes = one(engine, spec(image, "the red cat on the hill " * 20, threshold=0.01)).notes
    assert notes == ("The words are longer than the model can read; their end was left out.",)


def test_a_user_s_folder_without_a_card(folder: Path, image: Source, tmp_path: Path) -> None:
    import shutil

    shutil.copytree(folder, tmp_path / "My CLIPSeg!")
    (tmp_path / "My CLIPSeg!" / "card.toml").unlink()
    (tmp_path / "My CLIPSeg!" / "preprocessor_config.json").unlink()
    engine = Engine([tmp_path], device="cpu")
    (card,) = engine.cards.values()
    assert (card.family, card.abilities, card.sizes.native) == ("clipseg", ("textmask",), (32, 32))
    assert one(engine, spec(image)).clip.array.shape == (50, 70)


def refused(engine: Engine, request: JobSpec) -> str:
    (*_, last) = engine.run(request)
    assert isinstance(last, Failed)
    assert last.kind == "request"
    assert last.message.endswith(".")
    return last.message


def test_what_cannot_be_done_is_said_in_a_sentence(
    engine: Engine, image: Source, models: Path, tmp_path: Path
) -> None:
    assert refused(engine, spec(image, "  ")).startswith("prompt: is empty")
    assert "does not exist" in refused(engine, spec(Source(path=str(tmp_path / "no.png"))))
    both = Engine([models, *engine.folders], device="cpu")
    request = JobSpec(technique=TextMask(image=image, prompt="cat"), model="tiny-xl")
    assert refused(both, request) == "model: tiny-xl cannot do textmask; choose tiny-mask."
    assert "no installed model can do textmask" in refused(Engine([models], device="cpu"), spec(image))


def test_a_result_is_saved_as_a_grey_picture(engine: Engine, image: Source, tmp_path: Path) -> None:
    from studio.media.results import save_result

    result = one(engine, spec(image))
    path = save_result(result, tmp_path / "out")
    with Image.open(path) as saved:
        assert saved.mode == "L"
        assert np.array_equal(np.array(saved), result.clip.array)
