"""The recall of each class under each degradation: where it falls, which the accuracy of unequal classes hides."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tfstab.assessment.classes import CleanClass
from tfstab.assessment.figures import FamilyFigures
from tfstab.assessment.finding import Finding
from tfstab.assessment.levels import HARMLESS
from tfstab.assessment.words import name
from tfstab.metrics import Estimate
from tfstab.metrics.chance import MOST, constant_share
from tfstab.metrics.estimate import Kept, estimate, share_of
from tfstab.metrics.shares import percent, rounded
from tfstab.metrics.weak_groups import ERROR, FEWEST
from tfstab.names import quoted
from tfstab.wording import counted, listed

NAMED_FAMILIES, NAMED_CLASSES = 5, 3  # that are named in the sentence


@dataclass(frozen=True)
class Fall:
    """A class that keeps less than 90 % of its recall under a family, for all classes and families at once.

    Attributes
    ----------
    family : FamilyFigures
        The family.
    index : int
        The class.
    images : int
        Number of its images under this family.
    recall : Estimate
        Its recall, averaged over the severities.
    clean : float
        The recall of the same images when clean.
    """

    family: FamilyFigures
    index: int
    images: int
    recall: Estimate
    clean: float


def recalls(family: FamilyFigures) -> dict[int, Estimate]:
    """Return the recall of each class that has images, averaged over the severities of a family."""
    labels, shares = family.of_classes.labels, family.of_classes.share_right.mean(axis=1)
    return {int(k): share_of(shares[labels == k]) for k in np.unique(labels)}


def judged_recalls(family: FamilyFigures, families: int) -> tuple[list[Fall], bool]:
    """Return which classes keep less than 90 % of their recall, and whether all classes certainly keep more.

    Parameters
    ----------
    family : FamilyFigures
        A family. Classes with fewer than FEWEST images are not judged, so they do not certainly keep more.
    families : int
        How many families are judged: the decisions on all their classes are together wrong with at most 5 %.
    """
    found = family.of_classes
    shares = found.share_right.mean(axis=1)
    classes, place, counts = np.unique(found.labels, return_inverse=True, return_counts=True)
    confidence = 1 - 2 * ERROR / max(1, families * len(classes))
    lost = np.bincount(place, shares) < HARMLESS * np.bincount(place, found.clean_right)
    falls, kept_by_all = [], bool((counts >= FEWEST).all()) and not lost.any()
    for row in np.flatnonzero((counts >= FEWEST) & (lost | kept_by_all)):  # for the others, nothing can be decided
        mine = place == row
        own, right = shares[mine], found.clean_right[mine].astype(float)
        kept_by_all = kept_by_all and estimate(Kept(found.images[mine], own, right), confidence).low > HARMLESS
        if lost[row] and _falls(own, right, confidence):
            falls.append(Fall(family, int(classes[row]), len(own), share_of(own), float(right.mean())))
    return falls, kept_by_all


def _falls(degraded: NDArray[np.float64], clean: NDArray[np.float64], confidence: float) -> bool:
    """Return whether images of a class, (M,) each, keep less than 90 % of their recall, beyond doubt.

    The interval of the difference is made of those of both recalls (Zou and Donner 2008). The interval of their ratio
    is too short for a few images at such a confidence. With it, a fall of recall was claimed falsely for 17 to 35 % of
    simulated networks that keep exactly 90 %, and for up to 12 % of those that keep all (ten classes of 20 images, of
    which 6 are right).
    """
    after, before = share_of(degraded, confidence), share_of(clean, confidence)
    difference = after.value - HARMLESS * before.value
    return difference + math.hypot(after.high - after.value, HARMLESS * (before.value - before.low)) < 0


def common_class(classes: Sequence[CleanClass]) -> tuple[int, float] | None:
    """Return the class of more than half of the clean images and its share, if there are others; None if there is none.

    Then a model that always answers this class is right for this share of the images.
    """
    sizes = {one.index: len(one.right) for one in classes}
    if len(sizes) < 2:
        return None
    largest = max(sizes, key=lambda k: sizes[k])
    share = constant_share(list(sizes.values()))
    return (largest, share) if share > MOST else None


def weakest_rare_class(classes: Sequence[CleanClass]) -> CleanClass | None:
    """Return the class to look at where one class has most images: of the others, that of the lowest clean recall."""
    common = common_class(classes)
    if common is None:
        return None
    return min((one for one in classes if one.index != common[0]), key=lambda one: one.accuracy.value)


def headline_class(classes: Sequence[CleanClass], families: Sequence[FamilyFigures]) -> CleanClass | None:
    """Return the class whose recall is a headline number in place of the accuracy kept, where that hides recalls.

    None if the accuracy kept is the headline number.
    """
    return weakest_rare_class(classes) if any(family.hides_recall for family in families) else None


def fall_finding(falls: Sequence[Fall], names: Sequence[str]) -> Finding | None:
    """Return which classes lose recall under which families, the lowest recall first; None if none does.

    Parameters
    ----------
    falls : sequence of Fall
        Those that the accuracy does not show.
    names : sequence of str
        Names of all classes.
    """
    told: dict[int, list[Fall]] = {}
    for fall in sorted(falls, key=lambda one: one.recall.value):
        told.setdefault(fall.index, []).append(fall)
    if not told:
        return None
    sentences = []
    for index, mine in list(told.items())[:NAMED_CLASSES]:
        where = [f"to {percent(one.recall)} under {one.family.title}" for one in mine[:NAMED_FAMILIES]]
        if len(mine) > NAMED_FAMILIES:
            rest = len(mine) - NAMED_FAMILIES
            where.append(f"under {counted(rest, 'other degradation')}")
        low, high = min(one.images for one in mine), max(one.images for one in mine)
        images = counted(high) if low == high else f"{low} to {counted(high)}"
        least, most = (rounded(end(one.clean for one in mine)) for end in (min, max))
        images += f", of which {least if least == most else f'{least}–{most}'} % are right when clean"
        sentences.append(
            f"The recall of class {quoted(name(names[index]))} falls {listed(where, most=len(where))}, averaged "
            f"over the severities ({images})."
        )
    if len(told) > NAMED_CLASSES:
        rest = len(told) - NAMED_CLASSES
        sentences.append(f"So does that of {counted(rest, 'other class', 'other classes')}.")
    return Finding("recall", "bad", " ".join(sentences), tuple(names[index] for index in told))
