"""What is understood of words for music."""

import pytest

from studio.engine.nets.music_words import MOST_WORDS, VOCABULARY, read_words


def test_words_key_and_tempo() -> None:
    told = read_words("Slow sad piano with bass in A minor, 70 bpm")
    assert told.words == ("slow", "sad", "piano", "bass", "a minor") and told.bpm == 70 and not told.unknown
    assert len(told.ids) == MOST_WORDS and told.ids[:1] == [VOCABULARY.index("slow")] and told.ids[-1] == 0


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("in Bb major", "a# major"),
        ("F sharp minor", "f# minor"),
        ("c# major", "c# major"),
        ("D♭-minor", "c# minor"),
        ("E flat major", "d# major"),
        ("an a major thing", "a major"),
    ],
)
def test_keys_have_many_spellings(text: str, key: str) -> None:
    assert key in read_words(text).words


def test_other_names_and_unknown_words() -> None:
    told = read_words("a cheerful violin and percussion, kazoo solo")
    assert told.words == ("happy", "strings", "drums") and told.unknown == ("kazoo", "solo")
    assert read_words("a music box").words == ("music box",) and read_words("").words == ()
    assert "minor" in read_words("something minor").words


def test_a_word_counts_once() -> None:
    assert read_words("piano piano keyboard").words == ("piano",)


@pytest.mark.parametrize("text", ["5 bpm", "1000 bpm"])
def test_no_music_has_that_tempo(text: str) -> None:
    with pytest.raises(ValueError, match="say one from 40 to 240"):
        read_words(text)
    assert read_words("98.5 beats per minute").bpm == 98.5
