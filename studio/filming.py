"""What a person does with the film: the playhead, the chosen clip, what snaps, and the clips that came back from requests.

Every change of the timeline is one Edit of the document's history. A result is a take beside the film until it is put on the timeline or
discarded. Nothing here waits: files are read by whoever has a background thread (`studio.ui.timeline`), which tells the outcome.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from psygnal import Signal

from studio.core import cutting
from studio.core.clip import Clip
from studio.core.cutting import SetTimeline
from studio.core.document import Document
from studio.core.history import Edit, Together
from studio.core.job import JobSpec, Result, Source
from studio.core.layer import new_id
from studio.core.timeline import Item, Lane, Media, Timeline, Track, TrackKind, alone, begun_with, whole

if TYPE_CHECKING:
    from studio.session import Session

NO_CLIP = "Choose a clip on the timeline first; where there is none yet, make one from words or drop one in."
READING = "The chosen clip is being read; it takes a moment."
FADE = 0.5
"""Seconds of a crossfade that was not dragged to a length."""


class Player(Protocol):
    """What commands ask of the player."""

    @property
    def playing(self) -> bool: ...
    def play(self, speed: float = 1.0) -> None: ...
    def stop(self) -> None: ...
    def seek(self, frame: int) -> None: ...
    def step(self, frames: int) -> None: ...


class Desk(Protocol):
    """What commands ask of the workspace's page: what takes long, asks for a file, or needs the focus."""

    def add_files(self, paths: list[Path]) -> None: ...
    def choose_files(self) -> None: ...
    def export_film(self) -> None: ...
    def gather_files(self) -> None: ...
    def mark_beats(self) -> None: ...
    def edit_words(self) -> None: ...
    def edit_speed(self) -> None: ...
    def paint_mask(self) -> None: ...
    def painting_mask(self) -> bool: ...
    def close_loop(self) -> None: ...


@dataclass(frozen=True)
class FilmTake:
    """A clip that came back and lies in a file, but not on the timeline yet.

    Args:
        of: the clip on the timeline that it was made from and takes the place of, "" = none.
    """

    media: Media
    name: str
    job: str
    id: str
    of: str = ""


class _Leave:
    """Edit: takes leave the strip (used or discarded); undo puts them back where they were."""

    nbytes = 300

    def __init__(self, film: Filming, gone: Iterable[FilmTake], name: str) -> None:
        self.name, self._film, self._gone = name, film, list(gone)
        self._before: list[FilmTake] = []

    def apply(self, document: Document) -> None:
        self._before = list(self._film.takes)
        self._film._set_takes([take for take in self._before if take not in self._gone])  # pyright: ignore[reportPrivateUsage]

    def revert(self, document: Document) -> None:
        now = self._film.takes
        back = [take for take in self._before if take in self._gone or take in now]
        self._film._set_takes([*back, *(take for take in now if take not in back)])  # pyright: ignore[reportPrivateUsage]


