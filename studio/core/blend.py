"""Putting one picture on another.

All arrays are uint8 with straight alpha; the arithmetic is 16-bit integer, exact to the nearest 1/255 where the
backdrop is opaque. Notation of the W3C "Compositing and Blending Level 1" (2015): Cs, as = source colour and alpha,
Cb, ab = backdrop; B(Cb, Cs) = the blend mode; result

    co = (1 - ab) Cs + ab B(Cb, Cs)          mixed colour
    Co = (as co + (1 - as) ab Cb) / ao,  ao = as + ab (1 - as)
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from studio.core.layer import BlendMode, Pixels

U16 = NDArray[np.uint16]


def div255(x: U16) -> U16:
    """round(x / 255) for 0 <= x <= 65025, in place."""
    x += 128
    x += x >> 8
    x >>= 8
    return x


def _mul(a: U16, b: U16) -> U16:
    return div255(a * b)


def _hard_light(b: U16, s: U16) -> U16:
    low = _mul(b, np.minimum(s, 127) * np.uint16(2))
    high = 255 - _mul(255 - b, (255 - np.maximum(s, 128)) * np.uint16(2))
    return np.where(s < 128, low, high)


def _soft_light(b: U16, s: U16) -> U16:
    cb, cs = b / np.float32(255), s / np.float32(255)
    d = np.where(cb <= 0.25, ((16 * cb - 12) * cb + 4) * cb, np.sqrt(cb))
    out = np.where(cs <= 0.5, cb - (1 - 2 * cs) * cb * (1 - cb), cb + (2 * cs - 1) * (d - cb))
    return np.rint(np.clip(out, 0, 1) * 255).astype(np.uint16)


def _dodge(b: U16, s: U16) -> U16:
    with np.errstate(divide="ignore", invalid="ignore"):
        out = np.where(s == 255, 255, np.minimum(255, b.astype(np.uint32) * 255 // np.maximum(255 - s, 1)))
    return np.where(b == 0, 0, out).astype(np.uint16)


def _burn(b: U16, s: U16) -> U16:
    out = 255 - np.minimum(255, (255 - b).astype(np.uint32) * 255 // np.maximum(s, 1))
    return np.where(b == 255, 255, np.where(s == 0, 0, out)).astype(np.uint16)


MODES: dict[BlendMode, Callable[[U16, U16], U16]] = {
    "multiply": _mul,
    "screen": lambda b, s: 255 - _mul(255 - b, 255 - s),
    "overlay": lambda b, s: _hard_light(s, b),
    "darken": np.minimum,
    "lighten": np.maximum,
    "color-dodge": _dodge,
    "color-burn": _burn,
    "hard-light": _hard_light,
    "soft-light": _soft_light,
    "difference": lambda b, s: np.maximum(b, s) - np.minimum(b, s),
    "add": lambda b, s: np.minimum(b + s, 255),
}
"""B(Cb, Cs) on 0 .. 255 in uint16."""


def alpha4(pixels: Pixels) -> Pixels:
    """[h, w, 4] -> its alpha in all four channels. (A broadcast of one channel is 20 times slower in numpy.)"""
    packed = np.ascontiguousarray(pixels).view(np.uint32)
    return ((packed >> np.uint32(24)) * np.uint32(0x01010101)).view(np.uint8)


def span(pixels: Pixels) -> tuple[int, int]:
    """Least and greatest alpha of [h, w, 4]."""
    packed = np.ascontiguousarray(pixels).view(np.uint32)
    return int(packed.min() >> 24) if packed.size else 0, int(packed.max() >> 24) if packed.size else 0


def faded(pixels: Pixels, opacity: float) -> Pixels:
    """A copy with alpha times `opacity` (0 .. 1), to the nearest 1/255."""
    packed = np.ascontiguousarray(pixels).view(np.uint32)
    factor = np.uint32(round(min(max(opacity, 0.0), 1.0) * 65536))
    alpha = packed >> np.uint32(24)
    alpha *= factor
    alpha += np.uint32(32768)
    alpha >>= np.uint32(16)
    alpha <<= np.uint32(24)
    alpha |= packed & np.uint32(0xFFFFFF)
    return alpha.view(np.uint8)


def put(under: Pixels, over: Pixels, opacity: float = 1.0, mode: BlendMode = "normal") -> None:
    """Puts `over` on `under`, in place. Both [h, w, 4] uint8, `under` contiguous."""
    if opacity < 1:
        over = faded(over, opacity)
    least, most = span(over)
    if most == 0 or opacity <= 0:
        return
    backdrop_least, backdrop_most = span(under)
    if mode != "normal" and backdrop_most > 0:
        over = _mixed(under, over, mode, backdrop_least == 255)
    if least == 255 or backdrop_most == 0:
        under[...] = over
    elif backdrop_least == 255:
        alpha = alpha4(over).astype(np.uint16)
        out = over * alpha
        np.subtract(255, alpha, out=alpha)
        out += under * alpha
        under[...] = div255(out)
        under[..., 3] = 255
    else:
        from PIL import Image  # here: a start without a picture does without it

        base = Image.fromarray(under)
        base.alpha_composite(Image.fromarray(np.ascontiguousarray(over)))
        under[...] = np.asarray(base)


def _mixed(under: Pixels, over: Pixels, mode: BlendMode, opaque: bool) -> Pixels:
    """`over` with its colours replaced by co (see above), its alpha kept."""
    b, s = under.astype(np.uint16), over.astype(np.uint16)
    mixed = MODES[mode](b, s)
    if not opaque:
        ab = alpha4(under).astype(np.uint16)
        mixed = div255(mixed * ab + s * (255 - ab))
    out = mixed.astype(np.uint8)
    out[..., 3] = over[..., 3]
    return out
