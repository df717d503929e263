"""Scores of single images for the window, from a child process that stays warm."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from tfstab.gui.jobs.process import WorkerProcess
from tfstab.gui.jobs.protocol import Failed, Line, ScoreOrder, Scores
from tfstab.gui.settings import Settings, changed_at

KEEP_WARM = 300_000  # ms after the last question
Done = Callable[[np.ndarray], None]
_Model = tuple[str, str, int]  # fingerprint, where it is kept, when that was changed, 0 for a bundled one


class Scorer(QObject):
    """Answers what a run's model says of images, without TensorFlow in this process.

    Not the queue's child: that one may be busy for hours.
    """

    failed = Signal(str, str)  # one sentence, details

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
        return bool(self._waiting)

    def score(self, model: dict[str, str], images: np.ndarray, done: Done) -> int | None:
        """Call `done` with the scores, float32 (N, K), of images (N, H, W, C), grey levels; gives the ticket.

        model: of run.json, {"name", "fingerprint"}. Where it is known no more, `failed` says so, and None is given.
        The first answer takes some seconds, in which TensorFlow starts; `drop` forgets a question.
        """
        kept = self._settings.model_of(model)
        if kept is None:
            self.failed.emit(f"Where the model {model['name']} is kept is not known: run something with it first.", "")
            return None
        self._ticket += 1
        where, options = kept
        self._waiting[self._ticket] = done, _model(model, where)
        self._idle.start()
        self.process.send(ScoreOrder(self._ticket, where, model["fingerprint"], np.asarray(images), options))
        return self._ticket

    def knows(self, model: dict[str, str]) -> bool:
        """Whether `score` can find this model."""
        return self._settings.model_of(model) is not None

    def has_failed(self, model: dict[str, str]) -> bool:
        """Whether this model, as its file is now, could not score before, which `failed` has said."""
        kept = self._settings.model_of(model)
        return kept is not None and _model(model, kept[0]) in self._failed

    def drop(self, ticket: int | None) -> None:
        """The answer to this question is not wanted any more."""
        self._waiting.pop(ticket or 0, None)

    def shut_down(self) -> None:
        self._waiting.clear()
        self.process.kill(wait=True)  # there is nothing that it could lose

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
