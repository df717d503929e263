"""Comparison of two mean differences that come from different images, such as those of two data sets."""

import math

from tfstab.metrics.differences import difference_interval
from tfstab.metrics.estimate import CONFIDENCE
from tfstab.metrics.paired import Difference


def independent_difference(first: Difference, second: Difference, *, confidence: float = CONFIDENCE) -> Difference:
    """Compare two mean differences of independent samples of images.

    Parameters
    ----------
    first, second : Difference
        Mean differences, such as the losses of accuracy on two data sets.
    confidence : float
        Coverage of the interval, between 0 and 1.

    Returns
    -------
    Difference
        The second minus the first, with its interval and p-value, which agree. `count` is the number of images of both
        samples together; so is the number that `needed` returns, if both grow in proportion. NaN if one has no images.

    References
    ----------
    Newcombe, Interval Estimation for the Difference between Independent Proportions, Statistics in Medicine 17, 1998,
    which combines the intervals of both samples.

    Examples
    --------
    >>> from tfstab.metrics.independent import independent_difference
    >>> from tfstab.metrics.paired import mean_difference
    >>> one, other = (mean_difference(np.zeros(1000), np.arange(1000) < lost) for lost in (20, 60))
    >>> d = independent_difference(one, other)
    >>> round(d.value, 3), round(d.low, 3), round(d.high, 3), d.p_value < 0.001
    (0.04, 0.022, 0.058, True)
    """
    value, count = second.value - first.value, first.count + second.count
    if math.isnan(value):
        return Difference(first.value, second.value, value, value, value, count, value)
    # Scaled so that the formulas for one sample of all images give the sum of the squared standard errors of both.
    variance = count * (first.variance / first.count + second.variance / second.count)
    largest = count * math.hypot(first.largest / first.count, second.largest / second.count)
    most = first.largest + second.largest
    low, high = difference_interval(value, variance, count, confidence, largest).clip(-most, most).tolist()
    return Difference(first.value, second.value, value, low, high, count, variance, largest)
