"""pocket-instruct: a picture and an instruction -> the picture changed, as InstructPix2Pix (Brooks et al. 2022).

Begins with a trained pocket-image (`--base FOLDER`): its first convolution gets as many further input channels, at zero, so
that the first step of training draws what the base drew. A trained pocket-instruct as the base goes on as it is; `--teach`
then says which kinds of edits it is taught, a kind said twice comes twice as often (`--teach remove,remove,style`). The
picture's latent goes in as the encoder gives it, without the scaling factor, as the library's pipeline does it. Of the
training pairs 5 % lose the instruction, 5 % the picture and 5 % both, for the two guidance scales (section 3.2.1).
"""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from cards import SECOND, SIZES, training_of, words_of_world, write_card
from common import arguments, autocast, batches, change, device, sheet, to_pictures, to_tensor, train
from diffusers import AutoencoderKL, AutoencoderTiny, DDIMScheduler, UNet2DConditionModel
from diffusers.models.attention_processor import AttnProcessor
from drawn import collect
from image import Both
from numpy.typing import NDArray
from torch import Tensor
from transformers import CLIPTextModel, CLIPTokenizer

from studio.bench.world import EditPair, Scene
from studio.engine.codecs.picture import PictureCodec
from studio.engine.condition import Condition
from studio.engine.controls.guidance import ImageGuidance
from studio.engine.denoiser import UNetNetwork, denoiser_for
from studio.engine.load import quiet
from studio.engine.nets.judge import Judge, Verdict
from studio.engine.sample import sample
from studio.engine.schedule import Schedule
from studio.engine.steps import draw, generators, make_step

CHUNK = 4000
SIDE = 64


def make(world: Any, seed: int, kinds: Sequence[str] = ()) -> tuple[Any, ...]:
    """(before, after, instruction) of the training split; kinds take turns, none = by chance."""
    pair = world.edit(seed, kinds[seed % len(kinds)] if kinds else None)
    return world.render(pair.before, SIDE), world.render(pair.after, SIDE), pair.instruction


def make_held(world: Any, seed: int) -> tuple[Any, ...]:
    """(before, after, what is touched, pair) of a held-out edit."""
    pair = world.edit(seed, split="held_out")
    return world.render(pair.before, SIDE), world.render(pair.after, SIDE), world.changed(pair, SIDE), pair


def widened(unet: UNet2DConditionModel) -> UNet2DConditionModel:
    """The same network with twice the input channels, the new ones without effect."""
    channels = unet.config.in_channels
    wide = UNet2DConditionModel.from_config({**unet.config, "in_channels": 2 * channels})
    weights = dict(unet.state_dict())
    old = weights["conv_in.weight"]
    weights["conv_in.weight"] = torch.cat([old, torch.zeros_like(old)], dim=1)
    wide.load_state_dict(weights)
    return wide


@torch.no_grad()
def encoded(codec: PictureCodec, pictures: NDArray[np.uint8]) -> Tensor:
    """[N, H, W, 3] -> [N, C, h, w] float16, scaled as the noisy latents are."""
    parts = []
    for i in range(0, len(pictures), 100):
        z = codec._mean(to_tensor(pictures[i : i + 100])).float()
        parts.append(((z - codec.shift) * codec.scale).half().cpu())
    return torch.cat(parts)


def token_ids(tokenizer: CLIPTokenizer, texts: list[str]) -> Tensor:
    """[N, T]"""
    most = tokenizer.model_max_length
    return tokenizer(
        texts, padding="max_length", truncation=True, max_length=most, return_tensors="pt"
    ).input_ids


