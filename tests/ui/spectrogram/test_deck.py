"""Playing and recording from the window's side: stretches, repeating, the end, devices by name, recordings that become takes."""

from __future__ import annotations

import threading
import time

import numpy as np
import pytest

from studio.core.job import Source
from studio.core.take import Take
from studio.media import device
from studio.media.device import Device, Player, Recorder
from studio.ui.spectrogram.deck import Deck
from studio.ui.spectrogram.meter import LevelMeter
from studio.ui.spectrogram.shelf import Shelf
from studio.ui.spectrogram.transport import Transport

from .conftest import RATE


class Ear:
    latency = 0.0

    def __init__(self, *about):
        self.about = about

    def write(self, samples):
        time.sleep(0.002)

    def close(self): ...


class Mouth:
    samplerate, channels = float(RATE), 1

    def __init__(self, hz=330.0):
        self.at, self.hz = 0, hz

    def start(self): ...
    def stop(self): ...
    def close(self): ...

    def read(self, count):
        t = (self.at + np.arange(count)) / RATE
        self.at += count
        time.sleep(0.001)
        return (0.4 * np.sin(2 * np.pi * self.hz * t))[:, None].astype(np.float32), False


@pytest.fixture
def deck(session, qtbot):
    shelf = Shelf(session)
    made = Deck(session, shelf, Player(lambda *about: (Ear(*about), "")), Recorder(lambda number: Mouth()))
    yield made
    made.close()
    shelf.stop()


def loaded(deck, session, path, qtbot):
    take = Take("two", Source(path=str(path)), 2.0, RATE, 1)
    session.takes.add(take)
    deck.shelf.tape(take)
    assert deck.shelf.wait()
    assert deck.load(take, keep=False)
    return take


def test_a_stretch_is_repeated(deck, session, sound, qtbot):
    loaded(deck, session, sound(), qtbot)
    deck.set_range((0.5, 0.8))
    assert deck.repeat and deck.player.loop == (0.5, 0.8)
    deck.toggle()
    assert deck.position >= 0.45, "it begins in the stretch"
    seen = []
    deck.position_changed.connect(seen.append)
    qtbot.waitUntil(lambda: len(seen) > 40, timeout=5000)
    assert min(seen) >= 0.45 and max(seen) <= 0.85
    deck.set_range(None)
    assert deck.player.loop == (0.0, 2.0), "all of it, as long as it repeats"
    deck.set_repeat(False)
    assert deck.player.loop is None
    deck.stop()


def test_the_stretch_follows_keys(deck, session, sound, qtbot):
    loaded(deck, session, sound(), qtbot)
    deck.seek(0.5)
    deck.begin_range()
    assert deck.range == pytest.approx((0.5, 2.0), abs=1e-4)
    deck.seek(1.25)
    deck.end_range()
    assert deck.range == pytest.approx((0.5, 1.25), abs=1e-4)
    deck.seek(1.5)
    deck.begin_range()
    assert deck.range == pytest.approx((1.5, 2.0), abs=1e-4)
    deck.seek(0.0)
    deck.end_range()
    assert deck.range == pytest.approx((1.5, 2.0), abs=1e-4), "nothing lies before the beginning"


def test_it_begins_when_the_sound_is_there(deck, session, sound, qtbot):
    take = Take("two", Source(path=str(sound())), 2.0, RATE, 1)
    session.takes.add(take)
    deck.play_when_there()
    assert not deck.playing
    deck.shelf.changed.connect(lambda _: deck.load(take, keep=False))
    deck.load(take, keep=False)
    qtbot.waitUntil(lambda: deck.playing, timeout=5000)
    deck.stop()


def test_a_recording_becomes_a_take(deck, session, qtbot):
    deck.record()
    assert deck.recording
    qtbot.waitUntil(lambda: deck.recorder.seconds > 0.4, timeout=5000)
    deck.record()
    qtbot.waitUntil(lambda: len(session.takes.all) == 1, timeout=5000)
    assert not deck.recording
    take = session.takes.shown
    assert (
        take.origin == "recorded"
        and take.name == "Recording"
        and take.seconds == pytest.approx(deck.recorder.seconds)
    )
    assert take.melody is None


def test_a_hummed_recording_gets_its_tune(deck, session, qtbot):
    tuned = []
    deck.shelf.tuned.connect(lambda *told: tuned.append(told))
    deck.record(hums=True)
    qtbot.waitUntil(lambda: deck.recorder.seconds > 0.6, timeout=5000)
    deck.record()
    qtbot.waitUntil(lambda: bool(tuned), timeout=8000)
    take = session.takes.shown
    assert tuned == [(take.id, 1)] and take.melody[0].pitch == 64.0 and take.name == "Hummed tune"


def test_a_recording_that_ends_by_itself_is_kept(deck, session, qtbot, monkeypatch):
    monkeypatch.setattr(device, "MOST_RECORDED", 0.3)
    deck.record()
    qtbot.waitUntil(lambda: len(session.takes.all) == 1, timeout=5000)
    assert not deck.recording


