"""A recording goes on: its last tokens are given, what follows is played, in its own beat.

Its own samples stay as they are, bit for bit. Phases of the new part are found with the recording's own beside them (frames that lie in
the recording keep their spectrum), so the wave goes on where it ended. A beginning is made in the same way.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from studio.core.clip import Clip
from studio.core.job import Progress
from studio.core.sound import resampled
from studio.core.spectrogram import griffin_lim, magnitudes, spectrum, unbanded
from studio.engine import music
from studio.engine.controls.blend import KeepOutside
from studio.engine.job import Job, Steps
from studio.engine.music import codec_of, drawn, levels_of, scaled_noise
from studio.engine.recordings import Recording, gained, latent_of, recording, score_for
from studio.engine.techniques.text2music import understood_without

Floats = NDArray[np.float32]

CONTEXT = 2
"""Windows of the network that the recording is heard for."""
JOINT = 0.003
"""Seconds in which what is left of a step in the wave fades away, after the joint."""


def run(job: Job) -> Steps[Clip]:
    t, codec = job.technique, codec_of(job)
    whole = recording(job)
    context = min(whole.tokens - 1, CONTEXT * job.model.unet.config.tokens)
    added = codec.tokens(t.seconds)
    per_token = codec.frames * codec.how.hop
    after = t.where == "after"
    # Only tokens that lie in the recording as a whole are given.
    inside = len(whole.sound) // per_token
    context = max(1, min(context, inside - 1))
    first = inside - context if after else 0
    known = whole.levels[:, first * codec.frames : (first + context) * codec.frames]
    latent = latent_of(job, known)
    tokens = context + added + 1
    at = 0 if after else tokens - context
    held = torch.zeros(1, codec.channels, 1, tokens, device=latent.device)
    held[..., at : at + context] = latent
    mask = torch.ones(1, 1, 1, tokens, device=latent.device)
    mask[..., at : at + context] = 0
    score = score_for(job, tokens, whole)
    # The beat was counted from the recording's beginning.
    score.first += (first - at) * codec.token_seconds
    negative = score.without_words(understood_without(job))
    levels = job.levels()
    x = scaled_noise(job, tokens, levels)
    made = yield from drawn(job, x, levels, score.condition(), negative, lambda: (KeepOutside(held, mask),))
    picture = gained(levels_of(job, made), -whole.gain)
    sound = yield from _phased(job, whole, picture, first * per_token, at * per_token, after)
    return joined(whole, sound, codec.how.rate, t.seconds, after)


def _phased(job: Job, whole: Recording, levels: Floats, start: int, at: int, after: bool) -> Steps[Floats]:
    """The new part alone, mono at the model's rate.

    Args:
        start: sample of the recording where its heard part begins.
        at: sample of the drawn piece where that lies.
    """
    how = codec_of(job).how
    own = whole.sound[start:] if after else whole.sound[: levels.shape[1] * how.hop - at]
    length = levels.shape[1] * how.hop
    canvas = np.zeros(length, np.float32)
    held = own[: length - at]
    canvas[at : at + len(held)] = held
    bins = unbanded(magnitudes(levels), how)
    begin = spectrum(canvas, how)[:, : bins.shape[1]]
    centre = np.arange(bins.shape[1]) * how.hop
    # Frames that see nothing but the recording keep it, magnitude, phase and all.
    half = how.window // 2
    from_edge = (
        0 if after else half
    )  # a piece that begins with the recording is silent before it, as the recording is
    known = (centre >= at + from_edge) & (centre + half <= at + len(held))
    kept = np.broadcast_to(known, bins.shape).copy()
    chance = music.beginning(bins, job.spec.seed % 2**32)
    sounding = np.where(np.abs(begin) > 1e-6, begin, chance).astype(np.complex64)
    with job.stage("sounding"):
        sound = griffin_lim(bins, how, music.GRIFFIN_LIM, start=sounding, kept=kept, samples=length)
    yield Progress("sounding", 1, 1, 0.0, job.peak())
    return sound[at + len(held) :] if after else sound[:at]


def joined(whole: Recording, new: Floats, rate: float, seconds: float, after: bool) -> Clip:
    """The recording and what was added, at its rate and with its channels; no step at the joint."""
    own = whole.clip.array
    count = round(seconds * whole.rate)
    added = resampled(new, rate, whole.rate)
    added = added[:count] if after else added[-count:]
    line = np.repeat(added[:, None], own.shape[1], axis=1)
    fade = np.linspace(1, 0, max(2, round(JOINT * whole.rate)), dtype=np.float32)[:, None][: len(line)]
    if after:
        line[: len(fade)] += (own[-1] - line[0]) * fade
        out = np.concatenate([own, line])
    else:
        line[len(line) - len(fade) :] += (own[0] - line[-1]) * fade[::-1]
        out = np.concatenate([line, own])
    return Clip.sound(np.ascontiguousarray(out, np.float32), whole.rate)
