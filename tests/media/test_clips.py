"""Films and sounds to files and back, by the same calls as pictures."""

from __future__ import annotations

import errno
from pathlib import Path

import numpy as np
import pytest

from studio.core.clip import Clip
from studio.core.job import BadRequest, JobSpec, Result, Source, Text2Image
from studio.media import clips, files, metadata, results, sound, video

SPEC = JobSpec(technique=Text2Image(prompt='a "red" fox, fünf Füchse'), model="pocket-image", seed=7)


@pytest.fixture
def film() -> Clip:
    """A square that moves to the right, 9 frames at 12.5 a second."""
    array = np.full((9, 48, 64, 3), (30, 90, 200), np.uint8)
    for i, frame in enumerate(array):
        frame[12:36, 4 * i : 4 * i + 24] = (220, 60, 40)
    return Clip.video(array, 12.5)


@pytest.fixture
def tone() -> Clip:
    t = np.arange(8000) / 16000
    return Clip.sound(
        np.stack([np.sin(2 * np.pi * 440 * t), np.zeros_like(t)], 1).astype(np.float32) * 0.5, 16000
    )


@pytest.mark.parametrize("suffix", video.WRITERS)
def test_a_film_keeps_its_frames_size_and_rate(tmp_path: Path, film: Clip, suffix: str) -> None:
    path = tmp_path / f"film{suffix}"
    clips.save_clip(film, path, SPEC)
    back = clips.read_clip(path)
    assert back.kind == "video"
    assert back.array.shape == film.array.shape
    error = np.abs(back.array.astype(int) - film.array).mean()
    assert error < {".mkv": 1e-9, ".apng": 1e-9, ".gif": 25}.get(suffix, 2.5)
    if suffix != ".apng":  # FFmpeg guesses the rate of an animated PNG
        assert back.rate == pytest.approx(12.5, rel=0.001)


@pytest.mark.parametrize("suffix", [".mp4", ".webm", ".mkv"])
def test_a_film_says_how_it_was_made(tmp_path: Path, film: Clip, suffix: str) -> None:
    path = tmp_path / f"film{suffix}"
    clips.save_clip(film, path, SPEC)
    assert metadata.to_spec(metadata.read_settings(path))[0] == SPEC


def test_a_part_of_a_film_begins_at_the_asked_frame(tmp_path: Path, film: Clip) -> None:
    path = tmp_path / "film.mkv"
    clips.save_clip(film, path)
    part = video.read_video(path, start=3 / 12.5, seconds=4 / 12.5)
    np.testing.assert_array_equal(part.array, film.array[3:7])


def test_an_odd_size_stays_as_it_is(tmp_path: Path, film: Clip) -> None:
    odd = Clip.video(np.ascontiguousarray(film.array[:, :47, :63]), 8)
    clips.save_clip(odd, tmp_path / "odd.mp4")
    assert clips.read_clip(tmp_path / "odd.mp4").array.shape == odd.array.shape


@pytest.mark.parametrize("suffix", sound.WRITERS)
def test_a_sound_keeps_its_tone(tmp_path: Path, tone: Clip, suffix: str) -> None:
    path = tmp_path / f"tone{suffix}"
    clips.save_clip(tone, path, SPEC)
    back = clips.read_clip(path)
    assert back.kind == "sound"
    assert back.array.shape[1] == 2
    assert back.rate == 16000
    spectrum = np.abs(np.fft.rfft(back.array[:, 0][:4096] * np.hanning(4096)))
    assert np.argmax(spectrum) * 16000 / 4096 == pytest.approx(440, abs=4)
    assert np.abs(back.array[:, 1]).max() < 0.05
    if suffix in (".flac", ".wav"):
        assert back.array.shape == tone.array.shape
        assert np.abs(back.array - tone.array).max() < 1e-6
    assert metadata.to_spec(metadata.read_settings(path))[0] == SPEC


def test_the_sound_of_a_film_is_read_as_sound(tmp_path: Path) -> None:
    import av

    path = tmp_path / "talk.mp4"
    with av.open(str(path), "w") as film:
        stream = film.add_stream("aac", rate=44100, layout="mono")
        wave = (0.5 * np.sin(2 * np.pi * 880 * np.arange(44100) / 44100)).astype(np.float32)
        for at in range(0, 44032, 1024):
            frame = av.AudioFrame.from_ndarray(wave[None, at : at + 1024], format="fltp", layout="mono")
            frame.rate, frame.pts = 44100, at
            film.mux(stream.encode(frame))
        film.mux(stream.encode())
    got = clips.read_source(Source(path=str(path)), "sound")
    assert got.kind == "sound"
    assert got.seconds == pytest.approx(1, abs=0.06)
    with pytest.raises(BadRequest, match="holds no pictures"):
        clips.read_clip(path)


def test_a_gif_that_stands_still_is_a_picture(tmp_path: Path, film: Clip) -> None:
    clips.save_clip(film, tmp_path / "moves.gif")
    from PIL import Image

    Image.fromarray(film.array[0]).save(tmp_path / "still.gif")
    assert clips.kind_of(tmp_path / "moves.gif") == "video"
    assert clips.kind_of(tmp_path / "still.gif") == "picture"


def test_results_are_saved_as_what_they_are(tmp_path: Path, film: Clip, tone: Clip) -> None:
    for clip, suffix in ((film, ".mp4"), (tone, ".flac"), (Clip.picture(film.array[0]), ".png")):
        assert results.save_result(Result(clip, SPEC, 0), tmp_path).suffix == suffix
    with pytest.raises(BadRequest, match="not a sound type"):
        results.save_result(Result(tone, SPEC, 0), tmp_path, suffix=".png")


def test_a_file_that_is_not_what_it_says_is_refused_in_one_sentence(tmp_path: Path) -> None:
    for name in ("a.mp4", "a.flac", "a.mp3"):
        (tmp_path / name).write_bytes(b"not at all " * 100)
        with pytest.raises(BadRequest, match=r"not a (film|sound) that can be read"):
            clips.read_clip(tmp_path / name)
    with pytest.raises(BadRequest, match="does not exist"):
        clips.read_clip(tmp_path / "gone.mp4")


def test_a_film_that_was_cut_off_is_refused_or_read_to_the_cut(tmp_path: Path, film: Clip) -> None:
    path = tmp_path / "film.mp4"
    clips.save_clip(film, path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(BadRequest):
        clips.read_clip(path)


def test_a_changed_input_is_noticed(tmp_path: Path, film: Clip) -> None:
    path = tmp_path / "film.mkv"
    clips.save_clip(film, path)
    source = Source(path=str(path), sha256=film.digest())
    assert clips.read_source(source, "video").digest() == film.digest()
    clips.save_clip(Clip.video(film.array[::-1].copy(), 12.5), path)
    with pytest.raises(BadRequest, match="has changed"):
        clips.read_source(source, "video")


def test_a_full_disk_leaves_the_old_file(tmp_path: Path, film: Clip, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "film.mp4"
    path.write_bytes(b"old")

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(files.os, "fsync", full)
    with pytest.raises(BadRequest, match="disk is full"):
        clips.save_clip(film, path)
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["film.mp4"]
