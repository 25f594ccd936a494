"""Larger models of music in the layouts of their libraries: what a folder holds, its card, how it is loaded.

    riffusion         a Stable Diffusion whose pictures are spectrograms (Forsgren & Martiros 2022); known by its folder's name
    musicldm          latent diffusion of mel spectrograms under CLAP's words (Chen et al. 2023)
    audioldm2         the same under a language model's words (Liu et al. 2023)
    stable-audio      a transformer on latents of the waveform (Evans et al. 2024)
    ace-step          the same with lyrics, in few steps (Gong et al. 2025)
    dance-diffusion   no words: the waveform itself (Evans 2022)
    musicgen          no diffusion: a language model of sound codes, with a melody where it was taught one (Copet et al. 2023)

The library calls its pipelines of MusicLDM and Dance Diffusion deprecated, so only its networks are used and the studio's own loop walks;
so it is with Riffusion. The others are asked to play by the library's pipeline, or by the model's own `generate` (`played`).
AudioLDM, MusicLDM's predecessor, is left out: its pipeline is deprecated too, and MusicLDM follows it in all but the training.
"""

from __future__ import annotations

import importlib
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import torch
from torch import nn

from studio.core.card import Defaults, ModelCard, Sizes
from studio.core.job import BadRequest, Solver


@dataclass(frozen=True)
class Kind:
    """A family's habits.

    name: `_class_name` in model_index.json, or `model_type` in config.json. longest: seconds that it was taught, 0 = its
    configuration says. solver: where the studio's loop walks.
    """

    name: str
    steps: int
    guidance: float
    longest: float = 0.0
    solver: Solver = "dpm++2m"
    module: str = ""
    words: bool = True


KINDS = {
    "musicldm": Kind("MusicLDMPipeline", 50, 2.0, 30.0, "ddim"),
    "audioldm2": Kind("AudioLDM2Pipeline", 100, 3.5, 30.0, module="audioldm2"),
    "stable-audio": Kind("StableAudioPipeline", 100, 7.0, module="stable_audio"),
    "ace-step": Kind("AceStepPipeline", 8, 7.0, 240.0, module="ace_step"),
    "dance-diffusion": Kind("DanceDiffusionPipeline", 100, 1.0, 60.0, "ddim", words=False),
    "musicgen": Kind("musicgen", 1, 3.0, 30.0),
    "musicgen-melody": Kind("musicgen_melody", 1, 3.0, 30.0),
}
RIFFUSION = "riffusion"
RIFFUSION_PICTURE = 512
FAMILIES = tuple(KINDS)
"""Without Riffusion, which is loaded as the Stable Diffusion that it is."""


def family_of(folder: Path) -> str:
    """Which of them a folder holds; "" for none."""
    index = _read(folder / "model_index.json").get("_class_name")
    named = index or _read(folder / "config.json").get("model_type")
    found = next((family for family, kind in KINDS.items() if kind.name == named), "")
    if not found and RIFFUSION in folder.name.lower() and (folder / "unet" / "config.json").is_file():
        return RIFFUSION
    return found


def card_of(folder: Path) -> ModelCard:
    """A card for a folder that has none."""
    family = family_of(folder)
    kind = KINDS.get(family, Kind("", 50, 7.0, 20.0))
    turbo = family == "ace-step" and is_turbo(folder)
    side = RIFFUSION_PICTURE if family == RIFFUSION else 64
    return ModelCard(
        id=re.sub(r"[^A-Za-z0-9._+-]+", "-", folder.name).lstrip("._+-") or "model",
        title=folder.name,
        family=family,  # type: ignore[arg-type]
        summary="A model of your own." + ("" if kind.words else " It takes no words."),
        abilities=("text2music", "melody2music") if family == "musicgen-melody" else ("text2music",),
        sizes=Sizes(native=(side, side), min=side, max=side, multiple=side),
        defaults=Defaults(steps=kind.steps, guidance=1.0 if turbo else kind.guidance, solver=kind.solver),
        folder=folder,
    )


