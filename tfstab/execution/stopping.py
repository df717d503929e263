"""When a run stops before all its work is done: after some minutes, or when an accuracy is known precisely enough."""

import math
import time
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from tfstab.errors import InputError
from tfstab.metrics import half_width, least_half_width
from tfstab.wording import as_given

LONGEST = 60 * 24 * 365  # minutes; a year


def check_stops(minutes: float | None = None, precision: float | None = None) -> None:
    """Raise InputError unless a run can stop after so many minutes, or at such a precision in percentage points."""
    for name, value, most in (("minutes", minutes, LONGEST), ("precision", precision, 100)):
        if value is not None and not (isinstance(value, int | float) and 0 < value <= most):
            raise InputError(f"{name} is {as_given(value)}; expected a number above 0 and at most {most:,}.")


@dataclass
class StopRule:
    """Decides after each part whether a run stops; the first decision comes after the first part.

    Parameters
    ----------
    minutes : float, optional
        Most minutes from now. The run stops before a part that would end later.
    precision : float, optional
        Percentage points. A sweep stops when the 95 % interval of the accuracy over all severities reaches at most
        this far to either side, or if it will not with more copies of the same images.
    compiles : bool
        Whether the first part includes the time of compiling. The speed is then that of the later parts, once there is
        one.

    Attributes
    ----------
    out_of_reach : bool
        Whether the precision needs more images.

    Raises
    ------
    InputError
        A number is out of range: see `check_stops`.

    References
    ----------
    Chow and Robbins, On the Asymptotic Theory of Fixed-Width Sequential Confidence Intervals for the Mean, The Annals
    of Mathematical Statistics 36, 1965. tests/benchmarks/stopping_coverage.py measures the coverage of the intervals
    at which this rule stops.
    """

    minutes: float | None = None
    precision: float | None = None
    compiles: bool = False
    out_of_reach: bool = field(default=False, init=False)
    _began: float = field(default_factory=lambda: time.perf_counter())  # noqa: PLW0108 - a test may replace the clock
    _work: int = 0
    _parts: int = 0
    _counted: float = 0.0

    def __post_init__(self) -> None:
        """Check the numbers."""
        check_stops(self.minutes, self.precision)
        self._started = self._began

    @property
    def left(self) -> float:
        """Seconds that are left of the minutes, 0 if they are over; infinite without a limit."""
        return math.inf if self.minutes is None else max(0.0, self._began + 60 * self.minutes - time.perf_counter())

    def start(self) -> None:
        """Begin to measure the speed, as the work on parts begins now."""
        self._started = time.perf_counter()

    def count(self, work: int) -> None:
        """Count work that has been done since `start`, or the last count, such as degraded images."""
        if self.compiles and self._parts == 1:
            self._started, self._work = self._counted, 0
        self._work += work
        self._parts += 1
        self._counted = time.perf_counter()

    def reached(
        self, work: int, shares: NDArray[np.float64] | None = None, draws: NDArray[np.int64] | None = None
    ) -> bool:
        """Return whether to stop.

        Parameters
        ----------
        work : int
            What the next part takes, in the same unit.
        shares : ndarray, optional
            Share of correct predictions of each image that has been swept, (M,); needed for `precision`.
        draws : ndarray, optional
            Degraded images of each of these images, (M,), if all images of the sweep have the same number of copies.
        """
        if self.minutes is not None and self._work:
            now = time.perf_counter()
            if now + work * (now - self._started) / self._work > self._began + 60 * self.minutes:
                return True
        if self.precision is None or shares is None or not len(shares):
            return False
        if 100 * half_width(shares) <= self.precision:
            return True
        self.out_of_reach = draws is not None and 100 * least_half_width(shares, draws) > self.precision
        return self.out_of_reach
