"""What is done to whole layers: put elsewhere, grouped, merged, duplicated, transformed; each as one Edit.

These functions only build the Edit, `History.push` applies it. Layers lie in one flat list in which only the order among
the members of one group matters; whatever is built here keeps the members of a group together, directly below it.

Chosen for merging: what is seen stays the same wherever it can. Two layers of which the lower is blended normally become
one opaque layer that looks like both; a lower layer with another blend mode keeps its mode and opacity, because its effect
on what is below it cannot be written into pixels.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from studio.core.blend import put
from studio.core.document import Document
from studio.core.history import AddLayer, Edit, MoveLayer, RemoveLayer, SetProperty, SetSelection, Together
from studio.core.layer import IDENTITY, Layer, Matrix, Pixels, map_rect, multiply
from studio.core.region import NOWHERE, Rect, Region
from studio.core.select import bounds

COLORS: tuple[tuple[int, int, int], ...] = (
    (255, 176, 92), (94, 194, 143), (110, 168, 254), (200, 140, 255), (240, 220, 90), (80, 210, 220), (255, 140, 180),
)  # fmt: skip
"""Of regions, one after the other."""


class _Order:
    """The flat list as it will be while edits are applied one after the other."""

    def __init__(self, document: Document) -> None:
        self.ids = [layer.id for layer in document.layers]
        self.edits: list[Edit] = []

    def move(self, layer: str, beside: str, above: bool, group: str) -> None:
        rest = [other for other in self.ids if other != layer]
        index = rest.index(beside) + (1 if above else 0)
        rest.insert(index, layer)
        self.ids = rest
        self.edits.append(MoveLayer(layer, index, group))

    def add(self, layer: Layer, beside: str, above: bool, activate: bool = False) -> None:
        index = self.ids.index(beside) + (1 if above else 0)
        self.ids.insert(index, layer.id)
        self.edits.append(AddLayer(layer, index, activate=activate))

    def remove(self, layer: str) -> None:
        self.ids.remove(layer)
        self.edits.append(RemoveLayer(layer))


def ancestors(document: Document, layer: Layer) -> list[Layer]:
    """The groups around a layer, innermost first."""
    out: list[Layer] = []
    while layer.group:
        layer = document.layer(layer.group)
        out.append(layer)
    return out


def tree(document: Document, group: str = "", closed: Iterable[str] = ()) -> list[tuple[Layer, int]]:
    """(layer, depth) from top to bottom, members after their group. closed: ids of groups whose members are left out."""
    shut, out = set(closed), list[tuple[Layer, int]]()
    for layer in reversed(document.members(group)):
        out.append((layer, 0))
        if layer.kind == "group" and layer.id not in shut:
            out += [(inner, depth + 1) for inner, depth in tree(document, layer.id, shut)]
    return out


# --- where a layer is -------------------------------------------------------------------------------------------


def place(
    document: Document, layer: Layer, group: str, beside: Layer | None, above: bool = True
) -> Edit | None:
    """Puts a layer into a group ("" = the document) next to one of its members, or at its top if `beside` is None.
    None when it is there already.

    Raises:
        ValueError: a group would be put into itself.
    """
    if group and (group == layer.id or layer in ancestors(document, document.layer(group))):
        raise ValueError("A group cannot be put into itself.")
    now = [other.id for other in document.members(layer.group)]
    if beside is layer:
        return None
    order = _Order(document)
    if beside is None:
        members = [other for other in document.members(group) if other is not layer]
        if members:
            beside, above = members[-1], True
        elif group:
            beside, above = document.layer(group), False
        else:
            return None
    order.move(layer.id, beside.id, above, group)
    if group == layer.group and [id for id in order.ids if id in now] == now:
        return None
    return order.edits[0]


def step(document: Document, layer: Layer, way: int) -> Edit | None:
    """One place up (1) or down (-1) among its siblings; at the end of a group, out of it."""
    siblings = document.members(layer.group)
    at = siblings.index(layer) + way
    if 0 <= at < len(siblings):
        return place(document, layer, layer.group, siblings[at], above=way > 0)
    if layer.group:
        around = document.layer(layer.group)
        return place(document, layer, around.group, around, above=way > 0)
    return None


def add_above(document: Document, layer: Layer, beside: Layer | None, name: str = "") -> Edit:
    """A new layer over another one, in the same group (None = on top of everything)."""
    if beside is None:
        return AddLayer(layer, name=name)
    layer.group = beside.group
    return AddLayer(layer, document.index(beside.id) + 1, name)


def new_region(document: Document) -> Layer:
    """An empty region in a colour that no other region has yet, as long as there are any."""
    used = [layer.region.color for layer in document.layers if layer.region is not None]
    free = [color for color in COLORS if color not in used] or [COLORS[len(used) % len(COLORS)]]
    return Layer(f"Region {len(used) + 1}", "region", region=Region(color=free[0]))


# --- groups and copies -------------------------------------------------------------------------------------------


def group(document: Document, layers: Iterable[Layer], name: str = "Group") -> Edit:
    """A new group around some layers, where the topmost of them was.

    Raises:
        ValueError: there is nothing to group.
    """
    picked = set(layers)
    flat = [
        layer
        for layer in document.layers
        if layer in picked and not picked.intersection(ancestors(document, layer))
    ]
    if not flat:
        raise ValueError("Choose one or more layers to group.")
    top = flat[-1]
    order = _Order(document)
    made = Layer(name, "group", group=top.group)
    order.add(made, top.id, above=True, activate=True)
    for layer in flat:
        order.move(layer.id, made.id, above=False, group=made.id)
    return Together("Group layers", order.edits)


def ungroup(document: Document, layer: Layer) -> Edit:
    """The members take the place of their group. Raises ValueError for anything but a group."""
    if layer.kind != "group":
        raise ValueError(f"“{layer.name}” is not a group.")
    order = _Order(document)
    for member in document.members(layer.id):
        order.move(member.id, layer.id, above=False, group=layer.group)
    order.remove(layer.id)
    return Together("Ungroup", order.edits)


def duplicate(document: Document, layer: Layer) -> Edit:
    """A copy above the layer; of a group with everything in it."""
    order = _Order(document)
    root = layer.copy(name=f"{layer.name} copy")
    order.add(root, layer.id, above=True, activate=True)
    new = {layer.id: root.id}
    inside = document.descendants(layer.id)
    for old in inside:  # ids first: a member may be listed before its own group
        new[old.id] = ""
    copies = {old.id: old.copy() for old in inside}
    for old in inside:
        new[old.id] = copies[old.id].id
    for old in sorted(inside, key=lambda one: (len(ancestors(document, one)), document.index(one.id))):
        copies[old.id].group = new[old.group]
        order.add(copies[old.id], new[old.group], above=False)
    return Together(f"Duplicate {layer.name}", order.edits)


# --- merging ---------------------------------------------------------------------------------------------------


def merge_down(document: Document, layer: Layer) -> Edit:
    """A layer and the one below it become one.

    Raises:
        ValueError: one sentence, when there is nothing fitting below, or it is hidden or locked.
    """
    if layer.kind == "group":
        return merge_group(document, layer)
    siblings = document.members(layer.group)
    at = siblings.index(layer)
    lower = siblings[at - 1] if at else None
    if lower is None:
        raise ValueError(f"There is no layer below “{layer.name}” to merge it with.")
    if lower.kind != layer.kind:
        raise ValueError(f"“{lower.name}” below is a {lower.kind}; only layers of one kind can be merged.")
    for one in (layer, lower):
        _mergeable(document, one)
    area = lower.rect.united(layer.rect)
    if layer.paints_mask:
        soft = max(round(3 * one.feather) for one in (layer, lower))
        same = lower.feather == layer.feather and lower.opacity == layer.opacity
        area = area if same or area.empty else area.grown(soft)
        pixels = (
            np.maximum(lower.render(area), layer.render(area))
            if same
            else document.mask(area, [lower, layer])
        )
        rect, pixels = _trimmed(area, pixels, pixels)
        made = lower.copy(pixels=pixels, x=rect.x, y=rect.y, matrix=IDENTITY, spec=None)
        if not same:
            made.feather, made.opacity = 0.0, 1.0
    else:
        normal = lower.blend == "normal"
        pixels = np.zeros((area.h, area.w, 4), np.uint8)
        put(pixels, lower.render(area), lower.opacity if normal else 1.0)
        put(pixels, layer.render(area), layer.opacity, layer.blend)
        rect, pixels = _trimmed(area, pixels, pixels[..., 3])
        made = lower.copy(pixels=pixels, x=rect.x, y=rect.y, matrix=IDENTITY, spec=None)
        if normal:
            made.opacity = 1.0
    order = _Order(document)
    order.add(made, layer.id, above=True, activate=True)
    order.remove(layer.id)
    order.remove(lower.id)
    return Together(f"Merge {layer.name} down", order.edits)


def merge_group(document: Document, layer: Layer) -> Edit:
    """A group becomes one picture layer that looks the same; masks and regions in it move out, above it.

    Raises:
        ValueError: it is hidden or locked, or nothing in it can be seen.
    """
    _mergeable(document, layer)
    inside = document.descendants(layer.id)
    area = _seen(document, inside)
    if area.empty:
        raise ValueError(f"Nothing in “{layer.name}” can be seen; show or add a layer in it to merge it.")
    rect, pixels = _blended(document, area, layer.id)
    made = Layer(
        layer.name,
        "picture",
        pixels,
        rect.x,
        rect.y,
        opacity=layer.opacity,
        blend=layer.blend,
        group=layer.group,
    )
    order = _Order(document)
    order.add(made, layer.id, above=False, activate=True)
    for one in inside:
        if one.paints_mask:
            order.move(one.id, layer.id, above=True, group=layer.group)
    order.remove(layer.id)
    return Together(f"Merge {layer.name}", order.edits)


def flatten(document: Document, name: str = "Merged") -> Edit:
    """Everything that is seen becomes one layer as large as the canvas at most. Hidden layers, masks and regions stay, out
    of their groups.

    Raises:
        ValueError: fewer than two picture layers can be seen.
    """
    seen = [layer for layer in document.layers if layer.kind == "picture" and document.shown(layer)]
    groups = [layer for layer in document.layers if layer.kind == "group" and document.shown(layer)]
    if (len(seen) < 2 and not groups) or not seen:
        raise ValueError("There is nothing to merge: fewer than two picture layers are shown.")
    rect, pixels = _blended(document, document.rect, "")
    made = Layer(name, "picture", pixels, rect.x, rect.y)
    order = _Order(document)
    lowest = [seen[0], *ancestors(document, seen[0])][-1]
    order.add(made, lowest.id, above=False, activate=True)
    for layer in document.layers:
        if layer not in seen and layer not in groups and layer.group:
            around = next((one for one in ancestors(document, layer) if one not in groups), None)
            if around is None or layer.group != around.id:
                top = [layer, *ancestors(document, layer)][-1]
                order.move(
                    layer.id,
                    top.id if around is None else around.id,
                    around is None,
                    around.id if around else "",
                )
    for layer in seen:
        order.remove(layer.id)
    for layer in sorted(
        groups, key=lambda one: -len(ancestors(document, one))
    ):  # from the innermost outwards
        order.remove(layer.id)
    return Together("Merge all that is shown", order.edits)


def _mergeable(document: Document, layer: Layer) -> None:
    if layer.locked:
        raise ValueError(f"“{layer.name}” is locked; unlock it to merge it.")
    if not document.shown(layer):
        raise ValueError(f"“{layer.name}” is hidden; show it to merge it.")


def _seen(document: Document, layers: Iterable[Layer]) -> Rect:
    area = NOWHERE
    for layer in layers:
        if layer.kind == "picture" and document.shown(layer):
            area = area.united(layer.rect)
    return area


def _blended(document: Document, area: Rect, group: str) -> tuple[Rect, Pixels]:
    pixels = document.blend(area, group)
    return _trimmed(area, pixels, pixels[..., 3])


def _trimmed(area: Rect, pixels: Pixels, cover: Pixels) -> tuple[Rect, Pixels]:
    """Without the empty border."""
    inside = bounds(cover) if cover.size else NOWHERE
    return inside.moved(area.x, area.y), np.ascontiguousarray(pixels[inside.slices()])


# --- transforms ------------------------------------------------------------------------------------------------


def movable(document: Document, layer: Layer) -> list[Layer]:
    """What moves when a layer is moved: itself, or all members of a group.

    Raises:
        ValueError: something in it is locked or hidden; one sentence.
    """
    inside = [one for one in document.descendants(layer.id) if one.kind != "group"]
    for one in [layer, *ancestors(document, layer), *inside]:
        if one.locked:
            raise ValueError(f"“{one.name}” is locked; unlock it to move it.")
    if not document.shown(layer):
        raise ValueError(f"“{layer.name}” is hidden; show it to move it.")
    return inside if layer.kind == "group" else [layer]


def frame(document: Document, layer: Layer) -> tuple[Rect, Matrix]:
    """The rectangle that handles are put around, and the map from it to the document: a layer's own pixels under its own
    transform; for a group the rectangle around its members."""
    if layer.kind != "group":
        return layer.own_rect, layer.matrix
    area = NOWHERE
    for one in document.descendants(layer.id):
        area = area.united(one.rect)
    return area, IDENTITY


def moved(x: int, y: int, matrix: Matrix, by: Matrix) -> dict[str, object]:
    """The properties of a layer at (x, y) under `matrix` after a map of the document: whole pixels only shift it, so that
    nothing is resampled."""
    whole = by[:2] == (1.0, 0.0) and by[3:5] == (0.0, 1.0) and by[2] == int(by[2]) and by[5] == int(by[5])
    if whole and matrix == IDENTITY:
        return {"x": x + int(by[2]), "y": y + int(by[5])}
    return {"matrix": multiply(by, matrix)}


def transformed(document: Document, layer: Layer, by: Matrix, name: str) -> Edit:
    """A layer, or everything in a group, under a map of the document; `name` of the step, with {0} for the layer's. Raises
    ValueError as `movable` does."""
    edits = [
        SetProperty(one.id, field, value)
        for one in movable(document, layer)
        for field, value in moved(one.x, one.y, one.matrix, by).items()
        if getattr(one, field) != value
    ]
    return Together(name.format(layer.name), edits)


def about_middle(document: Document, layer: Layer, by: Matrix) -> Matrix:
    """The same map about the middle of what is moved. Raises ValueError when it is empty."""
    rect, matrix = frame(document, layer)
    if rect.empty:
        raise ValueError(f"“{layer.name}” is empty; there is nothing to turn.")
    rect = map_rect(matrix, rect)
    cx, cy = rect.x + rect.w / 2, rect.y + rect.h / 2
    return multiply((1, 0, cx, 0, 1, cy), multiply(by, (1, 0, -cx, 0, 1, -cy)))


# --- masks and the selection --------------------------------------------------------------------------------------


def mask_from_selection(document: Document, name: str = "Mask") -> Edit:
    """The selection becomes a mask layer on top. Raises ValueError without a selection."""
    selection = document.selection
    if selection is None:
        raise ValueError("Nothing is selected; select something to make a mask of it.")
    rect = bounds(selection)
    layer = Layer(name, "mask", selection[rect.slices()].copy(), rect.x, rect.y)
    return Together("Mask from the selection", [AddLayer(layer), SetSelection(None)])


def selection_from_mask(document: Document, layer: Layer) -> Edit:
    """What a mask marks, or where a picture is not transparent, becomes the selection. Raises ValueError when that is nothing."""
    if layer.paints_mask:
        found = document.mask(document.rect, [layer])
    elif layer.kind == "group":
        found = document.blend(document.rect, layer.id)[..., 3].copy()
    else:
        found = layer.render(document.rect)[..., 3].copy()
    if not found.any():
        raise ValueError(f"“{layer.name}” is empty; there is nothing to select.")
    return SetSelection(found, f"Select {layer.name}")
