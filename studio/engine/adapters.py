"""Adapters: files of low-rank corrections (LoRA) that are laid over a model's weights for a request.

    W' = W + strength * alpha / r * B A        (Hu et al. 2021, section 4.1), A [r, in], B [out, r]

of linear layers, and of convolutions (A [r, in, k, k], B [out, r, 1, 1]), in the U-Net and the text encoders. The layouts that
the three great families of programs write are read:

    peft, diffusers     unet.down_blocks.0....attn1.to_q.lora_A.weight, .lora_B.weight
    older diffusers     unet.down_blocks.0....attn1.processor.to_q_lora.down.weight, .up.weight
    kohya               lora_unet_down_blocks_0_..._attn1_to_q.lora_down.weight, .lora_up.weight, .alpha;
                        also with the original's names of blocks (lora_unet_input_blocks_4_1_...)

Weights are changed in place, after their originals were put aside, so that a run costs what it costs without; a request with
other adapters, or none, first gets the originals back, bit for bit (`lay`). What stays laid between two requests is
no leak: every request begins with `lay`. The other way, hooks beside the layers as in `finetune`, was left because it
costs time in every step, and a picture that follows the hand would pay it again with every letter.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from studio.core.card import Distilled, Lora, ModelCard, Sizes
from studio.core.job import BadRequest
from studio.engine import memory
from studio.engine.fewsteps import recognised
from studio.engine.load import FAMILIES, Model

FOLDERS = ("", "loras", "adapters")
"""Where in a folder of models they are looked for."""

_DOWN = re.compile(
    r"[._](lora_A(\.\w+)?|lora_down|lora\.down|lora_linear_layer\.down)\.weight$|_lora\.down\.weight$"
)
_UP = re.compile(r"[._](lora_B(\.\w+)?|lora_up|lora\.up|lora_linear_layer\.up)\.weight$|_lora\.up\.weight$")
_OTHER = {"hada_": "LoHa", "lokr_": "LoKr", "dora_scale": "DoRA", "lora_magnitude": "DoRA", "lora_mid": "LoCon with a core",
          "oft_": "OFT", ".diff": "differences of whole weights"}  # fmt: skip
_PARTS = (
    ("lora_unet_", 0), ("unet_", 0), ("lora_te1_", 1), ("lora_te2_", 2), ("lora_te_", 1), ("text_encoder_2_", 2),
    ("text_encoder_", 1), ("te1_", 1), ("te2_", 2),
)  # fmt: skip
"""Beginning of a flat name -> network: 0 the U-Net, 1 and 2 the text encoders."""
_SD = {"sd", "sdxl", "xl", "sdv", "hypersd"}


@dataclass(frozen=True)
class Pair:
    """One layer's correction: network, flat name ("down_blocks_0_attentions_0_..."), A, B and alpha / r."""

    net: int
    name: str
    down: Tensor
    up: Tensor
    share: float


# --- recognising ------------------------------------------------------------------------------------------------


def find(folder: Path) -> Iterator[Path]:
    """The adapters' files in a folder of models."""
    if any((folder / mark).exists() for mark in ("model_index.json", "unet", "card.toml")):
        return  # a model itself: what lies there are its own weights
    for place in FOLDERS:
        yield from sorted((folder / place).glob("*.safetensors"))


def card_of(path: Path) -> ModelCard | None:
    """A card for an adapter's file, from its header; None for a file of another kind.

    Raises:
        BadRequest: it is an adapter that the studio cannot use, or damaged.
    """
    try:
        table, about = memory.header(path), metadata(path)
    except (OSError, ValueError) as error:
        raise BadRequest(f"The file {path} cannot be used ({error}); get it again.") from None
    downs = [name for name in table if _DOWN.search(name)]
    if not downs:
        kind = next((kind for mark, kind in _OTHER.items() if any(mark in name for name in table)), "")
        if kind and any("unet" in name for name in table):
            raise BadRequest(
                f"The adapter {path.name} is of the kind {kind}, which the studio cannot lay over a model."
            )
        return None
    widths = [
        table[name]["shape"][1] for name in downs if re.search(r"attn2[._](processor[._])?to_[kv]", name)
    ]
    width = max(set(widths), key=widths.count) if widths else 0
    rank = max(min(table[name]["shape"][:1]) for name in downs)
    few = few_steps(path.stem, str(about.get("ss_output_name", "")))
    kind = few.kind if few else ""
    more: dict[str, Any] = {"defaults": few.defaults, "distilled": Distilled()} if few else {}
    return ModelCard(
        id=re.sub(r"[^A-Za-z0-9._+-]+", "-", path.stem).lstrip("._+-") or "adapter",
        title=path.stem,
        family="lora",
        summary=f"A {kind} adapter: models that it is laid over draw in few steps."
        if few
        else "An adapter of your own.",
        sizes=Sizes(),
        **more,
        lora=Lora(width=width, rank=rank, kind=kind),
        folder=path,
    )


