"""Frames of a clip look at its first one: with a network of pictures they then show the same thing, not each its own. A model of clips
may have been taught so, beside its motion modules (`Filming.first`).

In every self-attention layer the keys and values of the first frame of the batch stand beside the frame's own (Khachatryan et al. 2023,
Text2Video-Zero, eq. 8, where they stand in their place: beside them, what has moved is still found in the frame itself).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch.nn.functional as F
from torch import Tensor, cat

from studio.engine.controls.base import Control


class CrossFrame(Control):
    """Attaches to every self-attention layer of the library's network.

    Args:
        unet: the network.
        frames: of a clip; a batch holds whole clips, one after the other.
    """

    def __init__(self, unet: Any, frames: int) -> None:
        self.unet, self.frames = unet, frames

    @contextmanager
    def attach(self) -> Iterator[None]:
        own = own_attentions(self.unet)
        before = [module.processor for module in own]
        for module in own:
            module.processor = LookingBack(self.frames)
        try:
            yield
        finally:
            for module, processor in zip(own, before, strict=True):
                module.processor = processor


def own_attentions(unet: Any) -> list[Any]:
    """The layers in which a picture looks at itself; not those of motion modules, which look along time."""
    return [
        m
        for name, m in unet.named_modules()
        if hasattr(m, "processor")
        and hasattr(m, "to_k")
        and not m.is_cross_attention
        and "motion_modules" not in name
    ]


class LookingBack:
    """An attention processor of the library; `frames`: of a clip."""

    def __init__(self, frames: int) -> None:
        self.frames = frames

    def __call__(
        self,
        attn: Any,
        hidden_states: Tensor,
        encoder_hidden_states: Tensor | None = None,
        attention_mask: Tensor | None = None,
        temb: Tensor | None = None,
    ) -> Tensor:
        """[B F, N, C] -> [B F, N, C]"""
        B, N, _ = hidden_states.shape
        first = hidden_states.unflatten(0, (-1, self.frames))[:, :1]  # [B, 1, N, C]
        first = first.expand(-1, self.frames, -1, -1).flatten(0, 1)
        seen = cat([first, hidden_states], dim=1)  # [B F, 2 N, C]
        query, key, value = (
            x.unflatten(-1, (attn.heads, -1)).transpose(1, 2)
            for x in (attn.to_q(hidden_states), attn.to_k(seen), attn.to_v(seen))
        )
        mixed = F.scaled_dot_product_attention(query, key, value)
        mixed = attn.to_out[0](mixed.transpose(1, 2).reshape(B, N, -1))
        if attn.residual_connection:
            mixed = mixed + hidden_states
        return mixed / attn.rescale_output_factor
