"""Plays a timeline: pictures on one thread, sound on another, in step with one clock.

    show = Playback()
    show.load(timeline, (960, 540))
    show.seek(120)                  a still: `poll` gives it as soon as it is there
    show.play()
    while (shown := show.poll()):   (frame, pixels [h, w, 3]) that is due now, None where nothing new is

A still that takes longer than `PATIENCE` is preceded by the nearest frames that are decoded on the way to it, and a hand that draws the playhead
faster than frames can be decoded sees those it passes near; where it rests, the exact frame stands (`Shown.exact`). What is beside that
is drawn then, for the arrow keys.

Ticks of the clock are frames of the timeline (or of what is left of them at another speed). A picture that is not ready at its tick is
dropped and counted; the sound never waits for it. The clock follows the sound device, and where there is none the processor's.
Whoever shows the pictures asks with `poll`, at least twice a tick; nothing here knows a window.
"""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from studio.core.montage import RATE, Floats, Pixels, frame_at, mix, sample_at
from studio.core.timeline import Timeline
from studio.media import device
from studio.media.film import Films, never
from studio.media.tempo import Read, Stretched

AHEAD = 6
"""Pictures that are drawn before they are due."""
READY = 2
"""Pictures that are there before the clock begins: after a jump the second takes as long as the first."""
PATIENCE = 0.15
"""Seconds after which something near is shown in place of a still."""
REST = 0.25
"""Seconds after a still until what is beside it is drawn."""
BLOCK = RATE // 50
"""Samples that are mixed at once: 20 ms."""
DRIFT = 0.06
"""Seconds by which the clock may be away from what is heard before it is set again."""
SCRUB = 0.08
"""Seconds that are heard of a place that is looked at."""
LINGER = 1.0
"""Seconds for which the device is kept open after a scrub."""
STOPPED = "The sound device stopped ({}); choose another one."


class Shown(NamedTuple):
    frame: int
    pixels: Pixels
    exact: bool = True
    """False: a frame near it, which the right one follows."""


@dataclass(frozen=True)
class Walk:
    """Which frame is seen at which tick.

    Args:
        start: frame of tick 0.
        speed: frames per tick; negative = backward.
        first, last: the range that is played; `last` is the frame after it.
        loop: whether it begins again.
    """

    start: int
    speed: float
    first: int
    last: int
    loop: bool

    def frame(self, tick: int) -> int | None:
        """None = it has ended."""
        at = self.start + math.floor(tick * self.speed + 1e-6)
        if self.first <= at < self.last:
            return at
        if not self.loop or self.last <= self.first:
            return None
        return self.first + (at - self.first) % (self.last - self.first)


