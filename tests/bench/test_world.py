"""The pocket world tells the truth: seeds, splits, masks, edits and motions are what they claim to be."""

import hashlib
import os
import pickle
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from studio.bench.world import (
    BACKGROUNDS,
    COLOURS,
    KINDS,
    NOUNS,
    PLACES,
    SIZES,
    STYLES,
    VERBS,
    Scene,
    Thing,
    World,
    caption_of,
    held_out,
    is_held_out,
)
from studio.bench.world.motion import scene_at
from studio.bench.world.scene import pair_held_out
from studio.bench.world.sprites import Sprites
from studio.core.paths import resources

ROOT = Path(__file__).resolve().parents[2]
SIZES_DRAWN = [64, (96, 64), 256]

FINGERPRINT = """
import hashlib, sys
from studio.bench.world import World
world = World("all")
sum = hashlib.sha256()
for seed in range(25):
    scene, pair, clip = world.scene(seed), world.edit(seed), world.motion(seed)
    sum.update(repr((scene, pair, clip)).encode())
    sum.update(world.render(scene).tobytes())
    sum.update(world.render(pair.after, (48, 64)).tobytes())
print(sum.hexdigest(), "PySide6" in sys.modules)
"""


@pytest.fixture(scope="module")
def world() -> World:
    return World("all")


def run(code: str, *arguments: str, **environment: str) -> list[str]:
    """What a process of its own prints, in words."""
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, **environment},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def hw(size: int | tuple[int, int]) -> tuple[int, int]:
    return (size, size) if isinstance(size, int) else size


# the drawings


def test_every_noun_has_at_least_two_styles(world: World) -> None:
    assert len(NOUNS) == len(set(NOUNS)) == 106
    for noun in NOUNS:
        assert sum((noun, style) in world.sprites.names for style in STYLES) >= 2, noun


def test_every_drawing_shows_something(world: World) -> None:
    for noun, style in world.sprites.names:
        alpha = world.sprites.raster(noun, style)[..., 3]
        assert (alpha > 128).mean() > 0.05, (noun, style)


def test_the_drawings_are_attributed() -> None:
    text = (resources() / "world" / "ATTRIBUTION.md").read_text(encoding="utf-8")
    for needed in ("Apache-2.0", "MIT", "CC-BY-4.0", "Google", "Microsoft", "Twitter", *STYLES):
        assert needed in text


def test_colours_that_cannot_be_told_apart_are_left_out(world: World) -> None:
    for style in STYLES:
        assert "red" not in world.colours_of("heart", style)
        assert "yellow" not in world.colours_of("star", style)
        assert "green" not in world.colours_of("cactus", style)
        assert "blue" in world.colours_of("heart", style)
        assert len(world.colours_of("cat", style)) >= 4
    assert all(set(world.colours_of(noun, style)) <= set(COLOURS) for noun, style in world.sprites.names)


# scenes


def test_a_seed_means_the_same_in_every_process_with_and_without_qt(tmp_path: Path) -> None:
    file = tmp_path / "rasters.npz"
    Sprites().save(file)
    first, drawn_with_qt = run(FINGERPRINT, PYTHONHASHSEED="1", STUDIO_WORLD_CACHE="")
    second, _ = run(FINGERPRINT, PYTHONHASHSEED="2", STUDIO_WORLD_CACHE="")
    blocked = "import sys; sys.modules['PySide6'] = None\n" + FINGERPRINT
    third, _ = run(blocked, STUDIO_WORLD_CACHE=str(file))
    assert first == second == third
    assert drawn_with_qt == "True"


def test_without_qt_a_large_picture_is_drawn_from_the_cache(tmp_path: Path) -> None:
    file = tmp_path / "rasters.npz"
    np.savez(file, noto_cat=Sprites().raster("cat", "noto"))
    code = f"""
import sys; sys.modules['PySide6'] = None
from studio.bench.world import World
world = World(["cat"], ["noto"], cache={str(file)!r})
print(world.render(world.scene(0, "any", 1), 640).std())
"""
    assert float(run(code)[0]) > 5


def test_order_of_drawing_does_not_matter(world: World) -> None:
    scenes = [world.scene(seed) for seed in range(30)]
    forwards = [world.render(scene, 72) for scene in scenes]
    fresh = World("all")
    fresh.sprites = Sprites()
    backwards = [fresh.render(scene, 72) for scene in reversed(scenes)]
    assert all(np.array_equal(a, b) for a, b in zip(forwards, reversed(backwards), strict=True))


def test_scenes_are_plain_data(world: World) -> None:
    scene = world.scene(3)
    assert pickle.loads(pickle.dumps(scene)) == scene
    assert hash(scene) == hash(world.scene(3))
    assert scene != world.scene(4)


