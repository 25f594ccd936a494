"""Requests: they survive JSON, and every mistake in one is told in one sentence that names the field."""

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.core import job
from studio.core.job import MAX_SEED, TECHNIQUES, BadRequest, JobSpec, Source, Text2Image, read_spec

# Text as people can type it: a lone surrogate cannot be written to any file.
words = st.text(st.characters(exclude_categories=("Cs",)), max_size=80)
sampling = {
    "prompt": words,
    "negative_prompt": words,
    "guidance": st.none() | st.floats(1, 30),
    "steps": st.none() | st.integers(1, 1000),
    "solver": st.sampled_from(
        [None, "ddim", "euler", "euler_ancestral", "heun", "dpm++2m", "dpm++2m_sde", "lcm"]
    ),
    "spacing": st.sampled_from([None, "trailing", "leading", "linspace", "karras", "exponential"]),
    "guidance_rescale": st.floats(0, 1),
    "guidance_interval": st.tuples(st.floats(0, 1), st.floats(0, 1)).map(sorted).map(tuple),
}
text2image = st.fixed_dictionaries(
    {"name": st.just("text2image")},
    optional=sampling
    | {
        "width": st.none() | st.integers(8, 16384),
        "height": st.none() | st.integers(8, 16384),
        "variation": st.floats(0, 1),
        "variation_seed": st.integers(0, MAX_SEED),
    },
)
image2image = st.fixed_dictionaries(
    {"name": st.just("image2image"), "image": words.filter(bool)},
    optional=sampling | {"strength": st.floats(0, 1, exclude_min=True)},
)
specs = st.fixed_dictionaries(
    {"technique": text2image | image2image},
    optional={"seed": st.integers(0, MAX_SEED), "count": st.integers(1, 64), "model": words},
).map(read_spec)


@given(specs)
def test_a_request_survives_json(spec: JobSpec) -> None:
    assert read_spec(spec.to_json()) == spec
    assert read_spec(spec.to_json(indent=2).encode()) == spec
    assert read_spec(spec.to_json()).to_json() == spec.to_json()


def technique(**values: Any) -> dict[str, Any]:
    return {"technique": {"name": "text2image", **values}}


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ("{", "not valid JSON"),
        (b"\xff\xfe", "not valid JSON"),
        ("[" * 100_000, "not valid JSON"),
        ("[]", "must be a JSON object"),
        ("null", "must be a JSON object"),
        ({}, "technique: is needed"),
        ({"technique": {}}, "technique: nothing is not a technique"),
        ({"technique": "text2image"}, "technique: "),
        ({"technique": {"name": "paint"}}, "paint is not a technique of this studio; it knows inpaint"),
        ({"technique": {"name": "x" * 5000}}, "is not a technique"),
        ({"technique": {"name": "image2image"}}, "image: is needed and missing"),
        ({"technique": {"name": "image2image", "image": ""}}, "image.path: "),
        ({"technique": {"name": "image2image", "image": 3}}, "image: "),
        (
            {"technique": {"name": "image2image", "image": {"path": "a.png", "sha256": "xyz"}}},
            "image.sha256: ",
        ),
        (technique(steps="many"), "steps: must be a whole number, not 'many'."),
        (technique(steps=2.5), "steps: must be a whole number, not 2.5."),
        (technique(steps=0), "steps: must be greater than or equal to 1, not 0."),
        (technique(guidance=math.nan), "guidance: must be a finite number"),
        (technique(guidance=[1]), "guidance: must be a number"),
        (technique(width=4), "width: must be greater than or equal to 8"),
        (technique(width=10**30), "width: "),
        (technique(solver="magic"), "solver: must be 'ddim'"),
        (technique(colour="red"), "colour: there is no such setting here"),
        (technique(prompt="x" * 10_001), "prompt: "),
        (technique(prompt=7), "prompt: must be a valid string"),
        (technique(guidance_interval=[0.8, 0.2]), "guidance_interval must be two numbers"),
        (technique(guidance_interval=[0.8]), "guidance_interval.1: is needed"),
        (technique() | {"seed": -1}, "seed: "),
        (technique() | {"count": 65}, "count: must be less than or equal to 64, not 65."),
        (technique() | {"speed": 1}, "speed: there is no such setting"),
        (technique() | {"version": 99}, "version 99 of the request comes from a newer studio"),
        (technique() | {"version": "new"}, "version must be a whole number"),
        (technique() | {"version": 0}, "too old"),
        (technique() | {"version": True}, "version must be a whole number"),
    ],
)
def test_a_mistake_is_one_sentence_that_names_the_field(data: Any, told: str) -> None:
    with pytest.raises(BadRequest) as caught:
        read_spec(data)
    sentence = str(caught.value)
    assert told in sentence
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert len(sentence) < 400


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=10,
)


@given(
    json_values
    | st.dictionaries(st.sampled_from(["technique", "seed", "count", "model", "version"]), json_values)
)
def test_nothing_but_bad_request_comes_out(data: Any) -> None:
    for form in (data, json.dumps(data)) if isinstance(data, dict) else (json.dumps(data),):
        try:
            read_spec(form)
        except BadRequest as error:
            assert "\n" not in str(error)


def test_an_older_request_is_brought_up_to_date(monkeypatch: pytest.MonkeyPatch) -> None:
    def to_1(data: dict[str, Any]) -> dict[str, Any]:
        return {"technique": {"name": "text2image", "prompt": data["words"]}}

    monkeypatch.setitem(job.MIGRATIONS, 0, to_1)
    spec = read_spec({"version": 0, "words": "a fox"})
    assert spec.technique == Text2Image(prompt="a fox")
    assert spec.version == job.SPEC_VERSION


def test_a_path_alone_is_a_source() -> None:
    spec = read_spec({"technique": {"name": "image2image", "image": "a.png"}})
    assert spec.technique.image == Source(path="a.png")  # type: ignore[union-attr]


@pytest.mark.parametrize("name", TECHNIQUES)
def test_every_technique_can_be_shown_in_a_form(name: str) -> None:
    """The window's form and the command line's help come from the schema, so it must say enough."""
    cls = TECHNIQUES[name]
    assert cls.title
    assert cls.blurb.endswith(".")
    assert cls.ability
    schema = cls.model_json_schema()
    json.dumps(schema)
    for field, entry in schema["properties"].items():
        if field != "name":
            assert entry.get("title"), field
            assert entry.get("description", "").endswith("."), field
