"""Recordings are changed by a model of music: what is not asked for stays bit for bit; tunes, joints, blends, sentences."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from studio.bench.tiny import make_tiny_music
from studio.core.clip import Clip
from studio.core.job import (
    BlendSound,
    EditSound,
    ExtendSound,
    Failed,
    JobSpec,
    Melody2Music,
    Result,
    Source,
    Vocode,
)
from studio.core.spectrogram import magnitude, picture_of
from studio.engine.codecs.sound import NOTES
from studio.engine.controls.levels import KeepLevels
from studio.engine.engine import Engine
from studio.engine.techniques.edit_sound import softened
from studio.media.clips import read_source, save_clip

from .conftest import one

RATE = 44100


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    folder = make_tiny_music(tmp_path_factory.mktemp("models") / "tiny-music")
    return Engine([folder.parent], device="cpu", read=read_source)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("studio.engine.music.GRIFFIN_LIM", 3)


def played(pitches: tuple[int, ...] = (60, 64, 67, 72), each: float = 0.5, rate: int = RATE) -> np.ndarray:
    """Notes one after the other, in stereo, [n, 2]."""
    t = np.arange(round(each * rate)) / rate
    line = [
        np.sin(2 * np.pi * 440 * 2 ** ((p - 69) / 12) * t) * np.exp(-2 * t) * np.minimum(1, t / 0.01)
        for p in pitches
    ]
    left = 0.3 * np.concatenate(line)
    return np.stack([left, 0.5 * left], 1).astype(np.float32)


def file(tmp_path: Path, array: np.ndarray, name: str = "take", rate: int = RATE) -> Source:
    path = tmp_path / f"{name}.wav"
    save_clip(Clip.sound(np.ascontiguousarray(array), rate), path)
    return Source(path=str(path))


@pytest.fixture
def take(tmp_path: Path) -> Source:
    return file(tmp_path, played())


def run(engine: Engine, technique: Any, seed: int = 3) -> Result:
    return one(engine, JobSpec(technique=technique, seed=seed))


def test_outside_the_marked_time_samples_stay_bit_for_bit(engine: Engine, take: Source) -> None:
    before = read_source(take).array
    made = run(engine, EditSound(sound=take, prompt="flute", start=0.8, end=1.2)).clip
    assert made.rate == RATE and made.array.shape == before.shape
    changed = np.flatnonzero((made.array != before).any(1)) / RATE
    assert len(changed) and changed.min() > 0.8 - 0.09 and changed.max() < 1.2 + 0.09


def test_outside_the_marked_pitches_the_spectrum_stays(engine: Engine, take: Source, tmp_path: Path) -> None:
    mask = np.zeros((242, 100), np.uint8)
    mask[: 242 // 2] = 255  # the high half, MIDI 75 to 136
    path = tmp_path / "mask.png"
    save_clip(Clip.mask(mask), path)
    technique = EditSound(sound=take, prompt="flute", mask=Source(path=str(path)), strength=1.0)
    before = picture_of(read_source(take).array.mean(1)[::2], NOTES)
    after = picture_of(run(engine, technique).clip.array.mean(1)[::2], NOTES)
    low = slice(0, 70 - 31)
    loud = before[low] > -40
    assert np.abs(after[low] - before[low])[loud].mean() < 1.5
    assert np.abs(after[48:] - before[48:]).mean() > 3


def test_without_a_mark_all_is_played_anew(engine: Engine, take: Source) -> None:
    made = [run(engine, EditSound(sound=take, prompt="flute", method=m)).clip for m in ("noise", "inversion")]
    assert all(clip.rate == 22050 and clip.array.shape == (22050 * 2, 1) for clip in made)
    assert not np.array_equal(made[0].array, made[1].array)
    again = run(engine, EditSound(sound=take, prompt="flute")).clip
    assert np.array_equal(made[0].array, again.array)


def test_a_weak_edit_is_nearer_than_a_strong_one(engine: Engine, take: Source) -> None:
    before = picture_of(read_source(take).array.mean(1)[::2], NOTES)

    def far(strength: float) -> float:
        clip = run(engine, EditSound(sound=take, prompt="organ", strength=strength)).clip
        return float(np.abs(picture_of(clip.array[:, 0], NOTES) - before).mean())

    assert far(0.3) < far(1.0)


@pytest.mark.parametrize("where", ["after", "before"])
def test_a_sound_goes_on_with_its_own_samples_and_without_a_click(
    engine: Engine, take: Source, where: Any
) -> None:
    before = read_source(take).array
    made = run(engine, ExtendSound(sound=take, prompt="piano", seconds=1.5, where=where)).clip
    new = round(1.5 * RATE)
    assert made.rate == RATE and made.array.shape == (len(before) + new, 2)
    own = made.array[: len(before)] if where == "after" else made.array[new:]
    assert np.array_equal(own, before)
    joint = len(before) if where == "after" else new
    steps = np.abs(np.diff(made.array[:, 0]))
    assert steps[joint - 1] <= np.quantile(steps, 0.999)
    fresh = made.array[joint:] if where == "after" else made.array[:joint]
    assert np.abs(fresh).max() > 1e-4


def test_a_blend_begins_as_one_and_ends_as_the_other(engine: Engine, take: Source, tmp_path: Path) -> None:
    other = file(tmp_path, played((84, 79), 0.4), "other")
    half = run(engine, BlendSound(sound=take, other=other, prompt="piano")).clip
    assert half.array.shape == (22050 * 2, 1)
    turned = run(engine, BlendSound(sound=take, other=other, turn=True, strength=0.3)).clip
    first = run(engine, BlendSound(sound=take, other=other, share=0.0, strength=0.3)).clip
    second = run(engine, BlendSound(sound=take, other=other, share=1.0, strength=0.3)).clip
    a, b, t = (magnitude(clip.array[:, 0], NOTES) for clip in (first, second, turned))
    near = slice(0, 10), slice(-10, None)
    assert np.abs(t - a)[:, near[0]].mean() < np.abs(t - b)[:, near[0]].mean()
    assert np.abs(t - b)[:, near[1]].mean() < np.abs(t - a)[:, near[1]].mean()


def test_a_tune_is_found_or_given(engine: Engine, take: Source) -> None:
    heard = run(engine, Melody2Music(sound=take, prompt="sad piano, 120 bpm"))
    assert "4 notes." in heard.notes and any("1 octave higher" in note for note in heard.notes)
    given = ((0.0, 0.45, 72.0), (0.5, 0.95, 76.0), (1.0, 1.4, 79.0), (1.5, 1.9, 84.0))
    same = run(engine, Melody2Music(sound=take, prompt="sad piano, 120 bpm", notes=given))
    assert "4 notes." in same.notes and not any("octave" in note for note in same.notes)
    assert same.clip.array.shape == (round(2.5 * 22050), 1)
    other = run(engine, Melody2Music(sound=take, prompt="sad piano, 120 bpm", notes=given, transpose=5))
    assert not np.array_equal(other.clip.array, same.clip.array)


def test_a_spectrogram_sounds_again(engine: Engine, take: Source) -> None:
    result = run(engine, Vocode(sound=take, iterations=8))
    before = picture_of(read_source(take).array.mean(1)[::2], NOTES)
    after = picture_of(result.clip.array[:, 0], NOTES)
    loud = before[:, : after.shape[1]] > -40
    assert np.abs(after - before[:, : after.shape[1]])[loud].mean() < 4
    assert "log-spectral distance" in result.notes[-1]


def test_what_cannot_be_done_is_said_in_a_sentence(engine: Engine, take: Source, tmp_path: Path) -> None:
    silent = file(tmp_path, np.zeros((RATE, 1), np.float32), "silent")
    short = file(tmp_path, played()[: RATE // 10], "short")
    empty = tmp_path / "empty.png"
    save_clip(Clip.mask(np.zeros((242, 50), np.uint8)), empty)
    wrong: list[tuple[Any, str]] = [
        (EditSound(sound=silent), "sound: there is nothing"),
        (ExtendSound(sound=short), "sound: it lasts"),
        (EditSound(sound=take, mask=Source(path=str(empty))), "mask: nothing is marked"),
        (EditSound(sound=take, start=5.0), "start: 5 s"),
        (Melody2Music(sound=silent), "sound: no tune"),
        (BlendSound(sound=take, other=silent), "other: there is nothing"),
    ]
    for technique, said in wrong:
        last = list(engine.run(JobSpec(technique=technique)))[-1]
        assert isinstance(last, Failed) and last.kind == "request" and last.message.startswith(said), last
    with pytest.raises(ValueError, match="start < end"):
        Melody2Music(sound=take, notes=((1.0, 0.5, 60.0),))


def test_a_control_leaves_what_is_not_free(engine: Engine) -> None:
    import torch

    from studio.engine.codecs.sound import SoundCodec
    from studio.engine.condition import Condition
    from studio.engine.schedule import Level

    codec = SoundCodec.read(next(iter(engine.cards.values())).folder)
    known = codec.decode(
        torch.randn(1, codec.channels, 1, 6, generator=torch.Generator().manual_seed(0)) * 0.1
    )[0]
    weights = torch.zeros_like(known)
    weights[:, 18:] = 1
    made = codec.encode(torch.zeros(1, 92, 36) - 20)
    kept = KeepLevels(codec, known, weights).wrap(lambda x, level, condition, /: made)
    x0 = codec.decode(kept(made, Level(0.8, 0.6, 500), Condition(torch.zeros(1, 1, 1))))[0]
    assert float((x0 - known)[:, :18].abs().mean()) < 0.2
    torch.testing.assert_close(x0[:, 18:], codec.decode(made)[0][:, 18:], atol=1.5, rtol=0)  # its edges clip


def test_edges_fade_inside_what_is_free() -> None:
    weights = np.zeros((40, 60), np.float32)
    weights[10:30, 20:50] = 1
    soft = softened(weights)
    assert ((soft > 0) == (weights > 0)).all() and soft[20, 35] == 1 and soft[20, 20] < 0.5
    assert (softened(np.ones((4, 4), np.float32)) == 1).all()
