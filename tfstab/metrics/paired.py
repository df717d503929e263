"""Paired comparison of two classifiers on the same images: differences, ratios and McNemar's test.

The p-value of a difference or of a ratio agrees with its interval: it is below 0.05 if, and only if, the 95 % interval
does not contain the neutral value. That of a difference agrees with its interval at every other confidence, too.

The p-value of McNemar's test need not agree with the interval of the difference of the same two accuracies. The test is
exact, given the number of images that only one network gets right; the interval is an approximation that does not take
this number as given. Where one of the two just decides, the other may not: if only the first network is right on 16 of
600 images, and only the second on 30, McNemar's p is 0.054, and the interval is 0.0003 to 0.0463. tfstab decides by the
interval, and gives McNemar's test as a description.
"""

from dataclasses import dataclass
from statistics import NormalDist
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from tfstab.errors import InputError
from tfstab.metrics.bounded_mean import mean_ends, two_sided_p_value
from tfstab.metrics.differences import difference_interval, difference_p_value, pairs_needed
from tfstab.metrics.estimate import CONFIDENCE, normal_quantile
from tfstab.metrics.kept import Kept
from tfstab.metrics.median import estimate_median
from tfstab.metrics.signs import POWER, sign_pairs, sign_test

__all__ = ["Difference", "McNemar", "Paired", "Ratio", "kept_difference", "mcnemar", "mean_difference", "median_ratio"]
_NAN = float("nan")


@dataclass(frozen=True)
class Paired:
    """A value of each of two classifiers, and their difference or ratio with its 95 % interval.

    Attributes
    ----------
    neutral : float
        The difference or ratio of equal classifiers: 0 or 1.
    first, second : float
        The values of the two classifiers.
    value : float
        The difference or ratio.
    low, high : float
        Ends of its 95 % interval.
    count : int
        Number of pairs, that is, of images.
    """

    neutral: ClassVar[float]
    first: float
    second: float
    value: float
    low: float
    high: float
    count: int

    @property
    def sign(self) -> int:
        """1 if the whole interval lies above the neutral value (the second is larger), -1 if below it, else 0."""
        return int(self.low > self.neutral) - int(self.high < self.neutral)

    @property
    def p_value(self) -> float:
        """Two-sided p-value of the hypothesis that the true difference is 0, or the ratio 1; NaN without pairs."""
        raise NotImplementedError

    def exceeds(self, margin: float, confidence: float) -> bool:
        """Return whether a difference is certainly larger than a margin, in one direction or the other.

        Parameters
        ----------
        margin : float
            The margin, at least 0; a ratio has none.
        confidence : float
            The confidence of the interval, between 0 and 1.
        """
        return True

    def needed(self, power: float = POWER, confidence: float = CONFIDENCE) -> float:
        """Return how many pairs would decide whether the second value is larger or smaller than the first.

        Parameters
        ----------
        power : float
            Probability that so many pairs decide it, if the true effect is as large as the measured one.
        confidence : float
            Of the decision, between 0 and 1: at 0.95, it is decided by a p-value below 0.05.

        Returns
        -------
        float
            Number of pairs in all; infinite if the measured difference is 0, or if no more than half of the ratios
            lie on one side of 1; NaN without pairs.
        """
        raise NotImplementedError


@dataclass(frozen=True)
class Difference(Paired):
    """The second classifier's mean minus the first's.

    Attributes
    ----------
    variance : float
        Variance of the differences over the pairs.
    largest : float
        The largest difference that there can be.
    p_bound : float
        Upper bound of the p-value, from Gaffke's test (`tfstab.metrics.bounded_mean`), which assumes nothing about how
        the differences are distributed; 1 if it is not known.
    """

    neutral = 0.0
    variance: float
    largest: float = 1.0
    p_bound: float = 1.0

    @property
    def p_value(self) -> float:
        """Two-sided p-value of the hypothesis that the means are equal; NaN without pairs."""
        p = float(difference_p_value(self.value, self.variance, self.count, self.largest))
        return min(p, self.p_bound) if p < 1 - CONFIDENCE else p

    def exceeds(self, margin: float, confidence: float) -> bool:
        """Return whether the interval at this confidence lies beyond the margin; see `Paired.exceeds`."""
        low, high = difference_interval(self.value, self.variance, self.count, confidence, self.largest).tolist()
        return bool(low > margin or high < -margin)

    def needed(self, power: float = POWER, confidence: float = CONFIDENCE) -> float:
        """Return how many pairs would decide; see `Paired.needed`."""
        return float(pairs_needed(self.value, self.variance, _z(confidence, power), self.largest))


