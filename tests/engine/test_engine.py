"""The engine's promises: a stream that always ends well, the same bits again, cancelling, resuming, sentences."""

from __future__ import annotations

import gc
import time
import weakref
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from studio.core.clip import Clip
from studio.core.job import (
    LAST,
    Done,
    Failed,
    Image2Image,
    JobSpec,
    Preview,
    Progress,
    Result,
    Source,
    Text2Image,
    read_spec,
)
from studio.engine import checkpoint as checkpoints
from studio.engine.engine import Engine

from .conftest import one, results


def spec(model: str = "tiny-taesd", seed: int = 3, count: int = 1, **technique: Any) -> JobSpec:
    return JobSpec(technique=Text2Image(prompt="a red fox", **technique), model=model, seed=seed, count=count)


def failed(engine: Engine, request: JobSpec) -> Failed:
    events = list(engine.run(request))
    assert [isinstance(e, LAST) for e in events] == [False] * (len(events) - 1) + [True]
    assert isinstance(events[-1], Failed)
    assert "\n" not in events[-1].message
    assert events[-1].message.endswith(".")
    return events[-1]


@pytest.mark.parametrize("model", ["tiny-sd", "tiny-xl", "tiny-taesd"])
def test_words_become_a_picture(shared_engine: Engine, model: str) -> None:
    events = list(shared_engine.run(spec(model)))
    (result,) = results(events)
    assert result.clip.array.shape == (64, 64, 3)
    assert result.clip.array.std() > 5
    assert result.device == "cpu"
    assert result.memory > 0
    assert {"loading", "drawing", "decoding"} <= set(result.seconds)
    drawn = [e for e in events if isinstance(e, Progress) and e.stage == "drawing"]
    assert [(e.step, e.total) for e in drawn] == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert drawn[-1].left == 0


def test_a_result_alone_makes_the_same_bits_again(shared_engine: Engine) -> None:
    three = results(list(shared_engine.run(spec(count=3, solver="euler_ancestral"))))
    assert [r.spec.seed for r in three] == [3, 4, 5]
    assert [r.index for r in three] == [0, 1, 2]
    assert len({r.clip.digest() for r in three}) == 3
    for result in three:
        again = one(shared_engine, read_spec(result.spec.to_json()))
        assert again.clip.digest() == result.clip.digest()
        assert again.spec == result.spec


def test_a_fresh_engine_makes_the_same_bits(engine: Engine, shared_engine: Engine) -> None:
    assert one(engine, spec()).clip.digest() == one(shared_engine, spec()).clip.digest()


def test_defaults_come_from_the_card(shared_engine: Engine) -> None:
    done = one(shared_engine, JobSpec(technique=Text2Image())).spec
    card = shared_engine.cards[done.model]
    t: Any = done.technique
    assert (t.steps, t.guidance, t.solver, t.spacing) == (4, 4.0, card.defaults.solver, card.defaults.spacing)
    assert (t.width, t.height, t.guidance_rescale) == (64, 64, 0.0)


@pytest.mark.parametrize("size", [(64, 32), (32, 96), (128, 64)])
def test_every_allowed_size(shared_engine: Engine, size: tuple[int, int]) -> None:
    clip = one(shared_engine, spec(width=size[0], height=size[1])).clip
    assert (clip.width, clip.height) == size


@pytest.mark.parametrize("model", ["tiny-sd", "tiny-xl", "tiny-taesd"])
@pytest.mark.parametrize(
    "solver", ["ddim", "euler", "euler_ancestral", "heun", "dpm++2m", "dpm++2m_sde", "lcm"]
)
def test_every_solver(shared_engine: Engine, model: str, solver: str) -> None:
    assert one(shared_engine, spec(model, solver=solver, steps=2)).clip.array.std() > 5


def test_the_first_event_is_immediate(shared_engine: Engine) -> None:
    one(shared_engine, spec())
    start = time.perf_counter()
    events = shared_engine.run(spec())
    next(events)
    assert time.perf_counter() - start < 0.02
    events.close()


# --- bad requests ---------------------------------------------------------------------------------------------------


def test_unknown_model_names_what_there_is_the_nearest_first(engine: Engine) -> None:
    end = failed(engine, spec("tiny-xll"))
    assert end.kind == "request"
    assert end.message.startswith("model: tiny-xll is not installed; choose tiny-xl,")
    assert "tiny-taesd" in end.message


def test_no_models_at_all(tmp_path: Path) -> None:
    assert "install one" in failed(Engine([tmp_path], device="cpu"), spec("")).message


