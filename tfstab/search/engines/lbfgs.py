"""The engine `lbfgs`: the older method (eq. 1), as Szegedy et al., *Intriguing properties of neural networks* (2013).

For a target class t it minimises  w ||r||^2 + cross-entropy(x + r, t)  within grey levels by box-constrained L-BFGS,
and looks by bisection for the largest weight w at which the minimum is still classified as t; the least noise over the
leading other classes counts. It uses the network's gradients, which the genetic search does not.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tfstab.search.engine import Engine, Variant, setting
from tfstab.search.progress import Observer
from tfstab.search.result import MinimumNoise
from tfstab.search.task import Task
from tfstab.search.trace import StopReason, Trace

if TYPE_CHECKING:
    from tfstab.classifier import Classifier
    from tfstab.search.config import SearchConfig

START_WEIGHT = 1e-3  # first weight of ||r||^2, per squared grey level
BISECTIONS = 12  # weights tried for each target
ITERATIONS = 60  # of L-BFGS, for each weight


@dataclass(frozen=True)
class Settings:
    """The engine's own settings."""

    targets: int = setting(3, "other classes to try as the target, the leading ones first", least=1)


def search(
    classifier: "Classifier",
    tasks: list[Task],
    config: "SearchConfig",
    on_result: Callable[[MinimumNoise], None],
    observer: Observer,
) -> None:
    """Search as `tfstab.search.engines` describes; a generation is one minimisation.

    Gradients count towards `max_queries`.
    """
    classifier = classifier.with_batch_size(2)
    for task in tasks:
        on_result(_Search(classifier, task, config, observer).run())
        if observer.stopped:
            return


class _Search:
    """The search of one image."""

    def __init__(self, classifier: "Classifier", task: Task, config: "SearchConfig", observer: Observer) -> None:
        self.classifier, self.task, self.config = classifier, task, config
        self.trace = Trace(task, observer)
        self.pixels = task.pixels.astype(np.float64)
        self.best, self.best_norm = np.zeros(len(self.pixels)), np.inf
        self.stopped: StopReason | None = None

    def run(self) -> MinimumNoise:
        """Search all targets and return the result."""
        for target in self.task.goal.targets(self.task.clean_log_scores, self.config.options.targets):
            self._bisect(target)
            if self.stopped is not None:
                break
        return self.trace.result(self.classifier, self.config, self.best, self.stopped or StopReason.CONVERGED)

    def _bisect(self, target: int) -> None:
        """Bisect the weight for this target, unless the search must stop."""
        low, high, weight = 0.0, np.inf, START_WEIGHT
        noise = np.zeros(len(self.pixels))
        for _ in range(BISECTIONS):
            noise, flipped = self._minimise(weight, target, noise)
            low, high = (weight, high) if flipped else (low, weight)
            weight = 10 * weight if high == np.inf else (weight / 10 if low == 0 else float(np.sqrt(low * high)))
            if self.stopped is None and self.trace.queries + self.trace.gradients >= self.config.max_queries:
                self.stopped = StopReason.QUERIES
            if self.stopped is not None:
                return

    def _minimise(self, weight: float, target: int, start: np.ndarray) -> tuple[NDArray[np.float64], bool]:
        """Minimise from a start (G,) at one weight; return the noise (G,) and whether it flips."""
        from scipy.optimize import Bounds, minimize

        wanted = np.zeros((1, self.classifier.num_classes))
        wanted[0, target] = 1.0

        def loss(noise: np.ndarray) -> tuple[float, NDArray[np.float64]]:
            """Return the objective for noise (G,) and its gradient."""
            log_scores, gradient = self.classifier.gradients(self._degraded(noise), wanted)
            self.trace.gradients += 1
            slope = gradient.reshape(-1).astype(np.float64)
            return weight * float(noise @ noise) - float(log_scores[0, target]), 2 * weight * noise - slope

        free = self.task.free
        found = minimize(
            loss,
            start,
            jac=True,
            method="L-BFGS-B",
            bounds=Bounds(np.where(free, -self.pixels, 0), np.where(free, 255 - self.pixels, 0)),
            options={"maxiter": ITERATIONS},
        )
        noise = self._degraded(found.x).reshape(-1).astype(np.float64) - self.pixels  # as rounded to float32
        norm = self.task.norm.length(noise).reshape(1)
        evaluation = self.task.evaluate(self.classifier.log_scores(self._degraded(noise)), norm, self.config)
        self.trace.queries += 1
        flipped = bool(evaluation.flipped[0])
        if flipped and norm[0] < self.best_norm:
            self.best, self.best_norm = noise, float(norm[0])
        found = bool(np.isfinite(self.best_norm))
        generation = self.trace.generation(evaluation, self.best_norm if found else 0.0)
        self.stopped = self.trace.record(generation, self.best, found)
        return noise, flipped

    def _degraded(self, noise: np.ndarray) -> NDArray[np.float32]:
        """Return the degraded image (1, H, W, C) for noise (G,)."""
        degraded = np.clip(self.pixels + noise, 0, 255).astype(np.float32)
        return np.asarray(degraded.reshape(1, *self.task.clean.shape))


ENGINE = Engine(
    search, (Variant("L-BFGS", "The older method, with gradients", norms=("l2",)),), Settings, gradients=True
)