def few_steps(*names: str) -> Any:
    """What an adapter was distilled as (`fewsteps.FewSteps`), by its names; None for an ordinary one.

    Only names that also say "lcm", a number of steps or a Stable Diffusion count: there are styles called hyper or turbo.
    """
    name = " ".join(names)
    words = set(re.split(r"[^a-z]+", name.lower()))
    few = recognised(name, {}, {}, {})
    sure = few and (few.kind == "LCM" or words & _SD or re.search(r"\d[-_ ]?steps?(?![a-z])", name.lower()))
    return few if sure else None


@lru_cache(maxsize=64)
def _metadata(path: Path, stamp: tuple[int, int]) -> dict[str, Any]:
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        return json.loads(file.read(length)).get("__metadata__") or {}


def metadata(path: Path) -> dict[str, Any]:
    """What an adapter's file says of itself. Call `memory.header` first: it checks the file."""
    status = path.stat()
    return _metadata(path, (status.st_mtime_ns, status.st_size))


def fingerprint(path: Path) -> str:
    """SHA-256 of a file, remembered while the file stays as it is."""
    status = path.stat()
    return _fingerprint(path, (status.st_mtime_ns, status.st_size))


@lru_cache(maxsize=64)
def _fingerprint(path: Path, stamp: tuple[int, int]) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


# --- reading ----------------------------------------------------------------------------------------------------


def read(path: Path) -> list[Pair]:
    """The corrections in a file.

    Raises:
        BadRequest: it is damaged, or of a kind that cannot be laid.
    """
    from safetensors.torch import load_file

    try:
        tensors = load_file(path)
        alpha = _common_alpha(metadata(path))
    except Exception as error:
        raise BadRequest(f"adapters: {path.name} cannot be read ({error}); get it again.") from None
    for mark, kind in _OTHER.items():
        if any(mark in name for name in tensors):
            raise BadRequest(
                f"adapters: {path.name} is of the kind {kind}, which cannot be laid over a model; leave it out."
            )
    downs = {_DOWN.sub("", name): value for name, value in tensors.items() if _DOWN.search(name)}
    ups = {_UP.sub("", name): value for name, value in tensors.items() if _UP.search(name)}
    pairs: list[Pair] = []
    for base, down in downs.items():
        if base not in ups:
            raise BadRequest(
                f"adapters: {path.name} is incomplete (half of {base} is missing); get it again."
            )
        own = tensors.get(f"{base}.alpha")
        rank = down.shape[0]
        share = float(own) / rank if own is not None else (alpha / rank if alpha else 1.0)
        net, name = _place(base)
        pairs.append(Pair(net, name, down.float(), ups[base].float(), share))
    return pairs


def _common_alpha(about: dict[str, Any]) -> float | None:
    """alpha where the file's metadata says it for all layers, as peft's does."""
    try:
        config = json.loads(about.get("lora_adapter_metadata", "{}"))
    except ValueError:
        return None
    found = [v for k, v in config.items() if k.split(".")[-1] == "lora_alpha" and isinstance(v, int | float)]
    return float(found[0]) if found else None


def _place(base: str) -> tuple[int, str]:
    """A file's name for a layer -> network, flat name."""
    flat = base.removeprefix("base_model.model.").replace(".processor.", ".").replace(".", "_")
    if flat.endswith("_to_out"):
        flat += "_0"
    net, flat = next(((i, flat.removeprefix(head)) for head, i in _PARTS if flat.startswith(head)), (0, flat))
    return net, flat.removeprefix("text_model_") if net else flat


def layers_of(net: nn.Module) -> dict[str, nn.Module]:
    """{flat name: layer} of everything that can be corrected."""
    found = {n: m for n, m in net.named_modules() if isinstance(m, nn.Linear | nn.Conv2d)}
    return {name.removeprefix("text_model.").replace(".", "_"): layer for name, layer in found.items()}


