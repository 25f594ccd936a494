"""pocket-image: captions -> pictures, in the ordinary Stable Diffusion layout.

A CLIP-shaped text encoder (two layers, trained along) and a UNet with cross-attention on the 8 x 8 x 16 latents of
`codec.py`. v-prediction (Salimans and Ho, 2022) on a zero-terminal-SNR schedule (Lin et al., 2023), weighted by
min-SNR-5 (Hang et al., 2023); one caption in ten is left out so that guidance has an unconditional half.

The tokenizer is a byte-level BPE trained on the world's own captions and instructions, so each of its words is one
token; any other word falls into pieces that were never trained.

`--shapes 64x64,96x64,64x96` trains on pictures of several shapes (aspect-ratio bucketing, NovelAI 2022): the scenes are dealt to the
shapes, every batch is of one, and shapes come up as often as they have scenes. `--start FOLDER` begins with a trained model instead
of with chance: a model that knows one shape learns others in a fraction of the time.
"""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from codec import psnr
from common import arguments, autocast, batches, device, scenes, sheet, to_pictures, to_tensor, train
from diffusers import AutoencoderTiny, DDIMScheduler, UNet2DConditionModel
from diffusers.models.attention_processor import AttnProcessor
from torch import Tensor, nn
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

from studio.bench.world import NOUNS, World
from studio.engine.condition import Condition
from studio.engine.controls.guidance import Guidance
from studio.engine.denoiser import UNetNetwork, denoiser_for
from studio.engine.sample import sample
from studio.engine.schedule import Schedule
from studio.engine.steps import draw, generators, make_step

TOKENS = 32
WIDTH = 192
SCHEDULER = {
    "beta_schedule": "scaled_linear",
    "beta_start": 0.00085,
    "beta_end": 0.012,
    "num_train_timesteps": 1000,
    "prediction_type": "v_prediction",
    "rescale_betas_zero_snr": True,
    "timestep_spacing": "trailing",
    "clip_sample": False,
    "set_alpha_to_one": True,
    "steps_offset": 1,
}
OTHER_WORDS = """make turn change into recolour recolor the it them move put place shift draw paint redraw render
remove delete erase take away get rid of add with without to from left right top bottom middle centre center in on at
of above below next pencil sketch drawing style background backgrounds bigger smaller large small driving moving
rising falling spinning bouncing fading growing shrinking out color colour picture photo and an a two"""


def make_tokenizer(folder: Path) -> CLIPTokenizer:
    """Trains the BPE on the world's words and saves it in the library's layout."""
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers

    words = [*NOUNS, *OTHER_WORDS.split()]
    world = World("all")
    words += [world.scene(seed, split="any").caption for seed in range(500)]
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    bpe = Tokenizer(models.BPE(end_of_word_suffix="</w>", unk_token="<|endoftext|>"))
    bpe.pre_tokenizer = CLIPTokenizer().backend_tokenizer.pre_tokenizer
    trainer = trainers.BpeTrainer(
        vocab_size=3000,
        min_frequency=1,
        special_tokens=["<|startoftext|>", "<|endoftext|>"],
        initial_alphabet=alphabet,
        end_of_word_suffix="</w>",
        show_progress=False,
    )
    bpe.train_from_iterator(sorted(words), trainer)
    model = json.loads(bpe.to_str())["model"]
    vocab: dict[str, int] = model["vocab"]
    for letter in sorted(alphabet):
        vocab.setdefault(letter + "</w>", len(vocab))
    tokenizer = CLIPTokenizer(
        vocab=vocab, merges=[tuple(m) for m in model["merges"]], model_max_length=TOKENS
    )
    tokenizer.save_pretrained(folder)
    return CLIPTokenizer.from_pretrained(folder)


def make_networks(
    tokenizer: CLIPTokenizer, width: tuple[int, ...], layers: int
) -> tuple[UNet2DConditionModel, CLIPTextModel]:
    text = CLIPTextModel(
        CLIPTextConfig(
            vocab_size=len(tokenizer),
            hidden_size=WIDTH,
            intermediate_size=2 * WIDTH,
            num_hidden_layers=2,
            num_attention_heads=4,
            max_position_embeddings=TOKENS,
            projection_dim=WIDTH,
            bos_token_id=tokenizer.bos_token_id,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.eos_token_id,
        )
    )
    unet = UNet2DConditionModel(
        sample_size=8,
        in_channels=16,
        out_channels=16,
        block_out_channels=width,
        layers_per_block=layers,
        cross_attention_dim=WIDTH,
        attention_head_dim=4,
        norm_num_groups=16,
        down_block_types=("CrossAttnDownBlock2D",) * len(width),
        up_block_types=("CrossAttnUpBlock2D",) * len(width),
    )
    return unet, text


