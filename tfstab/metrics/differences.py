"""Interval, p-value and number of pairs for a mean difference, from its mean and variance over paired images.

Often most images have nearly the same value for both networks, and a few rare ones differ completely. A sample without
the rare ones has hardly any variance, so Student's interval and the percentile bootstrap are far too short: with 0.5 %
of such images, they miss the true difference in a third of the samples of 200 images. Therefore z**2 further pairs
(3.84 at 95 %) are counted towards the variance as if they differed as much as possible, half of them either way. That
is what Wilson's interval does for a share. If none of n pairs differs, the interval is 0 +- 3.84 / n; the exact one is
3.69 / n. `tests/benchmarks/paired_coverage.py` simulates how often the interval covers the true difference.

With very few pairs, the interval is too short if all of them differ completely. Four pairs that all differ in the same
direction count as a difference (p = 0.046), but this happens in 12.5 % of such samples of two equally good networks;
with five pairs, in 6.3 %.

At a higher confidence, z**2 pairs are more than is needed, so `tfstab.metrics.paired.mean_difference` also uses
`tfstab.metrics.bounded_mean`.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tfstab.metrics.classification import ratio


def difference_interval(
    mean: ArrayLike, variance: ArrayLike, pairs: ArrayLike, confidence: float = 0.95, largest: float = 1.0
) -> NDArray[np.float64]:
    """Return the interval of a mean difference. The arguments broadcast.

    Parameters
    ----------
    mean, variance : array_like of float
        Mean of the differences, and their mean squared distance from it.
    pairs : array_like of float
        Number of differences.
    confidence : float
        Coverage of the interval, between 0 and 1.
    largest : float
        The largest difference that there can be: 1 for shares.

    Returns
    -------
    ndarray of float64, (2, ...)
        Low and high end, within `largest`; NaN where the mean is NaN.

    References
    ----------
    For differences of -1, 0 and 1 it is close to the intervals of Agresti and Min, Simple improved confidence intervals
    for comparing matched proportions, Statistics in Medicine 24, 2005.

    Examples
    --------
    >>> from tfstab.metrics.differences import difference_interval
    >>> difference_interval(0.0, 0.0, 1000).round(4).tolist()  # no pair differs
    [-0.0038, 0.0038]
    >>> difference_interval(0.1, 0.25, 1000).round(3).tolist()
    [0.069, 0.131]
    """
    from scipy.special import ndtri

    mean, variance, pairs = (np.asarray(x, np.float64) for x in (mean, variance, pairs))
    z2 = ndtri((1 + confidence) / 2) ** 2
    half = ratio(np.sqrt(z2 * (pairs * variance + z2 * largest**2)), pairs)
    ends: NDArray[np.float64] = np.stack([np.maximum(mean - half, -largest), np.minimum(mean + half, largest)])
    return ends


def difference_p_value(
    mean: ArrayLike, variance: ArrayLike, pairs: ArrayLike, largest: float = 1.0
) -> NDArray[np.float64]:
    """Return the two-sided p-value of a mean difference of 0. The arguments broadcast.

    It is below 1 - confidence if, and only if, the interval of `difference_interval` does not contain 0.

    Parameters
    ----------
    mean, variance, pairs, largest
        As for `difference_interval`.

    Returns
    -------
    ndarray of float64
        P-values; NaN where the mean is NaN.

    Examples
    --------
    >>> from tfstab.metrics.differences import difference_p_value
    >>> float(difference_p_value(0.1, 0.25, 1000)) < 0.001, float(difference_p_value(0.0, 0.25, 1000))
    (True, 1.0)
    """
    from scipy.special import ndtr

    z2 = np.asarray(pairs, np.float64) * _weight(mean, variance, largest)
    return np.asarray(2 * ndtr(-np.sqrt(z2)), np.float64)


def pairs_needed(mean: ArrayLike, variance: ArrayLike, z: float, largest: float = 1.0) -> NDArray[np.float64]:
    """Return how many pairs with this mean and variance put the mean z standard errors away from 0.

    Parameters
    ----------
    mean, variance, largest
        As for `difference_interval`.
    z : float
        Standard errors: 1.96 for a p-value of 0.05.

    Returns
    -------
    ndarray of float64
        Whole numbers; infinite where the mean is 0, NaN where it is NaN.

    Examples
    --------
    >>> from tfstab.metrics.differences import pairs_needed
    >>> float(pairs_needed(0.01, 0.25, z=1.96)), float(pairs_needed(0.0, 0.25, z=1.96))
    (9620.0, inf)
    """
    with np.errstate(divide="ignore"):
        return np.asarray(np.ceil(z**2 / _weight(mean, variance, largest)), np.float64)


def _weight(mean: ArrayLike, variance: ArrayLike, largest: float) -> NDArray[np.float64]:
    """Return z**2 divided by the number of pairs, for the z whose interval ends at 0."""
    mean, variance = np.asarray(mean, np.float64) / largest, np.asarray(variance, np.float64) / largest**2
    # The root of mean**2 = weight * (variance + weight), in a form that loses no digits where the mean is small.
    square = mean**2
    below = variance + np.sqrt(variance**2 + 4 * square)
    return np.asarray(2 * square / np.where(below == 0, 1.0, below))
