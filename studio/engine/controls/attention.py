"""Prompt-to-Prompt: a picture is drawn beside its source and looks where the source looks (Hertz et al. 2022).

At every step the network is called for the source, with its own words, and what each of its attention layers looks at is kept; then
for the edit, and in the first part of the run the kept attention takes the place of the edit's own:

    words      P* = (1 - o) P M + o P', then times the weight of each word (sections 3.2 and 3.3): P of the source, P' of the edit,
               M which of the source's tokens stands behind which of the edit's, o = 1 for tokens that have none
    picture    self-attention of layers up to 32 x 32 is the source's, which keeps shapes

Local blend: outside the place of the change the latent is the source's at every step (section 3.2, "Local Editing").

Decisions. (1) The place of the change is where the two prompts make the network expect something else of the source, as in DiffEdit
(see `place`), and not where attention to the changed words is strong, as published: with 8 x 8 latents attention spreads over
everything. It is known before the first step. (2) The calls are made one after the other, each with a batch of one, instead of as
one batch in which rows look at each other: so it works the same when memory is short, and under every other control.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

from torch import Tensor

from studio.engine.condition import Condition
from studio.engine.controls.base import Control
from studio.engine.controls.guidance import EVERYWHERE, Interval, acts
from studio.engine.denoiser import Denoiser
from studio.engine.schedule import Level

MOST_TOKENS = 32 * 32
"""Of a picture in a self-attention layer that is copied; larger layers hold texture, and their maps are enormous."""

Mode = Literal["plain", "keep", "put"]


@dataclass(frozen=True, eq=False)
class Words:
    """How the edit's words stand to the source's.

    behind: [T, T'] columns add up to 1 or 0, M above. own: [T'] in [0, 1], o above. weight: [T'], 1 = as it is.
    """

    behind: Tensor
    own: Tensor
    weight: Tensor


@dataclass(eq=False)
class Beside(Control):
    """See the module. It guides by itself: the job's own guidance is to be left out.

    Args:
        unet: the library's network.
        sources: {level: the source's latent [1, C, h, w]}. told: the source's words.
        words: see `Words`.
        scale, negatives, interval: of guidance; negatives by the level a step begins at.
        cross, own: parts of the run, in [0, 1], in which attention to words and of the picture to itself is the source's.
        place: [1, 1, h, w] in [0, 1], where the change is; None = everywhere.
    """

    unet: Any
    levels: list[Level]
    sources: Mapping[Level, Tensor]
    told: Condition
    words: Words
    scale: float
    negatives: Mapping[Level, Condition]
    interval: Interval = EVERYWHERE
    cross: float = 0.8
    own: float = 0.4
    place: Tensor | None = None
    mode: Mode = "plain"
    part: float = 0.0
    """Of the run that lies behind when a step begins."""
    kept: dict[int, Tensor] = field(default_factory=dict[int, Tensor])

    def wrap(self, denoiser: Denoiser) -> Denoiser:
        begins = {level: i / (len(self.levels) - 1) for i, level in enumerate(self.levels[:-1])}

        def beside(x: Tensor, level: Level, condition: Condition, /) -> Tensor:
            self.part = begins.get(level, 1.0)
            with self._as("keep"):
                denoiser(self.sources[level], level, self.told)
            with self._as("put"):
                x0 = denoiser(x, level, condition)
            self.kept.clear()
            if self.scale != 1 and acts(self.interval, level):
                empty = denoiser(x, level, self.negatives[level])
                x0 = empty + self.scale * (x0 - empty)
            return x0

        return beside

    def after(self, x: Tensor, level: Level) -> Tensor:
        if self.place is None:
            return x
        source = self.sources[level]
        return source + self.place * (x - source)

    @contextmanager
    def _as(self, mode: Mode) -> Iterator[None]:
        self.mode = mode
        try:
            yield
        finally:
            self.mode = "plain"

    @contextmanager
    def attach(self) -> Iterator[None]:
        modules = [m for m in self.unet.modules() if hasattr(m, "processor") and hasattr(m, "to_k")]
        before = [module.processor for module in modules]
        for i, module in enumerate(modules):
            module.processor = _Watched(self, i, bool(module.is_cross_attention), module.processor)
        try:
            yield
        finally:
            for module, processor in zip(modules, before, strict=True):
                module.processor = processor


class _Watched:
    """A layer's attention in the open. What it does not know how to do it leaves to the processor it replaced."""

    def __init__(self, beside: Beside, index: int, cross: bool, plain: Callable[..., Tensor]) -> None:
        self.beside, self.index, self.cross, self.plain = beside, index, cross, plain

    def __call__(
        self,
        attn: Any,
        hidden_states: Tensor,
        encoder_hidden_states: Tensor | None = None,
        attention_mask: Tensor | None = None,
        **rest: Any,
    ) -> Tensor:
        """[B, N, C] and text [B, T, C'] or None -> [B, N, C]"""
        b = self.beside
        wanted = self.cross or (b.part < b.own and hidden_states.shape[1] <= MOST_TOKENS)
        if b.mode == "plain" or not wanted or hidden_states.ndim != 3:
            return self.plain(attn, hidden_states, encoder_hidden_states, attention_mask, **rest)
        said = hidden_states if encoder_hidden_states is None else encoder_hidden_states
        query, key, value = (
            layer(x).unflatten(-1, (attn.heads, -1)).transpose(1, 2)
            for layer, x in ((attn.to_q, hidden_states), (attn.to_k, said), (attn.to_v, said))
        )  # [B, heads, N or T, d]
        scores = query @ key.transpose(-1, -2) * attn.scale
        if attention_mask is not None:
            mask = attn.prepare_attention_mask(attention_mask, said.shape[1], hidden_states.shape[0])
            scores = scores + mask.view(hidden_states.shape[0], attn.heads, -1, mask.shape[-1])
        probabilities = self._mixed(scores.softmax(-1))
        mixed = (probabilities @ value).transpose(1, 2).flatten(2)
        mixed = attn.to_out[0](mixed)
        if attn.residual_connection:
            mixed = mixed + hidden_states
        return mixed / attn.rescale_output_factor

    def _mixed(self, now: Tensor) -> Tensor:
        """[1, heads, N, T]: kept for the edit, or with what was kept put in its place."""
        b = self.beside
        if b.mode == "keep":
            b.kept[self.index] = now
            return now
        was = b.kept.get(self.index)
        if was is None:
            return now
        if not self.cross:
            return was
        words = b.words
        if b.part < b.cross:
            own = words.own.to(now)
            now = own * now + (1 - own) * (was @ words.behind.to(now))
        return now * words.weight.to(now)
