"""Certified radii of randomised smoothing (Cohen, Rosenfeld and Kolter 2019).

A certificate is a statement about the smoothed classifier, whose answer is the class that the network predicts most
often for clip(x + noise, 0, 255), with Gaussian noise of one sigma: noise with an L2 norm below the certified radius
does not change that answer. It is no statement about the network's own answer to a single image, so it gives no lower
bound on the network's minimum noise.

Without clipping, the same holds for the class that the network predicts most often for x + noise. That is a different
smoothed classifier with other radii. The theorem covers both, because clipping can be seen as the network's first step.
"""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tfstab.metrics.intervals import clopper_pearson_lower

CONFIDENCE = 0.999  # as in Cohen et al.


def certified_radius(
    votes: ArrayLike, copies: ArrayLike, sigma: ArrayLike, confidence: float = CONFIDENCE, comparisons: int = 1
) -> NDArray[np.float64]:
    """Return the L2 radius within which the smoothed classifier keeps its answer, with the given confidence.

    The radius is sigma * Phi^-1(p), where p is the Clopper-Pearson lower bound on the class's share of the votes. If p
    is not above 1/2 the classifier abstains, and the radius is 0. The array arguments broadcast.

    Parameters
    ----------
    votes : array_like of int
        Number of noisy copies that are classified as the class in question. The class must be chosen before the votes
        are known.
    copies : array_like of int
        Number of noisy copies.
    sigma : array_like of float
        Standard deviation of the noise in grey levels.
    confidence : float
        Probability with which all radii of an image hold, between 0 and 1.
    comparisons : int
        Number of radii that are examined for each image. The error probability, 1 - confidence, is divided by it
        (Bonferroni), so that all of them hold at once, also when their votes are not independent.

    Returns
    -------
    ndarray of float64
        Radius in grey levels, 0 if the classifier abstains.

    References
    ----------
    Cohen, Rosenfeld and Kolter, Certified Adversarial Robustness via Randomized Smoothing, ICML 2019: Theorem 1, with
    the runner-up's probability bounded by 1 - p as in section 3.2.2.

    Examples
    --------
    >>> from tfstab.metrics import certified_radius
    >>> certified_radius([150, 120, 70], 150, 20.0).round(1).tolist()
    [33.9, 9.5, 0.0]
    """
    from scipy.special import ndtri

    p = clopper_pearson_lower(votes, copies, 1 - (1 - confidence) / comparisons)
    with np.errstate(divide="ignore"):
        return np.where(p > 0.5, np.asarray(sigma, np.float64) * ndtri(p), 0.0)


def largest_radius(copies: int, confidence: float = CONFIDENCE, comparisons: int = 1) -> float:
    """Return the largest radius that can be certified with this many copies: the one for unanimous votes.

    Parameters
    ----------
    copies : int
        Number of noisy copies.
    confidence, comparisons
        See `certified_radius`.

    Returns
    -------
    float
        Radius as a multiple of sigma.

    Examples
    --------
    >>> from tfstab.metrics import largest_radius
    >>> round(largest_radius(150), 3)
    1.695
    """
    return float(certified_radius(copies, copies, 1.0, confidence, comparisons))


def fewest_copies(confidence: float = CONFIDENCE, comparisons: int = 1) -> int:
    """Return the smallest number of copies with which a radius can be certified: if all votes agree.

    Parameters
    ----------
    confidence, comparisons
        See `certified_radius`.

    Examples
    --------
    >>> from tfstab.metrics.certificate import fewest_copies, largest_radius
    >>> fewest_copies(comparisons=12), largest_radius(13, comparisons=12), largest_radius(14, comparisons=12) > 0
    (14, 0.0, True)
    """
    # The bound of n unanimous votes is the n-th root of the error probability, and must be above 1/2.
    return math.floor(math.log2(comparisons / (1 - confidence))) + 1
