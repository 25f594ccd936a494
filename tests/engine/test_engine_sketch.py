"""Pictures that follow the hand, in the engine."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from studio.core.card import Defaults, Distilled
from studio.core.clip import Clip
from studio.core.job import Done, Preview, Result, read_spec
from studio.core.sketch import HERE, Draft, Sketch, sketched
from studio.engine.engine import Engine
from studio.engine.job import Job
from studio.engine.preview import quick_codec
from studio.engine.threads import AGAIN, Threads


@pytest.fixture
def engine(tiny_sd):
    return Engine([tiny_sd.parent], device="cpu")


def asked(engine, name, **more):
    return read_spec(
        {
            "technique": {"name": "text2image", "prompt": "a fox", "width": 64, "height": 64, **more},
            "model": name,
            "seed": 3,
        }
    )


def result(events):
    events = list(events)
    assert isinstance(events[-1], Done), events[-1]
    return next(event for event in events if isinstance(event, Result)), events


def test_a_sketch_is_what_the_same_request_would_draw(engine, tiny_sd):
    spec = asked(engine, tiny_sd.name, steps=3)
    sketch, events = result(engine.sketch(Sketch(spec)))
    finished, _ = result(engine.run(spec))
    difference = np.abs(sketch.clip.array.astype(int) - finished.clip.array)
    assert difference.mean() < 2, "but for a decoder in half precision"
    assert any(isinstance(event, Preview) and event.step == 1 for event in events), (
        "the first step is seen at once"
    )
    assert sum(isinstance(event, Preview) for event in events) == 1


def test_pictures_come_with_the_request(engine, tiny_sd):
    clip = Clip.picture(np.full((64, 64, 3), 90, np.uint8))
    spec = read_spec(
        {
            "technique": {
                "name": "image2image",
                "prompt": "a fox",
                "image": {"path": HERE, "sha256": clip.digest()},
                "strength": 0.5,
            },
            "model": tiny_sd.name,
        }
    )
    made = sketched(spec, engine.cards, {clip.digest(): clip})
    first, _ = result(engine.sketch(made))
    assert first.clip.width == 64
    model = engine._model(engine.cards[tiny_sd.name])
    kept = len(model.embeddings)
    result(engine.sketch(made))
    assert len(model.embeddings) == kept, "text and picture are not encoded again"


def test_smaller_and_without_the_decoder(engine, tiny_sd):
    spec = asked(engine, tiny_sd.name)
    small = spec.model_copy(
        update={"technique": spec.technique.model_copy(update={"width": 32, "height": 32})}
    )
    sketch, _ = result(engine.sketch(Sketch(small, Draft(shrink=2, decode=False))))
    assert (sketch.clip.width, sketch.clip.height) == (32, 32)


def test_small_noise_is_the_large_one_from_further_away(engine, tiny_sd):
    spec = engine.resolve(asked(engine, tiny_sd.name))
    model = engine._model(engine.cards[tiny_sd.name])

    def noise(side, shrink):
        return Job(spec, model, {}, None, draft=Draft(shrink)).noise(side, side)  # type: ignore[arg-type]

    small, large = noise(512, 2), noise(1024, 1)
    assert small.shape[-1] * 2 == large.shape[-1]
    assert abs(float(small.std()) - 1) < 0.03
    again = torch.nn.functional.interpolate(small, scale_factor=2, mode="nearest")
    correlation = float((again * large).mean() / (again.std() * large.std()))
    assert correlation == pytest.approx(0.5, abs=0.03), "as much as a quarter of the variance can"


def test_a_decoder_in_half_precision_only_where_it_looks_the_same(engine, tiny_sd, monkeypatch):
    codec = engine._model(engine.cards[tiny_sd.name]).codec
    with torch.no_grad():
        times = iter([0.001, 0.01])
        monkeypatch.setattr("studio.engine.preview._seconds", lambda codec, z: next(times))
        assert quick_codec(codec) is not codec
        monkeypatch.setattr("studio.engine.preview._seconds", lambda codec, z: 1.0)
        assert quick_codec(codec) is codec, "it is not faster here"
        times = iter([0.001, 0.01])
        monkeypatch.setattr("studio.engine.preview._seconds", lambda codec, z: next(times))
        monkeypatch.setattr("studio.engine.preview.WORST", -1.0)
        assert quick_codec(codec) is codec, "it does not look the same"
    assert codec.vae.dtype == torch.float32


def test_threads_are_chosen_by_what_was_quicker():
    threads = Threads(4)
    assert threads.choose("a") == (4, 4)
    threads.learn("a", 4, 0.5)
    assert threads.choose("a") == (4, 1), "what is tried is tried after the first picture"
    threads.learn("a", 1, 0.1)
    assert [threads.choose("a") for _ in range(AGAIN - 1)] == [(1, 1)] * (AGAIN - 1)
    assert threads.choose("a") == (1, 4), "now and then the other one is tried again"
    for _ in range(4):
        threads.learn("a", 4, 0.01)
    assert threads.choose("a") == (4, 4)
    before = torch.get_num_threads()
    with threads.using(1):
        assert torch.get_num_threads() == 1
    assert torch.get_num_threads() == before


def test_one_thread_only_where_there_is_one():
    threads = Threads(1)
    assert threads.choose("a") == (1, 1)
    threads.learn("a", 1, 1.0)
    assert threads.choose("a") == (1, 1)


def test_nobody_waits_for_the_first_picture_because_threads_are_tried(engine, tiny_sd, monkeypatch):
    monkeypatch.setattr(engine, "threads", Threads(2))
    before = torch.get_num_threads()
    learnt: list[int] = []
    monkeypatch.setattr(engine.threads, "learn", lambda kind, count, seconds: learnt.append(count))
    monkeypatch.setattr(engine.threads, "choose", lambda kind: (2, 1))
    engine.prepare(tiny_sd.name)
    counts = [
        (type(event).__name__, torch.get_num_threads())
        for event in engine.sketch(Sketch(asked(engine, tiny_sd.name, steps=3)))
    ]
    at = counts.index(("Preview", 2))
    assert all(count == 2 for _, count in counts[:at]) and all(count == 1 for _, count in counts[at + 1 :])
    assert learnt == [1] and torch.get_num_threads() == before


def test_cards_say_who_taught(engine, tiny_sd):
    card = engine.cards[tiny_sd.name]
    student = card.model_copy(
        update={
            "id": "student",
            "distilled": Distilled(teacher=card.id),
            "defaults": Defaults(steps=2, guidance=1),
        }
    )
    spec = sketched(asked(engine, card.id), {**engine.cards, "student": student}).spec
    assert spec.model == "student" and spec.technique.steps == 2
