"""What is marked on a sound falls silent; all else stays as it was, sample for sample.

The marked bins of a short-time Fourier transform, with the phase that they have, are sounded alone and taken away from the sound. Frames in
which nothing is marked therefore add exactly nothing. No model and no phase search is needed. It goes piece by piece, so that an hour of
sound takes no more memory than a minute.
"""

from __future__ import annotations

import contextlib
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from studio.core import marks
from studio.core.document import Document
from studio.core.job import BadRequest
from studio.core.spectrogram import Spectrogram, sound_of, spectrum
from studio.media.files import sentence
from studio.media.tape import Tape, Told

Floats = NDArray[np.float32]

WINDOW_MS, HOP_MS = 92.0, 23.0
"""Long enough to tell neighbouring semitones apart from C3 on, short enough to cut between two notes."""
PIECE = 20.0
"""Seconds that are transformed at once."""
CHANNELS = 8
"""That a flac file can have."""


def silenced(tape: Tape, plane: Document, out: Path, told: Told | None = None) -> Path | None:
    """Writes the sound without what is marked on its plane as a flac file; None where `told` said to stop.

    Raises:
        BadRequest: nothing is marked, too many channels, the disk is full and the like.
    """
    around = marks.bounds(plane)
    if around.empty:
        raise BadRequest("Nothing is marked; mark on the spectrogram what is to be removed.")
    if tape.channels > CHANNELS:
        raise BadRequest(
            f"A sound of {tape.channels} channels cannot be edited; export it with {CHANNELS} at most."
        )
    mask = np.array(marks.layer(plane).render(plane.rect))
    how = Spectrogram(tape.rate, WINDOW_MS, HOP_MS)
    reach = how.window
    first = max(0, int(around.x / marks.RATE * tape.rate) - reach)
    last = min(tape.samples, int(around.right / marks.RATE * tape.rate) + reach)
    piece = max(1, round(PIECE * tape.rate / how.hop)) * how.hop
    beside = out.with_suffix(".new.flac")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with soundfile.SoundFile(
            str(beside), "w", round(tape.rate), tape.channels, "PCM_24", format="FLAC"
        ) as file:
            for at in range(0, tape.samples, piece):
                count = min(piece, tape.samples - at)
                sound = tape.read(at, count)
                if at < last and at + count > first:
                    sound = np.clip(sound - _marked(tape, mask, how, at, count), -1, 1)
                file.write(sound)
                if told is not None and not told((at + count) / tape.samples):
                    return None
        beside.replace(out)
    except OSError as error:
        raise BadRequest(sentence(out, error)) from error
    except soundfile.LibsndfileError as error:
        raise BadRequest(f"{out}: it cannot be written ({error}); free some space and try again.") from error
    finally:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)
    return out


def _marked(tape: Tape, mask: NDArray[np.uint8], how: Spectrogram, at: int, count: int) -> Floats:
    """[count, C]: what is marked of the samples from `at`, which is a whole number of hops."""
    margin = -(-how.window // how.hop) * how.hop
    begin = at - margin
    sound = tape.read(begin, count + 2 * margin)
    weight = weights(mask, how, begin, how.frames(len(sound)), tape.rate)
    out = np.zeros((count, tape.channels), np.float32)
    if weight.any():
        for channel in range(tape.channels):
            bins = spectrum(np.ascontiguousarray(sound[:, channel]), how)
            out[:, channel] = sound_of(bins * weight, how, len(sound))[margin : margin + count]
    return out


def weights(mask: NDArray[np.uint8], how: Spectrogram, begin: int, frames: int, rate: float) -> Floats:
    """A plane of marks [ROWS, columns] -> [F, frames] in 0 .. 1 over the bins of frames that are centred on `begin` + i hop."""
    columns = np.floor((begin + np.arange(frames) * how.hop) / rate * marks.RATE).astype(np.intp)
    rows = np.array([marks.row_of_hz(float(hz)) for hz in how.frequencies()])
    rows = np.floor(rows).astype(np.intp)
    high, wide = mask.shape
    inside = ((rows >= 0) & (rows < high))[:, None] & ((columns >= 0) & (columns < wide))
    found = mask[np.clip(rows, 0, high - 1)][:, np.clip(columns, 0, wide - 1)]
    return np.where(inside, found, 0).astype(np.float32) / np.float32(255)
