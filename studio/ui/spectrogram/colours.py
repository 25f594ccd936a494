"""Colour maps that read in greyscale: each grows lighter from silence to the loudest.

magma, viridis and inferno are by Nathaniel Smith, Stéfan van der Walt and Eric Firing (2015, public domain, CC0): 17 of their 256
colours, straight lines between.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

MAPS = {
    "magma": "000004 0a0822 1d1147 36106b 51127c 6a1c81 832681 9c2e7f b73779 cf4070 e55064 f4695c fb8761 fea571 fec287 fde0a1 fcfdbf",
    "inferno": "000004 0b0724 210c4a 3d0965 57106e 71196e 8a226a a32c61 bc3754 d04545 e35933 f1711f f98c0a fcaa0f f9c932 f2e865 fcffa4",
    "viridis": "440154 48186a 472d7b 424086 3b528b 33638d 2c728e 26828e 21918c 1f9f88 27ad81 3dbc74 5cc863 81d34d aadc32 d5e21a fde725",
    "grey": "000000 ffffff",
    "paper": "ffffff 000000",
}  # fmt: skip
"""Paper is for print: silence is white."""
LEVELS = 256
QUIETEST = -110.0
"""Decibels that level 0 of a tile stands for; 255 stands for 0 dB."""
STEP = -QUIETEST / (LEVELS - 1)


@lru_cache(maxsize=32)
def ramp(name: str) -> np.ndarray:
    """[256, 3] uint8."""
    anchors = np.array([[int(word[i : i + 2], 16) for i in (0, 2, 4)] for word in MAPS[name].split()])
    at = np.linspace(0, len(anchors) - 1, LEVELS)
    return (
        np.stack([np.interp(at, np.arange(len(anchors)), anchors[:, c]) for c in range(3)], 1)
        .round()
        .astype(np.uint8)
    )


@lru_cache(maxsize=64)
def table(name: str, floor: float, top: float) -> np.ndarray:
    """[256] uint32 0xffRRGGBB for the levels of a tile: `floor` dB and below get the first colour, `top` dB and above the last."""
    decibels = QUIETEST + STEP * np.arange(LEVELS)
    share = np.clip((decibels - floor) / max(top - floor, 1.0), 0, 1)
    r, g, b = ramp(name)[np.rint(share * 255).astype(int)].T.astype(np.uint32)
    return np.uint32(0xFF000000) | r << np.uint32(16) | g << np.uint32(8) | b
