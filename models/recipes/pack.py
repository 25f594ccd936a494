"""A trained pocket-image or pocket-judge -> its folder under `models/`, in half precision, with its card.

python models/recipes/pack.py image --run .train/image --vae .train/codec/vae --scores .train/scores
python models/recipes/pack.py judge --run .train/judge
python models/recipes/pack.py fast --run .train/fast --scores .train/fast-scores
python models/recipes/pack.py video --run .train/video --scores .train/video-scores
python models/recipes/pack.py between --run .train/between --scores .train/video-scores
python models/recipes/pack.py music --run .train/music --scores .train/music-scores
python models/recipes/pack.py ear --run .train/ear
python models/recipes/pack.py vocoder --run .train/diffwave --scores .train/music-scores
"""

from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
from cards import (
    MUSIC_SOURCES,
    SECOND,
    SIZES,
    captions_of,
    motions_of,
    training_of,
    words_of_motions,
    words_of_world,
    write_card,
)
from common import ROOT, change, read
from safetensors import safe_open

INDEX: dict[str, Any] = {
    "_class_name": "StableDiffusionPipeline",
    "_diffusers_version": "0.42.1",
    "feature_extractor": [None, None],
    "image_encoder": [None, None],
    "requires_safety_checker": False,
    "safety_checker": [None, None],
    "scheduler": ["diffusers", "DDIMScheduler"],
    "text_encoder": ["transformers", "CLIPTextModel"],
    "tokenizer": ["transformers", "CLIPTokenizer"],
    "unet": ["diffusers", "UNet2DConditionModel"],
    "vae": ["diffusers", "AutoencoderTiny"],
}


def parameters(folder: Path) -> int:
    count = 0
    for path in folder.rglob("*.safetensors"):
        with safe_open(path, "pt") as file:
            count += sum(int(np.prod(file.get_slice(key).get_shape())) for key in file.keys())  # noqa: SIM118
    return count


def pack_image(run: Path, vae: Path, scores: Path | None, target: Path) -> None:
    """Copies the parts, writes model_index.json, the preview map and the card."""
    from diffusers import AutoencoderTiny
    from safetensors.torch import save_file

    from studio.bench.world import World
    from studio.engine import preview
    from studio.engine.codecs.picture import PictureCodec

    for part in ("tokenizer", "text_encoder", "unet", "scheduler"):
        shutil.copytree(run / "model" / part, target / part, dirs_exist_ok=True)
    # transformers would load half precision as such, diffusers as float32: a pipeline needs one
    change(target / "text_encoder" / "config.json", dtype="float32")
    # moves only the "leading" spacing; without it the library warns
    change(target / "scheduler" / "scheduler_config.json", steps_offset=1)
    codec = AutoencoderTiny.from_pretrained(vae)
    world = World(36)
    weights, bias = preview.fit(
        PictureCodec(codec), [world.render(world.scene(seed), 64) for seed in range(32)]
    )
    save_file({"matrix": weights.contiguous(), "offset": bias.contiguous()}, target / preview.FILE)
    codec.half().save_pretrained(target / "vae")
    (target / "captions.txt").write_text(captions_of(36), "utf-8")
    (target / "model_index.json").write_text(json.dumps(INDEX, indent=2) + "\n")
    report = read(run / "report.json")
    found = read(scores / "scores.json") if scores else {}
    numbers: dict[str, Any] = {}
    for row, values in found.get("scores", {}).items():
        numbers[row.split(":")[0]] = {name: round(100 * value, 1) for name, value in values.items()}
    if found:
        numbers["feature_distance"] = {
            row.split(":")[0]: round(v, 1) for row, v in found["feature_distance"].items()
        }
        numbers["captions_with_one_and_two_things"] = found["captions"]
        numbers["seconds_a_picture"] = round(found["seconds_median"], 2)
    numbers["autoencoder_psnr_db"] = round(read(vae.parent / "score.json").get("psnr", 0.0), 2)
    write_card(
        target,
        id="pocket-image",
        title="Pocket image",
        family="stable-diffusion",
        summary="Draws one or two of 36 things in colours, places, sizes, backgrounds and three drawing styles, as the words say.",
        knows=words_of_world(36),
        abilities=["text2image"],
        sizes={**SIZES, "multiple": 32},
        second=SECOND,
        defaults={"steps": 20, "guidance": 4.0, "solver": "dpm++2m", "spacing": "trailing"},
        parameters=parameters(target),
        memory_mb=560,
        training=training_of("image", report, nouns=36),
        scores=numbers,
    )


