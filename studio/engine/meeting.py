"""From a first picture to a last one: the thing of both is one, goes as the words say, and arrives where it must.

The ways of the first picture (`nets.ways`) say how its thing would go. Where it is in the last picture, how it is turned there and how
large it is, the two pictures tell: the thing of the one is laid over the thing of the other (least squares of colours and mattes, from all
turns). What the ways miss of that is made up for evenly along them, turns and sizes in the logarithm. On its way the thing
passes from what it is in the first picture into what it is in the last, and what lies behind it likewise.

Places are complex numbers, x + iy in shares of the sides; a pose moves the thing's own place p to centre + turn (p - home).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from studio.engine.moving import Cut, between, moved, put_together
from studio.engine.nets.ways import FRAMES, GRID, SIDE, Ways

LEAST = 0.004
"""Of the picture: a smaller thing is none."""
TURNS = 16
"""From which the search sets out."""
ROUNDS = 60
RATE = 0.02
BLUR = 9
"""Pixels of the small pictures over which the first half of the rounds looks away from details."""
STRAIGHT = 0.2
"""In shares of the sides, how far aside a way may go that is meant to be straight."""
STILL = math.pi / 6
"""Radians below which a thing that is to turn goes all the way round."""
UNKNOWN = 0.3
"""How much a part of the thing counts that the first picture's edge cut off."""
USUAL = 0.15
"""How much worse a turn may fit that is half a turn nearer to what the ways say: round things fit in any."""


@dataclass(frozen=True)
class Place:
    """Where a thing is: its middle, and its area in shares of the picture."""

    middle: complex
    area: float


def met(first: Tensor, ways: Ways, last: Tensor, matte: Tensor, times: Iterable[float]) -> Iterator[Tensor]:
    """Frames [1, 3, H, W] at times in [0, 1].

    Args:
        first, last: [1, 3, H, W] in [-1, 1].
        ways: of the first one's thing, which set out from where it is.
        matte: [1, 1, SIDE, SIDE] of the last one's thing.
    """
    a, b = Cut.of(first, ways.matte), Cut.of(last, matte)
    here, there = _place(a), _place(b)
    flows = None
    if here and there:
        centre, turn = _way(ways.flow[0].cpu(), here.middle)
        end, last_turn = _laid_over(a, here, b, there, float(turn[-1].angle()))
        flows = [f.to(first.device) for f in _made_up(centre, turn, here.middle, end, last_turn)]
    whole = [_with_inside(cut.thing) for cut in (a, b)]
    for time in times:
        things = whole
        if flows:  # else there is nothing in one of them: the other one's thing comes or goes
            at = time * (FRAMES - 1)
            things = [moved(thing, between(flow, at)) for thing, flow in zip(whole, flows, strict=True)]
        behind = a.behind + time * (b.behind - a.behind)
        yield put_together(_mixed(things[0], things[1], time), behind)


def _with_inside(thing: Tensor) -> Tensor:
    """[1, 5, h, w]: a thing [1, 4, h, w] with a channel that is one inside of its picture, and nothing once it is moved in from outside."""
    return F.pad(thing, (0, 0, 0, 0, 0, 1), value=1.0)


def _mixed(one: Tensor, other: Tensor, share: float) -> Tensor:
    """[1, 4, h, w] of two things of `_with_inside`: what the edge of the one has cut
    off, the other may have."""
    weights = (1 - share) * one[:, 4:], share * other[:, 4:]
    total = (weights[0] + weights[1]).clamp(min=1e-3)
    return (weights[0] * one[:, :4] + weights[1] * other[:, :4]) / total


def _place(cut: Cut) -> Place | None:
    matte = cut.thing[0, 3].cpu()
    area = float(matte.mean())
    if area < LEAST:
        return None
    middle = (_places(matte.shape) * matte).sum() / matte.sum()
    return Place(complex(middle), area)


def _places(size: tuple[int, ...]) -> Tensor:
    """[h, w] complex: where the pixels are."""
    y, x = ((torch.arange(n) + 0.5) / n for n in size)
    return torch.complex(x[None, :].expand(*size), y[:, None].expand(*size))


def _way(flow: Tensor, home: complex) -> tuple[Tensor, Tensor]:
    """Flow [FRAMES, 2, GRID, GRID] of what keeps its shape -> centre and turn of its pose, [FRAMES] each."""
    grid = _places((GRID, GRID))
    source = grid + torch.complex(flow[:, 0], flow[:, 1])  # straight in `grid`
    slope = (source[:, 0, -1] - source[:, 0, 0]) / (grid[0, -1] - grid[0, 0])
    centre = grid[0, 0] + (home - source[:, 0, 0]) / slope
    return centre, 1 / slope


