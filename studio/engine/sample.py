"""THE loop. Every technique is a set of controls around it; nothing else in the engine walks noise levels.

    for control in controls: denoise = control.wrap(denoise)
    for t, s in pairwise(levels):
        x, x0 = step(denoise, x, t, s)
        for control in controls: x = control.after(x, s)
        yield State(x, x0, s)

Inversion is the same call with rising levels. Closing the generator takes away every hook that a control
attached to a network, so cancelling is closing. The generator is decorated with torch.no_grad() because a
`with torch.no_grad()` inside it would leak into the caller between two steps.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

import torch
from torch import Tensor

from studio.engine.condition import Condition
from studio.engine.controls.base import Control
from studio.engine.denoiser import Denoiser
from studio.engine.schedule import Level
from studio.engine.steps import Step


class NonFiniteError(ArithmeticError):
    """The picture holds infinite or undefined numbers, so that going on would be a waste."""


@dataclass(frozen=True, eq=False)
class State:
    """What the loop has after a step.

    x: [B, C, H, W] at `level`. x0: the clean signal as the network saw it during the step; good for previews.
    level: where x is now. index: how many levels lie behind, in 1..total; `start=index` resumes from here.
    total: the number of steps of the whole run.
    """

    x: Tensor
    x0: Tensor
    level: Level
    index: int
    total: int


@torch.no_grad()
def sample(
    denoiser: Denoiser,
    x: Tensor,
    levels: Sequence[Level],
    step: Step,
    condition: Condition,
    controls: Sequence[Control] = (),
    start: int = 0,
) -> Generator[State, None, None]:
    """Walk x along the levels, one State per step.

    x: [B, C, H, W] at levels[start]. controls: the first is wrapped first, so it is nearest to the network;
    after a step they act in the same order. start: the index of a State to resume from; the step must then have loaded
    its state too.
    Raises ValueError for fewer than two levels or a start outside them, and NonFiniteError when x is no longer a
    picture; both from the first `next`, not from the call.
    """
    total = len(levels) - 1
    if total < 1:
        raise ValueError("A run needs at least two noise levels.")
    if not 0 <= start <= total:
        raise ValueError(f"A run of {total} steps cannot start at step {start}.")
    condition = condition.expand(x.shape[0])
    for control in controls:
        denoiser = control.wrap(denoiser)

    def denoise(x: Tensor, level: Level) -> Tensor:
        return denoiser(x, level, condition)

    with ExitStack() as hooks:
        for control in controls:
            hooks.enter_context(control.attach())
        for index in range(start, total):
            t, s = levels[index], levels[index + 1]
            x, x0 = step(denoise, x, t, s)
            for control in controls:
                x = control.after(x, s)
            _check_finite(x, index, total)
            yield State(x, x0, s, index + 1, total)


def _check_finite(x: Tensor, index: int, total: int) -> None:
    if not bool(torch.isfinite(x).all()):
        raise NonFiniteError(
            f"The picture turned into undefined numbers at step {index + 1} of {total}; "
            "try full precision (float32), a lower guidance scale or another solver."
        )
