"""The child process: `python -m tfstab.gui.jobs.worker`. It carries out orders one by one and reports on them.

It ends when its standard input ends, so it never outlives the window.
"""

import os
import queue
import sys
import threading
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from tfstab.errors import ModelError
from tfstab.gui.jobs.desk import Desk
from tfstab.gui.jobs.plan import model_of
from tfstab.gui.jobs.protocol import Control, Failed, Line, ProtocolError, Quit, RunOrder, ScoreOrder, Scores, decode
from tfstab.gui.jobs.protocol import encode as encoded
from tfstab.gui.jobs.running import perform, sentence_of
from tfstab.orders import ModelOptions

if TYPE_CHECKING:
    from tfstab.classifier import Classifier

SMALL_BATCH = 8  # for scores of single images, because the user waits for them
LAST_SECONDS = 3.0  # for a job to end after the window has closed


class Worker:
    """Carries out orders in one thread, while another reads them and obeys controls at once."""

    def __init__(self, orders: BinaryIO, messages: BinaryIO) -> None:
        self._in, self._out = orders, messages
        self._todo: queue.SimpleQueue[Line] = queue.SimpleQueue()
        self._telling = threading.Lock()
        self._desk = Desk(-1)
        self._cancelled: set[int] = set()  # jobs that were cancelled before their turn
        self._models: dict[ModelOptions, Classifier] = {}
        self._small: dict[ModelOptions, Classifier] = {}

    def work(self) -> None:
        """Carry out orders until told to quit."""
        threading.Thread(target=self._read, daemon=True).start()
        while not isinstance(order := self._todo.get(), Quit):
            if isinstance(order, RunOrder):
                self._desk = Desk(order.job)
                if order.job in self._cancelled:
                    self._desk.cancel()
                perform(order, self._desk, self._load, self._tell)
            elif isinstance(order, ScoreOrder):
                self._score(order)

    def _read(self) -> None:
        for line in self._in:
            try:
                order = decode(line)
            except ProtocolError as error:
                self._tell(Failed(str(error)))
                continue
            if isinstance(order, Control):
                if order.action == "cancel":
                    self._cancelled.add(order.job)
                self._desk.obey(order)
            else:
                self._todo.put(order)
        self._desk.cancel()
        self._todo.put(Quit())
        # A hanging model call or write must not keep an invisible process alive.
        end = threading.Timer(LAST_SECONDS, os._exit, [1])
        end.daemon = True
        end.start()

    def _tell(self, message: Line) -> None:
        with self._telling:
            try:
                self._out.write(encoded(message))
                self._out.flush()
            except OSError:  # the window has closed, which the reading thread notices too
                self._desk.cancel()

    def _load(self, model: ModelOptions) -> "Classifier":
        """Return the model, keeping it for the next order; only one is kept, because models can be large."""
        if model not in self._models:
            self._models.clear()
            self._small.clear()
            self._models[model] = model.load()
        return self._models[model]

    def _score(self, order: ScoreOrder) -> None:
        try:
            model = model_of(order)
            classifier = self._load(model).for_images(np.shape(order.images)[1:])
            if order.fingerprint not in ("", classifier.fingerprint):
                raise ModelError(f"{order.model} is not the model of this run any more: its weights have changed.")
            small = self._small.get(model) or classifier.with_batch_size(SMALL_BATCH)
            small = self._small[model] = small.for_images(classifier.input_shape)
            self._tell(Scores(order.ticket, small.scores(np.asarray(order.images))))
        except Exception as error:
            self._tell(Failed(*sentence_of(error), ticket=order.ticket))


def main() -> None:
    """Serve the window at the other end of standard input and output."""
    # Standard output is for messages, so what libraries print there is sent to standard error.
    messages = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    try:
        Worker(sys.stdin.buffer, messages).work()
    finally:
        messages.flush()
        # Python cannot exit normally while a thread waits for input.
        os._exit(0)


if __name__ == "__main__":
    main()
