"""The tour: one job of every technique on every built-in model that can do it, as one page.

It is what a new user sees where there is no display, and what a developer looks at after a change. The page and tour.json are
written again after every job, so a tour that was stopped shows what it had.
"""

from __future__ import annotations

import html
import json
import os
import platform
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from studio.core.card import ModelCard
from studio.core.clip import Clip
from studio.core.job import TECHNIQUES, BadRequest, Event, Failed, JobSpec, Result, Source, read_spec
from studio.core.paths import model_folders
from studio.media import files
from studio.media.clips import ENDINGS, read_source, save_clip

WORDS = "{words}"
"""In an example: what the picture shows."""
FOLDER = "{folder}"
"""In an example: a folder that is gone after the tour."""

EXAMPLES: dict[str, list[dict[str, Any]]] = {
    "text2image": [{"prompt": "a red car on a yellow background", "seed": 1, "count": 4}],
    "image2image": [{"prompt": "a cat on a blue background", "strength": 0.7, "seed": 2, "count": 3}],
    "diffedit": [
        {"source_prompt": WORDS, "prompt": "a pizza on a white background, bold style", "seed": 3},
        {"source_prompt": WORDS, "prompt": "a pizza on a white background, bold style", "only_mask": True},
    ],
    "inpaint": [{"prompt": "a pink doughnut", "seed": 5, "count": 3}],
    "instruct": [{"prompt": "make it blue", "seed": 3, "count": 2}],
    "invert": [{"method": method} for method in ("fast", "faithful", "exact")],
    "prompt2prompt": [
        {
            "source_prompt": "a red car on a yellow background",
            "prompt": "a blue car on a yellow background",
            "image": None,
            "seed": 1,
        },
        {
            "source_prompt": "a cat on a green background",
            "prompt": "an owl on a green background",
            "image": None,
            "seed": 2,
        },
    ],
    "imagic": [{"prompt": "a green apple on a white background", "seed": 1}],
    "unitune": [{"prompt": "a green apple on a white background", "seed": 1}],
    "upscale": [{"factor": 4, "seed": 4}],
    "magicmix": [{"prompt": "a cactus", "seed": 2, "count": 3}],
    "outpaint": [{"left": 16, "right": 16, "seed": 6}],
    "paint-with-words": [{"seed": 4, "count": 3}],
    "smartbrush": [{"prompt": "a red apple on a white background", "seed": 7, "count": 3}],
    "text2music": [
        {"prompt": "slow sad piano with bass in A minor, 70 bpm", "seconds": 10, "seed": 1},
        {"prompt": "fast rock drums with bass in E minor, 140 bpm", "seconds": 8, "loop": True, "seed": 2},
    ],
    "melody2music": [{"prompt": "happy pop strings with bass and drums", "seed": 3}],
    "edit-sound": [
        {"prompt": "music box", "seed": 4},
        {"prompt": "trumpet", "start": 2.0, "end": 4.0, "strength": 0.9, "seed": 4},
    ],
    "extend-sound": [{"prompt": "flute", "seconds": 4, "seed": 5}],
    "blend-sound": [{"prompt": "", "turn": True, "seed": 6}],
    "finetune-music": [{"prompt": "happy pop strings", "called": "Tour", "training": 20, "batch": 4}],
    "text2video": [
        {"prompt": "a red car driving to the right on a green background", "seed": 1},
        {"prompt": "a cat growing on a blue background", "seed": 2},
    ],
    "image2video": [{"prompt": "a cat rising on a blue background", "seed": 3}],
    "extend": [{"prompt": "a cat moving to the right", "frames": 8, "seed": 4}],
    "textmask": [{"prompt": "the thing in the middle"}],
    "wordmap": [{"word": "background"}],
    "distill": [{"minutes": 0.2, "called": "Tour fast", "folder": FOLDER}],
}
"""Technique -> its jobs; seed and count are the request's, everything else the technique's. What a technique needs beyond
that, and a technique that is not here, gets a picture, a mask or words from `Inputs`."""


