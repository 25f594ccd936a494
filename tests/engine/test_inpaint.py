"""Filling a mask: what is kept bit for bit, seams, small masks, parity of 9-channel networks, sentences."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image

from studio.bench.tiny import make_tiny_sd
from studio.core.card import Sizes
from studio.core.clip import Clip
from studio.core.job import Failed, Inpaint, JobSpec, Source
from studio.core.region import Rect
from studio.engine.engine import Engine
from studio.engine.masks import mask_of, put_back, seam_of, workplace

from .conftest import one

PROMPT = "the red fox on the hill"


@pytest.fixture(scope="module")
def nine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a random network made for inpainting, without a card."""
    from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel

    from studio.engine.load import quiet

    folder = tmp_path_factory.mktemp("nine")
    make_tiny_sd(folder / "tiny-nine", card=False)
    with quiet():
        config: Any = dict(UNet2DConditionModel.load_config(folder / "tiny-nine" / "unet"))
        config["in_channels"] = 9
        torch.manual_seed(1)
        UNet2DConditionModel.from_config(config).save_pretrained(folder / "tiny-nine" / "unet")
    index = folder / "tiny-nine" / "model_index.json"
    index.write_text(json.dumps(json.loads(index.read_text()) | {"_diffusers_version": "0.42.1"}))
    return folder


