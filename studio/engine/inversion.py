"""Pictures -> the noise that they come from, so that a model can draw them again, changed.

Three ways, all along the levels of the later edit:

    fast      DDIM backwards (Song et al. 2020), every step solved by fixed-point iterations (Pan et al. 2023, AIDI), the source's
              words in the place of the empty ones (negative-prompt inversion, Miyake et al. 2023): guidance then has nothing to
              push where old and new words agree.
    faithful  null-text inversion (Mokady et al. 2022): the same trajectory, and for every step an embedding in the place of the
              empty words, optimised until the guided step lands on the trajectory.
    exact     edit-friendly DDPM inversion (Huberman-Spiegelglas et al. 2023): every level gets noise of its own, and what a step
              misses the next level by is kept and added. Nothing is approximated: it returns to the latent it came from.

Decisions. Plain DDIM inversion asks the network at the level that is left instead of the one that is reached. On the built-in
model with 20 steps it loses 0.3 dB and the noise it ends in is too quiet (deviation 0.65), so that new words have little to
work with; three fixed-point iterations lose 0.03 dB and end at 1.05. The paper of the exact way keeps what a step misses in
units of the step's noise, which has none to spare in the last step; kept as it is, the last step is exact too.

Inverting is not a run in the sense of a checkpoint: it is done again when a job is resumed, or found in the cache, in memory
or on disk, by the model, the picture, its words and the levels. Each step is a try of its own when memory is short, and the three
ways want something else of each step than a walk down does; so they go along the levels themselves and not through `sample`.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

import torch
import torch.nn.functional as F
from torch import Tensor

from studio.core import paths
from studio.core.job import Progress
from studio.engine.condition import Condition
from studio.engine.controls.base import Control
from studio.engine.controls.economy import LeanAttention, OneByOne, PackedConvolutions
from studio.engine.controls.guidance import EVERYWHERE, Interval, acts
from studio.engine.denoiser import Denoiser, eps_from_x0
from studio.engine.job import Job, Steps, mix
from studio.engine.schedule import Level
from studio.engine.steps import DDIM, Denoise, Step, draw

Method = Literal["fast", "faithful", "exact"]

FIXED_POINT = 3
"""Iterations per step; each is one call of the network."""
RATE = 3e-2
"""Adam's step for the empty words' embedding. Published is 0.01 for 50 steps; with the 20 of the built-in model that lost 0.3 dB, 0.03 loses
0.05."""
KEPT_BYTES = 512 << 20
"""Of inversions on disk; the oldest go first."""


@dataclass(frozen=True, eq=False)
class Trajectory:
    """A picture at every noise level, and what it takes to come back.

    levels: noisy to clean. latents: [1, C, h, w] at each of them, the last the picture's own. negatives: per step what stands in
    the place of the empty words, where they were optimised. misses: per step what is to be added to the step's mean, for the
    exact way. calls: of the network, for the user.
    """

    method: Method
    levels: Sequence[Level]
    latents: Sequence[Tensor]
    negatives: Sequence[Tensor] = ()
    misses: Sequence[Tensor] = ()
    calls: int = 0

    @property
    def start(self) -> Tensor:
        """The noise."""
        return self.latents[0]

    def at(self) -> dict[Level, Tensor]:
        """{level: latent}"""
        return dict(zip(self.levels, self.latents, strict=True))

    def negative_at(self, plain: Condition) -> dict[Level, Condition]:
        """{level that a step begins at: condition in the place of the empty words}"""
        if not self.negatives:
            return dict.fromkeys(self.levels[:-1], plain)
        steps = zip(self.levels[:-1], self.negatives, strict=True)
        return {level: replace(plain, hidden=hidden) for level, hidden in steps}

    def step(self) -> Step:
        """The solver that comes back along it."""
        return Replay(self) if self.method == "exact" else DDIM()


# --- solvers --------------------------------------------------------------------------------------------------------


class FixedPoint(Step):
    """DDIM upwards, solved for the latent from which DDIM downwards would come back.

    x_t = alpha_t x0(x_t) + sigma_t (x_s - alpha_s x0(x_t)) / sigma_s, iterated from DDIM's own guess.
    """

    def __init__(self, iterations: int = FIXED_POINT) -> None:
        super().__init__()
        self.iterations = iterations

    def __call__(self, denoise: Denoise, x: Tensor, t: Level, s: Level) -> tuple[Tensor, Tensor]:
        guess, x0 = DDIM()(denoise, x, t, s)
        for _ in range(self.iterations):
            x0 = denoise(guess, s)
            if t.sigma == 0:  # x says nothing about the noise here: the picture itself is x0
                guess = mix(x / t.alpha, eps_from_x0(x0, guess, s), s)
            else:
                guess = mix(x0, (x - t.alpha * x0) / t.sigma, s)
        return guess, x0

    def solve(self, denoise: Denoise, x: Tensor, t: Level, s: Level) -> tuple[Tensor, Tensor]:
        return self(denoise, x, t, s)


class Replay(Step):
    """DDPM's mean and what the trajectory says it misses, in the place of fresh noise."""

    def __init__(self, trajectory: Trajectory) -> None:
        super().__init__()
        self.misses = dict(zip(trajectory.levels[:-1], trajectory.misses, strict=True))

    def solve(self, denoise: Denoise, x: Tensor, t: Level, s: Level) -> tuple[Tensor, Tensor]:
        x0 = denoise(x, t)
        return mean_of(x0, x, t, s) + self.misses[t], x0


