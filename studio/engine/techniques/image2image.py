"""A picture is changed under new words: it gets noise, and loses it again (SDEdit, Meng et al. 2022).

The result has the source's proportions, at the size the model can draw that is nearest to the source's own.
"""

from __future__ import annotations

from studio.core.card import Sizes
from studio.core.clip import Clip
from studio.engine.job import Job, Steps, mix
from studio.engine.masks import drawing_size
from studio.engine.second import finer


def run(job: Job) -> Steps[Clip]:
    source = job.inputs["image"]
    width, height = fitting(job.model.card.sizes, source.width, source.height)
    positive, negative = yield from job.condition(width, height)
    latent = yield from job.encode(source, width, height)
    levels = job.levels(job.technique.strength)
    x = mix(latent, job.noise(width, height), levels[0])
    latent = yield from job.run(x, levels, positive, negative)
    drawn = yield from job.decode(latent)
    if not job.model.card.sizes.area or width * height >= source.width * source.height:
        return drawn
    return (yield from finer(job, drawn, source.width, source.height))


def fitting(sizes: Sizes, width: int, height: int) -> tuple[int, int]:
    """The size nearest to width x height, in about its proportions, that the model can draw, and draws well.

    >>> fitting(Sizes(native=(512, 512), min=256, max=1024, multiple=8), 4000, 3000)
    (1024, 768)
    >>> fitting(Sizes(native=(64, 64), min=64, max=512, multiple=32, area=9216), 400, 300)
    (96, 64)
    """
    if sizes.area and width * height > sizes.area:
        return drawing_size(sizes, width, height)
    scale = min(1.0, sizes.max / max(width, height))
    if min(width, height) * scale < sizes.min:
        scale = sizes.min / min(width, height)
    return sizes.nearest(round(width * scale)), sizes.nearest(round(height * scale))
