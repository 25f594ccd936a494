"""The command line as scripts see it: exit codes, one sentence per mistake, events, files, and nothing lost.

Most tests put a stand-in for the engine in its place; those marked `tiny` in their arguments run a real, tiny, random model.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import textwrap
import threading
import time
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from studio import __main__ as entry
from studio import cli
from studio.core.card import ModelCard
from studio.core.clip import Clip
from studio.core.job import TECHNIQUES, BadRequest, Done, Failed, JobSpec, Preview, Progress, Result
from studio.core.sketch import FEW
from studio.media.image import save_picture
from studio.media.metadata import read_settings

ROOT = Path(__file__).resolve().parent.parent
PICTURE = Clip.picture(np.zeros((8, 8, 3), np.uint8))


@pytest.fixture(autouse=True)
def _apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test has its own folders, and none of the models that this machine may have."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("STUDIO_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("STUDIO_MODELS", raising=False)
    monkeypatch.setattr("studio.core.paths.models", lambda: tmp_path / "built-in")


Run = Callable[[JobSpec], Iterator[Any]]
ABILITIES = tuple({cls.ability for cls in TECHNIQUES.values()})


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Puts a stand-in for the engine whose jobs are the given generator, and whose only model has the given abilities."""

    def put(run: Run, abilities: tuple[str, ...] = ABILITIES) -> None:
        class Engine:
            def __init__(
                self,
                folders: list[Path],
                device: str | None = None,
                memory_budget: int | None = None,
                read: Any = None,
            ):
                self.read = read
                self.cards = {"stand-in": ModelCard(id="stand-in", title="S", abilities=abilities)}

            def run(self, spec: JobSpec) -> Iterator[Any]:
                return run(spec)

        module = types.ModuleType("studio.engine.engine")
        module.Engine = Engine  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, "studio.engine.engine", module)

    return put


def result(spec: JobSpec, index: int = 0) -> Result:
    own = spec.model_copy(update={"seed": spec.seed + index, "count": 1, "model": "stand-in"})
    return Result(PICTURE, own, index, {"drawing": 0.5}, "cpu", 1000)


def good(spec: JobSpec) -> Iterator[Any]:
    yield Progress("loading")
    for index in range(spec.count):
        yield Progress("drawing", 1, 2)
        yield Preview(PICTURE, 1, index)
        yield result(spec, index)
    yield Done({"drawing": 0.5 * spec.count})


def leftovers(folder: Path) -> list[str]:
    return [path.name for path in folder.rglob("*") if "tmp" in path.suffix or path.name.startswith(".")]


# --- results --------------------------------------------------------------------------------------------------


def test_a_request_becomes_files(tmp_path: Path, engine: Any, capsys: pytest.CaptureFixture[str]) -> None:
    engine(good)
    code = cli.main(["text2image", "--prompt", "a fox", "--seed", "7", "--count", "2", "--out", "out"])
    out, err = capsys.readouterr()
    report = json.loads((tmp_path / "out" / "result.json").read_text("utf-8"))
    assert (code, err) == (0, "")
    assert out.splitlines() == [os.path.join("out", name) for name in report["files"]]
    assert [read_settings(tmp_path / "out" / name).values["seed"] for name in report["files"]] == [7, 8]
    expected = {
        "status": "done",
        "device": "cpu",
        "model": "stand-in",
        "seed": 7,
        "peak_memory": 1000,
        "seconds": {"drawing": 1.0},
    }
    assert report | expected == report
    assert report["spec"]["technique"]["prompt"] == "a fox"
    assert (report["spec"]["count"], report["spec"]["seed"]) == (2, 7)
    assert not leftovers(tmp_path / "out")


