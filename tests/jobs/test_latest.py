from __future__ import annotations

from studio.jobs.latest import Latest


def test_one_runs_one_waits_and_the_newest_wins() -> None:
    latest = Latest[str]()
    assert latest.begin() is None
    latest.ask(1, "a")
    assert latest.stale() is None
    assert latest.begin() == (1, "a")
    latest.ask(2, "b")
    assert latest.begin() is None, "only one runs"
    assert latest.stale() == 1
    latest.ask(3, "c")
    assert latest.stale() is None, "it was told so already"
    latest.over()
    assert latest.begin() == (3, "c"), "what waited longer has lost"
    assert latest.stale() is None
    latest.over()
    assert latest.begin() is None and latest.number is None


def test_what_makes_room_for_a_job_comes_again() -> None:
    latest = Latest[str]()
    latest.ask(1, "a")
    latest.begin()
    assert latest.stale(in_the_way=True) == 1
    assert latest.stale(in_the_way=True) is None
    latest.over()
    assert latest.begin() == (1, "a")
    assert latest.stale(in_the_way=True) == 1
    latest.ask(2, "b")
    latest.over()
    assert latest.begin() == (2, "b"), "but not if a newer one has come"


def test_dropped_is_dropped() -> None:
    latest = Latest[str]()
    latest.ask(1, "a")
    latest.drop()
    assert latest.begin() is None
    latest.ask(2, "b")
    latest.begin()
    latest.drop()
    assert latest.stale() == 2
    latest.over()
    assert latest.begin() is None
