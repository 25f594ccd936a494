"""Which part of a sound is on the screen: moments and frequencies there and back, zoom about a point, names on the axes."""

from __future__ import annotations

from itertools import pairwise

import pytest

from studio.ui.spectrogram.sight import CLOSEST, NARROWEST, Axis, Sight, clock

SIGHT = Sight(0.0, 0.01, 0.0, 1.0, 1000, 500, 60.0, Axis("note", 27.5, 14080.0)).kept()


@pytest.mark.parametrize("scale", ["note", "mel", "linear"])
def test_hertz_and_heights_invert(scale):
    axis = Axis(scale, 0.0 if scale == "linear" else 27.5, 16000.0)
    for hz in (30.0, 440.0, 1000.0, 15000.0):
        assert axis.hz(axis.share(hz)) == pytest.approx(hz, rel=1e-6)
    assert axis.share(axis.low) == pytest.approx(0) and axis.share(axis.high) == pytest.approx(1)
    assert axis.share(440) < axis.share(880)


def test_octaves_have_the_same_room_on_the_note_axis():
    y = [SIGHT.y(440 * 2**octave) for octave in range(4)]
    assert y[0] - y[1] == pytest.approx(y[2] - y[3]) and y[0] > y[1]
    assert SIGHT.hz(SIGHT.y(523.25)) == pytest.approx(523.25)
    assert SIGHT.t(SIGHT.x(3.21)) == pytest.approx(3.21)


def test_zoom_keeps_the_moment_under_the_pointer():
    closer = SIGHT.zoomed(4, 700)
    assert closer.t(700) == pytest.approx(SIGHT.t(700)) and closer.per == pytest.approx(SIGHT.per / 4)
    taller = SIGHT.stretched(3, 120)
    assert taller.hz(120) == pytest.approx(SIGHT.hz(120), rel=1e-6)
    assert taller.top - taller.bottom == pytest.approx(1 / 3)


def test_it_never_leaves_the_sound():
    assert SIGHT.panned(99999, 9999).start == 0.0
    assert SIGHT.panned(-99999, 0).end == pytest.approx(60.0)
    assert SIGHT.zoomed(1e9, 3).per == CLOSEST and SIGHT.zoomed(1e-9, 3).per == SIGHT.widest
    assert SIGHT.stretched(1e9, 3).top - SIGHT.stretched(1e9, 3).bottom == pytest.approx(NARROWEST)
    assert SIGHT.fitted().end == pytest.approx(60.0)


def test_all_of_it_stays_all_of_it_on_another_screen():
    assert SIGHT.fitted().sized(400, 300).end == pytest.approx(60.0)
    assert SIGHT.sized(400, 300).per == SIGHT.per
    assert SIGHT.shown(10, 12).start == 10 and SIGHT.shown(10, 12).end == pytest.approx(12)


def test_names_on_the_axes_do_not_crowd():
    for sight in (SIGHT, SIGHT.stretched(8, 250), SIGHT.stretched(40, 100)):
        notes = sight.note_lines()
        assert notes and all(a[0] - b[0] >= 14 for a, b in pairwise(notes))
        for y, name in notes:
            assert sight.y(sight.hz(y)) == pytest.approx(y) and name[0] in "ABCDEFG"
        hertz = sight.hertz_lines()
        assert all(a[0] - b[0] >= 24 for a, b in pairwise(hertz))
    assert any("A4" in name for _, name in SIGHT.stretched(20, SIGHT.y(440)).note_lines())
    times = SIGHT.time_lines()
    assert all(b[0] - a[0] >= 79 for a, b in pairwise(times)) and times[0][1] == "00:00"


def test_clock():
    assert clock(0) == "00:00.00" and clock(83.456) == "01:23.46" and clock(3600 * 2 + 61, 0) == "2:01:01"
    assert clock(59.999) == "01:00.00", "rounded before it is split"