def test_splits_are_disjoint(world: World) -> None:
    assert not any(is_held_out(world.scene(seed, "train")) for seed in range(400))
    assert all(is_held_out(world.scene(seed, "held_out")) for seed in range(400))
    assert 0.1 < np.mean([is_held_out(world.scene(seed, "any", 1)) for seed in range(2000)]) < 0.15


def test_held_out_never_changes() -> None:
    everything = [held_out(n, c, p) for n in NOUNS for c in (None, *COLOURS) for p in PLACES]
    pairs = [pair_held_out(a, b) for a in NOUNS for b in NOUNS]
    assert 0.115 < np.mean(everything) < 0.135
    assert 0.105 < np.mean(pairs) < 0.145
    assert all(pair_held_out(a, b) == pair_held_out(b, a) for a in NOUNS[:20] for b in NOUNS[:20])
    # models are trained on what this says: another answer would make their scores worthless
    told = hashlib.sha256(bytes(everything) + bytes(pairs)).hexdigest()
    assert told == "3d9ff2bc9e8dac0b539838e52b3e98c7f9dac173a439ac4b49c28234c0295eac"


def test_the_mixture_is_as_described() -> None:
    world = World(36)
    scenes = [world.scene(seed, "any") for seed in range(3000)]
    assert {t.noun for s in scenes for t in s.things} == set(NOUNS[:36])
    assert {s.background for s in scenes} == set(BACKGROUNDS)
    assert {s.style for s in scenes} == set(STYLES)
    sides = {(place, "half") for place in PLACES if place != "centre"}
    assert {(t.place, t.size) for s in scenes for t in s.things} == sides | {
        ("centre", "large"),
        ("centre", "small"),
    }
    assert {t.size for s in scenes for t in s.things} == set(SIZES)
    assert 0.57 < np.mean([len(s.things) == 1 for s in scenes]) < 0.63
    assert 0.75 < np.mean(["background" in s.caption for s in scenes]) < 0.85
    assert 0.55 < np.mean(["style" in s.caption for s in scenes]) < 0.65
    assert all(t.colour != s.background for s in scenes for t in s.things)


def test_captions_are_good_english(world: World) -> None:
    texts = [world.scene(seed).caption for seed in range(1500)]
    texts += [world.motion(seed).caption for seed in range(300)]
    for seed in range(600):
        pair = world.edit(seed)
        texts += [pair.instruction, pair.before.caption, pair.after.caption]
    for text in texts:
        assert not re.search(r"\ba [aeiou]", text), text
        assert not re.search(r"\ban [^aeiou]", text), text
        assert not re.search(r"\ban? (\w+ )?(grapes|cherries|corn|cheese|fire)(?! truck)", text), text
        assert not re.search(r"  |\{|None|^\W|\bthe the\b", text), text


def test_a_caption_says_what_is_asked() -> None:
    apple = Thing("apple", None, "left", "half", 0.27, 0.5, 0.5)
    car = Thing("car", "blue", "right", "half", 0.73, 0.5, 0.5)
    scene = Scene((apple, car), "orange", "flat", (240, 150, 60), False, None, "", 0)
    places = "an apple on the left and a blue car on the right"
    assert caption_of(scene) == f"{places} on an orange background, flat style"
    assert caption_of(scene, False, False, False) == "an apple and a blue car"
    assert caption_of(replace(scene, things=()), True, False) == "an empty orange background"


def test_unknown_words_are_refused(world: World) -> None:
    with pytest.raises(ValueError, match="unicorn"):
        World(["unicorn"])
    with pytest.raises(ValueError, match="split"):
        world.scene(0, "training")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="motion"):
        world.motion(0, verb="dancing")
    with pytest.raises(ValueError, match="edit"):
        world.edit(0, "weather")


# pixels


@pytest.mark.parametrize("size", SIZES_DRAWN)
def test_pictures_have_the_size_asked_for(world: World, size: int | tuple[int, int]) -> None:
    scene = world.scene(5, "any", 2)
    picture, masks = world.render(scene, size), world.masks(scene, size)
    assert (picture.shape, picture.dtype) == ((*hw(size), 3), np.uint8)
    assert (masks.shape, masks.dtype) == ((2, *hw(size)), np.uint8)


def test_every_size_shows_the_same_scene(world: World) -> None:
    for seed in range(12):
        scene = world.scene(seed)
        small = world.render(scene, 64).astype(float)
        for size in (128, 256, 640):
            k = size // 64
            large = world.render(scene, size).astype(float).reshape(64, k, 64, k, 3).mean((1, 3))
            assert np.abs(large - small).mean() < 2.5