@dataclass
class Entry:
    """One job of the tour. Paths are relative to the page."""

    technique: str
    model: str
    ok: bool = False
    seconds: float = 0.0
    inputs: list[str] = field(default_factory=list)
    outputs: list[str] = field(default_factory=list)
    caption: str = ""
    message: str = ""
    seconds_by_stage: dict[str, float] = field(default_factory=dict)


def run(
    out: Path,
    folders: Sequence[Path] | None = None,
    *,
    model: str | None = None,
    device: str | None = None,
    show: Callable[[Event], object] = lambda event: None,
) -> list[dict[str, Any]]:
    """Makes the tour in `out`: index.html, tour.json, inputs/ and pictures/.

    Args:
        folders: where models are; None = where the program looks for them.
        model: only this one.
        show: called with every event, for a progress bar.

    Returns:
        What tour.json holds: {technique, model, ok, seconds, inputs, outputs, ...} of every job.
    """
    from studio.engine.engine import Engine  # loads torch

    out = out.resolve()
    engine = Engine(
        list(folders) if folders is not None else model_folders(), device=device, read=read_source
    )
    if model and model not in engine.cards:
        raise BadRequest(
            f"model: {model} is not here; choose one of {', '.join(engine.cards) or 'none, as there is none'}."
        )
    entries: list[Entry] = []
    if not engine.cards:
        return []
    with tempfile.TemporaryDirectory(prefix="studio-tour-") as scratch:
        _all(engine, entries, Inputs(out, Path(scratch)), out, model, show)
    _write(out, entries)
    return [asdict(entry) for entry in entries]


def _all(
    engine: Any,
    entries: list[Entry],
    inputs: Inputs,
    out: Path,
    model: str | None,
    show: Callable[[Event], object],
) -> None:
    for name, cls in TECHNIQUES.items():
        cards = [
            card
            for card in engine.cards.values()
            if cls.ability in card.abilities and model in (None, card.id)
        ]
        if not cards and not model:
            entries.append(Entry(name, "", message="Left out: no model here can do it yet."))
        for card in cards:
            for number, example in enumerate(EXAMPLES.get(name, [{}]), 1):
                entry = Entry(name, card.id)
                entries.append(entry)
                stem = f"{name}_{card.id}_{number}"  # a new tour replaces the old one
                _one(engine, entry, example, card, inputs, out / "pictures" / stem, show)
                _write(out, entries)


def _one(
    engine: Any,
    entry: Entry,
    example: dict[str, Any],
    card: ModelCard,
    inputs: Inputs,
    stem: Path,
    show: Callable[[Event], object],
) -> None:
    """Runs one example; its results are `stem` with their numbers."""
    start, home = time.perf_counter(), os.environ.get("STUDIO_HOME")
    try:
        spec = inputs.request(entry, example, card)
        if "finetune" in entry.technique:  # what it makes is not to stay among the user's models
            os.environ["STUDIO_HOME"] = str(inputs.folder / "home")
        events = engine.run(spec)
        try:
            for event in events:
                show(event)
                if isinstance(event, Result):
                    path = stem.with_name(f"{stem.name}_{event.index + 1}{ENDINGS[event.clip.kind]}")
                    path.parent.mkdir(parents=True, exist_ok=True)
                    save_clip(event.clip, path, event.spec)
                    entry.outputs.append(path.relative_to(stem.parent.parent).as_posix())
                    entry.seconds_by_stage = {
                        stage: round(value, 4) for stage, value in event.seconds.items()
                    }
                elif isinstance(event, Failed):
                    entry.message = event.message
        finally:
            events.close()
        entry.ok = bool(entry.outputs) and not entry.message
        if not entry.outputs and not entry.message:
            entry.message = "It ended without a result."
    except Exception as error:  # one broken technique must not hide the others
        entry.message = str(error) if isinstance(error, BadRequest) else f"{type(error).__name__}: {error}"
    finally:
        os.environ.pop("STUDIO_HOME", None)
        if home is not None:
            os.environ["STUDIO_HOME"] = home
    entry.seconds = round(time.perf_counter() - start, 3)


