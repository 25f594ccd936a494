"""The place of a change: where in a picture two conditions make the network expect something else (DiffEdit, Couairon et al. 2022,
section 3.2, step 1).

Decisions. The paper compares estimates of the noise, in latent pixels, over ten draws of noise. Here the two expected pictures (means
over the draws) are decoded and compared as pixels: on 45 held-out edits of the pocket world (object, colour, background) the
intersection over union with the true mask is 0.82 from two draws, that is four evaluations of the network, where latent
differences give 0.74 from twelve at their best threshold; a latent pixel of the built-in model covers 8 x 8 pixels. Guidance does not
take part in looking. Gaps narrower than an eighth of the picture are closed.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from studio.core.job import Progress
from studio.core.select import feather, grow, shrink
from studio.engine.condition import Condition
from studio.engine.job import Job, Steps, mix
from studio.engine.masks import Mask
from studio.engine.schedule import Level
from studio.engine.steps import draw, generators

OUTLIERS = 0.97
"""The quantile of the difference that counts as the whole of it."""
LEAST = 8.0
"""Levels of 255: where nowhere more than this differs, the conditions say the same of this picture."""
NOISE, LOOKS = 0.7, 2
"""How much noise is looked through, as a share of the noisiest level's time, and how often."""
RIM = 64
"""A place is taken larger by a 64th of the picture, as what is drawn there does not end where the noisy look saw it end."""
Floats = NDArray[np.float32]


def place_of(
    job: Job, latent: Tensor, old: Condition, new: Condition, threshold: float
) -> Steps[Mask | None]:
    """Where an edit by these conditions changes the picture, of the decoded latent's size; None where they say the same of it.

    Args:
        latent: [1, C, h, w], clean. threshold: see `cut`.
    """
    level = job.schedule.level_at(NOISE * job.schedule.noisiest.t)
    seeds = range(job.spec.seed, job.spec.seed + LOOKS)
    mask = cut((yield from differing(job, latent, level, seeds, old, new)), threshold)
    return grow(mask, min(mask.shape) // RIM) if mask.any() else None


def differing(
    job: Job, latent: Tensor, level: Level, seeds: Sequence[int], old: Condition, new: Condition
) -> Steps[Floats]:
    """[height, width] in levels of 255: by how much the pictures differ that the network expects under the noise of `level`.

    Args:
        latent: [1, C, h, w], clean. seeds: of the noises that are looked through.
    """
    noise = draw(generators(list(seeds)), latent.shape[1:], latent)
    denoiser, expected = job.denoiser(), list[tuple[Tensor, Tensor]]()
    for i in range(len(seeds)):
        yield Progress("looking", i, len(seeds), memory=job.peak())
        x = mix(latent, noise[i : i + 1], level)

        def look(x: Tensor = x) -> tuple[Tensor, Tensor]:
            with torch.no_grad():
                return denoiser(x, level, old), denoiser(x, level, new)

        expected.append((yield from job.thriftily("drawing", "looking", look)))
    was, is_to_be = (torch.cat(parts).mean(0, keepdim=True) for parts in zip(*expected, strict=True))
    before, after = (yield from job.decode(was)), (yield from job.decode(is_to_be))
    return np.abs(before.array.astype(np.float32) - after.array).max(axis=-1)


def cut(difference: Floats, threshold: float) -> Mask:
    """[H, W] difference in levels -> {0, 255}: softened, measured against its own strongest, cut off and closed.

    Args:
        threshold: share of the strongest difference, in [0, 1], from which on a place belongs to the change.
    """
    top = float(np.quantile(difference, OUTLIERS))
    if top < LEAST:
        return np.zeros(difference.shape, np.uint8)
    side = min(difference.shape)
    soft = feather(np.rint(np.clip(difference / top, 0, 1) * 255).astype(np.uint8), side / 64)
    mask = np.where(soft > threshold * 255, np.uint8(255), np.uint8(0))
    gap = max(1, side // 16)
    return shrink(grow(mask, gap), gap)
