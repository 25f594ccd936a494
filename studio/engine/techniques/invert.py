"""A picture is turned into the noise it comes from, and drawn again from there: what comes back, and how far it is off.

The trajectory is kept (see `inversion.inverted`), so the edits that follow begin at once. Errors are told twice: against the
picture, and of the picture that only went through the autoencoder, which no inversion can better; their difference is the
inversion's own.
"""

from __future__ import annotations

from studio.core.clip import Clip
from studio.engine.controls.guidance import GuidanceByLevel
from studio.engine.inputs import flatten
from studio.engine.inversion import inverted, psnr
from studio.engine.job import Job, Steps
from studio.engine.keep import scaled
from studio.engine.techniques.image2image import fitting


def run(job: Job) -> Steps[Clip]:
    t, source = job.technique, job.inputs["image"]
    width, height = fitting(job.model.card.sizes, source.width, source.height)
    words, empty = yield from job.condition(width, height)
    small = scaled(flatten(source), width, height)
    latent = yield from job.encode(small, width, height)
    levels = job.levels()
    scale, interval = job.guided(levels)
    trajectory = yield from inverted(
        job, latent, levels, t.prompt, words, empty, t.method, scale, interval, t.inner
    )
    # the faithful way answers guidance with its own empty words; in the others they are the picture's, and guidance pushes nowhere
    faithful = t.method == "faithful"
    guidance = GuidanceByLevel(
        scale if faithful else 1.0, trajectory.negative_at(empty if faithful else words), interval
    )
    made = yield from job.run(
        trajectory.start, levels, words, empty, step=trajectory.step(), guidance=guidance
    )
    back = yield from job.decode(made)
    coded = yield from job.decode(latent)
    own, limit = psnr(small.array, back.array), psnr(small.array, coded.array)
    job.notes.append(
        f"What came back: {own:.2f} dB against the picture; the autoencoder alone has {limit:.2f} dB, so the inversion lost"
        f" {max(limit - own, 0):.2f} dB. It took {trajectory.calls} calls of the network, {trajectory.calls / (len(levels) - 1):.0f} a step."
    )
    return scaled(back, source.width, source.height)
