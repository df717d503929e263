"""Making a run in the child process: watched, paused and stopped from the window."""

import threading
import time
import traceback
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tfstab.cli.options import ModelOptions, select_data
from tfstab.datasets import Dataset
from tfstab.errors import DISK_ERRORS, InputError, TfstabError, disk_error
from tfstab.gui.jobs import protocol
from tfstab.gui.jobs.own_images import load_images
from tfstab.gui.jobs.plan import config_of
from tfstab.gui.jobs.protocol import (
    IMAGES,
    Control,
    Failed,
    Finished,
    Generations,
    ImageDone,
    Line,
    ModelLoaded,
    Opened,
    Progress,
    Remark,
    RunOrder,
    ScoreOrder,
    Stage,
)

if TYPE_CHECKING:
    from tfstab.classifier import Classifier
    from tfstab.search import MinimumNoise, SearchProgress, Stop
    from tfstab.sweep.progress import SweepProgress

EVERY = 0.1  # seconds between two messages about the same thing

Tell = Callable[[Line], None]


class Cancelled(Exception):  # noqa: N818 - no error
    """Raised inside a job that shall end."""


class Desk:
    """What the window has said about the running job; written by the thread that reads, read by the one that works."""

    def __init__(self, job: int) -> None:
        self.job = job
        self.cancelled = False
        self.watched: int | None = None
        self.stopped: set[int] = set()
        self.on_watch: Callable[[int], None] | None = None  # called by the thread that reads
        self._go = threading.Event()
        self._go.set()

    def obey(self, control: Control) -> None:
        """Take an order; one that is for another job is late, and dropped."""
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
        self.cancelled = True
        self._go.set()

    def wait(self) -> float:
        """Wait while the job is paused; returns for how long, in seconds."""
        if self._go.is_set():
            return 0.0
        begun = time.perf_counter()
        self._go.wait()
        return time.perf_counter() - begun

    def check(self) -> None:
        """Raise Cancelled where the window wants the end."""
        if self.cancelled:
            raise Cancelled


class Clock:
    """The time a job has worked, without its pauses, and when something may be told again."""

    def __init__(self) -> None:
        self._begun = time.perf_counter()
        self._told: dict[object, float] = {}

    @property
    def seconds(self) -> float:
        return time.perf_counter() - self._begun

    def leave_out(self, seconds: float) -> None:
        self._begun += seconds

    def due(self, what: object) -> bool:
        """Whether `what` was not told for EVERY seconds; from now on it was."""
        now = time.perf_counter()
        if now - self._told.get(what, -EVERY) < EVERY:
            return False
        self._told[what] = now
        return True


def perform(order: RunOrder, desk: Desk, load: Callable[[ModelOptions], "Classifier"], tell: Tell) -> None:
    """Make the run that is ordered, and tell how it goes and ends."""
    with warnings.catch_warnings():
        warnings.showwarning = _telling(order.job, tell)
        _perform(order, desk, load, tell)


def model_of(order: RunOrder | ScoreOrder) -> ModelOptions:
    """The model that is ordered. Raises InputError for options of another version."""
    try:
        return ModelOptions(order.model, **order.options | {"imports": tuple(order.options.get("imports", ()))})
    except TypeError as error:
        raise InputError(f"a model has no such option ({error}): update tfstab.") from error


def _telling(job: int, tell: Tell) -> Callable[..., None]:
    """What Python calls with a warning; those for programmers are left out."""

    def show(message: Warning | str, category: type[Warning], *_: object, **__: object) -> None:
        if issubclass(category, UserWarning):
            tell(Remark(job, str(message)))

    return show


def _perform(order: RunOrder, desk: Desk, load: Callable[[ModelOptions], "Classifier"], tell: Tell) -> None:
    try:
        tell(Stage(order.job, "starting TensorFlow"))
        config = config_of(order)
        classifier = load(model_of(order))
        desk.check()
        tell(Stage(order.job, f"reading {order.data.rpartition('/')[2]}"))
        dataset = _dataset(order, classifier)
        dataset, goal = _aimed(order, classifier, dataset)
        classifier = classifier.for_images(dataset.image_shape)  # by whose fingerprint the run knows it
        tell(ModelLoaded(order.job, order.model, classifier.fingerprint))
        desk.check()
        watch = (_SearchWatch if order.kind == "search" else _SweepWatch)(order, desk, tell, len(dataset), config)
        tell(Stage(order.job, "scoring the clean images"))
        run = watch.run(classifier, dataset, **goal)
        watch.open()
        tell(Finished(order.job, run.complete, watch.steps, watch.clock.seconds))
    except Cancelled:
        tell(Finished(order.job, False, 0, 0.0))
    except Exception as error:
        tell(Failed(*sentence_of(error), job=order.job))


