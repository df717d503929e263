"""One call of the engine `pygad`: which images are searched beside each other, and how they are scored."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from tfstab.classifier.classifier import default_batch
from tfstab.search.engines.pygad.default import DefaultStrategy
from tfstab.search.engines.pygad.islands import Island, IslandGA
from tfstab.search.engines.pygad.paper import PaperStrategy
from tfstab.search.engines.pygad.strategy import Strategy
from tfstab.search.objective import Evaluation
from tfstab.search.progress import Observer
from tfstab.search.result import MinimumNoise
from tfstab.search.task import Task
from tfstab.search.trace import StopReason, Trace

if TYPE_CHECKING:
    from tfstab.classifier import Classifier
    from tfstab.search.config import SearchConfig

STRATEGIES: dict[str, type[Strategy]] = {"default": DefaultStrategy, "paper": PaperStrategy}


def search(
    classifier: "Classifier",
    tasks: list[Task],
    config: "SearchConfig",
    on_result: Callable[[MinimumNoise], None],
    observer: Observer,
) -> None:
    """Search the tasks on as many islands as fill the classifier's batch."""
    if not tasks:
        return
    offspring = STRATEGIES[config.options.preset](tasks[0], config).offspring
    count = max(1, min(len(tasks), default_batch(classifier.input_shape) // offspring))
    session = _Session(_batches(classifier, count, offspring), iter(tasks), config, on_result, observer)
    islands = [island for island in (session.next_island() for _ in range(count)) if island is not None]
    # An island's matrix products are small: BLAS threads would not speed them up, and would take cores from the model.
    with threadpool_limits(1, "blas"):
        IslandGA(islands, session).run()


def _batches(classifier: "Classifier", islands: int, offspring: int) -> "list[Classifier]":
    """Return the classifier for each number of islands that have an image, from 1 to `islands`.

    The batch is at least large enough for their offspring. At the end of a set of images fewer and fewer islands have
    one, so the batch is halved as they leave; sizes in between would cost more compiling than they save. On a CPU, an
    image's scores are the same to the bit in batches of any size from 2 (measured on the bundled networks and
    MobileNetV2). That is not known of GPUs, which keep one size, since a result must not depend on its neighbours.
    """
    sizes = [islands]
    while sizes[-1] > 1 and classifier.device == "CPU":
        sizes.append((sizes[-1] + 1) // 2)
    made = {size: classifier.with_batch_size(size * offspring) for size in sizes}
    return [made[min(size for size in sizes if size >= count)] for count in range(1, islands + 1)]


class _Session:
    """What the islands of one call share: the model, the images to come, the observer."""

    def __init__(
        self,
        classifiers: "list[Classifier]",
        tasks: Iterator[Task],
        config: "SearchConfig",
        on_result: Callable[[MinimumNoise], None],
        observer: Observer,
    ) -> None:
        self.classifiers, self.tasks, self.config = classifiers, tasks, config
        self.on_result, self.observer = on_result, observer
        self.images: NDArray[np.float32] | None = None

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

    def score(
        self, islands: list[Island | None], offspring: np.ndarray
    ) -> list[tuple[Evaluation, NDArray[np.float64]] | None]:
        """Score the offspring, float32 noise (I, B, G), of all islands that have an image in one call."""
        if self.images is None:  # kept, because allocating it takes longer than filling it
            self.images = np.empty_like(offspring)
        active = [(k, island) for k, island in enumerate(islands) if island is not None]
        images, classifier = self.images[: len(active)], self.classifiers[len(active) - 1]
        for (k, island), degraded in zip(active, images, strict=True):
            # Stays within grey levels, because the noise was clipped and rounding is monotone.
            np.add(offspring[k], island.pixels, out=degraded)
        log_scores = classifier.log_scores(images.reshape(-1, *classifier.input_shape))
        scored: list[tuple[Evaluation, NDArray[np.float64]] | None] = [None] * len(islands)
        for (k, island), own in zip(active, np.split(log_scores, len(active)), strict=True):
            task = island.trace.task
            scored[k] = task.evaluate(own, task.norm.quick_length(offspring[k]), self.config), own
        return scored

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
