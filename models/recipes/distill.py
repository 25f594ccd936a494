"""pocket-fast: pocket-image in one to eight network calls, at any guidance scale, in one network.

Progressive, in stages, each of which begins where the last one ended:

    guided    The student learns what guidance makes of two teacher calls, with the scale w as an input (Meng et al.
              2022, section 3.1), on the levels of the `--first` steps.
    N         The student learns to take N steps where its frozen predecessor takes 2 N: two DDIM steps of the teacher from
              x_t to x_s, and the x0 with which one step arrives at the same place (Salimans & Ho 2022, algorithm 2
              and appendix G), N halving from first / 2 to 1.

v-prediction, its mean square error as the loss (their "SNR + 1" weighting), trailing levels with zero terminal SNR.
The paper ends with a network for each N. This one is told N as well (`studio.engine.denoiser.steps_embedding`), and a share of
every batch repeats what the predecessor does at larger N, so that one small network serves every N from 8 to 1.

Consistency, as a comparison (`--method consistency`; Luo et al. 2023, algorithm 1): from the same teacher, skipping steps
of the same guided solver, towards the average of the student's own weights. The boundary scalings c_skip and c_out are
left out, as in `studio.engine.steps.LCM`.

Budget: `--minutes` is shared out by SHARES; with `--count work` they are minutes of the processor's work. Run again, the recipe
goes on within the stage it was in; finished stages are read.
"""

from __future__ import annotations

import copy
import json
import random
import shutil
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from common import Checkpoint, arguments, autocast, batches, device, scenes, sheet, to_pictures, train
from diffusers import AutoencoderTiny, UNet2DConditionModel
from diffusers.models.attention_processor import AttnProcessor
from image import encode_all, token_ids
from numpy.typing import NDArray
from torch import Tensor, nn
from transformers import CLIPTextModel, CLIPTokenizer

from studio.bench.world import Scene, caption_of
from studio.engine.condition import Condition
from studio.engine.controls.guidance import Guidance
from studio.engine.denoiser import UNetNetwork, denoiser_for, guidance_embedding, steps_embedding
from studio.engine.nets.judge import SIDE, Judge, Verdict
from studio.engine.sample import sample
from studio.engine.schedule import Schedule
from studio.engine.steps import draw, generators, make_step

EMBEDDED = 256
"""Width of the embedding of guidance scale and steps, as in the published latent consistency models."""
SCALES = (1.0, 8.0)
"""Guidance scales that the student learns."""
REHEARSED = 8
"""The largest N that later stages repeat."""
SHARES = {"guided": 0.50, 16: 0.05, 8: 0.08, 4: 0.12, 2: 0.13, 1: 0.17}
"""Of the minutes, by stage; those of stages that a run leaves out are shared out among the others."""
SKIP = 50
"""Timesteps that the consistency student's solver skips (k of Luo et al. 2023; 20 there, for 1000 timesteps)."""


class Base:
    """A trained pocket-image: the teacher's networks, frozen, and what belongs to them."""

    def __init__(self, folder: Path) -> None:
        options: dict[str, Any] = {"dtype": torch.float32}
        self.unet: Any = UNet2DConditionModel.from_pretrained(
            folder / "unet", low_cpu_mem_usage=False, **options
        )
        self.text: Any = CLIPTextModel.from_pretrained(folder / "text_encoder", **options)
        self.vae: Any = AutoencoderTiny.from_pretrained(folder / "vae", low_cpu_mem_usage=False, **options)
        # attention by plain matrix products: in bfloat16 they are several times faster on a CPU than the fused kernel
        self.unet.set_attn_processor(AttnProcessor())
        for net in (self.unet, self.text, self.vae):
            net.to(device()).eval().requires_grad_(False)
        self.tokenizer = CLIPTokenizer.from_pretrained(folder / "tokenizer")
        noise = json.loads((folder / "scheduler" / "scheduler_config.json").read_text("utf-8"))
        self.schedule = Schedule.from_config(noise)
        if self.schedule.prediction != "v_prediction":
            raise SystemExit("--base: only models with v-prediction can be distilled by this recipe.")
        self.empty = self.hidden(token_ids(self.tokenizer, [""]))  # [1, T, D]

    @torch.no_grad()
    def hidden(self, ids: Tensor) -> Tensor:
        """[N, T] -> [N, T, D]"""
        with autocast():
            return self.text(ids.to(device())).last_hidden_state.float()

    @torch.no_grad()
    def v(self, x: Tensor, t: Tensor, hidden: Tensor, scale: Tensor) -> Tensor:
        """What guidance makes of the teacher: x [B, C, H, W], t [B], hidden [B, T, D], scale [B] -> v [B, C, H, W]."""
        both = torch.cat([self.empty.expand(len(x), -1, -1), hidden])
        with autocast():
            out = self.unet(torch.cat([x, x]), torch.cat([t, t]), encoder_hidden_states=both).sample
        without, with_text = out.float().chunk(2)
        return without + scale.view(-1, 1, 1, 1) * (with_text - without)


