"""A thing that is cut out and moved is where its way leads, whole, over what lies around."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from studio.engine.moving import between, carried, completed, filled
from studio.engine.nets.ways import FRAMES, GRID, SIDE, Ways

from .nets.test_ways import disc


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


@pytest.mark.parametrize(("time", "x", "y"), [(0, 24, 32), (1, 40, 20), (0.4, 30.4, 27.2)])
def test_a_thing_is_where_its_way_leads(time: float, x: float, y: float) -> None:
    start = disc(24, 32)
    (frame,) = carried(picture_of(start), moved(16 / SIDE, -12 / SIDE, start), [time])
    true = picture_of(disc(x, y))
    error = (frame - true).square().mean()
    still = (picture_of(start) - true).square().mean()
    assert 10 * math.log10(4 / float(error)) > 27  # decibels; the disc's rim goes through two interpolations
    assert time == 0 or error < still / 20


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
