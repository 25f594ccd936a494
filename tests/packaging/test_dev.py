"""packaging/dev.py: what it decides and how it takes up what was interrupted, without a network or a device."""

import ast
import importlib.util
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

DEV = Path(__file__).resolve().parents[2] / "packaging" / "dev.py"


@pytest.fixture
def dev(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """dev.py as a module whose project is an empty folder."""
    spec = importlib.util.spec_from_file_location("studio_dev", DEV)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "studio_dev", module)
    spec.loader.exec_module(module)
    for name, path in {
        "ROOT": tmp_path,
        "VENV": tmp_path / ".venv",
        "STAMP": tmp_path / ".venv" / "studio-stamp.json",
        "LOG": tmp_path / ".venv" / "setup.log",
        "CONSTRAINTS": tmp_path / "packaging" / "constraints.txt",
    }.items():
        monkeypatch.setattr(module, name, path)
    (tmp_path / "packaging").mkdir()
    (tmp_path / "packaging" / "constraints.txt").write_text("torch==2.13.0\n")
    (tmp_path / "pyproject.toml").write_text("[project]\n")
    terminate = signal.getsignal(signal.SIGTERM)
    yield module
    signal.signal(signal.SIGTERM, terminate)


def with_venv(dev: ModuleType) -> Path:
    """A .venv that looks finished, with the Python of this test."""
    python: Path = dev.venv_python()
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    version = f"{sys.version_info[0]}.{sys.version_info[1]}.{sys.version_info[2]}"
    (dev.VENV / "pyvenv.cfg").write_text(f"home = somewhere\nversion = {version}\n")
    return python


def stamp(dev: ModuleType, *extras: str) -> None:
    dev.write_atomically(dev.STAMP, json.dumps({"key": dev.key(), "extras": ["", *extras]}))


# --- which torch ----------------------------------------------------------------------------------------


def first(dev: ModuleType, **machine: object) -> str:
    return dev.torch_builds(dev.Machine(**machine))[0].version


def test_a_new_nvidia_driver_gets_the_default_build(dev: ModuleType) -> None:
    builds = dev.torch_builds(dev.Machine("Linux", nvidia=True, cuda=(13, 0)))
    assert [build.pip_arguments() for build in builds] == [["torch==2.13.0"]]


def test_an_nvidia_driver_that_does_not_tell_its_version_is_taken_for_new(dev: ModuleType) -> None:
    assert first(dev, system="Linux", nvidia=True) == "2.13.0"


def test_an_older_nvidia_driver_gets_a_build_it_can_run(dev: ModuleType) -> None:
    assert first(dev, system="Linux", nvidia=True, cuda=(12, 4)) == "2.13.0+cu126"


def test_windows_gets_cuda_from_torch_s_own_index(dev: ModuleType) -> None:
    builds = dev.torch_builds(dev.Machine("Windows", nvidia=True, cuda=(13, 1)))
    assert any(build.version == "2.13.0+cu130" and build.index.endswith("/cu130") for build in builds)
    assert first(dev, system="Windows") == "2.13.0"


def test_amd_gets_rocm_and_falls_back_to_the_processor(dev: ModuleType) -> None:
    builds = dev.torch_builds(dev.Machine("Linux", amd=True))
    versions = [build.version for build in builds]
    assert versions[0] == "2.13.0+rocm7.2"
    assert versions.index("2.13.0+cpu") > 0


def test_mac_gets_the_default_build(dev: ModuleType) -> None:
    assert first(dev, system="Darwin") == "2.13.0"


def test_linux_without_a_device_asks_its_own_index_first_and_never_starts_with_cuda(dev: ModuleType) -> None:
    own, torchs, anything = dev.torch_builds(dev.Machine("Linux"))
    assert own.pip_arguments() == ["torch==2.13.0+cpu"]
    assert torchs.pip_arguments()[:2] == ["torch==2.13.0+cpu", "--extra-index-url"]
    assert anything.pip_arguments() == ["torch==2.13.0"]


