"""`Track`: where along the slider of a degradation in the explorer the prediction changes."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tfstab.degradations import Degradation
from tfstab.gui.jobs.exploring import first_flip
from tfstab.gui.jobs.severities import share_at

COARSE_SHARES = tuple(np.linspace(0, 1, 41).tolist())  # places of a slider at which images are scored first


@dataclass(frozen=True, eq=False)
class Track:
    """What is predicted along a slider, while the other sliders stay where they are.

    Attributes
    ----------
    shares : ndarray, shape (P,)
        Places along the slider, ascending from 0 to 1.
    predicted : ndarray of int, shape (P,)
        The class predicted there.
    actual : int or None
        The true class; None if it is unknown.
    flip : float or None
        The mildest severity found at which the prediction is wrong or, if it is wrong at the neutral one, right. If the
        true class is unknown, the mildest at which the prediction differs from that at the neutral one.
    change : tuple of int
        The classes predicted just before and at `flip`; () without it.
    """

    shares: NDArray[np.float64]
    predicted: NDArray[np.int64]
    actual: int | None
    flip: float | None = None
    change: tuple[int, ...] = ()

    @classmethod
    def of(cls, family: Degradation, severities: np.ndarray, predicted: np.ndarray, actual: int | None) -> "Track":
        """Make a track of severities (P,), neutral first and ever stronger, and the classes predicted at them."""
        shares = np.array([share_at(family, s) for s in severities.tolist()])
        first = first_flip(predicted, actual)
        if first is None:
            return cls(shares, predicted, actual)
        change = tuple(predicted[first - 1 : first + 1].tolist())
        return cls(shares, predicted, actual, float(severities[first]), change)

    @property
    def expected(self) -> int:
        """The true class or, if it is unknown, the class predicted at the neutral severity."""
        return int(self.predicted[0]) if self.actual is None else self.actual

    def pieces(self) -> list[tuple[float, float, int]]:
        """Return stretches of equal prediction: where each starts and ends, as shares, and the class."""
        starts = np.flatnonzero(np.diff(self.predicted, prepend=-1))
        ends = [*self.shares[starts[1:]].tolist(), 1.0]
        return list(zip(self.shares[starts].tolist(), ends, self.predicted[starts].tolist(), strict=True))

    def line(self, names: Sequence[str]) -> tuple[str, list[str]]:
        """Return where the prediction changes, as for `flip`: words with "{}" for each class, and their names."""
        if self.flip is not None:
            return f"{{}} → {{}} at {self.flip:.3g}", [names[k] for k in self.change]
        if np.all(self.predicted == self.predicted[0]):
            return "stays {}", [names[int(self.predicted[0])]]
        return "never {}", [names[self.expected]]

    def text(self, names: Sequence[str]) -> str:
        """Say where the prediction changes, as for `flip`, in a few words."""
        line, named = self.line(names)
        return line.format(*named)
