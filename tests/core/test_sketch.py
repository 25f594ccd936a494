from __future__ import annotations

import numpy as np
import pytest

from studio.core.card import Defaults, Distilled, Lora, ModelCard, Sizes
from studio.core.clip import Clip
from studio.core.job import BadRequest, read_spec
from studio.core.sketch import FEW, HERE, follows, reduced, sketched

SIZES = Sizes(native=(64, 64), min=16, max=256, multiple=16)


def card(id: str, **more) -> ModelCard:
    given = {"abilities": ("text2image",), "sizes": SIZES, "defaults": Defaults(steps=20, guidance=4), **more}
    return ModelCard(id=id, title=id, **given)


def cards(*some: ModelCard) -> dict[str, ModelCard]:
    return {one.id: one for one in some}


def asked(model: str = "big", technique: str = "text2image", **more):
    return read_spec(
        {"technique": {"name": technique, "prompt": "a fox", **more}, "model": model, "seed": 7, "count": 3}
    )


STUDENT = card(
    "small", distilled=Distilled(steps=(1, 2, 4), guidance=(1, 8), teacher="big"), defaults=Defaults(steps=2)
)


def test_the_student_of_the_model_draws_with_the_same_seed() -> None:
    spec = sketched(asked(guidance=12, steps=50, solver="heun"), cards(card("big"), STUDENT)).spec
    assert (spec.model, spec.seed, spec.count) == ("small", 7, 1)
    assert spec.technique.steps == 2 and spec.technique.solver is None
    assert spec.technique.guidance == 8, "the nearest scale that it knows"


def test_of_several_students_the_one_that_practised_most_draws() -> None:
    more = card("more", distilled=Distilled(teacher="big"), training={"samples": 500})
    less = card("less", distilled=Distilled(teacher="big"), training={"samples": 20})
    assert sketched(asked(), cards(card("big"), less, more, STUDENT)).spec.model == "more"


def test_with_an_adapter_of_few_steps_the_model_draws_itself() -> None:
    lcm = ModelCard(id="lcm", title="lcm", family="lora", lora=Lora(kind="LCM"), distilled=Distilled())
    spec = sketched(asked(adapters=["lcm"], steps=30), cards(card("big"), STUDENT, lcm)).spec
    assert spec.model == "big" and spec.technique.steps is None and spec.technique.adapters[0].name == "lcm"


def test_teaching_is_nothing_to_look_at_while_it_goes_on() -> None:
    assert not follows("distill")


def test_the_teachers_own_scale_is_used_where_none_was_asked_for() -> None:
    assert sketched(asked(), cards(card("big"), STUDENT)).spec.technique.guidance == 4


def test_no_other_models_student_is_taken() -> None:
    other = card("other", distilled=Distilled(teacher="somebody"))
    sketch = sketched(asked(), cards(card("big"), other))
    assert sketch.spec.model == "big" and sketch.spec.technique.steps == FEW
    assert (sketch.draft.shrink, sketch.draft.decode) == (1, True), "small enough as it is"


def test_a_model_of_few_steps_is_its_own_student() -> None:
    lcm = card("lcm", distilled=Distilled(), defaults=Defaults(steps=4, guidance=1))
    spec = sketched(asked("lcm"), cards(lcm)).spec
    assert spec.model == "lcm" and spec.technique.steps == 4


def test_large_models_draw_small_and_do_not_decode() -> None:
    large = card("big", sizes=Sizes(native=(512, 512), multiple=8))
    clip = Clip.picture(np.zeros((512, 512, 3), np.uint8))
    source = {"path": HERE, "sha256": clip.digest()}
    sketch = sketched(asked(width=512, height=768), cards(large))
    assert (sketch.draft.shrink, sketch.draft.decode) == (2, False)
    assert (sketch.spec.technique.width, sketch.spec.technique.height) == (256, 384)
    sketch = sketched(asked(technique="image2image", image=source), cards(large), {clip.digest(): clip})
    (small,) = sketch.inputs.values()
    assert (small.width, small.height) == (256, 256)
    assert sketch.spec.technique.image.sha256 == small.digest()


def test_what_learns_first_does_not_follow() -> None:
    assert follows("inpaint") and not follows("imagic")
    with pytest.raises(BadRequest, match="too slow"):
        sketched(asked(technique="imagic", image="fox.png"), cards(card("big")))


def test_reduced_takes_the_mean_of_blocks() -> None:
    picture = np.zeros((5, 4, 3), np.uint8)
    picture[0, 0] = 200
    assert reduced(Clip.picture(picture), 2).array[:, :, 0].tolist() == [[50, 0], [0, 0]]
    assert reduced(Clip.mask(np.full((4, 4), 255, np.uint8)), 2).array.tolist() == [[255, 255], [255, 255]]
