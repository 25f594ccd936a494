"""The measurement of painted regions: its own arithmetic, on scenes whose truth is known."""

from __future__ import annotations

import math
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from studio.bench import layout
from studio.bench.ledger import Ledger
from studio.bench.world import World
from studio.media.image import read_mask


@pytest.fixture(scope="module")
def world() -> World:
    return World(36)


def seen(case: layout.Painting, moved: bool = False) -> SimpleNamespace:
    places = [thing.place for thing in case.things]
    places = places[::-1] if moved else places
    return SimpleNamespace(
        things={place: (t.noun, t.colour) for place, t in zip(places, case.things, strict=True)}
    )


def test_a_painting_says_what_but_not_where(world: World, tmp_path: Path) -> None:
    for number in range(6):
        case = layout.painting(number, 2, tmp_path, world, layout.TUNING_SEED)
        assert all(thing.noun in case.prompt for thing in case.things)
        assert not any(
            word in case.prompt.split() for word in ("left", "right", "above", "below", "top", "bottom")
        )
        first, second = (case.prompt.index(thing.noun) for thing in case.things)
        assert (first < second) == (number % 2 == 0)
        assert (read_mask(case.files[0]).array == case.masks[0]).all() and case.masks[0].any()


def test_the_true_picture_is_right_and_a_swapped_one_is_not(world: World, tmp_path: Path) -> None:
    case = layout.painting(1, 2, tmp_path, world, layout.TUNING_SEED)
    picture = case.before.copy()
    for mask in case.masks:
        picture[mask > 127] = 255 - picture[mask > 127]
    row = layout.ROWS[0]
    good = layout.score(row, case, picture, seen(case))
    assert good["right"] == 1 and good["colour"] == 1 and good["iou"] > 0.95 and math.isnan(good["outside"])
    assert layout.score(row, case, picture, seen(case, moved=True))["right"] == 0
    assert layout.score(row, case, case.before, seen(case))["iou"] == 0


def test_a_shape_is_scored_by_what_changed(world: World, tmp_path: Path) -> None:
    case = layout.painting(2, 1, tmp_path, world, layout.TUNING_SEED)
    row = next(row for row in layout.ROWS if row.shape)
    picture = case.before.copy()
    picture[case.masks[0] > 127] = 255 - picture[case.masks[0] > 127]
    found = layout.score(row, case, picture, seen(case))
    assert found["iou"] == 1 and found["outside"] == 0
    y, x = np.argwhere(case.masks[0] == 0)[0]
    picture[y, x] ^= 16
    assert layout.score(row, case, picture, seen(case))["outside"] == 16


def test_the_table_has_intervals(tmp_path: Path) -> None:
    ledger, row = Ledger(), layout.ROWS[0]
    for i in range(8):
        ledger.add(row.name, "m", i, right=1.0, colour=0.5, iou=0.75, outside=math.nan, seconds=1.0)
    made = layout.table(layout.ROWS, ledger, {row.name: "m" for row in layout.ROWS})
    assert "| no regions | 8 | 100 [100, 100] | 50 [50, 50] | 0.75 [0.75, 0.75] |" in made
