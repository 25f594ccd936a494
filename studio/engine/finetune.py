"""A network learns one picture, in a small adapter beside its weights.

    y = W x + B A x        low-rank adaptation (Hu et al. 2021) of the linear layers of the transformer blocks

The weights themselves are never touched: an adapter is forward hooks, and closing its context takes them away, also after an error or
a cancel. What was learnt is one small safetensors file in the user's folder, found again by the model, the picture and the settings.

Training goes over the levels that the picture will later be drawn along, in shuffled rounds, and minimises the error of what the
network itself predicts, as it was trained.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from studio.core import paths
from studio.core.job import Preview, Progress
from studio.engine import preview
from studio.engine.condition import Condition
from studio.engine.denoiser import from_x0
from studio.engine.job import Job, Steps, mix
from studio.engine.schedule import Level
from studio.engine.steps import draw

RANK = 8
HALF_SCALE = 1024.0
"""What a loss in half precision is multiplied by, so that gradients don't vanish; Adam does not mind."""
KEPT_BYTES = 1 << 30
"""Of adapters on disk; the oldest go first."""


@dataclass(eq=False)
class Adapter:
    """Low-rank corrections of linear layers by their name: (A [r, in], B [out, r]), and tensors learnt beside them."""

    pairs: dict[str, tuple[Tensor, Tensor]]
    extra: dict[str, Tensor] = field(default_factory=dict[str, Tensor])

    @staticmethod
    def fresh(unet: nn.Module, seed: int, rank: int = RANK) -> Adapter:
        """For every linear layer inside the attention and feed-forward parts; it changes nothing yet, as B is zero."""
        generator = torch.Generator().manual_seed(seed)
        pairs: dict[str, tuple[Tensor, Tensor]] = {}
        for name, layer in targets(unet).items():
            r = min(rank, layer.in_features, layer.out_features)
            a = torch.randn(r, layer.in_features, generator=generator) / layer.in_features**0.5
            device = layer.weight.device
            pairs[name] = (a.to(device), torch.zeros(layer.out_features, r, device=device))
        return Adapter(pairs)

    def parameters(self) -> list[Tensor]:
        """Made trainable."""
        return [tensor.requires_grad_(True) for pair in self.pairs.values() for tensor in pair]

    def freeze(self) -> Adapter:
        """The same, no longer trainable."""
        pairs = {name: (a.detach(), b.detach()) for name, (a, b) in self.pairs.items()}
        return Adapter(pairs, {name: value.detach() for name, value in self.extra.items()})

    @contextmanager
    def on(self, unet: nn.Module) -> Iterator[None]:
        """The network with the adapter; without it again afterwards, whatever happened."""
        layers = targets(unet)
        handles: list[Any] = []
        try:
            for name, (a, b) in self.pairs.items():
                handles.append(layers[name].register_forward_hook(_hook(a, b)))
            yield
        finally:
            for handle in handles:
                handle.remove()


def targets(unet: nn.Module) -> dict[str, nn.Linear]:
    """The linear layers of the transformer blocks, by name."""
    return {
        name: layer
        for name, layer in unet.named_modules()
        if isinstance(layer, nn.Linear) and (".attn" in name or ".ff." in name)
    }


