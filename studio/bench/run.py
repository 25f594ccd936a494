"""`studio bench NAME ARGS` -> `studio.bench.NAME.main(ARGS)`. A measurement is a module here with `main(argv) -> int`."""

from __future__ import annotations

import ast
import importlib
import sys
from pathlib import Path

from studio.core.job import BadRequest

FOLDER = Path(__file__).parent


def measurements() -> dict[str, str]:
    """Name -> first line of the docstring, of every module or package here that has a `main`. Nothing is imported: some
    of them load torch."""
    found: dict[str, str] = {}
    for path in sorted([*FOLDER.glob("*.py"), *FOLDER.glob("*/__main__.py")]):
        name = path.parent.name if path.stem == "__main__" else path.stem
        if name in ("run", "__init__", FOLDER.name):
            continue
        tree = ast.parse(path.read_text("utf-8"))
        if any(isinstance(node, ast.FunctionDef) and node.name == "main" for node in tree.body):
            found[name] = (ast.get_docstring(tree) or "").split("\n")[0]
    return found


def main(argv: list[str]) -> int:
    """Runs the named measurement, or lists what there is.

    Raises:
        BadRequest: there is no such measurement.
    """
    found = measurements()
    if not argv or argv[0] in ("-h", "--help"):
        print("usage: studio bench NAME [options]\n")
        for name, line in found.items():
            print(f"  {name:<12}{line}")
        return 0
    name, rest = argv[0], argv[1:]
    if name not in found:
        raise BadRequest(f"There is no measurement {name!r}; there are {', '.join(found) or 'none yet'}.")
    package = (FOLDER / name).is_dir()
    module = importlib.import_module(f"studio.bench.{name}" + (".__main__" if package else ""))
    code = module.main(rest)
    sys.stdout.flush()
    return int(code or 0)
