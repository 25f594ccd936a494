#!/usr/bin/env python3
"""Collect every text of the window, and make the translations that it loads.

    python packaging/translate.py            bring resources/translations up to date with the source code
    python packaging/translate.py --check    change nothing; fail if a text is missing, unfinished or out of date

`studio_de.ts` is Qt's own format: open it in Qt Linguist or in a text editor. A text keeps its translation when it moves to
another class; one that is new stands there as unfinished until somebody writes its translation and runs this again, which
makes `studio_de.qm`. Another language begins with `python packaging/translate.py fr`.

Texts come from four places, each a context of its own:

- `self.tr("...")` in the window: the class it stands in.
- `mark("...")` in `studio/actions.py`, and the words by which a command is found: "actions".
- titles, labels and descriptions of the techniques in `studio/core/job.py`, and the choices they offer: "Technique".
- sentences that are said below the window, which knows nothing of Qt: "Sentence". A sentence with values in it,
  f"“{layer.name}” is locked.", becomes the pattern "“{0}” is locked."; the window recognises it when it shows it (see
  `studio/ui/language.py`). All patterns are listed in `sentences.txt`.

Python's own parser reads the code. PySide6's lupdate was tried: it knows neither marks nor schemas, and with two collectors
each would have called the other's texts obsolete.
"""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
import tomllib
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "resources" / "translations"
PATTERNS = FOLDER / "sentences.txt"

Key = tuple[str, str]
"""Context and English text."""

SILENT = {
    "bench",
    "cli.py",
    "__main__.py",
    "nets",
    "serve.py",
    "schedule.py",
    "steps.py",
    "denoiser.py",
    "condition.py",
}
"""Parts that never speak in the window."""

STEPS = {
    "actions.py",
    "session.py",
    "layering.py",
    "filming.py",
    "takes.py",
    "history.py",
    "stack.py",
    "cutting.py",
    "canvas",
    "spectrogram",
    "timeline",
}
"""Parts that name steps of the history: “Move layer”."""

HALVES = {"process.py", "cutting.py", "engine.py"}
"""Parts that put sentences together: “did not answer any more; press Retry”."""

PLACE = re.compile(r"\{[^{}]*\}")


# ----------------------------------------------------------------------------------------------------------
# Collecting


def collect() -> list[Key]:
    """Every text that may be seen, in the order of the source code, each once."""
    found: dict[Key, None] = {}
    for path in sorted((ROOT / "studio").rglob("*.py")):
        parts = path.relative_to(ROOT / "studio").parts
        if SILENT & set(parts):
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"), str(path))
        taken: set[int] = set()
        found |= dict.fromkeys(_window_texts(tree, taken))
        if parts == ("actions.py",):
            found |= dict.fromkeys(("actions", text) for text in _marked(tree, taken))
        if parts == ("core", "difference.py"):
            found |= dict.fromkeys(("Sentence", text) for text in _answers(tree))
        if parts == ("core", "job.py"):
            found |= dict.fromkeys(("Technique", text) for text in _techniques(tree, taken))
        if parts[0] in ("core", "ui"):
            found |= dict.fromkeys(("Sentence", text) for text in _kinds(tree))
        found |= dict.fromkeys(
            ("Sentence", text)
            for text in _sentences(tree, taken, bool(STEPS & set(parts)), parts[-1] in HALVES)
        )
    for path in sorted((ROOT / "models").glob("*/card.toml")):
        card = tomllib.loads(path.read_text(encoding="utf-8"))
        found |= {("Technique", text): None for text in (card.get("title"), card.get("summary")) if text}
    for path in sorted((ROOT / "resources" / "themes").glob("*.json")):
        found["SettingsDialog", json.loads(path.read_text(encoding="utf-8"))["title"]] = None
    return list(found)


def _window_texts(tree: ast.Module, taken: set[int]) -> Iterator[Key]:
    """Arguments of `tr` and of `QCoreApplication.translate`."""
    own = {  # a module's own short name for translate("Context", text)
        node.name: inner.args[0].value
        for node in tree.body
        if isinstance(node, ast.FunctionDef)
        for inner in ast.walk(node)
        if isinstance(inner, ast.Call)
        and _called(inner) == "translate"
        and isinstance(inner.args[0], ast.Constant)
    }

    def walk(node: ast.AST, context: str) -> Iterator[Key]:
        if isinstance(node, ast.ClassDef):
            context = node.name
        if isinstance(node, ast.Call):
            name = _called(node)
            at, where = 0, context
            if name == "translate" and len(node.args) > 1 and isinstance(node.args[0], ast.Constant):
                at, where = 1, str(node.args[0].value)
            elif name in own:
                where = str(own[name])
            elif name != "tr":
                at = -1
            if at >= 0 and len(node.args) > at:
                for text, inner in _constants(node.args[at]):
                    taken.add(id(inner))
                    yield where, text
        for child in ast.iter_child_nodes(node):
            yield from walk(child, context)

    yield from walk(tree, "")


