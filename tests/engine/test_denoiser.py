"""Conversions between predictions, preconditioning, conditions in a batch and the U-Net adaptor."""

from __future__ import annotations

import math

import pytest
import torch
from diffusers import EDMEulerScheduler, LatentConsistencyModelPipeline, UNet2DConditionModel
from torch import Tensor

from studio.engine.condition import Condition
from studio.engine.denoiser import (
    EDMDenoiser,
    NetworkDenoiser,
    UNetNetwork,
    denoiser_for,
    from_x0,
    guidance_embedding,
    to_x0,
)
from studio.engine.schedule import EDM, FlowMatching, Level, Prediction, variance_preserving

LEVELS = [
    variance_preserving().level_at(400),
    FlowMatching().level_at(700),
    EDM().level_at_ratio(5.0),
    variance_preserving(zero_terminal_snr=True).noisiest,
]
PREDICTIONS: list[Prediction] = ["epsilon", "v_prediction", "sample", "flow"]
NOTHING = Condition(torch.zeros(1, 0, 4))


def randn(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("prediction", PREDICTIONS)
def test_conversions_invert_each_other(level: Level, prediction: Prediction) -> None:
    x0, eps = randn(2, 3, 4, 4), randn(2, 3, 4, 4, seed=1)
    x = level.alpha * x0 + level.sigma * eps
    output = from_x0(prediction, x0, x, level)
    truth = {
        "epsilon": eps,
        "v_prediction": level.alpha * eps - level.sigma * x0,
        "sample": x0,
        "flow": eps - x0,
    }
    torch.testing.assert_close(output, truth[prediction])
    if prediction == "epsilon" and level.alpha == 0:
        with pytest.raises(ValueError, match="zero"):
            to_x0(prediction, output, x, level)
    else:
        torch.testing.assert_close(to_x0(prediction, output, x, level), x0)


def test_clean_level_has_no_noise() -> None:
    x = randn(1, 1, 2, 2)
    with pytest.raises(ValueError, match="clean"):
        from_x0("epsilon", x, x, Level(0, 1.0, 0.0))


def test_network_sees_one_time_per_picture() -> None:
    seen: list[Tensor] = []

    def network(x: Tensor, t: Tensor, condition: Condition) -> Tensor:
        seen.append(t)
        return torch.zeros_like(x)

    level = variance_preserving().level_at(321)
    x = randn(3, 1, 2, 2)
    x0 = NetworkDenoiser(network, "epsilon")(x, level, NOTHING)
    torch.testing.assert_close(x0, x / level.alpha)
    assert seen[0].tolist() == [321.0] * 3


@pytest.mark.parametrize("prediction", ["epsilon", "v_prediction"])
def test_karras_preconditioning_matches_library(prediction: Prediction) -> None:
    def network(x: Tensor, t: Tensor, condition: Condition) -> Tensor:
        return 0.3 * x + t[:, None, None, None]

    scheduler = EDMEulerScheduler(sigma_data=0.5, prediction_type=prediction)
    schedule = EDM(prediction=prediction)
    denoiser = denoiser_for(schedule, network)
    y = randn(2, 1, 3, 3).float()
    for sigma in (0.01, 0.7, 60.0):
        t = scheduler.precondition_noise(sigma).expand(2)
        f = network(scheduler.precondition_inputs(y, sigma), t, NOTHING)
        theirs = scheduler.precondition_outputs(y, f, sigma)
        torch.testing.assert_close(denoiser(y, schedule.level_at_ratio(sigma), NOTHING), theirs)
        # the same network on levels of another scale: x = alpha y
        level = variance_preserving().level_at_ratio(sigma)
        torch.testing.assert_close(denoiser(level.alpha * y, level, NOTHING), theirs, rtol=1e-4, atol=1e-5)
    assert denoiser(y, schedule.clean, NOTHING) is y
    with pytest.raises(ValueError):
        EDMDenoiser(network)(y, Level(0, 0.0, 1.0), NOTHING)


def test_condition_cat_pads_and_masks() -> None:
    a = Condition(torch.ones(1, 2, 4), pooled=torch.ones(1, 3), extra={"time_ids": torch.ones(1, 6)})
    b = Condition(torch.ones(2, 5, 4), pooled=torch.ones(2, 3), extra={"time_ids": torch.zeros(2, 6)})
    both = Condition.cat([a, b])
    assert both.batch == 3
    assert both.hidden.shape == (3, 5, 4)
    assert both.mask is not None
    assert both.mask.tolist() == [[True, True, False, False, False], [True] * 5, [True] * 5]
    assert both.hidden[0, 2:].abs().sum() == 0
    assert both.extra["time_ids"].shape == (3, 6)
    assert Condition.cat([b, b]).mask is None


def test_condition_parts_must_agree() -> None:
    a = Condition(torch.ones(1, 2, 4), pooled=torch.ones(1, 3))
    for other in (Condition(torch.ones(1, 2, 4)), a.with_extra(guidance=torch.ones(1))):
        with pytest.raises(ValueError, match=r"share a batch\.$"):
            Condition.cat([a, other])
    with pytest.raises(ValueError):
        Condition.cat([])


def test_condition_repeat_expand_to() -> None:
    c = Condition(torch.tensor([[[1.0]], [[2.0]]]), mask=torch.ones(2, 1, dtype=torch.bool))
    assert c.repeat(2).hidden.flatten().tolist() == [1, 1, 2, 2]
    assert c.expand(2) is c
    with pytest.raises(ValueError):
        c.expand(3)
    half = c.to(dtype=torch.float16)
    assert half.hidden.dtype == torch.float16
    assert half.mask is not None
    assert half.mask.dtype == torch.bool


def tiny_unet(**config: object) -> UNet2DConditionModel:
    torch.manual_seed(0)
    return UNet2DConditionModel(
        **{
            "sample_size": 8,
            "in_channels": 4,
            "out_channels": 4,
            "block_out_channels": (8, 16),
            "layers_per_block": 1,
            "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D"),
            "up_block_types": ("CrossAttnUpBlock2D", "UpBlock2D"),
            "cross_attention_dim": 8,
            "norm_num_groups": 4,
            "attention_head_dim": 4,
            **config,
        }
    ).eval()


