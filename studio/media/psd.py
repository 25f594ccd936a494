"""Photoshop files <-> documents, with layers, through psd-tools (which is imported when the first such file comes).

What Photoshop calls adjustment and type layers are taken as the pixels it stored for them, or left out where it stored
none; a note says so. Masks and regions are written as hidden layers whose alpha is the mask. Pixels of more than eight
bits are brought down to eight.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
from PIL import Image

from studio.core.document import Document
from studio.core.job import MAX_SIDE, BadRequest
from studio.core.layer import BlendMode, Layer, Pixels
from studio.core.shot import Shot
from studio.media import files
from studio.media.files import check_file
from studio.media.image import MAX_PIXELS

_BLEND: dict[str, BlendMode] = {
    "NORMAL": "normal", "PASS_THROUGH": "normal", "MULTIPLY": "multiply", "SCREEN": "screen", "OVERLAY": "overlay",
    "DARKEN": "darken", "LIGHTEN": "lighten", "COLOR_DODGE": "color-dodge", "COLOR_BURN": "color-burn",
    "HARD_LIGHT": "hard-light", "SOFT_LIGHT": "soft-light", "DIFFERENCE": "difference", "LINEAR_DODGE": "add",
}  # fmt: skip
"""psd-tools' names of blend modes -> ours."""


@dataclass(frozen=True)
class PsdRead:
    """`notes`: sentences for the user about what is not as it was."""

    document: Document
    notes: tuple[str, ...] = ()


def read_psd(path: Path) -> PsdRead:
    """Raises BadRequest: the file is missing, damaged, too large, or of a kind that cannot be read."""
    check_file(path)
    from psd_tools import PSDImage

    try:
        psd = PSDImage.open(path)
    except OSError as error:
        raise BadRequest(files.sentence(path, error)) from None
    except Exception as error:  # a reader of such a format has many ways to stumble
        raise BadRequest(
            f"{path} is not a Photoshop file that can be read ({error or type(error).__name__}); save it again."
        ) from None
    width, height = psd.size
    if not (0 < width <= MAX_SIDE and 0 < height <= MAX_SIDE and width * height <= MAX_PIXELS):
        raise BadRequest(
            f"{path} has {width} x {height} pixels, which is not possible here; make it smaller."
        )
    document = Document(width, height)
    reader = _Reader()
    try:
        layers = reader.layers(psd, "")
        if not layers:
            flat = psd.topil()
            layers = [Layer(path.stem, "picture", _rgba(flat))] if flat is not None else []
    except Exception as error:
        raise BadRequest(
            f"{path} is damaged or unusual ({error or type(error).__name__}); save it again in another program."
        ) from None
    document.set_layers(layers)
    document.set_box(document.rect)
    if layers:
        document.activate(layers[-1].id)
    return PsdRead(document, tuple(reader.notes()))


class _Reader:
    def __init__(self) -> None:
        self._empty: list[str] = []
        self._modes: list[str] = []

    def layers(self, parent: Any, group: str, depth: int = 0) -> list[Layer]:
        """The members of a group, from bottom to top, each group before its members."""
        made: list[Layer] = []
        for one in parent if depth < 50 else []:
            mode = str(one.blend_mode.name)
            if mode not in _BLEND:
                self._modes.append(one.name)
            common: dict[str, Any] = {
                "opacity": one.opacity / 255,
                "blend": _BLEND.get(mode, "normal"),
                "visible": bool(one.visible),
                "group": group,
            }
            if one.is_group():
                layer = Layer(one.name or "Group", "group", **common)
                made += [layer, *self.layers(one, layer.id, depth + 1)]
                continue
            image = one.topil()
            if image is None:
                self._empty.append(one.name)
                continue
            pixels = _rgba(image)
            if one.has_mask() and not one.mask.disabled:
                pixels = _masked(pixels, one)
            made.append(Layer(one.name or "Layer", "picture", pixels, int(one.left), int(one.top), **common))
        return made

    def notes(self) -> list[str]:
        said: list[str] = []
        if self._empty:
            said.append(f"Left out because they hold no pixels: {', '.join(self._empty[:5])}.")
        if self._modes:
            said.append(
                f"Shown as normal because their blend mode is not known here: {', '.join(self._modes[:5])}."
            )
        return said


def _rgba(image: Image.Image) -> Pixels:
    return np.array(image.convert("RGBA"))


def _masked(pixels: Pixels, layer: Any) -> Pixels:
    """A layer's own mask becomes its alpha."""
    mask = layer.mask
    shown = mask.topil()
    if shown is None:
        return pixels
    high, wide = pixels.shape[:2]
    cover = Image.new("L", (wide, high), int(mask.background_color))
    cover.paste(shown.convert("L"), (int(mask.left - layer.left), int(mask.top - layer.top)))
    out = pixels.copy()
    out[..., 3] = (pixels[..., 3].astype(np.uint16) * np.asarray(cover) // 255).astype(np.uint8)
    return out


def save_psd(path: Path, shot: Shot) -> None:
    """Writes a document with its layers in one step; transformed layers are written as they look.

    Raises:
        BadRequest: it cannot be written there, or is too large for the format.
    """
    document = shot.document
    if max(document.width, document.height) > 30000:
        raise BadRequest(
            f"{path}: a Photoshop file holds at most 30,000 pixels a side; export a part, or as PNG."
        )
    from psd_tools import PSDImage
    from psd_tools.constants import BlendMode as Mode

    modes = {ours: name for name, ours in reversed(_BLEND.items()) if name != "PASS_THROUGH"}
    whole = document.compose()  # what programs show that do not read layers
    psd = PSDImage.frompil(Image.fromarray(whole if whole[..., 3].min() < 255 else whole[..., :3].copy()))

    def fill(parent: Any, group: str) -> None:
        for layer in document.members(group):
            mode = getattr(Mode, modes[layer.blend])
            opacity = round(layer.opacity * 255)
            if layer.kind == "group":
                made = psd.create_group(name=layer.name, opacity=opacity, blend_mode=mode)
                if made.parent is not parent:
                    parent.append(made)
                made.visible = layer.visible
                fill(made, layer.id)
                continue
            rect = layer.rect
            if rect.empty:
                continue
            pixels = layer.render(rect)
            if layer.paints_mask:
                tint = layer.region.color if layer.region else (255, 92, 122)
                coloured = np.empty((*pixels.shape, 4), np.uint8)
                coloured[..., :3], coloured[..., 3] = tint, pixels
                pixels = coloured
            image = Image.fromarray(np.ascontiguousarray(pixels))
            made = psd.create_pixel_layer(image, layer.name, rect.y, rect.x, opacity=opacity, blend_mode=mode)
            if made.parent is not parent:
                parent.append(made)
            made.visible = layer.visible and not layer.paints_mask

    fill(psd, "")
    buffer = io.BytesIO()
    try:
        psd.save(cast(Any, buffer))
    except (ValueError, OSError, OverflowError) as error:
        raise BadRequest(
            f"{path}: the picture cannot be written as PSD ({error}); export it as PNG."
        ) from error
    files.write_whole(path, lambda file: file.write(buffer.getbuffer()))
