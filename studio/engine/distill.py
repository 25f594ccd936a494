"""A student learns to draw in one to eight steps what its teacher draws in many: losses, noisy latents, training.

Progressive, in stages, each of which begins where the last one ended:

    guided    The student learns what guidance makes of two teacher calls, with the scale w as an input (Meng et al.
              2022, section 3.1), on the levels of the `first` steps.
    N         The student learns to take N steps where its frozen predecessor takes 2 N: two DDIM steps of the teacher from
              x_t to x_s, and the x0 with which one step arrives at the same place (Salimans & Ho 2022, algorithm 2
              and appendix G), N halving from first / 2.

The paper ends with a network for each N. This one is told N as well (`denoiser.steps_embedding`), and a share of every batch
repeats what the predecessor does at larger N, so that one small network serves every N from 8 to 1.

`together_loss` goes on with a student that has all this behind it: every N at once, the largest from the teacher itself, each
smaller one from two steps of the student's own average at twice as many (as in shortcut models, Frans et al. 2024).

Consistency, as a comparison (Luo et al. 2023, algorithm 1): from the same teacher, skipping steps of the same guided
solver, towards the average of the student's own weights. The boundary scalings c_skip and c_out are left out, as in
`steps.LCM`.

Everything is said in v = alpha eps - sigma x0, whatever the network itself predicts: the mean square error of v is Salimans &
Ho's "SNR + 1" weighting.

Where the noisy latents come from:

    Noised    x0 of a data set with noise: needs one.
    Rollout   the way from noise to picture that is to be learnt, walked by whoever is imitated. It costs nothing, as the steps
              that make the target are those that lead on; it needs no data but words; and the student sees in training what it
              will see when it draws.

Symbols: B items of a batch, each at a level of its own; x [B, C, H, W]; t, s timesteps [B], where `Levels.count` is the clean
end; scale w [B]; told the number of steps [B].
"""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from studio.engine.condition import Condition
from studio.engine.denoiser import UNetNetwork
from studio.engine.schedule import Prediction, Schedule

EMBEDDED = 256
"""Width of the embedding of guidance scale and steps, as in the published latent consistency models."""
SCALES = (1.0, 8.0)
"""Guidance scales that the student learns."""
REHEARSED = 8
"""The largest N that later stages repeat."""
SHARES = {"guided": 0.50, 16: 0.05, 8: 0.08, 4: 0.12, 2: 0.13, 1: 0.17}
"""Of the budget, by stage; those of stages that a run leaves out are shared out among the others."""
_LERP: Any = getattr(torch, "_foreach_lerp_")  # noqa: B009 (private to torch; one call for all weights)
SKIP = 50
"""Timesteps that the consistency student's solver skips (k of Luo et al. 2023; 20 there, for 1000 timesteps)."""


def fast_half(device: torch.device) -> bool:
    """Whether bfloat16 is the faster arithmetic for training: on a CPU with AMX tiles a 3x3 convolution is four times as fast."""
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported()
    info = Path("/proc/cpuinfo")
    return device.type == "cpu" and info.exists() and "amx_bf16" in info.read_text()


def arithmetic(device: torch.device) -> AbstractContextManager[Any]:
    """bfloat16 where it is faster, else as the tensors are."""
    return torch.autocast(device.type, torch.bfloat16) if fast_half(device) else nullcontext()


@contextmanager
def plain_attention(unet: Any) -> Iterator[None]:
    """Attention by plain matrix products: in bfloat16 they are several times faster on a CPU than the fused kernel."""
    from diffusers.models.attention_processor import AttnProcessor

    before = dict(unet.attn_processors)
    unet.set_attn_processor(AttnProcessor())
    try:
        yield
    finally:
        unet.set_attn_processor(before)


# --- levels -----------------------------------------------------------------------------------------------------


