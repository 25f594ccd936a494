"""A clip is changed, all its frames together.

A model of clips gets the frames with noise and draws them anew under the words (SDEdit, Meng et al. 2022), in windows that share
frames; its motion modules keep them together. A model of pictures does the same, or follows an instruction (InstructPix2Pix, Brooks et
al. 2022), with the frames as a batch: they share their noise, and look at the clip's first frame (`controls.crossframe`).
Told what the clip shows, it inverts the frames and draws each beside itself (`prompt2prompt`): where a thing is in a frame stays, so that its
motion does, which drawing anew with the strength that a change of colour takes would lose.

Masks are given at some frames. Between two of them the distance to the outline is interpolated, so that the outline moves and keeps its
size; before the first and after the last the mask stays. Outside of it the result is the clip's own pixels.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import scipy.ndimage as ndimage  # pyright: ignore[reportMissingTypeStubs]
import torch
from numpy.typing import NDArray
from torch import Tensor

from studio.core.clip import Clip
from studio.core.job import BadRequest, Progress, Prompt2Prompt
from studio.engine.condition import Condition
from studio.engine.controls.attention import Beside
from studio.engine.controls.base import Control
from studio.engine.controls.blend import KeepOutside
from studio.engine.controls.crossframe import CrossFrame
from studio.engine.film import Film, check_length, film_of, frames_of, windows
from studio.engine.inversion import Trajectory, ddim
from studio.engine.job import Job, Steps, mix
from studio.engine.keep import finished, scaled
from studio.engine.masks import HALF, Mask, latent_mask, mask_of
from studio.engine.masks import scaled as scaled_mask
from studio.engine.prompt import unweighted
from studio.engine.steps import make_step
from studio.engine.techniques.prompt2prompt import aligned

TOGETHER = 8
"""Frames that a model of pictures changes at once, the clip's first one among them."""
USUAL = Prompt2Prompt(cross=1, own=1)
"""How much Prompt-to-Prompt keeps of a frame. With what it keeps of a picture (0.4 and 0.2 of the run), a small star that moved to the right
became a large one that stood in the middle."""
LOOKS = 5
"""Levels at which the place of a change is looked for."""
Frames = NDArray[np.uint8]
"""[F, H, W, 3]"""
OVERLAP = 2
"""Frames that windows of a model of clips share."""


def run(job: Job) -> Steps[Clip]:
    source = job.inputs["video"]
    frames = frames_of(source)
    check_length(len(frames), source.width, source.height)
    job.rate = source.rate or job.rate
    film = film_of(job, source)
    masks = masks_between(_masks(job, frames), len(frames))
    small = np.stack([scaled(Clip.picture(f), film.width, film.height).array for f in frames])
    latents = yield from film.encoded(small)
    free = _free(job, masks, film) if masks is not None else None
    if job.technique.source_prompt.strip():
        drawn = yield from _by_words(job, film, latents, frames)
        return _finished(job, film, frames, drawn, masks)
    if job.model.card.film:
        made = yield from _by_clips(job, film, latents, free)
    else:
        made = yield from _by_pictures(job, film, latents, free)
    return _finished(job, film, frames, (yield from film.decoded(made)), masks)


def _finished(job: Job, film: Film, frames: Frames, drawn: Frames, masks: NDArray[np.uint8] | None) -> Clip:
    """What was drawn at the film's size, at the clip's, with the clip's own pixels outside of the masks."""
    source = job.inputs["video"]
    result = np.stack([scaled(Clip.picture(f), source.width, source.height).array for f in drawn])
    if masks is not None:
        share = masks[..., None].astype(np.float32) / 255
        result = np.rint(frames + share * (result.astype(np.float32) - frames)).astype(np.uint8)
    if (film.width, film.height) != (source.width, source.height):
        job.notes.append(
            f"The clip was changed at {film.width} x {film.height} px and scaled back to {source.width} x {source.height};"
            " `upscale-video` gives crisper details."
        )
    return Clip.video(result, job.rate)


