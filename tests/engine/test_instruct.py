"""Edits by instruction: parity with the library's pipeline, sizes, guidance that is off, notes, sentences."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from studio.bench.tiny import make_tiny_sd
from studio.core.clip import Clip
from studio.core.job import Failed, Instruct, JobSpec, Source
from studio.engine import place
from studio.engine.condition import Condition
from studio.engine.engine import Engine
from studio.engine.job import Job
from studio.engine.sample import sample
from studio.engine.techniques import instruct

from .conftest import one

PROMPT = "the red fox on the hill"


def widen(folder: Path) -> Path:
    """A tiny Stable Diffusion with twice the input channels."""
    from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel

    from studio.engine.load import quiet

    with quiet():
        config: Any = dict(UNet2DConditionModel.load_config(folder / "unet"))
        config["in_channels"] *= 2
        torch.manual_seed(1)
        UNet2DConditionModel.from_config(config).save_pretrained(folder / "unet")
    card = folder / "card.toml"
    card.write_text(card.read_text().replace('"text2image"', '"instruct"'))
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    widen(make_tiny_sd(folder / "tiny-instruct"))
    widen(make_tiny_sd(folder / "tiny-v", tiny_vae=True))
    return folder


@pytest.fixture(scope="module")
def engine(folder: Path) -> Engine:
    return Engine([folder], device="cpu")


def picture(folder: Path, width: int = 64, height: int = 64, mode: str = "RGB") -> Source:
    y, x = np.mgrid[0:height, 0:width]
    waves = [127 + 120 * np.sin(x / 9 + c + y / 7) for c in range(len(mode))]
    path = folder / f"{mode}{width}x{height}.png"
    Image.fromarray(np.stack(waves, -1).astype(np.uint8), mode).save(path)
    return Source(path=str(path))


def spec(image: Source, model: str = "tiny-instruct", seed: int = 5, **values: Any) -> JobSpec:
    technique = Instruct(image=image, **{"prompt": PROMPT, "steps": 3, **values})
    return JobSpec(technique=technique, model=model, seed=seed)


def test_what_does_not_change_is_the_sources_own(engine: Engine, tmp_path: Path) -> None:
    image = picture(tmp_path)
    source = np.asarray(Image.open(image.path)).astype(int)
    pasted = one(engine, spec(image, image_guidance=1.5)).clip.array.astype(int)
    drawn = one(engine, spec(image, image_guidance=1.5, paste=False)).clip.array.astype(int)
    # an untrained network changes much, so not every picture has a part that stays; none may be further from the source
    assert np.abs(pasted - source).mean() <= np.abs(drawn - source).mean()


def test_outside_of_the_place_every_pixel_is_the_sources(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = picture(tmp_path)
    left = np.zeros((64, 64), np.uint8)
    left[:, :24] = 255
    monkeypatch.setattr(place, "cut", lambda difference, threshold: left)
    made, source = one(engine, spec(image)).clip.array, np.asarray(Image.open(image.path))
    assert np.array_equal(made[:, 26:], source[:, 26:])
    assert not np.array_equal(made[:, :24], source[:, :24])


def test_pixels_equal_the_librarys(engine: Engine, folder: Path, tmp_path: Path) -> None:
    import diffusers

    from studio.engine.load import quiet

    image = picture(tmp_path)
    with quiet():
        pipe: Any = diffusers.StableDiffusionInstructPix2PixPipeline.from_pretrained(
            folder / "tiny-instruct", safety_checker=None, low_cpu_mem_usage=False
        )
    pipe.set_progress_bar_config(disable=True)
    pipe.scheduler = diffusers.DDIMScheduler.from_config(pipe.scheduler.config, timestep_spacing="leading")
    for guidance, image_guidance in ((7.5, 1.5), (3.0, 2.2)):
        options = {
            "guidance": guidance,
            "image_guidance": image_guidance,
            "negative_prompt": "a house",
            "paste": False,
        }
        ours = one(engine, spec(image, solver="ddim", spacing="leading", **options)).clip.array
        theirs = pipe(
            PROMPT,
            image=Image.open(image.path),
            negative_prompt="a house",
            num_inference_steps=3,
            guidance_scale=guidance,
            image_guidance_scale=image_guidance,
            generator=torch.Generator().manual_seed(5),
            output_type="np",
        ).images[0]
        assert np.abs(ours.astype(int) - np.rint(theirs * 255)).max() <= 1


def test_without_guidance_it_is_plain_sampling(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = picture(tmp_path)
    kept: dict[str, Any] = {}
    run = Job.run

    def spy(self: Job, x: Any, levels: Any, condition: Condition, negative: Any, *args: Any) -> Any:
        kept.update(job=self, x=x, levels=levels, condition=condition, step=self.solver())
        made = yield from run(self, x, levels, condition, negative, *args)
        kept["made"] = made
        return made

    monkeypatch.setattr(Job, "run", spy)
    one(engine, spec(image, guidance=1, image_guidance=1))
    # the network as it is, with neither guidance nor any other hand on it
    (*_, last) = sample(kept["job"].denoiser(), kept["x"], kept["levels"], kept["step"], kept["condition"])
    torch.testing.assert_close(last.x, kept["made"], atol=1e-4, rtol=1e-4)
    one(engine, spec(image, guidance=1, image_guidance=2))
    assert not torch.allclose(last.x, kept["made"], atol=1e-2)


@pytest.mark.parametrize("model", ["tiny-instruct", "tiny-v"])
@pytest.mark.parametrize("size", [(64, 64), (50, 70), (300, 33)])
def test_the_result_has_the_source_s_size(
    engine: Engine, tmp_path: Path, model: str, size: tuple[int, int]
) -> None:
    result = one(engine, spec(picture(tmp_path, *size), model))
    assert (result.clip.width, result.clip.height) == size
    if size == (300, 33):  # at most 256 px here, and a side is at least 16
        assert result.notes[0].startswith("The picture was changed at 256 x 32 px")


def test_transparency_is_kept(engine: Engine, tmp_path: Path) -> None:
    image = picture(tmp_path, mode="RGBA")
    made = one(engine, spec(image)).clip.array
    assert np.array_equal(made[..., 3], np.array(Image.open(image.path))[..., 3])


def test_the_same_seed_gives_the_same_bits(engine: Engine, tmp_path: Path) -> None:
    image = picture(tmp_path)
    first = one(engine, spec(image)).clip.digest()
    assert first == one(engine, spec(image)).clip.digest()
    assert first != one(engine, spec(image, seed=6)).clip.digest()


def test_a_result_that_equals_the_picture_comes_with_a_note(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = picture(tmp_path)
    assert one(engine, spec(image)).notes == ()
    pixels = np.array(Image.open(image.path))
    noisy = np.clip(pixels + np.random.default_rng(0).normal(0, 4, pixels.shape), 0, 255).astype(np.uint8)

    def decode(self: Job, latent: Any) -> Any:
        yield from ()
        return Clip.picture(noisy)

    monkeypatch.setattr(Job, "decode", decode)
    assert one(engine, spec(image)).notes[0].startswith("Nearly nothing changed.")


def test_unchanged() -> None:
    a = np.full((40, 40, 3), 100, np.uint8)
    b = a.copy()
    b[:8, :8, 2] = 160
    assert instruct.unchanged(a, a)
    assert not instruct.unchanged(a, b)
    assert instruct.unchanged(a[:2, :3], a[:2, :3])


def test_a_folder_without_a_card_is_recognised(folder: Path, tmp_path: Path) -> None:
    import shutil

    shutil.copytree(folder / "tiny-instruct", tmp_path / "edits")
    (tmp_path / "edits" / "card.toml").unlink()
    assert Engine([tmp_path], device="cpu").cards["edits"].abilities == ("instruct", "edit-video")


def refused(engine: Engine, request: JobSpec) -> str:
    (*_, last) = engine.run(request)
    assert isinstance(last, Failed)
    assert last.kind == "request"
    assert last.message.endswith(".")
    return last.message


def test_what_cannot_be_done_is_said_in_a_sentence(
    engine: Engine, folder: Path, models: Path, tmp_path: Path
) -> None:
    image = picture(tmp_path)
    assert "does not exist" in refused(engine, spec(Source(path=str(tmp_path / "no.png"))))
    both = Engine([models, folder], device="cpu")
    message = refused(both, spec(image, "tiny-sd"))
    assert message == "model: tiny-sd cannot do instruct; choose tiny-instruct or tiny-v."
    both.cards["tiny-sd"] = both.cards["tiny-sd"].model_copy(update={"abilities": ("instruct",)})
    assert "takes no picture beside its noise" in refused(both, spec(image, "tiny-sd"))
