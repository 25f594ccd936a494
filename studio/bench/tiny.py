"""Tiny random models in the library's own layout, made in a moment.

They draw noise, but through the same code as real ones: tests, the process transport and the benchmarks run on them
where no trained model is at hand.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

CARD = """\
id = "{id}"
title = "Tiny random model"
family = "{family}"
summary = "Random weights: draws noise. For tests and measurements."
abilities = ["text2image"]
licence = "none"

[sizes]
native = [64, 64]
min = 16
max = 256
multiple = 16

[defaults]
steps = 4
guidance = 4.0
solver = "{solver}"
spacing = "{spacing}"
"""

WORDS = ("a", "fox", "red", "cat", "on", "the", "hill", "big", "blue", "house", "sun", "photo", "of")


def make_tiny_sd(
    folder: Path, xl: bool = False, tiny_vae: bool = False, card: bool = True, width: int = 8, seed: int = 0
) -> Path:
    """Writes a random Stable-Diffusion-shaped model for 64 x 64 pictures into `folder` (about 0.3 s after imports).

    Args:
        folder: made when absent; its name becomes the model's id.
        xl: with two text encoders and size conditioning, like Stable Diffusion XL.
        tiny_vae: an AutoencoderTiny with 16 latent channels, v-prediction and zero-terminal SNR, like the built-in
            pocket models; otherwise an AutoencoderKL with 4 channels and epsilon-prediction.
        card: write a card.toml too.
        width: channels of the network's first block, a multiple of 8; 8 gives about 0.1 M parameters.
        seed: of the random weights.

    Returns:
        folder
    """
    import torch
    from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL
    from diffusers.models.autoencoders.autoencoder_tiny import AutoencoderTiny
    from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel
    from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

    folder.mkdir(parents=True, exist_ok=True)
    vocabulary = _write_tokenizer(folder / "tokenizer", pad="<|endoftext|>")
    text = CLIPTextConfig(
        vocab_size=vocabulary,
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=3,
        num_attention_heads=4,
        max_position_embeddings=77,
        projection_dim=32,
        bos_token_id=vocabulary - 2,
        eos_token_id=vocabulary - 1,
        pad_token_id=vocabulary - 1,
    )
    channels = 16 if tiny_vae else 4
    unet: dict[str, Any] = dict(
        sample_size=8,
        in_channels=channels,
        out_channels=channels,
        block_out_channels=(width, 2 * width),
        layers_per_block=1,
        norm_num_groups=4,
        down_block_types=("CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D"),
        cross_attention_dim=64 if xl else 32,
        attention_head_dim=(2, 4),
    )
    if xl:
        unet |= dict(
            use_linear_projection=True,
            transformer_layers_per_block=(1, 2),
            addition_embed_type="text_time",
            addition_time_embed_dim=8,
            projection_class_embeddings_input_dim=6 * 8 + 32,
        )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        UNet2DConditionModel(**unet).save_pretrained(folder / "unet")
        CLIPTextModel(text).save_pretrained(folder / "text_encoder")
        if xl:
            _write_tokenizer(folder / "tokenizer_2", pad="!")
            CLIPTextModelWithProjection(text).save_pretrained(folder / "text_encoder_2")
        if tiny_vae:
            blocks = (8, 8, 8, 8)
            vae = AutoencoderTiny(
                latent_channels=channels,
                encoder_block_out_channels=blocks,
                decoder_block_out_channels=blocks,
                num_encoder_blocks=(1, 1, 1, 1),
                num_decoder_blocks=(1, 1, 1, 1),
            )
            last: Any = vae.decoder.layers[-1]
            last.weight.data.mul_(8)  # colours in the middle of their range, or all pixels would be black
            last.bias.data.fill_(0.5)
            vae.save_pretrained(folder / "vae")
        else:
            blocks_kl: Any = dict(
                down_block_types=("DownEncoderBlock2D",) * 4,
                up_block_types=("UpDecoderBlock2D",) * 4,
                block_out_channels=(8, 8, 8, 8),
                norm_num_groups=4,
                latent_channels=channels,
                sample_size=64,
            )
            AutoencoderKL(**blocks_kl).save_pretrained(folder / "vae")

    _write(folder / "scheduler" / "scheduler_config.json", _noise(tiny_vae))
    clip, clip_g = ["transformers", "CLIPTextModel"], ["transformers", "CLIPTextModelWithProjection"]
    index: dict[str, Any] = {
        "_class_name": "StableDiffusionXLPipeline" if xl else "StableDiffusionPipeline",
        "scheduler": ["diffusers", "DDIMScheduler"],
        "text_encoder": clip,
        "tokenizer": ["transformers", "CLIPTokenizer"],
        "unet": ["diffusers", "UNet2DConditionModel"],
        "vae": ["diffusers", "AutoencoderTiny" if tiny_vae else "AutoencoderKL"],
    }
    if xl:
        index |= {"text_encoder_2": clip_g, "tokenizer_2": ["transformers", "CLIPTokenizer"]}
        index["force_zeros_for_empty_prompt"] = True
    else:
        index |= {"safety_checker": [None, None], "feature_extractor": [None, None]}
        index["requires_safety_checker"] = False
    _write(folder / "model_index.json", index)
    if card:
        family = "stable-diffusion-xl" if xl else "stable-diffusion"
        solver, spacing = ("dpm++2m", "trailing") if tiny_vae else ("ddim", "leading")
        text_of_card = CARD.format(id=folder.name, family=family, solver=solver, spacing=spacing)
        (folder / "card.toml").write_text(text_of_card, "utf-8")
    return folder


def _noise(zero_snr: bool) -> dict[str, Any]:
    return {
        "_class_name": "DDIMScheduler",
        "beta_start": 0.00085,
        "beta_end": 0.012,
        "beta_schedule": "scaled_linear",
        "num_train_timesteps": 1000,
        "clip_sample": False,
        "set_alpha_to_one": zero_snr,
        "steps_offset": 0 if zero_snr else 1,
        "prediction_type": "v_prediction" if zero_snr else "epsilon",
        "rescale_betas_zero_snr": zero_snr,
        "timestep_spacing": "trailing" if zero_snr else "leading",
    }


def _write_tokenizer(folder: Path, pad: str) -> int:
    """A real byte-pair tokenizer for any text, with a few whole words; returns the size of its vocabulary."""
    from transformers import CLIPTokenizer

    letters = [*map(chr, range(33, 127)), *map(chr, range(161, 173)), *map(chr, range(174, 256))]
    letters += [chr(256 + i) for i in range(256 - len(letters))]  # GPT-2's printable names of the 256 bytes
    vocabulary = letters + [letter + "</w>" for letter in letters]
    merges: list[tuple[str, str]] = []
    for word in WORDS:
        parts = [*word[:-1], word[-1] + "</w>"]
        for right in range(1, len(parts)):
            pair = ("".join(parts[:right]), parts[right])
            if pair not in merges:
                merges.append(pair)
                vocabulary.append("".join(pair))
    vocabulary += ["<|startoftext|>", "<|endoftext|>"]
    numbers = {token: i for i, token in enumerate(dict.fromkeys(vocabulary))}
    make: Any = CLIPTokenizer  # its annotation does not know that pairs are what it wants
    make(vocab=numbers, merges=merges, pad_token=pad, model_max_length=77).save_pretrained(folder)
    assert all(left in numbers and right in numbers for left, right in merges), "a merge without its parts"
    return len(numbers)


def _write(path: Path, data: dict[str, Any]) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(data, indent=2), "utf-8")


FILM_CARD = """\
id = "{id}"
title = "Tiny random motion"
family = "animatediff"
base = "{base}"
summary = "Random weights: draws noise that moves. For tests and measurements."
abilities = ["text2video"]
licence = "none"

