"""Exported films, read back: frame count, rate, size, colours, sound in step; whole or not at all."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import replace

import av
import numpy as np
import pytest

from studio.core import cutting
from studio.core.job import BadRequest
from studio.core.montage import RATE
from studio.core.timeline import Timeline, begun_with, whole
from studio.media import files
from studio.media.film import Films, about
from studio.media.render import FORMATS, Render, Stopped, film_of, render


@pytest.fixture(scope="module")
def cut(known):
    """Frames 10 to 39 of the film, then 0 to 19, with the beep of its sound; and another sound whose beep is at 1 s of the film."""
    film, beep = about(known.folder / "film.mp4"), about(known.folder / "beep.wav")
    timeline = begun_with(film)
    video, sound = timeline.tracks
    first = replace(whole(film, 25, 0), begin=10 / 25, length=30)
    second = replace(whole(film, 25, 30), length=20)
    timeline = cutting.put(cutting.put(timeline, video.id, first), video.id, second)
    return cutting.put(timeline, sound.id, replace(whole(beep, 25, 25), begin=0.5, length=20, volume=1.0))


def wanted_numbers():
    return [*range(10, 40), *range(20)]


def numbers(path, known, rate=25.0, count=50):
    films, media = Films(), about(path)
    found = [known.number_of(films.picture(media, (k + 0.5) / rate, 64, 48)) for k in range(count)]
    films.close()
    return found


def probed(path):
    """What FFmpeg's own tool says of a file."""
    if shutil.which("ffprobe") is None:
        pytest.skip("ffprobe is not here")
    command = ["ffprobe", "-v", "error", "-count_frames", "-show_streams", "-of", "json", str(path)]
    streams = json.loads(subprocess.run(command, capture_output=True, check=True, text=True).stdout)[
        "streams"
    ]
    return {stream["codec_type"]: stream for stream in streams}


@pytest.mark.parametrize("ending", [".mp4", ".webm", ".mkv", ".gif", ".apng"])
def test_every_format_has_every_frame_in_its_place(cut, known, tmp_path, ending):
    shares = []
    made = render(cut, Render(tmp_path / f"out{ending}"), shares.append)
    assert numbers(made, known) == wanted_numbers()
    assert len(shares) == 50 and shares == sorted(shares) and shares[-1] == 1.0
    with av.open(str(made)) as film:
        stream = film.streams.video[0]
        assert (stream.width, stream.height) == (64, 48)
        assert float(stream.average_rate or stream.guessed_rate) == pytest.approx(25, rel=0.01)
        assert sum(1 for _ in film.decode(stream)) == 50
    assert [one.name for one in tmp_path.iterdir()] == [made.name]


@pytest.mark.parametrize(("ending", "codecs"), [(".mp4", ("h264", "aac")), (".webm", ("vp9", "opus"))])
def test_ffprobe_agrees(cut, tmp_path, ending, codecs):
    found = probed(render(cut, Render(tmp_path / f"out{ending}", width=128, height=96)))
    video, audio = found["video"], found["audio"]
    assert (video["codec_name"], audio["codec_name"]) == codecs
    assert video["nb_read_frames"] == "50" and video["r_frame_rate"] == "25/1"
    assert (video["width"], video["height"], video["color_space"]) == (128, 96, "bt709")
    assert abs(float(video["start_time"]) - float(audio["start_time"])) <= 1 / 25, "at most a frame apart"


@pytest.mark.parametrize("ending", [".mp4", ".webm", ".mkv"])
def test_sound_is_in_step_to_a_fraction_of_a_frame(cut, known, tmp_path, ending):
    made = render(cut, Render(tmp_path / f"out{ending}"))
    films, media = Films(), about(made)
    heard = films.sound(media, 0, 2 * RATE)
    films.close()
    # The film's own beep is at its frame 30, hence at 20 of the export (0.8 s); the other's at frame 25 (1 s).
    assert known.onset(heard) == pytest.approx(0.8, abs=0.25 / 25)
    assert known.onset(heard[round(0.9 * RATE) :]) + 0.9 == pytest.approx(1.0, abs=0.25 / 25)


@pytest.mark.parametrize("speed", [0.5, 1.6, 4.0])
@pytest.mark.parametrize("ending", [".mp4", ".mkv"])
def test_a_clip_at_another_speed_has_its_sound_in_step_and_its_pitch(known, tmp_path, ending, speed):
    film = about(known.folder / "film.mp4")
    timeline = begun_with(film)
    length = round(50 / speed)
    item = replace(whole(film, 25, 5), length=length, speed=speed)
    timeline = cutting.put(timeline, timeline.tracks[0].id, item)
    made = render(timeline, Render(tmp_path / f"out{ending}"))
    films, media = Films(), about(made)
    count = round((5 + length) / 25 * RATE)
    heard = films.sound(media, 0, count)
    begin = round(known.onset(heard) * RATE)
    assert begin / RATE == pytest.approx((5 + 30 / speed) / 25, abs=1 / 25)
    seen = [known.number_of(films.picture(media, (k + 0.5) / 25, 64, 48)) for k in range(5, 5 + length)]
    assert seen[0] == int(speed / 2) and max(np.diff(seen), default=0) <= np.ceil(speed)
    piece = heard[begin : begin + round(0.015 * RATE), 0]
    tops = np.abs(np.fft.rfft(piece * np.hanning(len(piece)), 1 << 14))
    assert np.argmax(tops) * RATE / (1 << 14) == pytest.approx(1000, rel=0.06)
    with av.open(str(made)) as opened:
        sound = opened.streams.audio[0]
        samples = sum(frame.samples for frame in opened.decode(sound))
    films.close()
    assert samples == (count if ending == ".mkv" else pytest.approx(count, abs=2048)), "exactly as long"