@pytest.mark.parametrize("system", ["Linux", "Darwin", "Windows"])
@pytest.mark.parametrize("nvidia", [True, False])
@pytest.mark.parametrize("cuda", [None, (11, 8), (12, 8), (13, 2)])
@pytest.mark.parametrize("amd", [True, False])
def test_every_machine_ends_with_a_build_that_everybody_can_have(
    dev: ModuleType, system: str, nvidia: bool, cuda: tuple[int, int] | None, amd: bool
) -> None:
    last = dev.torch_builds(dev.Machine(system, nvidia, cuda, amd))[-1]
    assert (last.version, last.index) == ("2.13.0", "")


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("| NVIDIA-SMI 550.54.15  Driver Version: 550.54.15  CUDA Version: 12.4     |", (12, 4)),
        ("| NVIDIA-SMI 580.95.05  Driver Version: 580.95.05  CUDA Version: 13.0  |", (13, 0)),
        ("CUDA Version: N/A", None),
        ("", None),
    ],
)
def test_the_driver_s_table_is_read(dev: ModuleType, text: str, version: tuple[int, int] | None) -> None:
    assert dev.parse_nvidia_smi(text) == version


def test_torch_is_pinned_to_the_same_version_everywhere(dev: ModuleType) -> None:
    root = DEV.parent.parent
    assert f"torch=={dev.TORCH}\n" in (root / "packaging" / "constraints.txt").read_text()
    assert f'"torch=={dev.TORCH}"' in (root / "pyproject.toml").read_text()


ABSENT = "ERROR: No matching distribution found for torch==2.13.0+cpu"
CONFLICT = "ERROR: ResolutionImpossible: for help visit ..."  # what pip says of the same with a constraint


