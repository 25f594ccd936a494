from __future__ import annotations

import json
import os
import struct
import threading
from collections.abc import Iterator

import numpy as np
import pytest

from studio.core.clip import Clip
from studio.core.job import Cancelled, Done, Event, Failed, Preview, Progress, Result, read_spec
from studio.core.wire import INLINE, Arena, Gone, Link, WireError

SPEC = read_spec({"technique": {"name": "text2image", "prompt": "ein Füchslein 🦊"}, "seed": 2**63 - 1})


def picture(side: int, channels: int = 3) -> Clip:
    return Clip.picture(np.random.default_rng(side).integers(0, 256, (side, side, channels), np.uint8))


class Border:
    """Both ends in one process, as window and engine have them."""

    def __init__(self, size: int = 2**20) -> None:
        ours = Arena.create(size)
        kind, _, length = ours.handle.split(":")
        theirs = Arena.open(":".join((kind, str(os.dup(ours.fds[0])), length)) if ours.fds else ours.handle)
        (r1, w1), (r2, w2) = os.pipe(), os.pipe()
        self.arena = theirs
        self.window = Link(os.fdopen(r1, "rb", 0), os.fdopen(w2, "wb", 0), ours)
        self.engine = Link(os.fdopen(r2, "rb", 0), os.fdopen(w1, "wb", 0), theirs)
        self._arenas = ours, theirs

    def cross(self, event: Event) -> Event:
        sender = threading.Thread(target=self.engine.send, args=("event", event), kwargs={"id": "x"})
        sender.start()
        message = self.window.receive()
        sender.join()
        assert message is not None
        assert message["id"] == "x"
        return message["event"]

    def close(self) -> None:
        for end in (self.window, self.engine, *self._arenas):
            end.close()


@pytest.fixture
def border() -> Iterator[Border]:
    border = Border()
    yield border
    border.close()


def same(a: Event, b: Event) -> bool:
    def plain(event: Event) -> dict[str, object]:
        return {k: v.digest() if isinstance(v, Clip) else v for k, v in vars(event).items()}

    return type(a) is type(b) and plain(a) == plain(b)


@pytest.mark.parametrize(
    "event",
    [
        Progress("drawing", 3, 20, 1.5, 7),
        Preview(picture(16), 4, 2),
        Preview(picture(256, 4), 4),
        Result(
            Clip.mask(np.zeros((9, 5), np.uint8)), SPEC, 1, {"drawing": 2.0}, "cpu", 5, ("tiles were used",)
        ),
        Result(Clip.video(np.zeros((7, 64, 64, 3), np.uint8), 12.5), SPEC),
        Result(Clip.sound(np.linspace(-1, 1, 96_000, dtype=np.float32).reshape(-1, 2), 48_000.0), SPEC),
        Failed("No.", "line 1\nline 2", "memory"),
        Cancelled(),
        Done({"drawing": 1.0}),
    ],
    ids=lambda event: type(event).__name__,
)
def test_every_event_crosses_unchanged(border: Border, event: Event) -> None:
    assert same(border.cross(event), event)


def test_places_are_given_back(border: Border) -> None:
    clip = picture(300)  # 270 kB of the arena's 1 MB
    for step in range(50):
        border.cross(Preview(clip, step))
    border.window.send("ping", n=1)
    assert border.engine.receive() == {"is": "ping", "n": 1}
    assert border.arena.taken == 0


def test_a_full_or_too_small_arena_is_no_obstacle(border: Border) -> None:
    big = Preview(picture(1000), 0)
    assert same(border.cross(big), big)
    while border.arena.put(np.zeros(INLINE, np.uint8)) is not None:
        pass
    assert same(border.cross(Preview(picture(200), 1)), Preview(picture(200), 1))


def test_an_array_with_gaps_crosses(border: Border) -> None:
    event = Preview(Clip.picture(picture(600).array[::2, ::2]), 0)
    assert same(border.cross(event), event)


def test_places_do_not_overlap() -> None:
    arena = Arena.create(2**20)
    rng = np.random.default_rng(0)
    held: dict[int, np.ndarray] = {}
    for _ in range(300):
        if held and rng.random() < 0.45:
            at = int(rng.choice(list(held)))
            assert (arena.get(at, held[at].shape, held[at].dtype) == held[at]).all()
            del held[at]
            arena.free(at)
        elif (at := arena.put(data := rng.integers(0, 256, rng.integers(1, 90_000), np.uint8))) is not None:
            held[at] = data
    assert all((arena.get(at, data.shape, data.dtype) == data).all() for at, data in held.items())
    arena.close()


@pytest.mark.parametrize("junk", [b"Traceback (most recent call last)\n", b"DSw1\xff\xff\xff\xff" + bytes(8)])
def test_what_is_no_message_is_refused(border: Border, junk: bytes) -> None:
    border.engine._write(junk)  # pyright: ignore[reportPrivateUsage]
    with pytest.raises(WireError):
        border.window.receive()


@pytest.mark.parametrize(
    "event",
    [
        {"type": "Nonsense"},
        {"type": "Progress", "colour": 3},
        {
            "type": "Preview",
            "step": 1,
            "clip": {"axes": "yxc", "rate": None, "shape": [9, 9, 3], "dtype": "|u1", "at": 2**40},
        },
        {
            "type": "Preview",
            "step": 1,
            "clip": {"axes": "yxc", "rate": None, "shape": [9, 9, 3], "dtype": "|u1", "at": None},
        },
    ],
)
def test_a_broken_event_is_refused(border: Border, event: dict[str, object]) -> None:
    text = json.dumps({"is": "event", "id": "x", "event": event}).encode()
    border.engine._write(struct.pack(">4sIQ", b"DSw1", len(text), 0) + text)  # pyright: ignore[reportPrivateUsage]
    with pytest.raises(WireError):
        border.window.receive()


def test_the_other_side_is_gone(border: Border) -> None:
    border.engine.send("pong", n=1)
    border.engine.close()
    assert border.window.receive() == {"is": "pong", "n": 1}
    assert border.window.receive() is None
    with pytest.raises(Gone):
        border.window.send("ping", n=2)


def test_half_a_message_is_the_end(border: Border) -> None:
    border.engine._write(b"DSw1\x00")  # pyright: ignore[reportPrivateUsage]
    border.engine.close()
    assert border.window.receive() is None