def original_name(flat: str, depth: int, attentive: Sequence[bool]) -> str:
    """The original programs' flat name of a U-Net's layer -> the library's; what is no such name comes back as it is.

    depth: residual blocks of each level on the way down. attentive: whether each block on the way up has attention.
    """
    if found := re.fullmatch(r"(input|output)_blocks_(\d+)_(\d+)_?(.*)", flat):
        way, at, part, rest = found[1], int(found[2]), int(found[3]), found[4]
        if way == "input":
            if at == 0:
                return "conv_in"
            block, layer = divmod(at - 1, depth + 1)
            if layer == depth:
                return f"down_blocks_{block}_downsamplers_0_conv"
            head = f"down_blocks_{block}"
        else:
            block, layer = divmod(at, depth + 1)
            if part == 2 or (part == 1 and block < len(attentive) and not attentive[block]):
                return f"up_blocks_{block}_upsamplers_0_conv"
            head = f"up_blocks_{block}"
        return f"{head}_attentions_{layer}_{rest}" if part == 1 else f"{head}_resnets_{layer}_{_inside(rest)}"
    if found := re.fullmatch(r"middle_block_(\d)_(.*)", flat):
        part, rest = int(found[1]), found[2]
        return (
            f"mid_block_attentions_0_{rest}"
            if part == 1
            else f"mid_block_resnets_{part // 2}_{_inside(rest)}"
        )
    return {
        "time_embed_0": "time_embedding_linear_1",
        "time_embed_2": "time_embedding_linear_2",
        "label_emb_0_0": "add_embedding_linear_1",
        "label_emb_0_2": "add_embedding_linear_2",
        "out_2": "conv_out",
    }.get(flat, flat)


def _inside(rest: str) -> str:
    """Inside a residual block."""
    return {
        "in_layers_2": "conv1",
        "emb_layers_1": "time_emb_proj",
        "out_layers_3": "conv2",
        "skip_connection": "conv_shortcut",
    }.get(rest, rest)


# --- laying -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Wanted:
    """An adapter of a request: its card, its strength and the file's SHA-256."""

    card: ModelCard
    strength: float
    sha256: str


@torch.no_grad()
def lay(model: Model, wanted: Sequence[Wanted]) -> list[str]:
    """The model with exactly these adapters over its own weights -> what the user should know.

    Raises:
        BadRequest: one does not fit the model; the model is then as it is without any.
    """
    key = tuple((one.sha256, one.strength) for one in wanted if one.strength)
    if key == model.laid:
        return list(model.laid_notes)
    take_off(model)
    if not key:
        return []
    if model.card.family not in FAMILIES:
        raise BadRequest(f"adapters: {model.card.id} is no Stable Diffusion and takes none; leave them out.")
    notes: list[str] = []
    nets = [model.unet, *model.encoders]
    layers = [layers_of(net) for net in nets]
    model.own_embeddings, model.embeddings = model.embeddings, {}
    model.laid = key
    try:
        for one in wanted:
            if one.strength:
                notes += _lay_one(model, one, layers)
    except BaseException:
        take_off(model)
        raise
    model.laid_notes = tuple(notes)
    return notes


def take_off(model: Model) -> None:
    """The model's own weights, bit for bit, and what was remembered with them."""
    for weight, original in model.originals:
        weight.data.copy_(original)
    model.originals.clear()
    if model.laid:
        model.embeddings, model.own_embeddings = model.own_embeddings, {}
    model.laid, model.laid_notes = (), ()


def _lay_one(model: Model, one: Wanted, layers: list[dict[str, nn.Module]]) -> list[str]:
    pairs, path = read(one.card.folder), one.card.folder
    depth = model.unet.config.layers_per_block
    depth = depth if isinstance(depth, int) else depth[0]
    attentive = ["CrossAttn" in kind for kind in model.unet.config.up_block_types]
    put_aside = {id(weight) for weight, _ in model.originals}
    missing = 0
    for pair in pairs:
        inside = layers[pair.net] if pair.net < len(layers) else {}
        layer: Any = inside.get(pair.name) or inside.get(original_name(pair.name, depth, attentive))
        if layer is None:
            missing += 1
            continue
        change = product(pair, layer)
        if change is None:
            raise BadRequest(
                f"adapters: {one.card.id} was made for another kind of model than {model.card.id} ({pair.name} has another size);"
                " leave it out or choose another model."
            )
        weight = layer.weight
        if id(weight) not in put_aside:
            model.originals.append((weight, weight.data.clone()))
            put_aside.add(id(weight))
        change = change.to(weight.device)
        weight.data.copy_(weight.data.float() + one.strength * change)
    if missing == len(pairs):
        raise BadRequest(
            f"adapters: {one.card.id} fits no part of {model.card.id}; leave it out or choose another model."
        )
    if missing:
        return [
            f"{missing} of {len(pairs)} parts of {path.stem} have no counterpart in {model.card.title} and have no effect."
        ]
    return []


def product(pair: Pair, layer: Any) -> Tensor | None:
    """alpha / r B A in the shape of a layer's weight; None where it does not fit."""
    down, up, shape = pair.down, pair.up, tuple(layer.weight.shape)
    rank = down.shape[0]
    if up.shape[:2] != (shape[0], rank) or down.shape[1] != shape[1]:
        return None
    if down.ndim == 4 and down.shape[2:] != (1, 1) and tuple(down.shape[2:]) != shape[2:]:
        return None
    flat = up.reshape(shape[0], rank) @ down.reshape(rank, -1)
    if flat.numel() != layer.weight.numel():
        return None
    return pair.share * flat.reshape(shape)
