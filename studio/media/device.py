"""Loudspeaker and microphone, by sounddevice.

Where PortAudio or a device is missing nothing fails at import: `outputs()` and `inputs()` are empty, `why_silent()` says why in one sentence, and
a `Player` still walks through the sound in its time, without being heard.

A player or recorder has a thread of its own that knows no window; the window asks where it is.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import soundfile

from studio.core.job import BadRequest
from studio.media.files import sentence
from studio.media.tape import Tape

BLOCK_MS = 20.0
FADE_MS = 4.0
"""At a start and a jump, so that nothing clicks."""
FALL = 24.0
"""Decibels a second by which a level sinks after a peak."""
SILENT = -90.0
MOST_RECORDED = 3600.0
"""Seconds."""


@dataclass(frozen=True)
class Device:
    """A loudspeaker or microphone that PortAudio knows."""

    number: int
    name: str
    channels: int
    rate: float


def _sounddevice() -> Any:
    """The module, or None where PortAudio is missing."""
    try:
        import sounddevice
    except (OSError, ImportError):
        return None
    return sounddevice


def _devices(which: str) -> list[Device]:
    module = _sounddevice()
    if module is None:
        return []
    try:
        found = list(module.query_devices())
    except module.PortAudioError:
        return []
    return [
        Device(number, str(one["name"]), int(one[which]), float(one["default_samplerate"]))
        for number, one in enumerate(found)
        if one[which] > 0
    ]


def outputs() -> list[Device]:
    """Where sound can be played."""
    return _devices("max_output_channels")


def inputs() -> list[Device]:
    """Where sound can be recorded."""
    return _devices("max_input_channels")


def why_silent(recording: bool = False) -> str:
    """Why nothing can be heard (or recorded) here and what helps; "" where it can."""
    if _sounddevice() is None:
        return "PortAudio is missing, so nothing can be played or recorded; install libportaudio2 and start the studio again."
    if recording:
        return "" if inputs() else "There is no microphone here; connect one, or drop a sound file in."
    return "" if outputs() else "There is no sound device here; the playhead moves without sound."


def look_again() -> None:
    """Finds what was plugged in since the start: PortAudio looks only once. Nothing may play or record meanwhile."""
    module = _sounddevice()
    if module is not None:
        module._terminate()  # sounddevice has no public name for it
        module._initialize()


class Sink(Protocol):
    """Takes samples [n, C] and returns when there is room for more."""

    latency: float

    def write(self, samples: Any) -> object: ...
    def close(self) -> object: ...


class Quiet:
    """Stands in where there is no device: takes as long as the sound lasts."""

    latency = 0.0

    def __init__(self, rate: float) -> None:
        self._rate = rate
        self._next = time.monotonic()

    def write(self, samples: Any) -> None:
        now = time.monotonic()
        self._next = max(self._next, now - 0.1) + len(samples) / self._rate
        time.sleep(max(0.0, self._next - now))

    def close(self) -> None: ...


class _Loud:
    """A device of PortAudio; what it cannot play at the file's own rate is converted (soxr)."""

    def __init__(self, rate: float, channels: int, device: int | None) -> None:
        module = _sounddevice()
        if module is None:
            raise OSError(why_silent())
        self._convert: Any = None
        try:
            self._stream = module.OutputStream(
                samplerate=rate, channels=channels, device=device, dtype="float32"
            )
        except module.PortAudioError:
            import soxr

            about = module.query_devices(device, "output")
            theirs = float(about["default_samplerate"])
            channels = min(channels, int(about["max_output_channels"]))
            self._stream = module.OutputStream(
                samplerate=theirs, channels=channels, device=device, dtype="float32"
            )
            self._convert = soxr.ResampleStream(rate, theirs, channels, dtype="float32")
        self._channels = channels
        self._stream.start()
        self.latency = float(self._stream.latency)

    def write(self, samples: Any) -> None:
        if samples.shape[1] > self._channels:
            samples = samples.mean(1, keepdims=True, dtype=np.float32).repeat(self._channels, 1)
        if self._convert is not None:
            samples = self._convert.resample_chunk(np.ascontiguousarray(samples))
        self._stream.write(np.ascontiguousarray(samples))

    def close(self) -> None:
        self._stream.stop()
        self._stream.close()


def opened(rate: float, channels: int, device: int | None = None) -> tuple[Sink, str]:
    """Something to play to, and why it cannot be heard ("" = it can)."""
    why = why_silent()
    if why:
        return Quiet(rate), why
    try:
        return _Loud(rate, channels, device), ""
    except Exception as error:  # PortAudio's error and whatever a driver throws
        return Quiet(rate), f"The sound device cannot be used ({error}); choose another one."


