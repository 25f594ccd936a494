#!/usr/bin/env python3
"""Set up, run and test Diffusion Studio, on any machine that has Python 3.11 or newer.

    python packaging/dev.py run [ARGS...]          set up what is missing, then start `studio ARGS`
    python packaging/dev.py test [PYTEST ARGS...]  format, lint, types, import contract, tests
    python packaging/dev.py lint                   the same without the tests
    python packaging/dev.py pytest [ARGS...]       the tests alone
    python packaging/dev.py fix                    let ruff format everything and mend what it can
    python packaging/dev.py setup                  set up for `run`, and stop there
    python packaging/dev.py apt                    print the line that installs the system libraries
    python packaging/dev.py lock                   write constraints.txt from the environment in use
    python packaging/dev.py clean                  remove the environment and every cache

Only the standard library is used, and nothing newer than Python 3.8 is written here, so that an old Python
reads far enough to say in one sentence what is wrong.

The environment is the folder .venv. Its stamp, written last, holds a hash of all that the environment was made
from; while they agree, `run` goes straight on (about 0.05 s). Whatever is interrupted is taken up again by the
next call: pip skips what is complete, and what is half installed is thrown away first.

pip was chosen over uv and conda because it comes with Python and obeys the proxy, index and certificate settings
that a person already has. All of pip's words go to .venv/setup.log; the screen gets one line per large download.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import queue
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, NoReturn

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMP = VENV / "studio-stamp.json"
LOG = VENV / "setup.log"
CONSTRAINTS = ROOT / "packaging" / "constraints.txt"
OLDEST = (3, 11)
REVISION = 1  # raise it when this file sets things up differently; every environment then follows

TORCH = "2.13.0"
# Builds for one kind of device; the default index has one build per platform.
TORCH_INDEX = "https://download.pytorch.org/whl/"
CUDA_DEFAULT = (13, 0)  # what the default Linux build of this torch wants from the driver
CUDA_OLDER = "cu126"  # the build for drivers of the 12 series
ROCM = "rocm7.2"

# What the wheels of PySide6, sounddevice and torch load from the system (Debian's and Ubuntu's names).
LIBRARIES = (
    "libgl1 libegl1 libgl1-mesa-dri libglib2.0-0 libdbus-1-3 libfontconfig1 libx11-xcb1 libxkbcommon0 "
    "libxkbcommon-x11-0 libportaudio2 libpulse0"
)
XCB = "cursor0 icccm4 image0 keysyms1 randr0 render-util0 shape0 shm0 sync1 util1 xfixes0 xkb1"
APT_RUN = LIBRARIES.split() + ["libxcb-" + name for name in XCB.split()]
APT_TEST = ["xvfb"]  # a display for screenshots; the tests themselves draw off screen


class Refusal(Exception):
    """A reason to stop, told in words a person can act on."""


def say(text: str = "") -> None:
    print(text, flush=True)


# ----------------------------------------------------------------------------------------------------------
# Which torch


class Machine(NamedTuple):
    """What decides the build of torch."""

    system: str  # "Linux", "Darwin" or "Windows"
    nvidia: bool = False
    cuda: tuple[int, int] | None = None  # newest CUDA that the driver serves, if it says so
    amd: bool = False


class Build(NamedTuple):
    """One build of torch and where it may be found besides the configured index."""

    label: str
    version: str
    index: str = ""
    gigabytes: float = 3.0  # of disk, with everything else

    def pip_arguments(self) -> list[str]:
        return ["torch==" + self.version] + (["--extra-index-url", self.index] if self.index else [])


def torch_builds(machine: Machine) -> list[Build]:
    """The builds worth trying on this machine, the best first; the last is the one everybody can have.

    A build for one device is named by its local version (`+cpu`). It is asked of the configured index first,
    which may be a mirror or a folder of wheels, and of torch's own index only when it is not there.
    """

    def special(label: str, tag: str, gigabytes: float = 3.0) -> list[Build]:
        version = TORCH + "+" + tag
        return [Build(label, version, index, gigabytes) for index in ("", TORCH_INDEX + tag)]

    if machine.system == "Darwin":
        return [Build("Apple (MPS)", TORCH)]
    if machine.nvidia:
        new_driver = machine.cuda is None or machine.cuda >= CUDA_DEFAULT
        if machine.system == "Linux":
            default = Build("NVIDIA (CUDA)", TORCH, gigabytes=9.0)
            return [default] if new_driver else [*special("NVIDIA (CUDA 12)", CUDA_OLDER, 9.0), default]
        tag = (
            "cu" + "".join(map(str, CUDA_DEFAULT)) if new_driver else CUDA_OLDER
        )  # the default Windows build knows no CUDA
        return [*special("NVIDIA (CUDA)", tag, 9.0), Build("processor only", TORCH)]
    if machine.system == "Linux":
        amd = special("AMD (ROCm)", ROCM, 15.0) if machine.amd else []
        large = Build("processor (in the CUDA build, which is larger)", TORCH, gigabytes=9.0)
        return [*amd, *special("processor only", "cpu"), large]
    return [Build("processor only", TORCH)]


def parse_nvidia_smi(text: str) -> tuple[int, int] | None:
    """`CUDA Version: 12.4` in nvidia-smi's table -> (12, 4)."""
    found = re.search(r"CUDA (?:UMD )?Version:\s*(\d+)\.(\d+)", text)
    return (int(found.group(1)), int(found.group(2))) if found else None


