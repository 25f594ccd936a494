"""Techniques: parity with the library's own pipelines, and what each promises."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from studio.core.card import Sizes
from studio.core.job import TECHNIQUES, Image2Image, JobSpec, Source, Text2Image
from studio.engine.controls.economy import LeanAttention, OneByOne, PackedConvolutions
from studio.engine.engine import Engine
from studio.engine.job import guided_steps, slerp
from studio.engine.techniques import recipe
from studio.engine.techniques.image2image import fitting

from .conftest import one

PROMPT = "a red fox on the hill"
SOLVERS = {
    "ddim": "DDIMScheduler",
    "euler": "EulerDiscreteScheduler",
    "euler_ancestral": "EulerAncestralDiscreteScheduler",
    "dpm++2m": "DPMSolverMultistepScheduler",
    "heun": "HeunDiscreteScheduler",
}


def pipeline(folder: Path, kind: str = "") -> Any:
    """The library's own pipeline on the same folder."""
    import diffusers

    from studio.engine.load import quiet

    xl = "XL" if "xl" in folder.name else ""
    extra = {} if xl else {"safety_checker": None}
    with quiet():
        pipe: Any = getattr(diffusers, f"StableDiffusion{xl}{kind}Pipeline").from_pretrained(
            folder, low_cpu_mem_usage=False, **extra
        )
    pipe.set_progress_bar_config(disable=True)
    return pipe


def scheduler(pipe: Any, solver: str, spacing: str, **options: Any) -> Any:
    import diffusers

    return getattr(diffusers, SOLVERS[solver]).from_config(
        pipe.scheduler.config, timestep_spacing=spacing, **options
    )


CASES = [
    *itertools.product(["tiny-sd"], SOLVERS, ["leading", "trailing"]),
    *itertools.product(["tiny-xl"], ["euler", "dpm++2m"], ["trailing"]),
    *itertools.product(["tiny-taesd"], ["ddim", "dpm++2m"], ["trailing"]),
]


@pytest.mark.parametrize(("model", "solver", "spacing"), CASES)
def test_pixels_equal_the_librarys(
    shared_engine: Engine, models: Path, model: str, solver: str, spacing: str
) -> None:
    pipe = pipeline(models / model)
    pipe.scheduler = scheduler(pipe, solver, spacing)
    for negative, rescale in (("", 0.0), ("blue house", 0.7)):
        technique = Text2Image(
            prompt=PROMPT,
            negative_prompt=negative,
            steps=5,
            guidance=3,
            guidance_rescale=rescale,
            solver=solver,  # type: ignore[arg-type]
            spacing=spacing,  # type: ignore[arg-type]
        )
        ours = one(shared_engine, JobSpec(technique=technique, model=model, seed=7)).clip.array
        theirs = pipe(
            PROMPT,
            negative_prompt=negative or None,
            width=64,
            height=64,
            num_inference_steps=5,
            guidance_scale=3,
            guidance_rescale=rescale,
            generator=torch.Generator().manual_seed(7),
            output_type="np",
        ).images[0]
        assert np.abs(ours.astype(int) - np.rint(theirs * 255)).max() <= 1


def test_without_guidance_the_network_sees_one_picture(engine: Engine, models: Path) -> None:
    engine.prepare("tiny-sd")
    network, batches = engine.warm["tiny-sd"].unet, []

    def forward(x: torch.Tensor, *args: Any, **kwargs: Any) -> Any:
        batches.append(len(x))
        return type(network).forward(network, x, *args, **kwargs)

    network.forward = forward
    one(engine, JobSpec(technique=Text2Image(prompt=PROMPT, guidance=1, steps=3), model="tiny-sd"))
    one(engine, JobSpec(technique=Text2Image(prompt=PROMPT, guidance=3, steps=3), model="tiny-sd"))
    interval = Text2Image(prompt=PROMPT, guidance=3, steps=4, guidance_interval=(0.25, 0.75))
    one(engine, JobSpec(technique=interval, model="tiny-sd"))
    assert batches == [1, 1, 1, 2, 2, 2, 1, 2, 2, 1]


