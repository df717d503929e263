"""How an assessment spends its time: what comes next, and whether there is time for it.

The plan follows measured speed. Every step has a predicted cost, and none is begun that would end after the deadline.
All families of degradations are measured on a few images first. Then each in turn gets more of them until enough are
right when clean for an estimate. From then on the next step goes where the interval of the accuracy that is kept is
widest. A share of the time belongs to the
search for minimum noise. This module knows neither models nor files.
"""

import math
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

SEARCH_SHARE = 0.25  # of the working time, for minimum noise
# Images to search at least, where there is time; until then the search may take a larger share.
SEARCH_GOAL, SHARE_BEFORE_GOAL = 20, 0.4
WIDEST_FIRST = {"gaussian_noise": 2.0}  # the interval of Gaussian noise, the paper's subject, counts double
STEP_SHARE, SHORTEST_STEP, LONGEST_STEP = 0.02, 0.3, 5.0  # of the budget, and in seconds: how long a step may take
CAUTION = 1.25  # a step may take so much longer than predicted, because other work slows the machine down
MEMORY = 0.5  # weight of what was measured before against the latest measurement


class Clock:
    """The time of an assessment.

    Parameters
    ----------
    seconds : float
        The budget.
    started : float, optional
        When it began, in the time of `time.perf_counter`; by default now.
    """

    def __init__(self, seconds: float, started: float | None = None) -> None:
        self.seconds = seconds
        self.started = time.perf_counter() if started is None else started

    @property
    def elapsed(self) -> float:
        """Seconds since the beginning."""
        return time.perf_counter() - self.started

    @property
    def left(self) -> float:
        """Seconds until the end; negative after it."""
        return self.seconds - self.elapsed

    @property
    def step(self) -> float:
        """How many seconds a step should take."""
        return min(LONGEST_STEP, max(SHORTEST_STEP, STEP_SHARE * self.seconds))


@dataclass
class Pace:
    """Measured speed of a kind of work.

    Attributes
    ----------
    seconds : float
        Seconds for a unit, of the latest measurements above all; NaN before the first one.
    spent : float
        Seconds in all.
    """

    seconds: float = math.nan
    spent: float = 0.0

    @property
    def known(self) -> bool:
        """Whether anything was measured."""
        return not math.isnan(self.seconds)

    def add(self, units: int, seconds: float) -> None:
        """Add a measurement: so many units took so many seconds."""
        self.spent += seconds
        if units:
            latest = seconds / units
            self.seconds = MEMORY * self.seconds + (1 - MEMORY) * latest if self.known else latest

    def predict(self, units: float) -> float:
        """Return how many seconds so many units will take at most, with caution; NaN if nothing was measured."""
        return CAUTION * self.seconds * units


class Candidate(NamedTuple):
    """A step that could come next.

    Attributes
    ----------
    name : str
        What it is about.
    width : float
        Width of the interval that it would narrow; infinite, or NaN, if there is no number yet.
    cost : float
        Predicted seconds.
    """

    name: str
    width: float
    cost: float


def choose(candidates: Iterable[Candidate], left: float) -> str | None:
    """Return the name of the step that narrows the widest interval and fits into the time left, or None.

    Examples
    --------
    >>> from tfstab.assessment.plan import Candidate, choose
    >>> steps = [Candidate("fog", 0.08, 2.0), Candidate("jpeg", 0.05, 1.0), Candidate("gaussian_noise", 0.045, 4.0)]
    >>> choose(steps, left=10), choose(steps, left=3), choose(steps, left=1), choose(steps, left=0.5)
    ('gaussian_noise', 'fog', 'jpeg', None)
    """
    affordable = [one for one in candidates if one.cost <= left]

    def wanted(one: Candidate) -> float:
        """Return how much a step is wanted. A NaN would compare as neither less nor more than any other width."""
        return math.inf if math.isnan(one.width) else one.width * WIDEST_FIRST.get(one.name, 1.0)

    best = max(affordable, key=wanted, default=None)  # of several that are wanted alike, the first
    return best.name if best is not None else None


def images_for(seconds: float, rows_per_second: float, rows_per_image: int, available: int) -> int:
    """Return how many images to plan for: as many as can have one copy under all degradations in this time.

    At least 50, so that the intervals are of use, unless fewer are available.

    Examples
    --------
    >>> from tfstab.assessment.plan import images_for
    >>> images_for(seconds=200, rows_per_second=400, rows_per_image=97, available=500)
    500
    >>> images_for(seconds=30, rows_per_second=7000, rows_per_image=97, available=10_000)
    2164
    """
    return min(available, max(50, int(seconds * rows_per_second / rows_per_image)))


def more_copies(copies: int, most: int) -> int:
    """Return how many copies of each image come after so many: 1, 2, 4, 8, ... and at last `most`."""
    return min(most, 2 * copies)
