"""Film files <-> clips in memory: every format there and back, parts, requests inside, what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from studio.core.clip import Clip
from studio.core.job import BadRequest, JobSpec, Text2Video
from studio.media.video import WRITERS, read_comment, read_video, save_video, write_frames


def clip(known, count=10, rate=25.0, wide=64, high=48):
    return Clip.video(np.stack([known.picture(k, wide, high) for k in range(count)]), rate)


@pytest.mark.parametrize("ending", list(WRITERS))
def test_there_and_back(known, tmp_path, ending):
    made = clip(known)
    save_video(made, tmp_path / f"a{ending}")
    back = read_video(tmp_path / f"a{ending}")
    assert back.array.shape == made.array.shape and back.rate == pytest.approx(25, rel=0.01)
    assert [known.number_of(frame) for frame in back.array] == list(range(10))
    if ending in (".mkv", ".apng"):
        assert (back.array == made.array).all(), "nothing is lost"


def test_a_part(known, tmp_path):
    save_video(clip(known, 50), tmp_path / "a.mp4")
    part = read_video(tmp_path / "a.mp4", 20 / 25, 5 / 25)
    assert [known.number_of(frame) for frame in part.array] == [20, 21, 22, 23, 24]
    with pytest.raises(BadRequest, match="at that time"):
        read_video(tmp_path / "a.mp4", 99)


def test_an_odd_size_is_kept(known, tmp_path):
    save_video(clip(known, wide=51, high=37), tmp_path / "a.mp4")
    assert read_video(tmp_path / "a.mp4").array.shape[1:3] == (37, 51)


def test_the_request_is_inside(known, tmp_path):
    spec = JobSpec(technique=Text2Video(prompt="ein Füchslein 🦊"), model="tiny")
    for ending in (".mp4", ".webm", ".mkv"):
        save_video(clip(known, 2), tmp_path / f"a{ending}", spec)
        text = read_comment(tmp_path / f"a{ending}")
        assert JobSpec.model_validate_json(text).technique.prompt == "ein Füchslein 🦊"
    save_video(clip(known, 2), tmp_path / "b.mp4")
    assert read_comment(tmp_path / "b.mp4") == ""


def test_frames_that_come_one_by_one(known, tmp_path):
    write_frames((known.picture(k) for k in range(5)), tmp_path / "a.mkv", 12.0)
    back = read_video(tmp_path / "a.mkv")
    assert [known.number_of(frame) for frame in back.array] == list(range(5)) and back.rate == 12
    with pytest.raises(BadRequest, match="no pictures"):
        write_frames(iter(()), tmp_path / "b.mkv", 12.0)

    def breaks():
        yield known.picture(0)
        raise BadRequest("The second picture cannot be read.")

    with pytest.raises(BadRequest, match="second picture"):
        write_frames(breaks(), tmp_path / "b.mkv", 12.0)
    assert [path.name for path in tmp_path.iterdir()] == ["a.mkv"]


def test_what_is_refused(known, tmp_path):
    with pytest.raises(BadRequest, match="not a film type"):
        save_video(clip(known, 2), tmp_path / "a.xyz")
    with pytest.raises(BadRequest, match="cannot be saved as a film"):
        save_video(Clip.picture(known.picture(0)), tmp_path / "a.mp4")
    save_video(clip(known, 2), tmp_path / "a.mp4")
    with pytest.raises(FileExistsError):
        save_video(clip(known, 2), tmp_path / "a.mp4", replace=False)
    (tmp_path / "bad.mp4").write_bytes(b"no film" * 30)
    with pytest.raises(BadRequest, match=r"bad\.mp4 is not a film"):
        read_video(tmp_path / "bad.mp4")
    with pytest.raises(BadRequest, match="holds no pictures"):
        read_video(known.folder / "beep.wav")
    with pytest.raises(BadRequest, match="does not exist"):
        read_video(tmp_path / "nothing.mp4")
