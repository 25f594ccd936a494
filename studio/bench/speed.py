"""Our engine beside the library's own pipeline: same weights, steps, seed and solver, alternating runs, medians.

    studio bench speed [--model FOLDER] [--steps 20] [--repeats 9] [--judged 0] [--json FILE]

"near" and "fast" are requests that allow the picture to change a little (`engine.controls.sparing`), on the same network. How far
they are from the exact picture is told in dB, and, for the built-in model with `--judged N`, in how many of N held-out captions
the judge sees everything in its place and colour.

Rows that have a goal say so; the exit code is 0 whatever the numbers are, for a measurement is not a test.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from studio.bench.tiny import make_tiny_sd
from studio.core.card import ModelCard
from studio.core.job import Done, JobSpec, Result, Text2Image
from studio.core.paths import models

BUILT_IN = "pocket-image"
PROMPT = "a red fox on the hill"


def main(argv: list[str] | None = None) -> int:
    """Prints the table; `--json` also writes the numbers to a file."""
    parser = argparse.ArgumentParser(
        "studio bench speed", description=__doc__.splitlines()[0] if __doc__ else ""
    )
    parser.add_argument(
        "--model", type=Path, help="a model's folder; default: the built-in one, else a random one"
    )
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--repeats", type=int, default=9)
    parser.add_argument("--judged", type=int, default=0, help="captions that are judged, and compared in dB")
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--device", default=None)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as scratch:
        folder = args.model or models() / BUILT_IN
        if not (folder / "unet").is_dir():
            folder = make_tiny_sd(Path(scratch) / "random", tiny_vae=True, width=96)
        numbers = measure(folder, args.steps, args.repeats, args.device, args.threads, args.judged)
    for line in table(numbers):
        print(line)
    if args.json:
        args.json.write_text(json.dumps(numbers, indent=2), "utf-8")
    return 0


def measure(
    folder: Path,
    steps: int = 20,
    repeats: int = 9,
    device: str | None = None,
    threads: int = 0,
    judged: int = 0,
) -> dict[str, Any]:
    """All numbers of this page for the model in `folder`; seconds where the name does not say otherwise."""
    import numpy as np
    import torch

    from studio.engine.engine import Engine

    if threads:
        torch.set_num_threads(threads)
    engine = Engine([folder], device=device)
    card = next(iter(engine.cards.values()))
    if not card.abilities:
        raise SystemExit(f"{folder} holds no model that can draw.")
    spec = JobSpec(
        technique=Text2Image(prompt=PROMPT, steps=steps, guidance=4, solver="dpm++2m", spacing="trailing"),
        model=card.id,
        seed=1,
        second="",
    )
    spec = engine.resolve(spec)
    ours_picture = first(engine, spec).clip.array
    pipe = library(card, engine.device, engine.dtype)
    theirs: dict[str, Callable[[], Any]] = {
        "library": lambda: draw(pipe, spec, {"prompt": PROMPT, "negative_prompt": ""}),
        "library_cached": lambda: draw(pipe, spec, embeddings),
    }
    # A pipeline whose caller keeps the embeddings: what is left is the loop and the network.
    embeddings = embed(pipe, spec, engine.device)
    their_picture = theirs["library"]()

    network = engine.warm[card.id].unet
    runs: dict[str, list[float]] = {name: [] for name in ("ours", *ALLOWED, *theirs)}
    outside: dict[str, list[float]] = {name: [] for name in runs}
    calls = {"ours": 0, **dict.fromkeys(ALLOWED, 0)}
    latency: list[float] = []
    drawing: list[float] = []
    for _ in range(repeats):
        with inside(network) as spent:
            start = time.perf_counter()
            events = iter(engine.run(spec))
            next(events)
            latency.append(time.perf_counter() - start)
            result = next(event for event in events if isinstance(event, Result))
            list(events)
            runs["ours"].append(time.perf_counter() - start)
        # what is neither the network nor another stage
        outside["ours"].append((result.seconds["drawing"] - sum(spent)) / steps)
        calls["ours"] = len(spent)
        for name in ALLOWED:
            with inside(network) as spent:
                start = time.perf_counter()
                list(engine.run(allowing(spec, name)))
                runs[name].append(time.perf_counter() - start)
            calls[name] = len(spent)
        drawing.append(result.seconds["drawing"])
        for name, call in theirs.items():
            with inside(pipe.unet) as spent:
                start = time.perf_counter()
                call()
                runs[name].append(time.perf_counter() - start)
    seconds = {name: statistics.median(values) for name, values in runs.items()}
    return {
        "model": card.id,
        "device": engine.device_name,
        "threads": torch.get_num_threads(),
        "steps": steps,
        "repeats": repeats,
        "seconds": seconds,
        "ratio": paired(runs["ours"], runs["library"]),
        "ratio_cached": paired(runs["ours"], runs["library_cached"]),
        "allowed": {
            name: {"ratio": paired(runs[name], runs["library"]), "calls": calls[name]} for name in ALLOWED
        },
        "calls": calls["ours"],
        "agreement": agreement(engine, spec, judged) if judged else {},
        "max_pixel_difference": int(np.abs(ours_picture.astype(int) - their_picture.astype(int)).max()),
        "first_event_ms": 1000 * statistics.median(latency),
        "overhead_per_step_ms": 1000 * statistics.median(outside["ours"]),
        "preview_ms": preview_ms(engine, card),
        "start": starting(folder, device),
    }


ALLOWED = ("near", "fast")


def allowing(spec: JobSpec, accuracy: str) -> JobSpec:
    """The request, with so much allowed to change."""
    return spec.model_copy(update={"technique": spec.technique.model_copy(update={"accuracy": accuracy})})


def agreement(engine: Any, spec: JobSpec, count: int) -> dict[str, dict[str, float]]:
    """{accuracy: dB to the exact pictures (median, worst), share all right, network calls} over held-out captions of the world."""
    import numpy as np

    from studio.bench.fast import right_share
    from studio.bench.pictures import held_out
    from studio.bench.world import World, caption_of
    from studio.engine.inversion import psnr
    from studio.engine.nets.judge import Judge

    scenes = held_out(World(36), count - count // 3, count // 3)
    judge, exact = Judge(models() / "pocket-judge"), list[Any]()
    network = engine.warm[spec.model].unet
    found: dict[str, dict[str, float]] = {}
    for name in ("exact", *ALLOWED):
        made, calls = list[Any](), 0
        for i, scene in enumerate(scenes):
            said = spec.technique.model_copy(update={"prompt": caption_of(scene)})
            with inside(network) as spent:
                one = allowing(spec.model_copy(update={"technique": said, "seed": i}), name)
                made.append(first(engine, one).clip.array)
            calls += len(spent)
        exact = exact or made
        near = [psnr(a, b) for a, b in zip(exact, made, strict=True)]
        found[name] = {
            "all_right": right_share(scenes, judge(np.stack(made))[0]),
            "calls": calls / len(scenes),
            "psnr_median_db": statistics.median(near),
            "psnr_worst_db": min(near),
        }
    return found


def paired(ours: list[float], theirs: list[float]) -> float:
    """Median of the ratios of neighbours in time: steadier than the ratio of medians on a busy machine."""
    return statistics.median(a / b for a, b in zip(ours, theirs, strict=True))


def first(engine: Any, spec: JobSpec) -> Result:
    """The first result, or the end of the program with the reason."""
    events = list(engine.run(spec))
    if not isinstance(events[-1], Done):
        raise SystemExit(getattr(events[-1], "message", "The job did not finish."))
    return next(event for event in events if isinstance(event, Result))


def library(card: ModelCard, device: Any, dtype: Any) -> Any:
    """The library's pipeline on the same folder with the same solver."""
    import diffusers

    families: Any = diffusers  # its names are made on demand, which a type checker cannot see
    from studio.engine.load import quiet

    xl = "XL" if card.family == "stable-diffusion-xl" else ""
    cls = getattr(families, f"StableDiffusion{xl}Pipeline")
    extra: dict[str, Any] = {} if xl else {"safety_checker": None}
    with quiet():
        pipe: Any = cls.from_pretrained(
            card.folder,
            dtype=dtype,
            local_files_only=True,
            use_safetensors=True,
            low_cpu_mem_usage=False,
            **extra,
        )
        pipe.scheduler = families.DPMSolverMultistepScheduler.from_config(
            pipe.scheduler.config, timestep_spacing="trailing"
        )
    pipe.set_progress_bar_config(disable=True)
    return pipe.to(device)


