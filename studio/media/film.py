"""Films and sounds at any time: what a timeline asks of its files (`studio.core.montage.Reader`).

    films = Films()
    films.picture(media, 12.48, 960, 540)      the frame that is on the screen then, exactly
    films.sound(media, 48000, 800)

A film is opened once and decoded on from where it is while times go forward; for any other time the nearest key frame before is looked up in
the file's index. On the way from there to the wanted frame, frames that no other one is made from are not decoded at all. What was
decoded last is kept, so that steps backward cost one such run and not one each. Who cannot wait for the exact frame is given the nearest on
the way to it (`Films.hurry`).

Time 0 is the first picture of a film, for its sound too. An object belongs to one thread.
"""

from __future__ import annotations

import itertools
import math
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, cast

import av
import numpy as np
from av.error import FFmpegError
from numpy.typing import NDArray
from PIL import Image

from studio.core.clip import Clip
from studio.core.job import BadRequest, JobSpec, Source
from studio.core.montage import RATE
from studio.core.timeline import Item, Media, MediaKind
from studio.media import files, links
from studio.media.clips import kind_of, read_clip, save_clip
from studio.media.image import read_picture
from studio.media.metadata import read_settings, to_spec
from studio.media.tempo import Pieces, Stretched

Floats = NDArray[np.float32]
Pixels = NDArray[np.uint8]

OPEN = 6
"""Files that are open at once."""
RUN_BYTES = 48 << 20
"""Of decoded frames that are kept of each film."""
KEPT_BYTES = 64 << 20
"""Of scaled frames."""
CUT_BYTES = 512 << 20
"""Of the pixels of a part of a film that is handed to a model."""
EPS = 1e-4
"""Seconds by which times in files are off because they are rounded."""
NEAR = 1.0
"""Seconds from one wanted time to the next within which a hand is taken to step or to draw."""
REORDERED = 2.0
"""Seconds by which a packet may come after one that is seen later, where the file does not say when packets are decoded."""


def never() -> bool:
    return False


def about(path: Path | str, spec: JobSpec | None = None) -> Media:
    """A file as something for the timeline. Reads all of it, to know it again.

    Raises:
        BadRequest: it is missing, damaged, or nothing that can be seen or heard.
    """
    path = Path(path)
    files.check_file(path)
    kind = kind_of(path)
    if spec is None:
        spec = _spec_in(path)
    try:
        size, digest = path.stat().st_size, links.digest(path)
        if kind in ("picture", "mask"):
            clip = read_picture(path)
            return Media(str(path), "picture", 0, 0, clip.width, clip.height, False, size, digest, spec)
        with av.open(str(path)) as film:
            sound = film.streams.audio[0] if film.streams.audio else None
            if kind == "video" and film.streams.video:
                return _about_film(path, film, sound is not None, size, digest, spec)
            if sound is None:
                raise BadRequest(f"{path} holds neither pictures nor sound; choose another file.")
            seconds = _length(film, sound)
            return Media(str(path), "sound", seconds, 0, 0, 0, True, size, digest, spec)
    except (FFmpegError, ValueError, EOFError) as error:
        if isinstance(error, BadRequest):
            raise
        why = getattr(error, "strerror", None) or error
        raise BadRequest(f"{path} cannot be read ({why}); save it again, or choose another file.") from None
    except OSError as error:
        raise BadRequest(files.sentence(path, error)) from None


def _about_film(path: Path, film: Any, heard: bool, size: int, digest: str, spec: JobSpec | None) -> Media:
    stream = film.streams.video[0]
    rate = float(stream.average_rate or stream.guessed_rate or 25)
    first = next(film.decode(stream))
    wide, high = first.width, first.height
    aspect = stream.sample_aspect_ratio
    if aspect and aspect > 0:
        wide = max(1, round(wide * float(aspect)))
    if round(first.rotation / 90) % 2:
        wide, high = high, wide
    seconds = _length(film, stream)
    return Media(str(path), "video", max(seconds, 1 / rate), rate, wide, high, heard, size, digest, spec)


def _length(film: Any, stream: Any) -> float:
    """Seconds that a stream plays; counted where the file does not say."""
    if stream.duration is not None and stream.time_base is not None and stream.duration > 0:
        return float(stream.duration * stream.time_base)
    if film.duration and film.duration > 0:
        origin = float(stream.start_time * stream.time_base) if stream.start_time else 0.0
        return max(film.duration / av.time_base - origin, 0.0)
    end = 0.0
    film.seek(0)
    for packet in film.demux(stream):
        if packet.pts is not None:
            end = max(end, float((packet.pts + (packet.duration or 0)) * packet.time_base))
    return end


