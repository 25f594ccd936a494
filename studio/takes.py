"""The takes of a session: which there are, which is in view, which it is compared with.

What was dropped, recorded or kept belongs to the document. What came back from a request is a new take beside the work until it is kept,
like a candidate among pictures. Every change of the two lists is one edit of the document's history.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Protocol

from psygnal import Signal

from studio.core import marks
from studio.core.document import Document
from studio.core.job import BadRequest, Result, Source
from studio.core.take import Note, OnMarks, SetTakes, Take, changed

if TYPE_CHECKING:
    from studio.core.history import Edit
    from studio.session import Session

NO_TAKE = "There is no take yet; make one from words, record one or drop a sound in."
NO_OTHER = "Choose a second take: press A/B on another one in the list."
NO_MARK = "Mark on the spectrogram what should change: a rectangle, a lasso or the brush."


class Deck(Protocol):
    """What commands ask of whatever plays and records the takes."""

    repeat: bool

    @property
    def playing(self) -> bool: ...
    @property
    def recording(self) -> bool: ...
    def toggle(self) -> None: ...
    def seek(self, seconds: float) -> None: ...
    def set_repeat(self, on: bool) -> None: ...
    def begin_range(self) -> None: ...
    def end_range(self) -> None: ...
    def record(self, hums: bool = False) -> None: ...


class Page(Protocol):
    """What commands ask of the page on which takes are seen."""

    deck: Deck

    def add_sounds(self) -> None: ...
    def export_take(self) -> None: ...
    def find_tune(self) -> None: ...
    def silence_marks(self) -> None: ...
    def mark_range(self) -> None: ...
    def clear_marks(self) -> None: ...
    def set_tool(self, name: str) -> None: ...
    def tool(self) -> str: ...


class _Lists:
    """Edit: the new takes and those of the document become others."""

    def __init__(
        self, takes: Takes, new: Iterable[Take], kept: Iterable[Take], name: str, show: str = ""
    ) -> None:
        self.name, self._takes, self._new, self._show = name, takes, list(new), show
        self._kept = SetTakes(kept, name)

    @property
    def nbytes(self) -> int:
        return 300 * len(self._new) + self._kept.nbytes

    def apply(self, document: Document) -> None:
        was = self._takes.shown_id
        self._takes.new, self._new = self._new, self._takes.new
        self._kept.apply(document)
        self._takes.refreshed(self._show)
        self._show = was

    revert = apply  # swapping is its own inverse


class Takes:
    """See the module.

    Args:
        session: whose document and history it works on.
    """

    moved = Signal(str)
    """What changed: "list", "shown", "compare", "melody"."""
    came = Signal()
    """Results wait to be put into files (`unplaced`)."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.new: list[Take] = []
        self.unplaced: list[tuple[str, Result]] = []
        """(job, result) of sounds that are in no file yet: whoever has a background thread takes them from here."""
        self.shown_id = ""
        self.other_id = ""
        self.page: Any = None
        """The window's page (`Page`), once there is one."""
        self._told: tuple[int, ...] = ()
        session.changed.connect(self._session_changed)

    def _session_changed(self, what: str) -> None:
        if what in ("document", "history"):
            self.refreshed()

    def refreshed(self, show: str = "") -> None:
        """The lists may be others: what is in view is one of them, and those who listen are told."""
        ids = [take.id for take in self.all]
        if show in ids:
            self.shown_id = show
        if self.shown_id not in ids:
            self.shown_id = ids[-1] if ids else ""
        if self.other_id not in ids or self.other_id == self.shown_id:
            self.other_id = ""
        state = tuple(id(take) for take in self.all) + (hash(self.shown_id), hash(self.other_id))
        if state != self._told:
            self._told = state
            self.moved.emit("list")
            self._session.changed.emit("forecast")  # what can be asked for now

    # --- reading ------------------------------------------------------------------------------------------------

    @property
    def all(self) -> tuple[Take, ...]:
        """Those of the document, then the new ones; the oldest first."""
        return (*self._session.document.takes, *self.new)

    def get(self, take_id: str) -> Take | None:
        return next((take for take in self.all if take.id == take_id), None)

    def is_new(self, take: Take) -> bool:
        """Whether it was not kept yet."""
        return any(one.id == take.id for one in self.new)

    @property
    def shown(self) -> Take | None:
        return self.get(self.shown_id)

    @property
    def other(self) -> Take | None:
        """What the one in view is compared with."""
        return self.get(self.other_id)

    def made_from(self, take: Take) -> Take | None:
        """The take that a request changed into this one."""
        if take.spec is None:
            return None
        technique = take.spec.technique
        inputs = [value for _, value in technique if isinstance(value, Source)]
        for source in inputs:
            for one in self.all:
                same = bool(source.sha256) and one.source.sha256 == source.sha256
                if one.id != take.id and (same or one.source.path == source.path):
                    return one
        return None

    # --- changing -----------------------------------------------------------------------------------------------

    def _edit(self, new: Iterable[Take], kept: Iterable[Take], name: str, show: str = "") -> None:
        self._session.edit(_Lists(self, new, kept, name, show))

    def add(self, take: Take) -> None:
        """A sound that was dropped in or recorded joins the document and is shown."""
        self._edit(self.new, [*self._session.document.takes, take], f"Add {take.name}", take.id)

    def offer(self, take: Take, show: bool = True) -> None:
        """A result joins the new takes: no edit, it is beside the work."""
        self.new.append(take)
        self.refreshed(take.id if show or not self.shown_id else "")

    def keep(self, take_id: str) -> None:
        """A new take becomes part of the document."""
        take = self.get(take_id)
        if take is not None and self.is_new(take):
            new = [one for one in self.new if one.id != take_id]
            self._edit(new, [*self._session.document.takes, take], f"Keep {take.name}", take_id)

    def discard(self, take_id: str) -> None:
        """A take leaves; what a request made stays in the gallery, and undo brings it back."""
        take = self.get(take_id)
        if take is not None:
            ids = [one.id for one in self.all]
            at = ids.index(take_id)
            near = ids[at - 1] if at else ids[1] if len(ids) > 1 else ""
            show = near if self.shown_id == take_id else self.shown_id
            self._edit(
                [one for one in self.new if one.id != take_id],
                [one for one in self._session.document.takes if one.id != take_id],
                f"Discard {take.name}",
                show,
            )

    def change(self, take_id: str, title: str, **values: object) -> None:
        """A take gets other values: one edit, called `title`."""
        self._edit(
            self._with(self.new, take_id, values),
            self._with(self._session.document.takes, take_id, values),
            title,
        )

    def rename(self, take_id: str, name: str) -> None:
        take = self.get(take_id)
        if take is not None and name and name != take.name:
            self.change(take_id, f"Rename {take.name}", name=name)

    def learn(self, take_id: str, **values: object) -> None:
        """What was found out about a take (its digest, its tune): no edit, nobody decided anything."""
        self.new = self._with(self.new, take_id, values)
        document = self._session.document
        document.set_takes(tuple(self._with(document.takes, take_id, values)))
        self.refreshed()

    def _with(self, takes: Iterable[Take], take_id: str, values: dict[str, Any]) -> list[Take]:
        return [changed(take, **values) if take.id == take_id else take for take in takes]

    def retune(self, take_id: str, notes: Iterable[Note]) -> None:
        """The tune was mended by hand."""
        self.change(take_id, "Mend the tune", melody=tuple(notes))

    def record(self, edit: Edit) -> None:
        """An edit of the marks in view that is already in effect."""
        take = self.shown
        if take is not None:
            self._session.history.record(OnMarks(edit, take.marks))
            self._session.changed.emit("forecast")

    def show(self, take_id: str) -> None:
        if take_id != self.shown_id and self.get(take_id) is not None:
            self.shown_id = take_id
            if self.other_id == take_id:
                self.other_id = ""
            self.moved.emit("shown")
            self._session.changed.emit("forecast")

    def swap(self) -> None:
        """A/B: the one in view and the one it is compared with change places."""
        if self.other_id:
            self.shown_id, self.other_id = self.other_id, self.shown_id
            self.moved.emit("shown")
            self._session.changed.emit("forecast")

    def compare(self, take_id: str) -> None:
        """Compares the one in view with another; "" = with none."""
        if take_id != self.other_id and take_id != self.shown_id:
            self.other_id = take_id
            self.moved.emit("compare")
            self._session.changed.emit("forecast")

    # --- requests -----------------------------------------------------------------------------------------------

    def marked(self) -> bool:
        return self.shown is not None and not marks.bounds(self.shown.marks).empty

    def why_not(self, widget: str, which: int = 0) -> str:
        """Why a field cannot be filled from what is in view; "" where it can."""
        if self.shown is None:
            return NO_TAKE
        if which and self.other is None:
            return NO_OTHER
        return NO_MARK if widget == "mask" and not self.marked() else ""

    def source(self, widget: str, which: int = 0) -> Source:
        """What a field gets from what is in view: the take, or its marks as a picture (`studio.core.marks.picture`).

        Args:
            which: 0 = the take in view, else the one it is compared with.

        Raises:
            BadRequest: there is none.
        """
        take = self.other if which else self.shown
        why = self.why_not(widget, which)
        if take is None or why:
            raise BadRequest(why)
        return self._session.kept(marks.picture(take.marks)) if widget == "mask" else take.source

    def notes(self) -> tuple[tuple[float, float, float], ...]:
        """The tune of the take in view as a request takes it, as it was found or mended; () = it was not looked for."""
        take = self.shown
        return tuple((note.start, note.end, note.pitch) for note in (take.melody if take else None) or ())

    def arrived(self, job: str, result: Result) -> None:
        """A sound is finished."""
        self.unplaced.append((job, result))
        self.came.emit()
