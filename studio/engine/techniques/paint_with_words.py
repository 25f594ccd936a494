"""Painted regions and their words become a picture (paint-with-words, eDiff-I, Balaji et al. 2022, section 5).

The prompt is for the whole picture. The words of a region are looked up in it, and added to its end where it lacks them; attention
to their tokens is raised inside the region (`controls.paint`).

Decisions. (1) The paper's text encoder tells words apart; in a causal one, as CLIP's, a token's state holds what stands before it, and
what a thing is like has moved on to later tokens: the built-in model looks at "and" in "a cat and an apple" to draw the cat, and
raising "cat" alone moves nothing. So a region also brings its words as a text of its own, that only its places can look at. Closing
the prompt to the places outside was tried too: things then dissolved. (2) Against the order of the words attention does not win on
the built-in model: what is only listed is therefore listed as it was painted (`arrange`). To predict each region alone under its own
words in the noisy part of the run (Bar-Tal et al. 2023, section 4.2) was tried instead: the whole picture's prediction turned it
back afterwards, with every bound from a ratio of 0.4 to 4.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from studio.core.clip import Clip
from studio.core.job import BadRequest
from studio.engine.arrange import Place, arranged, told
from studio.engine.controls.paint import PaintWords
from studio.engine.job import Job, Steps
from studio.engine.masks import grey, scaled
from studio.engine.prompt import Tokenizer, chunks_needed, parse, positions, unweighted
from studio.engine.second import drawn_size, finer

USUAL = 0.1
"""w' at strength 1."""


def run(job: Job) -> Steps[Clip]:
    t = job.technique
    width, height = drawn_size(job.model.card.sizes, t.width, t.height)
    words = [region.words for region in t.regions]
    factor = job.model.codec.factor
    areas = [area(job, i, (height // factor, width // factor)) for i in range(len(t.regions))]
    prompt = completed(job.model.tokenizers[0], t.prompt, words)
    shown = [(one, inside) for one, inside in zip(t.regions, areas, strict=True) if one.strength > 0]
    painted_at = {unweighted(one.words).strip(): middle(inside) for one, inside in shown}
    prompt = told(prompt, arranged(prompt, painted_at), job.notes)
    said = yield from job.condition(width, height, prompt, *words)
    negative, positive, own = said[1], said[2], said[3:]
    painting, heard = painted(job, prompt, positive.hidden.shape[1], areas)
    hidden = torch.cat([positive.hidden, *(one.hidden for one in own)], dim=1)  # [1, (1 + R) T, C]
    positive = replace(positive, hidden=hidden)
    # the same words again and again attract the same attention as once
    negative = replace(negative, hidden=negative.hidden.repeat(1, 1 + len(own), 1))
    levels = job.levels()
    x = job.noise(width, height) * math.hypot(levels[0].alpha, levels[0].sigma)
    latent = yield from job.run(
        x, levels, positive, negative, lambda: [PaintWords(job.model.unet, hidden, painting, heard)]
    )
    drawn = yield from job.decode(latent)
    return (yield from finer(job, drawn, t.width, t.height))


def area(job: Job, i: int, size: tuple[int, int]) -> Tensor:
    """[h, w] in [0, 1]: region i at the latent's size.

    Raises:
        BadRequest: it is empty.
    """
    t, name = job.technique, f"regions.{i}.mask"
    mask = scaled(grey(job.inputs[name]), t.width, t.height)
    if not mask.any():
        words = t.regions[i].words
        raise BadRequest(f"{name}: is empty; paint where “{words}” should be, or remove the region.")
    inside = torch.from_numpy(mask.astype(np.float32) / 255)[None, None]
    return torch.nn.functional.adaptive_avg_pool2d(inside, size)[0, 0]


def middle(inside: Tensor) -> Place:
    """Where its weight lies, of [h, w]."""
    h, w = inside.shape
    ys, xs = ((torch.arange(n, device=inside.device) + 0.5) / n for n in (h, w))
    total = float(inside.sum())
    return float((inside.sum(0) * xs).sum()) / total, float((inside.sum(1) * ys).sum()) / total


def painted(job: Job, prompt: str, tokens: int, areas: list[Tensor]) -> tuple[Tensor, Tensor]:
    """Two maps [(1 + R) T, h, w] for `PaintWords`: of the prompt's T tokens, then of each region's own."""
    t, tokenizer = job.technique, job.model.tokenizers[0]
    painting = torch.zeros((1 + len(areas)) * tokens, *areas[0].shape)
    heard = torch.ones_like(painting)
    for i, (region, inside) in enumerate(zip(t.regions, areas, strict=True)):
        drawn = USUAL * region.strength * inside
        for at in found(tokenizer, prompt, region.words):
            painting[at] = torch.maximum(painting[at], drawn)
        own = slice((1 + i) * tokens, (2 + i) * tokens)
        painting[own] = drawn
        heard[own] = inside * min(region.strength, 1.0)
    return painting.to(job.model.device), heard.to(job.model.device)


def completed(tokenizer: Tokenizer, prompt: str, words: list[str]) -> str:
    """The prompt with those of the words at its end that it lacks."""
    for one in words:
        if not found(tokenizer, prompt, one):
            prompt = ", ".join(filter(None, [prompt.strip(), unweighted(one)]))
    return prompt


def found(tokenizer: Tokenizer, prompt: str, words: str) -> list[int]:
    """Positions of the words' tokens among those of the prompt, wherever they stand together; [] where they don't."""
    plain = "".join(piece for piece, _ in parse(words))
    ids, _ = positions(tokenizer, prompt, chunks_needed(tokenizer, prompt))
    wanted: list[int] = tokenizer(plain.strip(), add_special_tokens=False, verbose=False)["input_ids"]
    ends = {tokenizer.bos_token_id, tokenizer.eos_token_id, tokenizer.pad_token_id}
    real = [at for at, token in enumerate(ids) if token not in ends]
    starts = [
        i
        for i in range(len(real) - len(wanted) + 1)
        if [ids[at] for at in real[i : i + len(wanted)]] == wanted
    ]
    return [at for i in starts for at in real[i : i + len(wanted)]] if wanted else []