def mean_of(x0: Tensor, x: Tensor, t: Level, s: Level) -> Tensor:
    """The mean of x at s after a DDPM step from t: alpha_s x0 + sigma_s q eps, q = r_s / r_t."""
    if s.sigma == 0 or t.alpha == 0:
        return s.alpha * x0
    return s.alpha * x0 + s.sigma * (s.ratio / t.ratio) * eps_from_x0(x0, x, t)


# --- the three ways -------------------------------------------------------------------------------------------------


def ddim(
    job: Job,
    latent: Tensor,
    levels: Sequence[Level],
    condition: Condition,
    iterations: int = FIXED_POINT,
) -> Steps[Trajectory]:
    """The clean latent [1, C, h, w] up the levels (given noisy to clean) under `condition`, without guidance.

    Args:
        iterations: of the fixed point per step; 0 is plain DDIM inversion.
    """
    rising = list(reversed(levels))
    step: Step = FixedPoint(iterations) if iterations else DDIM()
    latents, total = [latent], len(levels) - 1
    with _network(job, latent) as denoiser:

        def denoise(x: Tensor, level: Level) -> Tensor:
            return denoiser(x, level, condition)

        for i, (t, s) in enumerate(pairwise(rising)):
            yield Progress("inverting", i, total, memory=job.peak())
            x = latents[-1]
            x = yield from job.thriftily(
                "drawing", "inverting", lambda x=x, t=t, s=s: _plainly(step, denoise, x, t, s)
            )
            latents.append(x)
    return Trajectory("fast", tuple(levels), latents[::-1], calls=(1 + iterations) * total)


def drawn(
    job: Job, x: Tensor, levels: Sequence[Level], condition: Condition, guidance: Control
) -> Steps[Trajectory]:
    """No picture but noise x [1, C, h, w], walked down under guidance: the trajectory of what it becomes."""
    latents, step = [x], DDIM()
    with _network(job, x) as network:
        denoiser = guidance.wrap(network)

        def denoise(x: Tensor, level: Level) -> Tensor:
            return denoiser(x, level, condition)

        for i, (t, s) in enumerate(pairwise(levels)):
            yield Progress("drawing the source", i, len(levels) - 1, memory=job.peak())
            x = latents[-1]
            x = yield from job.thriftily(
                "drawing", "drawing the source", lambda x=x, t=t, s=s: _plainly(step, denoise, x, t, s)
            )
            latents.append(x)
    return Trajectory("fast", tuple(levels), latents, calls=2 * (len(levels) - 1))


def edit_friendly(
    job: Job, latent: Tensor, levels: Sequence[Level], condition: Condition, seed: int = 0
) -> Steps[Trajectory]:
    """Independent noise at every level, and what every step misses (Huberman-Spiegelglas et al. 2023, algorithm 1)."""
    generator = torch.Generator().manual_seed(seed)
    latents = [mix(latent, draw([generator], latent.shape[1:], latent), level) for level in levels[:-1]]
    latents.append(latent)
    misses: list[Tensor] = []
    with _network(job, latent) as denoiser:
        for i, (t, s) in enumerate(pairwise(levels)):
            yield Progress("inverting", i, len(levels) - 1, memory=job.peak())
            x, goal = latents[i], latents[i + 1]
            x0 = yield from job.thriftily(
                "drawing", "inverting", lambda x=x, t=t: _call(denoiser, x, t, condition)
            )
            misses.append(goal - mean_of(x0, x, t, s))
    return Trajectory("exact", tuple(levels), latents, misses=misses, calls=len(levels) - 1)


