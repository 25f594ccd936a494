"""Folders of every allowed shape load; everything else gets one sentence."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from studio.bench.tiny import make_tiny_sd
from studio.core.job import BadRequest
from studio.engine import load, memory

CPU = torch.device("cpu")


def test_a_folder_without_a_card_gets_one_from_its_configuration(
    tiny_sd: Path, tiny_taesd: Path, tmp_path: Path
) -> None:
    for source, rescale in ((tiny_sd, 0.0), (tiny_taesd, 0.7)):
        folder = tmp_path / f"my own {source.name}"
        shutil.copytree(source, folder)
        (folder / "card.toml").unlink()
        cards, broken = load.find_models(tmp_path)
        card = cards[f"my-own-{source.name}"]
        assert not broken
        assert card.family == "stable-diffusion"
        assert card.abilities == ("text2image", "inpaint", "distill", "edit-video")
        assert card.sizes.native == (64, 64)
        assert card.sizes.multiple == 8
        assert card.defaults.guidance_rescale == rescale


def test_an_xl_folder_is_recognised(tiny_xl: Path, tmp_path: Path) -> None:
    folder = tmp_path / "xl"
    shutil.copytree(tiny_xl, folder)
    (folder / "card.toml").unlink()
    assert load.card_of(folder).family == "stable-diffusion-xl"
    assert len(load.load(load.card_of(folder), CPU).encoders) == 2


def test_a_folder_may_be_a_model_itself(tiny_sd: Path) -> None:
    assert list(load.find_models(tiny_sd)[0]) == ["tiny-sd"]


def test_folders_that_are_no_models_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / "holiday pictures").mkdir()
    assert load.find_models(tmp_path, tmp_path / "does not exist") == ({}, [])


def test_a_model_of_another_kind_is_named_and_left_out(tmp_path: Path) -> None:
    folder = tmp_path / "other"
    for part in ("unet", "vae", "scheduler"):
        (folder / part).mkdir(parents=True)
    (folder / "unet" / "config.json").write_text('{"_class_name": "UNetSpatioTemporalConditionModel"}')
    (folder / "vae" / "config.json").write_text("{}")
    (folder / "scheduler" / "scheduler_config.json").write_text("{}")
    cards, broken = load.find_models(tmp_path)
    assert not cards
    assert "UNetSpatioTemporalConditionModel" in broken[0]


def test_the_size_is_known_before_loading(tiny_sd: Path) -> None:
    card = load.find_models(tiny_sd)[0]["tiny-sd"]
    model = load.load(card, CPU)
    nets = [net for group in model.networks().values() for net in group]
    real = sum(p.numel() * p.element_size() for net in nets for p in net.parameters())
    assert load.need(card, torch.float32) == pytest.approx(real, rel=0.01)
    assert load.need(card, torch.float16) * 2 == load.need(card, torch.float32)


def damaged_truncated(folder: Path) -> None:
    path = next((folder / "unet").glob("*.safetensors"))
    path.write_bytes(path.read_bytes()[:-100])


def damaged_header(folder: Path) -> None:
    next((folder / "unet").glob("*.safetensors")).write_bytes(b"\xff" * 64)


def damaged_missing(folder: Path) -> None:
    next((folder / "text_encoder").glob("*.safetensors")).unlink()


def damaged_config(folder: Path) -> None:
    (folder / "scheduler" / "scheduler_config.json").write_text("{not json")


def damaged_pickle(folder: Path) -> None:
    for path in folder.rglob("*.safetensors"):
        path.rename(path.with_name("pytorch_model.bin"))


@pytest.mark.parametrize(
    "harm", [damaged_truncated, damaged_header, damaged_missing, damaged_config, damaged_pickle]
)
def test_damaged_models_get_a_sentence(harm, tiny_sd: Path, tmp_path: Path) -> None:
    folder = tmp_path / "broken"
    shutil.copytree(tiny_sd, folder)
    harm(folder)
    card = load.find_models(tmp_path)[0]["tiny-sd"]
    with pytest.raises(BadRequest, match="install the model again") as caught:
        load.load(card, CPU)
    assert str(caught.value).count("\n") == 0


def test_loading_is_quiet_and_leaves_logging_as_it_was(
    tiny_sd: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    import logging

    levels = [logging.getLogger(name).level for name in ("diffusers", "transformers")]
    load.load(load.find_models(tiny_sd)[0]["tiny-sd"], CPU)
    assert [logging.getLogger(name).level for name in ("diffusers", "transformers")] == levels
    shown = capfd.readouterr()
    assert shown.out == shown.err == ""


def test_the_engine_module_does_not_import_the_model_libraries() -> None:
    code = "import sys, studio.engine.engine; print([m for m in ('diffusers', 'transformers', 'PIL.Image') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_headers_of_broken_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.safetensors"
    for content in (b"", b"1234", b"\x10\0\0\0\0\0\0\0{}", b"\xff" * 100):
        path.write_bytes(content)
        with pytest.raises(ValueError):
            memory.header(path)


def test_the_builder_is_quick_and_repeatable(tmp_path: Path) -> None:
    a, b = make_tiny_sd(tmp_path / "a"), make_tiny_sd(tmp_path / "b")
    for path in sorted(a.rglob("*.safetensors")):
        assert path.read_bytes() == (b / path.relative_to(a)).read_bytes()
    assert json.loads((a / "model_index.json").read_text())["unet"] == ["diffusers", "UNet2DConditionModel"]
