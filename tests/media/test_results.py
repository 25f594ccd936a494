"""Results get names of their own and nothing overwrites them."""

import os
from datetime import date
from pathlib import Path
from threading import Thread

import numpy as np
import pytest

from studio.core.clip import Clip
from studio.core.job import BadRequest, Result, read_spec
from studio.media.metadata import read_settings
from studio.media.results import save_result

SPEC = read_spec({"technique": {"name": "text2image", "prompt": "a fox"}, "seed": 3})
RESULT = Result(Clip.picture(np.zeros((8, 8, 3), np.uint8)), SPEC)


def test_names_count_up(tmp_path: Path) -> None:
    names = [save_result(RESULT, tmp_path / "new").name for _ in range(3)]
    assert names == [f"{date.today()}_text2image_seed3_{i:04d}.png" for i in (1, 2, 3)]


def test_a_given_name_is_kept_while_it_is_free(tmp_path: Path) -> None:
    names = [save_result(RESULT, tmp_path, "fox", suffix=".jpg").name for _ in range(3)]
    assert names == ["fox.jpg", "fox_0001.jpg", "fox_0002.jpg"]
    assert save_result(RESULT, tmp_path, "../../a:b*?").parent == tmp_path


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".webp", ".avif", ".tiff"])
def test_a_result_gives_its_whole_request_back(tmp_path: Path, suffix: str) -> None:
    path = save_result(RESULT, tmp_path, suffix=suffix)
    assert read_spec(read_settings(path).values) == SPEC


def test_many_writers_at_once_lose_nothing(tmp_path: Path) -> None:
    threads = [Thread(target=lambda: [save_result(RESULT, tmp_path) for _ in range(5)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(os.listdir(tmp_path)) == 20


def test_places_that_cannot_be_written_are_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(BadRequest):
        save_result(RESULT, tmp_path / "file")
    with pytest.raises(BadRequest, match="use one of"):
        save_result(RESULT, tmp_path, suffix=".doc")
