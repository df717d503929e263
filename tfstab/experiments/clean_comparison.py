"""Comparison of two networks on clean images, which need not have been degraded yet. No TensorFlow is imported."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from tfstab.experiments.also_taken import takes_far_more
from tfstab.experiments.same_images import check_same_images
from tfstab.metrics import wilson_interval
from tfstab.metrics.estimate import CONFIDENCE
from tfstab.metrics.kept import Kept
from tfstab.metrics.multiple import decided
from tfstab.metrics.paired import Difference, McNemar, kept_difference, mcnemar, mean_difference
from tfstab.names import quoted, shortened
from tfstab.runs import RunFolder
from tfstab.runs.pixels import rows_of

MOST_CLASSES = 30  # rows of a table


@dataclass(frozen=True)
class ClassChange:
    """How often two networks get the clean images of a class right.

    Attributes
    ----------
    index, name
        The class; the name is as `CleanComparison.name_of` returns it.
    recall : Difference
        Share of its clean images that each network gets right, and the difference.
    sign : int
        1 if the second network is better, -1 if the first is, 0 if that is not decided; for all classes at once.
    taken : tuple of float
        Share of the clean images of other classes that each network takes for this class; NaN if there are none.
    taken_sign : int
        1 if the second network takes more of them for this class, -1 if the first does, 0 if that is not decided. It is
        decided at once for all classes that sentences name (`CleanComparison.class_changes`).
    """

    index: int
    name: str
    recall: Difference
    sign: int
    taken: tuple[float, float] = (math.nan, math.nan)
    taken_sign: int = 0

    @property
    def which(self) -> str:
        """The class, as a part of a sentence: "class dog"."""
        return f"class {quoted(shortened(self.name, 60))}"

    @property
    def says_little(self) -> bool:
        """Whether the network with the higher recall also takes far more images of other classes for the class."""
        return takes_far_more(self.recall, self.taken)

    @property
    def takes_more(self) -> bool:
        """Whether the network with the higher recall also certainly takes more images of other classes for it."""
        return self.taken_sign * self.recall.value > 0


class CleanComparison:
    """Two networks on all clean images that both runs have, whether or not they have been degraded.

    Parameters
    ----------
    first, second : RunFolder
        Runs of the networks.

    Attributes
    ----------
    images : ndarray of int64, (N,)
        Indices of the clean images that both have.
    labels : ndarray of int64, (N,)
        Their true classes.
    predicted : tuple of ndarray of int64, (N,)
        The class that each network predicts for each of them.
    correct : tuple of ndarray of bool, (N,)
        Whether each network is right on each of them.
    class_names : tuple of str
        Names of the classes.

    Raises
    ------
    InputError
        The runs have different images.

    Examples
    --------
    >>> from tfstab.experiments import CleanComparison
    >>> len(CleanComparison(search, sweep).images)  # the search has 3 of the 10 images
    3
    """

    def __init__(self, first: RunFolder, second: RunFolder) -> None:
        """Check that both have the same images."""
        self.images: NDArray[np.int64] = np.intersect1d(first.clean.indices, second.clean.indices)
        check_same_images(first, second, self.images)
        rows = [rows_of(run, self.images) for run in (first, second)]
        self.labels = first.clean.class_index[rows[0]]
        self.predicted = first.clean.predicted[rows[0]], second.clean.predicted[rows[1]]
        self.correct = first.clean.correct[rows[0]], second.clean.correct[rows[1]]
        self.class_names = first.class_names

    @cached_property
    def accuracy(self) -> Difference:
        """The clean accuracies and their difference."""
        return mean_difference(*self.correct)

    @cached_property
    def mcnemar(self) -> McNemar:
        """McNemar's test."""
        return mcnemar(*self.correct)

    @property
    def right(self) -> tuple[int, int]:
        """Number of images that each network gets right."""
        return int(self.correct[0].sum()), int(self.correct[1].sum())

    @property
    def below_guessing(self) -> tuple[bool, bool]:
        """Whether each network is surely right less often than by guessing, as on images on which it is known to fail.

        Its accuracy's 95 % interval (Wilson) is below the accuracy of guessing.
        """
        count, classes = len(self.images), len(self.class_names)
        first, second = (
            classes > 1 and count > 0 and wilson_interval(right, count)[1] < 1 / classes for right in self.right
        )
        return first, second

    @cached_property
    def recalls(self) -> dict[int, Difference]:
        """The recall of each class that has images, and the difference, by the index of the class."""
        return {int(k): self.recall(int(k)) for k in np.unique(self.labels)}

    def recall(self, index: int, confidence: float = CONFIDENCE) -> Difference:
        """Return the recall of a class, and the difference with its interval at this confidence."""
        return mean_difference(*self.correct, self.labels == index, confidence=confidence)

    def precision(self, index: int) -> Difference:
        """Return the precision of a class, and the difference; NaN if one network never predicts it."""
        first, second = (
            Kept(self.images, (right & (taken == index)).astype(float), (taken == index).astype(float))
            for right, taken in zip(self.correct, self.predicted, strict=True)
        )
        return kept_difference(first, second)

    def name_of(self, index: int) -> str:
        """Return the name of a class, with its index if another class has the same name, as two of ImageNet's do."""
        name = self.class_names[index]
        return f"{name} ({index})" if self._times[name] > 1 else name

    @cached_property
    def _times(self) -> Counter[str]:
        """How many classes have each name."""
        return Counter(self.class_names)

    @cached_property
    def class_changes(self) -> list[ClassChange]:
        """The classes that have images, decided for all of them at once; the largest difference first.

        Which network takes more images of other classes is decided for the classes that sentences name, at once: those
        with a decided difference, and those of `likely_change`.
        """
        every = zip(self.recalls.items(), decided(list(self.recalls.values())), strict=True)
        changes = [ClassChange(k, self.name_of(k), recall, sign, self.taken_for(k)) for (k, recall), sign in every]
        likely = [change for sign in (1, -1) if (change := likely_change(changes, sign))]
        named = sorted(change.index for change in [*likely, *(c for c in changes if c.sign)])
        first, second = self.predicted
        taken = [mean_difference(first == k, second == k, self.labels != k) for k in named]
        more = dict(zip(named, decided(taken), strict=True))
        changes = [replace(change, taken_sign=more.get(change.index, 0)) for change in changes]
        return sorted(changes, key=lambda change: -abs(change.recall.value))

    def first_changes(self) -> list[ClassChange]:
        """Return the rows of a table, at most MOST_CLASSES.

        Classes with a decided change come first; in either group, the largest change is first.
        """
        return sorted(self.class_changes, key=lambda change: change.sign == 0)[:MOST_CLASSES]

    def taken_for(self, index: int) -> tuple[float, float]:
        """Return the share of the images of other classes that each network takes for a class; NaN without any."""
        others = len(self.labels) - self._images[index]
        if not others:
            return math.nan, math.nan
        first, second = (int(wrong[index]) / others for wrong in self._wrongly)
        return first, second

    def specificity(self, index: int) -> Difference:
        """Return the share of the images of other classes that are not taken for a class, and the difference."""
        first, second = (taken != index for taken in self.predicted)
        return mean_difference(first, second, self.labels != index)

    @cached_property
    def _images(self) -> NDArray[np.int64]:
        """How many images each class has."""
        return np.bincount(self.labels, minlength=len(self.class_names))

    @cached_property
    def _wrongly(self) -> list[NDArray[np.int64]]:
        """How many images of other classes each network takes for each class."""
        return [np.bincount(p[p != self.labels], minlength=len(self.class_names)) for p in self.predicted]

    @property
    def changed_classes(self) -> list[ClassChange]:
        """Classes in which one network is better, decided for all classes at once; the largest difference first."""
        return [change for change in self.class_changes if change.sign]


def likely_change(changes: Sequence[ClassChange], sign: int) -> ClassChange | None:
    """Return the largest change with this sign whose own interval excludes 0; None without one.

    None also if a change with this sign is decided for all classes at once.
    """
    likely = [c for c in changes if c.recall.sign == sign]
    if not likely or any(change.sign == sign for change in changes):
        return None
    return max(likely, key=lambda change: abs(change.recall.value))
