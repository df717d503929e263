"""Confusion matrices and which confusion leads; every function may run in a worker thread."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tfstab.gui.content.comparison import Chosen, Compared, metrics_of
from tfstab.metrics import ClassMetrics, Estimate, wilson_interval
from tfstab.metrics.estimate import NO_ESTIMATE
from tfstab.metrics.shares import interval, percent
from tfstab.wording import counted

if TYPE_CHECKING:
    from tfstab.gui.content.examples import Pair
    from tfstab.sweep.confusion_shares import ConfusionShares

UNSHOWN = "Not decided which is the most frequent; it may even be one that is not shown."


@dataclass(frozen=True, eq=False)
class Confusion:
    """Confusion matrix of one run.

    Attributes
    ----------
    name : str
        Name of the run.
    classes : tuple of str
        Class names.
    counts : ndarray of int64, shape (K, K)
        Number of copies, or of clean images, by true class (rows) and predicted class (columns); all zero if the run
        has not swept the severity.
    weighted : ndarray, shape (K, K), or None
        Their shares of the true class, each image counting equally, however many copies it has; None if these are the
        shares of the counts.
    by_images : ConfusionShares or None
        Their intervals; None for counts of clean images, which have Wilson's.
    """

    name: str
    classes: tuple[str, ...]
    counts: NDArray[np.int64]
    weighted: NDArray[np.float64] | None = None
    by_images: "ConfusionShares | None" = None

    @property
    def shares(self) -> NDArray[np.float64]:
        """The shares of the true class, (K, K)."""
        return ClassMetrics(self.counts).shares if self.weighted is None else self.weighted

    def certainty(self, actual: int, predicted: int) -> str:
        """Return the interval of a share and the share of the opposite confusion, for a tool tip; "" without images."""
        if self.by_images is not None:
            return certainty(int(self.by_images.images[actual]), self.by_images.estimate, actual, predicted)
        return certainty(int(self.counts[actual].sum()), self._of_images, actual, predicted)

    def _of_images(self, actual: int, predicted: int) -> Estimate:
        total, count = int(self.counts[actual].sum()), int(self.counts[actual, predicted])
        return Estimate(count / total, *wilson_interval(count, total)) if total else NO_ESTIMATE


def certainty(images: int, estimate: Callable[[int, int], Estimate], actual: int, predicted: int) -> str:
    """Return the interval of a confusion's share, and the share of the opposite confusion, for a tool tip.

    images: number of images of the class `actual`; without any, "" is returned. estimate: returns the share of a class
    that is predicted as another one.
    """
    if not images:
        return ""
    said = f"95 % interval from {counted(images)}: {interval(estimate(actual, predicted))} %."
    opposite = estimate(predicted, actual)
    if actual == predicted or not np.isfinite(opposite.value):
        return said
    return f"{said} The other way round: {percent(opposite)}."


def confusions(runs: list[Compared], severity: Chosen, clean_correct: bool) -> list[Confusion]:
    """Return the confusion matrix of each run, for one severity, for all (None) or for the clean images (CLEAN)."""
    found = []
    for run in runs:
        metrics, by_images = metrics_of(run, severity, clean_correct), None
        if metrics is None:
            metrics = ClassMetrics(np.zeros((len(run.classes), len(run.classes)), np.int64))
        elif not isinstance(severity, str):
            by_images = run.measures.confusion_shares(severity, clean_correct)
        found.append(Confusion(run.name, run.classes, metrics.counts, metrics.shares, by_images))
    return found


def which_leads(shares: "ConfusionShares", pairs: "Sequence[Pair]") -> str:
    """Return whether the first of the leading confusions of a sweep is certainly the most frequent, in a sentence.

    It is "" if there is nothing to decide.

    Parameters
    ----------
    shares : ConfusionShares
        The shares of all confusions.
    pairs : sequence of Pair
        The confusions that are shown, the most frequent first.
    """
    if not pairs or shares.possible < 2:
        return ""
    leaders = shares.leaders(len(pairs))
    if leaders is None:
        return UNSHOWN
    if leaders == 1:
        return f"{pairs[0].name} → {pairs[0].other_name} is certainly the most frequent."
    return f"Not decided which of the first {leaders} is the most frequent."
