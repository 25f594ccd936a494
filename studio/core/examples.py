"""An example of each technique: a request, the pictures it begins from, and what came of it.

They lie in `resources/examples`, one JSON file a technique and its pictures beside it; `studio bench examples` makes them anew.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from studio.core import paths


@dataclass(frozen=True)
class Example:
    """words: what was said, for people. values: of the technique's fields, without those that are files. inputs: {field: file}; a
    region's field is "regions.0", with its words in `values["regions"]`. results: files."""

    technique: str
    words: str
    values: dict[str, Any]
    inputs: dict[str, Path]
    results: tuple[Path, ...]
    seed: int = 0


def folder() -> Path:
    return paths.resources() / "examples"


def example_of(technique: str) -> Example | None:
    """None where there is none, or where it is damaged: help without an example is still help."""
    place = folder()
    try:
        kept = json.loads((place / f"{technique}.json").read_text("utf-8"))
        found = Example(
            technique,
            str(kept["words"]),
            dict(kept["values"]),
            {str(name): place / str(file) for name, file in kept["inputs"].items()},
            tuple(place / str(file) for file in kept["results"]),
            int(kept["seed"]),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return found if all(path.is_file() for path in (*found.inputs.values(), *found.results)) else None