def sentence_of(error: BaseException) -> tuple[str, str]:
    """(one sentence, details or "") about an error."""
    if isinstance(error, TfstabError):
        return str(error), ""
    if isinstance(error, OSError) and (error.errno in DISK_ERRORS or error.filename is not None):
        return str(disk_error(error, error.filename or "a file")), ""
    details = "".join(traceback.format_exception(error))
    return f"The run failed in something ({type(error).__name__}); what is finished is kept.", details


def _dataset(order: RunOrder, classifier: "Classifier") -> Dataset:
    if not order.data.startswith(IMAGES):
        resize = order.resize
        if resize is not None and None not in classifier.input_shape:
            resize += f":{classifier.input_shape[1]}x{classifier.input_shape[0]}"
        return select_data(model_of(order), order.data, order.split, None, order.limit, order.images, resize)
    dataset = load_images(classifier, Path(order.data.removeprefix(IMAGES)))
    return dataset if order.limit is None else dataset.take(order.limit)


def _aimed(order: RunOrder, classifier: "Classifier", dataset: Dataset) -> tuple[Dataset, dict[str, Any]]:
    """The images that are searched, and what a search is told of its goal: target class and mask."""
    from tfstab.classifier.matching import match_classes
    from tfstab.search.aim import aim_at, read_mask

    goal: dict[str, Any] = {}
    if order.mask is not None:
        goal["mask"] = read_mask(Path(order.mask).expanduser())
    if order.target is not None:
        goal["target"], dataset = aim_at(order.target, match_classes(classifier, dataset))
    return dataset, goal


class _Watch:
    """What both kinds of runs have in common: pausing, ending, telling."""

    def __init__(self, order: RunOrder, desk: Desk, tell: Tell, images: int, config: Any) -> None:
        self.order, self.desk, self.tell, self.images, self.config = order, desk, tell, images, config
        self.clock = Clock()
        self.steps = 0
        self._opened = False

    def run(self, classifier: "Classifier", dataset: Dataset, **goal: Any) -> Any:
        """Make the run. goal: of a search, its target and mask."""
        raise NotImplementedError

    def open(self) -> None:
        """Tell, once, that the folder is there."""
        if not self._opened:
            self._opened = True
            self.clock = Clock()
            self.tell(Opened(self.order.job, self.order.out))

    @property
    def rate(self) -> float:
        return self.steps / max(self.clock.seconds, 1e-3)


class _SearchWatch(_Watch):
    """Observes a search."""

    def __init__(self, order: RunOrder, desk: Desk, tell: Tell, images: int, config: Any) -> None:
        super().__init__(order, desk, tell, images, config)
        self._last: dict[int, SearchProgress] = {}  # of the images in work
        self._rows: dict[int, list[list[float]]] = {}  # their generations that were not told yet
        self._ended = self._queries_of_ended = 0
        desk.on_watch = self.tell_of

    def run(self, classifier: "Classifier", dataset: Dataset, **goal: Any) -> Any:
        from tfstab.search import run_search

        self._ended = parts_of(self.order.out)
        return run_search(
            classifier, dataset, self.config, self.order.out, self.on_generation, self.on_result, **goal
        )  # fmt: skip

    def on_generation(self, progress: "SearchProgress") -> "Stop | None":
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
        self.open()
        self.tell_of(result.image)
        self._last.pop(result.image, None)
        self._ended += 1
        self._queries_of_ended += result.queries
        self.tell(ImageDone(self.order.job, result.image, result.found, result.l2, result.stop_reason))
        self._tell_progress()

    def tell_of(self, image: int) -> None:
        """Tell what an image in work has come to since it was last told."""
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


class _SweepWatch(_Watch):
    """Observes a sweep."""

    _before: int | None = None

    def run(self, classifier: "Classifier", dataset: Dataset, **goal: Any) -> Any:
        from tfstab.sweep import run_sweep

        return run_sweep(classifier, dataset, self.config, self.order.out, self.on_progress)

    def on_progress(self, progress: "SweepProgress") -> None:
        self.open()
        if self._before is None:  # the first call tells of parts made earlier, or of the first batch
            self._before = progress.done
        self.steps = progress.done - self._before
        if self.clock.due("progress") or progress.done == progress.total:
            share = progress.done / progress.total
            self.tell(Progress(self.order.job, progress.done, progress.total, share, self.rate, "degraded images"))
        self.clock.leave_out(self.desk.wait())
        self.desk.check()


def parts_of(out: str) -> int:
    """How many parts a run folder has already."""
    from tfstab.runs.files import find_parts

    return len(find_parts(Path(out).expanduser()))
