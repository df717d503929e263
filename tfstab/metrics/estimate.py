"""`Estimate`, a value with its interval, and the estimates of clean accuracy and of mean recall."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tfstab.metrics.classification import ratio
from tfstab.metrics.intervals import wilson_interval
from tfstab.metrics.means import interval_of_moments

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Estimate:
    """A value with its 95 % interval; all are NaN if it cannot be computed.

    Attributes
    ----------
    value, low, high : float
        The value and the ends of its interval. The value alone is NaN if only its interval is known.

    Examples
    --------
    >>> from tfstab.metrics import Estimate
    >>> accuracy = Estimate(0.9, low=0.86, high=0.93)
    >>> f"{accuracy.value:.0%} ({accuracy.low:.0%} to {accuracy.high:.0%})"
    '90% (86% to 93%)'
    >>> print(accuracy)
    0.900 (0.860 to 0.930)
    """

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        """Return the value and its interval, with three digits after the point, or more if the value is small."""
        digits = max(3, 2 - math.floor(math.log10(abs(self.value)))) if self.value and math.isfinite(self.value) else 3
        value, low, high = (f"{number:.{digits}f}" for number in (self.value, self.low, self.high))
        return f"{value} ({low} to {high})"


NO_ESTIMATE = Estimate(float("nan"), float("nan"), float("nan"))


def normal_quantile(confidence: float) -> float:
    """Return the z for which a standard normal value lies within -z..z with this probability."""
    from statistics import NormalDist

    return NormalDist().inv_cdf((1 + confidence) / 2)


def accuracy_of(correct: NDArray[np.bool_]) -> Estimate:
    """Return the share of images that are right, or have another property, with Wilson's interval.

    All shares of clean images have this interval, those of degraded images that of `share_of`.

    Parameters
    ----------
    correct : ndarray of bool, (M,)
        Whether each image is right; at least one image.

    Returns
    -------
    Estimate
        The share with its interval.

    Examples
    --------
    >>> from tfstab.metrics.estimate import accuracy_of
    >>> e = accuracy_of(np.arange(100) < 50)
    >>> round(e.value, 2), round(e.low, 3), round(e.high, 3)
    (0.5, 0.404, 0.596)
    """
    return Estimate(float(correct.mean()), *wilson_interval(int(correct.sum()), len(correct)))


def mean_of_groups(groups: Sequence[NDArray[np.bool_]]) -> Estimate:
    """Estimate the mean of the shares of several groups of images, each group counting the same, as in a mean recall.

    The numbers of images of the groups are taken as fixed, so only differences within groups widen the interval. It
    covers two intervals: one from the variance of all images, and one from Wilson's interval of each group (Zou and
    Donner 2008). The first alone is far too short if all images of a small group are right by chance, the second is
    too short at its upper end if most groups are all right.

    Parameters
    ----------
    groups : sequence of ndarray of bool
        Whether each image of a group is right; each group has at least one image.

    Returns
    -------
    Estimate
        The mean with its interval; NaN without groups.

    Examples
    --------
    >>> from tfstab.metrics.estimate import mean_of_groups
    >>> e = mean_of_groups([np.arange(40) < 20, np.arange(300) < 290])
    >>> round(e.value, 3), round(e.low, 3), round(e.high, 3)
    (0.733, 0.645, 0.81)
    """
    if not groups:
        return NO_ESTIMATE
    value = float(np.mean([group.mean() for group in groups]))
    squares = sum(1 / len(group) for group in groups)  # of the images' weights, if they did not add up to 1
    # A single image has no differences within its group, so its distance from the mean counts instead.
    spread = [g.var(ddof=1) if len(g) > 1 else (g.mean() - value) ** 2 for g in groups]
    variance = sum(float(s) / len(g) for s, g in zip(spread, groups, strict=True)) / squares
    excess = max(float(ratio(np.array(variance), np.array(value * (1 - value)))), 1.0) if 0 < value < 1 else 1.0
    images = len(groups) ** 2 / squares / excess  # a mean of few images of a class varies more than a share
    pooled_low, pooled_high = interval_of_moments(value, variance, images).tolist()
    own = [accuracy_of(group) for group in groups]
    low = value - math.hypot(*(e.value - e.low for e in own)) / len(own)
    high = value + math.hypot(*(e.high - e.value for e in own)) / len(own)
    return Estimate(value, min(low, pooled_low), max(high, pooled_high))
