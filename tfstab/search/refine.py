"""Refinement: from noise that any engine found to a local minimum of ||r|| on the decision boundary, with gradients.

Several walks share one batch. They start from the noise that was found, from copies of it with random noise added, and
from the clean image towards each of its leading other classes. After a first phase only the walks with the least noise
continue.

A step of a walk

1. linearises the decision boundary at the current point, with a moving average of the gradients, because the boundary
   of a network of rectifiers has many kinks;
2. moves towards the point of the linearised boundary that is nearest to the clean image within grey levels
   (`Norm.project`, as in FAB, Croce and Hein 2020). It moves all the way at first and less with each step, whether or
   not the noise gets smaller: a walk that accepts only improvements gets stuck at the next kink;
3. keeps the least noise so far that flips.
"""

import time
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tfstab.search.goal import FLIP_MARGIN
from tfstab.search.result import Generation, MinimumNoise
from tfstab.search.task import Task
from tfstab.search.trace import make_result

if TYPE_CHECKING:
    from tfstab.classifier import Classifier
    from tfstab.search.config import SearchConfig

SHAKEN = 8  # walks that start from the noise found, with random noise of the same length added
TOWARDS = 2  # leading other classes, towards each of which a walk starts from the clean image
WALKS = 1 + SHAKEN + TOWARDS
PHASES = ((WALKS, 20), (3, 150))  # number of walks and of rounds in each phase
ROUNDS = sum(rounds for _, rounds in PHASES)
# Shares of ||r|| by which the trials of a step go past the linearised boundary, because the real one is curved.
BEYOND = (0.0, 0.0005, 0.003)
MAX_QUERIES = sum(walks * rounds * (len(BEYOND) + 1) for walks, rounds in PHASES)  # a gradient counts as one query
MOMENTUM = 0.8  # weight of earlier gradients in their moving average
BOUNDARY = 10 * FLIP_MARGIN  # how far beyond the boundary to aim, in log-scores


class Refiner:
    """Finds less noise for results of other engines, with at most `MAX_QUERIES` queries each."""

    def __init__(self, classifier: "Classifier") -> None:
        self.classifier = classifier.with_batch_size(WALKS)
        # Each phase has its own batch sizes. Images do not share batches, so that an image gets the same gradients, to
        # the bit, whichever other images are searched.
        self.phases = [
            (walks, rounds, classifier.with_batch_size(walks), classifier.with_batch_size(walks * len(BEYOND)))
            for walks, rounds in PHASES
        ]

    def refine(self, task: Task, result: MinimumNoise, config: "SearchConfig") -> MinimumNoise:
        """Return a result with less noise, or with noise that flips if none was found; else the same noise."""
        started, walks, turn = time.perf_counter(), _walks(task, result, config.seed), 0
        queries = 0
        for count, rounds, differentiated, scored in self.phases:
            walks = sorted(walks, key=lambda walk: walk.best_norm)[:count]
            for _ in range(rounds):
                step(walks, (1 - turn / ROUNDS) ** 2, differentiated, scored)
                turn += 1
            queries += len(walks) * rounds * (len(BEYOND) + 1)
        best = min(walks, key=lambda walk: walk.best_norm)
        refined = make_result(
            self.classifier,
            task,
            config,
            best.best,
            queries=result.queries + queries,
            seconds=0.0,
            stop_reason=result.stop_reason,
            history=[Generation(*generation) for generation in result.history],
            repair_queries=result.repair_queries,
        )
        # In a batch of another shape, the scores of an image on the boundary may round to the other side.
        refined = refined if refined.found else replace(result, queries=refined.queries)
        return replace(refined, seconds=result.seconds + time.perf_counter() - started)


