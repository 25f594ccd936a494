"""`run(spec)` -> events.

    engine = Engine([models()])
    for event in engine.run(spec):
        ...

One engine per device, one job at a time. It never raises for what a request, a file or a network does: the stream of events
then ends in `Failed` with a sentence for the user. Closing the stream cancels within one step.
"""

from __future__ import annotations

import difflib
import time
import traceback
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import closing, suppress
from functools import partial
from pathlib import Path
from typing import Any

import torch

from studio.core.card import ModelCard
from studio.core.clip import Clip
from studio.core.job import (
    MAX_SEED,
    TECHNIQUES,
    BadRequest,
    Done,
    Event,
    Failed,
    JobSpec,
    Preview,
    Progress,
    Result,
    Source,
    Upscale,
    inputs_of,
    with_inputs,
)
from studio.core.sketch import Sketch
from studio.engine import adapters, load, memory, pipelines, preview
from studio.engine.checkpoint import Checkpoint, Saved
from studio.engine.inputs import Reader, checked, read_picture
from studio.engine.job import NO_VOCODER, Job, Thrift
from studio.engine.techniques import recipe
from studio.engine.threads import Threads


class Engine:
    """Models of some folders on one device.

    Args:
        folders: each holds one folder per model, or is a model itself.
        device: as torch names it; None = the best there is (cuda, mps, cpu).
        memory_budget: bytes of weights that may stay loaded; None = a share of what is free now.
        read: source file -> clip; None = pictures by Pillow.
    """

    def __init__(
        self,
        folders: Sequence[Path],
        device: str | None = None,
        memory_budget: int | None = None,
        read: Reader | None = None,
    ) -> None:
        self.folders = list(folders)
        self.device = load.pick_device(device)
        self.dtype = load.pick_dtype(self.device)
        budget = memory.default_budget(self.device) if memory_budget is None else memory_budget
        self.warm: memory.Warm[load.Model] = memory.Warm(budget)
        self.read = read or read_picture
        self.voice: load.Model | None = None
        self.threads = Threads()
        self.cards: dict[str, ModelCard] = {}
        self.broken: list[str] = []
        """A sentence for each model that is there and cannot be used."""
        self.refresh()

    @property
    def device_name(self) -> str:
        """For the user."""
        if self.device.type == "cuda":
            return f"{self.device} ({torch.cuda.get_device_name(self.device)})"
        return str(self.device)

    @property
    def device_memory(self) -> int:
        """Bytes that the device has in all."""
        return memory.total(self.device)

    def refresh(self) -> None:
        """Looks for models again."""
        self.cards, self.broken = load.find_models(*self.folders)

    def resolve(self, spec: JobSpec) -> JobSpec:
        """The spec with every default filled in, except digests of inputs.

        Raises:
            BadRequest: one sentence that names the field and the remedy.
        """
        spec = resolve(spec, choose(spec, self.cards, self.broken), self.cards)
        if getattr(spec.technique, "vocoder", "") is not None:
            return spec
        by = "griffin-lim" if self._vocoder_card(spec.model) is None else "diffwave"
        return spec.model_copy(update={"technique": spec.technique.model_copy(update={"vocoder": by})})

    def warm_up(self) -> None:
        """Imports what every request needs, which takes seconds the first time. What goes wrong here the first request tells."""
        with suppress(Exception):
            load.import_libraries()

    def prepare(self, model: str) -> None:
        """Loads a model now rather than with its first request.

        Raises:
            BadRequest: there is no such model, or it is damaged.
        """
        if model not in self.cards:
            raise BadRequest(unknown(model, self.cards, self.broken))
        self._model(self.cards[model])

    def close(self) -> None:
        """Forgets all models."""
        self.voice = None
        self.warm.shrink(0)

    def run(
        self, spec: JobSpec, checkpoint: Path | None = None, sketch: Sketch | None = None
    ) -> Generator[Event, None, None]:
        """One request -> its events, the last of which is one of `job.LAST`.

        Args:
            spec: the request; what it leaves open comes from the model's card.
            checkpoint: file to resume from and to keep the state in. A closed stream leaves it, for going on later.
            sketch: how roughly to draw, and what its inputs hold.
        """
        yield Progress("preparing")
        stage = "preparing"
        try:
            with closing(self._run(spec, checkpoint, sketch)) as events:
                for event in events:
                    if isinstance(event, Progress):
                        stage = event.stage
                    yield event
            return
        except BadRequest as error:
            failed = Failed(str(error), kind="request")
        except Exception as error:
            failed = explained(error, stage, self.device_name)
        memory.free_unused(self.device)
        yield failed

    def sketch(self, sketch: Sketch) -> Generator[Event, None, None]:
        """`run` for a picture that follows the hand: with the clips that came along, and as roughly as its draft says."""
        technique = sketch.spec.technique
        kind = (
            sketch.spec.model,
            technique.name,
            getattr(technique, "width", 0),
            getattr(technique, "height", 0),
        )
        most = self.threads.most
        first, later = self.threads.choose(kind) if self.device.type == "cpu" else (most, most)
        warm = sketch.spec.model in self.warm
        only = getattr(technique, "steps", None) == 1  # there is no first picture before the finished one
        seen = time.perf_counter() if only else None
        """When its first picture was seen."""
        with self.threads.using(later if only else first):
            for event in self.run(sketch.spec, sketch=sketch):
                if isinstance(event, Result) and warm and seen is not None:
                    self.threads.learn(kind, later, time.perf_counter() - seen)
                yield event
                if isinstance(event, Preview) and seen is None:
                    torch.set_num_threads(later)
                    seen = time.perf_counter()

    def improve(self) -> bool:
        """Makes something that later sketches are quicker with; whether there was something. Takes up to seconds: for times when
        nobody asks for anything."""
        return any(model.unet is not None and model.traces.make(model.unet) for model in self.warm.values())

    def _run(self, spec: JobSpec, path: Path | None, sketch: Sketch | None) -> Generator[Event, None, None]:
        start = time.perf_counter()
        spec = self.resolve(spec)
        make = recipe(spec.technique.name)
        given = sketch.inputs if sketch else {}
        inputs = {
            name: given.get(source.sha256) or checked(self.read, source, name)
            for name, source in sources(spec.technique).items()
        }
        if sketch is None:
            spec = with_digests(spec, inputs)
        card = self.cards[spec.model]
        seconds: dict[str, float] = {"preparing": time.perf_counter() - start}

        if card.family in pipelines.FAMILIES:
            pipelines.check_memory(card, spec.technique, self.device, self.dtype, card.id in self.warm)
        memory.reset_peak(self.device)
        yield Progress("loading")
        begin = time.perf_counter()
        wanted, spec = fingerprinted(spec, self.cards)
        model = self._model(card)
        model.come_back()
        laid = adapters.lay(model, wanted)
        seconds["loading"] = time.perf_counter() - begin

        keep = Checkpoint(path, spec)
        saved, thrift, pace = keep.read(), Thrift(), preview.Pace()
        for index in range(saved.finished, spec.count):
            own = spec.model_copy(update={"seed": (spec.seed + index) % (MAX_SEED + 1), "count": 1})
            job = Job(
                own, model, inputs, keep, index, spec.count, saved, thrift, pace, lambda: self._alone(card.id),
                second=partial(self._second, self.cards[spec.second]) if spec.second else None,
                read=self.read, vocoder=lambda: self._vocoder(card.id), draft=sketch.draft if sketch else None,
            )  # fmt: skip
            clip = yield from make(job)
            if job.made:
                self.refresh()
            times = {**seconds, **job.seconds}
            notes = (*thrift.notes(), *laid, *job.notes)
            peak = memory.peak_memory(self.device)
            yield Result(clip, own, index, times, self.device_name, peak, notes)
            saved = Saved(index + 1)
            if saved.finished < spec.count:
                keep.save(saved)
            for name, value in job.seconds.items():
                seconds[name] = seconds.get(name, 0.0) + value
        keep.remove()
        yield Done({**seconds, "total": time.perf_counter() - start})

    def _model(self, card: ModelCard) -> load.Model:
        """The model, warm; loaded, in the place of others when room is short, if it was not."""
        if card.id not in self.warm:
            need = load.need(card, self.dtype)
            try:
                model = self.warm.fetch(card.id, need, lambda: load.load(card, self.device, self.dtype))
            except Exception as error:
                if not memory.is_out_of_memory(error) or not self.warm:
                    raise
                model = None
            if model is None:  # alone, then
                self.close()
                model = self.warm.fetch(card.id, need, lambda: load.load(card, self.device, self.dtype))
            if card.family not in load.SOUNDS:
                with torch.no_grad():
                    model.preview = preview.linear_map(model.codec, card.folder)
        return self.warm.fetch(card.id, 0, lambda: load.load(card, self.device, self.dtype))

    def _second(self, card: ModelCard) -> load.Model:
        model = self._model(card)
        model.come_back()
        return model

    def _vocoder_card(self, model: str) -> ModelCard | None:
        """The vocoder that sounds for `model`: itself, where it is one, else the first."""
        able = [card for card in self.cards.values() if card.family == "vocoder"]
        return min(able, key=lambda card: card.id != model, default=None)

    def _vocoder(self, model: str) -> load.Model:
        """It, warm; kept apart from the others, so that loading it never closes the model that is drawing.

        Raises:
            BadRequest: there is none.
        """
        card = self._vocoder_card(model)
        if card is None:
            raise BadRequest(f"vocoder: {NO_VOCODER}")
        if self.voice is None or self.voice.card != card:
            self.voice = load.load(card, self.device, self.dtype)
        return self.voice

    def _alone(self, model: str) -> bool:
        """Forgets all models but one; whether there was another."""
        others = len(self.warm) > 1
        self.warm.shrink(0, keep=model)
        return others


