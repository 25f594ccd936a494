"""A queue between two threads in which a newer preview removes an older one that nobody has taken yet."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any


@dataclass(eq=False)
class _Cell:
    item: Any
    key: Hashable | None


class Mailbox:
    """First in, first out; an item that is put with the key of one still inside removes that one."""

    def __init__(self) -> None:
        self._order: deque[_Cell] = deque()
        self._keyed: dict[Hashable, _Cell] = {}
        self._ready = threading.Condition()

    def put(self, item: Any, key: Hashable | None = None) -> bool:
        """Puts an item in -> whether the mailbox was empty."""
        with self._ready:
            was_empty = not self._order
            if key is not None and (older := self._keyed.get(key)) is not None:
                self._order.remove(older)
            cell = _Cell(item, key)
            self._order.append(cell)
            if key is not None:
                self._keyed[key] = cell
            self._ready.notify()
            return was_empty

    def get(self, timeout: float = 0.0) -> Any:
        """The oldest item; None when there is none for `timeout` seconds."""
        until = time.monotonic() + timeout
        with self._ready:
            while not self._order:
                left = until - time.monotonic()
                if left <= 0:
                    return None
                self._ready.wait(left)
            cell = self._order.popleft()
            self._keyed.pop(cell.key, None)
            return cell.item

    def __len__(self) -> int:
        return len(self._order)
