"""Decides what may be claimed of many families or classes at once.

Each of the lists below is wrong with a probability of at most 5 %, however long it is: the level of a single comparison
is a fixed one divided by their number (Bonferroni). `tests/benchmarks/verdict_claims.py` checks this by simulation.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from tfstab.assessment.classes import ClassFigures, CleanClass
from tfstab.assessment.family_figures import FamilyFigures
from tfstab.assessment.levels import BREAKS, HARMLESS, level_of
from tfstab.assessment.recalls import ClassRecall, hidden_recalls, judged_recalls
from tfstab.metrics import Estimate
from tfstab.metrics.estimate import CONFIDENCE, accuracy_of, normal_quantile
from tfstab.metrics.kept import Kept, estimate, estimate_kept
from tfstab.metrics.means import interval_of_moments
from tfstab.metrics.outlook import images_deciding, images_needed
from tfstab.metrics.paired import Difference, mean_difference
from tfstab.metrics.weak_groups import ERROR, FEWEST, weak_groups

# Comparisons are counted so many times where each class is asked whether degradation harms it more, because far out in
# the tails, intervals of a ratio of accuracies are too narrow. Without this, a class was named in 8 to 14 % of the
# simulated networks whose classes all keep 95 %, if whether a degraded image is right did not depend on the clean one.
STRICTER = 3


@dataclass(frozen=True)
class Standing:
    """Where a family stands between the two limits.

    Attributes
    ----------
    family : FamilyFigures
        The family.
    together : Estimate
        Accuracy kept, with an interval that holds for all families together.
    confidence : float
        Coverage of this interval alone.
    recalls : list of ClassRecall
        The recall of each class of which the accuracy would not show a loss: see `hidden_recalls`.
    open_falls : list of ClassRecall
        Classes that certainly keep less than 90 % of their recall, if it is not decided whether the accuracy keeps
        less; empty if there are `falls`.
    """

    family: FamilyFigures
    together: Estimate
    confidence: float
    recalls: Sequence[ClassRecall] = ()
    open_falls: Sequence[ClassRecall] = ()

    @property
    def breaks(self) -> bool:
        """Whether less than half of the accuracy is kept, beyond doubt."""
        return self.together.high < BREAKS

    @property
    def harmless(self) -> bool:
        """Whether more than 90 % of the accuracy is kept, beyond doubt, and no class keeps less of its recall."""
        return self.together.low > HARMLESS and not self.falls and not self.blind

    @property
    def falls(self) -> list[ClassRecall]:
        """Classes that certainly keep less than 90 % of their recall, which the accuracy does not show."""
        return [one for one in self.recalls if one.falls]

    @property
    def doubtful_recalls(self) -> list[ClassRecall]:
        """Classes whose images keep less than 90 % of their recall, but are too few to be sure."""
        return [one for one in self.recalls if one.doubtful]

    @property
    def blind(self) -> bool:
        """Whether the accuracy kept is high, but the images of the classes leave open whether a recall falls.

        Where always answering the same class would keep more than 90 % of the accuracy, each class must keep its recall
        beyond doubt. Elsewhere, it is enough if each keeps it as measured.
        """
        if not self.together.value > HARMLESS or self.falls:
            return False
        hidden = self.family.hides_recall and not all(one.keeps for one in self.recalls)
        return hidden or bool(self.doubtful_recalls)

    @property
    def doubtful(self) -> float | None:
        """The limit of which the interval lies on both sides, or None."""
        return next((x for x in (BREAKS, HARMLESS) if self.together.low <= x <= self.together.high), None)

    @property
    def level(self) -> str:
        """The level of the accuracy kept as measured, of which `sure` says whether the images decide it.

        It is never good if the recall of a class falls, or if the accuracy cannot show that.
        """
        level = level_of(self.family.kept.value)
        return "mid" if level == "good" and (self.falls or self.blind) else level

    @property
    def sure(self) -> bool:
        """Whether the images decide on which side of both limits it is, and whether the recall of a class falls."""
        return self.doubtful is None and not self.blind

    @property
    def words(self) -> str:
        """The same in words: "breaks", "hardly touches", "between" or "undecided"."""
        if not self.sure:
            return "undecided"
        return "breaks" if self.breaks else "hardly touches" if self.harmless else "between"

    def never_loses(self, lost: float) -> bool:
        """Whether less than this share of the accuracy is lost up to the strongest severity, beyond doubt."""
        return math.isinf(self.family.severity_of_loss(lost, self.confidence).low)

    @property
    def images_needed(self) -> float:
        """Images that would decide on which side of the doubtful limit it is, as `images_advised` returns them."""
        if self.doubtful is None:
            return 0.0
        return images_deciding(self.together, self.doubtful, len(self.family.images))


def standings(families: Sequence[FamilyFigures]) -> list[Standing]:
    """Return where each family stands, in their order; families without clean accuracy are left out."""
    there = [f for f in families if np.isfinite(f.kept.value)]
    confidence = 1 - 2 * ERROR / max(1, len(there))  # each end of an interval fails with a probability of ERROR / F
    found = []
    for family in there:
        together = estimate(family.overall, confidence)
        standing = Standing(family, together, confidence, hidden_recalls(family, len(there)))
        if standing.doubtful == HARMLESS and not standing.falls:
            standing = replace(standing, open_falls=_certain_falls(family, len(there)))
        found.append(standing)
    return found


def _certain_falls(family: FamilyFigures, families: int) -> list[ClassRecall]:
    """Return the classes that certainly keep less than 90 % of their recall; of a single class, accuracy says it."""
    judged = judged_recalls(family, families)
    return [one for one in judged if one.falls] if len(judged) > 1 else []


@dataclass(frozen=True)
class Extreme:
    """The families among which the most or the least harmful one is.

    Attributes
    ----------
    members : list of FamilyFigures
        The candidates, the most extreme value first; all others are less extreme, beyond doubt. Among these may be some
        with a more extreme value than a candidate that is measured less precisely.
    images_needed : list of float
        For each candidate but the first: images that would exclude it, if the values stay; see
        `images_advised`.
    """

    members: list[FamilyFigures]
    images_needed: list[float]


def extreme(families: Sequence[FamilyFigures], harmful: bool) -> Extreme:
    """Return the candidates for the most harmful family, or for the least harmful one.

    A family is left out if it differs from the extreme one by more than chance, in a comparison on the images that both
    have. If they have none in common, it stays a candidate. Accuracies are compared, which for the same images order
    families as accuracy kept does.
    """
    ordered = sorted(
        (f for f in families if np.isfinite(f.kept.value)), key=lambda f: f.kept.value, reverse=not harmful
    )
    if not ordered:
        return Extreme([], [])
    first, *rest = ordered
    found = Extreme([first], [])
    confidence = 1 - 2 * ERROR / max(1, len(rest))
    for other in rest:
        apart, images = _apart(first, other, confidence)
        ahead = apart.value if harmful else -apart.value
        margin = apart.low if harmful else -apart.high
        if not margin > 0:  # NaN without common images
            found.members.append(other)
            found.images_needed.append(images_needed(ahead - margin, ahead, images))
    return found


def _apart(first: FamilyFigures, second: FamilyFigures, confidence: float) -> tuple[Difference, int]:
    """Return by how much the second family's accuracy is higher, and the number of images that both have."""
    images, a, b = np.intersect1d(first.images, second.images, assume_unique=True, return_indices=True)
    return mean_difference(first.overall.part[a], second.overall.part[b], confidence=confidence), len(images)


