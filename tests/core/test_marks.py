"""What is marked on a sound: where it lies, how it is handed to a request, how it lies over a spectrogram."""

from __future__ import annotations

import numpy as np
import pytest

from studio.core import marks, select
from studio.core.spectrogram import Spectrogram


def marked(seconds: float, *regions: tuple[float, float, float, float]):
    """A plane on which (start, end, low, high) are marked."""
    plane = marks.plane(seconds)
    layer = marks.layer(plane)
    whole = np.zeros((plane.height, plane.width), np.uint8)
    for start, end, low, high in regions:
        rect, shape = select.rectangle(
            start * marks.RATE, marks.row_of_hz(high), end * marks.RATE, marks.row_of_hz(low), plane.rect
        )
        whole[rect.slices()] = np.maximum(whole[rect.slices()], shape)
    layer.pixels = whole
    return plane


def test_rows_are_half_semitones_and_invert():
    assert marks.row_of_hz(440) == pytest.approx((marks.HIGHEST - 69) * 2)
    assert marks.row_of_hz(440) - marks.row_of_hz(880) == pytest.approx(24)
    for hz in (25.0, 440.0, 12345.0):
        assert marks.hz_of_row(marks.row_of_hz(hz)) == pytest.approx(hz)
    assert marks.row_of_hz(0) > marks.ROWS, "below the plane"


def test_nothing_marked_has_no_region():
    plane = marks.plane(3.0)
    assert (plane.width, plane.height) == (150, marks.ROWS)
    assert marks.bounds(plane).empty and marks.region(plane) is None
    assert not marks.picture(plane).array.any()


def test_the_region_of_what_is_marked():
    start, end, low, high = marks.region(marked(4.0, (1.0, 2.0, 200, 400), (1.5, 3.0, 300, 800)))
    assert (start, end) == (pytest.approx(1.0, abs=0.02), pytest.approx(3.0, abs=0.02))
    assert low == pytest.approx(200, rel=0.03) and high == pytest.approx(800, rel=0.03)


def test_the_picture_of_an_hour_is_no_wider_than_allowed_and_loses_no_mark():
    plane = marked(3600.0, (1800.0, 1800.04, 400, 500))
    picture = marks.picture(plane).array
    assert picture.shape[0] == marks.ROWS and picture.shape[1] <= marks.WIDEST
    columns = np.flatnonzero(picture.any(0))
    assert len(columns) and abs(columns.mean() / picture.shape[1] - 0.5) < 0.001


@pytest.mark.parametrize("scale", ["linear", "note", "mel"])
def test_weights_lie_where_the_mark_is(scale):
    how = Spectrogram(
        22050, 120, 20, scale, 0 if scale == "linear" else 80, 0 if scale == "linear" else 60.0, 8000.0
    )
    samples = 22050 * 4
    mask = marks.picture(marked(4.0, (1.0, 2.0, 500, 1000))).array
    weight = marks.weights(mask, how, samples)
    assert weight.shape == (how.rows, how.frames(samples)) and set(np.unique(weight)) == {0.0, 1.0}
    rows, columns = np.nonzero(weight)
    hz, t = how.frequencies()[rows], columns / how.frame_rate
    assert hz.min() > 480 and hz.max() < 1040
    assert t.min() > 0.95 and t.max() < 2.05 and (t.max() - t.min()) > 0.9
