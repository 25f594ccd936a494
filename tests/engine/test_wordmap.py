"""Where a word acts: which tokens are a word's, what is looked at, and a network that is left as it was."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from studio.core.job import Failed, JobSpec, Source, WordMap, words_of
from studio.engine.controls.look import Look
from studio.engine.engine import Engine

from .conftest import one


def request(picture: Source, word: str = "fox", **values: Any) -> JobSpec:
    own = {"prompt": "a (red:1.3) fox and a fox-glove", "word": word, **values}
    return JobSpec(technique=WordMap(image=picture, **own), model="tiny-taesd", seed=3)


def test_words_are_each_there_once() -> None:
    assert words_of("a red fox, a fox-glove; the fox's den 2") == [
        "a",
        "red",
        "fox",
        "fox-glove",
        "the",
        "fox's",
        "den",
    ]


def test_a_mask_of_the_picture_s_size(engine: Engine, picture: Source) -> None:
    size = Image.open(picture.path).size
    hard = one(engine, request(picture)).clip
    soft = one(engine, request(picture, softness=1.0)).clip
    assert hard.kind == soft.kind == "mask"
    assert (hard.width, hard.height) == size
    assert set(np.unique(hard.array)) <= {0, 255}
    assert hard.array.max() == 255  # its strongest place belongs to it
    assert len(np.unique(soft.array)) > 2
    np.testing.assert_array_equal(hard.array, one(engine, request(picture)).clip.array)


def test_the_second_word_costs_no_call(
    engine: Engine, picture: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = one(engine, request(picture, softness=1.0)).clip.array
    monkeypatch.setattr(Look, "add", lambda *_: pytest.fail("the network was asked again"))
    second = one(engine, request(picture, word="RED", softness=1.0)).clip.array
    assert not np.array_equal(first, second)


def test_a_word_that_is_not_there_is_named(engine: Engine, picture: Source) -> None:
    (event,) = [e for e in engine.run(request(picture, word="cat")) if isinstance(e, Failed)]
    assert "'cat' is not in the description; choose one of a, red, fox" in event.message


def test_attention_is_averaged_and_the_network_left_alone() -> None:
    class Layer(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.heads, self.scale, self.is_cross_attention = 2, 0.5, True
            self.to_q, self.to_k = torch.nn.Linear(4, 4), torch.nn.Linear(4, 4)
            self.processor = lambda attn, x, **rest: x + 1

    net = torch.nn.ModuleList([Layer(), Layer()])
    plain = [layer.processor for layer in net]
    look = Look(net, torch.tensor([[0.0, 1.0, 1.0], [1.0, 1.0, 1.0]]), (4, 6))
    x, text = torch.randn(1, 24, 4), torch.randn(1, 3, 4)
    small = torch.randn(1, 6, 4)
    with look.attach():
        for layer in net:
            assert torch.equal(layer.processor(layer, x, encoder_hidden_states=text), x + 1)
            layer.processor(layer, small, encoder_hidden_states=text)
            layer.processor(layer, x)  # of the picture to itself: not a word's
    assert [layer.processor for layer in net] == plain
    assert look.calls == 4
    assert look.total is not None and look.total.shape == (2, 4, 6)
    # All tokens together are looked at evenly everywhere.
    torch.testing.assert_close(look.total[1], torch.full((4, 6), 4.0))
    q = net[0].to_q(x).unflatten(-1, (2, -1)).transpose(1, 2)
    k = net[0].to_k(text).unflatten(-1, (2, -1)).transpose(1, 2)
    by_hand = (q @ k.transpose(-1, -2) * 0.5).softmax(-1)[0].mean(0)[:, 1:].sum(1)
    alone = Look(net, look.chosen, (4, 6))
    with alone.attach():
        net[0].processor(net[0], x, encoder_hidden_states=text)
    assert alone.total is not None
    torch.testing.assert_close(alone.total[0].flatten(), by_hand / by_hand.mean())
