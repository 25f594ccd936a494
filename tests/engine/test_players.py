"""Larger models of music behind one request: what folders can do, sound, events, previews, cancelling, tunes, sentences."""

from __future__ import annotations

import sys
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from studio.bench.tiny_players import MAKERS, make_tiny_player
from studio.core.clip import Clip
from studio.core.job import Done, Failed, JobSpec, Melody2Music, Preview, Progress, Source, Text2Music
from studio.core.melody import Tone
from studio.engine import played, players, spectrum_picture
from studio.engine.engine import Engine
from studio.engine.load import quiet
from studio.media.clips import read_source, save_clip

from .conftest import one, results

PIPED = ("audioldm2", "stable-audio", "ace-step")


@pytest.fixture(scope="module", autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(autouse=True)
def _brief(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("studio.engine.preview.Pace.ready", lambda _: True)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("players")
    for kind in MAKERS:
        make_tiny_player(place / kind, kind)
    return place


@pytest.fixture(scope="module")
def engine(folder: Path) -> Engine:
    return Engine([folder], device="cpu", read=read_source)


def words(model: str, **more: Any) -> JobSpec:
    given: dict[str, Any] = {"prompt": "slow piano", "seconds": 1, "steps": 3}
    return JobSpec(technique=Text2Music(**{**given, **more}), model=model, seed=5)


def failed(engine: Engine, request: JobSpec) -> str:
    last = list(engine.run(request))[-1]
    assert isinstance(last, Failed), last
    return last.message


def test_folders_say_what_they_can_do(engine: Engine) -> None:
    able = {name: card.abilities for name, card in engine.cards.items()}
    assert able == dict.fromkeys(MAKERS, ("text2music",)) | {
        "musicgen-melody": ("text2music", "melody2music")
    }
    assert {card.family for card in engine.cards.values()} == {players.RIFFUSION, *players.FAMILIES}
    assert engine.cards["ace-step-turbo"].defaults.guidance == 1  # it was distilled
    assert not engine.broken


@pytest.mark.parametrize("kind", MAKERS)
def test_words_become_sound(engine: Engine, kind: str) -> None:
    events = list(engine.run(words(kind)))
    assert isinstance(events[-1], Done), events[-1]
    (result,) = results(events)
    clip = result.clip
    assert (clip.kind, clip.array.shape[0]) == ("sound", round(clip.rate))  # type: ignore[arg-type]
    assert np.isfinite(clip.array).all()
    steps = [e.step for e in events if isinstance(e, Progress) and e.stage == "drawing"]
    assert steps == sorted(steps)
    assert len(steps) == 3 or kind.startswith("musicgen")
    seen = [e for e in events if isinstance(e, Preview)]
    assert bool(seen) != kind.startswith("musicgen")  # of its codes there is nothing to be seen
    assert all(e.clip.kind == "picture" for e in seen)
    assert one(engine, result.spec).clip.digest() == clip.digest()
    other = one(engine, result.spec.model_copy(update={"seed": 6})).clip
    assert not np.array_equal(other.array, clip.array)


@pytest.mark.parametrize("kind", PIPED)
def test_samples_are_the_pipelines_own(engine: Engine, kind: str) -> None:
    made = one(engine, words(kind, loudness=None)).clip
    with quiet():
        pipe = players.load(engine.cards[kind], torch.float32)
    given = {
        "audioldm2": {"audio_length_in_s": 1.0, "negative_prompt": ""},
        "stable-audio": {"audio_end_in_s": 1.0},
        "ace-step": {"audio_duration": 1.0},
    }[kind]
    guidance = engine.cards[kind].defaults.guidance
    sound = pipe(
        prompt="slow piano", num_inference_steps=3, guidance_scale=guidance, generator=torch.Generator().manual_seed(5),
        **given,
    ).audios[0]  # fmt: skip
    sound = np.asarray(sound, np.float32)
    sound = sound.T if sound.ndim == 2 else sound[:, None]
    assert np.abs(sound[: len(made.array)] - made.array).max() < 1e-5


def test_what_the_library_calls_deprecated_is_not_imported(engine: Engine) -> None:
    for kind in ("musicldm", "dance-diffusion"):
        one(engine, words(kind))
    assert not [name for name in sys.modules if name.startswith("diffusers.pipelines.deprecated.")]


def test_words_count_where_they_are_taken(engine: Engine) -> None:
    for kind in ("musicldm", "audioldm2", "musicgen"):
        assert (
            one(engine, words(kind)).clip.digest() != one(engine, words(kind, prompt="a flute")).clip.digest()
        )
    made = one(engine, words("dance-diffusion"))
    assert any("takes no words" in note for note in made.notes)


@pytest.mark.parametrize("kind", ["stable-audio", "musicgen", "musicldm"])
def test_closing_the_events_ends_it(engine: Engine, kind: str) -> None:
    events = engine.run(words(kind, steps=50))
    for event in events:
        if isinstance(event, Progress) and event.stage == "drawing":
            break
    events.close()
    assert not [thread for thread in threading.enumerate() if thread.name == "player"]


def test_a_tune_is_heard_by_its_pitch_classes(engine: Engine, tmp_path: Path) -> None:
    rate = 3200
    t = np.arange(2 * rate) / rate
    tune = np.where(t < 1, np.sin(2 * np.pi * 440 * t), np.sin(2 * np.pi * 523.25 * t)).astype(np.float32)
    clip = Clip.sound(0.3 * tune[:, None], rate)
    save_clip(clip, tmp_path / "tune.wav")
    given: dict[str, Any] = {"prompt": "piano", "sound": Source(path=str(tmp_path / "tune.wav"))}
    request = JobSpec(technique=Melody2Music(**given), model="musicgen-melody", seed=1)
    made = one(engine, request).clip
    assert made.array.shape[0] == 2 * rate
    noted = request.model_copy(update={"technique": Melody2Music(**given, notes=((0, 2, 60),))})
    assert one(engine, noted).clip.digest() != made.digest()


def test_chroma() -> None:
    rate = 32000
    t = np.arange(4 * rate) / rate
    clip = Clip.sound((0.3 * np.sin(2 * np.pi * 440 * t)).astype(np.float32)[:, None], rate)
    heard = played.chroma_of(clip, rate)
    assert heard.shape[1] == 12
    assert heard[2:-2].argmax(-1).unique().tolist() == [9]  # A
    noted = played.chroma_of_notes([Tone(0.0, 2.0, 69.0)], 4.0, rate)
    assert noted.shape == heard.shape
    assert noted[:15].argmax(-1).tolist() == [9] * 15
    assert not noted[17:].any()


def test_riffusions_picture_is_its_sound() -> None:
    """A line at a pitch is a tone of that pitch; white is silence."""
    picture = np.full((512, 128, 3), 255, np.uint8)
    mel = 2595 * np.log10(1 + 1000 / 700)
    row = round(mel / (2595 * np.log10(1 + 10_000 / 700)) * 513) - 1
    picture[511 - row] = 0
    bins = spectrum_picture.bins_of(picture)
    assert bins.shape == (spectrum_picture.HOW.bins, 128)
    loudest = bins.mean(1).argmax() * spectrum_picture.HOW.rate / spectrum_picture.HOW.window
    assert abs(loudest - 1000) < 15
    assert spectrum_picture.width_for(5.12) == 512
    assert not spectrum_picture.bins_of(np.full((512, 64, 3), 255, np.uint8)).any()


def test_sentences(engine: Engine) -> None:
    assert "cannot make loops" in failed(engine, words("ace-step", loop=True))
    assert failed(engine, words("stable-audio", seconds=60)) == (
        "seconds: stable-audio plays 3 s at most; ask for less, or extend the sound later."
    )
    assert "plays 20.48 s at most" in failed(engine, words("riffusion", seconds=30))
    assert "plays 30 s at most" in failed(engine, words("musicgen", seconds=31))


def test_a_damaged_folder_is_said(folder: Path, tmp_path: Path) -> None:
    import shutil

    shutil.copytree(folder / "musicldm", tmp_path / "musicldm")
    (tmp_path / "musicldm" / "vocoder" / "model.safetensors").write_bytes(b"nothing")
    message = failed(Engine([tmp_path], device="cpu"), words("musicldm"))
    assert message.startswith("model: ")