def weak_classes(classes: Sequence[ClassFigures], chosen_from: int = 1) -> list[ClassFigures]:
    """Return the classes whose degraded images are right less often than those of the other classes, beyond doubt.

    All other classes together are compared with one, at the level ERROR / K. Classes of fewer than FEWEST images are
    not called weak.

    chosen_from: of how many families of degradations the one that the figures are of was chosen; the level is divided
    by this number, too.
    """
    if len(classes) < 2:
        return []
    confidence = 1 - 2 * ERROR / len(classes) / chosen_from
    weak = []
    for one, rest in zip(classes, others(classes, confidence), strict=True):
        if one.images < FEWEST:
            continue
        own = estimate(one.right, confidence)
        ahead = rest.value - own.value
        # The interval of a difference of independent estimates, from those of the two (Zou and Donner 2008).
        if ahead - math.hypot(rest.value - rest.low, own.high - own.value) > 0:
            weak.append(one)
    return weak


def weak_when_clean(classes: Sequence[CleanClass]) -> list[tuple[CleanClass, Estimate]]:
    """Return the classes whose clean images are right less often than those of the others, beyond doubt.

    Each comes with the accuracy of all other classes together.
    """
    labels = np.repeat([c.index for c in classes], [len(c.right) for c in classes])
    weak = weak_groups(labels, np.concatenate([np.zeros(0, bool), *(c.right for c in classes)]))
    return [
        (one, accuracy_of(np.concatenate([c.right for c in classes if c is not one])))
        for one in classes
        if one.index in weak
    ]


