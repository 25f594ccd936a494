"""What a .safetensors file holds, told by its header alone: names, types and shapes of its tensors, some hundred kilobytes of JSON
before the weights (format: 8 bytes of length, then JSON). Nothing of the weights is read, and no code can be run by it.
"""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from studio.core.job import BadRequest

Kind = Literal["sd1", "sd2", "sdxl"]
LONGEST = 100 << 20
"""Bytes that a header may have, as the format's own reader allows."""
NETWORK = "model.diffusion_model."


@dataclass(frozen=True)
class Weights:
    """A whole model in one file, as other programs keep it (the layout of the original Stable Diffusion code).

    Args:
        kind: Stable Diffusion 1, 2 or XL.
        channels: that the network takes: 4, with a mask and a picture 9, with a picture 8.
        bytes: of the file.
    """

    kind: Kind
    channels: int
    bytes: int


def shapes(path: Path) -> dict[str, list[int]]:
    """Name -> shape of every tensor in the file.

    Raises:
        BadRequest: it is no such file, or only a part of one.
    """
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            start = file.read(8)
            length = struct.unpack("<Q", start)[0] if len(start) == 8 else 0
            if not 2 <= length <= min(LONGEST, size - 8):
                raise ValueError("no header")
            header = json.loads(file.read(length))
        header.pop("__metadata__", None)
        found = {name: list(map(int, about["shape"])) for name, about in header.items()}
        end = max((int(about["data_offsets"][1]) for about in header.values()), default=0)
    except OSError as error:
        raise BadRequest(f"“{path.name}” cannot be read ({error.strerror}); check the file.") from None
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, struct.error):
        raise BadRequest(
            f"“{path.name}” is not a safetensors file, or it is damaged; load it again."
        ) from None
    if size < 8 + length + end:
        missing = (8 + length + end - size) / 2**20
        raise BadRequest(f"“{path.name}” is not complete, {missing:.0f} MB are missing; load it again.")
    return found


def is_adapter(path: Path) -> bool:
    """Whether a file holds corrections of a model's weights (LoRA) instead of a model. Raises BadRequest as `shapes`."""
    return _corrects(shapes(path))


def _corrects(found: dict[str, list[int]]) -> bool:
    return any("lora_" in key or ".lora" in key.lower() for key in found)


def whole_model(path: Path) -> Weights:
    """What one file holds that is to be used as a model.

    Raises:
        BadRequest: it is not a whole model; the sentence says what it is instead and what to do.
    """
    found = shapes(path)
    name = f"“{path.name}”"
    if _corrects(found):
        raise BadRequest(f"{name} is an adapter (LoRA), not a model; name it among the adapters.")
    if any(key.startswith("control_model.") or "controlnet_cond_embedding" in key for key in found):
        raise BadRequest(f"{name} is a ControlNet, not a model; these cannot be used here yet.")
    if any(
        part in key
        for key in found
        for part in ("double_blocks.", "joint_blocks.", "transformer_blocks.0.norm1_context")
    ):
        raise BadRequest(
            f"{name} is a Flux or Stable Diffusion 3 model in one file; drop its folder in the diffusers layout instead."
        )
    if f"{NETWORK}input_blocks.0.0.weight" not in found:
        if any(
            key.startswith(("down_blocks.", "encoder.", "decoder.", "text_model.", "first_stage_model."))
            for key in found
        ):
            raise BadRequest(
                f"{name} is one part of a model alone; drop the folder of the whole model in the diffusers layout."
            )
        if len(found) <= 4:
            raise BadRequest(
                f"{name} is an embedding (textual inversion), not a model; these cannot be used here yet."
            )
        raise BadRequest(
            f"{name} holds a model of a kind that is not known here; drop a folder in the diffusers layout."
        )
    if not any(key.startswith("first_stage_model.decoder.") for key in found):
        raise BadRequest(f"{name} holds no autoencoder; take the whole model instead of the network alone.")
    channels = found[f"{NETWORK}input_blocks.0.0.weight"][1]
    return Weights(_kind(found, name), channels, path.stat().st_size)


def _kind(found: dict[str, list[int]], name: str) -> Kind:
    """By the width of the words that the network looks at, and by the text encoders that are there."""
    if "conditioner.embedders.1.model.token_embedding.weight" in found:
        return "sdxl"
    width = found.get(f"{NETWORK}input_blocks.1.1.transformer_blocks.0.attn2.to_k.weight", [0, 0])[-1]
    if width == 768 and any(key.startswith("cond_stage_model.transformer.") for key in found):
        return "sd1"
    if width == 1024 and any(key.startswith("cond_stage_model.model.") for key in found):
        return "sd2"
    if any(key.startswith("conditioner.") for key in found):
        raise BadRequest(
            f"{name} is the refiner of Stable Diffusion XL, which cannot be used alone; take the base model."
        )
    raise BadRequest(f"{name} holds no text encoder; take the whole model instead of the network alone.")
