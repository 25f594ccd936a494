"""What an edit leaves alone is the source's own, down to the pixel, although the edit went through an autoencoder."""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray

from studio.core.clip import Clip
from studio.engine import masks
from studio.engine.inputs import flatten

SAME, OTHER = 12.0, 30.0
"""Levels of 255: what differs by less is the source's pixel, by more the edit's, between them a mixture."""
AROUND = 64
"""A difference is averaged over a square of about a 16th of the picture; sides in units of this many pixels."""


def scaled(clip: Clip, width: int, height: int) -> Clip:
    """The whole picture at another size (Lanczos), nothing cut off."""
    return Clip.picture(masks.scaled(clip.array, width, height))


def finished(source: Clip, before: Clip, edited: Clip, paste: bool = True) -> Clip:
    """The edit at the source's size, with the source's own pixels (and its transparency) where nothing changed.

    Args:
        before: the source as the autoencoder gives it back. edited: of the same size.
        paste: whether to take the source's pixels.
    """
    size = source.width, source.height
    new = scaled(edited, *size).array
    if paste:
        new = kept(flatten(source).array, scaled(before, *size).array, new)
    if source.array.shape[-1] == 4:
        new = np.concatenate([new, source.array[..., 3:]], axis=-1)
    return Clip.picture(np.ascontiguousarray(new))


def kept(
    source: NDArray[np.uint8], before: NDArray[np.uint8], edited: NDArray[np.uint8]
) -> NDArray[np.uint8]:
    """The edit where it differs from the source, the source elsewhere; all [H, W, 3].

    What differs is judged between two pictures that went through the same decoder, so that its own errors count for nothing.
    """
    difference = np.abs(edited.astype(np.float32) - before.astype(np.float32)).max(-1)
    side = max(1, round(min(difference.shape) / AROUND * 2)) * 2 + 1
    around = torch.from_numpy(difference)[None, None]
    around = F.avg_pool2d(F.pad(around, [side // 2] * 4, mode="replicate"), side, 1)[0, 0].numpy()
    share = np.clip((around - SAME) / (OTHER - SAME), 0, 1)[..., None]
    mixed = source + share * (edited.astype(np.float32) - source)
    return np.where(share > 0, np.rint(mixed), source).astype(np.uint8)
