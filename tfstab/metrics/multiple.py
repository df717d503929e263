"""Correction of p-values for several tests."""

import numpy as np
from numpy.typing import ArrayLike, NDArray


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