class Student(nn.Module):
    """A U-Net that is told the guidance scale and the number of steps."""

    def __init__(self, unet: UNet2DConditionModel) -> None:
        super().__init__()
        self.unet: Any = unet
        self.unet.set_attn_processor(AttnProcessor())

    def forward(self, x: Tensor, t: Tensor, hidden: Tensor, scale: Tensor, steps: Tensor) -> Tensor:
        """x [B, C, H, W], t [B], hidden [B, T, D], scale [B], steps [B] -> v [B, C, H, W]."""
        told = guidance_embedding(scale, EMBEDDED) + steps_embedding(steps, EMBEDDED)
        with autocast():
            return self.unet(x, t, encoder_hidden_states=hidden, timestep_cond=told).sample.float()


def student_of(unet: UNet2DConditionModel) -> Student:
    """The teacher's network with one more input, as yet without effect."""
    wide = UNet2DConditionModel.from_config({**unet.config, "time_cond_proj_dim": EMBEDDED})
    missing, unexpected = wide.load_state_dict(unet.state_dict(), strict=False)
    assert missing == ["time_embedding.cond_proj.weight"] and not unexpected
    nn.init.zeros_(wide.time_embedding.cond_proj.weight)
    return Student(wide).to(device())


class Levels:
    """alpha and sigma of timesteps as tensors, and DDIM steps for a batch whose items are at different levels.

    Level `count` stands for the clean end: alpha 1, sigma 0.
    """

    def __init__(self, schedule: Schedule) -> None:
        self.schedule, self.count = schedule, schedule.train_steps
        levels = [schedule.level_at(t) for t in range(self.count)] + [schedule.clean]
        self.alphas = torch.tensor([level.alpha for level in levels], device=device())
        self.sigmas = torch.tensor([level.sigma for level in levels], device=device())

    def grid(self, steps: int) -> Tensor:
        """[steps + 1] timesteps of a run, noisy to clean; that of 2 N steps holds that of N."""
        times = [int(level.t) for level in self.schedule.levels(steps, "trailing")[:-1]]
        return torch.tensor([*times, self.count], device=device())

    def at(self, t: Tensor) -> tuple[Tensor, Tensor]:
        """alpha, sigma [B, 1, 1, 1]"""
        return self.alphas[t].view(-1, 1, 1, 1), self.sigmas[t].view(-1, 1, 1, 1)

    def noisy(self, x0: Tensor, t: Tensor) -> Tensor:
        alpha, sigma = self.at(t)
        return alpha * x0 + sigma * torch.randn_like(x0)

    def x0(self, x: Tensor, v: Tensor, t: Tensor) -> Tensor:
        alpha, sigma = self.at(t)
        return alpha * x - sigma * v

    def step(self, x: Tensor, v: Tensor, t: Tensor, s: Tensor) -> Tensor:
        """DDIM from t to s (Song et al. 2020, eq. 12), with alpha^2 + sigma^2 = 1."""
        alpha, sigma = self.at(t)
        alpha_s, sigma_s = self.at(s)
        return alpha_s * (alpha * x - sigma * v) + sigma_s * (sigma * x + alpha * v)

    def v_between(self, x: Tensor, t: Tensor, y: Tensor, s: Tensor) -> Tensor:
        """The v with which one DDIM step from x at t arrives at y at s (Salimans & Ho 2022, appendix G)."""
        alpha, sigma = self.at(t)
        alpha_s, sigma_s = self.at(s)
        # y = (alpha_s alpha + sigma_s sigma) x + (sigma_s alpha - alpha_s sigma) v, solved for v
        return (y - (alpha_s * alpha + sigma_s * sigma) * x) / (sigma_s * alpha - alpha_s * sigma)


