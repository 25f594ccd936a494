"""Drawings as pixels: rasters of the SVG files, their recolourings and halved copies of both.

Pixels are kept premultiplied by alpha (uint8), the only form in which averaging, scaling and blending commute with the
outline. PIL's mode "RGBa" is exactly that. The raster of a drawing is BASE pixels wide; scaling starts from the smallest
halved copy that is not smaller than the target, so that a thing costs the same at every size.

Recolouring maps brightness, not hue: coloured pixels run along a ramp black -> colour -> white through the drawing's own
middle brightness, grey ones stay (unless nearly all is grey). Turning the hue alone was tried first; it leaves a dark
drawing's "yellow" olive and makes "pink" crimson, so the words did not match what people see.
"""

import os
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from studio.bench.world.words import COLOURS, NOUNS, STYLES
from studio.core.paths import resources

BASE = 256
"""Side of the stored rasters in pixels."""

LARGEST = 2048
SMALLEST = 4
BORDER = 24
"""Transparent pixels around a copy, so that any crop for scaling, two target pixels wider than the thing, lies inside."""

GREY = 0.4
"""A drawing with less than this share of coloured pixels is grey: a blue panda has blue where it was white."""

MEMORY = 384 << 20
"""Bytes of halved and recoloured copies that one process keeps."""

_LUMA = np.array([0.299, 0.587, 0.114], np.float32)


class Sprites:
    """All drawings; `cache` is a file made by `save`, with which a process needs no Qt."""

    def __init__(self, cache: str | Path | None = None) -> None:
        self._rasters: dict[str, np.ndarray] = {}
        self._copies: OrderedDict[tuple[str, str, str | None, int], Image.Image] = OrderedDict()
        self._bytes = 0
        self._no_qt = False
        if cache:
            with np.load(cache) as stored:
                self._rasters = {name: stored[name] for name in stored.files}
        folder = resources() / "world"
        self.names = tuple(
            (noun, style)
            for noun in NOUNS
            for style in STYLES
            if f"{style}_{noun}" in self._rasters or (folder / style / f"{noun}.svg").is_file()
        )

    def save(self, file: str | Path) -> None:
        """Write the rasters of all drawings to an .npz file."""
        rasters: dict[str, Any] = {f"{style}_{noun}": self.raster(noun, style) for noun, style in self.names}
        np.savez_compressed(file, **rasters)

    def raster(self, noun: str, style: str) -> np.ndarray:
        """The drawing in its own colours, uint8 [BASE, BASE, 4], premultiplied."""
        name = f"{style}_{noun}"
        if name not in self._rasters:
            self._rasters[name] = rasterise(_file(noun, style), BASE)
        return self._rasters[name]

    def source(self, noun: str, style: str, colour: str | None, side: float) -> tuple[Image.Image, int]:
        """(copy, side of the drawing in it): the smallest halved copy that is not smaller than `side`.

        The copy is an "RGBa" picture with a transparent border of BORDER pixels.
        """
        wanted = SMALLEST
        while wanted < side and wanted < LARGEST:
            wanted *= 2
        if wanted > BASE and self._no_qt:
            wanted = BASE
        key = (noun, style, colour, wanted)
        if key in self._copies:
            self._copies.move_to_end(key)
            return self._copies[key], wanted
        pixels = self._pixels(noun, style, wanted)
        wanted = min(wanted, pixels.shape[0])
        if colour:
            # at twice the size, not at BASE: as good, and a process that draws small pictures starts in seconds
            while pixels.shape[0] > 2 * wanted:
                pixels = _halved(pixels)
            pixels = recoloured(pixels, colour)
        while pixels.shape[0] > wanted:
            pixels = _halved(pixels)
        return self._keep((noun, style, colour, wanted), _bordered(pixels)), wanted

    def _pixels(self, noun: str, style: str, side: int) -> np.ndarray:
        if side > BASE:
            try:
                return rasterise(_file(noun, style), side)
            except (ImportError, OSError):
                self._no_qt = True  # the stored raster is enlarged from now on
        return self.raster(noun, style)

    def _keep(self, key: tuple[str, str, str | None, int], copy: Image.Image) -> Image.Image:
        """Remember a copy, forgetting the longest unused ones above MEMORY bytes."""
        self._copies[key] = copy
        self._bytes += 4 * copy.width * copy.height
        while self._bytes > MEMORY and len(self._copies) > 1:
            _, old = self._copies.popitem(last=False)
            self._bytes -= 4 * old.width * old.height
        return copy