def _marked(tree: ast.Module, taken: set[int]) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _called(node) in ("mark", "Command"):
            also = [word.value for word in node.keywords if word.arg == "words"]  # what else people call it
            for part in also if _called(node) == "Command" else node.args[:1]:
                for text, inner in _constants(part):
                    taken.add(id(inner))
                    yield text


def _techniques(tree: ast.Module, taken: set[int]) -> Iterator[str]:
    """Titles and blurbs of the classes; labels, descriptions and units of their knobs; the choices of Literals."""
    for node in ast.walk(tree):
        texts: list[ast.AST] = []
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None:
            if node.target.id in ("title", "blurb"):
                texts.append(node.value)
            elif isinstance(node.value, ast.Call) and node.target.id != "name":
                if _called(node.value).startswith("_"):  # a knob's own maker
                    texts += [*node.value.args, *(keyword.value for keyword in node.value.keywords)]
                for part in ast.walk(node.annotation):
                    if isinstance(part, ast.Subscript) and ast.unparse(part.value) == "Literal":
                        texts.append(part.slice)
        elif isinstance(node, ast.Call) and _called(node) == "knob":
            texts += node.args[1:3]
        elif isinstance(node, ast.FunctionDef) and node.name.startswith("_"):
            texts += node.args.defaults
        for part in texts:
            for text, inner in _constants(part):
                taken.add(id(inner))
                if text.strip():
                    yield text


def _answers(tree: ast.Module) -> Iterator[str]:
    """Values in words: yes, nothing; and what changed, where that is no knob."""
    for node in ast.walk(tree):
        places = [node.value] if isinstance(node, ast.Return) and node.value else []
        if isinstance(node, ast.Call) and _called(node) == "Change":
            places = [*node.args]
        for text, _ in (one for place in places for part in ast.walk(place) for one in _constants(part)):
            if re.fullmatch(r"[A-Za-z]{2,}( [a-z']+)*", text):
                yield text


def _kinds(tree: ast.Module) -> Iterator[str]:
    """Kinds of clips and layers, blend modes, and names of the workspaces."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) in (
            "Kind",
            "LayerKind",
            "BlendMode",
        ):
            yield from (text for part in ast.walk(node.value) for text, _ in _constants(part))
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "WORKSPACES":
            rows = node.value.elts if isinstance(node.value, ast.Tuple) else []
            yield from (text for row in rows for text, _ in list(_constants(row))[1:2])


def _sentences(tree: ast.Module, taken: set[int], steps: bool, halves: bool) -> Iterator[str]:
    """What looks like a sentence, what an engine says it is doing and, where asked for, steps of the history; no docstrings."""
    silent = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)} | taken
    named: set[int] = set()
    doing: set[int] = set()
    tips: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            silent |= {id(part) for part in node.values}
        elif isinstance(node, ast.Call):
            (doing if _called(node) == "Progress" else named).update(_texts(*node.args))
            named |= _texts(*(word.value for word in node.keywords if word.arg in ("name", "title")))
        elif isinstance(node, ast.FunctionDef):
            named |= {id(part) for part in [*node.args.defaults, *node.args.kw_defaults] if part}
        elif isinstance(node, ast.Assign):
            target = node.targets[0]
            pairs = [(target, node.value)]
            if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                pairs = list(zip(target.elts, node.value.elts))
            for left, right in pairs:
                match ast.unparse(left):
                    case "title" | "name" | "self.name":
                        named |= {id(part) for part in ast.walk(right)}
                    case "tip":
                        tips |= _texts(right)
    for node in ast.walk(tree):
        text = "" if id(node) in silent else _pattern(node)
        if not text or "\n" in text or "`" in text:
            continue
        sentence = re.match(r"([A-Z“{](?![A-Z]{3})|[a-z_.{}\d]+: ).*\s.*[.?!…”]$", text)
        step = steps and id(node) in named and re.fullmatch(r"[A-Z][a-z]+( [a-z“{\d].*)?", text)
        half = (
            halves
            and id(node) not in named
            and re.match(r"[a-z{][^:]*\s\S+[^:]*$", text)
            and re.search(r"[a-z]{4}", PLACE.sub("", text))
        )
        if (sentence and len(PLACE.sub("", text)) > 6) or step or half or id(node) in doing | tips:
            yield text


def _texts(*nodes: ast.AST) -> set[int]:
    """Ids of the nodes, and of both branches where one is "a" if x else "b"."""
    found = {id(node) for node in nodes}
    for node in nodes:
        if isinstance(node, ast.IfExp):
            found |= _texts(node.body, node.orelse)
    return found


def _pattern(node: ast.AST) -> str:
    """A text as it is; an f-string with {0}, {1} in place of its values."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        parts, number = [], 0
        for part in node.values:
            if isinstance(part, ast.Constant):
                parts.append(str(part.value))
            else:
                parts.append(f"{{{number}}}")
                number += 1
        return "".join(parts)
    return ""


