"""Jobs under way: what runs now, what waits, what went wrong; every row can be stopped, tried again or moved."""

from __future__ import annotations

from PySide6.QtCore import QMimeData, QPoint, Qt, QTimer
from PySide6.QtGui import QDrag, QDragEnterEvent, QDragMoveEvent, QDropEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QProgressBar,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from studio.core.job import TECHNIQUES
from studio.session import Job, Session
from studio.ui.language import spoken
from studio.ui.panels.technique import duration
from studio.ui.theme import themes, tint
from studio.ui.widgets.basic import Elided, icon_button, label, text_button, wrapped
from studio.ui.widgets.images import blank, rounded, to_image

MIME = "application/x-diffusion-studio-job"
THUMB = 34
SHOWN = 40
"""Rows that are drawn; more are counted in one line."""


class Grip(QToolButton):
    """Drags its row; with the keyboard, Up and Down move it."""

    def __init__(self, row: JobRow) -> None:
        super().__init__()
        self._row = row
        self._from = QPoint()
        tint(self, "grip-vertical", side=16)
        self.setAccessibleName(self.tr("Move the job"))
        self.setToolTip(self.tr("Drag to another place; or Up and Down"))
        self.setCursor(Qt.CursorShape.SizeVerCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._from = event.position().toPoint()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if (event.position().toPoint() - self._from).manhattanLength() < QApplication.startDragDistance():
            return
        drag = QDrag(self)
        data = QMimeData()
        data.setData(MIME, self._row.job_id.encode())
        drag.setMimeData(data)
        drag.setPixmap(self._row.grab())
        drag.exec(Qt.DropAction.MoveAction)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        way = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()), 0)
        if way:
            session = self._row.session
            place = [job.id for job in session.waiting].index(self._row.job_id)
            session.move_job(self._row.job_id, place + way)
        else:
            super().keyPressEvent(event)


class JobRow(QWidget):
    """One job."""

    def __init__(self, session: Session, job_id: str) -> None:
        super().__init__()
        self.session, self.job_id = session, job_id
        self.setObjectName("row")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._shown: object = None
        outer = QVBoxLayout(self)
        outer.setContentsMargins(6, 5, 2, 5)
        outer.setSpacing(2)
        line = QHBoxLayout()
        line.setSpacing(8)
        self.thumb = QLabel()
        self.thumb.setFixedSize(THUMB, THUMB)
        self.thumb.setAccessibleName(self.tr("Preview"))
        line.addWidget(self.thumb)
        words = QVBoxLayout()
        words.setSpacing(0)
        self.title = Elided()
        self.about = Elided(kind="small")
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(self.tr("Progress"))
        words.addWidget(self.title)
        words.addWidget(self.about)
        words.addSpacing(3)
        words.addWidget(self.bar)
        line.addLayout(words, 1)
        self.retry = icon_button("rotate-ccw", self.tr("Try again"), self._again, side=16)
        self.grip = Grip(self)
        self.stop = icon_button("x", self.tr("Stop the job"), self._stop, side=16)
        for button in (self.retry, self.grip, self.stop):
            button.setFixedSize(26, 26)
            line.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)
        outer.addLayout(line)
        self.message = wrapped("", "error")
        outer.addWidget(self.message)
        self.more = text_button(self.tr("Details"), self._details, kind="link")
        outer.addWidget(self.more, 0, Qt.AlignmentFlag.AlignLeft)
        self.details = QPlainTextEdit()
        self.details.setObjectName("details")
        self.details.setReadOnly(True)
        self.details.setFixedHeight(110)
        self.details.setAccessibleName(self.tr("Details of the error"))
        self.details.hide()
        outer.addWidget(self.details)
        self.refresh()

    def refresh(self) -> None:
        job = self.session.jobs.get(self.job_id)
        if job is None:
            return
        technique = TECHNIQUES[job.spec.technique.name]
        words = " ".join(str(getattr(job.spec.technique, "prompt", "")).split())
        many = (
            self.tr("{0} × {1}").format(spoken(technique.title), job.spec.count)
            if job.spec.count > 1
            else spoken(technique.title)
        )
        self.title.say(words or many)
        self.about.say(self._about(job, many if words else ""))
        self.bar.setVisible(job.state == "running")
        self.bar.setRange(0, max(job.total * job.spec.count, 1) if job.total else 0)
        self.bar.setValue(min(job.results, job.spec.count - 1) * job.total + job.step)
        self.grip.setVisible(job.state in ("waiting", "paused"))
        self.retry.setVisible(job.state in ("failed", "cancelled", "paused"))
        again = self.tr("Go on with it") if job.state == "paused" else self.tr("Try again")
        if self.retry.accessibleName() != again:
            self.retry.setAccessibleName(again)
            self.retry.setToolTip(again)
            tint(self.retry, "play" if job.state == "paused" else "rotate-ccw", side=16)
        word = self.tr("Take off the list") if job.over else self.tr("Stop the job")
        self.stop.setAccessibleName(word)
        self.stop.setToolTip(word)
        failed = job.state == "failed"
        self.message.setVisible(failed or (job.state == "paused" and bool(job.message)))
        self.message.setText(spoken(job.message))
        self.more.setVisible(failed and bool(job.details))
        if failed and self.details.toPlainText() != job.details:
            self.details.setPlainText(job.details)
        if job.preview is not self._shown or self._shown is None:
            self._shown = job.preview
            ratio = self.devicePixelRatioF()
            self.thumb.setPixmap(
                blank(THUMB, themes.now.colour("raised"), ratio)
                if job.preview is None
                else rounded(to_image(job.preview), THUMB, ratio)
            )

    def _about(self, job: Job, head: str) -> str:
        parts = [head] if head else []
        match job.state:
            case "running" if job.total:
                if job.spec.count > 1:
                    parts = [
                        self.tr("{0} of {1}").format(min(job.results + 1, job.spec.count), job.spec.count)
                    ]
                else:
                    parts = []
                parts.append(self.tr("step {0} of {1}").format(job.step, job.total))
                if job.left is not None:
                    parts.append(self.tr("{0} left").format(duration(job.left)))
            case "running":
                parts = [
                    {"loading": self.tr("loading the model")}.get(
                        job.stage, spoken(job.stage) or self.tr("starting")
                    )
                ]
            case "waiting":
                parts.append(self.tr("waiting"))
            case "paused":
                parts.append(self.tr("paused"))
            case "failed":
                parts.append(self.tr("failed"))
            case "cancelled":
                parts.append(self.tr("stopped"))
            case "done":
                parts.append(self.tr("done"))
        return " · ".join(parts)

    def _again(self) -> None:
        job = self.session.jobs.get(self.job_id)
        if job is not None:
            self.session.resume(job.id) if job.state == "paused" else self.session.retry(job.id)

    def _stop(self) -> None:
        job = self.session.jobs.get(self.job_id)
        if job is not None:
            self.session.forget(job.id) if job.over else self.session.cancel(job.id)

    def _details(self) -> None:
        self.details.setVisible(not self.details.isVisibleTo(self))
        self.more.setText(self.tr("Hide details") if self.details.isVisibleTo(self) else self.tr("Details"))


