"""Finds out if the classes of a data set seem to be other outputs of the model than they were taken for."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

FAR_BETTER = 0.3  # gain of accuracy, the mean of the classes: a network of random labels or weights can gain 0.2
LEAST_GAIN = 0.02  # the least gain that counts if it halves the errors, as where two of many classes are exchanged
SURE = 0.9995  # one-sided
FLOOR = np.log(1e-3)  # of log-scores, so that a few images do not outweigh all others
FEWEST = 8  # images that have to be there
MOST_CLASSES = 2_000  # for which the best assignment is sought; with 2,000 it takes 0.3 s


def far_better_outputs(
    scores: np.ndarray, labels: NDArray[np.int64], used: NDArray[np.bool_] | None = None
) -> NDArray[np.int64] | None:
    """Return the output of each class, int64 (K,), if this assignment is far better than guessing and the one in use.

    The best assignment has the largest mean log-score. It is found in each half of the images and tried on the other
    half. It is far better if the accuracy there, the mean of the classes, is at least 30 points higher or the errors
    are halved, and the interval of the paired difference is above zero.

    Parameters
    ----------
    scores : ndarray (N, K)
        Scores of images.
    labels : ndarray of int64 (N,)
        Their classes, at most K.
    used : ndarray of bool (N,), optional
        Which images are classified correctly with the assignment in use.

    Returns
    -------
    ndarray or None
        None if there is no such assignment, or if there are too few images to be sure.
    """
    weights = 1 / np.bincount(labels)[labels]
    weights /= weights.sum()
    nearly_right = used is not None and weights @ used > 1 - LEAST_GAIN
    if scores.shape[1] > MOST_CLASSES or len(labels) < FEWEST or nearly_right:
        return None
    predicted, half = scores.argmax(axis=1), _halves(labels)
    log_scores = np.log(np.maximum(scores, np.exp(FLOOR)))
    found = np.empty(len(labels), bool)
    for k in (0, 1):
        outputs = best_outputs(log_scores[half == k], labels[half == k])
        found[half != k] = predicted[half != k] == outputs[labels[half != k]]
    guessed = 1 / len(np.unique(labels))  # accuracy of a model that predicts one class for all images
    if all(_is_far_better(found, reference, weights) for reference in (used, guessed) if reference is not None):
        return best_outputs(log_scores, labels)
    return None


def is_far_better(gain: float, errors: float) -> bool:
    """Return whether accuracy is at least 30 points higher or the errors are halved.

    gain: of accuracy. errors: share of images that are wrong in spite of it.
    """
    return gain >= FAR_BETTER or gain >= max(LEAST_GAIN, errors)


def _is_far_better(found: NDArray[np.bool_], reference: Any, weights: NDArray[np.float64]) -> bool:
    """Return whether images are correct far more often than in a reference, by their weighted means."""
    from scipy.special import stdtrit  # that of scipy.stats takes longer to import

    gain = found.astype(float) - reference
    mean = float(weights @ gain)
    error = float(np.sqrt(weights**2 @ (gain - mean) ** 2))
    is_sure = mean + float(stdtrit(len(gain) - 1, 1 - SURE)) * error > 0
    return is_sure and is_far_better(mean, float(weights @ ~found))


def best_outputs(log_scores: NDArray[np.floating], labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the output of each label, int64 (K,), for which the mean log-score of the images' labels is largest.

    Each class counts the same, and each output is taken by one label. Labels without images keep their output, or get
    one that is free.

    Parameters
    ----------
    log_scores : ndarray (N, K)
        Log-scores of the images.
    labels : ndarray of int64 (N,)
        Their classes.
    """
    from scipy.optimize import linear_sum_assignment

    count = log_scores.shape[1]
    there, row = np.unique(labels, return_inverse=True)
    means = np.zeros((len(there), count))
    np.add.at(means, row, log_scores)
    means /= np.bincount(row)[:, None]
    _, columns = linear_sum_assignment(means, maximize=True)
    outputs = np.full(count, -1)
    outputs[there] = columns
    free = np.ones(count, bool)
    free[columns] = False
    left = np.flatnonzero(outputs < 0)
    kept = left[free[left]]
    outputs[kept], free[kept] = kept, False
    outputs[outputs < 0] = np.flatnonzero(free)
    return outputs


def _halves(labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return which half each image belongs to, 0 or 1; each class is divided."""
    order = np.argsort(labels, kind="stable")
    halves = np.empty(len(labels), np.int64)
    halves[order] = np.arange(len(labels)) % 2
    return halves
