"""The engine `pygad`: the paper's genetic search, several images at once."""

import hashlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import numpy as np

from tfstab.search.config import SearchConfig
from tfstab.search.islands import Island, IslandGA
from tfstab.search.objective import Evaluation, evaluate
from tfstab.search.repair import nearest_uint8
from tfstab.search.result import MinimumNoise
from tfstab.search.snapshot import OnGeneration, SearchProgress, Stop
from tfstab.search.task import Task

if TYPE_CHECKING:
    from tfstab.classifier import Classifier

ROWS_PER_CALL = 256  # about where a CPU's throughput levels off


def search(
    classifier: "Classifier", tasks: list[Task], config: SearchConfig, on_result: Callable[[MinimumNoise], None],
    on_generation: OnGeneration | None = None,
) -> None:
    """Search these images; on_result gets each as it is finished, in any order.

    A result depends on the classifier, the image, its index and the configuration alone.
    """
    if not tasks:
        return
    offspring = config.population - config.elites
    count = max(1, min(len(tasks), ROWS_PER_CALL // offspring))
    session = _Session(classifier.with_batch_size(count * offspring), iter(tasks), config, on_result, on_generation)
    islands = [session.next_island() for _ in range(count)]
    IslandGA([island for island in islands if island is not None], config, session).run()


class _Session:
    """What the islands of one call share: the model, the images still to come, the observer."""

    def __init__(
        self, classifier: "Classifier", tasks: Iterator[Task], config: SearchConfig,
        on_result: Callable[[MinimumNoise], None], on_generation: OnGeneration | None,
    ) -> None:
        self.classifier, self.tasks, self.config = classifier, tasks, config
        self.on_result, self.on_generation = on_result, on_generation
        self.open: dict[int, Task] = {}
        self.stopped = False

    def next_island(self) -> Island | None:
        """An island for the next image, or None where none is left."""
        task = None if self.stopped else next(self.tasks, None)
        if task is None:
            return None
        self.open[task.image] = task
        start = self._evaluate(task.clean_log_scores[None], task.class_index, np.zeros(1))
        # A stream of random numbers for each image, named by its pixels: the same in any order or selection.
        name = int.from_bytes(hashlib.sha256(np.ascontiguousarray(task.clean).data).digest()[:8], "little")
        rng = np.random.Generator(np.random.Philox(key=[self.config.seed, 1], counter=[0, 0, 0, name]))
        clean = task.clean.astype(np.float32).reshape(-1)
        return Island(task.image, task.class_index, clean, rng, float(start.objective[0]), float(start.fitness[0]))

    def score(self, islands: list[Island | None], offspring: np.ndarray) -> list[tuple[Evaluation, np.ndarray] | None]:
        """Score the offspring, float32 noise (I, B, G), of all islands in one call."""
        count, size, genes = offspring.shape
        images = np.zeros((count, size, genes), np.float32)
        for k, island in enumerate(islands):
            if island is not None:
                np.clip(offspring[k] + island.clean, 0, 255, out=images[k])
        log_scores = self.classifier.log_scores(images.reshape(-1, *self.classifier.input_shape))
        log_scores = log_scores.reshape(count, size, -1)
        results: list[tuple[Evaluation, np.ndarray] | None] = []
        for k, island in enumerate(islands):
            if island is None:
                results.append(None)
                continue
            norm = np.sqrt(np.einsum("bg,bg->b", offspring[k], offspring[k], dtype=np.float64))
            results.append((self._evaluate(log_scores[k], island.class_index, norm), norm))
        return results

    def _evaluate(self, log_scores: np.ndarray, class_index: int, norm: np.ndarray) -> Evaluation:
        return evaluate(log_scores, class_index, norm, self.config.beta, self.config.lambda_)

    def stop_reason(self, island: Island, noise: np.ndarray) -> str | None:
        """Whether this island's search is over, and why."""
        answer = self.on_generation(self._progress(island, noise)) if self.on_generation else None
        if answer is Stop.ALL:
            self.stopped = True
        if self.stopped or answer is Stop.IMAGE:
            return "observer"
        if island.generations >= self.config.max_generations:
            return "generations"
        return "patience" if island.unchanged >= self.config.patience else None

    def _progress(self, island: Island, noise: np.ndarray) -> SearchProgress:
        best, mean, norm, share = island.history[-1]
        return SearchProgress(
            island.image, island.generations, island.queries, best, mean, norm, island.best_flipped, share,
            noise.reshape(self.classifier.input_shape).copy(),
        )  # fmt: skip

    def finish(self, island: Island, noise: np.ndarray, reason: str) -> Island | None:
        """Hand out the island's result; gives the island of the next image."""
        task = self.open.pop(island.image)
        noise = noise.reshape(task.clean.shape)
        found = island.best_flipped
        l2_uint8 = nearest_uint8(self.classifier, task.clean, noise, task.class_index) if found else np.nan
        result = MinimumNoise(
            image=task.image,
            class_index=task.class_index,
            found=found,
            clean=task.clean,
            noise=noise,
            scores=self.classifier.scores(np.clip(task.clean + noise, 0, 255)[None])[0],
            clean_scores=task.clean_scores,
            l2_uint8=l2_uint8,
            objective=island.best_objective,
            queries=island.queries,
            generations=island.generations,
            stop_reason=reason,
            history=np.array(island.history),
        )
        self.on_result(result)
        return self.next_island()
