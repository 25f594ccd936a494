"""Export: stretch, rate, loudness and true peak come out as they were asked for."""

from __future__ import annotations

import numpy as np
import pytest

from studio.core.clip import Clip
from studio.core.job import BadRequest, JobSpec, Text2Music
from studio.core.loudness import loudness, true_peak
from studio.media import sound_export as module
from studio.media.metadata import read_settings, to_spec
from studio.media.sound import read_sound, read_tags
from studio.media.sound_export import SoundExport, export_sound
from studio.media.tape import Stopped, Tape

RATE = 22050


@pytest.fixture
def tape():
    """Music-like: a tone that swells, with clicks that peak."""
    rng = np.random.default_rng(5)
    t = np.arange(4 * RATE) / RATE
    sound = (0.02 + 0.05 * t / 4) * np.sin(2 * np.pi * 330 * t)
    sound[rng.integers(0, len(sound), 12)] = 0.7
    return Tape("x", Clip.sound(np.stack([sound, sound], 1).astype(np.float32), RATE))


def test_as_it_is(tape, tmp_path):
    facts = export_sound(tape, SoundExport(tmp_path / "a.wav"))
    back = read_sound(tmp_path / "a.wav")
    assert np.abs(back.array - tape.read(0, tape.samples)).max() <= 2**-23
    assert facts.lufs == pytest.approx(loudness(back.array, RATE), abs=0.01)


@pytest.mark.parametrize("ending", [".flac", ".ogg"])
def test_loudness_and_peak(tape, tmp_path, ending):
    path = tmp_path / f"a{ending}"
    facts = export_sound(tape, SoundExport(path, loudness=-16.0, ceiling=-2.0))
    back = read_sound(path).array
    assert true_peak(back, RATE) <= (-1.99 if ending == ".flac" else -0.5), (
        "lossy formats move peaks a little"
    )
    assert loudness(back, RATE) == pytest.approx(facts.lufs, abs=0.2)
    assert facts.lufs == pytest.approx(-16.0, abs=1.5) and facts.peak <= -2.0


def test_a_ceiling_alone_leaves_quiet_parts_bit_for_bit(tape, tmp_path):
    export_sound(tape, SoundExport(tmp_path / "a.flac", ceiling=-6.0))
    back, was = read_sound(tmp_path / "a.flac").array, tape.read(0, tape.samples)
    assert true_peak(back, RATE) <= -5.99 < true_peak(was, RATE)
    same = np.abs(back - was).max(1) <= 2**-23
    assert same.mean() > 0.9


def test_rate_and_stretch(tape, tmp_path):
    export_sound(tape, SoundExport(tmp_path / "a.flac", start=1.0, end=2.5, rate=48000))
    back = read_sound(tmp_path / "a.flac")
    assert back.rate == 48000 and len(back.array) == pytest.approx(1.5 * 48000, abs=2)
    middle = back.array[24000:48000, 0]
    assert np.abs(np.fft.rfft(middle)).argmax() * 48000 / len(middle) == pytest.approx(330, abs=2)
    export_sound(tape, SoundExport(tmp_path / "a.opus"))
    assert read_sound(tmp_path / "a.opus").rate == 48000, "Opus knows few rates; it gets one of those"


def test_tags_and_the_request(tape, tmp_path):
    spec = JobSpec(technique=Text2Music(prompt="piano"), seed=3)
    export_sound(tape, SoundExport(tmp_path / "a.mp3", tags={"title": "Lied"}, spec=spec))
    assert read_tags(tmp_path / "a.mp3")["title"] == "Lied"
    assert to_spec(read_settings(tmp_path / "a.mp3"))[0] == spec


def test_pieces_are_no_different_from_the_whole(tape, tmp_path, monkeypatch):
    def export(name, **values):
        facts = export_sound(tape, SoundExport(tmp_path / name, **values))
        return facts, read_sound(tmp_path / name).array

    shaped = {"loudness": -18.0, "ceiling": -3.0, "rate": 44100}
    whole, once = export("a.flac", **shaped)
    monkeypatch.setattr(module, "PIECE", 5000)
    parts, again = export("b.flac", **shaped)
    assert parts.lufs == pytest.approx(whole.lufs, abs=0.01) and parts.peak == pytest.approx(
        whole.peak, abs=0.01
    )
    assert (
        len(again) == pytest.approx(8 * RATE, abs=50)
        and np.abs(once[: len(again)] - again[: len(once)]).max() < 2e-3
    )
    _, plain = export("c.flac")
    assert np.abs(plain - tape.read(0, tape.samples)).max() <= 2**-23


def test_it_can_be_stopped_and_leaves_what_was_there(tape, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "PIECE", 5000)
    (tmp_path / "a.flac").write_bytes(b"old")
    shares = []

    def stop(share):
        shares.append(share)
        return share < 0.5

    with pytest.raises(Stopped):
        export_sound(tape, SoundExport(tmp_path / "a.flac", loudness=-14.0, ceiling=-1.0), stop)
    assert len(shares) > 3 and shares == sorted(shares)
    assert (tmp_path / "a.flac").read_bytes() == b"old" and [path.name for path in tmp_path.iterdir()] == [
        "a.flac"
    ]


def test_an_empty_stretch_is_a_sentence(tape, tmp_path):
    with pytest.raises(BadRequest, match="nothing in the stretch"):
        export_sound(tape, SoundExport(tmp_path / "a.flac", start=2.0, end=2.0))
