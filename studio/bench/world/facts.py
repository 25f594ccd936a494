"""Which recolourings and backgrounds suit a drawing: what people could not tell apart is never asked for.

The answers are measured once, by packaging/make_world.py, and kept beside the drawings in facts.json: scenes depend on
them, and a rasteriser that rounds differently must not change what a seed means. The thresholds were set by eye on
sheets of all 318 drawings in all colours, with the measures written under each.
"""

import json
from collections.abc import Iterable
from functools import cache

import numpy as np

from studio.bench.world.sprites import Sprites, recoloured
from studio.bench.world.words import BACKGROUNDS, COLOURS
from studio.core.paths import resources

NEAR_NATURAL = 20.0
"""A recolouring is left out when its visible pixels differ less than this (mean CIE Lab distance) from the natural ones,"""

ALREADY = 0.35
"""or when at least this share of the natural drawing has the colour already,"""

COVERED = 0.3
"""or when less than this share of the recoloured drawing has the colour's hue."""

HUES = {"blue": (-60, 22), "green": (-32, 26)}
"""Degrees of Lab hue around a colour that still have its name, where not 22: sky and sea are blue, a lime is green."""

LOW_CONTRAST = 0.7
"""A background is left out when less than this share of the drawing differs from it by more than 25 (CIE Lab)."""


@cache
def _facts() -> dict[str, dict[str, dict]]:
    return json.loads((resources() / "world" / "facts.json").read_text(encoding="utf-8"))


@cache
def colours_of(noun: str, style: str) -> tuple[str, ...]:
    """The colours in which this drawing differs visibly from its natural look, in the order of COLOURS."""
    return tuple(_facts()[style][noun]["colours"])


@cache
def backgrounds_for(noun: str, style: str, colour: str | None) -> tuple[str, ...]:
    """The backgrounds from which the drawing stands out; a recoloured thing never stands on its own colour."""
    hidden = _facts()[style][noun]["hidden_on"].get(colour or "natural", ())
    return tuple(b for b in BACKGROUNDS if b != colour and b not in hidden)


def backgrounds_for_all(looks: Iterable[tuple[str, str | None]], style: str) -> tuple[str, ...]:
    """The backgrounds on which every (noun, colour) stands out."""
    possible = [backgrounds_for(noun, style, colour) for noun, colour in looks]
    return tuple(b for b in BACKGROUNDS if all(b in p for p in possible))


def measured(sprites: Sprites, noun: str, style: str) -> dict[str, list[str] | dict[str, list[str]]]:
    """The entry of one drawing in facts.json."""
    colours = [c for c in COLOURS if suits(*measures(sprites, noun, style, c))]
    hidden = {}
    for colour in (None, *colours):
        shares = {b: outstanding(sprites, noun, style, colour, b) for b in BACKGROUNDS if b != colour}
        found = [b for b, share in shares.items() if share < LOW_CONTRAST]
        if found:
            hidden[colour or "natural"] = found
    return {"colours": colours, "hidden_on": hidden}


def suits(distance: float, already: float, covered: float) -> bool:
    """Whether a recolouring with these measures can be told from the natural look and deserves its name."""
    return distance >= NEAR_NATURAL and already < ALREADY and covered >= COVERED


def measures(sprites: Sprites, noun: str, style: str, colour: str) -> tuple[float, float, float]:
    """(mean distance from the natural look, share that has the colour already, share that has it then)."""
    natural = _thumbnail(sprites, noun, style, None)
    weight = natural[..., 3].astype(np.float32)
    weight /= weight.sum()
    before, after = _lab(natural), _lab(_thumbnail(sprites, noun, style, colour))
    distance = np.sqrt(((after - before) ** 2).sum(-1))
    already = _named(before, colour) * weight
    return (
        float((distance * weight).sum()),
        float(already.sum()),
        float((_named(after, colour) * weight).sum()),
    )


def _named(lab: np.ndarray, colour: str) -> np.ndarray:
    """Which pixels people would call by the colour: near its hue, not too grey, not much darker or paler."""
    anchor = _to_lab(np.array([[COLOURS[colour]]], np.float32) / 255)[0, 0]
    chroma = np.hypot(lab[..., 1], lab[..., 2])
    turn = np.degrees(np.arctan2(lab[..., 2], lab[..., 1]) - np.arctan2(anchor[2], anchor[1]))
    turn = (turn + 180) % 360 - 180
    low, high = HUES.get(colour, (-22, 22))
    near = (low < turn) & (turn < high) & (np.abs(lab[..., 0] - anchor[0]) < 30)
    return near & (chroma > 0.35 * np.hypot(anchor[1], anchor[2]))


def outstanding(sprites: Sprites, noun: str, style: str, colour: str | None, background: str) -> float:
    """Share of the drawing that differs from the background by more than 25 (CIE Lab)."""
    pixels = _thumbnail(sprites, noun, style, colour)
    ground = np.array([[BACKGROUNDS[background]]], np.float32) / 255
    distance = np.sqrt(((_lab(pixels) - _to_lab(ground)) ** 2).sum(-1))
    weight = pixels[..., 3].astype(np.float32)
    return float(((distance > 25) * weight).sum() / weight.sum())


@cache
def _thumbnail(sprites: Sprites, noun: str, style: str, colour: str | None) -> np.ndarray:
    side = 32
    raster = sprites.raster(noun, style)
    pixels = recoloured(raster, colour) if colour else raster
    step = raster.shape[0] // side
    return pixels.reshape(side, step, side, step, 4).mean((1, 3)).round().astype(np.uint8)


def _lab(pixels: np.ndarray) -> np.ndarray:
    """CIE Lab [H, W, 3] of premultiplied pixels (transparent ones are black)."""
    p = pixels.astype(np.float32)
    return _to_lab(np.clip(p[..., :3] / np.maximum(p[..., 3:], 1), 0, 1))


def _to_lab(rgb: np.ndarray) -> np.ndarray:
    """sRGB 0..1 -> CIE Lab, white point D65."""
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    matrix = np.array(
        [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]], np.float32
    )
    xyz = linear @ matrix.T / np.array([0.95047, 1.0, 1.08883], np.float32)
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.stack([116 * f[..., 1] - 16, 500 * (f[..., 0] - f[..., 1]), 200 * (f[..., 1] - f[..., 2])], -1)