class Inputs:
    """Pictures, masks and words for techniques that ask for them, from a scene of the pocket world."""

    def __init__(self, out: Path, scratch: Path | None = None) -> None:
        self.folder, self.scratch = out / "inputs", scratch or out / "scratch"
        self.scenes: dict[tuple[int, int], tuple[Clip, Clip, str]] = {}

    def request(self, entry: Entry, example: dict[str, Any], card: ModelCard) -> JobSpec:
        """The job's spec, inputs written to files; notes inputs and caption in the entry."""
        cls = TECHNIQUES[entry.technique]
        request = {key: example[key] for key in ("seed", "count") if key in example}
        technique = {key: value for key, value in example.items() if key not in request}
        for name, info in cls.model_fields.items():
            extra = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
            if name in technique:
                if technique[name] == WORDS:
                    technique[name] = self.scene(card)[2]
                elif technique[name] == FOLDER:
                    technique[name] = str(self.scratch)
                continue
            if extra.get("widget") in ("picture", "mask", "video") and info.is_required():
                technique[name] = self.file(str(extra["widget"]), card)
            elif extra.get("widget") == "sound" and info.is_required():
                technique[name] = self.sound(name)
            elif extra.get("widget") == "folder":
                technique[name] = str(Path(self.sound("sound").path).parent)
            elif extra.get("widget") == "regions":
                words = self.scene(card)[2].split(" on ")[0].split(",")[0]
                technique[name] = [{"mask": self.file("mask", card), "words": words}]
                entry.inputs.append(f"inputs/{Path(technique[name][0]['mask'].path).name}")
            elif name == "prompt" or (info.is_required() and info.annotation is str):
                technique[name] = self.scene(card)[2]
        for value in technique.values():
            if isinstance(value, Source):
                entry.inputs.append(f"inputs/{Path(value.path).name}")
        words = [technique.get(key) for key in ("prompt", "instruction")]
        entry.caption = "; ".join(str(word) for word in words if word)
        plain = {k: v.model_dump() if isinstance(v, Source) else v for k, v in technique.items()}
        return read_spec({"technique": {"name": entry.technique, **plain}, "model": card.id, **request})

    def file(self, kind: str, card: ModelCard) -> Source:
        picture, mask, _ = self.scene(card)
        clip = mask if kind == "mask" else picture
        if kind == "video":
            clip = moving(clip)
        path = self.folder / f"{kind}_{clip.width}x{clip.height}{ENDINGS[clip.kind]}"
        self.folder.mkdir(parents=True, exist_ok=True)
        save_clip(clip, path)
        written = read_source(Source(path=str(path)))  # a film's file holds nearly what it was made from
        return Source(path=str(path), sha256=written.digest())

    def sound(self, name: str) -> Source:
        """A tune of the world of rendered music; another one for another field."""
        from studio.bench.music_world import AdditiveSynth, piece_of, render

        lead, seed = {"other": ("marimba", 12)}.get(name, ("flute", 11))
        piece = piece_of(seed, seconds=6.0, lead=lead)
        line = replace(piece, notes=tuple(piece.part("melody")))
        path = self.folder / f"{name}.flac"
        self.folder.mkdir(parents=True, exist_ok=True)
        save_clip(Clip.sound(render(line, 6.0, AdditiveSynth())[:, None], 22050), path)
        return Source(path=str(path), sha256=read_source(Source(path=str(path))).digest())

    def scene(self, card: ModelCard) -> tuple[Clip, Clip, str]:
        """Picture, mask of its first thing, and caption, at the model's own size."""
        size = card.sizes.native
        if size not in self.scenes:
            try:
                self.scenes[size] = _pocket_scene(*size)
            except Exception:  # the world draws with Qt, which a bare machine may lack
                self.scenes[size] = _plain_scene(*size)
        return self.scenes[size]


