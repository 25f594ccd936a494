"""Player and recorder with stand-ins for PortAudio, and what is said where there is none."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile

from studio.core.clip import Clip
from studio.media import device
from studio.media.device import SILENT, Meter, Player, Quiet, Recorder
from studio.media.tape import Tape

RATE = 8000


class Ear:
    """A loudspeaker that keeps what it was given, a little faster than real time."""

    latency = 0.0

    def __init__(self, wait=0.001):
        self.heard, self.closed, self.wait = [], False, wait

    def write(self, samples):
        self.heard.append(np.array(samples))
        time.sleep(self.wait)

    def close(self):
        self.closed = True

    @property
    def sound(self):
        return np.concatenate(self.heard) if self.heard else np.zeros((0, 1))


def player(seconds=1.0, wait=0.001):
    ramp = np.linspace(0.1, 0.9, round(seconds * RATE), dtype=np.float32)[:, None]
    ear = Ear(wait)
    made = Player(lambda rate, channels, number: (ear, ""))
    made.load(Tape("x", Clip.sound(ramp, RATE)))
    return made, ear, ramp


def until(holds, seconds=5.0):
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "never"
        time.sleep(0.002)


def test_it_plays_every_sample_once_and_ends():
    made, ear, ramp = player()
    made.play()
    assert made.playing
    until(lambda: not made.playing)
    until(lambda: ear.closed)
    fade = round(RATE * device.FADE_MS / 1000)
    assert len(ear.sound) == len(ramp)
    assert np.array_equal(ear.sound[fade:], ramp[fade:]), "after the fade at its start nothing is changed"
    assert made.position == pytest.approx(1.0)
    made.play()
    until(lambda: len(ear.heard) > 60)
    assert made.position < 1.0, "at its end Play begins again"
    made.stop()


def test_stop_stays_and_seek_goes():
    made, ear, _ = player(wait=0.01)
    made.play()
    until(lambda: made.position > 0.2)
    made.stop()
    at = made.position
    assert not made.playing and 0.2 < at < 0.9
    made.wait()
    assert ear.closed and made.position == at
    made.seek(0.5)
    assert made.position == pytest.approx(0.5)
    made.seek(99)
    assert made.position == pytest.approx(1.0)
    made.seek(-3)
    assert made.position == 0.0


def test_a_loop_goes_round_between_its_ends():
    made, ear, ramp = player()
    made.loop = (0.25, 0.5)
    made.seek(0.25)
    made.play()
    until(lambda: len(ear.sound) > 0.6 * RATE)
    made.stop()
    low, high = ramp[RATE // 4, 0], ramp[RATE // 2, 0]
    fade = round(RATE * device.FADE_MS / 1000)
    assert ear.sound[fade:].min() >= low - 1e-6 and ear.sound.max() <= high + 1e-6
    assert np.isclose(ear.sound[fade:, 0], low, atol=1e-4).sum() >= 2, "it began again"


def test_another_sound_goes_on_at_the_same_moment():
    made, ear, _ = player(wait=0.01)
    made.play()
    until(lambda: made.position > 0.2)
    other = np.full((RATE, 1), -0.5, np.float32)
    made.load(Tape("y", Clip.sound(other, RATE)))
    assert made.playing and 0.15 < made.position < 0.5
    until(lambda: (ear.sound[-10:] == -0.5).all())
    made.load(Tape("z", Clip.sound(np.zeros((2 * RATE, 2), np.float32), 2 * RATE)))
    assert made.playing, "another rate opens the device anew"
    made.load(None)
    assert not made.playing and made.position == 0.0


def test_a_device_that_is_unplugged_is_a_sentence():
    made, ear, _ = player()

    def gone(samples):
        raise OSError("unplugged")

    ear.write = gone
    made.play()
    until(lambda: not made.playing)
    until(lambda: bool(made.why))
    assert "unplugged" in made.why and ear.closed


def test_a_device_may_take_its_time_to_open():
    ramp = np.linspace(-0.9, 0.9, RATE, dtype=np.float32)[:, None]
    gate, ears, most = threading.Event(), [], []

    def slow(*about):
        gate.wait(5)
        ears.append(Ear(0.005))
        most.append(sum(not ear.closed for ear in ears))
        return ears[-1], ""

    made = Player(slow)
    made.load(Tape("x", Clip.sound(ramp, RATE)))
    begin = time.monotonic()
    made.play()
    assert made.playing and made.opening and made.position == 0.0
    made.seek(0.25)
    made.stop()
    assert not made.playing and not made.opening and made.position == pytest.approx(0.25)
    made.play()
    assert time.monotonic() - begin < 0.5, "nobody waits for the device"
    assert made.opening
    gate.set()
    until(lambda: made.position > 0.3)
    assert not made.opening and made.why == ""
    made.stop()
    made.wait()
    assert most == [1, 1] and not ears[0].heard, (
        "one after the other, and what was stopped before is not heard"
    )


def test_a_device_that_cannot_be_opened_is_a_sentence():
    def broken(*about):
        raise OSError("busy")

    made = Player(broken)
    made.load(Tape("x", Clip.sound(np.zeros((RATE, 1), np.float32), RATE)))
    made.play()
    until(lambda: not made.playing)
    until(lambda: bool(made.why))
    assert "busy" in made.why and made.why.endswith(".") and made.position == 0.0


def test_volume_and_level():
    made, ear, _ = player()
    made.volume = 0.5
    made.play()
    until(lambda: not made.playing)
    until(lambda: ear.closed)
    assert ear.sound.max() == pytest.approx(0.45, abs=0.001)
    assert made.meter.peak == pytest.approx(20 * np.log10(0.45), abs=0.5)


def test_a_meter_falls_slowly_and_remembers_what_was_too_loud():
    meter = Meter()
    assert meter.now() == SILENT and not meter.clipped
    meter.see(np.full((100, 1), 0.5, np.float32))
    assert meter.peak == pytest.approx(-6.02, abs=0.01) and meter.rms == pytest.approx(-6.02, abs=0.01)
    assert meter.now(meter._at + 1.0) == pytest.approx(-6.02 - device.FALL, abs=0.01)
    assert meter.now(meter._at + 100) == SILENT
    meter.see(np.ones((10, 1), np.float32))
    assert meter.clipped


def test_without_a_device_time_passes_as_it_should(monkeypatch):
    monkeypatch.setattr(device, "outputs", lambda: [])
    sink, why = device.opened(RATE, 1)
    assert isinstance(sink, Quiet) and why and why.endswith(".")
    begin = time.monotonic()
    for _ in range(5):
        sink.write(np.zeros((RATE // 50, 1)))
    assert 0.07 < time.monotonic() - begin < 0.5
    made = Player()
    made.load(Tape("x", Clip.sound(np.zeros((RATE // 5, 1), np.float32), RATE)))
    made.play()
    until(lambda: not made.playing)
    assert made.why == why
    assert made.position == pytest.approx(0.2, abs=0.01)


def test_why_nothing_can_be_heard(monkeypatch):
    monkeypatch.setattr(device, "_sounddevice", lambda: None)
    assert device.outputs() == [] == device.inputs()
    assert "PortAudio" in device.why_silent() and "PortAudio" in device.why_silent(recording=True)
    recorder = Recorder()
    recorder.start(Path("nowhere"))
    until(lambda: not recorder.recording)
    assert "PortAudio" in recorder.error and not Path("nowhere").exists()


class Mouth:
    """A microphone that says a tone."""

    samplerate, channels = float(RATE), 1

    def __init__(self, ends=None):
        self.at, self.ends, self.closed = 0, ends, False

    def start(self): ...
    def stop(self): ...
    def close(self):
        self.closed = True

    def read(self, count):
        if self.ends is not None and self.at >= self.ends:
            raise OSError("unplugged")
        t = (self.at + np.arange(count)) / RATE
        self.at += count
        time.sleep(0.001)
        return (0.4 * np.sin(2 * np.pi * 440 * t))[:, None].astype(np.float32), False


def test_a_recording_is_a_whole_file(tmp_path):
    mouth = Mouth()
    recorder = Recorder(lambda number: mouth)
    recorder.start(tmp_path / "sub" / "a.flac")
    until(lambda: recorder.seconds > 0.3)
    recorder.stop()
    until(lambda: not recorder.recording)
    found, rate = soundfile.read(str(tmp_path / "sub" / "a.flac"))
    assert rate == RATE and len(found) == round(recorder.seconds * RATE)
    assert np.abs(found).max() == pytest.approx(0.4, abs=0.001)
    assert recorder.meter.peak == pytest.approx(-8, abs=0.5) and recorder.error == ""
    recorder.wait()
    assert mouth.closed


def test_what_was_heard_until_the_microphone_went_is_kept(tmp_path):
    recorder = Recorder(lambda number: Mouth(ends=RATE // 4))
    recorder.start(tmp_path / "a.flac")
    until(lambda: not recorder.recording)
    assert "unplugged" in recorder.error
    assert soundfile.info(str(tmp_path / "a.flac")).frames >= RATE // 4


def test_a_microphone_that_does_not_open_is_a_sentence(tmp_path):
    def busy(number):
        raise RuntimeError("busy")

    recorder = Recorder(busy)
    recorder.start(tmp_path / "a.flac")
    until(lambda: not recorder.recording)
    assert "microphone" in recorder.error and "busy" in recorder.error
    (tmp_path / "file").write_text("x")
    mouth = Mouth()
    recorder = Recorder(lambda number: mouth)
    recorder.start(tmp_path / "file" / "a.flac")
    until(lambda: not recorder.recording)
    recorder.wait()
    assert recorder.error.endswith(".") and mouth.closed and recorder.seconds == 0


def test_a_microphone_may_take_its_time_to_open(tmp_path):
    gate, mouths, most = threading.Event(), [], []

    def slow(number):
        gate.wait(5)
        mouths.append(Mouth())
        most.append(sum(not mouth.closed for mouth in mouths))
        return mouths[-1]

    recorder = Recorder(slow)
    begin = time.monotonic()
    recorder.start(tmp_path / "a.flac")
    assert recorder.recording and recorder.opening and recorder.seconds == 0
    recorder.stop()
    assert not recorder.opening
    recorder.start(tmp_path / "b.flac")
    assert time.monotonic() - begin < 0.5, "nobody waits for the microphone"
    gate.set()
    until(lambda: recorder.seconds > 0.1)
    assert not recorder.opening and recorder.error == ""
    recorder.stop()
    recorder.wait()
    assert most == [1, 1] and all(mouth.closed for mouth in mouths), "one after the other"
    assert [path.name for path in tmp_path.iterdir()] == ["b.flac"], (
        "nothing is left of what was stopped before it began"
    )
