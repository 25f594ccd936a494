"""The measurement of music: facts counted right, steps found where they are, notes where they begin, parts left out visibly."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from studio.bench import music
from studio.bench.music_world import AdditiveSynth, Note, Piece, piece_of, render
from studio.bench.tiny import make_tiny_music, make_tiny_vocoder
from studio.core.spectrogram import log_spectral_distance
from studio.engine.codecs.sound import NOTES
from studio.engine.nets.ear import Heard

RATE = 22050


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


def heard(piece: Piece, **more: object) -> Heard:
    facts = {
        "bpm": piece.bpm * 1.01, "key": piece.key.lower(), "lead": piece.lead, "bass": piece.bass, "drums": piece.drums,
        "genre": piece.genre, "mood": piece.mood, "features": torch.zeros(2),
    }  # fmt: skip
    return Heard(**{**facts, **more})  # type: ignore[arg-type]


def test_facts_are_counted() -> None:
    pieces = [piece_of(seed, seconds=1, lead="piano") for seed in range(4)]
    assert set(music.right([heard(p) for p in pieces], pieces).values()) == {100.0}
    wrong = [heard(p, bpm=p.bpm * 1.03, lead="flute") if i == 0 else heard(p) for i, p in enumerate(pieces)]
    found = music.right(wrong, pieces)
    assert (found["tempo"], found["instrument"], found["key"]) == (75.0, 75.0, 100.0)


def test_a_step_stands_out_and_music_does_not() -> None:
    rng = np.random.default_rng(0)
    sound = (0.05 * rng.standard_normal(20 * RATE)).astype(np.float32)
    even = music.steps_at(sound, [5.0, 10.0, 15.0])
    assert max(map(abs, even)) < 2
    broken = sound.copy()
    broken[10 * RATE :] *= 4
    energy, flux = music.steps_at(broken, [10.0])
    assert energy > 5
    assert flux > 5
    louder = np.linspace(1, 4, len(sound), dtype=np.float32) * sound
    assert music.steps_at(louder, [0.0], ring=True)[0] > 2  # its end does not lead back to its beginning
    assert abs(music.steps_at(sound, [0.0], ring=True)[0]) < 2


def test_notes_are_found_where_they_begin() -> None:
    """Notes apart from each other, as a tune that is picked out with one finger."""
    piece = piece_of(11, seconds=8, lead="piano")
    notes = tuple(Note("melody", 0.5 * i + 0.2, 0.5 * i + 0.5, 70 + 3 * (i * 5 % 7), 100) for i in range(14))
    tune = replace(piece, notes=notes)
    sound = render(tune, 8.0, AdditiveSynth())
    assert music.notes_heard(sound, tune, 7.5) > 90
    late = replace(tune, notes=tuple(replace(n, start=n.start + 0.2, end=n.end + 0.2) for n in notes))
    higher = replace(tune, notes=tuple(replace(n, pitch=n.pitch + 4) for n in notes))
    assert music.notes_heard(sound, late, 7.5) < 20
    assert music.notes_heard(sound, higher, 7.5) < 40
    assert music.notes_heard(np.zeros_like(sound), tune, 7.5) == 0


def test_what_is_missing_is_left_out_visibly(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(music, "_font", lambda places=(): None)
    (tmp_path / "models").mkdir()
    out = tmp_path / "out"
    assert music.main(["--models", str(tmp_path / "models"), "--ear", str(tmp_path), "--out", str(out)]) == 0
    said = capsys.readouterr().out
    for part in ("vocoder", "griffin-lim", "round trip", "words", "seams", "tunes"):
        assert f"{part}: left out, " in said


def test_all_parts_with_tiny_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(music, "_font", lambda places=(): AdditiveSynth())
    monkeypatch.setattr("studio.engine.music.GRIFFIN_LIM", 1)
    monkeypatch.setattr("studio.engine.vocoder.MENDING", 1)
    monkeypatch.setattr(music, "SECONDS", 3.0)
    make_tiny_music(tmp_path / "models" / "tiny")
    make_tiny_vocoder(tmp_path / "models" / "voice")
    out = tmp_path / "out"
    few = ["--captions", "4", "--tunes", "1", "--sounds", "1", "--pieces", "1", "--steps", "1"]
    parts = ["--only", "vocoder", "round-trip", "words", "seams", "tunes"]
    code = music.main(
        [
            "--models",
            str(tmp_path / "models"),
            "--model",
            "tiny",
            "--ear",
            str(tmp_path),
            "--out",
            str(out),
            *few,
            *parts,
        ]
    )
    assert code == 0
    found = json.loads((out / "scores.json").read_text("utf-8"))
    names = " ".join(found)
    for part in ("log-spectral distance", "round trip", "speed", "seams", "tunes"):
        assert part in names
    assert all(
        np.isfinite(v)
        for name, t in found.items()
        if name != "left out"
        for r in t.values()
        for v in r.values()
    )
    assert any("there is no ear" in line for line in found["left out"])
    assert list(out.glob("round-trip-*.png"))


def test_the_distance_grows_with_the_difference() -> None:
    t = np.arange(RATE) / RATE
    tone = (0.1 * np.sin(2 * np.pi * 440 * t)).astype(np.float32)
    near = (0.1 * np.sin(2 * np.pi * 441 * t)).astype(np.float32)
    far = (0.1 * np.sin(2 * np.pi * 880 * t)).astype(np.float32)
    assert log_spectral_distance(near, tone, NOTES) < log_spectral_distance(far, tone, NOTES)
