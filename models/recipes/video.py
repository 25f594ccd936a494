"""pocket-video: captions -> clips of 8 frames; motion modules on pocket-image, in AnimateDiff's layout (Guo et al. 2024).

The codec, the convolutions, the self-attention and the scheduler are pocket-image's own. Trained are the motion modules (their
outputs begin at zero, so that training starts from still pictures) and, at a third of their rate, pocket-image's cross-attention
and text encoder: a motion module has no text input and pocket-image never read "rising" or "spinning", so these words must find
their way through the text encoder and the cross-attention to what the motion modules see. The folder holds what was trained; the
card names pocket-image.

The frames of a clip share half of their noise (Ge et al. 2023, PYoCo, "mixed noise"): before any training they are then nearly one
picture, and what is left to learn is how it moves. And every frame's self-attention also sees the first frame (Khachatryan et al. 2023), so
that what a thing looks like need not pass through the motion modules, which look along time at one place. With noise of their own, all
attention trained and nothing to look back at, things were still melting into each other after 2,000 clips.

The first frame of a clip is drawn by pocket-image itself, whose pictures are right, and given (words to a picture to a clip: Girdhar et al.
2023, Emu Video); this model makes it move. That is why most training clips have their first frame given.

A clip is drawn in 15 frames and encoded once. A training clip is every second of them (the whole motion) or, three times in
ten, 8 in a row (half of it, slower), so that a clip may also begin where another ended; half of those whose motion has an opposite
run backwards under its name. Nine times in ten some frames are given
clean, without noise and without loss (the first, the last, both, or up to four first ones): so the network learns to continue and to fill in,
which holding them at every step alone does badly. The time and the noise level of the others stay what they were.

v-prediction, min-SNR-5 and the missing caption of one in ten as in `image.py`; noise levels lean to the noisy half, where motion is decided.
"""

from __future__ import annotations

import copy
import json
import math
import multiprocessing
import random
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from common import ROOT, arguments, autocast, batches, device, sheet, to_pictures, to_tensor, train
from diffusers import AutoencoderTiny, MotionAdapter, UNet2DConditionModel
from diffusers.models.attention_processor import AttnProcessor
from image import SCHEDULER, token_ids
from safetensors.torch import save_file
from torch import Tensor, nn
from transformers import CLIPTextModel, CLIPTokenizer

from studio.bench.world.words import FACES_LEFT, FACES_RIGHT
from studio.engine.condition import Condition
from studio.engine.controls.blend import KeepOutside
from studio.engine.controls.crossframe import LookingBack, own_attentions
from studio.engine.controls.given import Given
from studio.engine.controls.guidance import Guidance
from studio.engine.denoiser import denoiser_for
from studio.engine.films import CHANGES
from studio.engine.nets.motion import MotionNetwork, motion_unet
from studio.engine.sample import sample
from studio.engine.schedule import Schedule
from studio.engine.steps import draw, generators, make_step

DRAWN = 15
FRAMES = 8
BASE = ROOT / "models" / "pocket-image"
SLOWER = 1 / 3
"""Of the rate, for weights that pocket-image brings."""
SHARED = 0.5
"""Of the variance of the noise: what all frames have in common."""
OPPOSITE = {
    "rising": "falling",
    "falling": "rising",
    "growing": "shrinking",
    "shrinking": "growing",
    "right": "left",
    "left": "right",
    "spinning": "spinning",
    "bouncing": "bouncing",
}


def backwards(caption: str, verb: str) -> str | None:
    """What a clip shows when it runs backwards; None where that has no name, or where the thing would go tail first."""
    if verb not in OPPOSITE or (verb in ("right", "left") and FACES.intersection(caption.split())):
        return None
    return caption.replace(verb, OPPOSITE[verb])


FACES = frozenset({*FACES_LEFT, *FACES_RIGHT})


def noises(shape: tuple[int, ...]) -> Tensor:
    """[B, C, F, h, w] of unit variance, SHARED of it the same in every frame."""
    common = torch.randn(shape[0], shape[1], 1, *shape[3:], device=device())
    return math.sqrt(SHARED) * common + math.sqrt(1 - SHARED) * torch.randn(shape, device=device())


def _clips(job: tuple[int, list[int], str]) -> tuple[np.ndarray, list[tuple[str, str]]]:
    from studio.bench.world import World

    global _WORLD
    nouns, seeds, split = job
    if "_WORLD" not in globals():
        _WORLD = World(nouns)
    motions = [_WORLD.motion(seed, split) for seed in seeds]
    return np.stack([_WORLD.frames(m, DRAWN) for m in motions]), [(m.caption, m.verb) for m in motions]


