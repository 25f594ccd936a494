"""A layer: pixels with a place, a transform, a way of blending, and the request that made them.

Pixels are stored in a rectangle of their own, at (`x`, `y`) and only as large as needed:

| kind    | pixels                            | shown                                               |
|---------|-----------------------------------|-----------------------------------------------------|
| picture | [H, W, 4] uint8, straight alpha   | blended in order                                    |
| mask    | [H, W] uint8, 255 = change        | as a tint over the picture, never blended           |
| region  | [H, W] uint8, 255 = words go here | the same, in the region's own colour                |
| group   | [0, 0] uint8                      | its members, blended apart and then put on as one   |

Layers lie in one flat list from bottom to top; a member of a group names it in `group`. (A tree was tried on paper: every
edit then needs a path that other edits invalidate; with a flat list a layer's id is enough.)

Only Edits (`studio.core.history`) and strokes (`studio.core.brush`) change a layer, and both tell the document.
"""

from __future__ import annotations

import math
import uuid
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from studio.core.clip import Clip
from studio.core.job import JobSpec
from studio.core.region import Rect, Region

Pixels = NDArray[np.uint8]
LayerKind = Literal["picture", "mask", "region", "group"]
BlendMode = Literal[
    "normal", "multiply", "screen", "overlay", "darken", "lighten", "color-dodge", "color-burn",
    "hard-light", "soft-light", "difference", "add",
]  # fmt: skip
BLEND_MODES: tuple[BlendMode, ...] = get_args(BlendMode)

Matrix = tuple[float, float, float, float, float, float]
"""Affine map (a, b, c, d, e, f): x' = a x + b y + c, y' = d x + e y + f."""
IDENTITY: Matrix = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)


def multiply(m: Matrix, n: Matrix) -> Matrix:
    """The map that does `n` first and `m` after it."""
    a, b, c, d, e, f = m
    p, q, r, s, t, u = n
    return (a * p + b * s, a * q + b * t, a * r + b * u + c, d * p + e * s, d * q + e * t, d * r + e * u + f)


def invert(m: Matrix) -> Matrix:
    """Raises ValueError for a map that flattens the plane."""
    a, b, c, d, e, f = m
    det = a * e - b * d
    if abs(det) < 1e-12:
        raise ValueError("a layer cannot be scaled to nothing")
    return (e / det, -b / det, (b * f - e * c) / det, -d / det, a / det, (d * c - a * f) / det)


def map_point(m: Matrix, x: float, y: float) -> tuple[float, float]:
    return m[0] * x + m[1] * y + m[2], m[3] * x + m[4] * y + m[5]


def map_rect(m: Matrix, rect: Rect) -> Rect:
    """The smallest rectangle of whole pixels around the image of `rect`."""
    if rect.empty:
        return rect
    points = [map_point(m, x, y) for x in (rect.x, rect.right) for y in (rect.y, rect.bottom)]
    xs, ys = [round(p[0], 6) for p in points], [round(p[1], 6) for p in points]
    return Rect.corners(min(xs), min(ys), max(xs), max(ys))


def placed(move: tuple[float, float] = (0, 0), scale: tuple[float, float] = (1, 1), degrees: float = 0,
           about: tuple[float, float] = (0, 0)) -> Matrix:  # fmt: skip
    """Scale, then rotate (clockwise, y points down) about a point, then move."""
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    turn: Matrix = (cos * scale[0], -sin * scale[1], 0.0, sin * scale[0], cos * scale[1], 0.0)
    away: Matrix = (1.0, 0.0, -about[0], 0.0, 1.0, -about[1])
    back: Matrix = (1.0, 0.0, about[0] + move[0], 0.0, 1.0, about[1] + move[1])
    return multiply(back, multiply(turn, away))


def new_id() -> str:
    return uuid.uuid4().hex[:12]