def test_positions_are_finer_than_pixels(world: World) -> None:
    scene = world.scene(2, "any", 1)
    thing = replace(scene.things[0], cx=0.5, cy=0.5, extent=0.5)
    columns = np.arange(64)

    def middle(thing: Thing) -> float:
        share = world.masks(replace(scene, things=(thing,)), 64)[0].sum(0).astype(float)
        return float((share * columns).sum() / share.sum())

    start = middle(thing)
    for shift in (0.1, 0.25, 0.5, 0.9):
        assert middle(replace(thing, cx=0.5 + shift / 64)) - start == pytest.approx(shift, abs=0.03)


@pytest.mark.parametrize("size", SIZES_DRAWN)
def test_masks_are_where_the_thing_makes_a_difference(world: World, size: int | tuple[int, int]) -> None:
    for seed in range(40):
        scene = world.scene(seed, "any")
        picture, masks = world.render(scene, size).astype(int), world.masks(scene, size)
        assert masks.astype(int).sum(0).max() <= 255
        for i, mask in enumerate(masks):
            without = replace(scene, things=scene.things[:i] + scene.things[i + 1 :])
            difference = np.abs(picture - world.render(without, size)).max(-1)
            assert (difference <= mask.astype(int) + 2).all()
            assert (difference[mask > 128] > 12).mean() > 0.5


def test_a_full_turn_changes_little_and_a_flip_is_a_mirror(world: World) -> None:
    scene = world.scene(7, "any", 1)
    thing = replace(scene.things[0], cx=0.5, cy=0.5)
    scene = replace(scene, things=(thing,), shade=False)
    picture = world.render(scene, 128).astype(float)

    def drawn(**change: float) -> np.ndarray:
        return world.render(replace(scene, things=(replace(thing, **change),)), 128).astype(float)  # type: ignore[arg-type]

    assert np.abs(drawn(angle=360.0) - picture).mean() < 2
    assert np.abs(np.rot90(drawn(angle=-90.0)) - picture).mean() < 2
    assert np.abs(drawn(flip=True)[:, ::-1] - picture).mean() < 0.5
    assert np.array_equal(drawn(alpha=0.0), world.render(replace(scene, things=()), 128))


def test_things_may_lie_partly_or_wholly_outside(world: World) -> None:
    scene = world.scene(7, "any", 1)
    for cx, cy, extent, angle in ((0, 0, 0.5, 0), (1, 1, 2.5, 30), (-3, 0.5, 0.5, 0), (0.5, 0.5, 0.004, 0)):
        thing = replace(scene.things[0], cx=cx, cy=cy, extent=extent, angle=angle)
        for size in (8, 64, (40, 200)):
            assert world.render(replace(scene, things=(thing,)), size).shape == (*hw(size), 3)


# edits


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", [64, (96, 64)])
def test_outside_of_an_edit_nothing_changes(world: World, kind: str, size: int | tuple[int, int]) -> None:
    for seed in range(15):
        pair = world.edit(seed, kind)
        before, after = world.render(pair.before, size), world.render(pair.after, size)
        touched = world.changed(pair, size)
        assert pair.kind == kind
        assert np.array_equal(before[~touched], after[~touched])
        differs = np.abs(before.astype(int) - after).max(-1) > 4
        assert differs.any()
        assert differs[touched].mean() > 0.2


CHANGES = {
    "colour": {"things"},
    "object": {"things"},
    "place": {"things"},
    "background": {"background", "rgb"},
    "style": {"style"},
    "remove": {"things"},
    "add": {"things"},
    "effect": {"effect"},
}


@pytest.mark.parametrize("kind", KINDS)
def test_edits_keep_what_they_do_not_speak_of(world: World, kind: str) -> None:
    may_differ = {"colour": {"colour"}, "object": {"noun", "colour"}, "place": {"place", "size", "cx", "cy"}}
    for seed in range(40):
        pair = world.edit(seed, kind)
        assert differing(pair.before, pair.after) - {"caption"} == CHANGES[kind]
        before, after = pair.before.things, pair.after.things
        if kind in ("colour", "object"):
            pairs = [(x, y) for x, y in zip(before, after, strict=True) if x != y]
            assert len(pairs) == 1
        elif kind == "place":
            by_noun = {t.noun: t for t in after}
            pairs = [(t, by_noun[t.noun]) for t in before]
        else:
            assert set(before) <= set(after) or set(after) <= set(before)
            continue
        assert all(differing(x, y) <= may_differ[kind] for x, y in pairs)


def differing(a: Scene | Thing, b: Scene | Thing) -> set[str]:
    return {name for name in vars(a) if vars(a)[name] != vars(b)[name]}


