"""What is true of a piece of the world, drawn by seed.

A piece is a phrase of four chords that repeats: its facts (instrument, tempo, key, genre, mood) come from a seed, its notes
from `compose`. Combinations of instrument, tonic and mode are held out of training by a hash, so that a model cannot have heard
what it is scored on.
"""

from __future__ import annotations

import hashlib
import random
from dataclasses import dataclass, field
from typing import Literal

Split = Literal["train", "held_out", "any"]
Part = Literal["melody", "chords", "bass", "drums"]

LEADS: dict[str, int] = {
    "piano": 0,
    "guitar": 24,
    "organ": 19,
    "strings": 48,
    "flute": 73,
    "trumpet": 56,
    "marimba": 12,
    "music box": 10,
    "synth": 81,
    "choir": 52,
}
"""Instrument -> its General MIDI program, counted from 0."""
DRUMS = "drums"
"""The lead of a piece without melody or chords."""
TONICS = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
MODES = ("major", "minor")
KEYS = tuple(f"{tonic} {mode}" for tonic in TONICS for mode in MODES)
GENRES = ("ballad", "pop", "rock", "jazz", "techno", "folk")
MOODS = ("sad", "happy", "calm", "energetic")
SLOWEST, FASTEST = 60, 160
SLOW, FAST = 84, 126
"""Tempos up to SLOW are called slow, from FAST on fast."""
HELD_OUT_SHARE = 0.1


@dataclass(frozen=True)
class Note:
    """start and end in seconds from the first beat; pitch as a MIDI number (of a drum: the General MIDI key); velocity 1-127."""

    part: Part
    start: float
    end: float
    pitch: int
    velocity: int


@dataclass(frozen=True)
class Piece:
    """A piece's facts and, once composed, its notes. `lead` is a name of LEADS or DRUMS, `tonic` a pitch class (C = 0);
    a phrase is four chords of `beats_a_chord` beats each."""

    seed: int
    lead: str
    bass: bool
    drums: bool
    bpm: int
    tonic: int
    mode: str
    genre: str
    mood: str
    beats_a_chord: int
    notes: tuple[Note, ...] = field(default=(), repr=False)

    @property
    def key(self) -> str:
        """As in "A minor"."""
        return f"{TONICS[self.tonic]} {self.mode}"

    @property
    def beat(self) -> float:
        """Seconds."""
        return 60 / self.bpm

    @property
    def phrase(self) -> float:
        """Seconds after which the four chords begin again."""
        return 4 * self.beats_a_chord * self.beat

    def part(self, *names: Part) -> list[Note]:
        """The notes of these parts, in time."""
        return [note for note in self.notes if note.part in names]


def held_out(lead: str, tonic: int, mode: str) -> bool:
    """Whether training never hears this instrument in this key."""
    digest = hashlib.sha256(f"{lead}|{tonic}|{mode}".encode()).digest()
    return digest[0] < 256 * HELD_OUT_SHARE


def piece_of(seed: int, split: Split = "any", seconds: float = 16.0, **fixed: object) -> Piece:
    """The piece of a seed, composed for at least `seconds`.

    Args:
        split: "train" never draws a held-out combination, "held_out" only those (a groove of drums alone has none).
        fixed: facts that are given instead of drawn, such as lead="piano".
    """
    from studio.bench.music_world.compose import compose

    rng = random.Random(f"music {seed}")
    facts = _draw(rng)
    while split != "any" and facts["lead"] != DRUMS and _held(facts) != (split == "held_out"):
        facts = _draw(rng)
    return compose(Piece(seed, **{**facts, **fixed}), seconds)  # type: ignore[arg-type]


def _held(facts: dict[str, object]) -> bool:
    return held_out(str(facts["lead"]), int(str(facts["tonic"])), str(facts["mode"]))


def _draw(rng: random.Random) -> dict[str, object]:
    mood = rng.choice(MOODS)
    lead = DRUMS if rng.random() < 0.06 else rng.choice(list(LEADS))
    genre = rng.choice(GENRES)
    # Moods lean towards a mode and a tempo, genres too; every combination remains possible.
    minor = {"sad": 0.85, "happy": 0.15, "calm": 0.4, "energetic": 0.5}[mood]
    middle = {"ballad": 76, "pop": 112, "rock": 124, "jazz": 120, "techno": 132, "folk": 104}[genre]
    middle += {"sad": -20, "happy": 8, "calm": -16, "energetic": 18}[mood]
    bpm = rng.randint(SLOWEST, FASTEST) if rng.random() < 0.5 else round(rng.gauss(middle, 14))
    bpm = min(max(bpm, SLOWEST), FASTEST)
    return {
        "lead": lead,
        "bass": rng.random() < 0.6,
        "drums": lead == DRUMS or rng.random() < {"ballad": 0.35, "folk": 0.35}.get(genre, 0.65),
        "bpm": bpm,
        "tonic": rng.randrange(12),
        "mode": "minor" if rng.random() < minor else "major",
        "genre": genre,
        "mood": mood,
        "beats_a_chord": 2 if bpm < 92 else 4,
    }
