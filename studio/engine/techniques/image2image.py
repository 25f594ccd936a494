"""A picture is changed under new words: it gets noise, and loses it again (SDEdit, Meng et al. 2022).

The result has the source's proportions, at the size the model can draw that is nearest to the source's own.
"""

from __future__ import annotations

from studio.core.card import Sizes
from studio.core.clip import Clip
from studio.engine.job import Job, Steps, mix


def run(job: Job) -> Steps[Clip]:
    source = job.inputs["image"]
    width, height = fitting(job.model.card.sizes, source.width, source.height)
    positive, negative = yield from job.condition(width, height)
    latent = yield from job.encode(source, width, height)
    levels = job.levels(job.technique.strength)
    x = mix(latent, job.noise(width, height), levels[0])
    latent = yield from job.run(x, levels, positive, negative)
    return (yield from job.decode(latent))


def fitting(sizes: Sizes, width: int, height: int) -> tuple[int, int]:
    """The size nearest to width x height, in about its proportions, that the model can draw.

    >>> fitting(Sizes(native=(512, 512), min=256, max=1024, multiple=8), 4000, 3000)
    (1024, 768)
    """
    scale = min(1.0, sizes.max / max(width, height))
    if min(width, height) * scale < sizes.min:
        scale = sizes.min / min(width, height)
    return sizes.nearest(round(width * scale)), sizes.nearest(round(height * scale))
