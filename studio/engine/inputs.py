"""Source files -> clips, for an engine that was given no reader of its own.

The program passes the reader of `studio.media` (siblings do not import each other); this one knows pictures only.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np

from studio.core.clip import Clip
from studio.core.job import BadRequest, Source

MAX_PIXELS = 16384 * 16384 // 4
Reader = Callable[[Source], Clip]


def read_picture(source: Source) -> Clip:
    """A picture file -> picture, upright, in RGB or RGBA.

    Raises:
        BadRequest: it is missing, no picture, or too large; one sentence.
    """
    from PIL import Image, ImageOps, UnidentifiedImageError

    path = Path(source.path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # the limit below is ours
            with Image.open(path) as image:
                if image.width * image.height > MAX_PIXELS:
                    raise BadRequest(
                        f"image: {path.name} has {image.width} x {image.height} pixels, more than can be opened; scale it down."
                    )
                image = ImageOps.exif_transpose(image)
                has_alpha = "A" in image.getbands() or "transparency" in image.info
                return Clip.picture(np.array(image.convert("RGBA" if has_alpha else "RGB")))
    except FileNotFoundError:
        raise BadRequest(f"image: {path} does not exist; choose another picture.") from None
    except Image.DecompressionBombError:
        raise BadRequest(f"image: {path.name} has more pixels than can be opened; scale it down.") from None
    except UnidentifiedImageError:
        raise BadRequest(
            f"image: {path.name} is not a picture that can be opened; choose another one."
        ) from None
    except (OSError, ValueError, SyntaxError, EOFError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else "it is damaged"
        raise BadRequest(f"image: {path.name} cannot be read ({why}); choose another picture.") from None


def checked(read: Reader, source: Source, field: str = "image") -> Clip:
    """`read(source)`, and that it is what the request meant: the file as a picture, or as a mask.

    Raises:
        BadRequest: it cannot be read, or has changed since the request was made.
    """
    clip = read(source)
    if source.sha256 and clip.digest() != source.sha256:
        mask = as_mask(clip)
        if mask is not None and mask.digest() == source.sha256:
            return mask
        raise BadRequest(
            f"{field}: {Path(source.path).name} has changed since the request was made;"
            " put the old file back, or make the request again."
        )
    return clip


def as_mask(clip: Clip) -> Clip | None:
    """What a grey picture without transparency holds as a mask; None for any other."""
    if clip.kind != "picture" or clip.array.shape[-1] != 3:
        return None
    grey = clip.array[..., 0]
    same = all(np.array_equal(grey, clip.array[..., channel]) for channel in (1, 2))
    return Clip.mask(np.ascontiguousarray(grey)) if same else None


def flatten(clip: Clip) -> Clip:
    """A picture without transparency: what is transparent becomes white."""
    if clip.array.shape[-1] == 3:
        return clip
    alpha = clip.array[..., 3:].astype(np.float32) / 255
    return Clip.picture(np.rint(clip.array[..., :3] * alpha + 255 * (1 - alpha)).astype(np.uint8))


def resized(clip: Clip, width: int, height: int) -> Clip:
    """A picture of width x height: scaled (Lanczos) to cover it, the rest cut off on both sides alike."""
    from PIL import Image, ImageOps

    if (clip.width, clip.height) == (width, height):
        return clip
    image = Image.fromarray(np.ascontiguousarray(clip.array))
    return Clip.picture(np.array(ImageOps.fit(image, (width, height), Image.Resampling.LANCZOS)))
