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
    SIDE,
    Bench,
    Case,
    Row,
    Score,
    best_of,
    cases,
    counted,
    duels,
    interval,
    mask_iou,
    outside,
    report,
    run_slice,
    score_of,
    sheet,
    succeeded,
)
from studio.bench.ledger import Ledger, mark_of
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


class _Bench(Bench):
    """Knows nothing of models: the source is its own start."""

    def start(self, case: Case) -> np.ndarray:
        return case.before


def _rows(made: list[str] | None = None) -> list[Row]:
    def answer(bench: Bench, case: Case) -> np.ndarray:
        if made is not None:
            made.append(f"best {case.seed}")
        return case.after

    return [
        Row("best", "ceiling", answer),
        Row("idle", "floor", lambda b, c: c.before),
        Row("few", "ours", lambda b, c: c.after, most=3),
        Row("broken", "peer", lambda b, c: 1 / 0, against="best"),  # type: ignore[arg-type, return-value]
        Row("peer", "peer", lambda b, c: c.before, against="best"),
    ]


def _measured(
    rows: list[Row], todo: list[Case], folder: Path, ledger: Ledger, until: float = math.inf
) -> dict[str, Score]:
    marks = {row.name: "mark" for row in rows}
    why = run_slice(rows, _Bench(None, "", ""), len(todo), folder, _TrueJudge(todo), ledger, marks, until)  # type: ignore[arg-type]
    return {row.name: score_of(row, "mark", ledger, len(todo), why.get(row.name, "")) for row in rows}


def test_rows_are_measured_and_reported(todo: list[Case], tmp_path: Path) -> None:
    rows = _rows()
    scores = _measured(rows, todo, tmp_path, Ledger())
    best, idle, few, broken = (scores[name] for name in ("best", "idle", "few", "broken"))
    assert best.success.mean() == 1 and idle.success.mean() == 0
    assert np.nanmean(best.moved) > 20 and np.nanmax(idle.moved) == 0
    assert np.isnan(few.success).sum() == 11
    assert np.isnan(broken.success).all() and broken.why_not == "ZeroDivisionError: division by zero"
    kinds = [c.pair.kind for c in todo]
    table = report({name: scores[name] for name in ("best", "idle", "broken")}, kinds, "best")
    assert "| best | 14 |" in table and "100.0 [100.0, 100.0]" in table
    assert "-100.0 [-100.0, -100.0]" in table
    assert "does not run: ZeroDivisionError" in table
    against = duels(rows, scores)
    assert "best against peer | 14 | +100.0 [+100.0, +100.0]" in against and "broken" not in against
    shown = sheet(["best", "broken", "idle"], tmp_path)
    assert shown is not None and shown.shape == (2 * 2 * SIDE, 14 * 2 * SIDE, 3)


def test_a_stopped_measurement_goes_on(todo: list[Case], tmp_path: Path) -> None:
    path, made = tmp_path / "edits.jsonl", list[str]()
    rows = _rows(made)[:2]
    _measured(rows, todo, tmp_path, Ledger(path), until=-math.inf)
    assert not made
    _measured(rows, todo[:5], tmp_path, Ledger(path))
    with path.open("a") as file:
        file.write('{"row": "best", "mark": "mark", "numb')  # as a kill leaves it
    scores = _measured(rows, todo, tmp_path, Ledger(path))
    assert [name.split()[1] for name in made] == [str(i) for i in range(14)]  # none twice
    assert scores["best"].success.sum() == 14
    assert len(Ledger(path).answers("best", "mark")) == 14
    assert not Ledger(path).answers("best", "other settings")


def test_a_mark_changes_with_settings_and_weights(tmp_path: Path) -> None:
    weights = tmp_path / "a.safetensors"
    weights.write_bytes(b"one")
    first = mark_of({"steps": 20}, [weights])
    assert first == mark_of({"steps": 20}, [weights]) and first != mark_of({"steps": 21}, [weights])
    weights.write_bytes(b"two")
    assert first != mark_of({"steps": 20}, [weights])


def test_calls_of_the_network_are_counted() -> None:
    torch = pytest.importorskip("torch")

    class UNetTiny(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv_in = torch.nn.Linear(1, 1)

        def forward(self, x):
            return self.conv_in(x)

    with counted() as calls:
        UNetTiny()(torch.zeros(2, 1))
        UNetTiny()(torch.zeros(1, 1))
    UNetTiny()(torch.zeros(1, 1))
    assert calls == [3]


def test_masks_are_compared_with_the_truth(todo: list[Case]) -> None:
    case = todo[0]
    truth = np.where(case.changed, np.uint8(255), np.uint8(0))
    assert mask_iou(Bench(None, "", ""), case, truth) == 1  # type: ignore[arg-type]
    assert mask_iou(Bench(None, "", ""), case, 255 - truth) == 0  # type: ignore[arg-type]


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
