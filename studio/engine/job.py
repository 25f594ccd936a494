"""One result in the making: what a technique's recipe has at hand.

A recipe is a generator `run(job) -> Clip` in `techniques/<name>.py`: it yields events and returns the finished clip. The
stages it is made of live here, each with what belongs to it: its seconds, its previews, its place in the checkpoint, and what
to do when the device's memory runs out.

Short of memory, a stage is tried again more thriftily, from the state it had reached:

    1. models that only wait to be used again are forgotten
    2. the two halves of guidance run one after the other (drawing), or tiles are used, ever smaller (decoding, encoding)
    3. networks of other stages move to main memory (where the device has a memory of its own)

Every result is drawn in a batch of its own (two with guidance): a batch's size changes the last bits of a picture, and
the same request must give the same bits whether it is asked for alone or as one of many.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

import torch
from torch import Tensor

from studio.core.clip import Clip
from studio.core.job import BadRequest, Event, JobSpec, Preview, Progress
from studio.core.sketch import Draft
from studio.engine import memory, preview
from studio.engine.checkpoint import Checkpoint, Saved
from studio.engine.codecs.picture import TILE
from studio.engine.condition import Condition
from studio.engine.controls.base import Control
from studio.engine.controls.economy import Inference, LeanAttention, OneByOne, PackedConvolutions
from studio.engine.controls.guidance import EVERYWHERE, Guidance, ImageGuidance, Interval
from studio.engine.controls.sparing import Foresight, Tolerance, tolerance_of
from studio.engine.controls.told import ToldGuidance, takes_guidance, told
from studio.engine.denoiser import Denoiser, UNetNetwork, denoiser_for
from studio.engine.inputs import Reader, flatten, read_picture, resized
from studio.engine.load import Model
from studio.engine.nets.motion import MotionNetwork
from studio.engine.prompt import chunks_needed, encode, encode_xl, xl_time_ids
from studio.engine.sample import State, sample
from studio.engine.schedule import Family, Level, Schedule
from studio.engine.steps import Step, draw, make_step
from studio.engine.traced import TracedNetwork

T = TypeVar("T")
Steps = Generator[Event, None, T]
"""Yields events, returns a T."""

FAMILIES: dict[str, Family] = {
    "euler": "euler",
    "euler_ancestral": "euler",
    "heun": "euler",
    "dpm++2m": "dpm++",
    "dpm++2m_sde": "dpm++",
}
SMALLEST_TILE = 16
KEPT = "kept."
NO_VOCODER = "no model that sounds spectrograms is installed; choose griffin-lim."
NO_NEGATIVE = "“Without” has no effect with this model: it was taught guidance against the empty prompt."


@dataclass
class Thrift:
    """How little memory to use; grows while a job runs out of it."""

    alone: bool = False
    """Every other model has been forgotten."""
    split: bool = False
    """Pictures of a batch go through the network one by one."""
    tile: int = 0
    """Side of the codec's tiles in latent pixels; 0 = no tiles."""
    offload: bool = False
    """Only the networks of the current stage are on the device."""

    def notes(self) -> tuple[str, ...]:
        """What the user should know about it."""
        said = {
            "The two halves of guidance were computed one after the other, because memory ran out.": self.split,
            "The picture was decoded in tiles, because memory ran out.": bool(self.tile),
            "Parts of the model waited in main memory, because the device's ran out.": self.offload,
        }
        return tuple(text for text, true in said.items() if true)


def _no_vocoder() -> Model:
    raise BadRequest(f"vocoder: {NO_VOCODER}")


