"""An edit from two descriptions, for which the model finds the mask itself (DiffEdit, Couairon et al. 2022).

    1. mask    the picture gets noise; where the model, told the one and the other description, expects different pictures under it,
               there is something to change (section 3.2, step 1)
    2. encode  the picture is turned into noise along the noise levels by DDIM, under its own description (step 2)
    3. edit    from there it is drawn under the new description; outside the mask it stays what it was (step 3)

Decisions. The paper compares estimates of the noise, in latent pixels, over ten draws of noise. Here the two expected pictures (means
over the draws) are decoded and compared as pixels: on 45 held-out edits of the pocket world (object, colour, background) the
intersection over union with the true mask is 0.82 from two draws, that is four evaluations of the network, where latent
differences give 0.74 from twelve at their best threshold; a latent pixel of the built-in model covers 8 x 8 pixels. Guidance does not
take part in looking. Gaps narrower than an eighth of the picture are closed.
In step 3 the known picture is put into x0 (see `controls.blend`) instead of the encoded latents into x: outside the mask that is the
same for the result, and the mask's surroundings are the true ones at every step. Guidance pushes away from the empty words, as in
the paper: away from the picture's own description 12 of 18 edits succeeded, and colours were too strong, instead of 18.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from studio.core.clip import Clip
from studio.core.job import BadRequest, Preview, Progress
from studio.core.region import Rect
from studio.core.select import feather, grow, shrink
from studio.engine.condition import Condition
from studio.engine.controls.blend import KeepOutside
from studio.engine.inputs import flatten
from studio.engine.inversion import inverted
from studio.engine.job import Job, Steps, mix
from studio.engine.masks import Mask, latent_mask, mask_of, put_back, scaled
from studio.engine.second import finer_pixels
from studio.engine.steps import DDIM, draw, generators
from studio.engine.techniques.image2image import fitting

OUTLIERS = 0.97
"""The quantile of the difference that counts as the whole of it."""
LEAST = 8.0
"""Levels of 255: where nowhere more than this differs, the descriptions say the same of this picture."""


def run(job: Job) -> Steps[Clip]:
    t, source = job.technique, job.inputs["image"]
    if not t.source_prompt.strip():
        raise BadRequest("source_prompt: is empty; say what the picture shows.")
    width, height = fitting(job.model.card.sizes, source.width, source.height)
    new, negative, old = yield from job.condition(width, height, t.source_prompt)
    small = scaled(flatten(source).array, width, height)
    latent = yield from job.encode(Clip.picture(small), width, height)
    if "mask" in job.inputs and not t.only_mask:
        mask = mask_of(job.inputs["mask"], source)
    else:
        found = yield from looked_for(job, latent, old, new)
        mask = scaled(found, source.width, source.height)
        if t.only_mask:
            return Clip.mask(mask)
        yield Preview(marked(small, found), 0, job.index)
        if not found.any():
            return source
    levels = job.levels(t.strength)
    trajectory = yield from inverted(job, latent, levels, t.source_prompt, old, negative, "fast", t.guidance)
    free = latent_mask(scaled(mask, width, height), job.model.codec.factor, job.model.device)
    made = yield from job.run(
        trajectory.start, levels, new, negative, lambda: [KeepOutside(latent, free)], step=DDIM()
    )
    clip = yield from job.decode(made)
    whole = Rect(0, 0, source.width, source.height)
    edited = yield from finer_pixels(job, clip.array, whole.w, whole.h)
    return put_back(source, edited, whole, mask, 1)


def looked_for(job: Job, latent: Tensor, old: Condition, new: Condition) -> Steps[Mask]:
    """The mask of what changes from one description to the other, [height, width] in {0, 255}, of the decoded latent's size."""
    t = job.technique
    level = job.schedule.level_at(t.noise * job.schedule.noisiest.t)
    noise = draw(generators([job.spec.seed + i for i in range(t.draws)]), latent.shape[1:], latent)
    denoiser, expected = job.denoiser(), []
    for i in range(t.draws):
        yield Progress("looking", i, t.draws, memory=job.peak())
        x = mix(latent, noise[i : i + 1], level)

        def look(x: Tensor = x) -> tuple[Tensor, Tensor]:
            with torch.no_grad():
                return denoiser(x, level, old), denoiser(x, level, new)

        expected.append((yield from job.thriftily("drawing", "looking", look)))
    was, is_to_be = (torch.cat(parts).mean(0, keepdim=True) for parts in zip(*expected, strict=True))
    before, after = (yield from job.decode(was)), (yield from job.decode(is_to_be))
    difference = np.abs(before.array.astype(np.float32) - after.array).max(axis=-1)
    mask = cut(difference, t.threshold)
    if not mask.any():
        job.notes.append(
            "The two descriptions mean the same in this picture to the model, so nothing was changed;"
            " say more clearly what differs, or paint the mask."
        )
    return mask


def cut(difference: NDArray[np.float32], threshold: float) -> Mask:
    """[H, W] difference in levels -> {0, 255}: softened, measured against its own strongest, cut off and closed."""
    top = float(np.quantile(difference, OUTLIERS))
    if top < LEAST:
        return np.zeros(difference.shape, np.uint8)
    side = min(difference.shape)
    soft = feather(np.rint(np.clip(difference / top, 0, 1) * 255).astype(np.uint8), side / 64)
    mask = np.where(soft > threshold * 255, np.uint8(255), np.uint8(0))
    gap = max(1, side // 16)
    return shrink(grow(mask, gap), gap)


def marked(pixels: NDArray[np.uint8], mask: Mask) -> Clip:
    """The picture [H, W, 3] with the mask laid over it, for looking at."""
    tint = np.array([255, 92, 122], np.float32)
    share = (mask[..., None] / np.float32(255)) / 2
    return Clip.picture(np.rint(pixels + share * (tint - pixels)).astype(np.uint8))