class Editor:
    """The networks of a base, widened, and what belongs to them."""

    def __init__(self, base: Path) -> None:
        with quiet():
            self.vae, unet, text = self._networks(base)
        self.codec = PictureCodec(self.vae)
        self.tokenizer = CLIPTokenizer.from_pretrained(base / "tokenizer")
        self.scheduler = json.loads((base / "scheduler" / "scheduler_config.json").read_text())
        self.schedule = Schedule.from_config(self.scheduler)
        wide = widened(unet) if unet.config.in_channels == self.codec.channels else unet
        wide.set_attn_processor(AttnProcessor())
        self.both = Both(wide, text).to(device())
        self.empty = token_ids(self.tokenizer, [""])

    def _networks(self, base: Path) -> tuple[Any, UNet2DConditionModel, CLIPTextModel]:
        about = json.loads((base / "vae" / "config.json").read_text())
        kind = AutoencoderTiny if about["_class_name"] == "AutoencoderTiny" else AutoencoderKL
        options = {"torch_dtype": torch.float32, "low_cpu_mem_usage": False}
        vae: Any = kind.from_pretrained(base / "vae", **options)
        unet = UNet2DConditionModel.from_pretrained(base / "unet", **options)
        text = CLIPTextModel.from_pretrained(base / "text_encoder", dtype=torch.float32)
        return vae.to(device()).eval().requires_grad_(False), unet, text

    def unscaled(self, z: Tensor) -> Tensor:
        """What the encoder gave."""
        return z / self.codec.scale + self.codec.shift

    @torch.no_grad()
    def edited(
        self, both: Both, before: Tensor, texts: list[str], steps: int, guidance: float, image_guidance: float
    ) -> NDArray[np.uint8]:
        """The studio's own sampler: latents [N, C, h, w] and instructions -> [N, H, W, 3] uint8."""
        made = []
        for i in range(0, len(texts), 16):
            z = before[i : i + 16].float().to(device())
            said = both.text(token_ids(self.tokenizer, texts[i : i + 16]).to(device())).last_hidden_state
            nothing = both.text(self.empty.to(device())).last_hidden_state.expand(len(z), -1, -1)
            condition = Condition(said, channels=self.unscaled(z))
            hand = ImageGuidance(guidance, image_guidance, replace(condition, hidden=nothing))
            x = draw(generators(range(i, i + len(z))), z.shape[1:]).to(device())
            levels = self.schedule.levels(steps, "trailing")
            network = denoiser_for(self.schedule, UNetNetwork(both.unet))
            for state in sample(network, x, levels, make_step("ddim"), condition, [hand]):
                x = state.x
            made.append(to_pictures(self.vae.decode(self.unscaled(x)).sample))
        return np.concatenate(made)


# --- scores -------------------------------------------------------------------------------------------------------


def carried_out(pair: EditPair, verdict: Verdict, picture: NDArray[np.uint8]) -> bool:
    """Whether the judge sees what the instruction asked for."""
    after = pair.after
    if pair.kind == "background":
        return verdict.background == after.background
    if pair.kind == "style":
        return verdict.style == after.style
    if pair.kind == "effect":  # the judge knows no sketches; a sketch is grey on white
        colour = picture.astype(np.float32)
        return bool((colour.max(-1) - colour.min(-1)).mean() < 12 and np.median(colour) > 200)
    there = {place: noun for place, (noun, _) in verdict.things.items()}
    if pair.kind == "colour":
        old = {t.place: t for t in pair.before.things}
        new = [t for t in after.things if old[t.place].colour != t.colour]
        return all(verdict.things.get(t.place) == (t.noun, t.colour) for t in new)
    if pair.kind == "object":
        old = {t.place: t for t in pair.before.things}
        new = [t for t in after.things if old[t.place].noun != t.noun]
        return all(there.get(t.place) == t.noun for t in new) and _colours(new, verdict)
    return there == {t.place: t.noun for t in after.things}  # place, remove, add


def _colours(things: list[Any], verdict: Verdict) -> bool:
    return all(verdict.things[t.place][1] == t.colour for t in things if t.colour)


def right(scene: Scene, verdict: Verdict) -> bool:
    """Whether everything in the scene is as it should be: things, places, colours."""
    return verdict.things == {t.place: (t.noun, t.colour) for t in scene.things}


def outside(made: NDArray[np.uint8], true: NDArray[np.uint8], changed: NDArray[np.bool_]) -> float | None:
    """Decibels to the true answer where the edit touches nothing; None where it touches (nearly) everything."""
    keep = ~changed
    if keep.mean() < 0.05:
        return None
    error = np.square(made[keep].astype(np.float64) - true[keep]).mean()
    return float(10 * np.log10(255**2 / max(error, 0.05)))


