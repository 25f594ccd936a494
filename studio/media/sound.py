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
from pathlib import Path
from typing import Any, cast

import numpy as np
import soundfile

from studio.core.clip import Clip
from studio.core.job import BadRequest, JobSpec
from studio.media import files

WRITERS: dict[str, tuple[str, str]] = {
    ".flac": ("FLAC", "PCM_24"),
    ".wav": ("WAV", "PCM_24"),
    ".ogg": ("OGG", "VORBIS"),
    ".opus": ("OGG", "OPUS"),
    ".mp3": ("MP3", "MPEG_LAYER_III"),
}
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
) -> None:
    """Writes a sound in one step, in the format that the name's ending says, with the request in its comment.

    Args:
        quality: 1-100 for ogg, opus and mp3.
        replace: whether a file that is already there is replaced.

    Raises:
        BadRequest: no sound, unknown ending, full disk, read-only folder and the like.
        FileExistsError: the file is there and `replace` is false.
    """
    path = Path(path)
    if clip.kind != "sound":
        raise BadRequest(f"{path}: a {clip.kind} cannot be saved as a sound; choose a file type made for it.")
    if path.suffix.lower() not in WRITERS:
        raise BadRequest(
            f"{path}: {path.suffix or 'no ending'} is not a sound type that can be written; use one of {', '.join(WRITERS)}."
        )
    data = _encoded(clip, path, spec, quality)
    files.write_whole(path, lambda file: file.write(data), replace=replace)


def _encoded(clip: Clip, path: Path, spec: JobSpec | None, quality: int) -> memoryview:
    from studio.media.video import comment

    format, subtype = WRITERS[path.suffix.lower()]
    buffer = io.BytesIO()
    lossy: dict[str, Any] = (
        {"compression_level": 1 - quality / 100} if subtype[:3] in ("VOR", "OPU", "MPE") else {}
    )
    try:
        with soundfile.SoundFile(
            buffer, "w", round(clip.rate or 0), clip.array.shape[1], subtype, format=format, **lossy
        ) as file:
            if spec is not None:
                file.comment = comment(spec)
                file.software = "Diffusion Studio"
            file.write(np.clip(clip.array, -1, 1))
    except (soundfile.LibsndfileError, ValueError, TypeError) as error:
        raise BadRequest(
            f"{path}: {clip.array.shape[1]} channels at {clip.rate:g} Hz cannot be written as {path.suffix} ({error}); save it as .flac."
        ) from error
    return buffer.getbuffer()


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
