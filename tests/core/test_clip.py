"""Clips know what they are and refuse what they are not."""

import numpy as np
import pytest

from studio.core.clip import Clip


@pytest.mark.parametrize(
    ("clip", "kind"),
    [
        (Clip.picture(np.zeros((4, 6, 3), np.uint8)), "picture"),
        (Clip.picture(np.zeros((4, 6, 4), np.uint8)), "picture"),
        (Clip.mask(np.zeros((4, 6), np.uint8)), "mask"),
        (Clip.video(np.zeros((2, 4, 6, 3), np.uint8), 24), "video"),
    ],
)
def test_kinds_have_width_and_height(clip: Clip, kind: str) -> None:
    assert (clip.kind, clip.width, clip.height) == (kind, 6, 4)


def test_a_clip_with_time_has_seconds() -> None:
    assert Clip.sound(np.zeros((24_000, 2), np.float32), 48_000).seconds == 0.5
    assert Clip.video(np.zeros((12, 4, 6, 3), np.uint8), 24).seconds == 0.5
    assert Clip.mask(np.zeros((4, 6), np.uint8)).seconds == 0


@pytest.mark.parametrize(
    ("array", "axes", "rate"),
    [
        (np.zeros((4, 6, 2), np.uint8), ("y", "x", "c"), None),  # two channels
        (np.zeros((4, 6, 3), np.float32), ("y", "x", "c"), None),  # floats
        (np.zeros((0, 6), np.uint8), ("y", "x"), None),  # empty
        (np.zeros((4, 6), np.uint8), ("x", "y"), None),  # no such axes
        (np.zeros((4, 6), np.uint8), ("y", "x", "c"), None),  # wrong number of axes
        (np.zeros((4, 6), np.uint8), ("y", "x"), 24.0),  # a rate without time
        (np.zeros((4, 2), np.float32), ("t", "c"), None),  # time without a rate
        (np.zeros((4, 2), np.float32), ("t", "c"), 0.0),
    ],
)
def test_what_does_not_fit_is_refused(array: np.ndarray, axes: tuple[str, ...], rate: float | None) -> None:
    with pytest.raises(ValueError):
        Clip(array, axes, rate)


def test_equal_clips_have_equal_digests_and_others_do_not() -> None:
    array = np.arange(72, dtype=np.uint8).reshape(4, 6, 3)
    clip = Clip.picture(array)
    assert clip.digest() == Clip.picture(array.copy()).digest()
    strided = np.zeros((8, 12, 3), np.uint8)[::2, ::2]
    strided[:] = array
    assert clip.digest() == Clip.picture(strided).digest()
    others = [array + 1, array.reshape(6, 4, 3), array[:, :, ::-1]]
    assert len({clip.digest(), *(Clip.picture(other).digest() for other in others)}) == 4
    frames = np.zeros((2, 4, 6, 3), np.uint8)
    assert Clip.video(frames, 24).digest() != Clip.video(frames, 25).digest()
