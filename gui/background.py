"""Work off the window's thread, its outcome delivered on it."""

import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, Qt, QThreadPool, Signal
from shiboken6 import isValid

from tfstab.errors import TfstabError

THREADS = 2
PATIENCE = 3_000  # ms that the window waits for what is being read when it closes


@dataclass(frozen=True, eq=False)
class _Outcome:
    """What a worker hands over: `done(result)` is called, unless its owner was deleted."""

    done: Callable[[Any], None]
    result: Any
    owner: QObject | None
    saving: bool


class Background(QObject):
    """Runs functions in a thread pool. A function given to `run` must touch no widget."""

    busy_changed = Signal(bool)
    failed = Signal(str, str)  # one sentence, details or ""
    saved = Signal()  # nothing is being saved any more
    _finished = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(THREADS)
        self._running = self._saving = 0
        self._stopped = False
        # The signal is emitted in a worker and must arrive in this object's thread.
        self._finished.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    @property
    def busy(self) -> bool:
        """Whether anything is running or waiting to be delivered."""
        return self._running > 0

    @property
    def saving(self) -> bool:
        """Whether anything is being saved, which would be lost."""
        return self._saving > 0

    def run(
        self, work: Callable[[], Any], done: Callable[[Any], None],
        failed: Callable[[], None] | None = None, owner: QObject | None = None, saving: bool = False,
    ) -> None:  # fmt: skip
        """Call `work()` in a worker thread, then `done(its result)` here; an exception goes to the signal `failed`.

        failed: called after an exception too, to end what was begun. owner: whose methods these are; once Qt has
        deleted it they are not called. saving: `work` writes something that the person asked for.
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
        """Drop what is waiting, wait a while for what is running, deliver nothing more."""
        self._stopped = True
        self._pool.clear()
        self._pool.waitForDone(PATIENCE)  # a read from a network drive that is gone may take minutes

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
            self.failed.emit(f"Reading failed: {error or type(error).__name__}.", details)
