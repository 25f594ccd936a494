"""The folder of a model that was made here: its name, and whole or not at all."""

from __future__ import annotations

import doctest
from pathlib import Path

import pytest

from studio.core.job import BadRequest
from studio.engine import newmodel


def test_the_examples_of_names() -> None:
    assert doctest.testmod(newmodel).failed == 0


def test_a_name_that_is_taken_gets_a_number(tmp_path: Path) -> None:
    assert newmodel.free("mine", tmp_path) == "mine"
    for folder in ("mine", "mine-2"):
        (tmp_path / folder).mkdir()
    assert newmodel.free("mine", tmp_path) == "mine-3"
    assert newmodel.free("mine", tmp_path, lambda folder: folder.name == "mine-2") == "mine-2"
    assert newmodel.free("pocket-image", tmp_path) == "pocket-image-2", "a built-in model has it"


def test_it_takes_its_place_when_it_is_whole(tmp_path: Path) -> None:
    place = tmp_path / "models" / "mine"
    for content in ("one", "two"):
        with newmodel.whole(place, "folder") as beside:
            assert beside.parent == place.parent
            (beside / content).write_text("x")
        assert [file.name for file in place.iterdir()] == [content], "the one before is replaced whole"
    assert [one.name for one in place.parent.iterdir()] == ["mine"]


def fail(place: Path, error: Exception) -> None:
    with newmodel.whole(place, "called") as beside:
        (beside / "new").write_text("x")
        raise error


def test_what_was_there_stays_when_it_fails(tmp_path: Path) -> None:
    place = tmp_path / "mine"
    place.mkdir()
    (place / "old").write_text("x")
    with pytest.raises(
        BadRequest,
        match=r"called: .* cannot be written to \(No space left\); free some space and ask again\.",
    ):
        fail(place, OSError(28, "No space left"))
    with pytest.raises(KeyError):
        fail(place, KeyError("a mistake of ours goes through as it is"))
    assert [file.name for file in place.iterdir()] == ["old"] and [*tmp_path.iterdir()] == [place]
    (tmp_path / "file").write_text("x")
    with pytest.raises(BadRequest, match="folder: "):
        with newmodel.whole(tmp_path / "file" / "mine", "folder"):
            pass
