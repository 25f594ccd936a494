"""Tiny random models of clips in the layouts of published ones, for tests and measurements: they draw noise that moves."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

LETTERS = "▁abcdefghijklmnopqrstuvwxyz,.0123456789"
WIDTH = 32
"""Of the text."""


def make_tiny_film(folder: Path, kind: str, seed: int = 0) -> Path:
    """Writes a random model into `folder`, as the library saves it.

    Args:
        kind: "svd" (from a picture), "wan" (two experts), "wan-i2v" (from a picture), "cogvideox", "ltx" (both).

    Returns:
        folder
    """
    import torch

    from studio.engine.load import quiet

    with quiet(), torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        PARTS[kind]().save_pretrained(folder)
    return folder


def _svd() -> Any:
    from diffusers.models.autoencoders.autoencoder_kl_temporal_decoder import AutoencoderKLTemporalDecoder
    from diffusers.models.unets.unet_spatio_temporal_condition import UNetSpatioTemporalConditionModel
    from diffusers.pipelines.stable_video_diffusion.pipeline_stable_video_diffusion import (
        StableVideoDiffusionPipeline,
    )
    from diffusers.schedulers.scheduling_euler_discrete import EulerDiscreteScheduler
    from transformers import CLIPImageProcessor, CLIPVisionConfig, CLIPVisionModelWithProjection

    eyes = CLIPVisionConfig(
        hidden_size=WIDTH, projection_dim=WIDTH, num_hidden_layers=1, num_attention_heads=2, image_size=224,
        intermediate_size=37, patch_size=56,
    )  # fmt: skip
    return StableVideoDiffusionPipeline(
        vae=AutoencoderKLTemporalDecoder(
            down_block_types=("DownEncoderBlock2D",) * 2,  # type: ignore[arg-type]
            block_out_channels=(32, 32),  # type: ignore[arg-type]
            latent_channels=4,
        ),
        image_encoder=CLIPVisionModelWithProjection(eyes),
        unet=UNetSpatioTemporalConditionModel(
            sample_size=32, block_out_channels=(32, 64), layers_per_block=1, cross_attention_dim=WIDTH,
            down_block_types=("CrossAttnDownBlockSpatioTemporal", "DownBlockSpatioTemporal"),
            up_block_types=("UpBlockSpatioTemporal", "CrossAttnUpBlockSpatioTemporal"),
            num_attention_heads=2, addition_time_embed_dim=32, projection_class_embeddings_input_dim=96, num_frames=4,
        ),
        scheduler=EulerDiscreteScheduler(
            beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", interpolation_type="linear",
            prediction_type="v_prediction", use_karras_sigmas=True, steps_offset=1, timestep_spacing="leading",
            timestep_type="continuous", sigma_min=0.002, sigma_max=700.0,
        ),
        feature_extractor=CLIPImageProcessor(crop_size={"height": 224, "width": 224}, size={"shortest_edge": 224}),
    )  # fmt: skip


def _wan(picture: bool = False) -> Any:
    from diffusers.models.autoencoders.autoencoder_kl_wan import AutoencoderKLWan
    from diffusers.models.transformers.transformer_wan import WanTransformer3DModel
    from diffusers.pipelines.wan.pipeline_wan import WanPipeline
    from diffusers.pipelines.wan.pipeline_wan_i2v import WanImageToVideoPipeline
    from diffusers.schedulers.scheduling_unipc_multistep import UniPCMultistepScheduler
    from transformers import UMT5Config, UMT5EncoderModel

    def expert() -> WanTransformer3DModel:
        return WanTransformer3DModel(
            patch_size=(1, 2, 2), num_attention_heads=2, attention_head_dim=12, in_channels=36 if picture else 16,
            out_channels=16, text_dim=WIDTH, freq_dim=32, ffn_dim=32, num_layers=1, rope_max_seq_len=32,
        )  # fmt: skip

    parts: dict[str, Any] = dict(
        tokenizer=_tokenizer(),
        text_encoder=UMT5EncoderModel(_text(UMT5Config)),
        vae=AutoencoderKLWan(base_dim=3, z_dim=16, dim_mult=[1, 1, 1, 1], num_res_blocks=1),
        scheduler=UniPCMultistepScheduler(
            prediction_type="flow_prediction", use_flow_sigmas=True, flow_shift=3.0
        ),
        transformer=expert(),
        transformer_2=expert(),
        boundary_ratio=0.875,
    )
    return WanImageToVideoPipeline(**parts) if picture else WanPipeline(**parts)


def _cogvideox() -> Any:
    from diffusers.models.autoencoders.autoencoder_kl_cogvideox import AutoencoderKLCogVideoX
    from diffusers.models.transformers.cogvideox_transformer_3d import CogVideoXTransformer3DModel
    from diffusers.pipelines.cogvideo.pipeline_cogvideox import CogVideoXPipeline
    from diffusers.schedulers.scheduling_ddim_cogvideox import CogVideoXDDIMScheduler
    from transformers import T5Config, T5EncoderModel

    return CogVideoXPipeline(
        tokenizer=_tokenizer(),
        text_encoder=T5EncoderModel(_text(T5Config)),
        vae=AutoencoderKLCogVideoX(
            down_block_types=("CogVideoXDownBlock3D",) * 4,  # type: ignore[arg-type]
            up_block_types=("CogVideoXUpBlock3D",) * 4,  # type: ignore[arg-type]
            block_out_channels=(8, 8, 8, 8),  # type: ignore[arg-type]
            latent_channels=4,
            layers_per_block=1,
            norm_num_groups=2,
            temporal_compression_ratio=4,
        ),
        transformer=CogVideoXTransformer3DModel(
            num_attention_heads=2, attention_head_dim=16, in_channels=4, out_channels=4, time_embed_dim=2, num_layers=1,
            text_embed_dim=WIDTH, sample_width=8, sample_height=8, sample_frames=9, max_text_seq_length=226,
            use_rotary_positional_embeddings=True,
        ),
        scheduler=CogVideoXDDIMScheduler(
            beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", prediction_type="v_prediction",
            rescale_betas_zero_snr=True, timestep_spacing="trailing", snr_shift_scale=3.0,
        ),
    )  # fmt: skip


def _ltx() -> Any:
    from diffusers.models.autoencoders.autoencoder_kl_ltx import AutoencoderKLLTXVideo
    from diffusers.models.transformers.transformer_ltx import LTXVideoTransformer3DModel
    from diffusers.pipelines.ltx.pipeline_ltx import LTXPipeline
    from diffusers.schedulers.scheduling_flow_match_euler_discrete import FlowMatchEulerDiscreteScheduler
    from transformers import T5Config, T5EncoderModel

    return LTXPipeline(
        tokenizer=_tokenizer(),
        text_encoder=T5EncoderModel(_text(T5Config)),
        vae=AutoencoderKLLTXVideo(
            latent_channels=8, block_out_channels=(8, 8, 8, 8), decoder_block_out_channels=(8, 8, 8, 8),
            layers_per_block=(1, 1, 1, 1, 1), decoder_layers_per_block=(1, 1, 1, 1, 1),
        ),
        transformer=LTXVideoTransformer3DModel(
            in_channels=8, out_channels=8, num_attention_heads=2, attention_head_dim=16, cross_attention_dim=32,
            num_layers=1, caption_channels=WIDTH,
        ),
        scheduler=FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=True, base_shift=0.95, max_shift=2.05),
    )  # fmt: skip


PARTS: dict[str, Callable[[], Any]] = {
    "svd": _svd,
    "wan": _wan,
    "wan-i2v": lambda: _wan(picture=True),
    "cogvideox": _cogvideox,
    "ltx": _ltx,
}


def _text(config: Any) -> Any:
    return config(
        vocab_size=3 + len(LETTERS), d_model=WIDTH, d_kv=8, d_ff=37, num_layers=1, num_heads=2,
        feed_forward_proj="gated-gelu",
    )  # fmt: skip


def _tokenizer() -> Any:
    """A letter is a token."""
    from transformers import T5Tokenizer

    special = [("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0)]
    return T5Tokenizer(vocab=special + [(letter, -2.0) for letter in LETTERS], extra_ids=0)
