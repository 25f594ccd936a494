"""Ways: what is packed comes out again; a picture is moved as the flow says, over what lies around; the network in the loop."""

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
    between,
    carried,
    channels_of,
    completed,
    filled,
    stiff,
    told,
    unpacked,
)


def disc(x: float, y: float, radius: float = 10, side: int = SIDE) -> Tensor:
    """[1, 1, side, side]: a disc with a soft rim."""
    at = torch.arange(side) + 0.5
    far = torch.hypot(at[None, :] - x, at[:, None] - y)
    return (radius + 0.5 - far).clamp(0, 1)[None, None]


def picture_of(matte: Tensor) -> Tensor:
    """Red on a blue that darkens downwards."""
    shade = torch.linspace(0.2, -0.2, matte.shape[-2])[:, None].expand(matte.shape[-2:])
    behind = torch.stack([shade - 0.5, shade, shade + 0.6])[None]
    red = torch.tensor([0.9, -0.8, -0.8]).view(1, 3, 1, 1)
    return matte * red + (1 - matte) * behind


def moved(dx: float, dy: float, matte: Tensor) -> Ways:
    """The whole way in shares of the sides, evenly; fully seen."""
    flow = torch.zeros(1, FRAMES, 2, GRID, GRID)
    for i in range(FRAMES):
        flow[0, i, 0], flow[0, i, 1] = -dx * i / (FRAMES - 1), -dy * i / (FRAMES - 1)
    return Ways(flow, torch.ones(1, FRAMES), matte)


def test_what_is_packed_comes_out_again() -> None:
    ways = Ways(
        torch.rand(2, FRAMES, 2, GRID, GRID) - 0.5, torch.rand(2, FRAMES), torch.rand(2, 1, SIDE, SIDE)
    )
    packed = ways.packed()
    assert packed.shape == (2, CHANNELS, GRID, GRID)
    again = unpacked(packed)
    for name in ("flow", "seen", "matte"):
        assert torch.allclose(getattr(again, name), getattr(ways, name), atol=1e-5), name


@pytest.mark.parametrize(("time", "x", "y"), [(0, 24, 32), (1, 40, 20), (0.4, 30.4, 27.2)])
def test_a_thing_is_where_its_way_leads(time: float, x: float, y: float) -> None:
    start = disc(24, 32)
    (frame,) = carried(picture_of(start), moved(16 / SIDE, -12 / SIDE, start), [time])
    true = picture_of(disc(x, y))
    error = (frame - true).square().mean()
    still = (picture_of(start) - true).square().mean()
    assert 10 * math.log10(4 / float(error)) > 27  # decibels; the disc's rim goes through two interpolations
    assert time == 0 or error < still / 20


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


def test_what_stands_out_beside_the_matte_belongs_to_the_thing() -> None:
    thing = disc(32, 32)
    known = thing * (torch.arange(SIDE) < 36)  # the network missed the rest
    picture = picture_of(thing)
    found = completed(known, picture)
    assert (found - thing).abs().mean() < 0.01 < 0.018 < (known - thing).abs().mean()
    (frame,) = carried(
        picture, Ways(torch.zeros(1, FRAMES, 2, GRID, GRID), torch.zeros(1, FRAMES), known), [0.0]
    )
    assert (frame - picture_of(torch.zeros_like(thing))).abs().max() < 0.1, "nothing of it stays behind"


def test_in_a_lively_picture_nothing_stands_out() -> None:
    torch.manual_seed(0)
    thing = disc(32, 32)
    picture = (picture_of(thing) + 0.5 * torch.randn(1, 3, SIDE, SIDE)).clamp(-1, 1)
    assert (completed(thing, picture) - thing).abs().mean() < 0.001


def test_what_was_covered_is_like_what_is_around() -> None:
    matte = disc(32, 32)
    behind = filled(picture_of(matte), matte)
    assert (behind - picture_of(torch.zeros_like(matte))).abs().max() < 0.06
    assert (picture_of(matte) - picture_of(torch.zeros_like(matte))).abs().max() > 1


def test_a_thing_that_fades_is_gone_at_the_end() -> None:
    matte = disc(32, 32)
    still = moved(0, 0, matte)
    ways = Ways(still.flow, torch.linspace(1, 0, FRAMES)[None], matte)
    (gone,) = carried(picture_of(matte), ways, [1.0])
    assert (gone - picture_of(torch.zeros_like(matte))).abs().max() < 0.06


def test_pictures_of_any_size_are_moved() -> None:
    matte = disc(96, 96, 40, 192)
    ways = moved(0.25, 0, disc(32, 32, 40 / 3))
    (frame,) = carried(picture_of(matte), ways, [1.0])
    true = picture_of(disc(144, 96, 40, 192))
    assert frame.shape == (1, 3, 192, 192)
    assert (frame - true).abs().mean() < 0.02


def test_between_is_smooth_and_meets_the_rows() -> None:
    rows = torch.sin(torch.linspace(0, 3, FRAMES))
    assert float(between(rows, 3)) == pytest.approx(float(rows[3]))
    assert float(between(rows, FRAMES - 1)) == pytest.approx(float(rows[-1]))
    assert float(between(rows, 2.5)) == pytest.approx(math.sin(2.5 * 3 / 7), abs=2e-3)


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
