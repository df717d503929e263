"""Comparison of two networks on clean images, which need not have been degraded yet. No TensorFlow is imported."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from tfstab.experiments.same_images import check_same_images, rows_of
from tfstab.metrics.multiple import decided
from tfstab.metrics.paired import Difference, McNemar, mcnemar, mean_difference
from tfstab.runs import RunFolder


@dataclass(frozen=True)
class ClassChange:
    """A class whose clean images one of two networks gets right more often, beyond doubt.

    Attributes
    ----------
    index, name
        The class.
    recall : Difference
        Share of its clean images that each network gets right, and the difference.
    sign : int
        1 if the second network is better, -1 if the first is; for all classes at once.
    """

    index: int
    name: str
    recall: Difference
    sign: int


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
    correct : tuple of ndarray of bool, (N,)
        Whether each network is right on each of them.
    class_names : tuple of str
        Names of the classes.

    Raises
    ------
    InputError
        The runs have different images.
    """

    def __init__(self, first: RunFolder, second: RunFolder) -> None:
        """Check that both have the same images."""
        self.images: NDArray[np.int64] = np.intersect1d(first.clean.indices, second.clean.indices)
        check_same_images(first, second, self.images)
        rows = [rows_of(run, self.images) for run in (first, second)]
        self.labels = first.clean.class_index[rows[0]]
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

    @cached_property
    def recalls(self) -> dict[int, Difference]:
        """The recall of each class that has images, and the difference, by the index of the class."""
        return {int(k): mean_difference(*self.correct, self.labels == k) for k in np.unique(self.labels)}

    @cached_property
    def changed_classes(self) -> list[ClassChange]:
        """Classes in which one network is better, decided for all classes at once; the largest difference first."""
        every = zip(self.recalls.items(), decided(list(self.recalls.values())), strict=True)
        changed = [ClassChange(k, self.class_names[k], recall, sign) for (k, recall), sign in every if sign]
        return sorted(changed, key=lambda change: -abs(change.recall.value))
