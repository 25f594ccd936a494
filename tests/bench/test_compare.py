"""The page of one edit by several techniques."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from studio.bench.compare import run
from studio.bench.tiny import make_tiny_sd
from studio.cli import main
from studio.core.compare import Wish
from studio.core.job import Source
from studio.media.metadata import read_settings, to_spec


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    make_tiny_sd(folder / "tiny", tiny_vae=True)
    return folder


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    pixels = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "a.png")
    return tmp_path / "a.png"


def test_every_technique_has_its_picture_its_map_and_its_place_on_the_page(
    models: Path, picture: Path, tmp_path: Path
) -> None:
    wish = Wish(Source(path=str(picture)), source="a <cat>", target="a <dog>")
    answers = run(wish, tmp_path / "out", ["image2image", "prompt2prompt"], folders=[models])
    page = (tmp_path / "out" / "index.html").read_text()
    assert "a &lt;dog&gt;" in page and "<dog>" not in page
    source = np.asarray(Image.open(picture)).astype(int)
    for answer in answers:
        assert answer.picture in page
        made = np.asarray(Image.open(tmp_path / "out" / answer.picture)).astype(int)
        seen = np.asarray(Image.open(tmp_path / "out" / answer.map).convert("L"))
        assert np.array_equal(seen, np.abs(made - source).max(-1))
        assert answer.share == (seen >= 16).mean()
    spec, _ = to_spec(read_settings(tmp_path / "out" / "image2image.png"))
    assert spec.technique.name == "image2image"
    with Image.open(tmp_path / "out" / "sheet.png") as sheet:
        assert sheet.size == (3 * 256, 2 * 256)


def test_a_technique_that_fails_is_told_and_the_others_are_shown(
    models: Path, picture: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: object) -> None:
        raise RuntimeError("no words")

    monkeypatch.setattr("studio.engine.techniques.prompt2prompt.aligned", broken)
    wish = Wish(Source(path=str(picture)), source="a cat", target="a dog")
    first, second = run(wish, tmp_path / "out", ["prompt2prompt", "image2image"], folders=[models])
    assert not first.picture and "no words" in first.message
    assert second.picture
    assert "✗ failed" in (tmp_path / "out" / "index.html").read_text()


def test_the_command_line_compares(
    models: Path,
    picture: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("STUDIO_MODELS", str(models))
    words = ["--prompt", "a dog", "--with", "image2image", "--model", "tiny"]
    assert main(["compare", "--image", str(picture), *words, "--out", str(tmp_path / "out")]) == 0
    assert capsys.readouterr().out.strip() == str((tmp_path / "out" / "index.html").resolve())
    assert main(["compare", "--image", str(picture), "--out", str(tmp_path / "out")]) == 2
    assert "no technique here can do this edit" in capsys.readouterr().err
