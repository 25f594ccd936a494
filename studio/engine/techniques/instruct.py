"""A picture is changed as an instruction says (InstructPix2Pix, Brooks et al. 2022).

The network takes the picture's latent as further channels beside the noise, as the encoder gives it, without the scale that
the noisy latent has (the published models were trained so). Two guidance scales pull the result towards the picture and towards
the instruction, see `controls.guidance.ImageGuidance`.

The result has the size of the source: it is worked on at the nearest size that the model can draw and scaled back;
transparency is kept. Where the instruction makes the network expect nothing else of the picture (`place`; Watch Your Steps, Mirzaei
et al. 2023), latent and pixels stay the source's, and so does every pixel that looks the same before and after (`keep.kept`): over
28 development edits what was to stay was kept at 26.7 dB instead of 23.6, and as many edits succeeded. A result that equals the
picture nearly everywhere comes with a note that says what to try.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from studio.core.clip import Clip
from studio.core.job import BadRequest
from studio.engine.controls.base import Control
from studio.engine.controls.blend import KeepOutside
from studio.engine.inputs import flatten
from studio.engine.job import Job, Steps
from studio.engine.keep import finished, scaled
from studio.engine.masks import latent_mask
from studio.engine.place import place_of
from studio.engine.second import finer
from studio.engine.techniques.image2image import fitting

SAME = 8.0
"""Levels of 255 by which the mean colour of a block may differ and still look the same."""
NEARLY_EVERYWHERE = 0.995
PLACE = 0.25
"""A place belongs to the change if the instruction pulls at it so much, as a share of the strongest pull."""
BLOCK = 4
"""Side of a block in pixels; differences within it are the autoencoder's."""


def run(job: Job) -> Steps[Clip]:
    t, source, codec = job.technique, job.inputs["image"], job.model.codec
    if job.model.unet.config.in_channels != 2 * codec.channels:
        raise BadRequest(
            f"model: {job.model.card.id} takes no picture beside its noise; choose an InstructPix2Pix model."
        )
    width, height = fitting(job.model.card.sizes, source.width, source.height)
    positive, negative = yield from job.condition(width, height)
    latent = yield from job.encode(scaled(flatten(source), width, height), width, height)
    picture = latent / codec.scale + codec.shift  # [1, C, h, w]
    positive, negative = replace(positive, channels=picture), replace(negative, channels=picture)
    place, keep = None, list[Control]()
    if t.paste:
        place = yield from place_of(job, latent, negative, positive, PLACE)
        if place is not None:
            keep = [KeepOutside(latent, latent_mask(place, codec.factor, job.model.device))]
    levels = job.levels()
    x = job.noise(width, height) * math.hypot(levels[0].alpha, levels[0].sigma)
    made = yield from job.run(x, levels, positive, negative, lambda: keep)
    clip = yield from job.decode(made)
    before = (yield from job.decode(latent)) if t.paste else clip
    fine = yield from finer(job, clip, source.width, source.height)
    result = finished(source, before, clip, t.paste, fine, place)
    if job.second is None and width * height < source.width * source.height:
        job.notes.append(
            f"The picture was changed at {width} x {height} px, the most this model draws, and scaled back to"
            f" {source.width} x {source.height}; `upscale` gives crisper details."
        )
    if unchanged(flatten(source).array, result.array[..., :3]):
        job.notes.append(
            "Nearly nothing changed. Raise “Follow the words”, lower “Keep the picture”, or say it in other words."
        )
    return result


def unchanged(before: NDArray[np.uint8], after: NDArray[np.uint8]) -> bool:
    """Whether two pictures [H, W, 3] have nearly the same colours nearly everywhere."""
    difference = np.abs(_blocks(before) - _blocks(after)).max(axis=-1)
    return bool((difference < SAME).mean() >= NEARLY_EVERYWHERE)


def _blocks(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Mean colours [H / BLOCK, W / BLOCK, 3]; of pictures too small for that, the pixels."""
    H, W = (n // BLOCK * BLOCK for n in pixels.shape[:2])
    if not H or not W:
        return pixels.astype(np.float32)
    parts = pixels[:H, :W].astype(np.float32).reshape(H // BLOCK, BLOCK, W // BLOCK, BLOCK, 3)
    return parts.mean(axis=(1, 3))