def step(
    walks: list["Walk"], share: float, differentiated: "Classifier", scored: "Classifier"
) -> list[tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """Take one step of each walk, which goes this share of the way.

    Parameters
    ----------
    walks : list of Walk
        The walks, of one image or several.
    share : float
        The share of the way, 0..1.
    differentiated, scored : Classifier
        The model with the batch size for the walks, and for their trials.

    Returns
    -------
    list of (ndarray, ndarray)
        Of each walk the noise of its trials, float64 (T, G), in grey levels, and their log-scores, float64 (T, K).
    """
    points = np.stack([walk.point() for walk in walks])
    weights = np.stack([walk.weights() for walk in walks])
    log_scores, gradients = differentiated.gradients(points, weights)
    trials = [w.trials(s, g.reshape(-1), share) for w, s, g in zip(walks, log_scores, gradients, strict=True)]
    images = np.concatenate(trials).reshape(-1, *scored.input_shape)
    tried = scored.log_scores(images).reshape(len(walks), len(BEYOND), -1)
    for walk, trial, scores in zip(walks, trials, tried, strict=True):
        walk.take(trial, scores)
    noises = (trial.astype(np.float64) - walk.pixels for walk, trial in zip(walks, trials, strict=True))
    return list(zip(noises, tried, strict=True))


def _walks(task: Task, result: MinimumNoise, seed: int) -> list["Walk"]:
    """Return the walks of one image; the first starts from the noise found."""
    found = task.goal.leading(result.scores)[0]
    noise = result.noise.reshape(-1).astype(np.float64)
    towards = task.goal.leading(task.clean_scores)[: TOWARDS if task.goal.any_rival else 1]
    rng, length = task.generator(seed), float(task.norm.length(noise))
    walks = [Walk(task, noise, found, length if result.found else np.inf)]
    for _ in range(SHAKEN):
        shake = rng.standard_normal(len(noise)) * task.free
        shaken = np.clip(task.pixels + noise + length / task.norm.length(shake) * shake, 0, 255) - task.pixels
        walks.append(Walk(task, shaken, found))
    return walks + [Walk(task, np.zeros_like(noise), rival, fixed=True) for rival in towards]


class Walk:
    """A walk along the decision boundary.

    Attributes
    ----------
    noise, best : ndarray
        The current noise and the least noise that flips, (G,), float64, in grey levels.
    best_norm : float
        Norm of `best`; infinite if no noise has flipped yet.
    rival : int
        The class whose boundary it follows.
    fixed : bool
        Whether it keeps this class; otherwise it changes to the leading one.
    gradient : ndarray or None
        Moving average of the gap's gradients (G,), float64.
    """

    def __init__(
        self, task: Task, noise: np.ndarray, rival: int, best_norm: float = np.inf, fixed: bool = False
    ) -> None:
        self.task, self.pixels = task, task.pixels.astype(np.float64)
        self.noise, self.rival, self.fixed = noise, rival, fixed and task.goal.any_rival
        self.best, self.best_norm = noise, best_norm
        self.gradient: NDArray[np.float64] | None = None

    def point(self) -> NDArray[np.float32]:
        """Return the degraded image (H, W, C), float32, at which to linearise the boundary."""
        return np.asarray(np.clip(self.pixels + self.noise, 0, 255).astype(np.float32).reshape(self.task.clean.shape))

    def weights(self) -> NDArray[np.float64]:
        """Return the log-scores' weights (K,) in the gap that must fall below 0."""
        return self.task.goal.weights(self.rival, len(self.task.clean_scores))

    def trials(self, log_scores: np.ndarray, gradient: np.ndarray, share: float) -> NDArray[np.float32]:
        """Return the degraded images to try, (len(BEYOND), G), float32.

        The first lies on the linearised boundary, a share of the way to its point nearest to the clean image. The
        others lie a little beyond it, so that one of them flips.

        Parameters
        ----------
        log_scores : ndarray
            Log-scores (K,) at the current point.
        gradient : ndarray
            Gradient (G,) of the gap there.
        share : float
            The share of the way, 0..1.
        """
        gap = float(log_scores @ self.weights()) + BOUNDARY
        gradient = gradient.astype(np.float64) * self.task.free
        if self.gradient is not None:
            gradient = MOMENTUM * self.gradient + (1 - MOMENTUM) * gradient
        self.gradient = gradient
        square = max(float(gradient @ gradient), 1e-24)
        nearest = self.task.norm.project(self.pixels, gradient, gap - float(gradient @ self.noise))
        back = self.noise - gap / square * gradient
        noise = back + share * (nearest - back)
        beyond = np.array(BEYOND)[:, None] * float(self.task.norm.length(back)) / np.sqrt(square) * gradient
        return np.asarray(np.clip(self.pixels + noise - beyond, 0, 255).astype(np.float32))

    def take(self, trials: np.ndarray, log_scores: np.ndarray) -> None:
        """Move to the first of the trials (T, G) with log-scores (T, K), and keep the least noise that flips."""
        moved = trials.astype(np.float64) - self.pixels
        leads = self.task.goal.lead(log_scores)
        norms = np.where(leads > FLIP_MARGIN, self.task.norm.length(moved), np.inf)
        if norms.min() < self.best_norm:
            self.best, self.best_norm = moved[norms.argmin()], float(norms.min())
        self.noise = moved[0]
        rival = self.task.goal.leading(log_scores[0])[0]
        if not self.fixed and rival != self.rival:
            self.rival, self.gradient = rival, None
