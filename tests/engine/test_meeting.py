"""From one picture to another: the thing arrives where it is in the last, and is whole on the way."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from studio.engine.meeting import met
from studio.engine.nets.ways import FRAMES, GRID, SIDE, Ways

GROUND = torch.tensor([-0.5, 0.0, 0.5]).view(1, 3, 1, 1)
PAINTS = torch.tensor([[0.9, -0.8, -0.8], [-0.8, 0.9, -0.8]]).view(2, 3, 1, 1)


def thing(x: float, y: float, long: float, degrees: float) -> tuple[Tensor, Tensor]:
    """A bar, red to its left and green to its right, `long` pixels and a third of that wide -> picture [1, 3, SIDE, SIDE] and matte."""
    at = torch.arange(SIDE) + 0.5
    there = torch.complex(at[None, :] - x, at[:, None] - y) * torch.polar(
        torch.tensor(1.0), torch.tensor(-math.radians(degrees))
    )
    inside = torch.minimum(long / 2 - there.real.abs(), long / 6 - there.imag.abs()) + 0.5
    matte = inside.clamp(0, 1)[None, None]
    right = (there.real + 0.5).clamp(0, 1)
    paint = PAINTS[:1] + right * (PAINTS[1:] - PAINTS[:1])
    return matte * paint + (1 - matte) * GROUND, matte


def ways(matte: Tensor, up: float = 0.0, degrees: float = 0.0) -> Ways:
    """The words: up by a share of the picture and back again, turning evenly about the picture's middle."""
    at = (torch.arange(GRID) + 0.5) / GRID
    here = torch.complex(at[None, :].expand(GRID, GRID), at[:, None].expand(GRID, GRID))
    flow = torch.empty(1, FRAMES, 2, GRID, GRID)
    for i in range(FRAMES):
        share = i / (FRAMES - 1)
        middle = 0.5 + 0.5j
        turn = complex(torch.polar(torch.tensor(1.0), torch.tensor(-math.radians(degrees * share))))
        source = middle + (here + 4j * up * share * (1 - share) - middle) * turn
        flow[0, i] = torch.view_as_real(source - here).permute(2, 0, 1)
    return Ways(flow, torch.ones(1, FRAMES), matte)


def decibels(a: Tensor, b: Tensor) -> float:
    return 10 * math.log10(4 / float((a - b).square().mean()))


@pytest.mark.parametrize(
    ("begin", "end"),
    [
        ((18, 40, 20, 0), (46, 22, 20, 0)),
        ((32, 32, 14, 10), (30, 34, 28, 10)),
        ((32, 32, 24, 0), (32, 32, 24, 110)),
    ],
)
def test_it_goes_straight_to_where_it_must_be(begin: tuple[float, ...], end: tuple[float, ...]) -> None:
    (first, a), (last, b) = thing(*begin), thing(*end)
    half, _ = thing(*((p + q) / 2 for p, q in zip(begin, end, strict=True)))
    made = list(met(first, ways(a), last, b, [0.0, 0.5, 1.0]))
    for frame, true in zip(made, (first, half, last), strict=True):
        assert decibels(frame, true) > 24
    assert decibels(made[1], half) > decibels((first + last) / 2, half) + 3


def test_words_lead_it_in_an_arc() -> None:
    first, a = thing(32, 44, 20, 0)
    (frame,) = met(first, ways(a, up=0.5), first, a, [0.5])
    heights = [decibels(frame, thing(32, 44 - up, 20, 0)[0]) for up in range(0, 40, 4)]
    assert 12 <= 4 * heights.index(max(heights)) <= 28
    (frame,) = met(first, ways(a, up=0.1), first, a, [0.5])
    assert decibels(frame, first) > 24, "by so little a way trembles"


@pytest.mark.parametrize(
    ("said", "end", "half"), [(-200, 180, -90), (160, 180, 90), (-200, 100, 50), (-200, 0, 180), (10, 0, 0)]
)
def test_it_turns_the_short_way_or_the_way_round_that_is_said(said: float, end: float, half: float) -> None:
    first, a = thing(32, 32, 26, 0)
    last, b = thing(32, 32, 26, end)
    (frame,) = met(first, ways(a, degrees=said), last, b, [0.5])
    good, other = (decibels(frame, thing(32, 32, 26, angle)[0]) for angle in (half, half + 180))
    assert good > other + 3


def test_what_is_only_in_one_picture_comes_or_goes() -> None:
    picture, matte = thing(32, 32, 24, 20)
    empty = GROUND.expand_as(picture)
    none = torch.zeros_like(matte)
    (frame,) = met(empty, ways(none), picture, matte, [0.25])
    assert decibels(frame, 0.75 * empty + 0.25 * picture) > 30
    (frame,) = met(picture, ways(matte), empty, none, [0.25])
    assert decibels(frame, 0.25 * empty + 0.75 * picture) > 30


def test_what_the_edge_of_one_picture_cuts_off_is_in_the_other() -> None:
    """Half of it is outside of the first picture; it is whole as soon as it is inside."""
    (first, a), (last, b) = thing(2, 32, 24, 0), thing(40, 32, 24, 0)
    whole = ways(a)
    frames = list(met(first, whole, last, b, [0.3, 0.5]))
    for frame in frames:
        red, green = (frame[0, k] > 0.4 for k in (0, 1))
        assert red.sum() > 0.7 * green.sum() > 0
