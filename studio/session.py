"""What the user is doing now, without a window.

The session knows the document, the words, the technique with its values, the jobs under way and the candidates that
came back. It turns an intent into an Edit of the document or into a frozen JobSpec, and says what changed through two
signals; panels listen and ask. It never waits: requests go to the pool, events come back through `on_event`.
"""

from __future__ import annotations

import json
import math
import random
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

import numpy as np
from psygnal import Signal
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from studio.aside import Aside
from studio.core.card import ModelCard
from studio.core.clip import Clip
from studio.core.document import Document
from studio.core.examples import Example
from studio.core.going import Going
from studio.core.history import (
    AddLayer,
    Edit,
    History,
    Replace,
    Resize,
    SetBox,
    SetPixels,
    SetProperty,
    SetSelection,
    Together,
)
from studio.core.job import (
    TECHNIQUES,
    BadRequest,
    Cancelled,
    Done,
    Event,
    Failed,
    JobSpec,
    Outpaint,
    Preview,
    Progress,
    Result,
    Source,
    WordMap,
    explain,
)
from studio.core.layer import IDENTITY, Layer, Pixels, multiply, placed, read
from studio.core.paths import list_models, listed_models
from studio.core.region import Rect, Region
from studio.jobs.queue import QueueError

if TYPE_CHECKING:
    from studio.filming import Filming
    from studio.takes import Takes

FIRST_WORDS = "a fox on a blue background"
"""What the first-start page draws: plain, quick to judge, and within what the built-in model has learned."""

SAMPLING_STAGES = ("drawing", "sampling")
"""Stages of `Result.seconds` that grow with the number of steps."""
ONCE_STAGES = ("loading", "starting")
"""Stages that only the first request pays for; a forecast leaves them out."""
Workspace = Literal["paint", "film", "music"]
HOME_OF: dict[str, Workspace] = {"picture": "paint", "mask": "paint", "video": "film", "sound": "music"}
"""What a technique makes -> the workspace that offers it."""
JobState = Literal["waiting", "running", "paused", "done", "failed", "cancelled"]
SOUND_FRAMES = 100
"""A second of sound counts as so many pixels where the cost of a request is told from those before."""
CANVAS = "canvas:"
"""In a picture field: not a file but what is on the canvas when the request is made."""


class Settings(BaseModel):
    """What a person chose and expects to find again; `settings.json` in the studio's own folder."""

    model_config = ConfigDict(extra="ignore", validate_assignment=True)

    theme: str = "system"
    language: str = "system"
    shortcuts: dict[str, list[str]] = {}
    """Command id -> its keys, where they differ from the table."""
    workspace: Workspace = "paint"
    technique: str = "text2image"
    techniques: dict[str, str] = {}
    """Workspace -> technique used last in it."""
    model: dict[str, str] = {}
    """Technique -> model used last."""
    count: int = Field(1, ge=1, le=16)
    keep_seed: bool = False
    export: dict[str, str] = {}
    """Format, quality and whether to tell, as they were chosen last."""
    sound: dict[str, str] = {}
    """Devices, volume, and how sounds are looked at."""
    recent: list[str] = []
    """Projects that were opened or saved, the last one first."""
    past: list[str] = []
    """Words that were drawn, oldest first."""
    advanced: bool = False
    welcome: bool = True
    gpu_canvas: bool = False
    """Whether the graphics card draws the canvas."""
    live: bool = False
    """Whether a picture follows the hand."""
    live_strokes: bool = False
    """Whether it does so in the middle of a stroke."""

    @classmethod
    def read(cls, path: Path) -> Settings:
        """A missing or broken file gives the defaults; single broken values are dropped."""
        try:
            data = json.loads(path.read_text("utf-8"))
        except (OSError, ValueError):
            return cls()  # pyright: ignore[reportCallIssue]
        if not isinstance(data, dict):
            return cls()  # pyright: ignore[reportCallIssue]
        try:
            return cls.model_validate(data)
        except ValidationError as error:
            for wrong in error.errors():
                data.pop(str(wrong["loc"][0]), None)
            return cls.model_validate(data)

    def write(self, path: Path) -> None:
        """Whole or not at all."""
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_suffix(".new")
        beside.write_text(self.model_dump_json(indent=1), "utf-8")
        beside.replace(path)


@dataclass(frozen=True)
class Notice:
    """One sentence about what happened, and what can be done next."""

    text: str
    level: Literal["info", "warn", "error"] = "info"
    details: str = ""
    do: Callable[[], object] | None = None
    """The next step, if there is one that a button can do."""
    do_title: str = ""


@dataclass(frozen=True)
class Project:
    """The file that the document belongs to. `path`: None = none yet; `stamp`: the file's time and size when it was last
    read or written here, to notice that somebody else wrote it."""

    path: Path | None = None
    title: str = ""
    stamp: tuple[int, int] | None = None

    @classmethod
    def at(cls, path: Path) -> Project:
        return cls(path, path.name, stamp_of(path))

    @property
    def moved(self) -> bool:
        """Whether the file is another one than we left there."""
        return (
            self.path is not None and self.stamp is not None and stamp_of(self.path) not in (None, self.stamp)
        )


