"""Models of clips that come as a whole pipeline of the library: their cards, how they are loaded, how much memory a clip will take.

Their transformers see the whole clip at once, squeezed in time too, with text encoders and noise of their own; so the library's pipeline is
asked to draw (`piped`), and the studio's loop stays out of it. What a request, its events, previews and cancelling look like is the same.

    stable-video   from a picture (Blattmann et al. 2023)
    wan            words, or a picture; one expert, or two that share the noise levels (Wan Team 2025)
    cogvideox      words, or a picture (Yang et al. 2024)
    ltx            words, or a picture, with the same weights (HaCohen et al. 2024)
"""

from __future__ import annotations

import importlib
import json
import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from studio.core.card import Defaults, Filming, ModelCard, Sizes
from studio.core.job import BadRequest
from studio.engine import memory

BETWEEN_STEPS = 14
"""Arrays of one token's width that are alive at once in a block of a transformer: the token, its norm, queries, keys, values, what they
give, and four times the width in between."""
DECODING = 6
"""Arrays of a frame at the decoder's first width that are alive at once."""


@dataclass(frozen=True)
class Kind:
    """A family's habits.

    words, picture: the library's pipelines for them; "" = it has none. shared: one folder serves both. every: a clip has a multiple of
    so many frames, and one. The rest is what the pipeline does when it is told nothing.
    """

    module: str
    words: str
    picture: str
    every: int
    frames: int
    rate: float
    native: tuple[int, int]
    steps: int
    guidance: float
    shared: bool = False


KINDS = {
    "stable-video": Kind(
        "stable_video_diffusion", "", "StableVideoDiffusionPipeline", 1, 14, 7, (1024, 576), 25, 3.0
    ),
    "wan": Kind("wan", "WanPipeline", "WanImageToVideoPipeline", 4, 81, 16, (832, 480), 50, 5.0),
    "cogvideox": Kind(
        "cogvideo", "CogVideoXPipeline", "CogVideoXImageToVideoPipeline", 8, 49, 8, (720, 480), 50, 6.0
    ),
    "ltx": Kind("ltx", "LTXPipeline", "LTXImageToVideoPipeline", 8, 161, 25, (704, 512), 50, 3.0, True),
}
FAMILIES = tuple(KINDS)


def family_of(folder: Path) -> str:
    """Which of them a folder holds; "" for none."""
    name = _read(folder / "model_index.json").get("_class_name", "")
    return next((family for family, kind in KINDS.items() if name and name in (kind.words, kind.picture)), "")


