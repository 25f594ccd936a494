"""Clips: parity with the library's pipeline, windows, given frames, loops, interruption, memory, sentences."""

from __future__ import annotations

import dataclasses
import shutil
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from studio.bench.tiny import make_tiny_motion, make_tiny_sd, make_tiny_text2video
from studio.core.clip import Clip
from studio.core.job import (
    EditVideo,
    Extend,
    Failed,
    Image2Video,
    JobSpec,
    Preview,
    Progress,
    Source,
    Text2Image,
    Text2Video,
)
from studio.engine import checkpoint as checkpoints
from studio.engine.condition import Condition
from studio.engine.controls.crossframe import LookingBack, own_attentions
from studio.engine.controls.given import Given, Ring
from studio.engine.engine import Engine
from studio.engine.film import Film, windows, without
from studio.engine.job import Job
from studio.engine.schedule import Level
from studio.engine.techniques import edit_video
from studio.engine.techniques.edit_video import masks_between
from studio.media.clips import read_source, save_clip

from .conftest import one, results


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """tiny-taesd with tiny-motion (taught clean frames), tiny-sd with tiny-diff (not), and a UNet3D."""
    place = tmp_path_factory.mktemp("films")
    make_tiny_sd(place / "tiny-taesd", tiny_vae=True)
    make_tiny_sd(place / "tiny-sd")
    make_tiny_motion(place / "tiny-motion", place / "tiny-taesd")
    make_tiny_motion(place / "tiny-diff", place / "tiny-sd", clean=False)
    make_tiny_text2video(place / "tiny-3d")
    return place


@pytest.fixture(scope="module")
def engine(folder: Path) -> Engine:
    return Engine([folder], device="cpu", read=read_source)


@pytest.fixture
def frames() -> NDArray[np.uint8]:
    """A bright square that moves to the right over six frames of 64 x 64."""
    made = np.full((6, 64, 64, 3), 40, np.uint8)
    for i in range(6):
        made[i, 20:40, 4 + 8 * i : 20 + 8 * i] = (220, 60, 90)
    return made


@pytest.fixture
def clip(tmp_path: Path, frames: NDArray[np.uint8]) -> Source:
    save_clip(Clip.video(frames, 12), tmp_path / "clip.mkv")
    return Source(path=str(tmp_path / "clip.mkv"))


def spec(model: str = "tiny-motion", **technique: Any) -> JobSpec:
    return JobSpec(technique=Text2Video(prompt="a fox", **technique), model=model, seed=3)


def failed(engine: Engine, request: JobSpec) -> str:
    last = list(engine.run(request))[-1]
    assert isinstance(last, Failed)
    return last.message


# --- words ------------------------------------------------------------------------------------------------------------


def test_pixels_equal_the_librarys(engine: Engine, folder: Path) -> None:
    from diffusers import AnimateDiffPipeline
    from diffusers.models.unets.unet_motion_model import MotionAdapter

    from studio.engine.load import quiet

    with quiet():
        adapter = MotionAdapter.from_pretrained(folder / "tiny-diff", low_cpu_mem_usage=False)
        pipe: Any = AnimateDiffPipeline.from_pretrained(
            folder / "tiny-sd", motion_adapter=adapter, low_cpu_mem_usage=False
        )
    pipe.set_progress_bar_config(disable=True)
    request = spec("tiny-diff", solver="ddim", spacing="leading", guidance=3, steps=4)
    ours = one(engine, request).clip
    model = engine.warm["tiny-diff"]
    film = Film(Job(engine.resolve(request), model, {}, checkpoints.Checkpoint(None, request)), 64, 64)
    noise = film.noise(film.sources(0, 4)).transpose(0, 1)[None]  # [1, C, F, h, w]
    theirs = pipe(
        "a fox", num_frames=4, num_inference_steps=4, guidance_scale=3, latents=noise, output_type="np"
    ).frames[0]
    assert ours.rate == 8
    assert np.abs(ours.array.astype(int) - np.rint(theirs * 255)).max() <= 1


def test_frames_belong_together(engine: Engine) -> None:
    """The motion modules see all frames: another noise in one changes the others."""
    engine.prepare("tiny-motion")
    unet = engine.warm["tiny-motion"].unet
    x = torch.randn(1, 16, 4, 8, 8)
    text = torch.randn(4, 5, 32)
    other = x.clone()
    other[:, :, 3] += 1
    with torch.no_grad():
        a, b = (unet(v, torch.tensor([500.0]), text).sample for v in (x, other))
    assert (a - b)[:, :, 0].abs().max() > 1e-4


