"""Controls that change what a run costs and not what it draws."""

from __future__ import annotations

import inspect
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
    """Pictures of a batch, and the halves of guidance, go through the network one after the other: less memory.

    Args:
        frames: pictures that belong together, as those of a clip do, and go through as one.
    """

    def __init__(self, frames: int = 1) -> None:
        self.frames = frames

    def wrap(self, denoiser: Denoiser) -> Denoiser:
        def denoise(x: Tensor, level: Level, condition: Condition, /) -> Tensor:
            condition = condition.expand(x.shape[0])
            n = self.frames
            parts = range(0, x.shape[0], n)
            return torch.cat([denoiser(x[i : i + n], level, item(condition, i, n)) for i in parts])

        return denoise


def item(condition: Condition, i: int, count: int = 1) -> Condition:
    """The condition of picture i alone, or of `count` from there on."""
    one = slice(i, i + count)
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


class LeanAttention(Control):
    """The library's attention with less to do.

    Keys and values of the text are computed once per run instead of once per step: the text does not change from step
    to step, so neither do its projections. The text is known by the identity of its tensor, which is kept alive; another
    tensor, whatever its content, is projected anew. And the library looks up the parameters of a processor in every call,
    which takes as long as a small projection; ours has them at hand.

    Layers whose processor is not the library's plain one are left alone.

    Args:
        unet: the library's network.
    """

    def __init__(self, unet: Any) -> None:
        self.unet = unet

    @contextmanager
    def attach(self) -> Iterator[None]:
        plain = [module for module in self.unet.modules() if _is_plain(module)]
        before = [module.processor for module in plain]
        for module in plain:
            module.processor = _LeanProcessor()
        try:
            yield
        finally:
            for module, processor in zip(plain, before, strict=True):
                module.processor = processor


def _is_plain(module: Any) -> bool:
    return (
        type(getattr(module, "processor", None)).__name__ == "AttnProcessor2_0"
        and module.spatial_norm is None
        and module.group_norm is None
        and module.norm_q is None
        and module.norm_k is None
        and not module.norm_cross
    )


class _LeanProcessor:
    """The library's AttnProcessor2_0 on tokens, with a memory for the last text."""

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
        """[B, N, C] and text [B, T, C'] or None -> [B, N, C]"""
        B, N, _ = hidden_states.shape
        key, value = self._keys(attn, hidden_states, encoder_hidden_states)
        query = _heads(attn.to_q(hidden_states), attn.heads)
        mask: Any = attention_mask
        if mask is not None:
            mask = attn.prepare_attention_mask(mask, key.shape[2], B)  # [B heads, 1, T]
            mask = mask.view(B, attn.heads, -1, mask.shape[-1])
        mixed = F.scaled_dot_product_attention(query, key, value, attn_mask=mask)
        mixed = attn.to_out[0](mixed.transpose(1, 2).reshape(B, N, -1))
        if attn.residual_connection:
            mixed = mixed + hidden_states
        return mixed / attn.rescale_output_factor if attn.rescale_output_factor != 1 else mixed

    def _keys(self, attn: Any, hidden: Tensor, text: Tensor | None) -> tuple[Tensor, Tensor]:
        """Keys and values, each [B, heads, T, d]."""
        if text is None:
            return _heads(attn.to_k(hidden), attn.heads), _heads(attn.to_v(hidden), attn.heads)
        if self.known is None or text is not self.known[0]:
            self.known = text, _heads(attn.to_k(text), attn.heads), _heads(attn.to_v(text), attn.heads)
        return self.known[1:]


# The library asks for it in every call; this is the answer, found once.
vars(_LeanProcessor)["__call__"].__signature__ = inspect.signature(_LeanProcessor.__call__)


def _heads(x: Tensor, heads: int) -> Tensor:
    """[B, N, heads d] -> [B, heads, N, d]"""
    return x.unflatten(-1, (heads, -1)).transpose(1, 2)


