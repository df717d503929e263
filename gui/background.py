"""Work off the window's thread, its outcome delivered on it."""

import traceback
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Qt, QThreadPool, Signal

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

    def run(self, work: Callable[[], Any], done: Callable[[Any], None]) -> None:
        """Call `work()` in a worker thread, then `done(its result)` here; an exception goes to `failed`."""
        if self._stopped:
            return

        def task() -> None:
            try:
                outcome = (done, work())
            except Exception as error:
                outcome = (self._fail, error)
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

    def _deliver(self, outcome: tuple[Callable[[Any], None], Any]) -> None:
        if self._stopped:
            return
        done, result = outcome
        self._running -= 1
        try:
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
