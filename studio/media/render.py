"""A timeline as a file: mp4, webm, mkv, gif, apng, or a folder of frames; whole or not at all, with its sound in step.

| ending | pictures           | sound            | for                                                  |
|--------|--------------------|------------------|------------------------------------------------------|
| .mp4   | H.264, 4:2:0, 709  | AAC, 192 kbit/s  | everything plays it                                  |
| .webm  | VP9, 4:2:0, 709    | Opus, 160 kbit/s | the web                                              |
| .mkv   | FFV1               | FLAC             | every bit is kept                                    |
| .gif   | 256 colours        | -                | one palette for the whole film, so that nothing flickers |
| .apng  | PNG                | -                | every bit of the pictures is kept                    |
| .png   | a folder of PNG    | WAV in it        | other programs                                       |

Picture k of the file is what the timeline shows at its frame first + k, and sample n what it sounds like n / 48000 s after that frame began,
so that neither drifts. Encoders that begin with silence of their own (AAC, Opus) say so in the file, and players leave it out.
"""

from __future__ import annotations

import itertools
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, cast

import av
import numpy as np
from av.error import FFmpegError
from numpy.typing import NDArray

from studio.core.cutting import change_rate, put
from studio.core.job import BadRequest
from studio.core.montage import RATE, Reader, frame_at, mix, sample_at
from studio.core.timeline import Timeline, begun_with, whole
from studio.media import files
from studio.media.film import Films, about
from studio.media.sequence import gathered, grouped
from studio.media.video import options

Pixels = NDArray[np.uint8]
Told = Callable[[float], object]


@dataclass(frozen=True)
class Format:
    """Container, codec of the pictures, codec of the sound ("" = none), and bits per pixel that a frame takes at most or so."""

    container: str
    codec: str
    sound: str
    bits: float
    lossy: bool = False


FORMATS: dict[str, Format] = {
    ".mp4": Format("mp4", "libx264", "aac", 0.5, lossy=True),
    ".webm": Format("webm", "libvpx-vp9", "libopus", 0.4, lossy=True),
    ".mkv": Format("matroska", "ffv1", "flac", 14),
    ".gif": Format("gif", "gif", "", 6),
    ".apng": Format("apng", "apng", "", 16),
    ".png": Format("", "png", "wav", 16),
}
BITRATES = {"aac": 192_000, "libopus": 160_000}
PALETTE_FRAMES = 24
"""Frames of the film that the colours of a gif are taken from."""


class Stopped(Exception):
    """Raised by `told` to give up; nothing is left of the file then."""


