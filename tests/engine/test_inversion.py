"""Inversion: what comes back, exactly and nearly; the cache; and a network that is left as it was."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from studio.core.job import BadRequest, Invert, JobSpec, Source, read_spec
from studio.engine import inversion
from studio.engine.condition import Condition
from studio.engine.engine import Engine
from studio.engine.inversion import FixedPoint, Trajectory, descended, mean_of
from studio.engine.schedule import Level, Schedule
from studio.engine.steps import DDIM

from .conftest import one


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inversion, "folder", lambda: tmp_path / "inversions")


def request(picture: Source, model: str = "tiny-taesd", **values: Any) -> JobSpec:
    technique = Invert(image=picture, **{"prompt": "a red fox", "steps": 4, "guidance": 4.0, **values})
    return JobSpec(technique=technique, model=model)


def levels(steps: int = 6) -> list[Level]:
    config = {"beta_schedule": "scaled_linear", "beta_start": 0.00085, "beta_end": 0.012}
    return Schedule.from_config(config).levels(steps, "trailing", 1.0, "ddim")


def denoise(x: torch.Tensor, level: Level) -> torch.Tensor:
    """Gaussian data of deviation 1/2 around 1: the best x0 in closed form."""
    gain = level.alpha / 4 / (level.alpha**2 / 4 + level.sigma**2)
    return 1 + gain * (x - level.alpha)


def test_a_step_up_by_fixed_point_is_undone_by_ddim() -> None:
    x = torch.randn(1, 2, 4, 4, generator=torch.Generator().manual_seed(0))
    for s, t in zip(levels()[1:-1], levels()[:-2], strict=True):
        up, _ = FixedPoint(40)(denoise, x, s, t)
        back, _ = DDIM()(denoise, up, t, s)
        plain, _ = DDIM()(denoise, x, s, t)
        assert torch.allclose(back, x, atol=1e-5)
        assert not torch.allclose(DDIM()(denoise, plain, t, s)[0], x, atol=1e-3)


def test_the_mean_is_that_of_ancestral_ddim() -> None:
    x = torch.randn(1, 2, 4, 4, generator=torch.Generator().manual_seed(0))
    t, s = levels()[2], levels()[3]
    means = [DDIM(torch.Generator().manual_seed(i), eta=1.0)(denoise, x, t, s)[0] for i in range(600)]
    assert torch.allclose(torch.cat(means).mean(0), mean_of(denoise(x, t), x, t, s)[0], atol=0.12)


@pytest.mark.parametrize("model", ["tiny-taesd", "tiny-sd", "tiny-xl"])
def test_the_exact_way_returns_to_the_autoencoders_own_picture(
    shared_engine: Engine, picture: Source, model: str
) -> None:
    result = one(shared_engine, request(picture, model, method="exact"))
    assert "the inversion lost 0.00 dB" in result.notes[0]


@pytest.mark.parametrize("method", ["fast", "faithful", "exact"])
def test_the_network_is_left_as_it_was(shared_engine: Engine, picture: Source, method: str) -> None:
    one(shared_engine, request(picture, method="fast"))
    unet = shared_engine.warm.fetch("tiny-taesd", 0, lambda: pytest.fail("not warm")).unet
    weights = {name: value.clone() for name, value in unet.state_dict().items()}
    processors = dict(unet.attn_processors)
    one(shared_engine, request(picture, method=method, inner=2))
    assert unet.attn_processors == processors
    assert all(torch.equal(value, weights[name]) for name, value in unet.state_dict().items())
    assert not any(p.requires_grad or p.grad is not None for p in unet.parameters())


def test_descending_on_the_empty_words_takes_back_what_guidance_does() -> None:
    def toy(x: torch.Tensor, level: Level, condition: Condition, /) -> torch.Tensor:
        return denoise(x, level) + condition.hidden.mean(1)[..., None, None]

    t, s = levels()[2], levels()[3]
    x = torch.randn(1, 2, 4, 4, generator=torch.Generator().manual_seed(0))
    words, empty = Condition(torch.full((1, 3, 2), 0.2)), Condition(torch.zeros(1, 3, 2))
    goal, _ = DDIM()(lambda x, level: toy(x, level, words), x, t, s)

    def missed(inner: int) -> tuple[float, int]:
        _, landed, calls = descended(toy, x, t, s, words, empty, empty.hidden, goal, 4.0, inner, 0.0)
        return float((landed - goal).abs().mean()), calls

    assert missed(60)[0] < missed(0)[0] / 5
    assert missed(500)[1] < 300, "it ends when it is close enough"


def test_a_picture_is_inverted_once(
    engine: Engine, models: Path, picture: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[int] = []
    real = inversion.ddim

    def counted(*args: Any, **values: Any) -> Any:
        calls.append(1)
        return real(*args, **values)

    monkeypatch.setattr(inversion, "ddim", counted)
    first = one(engine, request(picture))
    again = one(engine, request(picture))
    assert len(calls) == 1
    from_disk = one(Engine([models], device="cpu"), request(picture))
    assert len(calls) == 1
    assert np.array_equal(first.clip.array, again.clip.array)
    assert np.array_equal(first.clip.array, from_disk.clip.array)
    one(engine, request(picture, prompt="a blue cat"))
    assert len(calls) == 2


def test_a_damaged_file_in_the_cache_is_ignored(engine: Engine, models: Path, picture: Source) -> None:
    first = one(engine, request(picture))
    (file,) = inversion.folder().glob("*.safetensors")
    file.write_bytes(b"nonsense")
    assert np.array_equal(one(Engine([models], device="cpu"), request(picture)).clip.array, first.clip.array)


def test_the_cache_on_disk_stays_small(
    shared_engine: Engine, picture: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inversion, "KEPT_BYTES", 60_000)
    for words in ("a fox", "a cat", "a house", "a hill", "the sun"):
        one(shared_engine, request(picture, prompt=words))
    sizes = [file.stat().st_size for file in inversion.folder().glob("*.safetensors")]
    assert 0 < sum(sizes) <= 60_000


def test_every_level_has_its_own_empty_words() -> None:
    steps = levels(2)
    plain = Condition(torch.zeros(1, 3, 4))
    found = [torch.ones(1, 3, 4), 2 * torch.ones(1, 3, 4)]
    along = Trajectory("faithful", steps, [torch.zeros(1)] * 3, negatives=found).negative_at(plain)
    assert [float(along[level].hidden.mean()) for level in steps[:-1]] == [1.0, 2.0]
    assert all(
        c is plain for c in Trajectory("fast", steps, [torch.zeros(1)] * 3).negative_at(plain).values()
    )


def test_a_wrong_method_is_a_sentence() -> None:
    with pytest.raises(BadRequest, match="method: must be 'fast', 'faithful' or 'exact'"):
        read_spec({"technique": {"name": "invert", "image": "a.png", "method": "best"}})