def moving(picture: Clip, count: int = 8) -> Clip:
    """A picture that glides to the right, two pixels a frame."""
    return Clip.video(np.stack([np.roll(picture.array, 2 * i, 1) for i in range(count)]), 8)


def _pocket_scene(width: int, height: int) -> tuple[Clip, Clip, str]:
    from studio.bench.world import World

    world = World()
    scenes = (world.scene(seed) for seed in range(1000))
    scene = next(s for s in scenes if len(s.things) == 1 and s.things[0].size == "large" and not s.effect)
    picture = world.render(scene, (height, width))
    mask = world.masks(scene, (height, width))[0]
    return Clip.picture(picture), Clip.mask(mask), scene.caption


def _plain_scene(width: int, height: int) -> tuple[Clip, Clip, str]:
    """A red disc on a sky: something to start from without any drawing library."""
    y, x = np.mgrid[0:height, 0:width]
    inside = (x - width / 2) ** 2 + (y - height / 2) ** 2 < (min(width, height) / 3) ** 2
    sky = np.stack([90 + 120 * y / height, 150 + 80 * y / height, np.full(y.shape, 240.0)], -1)
    picture = np.where(inside[..., None], (222, 44, 44), sky).astype(np.uint8)
    return (
        Clip.picture(picture),
        Clip.mask(np.where(inside, np.uint8(255), np.uint8(0))),
        "a red sun on a blue background",
    )


# --- the page -----------------------------------------------------------------------------------------------


def _write(out: Path, entries: list[Entry]) -> None:
    data = json.dumps([asdict(entry) for entry in entries], indent=2, ensure_ascii=False) + "\n"
    page = _page(entries, out)
    files.write_whole(out / "tour.json", lambda file: file.write(data.encode()))
    files.write_whole(out / "index.html", lambda file: file.write(page.encode()))


STYLE = """
:root { color-scheme: light dark; --bg: #e9ebef; --card: #fff; --line: #d3d7de; --text: #1b1f27; --muted: #636c7c;
  --accent: #2f6fe0; --ok: #258a58; --warn: #a86c08; --well: #d5d9e0 }
@media (prefers-color-scheme: dark) { :root { --bg: #131519; --card: #1b1e24; --line: #2f3540; --text: #e7eaf0;
  --muted: #9098a8; --accent: #6ea8fe; --ok: #5ec28f; --warn: #e8b45a; --well: #0e1013 } }
* { box-sizing: border-box }
body { margin: 0 auto; max-width: 1320px; padding: 40px 24px 64px; background: var(--bg); color: var(--text);
  font: 14px/1.45 Inter, system-ui, -apple-system, "Segoe UI", sans-serif; font-variant-numeric: tabular-nums }
header { margin: 0 0 28px }
h1 { font-size: 26px; font-weight: 650; letter-spacing: -.02em; margin: 0 0 4px }
header p, .meta, .blurb, figcaption { color: var(--muted); margin: 0 }
section { background: var(--card); border: 1px solid var(--line); border-radius: 9px; padding: 20px 20px 16px; margin: 0 0 16px }
.head { display: flex; flex-wrap: wrap; gap: 4px 12px; align-items: baseline }
h2 { font-size: 17px; font-weight: 600; margin: 0 }
.meta { margin-left: auto; font-size: 12px }
.mark { font-weight: 600; font-size: 12px } .ok { color: var(--ok) } .bad { color: var(--warn) }
.words { margin: 12px 0 0; font-size: 15px } .words::before { content: "\\201c" } .words::after { content: "\\201d" }
.strip { display: flex; flex-wrap: wrap; gap: 12px; align-items: center; margin: 14px 0 4px }
figure { margin: 0 } figcaption { font-size: 12px; padding: 4px 0 0; text-align: center }
img, video { display: block; width: 224px; max-width: calc(50vw - 40px); height: auto; border-radius: 7px; background: var(--well) }
img.tiny, video.tiny { image-rendering: pixelated }
.input img, .input video { width: 160px; outline: 1px dashed var(--muted); outline-offset: 2px }
.arrow { color: var(--muted); font-size: 24px; padding: 0 4px 20px }
.message { color: var(--warn); margin: 12px 0 4px }
footer { color: var(--muted); font-size: 12px; margin-top: 24px }
@media print { section { break-inside: avoid } }
"""


