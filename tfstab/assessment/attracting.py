"""Classes that images of other classes are taken for: if most are taken for one, its own recall says little."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tfstab.assessment.classes import ClassFigures
from tfstab.assessment.family_figures import FamilyFigures
from tfstab.assessment.words import name, severity
from tfstab.metrics import Estimate
from tfstab.metrics.estimate import CONFIDENCE
from tfstab.metrics.kept import estimate_kept, share_of
from tfstab.metrics.shares import percent, rounded
from tfstab.metrics.weak_groups import FEWEST
from tfstab.names import quoted
from tfstab.wording import listed

MOST = 0.5  # of the degraded images of other classes: if more are taken for a class, it is right often without merit
COMPARED = {
    -1: "Degradation harms it more than the others",
    0: "Whether degradation harms it more than the others, or less, is not decided",
    1: "Degradation harms it less than the others",
}
TOGETHER = " taken together"  # follows "more than the others" if another class keeps even less
NAMED = 3  # families besides the worst one that are named


@dataclass(frozen=True)
class Attraction:
    """The severity of a family at which most images of other classes are taken for a class.

    Attributes
    ----------
    family : FamilyFigures
        The family.
    severity_index : int
        The severity.
    share : float
        Share of the degraded images of other classes that are taken for the class.
    """

    family: FamilyFigures
    severity_index: int
    share: float


def attractions(families: Sequence[FamilyFigures], index: int) -> list[Attraction]:
    """Return the families under which more than half of the images of other classes are taken for a class.

    Each comes with the severity at which most are; the family with the largest share is first.
    """
    shares = [np.nan_to_num(family.run.measures.taken_by_severity[:, index]) for family in families]
    found = [Attraction(f, int(s.argmax()), float(s.max())) for f, s in zip(families, shares, strict=True)]
    return sorted((one for one in found if one.share > MOST), key=lambda one: -one.share)


def share_taken(found: Attraction, index: int, confidence: float = CONFIDENCE) -> Estimate:
    """Return the share of an attraction to a class with its interval, from the differences between images."""
    run, m = found.family.run, found.family.run.measures
    row, predicted, count = m.entries(run.severities[found.severity_index])
    taken, total = (np.bincount(row, count * keep, len(m)) for keep in (predicted == index, 1))
    others = (m.labels != index) & (total > 0)
    return share_of(taken[others] / total[others], confidence)


def keeps_less(one: ClassFigures, classes: Sequence[ClassFigures]) -> str:
    """Return which class, as measured, keeps the least of its accuracy, after a semicolon; "" if it is this one.

    classes: all of them; those of fewer than FEWEST images are left out.
    """
    kept = {c.name: estimate_kept(c.kept).value for c in classes if c.images >= FEWEST or c is one}
    least = min((title for title in kept if math.isfinite(kept[title])), key=kept.__getitem__, default=one.name)
    if least == one.name:
        return ""
    return f"; as measured, class {quoted(name(least))} keeps even less ({rounded(kept[least])} %)"


def harm_sentences(
    one: ClassFigures,
    harmed: tuple[Estimate, Estimate, int],
    classes: Sequence[ClassFigures],
    families: Sequence[FamilyFigures],
) -> str:
    """Return whether degradation harms a class more than the others, or why how much it keeps says little; "" if NaN.

    A class that many images are taken for keeps its recall at the expense of the others, so it is not harmed less.

    harmed: what `harm` returns for the class. classes: all of them.
    """
    kept, theirs, decided = harmed  # 0 if no clean image of the class is right
    if not math.isfinite(kept.value + theirs.value):
        return ""
    if decided >= 0 and (found := attractions(families, one.index)):
        return (
            f" It keeps {percent(kept)} of this accuracy, the others keep {percent(theirs)} of theirs, but this says "
            f"little: {_where_taken(found, one.index)}."
        )
    less = keeps_less(one, classes) if decided < 0 else ""
    text = (
        f" {COMPARED[decided]}{TOGETHER if less else ''}: it keeps {percent(kept)} of this accuracy, the others keep "
        f"{percent(theirs)} of theirs{less}."
    )
    if decided > 0 and one.taken.value > one.taken_clean.value:
        text += (
            f" But images of other classes are taken for it more often: {percent(one.taken)}, when clean "
            f"{percent(one.taken_clean)}."
        )
    return text


def _where_taken(found: Sequence[Attraction], index: int) -> str:
    """Return at which severity most images of other classes are taken for a class, and which families are like that."""
    first, rest = found[0], [other.family.title for other in found[1:]]
    where = severity(first.family.run.degradation, first.family.run.severities[first.severity_index])
    more = f", and more than half under {listed(rest, most=NAMED)}" if rest else ""
    return (
        f"at {where} under {first.family.title}, {percent(share_taken(first, index))} of the images of other classes "
        f"are taken for it{more}"
    )
