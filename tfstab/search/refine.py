"""Refinement: from noise that any engine found to a local minimum of ||r|| on the decision boundary.

With gradients, and several walks in one batch: from the noise that was found, from it shaken, and from the clean image
towards each of its leading other classes. Each step linearises the boundary where the walk is, with an average of the
gradients so far, because a network of rectifiers has a kink at every turn; goes a part of the way to the point of it
that is nearest to the clean image within grey levels (`projection.project`, as in FAB, Croce and Hein 2020); and keeps
the least noise that flips.
"""

import time
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

SHAKEN = 8  # walks that start from the noise found with as much random noise added
TOWARDS = 2  # leading classes towards which a walk starts from the clean image
WALKS = 1 + SHAKEN + TOWARDS
ROUNDS = 100
# The trials of a step: shares of the way in the first round, which fall to 0 in the last, and shares of ||r|| that
# each goes past the boundary, which curves.
STEPS = (1.0, 0.5, 0.2, 0.0)
BEYOND = (0.0, 0.0, 0.0005, 0.003)
MOMENTUM = 0.8  # weight of the past in the average of the gradients
BOUNDARY = 10 * FLIP_MARGIN  # how far beyond the boundary to aim, in log-scores
# The price of a log-score not overcome, against what it costs in L2: above 1, so that a flip pays.
PENALTY = 1.5


def refine(classifier: "Classifier", task: Task, result: MinimumNoise, config: SearchConfig) -> MinimumNoise:
    """A result with less noise where there is some, and with noise that flips where there was none.

    classifier: with a batch size of WALKS; an image has its batches to itself, so that it gets the same gradients, to
    the bit, in any company. Takes at most WALKS * ROUNDS * (len(STEPS) + 1) queries, 5,500; a gradient counts as one.
    """
    started, walks = time.perf_counter(), _walks(task, result, config.seed)
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
    refined = _merged(classifier, result, walks, config)
    return replace(refined, seconds=result.seconds + time.perf_counter() - started)


def _walks(task: Task, result: MinimumNoise, seed: int) -> list["_Walk"]:
    """The walks of one image, the one from the noise found first."""
    own = task.class_index if task.target is None else task.target
    found, *_ = _leading(result.scores, own)
    noise = result.noise.reshape(-1).astype(np.float64)
    towards = _leading(task.clean_scores, own)[: TOWARDS if task.target is None else 1]
    rng, length = task.generator(seed), float(np.linalg.norm(noise))
    walks = [_Walk(task, noise, found, length if result.found else np.inf)]
    for _ in range(SHAKEN):
        shake = rng.standard_normal(len(noise)) * task.free
        shaken = np.clip(task.pixels + noise + length / np.linalg.norm(shake) * shake, 0, 255) - task.pixels
        walks.append(_Walk(task, shaken, found))
    return walks + [_Walk(task, np.zeros_like(noise), rival, fixed=True) for rival in towards]


def _leading(scores: np.ndarray, own: int) -> list[int]:
    """The classes but `own`, by falling score."""
    return [int(k) for k in np.argsort(-scores, kind="stable") if k != own]


class _Walk:
    """One way along the boundary. noise, best: float64 (G,). fixed: whether it keeps to the class it started for."""

    def __init__(
        self, task: Task, noise: np.ndarray, rival: int, best_norm: float = np.inf, fixed: bool = False
    ) -> None:
        self.task, self.pixels = task, task.pixels.astype(np.float64)
        self.noise, self.rival, self.fixed = noise, rival, fixed and task.target is None
        self.best, self.best_norm = noise, best_norm
        self.gradient: NDArray[np.float64] | None = None
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
        if self.gradient is not None:
            gradient = MOMENTUM * self.gradient + (1 - MOMENTUM) * gradient
        self.gradient = gradient
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
        flips = np.where(leads > FLIP_MARGIN, norms, np.inf)
        if flips.min() < self.best_norm:
            self.best, self.best_norm = moved[flips.argmin()], float(flips.min())
        if self.fixed:
            leads = log_scores[:, self.rival] - log_scores[:, self.task.class_index]
        chosen = int(np.argmin(norms + PENALTY * np.maximum(BOUNDARY - leads, 0) / self.slope))
        self.noise = moved[chosen]
        if not self.fixed and rivals[chosen] != self.rival:
            self.rival, self.gradient = int(rivals[chosen]), None

    def _leads(self, log_scores: np.ndarray) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """How far each trial is beyond the boundary, in log-scores, and the class it is next to."""
        own = self.task.class_index if self.task.target is None else self.task.target
        others = log_scores.copy()
        others[:, own] = -np.inf
        lead = others.max(axis=1) - log_scores[:, own]
        return (lead if self.task.target is None else -lead), others.argmax(axis=1)


def _merged(
    classifier: "Classifier", result: MinimumNoise, walks: list[_Walk], config: SearchConfig
) -> MinimumNoise:
    best = min(walks, key=lambda walk: walk.best_norm)
    refined = make_result(
        classifier, best.task, config, best.best, queries=result.queries + sum(walk.queries for walk in walks),
        generations=result.generations, seconds=0.0, stop_reason=result.stop_reason,
        history=list(map(tuple, result.history)),
    )  # fmt: skip
    # Scored in another batch shape, an image at the very boundary may fall to the other side.
    return refined if refined.found else replace(result, queries=refined.queries)
