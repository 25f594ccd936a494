"""Errors nobody caught: one file here, one sentence, nothing else; and faults that end the process."""

from __future__ import annotations

import faulthandler
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from PySide6.QtCore import QThread

from studio.ui.crashes import KEEP, CrashReports

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def reports(session, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(faulthandler, "enable", lambda file: None)  # the test runner has its own
    monkeypatch.setattr(faulthandler, "disable", lambda: None)
    made = CrashReports(tmp_path / "crashes", session)
    made.said, made.threads = [], []
    session.said.connect(
        lambda notice: (made.said.append(notice), made.threads.append(QThread.isMainThread()))
    )
    made.install()
    yield made
    made.close()


def fail(reports, text):
    try:
        raise ValueError(text)
    except ValueError as error:
        reports.caught(type(error), error, error.__traceback__)


def files(reports):
    return sorted(reports.folder.glob("crash-*.txt"))


def test_an_error_becomes_a_file_and_a_sentence_once(reports):
    for _ in range(60):
        fail(reports, "deep inside")
    [path] = files(reports)
    text = path.read_text("utf-8")
    assert "ValueError: deep inside" in text and "test_crashes.py" in text and "Python" in text
    [notice] = reports.said
    assert str(path) in notice.text and "stays on this computer" in notice.text and notice.level == "error"
    assert "deep inside" in notice.details
    fail(reports, "elsewhere")
    assert len(files(reports)) == 2, (
        "another error of the same second does not replace the first one's report"
    )


def test_an_error_in_another_thread_is_told_in_this_one(reports, qtbot):
    def work():
        raise RuntimeError("in a thread")

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    qtbot.waitUntil(lambda: bool(reports.said))
    assert reports.threads == [True]
    assert "RuntimeError: in a thread" in files(reports)[0].read_text("utf-8")


def test_old_reports_go_and_a_folder_that_cannot_be_made_is_no_second_error(reports, session, tmp_path):
    for number in range(KEEP + 5):
        fail(reports, f"number {number}")
    assert len(files(reports)) == KEEP
    (tmp_path / "file").write_text("x")
    other = CrashReports(tmp_path / "file" / "below", session)
    fail(other, "nowhere to write")
    assert "No report could be written" in reports.said[-1].text


@pytest.mark.skipif(sys.platform == "win32", reason="faults are other things there")
def test_a_fault_is_told_of_at_the_next_start(reports, tmp_path):
    code = (
        "from PySide6.QtCore import QCoreApplication; from pathlib import Path; import faulthandler\n"
        "from studio.ui.crashes import CrashReports\n"
        f"app = QCoreApplication([]); made = CrashReports(Path({str(tmp_path / 'crashes')!r}), None); made.install()\n"
        "faulthandler._sigsegv()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, timeout=60
    )
    assert done.returncode < 0
    (tmp_path / "crashes" / "fault-999999999.txt").write_text("")  # of a window that was killed
    reports.look_back()
    [notice] = reports.said
    assert "ended by a fault" in notice.text and "Segmentation fault" in notice.details
    left = [path.name for path in reports.folder.iterdir()]
    assert sorted(name.count("-") > 1 for name in left) == [False, True], (
        "its own, and the report with its date"
    )
    reports.look_back()
    assert len(reports.said) == 1, "told once"