@torch.no_grad()
def test_unet_adaptor_text_channels_and_mask() -> None:
    unet = tiny_unet(in_channels=9)
    x, t, extra = randn(2, 4, 8, 8).float(), torch.tensor([10.0, 10.0]), randn(1, 5, 8, 8).float()
    hidden = randn(1, 6, 8).float()
    ours = UNetNetwork(unet)(x, t, Condition(hidden, channels=extra))
    theirs = unet(torch.cat([x, extra.expand(2, -1, -1, -1)], 1), t, hidden.expand(2, -1, -1)).sample
    assert torch.equal(ours, theirs)
    # padding that the mask hides changes nothing
    padded = Condition.cat(
        [Condition(hidden, channels=extra), Condition(torch.zeros(1, 9, 8), channels=extra)]
    )
    out = UNetNetwork(unet)(x, t, padded)
    torch.testing.assert_close(out[0], ours[0], rtol=1e-4, atol=1e-5)


@torch.no_grad()
def test_unet_adaptor_pooled_text_and_half_precision() -> None:
    unet = tiny_unet(
        addition_embed_type="text_time",
        addition_time_embed_dim=4,
        projection_class_embeddings_input_dim=6 * 4 + 5,
    )
    x, t = randn(2, 4, 8, 8).float(), torch.tensor([10.0, 10.0])
    hidden, pooled, ids = randn(2, 6, 8).float(), randn(2, 5).float(), torch.rand(2, 6)
    condition = Condition(hidden, pooled=pooled, extra={"time_ids": ids})
    ours = UNetNetwork(unet)(x, t, condition)
    theirs = unet(x, t, hidden, added_cond_kwargs={"text_embeds": pooled, "time_ids": ids}).sample
    assert torch.equal(ours, theirs)
    half = UNetNetwork(unet.to(torch.bfloat16))(x, t, condition)
    assert half.dtype == torch.float32
    torch.testing.assert_close(half, ours, rtol=0.2, atol=0.1)


@torch.no_grad()
def test_unet_adaptor_guidance_distilled() -> None:
    unet = tiny_unet(time_cond_proj_dim=32)
    x, t, hidden = randn(2, 4, 8, 8).float(), torch.tensor([10.0, 10.0]), randn(2, 6, 8).float()
    scale = torch.tensor([7.5, 2.0])
    embed = LatentConsistencyModelPipeline.get_guidance_scale_embedding
    theirs = embed(None, scale - 1, embedding_dim=32)  # type: ignore[arg-type]
    torch.testing.assert_close(guidance_embedding(scale, 32), theirs)
    torch.testing.assert_close(guidance_embedding(scale, 33), embed(None, scale - 1, embedding_dim=33))  # type: ignore[arg-type]
    ours = UNetNetwork(unet)(x, t, Condition(hidden, extra={"guidance": scale}))
    torch.testing.assert_close(ours, unet(x, t, hidden, timestep_cond=theirs).sample)
    with pytest.raises(ValueError, match="guidance"):
        UNetNetwork(unet)(x, t, Condition(hidden))


def test_v_prediction_at_pure_noise_is_finite() -> None:
    x, v = randn(1, 1, 2, 2), randn(1, 1, 2, 2, seed=2)
    x0 = to_x0("v_prediction", v, x, Level(999, 0.0, 1.0))
    torch.testing.assert_close(x0, -v)
    assert math.isfinite(float(x0.sum()))