def _page(entries: list[Entry], out: Path) -> str:
    good = sum(entry.ok for entry in entries)
    total = sum(entry.seconds for entry in entries)
    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} processor cores"
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>Diffusion Studio: the tour</title><style>{STYLE}</style></head><body>\n"
        f"<header><h1>The tour</h1><p>Every technique once: {good} of {len(entries)} jobs worked,"
        f" {_time(total)} altogether.</p></header>\n"
        + "\n".join(_section(entry, out) for entry in entries)
        + f"\n<footer>Made {time.strftime('%Y-%m-%d %H:%M')} on {html.escape(machine)}. Every picture holds its whole"
        " request: <code>studio settings FILE</code> prints it.</footer>\n</body></html>\n"
    )


def _section(entry: Entry, out: Path) -> str:
    cls = TECHNIQUES[entry.technique]
    stages = ", ".join(
        f"{stage} {_time(value)}" for stage, value in entry.seconds_by_stage.items() if value >= 0.01
    )
    mark = '<span class="mark ok">✓ done</span>' if entry.ok else '<span class="mark bad">✗ failed</span>'
    model = html.escape(entry.model or "no model")
    parts = [
        f'<section><div class="head"><h2>{html.escape(cls.title)}</h2>{mark}'
        f'<p class="meta" title="{html.escape(stages)}">{model} · {_time(entry.seconds)}</p></div>'
        f'<p class="blurb">{html.escape(cls.blurb)}</p>'
    ]
    if entry.caption:
        parts.append(f'<p class="words">{html.escape(entry.caption)}</p>')
    figures = [_figure(path, out, "input", entry.caption) for path in entry.inputs]
    if entry.inputs and entry.outputs:
        figures.append('<span class="arrow" aria-hidden="true">→</span>')
    figures += [_figure(path, out, "result", entry.caption) for path in entry.outputs]
    if figures:
        parts.append(f'<div class="strip">{"".join(figures)}</div>')
    if entry.message:
        parts.append(f'<p class="message">{html.escape(entry.message)}</p>')
    return "".join(parts) + "</section>"


def _figure(path: str, out: Path, kind: str, caption: str) -> str:
    clip = read_source(Source(path=str(out / path)))
    name, words = html.escape(path), html.escape(f"{kind}: {caption}" if caption else kind)
    if clip.kind == "sound":
        shown = f'<audio controls src="{name}" title="{words}"></audio>'
        return f'<figure class="{kind}">{shown}<figcaption>{kind}, {clip.seconds:.1f} s</figcaption></figure>'
    tiny = (
        ' class="tiny"' if clip.width <= 112 else ""
    )  # at least doubled on the page: blocks are truer than blur
    size = f'width="{clip.width}" height="{clip.height}"'
    if path.endswith((".mp4", ".webm")):
        shown = f'<video{tiny} src="{name}" {size} title="{words}" autoplay loop muted controls></video>'
    else:
        shown = f'<a href="{name}"><img{tiny} src="{name}" {size} alt="{words}"></a>'
    label = f"{kind}, {clip.width} × {clip.height}"
    if clip.kind == "video":
        label += f", {clip.seconds:.1f} s"
    return f'<figure class="{kind}">{shown}<figcaption>{label}</figcaption></figure>'


def _time(seconds: float) -> str:
    if seconds >= 90:
        return f"{int(seconds) // 60} min {int(seconds) % 60} s"
    return f"{seconds:.1f} s" if seconds >= 1 else f"{seconds * 1000:.0f} ms"
