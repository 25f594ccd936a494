"""Ways: what is packed comes out again; what keeps its shape; the network in the loop."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
import torch
from torch import Tensor

from studio.engine.condition import Condition
from studio.engine.nets.ways import (
    CHANNELS,
    FRAMES,
    GRID,
    SIDE,
    Part,
    Ways,
    WaysConfig,
    WaysNet,
    channels_of,
    stiff,
    told,
    unpacked,
)


def disc(x: float, y: float, radius: float = 10, side: int = SIDE) -> Tensor:
    """[1, 1, side, side]: a disc with a soft rim."""
    at = torch.arange(side) + 0.5
    far = torch.hypot(at[None, :] - x, at[:, None] - y)
    return (radius + 0.5 - far).clamp(0, 1)[None, None]


def test_what_is_packed_comes_out_again() -> None:
    ways = Ways(
        torch.rand(2, FRAMES, 2, GRID, GRID) - 0.5, torch.rand(2, FRAMES), torch.rand(2, 1, SIDE, SIDE)
    )
    packed = ways.packed()
    assert packed.shape == (2, CHANNELS, GRID, GRID)
    again = unpacked(packed)
    for name in ("flow", "seen", "matte"):
        assert torch.allclose(getattr(again, name), getattr(ways, name), atol=1e-5), name


def test_what_keeps_its_shape_does_not_tremble() -> None:
    """A turn by 40 degrees that grows to 1.3 times, each place's flow disturbed by a pixel, off the thing by a fifth of the picture."""
    torch.manual_seed(0)
    matte = disc(30, 34, 12)
    turn, grow = math.radians(40), 1.3
    at = (torch.arange(GRID) + 0.5) / GRID
    y, x = torch.meshgrid(at, at, indexing="ij")
    u, v = x - 40 / SIDE, y - 28 / SIDE
    to = torch.stack(
        [
            30 / SIDE + (u * math.cos(turn) - v * math.sin(turn)) / grow,
            34 / SIDE + (u * math.sin(turn) + v * math.cos(turn)) / grow,
        ]
    )
    true = to - torch.stack([x, y])
    near = torch.hypot(u, v) < 16 / SIDE
    noisy = true + torch.randn(true.shape) * torch.where(near, 1 / SIDE, 0.2)
    ways = stiff(Ways(noisy.expand(1, FRAMES, 2, GRID, GRID), torch.ones(1, FRAMES), matte))
    off = (ways.flow[0, 0] - true)[:, near] * SIDE
    assert float(off.square().mean().sqrt()) < 0.5
    assert float(((noisy - true)[:, near] * SIDE).square().mean().sqrt()) > 0.9


def mapped(flow: Tensor, x: float, y: float) -> tuple[float, float]:
    """Where flow [2, GRID, GRID] looks from the point, in pixels of SIDE; it is straight, so two places tell."""
    at = (torch.arange(GRID) + 0.5) / GRID
    to = torch.complex(flow[0] + at[None, :], flow[1] + at[:, None]) * SIDE
    step = SIDE / GRID
    across, down = (to[0, 1] - to[0, 0]) / step, (to[1, 0] - to[0, 0]) / step
    found = to[0, 0] + across * (x - step / 2) + down * (y - step / 2)
    return float(found.real), float(found.imag)


