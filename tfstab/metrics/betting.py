"""Interval and p-value of a mean that hold for every distribution of bounded values, however few there are.

Somebody bets that the mean is above m, and stakes a fixed share of the capital on each value: the capital is multiplied
by 1 + stake * (value - m) / (m - least), which is never negative. If the mean is m or less, the capital is not expected
to grow, so by Markov's inequality it exceeds 1 / p with a probability of at most p. A large capital is therefore
evidence that the mean is above m. The capital is divided among several stakes, because the best one is not known.

At 95 % this interval is wider than that of `tfstab.metrics.differences`. At the confidence that each of many
comparisons needs, it can be narrower: for one of 152, it allows for about log(2 / 0.05 * 152) = 8.7 rare values that
were not seen, the other one for z**2 = 12.9.
"""

import math

import numpy as np
from numpy.typing import NDArray

# From 0.18 to 0.9998. Most are large: they are best if no value is far below m, where the other interval is too wide.
STAKES = tuple((1 - ((np.arange(8) + 0.5) / 8) ** 3).tolist())
_HALVINGS = 40


def log_capital(values: NDArray[np.float64], mean: float = 0.0) -> NDArray[np.float64]:
    """Return the logarithm of the capital after bets that the mean of values is above `mean`.

    Parameters
    ----------
    values : ndarray of float, (..., N)
        Independent values, each -1 or larger.
    mean : float
        Above -1.

    Returns
    -------
    ndarray of float64, (...)
        If the true mean is `mean` or less, it exceeds log(1 / p) with a probability of at most p.

    References
    ----------
    Waudby-Smith and Ramdas, Estimating Means of Bounded Random Variables by Betting, Journal of the Royal Statistical
    Society B 86, 2024.

    Examples
    --------
    >>> from tfstab.metrics.betting import log_capital
    >>> log_capital(np.full(100, 0.15)).round(1).tolist(), log_capital(np.zeros(100)).tolist()
    (13.0, 0.0)
    """
    won = (values - mean) / (1 + mean)
    each = np.array([np.log1p(stake * won).sum(axis=-1) for stake in STAKES])
    return np.asarray(np.logaddexp.reduce(each, axis=0) - math.log(len(STAKES)), np.float64)


def betting_p_value(values: NDArray[np.float64]) -> float:
    """Return an upper bound of the two-sided p-value that the mean of values -1..1, (N,), is 0."""
    capital = max(float(log_capital(values)), float(log_capital(-values)))
    return 2 * math.exp(-max(capital, math.log(2)))  # at most 1


def betting_interval(
    values: NDArray[np.float64], confidence: float, widest: NDArray[np.float64], narrowest: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return an interval of the mean whose ends lie between those of two others.

    Parameters
    ----------
    values : ndarray of float, (N,)
        Independent values -1..1.
    confidence : float
        Coverage of the interval, between 0 and 1.
    widest, narrowest : ndarray of float, (2,)
        Low and high end of the two other intervals.

    Returns
    -------
    ndarray of float64, (2,)
        Low and high end.
    """
    level = math.log(2 / (1 - confidence))
    low = _low_end(values, level, widest[0], narrowest[0])
    high = -_low_end(-values, level, -widest[1], -narrowest[1])
    return np.array([low, high])


def _low_end(values: NDArray[np.float64], level: float, outer: float, inner: float) -> float:
    """Return the largest mean from `outer` to `inner` that the bets exclude; `outer` if they exclude none."""
    if outer > -1 and log_capital(values, outer) <= level:
        return outer
    excluded, possible = outer, inner
    for _ in range(_HALVINGS):
        middle = (excluded + possible) / 2
        if middle > -1 and log_capital(values, middle) > level:
            excluded = middle
        else:
            possible = middle
    return excluded
