"""A folder of sound becomes a model: what is heard in it, what is held out, learning, going on, the new model, sentences."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from studio.bench.music_world import AdditiveSynth, piece_of, render
from studio.bench.tiny import make_tiny_music
from studio.core.clip import Clip
from studio.core.job import Done, Failed, FinetuneMusic, JobSpec, Preview, Progress, Result, Text2Music
from studio.engine import genre
from studio.engine.engine import Engine
from studio.media.clips import read_source, save_clip

from .conftest import one

RATE = 22050


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    torch.set_num_threads(1)
    monkeypatch.setenv("STUDIO_HOME", str(tmp_path / "home"))
    monkeypatch.setattr("studio.engine.music.GRIFFIN_LIM", 2)
    monkeypatch.setattr("studio.engine.techniques.finetune_music.SHOWN_STEPS", 2)
    monkeypatch.setattr("studio.engine.techniques.finetune_music.LOOKS", 2)


@pytest.fixture(scope="module")
def songs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six short pieces with silence around them, one with words, one file that is none."""
    folder = tmp_path_factory.mktemp("songs")
    still = np.zeros(RATE, np.float32)
    for seed in range(6):
        sound = render(piece_of(seed, seconds=3, lead="piano"), 3.0, AdditiveSynth())
        line = 0.2 * np.concatenate([still, sound, still, sound, still])
        save_clip(Clip.sound(line[:, None], RATE), folder / f"{seed}.wav")
    (folder / "3.txt").write_text("slow sad piano, 70 bpm")
    (folder / "broken.mp3").write_bytes(b"nothing")
    (folder / "notes.md").write_text("not a sound")
    return folder


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_music(tmp_path_factory.mktemp("models") / "tiny-music")


@pytest.fixture
def engine(base: Path, tmp_path: Path) -> Engine:
    return Engine([tmp_path / "home" / "models", base.parent], device="cpu", read=read_source)


def learn(folder: Path, **more: Any) -> JobSpec:
    given: dict[str, Any] = {
        "folder": str(folder), "prompt": "piano, 100 bpm", "called": "Späte Stücke", "training": 6, "batch": 2,
        "rate": 3e-3, "steps": 2, "guidance": 1, "seconds": 1,
    }  # fmt: skip
    return JobSpec(technique=FinetuneMusic(**{**given, **more}), model="tiny-music", seed=2)


def test_a_folder_becomes_a_model_that_is_there_at_once(engine: Engine, songs: Path, tmp_path: Path) -> None:
    before = set(engine.cards)
    events = list(engine.run(learn(songs, training=40)))
    assert isinstance(events[-1], Done)
    (result,) = (e for e in events if isinstance(e, Result))
    assert result.clip.array.shape == (RATE, 1)
    (new,) = set(engine.cards) - before
    card = engine.cards[new]
    assert (card.title, card.folder) == ("Späte Stücke", tmp_path / "home" / "models" / new)
    assert {"text2music", "melody2music", "finetune-music", "vocode"} <= set(card.abilities)
    held = card.scores["held-out error"]
    assert held["after"] < 0.95 * held["before"]
    notes = " ".join(result.notes)
    assert "1 of 7 files could not be read: broken.mp3" in notes
    assert "from 6 files" in notes
    assert f"“{card.title}” is in the list" in notes
    assert [e for e in events if isinstance(e, Preview)]
    assert [e.step for e in events if isinstance(e, Progress) and e.stage == "learning"] == list(range(1, 41))
    again = one(engine, JobSpec(technique=Text2Music(prompt="piano, 100 bpm", seconds=1, steps=2), model=new))
    assert np.isfinite(again.clip.array).all()
    # the model it came from plays as before
    request = JobSpec(technique=Text2Music(prompt="piano, 100 bpm", seconds=1, steps=2), model="tiny-music")
    fresh = Engine(engine.folders, device="cpu")
    assert one(engine, request).clip.digest() == one(fresh, request).clip.digest()


def test_stretches_are_cut_at_silence_equally_loud_and_held_out_by_the_piece(
    engine: Engine, songs: Path
) -> None:
    from studio.engine.checkpoint import Checkpoint
    from studio.engine.job import Job

    spec = engine.resolve(learn(songs))
    job = Job(spec, engine._model(engine.cards["tiny-music"]), {}, Checkpoint(None, spec), read=read_source)  # pyright: ignore[reportPrivateUsage]
    walk = genre.gathered(job)
    parts: Any = None
    while parts is None:
        try:
            next(walk)
        except StopIteration as end:
            parts = end.value
    assert len(parts) == 12
    assert {part.tokens for part in parts} <= {
        25,
        26,
        27,
    }  # 3 s of 0.12 s, with the seconds of silence cut off
    assert {part.told.words for part in parts if part.file.name == "3.wav"} == {("slow", "sad", "piano")}
    levels = [float(job.model.codec.decode(part.latent[None, :, None]).max()) for part in parts]  # type: ignore[arg-type]
    assert max(levels) - min(levels) < 12
    train, held = genre.divided(parts)
    assert {part.file for part in train} & {part.file for part in held} == set()
    assert {part.file.name for part in held} == {"2.wav"}
    few = [part for part in parts if part.file.name in ("0.wav", "1.wav")]
    train, held = genre.divided(few)
    assert sum(p.tokens for p in (*train, *held)) == sum(p.tokens for p in few)
    assert len(held) == len(few)


def test_an_interrupted_run_goes_on_and_ends_with_the_same_bits(
    engine: Engine, songs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("studio.engine.checkpoint.EVERY", 0.0)
    whole = one(engine, learn(songs, called="Whole"))
    request, state = learn(songs, called="Parts"), tmp_path / "state"
    events = engine.run(request, state)
    for event in events:
        if isinstance(event, Progress) and event.stage == "learning" and event.step == 4:
            break
    events.close()
    assert state.exists()
    assert not (tmp_path / "home" / "models" / "parts").exists()  # nothing half made is left
    steps: list[int] = []
    made: list[Result] = []
    for event in engine.run(request, state):
        if isinstance(event, Progress) and event.stage == "learning":
            steps.append(event.step)
        made += [event] if isinstance(event, Result) else []
        assert not isinstance(event, Failed), event
    assert steps[0] in (4, 5)
    assert made[0].clip.digest() == whole.clip.digest()
    assert not state.exists()


def test_the_same_request_twice_is_one_model(engine: Engine, songs: Path, tmp_path: Path) -> None:
    for seed in (2, 2, 3):
        one(engine, learn(songs, training=1).model_copy(update={"seed": seed}))
    assert sorted(p.name for p in (tmp_path / "home" / "models").iterdir()) == [
        "spate-stucke",
        "spate-stucke-2",
    ]


def test_sentences(engine: Engine, songs: Path, tmp_path: Path) -> None:
    def said(request: JobSpec) -> str:
        last = list(engine.run(request))[-1]
        assert isinstance(last, Failed)
        return last.message

    assert "is not a folder" in said(learn(songs / "0.wav"))
    empty = tmp_path / "empty"
    empty.mkdir()
    assert "holds no sound files" in said(learn(empty))
    save_clip(Clip.sound(np.zeros((RATE, 1), np.float32), RATE), empty / "still.wav")
    assert "0 s can be heard" in said(learn(empty))
    (empty / "still.txt").write_text("piano, 9 bpm")
    assert "0 s can be heard" in said(learn(empty))
