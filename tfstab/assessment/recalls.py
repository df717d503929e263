"""The recall of each class under each degradation: where it falls, which the accuracy may not show."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from tfstab.assessment.classes import CleanClass
from tfstab.assessment.family_figures import SOME, FamilyFigures
from tfstab.assessment.levels import HARMLESS
from tfstab.assessment.words import name
from tfstab.metrics import Estimate
from tfstab.metrics.chance import constant_share, one_is_common
from tfstab.metrics.kept import Kept, estimate, estimate_kept, share_of
from tfstab.metrics.paired import mean_difference
from tfstab.metrics.weak_groups import ERROR, FEWEST
from tfstab.names import quoted


@dataclass(frozen=True, eq=False)
class ClassRecall:
    """The recall of a class under a family, and whether it certainly falls.

    The decisions hold for all classes and families at once. If neither `falls` nor `keeps` is true, the images leave it
    open.

    Attributes
    ----------
    family : FamilyFigures
        The family.
    index : int
        The class.
    kept : Kept
        For each image of the class: the share of its copies that are right, averaged over the severities, and whether
        it is right when clean.
    confidence : float
        Coverage of the interval that decides.
    falls : bool
        Whether it certainly keeps less than 90 % of its recall.
    """

    family: FamilyFigures
    index: int
    kept: Kept
    confidence: float
    falls: bool

    @cached_property
    def keeps(self) -> bool:
        """Whether it certainly keeps more than 90 % of its recall."""
        enough = self.images >= FEWEST and self.kept.value >= HARMLESS
        return bool(enough and estimate(self.kept, self.confidence).low > HARMLESS)

    @property
    def class_name(self) -> str:
        """Name of the class."""
        return self.family.run.class_names[self.index]

    @property
    def name(self) -> str:
        """Name of the class for a sentence, in quotation marks if it needs them."""
        return quoted(name(self.class_name))

    @property
    def images(self) -> int:
        """Number of its images under this family."""
        return len(self.kept.images)

    @property
    def recall(self) -> Estimate:
        """Its recall, averaged over the severities."""
        return share_of(self.kept.part)

    @cached_property
    def most_kept(self) -> float:
        """Upper end of the 95 % interval of the recall kept; 1 if too few images are right when clean."""
        high = estimate_kept(self.kept).high
        return high if math.isfinite(high) else 1.0

    @property
    def clean(self) -> float:
        """The recall of the same images when clean."""
        return float(self.kept.whole.mean())

    @property
    def doubtful(self) -> bool:
        """Whether its images keep less than 90 % of their recall, but are too few to be sure."""
        return self.kept.value < HARMLESS and not self.falls


def recall_of(family: FamilyFigures, index: int) -> Estimate:
    """Return the recall of a class, averaged over the severities of a family; NaN if it has no images there."""
    found = family.of_classes
    return share_of(found.share_right[found.labels == index].mean(axis=1))


def kept_by_class(family: FamilyFigures) -> dict[int, Kept]:
    """Return the recall that each class keeps, averaged over the severities, for classes that have images."""
    found = family.of_classes
    shares, whole = found.share_right.mean(axis=1), found.clean_right.astype(float)
    order = np.argsort(found.labels, kind="stable")  # the images of each class, one class after the other
    classes, starts = np.unique(found.labels[order], return_index=True)
    parts = zip(classes.tolist(), np.split(order, starts[1:]), strict=True)
    return {k: Kept(found.images[mine], shares[mine], whole[mine]) for k, mine in parts}


def classes_by_recall(family: FamilyFigures) -> list[int]:
    """Return the classes that have images, the lowest recall, averaged over the severities of a family, first."""
    found = family.of_classes
    classes, place, counts = np.unique(found.labels, return_inverse=True, return_counts=True)
    recall = np.bincount(place, found.share_right.mean(axis=1)) / counts
    return [int(k) for k in classes[np.argsort(recall.round(12), kind="stable")]]  # equal but for rounding: in order


def hidden_recalls(family: FamilyFigures, families: int) -> list[ClassRecall]:
    """Return the recall of each class of which the accuracy kept under a family would not show a loss.

    These are all classes where the accuracy kept is above 90 % as measured: it may stay there because another class has
    most of the images, or because images of other classes become right. Elsewhere, the accuracy shows that there is a
    loss, and only where one class is common, that of the other classes may be far larger.

    families: how many families are judged; see `judged_recalls`.
    """
    above = family.kept.value > HARMLESS
    if not above and not family.one_common:
        return []
    common = int(np.bincount(family.labels).argmax())
    return [one for one in judged_recalls(family, families) if above or one.index != common]


def judged_recalls(family: FamilyFigures, families: int) -> list[ClassRecall]:
    """Return the recall of each class, and whether the class certainly keeps less, or more, than 90 % of it.

    Parameters
    ----------
    family : FamilyFigures
        A family. Nothing is decided about classes with fewer than FEWEST images.
    families : int
        How many families are judged: the decisions on all their classes are together wrong with at most 5 %.
    """
    classes = kept_by_class(family)
    confidence = 1 - 2 * ERROR / max(1, families * len(classes))
    judged = []
    for index, own in classes.items():
        falls = bool(len(own.images) >= FEWEST and own.value < HARMLESS and _falls(own, confidence))
        judged.append(ClassRecall(family, index, own, confidence, falls))
    return judged


def _falls(own: Kept, confidence: float) -> bool:
    """Return whether images of a class that keep less than 90 % of their recall do so beyond doubt.

    Either of two tests decides. The first compares each image with itself: the share of its copies that are right, and
    0.9 if it is right when clean, else 0. The second combines the intervals of both recalls (Zou and Donner,
    Construction of Confidence Limits about Effect Measures, Statistics in Medicine, 2008); with some tens of images, it
    may decide where the first cannot. It counts the correlation of the recalls only if it is negative, as when images
    that are wrong when clean become right. It needs at least SOME images: of fewer, all may be right when clean by
    chance, so that the correlation is not known.

    The interval of the ratio of both recalls is not used. It is too short for a few images at such a confidence, as it
    does not allow for rare images that become right: with it, a fall was claimed falsely for up to 65 % of simulated
    networks.
    """
    degraded, clean = own.part, HARMLESS * own.whole
    if mean_difference(clean, degraded).p_value < 1 - confidence:
        return True
    if len(own.images) < SOME:
        return False
    after, before = share_of(degraded, confidence), share_of(own.whole, confidence)
    above, below = after.high - after.value, HARMLESS * (before.value - before.low)
    spread = float(degraded.std() * clean.std())
    opposed = min(float(np.mean((degraded - degraded.mean()) * (clean - clean.mean()))) / spread, 0) if spread else 0.0
    half = math.sqrt(above**2 + below**2 - 2 * opposed * above * below)
    return after.value - HARMLESS * before.value + half < 0


def loses_recall(family: FamilyFigures) -> bool:
    """Return whether a class certainly loses recall under this family, judged alone, that accuracy does not show."""
    return any(one.falls for one in hidden_recalls(family, 1))


def lost_when_severe(families: Sequence[FamilyFigures], index: int) -> FamilyFigures | None:
    """Return the family with the severity at which a class loses the largest share of its recall.

    None if it keeps at least nine tenths of its recall at all severities, as measured.
    """
    kept = {}
    for family in families:
        found = family.of_classes
        mine = found.labels == index
        if found.clean_right[mine].any():
            kept[family] = found.share_right[mine].mean(axis=0).min() / found.clean_right[mine].mean()
    worst = min(kept, key=lambda family: kept[family], default=None)
    return worst if worst is not None and kept[worst] < HARMLESS else None


def common_class(classes: Sequence[CleanClass]) -> tuple[int, float] | None:
    """Return the class that is common among the clean images, and its share; None if no class is.

    Then a model that always answers this class is right for this share of the images.
    """
    sizes = {one.index: len(one.right) for one in classes}
    if not one_is_common(list(sizes.values())):
        return None
    return max(sizes, key=lambda k: sizes[k]), constant_share(list(sizes.values()))


def weakest_rare_class(classes: Sequence[CleanClass]) -> CleanClass | None:
    """Return the class to look at where one class is common: of the others, that of the lowest clean recall."""
    common = common_class(classes)
    if common is None:
        return None
    return min((one for one in classes if one.index != common[0]), key=lambda one: one.accuracy.value)


def headline_class(classes: Sequence[CleanClass], families: Sequence[FamilyFigures]) -> CleanClass | None:
    """Return the class whose recall is a headline number in place of the accuracy kept, where that hides recalls.

    None if the accuracy kept is the headline number.
    """
    return weakest_rare_class(classes) if any(family.hides_recall for family in families) else None
