"""Small films and sounds whose every frame and beep is known."""

from __future__ import annotations

from fractions import Fraction

import av
import numpy as np
import pytest
import soundfile

RATE = 48_000


def picture(number, wide=64, high=48):
    """A frame that says its number: 8 bits as black and white columns below a grey that rises."""
    out = np.full((high, wide, 3), 40, np.uint8)
    for bit in range(8):
        out[:, bit * wide // 8 : (bit + 1) * wide // 8] = 230 if number >> bit & 1 else 20
    return out


def number_of(pixels):
    """What `picture` says, after any encoder and at any size."""
    grey = pixels[..., :3].astype(float).mean((0, 2))
    wide = len(grey)
    bits = [grey[(2 * bit + 1) * wide // 16] > 125 for bit in range(8)]
    return sum(1 << bit for bit, on in enumerate(bits) if on)


def write_film(
    path, frames=50, rate=Fraction(25), beeps=(), codec="libx264", gop=12, wide=64, high=48,
    options=None, container=None, times=None, format=None,
):  # fmt: skip
    """A film of numbered frames with B-frames, and a beep of 20 ms at some frames. times: of the frames in ms, for an uneven rate."""
    with av.open(str(path), "w", format, options=container or {}) as film:
        seen = film.add_stream(codec, rate=rate)
        seen.width, seen.height, seen.pix_fmt = wide, high, "yuv420p"
        seen.options = {"g": str(gop), "bf": "2", "crf": "12"} if codec == "libx264" else {}
        seen.options |= options or {}
        if times:
            seen.time_base = seen.codec_context.time_base = Fraction(1, 1000)
        heard = film.add_stream("aac", rate=RATE) if beeps else None
        if heard is not None:
            heard.layout = "mono"
        for number in range(frames):
            frame = av.VideoFrame.from_ndarray(picture(number, wide, high), format="rgb24")
            if times:
                frame.pts, frame.time_base = times[number], Fraction(1, 1000)
            film.mux(seen.encode(frame))
        film.mux(seen.encode())
        if heard is not None:
            sound = beeping(frames / float(rate), [frame / float(rate) for frame in beeps])
            made = av.AudioFrame.from_ndarray(sound[None, :, 0].copy(), format="fltp", layout="mono")
            made.sample_rate, made.pts = RATE, 0
            film.mux(heard.encode(made))
            film.mux(heard.encode())
    return path


def beeping(seconds, at):
    """[n, 1] in [-1, 1]: a beep of 20 ms at each time."""
    out = np.zeros((round(seconds * RATE), 1), np.float32)
    for start in at:
        first = round(start * RATE)
        piece = out[first : first + RATE // 50]
        piece[:, 0] = 0.8 * np.sin(2 * np.pi * 1000 * np.arange(len(piece)) / RATE)
    return out


def onset(sound):
    """Seconds at which it is first loud."""
    return int((np.abs(sound).max(1) > 0.3).argmax()) / RATE


@pytest.fixture(scope="session")
def known(tmp_path_factory):
    """Functions of this file, and a folder with "film.mp4" (50 frames at 25, beep at frame 30) and "beep.wav" (2 s, beep at 0.5 s)."""
    folder = tmp_path_factory.mktemp("known")
    write_film(folder / "film.mp4", beeps=(30,))
    soundfile.write(folder / "beep.wav", beeping(2.0, [0.5]), RATE)

    class Known:
        pass

    known = Known()
    known.folder, known.picture, known.number_of = folder, picture, number_of
    known.write_film, known.beeping, known.onset = write_film, beeping, onset
    return known
