"""Equivalence test of two classifiers on the same images, which can show that nothing changed."""

import math
from dataclasses import dataclass

import numpy as np

from tfstab.errors import InputError
from tfstab.metrics.estimate import CONFIDENCE
from tfstab.metrics.median import estimate_median
from tfstab.metrics.paired import paired_ratios
from tfstab.metrics.signs import POWER, sign_pairs, sign_test

LEVEL = 1 - CONFIDENCE  # of each of the two tests


@dataclass(frozen=True)
class Equivalence:
    """Whether the median ratio of paired values is within bounds that were stated beforehand, by two one-sided tests.

    Attributes
    ----------
    value : float
        The median ratio.
    low, high : float
        Ends of its 90 % interval.
    bound : float
        The largest ratio that counts as no change; the smallest is 1 / bound.
    count : int
        Number of pairs.
    above, below : int
        Number of pairs whose ratio is `bound` or more, and 1 / `bound` or less.
    """

    value: float
    low: float
    high: float
    bound: float
    count: int
    above: int
    below: int

    @property
    def p_not_larger(self) -> float:
        """One-sided p-value of the hypothesis that the median ratio is `bound` or more; NaN without pairs."""
        return sign_test(self.above, self.count) if self.count else math.nan

    @property
    def p_not_smaller(self) -> float:
        """One-sided p-value of the hypothesis that the median ratio is 1 / `bound` or less; NaN without pairs."""
        return sign_test(self.below, self.count) if self.count else math.nan

    @property
    def p_value(self) -> float:
        """P-value of the hypothesis that the ratio is out of bounds, the larger of the two; NaN without pairs."""
        return max(self.p_not_larger, self.p_not_smaller)

    @property
    def unchanged(self) -> bool:
        """Whether the median ratio is shown to be within the bounds: its 90 % interval is, so the p-value is < 0.05."""
        return 1 / self.bound < self.low and self.high < self.bound

    def needed(self, power: float = POWER) -> float:
        """Return how many pairs would show with this probability that the ratio is within the bounds.

        The number is infinite if half of the measured ratios or more are beyond one of the bounds, NaN without pairs.
        """
        if not self.count:
            return math.nan
        each = (1 + power) / 2  # of each test, so that both together have the power
        return max(sign_pairs(n / self.count, LEVEL, 1, each) for n in (self.above, self.below))


def equivalence(first: np.ndarray, second: np.ndarray, bound: float = 1.1) -> Equivalence:
    """Test whether two classifiers' values over the same images are the same, up to a bound stated beforehand.

    A test for a difference cannot show that there is none. This test can. It consists of two one-sided sign tests at
    the 5 % level (TOST): one shows that the median ratio is below the bound, the other that it is above 1 / bound.

    Parameters
    ----------
    first, second : ndarray of float, (N,)
        Each classifier's value of each image, above 0.
    bound : float
        The largest ratio that counts as no change, above 1; the smallest is 1 / bound.

    Returns
    -------
    Equivalence
        The median of second / first with its 90 % interval, and the tests; NaN if N is 0.

    Raises
    ------
    InputError
        The bound is not above 1, or a ratio is not a number.

    References
    ----------
    Schuirmann, A Comparison of the Two One-Sided Tests Procedure and the Power Approach for Assessing the Equivalence
    of Average Bioavailability, Journal of Pharmacokinetics and Biopharmaceutics 15, 1987.

    Examples
    --------
    >>> from tfstab.metrics.equivalence import equivalence
    >>> first = np.arange(1.0, 41)
    >>> e = equivalence(first, first * np.linspace(0.9, 1.12, 40))
    >>> e.unchanged, round(e.low, 2), round(e.high, 2), e.p_value < 0.001
    (True, 0.98, 1.04, True)
    """
    if not bound > 1:
        raise InputError(f"the bound is {bound:g}; expected a ratio above 1, such as 1.1.")
    ratios = paired_ratios(first, second)
    e = estimate_median(ratios, 1 - 2 * LEVEL)
    above, below = int((ratios >= bound).sum()), int((ratios <= 1 / bound).sum())
    return Equivalence(e.value, e.low, e.high, bound, len(ratios), above, below)
