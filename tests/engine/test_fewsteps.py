"""Distilled models: recognised, told the guidance scale and the number of steps, and run as the library runs them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel
from diffusers.pipelines.latent_consistency_models.pipeline_latent_consistency_text2img import (
    LatentConsistencyModelPipeline,
)
from diffusers.schedulers.scheduling_lcm import LCMScheduler

from studio.bench import tour
from studio.core.card import Defaults
from studio.core.job import TECHNIQUES, Failed, JobSpec, Prompt2Prompt, Text2Image
from studio.engine import load
from studio.engine.denoiser import guidance_embedding, steps_embedding
from studio.engine.engine import Engine
from studio.engine.fewsteps import recognised

from .conftest import one

DISTILLED = """
[distilled]
steps = [1, 2, 4]
told_steps = true
guidance = [1.0, 8.0]
"""


def make_told(source: Path, folder: Path, card: bool) -> Path:
    """A copy of a tiny model whose network has an input for the guidance scale, with random weights of effect."""
    shutil.copytree(source, folder)
    config = json.loads((folder / "unet" / "config.json").read_text())
    torch.manual_seed(5)
    unet: Any = UNet2DConditionModel.from_config({**config, "time_cond_proj_dim": 16})
    unet.time_embedding.cond_proj.weight.data.normal_()
    unet.save_pretrained(folder / "unet")
    text = (folder / "card.toml").read_text().replace(source.name, folder.name)
    (folder / "card.toml").unlink()
    if card:
        (folder / "card.toml").write_text(text.replace('solver = "dpm++2m"', 'solver = "ddim"') + DISTILLED)
    return folder


@pytest.fixture(scope="module")
def fast(tiny_taesd: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with tiny-taesd and fast-taesd, which is told guidance and steps; the fast one's name comes first."""
    folder = tmp_path_factory.mktemp("fast")
    shutil.copytree(tiny_taesd, folder / "tiny-taesd")
    return make_told(tiny_taesd, folder / "fast-taesd", card=True).parent


@pytest.fixture(scope="module")
def fast_engine(fast: Path) -> Engine:
    return Engine([fast], device="cpu")


def spec(model: str = "fast-taesd", **values: Any) -> JobSpec:
    return JobSpec(technique=Text2Image(prompt="a red fox", **values), model=model, seed=3)


def failure(engine: Engine, request: JobSpec) -> str:
    last = list(engine.run(request))[-1]
    assert isinstance(last, Failed) and last.kind == "request", last
    return last.message


@pytest.mark.parametrize(
    ("name", "unet", "noise", "kind", "steps", "guidance", "solver"),
    [
        ("dreamy", {"time_cond_proj_dim": 256}, {}, "LCM", 4, 8.5, "lcm"),
        ("dreamy", {}, {"_class_name": "LCMScheduler"}, "LCM", 4, 1.0, "lcm"),
        ("a", {"_name_or_path": "latent-consistency/lcm-sdxl"}, {}, "LCM", 4, 1.0, "lcm"),
        ("sdxl_lightning_2step_unet", {}, {}, "Lightning", 2, 1.0, "euler"),
        ("Hyper-SDXL-8steps", {}, {}, "Hyper", 8, 1.0, "ddim"),
        ("sd-turbo", {}, {}, "Turbo", 4, 1.0, "euler_ancestral"),
    ],
)
def test_kinds_are_recognised(
    name: str,
    unet: dict[str, Any],
    noise: dict[str, Any],
    kind: str,
    steps: int,
    guidance: float,
    solver: str,
) -> None:
    few = recognised(name, unet, noise, {})
    assert few is not None and few.kind == kind
    assert (few.defaults.steps, few.defaults.guidance, few.defaults.solver) == (steps, guidance, solver)


@pytest.mark.parametrize("name", ["turbocharged", "stable-diffusion-v1-5", "hyperreal", "model-1000steps"])
def test_ordinary_models_are_not(name: str) -> None:
    assert recognised(name, {"time_cond_proj_dim": None}, {"_class_name": "PNDMScheduler"}, {}) is None


