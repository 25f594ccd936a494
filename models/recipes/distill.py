"""pocket-fast: pocket-image in one to eight network calls, at any guidance scale, in one network.

Losses, stages and training are the studio's own, `studio.engine.distill`; here they get the world's captions and scenes, and the
judge says after every stage what they came to.

    --method progressive    guided, then N halving from first / 2 to 1
    --method consistency    the same teacher's consistency student, as a comparison
    --from FOLDER           goes on with a student that has been through the stages: every N at once (`together_loss`)
    --states rollout        learns on the way that drawing takes; noised: on scenes of the world with noise;
             walked         from guided trajectories of the teacher, `--walked N` of them, which are kept in DATA and serve both
                            `--from` and `--method consistency` (`studio.engine.trajectories`)

Budget: `--minutes` is shared out by SHARES; with `--count work` they are minutes of the processor's work. Run again, the recipe
goes on within the stage it was in; finished stages are read.
"""

from __future__ import annotations

import copy
import json
import random
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from time import monotonic, process_time
from typing import Any

import numpy as np
import torch
from common import Checkpoint, arguments, autocast, batches, device, scenes, sheet, to_pictures, train
from diffusers import AutoencoderTiny, UNet2DConditionModel
from diffusers.models.attention_processor import AttnProcessor
from image import encode_all, token_ids
from numpy.typing import NDArray
from torch import Tensor
from transformers import CLIPTextModel, CLIPTokenizer

from studio.bench.world import Scene, World, caption_of
from studio.engine.condition import Condition
from studio.engine.controls.guidance import Guidance
from studio.engine.denoiser import UNetNetwork, denoiser_for
from studio.engine.distill import (
    Levels,
    Loss,
    Noised,
    Rollout,
    States,
    Student,
    Teacher,
    consistency_loss,
    consistency_steps,
    guided_loss,
    halving_loss,
    parts_of,
    plan,
    scales,
    student_of,
    together_loss,
)
from studio.engine.nets.judge import SIDE, Judge, Verdict
from studio.engine.sample import sample
from studio.engine.schedule import Schedule
from studio.engine.steps import draw, generators, make_step
from studio.engine.trajectories import Trajectories, consistent_loss, following_loss, walk

TOGETHER = (8, 4, 2, 1)
"""The numbers of steps that a student is taught at once when it goes on."""
PARTS = {8: 0.2, 4: 0.45, 2: 0.15, 1: 0.2}
"""Their shares of a batch on walked trajectories; four steps are what people use."""
WALKED = 8
"""Guided steps of a kept trajectory: its picture agrees with that of 64 steps, as `studio bench fast` says, and it is the cheapest such."""
SHARD = 250
"""Trajectories in one file."""


class Base:
    """A trained pocket-image: the teacher's networks, frozen, and what belongs to them."""

    def __init__(self, folder: Path) -> None:
        options: dict[str, Any] = {"dtype": torch.float32}
        self.unet: Any = network_of(folder)
        self.text: Any = CLIPTextModel.from_pretrained(folder / "text_encoder", **options)
        self.vae: Any = AutoencoderTiny.from_pretrained(folder / "vae", low_cpu_mem_usage=False, **options)
        # attention by plain matrix products: in bfloat16 they are several times faster on a CPU than the fused kernel
        self.unet.set_attn_processor(AttnProcessor())
        for net in (self.unet, self.text, self.vae):
            net.to(device()).eval().requires_grad_(False)
        self.tokenizer = CLIPTokenizer.from_pretrained(folder / "tokenizer")
        noise = json.loads((folder / "scheduler" / "scheduler_config.json").read_text("utf-8"))
        self.schedule = Schedule.from_config(noise)
        self.empty = self.hidden(token_ids(self.tokenizer, [""]))  # [1, T, D]

    @torch.no_grad()
    def hidden(self, ids: Tensor) -> Tensor:
        """[N, T] -> [N, T, D]"""
        with autocast():
            return self.text(ids.to(device())).last_hidden_state.float()


def network_of(folder: Path) -> Any:
    """A model's network in single precision."""
    options: dict[str, Any] = {"dtype": torch.float32, "low_cpu_mem_usage": False}
    return UNet2DConditionModel.from_pretrained(folder / "unet", **options)


# --- how well ---------------------------------------------------------------------------------------------------


