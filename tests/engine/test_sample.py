"""The loop: order of controls, hooks, cancelling, resuming, batches and broken numbers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import torch
from torch import Tensor, nn

from studio.engine.condition import Condition
from studio.engine.controls.base import Control
from studio.engine.denoiser import Denoiser, NetworkDenoiser
from studio.engine.sample import NonFiniteError, State, sample
from studio.engine.schedule import Level, variance_preserving
from studio.engine.steps import draw, generators, make_step

SCHEDULE = variance_preserving()
NOTHING = Condition(torch.zeros(1, 0, 4))
SEEDS = [11, 12, 13]
ALL = ["ddim", "euler", "euler_ancestral", "heun", "dpm++2m", "dpm++2m_sde", "lcm"]


class Tiny(nn.Module):
    """A pixel-wise network: a picture cannot see its neighbours in the batch, up to the order of additions."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.tensor(0.7))

    def forward(self, x: Tensor, t: Tensor, condition: Condition) -> Tensor:
        return self.scale * x + 0.3 * torch.tanh(x + t[:, None, None, None] / 1000)


def denoiser(network: nn.Module | None = None) -> Denoiser:
    return NetworkDenoiser(network or Tiny(), "epsilon")


def noise(seeds: list[int] = SEEDS) -> Tensor:
    return draw(generators(seeds), (1, 4, 4))


def last(states: Iterator[State]) -> State:
    *_, state = states
    return state


def test_states_tell_the_story() -> None:
    levels = SCHEDULE.levels(6)
    states = list(sample(denoiser(), noise(), levels, make_step("ddim"), NOTHING))
    assert [s.index for s in states] == [1, 2, 3, 4, 5, 6]
    assert all(s.total == 6 and s.level == levels[s.index] for s in states)
    assert torch.equal(states[-1].x, states[-1].x0)
    assert not any(s.x.requires_grad for s in states)


def test_gradients_of_the_caller_are_left_alone() -> None:
    assert torch.is_grad_enabled()
    run = sample(denoiser(), noise(), SCHEDULE.levels(3), make_step("ddim"), NOTHING)
    next(run)
    assert torch.is_grad_enabled()
    run.close()
    assert torch.is_grad_enabled()