def embed(pipe: Any, spec: JobSpec, device: Any) -> dict[str, Any]:
    """Arguments that spare the pipeline its text encoders."""
    if hasattr(pipe, "text_encoder_2"):
        a, b, c, d = pipe.encode_prompt(PROMPT, device=device, negative_prompt="")
        return dict(
            prompt_embeds=a, negative_prompt_embeds=b, pooled_prompt_embeds=c, negative_pooled_prompt_embeds=d
        )
    a, b = pipe.encode_prompt(PROMPT, device, 1, True, "")
    return dict(prompt_embeds=a, negative_prompt_embeds=b)


def draw(pipe: Any, spec: JobSpec, words: dict[str, Any]) -> Any:
    """[H, W, 3] uint8 by the library, from the same seed."""
    import torch

    t: Any = spec.technique
    image = pipe(
        **words,
        width=t.width,
        height=t.height,
        num_inference_steps=t.steps,
        guidance_scale=t.guidance,
        guidance_rescale=t.guidance_rescale,
        generator=torch.Generator().manual_seed(spec.seed),
        output_type="np",
    ).images[0]
    return (image * 255).round().astype("uint8")


@contextmanager
def inside(network: Any) -> Iterator[list[float]]:
    """Seconds of each call of the network."""
    import torch

    spent: list[float] = []
    forward = network.forward

    def timed(*args: Any, **kwargs: Any) -> Any:
        start = time.perf_counter()
        out = forward(*args, **kwargs)
        if torch.cuda.is_available():
            torch.cuda.synchronize()
        spent.append(time.perf_counter() - start)
        return out

    network.forward = timed
    try:
        yield spent
    finally:
        del network.forward


