"""Adapters: recognised by header and name, laid over by the formula in every layout, and gone again without a trace."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

from studio.bench.tiny import make_tiny_sd
from studio.core.job import Adapter, BadRequest, Failed, Image2Image, JobSpec, Source, Text2Image, read_spec
from studio.engine import adapters
from studio.engine.adapters import Wanted, lay, original_name
from studio.engine.engine import Engine
from studio.engine.load import Model

from .conftest import one

LINEAR = "down_blocks.0.attentions.0.transformer_blocks.0.attn2.to_k"
OUT = "mid_block.attentions.0.transformer_blocks.0.attn1.to_out.0"
CONV = "up_blocks.1.resnets.0.conv1"
TEXT = "encoder.layers.1.self_attn.q_proj"
RANK, ALPHA = 3, 6.0


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    models = tmp_path_factory.mktemp("with-adapters")
    make_tiny_sd(models / "tiny")
    make_tiny_sd(models / "big", width=16, xl=True)
    return models


@pytest.fixture
def engine(folder: Path) -> Engine:
    return Engine([folder], device="cpu")


def warm(engine: Engine, model: str = "tiny") -> Model:
    engine.prepare(model)
    return engine.warm[model]


def layer(model: Model, name: str) -> Any:
    net = model.encoders[0] if name == TEXT else model.unet
    return dict(net.named_modules()).get(name) or dict(net.named_modules())[f"text_model.{name}"]


def halves(model: Model) -> dict[str, tuple[Tensor, Tensor]]:
    """Random A and B for a linear layer, one that comes first of two, a 3 x 3 convolution and a text encoder's layer."""
    torch.manual_seed(5)
    made: dict[str, tuple[Tensor, Tensor]] = {}
    for name in (LINEAR, OUT, CONV, TEXT):
        out, *rest = layer(model, name).weight.shape
        made[name] = torch.randn(RANK, *rest), torch.randn(out, RANK, *(1 for _ in rest[1:]))
    return made


def peft(name: str, a: Tensor, b: Tensor) -> dict[str, Tensor]:
    head = "text_encoder.text_model." if name == TEXT else "unet."
    return {f"{head}{name}.lora_A.weight": a, f"{head}{name}.lora_B.weight": b}


def kohya(name: str, a: Tensor, b: Tensor) -> dict[str, Tensor]:
    head = "lora_te_text_model_" if name == TEXT else "lora_unet_"
    flat = head + name.replace(".", "_")
    alpha = torch.tensor(ALPHA)
    return {f"{flat}.lora_down.weight": a, f"{flat}.lora_up.weight": b, f"{flat}.alpha": alpha}


def old_diffusers(name: str, a: Tensor, b: Tensor) -> dict[str, Tensor]:
    if "attn" not in name or name == TEXT:
        return peft(name, a, b)
    block, _, projection = name.removesuffix(".0").rpartition(".")
    flat = f"unet.{block}.processor.{projection}_lora"
    return {f"{flat}.down.weight": a, f"{flat}.up.weight": b}


def original(name: str, a: Tensor, b: Tensor) -> dict[str, Tensor]:
    names = {
        LINEAR: "lora_unet_input_blocks_1_1_transformer_blocks_0_attn2_to_k",
        OUT: "lora_unet_middle_block_1_transformer_blocks_0_attn1_to_out_0",
        CONV: "lora_unet_output_blocks_2_0_in_layers_2",
        TEXT: f"lora_te1_text_model_{TEXT.replace('.', '_')}",
    }
    alpha = torch.tensor(ALPHA)
    return {
        f"{names[name]}.lora_down.weight": a,
        f"{names[name]}.lora_up.weight": b,
        f"{names[name]}.alpha": alpha,
    }


def written(path: Path, model: Model, layout: Any, about: dict[str, str] | None = None) -> Path:
    tensors: dict[str, Tensor] = {}
    for name, (a, b) in halves(model).items():
        tensors |= layout(name, a, b)
    save_file({name: value.contiguous() for name, value in tensors.items()}, path, about)
    return path


def wanted(path: Path, strength: float) -> list[Wanted]:
    card = adapters.card_of(path)
    assert card
    return [Wanted(card, strength, adapters.fingerprint(path))]


