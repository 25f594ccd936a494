"""pocket-upscale: small pictures -> the same twice or four times as large. See `studio/engine/nets/upscale.py`.

Pairs are parts of 128 px of scenes drawn at 256 px with what the world draws at 64 px, or with the large picture scaled down by
one of four filters; turned over and with their colours exchanged at random, so that it learns edges and not emoji. A
third of the small pictures gets noise whose strength the network is told (conditioning augmentation, Ho et al. 2022, CDM).

Half of the small pictures of 64 px are of the nouns that pocket-image knows and went through its autoencoder, with a little noise in
the latent: what it enlarges in the cascade comes from that decoder, which smooths fine patterns and frays edges, and to mend that is
worth more there than another decibel on clean pictures.

Twice as large is four times as large, averaged (`studio/engine/techniques/upscale.py`). The shipped weights come from a time before that
was known: half of what they saw were pairs for twice as large.
"""

from __future__ import annotations

import json
import random
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from cards import training_of, write_card
from codec import psnr
from common import ROOT, arguments, autocast, batches, device, sheet, to_pictures, to_tensor, train
from drawn import collect, world_of
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from studio.engine.condition import Condition
from studio.engine.denoiser import denoiser_for
from studio.engine.nets.upscale import FOLD, MARGIN, UpscaleConfig, UpscaleNet, enlarge
from studio.engine.sample import sample
from studio.engine.schedule import Schedule
from studio.engine.steps import draw, generators, make_step
from studio.engine.techniques.upscale import DRAWN

PART = 128
"""Side of the parts that are trained on, in pixels of the large picture."""
STEPS = 2
"""More steps draw sharper edges in places that are less true: 1, 2, 3, 4 steps 32.9, 32.8, 32.6, 32.5 dB at x4."""
SIDE = 256
"""Of the scenes that are enlarged to."""
FIRST_NOUNS = "36"
CODED = 0.5
"""The share of the pairs whose small picture went through the first stage's autoencoder."""
LATENT_NOISE = 0.1
"""Of a latent of unit variance: about what sampling leaves."""
SCHEDULER = {
    "_class_name": "DDIMScheduler",
    "beta_schedule": "scaled_linear",
    "beta_start": 0.00085,
    "beta_end": 0.012,
    "num_train_timesteps": 1000,
    "prediction_type": "sample",
    "rescale_betas_zero_snr": True,
    "timestep_spacing": "trailing",
    "clip_sample": False,
    "set_alpha_to_one": True,
    "steps_offset": 0,
}
FILTERS = (
    Image.Resampling.BOX,
    Image.Resampling.BILINEAR,
    Image.Resampling.BICUBIC,
    Image.Resampling.LANCZOS,
)


