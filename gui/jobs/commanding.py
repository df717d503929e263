"""Commands of the command line in the child process: their progress, results and printed text go to the window."""

import _thread
import contextlib
import io
import math
import signal
from pathlib import Path
from typing import TYPE_CHECKING

from tfstab.gui.jobs.command_form import command_of, looks_at_runs
from tfstab.gui.jobs.command_order import CommandOrder, Made, Printed
from tfstab.gui.jobs.desk import Clock, Desk
from tfstab.gui.jobs.protocol import Finished, Opened, Progress, Remark, Stage
from tfstab.gui.jobs.running import failure_of
from tfstab.gui.jobs.tasks import TASKS
from tfstab.gui.jobs.watching import Tell
from tfstab.paths import user_path
from tfstab.runs.together import is_collection

if TYPE_CHECKING:
    from tfstab.assessment.state import AssessmentState

LOADING = "loading TensorFlow, model and images"  # a command reports no progress while it loads, maybe a minute
READING = "reading the runs"
MOST_PRINTED = 400_000  # characters that are sent to the window
STOPPED = 130  # exit code of a command that was stopped and can be continued
NOT_MET = 1  # exit code of a command that has measured less than was required
STEPS = {"training": 1, "remedies": 1, "measuring": 2, "minimum noise": 2, "report": 3}  # of a hardening: their places


def perform_command(order: CommandOrder, desk: Desk, tell: Tell) -> None:
    """Run the command that is ordered; send its progress, what it made and printed, and how it ended.

    It must be called in the main thread: cancelling is done as by Ctrl-C, so that the command ends as in a terminal.
    """
    job, watch, printed = order.job, CommandWatch(order, desk, tell), io.StringIO()
    try:
        tell(Stage(job, READING if looks_at_runs(TASKS[order.task]) else LOADING))
        desk.check()
        # Interrupts are ignored in a process that a script or job in the background has started.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        desk.on_cancel = _thread.interrupt_main
        with contextlib.redirect_stdout(printed):
            code = _run(order, watch)
        desk.on_cancel = None
        tell(Printed(job, printed.getvalue()[:MOST_PRINTED]))
        if code == NOT_MET:
            tell(Remark(job, "a requirement is not met"))
        tell(Finished(job, code != STOPPED, 0, watch.clock.seconds, watch.reached))
    except BaseException as error:
        desk.on_cancel = None
        if desk.cancelled:  # Typer turns an interrupt that the command does not handle into an exception of its own
            tell(Finished(job, False, 0, 0.0))
        elif isinstance(error, Exception):
            tell(failure_of(error, job))
        else:
            raise


def _run(order: CommandOrder, watch: "CommandWatch") -> int:
    """Run the command and return its exit code; only here does the viewer import the command line."""
    from tfstab.cli import app, observing

    with observing.observed_by(watch):
        return app.run(command_of(order))


class CommandWatch:
    """Sends what a command shows to the window: an observer in the sense of `tfstab.cli.observing`."""

    def __init__(self, order: CommandOrder, desk: Desk, tell: Tell) -> None:
        self.order, self.desk, self.tell, self.clock = order, desk, tell, Clock()
        self.reached = ""  # what there was time for, if the minutes were used up
        self._opened = False
        self._what: str | None = None  # what was being done when the command was cancelled
        self._step = ""  # of a hardening, that was sent last

    def progress(self, what: str, done: float, total: float | None, unit: str, note: str) -> None:
        """Send the state of a progress bar, at most ten times a second."""
        self._interrupt_again(what)
        ended = total is not None and done >= total
        step = what if what in STEPS and self.order.task == "harden" else ""
        if not (self.clock.due("progress") or ended or step != self._step):
            return
        self._step = step
        if step:
            self.tell(self._step_of_hardening(int(done), int(total or 0), unit, note))
            return
        if not total:
            self.tell(Stage(self.order.job, f"{what} · {note}" if note else what))
            return
        share = min(done / total, 1.0)
        self.tell(Progress(self.order.job, int(done), int(total), share, 0.0, unit, what, note))

    def _step_of_hardening(self, done: int, total: int, unit: str, note: str) -> Progress:
        """Return the progress of a hardening: which step it is at, and the share of all its time that has passed.

        How much of a step is done says little about the time left: measuring goes on as long as there is time.
        """
        minutes = self.order.values.get("minutes", TASKS[self.order.task].minutes)
        assert minutes, "checked before the first step"
        share = min(self.clock.seconds / (60 * minutes), 1.0)
        title = f"step {STEPS[self._step]} of {max(STEPS.values())}: {self._step}"
        return Progress(self.order.job, done, total, share, 0.0, unit, title, note)

    def assessment(self, state: "AssessmentState") -> None:
        """Send how much of its time an assessment has used, and what it is measuring."""
        self._interrupt_again(state.stage)
        self._open(state)
        if state.stage != "finished" and not self.clock.due("progress"):
            return
        share = min(max(1 - state.left / state.budget, 0.0), 1.0) if state.budget > 0 else 0.0
        working = next((family.title for family in state.families if family.working), "")
        what = "minimum noise" if state.noise.working else working or STAGES.get(state.stage, state.stage)
        begun = sum(family.images > 0 for family in state.families)
        note = "" if state.clean is None or math.isnan(state.clean.value) else f"{100 * state.clean.value:.1f} % clean"
        if not state.families and state.stage in ("reading", "clean"):  # how many there will be is not known yet
            self.tell(Stage(self.order.job, f"{what} · {note}" if note else what))
            return
        total = max(len(state.families), 1)
        self.tell(Progress(self.order.job, begun, total, share, 0.0, "degradations", what, note))

    def _open(self, state: "AssessmentState") -> None:
        """Say once that the assessment can be opened, although it goes on: it has a run that can be read."""
        if not self._opened and any(family.images for family in state.families):
            self._opened = bool(self.order.out) and is_collection(user_path(self.order.out))
            if self._opened:
                self.tell(Opened(self.order.job, self.order.out))

    def _interrupt_again(self, what: str) -> None:
        """Interrupt a command that goes on with the same work, because the interrupt was lost in foreign code.

        Imports, for example, may catch it. Other work, such as the report of what has been measured, is finished.
        """
        if not self.desk.cancelled:
            self._what = what
        elif self._what in (None, what):
            raise KeyboardInterrupt

    def remark(self, text: str) -> None:
        """Send a line for the user; the window says itself that it is a note."""
        self.tell(Remark(self.order.job, text.removeprefix("note: ")))

    def out_of_time(self, reached: str) -> None:
        """Keep what there was time for, which is sent at the end."""
        self.reached = reached

    def made(self, what: str, path: Path) -> None:
        """Send where a result is."""
        self.tell(Made(self.order.job, what, str(user_path(path).absolute())))


STAGES = {"reading": "reading model and images", "clean": "scoring the clean images", "report": "writing the report"}
