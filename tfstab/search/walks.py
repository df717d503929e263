"""Walks along the decision boundary, with gradients, to a local minimum of ||r||.

A step of a walk

1. linearises the decision boundary at the current point; a walk with momentum averages its gradients, because the
   boundary of a network of rectifiers has many kinks;
2. moves towards the point of the linearised boundary that is nearest to the clean image within grey levels
   (`Norm.project`, as in FAB, Croce and Hein 2020). It moves all the way at first and less with each step, whether or
   not the noise gets smaller: a walk that accepts only improvements gets stuck at the next kink;
3. keeps the least noise so far that flips.
"""

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tfstab.search.goal import FLIP_MARGIN
from tfstab.search.task import Task

if TYPE_CHECKING:
    from tfstab.classifier import Classifier

# Shares of ||r|| by which the trials of a step go past the linearised boundary, because the real one is curved.
BEYOND = (0.0, 0.0005, 0.003)
# The largest of these shares, which the last trial has while no noise that flips is known, or only far longer noise:
# that trial probably flips and is still shorter.
FARTHEST = 0.05
BOUNDARY = 10 * FLIP_MARGIN  # how far beyond the boundary to aim, in log-scores
# Walks of several images share batches of this size, which are padded. In batches of one size that is a multiple of
# eight, an image's gradients are the same to the bit whichever images are beside it (measured on the bundled networks
# and MobileNetV2; other sizes differ).
BATCH = 16
# Images whose walks take their steps together, at most, and values of these images: each walk keeps several arrays of
# its image's size in float64, and a refinement has 11 walks for each image.
GROUP, GROUP_VALUES = 8, 2**20


def group_size(values: int) -> int:
    """Return how many images of so many values take their steps together; results do not depend on it."""
    return max(1, min(GROUP, GROUP_VALUES // values))


def step(
    walks: list["Walk"], share: float, classifier: "Classifier"
) -> list[tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """Take one step of each walk, which goes this share of the way.

    Parameters
    ----------
    walks : list of Walk
        The walks, of one image or several, all of the same type.
    share : float
        The share of the way, 0..1.
    classifier : Classifier
        The model, with batches of `BATCH`.

    Returns
    -------
    list of (ndarray, ndarray)
        For each walk, the noise of its trials, float64 (T, G), in grey levels, and their log-scores, float64 (T, K).
    """
    points = np.stack([walk.point() for walk in walks])
    weights = np.stack([walk.weights() for walk in walks])
    log_scores, gradients = classifier.gradients(points, weights)
    trials = [w.trials(s, g.reshape(-1), share) for w, s, g in zip(walks, log_scores, gradients, strict=True)]
    images = np.concatenate(trials).reshape(-1, *classifier.input_shape)
    tried = classifier.log_scores(images).reshape(len(walks), walks[0].tries, -1)
    return [(walk.take(own, scores), scores) for walk, own, scores in zip(walks, trials, tried, strict=True)]


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
    momentum : float
        Weight of earlier gradients in their moving average.
    gradient : ndarray or None
        Moving average of the gap's gradients (G,), float64.
    tries : int
        Images that a step tries.
    """

    tries = len(BEYOND)

    def __init__(
        self, task: Task, noise: np.ndarray, rival: int, best_norm: float = np.inf, fixed: bool = False
    ) -> None:
        self.task, self.pixels = task, task.pixels.astype(np.float64)
        self.noise, self.rival, self.fixed = noise, rival, fixed and task.goal.any_rival
        self.best, self.best_norm, self.momentum = noise, best_norm, task.norm.momentum
        self.gradient: NDArray[np.float64] | None = None

    @classmethod
    def can_start(cls, length: float, steps: int) -> bool:
        """Return whether noise of this length, which an engine found, is a good start for a walk of so many steps."""
        return math.isfinite(length)

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
            gradient = self.momentum * self.gradient + (1 - self.momentum) * gradient
        self.gradient = gradient
        norm, excess = self.task.norm, gap - float(gradient @ self.noise)
        slope = max(float(norm.slope(gradient)), 1e-12)
        length = max(float(norm.length(self.noise)), excess / slope)
        beyond = np.array(BEYOND)
        beyond[-1] = np.clip((self.best_norm / max(length, 1e-12) - 1) / 4, BEYOND[-1], FARTHEST)
        falls = excess + beyond * length * slope
        noise = norm.approach(self.pixels, self.noise, gradient, falls, share)
        return np.asarray(np.clip(self.pixels + noise, 0, 255).astype(np.float32))

    def take(self, trials: np.ndarray, log_scores: np.ndarray) -> NDArray[np.float64]:
        """Move to the first of the trials, and keep the least noise that flips.

        Parameters
        ----------
        trials : ndarray
            Degraded images (T, G), float32.
        log_scores : ndarray
            Their log-scores (T, K).

        Returns
        -------
        ndarray
            The noise of the trials, (T, G), float64, in grey levels.
        """
        moved = trials.astype(np.float64) - self.pixels
        leads = self.task.goal.lead(log_scores)
        norms = np.where(leads > FLIP_MARGIN, self.task.norm.length(moved), np.inf)
        if norms.min() < self.best_norm:
            self.best, self.best_norm = moved[norms.argmin()], float(norms.min())
        self.noise = moved[0]
        rival = self.task.goal.leading(log_scores[0])[0]
        if not self.fixed and rival != self.rival:
            self.rival, self.gradient = rival, None
        return moved
