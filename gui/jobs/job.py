"""A job: a run or command that was ordered, and its state. No Qt in here."""

from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any

from tfstab.gui.jobs.command_order import CommandOrder
from tfstab.gui.jobs.live import LiveSearch
from tfstab.gui.jobs.pace import Pace
from tfstab.gui.jobs.protocol import Progress, RunOrder
from tfstab.gui.kinds import KINDS
from tfstab.paths import user_path
from tfstab.wording import capital, spoken


class State(Enum):
    """State of a job."""

    WAITING = "waiting"
    STARTING = "starting"
    RUNNING = "running"
    PAUSED = "paused"
    STOPPING = "stopping"
    FINISHED = "finished"
    OUT_OF_TIME = "out of time"
    STOPPED = "stopped"
    EARLIER = "stopped earlier"  # by a viewer that has been closed
    FAILED = "failed"


ACTIVE = (State.STARTING, State.RUNNING, State.PAUSED, State.STOPPING)
DONE = (State.FINISHED, State.OUT_OF_TIME)  # it has done what was ordered
RESUMABLE = (State.STOPPED, State.EARLIER, State.FAILED, State.OUT_OF_TIME)
MEASURING = (*KINDS, "assess", "degradations", "harden")  # tasks that make runs, or make them grow, in their folder
SHOW, REPORT, PRINTED = "Show", "Report", "Results"  # buttons of a job that show what it has made
EDIT = "Edit and retry…"  # the button of a failed job that opens its form again


@dataclass(eq=False)
class Job:
    """A run or command that was ordered.

    Attributes
    ----------
    order : RunOrder or CommandOrder
        What is to be done.
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
    made : list of (str, Path)
        Results of a command: what it is ("run", "report", "model" or "folder"), and its path.
    opened : bool
        Whether its run folder can be opened, perhaps while it goes on.
    printed : str
        Tables and sentences that a command has printed.
    wrong_input : bool
        Whether it failed because of model, images or settings, so that it would fail again.
    in_use : bool
        Whether it failed because another process, such as another viewer, works in its folder.
    advised : dict
        The options of the model that would mend it, as in RunOrder, as far as they are known.
    """

    order: RunOrder | CommandOrder
    state: State = State.WAITING
    stage: str = ""
    sentence: str = ""
    details: str = ""
    remarks: list[str] = field(default_factory=list)
    progress: Progress | None = None
    pace: Pace = field(default_factory=Pace)
    live: LiveSearch = field(default_factory=LiveSearch)
    made: list[tuple[str, Path]] = field(default_factory=list)
    opened: bool = False
    printed: str = ""
    wrong_input: bool = False
    in_use: bool = False
    advised: dict[str, Any] = field(default_factory=dict)

    @property
    def out(self) -> Path:
        """The folder of its results."""
        return user_path(self.order.out)

    @property
    def name(self) -> str:
        """Name of this folder."""
        return self.out.name

    @property
    def active(self) -> bool:
        """Whether the child is working on it."""
        return self.state in ACTIVE

    @property
    def resumable(self) -> bool:
        """Whether the same order can be continued; not if its input was wrong, because it would fail again."""
        return self.state in RESUMABLE and not self.wrong_input

    @property
    def can_pause(self) -> bool:
        """Whether it can be paused: a command cannot, because its minutes would pass."""
        return isinstance(self.order, RunOrder)

    @property
    def measures(self) -> bool:
        """Whether the runs in its folder change while it is active."""
        return self.order.title in MEASURING

    def made_of(self, what: str) -> list[Path]:
        """Return the paths of its results of this kind."""
        return [path for kind, path in self.made if kind == what]

    @property
    def has_run(self) -> bool:
        """Whether it has a run that can be shown, perhaps while it goes on."""
        has_run = self.opened or bool(self.made_of("run"))
        has_run |= isinstance(self.order, RunOrder) and self.state is not State.EARLIER  # which may not have begun
        return has_run and not self.wrong_input and self.state not in (State.WAITING, State.STARTING)

    @property
    def shown_by(self) -> str:
        """The button that shows its most telling results, or "" if it has none."""
        if self.has_run:
            return SHOW
        return REPORT if self.made_of("report") else PRINTED if self.printed else ""

    @property
    def share(self) -> float:
        """Share of the work that is done, 0..1."""
        return 1.0 if self.state is State.FINISHED else self.pace.share

    @property
    def is_at(self) -> str:
        """State, progress and time left in one line."""
        if self.state is State.STARTING:
            return f"{capital(self.stage)}…" if self.stage else "Starting…"
        if self.state is State.STOPPING:
            return "Stopping…"
        parts = [] if self.state is State.RUNNING else [self.state.value.capitalize()]
        if self.progress is not None:
            amount = f"{self.progress.done:,} of {self.progress.total:,} {self.progress.unit}".rstrip()
            amount = f"{self.progress.done} %" if self.progress.unit == "%" else amount  # "of 100" says nothing
            amount = amount if self.progress.total else ""  # how much there is to do is not known yet
            commands = [self.progress.what, amount, self.progress.note]  # which have finished when nothing is left
            runs = [] if self.state is State.OUT_OF_TIME else [amount]  # then its sentence says what it has
            parts += runs if self.can_pause else commands if self.active else []
            if self.state is State.RUNNING and self.progress.rate:
                parts.append(f"{self.progress.rate:,.0f} a second")
        left = self.pace.seconds_left
        if self.state in (State.RUNNING, State.PAUSED) and left:
            parts.append(f"{spoken(left)} left")
        return capital(" · ".join(part for part in parts if part)) or "Running"
