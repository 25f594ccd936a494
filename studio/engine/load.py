"""A model's card -> its networks on a device.

Any folder of Stable Diffusion 1, 2 or XL's shape in the library's layout loads: UNet2DConditionModel, AutoencoderKL or
AutoencoderTiny, CLIP text encoders with their tokenizers, scheduler_config.json. A folder whose components have only
configuration files, with one .safetensors file beside them, loads that file (the layout of other programs). Only
safetensors is read, never pickle: a model file must not be able to run code.

Components are loaded one by one with their own classes, not with a pipeline's: the pipeline modules cost seconds of imports,
and the library is imported inside functions so that the engine process can answer before it has loaded anything.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from studio.core.card import Defaults, Distilled, ModelCard, Sizes, find_cards
from studio.core.job import BadRequest
from studio.engine import films, memory, pipelines, players
from studio.engine.codecs.picture import PictureCodec
from studio.engine.codecs.pixels import PixelCodec
from studio.engine.fewsteps import recognised
from studio.engine.traced import Traces

FAMILIES = ("stable-diffusion", "stable-diffusion-xl", players.RIFFUSION, *films.FAMILIES)
SOUNDS = ("music", "vocoder", *players.FAMILIES)
"""Families that make sound: they have no colours to preview."""
EMBEDDINGS_KEPT = 256
"""Prompts per model; an entry of Stable Diffusion 1.5 is 0.2 MB."""


def pick_device(name: str | None = None) -> torch.device:
    """`name`, or the best device there is: cuda (ROCm counts as that), mps, cpu."""
    if name:
        return torch.device(name)
    if torch.cuda.is_available():
        return torch.device("cuda")
    return torch.device("mps" if torch.backends.mps.is_available() else "cpu")


def pick_dtype(device: torch.device) -> torch.dtype:
    """Half precision on GPUs, float32 on the CPU (where half is slower)."""
    return torch.float32 if device.type == "cpu" else torch.float16


def find_models(*folders: Path) -> tuple[dict[str, ModelCard], list[str]]:
    """Cards below `folders`, and those made for folders of Stable Diffusion's shape without one -> ({id: card}, a
    sentence for each that cannot be used). A folder that is a model itself counts too; the first of an id wins."""
    cards, broken = find_cards(*folders)
    inside = {path.parent for folder in folders for path in folder.glob("*/card.toml")}
    for folder in folders:
        for place in [folder, *sorted(path for path in _subfolders(folder) if path not in inside)]:
            try:
                if (place / "card.toml").is_file():
                    card = ModelCard.read(place / "card.toml")
                elif pipelines.family_of(place):
                    card = pipelines.card_of(place)
                elif players.family_of(place):
                    card = players.card_of(place)
                elif films.is_film(place):
                    card = films.card_of(place)
                elif (place / "unet" / "config.json").is_file():
                    card = card_of(place)
                elif is_clipseg(place):
                    card = card_of_clipseg(place)
                else:
                    continue
            except BadRequest as error:
                broken.append(str(error))
            else:
                cards.setdefault(card.id, card)
    cards = {id: _with_width(card) for id, card in cards.items()}
    for card in _adapters(folders, broken):
        own = card if card.id not in cards else card.model_copy(update={"id": f"{card.id}-lora"})
        cards.setdefault(own.id, own)
    return films.with_bases(cards, broken), broken


def _adapters(folders: Sequence[Path], broken: list[str]) -> Iterator[ModelCard]:
    from studio.engine import adapters  # which knows models

    for folder in folders:
        for path in adapters.find(folder):
            try:
                card = adapters.card_of(path)
            except BadRequest as error:
                broken.append(str(error))
            else:
                if card:
                    yield card


def _with_width(card: ModelCard) -> ModelCard:
    """The card with the width of the text that the model looks at, for adapters to be compared with."""
    about = (card.base_folder or card.folder) / "unet" / "config.json"
    if card.text_width or not about.is_file():
        return card
    try:
        width = json.loads(about.read_text("utf-8")).get("cross_attention_dim")
    except (OSError, ValueError, AttributeError):
        return card  # loading it will say what is wrong
    return card.model_copy(update={"text_width": width}) if isinstance(width, int) else card


def _subfolders(folder: Path) -> list[Path]:
    try:
        return [path for path in folder.iterdir() if path.is_dir()]
    except OSError:
        return []


def card_of(folder: Path) -> ModelCard:
    """A card for a folder that has none, from its configuration files.

    Raises:
        BadRequest: it is not a model that the studio can run.
    """
    unet = read_json(folder / "unet" / "config.json")
    vae = read_json(folder / "vae" / "config.json")
    noise = read_json(folder / "scheduler" / "scheduler_config.json")
    if unet.get("_class_name") != "UNet2DConditionModel":
        raise BadRequest(
            f"The model in {folder} is a {unet.get('_class_name')}, which the studio cannot run; remove it."
        )
    factor = 2 ** (len(vae.get("block_out_channels") or vae.get("decoder_block_out_channels") or "1234") - 1)
    sample = unet.get("sample_size") or 64
    height, width = sample if isinstance(sample, list) else (sample, sample)
    native = (width * factor, height * factor)
    latent = vae.get("latent_channels", 4)
    ability = {
        latent: ("text2image",),
        2 * latent: ("instruct",),  # the picture beside the noise, as InstructPix2Pix
        2 * latent + 1: ("inpaint",),  # the mask and the picture without what is masked
    }
    zero_snr = bool(noise.get("rescale_betas_zero_snr"))
    about = folder / "model_index.json"
    few = recognised(folder.name, unet, noise, read_json(about) if about.exists() else {})
    return ModelCard(
        id=re.sub(r"[^A-Za-z0-9._+-]+", "-", folder.name).lstrip("._+-") or "model",
        title=folder.name,
        family="stable-diffusion-xl" if (folder / "text_encoder_2").is_dir() else "stable-diffusion",
        summary=f"A {few.kind} model of your own, for few steps." if few else "A model of your own.",
        abilities=ability.get(unet.get("in_channels"), ()),
        sizes=Sizes(native=native, min=min(64, *native), max=max(2048, *native), multiple=factor),
        defaults=few.defaults
        if few
        else Defaults(
            spacing="trailing" if zero_snr else "leading", guidance_rescale=0.7 if zero_snr else 0.0
        ),
        distilled=Distilled() if few else None,
        folder=folder,
    )


def is_clipseg(folder: Path) -> bool:
    """Whether a folder without a card holds a CLIPSeg model of the library."""
    try:
        return json.loads((folder / "config.json").read_text("utf-8")).get("model_type") == "clipseg"
    except (OSError, ValueError, AttributeError):
        return False


def card_of_clipseg(folder: Path) -> ModelCard:
    """A card for a CLIPSeg folder that has none."""
    side = read_json(folder / "config.json").get("vision_config", {}).get("image_size", 224)
    return ModelCard(
        id=re.sub(r"[^A-Za-z0-9._+-]+", "-", folder.name).lstrip("._+-") or "model",
        title=folder.name,
        family="clipseg",
        summary="A model of your own.",
        abilities=("textmask",),
        sizes=Sizes(native=(side, side), min=1, max=16384, multiple=1),
        folder=folder,
    )


def read_json(path: Path) -> dict[str, Any]:
    """Raises BadRequest, with one sentence, where the file is missing or broken."""
    try:
        data = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise BadRequest(
            f"model: {path} cannot be read ({_short(error)}); install the model again."
        ) from None
    if not isinstance(data, dict):
        raise BadRequest(f"model: {path} does not hold a configuration; install the model again.")
    return data


def _short(error: BaseException) -> str:
    if isinstance(error, FileNotFoundError):
        return "it is missing"
    return str(error).strip().splitlines()[0][:200] if str(error).strip() else type(error).__name__


@dataclass
class Model:
    """A model's networks on a device, warm."""

    card: ModelCard
    unet: Any
    codec: PictureCodec
    tokenizers: list[Any]
    encoders: list[Any]
    noise: dict[str, Any]
    """scheduler_config.json"""
    index: dict[str, Any]
    """model_index.json, {} where there is none."""
    device: torch.device
    dtype: torch.dtype
    bytes: int
    embeddings: dict[tuple[Any, ...], Any] = field(default_factory=dict[tuple[Any, ...], Any])
    """What the text encoders said, by prompt; oldest first."""
    preview: tuple[Tensor, Tensor] | None = None
    """Matrix and offset of the linear preview, fitted on first use."""
    quick: PictureCodec | None = None
    """The codec as pictures that follow the hand use it, see `preview.quick_codec`; made on first use."""
    packed: dict[Any, Any] = field(default_factory=dict[Any, Any])
    """Weights in the order of the CPU's kernels, see `controls.economy`."""
    traces: Traces = field(default_factory=Traces)
    """Of the network, for pictures that follow the hand, see `traced`."""
    still: Model | None = None
    """The model of pictures that draws a frame of each clip, for models of clips that were taught so."""
    ways: Any = None
    """The `nets.ways.WaysNet` that draws how things move, for models of clips that have one."""
    pipe: Any = None
    """The library's pipeline, for families that are drawn by one."""
    away: bool = False
    """Whether some networks wait in main memory."""
    laid: tuple[tuple[str, float], ...] = ()
    """The adapters over its weights, (SHA-256, strength) each; see `adapters`."""
    laid_notes: tuple[str, ...] = ()
    originals: list[tuple[Tensor, Tensor]] = field(default_factory=list[tuple[Tensor, Tensor]])
    """(weight, what it was before adapters were laid over it)"""
    own_embeddings: dict[tuple[Any, ...], Any] = field(default_factory=dict[tuple[Any, ...], Any])
    """`embeddings` of the model without adapters, while some are laid over it."""

    def networks(self) -> dict[str, Any]:
        """{stage that needs it: network}"""
        drawing = [self.unet, self.ways] if self.ways else [self.unet]
        nets = {"text": self.encoders, "drawing": drawing, "codec": [self.codec.vae]}
        more = self.still.networks() if self.still else {}
        return {stage: [*own, *more.get(stage, [])] for stage, own in nets.items()}

    def offload(self, *keep: str) -> None:
        """Moves the networks of all stages but `keep` to main memory, and those of `keep` to the device."""
        for stage, nets in self.networks().items():
            for net in nets:
                net.to(self.device if stage in keep else "cpu")
        self.away = len(keep) < len(self.networks())
        memory.free_unused(self.device)

    def come_back(self) -> None:
        """Undoes `offload`."""
        if self.away:
            self.offload(*self.networks())

    def remember(self, key: tuple[Any, ...], value: Any) -> Any:
        """Puts an embedding in the cache, the oldest goes when it is full."""
        if len(self.embeddings) >= EMBEDDINGS_KEPT:
            self.embeddings.pop(next(iter(self.embeddings)))
        self.embeddings[key] = value
        return value

    def close(self) -> None:
        """Lets go of the networks."""
        if self.still:
            self.still.close()
            self.still = None
        self.embeddings.clear()
        self.own_embeddings.clear()
        self.originals.clear()
        self.packed.clear()
        self.traces = Traces()
        self.unet = self.codec = self.preview = self.quick = self.pipe = self.ways = None  # type: ignore[assignment]
        self.encoders, self.tokenizers = [], []
        memory.free_unused(self.device)


