"""Questions of the window about images and a model, to a child process that is kept running."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal
from shiboken6 import isValid

from tfstab.content import Content
from tfstab.gui.jobs.locating import another
from tfstab.gui.jobs.process import WorkerProcess
from tfstab.gui.jobs.protocol import Failed, Line
from tfstab.gui.jobs.questions import Answer, AskOrder, DropOrder
from tfstab.gui.jobs.unknown_model import why_unknown
from tfstab.runs.known_models import changed_at, remember_model, source_at, where_is

KEEP_WARM = 300_000  # ms after the last request
Done = Callable[[np.ndarray], None]
OnPart = Callable[[str, dict[str, Any]], None]
OnFailed = Callable[[str, str], None]
_Model = tuple[str, str, int]  # fingerprint, name or path, time of the last change (0 for a bundled network)


@dataclass(frozen=True)
class _Waiting:
    """What is done with the answer to a question."""

    on_part: OnPart
    on_failed: OnFailed | None
    model: _Model
    owner: QObject | None

    @property
    def wanted(self) -> bool:
        """Whether the asker is still there; Qt deletes pages and what belongs to them when a run is closed."""
        return self.owner is None or isValid(self.owner)


class Scorer(QObject):
    """Asks questions about a run's model in a child process of its own, because the queue's may be busy for hours.

    Signals
    -------
    failed : str, str
        A question could not be answered: one sentence, and details or "".
    located
        The file of a model is known now.
    """

    failed = Signal(str, str)
    located = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.process = WorkerProcess(self)
        self.process.message.connect(self._hear)
        self.process.ended.connect(self._crashed)
        self._waiting: dict[int, _Waiting] = {}
        self._failed: set[_Model] = set()  # by questions whose asker did not take the failure itself
        self._ticket = 0
        self._shut_down = False
        self._idle = QTimer(self, singleShot=True, interval=KEEP_WARM)
        self._idle.timeout.connect(self.process.quit)

    @property
    def busy(self) -> bool:
        """Whether a question is waiting for the rest of its answer."""
        return bool(self._waiting)

    def score(self, model: dict[str, Any], images: np.ndarray, done: Done) -> int | None:
        """Request scores; the first request takes some seconds because TensorFlow is imported.

        Parameters
        ----------
        model : dict
            The model of the run, as `tfstab.runs.info.model_of` returns it.
        images : ndarray
            Images (N, H, W, C) in grey levels.
        done : callable
            Called with the scores (N, K), float32.

        Returns
        -------
        int or None
            A ticket for `drop`; None if the model cannot be found, after emitting `failed`.
        """
        return self.ask(model, "scores", {"images": np.asarray(images)}, lambda _, values: done(values["scores"]))

    def ask(
        self,
        model: dict[str, Any],
        question: str,
        arguments: dict[str, Any],
        on_part: OnPart,
        on_failed: OnFailed | None = None,
        owner: QObject | None = None,
    ) -> int | None:
        """Ask a question.

        Parameters
        ----------
        model : dict
            The model of the run, as `tfstab.runs.info.model_of` returns it.
        question : str
            One of `tfstab.gui.jobs.questions.QUESTIONS`.
        arguments : dict
            Its arguments, as in AskOrder.
        on_part : callable
            Called with the name and the values of each part of the answer.
        on_failed : callable, optional
            Called instead of emitting `failed`, with the same.
        owner : QObject, optional
            The object that asks; after Qt has deleted it, nothing is called, and the child stops answering.

        Returns
        -------
        int or None
            A ticket for `drop`; None if the model cannot be found, after telling so, or if the window is closing.
        """
        if self._shut_down:  # a timer may still ask, which must not start another child
            return None
        kept = where_is(model)
        if kept is None:
            (on_failed or self.failed.emit)(self.lacks(model), "")
            return None
        where, options = kept
        waiting = _Waiting(on_part, on_failed, _model(model, where), owner)
        return self._send(waiting, question, where, model["fingerprint"], options, arguments)

    def _send(self, waiting: _Waiting, *order: Any) -> int:
        """Send an AskOrder with a new ticket, and return the ticket."""
        self._ticket += 1
        self._waiting[self._ticket] = waiting
        self._idle.start()
        self.process.send(AskOrder(self._ticket, *order))
        return self._ticket

    def locate(
        self,
        model: dict[str, Any],
        path: Path,
        image_shape: tuple[int, ...],
        on_failed: OnFailed,
        owner: QObject,
        trust: bool = False,
    ) -> None:
        """Load a file, and remember it and emit `located` if it is a run's model.

        Parameters
        ----------
        model : dict
            The model of the run, as `tfstab.runs.info.model_of` returns it.
        path : Path
            The file.
        image_shape : tuple of int
            Shape (H, W, C) of the run's images.
        on_failed : callable
            Called with a sentence and details if the file cannot be loaded or is another model.
        owner : QObject
            As in `ask`.
        trust : bool
            Whether the file may run any code.
        """
        if self._shut_down:
            return
        source = source_at(path, model, trust)

        def take(_: str, values: dict[str, Any]) -> None:
            if values["fingerprint"] == model["fingerprint"]:
                remember_model(model["fingerprint"], replace(source, content=Content(*values["content"])))
                self.located.emit()
            else:
                on_failed(another(source.path, model), "")

        waiting = _Waiting(take, on_failed, _model(model, source.path), owner)
        self._send(waiting, "fingerprint", source.path, "", source.options, {"image_shape": list(image_shape)})

    def knows(self, model: dict[str, Any]) -> bool:
        """Return True if `ask` can find this model."""
        return where_is(model) is not None

    def lacks(self, model: dict[str, Any]) -> str:
        """Return why `ask` cannot find this model, in a sentence; "" if it can."""
        return "" if self.knows(model) else why_unknown(model)

    def has_failed(self, model: dict[str, Any]) -> bool:
        """Return True if this model could not score images before and its file has not changed since."""
        kept = where_is(model)
        return kept is not None and _model(model, kept[0]) in self._failed

    def drop(self, ticket: int | None) -> None:
        """Forget a question, which the child stops answering."""
        if self._waiting.pop(ticket or 0, None) is not None and self.process.running:
            self.process.send(DropOrder(ticket or 0))

    def shut_down(self) -> None:
        """Kill the child, forget all questions, and take no others."""
        self._shut_down = True
        self._waiting.clear()
        self.process.kill(wait=True)  # nothing can be lost

    def _hear(self, message: Line) -> None:
        ticket = getattr(message, "ticket", None)
        if ticket in self._waiting and not self._waiting[ticket].wanted:
            self.drop(ticket)
        elif isinstance(message, Answer) and message.ticket in self._waiting:
            self._idle.start()
            waiting = self._waiting[message.ticket]
            if message.last:
                del self._waiting[message.ticket]
            else:
                waiting.on_part(message.part, message.values)
        elif isinstance(message, Failed) and message.ticket in self._waiting:
            waiting = self._waiting.pop(message.ticket)
            if waiting.on_failed is not None:
                waiting.on_failed(message.sentence, message.details)
                return
            self._failed.add(waiting.model)
            self.failed.emit(message.sentence, message.details)

    def _crashed(self, sentence: str, details: str) -> None:
        waiting = {ticket: one for ticket, one in self._waiting.items() if one.wanted}
        self._waiting = {}
        sentence = f"{sentence} while answering; select the image again to ask once more."
        for one in waiting.values():
            if one.on_failed is not None:
                one.on_failed(sentence, details)
        if any(one.on_failed is None for one in waiting.values()):
            self.failed.emit(sentence, details)


def _model(model: dict[str, Any], where: str) -> _Model:
    return model["fingerprint"], where, changed_at(Path(where))
