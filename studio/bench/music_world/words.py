"""Words for a piece: "slow sad piano in A minor, 70 bpm", "fast rock drums with bass"."""

from __future__ import annotations

import random

from studio.bench.music_world.facts import DRUMS, FAST, SLOW, Piece


def speed_word(bpm: float) -> str:
    """slow, fast, or nothing between."""
    return "slow" if bpm <= SLOW else "fast" if bpm >= FAST else ""


def caption(piece: Piece, rng: random.Random | None = None) -> str:
    """Everything that is true of the piece; with a `rng` some of it is left out, the instrument never."""
    keep = (lambda share: True) if rng is None else (lambda share: rng.random() < share)
    words = [
        speed_word(piece.bpm) if keep(0.5) else "",
        piece.mood if keep(0.6) else "",
        piece.genre if keep(0.6) else "",
        piece.lead,
    ]
    band = [
        name
        for name, there in (("bass", piece.bass), ("drums", piece.drums and piece.lead != DRUMS))
        if there
    ]
    text = " ".join(filter(None, words))
    if band:
        text += " with " + " and ".join(band)
    has_key = piece.lead != DRUMS or piece.bass
    if has_key and keep(0.75):
        text += f" in {piece.key}"
    if keep(0.65):
        text += f", {piece.bpm} bpm"
    return text
