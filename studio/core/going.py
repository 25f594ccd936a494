"""Long work on another thread, seen from the window: how far it is, and a way to stop it.

going = Going()
work(going)          # other thread: going.at(0.4) now and then
going.share          # window: 0 .. 1
going.stop()         # window: the next `at` raises Stopped
"""

from __future__ import annotations


class Stopped(Exception):
    """Somebody did not want it any more; what was there before is untouched."""


class Going:
    """See the module. One thread works and tells, another one looks; plain attributes are enough for that."""

    def __init__(self) -> None:
        self.share = 0.0
        """Of the work that is done, 0 .. 1; it never falls."""
        self.stopped = False
        self._done = self._total = 0

    def expect(self, total: int) -> None:
        """How much there is to do, in any unit."""
        self._done, self._total = 0, max(total, 1)

    def more(self, amount: int) -> None:
        """So much was done. Raises Stopped."""
        self._done += amount
        self.at(self._done / self._total if self._total else 0.0)

    def at(self, share: float) -> None:
        """Raises Stopped."""
        if self.stopped:
            raise Stopped
        self.share = min(max(share, self.share), 1.0)

    def stop(self) -> None:
        self.stopped = True