@dataclass
class Job:
    """See the module.

    Args:
        spec: resolved; its seed is this result's own and its count 1.
        model: warm.
        inputs: {field of the technique: what its file holds}.
        index, count: this is result `index` of `count`.
        saved: where an interrupted run of this job was, for the result it was at.
        make_room: forgets other models; whether there was one.
    """

    spec: JobSpec
    model: Model
    inputs: Mapping[str, Clip]
    checkpoint: Checkpoint
    index: int = 0
    count: int = 1
    saved: Saved = field(default_factory=Saved)
    thrift: Thrift = field(default_factory=Thrift)
    pace: preview.Pace = field(default_factory=preview.Pace)
    make_room: Callable[[], bool] = lambda: False
    seconds: dict[str, float] = field(default_factory=dict[str, float])
    notes: list[str] = field(default_factory=list[str])
    """What the user should know about this result."""
    second: Callable[[], Model] | None = None
    """The model that enlarges what this one draws small, warm; None = there is none or it is not wanted."""
    read: Reader = read_picture
    """For files that a technique reads one after the other."""
    made: list[str] = field(default_factory=list[str])
    """Ids of models that were made."""
    vocoder: Callable[[], Model] = _no_vocoder
    """The model that sounds spectrograms, where the request asks for one."""
    draft: Draft | None = None
    """For a picture that follows the hand: how roughly to draw."""

    def __post_init__(self) -> None:
        self.technique: Any = self.spec.technique
        self.runs = 0
        self.frames = 1
        """Of the clip that the next run draws at once, where the model draws clips."""
        self.rate: float = getattr(self.technique, "rate", None) or 8.0
        """Of the clip that is drawn, in frames per second."""
        self.kept: dict[str, Tensor] = {
            name.removeprefix(KEPT): value
            for name, value in self.saved.tensors.items()
            if name.startswith(KEPT)
        }
        """What was made before the run that is going on, and has to outlive an interruption with it."""
        # Ancestral solvers go on with the generator that drew the first noise, as the library's pipelines do.
        self.generator = torch.Generator().manual_seed(self.spec.seed)
        try:
            self.schedule = Schedule.from_config(self.model.noise)
        except ValueError as error:
            raise BadRequest(f"model: {self.model.card.id} cannot be used. {error}") from None

    # --- what a run needs ---------------------------------------------------------------------------------------

    def noise(self, width: int, height: int) -> Tensor:
        """[1, C, height/factor, width/factor] standard normal noise of the seed, or between it and the variation's."""
        codec = self.model.codec
        shrink = self.draft.shrink if self.draft else 1
        shape = (codec.channels, shrink * height // codec.factor, shrink * width // codec.factor)
        noise = draw([self.generator], shape)
        share: float = getattr(self.technique, "variation", 0.0)
        if share:
            other = torch.Generator().manual_seed(self.technique.variation_seed)
            noise = slerp(noise, draw([other], shape), share)
        if (
            shrink > 1
        ):  # the finished picture's noise, seen from further away: blocks' sums that have unit variance again
            noise = torch.nn.functional.avg_pool2d(noise, shrink) * shrink
        return noise.to(self.model.device)

    def levels(self, strength: float = 1.0) -> list[Level]:
        """Noise levels of the request, noisy to clean."""
        t = self.technique
        try:
            return self.schedule.levels(
                t.steps, t.spacing, strength, FAMILIES.get(getattr(t, "solver", "ddim"), "ddim")
            )
        except ValueError as error:
            name = "steps" if "steps" in str(error) else "spacing"
            raise BadRequest(f"{name}: {error}") from None

    def denoiser(self, traced: TracedNetwork | None = None) -> Denoiser:
        """The network at work. traced: what stands for it."""
        if self.model.card.film:
            return denoiser_for(self.schedule, MotionNetwork(self.model.unet, self.frames))
        denoiser = denoiser_for(self.schedule, UNetNetwork(self.model.unet if traced is None else traced))
        if not takes_guidance(self.model.unet):
            return denoiser
        taught = self.model.card.distilled
        return told(
            denoiser, getattr(self.technique, "steps", None) if taught and taught.told_steps else None
        )

    def _traced(self, own: Sequence[Control]) -> TracedNetwork | None:
        """What stands for the network in a picture that follows the hand; None where it has to be the network itself."""
        model = self.model
        if self.draft is None or self.thrift.split or model.card.film or not model.traces.able(model.unet):
            return None
        if any(type(control).attach is not Control.attach for control in own):
            return None
        return TracedNetwork(model.unet, model.traces, model.laid)

    def spares(self, levels: Sequence[Level]) -> Tolerance | None:
        """How much of a run along `levels` may be foreseen instead of computed; None = nothing."""
        t, card = self.technique, self.model.card
        if card.film or card.distilled or takes_guidance(self.model.unet):
            return None
        return tolerance_of(getattr(t, "accuracy", "exact"), getattr(t, "solver", ""), len(levels) - 1)

    def solver(self) -> Step:
        return make_step(self.technique.solver, self.generator, schedule=self.schedule)

    def guided(self, levels: Sequence[Level]) -> tuple[float, Interval]:
        """The request's guidance scale and the ratios between which it acts along `levels`; scale 1 where that is nowhere."""
        inside = guided_steps(self.technique.guidance_interval, len(levels) - 1)
        return (self.technique.guidance, ratios(levels, inside)) if inside else (1.0, (0.0, 0.0))

    def guidance(self, negative: Condition, levels: Sequence[Level]) -> Control:
        """The request's guidance for a run along `levels`."""
        t = self.technique
        inside = guided_steps(t.guidance_interval, len(levels) - 1)
        scale = t.guidance if inside else 1.0
        if takes_guidance(self.model.unet):
            if t.negative_prompt and NO_NEGATIVE not in self.notes:
                self.notes.append(NO_NEGATIVE)
            return ToldGuidance(scale, ratios(levels, inside) if inside else EVERYWHERE)
        if hasattr(t, "image_guidance") and self.takes_picture():
            image_scale = t.image_guidance if inside else 1.0
            return ImageGuidance(
                scale, image_scale, negative, ratios(levels, inside) if inside else EVERYWHERE
            )
        # The contrast is restored in what the network predicts, as the library does.
        return Guidance(
            scale,
            negative,
            getattr(t, "guidance_rescale", 0.0),
            self.schedule.prediction,
            ratios(levels, inside) if inside else EVERYWHERE,
        )

    def takes_picture(self) -> bool:
        """Whether the network has channels for a picture beside the noise, as InstructPix2Pix has."""
        return self.model.unet.config.in_channels == 2 * self.model.codec.channels

    # --- stages -------------------------------------------------------------------------------------------------

    def condition(
        self, width: int, height: int, *others: str, prompt: str | None = None
    ) -> Steps[tuple[Condition, ...]]:
        """What the network is told -> (for the prompt, for the negative prompt, for each of `others`), all of one length.

        Args:
            prompt: instead of the technique's.
        """
        yield Progress("encoding", memory=self.peak())
        first = self.technique.prompt if prompt is None else prompt
        texts = (first, getattr(self.technique, "negative_prompt", ""), *others)
        try:
            chunks = max(chunks_needed(tokenizer, texts) for tokenizer in self.model.tokenizers)
            key = ("text", chunks)
            if any((*key, text) not in self.model.embeddings for text in texts):
                yield from self.thriftily("text", "encoding", lambda: [self.text(t, chunks) for t in texts])
        except ValueError as error:
            raise BadRequest(f"prompt: {error}") from None
        said = [self.text(text, chunks) for text in texts]
        self._note_unknown(texts[0])
        if self.model.card.family == "stable-diffusion-xl":
            if not texts[1] and self.model.index.get("force_zeros_for_empty_prompt", True):
                assert said[1].pooled is not None, "models of this family have pooled text"
                said[1] = Condition(torch.zeros_like(said[1].hidden), torch.zeros_like(said[1].pooled))
            ids = xl_time_ids((height, width)).to(self.model.device)
            said = [one.with_extra(time_ids=ids) for one in said]
        return tuple(said)

    def _note_unknown(self, text: str) -> None:
        """Tells which words a small model cannot know, once."""
        card = self.model.card
        unknown = card.unknown(text)
        if unknown:
            words = ", ".join(f"“{word}”" for word in unknown[:5]) + (
                " and others" if len(unknown) > 5 else ""
            )
            note = f"{card.title} was not taught {words}, so it draws what it makes of the rest; its card lists the words it knows."
            self.notes += [] if note in self.notes else [note]

    def text(self, text: str, chunks: int) -> Condition:
        """What the text encoders make of a text of at most so many chunks; remembered."""
        key = ("text", chunks, text)
        if key in self.model.embeddings:
            return self.model.embeddings[key]
        m = self.model
        if m.card.family == "stable-diffusion-xl":
            said = encode_xl(m.tokenizers, m.encoders, text, min_chunks=chunks)
        else:
            said = encode(m.tokenizers[0], m.encoders[0], text, min_chunks=chunks)
        return m.remember(key, said.to(m.device))

    def told(self, text: str, chunks: int, width: int, height: int) -> Condition:
        """All that the network is told of a text, for a picture of that size; without events, for texts by the thousand."""
        said = self.text(text, chunks)
        if self.model.card.family != "stable-diffusion-xl":
            return said
        return said.with_extra(time_ids=xl_time_ids((height, width)).to(self.model.device))

    def encode(self, clip: Clip, width: int, height: int) -> Steps[Tensor]:
        """A picture, scaled and cropped to width x height -> its latent [1, C, h, w]."""
        yield Progress("encoding", memory=self.peak())
        pixels = resized(flatten(clip), width, height).array
        key = ("latent", Clip.picture(pixels).digest())
        if key in self.model.embeddings:
            return self.model.embeddings[key]
        latent = yield from self.thriftily("codec", "encoding", lambda: self._encode(pixels))
        # A tiled latent is not quite the whole one's: it must not outlive the shortage.
        return latent if self.thrift.tile else self.model.remember(key, latent)

    @torch.no_grad()
    def _encode(self, pixels: Any) -> Tensor:
        return self.model.codec.encode(pixels, self.thrift.tile)

    def run(
        self,
        x: Tensor,
        levels: Sequence[Level],
        condition: Condition,
        negative: Condition,
        controls: Callable[[], Sequence[Control]] = lambda: (),
        *,
        step: Step | None = None,
        guidance: Control | None = None,
    ) -> Steps[Tensor]:
        """The loop: x [1, C, h, w], or the frames of a clip [F, C, h, w], at levels[0] -> the clean latent.

        Args:
            controls: makes the technique's own controls, to stand between network and guidance (or outside, where they are `outer`);
                called again for each new try.
            step: a solver instead of the request's.
            guidance: instead of the request's, for techniques whose negative condition changes from step to step.
        """
        step = step or self.solver()
        at, self.runs = 0, self.runs + 1
        if self.saved.tensors and self.saved.run == self.runs:
            x, at = self.saved.tensors["x"].to(self.model.device), self.saved.step
            step.load_state_dict(unpack(self.saved, self.model.device))
        memory_of_step = step.state_dict()
        begun = [time.perf_counter(), at]
        while at < len(levels) - 1:
            failed = False
            own = controls()
            traced = self._traced(own)
            denoiser = self.denoiser(traced)
            hands: list[Control] = []
            if traced is None or not self.model.traces.ready(x, condition.hidden, self.model.laid):
                packed = PackedConvolutions(self.model.unet, x.shape[-1] * x.shape[-2], self.model.packed)
                hands += [LeanAttention(self.model.unet), packed]
            hands += [OneByOne(self.frames)] if self.thrift.split else []
            spared = None if guidance or any(not hand.outer for hand in own) else self.spares(levels)
            hands += [hand for hand in own if not hand.outer] if own else [Inference()]
            hands += [guidance or self.guidance(negative, levels)]
            hands += [Foresight(spared, levels[-2])] if spared else []
            hands += [hand for hand in own if hand.outer]
            try:
                with self.stage("drawing"):
                    states = sample(denoiser, x, levels, step, condition, hands, start=at)
                with closing(states):
                    while state := self.next_state(states):
                        x, at, memory_of_step = state.x, state.index, step.state_dict()
                        # what was foreseen from is not saved: a run that spares begins anew after an interruption
                        if self.checkpoint.due and at < state.total and not spared:
                            saved = pack(Saved(self.index, at, self.runs), x, memory_of_step)
                            saved.tensors |= {KEPT + name: value for name, value in self.kept.items()}
                            self.checkpoint.save(saved)
                        yield from self._told(state, begun)
            except Exception as error:
                if not memory.is_out_of_memory(error):
                    raise
                failed = True
            if failed:  # outside the except: the error's traceback holds the tensors that must go
                if not self.more_thrifty("drawing"):
                    raise MemoryError("out of memory while drawing")
                step.load_state_dict(memory_of_step)
                yield Progress("drawing", at, len(levels) - 1, memory=self.peak())
        if step.noise.sources:  # not the one it began with, if the run was resumed
            self.generator = step.noise.sources[0]
        return x

    def next_state(self, states: Iterator[State]) -> State | None:
        """One step of the loop, on the clock."""
        with self.stage("drawing"):
            return next(states, None)

    def _told(self, state: State, begun: list[float]) -> Iterator[Event]:
        """Progress of a step, and a preview where one is due."""
        now = time.perf_counter()
        per_step = (now - begun[0]) / max(state.index - begun[1], 1)
        left = per_step * (state.total * (self.count - self.index) - state.index)
        yield Progress("drawing", state.index, state.total, left, self.peak())
        if state.index < state.total and self.model.preview and self._shows(state.index == begun[1] + 1):
            yield Preview(self._glimpse(state.x0, self.model.preview), state.index, self.index)

    def _shows(self, first: bool) -> bool:
        """Whether this step is to be seen. Of few steps the first is: decoding the others would take as long as they do."""
        return first if self.draft and self.draft.decode else self.pace.ready()

    def _glimpse(self, x0: Tensor, linear: tuple[Tensor, Tensor]) -> Clip:
        """What a preview shows; of a picture that follows the hand the first one may be all that is seen for a while."""
        if self.draft and self.draft.decode:
            return self._decode(x0)
        rate = self.rate if len(x0) > 1 else None
        return preview.draw(x0, linear, self.model.codec.factor, rate)

    def decode(self, latent: Tensor) -> Steps[Clip]:
        """The clean latent -> the picture."""
        yield Progress("decoding", memory=self.peak())
        return (yield from self.thriftily("codec", "decoding", lambda: self._decode(latent)))

    @torch.no_grad()
    def _decode(self, latent: Tensor) -> Clip:
        if self.draft and not self.draft.decode and self.model.preview:
            rough = preview.draw(latent, self.model.preview, self.model.codec.factor)
            high, wide = (side * self.model.codec.factor for side in latent.shape[2:])
            return resized(rough, wide, high)
        if self.draft and not self.thrift.tile:
            if self.model.quick is None:
                self.model.quick = preview.quick_codec(self.model.codec)
            return Clip.picture(self.model.quick.decode(latent))
        return Clip.picture(self.model.codec.decode(latent, self.thrift.tile))

    # --- time and memory ----------------------------------------------------------------------------------------

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Adds the seconds spent inside to the stage."""
        start = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - start

    def peak(self) -> int:
        return memory.peak_memory(self.model.device)

    def thriftily(self, nets: str, stage: str, work: Callable[[], T]) -> Steps[T]:
        """work(), again with less memory as often as that helps.

        Args:
            nets: the networks it needs, see `Model.networks`.
            stage: its name for the user.
        """
        while True:
            try:
                with self.stage(stage):
                    if self.thrift.offload:
                        self.model.offload(nets)
                    return work()
            except Exception as error:
                if not memory.is_out_of_memory(error):
                    raise
            if not self.more_thrifty(nets):
                raise MemoryError(f"out of memory while {stage}")
            yield Progress(stage, memory=self.peak())

    def more_thrifty(self, nets: str) -> bool:
        """Takes the next measure that helps the networks `nets`; whether there was one left."""
        thrift, codec = self.thrift, nets == "codec"
        memory.free_unused(self.model.device)
        if not thrift.alone:
            thrift.alone = True
            if self.make_room():
                return True
        if nets == "drawing" and not thrift.split:
            thrift.split = True
        elif codec and thrift.tile != SMALLEST_TILE:
            thrift.tile = thrift.tile // 2 if thrift.tile else TILE
        elif not thrift.offload and self.model.device.type not in (
            "cpu",
            "mps",
        ):  # the others share main memory
            thrift.offload = True
        else:
            return False
        if thrift.offload:
            self.model.offload(nets)
        return True


# --- small mathematics ----------------------------------------------------------------------------------------------


def slerp(a: Tensor, b: Tensor, share: float) -> Tensor:
    """From noise a (share 0) to noise b (share 1) along the sphere, so that what lies between is noise as well."""
    cosine = torch.nn.functional.cosine_similarity(a.flatten(1), b.flatten(1)).clamp(-1, 1)
    angle = torch.arccos(cosine).reshape(-1, *[1] * (a.ndim - 1))
    if bool((angle.sin() < 1e-6).any()):
        return a + share * (b - a)
    return (torch.sin((1 - share) * angle) * a + torch.sin(share * angle) * b) / torch.sin(angle)


def guided_steps(interval: tuple[float, float], steps: int) -> range:
    """Indices of the steps that begin in the part `interval` of the run, 1 being its end."""
    low, high = interval
    inside = [i for i in range(steps) if low <= i / steps < high or low <= i / steps <= high == 1]
    return range(inside[0], inside[-1] + 1) if inside else range(0)


def ratios(levels: Sequence[Level], inside: range) -> Interval:
    """The interval of noise ratios that these steps begin at."""
    if len(inside) == len(levels) - 1:
        return EVERYWHERE
    return levels[inside[-1]].ratio, levels[inside[0]].ratio


def mix(x0: Tensor, noise: Tensor, level: Level) -> Tensor:
    """alpha x0 + sigma eps"""
    return level.alpha * x0 + level.sigma * noise


# --- the solver's memory as tensors ---------------------------------------------------------------------------------


def pack(saved: Saved, x: Tensor, state: Mapping[str, Any]) -> Saved:
    """x and `Step.state_dict()` as what a checkpoint can hold."""
    saved.tensors["x"] = x
    for i, generator in enumerate(state["noise"]):
        saved.tensors[f"noise.{i}"] = generator
    for name, value in state["history"].items():
        if isinstance(value, Tensor):
            saved.tensors[f"history.{name}"] = value
        else:
            saved.extra[name] = value
    return saved


def unpack(saved: Saved, device: torch.device) -> dict[str, Any]:
    """The inverse of `pack`."""
    history: dict[str, Any] = dict(saved.extra)
    noise: list[Tensor] = []
    for name, value in saved.tensors.items():
        if name.startswith("history."):
            history[name.removeprefix("history.")] = value.to(device)
        elif name.startswith("noise."):
            noise.append(value)
    return {"noise": noise, "history": history}
