"""`TooSlowError`: a network for which the time is too short, and the time that it needs at least."""

import math

from tfstab.errors import InputError
from tfstab.wording import counted

GRACE = 15.0  # seconds by which work may take longer than its time before it is refused


class TooSlowError(InputError):
    """The time is too short even for the least work with a network.

    Parameters
    ----------
    name : str
        Name of the network.
    seconds : float
        What the least work takes in all.

    Examples
    --------
    >>> from tfstab.training.too_slow import TooSlowError
    >>> print(TooSlowError("large", 130))
    large is too slow to be hardened in this time: it takes at least 3 minutes here (--minutes 3, in Python minutes=3).
    """

    def __init__(self, name: str, seconds: float) -> None:
        """Round the time up to whole minutes."""
        minutes = max(1, math.ceil(seconds / 60))
        super().__init__(
            f"{name} is too slow to be hardened in this time: it takes at least {counted(minutes, 'minute')} here "
            f"(--minutes {minutes}, in Python minutes={minutes})."
        )
        self.name, self.seconds = name, seconds
