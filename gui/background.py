"""Work in worker threads, with results delivered in the window's thread."""

import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, Qt, QThreadPool, Signal
from shiboken6 import isValid

from tfstab.errors import TfstabError

THREADS = 2
PATIENCE = 3_000  # ms for which a closing window waits for running work


@dataclass(frozen=True, eq=False)
class _Outcome:
    """The result of a worker; `done(result)` is called unless `owner` has been deleted."""

    done: Callable[[Any], None]
    result: Any
    owner: QObject | None
    saving: bool


class Background(QObject):
    """Runs functions in a thread pool; they must not use widgets.

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
    _finished = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(THREADS)
        self._running = self._saving = 0
        self._stopped = False
        # Emitted in a worker thread, but received in this object's thread.
        self._finished.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    @property
    def busy(self) -> bool:
        """Whether any work is running, or its result is not delivered yet."""
        return self._running > 0

    @property
    def saving(self) -> bool:
        """Whether anything is being saved that would be lost if the window closed."""
        return self._saving > 0

    def run(
        self,
        work: Callable[[], Any],
        done: Callable[[Any], None],
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
            Called with its result.
        failed : callable, optional
            Called after an exception.
        owner : QObject, optional
            The object that `done` and `failed` belong to; they are not called after Qt has deleted it.
        saving : bool
            Whether `work` saves something for the user.
        """
        if self._stopped:
            return

        def give_up(error: Exception) -> None:
            if failed is not None and (owner is None or isValid(owner)):
                failed()
            self._fail(error)

        def task() -> None:
            try:
                outcome = _Outcome(done, work(), owner, saving)
            except Exception as error:
                outcome = _Outcome(give_up, error, None, saving)
            self._finished.emit(outcome)

        self._saving += saving
        self._running += 1
        if self._running == 1:
            self.busy_changed.emit(True)
        self._pool.start(task)

    def stop(self) -> None:
        """Drop waiting work, wait a while for running work, and deliver no more results."""
        self._stopped = True
        self._pool.clear()
        self._pool.waitForDone(PATIENCE)  # reading from a disconnected network drive may take minutes

    def _deliver(self, outcome: _Outcome) -> None:
        if self._stopped:
            return
        self._running -= 1
        self._saving -= outcome.saving
        try:
            if outcome.owner is None or isValid(outcome.owner):
                outcome.done(outcome.result)
        finally:
            if self._running == 0:
                self.busy_changed.emit(False)
            if outcome.saving and not self._saving:
                self.saved.emit()

    def _fail(self, error: Exception) -> None:
        if isinstance(error, TfstabError):
            self.failed.emit(str(error), "")
        else:
            details = "".join(traceback.format_exception(error))
            self.failed.emit(f"Reading failed: {str(error) or type(error).__name__}.", details)
