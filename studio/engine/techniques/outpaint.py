"""A picture goes on beyond its edges: it is laid on a larger canvas, and what is empty there is filled (`techniques.inpaint`).

What the picture holds comes back bit for bit. Under the new part lie the picture's edge pixels, repeated: the seam blends into
them, and the autoencoder sees no hard edge where the picture ends.
"""

from __future__ import annotations

import numpy as np

from studio.core.clip import Clip
from studio.engine.job import Job, Steps
from studio.engine.techniques.inpaint import filled


def run(job: Job) -> Steps[Clip]:
    source = job.inputs["image"]
    left, top, right, bottom = job.technique.sides(source.width, source.height)
    around = ((top, bottom), (left, right))
    canvas = np.pad(source.array, (*around, (0, 0)), "edge")
    mask = np.pad(np.zeros((source.height, source.width), np.uint8), around, constant_values=255)
    return (yield from filled(job, Clip.picture(canvas), mask))