def score(made: NDArray[np.uint8], held: tuple[Any, ...], judge: Judge | None) -> dict[str, Any]:
    """Shares of instructions carried out, in all and by kind, and decibels outside the edit; beside doing nothing (floor) and the
    true answer (ceiling)."""
    before, after, changed, pairs = held
    kept = [outside(m, a, c) for m, a, c in zip(made, after, changed, strict=True)]
    scores: dict[str, Any] = {"psnr_outside": round(float(np.mean([k for k in kept if k is not None])), 2)}
    if judge is None:
        return scores
    done: dict[str, list[bool]] = {}
    for name, pictures in (
        ("carried_out", made),
        ("carried_out_floor", before),
        ("carried_out_ceiling", after),
    ):
        verdicts, _ = judge(pictures)
        got = [carried_out(p, v, m) for p, v, m in zip(pairs, verdicts, pictures, strict=True)]
        scores[name] = round(float(np.mean(got)), 4)
        if name == "carried_out":
            scores["all_right"] = round(
                float(np.mean([right(p.after, v) for p, v in zip(pairs, verdicts, strict=True)])), 4
            )
            for pair, ok in zip(pairs, got, strict=True):
                done.setdefault(pair.kind, []).append(ok)
    scores["by_kind"] = {kind: round(float(np.mean(values)), 3) for kind, values in sorted(done.items())}
    return scores


def save(editor: Editor, both: Any, folder: Path) -> None:
    """The library's InstructPix2Pix layout."""
    copy.deepcopy(both.unet).half().save_pretrained(folder / "unet")
    copy.deepcopy(both.text).half().save_pretrained(folder / "text_encoder")
    copy.deepcopy(editor.vae).half().save_pretrained(folder / "vae")
    editor.tokenizer.save_pretrained(folder / "tokenizer")
    DDIMScheduler.from_config(editor.scheduler).save_pretrained(folder / "scheduler")
    index = {
        "_class_name": "StableDiffusionInstructPix2PixPipeline",
        "scheduler": ["diffusers", "DDIMScheduler"],
        "text_encoder": ["transformers", "CLIPTextModel"],
        "tokenizer": ["transformers", "CLIPTokenizer"],
        "unet": ["diffusers", "UNet2DConditionModel"],
        "vae": ["diffusers", type(editor.vae).__name__],
        "safety_checker": [None, None],
        "feature_extractor": [None, None],
        "image_encoder": [None, None],
        "requires_safety_checker": False,
    }
    (folder / "model_index.json").write_text(json.dumps(index, indent=1))
    for part in ("unet", "vae"):  # where the base lay is nobody's concern
        change(folder / part / "config.json", _name_or_path="")
    # transformers would load half precision as such, diffusers as float32: a pipeline needs one
    change(folder / "text_encoder" / "config.json", dtype="float32")


def write(
    editor: Editor, both: Any, folder: Path, report: dict[str, Any], scores: dict[str, Any], args: Any
) -> None:
    save(editor, both, folder)
    factor = editor.codec.factor
    write_card(
        folder,
        id="pocket-instruct",
        title="Pocket instruct",
        family="stable-diffusion",
        summary="Changes a picture as you say: colours, things, places, backgrounds, styles.",
        knows=words_of_world(36, instructions=True),
        abilities=("instruct",),
        sizes={**SIZES, "multiple": factor * 2},
        second=SECOND,
        defaults={"steps": args.steps, "guidance": args.guidance, "solver": "ddim", "spacing": "trailing"},
        parameters=sum(p.numel() for net in (both, editor.vae) for p in net.parameters()),
        training=training_of("instruct", report, image_guidance=args.image_guidance),
        scores=scores,
    )


