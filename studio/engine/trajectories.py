"""Guided trajectories of a frozen teacher, walked once and learnt from many times, by every kind of student.

The teacher is what makes distillation slow: a target of `distill.together_loss` costs up to four of its calls. Here each
trajectory is kept: K guided DDIM steps from one noise to one picture, x_0 .. x_K at the levels of `Levels.grid(K)`. It holds the
targets of all students of K / 2, K / 4, .. 1 steps, as their levels are among those, and the pairs of neighbours that a consistency
student learns from (Luo et al. 2023).

`following_loss`: N steps of the student shall pass through the same states as K of the teacher, so that the preview shows
what the finished picture will be. A student that is only ever shown the teacher's states does not learn what to do after an error of
its own (Ross et al. 2011, "DAgger"). So where its own step arrives is where it begins the next one, half of the time,
and the target stays the teacher's state: errors are taken back on the way. That costs nothing, as the step that is
learnt from is the one that leads on.

Symbols as in `distill`; M trajectories, K steps of the teacher, N of the student.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from studio.engine.condition import Condition
from studio.engine.distill import Follower, Levels, Loss, Teacher, spread, weight_of

OWN = 0.5
"""How often a step begins where the student's own last one arrived, and not where the teacher's did."""


@dataclass
class Trajectories:
    """states [M, K + 1, C, H, W], noise to picture; scale [M]; said: rows -> what was said."""

    states: Tensor
    scale: Tensor
    said: Callable[[Tensor], Condition]

    def __len__(self) -> int:
        return len(self.states)

    @property
    def steps(self) -> int:
        """K"""
        return self.states.shape[1] - 1

    def at(self, rows: Tensor, index: Tensor) -> Tensor:
        """[B, C, H, W] float32: the states with these numbers."""
        return self.states[rows, index].float()


@torch.no_grad()
def walk(teacher: Teacher, levels: Levels, steps: int, x: Tensor, said: Condition, scale: Tensor) -> Tensor:
    """DDIM from noise x [B, C, H, W] -> all states [B, steps + 1, C, H, W]."""
    grid, states = levels.grid(steps), [x]
    for i in range(steps):
        t, s = (grid[j].expand(len(x)) for j in (i, i + 1))
        states.append(levels.step(states[-1], teacher.v(states[-1], t, said, scale), t, s))
    return torch.stack(states, 1)


class _Followers:
    """Items on their way through N steps along trajectories."""

    def __init__(self, levels: Levels, known: Trajectories, steps: int, batch: int) -> None:
        if known.steps % steps:
            raise ValueError(f"{known.steps} steps of the teacher do not hold {steps} of the student.")
        self.known, self.steps, self.levels = known, steps, levels
        self.grid, self.stride = levels.grid(steps), known.steps // steps
        alpha, sigma = levels.alphas[self.grid], levels.sigmas[self.grid]
        reach = (sigma[:-1] * alpha[1:] - alpha[:-1] * sigma[1:]).abs()
        self.weight = reach / reach.mean()
        """[N] How far a step moves by its v, relative: errors where little is moved matter little."""
        self.rows = torch.randint(len(known), (batch,))
        self.index = spread(batch, steps)
        self.x = known.at(self.rows, self.index * self.stride)

    def goals(self) -> tuple[Tensor, Tensor]:
        """Where the teacher is at the end of the step; the v that leads there -> [B, C, H, W] each."""
        y = self.known.at(self.rows, (self.index + 1) * self.stride)
        return y, self.levels.v_between(self.x, self.grid[self.index], y, self.grid[self.index + 1])

    def went(self, v: Tensor, y: Tensor) -> None:
        """On with what the student said; who arrived begins another trajectory."""
        own = self.levels.step(self.x, v, self.grid[self.index], self.grid[self.index + 1])
        self.x = torch.where((torch.rand(len(y)) < OWN).view(-1, 1, 1, 1).to(y.device), own, y)
        self.index = self.index + 1
        new = self.index >= self.steps
        if bool(new.any()):
            self.rows, self.index = self.rows.clone(), torch.where(new, 0, self.index)
            self.rows[new] = torch.randint(len(self.known), (int(new.sum()),))
            self.x[new] = self.known.at(self.rows[new], self.index[new])


def following_loss(student: Any, levels: Levels, known: Trajectories, batches: Mapping[int, int]) -> Loss:
    """See the module. batches: {N: items of a batch}."""
    walks = {n: _Followers(levels, known, n, size) for n, size in batches.items()}

    def loss_of(step: int) -> Tensor:
        rows = torch.cat([w.rows for w in walks.values()])
        x = torch.cat([w.x for w in walks.values()])
        t = torch.cat([w.grid[w.index] for w in walks.values()])
        told = torch.cat([torch.full((len(w.rows),), float(n)) for n, w in walks.items()]).to(x.device)
        weight = torch.cat([w.weight[w.index] for w in walks.values()])
        y, goal = (torch.cat(parts) for parts in zip(*(w.goals() for w in walks.values()), strict=True))
        scale = known.scale[rows].to(x.device)
        v = student(x, t, known.said(rows), scale, told)
        sizes = [len(w.rows) for w in walks.values()]
        for w, own, end in zip(walks.values(), v.detach().split(sizes), y.split(sizes), strict=True):
            w.went(own, end)
        return (weight * weight_of(scale) * (v - goal).square().mean((1, 2, 3))).mean()

    return loss_of


def consistent_loss(
    student: Any, levels: Levels, known: Trajectories, batch: int, follow: float = 0.05
) -> Loss:
    """`distill.consistency_loss` on trajectories that are there: x0 as seen from one state must be x0 as the student's average
    sees it from the next one."""
    behind = Follower(student, follow)
    grid = levels.grid(known.steps)

    def loss_of(step: int) -> Tensor:
        behind.follow()
        rows, index = torch.randint(len(known), (batch,)), spread(batch, known.steps)
        x, y = known.at(rows, index), known.at(rows, index + 1)
        said, scale = known.said(rows), known.scale[rows].to(x.device)
        t, s, four = grid[index], grid[index + 1], torch.full_like(scale, 4)
        with torch.no_grad():
            asked = s.clamp(max=levels.count - 1)  # at the clean end x0 is y itself
            seen = levels.x0(y, behind.model(y, asked, said, scale, four), asked)
            seen = torch.where((s == levels.count).view(-1, 1, 1, 1), y, seen)
        off = (levels.x0(x, student(x, t, said, scale, four), t) - seen).square().mean((1, 2, 3))
        return ((off + 1e-6).sqrt() - 1e-3).mean()  # Huber, as there: the target is noisy

    return loss_of
