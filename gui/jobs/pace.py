"""The time that a job still needs. No Qt in here."""

import time
from collections.abc import Callable

LEAST_SHARE = 0.005  # of the work, before which no time is estimated


class Pace:
    """Estimates the time left from the share of the work that is done, without counting pauses."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._start: tuple[float, float] | None = None  # (time, share)
        self._paused: float | None = None
        self.share = 0.0

    def advance(self, share: float) -> None:
        """Record the share of the work that is done, 0..1; a smaller one than before means that other work begins."""
        if self._start is None or share < self.share:
            self._start = (self._now(), share)
        self.share = share

    def pause(self) -> None:
        """Stop the clock."""
        self._paused = self._now()

    def go_on(self) -> None:
        """Let the clock run again."""
        if self._paused is not None and self._start is not None:
            begun, share = self._start
            self._start = (begun + self._now() - self._paused, share)
        self._paused = None

    @property
    def seconds_left(self) -> float | None:
        """Estimated seconds until the end; None while there is too little to estimate from."""
        if self._start is None:
            return None
        begun, share = self._start
        made = self.share - share
        if made < LEAST_SHARE:
            return None
        until = self._now() if self._paused is None else self._paused
        return (until - begun) * (1 - self.share) / made
