"""The middle of the Film workspace: the stage above, the timeline below."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QSplitter, QVBoxLayout, QWidget

from studio.core import cutting
from studio.core.beat import beat_of
from studio.core.clip import Clip
from studio.core.cutting import SetTimeline
from studio.core.job import BadRequest, Source
from studio.core.montage import RATE
from studio.core.timeline import Item
from studio.media import links
from studio.media.film import Films
from studio.session import Session
from studio.ui import exchange
from studio.ui.timeline.clip import ClipPanel
from studio.ui.timeline.export import FilmExportDialog, Renders
from studio.ui.timeline.masker import Masker
from studio.ui.timeline.panel import TimelinePanel
from studio.ui.timeline.player import FilmPlayer
from studio.ui.timeline.shelf import FilmShelf
from studio.ui.timeline.stage import FilmStage


class FilmPage(QWidget):
    """See the module. It fulfils `studio.filming.Desk`."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session, self.film = session, session.film
        self.setAccessibleName(self.tr("Film"))
        self.player = FilmPlayer(session, parent=self)
        self.shelf = FilmShelf(session, self)
        self.renders = Renders(session, self)
        self.masker = Masker(session, self.shelf, self)
        self.stage = FilmStage(session, self.player, self.shelf, self.renders, self.masker)
        self.timeline = TimelinePanel(session, self.shelf)
        self.clip = ClipPanel(session)
        self.film.desk = self
        session.changed.connect(self._changed)
        self.film.changed.connect(self._film_changed)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        self.split = QSplitter(Qt.Orientation.Vertical)
        self.split.setChildrenCollapsible(False)
        self.split.addWidget(self.stage)
        self.split.addWidget(self.timeline)
        self.split.setStretchFactor(0, 1)
        self.split.setStretchFactor(1, 0)
        self.split.setSizes([560, 330])
        column.addWidget(self.split)
        for button in self.findChildren(QAbstractButton):
            button.installEventFilter(self.timeline.space)

    # --- what the window asks of a page ---------------------------------------------------------------------------------

    def panels(self) -> tuple[tuple[str, str, str, QWidget], ...]:
        """Those that come with the page: name, title, icon, body."""
        return (("clip", self.tr("Clip"), "scan", self.clip),)

    def focus(self) -> QWidget:
        return self.timeline.view

    def zoom_fit(self) -> None:
        self.timeline.view.fit()

    def zoom_to(self, scale: float) -> None:
        """1 = a second is a hundred pixels wide."""
        sight = self.timeline.view.sight
        self.timeline.view.zoom(scale * 100 / sight.rate / sight.scale)

    def zoom_by(self, factor: float) -> None:
        self.timeline.view.zoom(factor)

    def wait(self, seconds: float = 20) -> bool:
        """Until files, small pictures and the frame in view are there: for tests."""
        return self.shelf.wait(seconds) and self.player.wait(seconds)

    def stop(self) -> None:
        self.player.close()
        self.renders.stop()
        self.shelf.stop()

    def _film_changed(self, what: str) -> None:
        if what in ("chosen", "takes", "options"):
            self.session.changed.emit("film")  # other commands can be used now

    def _changed(self, what: str) -> None:
        if what == "workspace" and self.session.workspace != "film":
            self.player.stop()

    # --- what commands ask of it (studio.filming.Desk) -------------------------------------------------------------------

    def add_files(self, paths: list[Path]) -> None:
        self.shelf.add_files(exchange.playable(self.session, paths))

    def choose_files(self) -> None:
        self.stage.empty.choose()

    def edit_words(self) -> None:
        self.timeline.view.edit_words(self.film.playhead)

    def edit_speed(self) -> None:
        self.clip.focus_speed()

    def paint_mask(self) -> None:
        self.masker.set_on(not self.masker.on)

    def painting_mask(self) -> bool:
        return self.masker.on

    def mark_beats(self) -> None:
        """Markers on the beats of the chosen clip's sound, else of the first sound on the timeline."""
        timeline = self.film.timeline
        chosen = self.film.chosen
        heard = [item for track, item in timeline.items() if item.media.heard and track.kind == "sound"]
        heard += [item for _, item in timeline.items() if item.media.heard]
        if chosen is not None and chosen[1].media.heard:
            heard.insert(0, chosen[1])
        if heard:
            item = heard[0]
            self.shelf.run(lambda: beats_of(item, timeline.rate), self._mark, self.tr("Listening for beats"))

    def _mark(self, frames: list[int]) -> None:
        if not frames:
            self.session.say(
                self.tr("No steady beat was found in this sound; set markers by hand with M."), "warn"
            )
        elif self.film.do("Mark the beats", cutting.mark, frames):
            self.session.say(self.tr("{0} beats are marked; cuts snap to them.").format(len(frames)))

    def close_loop(self) -> None:
        """The chosen clip's last picture as the first, and its first as the last, of a clip that is to be drawn."""
        found = self.film.chosen
        if found is None:
            return
        item, rate = found[1], self.film.timeline.rate

        def ready(ends: tuple[Source, Source]) -> None:
            session = self.session
            session.set_technique("image2video")
            session.set_value("image", ends[0])
            session.set_value("end", ends[1])
            self.film.describe(item)
            session.view.focus_words()
            session.say(
                self.tr(
                    "This clip leads from the last picture back to the first; put behind the other, both are a loop."
                )
            )

        self.shelf.run(
            lambda: ends_of(item, rate, self.session.kept), ready, self.tr("Reading {0}").format(item.name)
        )

    def gather_files(self) -> None:
        """Copies of all files into the folder of the project's name; the film names those from then on."""
        path, timeline = self.session.project.path, self.film.timeline
        if path is None:
            return

        def done(places: dict[str, Path]) -> None:
            known = self.film.timeline.medias()
            new = {old: replace(known[old], path=str(to)) for old, to in places.items() if old in known}
            self.session.edit(
                SetTimeline(links.renamed(self.film.timeline, new), "Copy the files beside the project")
            )
            self.session.say(
                self.tr("The film's files are in “{0}” now; save the project.").format(
                    links.media_folder(path).name
                )
            )

        self.shelf.run(
            lambda: links.gather(timeline, links.media_folder(path)), done, self.tr("Copying the files")
        )

    def export_film(self) -> None:
        session, timeline = self.session, self.film.timeline
        path = session.project.path
        name = Path(session.title).stem or next((item.name for _, item in timeline.items()), "film")
        folder = str(path.parent) if path is not None else ""
        FilmExportDialog(
            session, lambda wanted: self.renders.run(self.film.timeline, wanted), name, folder, self.window()
        ).open()


