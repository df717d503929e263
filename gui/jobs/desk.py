"""Control of a running job: pausing, cancelling, watching an image; and the time that the job has worked."""

import threading
import time
from collections.abc import Callable

from tfstab.gui.jobs import protocol
from tfstab.gui.jobs.protocol import Control

EVERY = 0.1  # seconds between two messages about the same thing


class Cancelled(Exception):  # noqa: N818 - no error
    """Raised inside a job that has been cancelled."""


class Desk:
    """What the window has ordered for the running job; one thread writes it, the working thread reads it.

    Attributes
    ----------
    job : int
        Number of the job.
    cancelled : bool
        Whether the job must end.
    watched : int or None
        The image whose noise is sent to the window.
    stopped : set of int
        Images whose search must end.
    on_watch : callable or None
        Called with the image that is watched from now on, by the reading thread.
    on_cancel : callable or None
        Called when the job is cancelled, by the reading thread.
    """

    def __init__(self, job: int) -> None:
        self.job = job
        self.cancelled = False
        self.watched: int | None = None
        self.stopped: set[int] = set()
        self.on_watch: Callable[[int], None] | None = None
        self.on_cancel: Callable[[], object] | None = None
        self._go = threading.Event()
        self._go.set()

    def obey(self, control: Control) -> None:
        """Carry out an order; an order for another job came too late and is ignored."""
        if control.job != self.job:
            return
        if control.action == protocol.PAUSE:
            self._go.clear()
        elif control.action == protocol.RESUME:
            self._go.set()
        elif control.action == protocol.STOP_IMAGE and control.image is not None:
            self.stopped.add(control.image)
            self._go.set()
        elif control.action == protocol.WATCH:
            self.watched = control.image
            if self.on_watch is not None and control.image is not None:
                self.on_watch(control.image)
        elif control.action == protocol.CANCEL:
            self.cancel()

    def cancel(self) -> None:
        """Let the job end as soon as it asks, even if it is paused."""
        self.cancelled = True
        self._go.set()
        if self.on_cancel is not None:
            self.on_cancel()

    def wait(self) -> float:
        """Wait while the job is paused; return the seconds waited."""
        if self._go.is_set():
            return 0.0
        begun = time.perf_counter()
        self._go.wait()
        return time.perf_counter() - begun

    def check(self) -> None:
        """Raise Cancelled if the job has been cancelled."""
        if self.cancelled:
            raise Cancelled


class Clock:
    """The time that a job has worked, without its pauses; and whether it is time for another message."""

    def __init__(self) -> None:
        self._begun = time.perf_counter()
        self._told: dict[object, float] = {}

    @property
    def seconds(self) -> float:
        """Seconds of work so far."""
        return time.perf_counter() - self._begun

    def leave_out(self, seconds: float) -> None:
        """Do not count these seconds, in which the job was paused."""
        self._begun += seconds

    def due(self, what: object) -> bool:
        """Return True if the last message about `what` is EVERY seconds old, and count a new one as sent."""
        now = time.perf_counter()
        if now - self._told.get(what, -EVERY) < EVERY:
            return False
        self._told[what] = now
        return True