def test_frames_in_a_folder_with_the_sound(cut, known, tmp_path):
    from studio.media.image import read_picture
    from studio.media.sound import read_sound

    made = render(cut, Render(tmp_path / "shot.png", span=(28, 33)))
    assert made == tmp_path / "shot"
    names = sorted(one.name for one in made.iterdir())
    assert names == ["shot.wav", *(f"shot_{k:05d}.png" for k in range(1, 6))]
    shown = [known.number_of(read_picture(made / name).array) for name in names[1:]]
    assert shown == [38, 39, 0, 1, 2]
    assert read_sound(made / "shot.wav").seconds == pytest.approx(5 / 25)
    assert render(cut, Render(tmp_path / "shot.png", span=(28, 30))) == made, (
        "an earlier export is replaced whole"
    )
    assert len(list(made.iterdir())) == 3
    (made / "mine.txt").write_text("keep")
    with pytest.raises(BadRequest, match="other files"):
        render(cut, Render(tmp_path / "shot.png"))
    assert (made / "mine.txt").exists()


def test_another_rate_and_an_odd_size(cut, tmp_path):
    made = render(cut, Render(tmp_path / "out.mp4", width=51, height=39, rate=50.0))
    with av.open(str(made)) as film:
        stream = film.streams.video[0]
        assert (stream.width, stream.height, stream.average_rate, stream.frames) == (50, 38, 50, 100)
    assert Render(tmp_path / "x.mp4", rate=12.5).frames(cut) == 25


def test_only_the_range_and_no_sound(cut, known, tmp_path):
    made = render(cutting.set_span(cut, 25, 35), Render(tmp_path / "out.mkv", sound=False))
    assert numbers(made, known, count=10) == [35, 36, 37, 38, 39, 0, 1, 2, 3, 4]
    with av.open(str(made)) as film:
        assert not film.streams.audio


def test_colours_are_kept(tmp_path):
    from studio.core.clip import Clip
    from studio.media.video import save_video

    colours = np.zeros((4, 32, 32, 3), np.uint8)
    colours[:, :16, :16], colours[:, :16, 16:], colours[:, 16:, :16] = (
        (200, 30, 30),
        (30, 200, 30),
        (30, 30, 200),
    )
    save_video(Clip.video(colours, 25.0), tmp_path / "a.mkv")
    timeline, _ = film_of([tmp_path / "a.mkv"])
    for ending in (".mp4", ".webm", ".gif", ".mkv"):
        films, media = Films(), about(render(timeline, Render(tmp_path / f"b{ending}", quality=95)))
        found = films.picture(media, 0.05, 32, 32)[..., :3].astype(int)
        for y, x in ((6, 6), (6, 26), (26, 6), (26, 26)):
            assert np.abs(found[y, x] - colours[0, y, x]).max() <= 8, (ending, y, x)
        films.close()


def test_giving_up_leaves_nothing(cut, tmp_path):
    def told(share):
        if share > 0.4:
            raise Stopped

    (tmp_path / "out.mp4").write_bytes(b"an older one")
    for name in ("out.mp4", "shot.png"):
        with pytest.raises(Stopped):
            render(cut, Render(tmp_path / name), told)
    assert [one.name for one in tmp_path.iterdir()] == ["out.mp4"]
    assert (tmp_path / "out.mp4").read_bytes() == b"an older one"


def test_what_cannot_be_exported_is_told_before_anything_is_written(cut, tmp_path, monkeypatch):
    with pytest.raises(BadRequest, match="no film type"):
        render(cut, Render(tmp_path / "out.xyz"))
    with pytest.raises(BadRequest, match="nothing on the timeline"):
        render(Timeline(), Render(tmp_path / "out.mp4"))
    with pytest.raises(BadRequest, match="pixels wide"):
        render(cut, Render(tmp_path / "out.mp4", width=99999))
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(files.shutil, "disk_usage", lambda _: usage._replace(free=1000))
    with pytest.raises(BadRequest, match=r"MB left"):
        render(cut, Render(tmp_path / "out.mp4"))
    assert not list(tmp_path.iterdir())


def test_a_file_that_is_there_stays_if_asked(cut, tmp_path):
    (tmp_path / "out.gif").write_bytes(b"old")
    with pytest.raises(FileExistsError):
        render(cut, Render(tmp_path / "out.gif", replace=False))
    assert (tmp_path / "out.gif").read_bytes() == b"old"


def test_a_missing_film_is_no_black_hole(known, tmp_path):
    shutil.copy(known.folder / "film.mp4", tmp_path / "gone.mp4")
    timeline, _ = film_of([tmp_path / "gone.mp4"])
    (tmp_path / "gone.mp4").unlink()
    with pytest.raises(BadRequest, match=r"gone\.mp4"):
        render(timeline, Render(tmp_path / "out.mp4"))
    assert not (tmp_path / "out.mp4").exists()


def test_what_is_said_about_its_size_is_no_lie(cut, tmp_path):
    for ending in FORMATS:
        wanted = Render(tmp_path / f"out{ending}")
        made = render(cut, wanted)
        parts = [made] if made.is_file() else list(made.iterdir())
        assert sum(one.stat().st_size for one in parts) <= wanted.bytes(cut)


def test_files_one_after_the_other(known):
    timeline, notes = film_of(
        [known.folder / "film.mp4", known.folder / "beep.wav", known.folder / "film.mp4"]
    )
    video, sound = timeline.tracks
    assert [(item.start, item.end) for item in video.items] == [(0, 50), (50, 100)]
    assert [(item.start, item.end) for item in sound.items] == [(0, 50)] and not notes
    with pytest.raises(BadRequest, match="alone"):
        film_of([known.folder / "a.ora", known.folder / "film.mp4"])
