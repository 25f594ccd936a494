"""The document: ordered layers, a selection, a generation box, and which rectangle changed.

Only Edits change a document (`studio.core.history`); a stroke (`studio.core.brush`) writes pixels while the hand moves and
leaves one Edit behind. Everybody else reads: `compose` for what it looks like, `mask` for what is masked.

    document = Document(1024, 768)
    history = History(document)
    history.push(AddLayer(Layer.from_clip("Fox", clip)))
    document.changed.connect(lambda rect: ...)        # repaint this much
    picture = document.compose(Rect(0, 0, 512, 512))  # [512, 512, 4] uint8

The picture is blended in tiles of 256 px that are kept while memory lasts; a change makes only its rectangle stale, and
only the stale part of a tile is blended again (a 128 px dab on a picture of six layers: 0.3 ms; the whole of
4096 x 4096: 300 ms, which is why nobody should ask for all of it).
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

import numpy as np
from psygnal import Signal

from studio.core.blend import put
from studio.core.clip import Clip
from studio.core.layer import IDENTITY, Layer, LayerKind, Pixels, read
from studio.core.region import NOWHERE, Rect
from studio.core.select import bounds
from studio.core.select import feather as soften
from studio.core.timeline import Timeline

if TYPE_CHECKING:
    from studio.core.take import Take

TILE = 256
TILE_BYTES = TILE * TILE * 4


def softness(layer: Layer) -> int:
    """How far beyond its pixels the feather of a mask reaches, in pixels of the document."""
    return round(layer.feather * 3) if layer.feather and layer.paints_mask else 0


class Document:
    """A picture in layers.

    Args:
        width, height: of the canvas in pixels; layers may stick out.
        cache_bytes: for blended tiles.
    """

    changed = Signal(Rect)
    """Something in this rectangle of the document looks different (picture, mask or region)."""
    layers_changed = Signal()
    """Layers were added, removed, reordered, or a property of one changed."""
    layer_changed = Signal(str)
    """The pixels of this layer changed (its thumbnail is old)."""
    active_changed = Signal(str)
    selection_changed = Signal(Rect)
    """The selection changed within this rectangle."""
    box_changed = Signal(Rect)
    resized = Signal(int, int)
    takes_changed = Signal()
    """A sound joined, left, or got another name or tune."""
    timeline_changed = Signal()
    """The film became another one."""

    def __init__(self, width: int, height: int, cache_bytes: int = 64 << 20) -> None:
        if width < 1 or height < 1:
            raise ValueError(f"a document cannot be {width} x {height} pixels")
        self._size = (width, height)
        self._layers: list[Layer] = []
        self._active = ""
        self._selection: Pixels | None = None
        self._box = Rect(0, 0, min(width, 512), min(height, 512))
        self._takes: tuple[Take, ...] = ()
        self._timeline = Timeline()
        self._tiles: OrderedDict[tuple[int, int], tuple[Pixels, Rect]] = OrderedDict()
        self._cache_tiles = max(16, cache_bytes // TILE_BYTES)

    # --- reading --------------------------------------------------------------------------------------

    @property
    def width(self) -> int:
        return self._size[0]

    @property
    def height(self) -> int:
        return self._size[1]

    @property
    def rect(self) -> Rect:
        return Rect(0, 0, *self._size)

    @property
    def layers(self) -> tuple[Layer, ...]:
        """From bottom to top."""
        return tuple(self._layers)

    def layer(self, id: str) -> Layer:
        """Raises KeyError when there is no such layer."""
        for layer in self._layers:
            if layer.id == id:
                return layer
        raise KeyError(f"the document has no layer {id!r}")

    def index(self, id: str) -> int:
        return self._layers.index(self.layer(id))

    def members(self, group: str = "") -> list[Layer]:
        """The layers directly in a group ("" = the document itself), from bottom to top."""
        return [layer for layer in self._layers if layer.group == group]

    def descendants(self, id: str) -> list[Layer]:
        """Everything inside a group, at any depth."""
        found = self.members(id)
        return found + [
            deep for layer in found if layer.kind == "group" for deep in self.descendants(layer.id)
        ]

    def shown(self, layer: Layer) -> bool:
        """Whether the layer and every group around it are visible."""
        while layer.visible and layer.group:
            layer = self.layer(layer.group)
        return layer.visible

    def find(self, kind: LayerKind) -> Layer | None:
        """The topmost layer of a kind, visible ones first."""
        found = [layer for layer in reversed(self._layers) if layer.kind == kind]
        return next((layer for layer in found if self.shown(layer)), found[0] if found else None)

    @property
    def active(self) -> Layer | None:
        """The layer that tools work on. Choosing another is not an edit."""
        return next((layer for layer in self._layers if layer.id == self._active), None)

    def activate(self, id: str) -> None:
        """Raises KeyError when there is no such layer; "" = none."""
        if id:
            self.layer(id)
        if id != self._active:
            self._active = id
            self.active_changed.emit(id)

    @property
    def selection(self) -> Pixels | None:
        """[height, width] uint8, 255 = selected; None = no selection. Do not write."""
        return self._selection

    @property
    def box(self) -> Rect:
        """The generation box: what is sent to a model."""
        return self._box

    @property
    def takes(self) -> tuple[Take, ...]:
        """The sounds that belong to the document, the oldest first."""
        return self._takes

    @property
    def timeline(self) -> Timeline:
        """The film; an empty one where there is none."""
        return self._timeline

    # --- what it looks like --------------------------------------------------------------------------------

    def compose(self, rect: Rect | None = None) -> Pixels:
        """The blended picture in a rectangle (None = all): [h, w, 4] uint8, straight alpha, a copy.

        Masks and regions are no part of it. Outside the document it is transparent.
        """
        rect = self.rect if rect is None else rect
        out = np.zeros((max(rect.h, 0), max(rect.w, 0), 4), np.uint8)
        for column, row in rect.clipped(self.rect).tiles(TILE):
            place = Rect(column * TILE, row * TILE, TILE, TILE).clipped(self.rect)
            part = place.clipped(rect)
            tile = self._tile(column, row, place)
            out[part.moved(-rect.x, -rect.y).slices()] = tile[part.moved(-place.x, -place.y).slices()]
        return out

    def _tile(self, column: int, row: int, place: Rect) -> Pixels:
        tile, stale = self._tiles.pop((column, row), (None, place))
        if tile is None:
            tile = np.zeros((place.h, place.w, 4), np.uint8)
        if not stale.empty:
            tile[stale.moved(-place.x, -place.y).slices()] = self.blend(stale)
        self._tiles[column, row] = (tile, NOWHERE)  # last = most recently used
        if len(self._tiles) > self._cache_tiles:
            self._tiles.popitem(last=False)
        return tile

    def blend(self, rect: Rect, group: str = "") -> Pixels:
        """`compose` without tiles: what the members of one group look like together."""
        out = np.zeros((rect.h, rect.w, 4), np.uint8)
        for layer in self._stack(rect, group):
            part = layer.rect.clipped(rect) if layer.kind == "picture" else rect
            pixels = layer.render(part) if layer.kind == "picture" else self.blend(rect, layer.id)
            if part == rect:
                put(out, pixels, layer.opacity, layer.blend)
            else:
                at = part.moved(-rect.x, -rect.y).slices()
                block = np.ascontiguousarray(out[at])
                put(block, pixels, layer.opacity, layer.blend)
                out[at] = block
        return out

    def _stack(self, rect: Rect, group: str) -> list[Layer]:
        """The members that show in a rectangle, without those below one that hides all."""
        found: list[Layer] = []
        for layer in reversed(self.members(group)):
            picture = layer.kind == "picture"
            if not layer.visible or layer.opacity <= 0 or layer.paints_mask:
                continue
            if picture and layer.rect.clipped(rect).empty:
                continue
            found.append(layer)
            plain = picture and layer.opacity >= 1 and layer.blend == "normal" and layer.matrix == IDENTITY
            if plain and layer.rect.encloses(rect) and layer.render(rect)[..., 3].min() == 255:
                break
        return found[::-1]

    def mask(
        self, rect: Rect | None = None, layers: list[Layer] | None = None, feather: bool = True
    ) -> Pixels:
        """The union of masks in a rectangle: [h, w] uint8. None = all visible mask layers (regions are not masks)."""
        rect = self.rect if rect is None else rect
        if layers is None:
            layers = [layer for layer in self._layers if layer.kind == "mask" and self.shown(layer)]
        out = np.zeros((max(rect.h, 0), max(rect.w, 0)), np.uint8)
        for layer in layers:
            margin = softness(layer) if feather else 0
            pixels = layer.render(rect.grown(margin))
            if margin:
                pixels = soften(pixels, layer.feather)[margin:-margin, margin:-margin]
            if layer.opacity < 1:
                pixels = np.rint(pixels * layer.opacity).astype(np.uint8)
            np.maximum(out, pixels, out=out)
        return out

    def clip(self, rect: Rect | None = None) -> Clip:
        """The blended picture as a picture clip with alpha."""
        return Clip.picture(self.compose(rect))

    def selection_bounds(self) -> Rect:
        """The smallest rectangle around the selection; empty without one."""
        return NOWHERE if self._selection is None else bounds(self._selection)

    # --- changing: for Edits and strokes only ----------------------------------------------------------------

    def touch(self, layer: Layer, rect: Rect) -> None:
        """The pixels of `layer` changed within `rect` (of the document)."""
        layer.version += 1
        if rect.empty:
            return
        if not layer.paints_mask:
            self.stale(rect)
        if self.shown(layer):
            self.changed.emit(rect.grown(softness(layer)).clipped(self.rect))
        self.layer_changed.emit(layer.id)

    def stale(self, rect: Rect) -> None:
        """Forgets the blended picture in a rectangle, without telling anybody."""
        rect = rect.clipped(self.rect)
        for column, row in rect.tiles(TILE):
            if (column, row) in self._tiles:
                tile, old = self._tiles[column, row]
                place = Rect(column * TILE, row * TILE, TILE, TILE).clipped(self.rect)
                self._tiles[column, row] = (tile, old.united(rect.clipped(place)))

    def _area(self, layer: Layer) -> Rect:
        if layer.kind != "group":
            return layer.rect.grown(softness(layer)).clipped(self.rect)
        area = NOWHERE
        for member in self.members(layer.id):
            area = area.united(self._area(member))
        return area

    def set_layers(self, layers: list[Layer]) -> None:
        """New list (other order, more or fewer); only what can look different is announced."""
        old, new = set(self._layers), set(layers)
        kept_old = [layer for layer in self._layers if layer in new]
        kept_new = [layer for layer in layers if layer in old]
        moved: set[Layer] = set()
        if kept_old != kept_new:
            first = next(i for i, (a, b) in enumerate(zip(kept_old, kept_new)) if a is not b)
            last = next(i for i in reversed(range(len(kept_old))) if kept_old[i] is not kept_new[i])
            moved = set(kept_old[first : last + 1])
        area = NOWHERE
        for layer in (old - new) | moved:
            area = area.united(self._area(layer))
        self._layers = list(layers)
        for layer in (new - old) | moved:
            area = area.united(self._area(layer))
        if self._active and self.active is None:
            self._active = layers[-1].id if layers else ""
            self.active_changed.emit(self._active)
        self.stale(area)
        self.layers_changed.emit()
        if not area.empty:
            self.changed.emit(area)

    def set_property(self, layer: Layer, name: str, value: object) -> None:
        """Sets one field of a layer (not its pixels)."""
        before = self._area(layer)
        setattr(layer, name, value)
        if name not in ("name", "locked", "spec"):
            area = before.united(self._area(layer))
            self.stale(area)
            if not area.empty:
                self.changed.emit(area)
        self.layers_changed.emit()

    def set_pixels(self, layer: Layer, pixels: Pixels, x: int, y: int) -> None:
        """Replaces a layer's pixels and their place."""
        area = layer.rect
        layer.pixels, layer.x, layer.y = pixels, x, y
        self.touch(layer, area.united(layer.rect))

    def grow(self, layer: Layer, own: Rect) -> None:
        """Enlarges or cuts the rectangle that holds a layer's pixels; new pixels are clear."""
        if own == layer.own_rect:
            return
        if layer.own_rect.empty or own.empty:
            pixels = np.zeros((own.h, own.w, *layer.pixels.shape[2:]), np.uint8)
        else:
            pixels = np.array(read(layer.pixels, own.moved(-layer.x, -layer.y)))
        layer.pixels, layer.x, layer.y = pixels, own.x, own.y

    def set_selection(self, selection: Pixels | None) -> None:
        if selection is not None and selection.shape != (self.height, self.width):
            raise ValueError(
                f"a selection of shape {selection.shape} does not fit {self.height} x {self.width}"
            )
        area = self.selection_bounds()
        self._selection = selection
        self.selection_changed.emit(area.united(self.selection_bounds()))

    def set_box(self, box: Rect) -> None:
        """The generation box is where the user put it; moving it is no edit of the picture."""
        if box != self._box:
            self._box = box
            self.box_changed.emit(box)

    def set_takes(self, takes: tuple[Take, ...]) -> None:
        self._takes = takes
        self.takes_changed.emit()

    def set_timeline(self, timeline: Timeline) -> None:
        self._timeline = timeline
        self.timeline_changed.emit()

    def set_size(self, width: int, height: int) -> None:
        """Another canvas with the same corner; the selection is cut or padded."""
        if width < 1 or height < 1:
            raise ValueError(f"a document cannot be {width} x {height} pixels")
        self._size = (width, height)
        self._tiles.clear()
        if self._selection is not None:
            self._selection = np.array(read(self._selection, self.rect))
        self.resized.emit(width, height)
        self.changed.emit(self.rect)
