"""Answering questions in the child process, part by part, so that an urgent one can come between."""

from collections.abc import Callable, Container, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from tfstab.errors import InputError, ModelError
from tfstab.gui.jobs.locating import CHANGED
from tfstab.gui.jobs.protocol import Failed
from tfstab.gui.jobs.questions import QUESTIONS, Answer, AskOrder
from tfstab.gui.jobs.running import sentence_of
from tfstab.gui.jobs.watching import Tell
from tfstab.orders import ModelOptions
from tfstab.runs.kinds import imported
from tfstab.runs.known_models import is_trusted

if TYPE_CHECKING:
    from tfstab.classifier import Classifier

LoadFor = Callable[[ModelOptions, tuple[int, ...]], "Classifier"]  # loads a model for images of a shape


class Asked:
    """A question that is being answered."""

    def __init__(self, order: AskOrder, load: LoadFor, tell: Tell, dropped: Container[int]) -> None:
        """Take a question.

        Parameters
        ----------
        order : AskOrder
            The question.
        load : callable
            Loads a model for images of a shape (H, W, C), or returns the one kept from an earlier order.
        tell : callable
            Sends a message to the window.
        dropped : container of int
            Tickets whose answers the window does not want any more.
        """
        self._order, self._load, self._tell, self._dropped = order, load, tell, dropped
        self._parts: Iterator[tuple[str, dict[str, Any]] | None] | None = None

    def go_on(self) -> bool:
        """Answer the next part; return False after the last one."""
        ticket = self._order.ticket
        if ticket in self._dropped:
            return False
        try:
            if self._parts is None:
                self._parts = self._begin()
            part = next(self._parts)
        except StopIteration:
            self._tell(Answer(ticket, "", {}, last=True))
            return False
        except Exception as error:
            sentence, details = sentence_of(error)
            if details:
                sentence = f"The model could not be asked because of an internal error ({type(error).__name__})."
            self._tell(Failed(sentence, details, ticket=ticket))
            return False
        if part is not None and ticket not in self._dropped:
            self._tell(Answer(ticket, *part))
        return True

    def _begin(self) -> Iterator[tuple[str, dict[str, Any]] | None]:
        """Load the model and return the parts of the answer; raise ModelError if it is another one by its weights."""
        order, arguments = self._order, self._order.arguments
        if order.question not in QUESTIONS:
            raise InputError(f"the question {order.question!r} is unknown: update tfstab.")
        shape = np.shape(arguments["images"])[1:] if "images" in arguments else tuple(arguments["image_shape"])
        if order.fingerprint and not is_trusted(order.fingerprint, order.model):
            raise ModelError(f"{order.model} {CHANGED}: it or a module that it needs has changed since it was trusted.")
        classifier = self._load(ModelOptions.remembered(order.model, order.options), shape)
        if order.fingerprint not in ("", classifier.fingerprint):
            raise ModelError(f"{order.model} {CHANGED}: its weights have changed.")
        parts: Iterator[tuple[str, dict[str, Any]] | None] = imported(QUESTIONS[order.question])(classifier, arguments)
        return parts
