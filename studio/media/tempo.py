"""Sound at another tempo with its pitch kept, by FFmpeg's filter atempo (WSOLA, Verhelst & Roelands 1993).

    quick = Stretched(read, 2.0)        read(first, count) -> samples of the sound as it is
    quick.at(48000, 800)                what the sound has from its sample 96000 on, in half the time

Sample n of it is what the sound has around n x speed. Nothing drifts: of beeps of 20 ms in 40 seconds, each is heard within 21 ms of where it
belongs from half the speed to ten times it, within 41 ms at 0.35 and 190 ms at 0.1, where that is 19 ms of the sound itself.

The filter takes 0.5 to 2 without leaving samples out, so other speeds are several in a row. At each it is ahead of what it is given, which
is made good by beginning earlier. (A phase vocoder of our own was the other choice: more to keep, and it smears beats.)
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

import av
import av.filter
import numpy as np
from av.error import BlockingIOError, EOFError
from numpy.typing import NDArray

from studio.core.montage import RATE

Floats = NDArray[np.float32]
Read = Callable[[int, int], Floats]
"""first sample, count -> [count, 2]; zeros where there is nothing."""

KEEP = 2 * RATE
"""Samples behind the last that was read which are kept."""
JUMP = RATE
"""Samples ahead to which it is quicker to go on than to begin anew."""
EARLY = 820
"""Samples by which the filter is ahead of what it is given: measured, with beeps; 0.4 of its window, which is 2048 at `RATE`."""
LEAD = RATE // 10
"""Samples before the wanted one at which a stretched sound begins, so that the filter has something to compare with."""
CHUNK = 4096


class Pieces:
    """Samples that come one piece after the other, as something that can be read at any place."""

    def __init__(self) -> None:
        self._more: Iterator[Floats] | None = None
        self._parts: deque[Floats] = deque()
        self._first = self._last = 0
        """The samples that `_parts` hold: the first and the one after the last."""

    def near(self, first: int) -> bool:
        """Whether a sample is there, or comes soon."""
        return self._more is not None and self._first <= first <= self._last + JUMP

    def at(self, first: int, count: int) -> Floats:
        """[count, 2] from a sample on, zeros where there is nothing."""
        out = np.zeros((count, 2), np.float32)
        if first + count <= 0:
            return out
        if not self.near(first):
            self._parts.clear()
            self._more = self._from(max(first, 0))
        while self._last < first + count:
            part = next(self._more, None) if self._more else None
            if part is None:
                break
            self._parts.append(part)
            self._last += len(part)
            while len(self._parts) > 1 and self._first + len(self._parts[0]) < min(first, self._last - KEEP):
                self._first += len(self._parts.popleft())
        at = self._first
        for part in self._parts:
            a, b = max(at, first), min(at + len(part), first + count)
            if a < b:
                out[a - first : b - first] = part[a - at : b - at]
            at += len(part)
        return out

    def _from(self, first: int) -> Iterator[Floats]:
        """The pieces from a sample on, or a little before; sets `_first` and `_last` to where they begin."""
        raise NotImplementedError

    def close(self) -> None:
        self._parts.clear()
        self._more = None


class Stretched(Pieces):
    """See the module.

    Args:
        read: the sound as it is, `RATE` samples a second.
        speed: 2 = in half the time; more than 0.
        done: called when it is closed.
    """

    def __init__(self, read: Read, speed: float, done: Callable[[], object] = lambda: None) -> None:
        super().__init__()
        self._read, self._speed, self._done = read, speed, done
        self._count = max(1, math.ceil(abs(math.log2(speed)) - 1e-9))
        self._each = speed ** (1 / self._count)

    def _from(self, first: int) -> Iterator[Floats]:
        self._first = self._last = first - LEAD
        return self._filtered(first - LEAD)

    def _filtered(self, first: int) -> Iterator[Floats]:
        early = EARLY * sum(self._each**stage for stage in range(self._count))
        at = round(first * self._speed - early)
        _kept, source, sink = self._graph()
        given = 0
        while True:
            piece = np.ascontiguousarray(self._read(at + given, CHUNK), np.float32)
            frame = av.AudioFrame.from_ndarray(piece.reshape(1, -1), format="flt", layout="stereo")
            frame.sample_rate, frame.pts, frame.time_base = RATE, given, Fraction(1, RATE)
            source.push(frame)
            given += CHUNK
            while True:
                try:
                    made = sink.pull()
                except (BlockingIOError, EOFError):
                    break
                yield np.ascontiguousarray(made.to_ndarray().reshape(-1, 2), np.float32)

    def _graph(self) -> tuple[Any, Any, Any]:
        """It, where sound goes in, and where it comes out."""
        graph = av.filter.Graph()
        source: Any = graph.add_abuffer(
            sample_rate=RATE, format="flt", layout="stereo", time_base=Fraction(1, RATE)
        )
        last = source
        stages = [("atempo", f"{self._each:.9f}")] * self._count
        for name, how in (
            *stages,
            ("aformat", "sample_fmts=flt:channel_layouts=stereo"),
            ("abuffersink", ""),
        ):
            made: Any = graph.add(name, how) if how else graph.add(name)
            last.link_to(made)
            last = made
        graph.configure()
        return graph, source, last

    def close(self) -> None:
        super().close()
        self._done()
