"""Weights in prompts, and CLIP encoding against the encoder called directly."""

from __future__ import annotations

import string
import warnings
from typing import Any

import pytest
import torch
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection, CLIPTokenizer

from studio.engine.prompt import chunks_needed, count_tokens, encode, encode_xl, parse, xl_time_ids

WINDOW = 12


@pytest.mark.parametrize(
    ("prompt", "pieces"),
    [
        ("", [("", 1)]),
        ("a cat", [("a cat", 1)]),
        ("a (cat)", [("a ", 1), ("cat", 1.1)]),
        ("a ((cat)) here", [("a ", 1), ("cat", 1.21), (" here", 1)]),
        ("[cat]", [("cat", 1 / 1.1)]),
        ("([cat])", [("cat", 1)]),
        ("(cat:1.3)", [("cat", 1.3)]),
        ("(cat: .5 )", [("cat", 0.5)]),
        ("(cat:-0.5)", [("cat", -0.5)]),
        ("(cat:0)dog", [("cat", 0), ("dog", 1)]),
        ("(a (b) c:1.5)", [("a ", 1.5), ("b", 1.65), (" c", 1.5)]),
        ("(a (b:2):1.5)", [("a ", 1.5), ("b", 3.0)]),
        ("([x:1.5])", [("x:1.5", 1)]),
        ("([a [b:1.5])", [("[a ", 1.1), ("b:1.5", 1)]),
        ("(a [b:1.5)", [("a [b", 1.5)]),
        (r"(a\:1.5:1.2)", [("a:1.5", 1.2)]),
        ("[cat:1.3]", [("cat:1.3", 1 / 1.1)]),
        (r"a \(cat\)", [("a (cat)", 1)]),
        (r"(a \(cat\):1.2)", [("a (cat)", 1.2)]),
        (r"(time 12\:1.5)", [("time 12:1.5", 1.1)]),
        (r"back\\slash \n", [(r"back\slash \n", 1)]),
        ("a cat :(", [("a cat :(", 1)]),
        ("a cat :)", [("a cat :)", 1)]),
        ("a (cat", [("a (cat", 1)]),
        ("cat] (dog)", [("cat] ", 1), ("dog", 1.1)]),
        ("(a [b)", [("a [b", 1.1)]),
        ("((a)", [("(", 1), ("a", 1.1)]),
        ("()", [("", 1)]),
        ("a (b):1.2", [("a ", 1), ("b", 1.1), (":1.2", 1)]),
        ("(a)(b)", [("ab", 1.1)]),
        ("(a:1.2.3)", [("a:1.2.3", 1.1)]),
    ],
)
def test_parse(prompt: str, pieces: list[tuple[str, float]]) -> None:
    found = parse(prompt)
    assert [t for t, _ in found] == [t for t, _ in pieces]
    assert [w for _, w in found] == pytest.approx([w for _, w in pieces])


@pytest.fixture(scope="module")
def tokenizer() -> Any:
    letters = [*string.ascii_lowercase, *string.digits, *"():,.!"]
    words = [*letters, *(c + "</w>" for c in letters), "<|startoftext|>", "<|endoftext|>"]
    return CLIPTokenizer(
        vocab={w: i for i, w in enumerate(words)},
        merges=[],
        model_max_length=WINDOW,
        pad_token="<|endoftext|>",
    )


def config(tokenizer: Any, width: int = 16) -> CLIPTextConfig:
    return CLIPTextConfig(
        vocab_size=len(tokenizer),
        hidden_size=width,
        intermediate_size=32,
        num_hidden_layers=3,
        num_attention_heads=2,
        max_position_embeddings=WINDOW,
        projection_dim=10,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
    )


@pytest.fixture(scope="module")
def encoder(tokenizer: Any) -> Any:
    torch.manual_seed(0)
    model = CLIPTextModel(config(tokenizer)).eval()
    # trained encoders have states whose mean is not zero; a fresh layer norm gives exactly zero
    torch.nn.init.normal_(model.final_layer_norm.bias, mean=0.3)
    return model


@pytest.fixture(scope="module")
def second(tokenizer: Any) -> Any:
    torch.manual_seed(1)
    return CLIPTextModelWithProjection(config(tokenizer, 24)).eval()


@torch.no_grad()
def direct(tokenizer: Any, encoder: Any, prompt: str | list[str]) -> Any:
    ids = tokenizer(
        prompt, padding="max_length", max_length=WINDOW, truncation=True, return_tensors="pt"
    ).input_ids
    return encoder(ids, output_hidden_states=True)


def test_plain_prompt_is_the_encoder_bit_for_bit(tokenizer: Any, encoder: Any) -> None:
    for prompt in ("", "a cat", ["a cat", "xyz 12"], "a cat ("):
        ours = encode(tokenizer, encoder, prompt)
        theirs = direct(tokenizer, encoder, prompt)
        assert torch.equal(ours.hidden, theirs.last_hidden_state)
        assert ours.pooled is not None
        assert torch.equal(ours.pooled, theirs.pooler_output)
        assert not ours.hidden.requires_grad


