"""Film files <-> clips, by PyAV (FFmpeg).

| ending | codec         | what is kept                                                  |
|--------|---------------|---------------------------------------------------------------|
| .mp4   | H.264, 4:2:0  | everything plays it; an odd side is written as 4:4:4          |
| .webm  | VP9, 4:2:0    | for the web                                                   |
| .mkv   | FFV1          | every bit of every pixel                                      |
| .gif   | palette       | 256 colours, rates that are hundredths of a second            |
| .apng  | PNG           | every bit of every pixel                                      |

The request is written into the container's comment, where the container has one (gif and apng have none).
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any, BinaryIO, cast

import av
import numpy as np
from av.error import FFmpegError
from numpy.typing import NDArray

from studio.core.clip import Clip
from studio.core.job import BadRequest, JobSpec
from studio.media import files

Pixels = NDArray[np.uint8]

MAX_BYTES = 2 << 30
"""Of decoded frames that `read_video` holds at once; longer films are read in parts (`frames`)."""
WRITERS: dict[str, tuple[str, str]] = {
    ".mp4": ("mp4", "libx264"),
    ".webm": ("webm", "libvpx-vp9"),
    ".mkv": ("matroska", "ffv1"),
    ".gif": ("gif", "gif"),
    ".apng": ("apng", "apng"),
}


def read_video(path: Path | str, start: float = 0.0, seconds: float | None = None) -> Clip:
    """A film file -> video, uint8 [T, H, W, 3], upright, every frame that it has between two times.

    Args:
        start: seconds from the beginning.
        seconds: how much of it; None = to the end.

    Raises:
        BadRequest: missing, no film, damaged, without pictures, or more than `MAX_BYTES` of pixels.
    """
    got: list[NDArray[np.uint8]] = []
    size = 0
    rate = 0.0
    for rate, at, frame in frames(path, start):
        if seconds is not None and at >= start + seconds - 0.5 / rate:
            break
        got.append(frame)
        size += frame.nbytes
        if size > MAX_BYTES:
            raise BadRequest(
                f"{path} has more pictures than fit into memory at once; cut a shorter part out of it on the timeline."
            )
    if not got:
        raise BadRequest(f"{path} has no pictures at that time; choose another part or file.")
    return Clip.video(np.stack(got), rate)


def frames(path: Path | str, start: float = 0.0) -> Iterator[tuple[float, float, NDArray[np.uint8]]]:
    """The frames of a film from a time on, one after the other: (rate, seconds, uint8 [H, W, 3]).

    Raises:
        BadRequest: as `read_video`.
    """
    files.check_file(path)
    try:
        with av.open(str(path)) as film:
            if not film.streams.video:
                raise BadRequest(f"{path} holds no pictures; choose a film.")
            stream = film.streams.video[0]
            stream.thread_type = "AUTO"
            rate = float(stream.average_rate or stream.guessed_rate or 25)
            if start > 0:
                film.seek(int(start * av.time_base))
            for number, frame in enumerate(film.decode(stream)):
                at = float(frame.time) if frame.time is not None else number / rate
                if at < start - 0.5 / rate:
                    continue
                yield rate, at, _upright(cast(Any, frame.to_ndarray(format="rgb24")), frame.rotation)
    except BadRequest:
        raise
    except (FFmpegError, ValueError, EOFError, OSError) as error:
        if isinstance(error, PermissionError):
            raise BadRequest(files.sentence(path, error)) from None
        why = getattr(error, "strerror", None) or error
        raise BadRequest(
            f"{path} is not a film that can be read ({why}); use mp4, mov, webm, mkv or gif, or save it again."
        ) from None
    except MemoryError:
        raise BadRequest(f"{path} does not fit into memory; make it smaller.") from None


def save_video(
    clip: Clip,
    path: Path | str,
    spec: JobSpec | None = None,
    *,
    quality: int = 92,
    replace: bool = True,
) -> None:
    """Writes a video in one step, in the format that the name's ending says, with the request in its comment.

    Args:
        quality: 1-100 for mp4 and webm; the others lose nothing but, in a gif, colours.
        replace: whether a file that is already there is replaced.

    Raises:
        BadRequest: no video, unknown ending, full disk, read-only folder and the like.
        FileExistsError: the file is there and `replace` is false.
    """
    path = Path(path)
    if clip.kind != "video":
        raise BadRequest(f"{path}: a {clip.kind} cannot be saved as a film; choose a file type made for it.")
    if path.suffix.lower() not in WRITERS:
        raise BadRequest(
            f"{path}: {path.suffix or 'no ending'} is not a film type that can be written; use one of {', '.join(WRITERS)}."
        )
    files.write_whole(
        path,
        lambda file: _encode(iter(clip.array), clip.rate or 25.0, file, path, spec, quality),
        replace=replace,
    )


def write_frames(frames: Iterable[Pixels], path: Path, rate: float, spec: JobSpec | None = None) -> None:
    """The same for frames [H, W, 3 or 4] of one size that come one after the other, so that they need not fit into memory.

    Raises:
        BadRequest: as `save_video`; there are no frames; and whatever `frames` raises.
    """
    files.write_whole(path, lambda file: _encode(iter(frames), rate, file, path, spec, 92))


def _encode(
    frames: Iterator[Pixels], rate: float, file: BinaryIO, path: Path, spec: JobSpec | None, quality: int
) -> None:
    format, codec = WRITERS[path.suffix.lower()]
    first = next(frames, None)
    if first is None:
        raise BadRequest(f"{path}: there are no pictures to write; choose some.")
    high, wide, channels = first.shape
    try:
        with av.open(file, "w", format=format) as film:
            if spec is not None:
                film.metadata["comment"] = comment(spec)
                film.metadata["encoder"] = "Diffusion Studio"
            stream = cast(Any, film.add_stream(codec, rate=Fraction(rate).limit_denominator(1001)))
            stream.width, stream.height = wide, high
            alpha = channels == 4
            stream.pix_fmt, stream.options = options(codec, wide, high, quality, alpha)
            for pixels in itertools.chain([first], frames):
                array = np.ascontiguousarray(pixels)
                frame = av.VideoFrame.from_ndarray(array, format="rgba" if alpha else "rgb24")
                for packet in stream.encode(frame):
                    film.mux(packet)
            for packet in stream.encode():
                film.mux(packet)
    except BadRequest:
        raise
    except (ValueError, FFmpegError) as error:
        if isinstance(error, OSError) and error.errno in (28, 27, 122):  # the disk, not the codec
            raise
        raise BadRequest(
            f"{path}: a film of {wide} x {high} cannot be written as {path.suffix} ({error}); save it as .mkv."
        ) from error


def options(
    codec: str, width: int, height: int, quality: int, alpha: bool = False
) -> tuple[str, dict[str, str]]:
    """Pixel format and the encoder's options. Quality 92 is H.264's crf 10, 50 is 26."""
    odd = width % 2 or height % 2
    match codec:
        case "libx264":
            crf = round(1 + (100 - quality) * 0.5 + (4 if quality < 100 else -1) * 1.25)
            return "yuv444p" if odd else "yuv420p", {"crf": str(min(crf, 51)), "preset": "medium"}
        case "libvpx-vp9":
            crf = round(4 + (100 - quality) * 0.56)
            return ("yuva420p" if alpha else "yuv420p"), {"crf": str(crf), "b": "0", "cpu-used": "2"}
        case "ffv1":
            return ("bgra" if alpha else "bgr0"), {}
        case "gif":
            return "rgb8", {}
        case _:
            return ("rgba" if alpha else "rgb24"), {"plays": "0"}


def comment(spec: JobSpec) -> str:
    """The request as ASCII, for tags whose encoding nobody is sure of."""
    return json.dumps(json.loads(spec.to_json()))


def read_comment(path: Path | str) -> str:
    """The comment of a film file; empty where there is none.

    Raises:
        BadRequest: it cannot be opened.
    """
    files.check_file(path)
    try:
        with av.open(str(path)) as film:
            return next((text for name, text in film.metadata.items() if name.lower() == "comment"), "")
    except (OSError, ValueError) as error:
        raise BadRequest(f"{path} is not a film that can be read ({error}); choose another file.") from None


def _upright(pixels: NDArray[np.uint8], rotation: int) -> NDArray[np.uint8]:
    """Turned as the camera was held (degrees, anticlockwise, as FFmpeg's display matrix says)."""
    return np.ascontiguousarray(np.rot90(pixels, round(rotation / 90) % 4)) if rotation else pixels
