"""Re-makes resources/world: one small SVG file per noun and drawing style, facts.json and ATTRIBUTION.md.

    python packaging/make_world.py [FOLDER]

FOLDER holds the npm packages named in SOURCES (a node_modules folder, or one that has it). Without it they are
installed into a temporary folder with npm. The result is checked in, so this is only needed to change the world.
"""

import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from studio.bench.world.facts import measured  # noqa: E402
from studio.bench.world.sprites import Sprites  # noqa: E402
from studio.bench.world.words import NOUNS  # noqa: E402

OUT = ROOT / "resources" / "world"

# style: (npm package, title, author, licence, address of the drawings)
SOURCES = {
    "noto": (
        "@iconify-json/noto",
        "Noto Emoji",
        "Google LLC",
        "Apache-2.0",
        "https://github.com/googlefonts/noto-emoji",
    ),
    "flat": (
        "@iconify-json/fluent-emoji-flat",
        "Fluent UI Emoji (flat)",
        "Microsoft Corporation",
        "MIT",
        "https://github.com/microsoft/fluentui-emoji",
    ),
    "bold": (
        "@iconify-json/twemoji",
        "Twitter Emoji (Twemoji)",
        "Twitter, Inc. and other contributors",
        "CC-BY-4.0",
        "https://github.com/twitter/twemoji",
    ),
}

# noun: icon names to try in order; a noun that is not here is its own icon name
ICONS = {
    "dog": ("dog-face", "dog"),
    "cat": ("cat-face", "cat"),
    "tiger": ("tiger-face",),
    "horse": ("horse-face",),
    "cow": ("cow-face",),
    "pig": ("pig-face",),
    "mouse": ("mouse-face",),
    "rabbit": ("rabbit-face",),
    "monkey": ("monkey-face",),
    "whale": ("spouting-whale", "whale"),
    "fish": ("fish", "tropical-fish"),
    "bee": ("honeybee",),
    "ladybug": ("lady-beetle",),
    "dinosaur": ("sauropod", "t-rex"),
    "apple": ("red-apple",),
    "orange": ("tangerine",),
    "corn": ("ear-of-corn",),
    "cheese": ("cheese-wedge",),
    "cake": ("birthday-cake", "shortcake"),
    "ice cream": ("soft-ice-cream", "ice-cream"),
    "car": ("automobile",),
    "train": ("locomotive",),
    "fire truck": ("fire-engine",),
    "sun": ("sun-with-face", "sun"),
    "moon": ("crescent-moon",),
    "tree": ("deciduous-tree", "evergreen-tree"),
    "mountain": ("snow-capped-mountain",),
    "gift": ("wrapped-gift",),
    "book": ("closed-book",),
    "clock": ("alarm-clock",),
    "gem": ("gem-stone",),
    "hat": ("top-hat",),
    "shoe": ("running-shoe",),
    "shirt": ("t-shirt",),
    "heart": ("red-heart",),
    "hourglass": ("hourglass-done",),
    "snowman": ("snowman-without-snow", "snowman"),
}


def main() -> None:
    if len(sys.argv) > 1:
        write(Path(sys.argv[1]))
        return
    with tempfile.TemporaryDirectory() as folder:
        packages = [package for package, *_ in SOURCES.values()]
        npm = shutil.which("npm") or sys.exit(
            "npm is needed to fetch the drawings; or name a folder that has them"
        )
        subprocess.run([npm, "install", "--ignore-scripts", "--prefix", folder, *packages], check=True)
        write(Path(folder))