class Levels:
    """alpha and sigma of timesteps as tensors, and DDIM steps for a batch whose items are at different levels.

    Level `count` stands for the clean end: alpha 1, sigma 0.
    """

    def __init__(self, schedule: Schedule, device: torch.device | str = "cpu") -> None:
        self.schedule, self.count, self.device = schedule, schedule.train_steps, torch.device(device)
        levels = [schedule.level_at(t) for t in range(self.count)] + [schedule.clean]
        self.alphas = torch.tensor([level.alpha for level in levels], device=device)
        self.sigmas = torch.tensor([level.sigma for level in levels], device=device)

    def grid(self, steps: int) -> Tensor:
        """[steps + 1] timesteps of a run, noisy to clean; that of 2 N steps holds that of N."""
        times = [int(level.t) for level in self.schedule.levels(steps, "trailing")[:-1]]
        return torch.tensor([*times, self.count], device=self.device)

    def at(self, t: Tensor) -> tuple[Tensor, Tensor]:
        """alpha, sigma [B, 1, 1, 1]"""
        return self.alphas[t].view(-1, 1, 1, 1), self.sigmas[t].view(-1, 1, 1, 1)

    def noisy(self, x0: Tensor, t: Tensor) -> Tensor:
        alpha, sigma = self.at(t)
        return alpha * x0 + sigma * torch.randn_like(x0)

    def x0(self, x: Tensor, v: Tensor, t: Tensor) -> Tensor:
        alpha, sigma = self.at(t)
        return alpha * x - sigma * v

    def step(self, x: Tensor, v: Tensor, t: Tensor, s: Tensor) -> Tensor:
        """DDIM from t to s (Song et al. 2020, eq. 12), with alpha^2 + sigma^2 = 1."""
        alpha, sigma = self.at(t)
        alpha_s, sigma_s = self.at(s)
        return alpha_s * (alpha * x - sigma * v) + sigma_s * (sigma * x + alpha * v)

    def v_between(self, x: Tensor, t: Tensor, y: Tensor, s: Tensor) -> Tensor:
        """The v with which one DDIM step from x at t arrives at y at s (Salimans & Ho 2022, appendix G)."""
        alpha, sigma = self.at(t)
        alpha_s, sigma_s = self.at(s)
        # y = (alpha_s alpha + sigma_s sigma) x + (sigma_s alpha - alpha_s sigma) v, solved for v
        return (y - (alpha_s * alpha + sigma_s * sigma) * x) / (sigma_s * alpha - alpha_s * sigma)

    def v_of(self, output: Tensor, prediction: Prediction, x: Tensor, t: Tensor) -> Tensor:
        """A network's output as v.

        Raises:
            ValueError: it is of a kind that says no v.
        """
        if prediction == "v_prediction":
            return output
        alpha, sigma = self.at(t)
        if prediction == "epsilon":
            return (output - sigma * x) / alpha
        raise ValueError(f"A network that predicts {prediction} cannot be distilled.")


# --- who teaches, who learns ------------------------------------------------------------------------------------


class Teacher:
    """A trained network under guidance.

    Args:
        unet: frozen; in evaluation mode.
        empty: the condition without words, of one item.
    """

    def __init__(self, unet: Any, levels: Levels, empty: Condition) -> None:
        self.unet, self.levels, self.empty = unet, levels, empty
        self.network = UNetNetwork(unet)

    @torch.no_grad()
    def v(self, x: Tensor, t: Tensor, said: Condition, scale: Tensor) -> Tensor:
        """What guidance makes of two calls -> v [B, C, H, W]."""
        both = Condition.cat([self.empty.expand(len(x)), said])
        twice, times = torch.cat([x, x]), torch.cat([t, t])
        with arithmetic(x.device):
            out = self.network(twice, times, both).float()
        without, with_text = self.levels.v_of(out, self.levels.schedule.prediction, twice, times).chunk(2)
        return without + scale.view(-1, 1, 1, 1) * (with_text - without)


class Student(nn.Module):
    """A U-Net that is told the guidance scale and the number of steps."""

    def __init__(self, unet: Any, levels: Levels) -> None:
        super().__init__()
        from diffusers.models.attention_processor import AttnProcessor

        self.unet: Any = unet
        self.unet.set_attn_processor(AttnProcessor())  # see `plain_attention`
        self.levels = levels

    def forward(self, x: Tensor, t: Tensor, said: Condition, scale: Tensor, told: Tensor) -> Tensor:
        """-> v [B, C, H, W]"""
        said = said.with_extra(guidance=scale, steps=told)
        with arithmetic(x.device):
            out = UNetNetwork(self.unet)(x, t, said).float()
        return self.levels.v_of(out, self.levels.schedule.prediction, x, t)


def student_of(unet: Any, levels: Levels) -> Student:
    """The teacher's network in single precision with one more input, as yet without effect."""
    wide = type(unet).from_config({**unet.config, "time_cond_proj_dim": EMBEDDED})
    missing, unexpected = wide.load_state_dict(unet.state_dict(), strict=False)
    assert missing == ["time_embedding.cond_proj.weight"] and not unexpected
    nn.init.zeros_(wide.time_embedding.cond_proj.weight)
    return Student(wide.float().to(levels.device), levels)


# --- noisy latents ----------------------------------------------------------------------------------------------


