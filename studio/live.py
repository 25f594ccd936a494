"""The picture that follows the hand: words, brush, mask, regions and sliders move, and a sketch of the result moves with them.

    live = Live(session, pool.sketch, later)     # later(f): calls f when the event that is being handled is over
    pool.sketched.connect(live.on_event)

What changed is known by counters (of what was set, of every layer's pixels), never by reading pixels; where nothing changed
nothing is made, and no clock ticks. Of many changes in one event one request comes. It goes past the queue to
`jobs.worker`, where one runs and one waits and the newest wins. While the hand is down on the canvas nothing is asked for, and
the sketch does not hide what is being painted, unless the settings say that it is to follow strokes.

The sketch has the seed, and so the noise, of the picture that Draw makes (see `core.sketch`); Draw therefore leaves the seed
alone while this is on, and what it makes is what was seen, in full quality.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Protocol

from studio.core.clip import Clip
from studio.core.document import Document
from studio.core.job import BadRequest, Event, Failed, Preview, Result, Source
from studio.core.region import Rect
from studio.core.sketch import HERE, Sketch, follows, sketched
from studio.session import CANVAS, Session

ASKED = ("technique", "values", "prompt", "model", "seed")
"""Changes of a session that can change its request."""
LOST = 2
"""So many engines may die over sketches in a row; then live preview goes off."""
_LOOKS = (
    "id",
    "kind",
    "version",
    "x",
    "y",
    "matrix",
    "opacity",
    "blend",
    "visible",
    "feather",
    "region",
    "group",
)


class Send(Protocol):
    """`Pool.sketch`: takes the newest sketch, None = no more -> its number."""

    def __call__(self, sketch: Sketch | None, /) -> int: ...


class Live:
    """See the module. Everything happens in the thread of the session."""

    def __init__(self, session: Session, send: Send, later: Callable[[Callable[[], None]], object]) -> None:
        self.session = session
        self.sent = 0
        """Sketches that were asked for so far."""
        self.seconds: float | None = None
        """From the newest change to its finished sketch."""
        self._send, self._later = send, later
        self._asked = 0
        """Counts what was set."""
        self.planned = False
        """Whether a look is about to come."""
        self.number = 0
        """Of the newest sketch; 0 = none is asked for."""
        self.picture: tuple[Clip, Rect] | None = None
        """The newest one, shown or not."""
        self._down = False
        self._key: Any = None
        self._last: Sketch | None = None
        self._rects: dict[int, tuple[Rect, float]] = {}
        self._deaths = 0
        self._document: Document | None = None
        self._seen_document: Any = None
        self._watch()
        session.changed.connect(self._changed)

    @property
    def on(self) -> bool:
        return self.session.settings.live

    # --- what changes ---------------------------------------------------------------------------------------------

    def _changed(self, what: str) -> None:
        if what in ASKED:
            self._asked += 1
        if what == "document":
            self._watch()
        if what == "live":
            self._switched()
        elif what in (*ASKED, "history", "document", "candidates"):
            self.wake()

    def _watch(self) -> None:
        document = self.session.document
        if document is not self._document:
            if self._document is not None:
                self._document.changed.disconnect(self._touched)
                self._document.box_changed.disconnect(self._moved)
            document.changed.connect(self._touched)
            document.box_changed.connect(self._moved)
            self._document = document

    def _touched(self, rect: Rect) -> None:
        """Pixels changed, perhaps in the middle of a stroke."""
        if not self.on or not self._reads_canvas():
            return
        if self._down and not self.session.settings.live_strokes:
            self._stop()  # what runs is about what is no longer there
        else:
            self.wake()

    def _moved(self, box: Rect) -> None:
        self.wake()

    def hand(self, down: bool) -> None:
        """The hand touches the canvas with a tool that changes something, or leaves it."""
        self._down = down
        if not self.on or self.session.settings.live_strokes:
            return
        if down:
            self.session.show_live(None)
        else:
            self.wake()

    def _switched(self) -> None:
        self._key = self._last = self.picture = None
        self._deaths = 0
        if self.on:
            self.session.show_live(None, "")
            self.wake()
        else:
            self._stop()
            self.session.show_live(None, "")

    # --- asking ---------------------------------------------------------------------------------------------------

    def wake(self) -> None:
        """Something may have changed: look when this event is over."""
        if self.on and not self.planned:
            self.planned = True
            self._later(self.look)

    def look(self) -> None:
        """Asks for a sketch if what it would show has changed."""
        self.planned = False
        session = self.session
        if not self.on or (self._down and not session.settings.live_strokes):
            return
        document = looks(session.document)
        edited = self._seen_document is not None and document != self._seen_document
        self._seen_document = document
        box = session.document.box
        key = (
            self._asked,
            session.card and session.card.id,
            (box.x, box.y, box.w, box.h),
            document if self._reads_canvas() else None,
        )
        if key == self._key:
            self._show_again(edited)
            return
        self._key = key
        try:
            sketch = self._sketch()
        except BadRequest as error:
            self._stop()
            session.show_live(None, str(error))
            self._last = self.picture = None
            return
        if self._last is not None and (sketch.spec, sketch.draft) == (self._last.spec, self._last.draft):
            self._show_again(edited)
            return
        self._last = sketch
        self._ask(sketch)

    def _ask(self, sketch: Sketch) -> None:
        session = self.session
        self.number = self._send(sketch)
        self.sent += 1
        box = session.document.box if session.document.layers else session.document.rect
        self._rects = {
            **{n: r for n, r in self._rects.items() if n >= self.number - 8},
            self.number: (box, time.monotonic()),
        }

    def _sketch(self) -> Sketch:
        session = self.session
        if not follows(session.technique):
            raise BadRequest("This is too slow to follow the hand; press the button above.")
        inputs: dict[str, Clip] = {}

        def keep(clip: Clip) -> Source:
            source = Source(path=HERE, sha256=clip.digest())
            inputs[source.sha256] = clip
            return source

        return sketched(session.spec(keep), session.cards, inputs)

    def _reads_canvas(self) -> bool:
        session = self.session
        return any(
            session.value(name) == CANVAS for name in session.technique_class.model_fields if name != "name"
        )

    def _show_again(self, edited: bool) -> None:
        """The sketch is as good as it was: seen again, unless somebody works on what it would hide."""
        session = self.session
        if edited and not self._reads_canvas():
            session.show_live(None)
        elif (
            self.picture is not None
            and session.live_picture is None
            and not session.candidates
            and not edited
        ):
            session.show_live(self.picture)

    def _stop(self) -> None:
        """Ends what runs and waits; what it was about counts as not yet asked for."""
        if self._key is not None or self._last is not None or self.number:
            self._send(None)
            self._key = self._last = None
            self.number = 0

    # --- the answer -----------------------------------------------------------------------------------------------

    def on_event(self, number: int, event: Event) -> None:
        """What came back of a sketch. Of an older one than the newest nothing is shown: it has been stopped."""
        if not self.on or number != self.number:
            return
        rect, began = self._rects[number]
        match event:
            case Preview(clip=clip):
                self._show((clip, rect))
            case Result(clip=clip, spec=spec):
                self._deaths = 0
                self.seconds = time.monotonic() - began
                card = self.session.cards.get(spec.model)
                steps = getattr(spec.technique, "steps", None)
                parts = [
                    card.title if card else spec.model,
                    f"{steps} steps" if steps else "",
                    f"{self.seconds:.2f} s",
                ]
                self._show((clip, rect), "Live: " + ", ".join(part for part in parts if part))
            case Failed(message=message, kind=kind, details=details):
                self.picture = None
                self.session.show_live(None, message)
                self._deaths += kind == "engine"
                if self._deaths >= LOST:
                    self.session.set_live(False)
                    self.session.say(f"Live preview was switched off. {message}", "warn", details)
            case _:
                pass

    def _show(self, picture: tuple[Clip, Rect], note: str | None = None) -> None:
        self.picture = picture
        if not (self._down and not self.session.settings.live_strokes):
            self.session.show_live(picture, note)


def looks(document: Document) -> Any:
    """A value that changes whenever the document may look different; no pixel is read."""
    layers = tuple(tuple(getattr(layer, name) for name in _LOOKS) for layer in document.layers)
    return (document.width, document.height, _Same(document.selection), layers)


class _Same:
    """Equal only where it is about the very same object: a selection's array is never written to, only replaced."""

    def __init__(self, what: object) -> None:
        self.what = what

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.what is self.what

    def __hash__(self) -> int:
        return id(self.what)