def _by_clips(job: Job, film: Film, latents: Tensor, free: Tensor | None) -> Steps[Tensor]:
    """SDEdit window by window; frames that two windows share are given to the second."""
    t = job.technique
    words = yield from film.words()
    known = job.model.card.film
    size = min(known.frames if known else TOGETHER, len(latents))
    made = latents[:0]
    for number, start in enumerate(windows(len(latents), size, min(OVERLAP, size - 1))):
        part = slice(start, start + size)
        given = {i - start: made[i : i + 1] for i in range(start, len(made))}
        drawn = yield from film.window(
            start,
            size,
            given,
            words.of(number),
            words.negative,
            start=latents[part],
            strength=t.strength,
            free=None if free is None else free[part],
        )
        made = torch.cat([made, drawn[len(made) - start :]])
    return made


def _by_words(job: Job, film: Film, latents: Tensor, frames: Frames) -> Steps[Frames]:
    """Each frame beside itself, TOGETHER at a time -> frames of the film's size, or of the clip's where that is its own."""
    t, unet = job.technique, job.model.unet
    if job.model.card.film or job.takes_picture():
        raise BadRequest(
            f"source_prompt: {job.model.card.id} does without; leave it empty, or choose a model of pictures."
        )
    texts = unweighted(t.source_prompt), unweighted(t.prompt)
    weighed, empty, was, wanted = yield from job.condition(film.width, film.height, *texts)
    levels = job.levels()
    scale, interval = job.guided(levels)
    words = aligned(job, was.hidden.shape[1])
    made: list[Frames] = []
    for begin in range(0, len(latents), TOGETHER):
        rows = slice(begin, begin + TOGETHER)
        source = yield from ddim(job, latents[rows], levels, was)
        place = yield from _place(job, source, was, weighed, USUAL.blend)
        job.frames = len(source.start)

        def beside(source: Trajectory = source, place: Tensor | None = place) -> list[Control]:
            negatives = source.negative_at(empty)
            shares = interval, USUAL.cross, USUAL.own
            return [Beside(unet, list(levels), source.at(), was, words, scale, negatives, *shares, place)]

        drawn = yield from job.run(
            source.start, levels, wanted, empty, beside, step=source.step(), guidance=Control()
        )
        after = yield from film.decoded(drawn)
        before = yield from film.decoded(source.latents[-1])
        for own, old, new in zip(frames[rows], before, after, strict=True):
            source_frame, was_drawn, is_drawn = (
                Clip.picture(np.ascontiguousarray(part)) for part in (own, old, new)
            )
            made.append(finished(source_frame, was_drawn, is_drawn).array)
    return np.stack(made)


def _place(
    job: Job, source: Trajectory, was: Condition, wanted: Condition, share: float
) -> Steps[Tensor | None]:
    """Where the words change the frames: [F, 1, h, w] in {0, 1}; None where they change nothing.

    The mean difference of the two predictions along the source's own trajectory, its clean and its noisiest tenth left out.

    Args:
        share: of the strongest difference from which on a place belongs to the change.
    """
    steps = len(source.levels) - 1
    first, last = steps // 10, steps - 1 - steps // 10
    chosen = sorted({round(first + (last - first) * i / (LOOKS - 1)) for i in range(LOOKS)})
    total = torch.zeros_like(source.start[:, :1])
    for i in chosen:
        yield Progress("finding the place", chosen.index(i), len(chosen), memory=job.peak())
        total = total + (
            yield from job.thriftily(
                "drawing", "finding the place", lambda i=i: _differ(job, source, i, was, wanted)
            )
        )
    strongest = float(total.amax())
    return (total >= share * strongest).to(total) if strongest > 0 else None


@torch.no_grad()
def _differ(job: Job, source: Trajectory, i: int, was: Condition, wanted: Condition) -> Tensor:
    """[F, 1, h, w]"""
    x, level, denoiser = source.latents[i], source.levels[i], job.denoiser()
    return (denoiser(x, level, wanted) - denoiser(x, level, was)).abs().mean(1, keepdim=True)


