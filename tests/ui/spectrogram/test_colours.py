"""Colour maps: every one reads in greyscale."""

from __future__ import annotations

import numpy as np
import pytest

from studio.ui.spectrogram import colours
from studio.ui.theme import luminance


@pytest.mark.parametrize("name", list(colours.MAPS))
def test_lightness_only_grows(name):
    light = [luminance(f"#{r:02x}{g:02x}{b:02x}") for r, g, b in colours.ramp(name)]
    steps = np.diff(light if name != "paper" else light[::-1])
    assert (steps >= -1e-3).all() and abs(light[-1] - light[0]) > 0.7


def test_a_table_lays_the_map_between_two_levels():
    table = colours.table("grey", -80.0, -20.0)
    level = lambda db: round((db - colours.QUIETEST) / colours.STEP)
    assert table[level(-90)] == 0xFF000000 and table[level(-10)] == 0xFFFFFFFF
    middle = int(table[level(-50)]) & 0xFF
    assert abs(middle - 127) <= 2
