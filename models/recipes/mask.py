"""pocket-mask: a picture and words -> which pixels the words name, in the library's CLIPSeg architecture.

Everything is trained, also the two CLIP halves that the library keeps frozen (it runs them without gradients, so `logits_of`
walks through the parts itself; a test holds it equal to the library's own forward). Patches of 8 pixels: with 4 the masks are a
little finer and a picture takes six times as long to learn from, nearly all of it attention.

Each picture is asked about by several texts at once (`--texts`), and a probe for training only ties patches to words (`Taught`).
`--words FOLDER` begins with the text half of a pocket-image, `--begin FOLDER` with a whole pocket-mask.

Words: names with and without colour and place, places ("the thing on the left"), the background, everything, and, one in six,
things that are not there, whose mask is empty. Loss: binary cross-entropy + Dice (Milletari et al. 2016).
"""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import numpy as np
import torch
from cards import training_of, write_card
from common import arguments, autocast, batches, device, sheet, to_tensor, train
from drawn import collect
from image import make_tokenizer
from torch import Tensor, nn
from torch.nn import functional as F
from transformers import CLIPSegConfig, CLIPSegForImageSegmentation, CLIPTextModel

from studio.bench.world import PLACES, Scene
from studio.bench.world.words import AT_PLACE, with_article

SIDE, PATCH, TOKENS = 64, 8, 16
WIDTH, WORDS = 256, 192
"""Of the picture half; of the text half, as in pocket-image."""
KINDS = {"thing": 0.58, "place": 0.1, "background": 0.1, "everything": 0.05, "absent": 0.17}


