"""A sound that is read piece by piece, so that an hour of it costs no memory.

What libsndfile can find its way in to the sample (wav, flac, aiff and their kin) is read where it lies; of anything else (mp3, ogg, m4a,
the sound of a film) a flac is made beside the studio's other things, once.
"""

from __future__ import annotations

import contextlib
import hashlib
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from studio.core.clip import Clip
from studio.core.job import BadRequest
from studio.media import files
from studio.media.sound import read_sound

Floats = NDArray[np.float32]

EXACT = frozenset({"WAV", "WAVEX", "W64", "RF64", "FLAC", "AIFF", "AU", "CAF"})
"""libsndfile's names of formats in which every sample can be found at once."""
HELD = 1 << 24
"""Samples up to which a sound is kept in memory: 64 MB, three minutes of stereo."""
BLOCK = 1 << 18
PEAK = 512
"""Samples of which one lowest and one highest value are kept for the wave."""

Told = Callable[[float], bool]
"""How much is done, 0 .. 1 -> whether to go on."""


class Stopped(Exception):
    """`Told` said that it is not wanted any more."""


class Tape:
    """A sound file, or a sound that is in memory.

    Args:
        held: the samples [n, C], where they are at hand already.

    Raises:
        BadRequest: missing, no sound, or of a kind that must be copied first (`placed`).
    """

    def __init__(self, path: Path | str, held: Clip | None = None) -> None:
        self.path = Path(path)
        self._lock = threading.Lock()
        self._file: soundfile.SoundFile | None = None
        self._held: Floats | None = None
        if held is not None:
            self._held = held.array
            self.rate, (self.samples, self.channels) = float(held.rate or 1), held.array.shape
            return
        files.check_file(self.path)
        try:
            self._file = soundfile.SoundFile(str(self.path))
        except soundfile.LibsndfileError:
            raise BadRequest(
                f"{self.path} is not a sound that can be read; use flac, wav, ogg or mp3."
            ) from None
        self.rate, self.channels = float(self._file.samplerate), self._file.channels
        self.samples = self._file.frames
        if not self.samples:
            raise BadRequest(f"{self.path} holds no sound; choose another file.")
        if self.samples * self.channels <= HELD:
            self._held = self._at(0, self.samples)
            self.close()

    @property
    def seconds(self) -> float:
        return self.samples / self.rate

    def read(self, start: int, count: int) -> Floats:
        """Samples [count, C] from `start`; silence before the beginning and after the end. May be called on any thread."""
        first, last = min(max(start, 0), self.samples), min(max(start + count, 0), self.samples)
        if first == start and last == start + count:
            return self._at(first, count)
        out = np.zeros((count, self.channels), np.float32)
        if last > first:
            out[first - start : last - start] = self._at(first, last - first)
        return out

    def mono(self, start: int, count: int) -> Floats:
        """The mean of the channels [count]."""
        found = self.read(start, count)
        return found[:, 0] if self.channels == 1 else found.mean(1, dtype=np.float32)

    def _at(self, start: int, count: int) -> Floats:
        if self._held is not None:
            return self._held[start : start + count]
        with self._lock:
            if self._file is None:
                return np.zeros((count, self.channels), np.float32)  # closed meanwhile: nobody looks any more
            try:
                self._file.seek(start)
                got = self._file.read(count, dtype="float32", always_2d=True)
            except (soundfile.LibsndfileError, RuntimeError):
                got = np.zeros((0, self.channels), np.float32)
        if len(got) < count:  # damaged near its end, or cut off while it is open
            got = np.concatenate([got, np.zeros((count - len(got), self.channels), np.float32)])
        return np.clip(np.asarray(got, np.float32), -1, 1)

    def close(self) -> None:
        with self._lock:
            if self._file is not None:
                self._file.close()
                self._file = None


@dataclass(frozen=True)
class Survey:
    """What one reading of a whole sound tells.

    Args:
        digest: `Clip.digest()` of the sound.
        peaks: [N, 2], the lowest and the highest sample of each `PEAK`, all channels together.
        loudest: the largest size of a sample.
    """

    digest: str
    peaks: Floats
    loudest: float


def survey(tape: Tape, told: Told | None = None) -> Survey | None:
    """Reads all of a sound once, in pieces; None where `told` said to stop."""
    head = f"('t', 'c'){round(tape.rate)}{np.dtype(np.float32).str}{(tape.samples, tape.channels)}".encode()
    digest = hashlib.sha256(head)
    peaks = np.zeros((-(-tape.samples // PEAK), 2), np.float32)
    for at in range(0, tape.samples, BLOCK):
        piece = tape.read(at, min(BLOCK, tape.samples - at))
        digest.update(piece.tobytes())
        missing = -len(piece) % PEAK
        if missing:
            piece = np.pad(piece, ((0, missing), (0, 0)), mode="edge")
        first = at // PEAK
        blocks = np.ascontiguousarray(piece).reshape(
            -1, PEAK * tape.channels
        )  # long rows: eight times as quick as short ones
        peaks[first : first + len(blocks), 0] = blocks.min(1)
        peaks[first : first + len(blocks), 1] = blocks.max(1)
        if told is not None and not told(min(1.0, (at + BLOCK) / tape.samples)):
            return None
    return Survey(digest.hexdigest(), peaks, float(np.abs(peaks).max()))


def placed(path: Path | str, folder: Path, told: Told | None = None) -> Path:
    """A file from which samples can be read at any place: `path` itself, or a flac made of it in `folder`.

    Raises:
        BadRequest: it cannot be read, or the flac cannot be written.
        Stopped: `told` said so; nothing of the flac is left.
    """
    path = Path(path)
    files.check_file(path)
    try:
        about = soundfile.info(str(path))
        if about.format in EXACT:
            return path
        exact = True
    except soundfile.LibsndfileError:
        exact = False
    status = path.stat()
    mark = hashlib.sha256(f"{path.resolve()}|{status.st_mtime_ns}|{status.st_size}".encode()).hexdigest()[:12]
    out = folder / f"{path.stem[:60]}-{mark}.flac"
    if out.exists():
        return out
    folder.mkdir(parents=True, exist_ok=True)
    beside = out.with_suffix(".new.flac")
    try:
        if exact:
            _convert(path, beside, told)
        else:
            clip = read_sound(path)
            soundfile.write(str(beside), clip.array, round(clip.rate or 1), "PCM_24", format="FLAC")
        beside.replace(out)
    except (OSError, soundfile.LibsndfileError) as error:
        raise BadRequest(
            files.sentence(out, error) if isinstance(error, OSError) else f"{out}: {error}"
        ) from error
    finally:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)
    return out


def _convert(path: Path, out: Path, told: Told | None) -> None:
    with (
        soundfile.SoundFile(str(path)) as source,
        soundfile.SoundFile(str(out), "w", source.samplerate, source.channels, "PCM_24", format="FLAC") as to,
    ):
        done = 0
        while len(piece := source.read(BLOCK, dtype="float32", always_2d=True)):
            to.write(np.clip(piece, -1, 1))
            done += len(piece)
            if told is not None and not told(min(1.0, done / max(source.frames, 1))):
                raise Stopped
