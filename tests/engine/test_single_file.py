"""A whole model in one file, as other programs keep it, draws what its folder draws."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from studio.core.job import BadRequest, Result, read_spec
from studio.engine.engine import Engine
from studio.media.weights import shapes, whole_model

RESNET = {
    "norm1": "in_layers.0", "conv1": "in_layers.2", "time_emb_proj": "emb_layers.1", "norm2": "out_layers.0",
    "conv2": "out_layers.3", "conv_shortcut": "skip_connection",
}  # fmt: skip
UNET = [  # of two levels with one layer each, as the tiny model has
    (r"^conv_in\.", "input_blocks.0.0."), (r"^time_embedding\.linear_1\.", "time_embed.0."),
    (r"^time_embedding\.linear_2\.", "time_embed.2."), (r"^conv_norm_out\.", "out.0."), (r"^conv_out\.", "out.2."),
    (r"^down_blocks\.0\.resnets\.0\.", "input_blocks.1.0."), (r"^down_blocks\.0\.attentions\.0\.", "input_blocks.1.1."),
    (r"^down_blocks\.0\.downsamplers\.0\.conv\.", "input_blocks.2.0.op."),
    (r"^down_blocks\.1\.resnets\.0\.", "input_blocks.3.0."), (r"^down_blocks\.1\.attentions\.0\.", "input_blocks.3.1."),
    (r"^mid_block\.resnets\.0\.", "middle_block.0."), (r"^mid_block\.attentions\.0\.", "middle_block.1."),
    (r"^mid_block\.resnets\.1\.", "middle_block.2."),
    (r"^up_blocks\.0\.resnets\.(\d)\.", r"output_blocks.\1.0."), (r"^up_blocks\.0\.attentions\.(\d)\.", r"output_blocks.\1.1."),
    (r"^up_blocks\.0\.upsamplers\.0\.", "output_blocks.1.2."),
    (r"^up_blocks\.1\.resnets\.0\.", "output_blocks.2.0."), (r"^up_blocks\.1\.attentions\.0\.", "output_blocks.2.1."),
    (r"^up_blocks\.1\.resnets\.1\.", "output_blocks.3.0."), (r"^up_blocks\.1\.attentions\.1\.", "output_blocks.3.1."),
]  # fmt: skip
VAE = [
    (r"down_blocks\.(\d)\.resnets", r"down.\1.block"), (r"down_blocks\.(\d)\.downsamplers\.0", r"down.\1.downsample"),
    (r"mid_block\.resnets\.0", "mid.block_1"), (r"mid_block\.resnets\.1", "mid.block_2"), (r"conv_shortcut", "nin_shortcut"),
    (r"mid_block\.attentions\.0\.group_norm", "mid.attn_1.norm"), (r"mid_block\.attentions\.0\.to_out\.0", "mid.attn_1.proj_out"),
    (r"mid_block\.attentions\.0\.to_", "mid.attn_1."), (r"conv_norm_out", "norm_out"),
]  # fmt: skip


def original(folder: Path) -> dict[str, torch.Tensor]:
    """The tiny model's weights under the names of the original Stable Diffusion code."""
    out: dict[str, torch.Tensor] = {}
    for key, value in load_file(folder / "unet" / "diffusion_pytorch_model.safetensors").items():
        for pattern, to in UNET:
            key = re.sub(pattern, to, key)
        for (
            ours,
            theirs,
        ) in RESNET.items():  # a resnet's own names follow its number at once, a transformer's do not
            key = re.sub(
                rf"((?:input_blocks|output_blocks|middle_block)\.[\d.]+)\b{ours}\.", rf"\1{theirs}.", key
            )
        out["model.diffusion_model." + key] = value
    for key, value in load_file(folder / "vae" / "diffusion_pytorch_model.safetensors").items():
        if "attentions" in key and key.endswith("weight") and value.ndim == 2:
            value = value[:, :, None, None]
        for pattern, to in VAE:
            key = re.sub(pattern, to, key)
        key = re.sub(r"up_blocks\.(\d)\.resnets", lambda m: f"up.{3 - int(m[1])}.block", key)
        key = re.sub(r"up_blocks\.(\d)\.upsamplers\.0", lambda m: f"up.{3 - int(m[1])}.upsample", key)
        out["first_stage_model." + key] = value
    for key, value in load_file(folder / "text_encoder" / "model.safetensors").items():
        out["cond_stage_model.transformer.text_model." + key.removeprefix("text_model.")] = value
    return {key: value.contiguous() for key, value in out.items()}


def drawn(engine: Engine, model: str) -> np.ndarray:
    spec = read_spec(
        {"technique": {"name": "text2image", "prompt": "a red fox", "steps": 3}, "model": model, "seed": 1}
    )
    events = list(engine.run(spec))
    results = [event for event in events if isinstance(event, Result)]
    assert results, events[-1]
    return results[0].clip.array


def test_one_file_draws_what_the_folder_draws(tiny_sd: Path, tmp_path: Path) -> None:
    one = tmp_path / "models" / "one"
    shutil.copytree(tiny_sd, one, ignore=shutil.ignore_patterns("*.safetensors", "card.toml"))
    save_file(original(tiny_sd), one / "my model.safetensors")
    folder = tmp_path / "models" / "parts"
    shutil.copytree(tiny_sd, folder, ignore=shutil.ignore_patterns("card.toml"))
    engine = Engine([tmp_path / "models"])
    assert not engine.broken
    assert np.abs(drawn(engine, "one").astype(int) - drawn(engine, "parts")).max() <= 1


def test_a_file_is_told_by_its_header(tiny_sd: Path, tmp_path: Path) -> None:
    path = tmp_path / "tiny.safetensors"
    save_file(original(tiny_sd), path)
    assert shapes(path)["model.diffusion_model.input_blocks.0.0.weight"] == [8, 4, 3, 3]
    with pytest.raises(
        BadRequest, match="no text encoder"
    ):  # words of 32 numbers are of no kind that is known
        whole_model(path)
    path.write_bytes(path.read_bytes()[:-5000])
    with pytest.raises(BadRequest, match="not complete"):
        whole_model(path)
    save_file({"lora_unet_down.lora_down.weight": torch.zeros(4, 4)}, path)
    with pytest.raises(BadRequest, match="adapter"):
        whole_model(path)
    path.write_bytes(b"PK\x03\x04 not weights at all")
    with pytest.raises(BadRequest, match="not a safetensors file"):
        whole_model(path)