def token_ids(tokenizer: CLIPTokenizer, captions: list[str]) -> Tensor:
    """[N, TOKENS]"""
    return tokenizer(
        captions, padding="max_length", truncation=True, max_length=TOKENS, return_tensors="pt"
    ).input_ids


def trained_networks(folder: Path) -> tuple[UNet2DConditionModel, CLIPTextModel]:
    """Those of a pocket-image, in single precision."""
    unet = UNet2DConditionModel.from_pretrained(folder / "unet").float()
    return unet, CLIPTextModel.from_pretrained(folder / "text_encoder", dtype=torch.float32)


def shapes_of(text: str) -> list[tuple[int, int]]:
    """ "64x64,96x64" (width x height) -> [(64, 64), (64, 96)] (height, width)."""
    sides = [tuple(int(side) for side in shape.split("x")) for shape in text.split(",")]
    return [(height, width) for width, height in sides]


def dealt(counts: list[int], batch: int, seed: int) -> Iterator[tuple[int, Tensor]]:
    """Endless (shape, indices of one batch): every batch of one shape, shapes as often as they have pictures."""
    own = [batches(count, batch, seed + i) for i, count in enumerate(counts)]
    order = random.Random(seed)
    while True:
        (shape,) = order.choices(range(len(counts)), counts)
        yield shape, next(own[shape])


@torch.no_grad()
def encode_all(vae: AutoencoderTiny, pictures: Any) -> Tensor:
    """[N, H, W, 3] uint8 -> [N, 16, H/8, W/8] float16 latents of unit variance."""
    parts = []
    for i in range(0, len(pictures), 250):
        with autocast():
            z = vae.encoder(to_tensor(pictures[i : i + 250]).contiguous(memory_format=torch.channels_last))
        parts.append((z.float() * vae.config.scaling_factor).half().cpu())
    return torch.cat(parts)


class Both(nn.Module):
    """UNet and text encoder, trained as one."""

    def __init__(self, unet: UNet2DConditionModel, text: CLIPTextModel) -> None:
        super().__init__()
        self.unet, self.text = unet, text

    def forward(self, x: Tensor, t: Tensor, ids: Tensor) -> Tensor:
        return self.unet(x, t, encoder_hidden_states=self.text(ids).last_hidden_state).sample


@torch.no_grad()
def pictures_of(
    both: Both,
    vae: AutoencoderTiny,
    ids: Tensor,
    empty: Tensor,
    steps: int = 20,
    guidance: float = 4.0,
    seed: int = 0,
) -> Any:
    """The studio's own sampler: [N, TOKENS] -> [N, 64, 64, 3] uint8."""
    schedule = Schedule.from_config(SCHEDULER)
    unet, text = both.unet, both.text
    made = []
    for i in range(0, len(ids), 32):
        part = ids[i : i + 32].to(device())
        condition = Condition(text(part).last_hidden_state)
        negative = Condition(text(empty.to(device())).last_hidden_state.expand(len(part), -1, -1))
        x = draw(generators(range(seed + i, seed + i + len(part))), (16, 8, 8)).to(device())
        levels = schedule.levels(steps, "trailing")
        controls = [Guidance(guidance, negative)]
        for state in sample(
            denoiser_for(schedule, UNetNetwork(unet)), x, levels, make_step("ddim"), condition, controls
        ):
            x = state.x
        made.append(to_pictures(vae.decode(x / vae.config.scaling_factor).sample))
    import numpy as np

    return np.concatenate(made)