def _spec_in(path: Path) -> JobSpec | None:
    try:
        return to_spec(read_settings(path))[0]
    except (BadRequest, ValueError, OSError):
        return None  # most files were not made here


class Films:
    """See the module; fulfils `studio.core.montage.Reader`.

    Attributes:
        broken: path -> sentence, of the files that could not be read.
        alone: whether frames are wanted one by one and from anywhere, rather than one after the other: what is quicker for the one.
        hurry: asked while frames are decoded; once it says yes, the nearest that is there already is given in place of the wanted one. The
            next call for the same time goes on from there.
        exact: False after that.
    """

    def __init__(self) -> None:
        self.broken: dict[str, str] = {}
        self.alone = False
        self.hurry: Callable[[], bool] = never
        self.exact = True
        self._pictures: OrderedDict[str, _Film] = OrderedDict()
        self._sounds: OrderedDict[str, _Sound] = OrderedDict()
        self._tempos: OrderedDict[tuple[str, float, int], Stretched] = OrderedDict()
        self._numbers = itertools.count()
        self._stills: OrderedDict[str, Image.Image] = OrderedDict()
        self._kept: OrderedDict[tuple[str, float, int, int], Pixels] = OrderedDict()
        self._bytes = 0

    def picture(self, media: Media, seconds: float, width: int, height: int) -> Pixels | None:
        if media.path in self.broken:
            return None
        try:
            if media.kind == "picture":
                return self._still(media, width, height)
            film = _opened(self._pictures, media.path, _Film)
            begin, frame, exact = film.at(seconds, self.alone, self.hurry)
            self.exact &= exact
            key = (media.path, begin, width, height)
            found = self._kept.pop(key, None)
            if found is None:
                found = _scaled(frame, width, height)
                found.flags.writeable = False
            self._keep(key, found)
            return found
        except (FFmpegError, ValueError, EOFError, OSError, MemoryError) as error:
            self.broken[media.path] = _why(media.path, error)
            return None

    def sound(self, media: Media, first: int, count: int, speed: float = 1.0) -> Floats:
        if media.path in self.broken:
            return np.zeros((count, 2), np.float32)
        try:
            if speed != 1:
                return self._stretched(media.path, speed, first).at(first, count)
            return _opened(self._sounds, media.path, _Sound).at(first, count)
        except (FFmpegError, ValueError, EOFError, OSError, MemoryError) as error:
            self.broken[media.path] = _why(media.path, error)
            return np.zeros((count, 2), np.float32)

    def _stretched(self, path: str, speed: float, first: int) -> Stretched:
        """One that is near the wanted place goes on from there: two parts of a file that are heard together have one each."""
        kept = self._tempos
        key = next((k for k, one in kept.items() if k[:2] == (path, speed) and one.near(first)), None)
        if key is None:
            files.check_file(path)
            sound, key = _Sound(path), (path, speed, next(self._numbers))
            kept[key] = Stretched(sound.at, speed, sound.close)
            if len(kept) > OPEN:
                kept.popitem(last=False)[1].close()
        kept.move_to_end(key)
        return kept[key]

    def _still(self, media: Media, width: int, height: int) -> Pixels:
        key = (media.path, 0.0, width, height)
        found = self._kept.pop(key, None)
        if found is None:
            image = self._stills.get(media.path)
            if image is None:
                image = Image.fromarray(read_picture(media.path).array)
                self._stills[media.path] = image
                if len(self._stills) > OPEN:
                    self._stills.popitem(last=False)
            small = image.resize((width, height), Image.Resampling.BILINEAR, reducing_gap=2.0)
            found = np.array(small)
            found.flags.writeable = False
        self._keep(key, found)
        return found

    def _keep(self, key: tuple[str, float, int, int], pixels: Pixels) -> None:
        self._kept[key] = pixels
        self._bytes = (
            sum(one.nbytes for one in self._kept.values())
            if len(self._kept) < 3
            else self._bytes + pixels.nbytes
        )
        while self._bytes > KEPT_BYTES and len(self._kept) > 1:
            self._kept.popitem(last=False)
            self._bytes = sum(one.nbytes for one in self._kept.values())

    def close(self) -> None:
        for one in (*self._pictures.values(), *self._sounds.values(), *self._tempos.values()):
            one.close()
        self._pictures.clear()
        self._sounds.clear()
        self._tempos.clear()
        self._stills.clear()
        self._kept.clear()