def install(dev: ModuleType, monkeypatch: pytest.MonkeyPatch, *answers: str, there: str = "") -> list[str]:
    """install_torch() on Linux without a device; pip answers each install with the next error, "" for success."""
    said = iter(answers)
    asked: list[str] = []

    def pip(*arguments: str) -> str:
        asked.append(" ".join(arguments).split(" -c ")[0])
        return next(said) if arguments[0] == "install" else ""

    def run(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess(command, 0, stdout=there)

    monkeypatch.setattr(dev, "pip", pip)
    monkeypatch.setattr(dev, "enough_disk", lambda gigabytes: None)
    monkeypatch.setattr(dev, "this_machine", lambda: dev.Machine("Linux"))
    monkeypatch.setattr(dev.subprocess, "run", run)
    dev.install_torch()
    return asked


@pytest.mark.parametrize("absent", [ABSENT, CONFLICT])
def test_a_build_that_is_not_in_one_index_is_looked_for_in_the_next(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch, absent: str
) -> None:
    asked = install(dev, monkeypatch, absent, absent, "")
    assert asked[0] == "install torch==2.13.0+cpu"
    assert "--extra-index-url" in asked[1]
    assert asked[2] == "install torch==2.13.0"


def test_torch_is_left_alone_when_it_fits_and_replaced_when_it_does_not(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert install(dev, monkeypatch, there="2.13.0+cpu\n") == []
    asked = install(dev, monkeypatch, "", there="2.9.0+cu128\n")
    assert asked == ["uninstall -y torch", "install torch==2.13.0+cpu"]


@pytest.mark.parametrize("error", ["ERROR: No space left on device", "the index is silent"])
def test_where_another_index_would_not_help_the_reason_is_told(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch, error: str
) -> None:
    error = f"{CONFLICT}\n{dev.UNREACHABLE_HINT}" if "silent" in error else error
    with pytest.raises(dev.Refusal, match="could not install torch") as refusal:
        install(dev, monkeypatch, error)
    assert error in str(refusal.value)


# --- the stamp -------------------------------------------------------------------------------------------


def test_a_complete_environment_is_ready_for_what_it_was_made_for(dev: ModuleType) -> None:
    assert not dev.ready("")
    with_venv(dev)
    assert not dev.ready("")  # made but not stamped: interrupted
    stamp(dev)
    assert dev.ready("")
    assert not dev.ready("dev")
    stamp(dev, "dev")
    assert dev.ready("dev")


@pytest.mark.parametrize("name", ["pyproject.toml", "packaging/constraints.txt", ".venv/pyvenv.cfg"])
def test_a_change_of_what_it_was_made_from_asks_for_a_new_set_up(dev: ModuleType, name: str) -> None:
    with_venv(dev)
    stamp(dev)
    with (dev.ROOT / name).open("a") as file:
        file.write("# changed\n")
    assert not dev.ready("")


def test_an_environment_that_lost_its_python_is_not_ready(dev: ModuleType) -> None:
    python = with_venv(dev)
    stamp(dev)
    python.unlink()
    python.symlink_to(dev.ROOT / "gone")
    assert not dev.ready("")
    assert not dev.healthy()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"key": 1}', "null"])
def test_a_damaged_stamp_is_no_stamp(dev: ModuleType, text: str) -> None:
    with_venv(dev)
    dev.STAMP.write_text(text)
    assert not dev.ready("")
    assert dev.old_extras() == []


def test_an_environment_of_another_python_is_made_anew(dev: ModuleType) -> None:
    with_venv(dev)
    assert dev.healthy()
    (dev.VENV / "pyvenv.cfg").write_text("version = 3.9.2\n")
    assert not dev.healthy()


def test_the_stamp_is_written_last(dev: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut off while installing, the next call starts over; it never believes an older stamp."""
    with_venv(dev)
    stamp(dev, "dev")
    (dev.ROOT / "pyproject.toml").write_text("[project]\n# changed\n")
    monkeypatch.setattr(dev, "system_libraries", lambda wanted: None)
    monkeypatch.setattr(dev, "install_torch", lambda: None)

    def cut_off(extras: list[str]) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(dev, "install_project", cut_off)
    with pytest.raises(KeyboardInterrupt):
        dev.set_up("")
    assert not dev.STAMP.exists()
    monkeypatch.setattr(dev, "install_project", lambda extras: None)
    dev.set_up("")
    assert dev.ready("")


def test_what_was_installed_for_testing_follows_a_change_too(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_venv(dev)
    stamp(dev, "dev")
    (dev.ROOT / "pyproject.toml").write_text("[project]\n# changed\n")
    monkeypatch.setattr(dev, "system_libraries", lambda wanted: None)
    monkeypatch.setattr(dev, "install_torch", lambda: None)
    installed: list[list[str]] = []
    monkeypatch.setattr(dev, "install_project", installed.append)
    dev.set_up("")
    assert installed == [["dev"]]
    assert dev.ready("dev")


def test_packages_cut_off_while_unpacking_are_installed_again(dev: ModuleType, tmp_path: Path) -> None:
    whole, half, rest = (tmp_path / name for name in ("a-1.dist-info", "b-1.dist-info", "~c"))
    for folder in (whole, half, rest):
        folder.mkdir()
        (folder / "METADATA").write_text("")
    (whole / "RECORD").write_text("")
    assert dev.drop_half_installed(tmp_path) == ["b"]
    assert whole.exists()
    assert not half.exists()
    assert not rest.exists()


@pytest.mark.skipif(os.name == "nt", reason="POSIX locks")
def test_two_set_ups_wait_for_each_other(dev: ModuleType) -> None:
    with dev.SetUpLock():
        other = dev.SetUpLock()
        with (dev.ROOT / ".venv.lock").open("a+") as other.file:
            assert not other._try()
    with (dev.ROOT / ".venv.lock").open("a+") as other.file:
        assert other._try()


# --- what people see ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "news"),
    [
        ("  Downloading torch-2.13.0-cp311-cp311-manylinux.whl (512.3 MB)\n", "downloading torch (512.3 MB)"),
        (
            "Downloading https://x.example/a/nvidia_cudnn-9-py3.whl (1.2 GB)\n",
            "downloading nvidia_cudnn (1.2 GB)",
        ),
        ("  Downloading zipp-4.1.2-py3-none-any.whl (10 kB)\n", ""),
        ("  Downloading h11-0.16.0-py3-none-any.whl (1.5 MB)\n", ""),
        ("Installing collected packages: a, b, c\n", "unpacking 3 packages"),
        ("WARNING: Location is ignored\n", ""),
    ],
)
def test_pip_is_told_in_few_lines(dev: ModuleType, line: str, news: str) -> None:
    assert dev.pip_news(line) == news


def test_a_silent_process_gives_signs_of_life(dev: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    code = "import time; print('one', flush=True); time.sleep(2.5); print('two')"
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert [line.strip() for line in dev.with_heartbeat(process, every=1.0)] == ["one", "two"]
    assert "packages are in place" in capsys.readouterr().out
    assert process.returncode == 0


def test_a_child_does_not_outlive_us(dev: ModuleType) -> None:
    code = "import time; print('one', flush=True); time.sleep(60)"
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    lines = dev.with_heartbeat(process)
    assert next(lines) == "one\n"
    lines.close()
    assert process.poll() is not None


def test_without_ensurepip_the_package_is_named(dev: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dev, "have_ensurepip", lambda: False)
    monkeypatch.setattr(dev, "apt_install", lambda packages: False)
    monkeypatch.setattr(dev.shutil, "which", lambda name: "/usr/bin/" + name)
    with pytest.raises(dev.Refusal, match=rf"apt install python3\.{sys.version_info[1]}-venv"):
        dev.make_venv()


def test_a_full_disk_is_told_before_the_download(dev: ModuleType) -> None:
    with pytest.raises(dev.Refusal, match="GB of disk are needed"):
        dev.enough_disk(1e9)


def test_only_missing_system_libraries_are_asked_for(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = "ii  libgl1\nrc  libegl1\nii  libglib2.0-0t64\n"

    def dpkg(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess(command, 1, stdout=answer)

    monkeypatch.setattr(dev.subprocess, "run", dpkg)
    assert dev.missing_packages(["libgl1", "libegl1", "libglib2.0-0", "xvfb"]) == ["libegl1", "xvfb"]


def test_without_the_right_to_install_the_line_is_printed(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(dev.platform, "system", lambda: "Linux")
    monkeypatch.setattr(dev.shutil, "which", lambda name: "/usr/bin/" + name)
    monkeypatch.setattr(dev, "missing_packages", lambda wanted: ["libportaudio2"])
    monkeypatch.setattr(dev.os, "geteuid", lambda: 1000, raising=False)
    dev.system_libraries(["libportaudio2"])
    assert "sudo apt-get install --no-install-recommends -y libportaudio2" in capsys.readouterr().out


def test_pins_leave_out_local_versions_and_ourselves(dev: ModuleType) -> None:
    listed = {"torch": "2.13.0+cpu", "pip": "23.2", "diffusion-studio": "0.1.0", "av": "18.1.0"}
    text = dev.pins([{"name": name, "version": version} for name, version in listed.items()])
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    assert lines[:2] == ["av==18.1.0", "torch==2.13.0"]
    assert "pip" not in text.replace("dev.py", "")


# --- the script as a whole ----------------------------------------------------------------------------------


def test_it_uses_the_standard_library_only() -> None:
    tree = ast.parse(DEV.read_text(encoding="utf-8"))
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add((node.module or "").split(".")[0])
    assert names <= sys.stdlib_module_names


def test_an_old_python_can_read_it() -> None:
    ast.parse(DEV.read_text(encoding="utf-8"), feature_version=(3, 8))


def test_help_names_the_commands() -> None:
    told = subprocess.run([sys.executable, str(DEV)], capture_output=True, text=True)
    assert told.returncode == 0
    assert all(f"dev.py {word} " in told.stdout for word in ("run", "test", "lint", "apt", "clean", "lock"))
    assert subprocess.run([sys.executable, str(DEV), "nonsense"], capture_output=True).returncode == 2


@pytest.mark.skipif(os.name == "nt", reason="Windows waits for the program instead of becoming it")
def test_a_ready_environment_starts_the_studio_at_once(dev: ModuleType) -> None:
    """The whole way: a copy of the script in a finished checkout hands its arguments to `python -m studio`."""
    root: Path = dev.ROOT
    script = root / "packaging" / "dev.py"
    script.write_text(DEV.read_text(encoding="utf-8"), encoding="utf-8")
    python = with_venv(dev)
    python.unlink()
    # A shell script in place of Python: it says what it was started with.
    python.write_text('#!/bin/sh\necho "started: $*"\nexit 7\n')
    python.chmod(0o755)
    stamp(dev)
    began = time.monotonic()
    told = subprocess.run(
        [sys.executable, str(script), "run", "render", "--steps", "4"], capture_output=True, text=True
    )
    assert told.stdout == "started: -m studio render --steps 4\n"
    assert told.returncode == 7
    assert time.monotonic() - began < 3.0


@pytest.mark.parametrize("own", [[], ["-k", "film", "--no-header"], ["-n0"], ["--pdb", "tests/ui"]])
def test_every_core_has_tests_to_run_unless_told_otherwise(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch, own: list[str]
) -> None:
    plain = ["-m", "pytest", *own]
    spread = ["-m", "pytest", "-n2", "--dist=worksteal", *own]
    asks = own[:1] in (["-n0"], ["--pdb"])
    for cores, expected in ((2, plain if asks else spread), (1, plain)):
        monkeypatch.setattr(dev.os, "cpu_count", lambda cores=cores: cores)
        assert dev.side_by_side(own) == expected