def choose(spec: JobSpec, cards: dict[str, ModelCard], broken: Sequence[str] = ()) -> ModelCard:
    """The card that a request is for.

    Raises:
        BadRequest: there is none, or it cannot do the technique.
    """
    technique = TECHNIQUES[spec.technique.name]
    able = [card for card in cards.values() if technique.ability in card.abilities]
    if spec.model:
        if spec.model not in cards:
            raise BadRequest(unknown(spec.model, cards, broken))
        card = cards[spec.model]
        if card not in able:
            others = (
                f"choose {listed([c.id for c in able])}" if able else "no installed model can, install one"
            )
            raise BadRequest(f"model: {card.id} cannot do {spec.technique.name}; {others}.")
        return card
    if not able:
        why = f" ({broken[0]})" if broken else ""
        raise BadRequest(f"model: no installed model can do {spec.technique.name}; install one{why}.")
    films = technique.makes == "video"
    # for clips a model of clips; a fast preview only where it is asked for
    return min(able, key=lambda card: (films and card.film is None, card.distilled is not None))


def unknown(model: str, cards: Mapping[str, ModelCard], broken: Sequence[str] = ()) -> str:
    """The sentence for a model that does not exist, the most similar name first."""
    names = nearest(model, cards)
    if not names:
        return f"model: {model} is not installed, nor is any other model; install one" + (
            f" ({broken[0]})." if broken else "."
        )
    return f"model: {model} is not installed; choose {listed(names)}."