def this_machine() -> Machine:
    nvidia, cuda, amd = False, None, False
    program = shutil.which("nvidia-smi")
    if program:
        try:
            told = subprocess.run([program], capture_output=True, text=True, timeout=20)
            nvidia, cuda = told.returncode == 0, parse_nvidia_smi(told.stdout)
        except (OSError, subprocess.SubprocessError):
            pass  # an installed program without its driver: no device
    if platform.system() == "Linux" and not nvidia:
        amd = Path("/dev/kfd").exists() and bool(shutil.which("rocminfo") or Path("/opt/rocm").exists())
    return Machine(platform.system(), nvidia, cuda, amd)


# ----------------------------------------------------------------------------------------------------------
# The environment


def venv_python() -> Path:
    return VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def key() -> str:
    """A hash of everything that the environment is made from; cheap, for it stands before every start."""
    digest = hashlib.sha256()
    for path in (ROOT / "pyproject.toml", CONSTRAINTS, VENV / "pyvenv.cfg"):
        digest.update(path.read_bytes() if path.exists() else b"missing")
    digest.update(repr((REVISION, TORCH, str(ROOT), os.path.realpath(venv_python()))).encode())
    return digest.hexdigest()


def ready(extra: str) -> bool:
    """Is the environment complete for `extra` ("" to run, "dev" to test)?"""
    try:
        stamp = json.loads(STAMP.read_text(encoding="utf-8"))
        return venv_python().exists() and stamp["key"] == key() and extra in stamp["extras"]
    except (OSError, ValueError, KeyError, TypeError):
        return False


def healthy() -> bool:
    """Does the environment's Python start, is it the one the environment was made with, and has it pip?"""
    if not venv_python().exists():
        return False
    asked = "import sys, pip; print('version = %d.%d.' % sys.version_info[:2])"
    try:
        told = subprocess.run([str(venv_python()), "-c", asked], capture_output=True, text=True, timeout=120)
        made_with = (VENV / "pyvenv.cfg").read_text(encoding="utf-8")
    except (OSError, subprocess.SubprocessError):
        return False
    return told.returncode == 0 and told.stdout.strip() in made_with


def make_venv() -> None:
    if healthy():
        return
    if VENV.exists():
        say("The environment in .venv does not work; making it anew.")
        remove(VENV)
    else:
        say(f"Making an environment in .venv (Python {platform.python_version()})")
    if not have_ensurepip():
        package = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
        if not apt_install([package]) or not have_ensurepip():
            hint = (
                f"  sudo apt install {package}" if shutil.which("apt-get") else "  (its venv and ensurepip)"
            )
            raise Refusal(
                "This Python cannot make environments: its venv module is a package of its own.\n"
                "Type this, then try again:\n" + hint
            )
    made = subprocess.run([sys.executable, "-m", "venv", str(VENV)], capture_output=True, text=True)
    if made.returncode:
        raise Refusal(f"No environment could be made in {VENV}:\n{(made.stdout + made.stderr).strip()}")


