"""What takes longer than a frame with the document's pixels (merging, copying) is worked out on another thread.

    session.aside.order(lambda document, layer: stack.merge_down(document, layer), session.edit)

The work gets the document as it is when its turn comes, and a copy of the chosen layer; it must only look. If somebody painted or
undid something meanwhile it is worked out again, the last time on the window's own thread, so that what arrives always fits what
is there. Orders keep their order, and undo and redo wait for those before them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

from studio.core.document import Document
from studio.core.layer import Layer
from studio.core.shot import Shot

if TYPE_CHECKING:
    from studio.session import Session

TRIES = 3

Work = Callable[[Document, "Layer | None"], Any]
Then = Callable[[Any], object]


class Runner(Protocol):
    """Calls `work` on another thread, and `then` or `failed` with what came of it on this one."""

    def __call__(
        self, work: Callable[[], Any], then: Then, failed: Callable[[Exception], object], /
    ) -> object: ...


class Aside:
    """See the module. `runner`: None = everything is done at once, on the caller's thread (no window)."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.runner: Runner | None = None
        self._waiting: deque[tuple[Work, Then] | Callable[[], object]] = deque()
        self._busy = False

    @property
    def busy(self) -> bool:
        return self._busy

    def order(self, work: Work, then: Then) -> None:
        """`then` gets what `work` returns; a ValueError becomes a sentence."""
        self._waiting.append((work, then))
        self._next()

    def after(self, call: Callable[[], object]) -> None:
        """At once, or as soon as everything ordered before is done."""
        self._waiting.append(call)
        self._next()

    def _next(self) -> None:
        while self._waiting and not self._busy:
            first = self._waiting.popleft()
            if isinstance(first, tuple):
                self._busy = True
                work, then = first
                self._begin(work, then, 0)
            else:
                first()

    def _begin(self, work: Work, then: Then, tries: int) -> None:
        session = self._session
        document, history = session.document, session.history
        revision, layer = history.revision, session.layer
        if self.runner is None or tries >= TRIES:
            try:
                value = work(document, layer)
            except ValueError as error:
                why = str(error)
                self._end(lambda: session.say(why, "warn"))
            else:
                self._end(lambda: then(value))
            return
        shot = Shot(document)  # its layers share their pixels with the live ones
        same = shot.document.layer(layer.id) if layer is not None else None
        shot.share_selection()

        def fits() -> bool:
            now = session.layer
            same_layer = (now.id if now else "") == (layer.id if layer else "")
            return (
                session.document is document and history.revision == revision and same_layer and shot.holds()
            )

        def arrived(value: Any) -> None:
            if fits():
                self._end(lambda: then(value))
            else:
                self._begin(work, then, tries + 1)

        def failed(error: Exception) -> None:
            if not fits():  # half a stroke may look like anything
                self._begin(work, then, tries + 1)
            elif isinstance(error, ValueError):
                self._end(lambda: session.say(str(error), "warn"))
            else:
                self._end(lambda: None)
                raise error

        self.runner(lambda: work(shot.document, same), arrived, failed)

    def _end(self, call: Callable[[], object]) -> None:
        self._busy = False
        call()
        self._next()
