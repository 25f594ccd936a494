"""What is marked falls silent; the rest stays sample for sample."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile

from studio.core import marks, select
from studio.core.clip import Clip
from studio.core.job import BadRequest
from studio.media import silenced as module
from studio.media.silenced import silenced
from studio.media.tape import Tape

RATE = 22050


def two_tones(seconds=4.0):
    t = np.arange(round(seconds * RATE)) / RATE
    left = 0.3 * np.sin(2 * np.pi * 330 * t) + 0.2 * np.sin(2 * np.pi * 2000 * t)
    return np.stack([left, 0.5 * left], 1).astype(np.float32)


def plane(start, end, low, high, seconds=4.0):
    made = marks.plane(seconds)
    rect, shape = select.rectangle(
        start * marks.RATE, marks.row_of_hz(high), end * marks.RATE, marks.row_of_hz(low), made.rect
    )
    layer = marks.layer(made)
    layer.pixels, layer.x, layer.y = shape, rect.x, rect.y
    return made


def level(samples, hz, start, end):
    piece = samples[round(start * RATE) : round(end * RATE)]
    turns = np.exp(-2j * np.pi * hz * np.arange(len(piece)) / RATE)
    return float(abs(turns @ piece) * 2 / len(piece))


@pytest.mark.parametrize("piece", [0.5, 60.0])
def test_only_what_is_marked_goes(tmp_path, monkeypatch, piece):
    """The same whether it is done at once or in pieces whose borders lie inside of the mark."""
    monkeypatch.setattr(module, "PIECE", piece)
    sound = two_tones()
    tape = Tape("x", Clip.sound(sound, RATE))
    out = silenced(tape, plane(1.0, 3.0, 1500, 2600), tmp_path / "out.flac")
    made, rate = soundfile.read(str(out), dtype="float32")
    assert rate == RATE and made.shape == sound.shape
    for channel, gain in ((0, 1.0), (1, 0.5)):
        assert level(made[:, channel], 2000, 1.2, 2.8) < 0.001 * gain
        assert level(made[:, channel], 330, 1.2, 2.8) == pytest.approx(0.3 * gain, rel=0.002)
    quarter = round(0.8 * RATE)
    assert np.abs(made[:quarter] - sound[:quarter]).max() <= 2**-23, (
        "24 bits a sample, and nothing else, differ"
    )
    assert np.abs(made[-quarter:] - sound[-quarter:]).max() <= 2**-23
    assert [path.name for path in tmp_path.iterdir()] == ["out.flac"]


def test_pieces_join_without_a_step(tmp_path, monkeypatch):
    sound = two_tones()
    tape = Tape("x", Clip.sound(sound, RATE))
    whole, _ = soundfile.read(str(silenced(tape, plane(1.0, 3.0, 1500, 2600), tmp_path / "a.flac")))
    monkeypatch.setattr(module, "PIECE", 0.37)
    parts, _ = soundfile.read(str(silenced(tape, plane(1.0, 3.0, 1500, 2600), tmp_path / "b.flac")))
    assert np.abs(whole - parts).max() < 1e-5


def test_it_can_be_stopped_and_leaves_nothing(tmp_path):
    tape = Tape("x", Clip.sound(two_tones(), RATE))
    assert silenced(tape, plane(1, 2, 100, 200), tmp_path / "a.flac", lambda share: False) is None
    assert not list(tmp_path.iterdir())


def test_nothing_marked_is_a_sentence(tmp_path):
    tape = Tape("x", Clip.sound(two_tones(), RATE))
    with pytest.raises(BadRequest, match="Nothing is marked"):
        silenced(tape, marks.plane(4.0), tmp_path / "a.flac")
    many = Tape("x", Clip.sound(np.zeros((RATE, 12), np.float32), RATE))
    with pytest.raises(BadRequest, match="channels"):
        silenced(many, plane(0.1, 0.5, 100, 200, 1.0), tmp_path / "a.flac")
    (tmp_path / "file").write_text("x")
    with pytest.raises(BadRequest, match="file"):
        silenced(tape, plane(1, 2, 100, 200), tmp_path / "file" / "a.flac")
