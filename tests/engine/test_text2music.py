"""Words become music: length, loops, windows without seams, the same bits again, stopping and going on, sentences."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from studio.bench.tiny import make_tiny_music
from studio.core.job import Failed, JobSpec, Preview, Progress, Text2Music
from studio.core.loudness import loudness, true_peak
from studio.core.spectrogram import picture_of
from studio.engine import checkpoint as checkpoints
from studio.engine.codecs.sound import NOTES, SoundCodec
from studio.engine.condition import Condition
from studio.engine.controls.windows import Windows
from studio.engine.engine import Engine
from studio.engine.music import Score, Tone
from studio.engine.nets.music import GRID, LOWEST_PITCH, PITCHES, MusicNet, beat_grid
from studio.engine.nets.music_words import read_words
from studio.engine.schedule import Level

from .conftest import one, results

LEVEL = Level(0.8, 0.6, 500)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_music(tmp_path_factory.mktemp("models") / "tiny-music")


@pytest.fixture(scope="module")
def engine(folder: Path) -> Engine:
    return Engine([folder.parent], device="cpu")


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("studio.engine.music.GRIFFIN_LIM", 2)


def spec(seed: int = 1, **values: Any) -> JobSpec:
    return JobSpec(
        technique=Text2Music(**{"prompt": "sad piano, 100 bpm", "seconds": 2.0, **values}), seed=seed
    )


@pytest.mark.parametrize("seconds", [1.0, 2.345, 7.5])
def test_a_piece_is_exactly_as_long_as_was_asked(engine: Engine, seconds: float) -> None:
    clip = one(engine, spec(seconds=seconds)).clip
    assert clip.kind == "sound" and clip.rate == 22050
    assert clip.array.shape == (round(seconds * 22050), 1)


def test_the_same_seed_gives_the_same_bits_and_another_another_piece(engine: Engine) -> None:
    first = one(engine, spec(5)).clip.array
    assert np.array_equal(first, one(engine, spec(5)).clip.array)
    assert not np.array_equal(first, one(engine, spec(6)).clip.array)
    assert not np.array_equal(first, one(engine, spec(5, prompt="happy flute, 100 bpm")).clip.array)
    sibling = one(engine, spec(5, variation=0.2, variation_seed=9)).clip.array
    assert not np.array_equal(first, sibling)
    assert np.array_equal(first, one(engine, spec(5, variation=0.0, variation_seed=9)).clip.array)


def test_loudness_and_peak(engine: Engine) -> None:
    sound = one(engine, spec(seconds=3, loudness=-20)).clip.array
    assert loudness(sound, 22050) == pytest.approx(-20, abs=1.5)
    assert true_peak(sound, 22050) <= -0.9


def test_a_loop_is_whole_phrases_and_has_no_joint(engine: Engine) -> None:
    result = one(engine, spec(prompt="piano, 150 bpm", seconds=6, loop=True, loudness=None))
    length = len(result.clip.array)
    assert length % (6 * NOTES.hop) == 0
    assert length / 22050 == pytest.approx(16 * 60 / 150, rel=0.01)
    assert "1 phrase of four chords" in result.notes[-1]
    assert step_at_joint(result.clip.array[:, 0]) <= 1.1


def step_at_joint(once: np.ndarray) -> float:
    """How much the spectrum moves where a sound begins again, as a share of the most that it moves inside."""
    flux = np.abs(np.diff(picture_of(np.concatenate([once, once]), NOTES), axis=1)).mean(0)
    joint = len(once) // NOTES.hop
    return float(flux[joint - 4 : joint + 4].max() / flux[20 : joint - 20].max())


def test_a_tempo_that_is_not_said_is_told(engine: Engine) -> None:
    result = one(engine, spec(prompt="slow harp"))
    assert any("harp" in note and "instruments" in note for note in result.notes)
    assert any("bpm" in note for note in result.notes)
    assert one(engine, spec(prompt="slow harp")).notes == result.notes


def test_previews_show_the_spectrogram(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("studio.engine.preview.PER_SECOND", 1e9)
    events = list(engine.run(spec(seconds=4)))
    shown = [e for e in events if isinstance(e, Preview)]
    assert [e.step for e in shown] == [1, 2]
    assert shown[0].clip.kind == "picture" and shown[0].clip.array.shape == (4 * 92, 34 * 6, 3)
    stages = [e.stage for e in events if isinstance(e, Progress)]
    assert stages[-2:] == ["sounding", "sounding"] and stages.count("drawing") == 3


def test_a_piece_can_be_stopped_in_every_stage(engine: Engine) -> None:
    for stage in ("drawing", "sounding"):
        events = engine.run(spec())
        for event in events:
            if isinstance(event, Progress) and event.stage == stage:
                break
        events.close()
    assert len(one(engine, spec()).clip.array)


def test_a_job_that_was_stopped_goes_on_with_the_same_bits(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoints, "EVERY", 0.0)
    request = spec(solver="euler_ancestral", steps=4)
    straight = one(engine, request).clip.array
    events = engine.run(request, tmp_path / "state")
    for event in events:
        if isinstance(event, Progress) and event.stage == "drawing" and event.step == 2:
            break
    events.close()
    again = list(engine.run(request, tmp_path / "state"))
    assert next(e.step for e in again if isinstance(e, Progress) and e.stage == "drawing") == 3
    assert np.array_equal(results(again)[0].clip.array, straight)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"prompt": "piano, 9 bpm"}, "prompt: 9 bpm"),
        ({"negative_prompt": "999 bpm"}, "negative_prompt: 999 bpm"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(engine: Engine, values: dict[str, Any], said: str) -> None:
    last = list(engine.run(spec(**values)))[-1]
    assert isinstance(last, Failed) and last.kind == "request" and last.message.startswith(said)


def test_a_damaged_model_is_said_in_a_sentence(tmp_path: Path) -> None:
    broken = make_tiny_music(tmp_path / "broken")
    (broken / "codec.safetensors").unlink()
    last = list(Engine([tmp_path], device="cpu").run(spec()))[-1]
    assert isinstance(last, Failed) and "broken" in last.message and last.kind == "request"


# --- the parts --------------------------------------------------------------------------------------------------


def test_windows_cover_everything_and_leave_a_simple_denoiser_as_it_is() -> None:
    condition = Condition(torch.zeros(1, 3, 4), extra={"grid": torch.arange(50.0)[None, :, None]})
    x = torch.randn(2, 5, 1, 50)
    seen: list[int] = []

    def denoiser(x: torch.Tensor, level: Any, condition: Condition, /) -> torch.Tensor:
        seen.append(x.shape[-1])
        return 2 * x + condition.extra["grid"][:, None, None, :, 0]

    for ring in (False, True):
        windowed = Windows(16, ring=ring).wrap(denoiser)
        made = windowed(x, LEVEL, condition)
        torch.testing.assert_close(made, 2 * x + torch.arange(50.0))
    assert set(seen) == {16}
    short = Windows(64).wrap(denoiser)(x, LEVEL, condition)
    torch.testing.assert_close(short, 2 * x + torch.arange(50.0))


def test_windows_of_a_ring_are_alike_everywhere() -> None:
    """A denoiser that knows its window's ends gives no place of a ring a privilege: turning the input turns the output."""
    places = Windows(16, stride=8, ring=True).places(48)
    assert len(places) == 6 and all(len(p) == 16 for p in places)
    counts = torch.bincount(torch.cat(places), minlength=48)
    assert int(counts.min()) == int(counts.max()) == 2
    with pytest.raises(ValueError, match="gaps"):
        Windows(8, stride=9)


