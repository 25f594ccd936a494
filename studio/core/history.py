"""Edits, and the list of them that a person can walk back and forth.

An `Edit` changes a document and can change it back, bit for bit. `History.push` applies one and remembers it:

    history = History(document)
    history.push(SetProperty(layer.id, "opacity", 0.5))
    history.undo(); history.redo(); history.jump(0)

A stroke has already painted when its edit arrives: `history.record(edit)` remembers without applying.

Pixels are remembered as cells of 64 x 64 that differ, before *or* after, never both: undoing swaps them with what is there.
They are packed with zlib level 1 on a thread of their own (a release of the button must not wait for 20 ms of packing;
zlib lets other threads run). 200 long strokes on a 4096 x 4096 mask take some megabytes. When the budget is spent the
oldest edits are forgotten, so the list is bounded by memory and never by count.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

import numpy as np
from psygnal import Signal

from studio.core.document import Document
from studio.core.layer import IDENTITY, Layer, Pixels, check_pixels, map_rect, read
from studio.core.region import NOWHERE, Rect

CELL = 64
"""Side in pixels of the pieces that pixel edits remember."""
SMALL = 1 << 12
"""Bytes below which packing is not worth it."""


class Edit(Protocol):
    """A reversible change. `name` is for the visible list; `nbytes` is what remembering it costs."""

    name: str

    @property
    def nbytes(self) -> int: ...
    def apply(self, document: Document) -> None: ...
    def revert(self, document: Document) -> None: ...


class Patch:
    """Pixels of some rectangles of one array, packed when there is time.

    Args:
        parts: (rectangle in the layer's own plane, its pixels).
    """

    def __init__(self, parts: Sequence[tuple[Rect, Pixels]]) -> None:
        self.rects = [rect for rect, _ in parts]
        self._tail = parts[0][1].shape[2:] if parts else ()
        self._raw: bytes | None = b"".join(pixels.tobytes() for _, pixels in parts)
        self._packed: bytes | None = None

    @property
    def nbytes(self) -> int:
        data = self._raw if self._raw is not None else self._packed
        return len(data or b"") + 80 * len(self.rects)

    def pack(self) -> None:
        """Safe to call on another thread: each attribute is set once, packed before raw is dropped."""
        raw = self._raw
        if raw is not None and len(raw) > SMALL:
            packed = zlib.compress(raw, 1)
            if len(packed) < len(raw):
                self._packed = packed
                self._raw = None

    def parts(self) -> list[tuple[Rect, Pixels]]:
        raw = self._raw
        if raw is None:
            raw = zlib.decompress(self._packed or b"")
        flat, out, at = np.frombuffer(raw, np.uint8), list[tuple[Rect, Pixels]](), 0
        for rect in self.rects:
            shape = (rect.h, rect.w, *self._tail)
            size = int(np.prod(shape))
            out.append((rect, flat[at : at + size].reshape(shape)))
            at += size
        return out


class PixelEdit:
    """Pixels of one layer were other ones. Made after the fact: the layer already has the new pixels.

    Args:
        before: (rectangle in the layer's own plane, the pixels that were there).
    """

    def __init__(self, name: str, layer: str, before: Sequence[tuple[Rect, Pixels]]) -> None:
        self.name, self.layer, self.patch = name, layer, Patch(before)

    @property
    def nbytes(self) -> int:
        return self.patch.nbytes

    def pack(self) -> None:
        self.patch.pack()

    def apply(self, document: Document) -> None:
        layer = document.layer(self.layer)
        now: list[tuple[Rect, Pixels]] = []
        touched: dict[tuple[int, int], Rect] = {}  # by tile: a long thin stroke is not its bounding rectangle
        for rect, pixels in self.patch.parts():
            at = rect.moved(-layer.x, -layer.y).slices()
            now.append((rect, layer.pixels[at].copy()))
            layer.pixels[at] = pixels
            tile = (rect.x // 256, rect.y // 256)
            touched[tile] = touched.get(tile, NOWHERE).united(rect)
        self.patch = Patch(now)
        for rect in touched.values():
            document.touch(layer, in_document(layer, rect))

    revert = apply  # swapping is its own inverse


class GrowEdit:
    """The rectangle that holds a layer's pixels became larger; the new pixels are clear, so none are remembered."""

    nbytes = 100

    def __init__(self, layer: str, before: Rect, after: Rect, name: str = "Grow layer") -> None:
        self.name, self.layer, self.before, self.after = name, layer, before, after

    def apply(self, document: Document) -> None:
        document.grow(document.layer(self.layer), self.after)

    def revert(self, document: Document) -> None:
        document.grow(document.layer(self.layer), self.before)


class SetPixels:
    """A layer gets other pixels at another place (filter, merge, resample): both are remembered, so prefer `paint`."""

    def __init__(self, layer: str, pixels: Pixels, x: int, y: int, name: str = "Change pixels") -> None:
        self.name, self.layer, self._place = name, layer, (x, y)
        self._patch = Patch([(Rect(0, 0, pixels.shape[1], pixels.shape[0]), pixels)])
        self._empty = pixels[:0, :0]

    @property
    def nbytes(self) -> int:
        return self._patch.nbytes

    def pack(self) -> None:
        self._patch.pack()

    def apply(self, document: Document) -> None:
        layer = document.layer(self.layer)
        old, place = layer.pixels, (layer.x, layer.y)
        [(_, new)] = self._patch.parts()
        check_pixels(layer.kind, new)
        document.set_pixels(layer, np.array(new), *self._place)
        self._patch = Patch([(Rect(0, 0, old.shape[1], old.shape[0]), old)])
        self._place = place

    revert = apply


class AddLayer:
    """A layer joins the list. Args: index: in the flat list from bottom to top, None = on top."""

    def __init__(self, layer: Layer, index: int | None = None, name: str = "", activate: bool = True) -> None:
        self.layer, self.at, self.activate = layer, index, activate
        self.name = name or f"Add {layer.name}"
        self._active_before = ""
        self._in_effect = False

    @property
    def nbytes(self) -> int:
        return 500 + (0 if self._in_effect else self.layer.pixels.nbytes)

    def apply(self, document: Document) -> None:
        layers = list(document.layers)
        if any(layer.id == self.layer.id for layer in layers):
            raise ValueError(f"the document already has the layer {self.layer.id!r}")
        self._active_before = document.active.id if document.active else ""
        layers.insert(len(layers) if self.at is None else self.at, self.layer)
        document.set_layers(layers)
        self._in_effect = True
        if self.activate:
            document.activate(self.layer.id)

    def revert(self, document: Document) -> None:
        document.set_layers([layer for layer in document.layers if layer.id != self.layer.id])
        self._in_effect = False
        if self.activate and any(layer.id == self._active_before for layer in document.layers):
            document.activate(self._active_before)


class RemoveLayer:
    """A layer leaves, with everything in it when it is a group."""

    def __init__(self, layer: str, name: str = "") -> None:
        self.id, self.name = layer, name or "Delete layer"
        self._before: list[Layer] = []
        self._gone: list[Layer] = []
        self._active = ""

    @property
    def nbytes(self) -> int:
        return sum(layer.pixels.nbytes for layer in self._gone) + 500

    def apply(self, document: Document) -> None:
        self._gone = [document.layer(self.id), *document.descendants(self.id)]
        self._before = list(document.layers)
        self._active = document.active.id if document.active else ""
        at = document.index(self.id)
        left = [layer for layer in self._before if layer not in self._gone]
        document.set_layers(left)
        if self._active and not any(layer.id == self._active for layer in left) and left:
            document.activate(left[min(max(at - 1, 0), len(left) - 1)].id)

    def revert(self, document: Document) -> None:
        document.set_layers(self._before)
        self._gone = []
        if self._active:
            document.activate(self._active)


class MoveLayer:
    """A layer goes to another index of the flat list and, if asked, into another group."""

    nbytes = 100

    def __init__(self, layer: str, index: int, group: str | None = None, name: str = "Move layer") -> None:
        self.name, self.id, self.to, self.group = name, layer, index, group
        self._from = (0, "")

    def apply(self, document: Document) -> None:
        layer = document.layer(self.id)
        if self.group and (self.group == self.id or layer in _ancestors(document, self.group)):
            raise ValueError("a group cannot be put into itself")
        self._from = (document.index(self.id), layer.group)
        self._go(document, self.to, layer.group if self.group is None else self.group)

    def revert(self, document: Document) -> None:
        self._go(document, *self._from)

    def _go(self, document: Document, index: int, group: str) -> None:
        layer = document.layer(self.id)
        rest = [other for other in document.layers if other is not layer]
        rest.insert(index, layer)
        if group != layer.group:
            document.set_property(layer, "group", group)
        document.set_layers(rest)


def _ancestors(document: Document, id: str) -> list[Layer]:
    out: list[Layer] = []
    while id:
        out.append(document.layer(id))
        id = out[-1].group
    return out


PROPERTIES = (
    "name", "opacity", "blend", "visible", "locked", "matrix", "feather", "region", "spec", "x", "y",
)  # fmt: skip


class SetProperty:
    """One field of a layer becomes another value. Setting the same field again joins the edit before it (a slider that
    is dragged is one step of undo)."""

    nbytes = 200

    def __init__(self, layer: str, field: str, value: Any, name: str = "") -> None:
        if field not in PROPERTIES:
            raise ValueError(f"{field!r} is not a property that an edit can set")
        self.layer, self.field, self.value = layer, field, value
        self.name = name or {
            "visible": "Show" if value else "Hide",
            "blend": "Blend mode",
            "x": "Move",
            "y": "Move",
            "opacity": "Opacity",
            "feather": "Feather",
            "matrix": "Transform",
            "region": "Change the region",
        }.get(field, field.capitalize())
        self._before: Any = None

    def apply(self, document: Document) -> None:
        layer = document.layer(self.layer)
        self._before = getattr(layer, self.field)
        document.set_property(layer, self.field, self.value)

    def revert(self, document: Document) -> None:
        document.set_property(document.layer(self.layer), self.field, self._before)

    def joined(self, later: SetProperty) -> bool:
        """Takes a later edit of the same field in, if it is one."""
        if type(later) is not type(self) or (later.layer, later.field) != (self.layer, self.field):
            return False
        self.value = later.value
        return True


class SetSelection:
    """Another selection ([height, width] uint8 or None)."""

    def __init__(self, selection: Pixels | None, name: str = "Select") -> None:
        self.name = name
        self._other = self._hold(selection)

    @staticmethod
    def _hold(selection: Pixels | None) -> Patch | None:
        if selection is None:
            return None
        return Patch([(Rect(0, 0, selection.shape[1], selection.shape[0]), selection)])

    @property
    def nbytes(self) -> int:
        return self._other.nbytes if self._other else 100

    def pack(self) -> None:
        if self._other:
            self._other.pack()

    def apply(self, document: Document) -> None:
        now = document.selection
        document.set_selection(np.array(self._other.parts()[0][1]) if self._other else None)
        self._other = self._hold(now)

    revert = apply


class SetBox:
    """The generation box goes elsewhere. It is a choice and not a picture, but people expect undo to bring it back."""

    nbytes = 100

    def __init__(self, box: Rect, before: Rect | None = None, name: str = "Generation box") -> None:
        self.name, self.box, self._before = name, box, before

    def apply(self, document: Document) -> None:
        if self._before is None:
            self._before = document.box
        document.set_box(self.box)

    def revert(self, document: Document) -> None:
        document.set_box(self._before or self.box)


class Resize:
    """The canvas becomes `rect` of the old one (crop or extend): layers keep their pixels and are only shifted."""

    def __init__(self, rect: Rect, name: str = "Crop") -> None:
        self.name, self.rect = name, rect
        self._before = NOWHERE
        self._selection: Pixels | None = None

    @property
    def nbytes(self) -> int:
        return 100 + (0 if self._selection is None else self._selection.nbytes)

    def apply(self, document: Document) -> None:
        self._before, self._selection = document.rect, document.selection
        self._box = document.box
        if document.selection is not None:
            cut = np.array(read(document.selection, self.rect))
            document.set_selection(None)
            self._go(document, -self.rect.x, -self.rect.y, self.rect)
            document.set_selection(cut)
        else:
            self._go(document, -self.rect.x, -self.rect.y, self.rect)
        document.set_box(self._box.moved(-self.rect.x, -self.rect.y))

    def revert(self, document: Document) -> None:
        document.set_selection(None)
        self._go(document, self.rect.x, self.rect.y, self._before)
        document.set_selection(self._selection)
        document.set_box(self._box)

    @staticmethod
    def _go(document: Document, dx: int, dy: int, size: Rect) -> None:
        for layer in document.layers:
            if layer.kind == "group":
                continue
            a, b, c, d, e, f = layer.matrix
            if layer.matrix == (1, 0, 0, 0, 1, 0):
                document.set_property(layer, "x", layer.x + dx)
                document.set_property(layer, "y", layer.y + dy)
            else:
                document.set_property(layer, "matrix", (a, b, c + dx, d, e, f + dy))
        document.set_size(size.w, size.h)


class Replace:
    """The whole document becomes another one: layers, size, selection, generation box (a project was opened, a picture
    begun). The other document's layers are taken, not copied, so it must not be used any more."""

    def __init__(self, other: Document, name: str = "Open") -> None:
        self.name = name
        self._other = other
        self._active = other.active.id if other.active else ""

    @property
    def nbytes(self) -> int:
        return 500 + sum(layer.pixels.nbytes for layer in self._other.layers)

    def apply(self, document: Document) -> None:
        other, active = self._other, self._active
        kept = Document(document.width, document.height, 0)
        kept.set_layers(list(document.layers))
        kept.set_box(document.box)
        kept.set_selection(document.selection)
        kept.set_takes(document.takes)
        kept.set_timeline(document.timeline)
        self._other, self._active = kept, document.active.id if document.active else ""
        document.set_selection(None)
        document.set_layers([])
        if (document.width, document.height) != (other.width, other.height):
            document.set_size(other.width, other.height)
        document.set_layers(list(other.layers))
        document.set_selection(other.selection)
        document.set_box(other.box)
        document.set_takes(other.takes)
        document.set_timeline(other.timeline)
        document.activate(active)

    revert = apply  # swapping is its own inverse


class Together:
    """Several edits as one step. If one fails, those before it are undone and the error goes on."""

    def __init__(self, name: str, edits: Iterable[Edit]) -> None:
        self.name, self.edits = name, list(edits)

    @property
    def nbytes(self) -> int:
        return sum(edit.nbytes for edit in self.edits)

    def pack(self) -> None:
        for edit in self.edits:
            getattr(edit, "pack", lambda: None)()

    def apply(self, document: Document) -> None:
        done: list[Edit] = []
        try:
            for edit in self.edits:
                edit.apply(document)
                done.append(edit)
        except Exception:
            for edit in reversed(done):
                edit.revert(document)
            raise

    def revert(self, document: Document) -> None:
        for edit in reversed(self.edits):
            edit.revert(document)


def in_document(layer: Layer, own: Rect) -> Rect:
    """A rectangle of the layer's own plane -> the one of the document around it."""
    return own if layer.matrix == IDENTITY else map_rect(layer.matrix, own).grown(1)


def changed_cells(rect: Rect, before: Pixels, after: Pixels) -> list[tuple[Rect, Pixels]]:
    """The cells of `rect` in which two arrays differ, with the pixels they had before."""
    out: list[tuple[Rect, Pixels]] = []
    for column, row in rect.tiles(CELL):
        cell = Rect(column * CELL, row * CELL, CELL, CELL).clipped(rect)
        at = cell.moved(-rect.x, -rect.y).slices()
        if not np.array_equal(before[at], after[at]):
            out.append((cell, before[at].copy()))
    return out


def paint(document: Document, layer: Layer, rect: Rect, pixels: Pixels, name: str) -> Edit | None:
    """Writes pixels into a rectangle of a layer's own plane at once and returns the edit to record, or None if nothing
    changed. The layer grows where it must."""
    grow = GrowEdit(layer.id, layer.own_rect, layer.own_rect.united(rect))
    edits: list[Edit] = []
    if not layer.own_rect.encloses(rect):
        grow.apply(document)
        edits.append(grow)
    at = rect.moved(-layer.x, -layer.y).slices()
    before = changed_cells(rect, layer.pixels[at], pixels)
    if not before:
        if edits:
            grow.revert(document)
        return None
    layer.pixels[at] = pixels
    document.touch(layer, in_document(layer, rect))
    edits.append(PixelEdit(name, layer.id, before))
    return edits[0] if len(edits) == 1 else Together(name, edits)


class History:
    """The edits of one document, done and undone.

    Args:
        budget: bytes that may be kept; the oldest edits are forgotten beyond it.
    """

    changed = Signal()
    """The list or the place in it changed (enable Undo, redraw the list)."""

    def __init__(self, document: Document, budget: int = 512 << 20) -> None:
        self.document, self.budget = document, budget
        self._edits: list[Edit] = []
        self._done = 0
        self._forgotten = 0
        self._clean: int | None = 0
        self._revision = 0
        self._packer = ThreadPoolExecutor(1, thread_name_prefix="history")

    # --- the list ----------------------------------------------------------------------------------------

    @property
    def names(self) -> list[str]:
        """Of all edits, oldest first; the first `done` of them are in effect."""
        return [edit.name for edit in self._edits]

    @property
    def done(self) -> int:
        return self._done

    @property
    def forgotten(self) -> int:
        """How many of the oldest edits were dropped because the budget was spent."""
        return self._forgotten

    @property
    def can_undo(self) -> bool:
        return self._done > 0

    @property
    def can_redo(self) -> bool:
        return self._done < len(self._edits)

    @property
    def undo_name(self) -> str:
        return self._edits[self._done - 1].name if self.can_undo else ""

    @property
    def redo_name(self) -> str:
        return self._edits[self._done].name if self.can_redo else ""

    @property
    def nbytes(self) -> int:
        return sum(edit.nbytes for edit in self._edits)

    @property
    def modified(self) -> bool:
        """Whether the document differs from what `mark_clean` last saw."""
        return self._clean != self._forgotten + self._done

    @property
    def position(self) -> int:
        """Counts edits since the beginning, forgotten ones included: changes whenever the document does."""
        return self._forgotten + self._done

    @property
    def revision(self) -> int:
        """Grows with every step in either direction, also where the next edit joins the last one or `position` comes
        back to a number that it had before with other contents: what an autosave compares."""
        return self._revision

    @property
    def clean(self) -> int | None:
        """The position at which the document was saved; None = nowhere in this list."""
        return self._clean

    @clean.setter
    def clean(self, position: int | None) -> None:
        self._clean = position

    def mark_clean(self) -> None:
        """The document was saved as it is now."""
        self._clean = self.position
        self.changed.emit()

    # --- walking -------------------------------------------------------------------------------------------

    def push(self, edit: Edit) -> None:
        """Applies an edit and remembers it. What was undone is gone then."""
        edit.apply(self.document)
        self.record(edit)

    def record(self, edit: Edit | None) -> None:
        """Remembers an edit that is already in effect; None is ignored."""
        if edit is None:
            return
        if self._clean is not None and self._clean > self.position:
            self._clean = None  # the saved state was among the undone edits
        self._revision += 1
        del self._edits[self._done :]
        last = self._edits[-1] if self._edits else None
        saved_between = self._clean == self.position
        if not (
            isinstance(last, SetProperty)
            and isinstance(edit, SetProperty)
            and not saved_between
            and last.joined(edit)
        ):
            self._edits.append(edit)
        self._done = len(self._edits)
        self._tidy(edit)
        self.changed.emit()

    def undo(self) -> bool:
        if not self._back():
            return False
        self.changed.emit()
        return True

    def _back(self) -> bool:
        if not self.can_undo:
            return False
        edit = self._edits[self._done - 1]
        edit.revert(self.document)
        self._done -= 1
        self._revision += 1
        self._tidy(edit)
        return True

    def redo(self) -> bool:
        if not self._forth():
            return False
        self.changed.emit()
        return True

    def _forth(self) -> bool:
        if not self.can_redo:
            return False
        edit = self._edits[self._done]
        edit.apply(self.document)
        self._done += 1
        self._revision += 1
        self._tidy(edit)
        return True

    def jump(self, done: int) -> None:
        """Undoes or redoes until `done` edits are in effect (0 = the beginning); told once, when it is there."""
        done = min(max(done, 0), len(self._edits))
        before = self._done
        while self._done > done and self._back():
            pass
        while self._done < done and self._forth():
            pass
        if self._done != before:
            self.changed.emit()

    def clear(self) -> None:
        """Forgets everything; the document stays as it is."""
        self._forgotten += self._done
        self._edits, self._done = [], 0
        self.changed.emit()

    def wait(self) -> None:
        """Until everything is packed (for tests and measurements)."""
        self._packer.submit(lambda: None).result()

    def close(self) -> None:
        self._packer.shutdown(wait=False, cancel_futures=True)

    def _tidy(self, edit: Edit) -> None:
        pack = getattr(edit, "pack", None)
        if pack is not None:
            self._packer.submit(pack)
        if self.nbytes <= self.budget:
            return
        self.wait()
        while self._done > 1 and self.nbytes > self.budget:
            del self._edits[0]
            self._done -= 1
            self._forgotten += 1
        if self.nbytes > self.budget and self._done < len(self._edits):
            del self._edits[self._done :]