def _laid_over(a: Cut, here: Place, b: Cut, there: Place, usual: float) -> tuple[complex, complex]:
    """Where the middle of the thing of `a` is in the picture of `b`, and its turn and size there: so that it looks most like that of `b`.
    usual: radians that are likely."""
    small = [F.adaptive_avg_pool2d(_bright(cut.thing), SIDE).cpu() for cut in (a, b)]
    coarse = [F.avg_pool2d(one, BLUR, 1, BLUR // 2) for one in small]
    angles = usual + torch.arange(TURNS) * (2 * math.pi / TURNS)
    none = torch.zeros(TURNS)
    # as large as its area says, or as it was, if the edge cut it off
    sizes = (math.log(math.sqrt(there.area / here.area)), 0.0)
    told = torch.cat([torch.stack([none + size, angles, none, none], 1) for size in sizes])
    with torch.enable_grad():
        told = told.detach().requires_grad_()
        descent = torch.optim.Adam([told], RATE)
        for i in range(ROUNDS):
            one, other = coarse if i < ROUNDS // 2 else small
            off = _off(one, other, told, here.middle, there.middle)
            descent.zero_grad()
            off.sum().backward()
            descent.step()
    told = told.detach()
    off = _off(small[0], small[1], told, here.middle, there.middle)
    away = (torch.polar(torch.ones(len(told)), told[:, 1] - usual).angle() / math.pi).abs()
    size, angle, right, down = told[int((off * (1 + USUAL * away)).argmin())]
    return there.middle + complex(right, down), complex(torch.polar(size.exp(), angle))


def _bright(thing: Tensor) -> Tensor:
    """Colours from 0 on, so that none is like nothing; the matte counts as much as they do."""
    return torch.cat([(thing[:, :3] + thing[:, 3:]) / 2, thing[:, 3:]], 1)


def _off(thing: Tensor, goal: Tensor, told: Tensor, home: complex, middle: complex) -> Tensor:
    """[N]: mean square between the thing in each of N poses (log of the size, angle, right, down) and the goal [1, 4, SIDE, SIDE]. What comes
    from outside of its picture nobody knows."""
    size, angle, right, down = (part.view(-1, 1, 1) for part in told.unbind(1))
    away = _places((SIDE, SIDE)) - middle - torch.complex(right, down)
    source = home + away * torch.polar((-size).exp(), -angle)
    grid = 2 * torch.view_as_real(source) - 1
    whole = _with_inside(thing).expand(len(told), -1, -1, -1)
    laid, known = F.grid_sample(whole, grid, align_corners=False).split([4, 1], 1)
    missed = UNKNOWN * (1 - known) * goal.square()
    return (known * (laid - goal).square() + missed).mean((1, 2, 3))


def _short(angle: Tensor) -> Tensor:
    """Radians in [-pi, pi)."""
    return torch.remainder(angle + math.pi, 2 * math.pi) - math.pi


def _made_up(
    centre: Tensor, turn: Tensor, home: complex, end: complex, arrives: complex
) -> tuple[Tensor, Tensor]:
    """Flows [FRAMES, 2, GRID, GRID] of both things along a way that ends where it must."""
    share = torch.linspace(0, 1, FRAMES)
    last = torch.tensor(arrives)
    angle = _angle(float(_short(turn.angle().diff()).sum()), float(last.angle()))
    turn = torch.polar(1 + share * (last.abs() - 1), share * angle)
    centre = home + share * (end - home) + 4 * share * (1 - share) * _arc(centre)
    grid = _places((GRID, GRID))
    flows: list[Tensor] = []
    for middle, own in ((home, turn), (end, turn / last)):
        source = middle + (grid - centre.view(-1, 1, 1)) / own.view(-1, 1, 1)
        flows.append(torch.view_as_real(source - grid).permute(0, 3, 1, 2))
    return flows[0], flows[1]


def _angle(said: float, short: float) -> float:
    """How far a thing turns that arrives as after `short`, in radians: the short way, or of two that are about as short the one that the words
    say; and all the way round where they let it turn and it arrives as it set out."""
    ways = [short, short - 2 * math.pi, short + 2 * math.pi]
    if abs(short) < STILL and abs(said) > math.pi / 2:
        ways = ways[1:]
    return min(ways, key=lambda angle: abs(angle) + abs(angle - said) / 2)


def _arc(centre: Tensor) -> Tensor:
    """How far a way [FRAMES] goes aside between its ends, at its middle; little is none, as the network trembles by that."""
    share = torch.linspace(0, 1, FRAMES)
    shape = 4 * share * (1 - share)
    aside = centre - centre[0] - share * (centre[-1] - centre[0])
    high = (shape * aside).sum() / shape.square().sum()
    return high * (1 - STRAIGHT / high.abs().clamp(min=STRAIGHT))
