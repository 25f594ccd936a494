"""What is marked on a recording's spectrogram is played anew; what is not stays.

Marked parts get noise and lose it again under the words (SDEdit, Meng et al. 2022) among levels that are kept at every step; or they start
from the noise that DDIM inversion finds, which remembers more of what was played. The result keeps the recording's phase, rate and
channels; samples outside the marked time are its own, bit for bit. Without a mark all of it is played anew, in one channel at the
model's rate.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from studio.core import marks
from studio.core.clip import Clip
from studio.core.job import BadRequest, Progress
from studio.core.spectrogram import edited, picture_of
from studio.engine.controls.levels import KeepLevels
from studio.engine.job import Job, Steps, mix
from studio.engine.masks import grey
from studio.engine.music import codec_of, drawn, levels_of, noise_for, phased
from studio.engine.recordings import (
    Recording,
    below_noise,
    gained,
    inverted,
    laid_over,
    latent_of,
    recording,
    score_for,
)
from studio.engine.techniques.text2music import understood_without

Floats = NDArray[np.float32]
SOFT = 3
"""Frames and bands over which old and new are blended, inside the mask."""


def run(job: Job) -> Steps[Clip]:
    t, codec = job.technique, codec_of(job)
    heard = recording(job)
    weights = free(job, heard)
    score = score_for(job, heard.tokens, heard)
    condition, negative = score.condition(), score.without_words(understood_without(job))
    latent = latent_of(job, heard.levels)
    levels = job.levels(t.strength)
    if t.method == "inversion":
        levels = below_noise(levels)
        plain = score.without_words("")
        x = yield from inverted(job, latent, levels, plain)
    else:
        x = mix(latent, noise_for(job, heard.tokens), levels[0])
    device = job.model.device
    kept = KeepLevels(codec, torch.from_numpy(heard.levels).to(device), torch.from_numpy(weights).to(device))
    whole = bool((weights == 1).all())
    latent = yield from drawn(job, x, levels, condition, negative, lambda: () if whole else (kept,))
    made = gained(levels_of(job, latent), -heard.gain)
    if whole:
        sound = yield from phased(job, made, codec.how)
        return Clip.sound(np.ascontiguousarray(sound[: len(heard.sound), None]), codec.how.rate)
    before = picture_of(heard.sound, codec.how)
    frames = before.shape[1]
    weights = weights[:, :frames]
    after = np.where(weights > 0, before + weights * (made[:, :frames] - before), before).astype(np.float32)
    with job.stage("sounding"):
        sound = edited(heard.sound, before, after, codec.how)
    yield Progress("sounding", 1, 1, 0.0, job.peak())
    return laid_over(heard, sound, codec.how.rate)


def free(job: Job, heard: Recording) -> Floats:
    """[bands, T] in 0 .. 1: what may change.

    Raises:
        BadRequest: nothing is marked.
    """
    t, codec = job.technique, codec_of(job)
    frames = heard.levels.shape[1]
    weights = np.ones((codec.how.rows, frames), np.float32)
    seconds = len(heard.sound) / codec.how.rate
    if t.mask is not None:
        marked = marks.weights(grey(job.inputs["mask"]), codec.how, len(heard.sound))
        if not marked.any():
            raise BadRequest("mask: nothing is marked on it; paint over what is to be played anew.")
        weights[:] = 0
        weights[:, : marked.shape[1]] = marked
    start, end = t.start or 0.0, seconds if t.end is None else min(t.end, seconds)
    if start >= end:
        raise BadRequest(f"start: {start:g} s is not before the end, {end:g} s; choose an earlier one.")
    if t.start is not None or t.end is not None:
        at = np.arange(frames) / codec.how.frame_rate
        weights[:, (at < start) | (at > end)] = 0
    return softened(weights)


def softened(weights: Floats) -> Floats:
    """The same with edges that fade inside of what is free."""
    if (weights == 1).all():
        return weights
    span = 2 * SOFT + 1
    padded = np.pad(weights, SOFT, mode="edge")
    for axis in (0, 1):
        padded = np.lib.stride_tricks.sliding_window_view(padded, span, axis).mean(-1)
    return np.where(weights > 0, weights * np.clip(2 * padded - 1, 0.15, 1), 0).astype(np.float32)
