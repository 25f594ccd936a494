"""Each recipe makes a model that the studio runs, on a budget of a moment; a second call goes on where the first stopped."""

from __future__ import annotations

import importlib
import json
import sys
import tomllib
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch

from studio.bench.tiny import make_tiny_sd
from studio.core.card import ModelCard
from studio.core.clip import Clip
from studio.core.job import BadRequest, JobSpec, Result, Source
from studio.engine.engine import Engine

RECIPES = Path(__file__).resolve().parents[2] / "models" / "recipes"


@pytest.fixture(scope="module", autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(scope="module")
def recipes() -> Any:
    """Imports a recipe by its name, as a recipe imports another."""
    sys.path.insert(0, str(RECIPES))
    yield importlib.import_module
    sys.path.remove(str(RECIPES))


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


def trained(
    recipe: ModuleType, out: Path, data: Path, monkeypatch: pytest.MonkeyPatch, *options: str
) -> dict[str, Any]:
    """Two calls of a step or more each -> the report."""
    common = ["--out", str(out), "--data", str(data), "--minutes", "0.0005", "--threads", "1", "--batch", "2"]
    monkeypatch.setattr(sys, "argv", [recipe.__name__, *common, *options])
    recipe.main()
    first = json.loads((out / "report.json").read_text())
    recipe.main()
    report = json.loads((out / "report.json").read_text())
    assert report["steps"] > first["steps"] >= 1
    assert np.isfinite(report["loss"])
    assert (out / "sheet.png").exists()
    card = ModelCard.read(out / "model" / "card.toml")
    assert card.scores == report["scores"]
    assert card.training["samples"] == report["samples"]
    assert card.parameters > 1000
    return report


def made(folder: Path, technique: dict[str, Any], picture: Any) -> Result:
    """The model's answer to a request, through the engine."""
    engine = Engine([folder], device="cpu", read=lambda source: Clip.picture(picture))
    spec = JobSpec.model_validate({"technique": {"image": Source(path="x"), **technique}})
    events = list(engine.run(spec))
    (result,) = [event for event in events if isinstance(event, Result)] or [events[-1]]
    assert isinstance(result, Result), result
    return result


PICTURE = np.full((16, 12, 3), 99, np.uint8)


def test_upscale(recipes: Any, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recipe = recipes("upscale")
    monkeypatch.setattr(recipe, "STEPS", 2)
    options = ["--scenes", "4", "--held", "2", "--nouns", "4", "--widths", "16,32"]
    report = trained(recipe, tmp_path, data, monkeypatch, *options)
    for factor in ("x4", "x2"):  # it has learnt nothing, so its single step is about the enlargement
        assert report["scores"][factor]["psnr_bicubic"] > 15
    assert made(tmp_path / "model", {"name": "upscale", "factor": 4}, PICTURE).clip.array.shape == (64, 48, 3)


def test_what_the_upscaler_is_trained_on_fits_together(recipes: Any) -> None:
    recipe, drawn = recipes("upscale"), recipes("drawn")
    for seed in range(3):
        high, low = recipe.make(drawn.world_of("4"), seed)
        m = recipe.MARGIN * recipe.DRAWN
        small = torch.from_numpy(low.copy()).permute(2, 0, 1)[None].float()
        big = recipe.enlarge(small, recipe.DRAWN)[0, :, m:-m, m:-m].permute(1, 2, 0).numpy()
        assert big.shape == high.shape == (128, 128, 3)
        assert np.abs(big - high).mean() < 12  # the same place, to the pixel


def test_mask(recipes: Any, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recipe = recipes("mask")
    options = ["--scenes", "8", "--held", "10", "--nouns", "4", "--width", "48", "--layers", "3"]
    report = trained(recipe, tmp_path, data, monkeypatch, *options)
    assert {"mean_iou", "floor", "absent_left_empty"} <= set(report["scores"])
    result = made(tmp_path / "model", {"name": "textmask", "prompt": "the cat"}, PICTURE)
    assert result.clip.array.shape == (16, 12)

    from transformers import CLIPSegForImageSegmentation, CLIPTokenizer

    net = CLIPSegForImageSegmentation.from_pretrained(tmp_path / "model", dtype=torch.float32).eval()
    words = CLIPTokenizer.from_pretrained(tmp_path / "model")(["the cat", "a dog"], return_tensors="pt")
    x = torch.randn(2, 3, 64, 64)
    with torch.no_grad():  # what is trained is what the library runs
        theirs = net(**words, pixel_values=x).logits
        torch.testing.assert_close(recipe.logits_of(net, x, **{"ids": words["input_ids"]}), theirs)


def test_words_and_masks_say_the_same(recipes: Any) -> None:
    import random

    recipe, world = recipes("mask"), recipes("drawn").world_of("6")
    for seed in range(30):
        picture, masks, scene = recipe.make(world, seed)
        assert picture.shape == (64, 64, 3)
        for kind in recipe.KINDS:
            text, mask, _ = recipe.words_for(scene, masks, world.nouns, random.Random(seed), kind)
            assert mask.shape == (64, 64)
            nouns = [t.noun for t in scene.things]
            if kind == "thing":
                (i,) = [i for i, noun in enumerate(nouns) if noun in text]
                assert np.array_equal(mask, masks[i])
            if kind == "absent":
                assert not mask.any()
                assert not any(noun in text for noun in nouns)
            if kind == "background":
                assert (mask.astype(int) + masks.sum(0) == 255).all()


def test_instruct(recipes: Any, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    base = make_tiny_sd(tmp_path / "base", tiny_vae=True)
    recipe = recipes("instruct")
    options = ["--pairs", "8", "--held", "24", "--nouns", "6", "--steps", "2", "--base", str(base)]
    report = trained(recipe, tmp_path / "out", data, monkeypatch, *options)
    assert report["scores"]["psnr_outside"] > 0
    technique = {"name": "instruct", "prompt": "make the cat blue"}
    assert made(tmp_path / "out" / "model", technique, PICTURE).clip.array.shape == (16, 12, 3)


def test_a_widened_network_draws_what_its_base_draws(recipes: Any, tmp_path: Path) -> None:
    base = make_tiny_sd(tmp_path / "base", tiny_vae=True)
    editor = recipes("instruct").Editor(base)
    from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel

    unet = UNet2DConditionModel.from_pretrained(base / "unet")
    x, extra, t, text = (torch.randn(s) for s in ((1, 16, 8, 8), (1, 16, 8, 8), (1,), (1, 5, 32)))
    with torch.no_grad():
        plain = unet(x, t.abs(), text).sample
        wide = editor.both.unet(torch.cat([x, extra], 1), t.abs(), text).sample
    torch.testing.assert_close(wide, plain, atol=1e-5, rtol=1e-4)


def test_the_true_answer_is_judged_as_carried_out(recipes: Any) -> None:
    """The judge's verdict of a perfect picture, made from the truth."""
    from studio.bench.world import KINDS, World
    from studio.engine.nets.judge import Verdict

    recipe, world = recipes("instruct"), World(8)

    def seen(scene: Any) -> Verdict:
        return Verdict({t.place: (t.noun, t.colour) for t in scene.things}, scene.background, scene.style)

    for kind in KINDS:
        for seed in range(4):
            pair = world.edit(seed, kind)
            before, after = world.render(pair.before), world.render(pair.after)
            assert recipe.carried_out(pair, seen(pair.after), after)
            assert not recipe.carried_out(pair, seen(pair.before), before), (kind, pair.instruction)


def test_cards(recipes: Any, tmp_path: Path) -> None:
    cards = recipes("cards")
    options: dict[str, Any] = dict(
        id="pocket-x", title='A "quoted" \\ title – ü', family="stable-diffusion", summary="One\ntwo",
        abilities=("text2image",), sizes={"native": [64, 64], "multiple": 8}, defaults={"steps": 20, "guidance": 4.0},
        parameters=5, memory_mb=12, training={"recipe": "r", "seconds": 3},
        scores={"psnr": 30.25, "by kind": {"one two": [1, 2.5]}, "none": None},
    )  # fmt: skip
    card = cards.write_card(tmp_path / "m", **options)
    assert card.title == options["title"]
    assert card.summary == "One\ntwo"
    assert card.scores == {"psnr": 30.25, "by kind": {"one two": [1, 2.5]}}
    assert card.defaults.guidance == 4.0
    assert "Apache-2.0" in card.licence
    assert len(card.sources) == 2
    tomllib.loads((tmp_path / "m" / "card.toml").read_text("utf-8"))
    with pytest.raises(BadRequest):
        cards.write_card(tmp_path / "m", **{**options, "family": "unknown"})
    assert ModelCard.read(tmp_path / "m" / "card.toml").family == "stable-diffusion"


def test_batches_are_of_one_shape_and_shapes_come_as_often_as_they_have_pictures(recipes: Any) -> None:
    recipe = recipes("image")
    assert recipe.shapes_of("64x64,96x64") == [(64, 64), (64, 96)]
    drawn = recipe.dealt([30, 10], 5, seed=0)
    got = [next(drawn) for _ in range(400)]
    for shape, index in got:
        assert len(index) == 5 and int(index.max()) < [30, 10][shape]
    assert 0.65 < sum(shape == 0 for shape, _ in got) / 400 < 0.85


def test_pictures_of_several_shapes_are_trained_on(
    recipes: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe, draw = recipes("image"), recipes("common")._draw
    recipes("codec").make().save_pretrained(tmp_path / "codec" / "vae")
    losses: dict[int, float] = {}
    seen: list[tuple[int, ...]] = []

    def scenes(folder: Path, nouns: str, count: int, split: str, size: Any = 64, first: int = 0) -> Any:
        return draw((nouns, list(range(first, first + min(count, 8))), split, size))

    def train(*, model: Any, loss_of: Any, **_: Any) -> tuple[Any, dict[str, Any]]:
        model.unet.register_forward_pre_hook(lambda _, inputs: seen.append(tuple(inputs[0].shape[-2:])))
        losses.update({step: float(loss_of(step).detach()) for step in range(8)})
        return model, {}

    monkeypatch.setattr(recipe, "scenes", scenes)
    monkeypatch.setattr(recipe, "train", train)
    options = [
        "--scenes",
        "16",
        "--nouns",
        "4",
        "--widths",
        "16,32",
        "--shapes",
        "64x64,96x64",
        "--batch",
        "4",
    ]
    monkeypatch.setattr("sys.argv", ["image", "--out", str(tmp_path / "image"), *options])
    recipe.main()
    assert set(seen) == {(8, 8), (8, 12)}
    assert all(np.isfinite(loss) for loss in losses.values())
