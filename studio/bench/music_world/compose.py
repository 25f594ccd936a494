"""Facts of a piece -> its notes: chords that repeat every four, a bass line, a melody and a groove, by genre and mood.

A phrase begins on the tonic, so that its key can be heard. Minor keys use the harmonic minor's dominant. Times are counted in
beats here and become seconds at the end.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

from studio.bench.music_world.facts import DRUMS, LEADS, Note, Part, Piece

Pattern = tuple[tuple[float, float, int], ...]
"""(start, length, velocity) in beats within one bar of four."""

SCALES = {"major": (0, 2, 4, 5, 7, 9, 11), "minor": (0, 2, 3, 5, 7, 8, 10)}
PROGRESSIONS = {
    "major": ((0, 4, 5, 3), (0, 3, 4, 0), (0, 5, 3, 4), (0, 3, 0, 4)),
    "minor": ((0, 5, 3, 4), (0, 3, 4, 0), (0, 5, 6, 4), (0, 3, 0, 4)),
}
"""Degrees of the scale, 0 = tonic; degree 4 is major in both modes."""
LOWEST_BASS, LOWEST_CHORD, LOWEST_MELODY = 31, 53, 67
HIGHEST_MELODY = 91
KICK, SNARE, CLAP, CLOSED, OPEN, CRASH, RIDE, STICK = 36, 38, 39, 42, 46, 49, 51, 37
NATURAL_LENGTH = {"marimba": 1.0, "music box": 2.0}

MELODIES: dict[str, tuple[tuple[float, ...], ...]] = {
    "sparse": ((0, 2), (0, 1.5, 3), (0, 3)),
    "middle": ((0, 1, 2, 3), (0, 1.5, 2, 3), (0, 1, 2, 2.5, 3), (0, 0.5, 1, 2, 3)),
    "dense": ((0, 0.5, 1, 1.5, 2, 2.5, 3), (0, 0.5, 1, 2, 2.5, 3, 3.5), (0, 1, 1.5, 2, 2.5, 3, 3.5)),
}


def compose(piece: Piece, seconds: float) -> Piece:
    """The piece with notes for at least `seconds`; whole bars of four beats."""
    rng = random.Random(f"notes {piece.seed} {piece.genre} {piece.mood}")
    bars = int(seconds / (4 * piece.beat)) + 1
    progression = rng.choice(PROGRESSIONS[piece.mode])
    chords = [
        chord_at(piece, progression[int(beat // piece.beats_a_chord) % 4])
        for beat in range(0, 4 * bars, 2)  # one entry for each half bar
    ]
    notes: list[Note] = []
    if piece.lead != DRUMS:
        notes += _timed(piece, "chords", _comp(piece, chords, rng))
        notes += _timed(piece, "melody", _melody(piece, chords, rng))
    if piece.bass:
        notes += _timed(piece, "bass", _bass(piece, chords, rng))
    if piece.drums:
        notes += _timed(piece, "drums", _drums(piece, bars, rng))
    notes.sort(key=lambda note: (note.start, note.part, note.pitch))
    return replace(piece, notes=tuple(notes))


def chord_at(piece: Piece, degree: int) -> tuple[int, ...]:
    """Pitch classes of the triad on a degree, root first."""
    scale = SCALES[piece.mode]
    steps = [scale[(degree + third) % 7] for third in (0, 2, 4)]
    if degree == 4 and piece.mode == "minor":
        steps[1] = 11  # the leading note
    return tuple((piece.tonic + step) % 12 for step in steps)


Event = tuple[float, float, int, int]
"""start, length, pitch, velocity; in beats."""


def _timed(piece: Piece, part: Part, events: Iterator[Event]) -> list[Note]:
    return [
        Note(
            part,
            start * piece.beat,
            (start + length) * piece.beat,
            pitch,
            min(max(velocity + _loudness(piece), 20), 127),
        )
        for start, length, pitch, velocity in events
    ]


def _loudness(piece: Piece) -> int:
    return {"sad": -14, "calm": -16, "happy": 0, "energetic": 10}[piece.mood]


def near(pitch_class: int, lowest: int) -> int:
    """The lowest pitch of that class from `lowest` on."""
    return lowest + (pitch_class - lowest) % 12


def _comp(piece: Piece, chords: list[tuple[int, ...]], rng: random.Random) -> Iterator[Event]:
    """What accompanies: broken or struck chords."""
    lowest = LOWEST_CHORD - (2 if piece.mood == "sad" else 0)
    sustained = piece.lead in ("organ", "strings", "choir", "flute", "trumpet")
    style = {
        "ballad": "arpeggio",
        "pop": "beats",
        "rock": "eighths",
        "jazz": "off",
        "techno": "sixteenths",
        "folk": "boom",
    }[piece.genre]
    if piece.mood == "calm" and rng.random() < 0.6:
        style = "arpeggio"
    if sustained and style in ("arpeggio", "boom", "beats") and rng.random() < 0.7:
        style = "held"
    for half, chord in enumerate(chords):
        at = 2.0 * half
        voiced = sorted(near(pc, lowest) for pc in chord)
        if style == "held":
            yield from ((at, 1.95, pitch, 62) for pitch in voiced)
        elif style == "arpeggio":
            order = [voiced[0], voiced[1], voiced[2], voiced[1]]
            yield from ((at + 0.5 * i, 0.5 if sustained else 0.9, p, 66) for i, p in enumerate(order))
        elif style == "beats":
            yield from ((at + b, 0.85, p, 66) for b in (0, 1) for p in voiced)
        elif style == "eighths":
            yield from ((at + 0.5 * i, 0.4, p, 72 - 8 * (i % 2)) for i in range(4) for p in voiced)
        elif style == "off":
            yield from (
                (at + b, 0.4, p, 64) for b in ((0, 1.5) if half % 2 == 0 else (0.5, 1.5)) for p in voiced
            )
        elif style == "sixteenths":
            order = [voiced[0], voiced[2], voiced[1], voiced[0] + 12]
            yield from ((at + 0.25 * i, 0.23, order[i % 4], 68 - 6 * (i % 2)) for i in range(8))
        else:
            yield at, 0.9, voiced[0], 68
            yield from ((at + 1, 0.8, p, 60) for p in voiced[1:])


def _melody(piece: Piece, chords: list[tuple[int, ...]], rng: random.Random) -> Iterator[Event]:
    """Chord notes on the beats, steps of the scale between them; one rhythm per two bars repeats."""
    density = {"sad": "sparse", "calm": "sparse", "happy": "middle", "energetic": "dense"}[piece.mood]
    if piece.bpm > 130 and density == "dense":
        density = "middle"
    rhythms = [rng.choice(MELODIES[density]) for _ in range(2)]
    scale = sorted((piece.tonic + step) % 12 for step in SCALES[piece.mode])
    lowest = LOWEST_MELODY + {"sad": -2, "calm": 0, "happy": 3, "energetic": 2}[piece.mood]
    pitch = near(chords[0][rng.randrange(3)], lowest + 5)
    longest = NATURAL_LENGTH.get(piece.lead, 4.0)
    for bar in range(len(chords) // 2):
        rhythm = (*rhythms[bar % 2], 4.0)
        for start, following in pairwise(rhythm):
            chord = chords[2 * bar + int(start >= 2)]
            step = rng.choice((-2, -1, -1, 1, 1, 2))
            pitch = _step(pitch, step, scale)
            if start in (0, 2):  # strong beats belong to the chord
                pitch = min(
                    (p for p in range(pitch - 6, pitch + 7) if p % 12 in chord),
                    key=lambda p: (abs(p - pitch), p),
                )
            while pitch < lowest:
                pitch += 12
            while pitch > min(lowest + 17, HIGHEST_MELODY):
                pitch -= 12
            yield 4.0 * bar + start, min(0.92 * (following - start), longest), pitch, 92


def _step(pitch: int, step: int, scale: list[int]) -> int:
    """`step` places along the scale."""
    direction = 1 if step > 0 else -1
    for _ in range(abs(step)):
        pitch += direction
        while pitch % 12 not in scale:
            pitch += direction
    return pitch


def _bass(piece: Piece, chords: list[tuple[int, ...]], rng: random.Random) -> Iterator[Event]:
    style = {
        "ballad": "long",
        "pop": "eighths",
        "rock": "eighths",
        "jazz": "walking",
        "techno": "off",
        "folk": "fifth",
    }[piece.genre]
    for half, chord in enumerate(chords):
        at = 2.0 * half
        root = near(chord[0], LOWEST_BASS)
        fifth = root + 7
        if style == "long":
            yield at, 1.9, root, 86
        elif style == "eighths":
            yield from ((at + 0.5 * i, 0.45, root, 88 - 6 * (i % 2)) for i in range(4))
        elif style == "walking":
            yield at, 0.9, root, 88
            yield at + 1, 0.9, near(chord[rng.choice((1, 2))], root), 82
        elif style == "off":
            yield from ((at + 0.5 + b, 0.4, root, 90) for b in (0, 1))
        else:
            yield at, 0.9, root, 88
            yield at + 1, 0.9, fifth, 82


def _drums(piece: Piece, bars: int, rng: random.Random) -> Iterator[Event]:
    """The genre's groove; a crash on the first beat of every fourth bar where it is loud."""
    grooves: dict[str, list[tuple[int, tuple[float, ...], int]]] = {
        "ballad": [(KICK, (0, 2.5), 84), (STICK, (1, 3), 84), (CLOSED, tuple(i / 2 for i in range(8)), 60)],
        "pop": [(KICK, (0, 2, 2.5), 96), (SNARE, (1, 3), 92), (CLOSED, tuple(i / 2 for i in range(8)), 70)],
        "rock": [
            (KICK, (0, 0.5, 2, 2.5), 108),
            (SNARE, (1, 3), 106),
            (CLOSED, tuple(i / 2 for i in range(8)), 82),
        ],
        "jazz": [(RIDE, (0, 1, 1.67, 2, 3, 3.67), 80), (KICK, (0, 2), 60), (CLOSED, (1, 3), 70)],
        "techno": [(KICK, (0, 1, 2, 3), 112), (CLAP, (1, 3), 92), (OPEN, (0.5, 1.5, 2.5, 3.5), 78)],
        "folk": [(KICK, (0, 2), 84), (STICK, (1, 3), 78), (CLOSED, (0, 1, 2, 3), 56)],
    }
    groove = grooves[piece.genre]
    for bar in range(bars):
        for drum, beats, velocity in groove:
            for beat in beats:
                accent = 6 if beat == int(beat) else 0
                yield 4.0 * bar + beat, 0.2, drum, velocity + accent + rng.randint(-4, 4)
        if bar % 4 == 0 and piece.genre in ("rock", "pop") and piece.mood in ("energetic", "happy"):
            yield 4.0 * bar, 1.0, CRASH, 84


def program(piece: Piece) -> int:
    """The General MIDI program of melody and chords."""
    return LEADS.get(piece.lead, 0)


def bass_program(piece: Piece) -> int:
    """An upright bass for jazz, a synthesised one for techno, else a fingered one."""
    return {"jazz": 32, "techno": 38}.get(piece.genre, 33)
