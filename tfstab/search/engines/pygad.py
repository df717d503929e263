"""The engine `pygad`: the genetic search, several images at once."""

import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import numpy as np
from threadpoolctl import threadpool_limits

from tfstab.classifier.classifier import default_batch
from tfstab.search import paper, sketch
from tfstab.search.config import SearchConfig
from tfstab.search.islands import Island, IslandGA
from tfstab.search.objective import Evaluation
from tfstab.search.outcome import make_result
from tfstab.search.result import MinimumNoise
from tfstab.search.snapshot import OnGeneration, SearchProgress, Stop
from tfstab.search.task import Task

if TYPE_CHECKING:
    from tfstab.classifier import Classifier


def search(
    classifier: "Classifier", tasks: list[Task], config: SearchConfig, on_result: Callable[[MinimumNoise], None],
    on_generation: OnGeneration | None = None,
) -> None:
    """See `tfstab.search.engines`."""
    if not tasks:
        return
    is_paper = config.preset == "paper"
    elites = config.elites if is_paper else 1
    offspring = paper.offspring(config) if is_paper else sketch.PROBES + sketch.TRIALS
    count = max(1, min(len(tasks), default_batch(classifier.input_shape) // offspring))
    session = _Session(classifier.with_batch_size(count * offspring), iter(tasks), config, on_result, on_generation)
    islands = [session.next_island() for _ in range(count)]
    ga = IslandGA([island for island in islands if island is not None], elites, offspring, session)
    # The products of an island are small: BLAS's threads would gain nothing, and take the cores from the model.
    with threadpool_limits(1, "blas"):
        ga.run()


class _Session:
    """What the islands of one call share: the model, the images still to come, the observer."""

    def __init__(
        self, classifier: "Classifier", tasks: Iterator[Task], config: SearchConfig,
        on_result: Callable[[MinimumNoise], None], on_generation: OnGeneration | None,
    ) -> None:
        self.classifier, self.tasks, self.config = classifier, tasks, config
        self.on_result, self.on_generation = on_result, on_generation
        self.stopped = False
        self.images: np.ndarray | None = None

    def next_island(self) -> Island | None:
        """An island for the next image, or None where none is left."""
        task = None if self.stopped else next(self.tasks, None)
        if task is None:
            return None
        clean = task.evaluate(task.clean_log_scores[None], np.zeros(1), self.config)
        strategy = paper.PaperStrategy if self.config.preset == "paper" else sketch.SketchStrategy
        return Island(task, strategy(task, self.config), float(clean.objective[0]), float(clean.fitness[0]))

    def score(
        self, islands: list[Island | None], offspring: np.ndarray
    ) -> list[tuple[Evaluation, np.ndarray] | None]:
        """Score the offspring, float32 noise (I, B, G), of all islands in one call."""
        count, size, genes = offspring.shape
        if self.images is None:  # kept, because fresh memory costs more than what is done with it
            self.images = np.zeros((count, size, genes), np.float32)
        images = self.images
        for k, island in enumerate(islands):
            if island is not None:
                # Within grey levels, as the noise is what remained after clipping and rounding is monotone.
                np.add(offspring[k], island.pixels, out=images[k])
        log_scores = self.classifier.log_scores(images.reshape(-1, *self.classifier.input_shape))
        log_scores = log_scores.reshape(count, size, -1)
        scored: list[tuple[Evaluation, np.ndarray] | None] = []
        for k, island in enumerate(islands):
            if island is None:
                scored.append(None)
                continue
            norm = np.sqrt(np.einsum("bg,bg->b", offspring[k], offspring[k]), dtype=np.float64)
            scored.append((island.task.evaluate(log_scores[k], norm, self.config), log_scores[k]))
        return scored

    def stop_reason(self, island: Island, noise: np.ndarray) -> str | None:
        """Whether this island's search is over, and why."""
        if self.stopped:
            return "observer"
        answer = self.on_generation(self._progress(island, noise)) if self.on_generation else None
        if answer is Stop.ALL:
            self.stopped = True
        if answer is not None:
            return "observer"
        max_queries, patience = self.config.limits
        if island.queries + island.queries // island.generations > max_queries:
            return "queries"
        return "patience" if island.unchanged >= patience else None

    def _progress(self, island: Island, noise: np.ndarray) -> SearchProgress:
        best, mean, norm, share = island.history[-1]
        return SearchProgress(
            island.task.image, island.generations, island.queries, best, mean, norm, island.found, share,
            noise.reshape(self.classifier.input_shape).copy(),
        )  # fmt: skip

    def finish(self, island: Island, noise: np.ndarray, reason: str) -> Island | None:
        """Hand out the island's result; gives the island of the next image."""
        result = make_result(
            self.classifier, island.task, self.config, noise, queries=island.queries, generations=island.generations,
            seconds=time.perf_counter() - island.started, stop_reason=reason, history=island.history,
        )  # fmt: skip
        self.on_result(result)
        return self.next_island()
