"""A model teaches another to draw in few steps; the new one is a folder among the user's models.

The training is `engine.distill`'s, on rollouts: it needs words and no pictures. After every stage, and every minute, a sheet is
shown: the finished pictures of some words that are never practised, and below them the student's from the same noise. How near
they are is told in dB, beside the teacher itself in as many steps.

A job that is stopped, killed or cut off goes on within the stage it was in when the same request comes again. It is the one
technique whose result depends on the machine's speed: its budget is minutes, as that is what people have.
"""

from __future__ import annotations

import contextlib
import copy
import hashlib
import json
import os
import shutil
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from studio.core import paths
from studio.core.card import Defaults, Distilled, ModelCard
from studio.core.clip import Clip
from studio.core.job import BadRequest, Preview, Progress
from studio.engine import distill, memory, newmodel
from studio.engine.checkpoint import digest
from studio.engine.condition import Condition
from studio.engine.controls.base import Control
from studio.engine.controls.guidance import Guidance
from studio.engine.controls.told import ToldGuidance, takes_guidance, told
from studio.engine.denoiser import UNetNetwork, denoiser_for
from studio.engine.inputs import resized
from studio.engine.inversion import psnr
from studio.engine.job import Job, Steps
from studio.engine.load import quiet, weight_files
from studio.engine.practice import FILE, captions
from studio.engine.prompt import chunks_needed
from studio.engine.sample import sample
from studio.engine.steps import draw, generators, make_step

STAGE = "learning"
BYTES = 24
"""A parameter takes while it is trained: student, average, predecessor, gradient and Adam's two moments."""
SMALL = 16 * 16
"""Pixels of the latent up to which a network is trained in large batches."""
SHOWN = 8
"""Pictures in a row of the sheet, a half as many where they are large."""
SIDE = 256
"""Pixels of a picture on the sheet, at most."""
EVERY = 60.0
"""Seconds between two sheets, and between two saves."""
KEPT = 3
"""Unfinished trainings on the disk."""
THEN = "free some space and ask again, what was learnt is kept"


