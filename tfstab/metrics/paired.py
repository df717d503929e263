"""Two classifiers on the same images: paired differences with intervals from resampling images, and McNemar's test."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tfstab.metrics.intervals import percentile_interval, resample

RESAMPLES = 1000


@dataclass(frozen=True)
class Difference:
    """The second's value less the first's, with its 95 % interval. first, second: their values."""

    first: float
    second: float
    value: float
    low: float
    high: float

    @property
    def sign(self) -> int:
        """1 or -1 where the interval lies above or below 0, else 0."""
        return int(self.low > 0) - int(self.high < 0)


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
    replicates = resample(len(a), RESAMPLES, seed) @ (b - a) / len(a)
    low, high = percentile_interval(replicates)
    return Difference(float(a.mean()), float(b.mean()), float((b - a).mean()), float(low), float(high))


def median_ratio(first: np.ndarray, second: np.ndarray, seed: int = 0) -> Difference:
    """The median of second / first over images, values (N,) above 0, as `value` with its interval.

    first, second: their medians. An interval above 1 says that the second's are larger.
    """
    a, b = np.asarray(first, np.float64), np.asarray(second, np.float64)
    if not len(a):
        return Difference(*[float("nan")] * 5)
    ratios = b / a
    rng = np.random.default_rng(seed)
    replicates = np.median(ratios[rng.integers(len(a), size=(RESAMPLES, len(a)))], axis=1)
    low, high = percentile_interval(replicates)
    return Difference(float(np.median(a)), float(np.median(b)), float(np.median(ratios)), float(low), float(high))


def mcnemar(first: NDArray[np.bool_], second: NDArray[np.bool_]) -> McNemar:
    """Whether two classifiers, right on the images (N,) where these are True, differ in how often they are right."""
    from scipy.stats import binomtest

    only_first, only_second = int((first & ~second).sum()), int((second & ~first).sum())
    discordant = only_first + only_second
    p_value = float(binomtest(only_first, discordant, 0.5).pvalue) if discordant else 1.0
    return McNemar(only_first, only_second, p_value)
