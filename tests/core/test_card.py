"""Cards: sizes that a model can draw, and folders with good and broken cards."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.core.card import Defaults, Filming, ModelCard, Sizes, find_cards
from studio.core.job import BadRequest

GOOD = 'id = "{id}"\ntitle = "T"\nabilities = ["text2image"]\n'


def write(folder: Path, text: str) -> None:
    folder.mkdir(parents=True)
    (folder / "card.toml").write_text(text, "utf-8")


@given(st.integers(-10, 5000), st.integers(1, 64), st.integers(8, 300), st.integers(300, 4096))
def test_the_nearest_size_is_possible_and_the_nearest(side: int, multiple: int, low: int, high: int) -> None:
    possible = [s for s in range(low, high + 1) if s % multiple == 0]
    if not possible:
        with pytest.raises(ValueError, match="no side"):
            Sizes(min=low, max=high, multiple=multiple)
        return
    sizes = Sizes(min=low, max=high, multiple=multiple)
    near = sizes.nearest(side)
    sizes.check(near, near)
    assert abs(near - side) == min(abs(s - side) for s in possible)


def test_an_impossible_size_is_told_with_the_nearest() -> None:
    with pytest.raises(BadRequest, match=r"height: 65 .* in steps of 8, the nearest is 64\."):
        Sizes().check(512, 65)


def test_the_earlier_folder_wins(tmp_path: Path) -> None:
    write(tmp_path / "z" / "same", GOOD.format(id="same"))
    write(tmp_path / "a" / "same", GOOD.format(id="same"))
    write(tmp_path / "a" / "other", GOOD.format(id="other"))
    cards, broken = find_cards(tmp_path / "z", tmp_path / "a", tmp_path / "absent")
    assert cards["same"].folder == tmp_path / "z" / "same"
    assert set(cards) == {"same", "other"}
    assert not broken


@pytest.mark.parametrize(
    "text",
    [
        "id = ",
        'title = "no id"',
        GOOD.format(id="../up"),
        GOOD.format(id="a") + "spelt_wrong = 1\n",
        GOOD.format(id="a") + 'family = "unheard-of"\n',
        "\x00",
    ],
)
def test_a_broken_card_is_one_sentence_and_hides_nothing_else(tmp_path: Path, text: str) -> None:
    write(tmp_path / "bad", text)
    write(tmp_path / "good", GOOD.format(id="good"))
    cards, broken = find_cards(tmp_path)
    assert set(cards) == {"good"}
    assert len(broken) == 1
    assert "bad" in broken[0]
    assert "\n" not in broken[0]


def test_a_card_that_is_no_text_is_told(tmp_path: Path) -> None:
    (tmp_path / "card.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BadRequest, match="card"):
        ModelCard.read(tmp_path / "card.toml")


def test_what_is_left_open_depends_on_whether_a_picture_is_moved() -> None:
    film = Filming(frames=8, ways=True, guidance=1.5)
    card = ModelCard(id="moves", title="M", defaults=Defaults(guidance=4.0), film=film)
    assert card.moves("text2video") and card.moves("image2video") and card.moves("extend")
    assert not card.moves("edit-video")
    assert (card.own(moves=True)["guidance"], card.own()["guidance"]) == (1.5, 4.0)
    drawn = card.model_copy(update={"film": film.model_copy(update={"ways": False})})
    assert not drawn.moves("text2video")


def test_a_small_model_says_which_words_it_was_not_taught() -> None:
    card = ModelCard(id="small", title="Small", knows=("a", "red", "fox", "on"))
    assert card.unknown("A red fox on a (lake:1.3), 2 Foxes") == ["lake", "Foxes"]
    assert card.unknown("") == []
    assert ModelCard(id="large", title="Large").unknown("anything at all") == []