def run(job: Job) -> Steps[Clip]:
    t, card = job.technique, job.model.card
    _check(job)
    said = captions(card, t.words)
    held = said[:: max(1, len(said) // SHOWN)][: SHOWN if _small(job) else SHOWN // 2]
    words = Words(job, [text for text in said if text not in held] or said)
    width, height = card.sizes.native
    longest = max(said, key=len)
    _, empty, _ = yield from job.condition(width, height, longest, prompt="")
    levels = distill.Levels(job.schedule, job.model.device)
    teacher = distill.Teacher(job.model.unet, levels, empty)
    keep = Unfinished(job)
    torch.manual_seed(job.spec.seed)
    with _quick(job), _own_threads() as most:
        choose_threads(job, most)
        trial = Trial(job, words, held, empty, t.first)
        yield from trial.finish()
        course = Course(job, teacher, levels, words, trial, keep, most)
        yield from course.run()
    model = yield from _written(job, course, trial)
    keep.remove()
    job.notes += [f"{model.title} is a model of its own now, in {model.folder}.", *trial.said()]
    return trial.sheet()


def _check(job: Job) -> None:
    """Raises BadRequest, with one sentence, where the model cannot teach."""
    model, kind = job.model, job.schedule.prediction
    if takes_guidance(model.unet) or model.card.distilled:
        raise BadRequest(f"model: {model.card.id} needs few steps already; choose the model it learned from.")
    if kind not in ("epsilon", "v_prediction") or model.unet.config.in_channels != model.codec.channels:
        raise BadRequest(
            f"model: {model.card.id} is of a kind that cannot teach another; choose another model."
        )
    need = BYTES * sum(p.numel() for p in model.unet.parameters())
    free = memory.free(model.device)
    if need > free:
        raise BadRequest(
            f"model: teaching a second {model.card.title} needs about {need / 1e9:.0f} GB of memory and {free / 1e9:.0f} GB are"
            " free; choose a smaller model."
        )


def _small(job: Job) -> bool:
    width, height = job.model.card.sizes.native
    return width * height // job.model.codec.factor**2 <= SMALL


@contextlib.contextmanager
def _quick(job: Job) -> Iterator[None]:
    """The teacher's attention as training wants it, and as it was afterwards."""
    half = distill.fast_half(job.model.device) and job.model.device.type == "cpu"
    with distill.plain_attention(job.model.unet) if half else contextlib.nullcontext():
        yield


@contextlib.contextmanager
def _own_threads() -> Iterator[int]:
    """Whatever number of threads is chosen inside, outside it is as before -> all that there are."""
    before = torch.get_num_threads()
    try:
        yield before
    finally:
        torch.set_num_threads(before)


@torch.no_grad()
def choose_threads(job: Job, most: int) -> None:
    """One thread or all, whichever is quicker here and now: where others need the processor too, a training with several threads
    waits at its thousands of barriers, by a factor of a hundred on two busy cores."""
    model = job.model
    if model.device.type != "cpu" or most == 1:
        return
    size = model.unet.config.sample_size
    x = torch.zeros(4, model.codec.channels, *(size if isinstance(size, list | tuple) else (size, size)))
    t, empty = torch.zeros(4), model.embeddings[next(key for key in model.embeddings if key[0] == "text")]
    condition = empty.expand(4)
    if condition.pooled is not None:
        condition = condition.with_extra(time_ids=torch.zeros(4, 6))
    seconds: dict[int, float] = {}
    for count in (1, most):
        torch.set_num_threads(count)
        for _ in range(2):  # the first one also finds out how to compute
            begun = time.perf_counter()
            with distill.arithmetic(model.device):
                UNetNetwork(model.unet)(x.to(model.dtype), t, condition)
            seconds[count] = time.perf_counter() - begun
    torch.set_num_threads(min(seconds, key=lambda count: seconds[count]))


class Words:
    """What is practised: conditions of captions, encoded when they are first met."""

    def __init__(self, job: Job, texts: Sequence[str]) -> None:
        self.job, self.texts = job, list(texts)
        self.chunks = max(chunks_needed(tokenizer, self.texts) for tokenizer in job.model.tokenizers)
        self.known: dict[str, Condition] = {}

    def of(self, texts: Sequence[str]) -> Condition:
        for text in texts:
            if text not in self.known:
                self.known[text] = self.job.told(text, self.chunks, *self.job.model.card.sizes.native)
        return Condition.cat([self.known[text] for text in texts])

    def begin(self, count: int) -> tuple[Condition, Tensor]:
        """Any captions, at any guidance scales."""
        picks = torch.randint(len(self.texts), (count,)).tolist()
        scale = distill.scales(count).to(self.job.model.device)
        return self.of([self.texts[i] for i in picks]), scale


# --- the training -----------------------------------------------------------------------------------------------


@dataclass
class Course:
    """The stages, one after the other."""

    job: Job
    teacher: distill.Teacher
    levels: distill.Levels
    words: Words
    trial: Trial
    keep: Unfinished
    most: int = 1
    """Threads that there are."""
    samples: int = 0
    seconds: float = 0.0
    student: Any = None

    def __post_init__(self) -> None:
        t, unet = self.job.technique, self.job.model.unet
        size = sum(p.numel() for p in unet.parameters())
        self.batch = t.batch or (32 if _small(self.job) else 4)
        self.rate = t.rate or (3e-4 if size < 50e6 else 2e-5)
        self.consistent = t.method == "consistency"
        self.stages = (
            [("consistency", 4, t.minutes)] if self.consistent else distill.plan(t.first, t.minutes, t.fewest)
        )
        self.total = 60 * sum(minutes for *_, minutes in self.stages)

    @property
    def known(self) -> tuple[int, ...]:
        """The numbers of steps that a finished course teaches."""
        return tuple(
            n
            for n in (1, 2, 4, 8)
            if self.consistent or self.job.technique.fewest <= n < self.job.technique.first
        )

    def run(self) -> Steps[None]:
        self.student = distill.student_of(self.job.model.unet, self.levels)
        state = self.keep.read() or {"stage": 0, "samples": 0, "seconds": 0.0}
        self.samples, self.seconds = state["samples"], state["seconds"]
        if "before" in state:
            self.student.load_state_dict(state["before"])
        for i, (name, n, minutes) in enumerate(self.stages):
            if i < state["stage"]:
                continue
            choose_threads(self.job, self.most)
            before = copy.deepcopy(self.student).eval().requires_grad_(False)
            trainer = distill.Trainer(self.student, self.rate, 60 * minutes)
            if i == state["stage"] and "trainer" in state:
                trainer.load(state["trainer"])
            yield from self._stage(i, trainer, before, self._loss(name, n, before))
            self.samples += trainer.steps * self.batch
            self.seconds += trainer.spent
            self.student = trainer.average.model.requires_grad_(True)
            self.keep.save(
                {
                    "stage": i + 1,
                    "samples": self.samples,
                    "seconds": self.seconds,
                    "before": self.student.state_dict(),
                }
            )
            yield from self._look(self.student.unet, n)
        if not self.trial.rows:  # it was ended between the last stage and the writing
            yield from self._look(self.student.unet, self.known[0])

    def _loss(self, name: str, n: int, before: Any) -> distill.Loss:
        def states(steps: int, batch: int) -> distill.Rollout:
            shape = self.trial.noise.shape[1:]
            return distill.Rollout(self.levels, steps, batch, self.words.begin, shape)

        if name == "consistency":
            many = distill.consistency_steps(self.levels)
            return distill.consistency_loss(self.teacher, self.student, self.levels, states(many, self.batch))
        if name == "guided":
            return distill.guided_loss(self.teacher, self.student, self.levels, states(n, self.batch), n)
        parts = distill.parts_of(n, self.job.technique.first, self.batch)
        walks = {steps: states(steps, size) for steps, size in parts.items()}
        return distill.halving_loss(before, self.student, self.levels, walks, n)

    def _stage(self, i: int, trainer: distill.Trainer, before: Any, loss: distill.Loss) -> Steps[None]:
        job = self.job
        said = saved = shown = time.monotonic()

        def save() -> None:
            self.keep.save(
                {
                    "stage": i, "samples": self.samples, "seconds": self.seconds,
                    "before": before.state_dict(), "trainer": trainer.state(),
                }
            )  # fmt: skip

        try:
            while not trainer.over:
                with job.stage(STAGE):
                    trainer.step(loss)
                now = time.monotonic()
                if now - said > 0.2 or trainer.over:
                    said = now
                    spent = self.seconds + trainer.spent
                    left = max(self.total - spent, 0.0)
                    yield Progress(STAGE, round(100 * min(spent / self.total, 1)), 100, left, job.peak())
                if now - saved > EVERY:
                    save()
                    saved = time.monotonic()
                if now - shown > EVERY and not trainer.over:
                    yield from self._look(trainer.average.model.unet, self.stages[i][1])
                    shown = time.monotonic()
        except (GeneratorExit, KeyboardInterrupt):  # stopped: to go on from here another time
            save()
            raise

    def _look(self, unet: Any, n: int) -> Steps[None]:
        """The sheet as it is now, in the numbers of steps from n on."""
        steps = [k for k in self.known if self.consistent or k >= n] or [n]
        solver = "lcm" if self.consistent else "ddim"
        with self.job.stage("looking"):
            self.trial.look(unet, steps, solver, told_steps=not self.consistent)
        yield Preview(self.trial.sheet(), n, self.job.index)


# --- how near ---------------------------------------------------------------------------------------------------


@dataclass
class Trial:
    """Words that are not practised: finished by the teacher once, and drawn by the student from the same noise."""

    job: Job
    words: Words
    texts: Sequence[str]
    empty: Condition
    first: int
    finished: list[NDArray[np.uint8]] = field(default_factory=list)
    rows: dict[int, list[NDArray[np.uint8]]] = field(default_factory=dict)
    """{number of steps: the student's pictures}"""
    alone: dict[int, float] = field(default_factory=dict)
    """{number of steps: dB of the teacher itself in so many}"""

    def __post_init__(self) -> None:
        codec, (width, height) = self.job.model.codec, self.job.model.card.sizes.native
        shape = (codec.channels, height // codec.factor, width // codec.factor)
        self.noise = draw(generators(range(len(self.texts))), shape).to(self.job.model.device)
        low, high = distill.SCALES
        self.scale = min(max(self.job.model.card.defaults.guidance, low), high)

    def finish(self) -> Steps[None]:
        """What the teacher makes of them, in twice the steps of the run that is taught, and in few."""
        yield Progress("drawing", memory=self.job.peak())
        guidance = Guidance(self.scale, self.empty)
        for steps in (2 * self.first, *(n for n in (1, 2, 4, 8) if n < self.first)):
            with self.job.stage("looking"):
                made = self._drawn(self.job.model.unet, steps, "ddim", guidance, told_steps=False)
            if not self.finished:
                self.finished = made
            else:
                self.alone[steps] = self.near(made)
            yield Preview(self.sheet(), 0, self.job.index)

    def look(self, unet: Any, steps: Sequence[int], solver: str, told_steps: bool) -> None:
        self.rows = {}
        for n in steps:
            self.rows[n] = self._drawn(unet, n, solver, ToldGuidance(self.scale), told_steps)

    def near(self, made: Sequence[NDArray[np.uint8]]) -> float:
        """Mean dB of pictures against the finished ones."""
        return float(np.mean([psnr(a, b) for a, b in zip(self.finished, made, strict=True)]))

    def scores(self) -> dict[str, dict[str, float]]:
        """Of each number of steps: dB to the finished picture, and what the teacher reaches in as many, its floor."""
        return {
            f"steps_{n}": {
                "psnr_to_finished_db": round(self.near(made), 2),
                "teacher_in_as_many_steps_db": round(self.alone.get(n, 0.0), 2),
            }
            for n, made in sorted(self.rows.items())
        }

    def said(self) -> list[str]:
        found = [
            f"{n} steps {self.near(made):.1f} dB (itself {self.alone[n]:.1f})"
            for n, made in sorted(self.rows.items())
            if n in self.alone
        ]
        text = ", ".join(found)
        return (
            [f"How near the model's finished pictures, beside the model itself in so few steps: {text}."]
            if found
            else []
        )

    def sheet(self) -> Clip:
        """Finished pictures on top, below them those of ever fewer steps."""
        rows = [self.finished, *(made for _, made in sorted(self.rows.items(), reverse=True))]
        lines = [np.concatenate([_shrunk(picture) for picture in row], 1) for row in rows]
        return Clip.picture(np.ascontiguousarray(np.concatenate(lines, 0)))

    def _drawn(
        self, unet: Any, steps: int, solver: str, guidance: Control, told_steps: bool
    ) -> list[NDArray[np.uint8]]:
        job, x = self.job, self.noise
        denoiser = denoiser_for(job.schedule, UNetNetwork(unet))
        if takes_guidance(unet):
            denoiser = told(denoiser, steps if told_steps else None)
        step = make_step(solver, generators(range(len(x))), schedule=job.schedule)
        levels = job.schedule.levels(steps, "trailing")
        with distill.arithmetic(x.device):
            for state in sample(denoiser, x, levels, step, self.words.of(self.texts), [guidance]):
                x = state.x.float()
        with torch.no_grad():
            return [job.model.codec.decode(x[i : i + 1]) for i in range(len(x))]


def _shrunk(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    high, wide = picture.shape[:2]
    by = max(1.0, max(high, wide) / SIDE)
    return picture if by == 1 else resized(Clip.picture(picture), round(wide / by), round(high / by)).array


# --- on disk ----------------------------------------------------------------------------------------------------


class Unfinished:
    """Where a training is, between two calls of the same request."""

    def __init__(self, job: Job) -> None:
        files = weight_files(job.model.card.folder)
        weights = [(file.name, file.stat().st_size, file.stat().st_mtime_ns) for file in files]
        name = hashlib.sha256(f"{digest(job.spec)}{weights}".encode()).hexdigest()
        self.root = paths.home() / "distilling"
        self.folder = self.root / name[:32]

    def read(self) -> dict[str, Any] | None:
        path = self.folder / "state.pt"
        if not path.is_file():
            return None
        try:
            return torch.load(path, map_location="cpu", weights_only=True)
        except Exception:  # damaged in any of a dozen ways: all mean "begin again"
            return None

    def save(self, state: dict[str, Any]) -> None:
        """A full disk costs the chance to go on, not the job."""
        with contextlib.suppress(OSError, RuntimeError):
            self.folder.mkdir(parents=True, exist_ok=True)
            beside = self.folder / f"state.{os.getpid()}.new"
            try:
                torch.save(state, beside)
                os.replace(beside, self.folder / "state.pt")
            finally:
                beside.unlink(missing_ok=True)
            self._tidy()

    def _tidy(self) -> None:
        others = [folder for folder in self.root.iterdir() if folder != self.folder]
        for old in sorted(others, key=lambda folder: folder.stat().st_mtime, reverse=True)[KEPT - 1 :]:
            shutil.rmtree(old, ignore_errors=True)

    def remove(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)


def _written(job: Job, course: Course, trial: Trial) -> Steps[ModelCard]:
    """The student as a model's folder, whole or not at all."""
    yield Progress("saving", memory=job.peak())
    t, model = job.technique, job.model
    target = Path(t.folder).expanduser().resolve() if t.folder else paths.home() / "models"
    title = t.called.strip() or f"{model.card.title} fast"
    name = newmodel.free(newmodel.named(t.called, f"{model.card.id}-fast"), target)
    lcm = course.consistent
    card = ModelCard(
        id=name,
        title=title,
        family=model.card.family,
        summary=f"{model.card.title} in few steps, with the guidance scale as an input; taught here.",
        knows=model.card.knows,
        abilities=("text2image",),
        sizes=model.card.sizes,
        second=model.card.second,
        defaults=Defaults(
            steps=4 if 4 in course.known else course.known[0],
            guidance=trial.scale,
            solver="lcm" if lcm else "ddim",
            spacing="trailing",
        ),
        distilled=Distilled(
            steps=course.known, told_steps=not lcm, guidance=distill.SCALES, teacher=model.card.id
        ),
        memory_mb=model.card.memory_mb,
        licence=model.card.licence,
        sources=model.card.sources,
        training={
            "recipe": f"distill, {t.method}",
            "samples": course.samples,
            "seconds": round(course.seconds),
            "device": str(model.device),
            "date": time.strftime("%Y-%m-%d"),
        },
        scores=trial.scores(),
    )
    with newmodel.whole(target / name, "folder", THEN) as beside, job.stage("saving"), quiet():
        _copy_parts(job, beside)
        contiguous(course.student.unet).half().save_pretrained(beside / "unet")
        count = sum(memory.count_parameters(file) for file in weight_files(beside))
        card.model_copy(update={"parameters": count}).write(beside / "card.toml")
    return ModelCard.read(target / name / "card.toml")


def _copy_parts(job: Job, target: Path) -> None:
    """Everything but the network as the teacher has it; a component that is inside a file of several gets one of its own."""
    model, source = job.model, job.model.card.folder
    nets = {
        "vae": model.codec.vae,
        **dict(zip(("text_encoder", "text_encoder_2"), model.encoders, strict=False)),
    }
    for part in ("tokenizer", "tokenizer_2", "scheduler", *nets):
        if (source / part).is_dir():
            shutil.copytree(source / part, target / part, dirs_exist_ok=True)
    for part, net in nets.items():
        if not list((target / part).glob("*.safetensors")):
            contiguous(net).save_pretrained(target / part)
    for name in ("model_index.json", "preview.safetensors", FILE):
        if (source / name).is_file():
            shutil.copyfile(source / name, target / name)
    about = target / "model_index.json"
    if about.is_file():  # another program has no reason to take it for a kind that is recognised by its name
        about.write_text(
            json.dumps({**json.loads(about.read_text("utf-8")), "_name_or_path": ""}, indent=2), "utf-8"
        )


def contiguous(net: Any) -> Any:
    """A copy whose weights lie in memory as a file wants them, see `load.arrange`."""
    made = copy.deepcopy(net)
    for tensor in (*made.parameters(), *made.buffers()):
        tensor.data = tensor.data.contiguous()
    return made
