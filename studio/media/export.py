"""The document as a picture file for other programs: all of it or a part, flat or with its layers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

import numpy as np

from studio.core.clip import Clip
from studio.core.job import BadRequest, JobSpec
from studio.core.layer import Pixels, read
from studio.core.region import Rect
from studio.core.shot import Shot
from studio.media.image import save_picture
from studio.media.psd import save_psd

Area = Literal["canvas", "selection", "box"]
AREAS: tuple[Area, ...] = get_args(Area)
LOSSY = (".jpg", ".webp", ".avif")
ENDINGS = (".png", ".jpg", ".webp", ".avif", ".tiff", ".psd")


@dataclass(frozen=True)
class Export:
    """What to write.

    Args:
        path: its ending says the format; ".psd" keeps the layers of the whole canvas.
        area: the whole canvas, what is selected (its soft edge becomes transparency), or the generation box.
        quality: 1-100 of JPEG, WebP and AVIF; 100 is lossless for the last two.
        spec: the request to write into the file, None = nothing about how it was made.
    """

    path: Path
    area: Area = "canvas"
    quality: int = 92
    spec: JobSpec | None = None


def export(shot: Shot, wanted: Export) -> None:
    """Writes the file in one step, with an sRGB profile.

    Raises:
        BadRequest: nothing is selected, unknown ending, full disk and the like.
    """
    if wanted.path.suffix.lower() == ".psd":
        save_psd(wanted.path, shot)
        return
    pixels = part(shot, wanted.area)
    if (pixels[..., 3] == 255).all():
        pixels = pixels[..., :3].copy()
    save_picture(Clip.picture(pixels), wanted.path, wanted.spec, quality=wanted.quality, profile=True)


def part(shot: Shot, area: Area) -> Pixels:
    """The blended picture of an area: [h, w, 4]."""
    document = shot.document
    if area == "canvas":
        return document.compose()
    if area == "box":
        return document.compose(_inside(document.box, document.rect, "The generation box"))
    rect = document.selection_bounds()
    if document.selection is None or rect.empty:
        raise BadRequest("Nothing is selected; select what is to be exported, or export the whole canvas.")
    pixels = document.compose(rect)
    chosen = read(document.selection, rect).astype(np.uint16)
    pixels[..., 3] = (pixels[..., 3] * chosen + 127) // 255
    return pixels


def _inside(rect: Rect, canvas: Rect, what: str) -> Rect:
    if rect.clipped(canvas).empty:
        raise BadRequest(f"{what} lies beside the canvas; move it onto the picture.")
    return rect
