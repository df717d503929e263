"""A job: a run that was ordered, and its state. No Qt in here."""

from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from tfstab.gui.jobs.live import LiveSearch
from tfstab.gui.jobs.pace import Pace
from tfstab.gui.jobs.protocol import Progress, RunOrder
from tfstab.wording import spoken


class State(Enum):
    """State of a job."""

    WAITING = "waiting"
    STARTING = "starting"
    RUNNING = "running"
    PAUSED = "paused"
    STOPPING = "stopping"
    FINISHED = "finished"
    STOPPED = "stopped"
    FAILED = "failed"


ACTIVE = (State.STARTING, State.RUNNING, State.PAUSED, State.STOPPING)
RESUMABLE = (State.STOPPED, State.FAILED)


@dataclass(eq=False)
class Job:
    """A run that was ordered.

    Attributes
    ----------
    order : RunOrder
        The run.
    state : State
        Its state.
    stage : str
        What is being done before there is any progress.
    sentence, details : str
        Why the job failed or is incomplete, and a traceback or "".
    remarks : list of str
        Notes for the user.
    progress : Progress or None
        Its latest progress.
    pace : Pace
        Gives the time left.
    live : LiveSearch
        What a running search has sent.
    """

    order: RunOrder
    state: State = State.WAITING
    stage: str = ""
    sentence: str = ""
    details: str = ""
    remarks: list[str] = field(default_factory=list)
    progress: Progress | None = None
    pace: Pace = field(default_factory=Pace)
    live: LiveSearch = field(default_factory=LiveSearch)

    @property
    def out(self) -> Path:
        """The run folder."""
        return Path(self.order.out).expanduser()

    @property
    def name(self) -> str:
        """Name of the run folder."""
        return self.out.name

    @property
    def active(self) -> bool:
        """Whether the child is working on it."""
        return self.state in ACTIVE

    @property
    def resumable(self) -> bool:
        """Whether it can be started again."""
        return self.state in RESUMABLE

    @property
    def share(self) -> float:
        """Share of the work that is done, 0..1."""
        return 1.0 if self.state is State.FINISHED else self.pace.share

    @property
    def is_at(self) -> str:
        """State, progress and time left in one line."""
        if self.state is State.STARTING:
            return f"{self.stage[:1].upper()}{self.stage[1:]}…" if self.stage else "Starting…"
        if self.state is State.STOPPING:
            return "Stopping…"
        parts = [] if self.state is State.RUNNING else [self.state.value.capitalize()]
        if self.progress is not None:
            parts.append(f"{self.progress.done:,} of {self.progress.total:,} {self.progress.unit}")
            if self.state is State.RUNNING:
                parts.append(f"{self.progress.rate:,.0f} a second")
        left = self.pace.seconds_left
        if self.state in (State.RUNNING, State.PAUSED) and left is not None:
            parts.append(f"{spoken(left)} left")
        return " · ".join(parts) or "Running"
