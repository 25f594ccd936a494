"""From a scene to pixels, and to the truth about them.

Blending is done in whole numbers, so a picture is the same on every machine that has the same rasters. A thing that is
not turned is scaled straight onto the pixel grid (PIL's resize takes a fractional box and filters properly when it
shrinks); a turned one is turned at twice the size first, because an affine transform alone does not filter.
"""

import math

import numpy as np
from PIL import Image, ImageFilter

from studio.bench.world.scene import Scene, Thing
from studio.bench.world.sprites import Sprites

Size = int | tuple[int, int]
Patch = tuple[int, int, np.ndarray]
"""(row, column, uint8 [h, w, 4] premultiplied): a thing's pixels and where they lie, already cut to the picture."""


def hw(size: Size) -> tuple[int, int]:
    """(height, width) of a size given as a side or as (height, width)."""
    return (size, size) if isinstance(size, int) else (int(size[0]), int(size[1]))


def render(sprites: Sprites, scene: Scene, size: Size = 64) -> np.ndarray:
    """The picture, uint8 [H, W, 3]."""
    height, width = hw(size)
    canvas = background(scene, height, width)
    for thing in scene.things:
        patch = patch_of(sprites, thing, scene.style, height, width)
        if patch is not None:
            _blend(canvas, patch)
    return sketch(canvas) if scene.effect == "sketch" else canvas


def background(scene: Scene, height: int, width: int) -> np.ndarray:
    """The empty picture, uint8 [H, W, 3]."""
    rgb = np.array(scene.rgb, np.float32)
    canvas = np.empty((height, width, 3), np.uint8)
    if scene.shade:
        light = 1.08 - 0.26 * (np.arange(height, dtype=np.float32) + 0.5) / height
        canvas[:] = np.rint(np.clip(light[:, None] * rgb, 0, 255)).astype(np.uint8)[:, None]
    else:
        canvas[:] = scene.rgb
    return canvas


def masks(sprites: Sprites, scene: Scene, size: Size = 64) -> np.ndarray:
    """Each thing's visible share of each pixel, uint8 [n, H, W]; the masks of a pixel never sum to more than 255."""
    height, width = hw(size)
    out = np.zeros((len(scene.things), height, width), np.uint8)
    free = np.full((height, width), 255, np.uint16)  # what things in front leave over
    for i in reversed(range(len(scene.things))):
        patch = patch_of(sprites, scene.things[i], scene.style, height, width)
        if patch is None:
            continue
        row, column, pixels = patch
        where = np.s_[row : row + pixels.shape[0], column : column + pixels.shape[1]]
        seen = _divide_by_255(pixels[..., 3].astype(np.uint32) * free[where]).astype(np.uint16)
        out[i][where] = seen
        free[where] -= seen
    return out


def footprints(sprites: Sprites, scene: Scene, size: Size = 64) -> np.ndarray:
    """Where each thing can have left a trace, bool [n + 1, H, W]; the last one is the background's.

    Wider than `masks`: a pixel counts as soon as the thing is not fully transparent there nor fully covered.
    """
    height, width = hw(size)
    out = np.zeros((len(scene.things) + 1, height, width), bool)
    covered = np.zeros((height, width), bool)
    for i in reversed(range(len(scene.things))):
        patch = patch_of(sprites, scene.things[i], scene.style, height, width)
        if patch is None:
            continue
        row, column, pixels = patch
        where = np.s_[row : row + pixels.shape[0], column : column + pixels.shape[1]]
        out[i][where] = (pixels[..., 3] > 0) & ~covered[where]
        covered[where] |= pixels[..., 3] == 255
    out[-1] = ~covered
    return out