def test_a_model_that_cannot_do_it(engine: Engine) -> None:
    engine.cards["tiny-sd"] = engine.cards["tiny-sd"].model_copy(update={"abilities": ()})
    end = failed(engine, spec("tiny-sd"))
    assert end.kind == "request"
    assert end.message == "model: tiny-sd cannot do text2image; choose tiny-taesd or tiny-xl."


@pytest.mark.parametrize("technique", [{"width": 65}, {"height": 8}, {"width": 16384}])
def test_sizes_that_the_model_cannot_draw(engine: Engine, technique: dict[str, int]) -> None:
    end = failed(engine, spec(**technique))
    assert end.kind == "request"
    assert end.message.startswith(next(iter(technique)))
    assert "nearest" in end.message


def test_more_steps_than_the_model_has_levels(shared_engine: Engine, tiny_sd: Path) -> None:
    request = spec("tiny-sd", steps=1000, spacing="leading", width=16, height=16)
    request = request.model_copy(update={"technique": request.technique.model_copy(update={"steps": 1001})})
    assert failed(shared_engine, request).message.startswith("steps:")


def test_prompts_that_are_far_too_long(shared_engine: Engine) -> None:
    end = failed(shared_engine, JobSpec(technique=Text2Image(prompt="zq " * 2000), model="tiny-sd"))
    assert end.kind == "request"
    assert end.message.startswith("prompt:")


def test_inputs_that_are_not_pictures(shared_engine: Engine, tmp_path: Path) -> None:
    text = tmp_path / "text.png"
    text.write_text("not a picture")
    cut = tmp_path / "cut.png"
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8)).save(cut)
    cut.write_bytes(cut.read_bytes()[:2000])
    for path in (tmp_path / "none.png", text, cut, tmp_path):
        end = failed(
            shared_engine, JobSpec(technique=Image2Image(image=Source(path=str(path))), model="tiny-sd")
        )
        assert end.kind == "request"
        assert end.message.startswith("image:")