class Trial:
    """Held-out captions, drawn by the teacher once and by each student from the same noise."""

    def __init__(
        self, base: Base, judge: Judge, facts: Sequence[Scene], scale: float, steps: int, keep: Path
    ) -> None:
        self.base, self.judge, self.facts, self.scale = base, judge, facts, scale
        self.hidden = base.hidden(token_ids(base.tokenizer, [caption_of(scene) for scene in facts]))
        channels, side = base.unet.config.in_channels, base.unet.config.sample_size
        self.noise = draw(generators(range(len(facts))), (channels, side, side)).to(device())
        kept = torch.load(keep)[: len(facts)] if keep.exists() else None
        if kept is not None and len(kept) == len(facts):
            self.latents = kept
        else:  # another `--held` draws anew
            guidance = Guidance(scale, Condition(base.empty))
            self.latents = self._run(base.unet, steps, "ddim", {}, [guidance])
            torch.save(self.latents, keep)
        self.pictures = self._decoded(self.latents)
        self.verdicts, self.features = judge(self.pictures)

    def drawn(
        self, student: Student, steps: int, solver: str = "ddim"
    ) -> tuple[NDArray[np.uint8], dict[str, Any]]:
        """Pictures of `steps` calls and what is to be said about them."""
        extra = {"guidance": torch.tensor([self.scale])}
        if solver == "ddim":  # a consistency student is the same whatever the number of steps
            extra["steps"] = torch.tensor([float(steps)])
        latents = self._run(student.unet, steps, solver, extra, [])
        pictures = self._decoded(latents)
        verdicts, features = self.judge(pictures)
        return pictures, {
            "right": share([right(s, v) for s, v in zip(self.facts, verdicts, strict=True)]),
            "agrees": share([v.things == w.things for v, w in zip(verdicts, self.verdicts, strict=True)]),
            "latent_error": round(float((latents - self.latents).square().mean()), 4),
            "feature_error": round(float(np.square(features - self.features).mean()), 4),
        }

    def teacher(self) -> dict[str, Any]:
        return {"right": share([right(s, v) for s, v in zip(self.facts, self.verdicts, strict=True)])}

    @torch.no_grad()
    def _run(
        self, unet: Any, steps: int, solver: str, extra: dict[str, Tensor], controls: list[Any]
    ) -> Tensor:
        made: list[Tensor] = []
        levels = self.base.schedule.levels(steps, "trailing")
        for i in range(0, len(self.facts), 48):
            x, hidden = self.noise[i : i + 48], self.hidden[i : i + 48]
            told = {name: value.to(device()).expand(len(x)) for name, value in extra.items()}
            step = make_step(solver, generators(range(i, i + len(x))))
            with autocast():
                for state in sample(
                    denoiser_for(self.base.schedule, UNetNetwork(unet)),
                    x,
                    levels,
                    step,
                    Condition(hidden, extra=told),
                    controls,
                ):
                    x = state.x.float()
            made.append(x)
        return torch.cat(made)

    @torch.no_grad()
    def _decoded(self, latents: Tensor) -> NDArray[np.uint8]:
        return to_pictures(
            self.base.vae.decode(latents / self.base.vae.config.scaling_factor).sample.clamp(-1, 1)
        )


def share(values: list[bool]) -> float:
    return round(sum(values) / len(values), 4)


def right(scene: Scene, verdict: Verdict) -> bool:
    """Everything in its place and colour."""
    return verdict.things == {t.place: (t.noun, t.colour) for t in scene.things}


# --- the stages -------------------------------------------------------------------------------------------------


def run_stage(
    out: Path,
    minutes: float,
    student: Student,
    loss_of: Loss,
    args: Any,
    look: Callable[[Any, int], None],
) -> tuple[Student, dict[str, Any]]:
    """Trains within the stage's own folder, or reads what it came to; the student's average -> and its report."""
    out.mkdir(parents=True, exist_ok=True)
    state = Checkpoint(out / "checkpoint.pt").load()
    left = minutes - (state["spent"] / 60 if state else 0)
    report = out / "report.json"
    if state and (report.exists() or left < 0.02):
        student.load_state_dict(state["average"])
        done = {"samples": state["step"] * args.batch, "seconds": round(state["spent"])}
        return student, json.loads(report.read_text()) if report.exists() else done
    average, said = train(
        out=out, minutes=left, model=student, loss_of=loss_of, batch=args.batch, rate=args.rate, warmup=20,
        every=look, every_seconds=900, total_minutes=minutes,
        clock=process_time if args.count == "work" else monotonic,
    )  # fmt: skip
    return average, said  # type: ignore[return-value]


