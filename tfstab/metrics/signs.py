"""The sign test of a median."""

import math
from statistics import NormalDist

POWER = 0.8  # usual probability with which a planned experiment finds an effect that exists


def sign_test(opposed: int, pairs: int) -> float:
    """Return the one-sided p-value of the sign test that a median lies on one side of a hypothetical value.

    Parameters
    ----------
    opposed : int
        Number of pairs on the other side of that value than the one where the median is to be shown to lie, ties
        included.
    pairs : int
        Number of all pairs, 1 or more.

    Returns
    -------
    float
        Probability of so few opposed pairs or fewer, if the median is the hypothetical value. It is below a level if,
        and only if, the one-sided interval of `estimate_median` does not contain that value.

    References
    ----------
    Conover, Practical Nonparametric Statistics, section 3.4.

    Examples
    --------
    >>> from tfstab.metrics.signs import sign_test
    >>> sign_test(opposed=0, pairs=5), round(sign_test(opposed=2, pairs=12), 4)
    (0.03125, 0.0193)
    """
    from scipy.stats import binom

    return float(binom.cdf(opposed, pairs, 0.5))


def sign_pairs(opposed: float, level: float, tails: int, power: float) -> float:
    """Return the number of pairs with which the sign test is significant with a given probability.

    Parameters
    ----------
    opposed : float
        Share of all pairs that are opposed, 0..1.
    level : float
        Level of the test, such as 0.05.
    tails : int
        1 or 2 sides.
    power : float
        Probability of a significant result.

    Returns
    -------
    float
        A whole number, by the normal approximation; infinite if half of the pairs or more are opposed.

    Examples
    --------
    >>> from tfstab.metrics.signs import sign_pairs
    >>> sign_pairs(0.4, level=0.05, tails=2, power=0.8), sign_pairs(0.0, 0.05, 2, 0.8), sign_pairs(0.5, 0.05, 2, 0.8)
    (194.0, 6.0, inf)
    """
    if opposed >= 0.5:
        return math.inf
    tail = level / tails
    z, more = NormalDist().inv_cdf(1 - tail), NormalDist().inv_cdf(power)
    pairs = ((z / 2 + more * math.sqrt(opposed * (1 - opposed))) / (0.5 - opposed)) ** 2
    fewest = math.ceil(-math.log2(tail))  # if none of them is opposed
    return float(max(fewest, math.ceil(pairs)))
