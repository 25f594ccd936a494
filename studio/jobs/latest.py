"""One running, one waiting, newest wins: the state of a stream of requests of which only the last one matters. No Qt, no threads.

ask(1, a)   begin() -> (1, a)                 1 runs
ask(2, b)   stale() -> 1                      1 is to be stopped, 2 waits
ask(3, c)   stale() -> None                   that was said already; 3 waits in the place of 2
over()      begin() -> (3, c)                 3 runs
"""

from __future__ import annotations

from typing import Generic, TypeVar

T = TypeVar("T")


class Latest(Generic[T]):
    """See the module. Numbers grow."""

    def __init__(self) -> None:
        self.number: int | None = None
        """What runs, until it has said that it is over."""
        self._running: T | None = None
        self._waiting: tuple[int, T] | None = None
        self._unwanted = False
        self._told = False

    def ask(self, number: int, item: T) -> None:
        """From now on only this one matters."""
        self._waiting = (number, item)
        self._unwanted = True

    def drop(self) -> None:
        """Nothing matters any more."""
        self._waiting = None
        self._unwanted = True

    def stale(self, in_the_way: bool = False) -> int | None:
        """What must be stopped now and was not told so yet. in_the_way: something more important is to run; what is
        stopped for it comes again afterwards, unless a newer one has come."""
        if self.number is None or self._told or not (self._unwanted or in_the_way):
            return None
        if not self._unwanted and self._running is not None:
            self._waiting = (self.number, self._running)
        self._told = True
        return self.number

    def begin(self) -> tuple[int, T] | None:
        """What to start now; None while one runs or nobody waits."""
        if self.number is not None or self._waiting is None:
            return None
        begun, self._waiting = self._waiting, None
        self.number, self._running = begun
        self._unwanted = self._told = False
        return begun

    def over(self) -> None:
        """What ran has ended."""
        self.number = self._running = None
        self._unwanted = self._told = False
