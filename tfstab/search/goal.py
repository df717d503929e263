"""The goal of one image's search: any wrong class, or a given class.

Both goals compare the log-score of one class, the pivot, with those of all other classes, its rivals. Their differences
are called gaps, signed so that a negative gap is one that has been overcome.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

# How far the leading log-score must be ahead before an image counts as misclassified: more than the rounding of float32
# logits, so that every device and batch shape agrees.
FLIP_MARGIN = 1e-4


@dataclass(frozen=True)
class Goal(ABC):
    """What a degraded image must be classified as.

    Attributes
    ----------
    class_index : int
        The true class.
    any_rival : bool
        Whether overcoming one rival is enough; otherwise all must be overcome.
    """

    class_index: int
    any_rival = True

    @property
    @abstractmethod
    def pivot(self) -> int:
        """The class that all others are compared with."""

    @abstractmethod
    def reached(self, predicted: np.ndarray) -> NDArray[np.bool_]:
        """Return whether predicted classes (B,) fulfil the goal."""

    @abstractmethod
    def loss(self, pivot: np.ndarray) -> NDArray[np.float64]:
        """Return L[c] of equations 1 and 3 (...) for the pivot's log-scores (...): the score that still has to fall."""

    @abstractmethod
    def targets(self, log_scores: np.ndarray, count: int) -> list[int]:
        """Return at most `count` classes to aim at, by falling log-score of the clean image (K,)."""

    def difference(self, pivot: np.ndarray, rivals: np.ndarray) -> NDArray[Any]:
        """Return the gaps, or their gradients, from the values of the pivot and of its rivals."""
        return np.asarray(pivot - rivals if self.any_rival else rivals - pivot)

    def gap(self, log_scores: np.ndarray) -> NDArray[np.float64]:
        """Return the gaps (..., k-1) for log-scores (..., k) of the pivot and of k-1 rivals."""
        return self.difference(log_scores[..., :1], log_scores[..., 1:])

    def lead(self, log_scores: np.ndarray) -> NDArray[np.float64]:
        """Return how far beyond the decision boundary images (B,) are, in log-scores (B, K)."""
        return -self.difference(log_scores[:, self.pivot], self.rivals(log_scores).max(axis=1))

    def standing(
        self, pivot: np.ndarray, rivals: np.ndarray
    ) -> tuple[NDArray[np.bool_], NDArray[np.float64], NDArray[np.float64]]:
        """Return how far images are on their way to the goal.

        Parameters
        ----------
        pivot, rivals : ndarray
            The log-scores (...) of the pivot and (..., K-1) of all other classes.

        Returns
        -------
        flipped : ndarray of bool (...)
            Which images count as flipped.
        margin : ndarray of float64 (...)
            L[k] - L[c] of equation 3; negative before the flip.
        log_odds : ndarray of float64 (...)
            log(L[c] / (1 - L[c])): the order of `loss`, with a slope everywhere.
        """
        best = rivals.max(axis=-1)
        flipped = -self.difference(pivot, best) > FLIP_MARGIN
        margin = -self.difference(np.exp(pivot), np.exp(best))
        return flipped, margin, self.difference(pivot, np.logaddexp.reduce(rivals, axis=-1))

    def watched(self, log_scores: np.ndarray, most: int) -> NDArray[np.int64]:
        """Return the pivot and its leading rivals, at most `most`, given the clean image's log-scores (K,)."""
        return np.array([self.pivot, *self.leading(log_scores)[:most]], np.int64)

    def leading(self, scores: np.ndarray) -> list[int]:
        """Return the rivals by falling score (K,)."""
        return [int(k) for k in np.argsort(-scores, kind="stable") if k != self.pivot]

    def weights(self, rival: int, classes: int) -> NDArray[np.float64]:
        """Return the weights (classes,) of the log-scores in the gap to this rival."""
        weights = np.zeros(classes)
        weights[self.pivot], weights[rival] = (1, -1) if self.any_rival else (-1, 1)
        return weights

    def remaining(self, distances: np.ndarray) -> NDArray[np.float64]:
        """Return the distance to the goal (T,) from the distances (T, k-1) to each rival's boundary."""
        return np.asarray(distances.min(axis=1) if self.any_rival else distances.max(axis=1))

    def candidates(self, distances: np.ndarray, most: int) -> Iterable[int]:
        """Return places of rivals (k-1,) to step towards: the nearest, or the farthest if all must be overcome."""
        return np.argsort(distances)[:most] if self.any_rival else [int(distances.argmax())]

    def rivals(self, log_scores: np.ndarray) -> NDArray[np.float64]:
        """Return the log-scores (B, K-1) of all classes but the pivot, from those of all (B, K)."""
        return np.concatenate((log_scores[:, : self.pivot], log_scores[:, self.pivot + 1 :]), axis=1)


@dataclass(frozen=True)
class AnyWrongClass(Goal):
    """The image must be classified as any class but its own; the pivot is the true class."""

    @property
    def pivot(self) -> int:
        """The true class, which must be left."""
        return self.class_index

    def reached(self, predicted: np.ndarray) -> NDArray[np.bool_]:
        """Return which predictions are wrong."""
        return np.asarray(predicted != self.class_index)

    def loss(self, pivot: np.ndarray) -> NDArray[np.float64]:
        """Return the score of the true class."""
        return np.asarray(np.exp(pivot))

    def targets(self, log_scores: np.ndarray, count: int) -> list[int]:
        """Return the leading wrong classes."""
        return self.leading(log_scores)[:count]


@dataclass(frozen=True)
class TargetClass(Goal):
    """The image must be classified as one given class, which is the pivot."""

    target: int
    any_rival = False

    @property
    def pivot(self) -> int:
        """The target, which must overcome all other classes."""
        return self.target

    def reached(self, predicted: np.ndarray) -> NDArray[np.bool_]:
        """Return which predictions are the target."""
        return np.asarray(predicted == self.target)

    def loss(self, pivot: np.ndarray) -> NDArray[np.float64]:
        """Return the sum of the scores of all other classes."""
        return np.asarray(-np.expm1(np.minimum(pivot, 0)))

    def targets(self, log_scores: np.ndarray, count: int) -> list[int]:
        """Return the target alone."""
        return [self.target]
