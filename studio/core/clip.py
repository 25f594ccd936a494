"""One type for everything that a model reads or makes.

A `Clip` is an array whose axes have names and whose time axis, if it has one, has a rate:

| kind    | axes               | dtype and range                | rate              |
|---------|--------------------|--------------------------------|-------------------|
| picture | y, x, c            | uint8, c = 3 (RGB) or 4 (RGBA, straight alpha) | -  |
| mask    | y, x               | uint8, 0 = keep, 255 = change  | -                 |
| video   | t, y, x, c         | uint8, c = 3 or 4              | frames per second |
| sound   | t, c               | float32 in [-1, 1]             | samples per second |

Pixels are sRGB. Nothing here converts: files become clips in `studio.media`, clips become latents in `studio.engine`.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Kind = Literal["picture", "mask", "video", "sound"]

AXES: dict[Kind, tuple[str, ...]] = {
    "picture": ("y", "x", "c"),
    "mask": ("y", "x"),
    "video": ("t", "y", "x", "c"),
    "sound": ("t", "c"),
}


@dataclass(frozen=True, eq=False)
class Clip:
    """An array with named axes and a rate.

    Args:
        array: the samples; never written to after the clip is made.
        axes: one name per dimension, one of the rows of `AXES`.
        rate: frames or samples per second where there is a time axis, else None.

    Raises:
        ValueError: axes, dtype, channel count or rate do not fit together.
    """

    array: NDArray[Any]
    axes: tuple[str, ...]
    rate: float | None = None

    def __post_init__(self) -> None:
        if self.axes not in AXES.values() or len(self.axes) != self.array.ndim:
            raise ValueError(f"a clip with axes {self.axes} cannot hold an array of shape {self.array.shape}")
        if 0 in self.array.shape:
            raise ValueError(f"a clip cannot be empty, this one has shape {self.array.shape}")
        want = np.float32 if self.kind == "sound" else np.uint8
        if self.array.dtype != want:
            raise ValueError(f"a {self.kind} holds {want.__name__}, not {self.array.dtype}")
        if self.kind in ("picture", "video") and self.array.shape[-1] not in (3, 4):
            raise ValueError(f"a {self.kind} has 3 or 4 channels, not {self.array.shape[-1]}")
        if ("t" in self.axes) != (self.rate is not None) or (self.rate is not None and self.rate <= 0):
            raise ValueError(f"a {self.kind} with rate {self.rate} makes no sense")

    @classmethod
    def picture(cls, array: NDArray[Any]) -> Clip:
        """[H, W, 3 or 4] uint8 -> picture."""
        return cls(array, AXES["picture"])

    @classmethod
    def mask(cls, array: NDArray[Any]) -> Clip:
        """[H, W] uint8 -> mask."""
        return cls(array, AXES["mask"])

    @classmethod
    def video(cls, array: NDArray[Any], rate: float) -> Clip:
        """[T, H, W, 3 or 4] uint8 at `rate` frames per second -> video."""
        return cls(array, AXES["video"], rate)

    @classmethod
    def sound(cls, array: NDArray[Any], rate: float) -> Clip:
        """[T, C] float32 at `rate` samples per second -> sound."""
        return cls(array, AXES["sound"], rate)

    @property
    def kind(self) -> Kind:
        return next(kind for kind, axes in AXES.items() if axes == self.axes)

    @property
    def width(self) -> int:
        return self.array.shape[self.axes.index("x")]

    @property
    def height(self) -> int:
        return self.array.shape[self.axes.index("y")]

    @property
    def seconds(self) -> float:
        """Length in seconds; 0 where there is no time axis."""
        return self.array.shape[0] / self.rate if self.rate else 0.0

    def digest(self) -> str:
        """SHA-256 of content and meaning: equal clips have equal digests."""
        head = f"{self.axes}{self.rate}{self.array.dtype.str}{self.array.shape}".encode()
        return hashlib.sha256(head + np.ascontiguousarray(self.array).tobytes()).hexdigest()
