"""Upscaling: exact sizes, no seams, the same bits again, alpha, cancelling, going on, sentences."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from studio.core.job import Failed, JobSpec, Preview, Progress, Source, Text2Image, Upscale
from studio.engine import checkpoint as checkpoints
from studio.engine.engine import Engine
from studio.engine.nets.upscale import UpscaleConfig, UpscaleNet, enlarge
from studio.engine.techniques import upscale

from .conftest import one, results

CARD = """\
id = "tiny-upscale"
title = "Tiny upscale"
family = "upscale"
abilities = ["upscale"]
[sizes]
native = [256, 256]
min = 1
max = 16384
multiple = 1
[defaults]
steps = 2
"""
NOISE = {
    "_class_name": "DDIMScheduler",
    "beta_schedule": "scaled_linear",
    "beta_start": 0.00085,
    "beta_end": 0.012,
    "num_train_timesteps": 1000,
    "prediction_type": "sample",
    "rescale_betas_zero_snr": True,
}


def make_model(folder: Path, strength: float = 0.3) -> Path:
    """A random network; strength 0 leaves the enlargement as it is."""
    torch.manual_seed(0)
    net = UpscaleNet(UpscaleConfig(widths=(16, 32), blocks=1))
    for parameter in (p for p in net.parameters() if not p.any()):
        torch.nn.init.normal_(parameter, std=strength / max(parameter[0].numel(), 9) ** 0.5)
    net.save(folder)
    (folder / "scheduler").mkdir()
    (folder / "scheduler" / "scheduler_config.json").write_text(json.dumps(NOISE))
    (folder / "card.toml").write_text(CARD)
    return folder


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    folder = tmp_path_factory.mktemp("models")
    make_model(folder / "tiny-upscale")
    return Engine([folder], device="cpu")


def picture(folder: Path, width: int, height: int, mode: str = "RGB") -> Source:
    y, x = np.mgrid[0:height, 0:width]
    waves = [127 + 120 * np.sin(x / 5 + c + y / (7 + c)) for c in range(len(mode))]
    path = folder / f"{mode}{width}x{height}.png"
    Image.fromarray(np.stack(waves, -1).astype(np.uint8), mode).save(path)
    return Source(path=str(path))


def spec(image: Source, seed: int = 1, **values: Any) -> JobSpec:
    return JobSpec(technique=Upscale(image=image, **values), seed=seed)


@pytest.mark.parametrize("size", [(33, 17), (1, 1), (3, 70)])
@pytest.mark.parametrize("factor", [2, 4])
def test_the_result_is_exactly_as_many_times_as_large(
    engine: Engine, tmp_path: Path, size: tuple[int, int], factor: Any
) -> None:
    result = one(engine, spec(picture(tmp_path, *size), factor=factor, tile=64))
    assert (result.clip.width, result.clip.height) == (factor * size[0], factor * size[1])
    assert result.spec.technique.steps == 2  # type: ignore[union-attr]


def test_the_same_seed_gives_the_same_bits_and_another_another_picture(
    engine: Engine, tmp_path: Path
) -> None:
    image = picture(tmp_path, 40, 30)
    first = one(engine, spec(image)).clip.array
    assert np.array_equal(first, one(engine, spec(image)).clip.array)
    assert np.abs(first.astype(int) - one(engine, spec(image, seed=2)).clip.array).mean() > 1


@pytest.mark.parametrize("factor", [2, 4])
def test_tiles_leave_no_seam(engine: Engine, tmp_path: Path, factor: Any) -> None:
    image = picture(tmp_path, 100, 90)
    whole = one(engine, spec(image, factor=factor, tile=512)).clip.array.astype(int)
    tiled = one(engine, spec(image, factor=factor, tile=96)).clip.array.astype(int)
    plain = upscale.bicubic(np.array(Image.open(image.path)), 100 * factor, 90 * factor)
    drawn = np.abs(whole - plain).mean()
    assert drawn > 1  # the network does something
    assert np.abs(whole - tiled).max() <= 3
    assert np.abs(whole - tiled).mean() < drawn / 50


def test_twice_as_large_is_the_mean_of_four_times(engine: Engine, tmp_path: Path) -> None:
    image = picture(tmp_path, 40, 30)
    four = one(engine, spec(image, factor=4)).clip.array.astype(float)
    mean = four.reshape(60, 2, 80, 2, 3).mean((1, 3))
    assert np.abs(one(engine, spec(image, factor=2)).clip.array - mean).max() <= 1


def test_noise_belongs_to_its_place() -> None:
    whole = upscale.noise_at(3, "a", 2, -5, -7, 90, 80)
    assert torch.equal(whole[..., 20:60, 33:70], upscale.noise_at(3, "a", 2, 15, 26, 40, 37))
    assert not torch.equal(whole, upscale.noise_at(4, "a", 2, -5, -7, 90, 80))
    assert abs(float(whole.std()) - 1) < 0.03


def test_an_enlarged_part_is_the_part_of_the_enlarged_whole() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (40, 40, 3), np.uint8)
    net = UpscaleNet(UpscaleConfig(widths=(16, 32), blocks=1))
    small = upscale.Small(pixels, net, 0, 0.0)
    whole = enlarge(torch.from_numpy(pixels).permute(2, 0, 1)[None].float() / 127.5 - 1, 4)
    for place in ((0, 0, 160, 160), (64, 32, 96, 64)):
        top, left, h, w = place
        torch.testing.assert_close(
            small.enlarged(place), whole[..., top : top + h, left : left + w], atol=1e-5, rtol=0
        )


def test_a_network_that_adds_nothing_is_bicubic(tmp_path: Path) -> None:
    engine = Engine([make_model(tmp_path / "m", strength=0).parent], device="cpu")
    image = picture(tmp_path, 24, 24)
    made = one(engine, spec(image, factor=4, steps=3)).clip.array.astype(int)
    small = torch.from_numpy(np.array(Image.open(image.path))).permute(2, 0, 1)[None].float()
    plain = enlarge(small, 4)[0].permute(1, 2, 0).clamp(0, 255).round().numpy()
    assert np.abs(made - plain).max() <= 1


def test_transparency_is_kept(engine: Engine, tmp_path: Path) -> None:
    image = picture(tmp_path, 20, 20, "RGBA")
    made = one(engine, spec(image, factor=2)).clip.array
    alpha = Image.open(image.path).getchannel("A").resize((40, 40), Image.Resampling.BICUBIC)
    assert np.array_equal(made[..., 3], np.array(alpha))


def test_cleaning_changes_the_picture_and_is_told_to_the_network(engine: Engine, tmp_path: Path) -> None:
    image = picture(tmp_path, 24, 24)
    seen: list[float] = []
    net = engine._model(engine.cards["tiny-upscale"]).unet
    hook = net.register_forward_pre_hook(lambda module, args: seen.append(float(args[3])))
    try:
        noisy = one(engine, spec(image, cleaning=0.3)).clip.array
    finally:
        hook.remove()
    assert seen == pytest.approx([0.3] * 2)
    assert not np.array_equal(noisy, one(engine, spec(image)).clip.array)


def test_progress_counts_tiles_and_steps_and_previews_sharpen(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("studio.engine.preview.PER_SECOND", 1e9)
    events = list(engine.run(spec(picture(tmp_path, 60, 60), factor=2, tile=96, steps=3)))
    (result,) = results(events)
    drawn = [e for e in events if isinstance(e, Progress) and e.stage == "drawing"]
    tiles = len(upscale.places(240, 240, 96, 8))
    assert [e.step for e in drawn] == list(range(1, 3 * tiles + 1))
    assert {e.total for e in drawn} == {3 * tiles}
    assert drawn[-1].left == 0
    previews = [e.clip.array for e in events if isinstance(e, Preview)]
    assert len(previews) == tiles - 1
    assert np.array_equal(previews[-1][:60, :60], result.clip.array[:60, :60])


def test_a_job_that_was_stopped_goes_on_with_the_same_bits(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoints, "EVERY", 0.0)
    request = spec(picture(tmp_path, 60, 60), factor=2, tile=96)
    straight = one(engine, request).clip.array
    events = engine.run(request, tmp_path / "state")
    for event in events:
        if isinstance(event, Progress) and event.step == 5:
            break
    events.close()
    again = list(engine.run(request, tmp_path / "state"))
    assert next(e.step for e in again if isinstance(e, Progress) and e.stage == "drawing") == 5
    assert np.array_equal(results(again)[0].clip.array, straight)
    assert not (tmp_path / "state").exists()


def test_short_of_memory_the_tiles_become_smaller(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = picture(tmp_path, 100, 90)
    whole = one(engine, spec(image, tile=256)).clip.array.astype(int)
    forward = UpscaleNet.forward

    def hungry(self: UpscaleNet, x: Any, *args: Any) -> Any:
        if x.shape[-1] > 32:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return forward(self, x, *args)

    monkeypatch.setattr(UpscaleNet, "forward", hungry)
    result = one(engine, spec(image, tile=256))
    assert result.notes == ("The picture was drawn in tiles of 128 px, because memory ran out.",)
    assert np.abs(whole - result.clip.array).max() <= 3
    monkeypatch.setattr(UpscaleNet, "forward", lambda *a: (_ for _ in ()).throw(MemoryError()))
    (*_, last) = engine.run(spec(image))
    assert isinstance(last, Failed)
    assert last.kind == "memory"


# --- bad requests -------------------------------------------------------------------------------------------------


def refused(engine: Engine, request: JobSpec) -> str:
    (*_, last) = engine.run(request)
    assert isinstance(last, Failed)
    assert last.kind == "request"
    assert last.message.count(". ") == 0
    assert last.message.endswith(".")
    return last.message


def test_what_cannot_be_done_is_said_in_a_sentence(engine: Engine, tmp_path: Path, models: Path) -> None:
    assert "does not exist" in refused(engine, spec(Source(path=str(tmp_path / "no.png"))))
    Image.new("RGB", (5000, 10)).save(tmp_path / "wide.png")
    assert "larger than 16384" in refused(engine, spec(Source(path=str(tmp_path / "wide.png")), factor=4))
    image = picture(tmp_path, 8, 8)
    both = Engine([models, *engine.folders], device="cpu")
    wrong = JobSpec(technique=Upscale(image=image), model="tiny-sd")
    assert refused(both, wrong) == "model: tiny-sd cannot do upscale; choose tiny-upscale."
    wrong = JobSpec(technique=Text2Image(prompt="a"), model="tiny-upscale")
    assert "tiny-upscale cannot do text2image" in refused(both, wrong)


def test_a_damaged_model_is_said_in_a_sentence(tmp_path: Path) -> None:
    folder = make_model(tmp_path / "m")
    image = picture(tmp_path, 8, 8)
    (folder / "config.json").write_text('{"_class_name": "UpscaleNet", "widths": [48], "blocks": 1}')
    message = refused(Engine([tmp_path], device="cpu"), spec(image))
    assert "install the model again" in message
    (folder / "config.json").write_text("{}")
    assert "another kind of network" in refused(Engine([tmp_path], device="cpu"), spec(image))
