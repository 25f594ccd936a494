"""What a network is told besides the noisy picture and the noise level: text, sizes, masks, pictures.

One frozen bundle of tensors, so that guidance can put several of them into one batch without knowing what
they mean. B is the batch, T the number of tokens, C the width of a token, H x W the latent's size.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import torch
from torch import Tensor
from torch.nn.functional import pad

_NO_EXTRA: Mapping[str, Tensor] = MappingProxyType({})


@dataclass(frozen=True, eq=False)
class Condition:
    """Tensors that steer a network; every one has the batch as its first axis.

    hidden: [B, T, C] token states for cross-attention; T may be 0 for a network that takes no text.
    pooled: [B, C'] one vector per prompt.
    mask: [B, T] bool, True where `hidden` holds a real token; None means everywhere.
    channels: [B, K, H, W] concatenated to x: an inpainting mask and picture, or the picture to be edited.
    extra: further inputs by name, such as "time_ids" [B, 6] or "guidance" [B].
    """

    hidden: Tensor
    pooled: Tensor | None = None
    mask: Tensor | None = None
    channels: Tensor | None = None
    extra: Mapping[str, Tensor] = field(default_factory=lambda: _NO_EXTRA)

    @property
    def batch(self) -> int:
        """The number of pictures B that this condition is for."""
        return int(self.hidden.shape[0])

    @staticmethod
    def cat(conditions: Sequence[Condition]) -> Condition:
        """One condition for the batches one after the other.

        Shorter `hidden` is padded with zeros, and a mask then says where the padding is. Raises ValueError if
        one condition has a part that another lacks.
        """
        if not conditions:
            raise ValueError("There is no condition to join.")
        names = set(conditions[0].extra)
        if any(set(c.extra) != names for c in conditions):
            raise ValueError("Conditions with different extra inputs cannot share a batch.")
        tokens = max(c.hidden.shape[1] for c in conditions)
        ragged = any(c.hidden.shape[1] != tokens or c.mask is not None for c in conditions)
        return Condition(
            hidden=torch.cat([_longer(c.hidden, tokens) for c in conditions]),  # [sum B, T, C]
            pooled=_cat_optional([c.pooled for c in conditions], "pooled text"),
            mask=torch.cat([_mask(c, tokens) for c in conditions]) if ragged else None,  # [sum B, T]
            channels=_cat_optional([c.channels for c in conditions], "extra channels"),
            extra={name: torch.cat([c.extra[name] for c in conditions]) for name in names},
        )

    def to(self, device: torch.device | str | None = None, dtype: torch.dtype | None = None) -> Condition:
        """On another device or in another floating type; masks and integers keep their type."""

        def move(v: Tensor) -> Tensor:
            return v.to(device=device, dtype=dtype if v.is_floating_point() else None)

        return self._map(move)

    def repeat(self, n: int) -> Condition:
        """Every item n times in a row: [a, b] becomes [a, a, b, b] for n = 2."""
        return self._map(lambda v: v.repeat_interleave(n, dim=0))

    def expand(self, batch: int) -> Condition:
        """The condition for `batch` pictures; ValueError unless it is for one or for that many."""
        if self.batch == batch:
            return self
        if self.batch != 1:
            raise ValueError(f"A condition for {self.batch} pictures cannot steer {batch}.")
        return self.repeat(batch)

    def pick(self, index: Tensor) -> Condition:
        """The items at these indices [n], in that order."""
        return self._map(lambda v: v[index])

    def replaced(self, where: Tensor, others: Condition) -> Condition:
        """Other items, of the same length in tokens, where a mask [B] is True."""

        def change(mine: Tensor, theirs: Tensor | None) -> Tensor:
            if theirs is None:
                raise ValueError("Conditions with different parts cannot be mixed.")
            mine = mine.clone()
            mine[where] = theirs
            return mine

        return Condition(
            hidden=change(self.hidden, others.hidden),
            pooled=None if self.pooled is None else change(self.pooled, others.pooled),
            mask=None if self.mask is None else change(self.mask, others.mask),
            channels=None if self.channels is None else change(self.channels, others.channels),
            extra={name: change(value, others.extra.get(name)) for name, value in self.extra.items()},
        )

    def with_extra(self, **extra: Tensor) -> Condition:
        """The same condition with further named inputs."""
        return replace(self, extra={**self.extra, **extra})

    def _map(self, f: Callable[[Tensor], Tensor]) -> Condition:
        return Condition(
            hidden=f(self.hidden),
            pooled=None if self.pooled is None else f(self.pooled),
            mask=None if self.mask is None else f(self.mask),
            channels=None if self.channels is None else f(self.channels),
            extra={name: f(v) for name, v in self.extra.items()},
        )


def _longer(hidden: Tensor, tokens: int) -> Tensor:
    """[B, T, C] -> [B, tokens, C], zeros at the end."""
    missing = tokens - hidden.shape[1]
    return pad(hidden, (0, 0, 0, missing)) if missing else hidden


def _mask(condition: Condition, tokens: int) -> Tensor:
    """[B, tokens] bool, False on padding."""
    have = condition.mask
    if have is None:
        have = torch.ones(condition.hidden.shape[:2], dtype=torch.bool, device=condition.hidden.device)
    return pad(have.bool(), (0, tokens - have.shape[1]), value=False)


def _cat_optional(parts: Sequence[Tensor | None], name: str) -> Tensor | None:
    present = [p for p in parts if p is not None]
    if not present:
        return None
    if len(present) != len(parts):
        raise ValueError(f"Conditions with and without {name} cannot share a batch.")
    return torch.cat(present)
