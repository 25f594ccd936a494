"""Makes the examples that the window's help shows (`resources/examples`), by the tour's jobs on the built-in models.

    studio bench examples                   # all techniques that make pictures or masks
    studio bench examples inpaint instruct  # only these

Each is the technique's first job of the tour, with one result, at the model's own size.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from studio.bench.tour import EXAMPLES, Entry, Inputs
from studio.core import paths
from studio.core.examples import folder
from studio.core.job import TECHNIQUES, BadRequest, Failed, JobSpec, Result, Source
from studio.media.clips import read_source, save_clip

BETTER: dict[str, dict[str, Any]] = {
    "text2image": {"prompt": "a red car on a yellow background", "seed": 1},
    "wordmap": {"word": "background", "seed": 1},
}
"""Where the tour's own job would show little."""


def parted(spec: JobSpec, out: Path) -> tuple[dict[str, Any], dict[str, str]]:
    """A request -> its values without files, and {field: name of the file}, which is copied into `out`."""
    values: dict[str, Any] = {}
    inputs: dict[str, str] = {}

    def keep(field: str, source: Source) -> None:
        clip = read_source(source)
        name = f"{spec.technique.name}_{field.replace('.', '_')}.png"
        save_clip(clip, out / name)
        inputs[field] = name

    for name, info in TECHNIQUES[spec.technique.name].model_fields.items():
        value = getattr(spec.technique, name)
        if isinstance(value, Source):
            keep(name, value)
        elif name == "regions":
            for i, region in enumerate(value):
                keep(f"regions.{i}", region.mask)
            values[name] = [{"words": region.words, "strength": region.strength} for region in value]
        elif name != "name" and (info.is_required() or value != info.default):
            values[name] = value
    return values, inputs


def make(technique: str, engine: Any, inputs: Inputs, out: Path) -> str:
    """Writes one example -> "" or why there is none."""
    cls = TECHNIQUES[technique]
    cards = [c for c in engine.cards.values() if cls.ability in c.abilities and c.distilled is None]
    if not cards:
        return "no model here can do it"
    try:
        job = dict(BETTER.get(technique) or EXAMPLES.get(technique, [{}])[0])
        if technique == "prompt2prompt":
            job = another_colour(inputs, cards[0], {"seed": 1})
        spec = inputs.request(Entry(technique, cards[0].id), {**job, "count": 1}, cards[0])
        for event in engine.run(spec):
            if isinstance(event, Failed):
                return event.message
            if isinstance(event, Result):
                values, files = parted(spec, out)
                name = f"{technique}_result.png"
                save_clip(event.clip, out / name)
                said = [values.get(key) for key in ("source_prompt", "prompt", "word")]
                kept = {
                    "words": " → ".join(str(one) for one in said if one),
                    "values": values,
                    "inputs": files,
                    "results": [name],
                    "seed": spec.seed,
                }
                (out / f"{technique}.json").write_text(json.dumps(kept, indent=1) + "\n", "utf-8")
                return ""
    except BadRequest as error:
        return str(error)
    return "it ended without a picture"


def another_colour(inputs: Inputs, card: Any, job: dict[str, Any]) -> dict[str, Any]:
    """The words of the tour's picture, and the same with another colour of the thing."""
    said = inputs.scene(card)[2]
    colours = (
        "red",
        "blue",
        "green",
        "yellow",
        "orange",
        "purple",
        "pink",
        "black",
        "white",
        "gray",
        "brown",
    )
    old = next((word for word in said.replace(",", "").split() if word in colours), "")
    new = said.replace(old, "blue" if old != "blue" else "red", 1) if old else f"{said}, blue"
    return {**job, "image": inputs.file("picture", card), "source_prompt": said, "prompt": new}


def main(argv: Sequence[str]) -> int:
    from studio.engine.engine import Engine

    here = [name for name, cls in TECHNIQUES.items() if cls.makes in ("picture", "mask")]
    parser = argparse.ArgumentParser(prog="studio bench examples", description=__doc__)
    parser.add_argument("techniques", nargs="*", help=f"default: all of {', '.join(here)}")
    parser.add_argument("--out", type=Path, default=folder())
    args = parser.parse_args(argv)
    args.out.mkdir(parents=True, exist_ok=True)
    engine = Engine(paths.model_folders(), read=read_source)
    with tempfile.TemporaryDirectory() as temporary:
        inputs = Inputs(Path(temporary))
        for technique in args.techniques or here:
            why = make(technique, engine, inputs, args.out)
            print(f"{technique}: {why or 'done'}", flush=True)
    return 0