def have_ensurepip() -> bool:
    """Asked in a process of its own, since apt may just have brought it."""
    asked = [sys.executable, "-c", "import venv, ensurepip"]
    return subprocess.run(asked, capture_output=True).returncode == 0


def site_packages() -> list[Path]:
    return [*VENV.glob("lib/python3*/site-packages"), *VENV.glob("Lib/site-packages")][:1]


def drop_half_installed(folder: Path) -> list[str]:
    """Forget packages whose installation was cut off, so that pip installs them again.

    pip copies a wheel's files first and writes RECORD last; without RECORD it would believe that all is there.
    """
    dropped = []
    for info in folder.glob("*.dist-info"):
        if not (info / "RECORD").exists():
            remove(info)
            dropped.append(info.name.split("-")[0])
    for rest in folder.glob("~*"):  # pip's own name for what it was about to remove
        remove(rest)
    return sorted(dropped)


def remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    elif path.exists() or path.is_symlink():
        path.unlink()


def set_up(extra: str) -> None:
    """Bring the environment to what pyproject.toml and constraints.txt say; return at once if it is there."""
    if ready(extra):
        return
    with SetUpLock():
        if ready(extra):  # another call was faster
            return
        began = time.monotonic()
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that pip ends with us
        say("Setting up Diffusion Studio. The first time takes some minutes; later starts are immediate.")
        system_libraries(APT_RUN + (APT_TEST if extra else []))
        make_venv()
        for folder in site_packages():
            dropped = drop_half_installed(folder)
            if dropped:
                say("Interrupted before, installing again: " + ", ".join(dropped))
        extras = sorted({"", extra, *old_extras()})
        STAMP.unlink(missing_ok=True)
        install_torch()
        install_project([name for name in extras if name])
        write_atomically(STAMP, json.dumps({"key": key(), "extras": extras}))
        say(f"Ready after {human_time(time.monotonic() - began)}.")


def old_extras() -> list[str]:
    """What the environment had before pyproject.toml or the pins changed: who tested yesterday tests tomorrow."""
    try:
        stamp = json.loads(STAMP.read_text(encoding="utf-8"))
        return [name for name in stamp["extras"] if isinstance(name, str)]
    except (OSError, ValueError, KeyError, TypeError):
        return []


def write_atomically(path: Path, text: str) -> None:
    beside = path.with_suffix(".new")
    beside.write_text(text, encoding="utf-8")
    os.replace(str(beside), str(path))