class Meter:
    """The level of what goes by: peak in dBFS, falling slowly, and whether it was too loud."""

    def __init__(self) -> None:
        self.peak, self.rms, self.clipped = SILENT, SILENT, False
        self._at = time.monotonic()

    def see(self, samples: Any) -> None:
        now = time.monotonic()
        fallen = self.now(now)
        high = float(np.abs(samples).max()) if len(samples) else 0.0
        mean = float(np.sqrt(np.mean(np.square(samples, dtype=np.float64)))) if len(samples) else 0.0
        self.peak = max(_decibels(high), fallen)
        self.rms = _decibels(mean)
        self.clipped = self.clipped or high >= 0.999
        self._at = now

    def now(self, when: float | None = None) -> float:
        """The peak as it has fallen by now."""
        passed = (time.monotonic() if when is None else when) - self._at
        return max(self.peak - FALL * passed, SILENT)


def _decibels(size: float) -> float:
    return max(20 * float(np.log10(max(size, 1e-6))), SILENT)


class Player:
    """Plays a tape on a thread of its own, which also opens and closes the device: a driver may take seconds for either.

    Args:
        open: makes the sink; tests give their own.

    `position` is where one hears the sound now, in seconds; `playing` is False at the end; `opening` says that it plays as soon
    as the device is open.
    """

    def __init__(self, open: Callable[[float, int, int | None], tuple[Sink, str]] = opened) -> None:
        self._open = open
        self.device: int | None = None
        self.loop: tuple[float, float] | None = None
        self.volume = 1.0
        self.meter = Meter()
        self.why = ""
        """Why nothing is heard; "" = it is, or nobody knows yet (`opening`)."""
        self._tape: Tape | None = None
        self._lock = threading.Lock()
        self._at = 0
        self._jumped = True
        self._thread: threading.Thread | None = None
        self._stop = threading.Event()
        self._opened = threading.Event()
        self._latency = 0.0

    @property
    def playing(self) -> bool:
        return self._thread is not None and self._thread.is_alive() and not self._stop.is_set()

    @property
    def opening(self) -> bool:
        return self.playing and not self._opened.is_set()

    @property
    def position(self) -> float:
        if self._tape is None:
            return 0.0
        heard = self._at - (round(self._latency * self._tape.rate) if self.playing else 0)
        return max(heard, 0) / self._tape.rate

    def load(self, tape: Tape | None) -> None:
        """Another sound, at the same moment; goes on playing (A/B)."""
        moment = self.position
        was, playing = self._tape, self.playing
        other = tape is None or was is None or (was.rate, was.channels) != (tape.rate, tape.channels)
        if other:
            self.stop()
        with self._lock:
            self._tape = tape
        self.seek(moment)
        if other and playing and tape is not None:
            self.play()

    def seek(self, seconds: float) -> None:
        if self._tape is not None:
            with self._lock:
                self._at = min(max(round(seconds * self._tape.rate), 0), self._tape.samples)
                self._jumped = True

    def play(self) -> None:
        """Starts, as soon as the device is open."""
        if self._tape is None or self.playing:
            return
        if self._at >= self._tape.samples - 1:
            self.seek(self.loop[0] if self.loop else 0.0)
        self.why, self._latency = "", 0.0
        self._stop, self._opened = threading.Event(), threading.Event()
        about = (self._tape.rate, self._tape.channels, self.device)
        self._thread = threading.Thread(
            target=self._run,
            args=(about, self._thread, self._stop, self._opened),
            daemon=True,
            name="player",
        )
        self._thread.start()

    def stop(self) -> None:
        """Stays where it is. The device is closed soon after; `wait` waits for that."""
        if self.playing:
            moment = self.position
            self._stop.set()
            self.seek(moment)

    def wait(self, seconds: float = 5.0) -> None:
        """Until a player that was stopped has let go of the device."""
        if self._thread is not None:
            self._thread.join(seconds)

    def _run(
        self,
        about: tuple[float, int, int | None],
        before: threading.Thread | None,
        stop: threading.Event,
        opened: threading.Event,
    ) -> None:
        if before is not None:
            before.join()  # some devices can be open only once
        if stop.is_set():
            return
        sink: Sink | None = None
        try:
            sink, why = self._open(*about)
            if not stop.is_set():
                self.why, self._latency = why, sink.latency
                opened.set()
            while (piece := self._next(stop)) is not None:
                self.meter.see(piece)
                sink.write(piece)
        except Exception as error:  # the device was unplugged
            if not stop.is_set():
                self.why = f"The sound device stopped ({error}); choose another one."
        finally:
            stop.set()
            try:
                if sink is not None:
                    sink.close()
            except Exception:  # it is gone already
                pass

    def _next(self, stop: threading.Event) -> Any:
        """The next block, None at the end."""
        with self._lock:
            tape = self._tape
            if tape is None or stop.is_set():
                return None
            at, jumped, self._jumped = self._at, self._jumped, False
            end, begin = tape.samples, None
            if self.loop is not None:
                first, last = (min(max(round(t * tape.rate), 0), tape.samples) for t in self.loop)
                if at < last and last - first > tape.rate * 0.005:
                    begin, end = first, last
            count = min(max(1, round(tape.rate * BLOCK_MS / 1000)), end - at)
            if count <= 0:
                return None
            self._at = at + count
            if self._at >= end and begin is not None:
                self._at = begin
        piece = tape.read(at, count) * np.float32(self.volume)
        if jumped:
            rising = np.linspace(0, 1, min(len(piece), round(tape.rate * FADE_MS / 1000)), dtype=np.float32)
            piece[: len(rising)] *= rising[:, None]
        return piece


