"""The engine `boundary`: short walks along the decision boundary, with gradients.

The walks are those of the refinement (`tfstab.search.refine`). They start at the clean image, each towards one of its
leading other classes, so no other search is needed first. 100 gradients and 300 queries end 0.5 to 2 % above what the
genetic search and the refinement find with 20,000; `tfstab.assess` uses it.

Several images share each batch, which makes a large network several times as fast as one image at a time.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tfstab.search.engine import Engine, Variant, setting
from tfstab.search.progress import Observer
from tfstab.search.result import MinimumNoise
from tfstab.search.sparse import walk_type
from tfstab.search.task import Task
from tfstab.search.trace import StopReason, Trace
from tfstab.search.walks import BATCH, group_size, step

if TYPE_CHECKING:
    from tfstab.classifier import Classifier
    from tfstab.search.config import SearchConfig

FIRST = 0.4  # share of max_queries after which only the walk with the least noise goes on


@dataclass(frozen=True)
class Settings:
    """The engine's own settings."""

    walks: int = setting(3, "leading other classes, towards each of which a walk starts", least=1)


def search(
    classifier: "Classifier",
    tasks: list[Task],
    config: "SearchConfig",
    on_result: Callable[[MinimumNoise], None],
    observer: Observer,
) -> None:
    """Search as `tfstab.search.engines` describes; a generation is one step of an image's walks."""
    classifier = classifier.with_batch_size(BATCH)
    size = group_size(math.prod(classifier.input_shape))
    for start in range(0, len(tasks), size):
        searches = [_Search(task, config, observer) for task in tasks[start : start + size]]
        _walk(classifier, searches)
        for one in searches:
            on_result(one.trace.result(classifier, config, one.best.best, one.stopped or StopReason.QUERIES))
        if observer.stopped:
            return


class _Search:
    """The search of one image."""

    def __init__(self, task: Task, config: "SearchConfig", observer: Observer) -> None:
        self.trace, self.config = Trace(task, observer), config
        self.stopped: StopReason | None = None
        self.kind = walk_type(task.norm)
        self.cost = 1 + self.kind.tries  # of a walk's step: a gradient counts as one query, and so does each trial
        most = min(config.options.walks, config.max_queries // self.cost) if task.goal.any_rival else 1
        rivals = task.goal.leading(task.clean_log_scores)[:most]
        self.walks = [self.kind(task, np.zeros(len(task.pixels)), rival, fixed=True) for rival in rivals]
        self.best, self.begun = self.walks[0], 0.0

    @property
    def spent(self) -> int:
        """What it has used of max_queries."""
        return self.trace.queries + self.trace.gradients

    @property
    def over(self) -> bool:
        """Whether the observer has stopped it, or a step would exceed max_queries."""
        return self.stopped is not None or self.spent + len(self.walks) * self.cost > self.config.max_queries

    @property
    def share(self) -> float:
        """The share of the way that its walks go in the next step: it falls to 0 twice, also for the last walk."""
        end = 1.0 if self.begun else FIRST
        done = self.spent / self.config.max_queries
        return ((end - done) / (end - self.begun)) ** 2

    def take(self, noise: np.ndarray, log_scores: np.ndarray) -> None:
        """Record a step, from the noise (B, G) and log-scores (B, K) of its trials."""
        self.trace.queries += len(self.walks) * self.kind.tries
        self.trace.gradients += len(self.walks)
        self.best = min(self.walks, key=lambda walk: walk.best_norm)
        found, norm = bool(np.isfinite(self.best.best_norm)), self.trace.task.norm.length(noise)
        scored = self.trace.task.evaluate(log_scores, norm, self.config)
        generation = self.trace.generation(scored, self.best.best_norm if found else 0.0)
        self.stopped = self.trace.record(generation, self.best.best, found)
        if not self.begun and self.spent >= FIRST * self.config.max_queries:
            self.begun, best = self.spent / self.config.max_queries, self.best
            self.best = self.kind(self.trace.task, best.best, best.rival, best.best_norm) if found else best
            self.walks = [self.best]


def _walk(classifier: "Classifier", searches: list[_Search]) -> None:
    """Let the walks of a group of images go on until all its searches are over."""
    while live := [one for one in searches if not one.over]:
        count = len(live[0].walks)  # all images have the same number of walks, and have made the same steps
        tried = step([walk for one in live for walk in one.walks], live[0].share, classifier)
        for k, one in enumerate(live):
            own = tried[k * count : (k + 1) * count]
            one.take(np.concatenate([noise for noise, _ in own]), np.concatenate([scores for _, scores in own]))


ENGINE = Engine(
    search,
    (Variant("Boundary walk", "Short walks along the decision boundary, with gradients", max_queries=400),),
    Settings,
    gradients=True,
)
