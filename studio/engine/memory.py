"""How much memory there is, how much a model needs, and which models stay warm.

Sizes are known before loading: the header of a safetensors file lists every tensor. Models are forgotten in order of
least recent use until the next one fits the budget.
"""

from __future__ import annotations

import gc
import json
import math
import os
import struct
import sys
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol, TypeVar

import psutil
import torch

SHARE = 0.6
"""Of the memory that is free when the engine starts, this much may be filled with weights."""
MAX_HEADER = 100 << 20


def free(device: torch.device) -> int:
    """Bytes that are free now."""
    return torch.cuda.mem_get_info(device)[0] if device.type == "cuda" else psutil.virtual_memory().available


def default_budget(device: torch.device) -> int:
    """Bytes of weights that may stay loaded on `device`."""
    return int(free(device) * SHARE)


def total(device: torch.device) -> int:
    """Bytes that the device has."""
    if device.type == "cuda":
        return torch.cuda.mem_get_info(device)[1]
    return psutil.virtual_memory().total


def peak_memory(device: torch.device) -> int:
    """Peak bytes: of this process's tensors on a GPU, of the whole process on the CPU."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device)
    if device.type == "mps":
        return torch.mps.driver_allocated_memory()
    if sys.platform == "win32":
        return int(psutil.Process().memory_info().peak_wset)
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def reset_peak(device: torch.device) -> None:
    """Starts a new measurement where the device can (the CPU's peak is that of the process's life)."""
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)


def free_unused(device: torch.device) -> None:
    """Gives memory that nothing uses back to the device."""
    gc.collect()
    if device.type == "cuda":
        torch.cuda.empty_cache()
    elif device.type == "mps":
        torch.mps.empty_cache()


def is_out_of_memory(error: BaseException) -> bool:
    """Whether `error` says that memory ran out, in any of the ways that torch says it."""
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    text = str(error).lower()
    return isinstance(error, RuntimeError) and (
        "out of memory" in text or "can't allocate memory" in text or "not enough memory" in text
    )


def header(path: Path) -> dict[str, Any]:
    """Header of a safetensors file: {tensor: {"dtype", "shape", "data_offsets"}}.

    Raises:
        ValueError: the file is truncated or something else.
    """
    with path.open("rb") as file:
        head = file.read(8)
        length = struct.unpack("<Q", head)[0] if len(head) == 8 else 0
        if not 2 <= length <= min(MAX_HEADER, os.path.getsize(path) - 8):
            raise ValueError(f"{path.name} is not a complete safetensors file")
        table: dict[str, Any] = json.loads(file.read(length))
    table.pop("__metadata__", None)
    ends = [int(entry["data_offsets"][1]) for entry in table.values()]
    if max(ends, default=0) + 8 + length > os.path.getsize(path):
        raise ValueError(f"{path.name} is cut off")
    return table


def count_parameters(path: Path) -> int:
    """Numbers in a safetensors file, or in all of them below a folder."""
    files = sorted(path.rglob("*.safetensors")) if path.is_dir() else [path]
    return sum(math.prod(entry["shape"]) for file in files for entry in header(file).values())


class Sized(Protocol):
    """What can stay warm."""

    bytes: int

    def close(self) -> None: ...


T = TypeVar("T", bound=Sized)


class Warm(OrderedDict[str, T]):
    """Loaded models, least recently used first."""

    def __init__(self, budget: int) -> None:
        super().__init__()
        self.budget = budget

    @property
    def used(self) -> int:
        return sum(model.bytes for model in self.values())

    def fetch(self, key: str, need: int, load: Callable[[], T]) -> T:
        """The model `key`; loaded after forgetting others until its `need` bytes fit (or nothing else is left)."""
        if key not in self:
            self.shrink(self.budget - need)
            self[key] = load()
        self.move_to_end(key)
        return self[key]

    def shrink(self, limit: int, keep: str = "") -> None:
        """Forgets the least recently used models, `keep` excepted, until at most `limit` bytes are used."""
        for key in [key for key in self if key != keep]:
            if self.used <= limit:
                break
            self.pop(key).close()
            gc.collect()
