"""Words become a picture: noise of the seed is walked down to a clean latent."""

from __future__ import annotations

import math

from studio.core.clip import Clip
from studio.engine.job import Job, Steps
from studio.engine.second import drawn_size, finer


def run(job: Job) -> Steps[Clip]:
    wanted = job.technique.width, job.technique.height
    width, height = drawn_size(job.model.card.sizes, *wanted)
    positive, negative = yield from job.condition(width, height)
    levels = job.levels()
    # A picture has unit variance in the latent space, so what stands for "all noise" has it too.
    x = job.noise(width, height) * math.hypot(levels[0].alpha, levels[0].sigma)
    latent = yield from job.run(x, levels, positive, negative)
    drawn = yield from job.decode(latent)
    return (yield from finer(job, drawn, *wanted))