def is_turbo(folder: Path) -> bool:
    """Whether an ACE-Step was distilled: it takes no guidance."""
    about = _read(folder / "transformer" / "config.json")
    return bool(about.get("is_turbo")) or about.get("model_version") == "turbo"


def weight_files(folder: Path) -> list[Path]:
    return sorted([*folder.glob("*.safetensors"), *folder.glob("*/*.safetensors")])


# --- loading ------------------------------------------------------------------------------------------------------


def load(card: ModelCard, dtype: torch.dtype) -> Any:
    """What plays, on the CPU: the library's pipeline, or one of the classes below.

    Raises:
        OSError, ValueError, RuntimeError, KeyError: the folder does not hold it.
    """
    if card.family == "musicldm":
        return MusicLDM(card.folder, dtype)
    if card.family == "dance-diffusion":
        return DanceDiffusion(card.folder, dtype)
    if card.family.startswith("musicgen"):
        return MusicGen(card.folder, dtype)
    kind = KINDS[card.family]
    given: dict[str, Any] = {}
    if card.family == "stable-audio":
        given["scheduler"] = edm_scheduler(card.folder)
    pipeline = getattr(importlib.import_module(f"diffusers.pipelines.{kind.module}"), kind.name)
    pipe = pipeline.from_pretrained(
        card.folder,
        **given,
        dtype=dtype,
        local_files_only=True,
        use_safetensors=True,
        low_cpu_mem_usage=False,
    )
    pipe.set_progress_bar_config(disable=True)
    return pipe


def edm_scheduler(folder: Path) -> Any:
    """Stable Audio's noise levels, walked without fresh noise. (Its own solver adds some by a package that is not installed.)"""
    from diffusers.schedulers.scheduling_edm_dpmsolver_multistep import EDMDPMSolverMultistepScheduler

    about = _read(folder / "scheduler" / "scheduler_config.json")
    known = (
        "sigma_min",
        "sigma_max",
        "sigma_data",
        "sigma_schedule",
        "prediction_type",
        "solver_order",
        "rho",
    )
    return EDMDPMSolverMultistepScheduler(**{key: about[key] for key in known if key in about})


class _Parts(nn.Module):
    """Networks of a folder of the library's layout, loaded one by one."""

    def __init__(self, folder: Path, dtype: torch.dtype) -> None:
        super().__init__()
        self.folder, self.wanted = folder, dtype

    def part(self, name: str, library: str, kind: str, **more: Any) -> Any:
        """The component `name`, a class of that library."""
        cls = getattr(importlib.import_module(library), kind)
        options: dict[str, Any] = {"use_safetensors": True, "local_files_only": True}
        if library == "diffusers":
            options |= {"low_cpu_mem_usage": False}
        made = cls.from_pretrained(self.folder / name, **options, **more, dtype=self.wanted)
        return made.eval().requires_grad_(False)