def weight_files(folder: Path) -> list[Path]:
    """The safetensors files that a model consists of."""
    parts = [
        part
        for name in ("unet", "vae", "text_encoder", "text_encoder_2", "ways")
        for part in _parts(folder / name)
    ]
    return parts + ([] if _parts(folder / "unet") else sorted(folder.glob("*.safetensors")))


def _parts(folder: Path) -> list[Path]:
    """Weights of one component: the full-precision file (or its shards), else the half-precision variant."""
    files = sorted(folder.glob("*.safetensors"))
    plain = [file for file in files if not re.search(r"\.fp16|\.bf16|non_ema|\.ema", file.name)]
    return plain or [file for file in files if ".fp16" in file.name]


def need(card: ModelCard, dtype: torch.dtype) -> int:
    """Bytes that the model's weights will take, known before loading.

    Raises:
        BadRequest: weights are missing or damaged.
    """
    files = weight_files(card.folder) + (weight_files(card.base_folder) if card.base_folder else [])
    if card.family in pipelines.FAMILIES:
        files = pipelines.weight_files(card.folder)
    if card.family in players.FAMILIES:
        files = players.weight_files(card.folder)
    if not files:
        raise BadRequest(f"model: {card.folder} holds no .safetensors weights; install the model again.")
    try:
        return sum(memory.count_parameters(file) for file in files) * dtype.itemsize
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadRequest(
            f"model: weights of {card.id} are damaged ({_short(error)}); install the model again."
        ) from None


