"""Clips and files as Qt images; and work that must not stop the window."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPixmap

from studio.core.clip import Clip


def to_image(clip: Clip) -> QImage:
    """A picture, a mask, or the first frame of a video -> QImage with pixels of its own."""
    return array_image(clip.array[0] if clip.kind == "video" else clip.array)


def array_image(array: Any) -> QImage:
    """[H, W], [H, W, 3] or [H, W, 4] uint8 -> QImage with pixels of its own."""
    array = np.ascontiguousarray(array)
    high, wide = array.shape[:2]
    channels = 1 if array.ndim == 2 else array.shape[2]
    form = {
        1: QImage.Format.Format_Grayscale8,
        3: QImage.Format.Format_RGB888,
        4: QImage.Format.Format_RGBA8888,
    }[channels]
    return QImage(array.data, wide, high, wide * channels, form).copy()


def rounded(image: QImage, side: int, ratio: float = 1.0, radius: float = 5) -> QPixmap:
    """Cut to a square around the middle, with round corners; `side` in device-independent pixels."""
    out = QPixmap(QSize(side, side) * ratio)
    out.fill(Qt.GlobalColor.transparent)
    if not image.isNull():
        painter = QPainter(out)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        path = QPainterPath()
        path.addRoundedRect(QRectF(out.rect()), radius * ratio, radius * ratio)
        painter.setClipPath(path)
        cut = min(image.width(), image.height())
        source = QRectF((image.width() - cut) / 2, (image.height() - cut) / 2, cut, cut)
        painter.drawImage(QRectF(out.rect()), image, source)
        painter.end()
    out.setDevicePixelRatio(ratio)
    return out


def blank(side: int, colour: QColor, ratio: float = 1.0, radius: float = 5) -> QPixmap:
    image = QImage(8, 8, QImage.Format.Format_RGB32)
    image.fill(colour)
    return rounded(image, side, ratio, radius)


class Background(QObject):
    """Runs functions on other threads; `then(value)` and `failed(error)` are called on the window's thread.

    The threads are Python's and never touch Qt: a timer of the window collects what is finished, and runs only while
    something is. So there is no thread that holds the interpreter's lock while it waits for one of Qt's, and nothing to
    deliver to a window that is gone. (QRunnable with a signal back was tried first.)
    """

    def __init__(self, parent: QObject | None = None, threads: int = 1) -> None:
        super().__init__(parent)
        self._wanted: queue.PriorityQueue[tuple[int, int, Any]] = queue.PriorityQueue()
        self._finished: queue.SimpleQueue[tuple[Any, Any]] = queue.SimpleQueue()
        self._limit, self._threads = threads, 0
        self._open = 0
        self._number = 0
        self._timer = QTimer(self, interval=12)
        self._timer.timeout.connect(self._collect)

    def run(
        self,
        work: Callable[[], Any],
        then: Callable[[Any], object],
        failed: Callable[[Exception], object] | None = None,
        priority: int = 0,
    ) -> None:
        """Higher priorities are begun first."""
        self._open += 1
        self._number += 1
        self._wanted.put((-priority, self._number, (work, then, failed)))
        if self._threads < min(self._limit, self._open):
            self._threads += 1
            threading.Thread(
                target=_serve, args=(self._wanted, self._finished), daemon=True, name="background"
            ).start()
        self._timer.start()

    def _collect(self) -> None:
        end = time.perf_counter() + 0.004  # a few at a time: the window must stay quick
        while time.perf_counter() < end:
            try:
                call, value = self._finished.get_nowait()
            except queue.Empty:
                break
            self._open -= 1
            if call is not None:
                call(value)
        if not self._open:
            self._timer.stop()

    def wait(self, seconds: float = 5) -> bool:
        """Until everything that was asked for is done: for tests."""
        end = time.monotonic() + seconds
        while self._open and time.monotonic() < end:
            self._collect()
            time.sleep(0.002)
        return not self._open

    def stop(self) -> None:
        """Nothing comes back any more."""
        self._timer.stop()
        try:
            while True:
                self._wanted.get_nowait()
        except queue.Empty:
            pass
        for number in range(self._threads):
            self._wanted.put((1 << 60, number, None))
        self._threads = self._open = 0


def _serve(
    wanted: queue.PriorityQueue[tuple[int, int, Any]], finished: queue.SimpleQueue[tuple[Any, Any]]
) -> None:
    """Body of a background thread; knows no widget, so that it may outlive them."""
    while True:
        job = wanted.get()[2]
        if job is None:
            return
        work, then, failed = job
        try:
            finished.put((then, work()))
        except Exception as error:
            finished.put((failed, error))
        del job, work, then, failed
