"""Classes whose recall says little under a degradation: many images of other classes are taken for them, too."""

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
from tfstab.wording import first_few, listed

NAMED = 3  # classes in a sentence


@dataclass(frozen=True)
class OthersTaken:
    """Many images of other classes that are taken for a class, whose recall under a degradation looks unharmed.

    Attributes
    ----------
    share : Estimate
        Share of the images of other classes that are taken for the class, averaged over the severities.
    clean : float
        The same of the same images when clean.
    """

    share: Estimate
    clean: float

    def said(self, class_name: str, when: str = "") -> str:
        """Return how many they are, and that a high recall says little. when: "then " or ""."""
        return (
            f"{percent(self.share)} of the images of other classes are {when}taken for {quoted(name(class_name))}, too "
            f"({rounded(self.clean)} % when clean), so a high recall says little"
        )


def others_taken(families: Sequence[FamilyFigures]) -> list[dict[int, OthersTaken]]:
    """Return the classes whose recall says little under each family, and how many images of other classes they take.

    It says little if it is not certainly lower than when clean, or HARMLESS of it is kept, while images of other
    classes are certainly taken for the class more often than when clean. As measured, their share must be at least
    MANY, and at least NOTABLE larger than when clean. These shares are judged for all classes and families at once.

    Returns
    -------
    list of dict of int to OthersTaken
        The classes of each family.
    """
    comparisons = max(1, sum(len(np.unique(family.labels)) for family in families))
    return [_under(family, comparisons) for family in families]


def taken_under_all(classes: Sequence[ClassFigures]) -> dict[int, OthersTaken]:
    """Return the classes whose recall, averaged over all degradations, says little; the same rule decides.

    classes: all classes; their figures are of the images that all degradations have.
    """
    found: dict[int, OthersTaken] = {}
    if sum(one.images for one in classes) < SOME:
        return found
    for one in classes:
        rise = one.taken.value - one.taken_clean.value
        many = one.taken.value >= MANY and rise >= NOTABLE
        if many and _looks_unharmed(one.kept) and compared(one.taken, one.taken_clean, len(classes)) > 0:
            found[one.index] = OthersTaken(one.taken, one.taken_clean.value)
    return found


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


def _under(family: FamilyFigures, comparisons: int) -> dict[int, OthersTaken]:
    m = family.run.measures
    if len(m) < SOME:
        return {}
    candidates = _candidates(family)
    if not candidates:
        return {}
    kept, found = kept_by_class(family), {}
    for k in candidates:
        if (own := kept.get(k)) is None or not _looks_unharmed(own):
            continue
        taken = taken_shares(family, k).mean(axis=1)
        rise = mean_difference((m.clean_predicted == k)[m.labels != k].astype(float), taken)
        if rise.value >= NOTABLE and rise.p_value < 2 * ERROR / comparisons:
            found[k] = OthersTaken(share_of(taken), rise.first)
    return found


def _looks_unharmed(own: Kept) -> bool:
    """Return whether the recall of a class is not certainly lower than when clean, or most of it is kept."""
    return own.value >= HARMLESS or mean_difference(own.whole, own.part).sign >= 0


def _candidates(family: FamilyFigures) -> list[int]:
    """Return the classes for which, as measured, at least MANY of the images of other classes are taken."""
    shares = np.nan_to_num(family.run.measures.taken_by_severity).mean(axis=0)
    return [int(k) for k in np.flatnonzero(shares >= MANY)]
