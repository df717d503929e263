"""Opens what jobs have made, and shows it unless the user is doing something else."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from tfstab.gui.activity import Activity
from tfstab.gui.jobs.job import Job, State

if TYPE_CHECKING:
    from tfstab.gui.controller import Controller

SHOW = "choose Show in the Jobs panel to see the run"


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
        session = controller.session_of(job.out)
        if session is None:
            self._open(job, [job.out])
        else:
            if self.may_show(job):
                controller.select(session)
            self._read(job)  # the folder may have held another run before
        if self._is_elsewhere(job, job.out):
            controller.said.emit(f"{job.name}: the first results are ready · {SHOW}")

    def _end(self, job: Job) -> None:
        controller, made = self._controller, job.made_of("run")
        elsewhere = job.state is State.FINISHED and self._is_elsewhere(job, (made or [job.out])[0])
        controller.said.emit(f"{job.name}: {job.is_at} · {SHOW}" if elsewhere else f"{job.name}: {job.is_at}")
        controller.mark_live()
        self._read(job)
        if made:
            self._open(job, made, partial(self._compare, made))
        if job.state is State.FAILED:
            controller.job_failed.emit(job.sentence, job.details)

    def _open(self, job: Job, folders: list[Path], then: Callable[[], None] = lambda: None) -> None:
        controller = self._controller

        def arrive() -> None:
            if self.may_show(job):  # asked when they have been read, because the user may act meanwhile
                controller.reveal(folders[0])
            then()

        if controller.current is not None or not self.activity.asking:  # the first run that is opened comes into view
            controller.open(folders, look=False, then=arrive)

    def _is_elsewhere(self, job: Job, folder: Path) -> bool:
        """Return whether the run of a job neither is in view nor comes into view by itself."""
        session = self._controller.session_of(folder)
        return not self.may_show(job) and (session is None or session is not self._controller.current)

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
