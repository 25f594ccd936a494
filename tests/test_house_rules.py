"""Rules of the house that hold for every file, checked where that is cheap.

Who may import whom is checked by import-linter (pyproject.toml); here is what it cannot see.
"""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
TOP = {"pyproject.toml", "studio", "resources", "models", "tests", "packaging"}
TOP |= {"README.md", "LICENSE", "CHANGELOG.md", "THIRD_PARTY_NOTICES.md"}
HEAVY = ("torch", "diffusers", "transformers")
# Written in pieces, or this file would break its own rule.
HOSTS = [".".join(parts) for parts in (("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"))]
HOSTS += [".".join(parts) for parts in (("deb", "debian", "org"), ("npmjs", "com"))]
TEXT = {".py", ".md", ".toml", ".txt", ".json", ".yaml", ".yml", ".cfg", ".qss", ".sh", ""}


def project_files() -> list[Path]:
    """What git tracks or would track; every file below ROOT where there is no git."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    try:
        told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    except FileNotFoundError:
        told = None
    if told is None or told.returncode:
        hidden = {".git", ".venv", "__pycache__"}
        files = [path for path in ROOT.rglob("*") if not hidden & set(path.relative_to(ROOT).parts)]
    else:
        files = [ROOT / name for name in told.stdout.split("\0") if name]
    return [path for path in files if path.is_file()]


@pytest.fixture(scope="module")
def files() -> list[Path]:
    return project_files()


def test_only_the_agreed_names_are_at_the_top(files: list[Path]) -> None:
    names = {path.relative_to(ROOT).parts[0] for path in files}
    assert {name for name in names if not name.startswith(".")} <= TOP


def test_no_file_names_a_package_registry(files: list[Path]) -> None:
    texts = [path for path in files if path.suffix in TEXT and path.stat().st_size < 2_000_000]
    guilty = []
    for path in texts:
        text = path.read_text(encoding="utf-8", errors="replace").lower()
        guilty += [f"{path.relative_to(ROOT)}: {host}" for host in HOSTS if host in text]
    assert not guilty


def test_folders_that_share_a_library_s_name_are_no_packages() -> None:
    """`packaging/` beside the library packaging is harmless only while it has no __init__.py."""
    assert not [
        name for name in ("packaging", "models", "resources") if (ROOT / name / "__init__.py").exists()
    ]


@pytest.mark.parametrize(
    "module", ["studio", "studio.__main__", "studio.core", "studio.media", "studio.jobs"]
)
def test_the_window_s_process_starts_without_the_engine(module: str) -> None:
    """torch and the model libraries cost two to six seconds and 200 to 340 MB; only the engine process pays."""
    path = ROOT.joinpath(*module.split("."))
    if not path.exists() and not path.with_suffix(".py").exists():
        pytest.skip(f"{module} is not there yet")
    asked = f"import sys, {module}; print([name for name in {HEAVY} if name in sys.modules])"
    told = subprocess.run([sys.executable, "-c", asked], cwd=ROOT, capture_output=True, text=True)
    assert told.returncode == 0, told.stderr
    assert told.stdout.strip().splitlines()[-1] == "[]"


def test_every_module_says_what_it_is_for(files: list[Path]) -> None:
    silent = []
    for path in files:
        parts = path.relative_to(ROOT).parts
        if path.suffix == ".py" and parts[0] == "studio":
            text = path.read_text(encoding="utf-8").lstrip()
            if text and not text.startswith(('"""', 'r"""')):
                silent.append("/".join(parts))
    assert not silent