def write(folder: Path) -> None:
    """Write every SVG file, the facts measured on them and the attribution, from the packages in `folder`."""
    rows = []
    for style, (package, title, author, licence, address) in SOURCES.items():
        home = next(p for p in (folder / "node_modules" / package, folder / package) if p.is_dir())
        version = json.loads((home / "package.json").read_text(encoding="utf-8"))["version"]
        icons = json.loads((home / "icons.json").read_text(encoding="utf-8"))
        target = OUT / style
        target.mkdir(parents=True, exist_ok=True)
        count = 0
        for noun in NOUNS:
            text = drawing(icons, ICONS.get(noun, (noun.replace(" ", "-"),)))
            if text is None:
                print(f"{style}: no drawing of {noun}")
                continue
            (target / f"{noun}.svg").write_text(text, encoding="utf-8", newline="\n")
            count += 1
        rows.append(
            f"| `{style}` | {count} | [{title}]({address}) | {author} | {licence} | `{package}` {version} |"
        )
    facts = {style: {} for style in SOURCES}
    sprites = Sprites()
    for noun, style in sprites.names:
        facts[style][noun] = measured(sprites, noun, style)
    lines = [
        f'"{style}": {{\n'
        + ",\n".join(f'"{noun}": {json.dumps(entry)}' for noun, entry in entries.items())
        + "\n}"
        for style, entries in facts.items()
    ]
    (OUT / "facts.json").write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8", newline="\n")
    text = ATTRIBUTION + "\n".join(rows) + "\n" + CHANGES
    (OUT / "ATTRIBUTION.md").write_text(text, encoding="utf-8", newline="\n")


def drawing(icons: dict, names: tuple[str, ...]) -> str | None:
    """The SVG text of the first of `names` that the set has, or None."""
    for name in names:
        key = name if name in icons["icons"] else icons.get("aliases", {}).get(name, {}).get("parent")
        icon = icons["icons"].get(key)
        if icon:
            width = icon.get("width", icons.get("width", 16))
            height = icon.get("height", icons.get("height", 16))
            space = 'xmlns="http://www.w3.org/2000/svg"'
            if "xlink:" in icon["body"]:
                space += ' xmlns:xlink="http://www.w3.org/1999/xlink"'
            body = spelled_out(re.sub(r">\s+<", "><", icon["body"]))
            return f'<svg {space} viewBox="0 0 {width} {height}">{body}</svg>\n'
    return None


def spelled_out(body: str) -> str:
    """What QtSvg does not know in words that it does; it would draw such things in black.

    Clip paths become masks, with their shapes in place; rgba(...) becomes #rrggbb (the opacity is given beside it).
    """
    rgba = r'="rgba\((\d+), *(\d+), *(\d+), *[\d.]+\)"'
    body = re.sub(rgba, lambda m: '="#' + "".join(f"{int(x):02x}" for x in m.groups()) + '"', body)
    for clip, target in re.findall(
        r'(<clipPath id="[^"]*">)<use (?:xlink:)?href="#([^"]*)"/></clipPath>', body
    ):
        shape = re.search(rf'<defs>(<(?:path|circle|ellipse|rect)[^>]*id="{target}"[^>]*/>)</defs>', body)
        use = re.search(rf'{clip}<use (?:xlink:)?href="#{target}"/>', body)
        if shape and use:
            body = body.replace(shape[0], "").replace(use[0], clip + shape[1].replace(f' id="{target}"', ""))
    for whole, name, shape in re.findall(r'(<clipPath (id="[^"]*")>(.*?)</clipPath>)', body):
        white = re.sub(r' (?:fill|stroke|stroke-width)="[^"]*"', "", shape)
        body = body.replace(whole, f'<mask {name}><g fill="#fff">{white}</g></mask>')
    return body.replace("clip-path=", "mask=")


ATTRIBUTION = """# Drawings of the pocket world

The SVG files in these folders are the work of others, used under their licences.

| folder | files | work | author | licence | taken from |
|---|---|---|---|---|---|
"""

CHANGES = """
Licence texts: Apache-2.0 https://www.apache.org/licenses/LICENSE-2.0, MIT https://opensource.org/license/mit,
CC-BY-4.0 https://creativecommons.org/licenses/by/4.0/.

Changes: none to the looks. Each drawing is stored in a file of its own, named by its noun; clip paths are written as
masks and rgba colours as hexadecimal ones. At run time the program recolours, scales, turns and combines the drawings.

Fluent UI Emoji: Copyright (c) Microsoft Corporation. Permission is hereby granted, free of charge, to any person
obtaining a copy of this software and associated documentation files (the "Software"), to deal in the Software without
restriction, including without limitation the rights to use, copy, modify, merge, publish, distribute, sublicense,
and/or sell copies of the Software, and to permit persons to whom the Software is furnished to do so, subject to the
following conditions: The above copyright notice and this permission notice shall be included in all copies or
substantial portions of the Software. THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND
NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE
OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
"""

if __name__ == "__main__":
    main()
