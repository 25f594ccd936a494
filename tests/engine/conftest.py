"""Tiny random models on disk, made once, and an engine that has them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from studio.bench.tiny import make_tiny_sd
from studio.core.job import LAST, Event, JobSpec, Result, Source
from studio.engine.engine import Engine


@pytest.fixture(scope="session", autouse=True)
def _one_thread() -> None:
    """Networks this small only wait for each other's threads, and for minutes where cores are busy."""
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with three models: tiny-sd, tiny-xl and tiny-taesd."""
    folder = tmp_path_factory.mktemp("models")
    make_tiny_sd(folder / "tiny-sd")
    make_tiny_sd(folder / "tiny-xl", xl=True)
    make_tiny_sd(folder / "tiny-taesd", tiny_vae=True)
    return folder


@pytest.fixture(scope="session")
def tiny_sd(models: Path) -> Path:
    """AutoencoderKL, 4 channels, epsilon-prediction."""
    return models / "tiny-sd"


@pytest.fixture(scope="session")
def tiny_taesd(models: Path) -> Path:
    """AutoencoderTiny, 16 channels, v-prediction, zero-terminal SNR."""
    return models / "tiny-taesd"


@pytest.fixture(scope="session")
def tiny_xl(models: Path) -> Path:
    """Two text encoders and size conditioning."""
    return models / "tiny-xl"


@pytest.fixture(scope="session")
def shared_engine(models: Path) -> Engine:
    """Warm after its first job; for tests that leave it as it was."""
    return Engine([models], device="cpu")


@pytest.fixture
def engine(models: Path) -> Engine:
    """Cold and alone; for tests that break something."""
    return Engine([models], device="cpu")


@pytest.fixture
def picture(tmp_path: Path) -> Source:
    """64 x 64 pixels of coloured waves, in a file."""
    y, x = np.mgrid[0:64, 0:64]
    waves = [127 + 100 * np.sin(x / 9 + c + y / 7) for c in range(3)]
    path = tmp_path / "waves.png"
    Image.fromarray(np.stack(waves, -1).astype(np.uint8)).save(path)
    return Source(path=str(path))


def results(events: Sequence[Event]) -> list[Result]:
    """The results of a job that went well; the test fails with the job's own message otherwise."""
    assert [isinstance(event, LAST) for event in events].index(True) == len(events) - 1, (
        "one last event ends a job"
    )
    assert type(events[-1]).__name__ == "Done", events[-1]
    return [event for event in events if isinstance(event, Result)]


def one(engine: Engine, spec: JobSpec, checkpoint: Path | None = None) -> Result:
    """The only result of a request."""
    (result,) = results(list(engine.run(spec, checkpoint)))
    return result
