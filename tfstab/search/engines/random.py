"""The engine `random`: Gaussian noise of growing sigma, the baseline that a search must beat."""

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from tfstab.search.engine import Engine, Variant
from tfstab.search.norm import GREY
from tfstab.search.progress import Observer
from tfstab.search.result import Generation, MinimumNoise
from tfstab.search.task import Task
from tfstab.search.trace import StopReason, Trace

if TYPE_CHECKING:
    from tfstab.classifier import Classifier
    from tfstab.search.config import SearchConfig

DRAWS = 100  # noises at each sigma
GROWTH = 1.1  # from one sigma to the next; the first one is 1 grey level
LARGE = 255.0  # grey levels: noise of such a sigma leaves hardly anything of an image


def search(
    classifier: "Classifier",
    tasks: list[Task],
    config: "SearchConfig",
    on_result: Callable[[MinimumNoise], None],
    observer: Observer,
) -> None:
    """Search as `tfstab.search.engines` describes; a generation is one sigma, and the first that flips is the last."""
    classifier = classifier.with_batch_size(DRAWS)
    for task in tasks:
        on_result(_search_one(classifier, task, config, observer))
        if observer.stopped:
            return


def _search_one(classifier: "Classifier", task: Task, config: "SearchConfig", observer: Observer) -> MinimumNoise:
    """Return the result for one image."""
    trace, rng = Trace(task, observer), task.generator(config.seed)
    best, reason, sigma = np.zeros(task.clean.shape, np.float32), StopReason.QUERIES, 1.0
    while trace.queries + DRAWS <= config.max_queries:
        noise = rng.standard_normal((DRAWS, *task.clean.shape), np.float32) * np.float32(sigma)
        degraded = np.clip(task.clean + noise * task.free.reshape(task.clean.shape), 0, 255)
        noise = degraded - task.clean
        norm = task.norm.length(noise.reshape(DRAWS, -1))
        evaluation = task.evaluate(classifier.log_scores(degraded), norm, config)
        trace.queries += DRAWS
        row = int(evaluation.fitness.argmax())
        best, found, objective = noise[row], bool(evaluation.flipped[row]), evaluation.objective
        share = float(evaluation.flipped.mean())
        generation = Generation(float(objective[row]), float(objective.mean()), float(norm[row]), share)
        stopped = trace.record(generation, best, found)
        if stopped or found:
            reason = stopped or StopReason.CONVERGED
            break
        sigma *= GROWTH
    return trace.result(classifier, config, best, reason)


def short(config: "SearchConfig") -> str:
    """Return up to which sigma the noise grows with so few queries; "" if it grows until nothing is left of an image.

    Examples
    --------
    >>> from tfstab.search.engines.random import short
    >>> short(tfstab.SearchConfig("random", max_queries=2000)).partition("; ")[0]
    'Random noise was tried only up to sigma 6.1 grey levels'
    >>> short(tfstab.SearchConfig("random"))
    ''
    """
    largest, steps = GROWTH ** (config.max_queries // DRAWS - 1), math.ceil(math.log(LARGE, GROWTH))
    if largest >= LARGE:
        return ""
    return (
        f"Random noise was tried only up to sigma {largest:.1f} grey levels; more queries try larger noise, "
        f"--max-queries {DRAWS * (steps + 1)} up to sigma {GROWTH**steps:.0f}."
    )


ENGINE = Engine(
    search,
    (Variant("Random noise", "Gaussian noise of growing sigma: the yardstick", norms=GREY),),
    scores=False,
    short=short,
)
