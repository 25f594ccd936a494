"""Numbers of the spectrogram at an hour of sound: opening, pan, zoom, playhead, marking. `studio bench ui_sound [--minutes N] [--json]`.

Everything runs in a real widget of 1184 x 730 (its size in a window of 1600 x 1000) on Qt's offscreen platform, painted in software:
`repaint()` draws at once, so a time is a frame. Pan and zoom are timed twice: "first" while tiles are still missing, as when somebody
goes where nobody looked before, and again when all that is in view is there. A stall is how long a turn of the event loop takes while
the sound is read and transformed on other threads. "cpu" is the processor time of the window's thread, which other programs disturb
less.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from studio.bench.ui_canvas import p95, summary, timed

TARGETS = {
    "pan, all of it": 16.0, "pan, a minute": 16.0, "pan, a second": 16.0, "zoom": 16.0, "playhead": 16.0, "brush": 16.0, "stall": 16.0,
}  # fmt: skip
"""Milliseconds at the 95th percentile (stall: 99th)."""
WIDE, HIGH = 1184, 730
RATE = 44100


def write_sound(path: Path, minutes: float) -> None:
    """Chords over a beat, with noise: 16 bits, stereo. A minute is made and repeated at other loudness."""
    import soundfile

    rng = np.random.default_rng(1)
    t = np.arange(60 * RATE) / RATE
    sound = np.zeros(len(t), np.float32)
    for bar in range(30):
        part = slice(bar * 2 * RATE, (bar + 1) * 2 * RATE)
        for note in (45, 57, 60 + bar % 5, 64, 69 + bar % 3):
            hertz = 440 * 2 ** ((note - 69) / 12)
            for k in (1, 2, 3, 5):
                sound[part] += (
                    np.sin(2 * np.pi * hertz * k * t[part]) * np.exp(-1.5 * (t[part] % 2)) * 0.06 / k
                )
    sound += rng.normal(0, 0.004, len(t)).astype(np.float32)
    stereo = np.stack([sound, np.roll(sound, 300)], 1)
    with soundfile.SoundFile(str(path), "w", RATE, 2, "PCM_16") as file:
        for minute in range(round(minutes)):
            file.write(stereo * (0.5 + 0.5 * abs(np.sin(minute / 7))))


class Clock:
    """Turns of the event loop, every 4 ms."""

    def __init__(self, app: Any) -> None:
        self._app = app

    def until(self, holds: Callable[[], bool], seconds: float) -> list[float]:
        """How long each turn of the event loop took."""
        turns: list[float] = []
        end = time.perf_counter() + seconds
        while not holds() and time.perf_counter() < end:
            turns.append(timed(self._app.processEvents))
            time.sleep(0.004)
        return turns


def measure(minutes: float = 60.0) -> Iterator[tuple[str, dict[str, Any]]]:
    """(name, numbers in milliseconds) one after another."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtCore import QRect
    from PySide6.QtWidgets import QApplication

    from studio.core import marks
    from studio.media.tape import Tape, survey
    from studio.ui.spectrogram.tools import Pointer
    from studio.ui.spectrogram.view import SpectrogramView

    app = QApplication.instance() or QApplication([])
    with tempfile.TemporaryDirectory(prefix="studio-bench-") as folder:
        path = Path(folder) / "hour.wav"
        write_sound(path, minutes)
        yield (
            "this machine",
            {"load": round(os.getloadavg()[0], 1), "minutes": minutes, "MB": path.stat().st_size // 10**6},
        )
        begin = time.perf_counter()
        tape = Tape(path)
        opened = time.perf_counter() - begin
        begin = time.perf_counter()
        survey(tape)
        yield (
            "open",
            {"open ms": round(opened * 1e3, 1), "wave and digest s": round(time.perf_counter() - begin, 1)},
        )
        view = SpectrogramView()
        view.resize(WIDE, HIGH)
        view.show()
        app.processEvents()
        begin = time.perf_counter()
        view.set_sound(tape, marks.plane(tape.seconds))
        set_ms = (time.perf_counter() - begin) * 1e3
        tiles = view.tiles
        assert tiles is not None
        clock = Clock(app)
        late = clock.until(lambda: tiles.progress > 0, 60)
        first = time.perf_counter() - begin
        late += clock.until(lambda: tiles.progress >= 1, 600)
        yield "spectrogram", {
            "set ms": round(set_ms, 1), "first part s": round(first, 2), "all s": round(time.perf_counter() - begin, 1),
        }  # fmt: skip
        yield (
            "stall",
            {
                "p99": round(float(np.percentile(late, 99)), 1),
                "max": round(max(late), 1),
                "cpu p99": round(float(np.percentile([getattr(t, "cpu", t) for t in late], 99)), 1),
                "turns": len(late),
            },  # fmt: skip,
        )

        def settle() -> None:
            for _ in range(3):
                view.repaint()
                tiles.wait(60)
                app.processEvents()

        for name, span in (("all of it", tape.seconds), ("a minute", 60.0), ("a second", 1.0)):
            view.show_range(tape.seconds / 3, tape.seconds / 3 + span)
            if span == tape.seconds:
                view.fit()
                view.zoom(1.5, 400)
            times: dict[str, list[float]] = {"first": [], "": []}
            for turn in times:
                if not turn:
                    settle()
                for i in range(150):
                    view.pan(29 * np.cos(i / 24), 7 * np.sin(i / 11))
                    times[turn].append(timed(view.repaint))
                    if turn:
                        app.processEvents()
            numbers = summary(times[""])
            yield f"pan, {name}", {**numbers, "first p95": p95(times["first"])}
        view.fit()
        settle()
        times_first: list[float] = []
        steps = [1.12] * 90 + [1 / 1.12] * 90
        for i, step in enumerate(steps):
            view.zoom(step, 300 + 3 * i)
            times_first.append(timed(view.repaint))
            app.processEvents()
        settle()
        again: list[float] = []
        for i, step in enumerate(steps):
            view.zoom(step, 300 + 3 * i)
            again.append(timed(view.repaint))
        yield "zoom", {**summary(again), "first p95": p95(times_first)}

        view.show_range(600.0 * minutes / 60, 600.0 * minutes / 60 + 20)
        settle()
        times_play: list[float] = []
        for i in range(200):
            t = view.sight.start + i * 0.05
            old = round(view.sight.x(view.playhead))
            view.playhead = t
            new = round(view.sight.x(t))

            def both(old: int = old, new: int = new) -> None:
                view.repaint(QRect(old - 2, 0, 5, HIGH))
                view.repaint(QRect(new - 2, 0, 5, HIGH))

            times_play.append(timed(both))
        yield "playhead", summary(times_play)

        view.set_tool("brush")
        tool = view._tools["brush"]
        tool.press(Pointer(200, 300))
        times_brush: list[float] = []
        for i in range(200):
            tool.move(Pointer(200 + 4 * i, 300 + 80 * np.sin(i / 17)))
            times_brush.append(timed(view.repaint))
        release = timed(lambda: tool.release(Pointer(1000, 300)))
        times_brush.append(timed(view.repaint))
        yield (
            "brush",
            {**summary(times_brush), "release": round(release, 1), "release cpu": round(release.cpu, 1)},
        )
        kept = sum(tile.nbytes for tile in tiles._kept.values())
        yield "memory", {
            "tiles MB": round(tiles.nbytes / 1e6, 1), "of which kept for the whole sound MB": round(kept / 1e6, 1),
            "peak of the process MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1000,
        }  # fmt: skip
        view.stop()
        tape.close()


def main(argv: list[str] | None = None) -> int:
    """Prints the numbers; 1 when a target was missed."""
    parser = argparse.ArgumentParser(
        prog="studio bench ui_sound", description="Measures the spectrogram in software rendering."
    )
    parser.add_argument("--minutes", type=float, default=60.0, help="length of the sound (default 60)")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of lines")
    options = parser.parse_args(argv)
    found: dict[str, dict[str, Any]] = {}
    missed = False
    for name, numbers in measure(options.minutes):
        found[name] = numbers
        goal = TARGETS.get(name)
        value = numbers.get("p99" if name == "stall" else "p95", 0.0)
        missed |= goal is not None and value > goal
        if not options.json:
            mark = "" if goal is None else f"   (wanted <= {goal:g}: {'yes' if value <= goal else 'NO'})"
            print(
                f"{name:18s}",
                "  ".join(f"{key} {number}" for key, number in numbers.items()) + mark,
                flush=True,
            )
    if options.json:
        print(json.dumps(found))
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
