"""Prompts: words with weights, and the text encoder's states for them.

Weights are written as in the well-known web user interface:

    (word)        1.1 times the attention, and ((word)) 1.21 times
    (word:1.3)    1.3 times
    [word]        1 / 1.1 times
    \\( \\) \\[ \\] \\\\   the character itself

A bracket without a partner is taken literally, because people type "a cat :(" and mean it.

A prompt longer than the encoder's window is cut into chunks of (window - 2) tokens, each between its own begin
and end tokens, and the chunks' states are put one after another. A weight multiplies its tokens' states, after
which the chunk's mean is restored. With all weights 1 and one chunk the result is the encoder's, bit for bit.

Decisions. The mean is restored per chunk and prompt, where other programs do it over the batch, so that a
picture does not depend on its neighbours. `clip_skip` counts as model libraries do (0 is the last layer); the
"CLIP skip 2" of web user interfaces is 1 here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from studio.engine.condition import Condition

EMPHASIS = 1.1
"""What one pair of round brackets multiplies attention by."""

DEFAULT_MAX_CHUNKS = 8

_ESCAPED = "()[]\\:"
_PRIVATE = 0xE000  # escaped characters hide in the private use area while brackets are being matched
_WEIGHT = re.compile(r":\s*([+-]?(?:\d+\.?\d*|\.\d+))\s*$")
_TOKEN = re.compile(r"\\[()\[\]\\:]|[()\[\]]|[^()\[\]\\]+|\\")


class Tokenizer(Protocol):
    """What is needed of a tokenizer."""

    @property
    def model_max_length(self) -> int: ...
    @property
    def bos_token_id(self) -> int | None: ...
    @property
    def eos_token_id(self) -> int | None: ...
    @property
    def pad_token_id(self) -> int | None: ...
    def __call__(self, text: str, *, add_special_tokens: bool, verbose: bool) -> Any: ...


# --- parsing --------------------------------------------------------------------------------------------------

Piece = tuple[str, float]


@dataclass
class _Group:
    """An open bracket and what has been read since.

    own_tail: whether the last piece was read right here, not inside an inner pair of brackets; only then can it
    end in this group's weight.
    """

    opener: str
    pieces: list[Piece]
    own_tail: bool = False

    def read(self, text: str) -> None:
        """Append text of this very group."""
        self.pieces.append((text, 1.0))
        self.own_tail = True


def parse(prompt: str) -> list[Piece]:
    """A prompt as (text, weight) pieces; neighbours of equal weight are one piece, and there is at least one."""
    stack = [_Group("", [])]
    for match in _TOKEN.finditer(prompt):
        token = match.group()
        if token in "([":
            stack.append(_Group(token, []))
        elif token in ")]":
            _close(stack, token)
        elif len(token) == 2 and token[0] == "\\" and token[1] in _ESCAPED:
            stack[-1].read(chr(_PRIVATE + ord(token[1])))
        else:
            stack[-1].read(token)
    while len(stack) > 1:
        _fold(stack)
    return _tidy(stack[0].pieces)


def _close(stack: list[_Group], closer: str) -> None:
    """A closing bracket: weigh its group, or take it literally if nothing was opened."""
    opener = "(" if closer == ")" else "["
    if all(group.opener != opener for group in stack):
        stack[-1].read(closer)
        return
    while stack[-1].opener != opener:
        _fold(stack)
    group = stack.pop()
    pieces = group.pieces
    factor = EMPHASIS if opener == "(" else 1 / EMPHASIS
    if opener == "(" and group.own_tail and (found := _WEIGHT.search(pieces[-1][0])):
        factor = float(found.group(1))
        pieces[-1] = (pieces[-1][0][: found.start()], pieces[-1][1])
    stack[-1].pieces += [(text, weight * factor) for text, weight in pieces]
    stack[-1].own_tail = False


def _fold(stack: list[_Group]) -> None:
    """An opening bracket that is never closed is only a character."""
    group = stack.pop()
    stack[-1].pieces += [(group.opener, 1.0), *group.pieces]
    stack[-1].own_tail = group.own_tail or not group.pieces


def _tidy(pieces: Sequence[Piece]) -> list[Piece]:
    """Escaped characters as themselves; empty pieces gone; equal neighbours joined."""
    table = {_PRIVATE + ord(c): c for c in _ESCAPED}
    tidy: list[Piece] = []
    for text, weight in pieces:
        text = text.translate(table)
        if tidy and abs(tidy[-1][1] - weight) < 1e-9:
            tidy[-1] = (tidy[-1][0] + text, tidy[-1][1])
        elif text:
            tidy.append((text, weight))
    return tidy or [("", 1.0)]


# --- tokens ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Chunk:
    """One window of the encoder: [T] token ids and their weights."""

    ids: tuple[int, ...]
    weights: tuple[float, ...]


def count_tokens(tokenizer: Tokenizer, prompt: str) -> int:
    """The number of tokens of a prompt, brackets and weights not counted, begin and end not counted."""
    return len(_weighted_tokens(tokenizer, prompt))


def unweighted(prompt: str) -> str:
    """The prompt's words without their weights, written so that they are read as they stand.

    >>> unweighted("a (red:1.5) fox")
    'a red fox'
    """
    text = "".join(piece for piece, _ in parse(prompt))
    return re.sub(r"([()\[\]\\])", r"\\\1", text)


def positions(tokenizer: Tokenizer, prompt: str, chunks: int = 1) -> tuple[list[int], list[float]]:
    """Token and weight at each of the positions [T] that `encode` gives states for, begin, end and filling included.

    Raises ValueError if the prompt needs more than that many chunks.
    """
    made = _batch(tokenizer, prompt, chunks, chunks)[0]
    return [i for c in made for i in c.ids], [w for c in made for w in c.weights]


def _weighted_tokens(tokenizer: Tokenizer, prompt: str) -> list[tuple[int, float]]:
    tokens: list[tuple[int, float]] = []
    for text, weight in parse(prompt):
        # verbose=False: a prompt longer than the window is cut into chunks, so its length is no warning
        ids = tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"]
        tokens += [(int(i), weight) for i in ids]
    return tokens


def _chunks(tokenizer: Tokenizer, prompt: str, max_chunks: int) -> list[_Chunk]:
    """The prompt cut into windows; ValueError if it needs more than max_chunks."""
    size = tokenizer.model_max_length - 2
    tokens = _weighted_tokens(tokenizer, prompt)
    if len(tokens) > max_chunks * size:
        raise ValueError(
            f"The prompt has {len(tokens)} tokens, and at most {max_chunks * size} can be used; please shorten it."
        )
    return [_chunk(tokenizer, tokens[i : i + size]) for i in range(0, max(len(tokens), 1), size)]


def _chunk(tokenizer: Tokenizer, tokens: Sequence[tuple[int, float]]) -> _Chunk:
    bos, eos, pad = tokenizer.bos_token_id, tokenizer.eos_token_id, tokenizer.pad_token_id
    if bos is None or eos is None:
        raise ValueError("This tokenizer has no begin and end tokens, so it is not CLIP's.")
    fill = tokenizer.model_max_length - 2 - len(tokens)
    ids = (bos, *(i for i, _ in tokens), eos, *[eos if pad is None else pad] * fill)
    weights = (1.0, *(w for _, w in tokens), 1.0, *[1.0] * fill)
    return _Chunk(ids, weights)


# --- encoding -------------------------------------------------------------------------------------------------


@torch.no_grad()
def encode(
    tokenizer: Tokenizer,
    text_encoder: nn.Module,
    prompt: str | Sequence[str],
    clip_skip: int = 0,
    max_chunks: int = DEFAULT_MAX_CHUNKS,
    min_chunks: int = 1,
) -> Condition:
    """CLIP states of one or several prompts: hidden [B, chunks * window, C].

    clip_skip: how many of the last layers to leave out; the final layer norm is always applied.
    min_chunks: at least so many chunks, filled with empty ones, so that a prompt and its negative have the
        same length (see `chunks_needed`).
    pooled is that of the first chunk, or None if the encoder has none.
    Raises ValueError for a prompt of more than max_chunks chunks or a clip_skip that leaves no layer.
    """
    if clip_skip < 0:
        raise ValueError("The number of layers to skip cannot be negative.")
    chunked = _batch(tokenizer, prompt, max_chunks, min_chunks)
    parts = [_encode_chunks(text_encoder, c, clip_skip, final_norm=True) for c in zip(*chunked, strict=True)]
    return Condition(torch.cat([h for h, _ in parts], dim=1), pooled=parts[0][1])  # [B, chunks * window, C]


@torch.no_grad()
def encode_xl(
    tokenizers: Sequence[Tokenizer],
    text_encoders: Sequence[nn.Module],
    prompt: str | Sequence[str],
    clip_skip: int = 0,
    max_chunks: int = DEFAULT_MAX_CHUNKS,
    min_chunks: int = 1,
) -> Condition:
    """States for models with two CLIP encoders (Podell et al. 2023, section 2.1): hidden [B, T, C1 + C2].

    Each encoder gives its last layer but one, without the final norm; the last encoder's projected vector of the
    first chunk is `pooled`. `time_ids` are added by the caller with `Condition.with_extra`.
    """
    least = max(min_chunks, *(chunks_needed(t, prompt) for t in tokenizers))
    columns: list[Tensor] = []
    pooled: Tensor | None = None
    for tokenizer, encoder in zip(tokenizers, text_encoders, strict=True):
        chunked = _batch(tokenizer, prompt, max_chunks, least)
        parts = [
            _encode_chunks(encoder, c, clip_skip + 1, final_norm=False) for c in zip(*chunked, strict=True)
        ]
        columns.append(torch.cat([h for h, _ in parts], dim=1))  # [B, T, Ci]
        pooled = parts[0][1]
    return Condition(torch.cat(columns, dim=-1), pooled=pooled)


def xl_time_ids(
    size: tuple[int, int], original: tuple[int, int] | None = None, crop: tuple[int, int] = (0, 0)
) -> Tensor:
    """[1, 6]: original size, crop offset and target size, each (height, width) in pixels (Podell et al. 2023, 2.2)."""
    return torch.tensor([[*(original or size), *crop, *size]], dtype=torch.float32)


def chunks_needed(tokenizer: Tokenizer, *prompts: str | Sequence[str]) -> int:
    """The number of chunks of the longest of the prompts."""
    size = tokenizer.model_max_length - 2
    texts = [text for p in prompts for text in ([p] if isinstance(p, str) else p)]
    return max([1, *(-(-count_tokens(tokenizer, text) // size) for text in texts)])


def _batch(
    tokenizer: Tokenizer, prompt: str | Sequence[str], max_chunks: int, min_chunks: int
) -> list[list[_Chunk]]:
    """Per prompt its chunks, all lists of the same length."""
    prompts = [prompt] if isinstance(prompt, str) else list(prompt)
    if not prompts:
        raise ValueError("There is no prompt to encode.")
    chunked = [_chunks(tokenizer, p, max_chunks) for p in prompts]
    length = max(min_chunks, *(len(c) for c in chunked), 1)
    empty = _chunk(tokenizer, [])
    return [c + [empty] * (length - len(c)) for c in chunked]


def _encode_chunks(
    encoder: nn.Module, chunks: Sequence[_Chunk], clip_skip: int, *, final_norm: bool
) -> tuple[Tensor, Tensor | None]:
    """One chunk of every prompt -> (hidden [B, T, C], pooled [B, C'] or None)."""
    device = next(encoder.parameters()).device
    ids = torch.tensor([c.ids for c in chunks], device=device)  # [B, T]
    weights = torch.tensor([c.weights for c in chunks], device=device)  # [B, T]
    output: Any = encoder(ids, output_hidden_states=clip_skip > 0)
    hidden = output.last_hidden_state if clip_skip == 0 else _skipped(encoder, output, clip_skip, final_norm)
    pooled = getattr(output, "text_embeds", None)
    if pooled is None:
        pooled = getattr(output, "pooler_output", None)
    return _weighted(hidden, weights), pooled


def _skipped(encoder: nn.Module, output: Any, clip_skip: int, final_norm: bool) -> Tensor:
    """The states clip_skip layers before the last, [B, T, C]."""
    states: Sequence[Tensor] = output.hidden_states  # the embeddings, then one per layer
    if not 0 <= clip_skip < len(states) - 1:
        raise ValueError(
            f"This text encoder has {len(states) - 1} layers; {clip_skip} of them cannot be skipped."
        )
    hidden = states[-1 - clip_skip]
    return _final_norm(encoder)(hidden) if final_norm else hidden


def _final_norm(encoder: nn.Module) -> nn.Module:
    """The layer norm after the last layer; text encoders nest their transformer or, lately, don't."""
    inner: Any = getattr(encoder, "text_model", encoder)
    return inner.final_layer_norm


def _weighted(hidden: Tensor, weights: Tensor) -> Tensor:
    """hidden [B, T, C] with each token's states times its weight [B, T], each prompt's mean restored.

    The mean is left alone where it is next to nothing beside the states, because the factor would be noise.
    """
    plain = (weights == 1).all(dim=1)  # [B]
    if bool(plain.all()):
        return hidden
    louder = hidden * weights[..., None].to(hidden.dtype)
    before = hidden.float().mean(dim=(1, 2), keepdim=True)
    after = louder.float().mean(dim=(1, 2), keepdim=True)
    least = 1e-3 * hidden.float().abs().mean(dim=(1, 2), keepdim=True)
    sound = (before.abs() > least) & (after.abs() > least)
    factor = torch.where(sound, before / after, torch.ones_like(after)).to(hidden.dtype)  # [B, 1, 1]
    return torch.where(plain[:, None, None], hidden, louder * factor)
