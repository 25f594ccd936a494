"""The film in step with the window: `studio.media.playback`, asked by a timer. Fulfils `studio.filming.Player`."""

from __future__ import annotations

import time

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from studio.core.timeline import Timeline
from studio.media.playback import Playback
from studio.session import Session

SPEEDS = (1.0, 2.0, 4.0)
"""Played one after the other where play is asked for again."""
WAITING = 8
"""Milliseconds between looks for a still."""


class FilmPlayer(QObject):
    """See the module.

    Attributes:
        at: the frame in view, of the film or of the take that is shown.
    """

    shown = Signal(object)
    """Pixels [h, w, 3] to be seen now."""
    moved = Signal()
    """Another frame, or another number of dropped ones."""
    state_changed = Signal()
    """Playing or not, another speed."""
    _arrived = Signal()

    def __init__(
        self, session: Session, playback: Playback | None = None, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.film = session.film
        self.session = session
        self.playback = playback or Playback()
        self.at = self.film.playhead
        self.speed = 0.0
        self._timeline = Timeline()
        self._size = (2, 2)
        self._take = ""
        self._told: set[str] = set()
        self._timer = QTimer(self, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._look)
        self._arrived.connect(self._look, Qt.ConnectionType.QueuedConnection)
        self.playback.arrived = self._arrived.emit
        self.film.player = self
        self.film.changed.connect(self._changed)

    # --- what is played ---------------------------------------------------------------------------------------------

    @property
    def timeline(self) -> Timeline:
        """The film, or the take in view as one."""
        return self._timeline

    @property
    def dropped(self) -> int:
        return self.playback.dropped

    @property
    def length(self) -> int:
        return self._timeline.length

    def resize(self, width: int, height: int) -> None:
        """How large pictures are wanted, in pixels."""
        if (width, height) != self._size:
            self._size = (width, height)
            self._load()

    def _changed(self, what: str) -> None:
        if what in ("timeline", "takes"):
            taken = self.film.shown_take
            if taken != self._take:
                self._take = taken
                self.stop()
                self.at = self.film.playhead if not taken else 0
            self._load()
            self.moved.emit()
        elif what == "options" and self.playing:
            self.play(self.speed)
        elif what == "playhead" and not self._take and self.film.playhead != self.at:
            self.seek(self.film.playhead)

    def _load(self) -> None:
        timeline = self.film.screen
        if timeline != self._timeline or self.playback.size != self._size:
            self._timeline = timeline
            self.playback.load(timeline, self._size)
            if not self.playing:
                self.playback.seek(self.at)
            self._wake()

    # --- what is asked for (studio.filming.Player) ---------------------------------------------------------------------

    @property
    def playing(self) -> bool:
        return self.speed != 0

    def toggle(self) -> None:
        self.stop() if self.playing else self.play()

    def play(self, speed: float = 1.0) -> None:
        if not self._timeline.length:
            return
        self.playback.play(self.at, speed, self.film.looping)
        self._set_speed(speed)
        self._wake()

    def faster(self, way: int) -> None:
        """J and L: each press is the next speed in that direction; from the other direction it begins anew."""
        now = abs(self.speed) if self.speed * way > 0 else 0.0
        self.play(way * next((speed for speed in SPEEDS if speed > now), SPEEDS[-1]))

    def stop(self) -> None:
        if self.playing:
            self._put(self.playback.stop())
            self._set_speed(0.0)

    def seek(self, frame: int) -> None:
        """Stops there and shows it, with a moment of its sound."""
        frame = min(max(frame, 0), max(self._timeline.length, 0))
        self._set_speed(0.0)
        self.playback.seek(frame, heard=True)
        self._put(frame)
        self._wake()

    def step(self, frames: int) -> None:
        self.seek(self.at + frames)

    # --- following the clock -----------------------------------------------------------------------------------------

    def _wake(self) -> None:
        """Looks often enough: twice a frame while it plays."""
        pause = max(4, round(480 / self._timeline.rate)) if self.playing else WAITING
        if not self._timer.isActive() or self._timer.interval() != pause:
            self._timer.start(pause)

    def _look(self) -> None:
        found = self.playback.poll()
        if found is not None:
            if self.playing:
                self._put(found.frame)
            self.shown.emit(found.pixels)
            self._say_broken()
        if self.playing and not self.playback.playing:
            self._set_speed(0.0)
        if not self.playing and not self.playback.waiting:
            self._timer.stop()

    def _put(self, frame: int) -> None:
        if frame != self.at:
            self.at = frame
            if not self._take:
                self.film.go(frame)
        self.moved.emit()

    def _set_speed(self, speed: float) -> None:
        if speed != self.speed:
            self.speed = speed
            self.state_changed.emit()
            self.moved.emit()

    def _say_broken(self) -> None:
        for path in list(self.playback.broken):
            if path not in self._told:
                self._told.add(path)
                self.session.say(self.playback.broken[path], "warn")

    def wait(self, seconds: float = 20) -> bool:
        """Until the frame that was asked for is shown: for tests."""
        end = time.monotonic() + seconds
        while self.playback.waiting and time.monotonic() < end:
            self._look()
            time.sleep(0.002)
        return not self.playback.waiting

    def close(self) -> None:
        self._timer.stop()
        self.playback.arrived = lambda: None
        self.playback.close()
