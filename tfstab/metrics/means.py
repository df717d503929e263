"""Confidence intervals for the mean over images of a share 0..1, such as the share of an image's copies that is right.

Images are independent, the copies of one image are not. So each image counts once, with its share, and more copies of
the same images cannot narrow an interval below what the differences between images leave.
"""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tfstab.errors import InputError
from tfstab.metrics.classification import ratio

if TYPE_CHECKING:
    from collections.abc import Callable

# Images whose variance is not estimated but assumed to be the largest possible, a mixture of 0 and 1. They stand for
# rare images, quite unlike the others, that the sample may have missed: without them, 99 easy images of a hundred would
# give a narrow interval that leaves out the hard ones. Two are enough for a coverage of 94 % in all populations of
# tests/benchmarks/stopping_coverage.py; one is not.
UNSEEN = 2.0


def mean_interval(shares: ArrayLike, weights: ArrayLike | None = None, confidence: float = 0.95) -> NDArray[np.float64]:
    """Return the confidence interval of the mean of shares over images.

    It is Korn and Graubard's interval: that of Clopper and Pearson for the effective number of images, which is larger
    than their number if shares lie between 0 and 1. For shares that are all 0 or 1 it is Clopper and Pearson's. The
    interval has a width even if all images agree.

    Parameters
    ----------
    shares : array_like of float, (N,) or (N, ...)
        Share of each image, 0..1.
    weights : array_like of float, (N,) or the shape of `shares`, optional
        Weight of each image, 0 or more; by default all count equally. NaN shares are ignored where the weight is 0.
    confidence : float
        Coverage of the interval, between 0 and 1.

    Returns
    -------
    ndarray of float64, (2, ...)
        Low and high end, 0..1; NaN without images.

    References
    ----------
    Korn and Graubard, Confidence Intervals for Proportions with Small Expected Number of Positive Counts Estimated from
    Survey Data, Survey Methodology 24, 1998.

    Examples
    --------
    >>> from tfstab.metrics import mean_interval
    >>> mean_interval([1, 1, 1, 0.5, 1, 1, 0.75, 1, 1, 1]).round(2).tolist()
    [0.62, 1.0]
    >>> mean_interval(np.ones(100)).round(3).tolist()
    [0.964, 1.0]
    """
    shares = np.asarray(shares, np.float64)
    w = np.ones(len(shares)) if weights is None else np.asarray(weights, np.float64)
    w = w.reshape(w.shape + (1,) * (shares.ndim - w.ndim))
    counted = np.where(w > 0, shares, 0.0)
    total, squares = w.sum(axis=0), (w * w).sum(axis=0)
    mean = ratio((w * counted).sum(axis=0), total)
    variance = ratio((w * w * (counted - mean) ** 2).sum(axis=0), squares)
    return interval_of_moments(mean, variance, ratio(total * total, squares), confidence)


def interval_of_moments(
    mean: ArrayLike, variance: ArrayLike, images: ArrayLike, confidence: float = 0.95
) -> NDArray[np.float64]:
    """Return the interval of `mean_interval` from the mean and variance of the shares. The arguments broadcast.

    Parameters
    ----------
    mean, variance : array_like of float
        Mean of the shares, 0..1, and their mean squared distance from it.
    images : array_like of float
        Number of images; with unequal weights w, sum(w)**2 / sum(w**2).
    confidence : float
        Coverage of the interval, between 0 and 1.

    Returns
    -------
    ndarray of float64, (2, ...)
        Low and high end, 0..1; NaN where the mean is NaN.

    Examples
    --------
    >>> from tfstab.metrics.means import interval_of_moments
    >>> interval_of_moments(0.5, 0.25, 100).round(3).tolist()  # shares of 0 and 1
    [0.398, 0.602]
    >>> interval_of_moments(0.5, 0.01, 100).round(3).tolist()  # shares close to one half
    [0.467, 0.533]
    """
    from scipy.special import betaincinv  # takes a tenth of a second, which `import tfstab.metrics` need not wait for

    mean, variance, images = np.broadcast_arrays(*(np.asarray(x, np.float64) for x in (mean, variance, images)))
    largest = mean * (1 - mean)  # the variance of shares that are all 0 or 1
    design_effect = np.minimum(ratio(images * variance + UNSEEN, images * largest + UNSEEN), 1)
    effective = ratio(images, design_effect)
    right, wrong, tail = effective * mean, effective * (1 - mean), (1 - confidence) / 2

    def end(successes: np.ndarray, failures: np.ndarray) -> NDArray[np.float64]:
        """Return the lower end of a share of successes."""
        some = successes > 0
        return np.where(some, betaincinv(np.where(some, successes, 1), failures + 1, tail), 0.0)

    low, high = end(right, wrong), 1 - end(wrong, right)
    return np.where(np.isnan(mean), np.nan, np.stack([np.minimum(low, mean), np.maximum(high, mean)]))