@dataclass(frozen=True)
class Ratio(Paired):
    """The median, over the pairs, of the second classifier's value divided by the first's.

    Attributes
    ----------
    larger, smaller : int
        Number of pairs in which the second's value is larger, and smaller.
    """

    neutral = 1.0
    larger: int
    smaller: int

    @property
    def p_value(self) -> float:
        """Two-sided p-value of the sign test that the median ratio is 1; NaN without pairs."""
        n = self.count
        return min(1.0, 2 * min(sign_test(n - self.larger, n), sign_test(n - self.smaller, n))) if n else _NAN

    def shown(self, digits: int) -> str:
        """Return the median ratio as text with so many digits after the point, or more as in `ends`."""
        return _beside_1(self.value, digits)

    def ends(self, digits: int) -> str | None:
        """Return the interval as text, "1.06 to 1.15"; None if there are too few pairs for one.

        An end near 1 has more digits, so that it is seen on which side of 1 it lies: "0.88 to 0.996".
        """
        return f"{_beside_1(self.low, digits)} to {_beside_1(self.high, digits)}" if np.isfinite(self.high) else None

    def needed(self, power: float = POWER, confidence: float = CONFIDENCE) -> float:
        """Return how many pairs would decide; see `Paired.needed`."""
        if not self.count:
            return _NAN
        rest = self.count - max(self.larger, self.smaller)
        return sign_pairs(rest / self.count, 1 - confidence, tails=2, power=power)


@dataclass(frozen=True)
class McNemar:
    """Result of McNemar's exact test, which may disagree with the interval of `mean_difference` in close cases.

    Attributes
    ----------
    only_first, only_second : int
        Number of images that only this classifier gets right.
    p_value : float
        Two-sided p-value.

    References
    ----------
    McNemar, Note on the Sampling Error of the Difference Between Correlated Proportions or Percentages, Psychometrika
    12, 1947.
    """

    only_first: int
    only_second: int
    p_value: float


def mean_difference(
    first: np.ndarray,
    second: np.ndarray,
    images: np.ndarray | None = None,
    *,
    confidence: float = CONFIDENCE,
    largest: float = 1.0,
) -> Difference:
    """Compare the means of two classifiers' values over the same images.

    Each image counts once, because the noisy copies of an image are not independent. The interval is wider than 0 even
    if no image differs (`tfstab.metrics.differences`). At a confidence above 95 %, it is that of
    `tfstab.metrics.bounded_mean` where this is narrower, but never narrower than at 95 %.

    Parameters
    ----------
    first, second : ndarray of float, (N,)
        Each classifier's value of each image, such as the share of its noisy copies that are classified correctly.
    images : ndarray of bool, (N,), optional
        The images to include; by default all.
    confidence : float
        Coverage of the interval, between 0 and 1.
    largest : float
        The largest difference that there can be: 1 for shares 0..1, 100 for percentages.

    Returns
    -------
    Difference
        The means, their difference and its interval; NaN if no image is included.

    Raises
    ------
    InputError
        A difference exceeds `largest`.

    Examples
    --------
    >>> from tfstab.metrics.paired import mean_difference
    >>> first, second = np.arange(1000) < 950, np.arange(1000) < 970
    >>> d = mean_difference(first, second)
    >>> round(d.value, 3), round(d.low, 3), round(d.high, 3), d.p_value < 0.05, d.needed()
    (0.02, 0.011, 0.029, True, 630.0)
    """
    keep = np.ones(len(first), bool) if images is None else images
    a, b = np.asarray(first, np.float64)[keep], np.asarray(second, np.float64)[keep]
    if not len(a):
        return Difference(_NAN, _NAN, _NAN, _NAN, _NAN, 0, _NAN, largest)
    d = b - a
    if np.abs(d).max() > largest * (1 + 1e-9):
        raise InputError(
            f"a difference is {np.abs(d).max():g}, but `largest` is {largest:g}; expected the largest difference that "
            "there can be: 1 for shares, 100 for percentages."
        )
    mean, variance = float(d.mean()), float(d.var())
    usual, ends = (difference_interval(mean, variance, len(d), c, largest) for c in (CONFIDENCE, confidence))
    if confidence > CONFIDENCE and largest:
        ends = largest * mean_ends(d / largest, confidence, ends / largest, usual / largest)
    bound = two_sided_p_value(d / largest) if usual[0] > 0 or usual[1] < 0 else 1.0  # else not used
    low, high = ends.tolist()
    return Difference(float(a.mean()), float(b.mean()), mean, low, high, len(d), variance, largest, bound)


