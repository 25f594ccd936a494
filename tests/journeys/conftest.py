"""Tiny random models for the journeys that run a real engine."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

MAKE = """
from pathlib import Path
from studio.bench.tiny import make_tiny_motion, make_tiny_music, make_tiny_sd
place = Path({place!r})
make_tiny_sd(place / "tiny", tiny_vae=True)
make_tiny_motion(place / "tiny-motion", place / "tiny")
make_tiny_music(place / "tiny-music")
"""


@pytest.fixture(scope="session")
def model_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Holds tiny (pictures), tiny-motion (clips) and tiny-music; made in a process of its own, since the window's must never have seen
    torch, and once, since that process takes seconds to import the libraries."""
    if importlib.util.find_spec("diffusers") is None:
        pytest.skip("the engine's libraries are not here")
    folder = tmp_path_factory.mktemp("models")
    subprocess.run([sys.executable, "-c", MAKE.format(place=str(folder))], check=True, timeout=150)
    return folder