def _file(noun: str, style: str) -> Path:
    return resources() / "world" / style / f"{noun}.svg"


def rasterise(file: Path, side: int) -> np.ndarray:
    """An SVG file as uint8 [side, side, 4], premultiplied. Raises ImportError without PySide6, OSError for a bad file."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtCore import QByteArray, Qt
    from PySide6.QtGui import QImage, QPainter
    from PySide6.QtSvg import QSvgRenderer

    drawing = QSvgRenderer(QByteArray(file.read_bytes()))
    if not drawing.isValid():
        raise OSError(f"not a drawing: {file}")
    drawing.setAspectRatioMode(Qt.AspectRatioMode.KeepAspectRatio)
    image = QImage(side, side, QImage.Format.Format_RGBA8888_Premultiplied)
    image.fill(0)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    drawing.render(painter)
    painter.end()
    return np.frombuffer(image.constBits(), np.uint8).reshape(side, side, 4).copy()


def recoloured(pixels: np.ndarray, colour: str) -> np.ndarray:
    """`pixels` (uint8 [H, W, 4], premultiplied) in `colour`: the coloured parts, or the bright parts of a grey drawing."""
    alpha = pixels[..., 3:].astype(np.float32) / 255
    rgb = np.minimum(pixels[..., :3].astype(np.float32) / 255 / np.maximum(alpha, 1e-6), 1)
    luma = rgb @ _LUMA
    share = _smoothstep(0.07, 0.20, rgb.max(-1) - rgb.min(-1))  # how much a pixel counts as coloured
    visible = alpha[..., 0]
    if (share * visible).sum() < GREY * visible.sum():
        share = np.maximum(share, _smoothstep(0.25, 0.45, luma))
    middle = _weighted_median(luma, share * visible)
    share = share[..., None]
    target = np.array(COLOURS[colour], np.float32) / 255
    # below the middle brightness: black -> colour; above: colour -> white; milder than linear, to keep the colour's name
    below = np.clip(luma / max(middle, 1e-3), 0, 1)[..., None] ** 0.8
    above = np.clip((luma - middle) / max(1 - middle, 0.25), 0, 1)[..., None] * 0.6
    ramp = target * below * (1 - above) + above
    out = rgb * (1 - share) + ramp * share
    return np.concatenate([np.rint(out * alpha * 255).astype(np.uint8), pixels[..., 3:]], -1)


def _smoothstep(low: float, high: float, x: np.ndarray) -> np.ndarray:
    t = np.clip((x - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def _weighted_median(values: np.ndarray, weights: np.ndarray) -> float:
    order = np.argsort(values, axis=None, kind="stable")
    total = np.cumsum(weights.ravel()[order], dtype=np.float64)
    if total[-1] < 1:
        return 0.5
    return float(values.ravel()[order[np.searchsorted(total, total[-1] / 2)]])


def _halved(pixels: np.ndarray) -> np.ndarray:
    p = pixels.astype(np.uint16)
    return ((p[::2, ::2] + p[1::2, ::2] + p[::2, 1::2] + p[1::2, 1::2] + 2) // 4).astype(np.uint8)


def _bordered(pixels: np.ndarray) -> Image.Image:
    side = pixels.shape[0] + 2 * BORDER
    out = np.zeros((side, side, 4), np.uint8)
    out[BORDER:-BORDER, BORDER:-BORDER] = pixels
    return Image.frombuffer("RGBa", (side, side), out.tobytes(), "raw", "RGBa", 0, 1)
