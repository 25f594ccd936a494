"""Pipelines of the library behind one request: their pixels, events, previews, cancelling, memory, sentences."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from studio.bench.tiny_films import make_tiny_film
from studio.core.job import Failed, Image2Video, JobSpec, Preview, Progress, Source, Text2Video
from studio.engine import memory, pipelines
from studio.engine.engine import Engine
from studio.engine.load import quiet
from studio.engine.piped import clean

from .conftest import one, results

WORDS = ("wan", "cogvideox", "ltx")
PICTURES = ("svd", "wan-i2v", "ltx")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("films")
    for kind in ("svd", "wan", "wan-i2v", "cogvideox", "ltx"):
        make_tiny_film(place / kind, kind)
    return place


@pytest.fixture(scope="module")
def engine(folder: Path) -> Engine:
    return Engine([folder], device="cpu")


@pytest.fixture(scope="module")
def picture(tmp_path_factory: pytest.TempPathFactory) -> Source:
    path = tmp_path_factory.mktemp("pictures") / "a.png"
    y, x = np.mgrid[0:64, 0:64]
    Image.fromarray(np.stack([x * 4, y * 4, 255 - x * 2 - y * 2], -1).astype(np.uint8)).save(path)
    return Source(path=str(path))


def words(model: str, **more: Any) -> JobSpec:
    given: dict[str, Any] = {
        "prompt": "a fox",
        "width": 64,
        "height": 64,
        "frames": 9,
        "steps": 3,
        "guidance": 3,
    }
    return JobSpec(technique=Text2Video(**{**given, **more}), model=model, seed=5)


def moved(model: str, picture: Source, **more: Any) -> JobSpec:
    given: dict[str, Any] = {"prompt": "a fox", "image": picture, "frames": 5, "steps": 2}
    return JobSpec(technique=Image2Video(**{**given, **more}), model=model, seed=5)


def failed(engine: Engine, request: JobSpec) -> str:
    last = list(engine.run(request))[-1]
    assert isinstance(last, Failed)
    return last.message


def test_folders_say_what_they_can_do(engine: Engine) -> None:
    able = {name: set(card.abilities) for name, card in engine.cards.items()}
    assert able == {
        "svd": {"image2video"},
        "wan": {"text2video"},
        "wan-i2v": {"image2video"},
        "cogvideox": {"text2video"},
        "ltx": {"text2video", "image2video"},
    }
    assert not engine.broken
    assert [engine.cards[name].sizes.multiple for name in ("svd", "wan", "cogvideox", "ltx")] == [
        2,
        16,
        16,
        32,
    ]


@pytest.mark.parametrize("model", WORDS)
def test_pixels_are_the_pipelines_own(engine: Engine, folder: Path, model: str) -> None:
    events = list(engine.run(words(model)))
    (result,) = results(events)
    made = result.clip
    assert made.array.shape == (9, 64, 64, 3)
    assert made.rate == engine.cards[model].film.rate  # type: ignore[union-attr]
    with quiet():
        pipe = pipelines.load(folder / model, torch.float32)
    frames = pipe(
        "a fox", width=64, height=64, num_frames=9, num_inference_steps=3, guidance_scale=3, output_type="np",
        generator=torch.Generator().manual_seed(5),
    ).frames[0]  # fmt: skip
    assert np.abs(made.array.astype(int) - np.rint(np.clip(frames, 0, 1) * 255)).max() <= 1
    steps = [e.step for e in events if isinstance(e, Progress) and e.stage == "drawing"]
    assert steps == [1, 2, 3]
    assert [e for e in events if isinstance(e, Preview)]
    assert all(e.clip.kind == "video" for e in events if isinstance(e, Preview))
    assert one(engine, result.spec).clip.digest() == made.digest()


@pytest.mark.parametrize("model", PICTURES)
def test_a_picture_moves(engine: Engine, picture: Source, model: str) -> None:
    events = list(engine.run(moved(model, picture)))
    (result,) = results(events)
    assert result.clip.array.shape == (5, 64, 64, 3)
    assert any("forecast" in note for note in result.notes)
    other = one(engine, moved(model, picture).model_copy(update={"seed": 6}))
    assert not np.array_equal(other.clip.array, result.clip.array)


def test_both_experts_draw(engine: Engine) -> None:
    engine.prepare("wan")
    pipe, calls = engine.warm["wan"].pipe, []
    hooks = [
        net.register_forward_pre_hook(lambda *_, name=name: calls.append(name))
        for name, net in (("noisy", pipe.transformer), ("clean", pipe.transformer_2))
    ]
    one(engine, words("wan", steps=4, guidance=1))
    for hook in hooks:
        hook.remove()
    assert calls == sorted(calls, reverse=True)  # the noisy levels first
    assert set(calls) == {"noisy", "clean"}


@pytest.mark.parametrize("model", WORDS)
def test_cancelling_ends_within_a_step(engine: Engine, model: str) -> None:
    engine.prepare(model)
    pipe, calls = engine.warm[model].pipe, []
    net = pipe.transformer
    hook = net.register_forward_pre_hook(lambda *_: calls.append(1))
    events = engine.run(words(model, steps=40, guidance=1))
    for event in events:
        if isinstance(event, Progress) and event.stage == "drawing":
            break
    events.close()
    hook.remove()
    assert len(calls) < 20
    assert not [t for t in threading.enumerate() if t.name == "pipeline"]
    assert "step" not in vars(pipe.scheduler)
    assert one(engine, words(model)).clip.array.shape == (9, 64, 64, 3)


def test_what_a_step_says_of_the_clean_latent() -> None:
    from diffusers.schedulers.scheduling_ddim_cogvideox import CogVideoXDDIMScheduler
    from diffusers.schedulers.scheduling_euler_discrete import EulerDiscreteScheduler
    from diffusers.schedulers.scheduling_flow_match_euler_discrete import FlowMatchEulerDiscreteScheduler

    x0, noise = torch.randn(2, 1, 4, 3, 8, 8).unbind(0)
    flow = FlowMatchEulerDiscreteScheduler()
    flow.set_timesteps(4)
    s = flow.sigmas[0]
    x = (1 - s) * x0 + s * noise
    flow.step(noise - x0, flow.timesteps[0], x)
    assert torch.allclose(clean(flow, noise - x0, flow.timesteps[0], x), x0, atol=1e-4)

    euler = EulerDiscreteScheduler(prediction_type="v_prediction")
    euler.set_timesteps(4)
    s = euler.sigmas[0]
    x, v = x0 + s * noise, (noise - s * x0) / (s**2 + 1) ** 0.5
    out = euler.step(v, euler.timesteps[0], x)
    assert torch.allclose(clean(euler, v, euler.timesteps[0], x), out.pred_original_sample, atol=1e-4)

    ddim = CogVideoXDDIMScheduler(prediction_type="v_prediction")
    ddim.set_timesteps(4)
    t = ddim.timesteps[1]
    a = ddim.alphas_cumprod[t]
    x, v = a**0.5 * x0 + (1 - a) ** 0.5 * noise, a**0.5 * noise - (1 - a) ** 0.5 * x0
    assert torch.allclose(clean(ddim, v, t, x), x0, atol=1e-4)


@pytest.mark.parametrize("model", ["svd", *WORDS])
def test_more_frames_and_pixels_are_forecast_to_take_more(engine: Engine, model: str) -> None:
    card = engine.cards[model]
    weights, small = pipelines.forecast(card, 64, 64, 17, torch.float32)
    assert weights == memory.count_parameters(card.folder) * 4
    assert pipelines.forecast(card, 64, 64, 65, torch.float32)[1] > small
    assert 2 * small < pipelines.forecast(card, 128, 128, 17, torch.float32)[1]
    assert pipelines.forecast(card, 64, 64, 17, torch.float16)[0] == weights // 2


def test_what_does_not_fit_is_said_before_anything_is_loaded(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = Engine([folder], device="cpu")
    monkeypatch.setattr(memory, "free", lambda device: 50 << 20)
    assert failed(engine, words("wan", width=1280, height=720, frames=81)).startswith(
        "frames: wan would need about"
    )
    assert not engine.warm


def test_sentences(engine: Engine, picture: Source) -> None:
    assert failed(engine, words("wan", loop=True)).startswith("loop: wan cannot make loops")
    assert failed(engine, moved("svd", picture, end=picture)).startswith(
        "end: svd takes a first picture only"
    )
    assert "takes no words" in " ".join(one(engine, moved("svd", picture)).notes)
    assert failed(engine, moved("wan", picture)).startswith("model: wan cannot do image2video")