def kept_difference(first: Kept, second: Kept) -> Difference:
    """Compare two classifiers by what each keeps of its clean accuracy: a ratio of two means over images.

    If all wholes are 1, the result equals the `mean_difference` of the parts. An image whose whole is 0, such as one
    that is wrong when clean, does not make the interval narrower.

    Parameters
    ----------
    first, second : Kept
        The whole of each image and the part that is kept, for the same images in the same order.

    Returns
    -------
    Difference
        The ratios, their difference and its interval (delta method); NaN if the wholes of one are all 0.
    """
    value, n = second.value - first.value, len(first.whole)
    if not np.isfinite(value):
        return Difference(first.value, second.value, _NAN, _NAN, _NAN, n, _NAN)
    one, other = ((kept.part - kept.value * kept.whole) / kept.whole.mean() for kept in (first, second))
    variance = float(((other - one) ** 2).mean())
    largest = 1 / min(float(kept.whole.mean()) for kept in (first, second))  # of one image's share in a ratio
    low, high = difference_interval(value, variance, n, largest=largest).tolist()
    return Difference(first.value, second.value, value, min(value, low), max(value, high), n, variance, largest)


def median_ratio(first: np.ndarray, second: np.ndarray) -> Ratio:
    """Compare two classifiers' values over the same images by the median of their ratios.

    The interval is the exact one of a median, whose ends are two of the sorted ratios (`estimate_median`). With fewer
    than 6 pairs it reaches from 0 to infinity.

    Parameters
    ----------
    first, second : ndarray of float, (N,)
        Each classifier's value of each image, above 0.

    Returns
    -------
    Ratio
        The two medians, and the median of second / first with its interval; NaN if N is 0. If the whole interval is
        above 1, the second's values are significantly larger.

    Raises
    ------
    InputError
        A ratio is not a number.

    Examples
    --------
    >>> from tfstab.metrics.paired import median_ratio
    >>> first = np.arange(1.0, 21)
    >>> r = median_ratio(first, first * np.linspace(1.01, 1.2, 20))
    >>> round(r.value, 3), round(r.low, 2), round(r.high, 2), r.sign, r.p_value < 0.001
    (1.105, 1.06, 1.15, 1, True)
    """
    ratios = paired_ratios(first, second)
    one, other = (float(np.median(x)) if len(x) else _NAN for x in (first, second))
    larger, smaller = int((ratios > 1).sum()), int((ratios < 1).sum())
    e = estimate_median(ratios)
    return Ratio(one, other, e.value, e.low, e.high, len(ratios), larger, smaller)


def paired_ratios(first: np.ndarray, second: np.ndarray) -> NDArray[np.float64]:
    """Return second / first, float64 (N,); raise InputError if one is NaN, which is on no side of any bound."""
    with np.errstate(invalid="ignore", divide="ignore"):
        ratios = np.asarray(second, np.float64) / np.asarray(first, np.float64)
    if len(unknown := np.flatnonzero(np.isnan(ratios))):
        raise InputError(f"the ratio of pair {unknown[0]} is not a number; expected values above 0.")
    return ratios


def mcnemar(first: NDArray[np.bool_], second: NDArray[np.bool_]) -> McNemar:
    """Test whether two classifiers differ in how often they are right.

    Parameters
    ----------
    first, second : ndarray of bool, (N,)
        Whether each classifier gets each image right.

    Returns
    -------
    McNemar
        Counts and p-value.
    """
    from scipy.stats import binomtest

    only_first, only_second = int((first & ~second).sum()), int((second & ~first).sum())
    discordant = only_first + only_second
    p_value = float(binomtest(only_first, discordant, 0.5).pvalue) if discordant else 1.0
    return McNemar(only_first, only_second, p_value)


def _beside_1(ratio: float, digits: int, most: int = 6) -> str:
    """Return a ratio with so many digits after the point, or more if they show on which side of 1 it lies."""
    shown = f"{ratio:.{digits}f}"
    return shown if float(shown) != 1 or ratio == 1 or digits == most else _beside_1(ratio, digits + 1)


def _z(confidence: float, power: float) -> float:
    """Return how many standard errors large an effect must be, to be significant with a probability of `power`."""
    return normal_quantile(confidence) + NormalDist().inv_cdf(power)
