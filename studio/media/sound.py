"""Sound files <-> clips, by libsndfile.

| ending | what is kept                        |
|--------|-------------------------------------|
| .flac  | 24 bits a sample                    |
| .wav   | 24 bits a sample                    |
| .ogg   | Vorbis                              |
| .opus  | Opus; 48, 24, 16, 12 or 8 kHz only  |
| .mp3   | MPEG layer III                      |

The request is written into the file's comment.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast

import numpy as np
import soundfile

from studio.core.clip import Clip
from studio.core.job import BadRequest, JobSpec
from studio.media import files
from studio.media.id3 import tagged

WRITERS: dict[str, tuple[str, str]] = {
    ".flac": ("FLAC", "PCM_24"),
    ".wav": ("WAV", "PCM_24"),
    ".ogg": ("OGG", "VORBIS"),
    ".opus": ("OGG", "OPUS"),
    ".mp3": ("MP3", "MPEG_LAYER_III"),
}
TAGS = ("title", "artist", "album", "genre", "date")
PIECE = 1 << 20
"""Samples that are encoded at once."""
MAX_SAMPLES = 2 << 28
"""Of all channels together that are read at once: 2 GiB as float32."""


def read_sound(path: Path | str, start: float = 0.0, seconds: float | None = None) -> Clip:
    """A sound file, or the sound of a film -> sound, float32 [T, C] in [-1, 1] at the file's own rate.

    Args:
        start: seconds from the beginning.
        seconds: how much of it; None = to the end.

    Raises:
        BadRequest: missing, no sound, damaged, empty or too long.
    """
    files.check_file(path)
    try:
        with soundfile.SoundFile(str(path)) as file:
            rate, channels = file.samplerate, file.channels
            first = min(round(start * rate), file.frames)
            count = (
                file.frames - first if seconds is None else min(round(seconds * rate), file.frames - first)
            )
            if count * channels > MAX_SAMPLES:
                raise BadRequest(f"{path} is too long to be held in memory; cut a shorter part out of it.")
            file.seek(first)
            array = file.read(count, dtype="float32", always_2d=True)
    except soundfile.LibsndfileError:
        array, rate = _by_ffmpeg(path, start, seconds)
    if not len(array):
        raise BadRequest(f"{path} holds no sound at that time; choose another part or file.")
    if not np.isfinite(array).all():
        raise BadRequest(f"{path} holds samples that are no numbers; export it again as flac or wav.")
    return Clip.sound(np.clip(array, -1, 1), rate)


def _by_ffmpeg(path: Path | str, start: float, seconds: float | None) -> tuple[Any, float]:
    """What libsndfile does not know: AAC, and the sound of films -> (float32 [T, C], rate)."""
    import av

    unreadable = f"{path} is not a sound that can be read; use flac, wav, ogg, mp3 or m4a."
    try:
        with av.open(str(path)) as film:
            if not film.streams.audio:
                raise BadRequest(f"{path} holds no sound; choose another file.")
            stream = film.streams.audio[0]
            rate = float(stream.rate)
            layout = "mono" if stream.channels == 1 else "stereo"
            to_float = av.AudioResampler(format="flt", layout=layout)
            channels = 1 if layout == "mono" else 2
            got: list[Any] = []
            size = 0
            end = None if seconds is None else round((start + seconds) * rate)
            for frame in (*film.decode(stream), None):
                for piece in to_float.resample(frame):
                    got.append(piece.to_ndarray().reshape(-1, channels))
                    size += len(got[-1])
                if end is not None and size >= end:
                    break
                if size * channels > MAX_SAMPLES:
                    raise BadRequest(
                        f"{path} is too long to be held in memory; cut a shorter part out of it."
                    )
    except (OSError, ValueError) as error:
        if isinstance(error, BadRequest):
            raise
        raise BadRequest(unreadable) from None
    if not got:
        raise BadRequest(unreadable)
    whole = np.concatenate(got)
    return whole[round(start * rate) : end], rate


def save_sound(
    clip: Clip,
    path: Path | str,
    spec: JobSpec | None = None,
    *,
    quality: int = 92,
    replace: bool = True,
    tags: Mapping[str, str] | None = None,
) -> None:
    """Writes a sound in one step, in the format that the name's ending says, with the request in its comment.

    Args:
        quality: 1-100 for ogg, opus and mp3.
        replace: whether a file that is already there is replaced.
        tags: of `TAGS`.

    Raises:
        BadRequest: no sound, unknown ending, full disk, read-only folder and the like.
        FileExistsError: the file is there and `replace` is false.
    """
    path = Path(path)
    if clip.kind != "sound":
        raise BadRequest(f"{path}: a {clip.kind} cannot be saved as a sound; choose a file type made for it.")
    pieces = (clip.array[at : at + PIECE] for at in range(0, len(clip.array), PIECE))
    write_pieces(
        pieces, clip.rate or 0, clip.array.shape[1], path, spec, quality=quality, replace=replace, tags=tags
    )


def write_pieces(
    pieces: Iterable[Any],
    rate: float,
    channels: int,
    path: Path,
    spec: JobSpec | None = None,
    *,
    quality: int = 92,
    replace: bool = True,
    tags: Mapping[str, str] | None = None,
) -> None:
    """The same for a sound of any length, float32 [n, channels] after [n, channels]; what an iterator raises ends it, and leaves
    what was there before."""
    if path.suffix.lower() not in WRITERS:
        raise BadRequest(
            f"{path}: {path.suffix or 'no ending'} is not a sound type that can be written; use one of {', '.join(WRITERS)}."
        )
    told = {name: text for name, text in (tags or {}).items() if name in TAGS and text}
    if spec is not None:
        from studio.media.video import comment

        told |= {"comment": comment(spec), "software": "Diffusion Studio"}
    encode = _Encode(pieces, rate, channels, path, quality, told)
    files.write_whole(path, encode.mp3 if path.suffix.lower() == ".mp3" else encode.write, replace=replace)


@dataclass
class _Encode:
    pieces: Iterable[Any]
    rate: float
    channels: int
    path: Path
    quality: int
    tags: dict[str, str]

    def write(self, file: BinaryIO) -> None:
        format, subtype = WRITERS[self.path.suffix.lower()]
        lossy: dict[str, Any] = (
            {"compression_level": 1 - self.quality / 100} if subtype[:3] in ("VOR", "OPU", "MPE") else {}
        )
        try:
            with soundfile.SoundFile(
                file, "w", round(self.rate), self.channels, subtype, format=format, **lossy
            ) as to:
                if format != "MP3":
                    for name, text in self.tags.items():
                        setattr(to, name, text)
                for piece in self.pieces:
                    to.write(np.clip(piece, -1, 1))
        except (soundfile.LibsndfileError, TypeError) as error:
            raise BadRequest(
                f"{self.path}: {self.channels} channels at {self.rate:g} Hz cannot be written as {self.path.suffix} ({error}); save it"
                " as .flac."
            ) from error

    def mp3(self, file: BinaryIO) -> None:
        """In memory first, because its tags stand in front."""
        buffer = io.BytesIO()
        self.write(buffer)
        file.write(tagged(buffer.getvalue(), self.tags))


def read_tags(path: Path | str) -> dict[str, str]:
    """The tags of a sound file, of `TAGS`; {} where there are none or where it cannot be read."""
    try:
        with soundfile.SoundFile(str(path)) as file:
            return {name: str(getattr(file, name)) for name in TAGS if getattr(file, name)}
    except (soundfile.LibsndfileError, OSError, RuntimeError):
        return {}


def read_comment(path: Path | str) -> str:
    """The comment of a sound file; empty where there is none.

    Raises:
        BadRequest: it cannot be opened.
    """
    files.check_file(path)
    try:
        with soundfile.SoundFile(str(path)) as file:
            return cast(str, file.comment)
    except soundfile.LibsndfileError:
        from studio.media import video

        return video.read_comment(path)
