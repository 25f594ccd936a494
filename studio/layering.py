"""What a person asks for with layers, masks and the selection: intents that become one Edit each, or one sentence why not.

The Edits themselves are built by `studio.core.stack`; here is only what is meant by "the layer" and "the mask".
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from studio.core import select, stack
from studio.core.document import Document
from studio.core.history import AddLayer, Edit, RemoveLayer, SetPixels, SetProperty, SetSelection, Together
from studio.core.layer import IDENTITY, Layer, Matrix, Pixels
from studio.session import Session

FLIP_SIDEWAYS: Matrix = (-1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
FLIP_UPSIDE_DOWN: Matrix = (1.0, 0.0, 0.0, 0.0, -1.0, 0.0)
QUARTER: Matrix = (0.0, -1.0, 0.0, 1.0, 0.0, 0.0)
"""A quarter turn clockwise."""


def arrange(session: Session, make: Callable[[Document, Layer], Edit | None]) -> None:
    """Something of `studio.core.stack` with the chosen layer; a refusal is a sentence."""
    layer = session.layer
    if layer is None:
        return
    try:
        edit = make(session.document, layer)
    except ValueError as error:
        session.say(str(error), "warn")
        return
    if edit is not None:
        session.edit(edit)


def picked(session: Session) -> list[Layer]:
    """The layers chosen in the list, the active one among them; without those that lie in a group that is chosen too."""
    document, ids = session.document, set(session.picked)
    layers = [layer for layer in document.layers if layer.id in ids]
    if session.layer is not None and session.layer not in layers:
        layers = [session.layer]
    return [layer for layer in layers if not set(layers).intersection(stack.ancestors(document, layer))]


# --- layers ---------------------------------------------------------------------------------------------------


def add(session: Session, layer: Layer, name: str = "") -> None:
    """A new layer above the chosen one."""
    session.edit(stack.add_above(session.document, layer, session.layer, name))


def new_region(session: Session) -> None:
    """An empty region on top, to be painted and given words."""
    made = stack.new_region(session.document)
    made.name = session.named(made.name)
    session.edit(AddLayer(made))


def new_group(session: Session) -> None:
    add(session, Layer(session.named("Group"), "group"))


def group(session: Session) -> None:
    """The chosen layers into a group of their own."""
    arrange(session, lambda document, _: stack.group(document, picked(session), session.named("Group")))


def ungroup(session: Session) -> None:
    arrange(session, stack.ungroup)


def duplicate(session: Session) -> None:
    arrange(session, stack.duplicate)


def merge_down(session: Session) -> None:
    session.aside.order(
        lambda document, layer: stack.merge_down(document, layer) if layer else None, session.edit_if
    )


def flatten(session: Session) -> None:
    name = session.named("Merged")
    session.aside.order(lambda document, _: stack.flatten(document, name), session.edit_if)


def shift(session: Session, way: int) -> None:
    """One place up or down among its siblings."""
    arrange(session, lambda document, layer: stack.step(document, layer, way))


def delete(session: Session) -> None:
    """The chosen layers, in one step."""
    layers = picked(session)
    for layer in layers:
        if layer.locked:
            session.say(f"“{layer.name}” is locked; unlock it to delete it.", "warn")
            return
    if layers:
        name = f"Delete {layers[0].name}" if len(layers) == 1 else f"Delete {len(layers)} layers"
        edits: list[Edit] = [RemoveLayer(layer.id, name) for layer in layers]
        session.edit(edits[0] if len(edits) == 1 else Together(name, edits))


def lock(session: Session, layer: Layer | None = None) -> None:
    layer = layer or session.layer
    if layer is not None:
        name = f"Unlock {layer.name}" if layer.locked else f"Lock {layer.name}"
        session.edit(SetProperty(layer.id, "locked", not layer.locked, name))


def turn(session: Session, by: Matrix, name: str) -> None:
    """A flip or a turn about the layer's own middle; `name` of the step, with {0} for the layer's."""
    arrange(
        session,
        lambda document, layer: stack.transformed(
            document, layer, stack.about_middle(document, layer, by), name
        ),
    )


def straighten(session: Session) -> None:
    """Takes scaling and turning back."""

    def make(document: Document, layer: Layer) -> Edit | None:
        layers = [one for one in stack.movable(document, layer) if one.matrix != IDENTITY]
        return (
            Together("Undo the transform", [SetProperty(one.id, "matrix", IDENTITY) for one in layers])
            if layers
            else None
        )

    arrange(session, make)


# --- masks and the selection ------------------------------------------------------------------------------------


def target(session: Session) -> str | None:
    """What mask commands change: the chosen layer's id if it is a mask or region, else "" for the selection if there is one,
    else the id of the topmost mask; None = nothing."""
    layer = session.layer
    if layer is not None and layer.paints_mask:
        return layer.id
    if session.document.selection is not None:
        return ""
    found = session.document.find("mask")
    return found.id if found else None


def mask_pixels(session: Session, which: str) -> Pixels:
    """[height, width] of the whole document: the selection ("") or a mask layer. A copy."""
    document = session.document
    if not which:
        assert document.selection is not None
        return document.selection.copy()
    return np.array(document.layer(which).render(document.rect))


def put_mask(session: Session, which: str, pixels: Pixels, name: str) -> None:
    """The other way: as one Edit. What is kept is the part that is not empty."""
    if not which:
        session.edit(SetSelection(pixels if pixels.any() else None, name))
        return
    layer = session.document.layer(which)
    if layer.locked:
        session.say(f"“{layer.name}” is locked; unlock it to change it.", "warn")
        return
    rect = select.bounds(pixels)
    edits: list[Edit] = [SetPixels(which, np.ascontiguousarray(pixels[rect.slices()]), rect.x, rect.y)]
    if layer.matrix != IDENTITY:
        edits.append(SetProperty(which, "matrix", IDENTITY))
    session.edit(Together(name, edits))


def mask_from_selection(session: Session) -> None:
    try:
        session.edit(stack.mask_from_selection(session.document, session.named("Mask")))
    except ValueError as error:
        session.say(str(error), "warn")


def select_layer(session: Session) -> None:
    """What the chosen layer covers becomes the selection."""
    arrange(session, stack.selection_from_mask)


def taken(
    document: Document, layer: Layer | None, all_layers: bool = False
) -> tuple[Pixels, int, int, str] | None:
    """A copy of what is selected of a layer, or of everything that is seen, as (pixels, x, y, name); without a selection all of it.
    [h, w, 4], or [h, w] of a mask. None when that is nothing."""
    if all_layers or layer is None:
        rect, name = document.rect, "Copy"
        pixels = document.compose()
    elif layer.kind == "group":
        rect, name = document.rect, layer.name
        pixels = document.blend(rect, layer.id)
    else:
        rect, name = layer.rect, layer.name
        pixels = np.array(layer.render(rect))
    if document.selection is not None:
        inside = rect.clipped(document.selection_bounds())
        pixels = pixels[inside.moved(-rect.x, -rect.y).slices()].copy()
        rect, chosen = inside, document.selection[inside.slices()]
        cover = pixels[..., 3] if pixels.ndim == 3 else pixels
        cover[...] = np.rint(cover * (chosen / 255.0)).astype(np.uint8)
    cover = pixels[..., 3] if pixels.ndim == 3 else pixels
    found = select.bounds(cover) if cover.size else select.NOWHERE
    if found.empty:
        return None
    return np.ascontiguousarray(pixels[found.slices()]), rect.x + found.x, rect.y + found.y, name