def test_the_code_is_exact_for_what_its_components_span(folder: Path) -> None:
    codec = SoundCodec.read(folder)
    latent = torch.randn(2, codec.channels, 1, 5, generator=torch.Generator().manual_seed(0)) * 0.2
    levels = codec.decode(latent)
    inside = (levels > -79.9) & (levels < 9.9)
    assert levels.shape == (2, 92, 30) and bool(inside.float().mean() > 0.99)
    torch.testing.assert_close(codec.encode(levels), latent, atol=0.05, rtol=0.05)
    assert codec.tokens(0.12) == 1 and codec.tokens(0.13) == 2 and codec.token_seconds == pytest.approx(0.12)


def test_the_beat_grid_repeats_with_the_phrase() -> None:
    starts = torch.arange(4) * 0.5
    one_phrase = beat_grid(starts, 0.12, 120.0, 16.0)
    assert one_phrase.shape == (4, GRID)
    torch.testing.assert_close(beat_grid(starts + 8.0, 0.12, 120.0, 16.0), one_phrase, atol=1e-4, rtol=0)
    assert not torch.allclose(beat_grid(starts + 0.5, 0.12, 120.0, 16.0), one_phrase, atol=1e-2)


def test_a_melody_stands_where_it_sounds(folder: Path) -> None:
    net = MusicNet.read(folder)
    score = Score(net, 0.12, 5, read_words("piano"), 120.0, melody=[Tone(0.14, 0.30, 60), Tone(0.4, 0.5, 30)])
    roll = score.roll()
    assert roll.shape == (1, 5, 2 * 6 * PITCHES + 1) and bool((roll[..., -1] == 1).all())
    held, begun = roll[0, :, :-1].view(5, 2, 6, PITCHES).transpose(0, 1).reshape(2, 30, PITCHES)
    assert held[:, 60 - LOWEST_PITCH].nonzero().flatten().tolist() == list(range(7, 15))
    assert begun.nonzero().tolist() == [[7, 60 - LOWEST_PITCH]]  # the other note is too low for the roll
    assert not Score(net, 0.12, 5, read_words("piano")).grid().any()


def test_words_and_melody_reach_the_network(folder: Path) -> None:
    net = MusicNet.read(folder)
    x, t = torch.randn(1, 24, 1, 8), torch.tensor([500.0])

    def at(prompt: str, bpm: float, melody: tuple[Tone, ...] = ()) -> torch.Tensor:
        condition = Score(net, 0.12, 8, read_words(prompt), bpm, melody=melody).condition()
        return net(x, t, condition.hidden, condition.extra["grid"], condition.extra["roll"])

    plain = at("piano", 100)
    assert torch.equal(plain, at("piano", 100))
    for other in (at("flute", 100), at("piano", 101), at("piano", 100, (Tone(0, 0.5, 60),))):
        assert not torch.allclose(plain, other)
