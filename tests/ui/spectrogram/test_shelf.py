"""The sounds of the takes: opened once, measured, with their requests, and closed when nobody needs them."""

from __future__ import annotations

import numpy as np
import pytest

from studio.core.clip import Clip
from studio.core.job import JobSpec, Result, Source, Text2Music
from studio.core.take import Take
from studio.media.sound import read_sound, save_sound
from studio.media.tape import Tape
from studio.ui.spectrogram.shelf import Shelf, measured, tune_of

from .conftest import RATE, tone


@pytest.fixture
def shelf(session, qapp):
    made = Shelf(session)
    yield made
    made.stop()


def test_a_sound_is_opened_once_and_told_of(shelf, session, sound):
    take = Take("two", Source(path=str(sound())), 2.0, RATE, 1)
    session.takes.add(take)
    told = []
    shelf.changed.connect(told.append)
    assert shelf.tape(take) is None and not len(shelf.peaks(take))
    assert shelf.wait()
    tape = shelf.tape(take)
    assert tape is shelf.tape(take) and tape.seconds == 2.0
    shelf.survey(take)
    shelf.measures(take)
    assert shelf.wait()
    assert len(shelf.peaks(take)) and shelf.measures(take).lufs < 0 and set(told) == {take.id}
    assert session.takes.shown.source.sha256 == read_sound(take.source.path).digest()


def test_files_of_takes_that_are_gone_are_closed_and_come_back(shelf, session, sound):
    shelf.add_file(sound())
    assert shelf.wait()
    session.undo()
    assert not shelf._tapes
    session.redo()
    shelf.tape(session.takes.shown)
    assert shelf.wait()
    assert shelf.tape(session.takes.shown).samples == 2 * RATE


def test_a_file_that_was_made_here_brings_its_request(shelf, session, tmp_path):
    spec = JobSpec(technique=Text2Music(prompt="slow harp"), model="m", seed=12)
    save_sound(Clip.sound(tone(300, 1.0)[:, None], RATE), tmp_path / "2026-11-28_text2music.flac", spec)
    shelf.add_file(tmp_path / "2026-11-28_text2music.flac")
    assert shelf.wait()
    take = session.takes.shown
    assert (take.name, take.origin, take.spec) == ("slow harp", "made", spec)


def test_a_result_is_a_file_with_its_request(shelf, session):
    spec = JobSpec(technique=Text2Music(prompt="slow harp"), model="m", seed=12)
    session.takes.arrived("job", Result(Clip.sound(tone(300, 1.0)[:, None], RATE), spec))
    assert shelf.wait()
    take = session.takes.shown
    assert session.takes.is_new(take) and take.source.path.startswith(str(shelf.folder))
    assert take.source.sha256 == read_sound(take.source.path).digest()


def test_results_that_came_before_the_shelf_are_not_lost(session, qapp):
    session.takes.arrived(
        "job", Result(Clip.sound(tone(300, 1.0)[:, None], RATE), JobSpec(technique=Text2Music(prompt="x")))
    )
    late = Shelf(session)
    assert late.wait()
    assert [take.name for take in session.takes.all] == ["x"]
    late.stop()


def test_long_work_can_be_given_up(shelf, session, sound, tmp_path):
    save_sound(Clip.sound(np.zeros((RATE, 1), np.float32), RATE), tmp_path / "a.ogg")
    busy, said = [], []
    shelf.busy.connect(busy.append)
    session.said.connect(lambda notice: said.append(notice.text))
    shelf.add_file(tmp_path / "a.ogg")
    assert busy == ["Reading a.ogg"]
    shelf.give_up()
    assert shelf.wait()
    shelf._tell()
    assert busy[-1] == "" and not session.takes.all and not said


def beats(bpm, seconds=12.0):
    """Clicks of a chord in A minor."""
    t = np.arange(round(seconds * RATE)) / RATE
    out = np.zeros(len(t), np.float32)
    for k in range(int(seconds * bpm / 60)):
        at = round(k * 60 / bpm * RATE)
        part = t[: len(t) - at]
        for hz in (220.0, 261.63, 329.63, 440.0):
            out[at:] += (0.1 * np.sin(2 * np.pi * hz * part) * np.exp(-6 * part)).astype(np.float32)
    return out


def test_tempo_key_loudness_and_peak():
    found = measured(Tape("x", Clip.sound(beats(100)[:, None], RATE)))
    assert found.tempo == pytest.approx(100, rel=0.02) and found.key in ("A minor", "C major")
    assert -40 < found.lufs < -10 and -12 < found.peak <= 0
    silent = measured(Tape("x", Clip.sound(np.zeros((RATE, 2), np.float32), RATE)))
    assert (silent.lufs, silent.peak, silent.tempo, silent.key) == (None, None, None, "")
    blip = measured(Tape("x", Clip.sound(tone(440, 0.3)[:, None], RATE)))
    assert blip.lufs is not None and blip.key == "", "too short to have a key"


def test_a_tune_is_at_whole_semitones():
    sung = np.concatenate([tone(hz * 2 ** (0.3 / 12), 0.4) for hz in (261.6, 293.7, 329.6)])
    assert [note.pitch for note in tune_of(Tape("x", Clip.sound(sung[:, None], RATE)))] == [60, 62, 64]
