"""A network that is asked the same kind of question again and again, without Python between its layers.

Between the layers of a small network Python takes a quarter of the time: one call of pocket-fast on 8 x 8 latent pixels is 45 ms of a slow
core, and 34 ms as a trace. `torch.jit` records what is computed for inputs of one shape, and freezing brings the weights of convolutions
into the order of the CPU's kernels; what comes out is what the network says, bit for bit. `LeanAttention` and `PackedConvolutions` would
have to be attached for each run (14 ms on that core); a trace needs neither.

Making one takes two seconds, so it is made while nobody asks for anything (`Engine.improve`), for pictures that follow the hand alone:
finished pictures have the same bits whether a trace is there or not. It is used only where it was measured to be quicker, and says the same on
other inputs than those it was recorded with. What hangs on the network's modules (`Control.attach`) a trace does not hear.

Also tried on that core: bfloat16 with weights in the kernels' order, 41 ms without a trace, and with one no gain, as its
linear layers bring their weights into order anew in each call (what is in order already cannot be recorded).
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Hashable, Iterator
from typing import Any

import torch
from torch import Tensor, nn

from studio.engine.controls.economy import LeanAttention, PackedConvolutions

MOST_BYTES = 256 << 20
"""Of weights; in a larger network Python's share is small."""
Name = tuple[str, ...]
"""Of an input of the network, or of a part of one."""
KEPT = 4
"""Traces of a model, each with a copy of the convolutions' weights."""
WORTH = 0.95
"""Of the network's own time, that a trace may take at most."""
NEAR = 1e-3
"""Relative, that it may differ at most."""

Laid = Hashable
"""What lies over the network's weights, see `load.Model.laid`."""


class Traces:
    """Those of one network."""

    def __init__(self) -> None:
        self.known: dict[Hashable, Callable[..., Tensor] | None] = {}
        """{kind of call: its trace, None where it is of no use}, the oldest first."""
        self.wanted: tuple[Hashable, dict[Name, Tensor]] | None = None
        """The kind of the newest call without one, and its inputs."""
        self._able: bool | None = None

    def able(self, unet: nn.Module) -> bool:
        """Whether traces of the network are worth a try."""
        if self._able is None:
            own = list(unet.parameters())
            plain = all(p.device.type == "cpu" and p.dtype == torch.float32 for p in own)
            self._able = plain and 0 < sum(p.nbytes for p in own) <= MOST_BYTES
        return self._able

    def ready(self, x: Tensor, text: Tensor, laid: Laid) -> bool:
        """Whether there is one for latents like x [B, C, H, W] and a text of so many tokens [B, T, C']."""
        size = (laid, x.shape[1:], text.shape[1:])
        return any(trace and _size(kind) == size for kind, trace in self.known.items())

    def make(self, unet: nn.Module) -> bool:
        """Makes the one that is wanted -> whether one was. Takes seconds."""
        if self.wanted is None:
            return False
        (kind, inputs), self.wanted = self.wanted, None
        if len(self.known) >= KEPT:
            self.known.pop(next(iter(self.known)))
        self.known[kind] = _made(unet, inputs)
        return True


class TracedNetwork:
    """Stands for a U-Net where it is called, and uses its traces; what they cannot do the network does."""

    def __init__(self, unet: Any, traces: Traces, laid: Laid) -> None:
        self.unet, self.traces, self.laid = unet, traces, laid
        self.config = unet.config

    def parameters(self) -> Iterator[nn.Parameter]:
        return self.unet.parameters()

    def __call__(
        self, sample: Tensor, t: Tensor, *, return_dict: bool = False, **inputs: Any
    ) -> tuple[Tensor]:
        """As the library's network: sample [B, C, H, W], t [B] -> ([B, C', H, W],)"""
        given = {("sample",): sample, ("timestep",): t}
        for name, value in inputs.items():
            given |= (
                {(name, key): one for key, one in value.items()}
                if isinstance(value, dict)
                else {(name,): value}
            )
        kind = (self.laid, *((name, value.shape, value.dtype) for name, value in given.items()))
        if trace := self.traces.known.get(kind):
            return (trace(*given.values()),)
        if kind not in self.traces.known:
            self.traces.wanted = kind, {name: value.clone() for name, value in given.items()}
        return self.unet(sample, t, **inputs, return_dict=False)


def _size(kind: Any) -> tuple[Laid, torch.Size, torch.Size]:
    """What lies over the weights, [C, H, W] and [T, C'] of a kind of call."""
    laid, *inputs = kind
    shapes = {name: shape for name, shape, _ in inputs}
    return laid, shapes["sample",][1:], shapes["encoder_hidden_states",][1:]


class _Called(nn.Module):
    """A network with its inputs in a row, as traces take them."""

    def __init__(self, unet: nn.Module, names: tuple[Name, ...]) -> None:
        super().__init__()
        self.unet, self.names = unet, names

    def forward(self, *values: Tensor) -> Tensor:
        inputs: dict[str, Any] = {}
        for (name, *part), value in zip(self.names, values, strict=True):
            if part:
                inputs.setdefault(name, {})[part[0]] = value
            else:
                inputs[name] = value
        return self.unet(**inputs, return_dict=False)[0]


@torch.no_grad()
def _made(unet: Any, inputs: dict[Name, Tensor]) -> Callable[..., Tensor] | None:
    """The trace for such inputs; None where there cannot be one, or it is of no use."""
    called = _Called(unet, tuple(inputs)).eval()
    values = tuple(inputs.values())
    others = tuple(_other(value) for value in values)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # shapes are meant to be constants
            trace: Any = torch.jit.freeze(torch.jit.trace(called, values, check_trace=False))
        for _ in range(2):  # it is brought into its last form by being used
            trace(*values)
        with LeanAttention(unet).attach(), PackedConvolutions(unet, values[0][0, 0].numel()).attach():
            truth = called(*others)
            own = _seconds(lambda: called(*values))
        if _seconds(lambda: trace(*values)) > WORTH * own:
            return None
        far = (trace(*others) - truth).abs().max() > NEAR * truth.abs().max()
        return None if bool(far) else trace
    except Exception:  # no trace is no harm
        return None


def _other(value: Tensor) -> Tensor:
    """Something else of the same kind."""
    return value.flip(-1) * 0.7 if value.is_floating_point() else value


def _seconds(work: Callable[[], object]) -> float:
    """Of the processor, in this thread; the best of three."""
    times: list[float] = []
    for _ in range(3):
        start = time.thread_time()
        work()
        times.append(time.thread_time() - start)
    return min(times)
