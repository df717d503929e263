"""Paired comparison of two classifiers on the same images: bootstrap intervals and McNemar's test."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from tfstab.metrics.intervals import RESAMPLES, percentile_interval, resample, resampled_sums


@dataclass(frozen=True)
class Paired:
    """A value of each of two classifiers, and a value that compares the two, with its 95 % interval.

    Attributes
    ----------
    neutral : float
        The comparing value if the two classifiers are equal.
    first, second : float
        The values of the two classifiers.
    value : float
        The comparing value.
    low, high : float
        Ends of its 95 % interval.
    """

    neutral: ClassVar[float]
    first: float
    second: float
    value: float
    low: float
    high: float

    @property
    def sign(self) -> int:
        """1 if the whole interval lies above the neutral value (the second is larger), -1 if below it, else 0."""
        return int(self.low > self.neutral) - int(self.high < self.neutral)


class Difference(Paired):
    """The second classifier's value minus the first's."""

    neutral = 0.0


class Ratio(Paired):
    """The second classifier's value divided by the first's."""

    neutral = 1.0


@dataclass(frozen=True)
class McNemar:
    """Result of McNemar's exact test.

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
    first: np.ndarray, second: np.ndarray, images: np.ndarray | None = None, seed: int = 0
) -> Difference:
    """Compare the means of two classifiers' values over the same images.

    The interval comes from resampling images, because the noisy copies that a value is computed from are not
    independent.

    Parameters
    ----------
    first, second : ndarray of float, (N,)
        Each classifier's value of each image.
    images : ndarray of bool, (N,), optional
        The images to include; by default all.
    seed : int
        Seed of the resampling.

    Returns
    -------
    Difference
        The means, their difference and its interval; NaN if no image is included.
    """
    keep = np.ones(len(first), bool) if images is None else images
    a, b = np.asarray(first, np.float64)[keep], np.asarray(second, np.float64)[keep]
    if not len(a):
        return Difference(*[float("nan")] * 5)
    replicates = resampled_sums(resample(len(a), RESAMPLES, seed), b - a) / len(a)
    low, high = percentile_interval(replicates)
    return Difference(float(a.mean()), float(b.mean()), float((b - a).mean()), float(low), float(high))


def median_ratio(first: np.ndarray, second: np.ndarray, seed: int = 0) -> Ratio:
    """Compare two classifiers' values over the same images by the median of their ratios.

    Parameters
    ----------
    first, second : ndarray of float, (N,)
        Each classifier's value of each image, above 0.
    seed : int
        Seed of the resampling.

    Returns
    -------
    Ratio
        The two medians, and the median of second / first with its interval; NaN if N is 0. If the whole interval is
        above 1, the second's values are significantly larger.
    """
    a, b = np.asarray(first, np.float64), np.asarray(second, np.float64)
    if not len(a):
        return Ratio(*[float("nan")] * 5)
    ratios = b / a
    rng = np.random.default_rng(seed)
    replicates = np.array([np.median(ratios[rng.integers(len(a), size=len(a))]) for _ in range(RESAMPLES)])
    low, high = percentile_interval(replicates)
    return Ratio(float(np.median(a)), float(np.median(b)), float(np.median(ratios)), float(low), float(high))


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