class SetUpLock:
    """One set-up at a time in this checkout; the system drops the lock if the process dies."""

    def __enter__(self) -> None:
        self.file = open(str(ROOT / ".venv.lock"), "a+")
        told = False
        while not self._try():
            if not told:
                say("Another set-up of this checkout is running; waiting for it.")
                told = True
            time.sleep(0.5)

    def _try(self) -> bool:
        try:
            if os.name == "nt":
                import msvcrt

                self.file.seek(0)
                msvcrt.locking(self.file.fileno(), msvcrt.LK_NBLCK, 1)  # pyright: ignore
            else:
                import fcntl

                fcntl.flock(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except OSError:
            return False

    def __exit__(self, *_: object) -> None:
        self.file.close()


def install_torch() -> None:
    script = "import importlib.metadata as m; print(m.version('torch'))"
    found = subprocess.run([str(venv_python()), "-c", script], capture_output=True, text=True).stdout.strip()
    builds = torch_builds(this_machine())
    wanted = {build.version for build in builds}
    if found in wanted:
        say(f"torch {found} is there.")
        return
    if found:  # for another device: to pip, 2.13.0+cpu satisfies 2.13.0
        pip("uninstall", "-y", "torch")
    errors = ""
    for number, build in enumerate(builds):
        enough_disk(build.gigabytes)
        if number == 0 or build.label != builds[number - 1].label:
            say(f"Installing torch {TORCH} for: {build.label}")
        errors = pip("install", *build.pip_arguments(), "-c", str(CONSTRAINTS))
        if not errors:
            return
        # With a constraint, pip calls it a conflict when the one version asked for is not in the index.
        absent = re.search(r"No matching distribution|Could not find a version|ResolutionImpossible", errors)
        if not absent or (UNREACHABLE_HINT in errors and not build.index):
            break  # not a question of where: no network, no disk
    raise Refusal(pip_refusal("torch", errors))


def install_project(extras: Sequence[str]) -> None:
    say("Installing the other packages")
    target = str(ROOT) + (f"[{','.join(extras)}]" if extras else "")
    errors = pip("install", "-e", target, "-c", str(CONSTRAINTS))
    if errors:
        raise Refusal(pip_refusal("the packages", errors))


def pip_refusal(what: str, errors: str) -> str:
    newest = ""
    if sys.version_info >= (3, 15):
        newest = (
            f"This Python ({platform.python_version()}) may be too new for them: 3.11 to 3.14 are known.\n"
        )
    return (
        f"pip could not install {what}:\n\n{errors}\n\n{newest}Everything it said is in {LOG}.\n"
        "Call the same command again: it goes on where it stopped."
    )


def enough_disk(gigabytes: float) -> None:
    free = shutil.disk_usage(str(ROOT)).free / 1e9
    if free < gigabytes:
        raise Refusal(f"{gigabytes:.0f} GB of disk are needed in {ROOT}, and {free:.1f} are free.")


# ----------------------------------------------------------------------------------------------------------
# pip, told in few lines


UNREACHABLE = "the package index does not answer; trying again"
UNREACHABLE_HINT = "The package index did not answer. Is there a network? Does it want a proxy (HTTPS_PROXY)?"


def pip(*arguments: str) -> str:
    """Run the environment's pip, tell what it is doing, and return its error lines ("" when all went well)."""
    command = [str(venv_python()), "-m", "pip", "--no-input", *arguments]
    environment = {**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_PROGRESS_BAR": "off"}
    environment["PYTHONUNBUFFERED"] = "1"
    environment.pop("PIP_REQUIRE_VIRTUALENV", None)
    tail: list[str] = []
    last = ""
    with open(str(LOG), "a", encoding="utf-8") as log:
        log.write("\n$ {}\n".format(" ".join(command)))
        process = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=environment,
            text=True,
            errors="replace",
            cwd=str(ROOT),
        )
        for line in with_heartbeat(process):
            log.write(line)
            tail = [*tail[-11:], line.rstrip()]
            news = pip_news(line)
            if news and news != last:
                say("  " + news)
            last = news or last
    if process.returncode == 0:
        return ""
    told = [line for line in tail if line.startswith("ERROR")] or tail
    return "\n".join(told if last != UNREACHABLE else [*told, UNREACHABLE_HINT])


def pip_news(line: str) -> str:
    """The part of one line of pip's output that a waiting person wants to know; mostly nothing."""
    found = re.match(r"\s*Downloading (?:\S*/)?([A-Za-z0-9_.]+)-\S+ \(([\d.]+) (MB|GB)\)", line)
    if found:
        large = found.group(3) == "GB" or float(found.group(2)) >= 5
        return f"downloading {found.group(1)} ({found.group(2)} {found.group(3)})" if large else ""
    if line.startswith("Installing collected packages:"):
        return f"unpacking {line.count(',') + 1} packages"
    return UNREACHABLE if "Retrying (Retry(" in line else ""


def with_heartbeat(process: subprocess.Popen[str], every: float = 15.0) -> Iterator[str]:
    """The process's lines; while it is silent, a sign of life every so many seconds. It never outlives us."""
    lines: queue.Queue[str | None] = queue.Queue()
    assert process.stdout is not None
    stream = process.stdout

    def read() -> None:
        for line in stream:
            lines.put(line)
        lines.put(None)

    threading.Thread(target=read, daemon=True).start()
    began = told = time.monotonic()
    try:
        while True:
            try:
                line = lines.get(timeout=1.0)
                if line is None:
                    break
                yield line
            except queue.Empty:
                pass
            if time.monotonic() - told >= every:
                told = time.monotonic()
                count = sum(1 for folder in site_packages() for _ in folder.glob("*.dist-info"))
                say(f"  ... {human_time(told - began)}, {count} packages are in place")
        process.wait()
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait()


def human_time(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.1f} s"
    return f"{int(seconds) // 60} min {int(seconds) % 60:02d} s"


# ----------------------------------------------------------------------------------------------------------
# System libraries


def missing_packages(wanted: Sequence[str]) -> list[str]:
    """Those of the wanted Debian packages that are not installed. Newer releases append t64 to some names."""
    names = [name + ending for name in wanted for ending in ("", "t64")]
    command = ["dpkg-query", "-W", "-f", "${db:Status-Abbrev} ${Package}\n", *names]
    told = subprocess.run(command, capture_output=True, text=True).stdout
    there = {line.split()[1] for line in told.splitlines() if line.startswith("ii ")}
    return [name for name in wanted if name not in there and name + "t64" not in there]


def apt_line(packages: Sequence[str]) -> str:
    return "sudo apt-get install --no-install-recommends -y " + " ".join(packages)


def system_libraries(wanted: Sequence[str]) -> None:
    """Install what the window needs from Debian or Ubuntu, when we may; otherwise say what to type and go on."""
    if platform.system() != "Linux" or not shutil.which("dpkg-query"):
        return
    missing = missing_packages(wanted)
    if not missing or apt_install(missing):
        return
    say("Some system libraries are missing; without them the window or the sound may fail. To install them:")
    say("  " + apt_line(missing))


def apt_install(packages: Sequence[str]) -> bool:
    """Install Debian packages if this is root on Debian or Ubuntu; True when they are there afterwards."""
    is_root = getattr(os, "geteuid", lambda: 1)() == 0
    if not is_root or not shutil.which("apt-get"):
        return False
    say("Installing system libraries: " + " ".join(packages))
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = ["apt-get", "install", "-y", "-q", "--no-install-recommends", *packages]
    errors = ""
    for command in (install, ["apt-get", "update", "-q"], install):  # the lists may be fresh enough
        try:
            done = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                env=environment,
                timeout=600,
                errors="replace",
            )
        except (OSError, subprocess.SubprocessError) as error:
            errors = str(error)
            continue
        if command is install and done.returncode == 0:
            return True
        errors = done.stderr.strip()
    say("  apt-get could not do it: " + (errors.splitlines() or ["no reason given"])[-1])
    return False


