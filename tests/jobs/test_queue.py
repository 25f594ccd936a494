from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from fake_engine import picture, save_raw, spec

from studio.core.job import Cancelled, Done, Failed, Result
from studio.jobs import files
from studio.jobs import queue as queue_module
from studio.jobs.desk import Desk
from studio.jobs.queue import Job, Queue, QueueError, alive, new_owner

ME = new_owner()


def claimed(queue: Queue, owner: str = ME) -> Job:
    job = queue.claim(owner)
    assert job is not None
    return job


def taken(desk: Desk) -> Job:
    job = desk.take()
    assert job is not None
    return job


def dead_owner() -> str:
    """The name that a process had that is dead now."""
    code = "from studio.jobs.queue import new_owner; print(new_owner())"
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.strip()


@pytest.fixture
def desk(queue: Queue, tmp_path: Path) -> Desk:
    return Desk(queue, tmp_path / "out", save_raw, ME)


def kept(desk: Desk, prompt: str = "", seed: int = 1) -> int:
    """A job with one result -> the result's id."""
    desk.queue.add(spec(prompt, seed))
    job = taken(desk)
    desk.keep(job, Result(picture(16, seed), spec(prompt, seed)))
    desk.end(job, Done())
    return desk.queue.results(job=job.id)[0].id


# --- order and states -----------------------------------------------------------------------------------------------


def test_highest_priority_first_then_first_come(queue: Queue) -> None:
    a, b, c = queue.add(spec()), queue.add(spec(), priority=5), queue.add(spec())
    assert [claimed(queue).id for _ in range(3)] == [b, a, c]
    assert queue.claim(ME) is None


def test_a_job_is_stored_as_it_was_asked_for(queue: Queue) -> None:
    wanted = spec("a (red:1.3) fox", 2**63 - 1, 4)
    job = queue.add(wanted)
    assert queue.spec_of(job) == wanted
    assert queue.jobs()[0].prompt == "a (red:1.3) fox"
    with pytest.raises(QueueError, match="no job"):
        queue.spec_of("x")


def test_states_follow_the_user(queue: Queue) -> None:
    job = queue.add(spec())
    queue.pause(job)
    assert queue.claim(ME) is None
    queue.resume(job)
    assert claimed(queue).attempts == 1
    assert queue.fail(job, ME, "No.", "trace", "memory")
    failed = queue.job(job)
    assert failed is not None
    assert (failed.state, failed.error, failed.kind, failed.attempts) == ("failed", "No.", "memory", 1)
    queue.retry(job)
    queue.cancel(job)
    assert queue.counts()["cancelled"] == 1
    queue.retry(job)
    assert queue.finish(claimed(queue).id, ME)
    assert not queue.finish(job, ME)
    assert queue.counts() == {"waiting": 0, "running": 0, "paused": 0, "done": 1, "failed": 0, "cancelled": 0}
    queue.remove(job)
    assert queue.jobs() == []


def test_move(queue: Queue) -> None:
    a, b, c, d = (queue.add(spec()) for _ in range(4))
    queue.move(d, before=b)
    queue.move(a, after=c)
    assert [job.id for job in queue.jobs()] == [d, b, c, a]
    queue.move(a)
    assert [job.id for job in queue.jobs()] == [a, d, b, c]
    urgent = queue.add(spec(), priority=9)
    queue.move(c, before=urgent)
    assert [job.id for job in queue.jobs()] == [c, urgent, a, d, b]
    for _ in range(200):  # the numbers between two neighbours run out
        queue.move(b, after=a)
        queue.move(d, after=a)
    assert [job.id for job in queue.jobs()] == [c, urgent, a, d, b]
    assert [claimed(queue).id for _ in range(5)] == [c, urgent, a, d, b]


def test_running_jobs_come_first_and_ended_ones_last(queue: Queue) -> None:
    ended = queue.add(spec())
    queue.finish(claimed(queue).id, ME)
    running, waiting = queue.add(spec()), queue.add(spec())
    claimed(queue)
    assert [job.id for job in queue.jobs()] == [running, waiting, ended]
    assert [job.id for job in queue.jobs("done", "waiting", limit=1, offset=1)] == [ended]


# --- two windows ------------------------------------------------------------------------------------------------------


def test_a_job_is_left_to_its_window_while_that_lives(queue: Queue) -> None:
    other = dead_owner()
    job = queue.add(spec(), home=other)
    assert queue.claim(ME) is None
    queue.recover()
    assert claimed(queue).id == job


