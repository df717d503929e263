"""Estimates of shares with intervals, from images that weigh equally whatever their numbers of degraded copies.

The interval is Agresti and Coull's, generalised to values between 0 and 1 and to ratios of means: a made-up image that
keeps everything and one that keeps nothing join the images, and the standard error is that of a ratio of means (delta
method). Unlike a bootstrap interval it has a width where no failure was seen, and it covers the truth near 0 % and
100 % too (`tests/benchmarks/verdict_claims.py`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Estimate:
    """A value with its 95 % interval; all are NaN if it cannot be computed.

    Attributes
    ----------
    value, low, high : float
        The value and the ends of its interval.
    """

    value: float
    low: float
    high: float


NO_ESTIMATE = Estimate(float("nan"), float("nan"), float("nan"))


@dataclass(frozen=True, eq=False)
class Kept:
    """What each image has, and what remains of it: for the ratio of the two sums.

    Attributes
    ----------
    images : ndarray
        int64 (M,): indices of the images.
    part, whole : ndarray
        float64 (M,), 0..1: what remains, and what there was. A share of right images has whole = 1; accuracy kept has
        1 or 0, for images that are right or wrong when clean.
    """

    images: NDArray[np.int64]
    part: NDArray[np.float64]
    whole: NDArray[np.float64]

    @property
    def value(self) -> float:
        """The ratio; NaN if there is nothing to keep."""
        whole = float(self.whole.sum())
        return float(self.part.sum()) / whole if whole > 0 else float("nan")


def normal_quantile(confidence: float) -> float:
    """Return the z for which a standard normal value lies within -z..z with this probability."""
    from statistics import NormalDist

    return NormalDist().inv_cdf((1 + confidence) / 2)


def _weight(z: float) -> float:
    """Return the weight of each of the two made-up images.

    1 gives 95 % intervals the most even coverage in simulations. Higher confidence needs more, as rare failures may not
    have been seen at all: there it approaches Agresti and Coull's z**2 / 2.
    """
    return max(1.0, z * z / 2 - 1)


def share_of(values: np.ndarray, confidence: float = CONFIDENCE) -> Estimate:
    """Estimate the mean of values between 0 and 1, one for each image.

    Parameters
    ----------
    values : ndarray of float or bool, (M,)
        Value of each image, such as the share of its copies that are right.
    confidence : float
        Coverage of the interval.

    Returns
    -------
    Estimate
        The mean with its interval.

    Examples
    --------
    >>> from tfstab.metrics.estimate import share_of
    >>> e = share_of(np.arange(100) < 98)
    >>> round(e.value, 2), round(e.low, 3), round(e.high, 3)
    (0.98, 0.935, 1.0)
    """
    part = np.asarray(values, np.float64)
    return estimate(Kept(np.arange(len(part)), part, np.ones(len(part))), confidence)


def estimate(kept: Kept, confidence: float = CONFIDENCE) -> Estimate:
    """Estimate the ratio of what remains to what there was.

    Parameters
    ----------
    kept : Kept
        What each image has and what remains of it.
    confidence : float
        Coverage of the interval.

    Returns
    -------
    Estimate
        The ratio with its interval; NaN if there is nothing to keep.
    """
    return estimate_mean([kept], confidence)


def estimate_mean(several: Sequence[Kept], confidence: float = CONFIDENCE) -> Estimate:
    """Estimate the mean of several ratios of the same images, or of nested samples of them.

    An image counts as one draw for all ratios that it is part of, so that their dependence is accounted for.

    Parameters
    ----------
    several : sequence of Kept
        The ratios, such as the accuracy kept under each family of degradations.
    confidence : float
        Coverage of the interval.

    Returns
    -------
    Estimate
        The mean of the ratios with its interval; NaN if one of them has nothing to keep.
    """
    value = float(np.mean([kept.value for kept in several])) if several else float("nan")
    if not np.isfinite(value):
        return NO_ESTIMATE
    z = normal_quantile(confidence)
    made_up = _weight(z)
    centre = full = nothing = 0.0
    influences = []
    for kept in several:
        whole = kept.whole.sum() + 2 * made_up
        ratio = (kept.part.sum() + made_up) / whole
        influences.append((kept.part - ratio * kept.whole) / whole / len(several))
        full += (1 - ratio) / whole / len(several)
        nothing += -ratio / whole / len(several)
        centre += ratio / len(several)
    _, place = np.unique(np.concatenate([kept.images for kept in several]), return_inverse=True)
    of_images = np.bincount(place, np.concatenate(influences))
    half = z * float(np.sqrt((of_images**2).sum() + made_up * (full**2 + nothing**2)))
    most = 1.0 if all((kept.part <= kept.whole).all() for kept in several) else np.inf
    return Estimate(value, float(max(0.0, min(value, centre - half))), float(min(most, max(value, centre + half))))


def estimate_difference(first: np.ndarray, second: np.ndarray, confidence: float = CONFIDENCE) -> Estimate:
    """Estimate the mean of second - first, of values between 0 and 1 that two things have for the same images.

    Parameters
    ----------
    first, second : ndarray of float, (M,)
        Values of each image.
    confidence : float
        Coverage of the interval.

    Returns
    -------
    Estimate
        The mean difference with its interval; NaN without images.
    """
    d = np.asarray(second, np.float64) - np.asarray(first, np.float64)
    if not len(d):
        return NO_ESTIMATE
    n = len(d) + 2.0  # a made-up image that differs by 1, and one by -1
    centre = float(d.sum()) / n
    half = normal_quantile(confidence) * np.sqrt(((d - centre) ** 2).sum() + 2 + 2 * centre**2) / n
    value = float(d.mean())
    return Estimate(value, min(value, float(centre - half)), max(value, float(centre + half)))


def estimate_median(values: np.ndarray, confidence: float = CONFIDENCE) -> Estimate:
    """Estimate the median from the order of the values alone, which holds for any distribution.

    Parameters
    ----------
    values : ndarray of float, (N,)
        The values; infinite for those known only to be larger than all others.
    confidence : float
        Least coverage of the interval.

    Returns
    -------
    Estimate
        The median with its interval, whose ends are values, or 0 and infinite where there are too few values.

    References
    ----------
    Conover, Practical Nonparametric Statistics, section 3.2.
    """
    from scipy.stats import binom

    ordered = np.sort(np.asarray(values, np.float64))
    n = len(ordered)
    if not n:
        return NO_ESTIMATE
    rank = int(binom.ppf((1 - confidence) / 2, n, 0.5))  # of the low end, counted from 1; 0: no value is low enough
    low, high = (ordered[rank - 1], ordered[n - rank]) if rank else (0.0, np.inf)
    middle = ordered[(n - 1) // 2] if np.isinf(ordered[n // 2]) else (ordered[(n - 1) // 2] + ordered[n // 2]) / 2
    return Estimate(float(middle), float(low), float(high))
