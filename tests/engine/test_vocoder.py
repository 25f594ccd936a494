"""The vocoder: an orthogonal transform, signs that hold a tone still, pieces that agree, sounds of the right loudness, sentences."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import torch

from studio.bench.tiny import make_tiny_music, make_tiny_vocoder
from studio.core.clip import Clip
from studio.core.job import Failed, JobSpec, Progress, Source, Text2Music, Vocode
from studio.core.spectrogram import log_spectral_distance, picture_of
from studio.engine import vocoder
from studio.engine.codecs.sound import NOTES
from studio.engine.engine import Engine
from studio.engine.nets.diffwave import DiffWave, DiffWaveConfig, _turned, imdct, mdct
from studio.engine.schedule import Schedule
from studio.media.clips import read_source, save_clip

from .conftest import one

HOP = NOTES.hop


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    make_tiny_vocoder(folder / "voice")
    make_tiny_music(folder / "tiny-music")
    return folder


@pytest.fixture(scope="module")
def engine(place: Path) -> Engine:
    return Engine([place], device="cpu", read=read_source)


@pytest.fixture(scope="module")
def net(place: Path) -> DiffWave:
    net = DiffWave.read(place / "voice")
    for name, parameter in net.named_parameters():
        if name.endswith("out.weight") or name == "leave.weight":
            torch.nn.init.normal_(parameter, std=0.05)
    return net


SCHEDULE = Schedule.from_config(
    {"beta_schedule": "scaled_linear", "prediction_type": "v_prediction", "rescale_betas_zero_snr": True}
)


def tones(seconds: float = 2.0, rate: int = NOTES.rate) -> np.ndarray:  # type: ignore[assignment]
    t = np.arange(round(seconds * rate)) / rate
    return sum(0.1 * np.sin(2 * np.pi * f * t) for f in (220.0, 554.0, 1319.0)).astype(np.float32)  # type: ignore[union-attr]


def test_the_network_hears_what_music_models_draw() -> None:
    assert DiffWaveConfig().how == NOTES


def test_the_transform_is_orthogonal() -> None:
    sound = torch.randn(2, 20 * HOP)
    coefficients = mdct(sound, HOP)
    assert coefficients.shape == (2, 21, HOP)
    assert float((imdct(coefficients, HOP) - sound).abs().max()) < 1e-5
    assert float(coefficients.square().sum()) == pytest.approx(float(sound.square().sum()), rel=1e-4)
    noise = torch.randn(1, 40, HOP)
    assert float(imdct(noise, HOP, ring=True).std()) == pytest.approx(1, abs=0.02)
    assert imdct(noise, HOP, ring=True).shape == (1, 40 * HOP)


@pytest.mark.parametrize("bin", [40, 41, 200])
def test_signs_hold_a_tone_still(bin: int) -> None:
    """In the middle of a bin: every other frame is the same, the frames between are in quadrature."""
    hertz = (bin + 0.5) * NOTES.rate / (2 * HOP)
    sound = torch.sin(2 * math.pi * hertz * torch.arange(40 * HOP) / NOTES.rate + 0.4)[None]
    still = (mdct(sound, HOP) * _turned(41, HOP))[0, 4:36, bin]
    even, odd = still[0::2], still[1::2]
    size = float(still.abs().max())
    assert float(even.std()) < 0.01 * size
    assert float(odd.std()) < 0.01 * size
    assert float(even.mean() ** 2 + odd.mean() ** 2) > 0.5 * HOP / 2


@pytest.mark.parametrize("ring", [False, True])
def test_pieces_are_drawn_as_the_whole(net: DiffWave, monkeypatch: pytest.MonkeyPatch, ring: bool) -> None:
    levels = np.random.default_rng(0).uniform(-60, -20, (NOTES.rows, 150)).astype(np.float32)
    whole = vocoder.vocoded(net, SCHEDULE, levels, steps=2, ring=ring)
    monkeypatch.setattr(vocoder, "PIECE", 40)
    pieces = vocoder.vocoded(net, SCHEDULE, levels, steps=2, ring=ring)
    assert len(whole) == (150 if ring else 149) * HOP
    assert np.abs(whole - pieces).max() < 1e-3 * np.abs(whole).max()


def test_a_sound_comes_back_about_as_loud_in_every_band(net: DiffWave) -> None:
    sound = tones()
    levels = picture_of(sound, NOTES)
    made = vocoder.vocoded(net, SCHEDULE, levels)
    again = picture_of(made, NOTES)
    inner = (slice(None), slice(10, -10))
    loud = levels[inner] > -40
    assert np.abs(again[inner] - levels[inner])[loud].mean() < 6
    assert log_spectral_distance(made, sound, NOTES) < log_spectral_distance(
        np.zeros_like(made), sound, NOTES
    )
    assert np.array_equal(made, vocoder.vocoded(net, SCHEDULE, levels))
    assert not np.array_equal(made, vocoder.vocoded(net, SCHEDULE, levels, seed=1))


def test_saved_and_read_again(net: DiffWave, tmp_path: Path) -> None:
    net.save(tmp_path)
    again = DiffWave.read(tmp_path)
    levels = np.random.default_rng(0).uniform(-60, -20, (NOTES.rows, 20)).astype(np.float32)
    a, b = (vocoder.vocoded(one, SCHEDULE, levels, steps=1) for one in (net, again))
    assert np.abs(a - b).max() < 0.05 * np.abs(a).max()  # half precision
    (tmp_path / "config.json").write_text('{"_class_name": "Other"}', "utf-8")
    with pytest.raises(ValueError, match="another kind"):
        DiffWave.read(tmp_path)


def take(tmp_path: Path) -> Source:
    path = tmp_path / "a.wav"
    save_clip(Clip.sound(tones()[:, None], NOTES.rate), path)
    return Source(path=str(path))


def test_vocode_by_a_vocoder_alone(engine: Engine, tmp_path: Path) -> None:
    request = JobSpec(technique=Vocode(sound=take(tmp_path)), model="voice", seed=3)
    events = list(engine.run(request))
    made = one(engine, request)
    assert made.spec.technique.vocoder == "diffwave"
    assert made.clip.array.shape == (2 * NOTES.rate, 1)
    assert any("log-spectral" in note for note in made.notes)
    steps = [e.step for e in events if isinstance(e, Progress) and e.stage == "sounding"]
    assert steps == list(range(1, vocoder.STEPS + vocoder.MENDING + 1))


def test_music_is_sounded_as_the_request_says(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("studio.engine.music.GRIFFIN_LIM", 3)
    given = {"prompt": "piano, 100 bpm", "seconds": 2, "steps": 2, "guidance": 1}
    made = {
        by: one(engine, JobSpec(technique=Text2Music(**given, vocoder=by), model="tiny-music", seed=1))
        for by in (None, "diffwave", "griffin-lim")
    }
    assert made[None].spec == made["diffwave"].spec  # what is open becomes part of the request
    assert made[None].clip.digest() == made["diffwave"].clip.digest()
    assert made["griffin-lim"].clip.digest() != made["diffwave"].clip.digest()
    assert {clip.clip.array.shape for clip in made.values()} == {(2 * NOTES.rate, 1)}
    looped = Text2Music(**given, loop=True)
    assert np.isfinite(one(engine, JobSpec(technique=looped, model="tiny-music")).clip.array).all()


def test_without_a_vocoder_it_is_griffin_lim(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("studio.engine.music.GRIFFIN_LIM", 3)
    engine = Engine([place / "tiny-music"], device="cpu")
    given = {"prompt": "piano, 100 bpm", "seconds": 1, "steps": 1, "guidance": 1}
    made = one(engine, JobSpec(technique=Text2Music(**given)))
    assert made.spec.technique.vocoder == "griffin-lim"
    last = list(engine.run(JobSpec(technique=Text2Music(**given, vocoder="diffwave"))))[-1]
    assert isinstance(last, Failed)
    assert last.message.startswith("vocoder: no model that sounds spectrograms is installed")


def test_another_kind_of_spectrogram_is_said(place: Path, tmp_path: Path) -> None:
    DiffWave(DiffWaveConfig(channels=16, layers=1, sharp=16, bands=80)).save(
        make_tiny_vocoder(tmp_path / "other")
    )
    engine = Engine([tmp_path / "other", place / "tiny-music"], device="cpu")
    request = Text2Music(prompt="piano", seconds=1, steps=1, guidance=1)
    last = list(engine.run(JobSpec(technique=request, model="tiny-music")))[-1]
    assert isinstance(last, Failed)
    assert "another kind of spectrogram" in last.message
