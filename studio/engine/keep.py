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


def finished(
    source: Clip,
    before: Clip,
    edited: Clip,
    paste: bool = True,
    fine: Clip | None = None,
    place: masks.Mask | None = None,
) -> Clip:
    """The edit at the source's size, with the source's own pixels (and its transparency) where nothing changed.

    Args:
        before: the source as the autoencoder gives it back. edited: of the same size.
        paste: whether to take the source's pixels.
        fine: the edit at the source's size, where it was enlarged by more than scaling.
        place: of the edit's size; what lies outside of it did not change, whatever it looks like. None = everywhere.
    """
    size = source.width, source.height
    new = scaled(fine or edited, *size).array
    if paste and fine is None:
        place = None if place is None else masks.scaled(place, *size)
        new = kept(flatten(source).array, scaled(before, *size).array, new, place)
    elif paste:  # what was enlarged is crisper than the source came back, which is no change
        share = torch.from_numpy(within(changed(before.array, edited.array), place))[None, None]
        share = F.interpolate(share, size=new.shape[:2], mode="bilinear")[0, 0].numpy()
        new = mixed(flatten(source).array, new, share)
    if source.array.shape[-1] == 4:
        new = np.concatenate([new, source.array[..., 3:]], axis=-1)
    return Clip.picture(np.ascontiguousarray(new))


def kept(
    source: NDArray[np.uint8],
    before: NDArray[np.uint8],
    edited: NDArray[np.uint8],
    place: masks.Mask | None = None,
) -> NDArray[np.uint8]:
    """The edit where it differs from the source (and inside `place` [H, W]), the source elsewhere; all [H, W, 3].

    What differs is judged between two pictures that went through the same decoder, so that its own errors count for nothing.
    """
    return mixed(source, edited, within(changed(before, edited), place))


def within(share: NDArray[np.float32], place: masks.Mask | None) -> NDArray[np.float32]:
    """`share` [H, W] as far as the place's grey allows."""
    return share if place is None else np.minimum(share, place.astype(np.float32) / 255)


def changed(before: NDArray[np.uint8], edited: NDArray[np.uint8]) -> NDArray[np.float32]:
    """[H, W] in [0, 1]: how surely an edit is another picture there; both [H, W, 3]."""
    difference = np.abs(edited.astype(np.float32) - before.astype(np.float32)).max(-1)
    side = max(1, round(min(difference.shape) / AROUND * 2)) * 2 + 1
    around = torch.from_numpy(difference)[None, None]
    around = F.avg_pool2d(F.pad(around, [side // 2] * 4, mode="replicate"), side, 1)[0, 0].numpy()
    return np.clip((around - SAME) / (OTHER - SAME), 0, 1).astype(np.float32)


def mixed(
    source: NDArray[np.uint8], edited: NDArray[np.uint8], share: NDArray[np.float32]
) -> NDArray[np.uint8]:
    """So much of the edit, the rest of the source; where nothing is the edit's, the source bit for bit."""
    share = share[..., None]
    both = source + share * (edited.astype(np.float32) - source)
    return np.where(share > 0, np.rint(both), source).astype(np.uint8)
