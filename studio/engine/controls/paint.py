"""Paint-with-words: regions of a picture look at their own words (eDiff-I, Balaji et al. 2022, section 5).

In every cross-attention layer, with A [N, T] what is painted (place n, token t):

    softmax((Q K^T + w A) / sqrt(d)) V        w = w' log(1 + sigma) max(Q K^T)

so that the painting counts most where layout is decided, and as much as the strongest attention that there is anyway. sigma is the
level's noise ratio, at most `MOST_NOISE` (their largest; with zero terminal SNR it would be infinite). A is 1 inside a
word's region and 0 elsewhere.

A second map says which places may look at a token at all, by the logarithm of a share: so a region can bring words of its own, which
nobody else hears.

Only rows of the batch that are told the painted prompt are touched, known by their text: not the half for what is not wanted.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from studio.engine.condition import Condition
from studio.engine.controls.base import Control
from studio.engine.denoiser import Denoiser
from studio.engine.schedule import Level

MOST_NOISE = 80.0
SILENT = 1e-4


class PaintWords(Control):
    """See the module.

    Args:
        unet: the library's network.
        hidden: [1, T, C], the text that the painting belongs to.
        painting: [T, h, w] at the latent's size, A times w'.
        heard: [T, h, w] in [0, 1], the share of a place that may look at a token.
    """

    def __init__(self, unet: Any, hidden: Tensor, painting: Tensor, heard: Tensor) -> None:
        self.unet, self.hidden, self.painting, self.heard = unet, hidden, painting, heard
        self.weight = 0.0
        self.known: tuple[Tensor | None, Tensor] = (None, torch.zeros(0))
        """A text [B, T, C] and which of its rows are painted, [B]."""
        self.grids: dict[int, tuple[Tensor, Tensor]] = {}

    def wrap(self, denoiser: Denoiser) -> Denoiser:
        def painted(x: Tensor, level: Level, condition: Condition, /) -> Tensor:
            self.weight = math.log1p(min(level.ratio, MOST_NOISE))
            return denoiser(x, level, condition)

        return painted

    @contextmanager
    def attach(self) -> Iterator[None]:
        modules = [m for m in self.unet.modules() if getattr(m, "is_cross_attention", False)]
        modules = [m for m in modules if hasattr(m, "processor")]
        before = [module.processor for module in modules]
        for module in modules:
            module.processor = _Painted(self, module.processor)
        try:
            yield
        finally:
            for module, processor in zip(modules, before, strict=True):
                module.processor = processor

    def rows(self, text: Tensor) -> Tensor:
        """[B] float, 1 for the rows of text [B, T, C] that the painting belongs to."""
        if text is not self.known[0]:
            own = self.hidden.to(text)
            same = own.shape[1:] == text.shape[1:] and (text == own).flatten(1).all(1).to(text.dtype)
            self.known = text, same if isinstance(same, Tensor) else text.new_zeros(text.shape[0])
        return self.known[1]

    def on_grid(self, places: int, like: Tensor) -> tuple[Tensor, Tensor]:
        """[N, T] twice, at the size of a layer of that many places: the painting, and the logarithm of what is heard."""
        if places not in self.grids:
            h, w = self.painting.shape[1:]
            shrunk = max(round(math.sqrt(h * w / places)), 1)
            grid = (-(-h // shrunk), -(-w // shrunk))
            if grid[0] * grid[1] != places:
                raise ValueError(
                    f"A layer of {places} places is none of a picture of {h} x {w} latent pixels."
                )
            painting, heard = (
                F.interpolate(map[None], grid, mode="area")[0].flatten(1).T.to(like.device)
                for map in (self.painting, self.heard)
            )
            self.grids[places] = painting.to(like), heard.clamp_min(SILENT).log().to(like)
        return self.grids[places]


class _Painted:
    """A layer's attention to words with the painting. What is not painted is left to the processor it replaced."""

    def __init__(self, paint: PaintWords, plain: Callable[..., Tensor]) -> None:
        self.paint, self.plain = paint, plain

    def __call__(
        self,
        attn: Any,
        hidden_states: Tensor,
        encoder_hidden_states: Tensor | None = None,
        attention_mask: Tensor | None = None,
        **rest: Any,
    ) -> Tensor:
        """[B, N, C] and text [B, T, C'] -> [B, N, C]"""
        paint, text = self.paint, encoder_hidden_states
        if text is None or hidden_states.ndim != 3 or not bool((rows := paint.rows(text)).any()):
            return self.plain(attn, hidden_states, text, attention_mask, **rest)
        B, N, _ = hidden_states.shape
        query, key, value = (
            layer(x).unflatten(-1, (attn.heads, -1)).transpose(1, 2)
            for layer, x in ((attn.to_q, hidden_states), (attn.to_k, text), (attn.to_v, text))
        )  # [B, heads, N or T, d]
        scores = query @ key.transpose(-1, -2) * attn.scale  # [B, heads, N, T]
        if attention_mask is not None:
            mask = attn.prepare_attention_mask(attention_mask, text.shape[1], B)
            scores = scores + mask.view(B, attn.heads, -1, mask.shape[-1])
        strongest = scores.amax((1, 2, 3)).clamp_min(0) * rows * paint.weight  # [B]
        painting, heard = paint.on_grid(N, scores)
        each = strongest[:, None, None, None], rows[:, None, None, None]
        scores = scores + each[0] * painting + each[1] * heard
        mixed = (scores.softmax(-1) @ value).transpose(1, 2).flatten(2)
        mixed = attn.to_out[0](mixed)
        if attn.residual_connection:
            mixed = mixed + hidden_states
        return mixed / attn.rescale_output_factor
