"""Opens what jobs have made, and shows it unless the user is doing something else."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from tfstab.gui.activity import Activity
from tfstab.gui.jobs.job import DONE, RESUMABLE, Job, State

if TYPE_CHECKING:
    from tfstab.gui.controller import Controller


class Arrivals(QObject):
    """Opens the runs of jobs, and decides which of them come into view.

    Attributes
    ----------
    activity : Activity
        What the user does in the window while jobs run.
    """

    def __init__(self, controller: "Controller") -> None:
        super().__init__(controller)
        self._controller = controller
        self.activity = Activity(controller.jobs, self)
        controller.jobs.opened.connect(self._show)
        controller.jobs.ended.connect(self._end)

    def may_show(self, job: Job) -> bool:
        """Return whether the results of a job may come into view.

        They may if the user has done nothing since this job was started, or if no run is in view.
        """
        return not self.activity.asking and (self._controller.current is None or self.activity.idle_since(job))

    def _show(self, job: Job) -> None:
        """Open the run of a job as soon as it can be read, while the job goes on."""
        controller = self._controller
        controller.mark_live()
        session, news = controller.session_of(job.out), "the first results are ready"
        if session is None:
            self._open(job, [job.out], news)
        else:
            self._arrive(job, job.out, news)
            self._read(job)  # the folder may have held another run before

    def _end(self, job: Job) -> None:
        controller, made = self._controller, job.made_of("run")
        controller.said.emit(f"{job.name}: {job.is_at}")
        controller.mark_live()
        self._read(job)
        if made:
            self._open(job, made, job.is_at, partial(self._compare, made))
        elif not self.may_show(job):
            self._point_out(job, job.out, job.is_at)
        if job.state is State.FAILED:
            controller.job_failed.emit(job)

    def _open(self, job: Job, folders: list[Path], news: str, then: Callable[[], None] = lambda: None) -> None:
        controller = self._controller

        def arrive() -> None:
            self._arrive(job, folders[0], news)
            then()

        if controller.current is not None or not self.activity.asking:  # the first run that is opened comes into view
            controller.open(folders, look=False, then=arrive)
        else:
            self._point_out(job, folders[0], news)

    def _arrive(self, job: Job, folder: Path, news: str) -> None:
        """Bring a run that is open into view, or say how to; asked this late because the user may act meanwhile."""
        if self.may_show(job):
            self._controller.reveal(folder)
        else:
            self._point_out(job, folder, news)

    def _point_out(self, job: Job, folder: Path, news: str) -> None:
        """Say which button shows the results of a job, unless there are none or its run is in view."""
        session = self._controller.session_of(folder)
        in_view = session is not None and session is self._controller.current
        if job.shown_by and not in_view and (job.state in DONE or job.state not in RESUMABLE):
            self._controller.said.emit(f"{job.name}: {news} · choose {job.shown_by} in the Jobs panel")

    def _read(self, job: Job) -> None:
        folder = job.out.resolve()
        for session in self._controller.sessions:
            if session.real_path in (folder, folder.parent):  # an explanation belongs to the assessment around it
                self._controller.read_again(session)

    def _compare(self, made: list[Path]) -> None:
        """Compare the first run that a job has made with its others, such as a network with the hardened one."""
        first, *others = (self._controller.session_of(folder) for folder in made)
        if first is not None and first.comparison is not None:
            new = [s for s in others if s is not None and s not in first.comparison.runs and first.comparable(s)]
            first.comparison.compare([*first.comparison.runs, *new])