def import_libraries() -> dict[str, Any]:
    """The library's classes by name. It takes seconds the first time: call it early, from a thread, where a first job should not
    wait for it."""
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL
    from diffusers.models.autoencoders.autoencoder_tiny import AutoencoderTiny
    from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel
    from transformers.models.clip.modeling_clip import CLIPTextModel, CLIPTextModelWithProjection
    from transformers.models.clip.tokenization_clip import CLIPTokenizer

    classes = (AutoencoderKL, AutoencoderTiny, UNet2DConditionModel)
    classes += (CLIPTextModel, CLIPTextModelWithProjection, CLIPTokenizer)
    return {cls.__name__: cls for cls in classes}


def load(card: ModelCard, device: torch.device, dtype: torch.dtype | None = None) -> Model:
    """Raises BadRequest, with one sentence, when the folder does not hold what the card promises."""
    dtype = dtype or pick_dtype(device)
    if card.family in OTHERS:
        return OTHERS[card.family](card, device, dtype)
    if card.family not in FAMILIES:
        raise BadRequest(f"model: {card.id} is a {card.family}, it cannot draw; choose another model.")
    folder = (
        card.base_folder or card.folder
    )  # what is laid over another model has of its own only what differs
    size = need(card, dtype)
    with quiet():
        libraries = import_libraries()  # before the try: a broken installation is not the request's fault

        tiny = read_json(folder / "vae" / "config.json").get("_class_name") == "AutoencoderTiny"
        vae_class = libraries["AutoencoderTiny" if tiny else "AutoencoderKL"]
        # Half-precision decoding overflows in some autoencoders; they say so themselves.
        upcast = read_json(folder / "vae" / "config.json").get("force_upcast", False) and not tiny
        index = read_json(folder / "model_index.json") if (folder / "model_index.json").exists() else {}
        try:
            if card.family in films.FAMILIES:
                picture_network = libraries["UNet2DConditionModel"]
                unet = films.network(card, dtype, lambda at: _component(picture_network, at, "unet", dtype))
            else:
                unet = _component(libraries["UNet2DConditionModel"], folder, "unet", dtype)
            vae = _component(vae_class, folder, "vae", torch.float32 if upcast else dtype)
            words = card.folder if (card.folder / "text_encoder").is_dir() else folder
            encoders = [_component(libraries["CLIPTextModel"], words, "text_encoder", dtype)]
            tokenizers: list[Any] = [libraries["CLIPTokenizer"].from_pretrained(folder / "tokenizer")]
            if card.family == "stable-diffusion-xl":
                encoders.append(
                    _component(libraries["CLIPTextModelWithProjection"], folder, "text_encoder_2", dtype)
                )
                tokenizers.append(libraries["CLIPTokenizer"].from_pretrained(folder / "tokenizer_2"))
        except Exception as error:
            if memory.is_out_of_memory(error):
                raise
            raise BadRequest(
                f"model: {card.id} cannot be loaded ({_short(error)}); install the model again."
            ) from error
    noise = read_json(folder / "scheduler" / "scheduler_config.json")
    ways = None
    if card.film and card.film.ways:
        with _as_request(card):
            ways = films.ways(card).to(device, dtype)
    if card.family in films.FAMILIES:
        noise = films.noise_of(card, noise)
    for net in (unet, vae, *encoders):
        net.requires_grad_(False).eval().to(device)
    for net in (unet, vae):
        arrange(net, device)
    model = Model(
        card, unet, PictureCodec(vae), tokenizers, encoders, noise, index, device, dtype, size, ways=ways
    )
    if card.film and card.film.stills is not None and card.base_folder:
        base = card.base_folder / "card.toml"
        model.still = load(
            ModelCard.read(base) if base.is_file() else card_of(card.base_folder), device, dtype
        )
    return model