def disc(width: int = 64, height: int = 64, radius: float = 16) -> NDArray[np.uint8]:
    y, x = np.mgrid[0:height, 0:width]
    inside = (x - width // 2) ** 2 + (y - height // 2) ** 2 < radius**2
    return np.where(inside, np.uint8(255), np.uint8(0))


def saved(folder: Path, name: str, pixels: NDArray[np.uint8]) -> Source:
    path = folder / f"{name}.png"
    Image.fromarray(pixels).save(path)
    return Source(path=str(path))


def waves(width: int = 64, height: int = 64, channels: int = 3) -> NDArray[np.uint8]:
    y, x = np.mgrid[0:height, 0:width]
    return np.stack([127 + 120 * np.sin(x / 9 + c + y / 7) for c in range(channels)], -1).astype(np.uint8)


def spec(
    folder: Path, mask: NDArray[np.uint8], pixels: NDArray[np.uint8] | None = None, **values: Any
) -> JobSpec:
    pixels = waves() if pixels is None else pixels
    model = values.pop("model", "tiny-sd")
    known = {"prompt": PROMPT, "steps": 3, **values}
    image, painted = saved(folder, "image", pixels), saved(folder, "mask", mask)
    return JobSpec(technique=Inpaint(image=image, mask=painted, **known), model=model, seed=5)


@pytest.mark.parametrize("model", ["tiny-sd", "tiny-xl", "tiny-taesd"])
@pytest.mark.parametrize("strength", [1.0, 0.5])
def test_outside_the_mask_nothing_changes(
    shared_engine: Engine, tmp_path: Path, model: str, strength: float
) -> None:
    mask = disc()
    result = one(shared_engine, spec(tmp_path, mask, model=model, strength=strength)).clip.array
    assert (result[mask == 0] == waves()[mask == 0]).all()
    assert (result[mask == 255] != waves()[mask == 255]).any(axis=-1).mean() > 0.9


def test_the_solver_sees_the_known_picture_outside(
    shared_engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from studio.engine.job import Job

    kept: dict[str, Any] = {}
    run = Job.run

    def spy(self: Job, x: Any, levels: Any, condition: Any, negative: Any, controls: Any) -> Any:
        made = yield from run(self, x, levels, condition, negative, controls)
        kept.update(made=made, control=controls()[0])
        return made

    monkeypatch.setattr(Job, "run", spy)
    for solver in ("ddim", "euler_ancestral", "dpm++2m", "heun"):
        one(shared_engine, spec(tmp_path, disc(), solver=solver, guidance_rescale=0.7))
        free = kept["control"].mask.bool().expand_as(kept["made"])
        assert free.any() and not free.all()
        assert torch.allclose(kept["made"][~free], kept["control"].latent[~free], atol=1e-5)
        assert not torch.allclose(kept["made"][free], kept["control"].latent[free], atol=0.1)


def test_a_small_mask_is_drawn_at_the_models_size_and_put_back(shared_engine: Engine, tmp_path: Path) -> None:
    pixels, mask = waves(200, 150), np.zeros((150, 200), np.uint8)
    mask[100:112, 30:45] = 255
    result = one(shared_engine, spec(tmp_path, mask, pixels)).clip.array
    assert result.shape == pixels.shape
    assert (result[mask == 0] == pixels[mask == 0]).all() and (result != pixels).any()
    place, size = workplace(mask, Sizes(native=(64, 64), min=16, max=256, multiple=16), 0.5)
    assert size == (64, 64) and place.w == place.h == 31 and place.encloses(Rect(30, 100, 15, 12))


def test_workplaces_stay_inside_and_keep_the_models_shape() -> None:
    sizes = Sizes(native=(512, 512), min=256, max=1024, multiple=8)
    corner = np.zeros((3000, 4000), np.uint8)
    corner[:10, -10:] = 255
    place, size = workplace(corner, sizes, 0.5)
    assert place == Rect(4000 - 128, 0, 128, 128) and size == (512, 512)
    whole = np.full((300, 900), 255, np.uint8)
    place, size = workplace(whole, sizes, 0.5)
    assert place == Rect(0, 0, 900, 300) and size == (888, 296)


def test_transparency_is_kept_where_nothing_is_masked(shared_engine: Engine, tmp_path: Path) -> None:
    pixels, mask = waves(64, 64, 4), disc()
    pixels[:32, :, 3] = 0
    pixels[32:, :, 3] = 200
    result = one(shared_engine, spec(tmp_path, mask, pixels)).clip.array
    assert (result[mask == 0] == pixels[mask == 0]).all()
    assert (result[mask == 255][:, 3] == 255).all()


def test_the_seam_lies_inside_the_mask() -> None:
    mask = disc()
    seen = seam_of(mask, 4)
    assert (seen[mask == 0] == 0).all() and seen[32, 32] == 1 and 0 < seen[mask > 0].min() <= 0.25
    assert (seam_of(mask, 0) == mask / np.float32(255)).all()
    old, new = Clip.picture(np.zeros((64, 64, 3), np.uint8)), np.full((64, 64, 3), 200, np.uint8)
    half = np.full((64, 64), 128, np.uint8)
    out = put_back(old, new, Rect(0, 0, 64, 64), half, 1).array
    assert (out == 100).all(), "a grey mask blends"


def test_a_coloured_picture_serves_as_a_mask() -> None:
    picture = Clip.picture(waves())
    white = Clip.picture(np.full((64, 64, 3), 255, np.uint8))
    assert (mask_of(white, picture) == 255).all()


def test_an_inpainting_network_is_found_by_its_channels_and_equals_the_librarys(
    nine: Path, tmp_path: Path
) -> None:
    import diffusers

    from studio.engine.load import quiet

    engine = Engine([nine], device="cpu")
    assert engine.cards["tiny-nine"].abilities == ("inpaint",)
    mask = disc()
    request = spec(
        tmp_path, mask, model="tiny-nine", solver="ddim", spacing="leading", guidance=4.0, negative_prompt="a house",
        context=1.0, seam=0,
    )  # fmt: skip
    ours = one(engine, request).clip.array
    with quiet():
        pipe: Any = diffusers.StableDiffusionInpaintPipeline.from_pretrained(
            nine / "tiny-nine", safety_checker=None, low_cpu_mem_usage=False
        )
    pipe.set_progress_bar_config(disable=True)
    pipe.scheduler = diffusers.DDIMScheduler.from_config(pipe.scheduler.config, timestep_spacing="leading")
    pipe.vae.encode = _mean_encode(pipe.vae.encode)
    theirs = pipe(
        PROMPT,
        image=Image.fromarray(waves()),
        mask_image=Image.fromarray(mask),
        negative_prompt="a house",
        num_inference_steps=3,
        guidance_scale=4.0,
        strength=1.0,
        width=64,
        height=64,
        generator=torch.Generator().manual_seed(5),
        output_type="np",
    ).images[0]
    inside = mask == 255
    assert np.abs(ours[inside].astype(int) - np.rint(theirs[inside] * 255)).max() <= 1
    assert (ours[~inside] == waves()[~inside]).all()
    other = one(
        engine,
        request.model_copy(
            update={
                "technique": request.technique.model_copy(
                    update={"mask": saved(tmp_path, "o", disc(radius=22))}
                )
            }
        ),
    )
    assert (other.clip.array[inside] != ours[inside]).any(), "the network is told the mask"


def _mean_encode(encode: Any) -> Any:
    """The library samples the known latent; the studio takes its mean."""

    def without_sampling(*args: Any, **options: Any) -> Any:
        output = encode(*args, **options)
        output.latent_dist.std.zero_()
        return output

    return without_sampling


def refused(engine: Engine, request: JobSpec) -> str:
    last = list(engine.run(request))[-1]
    assert isinstance(last, Failed) and last.kind == "request", last
    assert last.message.endswith(".")
    return last.message


def test_what_cannot_be_done_is_said_in_a_sentence(shared_engine: Engine, tmp_path: Path) -> None:
    assert "is empty; paint" in refused(shared_engine, spec(tmp_path, disc() * 0))
    assert "make both the same size" in refused(shared_engine, spec(tmp_path, disc(32, 32)))
    no = JobSpec(
        technique=Inpaint(image=Source(path="none.png"), mask=Source(path="none.png")), model="tiny-sd"
    )
    assert "does not exist" in refused(shared_engine, no)
