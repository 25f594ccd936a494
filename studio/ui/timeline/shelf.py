"""What the timeline needs from files, on other threads: what a file is, small pictures of it, its wave; results and cut clips as files.

Small pictures and waves are made when they are looked at, the newest wish first: what has scrolled away before its turn is not made.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QImage

from studio.core.job import Result
from studio.core.montage import RATE
from studio.core.timeline import Media
from studio.filming import NO_CLIP, READING
from studio.media.film import Films, about, cut_out
from studio.session import Session, layer_name
from studio.ui.widgets.images import Background, array_image

THUMB = 72
"""Height in pixels that small pictures are read with."""
THUMBS = 900
"""Small pictures that are kept."""
AT_ONCE = 4
"""Small pictures that are read before wishes are looked at again."""
PEAKS = 200
"""Values of a wave per second."""
PATIENCE = 250
"""Milliseconds after a choice until the clip is cut out for a model."""

Key = tuple[str, float]


class FilmShelf(QObject):
    """See the module. Asked on the window's thread."""

    arrived = Signal()
    """Small pictures or waves that were asked for are there."""
    busy = Signal(str)
    """What takes long just now; "" = nothing."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.session, self.film = session, session.film
        self.folder = session.home / "films"
        self._background = Background(self)
        self._drawing = Background(self)
        self._hearing = Background(self)
        self._films = Films()
        self._films.alone = True
        """For small pictures, on the thread of `_drawing` only."""
        self._thumbs: OrderedDict[Key, QImage | None] = OrderedDict()
        self._wanted: list[tuple[Key, Media]] = []
        self._reading = False
        self._waves: dict[str, np.ndarray] = {}
        self._open = 0
        self._cut_for: object = None
        self._later = QTimer(self, singleShot=True, interval=PATIENCE)
        self._later.timeout.connect(self._cut)
        self.film.came.connect(self._collect)
        self.film.changed.connect(self._changed)
        session.changed.connect(self._session_changed)
        self._collect()
        self._later.start()

    @property
    def broken(self) -> dict[str, str]:
        """Path -> sentence, of files that could not be read."""
        return self._films.broken

    # --- small pictures -----------------------------------------------------------------------------------------------

    def begin(self) -> None:
        """A new look at the timeline: wishes of the last one are forgotten."""
        self._wanted.clear()

    def thumb(self, media: Media, seconds: float, grid: float) -> QImage | None:
        """The picture of about a time, rounded to `grid` seconds; None while there is none."""
        at = 0.0 if media.kind == "picture" else max(round(seconds / grid) * grid, 0.0)
        key = (media.path, at)
        if key in self._thumbs:
            self._thumbs.move_to_end(key)
            return self._thumbs[key]
        self._wanted.append((key, media))
        if not self._reading:
            self._reading = True
            QTimer.singleShot(0, self, self._read)
        return None

    def _read(self) -> None:
        todo = [(key, media) for key, media in dict(self._wanted).items() if key not in self._thumbs]
        self._reading = bool(todo)
        if not todo:
            return
        some = todo[:AT_ONCE]

        def work() -> list[tuple[Key, np.ndarray | None]]:
            return [(key, self._small(media, key[1])) for key, media in some]

        self._drawing.run(work, self._got, lambda _: self._read())

    def _small(self, media: Media, seconds: float) -> np.ndarray | None:
        wide = max(8, min(round(THUMB * media.width / max(media.height, 1)), 8 * THUMB))
        pixels = self._films.picture(media, seconds, wide, THUMB)
        return None if pixels is None else pixels[..., :3]

    def _got(self, found: Iterable[tuple[Key, np.ndarray | None]]) -> None:
        for key, pixels in found:
            self._thumbs[key] = None if pixels is None else array_image(pixels)
        while len(self._thumbs) > THUMBS:
            self._thumbs.popitem(last=False)
        self._read()
        self.arrived.emit()

    # --- waves ------------------------------------------------------------------------------------------------------------

    def wave(self, media: Media) -> np.ndarray:
        """[n, 2]: lowest and highest of each 1/PEAKS s in [-1, 1]; zeros where it was not read yet."""
        found = self._waves.get(media.path)
        if found is None:
            count = max(1, math.ceil(media.seconds * PEAKS))
            found = self._waves[media.path] = np.zeros((count, 2), np.float32)
            self._hear(media, found, 0, Films())
        return found

    def _hear(self, media: Media, into: np.ndarray, at: int, films: Films) -> None:
        """Ten seconds after the other, so that something is seen soon."""
        per, count = RATE // PEAKS, min(10 * PEAKS, len(into) - at)

        def work() -> np.ndarray:
            sound = films.sound(media, at * per, count * per).reshape(count, per * 2)
            return np.stack([sound.min(1), sound.max(1)], 1)

        def heard(found: np.ndarray) -> None:
            into[at : at + count] = found
            self.arrived.emit()
            if at + count < len(into):
                self._hear(media, into, at + count, films)
            else:
                self._hearing.run(films.close, lambda _: None)

        self._hearing.run(work, heard)

    # --- files onto the timeline ------------------------------------------------------------------------------------------

    def add_files(self, paths: Sequence[Path], frame: int | None = None, track_id: str = "") -> None:
        """Each file is put on the timeline, one after the other; pictures that are numbered become one clip."""
        from studio.media.sequence import grouped

        for group in grouped(paths):
            self._busy(1, self.tr("Reading {0}").format(group[0].name))
            self._background.run(
                lambda group=group: self._known(group),
                lambda media, at=frame: self._add(media, at, track_id),
                self._failed,
            )
            frame = None  # what follows lies behind it

    def _known(self, group: Sequence[Path]) -> Media:
        if len(group) == 1:
            return about(group[0])
        from studio.media.sequence import gathered

        return about(gathered(group, self.folder))

    def _add(self, media: Media, frame: int | None, track_id: str) -> None:
        self._busy(-1)
        self.film.add(media, frame=frame, track_id=track_id)

    def _failed(self, error: Exception) -> None:
        self._busy(-1)
        self.session.say(str(error), "warn")

    def _busy(self, more: int, text: str = "") -> None:
        self._open += more
        if text or not self._open:
            self.busy.emit(text if self._open else "")

    def run(self, work: Callable[[], Any], then: Callable[[Any], object], text: str) -> None:
        """Anything else on another thread; an error is said. text: what is told meanwhile, "" = nothing."""
        self._busy(1, text)

        def done(value: Any) -> None:
            self._busy(-1)
            then(value)

        self._background.run(work, done, self._failed)

    # --- results ------------------------------------------------------------------------------------------------------------

    def _collect(self) -> None:
        """Clips that came back and are in no file yet."""
        while self.film.unplaced:
            job, result = self.film.unplaced.pop(0)
            self._busy(1, self.tr("Writing the clip"))
            self._background.run(
                lambda result=result: written(result, self.folder),
                lambda media, job=job, result=result: self._place(job, media, layer_name(result.spec)),
                self._failed,
                priority=1,
            )

    def _place(self, job: str, media: Media, name: str) -> None:
        self._busy(-1)
        self.film.placed(job, media, name)

    # --- the chosen clip for a model ----------------------------------------------------------------------------------------

    def _session_changed(self, what: str) -> None:
        if what in ("technique", "document"):
            self._changed("chosen")

    def _changed(self, what: str) -> None:
        if what in ("chosen", "timeline"):
            self._later.start()

    def _needs_clip(self) -> bool:
        fields = self.session.technique_class.model_fields.values()
        return any((info.json_schema_extra or {}).get("widget") == "video" for info in fields)  # type: ignore[union-attr]

    def _cut(self) -> None:
        """Cuts the chosen clip out, once for each choice, if the technique takes a clip."""
        found, rate = self.film.chosen, self.film.timeline.rate
        item = found[1] if found is not None and found[1].media.kind == "video" else None
        if not self._needs_clip():
            return
        meant = None if item is None else (item.media.path, item.begin, item.length, item.speed, rate)
        if meant == self._cut_for and meant is not None:
            return
        self._cut_for = meant
        if item is None:
            self.film.set_clip(None, NO_CLIP)
            return
        self.film.set_clip(None, READING)

        def done(clip: Any) -> None:
            if self._cut_for == meant:
                self.film.set_clip(clip)

        def failed(error: Exception) -> None:
            if self._cut_for == meant:
                self.film.set_clip(None, str(error))

        self._background.run(lambda: cut_out(item, rate, self.folder), done, failed)

    # --- ends -------------------------------------------------------------------------------------------------------------

    def wait(self, seconds: float = 20) -> bool:
        """Until everything that was asked for is there: for tests."""
        return self._background.wait(seconds) and self._drawing.wait(seconds) and self._hearing.wait(seconds)

    def stop(self) -> None:
        self._later.stop()
        for background in (self._background, self._drawing, self._hearing):
            background.stop()


def written(result: Result, folder: Path) -> Media:
    """A result as a lossless film with its request inside.

    Raises:
        BadRequest: the disk is full and the like.
    """
    from studio.media.files import ready_folder
    from studio.media.video import save_video

    path = folder / f"{result.clip.digest()[:20]}.mkv"
    if not path.exists():
        ready_folder(folder, result.clip.array.nbytes + (1 << 20), "clip")
        save_video(result.clip, path, result.spec)
    return about(path, result.spec)
