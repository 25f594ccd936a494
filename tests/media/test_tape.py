"""Sounds that are read piece by piece: every sample where it belongs, silence around, copies of what cannot be sought in."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
import soundfile

from studio.core.clip import Clip
from studio.core.job import BadRequest
from studio.media import tape as tapes
from studio.media.sound import read_sound, save_sound
from studio.media.tape import PEAK, Stopped, Tape, placed, survey

RATE = 8000


@pytest.fixture
def samples():
    return np.random.default_rng(3).uniform(-0.9, 0.9, (RATE * 3 + 123, 2)).astype(np.float32)


@pytest.fixture
def wav(tmp_path, samples):
    path = tmp_path / "a.wav"
    soundfile.write(str(path), samples, RATE, "PCM_24")
    return path


@pytest.mark.parametrize("held", [0, tapes.HELD])
def test_every_piece_is_where_it_belongs(wav, monkeypatch, held):
    monkeypatch.setattr(tapes, "HELD", held)
    whole, _ = soundfile.read(str(wav), dtype="float32", always_2d=True)
    tape = Tape(wav)
    assert (tape.samples, tape.channels, tape.rate) == (len(whole), 2, RATE)
    assert tape.seconds == pytest.approx(len(whole) / RATE)
    for start, count in ((0, 10), (777, 1000), (len(whole) - 5, 5)):
        assert np.array_equal(tape.read(start, count), whole[start : start + count])
    around = tape.read(-4, len(whole) + 8)
    assert not around[:4].any() and not around[-4:].any() and np.array_equal(around[4:-4], whole)
    assert not tape.read(len(whole) + 50, 10).any() and tape.read(-30, 10).shape == (10, 2)
    assert np.allclose(tape.mono(100, 50), whole[100:150].mean(1), atol=1e-7)
    tape.close()


def test_a_closed_tape_gives_silence_and_no_error(wav, monkeypatch):
    monkeypatch.setattr(tapes, "HELD", 0)
    tape = Tape(wav)
    tape.close()
    assert not tape.read(0, 100).any()


def test_a_file_that_is_cut_off_while_open_goes_on_in_silence(wav, monkeypatch):
    monkeypatch.setattr(tapes, "HELD", 0)
    tape = Tape(wav)
    with open(wav, "r+b") as file:
        file.truncate(1000)
    assert tape.read(RATE, 100).shape == (100, 2)


def test_what_is_no_sound_is_one_sentence(tmp_path):
    other = tmp_path / "a.wav"
    other.write_bytes(b"hello")
    with pytest.raises(BadRequest, match="not a sound"):
        Tape(other)
    with pytest.raises(BadRequest, match="does not exist"):
        Tape(tmp_path / "none.wav")
    empty = tmp_path / "b.wav"
    soundfile.write(str(empty), np.zeros((0, 1), np.float32), RATE)
    with pytest.raises(BadRequest, match="holds no sound"):
        Tape(empty)


def test_a_survey_tells_peaks_and_the_digest_that_requests_use(wav, monkeypatch):
    monkeypatch.setattr(tapes, "BLOCK", 5 * PEAK)
    tape = Tape(wav)
    found = survey(tape)
    clip = read_sound(wav)
    assert found.digest == clip.digest()
    assert found.loudest == pytest.approx(float(np.abs(clip.array).max()))
    assert len(found.peaks) == -(-tape.samples // PEAK)
    assert found.peaks[7, 0] == clip.array[7 * PEAK : 8 * PEAK].min()
    assert found.peaks[-1, 1] == clip.array[(len(found.peaks) - 1) * PEAK :].max()
    assert survey(tape, lambda share: False) is None


def test_what_can_be_sought_in_stays_and_the_rest_is_copied_once(tmp_path, samples):
    folder = tmp_path / "takes"
    for name in ("a.wav", "a.flac"):
        save_sound(Clip.sound(samples, RATE), tmp_path / name)
        assert placed(tmp_path / name, folder) == tmp_path / name
    assert not folder.exists()
    save_sound(Clip.sound(samples, RATE), tmp_path / "a.ogg")
    shares = []
    copy = placed(tmp_path / "a.ogg", folder, lambda share: shares.append(share) or True)
    assert copy.suffix == ".flac" and shares[-1] == pytest.approx(1.0)
    once = hashlib.sha256(copy.read_bytes()).hexdigest(), copy.stat().st_mtime_ns
    assert placed(tmp_path / "a.ogg", folder) == copy
    assert (hashlib.sha256(copy.read_bytes()).hexdigest(), copy.stat().st_mtime_ns) == once
    assert [path.name for path in folder.iterdir()] == [copy.name], "no half of a copy is left"
    tape, direct = Tape(copy), read_sound(tmp_path / "a.ogg")
    assert np.allclose(tape.read(0, tape.samples), direct.array[: tape.samples], atol=1e-4)


def test_copying_can_be_stopped(tmp_path, samples):
    save_sound(Clip.sound(samples, RATE), tmp_path / "a.ogg")
    with pytest.raises(Stopped):
        placed(tmp_path / "a.ogg", tmp_path / "takes", lambda share: False)
    assert not list((tmp_path / "takes").iterdir())


def test_a_broken_one_leaves_nothing_behind(tmp_path):
    (tmp_path / "a.mp3").write_bytes(b"no mp3 at all" * 100)
    with pytest.raises(BadRequest):
        placed(tmp_path / "a.mp3", tmp_path / "takes")
    assert not list((tmp_path / "takes").glob("*")) if (tmp_path / "takes").exists() else True
