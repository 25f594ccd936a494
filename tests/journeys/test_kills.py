"""Fifty kills of engine and window at random moments; `studio bench kills` does a thousand."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from studio.bench.kills import Drill


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="no kill -9 there")
@pytest.mark.timeout(180)
def test_fifty_kills_lose_nothing(tmp_path: Path) -> None:
    drill = Drill(tmp_path, seed=1)
    drill.run(50, seconds=40)  # fewer where the machine is busy with something else
    print(drill.table())
    assert drill.troubles == []
    assert drill.kills >= 5
    assert drill.counts["kills in the middle of a job"] >= drill.kills / 4
