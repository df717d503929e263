"""Compares the harm that two degradations do to one network, image by image. Needs no TensorFlow."""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from tfstab.assessment.family_figures import FamilyFigures
from tfstab.datasets.groups import needed_images, together_note
from tfstab.datasets.remarks import remarks_of
from tfstab.metrics import Estimate
from tfstab.metrics.kept import Kept, estimate_kept, share_of
from tfstab.metrics.outlook import MOST, images_advised, round_up
from tfstab.metrics.paired import Difference, mean_difference
from tfstab.metrics.shares import percent, signed, signed_ends
from tfstab.wording import capital, counted


@dataclass(frozen=True, eq=False)
class DegradationComparison:
    """Two degradations of one network, compared on the images that were measured under both.

    Parameters
    ----------
    first, second : FamilyFigures
        The figures of the two. Each severity of a degradation weighs the same.

    Examples
    --------
    >>> made = tfstab.assess(classifier, digits, minutes=0.1, out="assessments/two", degradations=["fog", "jpeg"])
    >>> both = made.compare_degradations("fog", "jpeg")
    >>> both.first.name, both.second.name, len(both.images) == both.accuracy.count
    ('fog', 'jpeg', True)
    """

    first: FamilyFigures
    second: FamilyFigures

    @cached_property
    def images(self) -> NDArray[np.int64]:
        """Indices of the images that were measured under both, int64 (N,), ascending."""
        return np.intersect1d(self.first.images, self.second.images, assume_unique=True)

    @cached_property
    def kept(self) -> tuple[Estimate, Estimate]:
        """Accuracy kept under each degradation, of these images; NaN if too few of them are right when clean."""
        first, second = map(estimate_kept, self._each)
        return first, second

    @cached_property
    def accuracy(self) -> Difference:
        """Both accuracies, averaged over the severities, and the second less the first; NaN without common images.

        The interval holds for one pair of degradations, chosen before the results were seen.
        """
        first, second = self._each
        return mean_difference(first.part, second.part)

    @cached_property
    def _each(self) -> tuple[Kept, Kept]:
        """What each of the common images keeps under each degradation."""
        first, second = (_of(family, self.images) for family in (self.first, self.second))
        return first, second

    def summary(self) -> str:
        """Return what both keep, which of them costs more accuracy, and what would decide it if that is not decided."""
        if not len(self.images):
            return (
                f"No image was measured under both {self.first.title} and {self.second.title}, so they cannot be "
                "compared: measure both on the same images."
            )
        remarks = [remarks_of(family.run.info["data"]) for family in (self.first, self.second)]
        tried = "; ".join(map(_severities, (self.first, self.second)))
        lines = [
            self._values(),
            self._difference(),
            _needed(self.accuracy, remarks[0]),
            f"This depends on the severities tried, over which the accuracies are averaged ({tried}): the strengths "
            "of two degradations are not comparable by themselves.",
            together_note(*remarks),
        ]
        return " ".join(filter(None, lines))

    __str__ = summary

    def _values(self) -> str:
        """Return what both keep, or their accuracies if too few images are right when clean."""
        on, (first, second) = f"On the same {counted(len(self.images))}", self.kept
        keeps, of = "the network keeps", " of its accuracy"
        if math.isnan(first.value):
            keeps, of = "the accuracy is", ""
            first, second = (share_of(each.part) for each in self._each)
        one, other = self.first.title, self.second.title
        return f"{on}, {keeps} {percent(first)}{of} under {one} and {percent(second)} under {other}."

    def _difference(self) -> str:
        """Return which of the two costs more accuracy, or that this is not decided, and by how much."""
        d, worse = self.accuracy, self.first.title if self.accuracy.value >= 0 else self.second.title
        low, high = (d.low, d.high) if d.value >= 0 else (-d.high, -d.low)
        ends, lower = signed_ends(low, high), signed(abs(d.value)).lstrip("+")
        if d.sign:
            by = f"under it, accuracy is {lower} points lower ({ends.replace('+', '')})"
            return f"{capital(worse)} costs more accuracy: {by}."
        by = f"the accuracy under {worse} is {lower} points lower" if d.value else "both accuracies are the same"
        return f"Which of them costs more accuracy is not decided: {by} ({ends})."


def _of(family: FamilyFigures, images: NDArray[np.int64]) -> Kept:
    """Return what some of its images keep under a degradation."""
    every, rows = family.overall, np.searchsorted(family.images, images)
    return Kept(images, every.part[rows], every.whole[rows])


def _severities(family: FamilyFigures) -> str:
    """Return the severities of a degradation in words, from mild to strong: "density 20 to 80 %"."""
    tried = np.array(family.run.severities)
    mildest = tried[family.run.config.mildest_first[0]]
    low, high = f"{tried.min():g}", f"{tried.max():g}"
    ends = [high, low] if mildest == tried.max() else [low, high]  # mildest in the middle: from end to end
    return family.run.degradation.at(" to ".join(dict.fromkeys(ends)))


def _needed(d: Difference, remarks: str) -> str:
    """Return how many images would decide the difference, "" if it is decided or if that cannot be said.

    remarks: on the images compared.
    """
    if d.sign:
        return ""
    needed = d.needed()
    advised = images_advised(needed, d.count)
    if math.isfinite(advised):
        it_takes = needed_images(f"about {round_up(advised):,}", remarks)
        return f"If the true difference is this large, {it_takes} would decide it with a probability of 80 %."
    if math.isinf(advised) and math.isfinite(needed):
        it_takes = needed_images(f"more than {MOST} times as many", remarks)
        return f"If the true difference is this small, it takes {it_takes} to decide it."
    return ""