def card_of(folder: Path) -> ModelCard:
    """A card for a folder that has none."""
    family = family_of(folder)
    kind, name = KINDS[family], _read(folder / "model_index.json")["_class_name"]
    multiple = _factor(folder) * _patch(folder)
    width, height = (max(side // multiple, 1) * multiple for side in kind.native)
    able = [(kind.words, "text2video"), (kind.picture, "image2video")]
    return ModelCard(
        id=re.sub(r"[^A-Za-z0-9._+-]+", "-", folder.name).lstrip("._+-") or "model",
        title=folder.name,
        family=family,  # type: ignore[arg-type]
        summary="A model of your own. It draws with the solver and the noise levels that it came with.",
        abilities=tuple(ability for cls, ability in able if cls and (cls == name or kind.shared)),
        sizes=Sizes(native=(width, height), min=min(64, width, height), max=2048, multiple=multiple),
        defaults=Defaults(steps=kind.steps, guidance=kind.guidance),
        film=Filming(frames=kind.frames, rate=kind.rate),
        folder=folder,
    )


def weight_files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*/*.safetensors"))


# --- loading ------------------------------------------------------------------------------------------------------


def load(folder: Path, dtype: torch.dtype) -> Any:
    """The pipeline, on the CPU.

    Raises:
        OSError, ValueError, RuntimeError, KeyError: the folder does not hold one.
    """
    index = _read(folder / "model_index.json")
    cls = pipeline_class(family_of(folder), index["_class_name"])
    given: dict[str, Any] = {}
    for name, (library, kind) in ((k, v) for k, v in index.items() if isinstance(v, list) and len(v) == 2):
        if library == "diffusers" and kind and (folder / name / "config.json").is_file():
            part = getattr(importlib.import_module("diffusers"), kind)
            if getattr(part, "_keep_in_fp32_modules", None):
                given[name] = _network(part, folder / name, dtype)
    pipe = cls.from_pretrained(
        folder, **given, dtype=dtype, local_files_only=True, use_safetensors=True, low_cpu_mem_usage=False
    )
    pipe.set_progress_bar_config(disable=True)
    return pipe


def pipeline_class(family: str, name: str) -> Any:
    """A pipeline of the library by its name."""
    module = f"diffusers.pipelines.{KINDS[family].module}"
    cls = getattr(importlib.import_module(module), name)
    if (
        name == "WanImageToVideoPipeline"
    ):  # it cleans its prompt with a package that its sibling can do without
        own, sibling = (
            importlib.import_module(f"{module}.{part}") for part in ("pipeline_wan_i2v", "pipeline_wan")
        )
        if not hasattr(own, "ftfy"):
            setattr(own, "prompt_clean", sibling.prompt_clean)  # noqa: B010
    return cls


def _network(cls: Any, folder: Path, dtype: torch.dtype) -> Any:
    """A network of which some layers stay in float32. (The library reads those only with another package.)"""
    from safetensors.torch import load_file

    net = cls.from_config(cls.load_config(folder, local_files_only=True))
    weights: dict[str, Tensor] = {}
    for path in sorted(folder.glob("*.safetensors")):
        weights |= load_file(path)
    net.load_state_dict(weights)
    net.to(dtype)
    for name, parameter in net.named_parameters():
        if any(part in name.split(".") for part in cls._keep_in_fp32_modules):
            parameter.data = parameter.data.float()
    return net.eval()


# --- latents ------------------------------------------------------------------------------------------------------


class PipedCodec:
    """What a preview needs of a pipeline's autoencoder: the latent of a still picture, as the pipeline's own latents are scaled.

    factor: pixels to a latent pixel. channels: of a latent.
    """

    def __init__(self, pipe: Any) -> None:
        self.vae = pipe.vae
        config = self.vae.config
        self.flat = type(self.vae).__name__ == "AutoencoderKLTemporalDecoder"  # no time in its encoder
        self.factor = int(
            getattr(pipe, "vae_scale_factor_spatial", 0)
            or getattr(pipe, "vae_spatial_compression_ratio", 0)
            or pipe.vae_scale_factor
        )
        self.channels = int(getattr(config, "z_dim", None) or config.latent_channels)
        mean, std = (self._numbers(name) for name in ("latents_mean", "latents_std"))
        self.shift = mean if mean is not None and std is not None else torch.zeros(1)
        self.scale = torch.as_tensor(float(getattr(config, "scaling_factor", None) or 1.0))
        if std is not None:
            self.scale = self.scale / std

    def _numbers(self, name: str) -> Tensor | None:
        """Of each channel, where the autoencoder has them: in its configuration, or beside its weights."""
        found = self.vae.config.get(name)
        found = dict(self.vae.named_buffers()).get(name) if found is None else found
        return None if found is None else torch.as_tensor(found, dtype=torch.float32).flatten().cpu()

    @torch.no_grad()
    def encode(self, picture: NDArray[np.uint8], tile: int = 0) -> Tensor:
        """[H, W, 3] -> [1, C, h, w]"""
        x = torch.from_numpy(picture).permute(2, 0, 1)[None].float().div(127.5).sub(1)
        first = next(self.vae.parameters())
        x = x.to(first.device, first.dtype)
        z = self.vae.encode(x if self.flat else x[:, :, None]).latent_dist.mode().float().cpu()
        z = z if self.flat else z[:, :, 0]
        return (z - self.shift.view(1, -1, 1, 1)) * self.scale.view(1, -1, 1, 1)


# --- memory -------------------------------------------------------------------------------------------------------


def forecast(card: ModelCard, width: int, height: int, frames: int, dtype: torch.dtype) -> tuple[int, int]:
    """Bytes that a clip will take: (the weights, what is worked with beside them at the worst moment)."""
    kind, size = KINDS[card.family], dtype.itemsize
    weights = sum(memory.count_parameters(path) for path in weight_files(card.folder)) * size
    factor = _factor(card.folder)
    slices = frames if kind.every == 1 else math.ceil((frames - 1) / _squeeze(card.folder)) + 1
    h, w = height // factor, width // factor
    net = _denoiser(card.folder)
    if "num_attention_heads" in net and "attention_head_dim" in net:
        tokens = slices * (h // _patch(card.folder)) * (w // _patch(card.folder))
        inside = net["num_attention_heads"] * net["attention_head_dim"]
        halves = 1 if card.family == "wan" else 2  # of guidance, in one batch or one after the other
    else:
        tokens, inside, halves = slices * h * w, (net.get("block_out_channels") or [320])[0], 2
    drawing = tokens * inside * halves * BETWEEN_STEPS * size
    vae = _read(card.folder / "vae" / "config.json")
    base = vae.get("base_dim") or (vae.get("block_out_channels") or [128])[0]
    together = 1 if card.family == "wan" else frames if card.family == "ltx" else min(frames, 8)
    decoding = together * height * width * base * DECODING * size
    result = frames * height * width * 3 * 5  # as floats, and as bytes
    return weights, max(drawing, decoding) + result


def check_memory(
    card: ModelCard, technique: Any, device: torch.device, dtype: torch.dtype, loaded: bool
) -> int:
    """The bytes that a request is going to take.

    Args:
        loaded: the weights are there already.

    Raises:
        BadRequest: more than there is free.
    """
    width, height = (getattr(technique, name, None) for name in ("width", "height"))
    native = card.sizes.native
    weights, work = forecast(
        card, width or native[0], height or native[1], frames_for(card, technique.frames), dtype
    )
    free = memory.free(device)
    if (0 if loaded else weights) + work > free:
        raise BadRequest(
            f"frames: {card.id} would need about {_gigabytes(weights + work)} for this clip, and"
            f" {_gigabytes(free + (weights if loaded else 0))} are free; ask for fewer frames or a smaller size, or close other programs."
        )
    return weights + work


def frames_for(card: ModelCard, frames: int) -> int:
    """The least number of frames that it can draw and that is enough."""
    every = KINDS[card.family].every
    return frames if every == 1 else math.ceil(max(frames - 1, 1) / every) * every + 1


def _gigabytes(count: int) -> str:
    return f"{count / 2**30:.1f} GiB"


# --- configuration ------------------------------------------------------------------------------------------------


def _denoiser(folder: Path) -> dict[str, Any]:
    return _read(folder / "transformer" / "config.json") or _read(folder / "unet" / "config.json")


def _patch(folder: Path) -> int:
    patch = _denoiser(folder).get("patch_size", 1)
    return int(patch[-1] if isinstance(patch, list) else patch)


def _factor(folder: Path) -> int:
    """Pixels to a latent pixel."""
    vae = _read(folder / "vae" / "config.json")
    match vae.get("_class_name"):
        case "AutoencoderKLWan":
            return int(vae.get("scale_factor_spatial") or 8)
        case "AutoencoderKLLTXVideo":
            halvings = sum(vae.get("spatio_temporal_scaling") or (True, True, True))
            return int(vae.get("patch_size") or 4) * 2**halvings
        case _:
            return 2 ** (len(vae.get("block_out_channels") or "1234") - 1)


def _squeeze(folder: Path) -> int:
    """Frames to a latent one."""
    vae = _read(folder / "vae" / "config.json")
    if vae.get("_class_name") == "AutoencoderKLLTXVideo":
        return 2 ** sum(vae.get("spatio_temporal_scaling") or (True, True, True))
    return int(vae.get("scale_factor_temporal") or vae.get("temporal_compression_ratio") or 1)


def _read(path: Path) -> dict[str, Any]:
    try:
        data = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return data if isinstance(data, dict) else {}  # pyright: ignore[reportUnknownVariableType]
