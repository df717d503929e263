"""How many training steps fit the time that is left: planned again after each round, as the speed may change."""

import math
import time
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tfstab.training.finetune import FineTuning

FEWEST_STEPS = 20  # with fewer, hardly anything is gained
SLACK = 1.1  # a plan that would take so many times the time that is left, or leave so much of it unused, is changed
ROUNDS_TIMED = 4  # the latest ones: a single round may be slow by chance, and old ones say nothing of the speed now
UNUSED = 0.5  # if time for more than this share of the largest plan so far would be left unused, more is planned
MEASURED_SECONDS, MEASURED_STEPS = 2.0, 20  # at most, for measuring the speed before a training begins or goes on


class Pace:
    """Measures how long a step takes, from the end of the first one, which may take seconds longer than the others."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, int]] = deque(maxlen=ROUNDS_TIMED + 1)

    def note(self, step: int) -> None:
        """Note that this step has ended now."""
        self._seen.append((time.perf_counter(), step))

    @property
    def seconds(self) -> float | None:
        """Seconds for each step, with all that is done between them; None until two steps have been noted."""
        if not self._seen:
            return None
        (began, first), (now, last) = self._seen[0], self._seen[-1]
        return (now - began) / (last - first) if last > first else None


def raised(most: int, done: int, pace: float, left: float) -> int:
    """Return the largest number of steps planned so far, or more if it would leave much of the time unused.

    A machine that is busy when the plan is made seems to be far slower than it is.

    Parameters
    ----------
    most, done, pace, left
        As in `fitting`. left: infinite if the number of steps was given, and not the time.
    """
    affordable = left / pace if pace > 0 and math.isfinite(left) else 0.0
    return done + int(affordable) if affordable - (most - done) > UNUSED * most else most


def fitting(steps: int, most: int, done: int, pace: float, left: float) -> int:
    """Return how many steps, all counted, fit the time that is left.

    Parameters
    ----------
    steps, most : int
        The number of steps planned now, and the number planned at first, which is not exceeded here (see `raised`).
    done : int
        Steps that have been taken.
    pace : float
        Seconds for a step.
    left : float
        Seconds that are left.

    Returns
    -------
    int
        `most` if there is time for so many, or nearly. Otherwise `steps` if they nearly fill the time, so that the
        learning rate is changed only if this makes a difference. Else as many as there is time for.
    """
    affordable = max(0.0, left / pace) if pace > 0 else float("inf")
    if most - done <= SLACK * affordable:
        return most
    if affordable / SLACK <= steps - done <= SLACK * affordable:
        return steps
    return max(min(most, FEWEST_STEPS), done + int(affordable))


def seconds_per_step(tuning: "FineTuning") -> float:
    """Return how long a step takes; network and optimiser are the same afterwards."""
    before = tuning.arrays()
    tuning.take(0).numpy()
    began, steps = time.perf_counter(), 0
    while steps < MEASURED_STEPS and (not steps or time.perf_counter() - began < MEASURED_SECONDS):
        tuning.take(steps).numpy()
        steps += 1
    seconds = (time.perf_counter() - began) / steps
    tuning.restore(before)
    return seconds
