"""Builds Session, Queue, Pool and Window and connects them; the only module that sees everyone.

Order matters for the first impression: the window is painted before the engine is started and before the gallery asks
the disk for anything. Nothing here imports torch; the engine lives in a process of its own.

The garbage collector rests during the imports and until the window is painted: nothing that is made then ever becomes
garbage, and looking through it again and again is 0.05-0.08 s of the 0.6 that a start may take.
"""

# ruff: noqa: E402

from __future__ import annotations

import gc

_COLLECTS = gc.isenabled()
gc.disable()

import sys
import time
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from studio.core.card import ModelCard, find_cards
from studio.core.job import BadRequest, JobSpec, read_spec
from studio.core.paths import home, model_folders, models
from studio.jobs.pool import Pool
from studio.jobs.queue import Queue, QueueError
from studio.live import Live
from studio.session import SOUND_FRAMES, Job, Session
from studio.ui.crashes import CrashReports
from studio.ui.language import speak, spoken
from studio.ui.theme import load_fonts, themes
from studio.ui.window import Window

if _COLLECTS:
    gc.enable()


READ = ("--read", "studio.media.clips:read_source")
"""How the engine is told who reads input files: films and sounds too."""


class App:
    """Everything that one running studio has.

    Args:
        folder: where the user's things are.
        options: for the engine, as `studio.engine.serve` takes them.
        start_engine: False leaves requests waiting (for tests and measurements of the window alone).
    """

    def __init__(self, folder: Path, options: tuple[str, ...] = (), start_engine: bool = True) -> None:
        self.folder = folder
        self.queue = Queue(folder / "queue.sqlite")
        self.pool = Pool(self.queue, folder / "results", _save, options=(*READ, *options))
        cards, self.broken = find_cards(*dict.fromkeys([*model_folders(), models()]))
        self.session = Session(folder, self.pool, cards)
        themes.use(self.session.settings.theme)
        speak(self.session.settings.language)
        self.session.named = spoken
        self.window = Window(self.session, self.queue, folder / "window.ini")  # pyright: ignore[reportArgumentType]
        self.live = Live(self.session, self.pool.sketch, lambda look: QTimer.singleShot(0, self.window, look))
        self.window.canvas.hand.connect(self.live.hand)
        self.pool.sketched.connect(self.live.on_event)
        self.crashes = CrashReports(folder / "crashes", self.session)
        self.pool.happened.connect(self.session.on_event)
        self.pool.state.connect(self._engine)
        self.pool.models.connect(self._models)
        self.pool.notice.connect(lambda text: self.session.say(text, "warn"))
        self._start_engine = start_engine
        self._closed = False
        self.session.composed.connect(self._composed)
        self.window.ready.connect(self._begin)

    def _begin(self) -> None:
        """What can wait until the window is there."""
        if self._closed:
            return
        gc.freeze()  # what a start leaves stays: later collections need not look at it
        if _COLLECTS:
            gc.enable()
        self._remember()
        self.window.stage.lost.look(self.folder / "recovery")
        self.crashes.look_back()
        for sentence in self.broken:
            self.session.say(sentence, "warn")
        if self._start_engine:
            QTimer.singleShot(60, self.window, self._go)

    def _go(self) -> None:
        read_spec(
            {"technique": {"name": "text2image"}}
        )  # its validators are built now, not under the first Draw
        if not self._closed:
            self.pool.start()
            self.live.wake()  # it may have been on when the studio was closed

    def _remember(self) -> None:
        """Jobs that wait since the last time, and how long things took then."""
        try:
            self.queue.recover()
            for row in self.queue.jobs("waiting", "paused", "failed", limit=50):
                if row.state == "failed" and (row.ended or 0) < time.time() - 86400:
                    continue
                try:
                    spec = read_spec(row.spec)
                except BadRequest:
                    continue
                self.session.add_job(Job(row.id, spec, row.state, message=row.error, details=row.details))
            for entry in reversed(self.queue.results(limit=60)):
                try:
                    wide, high = entry.width, entry.height
                    if entry.kind == "sound":
                        wide, high = round(entry.length * SOUND_FRAMES), 1
                    self.session.remember(read_spec(entry.spec), entry.seconds, wide, high)
                except BadRequest:
                    continue
        except QueueError as error:
            self.session.say(str(error), "warn")
        self.session.changed.emit("forecast")

    def _composed(self, digest: str, made_from: list[JobSpec]) -> None:
        from studio.jobs.lineage import remember  # nothing of it is needed before the first picture

        try:
            remember(self.queue, digest, made_from)
        except QueueError as error:
            self.session.say(str(error), "warn")

    def _models(self, cards: list[dict[str, object]], broken: list[str]) -> None:
        """The engine knows more models than those with a card: it reads the library's own files."""
        try:
            found = {card.id: card for card in map(ModelCard.model_validate, cards)}
        except ValueError:
            return  # an engine of another version; what was found at the start stays
        for sentence in broken:
            if sentence not in self.broken:
                self.broken.append(sentence)
                self.session.say(sentence, "warn")
        self.session.models_found(found)

    def _engine(self, device: str, state: str) -> None:
        about = next((worker.about for worker in self.pool.workers if worker.about), {})
        self.session.engine_state = state
        self.session.engine = str(about.get("device") or self.session.engine or device)
        self.session.memory = (self.session.memory[0], int(about.get("memory") or 0))  # pyright: ignore[reportAttributeAccessIssue]
        self.session.changed.emit("engine")

    def close(self) -> None:
        """Ends the engines and writes down what is to be kept."""
        if not self._closed:
            self._closed = True
            self.session.close()
            self.pool.close()
            self.queue.close()


def _save(result: object, folder: Path) -> Path:
    from studio.media.results import save_result  # with Pillow, on the worker's thread

    return save_result(result, folder)  # type: ignore[arg-type]


def make_application(argv: list[str]) -> QApplication:
    """The QApplication with the studio's font."""
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        app = QApplication(argv)
    app.setApplicationName("Diffusion Studio")
    app.setStyle("Fusion")
    load_fonts()
    return app


def main(argv: list[str] | None = None) -> int:
    """`studio [files]`: the window, with a project open and pictures as layers."""
    argv = sys.argv[1:] if argv is None else argv
    gc.disable()  # until the window is painted, see App._begin
    qt = make_application(["studio", *argv])
    try:
        app = App(home())
    except QueueError as error:
        print(f"studio: {error}", file=sys.stderr)
        return 3
    app.crashes.install()
    app.window.show()
    files = [Path(arg) for arg in argv if Path(arg).is_file()]
    if files:
        app.window.stage.add_files(files)  # a project is opened, pictures become layers
    code = qt.exec()
    app.close()
    app.crashes.close()
    return code
