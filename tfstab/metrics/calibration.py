"""Calibration: how well a classifier's scores match its probability of being right."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tfstab.metrics.classification import ratio

BINS = 15  # the number that Guo et al. (2017) use, and most authors since
_EDGES = np.linspace(0, 1, BINS + 1)


@dataclass(frozen=True, eq=False)
class Calibration:
    """Predictions counted by their score, in 15 bins of equal width, for each of G groups.

    A bin contains its upper edge and not its lower one.

    Attributes
    ----------
    count : ndarray of int64, (G, 15)
        Predictions in each bin.
    correct : ndarray of int64, (G, 15)
        Correct predictions in each bin.
    score : ndarray of float64, (G, 15)
        Sum of the scores of the predicted classes in each bin.

    Examples
    --------
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
        """Count predictions in the bins of their scores.

        Parameters
        ----------
        score : ndarray of float, (N,)
            Score of each predicted class, 0..1.
        correct : ndarray of bool, (N,)
            Whether each prediction is correct.
        group : ndarray of int, (N,), or int
            Group of each prediction, 0..groups - 1.
        groups : int
            Number of groups.

        Returns
        -------
        Calibration
            The counts of each group.
        """
        cell = np.digitize(score, _EDGES[1:-1], right=True) + np.asarray(group, np.int64) * BINS

        def sums(weights: np.ndarray | None) -> np.ndarray:
            return np.bincount(cell, weights, minlength=groups * BINS).reshape(groups, BINS)

        return cls(sums(None), sums(correct).astype(np.int64), sums(score))

    @classmethod
    def sum(cls, several: "list[Calibration]", groups: int) -> "Calibration":
        """Add up the counts of several calibrations of the same groups.

        Parameters
        ----------
        several : list of Calibration
            What to add; an empty list gives zeros.
        groups : int
            Number of groups.

        Returns
        -------
        Calibration
            The counts of all predictions together.
        """
        shape = groups, BINS
        count, correct, score = np.zeros(shape, np.int64), np.zeros(shape, np.int64), np.zeros(shape)
        for part in several:
            count += part.count
            correct += part.correct
            score += part.score
        return cls(count, correct, score)

    @property
    def error(self) -> NDArray[np.float64]:
        """Expected calibration error of each group: float64 (G,), 0..1; NaN for a group without predictions.

        The mean, over all predictions, of the absolute difference of accuracy and mean score in the prediction's bin.

        References
        ----------
        Guo, Pleiss, Sun and Weinberger, On Calibration of Modern Neural Networks, ICML 2017, eq. 3.
        """
        return ratio(np.abs(self.correct - self.score).sum(axis=1), self.count.sum(axis=1))