class States(Protocol):
    """A batch of noisy latents at the beginnings of the steps of a run."""

    def take(self) -> tuple[Tensor, Tensor, Condition, Tensor]:
        """x, index of the step that each item is at [B], what is said, guidance scales."""
        ...

    def went(self, y: Tensor) -> None:
        """Where one step from there arrives."""
        ...


Begin = Callable[[int], tuple[Condition, Tensor]]
"""n -> conditions of n items, their guidance scales [n]."""


class Noised:
    """Clean latents with noise.

    Args:
        draw: n -> latents [n, C, H, W], conditions, guidance scales.
    """

    def __init__(
        self, levels: Levels, steps: int, batch: int, draw: Callable[[int], tuple[Tensor, Condition, Tensor]]
    ) -> None:
        self.levels, self.steps, self.batch, self.draw = levels, steps, batch, draw
        self.grid = levels.grid(steps)

    def take(self) -> tuple[Tensor, Tensor, Condition, Tensor]:
        x0, said, scale = self.draw(self.batch)
        index = spread(len(x0), self.steps).to(x0.device)
        return self.levels.noisy(x0, self.grid[index]), index, said, scale

    def went(self, y: Tensor) -> None:
        pass


class Rollout:
    """Items on their way from noise to picture; one that arrives begins anew with other words and noise.

    Args:
        shape: [C, H, W] of a latent.
    """

    def __init__(self, levels: Levels, steps: int, batch: int, begin: Begin, shape: Sequence[int]) -> None:
        self.steps, self.begin, self.shape, self.device = steps, begin, tuple(shape), levels.device
        self.first = levels.sigmas[int(levels.grid(steps)[0])]
        self.x = self._noise(batch)
        self.index = torch.zeros(batch, dtype=torch.long, device=levels.device)
        self.said, self.scale = begin(batch)
        self.age = 0

    def _noise(self, count: int) -> Tensor:
        # of unit variance, as drawing begins, also where the schedule ends short of pure noise
        return torch.randn(count, *self.shape, device=self.device)

    def take(self) -> tuple[Tensor, Tensor, Condition, Tensor]:
        return self.x, self.index, self.said, self.scale

    def went(self, y: Tensor) -> None:
        self.x, self.index = y, self.index + 1
        new = self.index >= self.steps
        if self.age < self.steps:  # all began together; from here on they are spread over the run
            new |= torch.arange(len(new), device=self.device) % self.steps == self.age
        self.age += 1
        count = int(new.sum())
        if not count:
            return
        said, scale = self.begin(count)
        self.x = self.x.clone()
        self.x[new], self.index[new] = self._noise(count), 0
        self.said, self.scale = self.said.replaced(new, said), self.scale.clone()
        self.scale[new] = scale


def spread(count: int, cells: int) -> Tensor:
    """[count] integers in [0, cells), one from each equal share: less noise in the loss than free draws."""
    places = (torch.arange(count) + torch.rand(count)) * (cells / count)
    return places.long().clamp(max=cells - 1)


def scales(count: int) -> Tensor:
    """[count] guidance scales; the middle of the range is what people use."""
    return SCALES[0] + (SCALES[1] - SCALES[0]) * torch.rand(2, count).mean(0)


# --- losses -----------------------------------------------------------------------------------------------------

Loss = Callable[[int], Tensor]
"""The number of steps of training so far -> the loss of the next batch."""


def weight_of(scale: Tensor) -> Tensor:
    """[B] Errors grow with what guidance adds, (w - 1)^2; without this the strongest scales would be all that counts."""
    return 1 / (1 + (scale - 1).square() / 4)


def guided_loss(teacher: Teacher, student: Student, levels: Levels, states: States, first: int) -> Loss:
    """The first stage: guidance as an input."""
    grid = levels.grid(first)

    def loss_of(step: int) -> Tensor:
        x, index, said, scale = states.take()
        t, s = grid[index], grid[index + 1]
        goal = teacher.v(x, t, said, scale)
        states.went(levels.step(x, goal, t, s))
        return error(student, x, t, said, scale, torch.full_like(scale, first), goal)

    return loss_of


def halving_loss(
    before: Student, student: Student, levels: Levels, states: Mapping[int, States], steps: int
) -> Loss:
    """A stage of N = steps: two steps of the predecessor in one; and what it does at larger N, as it does it.

    states: {N: noisy latents at its steps}, of N = steps and of what is repeated.
    """

    def loss_of(step: int) -> Tensor:
        return _of_parts(student, [_doubled(before, levels, states[n], n) if n == steps
                                   else _same(before, levels, states[n], n) for n in states])  # fmt: skip

    return loss_of


