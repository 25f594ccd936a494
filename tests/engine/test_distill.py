"""Making a fast version: rollouts, a whole course of a moment on every kind of network, and going on after a stop."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from studio.core import paths
from studio.core.job import BadRequest, Distill, Failed, JobSpec, Preview, Progress, Text2Image
from studio.engine import distill, memory, practice
from studio.engine.condition import Condition
from studio.engine.denoiser import x0_from_eps
from studio.engine.engine import Engine
from studio.engine.load import find_models
from studio.engine.schedule import variance_preserving
from studio.engine.techniques import distill as technique

from .conftest import one, results

LEVELS = distill.Levels(variance_preserving(zero_terminal_snr=True, prediction="v_prediction"))


@pytest.fixture(autouse=True)
def _small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STUDIO_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(technique, "SHOWN", 2)


def asked(model: str, **values: Any) -> JobSpec:
    given = {"minutes": 0.002, "batch": 4, "first": 8, "words": "a fox\na red cat\nthe sun", **values}
    return JobSpec(technique=Distill(**given), model=model)


# --- the mathematics ----------------------------------------------------------------------------------------------


def begin(count: int) -> tuple[Condition, torch.Tensor]:
    return Condition(torch.randn(count, 2, 3)), torch.full((count,), 2.0)


def test_a_rollout_walks_the_run_and_begins_anew() -> None:
    walk = distill.Rollout(LEVELS, 4, 8, begin, (1, 2, 2))
    seen: list[set[int]] = []
    for _ in range(12):
        x, index, said, scale = walk.take()
        assert x.shape == (8, 1, 2, 2) and said.batch == len(scale) == 8
        seen.append(set(index.tolist()))
        before = said.hidden
        walk.went(torch.full_like(x, 7.0))
        after = walk.take()
        fresh = after[1] == 0
        assert bool((after[0][~fresh] == 7).all()), "who is on the way stays there"
        assert not bool((after[0][fresh] == 7).any()), "who arrived begins from noise"
        assert torch.equal(after[2].hidden[~fresh], before[~fresh])
        assert not bool((after[2].hidden[fresh] == before[fresh]).any()), "with other words"
    assert seen[0] == {0} and all(steps == {0, 1, 2, 3} for steps in seen[4:]), "spread over the run"


def test_a_network_that_predicts_noise_says_the_same_v() -> None:
    levels = distill.Levels(variance_preserving(prediction="epsilon"))
    x, eps = torch.randn(2, 3, 1, 2, 2)
    t = torch.tensor([999, 500, 10])
    v = levels.v_of(eps, "epsilon", x, t)
    for i, at in enumerate(t.tolist()):
        level = levels.schedule.level_at(at)
        torch.testing.assert_close(
            levels.x0(x, v, t)[i], x0_from_eps(eps[i], x[i], level), atol=1e-3, rtol=1e-3
        )
    with pytest.raises(ValueError, match="cannot be distilled"):
        levels.v_of(eps, "sample", x, t)


def test_a_batch_is_shared_out_whole() -> None:
    for first in (8, 16, 32):
        for steps in (1, 2, 4, 8):
            for batch in (1, 4, 32):
                parts = distill.parts_of(steps, first, batch)
                assert sum(parts.values()) == batch and all(parts.values()) and steps in parts
                assert all(n <= max(8, steps) for n in parts)


def test_all_together_has_no_loss_where_everyone_agrees() -> None:
    """One who sees the same picture from everywhere, taught by one who does too."""

    class Knows(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.none = torch.nn.Parameter(torch.zeros(1))

        def forward(self, x: Any, t: Any, *_: Any) -> Any:
            alpha, sigma = LEVELS.at(t)
            return (alpha * x - truth + self.none) / sigma.clamp_min(1e-6)

    truth = torch.randn(1, 1, 2, 2)
    knows = Knows()
    teacher: Any = type("Teacher", (), {"v": lambda self, x, t, said, scale: knows(x, t)})()
    walks = {n: distill.Rollout(LEVELS, n, 3, begin, (1, 2, 2)) for n in (4, 2, 1)}
    loss = distill.together_loss(teacher, knows, LEVELS, walks)  # type: ignore[arg-type]
    assert all(float(loss(i).detach()) < 1e-6 for i in range(6))
    knows.none.data.fill_(0.3)
    assert float(loss(6).detach()) > 1e-4, "and one where they do not"


def test_words_to_practise_on(tmp_path: Path, shared_engine: Engine) -> None:
    card = shared_engine.cards["tiny-sd"].model_copy(update={"folder": tmp_path})
    assert practice.captions(card, " a \n\nb\na\n") == ["a", "b"]
    assert len(practice.captions(card)) == practice.COUNT == len(set(practice.captions(card)))
    (tmp_path / practice.FILE).write_text("its own\n")
    assert practice.captions(card) == ["its own"]


# --- the job ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "method"),
    [("tiny-taesd", "progressive"), ("tiny-xl", "progressive"), ("tiny-sd", "consistency")],
)
def test_a_fast_version_is_a_model_of_its_own(
    shared_engine: Engine, models: Path, model: str, method: str
) -> None:
    shared_engine.prepare(model)
    unet = shared_engine.warm[model].unet
    before = {name: value.clone() for name, value in unet.state_dict().items()}
    kinds = {type(p) for p in unet.attn_processors.values()}
    fewest = 4 if model == "tiny-xl" else 1
    events = list(shared_engine.run(asked(model, method=method, called="Quick: one", fewest=fewest)))
    (result,) = results(events)
    assert result.clip.kind == "picture" and "model of its own" in result.notes[0]
    assert any(isinstance(event, Preview) for event in events)
    assert all(torch.equal(value, before[name]) for name, value in unet.state_dict().items())
    assert {type(p) for p in unet.attn_processors.values()} == kinds

    home = paths.home()
    cards, broken = find_models(home / "models")
    card = cards["quick-one"]
    assert not broken and card.title == "Quick: one" and card.distilled and card.distilled.teacher == model
    expected = (1, 2, 4, 8) if method == "consistency" else tuple(n for n in (1, 2, 4) if n >= fewest)
    assert card.distilled.steps == expected
    assert set(card.scores) == {f"steps_{n}" for n in expected} and card.training["samples"] >= 4
    assert not list((home / "distilling").iterdir()), "nothing is left of the training"
    assert "distill" not in card.abilities
    drawn = one(
        Engine([home / "models"], device="cpu"), JobSpec(technique=Text2Image(prompt="a fox", steps=4))
    )
    assert drawn.clip.array.shape == (64, 64, 3)

    if method == "consistency":  # the name is taken now
        again = one(shared_engine, asked(model, method=method, called="Quick: one", fewest=4))
        assert "quick-one-2" in again.notes[0]


def test_what_was_stopped_goes_on_where_it_was(shared_engine: Engine) -> None:
    spec = asked("tiny-taesd", minutes=0.02)
    events = shared_engine.run(spec)
    for event in events:
        if isinstance(event, Progress) and event.stage == technique.STAGE:
            break
    events.close()
    (kept,) = (paths.home() / "distilling").glob("*/state.pt")
    state = torch.load(kept, weights_only=True)
    begun = state["trainer"]["steps"]
    assert begun >= 1 and state["stage"] == 0

    loaded: list[int] = []
    load = distill.Trainer.load

    def watched(self: distill.Trainer, state: Any) -> None:
        load(self, state)
        loaded.append(self.steps)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(distill.Trainer, "load", watched)
        result = one(shared_engine, spec)
    assert loaded == [begun]
    assert result.notes and not list((paths.home() / "distilling").iterdir())


def test_who_cannot_teach_says_so(shared_engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "free", lambda device: 1000)
    (*_, last) = shared_engine.run(asked("tiny-sd"))
    assert isinstance(last, Failed) and last.kind == "request" and "memory" in last.message
    assert not (paths.home() / "models").exists()


def test_a_folder_that_cannot_be_written_keeps_what_was_learnt(shared_engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (*_, last) = shared_engine.run(asked("tiny-taesd", folder=str(tmp_path / "file")))
    assert isinstance(last, Failed) and last.message.startswith("folder:")
    assert list((paths.home() / "distilling").glob("*/state.pt"))


def test_a_distilled_model_is_not_offered(tmp_path: Path) -> None:
    from studio.bench.tiny import make_tiny_sd

    folder = make_tiny_sd(tmp_path / "m" / "fast", tiny_vae=True)
    with (folder / "card.toml").open("a") as file:
        file.write("\n[distilled]\nsteps = [1]\n")
    engine = Engine([tmp_path / "m"], device="cpu")
    assert "distill" not in engine.cards["fast"].abilities
    with pytest.raises(BadRequest, match="cannot do distill"):
        engine.resolve(asked("fast"))
