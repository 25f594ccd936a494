"""A picture is learnt under a rare name, and drawn under that name and what else is said (UniTune, Valevski et al. 2022).

The network learns the picture for the rare name alone (an adapter, `finetune`; the paper tunes all weights). The name then follows
the edit's words; guidance is towards both, and the picture with noise is where drawing starts. What was learnt depends on the picture
and not on the edit: any later edit of the picture begins at once.

The paper puts the name before the words. A text encoder that reads from left to right (CLIP's) then reads every word in the light of
a name it does not know: on pocket-image 2 of 7 development edits succeeded so, and 7 of 7 with the name behind.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from studio.core.clip import Clip
from studio.core.job import BadRequest
from studio.engine.condition import Condition
from studio.engine.finetune import Adapter, adapter_key, save, stored, train
from studio.engine.inputs import flatten
from studio.engine.job import Job, Steps, mix
from studio.engine.keep import finished, scaled
from studio.engine.schedule import Level
from studio.engine.second import finer
from studio.engine.steps import draw
from studio.engine.techniques.image2image import fitting

NAME = "beikkpic"
"""Three rare tokens in a row, as in the paper."""
SHOWN = 0.9
"""Strength of the noise under which previews are looked at."""


def run(job: Job) -> Steps[Clip]:
    t, source = job.technique, job.inputs["image"]
    if not t.prompt.strip():
        raise BadRequest("prompt: is empty; say what you want to see.")
    width, height = fitting(job.model.card.sizes, source.width, source.height)
    _, empty, name, wanted = yield from job.condition(width, height, NAME, f"{t.prompt} {NAME}")
    latent = yield from job.encode(scaled(flatten(source), width, height), width, height)
    levels = job.levels()
    key = adapter_key(job, latent, "unitune", t.steps, t.spacing, t.tuning, t.rate, t.batch)
    adapter = stored(key, job.model.unet, job.model.device)
    if adapter is None:
        adapter = Adapter.fresh(job.model.unet, seed=0)
        with adapter.on(job.model.unet):
            yield from train(
                job, "learning", latent, levels, lambda: name, adapter.parameters(),
                steps=t.tuning, rate=t.rate, batch=t.batch, seed=1, show=glimpse(job, latent, levels, lambda: wanted),
            )  # fmt: skip
        adapter = adapter.freeze()
        save(key, adapter)
    walk = job.levels(t.strength)
    x = mix(latent, job.noise(width, height), walk[0])
    with adapter.on(job.model.unet):
        made = yield from job.run(x, walk, wanted, empty)
    return (yield from with_own_pixels(job, source, latent, made))


def with_own_pixels(job: Job, source: Clip, latent: Tensor, made: Tensor) -> Steps[Clip]:
    """The picture of `made`, the source's own pixels where it looks like the source's latent."""
    edited = yield from job.decode(made)
    before = yield from job.decode(latent)
    fine = yield from finer(job, edited, source.width, source.height)
    return finished(source, before, edited, fine=fine)


def glimpse(
    job: Job, latent: Tensor, levels: list[Level], condition: Callable[[], Condition]
) -> Callable[[], Tensor]:
    """What the network now makes of much noise over the picture: a rough latent, for one call."""
    level = levels[max(0, round((1 - SHOWN) * (len(levels) - 1)))]
    noise = draw([torch.Generator().manual_seed(0)], latent.shape[1:], latent)

    @torch.no_grad()
    def look() -> Tensor:
        return job.denoiser()(mix(latent, noise, level), level, condition())

    return look
