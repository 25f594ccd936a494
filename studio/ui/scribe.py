"""Writes the document into files while it is being edited, one file at a time.

The window's thread only looks at the document for a moment (`studio.core.shot`); copying, packing and the disk are on
another one. When somebody paints just then, the copy is thrown away and made again; a hand that paints on and on is
waited for some seconds, then the window's thread copies what changed last.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from PySide6.QtCore import QObject, QTimer

from studio.ui.widgets.images import Background

TRIES, PAUSE = 12, 250
"""How often a copy is made again because somebody painted, and milliseconds between."""


class Taken(Protocol):
    """`studio.core.shot.Shot` or what contains one."""

    def take(self) -> None: ...
    def holds(self) -> bool: ...


T = TypeVar("T", bound=Taken)


@dataclass
class _Order:
    prepare: Callable[[], Any]
    work: Callable[[Any], Any]
    then: Callable[[Any], object]
    failed: Callable[[Exception], object]
    tries: int = 0


class Scribe(QObject):
    """See the module."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._background = Background(self)
        self._orders: deque[_Order] = deque()
        self._now: _Order | None = None

    @property
    def busy(self) -> bool:
        return self._now is not None

    def run(
        self,
        prepare: Callable[[], T],
        work: Callable[[T], Any],
        then: Callable[[Any], object],
        failed: Callable[[Exception], object],
    ) -> None:
        """Orders a file.

        Args:
            prepare: looks at the document; on the window's thread, as soon as the files before this one are done.
            work: writes the file; on another thread.
            then, failed: get what `work` returned or raised; on the window's thread.
        """
        self._orders.append(_Order(prepare, work, then, failed))
        if self._now is None:
            self._next()

    def _next(self) -> None:
        self._now = self._orders.popleft() if self._orders else None
        if self._now is not None:
            self._begin(self._now)

    def _begin(self, order: _Order) -> None:
        try:
            taken = order.prepare()
            if order.tries >= TRIES:
                taken.take()
        except Exception as error:
            self._end(order.failed, error)
            return
        if order.tries >= TRIES:
            self._write(order, taken)
            return
        self._background.run(
            taken.take, lambda _: self._taken(order, taken), lambda e: self._end(order.failed, e)
        )

    def _taken(self, order: _Order, taken: Taken) -> None:
        if taken.holds():
            self._write(order, taken)
            return
        order.tries += 1
        QTimer.singleShot(PAUSE, self, lambda: self._begin(order))

    def _write(self, order: _Order, taken: Taken) -> None:
        self._background.run(
            lambda: order.work(taken),
            lambda value: self._end(order.then, value),
            lambda e: self._end(order.failed, e),
        )

    def _end(self, call: Callable[[Any], object], value: Any) -> None:
        self._now = None
        try:
            call(value)
        finally:
            if self._now is None:
                self._next()

    def wait(self, seconds: float = 10) -> bool:
        """Until everything that was ordered is on the disk: before the program ends, and in tests."""
        from PySide6.QtCore import QDeadlineTimer

        end = QDeadlineTimer(round(seconds * 1000))
        while self._now is not None and not end.hasExpired():
            if self._now.tries:  # a copy that waits for its turn again: nobody paints now
                self._now.tries = TRIES
                self._begin(self._now)
            self._background.wait(max(end.remainingTime(), 1) / 1000)
        return self._now is None

    def stop(self) -> None:
        """Nothing comes back any more."""
        self._orders.clear()
        self._background.stop()
