"""A model that lies somewhere is installed: as a note, a link or a copy, or not at all."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import pytest

from studio.core import paths
from studio.core.going import Going, Stopped
from studio.core.job import BadRequest
from studio.media.install import install, plan

NET = "model.diffusion_model."


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("STUDIO_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def weights(path: Path, shapes: dict[str, list[int]]) -> Path:
    """A file with a true header and one byte to a tensor's weights."""
    header = {
        name: {"dtype": "U8", "shape": shape, "data_offsets": [i, i + 1]}
        for i, (name, shape) in enumerate(shapes.items())
    }
    data = json.dumps(header).encode()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(struct.pack("<Q", len(data)) + data + bytes(len(shapes)))
    return path


def checkpoint(
    path: Path, width: int = 768, channels: int = 4, words: str = "cond_stage_model.transformer.x"
) -> Path:
    return weights(
        path,
        {
            f"{NET}input_blocks.0.0.weight": [320, channels, 3, 3],
            f"{NET}input_blocks.1.1.transformer_blocks.0.attn2.to_k.weight": [320, width],
            "first_stage_model.decoder.conv_in.weight": [512, 4, 3, 3],
            words: [1],
        },
    )


def test_one_file_becomes_a_folder_with_the_configuration_of_its_kind(tmp_path: Path) -> None:
    file = checkpoint(tmp_path / "dream v1.safetensors", channels=9)
    wanted = plan(file)
    assert wanted.about == "Stable Diffusion 1" and wanted.bytes == file.stat().st_size
    place = install(wanted, "link")
    assert place == paths.home() / "models" / "dream v1"
    assert (place / file.name).is_symlink() and (place / file.name).read_bytes() == file.read_bytes()
    assert json.loads((place / "unet" / "config.json").read_text())["in_channels"] == 9
    assert (place / "tokenizer" / "vocab.json").is_file()
    again = install(wanted, "copy")
    assert again.name == "dream v1-2" and not (again / file.name).is_symlink()


def test_kinds_are_told_apart(tmp_path: Path) -> None:
    two = checkpoint(tmp_path / "v2-1_768.safetensors", 1024, words="cond_stage_model.model.x")
    base = checkpoint(tmp_path / "512-base.safetensors", 1024, words="cond_stage_model.model.x")
    xl = checkpoint(
        tmp_path / "xl.safetensors", 2048, words="conditioner.embedders.1.model.token_embedding.weight"
    )
    kinds = [plan(path).about for path in (two, base, xl)]
    assert kinds == ["Stable Diffusion 2", "Stable Diffusion 2", "Stable Diffusion XL"]
    told = [
        json.loads((install(plan(path), "link") / "scheduler" / "scheduler_config.json").read_text())[
            "prediction_type"
        ]
        for path in (two, base, xl)
    ]
    assert told == ["v_prediction", "epsilon", "epsilon"]
    assert (paths.home() / "models" / "xl" / "tokenizer_2" / "merges.txt").is_file()


@pytest.mark.parametrize(
    ("shapes", "sentence"),
    [
        ({"control_model.x": [1]}, "ControlNet"),
        ({"double_blocks.0.x": [1]}, "Flux"),
        ({"down_blocks.0.x": [1]}, "one part of a model"),
        ({"emb_params": [1]}, "embedding"),
        ({f"{NET}input_blocks.0.0.weight": [320, 4, 3, 3]}, "no autoencoder"),
    ],
)
def test_what_is_no_whole_model_is_called_by_its_name(tmp_path: Path, shapes: dict, sentence: str) -> None:
    with pytest.raises(BadRequest, match=sentence):
        plan(weights(tmp_path / "x.safetensors", shapes))


def test_pickles_are_refused(tmp_path: Path) -> None:
    (tmp_path / "x.ckpt").write_bytes(b"\x80\x02")
    with pytest.raises(BadRequest, match="may hold code"):
        plan(tmp_path / "x.ckpt")


def folder_of(place: Path) -> Path:
    weights(place / "unet" / "diffusion_pytorch_model.safetensors", {"x": [1]})
    (place / "unet" / "config.json").write_text("{}")
    index = {
        "_class_name": "StableDiffusionPipeline",
        "unet": ["diffusers", "UNet2DConditionModel"],
        "vae": ["diffusers", "V"],
    }
    (place / "model_index.json").write_text(json.dumps(index))
    (place / "vae").mkdir(exist_ok=True)
    return place


def test_a_folder_is_noted_or_copied(tmp_path: Path) -> None:
    place = folder_of(tmp_path / "mine")
    inside = place / "unet" / "diffusion_pytorch_model.safetensors"
    assert plan(inside).source == place  # a part of it stands for the whole
    assert install(plan(place), "link") == place and paths.listed_models() == [place.resolve()]
    copied = install(plan(place), "copy")
    assert copied == paths.home() / "models" / "mine"
    assert (copied / "unet" / inside.name).read_bytes() == inside.read_bytes()
    (place / "vae").rmdir()
    with pytest.raises(BadRequest, match="vae is missing"):
        plan(place)
    inside.unlink()
    with pytest.raises(BadRequest, match="holds no weights"):
        plan(place)


def test_a_stopped_copy_leaves_nothing(tmp_path: Path) -> None:
    going = Going()
    going.stop()
    with pytest.raises(Stopped):
        install(plan(folder_of(tmp_path / "mine")), "copy", going)
    assert list((paths.home() / "models").iterdir()) == []


@pytest.mark.parametrize("how", ["copy", "link"])
def test_an_adapter_lies_among_the_models(tmp_path: Path, home: Path, how: str) -> None:
    file = weights(tmp_path / "ink style.safetensors", {"lora_unet_x.lora_down.weight": [4, 8]})
    wanted = plan(file)
    assert wanted.adapter and "LoRA" in wanted.about
    place = install(wanted, how)  # type: ignore[arg-type]
    assert place == home / "models" / "ink style.safetensors" and place.is_symlink() == (how == "link")
    assert place.read_bytes() == file.read_bytes()
    assert install(wanted, "copy").name == "ink style-2.safetensors"
    assert len(list((home / "models").iterdir())) == 2, "nothing half-made stays"