class Recorder:
    """Records into a flac file, on a thread of its own, which also opens and closes the microphone: a driver may take seconds.

    Args:
        open: makes the stream of a device's number; tests give their own.

    `recording` is False when the file is whole; `error` then says what went wrong, if something did. `opening` says that it
    records as soon as the microphone is open.
    """

    def __init__(self, open: Callable[[int | None], Any] | None = None) -> None:
        self._open = open or _microphone
        self.device: int | None = None
        self._now = _Recording(Path(), None)
        self._thread: threading.Thread | None = None

    @property
    def recording(self) -> bool:
        return self._thread is not None and not self._now.ended.is_set()

    @property
    def opening(self) -> bool:
        return self.recording and not self.opened and not self._now.stop.is_set()

    @property
    def opened(self) -> bool:
        """Whether it has begun to hear."""
        return self._now.opened.is_set()

    @property
    def seconds(self) -> float:
        return self._now.seconds

    @property
    def error(self) -> str:
        return self._now.error

    @property
    def meter(self) -> Meter:
        return self._now.meter

    def start(self, path: Path) -> None:
        """Records as soon as the microphone is open; returns at once. Where that cannot be, `error` says why."""
        self.stop()
        self._now = _Recording(path, self.device)
        self._thread = threading.Thread(
            target=self._run, args=(self._now, self._thread), daemon=True, name="recorder"
        )
        self._thread.start()

    def stop(self) -> None:
        """Ends the recording; returns at once, see `recording`."""
        self._now.stop.set()

    def wait(self, seconds: float = 5.0) -> None:
        """Until a recorder that was stopped has written its file and let go of the microphone."""
        if self._thread is not None:
            self._thread.join(seconds)

    def _run(self, now: _Recording, before: threading.Thread | None) -> None:
        if before is not None:
            before.join()  # some microphones can be open only once
        stream: Any = None
        try:
            if not now.stop.is_set():
                stream = self._opened(now.device)
            if stream is not None and not now.stop.is_set():
                now.listen(stream, _flac(now.path, stream))
        except BadRequest as error:
            now.error = str(error)
        except Exception as error:  # unplugged, or the disk is full
            now.error = f"The recording ended ({error}); what was heard until then is kept."
        finally:
            now.ended.set()
            try:
                if stream is not None:
                    stream.stop()
                    stream.close()
            except Exception:  # it is gone already
                pass

    def _opened(self, device: int | None) -> Any:
        """Raises BadRequest where there is no microphone, or it cannot be used."""
        why = why_silent(recording=True) if self._open is _microphone else ""
        if why:
            raise BadRequest(why)
        try:
            return self._open(device)
        except Exception as error:  # PortAudio's own
            raise BadRequest(f"The microphone cannot be used ({error}); choose another one.") from error


class _Recording:
    """One file in the making."""

    def __init__(self, path: Path, device: int | None) -> None:
        self.path, self.device = path, device
        self.seconds, self.error, self.meter = 0.0, "", Meter()
        self.stop, self.opened, self.ended = threading.Event(), threading.Event(), threading.Event()

    def listen(self, stream: Any, file: soundfile.SoundFile) -> None:
        """Writes what the stream says, until it is stopped; the file is then closed, and gone if nothing is in it."""
        count = max(1, round(stream.samplerate * BLOCK_MS / 1000))
        try:
            stream.start()
            self.opened.set()
            while not self.stop.is_set() and self.seconds < MOST_RECORDED:
                piece, _ = stream.read(count)
                self.meter.see(piece)
                file.write(piece)
                self.seconds += len(piece) / stream.samplerate
        finally:
            file.close()
            if not self.seconds:
                self.path.unlink(missing_ok=True)


def _flac(path: Path, stream: Any) -> soundfile.SoundFile:
    """A file for what a stream says. Raises BadRequest where it cannot be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        rate = round(stream.samplerate)
        return soundfile.SoundFile(str(path), "w", rate, stream.channels, "PCM_24", format="FLAC")
    except OSError as error:
        raise BadRequest(sentence(path, error)) from error
    except soundfile.SoundFileError as error:
        raise BadRequest(f"The recording cannot be written ({error}); choose another folder.") from error


def _microphone(device: int | None) -> Any:
    module = _sounddevice()
    about = module.query_devices(device, "input")
    channels = min(2, int(about["max_input_channels"]))
    return module.InputStream(
        samplerate=float(about["default_samplerate"]), channels=channels, device=device, dtype="float32"
    )
