"""Distillation: its mathematics, its budget, and a whole run of a moment that the studio and the library can use."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from studio.bench.tiny import make_tiny_sd
from studio.core.job import JobSpec, Result, Text2Image
from studio.engine.engine import Engine
from studio.engine.schedule import variance_preserving

from .test_recipes import _one_thread, data, recipes  # noqa: F401 (fixtures)

SCHEDULE = variance_preserving(zero_terminal_snr=True, prediction="v_prediction")


@pytest.fixture
def distill(recipes: Any) -> Any:  # noqa: F811
    return recipes("distill")


def test_runs_of_half_as_many_steps_are_part_of_the_finer_ones(distill: Any) -> None:
    levels = distill.Levels(SCHEDULE)
    for steps in (1, 2, 4, 8, 16, 32):
        assert torch.equal(levels.grid(2 * steps)[::2], levels.grid(steps))
        assert levels.grid(steps)[0] == 999 and levels.grid(steps)[-1] == 1000


def test_the_target_is_the_v_that_arrives_where_two_steps_do(distill: Any) -> None:
    levels = distill.Levels(SCHEDULE)
    x, v, w = torch.randn(3, 5, 4, 2, 2)
    fine = levels.grid(4)
    t, middle, s = fine[[0, 2, 0, 2, 0]], fine[[1, 3, 1, 3, 1]], fine[[2, 4, 2, 4, 2]]
    arrived = levels.step(levels.step(x, v, t, middle), w, middle, s)
    goal = levels.v_between(x, t, arrived, s)
    torch.testing.assert_close(levels.step(x, goal, t, s), arrived, atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(levels.v_between(x, t, levels.step(x, v, t, s), s), v, atol=1e-4, rtol=1e-4)


def test_a_student_begins_as_its_teacher_whatever_it_is_told(distill: Any, tmp_path: Path) -> None:
    base = distill.Base(make_tiny_sd(tmp_path / "base", tiny_vae=True))
    student = distill.student_of(base.unet, distill.Levels(base.schedule))
    x, hidden, t = torch.randn(2, 16, 8, 8), torch.randn(2, 7, 32), torch.tensor([999, 300])
    with torch.no_grad(), distill.autocast():
        plain = base.unet(x, t, encoder_hidden_states=hidden).sample.float()
        told = student(x, t, distill.Condition(hidden), torch.tensor([1.0, 7.0]), torch.tensor([1.0, 8.0]))
    torch.testing.assert_close(
        told, plain, atol=0.02, rtol=0.02
    )  # in half precision where the processor has it


def test_the_budget_is_shared_out_whole(distill: Any) -> None:
    for first in (4, 16, 64):
        stages = distill.plan(first, 30)
        assert sum(minutes for _, _, minutes in stages) == pytest.approx(30)
        assert [n for _, n, _ in stages] == [first, *(first >> i for i in range(1, first.bit_length()))]


def test_a_perfect_consistency_student_has_no_loss(distill: Any, tmp_path: Path) -> None:
    """One whose answer is the same x0 from everywhere, under a teacher that says so too."""

    class Knows(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.none = torch.nn.Parameter(torch.zeros(1))

        def forward(self, x: Any, t: Any, *_: Any) -> Any:
            alpha, sigma = levels.at(t)
            return (alpha * x - truth + self.none) / sigma.clamp_min(1e-6)

    levels, truth = distill.Levels(SCHEDULE), torch.randn(1, 4, 2, 2)
    knows = Knows()
    teacher = type("Teacher", (), {"v": lambda self, x, t, said, scale: knows(x, t)})()
    said = distill.Condition(torch.zeros(8, 1, 1))
    draw = lambda n: (truth.expand(n, -1, -1, -1), said, torch.ones(n))
    states = distill.Noised(levels, distill.consistency_steps(levels), 8, draw)
    assert float(distill.consistency_loss(teacher, knows, levels, states)(0).detach()) < 1e-3


@pytest.mark.parametrize("method", ["progressive", "consistency"])
def test_a_whole_run(
    distill: Any,
    data: Path,  # noqa: F811
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    method: str,
) -> None:
    base = make_tiny_sd(tmp_path / "base", tiny_vae=True)
    out = tmp_path / "out"
    options = [
        "--base",
        str(base),
        "--scenes",
        "16",
        "--held",
        "12",
        "--nouns",
        "4",
        "--batch",
        "8",
        "--threads",
        "1",
    ]
    options += ["--first", "4", "--teacher-steps", "2", "--method", method, "--data", str(data)]
    monkeypatch.setattr(sys, "argv", ["distill", "--out", str(out), "--minutes", "0.03", *options])
    distill.main()
    report = json.loads((out / "report.json").read_text())
    stages = ["guided", "02", "01"] if method == "progressive" else ["consistency"]
    assert list(report["stages"]) == stages and report["samples"] >= 8 * len(stages)
    assert set(report["scores"][stages[-1]]) == (
        {"1", "2"} if method == "progressive" else {"1", "2", "4", "8"}
    )
    before = {path: path.stat().st_mtime_ns for path in out.glob("*/checkpoint.pt")}
    distill.main()  # everything is done: nothing is trained again
    assert before == {path: path.stat().st_mtime_ns for path in out.glob("*/checkpoint.pt")}

    card = (base / "card.toml").read_text().replace('id = "base"', 'id = "fast"').replace("dpm++2m", "ddim")
    (out / "model" / "card.toml").write_text(card + "\n[distilled]\nsteps = [1, 2, 4]\ntold_steps = true\n")
    spec = JobSpec(technique=Text2Image(prompt="a cat", steps=2), model="fast")
    events = list(Engine([out / "model"], device="cpu").run(spec))
    (result,) = [event for event in events if isinstance(event, Result)] or [events[-1]]
    assert isinstance(result, Result), result

    from diffusers import StableDiffusionPipeline

    noise = out / "model" / "scheduler" / "scheduler_config.json"
    noise.write_text(
        noise.read_text().replace('"steps_offset": 0', '"steps_offset": 1')
    )  # else the library warns
    pipe = StableDiffusionPipeline.from_pretrained(out / "model", low_cpu_mem_usage=False)
    pipe.set_progress_bar_config(disable=True)
    made = pipe(
        "a cat", num_inference_steps=2, width=64, height=64, guidance_scale=4.0, output_type="np"
    ).images[0]
    assert made.shape == (64, 64, 3) and np.isfinite(made).all()


@pytest.mark.parametrize("method", ["from", "consistency"])
def test_a_student_of_kept_trajectories(
    distill: Any,
    data: Path,  # noqa: F811
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    method: str,
) -> None:
    base = make_tiny_sd(tmp_path / "base", tiny_vae=True)
    first = distill.student_of(distill.network_of(base), distill.Levels(SCHEDULE))
    first.unet.save_pretrained(tmp_path / "first" / "unet")
    more = ["--from", str(tmp_path / "first")] if method == "from" else ["--method", method]
    options = ["--base", str(base), "--held", "12", "--nouns", "4", "--batch", "8", "--threads", "1", *more]
    options += [
        "--states",
        "walked",
        "--walked",
        "6",
        "--teacher-steps",
        "2",
        "--data",
        str(tmp_path / "data"),
    ]
    options += ["--count", "work"]  # a busy machine trains as far
    out = tmp_path / "out"
    monkeypatch.setattr(sys, "argv", ["distill", "--out", str(out), "--minutes", "0.03", *options])
    distill.main()
    report = json.loads((out / "report.json").read_text())
    stage = "together" if method == "from" else "consistency"
    assert list(report["stages"]) == [stage] and report["samples"] >= 8
    assert set(report["scores"][stage]) == {"1", "2", "4", "8"}
    (kept,) = (tmp_path / "data").glob("walked-*.pt")
    before = kept.stat().st_mtime_ns
    distill.main()
    assert kept.stat().st_mtime_ns == before, "what was walked is read"
