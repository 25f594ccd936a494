"""One file per technique: `run(job)` yields events and returns the finished clip.

The file is found by the technique's name (a hyphen there is an underscore here), so adding one is adding a file here and its parameters in `core.job`.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable

from studio.core.clip import Clip
from studio.engine.job import Job, Steps

Recipe = Callable[[Job], Steps[Clip]]


def recipe(name: str) -> Recipe:
    """The recipe of the technique `name`; ModuleNotFoundError where there is none."""
    return importlib.import_module(f"{__name__}.{name.replace('-', '_')}").run
