"""The second stage: sizes, the same bits again, what an edit leaves alone, and doing without it."""

from __future__ import annotations

import doctest
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from studio.bench.tiny import make_tiny_sd
from studio.core.card import Second, Sizes
from studio.core.clip import Clip
from studio.core.job import Failed, Inpaint, JobSpec, Progress, Source, Text2Image
from studio.core.sketch import Draft, Sketch
from studio.engine import second
from studio.engine.engine import Engine

from .conftest import one, results
from .test_upscale import make_model

SMALL, LARGE = "tiny-sd", "tiny-upscale"


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    folder = tmp_path_factory.mktemp("models")
    make_tiny_sd(folder / SMALL)
    make_model(folder / LARGE)
    made = Engine([folder], device="cpu")
    card = made.cards[SMALL]
    sizes = card.sizes.model_copy(update={"native": (32, 32), "min": 16, "max": 512, "area": 32 * 32})
    changes = {"sizes": sizes, "second": Second(model=LARGE, canvas=(128, 128))}
    made.cards[SMALL] = card.model_copy(update=changes)
    return made


def asked(**more: object) -> JobSpec:
    technique = Text2Image(prompt="a cat", steps=2, width=128, height=64)
    return JobSpec(technique=technique, model=SMALL, seed=3, **more)  # type: ignore[arg-type]


def test_the_examples_of_sizes() -> None:
    assert doctest.testmod(second).failed == 0


def test_sizes_without_a_limit_are_drawn_as_they_are() -> None:
    assert second.drawn_size(Sizes(native=(64, 64)), 1024, 768) == (1024, 768)


def test_what_no_factor_reaches_is_drawn_as_large_as_it_may_be() -> None:
    sizes = Sizes(native=(64, 64), min=64, max=2048, multiple=32, area=9216)
    assert second.drawn_size(sizes, 1024, 1024) == (96, 96)


def test_a_large_picture_is_drawn_small_and_enlarged(engine: Engine) -> None:
    events = list(engine.run(asked()))
    (result,) = results(events)
    assert (result.clip.width, result.clip.height) == (128, 64)
    assert result.spec.second == LARGE
    assert result.seconds["enlarging"] > 0
    assert any(isinstance(e, Progress) and e.stage == "enlarging" and e.step == e.total > 0 for e in events)


def test_the_request_that_comes_back_gives_the_same_bits(engine: Engine) -> None:
    first = one(engine, asked())
    assert np.array_equal(one(engine, first.spec).clip.array, first.clip.array)


def test_without_it_the_picture_is_scaled(engine: Engine) -> None:
    plain = one(engine, asked(second=""))
    assert (plain.clip.width, plain.clip.height) == (128, 64)
    assert "enlarging" not in plain.seconds
    assert not np.array_equal(plain.clip.array, one(engine, asked()).clip.array)


def test_where_the_second_model_is_not_here_the_picture_is_scaled(tmp_path: Path, engine: Engine) -> None:
    alone = Engine([engine.cards[SMALL].folder], device="cpu")
    alone.cards = {SMALL: engine.cards[SMALL]}
    result = one(alone, asked())
    assert (result.clip.width, result.spec.second) == (128, "")


@pytest.mark.parametrize(("wanted", "why"), [("tiny-upscal", "is not installed"), (SMALL, "cannot enlarge")])
def test_what_cannot_enlarge_is_refused(engine: Engine, wanted: str, why: str) -> None:
    last = list(engine.run(asked(second=wanted)))[-1]
    assert isinstance(last, Failed) and last.kind == "request"
    assert last.message.startswith("second: ") and why in last.message
    assert f"choose {LARGE}, or leave it out" in last.message, "only what can enlarge is offered"


def test_a_picture_that_follows_the_hand_is_only_scaled(engine: Engine) -> None:
    result = results(list(engine.sketch(Sketch(engine.resolve(asked()), Draft()))))[0]
    assert (result.clip.width, "enlarging" in result.seconds) == (128, False)


def test_outside_the_mask_not_a_bit_changes(engine: Engine, tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 255, (128, 128, 3), dtype=np.uint8)
    mask = np.zeros((128, 128), np.uint8)
    mask[20:90, 30:100] = 255
    for name, array in (("a.png", pixels), ("m.png", mask)):
        Image.fromarray(array).save(tmp_path / name)
    fill = Inpaint(
        image=Source(path=str(tmp_path / "a.png")),
        mask=Source(path=str(tmp_path / "m.png")),
        prompt="a cat",
        steps=2,
    )
    made = [one(engine, JobSpec(technique=fill, model=SMALL, second=name)).clip.array for name in (LARGE, "")]
    for array in made:
        assert np.array_equal(array[mask == 0], pixels[mask == 0])
    assert not np.array_equal(*made)


def test_what_is_nearly_large_enough_is_not_drawn_again() -> None:
    drawn = Clip.picture(np.zeros((60, 60, 3), np.uint8))
    assert [second.factor_for(drawn, side, 60) for side in (60, 64, 100, 200, 900)] == [1, 1, 2, 4, 4]


def test_without_a_size_the_picture_is_as_large_as_both_make_it(engine: Engine) -> None:
    def size(**more: object) -> tuple[int, int]:
        technique = engine.resolve(
            JobSpec(technique=Text2Image(prompt="a cat"), model=SMALL, **more)
        ).technique
        return technique.width, technique.height  # type: ignore[return-value, attr-defined]

    assert size() == (128, 128)
    assert size(second="") == (32, 32)
