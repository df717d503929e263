"""Accuracy kept, and other shares of images that weigh equally whatever their numbers of degraded copies.

The intervals are those of `mean_interval`, extended to ratios of means by the variance of a ratio (delta method). If
degradation makes wrong images right, they are those of a mean difference, which may lie above 100 %.
`tests/benchmarks/verdict_claims.py` checks by simulation how often they hold the truth.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tfstab.metrics.classification import ratio
from tfstab.metrics.differences import difference_interval
from tfstab.metrics.estimate import CONFIDENCE, NO_ESTIMATE, Estimate, normal_quantile
from tfstab.metrics.means import interval_of_moments

# Images that are right when clean, for a share of them: of five that all stay right, the interval is 48 to 100 %. With
# fewer, images that degradation makes right by chance may let a network keep "200 % (0-300)" of its accuracy.
FEWEST_RIGHT = 5
TOO_FEW = f"fewer than {FEWEST_RIGHT} of the images are right when clean"  # why there is no figure


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

    @property
    def enough(self) -> bool:
        """Whether enough images are right when clean for a figure: FEWEST_RIGHT."""
        return int(np.count_nonzero(self.whole)) >= FEWEST_RIGHT


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


def estimate_kept(kept: Kept, confidence: float = CONFIDENCE) -> Estimate:
    """Estimate which share of the clean accuracy is kept, or how many of the images right when clean are still right.

    Parameters
    ----------
    kept : Kept
        What remains of each image; `whole` is 1 if it is right when clean, otherwise 0.
    confidence : float
        Coverage of the interval.

    Returns
    -------
    Estimate
        The share with its interval; NaN if fewer than FEWEST_RIGHT images are right when clean.

    Examples
    --------
    >>> from tfstab.metrics.kept import Kept, estimate_kept
    >>> images, right = np.arange(30), np.arange(30) < 5
    >>> round(estimate_kept(Kept(images, 0.5 * right, right)).value, 2)
    0.5
    >>> estimate_kept(Kept(images[1:], 0.5 * right[1:], right[1:])).value
    nan
    """
    return estimate(kept, confidence) if kept.enough else NO_ESTIMATE


def estimate_each(parts: np.ndarray, whole: np.ndarray, confidence: float = CONFIDENCE) -> NDArray[np.float64]:
    """Estimate several ratios to the same whole, each on its own.

    Parameters
    ----------
    parts : ndarray of float, (M, S)
        What remains of each image in each of S cases, such as severities.
    whole : ndarray of float or bool, (M,)
        What there was.
    confidence : float
        Coverage of each interval.

    Returns
    -------
    ndarray of float64, (3, S)
        The ratios, and the low and the high ends of their intervals; NaN if there is nothing to keep.
    """
    there = float(whole.sum())
    if not there > 0:
        return np.full((3, parts.shape[1]), np.nan)
    value = parts.sum(axis=0) / there
    variance = ((parts - value * np.asarray(whole, np.float64)[:, None]) ** 2).sum(axis=0) / there
    gains = (parts > np.asarray(whole)[:, None]).any(axis=0)
    return np.stack([value, *_ends(value, variance, there, gains, confidence)])


def estimate_kept_each(parts: np.ndarray, whole: np.ndarray, confidence: float = CONFIDENCE) -> NDArray[np.float64]:
    """Estimate the accuracy kept in several cases, as `estimate_each`; NaN if too few images are right when clean."""
    curves = estimate_each(parts, whole, confidence)
    return curves if np.count_nonzero(whole) >= FEWEST_RIGHT else np.full_like(curves, np.nan)


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
    influences = [(kept.part - kept.value * kept.whole) / kept.whole.sum() / len(several) for kept in several]
    _, place = np.unique(np.concatenate([kept.images for kept in several]), return_inverse=True)
    variance = float((np.bincount(place, np.concatenate(influences)) ** 2).sum())
    images = min(float(kept.whole.sum()) for kept in several)
    gains = any((kept.part > kept.whole).any() for kept in several)
    return Estimate(value, *_ends(value, images * variance, images, gains, confidence).tolist())


def share_of(values: np.ndarray, confidence: float = CONFIDENCE) -> Estimate:
    """Estimate the mean of values between 0 and 1, one for each image, such as the shares of their degraded copies.

    The interval is that of `mean_interval`, the exact one of Clopper and Pearson if all values are 0 or 1. Shares of
    clean images are shown with Wilson's interval (`accuracy_of`).

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
    >>> from tfstab.metrics.kept import share_of
    >>> e = share_of(np.arange(100) < 98)
    >>> round(e.value, 2), round(e.low, 3), round(e.high, 3)
    (0.98, 0.93, 0.998)
    """
    part = np.asarray(values, np.float64)
    return estimate(Kept(np.arange(len(part)), part, np.ones(len(part))), confidence)


def _ends(
    value: ArrayLike, variance: ArrayLike, images: float, gains: ArrayLike, confidence: float
) -> NDArray[np.float64]:
    """Return low and high end of a ratio: those of a share, unless the ratio is none.

    Images that are wrong when clean may become right when degraded (gains). Then the ratio may lie above 1. If that is
    possible here, its distance from 1 is a mean difference. If not, it may still vary more than a share of so many
    images, so it counts as one of fewer. The arguments broadcast.
    """
    value, variance = np.asarray(value, np.float64), np.asarray(variance, np.float64)
    reach = value + normal_quantile(confidence) * np.sqrt(variance / images)
    largest = np.maximum(value, 1)  # of one image's part in the difference
    difference = 1 + difference_interval(value - 1, variance, images, confidence, largest)
    inside = np.minimum(value, 1)
    excess = np.maximum(ratio(variance, inside * (1 - inside)), 1)
    low, high = interval_of_moments(inside, variance, images / np.where(gains, excess, 1), confidence)
    share = np.stack([low, np.where(gains, np.maximum(high, reach), high)])
    return np.where(np.asarray(gains) & (reach > 1), np.maximum(difference, 0), share)