def load_upscaler(card: ModelCard, device: torch.device, dtype: torch.dtype) -> Model:
    """A folder with the UpscaleNet of `nets.upscale` and a scheduler's configuration."""
    from studio.engine.nets.upscale import FOLD, UpscaleNet

    size = need(card, dtype)
    with _as_request(card):
        net = UpscaleNet.read(card.folder).to(device, dtype)
    noise = read_json(card.folder / "scheduler" / "scheduler_config.json")
    return Model(card, net, PixelCodec(FOLD, device), [], [], noise, {}, device, dtype, size)


def load_clipseg(card: ModelCard, device: torch.device, dtype: torch.dtype) -> Model:
    """A CLIPSegForImageSegmentation as the library saves it, with its tokenizer beside it; `index` is its
    preprocessor_config.json ({} where there is none)."""
    size = need(card, dtype)
    with quiet():
        from transformers.models.clip.tokenization_clip import CLIPTokenizer
        from transformers.models.clipseg.modeling_clipseg import CLIPSegForImageSegmentation

        with _as_request(card):
            net: Any = CLIPSegForImageSegmentation.from_pretrained(
                card.folder, use_safetensors=True, local_files_only=True, dtype=dtype
            )
            tokenizer = CLIPTokenizer.from_pretrained(card.folder, local_files_only=True)
    about = card.folder / "preprocessor_config.json"
    index = read_json(about) if about.exists() else {}
    net.requires_grad_(False).eval().to(device)
    return Model(card, net, PixelCodec(1, device), [tokenizer], [], {}, index, device, dtype, size)