def _by_pictures(job: Job, film: Film, latents: Tensor, free: Tensor | None) -> Steps[Tensor]:
    """Frame after frame beside the first one, TOGETHER at a time, all from one noise."""
    t, codec = job.technique, job.model.codec
    channels = job.model.unet.config.in_channels
    instructed = job.takes_picture()
    if channels != codec.channels and not instructed:
        raise BadRequest(f"model: {job.model.card.id} cannot change a clip; choose another model.")
    positive, negative = yield from job.condition(film.width, film.height)
    levels = job.levels(1.0 if instructed else t.strength)
    noise = film.noise(film.sources(0, 1))  # [1, C, h, w]
    made: list[Tensor] = []
    for begin in range(0, len(latents), TOGETHER - 1):
        rows = [0, *range(max(begin, 1), min(begin + TOGETHER - 1, len(latents)))]
        part = latents[rows]
        if instructed:
            x = (noise * math.hypot(levels[0].alpha, levels[0].sigma)).expand_as(part)
            shown = part / codec.scale + codec.shift
            said = replace(positive.expand(len(rows)), channels=shown)
            unsaid = replace(negative.expand(len(rows)), channels=shown)
        else:
            x, said, unsaid = mix(part, noise.expand_as(part), levels[0]), positive, negative
        job.frames = len(rows)
        outside = None if free is None else free[rows]
        drawn = yield from job.run(
            x,
            levels,
            said,
            unsaid,
            _hands(job.model.unet, part, outside),
            step=make_step(t.solver, film.sources(0, 1) * len(rows), schedule=job.schedule),
        )
        made.append(drawn if begin == 0 else drawn[1:])
    return torch.cat(made)


def _hands(unet: Any, part: Tensor, free: Tensor | None) -> Callable[[], list[Control]]:
    return lambda: [CrossFrame(unet, len(part)), *([] if free is None else [KeepOutside(part, free)])]


# --- masks --------------------------------------------------------------------------------------------------------


def _masks(job: Job, frames: NDArray[np.uint8]) -> dict[int, Mask]:
    """{frame: mask [H, W]} that the request gives.

    Raises:
        BadRequest: beyond the clip, twice, or of another size.
    """
    found: dict[int, Mask] = {}
    for i, key in enumerate(job.technique.masks):
        if key.frame >= len(frames):
            raise BadRequest(
                f"masks.{i}.frame: the clip has {len(frames)} frames, the last is {len(frames) - 1}; choose one of them."
            )
        if key.frame in found:
            raise BadRequest(f"masks.{i}.frame: frame {key.frame} has a mask already; choose another frame.")
        name = f"masks.{i}.mask"
        found[key.frame] = mask_of(job.inputs[name], Clip.picture(frames[0]), name)
    return found


def masks_between(keys: Mapping[int, Mask], count: int) -> NDArray[np.uint8] | None:
    """Masks at some frames -> masks of all, [count, H, W]; None where there is none.

    Between two, the signed distances to both outlines, each moved to where the middle of the mask is by then, are mixed.
    """
    if not keys:
        return None
    places = sorted(keys)
    made = np.empty((count, *keys[places[0]].shape), np.uint8)
    made[: places[0] + 1] = keys[places[0]]
    made[places[-1] :] = keys[places[-1]]
    for a, b in pairwise(places):
        made[a] = keys[a]
        near, far = _distance(keys[a]), _distance(keys[b])
        middle_a, middle_b = _middle(keys[a]), _middle(keys[b])
        for i in range(a + 1, b):
            share = (i - a) / (b - a)
            way = middle_b - middle_a
            moved = (1 - share) * _moved(near, share * way) + share * _moved(far, (share - 1) * way)
            made[i] = np.rint(np.clip(moved + 0.5, 0, 1) * 255)  # one pixel of softness at the outline
    return made


def _distance(mask: Mask) -> NDArray[np.float64]:
    """[H, W]: pixels to the outline, positive inside."""
    inside = mask > HALF
    depth: Any = ndimage.distance_transform_edt
    return depth(inside) - depth(~inside)


def _middle(mask: Mask) -> NDArray[np.float64]:
    """(y, x)"""
    return np.array(ndimage.center_of_mass(mask > HALF))


def _moved(distance: NDArray[np.float64], by: NDArray[np.float64]) -> NDArray[np.float64]:
    return ndimage.shift(distance, by, order=1, mode="nearest")


def _free(job: Job, masks: NDArray[np.uint8], film: Film) -> Tensor:
    """[F, 1, h, w]: what of each latent may change."""
    small = [scaled_mask(mask, film.width, film.height) for mask in masks]
    return torch.cat([latent_mask(mask, job.model.codec.factor, job.model.device) for mask in small])
