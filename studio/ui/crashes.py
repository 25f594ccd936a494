"""Errors that nobody caught become a file in the user's own folder and one sentence; nothing is sent anywhere.

Three kinds: an exception in the window's thread (Qt goes on afterwards), one in another thread, and a fault that ends
the process (a broken driver, say), for which Python's faulthandler keeps a file open; the next start finds it filled and
tells. The same error again makes no second file: a faulty paint event comes sixty times a second.
"""

from __future__ import annotations

import faulthandler
import sys
import threading
import time
import traceback
from pathlib import Path
from types import TracebackType
from typing import IO

from PySide6.QtCore import QObject, QUrl, Signal, qVersion
from PySide6.QtGui import QDesktopServices

from studio.session import Session

KEEP = 20
"""Reports that are kept, the newest ones."""


class CrashReports(QObject):
    """Args: folder: for the reports; session: is told the sentence."""

    _happened = Signal(str, str)

    def __init__(self, folder: Path, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.folder, self.session = folder, session
        self._known: set[int] = set()
        self._fault: IO[str] | None = None
        self._before = (sys.excepthook, threading.excepthook)
        self._happened.connect(self._say)  # to this thread, whichever one it comes from

    def install(self) -> None:
        sys.excepthook = self.caught
        threading.excepthook = lambda args: (
            self.caught(args.exc_type, args.exc_value, args.exc_traceback)
            if args.exc_value is not None
            else None
        )
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._fault = open(self._fault_file(), "w", encoding="utf-8")  # noqa: SIM115 - open as long as we live
            faulthandler.enable(self._fault)
        except OSError:
            self._fault = None  # a full disk must not keep the window from opening

    def _fault_file(self) -> Path:
        import os

        return self.folder / f"fault-{os.getpid()}.txt"

    def look_back(self) -> None:
        """Tells of a fault that ended the studio before; what dead windows left empty is cleared away."""
        for path in sorted(self.folder.glob("fault-*.txt")) if self.folder.is_dir() else []:
            if path == self._fault_file() or _lives(path):
                continue
            try:
                text = path.read_text("utf-8", "replace")
                if not text.strip():
                    path.unlink()
                    continue
                kept = self._free("fault")
                path.rename(kept)
            except OSError:
                continue
            self.session.say(
                self.tr(
                    "The studio was ended by a fault last time; a report is in {0} and stays on this computer."
                ).format(kept),
                "warn",
                text,
                self._show_folder,
                self.tr("Show it"),
            )

    def caught(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        """The hook itself; on any thread."""
        if issubclass(kind, KeyboardInterrupt | SystemExit):
            self._before[0](kind, error, trace)
            return
        text = "".join(traceback.format_exception(kind, error, trace))
        sys.stderr.write(text)
        if hash(text) in self._known:
            return
        self._known.add(hash(text))
        report = f"{about()}\n\n{text}"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            path = self._free("crash")
            path.write_text(report, "utf-8")
            where = self.tr(" A report is in {0}; it stays on this computer.").format(path)
            self._tidy()
        except OSError:
            where = self.tr(" No report could be written; copy the details if you want to keep them.")
        head = self.tr("Something went wrong inside the studio ({0}); your work is as it was.").format(
            kind.__name__
        )
        self._happened.emit(head + where, report)

    def _say(self, text: str, report: str) -> None:
        try:
            self.session.say(text, "error", report, self._show_folder, self.tr("Show it"))
        except Exception:  # the message must not cause the next error
            sys.stderr.write(traceback.format_exc())

    def _show_folder(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self.folder)))

    def _free(self, kind: str) -> Path:
        stem = f"{kind}-{time.strftime('%Y%m%d-%H%M%S')}"
        names = [self.folder / f"{stem}.txt", *(self.folder / f"{stem}-{n}.txt" for n in range(2, 1000))]
        return next(path for path in names if not path.exists())

    def _tidy(self) -> None:
        reports = sorted(self.folder.glob("crash-*.txt"), key=lambda path: path.stat().st_mtime)
        for path in reports[:-KEEP]:
            path.unlink(missing_ok=True)

    def close(self) -> None:
        """A clean end."""
        sys.excepthook, threading.excepthook = self._before
        if self._fault is not None:
            faulthandler.disable()
            self._fault.close()
            self._fault = None
            try:
                self._fault_file().unlink(missing_ok=True)
            except OSError:
                pass


def about() -> str:
    """What helps to understand a report; nothing about the person or the work."""
    import platform  # a start does not need it

    return (
        f"Diffusion Studio, {time.strftime('%Y-%m-%d %H:%M:%S')}\n"
        f"Python {platform.python_version()}, Qt {qVersion()}, {platform.platform()}"
    )


def _lives(path: Path) -> bool:
    number = path.stem.removeprefix("fault-")
    if not number.isdigit():
        return True  # told of already
    import psutil  # only where something is left from before

    return psutil.pid_exists(int(number))
