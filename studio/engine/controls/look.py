"""What the network's words look at: cross-attention kept while the network runs (Hertz et al. 2022, section 3.1; Tang et al. 2023, DAAM).

Of every cross-attention layer the probabilities are averaged over its heads and divided by their mean over the picture, so that a
layer that looks everywhere weighs no more than one that looks at a place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch.nn.functional as F
from torch import Tensor

from studio.engine.controls.attention import MOST_TOKENS
from studio.engine.controls.base import Control


@dataclass(eq=False)
class Look(Control):
    """Keeps maps of chosen positions of the text.

    Args:
        unet: the library's network.
        chosen: [W, T], 1 where a position belongs to a word; the maps of a word's positions are added.
        size: (h, w) that maps are scaled to, the latent's.

    Attributes:
        total: [W, h, w], the sum over all layers and calls. calls: how many maps went into it.
    """

    unet: Any
    chosen: Tensor
    size: tuple[int, int]
    total: Tensor | None = None
    calls: int = field(default=0, init=False)

    def add(self, probabilities: Tensor) -> None:
        """[1, heads, N, T] of one layer."""
        n = probabilities.shape[2]
        high, wide = self.size
        shrink = round((high * wide / n) ** 0.5)
        h, w = -(-high // shrink), -(-wide // shrink)
        if h * w != n:
            return
        maps = (probabilities[0].float().mean(0) @ self.chosen.T.to(probabilities.device).float()).T  # [W, N]
        maps = maps / maps.mean(1, keepdim=True).clamp_min(1e-12)
        large = F.interpolate(maps.view(1, -1, h, w), self.size, mode="bilinear", align_corners=False)[0]
        self.total = large if self.total is None else self.total + large
        self.calls += 1

    @contextmanager
    def attach(self) -> Iterator[None]:
        modules = [
            m
            for m in self.unet.modules()
            if hasattr(m, "processor") and getattr(m, "is_cross_attention", False)
        ]
        before = [module.processor for module in modules]
        for module in modules:
            module.processor = _Seen(self, module.processor)
        try:
            yield
        finally:
            for module, processor in zip(modules, before, strict=True):
                module.processor = processor


class _Seen:
    """Computes a layer's probabilities beside its own processor, whose output it returns."""

    def __init__(self, look: Look, plain: Callable[..., Tensor]) -> None:
        self.look, self.plain = look, plain

    def __call__(
        self,
        attn: Any,
        hidden_states: Tensor,
        encoder_hidden_states: Tensor | None = None,
        attention_mask: Tensor | None = None,
        **rest: Any,
    ) -> Tensor:
        """[B, N, C] and text [B, T, C'] or None -> [B, N, C]"""
        if (
            encoder_hidden_states is not None
            and hidden_states.ndim == 3
            and hidden_states.shape[1] <= MOST_TOKENS
        ):
            query, key = (
                layer(x).unflatten(-1, (attn.heads, -1)).transpose(1, 2)
                for layer, x in ((attn.to_q, hidden_states), (attn.to_k, encoder_hidden_states))
            )
            self.look.add((query @ key.transpose(-1, -2) * attn.scale).softmax(-1))
        return self.plain(
            attn,
            hidden_states,
            encoder_hidden_states=encoder_hidden_states,
            attention_mask=attention_mask,
            **rest,
        )
