"""Sounds that nothing needs go; what a project, an autosave or the last week needs stays."""

from __future__ import annotations

import os
import time

import pytest

from studio.core.document import Document
from studio.core.job import Source
from studio.core.take import Take
from studio.media import leftovers
from studio.media.files import write_whole
from studio.media.ora import OraWriter

DAY = 86400.0


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "takes"
    made.mkdir()
    (made / leftovers.LIST).write_text("")
    return made


def sound(folder, name, days=30.0, size=100):
    path = folder / name
    path.write_bytes(bytes(size))
    os.utime(path, (time.time() - days * DAY,) * 2)
    return path


def project(path, *sounds):
    document = Document(8, 8)
    document.set_takes(Take(one.name, Source(path=str(one)), 1.0, 44100.0, 1) for one in sounds)
    path.parent.mkdir(parents=True, exist_ok=True)
    prepared = OraWriter().prepare(document, {})
    prepared.take()
    write_whole(path, prepared.write)
    return path


def there(folder):
    return sorted(path.name for path in folder.glob("*.flac"))


def test_the_longest_unused_go_until_the_rest_fits(folder, tmp_path):
    for number in range(5):
        sound(folder, f"{number}.flac", days=20 + number)
    assert leftovers.tidy(folder, tmp_path / "recovery", budget=250) == ["2.flac", "3.flac", "4.flac"]
    assert there(folder) == ["0.flac", "1.flac"]
    assert leftovers.tidy(folder, tmp_path / "recovery", budget=250) == []


def test_what_was_used_this_week_and_recordings_stay(folder, tmp_path):
    sound(folder, "new.flac", days=6)
    sound(folder, "recording 2026-01-02 10.11.12.flac", days=300)
    leftovers.used(sound(folder, "old.flac", days=300), folder)
    elsewhere = sound(tmp_path, "elsewhere.flac", days=300)
    leftovers.used(elsewhere, folder)
    assert leftovers.tidy(folder, tmp_path / "recovery", budget=0) == []
    assert time.time() - elsewhere.stat().st_mtime > 299 * DAY, "files of others are left alone"


def test_what_a_project_names_stays_wherever_the_project_goes(folder, tmp_path):
    mine, other = sound(folder, 'a "quoted" ü.flac'), sound(folder, "other.flac")
    saved = project(tmp_path / "a.ora", mine)
    leftovers.remember(saved, folder)
    leftovers.remember(saved, folder)
    assert (folder / leftovers.LIST).read_text().count("\n") == 1
    saved.unlink()  # moved to a stick
    assert leftovers.tidy(folder, tmp_path / "recovery", budget=0) == [other.name] and mine.exists()


def test_what_an_autosave_names_stays_as_long_as_it_does(folder, tmp_path):
    one = sound(folder, "one.flac")
    autosave = project(tmp_path / "recovery" / "x" / "document.ora", one)
    assert leftovers.tidy(folder, tmp_path / "recovery", budget=0) == []
    autosave.write_bytes(b"half a file")
    assert leftovers.tidy(folder, tmp_path / "recovery", budget=0) == [], "nobody knows what it needs"
    autosave.unlink()
    assert leftovers.tidy(folder, tmp_path / "recovery", budget=0) == ["one.flac"]


@pytest.mark.parametrize("first", ["tidy", "remember"])
def test_files_from_before_there_was_a_list_stay(tmp_path, first):
    folder = tmp_path / "takes"
    assert leftovers.tidy(folder, tmp_path) == [] and not folder.exists()
    folder.mkdir()
    sound(folder, "old.flac")
    if first == "tidy":
        leftovers.tidy(folder, tmp_path / "recovery", budget=0)
    else:
        leftovers.remember(project(tmp_path / "a.ora"), folder)
    sound(folder, "later.flac")
    assert leftovers.tidy(folder, tmp_path / "recovery", budget=0) == ["later.flac"]
    assert there(folder) == ["old.flac"]


def test_what_is_no_project_is_no_error(folder, tmp_path):
    (tmp_path / "a.png").write_bytes(b"x")
    leftovers.remember(tmp_path / "a.png", folder)
    leftovers.remember(tmp_path / "gone.ora", folder)
    assert (folder / leftovers.LIST).read_text() == ""