# ----------------------------------------------------------------------------------------------------------
# Commands


def run(arguments: Sequence[str]) -> NoReturn:
    set_up("")
    hand_over([str(venv_python()), "-m", "studio", *arguments])


def hand_over(command: Sequence[str]) -> NoReturn:
    """Become that program (on Windows, which cannot, wait for it)."""
    sys.stdout.flush()
    sys.stderr.flush()
    if os.name == "nt":
        raise SystemExit(subprocess.call(list(command)))
    os.execv(command[0], list(command))


LINT_IMPORTS = "from importlinter.cli import lint_imports_command as lint; lint()"
STAGES = (
    ("format", ["-m", "ruff", "format", "--check", "."]),
    ("lint", ["-m", "ruff", "check", "."]),
    ("types", ["-m", "basedpyright", "--pythonpath", str(venv_python())]),
    ("imports", ["-c", LINT_IMPORTS, "--no-logo"]),
)

MOST_AT_ONCE = 8  # each holds the libraries of the models: about a gigabyte


def side_by_side(arguments: Sequence[str]) -> list[str]:
    """pytest's arguments so that every core has tests to run, unless they say how many run at once, or ask for a debugger.

    A core that has nothing left takes over what another one has not begun (worksteal): a few tests are a hundred times as
    long as most, and nobody has to keep a list of which.
    """
    own = [one for one in arguments if one.startswith(("-n", "--dist", "--numprocesses", "--pdb", "--trace"))]
    count = min(os.cpu_count() or 1, MOST_AT_ONCE)
    return ["-m", "pytest", *([] if own or count == 1 else [f"-n{count}", "--dist=worksteal"]), *arguments]


MENDING = (
    ("lint", ["-m", "ruff", "check", "--fix", "."]),
    ("format", ["-m", "ruff", "format", "."]),
)


