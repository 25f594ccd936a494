"""What is masked is drawn anew under new words (Blended Latent Diffusion, Avrahami et al. 2022 and 2023).

Any text-to-image model can do it: at every step, what lies outside the mask is set to the known picture (`controls.blend`).
Networks made for it take the mask and the picture without what is masked as further channels (Rombach et al. 2022, appendix
D.5), which is found by their number of input channels.

The model works on the part around the mask, at its own size (`masks.workplace`), so that a small mask gets all the detail the model
can draw. Outside the mask the result is the picture, bit for bit; the seam lies inside it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from studio.core.clip import Clip
from studio.core.job import BadRequest
from studio.engine.condition import Condition
from studio.engine.controls.base import Control
from studio.engine.controls.blend import KeepOutside
from studio.engine.inputs import flatten
from studio.engine.job import Job, Steps, mix
from studio.engine.masks import HALF, Mask, latent_mask, mask_of, put_back, scaled, workplace
from studio.engine.second import finer_pixels

More = Callable[[Condition, Tensor], Sequence[Control]]
GREY = 128
SEAM = 64
"""Of the part that is worked on, the seam takes one SEAM-th, where the request does not say."""


def run(job: Job) -> Steps[Clip]:
    source = job.inputs["image"]
    mask = mask_of(job.inputs["mask"], source)
    return (yield from filled(job, source, mask, job.technique.strength))


def filled(
    job: Job,
    source: Clip,
    mask: Mask,
    strength: float = 1.0,
    more: More = lambda positive, free: (),
    prompt: str | None = None,
) -> Steps[Clip]:
    """The picture [H, W, 3 or 4] with what is masked drawn anew.

    Args:
        mask: [H, W] uint8.
        strength: of the noise that is laid over what is masked; 1 = nothing shows through.
        more: further controls, from the prompt's condition and the mask on the latent's grid.
        prompt: instead of the technique's.
    """
    t = job.technique
    place, (width, height) = workplace(mask, job.model.card.sizes, t.context)
    rows, columns = place.slices()
    part = scaled(flatten(source).array[rows, columns], width, height)
    part_mask = scaled(mask[rows, columns], width, height)
    made = yield from drawn(job, part, part_mask, strength, more, prompt)
    if width * height < place.area:
        job.notes.append(
            f"The part around the mask was drawn at {width} x {height} px, which this model was made for, and scaled up to"
            f" {place.w} x {place.h}; mask less at a time for more detail."
        )
    seam = max(1, round(min(place.w, place.h) / SEAM)) if t.seam is None else t.seam
    part = yield from finer_pixels(job, made.array, place.w, place.h)
    return put_back(source, part, place, mask, seam)


def drawn(
    job: Job, part: NDArray[np.uint8], mask: Mask, strength: float, more: More, prompt: str | None = None
) -> Steps[Clip]:
    """[H, W, 3] and its mask, at a size the model can draw -> the picture as the model has it, all of it."""
    height, width = mask.shape
    codec = job.model.codec
    channels = job.model.unet.config.in_channels
    if channels not in (codec.channels, 2 * codec.channels + 1):
        raise BadRequest(f"model: {job.model.card.id} cannot fill a mask; choose a text-to-image model.")
    positive, negative = yield from job.condition(width, height, prompt=prompt)
    latent = yield from job.encode(Clip.picture(part), width, height)
    free = latent_mask(mask, codec.factor, job.model.device)
    levels = job.levels(strength)
    noise = job.noise(width, height)
    if strength == 1:
        x = noise * math.hypot(levels[0].alpha, levels[0].sigma)
    else:
        x = mix(latent, noise, levels[0])
    if channels == codec.channels:
        made = yield from job.run(
            x, levels, positive, negative, lambda: [KeepOutside(latent, free), *more(positive, free)]
        )
    else:
        # What is masked is grey, and the latent's pixels are masked by their first pixel: so these networks were trained.
        grey = part.copy()
        grey[mask > HALF] = GREY
        known = yield from job.encode(Clip.picture(grey), width, height)
        shown = torch.from_numpy((mask > HALF).astype(np.float32))[
            None, None, :: codec.factor, :: codec.factor
        ]
        told = torch.cat([shown.to(known.device), known], dim=1)  # [1, 1 + C, h, w]
        made = yield from job.run(
            x,
            levels,
            replace(positive, channels=told),
            replace(negative, channels=told),
            lambda: more(positive, free),
        )
    return (yield from job.decode(made))
