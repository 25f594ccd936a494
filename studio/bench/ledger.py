"""What long measurements have found so far, one line of JSON per answer, so that they can be run in slices and go on after a stop.

    ledger = Ledger(Path("edits.jsonl"))
    if not ledger.has(row, mark, 7):
        ledger.add(row, mark, 7, success=1.0, seconds=0.4)
    ledger.answers(row, mark)                        # {7: {"success": 1.0, "seconds": 0.4}}

`mark` stands for everything that an answer depends on besides its number (settings, weights): what was found under another mark is
kept in the file and not counted. A line is written at once and whole; half a line at the end, from a kill, is skipped.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any


class Ledger:
    """See the module. path: None = nothing is kept beyond this run."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path
        self._found: dict[tuple[str, str], dict[int, dict[str, float]]] = {}
        if path is not None and path.exists():
            for line in path.read_text("utf-8").splitlines():
                try:
                    kept = json.loads(line)
                    row, mark, number = kept.pop("row"), kept.pop("mark"), int(kept.pop("number"))
                except (ValueError, KeyError):
                    continue  # the end of a run that was killed
                self._found.setdefault((row, mark), {})[number] = {
                    key: math.nan if value is None else float(value) for key, value in kept.items()
                }

    def has(self, row: str, mark: str, number: int) -> bool:
        return number in self._found.get((row, mark), {})

    def answers(self, row: str, mark: str) -> dict[int, dict[str, float]]:
        """By number."""
        return self._found.get((row, mark), {})

    def add(self, row: str, mark: str, number: int, **values: float) -> None:
        self._found.setdefault((row, mark), {})[number] = values
        if self.path is None:
            return
        plain = {key: None if math.isnan(value) else round(float(value), 5) for key, value in values.items()}
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a+b") as file:
            if file.tell() and not _ends_line(self.path):
                file.write(b"\n")
            line = json.dumps({"row": row, "mark": mark, "number": number, **plain})
            file.write(line.encode() + b"\n")


def _ends_line(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, 2)
        return file.read(1) == b"\n"


def mark_of(settings: Any, files: Iterable[Path] = ()) -> str:
    """Twelve letters that change with the settings (anything JSON can say) and with the content of the files."""
    digest = hashlib.sha256(json.dumps(settings, sort_keys=True, default=str).encode())
    for path in sorted(files):
        digest.update(path.name.encode())
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()[:12]
