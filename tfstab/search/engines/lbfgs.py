"""The engine `lbfgs`: the older method (eq. 1), as Szegedy et al., *Intriguing properties of neural networks* (2013).

For a target class t it minimises  w ||r||^2 + cross-entropy(x + r, t)  within grey levels by box-constrained L-BFGS,
and looks by bisection for the largest weight w at which the minimum is still classified as t; the least noise over the
`SearchConfig.targets` leading other classes counts. It uses the network's gradients, which the genetic search does not.
"""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, minimize

from tfstab.search.config import SearchConfig
from tfstab.search.outcome import make_result
from tfstab.search.result import MinimumNoise
from tfstab.search.snapshot import OnGeneration, SearchProgress, Stop
from tfstab.search.task import Task

if TYPE_CHECKING:
    from tfstab.classifier import Classifier

START_WEIGHT = 1e-3  # of ||r||^2 in grey levels
BISECTIONS = 12
ITERATIONS = 60  # of L-BFGS, for each weight


def search(
    classifier: "Classifier", tasks: list[Task], config: SearchConfig, on_result: Callable[[MinimumNoise], None],
    on_generation: OnGeneration | None = None,
) -> None:
    """See `tfstab.search.engines`. A generation is one minimisation; its queries are gradients."""
    classifier = classifier.with_batch_size(2)
    for task in tasks:
        search_of_image = _Search(classifier, task, config, on_generation)
        on_result(search_of_image.run())
        if search_of_image.answer is Stop.ALL:
            return


class _Search:
    def __init__(
        self, classifier: "Classifier", task: Task, config: SearchConfig, on_generation: OnGeneration | None
    ) -> None:
        self.classifier, self.task, self.config, self.on_generation = classifier, task, config, on_generation
        self.pixels = task.pixels.astype(np.float64)
        free = task.free
        self.bounds = Bounds(np.where(free, -self.pixels, 0), np.where(free, 255 - self.pixels, 0))
        self.best, self.best_norm = np.zeros(len(self.pixels)), np.inf
        self.queries = 0
        self.history: list[tuple[float, float, float, float]] = []
        self.answer: Stop | None = None

    def run(self) -> MinimumNoise:
        started = time.perf_counter()
        order = np.argsort(-self.task.clean_log_scores, kind="stable")
        targets = [int(k) for k in order if k != self.task.class_index][: self.config.targets]
        reason = "converged"
        for target in targets if self.task.target is None else [self.task.target]:
            if not self._bisect(target):
                reason = "observer" if self.answer is not None else "queries"
                break
        return make_result(
            self.classifier, self.task, self.config, self.best, queries=self.queries, generations=len(self.history),
            seconds=time.perf_counter() - started, stop_reason=reason, history=self.history,
        )  # fmt: skip

    def _bisect(self, target: int) -> bool:
        """Find the weight for this target; False where the search has to end."""
        low, high, weight = 0.0, np.inf, START_WEIGHT
        noise = np.zeros(len(self.pixels))
        for _ in range(BISECTIONS):
            noise, flipped = self._minimise(weight, target, noise)
            low, high = (weight, high) if flipped else (low, weight)
            weight = 10 * weight if high == np.inf else (weight / 10 if low == 0 else float(np.sqrt(low * high)))
            if self.answer is not None or self.queries >= self.config.limits[0]:
                return False
        return True

    def _minimise(self, weight: float, target: int, start: np.ndarray) -> tuple[NDArray[np.float64], bool]:
        wanted = np.zeros((1, self.classifier.num_classes))
        wanted[0, target] = 1.0

        def loss(noise: np.ndarray) -> tuple[float, NDArray[np.float64]]:
            log_scores, gradient = self.classifier.gradients(self._degraded(noise), wanted)
            self.queries += 1
            slope = gradient.reshape(-1).astype(np.float64)
            return weight * float(noise @ noise) - float(log_scores[0, target]), 2 * weight * noise - slope

        found = minimize(
            loss, start, jac=True, method="L-BFGS-B", bounds=self.bounds, options={"maxiter": ITERATIONS}
        )
        noise = self._degraded(found.x).reshape(-1).astype(np.float64) - self.pixels  # as float32 has it
        norm = np.array([np.linalg.norm(noise)])
        evaluation = self.task.evaluate(self.classifier.log_scores(self._degraded(noise)), norm, self.config)
        self.queries += 1
        flipped = bool(evaluation.flipped[0])
        if flipped and norm[0] < self.best_norm:
            self.best, self.best_norm = noise, float(norm[0])
        self._note(float(evaluation.objective[0]), flipped)
        return noise, flipped

    def _degraded(self, noise: np.ndarray) -> NDArray[np.float32]:
        degraded = np.clip(self.pixels + noise, 0, 255).astype(np.float32)
        return degraded.reshape(1, *self.task.clean.shape)

    def _note(self, objective: float, flipped: bool) -> None:
        best = min((entry[0] for entry in self.history), default=np.inf)
        norm = self.best_norm if np.isfinite(self.best_norm) else 0.0
        self.history.append((min(best, objective), objective, norm, float(flipped)))
        if self.on_generation is not None:
            noise = self.best.reshape(self.task.clean.shape).astype(np.float32)
            self.answer = self.on_generation(SearchProgress(
                self.task.image, len(self.history), self.queries, self.history[-1][0], objective, norm,
                bool(np.isfinite(self.best_norm)), float(flipped), noise,
            ))  # fmt: skip