def beats_of(item: Item, rate: float) -> list[int]:
    """Frames of the timeline on which the beats of a clip's sound lie; none where no beat is sure."""
    films = Films()
    try:
        first = round(item.begin * RATE)
        sound = films.sound(item.media, first, round(item.length / rate * item.speed * RATE))
    finally:
        films.close()
    beat = beat_of(sound.mean(1), RATE)
    if not beat.sure or beat.bpm <= 0:
        return []
    seconds, out = beat.first, []
    while seconds < len(sound) / RATE:
        out.append(item.start + round(seconds / item.speed * rate))
        seconds += 60 / beat.bpm
    return [frame for frame in out if frame < item.end]


def ends_of(item: Item, rate: float, keep: Callable[[Clip], Source]) -> tuple[Source, Source]:
    """The last and the first picture of a clip, as files.

    Raises:
        BadRequest: it cannot be read.
    """
    films = Films()
    try:
        out: list[Source] = []
        for frame in (item.end - 1, item.start):
            media = item.media
            pixels = films.picture(media, item.seconds_at(frame + 0.5, rate), media.width, media.height)
            if pixels is None:
                raise BadRequest(films.broken.get(media.path, f"{media.path} cannot be read."))
            out.append(keep(Clip.picture(np.ascontiguousarray(pixels[..., :3]))))
        return out[0], out[1]
    finally:
        films.close()
