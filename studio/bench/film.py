"""`studio bench film`: how quick the film is under the hand. Two cores, the Film workspace's own stage in a window of 1600 x 1000.

| number    | what                                                                                                   | at most |
|-----------|--------------------------------------------------------------------------------------------------------|---------|
| jump      | a place anywhere in a 10-minute film of 1920 x 1080: from asking for it to its frame on the screen, median | 100 ms |
| scrub     | the same for a hand that draws the playhead along, a third of a second further each time, median       | 100 ms  |
| first     | of both: until something is seen, be it a frame near it, median                                        | -       |
| hand      | the playhead is drawn through the whole film in 4 s, 60 moves a second: pictures that are seen meanwhile, a second | - |
| back      | one frame back, again and again, median                                                                | 100 ms  |
| dropped   | pictures of 20 s of a 1280 x 720 film with sound at 30 frames a second that were not shown in time      | 0       |
| exported  | seconds of a 1280 x 720 film that a second exports as mp4                                               | -       |

Beside each stands the processor time of all threads, which other work on the machine changes little.

The long film is H.264 with a key frame at most every 250 frames and B-frames, as encoders make them by default: 10 s of moving things under
grain, drawn anew, 60 times one after the other. It takes a minute to make and is kept in the folder for temporary files.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from studio.ui.timeline.page import FilmPage

LIMITS = {"jump ms": 100.0, "scrub ms": 100.0, "back ms": 100.0, "dropped": 0.0}
RATE = 30
TIMES = 60
"""How often the drawn part comes in the long film."""


def main(argv: Sequence[str]) -> int:
    """Prints the table; 1 when a limit was missed."""
    parser = argparse.ArgumentParser("studio bench film", description="How quick the film is under the hand.")
    parser.add_argument("--places", type=int, default=40, help="places that are looked for")
    parser.add_argument("--seconds", type=float, default=20.0, help="of playing")
    parser.add_argument("--json", action="store_true", help="machine-readable")
    args = parser.parse_args(argv)
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:2])
    if "DISPLAY" not in os.environ and "WAYLAND_DISPLAY" not in os.environ:
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    found = measured(args.places, args.seconds)
    found["load"] = round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else 0.0
    if args.json:
        print(json.dumps(found, indent=1))
    else:
        for name, value in found.items():
            limit = LIMITS.get(name)
            verdict = "" if limit is None else f"   limit {limit:g}   {'ok' if value <= limit else 'MISSED'}"
            print(f"{name:28} {value:9.1f}{verdict}")
    return int(any(found[name] > limit for name, limit in LIMITS.items()))


def measured(places: int, seconds: float) -> dict[str, float]:
    """All numbers."""
    from studio.app import App, make_application

    folder = Path(tempfile.gettempdir()) / "studio-bench-film"
    folder.mkdir(exist_ok=True)
    long = _film(folder / "long.mp4", 1920, 1080, TIMES)
    short = _film(folder / "short.mp4", 1280, 720, 3, heard=True)
    qt = make_application(["studio"])
    with tempfile.TemporaryDirectory(prefix="studio-bench-") as home:
        app = App(Path(home), start_engine=False)
        app.window.resize(1600, 1000)
        app.window.show()
        app.session.set_workspace("film")
        page: FilmPage = app.window._page()  # pyright: ignore[reportPrivateUsage]
        try:
            _open(page, qt.processEvents, long)
            found = _places(page, qt.processEvents, places)
            app.session.new_document()
            _open(page, qt.processEvents, short)
            found |= _playing(page, qt.processEvents, seconds)
            found |= _exported(short)
        finally:
            app.window.close_now()
            app.close()
    return found


def _open(page: FilmPage, events: Callable[[], Any], path: Path) -> None:
    """A film on the timeline, and what is drawn of it on the screen."""
    page.add_files([path])
    _until(events, lambda: page.film.timeline.length > 0, 60)
    _until(events, lambda: page.shelf.wait(0.01), 60)
    _shown(page, events, 5)
    _until(events, lambda: page.shelf.wait(0.01), 60)


def _until(events: Callable[[], Any], good: Callable[[], bool], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not good():
        if time.monotonic() > end:
            raise RuntimeError("The film did not come in time.")
        events()
        time.sleep(0.001)


def _shown(page: FilmPage, events: Callable[[], Any], frame: int) -> tuple[float, float, float]:
    """Milliseconds from asking for a frame until it has been painted, on the clock and of the processor, and until anything was."""
    seen: list[float] = []
    screen = page.stage.screen_

    def painted(_: object) -> None:
        screen.repaint()
        seen.append(time.perf_counter())

    page.player.shown.connect(painted)
    began, busy = time.perf_counter(), time.process_time()
    page.film.seek(frame)
    _until(events, lambda: bool(seen) and not page.player.playback.waiting, 30)
    busy = time.process_time() - busy
    page.player.shown.disconnect(painted)
    return (seen[-1] - began) * 1000, busy * 1000, (seen[0] - began) * 1000


def _drawn(page: FilmPage, events: Callable[[], Any], seconds: float = 4.0) -> float:
    """Pictures a second while the playhead is drawn from the first frame to the last."""
    seen: list[float] = []
    note = lambda _: seen.append(time.perf_counter())  # noqa: E731
    page.player.shown.connect(note)
    began, length = time.perf_counter(), page.film.timeline.length
    while (passed := time.perf_counter() - began) < seconds:
        page.film.seek(round(passed / seconds * (length - 1)))
        till = time.perf_counter() + 1 / 60
        while time.perf_counter() < till:
            events()
            time.sleep(0.001)
    page.player.shown.disconnect(note)
    _until(events, lambda: not page.player.playback.waiting, 30)
    return len(seen) / seconds


def _places(page: FilmPage, events: Callable[[], Any], places: int) -> dict[str, float]:
    rng = random.Random(0)
    length = page.film.timeline.length
    jumps = [_shown(page, events, rng.randrange(length)) for _ in range(places)]
    at = length // 3
    scrubs = [_shown(page, events, at + 10 * k) for k in range(places)]
    backs = [_shown(page, events, at - k) for k in range(places)]
    out: dict[str, float] = {}
    for name, values in (("jump", jumps), ("scrub", scrubs), ("back", backs)):
        clock, busy, first = zip(*values, strict=True)
        out[f"{name} ms"] = round(statistics.median(clock), 1)
        out[f"{name} ms, 95th percentile"] = round(sorted(clock)[int(0.95 * (len(clock) - 1))], 1)
        out[f"{name} ms of the processor"] = round(statistics.median(busy), 1)
        if name != "back":
            out[f"{name} ms, first"] = round(statistics.median(first), 1)
    out["hand, pictures a second"] = round(_drawn(page, events), 1)
    return out


def _playing(page: FilmPage, events: Callable[[], Any], seconds: float) -> dict[str, float]:
    page.film.seek(0)
    began, busy = time.monotonic(), time.process_time()
    page.player.play()
    _until(events, lambda: not page.player.playing or page.player.at >= seconds * RATE, seconds + 30)
    busy, took = time.process_time() - busy, time.monotonic() - began
    dropped, reached = page.player.dropped, page.player.at
    page.player.stop()
    return {
        "dropped": float(dropped),
        "of pictures": float(reached + 1),
        "processor ms a picture": round(1000 * busy / max(reached + 1 - dropped, 1), 1),
        "seconds it took": round(took, 1),
    }


def _exported(path: Path) -> dict[str, float]:
    from studio.media.render import Render, film_of, render

    timeline, _ = film_of([path])
    with tempfile.TemporaryDirectory(prefix="studio-bench-") as place:
        began = time.monotonic()
        render(timeline, Render(Path(place) / "out.mp4", span=(0, 150)))
        return {"exported s per s": round(5 / (time.monotonic() - began), 2)}


# --- the films ----------------------------------------------------------------------------------------------------------


def _film(path: Path, wide: int, high: int, times: int, heard: bool = False) -> Path:
    """10 s, encoded once and put into the file several times."""
    import av

    if path.exists():
        return path
    beside = path.with_suffix(".part.mp4")
    with av.open(str(beside), "w") as film:
        stream: Any = film.add_stream("libx264", rate=Fraction(RATE))
        stream.width, stream.height, stream.pix_fmt = wide, high, "yuv420p"
        stream.options = {"preset": "veryfast", "crf": "23"}
        sound: Any = film.add_stream("aac", rate=48_000) if heard else None
        if sound is not None:
            sound.layout = "stereo"
        packets = [p for frame in _frames(wide, high, 10 * RATE) for p in stream.encode(_coded(frame))]
        packets += list(stream.encode())
        step = round(10 / float(stream.time_base or Fraction(1, RATE)))
        begin = min(packet.dts for packet in packets)
        data = [(bytes(p), p.pts, p.dts, p.is_keyframe) for p in packets]
        for turn in range(times):
            for payload, pts, dts, key in data:
                packet = av.Packet(payload)
                packet.stream, packet.time_base, packet.is_keyframe = stream, packets[0].time_base, key
                packet.pts, packet.dts = pts - begin + turn * step, dts - begin + turn * step
                film.mux_one(packet)
        if sound is not None:
            t = np.arange(48_000 * 10 * times) / 48_000
            tone = (0.2 * np.sin(2 * np.pi * 330 * t)).astype(np.float32)
            made = av.AudioFrame.from_ndarray(np.stack([tone, tone]), format="fltp", layout="stereo")
            made.sample_rate, made.pts = 48_000, 0
            film.mux(sound.encode(made))
            film.mux(sound.encode())
    beside.replace(path)
    return path


def _coded(frame: NDArray[np.uint8]) -> Any:
    import av

    return av.VideoFrame.from_ndarray(frame, format="rgb24")


def _frames(wide: int, high: int, count: int) -> Any:
    """Discs that wander over a slope of colours, under grain."""
    rng = np.random.default_rng(0)
    y, x = np.mgrid[:high, :wide].astype(np.float32)
    ground = np.stack([x * 160 / wide, y * 160 / high, 90 + 0 * x], -1)
    grain = rng.normal(0, 4, (high + 64, wide + 64, 1)).astype(np.float32)
    discs = rng.uniform(0, 1, (12, 7))
    for k in range(count):
        out = ground.copy()
        for u, v, du, dv, *colour in discs:
            cx, cy = wide * ((u + du * k / count) % 1), high * ((v + dv * k / count) % 1)
            r = high // 9
            x0, x1, y0, y1 = (
                int(np.clip(n, 0, m))
                for n, m in ((cx - r, wide), (cx + r, wide), (cy - r, high), (cy + r, high))
            )
            part = (x[y0:y1, x0:x1] - cx) ** 2 + (y[y0:y1, x0:x1] - cy) ** 2 < r * r
            out[y0:y1, x0:x1][part] = np.array(colour) * 255
        dx, dy = rng.integers(0, 64, 2)
        out += grain[dy : dy + high, dx : dx + wide]
        yield np.clip(out, 0, 255).astype(np.uint8)
