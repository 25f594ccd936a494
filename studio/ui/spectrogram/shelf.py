"""The sounds of the takes, opened once, read and measured on other threads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from studio.core.clip import Clip
from studio.core.job import BadRequest, JobSpec, Result, Source
from studio.core.layer import new_id
from studio.core.shot import Shot
from studio.core.take import Note, Origin, Take
from studio.media import leftovers
from studio.media.silenced import silenced
from studio.media.sound_export import Facts, SoundExport, export_sound
from studio.media.tape import BLOCK, Stopped, Survey, Tape, placed, survey
from studio.session import Session, layer_name
from studio.ui.widgets.images import Background

TUNED = 600.0
"""Seconds from the beginning in which a tune is looked for."""
LISTENED = 120.0
"""Seconds from the beginning in which tempo and key are looked for."""
TIDIED = 60_000
"""Milliseconds after the start at which sounds that nothing needs go: a start has better things to do."""
KEYED = 2.0
"""Seconds that a sound must last to have a key."""


@dataclass(frozen=True)
class Measures:
    """What is said about a sound. lufs: integrated loudness; peak: true peak in dBTP; None = nothing can be said."""

    lufs: float | None = None
    peak: float | None = None
    tempo: float | None = None
    key: str = ""


@dataclass
class _Long:
    """Something that takes long. The thread that does it writes `share`, the window's thread writes `stop`."""

    title: str
    share: float = 0.0
    stop: bool = False

    def told(self, share: float) -> bool:
        self.share = share
        return not self.stop