def nearest(name: str, names: Iterable[str]) -> list[str]:
    """All names, the most similar ones first."""
    there = [*names]
    near = difflib.get_close_matches(name, there, n=3, cutoff=0.3)
    return near + [one for one in there if one not in near]


def listed(names: Sequence[str], most: int = 8) -> str:
    """a, b or c"""
    shown = list(names[:most]) + (["another"] if len(names) > most else [])
    return " or ".join(filter(None, [", ".join(shown[:-1]), shown[-1]]))


def laid_over(spec: JobSpec, cards: Mapping[str, ModelCard]) -> list[ModelCard]:
    """The cards of a request's adapters.

    Raises:
        BadRequest: one is not here, or named twice.
    """
    names = [one.name for one in getattr(spec.technique, "adapters", ())]
    known = {id: card for id, card in cards.items() if card.lora}
    for name in names:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=3, cutoff=0.3)
            there = f"choose {listed(near or [*known])}" if known else "put its file among your models"
            raise BadRequest(f"adapters: {name} is not here; {there}.")
        if names.count(name) > 1:
            raise BadRequest(f"adapters: {name} is named twice; name it once, with its whole strength.")
    return [known[name] for name in names]


def fingerprinted(spec: JobSpec, cards: Mapping[str, ModelCard]) -> tuple[list[adapters.Wanted], JobSpec]:
    """What is to be laid over the model, and the spec that notices when one of the files changes.

    Raises:
        BadRequest: one has changed since the request was made.
    """
    asked, found = getattr(spec.technique, "adapters", ()), laid_over(spec, cards)
    if not asked:
        return [], spec
    wanted: list[adapters.Wanted] = []
    for one, card in zip(asked, found, strict=True):
        digest = adapters.fingerprint(card.folder)
        if one.sha256 and one.sha256 != digest:
            raise BadRequest(
                f"adapters: the file of {one.name} is another one than this request was made with; name it without its sha256 to"
                " use it as it is now."
            )
        wanted.append(adapters.Wanted(card, one.strength, digest))
    named = tuple(one.model_copy(update={"sha256": w.sha256}) for one, w in zip(asked, wanted, strict=True))
    technique = spec.technique.model_copy(update={"adapters": named})
    return wanted, spec.model_copy(update={"technique": technique})


