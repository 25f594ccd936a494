"""The measurement of edits: its own arithmetic, on cases whose answer is known."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from studio.bench.edit import (
    KINDS,
    MOST_DB,
    ROWS,
    Bench,
    Case,
    Row,
    Score,
    best_of,
    cases,
    interval,
    measure,
    outside,
    report,
    succeeded,
)
from studio.engine.nets.judge import Verdict


@pytest.fixture(scope="module")
def todo(tmp_path_factory: pytest.TempPathFactory) -> list[Case]:
    return cases(14, tmp_path_factory.mktemp("cases"))


def seen(case: Case, after: bool) -> Verdict:
    scene = case.pair.after if after else case.pair.before
    return Verdict({t.place: (t.noun, t.colour) for t in scene.things}, scene.background, scene.style)


def test_kinds_take_turns_and_files_are_there(todo: list[Case]) -> None:
    assert [case.pair.kind for case in todo] == [*KINDS, *KINDS]
    assert all(Path(case.file).is_file() and Path(case.mask_file).is_file() for case in todo)


def test_the_true_answer_succeeds_and_the_source_does_not(todo: list[Case]) -> None:
    for case in todo:
        assert succeeded(case.pair, seen(case, after=True)), case.pair
        assert not succeeded(case.pair, seen(case, after=False)), case.pair


def test_outside_counts_only_what_was_to_stay(todo: list[Case]) -> None:
    case = todo[0]
    assert outside(case, case.after) == MOST_DB
    off = case.before.copy()
    off[~case.changed] = np.clip(off[~case.changed].astype(int) ^ 1, 0, 255)  # by one level everywhere
    assert outside(case, off) == pytest.approx(20 * math.log10(255))


def test_an_interval_holds_the_mean_and_narrows_with_numbers() -> None:
    dice = np.random.default_rng(0)
    few, many = dice.random(20), dice.random(2000)
    assert interval(few)[0] < few.mean() < interval(few)[1]
    assert interval(many)[1] - interval(many)[0] < (interval(few)[1] - interval(few)[0]) / 3
    assert interval(np.array([1.0, np.nan, 1.0])) == (1.0, 1.0)


class _TrueJudge:
    """Sees a picture as the scene that it equals."""

    def __init__(self, todo: list[Case]) -> None:
        self.known = {
            p.tobytes(): seen(c, after) for c in todo for p, after in ((c.before, False), (c.after, True))
        }

    def __call__(self, pictures: np.ndarray) -> tuple[list[Verdict], None]:
        return [self.known[picture.tobytes()] for picture in pictures], None


def test_rows_are_measured_and_reported(todo: list[Case]) -> None:
    bench, judge = Bench(None, "", ""), _TrueJudge(todo)  # type: ignore[arg-type]
    best, _ = measure(Row("best", "ceiling", lambda b, c: c.after), bench, todo, judge)
    idle, _ = measure(Row("idle", "floor", lambda b, c: c.before), bench, todo, judge)
    few, _ = measure(Row("few", "ours", lambda b, c: c.after, most=3), bench, todo, judge)
    broken, made = measure(Row("broken", "peer", lambda b, c: 1 / 0), bench, todo, judge)  # type: ignore[arg-type]
    assert best.success.mean() == 1 and idle.success.mean() == 0
    assert np.isnan(few.success).sum() == 11
    assert not made and broken.why_not == "ZeroDivisionError: division by zero"
    table = report({"best": best, "idle": idle, "broken": broken}, [c.pair.kind for c in todo], "best")
    assert "| best | 14 |" in table and "100.0 [100.0, 100.0]" in table
    assert "-100.0 [-100.0, -100.0]" in table
    assert "does not run: ZeroDivisionError" in table


def test_row_names_are_different() -> None:
    from studio.bench.peers import PEERS

    names = [row.name for row in [*ROWS, *PEERS]]
    assert len(set(names)) == len(names)
    assert isinstance(Score(np.zeros(1), np.zeros(1), 0.0).why_not, str)


def test_of_several_tries_the_one_that_succeeds_counts() -> None:
    nan = math.nan
    one = Score(np.array([1.0, 0.0, 1.0, nan]), np.array([20.0, 40.0, 25.0, nan]), 1.0)
    other = Score(np.array([0.0, 1.0, 1.0, nan]), np.array([50.0, 10.0, 30.0, nan]), 2.0)
    best = best_of([one, other])
    assert best.success[:3].tolist() == [1, 1, 1] and best.outside[:3].tolist() == [20, 10, 30]
    assert math.isnan(best.success[3]) and best.seconds == 3
