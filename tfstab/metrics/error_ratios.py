"""The mean of several ratios of sums over the same images, such as the mean corruption error, with its interval.

A percentile bootstrap has no width if the two networks agree on all images of the sample, though they may differ on
others. The interval here is Fieller's, with the safeguard of `tfstab.metrics.differences`: z**2 further images (3.84
at 95 %) count as if they differed as much as possible, half of them either way. If the whole (the errors of the
baseline) is so small that it might be next to nothing, the interval has no upper end. `tests/benchmarks/
paired_coverage.py --only errors` simulates how often it contains the truth.
"""

import math

import numpy as np
from numpy.typing import NDArray

from tfstab.metrics.classification import ratio
from tfstab.metrics.estimate import CONFIDENCE, NO_ESTIMATE, Estimate, normal_quantile


def mean_error_ratio(
    parts: NDArray[np.float64],
    wholes: NDArray[np.float64],
    confidence: float = CONFIDENCE,
    least: float = 0.0,
) -> Estimate:
    """Estimate the mean, over F cases, of the sum of one network's errors divided by the sum of another's.

    Parameters
    ----------
    parts, wholes : ndarray of float, (M,) or (M, F)
        Errors of the two networks on each of M images, as shares -1..1, in each of F cases, such as degradations.
        Cases in which the sum of `wholes` is not above 0 are left out.
    confidence : float
        Coverage of the interval, between 0 and 1.
    least : float
        The smallest ratio that there can be: 0 for shares of errors, -inf for increases of the error.

    Returns
    -------
    Estimate
        The mean with its interval, whose upper end may be infinite; NaN if no case is left.

    References
    ----------
    Fieller, Some Problems in Interval Estimation, Journal of the Royal Statistical Society B 16, 1954.

    Examples
    --------
    >>> from tfstab.metrics.error_ratios import mean_error_ratio
    >>> baseline = (np.arange(400) < 100).astype(float)
    >>> print(mean_error_ratio(baseline, baseline))  # no image differs
    1.000 (0.961 to 1.041)
    >>> print(mean_error_ratio(baseline[97:103], baseline[97:103]))  # of six images, of which three are wrong
    1.000 (0.000 to inf)
    """
    parts, wholes = (np.asarray(x, np.float64).reshape(len(x), -1) for x in (parts, wholes))
    there = wholes.sum(axis=0) > 0
    if not there.any():
        return NO_ESTIMATE
    whole = wholes[:, there].mean(axis=0)
    ratios = parts[:, there].mean(axis=0) / whole
    value = float(ratios.mean())
    # To first order, the mean of the ratios is higher than the measured one by the d for which rest - d * weight has a
    # mean of 0. One image can add `own` to it if only the first network is wrong there, `other` + d * `own` if only the
    # second is.
    rest = ((parts[:, there] - ratios * wholes[:, there]) / whole).mean(axis=1)
    weight = (wholes[:, there] / whole).mean(axis=1)
    own, other = float((1 / whole).mean()), float((ratios / whole).mean())
    share = normal_quantile(confidence) ** 2 / len(parts)
    variance, covariance, weight_variance = (float(x.mean()) for x in (rest**2, rest * weight, (weight - 1) ** 2))
    reaches = [
        _reach(1 - share * weight_variance, share * covariance, share * (variance + share * own**2)),
        _reach(
            1 - share * (weight_variance + share * own**2),
            share * (covariance - share * own * other),
            share * (variance + share * other**2),
        ),
    ]
    low, high = min(r[0] for r in reaches), max(r[1] for r in reaches)
    return Estimate(value, max(value + low, least), value + high)


def error_ratio(
    part: NDArray[np.float64], whole: NDArray[np.float64], confidence: float = CONFIDENCE, least: float = 0.0
) -> Estimate:
    """Estimate a single ratio; if the sum of `whole` is 0, it is infinite or NaN, without an interval.

    Parameters
    ----------
    part, whole, confidence, least
        As for `mean_error_ratio`.

    Returns
    -------
    Estimate
        The ratio with its interval.

    Examples
    --------
    >>> from tfstab.metrics.error_ratios import error_ratio
    >>> error_ratio(np.ones(5), np.zeros(5)).value
    inf
    """
    if not whole.any():
        return Estimate(float(ratio(part.sum(), whole.sum())), math.nan, math.nan)
    return mean_error_ratio(part, whole, confidence, least)


def _reach(square: float, linear: float, constant: float) -> tuple[float, float]:
    """Return the ends of the d around 0 with square * d**2 + 2 * linear * d <= constant, which is not below 0."""
    discriminant = linear**2 + square * constant
    if discriminant < 0 or (square <= 0 and linear == 0):
        return -math.inf, math.inf
    # The roots in a form that loses no digits; if square is negative, both lie on one side of 0.
    larger = -linear - math.copysign(math.sqrt(discriminant), linear)
    roots = [-constant / larger] if larger else [0.0]
    roots += [larger / square] if square else []
    return max((d for d in roots if d <= 0), default=-math.inf), min((d for d in roots if d >= 0), default=math.inf)