def pair(world: Any, scene: Any, dice: random.Random) -> tuple[Any, Any]:
    """The scene at 256 px and at 64 px, uint8."""
    high = world.render(scene, SIDE)
    if scene.effect is None and dice.random() < 0.6:
        return high, world.render(scene, SIDE // DRAWN)
    side = (SIDE // DRAWN, SIDE // DRAWN)
    return high, np.asarray(Image.fromarray(high).resize(side, dice.choice(FILTERS)))


@cache
def autoencoder() -> Any:
    from diffusers import AutoencoderTiny

    return AutoencoderTiny.from_pretrained(ROOT / "models" / "pocket-image" / "vae").float().eval()


@torch.no_grad()
def coded(low: NDArray[np.uint8], seed: int) -> NDArray[np.uint8]:
    """[64, 64, 3] -> as the first stage would draw it at best."""
    vae = autoencoder()
    x = torch.from_numpy(low.copy()).permute(2, 0, 1)[None].float().div_(127.5).sub_(1)
    z = vae.encoder(x)
    z = z + LATENT_NOISE / vae.config.scaling_factor * draw(generators([seed]), z.shape[1:])
    return to_pictures(vae.decoder(z).clamp(-1, 1))[0]


def part(high: Any, low: Any, dice: random.Random) -> tuple[Any, Any]:
    """A part of PART px with something in it, mostly, and its small counterpart with MARGIN px around it."""
    small, room = PART // DRAWN, low.shape[0] - PART // DRAWN
    for _ in range(4):
        y, x = dice.randint(0, room), dice.randint(0, room)
        cut = high[y * DRAWN : y * DRAWN + PART, x * DRAWN : x * DRAWN + PART]
        if cut.std(axis=(0, 1)).max() > 12:
            break
    around = np.pad(low, ((MARGIN, MARGIN), (MARGIN, MARGIN), (0, 0)), mode="edge")
    return np.ascontiguousarray(cut), np.ascontiguousarray(
        around[y : y + small + 2 * MARGIN, x : x + small + 2 * MARGIN]
    )


def make(world: Any, seed: int) -> tuple[Any, ...]:
    """(part, small) of one scene of the training split."""
    dice = random.Random(f"upscale {seed}")
    scene = world.scene(seed)
    if dice.random() < 0.05:
        scene = replace(scene, effect="sketch")
    if dice.random() < CODED:
        first = world_of(FIRST_NOUNS)
        known = first.scene(seed)
        high, low = first.render(known, SIDE), coded(first.render(known, SIDE // DRAWN), seed)
    else:
        high, low = pair(world, scene, dice)
    return part(high, low, dice)


def make_held(world: Any, seed: int) -> tuple[Any, ...]:
    """(256 px, 64 px, 128 px), each as the world draws it; (256 px, 64 px) of what the first stage knows, through its autoencoder."""
    scene = world.scene(seed, split="held_out")
    high, low, middle = (world.render(scene, side) for side in (SIDE, SIDE // DRAWN, SIDE // 2))
    first = world_of(FIRST_NOUNS)
    known = first.scene(seed, split="held_out")
    return high, low, middle, first.render(known, SIDE), coded(first.render(known, SIDE // DRAWN), seed)


def difference(net: UpscaleNet, high: Tensor, enlarged: Tensor) -> Tensor:
    """What the network draws: [B, 3, H, W] twice -> [B, 48, H/4, W/4]."""
    return torch.nn.functional.pixel_unshuffle((high - enlarged) * net.config.gain, FOLD)


@torch.no_grad()
def upscaled(net: UpscaleNet, low: Tensor, factor: int, steps: int = 0) -> Tensor:
    """The studio's own sampler: [B, 3, h, w] -> [B, 3, factor h, factor w], both in [-1, 1]."""
    schedule = Schedule.from_config(SCHEDULER)
    made = []
    for i, small in enumerate(low.split(4)):
        big = enlarge(small, DRAWN)
        none = torch.zeros(len(big), device=big.device)

        def network(x: Tensor, t: Tensor, condition: Condition, none: Tensor = none) -> Tensor:
            assert condition.channels is not None
            return net(x, t, condition.channels, none)

        shape = (3 * FOLD**2, big.shape[-2] // FOLD, big.shape[-1] // FOLD)
        x = draw(generators(range(4 * i, 4 * i + len(big))), shape).to(big.device)
        condition = Condition(torch.zeros(len(big), 0, 1, device=big.device), channels=big)
        levels = schedule.levels(steps or STEPS, "trailing")
        for state in sample(denoiser_for(schedule, network), x, levels, make_step("ddim"), condition):
            x = state.x
        drawn = (big + torch.nn.functional.pixel_shuffle(x, FOLD) / net.config.gain).clamp(-1, 1)
        made.append(torch.nn.functional.avg_pool2d(drawn, DRAWN // factor))
    return torch.cat(made)


def sharpness(x: Tensor) -> float:
    """Mean square of the difference between neighbours: what blur takes away."""
    return float(
        (x[..., 1:] - x[..., :-1]).square().mean() + (x[..., 1:, :] - x[..., :-1, :]).square().mean()
    )


def score(net: UpscaleNet, held: tuple[Any, ...]) -> dict[str, Any]:
    """Decibels on held-out scenes, bicubic's beside them, for both factors."""
    scores: dict[str, Any] = {}
    for name, factor, true, low in (("x4", 4, 0, 1), ("x2", 2, 0, 2), ("x4_of_coded", 4, 3, 4)):
        high, small = to_tensor(held[true]), to_tensor(held[low])
        plain = enlarge(small, factor).clamp(-1, 1)
        ours, smooth = upscaled(net, small, factor), upscaled(net, small, factor, steps=1)
        scores[name] = {
            "psnr": round(float(psnr(ours, high).mean()), 2),
            "psnr_one_step": round(float(psnr(smooth, high).mean()), 2),
            "psnr_bicubic": round(float(psnr(plain, high).mean()), 2),
            "sharpness": round(sharpness(ours) / sharpness(high), 3),
            "sharpness_bicubic": round(sharpness(plain) / sharpness(high), 3),
        }
    return scores


def write(net: UpscaleNet, folder: Path, report: dict[str, Any], scores: dict[str, Any]) -> None:
    """The model folder: network, noise levels and card."""
    net.save(folder)
    (folder / "scheduler").mkdir(exist_ok=True)
    (folder / "scheduler" / "scheduler_config.json").write_text(json.dumps(SCHEDULER, indent=1))
    write_card(
        folder,
        id="pocket-upscale",
        title="Pocket upscale",
        family="upscale",
        summary="Makes pictures two or four times as large, with crisp edges; any size, in tiles.",
        abilities=("upscale",),
        sizes={"native": [PART, PART], "min": 1, "max": 16384, "multiple": 1},
        defaults={"steps": STEPS},
        parameters=sum(p.numel() for p in net.parameters()),
        training=training_of("upscale", report),
        scores=scores,
    )


def main() -> None:
    args = arguments(
        minutes=60,
        batch=16,
        scenes=8000,
        held=48,
        nouns="all",
        widths="96,128,192",
        rate=6e-4,
        total_minutes=None,
    )
    high, low = collect(args.data, "upscale-four", make, args.nouns, 30_000_000, args.scenes)
    held = collect(args.data, "upscale-known-held", make_held, args.nouns, 5_000_000, args.held)
    net = UpscaleNet(UpscaleConfig(tuple(int(w) for w in args.widths.split(","))))
    net = net.to(device(), memory_format=torch.channels_last)
    print(f"{sum(p.numel() for p in net.parameters()) / 1e6:.2f} M parameters", flush=True)
    schedule = Schedule.from_config(SCHEDULER)
    levels = [schedule.level_at(t) for t in range(1000)]
    alphas = torch.tensor([level.alpha for level in levels], device=device())
    sigmas = torch.tensor([level.sigma for level in levels], device=device())
    pick = batches(len(high), args.batch, seed=2)
    dice = random.Random(4)

    def loss_of(step: int) -> Tensor:
        big, small = (to_tensor(x) for x in turned(high, low, next(pick).numpy(), dice))
        n = len(big)
        noise = torch.rand(n, device=big.device) * net.config.augment
        noise = torch.where(torch.rand(n, device=big.device) < 0.35, noise, 0.0)
        small = small + noise.view(-1, 1, 1, 1) * torch.randn_like(small)
        m = MARGIN * DRAWN
        enlarged = enlarge(small, DRAWN)[..., m:-m, m:-m]
        x0 = difference(net, big, enlarged)
        t = (
            ((torch.arange(n, device=big.device) + torch.rand(n, device=big.device)) * (1000 / n))
            .long()
            .clamp(max=999)
        )
        alpha, sigma, eps = alphas[t].view(-1, 1, 1, 1), sigmas[t].view(-1, 1, 1, 1), torch.randn_like(x0)
        with autocast():
            guess = net(alpha * x0 + sigma * eps, t, enlarged, noise)
        # min-SNR-5 (Hang et al. 2023); the constant teaches the first step, where the SNR is zero
        weight = (alphas[t] / sigmas[t]).square().clamp(max=5) + 0.5
        return (weight * (guess.float() - x0).square().mean((1, 2, 3))).mean()

    def look(average: Any, samples: int) -> None:
        few = tuple(column[:6] for column in held)
        print(samples, score(average, few), flush=True)
        coarse = to_tensor(few[4])
        both = [
            to_pictures(enlarge(coarse, DRAWN).clamp(-1, 1)),
            to_pictures(upscaled(average, coarse, DRAWN)),
            few[3],
        ]
        sheet(args.out / "sheet.png", np.stack(both, 1).reshape(-1, 256, 256, 3), columns=6, zoom=1)
        average.save(args.out / "model")

    total = float(args.total_minutes) if args.total_minutes else None
    average, report = train(
        out=args.out, minutes=args.minutes, model=net, loss_of=loss_of, batch=args.batch, rate=args.rate,
        weight_decay=0.0, every=look, every_seconds=300, total_minutes=total,
    )  # fmt: skip
    scores = score(average, held)  # type: ignore[arg-type]
    (args.out / "report.json").write_text(json.dumps({**report, "scores": scores}, indent=1))
    write(average, args.out / "model", report, scores)  # type: ignore[arg-type]
    print(scores)


def turned(
    high: NDArray[np.uint8], low: NDArray[np.uint8], index: Any, dice: random.Random
) -> tuple[Any, Any]:
    """A batch, each pair turned over and with its colour channels exchanged in the same way."""
    made = []
    for i in index:
        flip, turn, order = dice.random() < 0.5, dice.randrange(4), dice.sample(range(3), 3)
        both = [np.rot90(x[i][..., order], turn) for x in (high, low)]
        made.append([x[:, ::-1] if flip else x for x in both])
    return tuple(np.ascontiguousarray(np.stack(column)) for column in zip(*made, strict=True))


if __name__ == "__main__":
    main()