@dataclass(frozen=True)
class Render:
    """What to write.

    Args:
        path: its ending says the format; ".png" makes a folder of that name without the ending.
        width, height: in pixels, 0 = the film's. H.264 and VP9 take even numbers: an odd one becomes one less.
        rate: frames per second, 0 = the film's.
        quality: 1-100 of mp4 and webm; 100 is nearly lossless.
        span: first frame of the timeline and the one after the last, None = the timeline's own range.
        sound: whether it is heard.
        replace: whether a file that is there is replaced.
    """

    path: Path
    width: int = 0
    height: int = 0
    rate: float = 0.0
    quality: int = 80
    span: tuple[int, int] | None = None
    sound: bool = True
    replace: bool = True

    @property
    def format(self) -> Format:
        """Raises BadRequest for an ending that cannot be written."""
        found = FORMATS.get(self.path.suffix.lower())
        if found is None:
            raise BadRequest(
                f"{self.path.name}: {self.path.suffix or 'no ending'} is no film type that can be written; use one of"
                f" {', '.join(FORMATS)}."
            )
        return found

    def size(self, timeline: Timeline) -> tuple[int, int]:
        """Width and height of the file's pictures."""
        wide, high = self.width or timeline.width, self.height or timeline.height
        if not (2 <= wide <= 16384 and 2 <= high <= 16384):
            raise BadRequest(f"A film is 2 to 16384 pixels wide and high, not {wide} x {high}.")
        return (wide // 2 * 2, high // 2 * 2) if self.format.lossy else (wide, high)

    def frames(self, timeline: Timeline) -> int:
        first, last = self._range(timeline)
        rate = self.rate or timeline.rate
        return max(0, round(last / timeline.rate * rate) - round(first / timeline.rate * rate))

    def _range(self, timeline: Timeline) -> tuple[int, int]:
        return self.span if self.span is not None else timeline.range

    def bytes(self, timeline: Timeline) -> int:
        """What the file may take on the disk, roughly and rather too much."""
        wide, high = self.size(timeline)
        pictures = wide * high * self.frames(timeline) * self.format.bits / 8
        if self.format.lossy:
            pictures *= max(self.quality, 20) / 80
        sound = timeline.seconds * RATE * 2 * 3 if self.format.sound and self.sound else 0
        return int(pictures + sound) + (1 << 20)


def render(
    timeline: Timeline, wanted: Render, told: Told = lambda share: None, reader: Reader | None = None
) -> Path:
    """Writes the file -> its path, or that of the folder of frames.

    Args:
        told: gets the share that is done, 0 .. 1, after every frame; it may raise `Stopped`.
        reader: of the timeline's files; None = its own.

    Raises:
        BadRequest: there is nothing to see or hear, a file of it is missing, the disk is full and the like.
        FileExistsError: it is there and `replace` is false.
    """
    form = wanted.format
    first, last = wanted._range(timeline)  # pyright: ignore[reportPrivateUsage]
    if wanted.frames(timeline) < 1:
        raise BadRequest(
            "There is nothing on the timeline to be exported; put a clip on it, or choose another range."
        )
    if wanted.rate and wanted.rate != timeline.rate:
        first, last = (round(frame / timeline.rate * wanted.rate) for frame in (first, last))
        timeline = change_rate(timeline, wanted.rate)
    files.ready_folder(wanted.path.parent, wanted.bytes(timeline), "film")
    own = Films() if reader is None else None
    task = _Task(timeline, wanted, first, last, wanted.size(timeline), reader or cast(Reader, own), told)
    try:
        if form.codec == "png":
            return _frames(task)
        files.write_whole(wanted.path, lambda file: _film(task, Path(file.name)), replace=wanted.replace)
        return wanted.path
    except MemoryError:
        raise BadRequest(f"{wanted.path.name} does not fit into memory; export it smaller.") from None
    finally:
        if own is not None:
            own.close()


def film_of(paths: Sequence[Path]) -> tuple[Timeline, tuple[str, ...]]:
    """The film of a project, or a new one of files, each at the end of the first track that takes it -> it, and sentences about what
    is missing.

    Raises:
        BadRequest: a file cannot be read, or a project comes together with other files.
    """
    if any(path.suffix.lower() == ".ora" for path in paths):
        if len(paths) > 1:
            raise BadRequest("A project is exported alone; leave the other files out.")
        from studio.media.ora import read_ora

        opened = read_ora(paths[0])
        return opened.document.timeline, opened.notes
    timeline = Timeline()
    for group in grouped(paths):
        media = about(group[0] if len(group) == 1 else gathered(group, Path(tempfile.gettempdir())))
        if not timeline.length:
            timeline = begun_with(media, timeline)
        kind = "sound" if media.kind == "sound" else "video"
        track = next(track for track in timeline.tracks if track.kind == kind)
        timeline = put(timeline, track.id, whole(media, timeline.rate, track.end, group[0].stem))
    return timeline, ()


@dataclass(frozen=True)
class _Task:
    timeline: Timeline
    wanted: Render
    first: int
    last: int
    size: tuple[int, int]
    reader: Reader
    told: Told

    def pictures(self) -> Iterator[Pixels]:
        """[h, w, 3] of each frame."""
        count = self.last - self.first
        for number in range(count):
            pixels = frame_at(self.timeline, self.first + number, self.reader, self.size)
            broken = getattr(self.reader, "broken", {})
            if broken:  # a film with a hole in it is not what was asked for
                raise BadRequest(next(iter(broken.values())))
            yield pixels
            self.told((number + 1) / count)

    @property
    def heard(self) -> bool:
        timeline = self.timeline
        able = bool(self.wanted.format.sound) and self.wanted.sound
        return able and any(track.on and item.media.heard for track, item in timeline.items())

    @property
    def begin(self) -> int:
        """Sample of the timeline with which the film begins."""
        return sample_at(self.timeline, self.first)

    def samples(self, frame: int) -> int:
        """Samples from the beginning until the end of a frame of the file."""
        return sample_at(self.timeline, self.first + frame + 1) - self.begin


def _film(task: _Task, path: Path) -> None:
    form, (wide, high) = task.wanted.format, task.size
    rate = Fraction(task.timeline.rate).limit_denominator(1001)
    options_of: dict[str, str] = {"movflags": "+faststart"} if form.container == "mp4" else {}
    try:
        with av.open(str(path), "w", format=form.container, options=options_of) as film:
            stream = cast(Any, film.add_stream(form.codec, rate=rate))
            stream.width, stream.height = wide, high
            stream.pix_fmt, stream.options = options(form.codec, wide, high, task.wanted.quality)
            stream.codec_context.time_base = 1 / rate
            if form.lossy:
                _say_709(stream)
            sound = _Sound(task, film) if task.heard else None
            shaped: Callable[[Pixels], Any] = lambda pixels: _frame(pixels, form)  # noqa: E731
            if form.codec == "gif":
                stream.pix_fmt, stream.options = "pal8", {}
                shaped = _in_palette(task)
            for number, pixels in enumerate(task.pictures()):
                frame = shaped(pixels)
                frame.pts, frame.time_base = number, 1 / rate
                film.mux(stream.encode(frame))
                if sound is not None:
                    sound.write_until(number)
            film.mux(stream.encode())
            if sound is not None:
                sound.end()
    except (ValueError, FFmpegError) as error:
        if isinstance(error, BadRequest) or (isinstance(error, OSError) and error.errno in (28, 27, 122)):
            raise
        raise BadRequest(
            f"{task.wanted.path.name}: a film of {wide} x {high} cannot be written as {task.wanted.path.suffix} ({error});"
            " try another size or type."
        ) from error


def _say_709(stream: Any) -> None:
    """What the colours mean; without it players guess by the size."""
    context = stream.codec_context
    context.color_primaries = context.color_trc = context.colorspace = 1
    context.color_range = 1


def _frame(pixels: Pixels, form: Format) -> Any:
    frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format="rgb24")
    if not form.lossy:
        return frame
    made = frame.reformat(format="yuv420p", dst_colorspace="ITU709", dst_color_range="MPEG")
    made.colorspace, made.color_range = 1, 1
    return made