def pack_judge(run: Path, target: Path) -> None:
    """Copies the weights and the words, writes the card."""
    target.mkdir(parents=True, exist_ok=True)
    for name in ("model.safetensors", "labels.json"):
        shutil.copyfile(run / name, target / name)
    report = read(run / "report.json")
    write_card(
        target,
        id="pocket-judge",
        title="Pocket judge",
        family="judge",
        summary="Names the things, colours and places in a picture of the pocket world. For scoring only.",
        abilities=[],
        sizes={"native": [64, 64], "min": 64, "max": 64, "multiple": 64},
        defaults={},
        parameters=parameters(target),
        training=training_of("judge", report, nouns=36),
        scores=report.get("scores", {}),
    )


def pack_fast(run: Path, scores: Path | None, target: Path) -> None:
    """Copies what the recipe saved, writes the card with the curve that `studio bench fast` measured."""
    shutil.copytree(run / "model", target, dirs_exist_ok=True)
    change(target / "text_encoder" / "config.json", dtype="float32")
    change(target / "unet" / "config.json", _name_or_path="")  # where it was made is nobody's concern
    report = read(run / "report.json")
    found = read(scores / "fast.json") if scores else {}
    numbers: dict[str, Any] = {}
    names = ("object", "colour", "place", "two_in_place_and_colour", "right", "agreement")
    for point in found.get("points", []):
        row = "teacher_64_steps" if point["way"].endswith("DDIM") and point["steps"] == 64 else ""
        row = f"steps_{point['steps']}" if point["way"] == "pocket-fast" else row
        if row:
            shares = {name: round(100 * point[name], 1) for name in names}
            numbers[row] = {**shares, "feature_distance": round(point["feature_distance"], 1)}
    if found:
        numbers["captions_with_one_and_two_things"] = found["captions"]
    write_card(
        target,
        id="pocket-fast",
        title="Pocket fast",
        family="stable-diffusion",
        summary="Pocket image in one to eight steps, with the guidance scale as an input: for pictures that follow the hand.",
        knows=words_of_world(36),
        abilities=["text2image"],
        sizes={**SIZES, "multiple": 32},
        second=SECOND,
        defaults={"steps": 4, "guidance": 4.0, "solver": "ddim", "spacing": "trailing"},
        distilled={
            "steps": [1, 2, 4, 8],
            "told_steps": True,
            "guidance": [1.0, 8.0],
            "teacher": "pocket-image",
        },
        parameters=parameters(target),
        memory_mb=540,
        training=training_of("distill", report, nouns=36),
        scores=numbers,
    )


def pack_video(run: Path, ways: Path, scores: Path | None, target: Path) -> None:
    """Copies the motion modules and what was trained beside them, and the network that draws how things move; writes the card with what
    `studio bench video` measured."""
    from safetensors.torch import load_file, save_file

    shutil.copytree(run / "model", target, dirs_exist_ok=True)
    change(target / "text_encoder" / "config.json", dtype="float32")
    for path in target.rglob("*.safetensors"):  # the library saves motion modules in single precision
        save_file({k: v.half().contiguous() for k, v in load_file(path).items()}, path, {"format": "pt"})
    shutil.copytree(ways / "model", target / "ways", dirs_exist_ok=True)
    found = read(scores / "video.json") if scores else {}
    numbers: dict[str, Any] = {}
    for row, values in found.get("scores", {}).items():
        numbers[row.split(":")[0]] = {
            name: round(value, 2) if name in ("motion", "roughness") else round(100 * value, 1)
            for name, value in values.items()
        }
    if found:
        numbers["direction_by_motion"] = {
            name: round(100 * value, 1) for name, value in found["direction_by_verb"].items()
        }
        numbers["captions"] = found["clips"]
        numbers["seconds_a_clip_of_8_and_16_frames"] = [
            round(found["seconds_median"], 1),
            round(found["seconds_16_frames"], 1),
        ]
    write_card(
        target,
        id="pocket-video",
        title="Pocket video",
        family="animatediff",
        base="pocket-image",
        summary="Clips of eight frames in which one of 36 things moves, turns, bounces, grows, shrinks or fades in, as the words say; moves pictures of your own.",
        knows=words_of_motions(36),
        abilities=["text2video"],
        sizes={"native": [64, 64], "min": 64, "max": 128, "multiple": 32},
        defaults={"steps": 16, "guidance": 1.5, "solver": "dpm++2m", "spacing": "trailing"},
        film={
            "frames": 8,
            "rate": 8.0,
            "clean": True,
            "first": True,
            "shared": 0.5,
            "stills": motions_of(36),
            "ways": True,
        },
        parameters=parameters(target),
        memory_mb=600,
        training=training_of(
            "video",
            read(run / "report.json"),
            nouns=36,
            ways=training_of("ways", read(ways / "report.json")),
        ),
        scores=numbers,
    )


def pack_between(run: Path, scores: Path | None, target: Path) -> None:
    """Copies the network, writes the card with what the recipe and `studio bench video` measured."""
    import between

    from studio.engine.nets.upscale import UpscaleNet

    report = read(run / "report.json")
    numbers = dict(report.get("scores", {}))
    for factor, row in (read(scores / "video.json") if scores else {}).get("more_frames", {}).items():
        numbers[f"clips_{factor}"] = row
    between.write(UpscaleNet.read(run / "model"), target, report, numbers)


