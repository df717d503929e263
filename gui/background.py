"""Work in worker threads, with results delivered in the window's thread, and work of that thread in steps."""

import itertools
import time
import traceback
from collections import deque
from collections.abc import Callable, Generator
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Qt, QThreadPool, QTimer, Signal
from shiboken6 import isValid

from tfstab.errors import TfstabError

THREADS = 2
PATIENCE = 3_000  # ms for which a closing window waits for running work
MUCH = 0.003  # seconds of work in a turn, to which no more steps are added
MOST = 3  # turns in a row without a step
REST = 6  # ms before a spare step; a window is painted 5 ms after it has changed

Steps = Generator[None, None, None]  # work that pauses at each yield
Result = TypeVar("Result")


@dataclass(eq=False)
class _Task:
    """What was asked of a worker, and the result or error; nothing is called after `owner` has been deleted."""

    work: Callable[[], Any]
    done: Callable[[Any], Steps | None]
    failed: Callable[[], None] | None
    owner: QObject | None
    saving: bool
    result: Any = None
    error: Exception | None = None

    def finish(self) -> Steps | None:
        """Hand over the result, or say that there is none."""
        if self.owner is not None and not isValid(self.owner):
            return None
        if self.error is None:
            return self.done(self.result)
        if self.failed is not None:
            self.failed()
        return None


class Background(QObject):
    """Runs functions in a thread pool, where they must not use widgets; and long work of the window's thread in steps.

    Signals
    -------
    busy_changed : bool
        Work has started, or all work has ended.
    failed : str, str
        Work has failed: one sentence, and details or "".
    saved
        All saving has ended.
    """

    busy_changed = Signal(bool)
    failed = Signal(str, str)
    saved = Signal()
    _finished = Signal(int)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(THREADS)
        self._running = self._saving = 0
        # Kept here, while workers know numbers only: widgets that a task was the last to hold would otherwise be
        # destroyed in a worker's thread, where Qt deadlocks or crashes.
        self._tasks: dict[int, _Task] = {}
        self._numbers = itertools.count()
        self._stopped = False
        self._waiting = deque[tuple[Steps, QObject | None]]()
        self._spare = deque[tuple[Steps, QObject | None]]()  # steps that can wait
        # Without an interval, it times out once a turn of the event loop, after everything else that waits there.
        self._turns = QTimer(self)
        self._turns.timeout.connect(self._take_step)
        self._spent = 0.0  # processor time of this thread after the last turn
        self._given_way = 0  # turns in a row that had too much other work
        # Emitted in a worker thread, but received in this object's thread.
        self._finished.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    @property
    def busy(self) -> bool:
        """Whether any work is running, or its result is not delivered yet, or steps are left to do."""
        return self._running > 0

    @property
    def saving(self) -> bool:
        """Whether anything is being saved that would be lost if the window closed."""
        return self._saving > 0

    def run(
        self,
        work: Callable[[], Any],
        done: Callable[[Any], Steps | None],
        failed: Callable[[], None] | None = None,
        owner: QObject | None = None,
        saving: bool = False,
    ) -> None:
        """Call `work()` in a worker thread, then `done(result)` here.

        Parameters
        ----------
        work : callable
            The work; its exceptions are reported by the signal `failed`.
        done : callable
            Called with its result. If it is a generator function, its steps are done as by `in_steps`.
        failed : callable, optional
            Called after an exception.
        owner : QObject, optional
            The object that `done` and `failed` belong to; they are not called after Qt has deleted it.
        saving : bool
            Whether `work` saves something for the user.
        """
        if self._stopped:
            return

        number = next(self._numbers)
        self._tasks[number] = _Task(work, done, failed, owner, saving)
        self._saving += saving
        self._begin()
        self._pool.start(partial(self._work, number))

    def in_steps(self, steps: Steps, owner: QObject | None = None, spare: bool = False) -> None:
        """Do work of this thread, one step a turn of the event loop, so that the window can answer in between.

        Parameters
        ----------
        steps : generator
            The work; it pauses at each yield.
        owner : QObject, optional
            The object that the work belongs to; it ends when Qt has deleted it.
        spare : bool
            Do it only while no other steps wait. The same steps may be given again to do them sooner.
        """
        if not self._stopped:
            self._begin()
            (self._spare if spare else self._waiting).append((steps, owner))
            self._go_on()

    def stop(self) -> None:
        """Drop waiting work, wait a while for running work, and deliver no more results."""
        self._stopped = True
        self._turns.stop()
        for steps, _ in (*self._waiting, *self._spare):
            steps.close()
        self._pool.clear()
        if self._pool.waitForDone(PATIENCE):  # reading from a disconnected network drive may take minutes
            self._tasks.clear()

    def _work(self, number: int) -> None:
        """Do a task, in a worker thread; at the end this thread must not be the last to hold any part of it."""
        task = self._tasks[number]
        try:
            task.result = task.work()
        except Exception as error:
            task.error = error
        del task
        if not self._stopped:  # otherwise Qt may have deleted this object, as a closed window does not wait for long
            self._finished.emit(number)

    def _deliver(self, number: int) -> None:
        if self._stopped:
            return
        task = self._tasks.pop(number)
        self._saving -= task.saving
        try:
            steps = task.finish()
            if isinstance(steps, Generator):
                self.in_steps(steps, task.owner)
            if task.error is not None:
                self._fail(task.error)
        finally:
            self._end()
            if task.saving and not self._saving:
                self.saved.emit()

    def _take_step(self) -> None:
        """Do the next steps of the work that waits longest, but not in the same turn as much other work."""
        spent, self._spent = time.thread_time() - self._spent, time.thread_time()
        queue = self._waiting or self._spare
        if not queue:  # what waits is being done, and runs an event loop of its own
            return
        if spent > MUCH and self._given_way < MOST:
            self._given_way += 1
            return
        self._given_way = 0
        steps, owner = queue.popleft()
        going_on = False
        try:
            if owner is None or isValid(owner):
                while time.thread_time() - self._spent < MUCH:
                    next(steps)
                going_on = not self._stopped
        except StopIteration:
            pass
        finally:
            if going_on:
                queue.appendleft((steps, owner))
            else:
                steps.close()  # here, rather than wherever garbage is collected: its widgets are this thread's
                self._end()
            self._go_on()
            self._spent = time.thread_time()

    def _go_on(self) -> None:
        if self._waiting:
            self._turns.start(0)
        elif self._spare:
            self._turns.start(REST)
        else:
            self._turns.stop()

    def _begin(self) -> None:
        self._running += 1
        if self._running == 1:
            self.busy_changed.emit(True)

    def _end(self) -> None:
        self._running -= 1
        if self._running == 0:
            self.busy_changed.emit(False)

    def _fail(self, error: Exception) -> None:
        if isinstance(error, TfstabError):
            self.failed.emit(str(error), "")
        else:
            details = "".join(traceback.format_exception(error))
            self.failed.emit(f"Reading failed: {str(error) or type(error).__name__}.", details)


def unexpected(what: str) -> str:
    """Return the line of a page whose work has failed; the signal `failed` of Background reports the details."""
    return f"{what} failed because of an unexpected error. The message about it has the details."
