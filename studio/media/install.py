"""A model that somebody has on the disk comes into the studio: where it lies, or as a copy among the user's own models.

A folder in the diffusers layout is used as it is. A single file of Stable Diffusion 1, 2 or XL becomes a folder: the
configuration of its kind (`resources/checkpoints`; they are the same for all models of a kind), and the file itself beside it, as
a copy or as a link.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from studio.core import paths
from studio.core.going import Going
from studio.core.job import BadRequest
from studio.media.files import sentence
from studio.media.weights import Weights, is_adapter, whole_model

PICKLED = (".ckpt", ".pt", ".pth", ".bin")
CHUNK = 8 << 20
TITLES = {"sd1": "Stable Diffusion 1", "sd2": "Stable Diffusion 2", "sdxl": "Stable Diffusion XL"}


@dataclass(frozen=True)
class Plan:
    """What is to be installed. weights: of a single file, None for a folder. bytes: that a copy takes. adapter: it is no model but
    a file that is laid over one."""

    source: Path
    name: str
    about: str
    bytes: int
    weights: Weights | None = None
    adapter: bool = False


def plan(path: Path) -> Plan:
    """What a dropped file or folder is, before anything is done with it.

    Raises:
        BadRequest: it cannot be used; one sentence.
    """
    if path.is_dir():
        return _folder(path)
    if path.suffix.lower() in PICKLED:
        raise BadRequest(
            f"“{path.name}” may hold code that would run when it is opened; use the model's .safetensors file instead."
        )
    if path.suffix.lower() != ".safetensors":
        raise BadRequest(f"“{path.name}” is in a format that cannot be used here; use .safetensors.")
    for around in (path.parent.parent, path.parent):  # a file of it stands for the whole
        if (around / "model_index.json").is_file() or (around == path.parent and _is_model(around)):
            return _folder(around)
    if is_adapter(path):
        return Plan(path, path.stem, "an adapter (LoRA)", path.stat().st_size, adapter=True)
    weights = whole_model(path)
    return Plan(path, path.stem, TITLES[weights.kind], weights.bytes, weights)


def _is_model(folder: Path) -> bool:
    marks = ("model_index.json", "card.toml", "unet/config.json", "transformer/config.json")
    return any((folder / mark).is_file() for mark in marks)


def _folder(folder: Path) -> Plan:
    if not _is_model(folder):
        raise BadRequest(
            f"“{folder.name}” is not a model's folder; choose the one that holds model_index.json or card.toml."
        )
    try:
        files = [file for file in folder.rglob("*") if file.is_file()]
        size = sum(file.stat().st_size for file in files)
    except OSError as error:
        raise BadRequest(sentence(folder, error)) from None
    if not any(file.suffix == ".safetensors" for file in files):
        pickled = any(file.suffix in PICKLED for file in files)
        raise BadRequest(
            f"“{folder.name}” has its weights only in files that may hold code; load the model with its .safetensors files."
            if pickled
            else f"“{folder.name}” holds no weights; load the model with its .safetensors files."
        )
    about = ""
    index = folder / "model_index.json"
    if index.is_file():
        try:
            listed = json.loads(index.read_text("utf-8"))
            about = str(listed.get("_class_name", ""))
            parts = [name for name, value in listed.items() if isinstance(value, list) and value and value[0]]
        except (ValueError, AttributeError, OSError):
            raise BadRequest(
                f"model_index.json in “{folder.name}” is damaged; load the model again."
            ) from None
        gone = [name for name in parts if name not in _OPTIONAL and not (folder / name).is_dir()]
        if gone:
            raise BadRequest(f"“{folder.name}” is not complete, {gone[0]} is missing; load the model again.")
    return Plan(folder, folder.name, about, size)


_OPTIONAL = ("safety_checker", "feature_extractor", "image_encoder")


def install(wanted: Plan, how: Literal["copy", "link"], going: Going | None = None) -> Path:
    """Does it -> the model's folder. A folder that is linked is only noted, and stays where it is.

    Raises:
        BadRequest: no room, no rights and the like; nothing half-made stays.
        Stopped: likewise.
    """
    going = going or Going()
    if wanted.weights is None and how == "link" and not wanted.adapter:
        paths.list_models([*paths.listed_models(), wanted.source.resolve()])
        return wanted.source
    own = paths.home() / "models"
    place = _free(own, wanted.name)
    if wanted.adapter:
        place = _free(own, wanted.source.name)
    making = own / f".{place.name}.studio-tmp"
    try:
        own.mkdir(parents=True, exist_ok=True)
        if how == "copy" and shutil.disk_usage(own).free < wanted.bytes + (256 << 20):
            raise BadRequest(
                f"There is no room for {wanted.bytes / 2**30:.1f} GB in {own}; leave the model where it is, or free some space."
            )
        going.expect(wanted.bytes)
        if wanted.adapter:
            if how == "copy":
                _copy(wanted.source, making, going)
            else:
                os.symlink(wanted.source.resolve(), making)
        elif wanted.weights is None:
            making.mkdir()
            for file in sorted(wanted.source.rglob("*")):
                if file.is_file():
                    _copy(file, making / file.relative_to(wanted.source), going)
        else:
            making.mkdir()
            configure(wanted.weights, making, wanted.name)
            beside = making / wanted.source.name
            if how == "copy":
                _copy(wanted.source, beside, going)
            else:
                os.symlink(wanted.source.resolve(), beside)
        making.rename(place)
    except OSError as error:
        if (
            how == "link" and getattr(error, "winerror", None) == 1314
        ):  # Windows lets only some people make links
            raise BadRequest("This system allows no links to files here; copy the model instead.") from None
        raise BadRequest(sentence(place, error)) from None
    finally:
        shutil.rmtree(making, ignore_errors=True)
        if wanted.adapter:
            making.unlink(missing_ok=True)
    return place


def _copy(source: Path, target: Path, going: Going) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with source.open("rb") as old, target.open("xb") as new:
        while data := old.read(CHUNK):
            new.write(data)
            going.more(len(data))


def _free(folder: Path, name: str) -> Path:
    """A name that no other model has."""
    safe = re.sub(r"[^A-Za-z0-9._+ -]+", "-", name).strip(" .-") or "model"
    stem, dot, ending = safe.partition(".safetensors")  # of an adapter's file
    names = [safe, *(f"{stem}-{i}{dot}{ending}" for i in range(2, 100))]
    return next((folder / one for one in names if not (folder / one).exists()), folder / f"{safe}-new")


def configure(weights: Weights, folder: Path, name: str) -> None:
    """Writes the configuration of a single file's kind into `folder`.

    A file of Stable Diffusion 2 does not say whether it was trained to tell the noise or the velocity. Files of 768 pixels tell
    velocity and are the usual ones; "base" or "512" in the name says otherwise.
    """
    layouts = paths.resources() / "checkpoints"
    shutil.copytree(layouts / weights.kind, folder, dirs_exist_ok=True)
    for tokenizer in ("tokenizer", "tokenizer_2")[: 2 if weights.kind == "sdxl" else 1]:
        shutil.copytree(layouts / "clip", folder / tokenizer, dirs_exist_ok=True)
        pad = "!" if tokenizer == "tokenizer_2" or weights.kind == "sd2" else "<|endoftext|>"
        _change(folder / tokenizer / "tokenizer_config.json", pad_token=pad)
    _change(folder / "unet" / "config.json", in_channels=weights.channels)
    if weights.kind == "sd2" and re.search(r"base|512", name.lower()):
        _change(folder / "scheduler" / "scheduler_config.json", prediction_type="epsilon")
        _change(folder / "unet" / "config.json", sample_size=64)


def _change(path: Path, **values: object) -> None:
    kept = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps(kept | values, indent=1) + "\n", "utf-8")