@torch.no_grad()
def test_clip_skip(tokenizer: Any, encoder: Any, second: Any) -> None:
    theirs = direct(tokenizer, encoder, "a cat")
    ours = encode(tokenizer, encoder, "a cat", clip_skip=1)
    assert torch.equal(ours.hidden, encoder.final_layer_norm(theirs.hidden_states[-2]))
    # skipping nothing by way of the hidden states is the plain output
    assert torch.equal(encoder.final_layer_norm(theirs.hidden_states[-1]), theirs.last_hidden_state)
    nested = direct(tokenizer, second, "a cat")
    ours = encode(tokenizer, second, "a cat", clip_skip=2)
    assert torch.equal(ours.hidden, second.text_model.final_layer_norm(nested.hidden_states[-3]))
    for bad in (3, -1):
        with pytest.raises(ValueError, match="layers"):
            encode(tokenizer, encoder, "a cat", clip_skip=bad)


def test_weights_scale_states_and_keep_the_mean(tokenizer: Any, encoder: Any) -> None:
    plain = encode(tokenizer, encoder, "ab cd").hidden
    ours = encode(tokenizer, encoder, "ab (cd:1.4)").hidden
    weights = torch.ones(WINDOW)
    weights[3:5] = 1.4  # begin, a, b, then c and d
    louder = plain * weights[None, :, None]
    torch.testing.assert_close(ours, louder * (plain.mean() / louder.mean()), rtol=1e-4, atol=1e-6)
    torch.testing.assert_close(ours.mean(), plain.mean())


def test_weights_where_the_mean_is_nothing(tokenizer: Any) -> None:
    torch.manual_seed(0)
    fresh = CLIPTextModel(config(tokenizer)).eval()
    plain = encode(tokenizer, fresh, "ab cd").hidden
    ours = encode(tokenizer, fresh, "ab (cd:1.4)").hidden
    weights = torch.ones(WINDOW)
    weights[3:5] = 1.4
    torch.testing.assert_close(ours, plain * weights[None, :, None])


def test_a_prompt_does_not_depend_on_its_batch(tokenizer: Any, encoder: Any) -> None:
    prompts = ["(ab:1.5) cd", "a cat", "a dog (of some length)"]
    together = encode(tokenizer, encoder, prompts).hidden
    for i, prompt in enumerate(prompts):
        alone = encode(tokenizer, encoder, prompt, min_chunks=together.shape[1] // WINDOW).hidden
        torch.testing.assert_close(together[i : i + 1], alone, rtol=1e-5, atol=1e-6)


def test_long_prompts_are_chunks(tokenizer: Any, encoder: Any) -> None:
    size = WINDOW - 2
    prompt = "abcdefghijklmno"  # 15 letters, one token each
    assert count_tokens(tokenizer, prompt) == 15
    assert count_tokens(tokenizer, "(abc:1.3) [de]") == 5
    assert chunks_needed(tokenizer, prompt, "a") == 2
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ours = encode(tokenizer, encoder, prompt)
    assert ours.hidden.shape == (1, 2 * WINDOW, 16)
    bos, eos = tokenizer.bos_token_id, tokenizer.eos_token_id
    ids = tokenizer(prompt, add_special_tokens=False).input_ids
    with torch.no_grad():
        first = encoder(torch.tensor([[bos, *ids[:size], eos]]))
        rest = encoder(torch.tensor([[bos, *ids[size:], eos, *[eos] * 5]]))
    assert torch.equal(ours.hidden[:, :WINDOW], first.last_hidden_state)
    assert torch.equal(ours.hidden[:, WINDOW:], rest.last_hidden_state)
    assert ours.pooled is not None
    assert torch.equal(ours.pooled, first.pooler_output)
    with pytest.raises(ValueError, match="shorten"):
        encode(tokenizer, encoder, prompt, max_chunks=1)


def test_negative_can_have_the_same_length(tokenizer: Any, encoder: Any) -> None:
    empty = encode(tokenizer, encoder, "", min_chunks=2).hidden
    assert torch.equal(empty[:, :WINDOW], empty[:, WINDOW:])
    assert encode(tokenizer, encoder, "abcdefghijklmno").hidden.shape == empty.shape


def test_xl_matches_the_library_recipe(tokenizer: Any, encoder: Any, second: Any) -> None:
    ours = encode_xl([tokenizer, tokenizer], [encoder, second], ["a cat", "a dog"])
    a, b = (direct(tokenizer, e, ["a cat", "a dog"]) for e in (encoder, second))
    assert torch.equal(ours.hidden, torch.cat([a.hidden_states[-2], b.hidden_states[-2]], dim=-1))
    assert ours.pooled is not None
    assert torch.equal(ours.pooled, b.text_embeds)
    skipped = encode_xl([tokenizer, tokenizer], [encoder, second], ["a cat", "a dog"], clip_skip=1)
    assert torch.equal(skipped.hidden[..., :16], a.hidden_states[-3])
    assert xl_time_ids((768, 512)).tolist() == [[768, 512, 0, 0, 768, 512]]
    assert xl_time_ids((768, 512), (100, 200), (3, 4)).tolist() == [[100, 200, 3, 4, 768, 512]]


def test_no_prompt(tokenizer: Any, encoder: Any) -> None:
    with pytest.raises(ValueError, match="no prompt"):
        encode(tokenizer, encoder, [])