class Playback:
    """See the module.

    Args:
        open: makes what is played to (`studio.media.device.opened`); tests give their own.

    Attributes:
        dropped: pictures since `play` that were not ready in time.
        why: why nothing is heard, "" = it is, or nobody asked yet.
        broken: path -> sentence, of files that could not be read.
        arrived: called on another thread when a still is there.
    """

    def __init__(
        self,
        open: Callable[[float, int, int | None], tuple[device.Sink, str]] = device.opened,
        audible: Callable[[], bool] | None = None,
    ) -> None:
        self._open = open
        self._audible = audible or (lambda: not device.why_silent())
        self.dropped = 0
        self.volume = 1.0
        self.why = ""
        self.broken: dict[str, str] = {}
        self.arrived: Callable[[], object] = lambda: None
        self._timeline, self._size = Timeline(), (2, 2)
        self._turn = threading.Condition()
        """Guards everything below; whoever changes it tells the threads."""
        self._version = 0
        """Of timeline, size and place: what was drawn for an older one is not shown."""
        self._wanted: int | None = None
        self._still: Shown | None = None
        self._last_still = 0
        self._walk: Walk | None = None
        self._from: float | None = None
        """Time of tick 0, None = it has not begun to play yet."""
        self._next = 0
        self._shown = -1
        self._ahead: deque[tuple[int, Shown]] = deque()
        self._ended = False
        self._scrub: int | None = None
        self._closed = False
        self._threads: list[threading.Thread] = []

    # --- asking ----------------------------------------------------------------------------------------------------

    @property
    def playing(self) -> bool:
        return self._walk is not None

    @property
    def size(self) -> tuple[int, int]:
        return self._size

    @property
    def waiting(self) -> bool:
        """Whether a still was asked for that `poll` has not given yet."""
        return self._wanted is not None or self._still is not None

    def load(self, timeline: Timeline, size: tuple[int, int]) -> None:
        """What is played, and width and height of the pictures in pixels. Goes on where it is."""
        with self._turn:
            self._timeline, self._size = timeline, size
            self._version += 1
            if self._walk is not None:
                self._next = max(self._tick(), 0)
                self._ahead.clear()
            else:
                self._wanted, self._still = self._last_still, None
            self._turn.notify_all()
        self._start()

    def seek(self, frame: int, heard: bool = False) -> None:
        """Shows a frame. heard: with a moment of its sound, where there is a device."""
        with self._turn:
            self._version += 1
            self._wanted = self._last_still = max(frame, 0)
            if self._still is not None:
                self._still = self._still._replace(exact=False)  # a hand that moves on sees it all the same
            if self._walk is not None:
                self._walk, self._from = None, None
                self._ahead.clear()
            if heard:
                self._scrub = self._wanted
            self._turn.notify_all()
        self._start()

    def play(self, frame: int, speed: float = 1.0, loop: bool = False) -> None:
        """From a frame on: `loop` plays the timeline's range round and round, else to the end (or, backward, the beginning)."""
        first, last = self._timeline.range if loop else (0, self._timeline.length)
        if last <= first:
            return
        if not first <= frame < last or (frame == last - 1 and speed > 0 and not loop):
            frame = first if speed > 0 else last - 1
        with self._turn:
            self._version += 1
            self._walk = Walk(frame, speed, first, last, loop)
            self._from, self._next, self._shown, self._ended = None, 0, -1, False
            self._wanted = self._still = self._scrub = None
            self._ahead.clear()
            self.dropped = 0
            self._turn.notify_all()
        self._start()

    def stop(self) -> int:
        """Stays where it is -> the frame."""
        with self._turn:
            walk, self._walk, self._from = self._walk, None, None
            self._ahead.clear()
            if walk is not None:
                self._last_still = walk.frame(max(self._shown, 0)) or walk.first
            self._turn.notify_all()
        return self._last_still

    def poll(self) -> Shown | None:
        """The newest picture that is due and was not given before. After the last one `playing` is False."""
        with self._turn:
            walk = self._walk
            if walk is None:
                found, self._still = self._still, None
                return found
            now, due = self._tick(), None
            while self._ahead and self._ahead[0][0] <= now:
                due = self._ahead.popleft()
            if due is not None:
                tick, found = due
                self.dropped += tick - self._shown - 1
                self._shown, self._last_still = tick, found.frame
                self._turn.notify_all()
                return found
            if walk.frame(max(now, 0)) is None and not self._ahead:
                self._walk, self._from = None, None
                self._turn.notify_all()
            return None

    def _tick(self) -> int:
        """Tick of the clock; -1 before the first."""
        if self._from is None:
            return -1
        return math.floor((time.monotonic() - self._from) * self._timeline.rate)

    def close(self) -> None:
        with self._turn:
            self._closed = True
            self._walk = None
            self._turn.notify_all()
        for thread in self._threads:
            thread.join(2.0)
        self._threads.clear()

    def _start(self) -> None:
        if not self._threads and not self._closed:
            for name, body in (("film pictures", self._draw), ("film sound", self._sound)):
                thread = threading.Thread(target=body, daemon=True, name=name)
                thread.start()
                self._threads.append(thread)

    # --- the thread of the pictures ------------------------------------------------------------------------------------

    def _draw(self) -> None:
        films = Films()
        self.broken = films.broken
        last: int | None = None
        """A still beside which nothing was drawn yet."""
        while True:
            with self._turn:
                while not self._closed and self._wanted is None and not self._must_draw_ahead():
                    if not self._turn.wait(None if last is None else REST):
                        break
                if self._closed:
                    break
                version, timeline, size = self._version, self._timeline, self._size
                walk, frame, tick = self._walk, self._wanted, 0
                if walk is not None:
                    tick = max(self._next, self._tick())  # what is late already is not drawn
                    frame = walk.frame(tick)
                    self._ended = frame is None
            if frame is None:
                if walk is None and last is not None:
                    self._draw_beside(last, version, timeline, size, films)
                last = None
                continue
            due = time.monotonic() + PATIENCE
            films.alone, films.exact = walk is None, True
            films.hurry = never if walk else lambda: self._version != version or time.monotonic() > due  # noqa: B023
            shown = Shown(frame, frame_at(timeline, frame, films, size), films.exact)
            with self._turn:
                if version != self._version:
                    passed = walk is None and self._walk is None and self._wanted is not None
                    if not passed or timeline is not self._timeline or size != self._size:
                        continue
                    self._still = shown._replace(exact=False)  # the hand is elsewhere by now
                elif walk is None:
                    self._still = shown
                    if shown.exact:
                        self._wanted, last = None, frame
                else:
                    self._ahead.append((tick, shown))
                    self._next, last = tick + 1, None
                self._turn.notify_all()
            if walk is None:
                self.arrived()
        films.close()

    def _draw_beside(
        self, frame: int, version: int, timeline: Timeline, size: tuple[int, int], films: Films
    ) -> None:
        """Has the frames beside a still kept by `films`, where nobody asks for anything else meanwhile."""
        films.alone, films.hurry = False, lambda: self._version != version or self._closed
        for near in (frame - 1, frame, frame + 1):
            if 0 <= near < timeline.length and not films.hurry():
                frame_at(timeline, near, films, size)

    def _must_draw_ahead(self) -> bool:
        return self._walk is not None and not self._ended and len(self._ahead) < AHEAD

    # --- the thread of the sound ----------------------------------------------------------------------------------------

    def _sound(self) -> None:
        films = Films()
        sink: device.Sink | None = None
        until = 0.0
        try:
            while True:
                with self._turn:
                    while not self._closed and self._walk is None and self._scrub is None:
                        if not self._turn.wait(LINGER) and sink is not None and time.monotonic() > until:
                            break
                    if self._closed:
                        break
                    walk, scrub, self._scrub = self._walk, self._scrub, None
                if walk is not None:
                    if sink is not None:
                        _shut(sink)
                        sink = None
                    self._play(walk, films)
                elif scrub is not None:
                    sink = self._blip(sink, scrub, films)
                    until = time.monotonic() + LINGER
                elif sink is not None:
                    _shut(sink)
                    sink = None
        finally:
            films.close()
            if sink is not None:
                _shut(sink)

    def _blip(self, sink: device.Sink | None, frame: int, films: Films) -> device.Sink | None:
        """A moment of sound at a frame -> the device, which stays open for the next."""
        if sink is None and not self._audible():
            return None
        try:
            if sink is None:
                sink, self.why = self._open(RATE, 2, None)
            sink.write(self._moment(frame, films))
        except Exception as error:  # the device was unplugged: what is seen goes on
            self.why = STOPPED.format(error)
            if sink is not None:
                _shut(sink)
            return None
        return sink

    def _moment(self, frame: int, films: Films) -> Floats:
        count = round(SCRUB * RATE)
        piece = mix(self._timeline, sample_at(self._timeline, frame), count, films) * np.float32(self.volume)
        return piece * np.hanning(count + 2)[1:-1, None].astype(np.float32)

    def _play(self, walk: Walk, films: Films) -> None:
        """Starts the clock when sound and picture are both ready; returns when something else is to be played."""
        loud = walk.speed > 0 and any(item.media.heard for _, item in self._timeline.items())
        sink, self.why = self._open(RATE, 2, None) if loud else (None, "")
        latency = sink.latency if sink is not None else 0.0
        done = 0
        """Samples that were written."""
        heard: Read = lambda first, count: self._mixed(walk, first, count, films)  # noqa: E731
        if walk.speed != 1 and sink is not None:
            heard = Stretched(heard, walk.speed).at
        try:
            piece = self._piece(walk, 0, heard) if sink is not None else None
            with self._turn:
                while (
                    self._walk is walk and not self._closed and len(self._ahead) < READY and not self._ended
                ):
                    self._turn.wait(0.5)
                if self._walk is walk:
                    self._from = time.monotonic() + latency
                    self._turn.notify_all()
            while self._walk is walk and not self._closed:
                if sink is None:
                    with self._turn:
                        if self._walk is walk and not self._closed:
                            self._turn.wait(0.5)
                    continue
                if piece is None:
                    break
                sink.write(piece)
                done += len(piece)
                self._follow(walk, done, latency)
                piece = self._piece(walk, done, heard)
        except Exception as error:  # the device was unplugged: what is seen goes on
            self.why = STOPPED.format(error)
        finally:
            if sink is not None:
                _shut(sink)
        with self._turn:
            if self._walk is walk and self._from is None:
                self._from = time.monotonic()
            while (
                self._walk is walk and not self._closed
            ):  # the pictures have not ended yet, or the device is gone
                self._turn.wait(0.5)

    def _follow(self, walk: Walk, done: int, latency: float) -> None:
        """Keeps the clock at what is heard. Without a device the sound follows the clock by itself."""
        if not latency or self._from is None:
            return
        heard = done / RATE - latency
        away = heard - (time.monotonic() - self._from)
        if abs(away) > DRIFT:
            with self._turn:
                if self._walk is walk and self._from is not None:
                    self._from -= away

    def _piece(self, walk: Walk, done: int, heard: Read) -> Floats | None:
        """The block after `done` samples, None at the end."""
        timeline = self._timeline
        left = sample_at(timeline, walk.last) - sample_at(timeline, walk.start) - round(done * walk.speed)
        if left <= 0 and not walk.loop:
            return None
        count = BLOCK if walk.loop else max(1, min(BLOCK, round(left / walk.speed)))
        return heard(done, count) * np.float32(self.volume)

    def _mixed(self, walk: Walk, first: int, count: int, films: Films) -> Floats:
        """[count, 2] of the timeline as it is walked along at speed 1, from so many samples after its start on; a loop goes round."""
        timeline = self._timeline
        begin, end = sample_at(timeline, walk.first), sample_at(timeline, walk.last)
        at = sample_at(timeline, walk.start) + first
        out: list[Floats] = []
        while count > 0:
            if walk.loop and at >= end:
                at = begin + (at - begin) % (end - begin)
            some = min(count, end - at) if at < end else count
            out.append(mix(timeline, at, some, films) if at < end else np.zeros((some, 2), np.float32))
            at, count = at + some, count - some
        return np.concatenate(out)


def _shut(sink: device.Sink) -> None:
    try:
        sink.close()
    except Exception:  # it is gone already
        pass