@pytest.mark.parametrize("layout", [peft, kohya, old_diffusers, original])
def test_the_weights_are_the_formulas(engine: Engine, tmp_path: Path, layout: Any) -> None:
    model = warm(engine)
    before = {name: layer(model, name).weight.detach().clone() for name in (LINEAR, OUT, CONV, TEXT)}
    everything = {name: value.clone() for name, value in model.unet.state_dict().items()}
    path = written(tmp_path / "style.safetensors", model, layout)
    share = ALPHA / RANK if layout in (kohya, original) else 1.0
    assert lay(model, wanted(path, 0.7)) == []
    for name, (a, b) in halves(model).items():
        product = torch.einsum("or,r...->o...", b.flatten(1), a)
        torch.testing.assert_close(
            layer(model, name).weight, before[name] + 0.7 * share * product, atol=1e-5, rtol=1e-5
        )
    others = {
        name for name, value in model.unet.state_dict().items() if not torch.equal(value, everything[name])
    }
    assert others == {f"{name}.weight" for name in (LINEAR, OUT, CONV)}
    lay(model, [])
    assert all(torch.equal(value, everything[name]) for name, value in model.unet.state_dict().items())
    assert torch.equal(layer(model, TEXT).weight, before[TEXT]) and not model.originals


def test_alpha_may_be_said_in_the_metadata(engine: Engine, tmp_path: Path) -> None:
    model = warm(engine)
    before = layer(model, LINEAR).weight.detach().clone()
    about = {"lora_adapter_metadata": json.dumps({"unet.r": RANK, "unet.lora_alpha": 12})}
    lay(model, wanted(written(tmp_path / "p.safetensors", model, peft, about), 1.0))
    a, b = halves(model)[LINEAR]
    torch.testing.assert_close(layer(model, LINEAR).weight, before + 4 * b @ a, atol=1e-5, rtol=1e-5)


def test_two_add_up_and_either_may_go(engine: Engine, tmp_path: Path) -> None:
    model = warm(engine)
    before = layer(model, CONV).weight.detach().clone()
    one_path = written(tmp_path / "one.safetensors", model, peft)
    other = tmp_path / "other.safetensors"
    a, b = halves(model)[CONV]
    save_file(kohya(CONV, a.flip(0).contiguous(), b), other)
    both = [*wanted(one_path, 1.0), *wanted(other, -0.5)]
    lay(model, both)
    product = torch.einsum("or,r...->o...", b.flatten(1), a)
    mirrored = torch.einsum("or,r...->o...", b.flatten(1), a.flip(0))
    expected = before + product - 0.5 * ALPHA / RANK * mirrored
    torch.testing.assert_close(layer(model, CONV).weight, expected, atol=1e-4, rtol=1e-4)
    lay(model, both[:1])
    torch.testing.assert_close(layer(model, CONV).weight, before + product, atol=1e-5, rtol=1e-5)


def test_original_names() -> None:
    xl = (True, True, False)
    assert original_name("input_blocks_4_1_proj_in", 2, xl) == "down_blocks_1_attentions_0_proj_in"
    assert original_name("input_blocks_3_0_op", 2, xl) == "down_blocks_0_downsamplers_0_conv"
    assert original_name("output_blocks_2_2_conv", 2, xl) == "up_blocks_0_upsamplers_0_conv"
    assert original_name("output_blocks_8_0_emb_layers_1", 2, xl) == "up_blocks_2_resnets_2_time_emb_proj"
    assert original_name("output_blocks_2_1_conv", 2, (False, True, True)) == "up_blocks_0_upsamplers_0_conv"
    assert original_name("middle_block_2_out_layers_3", 2, xl) == "mid_block_resnets_1_conv2"
    assert original_name("down_blocks_0_resnets_0_conv1", 2, xl) == "down_blocks_0_resnets_0_conv1"


@pytest.mark.parametrize(
    ("name", "kind", "steps"),
    [
        ("lcm-lora-sdv1-5", "LCM", 4),
        ("sdxl_lightning_8step_lora", "Lightning", 8),
        ("Hyper-SD15-8steps-lora", "Hyper", 8),
        ("sd_xl_turbo_lora_v1", "Turbo", 4),
        ("hyper-realistic-skin", "", None),
        ("turbo car", "", None),
        ("my dog", "", None),
    ],
)
def test_kinds_are_told_by_names(
    engine: Engine, tmp_path: Path, name: str, kind: str, steps: int | None
) -> None:
    card = adapters.card_of(written(tmp_path / f"{name}.safetensors", warm(engine), kohya))
    assert card and card.lora and card.lora.kind == kind and card.lora.rank == RANK
    assert card.lora.width == 32 and (card.defaults.steps if card.distilled else None) == steps
    assert card.lora.fits(engine.cards["tiny"]) and not card.lora.fits(engine.cards["big"])


