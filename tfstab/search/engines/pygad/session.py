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
    session = _Session(classifier.with_batch_size(count * offspring), iter(tasks), config, on_result, observer)
    islands = [island for island in (session.next_island() for _ in range(count)) if island is not None]
    # An island's matrix products are small: BLAS threads would not speed them up, and would take cores from the model.
    with threadpool_limits(1, "blas"):
        IslandGA(islands, session).run()


class _Session:
    """What the islands of one call share: the model, the images to come, the observer."""

    def __init__(
        self,
        classifier: "Classifier",
        tasks: Iterator[Task],
        config: "SearchConfig",
        on_result: Callable[[MinimumNoise], None],
        observer: Observer,
    ) -> None:
        self.classifier, self.tasks, self.config = classifier, tasks, config
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
        """Score the offspring, float32 noise (I, B, G), of all islands in one call."""
        count, size, genes = offspring.shape
        if self.images is None:  # kept, because allocating it takes longer than filling it
            self.images = np.zeros((count, size, genes), np.float32)
        images = self.images
        for k, island in enumerate(islands):
            if island is not None:
                # Stays within grey levels, because the noise was clipped and rounding is monotone.
                np.add(offspring[k], island.pixels, out=images[k])
        log_scores = self.classifier.log_scores(images.reshape(-1, *self.classifier.input_shape))
        log_scores = log_scores.reshape(count, size, -1)
        scored: list[tuple[Evaluation, NDArray[np.float64]] | None] = []
        for k, island in enumerate(islands):
            if island is None:
                scored.append(None)
                continue
            task = island.trace.task
            norm = task.norm.quick_length(offspring[k])
            scored.append((task.evaluate(log_scores[k], norm, self.config), log_scores[k]))
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
        self.on_result(island.trace.result(self.classifier, self.config, noise, reason))
        return self.next_island()
