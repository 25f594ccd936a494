"""Models stay warm within the budget; when memory runs out the engine is thriftier before it gives up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from studio.core.job import Failed, JobSpec, Text2Image
from studio.engine import memory
from studio.engine.codecs.picture import PictureCodec, starts
from studio.engine.engine import Engine

from .conftest import one, results

OUT = [
    torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB"),
    RuntimeError("MPS backend out of memory"),
    RuntimeError("[enforce fail at alloc_cpu.cpp:127] . DefaultCPUAllocator: can't allocate memory"),
    MemoryError(),
]


def spec(model: str = "tiny-sd", **technique: Any) -> JobSpec:
    return JobSpec(technique=Text2Image(prompt="a fox", **technique), model=model, seed=1)


def fails_when(owner: Any, name: str, short: Any, error: BaseException) -> list[tuple[int, ...]]:
    """`owner.name` raises whenever `short(shape of its input)`; the shapes it was called with."""
    method, shapes = getattr(owner, name), []

    def call(x: torch.Tensor, *args: Any, **kwargs: Any) -> Any:
        shapes.append(tuple(x.shape))
        if short(x.shape):
            raise error
        return method(x, *args, **kwargs)

    setattr(owner, name, call)
    return shapes


@pytest.mark.parametrize("error", OUT)
def test_short_of_memory_while_drawing_the_halves_of_guidance_run_one_by_one(
    engine: Engine, shared_engine: Engine, error: BaseException
) -> None:
    engine.prepare("tiny-sd")
    calls = 0

    def short(shape: torch.Size) -> bool:
        nonlocal calls
        calls += 1
        return shape[0] > 1 and calls > 2  # runs out in the third step

    shapes = fails_when(engine.warm["tiny-sd"].unet, "forward", short, error)
    result = one(engine, spec())
    assert [shape[0] for shape in shapes] == [
        2,
        2,
        2,
        1,
        1,
        1,
        1,
    ]  # kept the latents: steps 1 and 2 were not repeated
    assert "one after the other" in " ".join(result.notes)
    whole = one(shared_engine, spec())
    assert np.abs(result.clip.array.astype(int) - whole.clip.array).max() <= 1
    assert whole.notes == ()


@pytest.mark.parametrize("model", ["tiny-sd", "tiny-taesd"])
def test_short_of_memory_while_decoding_tiles_are_used(engine: Engine, model: str) -> None:
    engine.prepare(model)
    shapes = fails_when(
        engine.warm[model].codec.vae, "decode", lambda s: s[-1] * s[-2] > 16 * 16, MemoryError()
    )
    result = one(engine, spec(model, width=256, height=160, steps=1))
    assert (result.clip.width, result.clip.height) == (256, 160)
    assert "tiles" in " ".join(result.notes)
    assert shapes[-1][-2:] == (16, 16)


def test_when_nothing_helps_the_job_fails_in_plain_words(engine: Engine) -> None:
    engine.prepare("tiny-sd")
    network = engine.warm["tiny-sd"].unet
    fails_when(network, "forward", lambda s: True, MemoryError())
    end = list(engine.run(spec()))[-1]
    assert isinstance(end, Failed)
    assert end.kind == "memory"
    assert "smaller size" in end.message
    del network.forward
    assert one(engine, spec()).notes == ()  # the next job starts without thrift


def test_other_models_go_first(models: Path) -> None:
    engine = Engine([models], device="cpu")
    one(engine, spec("tiny-taesd"))
    engine.prepare("tiny-sd")
    network = engine.warm["tiny-sd"].unet
    fails_when(network, "forward", lambda s: "tiny-taesd" in engine.warm, MemoryError())
    assert one(engine, spec()).notes == ()
    assert list(engine.warm) == ["tiny-sd"]


def test_models_are_forgotten_by_least_recent_use(models: Path) -> None:
    engine = Engine([models], device="cpu")
    sizes = {}
    for name in engine.cards:
        engine.prepare(name)
        sizes[name] = engine.warm[name].bytes
    engine.close()
    assert not engine.warm
    engine = Engine([models], device="cpu", memory_budget=sizes["tiny-sd"] + sizes["tiny-xl"])
    for name in ("tiny-sd", "tiny-xl", "tiny-sd"):
        engine.prepare(name)
    assert set(engine.warm) == {"tiny-sd", "tiny-xl"}
    engine.prepare("tiny-taesd")
    assert "tiny-xl" not in engine.warm
    assert engine.warm.used <= engine.warm.budget


def test_a_model_larger_than_the_budget_still_loads_alone(models: Path) -> None:
    engine = Engine([models], device="cpu", memory_budget=1)
    results(list(engine.run(spec("tiny-sd"))))
    results(list(engine.run(spec("tiny-taesd"))))
    assert list(engine.warm) == ["tiny-taesd"]


def test_text_is_encoded_once_per_prompt(engine: Engine) -> None:
    engine.prepare("tiny-sd")
    encoder = engine.warm["tiny-sd"].encoders[0]
    shapes = fails_when(encoder, "forward", lambda s: False, MemoryError())
    one(engine, spec())
    seen = len(shapes)
    assert seen == 2  # the prompt and the empty one
    one(engine, spec(steps=2))
    assert len(shapes) == seen


@dataclass
class Thing:
    bytes: int
    closed: bool = False

    def close(self) -> None:
        self.closed = True


def test_warm_keeps_within_its_budget() -> None:
    warm: memory.Warm[Thing] = memory.Warm(10)
    a = warm.fetch("a", 4, lambda: Thing(4))
    warm.fetch("b", 4, lambda: Thing(4))
    assert warm.fetch("a", 4, lambda: Thing(0)) is a
    warm.fetch("c", 4, lambda: Thing(4))
    assert list(warm) == ["a", "c"]
    warm.shrink(0, keep="c")
    assert a.closed
    assert list(warm) == ["c"]


def test_the_budget_is_a_share_of_what_is_free() -> None:
    assert 0 < memory.default_budget(torch.device("cpu")) < memory.total(torch.device("cpu"))
    assert memory.peak_memory(torch.device("cpu")) > 10 << 20


# --- tiles ----------------------------------------------------------------------------------------------------------


class Blur:
    """Stands for an autoencoder: a local map with a factor of 8."""

    def __init__(self) -> None:
        self.config = {"block_out_channels": (1, 1, 1, 1), "latent_channels": 3}

    def parameters(self) -> Iterator[torch.Tensor]:
        yield torch.zeros(1)

    def decode(self, z: torch.Tensor, return_dict: bool = True) -> tuple[torch.Tensor]:
        return (torch.nn.functional.interpolate(z, scale_factor=8, mode="nearest"),)

    def encode(self, x: torch.Tensor) -> Any:
        class Out:
            latents = torch.nn.functional.avg_pool2d(x, 8)

        return Out


def test_tiles_of_a_local_map_are_exact() -> None:
    codec = PictureCodec(Blur())
    z = torch.rand(1, 3, 20, 37, generator=torch.Generator().manual_seed(0)) * 2 - 1
    whole = codec.decode(z)
    assert whole.shape == (160, 296, 3)
    for tile in (16, 32, 64):
        assert np.abs(codec.decode(z, tile).astype(int) - whole).max() <= 1
        assert torch.allclose(codec.encode(whole, tile), codec.encode(whole), atol=1e-5)


def test_tiles_cover_everything() -> None:
    for length in (1, 16, 17, 63, 64, 65, 100, 257):
        for side, overlap in ((16, 4), (64, 16)):
            covered = {p for s in starts(length, side, overlap) for p in range(s, min(s + side, length))}
            assert covered == set(range(length))