def null_text(
    job: Job,
    trajectory: Trajectory,
    condition: Condition,
    negative: Condition,
    scale: float,
    interval: Interval = EVERYWHERE,
    inner: int = 10,
) -> Steps[Trajectory]:
    """Optimises, step by step, what stands in the place of the empty words (Mokady et al. 2022, algorithm 1).

    Args:
        trajectory: of `ddim`. condition: of the picture's words. negative: where the first step's search begins.
        scale: the guidance scale of the edit. interval: where it acts; elsewhere there is nothing to optimise.
        inner: at most so many descents per step; a step that lands close enough ends sooner.
    """
    levels, hidden, x = trajectory.levels, negative.hidden.float(), trajectory.start
    found: list[Tensor] = []
    denoiser, calls, total = job.denoiser(), trajectory.calls, len(levels) - 1
    begun = time.perf_counter()
    for i, (t, s) in enumerate(pairwise(levels)):
        left = (time.perf_counter() - begun) / max(i, 1) * (total - i) if i else None
        yield Progress("optimising", i, total, left, job.peak())
        goal = trajectory.latents[i + 1]

        def descend(
            x: Tensor = x,
            t: Level = t,
            s: Level = s,
            hidden: Tensor = hidden,
            goal: Tensor = goal,
            i: int = i,
        ) -> tuple[Tensor, Tensor, int]:
            w = scale if acts(interval, t) else 1.0
            return descended(denoiser, x, t, s, condition, negative, hidden, goal, w, inner, i / total)

        hidden, x, used = yield from job.thriftily("drawing", "optimising", descend)
        found.append(hidden)
        calls += used
    return replace(trajectory, method="faithful", negatives=found, calls=calls)


@torch.enable_grad()
def descended(
    denoiser: Denoiser,
    x: Tensor,
    t: Level,
    s: Level,
    condition: Condition,
    negative: Condition,
    hidden: Tensor,
    goal: Tensor,
    scale: float,
    inner: int,
    part: float,
) -> tuple[Tensor, Tensor, int]:
    """One step's search -> (the embedding, x at s with it, calls of the network).

    part: of the run that lies behind, in [0, 1]; it slackens rate and tolerance as published.
    """
    target = _call(denoiser, x, t, condition)
    text = hidden.clone().requires_grad_(True)
    optimiser = torch.optim.Adam([text], lr=RATE * (1 - part / 2))
    enough = (
        1e-5 + part * 1e-4
    )  # published for 50 steps as 1e-5 + 2e-5 i; tighter, for a codec of few, loud channels
    calls = 1

    def landed(text: Tensor) -> Tensor:
        nonlocal calls
        calls += 1
        empty = denoiser(x, t, replace(negative, hidden=text))
        x0 = empty + scale * (target - empty)
        if s.sigma == 0:
            return s.alpha * x0
        return mix(x0, eps_from_x0(x0, x, t), s)

    best, least = text.detach().clone(), math.inf
    for attempt in range(inner + 1 if scale != 1 else 0):
        loss = F.mse_loss(landed(text).float(), goal.float(), reduction="sum")
        if (now := float(loss.detach())) < least:
            best, least = text.detach().clone(), now
        if attempt == inner or least / goal.numel() < enough:
            break
        optimiser.zero_grad()
        loss.backward()
        calls += 1  # backwards costs about as much as two calls forwards, counted as one by the paper
        optimiser.step()
    with torch.no_grad():
        return best, landed(best), calls


# --- once per picture -----------------------------------------------------------------------------------------------


def inverted(
    job: Job,
    latent: Tensor,
    levels: Sequence[Level],
    words: str,
    source: Condition,
    empty: Condition,
    method: Method,
    scale: float,
    interval: Interval = EVERYWHERE,
    inner: int = 10,
) -> Steps[Trajectory]:
    """The trajectory of a picture, from the cache where it has been inverted before.

    Args:
        words: the picture's, as text. source: as condition. empty: for no words.
        scale, interval: of the edit's guidance; only the faithful way depends on them, and on `inner`, see `null_text`.
    """
    more = (scale, *map(str, interval), inner) if method == "faithful" else ()
    key = cache_key(job, latent, levels, words, method, more)
    memory = ("inversion", key)
    known: Trajectory | None = job.model.embeddings.get(memory) or _stored(key, method, levels, latent)
    if known is None:
        if method == "exact":
            known = yield from edit_friendly(job, latent, levels, source)
        else:
            known = yield from ddim(job, latent, levels, source)
            if method == "faithful":
                known = yield from null_text(job, known, source, empty, scale, interval, inner)
        _store(key, known)
    return job.model.remember(memory, known)