def test_guided_steps() -> None:
    assert guided_steps((0, 1), 4) == range(4)
    assert guided_steps((0.5, 1), 4) == range(2, 4)
    assert guided_steps((0, 0.5), 4) == range(2)
    assert guided_steps((0.3, 0.3), 4) == range(0)
    assert guided_steps((0, 1), 1) == range(1)


# --- variations -----------------------------------------------------------------------------------------------------


def test_noise_between_two_seeds_is_noise() -> None:
    a, b = (torch.randn(1, 4, 32, 32, generator=torch.Generator().manual_seed(s)) for s in (1, 2))
    assert torch.allclose(slerp(a, b, 0), a, atol=1e-6)
    assert torch.allclose(slerp(a, b, 1), b, atol=1e-6)
    for share in (0.1, 0.5, 0.9):
        assert slerp(a, b, share).std() == pytest.approx(1, abs=0.03)
    assert torch.equal(slerp(a, a, 0.5), a)


def test_variations_wander_from_one_seed_to_the_other(shared_engine: Engine) -> None:
    def draw(seed: int, variation: float) -> Any:
        technique = Text2Image(prompt=PROMPT, variation=variation, variation_seed=9)
        return one(
            shared_engine, JobSpec(technique=technique, model="tiny-taesd", seed=seed)
        ).clip.array.astype(int)

    start, end = draw(1, 0), draw(9, 0)
    assert np.abs(draw(1, 1) - end).max() <= 1
    away = [np.abs(draw(1, share) - start).mean() for share in (0.0, 0.1, 0.3, 1.0)]
    assert away[0] == 0
    assert away == sorted(away)


# --- picture to picture ---------------------------------------------------------------------------------------------


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    y, x = np.mgrid[0:64, 0:64]
    path = tmp_path / "picture.png"
    Image.fromarray(np.stack([x * 4, y * 4, (x + y) * 2], -1).astype(np.uint8)).save(path)
    return path


@pytest.mark.parametrize("model", ["tiny-sd", "tiny-taesd"])
def test_image2image_equals_the_librarys(
    shared_engine: Engine, models: Path, model: str, picture: Path
) -> None:
    pipe = pipeline(models / model, "Img2Img")
    # Its last step is to the clean level like ours, not to the first training level.
    pipe.scheduler = scheduler(pipe, "ddim", "trailing", set_alpha_to_one=True)
    technique = Image2Image(
        image=Source(path=str(picture)),
        prompt=PROMPT,
        steps=5,
        guidance=3,
        strength=0.6,
        solver="ddim",
        spacing="trailing",
    )
    ours = one(shared_engine, JobSpec(technique=technique, model=model, seed=7)).clip.array
    source = Image.open(picture)
    if model == "tiny-sd":  # the library samples from the encoder; the mean is what ours takes
        mean = (
            shared_engine.warm[model]
            .codec.vae.encode(pipe.image_processor.preprocess(source))
            .latent_dist.mode()
        )
        source = mean * pipe.vae.config.scaling_factor
    theirs = pipe(
        PROMPT,
        image=source,
        strength=0.6,
        num_inference_steps=5,
        guidance_scale=3,
        generator=torch.Generator().manual_seed(7),
        output_type="np",
    ).images[0]
    assert np.abs(ours.astype(int) - np.rint(theirs * 255)).max() <= 1


def test_more_strength_changes_more(shared_engine: Engine, picture: Path) -> None:
    """With guidance of the same noise, the distance from the source's own reconstruction grows with the strength."""
    pictures = []
    for strength in (0.05, 0.3, 0.6, 1.0):
        technique = Image2Image(image=Source(path=str(picture)), steps=20, strength=strength)
        pictures.append(
            one(shared_engine, JobSpec(technique=technique, model="tiny-sd")).clip.array.astype(int)
        )
    away = [np.abs(p - pictures[0]).mean() for p in pictures]
    assert away == sorted(away)
    assert away[-1] > away[1] > 0