def save(student: Any, base: Path, folder: Path) -> None:
    """The library's layout: the student's network, everything else as the teacher has it."""
    copy.deepcopy(student.unet).half().save_pretrained(folder / "unet")
    for part in ("tokenizer", "text_encoder", "vae", "scheduler", "model_index.json", "preview.safetensors"):
        if (base / part).is_dir():
            shutil.copytree(base / part, folder / part, dirs_exist_ok=True)
        elif (base / part).exists():
            shutil.copyfile(base / part, folder / part)


def main() -> None:
    args = arguments(
        minutes=60, batch=32, base="models/pocket-image", judge="models/pocket-judge", latents=None, nouns="36", scenes=120_000,
        rate=3e-4, first=16, teacher_steps=64, guidance=4.0, held=96, method="progressive", count="time", states="rollout",
        walked=10_000, **{"from": None},
    )  # fmt: skip
    folder = Path(args.base)
    base = Base(folder)
    levels = Levels(base.schedule, device())
    teacher = Teacher(base.unet, levels, Condition(base.empty))
    known = trajectories(args, base, teacher, levels) if args.states == "walked" else None
    states = practice(args, base, levels) if known is None else None
    _, held = scenes(args.data, args.nouns, args.held, "held_out", size=SIDE, first=5_000_000)
    trial = Trial(
        base, Judge(Path(args.judge)), held, args.guidance, args.teacher_steps, args.out / "teacher.pt"
    )
    print("teacher", trial.teacher(), flush=True)
    sheet(args.out / "teacher.png", trial.pictures[:36])

    def looker(name: str, steps: Sequence[int], solver: str = "ddim") -> Callable[[Any, int], None]:
        def look(average: Any, samples: int) -> None:
            rows, scores = [], {}
            for n in steps:
                made, scores[str(n)] = trial.drawn(average, n, solver)
                print(f"{name}: {samples} samples, {n} steps {scores[str(n)]}", flush=True)
                rows.append(made[:12])
            sheet(args.out / f"sheet-{name}.png", np.concatenate([trial.pictures[:12], *rows]))
            (args.out / f"scores-{name}.json").write_text(json.dumps(scores, indent=1))

        return look

    reports: dict[str, Any] = {}
    if args.method == "consistency":
        student = student_of(base.unet, levels)
        if known:
            loss = consistent_loss(student, levels, known, args.batch)
        else:
            assert states
            loss = consistency_loss(teacher, student, levels, states(consistency_steps(levels), args.batch))
        look = looker("consistency", (1, 2, 4, 8), "lcm")
        student, reports["consistency"] = run_stage(
            args.out / "consistency", args.minutes, student, loss, args, look
        )
    elif origin := getattr(args, "from"):
        student = Student(network_of(Path(origin)).to(device()), levels)
        look = looker("together", TOGETHER)
        if not (args.out / "together").exists():
            look(student, 0)
        if known:
            sizes = {n: max(1, round(part * args.batch)) for n, part in PARTS.items()}
            loss = following_loss(student, levels, known, sizes)
        else:
            assert states
            walks = {n: states(n, max(1, args.batch // len(TOGETHER))) for n in TOGETHER}
            loss = together_loss(teacher, student, levels, walks)
        student, reports["together"] = run_stage(
            args.out / "together", args.minutes, student, loss, args, look
        )
    else:
        if states is None:
            raise SystemExit("--states walked is for --from and --method consistency.")
        student = student_of(base.unet, levels)
        for name, n, minutes in plan(args.first, args.minutes):
            before = copy.deepcopy(student).eval().requires_grad_(False)
            if name == "guided":
                loss = guided_loss(teacher, student, levels, states(n, args.batch), n)
            else:
                walks = {k: states(k, size) for k, size in parts_of(n, args.first, args.batch).items()}
                loss = halving_loss(before, student, levels, walks, n)
            print(f"stage {name}: {minutes:.1f} minutes", flush=True)
            student, reports[name] = run_stage(
                args.out / name, minutes, student, loss, args,
                looker(name, sorted({n, *(m for m in (1, 2, 4, 8) if n < m <= args.first // 2)})),
            )  # fmt: skip
            student.requires_grad_(True)
            save(student, folder, args.out / "model")
    save(student, folder, args.out / "model")
    whole = {
        "samples": sum(r.get("samples", 0) for r in reports.values()),
        "seconds": sum(r.get("seconds", 0) for r in reports.values()),
        **{key: r[key] for r in reports.values() for key in ("device", "date") if key in r},
        "stages": reports,
        "scores": {
            path.stem.removeprefix("scores-"): json.loads(path.read_text())
            for path in sorted(args.out.glob("scores-*.json"))
        },
        "teacher": trial.teacher(),
    }
    (args.out / "report.json").write_text(json.dumps(whole, indent=1))


def trajectories(args: Any, base: Base, teacher: Teacher, levels: Levels) -> Trajectories:
    """`--walked` trajectories of the teacher, read from DATA or walked and kept there; half of them at the guidance scale that is usual,
    half with two things, half with captions that say everything."""
    args.data.mkdir(parents=True, exist_ok=True)
    world, parts = World(int(args.nouns)), []
    side, channels = base.unet.config.sample_size, base.unet.config.in_channels
    for first in range(0, args.walked, SHARD):
        count = min(SHARD, args.walked - first)
        path = args.data / f"walked-{args.nouns}-{WALKED}-{args.guidance:g}-{first}-{count}.pt"
        if not path.exists():
            luck = torch.Generator().manual_seed(first)
            facts = [world.scene(seed, things=1 + seed // 2 % 2) for seed in range(first, first + count)]
            ids = token_ids(
                base.tokenizer, [caption_of(s) if i % 2 else s.caption for i, s in enumerate(facts)]
            )
            usual = torch.rand(count, generator=luck) < 0.5
            scale = torch.where(usual, torch.tensor(float(args.guidance)), scales(count))
            noise = torch.randn(count, channels, side, side, generator=luck)
            states = [
                walk(teacher, levels, WALKED, x.to(device()), Condition(base.hidden(i)), w.to(device()))
                for x, i, w in zip(noise.split(50), ids.split(50), scale.split(50), strict=True)
            ]
            kept = {"ids": ids, "scale": scale, "states": torch.cat(states).half().cpu()}
            torch.save(kept, path.with_suffix(".new"))
            path.with_suffix(".new").replace(path)
            print(f"{first + count} of {args.walked} trajectories", flush=True)
        parts.append(torch.load(path, weights_only=True))
    ids = torch.cat([part["ids"] for part in parts])
    hidden = torch.cat([base.hidden(some).half() for some in ids.split(500)]).to(device())
    return Trajectories(
        torch.cat([part["states"] for part in parts]).to(device()),
        torch.cat([part["scale"] for part in parts]),
        lambda rows: Condition(hidden[rows].float()),
    )


def practice(args: Any, base: Base, levels: Levels) -> Callable[[int, int], States]:
    """(number of steps, batch) -> noisy latents at the steps of such a run."""
    noised = args.states == "noised"
    pictures, facts = scenes(args.data, args.nouns, args.scenes, "train") if noised else (None, None)
    if facts is None:
        world = World(int(args.nouns))
        facts = [world.scene(seed) for seed in range(args.scenes)]
    captions = [scene.caption for scene in facts]
    pick = batches(len(captions), args.batch, seed=random.randrange(2**31))

    def said(index: Tensor) -> Condition:
        return Condition(base.hidden(token_ids(base.tokenizer, [captions[i] for i in index.tolist()])))

    if not noised:
        shape = (base.unet.config.in_channels, *2 * (base.unet.config.sample_size,))

        def begin(count: int) -> tuple[Condition, Tensor]:
            return said(torch.randint(len(captions), (count,))), scales(count).to(device())

        return lambda steps, batch: Rollout(levels, steps, batch, begin, shape)
    kept = Path(args.latents or args.out / f"latents-{args.nouns}-{args.scenes}.pt")
    latents = torch.load(kept, weights_only=True) if kept.exists() else encode_all(base.vae, pictures)
    if not kept.exists():
        torch.save(latents, kept)

    def some(count: int) -> tuple[Tensor, Condition, Tensor]:
        index = next(pick)[:count]
        return latents[index].float().to(device()), said(index), scales(len(index)).to(device())

    return lambda steps, batch: Noised(levels, steps, batch, some)


if __name__ == "__main__":
    main()
