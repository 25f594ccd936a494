"""What is marked on a sound: a mask over time and pitch.

The plane is a `Document` of `RATE` columns a second and `ROWS` rows of `1 / PER_NOTE` semitones, the highest note on top, with one mask
layer. So strokes, undo and saving are those of pictures, and a mark keeps its place whatever axis it was painted on.

A request gets it as a grey picture that is stretched over the whole sound from left to right and over the plane's notes from top to
bottom (`picture`, at most `WIDEST` columns); `weights` lays that over the bands of any spectrogram.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from studio.core.clip import Clip
from studio.core.document import Document
from studio.core.layer import Layer, Pixels
from studio.core.region import NOWHERE, Rect
from studio.core.spectrogram import Spectrogram, hz_of_note, note_of_hz

RATE = 50.0
"""Columns a second: 20 ms each."""
PER_NOTE = 2
LOWEST, HIGHEST = 15, 136
"""MIDI numbers: 19.4 Hz to 21.1 kHz."""
ROWS = (HIGHEST - LOWEST) * PER_NOTE
WIDEST = 16384
EDGE = 1e-6


def plane(seconds: float) -> Document:
    """An empty plane for a sound of some length."""
    made = Document(max(1, math.ceil(seconds * RATE - EDGE)), ROWS, 0)
    made.set_layers([Layer("Mask", "mask", id="marks")])
    made.activate("marks")
    return made


def row_of_hz(hz: float) -> float:
    """Where a frequency lies on the plane, from the top; beyond the plane's edge for what is out of its reach."""
    return (HIGHEST - note_of_hz(max(hz, 1e-3))) * PER_NOTE


def hz_of_row(row: float) -> float:
    """The inverse of `row_of_hz`."""
    return hz_of_note(HIGHEST - row / PER_NOTE)


def layer(marks: Document) -> Layer:
    """The layer that holds the marks."""
    return marks.layers[0]


def bounds(marks: Document) -> Rect:
    """The smallest rectangle of the plane around all that is marked; empty where nothing is."""
    from studio.core.select import bounds as around

    mask = layer(marks)
    if not mask.pixels.size:
        return NOWHERE
    found = around(mask.pixels)
    return found if found.empty else found.moved(mask.x, mask.y).clipped(marks.rect)


def region(marks: Document) -> tuple[float, float, float, float] | None:
    """(start, end) in seconds and (low, high) in Hz of what is marked; None where nothing is."""
    around = bounds(marks)
    if around.empty:
        return None
    return around.x / RATE, around.right / RATE, hz_of_row(around.bottom), hz_of_row(around.y)


def picture(marks: Document) -> Clip:
    """The marks as a mask for a request: [ROWS, N], N at most `WIDEST`."""
    whole = np.array(layer(marks).render(marks.rect))
    step = -(-whole.shape[1] // WIDEST)
    if step > 1:
        whole = np.pad(whole, ((0, 0), (0, -whole.shape[1] % step)))
        whole = whole.reshape(ROWS, -1, step).max(-1)
    return Clip.mask(np.ascontiguousarray(whole))


def weights(mask: Pixels, how: Spectrogram, samples: int) -> NDArray[np.float32]:
    """A mask [any height, any width] that was stretched over a sound of `samples` -> [rows, T] in 0 .. 1 over the
    picture of that sound (`studio.core.spectrogram.picture_of`), low frequencies first."""
    frames = how.frames(samples)
    high, wide = mask.shape
    x = np.arange(frames) * how.hop * (wide / max(samples, 1))
    columns = np.clip(x.astype(np.intp), 0, wide - 1)
    per_row = ROWS / high
    notes = 69 + 12 * np.log2(np.maximum(how.frequencies(), 1e-3) / 440)
    rows = np.floor((HIGHEST - notes) * PER_NOTE / per_row).astype(np.intp)
    return np.asarray(mask[np.clip(rows, 0, high - 1)][:, columns] / np.float32(255), np.float32)
