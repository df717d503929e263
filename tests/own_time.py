"""A clock of the test's own, by which the same work fits into a budget of time on every machine, however busy it is."""

import contextlib
import time
from collections.abc import Iterator
from unittest import mock


class OwnClock:
    """Goes on by `tick` seconds whenever it is read, and by what the test adds to `now`: time that work takes."""

    def __init__(self, tick: float) -> None:
        self.now, self.tick = 1000.0, tick

    def __call__(self) -> float:
        self.now += self.tick
        return self.now


@contextlib.contextmanager
def own_time(tick: float = 1e-6) -> Iterator[OwnClock]:
    """Put such a clock in the place of `time.perf_counter`, by which assessments and hardenings measure time."""
    clock = OwnClock(tick)
    with mock.patch.object(time, "perf_counter", clock):
        yield clock
