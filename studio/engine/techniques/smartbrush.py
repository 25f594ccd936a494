"""A thing fills a painted shape (after SmartBrush, Xie et al. 2022).

The paper trains a network on masks of every precision and blends with the mask it predicts for the thing. Here is no such network;
any text-to-image model is brought to it by three means:

    size        the model is shown little more than the shape, so that the thing it draws there is as large as the shape; words of
                size are left out, as a "small" thing would be small within the shape
    attention   inside the shape, attention to the prompt's words is raised (`controls.paint`), as against begin and end
    blending    outside the shape the picture is the known one at every step (`controls.blend`), so the thing ends where the shape does

What the paper's network can and this cannot: bend a thing into a shape that is not like it. There the shape cuts it off, or shows
background. Precision is the paper's: below 1 the shape is grown and blurred, by up to a quarter of its size.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from studio.core.clip import Clip
from studio.core.select import bounds, feather, grow
from studio.engine.arrange import told, unsized
from studio.engine.condition import Condition
from studio.engine.controls.base import Control
from studio.engine.controls.paint import PaintWords
from studio.engine.job import Job, Steps
from studio.engine.masks import Mask, mask_of
from studio.engine.prompt import chunks_needed, positions
from studio.engine.techniques.inpaint import filled
from studio.engine.techniques.paint_with_words import USUAL

LOOSEST = 0.25
"""Of the shape's longer side, by which it is grown at precision 0."""


def run(job: Job) -> Steps[Clip]:
    t, source = job.technique, job.inputs["image"]
    mask = loosened(mask_of(job.inputs["mask"], source), t.precision)
    tokenizer = job.model.tokenizers[0]
    prompt = told(t.prompt, unsized(t.prompt), job.notes)
    ids, _ = positions(tokenizer, prompt, chunks_needed(tokenizer, prompt))
    ends = {tokenizer.bos_token_id, tokenizer.eos_token_id, tokenizer.pad_token_id}
    words = [at for at, token in enumerate(ids) if token not in ends]

    def painting(positive: Condition, free: Tensor) -> Sequence[Control]:
        drawn = torch.zeros(positive.hidden.shape[1], *free.shape[-2:], device=free.device)
        drawn[words] = USUAL * free[0, 0]
        return [PaintWords(job.model.unet, positive.hidden, drawn, torch.ones_like(drawn))]

    return (yield from filled(job, source, mask, 1.0, painting, prompt))


def loosened(mask: Mask, precision: float) -> Mask:
    """The shape at a precision in [0, 1]: grown, and then blurred without reaching beyond that."""
    box = bounds(mask)
    reach = round((1 - precision) * LOOSEST * max(box.w, box.h))
    if not reach:
        return mask
    return feather(grow(mask, reach), reach / 3)
