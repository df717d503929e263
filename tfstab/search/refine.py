"""Refinement: from noise that any engine found to a local minimum of ||r|| on the decision boundary.

With gradients, and many images in one batch. Each step linearises the boundary where it is, goes a part of the way to
its point nearest to the clean image within grey levels (`projection.project`), and keeps the least noise that flips.
"""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tfstab.search.config import SearchConfig
from tfstab.search.objective import FLIP_MARGIN
from tfstab.search.outcome import make_result
from tfstab.search.projection import project
from tfstab.search.result import MinimumNoise
from tfstab.search.task import Task

if TYPE_CHECKING:
    from tfstab.classifier import Classifier

BATCH = 32  # images refined together
ROUNDS = 60
STEPS = (0.5, 0.15, 0.0, 0.0)  # shares of the way that are tried in the first round; they fall to 0 in the last
BEYOND = (0.0, 0.0, 0.0005, 0.003)  # shares of ||r|| that each goes past the boundary, which curves
BOUNDARY = 10 * FLIP_MARGIN  # how far beyond the boundary to aim, in log-scores
# The price of a log-score not overcome, against what it costs in L2: above 1, so that a flip pays.
PENALTY = 1.5


def refine(
    classifier: "Classifier", tasks: list[Task], results: list[MinimumNoise], config: SearchConfig
) -> list[MinimumNoise]:
    """Results (at most BATCH) with less noise where there is some, and with noise that flips where there was none.

    A gradient counts as one query.
    """
    walks = [_Walk(t, r) for t, r in zip(tasks, results, strict=True)]
    for turn in range(ROUNDS):
        points = np.stack([walk.point() for walk in walks])
        weights = np.stack([walk.weights() for walk in walks])
        log_scores, gradients = classifier.gradients(points, weights)
        left = 1 - turn / ROUNDS
        trials = [w.trials(s, g.reshape(-1), left) for w, s, g in zip(walks, log_scores, gradients, strict=True)]
        images = np.concatenate(trials).reshape(-1, *classifier.input_shape)
        scored = classifier.log_scores(images).reshape(len(walks), len(STEPS), -1)
        for walk, trial, scores in zip(walks, trials, scored, strict=True):
            walk.take(trial, scores)
    return [_merged(classifier, result, walk, config) for result, walk in zip(results, walks, strict=True)]


class _Walk:
    """One image's way along the boundary. noise, best: float64 (G,)."""

    def __init__(self, task: Task, result: MinimumNoise) -> None:
        self.task, self.pixels = task, task.pixels.astype(np.float64)
        self.noise = result.noise.reshape(-1).astype(np.float64)
        self.best, self.best_norm = self.noise, float(np.linalg.norm(self.noise)) if result.found else np.inf
        scores = result.scores.copy()
        scores[task.class_index if task.target is None else task.target] = -1
        self.rival = int(scores.argmax())
        self.slope = 1.0  # of the gap along its gradient, per grey level of L2
        self.queries = 0

    def point(self) -> NDArray[np.float32]:
        """The degraded image (H, W, C) to be linearised at."""
        return np.clip(self.pixels + self.noise, 0, 255).astype(np.float32).reshape(self.task.clean.shape)

    def weights(self) -> NDArray[np.float64]:
        """The log-scores' weights (K,) in the gap that must fall below 0: the actual class less the one it falls to."""
        weights = np.zeros(len(self.task.clean_scores))
        if self.task.target is None:
            weights[self.task.class_index], weights[self.rival] = 1, -1
        else:
            weights[self.rival], weights[self.task.target] = 1, -1
        return weights

    def trials(self, log_scores: np.ndarray, gradient: np.ndarray, left: float) -> NDArray[np.float32]:
        """Degraded images (len(STEPS), G): back to the boundary, then on the way to its point nearest to the image.

        left: share of the rounds that are left; steps shrink with it.
        """
        gap = float(log_scores @ self.weights()) + BOUNDARY
        gradient = gradient.astype(np.float64) * self.task.free
        square = max(float(gradient @ gradient), 1e-24)
        self.slope = float(np.sqrt(square))
        nearest = project(self.pixels, gradient, gap - float(gradient @ self.noise))
        back = self.noise - gap / square * gradient
        way = left * np.array(STEPS)[:, None] * (nearest - back)
        beyond = np.array(BEYOND)[:, None] * float(np.linalg.norm(back)) / self.slope * gradient
        return np.clip(self.pixels + back + way - beyond, 0, 255).astype(np.float32)

    def take(self, trials: np.ndarray, log_scores: np.ndarray) -> None:
        """Go to the trial with the least estimated distance, and keep the least noise that flips."""
        self.queries += len(STEPS) + 1
        moved = trials.astype(np.float64) - self.pixels
        norms = np.linalg.norm(moved, axis=1)
        leads, rivals = self._leads(log_scores)
        flips = leads > FLIP_MARGIN
        for k in np.flatnonzero(flips & (norms < self.best_norm)):
            if norms[k] < self.best_norm:
                self.best, self.best_norm = moved[k], float(norms[k])
        chosen = int(np.argmin(norms + PENALTY * np.maximum(BOUNDARY - leads, 0) / self.slope))
        self.noise, self.rival = moved[chosen], int(rivals[chosen])

    def _leads(self, log_scores: np.ndarray) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """How far each trial is beyond the boundary, in log-scores, and the class it is next to."""
        own = self.task.class_index if self.task.target is None else self.task.target
        others = log_scores.copy()
        others[:, own] = -np.inf
        lead = others.max(axis=1) - log_scores[:, own]
        return (lead if self.task.target is None else -lead), others.argmax(axis=1)


def _merged(
    classifier: "Classifier", result: MinimumNoise, walk: _Walk, config: SearchConfig
) -> MinimumNoise:
    refined = make_result(
        classifier, walk.task, config, walk.best, queries=result.queries + walk.queries,
        generations=result.generations, stop_reason=result.stop_reason, history=list(map(tuple, result.history)),
    )  # fmt: skip
    # Scored in another batch shape, an image at the very boundary may fall to the other side.
    return refined if refined.found else replace(result, queries=refined.queries)
