"""What every recipe shares: a time budget, resumable checkpoints, the average of the weights, scenes as arrays.

A recipe is run as `python models/recipes/NAME.py --out FOLDER --minutes N`; run it again and it goes on where it
stopped. Its budget is minutes of training, so the same recipe serves two CPU cores for an afternoon and one GPU for
a coffee. Progress is one line every few seconds: samples seen, samples a second, loss, minutes left.

bfloat16 autocast: on a CPU with AMX tiles a 3x3 convolution trains four times faster in bfloat16 than in float32
(1.1-1.5 against 0.3 TFLOP/s on two cores), where only attention is slower and is therefore kept in float32.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import math
import multiprocessing
import os
import pickle
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from studio.engine.distill import Average, fast_half

ROOT = Path(__file__).resolve().parents[2]


def read(path: Path) -> dict[str, Any]:
    """A JSON file; {} where there is none."""
    return json.loads(path.read_text("utf-8")) if path.exists() else {}


def change(path: Path, **values: Any) -> None:
    """Sets values of a JSON file."""
    path.write_text(json.dumps({**read(path), **values}, indent=2) + "\n", "utf-8")


def device() -> torch.device:
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def fast_bf16() -> bool:
    """Whether bfloat16 is the faster arithmetic here."""
    return fast_half(device())


def autocast() -> Any:
    return torch.autocast(device().type, torch.bfloat16) if fast_bf16() else contextlib.nullcontext()


def arguments(minutes: float, batch: int, **extra: Any) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument(
        "--out", type=Path, required=True, help="folder for checkpoints, samples and the report"
    )
    parser.add_argument("--data", type=Path, help="folder where drawn scenes are kept; default: OUT/../data")
    parser.add_argument(
        "--minutes", type=float, default=minutes, help="training budget, whatever was trained before"
    )
    parser.add_argument("--batch", type=int, default=batch)
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 2)
    for name, value in extra.items():
        kind = type(value) if value is not None else str
        parser.add_argument(f"--{name.replace('_', '-')}", type=kind, default=value)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    args.data = args.data or args.out.parent / "data"
    args.out.mkdir(parents=True, exist_ok=True)
    return args


class Checkpoint:
    """One file with everything that training needs to go on, replaced atomically."""

    def __init__(self, path: Path, every_seconds: float = 120) -> None:
        self.path, self.every, self.last = path, every_seconds, time.monotonic()

    def load(self) -> dict[str, Any] | None:
        if not self.path.exists():
            return None
        return torch.load(self.path, map_location="cpu", weights_only=True)

    def due(self) -> bool:
        return time.monotonic() - self.last > self.every

    def save(self, state: dict[str, Any]) -> None:
        new = self.path.with_suffix(".new")
        torch.save(state, new)
        os.replace(new, self.path)
        self.last = time.monotonic()


def train(
    *,
    out: Path,
    minutes: float,
    model: nn.Module,
    loss_of: Callable[[int], Tensor],
    batch: int,
    rate: float,
    warmup: int = 200,
    decay: float = 0.999,
    weight_decay: float = 0.01,
    every: Callable[[nn.Module, int], None] | None = None,
    every_seconds: float = 300,
    total_minutes: float | None = None,
    clock: Callable[[], float] = time.monotonic,
    rate_of: Callable[[str], float] = lambda name: 1.0,
) -> tuple[nn.Module, dict[str, Any]]:
    """AdamW with warm-up, and a cosine that falls to 5 % over `total_minutes` of training (the whole plan, which may take
    several calls), the average of the weights, checkpoints every two minutes.

    `clock` gives the seconds that minutes are counted in: `time.process_time` where others need the machine too and the budget
    is to be work done, not time gone by.

    `rate_of(name)` is the share of the rate that a parameter learns with.

    `loss_of(step)` draws its own batch. `every(averaged model, samples seen)` writes sample sheets and scores.
    Returns the averaged model and what there is to report.
    """
    checkpoint = Checkpoint(out / "checkpoint.pt")
    shares: dict[float, list[Tensor]] = {}
    for name, p in model.named_parameters():
        if p.requires_grad:
            shares.setdefault(rate_of(name), []).append(p)
    groups = [{"params": params, "share": share} for share, params in shares.items()]
    optimiser = torch.optim.AdamW(groups, lr=rate, betas=(0.9, 0.99), weight_decay=weight_decay, fused=True)
    average = Average(model, decay)
    step, spent = 0, 0.0
    if state := checkpoint.load():
        model.load_state_dict(state["model"])
        average.model.load_state_dict(state["average"])
        optimiser.load_state_dict(state["optimiser"])
        average.updates = step = state["step"]
        spent = state["spent"]
        print(f"goes on at step {step}, {spent / 60:.1f} minutes in", flush=True)
    plan = 60 * (total_minutes or minutes + spent / 60)
    start = said = shown = clock()
    mean, since = math.nan, step

    def save() -> None:
        checkpoint.save(
            {
                "model": model.state_dict(),
                "average": average.model.state_dict(),
                "optimiser": optimiser.state_dict(),
                "step": step,
                "spent": spent + clock() - start,
            }
        )

    model.train()
    while (now := clock()) - start < 60 * minutes:
        done = min(1.0, (spent + now - start) / plan)
        now_rate = rate * min(1, (step + 1) / warmup) * (0.05 + 0.475 * (1 + math.cos(math.pi * done)))
        for group in optimiser.param_groups:
            group["lr"] = now_rate * group.get("share", 1.0)
        loss = loss_of(step)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        norm = nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        if bool(torch.isfinite(norm)):
            optimiser.step()
            average.update(model)
        step += 1
        value = float(loss.detach())
        mean = value if math.isnan(mean) else 0.98 * mean + 0.02 * value
        if now - said > 10:
            speed = (step - since) * batch / (now - said)
            left = minutes - (now - start) / 60
            print(
                f"step {step}  {step * batch} samples  {speed:.0f}/s  loss {mean:.5f}  {left:.1f} min left",
                flush=True,
            )
            said, since = now, step
        if checkpoint.due():
            save()
        if every and now - shown > every_seconds:
            try:
                every(average.model, step * batch)
            except Exception:
                traceback.print_exc()  # a sample sheet must not end a training
            shown = clock()
            model.train()
    save()
    if every:
        every(average.model, step * batch)
    seconds = spent + clock() - start
    report = {
        "samples": step * batch,
        "steps": step,
        "seconds": round(seconds),
        "loss": mean,
        "device": torch.cuda.get_device_name()
        if torch.cuda.is_available()
        else f"CPU, {torch.get_num_threads()} threads",
        "date": time.strftime("%Y-%m-%d"),
    }
    (out / "report.json").write_text(json.dumps(report, indent=1))
    return average.model, report


_WORLDS: dict[str, Any] = {}


Size = int | tuple[int, int]
"""A side, or (height, width), in pixels."""


def _draw(job: tuple[str, list[int], str, Size]) -> tuple[NDArray[np.uint8], list[Any]]:
    from studio.bench.world import World

    nouns, seeds, split, size = job
    if nouns not in _WORLDS:
        _WORLDS[nouns] = World(int(nouns) if nouns.isdigit() else nouns)
    world = _WORLDS[nouns]
    scenes = [world.scene(seed, split=split) for seed in seeds]
    return np.stack([world.render(scene, size) for scene in scenes]), scenes


def scenes(
    folder: Path, nouns: str, count: int, split: str, size: Size = 64, first: int = 0, workers: int = 2
) -> tuple[NDArray[np.uint8], list[Any]]:
    """`count` scenes with seeds from `first`, drawn once by `workers` processes and kept in `folder`
    -> [N, H, W, 3] uint8 and the scenes."""
    shape = size if isinstance(size, int) else "x".join(map(str, size))
    path = folder / f"scenes-{nouns}-{split}-{shape}-{first}-{count}.npy"
    if path.exists():
        return np.load(path), pickle.loads(path.with_suffix(".pickle").read_bytes())
    jobs = [
        (nouns, list(range(i, min(i + 500, first + count))), split, size)
        for i in range(first, first + count, 500)
    ]
    pictures: list[NDArray[np.uint8]] = []
    facts: list[Any] = []
    started = time.monotonic()
    with multiprocessing.get_context("spawn").Pool(workers) as pool:
        for drawn, these in pool.imap(_draw, jobs):
            pictures.append(drawn)
            facts += these
            if len(facts) % 10_000 < 500:
                print(
                    f"{len(facts)} of {count} scenes, {len(facts) / (time.monotonic() - started):.0f}/s",
                    flush=True,
                )
    folder.mkdir(parents=True, exist_ok=True)
    path.with_suffix(".pickle").write_bytes(pickle.dumps(facts))
    np.save(path, np.concatenate(pictures))
    return np.concatenate(pictures), facts


def to_tensor(pictures: NDArray[np.uint8]) -> Tensor:
    """[N, H, W, 3] uint8 -> [N, 3, H, W] float in [-1, 1]."""
    return torch.from_numpy(pictures).to(device()).permute(0, 3, 1, 2).float().div_(127.5).sub_(1)


def to_pictures(x: Tensor) -> NDArray[np.uint8]:
    """[N, 3, H, W] in [-1, 1] -> [N, H, W, 3] uint8."""
    return x.float().add(1).mul(127.5).round().clamp(0, 255).byte().permute(0, 2, 3, 1).cpu().numpy()


def sheet(path: Path, pictures: NDArray[np.uint8], columns: int = 12, zoom: int = 2) -> None:
    """Pictures side by side in one PNG."""
    from PIL import Image

    rows = [pictures[i : i + columns] for i in range(0, len(pictures) // columns * columns, columns)]
    grid = np.concatenate([np.concatenate(list(row), 1) for row in rows], 0)
    image = Image.fromarray(grid)
    image.resize((image.width * zoom, image.height * zoom), Image.Resampling.NEAREST).save(path)


def batches(count: int, batch: int, seed: int) -> Iterator[Tensor]:
    """Endless shuffled index batches."""
    generator = torch.Generator().manual_seed(seed)
    while True:
        order = torch.randperm(count, generator=generator)
        for i in range(0, count - batch + 1, batch):
            yield order[i : i + batch]
