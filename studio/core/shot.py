"""A document caught at one moment, while the hand that edits it goes on.

Copying the pixels of a large document takes longer than a frame may, so it happens on another thread, and afterwards
the thread that edits is asked whether anything was painted meanwhile:

    shot = Shot(document)    # editing thread: names, places and properties, no pixels
    shot.take()              # any thread: copies the pixels
    shot.holds()             # editing thread: False = painted meanwhile, so start again
    shot.document            # belongs to whoever took it

What a stroke does between two events of the window is never seen half: `holds` is asked between events, and whoever
writes into a layer's pixels counts its version up before the event ends. (A lock around every dab was the other
choice; it would make the hand wait for the disk.)
"""

from __future__ import annotations

import copy
from collections.abc import Callable

from studio.core.document import Document
from studio.core.layer import Layer


class Shot:
    """See the module. The layers of `document` keep their ids and versions.

    Attributes:
        document: the document at that moment. Until `take` its layers share their pixels with the live ones.
        live: id -> the live layer.
    """

    def __init__(self, document: Document) -> None:
        self.live = {layer.id: layer for layer in document.layers}
        self._seen = [(layer, layer.version, layer.pixels) for layer in document.layers]
        self._selection = document.selection
        self.document = Document(document.width, document.height)
        self.document.set_layers([copy.copy(layer) for layer in document.layers])
        self.document.set_box(document.box)
        if document.takes:
            from studio.core.take import still  # pictures need nothing of it

            self.document.set_takes(tuple(still(take) for take in document.takes))
        self.document.set_timeline(document.timeline)
        self.document.activate(document.active.id if document.active else "")

    def take(self, wanted: Callable[[Layer], bool] = lambda layer: True) -> None:
        """Copies the pixels of the layers that `wanted` asks for, and the selection."""
        for layer in self.document.layers:
            if wanted(layer):
                layer.pixels = layer.pixels.copy()
        if self._selection is not None:
            self.document.set_selection(self._selection.copy())

    def share_selection(self) -> None:
        """The selection without a copy, for work that only looks and asks `holds` afterwards."""
        if self._selection is not None:
            self.document.set_selection(self._selection)

    def holds(self) -> bool:
        """Whether no pixel of the live document changed since the shot was made."""
        return all(
            layer.version == version and layer.pixels is pixels for layer, version, pixels in self._seen
        )