class QueuePanel(QWidget):
    """The rows, in the order in which they run."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.setObjectName("panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAcceptDrops(True)
        self.session = session
        self._rows: dict[str, JobRow] = {}
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setAccessibleName(self.tr("Jobs"))
        body = QWidget()
        self._column = QVBoxLayout(body)
        self._column.setContentsMargins(10, 0, 10, 8)
        self._column.setSpacing(2)
        self.empty = wrapped(
            self.tr("Nothing is waiting. What you draw is listed here while it is made."), "small"
        )
        self.empty.setContentsMargins(4, 2, 4, 4)
        self._column.addWidget(self.empty)
        self.rest = label("", "small")
        self._column.addWidget(self.rest)
        self._column.addStretch(1)
        self._scroll.setWidget(body)
        outer.addWidget(self._scroll)
        self.pause = icon_button(
            "pause", self.tr("Pause the queue"), lambda: session.pause_all(not session.paused), side=16
        )
        session.job_changed.connect(self._job)
        themes.changed.connect(self._theme)
        session.changed.connect(self._changed)
        self._order()
        self._changed("paused")

    def _theme(self) -> None:
        for row in self._rows.values():
            row.refresh()

    def head_buttons(self) -> list[QWidget]:
        return [self.pause]

    def _changed(self, what: str) -> None:
        if what == "paused":
            paused = self.session.paused
            tint(self.pause, "play" if paused else "pause", "accent_text" if paused else "muted", 16)
            word = self.tr("Go on with the queue") if paused else self.tr("Pause the queue")
            self.pause.setAccessibleName(word)
            self.pause.setToolTip(word)

    def _job(self, job_id: str) -> None:
        job = self.session.jobs.get(job_id)
        if job is None or job_id not in self._rows:
            self._order()
            return
        self._rows[job_id].refresh()
        if job.state == "done":
            QTimer.singleShot(2500, self, lambda: self.session.forget(job_id))
        if job.state in ("running", "waiting", "paused"):
            self._order()

    def _order(self) -> None:
        """Running first, then waiting in order, then what went wrong."""
        rank = {"running": 0, "waiting": 1, "paused": 1, "done": 0, "failed": 2, "cancelled": 2}
        wanted = sorted(self.session.jobs.values(), key=lambda job: rank[job.state])
        shown = [job.id for job in wanted[:SHOWN]]
        if [self._row_at(i) for i in range(len(self._rows))] != shown:
            for gone in set(self._rows) - set(shown):
                row = self._rows.pop(gone)
                self._column.removeWidget(row)
                row.hide()
                row.deleteLater()
            for place, job_id in enumerate(shown):
                row = self._rows.get(job_id)
                if row is None:
                    row = self._rows[job_id] = JobRow(self.session, job_id)
                if self._column.indexOf(row) != place:
                    self._column.insertWidget(place, row)
        self.empty.setVisible(not shown)
        self.rest.setVisible(len(wanted) > SHOWN)
        self.rest.setText(self.tr("and {0} more").format(len(wanted) - SHOWN))

    def _row_at(self, place: int) -> str:
        item = self._column.itemAt(place)
        widget = item.widget() if item else None
        return widget.job_id if isinstance(widget, JobRow) else ""

    # --- reordering by drag ---------------------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasFormat(MIME):
            event.acceptProposedAction()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        moved = bytes(event.mimeData().data(MIME).data()).decode()
        body = self._scroll.widget()
        y = body.mapFrom(self, event.position().toPoint()).y()  # pyright: ignore[reportOptionalMemberAccess]
        above = [
            job.id
            for job in self.session.waiting
            if job.id != moved and job.id in self._rows and self._rows[job.id].geometry().center().y() < y
        ]
        self.session.move_job(moved, len(above))
        event.acceptProposedAction()