def test_a_decompression_bomb_is_refused_before_it_is_decoded(shared_engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "bomb.png"
    Image.new("1", (30000, 30000)).save(path)
    start = time.perf_counter()
    end = failed(shared_engine, JobSpec(technique=Image2Image(image=Source(path=str(path)))))
    assert end.kind == "request"
    assert "more pixels than can be opened" in end.message
    assert time.perf_counter() - start < 3  # decoding alone would take longer


def test_a_file_that_has_changed_is_noticed(shared_engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    Image.new("RGB", (64, 64), "red").save(path)
    done = one(shared_engine, JobSpec(technique=Image2Image(image=Source(path=str(path))), model="tiny-sd"))
    technique: Any = done.spec.technique
    assert technique.image.sha256 == Clip.picture(np.array(Image.open(path))).digest()
    Image.new("RGB", (64, 64), "blue").save(path)
    end = failed(shared_engine, done.spec)
    assert end.kind == "request"
    assert "changed since" in end.message


def test_the_injected_reader_is_used(models: Path) -> None:
    seen: list[Source] = []

    def read(source: Source) -> Clip:
        seen.append(source)
        return Clip.picture(np.full((64, 64, 3), 200, np.uint8))

    engine = Engine([models], device="cpu", read=read)
    one(engine, JobSpec(technique=Image2Image(image=Source(path="anything")), model="tiny-sd"))
    assert [source.path for source in seen] == ["anything"]


# --- errors inside --------------------------------------------------------------------------------------------------


def broken_network(engine: Engine, model: str, error: Exception, after: int = 0) -> Any:
    """The network of `model` raises from call `after` on."""
    engine.prepare(model)
    network, calls = engine.warm[model].unet, 0

    def forward(*args: Any, **kwargs: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls > after:
            raise error
        return type(network).forward(network, *args, **kwargs)

    network.forward = forward
    return network


def test_an_exception_inside_the_network_fails_only_that_job(engine: Engine) -> None:
    network = broken_network(engine, "tiny-taesd", RuntimeError("mat1 and mat2 shapes\nlong story"), after=2)
    before = dict(network.attn_processors)
    end = failed(engine, spec())
    assert end.kind == "error"
    assert "drawing" in end.message
    assert "mat1 and mat2 shapes" in end.message
    assert "Traceback" in end.details
    del network.forward
    assert network.attn_processors == before
    assert one(engine, spec()).clip.array.std() > 5


def test_numbers_that_are_not_finite_fail(engine: Engine) -> None:
    engine.prepare("tiny-taesd")
    network = engine.warm["tiny-taesd"].unet
    network.conv_out.bias.data[0] = float("nan")
    end = failed(engine, spec())
    assert end.kind == "error"
    assert "undefined numbers" in end.message


# --- cancelling and previews ----------------------------------------------------------------------------------------


def test_closing_the_stream_stops_within_a_step_and_leaves_nothing(engine: Engine) -> None:
    engine.prepare("tiny-sd")
    network, calls = engine.warm["tiny-sd"].unet, 0
    before = dict(network.attn_processors)

    def forward(*args: Any, **kwargs: Any) -> Any:
        nonlocal calls
        calls += 1
        return type(network).forward(network, *args, **kwargs)

    network.forward = forward
    events = engine.run(spec("tiny-sd", steps=50))
    for event in events:
        if isinstance(event, Progress) and event.step == 2:
            break
    seen = calls
    events.close()
    assert calls - seen <= 1
    assert network.attn_processors == before
    assert torch.is_grad_enabled()
    assert list(events) == []


def test_a_cancelled_job_frees_its_tensors(engine: Engine) -> None:
    def of_a_run() -> list[object]:
        return [
            o for o in gc.get_objects() if type(o).__name__ in ("State", "DPM2M", "DDIM", "LeanAttention")
        ]

    engine.prepare("tiny-sd")
    before = {id(o) for o in of_a_run()}
    events = engine.run(spec("tiny-sd", steps=50))
    while not isinstance(next(events), Preview):
        pass
    alive = [weakref.ref(o) for o in of_a_run() if id(o) not in before]
    events.close()
    gc.collect()
    assert alive
    assert not [ref for ref in alive if ref() is not None]


# --- checkpoints ----------------------------------------------------------------------------------------------------


def interrupted(engine: Engine, request: JobSpec, path: Path, index: int, step: int) -> list[Result]:
    """Runs until `step` of result `index` and stops; the results so far."""
    seen: list[Result] = []
    events = engine.run(request, path)
    for event in events:
        if isinstance(event, Result):
            seen.append(event)
        if (
            isinstance(event, Progress)
            and event.stage == "drawing"
            and event.step == step
            and len(seen) == index
        ):
            break
    events.close()
    return seen


@pytest.mark.parametrize("solver", ["ddim", "euler_ancestral", "dpm++2m", "dpm++2m_sde"])
def test_an_interrupted_job_goes_on_bit_for_bit(
    engine: Engine, solver: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoints, "EVERY", 0.0)
    request, path = spec(solver=solver, steps=8, count=2), tmp_path / "job.state"
    whole = results(list(engine.run(request)))
    before = interrupted(engine, request, path, index=1, step=5)
    assert path.is_file()
    events = list(engine.run(request, path))
    assert next(e.step for e in events if isinstance(e, Progress) and e.stage == "drawing") == 6
    (after,) = results(events)
    assert after.index == 1
    assert [r.clip.digest() for r in (*before, after)] == [r.clip.digest() for r in whole]
    assert not path.exists()


def test_results_that_were_delivered_are_not_made_again(engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "job.state"
    events = engine.run(spec(count=3), path)
    while not isinstance(next(events), Result):
        pass
    next(events)  # the consumer has kept the result and asks for more
    events.close()
    assert [r.index for r in results(list(engine.run(spec(count=3), path)))] == [1, 2]


@pytest.mark.parametrize("content", [b"", b"garbage", b"\x08\0\0\0\0\0\0\0{}      "])
def test_a_damaged_checkpoint_means_beginning_again(
    shared_engine: Engine, tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "job.state"
    path.write_bytes(content)
    assert one(shared_engine, spec(), path).clip.digest() == one(shared_engine, spec()).clip.digest()
    assert not path.exists()


def test_a_checkpoint_of_another_request_is_ignored(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoints, "EVERY", 0.0)
    path = tmp_path / "job.state"
    interrupted(engine, spec(seed=1, steps=8), path, 0, 5)
    assert (
        one(engine, spec(seed=2, steps=8), path).clip.digest()
        == one(engine, spec(seed=2, steps=8)).clip.digest()
    )


def test_a_folder_that_cannot_be_written_costs_only_the_checkpoint(
    shared_engine: Engine, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    assert isinstance(list(shared_engine.run(spec(count=2), tmp_path / "file" / "job.state"))[-1], Done)


@pytest.mark.parametrize(("knows", "told"), [(("a", "red"), True), (("a", "red", "fox"), False), ((), False)])
def test_words_that_a_small_model_was_not_taught_are_named(
    engine: Engine, knows: tuple[str, ...], told: bool
) -> None:
    engine.cards["tiny-taesd"] = engine.cards["tiny-taesd"].model_copy(update={"knows": knows})
    (result,) = results(list(engine.run(spec())))
    assert any("was not taught “fox”" in note for note in result.notes) == told
