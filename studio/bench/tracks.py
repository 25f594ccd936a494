"""What moves in a clip of the pocket world, measured without any network: where the thing is, how large, how visible, how turned.

The background of every frame is a plane of colour fitted to its border; what differs from it is the thing. `verb_of` names the motion
from its track; on true clips of the world it is right in as many cases as `studio bench video` prints as the ceiling.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RING = 3
"""Pixels of the border that show the background."""
FAINT, CLEAR = 14.0, 44.0
"""Levels of 255 by which a pixel differs from the background: from here it begins to belong to the thing, from there it does."""
STILL = 0.6
"""Of the least that counts as a motion."""
LEAST = {"move": 0.14, "grow": 0.22, "fade": 0.45, "bounce": 0.1, "spin": 40.0}
"""What makes a motion: share of the side, log of the extent, share of the contrast, share of the side, degrees."""
RADII, ANGLES = 24, 180


@dataclass(frozen=True)
class Track:
    """F frames of one thing.

    x, y: [F] its middle, as shares of the sides. extent: [F] root of its area as a share of the picture's. contrast: [F] how
    far it differs from the background, in levels of 255. side: the longer side of the box around it, where it is largest, as a share of
    its extent there. turns: [F - 1] degrees that it turned from frame to frame,
    anticlockwise.
    """

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    extent: NDArray[np.float64]
    contrast: NDArray[np.float64]
    side: float
    turns: NDArray[np.float64]

    def scores(self) -> dict[str, float]:
        """How much of each motion there is, 1 = the least that counts."""
        dx, _ = _line(self.x)
        dy, off = _line(self.y)
        visible = self.contrast > 0.5 * self.contrast.max()
        grown, _ = _line(np.log(self.extent + 1e-6)[visible]) if visible.sum() > 2 else (0.0, np.zeros(1))
        half = len(self.contrast) // 2
        fade = (self.contrast[half:].mean() - self.contrast[:2].mean()) / max(
            float(self.contrast.max()), 1e-6
        )
        bounce = float(off.max() - off.min())
        return {
            "right": dx / LEAST["move"],
            "left": -dx / LEAST["move"],
            "falling": dy / LEAST["move"],
            "rising": -dy / LEAST["move"],
            "growing": grown / LEAST["grow"],
            "shrinking": -grown / LEAST["grow"],
            "fading in": fade / LEAST["fade"],
            "bouncing": bounce / LEAST["bounce"],
            "spinning": abs(float(self.turns.sum())) / LEAST["spin"],
        }


def verb_of(track: Track) -> str:
    """The world's verb for what a track does; "still" where it does nothing.

    Turning is asked last: everything that changes also looks a little turned.
    """
    scores = track.scores()
    if scores["fading in"] >= 1:
        return "fading in"
    others = {verb: score for verb, score in scores.items() if verb not in ("spinning", "fading in")}
    best = max(others, key=lambda verb: others[verb])
    if others[best] >= 1:
        return best
    if scores["spinning"] >= 1:
        return "spinning"
    return best if others[best] >= STILL else "still"


def track(frames: NDArray[np.uint8]) -> Track:
    """[F, H, W, 3] -> the track of the thing in it."""
    F, H, W, _ = frames.shape
    away = np.stack([difference(frame) for frame in frames])  # [F, H, W, 3]
    levels = np.abs(away).max(-1)
    weight = np.clip((levels - FAINT) / (CLEAR - FAINT), 0, 1)
    total = weight.sum((1, 2))
    y, x = np.mgrid[0:H, 0:W] + 0.5
    seen = np.maximum(total, 1e-6)
    cx, cy = (weight * x).sum((1, 2)) / seen, (weight * y).sum((1, 2)) / seen
    there = total > 0.002 * H * W
    if there.any():  # where nothing is seen, it is where it was seen next
        index = np.arange(F)
        cx, cy = (np.interp(index, index[there], c[there]) for c in (cx, cy))
    else:
        cx, cy = np.full(F, W / 2), np.full(F, H / 2)
    contrast = np.array([_contrast(level) for level in levels])
    turns = np.zeros(F - 1)
    for i in range(F - 1):
        if there[i] and there[i + 1]:
            turns[i] = _turn(away[i], away[i + 1], (cx[i], cy[i]), (cx[i + 1], cy[i + 1]))
    extent = np.sqrt(total / (H * W))
    return Track(
        cx / W, cy / H, extent, contrast, _side(weight[extent.argmax()]) / max(extent.max(), 1e-6), turns
    )


def difference(frame: NDArray[np.uint8]) -> NDArray[np.float64]:
    """[H, W, 3] minus its background, a plane of colour fitted to the border (twice: the second time without what stands out)."""
    H, W, _ = frame.shape
    y, x = np.mgrid[0:H, 0:W]
    plane = np.stack([np.ones((H, W)), x / W - 0.5, y / H - 0.5], -1)  # [H, W, 3]
    border = np.ones((H, W), bool)
    border[RING:-RING, RING:-RING] = False
    a, b = plane[border], frame[border].astype(np.float64)
    middle = np.median(b, axis=0)
    keep = np.abs(b - middle).max(-1) <= max(24.0, float(np.quantile(np.abs(b - middle).max(-1), 0.5)))
    for _ in range(2):
        fit = np.linalg.lstsq(a[keep], b[keep], rcond=None)[0]
        off = np.abs(b - a @ fit).max(-1)
        keep = off <= max(12.0, float(np.quantile(off, 0.5)))
    return frame.astype(np.float64) - plane @ fit


def motion_amount(frames: NDArray[np.uint8]) -> float:
    """Mean change from frame to frame, in levels of 255."""
    return float(np.abs(np.diff(frames.astype(np.float64), axis=0)).mean())


def roughness(frames: NDArray[np.uint8]) -> float:
    """Mean change of that change, in levels of 255: what flicker adds. To be read beside the amount of motion: a frozen clip has none
    of either."""
    return float(np.abs(np.diff(frames.astype(np.float64), n=2, axis=0)).mean())


def _side(weight: NDArray[np.float64]) -> float:
    """Longer side of the box that holds all but a fiftieth of a thing [H, W] at either end, as a share of the picture's."""
    sides: list[float] = []
    for axis in (0, 1):
        along = weight.sum(axis).cumsum()
        low, high = np.searchsorted(along, [0.02 * along[-1], 0.98 * along[-1]])
        sides.append((high - low + 1) / len(along))
    return max(sides)