def others(classes: Sequence[ClassFigures], confidence: float = CONFIDENCE) -> list[Estimate]:
    """Return for each class the accuracy of the images of all other classes; there must be two or more."""
    parts = [c.right.part[c.counted] for c in classes]
    own = np.array([(len(part), part.sum(), (part**2).sum()) for part in parts])
    images, total, squares = own.sum(axis=0)[:, None] - own.T
    mean = total / images
    low, high = interval_of_moments(mean, np.maximum(squares / images - mean**2, 0), images, confidence)
    return [Estimate(*map(float, e)) for e in zip(mean, low, high, strict=True)]


def harm(one: ClassFigures, classes: Sequence[ClassFigures], times: int = 1) -> tuple[Estimate, Estimate, int]:
    """Return how much of its accuracy a class keeps, how much all others together keep, and which keeps more.

    That is -1 if degradation harms this class more than the others, 1 if less, and 0 if it is not decided; corrected
    for the number of classes, each counted so many times.
    """
    rest = [c for c in classes if c is not one]
    columns = ([getattr(c.kept, column)[c.counted] for c in rest] for column in ("images", "part", "whole"))
    own, theirs = estimate_kept(one.kept), estimate_kept(Kept(*map(np.concatenate, columns)))
    return own, theirs, compared(own, theirs, times * len(classes))


def harmed_classes(classes: Sequence[ClassFigures]) -> list[tuple[ClassFigures, Estimate, Estimate]]:
    """Return the classes that degradation harms more than the others, beyond doubt, the most harmed one first.

    Each comes with the share of its accuracy that it keeps, and that of all others together. They need not be weak: a
    class that is right most often when clean may lose most. Classes of fewer than FEWEST images are left out.
    """
    judged = [(c, *harm(c, classes, STRICTER)) for c in classes if c.images >= FEWEST] if len(classes) > 1 else []
    found = [(c, own, theirs) for c, own, theirs, decided in judged if decided < 0]
    return sorted(found, key=lambda one: one[1].value)


def compared(own: Estimate, other: Estimate, comparisons: int) -> int:
    """Return 1 if the first of two independent estimates is higher, -1 if it is lower, 0 if that is not decided.

    comparisons: how many are made, which together are wrong with a probability of at most 5 %.
    """
    wider = normal_quantile(1 - ERROR / comparisons) / normal_quantile(CONFIDENCE)
    d = own.value - other.value
    if d - wider * math.hypot(own.value - own.low, other.high - other.value) > 0:
        return 1
    return -1 if d + wider * math.hypot(own.high - own.value, other.value - other.low) < 0 else 0
