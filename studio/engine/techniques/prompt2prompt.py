"""A picture is changed by changing its words (Prompt-to-Prompt, Hertz et al. 2022); see `controls.attention`.

The source is a picture, inverted (`inversion`), or what the seed gives for its words. The edit starts from the same noise and is
drawn beside the source, whose latents are put back on their own trajectory at every step (direct inversion, Ju et al. 2023), so
nothing has to be drawn well twice.

What the words did not change is the source's own: in the latent by the local blend, and in the picture outside of the place of the
change (`place`), and inside of it where it looks the same (`keep.kept`).

Decisions. (1) With an inverted picture the paper's shares (0.8 of the steps for words, 0.4 for the picture itself) hold too much: of 28
edits of the pocket world 75 % succeeded with them, and 93 % with half of each. (2) What null-text inversion finds in the place of the
empty words is, in effect, what the picture shows. Guidance away from that, at the scale of the model, overshoots where the picture is to
change: colours too strong, black blots; 4 of 9 edits succeeded, where the same edits away from the plain empty words did in 7.
What is outside of the place is put back anyway. So where a place is known, nothing is optimised and the empty words are plain.
"""

from __future__ import annotations

import difflib

import numpy as np
import torch
from torch import Tensor

from studio.core.clip import Clip
from studio.core.job import BadRequest
from studio.engine.condition import Condition
from studio.engine.controls.attention import Beside, Words
from studio.engine.controls.base import Control
from studio.engine.controls.guidance import GuidanceByLevel
from studio.engine.controls.told import takes_guidance
from studio.engine.inputs import flatten
from studio.engine.inversion import Method, drawn, inverted
from studio.engine.job import Job, Steps
from studio.engine.keep import finished, kept, scaled
from studio.engine.masks import Mask, latent_mask
from studio.engine.place import place_of
from studio.engine.prompt import positions, unweighted
from studio.engine.second import finer
from studio.engine.techniques.image2image import fitting

NOT_OPTIMISED = (
    "Only a part of your picture changes and the rest is put back, so the empty words were not optimised: the inversion was the"
    " fast one. With “Only the place of the change” at 0 they are."
)


def run(job: Job) -> Steps[Clip]:
    t, source = job.technique, job.inputs.get("image")
    if not t.source_prompt.strip():
        raise BadRequest("source_prompt: is empty; say what the picture shows.")
    width, height = job.model.card.sizes.native
    if source is not None:
        width, height = fitting(job.model.card.sizes, source.width, source.height)
    texts = unweighted(t.source_prompt), unweighted(t.prompt)
    weighed, empty, was, wanted = yield from job.condition(width, height, *texts)
    levels = job.levels()
    scale, interval = job.guided(levels)
    back = was  # a network that is told the scale goes back unguided and is told it on the way there
    if takes_guidance(job.model.unet):
        told = torch.full((1,), float(scale), device=was.hidden.device)
        weighed, empty, was, wanted = (c.with_extra(guidance=told) for c in (weighed, empty, was, wanted))
        scale = 1.0
    if source is None:
        x = job.noise(width, height) * float(np.hypot(levels[0].alpha, levels[0].sigma))
        guidance = GuidanceByLevel(scale, dict.fromkeys(levels, empty), interval)
        trajectory = yield from drawn(job, x, levels, was, guidance)
        latent = trajectory.latents[-1]
        place = yield from changing(job, latent, was, weighed)
    else:
        small = scaled(flatten(source), width, height)
        latent = yield from job.encode(small, width, height)
        place = yield from changing(job, latent, was, weighed)
        method: Method = t.method
        if method == "faithful" and place is not None:
            method = "fast"
            job.notes.append(NOT_OPTIMISED)
        trajectory = yield from inverted(
            job, latent, levels, texts[0], back, empty, method, scale, interval, t.inner
        )
    free = None if place is None else latent_mask(place, job.model.codec.factor, job.model.device)
    words = aligned(job, was.hidden.shape[1])

    def beside() -> list[Control]:
        return [
            Beside(
                job.model.unet,
                list(levels),
                trajectory.at(),
                was,
                words,
                scale,
                trajectory.negative_at(empty),
                interval,
                t.cross,
                t.own,
                free,
            )
        ]

    made = yield from job.run(
        trajectory.start, levels, wanted, empty, beside, step=trajectory.step(), guidance=Control()
    )
    edited = yield from job.decode(made)
    before = yield from job.decode(latent)
    if source is None:
        return Clip.picture(kept(before.array, before.array, edited.array, place)) if t.paste else edited
    fine = yield from finer(job, edited, source.width, source.height)
    return finished(source, before, edited, t.paste, fine, place)


def changing(job: Job, latent: Tensor, was: Condition, wanted: Condition) -> Steps[Mask | None]:
    """The place of the change, where it is asked for and there is one."""
    return (
        (yield from place_of(job, latent, was, wanted, job.technique.blend)) if job.technique.blend else None
    )


def aligned(job: Job, tokens: int) -> Words:
    """How the request's words stand to the source's; `tokens`: how many positions the text encoder gives."""
    t, tokenizer = job.technique, job.model.tokenizers[0]
    chunks = max(1, tokens // tokenizer.model_max_length)
    old, _ = positions(tokenizer, unweighted(t.source_prompt), chunks)
    new, weights = positions(tokenizer, t.prompt, chunks)
    words = align(old, new, int(tokenizer.eos_token_id), weights)
    device = job.model.device
    return Words(*(part.to(device) for part in (words.behind, words.own, words.weight)))


def align(old: list[int], new: list[int], end: int, weights: list[float]) -> Words:
    """Tokens of two prompts, begin, end and filling included, all of one length.

    Tokens in both stand behind one another, in order. Of a replaced stretch the old tokens stand behind the new ones, spread evenly.
    What is only in the new prompt looks for itself.
    """
    T = len(old)
    behind, own = torch.zeros(T, T), torch.zeros(T)
    ends = old.index(end) + 1, new.index(end) + 1
    matcher = difflib.SequenceMatcher(None, old[: ends[0]], new[: ends[1]], autojunk=False)
    for kind, i, i_end, j, j_end in matcher.get_opcodes():
        if kind == "equal":
            for step in range(i_end - i):
                behind[i + step, j + step] = 1
            continue
        if kind == "replace":
            for step in range(j_end - j):
                behind[i + step * (i_end - i) // (j_end - j), j + step] = 1
        elif kind == "insert":
            own[j:j_end] = 1
    for j in range(ends[1], T):  # the filling behind the end
        behind[min(j - ends[1] + ends[0], T - 1), j] = 1
    return Words(behind, own, torch.tensor(weights))
