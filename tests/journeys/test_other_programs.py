"""A saved project in Krita: the layers are there, with their names, places, opacities and blend modes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from studio.core.document import Document
from studio.core.layer import Layer
from studio.media.ora import save_ora

ASK = """
from krita import Krita

def __main__(args):
    document = Krita.instance().openDocument(args[0])
    print("SIZE", document.width(), document.height())
    for node in document.topLevelNodes():
        at = node.bounds()
        print("NODE", node.name(), node.type(), round(node.opacity() / 255, 2), node.visible(), node.blendingMode(),
              at.x(), at.y(), at.width(), at.height(), len(node.childNodes()), sep="|")
"""


@pytest.mark.slow
@pytest.mark.skipif(
    shutil.which("kritarunner") is None or sys.platform == "win32", reason="Krita is not here"
)
def test_krita_finds_the_layers(tmp_path: Path) -> None:
    document = Document(60, 40)
    group = Layer("pair", "group", opacity=0.5, blend="multiply")
    low = np.full((40, 60, 4), 255, np.uint8)
    low[..., :3] = (200, 100, 50)
    document.set_layers(
        [
            Layer("ground", "picture", low),
            group,
            Layer("inner", "picture", np.full((10, 10, 4), 255, np.uint8), 20, 20, group=group.id),
            Layer("faint", "picture", np.full((8, 9, 4), 255, np.uint8), 30, 5, opacity=0.4, blend="screen"),
            Layer("where", "mask", np.full((5, 6), 255, np.uint8), 3, 4),
        ]
    )
    save_ora(tmp_path / "x.ora", document)
    (tmp_path / "ask.py").write_text(ASK, "utf-8")
    environment = {
        **os.environ,
        "PYTHONPATH": str(tmp_path),
        "HOME": str(tmp_path),
        "QT_QPA_PLATFORM": "offscreen",
    }
    run = subprocess.run(
        ["kritarunner", "-s", "ask", "-f", "__main__", str(tmp_path / "x.ora")],
        env=environment,
        capture_output=True,
        text=True,
        timeout=100,
    )
    said = run.stdout + run.stderr
    if "No module named 'PyQt5'" in said:
        pytest.skip("Krita is here without its Python")
    assert "SIZE 60 40" in said, said[-2000:]
    nodes = [line.split("|")[1:] for line in said.splitlines() if line.startswith("NODE|")]
    assert nodes == [
        ["ground", "paintlayer", "1.0", "True", "normal", "0", "0", "60", "40", "0"],
        ["pair", "grouplayer", "0.5", "True", "multiply", "20", "20", "10", "10", "1"],
        ["faint", "paintlayer", "0.4", "True", "screen", "30", "5", "9", "8", "0"],
        ["where", "paintlayer", "1.0", "False", "normal", "3", "4", "6", "5", "0"],
    ]
