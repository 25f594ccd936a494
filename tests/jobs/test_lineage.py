"""Which picture came from which: through the canvas, by file, after a repeat, and across sessions."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from studio.core.clip import Clip
from studio.core.job import Image2Image, JobSpec, Result, Source, Text2Image
from studio.jobs.lineage import children, find, parents, remember
from studio.jobs.queue import Queue, new_owner


@pytest.fixture
def queue(tmp_path):
    made = Queue(tmp_path / "queue.sqlite")
    yield made
    made.close()


def make(queue, folder, spec):
    """Runs a request on paper -> its entry."""
    owner = new_owner()
    job = queue.add(spec, home=owner)
    assert queue.claim(owner).id == job
    path = folder / f"{job}.png"
    path.write_bytes(job.encode())
    clip = Clip.picture(np.zeros((8, 8, 3), np.uint8))
    assert queue.announce(job, owner, Result(clip, spec), path, hashlib.sha256(job.encode()).hexdigest(), 32)
    queue.confirm(job, 0)
    queue.finish(job, owner)
    return queue.result(job, 0)


def words(prompt, seed=1):
    return JobSpec(technique=Text2Image(prompt=prompt), model="m", seed=seed)


def changed(digest, prompt, seed=1, path="/inputs/a.png"):
    return JobSpec(
        technique=Image2Image(prompt=prompt, image=Source(path=path, sha256=digest)), model="m", seed=seed
    )


DIGEST, OTHER = "ab" * 32, "cd" * 32


def ids(entries):
    return [entry.id for entry in entries]


def test_through_the_canvas(queue, tmp_path):
    fox, owl, moon = (make(queue, tmp_path, words(text)) for text in ("a fox", "an owl", "the moon"))
    remember(queue, DIGEST, [words("a fox"), words("an owl")])
    remember(queue, DIGEST, [words("a fox")])
    both = make(queue, tmp_path, changed(DIGEST, "at night"))
    again = make(queue, tmp_path, changed(DIGEST, "at night", seed=2))
    assert ids(parents(queue, both)) == ids(parents(queue, again)) == ids([fox, owl])
    assert ids(children(queue, fox)) == ids(children(queue, owl)) == ids([both, again])
    assert parents(queue, fox) == [] and children(queue, moon) == [] and children(queue, both) == []

    remember(queue, OTHER, [changed(DIGEST, "at night")])
    third = make(queue, tmp_path, changed(OTHER, "in snow"))
    assert ids(parents(queue, third)) == [both.id] and ids(children(queue, both)) == [third.id]


def test_a_result_that_was_named_as_a_file(queue, tmp_path):
    fox = make(queue, tmp_path, words("a fox"))
    child = make(queue, tmp_path, changed("", "bluer", path=str(fox.path)))
    assert ids(parents(queue, child)) == [fox.id] and ids(children(queue, fox)) == [child.id]


def test_what_is_gone_is_left_out_and_an_older_database_learns_it(queue, tmp_path):
    remember(queue, DIGEST, [words("never kept")])
    child = make(queue, tmp_path, changed(DIGEST, "x"))
    assert parents(queue, child) == []
    queue.close()
    import sqlite3

    with sqlite3.connect(tmp_path / "queue.sqlite") as db:
        db.executescript("DROP TABLE origins; DROP INDEX results_by_seed; PRAGMA user_version = 1;")
    db.close()
    old = Queue(tmp_path / "queue.sqlite")
    remember(old, DIGEST, [words("a fox")])
    fox = make(old, tmp_path, words("a fox"))
    assert ids(parents(old, child)) == [fox.id]
    assert find(old, words("a fox")).id == fox.id and find(old, words("a cat")) is None
    old.close()