def half_width(shares: ArrayLike, confidence: float = 0.95) -> float:
    """Return the larger distance from the mean of shares to an end of its interval.

    A sweep may look at it after every part and stop once it is small enough: the interval that it then has still covers
    the mean of all images that could be drawn in 94 % of cases or more (`tests/benchmarks/stopping_coverage.py`).

    Parameters
    ----------
    shares : array_like of float, (N,)
        Share of each image's copies that is right, 0..1. Each image counts equally.
    confidence : float
        Coverage of the interval, between 0 and 1.

    Returns
    -------
    float
        The distance, as a share; infinite without images.

    Examples
    --------
    >>> from tfstab.metrics import half_width
    >>> round(half_width(np.ones(100)), 3), round(half_width(np.ones(1000)), 4)
    (0.036, 0.0037)
    """
    shares = np.asarray(shares, np.float64)
    return _half_width(*_moments(shares), confidence)(len(shares)) if len(shares) else float("inf")


def least_half_width(shares: ArrayLike, draws: ArrayLike, confidence: float = 0.95) -> float:
    """Estimate the half width that remains however many more copies of the same images are scored.

    A sweep that is asked for a precision below this may stop, because only more images would help. The chance part of
    each share is estimated as if all its draws had the same probability of being right. With several severities, which
    have different ones, this is too much, so the estimate errs on the small side.

    Parameters
    ----------
    shares : array_like of float, (N,)
        Share of each image's copies that is right, over all severities, 0..1.
    draws : array_like of int, (N,)
        Number of copies of each image that this is the share of, all severities together.
    confidence : float
        Coverage of the interval, between 0 and 1.

    Returns
    -------
    float
        The half width, as a share; infinite without images.

    Examples
    --------
    >>> from tfstab.metrics import half_width, least_half_width
    >>> half = np.full(1000, 0.5)  # images that all differ only by chance
    >>> half[::2], half[1::2] = 5 / 12, 7 / 12
    >>> round(least_half_width(half, np.full(1000, 12)), 4) < round(half_width(half), 4)
    True
    """
    shares, draws = np.asarray(shares, np.float64), np.asarray(draws, np.float64)
    if not len(shares):
        return float("inf")
    mean, variance = _moments(shares)
    by_chance = float((shares * (1 - shares) / np.maximum(draws - 1, 1)).mean())
    return _half_width(mean, max(variance - by_chance, 0.0), confidence)(len(shares))


def images_needed(shares: ArrayLike, precision: float, confidence: float = 0.95) -> int:
    """Estimate how many images would bring `half_width` down to a precision.

    It assumes that further images are like these, with as many copies. More copies of each image would need fewer
    images, but no fewer than the differences between images demand.

    Parameters
    ----------
    shares : array_like of float, (N,)
        Share of each image's copies that is right, 0..1; at least one.
    precision : float
        The half width wanted, as a share: 0.01 for one percentage point.
    confidence : float
        Coverage of the interval, between 0 and 1.

    Returns
    -------
    int
        Number of images in all, those given included.

    Raises
    ------
    InputError
        The precision is not above 0.

    Examples
    --------
    >>> from tfstab.metrics import images_needed
    >>> images_needed([0, 1] * 50, precision=0.05), images_needed(np.ones(50), precision=0.01)
    (402, 368)
    """
    if not precision > 0:
        raise InputError(f"precision is {precision}; expected a number above 0.")
    width = _half_width(*_moments(np.asarray(shares, np.float64)), confidence)
    few, many = 0, 1  # not by `bisect`, which fails from 2**63 on
    while width(many) > precision:
        few, many = many, 2 * many
    while many - few > 1:
        middle = (few + many) // 2
        few, many = (few, middle) if width(middle) <= precision else (middle, many)
    return many


def _moments(shares: np.ndarray) -> tuple[float, float]:
    """Return mean and variance."""
    return float(shares.mean()), float(shares.var())


def _half_width(mean: float, variance: float, confidence: float) -> "Callable[[int], float]":
    """Return the half width as a function of the number of images."""

    def width(images: int) -> float:
        """Return the larger distance to an end."""
        low, high = interval_of_moments(mean, variance, images, confidence)
        return float(max(high - mean, mean - low))

    return width
