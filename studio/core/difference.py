"""What differs between two requests, in words for people."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

from pydantic import BaseModel

from studio.core.job import TECHNIQUES, JobSpec, Source


@dataclass(frozen=True)
class Change:
    """One setting that is not the same. `label` as the form shows it; `before` is empty where there was no such setting."""

    label: str
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.label}: {self.before} → {self.after}" if self.before else f"{self.label}: {self.after}"


def differences(before: JobSpec, after: JobSpec) -> list[Change]:
    """The settings in which two requests differ: technique, model, those of the techniques in the form's order, seed.

    Where the techniques differ, settings that only the later one has are listed if they are not at their default.
    """
    found: list[Change] = []
    one, other = before.technique, after.technique
    if one.name != other.name:
        found.append(Change("Technique", TECHNIQUES[one.name].title, TECHNIQUES[other.name].title))
    if before.model != after.model:
        found.append(Change("Model", before.model or "the first", after.model or "the first"))
    if None not in (before.second, after.second) and before.second != after.second:
        found.append(Change("Second stage", before.second or "none", after.second or "none"))
    for name, info in type(other).model_fields.items():
        if name == "name":
            continue
        now: Any = getattr(other, name)
        label = info.title or name
        if name in type(one).model_fields:
            then: Any = getattr(one, name)
            if now != then:
                found.append(Change(label, plain(then), plain(now)))
        elif isinstance(now, Source):
            continue  # that it takes a picture is what the technique is about
        elif now != info.get_default(call_default_factory=True):
            found.append(Change(label, "", plain(now)))
    if before.seed != after.seed:
        found.append(Change("Seed", str(before.seed), str(after.seed)))
    return found


def plain(value: Any) -> str:
    """A setting as a person would say it."""
    match value:
        case None:
            return "the model's own"
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:.4g}"
        case str():
            words = " ".join(value.split())
            return (
                "nothing" if not words else f"“{words}”" if len(words) <= 80 else f"“{words[:79].rstrip()}…”"
            )
        case Source():
            return (
                f"picture {value.sha256[:6]}"
                if value.sha256
                else value.path.replace("\\", "/").rsplit("/", 1)[-1]
            )
        case list() | tuple():
            return " to ".join(plain(one) for one in cast("tuple[Any, ...]", value)) or "nothing"
        case BaseModel():
            return ", ".join(f"{key} {plain(one)}" for key, one in value)
        case _:
            return str(value)


def sources(spec: JobSpec) -> list[Source]:
    """Every input file that a request names."""
    return list(_sources(spec.technique))


def _sources(value: Any) -> Iterator[Source]:
    if isinstance(value, Source):
        yield value
    elif isinstance(value, BaseModel):
        for _, one in value:
            yield from _sources(one)
    elif isinstance(value, list | tuple):
        for one in cast("tuple[Any, ...]", value):
            yield from _sources(one)
