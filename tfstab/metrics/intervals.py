"""Confidence intervals for shares of independent trials, and bootstrap intervals for values averaged over images.

The noisy copies of one image are not independent trials, so the interval of a value that is counted over copies comes
from resampling whole images (Efron and Tibshirani, An Introduction to the Bootstrap, 1993, chapters 8 and 13).
"""

import math
import warnings
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

if TYPE_CHECKING:
    from scipy.sparse import csr_array

RESAMPLES = 1000
_AT_ONCE = 100  # resamples that are worked on at once, which bounds the memory


def wilson_interval(correct: int, total: int, confidence: float = 0.95) -> tuple[float, float]:
    """Return Wilson's score interval for a share of independent trials.

    Parameters
    ----------
    correct : int
        Number of successes.
    total : int
        Number of trials, 1 or more.
    confidence : float
        Coverage of the interval, between 0 and 1.

    Returns
    -------
    low, high : float
        Ends of the interval, shares 0..1.

    References
    ----------
    Wilson, Probable Inference, the Law of Succession, and Statistical Inference, JASA 22, 1927.

    Examples
    --------
    >>> from tfstab.metrics import wilson_interval
    >>> low, high = wilson_interval(98, 100)
    >>> round(low, 3), round(high, 3)
    (0.93, 0.994)
    """
    # scipy.stats has the same interval, but takes half a second to import, for which opening a run would wait.
    from scipy.special import ndtri

    k, n = int(correct), int(total)
    share, z = k / n, float(ndtri((1 + confidence) / 2))
    denominator = 2 * (n + z**2)
    centre = (2 * n * share + z**2) / denominator
    half = z / denominator * math.sqrt(4 * n * share * (1 - share) + z**2)
    return (0.0 if k == 0 else centre - half), (1.0 if k == n else centre + half)


def clopper_pearson_lower(successes: ArrayLike, trials: ArrayLike, confidence: float) -> NDArray[np.float64]:
    """Return the exact one-sided lower confidence bound on a share of independent trials.

    The array arguments broadcast.

    Parameters
    ----------
    successes : array_like of int
        Number of successes.
    trials : array_like of int
        Number of trials.
    confidence : float
        Least probability with which the true share is at or above the bound, between 0 and 1.

    Returns
    -------
    ndarray of float64
        Lower bound, 0..1; 0 if there were no successes.

    References
    ----------
    Clopper and Pearson, The Use of Confidence or Fiducial Limits Illustrated in the Case of the Binomial, Biometrika
    26, 1934.

    Examples
    --------
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
    """Draw bootstrap samples and return how often each unit was drawn.

    Parameters
    ----------
    units : int
        Number of units, N, such as images. Each sample draws N of them, with replacement.
    resamples : int
        Number of samples, B.
    seed : int
        Seed of the random numbers; the same seed gives the same samples.

    Returns
    -------
    ndarray of uint16, (B, N)
        How often each sample contains each unit; every row sums to N.

    Examples
    --------
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
    """Sum values over each bootstrap sample.

    Parameters
    ----------
    weights : ndarray of uint16, (B, N)
        The samples, as returned by `resample`.
    values : ndarray or csr_array, (N,) or (N, F)
        One or F values of each unit.

    Returns
    -------
    ndarray of float64, (B,) or (B, F)
        Sums; exact for whole numbers.

    Examples
    --------
    >>> from tfstab.metrics import resample, resampled_sums
    >>> wrong = np.array([0, 1, 0, 3, 0])  # copies of each image
    >>> resampled_sums(resample(5, 100, seed=0), wrong).shape
    (100,)
    """
    parts = range(0, len(weights), _AT_ONCE)
    return np.concatenate([weights[start : start + _AT_ONCE].astype(np.float64) @ values for start in parts])


def percentile_interval(replicates: np.ndarray, confidence: float = 0.95) -> NDArray[np.float64]:
    """Return the percentile interval of bootstrap replicates.

    The ends of the interval are replicates, never values between two of them, so they may be infinite.

    Parameters
    ----------
    replicates : ndarray of float, (B, ...)
        The value computed from each bootstrap sample. NaN replicates are ignored.
    confidence : float
        Coverage of the interval, between 0 and 1.

    Returns
    -------
    ndarray of float64, (2, ...)
        Low and high end; NaN if all replicates are NaN.

    Examples
    --------
    >>> from tfstab.metrics import percentile_interval
    >>> percentile_interval(np.arange(1000.0), confidence=0.9).tolist()
    [49.0, 949.0]
    """
    tail = (1 - confidence) / 2
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # the warning about slices that are all NaN
        return np.asarray(np.nanquantile(replicates, (tail, 1 - tail), axis=0, method="inverted_cdf"))