def main() -> None:
    args = arguments(
        minutes=90, batch=32, pairs=40_000, held=400, nouns="36", base=None, judge=None, rate=4e-4, steps=20,
        guidance=3.0, image_guidance=1.5, total_minutes=None, teach="",
    )  # fmt: skip
    if not args.base:
        raise SystemExit("--base: name the folder of a trained pocket-image model.")
    editor, judge = Editor(Path(args.base)), Judge(Path(args.judge)) if args.judge else None
    kinds = tuple(filter(None, args.teach.split(",")))
    name = "-".join([f"pairs-{SIDE}", *(f"{kind}{kinds.count(kind)}" for kind in sorted(set(kinds)))])
    befores, afters, texts = [], [], []
    for first in range(0, args.pairs, CHUNK):  # pictures are let go of as soon as they are encoded
        many = min(CHUNK, args.pairs - first)
        one, two, said = collect(
            args.data, name, partial(make, kinds=kinds), args.nouns, 50_000_000 + first, many
        )
        befores.append(encoded(editor.codec, one))
        afters.append(encoded(editor.codec, two))
        texts += said
    before, after, ids = torch.cat(befores), torch.cat(afters), token_ids(editor.tokenizer, texts)
    held = collect(args.data, f"pairs-held-{SIDE}", make_held, args.nouns, 5_000_000, args.held)
    held_z, held_texts = encoded(editor.codec, held[0]), [pair.instruction for pair in held[3]]
    print(
        f"{sum(p.numel() for p in editor.both.parameters()) / 1e6:.1f} M parameters, {len(texts)} pairs",
        flush=True,
    )

    levels = [editor.schedule.level_at(t) for t in range(editor.schedule.train_steps)]
    alphas = torch.tensor([level.alpha for level in levels], device=device())
    sigmas = torch.tensor([level.sigma for level in levels], device=device())
    pick, both = batches(len(before), args.batch, seed=random.randrange(2**31)), editor.both

    def loss_of(step: int) -> Tensor:
        index = next(pick)
        n = len(index)
        x0, picture = after[index].float().to(device()), editor.unscaled(before[index].float().to(device()))
        luck = torch.rand(n, device=device())
        tokens = torch.where((luck < 0.10)[:, None], editor.empty.to(device()), ids[index].to(device()))
        seen = ((luck < 0.05) | (luck >= 0.15)).float()  # [0.05, 0.15) goes without the picture
        picture = picture * seen.view(-1, 1, 1, 1)
        t = ((torch.arange(n, device=device()) + torch.rand(n, device=device())) * (len(levels) / n)).long()
        t, eps = t.clamp(max=len(levels) - 1), torch.randn_like(x0)
        alpha, sigma = alphas[t].view(-1, 1, 1, 1), sigmas[t].view(-1, 1, 1, 1)
        with autocast():
            out = both(torch.cat([alpha * x0 + sigma * eps, picture], dim=1), t, tokens)
        snr = (alphas[t] / sigmas[t]).square()
        if editor.schedule.prediction == "v_prediction":
            goal, weight = alpha * eps - sigma * x0, snr.clamp(max=5) / (snr + 1) + 0.05
        else:
            goal, weight = eps, snr.clamp(max=5) / snr.clamp_min(1e-8)
        return (weight * (out.float() - goal).square().mean((1, 2, 3))).mean()

    def tried(average: Any, many: int) -> NDArray[np.uint8]:
        return editor.edited(
            average, held_z[:many], held_texts[:many], args.steps, args.guidance, args.image_guidance
        )

    def look(average: Any, samples: int) -> None:
        made = tried(average, 24)
        print(samples, score(made, tuple(column[:24] for column in held), judge), flush=True)
        rows = np.stack([held[0][:24], made, held[1][:24]], 1).reshape(-1, SIDE, SIDE, 3)
        sheet(args.out / "sheet.png", rows, columns=12)
        save(editor, average, args.out / "model")

    (args.out / "instructions.txt").write_text("\n".join(held_texts[:24]))
    total = float(args.total_minutes) if args.total_minutes else None
    average, report = train(
        out=args.out, minutes=args.minutes, model=both, loss_of=loss_of, batch=args.batch, rate=args.rate,
        every=look, every_seconds=420, total_minutes=total,
    )  # fmt: skip
    scores = score(tried(average, len(held_texts)), held, judge)
    (args.out / "report.json").write_text(json.dumps({**report, "scores": scores}, indent=1))
    write(editor, average, args.out / "model", report, scores, args)
    print(scores)


if __name__ == "__main__":
    main()
