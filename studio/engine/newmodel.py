"""A model that was made here gets its folder: a name that no other has, and all of its files or none."""

from __future__ import annotations

import os
import re
import shutil
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from safetensors import SafetensorError

from studio.core import paths
from studio.core.card import find_cards
from studio.core.job import BadRequest


def named(called: str, otherwise: str) -> str:
    """A title as the name of a folder and the id of a card.

    >>> named("  Mein Café, No. 5! ", "model"), named("!", "model")
    ('mein-cafe-no.-5', 'model')
    """
    plain = unicodedata.normalize("NFKD", called).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9._+-]+", "-", plain).strip("._+-").lower() or otherwise


def free(name: str, place: Path, mine: Callable[[Path], bool] = lambda folder: False) -> str:
    """The name, with a number where a model or a folder in `place` has it; one that is `mine` may be replaced."""
    taken = {*find_cards(*paths.model_folders())[0]}

    def may_be(one: str) -> bool:
        there = (place / one).exists()
        return mine(place / one) if there else one not in taken

    return next(one for one in (name, *(f"{name}-{i}" for i in range(2, 10_000))) if may_be(one))


@contextmanager
def whole(folder: Path, field: str, then: str = "free some space and ask again") -> Iterator[Path]:
    """A folder to write to that stands at `folder`, in the place of what was there, when the block ends well, and else is gone.

    Args:
        field: of the request, for the sentence.
        then: what to do when it cannot be written.

    Raises:
        BadRequest: it cannot be written.
    """
    beside = folder.with_name(f".{folder.name}.{os.getpid()}.new")
    try:
        beside.mkdir(parents=True)
        yield beside
        shutil.rmtree(folder, ignore_errors=True)
        os.replace(beside, folder)
    except (OSError, SafetensorError) as error:
        why = getattr(error, "strerror", None) or error
        raise BadRequest(f"{field}: {folder.parent} cannot be written to ({why}); {then}.") from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)