def check(stages: Sequence[tuple[str, Sequence[str]]]) -> int:
    """Run every stage, also after one that failed, and sum up."""
    set_up("dev")
    results = []
    for name, arguments in stages:
        say(f"\n--- {name}")
        began = time.monotonic()
        code = subprocess.call([str(venv_python()), *arguments], cwd=str(ROOT), stdin=subprocess.DEVNULL)
        results.append((name, code, time.monotonic() - began))
        say("--- {}: {}, {}".format(name, "ok" if code == 0 else "FAILED", human_time(results[-1][2])))
    say("\nSummary")
    for name, code, seconds in results:
        say(f"  {name:<8} {'ok' if code == 0 else 'FAILED':<6} {human_time(seconds):>10}")
    bad = [name for name, code, _ in results if code]
    say("Failed: " + ", ".join(bad) if bad else "All stages passed.")
    return 1 if bad else 0


def lock() -> int:
    """Write constraints.txt: every package of this environment, pinned, without local versions such as +cpu."""
    listed = subprocess.run(
        [str(venv_python()), "-m", "pip", "list", "--format", "json", "--exclude-editable"],
        capture_output=True,
        text=True,
        check=True,
    )
    CONSTRAINTS.write_text(pins(json.loads(listed.stdout)), encoding="utf-8")
    say(f"Wrote {CONSTRAINTS.relative_to(ROOT)}.")
    return 0


def pins(packages: Sequence[dict[str, str]]) -> str:
    """pip's list of packages -> the text of constraints.txt."""
    skipped = {"pip", "wheel", "diffusion-studio"}
    lines = [
        "{}=={}".format(p["name"], p["version"].split("+")[0]) for p in packages if p["name"] not in skipped
    ]
    head = [
        "# Versions that are known to work together, also of packages that only others ask for.",
        "# Written by `python packaging/dev.py lock` from a fresh environment that passed the tests.",
        "# torch stands without its local version (+cpu, +cu130): the device decides that.",
    ]
    elsewhere = ["", "# Asked for on other systems only", 'colorama==0.4.6 ; sys_platform == "win32"']
    return "\n".join([*head, *sorted(lines, key=str.lower), *elsewhere, ""])


def clean() -> int:
    for name in (
        ".venv",
        ".pytest_cache",
        ".ruff_cache",
        ".hypothesis",
        ".import_linter_cache",
        "build",
        "dist",
    ):
        if (ROOT / name).exists():
            say("Removing " + name)
            remove(ROOT / name)
    for folder in ("studio", "tests", "packaging", "models"):
        for cache in list((ROOT / folder).rglob("__pycache__")):
            remove(cache)
    return 0


def newer_python() -> str | None:
    """A Python on the path that is new enough, for the one who started us with an old one."""
    for minor in (13, 12, 11, 14):
        program = shutil.which(f"python3.{minor}")
        if program and subprocess.call([program, "-c", ""], stderr=subprocess.DEVNULL) == 0:
            return program
    return None


def main(arguments: Sequence[str]) -> int:
    if sys.version_info < OLDEST:
        better = newer_python()
        if better:
            hand_over([better, str(Path(__file__).resolve()), *arguments])
        raise Refusal(f"Diffusion Studio needs Python 3.11 or newer; this is {platform.python_version()}.")
    command, rest = (arguments[0], list(arguments[1:])) if arguments else ("help", [])
    if command == "run":
        run(rest)
    if command == "test":
        return check([*STAGES, ("tests", side_by_side(rest))])
    if command == "lint":
        return check(STAGES)
    if command == "fix":
        return check(MENDING)
    if command == "pytest":
        return check([("tests", side_by_side(rest))])
    if command == "setup":
        set_up("dev" if "dev" in rest else "")
        return 0
    if command == "apt":
        say(apt_line(APT_RUN + APT_TEST))
        return 0
    if command == "lock":
        return lock()
    if command == "clean":
        return clean()
    say((__doc__ or "").split("\n\n")[1])
    return 0 if command in ("help", "-h", "--help") else 2


if __name__ == "__main__":
    try:
        raise SystemExit(main(sys.argv[1:]))
    except Refusal as refusal:
        say("\n" + str(refusal))
        raise SystemExit(1) from None
    except KeyboardInterrupt:
        say("\nStopped. The same command goes on from here.")
        raise SystemExit(130) from None