def load_music(card: ModelCard, device: torch.device, dtype: torch.dtype) -> Model:
    """A folder with the MusicNet of `nets.music`, the code of its spectrograms and a scheduler's configuration."""
    from studio.engine.codecs.sound import SoundCodec
    from studio.engine.nets.music import MusicNet

    size = need(card, dtype)
    with _as_request(card):
        net = MusicNet.read(card.folder).to(device, dtype)
        codec: Any = SoundCodec.read(card.folder).to(device)
        if codec.channels != net.config.channels or codec.frames != net.config.frames:
            raise ValueError("its code does not fit its network")
    noise = read_json(card.folder / "scheduler" / "scheduler_config.json")
    return Model(card, net, codec, [], [], noise, {}, device, dtype, size)


def load_vocoder(card: ModelCard, device: torch.device, dtype: torch.dtype) -> Model:
    """A folder with the DiffWave of `nets.diffwave` and a scheduler's configuration. Its code leaves the spectrogram's levels as they are."""
    from studio.engine.codecs.sound import SoundCodec
    from studio.engine.nets.diffwave import DiffWave

    size = need(card, torch.float32)
    with _as_request(card):
        net = DiffWave.read(card.folder).to(device, memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]
    bands = net.how.rows
    codec: Any = SoundCodec(net.how, torch.zeros(bands), torch.eye(bands), torch.ones(bands)).to(device)
    noise = read_json(card.folder / "scheduler" / "scheduler_config.json")
    return Model(card, net, codec, [], [], noise, {}, device, dtype, size)


def load_pipeline(card: ModelCard, device: torch.device, dtype: torch.dtype) -> Model:
    """A folder with a pipeline of the library."""
    size = need(card, dtype)
    with quiet(), _as_request(card):
        pipe = pipelines.load(card.folder, dtype)
        pipe.to(device)
    parts = pipe.components
    net = parts.get("transformer") or parts["unet"]
    others = [part for name, part in parts.items() if name.endswith("_encoder") and part is not None]
    codec: Any = pipelines.PipedCodec(pipe)
    plain = {"beta_schedule": "linear", "beta_start": 1e-4, "beta_end": 0.02}  # its pipeline has its own
    return Model(card, net, codec, [], others, plain, {}, device, dtype, size, pipe=pipe)


