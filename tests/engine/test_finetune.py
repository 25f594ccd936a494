"""Learning one picture: the adapter, Imagic and UniTune, and a base model that comes back bit for bit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from studio.core.job import Failed, Imagic, JobSpec, Preview, Source, Text2Image, UniTune
from studio.engine import finetune
from studio.engine.engine import Engine
from studio.engine.finetune import Adapter, targets

from .conftest import one

FAST: dict[str, Any] = {"prompt": "a blue fox", "steps": 3, "guidance": 3.0, "tuning": 6, "batch": 2}


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finetune, "folder", lambda: tmp_path / "adapters")


def imagic(picture: Source, model: str = "tiny-taesd", **values: Any) -> JobSpec:
    return JobSpec(technique=Imagic(image=picture, **{**FAST, "wording": 4, **values}), model=model)


def unitune(picture: Source, model: str = "tiny-taesd", **values: Any) -> JobSpec:
    return JobSpec(technique=UniTune(image=picture, **{**FAST, **values}), model=model)


def network(engine: Engine, model: str = "tiny-taesd") -> Any:
    engine.prepare(model)
    return engine.warm.fetch(model, 0, lambda: pytest.fail("not warm")).unet


def state(unet: Any) -> tuple[dict[str, torch.Tensor], int]:
    """Weights, and how many hooks and replaced methods there are."""
    hands = sum(len(m._forward_hooks) + ("forward" in vars(m)) for m in unet.modules())
    return {name: value.clone() for name, value in unet.state_dict().items()}, hands


def same(a: tuple[dict[str, torch.Tensor], int], b: tuple[dict[str, torch.Tensor], int]) -> bool:
    return a[1] == b[1] and all(torch.equal(value, b[0][name]) for name, value in a[0].items())


def test_a_fresh_adapter_changes_nothing_and_a_learnt_one_does(shared_engine: Engine) -> None:
    unet = network(shared_engine)
    adapter = Adapter.fresh(unet, seed=0)
    layer = next(iter(targets(unet).values()))
    x = torch.randn(2, layer.in_features)
    plain = layer(x)
    with adapter.on(unet):
        assert torch.equal(layer(x), plain)
        a, b = next(iter(adapter.pairs.values()))
        b += 1
        assert torch.allclose(layer(x), plain + x @ a.T @ b.T, atol=1e-5)
    assert torch.equal(layer(x), plain)


def test_every_attention_and_feed_forward_layer_has_a_part(shared_engine: Engine) -> None:
    names = targets(network(shared_engine))
    for part in ("attn1.to_q", "attn1.to_out.0", "attn2.to_k", "attn2.to_v", ".ff.net.2"):
        assert any(part in name for name in names), part


def test_learning_makes_the_network_predict_the_picture(
    shared_engine: Engine, picture: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    losses: list[float] = []
    real = finetune.train

    def watched(*args: Any, **values: Any) -> Any:
        losses.append((yield from real(*args, **values)))

    monkeypatch.setattr("studio.engine.techniques.unitune.train", watched)
    for tuning in (3, 40):
        one(shared_engine, unitune(picture, tuning=tuning, rate=3e-2))
    assert losses[1] < 0.9 * losses[0]


@pytest.mark.parametrize("model", ["tiny-taesd", "tiny-sd", "tiny-xl"])
def test_the_base_model_comes_back_bit_for_bit(shared_engine: Engine, picture: Source, model: str) -> None:
    unet = network(shared_engine, model)
    plain = JobSpec(technique=Text2Image(prompt="a fox", steps=3), model=model, seed=4)
    before, drawn = state(unet), one(shared_engine, plain).clip.array
    learnt = one(shared_engine, imagic(picture, model)).clip.array
    assert learnt.shape == (64, 64, 3)
    one(shared_engine, unitune(picture, model))
    assert same(before, state(unet))
    assert np.array_equal(one(shared_engine, plain).clip.array, drawn)


@pytest.mark.parametrize("stage", ["finding words", "learning", "drawing"])
def test_cancelling_in_any_stage_leaves_nothing_behind(
    shared_engine: Engine, picture: Source, stage: str
) -> None:
    unet = network(shared_engine)
    before = state(unet)
    events = shared_engine.run(imagic(picture))
    assert any(getattr(event, "stage", "") == stage for event in events)
    events.close()
    assert same(before, state(unet))
    if stage != "drawing":
        assert not list(finetune.folder().glob("*")), "half of what was to be learnt is not kept"


def test_an_error_while_learning_leaves_nothing_behind(
    shared_engine: Engine, picture: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    unet = network(shared_engine)
    before = state(unet)
    monkeypatch.setattr(torch.optim.Adam, "step", lambda self: 1 / 0)
    assert isinstance(list(shared_engine.run(unitune(picture)))[-1], Failed)
    assert same(before, state(unet))


@pytest.mark.parametrize("make", [imagic, unitune])
def test_what_was_learnt_is_used_again(
    shared_engine: Engine, models: Path, picture: Source, make: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = one(shared_engine, make(picture)).clip.array
    (file,) = finetune.folder().glob("*.safetensors")
    assert file.stat().st_size < 2_000_000
    monkeypatch.setattr(
        f"studio.engine.techniques.{make.__name__}.train", lambda *a, **k: pytest.fail("again")
    )
    assert np.array_equal(one(Engine([models], device="cpu"), make(picture)).clip.array, first)
    other = {"interpolation": 0.2} if make is imagic else {"prompt": "a red cat"}
    assert not np.array_equal(one(shared_engine, make(picture, **other)).clip.array, first)


def test_a_damaged_adapter_is_learnt_again(shared_engine: Engine, picture: Source) -> None:
    first = one(shared_engine, unitune(picture)).clip.array
    (file,) = finetune.folder().glob("*.safetensors")
    file.write_bytes(b"nonsense")
    assert np.array_equal(one(shared_engine, unitune(picture)).clip.array, first)


def test_it_shows_what_it_has_learnt_while_it_learns(shared_engine: Engine, picture: Source) -> None:
    shared_engine.prepare("tiny-taesd")
    learning = False
    for event in shared_engine.run(unitune(picture, tuning=30)):
        learning = learning or getattr(event, "stage", "") == "learning"
        if isinstance(event, Preview) and learning:
            break
    else:
        pytest.fail("no preview came while it learnt")


@pytest.mark.parametrize("make", [imagic, unitune])
def test_no_words_are_told(shared_engine: Engine, picture: Source, make: Any) -> None:
    last = list(shared_engine.run(make(picture, prompt="")))[-1]
    assert isinstance(last, Failed)
    assert last.message == "prompt: is empty; say what you want to see."