@dataclass(eq=False)
class Layer:
    """One layer; see the module's table for `pixels`.

    Args:
        x, y: where pixel (0, 0) is, before `matrix`.
        matrix: maps the layer's plane to the document's; the identity for most layers.
        opacity: 0 .. 1.
        feather: masks and regions: softness in pixels that `Document.mask` adds when it is asked for the mask.
        group: id of the group this layer belongs to; "" = the document itself.
        spec: the request that made the pixels ("make again", "use settings"), None for what a person made.
    """

    name: str
    kind: LayerKind = "picture"
    pixels: Pixels = field(default_factory=lambda: np.zeros((0, 0), np.uint8))
    x: int = 0
    y: int = 0
    matrix: Matrix = IDENTITY
    opacity: float = 1.0
    blend: BlendMode = "normal"
    visible: bool = True
    locked: bool = False
    feather: float = 0.0
    region: Region | None = None
    group: str = ""
    spec: JobSpec | None = None
    id: str = field(default_factory=new_id)
    version: int = 0
    """Grows whenever the pixels change; thumbnails and saved files compare it."""

    def __post_init__(self) -> None:
        if self.kind == "picture" and self.pixels.size == 0:
            self.pixels = np.zeros((0, 0, 4), np.uint8)
        check_pixels(self.kind, self.pixels)
        if self.kind == "region" and self.region is None:
            self.region = Region()

    @classmethod
    def from_clip(cls, name: str, clip: Clip, x: int = 0, y: int = 0, **properties: Any) -> Layer:
        """A picture or mask clip -> a layer with a copy of its pixels.

        Raises:
            ValueError: the clip is a video or a sound.
        """
        if clip.kind == "mask":
            return cls(name, "mask", np.array(clip.array), x, y, **properties)
        if clip.kind != "picture":
            raise ValueError(f"a {clip.kind} cannot be a layer")
        return cls(name, "picture", to_rgba(clip.array), x, y, **properties)

    @property
    def own_rect(self) -> Rect:
        """Where the pixels are in the layer's own plane, before `matrix`."""
        return Rect(self.x, self.y, self.pixels.shape[1], self.pixels.shape[0])

    @property
    def rect(self) -> Rect:
        """The smallest rectangle of the document around the layer's pixels."""
        own = self.own_rect
        return own if self.matrix == IDENTITY else map_rect(self.matrix, own)

    @property
    def paints_mask(self) -> bool:
        return self.kind in ("mask", "region")

    def render(self, rect: Rect) -> Pixels:
        """The pixels in a rectangle of the document, transformed; zeros outside the layer. May be a view: do not write.

        Returns:
            [h, w, 4] or [h, w] uint8.
        """
        if self.matrix == IDENTITY:
            return read(self.pixels, rect.moved(-self.x, -self.y))
        inverse = invert(self.matrix)
        source = map_rect(inverse, rect).grown(2).clipped(self.own_rect)
        shape = (rect.h, rect.w, *self.pixels.shape[2:])
        if source.empty or rect.empty:
            return np.zeros(shape, np.uint8)
        # Where more than two source pixels fall on one, average first: bilinear alone would skip pixels.
        step = max(1, int(min(math.hypot(inverse[0], inverse[3]), math.hypot(inverse[1], inverse[4]))))
        if step > 1:  # blocks are counted from the layer's corner, so that every rectangle sees the same ones
            x0, y0 = (source.x - self.x) // step * step + self.x, (source.y - self.y) // step * step + self.y
            source = Rect.corners(x0, y0, source.right, source.bottom).clipped(self.own_rect)
        # one clear pixel around the content, else its edge would smear outwards
        block = read(self.pixels, source.moved(-self.x, -self.y).grown(step))
        from PIL import Image  # here: a start without a picture does without it

        image = Image.fromarray(np.ascontiguousarray(block))
        if step > 1:
            image = image.reduce(step)
        to_block = multiply(
            (1 / step, 0, -(source.x - step) / step, 0, 1 / step, -(source.y - step) / step), inverse
        )
        to_block = multiply(to_block, (1, 0, rect.x, 0, 1, rect.y))
        done = image.transform((rect.w, rect.h), Image.Transform.AFFINE, to_block, Image.Resampling.BILINEAR)
        return np.asarray(done)

    def copy(self, **changes: Any) -> Layer:
        """A new layer with a new id and its own pixels."""
        values: dict[str, Any] = {name: getattr(self, name) for name in self.__dataclass_fields__}
        values |= {"id": new_id(), "pixels": self.pixels.copy(), "version": 0} | changes
        return Layer(**values)


def check_pixels(kind: LayerKind, pixels: Pixels) -> None:
    """Raises ValueError unless the array fits the kind of layer."""
    fits = pixels.ndim == 3 and pixels.shape[2] == 4 if kind == "picture" else pixels.ndim == 2
    if pixels.dtype != np.uint8 or not fits:
        raise ValueError(f"a {kind} layer cannot hold {pixels.dtype} of shape {pixels.shape}")


def to_rgba(array: Pixels) -> Pixels:
    """[H, W, 3 or 4] -> [H, W, 4], a copy, opaque where no alpha was given."""
    out = np.full((*array.shape[:2], 4), 255, np.uint8)
    out[..., : array.shape[2]] = array
    return out


def read(pixels: Pixels, rect: Rect) -> Pixels:
    """A rectangle of an array [y, x, ...], zeros where it sticks out; a view where it does not."""
    inside = rect.clipped(Rect(0, 0, pixels.shape[1], pixels.shape[0]))
    if inside == rect:
        return pixels[rect.slices()]
    out = np.zeros((max(rect.h, 0), max(rect.w, 0), *pixels.shape[2:]), np.uint8)
    if not inside.empty:
        out[inside.moved(-rect.x, -rect.y).slices()] = pixels[inside.slices()]
    return out