def test_a_wish_reaches_the_owner_in_the_other_window(queue: Queue, tmp_path: Path) -> None:
    there = Queue(tmp_path / "queue.sqlite")
    job = queue.add(spec())
    claimed(queue)
    queue.changed()
    assert not queue.changed()
    there.cancel(job)
    assert queue.changed()
    assert queue.wish(job) == "cancel"
    assert there.jobs()[0].state == "running"
    assert queue.stop(job, ME, "cancelled")
    there.close()


def test_who_lost_a_job_cannot_end_it(queue: Queue, desk: Desk) -> None:
    other = dead_owner()
    queue.add(spec())
    job = claimed(queue, other)
    assert queue.recover() == 1
    again = claimed(queue)
    lost = Desk(queue, desk.folder, save_raw, other)
    lost.keep(job, Result(picture(8, 1), spec()))
    assert not queue.finish(job.id, other)
    assert queue.results() == []
    assert queue.finish(again.id, ME)


CLAIMER = """
import sys
from pathlib import Path
from studio.jobs.queue import Queue, new_owner
queue, me = Queue(Path(sys.argv[1])), new_owner()
while job := queue.claim(me):
    print(job.id)
    queue.finish(job.id, me)
"""


def test_processes_that_claim_at_once_share_the_jobs(queue: Queue) -> None:
    jobs = {queue.add(spec()) for _ in range(150)}
    begin = [sys.executable, "-c", CLAIMER, str(queue.path)]
    claimers = [subprocess.Popen(begin, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    done = [job for claimer in claimers for job in claimer.communicate()[0].split()]
    assert len(done) == 150
    assert set(done) == jobs
    assert queue.counts()["done"] == 150


# --- kills ------------------------------------------------------------------------------------------------------------


def test_the_owner_knows_whether_it_lives() -> None:
    assert alive(ME)
    assert not alive(dead_owner())
    pid, start, unique = ME.split("/")
    assert not alive(f"{pid}/{start}0/{unique}")  # the same number, another process
    assert not alive("")


@pytest.mark.skipif(sys.platform == "win32", reason="no zombies there")
def test_a_zombie_does_not_live() -> None:
    code = "from studio.jobs.queue import new_owner; print(new_owner(), flush=True); input()"
    child = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert child.stdin
    assert child.stdout
    owner = child.stdout.readline().strip()
    assert alive(owner)
    os.kill(child.pid, signal.SIGKILL)
    time.sleep(0.1)  # not waited for: a zombie
    assert not alive(owner)
    child.communicate()


def test_what_ran_in_a_dead_process_is_offered_again(queue: Queue) -> None:
    dead = dead_owner()
    run, cancel, pause = (queue.add(spec()) for _ in range(3))
    for _ in range(3):
        claimed(queue, dead)
    queue.cancel(cancel)
    queue.pause(pause)
    assert queue.recover() == 3
    assert {job.id: job.state for job in queue.jobs()} == {
        run: "waiting",
        cancel: "cancelled",
        pause: "paused",
    }


def test_a_job_that_takes_the_program_down_every_time_waits_for_the_user(queue: Queue) -> None:
    dead = dead_owner()
    job = queue.add(spec())
    for _ in range(queue_module.TOO_OFTEN):
        claimed(queue, dead)
        queue.recover()
    row = queue.job(job)
    assert row is not None
    assert row.state == "paused"
    assert "press Resume" in row.error
    queue.resume(job)
    assert claimed(queue).id == job


@pytest.mark.parametrize("moved", [False, True])
def test_a_kill_between_file_and_row(
    queue: Queue, desk: Desk, monkeypatch: pytest.MonkeyPatch, moved: bool
) -> None:
    dead = dead_owner()
    queue.add(spec())
    lost = Desk(queue, desk.folder, save_raw, dead)
    job = taken(lost)

    def killed(*args: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Queue if moved else files, "confirm" if moved else "move", killed)
        patch.setattr(files, "remove_incoming", lambda *args: None)
        with pytest.raises(KeyboardInterrupt):
            lost.keep(job, Result(picture(8, 1), spec()))
    assert queue.results() == []
    desk.tend()
    assert len(queue.results()) == moved
    job = taken(desk)
    desk.keep(job, Result(picture(8, 1), spec()))
    desk.end(job, Done())
    assert len(queue.results()) == 1
    assert [path.name for path in desk.folder.rglob("*") if path.is_file()] == ["1.raw"]


def test_a_resumed_job_whose_results_never_got_to_the_disk_runs_again(queue: Queue, desk: Desk) -> None:
    job = queue.add(spec(count=2))
    checkpoint = desk.checkpoints / job
    checkpoint.parent.mkdir()
    checkpoint.write_text("one result is made")  # the window was killed before it could save it
    row = taken(desk)
    assert row.checkpoint == str(checkpoint)
    desk.keep(row, Result(picture(8, 2), spec(seed=2), 1))
    desk.end(row, Done())
    assert queue.jobs()[0].state == "waiting"
    assert not checkpoint.exists()
    row = taken(desk)
    desk.keep(row, Result(picture(8, 1), spec(seed=1), 0))
    desk.keep(row, Result(picture(8, 2), spec(seed=2), 1))
    desk.end(row, Done())
    assert queue.jobs()[0].state == "done"
    assert len(list(desk.folder.glob("*.raw"))) == 2


def test_pause_keeps_the_checkpoint_and_cancel_does_not(queue: Queue, desk: Desk) -> None:
    queue.add(spec())
    row = taken(desk)
    checkpoint = Path(row.checkpoint)
    checkpoint.parent.mkdir()
    checkpoint.write_text("step 7")
    queue.pause(row.id)
    desk.end(row, Cancelled())
    assert checkpoint.exists()
    assert queue.jobs()[0].state == "paused"
    queue.resume(row.id)
    desk.end(taken(desk), Failed("No."))
    assert checkpoint.exists()
    queue.retry(row.id)
    desk.end(taken(desk), Cancelled())
    assert not checkpoint.exists()


# --- what may be removed ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("job", ["", ".", "..", "*", "/", "a" * 31, "A" * 32, "../" + "a" * 32])
def test_only_what_belongs_to_a_job_can_be_removed(tmp_path: Path, job: str) -> None:
    (tmp_path / "precious").mkdir()
    with pytest.raises(ValueError, match="not the id of a job"):
        files.remove_checkpoint(tmp_path, job)
    with pytest.raises(ValueError, match="not the id of a job"):
        files.remove_incoming(tmp_path, job, 0)
    assert (tmp_path / "precious").exists()


def test_a_job_without_a_checkpoint_removes_nothing(
    queue: Queue, desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = tmp_path / "here"
    here.mkdir()
    (here / "precious").write_text("x")
    monkeypatch.chdir(here)
    queue.add(spec())
    job = claimed(queue)
    assert job.checkpoint == ""
    desk.end(job, Done())
    assert [path.name for path in here.iterdir()] == ["precious"]


def test_housekeeping_leaves_strange_files_alone(desk: Desk) -> None:
    theirs = desk.checkpoints / "model.safetensors", desk.folder / files.INCOMING / "mine-1" / "x"
    dead = desk.checkpoints / f"{'a' * 32}.77.tmp", desk.folder / files.INCOMING / f"{'b' * 32}-0" / "x"
    for path in (*theirs, *dead):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    desk.clear()
    assert all(path.exists() for path in theirs)
    assert not any(path.exists() for path in dead)


# --- results ------------------------------------------------------------------------------------------------------------


def test_gallery(desk: Desk) -> None:
    queue = desk.queue
    fox, bear, both = (
        kept(desk, "a red fox", 1),
        kept(desk, 'a "brown" bear', 2),
        kept(desk, "Fox and bear", 3),
    )
    assert [entry.id for entry in queue.results()] == [both, bear, fox]
    assert [entry.id for entry in queue.results("FOX")] == [both, fox]
    assert [entry.id for entry in queue.results("be fo")] == [both]
    assert [entry.id for entry in queue.results('"brown')] == [bear]
    assert queue.results("AND OR NOT * (") == []
    queue.rate(fox, 7)
    assert [(entry.id, entry.rating) for entry in queue.results(rating=4)] == [(fox, 5)]
    queue.trash(bear)
    assert [entry.id for entry in queue.results()] == [both, fox]
    assert [entry.id for entry in queue.results(trashed=True)] == [bear]
    queue.restore(bear)
    assert len(queue.results(since=0, until=time.time() + 1, technique="text2image", kind="picture")) == 3
    assert queue.results(until=1) == queue.results(model="x") == []
    assert [entry.id for entry in queue.results(limit=1, offset=1)] == [bear]
    queue.trash(bear)
    assert queue.purge(time.time() + 1) == 1
    assert sorted(path.name for path in desk.folder.glob("*.raw")) == ["1.raw", "3.raw"]
    assert queue.results("brown", trashed=True) == []


def test_a_missing_or_changed_file_disables_one_entry(desk: Desk) -> None:
    queue = desk.queue
    gone, cut, flipped, fine = (kept(desk, seed=seed) for seed in range(1, 5))
    path = {entry.id: entry.path for entry in queue.results()}
    path[gone].unlink()
    path[cut].write_bytes(b"half")
    data = bytearray(path[flipped].read_bytes())
    data[9] ^= 1
    path[flipped].write_bytes(data)
    assert not queue.check(flipped)
    assert queue.check(fine)
    states = {entry.id: entry.state for entry in queue.results()}
    assert states == {gone: "missing", cut: "damaged", flipped: "damaged", fine: "ok"}


def test_a_name_that_is_taken_is_not_overwritten(desk: Desk) -> None:
    first, second = kept(desk, seed=1), kept(desk, seed=1)
    assert first != second
    assert sorted(entry.path.name for entry in desk.queue.results()) == ["1.raw", "1_0002.raw"]
    assert files.place(Path("x_0041.png"), desk.folder).name == "x_0041.png"


# --- the file -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("damage", ["junk", "torn", "empty"])
@pytest.mark.parametrize("copied", [True, False])
def test_a_damaged_database_is_set_aside(tmp_path: Path, damage: str, copied: bool) -> None:
    path = tmp_path / "queue.sqlite"
    queue = Queue(path)
    job = queue.add(spec("a fox"))
    if copied:
        assert queue.backup()
        assert not queue.backup()
    queue.close()
    data = path.read_bytes()
    path.write_bytes({"junk": os.urandom(len(data)), "torn": data[: len(data) // 2], "empty": b""}[damage])
    queue = Queue(path)
    if damage != "empty" or copied:
        assert "put aside" in queue.notice
        assert len(list(tmp_path.glob("queue.damaged-*.sqlite"))) == 1
    assert [row.id for row in queue.jobs()] == ([job] if copied else [])
    queue.add(spec())
    queue.close()


def test_a_damaged_database_with_a_damaged_copy(tmp_path: Path) -> None:
    path = tmp_path / "queue.sqlite"
    for name in ("queue.sqlite", "queue.backup.sqlite"):
        (tmp_path / name).write_bytes(b"x" * 9999)
    queue = Queue(path)
    assert "a new one" in queue.notice
    queue.add(spec())
    queue.close()


def test_a_database_of_a_newer_studio_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "queue.sqlite"
    Queue(path).close()
    db = sqlite3.connect(path)
    db.execute("PRAGMA user_version = 99")
    db.close()
    with pytest.raises(QueueError, match="newer studio"):
        Queue(path)
    assert not list(tmp_path.glob("*damaged*"))


def test_threads_have_their_own_connections(queue: Queue) -> None:
    def work() -> None:
        for _ in range(30):
            queue.add(spec())
            row = queue.claim(ME)
            if row:
                queue.finish(row.id, ME)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert queue.counts()["done"] == 120


FULL = """
import resource, sys
from pathlib import Path
from studio.jobs.queue import Queue, QueueError
from fake_engine import spec
queue = Queue(Path(sys.argv[1]))
job = queue.add(spec())
size = max(path.stat().st_size for path in Path(sys.argv[1]).parent.glob("queue.sqlite*"))
resource.setrlimit(resource.RLIMIT_FSIZE, (size + 20_000, size + 20_000))
try:
    for _ in range(1000):
        queue.add(spec("x" * 500))
except QueueError as error:
    print(error)
print(queue.job(job).state)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no limits there")
def test_a_full_disk_is_one_sentence_and_loses_nothing(tmp_path: Path) -> None:
    path = tmp_path / "queue.sqlite"
    run = subprocess.run([sys.executable, "-c", FULL, str(path)], capture_output=True, text=True, check=True)
    sentence, state = run.stdout.strip().splitlines()
    assert sentence.startswith("The job cannot be stored: ")
    assert state == "waiting"
    queue = Queue(path)
    assert queue.notice == ""
    assert queue.counts()["waiting"] >= 1
    queue.close()


def test_no_room_for_a_result_is_one_sentence(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.queue.add(spec())
    job = taken(desk)

    def full(result: Result, folder: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(desk, "_save", full)
    with pytest.raises(QueueError, match="the disk is full; free some space"):
        desk.keep(job, Result(picture(8, 1), spec()))
    assert not list((desk.folder / files.INCOMING).iterdir())


def test_a_folder_that_cannot_be_written_to_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(QueueError, match="cannot be opened"):
        Queue(tmp_path / "file" / "queue.sqlite")
    queue = Queue(tmp_path / "queue.sqlite")
    connect = sqlite3.connect
    monkeypatch.setattr(
        sqlite3, "connect", lambda path, **more: connect(f"file:{path}?mode=ro", uri=True, **more)
    )
    queue.close()
    with pytest.raises(QueueError, match="the folder cannot be written to; choose another"):
        queue.add(spec())
    queue.close()
