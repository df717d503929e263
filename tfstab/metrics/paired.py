"""Two classifiers on the same images: paired differences with intervals from resampling images, and McNemar's test."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from tfstab.metrics.intervals import RESAMPLES, percentile_interval, resample, resampled_sums


@dataclass(frozen=True)
class Paired:
    """Two values of the same images, and one that compares them, with its 95 % interval."""

    neutral: ClassVar[float]  # the value where the two are alike
    first: float
    second: float
    value: float
    low: float
    high: float

    @property
    def sign(self) -> int:
        """1 where the interval lies above the neutral value, so that the second is larger; -1 below it; else 0."""
        return int(self.low > self.neutral) - int(self.high < self.neutral)


class Difference(Paired):
    """The second's value less the first's."""

    neutral = 0.0


class Ratio(Paired):
    """The second's value over the first's."""

    neutral = 1.0


@dataclass(frozen=True)
class McNemar:
    """The images that one classifier alone gets right, and the exact two-sided p-value (McNemar 1947)."""

    only_first: int
    only_second: int
    p_value: float


def mean_difference(
    first: np.ndarray, second: np.ndarray, images: np.ndarray | None = None, seed: int = 0
) -> Difference:
    """The difference of means over images, of values (N,) of the same images. images: bool (N,), those that count.

    NaN where none counts. Images are resampled, so that the copies behind a value count as what they are: not
    independent.
    """
    keep = np.ones(len(first), bool) if images is None else images
    a, b = np.asarray(first, np.float64)[keep], np.asarray(second, np.float64)[keep]
    if not len(a):
        return Difference(*[float("nan")] * 5)
    replicates = resampled_sums(resample(len(a), RESAMPLES, seed), b - a) / len(a)
    low, high = percentile_interval(replicates)
    return Difference(float(a.mean()), float(b.mean()), float((b - a).mean()), float(low), float(high))


def median_ratio(first: np.ndarray, second: np.ndarray, seed: int = 0) -> Ratio:
    """The median of second / first over images, values (N,) above 0, as `value` with its interval.

    first, second: their medians. An interval above 1 says that the second's are larger.
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
    """Whether two classifiers, right on the images (N,) where these are True, differ in how often they are right."""
    from scipy.stats import binomtest

    only_first, only_second = int((first & ~second).sum()), int((second & ~first).sum())
    discordant = only_first + only_second
    p_value = float(binomtest(only_first, discordant, 0.5).pvalue) if discordant else 1.0
    return McNemar(only_first, only_second, p_value)
