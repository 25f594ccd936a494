"""`studio bench live`: how soon a picture follows the hand, the window included, and what it costs when nothing moves.

| number        | what                                                                                                   | at most |
|---------------|--------------------------------------------------------------------------------------------------------|---------|
| first picture | from a key in the words to the end of the first paint of the canvas with its picture, 95th percentile    | 150 ms  |
| finished      | the same, to the paint with the sketch as its last step leaves it, 95th percentile                      |         |
| stroke        | from lifting the brush off a mask to the first paint with what fills it, 95th percentile                |         |
| interrupted   | as `first picture`, for a key that comes while the sketch of the one before runs                        |         |
| idle          | share of one core that window and engine use together over ten quiet seconds with live preview on       | 1 %     |
| idle, off     | the same with live preview off                                                                          |         |

In the first seconds of quiet the engine makes itself quicker for what was asked last (`engine.traced`), once for each size and length of
text; `idle` begins after that.

The real window and the real engine, in a process of their own; on the screen that is there, else off screen. Keys come when the
sketch of the one before is done, but for `interrupted`. The load of the machine is printed beside
the numbers: they are those of a machine that does nothing else only where it is below one. How well sketches agree with finished
pictures is measured by `studio bench fast`.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import sys
import time
from collections.abc import Callable
from typing import Any

from studio.bench import apart
from studio.bench.apart import say

LIMITS = {"first picture": 150.0, "idle": 1.0}
WORDS = "a red cat on the left and a yellow star on a blue background, flat style"


def main(argv: list[str] | None = None) -> int:
    """Prints the table; 1 when a limit was missed."""
    parser = argparse.ArgumentParser("studio bench live", description="How soon a picture follows the hand.")
    parser.add_argument("--model", default="", help="of the finished picture [the first one here]")
    parser.add_argument("--strokes", type=int, default=12, help="strokes to measure")
    parser.add_argument("--quiet", type=float, default=10.0, help="seconds of quiet")
    parser.add_argument("--limit", type=float, default=600.0, help="seconds that all of it may take")
    parser.add_argument("--json", action="store_true", help="machine-readable")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(argv)
    if options.child:
        print(json.dumps(_measure(options)))
        return 0
    screen: dict[str, str] = {}
    if not os.environ.get("DISPLAY") and sys.platform == "linux":
        screen["QT_QPA_PLATFORM"] = os.environ.get("QT_QPA_PLATFORM", "offscreen")
    asked = [
        "--child",
        "--model",
        options.model,
        "--strokes",
        str(options.strokes),
        "--quiet",
        str(options.quiet),
    ]
    measured = apart.measured("studio.bench.live", asked, options.limit, environment=screen)
    if options.json:
        print(json.dumps(measured, indent=1))
    else:
        for name, value in measured.items():
            limit = LIMITS.get(name)
            verdict = "" if limit is None else f"   limit {limit:g}   {'ok' if value <= limit else 'MISSED'}"
            print(
                f"{name:28}{value:>10.2f}{verdict}" if isinstance(value, float) else f"{name:28}{value:>10}"
            )
    return int(any(measured[name] > limit for name, limit in LIMITS.items()))


class _Watch:
    """When the canvas was painted with which picture."""

    def __init__(self, app: Any) -> None:
        from PySide6.QtCore import QEvent, QObject, QTimer

        self.app, session = app, app.session
        self.painted: list[tuple[float, int, bool]] = []
        """(time, number of the sketch, whether it was its last picture)"""
        self._shown: tuple[int, bool] | None = None
        watch = self

        class Filter(QObject):
            def eventFilter(self, watched: QObject, event: QEvent) -> bool:
                if event.type() == QEvent.Type.Paint and watch._shown is not None:
                    shown, watch._shown = watch._shown, None
                    QTimer.singleShot(0, watched, lambda: watch.painted.append((time.perf_counter(), *shown)))
                return False

        self._filter = Filter()
        app.window.canvas.installEventFilter(self._filter)
        before = app.live.on_event

        def on_event(number: int, event: Any) -> None:
            picture = session.live_picture
            before(number, event)
            if session.live_picture is not picture and session.live_picture is not None:
                watch._shown = number, type(event).__name__ == "Result"

        app.pool.sketched.disconnect(app.live.on_event)
        app.pool.sketched.connect(on_event)

    def first(self, since: float, number: int) -> float | None:
        return next((at - since for at, n, _ in self.painted if n >= number and at >= since), None)

    def last(self, since: float, number: int) -> float | None:
        return next(
            (at - since for at, n, done in self.painted if n >= number and done and at >= since), None
        )


def _measure(options: argparse.Namespace) -> dict[str, Any]:
    import psutil
    from PySide6.QtCore import QEventLoop, QTimer
    from PySide6.QtTest import QTest

    from studio.app import App, make_application
    from studio.core.paths import home

    gc.disable()  # as studio.app.main does
    qt = make_application(["studio"])
    app = App(home())
    app.window.show()
    session, live = app.session, app.live
    watch = _Watch(app)

    def until(true: Callable[[], object], seconds: float = 30.0) -> bool:
        end = time.perf_counter() + seconds
        while not true() and time.perf_counter() < end:
            qt.processEvents()
            time.sleep(0.0005)
        return bool(true())

    def wait(seconds: float) -> None:
        until(lambda: False, seconds)

    say("the engine starts")
    until(lambda: session.engine_state == "ready", 60)
    if options.model:
        session.set_model(options.model)
    session.set_live(True)
    prompt = app.window.technique.prompt
    assert prompt is not None, "the first technique takes words"
    edit = prompt.edit
    app.window.focus_words()
    session.set_prompt("a cat")
    if not until(lambda: live.seconds is not None, 120):
        raise RuntimeError(f"No sketch came: {session.live_note}")
    wait(1.0)

    firsts, lasts, loads = list[float](), list[float](), list[float]()

    def key(letter: str) -> tuple[float, int]:
        start = time.perf_counter()
        QTest.keyClicks(edit, letter)
        until(lambda: not live.planned, 1)
        return start, live.number

    def pictures(start: float, number: int) -> tuple[float, float]:
        """Milliseconds to the first and to the last paint."""
        if not until(lambda: watch.last(start, number) is not None, 20):
            raise RuntimeError(f"No picture came within 20 s: {session.live_note}")
        return 1000 * (watch.first(start, number) or 0.0), 1000 * (watch.last(start, number) or 0.0)

    say(f"{len(WORDS)} keys")
    session.set_prompt("")
    for letter in WORDS:
        start, number = key(letter)
        if not letter.strip():
            continue  # a space at the end is the same request
        first, last = pictures(start, number)
        firsts.append(first)
        lasts.append(last)
        loads.append(os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0)
        wait(0.03)
    say("keys while a sketch runs")
    stops = list[float]()
    for letter in "abcdefghijklmnopqrst":
        start, number = key(letter)
        wait(0.02)
        if watch.last(start, number) is None:  # not done yet
            stops.append(pictures(*key(letter))[0])
    session.set_prompt(WORDS)
    until(lambda: watch.last(0, live.number) is not None, 20)

    drawn = live.picture

    def idle(seconds: float) -> float:
        processes = [psutil.Process(), *psutil.Process().children(recursive=True)]
        before = sum(sum(p.cpu_times()[:2]) for p in processes)
        start = time.perf_counter()
        loop = QEventLoop()  # ending Qt's own would close the window
        QTimer.singleShot(int(seconds * 1000), loop.quit)
        loop.exec()
        return 100 * (sum(sum(p.cpu_times()[:2]) for p in processes) - before) / (time.perf_counter() - start)

    say(f"quiet, twice {options.quiet:g} s")
    wait(8.0)
    quiet = idle(options.quiet)
    session.set_live(False)
    wait(0.5)
    off = idle(options.quiet)
    say(f"{options.strokes} strokes")
    strokes = _strokes(app, watch, until, wait, options.strokes, drawn)
    app.window.close_now()
    app.close()
    card = session.card
    return {
        "model": card.id if card else "",
        "first picture": _share(firsts, 0.95),
        "first picture, median": _share(firsts, 0.5),
        "finished": _share(lasts, 0.95),
        "finished, median": _share(lasts, 0.5),
        "interrupted": _share(stops, 0.95),
        "interrupted, median": _share(stops, 0.5),
        "stroke": _share(strokes, 0.95),
        "stroke, median": _share(strokes, 0.5),
        "idle": quiet,
        "idle, off": off,
        "keys": len(firsts),
        "strokes": len(strokes),
        "load": max(loads, default=0.0),
        "cores": os.cpu_count() or 1,
    }


def _strokes(app: Any, watch: _Watch, until: Any, wait: Any, count: int, drawn: Any) -> list[float]:
    """Milliseconds from lifting the brush off a mask to the first paint with what fills it."""
    from PySide6.QtCore import QPoint, Qt
    from PySide6.QtTest import QTest

    session, live, canvas = app.session, app.live, app.window.canvas
    if not session.offered("inpaint") or drawn is None:
        return []
    session.add_clip(drawn[0], "Picture")
    session.new_mask()
    session.set_technique("inpaint")
    session.set_prompt("a yellow star")
    session.set_live(True)
    session.set_tool("brush")
    canvas.brush = canvas.brush.with_(size=max(6, session.document.width // 6))
    wait(0.5)
    found = list[float]()
    rect = canvas.view.rect_to_screen(session.document.rect)
    for i in range(count):
        y = rect.y + rect.h * (0.3 + 0.4 * i / max(count, 2))
        QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=QPoint(int(rect.x + rect.w * 0.35), int(y)))
        for part in range(8):
            QTest.mouseMove(canvas, QPoint(int(rect.x + rect.w * (0.35 + 0.03 * part)), int(y)))
            wait(0.008)
        before, start = live.number, time.perf_counter()
        QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=QPoint(int(rect.x + rect.w * 0.6), int(y)))
        until(lambda: live.number > before, 1)  # noqa: B023
        if not until(lambda: watch.last(start, live.number) is not None, 20):  # noqa: B023
            raise RuntimeError(f"No picture came within 20 s of a stroke: {session.live_note}")
        found.append(1000 * (watch.first(start, live.number) or 0.0))
        wait(0.05)
    return found


def _share(values: list[float], part: float) -> float:
    return sorted(values)[min(int(len(values) * part), len(values) - 1)] if values else float("nan")


if __name__ == "__main__":
    sys.exit(main())