def resolve(spec: JobSpec, card: ModelCard, cards: Mapping[str, ModelCard] | None = None) -> JobSpec:
    """The spec with what it leaves open taken from the card, or from an adapter that makes the model one of few steps.

    Args:
        cards: all that are here, for the second stage and the adapters.

    Raises:
        BadRequest: the model cannot draw that size, or there is no such second stage.
    """
    second = second_of(spec, card, cards or {})
    width, height = card.canvas(cards or {}, second)
    laid = [] if cards is None else laid_over(spec, cards)
    few = next((one for one in laid if one.distilled), card)
    technique = spec.technique
    own = card.own(card.moves(technique.name))
    defaults = (
        own | (few.defaults.model_dump() if few is not card else {}) | {"width": width, "height": height}
    )
    fields = type(technique).model_fields
    filled = {
        name: value for name, value in defaults.items() if name in fields and getattr(technique, name) is None
    }
    technique = technique.model_copy(update=filled)
    if "width" in fields and "height" in fields:
        card.sizes.check(getattr(technique, "width"), getattr(technique, "height"))  # noqa: B009 (not in every technique)
    if card.distilled:
        card.distilled.check(getattr(technique, "steps", None), getattr(technique, "guidance", None))
    return spec.model_copy(update={"technique": technique, "model": card.id, "second": second})


def second_of(spec: JobSpec, card: ModelCard, cards: Mapping[str, ModelCard]) -> str:
    """Id of the model that enlarges what `card`'s draws; "" = none.

    Raises:
        BadRequest: the one that is asked for is not here or cannot.
    """
    if spec.second:
        able = {id: one for id, one in cards.items() if Upscale.ability in one.abilities}
        if spec.second not in able:
            what = "cannot enlarge pictures" if spec.second in cards else "is not installed"
            there = f"choose {listed(nearest(spec.second, able))}" if able else "install one that can upscale"
            raise BadRequest(f"second: {spec.second} {what}; {there}, or leave it out.")
        return spec.second
    if (
        spec.second is None
        and card.second
        and (spec.technique.makes == "picture" or "width" in type(spec.technique).model_fields)
        and not spec.technique.teaches
        and card.second.model in cards
    ):
        return card.second.model
    return ""


def sources(technique: Any) -> dict[str, Source]:
    """{name: file} of a technique."""
    return {name: source for name, (source, _) in inputs_of(technique).items()}


def with_digests(spec: JobSpec, inputs: dict[str, Clip]) -> JobSpec:
    """The spec that notices if one of these inputs changes."""
    files = sources(spec.technique)
    named = {name: files[name].model_copy(update={"sha256": clip.digest()}) for name, clip in inputs.items()}
    return spec.model_copy(update={"technique": with_inputs(spec.technique, named)})


def explained(error: Exception, stage: str, device: str) -> Failed:
    """What went wrong, in plain words, with the traceback for the folded part."""
    details = "".join(traceback.format_exception(error))
    if memory.is_out_of_memory(error):
        return Failed(
            f"The memory of {device} ran out while {stage}, also with tiles; use a smaller size or close other programs.",
            details,
            "memory",
        )
    if isinstance(error, ArithmeticError):
        return Failed(str(error), details)
    said = str(error).strip().splitlines()
    what = f"{type(error).__name__}: {said[0][:200]}" if said else type(error).__name__
    return Failed(f"The model failed while {stage} ({what}); try again, or another model.", details)
