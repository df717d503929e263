"""The recall of one class, and how many images of other classes are taken for it: when clean, and degraded."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tfstab.assessment.classes import CleanClass
from tfstab.assessment.family_figures import FamilyFigures
from tfstab.assessment.recalls import recall_of
from tfstab.metrics import Estimate
from tfstab.metrics.estimate import NO_ESTIMATE, accuracy_of
from tfstab.metrics.kept import share_of


@dataclass(frozen=True)
class ClassShares:
    """The recall of a class, and the share of the images of other classes that are taken for it (false positives).

    Attributes
    ----------
    images, others : int
        Number of images of the class, and of the other classes.
    recall, taken : Estimate
        The two shares; NaN without such images.
    """

    images: int
    others: int
    recall: Estimate
    taken: Estimate


def clean_shares(classes: Sequence[CleanClass], index: int) -> ClassShares:
    """Return the recall and the false positives of a class on all clean images.

    classes: the predictions of all classes that have images.
    """
    recall = [one.right for one in classes if one.index == index]
    right, taken = np.concatenate([np.zeros(0, bool), *recall]), clean_taken(classes, index)
    return ClassShares(len(right), len(taken), _of_clean(right), _of_clean(taken))


def clean_taken(classes: Sequence[CleanClass], index: int) -> NDArray[np.bool_]:
    """Return which clean images of other classes are taken for a class."""
    return np.concatenate([np.zeros(0, bool), *(one.predicted == index for one in classes if one.index != index)])


def mean_shares(family: FamilyFigures, index: int) -> ClassShares:
    """Return the shares of a class under a degradation, averaged over the severities."""
    taken = taken_shares(family, index)
    recall = recall_of(family, index)
    return ClassShares(_images(family, index), len(taken), recall, share_of(taken.mean(axis=1)))


def shares_by_severity(family: FamilyFigures, index: int) -> list[ClassShares]:
    """Return the shares of a class in one sweep: when clean, then at each severity from mild to strong."""
    images, taken = _images(family, index), taken_shares(family, index)
    m = family.run.measures
    clean = _of_clean((m.clean_predicted == index)[m.labels != index])
    shares = [clean, *(share_of(taken[:, s]) for s in family.run.config.mildest_first)]
    recalls = recalls_by_severity(family, index)
    return [ClassShares(images, len(taken), *both) for both in zip(recalls, shares, strict=True)]


def recalls_by_severity(family: FamilyFigures, index: int) -> list[Estimate]:
    """Return the recall of a class in one sweep: when clean, then at each severity from mild to strong."""
    found = family.of_classes
    own = found.labels == index
    right = found.share_right[own]
    return [_of_clean(found.clean_right[own]), *(share_of(right[:, s]) for s in family.run.config.mildest_first)]


def taken_shares(family: FamilyFigures, index: int) -> NDArray[np.float64]:
    """Return the share of each image of other classes that is taken for a class at each severity, (others, S)."""
    return np.asarray(family.run.measures.taken_share(index)[family.labels != index])


def clean_taken_by_class(classes: Sequence[CleanClass], index: int) -> dict[int, Estimate]:
    """Return the share of the clean images of each other class that are taken for a class, by index of the other."""
    return {one.index: _of_clean(one.predicted == index) for one in classes if one.index != index}


def taken_by_class(family: FamilyFigures, index: int) -> list[dict[int, Estimate]]:
    """Return the share of the images of each other class that are taken for a class, by index of the other.

    The first is of the clean images; the others are of the severities of the sweep, from mild to strong.
    """
    m, each = family.run.measures, _of_each(family, index)
    clean = {k: _of_clean(m.clean_predicted[m.labels == k] == index) for k in each}
    degraded = ({k: share_of(own[:, s]) for k, own in each.items()} for s in family.run.config.mildest_first)
    return [clean, *degraded]


def mean_taken_by_class(family: FamilyFigures, index: int) -> dict[int, Estimate]:
    """Return the share of the images of each other class that are taken for a class, by index of the other.

    The shares are averaged over the severities.
    """
    return {k: share_of(shares.mean(axis=1)) for k, shares in _of_each(family, index).items()}


def most_taken_at(family: FamilyFigures, index: int) -> tuple[float, Estimate] | None:
    """Return the severity at which most images of other classes are taken for a class, and their share there.

    None if none is taken at any severity. If several severities tie, it is the mildest of them.
    """
    taken = taken_shares(family, index)
    order = family.run.config.mildest_first
    if not taken.any():
        return None
    s = int(order[taken[:, order].mean(axis=0).round(12).argmax()])  # equal but for rounding: the mildest
    return family.run.severities[s], share_of(taken[:, s])


def lowest_recall_first(families: Sequence[FamilyFigures], index: int) -> list[tuple[FamilyFigures, ClassShares]]:
    """Return the degradations with the shares of a class, averaged over the severities, the lowest recall first.

    Degradations without images of the class come last.
    """
    found = [(family, mean_shares(family, index)) for family in families]
    return sorted(found, key=lambda one: np.nan_to_num(one[1].recall.value, nan=np.inf).round(12))


def _of_each(family: FamilyFigures, index: int) -> dict[int, NDArray[np.float64]]:
    """Return the shares of `taken_shares` for each other class that has images, (its images, S)."""
    taken, labels = taken_shares(family, index), family.labels[family.labels != index]
    return {int(k): taken[labels == k] for k in np.unique(labels)}


def _images(family: FamilyFigures, index: int) -> int:
    return int(np.count_nonzero(family.of_classes.labels == index))


def _of_clean(images: NDArray[np.bool_]) -> Estimate:
    """Return the share of clean images that have a property, NaN without images."""
    return accuracy_of(images) if len(images) else NO_ESTIMATE