def preview_ms(engine: Any, card: ModelCard) -> float:
    """Milliseconds of one preview at native size."""
    import torch

    from studio.engine import preview

    model = engine.warm[card.id]
    width, height = card.sizes.native
    z = torch.randn(1, model.codec.channels, height // model.codec.factor, width // model.codec.factor)
    times: list[float] = []
    for _ in range(20):
        start = time.perf_counter()
        preview.draw(z, model.preview, model.codec.factor)
        times.append(time.perf_counter() - start)
    return 1000 * statistics.median(times)


START = """
import sys, time
start = time.perf_counter()
import studio.engine.engine as engine
from studio.engine.load import import_libraries
ours = time.perf_counter()
import_libraries()
imported = time.perf_counter()
from pathlib import Path
from studio.core.job import JobSpec, Progress, Text2Image
made = engine.Engine([Path(sys.argv[1])], device=sys.argv[2] or None)
for event in made.run(JobSpec(technique=Text2Image(prompt="a fox"))):
    if isinstance(event, Progress) and event.stage == "drawing":
        break
print(ours - start, imported - ours, time.perf_counter() - imported)
"""


def starting(folder: Path, device: str | None = None) -> dict[str, float]:
    """Seconds of a fresh engine process until its first step, and the share that is imports."""
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", START, str(folder), device or ""],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
    whole = time.perf_counter() - start
    torch_and_ours, libraries, rest = map(float, done.stdout.split()[-3:])
    imports = torch_and_ours + libraries
    return {
        "to_first_step": whole,
        "import_torch_and_studio": torch_and_ours,
        "import_model_libraries": libraries,
        "load_and_first_step": rest,
        "import_share": imports / whole,
    }


def table(numbers: dict[str, Any]) -> list[str]:
    """The numbers as lines for a terminal."""
    s, start = numbers["seconds"], numbers["start"]
    rows = [
        ("picture, ours", f"{1000 * s['ours']:.1f} ms", ""),
        ("picture, library's pipeline", f"{1000 * s['library']:.1f} ms", ""),
        ("picture, library, embeddings kept", f"{1000 * s['library_cached']:.1f} ms", ""),
        ("ours / library", f"{numbers['ratio']:.3f}", "<= 0.9"),
        ("ours / library, embeddings kept", f"{numbers['ratio_cached']:.3f}", ""),
        *(
            (f"{name} / library, {one['calls']} calls of {numbers['calls']}", f"{one['ratio']:.3f}", "<= 0.5")
            for name, one in numbers["allowed"].items()
        ),
        ("largest difference of a pixel", f"{numbers['max_pixel_difference']} / 255", "<= 1"),
        ("request to first event", f"{numbers['first_event_ms']:.3f} ms", "<= 20"),
        ("per step outside the network", f"{numbers['overhead_per_step_ms']:.3f} ms", "<= 2"),
        ("one preview", f"{numbers['preview_ms']:.3f} ms", ""),
        ("engine start to first step", f"{start['to_first_step']:.2f} s", ""),
        ("of which imports", f"{100 * start['import_share']:.0f} %", ""),
    ]
    for name, one in numbers["agreement"].items():
        how = f"{one['psnr_median_db']:.1f} dB, worst {one['psnr_worst_db']:.1f}, {one['calls']:.1f} calls"
        rows.append((f"{name}: all right", f"{100 * one['all_right']:.1f} %", "" if name == "exact" else how))
    head = f"{numbers['model']} on {numbers['device']}, {numbers['steps']} steps, {numbers['repeats']} alternating runs, medians"
    return [head, *(f"  {name:<36}{value:>12}  {goal}".rstrip() for name, value, goal in rows)]


if __name__ == "__main__":
    raise SystemExit(main())
