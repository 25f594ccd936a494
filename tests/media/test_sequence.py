"""Numbered pictures become one film, and nothing else does."""

from __future__ import annotations

import numpy as np
import pytest

from studio.core.clip import Clip
from studio.core.job import BadRequest
from studio.media.film import about
from studio.media.image import save_picture
from studio.media.sequence import gathered, grouped
from studio.media.video import read_video


def pictures(folder, count, wide=32, name="shot_", first=8, channels=3):
    out = []
    for k in range(count):
        path = folder / f"{name}{first + k}.png"
        save_picture(Clip.picture(np.full((24, wide, channels), 10 * k + 5, np.uint8)), path)
        out.append(path)
    return out


def test_numbers_of_one_name_come_together_in_their_order(tmp_path):
    paths = pictures(tmp_path, 5)  # shot_8 .. shot_12: by name, 10 would come before 8
    alone = tmp_path / "a1.png"
    film = tmp_path / "clip_3.mp4"
    found = grouped([film, *reversed(paths), alone])
    assert found == [[film], paths, [alone]]
    assert grouped(paths[:2]) == [[paths[0]], [paths[1]]], "two pictures are two pictures"


def test_a_folder_is_what_is_numbered_in_it(tmp_path):
    paths = pictures(tmp_path, 4)
    (tmp_path / "notes.txt").write_text("x")
    assert grouped([tmp_path]) == [paths]


def test_they_become_one_lossless_film_once(tmp_path):
    paths = pictures(tmp_path, 4)
    made = gathered(paths, tmp_path / "films")
    assert made.name.startswith("shot-") and made.suffix == ".mkv"
    clip = read_video(made)
    assert clip.rate == 24.0 and [int(frame[3, 3, 0]) for frame in clip.array] == [5, 15, 25, 35]
    stamp = made.stat().st_mtime_ns
    assert gathered(paths, tmp_path / "films") == made and made.stat().st_mtime_ns == stamp
    assert about(made).kind == "video"


def test_transparency_is_kept(tmp_path):
    media = about(gathered(pictures(tmp_path, 3, channels=4), tmp_path / "films"))
    from studio.media.film import Films

    assert Films().picture(media, 0, 32, 24).shape == (24, 32, 4)


def test_pictures_of_two_sizes_are_no_film(tmp_path):
    paths = [*pictures(tmp_path, 3), *pictures(tmp_path, 1, wide=40, first=20)]
    with pytest.raises(BadRequest, match=r"shot_20.png is 40 x 24"):
        gathered(paths, tmp_path / "films")
    assert not list((tmp_path / "films").iterdir())
