"""Measurements in a process of their own, which tells what it found as JSON in its last line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from typing import Any

from studio.core.job import BadRequest


def measured(
    module: str, options: Sequence[str], limit: float, name: str = "", environment: Mapping[str, str] = {}
) -> Any:
    """What `python -m module options` found, in a home of its own; what it says on standard error is shown while it runs.

    Args:
        limit: seconds. name: of the measurement, for sentences.

    Raises:
        BadRequest: it took longer.
        RuntimeError: it failed.
    """
    what = f"The measurement {name}".rstrip()
    with tempfile.TemporaryDirectory(prefix="studio-bench-") as home:
        try:
            run = subprocess.run(
                [sys.executable, "-m", module, *options],
                env={**os.environ, **environment, "STUDIO_HOME": home},
                stdout=subprocess.PIPE,
                text=True,
                check=False,
                timeout=limit,
            )
        except subprocess.TimeoutExpired:
            raise BadRequest(f"{what} took longer than {limit:g} s; --limit allows more.") from None
        if run.returncode:
            raise RuntimeError(f"{what} failed; what happened is said above.")
        return json.loads(run.stdout.strip().splitlines()[-1])


def say(text: str) -> None:
    """What is being measured, for who waits."""
    print(text, file=sys.stderr, flush=True)
