"""What a running sweep tells an observer."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class SweepProgress:
    """How far a sweep has got.

    Attributes
    ----------
    done : int
        Degraded images scored so far, those of a resumed run included.
    total : int
        Degraded images of the whole sweep.
    """

    done: int
    total: int


OnProgress = Callable[[SweepProgress], None]