def test_a_file_can_be_named(tmp_path: Path, engine: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """It stays alone, and one that is there is not overwritten."""
    engine(good)
    for _ in range(2):
        assert cli.main(["text2image", "--prompt", "a fox", "--out", "made/fox.PNG"]) == 0
    names = [os.path.join("made", name) for name in ("fox.PNG", "fox_0001.PNG")]
    assert capsys.readouterr().out.splitlines() == names
    assert sorted(path.name for path in (tmp_path / "made").iterdir()) == ["fox.PNG", "fox_0001.PNG"]
    assert read_settings(tmp_path / "made" / "fox.PNG").values["technique"]["prompt"] == "a fox"


def test_a_folder_may_be_called_like_a_file(tmp_path: Path, engine: Any) -> None:
    engine(good)
    (tmp_path / "old.png").mkdir()
    assert cli.main(["text2image", "--out", "old.png"]) == 0
    assert (tmp_path / "old.png" / "result.json").exists()


def test_events_are_lines_of_json(tmp_path: Path, engine: Any, capsys: pytest.CaptureFixture[str]) -> None:
    engine(good)
    assert cli.main(["text2image", "--out", "out", "--events", "--previews", "pv"]) == 0
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [event["type"] for event in events] == ["progress", "progress", "preview", "result", "done"]
    assert events[2] == {
        "type": "preview",
        "step": 1,
        "index": 0,
        "width": 8,
        "height": 8,
        "file": os.path.join("pv", "preview_00_0001.png"),
    }
    assert (tmp_path / "pv" / "preview_00_0001.png").exists()
    assert (tmp_path / "out" / events[3]["file"]).exists()


def test_a_request_comes_from_a_file_or_standard_input(
    tmp_path: Path, engine: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine(good)
    text = json.dumps({"technique": {"name": "text2image", "prompt": "狐"}})
    (tmp_path / "spec.json").write_text(text, "utf-8-sig")
    assert cli.main(["render", "spec.json", "--out", "a"]) == 0
    monkeypatch.setattr(sys, "stdin", types.SimpleNamespace(buffer=open(tmp_path / "spec.json", "rb")))  # noqa: SIM115
    assert cli.main(["render", "-", "--out", "b", "--format", "webp"]) == 0
    sys.stdin.buffer.close()
    for folder in "ab":
        spec = json.loads((tmp_path / folder / "result.json").read_text("utf-8"))["spec"]
        assert spec["technique"]["prompt"] == "狐"
    assert list((tmp_path / "b").glob("*.webp"))


def test_inputs_get_whole_paths_and_digests(tmp_path: Path, engine: Any) -> None:
    engine(good)
    save_picture(PICTURE, tmp_path / "a.png")
    assert cli.main(["image2image", "--image", "a.png", "--out", "out"]) == 0
    image = json.loads((tmp_path / "out" / "result.json").read_text("utf-8"))["spec"]["technique"]["image"]
    assert image == {"path": str(tmp_path / "a.png"), "sha256": PICTURE.digest()}


@pytest.mark.parametrize("name", TECHNIQUES)
def test_every_setting_has_an_option(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([name, "--help"]) == 0
    out = capsys.readouterr().out
    for field in TECHNIQUES[name].model_fields:
        if field != "name":
            assert f"--{field.replace('_', '-')}" in out


def test_options_reach_the_request(engine: Any, tmp_path: Path) -> None:
    engine(good)
    options = "--steps 3 --guidance 2.5 --guidance-interval 0.1 0.9 --solver euler --width 64 --variation 0.2 --model m"
    assert cli.main(["text2image", *options.split(), "--negative-prompt=-x", "--out", "out"]) == 0
    technique = json.loads((tmp_path / "out" / "result.json").read_text("utf-8"))["spec"]["technique"]
    expected = {
        "steps": 3,
        "guidance": 2.5,
        "guidance_interval": [0.1, 0.9],
        "solver": "euler",
        "width": 64,
        "negative_prompt": "-x",
    }
    assert technique | expected == technique


# --- mistakes -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("text2imag", "did you mean text2image?"),
        ("--frobnicate", "There is no '--frobnicate' here"),
        ("text2image --bogus 1", "unrecognized arguments: --bogus 1"),
        ("text2image --steps", "--steps: expected one argument"),
        ("text2image --steps many", "steps: must be a whole number, not 'many'."),
        ("text2image --steps 0", "steps: must be greater than or equal to 1"),
        ("text2image --solver magic", "solver: must be 'ddim'"),
        ("text2image --seed -1", "seed: must be greater"),
        ("text2image --count 65", "count: must be less"),
        ("text2image --guidance nan", "guidance: must be a finite number"),
        ("text2image --guidance-interval 1 0", "guidance_interval must be two numbers"),
        ("text2image --format bmp", "format: bmp cannot be written; use one of png"),
        ("text2image --out car.mp4", "out: car.mp4 is no name for a picture; end it in one of .png"),
        ("text2image --out car.png --format jpg", "format: jpg and the name car.png do not go together"),
        ("text2image --quality 0", "quality: must be from 1 to 100"),
        ("text2image --out file", "out: file is a file; name a folder."),
        ("text2image --out file/below", "out: file"),
        ("text2image --previews file", "previews: file is a file"),
        ("image2image", "required: --image"),
        ("image2image --image absent.png", "image: absent.png does not exist; check the path."),
        ("image2image --image .", "image: . is a folder"),
        ("image2image --image file", "image: file is not a picture"),
        ("image2image --image empty", "image: empty is empty"),
        ("render", "required: SPEC.json"),
        ("render absent.json", "absent.json does not exist; check the path."),
        ("render .", ". is a folder"),
        ("render file", "not valid JSON"),
        ("render latin", "not a text in UTF-8"),
        ("render newer.json", "version 99 of the request comes from a newer studio"),
        ("render typo.json", "prmpt: there is no such setting here"),
        ("settings absent.png", "absent.png does not exist"),
        ("settings plain.png", "plain.png holds no settings"),
        ("bench nothing", "There is no measurement 'nothing'"),
        ("tour --out file", "out: file is a file"),
    ],
)
def test_a_mistake_is_exit_code_2_and_one_sentence(
    tmp_path: Path, engine: Any, capsys: pytest.CaptureFixture[str], line: str, told: str
) -> None:
    engine(good)
    (tmp_path / "file").write_text("hello")
    (tmp_path / "empty").touch()
    (tmp_path / "latin").write_bytes(b'"\xe4"')
    (tmp_path / "newer.json").write_text('{"version": 99}')
    (tmp_path / "typo.json").write_text('{"technique": {"name": "text2image", "prmpt": "x"}}')
    save_picture(PICTURE, tmp_path / "plain.png")
    assert cli.main(line.split()) == 2
    out, err = capsys.readouterr()
    assert told in err
    assert err.startswith("studio: ")
    assert len(err.splitlines()) == 1
    assert out == ""


def test_letters_that_cannot_be_saved_are_told(engine: Any, capsys: pytest.CaptureFixture[str]) -> None:
    engine(good)
    assert cli.main(["text2image", "--prompt", "a\udcff"]) == 2
    assert "prompt: " in capsys.readouterr().err


def test_a_full_disk_is_noticed_before_anything_is_drawn(
    engine: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    engine(lambda spec: pytest.fail("it drew"))
    usage = types.SimpleNamespace(free=1 << 20)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    assert cli.main(["text2image", "--width", "2048", "--height", "2048", "--count", "8"]) == 2
    assert "has 1.0 MB left and about 97.0 MB are needed" in capsys.readouterr().err


@pytest.mark.skipif(
    not os.path.isdir("/proc/self"), reason="no folder here that even the superuser cannot write to"
)
def test_a_read_only_folder_is_noticed_before_anything_is_drawn(
    engine: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    engine(lambda spec: pytest.fail("it drew"))
    assert cli.main(["text2image", "--out", "/proc/self/out"]) == 2
    assert "out: " in capsys.readouterr().err


def test_what_the_engine_refuses_is_a_bad_request_too(
    engine: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    def refused(spec: JobSpec) -> Iterator[Any]:
        yield Failed("width: 65 is not possible with this model; the nearest is 64.", kind="request")

    engine(refused)
    assert cli.main(["text2image", "--events"]) == 2
    out, err = capsys.readouterr()
    assert err == "studio: width: 65 is not possible with this model; the nearest is 64.\n"
    assert json.loads(out)["kind"] == "request"


# --- failures, and what stays -----------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["event", "exception", "silence", "memory"])
def test_a_finished_result_stays_when_a_later_one_fails(
    tmp_path: Path, engine: Any, capsys: pytest.CaptureFixture[str], how: str
) -> None:
    def fails(spec: JobSpec) -> Iterator[Any]:
        yield result(spec)
        if how == "event":
            yield Failed("The device is gone.", "a traceback")
        elif how == "exception":
            raise RuntimeError("boom")
        elif how == "memory":
            raise MemoryError

    engine(fails)
    assert cli.main(["text2image", "--count", "2", "--out", "out"]) == 3
    err = capsys.readouterr().err
    assert len(err.splitlines()) == 1
    assert "Traceback" not in err
    assert "1 of 2 results are in out." in err
    report = json.loads((tmp_path / "out" / "result.json").read_text("utf-8"))
    assert report["status"] == "failed"
    assert len(report["files"]) == 1
    assert (tmp_path / "out" / report["files"][0]).exists()


def test_a_result_that_cannot_be_saved_goes_elsewhere(
    tmp_path: Path, engine: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from studio.media import results

    real = results.save_result

    def full(result: Result, folder: Path, **more: Any) -> Path:
        if folder == Path("out"):
            raise BadRequest(
                "out/x.png does not fit, the disk is full; free some space or choose another folder."
            )
        return real(result, folder, **more)

    monkeypatch.setattr(results, "save_result", full)
    engine(good)
    assert cli.main(["text2image", "--out", "out"]) == 3
    err = capsys.readouterr().err
    assert "disk is full" in err
    assert len(err.splitlines()) == 1
    rescued = list((tmp_path / "home" / "rescued").glob("*.png"))
    assert len(rescued) == 1
    assert str(rescued[0]) in err


def test_the_engine_that_cannot_be_loaded_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "studio.engine.engine", None)
    assert cli.main(["text2image"]) == 3
    assert "The engine cannot be loaded" in capsys.readouterr().err


# --- cancelling -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.skipif(sys.platform == "win32", reason="no such signals")
def test_a_signal_cancels_and_the_job_cleans_up(
    tmp_path: Path, engine: Any, capsys: pytest.CaptureFixture[str], number: int
) -> None:
    closed = []

    def endless(spec: JobSpec) -> Iterator[Any]:
        try:
            yield result(spec)
            threading.Timer(0.05, os.kill, (os.getpid(), number)).start()
            while True:
                yield Progress("drawing")
                time.sleep(0.01)
        finally:
            closed.append(True)

    engine(endless)
    before = signal.getsignal(number)
    assert cli.main(["text2image", "--count", "2", "--out", "out", "--events"]) == 130
    out, err = capsys.readouterr()
    assert json.loads(out.splitlines()[-1]) == {"type": "cancelled"}
    assert err == "studio: Cancelled. 1 of 2 results are in out.\n"
    assert closed
    assert signal.getsignal(number) is before
    assert json.loads((tmp_path / "out" / "result.json").read_text("utf-8"))["status"] == "cancelled"


@pytest.mark.skipif(sys.platform == "win32", reason="no such signals")
def test_a_result_that_is_being_saved_is_saved_first(
    tmp_path: Path, engine: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from studio.media import results

    real = results.save_result

    def interrupted(*args: Any, **more: Any) -> Path:
        os.kill(os.getpid(), signal.SIGINT)
        return real(*args, **more)

    monkeypatch.setattr(results, "save_result", interrupted)
    engine(good)
    assert cli.main(["text2image", "--count", "3", "--out", "out"]) == 130
    assert len(list((tmp_path / "out").glob("*.png"))) == 1


# --- lists ----------------------------------------------------------------------------------------------------


def test_techniques_can_be_listed_with_their_schemas(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["techniques"]) == 0
    assert "Text to picture: Words become a picture." in capsys.readouterr().out
    assert cli.main(["techniques", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [row["name"] for row in rows] == list(TECHNIQUES)
    assert rows[0]["schema"]["properties"]["prompt"]["title"] == "Words"


def test_models_are_found_in_the_folders_of_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for place, title in (("a", "first"), ("b", "second"), ("home/models", "own"), ("built-in", "built in")):
        folder = tmp_path / place / f"m-{place[:1]}"
        folder.mkdir(parents=True)
        (folder / "card.toml").write_text(
            f'id = "{"same" if place in "ab" else place[:4]}"\ntitle = "{title}"\n'
        )
    (tmp_path / "a" / "broken").mkdir()
    (tmp_path / "a" / "broken" / "card.toml").write_text("?")
    assert cli.main(["models"]) == 0
    assert "first" not in capsys.readouterr().out
    monkeypatch.setenv("STUDIO_MODELS", os.pathsep.join([str(tmp_path / "a"), str(tmp_path / "b")]))
    assert cli.main(["models", "--json"]) == 0
    out, err = capsys.readouterr()
    assert [card["title"] for card in json.loads(out)] == ["first", "own", "built in"]
    assert "broken" in err


def test_no_models_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["models"]) == 0
    assert "No models were found" in capsys.readouterr().err


def test_settings_of_a_picture_are_a_request(
    tmp_path: Path, engine: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    engine(good)
    assert cli.main(["text2image", "--prompt", "a fox", "--out", "out"]) == 0
    picture = capsys.readouterr().out.strip()
    assert cli.main(["settings", picture]) == 0
    (tmp_path / "spec.json").write_text(capsys.readouterr().out, "utf-8")
    assert cli.main(["render", "spec.json", "--out", "again"]) == 0
    first, second = (json.loads((tmp_path / d / "result.json").read_text("utf-8")) for d in ("out", "again"))
    assert first["spec"] == second["spec"]


def test_films_become_one_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from studio.media.video import read_video, save_video

    for name, level in (("a.mp4", 40), ("b.mp4", 200)):
        save_video(Clip.video(np.full((12, 32, 48, 3), level, np.uint8), 24.0), tmp_path / name)
    out = tmp_path / "out.mkv"
    assert cli.main(["film", "a.mp4", "b.mp4", "--out", str(out)]) == 0
    assert capsys.readouterr().out.strip() == str(out)
    found = read_video(out).array[:, 9, 9, 0]
    assert len(found) == 24 and abs(int(found[11]) - 40) < 6 and abs(int(found[12]) - 200) < 6
    assert cli.main(["film", "a.mp4", "--out", str(out)]) == 2
    assert "there already" in capsys.readouterr().err
    assert (
        cli.main(["film", "a.mp4", "--out", str(out), "--replace", "--frames", "2:5", "--size", "24x16"]) == 0
    )
    assert read_video(out).array.shape == (3, 16, 24, 3)
    for wrong in (["--size", "big"], ["--frames", "5"], ["--quality", "0"], ["--out", "x.xyz"]):
        assert cli.main(["film", "a.mp4", "--out", str(tmp_path / "x.mp4"), *wrong]) == 2
    assert not (tmp_path / "x.mp4").exists()


def test_measurements_can_be_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["bench"]) == 0
    assert "usage: studio bench NAME" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "there"),
    [("text2image", True), ("text2video", True), ("image2video", False), ("upscale", False)],
)
def test_a_second_stage_is_offered_where_something_is_drawn_in_a_size_that_is_asked_for(
    name: str, there: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main([name, "--help"]) == 0
    assert ("--second" in capsys.readouterr().out) is there


@pytest.mark.parametrize("line", ["--help", "-h", "help", ""])
def test_help_names_everything(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(line.split()) == 0
    out = capsys.readouterr().out
    for name in (*TECHNIQUES, *cli.VERBS):
        assert f"  {name} " in out


def test_help_and_lists_load_neither_torch_nor_qt() -> None:
    asked = (
        "import sys; from studio.__main__ import main\n"
        "for line in ('--help', '--version', 'techniques', 'techniques --json', 'models'):\n"
        "    main(line.split())\n"
        "for line in ('text2image --help', 'bench', 'render absent'):\n"
        "    main(line.split())\n"
        "print('loaded:', sorted({'torch', 'PySide6', 'diffusers', 'transformers'} & set(sys.modules)))"
    )
    told = subprocess.run([sys.executable, "-c", asked], cwd=ROOT, capture_output=True, text=True)
    assert told.stdout.splitlines()[-1] == "loaded: []", told.stderr


# --- with and without a display -----------------------------------------------------------------------------------


def test_without_a_display_the_tour_is_made(
    tmp_path: Path, engine: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    engine(good)
    monkeypatch.setattr(entry, "has_display", lambda: False)
    monkeypatch.setitem(sys.modules, "studio.bench.world", None)  # as where the drawing library is missing
    assert entry.main([]) == 0
    out, err = capsys.readouterr()
    page = tmp_path / "studio-tour" / "index.html"
    assert out.strip() == str(page)
    assert "no display" in err
    text = page.read_text("utf-8")
    rows = json.loads((page.parent / "tour.json").read_text("utf-8"))
    assert list(dict.fromkeys(row["technique"] for row in rows)) == list(TECHNIQUES), "some have several"
    for row in rows:
        assert row["ok"]
        assert row["model"] == "stand-in"
        for path in (*row["inputs"], *row["outputs"]):
            assert (page.parent / path).exists()
            assert path in text


def test_a_tour_with_a_broken_technique_shows_it(
    tmp_path: Path, engine: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    def half(spec: JobSpec) -> Iterator[Any]:
        if spec.technique.name == "image2image":
            raise RuntimeError("<boom>")
        yield from good(spec)

    engine(half)
    assert cli.main(["tour", "--out", "t"]) == 3
    assert "image2image on stand-in" in capsys.readouterr().err
    rows = {row["technique"]: row for row in json.loads((tmp_path / "t" / "tour.json").read_text("utf-8"))}
    assert rows["text2image"]["ok"]
    assert not rows["image2image"]["ok"]
    assert "&lt;boom&gt;" in (tmp_path / "t" / "index.html").read_text("utf-8")


def test_with_a_display_the_window_opens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[list[str]] = []
    window = types.ModuleType("studio.app")
    window.main = lambda argv: opened.append(argv) or 0  # type: ignore[attr-defined, func-returns-value]
    monkeypatch.setitem(sys.modules, "studio.app", window)
    monkeypatch.setattr(entry, "has_display", lambda: True)
    (tmp_path / "a.png").touch()
    assert entry.main([]) == 0
    assert entry.main(["a.png"]) == 0
    assert opened == [[], ["a.png"]]


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, False),
        ({"DISPLAY": ":3977"}, False),  # nobody answers there
        ({"DISPLAY": "nonsense"}, False),
        ({"QT_QPA_PLATFORM": "offscreen"}, True),
        ({"QT_QPA_PLATFORM": "xcb"}, False),
        ({"WAYLAND_DISPLAY": "wayland-0"}, True),
    ],
)
@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="always a display")
def test_a_display_is_recognised(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], expected: bool
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert entry.has_display() is expected


def test_a_technique_without_a_model_is_left_out_of_the_tour_visibly(tmp_path: Path, engine: Any) -> None:
    engine(good, ("text2image", "inpaint"))
    assert cli.main(["tour", "--out", "t"]) == 0
    rows = json.loads((tmp_path / "t" / "tour.json").read_text("utf-8"))
    assert {row["technique"] for row in rows} == set(TECHNIQUES)
    missing = [row for row in rows if not row["model"]]
    assert missing
    assert all("no model here" in row["message"] for row in missing)
    able = {name for name, cls in TECHNIQUES.items() if cls.ability in ("text2image", "inpaint")}
    assert able <= {row["technique"] for row in rows if row["ok"]}


# --- with a real engine -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    import torch

    from studio.bench.tiny import make_tiny_sd

    torch.set_num_threads(1)  # networks this small only wait for each other's threads
    return make_tiny_sd(tmp_path_factory.mktemp("models") / "tiny").parent


def test_the_same_request_gives_the_same_bits(
    tmp_path: Path, tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STUDIO_MODELS", str(tiny))
    options = ["--prompt", "a fox", "--seed", "5", "--count", "2", "--steps", "2"]
    assert cli.main(["text2image", *options, "--out", "a"]) == 0
    report = json.loads((tmp_path / "a" / "result.json").read_text("utf-8"))
    assert report["model"] == "tiny"
    assert report["spec"]["technique"] | {"width": 64, "solver": "ddim"} == report["spec"]["technique"]
    assert {"loading", "drawing", "decoding"} <= report["seconds"].keys()
    again = tmp_path / "a" / report["files"][1]  # its own metadata alone makes it again
    (tmp_path / "spec.json").write_text(json.dumps(read_settings(again).values), "utf-8")
    assert cli.main(["render", "spec.json", "--out", "b"]) == 0
    second = json.loads((tmp_path / "b" / "result.json").read_text("utf-8"))
    assert second["results"][0]["sha256"] == report["results"][1]["sha256"]


def test_what_the_real_engine_refuses(
    tiny: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("STUDIO_MODELS", str(tiny))
    for options, told in (
        ("--width 65", "width: 65"),
        ("--model nope", "model: nope"),
        ("--device warp", "device: "),
    ):
        assert cli.main(["text2image", *options.split(), "--out", "out"]) == 2
        err = capsys.readouterr().err
        assert told in err
        assert len(err.splitlines()) == 1


def test_the_quick_picture_of_a_request(tmp_path: Path, tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STUDIO_MODELS", str(tiny))
    options = ["--model", "tiny", "--prompt", "a fox", "--steps", "50", "--seed", "3"]
    assert cli.main(["preview", "text2image", *options, "--out", "quick"]) == 0
    report = json.loads((tmp_path / "quick" / "result.json").read_text("utf-8"))
    assert report["status"] == "done" and report["seed"] == 3 and report["spec"]["technique"]["steps"] == FEW
    slow = {"technique": {"name": "invert", "image": f"quick/{report['files'][0]}"}}
    (tmp_path / "r.json").write_text(json.dumps(slow))
    assert cli.main(["preview", "r.json", "--out", "slow"]) == 2, "nothing to follow the hand with"


def _learn_less(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tour in which nothing is taught for long, and of each example there are two at most."""
    from studio.bench import tour
    from studio.engine.techniques import distill

    (example,) = tour.EXAMPLES["distill"]
    monkeypatch.setitem(
        tour.EXAMPLES, "distill", [{**example, "minutes": 0.001, "first": 8, "fewest": 4, "batch": 2}]
    )
    monkeypatch.setattr(distill, "SHOWN", 2)
    short = {"tuning": 2, "wording": 2, "inner": 1}
    for name, examples in tour.EXAMPLES.items():
        known = {key: value for key, value in short.items() if key in TECHNIQUES[name].model_fields}
        few = [{**one, **known, **({"count": 2} if "count" in one else {})} for one in examples]
        monkeypatch.setitem(tour.EXAMPLES, name, few)


def test_the_tour_of_a_real_model(tmp_path: Path, tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STUDIO_MODELS", str(tiny))
    _learn_less(monkeypatch)
    assert cli.main(["tour", "--out", "t", "--model", "tiny"]) == 0
    rows = json.loads((tmp_path / "t" / "tour.json").read_text("utf-8"))
    able = {
        name
        for name, cls in TECHNIQUES.items()
        if cls.ability in ("text2image", "inpaint", "edit-video", "distill")
    }
    assert {row["technique"] for row in rows} == able
    made = [name for row in rows for name in row["outputs"]]
    assert len(set(made)) == len(made), "every example has files of its own"
    assert all(row["ok"] for row in rows)


@pytest.mark.skipif(sys.platform == "win32", reason="no such signals")
def test_ctrl_c_stops_a_real_program(tmp_path: Path, tiny: Path) -> None:
    """Also one that a shell has put into the background, where Ctrl+C is switched off."""
    program = textwrap.dedent(
        f"""
        import signal, sys
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        sys.path.insert(0, {str(ROOT)!r})
        from studio.__main__ import main
        sys.exit(main(["text2image", "--steps", "1000", "--width", "256", "--height", "256", "--out", "out", "--events"]))
        """
    )
    environment = {**os.environ, "STUDIO_MODELS": str(tiny), "OMP_NUM_THREADS": "1"}
    with subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        assert process.stderr
        for line in process.stdout:
            if json.loads(line).get("stage") == "drawing":
                break
        start = time.perf_counter()
        process.send_signal(signal.SIGINT)
        rest = process.stdout.read().splitlines()
        err = process.stderr.read()
    assert process.returncode == 130
    assert time.perf_counter() - start < 10
    assert json.loads(rest[-1]) == {"type": "cancelled"}
    assert err == "studio: Cancelled.\n"
    assert os.listdir(tmp_path / "out") == ["result.json"]
