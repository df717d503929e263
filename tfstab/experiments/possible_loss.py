"""The largest loss of accuracy that a comparison of two networks leaves possible.

Each limit is the lower end of a 95 % interval of a difference, so it is too small with a probability of 2.5 %. The
limit for many degradations is the largest of their limits. It can only be too small if the limit of the degradation
with the largest true loss is too small, so it needs no correction for the number of degradations (intersection-union
test). Together with the limit on clean images, the sentence is wrong in at most 5 % of all cases. It may also say that
the second network is less accurate on clean images, if the whole interval is below 0: if this is false, then the limit
on clean images is right, so it adds no further error.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from tfstab.metrics.multiple import decided
from tfstab.metrics.paired import Difference


@dataclass(frozen=True)
class PossibleLoss:
    """How much less accurate the second of two networks is at most, with 95 % confidence for both limits together.

    Attributes
    ----------
    clean, degraded : float
        The largest loss that remains possible on clean images, and under any of the degradations or at any of the
        severities: shares, 0..1. Negative if the second network is certainly more accurate; `degraded` only if this is
        decided for all degradations or severities at once, as in tables.
    where : str
        Where `degraded` is reached, such as "under fog"; "" if there is only one place.
    everywhere : str
        What `degraded` holds for, such as "under each of the 19 degradations".
    clean_falls : bool
        Whether the second network is certainly less accurate on clean images.
    """

    clean: float
    degraded: float
    where: str
    everywhere: str
    clean_falls: bool = False

    def sentence(self, first: str, second: str) -> str:
        """Return both limits in words. first, second: what the networks are called."""
        begun, clean, degraded = f"With 95 % confidence, {second} is", points(self.clean), points(self.degraded)
        largest = f" The largest loss is possible {self.where}." if self.where and degraded else ""
        if clean and self.clean_falls:
            lost = f"on clean images, but not by more than {clean} points"
            if degraded:
                return (
                    f"{begun} less accurate than {first} {lost}. It is at most {degraded} points less "
                    f"accurate than {first} {self.everywhere}.{largest}"
                )
            return f"{begun} more accurate than {first} {self.everywhere}, and less accurate {lost}."
        if clean and degraded:
            return (
                f"{begun} at most {clean} points less accurate than {first} on clean images, and at most {degraded} "
                f"points less accurate {self.everywhere}.{largest}"
            )
        if clean:
            return (
                f"{begun} more accurate than {first} {self.everywhere}, and at most {clean} points less accurate on "
                "clean images."
            )
        if degraded:
            return (
                f"{begun} more accurate than {first} on clean images, and {self.everywhere} more accurate or at most "
                f"{degraded} points less.{largest}"
            )
        return f"{begun} more accurate than {first} on clean images and {self.everywhere}."


def possible_loss(clean: Difference, degraded: Sequence[tuple[str, Difference]], everywhere: str) -> PossibleLoss:
    """Return the largest losses that are possible, given measured differences.

    Parameters
    ----------
    clean : Difference
        Difference of the accuracies on clean images.
    degraded : sequence of tuple of str and Difference
        The same under each degradation, or at each severity: where, such as "under fog", and the difference. At least
        one.
    everywhere : str
        What to call all of these places if there are several: "under each of the 19 degradations".
    """
    where, worst = min(degraded, key=lambda each: each[1].low)
    better = all(sign > 0 for sign in decided([each for _, each in degraded]))
    loss = -worst.low if better else max(0.0, -worst.low)
    named = (where, everywhere) if len(degraded) > 1 else ("", where)
    return PossibleLoss(-clean.low, loss, *named, clean_falls=clean.sign < 0)


def points(loss: float) -> str:
    """Return a possible loss in percentage points, rounded up; "" if there is none."""
    return f"{max(math.ceil(1000 * loss - 1e-9), 1) / 10:.1f}" if loss >= 0 else ""
