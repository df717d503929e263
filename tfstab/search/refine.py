"""Refinement: from noise that any engine found to a local minimum of ||r|| on the decision boundary, with gradients.

The walks (`tfstab.search.walks`) are divided into stages. In the first ones, walks from different starts
(`tfstab.search.starts`) take few steps with the norm's own momentum, which soon end at one of many local minima. In the
last one, the best ends are left more slowly, with a momentum that averages out the kinks of the boundary. If gradients
are few, there is one walk from the noise found, or the first stage chooses among the nearest classes and the second
lets the best walk go on. Several images are refined together, because large batches are faster.
"""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from tfstab.search.result import Generation, MinimumNoise
from tfstab.search.sparse import walk_type
from tfstab.search.starts import TOWARDS, VARIED, first_walks, varied_walks
from tfstab.search.task import Task
from tfstab.search.trace import StopReason, make_result
from tfstab.search.walks import BATCH, Walk, group_size, step

if TYPE_CHECKING:
    from tfstab.classifier import Classifier
    from tfstab.search.config import SearchConfig

FULL = 670  # gradients computed for one image with refine=True
LEAST = 8  # smallest number of gradients that refine may be
# Gradients from which on it is better to try the nearest classes first, and to look for other local minima.
SEVERAL, MANY = 64, 200
SLOW = 0.8  # momentum of the last stage
ENDS = 8  # ends of walks that are kept for later starts


class Stage(NamedTuple):
    """Walks of one image that take their steps together.

    Attributes
    ----------
    starts : str
        "first", the walks of `first_walks`; "varied", those of `varied_walks`; "best", the best ends so far.
    walks, steps : int
        Number of walks, at most, and of steps of each.
    momentum : float
        Weight of earlier gradients in their moving average; at least that of the norm.
    """

    starts: str
    walks: int
    steps: int
    momentum: float = 0.0


def schedule(gradients: int) -> list[Stage]:
    """Return the stages for this many gradients."""
    if gradients < SEVERAL:
        return [Stage("first", 1, gradients)]
    if gradients < MANY:
        classes = Stage("first", 1 + TOWARDS, gradients // 10)
        return [classes, Stage("best", 1, gradients - classes.walks * classes.steps)]
    steps = gradients // 45
    stages = [Stage("first", 11, steps), Stage("varied", VARIED, steps), Stage("varied", VARIED, steps)]
    left = gradients - sum(stage.walks * stage.steps for stage in stages)
    return [*stages, Stage("best", 3, left // 3, SLOW)]


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
        if len(self.waiting) >= group_size(task.clean.size):
            self.finish()

    def finish(self) -> None:
        """Refine the results that are still waiting, and report them."""
        if not self.waiting:
            return
        started = time.perf_counter()
        images = [_Refinement(task, result, self.config) for task, result in self.waiting]
        self.waiting = []
        for stage in schedule(self.config.most_gradients):
            _walk(self.classifier, images, stage)
        seconds = (time.perf_counter() - started) / len(images)
        for image in images:
            began = time.perf_counter()
            refined = image.result(self.classifier)
            took = seconds + time.perf_counter() - began
            self.on_result(replace(refined, seconds=image.found.seconds + took, course=image.found.course))

    def abandon(self) -> None:
        """Report the results that are still waiting as they are, as cut short by the observer.

        Their refinement could take minutes, but a search that is stopped must end soon.
        """
        for _, result in self.waiting:
            self.on_result(replace(result, stop_reason=str(StopReason.OBSERVER)))
        self.waiting = []


class _Refinement:
    """The refinement of one image."""

    def __init__(self, task: Task, found: MinimumNoise, config: "SearchConfig") -> None:
        self.task, self.found, self.config = task, found, config
        self.rng = task.generator(config.seed)
        self.walks: list[Walk] = []
        self.ends: list[Walk] = []  # the best walks of the stages before, all with noise that flips
        self.queries = self.gradients = 0

    def begin(self, stage: Stage) -> list[Walk]:
        """Return the walks of a stage; if nothing flips so far, those of the stage before continue."""
        if stage.starts == "first":
            self.walks = first_walks(self.task, self.found, stage.walks, stage.steps, self.rng)
        elif not self.ends:
            self.walks = self.walks[: stage.walks]
        elif stage.starts == "varied":
            self.walks = varied_walks(self.ends, self.rng)
        else:
            self.walks = [type(end)(self.task, end.best, end.rival, end.best_norm) for end in self.ends[: stage.walks]]
        return self.walks

    def end(self, stage: Stage) -> None:
        """Count a stage's gradients and queries, and keep the best ends."""
        self.gradients += len(self.walks) * stage.steps
        self.queries += len(self.walks) * stage.steps * walk_type(self.task.norm).tries
        flipped = [walk for walk in self.ends + self.walks if walk.best_norm < float("inf")]
        self.ends = sorted(flipped, key=lambda walk: walk.best_norm)[:ENDS]

    def result(self, classifier: "Classifier") -> MinimumNoise:
        """Return a result with less noise, or with noise that flips if none was found; else the same noise."""
        found = self.found
        counts = {"queries": found.queries + self.queries, "gradients": found.gradients + self.gradients}
        refined = make_result(
            classifier,
            self.task,
            self.config,
            self.ends[0].best if self.ends else found.noise,
            seconds=0.0,
            stop_reason=found.stop_reason,
            history=[Generation(*generation) for generation in found.history],
            repair_queries=found.repair_queries,
            **counts,
        )
        # In a batch of another shape, the scores of an image on the boundary may round to the other side.
        return refined if refined.found else replace(found, queries=refined.queries, gradients=refined.gradients)


def _walk(classifier: "Classifier", images: list[_Refinement], stage: Stage) -> None:
    """Let the walks of one stage of all images take their steps."""
    walks = [walk for image in images for walk in image.begin(stage)]
    for walk in walks:
        walk.momentum = max(walk.momentum, stage.momentum)
    for turn in range(stage.steps):
        step(walks, (1 - turn / stage.steps) ** 2, classifier)
    for image in images:
        image.end(stage)
