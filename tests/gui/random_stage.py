"""What random sessions share: windows, waiting, counts, and what they say when something is wrong."""

import contextlib
import functools
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication, QMainWindow
from random_hand import Heart

DRAWN = 0.02  # seconds; longer than the timers that put off drawing to the next frame


@dataclass
class Stage:
    """What the sessions of a test share: how each gets its window, and what is counted.

    A session gets a new window, without settings, saved views and marks of sessions before.
    """

    runs: Path
    names: tuple[str, ...]  # of the runs that are opened
    new_window: Callable[[], QMainWindow]
    caught: Callable[[], contextlib.AbstractContextManager]  # collects the exceptions of Qt's event handlers
    child: bool  # whether there is a child process that answers
    patience: float  # seconds for which a window may be busy
    heart: Heart = field(default_factory=Heart)
    played: list[tuple[int, int]] = field(default_factory=list)  # actions and scripts of each session

    def wait_for(self, condition, what):
        """Let the window work until a condition holds."""
        limit = time.monotonic() + self.patience
        while not condition():
            assert time.monotonic() < limit, what
            work(0.002)

    def settle(self, window):
        """Wait until nothing is being read any more, and the window has drawn what was read."""
        self.wait_for(lambda: not window.controller.busy, "the window is still busy")
        work(DRAWN)


class Failed(BaseException):
    """Something is wrong with the window.

    No Exception, after which Hypothesis would play the session again: what a window does depends on time too, and a
    session that then passed would be reported as a strategy that is not deterministic.
    """


def told(act):
    """Report the first failure of a session, with what was done before it."""

    @functools.wraps(act)
    def acted(self, **arguments):
        try:
            act(self, **arguments)
        except Exception:
            self.failed = True
            raise Failed("\n".join(["It was done:", *self.did, "", traceback.format_exc()])) from None

    return acted


def work(seconds):
    """Let Qt work for a while, and delete what is to be deleted later."""
    limit = time.monotonic() + seconds
    while True:
        QApplication.processEvents()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        left = limit - time.monotonic()
        if left <= 0:
            return
        time.sleep(min(left, 0.001))