@pytest.mark.parametrize("name", ALL)
def test_a_picture_does_not_depend_on_its_batch(name: str) -> None:
    levels = SCHEDULE.levels(8)
    together = last(sample(denoiser(), noise(), levels, make_step(name, generators(SEEDS)), NOTHING)).x
    alone = last(sample(denoiser(), noise([12]), levels, make_step(name, generators([12])), NOTHING)).x
    torch.testing.assert_close(together[1:2], alone, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("name", ALL)
def test_resume_gives_the_same_bits(name: str) -> None:
    levels = SCHEDULE.levels(8)
    whole = last(sample(denoiser(), noise(), levels, make_step(name, generators(SEEDS)), NOTHING))
    first = make_step(name, generators(SEEDS))
    run = sample(denoiser(), noise(), levels, first, NOTHING)
    state = next(s for s in run if s.index == 4)
    saved = first.state_dict()
    run.close()
    second = make_step(name)
    second.load_state_dict(saved)
    rest = last(sample(denoiser(), state.x, levels, second, NOTHING, start=state.index))
    assert rest.index == 8
    assert torch.equal(rest.x, whole.x)


class Recorder(Control):
    def __init__(self, name: str, log: list[str]) -> None:
        self.name, self.log = name, log

    def wrap(self, denoiser: Denoiser) -> Denoiser:
        def wrapped(x: Tensor, level: Level, condition: Condition, /) -> Tensor:
            self.log.append(f"in {self.name}")
            return denoiser(x, level, condition)

        return wrapped

    @contextmanager
    def attach(self) -> Iterator[None]:
        self.log.append(f"attach {self.name}")
        yield
        self.log.append(f"detach {self.name}")

    def after(self, x: Tensor, level: Level) -> Tensor:
        self.log.append(f"after {self.name}")
        return x


def test_order_of_controls() -> None:
    log: list[str] = []
    controls = [Recorder("a", log), Recorder("b", log)]
    list(sample(denoiser(), noise(), SCHEDULE.levels(1), make_step("ddim"), NOTHING, controls))
    assert log == ["attach a", "attach b", "in b", "in a", "after a", "after b", "detach b", "detach a"]


def test_after_sees_and_changes_x_at_the_new_level() -> None:
    class Zero(Control):
        def after(self, x: Tensor, level: Level) -> Tensor:
            return x * 0 + level.sigma

    levels = SCHEDULE.levels(4)
    for state in sample(denoiser(), noise(), levels, make_step("ddim"), NOTHING, [Zero()]):
        assert torch.equal(state.x, torch.full_like(state.x, state.level.sigma))


class Hook(Control):
    """Scales a module's output while attached."""

    def __init__(self, module: nn.Module) -> None:
        self.module = module

    @contextmanager
    def attach(self) -> Iterator[None]:
        handle = self.module.register_forward_hook(lambda _m, _i, out: out * 0.5)
        try:
            yield
        finally:
            handle.remove()


def hooks(module: nn.Module) -> int:
    return len(module._forward_hooks)


def test_hooks_act_and_go() -> None:
    network = Tiny()
    levels = SCHEDULE.levels(3)
    plain = last(sample(denoiser(network), noise(), levels, make_step("ddim"), NOTHING)).x
    hooked = last(sample(denoiser(network), noise(), levels, make_step("ddim"), NOTHING, [Hook(network)])).x
    assert not torch.equal(plain, hooked)
    assert hooks(network) == 0
    again = last(sample(denoiser(network), noise(), levels, make_step("ddim"), NOTHING)).x
    assert torch.equal(plain, again)


def test_closing_early_detaches() -> None:
    network = Tiny()
    run = sample(denoiser(network), noise(), SCHEDULE.levels(5), make_step("ddim"), NOTHING, [Hook(network)])
    assert hooks(network) == 0
    next(run)
    assert hooks(network) == 1
    run.close()
    assert hooks(network) == 0


def test_an_error_detaches() -> None:
    network = Tiny()

    class Failing(Control):
        def after(self, x: Tensor, level: Level) -> Tensor:
            raise RuntimeError("broken")

    with pytest.raises(RuntimeError, match="broken"):
        list(
            sample(
                denoiser(network),
                noise(),
                SCHEDULE.levels(2),
                make_step("ddim"),
                NOTHING,
                [Hook(network), Failing()],
            )
        )
    assert hooks(network) == 0


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_broken_numbers_are_named(value: float) -> None:
    def broken(x: Tensor, level: Level, condition: Condition, /) -> Tensor:
        return torch.full_like(x, value) if level.t < 700 else x

    run = sample(broken, noise(), SCHEDULE.levels(4), make_step("ddim"), NOTHING)
    next(run)
    with pytest.raises(NonFiniteError, match=r"step \d of 4"):
        list(run)


def test_bad_starts() -> None:
    levels = SCHEDULE.levels(3)
    assert list(sample(denoiser(), noise(), levels, make_step("ddim"), NOTHING, start=3)) == []
    for bad, count in ((4, 4), (-1, 4), (0, 1)):
        with pytest.raises(ValueError, match=r"\.$"):
            next(sample(denoiser(), noise(), levels[:count], make_step("ddim"), NOTHING, start=bad))


def test_inversion_is_the_same_call() -> None:
    """Rising levels; the network is made nearly linear so that 100 steps come back closely."""
    levels = SCHEDULE.levels(100)
    x = 0.3 * noise([1])
    up = last(sample(denoiser(), x, levels[::-1], make_step("heun"), NOTHING))
    assert up.level == levels[0]
    down = last(sample(denoiser(), up.x, levels, make_step("heun"), NOTHING))
    torch.testing.assert_close(down.x, x, rtol=0, atol=0.02)
