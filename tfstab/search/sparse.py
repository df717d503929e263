"""Walks for the norm L0, which change one value after the other.

Slopes predict poorly what a value does at its limit, 0 or 255. So a step of a walk lets the gradient choose some single
changes, tries them all, and makes the best:

- while the image does not flip and less than the least noise so far has changed, it adds a value;
- with as many values as the least noise so far has, or if the image flips, it takes a value back, or several;
- with one value less, it exchanges a value for another.

A value that the walk has just added or taken back is left alone for some steps. Otherwise the walk would soon undo the
same change and make it again (tabu search).
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tfstab.search.goal import FLIP_MARGIN
from tfstab.search.norm import Norm
from tfstab.search.norm.l0 import to_limits
from tfstab.search.walks import Walk

# Steps for which a value that was added stays, and one that was taken back stays out.
ADDED, TAKEN = 2, 8
PART = 8  # so many additions, at least, lead from the clean image to a boundary that needs many
TOGETHER = (2, 3, 5, 8, 12, 18, 27, 41)  # numbers of values that are taken back at once


class SparseWalk(Walk):
    """A walk that changes few values; arguments and attributes are those of `Walk`."""

    tries = 16

    def __init__(self, *arguments: object, **options: object) -> None:
        super().__init__(*arguments, **options)  # type: ignore[arg-type]
        self.fixed_until, self.turn = np.zeros(len(self.pixels), np.int64), 0

    @classmethod
    def can_start(cls, length: float, steps: int) -> bool:
        """Return whether it can take back enough of so many values in so many steps."""
        return length <= steps

    def trials(self, log_scores: np.ndarray, gradient: np.ndarray, share: float) -> NDArray[np.float32]:
        """Return the degraded images to try, (tries, G), float32: the changes that help most, by the gradient."""
        self.turn += 1
        gradient = gradient.astype(np.float64) * self.task.free
        lead, size = float(self.task.goal.lead(log_scores[None])[0]), int(np.count_nonzero(self.noise))
        if lead <= FLIP_MARGIN and size < self.best_norm - 1:
            tried = self._with_more(gradient, -lead, self.best_norm - 1 - size)
        elif lead <= FLIP_MARGIN and size == self.best_norm - 1:
            tried = self._with_others(gradient)
        else:
            tried = self._with_fewer(gradient, lead > FLIP_MARGIN)
        noise = np.stack(((tried or [self.noise]) * self.tries)[: self.tries])
        return np.asarray(np.clip(self.pixels + noise, 0, 255).astype(np.float32))

    def take(self, trials: np.ndarray, log_scores: np.ndarray) -> NDArray[np.float64]:
        """Move to the least noise that flips or, if none does, comes nearest to it; and keep it if it is less."""
        moved = trials.astype(np.float64) - self.pixels
        leads, sizes = self.task.goal.lead(log_scores), self.task.norm.length(moved)
        flips = leads > FLIP_MARGIN
        chosen = int(np.lexsort((-leads, np.where(flips, sizes, np.inf)))[0])
        if flips[chosen] and sizes[chosen] < self.best_norm:
            self.best, self.best_norm = moved[chosen], float(sizes[chosen])
        before, now = self.noise != 0, moved[chosen] != 0
        self.fixed_until[before & ~now], self.fixed_until[~before & now] = self.turn + TAKEN, self.turn + ADDED
        self.noise = moved[chosen]
        if not self.fixed:
            self.rival = self.task.goal.leading(log_scores[chosen])[0]
        return moved

    def _with_more(self, gradient: np.ndarray, gap: float, most: float) -> list[NDArray[np.float64]]:
        """Return noise with values added, or moved on to their limits; several at once if the gap needs many."""
        limits = to_limits(self.pixels, gradient)
        gains = np.where(self._free(), -gradient * (limits - self.noise), 0)
        order = (-gains).argsort(kind="stable")
        needed = int(np.searchsorted(np.cumsum(gains[order]), gap)) + 1
        count = int(max(1, min(needed / PART, most)))
        first, others = order[: count - 1], order[count - 1 : count - 1 + self.tries]
        added = [np.append(first, other) for other in others if gains[other] > 0]
        return [self._changed(places, limits[places]) for places in added]

    def _with_others(self, gradient: np.ndarray) -> list[NDArray[np.float64]]:
        """Return noise with one value exchanged for another."""
        limits, members = to_limits(self.pixels, gradient), self._members(gradient)
        gains = np.where(self._free() & (self.noise == 0), -gradient * limits, 0)
        others = (-gains).argsort(kind="stable")[: self.tries]
        gained = gains[others] + (gradient * self.noise)[members][:, None]
        pairs = [divmod(int(k), len(others)) for k in (-gained).argsort(axis=None, kind="stable")[: self.tries]]
        return [self._changed([members[i], others[j]], [0.0, limits[others[j]]]) for i, j in pairs]

    def _with_fewer(self, gradient: np.ndarray, flips: bool) -> list[NDArray[np.float64]]:
        """Return noise with one of the least useful values taken back or, if the image flips, several at once."""
        members = self._members(gradient)
        several = [self._changed(members[:count], 0.0) for count in TOGETHER if flips and count < len(members)]
        return several + [self._changed([member], 0.0) for member in members[: self.tries]]

    def _changed(self, places: ArrayLike, values: ArrayLike) -> NDArray[np.float64]:
        """Return the noise with other values at some places."""
        noise = self.noise.copy()
        noise[np.asarray(places)] = values
        return noise

    def _free(self) -> NDArray[np.bool_]:
        """Return which values (G,) may change in this step."""
        return np.asarray(self.fixed_until < self.turn)

    def _members(self, gradient: np.ndarray) -> NDArray[np.int64]:
        """Return the values that have changed and may change back, the least useful ones first."""
        changed = self.noise != 0
        free = changed & self._free()
        members = np.flatnonzero(free if free.any() else changed)
        return np.asarray(members[(-gradient * self.noise)[members].argsort(kind="stable")])


def walk_type(norm: Norm) -> type[Walk]:
    """Return the kind of walk that suits a norm."""
    return SparseWalk if norm.name == "l0" else Walk
