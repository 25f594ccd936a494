"""What a timeline looks and sounds like at a time: pure functions over a reader of files.

    frame_at(timeline, 48, reader)              [height, width, 3] uint8
    mix(timeline, 0, 48000, reader)             [48000, 2] float32

The film is black where nothing lies. Pictures are scaled until they just fit, a track lies over those before it, and what a file has of
transparency shows what is below. A crossfade goes from what the item before would go on with, in its file, to the item; without an item
before it, out of nothing. Light is blended as it is stored, as every editor does by default; sounds by equal power, because two
different sounds that each have half the amplitude are too quiet together.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from studio.core.timeline import Item, Media, Timeline, Track

Floats = NDArray[np.float32]
Pixels = NDArray[np.uint8]
RATE = 48_000
"""Samples per second of a mix."""


class Reader(Protocol):
    """Files at a time; `studio.media.film` has one."""

    def picture(self, media: Media, seconds: float, width: int, height: int) -> Pixels | None:
        """The frame that is seen at a time, scaled: [height, width, 3 or 4]; None where the file cannot be read."""
        ...

    def sound(self, media: Media, first: int, count: int, speed: float = 1.0) -> Floats:
        """Samples of `RATE` from the beginning of the film on: [count, 2], zeros beyond its ends. speed: of the sound that these are
        samples of, as it is heard with its pitch kept; 2 = in half the time."""
        ...


def fitted(media: Media, width: int, height: int) -> tuple[int, int, int, int]:
    """The largest place for a file within a frame: x, y, width, height. One that would miss an edge by rounding alone fills it."""
    scale = min(width / max(media.width, 1), height / max(media.height, 1))
    wide, high = max(1, round(media.width * scale)), max(1, round(media.height * scale))
    if width - wide <= 1 and height - high <= 1:
        wide, high = width, height
    return (width - wide) // 2, (height - high) // 2, wide, high


def frame_at(timeline: Timeline, frame: int, reader: Reader, size: tuple[int, int] | None = None) -> Pixels:
    """What is seen at a frame: [height, width, 3].

    Args:
        size: width, height of the result; None = the film's.
    """
    width, height = size or (timeline.width, timeline.height)
    canvas: Pixels | None = None
    mine = True
    for track in timeline.tracks:
        if track.kind == "sound" or not track.on:
            continue
        item = track.at(frame)
        if item is None:
            continue
        parts = _shown(timeline, track, item, frame)
        if canvas is None and len(parts) == 1 and parts[0][1] >= 1:
            whole = _picture(timeline, parts[0][0], frame, reader, width, height)
            if whole is not None and whole[0].shape == (height, width, 3):
                canvas, mine = whole[0], False  # the usual case: one picture that fills the frame
                continue
            if whole is not None and whole[0].shape[-1] == 3:  # the next: one with bars beside it
                pixels, x, y = whole
                canvas, mine = np.zeros((height, width, 3), np.uint8), True
                canvas[y : y + pixels.shape[0], x : x + pixels.shape[1]] = pixels
                continue
        if canvas is None:
            canvas = np.zeros((height, width, 3), np.uint8)
        elif not mine:
            canvas, mine = canvas.copy(), True
        layer = _layer(timeline, parts, frame, reader, width, height, fills=track.kind == "video")
        _over(canvas, layer)
    return np.zeros((height, width, 3), np.uint8) if canvas is None else canvas


def _shown(timeline: Timeline, track: Track, item: Item, frame: int) -> list[tuple[Item, float]]:
    """The items of a track that are seen at a frame, each with its share; two in a crossfade."""
    inside = frame - item.start
    if inside >= item.fade:
        return [(item, 1.0)]
    share = (inside + 1) / (item.fade + 1)
    other = track.before(item)
    return [(item, share)] if other is None else [(other, 1 - share), (item, share)]


def _picture(
    timeline: Timeline, item: Item, frame: int, reader: Reader, width: int, height: int
) -> tuple[Pixels, int, int] | None:
    """An item's pixels and where they lie."""
    x, y, wide, high = fitted(item.media, width, height)
    seconds = item.seconds_at(frame + 0.5, timeline.rate)
    pixels = reader.picture(item.media, seconds, wide, high)
    if pixels is None:
        return None
    if item.opacity < 1:
        alpha = pixels[..., 3:] if pixels.shape[-1] == 4 else np.full((high, wide, 1), 255, np.uint8)
        faint = np.rint(alpha * np.float32(item.opacity)).astype(np.uint8)
        pixels = np.concatenate([pixels[..., :3], faint], -1)
    return pixels, x, y