[film]
frames = 4
rate = 8.0
clean = {clean}

[sizes]
native = [64, 64]
min = 16
max = 256
multiple = 16

[defaults]
steps = 3
guidance = 4.0
solver = "dpm++2m"
spacing = "trailing"
"""


def make_tiny_motion(
    folder: Path, base: Path, card: bool = True, clean: bool = True, seed: int = 0, ways: bool = False
) -> Path:
    """Writes random motion modules in AnimateDiff's layout into `folder`, for a model that `make_tiny_sd` wrote.

    Args:
        base: that model.
        card: write a card.toml too, which names the base.
        clean: whether the card says that given frames are seen without noise.
        ways: with a random network that draws how things move, and the base drawing the picture.

    Returns:
        folder
    """
    import torch
    from diffusers.models.unets.unet_motion_model import MotionAdapter

    from studio.engine.nets.ways import WaysConfig, WaysNet

    about = json.loads((base / "unet" / "config.json").read_text("utf-8"))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        MotionAdapter(
            block_out_channels=tuple(about["block_out_channels"]),
            motion_layers_per_block=about["layers_per_block"],
            motion_mid_block_layers_per_block=1,
            motion_num_attention_heads=2,
            motion_norm_num_groups=4,
            motion_max_seq_length=16,
        ).save_pretrained(folder)
        if ways:
            width = about["cross_attention_dim"]
            WaysNet(WaysConfig(text=width, depth=1, width=16, heads=2)).save(folder / "ways")
    if card:
        text = FILM_CARD.format(id=folder.name, base=base.name, clean=str(clean).lower())
        if ways:
            text = text.replace("[film]", "[film]\nways = true\nstills = {}")
        (folder / "card.toml").write_text(text, "utf-8")
    return folder


def make_tiny_between(folder: Path, strength: float = 0.0, seed: int = 0) -> Path:
    """Writes a model of what lies between two frames into `folder`.

    Args:
        strength: of its random weights; 0 = it adds nothing to the frames that are carried along their motion.

    Returns:
        folder
    """
    import torch

    from studio.engine.nets.upscale import UpscaleConfig, UpscaleNet

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        net = UpscaleNet(UpscaleConfig(widths=(16, 32), blocks=1, gain=12.0, given=2))
        if strength:
            torch.nn.init.normal_(net.leave.weight, std=strength / 12)
    net.save(folder)
    (folder / "scheduler").mkdir()
    _write(
        folder / "scheduler" / "scheduler_config.json",
        {**_noise(True), "prediction_type": "sample"},
    )
    (folder / "card.toml").write_text(BETWEEN_CARD.format(id=folder.name), "utf-8")
    return folder


def make_tiny_text2video(folder: Path, seed: int = 0) -> Path:
    """Writes a random whole model of clips whose unet is the library's UNet3DConditionModel, without a card, into `folder`."""
    import torch
    from diffusers.models.unets.unet_3d_condition import UNet3DConditionModel

    make_tiny_sd(folder, card=False, seed=seed)
    for path in (folder / "unet").iterdir():
        path.unlink()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        UNet3DConditionModel(
            sample_size=8,
            in_channels=4,
            out_channels=4,
            block_out_channels=(8, 16),
            layers_per_block=1,
            norm_num_groups=4,
            down_block_types=("CrossAttnDownBlock3D", "DownBlock3D"),
            up_block_types=("UpBlock3D", "CrossAttnUpBlock3D"),
            cross_attention_dim=32,
            attention_head_dim=4,
        ).save_pretrained(folder / "unet")
    index = json.loads((folder / "model_index.json").read_text("utf-8"))
    index |= {"_class_name": "TextToVideoSDPipeline", "unet": ["diffusers", "UNet3DConditionModel"]}
    _write(folder / "model_index.json", index)
    return folder


