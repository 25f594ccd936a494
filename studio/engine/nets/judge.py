"""pocket-judge: what is in a picture of the pocket world, for scoring only.

One small residual network looks at 64 x 64 pictures and answers, for each of the five places of the world, which thing is
there ("nothing" included) and in which colour, and for the whole picture its background and drawing style. The
layer before the answers (512 numbers) is the feature space in which distances between sets of pictures are taken.

It is trained apart from the models that it scores, on pictures with noise, blur and the autoencoder's own losses.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file
from torch import Tensor, nn

FEATURES = 512
SIDE = 64


@dataclass(frozen=True)
class Labels:
    """The words the judge answers with; index 0 of `nouns` is nothing, of `colours` the natural colours."""

    nouns: tuple[str, ...]
    colours: tuple[str, ...]
    places: tuple[str, ...]
    backgrounds: tuple[str, ...]
    styles: tuple[str, ...]


@dataclass(frozen=True)
class Verdict:
    """What the judge saw: {place: (noun, colour or None)}, background and style."""

    things: dict[str, tuple[str, str | None]]
    background: str
    style: str


class _Residual(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(width, width, 3, padding=1, bias=False),
            nn.BatchNorm2d(width),
            nn.ReLU(inplace=True),
            nn.Conv2d(width, width, 3, padding=1, bias=False),
            nn.BatchNorm2d(width),
        )

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(x + self.body(x))


class JudgeNet(nn.Module):
    """[B, 3, 64, 64] in [-1, 1] -> answers; see `forward`."""

    def __init__(self, labels: Labels) -> None:
        super().__init__()
        self.labels = labels
        layers: list[nn.Module] = []
        before = 3
        for width in (48, 64, 128, 192):
            layers += [
                nn.Conv2d(before, width, 3, 2, 1, bias=False),
                nn.BatchNorm2d(width),
                nn.ReLU(inplace=True),
                _Residual(width),
            ]
            before = width
        self.body = nn.Sequential(*layers)  # [B, 192, 4, 4]
        self.features = nn.Sequential(nn.Flatten(), nn.Linear(192 * 16, FEATURES), nn.ReLU(inplace=True))
        places = len(labels.places)
        self.noun = nn.Linear(FEATURES, places * len(labels.nouns))
        self.colour = nn.Linear(FEATURES, places * len(labels.colours))
        self.background = nn.Linear(FEATURES, len(labels.backgrounds))
        self.style = nn.Linear(FEATURES, len(labels.styles))

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        """Logits: noun [B, places, nouns], colour [B, places, colours], background [B, ...], style [B, ...]; and
        the features [B, 512]."""
        f = self.features(self.body(x))
        places = len(self.labels.places)
        return {
            "features": f,
            "noun": self.noun(f).unflatten(1, (places, -1)),
            "colour": self.colour(f).unflatten(1, (places, -1)),
            "background": self.background(f),
            "style": self.style(f),
        }


class Judge:
    """A trained judge, read from a model folder with `labels.json` and `model.safetensors`."""

    def __init__(self, folder: Path) -> None:
        words: dict[str, Any] = json.loads((folder / "labels.json").read_text("utf-8"))
        self.labels = Labels(**{name: tuple(values) for name, values in words.items()})
        self.net = JudgeNet(self.labels)
        self.net.load_state_dict(
            {
                k: v.float() if v.is_floating_point() else v
                for k, v in load_file(folder / "model.safetensors").items()
            }
        )
        self.net.eval().requires_grad_(False)

    @torch.no_grad()
    def __call__(self, pictures: NDArray[np.uint8]) -> tuple[list[Verdict], NDArray[np.float32]]:
        """[N, 64, 64, 3] uint8 -> a verdict for each, and features [N, 512]."""
        verdicts: list[Verdict] = []
        features: list[Tensor] = []
        for start in range(0, len(pictures), 200):
            x = torch.from_numpy(np.ascontiguousarray(pictures[start : start + 200])).permute(0, 3, 1, 2)
            answers = self.net(x.float() / 127.5 - 1)
            features.append(answers["features"])
            rows = {
                name: logits.argmax(-1).tolist() for name, logits in answers.items() if name != "features"
            }
            for noun, colour, background, style in zip(
                *(rows[k] for k in ("noun", "colour", "background", "style")), strict=True
            ):
                verdicts.append(self._verdict(noun, colour, background, style))
        return verdicts, torch.cat(features).numpy()

    def _verdict(self, noun: Sequence[int], colour: Sequence[int], background: int, style: int) -> Verdict:
        words = self.labels
        things = {
            place: (words.nouns[n], words.colours[c] if c else None)
            for place, n, c in zip(words.places, noun, colour, strict=True)
            if n
        }
        return Verdict(things, words.backgrounds[background], words.styles[style])
