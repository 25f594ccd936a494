"""Models that draw clips with the picture models' own parts -> their cards and networks.

    animatediff      motion modules on a picture network (Guo et al. 2024): a folder with the library's MotionAdapter alone, laid
                     over a model whose blocks fit, or a whole folder whose unet is a UNetMotionModel
    text-to-video    a whole folder whose unet is a UNet3DConditionModel (ModelScope, Wang et al. 2023)

A folder of motion modules may carry, beside them, what else was trained: text_encoder/, scheduler/, and in unet_changes.safetensors weights
that replace the picture network's of the same names. In ways/ there may be a network that draws how things move (`nets.ways`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from studio.core.card import Defaults, Filming, ModelCard, Sizes
from studio.engine.nets.motion import motion_unet
from studio.engine.nets.ways import WaysNet

FAMILIES = ("animatediff", "text-to-video")
CHANGES = "unet_changes.safetensors"
WAYS = "ways"
"""Folder of a WaysNet."""
CLASSES = {"UNetMotionModel": "animatediff", "UNet3DConditionModel": "text-to-video"}


def is_film(folder: Path) -> bool:
    """Whether a folder without a card holds such a model."""
    return _class_of(folder / "config.json") == "MotionAdapter" or (
        _class_of(folder / "unet" / "config.json") in CLASSES
    )


def card_of(folder: Path) -> ModelCard:
    """A card for a folder that has none; for motion modules `with_bases` finds what they are laid over."""
    adapter = _class_of(folder / "config.json") == "MotionAdapter"
    about = _read(folder / ("config.json" if adapter else "unet/config.json"))
    noise = {} if adapter else _read(folder / "scheduler" / "scheduler_config.json")
    zero_snr = bool(noise.get("rescale_betas_zero_snr"))
    size = about.get("sample_size") or 64
    height, width = size if isinstance(size, list) else (size, size)
    vae = {} if adapter else _read(folder / "vae" / "config.json")
    factor = 2 ** (len(vae.get("block_out_channels") or vae.get("decoder_block_out_channels") or "1234") - 1)
    native = (width * factor, height * factor)
    return ModelCard(
        id=re.sub(r"[^A-Za-z0-9._+-]+", "-", folder.name).lstrip("._+-") or "model",
        title=folder.name,
        family="text-to-video" if CLASSES.get(about["_class_name"]) == "text-to-video" else "animatediff",
        summary="Motion modules of your own." if adapter else "A model of your own.",
        abilities=("text2video",),
        sizes=Sizes(native=native, min=min(64, *native), max=max(2048, *native), multiple=factor),
        defaults=Defaults(spacing="trailing" if zero_snr else "leading"),
        film=Filming(frames=min(16, about.get("motion_max_seq_length", 16))),
        folder=folder,
    )


def with_bases(cards: dict[str, ModelCard], broken: list[str]) -> dict[str, ModelCard]:
    """The cards, each that is laid over another model with that one's folder; those whose base is missing become a sentence in
    `broken`. Motion modules without a card are laid over the first model whose blocks have their widths."""
    found: dict[str, ModelCard] = {}
    for name, card in cards.items():
        adapter = card.family == "animatediff" and _class_of(card.folder / "config.json") == "MotionAdapter"
        if not adapter:
            found[name] = card
            continue
        widths = _read(card.folder / "config.json").get("block_out_channels")
        bases = [
            other
            for other in cards.values()
            if other.family == "stable-diffusion"
            and (other.id == card.base if card.base else _widths(other.folder) == widths)
        ]
        if not bases:
            what = card.base or "a picture model whose blocks have the same widths"
            broken.append(f"model: {card.id} works on {what}, which is not installed; install it too.")
            continue
        base = bases[0]
        more: dict[str, Any] = {"base": base.id, "base_folder": base.folder}
        if not card.base:
            more |= {"sizes": base.sizes, "defaults": base.defaults}
        found[name] = card.model_copy(update=more)
    return found


def network(card: ModelCard, dtype: torch.dtype, picture_network: Callable[[Path], Any]) -> Any:
    """The network of a card, on the CPU.

    Args:
        picture_network: reads the picture network of a folder.

    Raises:
        OSError, ValueError, RuntimeError: the folder does not hold one.
    """
    options: dict[str, Any] = {"use_safetensors": True, "local_files_only": True, "low_cpu_mem_usage": False}
    options["dtype"] = dtype
    if card.family == "text-to-video":
        from diffusers.models.unets.unet_3d_condition import UNet3DConditionModel

        return UNet3DConditionModel.from_pretrained(card.folder / "unet", **options)
    if card.base_folder is None:
        from diffusers.models.unets.unet_motion_model import UNetMotionModel

        return UNetMotionModel.from_pretrained(card.folder / "unet", **options)
    from diffusers.models.unets.unet_motion_model import MotionAdapter
    from safetensors.torch import load_file

    adapter = MotionAdapter.from_pretrained(card.folder, **options)
    changes = load_file(card.folder / CHANGES) if (card.folder / CHANGES).is_file() else None
    return motion_unet(picture_network(card.base_folder), adapter, changes).to(dtype)


def ways(card: ModelCard) -> WaysNet:
    """The network that draws how things move.

    Raises:
        OSError, ValueError, RuntimeError: the folder does not hold one.
    """
    return WaysNet.read(card.folder / WAYS).requires_grad_(False).eval()


def noise_of(card: ModelCard, noise: dict[str, Any]) -> dict[str, Any]:
    """The scheduler's configuration, of the base model's (`noise`) or its own. Motion modules without a card are taken for published
    ones, which were trained on linear betas whatever the picture model was trained on (Guo et al. 2024, appendix)."""
    own = _read(card.folder / "scheduler" / "scheduler_config.json")
    if own or card.base_folder is None:
        return own or noise
    known = (card.folder / "card.toml").is_file() or noise.get("prediction_type", "epsilon") != "epsilon"
    return noise if known else {**noise, "beta_schedule": "linear"}


def _widths(folder: Path) -> Any:
    return _read(folder / "unet" / "config.json").get("block_out_channels")


def _class_of(path: Path) -> str:
    return str(_read(path).get("_class_name", ""))


def _read(path: Path) -> dict[str, Any]:
    try:
        data = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return data if isinstance(data, dict) else {}  # pyright: ignore[reportUnknownVariableType]