def _contrast(level: NDArray[np.float64]) -> float:
    """Mean of the sixtieth of the picture that stands out most."""
    few = np.sort(level.ravel())[-level.size // 60 :]
    return float(few.mean())


def _line(values: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
    """(rise of the straight line through the values, from first to last; what is left of them)"""
    at = np.linspace(0, 1, len(values))
    slope, start = np.polyfit(at, values, 1)
    return float(slope), values - (start + slope * at)


def _turn(
    first: NDArray[np.float64],
    second: NDArray[np.float64],
    middle: tuple[float, float],
    then: tuple[float, float],
) -> float:
    """Degrees between two pictures of a thing around its middles, by the peak of their correlation over the angle."""
    a, b = _polar(first, middle), _polar(second, then)
    spectrum = np.fft.rfft(a, axis=1).conj() * np.fft.rfft(b, axis=1)
    match = np.fft.irfft(spectrum, n=ANGLES, axis=1).sum((0, 2))  # [ANGLES]
    match = match - 1e-3 * match.max() * np.minimum(np.arange(ANGLES), ANGLES - np.arange(ANGLES)) / ANGLES
    best = int(match.argmax())
    shift = best if best <= ANGLES // 2 else best - ANGLES
    return -shift * 360 / ANGLES  # rows grow downwards


def _polar(away: NDArray[np.float64], middle: tuple[float, float]) -> NDArray[np.float64]:
    """[RADII, ANGLES, 3] around a point, without its mean over the angle; outer rings count for more, for they are longer."""
    H, W, _ = away.shape
    radius = np.linspace(2, min(H, W) * 0.42, RADII)[:, None]
    angle = np.linspace(0, 2 * np.pi, ANGLES, endpoint=False)[None]
    x = np.clip(np.rint(middle[0] + radius * np.cos(angle) - 0.5), 0, W - 1).astype(int)
    y = np.clip(np.rint(middle[1] + radius * np.sin(angle) - 0.5), 0, H - 1).astype(int)
    rings = away[y, x]
    return (rings - rings.mean(1, keepdims=True)) * np.sqrt(radius)[..., None]