def together_loss(
    teacher: Teacher, student: Student, levels: Levels, states: Mapping[int, States], follow: float = 0.01
) -> Loss:
    """Every N of `states` at once: the largest from two guided steps of the teacher, the others from two of the student's average.

    follow: how much of the student its average takes over in a step of training.
    """
    behind = Follower(student, follow)
    largest = max(states)

    def loss_of(step: int) -> Tensor:
        behind.follow()
        own = lambda n: _doubled(behind.model, levels, states[n], n)  # noqa: E731
        parts = [_guided_twice(teacher, levels, states[n], n) if n == largest else own(n) for n in states]
        return _of_parts(student, parts)

    return loss_of


def consistency_loss(
    teacher: Teacher, student: Student, levels: Levels, states: States, follow: float = 0.05
) -> Loss:
    """Latent consistency distillation: x0 as seen from t must be x0 as seen from where the guided solver goes.

    states: at the steps of a run of `consistency_steps`.
    """
    behind = Follower(student, follow)
    grid = levels.grid(consistency_steps(levels))

    def loss_of(step: int) -> Tensor:
        behind.follow()
        x, index, said, scale = states.take()
        t, s = grid[index], grid[index + 1]
        four = torch.full_like(scale, 4)
        with torch.no_grad():
            y = levels.step(x, teacher.v(x, t, said, scale), t, s)
            asked = s.clamp(max=levels.count - 1)  # at the clean end x0 is y itself
            seen = levels.x0(y, behind.model(y, asked, said, scale, four), asked)
            seen = torch.where((s == levels.count).view(-1, 1, 1, 1), y, seen)
            states.went(y)
        off = (levels.x0(x, student(x, t, said, scale, four), t) - seen).square().mean((1, 2, 3))
        return ((off + 1e-6).sqrt() - 1e-3).mean()  # Huber, as there: the target is noisy

    return loss_of


def consistency_steps(levels: Levels) -> int:
    """Steps of the solver that a consistency student learns from."""
    return levels.count // SKIP


class Follower:
    """A frozen copy of a network that goes after it."""

    def __init__(self, model: nn.Module, share: float) -> None:
        self.model: Any = copy.deepcopy(model).eval().requires_grad_(False)
        self.pairs = list(zip(model.parameters(), self.model.parameters(), strict=True))
        self.share = share

    @torch.no_grad()
    def follow(self) -> None:
        _LERP([b for _, b in self.pairs], [a.detach() for a, _ in self.pairs], self.share)


def error(
    student: Any, x: Tensor, t: Tensor, said: Condition, scale: Tensor, told: Tensor, goal: Tensor
) -> Tensor:
    """The weighted mean square error of v."""
    off = (student(x, t, said, scale, told) - goal).square().mean((1, 2, 3))
    return (weight_of(scale) * off).mean()


_Part = tuple[Tensor, Tensor, Condition, Tensor, Tensor, Tensor]
"""x, t, said, scale, told, goal"""


def _of_parts(student: Any, parts: Sequence[_Part]) -> Tensor:
    """The error over several parts as one batch."""
    x, t, said, scale, told, goal = zip(*parts, strict=True)
    return error(student, torch.cat(x), torch.cat(t), Condition.cat(said), torch.cat(scale), torch.cat(told),
                 torch.cat(goal))  # fmt: skip


@torch.no_grad()
def _twice(
    v_of: Callable[..., Tensor], levels: Levels, states: States, steps: int, told: int | None
) -> _Part:
    """The target of one of N steps is where two of 2 N arrive."""
    x, index, said, scale = states.take()
    fine = levels.grid(2 * steps)
    t, middle, s = fine[2 * index], fine[2 * index + 1], fine[2 * index + 2]
    more = () if told is None else (torch.full_like(scale, told),)
    y = levels.step(x, v_of(x, t, said, scale, *more), t, middle)
    y = levels.step(y, v_of(y, middle, said, scale, *more), middle, s)
    states.went(y)
    return x, t, said, scale, torch.full_like(scale, steps), levels.v_between(x, t, y, s)


def _doubled(before: Any, levels: Levels, states: States, steps: int) -> _Part:
    return _twice(before, levels, states, steps, 2 * steps)


def _guided_twice(teacher: Teacher, levels: Levels, states: States, steps: int) -> _Part:
    return _twice(teacher.v, levels, states, steps, None)


