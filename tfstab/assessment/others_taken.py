"""Classes for which more images of other classes are taken when degraded, and those whose recall then says little."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tfstab.assessment.class_shares import taken_shares
from tfstab.assessment.classes import ClassFigures
from tfstab.assessment.family_figures import SOME, FamilyFigures
from tfstab.assessment.levels import HARMLESS
from tfstab.assessment.ranking import compared
from tfstab.assessment.recalls import kept_by_class
from tfstab.assessment.words import name
from tfstab.experiments.recall_changes import NOTABLE
from tfstab.explanation.shared_mistake import MANY
from tfstab.metrics import Estimate
from tfstab.metrics.kept import Kept, share_of
from tfstab.metrics.paired import mean_difference
from tfstab.metrics.shares import inside, percent, rounded
from tfstab.metrics.weak_groups import ERROR
from tfstab.names import quoted
from tfstab.sweep.measures import SweepMeasures
from tfstab.wording import first_few, listed

NAMED = 3  # classes in a sentence


@dataclass(frozen=True)
class OthersTaken:
    """How many images of other classes are taken for a class under a degradation.

    Attributes
    ----------
    share : Estimate
        Share of the images of other classes that are taken for the class, averaged over the severities.
    clean : float
        The same of the same images when clean.
    """

    share: Estimate
    clean: float

    def counted(self, class_name: str, when: str = "") -> str:
        """Return how many they are, as a part of a sentence. when: "then " or ""."""
        return (
            f"{percent(self.share)} of the images of other classes are {when}taken for {quoted(name(class_name))}, too "
            f"({rounded(self.clean)} % when clean)"
        )

    def said(self, class_name: str, when: str = "") -> str:
        """Return how many they are, and that a high recall says little. when: "then " or ""."""
        return f"{self.counted(class_name, when)}, so a high recall says little"


def more_taken(families: Sequence[FamilyFigures]) -> list[dict[int, OthersTaken]]:
    """Return the classes for which images of other classes are certainly taken more often than when clean.

    As measured, the share of these images must be at least NOTABLE larger than when clean. The shares are judged for
    all classes and families at once.

    Returns
    -------
    list of dict of int to OthersTaken
        The classes of each family.
    """
    comparisons = max(1, sum(len(np.unique(family.labels)) for family in families))
    return [_more_under(family, comparisons) for family in families]


def others_taken(
    families: Sequence[FamilyFigures], more: Sequence[Mapping[int, OthersTaken]] | None = None
) -> list[dict[int, OthersTaken]]:
    """Return the classes whose recall says little under each family, and how many images of other classes they take.

    It says little if it is not certainly lower than when clean, or HARMLESS of it is kept, while images of other
    classes are certainly taken for the class more often than when clean (`more_taken`), and at least MANY of them.

    Parameters
    ----------
    families
        The families.
    more : sequence of mapping of int to OthersTaken, optional
        What `more_taken` returns for them, if it was called already.

    Returns
    -------
    list of dict of int to OthersTaken
        The classes of each family.
    """
    return [_where_kept(family, found) for family, found in zip(families, more or more_taken(families), strict=True)]


def more_taken_under_all(classes: Sequence[ClassFigures]) -> dict[int, OthersTaken]:
    """Return the classes of `more_taken`, averaged over all degradations.

    classes: all classes; their figures are of the images that all degradations have.
    """
    if sum(one.images for one in classes) < SOME:
        return {}
    return {
        one.index: OthersTaken(one.taken, one.taken_clean.value)
        for one in classes
        if one.taken.value - one.taken_clean.value >= NOTABLE and compared(one.taken, one.taken_clean, len(classes)) > 0
    }


def taken_under_all(classes: Sequence[ClassFigures]) -> dict[int, OthersTaken]:
    """Return the classes whose recall, averaged over all degradations, says little; the same rule decides.

    classes: all classes; their figures are of the images that all degradations have.
    """
    more, kept = more_taken_under_all(classes), {one.index: one.kept for one in classes}
    return {k: taken for k, taken in more.items() if taken.share.value >= MANY and _looks_unharmed(kept[k])}


def little_said(found: Mapping[int, OthersTaken], names: Sequence[str]) -> str:
    """Return for which classes of a family many images of other classes are taken, in a sentence; "" for none.

    names: of all classes.
    """
    if not found:
        return ""
    shown = first_few(sorted(found, key=lambda k: -found[k].share.value), NAMED)
    each = [
        f"{quoted(name(names[k]))} ({inside(found[k].share)}; {rounded(found[k].clean)} % when clean)" for k in shown
    ]
    each += [f"{rest} more"] if (rest := len(found) - len(shown)) else []
    which = "that class" if len(found) == 1 else "these classes"
    return (
        f"Many images of other classes are taken for {listed(each, most=len(each))}, too, so a high recall of {which} "
        "says little."
    )


def _more_under(family: FamilyFigures, comparisons: int) -> dict[int, OthersTaken]:
    m = family.run.measures
    found: dict[int, OthersTaken] = {}
    if len(m) < SOME:
        return found
    for k in _candidates(m):
        taken = taken_shares(family, k).mean(axis=1)
        rise = mean_difference((m.clean_predicted == k)[m.labels != k].astype(float), taken)
        if rise.value >= NOTABLE and rise.p_value < 2 * ERROR / comparisons:
            found[k] = OthersTaken(share_of(taken), rise.first)
    return found


def _where_kept(family: FamilyFigures, more: Mapping[int, OthersTaken]) -> dict[int, OthersTaken]:
    """Return the classes for which many images are taken and whose recall looks unharmed. more: of `more_taken`."""
    many = {k: taken for k, taken in more.items() if taken.share.value >= MANY}
    if not many:
        return {}
    kept = kept_by_class(family)
    return {k: taken for k, taken in many.items() if k in kept and _looks_unharmed(kept[k])}


def _looks_unharmed(own: Kept) -> bool:
    """Return whether the recall of a class is not certainly lower than when clean, or most of it is kept."""
    return own.value >= HARMLESS or mean_difference(own.whole, own.part).sign >= 0


def _candidates(m: SweepMeasures) -> list[int]:
    """Return the classes for which, as measured, at least NOTABLE of the images of other classes are taken."""
    return [int(k) for k in np.flatnonzero(np.nan_to_num(m.taken_by_severity).mean(axis=0) >= NOTABLE)]
