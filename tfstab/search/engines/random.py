"""The engine `random`: Gaussian noise of growing sigma, the yardstick that a search must beat."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from tfstab.search.config import SearchConfig
from tfstab.search.outcome import make_result
from tfstab.search.result import MinimumNoise
from tfstab.search.snapshot import OnGeneration, SearchProgress, Stop
from tfstab.search.task import Task

if TYPE_CHECKING:
    from tfstab.classifier import Classifier

DRAWS = 100  # noises at each sigma
GROWTH = 1.1  # from one sigma to the next, which starts at 1 grey level


def search(
    classifier: "Classifier", tasks: list[Task], config: SearchConfig, on_result: Callable[[MinimumNoise], None],
    on_generation: OnGeneration | None = None,
) -> None:
    """See `tfstab.search.engines`. A generation is one sigma; it ends with the first sigma at which a draw flips."""
    classifier = classifier.with_batch_size(DRAWS)
    for task in tasks:
        result, answer = _search_one(classifier, task, config, on_generation)
        on_result(result)
        if answer is Stop.ALL:
            return


def _search_one(
    classifier: "Classifier", task: Task, config: SearchConfig, on_generation: OnGeneration | None
) -> tuple[MinimumNoise, Stop | None]:
    started, rng = time.perf_counter(), task.generator(config.seed)
    history: list[tuple[float, float, float, float]] = []
    best, answer, reason, sigma = np.zeros(task.clean.shape, np.float32), None, "queries", 1.0
    while (len(history) + 1) * DRAWS <= config.limits[0]:
        noise = rng.standard_normal((DRAWS, *task.clean.shape), np.float32) * np.float32(sigma)
        degraded = np.clip(task.clean + noise * task.free.reshape(task.clean.shape), 0, 255)
        noise = degraded - task.clean
        norm = np.sqrt(np.square(noise, dtype=np.float64).sum(axis=(1, 2, 3)))
        evaluation = task.evaluate(classifier.log_scores(degraded), norm, config)
        row = int(evaluation.fitness.argmax())
        best, found = noise[row], bool(evaluation.flipped[row])
        share = float(evaluation.flipped.mean())
        history.append((float(evaluation.objective[row]), float(evaluation.objective.mean()), float(norm[row]), share))
        if on_generation is not None:
            count = len(history)
            answer = on_generation(SearchProgress(
                task.image, count, count * DRAWS, history[-1][0], history[-1][1], history[-1][2], found, share, best,
            ))  # fmt: skip
        if answer is not None or found:
            reason = "observer" if answer is not None else "converged"
            break
        sigma *= GROWTH
    result = make_result(
        classifier, task, config, best, queries=len(history) * DRAWS, generations=len(history),
        seconds=time.perf_counter() - started, stop_reason=reason, history=history,
    )  # fmt: skip
    return result, answer
