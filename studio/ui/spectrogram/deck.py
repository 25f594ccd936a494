"""What plays and records the takes: the player, the recorder, and the clock by which the window follows them.

    deck = Deck(session, shelf)
    deck.toggle()                   plays or pauses the take in view
    deck.position_changed.connect(view.set_playhead)

Without a sound device everything works but the hearing: the playhead walks, and one sentence says why nothing is heard, once.
"""

from __future__ import annotations

import time
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from studio.core.take import Take
from studio.media import device
from studio.media.device import Device, Player, Recorder
from studio.session import Session
from studio.ui.spectrogram.shelf import Shelf

FRAME = 20
"""Milliseconds between two looks at where the player is."""
PATIENCE = 0.3
"""Seconds that a device may take to open before that is told."""
SHORTEST = 0.01
"""Seconds: a chosen stretch is not shorter."""
Range = tuple[float, float]


class Deck(QObject):
    """See the module. It fulfils `studio.takes.Deck`."""

    position_changed = Signal(float)
    """Seconds; `moving` says whether it plays there or was put there."""
    changed = Signal()
    """Playing, recording, repeating, the range or a device is another one."""
    ticked = Signal()
    """A frame while something plays or records: levels are to be drawn again."""

    def __init__(
        self, session: Session, shelf: Shelf, player: Player | None = None, recorder: Recorder | None = None
    ) -> None:
        super().__init__(shelf)
        self.session, self.shelf = session, shelf
        self.player, self.recorder = player or Player(), recorder or Recorder()
        self.range: Range | None = None
        """What is chosen to be played round and round, in seconds."""
        self.repeat = False
        self.hums = False
        """Whether what is being recorded is a tune, whose notes are wanted."""
        self._take = ""
        self._wanted = False
        """Whether it is to play as soon as its sound is open."""
        self._told = ""
        self._asked = 0.0
        """When it was last asked to play or to record."""
        self._was = (False, False, False)
        self._recorded: Path | None = None
        self._timer = QTimer(self, interval=FRAME)
        self._timer.timeout.connect(self._tick)
        # PortAudio looks for devices when it is first asked, which may take long: on another thread.
        shelf.later(lambda: (device.outputs(), device.inputs()), self._devices_found)
        self.player.volume = _number(session.settings.sound.get("volume", ""), 1.0)

    # --- what is on it --------------------------------------------------------------------------------------------

    def load(self, take: Take | None, keep: bool) -> bool:
        """Another take -> whether its sound is there already. keep: at the same moment, going on playing (A/B)."""
        tape = self.shelf.tape(take) if take is not None else None
        other = (take.id if take is not None else "") != self._take
        if tape is None:
            self.player.load(None)
            self._take = ""
        elif other:
            self._take = take.id if take is not None else ""
            if not keep:
                self.player.stop()
            self.player.load(tape)
            if not keep:
                self.player.seek(0.0)
                self.range = None
        self._apply_loop()
        self._look()
        if other:
            self.changed.emit()
        if tape is not None and self._wanted:
            self._wanted = False
            self.toggle()
        return tape is not None

    @property
    def seconds(self) -> float:
        take = self.session.takes.get(self._take)
        return take.seconds if take is not None else 0.0

    # --- playing --------------------------------------------------------------------------------------------------

    @property
    def playing(self) -> bool:
        return self.player.playing

    @property
    def opening(self) -> bool:
        """Whether a device takes so long to open that one should be told."""
        opening = self.player.opening or self.recorder.opening
        return opening and time.monotonic() - self._asked > PATIENCE

    @property
    def position(self) -> float:
        return min(self.player.position, self.seconds)

    def toggle(self) -> None:
        if self.playing:
            self.player.stop()
        elif self._take:
            if self.repeat and self.range and not self.range[0] <= self.position < self.range[1]:
                self.player.seek(self.range[0])
            self._asked = time.monotonic()
            self.player.play()
        self._look()

    def play_when_there(self) -> None:
        """Plays the take in view, at once or as soon as its sound is open."""
        if self._take == self.session.takes.shown_id:
            self.toggle()
        else:
            self._wanted = True

    def stop(self) -> None:
        self._wanted = False
        self.player.stop()
        self._look()

    def seek(self, seconds: float) -> None:
        self.player.seek(seconds)
        self._look()

    def set_range(self, chosen: Range | None) -> None:
        """A stretch of time is chosen, and repeated from now on; None = none is."""
        if chosen != self.range:
            self.range = chosen
            if chosen is not None:
                self.repeat = True
            self._apply_loop()
            self.changed.emit()

    def begin_range(self) -> None:
        """The chosen stretch begins at the playhead."""
        end = self.range[1] if self.range and self.range[1] > self.position else self.seconds
        self._range(self.position, end)

    def end_range(self) -> None:
        """The chosen stretch ends at the playhead."""
        begin = self.range[0] if self.range and self.range[0] < self.position else 0.0
        self._range(begin, self.position)

    def _range(self, begin: float, end: float) -> None:
        if end - begin > SHORTEST:
            self.set_range((begin, end))

    def set_repeat(self, on: bool) -> None:
        """Round and round: the chosen stretch, else all of it."""
        self.repeat = on
        self._apply_loop()
        self.changed.emit()

    def _apply_loop(self) -> None:
        self.player.loop = (self.range or (0.0, self.seconds)) if self.repeat and self._take else None

    def set_volume(self, share: float) -> None:
        self.player.volume = min(max(share, 0.0), 1.0)
        self._remember("volume", f"{self.player.volume:.3f}")

    # --- recording ------------------------------------------------------------------------------------------------

    @property
    def recording(self) -> bool:
        return self._recorded is not None

    def record(self, hums: bool = False) -> None:
        """Begins to record, or ends it; the recording becomes a take. hums: it is a tune."""
        if self.recording:
            self.recorder.stop()
            if not self.recorder.opened:  # nothing has been heard yet, and nobody waits for the microphone
                self._recorded = None
                self._look()
            return  # else the clock sees when the file is whole
        path = self.shelf.folder / f"{time.strftime('recording %Y-%m-%d %H.%M.%S')}.flac"
        self.player.stop()
        self._asked = time.monotonic()
        self.recorder.start(path)
        self.hums, self._recorded = hums, path
        self._look()

    def _recording_ended(self) -> None:
        """It was stopped, the microphone was unplugged or could not be opened, or the longest time is over."""
        path, self._recorded = self._recorded, None
        if self.recorder.error:
            self.session.say(self.recorder.error, "warn")
        if path is not None and self.recorder.seconds > 0:
            name = self.tr("Hummed tune") if self.hums else self.tr("Recording")
            self.shelf.add_file(path, "recorded", name, tune=self.hums)
        self._look()

    # --- devices --------------------------------------------------------------------------------------------------

    def _devices_found(self, found: tuple[list[Device], list[Device]]) -> None:
        """Those that were used the last time are used again."""
        self.player.device = self._number(found[0], self.session.settings.sound.get("output", ""))
        self.recorder.device = self._number(found[1], self.session.settings.sound.get("input", ""))

    def look_again(self) -> None:
        """Finds what was plugged in since the start."""
        if not self.playing and not self.recording:

            def look() -> None:
                self.player.wait()
                self.recorder.wait()
                device.look_again()

            self.shelf.later(look, lambda _: self.changed.emit())

    def outputs(self) -> list[Device]:
        return device.outputs()

    def inputs(self) -> list[Device]:
        return device.inputs()

    def use_output(self, name: str) -> None:
        """ "" = the system's own."""
        moment, playing = self.position, self.playing
        self.player.stop()
        self.player.device, self._told = self._number(device.outputs(), name), ""
        self._remember("output", name)
        self.player.seek(moment)
        if playing:
            self.toggle()

    def use_input(self, name: str) -> None:
        self.recorder.device = self._number(device.inputs(), name)
        self._remember("input", name)

    def _number(self, devices: list[Device], name: str) -> int | None:
        """Numbers change when something is plugged in; names stay."""
        return next((one.number for one in devices if one.name == name), None)

    def _remember(self, key: str, value: str) -> None:
        self.session.settings.sound = {**self.session.settings.sound, key: value}
        self.changed.emit()

    # --- the clock ------------------------------------------------------------------------------------------------

    def _tick(self) -> None:
        if self.recording and not self.recorder.recording:
            self._recording_ended()
        self._look(self.playing)
        self.ticked.emit()

    def _look(self, moving: bool = False) -> None:
        now = (self.playing, self.recording, self.opening)
        self.position_changed.emit(self.position)
        if any(now) != self._timer.isActive():
            self._timer.start() if any(now) else self._timer.stop()
            self.ticked.emit()
        why = self.player.why
        if why and why != self._told:
            self._told = why
            self.session.say(why, "warn")
        if now != self._was:
            self._was = now
            self.changed.emit()

    def close(self) -> None:
        """A recording that is under way stays in its file."""
        self._timer.stop()
        self.player.stop()
        self.recorder.stop()
        self.player.wait(1.0)
        self.recorder.wait()


def _number(text: str, default: float) -> float:
    try:
        return min(max(float(text), 0.0), 1.0)
    except ValueError:
        return default
