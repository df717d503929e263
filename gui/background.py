"""Work off the window's thread, its outcome delivered on it."""

import traceback
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Qt, QThreadPool, Signal
from shiboken6 import isValid

from tfstab.errors import TfstabError

THREADS = 2


class Background(QObject):
    """Runs functions in a thread pool. A function given to `run` must touch no widget."""

    busy_changed = Signal(bool)
    failed = Signal(str, str)  # one sentence, details or ""
    _finished = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(THREADS)
        self._running = 0
        self._stopped = False
        # The signal is emitted in a worker and must arrive in this object's thread.
        self._finished.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    @property
    def busy(self) -> bool:
        """Whether anything is running or waiting to be delivered."""
        return self._running > 0

    def run(
        self, work: Callable[[], Any], done: Callable[[Any], None],
        failed: Callable[[], None] | None = None, owner: QObject | None = None,
    ) -> None:  # fmt: skip
        """Call `work()` in a worker thread, then `done(its result)` here; an exception goes to the signal `failed`.

        failed: called after an exception too, to end what was begun. owner: whose methods these are; once Qt has
        deleted it they are not called.
        """
        if self._stopped:
            return

        def give_up(error: Exception) -> None:
            if failed is not None and (owner is None or isValid(owner)):
                failed()
            self._fail(error)

        def task() -> None:
            try:
                outcome = (done, work(), owner)
            except Exception as error:
                outcome = (give_up, error, None)
            self._finished.emit(outcome)

        self._running += 1
        if self._running == 1:
            self.busy_changed.emit(True)
        self._pool.start(task)

    def stop(self) -> None:
        """Drop what is waiting, wait for what is running, deliver nothing more."""
        self._stopped = True
        self._pool.clear()
        self._pool.waitForDone()

    def _deliver(self, outcome: tuple[Callable[[Any], None], Any, QObject | None]) -> None:
        if self._stopped:
            return
        done, result, owner = outcome
        self._running -= 1
        try:
            if owner is None or isValid(owner):
                done(result)
        finally:
            if self._running == 0:
                self.busy_changed.emit(False)

    def _fail(self, error: Exception) -> None:
        if isinstance(error, TfstabError):
            self.failed.emit(str(error), "")
        else:
            details = "".join(traceback.format_exception(error))
            self.failed.emit(f"Reading failed: {error or type(error).__name__}.", details)