@pytest.mark.parametrize("model", ["tiny-motion", "tiny-diff", "tiny-3d"])
def test_words_become_a_clip(engine: Engine, model: str) -> None:
    events = list(engine.run(spec(model, frames=4, steps=3)))
    (result,) = results(events)
    assert result.clip.kind == "video"
    assert result.clip.array.shape == (4, 64, 64, 3)
    previews = [e.clip for e in events if isinstance(e, Preview)]
    assert previews
    assert all(p.kind == "video" and len(p.array) == 4 for p in previews)
    again = one(engine, result.spec)
    assert again.clip.digest() == result.clip.digest()


def test_cancelling_leaves_the_network_as_it_was(engine: Engine) -> None:
    engine.prepare("tiny-motion")
    unet = engine.warm["tiny-motion"].unet
    before = {name: id(p) for name, p in unet.attn_processors.items()}
    events = engine.run(spec(steps=6))
    for event in events:
        if isinstance(event, Progress) and event.stage == "drawing":
            break
    events.close()
    assert {name: id(p) for name, p in unet.attn_processors.items()} == before
    assert not [m for m in unet.modules() if "forward" in vars(m)]


def test_windows_cover_a_clip() -> None:
    assert windows(8, 8, 3) == [0]
    assert windows(13, 8, 3) == [0, 5]
    for count in range(9, 60):
        starts = windows(count, 8, 3)
        assert starts[0] == 0
        assert starts[-1] == count - 8
        assert all(0 < b - a <= 5 for a, b in pairwise(starts))


