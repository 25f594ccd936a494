"""A picture is learnt together with words for it, and drawn from words on the way to others (Imagic, Kawar et al. 2022).

    1. from the wanted words' embedding, the one under which the network best predicts the picture is found
    2. under that one, the network itself learns the picture (an adapter, `finetune`; the paper tunes all weights)
    3. the picture is drawn from noise under a mixture: eta of the wanted words and 1 - eta of those that were found

What was learnt depends on the picture and on the wanted words; other mixtures and seeds use it again.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from studio.core.clip import Clip
from studio.core.job import BadRequest
from studio.engine.condition import Condition
from studio.engine.finetune import Adapter, adapter_key, save, stored, train
from studio.engine.inputs import flatten
from studio.engine.job import Job, Steps
from studio.engine.keep import scaled
from studio.engine.techniques.image2image import fitting
from studio.engine.techniques.unitune import glimpse, with_own_pixels

WORDING_RATE = 2e-2
"""Adam's step for the embedding; its entries are of the size 1."""


def run(job: Job) -> Steps[Clip]:
    t, source = job.technique, job.inputs["image"]
    if not t.prompt.strip():
        raise BadRequest("prompt: is empty; say what you want to see.")
    width, height = fitting(job.model.card.sizes, source.width, source.height)
    wanted, empty = yield from job.condition(width, height)
    latent = yield from job.encode(scaled(flatten(source), width, height), width, height)
    levels = job.levels()
    key = adapter_key(
        job, latent, "imagic", t.prompt, t.steps, t.spacing, t.tuning, t.wording, t.rate, t.batch
    )
    adapter = stored(key, job.model.unet, job.model.device)
    if adapter is None:
        found = wanted.hidden.detach().float().clone().requires_grad_(True)

        def worded() -> Condition:
            return replace(wanted, hidden=found)

        yield from train(
            job, "finding words", latent, levels, worded, [found],
            steps=t.wording, rate=WORDING_RATE, batch=t.batch, seed=0, show=glimpse(job, latent, levels, worded),
        )  # fmt: skip
        fixed = replace(wanted, hidden=found.detach())
        adapter = Adapter.fresh(job.model.unet, seed=0)
        with adapter.on(job.model.unet):
            yield from train(
                job, "learning", latent, levels, lambda: fixed, adapter.parameters(),
                steps=t.tuning, rate=t.rate, batch=t.batch, seed=1, show=glimpse(job, latent, levels, lambda: fixed),
            )  # fmt: skip
        adapter = adapter.freeze()
        adapter.extra["hidden"] = found.detach()
        save(key, adapter)
    learnt = adapter.extra["hidden"]
    between = replace(wanted, hidden=learnt + t.interpolation * (wanted.hidden.float() - learnt))
    x = job.noise(width, height) * float(np.hypot(levels[0].alpha, levels[0].sigma))
    with adapter.on(job.model.unet):
        made = yield from job.run(x, levels, between, empty)
    return (yield from with_own_pixels(job, source, latent, made))
