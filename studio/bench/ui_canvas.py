"""Numbers of the canvas: pan, zoom, a dab, a stroke, undo. `python -m studio.bench.ui_canvas [--json] [--side N]`.

Everything runs in a real widget of 1600 x 1000 on Qt's offscreen platform, painted in software: `repaint()` draws at once,
so a time is a frame. The document has six layers (photograph-like noise, a transparent one, blend modes, a half-clear one)
and a mask. Tiles are made before pan and zoom are timed; "cold" says what the first look at everything costs.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

TARGETS = {
    "pan 100 %": 8.0, "pan 33 %": 8.0, "zoom": 8.0, "dab 128 px on a mask": 1.0, "undo of 200 strokes": 300.0,
}  # fmt: skip
"""Milliseconds at the 95th percentile; MiB for undo."""


def scene(side: int) -> Any:
    """A document of side x side with six picture layers and a mask."""
    from studio.core.document import Document
    from studio.core.layer import BlendMode, Layer

    rng = np.random.default_rng(1)
    small = rng.integers(0, 256, (side // 8, side // 8, 4), np.uint8)
    base = np.repeat(np.repeat(small, 8, 0), 8, 1)
    document = Document(side, side)
    layers: list[Layer] = []
    modes: tuple[BlendMode, ...] = ("normal", "normal", "multiply", "normal", "screen", "normal")
    for i, mode in enumerate(modes):
        pixels = np.roll(base, 97 * i, axis=(0, 1)).copy()
        pixels[..., 3] = 255
        if i:
            pixels[: side // 3, :, 3] = 0
            pixels[side // 2 :, :, 3] //= 2
        layers.append(Layer(f"Layer {i}", "picture", pixels, opacity=1.0 if i < 3 else 0.6, blend=mode))
    layers.append(Layer("Mask", "mask"))
    document.set_layers(layers)
    document.activate(layers[-1].id)
    return document


class Time(float):
    """Milliseconds on the clock; `cpu`: milliseconds of this thread, which other programs do not disturb."""

    cpu: float = 0.0


def timed(step: Callable[[], object]) -> Time:
    begin, cpu = time.perf_counter(), time.thread_time()
    step()
    out = Time((time.perf_counter() - begin) * 1e3)
    out.cpu = (time.thread_time() - cpu) * 1e3
    return out


def p95(times: list[float]) -> float:
    ordered = sorted(times)
    return round(ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))], 3)


def summary(times: list[float]) -> dict[str, float]:
    return {
        "median": round(statistics.median(times), 3),
        "p95": p95(times),
        "max": round(max(times), 3),
        "cpu p95": p95([getattr(t, "cpu", t) for t in times]),
        "frames": len(times),
    }


def measure(side: int = 4096) -> Iterator[tuple[str, dict[str, Any]]]:
    """(name, numbers in milliseconds) one after another."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtCore import QPoint, Qt
    from PySide6.QtTest import QTest
    from PySide6.QtWidgets import QApplication

    from studio.core.brush import Brush, Stroke
    from studio.core.history import History
    from studio.ui.canvas import Canvas

    app = QApplication.instance() or QApplication([])
    document = scene(side)
    history = History(document)
    canvas = Canvas(document, history)
    canvas.resize(1600, 1000)
    canvas.show()
    app.processEvents()
    mask = document.layers[-1]
    stroke = Stroke(document, mask, Brush(size=300))
    for i in range(40):
        stroke.move_to(side * (0.2 + 0.015 * i), side * (0.5 + 0.2 * np.sin(i / 5)))
    history.record(stroke.finish())

    spot, field = np.full((129, 129), 7, np.uint8), np.zeros((129, 129), np.uint8)
    own = min(timed(lambda: np.maximum(field, spot, out=field)) for _ in range(200))
    yield (
        "this machine",
        {"us for numpy's maximum of 128 px": round(own * 1e3, 1), "load": round(os.getloadavg()[0], 1)},
    )
    canvas.fit()
    yield "cold: everything once", {"ms": round(timed(canvas.settle), 1)}

    def pan(zoom: float) -> list[float]:
        canvas.set_zoom(zoom, 800, 500)
        canvas.settle()
        times: list[float] = []
        for i in range(150):
            canvas.pan(round(23 * np.cos(i / 20)), round(17 * np.sin(i / 13)))
            times.append(timed(canvas.repaint))
        return times

    yield "pan 100 %", summary(pan(1.0))
    yield "pan 33 %", summary(pan(1 / 3))
    yield "pan 800 %", summary(pan(8.0))
    canvas.fit()
    canvas.set_zoom(0.1)
    canvas.settle()
    times: list[float] = []
    for i in range(160):
        canvas.set_zoom(canvas.zoom * (1.05 if i % 160 < 80 else 1 / 1.05), 700 + i, 450)
        times.append(timed(canvas.repaint))
    yield "zoom", summary(times)
    times = []
    for _ in range(40):  # the hand rests: what was drawn in a hurry is drawn well, in bands
        if canvas.renderer.pending:
            times.append(timed(canvas.repaint))
    yield "refine after zoom", summary(times or [0.0])
    canvas.set_angle(0)
    times = []
    for i in range(60):
        canvas.set_angle(i)
        times.append(timed(canvas.repaint))
    yield "rotate", summary(times)
    canvas.reset_rotation()

    canvas.set_zoom(1.0)
    canvas.settle()
    for name, layer in (("mask", mask), ("picture", document.layers[0])):
        stroke = Stroke(document, layer, Brush(size=128, hardness=0.5, color=(200, 30, 30)))
        x, y = canvas.view.to_document(300, 300)
        stroke.move_to(x, y)
        canvas.repaint()
        times = []

        def step(i: int, stroke: Stroke = stroke, x: float = x, y: float = y) -> None:
            rect = stroke.move_to(x + i * 2.6, y + 60 * np.sin(i / 30))
            if not rect.empty:
                seen = canvas.view.rect_to_screen(rect.grown(3))
                canvas.repaint(seen.x, seen.y, seen.w, seen.h)

        for i in range(300):
            before = stroke.dabs
            took = timed(lambda: step(i))  # noqa: B023 - called at once
            if stroke.dabs > before:
                share = Time(took / (stroke.dabs - before))
                share.cpu = took.cpu / (stroke.dabs - before)
                times.append(share)
        history.record(stroke.finish())
        yield f"dab 128 px on a {name}", summary(times)

    # a stroke through the widget: every event is painted, none is dropped
    document.activate(mask.id)
    canvas.set_tool("brush")
    canvas.brush = canvas.brush.with_(size=128, hardness=0.5)
    app.processEvents()
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(200, 500))
    tool = canvas._tool
    begin = time.perf_counter()
    sent = 0
    while tool.stroke.dabs < 500:  # pyright: ignore
        sent += 1
        QTest.mouseMove(canvas, QPoint(200 + (sent * 13) % 1200, 500 + round(200 * np.sin(sent / 11))))
        app.processEvents()
    seconds = time.perf_counter() - begin
    dabs = tool.stroke.dabs  # pyright: ignore
    release = timed(
        lambda: QTest.mouseRelease(
            canvas, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(700, 500)
        )
    )
    yield "stroke of 500 dabs", {
        "events": sent, "dabs": dabs, "seconds": round(seconds, 3), "ms per dab": round(seconds * 1e3 / dabs, 3),
        "release ms": round(release, 1),
    }  # fmt: skip

    # undo
    fresh = History(document)
    start = mask.pixels.copy()
    rng = np.random.default_rng(2)
    for _ in range(200):
        stroke = Stroke(document, mask, Brush(size=128, hardness=0.5, erase=bool(rng.integers(2))))
        for _ in range(12):
            stroke.move_to(*rng.uniform(0, side, 2))
        fresh.record(stroke.finish())
    raw = fresh.nbytes
    fresh.wait()
    packed = fresh.nbytes
    times = []
    while fresh.can_undo:
        times.append(timed(fresh.undo))
    yield "undo of 200 strokes", {
        "MiB": round(packed / 2**20, 1), "MiB before packing": round(raw / 2**20, 1),
        "restored": bool(np.array_equal(start, mask.pixels)),
        **{f"undo {key}": value for key, value in summary(times).items()},
    }  # fmt: skip
    yield "memory", {"peak MiB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024}


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="studio bench ui-canvas", description="Measures the canvas in software rendering."
    )
    parser.add_argument(
        "--side", type=int, default=4096, help="side of the document in pixels (default 4096)"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object instead of lines")
    options = parser.parse_args(argv)
    found: dict[str, dict[str, Any]] = {}
    for name, numbers in measure(options.side):
        found[name] = numbers
        if not options.json:
            goal = TARGETS.get(name)
            value = numbers.get("p95", numbers.get("MiB", 0.0))
            mark = "" if goal is None else f"   (wanted <= {goal:g}: {'yes' if value <= goal else 'NO'})"
            print(
                f"{name:24s}",
                "  ".join(f"{key} {value}" for key, value in numbers.items()) + mark,
                flush=True,
            )
    if options.json:
        print(json.dumps({"side": options.side, "numbers": found}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