class PackedConvolutions(Control):
    """Convolutions of small pictures on the CPU, without the work that is the same in every call.

    For 8 x 8 latent pixels, bringing the weights into the order that the kernel wants costs as much as the convolution
    itself; here it is done once. 1 x 1 convolutions are multiplications of matrices, and are done as such. The kernels are
    those that the compiler of this torch uses; where they are missing, or the network is not in float32 on the CPU,
    nothing happens.

    An order belongs to one shape of input and one set of weights. Weights are compared by a checksum when a run begins,
    for training and merging may change them through `.data`, which leaves no other trace.

    Args:
        unet: the network.
        pixels: of the latent.
        packed: where ordered weights are kept from run to run.
    """

    MOST_PIXELS = 16 * 16
    """Of the latent; beyond, the gain is lost in the convolution's own time."""
    MOST_BYTES = 256 << 20
    """Of weights that exist twice for this."""

    def __init__(self, unet: Any, pixels: int, packed: dict[Any, Any] | None = None) -> None:
        self.unet = unet
        self.packed: dict[Any, Any] = {} if packed is None else packed
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
            module.forward = self._forward_of(module)
        try:
            yield
        finally:
            for module in convolutions:
                del module.forward

    def _forward_of(self, module: Any) -> _Packed:
        flat = module.weight.detach().permute(0, 2, 3, 1).reshape(-1)  # as it lies in memory
        checksum = int(flat.view(torch.int32 if len(flat) % 2 else torch.int64).sum())
        known = self.packed.get(module)
        if known is None or known.checksum != checksum:
            pointwise = module.kernel_size == (1, 1) and module.stride == (1, 1) and module.padding == (0, 0)
            known = self.packed[module] = (_Pointwise if pointwise else _Packed)(module, checksum)
        return known


def _is_packable(module: Any) -> bool:
    return (
        type(module) is torch.nn.Conv2d
        and module.groups == 1
        and module.padding_mode == "zeros"
        and not isinstance(module.padding, str)
        and "forward" not in vars(module)  # somebody else's hand is on it
        and not getattr(module, "_forward_hooks", None)
    )


class _Packed:
    """Conv2d.forward with its weight brought into order beforehand."""

    def __init__(self, module: Any, checksum: int) -> None:
        self.module = module
        self.checksum = checksum
        self.known: tuple[Any, Any] = (None, None)
        """What the ordered weight was made from, and the ordered weight."""

    def __call__(self, x: Tensor) -> Tensor:
        """[B, C, H, W] -> [B, C', H', W']"""
        m = self.module
        if torch.is_grad_enabled():
            return m._conv_forward(x, m.weight, m.bias)
        now = (x.shape, m.weight.data_ptr(), m.weight._version)
        if self.known[0] != now:
            self.known = now, self.ordered(x)
        return self.convolve(x, self.known[1])

    def ordered(self, x: Tensor) -> Tensor:
        """The weight for inputs like x."""
        m = self.module
        weight = m.weight.detach().contiguous().to_mkldnn()
        return _NN.mkldnn_reorder_conv2d_weight(weight, m.padding, m.stride, m.dilation, 1, list(x.shape))

    def convolve(self, x: Tensor, weight: Tensor) -> Tensor:
        """The convolution with an ordered weight."""
        m = self.module
        return torch.ops.mkldnn._convolution_pointwise(
            x, weight, m.bias, m.padding, m.stride, m.dilation, 1, "none", [], ""
        )


class _Pointwise(_Packed):
    """The same for 1 x 1 convolutions."""

    def ordered(self, x: Tensor) -> Tensor:
        weight = self.module.weight.detach()[:, :, 0, 0]  # [C', C]
        return weight.t().contiguous().t()

    def convolve(self, x: Tensor, weight: Tensor) -> Tensor:
        return F.linear(x.permute(0, 2, 3, 1), weight, self.module.bias).permute(0, 3, 1, 2)