Draw = Callable[[int], tuple[Tensor, Tensor, Tensor]]
"""n -> latents [n, C, H, W], hidden [n, T, D], guidance scales [n]."""


def weight_of(scale: Tensor) -> Tensor:
    """[B] Errors grow with what guidance adds, (w - 1)^2; without this the strongest scales would be all that counts."""
    return 1 / (1 + (scale - 1).square() / 4)


def guided_loss(
    base: Base, student: Student, levels: Levels, some: Draw, batch: int, first: int
) -> Callable[[int], Tensor]:
    """The first stage: guidance as an input."""
    grid = levels.grid(first)[:-1]

    def loss_of(step: int) -> Tensor:
        x0, hidden, scale = some(batch)
        t = grid[spread(batch, first)]
        x = levels.noisy(x0, t)
        goal = base.v(x, t, hidden, scale)
        error = (student(x, t, hidden, scale, torch.full_like(scale, first)) - goal).square().mean((1, 2, 3))
        return (weight_of(scale) * error).mean()

    return loss_of


def halving_loss(
    teacher: Student, student: Student, levels: Levels, some: Draw, batch: int, steps: int, first: int
) -> Callable[[int], Tensor]:
    """A stage of N = steps: two steps of the teacher in one; and what the teacher does at larger N, as it does it."""
    fine = levels.grid(2 * steps)
    larger = [n for n in (2, 4, 8, 16, 32) if steps < n <= min(REHEARSED, first)]
    grids = {n: levels.grid(n) for n in larger}
    repeated = (batch // 4 if steps > 1 else 3 * batch // 8) if larger else 0
    new = batch - repeated

    def loss_of(step: int) -> Tensor:
        x0, hidden, scale = some(batch)
        index = 2 * spread(new, steps)
        t, middle, s = fine[index], fine[index + 1], fine[index + 2]
        told = torch.full((batch,), float(2 * steps), device=device())
        if repeated:
            picks = [larger[i % len(larger)] for i in range(repeated)]
            told[new:] = torch.tensor(picks, device=device())
            others = torch.stack([grids[n][random.randrange(n)] for n in picks])
            t = torch.cat([t, others])
        x = levels.noisy(x0, t)
        with torch.no_grad():
            v = teacher(x, t, hidden, scale, told)
            y = levels.step(x[:new], v[:new], t[:new], middle)
            second = teacher(y, middle, hidden[:new], scale[:new], told[:new])
            y = levels.step(y, second, middle, s)
            goal = torch.cat([levels.v_between(x[:new], t[:new], y, s), v[new:]])
        told[:new] = steps
        return (
            weight_of(scale) * (student(x, t, hidden, scale, told) - goal).square().mean((1, 2, 3))
        ).mean()

    return loss_of


def consistency_loss(
    base: Base, student: Student, levels: Levels, some: Draw, batch: int
) -> Callable[[int], Tensor]:
    """Latent consistency distillation: x0 as seen from t must be x0 as seen from where the guided solver goes."""
    target = copy.deepcopy(student).eval().requires_grad_(False)
    pairs = list(zip(student.parameters(), target.parameters(), strict=True))
    grid = levels.grid(levels.count // SKIP)

    def loss_of(step: int) -> Tensor:
        with torch.no_grad():
            torch._foreach_lerp_([b for _, b in pairs], [a.detach() for a, _ in pairs], 0.05)
        x0, hidden, scale = some(batch)
        index = spread(batch, len(grid) - 1)
        t, s = grid[index], grid[index + 1]
        x, four = levels.noisy(x0, t), torch.full_like(scale, 4)
        with torch.no_grad():
            v = base.v(x, t, hidden, scale)
            y = levels.step(x, v, t, s)
            asked = s.clamp(max=levels.count - 1)  # at the clean end x0 is y itself
            seen = levels.x0(y, target(y, asked, hidden, scale, four), asked)
            seen = torch.where((s == levels.count).view(-1, 1, 1, 1), y, seen)
        error = (levels.x0(x, student(x, t, hidden, scale, four), t) - seen).square().mean((1, 2, 3))
        return ((error + 1e-6).sqrt() - 1e-3).mean()  # Huber, as there: the target is noisy

    return loss_of


def spread(count: int, cells: int) -> Tensor:
    """[count] integers in [0, cells), one from each equal share: less noise in the loss than free draws."""
    places = (torch.arange(count) + torch.rand(count)) * (cells / count)
    return places.long().clamp(max=cells - 1).to(device())


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
        if keep.exists():
            self.latents = torch.load(keep)[: len(facts)]
        else:
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


def plan(first: int, minutes: float) -> list[tuple[str, int, float]]:
    """(name, N, minutes) of each stage; N of the guided one is `first`."""
    halvings = [first >> i for i in range(1, first.bit_length())]
    shares = {"guided": SHARES["guided"], **{n: SHARES.get(n, 0.05) for n in halvings}}
    whole = sum(shares.values())
    return [
        (f"{n:02d}" if isinstance(n, int) else n, n if isinstance(n, int) else first, minutes * part / whole)
        for n, part in shares.items()
    ]


def run_stage(
    out: Path,
    minutes: float,
    student: Student,
    loss_of: Callable[[int], Tensor],
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
        clock=time.process_time if args.count == "work" else time.monotonic,
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
        rate=3e-4, first=16, teacher_steps=64, guidance=4.0, held=96, method="progressive", count="time",
    )  # fmt: skip
    folder = Path(args.base)
    base = Base(folder)
    levels = Levels(base.schedule)
    pictures, facts = scenes(args.data, args.nouns, args.scenes, "train")
    kept = Path(args.latents or args.out / f"latents-{args.nouns}-{args.scenes}.pt")
    latents = torch.load(kept, weights_only=True) if kept.exists() else encode_all(base.vae, pictures)
    if not kept.exists():
        torch.save(latents, kept)
    captions = [scene.caption for scene in facts]
    del pictures
    _, held = scenes(args.data, args.nouns, args.held, "held_out", size=SIDE, first=5_000_000)
    trial = Trial(
        base,
        Judge(Path(args.judge)),
        held,
        args.guidance,
        args.teacher_steps,
        args.out / "teacher.pt",
    )
    print("teacher", trial.teacher(), flush=True)
    sheet(args.out / "teacher.png", trial.pictures[:36])
    pick = batches(len(latents), args.batch, seed=random.randrange(2**31))

    def some(count: int) -> tuple[Tensor, Tensor, Tensor]:
        index = next(pick)[:count]
        luck = torch.rand(2, len(index)).mean(0)  # the middle of the range is what people use
        scale = SCALES[0] + (SCALES[1] - SCALES[0]) * luck
        return (
            latents[index].float().to(device()),
            base.hidden(token_ids(base.tokenizer, [captions[i] for i in index.tolist()])),
            scale.to(device()),
        )

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

    student = student_of(base.unet)
    reports: dict[str, Any] = {}
    if args.method == "consistency":
        loss = consistency_loss(base, student, levels, some, args.batch)
        student, reports["consistency"] = run_stage(
            args.out / "consistency",
            args.minutes,
            student,
            loss,
            args,
            looker("consistency", (1, 2, 4, 8), "lcm"),
        )
    else:
        for name, n, minutes in plan(args.first, args.minutes):
            teacher = copy.deepcopy(student).eval().requires_grad_(False)
            if name == "guided":
                loss = guided_loss(base, student, levels, some, args.batch, args.first)
            else:
                loss = halving_loss(teacher, student, levels, some, args.batch, n, args.first)
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


if __name__ == "__main__":
    main()
