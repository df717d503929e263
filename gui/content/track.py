"""`Track`: where the prediction changes in one direction along the slider of a degradation in the explorer."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tfstab.degradations import Degradation
from tfstab.gui.jobs.exploring import first_flip
from tfstab.gui.jobs.severities import direction, share_at
from tfstab.wording import rounded_to

COARSE_SHARES = tuple(np.linspace(0, 1, 41).tolist())  # of the way to an end of a slider; scored first


@dataclass(frozen=True, eq=False)
class Track:
    """What is predicted from the neutral severity to an end of a slider, while the other sliders stay where they are.

    Attributes
    ----------
    family : Degradation
        The degradation.
    severities : ndarray, shape (P,)
        Severities, neutral first and ever stronger.
    predicted : ndarray of int, shape (P,)
        The class predicted there.
    actual : int or None
        The true class; None if it is unknown.
    flip : float or None
        The mildest severity found at which the prediction is wrong or, if it is wrong at the neutral one, right. If the
        true class is unknown, the mildest at which the prediction differs from that at the neutral one.
    change : tuple of int
        The classes predicted just before and at `flip`; () without it.
    drawn : bool
        Whether the image depends on random numbers, so that all this may be different in another draw.
    """

    family: Degradation
    severities: NDArray[np.float64]
    predicted: NDArray[np.int64]
    actual: int | None
    flip: float | None = None
    change: tuple[int, ...] = ()
    drawn: bool = False

    @classmethod
    def of(
        cls,
        family: Degradation,
        severities: np.ndarray,
        predicted: np.ndarray,
        actual: int | None,
        *,
        drawn: bool = False,
    ) -> "Track":
        """Make a track of severities (P,), neutral first and ever stronger, and the classes predicted at them.

        drawn: whether another degradation applied to the image draws random numbers.
        """
        drawn, first = drawn or family.random, first_flip(predicted, actual)
        if first is None:
            return cls(family, severities, predicted, actual, drawn=drawn)
        change = tuple(predicted[first - 1 : first + 1].tolist())
        return cls(family, severities, predicted, actual, float(severities[first]), change, drawn)

    @property
    def shares(self) -> list[float]:
        """Places of the severities along the slider, as from `share_at`."""
        return [share_at(self.family, severity) for severity in self.severities.tolist()]

    @property
    def direction(self) -> str:
        """What stronger severities make of an image, such as "brighter"; "" if the slider has only one direction."""
        return direction(self.family, 1 if self.shares[-1] > 0 else -1)

    @property
    def draw(self) -> str:
        """Words that limit a statement to the random numbers drawn; "" if there are none."""
        return " in this draw" if self.drawn else ""

    @property
    def expected(self) -> int:
        """The true class or, if it is unknown, the class predicted at the neutral severity."""
        return int(self.predicted[0]) if self.actual is None else self.actual

    def pieces(self) -> list[tuple[float, float, int]]:
        """Return stretches of equal prediction: where each starts and ends, as shares, and the class."""
        shares = self.shares
        places = np.flatnonzero(np.diff(self.predicted, prepend=-1)).tolist()
        starts = [shares[place] for place in places]
        return list(zip(starts, [*starts[1:], shares[-1]], self.predicted[places].tolist(), strict=True))

    def line(self, names: Sequence[str]) -> tuple[str, list[str]]:
        """Return where the prediction changes, as for `flip`: words with "{}" for each class, and their names."""
        towards = f"{self.direction}: " if self.direction else ""
        if self.flip is not None:
            return f"{towards}{{}} → {{}} at {rounded_to(self.flip, 3)}{self.draw}", [names[k] for k in self.change]
        end = float(self.severities[-1])
        tried = f"{'up' if end > self.family.neutral else 'down'} to {end:g}{self.draw}"
        if np.all(self.predicted == self.predicted[0]):
            return f"{towards}stays {{}} {tried}", [names[int(self.predicted[0])]]
        return f"{towards}never {{}} {tried}", [names[self.expected]]

    def text(self, names: Sequence[str]) -> str:
        """Say where the prediction changes, as for `flip`, in a few words."""
        line, named = self.line(names)
        return line.format(*named)
