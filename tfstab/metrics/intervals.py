"""Confidence intervals: of a share of independent trials, and by resampling units that are not independent inside.

The noisy copies of one image are not independent trials, so what is counted over copies gets its interval from
resampling images (Efron and Tibshirani, An Introduction to the Bootstrap, 1993, chapters 8 and 13).
"""

import warnings
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

if TYPE_CHECKING:
    from scipy.sparse import csr_array

RESAMPLES = 1000
_AT_ONCE = 100  # resamples that are worked on at once, which bounds the memory


def wilson_interval(correct: int, total: int, confidence: float = 0.95) -> tuple[float, float]:
    """Wilson's score interval for a share of independent trials, as shares 0..1.

    >>> from tfstab.metrics import wilson_interval
    >>> low, high = wilson_interval(98, 100)
    >>> round(low, 3), round(high, 3)
    (0.93, 0.994)
    """
    from scipy.stats import binomtest  # half a second, which opening a run need not wait for

    interval = binomtest(int(correct), int(total)).proportion_ci(confidence, method="wilson")
    return float(interval.low), float(interval.high)


def clopper_pearson_lower(successes: ArrayLike, trials: ArrayLike, confidence: float) -> NDArray[np.float64]:
    """The exact one-sided lower bound of a share (Clopper and Pearson 1934), for arrays of counts that broadcast.

    With probability `confidence` or more the true share is not below it. 0 where nothing succeeded.

    >>> from tfstab.metrics import clopper_pearson_lower
    >>> clopper_pearson_lower([150, 75, 0], 150, confidence=0.999).round(3).tolist()
    [0.955, 0.373, 0.0]
    """
    from scipy.special import betaincinv

    successes, trials = np.asarray(successes, np.float64), np.asarray(trials, np.float64)
    some = successes > 0
    bound = betaincinv(np.where(some, successes, 1), trials - np.where(some, successes, 1) + 1, 1 - confidence)
    return np.where(some, bound, 0.0)


def resample(units: int, resamples: int, seed: int) -> NDArray[np.uint16]:
    """How often each of N units is drawn in each of B bootstrap samples of N: uint16 (B, N), rows of sum N.

    >>> from tfstab.metrics import resample
    >>> weights = resample(units=5, resamples=100, seed=0)
    >>> weights.shape, set(weights.sum(axis=1).tolist())
    ((100, 5), {5})
    """
    rng = np.random.default_rng(seed)
    weights = np.empty((resamples, units), np.uint16)
    for row in weights:
        row[:] = np.bincount(rng.integers(units, size=units), minlength=units)
    return weights


def resampled_sums(weights: NDArray[np.uint16], values: "np.ndarray | csr_array") -> NDArray[np.float64]:
    """Sums of values (N,) or (N, F) over each sample of `resample`, (B,) or (B, F); exact for whole numbers.

    >>> from tfstab.metrics import resample, resampled_sums
    >>> wrong = np.array([0, 1, 0, 3, 0])  # copies of each image
    >>> resampled_sums(resample(5, 100, seed=0), wrong).shape
    (100,)
    """
    parts = range(0, len(weights), _AT_ONCE)
    return np.concatenate([weights[start : start + _AT_ONCE].astype(np.float64) @ values for start in parts])


def percentile_interval(replicates: np.ndarray, confidence: float = 0.95) -> NDArray[np.float64]:
    """The percentile interval of bootstrap replicates (B, ...): float64 (2, ...), its low and high ends.

    Ends are replicates themselves, so that they may be infinite. NaN replicates are left out; all NaN gives NaN.

    >>> from tfstab.metrics import percentile_interval
    >>> percentile_interval(np.arange(1000.0), confidence=0.9).tolist()
    [49.0, 949.0]
    """
    tail = (1 - confidence) / 2
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # of slices that are all NaN
        return np.nanquantile(replicates, (tail, 1 - tail), axis=0, method="inverted_cdf")
