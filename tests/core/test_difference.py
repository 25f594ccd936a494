"""The difference of two requests, as a person reads it."""

from studio.core.difference import differences, plain, sources
from studio.core.job import Image2Image, JobSpec, Source, Text2Image, Upscale


def said(a, b):
    return [str(change) for change in differences(a, b)]


def test_only_what_differs_in_the_words_of_the_form():
    a = JobSpec(technique=Text2Image(prompt="a fox", steps=20), model="pocket", seed=3)
    b = JobSpec(technique=Text2Image(prompt="a red  fox", guidance=7.5, steps=20), model="pocket", seed=4)
    assert said(a, b) == [
        "Words: “a fox” → “a red fox”",
        "Follow the words: the model's own → 7.5",
        "Seed: 3 → 4",
    ]
    assert said(a, a) == []
    assert said(a, a.model_copy(update={"count": 4})) == [], (
        "how many were asked for is no difference of one picture"
    )


def test_another_technique_lists_what_it_was_told():
    a = JobSpec(technique=Text2Image(prompt="a fox"), model="pocket", seed=3)
    image = Source(path="/x/in.png", sha256="ab" * 32)
    b = JobSpec(technique=Image2Image(prompt="a fox", image=image, strength=0.3), model="pocket", seed=3)
    assert said(a, b) == ["Technique: Text to picture → Picture to picture", "Change: 0.3"]
    up = JobSpec(technique=Upscale(image=image, factor=4), model="pocket-upscale", seed=3)
    assert said(b, up) == [
        "Technique: Picture to picture → Upscale", "Model: pocket → pocket-upscale", "Factor: 4",
    ]  # fmt: skip


def test_inputs_are_found_and_named():
    image, other = Source(path="/x/in.png", sha256="ab" * 32), Source(path="C:\\y\\b.png")
    spec = JobSpec(technique=Image2Image(image=image))
    assert sources(spec) == [image]
    assert sources(JobSpec(technique=Text2Image())) == []
    assert said(spec, JobSpec(technique=Image2Image(image=other))) == ["Picture: picture ababab → b.png"]


def test_values_in_plain_words():
    assert [plain(v) for v in (None, True, 0.30000001, "", (0.0, 1.0), 7)] == [
        "the model's own", "yes", "0.3", "nothing", "0 to 1", "7",
    ]  # fmt: skip
    assert len(plain("word " * 100)) < 90