def test_a_long_clip_is_drawn_in_windows_of_bounded_size(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine.prepare("tiny-motion")
    unet, sizes = engine.warm["tiny-motion"].unet, []
    forward = unet.forward

    def watched(x: torch.Tensor, *args: Any, **kwargs: Any) -> Any:
        sizes.append(x.shape[2])
        return forward(x, *args, **kwargs)

    monkeypatch.setattr(unet, "forward", watched)
    long = one(engine, spec(frames=11, overlap=2, steps=2)).clip
    short = one(engine, spec(frames=4, steps=2)).clip
    assert len(long.array) == 11
    assert set(sizes) == {4}
    assert np.array_equal(long.array[:4], short.array)  # the first window does not know of the others


def test_an_interrupted_clip_goes_on_bit_for_bit(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoints, "EVERY", 0.0)
    request, path = spec(frames=8, overlap=2, steps=3, solver="dpm++2m_sde"), tmp_path / "job.state"
    whole = one(engine, request)
    events = engine.run(request, path)
    steps = 0
    for event in events:
        steps += isinstance(event, Progress) and event.stage == "drawing" and event.step > 0
        if steps == 5:  # in the second of three windows
            break
    events.close()
    went_on = list(engine.run(request, path))
    assert sum(isinstance(e, Progress) and e.stage == "drawing" and e.step > 0 for e in went_on) == 4
    assert results(went_on)[0].clip.digest() == whole.clip.digest()


def test_frames_share_as_much_noise_as_the_model_was_taught(engine: Engine) -> None:
    engine.prepare("tiny-motion")
    model = engine.warm["tiny-motion"]
    request = engine.resolve(spec(frames=4))

    def noise(shared: float) -> torch.Tensor:
        assert model.card.film is not None
        film = model.card.film.model_copy(update={"shared": shared})
        told = dataclasses.replace(model, card=model.card.model_copy(update={"film": film}))
        job = Job(request, told, {}, checkpoints.Checkpoint(None, request))
        canvas = Film(job, 640, 640)
        return canvas.noise(canvas.sources(2, 3)).flatten(1)

    alone, half, all_of_it = noise(0.0), noise(0.5), noise(1.0)
    assert float(torch.corrcoef(alone)[0, 1].abs()) < 0.02
    assert abs(float(torch.corrcoef(half)[0, 1]) - 0.5) < 0.02
    assert abs(float(half.std()) - 1) < 0.02
    assert torch.equal(all_of_it[0], all_of_it[2])


def test_frames_look_at_the_first_one_where_the_model_was_taught_so(folder: Path, tmp_path: Path) -> None:
    for name in ("tiny-taesd", "tiny-motion"):
        shutil.copytree(folder / name, tmp_path / name)
    card = tmp_path / "tiny-motion" / "card.toml"
    plain = one(Engine([tmp_path], device="cpu"), spec(frames=4, steps=2)).clip
    card.write_text(card.read_text().replace("[film]", "[film]\nfirst = true"))
    taught = Engine([tmp_path], device="cpu")
    looking = one(taught, spec(frames=4, steps=2)).clip
    assert not np.array_equal(looking.array[3], plain.array[3])
    assert not any(
        isinstance(layer.processor, LookingBack) for layer in own_attentions(taught.warm["tiny-motion"].unet)
    )


@pytest.fixture(scope="module")
def told(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """An engine whose tiny-motion was taught to go on from a picture of tiny-taesd's."""
    place = tmp_path_factory.mktemp("told")
    for name in ("tiny-taesd", "tiny-motion"):
        shutil.copytree(folder / name, place / name)
    card = place / "tiny-motion" / "card.toml"
    motions = '[film]\nstills = { "moving to the left" = "first", "fading in" = "last" }'
    card.write_text(card.read_text().replace("[film]", motions))
    return Engine([place], device="cpu", read=read_source)


def still_of(engine: Engine, prompt: str) -> NDArray[np.uint8]:
    request = JobSpec(technique=Text2Image(prompt=prompt), model="tiny-taesd", seed=3)
    return one(engine, request).clip.array[..., :3]


@pytest.mark.parametrize(("words", "place"), [("moving to the left", 0), ("fading in", -1), ("", 0)])
def test_a_picture_without_the_motion_begins_or_ends_a_clip(told: Engine, words: str, place: int) -> None:
    request = JobSpec(
        technique=Text2Video(prompt=f"a fox {words} on a road", frames=4), model="tiny-motion", seed=3
    )
    made = one(told, request).clip.array
    still = still_of(told, f"a fox{' ' if not words else ''} on a road").astype(int)
    assert np.abs(made[place] - still).max() <= 2
    assert np.abs(made[-1 - place] - still).max() > 2


def test_a_loop_comes_back_to_its_picture(told: Engine) -> None:
    technique = Text2Video(prompt="a fox", frames=4, loop=True)
    made = one(told, JobSpec(technique=technique, model="tiny-motion", seed=3)).clip.array
    assert len(made) == 4
    assert np.abs(made[0] - still_of(told, "a fox").astype(int)).max() <= 2


def test_words_for_motions_are_taken_out() -> None:
    motions = {"moving": "first", "moving to the left": "first", "fading in": "last"}
    assert without("a cat moving to the left, flat style", motions) == ("a cat, flat style", False)
    assert without("a cat Fading in on a road", motions) == ("a cat on a road", True)
    assert without("a removing cat", motions) == ("a removing cat", False)


# --- hands on frames ----------------------------------------------------------------------------------------------------


def identity(x: torch.Tensor, level: Level, condition: Condition, /) -> torch.Tensor:
    return x


def test_given_frames_are_seen_without_noise_in_both_halves() -> None:
    latents = torch.arange(3.0).view(3, 1, 1, 1).expand(3, 1, 2, 2)
    held = torch.tensor([1.0, 0, 0]).view(3, 1, 1, 1)
    x = torch.full((6, 1, 2, 2), 9.0)
    nothing: Any = None
    seen = Given(latents, held).wrap(identity)(x, nothing, nothing)
    assert seen[:, 0, 0, 0].tolist() == [0, 9, 9, 0, 9, 9]


def test_a_ring_turns_and_turns_back() -> None:
    order: list[list[float]] = []

    def network(x: torch.Tensor, level: Level, condition: Condition, /) -> torch.Tensor:
        order.append(x[:4, 0, 0, 0].tolist())
        return x

    x = torch.arange(8.0).view(8, 1, 1, 1)
    turned = Ring(4).wrap(network)
    nothing: Any = None
    assert all(torch.equal(turned(x, nothing, nothing), x) for _ in range(3))
    assert order == [[0, 1, 2, 3], [3, 0, 1, 2], [2, 3, 0, 1]]


# --- pictures -------------------------------------------------------------------------------------------------------------


def decoded(engine: Engine, model: str, picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    codec = engine.warm[model].codec
    with torch.no_grad():
        return codec.decode(codec.encode(picture))


@pytest.mark.parametrize("model", ["tiny-motion", "tiny-diff"])
def test_a_clip_begins_and_ends_with_the_pictures(
    engine: Engine, model: str, tmp_path: Path, frames: NDArray[np.uint8]
) -> None:
    for i in (0, 5):
        save_clip(Clip.picture(frames[i]), tmp_path / f"{i}.png")
    first, last = Source(path=str(tmp_path / "0.png")), Source(path=str(tmp_path / "5.png"))
    request = JobSpec(technique=Image2Video(image=first, end=last, frames=7), model=model)
    made = one(engine, request).clip.array  # of two windows
    assert len(made) == 7
    for place, source in ((0, 0), (6, 5)):
        there = decoded(engine, model, frames[source]).astype(int)
        assert np.abs(made[place].astype(int) - there).max() <= 2


def test_a_loop_comes_back_and_leaves_the_double_frame_out(
    engine: Engine, tmp_path: Path, frames: NDArray[np.uint8]
) -> None:
    save_clip(Clip.picture(frames[0]), tmp_path / "a.png")
    picture = Source(path=str(tmp_path / "a.png"))
    looped = one(engine, JobSpec(technique=Image2Video(image=picture, loop=True, frames=3))).clip.array
    there = JobSpec(technique=Image2Video(image=picture, end=picture, frames=4))
    assert np.array_equal(looped, one(engine, there).clip.array[:3])
    sentence = failed(engine, JobSpec(technique=Image2Video(image=picture, end=picture, loop=True)))
    assert sentence.startswith("loop: ")


def test_a_clip_goes_on_with_its_own_frames_untouched(
    engine: Engine, clip: Source, frames: NDArray[np.uint8]
) -> None:
    request = JobSpec(technique=Extend(video=clip, prompt="a fox\na cat", frames=5, overlap=2))
    made = one(engine, request).clip
    assert made.rate == 12
    assert len(made.array) == 11
    assert np.array_equal(made.array[:6], frames)
    other = request.model_copy(update={"technique": Extend(video=clip, prompt="a fox", frames=5, overlap=2)})
    plain = one(engine, other).clip.array
    assert np.array_equal(
        plain[:8], made.array[:8]
    )  # the first window adds two frames and has the first line
    assert not np.array_equal(plain[8:], made.array[8:])


# --- edits ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", ["tiny-motion", "tiny-taesd"])
def test_more_strength_changes_a_clip_more(
    engine: Engine, model: str, clip: Source, frames: NDArray[np.uint8]
) -> None:
    engine.prepare(model)
    plain = np.stack([decoded(engine, model, f) for f in frames]).astype(float)
    off: list[float] = []
    for strength in (0.2, 1.0):
        request = JobSpec(
            technique=EditVideo(video=clip, prompt="a cat", strength=strength, steps=5), model=model
        )
        made = one(engine, request).clip
        assert made.array.shape == frames.shape
        assert made.rate == 12
        off.append(float(np.abs(made.array - plain).mean()))
    assert off[0] < off[1]


def test_words_change_a_clip_where_they_differ(
    engine: Engine, clip: Source, frames: NDArray[np.uint8]
) -> None:
    def off(prompt: str, guidance: float) -> float:
        technique = EditVideo(
            video=clip, source_prompt="a red fox", prompt=prompt, steps=8, guidance=guidance
        )
        made = one(engine, JobSpec(technique=technique, model="tiny-taesd")).clip.array
        assert made.shape == frames.shape
        return float(np.abs(made.astype(int) - frames).mean())

    same = off("a red fox", 1)  # inverted and drawn again, it is nearly what it was
    assert same < 3
    assert off("a blue cat", 6) > 2 * same


def test_a_long_clip_is_changed_by_words_in_parts(
    engine: Engine, tmp_path: Path, frames: NDArray[np.uint8], monkeypatch: pytest.MonkeyPatch
) -> None:
    """So many frames at once as fit, and the same pixels however many that are."""
    save_clip(Clip.video(np.concatenate([frames, frames[::-1]]), 12), tmp_path / "long.mkv")
    video = Source(path=str(tmp_path / "long.mkv"))
    technique = EditVideo(video=video, source_prompt="a red fox", prompt="a red cat", steps=3)
    request = JobSpec(technique=technique, model="tiny-taesd")
    whole = one(engine, request).clip.array
    monkeypatch.setattr(edit_video, "TOGETHER", 4)
    parts = one(engine, request).clip.array
    assert len(parts) == 12
    assert np.abs(parts.astype(int) - whole).mean() < 3


def test_outside_of_the_moving_mask_a_clip_stays_what_it_is(
    engine: Engine, clip: Source, tmp_path: Path, frames: NDArray[np.uint8]
) -> None:
    masks: list[NDArray[np.uint8]] = []
    for i, x in ((0, 0), (5, 40)):
        mask = np.zeros((64, 64), np.uint8)
        mask[16:48, x : x + 24] = 255
        save_clip(Clip.mask(mask), tmp_path / f"{i}.png")
        masks.append(mask)
    keys: Any = [{"frame": i, "mask": str(tmp_path / f"{i}.png")} for i in (0, 5)]
    request = JobSpec(technique=EditVideo(video=clip, prompt="a cat", strength=1, masks=keys))
    made = one(engine, request).clip.array
    inside = masks_between({0: masks[0], 5: masks[1]}, 6)
    assert inside is not None
    assert np.array_equal(made[inside == 0], frames[inside == 0])
    assert np.abs(made[inside == 255].astype(int) - frames[inside == 255]).mean() > 5


def test_a_mask_moves_and_keeps_its_size() -> None:
    a = np.zeros((40, 80), np.uint8)
    a[10:30, 5:25] = 255
    b = np.roll(a, 50, 1)
    made = masks_between({1: a, 6: b}, 9)
    assert made is not None
    assert np.array_equal(made[0], a)
    assert np.array_equal(made[8], b)
    for i, mask in enumerate(made[1:7]):
        columns = np.nonzero(mask.max(0) > 127)[0]
        assert abs(columns.mean() - (14.5 + 10 * i)) < 0.6
        assert abs(int((mask > 127).sum()) - 400) <= 16


# --- cards and sentences ----------------------------------------------------------------------------------------------------


def test_motion_modules_without_a_card_find_what_they_fit(tmp_path: Path) -> None:
    make_tiny_sd(tmp_path / "small", card=False)
    make_tiny_sd(tmp_path / "wide", card=False, width=16)
    make_tiny_motion(tmp_path / "motion", tmp_path / "wide", card=False)
    engine = Engine([tmp_path], device="cpu")
    assert engine.cards["motion"].base == "wide"
    assert one(engine, spec("motion", frames=2, steps=2)).clip.array.shape == (2, 64, 64, 3)
    assert engine.warm["motion"].noise["beta_schedule"] == "linear"
    shutil.rmtree(tmp_path / "wide")
    engine.refresh()
    assert "motion" not in engine.cards
    assert any("motion works on a picture model" in sentence for sentence in engine.broken)


def test_sentences(engine: Engine, tmp_path: Path) -> None:
    assert failed(engine, spec(frames=9, overlap=4)).startswith("overlap: this model draws 4 frames at once")
    assert failed(engine, spec(frames=5, loop=True)).startswith("frames: a loop is drawn at once")
    save_clip(Clip.sound(np.zeros((100, 1), np.float32), 8000), tmp_path / "a.wav")
    sound = Source(path=str(tmp_path / "a.wav"))
    save_clip(Clip.video(np.zeros((2, 64, 64, 3), np.uint8), 8), tmp_path / "b.mkv")
    film = Source(path=str(tmp_path / "b.mkv"))
    told = JobSpec(
        technique=EditVideo(video=film, source_prompt="a fox", prompt="a cat"), model="tiny-motion"
    )
    assert failed(engine, told).startswith("source_prompt: tiny-motion does without")
    assert failed(engine, JobSpec(technique=Extend(video=sound))).startswith("video: a sound has no pictures")


def test_a_mask_beyond_the_clip_is_said(engine: Engine, clip: Source, tmp_path: Path) -> None:
    save_clip(Clip.mask(np.full((64, 64), 255, np.uint8)), tmp_path / "m.png")
    keys: Any = [{"frame": 6, "mask": str(tmp_path / "m.png")}]
    assert failed(engine, JobSpec(technique=EditVideo(video=clip, masks=keys))).startswith(
        "masks.0.frame: the clip has 6 frames"
    )