class MusicLDM(_Parts):
    """The networks of a MusicLDM.

    words -> CLAP's text features -> UNet, as class labels -> latents [B, C, T / factor, mels / factor] -> autoencoder ->
    mel spectrogram [B, 1, T, mels] -> vocoder -> waveform.
    """

    def __init__(self, folder: Path, dtype: torch.dtype) -> None:
        super().__init__(folder, dtype)
        from transformers import AutoTokenizer

        self.unet = self.part("unet", "diffusers", "UNet2DConditionModel")
        self.vae = self.part("vae", "diffusers", "AutoencoderKL")
        self.text_encoder = self.part("text_encoder", "transformers", "ClapModel")
        self.vocoder = self.part("vocoder", "transformers", "SpeechT5HifiGan")
        self.tokenizer: Any = AutoTokenizer.from_pretrained(folder / "tokenizer", local_files_only=True)  # pyright: ignore[reportUnknownMemberType]
        self.factor = 2 ** (len(self.vae.config.block_out_channels) - 1)
        about = self.vocoder.config
        self.rate = int(about.sampling_rate)
        self.mels = int(about.model_in_dim)
        self.frame = 1
        """Samples of a frame of the spectrogram."""
        for rate in about.upsample_rates:
            self.frame *= int(rate)

    def tell(self, text: str) -> torch.Tensor:
        """[1, 1, features]"""
        given = self.tokenizer(
            text, padding="max_length", max_length=77, truncation=True, return_tensors="pt"
        )
        made: Any = self.text_encoder.get_text_features(**given.to(self.text_encoder.device))
        return getattr(made, "pooler_output", made)[:, None]

    def shape(self, seconds: float) -> tuple[int, int, int]:
        """Of the latent of so many seconds."""
        frames = max(1, -(-round(seconds * self.rate) // (self.frame * self.factor)))
        return int(self.unet.config.in_channels), frames, self.mels // self.factor

    @torch.no_grad()
    def sound(self, latent: torch.Tensor) -> torch.Tensor:
        """[1, C, t, m] -> [n]"""
        mel = self.vae.decode(latent.to(self.vae.dtype) / self.vae.config.scaling_factor).sample
        return self.vocoder(mel[:, 0]).float().flatten()


class DanceDiffusion(_Parts):
    """A UNet on the waveform [B, channels, n]; n is a multiple of `multiple`."""

    def __init__(self, folder: Path, dtype: torch.dtype) -> None:
        super().__init__(folder, dtype)
        # Published folders are older than this setting: their waves of time are as many as their extra channels.
        waves = _read(folder / "unet" / "config.json").get("extra_in_channels") or None
        self.unet = self.part("unet", "diffusers", "UNet1DModel", time_embedding_dim=waves)
        about = self.unet.config
        self.channels = int(about.out_channels)
        self.rate = int(about.sample_rate or 44100)
        self.multiple = 2 ** len(about.up_block_types)


class MusicGen(nn.Module):
    """A MusicGen of transformers, with or without melody."""

    def __init__(self, folder: Path, dtype: torch.dtype) -> None:
        super().__init__()
        from transformers import AutoTokenizer

        melodic = _read(folder / "config.json").get("model_type") == "musicgen_melody"
        name = "MusicgenMelodyForConditionalGeneration" if melodic else "MusicgenForConditionalGeneration"
        cls = getattr(importlib.import_module("transformers"), name)
        self.model: Any = cls.from_pretrained(
            folder, use_safetensors=True, local_files_only=True, dtype=dtype
        )
        self.model.eval().requires_grad_(False)
        self.tokenizer: Any = AutoTokenizer.from_pretrained(folder, local_files_only=True)  # pyright: ignore[reportUnknownMemberType]
        self.melodic = melodic
        codec = self.model.config.audio_encoder
        self.rate = int(codec.sampling_rate)
        self.frame_rate = float(codec.frame_rate)


def scheduler_of(card: ModelCard) -> dict[str, Any]:
    """What the studio's loop walks along; a plain one where the library walks."""
    if card.family == "musicldm":
        return _read(card.folder / "scheduler" / "scheduler_config.json")
    return {
        "beta_schedule": "linear",
        "beta_start": 1e-4,
        "beta_end": 0.02,
        "prediction_type": "v_prediction",
    }


def longest(card: ModelCard, player: Any) -> float:
    """Seconds that it can play at once."""
    if card.family == "stable-audio":
        return player.transformer.config.sample_size * player.vae.hop_length / player.vae.config.sampling_rate
    return KINDS[card.family].longest


def check_length(card: ModelCard, seconds: float, most: float) -> None:
    """Raises BadRequest where it is too long for the model."""
    if seconds > most + 1e-6:
        raise BadRequest(
            f"seconds: {card.id} plays {most:.4g} s at most; ask for less, or extend the sound later."
        )


def _read(path: Path) -> dict[str, Any]:
    try:
        data = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return cast("dict[str, Any]", data) if isinstance(data, dict) else {}
