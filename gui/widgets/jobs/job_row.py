"""One job: its name, progress bar, state and buttons."""

from collections.abc import Callable
from html import escape

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QFrame, QProgressBar, QToolButton, QVBoxLayout, QWidget

from tfstab.gui.commands import MORE
from tfstab.gui.controller import Controller
from tfstab.gui.jobs.field_words import in_fields
from tfstab.gui.jobs.job import DONE, EDIT, PRINTED, REPORT, RESUMABLE, SHOW, Job, State
from tfstab.gui.jobs.tasks import TASKS
from tfstab.gui.widgets.elided import ElidedLabel
from tfstab.gui.widgets.jobs.results import open_report, show_printed
from tfstab.gui.widgets.layouts import FlowLayout
from tfstab.gui.widgets.tips import plain
from tfstab.gui.widgets.wrapped import WrappedLabel

STEPS = 1000  # steps of the progress bar
MOST_REMARKS = 4  # the latest, so that a talkative command leaves room for other jobs


class JobRow(QFrame):
    """Shows one job; it is updated by `refresh`.

    Signals
    -------
    edit_asked : Job
        The user wants to change the order and to try again, or to go on.
    """

    edit_asked = Signal(object)

    def __init__(self, controller: Controller, job: Job, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.job, self._controller = job, controller
        self._width, self._tallest = 0, 0  # of the lines of its state, in pixels
        jobs = controller.jobs
        self.title = ElidedLabel(f"<b>{escape(job.name)}</b>")
        self.title.setToolTip(plain(f"{_what(job)}\n{job.out}"))
        self.bar = QProgressBar(textVisible=False, maximum=STEPS)
        self.bar.setFixedHeight(10)
        self.bar.setAccessibleName(f"Progress of {job.name}")
        self.state = WrappedLabel()
        self.state.setAccessibleName(f"State of {job.name}")
        self.notes = WrappedLabel()
        self.notes.setAccessibleName(f"Notes on {job.name}")
        self.pause = self._button("Pause", lambda: jobs.pause(job))
        self.go_on = self._button("Continue", lambda: jobs.go_on(job))
        self.cancel = self._button("Cancel", lambda: jobs.cancel(job))
        self.resume = self._button("Resume", lambda: jobs.resume(job))
        self.edit = self._button(EDIT, lambda: self.edit_asked.emit(job))
        self.more = self._button("Measure more…", lambda: self.edit_asked.emit(job))
        self.more.setToolTip(MORE)
        self.show_run = self._button(SHOW, self._show_run)
        self.report = self._button(REPORT, self._open_report)
        self.report.setToolTip("Open the report in the browser")
        self.printed = self._button(PRINTED, lambda: show_printed(job, self.window()))
        self.printed.setToolTip("Show the tables that the command has printed")
        self.remove = self._button("Remove", lambda: jobs.remove(job))
        self.remove.setToolTip("Remove it from this list; the run folder is kept")
        self.buttons = (
            self.pause,
            self.go_on,
            self.resume,
            self.edit,
            self.show_run,
            self.report,
            self.printed,
            self.more,
            self.cancel,
            self.remove,
        )
        self._arrange()
        self.refresh()

    def refresh(self) -> None:
        """Show the job's current state."""
        job, state = self.job, self.job.state
        self.bar.setValue(round(STEPS * job.share))
        # While a job starts, its progress is unknown: a maximum of 0 makes Qt show a busy indicator.
        self.bar.setMaximum(0 if state is State.STARTING and self.isVisible() else STEPS)
        self.bar.setVisible(state is not State.WAITING)
        sentence = in_fields(job.sentence) if state in RESUMABLE else ""
        is_at = f"{job.is_at}: {sentence}" if sentence else job.is_at
        self.state.setText(is_at)
        self._keep_height()
        self.notes.setText("\n".join(f"Note: {in_fields(remark)}" for remark in job.remarks[-MOST_REMARKS:]))
        self.notes.setVisible(bool(job.remarks))
        self.pause.setVisible(state is State.RUNNING and job.can_pause)
        self.go_on.setVisible(state is State.PAUSED)
        self.cancel.setVisible(job.active or state is State.WAITING)
        self.cancel.setEnabled(state is not State.STOPPING)
        self.resume.setVisible(job.resumable)
        self.edit.setVisible(state is State.FAILED)
        self.more.setVisible(state in DONE and job.order.title in TASKS and TASKS[job.order.title].goes_on)
        self.show_run.setVisible(job.has_run)
        self.report.setVisible(bool(job.made_of("report")))
        self.printed.setVisible(bool(job.printed))
        self.remove.setVisible(not job.active and state is not State.WAITING)

    def _keep_height(self) -> None:
        """While the job runs, keep the room of its longest state, so that a button does not move when it is clicked."""
        width = self.state.width()
        kept = self._tallest if width == self._width else 0
        self._tallest = max(kept, self.state.heightForWidth(width)) if self.job.active else 0
        self._width = width
        self.state.setMinimumHeight(self._tallest)

    def _button(self, text: str, slot: Callable[[], object]) -> QToolButton:
        button = QToolButton()
        button.setText(text)
        button.setAccessibleName(f"{text} {self.job.name}")
        button.clicked.connect(lambda _checked=False: slot())
        return button

    def _arrange(self) -> None:
        buttons = FlowLayout(spacing=4)
        for button in self.buttons:
            buttons.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 6, 6, 8)
        layout.setSpacing(4)
        for widget in (self.title, self.bar, self.state):
            layout.addWidget(widget)
        layout.addLayout(buttons)
        layout.addWidget(self.notes)  # below the buttons, which must stay in view

    def _show_run(self) -> None:
        runs = self.job.made_of("run") or [self.job.out]
        if not self._controller.reveal(runs[0]):
            self._controller.open(runs)

    def _open_report(self) -> None:
        self._controller.said.emit(open_report(self.job.made_of("report")[-1]))

    def sizeHint(self) -> QSize:
        """Return a narrow width, so that long names do not widen the panel."""
        return QSize(200, super().sizeHint().height())


def _what(job: Job) -> str:
    """Return what is done with what, in a line."""
    order = job.order
    of = f" of {order.model}" if order.model else ""
    return f"{order.title}{of} on {order.data}" if order.data else f"{order.title}{of}"
