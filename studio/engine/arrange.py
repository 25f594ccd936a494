"""What is painted outranks what is said: lists in the order of the paintings, no words of size.

Models of pictures read layout from the words as well: "a cat and a sun" puts the cat left more often than not, and a small one always.
Where the words of painted regions stand in a list, joined by "and" or commas, their order says nothing that the person meant; so they
are put in the order of the paintings, and two of them are told where they are, too.

>>> arranged("a fox and a green panda on blue", {"a fox": (0.8, 0.5), "a green panda": (0.2, 0.5)})
'a green panda on the left and a fox on the right on blue'
>>> arranged("a cat and a sun", {"a sun": (0.5, 0.2), "a cat": (0.5, 0.8)})
'a sun above a cat'
>>> arranged("a dog chases a cat", {"a cat": (0.1, 0.5), "a dog": (0.9, 0.5)})
'a dog chases a cat'
"""

from __future__ import annotations

import re
from collections.abc import Mapping

JOINED = re.compile(r"(?:\s*,\s*(?:and\s+)?|\s+and\s+)", re.IGNORECASE)
SIZES = re.compile(
    r"\b(?:(?:very|really)\s+)?(?:small|little|tiny|big|large|huge|giant)\s+(?=\w)", re.IGNORECASE
)
ARTICLE = re.compile(r"\b(an?)\s+(?=(\w))", re.IGNORECASE)
APART = 0.15
"""Of the picture's side: less, and neither is left of or above the other."""

Place = tuple[float, float]
"""Middle of a painting, x and y in [0, 1] from the top left."""


def arranged(prompt: str, places: Mapping[str, Place]) -> str:
    """The prompt with the listed words of `places` in their painted order; as it is, where nothing is only listed."""
    found = sorted((span for words in places if (span := _where(prompt, words))), key=lambda span: span[0])
    runs: list[list[tuple[int, int, str]]] = []
    for one in found:
        if runs and JOINED.fullmatch(prompt, runs[-1][-1][1], one[0]):
            runs[-1].append(one)
        else:
            runs.append([one])
    for run in reversed(runs):  # from the end, so that what stands before keeps its place
        if len(run) > 1:
            told = _told([(words, places[words]) for *_, words in run], prompt, run)
            prompt = prompt[: run[0][0]] + told + prompt[run[-1][1] :]
    return prompt


def _where(prompt: str, words: str) -> tuple[int, int, str] | None:
    """Begin, end and words, where they stand exactly once and as whole words."""
    hits = list(re.finditer(rf"(?<!\w){re.escape(words)}(?!\w)", prompt, re.IGNORECASE))
    return (*hits[0].span(), words) if words.strip() and len(hits) == 1 else None


def _told(listed: list[tuple[str, Place]], prompt: str, run: list[tuple[int, int, str]]) -> str:
    xs, ys = ([place[axis] for _, place in listed] for axis in (0, 1))
    wide, high = max(xs) - min(xs), max(ys) - min(ys)
    if max(wide, high) < APART:
        return prompt[run[0][0] : run[-1][1]]
    ordered = [words for words, _ in sorted(listed, key=lambda one: one[1][0 if wide >= high else 1])]
    if len(ordered) == 2:
        first, second = ordered
        return f"{first} on the left and {second} on the right" if wide >= high else f"{first} above {second}"
    return ", ".join(ordered[:-1]) + f" and {ordered[-1]}"


def unsized(prompt: str) -> str:
    """Without the words that say how large a thing is.

    >>> unsized("a small owl and a very big red car")
    'an owl and a red car'
    """
    shorter = SIZES.sub("", prompt)
    if shorter == prompt:
        return prompt
    return ARTICLE.sub(lambda a: f"{a[1][0]}{'n' if a[2].lower() in 'aeiou' else ''} ", shorter)


def told(asked: str, read: str, notes: list[str]) -> str:
    """The prompt as it is read, and a note where that is not as it was asked."""
    if read != asked:
        notes.append(f"The prompt was read as “{read}”, as it is painted.")
    return read
