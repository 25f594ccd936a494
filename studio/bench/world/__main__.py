"""python -m studio.bench.world --sheet OUT.png [--kind scenes|edits|motions|masks] | --cache FILE.npz | --speed"""

import argparse
import time

from studio.bench.world import sheet
from studio.bench.world.sprites import Sprites
from studio.bench.world.world import World


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m studio.bench.world", description="The pocket world.")
    parser.add_argument("--sheet", metavar="OUT.png", help="draw a contact sheet")
    parser.add_argument("--kind", choices=sheet.KINDS, default="scenes", help="what the sheet shows")
    parser.add_argument(
        "--cache", metavar="FILE.npz", help="write all drawings as pixels, for processes without Qt"
    )
    parser.add_argument("--speed", action="store_true", help="measure drawing")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--size", type=int, default=128)
    parser.add_argument("--nouns", default="36", help='how many, or "all"')
    parser.add_argument("--split", choices=("train", "held_out", "any"), default="train")
    asked = parser.parse_args()
    if not (asked.sheet or asked.cache or asked.speed):
        parser.error("give --sheet, --cache or --speed")
    if asked.cache:
        Sprites().save(asked.cache)
    world = World("all" if asked.nouns == "all" else int(asked.nouns))
    if asked.sheet:
        sheet.KINDS[asked.kind](world, asked.seed, asked.size, asked.split).save(asked.sheet)
    if asked.speed:
        speed(world, asked.size)


def speed(world: World, size: int, n: int = 2000) -> None:
    """Print pictures per second of processor time, the first time (sprites not ready yet) and again."""
    for name in ("cold", "warm"):
        start = time.process_time()
        for seed in range(n):
            world.render(world.scene(seed), size)
        print(f"{name}: {n / (time.process_time() - start):.0f} scenes per second at {size}")


if __name__ == "__main__":
    main()
