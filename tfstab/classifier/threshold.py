"""The decision threshold of a model for two classes: the score above which class 1 is predicted.

A threshold shifts the logit of class 1, so that everything that compares the two classes (predictions, margins,
searches, gradients, certificates) uses it: the shifted scores are 0.5 where the model's own score of class 1 is at the
threshold.
"""

import math

import numpy as np
from numpy.typing import NDArray

from tfstab.checks import as_float
from tfstab.errors import InputError
from tfstab.wording import as_given

DEFAULT = 0.5


def checked_threshold(threshold: object) -> float:
    """Return a threshold as a float, 0.5 for None; raise InputError unless it is between 0 and 1."""
    number = DEFAULT if threshold is None else as_float(threshold)
    if number is None or not 0 < number < 1:
        raise InputError(f"threshold is {as_given(threshold)}; expected a number above 0 and below 1, such as 0.3.")
    return number


def check_two_classes(threshold: float, classes: int, name: str) -> None:
    """Raise InputError if a threshold was given to a model with more than two classes."""
    if threshold != DEFAULT and classes != 2:
        raise InputError(
            f"threshold is {threshold:g}, but {name} has {classes:,} classes; expected a model with two: one sigmoid "
            "output, or two outputs. With more classes, the one with the largest score is predicted; `tfstab guide "
            "rare-classes` shows how to give the score of a class more weight."
        )


def shift_of(threshold: float) -> float:
    """Return what is added to the logit of class 1, in nats."""
    return math.log1p(-threshold) - math.log(threshold)


def own_scores(shifted: np.ndarray, classes: np.ndarray, threshold: float) -> NDArray[np.floating]:
    """Return the scores that a model itself gives, from scores that its threshold has shifted.

    Parameters
    ----------
    shifted : ndarray of float, (N,)
        Shifted scores of one class each, 0..1.
    classes : ndarray of int, (N,)
        These classes, 0 or 1.
    threshold : float
        The threshold.

    Examples
    --------
    >>> from tfstab.classifier.threshold import own_scores
    >>> own_scores(np.array([0.5, 0.5]), np.array([0, 1]), 0.3).round(6).tolist()
    [0.7, 0.3]
    """
    if threshold == DEFAULT:
        return np.asarray(shifted)
    of_class = np.where(np.asarray(classes) == 1, threshold, 1 - threshold)
    return np.asarray(of_class * shifted / (of_class * shifted + (1 - of_class) * (1 - shifted)))


def of_other_class(shifted: np.ndarray, threshold: float) -> NDArray[np.floating]:
    """Return scores (N, 2) shifted by a threshold of class 0, given those shifted by the same threshold of class 1.

    Examples
    --------
    >>> from tfstab.classifier.threshold import of_other_class
    >>> of_other_class(np.array([[0.5, 0.5]]), 0.1).round(3).tolist()  # the model's own score of class 1 is 0.1
    [[0.988, 0.012]]
    """
    odds = shifted * np.array([1, math.exp(-2 * shift_of(threshold))])
    return np.asarray(odds / odds.sum(axis=1, keepdims=True))


def shifted_logits(outputs: NDArray[np.floating], threshold: float, *, scores: bool) -> NDArray[np.float64]:
    """Return what a model for two classes returns, (N, 2), as logits that the threshold has shifted, float64 (N, 2).

    scores: whether it returns scores; otherwise it returns logits.
    """
    values = outputs.astype(np.float64)
    if scores:
        values = np.log(np.maximum(values, np.finfo(np.float32).tiny))
    return np.asarray(values + np.array([0, shift_of(threshold)]))
