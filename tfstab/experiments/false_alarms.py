"""For which classes one of two networks certainly takes more images of other classes: false alarms."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tfstab.metrics.estimate import CONFIDENCE
from tfstab.metrics.shares import rounded
from tfstab.names import quoted, shortened
from tfstab.runs.info import without_classes
from tfstab.wording import listed

if TYPE_CHECKING:
    from tfstab.experiments.clean_comparison import CleanComparison
    from tfstab.experiments.sweep_comparison import SweepComparison
    from tfstab.metrics.paired import Difference

FEWEST_CLASSES = 3  # of two classes, the false alarms of one are what the other has lost
LEAST = 0.02  # from which change on, as a share of the images of other classes, it is named
NAMED = 3


@dataclass(frozen=True, eq=False)
class AlarmChange:
    """How many images of other classes two networks take for a class, clean or under one degradation.

    Attributes
    ----------
    which : str
        The class and the degradation, in a sentence: "class dog under fog".
    specificity : Difference
        Share of the images of other classes that each network does not take for the class, and the difference.
    """

    which: str
    specificity: "Difference"

    @property
    def taken(self) -> tuple[float, float]:
        """Share of the images of other classes that each network takes for the class."""
        return 1 - self.specificity.first, 1 - self.specificity.second


def alarm_changes(clean: "CleanComparison", pairs: "Sequence[SweepComparison]") -> list[AlarmChange]:
    """Return where the shares of other images taken for a class certainly differ by LEAST or more; the largest first.

    Decided for all classes, on clean images and under each degradation, at once (Bonferroni). There are none of fewer
    than FEWEST_CLASSES classes with images, without classes, or if the networks call their classes by other names.

    clean: two networks on clean images. pairs: the same two under each degradation, at least one.
    """
    if without_classes(pairs[0].first.info) or not all(pair.same_classes for pair in pairs):
        return []
    if len(clean.recalls) < FEWEST_CLASSES:
        return []
    compared: list[tuple[CleanComparison | SweepComparison, str, Callable[[int], tuple[float, float]]]]
    compared = [(clean, "on clean images", clean.taken_for)]
    compared += [(pair, f"under {pair.first.degradation.title}", pair.by_class.taken_for) for pair in pairs]
    classes = range(len(clean.class_names))
    found = [
        AlarmChange(f"class {quoted(shortened(clean.name_of(k), 60))} {where}", one.specificity(k))
        for one, where, taken_for in compared
        for k in classes
        if _notable(taken_for(k))
    ]
    error = (1 - CONFIDENCE) / (len(classes) * len(compared))
    certain = [one for one in found if one.specificity.p_value < error]
    return sorted(certain, key=lambda one: -abs(one.specificity.value))


def alarm_sentences(changes: Sequence[AlarmChange], before: str, after: str) -> list[str]:
    """Return for which classes each of two networks has certainly more false alarms, in a sentence; [] for none.

    changes: what `alarm_changes` returns. before, after: names of the networks.
    """
    if not changes:
        return []
    more, fewer = ([one for one in changes if one.specificity.sign == sign] for sign in (-1, 1))
    sides = [(after, before, more, 1), (before, after, fewer, 0)]
    parts = [f"{own} has more than {other} for {_named(some, of)}" for own, other, some, of in sides if some]
    return [
        f"False alarms, which are images of other classes that are taken for a class: {', and '.join(parts)}. Decided "
        f"for all classes, on clean images and under each degradation, at once, with 95 % confidence; changes of less "
        f"than {100 * LEAST:.0f} points are not named."
    ]


def from_to(change: AlarmChange) -> str:
    """Return both shares: "from 5.6 % to 11.6 % of the images of other classes"."""
    first, second = (rounded(share, 1) for share in change.taken)
    return f"from {first} % to {second} % of the images of other classes"


def _named(changes: Sequence[AlarmChange], own: int) -> str:
    """Return the first of these changes. own: 0 if the share of the first network comes first, 1 for the second."""
    each = []
    for one in changes:
        shares = [rounded(share, 1) for share in one.taken]
        each.append(f"{one.which} ({shares[own]} % against {shares[1 - own]} %)")
    return listed(each, most=NAMED)


def _notable(taken: tuple[float, float]) -> bool:
    """Return whether two shares differ enough to be named; False if they are not known."""
    return bool(abs(taken[1] - taken[0]) >= LEAST)
