"""How often each class of a sweep is taken for each other class, with intervals, and which confusions may lead.

Images are independent and the copies of one image are not, so each image counts once, with the share of its copies.
"""

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from tfstab.metrics import Estimate, interval_of_moments
from tfstab.metrics.bounded_mean import two_sided_p_value
from tfstab.metrics.differences import difference_p_value
from tfstab.metrics.estimate import CONFIDENCE, NO_ESTIMATE

if TYPE_CHECKING:
    from tfstab.sweep.tally import Tally


class ConfusionShares:
    """Shares of the copies of each class that are predicted as each class, with 95 % intervals by images.

    `SweepMeasures.confusion_shares` makes it.

    Parameters
    ----------
    tally : Tally
        The counts of the sweep.
    severity : float, optional
        The severity; by default all together.
    clean_correct : bool
        Only of images that are right when clean.

    Attributes
    ----------
    images : ndarray of int64, shape (K,)
        Number of images of each class.

    Examples
    --------
    >>> shares = sweep.measures.confusion_shares()
    >>> shares.estimate(4, 4).value == float(sweep.measures.class_metrics().recall[4])
    True
    """

    def __init__(self, tally: "Tally", severity: float | None = None, clean_correct: bool = False) -> None:
        row, predicted, count = tally.entries(severity, clean_correct)
        self._classes, self._rows, labels = tally.classes, len(tally), tally.labels
        code = (labels[row] * tally.classes + predicted) * len(tally) + row
        found, place = np.unique(code, return_inverse=True)
        self._cell, self._row = np.divmod(found, max(len(tally), 1))  # sorted by cell
        self._count = np.bincount(place, count, len(found)).astype(np.int64)
        total = np.bincount(row, count, len(tally))
        self._most = max(total.max(initial=0), 1)
        self.images = np.bincount(labels[total > 0], minlength=tally.classes)
        self._total, self._squares = (np.bincount(labels, total**power, tally.classes) for power in (1, 2))
        self._weight = total

    def estimate(self, actual: int, predicted: int) -> Estimate:
        """Return the share of the copies of class `actual` that is predicted as class `predicted`.

        Its interval is that of a recall; NaN if the class has no images.
        """
        images = int(self.images[actual])
        if not images:
            return NO_ESTIMATE
        total, squares = float(self._total[actual]), float(self._squares[actual])
        cell = actual * self._classes + predicted
        these = slice(*np.searchsorted(self._cell, (cell, cell + 1)))
        count, weight = self._count[these], self._weight[self._row[these]]
        mean = float(count.sum() / total)
        # Images none of whose copies is in the cell have no entry; each deviates by the mean.
        scatter = ((count - mean * weight) ** 2).sum() + mean**2 * (squares - (weight**2).sum())
        variance = max(float(scatter), 0.0) / squares * images / max(images - 1, 1)
        return Estimate(mean, *interval_of_moments(mean, variance, total**2 / squares).tolist())

    @cached_property
    def possible(self) -> int:
        """Number of confusions that could occur: those of each class that has images with each other class."""
        return int((self.images > 0).sum()) * (self._classes - 1)

    def leaders(self, most: int = 5) -> int | None:
        """Return how many of the first confusions the most frequent one is certainly among.

        The confusions are in the order of their copies, the most frequent first; of equals, the one of the first
        classes. Each image counts once: with the share of its copies in one confusion minus that in the other.

        The first is certainly ahead if each comparison with another one has a p-value below 0.05. That needs no
        correction for many comparisons: an error requires that the first is ahead of the one that really leads and of
        all others, too. If the first is not certainly ahead, another one is left out only if it is certainly behind,
        with a Bonferroni correction for those that have at least half as many copies as the first; any other is
        unlikely to come out first by chance. `tests/benchmarks/leading_confusions.py` simulates both.

        Parameters
        ----------
        most : int
            The largest number to return.

        Returns
        -------
        int or None
            1 if the first is certainly ahead, 0 if no copy is taken for another class. None if it takes more than
            `most`, or a confusion that was not observed may lead.

        References
        ----------
        Hung and Fithian, Rank Verification for Exponential Families, Annals of Statistics 47, 2019.

        Examples
        --------
        >>> sweep.measures.confusion_shares().leaders(most=3) in (1, 2, 3, None)
        True
        """
        wrong = self._cell // self._classes != self._cell % self._classes
        row, count = self._row[wrong], self._count[wrong]
        cells, place = np.unique(self._cell[wrong], return_inverse=True)
        if not len(cells):
            return 0
        # One that was not observed stands for all of these; it has no copies and so is the last.
        kinds = len(cells) + (self.possible > len(cells))
        copies = np.bincount(place, count, kinds)
        order = np.argsort(-copies, kind="stable")
        first, others = order[0], order[1:]
        share = count / self._most

        def of(kind: int) -> np.ndarray:
            """Return the share of each image's copies in a confusion."""
            return np.bincount(row[place == kind], share[place == kind], self._rows)

        leading = of(first)
        total, squares, both = (np.bincount(place, v, kinds) for v in (share, share**2, share * leading[row]))
        ahead = (total[first] - total) / self._rows
        variance = (squares[first] + squares - 2 * both) / self._rows - ahead**2
        p_values = difference_p_value(ahead, np.maximum(variance, 0), self._rows)
        error = 1 - CONFIDENCE
        if (p_values[others] < error).all():
            return 1
        each = error / max(1, int((2 * copies[others] >= copies[first]).sum()))
        rest = others[most - 1 :]
        unsure = rest[p_values[rest] >= each]
        if len(unsure) and (p_values[unsure].max() >= error or _worst(leading, total[unsure].max()) >= each):
            return None
        near = others[: most - 1]
        behind = [
            bool(p_values[kind] < error) and min(p_values[kind], two_sided_p_value(leading - of(kind))) < each
            for kind in near
        ]
        found = 2 + int(np.flatnonzero(~np.array(behind))[-1])
        return found if found <= len(cells) else None


def _worst(leading: np.ndarray, images: float) -> float:
    """Return the p-value of a comparison with any confusion of so many images or fewer.

    It is largest if each of these images is in the other confusion with all of its copies.
    """
    whole, part = divmod(images, 1)
    return two_sided_p_value(np.concatenate([leading, -np.ones(int(whole)), [-part]]))
