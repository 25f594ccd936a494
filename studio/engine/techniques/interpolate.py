"""A clip gets two or four times as many frames a second: what lies between two frames is drawn (`nets.between`).

Its own frames stay, bit for bit. Two neighbours are in the network at a time, however long the clip is; four times as many frames are
the halves of halves. Frames that are drawn for one place in time share their noise along the clip, so that grain does not flicker.
"""

from __future__ import annotations

import time

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from studio.core.clip import Clip
from studio.core.job import BadRequest, Preview, Progress
from studio.engine.codecs.picture import to_bytes
from studio.engine.denoiser import denoiser_for
from studio.engine.film import check_length, frames_of
from studio.engine.job import Job, Steps
from studio.engine.nets.between import carried, frame_from, network_of, told
from studio.engine.nets.upscale import FOLD, UpscaleNet
from studio.engine.sample import sample
from studio.engine.steps import make_step
from studio.engine.techniques.upscale import net_channels, noise_at


def run(job: Job) -> Steps[Clip]:
    source, factor = job.inputs["video"], int(job.technique.factor)
    given = frames_of(source)
    if len(given) < 2:
        raise BadRequest(
            "video: has one frame, between which nothing lies; choose a clip of two frames or more."
        )
    count = (len(given) - 1) * factor + 1
    height, width = given.shape[1:3]
    check_length(count, width, height)
    frames = np.empty((count, height, width, 3), np.uint8)
    frames[::factor] = given
    begun, pairs = time.perf_counter(), len(given) - 1
    for i in range(pairs):
        made: NDArray[np.uint8] | None = None
        if not np.array_equal(given[i], given[i + 1]):
            made = yield from job.thriftily(
                "drawing", "drawing", lambda i=i: between(job, given[i], given[i + 1], factor)
            )
        frames[i * factor + 1 : (i + 1) * factor] = given[i] if made is None else made
        left = (time.perf_counter() - begun) / (i + 1) * (pairs - i - 1)
        yield Progress("drawing", i + 1, pairs, left, job.peak())
        if i + 1 < pairs and job.pace.ready():
            yield Preview(Clip.picture(frames[i * factor + 1].copy()), i + 1, job.index)
    return Clip.video(frames, (source.rate or job.rate) * factor)


@torch.no_grad()
def between(job: Job, first: NDArray[np.uint8], second: NDArray[np.uint8], factor: int) -> NDArray[np.uint8]:
    """Frames [H, W, 3] -> the factor - 1 between them, [factor - 1, H, W, 3]."""
    middle = halfway(job, first, second, factor)
    if factor == 2:
        return middle[None]
    half = factor // 2
    before = between(job, first, middle, half)
    return np.concatenate([before, middle[None], between(job, middle, second, half)])


def halfway(job: Job, first: NDArray[np.uint8], second: NDArray[np.uint8], stage: int) -> NDArray[np.uint8]:
    """The frame [H, W, 3] in the middle of two; `stage` tells its noise from that of halves of halves."""
    net: UpscaleNet = job.model.unet
    device = job.model.device
    height, width = first.shape[:2]
    pad = (-height % net.multiple, -width % net.multiple)
    a, b = carried(*(_tensor(frame, pad).to(device) for frame in (first, second)))
    levels = job.schedule.levels(job.technique.steps, "trailing")
    H, W = (side // FOLD for side in a.shape[-2:])
    noise = noise_at(job.spec.seed, f"between {stage}", net_channels(), 0, 0, H, W)
    x = noise.to(device) * levels[0].sigma
    denoiser = denoiser_for(job.schedule, network_of(net))
    for state in sample(denoiser, x, levels, make_step("ddim"), told(a, b)):
        x = state.x
    return to_bytes(frame_from(net, x, (a + b) / 2))[0, :height, :width]


def _tensor(frame: NDArray[np.uint8], pad: tuple[int, int]) -> Tensor:
    """[H, W, 3] -> [1, 3, H + pad, W + pad] in [-1, 1], its last row and column repeated."""
    wide = np.pad(frame, ((0, pad[0]), (0, pad[1]), (0, 0)), mode="edge")
    return torch.from_numpy(wide).permute(2, 0, 1)[None].float().div_(127.5).sub_(1)
