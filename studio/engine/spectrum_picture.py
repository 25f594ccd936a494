"""Riffusion's pictures: a mel spectrogram as grey levels, 512 bands high, a column every 10 ms.

Levels are amplitudes to the power 1/4, black is loud, low notes below; bands are evenly spaced on the HTK mel scale from 0 to 10 kHz, each the
sum of the bins under its triangle (Forsgren & Martiros 2022). A bin's amplitude is its band's, divided by how many bins of 10 Hz
the band sums; where bands are narrower than a bin, it is what they hold together.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from studio.core.spectrogram import Spectrogram

HEIGHT = 512
TOP = 10_000.0
HOW = Spectrogram(44100, 100.0, 10.0)
POWER = 4.0
LONGEST = 20.48
"""Seconds: four pictures side by side."""


def width_for(seconds: float) -> int:
    """Pixels: a multiple of 64."""
    return max(1, math.ceil(seconds * HOW.frame_rate / 64)) * 64


def bins_of(picture: NDArray[np.uint8]) -> NDArray[np.float32]:
    """[512, W, 3] -> magnitudes [F, W]; the loudest possible is 1."""
    grey = picture[::-1].mean(-1) / 255.0
    bands = (1 - grey) ** POWER  # [512, W]
    edges = _hertz(np.linspace(0, _mel(TOP), HEIGHT + 2))
    centres, widths = edges[1:-1], (edges[2:] - edges[:-2]) / 2
    bins = np.arange(HOW.bins) * HOW.rate / HOW.window
    width = HOW.rate / HOW.window
    density = bands / np.maximum(widths, width)[:, None] * width
    made = np.stack([np.interp(bins, centres, column, right=0.0) for column in density.T], 1)
    return made.astype(np.float32)


def _mel(hertz: float) -> float:
    return 2595 * math.log10(1 + hertz / 700)


def _hertz(mel: NDArray[np.float64]) -> NDArray[np.float64]:
    return 700 * (10 ** (mel / 2595) - 1)
