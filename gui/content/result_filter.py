"""Which results of a search its table lists."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tfstab.assessment.words import number
from tfstab.gui.content.viewpoint import State

if TYPE_CHECKING:
    from tfstab.gui.content.entry import Entry

WRONG, FOUND, MISSING = OUTCOMES = ("wrong when clean", "found", "not found")
LARGEST = 1e12  # a norm that no noise exceeds


@dataclass(frozen=True)
class ResultFilter:
    """Conditions that a result must meet to be listed; None means no condition.

    Attributes
    ----------
    actual, predicted : int or None
        True class, and the class found.
    outcome : str or None
        One of `OUTCOMES`.
    low, high : float
        Range of the norm of noise that was found, both ends included.
    """

    actual: int | None = None
    predicted: int | None = None
    outcome: str | None = None
    low: float = 0.0
    high: float = LARGEST

    def places(self, entries: "Sequence[Entry]") -> NDArray[np.intp]:
        """Return the positions of the results that meet the conditions."""
        return np.array([n for n, entry in enumerate(entries) if self._takes(entry)], np.intp)

    def _takes(self, entry: "Entry") -> bool:
        outcome = WRONG if entry.wrong_when_clean else FOUND if entry.found else MISSING
        return (
            self.actual in (None, entry.class_index)
            and (self.predicted is None or (outcome == FOUND and self.predicted == entry.predicted))
            and self.outcome in (None, outcome)
            and (not self._limits or (outcome == FOUND and self.low <= entry.size <= self.high))
        )

    @property
    def _limits(self) -> bool:
        return self.low > 0 or self.high < LARGEST

    def said(self, names: Sequence[str], norm: str) -> str:
        """Return the conditions in words: "cat → dog, L2 20 to 40"; "" for none. norm: title of the norm."""
        actual, other = (None if k is None else names[k] for k in (self.actual, self.predicted))
        classes = f"{actual or 'any class'} → {other}" if other is not None else actual or ""
        ends = f"{norm} {number(self.low)} to {number(self.high)}" if self._limits else ""
        return ", ".join(part for part in (classes, self.outcome or "", ends) if part)

    def values(self) -> dict[str, Any]:
        """Return the conditions as JSON values by name."""
        return {name: value for name, value in vars(self).items() if value != getattr(type(self), name)}

    @classmethod
    def of(cls, values: Mapping[str, Any], classes: int) -> "ResultFilter":
        """Return the filter with these values, which may come from a stranger; raise InputError if there is none."""
        state, known = State(values), (*range(classes), None)
        low = state.number("low", 0.0, 0.0, LARGEST)
        return cls(
            actual=state.one_of("actual", known, None),
            predicted=state.one_of("predicted", known, None),
            outcome=state.one_of("outcome", (*OUTCOMES, None), None),
            low=low,
            high=state.number("high", LARGEST, low, LARGEST),
        )
