"""The measurement of few steps draws what the engine draws and counts rightly."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from studio.bench import fast
from studio.bench.fast import Point, Way, agreement, drawn, goals, right_share, table
from studio.bench.tiny import make_tiny_sd
from studio.bench.world import Scene, World
from studio.core.job import JobSpec, Result, Text2Image
from studio.engine.engine import Engine
from studio.engine.load import find_models, load
from studio.engine.nets.judge import Verdict


def seen(scene: Scene) -> Verdict:
    return Verdict({t.place: (t.noun, t.colour) for t in scene.things}, scene.background, scene.style)


def test_shares() -> None:
    world = World(8)
    scenes = [world.scene(seed, "any", things=1 + seed % 2) for seed in range(6)]
    verdicts = [seen(scene) for scene in scenes]
    assert right_share(scenes, verdicts) == agreement(verdicts, verdicts) == 1
    wrong = Verdict({}, "white", "flat")
    assert right_share(scenes, [*verdicts[:3], *[wrong] * 3]) == 0.5
    assert agreement(verdicts, [wrong, *verdicts[1:]]) == pytest.approx(5 / 6)


def test_pictures_are_the_engines(tmp_path: Path) -> None:
    torch.set_num_threads(1)
    make_tiny_sd(tmp_path / "teacher", tiny_vae=True)
    cards, _ = find_models(tmp_path)
    model = load(cards["teacher"], torch.device("cpu"))
    engine = Engine([tmp_path], device="cpu")
    captions = ["a red fox", "a big house"]
    for solver in ("ddim", "dpm++2m"):
        way = Way("x", "teacher", solver, "trailing", (3,), 2)
        made = drawn(model, captions, way, 3, 4.0, half=False)
        for seed, caption in enumerate(captions):
            technique = Text2Image(prompt=caption, steps=3, guidance=4.0, solver=solver)  # type: ignore[arg-type]
            spec = JobSpec(technique=technique, model="teacher", seed=seed)
            (result,) = [e for e in engine.run(spec) if isinstance(e, Result)]
            assert np.abs(made[seed].astype(int) - result.clip.array).max() <= 1


def test_what_was_aimed_at() -> None:
    def point(way: str, steps: int, right: float, distance: float) -> Point:
        return Point(way, steps, steps, 1.0, 1.0, 1.0, 1.0, right, distance, 0.98)

    points = [point("t", 64, 0.95, 100.0), point("f", 4, 0.94, 110.0), point("f", 1, 0.9, 180.0)]
    said = goals(points, "f", "t")
    assert "1.10x" in said[0] and "1.0 points" in said[0]
    assert "1.80x" in said[1] and "98.0 %" in said[2]
    assert len(table(points, said)) == 2 + 3 + 1 + 3


def test_the_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With random models: every row is there, and nobody keeps a promise."""
    make_tiny_sd(tmp_path / "teacher", tiny_vae=True)
    shutil.copytree(tmp_path / "teacher", tmp_path / "quick")
    card = (tmp_path / "quick" / "card.toml").read_text()
    card = card.replace('id = "teacher"', 'id = "quick"') + "\n[distilled]\nsteps = [1, 2]\n"
    (tmp_path / "quick" / "card.toml").write_text(card)
    argv: list[Any] = ["--models", tmp_path, "--fast", "quick", "--teacher", "teacher", "--most", 4]
    argv += ["--one", 3, "--two", 3, "--out", tmp_path / "out"]
    monkeypatch.setattr(fast, "REFERENCE", 4)
    assert fast.main([str(a) for a in argv]) == 0
    said = capsys.readouterr().out
    assert "| quick | 2 | 2 |" in said and "| teacher, DDIM | 4 | 8 |" in said
    assert (tmp_path / "out" / "fast.json").exists() and (tmp_path / "out" / "fast.png").exists()