@pytest.mark.parametrize(("part", "k"), [("first", 0), ("last", FRAMES - 1)])
def test_a_picture_that_is_a_frame_is_where_the_thing_sets_out(part: Part, k: int) -> None:
    """The network draws the thing half as large and elsewhere, moving 21 px to the right and growing to twice its size; it is to do that from
    where it is."""
    matte = disc(20, 40, 8)
    at = (torch.arange(GRID) + 0.5) / GRID
    y, x = torch.meshgrid(at, at, indexing="ij")
    flow = torch.empty(1, FRAMES, 2, GRID, GRID)
    for i in range(FRAMES):
        size = 0.5 * (1 + i / (FRAMES - 1))
        flow[0, i, 0] = 20 / SIDE + (x - (30 + 3 * i) / SIDE) / size - x
        flow[0, i, 1] = 40 / SIDE + (y - 24 / SIDE) / size - y
    drawn = Ways(flow, torch.full((1, FRAMES), 0.8), matte)
    ways = stiff(drawn, part)
    assert mapped(ways.flow[0, k], 20, 40) == pytest.approx((20, 40), abs=0.1)
    assert mapped(ways.flow[0, k], 26, 40) == pytest.approx((26, 40), abs=0.1)
    other = FRAMES - 1 - k
    away, larger = (21, 2) if k == 0 else (-21, 0.5)
    assert mapped(ways.flow[0, other], 20 + away, 40) == pytest.approx((20, 40), abs=0.1)
    assert mapped(ways.flow[0, other], 20 + away + 6 * larger, 40) == pytest.approx((26, 40), abs=0.1)
    assert ways.seen[0] == pytest.approx(torch.ones(FRAMES))
    assert mapped(stiff(drawn).flow[0, k], 20, 40) != pytest.approx((20, 40), abs=3)


def turning(sizes: list[float], degrees: float) -> Ways:
    """A thing in the middle that turns evenly, and is drawn in so many sizes."""
    at = (torch.arange(GRID) + 0.5) / GRID
    y, x = torch.meshgrid(at, at, indexing="ij")
    here = torch.complex(x - 0.5, y - 0.5)
    flow = torch.empty(1, FRAMES, 2, GRID, GRID)
    for i, size in enumerate(sizes):
        turn = torch.polar(torch.tensor(1 / size), torch.tensor(math.radians(degrees * i / (FRAMES - 1))))
        flow[0, i] = torch.view_as_real(here * turn - here).permute(2, 0, 1)
    return Ways(flow, torch.ones(1, FRAMES), disc(32, 32))


def sizes_of(ways: Ways) -> list[float]:
    """Of what is moved, by how far apart two of its points come from."""
    far = [math.dist(mapped(flow, 26, 32), mapped(flow, 38, 32)) / 12 for flow in ways.flow[0]]
    return [1 / one for one in far]


def test_what_turns_far_keeps_its_size() -> None:
    drawn = [1 - 0.05 * i for i in range(FRAMES)]
    assert sizes_of(turning(drawn, 160)) == pytest.approx(drawn, abs=0.01)
    found = sizes_of(stiff(turning(drawn, 160)))
    assert max(found) - min(found) < 0.01
    assert 0.65 < found[0] < 1
    assert sizes_of(stiff(turning(drawn, 0))) == pytest.approx(drawn, abs=0.01), "what shrinks may shrink"


def test_the_network_goes_through_a_file_and_listens(tmp_path: Path) -> None:
    torch.manual_seed(0)
    net = WaysNet(WaysConfig(text=12, depth=1, width=16, heads=2))
    for p in net.parameters():  # it begins at nothing
        torch.nn.init.normal_(p, std=0.1)
    net.save(tmp_path)
    again = WaysNet.read(tmp_path)
    x, t = torch.randn(1, CHANNELS, GRID, GRID), torch.full((1,), 500.0)
    hidden, seen = torch.randn(1, 5, 12), channels_of(torch.rand(1, 3, 96, 96), "first")
    made = again(x, t, told(hidden, seen))
    assert made.shape == x.shape
    assert (made - net(x, t, told(hidden, seen))).abs().max() < 1e-2  # saved in half precision
    others = (
        told(torch.randn(1, 5, 12), seen),
        told(hidden, channels_of(torch.rand(1, 3, 96, 96), "first")),
        told(hidden, channels_of(torch.rand(1, 3, 96, 96), "last")),
        Condition(hidden, channels=torch.zeros_like(seen)),
    )
    for other in others:
        assert (again(x, t, other) - made).abs().max() > 1e-3
