"""The queue of jobs, which run one at a time in a child process."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from tfstab.gui.jobs import protocol
from tfstab.gui.jobs.command_order import CommandOrder, Made, Printed
from tfstab.gui.jobs.job import DONE, Job, State
from tfstab.gui.jobs.live import LiveSearch
from tfstab.gui.jobs.pace import Pace
from tfstab.gui.jobs.process import WorkerProcess
from tfstab.gui.jobs.protocol import (
    Control,
    Failed,
    Finished,
    Generations,
    ImageDone,
    Line,
    Opened,
    Progress,
    Remark,
    RunOrder,
    Stage,
)
from tfstab.gui.jobs.unfinished import Unfinished
from tfstab.gui.settings import Settings
from tfstab.runs.info import is_run
from tfstab.runs.together import is_collection
from tfstab.wording import dated

CANCEL_PATIENCE = 4_000  # ms for a run to stop by itself; killing it loses no finished part
COMMANDS_PATIENCE = 60_000  # ms for a command, which may write a report of what it has measured
KEEP_WARM = 60_000  # ms for which an idle child is kept, because TensorFlow takes long to import


class JobQueue(QObject):
    """Starts, pauses, cancels and resumes jobs, and keeps them up to date with the child's messages.

    Attributes
    ----------
    jobs : list of Job
        All jobs, in the order in which they were added.

    Signals
    -------
    jobs_changed
        A job was added or removed.
    job_changed : Job
        Its state or progress changed.
    opened : Job
        Its run folder can be opened.
    ended : Job
        It finished, was stopped or failed.
    live_changed : Job
        Its search sent new generations or a result.
    """

    jobs_changed = Signal()
    job_changed = Signal(object)
    opened = Signal(object)
    ended = Signal(object)
    live_changed = Signal(object)

    def __init__(self, settings: Settings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.settings = settings
        self.unfinished = Unfinished()
        self.jobs: list[Job] = [stopped_earlier(order) for order in self.unfinished.take_over()]
        self._number = len(self.jobs)
        self.process = WorkerProcess(self)
        self.process.message.connect(self._hear)
        self.process.ended.connect(self._crashed)
        self._impatience = QTimer(self, singleShot=True, interval=CANCEL_PATIENCE)
        self._impatience.timeout.connect(self._cut_off)
        self._idle = QTimer(self, singleShot=True, interval=KEEP_WARM)
        self._idle.timeout.connect(self.process.quit)

    @property
    def active(self) -> Job | None:
        """The job that the child is working on, or None."""
        return next((job for job in self.jobs if job.active), None)

    @property
    def waiting(self) -> list[Job]:
        """The jobs that wait for their turn, the next one first."""
        return [job for job in self.jobs if job.state is State.WAITING]

    @property
    def latest(self) -> int:
        """The number of the job that was added or resumed last."""
        return self._number

    @property
    def busy(self) -> bool:
        """Whether closing the window would stop a job."""
        return self.active is not None or bool(self.waiting)

    @property
    def folders(self) -> list[Path]:
        """The run folders of all jobs."""
        return [job.out for job in self.jobs]

    def job_of(self, folder: Path) -> Job | None:
        """Return the latest job with this run folder, or None."""
        return next((job for job in reversed(self.jobs) if job.out.resolve() == folder.resolve()), None)

    def add(self, order: RunOrder | CommandOrder) -> Job:
        """Add a run or command; it starts at once if no other job is active."""
        self._number += 1
        job = Job(replace(order, job=self._number, started=_now()))
        same = self.job_of(job.out)
        if same is not None and not same.active and same.state is not State.WAITING:
            self.jobs.remove(same)
        self.jobs.append(job)
        self._remember()
        self.jobs_changed.emit()
        self._next()
        return job

    def pause(self, job: Job) -> None:
        """Pause the running job."""
        if job.state is State.RUNNING and job.can_pause:
            job.pace.pause()
            self._order(job, protocol.PAUSE)
            self._set(job, State.PAUSED)

    def go_on(self, job: Job) -> None:
        """Continue a paused job."""
        if job.state is State.PAUSED:
            job.pace.go_on()
            self._order(job, protocol.RESUME)
            self._set(job, State.RUNNING)

    def cancel(self, job: Job) -> None:
        """Stop a job; the finished parts of its run are kept, and it can be resumed."""
        if job.state is State.WAITING:
            self._end(job, State.STOPPED, "cancelled before it began")
        elif job.active and job.state is not State.STOPPING:
            job.pace.go_on()
            self._order(job, protocol.CANCEL)
            self._set(job, State.STOPPING)
            self._impatience.start(CANCEL_PATIENCE if job.can_pause else COMMANDS_PATIENCE)

    def resume(self, job: Job) -> None:
        """Let a job that was stopped or failed wait for its turn again."""
        if job.resumable:
            self._number += 1
            job.order = replace(job.order, job=self._number, started=_now())
            job.sentence = job.details = job.stage = ""
            job.remarks, job.made, job.printed, job.opened = [], [], "", False
            job.progress, job.pace, job.live, job.in_use = None, Pace(), LiveSearch(), False
            self._set(job, State.WAITING)
            self._remember()
            self._next()

    def remove(self, job: Job) -> None:
        """Remove a job from the list; its run folder is kept."""
        if not job.active:
            self.jobs.remove(job)
            self._remember()
            self.jobs_changed.emit()

    def stop_image(self, job: Job, image: int) -> None:
        """End the search of one image; the job continues with the others."""
        self._order(job, protocol.STOP_IMAGE, image)
        if job.state is State.PAUSED:  # a paused search cannot end the search of an image
            self.go_on(job)

    def watch(self, job: Job, image: int | None) -> None:
        """Ask the child to send the noise of this image."""
        job.live.watch(image)
        if job.active:
            self._order(job, protocol.WATCH, image)

    def shut_down(self) -> None:
        """Stop the active job and end the child; unfinished jobs are listed again at the next start."""
        self._remember()
        self._idle.stop()
        self._impatience.stop()
        self.process.shut_down()
        self.unfinished.release()  # after the child has released the run folder

    def _next(self) -> None:
        """Start the first waiting job if no job is active."""
        if self.active is not None:
            return
        if not self.waiting:
            self._idle.start()
            return
        self._idle.stop()
        first = self.waiting[0]
        self._set(first, State.STARTING)
        self.process.send(first.order)

    def _order(self, job: Job, action: str, image: int | None = None) -> None:
        if self.process.running:
            self.process.send(Control(job.order.job, action, image))

    # Messages of the child

    def _hear(self, message: Line) -> None:
        job = self.active
        if job is None or getattr(message, "job", None) != job.order.job:
            return  # from a job that was killed
        hear = self._hearing.get(type(message))
        if hear is not None:
            hear(self, job, message)

    def _hear_stage(self, job: Job, message: Stage) -> None:
        job.stage = message.text
        self.job_changed.emit(job)

    def _hear_remark(self, job: Job, message: Remark) -> None:
        job.remarks.append(message.text)
        self.job_changed.emit(job)

    def _hear_opened(self, job: Job, message: Opened) -> None:
        if job.state is State.STARTING:
            job.state = State.RUNNING
        job.opened = True
        self.opened.emit(job)
        self.job_changed.emit(job)

    def _hear_progress(self, job: Job, message: Progress) -> None:
        if job.state is State.STARTING:  # a command may have no run folder that could be opened before
            job.state = State.RUNNING
        job.progress = message
        job.pace.advance(message.share)
        self.job_changed.emit(job)

    def _hear_made(self, job: Job, message: Made) -> None:
        job.made.append((message.what, Path(message.path)))
        self.job_changed.emit(job)

    def _hear_printed(self, job: Job, message: Printed) -> None:
        job.printed = message.text

    def _hear_generations(self, job: Job, message: Generations) -> None:
        job.live.add(message)
        if job.live.watched is None:
            self.watch(job, message.image)
        self.live_changed.emit(job)

    def _hear_image(self, job: Job, message: ImageDone) -> None:
        job.live.end(message)
        self.live_changed.emit(job)

    def _hear_finished(self, job: Job, message: Finished) -> None:
        if message.seconds > 1 and message.steps and isinstance(job.order, RunOrder):
            self.settings.remember_rate(job.order.kind, job.order.model, message.steps / message.seconds)
        if message.reached:
            self._end(job, State.OUT_OF_TIME, f"{message.reached}; resume it to go on, with the same minutes again")
        elif message.complete:
            self._end(job, State.FINISHED)
        else:
            self._end(job, State.STOPPED, "what is finished is kept; resume it to go on")

    def _hear_failed(self, job: Job, message: Failed) -> None:
        job.wrong_input, job.in_use, job.advised = message.wrong_input, message.in_use, message.advised
        self._end(job, State.FAILED, message.sentence, message.details)

    _hearing: dict[type[Line], Callable[..., None]] = {  # noqa: RUF012 - never written to
        Stage: _hear_stage, Remark: _hear_remark, Opened: _hear_opened,
        Progress: _hear_progress, Made: _hear_made, Printed: _hear_printed,
        Generations: _hear_generations, ImageDone: _hear_image, Finished: _hear_finished, Failed: _hear_failed,
    }  # fmt: skip

    def _crashed(self, sentence: str, details: str) -> None:
        job = self.active
        if job is not None:
            self._end(job, State.FAILED, f"{sentence}; what is finished is kept: resume it to go on.", details)

    def _cut_off(self) -> None:
        """Kill the child if a cancelled job does not end."""
        job = self.active
        if job is not None and job.state is State.STOPPING:
            self.process.kill()
            self._end(job, State.STOPPED, "what is finished is kept; resume it to go on")

    def _end(self, job: Job, state: State, sentence: str = "", details: str = "") -> None:
        self._impatience.stop()
        job.sentence, job.details = sentence, details
        self._set(job, state)
        self._remember()
        self.ended.emit(job)
        self._next()

    def _set(self, job: Job, state: State) -> None:
        job.state = state
        self.job_changed.emit(job)

    def _remember(self) -> None:
        # A run that another process was making is not unfinished because this window could not join in.
        ended = [job for job in self.jobs if job.state in DONE or job.wrong_input or job.in_use]
        self.unfinished.save([job.order for job in self.jobs if job not in ended])


def stopped_earlier(order: RunOrder | CommandOrder) -> Job:
    """Return the job of an order that was unfinished when the viewer was closed."""
    started = f"started on {order.started} and " if order.started else ""
    sentence = f"{started}not finished; resume it to go on"
    job = Job(order, State.EARLIER, sentence=sentence)
    with suppress(OSError):  # a folder that may not be read
        job.opened = is_run(job.out) or is_collection(job.out)
    return job


def _now() -> str:
    """Return day and time in words."""
    now = datetime.now()
    return f"{dated(now)} at {now:%H:%M}"