def _called(node: ast.Call) -> str:
    func = node.func
    return func.attr if isinstance(func, ast.Attribute) else func.id if isinstance(func, ast.Name) else ""


def _constants(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    """Texts in an argument, also those of "a" if x else "b"."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value, node
    elif isinstance(node, ast.IfExp):
        yield from _constants(node.body)
        yield from _constants(node.orelse)
    elif isinstance(node, ast.Tuple):
        for part in node.elts:
            yield from _constants(part)


# ----------------------------------------------------------------------------------------------------------
# Qt's files


def read(path: Path) -> dict[Key, str]:
    """What is translated; an unfinished text is not."""
    if not path.exists():
        return {}
    done: dict[Key, str] = {}
    for context in ET.parse(path).getroot().iter("context"):
        name = context.findtext("name") or ""
        for message in context.iter("message"):
            translation = message.find("translation")
            if translation is not None and translation.get("type") is None and translation.text:
                done[name, message.findtext("source") or ""] = translation.text
    return done


def merge(keys: Sequence[Key], done: dict[Key, str]) -> dict[Key, str]:
    """The translation of each text, "" where there is none; one from another context is taken over."""
    anywhere = {text: translation for (_, text), translation in done.items()}
    return {key: done.get(key) or anywhere.get(key[1], "") for key in keys}


def write(path: Path, language: str, texts: dict[Key, str]) -> str:
    """The text of a .ts file, sorted so that two people's changes rarely meet."""
    root = ET.Element("TS", version="2.1", language=language, sourcelanguage="en")
    for name in sorted({context for context, _ in texts}):
        context = ET.SubElement(root, "context")
        ET.SubElement(context, "name").text = name
        for source, translation in sorted((s, t) for (c, s), t in texts.items() if c == name):
            message = ET.SubElement(context, "message")
            ET.SubElement(message, "source").text = source
            made = ET.SubElement(message, "translation")
            if translation:
                made.text = translation
            else:
                made.set("type", "unfinished")
    ET.indent(root, "    ")
    return f'<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE TS>\n{ET.tostring(root, "unicode")}\n'


def wrong_places(texts: dict[Key, str]) -> list[str]:
    """Translations whose {0} are not those of the English text."""
    return [
        f"{source!r} -> {translation!r}"
        for (_, source), translation in texts.items()
        if translation and sorted(PLACE.findall(source)) != sorted(PLACE.findall(translation))
    ]


def patterns(keys: Sequence[Key]) -> str:
    """Texts with values in them that are said below the window, one a line."""
    return "".join(sorted({f"{text}\n" for where, text in keys if where in SAID and PLACE.search(text)}))


SAID = ("Sentence", "actions", "Technique")


def release(path: Path) -> None:
    """.ts -> .qm"""
    lrelease = [sys.executable, "-c", "from PySide6.scripts.pyside_tool import lrelease as run; run()"]
    subprocess.run(
        [*lrelease, str(path), "-silent", "-nounfinished", "-qm", str(path.with_suffix(".qm"))], check=True
    )


def main(arguments: Sequence[str]) -> int:
    strict = "--check" in arguments
    new = [argument for argument in arguments if re.fullmatch(r"[a-z]{2,3}(_[A-Z]{2})?", argument)]
    keys = collect()
    paths = sorted({*FOLDER.glob("studio_*.ts"), *(FOLDER / f"studio_{language}.ts" for language in new)})
    bad = 0
    for path in paths:
        language = path.stem.removeprefix("studio_")
        texts = merge(keys, read(path))
        open_texts = [f"{where}: {text}" for (where, text), done in texts.items() if not done]
        places = wrong_places(texts)
        content = write(path, language, texts)
        current = path.exists() and path.read_text(encoding="utf-8") == content
        if not strict:
            path.write_text(content, encoding="utf-8")
            release(path)
        for line in [*open_texts, *(f"other places: {line}" for line in places)]:
            print(line)
        print(
            f"{path.name}: {len(texts)} texts, {len(open_texts)} unfinished, {len(places)} with other places"
        )
        if strict and not current:
            print(f"{path.name} is not up to date; run python packaging/translate.py")
        bad += len(open_texts) + len(places) + (strict and not current)
    if not strict:
        PATTERNS.write_text(patterns(keys), encoding="utf-8")
    elif PATTERNS.read_text(encoding="utf-8") != patterns(keys):
        print(f"{PATTERNS.name} is not up to date; run python packaging/translate.py")
        bad += 1
    return 1 if bad else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
