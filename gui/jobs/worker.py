"""The child process: `python -m tfstab.gui.jobs.worker`. It carries out orders and reports on them.

Runs are made one by one, in the order in which they are asked for. Questions come first, the most urgent before others,
and long ones are answered in parts, between which more urgent ones are.

It ends when its standard input ends, so it never outlives the window.
"""

import contextlib
import itertools
import os
import queue
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from tfstab.classifier import backend
from tfstab.errors import TfstabError
from tfstab.gui.jobs.answering import Asked
from tfstab.gui.jobs.command_order import CommandOrder
from tfstab.gui.jobs.commanding import perform_command
from tfstab.gui.jobs.desk import Desk
from tfstab.gui.jobs.protocol import Control, Failed, ImportOrder, Line, ProtocolError, Quit, RunOrder, decode
from tfstab.gui.jobs.protocol import encode as encoded
from tfstab.gui.jobs.questions import QUESTIONS, AskOrder, DropOrder, urgency
from tfstab.gui.jobs.running import perform
from tfstab.importing import import_module, import_trusted
from tfstab.orders import ModelOptions
from tfstab.runs.known_models import changed_at

if TYPE_CHECKING:
    from tfstab.classifier import Classifier

IMPORT, RUN, QUIT = -1, len(QUESTIONS), len(QUESTIONS) + 1  # ranks before and after those of all questions
Order = RunOrder | CommandOrder | Asked | ImportOrder | Quit
LAST_SECONDS = 3.0  # for a job to end after the window has closed


class Worker:
    """Carries out orders in one thread, while another reads them and obeys controls at once."""

    def __init__(self, orders: BinaryIO, messages: BinaryIO) -> None:
        self._in, self._out = orders, messages
        # By rank, and by number within a rank; a question that is taken up again keeps both.
        self._todo: queue.PriorityQueue[tuple[int, int, Order]] = queue.PriorityQueue()
        self._numbers = itertools.count()
        self._telling = threading.Lock()
        self._desk = Desk(-1)
        self._cancelled: set[int] = set()  # jobs that were cancelled before their turn
        self._dropped: set[int] = set()  # tickets of questions
        self._models: dict[ModelOptions, Classifier] = {}
        self._changed = 0  # when the model's file changed last, as it was loaded
        self._fitted: dict[tuple[int, ...], Classifier] = {}  # the same model for images of a shape

    def work(self) -> None:
        """Carry out orders until told to quit."""
        threading.Thread(target=self._read, daemon=True).start()
        while True:
            rank, number, order = self._todo.get()
            if isinstance(order, Quit):
                return
            if isinstance(order, ImportOrder):
                # An order that needs the degradation says that it is missing.
                with contextlib.suppress(TfstabError, OSError):
                    if order.checksum:
                        import_trusted(Path(order.file), order.checksum)
                    else:
                        import_module(order.file)
            elif isinstance(order, RunOrder | CommandOrder):
                self._desk = Desk(order.job)
                if order.job in self._cancelled:
                    self._desk.cancel()
                if isinstance(order, RunOrder):
                    perform(order, self._desk, self._load, self._tell)
                else:
                    perform_command(order, self._desk, self._tell)
            elif order.go_on():
                self._todo.put((rank, number, order))

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
            elif isinstance(order, DropOrder):
                self._dropped.add(order.ticket)
            elif isinstance(order, AskOrder):
                self._put(urgency(order.question), Asked(order, self._load_for, self._tell, self._dropped))
            elif isinstance(order, RunOrder | CommandOrder):
                self._put(RUN, order)
            elif isinstance(order, ImportOrder):
                self._put(IMPORT, order)
            elif isinstance(order, Quit):
                self._put(QUIT, order)
        self._desk.cancel()
        self._put(QUIT, Quit())
        # A hanging model call or write must not keep an invisible process alive.
        end = threading.Timer(LAST_SECONDS, os._exit, [1])
        end.daemon = True
        end.start()

    def _put(self, rank: int, order: Order) -> None:
        self._todo.put((rank, next(self._numbers), order))

    def _tell(self, message: Line) -> None:
        with self._telling:
            try:
                self._out.write(encoded(message))
                self._out.flush()
            except OSError:  # the window has closed, which the reading thread notices too
                self._desk.cancel()

    def _load(self, model: ModelOptions) -> "Classifier":
        """Return the model, keeping it until its file changes; only one is kept, because models can be large."""
        changed = changed_at(Path(model.name))
        if model not in self._models or changed not in (0, self._changed):  # what is gone can still be asked
            self._models.clear()
            self._fitted.clear()
            self._models[model] = model.load()
            self._changed = changed
        return self._models[model]

    def _load_for(self, model: ModelOptions, shape: tuple[int, ...]) -> "Classifier":
        """Return the model for images of a shape (H, W, C), keeping it with what it has compiled."""
        loaded = self._load(model)
        if shape not in self._fitted:
            self._fitted[shape] = loaded.for_images(shape)  # type: ignore[arg-type]  # InputError for another length
        return self._fitted[shape]


def main() -> None:
    """Serve the window at the other end of standard input and output."""
    # Standard output is for messages, so what libraries print there is sent to standard error.
    messages = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    backend.leave_out_optional()
    try:
        Worker(sys.stdin.buffer, messages).work()
    finally:
        # Python cannot exit normally while a thread waits for input.
        os._exit(0)


if __name__ == "__main__":
    main()