def load_player(card: ModelCard, device: torch.device, dtype: torch.dtype) -> Model:
    """A folder with a larger model of music."""
    size = need(card, dtype)
    with quiet(), _as_request(card):
        player = players.load(card, dtype)
        player.to(device)
    plain: Any = PixelCodec(1, device)
    nothing = torch.nn.Identity()
    return Model(
        card, nothing, plain, [], [], players.scheduler_of(card), {}, device, dtype, size, pipe=player
    )


OTHERS: dict[str, Callable[[ModelCard, torch.device, torch.dtype], Model]] = {
    "upscale": load_upscaler,
    "music": load_music,
    "vocoder": load_vocoder,
    "between": load_upscaler,
    "clipseg": load_clipseg,
    **dict.fromkeys(pipelines.FAMILIES, load_pipeline),
    **dict.fromkeys(players.FAMILIES, load_player),
}
"""Families that are no Stable Diffusion -> how they are loaded."""


@contextlib.contextmanager
def _as_request(card: ModelCard) -> Iterator[None]:
    """What a damaged folder raises, as a sentence."""
    try:
        yield
    except Exception as error:
        if memory.is_out_of_memory(error):
            raise
        raise BadRequest(
            f"model: {card.id} cannot be loaded ({_short(error)}); install the model again."
        ) from error


def arrange(net: torch.nn.Module, device: torch.device) -> None:
    """Changes how weights lie in memory, not what they are: convolutions with the channels last, and on the CPU the matrices of
    linear layers transposed, which spares the library's multiplication a transposition in every call (7 % of a step of
    the built-in model). They must be made contiguous before they are saved."""
    flat = not any(isinstance(module, torch.nn.Conv3d) for module in net.modules())
    if device.type in ("cpu", "cuda") and flat:
        net.to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue, reportUnknownMemberType]
    if device.type == "cpu":
        for module in net.modules():
            if type(module) is torch.nn.Linear:
                module.weight.data = module.weight.data.t().contiguous().t()


def _component(cls: Any, folder: Path, name: str, dtype: torch.dtype) -> Any:
    single = [] if _parts(folder / name) else sorted(folder.glob("*.safetensors"))
    if single and cls.__module__.startswith("transformers"):
        return _words_of(cls, single[0], folder, name, dtype)
    if single:
        return cls.from_single_file(
            str(single[0]), config=str(folder), subfolder=name, local_files_only=True, dtype=dtype
        )
    options: dict[str, Any] = {"use_safetensors": True, "local_files_only": True}
    if all(".fp16" in part.name for part in _parts(folder / name)):
        options["variant"] = "fp16"
    if cls.__module__.startswith("diffusers"):
        # Without `accelerate` the library says at length that it goes on like this.
        options |= {"low_cpu_mem_usage": False, "dtype": dtype}
    else:
        options["dtype"] = dtype
    return cls.from_pretrained(folder / name, **options)


def _words_of(cls: Any, file: Path, folder: Path, name: str, dtype: torch.dtype) -> Any:
    """A text encoder out of a file that holds a whole model."""
    from diffusers.loaders.single_file_utils import create_diffusers_clip_model_from_ldm
    from safetensors import safe_open

    with safe_open(file, "pt") as kept:
        weights = {
            key: kept.get_tensor(key)
            for key in list(kept.keys())
            if key.startswith(("cond_stage_model.", "conditioner."))
        }
    return create_diffusers_clip_model_from_ldm(
        cls, weights, subfolder=name, config=str(folder), torch_dtype=dtype, local_files_only=True
    ).to(dtype)


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """The model libraries without network, progress bars and advice; errors still come through."""
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    import_libraries()  # they set their loggers up when they are imported
    loggers = [logging.getLogger(name) for name in ("diffusers", "transformers")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.ERROR)
    import transformers.utils.logging as bars

    shown = bars.is_progress_bar_enabled()
    bars.disable_progress_bar()
    try:
        yield
    finally:
        if shown:
            bars.enable_progress_bar()
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