def cache_key(
    job: Job, latent: Tensor, levels: Sequence[Level], words: str, method: Method, more: Sequence[Any] = ()
) -> str:
    """Names an inversion: equal inputs have equal names, also in another process."""
    card = job.model.card
    weights: list[Any] = [
        (file.name, file.stat().st_size, file.stat().st_mtime_ns)
        for file in sorted(card.folder.glob("unet/*.safetensors"))
    ]
    rows = [(level.t, level.alpha, level.sigma) for level in levels]
    weights += list(job.model.laid)
    about = json.dumps([1, card.id, weights, words, method, rows, list(more), str(job.model.dtype)])
    digest = hashlib.sha256(about.encode())
    digest.update(latent.detach().float().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()


def folder() -> Path:
    """Where inversions are kept from session to session."""
    return paths.home() / "inversions"


def _store(key: str, trajectory: Trajectory) -> None:
    """A full disk or a read-only folder costs the next inversion some time, nothing else."""
    from safetensors.torch import save

    parts = {"latents": trajectory.latents, "negatives": trajectory.negatives, "misses": trajectory.misses}
    tensors = {
        name: torch.cat([part.detach().float().cpu() for part in values]).contiguous()
        for name, values in parts.items()
        if values
    }
    with suppress(OSError):
        folder().mkdir(parents=True, exist_ok=True)
        beside = folder() / f"{key}.{os.getpid()}.tmp"
        try:
            beside.write_bytes(save(tensors, {"calls": str(trajectory.calls)}))
            os.replace(beside, folder() / f"{key}.safetensors")
        finally:
            beside.unlink(missing_ok=True)
        _tidy()


def _tidy() -> None:
    """Forgets the oldest until the rest fits."""
    files = sorted(folder().glob("*.safetensors"), key=lambda file: file.stat().st_mtime, reverse=True)
    total = 0
    for file in files:
        total += file.stat().st_size
        if total > KEPT_BYTES:
            file.unlink(missing_ok=True)


def _stored(key: str, method: Method, levels: Sequence[Level], latent: Tensor) -> Trajectory | None:
    path = folder() / f"{key}.safetensors"
    if not path.is_file():
        return None
    from safetensors import safe_open

    try:
        with safe_open(path, "pt") as file:
            names = list(file.keys())
            tensors = {name: list(file.get_tensor(name).to(latent).split(1)) for name in names}
            calls = int(file.metadata()["calls"])
        with suppress(OSError):
            os.utime(path)
        return Trajectory(
            method,
            tuple(levels),
            tensors["latents"],
            tensors.get("negatives", ()),
            tensors.get("misses", ()),
            calls,
        )
    except Exception:  # damaged in any of a dozen ways: all mean "do it again"
        return None


# --- the network ----------------------------------------------------------------------------------------------------


@contextmanager
def _network(job: Job, latent: Tensor) -> Iterator[Denoiser]:
    """The network, with everything that makes it cheaper for such latents, and nothing of it left behind."""
    unet, pixels = job.model.unet, latent.shape[-1] * latent.shape[-2]
    hands: list[Control] = [LeanAttention(unet), PackedConvolutions(unet, pixels, job.model.packed)]
    hands += [OneByOne()] if job.thrift.split else []
    denoiser = job.denoiser()
    with ExitStack() as hooks:
        for hand in hands:
            denoiser = hand.wrap(denoiser)
            hooks.enter_context(hand.attach())
        yield denoiser


@torch.no_grad()
def _plainly(step: Step, denoise: Denoise, x: Tensor, t: Level, s: Level) -> Tensor:
    return step(denoise, x, t, s)[0]


@torch.no_grad()
def _call(denoiser: Denoiser, x: Tensor, level: Level, condition: Condition) -> Tensor:
    return denoiser(x, level, condition)


# --- how well -------------------------------------------------------------------------------------------------------


def psnr(a: Any, b: Any) -> float:
    """Peak signal-to-noise ratio in dB of two uint8 arrays of one shape; infinite where they are equal."""
    error = float(((a.astype("float64") - b.astype("float64")) ** 2).mean())
    return 10 * math.log10(255**2 / error) if error else math.inf
