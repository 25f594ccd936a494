"""Controls that change what a run costs and not what it draws."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from studio.engine.condition import Condition
from studio.engine.controls.base import Control
from studio.engine.denoiser import Denoiser
from studio.engine.schedule import Level

_NN: Any = getattr(torch, "_C")._nn  # noqa: B009 (private to torch; used where it exists, see PackedConvolutions)


class OneByOne(Control):
    """Pictures of a batch, and the halves of guidance, go through the network one after the other: less memory."""

    def wrap(self, denoiser: Denoiser) -> Denoiser:
        def denoise(x: Tensor, level: Level, condition: Condition, /) -> Tensor:
            condition = condition.expand(x.shape[0])
            return torch.cat([denoiser(x[i : i + 1], level, item(condition, i)) for i in range(x.shape[0])])

        return denoise


def item(condition: Condition, i: int) -> Condition:
    """The condition of picture i alone."""
    one = slice(i, i + 1)
    return Condition(
        hidden=condition.hidden[one],
        pooled=None if condition.pooled is None else condition.pooled[one],
        mask=None if condition.mask is None else condition.mask[one],
        channels=None if condition.channels is None else condition.channels[one],
        extra={name: value[one] for name, value in condition.extra.items()},
    )


class Inference(Control):
    """The network runs without any of autograd's bookkeeping.

    Tensors that a hook takes out of it can then not be changed in place or differentiated, so this is for runs without
    a technique's own controls. What comes out is an ordinary tensor.
    """

    def wrap(self, denoiser: Denoiser) -> Denoiser:
        def denoise(x: Tensor, level: Level, condition: Condition, /) -> Tensor:
            if torch.is_grad_enabled():
                return denoiser(x, level, condition)
            with torch.inference_mode():
                x0 = denoiser(x, level, condition)
            return x0.clone()

        return denoise


class CachedText(Control):
    """Keys and values of the text are computed once per run instead of once per step.

    The text does not change from step to step, so neither do its projections. The cache knows the text by the identity
    of its tensor, which it keeps alive: another tensor, whatever its content, is projected anew. Layers whose processor is not
    the library's plain one are left alone.

    Args:
        unet: the library's network.
    """

    def __init__(self, unet: Any) -> None:
        self.unet = unet

    @contextmanager
    def attach(self) -> Iterator[None]:
        found = {name: module for name, module in self.unet.named_modules() if name.endswith("attn2")}
        plain = {name: module for name, module in found.items() if _is_plain(module)}
        before = {name: module.processor for name, module in plain.items()}
        for module in plain.values():
            module.processor = _Remembering()
        try:
            yield
        finally:
            for name, module in plain.items():
                module.processor = before[name]


def _is_plain(attention: Any) -> bool:
    return (
        type(attention.processor).__name__ == "AttnProcessor2_0"
        and attention.spatial_norm is None
        and attention.group_norm is None
        and attention.norm_q is None
        and attention.norm_k is None
        and not attention.norm_cross
    )


class _Remembering:
    """The library's AttnProcessor2_0 for cross-attention, with a memory for the last text."""

    def __init__(self) -> None:
        self.known: tuple[Tensor, Tensor, Tensor] | None = None
        """The text, its keys and its values."""

    def __call__(
        self,
        attn: Any,
        hidden_states: Tensor,
        encoder_hidden_states: Tensor | None = None,
        attention_mask: Tensor | None = None,
        temb: Tensor | None = None,
    ) -> Tensor:
        """[B, N, C] and text [B, T, C'] -> [B, N, C]"""
        text = hidden_states if encoder_hidden_states is None else encoder_hidden_states
        B, N, _ = hidden_states.shape
        if self.known is None or text is not self.known[0]:
            self.known = text, _heads(attn.to_k(text), attn.heads), _heads(attn.to_v(text), attn.heads)
        _, key, value = self.known
        query = _heads(attn.to_q(hidden_states), attn.heads)
        mask: Any = attention_mask
        if mask is not None:
            mask = attn.prepare_attention_mask(mask, text.shape[1], B)  # [B heads, 1, T]
            mask = mask.view(B, attn.heads, -1, mask.shape[-1])
        mixed = F.scaled_dot_product_attention(query, key, value, attn_mask=mask)
        mixed = attn.to_out[0](mixed.transpose(1, 2).reshape(B, N, -1))
        if attn.residual_connection:
            mixed = mixed + hidden_states
        return mixed / attn.rescale_output_factor if attn.rescale_output_factor != 1 else mixed


def _heads(x: Tensor, heads: int) -> Tensor:
    """[B, N, heads d] -> [B, heads, N, d]"""
    return x.unflatten(-1, (heads, -1)).transpose(1, 2)


class PackedConvolutions(Control):
    """Weights of 3 x 3 convolutions are laid out for the CPU's kernels once per run instead of in every call.

    In a small picture (8 x 8 latent pixels) that lay-out costs as much as the convolution itself. The kernels are the ones that
    the compiler of this torch uses; where they are missing, or the network is not in float32 on the CPU, nothing happens.
    A lay-out belongs to one shape of input; for another it is made again. It is not kept from run to run: weights that
    training or merging has changed through `.data` cannot be told from unchanged ones.

    Args:
        unet: the network.
        pixels: of the latent.
    """

    MOST_PIXELS = 16 * 16
    """Of the latent; beyond, the gain is lost in the convolution's own time."""
    MOST_BYTES = 256 << 20
    """Of weights that exist twice for this."""

    def __init__(self, unet: Any, pixels: int) -> None:
        self.unet = unet
        self.useful = pixels <= self.MOST_PIXELS and unet.device.type == "cpu" and unet.dtype == torch.float32
        self.useful = self.useful and torch.backends.mkldnn.is_available()
        self.useful = self.useful and hasattr(torch.ops.mkldnn, "_convolution_pointwise")
        self.useful = self.useful and hasattr(_NN, "mkldnn_reorder_conv2d_weight")

    @contextmanager
    def attach(self) -> Iterator[None]:
        convolutions = [m for m in self.unet.modules() if _is_packable(m)] if self.useful else []
        if sum(module.weight.nbytes for module in convolutions) > self.MOST_BYTES:
            convolutions = []
        for module in convolutions:
            module.forward = _Packed(module)
        try:
            yield
        finally:
            for module in convolutions:
                del module.forward


def _is_packable(module: Any) -> bool:
    return (
        type(module) is torch.nn.Conv2d
        and module.kernel_size != (1, 1)
        and module.groups == 1
        and module.padding_mode == "zeros"
        and not isinstance(module.padding, str)
        and "forward" not in vars(module)  # somebody else's hand is on it
        and not getattr(module, "_forward_hooks", None)
    )


class _Packed:
    """Conv2d.forward with its weight laid out beforehand."""

    def __init__(self, module: Any) -> None:
        self.module = module
        self.known: tuple[Any, Any] = (None, None)
        """What the lay-out was made from, and the lay-out."""

    def __call__(self, x: Tensor) -> Tensor:
        """[B, C, H, W] -> [B, C', H', W']"""
        m = self.module
        if torch.is_grad_enabled():
            return m._conv_forward(x, m.weight, m.bias)
        now = (x.shape, m.weight.data_ptr(), m.weight._version)
        if self.known[0] != now:
            weight = m.weight.detach().to_mkldnn()
            args = (m.padding, m.stride, m.dilation, 1, list(x.shape))
            self.known = now, _NN.mkldnn_reorder_conv2d_weight(weight, *args)
        return torch.ops.mkldnn._convolution_pointwise(
            x, self.known[1], m.bias, m.padding, m.stride, m.dilation, 1, "none", [], ""
        )