def test_a_request_with_an_adapter_leaves_nothing_behind(engine: Engine, folder: Path) -> None:
    plain = JobSpec(technique=Text2Image(prompt="a fox", steps=3), model="tiny", seed=4)
    before = one(engine, plain).clip.digest()
    path = written(folder / "style.safetensors", warm(engine), kohya)
    try:
        engine.refresh()
        with_it = plain.model_copy(
            update={"technique": plain.technique.model_copy(update={"adapters": (Adapter(name="style"),)})}
        )
        result = one(engine, with_it)
        assert result.clip.digest() != before
        assert result.spec.technique.adapters[0].sha256 == adapters.fingerprint(path)
        assert one(engine, result.spec).clip.digest() == result.clip.digest(), (
            "the same request, the same bits"
        )
        assert one(engine, plain).clip.digest() == before, "and the next one has none of it"
        assert one(engine, result.spec).clip.digest() == result.clip.digest()

        off = result.spec.technique.model_copy(update={"adapters": (Adapter(name="style", strength=0),)})
        assert one(engine, plain.model_copy(update={"technique": off})).clip.digest() == before

        path.write_bytes(path.read_bytes()[:-4] + b"abcd")
        (*_, last) = engine.run(result.spec)
        assert isinstance(last, Failed) and "another one than this request was made with" in last.message
    finally:
        path.unlink(missing_ok=True)


def test_an_adapter_of_few_steps_brings_its_settings(engine: Engine, folder: Path) -> None:
    path = written(folder / "lcm-lora.safetensors", warm(engine), peft)
    try:
        engine.refresh()
        asked = read_spec(
            {"technique": {"name": "text2image", "adapters": ["lcm-lora:0.9"]}, "model": "tiny"}
        )
        t: Any = engine.resolve(asked).technique
        assert (t.steps, t.guidance, t.solver, t.spacing) == (4, 1.0, "lcm", "lcm")
        assert t.adapters[0].strength == 0.9
        own: Any = asked.technique.model_copy(update={"steps": 6, "guidance": 1.5})
        t = engine.resolve(asked.model_copy(update={"technique": own})).technique
        assert (t.steps, t.guidance) == (6, 1.5), "what is said counts"
        assert one(engine, asked).clip.array.shape == (64, 64, 3)
    finally:
        path.unlink()


def test_what_cannot_be_laid_is_said(engine: Engine, folder: Path, tmp_path: Path) -> None:
    def failed(model: str, *names: str) -> str:
        spec = read_spec({"technique": {"name": "text2image", "adapters": list(names)}, "model": model})
        (*_, last) = engine.run(spec)
        assert isinstance(last, Failed) and last.kind == "request"
        return last.message

    assert "absent is not here" in failed("tiny", "absent")
    path = written(folder / "style.safetensors", warm(engine), kohya)
    strange = folder / "strange.safetensors"
    loha = folder / "loha.safetensors"
    try:
        save_file(
            {
                "lora_unet_nothing.lora_down.weight": torch.ones(1, 2),
                "lora_unet_nothing.lora_up.weight": torch.ones(2, 1),
            },
            strange,
        )
        save_file({"lora_unet_mid_block_x.hada_w1_a": torch.ones(2, 2)}, loha)
        engine.refresh()
        assert any("of the kind LoHa" in sentence for sentence in engine.broken)
        assert "fits no part" in failed("tiny", "strange")
        assert "named twice" in failed("tiny", "style", "style")
        assert "another kind of model" in failed("big", "style")
        big = warm(engine, "big")
        assert not big.laid and not big.originals, "as it was"
    finally:
        for made in (path, strange, loha):
            made.unlink(missing_ok=True)


def test_adapters_are_in_the_techniques_that_draw() -> None:
    image = Source(path="x.png")
    assert Image2Image(image=image, adapters=("a", "b:0.25")).adapters[1] == Adapter(name="b", strength=0.25)  # type: ignore[arg-type]
    with pytest.raises(BadRequest, match="strength"):
        read_spec({"technique": {"name": "text2image", "adapters": ["a:9"]}})
