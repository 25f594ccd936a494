"""Clips whose frames are one picture, its thing carried along ways that a diffusion model draws first (`nets.ways`).

What a thing is comes from the picture, how it moves from the words. Of several lines of words each has its share of the frames, and begins
with the last frame of the one before. A loop goes there and back. A last frame may be given (`meeting`).
"""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from studio.core.job import Progress
from studio.engine.codecs.picture import to_bytes
from studio.engine.condition import Condition
from studio.engine.controls.guidance import Guidance
from studio.engine.denoiser import denoiser_for
from studio.engine.film import Film, Words
from studio.engine.job import Job, Steps
from studio.engine.meeting import met
from studio.engine.moving import carried
from studio.engine.nets.ways import (
    CHANNELS,
    GRID,
    NOISE,
    Part,
    Ways,
    channels_of,
    stiff,
    told,
    unpacked,
)
from studio.engine.sample import sample
from studio.engine.schedule import Schedule
from studio.engine.steps import draw, make_step

Frames = NDArray[np.uint8]
"""[F, H, W, 3]"""


def able(job: Job) -> bool:
    """Whether the job's model has a network for it."""
    return job.model.ways is not None


IDLE = (
    "Look back (overlap) had no effect: the picture was moved, and no frames were drawn that could look back."
)


def clip_of(
    film: Film,
    picture: NDArray[np.uint8],
    part: Part,
    count: int,
    words: Words,
    loop: bool = False,
    on: bool = False,
    end: NDArray[np.uint8] | None = None,
) -> Steps[Frames]:
    """`count` frames, in the size of the picture [H, W, 3], which is what `part` says: shows the thing, is the first or the last frame.

    Args:
        end: [H, W, 3], the last frame, where the picture is the first.
        loop: there and back, where there is one line of words.
        on: the picture is the frame before the first one.
    """
    t = film.job.technique
    if t.overlap != type(t).model_fields["overlap"].default:
        film.job.notes.append(IDLE)
    frames = np.empty((count, *picture.shape), np.uint8)
    lines = min(len(words.lines), count)
    for number in range(lines):
        first, until = count * number // lines, count * (number + 1) // lines
        square = _square(picture).to(film.job.model.device)
        ways = yield from _drawn(film.job, square, part, words.of(number), words.negative, number)
        times = _times(until - first, on or number > 0, loop and lines == 1)
        if end is not None and number == lines - 1:
            goal = _square(end).to(square.device)
            arrived = yield from _drawn(film.job, goal, "last", words.of(number), words.negative, number)
            moved = met(square, ways, goal, arrived.matte, times)
        else:
            moved = carried(square, ways, times)
        for i in range(first, until):
            yield Progress("moving the picture", i, count, memory=film.job.peak())
            with film.job.stage("drawing"):
                frames[i] = _cropped(next(moved), picture)
        given = {"first": 0, "last": -1}.get(part)
        if given is not None and not (on or number):  # it is a frame already
            frames[given] = picture
        picture, part = frames[until - 1], "first"
    if end is not None:
        frames[-1] = end
    return frames


def _times(count: int, on: bool, loop: bool) -> list[float]:
    """When the frames of a way are, in [0, 1]; on: the frame before the first one is there already; loop: there and back.

    >>> _times(3, False, False)
    [0.0, 0.5, 1.0]
    >>> _times(2, True, False)
    [0.5, 1.0]
    >>> _times(4, False, True)
    [0.0, 0.5, 1.0, 0.5]
    """
    if loop:
        return [1 - abs(2 * i / count - 1) for i in range(count)]
    return [(i + on) / max(count - 1 + on, 1) for i in range(count)]


def _drawn(
    job: Job, picture: Tensor, part: Part, words: Condition, negative: Condition, number: int
) -> Steps[Ways]:
    """Ways of what is in the picture [1, 3, S, S], for line `number` of the words."""
    net, device = job.model.ways, job.model.device
    schedule = Schedule.from_config(NOISE)
    steps = job.technique.steps
    levels = schedule.levels(steps, "trailing")
    seen = channels_of(picture, part)
    generator = torch.Generator().manual_seed((job.spec.seed + 7919 * number) % 2**63)
    x = draw([generator], (CHANNELS, GRID, GRID)).to(device)
    controls = [Guidance(job.technique.guidance, told(negative.hidden, seen))]
    step = make_step("dpm++2m", schedule=schedule)
    states = sample(denoiser_for(schedule, net), x, levels, step, told(words.hidden, seen), controls)
    for i in range(steps):
        yield Progress("drawing the ways", i, steps, memory=job.peak())
        with job.stage("drawing"):
            x = next(states).x
    return stiff(unpacked(x), part)


def _square(picture: NDArray[np.uint8]) -> Tensor:
    """[H, W, 3] -> [1, 3, S, S] in [-1, 1], the shorter side widened by its own rim: what turns must not be squeezed."""
    H, W = picture.shape[:2]
    side = max(H, W)
    image = torch.from_numpy(np.ascontiguousarray(picture)).permute(2, 0, 1)[None].float() / 127.5 - 1
    top, left = (side - H) // 2, (side - W) // 2
    return F.pad(image, (left, side - W - left, top, side - H - top), mode="replicate")


def _cropped(square: Tensor, picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """What of [1, 3, S, S] is the picture's place, as bytes [H, W, 3]."""
    H, W = picture.shape[:2]
    top, left = (square.shape[-2] - H) // 2, (square.shape[-1] - W) // 2
    return to_bytes(square[..., top : top + H, left : left + W])[0]
