"""Words for music -> what the network is told: known words, a tempo, a key.

    >>> told = read_words("slow sad piano in A minor, 70 bpm")
    >>> told.words, told.bpm
    (('slow', 'sad', 'piano', 'a minor'), 70.0)

The vocabulary is closed: one token per instrument, mood, genre, speed, key and mode. Common other names lead to them; what is still
unknown is told back, so that the user learns what was not understood. A key is one token, because "a" is an article too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

TONICS = ("c", "c#", "d", "d#", "e", "f", "f#", "g", "g#", "a", "a#", "b")
MODES = ("major", "minor")
LEADS = (
    "piano",
    "guitar",
    "organ",
    "strings",
    "flute",
    "trumpet",
    "marimba",
    "music box",
    "synth",
    "choir",
)
BAND = ("bass", "drums")
MOODS = ("sad", "happy", "calm", "energetic")
GENRES = ("ballad", "pop", "rock", "jazz", "techno", "folk")
SPEEDS = ("slow", "fast")
VOCABULARY = (
    "",
    *SPEEDS,
    *MOODS,
    *GENRES,
    *LEADS,
    *BAND,
    *MODES,
    *(f"{tonic} {mode}" for tonic in TONICS for mode in MODES),
)
"""Token id -> word; id 0 fills the places that are left."""
MOST_WORDS = 12
SLOWEST, FASTEST = 40.0, 240.0
"""Tempos that are taken at their word; the network has learnt 60 to 160."""

SAME = {
    "violin": "strings",
    "violins": "strings",
    "string": "strings",
    "cello": "strings",
    "orchestra": "strings",
    "guitars": "guitar",
    "keys": "piano",
    "keyboard": "piano",
    "synthesizer": "synth",
    "synthesiser": "synth",
    "lead": "synth",
    "voices": "choir",
    "voice": "choir",
    "singing": "choir",
    "xylophone": "marimba",
    "celesta": "music box",
    "musicbox": "music box",
    "drum": "drums",
    "percussion": "drums",
    "beat": "drums",
    "bassline": "bass",
    "cheerful": "happy",
    "joyful": "happy",
    "bright": "happy",
    "melancholy": "sad",
    "melancholic": "sad",
    "dark": "sad",
    "gentle": "calm",
    "quiet": "calm",
    "soft": "calm",
    "relaxed": "calm",
    "relaxing": "calm",
    "driving": "energetic",
    "powerful": "energetic",
    "wild": "energetic",
    "quick": "fast",
    "lively": "fast",
    "slowly": "slow",
    "electronic": "techno",
    "house": "techno",
    "dance": "techno",
    "swing": "jazz",
    "acoustic": "folk",
}
IGNORED = frozenset(
    [
        "",
        "in",
        "with",
        "and",
        "a",
        "an",
        "the",
        "at",
        "of",
        "some",
        "music",
        "song",
        "piece",
        "tune",
        "key",
        "on",
        "bpm",
        "to",
        "for",
    ]
    + ["very", "by"]
)
_KEY = re.compile(r"\b([a-g])\s*(#|♯|sharp|b\b|♭|flat)?[\s-]*(major|minor)\b")
_BPM = re.compile(r"(\d+(?:\.\d+)?)\s*(?:bpm|beats per minute)")


@dataclass(frozen=True)
class Told:
    """What a text says. bpm: 0 = it does not say. unknown: words that no model of this kind knows."""

    words: tuple[str, ...]
    bpm: float
    unknown: tuple[str, ...] = ()

    @property
    def ids(self) -> list[int]:
        """[MOST_WORDS] token ids."""
        ids = [VOCABULARY.index(word) for word in self.words[:MOST_WORDS]]
        return ids + [0] * (MOST_WORDS - len(ids))


def read_words(text: str) -> Told:
    """Raises ValueError, with one sentence, for a tempo that no music has."""
    text = text.lower()
    bpm = 0.0
    if found := _BPM.search(text):
        bpm = float(found[1])
        if not SLOWEST <= bpm <= FASTEST:
            raise ValueError(f"{found[1]} bpm is no tempo; say one from {SLOWEST:g} to {FASTEST:g}.")
        text = text.replace(found[0], " ")
    words: list[str] = []
    key = ""
    if found := _KEY.search(text):
        key = f"{TONICS[tonic_of(found[1], found[2] or '')]} {found[3]}"
        text = text.replace(found[0], " ")
    unknown: list[str] = []
    for word in re.split(r"[^a-z]+", text.replace("music box", "musicbox")):
        meant = SAME.get(word, word)
        if meant in VOCABULARY and meant:
            if meant not in words:
                words.append(meant)
        elif word not in IGNORED:
            unknown.append(word)
    return Told((*words, key) if key else tuple(words), bpm, tuple(dict.fromkeys(unknown)))


def tonic_of(letter: str, accidental: str) -> int:
    """Pitch class, C = 0."""
    step = {"#": 1, "♯": 1, "sharp": 1, "b": -1, "♭": -1, "flat": -1}.get(accidental, 0)
    return ({"c": 0, "d": 2, "e": 4, "f": 5, "g": 7, "a": 9, "b": 11}[letter] + step) % 12
