"""The world of rendered music: what it says is true of what it plays."""

import random
from itertools import pairwise

import numpy as np
import pytest

from studio.bench.music_world import (
    GENRES,
    LEADS,
    TONICS,
    AdditiveSynth,
    Piece,
    caption,
    held_out,
    piece_of,
    render,
)
from studio.bench.music_world.compose import SCALES
from studio.bench.music_world.render import RATE
from studio.core.spectrogram import picture_of
from studio.engine.codecs.sound import LOWEST_NOTE, NOTES
from studio.engine.nets.music_words import read_words

SYNTH = AdditiveSynth()


def test_a_seed_is_a_piece() -> None:
    assert piece_of(7) == piece_of(7) and piece_of(7) != piece_of(8)
    np.testing.assert_array_equal(render(piece_of(7), 2, SYNTH), render(piece_of(7), 2, SYNTH))


@pytest.mark.parametrize("seed", range(40))
def test_notes_keep_to_key_tempo_and_length(seed: int) -> None:
    piece = piece_of(seed, seconds=12)
    notes = piece.part("melody", "chords", "bass")
    scale = {(piece.tonic + step) % 12 for step in SCALES[piece.mode]}
    scale |= {(piece.tonic + 11) % 12}  # the leading note of the harmonic minor
    outside = [n for n in notes if n.pitch % 12 not in scale]
    assert len(outside) <= 0.05 * len(notes)  # only a fifth above a diminished chord's root
    quarter = piece.beat / 4
    off = [n.start / quarter % 1 for n in piece.notes if n.part != "drums"]
    assert all(min(x, 1 - x) < 1e-6 for x in off)
    assert max(n.start for n in piece.notes) > 12 - 4 * piece.beat * 4
    assert all(n.end > n.start and 1 <= n.velocity <= 127 and 0 < n.pitch < 128 for n in piece.notes)
    melody = piece.part("melody")
    assert all(a.end <= b.start + 1e-9 for a, b in pairwise(melody))


def test_a_phrase_begins_on_the_tonic() -> None:
    for seed in range(30):
        piece = piece_of(seed, bass=True)
        first = min(piece.part("bass"), key=lambda n: n.start)
        assert first.pitch % 12 == piece.tonic


def test_splits_share_no_combination() -> None:
    train = {
        (p.lead, p.tonic, p.mode) for p in (piece_of(s, "train", 1) for s in range(400)) if p.lead != "drums"
    }
    kept = {
        (p.lead, p.tonic, p.mode)
        for p in (piece_of(s, "held_out", 1) for s in range(200))
        if p.lead != "drums"
    }
    assert not train & kept and all(held_out(*one) for one in kept)
    share = np.mean([held_out(lead, t, m) for lead in LEADS for t in range(12) for m in ("major", "minor")])
    assert 0.05 < share < 0.16


def test_captions_say_what_is_true_and_are_understood() -> None:
    for seed in range(200):
        piece = piece_of(seed, seconds=1)
        told = read_words(caption(piece))
        assert not told.unknown and told.bpm == piece.bpm and piece.lead in told.words
        assert {piece.genre, piece.mood} <= set(told.words)
        if piece.lead != "drums" or piece.bass:
            assert piece.key.lower() in told.words
        assert ("bass" in told.words) == piece.bass and ("drums" in told.words) == piece.drums
        shorter = read_words(caption(piece, random.Random(seed)))
        assert piece.lead in shorter.words and set(shorter.words) <= set(told.words)


def test_what_is_played_is_what_is_written() -> None:
    piece = piece_of(3, lead="organ", bass=False, drums=False, genre="folk", mood="calm")
    picture = picture_of(render(piece, 6, SYNTH, lead_in=0.5), NOTES)
    for note in piece.part("melody")[:5]:
        frame = round((note.start + 0.5 + 0.1) * NOTES.frame_rate)
        row = note.pitch - LOWEST_NOTE
        around = picture[max(0, row - 3) : row + 4, frame]
        assert around.argmax() == min(3, row)


@pytest.mark.parametrize("lead", [*LEADS, "drums"])
def test_every_instrument_sounds(lead: str) -> None:
    sound = render(piece_of(1, lead=lead, drums=lead == "drums"), 1.5, SYNTH)
    assert sound.shape == (round(1.5 * RATE),) and sound.dtype == np.float32
    assert 0.05 < float(np.sqrt(np.mean(sound**2))) < 0.12 and np.abs(sound).max() <= 1


def test_facts_can_be_given() -> None:
    piece = piece_of(0, lead="flute", tonic=9, mode="minor", bpm=100, genre=GENRES[0])
    assert (piece.key, piece.lead, piece.beat) == ("A minor", "flute", 0.6)
    assert isinstance(piece, Piece) and TONICS[piece.tonic] == "A"
