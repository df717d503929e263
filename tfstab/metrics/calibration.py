"""How far scores can be taken for probabilities of being right."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tfstab.metrics.classification import ratio

BINS = 15  # as Guo et al. (2017) and most after them
_EDGES = np.linspace(0, 1, BINS + 1)


@dataclass(frozen=True, eq=False)
class Calibration:
    """Predictions sorted by score into 15 bins of equal width, (low, high], for each of G groups.

    count, correct: int64 (G, 15). score: float64 (G, 15), the sum of the scores of the predicted classes.

    >>> from tfstab.metrics import Calibration
    >>> score, correct = np.array([0.9, 0.9, 0.6]), np.array([True, False, True])
    >>> Calibration.of(score, correct).error.round(3).tolist()
    [0.4]
    """

    count: NDArray[np.int64]
    correct: NDArray[np.int64]
    score: NDArray[np.float64]

    @classmethod
    def of(cls, score: np.ndarray, correct: np.ndarray, group: np.ndarray | int = 0, groups: int = 1) -> "Calibration":
        """Sort predictions by their scores (N,) in 0..1, with correct (N,) bool and the group (N,) of each."""
        cell = np.digitize(score, _EDGES[1:-1], right=True) + np.asarray(group, np.int64) * BINS

        def sums(weights: np.ndarray | None) -> np.ndarray:
            return np.bincount(cell, weights, minlength=groups * BINS).reshape(groups, BINS)

        return cls(sums(None), sums(correct).astype(np.int64), sums(score))

    @classmethod
    def sum(cls, several: "list[Calibration]", groups: int) -> "Calibration":
        """All predictions of several together; of none, too."""
        shape = groups, BINS
        count, correct, score = np.zeros(shape, np.int64), np.zeros(shape, np.int64), np.zeros(shape)
        for part in several:
            count += part.count
            correct += part.correct
            score += part.score
        return cls(count, correct, score)

    @property
    def error(self) -> NDArray[np.float64]:
        """The expected calibration error of each group, float64 (G,), 0..1; NaN without predictions.

        The mean over predictions of |accuracy - mean score| of their bin (Guo et al., On Calibration of Modern Neural
        Networks, 2017, eq. 3).
        """
        return ratio(np.abs(self.correct - self.score).sum(axis=1), self.count.sum(axis=1))
