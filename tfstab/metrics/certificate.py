"""The certificate of randomised smoothing (Cohen, Rosenfeld and Kolter, Certified Adversarial Robustness, ICML 2019).

It speaks of the smoothed, clipped classifier: the one that answers with the class which the network gives to most of
clip(x + noise, 0, 255), noise Gaussian of one sigma. No noise of a smaller L2 norm changes that answer. It says
nothing of the network's own answer to one image, and so does not bound the network's minimum noise.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tfstab.metrics.intervals import clopper_pearson_lower

CONFIDENCE = 0.999  # Cohen et al.'s


def certified_radius(
    votes: ArrayLike, copies: ArrayLike, sigma: ArrayLike, confidence: float = CONFIDENCE, comparisons: int = 1
) -> NDArray[np.float64]:
    """sigma * Phi^-1(p) in grey levels (L2), p the lower bound of the class's share of votes: 0 where it abstains.

    votes: of `copies` noisy images, how many are given the class; the class must be fixed before the votes are seen.
    Arrays broadcast. comparisons: how many radii of an image are looked at: the error 1 - confidence is divided
    among them (Bonferroni), so that all hold at once, whether or not their votes depend on each other.
    It abstains unless p > 1/2. (Theorem 1 with the runner-up bounded by 1 - p, as in section 3.2.2.)

    >>> from tfstab.metrics import certified_radius
    >>> certified_radius([150, 120, 70], 150, 20.0).round(1).tolist()
    [33.9, 9.5, 0.0]
    """
    from scipy.special import ndtri

    p = clopper_pearson_lower(votes, copies, 1 - (1 - confidence) / comparisons)
    with np.errstate(divide="ignore"):
        return np.where(p > 0.5, np.asarray(sigma, np.float64) * ndtri(p), 0.0)


def largest_radius(copies: int, confidence: float = CONFIDENCE, comparisons: int = 1) -> float:
    """The radius in sigmas when all votes agree, which so many copies cannot exceed: 1.69 for 150 at 99.9 %.

    >>> from tfstab.metrics import largest_radius
    >>> round(largest_radius(150), 3)
    1.695
    """
    return float(certified_radius(copies, copies, 1.0, confidence, comparisons))
