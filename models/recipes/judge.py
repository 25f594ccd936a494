"""pocket-judge: pictures of the world -> what is in them. See `studio/engine/nets/judge.py`.

Trained on every combination (it must know those that the drawing models never saw), on its own seeds; a third of each
batch is blurred, a third gets Gaussian noise, and half goes through the autoencoder first, so that it judges what is drawn and
not how cleanly.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import numpy as np
import torch
from common import arguments, autocast, batches, device, scenes, to_tensor, train
from diffusers import AutoencoderTiny
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.nn import functional as F

from studio.bench.world import BACKGROUNDS, COLOURS, NOUNS, PLACES, STYLES, Scene
from studio.engine.nets.judge import JudgeNet, Labels


def truth(labels: Labels, facts: list[Scene]) -> dict[str, Tensor]:
    """Label indices: noun [N, places], colour [N, places] (-1 where nothing is), background [N], style [N]."""
    noun = np.zeros((len(facts), len(labels.places)), np.int64)
    colour = np.full((len(facts), len(labels.places)), -1, np.int64)
    for i, scene in enumerate(facts):
        for thing in scene.things:
            place = labels.places.index(thing.place)
            noun[i, place] = labels.nouns.index(thing.noun)
            colour[i, place] = labels.colours.index(thing.colour or labels.colours[0])
    return {
        "noun": torch.from_numpy(noun),
        "colour": torch.from_numpy(colour),
        "background": torch.tensor([labels.backgrounds.index(scene.background) for scene in facts]),
        "style": torch.tensor([labels.styles.index(scene.style) for scene in facts]),
    }


def spoil(x: Tensor, vae: AutoencoderTiny | None) -> Tensor:
    """Noise, blur and the autoencoder's losses, each on a part of the batch."""
    third = len(x) // 3
    if vae is not None:
        half = slice(len(x) // 4, len(x) // 4 + len(x) // 2)
        x = torch.cat(
            [x[: half.start], vae.decoder(vae.encoder(x[half])).float().clamp(-1, 1), x[half.stop :]]
        )
    kernel = torch.tensor([1.0, 4, 6, 4, 1], device=x.device) / 16
    kernel = (kernel[:, None] * kernel).expand(3, 1, 5, 5)
    blurred = F.conv2d(F.pad(x[:third], (2, 2, 2, 2), mode="replicate"), kernel, groups=3)
    strength = torch.rand(third, 1, 1, 1, device=x.device) * 0.3
    noisy = x[-third:] + strength * torch.randn_like(x[-third:])
    return torch.cat([blurred, x[third:-third], noisy.clamp(-1, 1)])


@torch.no_grad()
def score(net: nn.Module, x: Tensor, answers: dict[str, Tensor]) -> dict[str, float]:
    """Shares of pictures with every thing, its colour, all places, background, style right."""
    net.eval()
    parts = [net(part) for part in x.split(200)]
    noun, colour = (torch.cat([p[k] for p in parts]).argmax(-1).cpu() for k in ("noun", "colour"))
    there = answers["noun"] > 0
    right = {
        "object": (noun == answers["noun"]).all(1),
        "colour": ((colour == answers["colour"]) | ~there).all(1),
        "place": ((noun > 0) == there).all(1),
    }
    for name in ("background", "style"):
        right[name] = torch.cat([p[name] for p in parts]).argmax(-1).cpu() == answers[name]
    right["all of object, colour, place"] = right["object"] & right["colour"] & right["place"]
    return {name: round(float(values.float().mean()), 4) for name, values in right.items()}


def main() -> None:
    args = arguments(minutes=15, batch=96, scenes=60_000, nouns="36", vae=None, total_minutes=None)
    pictures, facts = scenes(args.data, args.nouns, args.scenes, "any", first=20_000_000)
    held, held_facts = scenes(args.data, args.nouns, 2000, "held_out", first=5_000_000)
    nouns = NOUNS[: int(args.nouns)] if args.nouns.isdigit() else NOUNS
    labels = Labels(("nothing", *nouns), ("natural", *COLOURS), PLACES, tuple(BACKGROUNDS), STYLES)
    answers, held_answers = truth(labels, facts), truth(labels, held_facts)
    vae = (
        AutoencoderTiny.from_pretrained(args.vae).to(device()).eval().requires_grad_(False)
        if args.vae
        else None
    )
    net = JudgeNet(labels).to(device(), memory_format=torch.channels_last)
    draw = batches(len(pictures), args.batch, seed=1)

    def loss_of(step: int) -> Tensor:
        index = next(draw)
        with autocast():
            x = spoil(to_tensor(pictures[index.numpy()]), vae).contiguous(memory_format=torch.channels_last)
            out = net(x)
        want = {name: values[index].to(x.device) for name, values in answers.items()}
        loss = torch.zeros((), device=x.device)
        for name, weight in (("noun", 5.0), ("colour", 2.0), ("background", 0.3), ("style", 0.3)):
            loss = loss + weight * F.cross_entropy(
                out[name].float().flatten(0, -2), want[name].flatten(), ignore_index=-1
            )
        return loss

    held_x = to_tensor(held)
    scores: dict[str, Any] = {}

    def look(average: nn.Module, samples: int) -> None:
        scores["held-out renders"] = score(average, held_x, held_answers)
        torch.manual_seed(0)
        with torch.no_grad():
            spoilt = torch.cat([spoil(part, vae) for part in held_x.split(120)])
        scores["with noise, blur and coding"] = score(average, spoilt, held_answers)
        print(samples, scores, flush=True)
        (args.out / "labels.json").write_text(json.dumps(asdict(labels)))
        weights = {k: v.half() if v.is_floating_point() else v for k, v in average.state_dict().items()}
        save_file({k: v.contiguous() for k, v in weights.items()}, args.out / "model.safetensors")

    total = float(args.total_minutes) if args.total_minutes else None
    _, report = train(
        out=args.out,
        minutes=args.minutes,
        model=net,
        loss_of=loss_of,
        batch=args.batch,
        rate=2e-3,
        weight_decay=0.05,
        decay=0.998,
        every=look,
        every_seconds=180,
        total_minutes=total,
    )
    (args.out / "report.json").write_text(json.dumps({**report, "scores": scores}, indent=1))


if __name__ == "__main__":
    main()
