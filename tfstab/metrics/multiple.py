"""Correction for several tests or comparisons that are made at once."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tfstab.metrics.estimate import CONFIDENCE
from tfstab.metrics.paired import Paired

# A note for tables that show the decisions of `decided`.
TOGETHER = (
    "Which of two networks is better is decided for all degradations, all severities or all classes at once: with 95 % "
    "confidence, none of these decisions about the two is wrong. Each further network is decided by itself. Each "
    "interval is for its row alone, so it may exclude 0 in a row that is not decided."
)

# The words for its decisions: which network is better.
BETTER = {1: "second", -1: "first", 0: "not decided"}


def holm(p_values: ArrayLike) -> NDArray[np.float64]:
    """Adjust the p-values of several tests by Holm's method.

    If a test is called significant when its adjusted p-value is below 0.05, the probability that one or more tests are
    wrongly called significant is at most 5 %, however the tests depend on each other.

    Parameters
    ----------
    p_values : array_like of float, (N,)
        P-values, 0..1. NaN stands for a test that could not be made, and is not counted.

    Returns
    -------
    ndarray of float64, (N,)
        Adjusted p-values, 0..1; NaN stays NaN.

    References
    ----------
    Holm, A Simple Sequentially Rejective Multiple Test Procedure, Scandinavian Journal of Statistics 6, 1979.

    Examples
    --------
    >>> from tfstab.metrics.multiple import holm
    >>> holm([0.01, 0.04, np.nan, 0.02]).round(3).tolist()
    [0.03, 0.04, nan, 0.04]
    """
    adjusted = np.array(p_values, np.float64)
    order = np.argsort(adjusted)[: np.isfinite(adjusted).sum()]  # NaN is sorted to the end
    times = len(order) - np.arange(len(order))
    adjusted[order] = np.minimum(np.maximum.accumulate(times * adjusted[order]), 1)
    return adjusted


def decided(comparisons: Sequence[Paired], share: float = 1.0, margin: float = 0.0) -> list[int]:
    """Decide several comparisons at once, so that with 95 % confidence none of the decisions is wrong (Bonferroni).

    Parameters
    ----------
    comparisons : sequence of Paired
        The comparisons, such as one for each degradation. One without pairs is not decided, and not counted.
    share : float
        Share of the permitted probability of an error, 0..1, that these comparisons get; the rest is for others.
    margin : float
        A difference is decided only if it is certainly larger than this, such as 0.02. Ratios have no margin.

    Returns
    -------
    list of int
        For each: 1 if the second value is larger, -1 if it is smaller, 0 if that is not decided.

    Examples
    --------
    >>> from tfstab.metrics.multiple import decided
    >>> from tfstab.metrics.paired import mean_difference
    >>> alone = mean_difference(np.arange(100) < 80, np.arange(100) < 87)
    >>> alone.sign, decided([alone]), decided([alone] * 18) == [0] * 18
    (1, [1], True)
    >>> larger = mean_difference(np.arange(1000) < 800, np.arange(1000) < 870)
    >>> decided([larger], margin=0.05), decided([larger], margin=0.06)
    ([1], [0])
    """
    error = error_of_each(comparisons, share)
    # NaN is below no number, so a comparison without a p-value stays undecided.
    sure = [c.p_value < error and (not margin or c.exceeds(margin, 1 - error)) for c in comparisons]
    return [int(np.sign(c.value - c.neutral)) if s else 0 for c, s in zip(comparisons, sure, strict=True)]


def error_of_each(comparisons: Sequence[Paired], share: float = 1.0) -> float:
    """Return the probability of an error that `decided` permits for each comparison.

    comparisons, share: as of `decided`.
    """
    tests = sum(math.isfinite(c.p_value) for c in comparisons)
    return share * (1 - CONFIDENCE) / max(tests, 1)
