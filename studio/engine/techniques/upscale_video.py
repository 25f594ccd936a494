"""A clip becomes two or four times as large, frame by frame (spatial super-resolution of a cascade, Ho et al. 2022, Imagen Video).

The noise that a tile is drawn from belongs to its place and to the seed, not to the frame: what stands still in the clip stays still,
and details move only with what they belong to. One frame is in the network at a time, however long the clip is.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from studio.core.clip import Clip
from studio.core.job import Preview, Progress
from studio.engine.checkpoint import Checkpoint
from studio.engine.film import check_length, frames_of
from studio.engine.job import Job, Steps
from studio.engine.techniques.upscale import enlarged


def run(job: Job) -> Steps[Clip]:
    source, factor = job.inputs["video"], int(job.technique.factor)
    small = frames_of(source)
    height, width = small.shape[1] * factor, small.shape[2] * factor
    check_length(len(small), width, height)
    job.checkpoint = Checkpoint(None, job.spec)  # its place holds one picture
    frames = np.empty((len(small), height, width, 3), np.uint8)
    for i, frame in enumerate(small):
        if i and np.array_equal(frame, small[i - 1]):
            frames[i] = frames[i - 1]
            continue
        steps = enlarged(job, Clip.picture(np.ascontiguousarray(frame)))
        while True:
            try:
                event = next(steps)
            except StopIteration as done:
                frames[i] = done.value.array
                break
            if isinstance(event, Progress):
                left = None if event.left is None else event.left * (len(small) - i)
                now = i * event.total + event.step
                yield replace(event, step=now, total=event.total * len(small), left=left)
        if i + 1 < len(small) and job.pace.ready():
            yield Preview(Clip.picture(frames[i]), i + 1, job.index)
    return Clip.video(frames, source.rate or job.rate)