def test_a_slow_microphone_is_told_and_given_up(deck, session, qtbot, monkeypatch):
    from studio.ui.spectrogram import deck as module

    gate = threading.Event()
    deck.recorder._open = lambda number: gate.wait(5) and Mouth()
    monkeypatch.setattr(module, "PATIENCE", 0.05)
    begin = time.monotonic()
    deck.record()
    assert deck.recording and not deck.opening, "not told before it takes long"
    qtbot.waitUntil(lambda: deck.opening, timeout=2000)
    deck.record()
    assert time.monotonic() - begin < 1 and not deck.recording and not deck.opening
    deck.record()
    gate.set()
    qtbot.waitUntil(lambda: deck.recorder.seconds > 0.1, timeout=5000)
    assert deck.recording and not deck.opening
    deck.record()
    qtbot.waitUntil(lambda: len(session.takes.all) == 1, timeout=5000)


def test_a_microphone_that_cannot_be_used_is_told(deck, session, qtbot):
    said: list[str] = []
    session.said.connect(lambda notice: said.append(notice.text))
    deck.recorder._open = lambda number: 1 / 0
    deck.record()
    qtbot.waitUntil(lambda: not deck.recording, timeout=5000)
    assert any("microphone" in text for text in said) and not session.takes.all


def test_devices_are_remembered_by_name(session, qtbot, monkeypatch):
    found = [Device(3, "Desk", 2, 48000), Device(5, "Head", 2, 44100)]
    monkeypatch.setattr(device, "outputs", lambda: found)
    monkeypatch.setattr(device, "inputs", lambda: [Device(7, "Mic", 1, 48000)])
    session.settings.sound = {"output": "Head", "volume": "0.25"}
    shelf = Shelf(session)
    deck = Deck(session, shelf, Player(lambda *about: (Ear(*about), "")))
    assert shelf.wait()
    assert deck.player.device == 5 and deck.player.volume == 0.25 and deck.recorder.device is None
    deck.use_output("Desk")
    deck.use_input("Mic")
    assert (deck.player.device, deck.recorder.device) == (3, 7)
    assert session.settings.sound["output"] == "Desk" and session.settings.sound["input"] == "Mic"
    found.clear()
    deck.use_output("")
    assert deck.player.device is None
    deck.close()
    shelf.stop()


def test_a_device_that_opens_slowly_is_told_of(session, sound, qtbot):
    gate = threading.Event()

    def slow(*about):
        gate.wait(5)
        return Ear(), "The sound device cannot be used (busy); choose another one."

    shelf = Shelf(session)
    deck = Deck(session, shelf, Player(slow))
    transport = Transport(deck)
    qtbot.addWidget(transport)
    told = []
    session.said.connect(lambda notice: told.append(notice.text))
    loaded(deck, session, sound(), qtbot)
    transport.play.click()
    assert deck.playing and not deck.opening, "usually it is open before one could read it"
    qtbot.waitUntil(lambda: transport.time.text() == "Opening the sound device…", timeout=5000)
    gate.set()
    qtbot.waitUntil(lambda: " / " in transport.time.text(), timeout=5000)
    assert told == ["The sound device cannot be used (busy); choose another one."]
    deck.close()
    shelf.stop()


def texts(menu):
    return [action.text() for action in menu.actions() if action.text()]


def test_the_menu_says_what_there_is_or_why_not(deck, qtbot, monkeypatch):
    transport = Transport(deck)
    qtbot.addWidget(transport)
    monkeypatch.setattr(device, "outputs", lambda: [])
    monkeypatch.setattr(device, "inputs", lambda: [])
    assert (
        sum(
            "device" in text or "PortAudio" in text or "microphone" in text
            for text in texts(transport.menu())
        )
        >= 2
    )
    monkeypatch.setattr(device, "outputs", lambda: [Device(3, "Desk", 2, 48000)])
    monkeypatch.setattr(device, "inputs", lambda: [Device(7, "Mic", 1, 48000)])
    menu = transport.menu()
    assert {"Desk", "Mic", "As the system"} <= set(texts(menu))
    next(action for action in menu.actions() if action.text() == "Desk").trigger()
    assert deck.player.device == 3


def test_a_damaged_setting_is_no_reason_to_be_silent(session, qtbot):
    session.settings.sound = {"volume": "loud"}
    shelf = Shelf(session)
    deck = Deck(session, shelf, Player(lambda *about: (Ear(*about), "")))
    assert deck.player.volume == 1.0
    deck.close()
    shelf.stop()


def test_the_meter_shows_what_it_is_told(deck, qtbot):
    meter = LevelMeter()
    qtbot.addWidget(meter)
    assert meter.accessibleDescription() == "silent"
    deck.player.meter.see(np.full((100, 1), 0.5, np.float32))
    meter.follow(deck.player.meter)
    assert "−6 dB" in meter.accessibleDescription()
    deck.player.meter.see(np.ones((100, 1), np.float32))
    meter.look()
    assert "too loud" in meter.accessibleDescription()
    meter.mousePressEvent(None)
    assert not deck.player.meter.clipped