def stamp_of(path: Path) -> tuple[int, int] | None:
    """Time and size of a file, None where there is none."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size


@dataclass
class Job:
    """A request under way, as far as the window has heard."""

    id: str
    spec: JobSpec
    state: JobState = "waiting"
    stage: str = ""
    step: int = 0
    total: int = 0
    left: float | None = None
    preview: Clip | None = None
    results: int = 0
    message: str = ""
    details: str = ""
    started: float = 0.0

    @property
    def over(self) -> bool:
        return self.state in ("done", "failed", "cancelled")


@dataclass(frozen=True)
class Candidate:
    """A result that was not accepted yet, and where it belongs on the canvas."""

    job: str
    result: Result
    x: int = 0
    y: int = 0


@dataclass(frozen=True)
class Forecast:
    """What the next request will cost. None = not known, because nothing like it was measured here yet."""

    seconds: float | None
    memory_mb: int
    count: int
    rough: bool = False
    """Measured at another size or number of steps."""


@dataclass(frozen=True)
class _Measured:
    model: str
    technique: str
    steps: int
    pixels: int
    sampling: float
    rest: float


class PoolLike(Protocol):
    """What the session asks of `studio.jobs.pool.Pool`; tests give it something simpler."""

    def submit(self, spec: JobSpec, priority: int = 0) -> str: ...
    def cancel(self, job: str) -> object: ...
    def resume(self, job: str) -> object: ...
    def retry(self, job: str) -> object: ...
    def move(self, job: str, before: str | None = None, after: str | None = None) -> object: ...
    def hold(self, held: bool) -> object: ...
    def look_for_models(self) -> object: ...


class View(Protocol):
    """What commands ask of the window."""

    def show_palette(self) -> None: ...
    def show_settings(self, page: str = "") -> None: ...
    def show_about(self) -> None: ...
    def show_help(self) -> None: ...
    def install_model(self, path: Path) -> None: ...
    def new_picture(self) -> None: ...
    def open_file(self) -> None: ...
    def open_path(self, path: Path) -> None: ...
    def add_pictures(self) -> None: ...
    def add_sounds(self, paths: list[Path]) -> None: ...
    def add_to(self, workspace: str, paths: list[Path]) -> None: ...
    def show_recent(self) -> None: ...
    def save_project(self) -> None: ...
    def save_project_as(self) -> None: ...
    def export_picture(self) -> None: ...
    def copy_picture(self, all_layers: bool = False) -> None: ...
    def paste(self) -> None: ...
    def toggle_panels(self) -> None: ...
    def toggle_panel(self, name: str) -> None: ...
    def panel_shown(self, name: str) -> bool: ...
    def reset_layout(self) -> None: ...
    def zoom_fit(self) -> None: ...
    def zoom_to(self, scale: float) -> None: ...
    def zoom_by(self, factor: float) -> None: ...
    def focus_words(self) -> None: ...
    def focus_next_part(self, way: int) -> None: ...
    def search_gallery(self) -> None: ...
    def show_lineage(self) -> None: ...
    def swap_erase(self) -> None: ...
    def toggle_quick_mask(self) -> None: ...
    def toggle_mask_alone(self) -> None: ...
    def mask_alone(self) -> bool: ...
    def refine(self, change: str) -> None: ...
    def clear(self, cut: bool = False) -> None: ...
    def show_side_by_side(self, scales: bool = False) -> None: ...
    def turn_view(self, degrees: float) -> None: ...
    def close(self) -> object: ...


class _Take:
    """Edit: candidates leave the strip (accepted or discarded); undo puts them back where they were."""

    nbytes = 400

    def __init__(self, session: Session, taken: Iterable[Candidate], name: str) -> None:
        self.name, self._session, self._taken = name, session, list(taken)
        self._places: list[tuple[int, Candidate]] = []

    def apply(self, document: Document) -> None:
        here = self._session.candidates
        self._places = [(here.index(one), one) for one in self._taken if one in here]
        for _, one in self._places:
            here.remove(one)
        self._session._candidates_moved(self._session.shown_candidate)

    def revert(self, document: Document) -> None:
        for place, one in sorted(self._places, key=lambda item: item[0]):
            self._session.candidates.insert(place, one)
        self._session._candidates_moved(self._places[0][0] if self._places else 0)


class _Belongs:
    """Edit: the document belongs to another file from here on; undo gives back the old one, and what of it was saved."""

    name, nbytes = "", 300

    def __init__(self, session: Session, project: Project) -> None:
        self._session, self._project = session, project
        self._clean: int | None = None
        self._first = True

    def apply(self, document: Document) -> None:
        session, history = self._session, self._session.history
        clean = history.clean
        if self._first and clean is not None and clean > history.position:
            clean = None  # saved in a future that is about to be forgotten
        self._first = False
        session.project, self._project = self._project, session.project
        history.clean, self._clean = self._clean, clean

    revert = apply  # swapping is its own inverse


class Session:
    """See the module.

    Args:
        home: folder for settings, presets and inputs.
        pool: where requests go.
        cards: the models that are there, by id.
    """

    changed = Signal(str)
    """What changed: "workspace", "technique", "values", "prompt", "model", "seed", "tool", "candidates", "overlay", "document", "history",
    "saved", "settings", "paused", "forecast", "engine", "live", "film"."""
    composed = Signal(str, object)
    """An input was made from the canvas: the digest of its pixels, and the requests that had made what it shows."""
    sending = Signal()
    """A request is about to go out."""
    job_changed = Signal(str)
    """The id of a job that moved."""
    said = Signal(object)
    """A `Notice`."""
    arrived = Signal(str, object)
    """A film or a sound is finished: the job's id and its `Result`. (Pictures and masks become candidates.)"""
    result_saved = Signal(str)
    """A result of this job is in the gallery now."""

    def __init__(self, home: Path, pool: PoolLike, cards: dict[str, ModelCard]) -> None:
        self.home = home
        self.pool = pool
        self.cards = cards
        self.settings = Settings.read(home / "settings.json")
        self.view: Any = None
        """The window (`View`), once there is one."""
        self.named: Callable[[str], str] = str
        """What a new layer is called: English, until the window puts its own language here."""
        self.tool = ""
        self.jobs: dict[str, Job] = {}
        """In the order in which they will run."""
        self.candidates: list[Candidate] = []
        self.shown_candidate = 0
        self.comparing = False
        self.paused = False
        self.engine = ""
        """What the engine runs on, once it has said so."""
        self.engine_state = ""
        """"starting", "ready", "busy", "dead"; "" = no engine was started."""
        self.memory = (0, 0)
        """Bytes the engine used at its peak, and bytes there are; 0 = not known."""
        self.project = Project()
        self.file_state = ""
        """"saving", "opening", "exporting" or "copying" while a file is under way, else empty."""
        self.file_going: Going | None = None
        """How far that is, where it is known, and how to stop it."""
        self.seed = random.randrange(1, 2**31)
        self._values: dict[str, dict[str, Any]] = {}
        self._measured: list[_Measured] = []
        self._preview: str = ""
        self.live_picture: tuple[Clip, Rect] | None = None
        """The picture that follows the hand and where it belongs, until a candidate is looked at."""
        self.live_note = ""
        """What drew it and how quickly, or why there is none; one line."""
        self._places: dict[str, tuple[int, int, int, int]] = {}
        self._asked: dict[str, Callable[[Result], object]] = {}
        if self.settings.technique not in TECHNIQUES:
            self.settings.technique = next(iter(TECHNIQUES))
        self.settings.workspace = workspace_of(self.settings.technique)
        self.document = Document(512, 512)
        self.history = History(self.document)
        self.aside = Aside(self)
        self._listen()
        self._fit_empty()

    # --- the document ---------------------------------------------------------------------------------

    def _listen(self) -> None:
        self.history.changed.connect(self._edited)
        self.document.layers_changed.connect(self._edited)

    def _edited(self) -> None:
        self.changed.emit("history")

    def set_document(self, document: Document) -> None:
        """Another document, with a history of its own. Candidates stay: they belong to the person, not to the picture."""
        self.history.changed.disconnect(self._edited)
        self.document.layers_changed.disconnect(self._edited)
        self.history.close()
        self.document, self.project = document, Project()
        self.history = History(document)
        self._listen()
        self.changed.emit("document")
        self.changed.emit("history")

    def new_document(self) -> None:
        """An empty canvas: one Edit, so that the old picture is one undo away."""
        width, height = self.card.canvas(self.cards) if self.card else (512, 512)
        document = Document(width, height)
        document.set_box(document.rect)
        self.become(document, Project(), "New picture")

    def become(self, document: Document, project: Project, name: str, saved: bool = True) -> None:
        """Another document in place of this one: one Edit, so that the old one is one undo away, with its file.

        Args:
            document: given away; must not be used any more.
            saved: whether it is on the disk as it is here.
        """
        edits: list[Edit] = [Replace(document), _Belongs(self, project)]
        if self.candidates:
            edits.append(_Take(self, self.candidates, ""))
        self.edit(Together(name, edits))
        if saved:
            self.history.mark_clean()
        self.changed.emit("document")

    def saved_as(self, path: Path, before: Project, revision: int) -> None:
        """The document was written to `path`, as it was at a revision of the history, when it belonged to `before`."""
        if self.project is before:
            self.project = Project.at(path)
            if self.history.revision == revision:
                self.history.mark_clean()
            else:
                self.history.clean = (
                    None  # it went on meanwhile, and it is not certain that undo leads back there
                )
        self.remember_file(path)
        self.changed.emit("saved")

    def remember_file(self, path: Path) -> None:
        """To the head of the recent files."""
        text = str(path)
        self.settings.recent = [text, *(old for old in self.settings.recent if old != text)][:12]
        self.changed.emit("settings")

    @property
    def title(self) -> str:
        """Name of the file that the document belongs to or came from."""
        return self.project.title

    @property
    def unsaved(self) -> bool:
        """Whether closing now would lose work."""
        return self.history.modified and (self.has_work or self.project.path is not None)

    @property
    def has_work(self) -> bool:
        """Whether the document holds anything: layers, sounds, a film."""
        document = self.document
        return bool(document.layers or document.takes) or not document.timeline.empty

    def set_file_state(self, state: str, going: Going | None = None) -> None:
        if (state, going) != (self.file_state, self.file_going):
            self.file_state, self.file_going = state, going
            self.changed.emit("saved")

    def _fit_empty(self) -> None:
        """A document that nobody touched has the size that the model draws, so that the first picture fills it."""
        card = self.card
        if card is None or self.document.layers or self.history.position:
            return
        width, height = card.canvas(self.cards)
        if (self.document.width, self.document.height) != (width, height):
            self.document.set_size(width, height)
            self.document.set_box(Rect(0, 0, width, height))
            self.changed.emit("document")

    picked: tuple[str, ...] = ()
    """Ids of the layers that are chosen in the list."""

    @property
    def layer(self) -> Layer | None:
        return self.document.active

    @property
    def can_undo(self) -> bool:
        return self.history.can_undo

    @property
    def can_redo(self) -> bool:
        return self.history.can_redo

    def undo(self) -> None:
        self.aside.after(lambda: self.history.undo())

    def redo(self) -> None:
        self.aside.after(lambda: self.history.redo())

    def edit(self, edit: Edit) -> None:
        """One step that can be undone; a refusal becomes a sentence instead of an exception."""
        try:
            self.history.push(edit)
        except (ValueError, KeyError) as error:
            self.say(str(error).strip("'\""), "warn")

    def edit_if(self, edit: Edit | None) -> None:
        if edit is not None:
            self.edit(edit)

    def add_clip(self, clip: Clip, name: str, spec: JobSpec | None = None) -> None:
        """A picture becomes a layer in the middle of the canvas; the first one also sets the canvas' size."""
        if not self.document.layers:
            whole = Rect(0, 0, clip.width, clip.height)
            size: list[Edit] = [Resize(whole), SetBox(whole)]
            layer = Layer.from_clip(name, clip, spec=spec)
        else:
            size = []
            x, y = (self.document.width - clip.width) // 2, (self.document.height - clip.height) // 2
            layer = Layer.from_clip(name, clip, x, y, spec=spec)
        self.edit(Together(f"Add {name}", [*size, AddLayer(layer)]))

    def new_mask(self) -> None:
        self.edit(AddLayer(Layer(self.named("Mask"), "mask")))

    def toggle_layer(self, layer_id: str = "") -> None:
        layer = self.document.layer(layer_id) if layer_id else self.layer
        if layer is not None:
            self.edit(SetProperty(layer.id, "visible", not layer.visible))

    def select_all(self) -> None:
        size = (self.document.height, self.document.width)
        self.edit(SetSelection(np.full(size, 255, np.uint8), "Select all"))

    def deselect(self) -> None:
        if self.document.selection is not None:
            self.edit(SetSelection(None, "Deselect"))

    def invert_selection(self) -> None:
        if self.document.selection is not None:
            self.edit(SetSelection(255 - self.document.selection, "Invert the selection"))

    @property
    def mask(self) -> Layer | None:
        """The mask that mask commands work on: the chosen layer if it is one, else the topmost."""
        return self.layer if self.layer is not None and self.layer.paints_mask else self.document.find("mask")

    def change_mask(self, name: str, change: Callable[[Any], Any]) -> None:
        """A function of the whole mask (invert, grow, shrink) as one Edit."""
        layer = self.mask
        if layer is not None and not layer.locked:
            pixels = change(np.array(layer.render(self.document.rect)))
            edits: list[Edit] = [SetPixels(layer.id, pixels, 0, 0)]
            if layer.matrix != IDENTITY:
                edits.append(SetProperty(layer.id, "matrix", IDENTITY))
            self.edit(Together(name, edits))

    # --- the request ------------------------------------------------------------------------------------

    @property
    def technique(self) -> str:
        return self.settings.technique

    @property
    def technique_class(self) -> type[Any]:
        return TECHNIQUES[self.technique]

    def set_technique(self, name: str) -> None:
        if name == self.technique or name not in TECHNIQUES:
            return
        prompt = self.prompt
        home = workspace_of(name)
        before = self.workspace
        moved, self.settings.workspace = home != before, home
        self.settings.technique = name
        self.settings.techniques = {**self.settings.techniques, home: name}
        of_one_kind = not (
            moved and "music" in (home, before)
        )  # what is seen says nothing about what is heard
        if of_one_kind and prompt and not self.prompt and "prompt" in self.technique_class.model_fields:
            self.values["prompt"] = (
                prompt  # not announced by itself: the form on the screen is still the old one
            )
        if moved:
            self.changed.emit("workspace")
        self.changed.emit("technique")
        self._fit_empty()

    @property
    def workspace(self) -> Workspace:
        """Where the person is: each technique belongs to one workspace."""
        return self.settings.workspace

    def set_workspace(self, name: str) -> None:
        """To another workspace, with the technique that was used there last. One without any technique stays closed."""
        if name == self.workspace:
            return
        here = [technique for technique in TECHNIQUES if workspace_of(technique) == name]
        last = self.settings.techniques.get(name, "")
        if last in here or here:
            self.settings.techniques = {**self.settings.techniques, self.workspace: self.technique}
            offered = [technique for technique in here if self.offered(technique)]
            self.set_technique(last if last in here else (offered or here)[0])

    @property
    def values(self) -> dict[str, Any]:
        """What was set for the technique; fields that are not in it have their default."""
        return self._values.setdefault(self.technique, {})

    def value(self, name: str) -> Any:
        if name in self.values:
            return self.values[name]
        info = self.technique_class.model_fields[name]
        extra = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
        widget = extra.get("widget")
        if info.is_required() and widget in ("picture", "mask", "regions", "sound", "video"):
            return CANVAS
        if widget == "mask" and (self.takes.marked() if self._sounds else self.has_mask()):
            return CANVAS  # whoever painted a mask means it
        return None if info.is_required() else info.default

    def set_value(self, name: str, value: Any) -> None:
        if name in self.technique_class.model_fields and self.value(name) != value:
            self.values[name] = value
            self.changed.emit("prompt" if name == "prompt" else "values")

    def clear_value(self, name: str) -> None:
        """Back to what a field has by itself: its default, or what is on the canvas or chosen."""
        if self.values.pop(name, None) is not None:
            self.changed.emit("values")

    @property
    def prompt(self) -> str:
        return str(self.value("prompt")) if "prompt" in self.technique_class.model_fields else ""

    def set_prompt(self, text: str) -> None:
        self.set_value("prompt", text)

    def use_example(self, example: Example) -> None:
        """The example's settings into the form. On an empty canvas its pictures come too, as one step; else they stay files, so that
        nothing of the work is touched.

        What cannot be read is said in one sentence.
        """
        from studio.media.image import read_picture

        self.set_technique(example.technique)
        values: dict[str, Any] = dict(example.values)
        regions = [dict(region) for region in values.pop("regions", ())]
        empty = not self.document.layers
        edits: list[Edit] = []
        try:
            for field, path in example.inputs.items():
                where: dict[str, Any] = {"path": str(path), "sha256": ""}
                if not empty:
                    if field.startswith("regions."):
                        regions[int(field.split(".")[1])]["mask"] = where
                    else:
                        values[field] = where
                    continue
                clip = read_picture(path)
                if not edits:
                    whole = Rect(0, 0, clip.width, clip.height)
                    edits += [Resize(whole), SetBox(whole)]
                edits.append(AddLayer(self._example_layer(field, clip, regions)))
                values["regions" if field.startswith("regions.") else field] = CANVAS
        except (BadRequest, OSError) as error:
            self.say(str(error), "warn")
            return
        if regions and not empty:
            values["regions"] = regions
        if edits:
            self.edit(Together(f"Example: {TECHNIQUES[example.technique].title}", edits))
        self._values[example.technique] = values
        self.seed = example.seed
        self.changed.emit("technique")
        self.changed.emit("seed")

    def _example_layer(self, field: str, clip: Clip, regions: list[dict[str, Any]]) -> Layer:
        kind = _widget(self.technique_class.model_fields[field.split(".")[0]])
        if kind == "picture":
            return Layer.from_clip(self.named("Picture"), clip)
        pixels = np.ascontiguousarray(clip.array if clip.array.ndim == 2 else clip.array[..., 0])
        if kind == "regions":
            asked = regions[int(field.split(".")[1])]
            about = Region(words=str(asked["words"]), strength=float(asked.get("strength", 1.0)))
            return Layer(str(asked["words"]), "region", pixels, region=about)
        return Layer(self.named("Mask"), "mask", pixels)

    def set_seed(self, seed: int) -> None:
        if seed != self.seed:
            self.seed = seed
            self.changed.emit("seed")

    def throw_seed(self) -> None:
        self.set_seed(random.randrange(1, 2**31))

    def set_keep_seed(self, keep: bool) -> None:
        self.settings.keep_seed = keep
        self.changed.emit("seed")

    def set_count(self, count: int) -> None:
        if count != self.settings.count:
            self.settings.count = count
            self.changed.emit("values")

    def offered(self, technique: str = "") -> list[ModelCard]:
        """The models that can do the technique, those made for people to look at first, those of few steps last."""
        ability = TECHNIQUES[technique or self.technique].ability
        able = [card for card in self.cards.values() if ability in card.abilities]
        return sorted(able, key=lambda card: card.distilled is not None)

    def adapters(self) -> list[ModelCard]:
        """The adapters that may be laid over the model in use, as far as is known."""
        card = self.card
        return [one for one in self.cards.values() if one.lora and (card is None or one.lora.fits(card))]

    @property
    def card(self) -> ModelCard | None:
        """The model that would be used now."""
        offered = self.offered()
        wanted = self.settings.model.get(self.technique, "")
        return next((card for card in offered if card.id == wanted), offered[0] if offered else None)

    def set_model(self, model: str) -> None:
        self.settings.model = {**self.settings.model, self.technique: model}
        self.changed.emit("model")
        self._fit_empty()

    def models_found(self, cards: dict[str, ModelCard]) -> None:
        """What the engine says is there; new ones are named."""
        if {id: card.abilities for id, card in cards.items()} == {
            id: card.abilities for id, card in self.cards.items()
        }:
            self.cards = cards  # nothing that shows: the form stays as it is under the hands
            return
        new = [card for id, card in cards.items() if id not in self.cards]
        self.set_cards(cards)
        usable = [card for card in new if card.abilities]
        if usable:
            self.say(f"{' and '.join(card.title for card in usable[:3])} can be used now.")
        laid = [card.title for card in new if card.lora]
        if laid:
            self.say(f"{' and '.join(laid[:3])} can be laid over a model now.")
        for card in new:
            if not card.abilities and not card.lora:
                self.say(f"{card.title} is of a kind that no technique here uses.", "warn")

    def make_fast(self, card: ModelCard) -> None:
        """To the form that teaches a second model to draw like this one in few steps."""
        name = next(name for name, cls in TECHNIQUES.items() if cls.teaches)
        self.set_technique(name)
        self.set_model(card.id)

    def forget_model(self, card: ModelCard) -> None:
        """The model is not used any more; its folder stays as it is."""
        list_models([folder for folder in listed_models() if folder != card.folder])
        self.set_cards({id: other for id, other in self.cards.items() if id != card.id})

    def set_cards(self, cards: dict[str, ModelCard]) -> None:
        self.cards = cards
        self.changed.emit("model")
        self._fit_empty()

    def own_size(self) -> tuple[int, int]:
        """The size of a request that names none: the generation box where the model can draw that, else as many pixels
        as the model was trained on, in the box's shape; the result is then scaled into the box."""
        box = self.document.box
        if self.card is None:
            return box.w, box.h
        sizes = self.card.sizes
        try:
            sizes.check(box.w, box.h)
        except BadRequest:
            wide, high = self.card.canvas(self.cards)
            shrink = math.sqrt(wide * high / max(box.area, 1))
            return sizes.nearest(round(box.w * shrink)), sizes.nearest(round(box.h * shrink))
        return box.w, box.h

    @property
    def moves(self) -> bool:
        """Whether the next request is one that moves a picture, see `ModelCard.moves`."""
        return self.card is not None and self.card.moves(self.technique)

    def why_not(self) -> str:
        """Why nothing can be drawn now and what to do about it; "" when it can."""
        if self.card is None:
            return "No model here can do this; add one in Settings, Models."
        needs = [
            name for name, info in self.technique_class.model_fields.items() if self.value(name) == CANVAS
        ]
        heard = [name for name in needs if self.from_take(name)]
        for name in heard:
            if why := self.takes.why_not(self._widget(name), self.which_take(name)):
                return why
        played = [name for name in needs if self._widget(name) == "video"]
        if played and self.film.clip is None:
            return self.film.why_no_clip
        needs = [name for name in needs if name not in heard and name not in played]
        if any(self._widget(name) != "regions" for name in needs) and not self.document.layers:
            return "There is no picture on the canvas yet; draw one from words or drop one in."
        for name in needs:
            if self._widget(name) == "mask" and (why := self._why_no_mask()):
                return why
            if self._widget(name) == "regions" and not self.regions():
                return "Add a region in the layers, paint where it is and write what should be there."
        for name, info in self.technique_class.model_fields.items():
            if self._widget(name) == "folder" and info.is_required() and not self.value(name):
                return "Choose the folder with the sound files."
        told = bool(played) and "prompt" in self.film.values()
        if "prompt" in self.technique_class.model_fields and not self.prompt.strip() and not told:
            return "Say what you want to hear." if self._sounds else "Say what you want to see."
        return ""

    @property
    def _sounds(self) -> bool:
        return self.technique_class.makes == "sound"

    def from_take(self, name: str) -> bool:
        """Whether a field takes the sound in view, or what is marked on it, instead of what is on the canvas."""
        widget = self._widget(name)
        return widget == "sound" or (widget == "mask" and self._sounds)

    def which_take(self, name: str) -> int:
        """The first sound field gets the take in view, the second the one it is compared with."""
        fields = self.technique_class.model_fields
        alike = [
            one for one in fields if self._widget(one) == self._widget(name) and fields[one].is_required()
        ]
        return alike.index(name) if name in alike else 0

    def _widget(self, name: str) -> str:
        return _widget(self.technique_class.model_fields[name])

    def has_mask(self) -> bool:
        """Whether something on the canvas can serve as a mask: a mask layer that was painted on, else the selection."""
        shown = self.document.shown
        return self.document.selection is not None or any(
            layer.kind == "mask" and layer.pixels.size and shown(layer) for layer in self.document.layers
        )

    def canvas_mask(self, box: Rect) -> Pixels:
        """[h, w] of the masks that are shown; without any, of the selection; zeros without either."""
        document = self.document
        mask = document.mask(box)
        if not mask.any() and document.selection is not None:
            return np.array(read(document.selection, box))
        return mask

    def _why_no_mask(self) -> str:
        if self.canvas_mask(self.document.box).any():
            return ""
        if self.canvas_mask(self.document.rect).any():
            return "The mask lies outside the generation box; move the box over it."
        return "Paint over what should change (Q makes a mask), or select it."

    def regions(self) -> list[Layer]:
        """The regions that count: shown, painted within the generation box, with words; from bottom to top."""
        box, document = self.document.box, self.document
        return [
            layer
            for layer in document.layers
            if layer.region is not None and layer.region.words.strip() and document.shown(layer)
            and document.mask(box, [layer]).any()
        ]  # fmt: skip

    def spec(self, keep: Callable[[Clip], Source] | None = None) -> JobSpec:
        """Freezes what is set now into a request.

        Args:
            keep: what becomes of pictures from the canvas; None = they are written beside the queue.

        Raises:
            BadRequest: one sentence that names the field and the remedy.
        """
        why = self.why_not()
        card = self.card
        if why or card is None:
            raise BadRequest(why)
        values: dict[str, Any] = {"name": self.technique}
        for name in self.technique_class.model_fields:
            value = self.value(name)
            if value == CANVAS and self.from_take(name):
                values[name] = self.takes.source(self._widget(name), self.which_take(name))
            elif self._widget(name) == "melody" and not value and self.value("sound") == CANVAS:
                values[name] = self.takes.notes()
            elif value == CANVAS and self._widget(name) == "video":
                values[name] = self.film.clip
            elif value == CANVAS:
                regions = self._widget(name) == "regions"
                values[name] = (
                    self._regions_from_canvas(keep or self._kept)
                    if regions
                    else keep(self._canvas_clip(name))
                    if keep
                    else self._from_canvas(name)
                )
            else:
                values[name] = value
        if any(
            self._widget(name) == "video" and self.value(name) == CANVAS for name in values if name != "name"
        ):
            said = self.film.values()  # keyframes over the clip say more than the form
            values |= {name: value for name, value in said.items() if name in values}
        if "width" in values and values["width"] is None and values["height"] is None:
            values["width"], values["height"] = self.own_size()
        try:
            return JobSpec.model_validate(
                {
                    "technique": values,
                    "model": card.id,
                    "seed": self.seed,
                    "count": 1 if self.technique_class.teaches else self.settings.count,
                }
            )
        except ValidationError as error:
            raise BadRequest(explain(error)) from None

    def _from_canvas(self, name: str) -> Source:
        extra = self.technique_class.model_fields[name].json_schema_extra or {}
        if isinstance(extra, dict) and extra.get("widget") == "mask":
            return self.mask_source()
        return self.picture_source()

    def _canvas_clip(self, name: str) -> Clip:
        """What a picture or mask field gets from the canvas."""
        if self._widget(name) == "mask":
            return Clip.mask(self.canvas_mask(self.document.box))
        return self._shown_clip()

    def _shown_clip(self) -> Clip:
        """What the generation box shows."""
        pixels = self.document.compose(self.document.box)
        if (pixels[..., 3] == 255).all():
            pixels = pixels[..., :3].copy()
        return Clip.picture(pixels)

    def picture_source(self) -> Source:
        """What the generation box shows, as a file."""
        return self._composed(self._shown_clip())

    def mask_source(self) -> Source:
        """The mask within the generation box, as a file."""
        return self._composed(Clip.mask(self.canvas_mask(self.document.box)))

    def _composed(self, clip: Clip) -> Source:
        source = self._kept(clip)
        self.composed.emit(source.sha256, self._made_in(self.document.box))
        return source

    @cached_property
    def takes(self) -> Takes:
        """The sounds of the document, and those that came back."""
        from studio.takes import Takes  # nothing of it is needed before the first sound

        return Takes(self)

    @cached_property
    def film(self) -> Filming:
        """The timeline of the document, and the clips that came back."""
        from studio.filming import Filming  # nothing of it is needed before the first clip

        return Filming(self)

    def kept(self, clip: Clip) -> Source:
        """A mask as a file that a request can name."""
        return self._kept(clip)

    def _kept(self, clip: Clip) -> Source:
        """A picture or mask from the canvas as a file that a request can name."""
        from studio.media.image import save_picture  # Pillow is not needed before the first picture

        digest = clip.digest()
        path = self.home / "inputs" / f"{digest[:20]}.png"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            save_picture(clip, path)
        return Source(path=str(path), sha256=digest)

    def _regions_from_canvas(self, keep: Callable[[Clip], Source]) -> list[dict[str, Any]]:
        """What the region layers say: {mask, words, strength} each, in the generation box."""
        box = self.document.box
        return [
            {
                "mask": keep(Clip.mask(self.document.mask(box, [layer]))),
                "words": layer.region.words.strip(),
                "strength": layer.region.strength,
            }
            for layer in self.regions()
            if layer.region is not None
        ]

    def _made_in(self, box: Rect) -> list[JobSpec]:
        """The requests of everything that shows in a rectangle."""
        document = self.document
        return [
            layer.spec
            for layer in document.layers
            if layer.spec is not None and document.shown(layer) and not layer.rect.clipped(box).empty
        ]

    def draw(self) -> str:
        """Sends the request -> the job's id, "" when there was something to say instead."""
        try:
            spec = self.spec()
        except BadRequest as error:
            self.say(str(error), "warn")
            return ""
        self.remember_prompt(self.prompt)
        job_id = self.send(spec)
        if job_id and not self.settings.keep_seed and not self.settings.live:
            self.throw_seed()  # a picture that follows the hand has shown what this seed draws, and is to go on from there
        return job_id

    def send(self, spec: JobSpec) -> str:
        """Any request, as it is -> the job's id."""
        self.sending.emit()
        try:
            job_id = self.pool.submit(spec)
        except (QueueError, BadRequest, OSError) as error:
            self.say(str(error), "error")
            return ""
        box = self.document.box
        self._places[job_id] = (box.x, box.y, box.w, box.h)
        self.add_job(Job(job_id, spec))
        return job_id

    def ask(self, spec: JobSpec, then: Callable[[Result], object]) -> str:
        """A request whose results are told to `then` instead of becoming candidates -> the job's id."""
        job_id = self.send(spec)
        if job_id:
            self._asked[job_id] = then
        return job_id

    def offer(self, job_id: str, result: Result) -> None:
        """A result becomes a candidate, the one in view."""
        box = self.document.box
        x, y, *_ = self._places.get(job_id, (box.x, box.y, 0, 0))
        self.candidates.append(Candidate(job_id, result, x, y))
        self._candidates_moved(len(self.candidates) - 1)

    @property
    def description(self) -> str:
        """What the picture on the canvas shows, as far as it was said."""
        return str(self.values.get("source_prompt") or self.prompt)

    def find_word(self, word: str) -> str:
        """Selects the place where a word of the description acts in the picture -> the job's id."""
        if not self.document.layers:
            self.say("There is no picture on the canvas yet; draw one from words or drop one in.", "warn")
            return ""
        offered = self.offered("wordmap")
        card = self.card if self.card in offered else next(iter(offered), None)
        if card is None:
            self.say("No model here can show where a word acts; add one that draws from words.", "warn")
            return ""
        box = self.document.box
        technique = WordMap(image=self.picture_source(), prompt=self.description, word=word)

        def arrived(result: Result) -> None:
            whole = np.zeros((self.document.height, self.document.width), np.uint8)
            found = scaled(result.clip.array, box.w, box.h)
            inside = box.clipped(self.document.rect)
            part = found[inside.y - box.y : inside.bottom - box.y, inside.x - box.x : inside.right - box.x]
            whole[inside.y : inside.bottom, inside.x : inside.right] = part
            self.edit(SetSelection(whole, f"Select “{word}”"))
            self.say(f"Selected where “{word}” acts in the picture.")

        return self.ask(JobSpec(technique=technique, model=card.id, seed=self.seed), arrived)

    def first_picture(self) -> str:
        """The one click of the start page."""
        self.set_technique("text2image")
        self.set_prompt(FIRST_WORDS)
        return self.draw()

    def remember_prompt(self, text: str) -> None:
        text = text.strip()
        if text:
            past = [old for old in self.settings.past if old != text]
            self.settings.past = [*past, text][-200:]
            self.changed.emit("settings")

    def use_spec(self, spec: JobSpec) -> None:
        """The settings of an earlier request become what is set now, its seed included."""
        name = spec.technique.name
        values = {
            key: getattr(spec.technique, key) for key in type(spec.technique).model_fields if key != "name"
        }
        moved, self.settings.workspace = workspace_of(name) != self.workspace, workspace_of(name)
        self.settings.technique = name
        self._values[name] = values
        self.settings.keep_seed = True
        self.seed = spec.seed
        if spec.model in self.cards:
            self.settings.model = {**self.settings.model, name: spec.model}
        if moved:
            self.changed.emit("workspace")
        for what in ("technique", "model", "seed"):
            self.changed.emit(what)
        if spec.model and spec.model not in self.cards:
            self.say(
                f"The model “{spec.model}” is not here; another one is used, so the picture will differ.",
                "warn",
            )

    def use_layer_settings(self) -> None:
        if self.layer is not None and self.layer.spec is not None:
            self.use_spec(self.layer.spec)

    def make_layer_again(self) -> None:
        if self.layer is not None and self.layer.spec is not None:
            self.send(self.layer.spec)

    # --- presets -------------------------------------------------------------------------------------------

    def presets(self) -> list[str]:
        """Names of the presets of the technique."""
        return sorted(path.stem for path in (self.home / "presets" / self.technique).glob("*.json"))

    def save_preset(self, name: str) -> None:
        """Everything that is set but the words, the pictures and the seed."""
        safe = "".join(ch for ch in name if ch.isalnum() or ch in " -_.()").strip(". ")[:60]
        if not safe:
            self.say("A preset needs a name of letters or digits.", "warn")
            return
        fields = self.technique_class.model_fields
        kept = {
            key: value
            for key, value in self.values.items()
            if key in fields and _widget(fields[key]) not in ("text", "picture", "mask") and value != CANVAS
        }
        path = self.home / "presets" / self.technique / f"{safe}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps(
            {"values": kept, "model": self.card.id if self.card else "", "count": self.settings.count},
            indent=1,
        )
        path.write_text(text, "utf-8")
        self.say(f"The preset “{safe}” was saved.")
        self.changed.emit("settings")

    def use_preset(self, name: str) -> None:
        path = self.home / "presets" / self.technique / f"{name}.json"
        fields = self.technique_class.model_fields
        try:
            data = json.loads(path.read_text("utf-8"))
            values = {key: value for key, value in dict(data["values"]).items() if key in fields}
            count = min(max(int(data.get("count", 1)), 1), 16)
        except (OSError, ValueError, KeyError, TypeError):
            self.say(f"The preset “{name}” cannot be read; save it again.", "warn")
            return
        words = {
            key: value
            for key, value in self.values.items()
            if _widget(fields[key]) in ("text", "picture", "mask")
        }
        self._values[self.technique] = {**values, **words}
        self.settings.count = count
        if data.get("model") in self.cards:
            self.settings.model = {**self.settings.model, self.technique: data["model"]}
        self.changed.emit("technique")

    def remove_preset(self, name: str) -> None:
        (self.home / "presets" / self.technique / f"{name}.json").unlink(missing_ok=True)
        self.changed.emit("settings")

    # --- what it will cost -------------------------------------------------------------------------------------

    def remember(self, spec: JobSpec, seconds: dict[str, float], width: int = 0, height: int = 0) -> None:
        """Learn from a finished result how long such a request takes on this machine."""
        steps = int(getattr(spec.technique, "steps", None) or 0)
        sampling = sum(value for key, value in seconds.items() if key in SAMPLING_STAGES)
        if not steps or not sampling:
            return
        rest = sum(
            value for key, value in seconds.items() if key not in SAMPLING_STAGES and key not in ONCE_STAGES
        )
        wide = int(width or getattr(spec.technique, "width", None) or 0)
        high = int(height or getattr(spec.technique, "height", None) or 0)
        wide *= int(getattr(spec.technique, "frames", None) or 1)
        self._measured.append(_Measured(spec.model, spec.technique.name, steps, wide * high, sampling, rest))
        del self._measured[:-100]

    def forecast(self) -> Forecast:
        """From what was measured with this model here; never guessed from another model."""
        card = self.card
        count = self.settings.count
        if card is None:
            return Forecast(None, 0, count)
        if self.technique_class.teaches:
            return Forecast(60 * float(self.value("minutes") or 0), 0, 1)
        steps = (
            int(self.value("steps") or card.defaults.steps)
            if "steps" in self.technique_class.model_fields
            else 1
        )
        if "strength" in self.technique_class.model_fields:
            steps = max(1, round(steps * float(self.value("strength") or 1)))
        pixels = self._pixels()
        known = [one for one in self._measured if one.model == card.id]
        alike = [one for one in known if one.technique == self.technique and one.pixels in (pixels, 0)]
        pool = (alike or known)[-7:]
        if not pool:
            return Forecast(None, card.memory_mb, count)
        per_step = float(
            np.median([one.sampling / one.steps * (pixels / one.pixels if one.pixels else 1) for one in pool])
        )
        rest = float(np.median([one.rest for one in pool]))
        return Forecast((per_step * steps + rest) * count, card.memory_mb, count, rough=not alike)

    def _pixels(self) -> int:
        """Of one result of the next request."""
        fields = self.technique_class.model_fields
        if self._sounds:
            take = self.takes.shown
            length = (
                self.value("seconds") if "seconds" in fields else take.seconds if take is not None else 0.0
            )
            return round(float(length or 0.0) * SOUND_FRAMES)
        if "factor" in fields:
            return self.document.box.area * int(self.value("factor")) ** 2
        wide, high = self.own_size()
        if "width" in fields:
            wide, high = int(self.value("width") or wide), int(self.value("height") or high)
        return wide * high * (int(self.value("frames") or 1) if "frames" in fields else 1)

    # --- jobs ------------------------------------------------------------------------------------------------

    def add_job(self, job: Job) -> None:
        self.jobs[job.id] = job
        self.job_changed.emit(job.id)

    def on_event(self, job_id: str, event: Event) -> None:
        """The stream that comes back from the pool."""
        job = self.jobs.get(job_id)
        if job is None:
            return
        if job.state in ("waiting", "paused") and not isinstance(event, Failed | Cancelled):
            job.state, job.started = "running", time.monotonic()
        match event:
            case Progress():
                job.stage, job.step, job.total, job.left = event.stage, event.step, event.total, event.left
            case Preview():
                job.preview = event.clip
                if job_id not in self._asked and not _teaches(job.spec):
                    self._preview = job_id
                    self.changed.emit("overlay")
            case Result():
                self._arrived(job, event)
            case Failed():
                job.state, job.message, job.details = "failed", event.message, event.details
                self.say(event.message, "error", event.details)
            case Cancelled():
                job.state = "cancelled"
            case Done():
                job.state = "done"
                if _teaches(job.spec):
                    self._ask(self.pool.look_for_models)  # the new one is offered at once
        if job.over and self._preview == job_id:
            self._preview = ""
            self.changed.emit("overlay")
        if job.over:
            self.changed.emit("forecast")
        self.job_changed.emit(job_id)

    def _arrived(self, job: Job, result: Result) -> None:
        job.results += 1
        job.preview = result.clip
        if result.device:
            self.engine = result.device
        if result.memory:
            self.memory = (result.memory, self.memory[1])
        self.changed.emit("engine")
        then = self._asked.get(job.id)
        if result.clip.kind != "sound":
            self.remember(result.spec, result.seconds, result.clip.width, result.clip.height)
        if then is not None:
            then(result)
        elif _teaches(result.spec):
            pass  # a sheet of samples belongs in the gallery, not on the canvas
        elif result.clip.kind in ("picture", "mask"):
            box = self.document.box
            x, y, *_ = self._places.get(job.id, (box.x, box.y, 0, 0))
            self.candidates.append(Candidate(job.id, result, x, y))
            if len(self.candidates) == 1 or self.shown_candidate >= len(self.candidates):
                self.shown_candidate = len(self.candidates) - 1
            self._candidates_moved(self.shown_candidate)
        else:
            if result.clip.kind == "sound":
                frames = len(result.clip.array) / (result.clip.rate or 1) * SOUND_FRAMES
                self.remember(result.spec, result.seconds, round(frames), 1)
                self.takes.arrived(job.id, result)
            elif result.clip.kind == "video":
                self.film.arrived(job.id, result)
            self.arrived.emit(job.id, result)
        for note in result.notes:
            self.say(note)
        self.result_saved.emit(job.id)

    def _ask(self, call: Callable[[], object]) -> bool:
        """Something of the pool; a refusal is one sentence."""
        try:
            call()
        except (QueueError, BadRequest, OSError) as error:
            self.say(str(error), "error")
            return False
        return True

    def cancel(self, job_id: str) -> None:
        job = self.jobs.get(job_id)
        if job is not None and not job.over and self._ask(lambda: self.pool.cancel(job_id)):
            if job.state in ("waiting", "paused"):  # nobody runs it, so nobody will say that it stopped
                job.state = "cancelled"
                self.job_changed.emit(job_id)

    def cancel_all(self) -> None:
        for job_id in list(self.jobs):
            self.cancel(job_id)

    def pause_all(self, paused: bool) -> None:
        """Whether no further job is begun for now; the one that runs goes on."""
        self.pool.hold(paused)
        self.paused = paused
        self.changed.emit("paused")

    def resume(self, job_id: str) -> None:
        job = self.jobs.get(job_id)
        if job is not None and job.state == "paused" and self._ask(lambda: self.pool.resume(job_id)):
            job.state = "waiting"
            self.job_changed.emit(job_id)

    def retry(self, job_id: str) -> None:
        """Goes on where it was, if the engine kept a checkpoint."""
        job = self.jobs.get(job_id)
        if job is None or job.state not in ("failed", "cancelled"):
            return
        if self._ask(lambda: self.pool.retry(job_id)):
            self.jobs[job_id] = Job(job_id, job.spec, results=job.results)
            self.job_changed.emit(job_id)

    def forget(self, job_id: str) -> None:
        """Takes a finished job off the list; its results stay in the gallery."""
        job = self.jobs.get(job_id)
        if job is not None and job.over:
            del self.jobs[job_id]
            self.job_changed.emit(job_id)

    def move_job(self, job_id: str, place: int) -> None:
        """To another place among the waiting jobs (0 = next)."""
        waiting = [job.id for job in self.waiting]
        if job_id not in waiting:
            return
        old = waiting.index(job_id)
        waiting.remove(job_id)
        place = min(max(place, 0), len(waiting))
        if place == old:
            return
        before = waiting[place] if place < len(waiting) else None
        after = waiting[-1] if before is None else None
        if not self._ask(lambda: self.pool.move(job_id, before, after)):
            return
        waiting.insert(place, job_id)
        order = [key for key in self.jobs if key not in waiting]
        self.jobs = {key: self.jobs[key] for key in [*order, *waiting]}
        self.job_changed.emit("")

    @property
    def running(self) -> list[Job]:
        return [job for job in self.jobs.values() if job.state == "running"]

    @property
    def waiting(self) -> list[Job]:
        return [job for job in self.jobs.values() if job.state in ("waiting", "paused")]

    # --- candidates --------------------------------------------------------------------------------------------

    @property
    def candidate(self) -> Candidate | None:
        return self.candidates[self.shown_candidate] if self.candidates else None

    def show_candidate(self, index: int) -> None:
        if 0 <= index < len(self.candidates):
            self.shown_candidate = index
            self.live_picture = None
            self.changed.emit("candidates")
            self.changed.emit("overlay")

    def step_candidate(self, way: int) -> None:
        if self.candidates:
            self.show_candidate((self.shown_candidate + way) % len(self.candidates))

    @property
    def compared_layer(self) -> Layer | None:
        """What the divider shows on one side only while there is no candidate: the chosen layer, if it can be seen."""
        layer = self.layer
        seen = layer is not None and not layer.paints_mask and self.document.shown(layer)
        return layer if seen else None

    def compare(self, on: bool) -> None:
        """A divider: before and after the candidate in view, else with and without the chosen layer."""
        self.comparing = on and (bool(self.candidates) or self.compared_layer is not None)
        if self.comparing:
            self.live_picture = None
        self.changed.emit("overlay")
        self.changed.emit("candidates")

    def _candidates_moved(self, index: int) -> None:
        self.shown_candidate = min(max(index, 0), max(len(self.candidates) - 1, 0))
        if not self.candidates:
            self.comparing = False
        self.live_picture = None  # whoever has something to choose from looks at that
        self.changed.emit("candidates")
        self.changed.emit("overlay")

    def place_of(self, candidate: Candidate) -> Rect:
        """Where a candidate is shown and accepted: the generation box its request was made with."""
        clip = candidate.result.clip
        if not self.document.layers:
            return self.document.rect  # accepting the first picture makes the canvas as large as it
        x, y, w, h = self._places.get(candidate.job, (candidate.x, candidate.y, clip.width, clip.height))
        at = Rect(x, y, w or clip.width, h or clip.height)
        technique = candidate.result.spec.technique
        if isinstance(technique, Outpaint):
            with suppress(BadRequest):  # of a file of another size
                left, top, right, bottom = technique.sides(at.w, at.h)
                if (left + at.w + right, top + at.h + bottom) == (clip.width, clip.height):
                    return Rect(at.x - left, at.y - top, clip.width, clip.height)
        return at

    @property
    def previewing(self) -> Job | None:
        """The job whose previews are shown."""
        return self.jobs.get(self._preview)

    def preview(self) -> tuple[Clip, Rect] | None:
        """The picture that the running job has so far, and where; None when nothing runs, candidates are in the way, or it is no picture."""
        job = self.previewing
        if (
            job is None
            or job.preview is None
            or self.candidates
            or job.preview.kind not in ("picture", "mask")
        ):
            return None
        if not self.document.layers:
            return job.preview, self.document.rect
        box = self.document.box
        return job.preview, Rect(*self._places.get(job.id, (box.x, box.y, box.w, box.h)))

    def accept(self) -> None:
        """The candidate in view becomes a layer that remembers its request: one Edit. Its siblings stay in the strip."""
        candidate = self.candidate
        if candidate is None:
            return
        clip, spec = candidate.result.clip, candidate.result.spec
        at = self.place_of(candidate)
        document = self.document
        edits: list[Edit] = []
        whole = Rect(0, 0, clip.width, clip.height)
        if not document.layers:
            at = whole
            if document.rect != whole:
                edits += [Resize(whole), SetBox(whole)]
        elif hasattr(spec.technique, "factor") and at == document.rect:
            edits, at = self._enlarge(clip.width / at.w, clip.height / at.h, whole), whole
        elif isinstance(spec.technique, Outpaint) and not document.rect.encloses(at):
            grown = document.rect.united(at)
            edits += [Resize(grown)]
            at = at.moved(-grown.x, -grown.y)
        name = layer_name(spec)
        layer = Layer.from_clip(f"Mask: {name}" if clip.kind == "mask" else name, clip, spec=spec)
        if (at.w, at.h) == (clip.width, clip.height):
            layer.x, layer.y = at.x, at.y
        else:
            layer.matrix = placed((at.x, at.y), (at.w / clip.width, at.h / clip.height))
        edits += [AddLayer(layer), _Take(self, [candidate], "Accept")]
        self.edit(Together(f"Accept {name}", edits))

    def _enlarge(self, wide: float, high: float, whole: Rect) -> list[Edit]:
        """The canvas grows to an upscaled picture of all of it; the layers below grow along."""
        grow = (wide, 0.0, 0.0, 0.0, high, 0.0)
        layers = [layer for layer in self.document.layers if layer.kind != "group"]
        edits: list[Edit] = [
            SetProperty(layer.id, "matrix", multiply(grow, layer.matrix)) for layer in layers
        ]
        if self.document.selection is not None:
            edits.append(SetSelection(None))
        return [*edits, Resize(whole), SetBox(whole)]

    # --- the picture that follows the hand (see `studio.live`) -------------------------------------------------------

    def set_live(self, on: bool, strokes: bool | None = None) -> None:
        """strokes: also in the middle of a stroke; None = as it is."""
        self.settings.live = on
        if strokes is not None:
            self.settings.live_strokes = strokes
        self.changed.emit("live")

    def show_live(self, picture: tuple[Clip, Rect] | None, note: str | None = None) -> None:
        """The newest one over the document, outside undo; None takes it away. note: see `live_note`; None = as it is."""
        if picture is not None or self.live_picture is not None:
            self.live_picture = picture
            self.changed.emit("overlay")
        if note is not None and note != self.live_note:
            self.live_note = note
            self.changed.emit("forecast")

    def discard(self) -> None:
        """The candidate in view leaves the strip; it stays in the gallery, and undo brings it back."""
        if self.candidate is not None:
            self.edit(_Take(self, [self.candidate], "Discard a candidate"))

    def discard_all(self) -> None:
        if self.candidates:
            many = len(self.candidates)
            name = "Discard a candidate" if many == 1 else f"Discard {many} candidates"
            self.edit(_Take(self, self.candidates, name))

    def made_by(self) -> JobSpec | None:
        """The request of the topmost visible layer that has one."""
        layers = reversed(self.document.layers)
        return next((layer.spec for layer in layers if layer.spec and self.document.shown(layer)), None)

    # --- around it -----------------------------------------------------------------------------------------------

    def say(
        self,
        text: str,
        level: Literal["info", "warn", "error"] = "info",
        details: str = "",
        do: Callable[[], object] | None = None,
        do_title: str = "",
    ) -> None:
        """One sentence to the user, with the next step if there is one."""
        self.said.emit(Notice(text, level, details, do, do_title))

    def set_tool(self, name: str) -> None:
        if name != self.tool:
            self.tool = name
            self.changed.emit("tool")

    def set_theme(self, name: str) -> None:
        self.settings.theme = name
        self.changed.emit("settings")

    def set_gpu_canvas(self, on: bool) -> None:
        self.settings.gpu_canvas = on
        self.changed.emit("settings")

    def set_language(self, code: str) -> None:
        """ "system", "en" or another language of the window, from the next start on."""
        if code != self.settings.language:
            self.settings.language = code
            self.changed.emit("settings")
            self.say("The language changes when the studio is started again.")

    def set_shortcut(self, command: str, keys: list[str] | None) -> None:
        """The user's own keys for a command; None = those of the table."""
        shortcuts = dict(self.settings.shortcuts)
        if keys is None:
            shortcuts.pop(command, None)
        else:
            shortcuts[command] = keys
        self.settings.shortcuts = shortcuts
        self.changed.emit("settings")

    def save_settings(self) -> None:
        try:
            self.settings.write(self.home / "settings.json")
        except OSError as error:
            self.say(
                f"The settings could not be saved ({error.strerror}); free some space or check the folder's rights.",
                "warn",
            )

    def close(self) -> None:
        self.save_settings()
        self.history.close()


def _widget(info: Any) -> str:
    extra = info.json_schema_extra
    return str(extra.get("widget", "")) if isinstance(extra, dict) else ""


def _teaches(spec: JobSpec) -> bool:
    """Whether what comes of a request is a model."""
    return TECHNIQUES[spec.technique.name].teaches


def layer_name(spec: JobSpec) -> str:
    """A short name that a person recognises: the words, else the technique."""
    words = " ".join(str(getattr(spec.technique, "prompt", "")).split())
    if not words:
        return TECHNIQUES[spec.technique.name].title
    return words if len(words) <= 40 else words[:39].rstrip() + "…"


def scaled(mask: Pixels, width: int, height: int) -> Pixels:
    """A mask [h, w] of another size, nearest pixels."""
    high, wide = mask.shape
    rows, columns = np.arange(height) * high // height, np.arange(width) * wide // width
    return np.ascontiguousarray(mask[rows[:, None], columns])


def workspace_of(technique: str) -> Workspace:
    """The workspace in which a technique is at home."""
    return HOME_OF[TECHNIQUES[technique].makes]
