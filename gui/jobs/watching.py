"""Observers of the runs that a child process makes; they send messages to the window and obey its orders."""

from abc import abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tfstab.gui.jobs.desk import Clock, Desk
from tfstab.gui.jobs.protocol import Generations, ImageDone, Line, Opened, Progress, RunOrder
from tfstab.paths import user_path

if TYPE_CHECKING:
    from tfstab.search import MinimumNoise, SearchProgress, Stop
    from tfstab.sweep.progress import SweepProgress

Tell = Callable[[Line], None]


class Watch:
    """Base of the observers, one class for each kind of run.

    Attributes
    ----------
    order : RunOrder
        The run that is made.
    clock : Clock
        Time since the run folder was opened, without pauses.
    steps : int
        Degraded images scored so far, those of earlier sessions excluded.
    """

    def __init__(self, order: RunOrder, desk: Desk, tell: Tell, images: int, config: Any) -> None:
        self.order, self.desk, self.tell, self.images, self.config = order, desk, tell, images, config
        self.clock = Clock()
        self.steps = 0
        self._opened = False

    @property
    @abstractmethod
    def observers(self) -> dict[str, Callable[..., Any]]:
        """The observers that the runner of this kind of run takes, by the names of its arguments."""

    def observers_on(self, cluster: Any) -> dict[str, Callable[..., Any]]:
        """Return the observers that the runner takes on a cluster, or in this process if `cluster` is None."""
        return self.observers

    def open(self) -> None:
        """Tell the window, once, that the run folder can be opened."""
        if not self._opened:
            self._opened = True
            self.clock = Clock()
            self.tell(Opened(self.order.job, self.order.out))

    def on_clean(self, done: int, total: int) -> None:
        """Send how many clean images are scored, and wait while paused; raise Cancelled if the job has been cancelled.

        They come before everything else, so the run folder cannot be opened yet.
        """
        if self.clock.due("progress"):
            self.tell(Progress(self.order.job, done, total, 0.0, 0.0, "clean images"))
        self.desk.wait()
        self.desk.check()

    @property
    def rate(self) -> float:
        """Degraded images scored a second."""
        return self.steps / max(self.clock.seconds, 1e-3)


class SearchWatch(Watch):
    """Observes a search."""

    def __init__(self, order: RunOrder, desk: Desk, tell: Tell, images: int, config: Any) -> None:
        super().__init__(order, desk, tell, images, config)
        self._last: dict[int, SearchProgress] = {}  # of the images being searched
        self._rows: dict[int, list[list[float]]] = {}  # their generations that have not been sent yet
        self._ended = parts_of(order.out)
        self._queries_of_ended = 0
        desk.on_watch = self.tell_of

    @property
    def observers(self) -> dict[str, Callable[..., Any]]:
        """The observers by the names of the runner's arguments."""
        return {"on_generation": self.on_generation, "on_result": self.on_result, "on_clean": self.on_clean}

    def observers_on(self, cluster: Any) -> dict[str, Callable[..., Any]]:
        """Return the observers; searches on a cluster cannot be observed, only their results."""
        observers = self.observers
        if cluster is not None:
            del observers["on_generation"]
        return observers

    def on_generation(self, progress: "SearchProgress") -> "Stop | None":
        """Send what is due, wait while paused, and answer whether to stop."""
        from tfstab.search import Stop

        self.open()
        image, p = progress.image, progress
        self._last[image] = progress
        self._rows.setdefault(image, []).append([p.best, p.mean, p.norm, p.share_misclassified])
        if self.clock.due(image):
            self.tell_of(image)
        self._tell_progress()
        self.clock.leave_out(self.desk.wait())
        if self.desk.cancelled:
            return Stop.ALL
        return Stop.IMAGE if image in self.desk.stopped else None

    def on_result(self, result: "MinimumNoise") -> None:
        """Send an image's last generations and its result."""
        from tfstab.search.trace import StopReason

        self.open()
        self.tell_of(result.image)
        self._last.pop(result.image, None)
        self._queries_of_ended += result.queries
        if result.stop_reason == StopReason.OBSERVER and result.image not in self.desk.stopped:
            return  # cut short because the job was cancelled: it is not kept, and is searched again on resuming
        self._ended += 1
        self.tell(ImageDone(self.order.job, result.image, result.found, result.size, result.stop_reason))
        self._tell_progress()

    def tell_of(self, image: int) -> None:
        """Send the state of an image that is being searched."""
        p = self._last.get(image)
        if p is not None:
            noise = p.noise if image == self.desk.watched else None
            rows = self._rows.pop(image, [])
            self.tell(Generations(self.order.job, image, p.generation, p.queries, p.flipped, rows, noise))

    def _tell_progress(self) -> None:
        in_work = sum(progress.queries for progress in self._last.values())
        self.steps = self._queries_of_ended + in_work
        if self.clock.due("progress") or self._ended == self.images:
            share = (self._ended + in_work / self.config.max_queries) / self.images
            done = min(self._ended, self.images)
            self.tell(Progress(self.order.job, done, self.images, min(share, 1.0), self.rate, "images"))


class SweepWatch(Watch):
    """Observes a sweep."""

    _before: int | None = None

    @property
    def observers(self) -> dict[str, Callable[..., Any]]:
        """The observers by the names of the runner's arguments."""
        return {"on_progress": self.on_progress}

    def on_progress(self, progress: "SweepProgress") -> None:
        """Send the progress if it is due, and wait while paused; raise Cancelled if the job has been cancelled."""
        if progress.clean_total:
            self.on_clean(progress.clean, progress.clean_total)
            return
        self.open()
        if self._before is None:  # the first call counts parts made earlier
            self._before = progress.done
        self.steps = progress.done - self._before
        if self.clock.due("progress") or progress.done == progress.total:
            share = progress.done / progress.total
            self.tell(Progress(self.order.job, progress.done, progress.total, share, self.rate, "degraded images"))
        self.clock.leave_out(self.desk.wait())
        self.desk.check()


def parts_of(out: str) -> int:
    """Return the number of finished parts in a run folder."""
    from tfstab.runs.files import find_parts

    return len(find_parts(user_path(out)))