def _layer(
    timeline: Timeline,
    parts: list[tuple[Item, float]],
    frame: int,
    reader: Reader,
    width: int,
    height: int,
    fills: bool,
) -> Floats:
    """[height, width, 4] of one track, colours times alpha, 0 .. 255. Shares add up before the track is laid over others, so that a
    crossfade of two full pictures is full throughout."""
    out = np.zeros((height, width, 4), np.float32)
    total = sum(share for _, share in parts)
    if fills:
        out[..., 3] = 255 * total  # a film is never transparent where it has bars
    for item, share in parts:
        found = _picture(timeline, item, frame, reader, width, height)
        if found is None:
            continue
        pixels, x, y = found
        place = out[y : y + pixels.shape[0], x : x + pixels.shape[1]]
        if pixels.shape[-1] == 4:
            alpha = pixels[..., 3:].astype(np.float32)
            place[..., :3] += pixels[..., :3] * (alpha * np.float32(share / 255))
            if not fills:
                place[..., 3:] += alpha * np.float32(share)
        else:
            place[..., :3] += pixels * np.float32(share)
            if not fills:
                place[..., 3] += np.float32(255 * share)
    return out


def _over(canvas: Pixels, layer: Floats) -> None:
    """Lays a track over what is below it, in place."""
    clear = 1 - layer[..., 3:] * np.float32(1 / 255)
    canvas[...] = np.clip(np.rint(layer[..., :3] + canvas * clear), 0, 255).astype(np.uint8)


# --- sound ------------------------------------------------------------------------------------------------------------


def sample_at(timeline: Timeline, frame: float) -> int:
    """The sample with which a frame begins."""
    return round(frame * RATE / timeline.rate)


def mix(timeline: Timeline, first: int, count: int, reader: Reader) -> Floats:
    """What is heard from a sample of the timeline on: [count, 2] in [-1, 1]."""
    out = np.zeros((count, 2), np.float32)
    for track in timeline.tracks:
        if not track.on:
            continue
        for item in track.items:
            if item.media.heard and item.volume:
                _add(out, timeline, track, item, first, reader)
    return np.clip(out, -1, 1, out=out)


def _add(out: Floats, timeline: Timeline, track: Track, item: Item, first: int, reader: Reader) -> None:
    """An item's sound; it goes on beneath the one that is blended over its end."""
    begin, end = sample_at(timeline, item.start), sample_at(timeline, item.end)
    after = next((other for other in track.items if other.start == item.end and other.fade), None)
    tail = sample_at(timeline, item.end + after.fade) if after else end
    a, b = max(begin, first), min(tail, first + len(out))
    if a >= b:
        return
    gain = np.full(b - a, item.volume, np.float32)
    if item.fade:
        gain *= _rising(a, b, begin, sample_at(timeline, item.start + item.fade))
    if after:
        gain *= np.sqrt(np.maximum(1 - np.square(_rising(a, b, end, tail)), 0))
    out[a - first : b - first] += _samples(item, a - begin, b - a, reader) * gain[:, None]


def _rising(a: int, b: int, begin: int, end: int) -> Floats:
    """0 before `begin`, 1 after `end`, in between a sine: its square and that of its counterpart add up to one."""
    share = np.clip((np.arange(a, b, dtype=np.float32) + 0.5 - begin) / max(end - begin, 1), 0, 1)
    return np.sin(share * np.float32(np.pi / 2))


def _samples(item: Item, first: int, count: int, reader: Reader) -> Floats:
    """[count, 2] of an item from its own sample `first` on."""
    return reader.sound(item.media, round(item.begin * RATE / item.speed) + first, count, item.speed)