def test_instructions_name_the_right_thing(world: World) -> None:
    for seed in range(300):
        pair = world.edit(seed)
        gone = [t for t in pair.before.things if t not in pair.after.things]
        text = pair.instruction
        if pair.kind in ("colour", "object", "remove") and len(pair.before.things) == 2:
            assert gone[0].noun in text
        if pair.kind == "add":
            (new,) = set(pair.after.things) - set(pair.before.things)
            assert new.noun in text
            assert not new.colour or new.colour in text
        if pair.kind in ("background", "style"):
            assert getattr(pair.after, pair.kind) in text


def test_edits_keep_to_their_split(world: World) -> None:
    for seed in range(150):
        train, out = world.edit(seed), world.edit(seed, split="held_out")
        assert not is_held_out(train.before)
        assert not is_held_out(train.after)
        assert is_held_out(out.before) or is_held_out(out.after)
    assert {world.edit(seed).kind for seed in range(150)} == set(KINDS)


def test_a_pencil_sketch_is_grey_lines_on_light_paper(world: World) -> None:
    for seed in range(8):
        pair = world.edit(seed, "effect")
        for size in (64, 256):
            picture = world.render(pair.after, size)
            assert (picture == picture[..., :1]).all()
            assert np.median(picture) > 200
            assert (picture < 150).mean() > 0.002
        assert pair.after.caption.startswith("a pencil sketch of")


# motion


@pytest.mark.parametrize("verb", VERBS)
def test_flow_leads_from_one_frame_to_the_next(world: World, verb: str) -> None:
    n, size = 12, 96
    still = moved = 0.0
    for seed in range(8):
        clip = world.motion(seed, verb=verb)
        frames = world.frames(clip, n, size).astype(float)
        assert frames.shape == (n, size, size, 3)
        for i in (0, 5, 10):
            flow = world.flow(clip, i, n, size)
            assert (flow.shape, flow.dtype) == ((size, size, 2), np.float32)
            mask = world.masks(scene_at(clip, i / (n - 1)), size)[0]
            assert not flow[mask == 0].any()
            rows, columns = np.nonzero(mask > 250)
            y, x = rows + flow[rows, columns, 1], columns + flow[rows, columns, 0]
            inside = (y >= 0) & (y <= size - 1) & (x >= 0) & (x <= size - 1)
            rows, columns, y, x = rows[inside], columns[inside], y[inside], x[inside]
            now = frames[i][rows, columns]
            still += np.abs(frames[i + 1][rows, columns] - now).sum()
            moved += np.abs(sampled(frames[i + 1], y, x) - now).sum()
            assert flow.any() != (verb == "fading in")
    if verb != "fading in":
        assert moved < 0.5 * still


def sampled(picture: np.ndarray, y: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Bilinear samples of picture [H, W, 3] at pixel coordinates inside it."""
    top, left = (
        np.minimum(y.astype(int), picture.shape[0] - 2),
        np.minimum(x.astype(int), picture.shape[1] - 2),
    )
    v, u = (y - top)[:, None], (x - left)[:, None]
    upper = picture[top, left] * (1 - u) + picture[top, left + 1] * u
    lower = picture[top + 1, left] * (1 - u) + picture[top + 1, left + 1] * u
    return upper * (1 - v) + lower * v


@pytest.mark.parametrize(
    ("verb", "name", "least", "most"),
    [
        ("right", "cx", 0.2, 0.6),
        ("left", "cx", -0.6, -0.2),
        ("rising", "cy", -0.6, -0.2),
        ("falling", "cy", 0.2, 0.6),
        ("growing", "extent", 0.1, 0.9),
        ("shrinking", "extent", -0.9, -0.1),
        ("fading in", "alpha", 1, 1),
        ("bouncing", "cy", -1e-9, 1e-9),
    ],
)
def test_motions_go_where_they_say(world: World, verb: str, name: str, least: float, most: float) -> None:
    for seed in range(10):
        clip = world.motion(seed, verb=verb)
        first, last = (scene_at(clip, t).things[0] for t in (0.0, 1.0))
        assert least <= getattr(last, name) - getattr(first, name) <= most


def test_a_clip_can_be_divided_finer(world: World) -> None:
    clip = world.motion(4, verb="right")
    assert np.array_equal(world.frames(clip, 5, 48), world.frames(clip, 9, 48)[::2])
    with pytest.raises(ValueError, match="frame"):
        world.flow(clip, 4, 5)


# the command


@pytest.mark.parametrize("kind", ["scenes", "edits", "motions", "masks"])
def test_the_command_draws_sheets(tmp_path: Path, kind: str) -> None:
    file = tmp_path / "sheet.png"
    run(
        "from studio.bench.world.__main__ import main; main()",
        "--sheet",
        str(file),
        "--kind",
        kind,
        "--size",
        "48",
    )
    assert file.stat().st_size > 10_000