def patch_of(sprites: Sprites, thing: Thing, style: str, height: int, width: int) -> Patch | None:
    """The pixels of one thing in a picture of that size, or None when nothing of it is inside."""
    side = thing.extent * min(height, width)
    if side < 0.5 or thing.alpha <= 0:
        return None
    x, y = thing.cx * width, thing.cy * height
    reach = side / 2 * (1 if not thing.angle else _turned_reach(thing.angle)) + 1
    left, top = max(0, math.floor(x - reach)), max(0, math.floor(y - reach))
    right, bottom = min(width, math.ceil(x + reach)), min(height, math.ceil(y + reach))
    if right <= left or bottom <= top:
        return None
    fine = 2 if thing.angle else 1
    source, drawn = sprites.source(thing.noun, style, thing.colour, side * fine)
    if thing.flip:
        source = source.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    scale = drawn / side  # source pixels per picture pixel
    middle = source.width / 2
    if thing.angle:
        picture = _turned(source, thing.angle, scale, middle, (left - x, top - y, right - left, bottom - top))
    else:
        x0, x1 = (middle + (edge - x) * scale for edge in (left, right))
        y0, y1 = (middle + (edge - y) * scale for edge in (top, bottom))
        picture = source.resize((right - left, bottom - top), Image.Resampling.BICUBIC, box=(x0, y0, x1, y1))
    pixels = np.asarray(picture)
    pixels = np.minimum(
        pixels, pixels[..., 3:]
    )  # sharpening may overshoot: a premultiplied colour is never above alpha
    if thing.alpha < 1:
        pixels = np.rint(pixels * np.float32(thing.alpha)).astype(np.uint8)
    return top, left, pixels


def _turned_reach(angle: float) -> float:
    radians = math.radians(angle)
    return abs(math.cos(radians)) + abs(math.sin(radians))


def _turned(
    source: Image.Image, angle: float, scale: float, middle: float, frame: tuple[float, float, int, int]
) -> Image.Image:
    """`source` turned by `angle` degrees anticlockwise, cut to frame = (x, y from the thing's middle, width, height)."""
    x, y, width, height = frame
    c, s = math.cos(math.radians(angle)) * scale / 2, math.sin(math.radians(angle)) * scale / 2
    # PIL maps the middle (u + 1/2, v + 1/2) of a target pixel; two target pixels make one of the picture
    data = (c, -s, middle + 2 * (x * c - y * s), s, c, middle + 2 * (x * s + y * c))
    fine = source.transform((2 * width, 2 * height), Image.Transform.AFFINE, data, Image.Resampling.BICUBIC)
    return fine.reduce(2)


def _blend(canvas: np.ndarray, patch: Patch) -> None:
    row, column, pixels = patch
    part = canvas[row : row + pixels.shape[0], column : column + pixels.shape[1]]
    rest = 255 - pixels[..., 3:].astype(np.uint16)
    part[:] = pixels[..., :3] + _divide_by_255(part * rest).astype(np.uint8)


def _divide_by_255(x: np.ndarray) -> np.ndarray:
    """x / 255 rounded, for whole numbers up to 65025."""
    x = x + 128
    return (x + (x >> 8)) >> 8


def sketch(picture: np.ndarray) -> np.ndarray:
    """A pencil drawing of a picture, uint8 [H, W, 3] -> the same shape: grey lines and a little shading on light paper.

    Lines are the steepest change of any channel (so two colours of one brightness still have a border), divided by its
    surroundings, as a pencil goes over a faint border as well as over a strong one. Widths follow the resolution.
    """
    radius = max(0.6, min(picture.shape[:2]) / 130)
    colour = picture.astype(np.float32)
    steep = np.zeros(picture.shape[:2], np.float32)
    for channel in range(3):
        dy, dx = np.gradient(_blurred(colour[..., channel], radius))
        steep = np.maximum(steep, np.hypot(dx, dy) * radius)
    line = steep / (steep + 14)
    line = np.clip((line - 0.18) / 0.6, 0, 1) ** 1.2
    grey = colour @ np.array([0.299, 0.587, 0.114], np.float32)
    ground = np.median(
        np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])
    )  # the rim is mostly background
    # the background is left white, what is darker than it gets a light tone
    tone = np.clip((max(ground, 160) - grey) / 255, 0, 1) * np.clip(np.abs(grey - ground) / 40, 0, 1) * 0.22
    paper = 247 * (1 - 0.68 * line) * (1 - tone)
    return np.rint(np.clip(np.repeat(paper[..., None], 3, -1), 0, 255)).astype(np.uint8)


def _blurred(channel: np.ndarray, radius: float) -> np.ndarray:
    image = Image.fromarray(np.rint(np.clip(channel, 0, 255)).astype(np.uint8))
    return np.asarray(image.filter(ImageFilter.GaussianBlur(radius)), dtype=np.float32)