class Shelf(QObject):
    """See the module. Everything is asked for on the window's thread; `changed` tells when more is known."""

    changed = Signal(str)
    """The id of a take whose tape, survey or measures are there now."""
    tuned = Signal(str, int)
    """The id of a take whose tune was looked for, and how many notes there are."""
    busy = Signal(str)
    """What takes long just now, with its share; "" = nothing. `give_up` ends it."""

    no_peaks = np.zeros((0, 2), np.float32)
    """What is known of a wave that was not read yet."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.folder = session.home / "takes"
        self._tapes: dict[str, Tape] = {}
        self._surveys: dict[str, Survey] = {}
        self._measures: dict[str, Measures] = {}
        self._asked: set[tuple[str, str]] = set()
        self._background = Background(self, threads=2)
        self._long: list[_Long] = []
        self._clock = QTimer(self, interval=150)
        self._clock.timeout.connect(self._tell)
        session.takes.came.connect(self._collect)
        session.takes.moved.connect(self._tidy)
        QTimer.singleShot(TIDIED, self, self.tidy_folder)
        self._collect()

    # --- asking -------------------------------------------------------------------------------------------------

    def tape(self, take: Take) -> Tape | None:
        """The take's sound; None while it is being opened."""
        path = take.source.path
        if path not in self._tapes:
            self._ask("tape", take, lambda: self._opened(path), self._tapes, path)
        return self._tapes.get(path)

    def _opened(self, path: str) -> Tape:
        leftovers.used(Path(path), self.folder)
        return Tape(path)

    def survey(self, take: Take) -> Survey | None:
        """Its wave and digest; None while it is read."""
        tape, path = self.tape(take), take.source.path
        if tape is not None and path not in self._surveys:
            self._ask("survey", take, lambda: survey(tape), self._surveys, path)
        return self._surveys.get(path)

    def peaks(self, take: Take) -> np.ndarray:
        found = self.survey(take)
        return found.peaks if found is not None else self.no_peaks

    def measures(self, take: Take) -> Measures | None:
        """Loudness, tempo and key; None while they are found out."""
        tape, path = self.tape(take), take.source.path
        if tape is not None and path not in self._measures:
            self._ask("measures", take, lambda: measured(tape), self._measures, path, priority=-1)
        return self._measures.get(path)

    def _ask(
        self,
        what: str,
        take: Take,
        work: Callable[[], Any],
        into: dict[str, Any],
        path: str,
        priority: int = 0,
    ) -> None:
        if (what, path) in self._asked:
            return
        self._asked.add((what, path))

        def found(value: Any) -> None:
            if value is not None:
                into[path] = value
            if what == "survey" and value is not None:
                self._digested(path, value.digest)
            for one in self.session.takes.all:
                if one.source.path == path:
                    self.changed.emit(one.id)

        self._background.run(work, found, lambda error: self.session.say(str(error), "warn"), priority)

    def _digested(self, path: str, digest: str) -> None:
        """A request names a file with the digest of what is in it."""
        for take in self.session.takes.all:
            if take.source.path == path and not take.source.sha256:
                self.session.takes.learn(take.id, source=Source(path=path, sha256=digest))

    def later(self, work: Callable[[], Any], then: Callable[[Any], object]) -> None:
        """Something small on another thread."""
        self._background.run(work, then, priority=2)

    # --- what takes long ------------------------------------------------------------------------------------------

    def _begin(self, title: str) -> _Long:
        made = _Long(title)
        self._long.append(made)
        self._clock.start()
        self._tell()
        return made

    def _end(self, what: _Long) -> None:
        self._long.remove(what)
        self._tell()

    def _tell(self) -> None:
        if not self._long:
            self._clock.stop()
            self.busy.emit("")
            return
        what = self._long[-1]
        self.busy.emit(f"{what.title} · {what.share:.0%}" if what.share else what.title)

    def give_up(self) -> None:
        """Ends what takes long, as soon as it looks up from its work."""
        for what in self._long:
            what.stop = True

    def _failing(self, what: _Long) -> Callable[[Exception], None]:
        def failed(error: Exception) -> None:
            self._end(what)
            if not isinstance(error, Stopped):
                self.session.say(str(error), "warn")

        return failed

    # --- adding -------------------------------------------------------------------------------------------------

    def add_file(self, path: Path, origin: Origin = "dropped", name: str = "", tune: bool = False) -> None:
        """A sound file becomes a take once it is opened; what cannot be read at any place is copied first.

        Args:
            tune: whether its notes are looked for at once.
        """
        what = self._begin(self.tr("Reading {0}").format(path.name))

        def work() -> tuple[Tape, Any]:
            place = placed(path, self.folder, what.told)
            return self._opened(str(place)), _request_in(path)

        def opened(found: tuple[Tape, Any]) -> None:
            tape, spec = found
            self._end(what)
            place = str(tape.path)
            self._tapes[place] = tape
            self._asked.add(("tape", place))
            title = name or (layer_name(spec) if spec is not None else path.name)
            how = "made" if spec is not None else origin
            take = Take(title, Source(path=place), tape.seconds, tape.rate, tape.channels, how, spec)
            self.session.takes.add(take)
            if tune:
                self.find_tune(take)

        self._background.run(work, opened, self._failing(what))

    def _failed(self, error: Exception) -> None:
        self.session.say(str(error), "warn")

    def _collect(self) -> None:
        """Results that are in no file yet."""
        takes = self.session.takes
        while takes.unplaced:
            job, result = takes.unplaced.pop(0)
            self._background.run(
                lambda result=result: written(result, self.folder),
                lambda found, job=job, result=result: self._offer(job, result, *found),
                self._failed,
                priority=1,
            )

    def _offer(self, job: str, result: Result, tape: Tape, digest: str) -> None:
        self._offered(tape, digest, layer_name(result.spec), result.spec, result.index == 0)

    def _offered(self, tape: Tape, digest: str, name: str, spec: JobSpec | None, show: bool) -> None:
        place = str(tape.path)
        self._tapes[place] = tape
        self._asked.add(("tape", place))
        source = Source(path=place, sha256=digest)
        take = Take(name, source, tape.seconds, tape.rate, tape.channels, "made", spec)
        self.session.takes.offer(take, show)

    def silence(self, take: Take) -> None:
        """A new take without what is marked on this one, beside it for comparison."""
        tape = self.tape(take)
        if tape is None:
            return
        what = self._begin(self.tr("Removing what is marked"))
        plane, folder = Shot(take.marks), self.folder
        plane.take()
        name = self.tr("{0} without the marked part").format(take.name)

        def work() -> tuple[Tape, str]:
            out = folder / f"edited-{new_id()}.flac"
            if silenced(tape, plane.document, out, what.told) is None:
                raise Stopped
            made = Tape(out)
            found = survey(made)
            return made, found.digest if found is not None else ""

        def done(found: tuple[Tape, str]) -> None:
            self._end(what)
            self._offered(found[0], found[1], name, None, True)
            self.session.takes.compare(take.id)

        self._background.run(work, done, self._failing(what), priority=1)

    def find_tune(self, take: Take, then: Callable[[int], object] | None = None) -> None:
        """Looks for the notes of a take; `then` gets how many there are."""
        tape = self.tape(take)
        if tape is None:
            return
        what = self._begin(self.tr("Looking for a tune in {0}").format(take.name))

        def found(notes: tuple[Note, ...]) -> None:
            self._end(what)
            self.session.takes.learn(take.id, melody=notes)
            self.tuned.emit(take.id, len(notes))
            if then is not None:
                then(len(notes))

        self._background.run(lambda: tune_of(tape), found, self._failing(what))

    def export(self, take: Take, wanted: SoundExport) -> None:
        """Writes a take as a file for other programs; a sentence follows when it is there or cannot be."""
        self.session.set_file_state("exporting")
        source = Path(take.source.path)
        what = self._begin(self.tr("Exporting {0}").format(take.name))

        def work() -> Facts:
            return export_sound(self._tapes.get(str(source)) or Tape(source), wanted, what.told)

        def done(facts: Facts) -> None:
            self._end(what)
            self.session.set_file_state("")
            text = self.tr("Exported as {0}.").format(wanted.path.name)
            if facts.lufs is not None and facts.peak is not None:
                text += " " + self.tr("{0:.1f} LUFS, true peak {1:.1f} dBTP.").format(
                    facts.lufs, facts.peak
                ).replace("-", "−")
            self.session.say(text)

        def failed(error: Exception) -> None:
            self.session.set_file_state("")
            self._failing(what)(error)

        self._background.run(work, done, failed, priority=1)

    # --- ends ---------------------------------------------------------------------------------------------------

    def _tidy(self, what: str) -> None:
        """Files of takes that are gone are closed (undo opens them again)."""
        paths = {take.source.path for take in self.session.takes.all}
        for path in [path for path in self._tapes if path not in paths]:
            self._tapes.pop(path).close()
            self._surveys.pop(path, None)
            self._measures.pop(path, None)
            self._asked -= {(what, path) for what in ("tape", "survey", "measures")}

    def tidy_folder(self) -> None:
        """Sounds that nothing has needed for long go from the disk."""
        recovery = self.session.home / "recovery"
        self.later(lambda: leftovers.tidy(self.folder, recovery), lambda gone: None)

    def wait(self, seconds: float = 20) -> bool:
        """Until everything that was asked for is there: for tests."""
        return self._background.wait(seconds)

    def stop(self) -> None:
        self._background.stop()
        for tape in self._tapes.values():
            tape.close()