def make_net(
    vocabulary: int, tokenizer: Any, width: int = WIDTH, layers: int = 6
) -> CLIPSegForImageSegmentation:
    heads, words = max(width // 64, 1), min(width, WORDS)
    config = CLIPSegConfig(
        text_config={
            "hidden_size": words, "intermediate_size": 2 * words, "num_attention_heads": 4, "num_hidden_layers": 2,
            "max_position_embeddings": TOKENS, "vocab_size": vocabulary, "bos_token_id": tokenizer.bos_token_id,
            "eos_token_id": tokenizer.eos_token_id, "pad_token_id": tokenizer.eos_token_id,
        },
        vision_config={
            "hidden_size": width, "intermediate_size": 3 * width, "num_attention_heads": heads,
            "num_hidden_layers": layers, "image_size": SIDE, "patch_size": PATCH,
        },
        projection_dim=words,
        extract_layers=[layers // 3 - 1, 2 * layers // 3 - 1, layers - 1],
        reduce_dim=192 if width >= 192 else 32,
        conditional_layer=1,
        decoder_num_attention_heads=4,
        decoder_intermediate_size=384,
    )  # fmt: skip
    net: Any = CLIPSegForImageSegmentation(config)
    last = net.decoder.transposed_convolution
    last.weight.data.mul_(0.1)  # or training begins with loud answers that it must unlearn
    # Words scale and shift the features. Begun near "as they are", or the norm behind them swallows what words could teach
    # (measured: gradients 3,000 times smaller than the picture half's, and words without effect after 40,000 samples).
    with torch.no_grad():
        for film, bias in ((net.decoder.film_mul, 1.0), (net.decoder.film_add, 0.0)):
            film.weight.mul_(0.1)
            film.bias.fill_(bias)
    return net


def seen(net: Any, pixels: Tensor) -> tuple[Tensor, ...]:
    """What the picture half hands to the decoder: [B, 3, H, W] -> per extracted layer [B, 1 + patches, width]."""
    vision = net.clip.vision_model
    h = vision.pre_layrnorm(vision.embeddings(pixels))
    kept = []
    for i, layer in enumerate(vision.encoder.layers[: max(net.extract_layers) + 1]):
        h = layer(h, None)
        if i in net.extract_layers:
            kept.append(h)
    return tuple(kept)


def said(net: Any, ids: Tensor, mask: Tensor | None = None) -> Tensor:
    """[B, T] -> [B, projection]"""
    return net.clip.get_text_features(ids, attention_mask=mask).pooler_output


def logits_of(
    net: CLIPSegForImageSegmentation, pixels: Tensor, ids: Tensor, mask: Tensor | None = None
) -> Tensor:
    """The library's forward, with gradients everywhere: [B, 3, H, W], [B, T] -> [B, H, W]."""
    return net.decoder(seen(net, pixels), said(net, ids, mask)).logits


class Taught(nn.Module):
    """The network and, for training only, a probe: patch times words, which says directly what the decoder can say only once
    patches and words speak of the same. Without it the decoder learns to mask whatever stands out, and the words of all
    texts become one (measured: after 40,000 samples two texts had a cosine of 0.99, and "background" an IoU of 0.01)."""

    def __init__(self, net: Any, dimensions: int = 96) -> None:
        super().__init__()
        self.net = net
        self.see = nn.Linear(net.config.vision_config.hidden_size, dimensions)
        self.say = nn.Linear(net.config.projection_dim, dimensions)
        self.scale = dimensions**-0.5

    def forward(self, pixels: Tensor, ids: Tensor) -> tuple[Tensor, Tensor]:
        """[B, 3, H, W] and [B n, T], n texts for each picture -> [B n, H, W] and the probe's [B n, H/patch, W/patch]."""
        kept, words = seen(self.net, pixels), said(self.net, ids)
        n = len(ids) // len(pixels)
        logits = self.net.decoder(tuple(h.repeat_interleave(n, 0) for h in kept), words).logits
        patches = self.see(kept[-1][:, 1:])  # [B, P, D]
        texts = self.say(words).view(len(pixels), n, -1)
        probe = torch.einsum("bpd,bnd->bnp", patches, texts) * self.scale
        side = pixels.shape[-1] // PATCH
        return logits, probe.reshape(len(ids), side, side)


def with_words_of(net: CLIPSegForImageSegmentation, folder: Path) -> None:
    """Begins with the text half of a trained pocket-image, which knows the world's words already."""
    theirs = CLIPTextModel.from_pretrained(folder / "text_encoder", dtype=torch.float32).state_dict()
    mine = net.clip.text_model.state_dict()
    for name, weight in mine.items():
        # one has fewer positions than the other
        if name in theirs and theirs[name].shape[1:] == weight.shape[1:] and weight.is_floating_point():
            n = min(len(weight), len(theirs[name]))
            weight[:n] = theirs[name][:n]
    net.clip.text_model.load_state_dict(mine)


# --- the world's words and masks ----------------------------------------------------------------------------------


def _row(world: Any, seed: int, split: str) -> tuple[Any, ...]:
    scene = world.scene(seed, split=split)
    masks = np.zeros((2, SIDE, SIDE), np.uint8)
    masks[: len(scene.things)] = world.masks(scene, SIDE)
    return world.render(scene, SIDE), masks, scene


def make(world: Any, seed: int) -> tuple[Any, ...]:
    """(picture, masks of its things [2, 64, 64], scene) of the training split."""
    return _row(world, seed, "train")


def make_held(world: Any, seed: int) -> tuple[Any, ...]:
    return _row(world, seed, "held_out")


def words_for(
    scene: Scene, masks: Any, nouns: Any, dice: random.Random, kind: str | None = None
) -> tuple[str, Any, str]:
    """(words, mask [64, 64] uint8, kind)."""
    kind = kind or dice.choices(list(KINDS), list(KINDS.values()))[0]
    nothing = np.zeros_like(masks[0])
    if kind == "thing":
        i = dice.randrange(len(scene.things))
        thing = scene.things[i]
        colour = thing.colour if dice.random() < 0.6 else None
        return _named(thing.noun, colour, thing.place if dice.random() < 0.25 else None, dice), masks[i], kind
    if kind == "place":
        place = dice.choice(PLACES) if dice.random() < 0.3 else dice.choice(scene.things).place
        found = [masks[i] for i, thing in enumerate(scene.things) if thing.place == place]
        what = dice.choice(("the thing", "what is", "the object"))
        return f"{what} {AT_PLACE[place]}", found[0] if found else nothing, kind
    if kind == "background":
        texts = ("background", "the background", f"the {scene.background} background")
        return dice.choice(texts), 255 - masks.sum(0).astype(np.uint8), kind
    if kind == "everything":
        return (
            dice.choice(("everything", "all things", "the things", "the objects")),
            masks.sum(0).astype(np.uint8),
            kind,
        )
    other = dice.choice([noun for noun in nouns if noun not in {t.noun for t in scene.things}])
    return _named(other, None, None, dice), nothing, kind


def _named(noun: str, colour: str | None, place: str | None, dice: random.Random) -> str:
    name = f"{colour} {noun}" if colour else noun
    text = dice.choice((name, f"the {name}", with_article(name)))
    return f"{text} {AT_PLACE[place]}" if place else text


class Words:
    """Tokens of words, remembered: there are a few thousand different ones."""

    def __init__(self, tokenizer: Any) -> None:
        self.tokenizer = tokenizer
        self.known: dict[str, list[int]] = {}

    def __call__(self, texts: list[str]) -> Tensor:
        """[N, TOKENS]"""
        for text in texts:
            if text not in self.known:
                self.known[text] = self.tokenizer(
                    text, padding="max_length", truncation=True, max_length=TOKENS
                )["input_ids"]
        return torch.tensor([self.known[text] for text in texts], device=device())


def loss(logits: Tensor, target: Tensor) -> Tensor:
    """Cross-entropy + Dice per picture; [B, H, W] both, target in [0, 1]."""
    chance = logits.sigmoid()
    overlap = (chance * target).sum((1, 2))
    dice = 1 - (2 * overlap + 16) / (chance.sum((1, 2)) + target.sum((1, 2)) + 16)
    return F.binary_cross_entropy_with_logits(logits, target) + 0.5 * dice.mean()


# --- scores -------------------------------------------------------------------------------------------------------


@torch.no_grad()
def score(net: Any, words: Words, held: tuple[Any, ...], nouns: Any) -> tuple[dict[str, Any], list[Any]]:
    """Mean IoU per kind of words on held-out scenes (for absent things: the share of pictures with an empty mask), with the IoU
    of another scene's mask as the floor; and rows for the sheet."""
    pictures, masks, scenes = held
    dice = random.Random(7)
    ious: dict[str, list[float]] = {kind: [] for kind in KINDS}
    floor: list[float] = []
    rows: list[Any] = []
    for start in range(0, len(scenes), 50):
        part = range(start, min(start + 50, len(scenes)))
        asked = [words_for(scenes[i], masks[i], nouns, dice, list(KINDS)[i % len(KINDS)]) for i in part]
        x = to_tensor(pictures[start : start + 50])
        found = logits_of(net, x, words([text for text, _, _ in asked])).sigmoid().cpu().numpy() > 0.5
        for k, (i, (_, mask, kind)) in enumerate(zip(part, asked, strict=True)):
            true = mask > 127
            if true.any():
                ious[kind].append(float((found[k] & true).sum() / (found[k] | true).sum()))
                floor.append(float((found[k - 1] & true).sum() / (found[k - 1] | true).sum()))
            elif kind == "absent":
                ious[kind].append(float(found[k].mean() < 0.005))
            if len(rows) < 24:
                rows.append((pictures[i], np.where(found[k], 255, 0).astype(np.uint8), mask))
    present = [v for kind, values in ious.items() if kind != "absent" for v in values]
    scores: dict[str, Any] = {
        "mean_iou": round(float(np.mean(present)), 4),
        "floor": round(float(np.mean(floor)), 4),
    }
    scores |= {f"iou_{k}": round(float(np.mean(v)), 4) for k, v in ious.items() if v and k != "absent"}
    scores["absent_left_empty"] = round(float(np.mean(ious["absent"])), 4) if ious["absent"] else 0.0
    return scores, rows


def write(net: Any, tokenizer: Any, folder: Path, report: dict[str, Any], scores: dict[str, Any]) -> None:
    """The model folder, as the library's own classes read it, and its card."""
    import copy

    copy.deepcopy(net).half().save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    about = {
        "image_processor_type": "ViTImageProcessor", "do_resize": True, "size": {"height": SIDE, "width": SIDE},
        "resample": 2, "do_rescale": True, "rescale_factor": 1 / 255, "do_normalize": True,
        "image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5],
    }  # fmt: skip
    (folder / "preprocessor_config.json").write_text(json.dumps(about, indent=1))
    write_card(
        folder,
        id="pocket-mask",
        title="Pocket mask",
        family="clipseg",
        summary="Masks what you name: a thing, a thing at a place, the background.",
        abilities=("textmask",),
        sizes={"native": [SIDE, SIDE], "min": 1, "max": 16384, "multiple": 1},
        defaults={},
        parameters=sum(p.numel() for p in net.parameters()),
        training=training_of("mask", report),
        scores=scores,
    )


def main() -> None:
    args = arguments(
        minutes=60,
        batch=32,
        scenes=20_000,
        held=500,
        nouns="36",
        width=WIDTH,
        layers=6,
        rate=6e-4,
        texts=4,
        words=None,
        begin=None,
        total_minutes=None,
    )
    pictures, masks, scenes = collect(args.data, "mask", make, args.nouns, 40_000_000, args.scenes)
    held = collect(args.data, "mask-held", make_held, args.nouns, 5_000_000, args.held)
    nouns = sorted({thing.noun for scene in scenes for thing in scene.things})
    tokenizer = make_tokenizer(args.out / "tokenizer")
    words, dice = Words(tokenizer), random.Random(5)
    net = make_net(len(tokenizer), tokenizer, args.width, args.layers)
    if args.begin:
        net.load_state_dict(CLIPSegForImageSegmentation.from_pretrained(args.begin).state_dict())
    if args.words:
        with_words_of(net, Path(args.words))
    taught = Taught(net).to(device())
    print(f"{sum(p.numel() for p in net.parameters()) / 1e6:.2f} M parameters", flush=True)
    draw = batches(len(scenes), args.batch, seed=6)

    def loss_of(step: int) -> Tensor:
        index = next(draw).tolist()
        asked = [words_for(scenes[i], masks[i], nouns, dice) for i in index for _ in range(args.texts)]
        x = to_tensor(pictures[index])
        third = len(x) // 3
        x[:third] += torch.rand(third, 1, 1, 1, device=x.device) * 0.2 * torch.randn_like(x[:third])
        target = torch.from_numpy(np.stack([mask for _, mask, _ in asked])).to(x.device).float() / 255
        with autocast():
            logits, probe = taught(x, words([text for text, _, _ in asked]))
        coarse = F.avg_pool2d(target, PATCH)
        return loss(logits.float(), target) + F.binary_cross_entropy_with_logits(probe.float(), coarse)

    def look(average: Any, samples: int) -> None:
        scores, rows = score(average.net, words, tuple(column[:100] for column in held), nouns)
        print(samples, scores, flush=True)
        tiles = [p for picture, found, true in rows for p in (picture, _grey(found), _grey(true))]
        sheet(args.out / "sheet.png", np.stack(tiles), columns=12)

    total = float(args.total_minutes) if args.total_minutes else None
    average, report = train(
        out=args.out, minutes=args.minutes, model=taught, loss_of=loss_of, batch=args.batch, rate=args.rate,
        every=look, every_seconds=240, total_minutes=total,
    )  # fmt: skip
    scores, _ = score(average.net, words, held, nouns)
    (args.out / "report.json").write_text(json.dumps({**report, "scores": scores}, indent=1))
    write(average.net, tokenizer, args.out / "model", report, scores)
    print(scores)


def _grey(mask: Any) -> Any:
    return np.repeat(mask[..., None], 3, axis=-1)


if __name__ == "__main__":
    main()
