"""The second stage of a cascade: what a model drew small becomes as large as it was asked for (Ho et al. 2022, CDM).

A small model draws a bounded number of pixels well (`Sizes.area`). Asked for more it draws fewer, two or four times smaller on a
side where that suffices, and the model that its card names as second stage enlarges that; without one it is scaled.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from studio.core.card import Sizes
from studio.core.clip import Clip
from studio.core.job import JobSpec, Progress, Source, Upscale
from studio.engine.checkpoint import Checkpoint, Saved
from studio.engine.job import Job, Steps
from studio.engine.masks import scaled

FACTORS = (1, 2, 4)
NEAR = 1.1
"""What is so nearly large enough is only scaled."""
HERE = "(the first stage)"


def drawn_size(sizes: Sizes, width: int, height: int) -> tuple[int, int]:
    """The width and height that a model draws for a picture of width x height.

    >>> drawn_size(Sizes(native=(64, 64), min=64, max=512, multiple=32, area=9216), 256, 256)
    (64, 64)
    >>> drawn_size(Sizes(native=(64, 64), min=64, max=512, multiple=16, area=9216), 256, 320)
    (64, 80)
    """
    if not sizes.area or width * height <= sizes.area:
        return width, height
    for factor in FACTORS[1:]:
        size = sizes.nearest(width // factor), sizes.nearest(height // factor)
        if size[0] * size[1] <= sizes.area:
            return size
    shrink = math.sqrt(sizes.area / (width * height))
    wide, high = (
        max(int(side * shrink) // sizes.multiple * sizes.multiple, sizes.min) for side in (width, height)
    )
    return wide, high


def finer(job: Job, drawn: Clip, width: int, height: int) -> Steps[Clip]:
    """A picture that the job's model drew, at width x height."""
    factor = factor_for(drawn, width, height)
    if factor > 1 and job.second and job.draft is None:
        drawn = yield from _enlarged(job, drawn, factor)
    return Clip.picture(scaled(drawn.array, width, height))


def finer_pixels(job: Job, drawn: NDArray[np.uint8], width: int, height: int) -> Steps[NDArray[np.uint8]]:
    """`finer` for pixels [h, w, 3]."""
    return (yield from finer(job, Clip.picture(drawn), width, height)).array


def factor_for(drawn: Clip, width: int, height: int) -> int:
    """How many times larger it has to be drawn, so that scaling alone need not enlarge it by much: 1, 2 or 4."""
    need = max(width / drawn.width, height / drawn.height) / NEAR
    return next((factor for factor in FACTORS if factor >= need), FACTORS[-1])


def _enlarged(job: Job, drawn: Clip, factor: int) -> Steps[Clip]:
    """A job of its own within the job: the second model's, with the same seed."""
    from studio.engine.techniques.upscale import enlarged

    assert job.second is not None
    yield Progress("enlarging", memory=job.peak())
    model = job.second()
    technique = Upscale.model_validate(
        {"image": Source(path=HERE), "factor": factor, "steps": model.card.defaults.steps}
    )
    spec = JobSpec(technique=technique, model=model.card.id, seed=job.spec.seed)
    own = Job(
        spec, model, {"image": drawn}, Checkpoint(None, spec), job.index, job.count, Saved(job.index), job.thrift, job.pace,
        job.make_room,
    )  # fmt: skip
    steps = enlarged(own, drawn)
    try:
        while True:
            event = next(steps)
            yield replace(event, stage="enlarging") if isinstance(event, Progress) else event
    except StopIteration as end:
        return end.value
    finally:
        steps.close()
        job.seconds["enlarging"] = job.seconds.get("enlarging", 0.0) + sum(own.seconds.values())
        job.notes += [note for note in own.notes if note not in job.notes]