@pytest.mark.parametrize(
    ("size", "expected"), [((100, 60), (96, 64)), ((640, 640), (256, 256)), ((10, 30), (16, 48))]
)
def test_the_result_has_the_sources_proportions(
    shared_engine: Engine, tmp_path: Path, size: tuple[int, int], expected: tuple[int, int]
) -> None:
    path = tmp_path / "picture.png"
    Image.new("RGBA", size, (10, 20, 30, 128)).save(path)
    technique = Image2Image(image=Source(path=str(path)), steps=1)
    clip = one(shared_engine, JobSpec(technique=technique, model="tiny-sd")).clip
    assert (clip.width, clip.height) == expected


def test_fitting_keeps_to_what_the_card_allows() -> None:
    sizes = Sizes(native=(512, 512), min=256, max=1024, multiple=64)
    for width, height in itertools.product((1, 63, 300, 512, 999, 5000), repeat=2):
        sizes.check(*fitting(sizes, width, height))


# --- economy --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", ["tiny-sd", "tiny-xl"])
def test_lean_attention_does_not_change_the_prediction(engine: Engine, model: str) -> None:
    engine.prepare(model)
    network = engine.warm[model].unet
    text = torch.randn(2, 77, network.config.cross_attention_dim)
    x, t = torch.randn(2, 4, 8, 8), torch.tensor([500.0, 500.0])
    added = {"text_embeds": torch.randn(2, 32), "time_ids": torch.full((2, 6), 64.0)}

    def predict(hidden: torch.Tensor) -> torch.Tensor:
        with torch.no_grad():
            return network(x, t, encoder_hidden_states=hidden, added_cond_kwargs=added).sample

    plain, other = predict(text), predict(text * 2)
    before = dict(network.attn_processors)
    with LeanAttention(network).attach():
        assert network.attn_processors != before
        for hidden, expected in ((text, plain), (text, plain), (text * 2, other), (text, plain)):
            assert torch.allclose(predict(hidden), expected, atol=1e-5)
    assert network.attn_processors == before


@pytest.mark.parametrize("size", [8, 16])
def test_packed_convolutions_do_not_change_the_prediction(engine: Engine, size: int) -> None:
    engine.prepare("tiny-sd")
    network, kept = engine.warm["tiny-sd"].unet, {}
    text = torch.randn(2, 77, network.config.cross_attention_dim)
    pictures = [torch.randn(b, 4, size, size) for b in (2, 1, 2)]

    def predict(x: torch.Tensor) -> torch.Tensor:
        with torch.no_grad():
            return network(x, torch.full((len(x),), 500.0), encoder_hidden_states=text[: len(x)]).sample

    plain = [predict(x) for x in pictures]
    with PackedConvolutions(network, size * size, kept).attach():
        packed = [predict(x) for x in pictures]
    assert all(torch.allclose(a, b, atol=1e-5) for a, b in zip(plain, packed, strict=True))
    network.conv_in.weight.data.mul_(2)  # as training and merging do
    doubled = predict(pictures[0])
    with PackedConvolutions(network, size * size, kept).attach():
        assert torch.allclose(doubled, predict(pictures[0]), atol=1e-5)
    assert not any("forward" in vars(module) for module in network.modules())
    for useless in (PackedConvolutions(network, 64 * 64), PackedConvolutions(network.half(), 64)):
        with useless.attach():
            assert not any("forward" in vars(module) for module in network.modules())


def test_one_by_one_is_the_same_function(shared_engine: Engine) -> None:
    from studio.engine.condition import Condition
    from studio.engine.schedule import Level

    def denoiser(x: torch.Tensor, level: Level, condition: Condition, /) -> torch.Tensor:
        assert x.shape[0] == condition.batch == 1
        return x * condition.hidden.mean() + condition.extra["size"][:, :, None, None]

    x = torch.randn(3, 1, 2, 2)
    condition = Condition(torch.randn(3, 4, 5), extra={"size": torch.randn(3, 1)})
    out = OneByOne().wrap(denoiser)(x, Level(0, 1, 1), condition)
    means = condition.hidden.mean(dim=(1, 2))[:, None, None, None]
    assert torch.allclose(out, x * means + condition.extra["size"][:, :, None, None], atol=1e-6)


def test_every_technique_has_its_recipe() -> None:
    for name in TECHNIQUES:
        assert callable(recipe(name))
