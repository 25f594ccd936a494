"""Tiny random models of music in the layouts of published ones, for tests: they play noise."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from studio.bench.tiny_films import LETTERS

WIDTH = 32
"""Of the text."""
BEGIN, PAD, END, UNKNOWN = "<s>", "<pad>", "</s>", "<unk>"


def make_tiny_player(folder: Path, kind: str, seed: int = 0) -> Path:
    """Writes a random model into `folder`, as the library saves it.

    Args:
        kind: one of `MAKERS`.

    Returns:
        folder
    """
    import torch

    from studio.engine.load import quiet

    with quiet(), torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        MAKERS[kind](folder)
    return folder


def _riffusion(folder: Path) -> None:
    from studio.bench.tiny import make_tiny_sd

    make_tiny_sd(folder)
    (folder / "card.toml").unlink(missing_ok=True)


def _musicldm(folder: Path) -> None:
    AutoencoderKL, DDIMScheduler, UNet2DConditionModel = _classes(
        "diffusers", "AutoencoderKL", "DDIMScheduler", "UNet2DConditionModel"
    )

    parts = {
        "unet": UNet2DConditionModel(
            block_out_channels=(32, 64), layers_per_block=1, sample_size=32, in_channels=4, out_channels=4,
            down_block_types=("DownBlock2D", "DownBlock2D"), mid_block_type=None, up_block_types=("UpBlock2D", "UpBlock2D"),
            class_embed_type="simple_projection", projection_class_embeddings_input_dim=16, class_embeddings_concat=True,
        ),
        "vae": AutoencoderKL(
            block_out_channels=(32, 64), in_channels=1, out_channels=1, latent_channels=4,
            down_block_types=("DownEncoderBlock2D",) * 2, up_block_types=("UpDecoderBlock2D",) * 2,
        ),
        "text_encoder": _clap(),
        "vocoder": _vocoder(),
        "tokenizer": _roberta(),
        "scheduler": DDIMScheduler(
            beta_start=0.0015, beta_end=0.0195, beta_schedule="scaled_linear", clip_sample=False, set_alpha_to_one=False,
            steps_offset=1,
        ),
    }  # fmt: skip
    for name, part in parts.items():
        part.save_pretrained(folder / name)
    _index(folder, "MusicLDMPipeline")


def _audioldm2(folder: Path) -> None:
    AudioLDM2ProjectionModel, AudioLDM2UNet2DConditionModel, AutoencoderKL, DDIMScheduler = _classes(
        "diffusers",
        "AudioLDM2ProjectionModel",
        "AudioLDM2UNet2DConditionModel",
        "AutoencoderKL",
        "DDIMScheduler",
    )
    (AudioLDM2Pipeline,) = _classes("diffusers.pipelines.audioldm2", "AudioLDM2Pipeline")
    from transformers import ClapFeatureExtractor, GPT2LMHeadModel, T5Config, T5EncoderModel

    (GPT2Config,) = _classes("transformers", "GPT2Config")
    speaker = GPT2LMHeadModel(
        GPT2Config(n_embd=16, n_head=2, n_layer=2, vocab_size=100, n_ctx=99, n_positions=99)
    )
    speaker.config.max_new_tokens = 8
    AudioLDM2Pipeline(
        vae=AutoencoderKL(
            block_out_channels=(32, 64), in_channels=1, out_channels=1, latent_channels=4,
            down_block_types=("DownEncoderBlock2D",) * 2, up_block_types=("UpDecoderBlock2D",) * 2,
        ),
        text_encoder=_clap(),
        text_encoder_2=T5EncoderModel(T5Config(vocab_size=100, d_model=32, d_ff=37, d_kv=8, num_heads=2, num_layers=2)),
        projection_model=AudioLDM2ProjectionModel(text_encoder_dim=16, text_encoder_1_dim=32, langauge_model_dim=16),
        language_model=speaker,
        tokenizer=_roberta(),
        tokenizer_2=_t5_tokenizer(),
        feature_extractor=ClapFeatureExtractor(hop_length=480),
        unet=AudioLDM2UNet2DConditionModel(
            block_out_channels=(32, 64), layers_per_block=1, sample_size=32, in_channels=4, out_channels=4,
            down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"), up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
            cross_attention_dim=([None, 16, 32], [None, 16, 32]),
        ),
        scheduler=DDIMScheduler(
            beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", clip_sample=False, set_alpha_to_one=False,
        ),
        vocoder=_vocoder(),
    ).save_pretrained(folder)  # fmt: skip


def _stable_audio(folder: Path) -> None:
    AutoencoderOobleck, StableAudioDiTModel, StableAudioProjectionModel = _classes(
        "diffusers", "AutoencoderOobleck", "StableAudioDiTModel", "StableAudioProjectionModel"
    )
    (StableAudioPipeline,) = _classes("diffusers.pipelines.stable_audio", "StableAudioPipeline")
    (EDMDPMSolverMultistepScheduler,) = _classes(
        "diffusers.schedulers.scheduling_edm_dpmsolver_multistep", "EDMDPMSolverMultistepScheduler"
    )
    from transformers import T5Config, T5EncoderModel

    text = T5Config(vocab_size=100, d_model=WIDTH, d_ff=37, d_kv=8, num_heads=2, num_layers=1)
    StableAudioPipeline(
        vae=AutoencoderOobleck(
            encoder_hidden_size=6, downsampling_ratios=[2, 4], decoder_channels=3, decoder_input_channels=3, audio_channels=2,
            channel_multiples=[2, 4], sampling_rate=800,
        ),
        text_encoder=T5EncoderModel(text),
        projection_model=StableAudioProjectionModel(text_encoder_dim=WIDTH, conditioning_dim=4, min_value=0, max_value=32),
        tokenizer=_t5_tokenizer(),
        transformer=StableAudioDiTModel(
            sample_size=300, in_channels=3, num_layers=1, attention_head_dim=4, num_key_value_attention_heads=2, out_channels=3,
            cross_attention_dim=4, time_proj_dim=8, global_states_input_dim=8, cross_attention_input_dim=4,
        ),
        scheduler=EDMDPMSolverMultistepScheduler(
            solver_order=2, prediction_type="v_prediction", sigma_data=1.0, sigma_schedule="exponential", sigma_min=0.3,
            sigma_max=500,
        ),
    ).save_pretrained(folder)  # fmt: skip
    # as it is published, with a solver that needs a package that few have
    path = folder / "scheduler" / "scheduler_config.json"
    about = {**json.loads(path.read_text("utf-8")), "_class_name": "CosineDPMSolverMultistepScheduler"}
    path.write_text(json.dumps(about), "utf-8")


def _ace_step(folder: Path, turbo: bool = False) -> None:
    AceStepTransformer1DModel, AutoencoderOobleck, FlowMatchEulerDiscreteScheduler = _classes(
        "diffusers", "AceStepTransformer1DModel", "AutoencoderOobleck", "FlowMatchEulerDiscreteScheduler"
    )
    AceStepConditionEncoder, AceStepPipeline = _classes(
        "diffusers.pipelines.ace_step", "AceStepConditionEncoder", "AceStepPipeline"
    )
    from transformers import Qwen3Config, Qwen3Model

    heads: dict[str, Any] = {
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "head_dim": 8,
        "sliding_window": 16,
    }
    AceStepPipeline(
        vae=AutoencoderOobleck(
            encoder_hidden_size=8, downsampling_ratios=[4, 8], decoder_channels=8, decoder_input_channels=8, audio_channels=2,
            channel_multiples=[1, 2], sampling_rate=1600,
        ),
        text_encoder=Qwen3Model(
            Qwen3Config(
                vocab_size=100, hidden_size=WIDTH, intermediate_size=37, num_hidden_layers=1, num_attention_heads=2,
                num_key_value_heads=2, head_dim=16,
            )
        ),
        tokenizer=_tokenizer(),
        transformer=AceStepTransformer1DModel(
            hidden_size=WIDTH, intermediate_size=64, num_hidden_layers=2, in_channels=24, audio_acoustic_hidden_dim=8,
            is_turbo=turbo, **heads,
        ),
        condition_encoder=AceStepConditionEncoder(
            hidden_size=WIDTH, intermediate_size=64, text_hidden_dim=WIDTH, timbre_hidden_dim=8,
            num_lyric_encoder_hidden_layers=2, num_timbre_encoder_hidden_layers=2, **heads,
        ),
        scheduler=FlowMatchEulerDiscreteScheduler(num_train_timesteps=1, shift=1.0),
    ).save_pretrained(folder)  # fmt: skip


def _dance(folder: Path) -> None:
    IPNDMScheduler, UNet1DModel = _classes("diffusers", "IPNDMScheduler", "UNet1DModel")

    UNet1DModel(
        block_out_channels=(32, 32, 64), extra_in_channels=16, sample_size=512, sample_rate=1_600, in_channels=2,
        out_channels=2, flip_sin_to_cos=True, use_timestep_embedding=False, time_embedding_type="fourier",
        mid_block_type="UNetMidBlock1D", down_block_types=("DownBlock1DNoSkip", "DownBlock1D", "AttnDownBlock1D"),
        up_block_types=("AttnUpBlock1D", "UpBlock1D", "UpBlock1DNoSkip"), time_embedding_dim=16,
    ).save_pretrained(folder / "unet")  # fmt: skip
    path = folder / "unet" / "config.json"
    about = json.loads(path.read_text("utf-8"))
    del about["time_embedding_dim"]  # as in published folders
    path.write_text(json.dumps(about), "utf-8")
    IPNDMScheduler().save_pretrained(folder / "scheduler")
    _index(folder, "DanceDiffusionPipeline")


def _musicgen(folder: Path, melody: bool = False) -> None:
    import transformers as t

    text = t.T5Config(vocab_size=100, d_model=WIDTH, d_ff=37, d_kv=8, num_heads=2, num_layers=1)
    codec = t.EncodecConfig(
        sampling_rate=3200, audio_channels=1, num_filters=4, hidden_size=8, upsampling_ratios=[8, 4], codebook_size=32,
        codebook_dim=8, target_bandwidths=[2.0], num_lstm_layers=1, normalize=False,
    )  # fmt: skip
    shape: dict[str, Any] = dict(
        vocab_size=32, hidden_size=16, num_hidden_layers=2, num_attention_heads=2, ffn_dim=32, num_codebooks=4,
        pad_token_id=32, bos_token_id=32, max_position_embeddings=512, initializer_factor=0.5,
    )  # fmt: skip
    if melody:
        config = t.MusicgenMelodyConfig(
            text_encoder=text.to_dict(), audio_encoder=codec.to_dict(), num_chroma=12, chroma_length=20,
            decoder=t.MusicgenMelodyDecoderConfig(**shape).to_dict(),
        )  # fmt: skip
        made: Any = t.MusicgenMelodyForConditionalGeneration(config)
    else:
        config = t.MusicgenConfig(
            text_encoder=text.to_dict(),
            audio_encoder=codec.to_dict(),
            decoder=t.MusicgenDecoderConfig(**shape).to_dict(),
        )
        made = t.MusicgenForConditionalGeneration(config)
    made.enc_to_dec_proj.weight.data.normal_()  # so that words count
    if melody:
        made.audio_enc_to_dec_proj.weight.data.normal_()
    for name, values in made.audio_encoder.named_buffers():
        if name.endswith(".embed"):  # codes would all sound alike
            values.normal_()
    made.generation_config.pad_token_id = made.generation_config.decoder_start_token_id = 32
    made.generation_config.bos_token_id = 32
    made.save_pretrained(folder)
    _t5_tokenizer().save_pretrained(folder)


MAKERS: dict[str, Callable[[Path], None]] = {
    "riffusion": _riffusion,
    "musicldm": _musicldm,
    "audioldm2": _audioldm2,
    "stable-audio": _stable_audio,
    "ace-step": _ace_step,
    "ace-step-turbo": lambda folder: _ace_step(folder, turbo=True),
    "dance-diffusion": _dance,
    "musicgen": _musicgen,
    "musicgen-melody": lambda folder: _musicgen(folder, melody=True),
}


def _classes(module: str, *names: str) -> list[Any]:
    """Classes of a library, whose types are not said well enough to be checked."""
    library = importlib.import_module(module)
    return [getattr(library, name) for name in names]


def _index(folder: Path, name: str) -> None:
    (folder / "model_index.json").write_text(json.dumps({"_class_name": name}), "utf-8")


def _clap() -> Any:
    ClapAudioConfig, ClapConfig, ClapModel, ClapTextConfig = _classes(
        "transformers", "ClapAudioConfig", "ClapConfig", "ClapModel", "ClapTextConfig"
    )

    text = ClapTextConfig(
        bos_token_id=0, eos_token_id=2, hidden_size=16, intermediate_size=37, num_attention_heads=2, num_hidden_layers=2,
        pad_token_id=1, vocab_size=100, projection_dim=16,
    )  # fmt: skip
    audio = ClapAudioConfig(
        spec_size=64, window_size=4, num_mel_bins=64, intermediate_size=37, depths=[2, 2], num_attention_heads=[2, 2],
        num_hidden_layers=2, hidden_size=192, projection_dim=16, patch_size=2, patch_stride=2, patch_embed_input_channels=4,
    )  # fmt: skip
    return ClapModel(ClapConfig(text_config=text.to_dict(), audio_config=audio.to_dict(), projection_dim=16))


def _vocoder() -> Any:
    from transformers import SpeechT5HifiGan, SpeechT5HifiGanConfig

    return SpeechT5HifiGan(
        SpeechT5HifiGanConfig(
            model_in_dim=8, sampling_rate=1600, upsample_initial_channel=16, upsample_rates=[4, 4],
            upsample_kernel_sizes=[8, 8], resblock_kernel_sizes=[3], resblock_dilation_sizes=[[1, 3]],
            normalize_before=False,
        )
    )  # fmt: skip


def _tokenizer() -> Any:
    """A letter is a token; <s> text </s>, as RoBERTa's."""
    from tokenizers import Regex, Tokenizer, models, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    words = {word: i for i, word in enumerate([BEGIN, PAD, END, UNKNOWN, *LETTERS])}
    made = Tokenizer(models.WordLevel(words, unk_token=UNKNOWN))  # type: ignore[arg-type]
    made.pre_tokenizer = pre_tokenizers.Split(Regex("."), "isolated")  # type: ignore[assignment]
    made.post_processor = processors.TemplateProcessing(  # type: ignore[assignment]
        single=f"{BEGIN} $A {END}", special_tokens=[(BEGIN, 0), (END, 2)]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=made, pad_token=PAD, eos_token=END, bos_token=BEGIN, unk_token=UNKNOWN, model_max_length=77,
        model_input_names=["input_ids", "attention_mask"],
    )  # fmt: skip


def _roberta() -> Any:
    """A letter is a token."""
    from transformers import RobertaTokenizer

    words = {word: i for i, word in enumerate([BEGIN, PAD, END, UNKNOWN, "<mask>", "Ġ", *LETTERS])}
    return RobertaTokenizer(vocab=words, merges=[], model_max_length=77)


def _t5_tokenizer() -> Any:
    from transformers import T5Tokenizer

    special = [("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0)]
    made = T5Tokenizer(vocab=special + [(letter, -2.0) for letter in LETTERS], extra_ids=0)
    made.model_max_length = 25
    return made