def written(result: Result, folder: Path) -> tuple[Tape, str]:
    """A result as a flac with its request inside -> (its tape, the digest of what the file holds)."""
    from studio.media.sound import save_sound

    path = folder / f"{result.clip.digest()[:20]}.flac"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        save_sound(result.clip, path, result.spec)
    leftovers.used(path, folder)
    tape = Tape(path)
    found = survey(tape)
    return tape, found.digest if found is not None else ""


def _request_in(path: Path) -> Any:
    """The request that a file was made by, None where it holds none."""
    from studio.media.metadata import read_settings, to_spec

    try:
        spec, _ = to_spec(read_settings(path))
        return spec
    except (BadRequest, ValueError, OSError):
        return None


def measured(tape: Tape) -> Measures:
    """Loudness and true peak of all of it, tempo and key of the first two minutes."""
    from studio.core.beat import beat_of, key_of
    from studio.core.loudness import Measuring

    measuring = Measuring(tape.rate, tape.channels)
    for at in range(0, tape.samples, BLOCK):
        measuring.add(tape.read(at, min(BLOCK, tape.samples - at)))
    if not np.isfinite(measuring.lufs):  # silence has neither tempo nor key
        return Measures()
    heard = tape.mono(0, min(tape.samples, round(LISTENED * tape.rate)))
    beat = beat_of(heard, tape.rate)
    return Measures(
        measuring.lufs,
        measuring.peak,
        beat.bpm if beat.sure else None,
        key_of(heard, tape.rate) if len(heard) >= KEYED * tape.rate else "",
    )


def tune_of(tape: Tape) -> tuple[Note, ...]:
    """The notes of a sound at whole semitones, of the first ten minutes at most."""
    from studio.core.melody import notes_of, tuned

    heard = tape.mono(0, min(tape.samples, round(TUNED * tape.rate)))
    return tuple(Note(*note) for note in tuned(notes_of(heard, tape.rate)))


def clip_of(tape: Tape, begin: float = 0.0, end: float | None = None) -> Clip:
    """A stretch of a tape as a sound in memory."""
    first = round(begin * tape.rate)
    last = tape.samples if end is None else round(end * tape.rate)
    return Clip.sound(tape.read(first, max(1, last - first)), tape.rate)
