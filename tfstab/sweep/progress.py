"""What a running sweep tells an observer."""

from collections.abc import Callable
from dataclasses import dataclass

from tfstab.wording import counted


@dataclass(frozen=True)
class SweepProgress:
    """How far a sweep has got.

    Attributes
    ----------
    done : int
        Degraded images scored so far, those of a resumed run included.
    total : int
        Degraded images of the whole sweep.
    clean, clean_total : int
        Clean images scored so far, and in all, while they are scored; `done` is then 0. Afterwards, both are 0.
    """

    done: int
    total: int
    clean: int = 0
    clean_total: int = 0

    def __str__(self) -> str:
        """Return in one line how far the sweep is, for those who print progress."""
        if self.clean_total:
            return f"{self.clean:,} of {counted(self.clean_total, 'clean image')}"
        return f"{self.done:,} of {counted(self.total, 'degraded image')}"


OnProgress = Callable[[SweepProgress], None]
