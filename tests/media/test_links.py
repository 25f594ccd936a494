"""Files that a timeline names: found again where they were moved to, and gathered beside the project."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.core.job import BadRequest
from studio.core.timeline import Item, Media, Timeline, Track
from studio.media import links


def media(path, text="film"):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return Media(str(path), "video", 1.0, 25.0, 8, 8, False, path.stat().st_size, links.digest(path))


def line(*medias):
    items = tuple(Item(one, 10 * k, 10, id=str(k)) for k, one in enumerate(medias))
    return Timeline(tracks=(Track("video", "Film", items),))


def test_a_file_that_moved_with_the_project_is_found(tmp_path):
    one, two = media(tmp_path / "old" / "a.mp4"), media(tmp_path / "old" / "b.mp4", "other")
    project = tmp_path / "new" / "fox.ora"
    project.parent.mkdir()
    (tmp_path / "old" / "a.mp4").rename(project.parent / "a.mp4")
    links.media_folder(project).mkdir()
    (tmp_path / "old" / "b.mp4").rename(links.media_folder(project) / "b.mp4")
    found, notes = links.relinked(line(one, two), project)
    assert set(found.medias()) == {str(project.parent / "a.mp4"), str(project.parent / "fox media" / "b.mp4")}
    assert not notes and links.missing(found) == [] and len(links.missing(line(one, two))) == 2


def test_another_file_of_that_name_is_not_taken_for_it(tmp_path):
    one = media(tmp_path / "old" / "a.mp4", "film")
    (tmp_path / "old" / "a.mp4").unlink()
    (tmp_path / "a.mp4").write_text("FILM")  # as long, and something else
    found, notes = links.relinked(line(one), tmp_path / "fox.ora")
    assert set(found.medias()) == {one.path} and "not where it was" in notes[0]


def test_a_changed_file_is_told(tmp_path):
    one = media(tmp_path / "a.mp4", "film")
    Path(one.path).write_text("another film")
    _, notes = links.relinked(line(one), tmp_path / "fox.ora")
    assert notes == ["“a.mp4” on the timeline has changed since the project was saved."]


def test_gathering_copies_once_and_keeps_two_of_one_name_apart(tmp_path):
    one, two = media(tmp_path / "x" / "a.mp4", "film"), media(tmp_path / "y" / "a.mp4", "other film")
    folder = tmp_path / "fox media"
    shares = []
    places = links.gather(line(one, two), folder, shares.append)
    assert sorted(path.name for path in places.values()) == ["a-2.mp4", "a.mp4"]
    assert places[two.path].read_text() == "other film" and shares[-1] == 1.0
    stamps = {path: path.stat().st_ino for path in folder.iterdir()}
    assert links.gather(line(one, two), folder) == places
    assert {path: path.stat().st_ino for path in folder.iterdir()} == stamps, (
        "what is there is not copied again"
    )


def test_giving_up_leaves_no_half_of_a_file(tmp_path):
    one = media(tmp_path / "a.mp4", "film")

    def told(share):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        links.gather(line(one), tmp_path / "out", told)
    assert not list((tmp_path / "out").iterdir())
    Path(one.path).unlink()
    with pytest.raises(BadRequest, match=r"a\.mp4"):
        links.gather(line(one), tmp_path / "out")
