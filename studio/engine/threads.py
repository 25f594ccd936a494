"""How many threads a sketch gets: one or all, whichever was quicker lately.

Small networks cross hundreds of barriers between threads in every step, and at each one all wait for the slowest. On an idle
machine all threads win; where other programs take part of the processor a single thread does, by a factor of three on two busy
cores. So it is measured, all the time, with the sketches themselves: with what follows their first picture, for nobody should wait for
that because something is being tried. Finished pictures keep all threads: their bits must not depend on who else was at work.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from contextlib import contextmanager

import torch

AGAIN = 24
"""So many sketches go by before the slower number is tried again."""
MEMORY = 0.4
"""Weight of the newest measurement."""


class Threads:
    """See the module. `most`: all threads; None = as many as torch has now."""

    def __init__(self, most: int | None = None) -> None:
        self.most = most or torch.get_num_threads()
        self._seconds: dict[tuple[Hashable, int], float] = {}
        self._asked = 0

    def choose(self, kind: Hashable) -> tuple[int, int]:
        """For the next sketch of a kind (model and size): until its first picture, and after it."""
        tried = [n for n in {1, self.most} if (kind, n) in self._seconds]
        fresh = [n for n in (self.most, 1) if n not in tried]
        if fresh:
            return (tried or fresh)[0], fresh[0]
        self._asked += 1
        order = sorted(tried, key=lambda n: self._seconds[kind, n])
        return order[0], order[-1] if self._asked % AGAIN == 0 else order[0]

    def learn(self, kind: Hashable, threads: int, seconds: float) -> None:
        """What follows the first picture of a sketch of a kind took so long."""
        old = self._seconds.get((kind, threads), seconds)
        self._seconds[kind, threads] = old + MEMORY * (seconds - old)

    @contextmanager
    def using(self, count: int) -> Iterator[None]:
        """torch with so many threads for a while."""
        before = torch.get_num_threads()
        torch.set_num_threads(count)
        try:
            yield
        finally:
            torch.set_num_threads(before)