def _opened(shelf: OrderedDict[str, Any], path: str, make: Any) -> Any:
    """The open file, opened if need be; the one that rested longest is closed for it."""
    found = shelf.pop(path, None)
    if found is None:
        files.check_file(path)
        found = make(path)
        if len(shelf) >= OPEN:
            shelf.popitem(last=False)[1].close()
    shelf[path] = found
    return found


def _why(path: str, error: Exception) -> str:
    if isinstance(error, BadRequest):
        return str(error)
    if isinstance(error, OSError) and not isinstance(error, FFmpegError):
        return files.sentence(path, error)
    return f"{path} cannot be read ({getattr(error, 'strerror', None) or error}); save it again."


def _scaled(frame: Any, width: int, height: int) -> Pixels:
    """[height, width, 3 or 4], upright."""
    turn = round(frame.rotation / 90) % 4
    clear = frame.format.name == "pal8" or any(part.is_alpha for part in frame.format.components)
    wide, high = (height, width) if turn % 2 else (width, height)
    how = "AREA" if wide < frame.width else "BICUBIC"
    if not clear and (wide, high) != (frame.width, frame.height):
        frame = frame.reformat(
            width=wide, height=high, format="bgra", interpolation=how
        )  # quicker than to rgb24
    made = frame.reformat(width=wide, height=high, format="rgba" if clear else "rgb24", interpolation=how)
    pixels = np.rot90(made.to_ndarray(), turn) if turn else made.to_ndarray()
    return np.ascontiguousarray(pixels)