BETWEEN_CARD = """\
id = "{id}"
title = "Tiny between"
family = "between"
summary = "For tests and measurements."
abilities = ["interpolate"]
licence = "none"

[sizes]
native = [64, 64]
min = 1
max = 16384
multiple = 1

[defaults]
steps = 2
"""


MUSIC_CARD = """\
id = "{id}"
title = "Tiny random music"
family = "music"
summary = "Random weights: plays noise. For tests and measurements."
abilities = ["text2music", "melody2music"]
licence = "none"

[defaults]
steps = 3
guidance = 2.0
solver = "dpm++2m"
spacing = "trailing"
"""


def make_tiny_music(folder: Path, seed: int = 0) -> Path:
    """Writes a random music model for windows of 16 tokens into `folder`, its code fitted to rising tones.

    Returns:
        folder
    """
    import torch

    from studio.engine.codecs.sound import NOTES, SoundCodec
    from studio.engine.nets.music import MusicConfig, MusicNet

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        net = MusicNet(MusicConfig(channels=24, frames=6, tokens=16, width=32, depth=2, heads=2))
        for parameter in (p for p in net.parameters() if not p.any()):
            torch.nn.init.normal_(parameter, std=0.02)
        rows = torch.arange(float(NOTES.bands))[None, :, None]
        tones = torch.rand(8, 1, 600) * NOTES.bands
        levels = -20 - 3 * (rows - tones).abs() + 3 * torch.randn(8, NOTES.bands, 600)
        SoundCodec.fit(NOTES, levels.clamp(-80, 0), 6, 24).save(folder)
    net.save(folder)
    _write(folder / "scheduler" / "scheduler_config.json", _noise(True))
    (folder / "card.toml").write_text(MUSIC_CARD.format(id=folder.name), "utf-8")
    return folder


def make_tiny_vocoder(folder: Path, seed: int = 0) -> Path:
    """Writes a random vocoder of the built-in one's kind: its sounds have the right loudness in every band.

    Returns:
        folder
    """
    import torch

    from studio.engine.nets.diffwave import DiffWave, DiffWaveConfig

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        DiffWave(DiffWaveConfig(channels=16, layers=2, sharp=16)).save(folder)
    _write(
        folder / "scheduler" / "scheduler_config.json",
        _noise(True),
    )
    card = f'id = "{folder.name}"\ntitle = "Tiny vocoder"\nfamily = "vocoder"\nabilities = ["vocode"]\n'
    (folder / "card.toml").write_text(card, "utf-8")
    return folder