class Filming:
    """See the module.

    Args:
        session: whose document and history it works on.
    """

    changed = Signal(str)
    """What changed: "timeline", "playhead", "chosen", "takes", "clip", "options"."""
    came = Signal()
    """Results wait to be put into files (`unplaced`)."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.playhead = 0
        self.chosen_id = ""
        self.track_id = ""
        """The track that was clicked last: where things are put that fit there."""
        self.snapping = True
        self.looping = False
        self.player: Any = None
        """Fulfils `Player`, once there is one."""
        self.desk: Any = None
        """The workspace's page (`Desk`), once there is one."""
        self.takes: list[FilmTake] = []
        self.shown_take = ""
        """The take that is in the player instead of the timeline."""
        self.solo = ""
        """A clip that is shown without what lies over it."""
        self.unplaced: list[tuple[str, Result]] = []
        """(job, result) of clips that are in no file yet: whoever has a background thread takes them from here."""
        self.clip: Source | None = None
        """The chosen clip as a file for a model, once it is cut out."""
        self.why_no_clip = NO_CLIP
        self._origins: dict[str, str] = {}
        """Job -> the clip on the timeline that it was given."""
        self._watched: Document | None = None
        session.changed.connect(self._session_changed)
        session.job_changed.connect(self._asked)
        self._watch()

    def _session_changed(self, what: str) -> None:
        if what == "document":
            self._watch()
            self._moved()

    def _asked(self, job_id: str) -> None:
        """A request goes out: if it takes the chosen clip, its result may take that clip's place."""
        job = self._session.jobs.get(job_id)
        if job is None or job_id in self._origins or job.state != "waiting" or self.clip is None:
            return
        source = getattr(job.spec.technique, "video", None)
        if source is not None and source.path == self.clip.path and self.chosen_id:
            self._origins[job_id] = self.chosen_id

    def _watch(self) -> None:
        document = self._session.document
        if document is not self._watched:
            if self._watched is not None:
                self._watched.timeline_changed.disconnect(self._moved)
            self._watched = document
            document.timeline_changed.connect(self._moved)

    def _moved(self) -> None:
        if self.chosen_id and self.timeline.find(self.chosen_id) is None:
            self.choose("")
        self.changed.emit("timeline")

    # --- reading ------------------------------------------------------------------------------------------------

    @property
    def timeline(self) -> Timeline:
        return self._session.document.timeline

    @property
    def chosen(self) -> tuple[Track, Item] | None:
        return self.timeline.find(self.chosen_id)

    @property
    def take(self) -> FilmTake | None:
        return next((take for take in self.takes if take.id == self.shown_take), None)

    @property
    def screen(self) -> Timeline:
        """What the player shows: the take in view, else the film, or of it one clip alone."""
        take = self.take
        if take is not None:
            return alone(take.media)
        found = self.timeline.find(self.solo) if self.solo else None
        if found is None:
            return self.timeline
        track, item = found
        return replace(self.timeline, tracks=(replace(track, items=(replace(item, fade=0),), on=True),))

    def under_playhead(self) -> tuple[Track, Item] | None:
        """The chosen clip where the playhead is in it, else the topmost picture there, else a sound."""
        chosen = self.chosen
        if chosen is not None and chosen[1].start < self.playhead < chosen[1].end:
            return chosen
        found = [
            (track, item) for track, item in self.timeline.items() if item.start < self.playhead < item.end
        ]
        seen = [pair for pair in found if pair[0].kind != "sound"]
        return (seen or found)[-1] if found else None

    # --- looking ---------------------------------------------------------------------------------------------------

    def go(self, frame: int) -> None:
        frame = max(0, frame)
        if frame != self.playhead:
            self.playhead = frame
            self.changed.emit("playhead")

    def choose(self, item_id: str) -> None:
        if item_id != self.chosen_id:
            self.chosen_id = item_id
            found = self.chosen
            if found is not None:
                self.track_id = found[0].id
            self.changed.emit("chosen")

    def choose_next(self, way: int) -> None:
        """The next clip in the order of time, from the chosen one or from the playhead on; the playhead goes along."""
        order = sorted((item.start, place, item.id) for place, (_, item) in enumerate(self.timeline.items()))
        ids = [row[2] for row in order]
        if not ids:
            return
        if self.chosen_id in ids:
            at = min(max(ids.index(self.chosen_id) + way, 0), len(ids) - 1)
        else:
            later = [place for place, row in enumerate(order) if row[0] >= self.playhead]
            at = (later[0] if later else len(ids) - 1) if way > 0 else max((later or [len(ids)])[0] - 1, 0)
        self.choose(ids[at])
        self.seek(order[at][0])

    def show_take(self, take_id: str) -> None:
        """A take, or "" for the film."""
        if take_id != self.shown_take:
            self.shown_take = take_id
            self.changed.emit("takes")

    def show_alone(self, item_id: str) -> None:
        """Only this clip in the player, "" = all of the film."""
        if item_id != self.solo:
            self.solo = item_id
            self.changed.emit("takes")

    def step_take(self, way: int) -> None:
        """Through the takes and the film itself in a ring."""
        ring = (
            ["", *(take.id for take in self.takes)]
            if not self.timeline.empty
            else [take.id for take in self.takes]
        )
        if ring:
            at = ring.index(self.shown_take) if self.shown_take in ring else 0
            self.show_take(ring[(at + way) % len(ring)])

    def set_snapping(self, on: bool) -> None:
        self.snapping = on
        self.changed.emit("options")

    def set_looping(self, on: bool) -> None:
        self.looping = on
        self.changed.emit("options")

    def next_cut(self, way: int) -> None:
        """To the next place where something begins, ends or is marked."""
        places = cutting.edges(self.timeline)
        ahead = [place for place in places if (place > self.playhead if way > 0 else place < self.playhead)]
        if ahead:
            self.seek(ahead[0] if way > 0 else ahead[-1])

    def seek(self, frame: int) -> None:
        if self.player is not None:
            self.player.seek(frame)
        else:
            self.go(frame)

    # --- changing -----------------------------------------------------------------------------------------------------

    def do(self, title: str, change: Callable[..., Timeline], /, *args: Any, **more: Any) -> bool:
        """A function of `studio.core.cutting` as one Edit; a refusal is a sentence. Whether it was done."""
        try:
            made = change(self.timeline, *args, **more)
        except (ValueError, KeyError) as error:
            self._session.say(str(error).strip("'\""), "warn")
            return False
        if made != self.timeline:
            self._session.edit(SetTimeline(made, title))
        return True

    def add(self, media: Media, name: str = "", frame: int | None = None, track_id: str = "") -> bool:
        """A file comes on the timeline and is chosen; the first one also decides how large and quick the film is.

        Args:
            frame: where; None = after the chosen clip if it lies on that track, else at the track's end.
            track_id: "" = the first that can hold it, made if there is none.
        """
        edits = self._adding(media, name or Path(media.path).stem, frame, track_id)
        if edits is None:
            return False
        edit, item_id = edits
        self._session.edit(edit)
        self.choose(item_id)
        return True

    def _adding(self, media: Media, name: str, frame: int | None, track_id: str) -> tuple[Edit, str] | None:
        timeline = self.timeline
        if not any(True for _ in timeline.items()):
            timeline = begun_with(media, timeline)
        track = self._track_for(timeline, media, track_id)
        if track is None:
            kind: TrackKind = "sound" if media.kind == "sound" else "video"
            timeline = cutting.add_track(timeline, kind)
            track = self._track_for(timeline, media, "")
            assert track is not None, "it was just made"
        if frame is None:
            chosen = self.chosen
            frame = chosen[1].end if chosen is not None and chosen[0].id == track.id else track.end
        item = whole(media, timeline.rate, max(frame, 0), name)
        try:
            made = cutting.put(timeline, track.id, item)
        except ValueError as error:
            self._session.say(str(error), "warn")
            return None
        return SetTimeline(made, f"Put {name} on the timeline"), item.id

    def _track_for(self, timeline: Timeline, media: Media, track_id: str) -> Track | None:
        kind = "sound" if media.kind == "sound" else "video"
        able = [track for track in timeline.tracks if track.takes(media)]
        wanted = [track for track in able if track.id in (track_id, "" if track_id else self.track_id)]
        usual = [track for track in able if track.kind == kind]
        pick = (
            [track for track in able if track.id == track_id]
            or [track for track in wanted if track.kind == kind]
            or usual
        )
        return pick[0] if pick else None

    def split(self) -> None:
        """The clip under the playhead; the later part is chosen then."""
        found = self.under_playhead()
        if found is None:
            self._session.say("Put the playhead inside a clip to split it there.", "warn")
            return
        if self.do(f"Split {found[1].name}", cutting.split, found[1].id, self.playhead):
            after = self.timeline.track(found[0].id).at(self.playhead)
            self.choose(after.id if after else "")

    def delete(self, ripple: bool = True) -> None:
        found = self.chosen
        if found is not None:
            self.do(f"Delete {found[1].name}", cutting.delete, found[1].id, ripple)

    def trim(self, edge: cutting.Edge) -> None:
        """The clip under the playhead begins, or ends, at the playhead."""
        found = self.under_playhead()
        if found is None:
            self._session.say("Put the playhead inside a clip to trim it there.", "warn")
        else:
            self.do(f"Trim {found[1].name}", cutting.trim, found[1].id, edge, self.playhead)

    def nudge(self, frames: int) -> None:
        found = self.chosen
        if found is not None:
            self.do(f"Move {found[1].name}", cutting.move, found[1].id, max(0, found[1].start + frames))

    def slip(self, frames: int) -> None:
        found = self.chosen
        if found is not None:
            self.do(f"Slip {found[1].name}", cutting.slip, found[1].id, frames)

    def crossfade(self) -> None:
        """On and off at the beginning of the chosen clip."""
        found = self.chosen
        if found is not None:
            item = found[1]
            frames = 0 if item.fade else max(1, round(FADE * self.timeline.rate))
            self.do("Crossfade" if frames else "Hard cut", cutting.crossfade, item.id, frames)

    def set_range(self, start: bool) -> None:
        """The range begins or ends at the playhead."""
        first, last = self.timeline.span or (None, None)
        if start:
            last = last if last is not None and last > self.playhead else None
            self.do("Begin of the range", cutting.set_span, self.playhead, last)
        else:
            first = first if first is not None and first < self.playhead else None
            self.do("End of the range", cutting.set_span, first, self.playhead)

    def no_range(self) -> None:
        self.do("Whole film", cutting.set_span, None, None)

    def toggle_marker(self) -> None:
        there = any(marker.frame == self.playhead for marker in self.timeline.markers)
        if there:
            self.do("Remove marker", cutting.unmark, [self.playhead])
        else:
            self.do("Marker", cutting.mark, [self.playhead])

    def set_key(self, lane: Lane) -> None:
        """The words or the strength that are set in the form now, at the playhead; there already, it goes."""
        if any(key.frame == self.playhead for key in getattr(self.timeline, lane)):
            self.do("Remove keyframe", cutting.remove_key, lane, self.playhead)
            return
        session = self._session
        if lane == "prompts":
            self.do("Words from here", cutting.set_key, lane, self.playhead, session.prompt)
        else:
            fields = session.technique_class.model_fields
            now = session.value("strength") if "strength" in fields else None
            level = self.timeline.strength(self.playhead)
            value = float(now if now is not None else level if level is not None else 0.6)
            self.do("Strength from here", cutting.set_key, lane, self.playhead, value)

    def add_track(self, kind: TrackKind) -> None:
        name = "Add a track for sound" if kind == "sound" else "Add a track for pictures"
        self.do(name, cutting.add_track, kind)

    # --- what came back ----------------------------------------------------------------------------------------------

    def arrived(self, job: str, result: Result) -> None:
        """A clip is finished."""
        self.unplaced.append((job, result))
        self.came.emit()

    def placed(self, job: str, media: Media, name: str) -> None:
        """It is in a file now: a take, and the one in view."""
        take = FilmTake(media, name, job, new_id(), self._origins.get(job, ""))
        self.takes.append(take)
        self.shown_take = take.id
        self.changed.emit("takes")

    def _set_takes(self, takes: list[FilmTake]) -> None:
        before = [take.id for take in self.takes]
        self.takes = takes
        back = [take.id for take in takes if take.id not in before]
        if back:
            self.shown_take = back[-1]
        elif self.take is None:
            self.shown_take = takes[-1].id if takes else ""
        self.changed.emit("takes")

    def replaces(self, take: FilmTake | None) -> bool:
        """Whether a take is another version of a clip that is still on the timeline."""
        return take is not None and bool(take.of) and self.timeline.find(take.of) is not None

    def use_take(self, beside: bool = False) -> bool:
        """The take in view comes on the timeline, in place of the clip it was made from if there is one: one Edit.

        Args:
            beside: never in place of another.
        """
        take = self.take
        if take is None:
            return False
        if self.replaces(take) and not beside:
            made = cutting.exchange(self.timeline, take.of, take.media, take.name)
            found = SetTimeline(made, ""), take.of
        else:
            found = self._adding(take.media, take.name, None, "")
        if found is None:
            return False
        edit, item_id = found
        self._session.edit(Together(f"Put {take.name} on the timeline", [edit, _Leave(self, [take], "")]))
        self.choose(item_id)
        item = self.chosen
        if item is not None and self.take is None:
            self.seek(item[1].start)
        return True

    def discard_take(self) -> None:
        """It stays in the gallery."""
        take = self.take
        if take is not None:
            self._session.edit(_Leave(self, [take], f"Discard {take.name}"))

    # --- asking for more ------------------------------------------------------------------------------------------------

    def describe(self, item: Item) -> None:
        """The words that made a clip, where nothing was written yet."""
        spec = item.media.spec
        words = str(getattr(spec.technique, "prompt", "")) if spec is not None else ""
        if words and not self._session.prompt:
            self._session.set_prompt(words)

    def ask(self, technique: str) -> None:
        """The form for something that is made of the chosen clip."""
        session, found = self._session, self.chosen
        if found is not None:
            session.set_technique(technique)
            session.clear_value("video")
            self.describe(found[1])
            session.view.focus_words()

    def animate(self) -> None:
        """The form for a clip that begins with the chosen layer of the picture, alone."""
        session, layer = self._session, self._session.layer
        if layer is None:
            return
        box = session.document.box
        pixels = layer.render(box)
        if (pixels[..., 3] == 255).all():
            pixels = pixels[..., :3]
        source = session.kept(Clip.picture(np.ascontiguousarray(pixels)))
        words = str(getattr(layer.spec.technique, "prompt", "")) if layer.spec is not None else ""
        session.set_technique("image2video")
        session.set_value("image", source)
        if words and not session.prompt:
            session.set_prompt(words)
        session.view.focus_words()

    # --- for requests ------------------------------------------------------------------------------------------------

    def set_clip(self, clip: Source | None, why: str = "") -> None:
        """The chosen clip was cut out, or cannot be."""
        self.clip, self.why_no_clip = clip, why or (NO_CLIP if clip is None else "")
        self.changed.emit("clip")
        self._session.changed.emit("forecast")

    def values(self) -> dict[str, Any]:
        """What was set on the chosen clip for a request: a line of words for each part, the mean strength, masks."""
        found = self.chosen
        if found is None:
            return {}
        item, timeline = found[1], self.timeline
        out: dict[str, Any] = {}
        words = timeline.words(item.start, item.end)
        if words:
            out["prompt"] = "\n".join(words)
        levels = [timeline.strength(frame) for frame in range(item.start, item.end)]
        masks = self.masks()
        if masks:
            out["masks"] = masks
        known = [level for level in levels if level is not None]
        if known:
            out["strength"] = max(round(sum(known) / len(known), 3), 0.01)
        return out

    def masks(self) -> list[dict[str, Any]]:
        """The masks on the part of the chosen clip that is seen, as a request names them: frames of that part, and their files."""
        found = self.chosen
        if found is None or not found[1].media.rate:
            return []
        item, rate = found[1], found[1].media.rate
        first = math.ceil(item.begin * rate - 0.5)
        last = item.seconds_at(item.end, self.timeline.rate)
        return [
            {"frame": round(key.seconds * rate) - first, "mask": {"path": key.path, "sha256": key.sha256}}
            for key in item.masks
            if round(key.seconds * rate) >= first and key.seconds < last - 0.25 / rate
        ]

    def made_by(self) -> JobSpec | None:
        """The request that made the chosen clip."""
        found = self.chosen
        return found[1].media.spec if found is not None else None
