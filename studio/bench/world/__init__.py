"""The pocket world: captioned scenes of openly licensed drawings whose truth is known, drawn at any size by seed."""

from studio.bench.world.edits import KINDS, EditPair
from studio.bench.world.motion import VERBS, Motion
from studio.bench.world.scene import Scene, Thing, caption_of, held_out, is_held_out
from studio.bench.world.words import BACKGROUNDS, COLOURS, NOUNS, PLACES, SIZES, STYLES
from studio.bench.world.world import World

__all__ = [
    "BACKGROUNDS",
    "COLOURS",
    "KINDS",
    "NOUNS",
    "PLACES",
    "SIZES",
    "STYLES",
    "VERBS",
    "EditPair",
    "Motion",
    "Scene",
    "Thing",
    "World",
    "caption_of",
    "held_out",
    "is_held_out",
]