def latent_clips(
    folder: Path, vae: Any, nouns: int, count: int, split: str, first: int, workers: int
) -> tuple[Tensor, list[tuple[str, str]]]:
    """[count, 15, 16, 8, 8] float16 latents of motions with seeds from `first`, drawn once, with captions and verbs."""
    path = folder / f"clips-{nouns}-{split}-{first}-{count}.pt"
    if path.exists():
        kept = torch.load(path, weights_only=True)
        return kept["latents"], [tuple(fact) for fact in kept["facts"]]
    jobs = [
        (nouns, list(range(i, min(i + 40, first + count))), split) for i in range(first, first + count, 40)
    ]
    parts: list[Tensor] = []
    facts: list[tuple[str, str]] = []
    started = time.monotonic()
    with multiprocessing.get_context("spawn").Pool(workers) as pool, torch.no_grad():
        for drawn, these in pool.imap(_clips, jobs):
            with autocast():
                pictures = to_tensor(drawn.reshape(-1, *drawn.shape[2:]))
                z = vae.encoder(pictures.contiguous(memory_format=torch.channels_last))
            z = (z.float() * vae.config.scaling_factor).half().cpu()
            parts.append(z.unflatten(0, (len(drawn), DRAWN)))
            facts += these
            if len(parts) % 20 == 0:
                print(
                    f"{len(facts)} of {count} clips, {len(facts) / (time.monotonic() - started):.0f}/s",
                    flush=True,
                )
    folder.mkdir(parents=True, exist_ok=True)
    torch.save({"latents": torch.cat(parts), "facts": facts}, path)
    return torch.cat(parts), facts


class Both(nn.Module):
    """Network with motion modules and text encoder, trained as one."""

    def __init__(self, unet: Any, text: Any) -> None:
        super().__init__()
        self.unet, self.text = unet, text

    def forward(self, x: Tensor, t: Tensor, ids: Tensor) -> Tensor:
        """x [B, 16, F, 8, 8], t [B], ids [B, tokens]"""
        told = self.text(ids).last_hidden_state.repeat_interleave(x.shape[2], 0)
        return self.unet(x, t, encoder_hidden_states=told).sample


def networks() -> Both:
    """What training starts from."""
    unet = UNet2DConditionModel.from_pretrained(BASE / "unet")
    widths = tuple(unet.config.block_out_channels)
    adapter = MotionAdapter(
        block_out_channels=widths,
        motion_layers_per_block=unet.config.layers_per_block,
        motion_mid_block_layers_per_block=1,
        motion_num_attention_heads=4,
        motion_norm_num_groups=16,
        use_motion_mid_block=True,
        motion_max_seq_length=32,
    )
    for name, p in adapter.named_parameters():
        if "proj_out" in name:
            nn.init.zeros_(p)
    both = Both(motion_unet(unet, adapter), CLIPTextModel.from_pretrained(BASE / "text_encoder")).float()
    # attention by plain matrix products: in bfloat16 they are several times faster on a CPU than the fused kernel
    both.unet.set_attn_processor(AttnProcessor())
    for layer in own_attentions(both.unet):
        layer.processor = LookingBack(FRAMES)
    for name, p in both.unet.named_parameters():
        p.requires_grad_("motion_modules" in name or "attn2" in name)
    return both


def held(dice: random.Random, verb: str) -> list[int]:
    """The frames that are given; of what fades in, the last one shows something."""
    kind = dice.random()
    if verb == "fading in" and kind < 0.75:
        return [FRAMES - 1]
    if kind < 0.7:
        return [0]
    if kind < 0.8:
        return [0, FRAMES - 1]
    if kind < 0.9:
        return list(range(dice.randint(2, 4)))
    return [FRAMES - 1] if kind < 0.92 else []


@torch.no_grad()
def clips_of(
    both: Both,
    vae: Any,
    ids: Tensor,
    firsts: Tensor,
    empty: Tensor,
    steps: int = 12,
    guidance: float = 3.0,
    seed: int = 0,
) -> Any:
    """The studio's own sampler: [N, tokens] and first frames [N, 16, 8, 8] -> [N, F, 64, 64, 3] uint8."""
    schedule = Schedule.from_config(SCHEDULER)
    levels = schedule.levels(steps, "trailing")
    denoiser = denoiser_for(schedule, MotionNetwork(both.unet, FRAMES))
    negative = Condition(both.text(empty.to(device())).last_hidden_state)
    made = []
    for i, one in enumerate(ids):
        condition = Condition(both.text(one[None].to(device())).last_hidden_state)
        # number FRAMES is what they share
        all_of_it = draw(generators(range(seed + 1000 * i, seed + 1000 * i + FRAMES + 1)), (16, 8, 8))
        x = math.sqrt(1 - SHARED) * all_of_it[:FRAMES] + math.sqrt(SHARED) * all_of_it[FRAMES:]
        known, held = torch.zeros_like(x).to(device()), torch.zeros(FRAMES, 1, 1, 1, device=device())
        known[0], held[0] = firsts[i].to(device()), 1
        controls = [Given(known, held), Guidance(guidance, negative), KeepOutside(known, 1 - held)]
        for state in sample(
            denoiser, x.to(device()), levels, make_step("dpm++2m", schedule=schedule), condition, controls
        ):
            x = state.x
        made.append(to_pictures(vae.decode(x / vae.config.scaling_factor).sample))
    return np.stack(made)


