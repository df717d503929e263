"""One call of the engine `pygad`: which images are searched beside each other, and how they are scored."""

import functools
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tfstab.classifier.inputs import STEADY, default_batch, steady
from tfstab.search.blas import one_thread
from tfstab.search.engines.pygad.default import DefaultStrategy
from tfstab.search.engines.pygad.islands import Batch, Island, Scores
from tfstab.search.engines.pygad.loop import IslandGA
from tfstab.search.engines.pygad.paper import PaperStrategy
from tfstab.search.engines.pygad.strategy import Strategy
from tfstab.search.objective import Evaluation, evaluate_all
from tfstab.search.progress import Observer
from tfstab.search.result import MinimumNoise
from tfstab.search.task import Task
from tfstab.search.trace import StopReason, Trace

if TYPE_CHECKING:
    from tfstab.classifier import Classifier
    from tfstab.search.config import SearchConfig

Function = Callable[[NDArray[np.float32]], NDArray[np.float64]]  # images to log-scores
Pending = Callable[[], NDArray[np.float64]]
STRATEGIES: dict[str, type[Strategy]] = {"default": DefaultStrategy, "paper": PaperStrategy}


def search(
    classifier: "Classifier",
    tasks: list[Task],
    config: "SearchConfig",
    on_result: Callable[[MinimumNoise], None],
    observer: Observer,
) -> None:
    """Search the tasks on as many islands as fill a batch of the classifier; of more tasks, on two batches."""
    if not tasks:
        return
    offspring = STRATEGIES[config.options.preset](tasks[0], config).offspring
    full = max(1, default_batch(classifier.input_shape) // offspring)
    count = min(len(tasks), 2 * full if classifier.background else full)
    size = count if count <= full else (count + 1) // 2
    with one_thread(), ThreadPoolExecutor(1) as thread:
        begin = functools.partial(_in_background, thread) if count > size else _at_once
        session = _Session(_batches(classifier, size, offspring), begin, iter(tasks), config, on_result, observer)
        islands = [session.next_island() for _ in range(count)] + [None] * (-count % size)
        IslandGA([Batch(islands[start : start + size]) for start in range(0, count, size)], session).run()


def _at_once(log_scores: Function, images: NDArray[np.float32]) -> Pending:
    """Compute log-scores, and return what returns them."""
    values = log_scores(images)
    return lambda: values


def _in_background(thread: Executor, log_scores: Function, images: NDArray[np.float32]) -> Pending:
    """Begin to compute log-scores in another thread, and return what waits for them."""
    return thread.submit(log_scores, images).result


def _batches(classifier: "Classifier", islands: int, offspring: int) -> "list[Classifier]":
    """Return the classifier for each number of islands that have an image, from 1 to `islands`.

    The batch is at least large enough for their offspring. At the end of a set of images fewer and fewer islands have
    one, so the batch is halved as they leave; sizes in between would cost more compiling than they save. On a CPU, an
    image's scores are the same to the bit in batches of any of these sizes; see `STEADY`, also for networks of which
    they depend on the place in the batch. That is not known of GPUs, which keep one size, since a result should not
    depend on its neighbours.
    """
    sizes = [islands]
    while sizes[-1] > 1 and classifier.device == "CPU":
        sizes.append((sizes[-1] + 1) // 2)
    made = {size: classifier.with_batch_size(steady(size * offspring + STEADY - 1)) for size in sizes}
    return [made[min(size for size in sizes if size >= count)] for count in range(1, islands + 1)]


class _Session:
    """What the islands of one call share: the model, the images to come, the observer."""

    def __init__(
        self,
        classifiers: "list[Classifier]",
        begin: Callable[[Function, NDArray[np.float32]], Pending],
        tasks: Iterator[Task],
        config: "SearchConfig",
        on_result: Callable[[MinimumNoise], None],
        observer: Observer,
    ) -> None:
        self.classifiers, self.begin, self.tasks, self.config = classifiers, begin, tasks, config
        self.on_result, self.observer = on_result, observer

    def next_island(self) -> Island | None:
        """Return an island for the next image, or None if none is left."""
        task = None if self.observer.stopped else next(self.tasks, None)
        if task is None:
            return None
        strategy, trace = STRATEGIES[self.config.options.preset](task, self.config), Trace(task, self.observer)
        if not strategy.from_clean:
            return Island(trace, strategy)
        clean = task.evaluate(task.clean_log_scores[None], np.zeros(1), self.config)
        return Island(trace, strategy, float(clean.objective[0]), float(clean.fitness[0]))

    def score(self, batch: Batch) -> Scores:
        """Begin to score the offspring of all islands that have an image; return what waits for the scores."""
        active = list(batch.active())
        classifier, images = self.classifiers[len(active) - 1], batch.images
        if len(active) < len(images):
            images = images[[k for k, _ in active]]
        pending = self.begin(classifier.log_scores, images.reshape(-1, *classifier.input_shape))

        def evaluated() -> list[tuple[Evaluation, NDArray[np.float64]]]:
            own = np.split(pending(), len(active))
            tasks, config = [island.trace.task for _, island in active], self.config
            norms = tasks[0].norm.quick_length(batch.offspring)[[k for k, _ in active]]
            evaluations = evaluate_all(
                own,
                [task.goal for task in tasks],
                norms,
                beta=config.beta,
                lambda_=config.lambda_,
                equation=config.objective,
            )
            return list(zip(evaluations, own, strict=True))

        return evaluated

    def stop_reason(self, island: Island, shown: StopReason | None) -> StopReason | None:
        """Return why this island's search is over, or None."""
        if shown is not None or self.observer.stopped:
            return StopReason.OBSERVER
        queries = island.trace.queries
        if queries + queries // len(island.trace.history) > self.config.max_queries:
            return StopReason.QUERIES
        return StopReason.PATIENCE if island.unchanged >= self.config.options.patience else None

    def finish(self, island: Island, noise: np.ndarray, reason: StopReason) -> Island | None:
        """Hand out the island's result; return the island of the next image, if there is one."""
        self.on_result(island.trace.result(self.classifiers[-1], self.config, noise, reason))
        return self.next_island()
