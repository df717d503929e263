"""Scores of single images for the window, from a child process that is kept running."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from tfstab.gui.jobs.process import WorkerProcess
from tfstab.gui.jobs.protocol import Failed, Line, ScoreOrder, Scores
from tfstab.gui.settings import Settings, changed_at

KEEP_WARM = 300_000  # ms after the last request
Done = Callable[[np.ndarray], None]
_Model = tuple[str, str, int]  # fingerprint, name or path, time of the last change (0 for a bundled network)


class Scorer(QObject):
    """Computes scores of a run's model in a child process of its own, because the queue's may be busy for hours.

    Signals
    -------
    failed : str, str
        Scores could not be computed: one sentence, and details or "".
    """

    failed = Signal(str, str)

    def __init__(self, settings: Settings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        self.process = WorkerProcess(self)
        self.process.message.connect(self._hear)
        self.process.ended.connect(self._crashed)
        self._waiting: dict[int, tuple[Done, _Model]] = {}
        self._failed: set[_Model] = set()
        self._ticket = 0
        self._idle = QTimer(self, singleShot=True, interval=KEEP_WARM)
        self._idle.timeout.connect(self.process.quit)

    @property
    def busy(self) -> bool:
        """Whether a request is waiting for its scores."""
        return bool(self._waiting)

    def score(self, model: dict[str, str], images: np.ndarray, done: Done) -> int | None:
        """Request scores; the first request takes some seconds because TensorFlow is imported.

        Parameters
        ----------
        model : dict
            The model's entry in run.json, with name and fingerprint.
        images : ndarray
            Images (N, H, W, C) in grey levels.
        done : callable
            Called with the scores (N, K), float32.

        Returns
        -------
        int or None
            A ticket for `drop`; None if the model cannot be found, after emitting `failed`.
        """
        kept = self._settings.model_of(model)
        if kept is None:
            self.failed.emit(
                f"The viewer does not know where the model {model['name']} is: make a run with it first.", ""
            )
            return None
        self._ticket += 1
        where, options = kept
        self._waiting[self._ticket] = done, _model(model, where)
        self._idle.start()
        self.process.send(ScoreOrder(self._ticket, where, model["fingerprint"], np.asarray(images), options))
        return self._ticket

    def knows(self, model: dict[str, str]) -> bool:
        """Return True if `score` can find this model."""
        return self._settings.model_of(model) is not None

    def has_failed(self, model: dict[str, str]) -> bool:
        """Return True if scoring failed before with this model and its file has not changed since."""
        kept = self._settings.model_of(model)
        return kept is not None and _model(model, kept[0]) in self._failed

    def drop(self, ticket: int | None) -> None:
        """Forget a request; its `done` is not called."""
        self._waiting.pop(ticket or 0, None)

    def shut_down(self) -> None:
        """Kill the child and forget all requests."""
        self._waiting.clear()
        self.process.kill(wait=True)  # nothing can be lost

    def _hear(self, message: Line) -> None:
        if isinstance(message, Scores):
            waiting = self._waiting.pop(message.ticket, None)
            if waiting is not None:
                done, _ = waiting
                done(message.scores)
        elif isinstance(message, Failed):
            waiting = self._waiting.pop(message.ticket or 0, None)
            if waiting is not None:
                self._failed.add(waiting[1])
                self.failed.emit(message.sentence, message.details)

    def _crashed(self, sentence: str, details: str) -> None:
        if self._waiting:
            self._waiting.clear()
            self.failed.emit(f"{sentence} while scoring an image; select the image again to try once more.", details)


def _model(model: dict[str, str], where: str) -> _Model:
    return model["fingerprint"], where, changed_at(Path(where))
