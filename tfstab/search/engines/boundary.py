"""The engine `boundary`: short walks along the decision boundary, with gradients.

The walks are those of the refinement (`tfstab.search.refine`). They start at the clean image, each towards one of its
leading other classes, so no other search is needed first. A few hundred queries come within a few per cent of what the
genetic search and the refinement find with ten to a hundred times as many; `tfstab.assess` uses it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tfstab.search.engine import Engine, Variant, setting
from tfstab.search.progress import Observer
from tfstab.search.refine import BEYOND, Walk, step
from tfstab.search.result import Generation, MinimumNoise
from tfstab.search.task import Task
from tfstab.search.trace import StopReason, Trace

if TYPE_CHECKING:
    from tfstab.classifier import Classifier
    from tfstab.search.config import SearchConfig

QUERIES = 1 + len(BEYOND)  # of a walk in a round: a gradient, which counts as one, and the trials
FIRST, LAST = 0.4, 2  # share of the queries after which only so many walks go on, those with the least noise


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
    """Search as `tfstab.search.engines` describes; a generation is one step of all walks."""
    for task in tasks:
        on_result(_search_one(classifier, task, config, observer))
        if observer.stopped:
            return


def _search_one(classifier: "Classifier", task: Task, config: "SearchConfig", observer: Observer) -> MinimumNoise:
    """Return the result for one image."""
    trace, nothing, most = Trace(task, observer), np.zeros(len(task.pixels)), config.max_queries
    rivals = task.goal.leading(task.clean_log_scores)[: config.options.walks if task.goal.any_rival else 1]
    walks = [Walk(task, nothing, rival, fixed=True) for rival in rivals]
    best, stopped = walks[0], None
    while stopped is None and trace.queries + len(walks) * QUERIES <= most:
        differentiated = classifier.with_batch_size(max(2, len(walks)))
        scored = classifier.with_batch_size(len(walks) * len(BEYOND))
        noise, log_scores = step(walks, (1 - trace.queries / most) ** 2, differentiated, scored)
        trace.queries += len(walks) * QUERIES
        best = min(walks, key=lambda walk: walk.best_norm)
        stopped = _record(trace, config, best, noise, log_scores)
        if trace.queries >= FIRST * most:
            walks = sorted(walks, key=lambda walk: walk.best_norm)[:LAST]
    # In a small batch, because a large network takes long for one that is padded.
    return trace.result(
        classifier.with_batch_size(LAST * len(BEYOND)), config, best.best, stopped or StopReason.QUERIES
    )


def _record(
    trace: Trace, config: "SearchConfig", best: Walk, noise: np.ndarray, log_scores: np.ndarray
) -> StopReason | None:
    """Record a step as a generation, from the noise (B, G) and log-scores (B, K) of its trials."""
    found, norm = bool(np.isfinite(best.best_norm)), trace.task.norm.length(noise)
    scored = trace.task.evaluate(log_scores, norm, config)
    reached = scored.objective[scored.flipped] if scored.flipped.any() else scored.objective
    least = min((entry.best for entry in trace.history), default=np.inf)
    generation = Generation(
        min(least, float(reached.min())),
        float(scored.objective.mean()),
        best.best_norm if found else 0.0,
        float(scored.flipped.mean()),
    )
    return trace.record(generation, best.best, found)


ENGINE = Engine(
    search,
    (Variant("Boundary walk", "Short walks along the decision boundary, with gradients", max_queries=400),),
    Settings,
    gradients=True,
)
