"""The language of the window.

Texts of widgets go through Qt's own `tr`. What is written below the window (titles of commands and techniques, sentences of
the session and of the engine) is plain English there, as those parts know nothing of Qt and may run in another process; the
window translates it where it shows it, with `spoken`.

A sentence with values inside, such as “Sky” is locked; unlock it to paint on it., is recognised by its pattern, “{0}” is
locked; unlock it to paint on it. (`resources/translations/sentences.txt` lists them), and the values are put into the translated
pattern. The other way, a placeholder and its values handed through session, queue, file and process, was left: it would change
every message of the program, its metadata and its command line for the sake of the window.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

from studio.core.paths import resources

CONTEXTS = ("Sentence", "Technique", "actions")
"""Where texts from below the window are in the translation, see `packaging/translate.py`."""

_PLACE = re.compile(r"\{\d+\}")

_installed: list[QTranslator] = []


def folder() -> Path:
    return resources() / "translations"


def languages() -> dict[str, str]:
    """{"de": "Deutsch"}: what there is beside English, each under its own name."""
    codes = [path.stem.removeprefix("studio_") for path in sorted(folder().glob("studio_*.qm"))]
    return {code: QLocale(code).nativeLanguageName().capitalize() for code in codes}


def speak(wanted: str) -> str:
    """Use a language from now on: "system", "en" or one of `languages`. What is not translated stays English.

    Texts of widgets that are there already stay as they are, so this is called before the window is made.

    Returns:
        the language in use.
    """
    app = QCoreApplication.instance()
    for old in _installed:
        if app is not None:
            app.removeTranslator(old)
    _installed.clear()
    _patterns.cache_clear()
    code = QLocale.system().name().split("_")[0] if wanted == "system" else wanted
    if app is None or code not in languages():
        return "en"
    theirs = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    for name, place in ((f"qtbase_{code}", theirs), (f"studio_{code}", str(folder()))):
        translator = QTranslator(app)
        if translator.load(name, place):
            app.installTranslator(translator)
            _installed.append(translator)
    return code


def spoken(text: str) -> str:
    """A text from below the window in the window's language; one that is not known comes back as it is."""
    if not _installed or not text:
        return text
    known = _known(text)
    if known is not None:
        return known
    for parts, pattern in _patterns():
        values = _values(text, parts)
        if values is not None:
            meant = _known(pattern)
            if meant is not None:
                return meant.format(*map(spoken, values))
    return text


def _known(text: str) -> str | None:
    for context in CONTEXTS:
        found = QCoreApplication.translate(context, text)
        if found != text:
            return found
    return None


@lru_cache(maxsize=1)
def _patterns() -> list[tuple[list[str], str]]:
    """(text between the values, pattern), those that say most first, as "{0} is {1}" would fit too much."""
    try:
        lines = (folder() / "sentences.txt").read_text("utf-8").splitlines()
    except OSError:
        return []
    split = [(_PLACE.split(line), line) for line in lines]
    return sorted(split, key=lambda one: -sum(map(len, one[0])))


def _values(text: str, parts: list[str]) -> list[str] | None:
    """What stands at the places between `parts`, or None if the text is another one."""
    if not (text.startswith(parts[0]) and text.endswith(parts[-1])):
        return None
    at, end = len(parts[0]), len(text) - len(parts[-1])
    values: list[str] = []
    for part in parts[1:-1]:
        found = text.find(part, at, end)
        if found < 0:
            return None
        values.append(text[at:found])
        at = found + len(part)
    return [*values, text[at:end]] if at <= end else None
