"""Gaffke's test and interval of a mean of bounded values, which hold for few values, however they are distributed.

A sample may lack rare values that are far below the others, and the mean may lie below what it suggests. The test
allows for them by adding a value to the sample, the least one possible, and giving all values random weights, which are
the spacings of uniform random numbers. The p-value that the mean is m or less is the probability that the weighted mean
is m or less.

If no value but -1 and 1 is possible, the test is the exact binomial test, and the interval Clopper and Pearson's. That
it errs no more often than promised is proved for all distributions of two values; for others it is a conjecture, of
which no counterexample is known. `tests/benchmarks/mean_test.py` looks for one: it computes the exact probability of an
error for many distributions of three values.

At 95 % this interval is wider than that of `tfstab.metrics.differences`. At the confidence that each of many
comparisons needs, it can be narrower: for one of 152, it allows for about log(2 / 0.05 * 152) = 8.7 rare values that
were not seen, the other one for z**2 = 12.9.
"""

import functools
import math

import numpy as np
from numpy.typing import NDArray

_PRECISION = 1e-12  # of an end of an interval
_LEAST_MEAN = -1 + 1e-9  # the p-value divides by 1 + mean
_LEAST_P = 1e-300  # keeps its logarithm finite
_TOGETHER = 4096  # distinct values in memory at a time
_POINTS, _FARTHEST = 65, 12.0  # of the trapezoidal rule: sinh of evenly spaced numbers, so dense near 0


def mean_p_value(values: NDArray[np.float64], mean: float = 0.0) -> float:
    """Return the one-sided p-value that the true mean of values is `mean` or less.

    Parameters
    ----------
    values : ndarray of float, (N,)
        Independent values, each -1 or larger.
    mean : float
        Above -1.

    Returns
    -------
    float
        If the true mean is `mean` or less, it is p or less with a probability of at most p: proved for two values, and
        for others as far as is known.

    References
    ----------
    Gaffke, Three Test Statistics for a Nonparametric One-Sided Hypothesis on the Mean of a Nonnegative Variable,
    Mathematical Methods of Statistics 14, 2005. Learned-Miller and Thomas, A New Confidence Interval for the Mean of a
    Bounded Random Variable, 2019, find no counterexample either.

    Examples
    --------
    >>> from tfstab.metrics.bounded_mean import mean_p_value
    >>> from scipy.stats import binomtest
    >>> p = mean_p_value(np.repeat([1.0, -1.0], [15, 5])), binomtest(15, 20, alternative="greater").pvalue
    >>> np.round(p, 6).tolist()
    [0.020695, 0.020695]
    """
    return _p_value(*np.unique(values, return_counts=True), mean)


def _p_value(values: NDArray[np.float64], counts: NDArray[np.int64], mean: float) -> float:
    """Return the p-value of distinct values, (V,), and how often each is there."""
    won = (values - mean) / (1 + mean)
    # Spacings are exponential variables E, divided by their sum, so p is the probability that sum(won * E) <= E0.
    # Its Laplace transform is 1 / (1 - s) / prod(1 + s * won); it is inverted along a vertical line in the complex
    # plane, through the point where the integrand is smallest on the real axis.
    s, slope_change = _saddle(won, counts)
    distances, weights = _rule()
    line = s + 1j * distances / math.sqrt(slope_change)
    log = -np.log1p(-line) - np.log(line)
    least = -math.log1p(-s) - math.log(s)
    for start in range(0, len(won), _TOGETHER):
        few, many = won[start : start + _TOGETHER], counts[start : start + _TOGETHER]
        log -= many @ np.log1p(np.multiply.outer(few, line))
        least -= float(many @ np.log1p(few * s))
    integral = float(weights @ np.exp(log - least).real) / math.pi / math.sqrt(slope_change)
    return math.exp(min(0.0, least + math.log(integral))) if integral > 0 else 1.0


def two_sided_p_value(values: NDArray[np.float64]) -> float:
    """Return the two-sided p-value that the mean of values -1..1, (N,), is 0."""
    return min(1.0, 2 * mean_p_value(values if values.mean() > 0 else -values))


def mean_ends(
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
    tail = (1 - confidence) / 2
    low = _low_end(values, tail, widest[0], narrowest[0])
    high = -_low_end(-values, tail, -widest[1], -narrowest[1])
    return np.array([low, high])


def _low_end(values: NDArray[np.float64], tail: float, outer: float, inner: float) -> float:
    """Return the largest mean from `outer` to `inner` that the test excludes; `outer` if it excludes none."""
    from scipy.optimize import brentq  # here, as opening a run would wait for its import

    distinct, counts = np.unique(values, return_counts=True)

    def beyond(mean: float) -> float:
        return math.log(max(_p_value(distinct, counts, mean), _LEAST_P) / tail)

    start = max(outer, _LEAST_MEAN)
    if start >= inner or beyond(start) >= 0:
        return outer
    if beyond(inner) < 0:
        return inner
    return float(brentq(beyond, start, inner, xtol=_PRECISION))


@functools.cache
def _rule() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the points and weights of an integral from 0 to infinity, in standard deviations of the integrand."""
    even, step = np.linspace(0, _FARTHEST, _POINTS, retstep=True)
    return np.sinh(even), step * np.cosh(even) * np.where(even == 0, 0.5, 1.0)


def _saddle(won: NDArray[np.float64], counts: NDArray[np.int64]) -> tuple[float, float]:
    """Return where the integrand is smallest between 0 and 1, and the second derivative of its logarithm there."""
    low, high = 0.0, 1.0
    for _ in range(60):
        s = (low + high) / 2
        if 1 / (1 - s) - 1 / s > float(counts @ (won / (1 + s * won))):
            high = s
        else:
            low = s
        if high - low < 1e-4 * min(low, 1 - high):  # any line in between gives the same integral
            break
    return s, 1 / (1 - s) ** 2 + 1 / s**2 + float(counts @ (won / (1 + s * won)) ** 2)
