"""The list of jobs, with the progress of each and what can be done with it."""

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QVBoxLayout, QWidget

from tfstab.gui.commands import Offer, Offers
from tfstab.gui.controller import Controller
from tfstab.gui.jobs.job import DONE, Job, State
from tfstab.gui.jobs.queue import JobQueue
from tfstab.gui.widgets.jobs.job_row import JobRow
from tfstab.gui.widgets.jobs.results import show_results

LEAST = 212  # pixels of width, enough for the buttons of a failed job
NOTHING = "Nothing is running. File > New run… starts an assessment, a search, a sweep or any other command."


class JobsPanel(QScrollArea):
    """A JobRow for each job of the queue: the running one on top, then those that wait, then the latest.

    Signals
    -------
    edit_asked : Job
        The user wants to change the order of a job and to try again, or to go on.
    """

    edit_asked = Signal(object)

    def __init__(self, controller: Controller, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._controller = controller
        self.rows: dict[Job, JobRow] = {}
        self._sorted: list[Job] = []
        self.empty = QLabel(NOTHING)
        self.empty.setWordWrap(True)
        self.empty.setContentsMargins(6, 6, 6, 6)
        content = QWidget()
        self._layout = QVBoxLayout(content)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(0)
        self._layout.addWidget(self.empty)
        self._layout.addStretch(1)
        self.setWidget(content)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMinimumWidth(LEAST)
        self.setAccessibleName("Jobs")
        controller.jobs.jobs_changed.connect(self._fill)
        controller.jobs.job_changed.connect(self._update)
        controller.jobs.ended.connect(self._show_results)
        self._fill()

    def _fill(self) -> None:
        jobs = self._controller.jobs.jobs
        for job in [job for job in self.rows if job not in jobs]:
            row = self.rows.pop(job)
            self._layout.removeWidget(row)
            row.deleteLater()
        for job in jobs:
            if job not in self.rows:
                self.rows[job] = JobRow(self._controller, job)
                self.rows[job].edit_asked.connect(self.edit_asked)
                self._layout.insertWidget(0, self.rows[job])
                self.verticalScrollBar().setValue(0)
        self._sort()
        self.empty.setVisible(not jobs)

    def _update(self, job: Job) -> None:
        if job in self.rows:
            self.rows[job].refresh()
            self._sort()

    def _show_results(self, job: Job) -> None:
        if job.state in DONE and self._controller.arrivals.may_show(job):
            said = show_results(job, self.window())
            if said:
                self._controller.said.emit(said)

    def _sort(self) -> None:
        """Put the running job on top, those that wait below it in their order, then all others, latest first."""
        jobs = self._controller.jobs.jobs
        ended = [job for job in reversed(jobs) if not job.active and job.state is not State.WAITING]
        wanted = [job for job in jobs if job.active] + self._controller.jobs.waiting + ended
        if wanted != self._sorted:
            self._sorted = wanted
            for place, job in enumerate(wanted):
                if job in self.rows:
                    self._layout.insertWidget(place, self.rows[job])


def job_offers(jobs: JobQueue) -> Offers:
    """Return the commands that can be done with the active job."""
    job = jobs.active
    if job is not None and job.state is State.RUNNING:
        offers: Offers = {"cancel": partial(jobs.cancel, job)}
        return offers | ({"pause": partial(jobs.pause, job)} if job.can_pause else {})
    if job is not None and job.state is State.PAUSED:
        return {"pause": Offer(partial(jobs.go_on, job), text="C&ontinue"), "cancel": partial(jobs.cancel, job)}
    return {}
