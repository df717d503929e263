"""Refinement: from noise that any engine found to a local minimum of ||r|| on the decision boundary, with gradients.

Several walks (`tfstab.search.walks`) start from the noise that was found, from copies of it with random noise added,
and from the clean image towards each of its leading other classes. After a first phase only the walks with the least
noise continue. Several images are refined together, because large batches are faster.
"""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from tfstab.search.result import Generation, MinimumNoise
from tfstab.search.task import Task
from tfstab.search.trace import make_result
from tfstab.search.walks import BATCH, BEYOND, Walk, step

if TYPE_CHECKING:
    from tfstab.classifier import Classifier
    from tfstab.search.config import SearchConfig

FULL = 670  # gradients computed for one image with refine=True
LEAST = 8  # smallest number of gradients that refine may be
GROUP = 8  # images that are refined together
SHAKEN = 8  # walks that start from the noise found, with random noise of the same length added
TOWARDS = 2  # leading other classes, towards each of which a walk starts from the clean image


def schedule(gradients: int) -> list[tuple[int, int]]:
    """Return the number of walks and of rounds of each phase, for this many gradients."""
    if gradients >= FULL // 2:
        many = 1 + SHAKEN + TOWARDS
        first = gradients * 220 // 670 // many
        return [(many, first), (3, (gradients - many * first) // 3)]
    first = gradients // 8
    return [(3, first), (1, gradients - 3 * first)]


class Refiner:
    """Finds less noise for results of other engines, several at a time.

    Parameters
    ----------
    classifier : Classifier
        Model under test, with gradients.
    config : SearchConfig
        Settings of the search; `refine` is the number of gradients of each image, or True for `FULL`.
    on_result : callable
        Gets each refined MinimumNoise.
    """

    def __init__(
        self, classifier: "Classifier", config: "SearchConfig", on_result: Callable[[MinimumNoise], None]
    ) -> None:
        self.classifier, self.config, self.on_result = classifier.with_batch_size(BATCH), config, on_result
        self.waiting: list[tuple[Task, MinimumNoise]] = []

    def add(self, task: Task, result: MinimumNoise) -> None:
        """Add a result; once there are enough for a batch, they are refined."""
        self.waiting.append((task, result))
        if len(self.waiting) == GROUP:
            self.finish()

    def finish(self) -> None:
        """Refine the results that are still waiting, and report them."""
        if not self.waiting:
            return
        started = time.perf_counter()
        images = [_Refinement(task, result, self.config) for task, result in self.waiting]
        self.waiting = []
        _walk(self.classifier, images, self.config.most_gradients)
        seconds = (time.perf_counter() - started) / len(images)
        for image in images:
            began = time.perf_counter()
            refined = image.result(self.classifier)
            took = seconds + time.perf_counter() - began
            self.on_result(replace(refined, seconds=image.found.seconds + took))


class _Refinement:
    """The refinement of one image."""

    def __init__(self, task: Task, found: MinimumNoise, config: "SearchConfig") -> None:
        self.task, self.found, self.config = task, found, config
        self.walks = starts(task, found, config.seed)
        self.queries = self.gradients = 0

    def keep(self, count: int) -> None:
        """Keep the walks with the least noise."""
        self.walks = sorted(self.walks, key=lambda walk: walk.best_norm)[:count]

    def result(self, classifier: "Classifier") -> MinimumNoise:
        """Return a result with less noise, or with noise that flips if none was found; else the same noise."""
        found = self.found
        counts = {"queries": found.queries + self.queries, "gradients": found.gradients + self.gradients}
        refined = make_result(
            classifier,
            self.task,
            self.config,
            min(self.walks, key=lambda walk: walk.best_norm).best,
            seconds=0.0,
            stop_reason=found.stop_reason,
            history=[Generation(*generation) for generation in found.history],
            repair_queries=found.repair_queries,
            **counts,
        )
        # In a batch of another shape, the scores of an image on the boundary may round to the other side.
        return refined if refined.found else replace(found, queries=refined.queries, gradients=refined.gradients)


def _walk(classifier: "Classifier", images: list[_Refinement], gradients: int) -> None:
    """Let the walks of all images go on until the gradients are used up."""
    phases = schedule(gradients)
    rounds, turn = sum(rounds for _, rounds in phases), 0
    for count, length in phases:
        for image in images:
            image.keep(count)
        walks = [walk for image in images for walk in image.walks]
        for _ in range(length):
            step(walks, (1 - turn / rounds) ** 2, classifier)
            turn += 1
        for image in images:
            image.gradients += length * len(image.walks)
            image.queries += length * len(image.walks) * len(BEYOND)


def starts(task: Task, result: MinimumNoise, seed: int) -> list[Walk]:
    """Return the walks of one image; the first starts from the noise found."""
    found = task.goal.leading(result.scores)[0]
    noise = result.noise.reshape(-1).astype(np.float64)
    towards = task.goal.leading(task.clean_scores)[: TOWARDS if task.goal.any_rival else 1]
    rng, length = task.generator(seed), float(task.norm.length(noise))
    walks = [Walk(task, noise, found, length if result.found else np.inf)]
    walks += [Walk(task, np.zeros_like(noise), rival, fixed=True) for rival in towards]
    for _ in range(SHAKEN):
        shake = rng.standard_normal(len(noise)) * task.free
        shaken = np.clip(task.pixels + noise + length / task.norm.length(shake) * shake, 0, 255) - task.pixels
        walks.append(Walk(task, shaken, found))
    return walks
