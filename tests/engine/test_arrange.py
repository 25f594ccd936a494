"""Lists follow the painting; what is more than a list stays as it was written."""

from __future__ import annotations

import doctest

import pytest

from studio.engine import arrange
from studio.engine.arrange import arranged, told

LEFT, MIDDLE, RIGHT = (0.2, 0.5), (0.5, 0.5), (0.8, 0.5)


def test_the_examples() -> None:
    assert doctest.testmod(arrange).failed == 0 < doctest.testmod(arrange).attempted


def test_three_things_from_left_to_right() -> None:
    places = {"a cat": RIGHT, "a dog": LEFT, "a sun": MIDDLE}
    assert arranged("a cat, a dog and a sun, oil", places) == "a dog, a sun and a cat, oil"


@pytest.mark.parametrize(
    "prompt",
    [
        "a cat with a dog",
        "a cat and a house",
        "a cat and a cat",
        "two cats and a dog",
        "",
    ],
)
def test_what_is_no_list_of_them_stays(prompt: str) -> None:
    assert arranged(prompt, {"a cat": RIGHT, "a dog": LEFT}) == prompt


def test_in_one_place_nothing_is_said() -> None:
    assert arranged("a cat and a hat", {"a hat": (0.5, 0.5), "a cat": (0.55, 0.55)}) == "a cat and a hat"


def test_a_prompt_that_is_read_otherwise_comes_with_a_note() -> None:
    notes: list[str] = []
    assert told("a cat", "a cat", notes) == "a cat" and not notes
    assert told("a small cat", "a cat", notes) == "a cat" and "“a cat”" in notes[0]