def save(both: Both, folder: Path) -> None:
    """The adapter in the library's layout, the text encoder, and the attention weights that replace pocket-image's."""
    half = copy.deepcopy(both).half()
    half.unet.save_motion_modules(folder)
    half.text.save_pretrained(folder / "text_encoder")
    changed = {
        k: v.contiguous()
        for k, v in half.unet.state_dict().items()
        if "attn2" in k and "motion_modules" not in k
    }
    save_file(changed, folder / CHANGES)


def main() -> None:
    args = arguments(minutes=80, batch=6, clips=2000, nouns=36, rate=8e-4, workers=2, total_minutes=None)
    dev = device()
    vae = AutoencoderTiny.from_pretrained(BASE / "vae").float().to(dev).eval()
    tokenizer = CLIPTokenizer.from_pretrained(BASE / "tokenizer")
    latents, facts = latent_clips(args.data, vae, args.nouns, args.clips, "train", 0, args.workers)
    some, shown = latent_clips(args.data, vae, args.nouns, 40, "held_out", 5_000_000, 1)
    captions = [caption for caption, _ in facts]
    turned = [backwards(caption, verb) for caption, verb in facts]
    ids = token_ids(
        tokenizer, captions + [other or caption for other, caption in zip(turned, captions, strict=True)]
    )
    empty = token_ids(tokenizer, [""]).to(dev)
    shown_ids = token_ids(tokenizer, [caption for caption, _ in shown[:12]])
    (args.out / "captions.json").write_text(json.dumps(shown))

    both = networks().to(dev)
    trained = sum(p.numel() for p in both.parameters() if p.requires_grad)
    print(f"{trained / 1e6:.1f} M parameters trained", flush=True)
    schedule = Schedule.from_config(SCHEDULER)
    levels = [schedule.level_at(t) for t in range(1000)]
    alphas = torch.tensor([level.alpha for level in levels], device=dev)
    sigmas = torch.tensor([level.sigma for level in levels], device=dev)
    index_batches = batches(len(latents), args.batch, seed=random.randrange(2**31))
    dice = random.Random()

    def loss_of(step: int) -> Tensor:
        index = next(index_batches)
        rows = [
            slice(0, DRAWN, 2)
            if dice.random() < 0.7
            else slice(s := dice.randint(0, DRAWN - FRAMES), s + FRAMES)
            for _ in index
        ]
        ways = [turned[i] is not None and dice.random() < 0.5 for i in index.tolist()]
        clips = [latents[i][row] for i, row in zip(index.tolist(), rows, strict=True)]
        clips = [clip.flip(0) if back else clip for clip, back in zip(clips, ways, strict=True)]
        x0 = torch.stack(clips).float().transpose(1, 2).to(dev)  # [B, 16, F, 8, 8]
        tokens = ids[index + len(captions) * torch.tensor(ways)].to(dev)
        tokens = torch.where(torch.rand(len(index), 1, device=dev) < 0.1, empty, tokens)
        # one time from each of B equal slices of the schedule, leaning to noise: motion is decided early
        u = (torch.arange(len(index), device=dev) + torch.rand(len(index), device=dev)) / len(index)
        t = (u.pow(0.7) * 1000).long().clamp(max=999)
        alpha, sigma = alphas[t].view(-1, 1, 1, 1, 1), sigmas[t].view(-1, 1, 1, 1, 1)
        noise = noises(tuple(x0.shape))
        x = alpha * x0 + sigma * noise
        counts = torch.ones(len(index), 1, FRAMES, 1, 1, device=dev)
        for b in range(len(index)):
            if given := held(dice, facts[index[b]][1]):
                x[b, :, given] = x0[b, :, given]
                counts[b, :, given] = 0
        with autocast():
            v = both(x, t, tokens)
        off = (v.float() - (alpha * noise - sigma * x0)).square() * counts
        each = off.sum((1, 2, 3, 4)) / (counts.sum((1, 2, 3, 4)) * x0.shape[1] * 64)
        snr = (alphas[t] / sigmas[t]).square()
        weight = snr.clamp(max=5) / (snr + 1) + 0.05
        return (weight * each).mean()

    def look(average: nn.Module, samples: int) -> None:
        clips = clips_of(average, vae, shown_ids, some[:12, 0].float(), empty)  # type: ignore[arg-type]
        sheet(args.out / "sheet.png", clips.reshape(-1, *clips.shape[2:]), columns=FRAMES)
        save(average, args.out / "model")  # type: ignore[arg-type]

    train(
        out=args.out,
        minutes=args.minutes,
        model=both,
        loss_of=loss_of,
        batch=args.batch,
        rate=args.rate,
        rate_of=lambda name: 1.0 if "motion_modules" in name else SLOWER,
        decay=0.998,
        warmup=60,
        every=look,
        every_seconds=900,
        total_minutes=float(args.total_minutes) if args.total_minutes else None,
    )


if __name__ == "__main__":
    main()