def _in_palette(task: _Task) -> Callable[[Pixels], Any]:
    """Frame -> frame of 256 colours, which are chosen from pictures all over the film."""
    from PIL import Image

    count = task.last - task.first
    some = sorted({round(k * (count - 1) / max(PALETTE_FRAMES - 1, 1)) for k in range(PALETTE_FRAMES)})
    side = (min(task.size[0], 160), min(task.size[1], 160))
    parts = [frame_at(task.timeline, task.first + k, task.reader, side) for k in some]
    chosen = Image.fromarray(np.concatenate(parts)).quantize(256, dither=Image.Dither.NONE)
    colours = np.zeros((256, 4), np.uint8)
    known = np.array(chosen.getpalette() or [], np.uint8).reshape(-1, 3)[:256]
    colours[: len(known), 1:] = known
    colours[:, 0] = 255

    def shaped(pixels: Pixels) -> Any:
        indexed = Image.fromarray(pixels).quantize(palette=chosen, dither=Image.Dither.FLOYDSTEINBERG)
        return av.VideoFrame.from_ndarray((np.asarray(indexed), colours), format="pal8")  # type: ignore[arg-type]

    return shaped


class _Sound:
    """The stream that is heard, written as far as the pictures are."""

    def __init__(self, task: _Task, film: Any) -> None:
        codec = task.wanted.format.sound
        self._task, self._film = task, film
        self._stream = film.add_stream(codec, rate=RATE)
        self._stream.layout = "stereo"
        if codec in BITRATES:
            self._stream.bit_rate = BITRATES[codec]
        self._done = 0

    def write_until(self, frame: int) -> None:
        end = self._task.samples(frame)
        piece = mix(self._task.timeline, self._task.begin + self._done, end - self._done, self._task.reader)
        if not len(piece):
            return
        made = av.AudioFrame.from_ndarray(np.ascontiguousarray(piece.T), format="fltp", layout="stereo")
        made.sample_rate, made.pts, made.time_base = RATE, self._done, Fraction(1, RATE)
        self._done = end
        self._film.mux(self._stream.encode(made))

    def end(self) -> None:
        self._film.mux(self._stream.encode())


def _frames(task: _Task) -> Path:
    """A folder of pictures and, if there is any, the sound; it gets its name when all of it is there."""
    from PIL import Image

    out = task.wanted.path.with_suffix("")
    if out.exists() and (not task.wanted.replace or not out.is_dir() or _foreign(out)):
        if not task.wanted.replace:
            raise FileExistsError(str(out))
        raise BadRequest(f"{out} holds other files; choose a name for a new folder.")
    beside = out.with_name(f".{out.name[:60]}.{secrets.token_hex(6)}{files.TEMPORARY}")
    try:
        beside.mkdir()
        for number, pixels in enumerate(task.pictures(), 1):
            Image.fromarray(pixels).save(beside / f"{out.name}_{number:05d}.png", compress_level=3)
        if task.heard:
            _wav(task, beside / f"{out.name}.wav")
        old = out.with_name(f".{out.name[:60]}.{secrets.token_hex(6)}{files.TEMPORARY}")
        if out.exists():
            out.rename(old)
        beside.rename(out)
        shutil.rmtree(old, ignore_errors=True)
        return out
    except OSError as error:
        raise BadRequest(files.sentence(out, error)) from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _foreign(folder: Path) -> bool:
    """Whether a folder holds more than an earlier export."""
    return any(
        not (one.name.startswith(folder.name) and one.suffix in (".png", ".wav")) for one in folder.iterdir()
    )


def _wav(task: _Task, path: Path) -> None:
    import soundfile

    whole = task.samples(task.last - task.first - 1)
    with soundfile.SoundFile(str(path), "w", RATE, 2, "PCM_16") as file:
        for at in itertools.count(0, RATE):
            if at >= whole:
                break
            file.write(mix(task.timeline, task.begin + at, min(RATE, whole - at), task.reader))
