"""By which measure a remedy is chosen on validation images: accuracy, or mean recall if one class is common."""

import numpy as np
from numpy.typing import NDArray

from tfstab.metrics.chance import one_is_common

ACCURACY, MEAN_RECALL = "accuracy", "mean recall"


def measure_for(labels: NDArray[np.int64]) -> str:
    """Return the measure for images of these classes (N,): the mean recall if one class is common.

    Always answering this class would then be accurate, so a choice by accuracy would move the network toward the common
    answer. In the mean recall each class counts the same.
    """
    sizes = np.unique(labels, return_counts=True)[1].tolist()
    return MEAN_RECALL if one_is_common(sizes) else ACCURACY


def measured(right: np.ndarray, labels: NDArray[np.int64]) -> float:
    """Return the measure, 0 to 1, of images of these classes (N,).

    right: which images are right, bool (N,), or the share of each one's copies that are, float (N,).

    Examples
    --------
    >>> from tfstab.training.remedies.measure import measured
    >>> measured(np.array([True] * 8 + [False] * 2), np.array([0] * 8 + [1] * 2))
    0.5
    >>> measured(np.array([True] * 8 + [False] * 2), np.array([0] * 5 + [1] * 5))
    0.8
    """
    if measure_for(labels) == ACCURACY:
        return float(right.mean())
    return float(np.mean([right[labels == k].mean() for k in np.unique(labels)]))


def image_weights(labels: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the weight of each image in the measure, float64 (N,), on average 1; in the mean recall by class size."""
    if measure_for(labels) == ACCURACY:
        return np.ones(len(labels))
    _, place, sizes = np.unique(labels, return_inverse=True, return_counts=True)
    return np.asarray(len(labels) / len(sizes) / sizes[place], np.float64)
