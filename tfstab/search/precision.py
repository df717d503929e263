"""Stops a search once the median of the minimum noise is known precisely enough."""

import math
from collections.abc import Iterable

import numpy as np

from tfstab.metrics.estimate import Estimate
from tfstab.metrics.median import estimate_median
from tfstab.search.result import MinimumNoise
from tfstab.search.trace import StopReason
from tfstab.wording import counted, rounded_to

LEAST = 30  # images that need noise before the first decision: the interval of fewer may be short by chance
ENOUGH = 0.6  # share of images with noise found below which more queries help the median rather than more images


class MedianRule:
    """Decides after each group of images whether the median of the minimum noise is known precisely enough.

    Parameters
    ----------
    precision : float or None
        Per cent of the median: stop when its 95 % interval reaches at most this far to either side. None: never.
    results : iterable of MinimumNoise
        Results that exist already; read only if a precision is given.

    References
    ----------
    The interval is that of the order statistics (`tfstab.metrics.median.estimate_median`), so it needs no assumption
    on how noise is distributed. tests/benchmarks/median_coverage.py measures its coverage where this rule stops.
    """

    def __init__(self, precision: float | None, results: Iterable[MinimumNoise] = ()) -> None:
        self.precision, self.sizes = precision, list[float]()
        if precision is not None:
            for result in results:
                self.take(result)

    def take(self, result: MinimumNoise) -> None:
        """Count a result, unless the image needed no noise or the observer cut its search short."""
        if result.needed_noise and result.stop_reason != StopReason.OBSERVER:
            self.sizes.append(result.size if result.found else math.inf)

    @property
    def width(self) -> float:
        """How far the interval reaches from the median, at most, in per cent of it; infinite if it is not known."""
        return math.inf if len(self.sizes) < LEAST else reach(estimate_median(np.array(self.sizes)))

    @property
    def reached(self) -> bool:
        """Whether to stop."""
        return self.precision is not None and self.width <= self.precision

    @property
    def shortage(self) -> str | None:
        """A sentence on the images that the precision needs, if it was not reached; None otherwise."""
        if self.precision is None or self.reached:
            return None
        count = len(self.sizes)
        if not math.isfinite(self.width):
            found = sum(map(math.isfinite, self.sizes))
            few = f"it was found for only {found:,} of them, so each image needs more queries"
            more = few if found < ENOUGH * count else "more are needed"
            return f"the median is not known within {self.precision:g} %: {counted(count)} needed noise, and {more}."
        needed = math.ceil(count * (self.width / self.precision) ** 2)  # the width falls with the root of the images
        return (
            f"the median is known within {rounded_to(self.width)} %, from {counted(count)} that needed noise; to know "
            f"it within {self.precision:g} % takes about {needed:,}."
        )


def reach(median: Estimate) -> float:
    """Return how far a median's interval reaches to either side, at most, in per cent of the median."""
    if not (0 < median.value < math.inf):
        return math.inf
    return 100 * max(median.high - median.value, median.value - median.low) / median.value
