"""Contact sheets of the world, for looking at it."""

from collections.abc import Iterable
from textwrap import wrap

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from studio.bench.world.world import World

TINTS = np.array([(255, 60, 60), (60, 120, 255)], np.float32)


def scenes(world: World, seed: int, size: int, split: str) -> Image.Image:
    """48 scenes with their captions."""
    made = [world.scene(seed + i, split) for i in range(48)]  # type: ignore[arg-type]
    return contact([(world.render(s, size), s.caption) for s in made], 8)


def edits(world: World, seed: int, size: int, split: str) -> Image.Image:
    """Before, after and what changed (the rest greyed), 48 times."""
    cells = []
    for i in range(48):
        pair = world.edit(seed + i, None, split)  # type: ignore[arg-type]
        before, after = world.render(pair.before, size), world.render(pair.after, size)
        touched = np.where(world.changed(pair, size)[..., None], after, after // 4 + 96)
        cells.append((np.concatenate([before, after, touched.astype(np.uint8)], 1), pair.instruction))
    return contact(cells, 4)


def motions(world: World, seed: int, size: int, split: str) -> Image.Image:
    """Six frames of 24 clips."""
    cells = []
    for i in range(24):
        clip = world.motion(seed + i, split)  # type: ignore[arg-type]
        cells.append((np.concatenate(list(world.frames(clip, 6, size)), 1), clip.caption))
    return contact(cells, 2)


def masks(world: World, seed: int, size: int, split: str) -> Image.Image:
    """48 scenes, the first thing's mask in red and the second's in blue."""
    cells = []
    for i in range(48):
        scene = world.scene(seed + i, split)  # type: ignore[arg-type]
        share = world.masks(scene, size).astype(np.float32)[..., None] / 255  # [n, H, W, 1]
        picture = world.render(scene, size) * 0.45
        for m, tint in zip(share, TINTS, strict=False):
            picture += m * tint * 0.55
        cells.append((np.rint(picture).astype(np.uint8), scene.caption))
    return contact(cells, 8)


KINDS = {"scenes": scenes, "edits": edits, "motions": motions, "masks": masks}


def contact(cells: Iterable[tuple[np.ndarray, str]], columns: int) -> Image.Image:
    """Pictures (all of one size, uint8 [H, W, 3]) in a grid, each with its text below."""
    cells = list(cells)
    height, width = cells[0][0].shape[:2]
    font = ImageFont.load_default(11)
    lines = max(1, round(330 / width))
    step = (width + 6, height + 6 + 13 * lines)
    rows = -(-len(cells) // columns)
    sheet = Image.new("RGB", (columns * step[0], rows * step[1]), (235, 235, 238))
    pen = ImageDraw.Draw(sheet)
    for i, (picture, text) in enumerate(cells):
        x, y = (i % columns) * step[0] + 3, (i // columns) * step[1] + 3
        sheet.paste(Image.fromarray(picture), (x, y))
        shown = wrap(text, max(8, width // 6))[:lines]
        pen.multiline_text((x, y + height), "\n".join(shown), fill=(20, 20, 20), font=font, spacing=1)
    return sheet