def pack_music(run: Path, scores: Path | None, target: Path) -> None:
    """Copies network and code, writes the card with what `studio bench music` measured."""
    from music import SCHEDULER

    from studio.engine.nets.music_words import VOCABULARY

    shutil.copytree(run / "model", target, dirs_exist_ok=True)
    (target / "scheduler").mkdir(exist_ok=True)
    numbers = {
        name: {row: {key: round(value, 1) for key, value in found.items()} for row, found in rows.items()}
        for name, rows in (read(scores / "scores.json") if scores else {}).items()
        if name.startswith(("words", "tunes", "feature distance"))
    }
    (target / "scheduler" / "scheduler_config.json").write_text(json.dumps(SCHEDULER, indent=2) + "\n")
    write_card(
        target,
        id="pocket-music",
        title="Pocket music",
        family="music",
        summary="Plays ten instruments with bass and drums in six genres, at the tempo, in the key and in the mood that you say; follows a tune.",
        abilities=["text2music", "melody2music"],
        sizes={},
        defaults={"steps": 20, "guidance": 3.0, "solver": "dpm++2m", "spacing": "trailing"},
        parameters=parameters(target),
        memory_mb=300,
        sources=MUSIC_SOURCES,
        training=training_of("music", read(run / "report.json"), words=[word for word in VOCABULARY if word]),
        scores=numbers,
    )


def pack_ear(run: Path, target: Path) -> None:
    """Copies the network, writes the card with what it hears in held-out renders."""
    shutil.copytree(run / "model", target, dirs_exist_ok=True)
    write_card(
        target,
        id="pocket-ear",
        title="Pocket ear",
        family="judge",
        summary="Names the tempo, key, instrument, band and genre of a piece of the music world. For scoring only.",
        abilities=[],
        sizes={},
        defaults={},
        parameters=parameters(target),
        sources=MUSIC_SOURCES,
        training=training_of("ear", read(run / "report.json")),
        scores=read(run / "scores.json"),
    )


def pack_vocoder(run: Path, scores: Path | None, target: Path) -> None:
    """Copies network and noise levels, writes the card with what `studio bench music --only vocoder` measured."""
    shutil.copytree(run / "model", target, dirs_exist_ok=True)
    numbers: dict[str, Any] = {}
    for name, rows in (read(scores / "scores.json") if scores else {}).items():
        if name.startswith("log-spectral distance"):
            font = "its own soundfont" if "learnt" in name else "another soundfont"
            numbers[f"log-spectral distance in dB at 120 and 46 ms, {font}"] = {
                row.removeprefix("pocket-vocoder: "): [round(v["windows of 120 ms"], 2), round(v["46 ms"], 2)]
                for row, v in rows.items()
            }
    write_card(
        target,
        id="pocket-vocoder",
        title="Pocket vocoder",
        family="vocoder",
        summary="Sounds note spectrograms: a small DiffWave, and a sharpener for what lies between their bands.",
        abilities=["vocode"],
        sizes={},
        defaults={},
        parameters=parameters(target),
        sources=MUSIC_SOURCES,
        training=training_of("diffwave", read(run / "report.json")),
        scores=numbers,
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "model", choices=["image", "judge", "fast", "video", "between", "music", "ear", "vocoder"]
    )
    parser.add_argument("--run", type=Path, required=True, help="folder that the recipe wrote")
    parser.add_argument("--vae", type=Path, help="the autoencoder that the run was trained on")
    parser.add_argument(
        "--ways", type=Path, help="for video: folder that the recipe of ways wrote; default: beside the run"
    )
    parser.add_argument(
        "--scores",
        type=Path,
        help="folder that `studio bench pictures --out` wrote; for fast, `studio bench fast --out`; for video and between, `studio bench video --out`",
    )
    parser.add_argument("--target", type=Path, help="default: models/pocket-NAME")
    args = parser.parse_args()
    target = args.target or ROOT / "models" / f"pocket-{args.model}"
    if args.model == "image":
        pack_image(args.run, args.vae or args.run.parent / "codec" / "vae", args.scores, target)
    elif args.model == "fast":
        pack_fast(args.run, args.scores, target)
    elif args.model == "video":
        pack_video(args.run, args.ways or args.run.parent / "ways", args.scores, target)
    elif args.model == "between":
        pack_between(args.run, args.scores, target)
    elif args.model == "vocoder":
        pack_vocoder(args.run, args.scores, target)
    elif args.model == "ear":
        pack_ear(args.run, target)
    elif args.model == "music":
        pack_music(args.run, args.scores, target)
    else:
        pack_judge(args.run, target)
    print(f"wrote {target}")


if __name__ == "__main__":
    main()