def main() -> None:
    args = arguments(
        minutes=240,
        batch=32,
        scenes=100_000,
        nouns="36",
        codec=None,
        widths="160,224",
        layers=1,
        rate=5e-4,
        shapes="64x64",
        start=None,
        total_minutes=None,
    )
    shapes = shapes_of(args.shapes)
    many = args.scenes // len(shapes)
    held, held_facts = scenes(args.data, args.nouns, 2000, "held_out", first=5_000_000)
    vae = AutoencoderTiny.from_pretrained(args.codec or args.out.parent / "codec" / "vae").to(device()).eval()
    tokenizer = make_tokenizer(args.out / "model" / "tokenizer")
    latents: list[Tensor] = []
    """Of every shape [N, 16, h, w]."""
    ids: list[Tensor] = []
    for i, (height, width) in enumerate(shapes):
        size = height if height == width else (height, width)
        pictures, facts = scenes(args.data, args.nouns, many, "train", size, first=i * many)
        kept = args.out / f"latents-{args.nouns}-{width}x{height}-{many}.pt"
        latents.append(torch.load(kept) if kept.exists() else encode_all(vae, pictures))
        torch.save(latents[-1], kept)
        ids.append(token_ids(tokenizer, [scene.caption for scene in facts]))
        del pictures
    held_z, held_ids = encode_all(vae, held), token_ids(tokenizer, [scene.caption for scene in held_facts])
    empty = token_ids(tokenizer, [""])
    print(
        f"latents: mean {float(latents[0].float().mean()):.3f}, std {float(latents[0].float().std()):.3f}",
        flush=True,
    )
    back = to_tensor(held[:200])
    print(
        f"codec {float(psnr(vae.decode(held_z[:200].float().to(device()) / vae.config.scaling_factor).sample.clamp(-1, 1), back).mean()):.2f} dB"
    )

    if args.start:
        unet, text = trained_networks(Path(args.start))
    else:
        unet, text = make_networks(tokenizer, tuple(int(w) for w in args.widths.split(",")), args.layers)
    # attention by plain matrix products: in bfloat16 they are several times faster on a CPU than the fused kernel
    unet.set_attn_processor(AttnProcessor())
    both = Both(unet, text).to(device())
    print(f"{sum(p.numel() for p in both.parameters()) / 1e6:.1f} M parameters", flush=True)
    schedule = Schedule.from_config(SCHEDULER)
    levels = [schedule.level_at(t) for t in range(1000)]
    alphas = torch.tensor([level.alpha for level in levels], device=device())
    sigmas = torch.tensor([level.sigma for level in levels], device=device())
    draw_batch = dealt([len(z) for z in latents], args.batch, seed=random.randrange(2**31))

    def loss_at(x0: Tensor, tokens: Tensor, t: Tensor, noise: Tensor) -> Tensor:
        """min-SNR-5 weighted v-loss per item, [B]."""
        alpha, sigma = alphas[t].view(-1, 1, 1, 1), sigmas[t].view(-1, 1, 1, 1)
        with autocast():
            v = both(alpha * x0 + sigma * noise, t, tokens)
        snr = (alphas[t] / sigmas[t]).square()
        weight = (
            snr.clamp(max=5) / (snr + 1) + 0.05
        )  # the small constant teaches the first step, where the SNR is zero
        return weight * (v.float() - (alpha * noise - sigma * x0)).square().mean((1, 2, 3))

    def loss_of(step: int) -> Tensor:
        shape, index = next(draw_batch)
        x0, tokens = latents[shape][index].float().to(device()), ids[shape][index].to(device())
        tokens = torch.where(torch.rand(len(index), 1, device=device()) < 0.1, empty.to(device()), tokens)
        # one time from each of B equal slices of the schedule: less noise in the loss than B free draws
        t = (
            (torch.arange(len(index), device=device()) + torch.rand(len(index), device=device()))
            * (1000 / len(index))
        ).long()
        return loss_at(x0, tokens, t.clamp(max=999), torch.randn_like(x0)).mean()

    def look(average: nn.Module, samples: int) -> None:
        sheet(args.out / "sheet.png", pictures_of(average, vae, held_ids[:36], empty))  # type: ignore[arg-type]
        save(average)

    def save(average: Any) -> None:
        copy.deepcopy(average.unet).half().save_pretrained(args.out / "model" / "unet")
        copy.deepcopy(average.text).half().save_pretrained(args.out / "model" / "text_encoder")

    (args.out / "captions.txt").write_text("\n".join(scene.caption for scene in held_facts[:36]))
    vae.save_pretrained(args.out / "model" / "vae")
    DDIMScheduler.from_config(SCHEDULER).save_pretrained(args.out / "model" / "scheduler")
    total = float(args.total_minutes) if args.total_minutes else None
    train(
        out=args.out,
        minutes=args.minutes,
        model=both,
        loss_of=loss_of,
        batch=args.batch,
        rate=args.rate,
        every=look,
        every_seconds=420,
        total_minutes=total,
    )


if __name__ == "__main__":
    main()
