"""A run that was asked for, and how it stands. No Qt in here."""

from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from tfstab.gui.jobs.live import LiveSearch
from tfstab.gui.jobs.pace import Pace, spoken
from tfstab.gui.jobs.protocol import Progress, RunOrder


class State(Enum):
    """Where a job stands."""

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
    """stage: what is being done before figures come. sentence: what went wrong, or why it is not complete.

    remarks: what should be known of it besides.
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
        return Path(self.order.out).expanduser()

    @property
    def name(self) -> str:
        return self.out.name

    @property
    def active(self) -> bool:
        return self.state in ACTIVE

    @property
    def resumable(self) -> bool:
        return self.state in RESUMABLE

    @property
    def share(self) -> float:
        return 1.0 if self.state is State.FINISHED else self.pace.share

    @property
    def is_at(self) -> str:
        """How it stands, in one line."""
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