def test_a_folder_without_a_card_runs_as_the_librarys_pipeline(tiny_sd: Path, tmp_path: Path) -> None:
    folder = make_told(tiny_sd, tmp_path / "consistent", card=False)
    noise = json.loads((folder / "scheduler" / "scheduler_config.json").read_text())
    (folder / "scheduler" / "scheduler_config.json").write_text(
        json.dumps({**noise, "_class_name": "LCMScheduler"})
    )
    card = load.card_of(folder)
    assert card.distilled and card.defaults == Defaults(steps=4, guidance=8.5, solver="lcm", spacing="lcm")
    ours = one(Engine([tmp_path], device="cpu"), spec("consistent", guidance=6.0)).clip.array
    model = load.load(card, torch.device("cpu"))
    make: Any = LatentConsistencyModelPipeline  # its annotations do not know that parts may be left out
    pipe = make(
        vae=model.codec.vae,
        text_encoder=model.encoders[0],
        tokenizer=model.tokenizers[0],
        unet=model.unet,
        scheduler=LCMScheduler.from_config(model.noise),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    pipe.set_progress_bar_config(disable=True)
    made: Any = pipe(
        "a red fox",
        num_inference_steps=4,
        guidance_scale=6.0,
        width=64,
        height=64,
        generator=torch.Generator().manual_seed(3),
        output_type="np",
    )
    theirs = made.images[0] * 255
    assert np.abs(ours.astype(float) - theirs).max() <= 1.5
    assert theirs.std() > 3, "a flat picture would prove nothing"


def test_the_scale_and_the_steps_reach_the_network_and_it_is_asked_once_a_step(fast_engine: Engine) -> None:
    one(fast_engine, spec())  # loads
    unet = fast_engine._model(fast_engine.cards["fast-taesd"]).unet
    heard: list[tuple[int, torch.Tensor]] = []
    hook = unet.register_forward_pre_hook(
        lambda _, args, kwargs: heard.append((args[0].shape[0], kwargs["timestep_cond"].clone())),
        with_kwargs=True,
    )
    try:
        one(fast_engine, spec(steps=2, guidance=5.0, guidance_interval=(0.0, 0.5)))
    finally:
        hook.remove()
    assert [batch for batch, _ in heard] == [1, 1]
    for (_, cond), scale in zip(heard, (5.0, 1.0), strict=True):
        expected = guidance_embedding(torch.tensor([scale]), 16) + steps_embedding(torch.tensor([2.0]), 16)
        assert torch.allclose(cond, expected)


def test_guidance_and_steps_change_the_picture(fast_engine: Engine) -> None:
    base = one(fast_engine, spec(guidance=4.0)).clip.array
    assert not np.array_equal(base, one(fast_engine, spec(guidance=2.0)).clip.array)


def test_four_steps_need_not_be_said() -> None:
    assert not steps_embedding(torch.tensor([4.0]), 32).any()
    others = steps_embedding(torch.tensor([1.0, 2.0, 8.0, 16.0]), 33)
    assert others.shape == (4, 33)
    assert torch.cdist(others, others)[~torch.eye(4, dtype=torch.bool)].min() > 0.5


def test_what_it_was_not_taught_is_refused_in_words(fast_engine: Engine) -> None:
    assert "choose one of 1, 2, 4" in failure(fast_engine, spec(steps=3))
    assert "from 1 to 8" in failure(fast_engine, spec(guidance=12.0))


def test_a_negative_prompt_is_said_to_have_no_effect(fast_engine: Engine) -> None:
    plain, negative = one(fast_engine, spec()), one(fast_engine, spec(negative_prompt="blue"))
    assert np.array_equal(plain.clip.array, negative.clip.array)
    assert not plain.notes and "no effect" in negative.notes[0]


def test_an_ordinary_model_goes_first_where_none_is_named(fast_engine: Engine) -> None:
    assert fast_engine.resolve(JobSpec(technique=Text2Image(prompt="a"))).model == "tiny-taesd"


def test_every_technique_for_words_takes_it(
    fast: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    short = {"tuning": 2, "wording": 2, "inner": 1}  # how long anything learns is not the question here
    for name, examples in tour.EXAMPLES.items():
        known = {key: value for key, value in short.items() if key in TECHNIQUES[name].model_fields}
        quick = [{**example, **known, **({"count": 1} if "count" in example else {})} for example in examples]
        monkeypatch.setitem(tour.EXAMPLES, name, quick)
    entries = tour.run(tmp_path, [fast], model="fast-taesd", device="cpu")
    assert {"text2image", "image2image", "inpaint"} <= {entry["technique"] for entry in entries}
    assert not [(entry["technique"], entry["message"]) for entry in entries if not entry["ok"]]


def test_prompt2prompt_says_the_scale_instead_of_guiding_twice(fast_engine: Engine) -> None:
    """With nothing copied it is the plain run under the new words."""
    own = {"source_prompt": "a red fox", "prompt": "a blue fox", "cross": 0.0, "own": 0.0, "blend": 0.0}
    edit = Prompt2Prompt(**own, paste=False, steps=2, guidance=4.0)
    made = one(fast_engine, JobSpec(technique=edit, model="fast-taesd", seed=3)).clip.array
    plain = Text2Image(prompt="a blue fox", steps=2, guidance=4.0, solver="ddim")
    same = one(fast_engine, JobSpec(technique=plain, model="fast-taesd", seed=3)).clip.array
    assert np.abs(made.astype(int) - same).max() <= 1
