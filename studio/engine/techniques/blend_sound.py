"""What lies between two recordings: both are taken back to the noise they come from, and what is between is played from there.

As pictures are in the latent space, sounds are interpolated along the sphere (Shoemake 1985), in the noise that DDIM inversion finds at
the level that the strength says; so between two pieces there is a piece, and not both at once. As one turns into the other, the share
grows from token to token. The result is as long as the longer one (the other is repeated), in one channel at the model's rate.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from studio.core.clip import Clip
from studio.core.loudness import normalised
from studio.engine.job import Job, Steps
from studio.engine.music import codec_of, drawn, sounding
from studio.engine.recordings import below_noise, inverted, latent_of, recording, score_for
from studio.engine.techniques.text2music import understood_without


def run(job: Job) -> Steps[Clip]:
    t, codec = job.technique, codec_of(job)
    first, other = recording(job), recording(job, "other")
    longer = first if len(first.sound) >= len(other.sound) else other
    score = score_for(job, longer.tokens, first)
    plain = score.without_words("")
    levels = below_noise(job.levels(t.strength))
    noises: list[Tensor] = []
    for heard in (first, other):
        line = heard.levels
        line = np.tile(line, (1, -(-longer.levels.shape[1] // line.shape[1])))[:, : longer.levels.shape[1]]
        noises.append((yield from inverted(job, latent_of(job, line), levels, plain)))
    share = torch.linspace(0, 1, longer.tokens) if t.turn else torch.full((longer.tokens,), t.share)
    x = between(noises[0], noises[1], share.to(job.model.device))
    negative = score.without_words(understood_without(job))
    latent = yield from drawn(job, x, levels, score.condition(), negative)
    clip = yield from sounding(job, latent, samples=len(longer.sound))
    if t.loudness is None:
        return clip
    return Clip.sound(normalised(clip.array, codec.how.rate, t.loudness), codec.how.rate)


def between(a: Tensor, b: Tensor, share: Tensor) -> Tensor:
    """[1, C, 1, T] twice, share [T] -> along the sphere, token by token: share 0 is a, 1 is b."""
    cosine = torch.nn.functional.cosine_similarity(a, b, dim=1, eps=1e-6).clamp(-0.9995, 0.9995)  # [1, 1, T]
    angle = torch.arccos(cosine)[:, None]
    return (torch.sin((1 - share) * angle) * a + torch.sin(share * angle) * b) / torch.sin(angle)