class _Film:
    """The pictures of one open file.

    Packets are read ahead until their decoding times say that every frame up to the wanted time is among them. So it is known which frame is
    seen then, however uneven the rate, before anything is decoded. Frames before it that no other is made from are left out; and
    a decoder that is not to go on from there is drained as soon as it has the wanted frame, as otherwise it gives that only after
    further ones: those it reorders, and one for each of its threads.
    """

    def __init__(self, path: str) -> None:
        self._file = av.open(path)
        if not self._file.streams.video:
            self._file.close()
            raise BadRequest(f"{path} holds no pictures; choose a film.")
        self._stream = self._file.streams.video[0]
        self._stream.thread_type = "AUTO"
        self._context = cast(Any, self._stream.codec_context)
        self._context.open(
            strict=False
        )  # some decoders (dav1d) keep to the `skip_frame` they are opened with
        self._base = float(self._stream.time_base or 0) or 1 / 1000
        self._origin = self._stream.start_time or 0
        self._apart = round(REORDERED / self._base)
        self._most = max(2, RUN_BYTES // (3 * self._stream.width * self._stream.height // 2 or 1))
        """Frames that are kept."""
        self._run: deque[tuple[float, Any]] = deque()
        """When each begins. None is missing between them."""
        self._packets: Iterator[Any] | None = None
        """None = the decoder is nowhere that can be gone on from."""
        self._ahead: deque[Any] = deque()
        """Packets that were read and not decoded yet."""
        self._given: deque[int] = deque(maxlen=64)
        """Times of those that were, in the file's units."""
        self._wanted = -math.inf
        self._target: int | None = None
        """The frame that is seen at `_wanted`, by its time in the file's units; None = the file does not tell."""
        self._sure = 0.0
        """Until then no other follows it."""
        self._first: int | None = None
        """Before this one, only frames that others are made from are decoded."""
        self._left_out = -math.inf
        """When the last one begins that may be missing for it."""
        self._alone = False
        """Whether the decoder is drained at the target."""
        self._ended = self._hurried = False

    def at(
        self, seconds: float, alone: bool = False, hurry: Callable[[], bool] = never
    ) -> tuple[float, Any, bool]:
        """The frame that is seen at a time: when it begins, the frame, and whether it is that one.

        Before the first it is the first, after the last the last. `alone`, `hurry`: as in `Films`.
        """
        wanted = max(seconds, 0.0) + EPS
        self._hurried = False
        if not self._holds(wanted):
            if self._must_seek(wanted):
                self._seek(wanted, alone, hurry)
            else:
                if wanted != self._wanted:
                    self._aim(wanted)
                self._decode(wanted, hurry)
        self._wanted = wanted
        if not self._run:
            raise EOFError("it has no pictures")
        begin, frame = next((one for one in reversed(self._run) if one[0] <= wanted), self._run[0])
        return begin, frame, not self._hurried

    def _holds(self, wanted: float) -> bool:
        run = self._run
        return bool(run) and run[0][0] <= wanted and (wanted < self._known_until or self._ended)

    @property
    def _known_until(self) -> float:
        """Before this time it is certain which of the decoded frames is seen."""
        begin, frame = self._run[-1]
        return max(begin, self._sure) if self._target is not None and frame.pts >= self._target else begin

    def _must_seek(self, wanted: float) -> bool:
        if self._packets is None or not self._run:
            return True
        if wanted == self._wanted:
            return False  # it was in a hurry, and goes on now
        if self._alone or wanted < self._run[0][0] or wanted <= self._left_out:
            return True
        ahead = wanted - self._run[-1][0]
        if ahead < 0.4:
            return False
        key = self._key_before(wanted)
        return key is None or key > self._run[-1][0]

    def _key_before(self, seconds: float) -> float | None:
        """The time of the last key frame before, where the file has an index."""
        entries = getattr(self._stream, "index_entries", None)
        if not entries:
            return None
        place = entries.search_timestamp(self._stamp(seconds), backward=True)
        return self._time(entries[place].timestamp) if place >= 0 else None

    def _stamp(self, seconds: float) -> int:
        return int(seconds / self._base) + self._origin

    def _time(self, stamp: int) -> float:
        return (stamp - self._origin) * self._base

    def _seek(self, wanted: float, alone: bool, hurry: Callable[[], bool]) -> None:
        """To the key frame before, and on to the wanted one. A step backward keeps those before it, as more such steps will follow."""
        near = 0 < abs(wanted - self._wanted) < NEAR
        back = near and wanted < self._wanted
        early = 0.0
        while True:
            begin = max(wanted - early, 0.0)
            if begin > 0:
                self._file.seek(self._stamp(begin), stream=self._stream, backward=True, any_frame=False)
            else:
                self._file.seek(min(0, self._file.start_time or 0))  # packets may come before the first frame
            self._packets = self._file.demux(self._stream)
            for kept in (self._run, self._ahead, self._given):
                kept.clear()
            self._first, self._left_out, self._ended = None, -math.inf, False
            self._alone = alone and not near
            self._aim(wanted, self._most if back else 1)
            if begin <= 0 or self._from_a_key(wanted):
                self._decode(wanted, hurry)
                if self._run and (begin <= 0 or self._run[0][0] <= wanted):
                    return
                if begin <= 0 and not self._alone:
                    return
                alone = alone and begin > 0  # the decoder gave nothing of its first packets; what comes then?
            early = (
                early * 3 + 1.0
            )  # the file led behind the wanted time, or where nothing can be decoded yet

    def _from_a_key(self, wanted: float) -> bool:
        """Forgets packets before a key frame; whether the frame that is made from it is early enough."""
        while self._ahead and not self._ahead[0].is_keyframe and self._ahead[0].size:
            self._ahead.popleft()
        first = self._ahead[0] if self._ahead else None
        return first is not None and (first.pts is None or first.pts <= self._stamp(wanted))

    def _aim(self, wanted: float, keep: int = 1) -> None:
        """Reads ahead until it is known which frame is seen at a time. keep: how many, up to that one, are decoded in any case."""
        assert self._packets is not None
        stamp = self._stamp(wanted)
        self._target = self._first = None
        packet = self._ahead[-1] if self._ahead else None
        while True:
            if packet is not None:
                if packet.pts is None:  # the end, or a file that tells no times
                    break
                if (packet.pts - self._apart if packet.dts is None else packet.dts) > stamp:
                    break
            packet = next(self._packets, None)
            if packet is None:
                break
            self._ahead.append(packet)
        if packet is not None and packet.pts is None and packet.size:
            return
        unread = sorted(one.pts for one in self._ahead if one.pts is not None and not one.is_discard)
        seen = [pts for pts in (*self._given, *unread) if pts <= stamp]
        if seen:
            self._target, self._sure = max(seen), wanted + EPS / 2
            self._first = next(iter([pts for pts in unread if pts <= self._target][-keep:]), None)

    def _decode(self, wanted: float, hurry: Callable[[], bool]) -> None:
        """Until it is certain which frame is the wanted one, the file ends, or there is no time."""
        while self._packets is not None and not self._holds(wanted):
            packet = self._ahead.popleft() if self._ahead else next(self._packets, None)
            if packet is None:
                self._ended = True
                return
            self._context.skip_frame = "NONREF" if self._is_passed(packet.pts) else "DEFAULT"
            self._take(packet.decode())
            if packet.pts is not None and not packet.is_discard:
                self._given.append(packet.pts)
                if self._alone and packet.pts == self._target:
                    self._drain()
                    return
            if self._run and self._run[0][0] > wanted:
                return  # nothing so early can come any more
            if hurry() and not self._holds(wanted):
                if not self._run and packet.size and wanted != self._wanted:
                    self._drain()
                    if not self._run:
                        return self._seek(wanted, self._alone, never)
                if self._run:
                    self._hurried = True
                    return

    def _is_passed(self, pts: int | None) -> bool:
        """Whether a frame is not wanted itself."""
        if pts is None:
            return False
        if self._first is not None and pts < self._first:
            self._left_out = max(self._left_out, self._time(pts))
            return True
        return self._alone and self._target is not None and pts > self._target

    def _drain(self) -> None:
        """Takes what the decoder holds back. Of the frames between these some were not given to it, so only one is kept."""
        self._take(self._context.decode(None))
        self._packets = None
        self._ahead.clear()
        run, last = self._run, self._target
        while len(run) > 1 and last is not None and run[-1][1].pts > last:
            run.pop()
        while len(run) > 1:
            run.popleft()

    def _take(self, frames: Iterable[Any]) -> None:
        for frame in frames:
            if frame.pts is None:
                continue
            if self._run and self._run[-1][0] < self._left_out:
                self._run.clear()
            self._run.append((self._time(frame.pts), frame))
            while len(self._run) > self._most:
                self._run.popleft()

    def close(self) -> None:
        for kept in (self._run, self._ahead):
            kept.clear()
        self._packets = None
        self._file.close()


class _Sound(Pieces):
    """The sound of one open file, as `RATE` samples a second in two channels."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self._file = av.open(path)
        if not self._file.streams.audio:
            self._file.close()
            raise BadRequest(f"{path} holds no sound; choose another file.")
        self._stream = self._file.streams.audio[0]
        self._base = float(self._stream.time_base or 0) or 1 / RATE
        pictures = self._file.streams.video
        self._origin = 0.0
        if pictures and pictures[0].start_time and pictures[0].time_base:
            self._origin = float(pictures[0].start_time * pictures[0].time_base)

    def _from(self, first: int) -> Iterator[Floats]:
        begin = max(first / RATE - 0.25, 0.0) + self._origin
        start = self._stream.start_time or 0
        self._file.seek(max(int(begin / self._base), start), stream=self._stream, backward=True)
        return self._decoded()

    def _decoded(self) -> Iterator[Floats]:
        convert = av.AudioResampler(format="flt", layout="stereo", rate=RATE)
        known = False
        one = self._stream.codec_context.channels == 1
        for frame in self._file.decode(self._stream):
            if not known:
                time = float(frame.time) if frame.time is not None else self._origin
                self._first = self._last = round((time - self._origin) * RATE)
                known = True
            yield from (_stereo(piece, one) for piece in convert.resample(frame))
        if known:
            yield from (_stereo(piece, one) for piece in convert.resample(None))

    def close(self) -> None:
        super().close()
        self._file.close()


def _stereo(piece: Any, one: bool) -> Floats:
    array = piece.to_ndarray().reshape(-1, 2)
    return np.ascontiguousarray(array, np.float32)


# --- for models ---------------------------------------------------------------------------------------------------------


def cut_out(item: Item, rate: float, folder: Path) -> Source:
    """The part of a file that an item shows, with the file's own frames and samples, as a file that a request can name.

    Args:
        rate: frames per second of the timeline.
        folder: where a part is written; a whole file is named as it is.

    Raises:
        BadRequest: it cannot be read, or is too much for memory.
    """
    media = item.media
    begin, seconds = item.begin, item.length / rate * item.speed
    if media.kind == "video" and seconds * media.rate * media.width * media.height * 3 > CUT_BYTES:
        raise BadRequest(
            "The chosen clip is more than a model can take at once; split a shorter part off it (S) and choose that."
        )
    whole = media.kind == "picture" or (
        begin < 0.5 / (media.rate or RATE) and begin + seconds > media.seconds - 0.5 / rate
    )
    if whole and item.speed == 1:
        return Source(path=media.path, sha256=read_clip(media.path).digest())
    clip = _part(media, begin, seconds, item.speed)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{clip.digest()[:20]}{'.mkv' if media.kind == 'video' else '.flac'}"
    if not path.exists():
        save_clip(clip, path)
    return Source(path=str(path), sha256=read_clip(path).digest())


def _part(media: Media, begin: float, seconds: float, speed: float) -> Clip:
    kind: MediaKind = media.kind
    if kind == "sound":
        from studio.media.sound import read_sound

        return read_sound(media.path, begin, seconds)
    from studio.media.video import read_video

    clip = read_video(media.path, begin, seconds)
    return Clip.video(clip.array, (clip.rate or media.rate) * speed)