@torch.no_grad()
def _same(before: Any, levels: Levels, states: States, steps: int) -> _Part:
    """What the predecessor does at N steps, as it does it."""
    x, index, said, scale = states.take()
    grid = levels.grid(steps)
    t, s = grid[index], grid[index + 1]
    told = torch.full_like(scale, steps)
    v = before(x, t, said, scale, told)
    states.went(levels.step(x, v, t, s))
    return x, t, said, scale, told, v


def parts_of(steps: int, first: int, batch: int) -> dict[int, int]:
    """{N: items} of a batch in the stage of N = steps: most of it is new, the rest repeats larger N."""
    larger = [n for n in (2, 4, 8, 16, 32) if steps < n <= min(REHEARSED, first)]
    repeated = (batch // 4 if steps > 1 else 3 * batch // 8) if larger else 0
    sizes = {n: len(range(i, repeated, len(larger))) for i, n in enumerate(larger)}
    return {steps: batch - repeated, **{n: size for n, size in sizes.items() if size}}


# --- training ---------------------------------------------------------------------------------------------------


def plan(first: int, minutes: float, fewest: int = 1) -> list[tuple[str, int, float]]:
    """(name, N, minutes) of each stage; N of the guided one is `first`, the last one is `fewest`."""
    halvings = [first >> i for i in range(1, first.bit_length()) if first >> i >= fewest]
    shares = {"guided": SHARES["guided"], **{n: SHARES.get(n, 0.05) for n in halvings}}
    whole = sum(shares.values())
    return [
        (f"{n:02d}" if isinstance(n, int) else n, n if isinstance(n, int) else first, minutes * part / whole)
        for n, part in shares.items()
    ]


class Average:
    """Exponential moving average of weights; the decay warms up with the number of updates: min(decay, (1+n)/(10+n))."""

    def __init__(self, model: nn.Module, decay: float) -> None:
        self.model = copy.deepcopy(model).eval().requires_grad_(False)
        self.decay, self.updates = decay, 0

    @torch.no_grad()
    def update(self, model: nn.Module) -> None:
        self.updates += 1
        keep = min(self.decay, (1 + self.updates) / (10 + self.updates))
        mine, theirs = list(self.model.parameters()), [p.detach() for p in model.parameters()]
        _LERP(mine, theirs, 1 - keep)
        for ours, other in zip(self.model.buffers(), model.buffers(), strict=True):
            ours.copy_(other)


class Trainer:
    """AdamW within a budget of seconds, with a warm-up, a cosine that falls to 5 %, and the average of the weights.

    Args:
        seconds: of the whole stage, whatever interrupts it.
    """

    WARM = 20

    def __init__(self, student: Student, rate: float, seconds: float, decay: float = 0.999) -> None:
        self.student, self.rate, self.seconds = student, rate, seconds
        self.optimiser = torch.optim.AdamW(
            student.parameters(), lr=rate, betas=(0.9, 0.99), weight_decay=0.01
        )
        self.average = Average(student, decay)
        self.steps, self.spent, self.loss = 0, 0.0, math.nan

    @property
    def over(self) -> bool:
        """Whether the budget is spent; a stage has at least one step."""
        return self.steps > 0 and self.spent >= self.seconds

    @torch.enable_grad()
    def step(self, loss_of: Loss) -> None:
        """One batch."""
        begun = time.monotonic()
        done = min(1.0, self.spent / max(self.seconds, 1e-9))
        rate = self.rate * min(1, (self.steps + 1) / self.WARM)
        rate *= 0.05 + 0.475 * (1 + math.cos(math.pi * done))
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        loss = loss_of(self.steps)
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        norm = nn.utils.clip_grad_norm_(self.student.parameters(), 1.0)
        if bool(torch.isfinite(norm)):
            self.optimiser.step()
            self.average.update(self.student)
        value = float(loss.detach())
        self.loss = value if math.isnan(self.loss) else 0.98 * self.loss + 0.02 * value
        self.steps += 1
        self.spent += time.monotonic() - begun

    def state(self) -> dict[str, Any]:
        """What it needs to go on."""
        return {
            "student": self.student.state_dict(),
            "average": self.average.model.state_dict(),
            "updates": self.average.updates,
            "optimiser": self.optimiser.state_dict(),
            "steps": self.steps,
            "spent": self.spent,
        }

    def load(self, state: Mapping[str, Any]) -> None:
        self.student.load_state_dict(state["student"])
        self.average.model.load_state_dict(state["average"])
        self.average.updates = state["updates"]
        self.optimiser.load_state_dict(state["optimiser"])
        self.steps, self.spent = state["steps"], state["spent"]
