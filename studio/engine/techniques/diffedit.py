"""An edit from two descriptions, for which the model finds the mask itself (DiffEdit, Couairon et al. 2022).

    1. mask    the picture gets noise; where the model, told the one and the other description, expects different pictures under it,
               there is something to change (section 3.2, step 1)
    2. encode  the picture is turned into noise along the noise levels by DDIM, under its own description (step 2)
    3. edit    from there it is drawn under the new description; outside the mask it stays what it was (step 3)

How the mask is found is told in `place`. In step 3 the known picture is put into x0 (see `controls.blend`) instead of the encoded latents
into x: outside the mask that is the same for the result, and the mask's surroundings are the true ones at every step. Guidance pushes away from the empty words, as in
the paper: away from the picture's own description 12 of 18 edits succeeded, and colours were too strong, instead of 18.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from studio.core.clip import Clip
from studio.core.job import BadRequest, Preview
from studio.core.region import Rect
from studio.engine.condition import Condition
from studio.engine.controls.blend import KeepOutside
from studio.engine.inputs import flatten
from studio.engine.inversion import inverted
from studio.engine.job import Job, Steps
from studio.engine.masks import Mask, latent_mask, mask_of, put_back, scaled
from studio.engine.place import cut, differing
from studio.engine.second import finer_pixels
from studio.engine.steps import DDIM
from studio.engine.techniques.image2image import fitting


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
    seeds = range(job.spec.seed, job.spec.seed + t.draws)
    mask = cut((yield from differing(job, latent, level, seeds, old, new)), t.threshold)
    if not mask.any():
        job.notes.append(
            "The two descriptions mean the same in this picture to the model, so nothing was changed;"
            " say more clearly what differs, or paint the mask."
        )
    return mask


def marked(pixels: NDArray[np.uint8], mask: Mask) -> Clip:
    """The picture [H, W, 3] with the mask laid over it, for looking at."""
    tint = np.array([255, 92, 122], np.float32)
    share = (mask[..., None] / np.float32(255)) / 2
    return Clip.picture(np.rint(pixels + share * (tint - pixels)).astype(np.uint8))
