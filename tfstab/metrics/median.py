"""The median with an interval that holds for any distribution."""

import math

import numpy as np

from tfstab.metrics.estimate import CONFIDENCE, NO_ESTIMATE, Estimate


def estimate_median(values: np.ndarray, confidence: float = CONFIDENCE, least: float = 0.0) -> Estimate:
    """Estimate the median with an interval that is valid for any distribution, as it uses only the order of the values.

    Parameters
    ----------
    values : ndarray of float, (N,)
        The values; infinite for those known only to be larger than all others.
    confidence : float
        The least coverage of the interval, between 0 and 1.
    least : float
        The smallest value that there can be.

    Returns
    -------
    Estimate
        The median with its interval. The ends are two of the values, or `least` and infinity if there are too few.

    References
    ----------
    Conover, Practical Nonparametric Statistics, section 3.2.
    """
    ordered = np.sort(np.asarray(values, np.float64))
    n = len(ordered)
    if not n:
        return NO_ESTIMATE
    rank = _rank((1 - confidence) / 2, n)  # of the low end, counted from 1; 0: no value is low enough
    low, high = (ordered[rank - 1], ordered[n - rank]) if rank else (least, np.inf)
    middle = ordered[(n - 1) // 2] if np.isinf(ordered[n // 2]) else (ordered[(n - 1) // 2] + ordered[n // 2]) / 2
    return Estimate(float(middle), float(low), float(high))


def _rank(tail: float, n: int) -> int:
    """Return the least k such that at most k of n tosses of a coin are heads with probability `tail` or more."""
    from scipy.special import bdtr, bdtrik  # scipy.stats takes half a second longer to import

    k: int = max(1, math.ceil(bdtrik(tail, n, 0.5)))
    return k - 1 if bdtr(k - 1, n, 0.5) >= tail else k
