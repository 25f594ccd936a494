"""A small world of rendered music whose truth is known: notes, tempo, key, instrument, mood and genre, and words for them."""

from studio.bench.music_world.facts import (
    GENRES,
    KEYS,
    LEADS,
    MODES,
    MOODS,
    TONICS,
    Note,
    Piece,
    held_out,
    piece_of,
)
from studio.bench.music_world.render import (
    AdditiveSynth,
    SoundfontSynth,
    Synth,
    best_synth,
    render,
    soundfont_synth,
)
from studio.bench.music_world.words import caption

__all__ = [
    "GENRES",
    "KEYS",
    "LEADS",
    "MODES",
    "MOODS",
    "TONICS",
    "AdditiveSynth",
    "Note",
    "Piece",
    "SoundfontSynth",
    "Synth",
    "best_synth",
    "caption",
    "held_out",
    "piece_of",
    "render",
    "soundfont_synth",
]