def _hook(a: Tensor, b: Tensor) -> Callable[..., Tensor]:
    def corrected(layer: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> Tensor:
        x = inputs[0]
        return output + F.linear(F.linear(x, a.to(x.dtype)), b.to(x.dtype))

    return corrected


# --- training -------------------------------------------------------------------------------------------------------


def train(
    job: Job,
    stage: str,
    latent: Tensor,
    levels: Sequence[Level],
    condition: Callable[[], Condition],
    parameters: Sequence[Tensor],
    *,
    steps: int,
    rate: float,
    batch: int,
    seed: int,
    show: Callable[[], Tensor] | None = None,
) -> Steps[float]:
    """Adam on the parameters until the network predicts `latent` [1, C, h, w] under the condition -> the last round's mean loss.

    Args:
        condition: asked anew in every step, as it may hold the parameters.
        levels: noisy to clean, as for drawing.
        batch: noises per step, at one level.
        show: a rough latent of what the result would be now, for a preview after each round of the levels.
    """
    denoiser, kind = job.denoiser(), job.schedule.prediction
    noises = torch.Generator().manual_seed(seed)
    order = torch.Generator().manual_seed(seed + 1)
    optimiser = torch.optim.Adam(list(parameters), lr=rate)
    noisy = [level for level in levels if level.sigma > 0]
    louder = HALF_SCALE if job.model.dtype == torch.float16 else 1.0
    begun, losses, queue = time.perf_counter(), [0.0], [0][:0]

    @torch.enable_grad()
    def step(level: Level) -> float:
        eps = draw([noises], (batch, *latent.shape[1:]), latent)[0]
        clean = latent.expand(batch, -1, -1, -1)
        x = mix(clean, eps, level)
        if kind == "epsilon" and level.alpha == 0:
            return 0.0  # nothing is to be learnt where there is nothing to be seen
        x0 = denoiser(x, level, condition().expand(batch))
        loss = F.mse_loss(from_x0(kind, x0, x, level).float(), from_x0(kind, clean, x, level).float())
        optimiser.zero_grad()
        (loss * louder).backward()
        optimiser.step()
        return float(loss.detach())

    for i in range(steps):
        if not queue:
            queue = torch.randperm(len(noisy), generator=order).tolist()
        level = noisy[queue.pop()]
        loss = yield from job.thriftily("drawing", stage, lambda level=level: step(level))
        losses.append(loss)
        left = (time.perf_counter() - begun) / (i + 1) * (steps - i - 1)
        yield Progress(stage, i + 1, steps, left, job.peak())
        if show and job.model.preview and not queue and job.pace.ready():
            rough = yield from job.thriftily("drawing", stage, show)
            picture = preview.draw(rough, job.model.preview, job.model.codec.factor)
            yield Preview(picture, i + 1, job.index)
    last = losses[-len(noisy) :]
    return sum(last) / len(last)


# --- on disk --------------------------------------------------------------------------------------------------------


def folder() -> Path:
    """Where adapters are kept from session to session."""
    return paths.home() / "adapters"


def adapter_key(job: Job, latent: Tensor, *about: Any) -> str:
    """Names what is learnt: equal inputs have equal names, also in another process."""
    card = job.model.card
    weights: list[Any] = [
        (file.name, file.stat().st_size, file.stat().st_mtime_ns)
        for file in sorted(card.folder.glob("unet/*.safetensors"))
    ]
    weights += list(job.model.laid)
    text = json.dumps([1, card.id, weights, str(job.model.dtype), RANK, *map(str, about)])
    digest = hashlib.sha256(text.encode())
    digest.update(latent.detach().float().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()


def save(key: str, adapter: Adapter) -> None:
    """A full disk or a read-only folder costs the next edit its training, nothing else."""
    from safetensors.torch import save as packed

    tensors = {f"extra.{name}": value for name, value in adapter.extra.items()}
    for name, (a, b) in adapter.pairs.items():
        tensors |= {f"{name}.A": a, f"{name}.B": b}
    data = packed({name: value.detach().float().cpu().contiguous() for name, value in tensors.items()})
    with suppress(OSError):
        folder().mkdir(parents=True, exist_ok=True)
        beside = folder() / f"{key}.{os.getpid()}.tmp"
        try:
            beside.write_bytes(data)
            os.replace(beside, folder() / f"{key}.safetensors")
        finally:
            beside.unlink(missing_ok=True)
        _tidy()


def _tidy() -> None:
    """Forgets the oldest until the rest fits."""
    total = 0
    for file in sorted(folder().glob("*.safetensors"), key=lambda file: file.stat().st_mtime, reverse=True):
        total += file.stat().st_size
        if total > KEPT_BYTES:
            file.unlink(missing_ok=True)


def stored(key: str, unet: nn.Module, device: torch.device) -> Adapter | None:
    """What was learnt before under that name and fits the network, or None."""
    path = folder() / f"{key}.safetensors"
    if not path.is_file():
        return None
    from safetensors.torch import load_file

    try:
        tensors = {name: value.to(device) for name, value in load_file(path).items()}
        extra = {
            name.removeprefix("extra."): value for name, value in tensors.items() if name.startswith("extra.")
        }
        pairs: dict[str, tuple[Tensor, Tensor]] = {}
        for name, layer in targets(unet).items():
            if f"{name}.A" in tensors:
                a, b = tensors[f"{name}.A"], tensors[f"{name}.B"]
                if (a.shape[1], b.shape[0]) != (layer.in_features, layer.out_features):
                    return None
                pairs[name] = (a, b)
        with suppress(OSError):
            os.utime(path)
        return Adapter(pairs, extra)
    except Exception:  # damaged in any of a dozen ways: all mean "learn it again"
        return None
